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

/// Where the tokens of a text begin and end, in bytes; a byte that starts no token is one of its own.
pub fn token_spans(source: &str) -> impl Iterator<Item = std::ops::Range<usize>> {
    Token::lexer(source).spanned().map(|(_, span)| span)
}
