//! Parsing `.dialect` and `.rules` texts, with syntax errors in words.

use pest::error::{Error, ErrorVariant, InputLocation};
use pest::{Parser, RuleType};

use super::parse::check_lengths;
use super::tree::SyntaxTree;
use super::{SourceText, check_source_bounds, position_in};
use crate::support::Diagnostic;

/// What a grammar says of its rules.
pub(crate) struct Grammar<R> {
    /// A whole file.
    pub file: R,
    /// The end of it.
    pub end: R,
    /// Whether a rule is an expression, or a name with fields.
    pub is_expr: fn(R) -> bool,
    /// What a rule is to a reader; `None` for what is only part of the grammar.
    pub in_words: fn(R) -> Option<&'static str>,
}

impl<R: RuleType> Grammar<R> {
    /// The syntax tree of a text, as pest's parser `P` reads it: the one way from a text to its tree, which keeps to every
    /// bound.
    pub fn parse<P: Parser<R>>(&self, text: &str, file: &str) -> Result<SyntaxTree<R>, Diagnostic> {
        if let Err((offset, why)) = check_source_bounds(text) {
            return Err(Diagnostic::error(why).at(position_in(text, file, offset, 1)));
        }
        let source = SourceText::new(text, file);
        let pairs =
            P::parse(self.file, text).map_err(|error| syntax_error(&source, &error, self.in_words))?;
        let lengths = check_lengths(&pairs, self.is_expr);
        lengths.map_err(|(offset, why)| Diagnostic::error(why).at(source.position(offset, 1)))?;
        Ok(SyntaxTree::new(pairs, self.end))
    }
}

/// The error of a parse, where `in_words` says what the rules of the grammar are to a reader.
fn syntax_error<R: RuleType>(
    source: &SourceText<'_>,
    error: &Error<R>,
    in_words: fn(R) -> Option<&'static str>,
) -> Diagnostic {
    let offset = match error.location {
        InputLocation::Pos(at) | InputLocation::Span((at, _)) => at,
    };
    let expected = match &error.variant {
        ErrorVariant::ParsingError { positives, .. } => expected(positives, in_words),
        ErrorVariant::CustomError { message } => message.clone(),
    };
    let (found, length) = token(&source.text[offset..]);
    let error = Diagnostic::error(format!("expected {expected}, but found {found}"));
    error.at(source.position(offset, length))
}

/// What stands at the beginning of a text, in words, and how long it is.
fn token(rest: &str) -> (String, usize) {
    let Some(first) = rest.chars().next() else { return ("the end of the file".to_owned(), 1) };
    let word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-');
    let length = match first {
        '\n' => return ("the end of the line".to_owned(), 1),
        '=' | '-' if rest[1..].starts_with('>') => 2,
        '%' | '$' | '^' => 1 + rest[1..].find(|c| !word(c)).unwrap_or(rest.len() - 1),
        c if word(c) => rest.find(|c| !word(c)).unwrap_or(rest.len()),
        c => c.len_utf8(),
    };
    let length = length.min(40);
    let end = (0..=length).rev().find(|end| rest.is_char_boundary(*end)).unwrap_or(0);
    (format!("'{}'", &rest[..end]), end.max(1))
}

/// Most things that one message expects.
const MAX_EXPECTED: usize = 6;

fn expected<R: RuleType>(rules: &[R], in_words: fn(R) -> Option<&'static str>) -> String {
    let mut words: Vec<&str> = Vec::new();
    for positive in rules {
        if let Some(word) = in_words(*positive)
            && !words.contains(&word)
        {
            words.push(word);
        }
    }
    words.truncate(MAX_EXPECTED);
    match words.as_slice() {
        [] => "something else".to_owned(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}
