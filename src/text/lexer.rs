//! Tokens of MLIR's text.

use logos::Logos;

/// A token; its text is the source under its span.
#[derive(Logos, Clone, Copy, Debug, PartialEq, Eq)]
#[logos(skip r"[ \t\r\n\x00]+")]
#[logos(skip(r"//[^\n]*", allow_greedy = true))]
pub(super) enum Token {
    #[regex(r"[A-Za-z_][A-Za-z0-9_$.]*")]
    Bare,
    #[regex(r"%([0-9]+|[A-Za-z_$.\-][A-Za-z0-9_$.\-]*)")]
    Percent,
    #[regex(r"\^([0-9]+|[A-Za-z_$.\-][A-Za-z0-9_$.\-]*)")]
    Caret,
    #[regex(r"#([0-9]+|[A-Za-z_$.\-][A-Za-z0-9_$.\-]*)")]
    Hash,
    #[regex(r"!([0-9]+|[A-Za-z_$.\-][A-Za-z0-9_$.\-]*)")]
    Bang,
    #[regex(r#"@([A-Za-z_][A-Za-z0-9_$.]*|"([^"\\\n\x0b\x0c]|\\[^\n])*")"#)]
    At,
    #[regex(r"[0-9]+")]
    #[regex(r"0x[0-9a-fA-F]+", priority = 5)]
    Integer,
    #[regex(r"[0-9]+\.[0-9]*([eE][+-]?[0-9]+)?")]
    Float,
    #[regex(r#""([^"\\\n\x0b\x0c]|\\[^\n])*""#)]
    String,
    #[token("->")]
    Arrow,
    #[token("::")]
    ColonColon,
    #[token("...")]
    Ellipsis,
    #[token("{-#")]
    FileMetadataBegin,
    #[token("#-}")]
    FileMetadataEnd,
    #[token("(")]
    LParen,
    #[token(")")]
    RParen,
    #[token("{")]
    LBrace,
    #[token("}")]
    RBrace,
    #[token("[")]
    LSquare,
    #[token("]")]
    RSquare,
    #[token("<")]
    Less,
    #[token(">")]
    Greater,
    #[token(",")]
    Comma,
    #[token("=")]
    Equal,
    #[token(":")]
    Colon,
    #[token("-")]
    Minus,
    #[token("+")]
    Plus,
    #[token("*")]
    Star,
    #[token("?")]
    Question,
    #[token("/")]
    Slash,
    #[token("|")]
    Bar,
    /// A character that starts no token
    Error,
    /// The end of the text
    End,
}

impl Token {
    /// How to name the token in a message.
    pub(super) fn describe(self) -> &'static str {
        match self {
            Token::Bare => "an identifier",
            Token::Percent => "an SSA value",
            Token::Caret => "a block label",
            Token::Hash => "an attribute",
            Token::Bang => "a type",
            Token::At => "a symbol",
            Token::Integer => "an integer",
            Token::Float => "a float",
            Token::String => "a string",
            Token::Arrow => "'->'",
            Token::ColonColon => "'::'",
            Token::Ellipsis => "'...'",
            Token::FileMetadataBegin => "'{-#'",
            Token::FileMetadataEnd => "'#-}'",
            Token::LParen => "'('",
            Token::RParen => "')'",
            Token::LBrace => "'{'",
            Token::RBrace => "'}'",
            Token::LSquare => "'['",
            Token::RSquare => "']'",
            Token::Less => "'<'",
            Token::Greater => "'>'",
            Token::Comma => "','",
            Token::Equal => "'='",
            Token::Colon => "':'",
            Token::Minus => "'-'",
            Token::Plus => "'+'",
            Token::Star => "'*'",
            Token::Question => "'?'",
            Token::Slash => "'/'",
            Token::Bar => "'|'",
            Token::Error => "an unknown character",
            Token::End => "the end of the file",
        }
    }
}

/// The token that a byte begins, if it can be told; its most frequent one where the next bytes decide.
const FIRST: [Option<Token>; 256] = {
    let mut table = [None; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = match byte as u8 {
            b'A'..=b'Z' | b'a'..=b'z' | b'_' => Some(Token::Bare),
            b'0'..=b'9' => Some(Token::Integer),
            b'%' => Some(Token::Percent),
            b'^' => Some(Token::Caret),
            b'#' => Some(Token::Hash),
            b'!' => Some(Token::Bang),
            b'@' => Some(Token::At),
            b'"' => Some(Token::String),
            b'-' => Some(Token::Arrow),
            b':' => Some(Token::Colon),
            b'{' => Some(Token::LBrace),
            b'(' => Some(Token::LParen),
            b')' => Some(Token::RParen),
            b'}' => Some(Token::RBrace),
            b'[' => Some(Token::LSquare),
            b']' => Some(Token::RSquare),
            b'<' => Some(Token::Less),
            b'>' => Some(Token::Greater),
            b',' => Some(Token::Comma),
            b'=' => Some(Token::Equal),
            _ => None,
        };
        byte += 1;
    }
    table
};

/// Whether a byte goes on a word.
const IN_WORD: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = (byte as u8).is_ascii_alphanumeric() || matches!(byte as u8, b'_' | b'$' | b'.');
        byte += 1;
    }
    table
};

/// The number of bytes at the beginning of a text that are `wanted`.
#[inline(always)]
fn count_while(text: &[u8], wanted: impl Fn(u8) -> bool) -> usize {
    text.iter().position(|byte| !wanted(*byte)).unwrap_or(text.len())
}

/// The token at the beginning of a text and its length, where the bytes tell at once: nine tokens of ten. It says what
/// the generated lexer says, faster.
#[inline(always)]
pub(super) fn common_token(text: &[u8]) -> Option<(Token, usize)> {
    let (first, rest) = text.split_first()?;
    let token = FIRST[usize::from(*first)]?;
    let in_word = |byte: u8| IN_WORD[usize::from(byte)];
    let length = match token {
        Token::Bare => count_while(rest, in_word),
        Token::Percent | Token::Caret | Token::Hash | Token::Bang => match rest.first() {
            Some(b'0'..=b'9') => count_while(rest, |byte| byte.is_ascii_digit()),
            // Unlike words, these names go on with hyphens.
            Some(second) if in_word(*second) => count_while(rest, |byte| in_word(byte) || byte == b'-'),
            _ => return None,
        },
        Token::At => match rest.first() {
            Some(b'A'..=b'Z' | b'a'..=b'z' | b'_') => count_while(rest, in_word),
            _ => return None,
        },
        Token::Integer => {
            let digits = count_while(rest, |byte| byte.is_ascii_digit());
            match rest.get(digits) {
                Some(b'.' | b'x') => return None,
                _ => digits,
            }
        }
        Token::String => {
            let ends = |byte: u8| matches!(byte, b'"' | b'\\' | b'\n' | 0x0b | 0x0c);
            let plain = count_while(rest, |byte| !ends(byte));
            match rest.get(plain) {
                Some(b'"') => plain + 1,
                _ => return None,
            }
        }
        Token::Arrow => match rest.first() {
            Some(b'>') => 1,
            _ => return None,
        },
        Token::Colon if rest.first() == Some(&b':') => return None,
        Token::LBrace if rest.first() == Some(&b'-') => return None,
        _ => 0,
    };
    Some((token, 1 + length))
}

/// Where the tokens of a text begin and end, in bytes; a byte that starts no token is one of its own.
pub fn token_spans(source: &str) -> impl Iterator<Item = std::ops::Range<usize>> {
    Token::lexer(source).spanned().map(|(_, span)| span)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every text of up to five of these characters.
    #[test]
    fn common_tokens_are_those_of_the_generated_lexer() {
        let characters = [
            'a', 'x', '_', '.', '$', '0', '7', '%', '"', '\\', '-', '>', ':', '{', '#', '@', '(', ' ', '\n',
            'é',
        ];
        let mut texts = vec![String::new()];
        let mut told = 0;
        for _ in 0..4 {
            texts = texts.iter().flat_map(|text| characters.map(|c| format!("{text}{c}"))).collect();
            for text in &texts {
                let Some((token, length)) = common_token(text.as_bytes()) else { continue };
                let mut lexer = Token::lexer(text);
                assert_eq!((lexer.next(), lexer.span()), (Some(Ok(token)), 0..length), "{text:?}");
                told += 1;
            }
        }
        assert!(told > texts.len() / 4);
    }
}
