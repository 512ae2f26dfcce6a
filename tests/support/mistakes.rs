//! Texts with an error in them, and what is to be said.

use he_core::support::Diagnostic;
use he_dialects::{Loaded, load};

/// What an error says: message, the text under the caret, help.
pub fn parts(error: &Diagnostic, source: &str) -> (String, String, Option<String>) {
    let position = error.position.as_ref().unwrap_or_else(|| panic!("no place: {error}"));
    let line = source.lines().nth(position.line as usize - 1).unwrap_or("");
    let start = position.column as usize - 1;
    let end = (start + position.length as usize).min(line.len());
    let under = line.get(start..end).unwrap_or("<outside of the line>");
    (error.message.clone(), under.to_owned(), error.help.clone())
}

/// A text with an error in it, and what is to be said.
pub struct Mistake {
    source: &'static str,
    message: &'static str,
    under: &'static str,
    help: Option<&'static str>,
}

/// A mistake: the text, the message, what stands under the caret, the help.
pub const fn mistake(
    source: &'static str,
    message: &'static str,
    under: &'static str,
    help: Option<&'static str>,
) -> Mistake {
    Mistake { source, message, under, help }
}

/// Loads each text with `load_text`, and compares what is said.
pub fn check_all(mistakes: &[Mistake], load_text: impl Fn(&mut Loaded, &str) -> Result<(), Diagnostic>) {
    let mut failures = Vec::new();
    for Mistake { source, message, under, help } in mistakes {
        let mut loaded = load().expect("the dialects load");
        match load_text(&mut loaded, source) {
            Ok(()) => failures.push(format!("loads:\n{source}")),
            Err(error) => {
                let found = parts(&error, source);
                let wanted = ((*message).to_owned(), (*under).to_owned(), help.map(str::to_owned));
                if found != wanted {
                    failures.push(format!("found  {found:?}\nwanted {wanted:?}\n{source}"));
                }
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}
