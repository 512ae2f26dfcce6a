//! What is said of command lines that clap refuses.

use clap::error::{ContextKind, ContextValue, ErrorKind};
use he_core::support::{Diagnostic, Position, did_you_mean};

use crate::command_line::{Stop, Words};

/// What a refused command line says: clap's message, usage and tips, at the place that they are about.
pub(crate) fn refused(error: &clap::Error, words: &Words) -> Stop {
    let text = error.render().to_string();
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        return Stop::Text(text);
    }
    Stop::Error(Box::new(diagnostic(error, &text, words)), words.text.clone())
}

fn diagnostic(error: &clap::Error, text: &str, words: &Words) -> Diagnostic {
    let word = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.as_str()),
        _ => None,
    };
    // `--emit [<FORM>]`, `--scale <2^BITS>`
    let argument = word(ContextKind::InvalidArg).unwrap_or("");
    let option = argument.split([' ', '[', '=']).next().unwrap_or("");
    let value = word(ContextKind::InvalidValue).filter(|value| !value.is_empty());
    if let Some(value) = value
        && matches!(error.kind(), ErrorKind::InvalidValue | ErrorKind::ValueValidation)
    {
        let (expected, help) = expected(error, value);
        let refused = Diagnostic::error(format!("{option} must be {expected}, not '{value}'"));
        let refused = refused.at(place_of_value(words, option, value));
        return match help {
            Some(help) => refused.help(help),
            None => refused,
        };
    }
    // clap's own words: a paragraph that says what is wrong, tips, the usage.
    let paragraphs = text.strip_prefix("error: ").unwrap_or(text).split("\n\n");
    let joined = |text: &str| text.lines().map(str::trim).collect::<Vec<_>>().join(" ");
    let (mut message, mut tips, mut usage) = (String::new(), Vec::new(), None);
    for paragraph in paragraphs {
        let tip = paragraph.trim_start().strip_prefix("tip: ");
        match (tip, paragraph.strip_prefix("Usage: ")) {
            (Some(tip), _) => tips.push(joined(tip)),
            (_, Some(line)) => usage = Some(line.lines().map(str::trim).collect::<Vec<_>>().join(", or ")),
            _ if message.is_empty() => message = joined(paragraph),
            _ => {}
        }
    }
    tips.push("--help shows the options".to_owned());
    let mut refused = Diagnostic::error(message).help(tips.join("; "));
    refused.position = Some(match error.kind() {
        ErrorKind::UnknownArgument => words.place(words.text.rfind(argument).unwrap_or(0), argument.len()),
        _ => words.place_of_name(option.trim_start_matches('-')).unwrap_or_else(|| end(words)),
    });
    if let Some(prior) = word(ContextKind::PriorArg) {
        let name = prior.split([' ', '[', '=']).next().unwrap_or("");
        let place = words.place_of_name(name.trim_start_matches('-'));
        refused = refused.note(place, format!("{name} is given here"));
    }
    match usage {
        Some(usage) => refused.note(None, format!("usage: {usage}")),
        None => refused,
    }
}

/// What the option takes, in words, and what may have been meant.
fn expected(error: &clap::Error, value: &str) -> (String, Option<String>) {
    if let Some(ContextValue::Strings(words)) = error.get(ContextKind::ValidValue) {
        let near = did_you_mean(value, words.iter().map(String::as_str));
        let near = near.map(|near| format!("did you mean '{near}'?"));
        return (
            match words.split_last() {
                Some((last, others)) if !others.is_empty() => format!("{} or {last}", others.join(", ")),
                _ => words.concat(),
            },
            near,
        );
    }
    let source = std::error::Error::source(error).map(ToString::to_string);
    (source.unwrap_or_else(|| "another value".to_owned()), None)
}

/// Where the part of an option's value that is refused stands.
fn place_of_value(words: &Words, option: &str, value: &str) -> Position {
    let option = option.trim_start_matches('-');
    let Some(place) = words.place_of_value(option, 0, value.len()) else { return end(words) };
    let from = place.column as usize - 1;
    let at = words.text.get(from..).and_then(|rest| rest.find(value)).map_or(from, |at| from + at);
    words.place(at, value.len())
}

/// The end of the line, where something is missing.
fn end(words: &Words) -> Position {
    words.place(words.text.len(), 0)
}
