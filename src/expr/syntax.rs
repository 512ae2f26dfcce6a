//! Syntax errors in words.

use pest::RuleType;
use pest::error::{Error, ErrorVariant, InputLocation};

use super::SourceText;
use crate::support::Diagnostic;

/// The error of a parse, where `in_words` says what the rules of the grammar are to a reader.
pub(crate) fn syntax_error<R: RuleType>(
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
