//! What is said about mistakes in `.rules` and `.dialect` files: message, caret and help of each error.
//!
//! `tests/mistakes/` holds texts with one mistake each, separated by lines `// ----`. A comment below the wrong line has
//! carets under what is wrong, and the message: `//     ^^^ unknown op 'ckks.ad'`. Where there is no room for carets the
//! column and the length are written: `// 1+4 unknown …`, or `// end …` for the end of the text. `// help: …` is the help, each `// note: …` a
//! note with its place; without them there must be none. A
//! message that begins with `warning:` belongs to a text that loads. With `UPDATE_MISTAKES=1` the comments are written
//! anew; read them before they are committed.

use std::path::Path;

use regex::Regex;

use he_core::rewrite::Imported;
use he_core::support::{Diagnostic, Position};
use he_dialects::load;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/mistakes");

/// Where something is wrong, and what is said.
#[derive(Debug, PartialEq)]
struct Said {
    line: u32,
    column: u32,
    length: u32,
    message: String,
    help: Option<String>,
    /// `FILE:LINE: text` of each note.
    notes: Vec<String>,
}

/// What the comments of a text expect.
fn expected(text: &str) -> Option<Said> {
    let mut said: Option<Said> = None;
    let mut line = 0;
    for (number, written) in text.lines().enumerate() {
        let Some(comment) = written.strip_prefix("//").filter(|rest| !rest.starts_with(['/', '#'])) else {
            line = number as u32 + 1;
            continue;
        };
        let body = comment.trim_start();
        if let (Some(help), Some(said)) = (body.strip_prefix("help: "), &mut said) {
            said.help = Some(help.to_owned());
            continue;
        }
        if let (Some(note), Some(said)) = (body.strip_prefix("note: "), &mut said) {
            said.notes.push(note.to_owned());
            continue;
        }
        let carets = body.chars().take_while(|c| *c == '^').count();
        let place = body.split_once(' ').and_then(|(place, message)| {
            if place == "end" {
                line = text.lines().count() as u32 + 1;
                return Some((1, 1, message));
            }
            let (column, length) = place.split_once('+')?;
            Some((column.parse().ok()?, length.parse().ok()?, message))
        });
        let (column, length, message) = match place {
            _ if carets > 0 => ((written.len() - body.len()) as u32 + 1, carets as u32, &body[carets..]),
            Some(place) => place,
            None => continue,
        };
        said = Some(Said {
            line,
            column,
            length,
            message: message.trim().to_owned(),
            help: None,
            notes: Vec::new(),
        });
    }
    said
}

fn note_text((position, text): &(Option<Position>, String)) -> String {
    match position {
        Some(position) => format!("{}:{}: {text}", position.file, position.line),
        None => text.clone(),
    }
}

fn said(diagnostic: &Diagnostic, prefix: &str) -> Option<Said> {
    let position = diagnostic.position.as_ref()?;
    Some(Said {
        line: position.line,
        column: position.column,
        length: position.length,
        message: format!("{prefix}{}", diagnostic.message),
        help: diagnostic.help.clone(),
        notes: diagnostic.notes.iter().map(note_text).collect(),
    })
}

/// What is said when the text is loaded: the error, or else the first warning.
fn found(text: &str, is_dialect: bool) -> Option<Said> {
    let mut loaded = load().expect("the dialects load");
    let regions = std::fs::read_to_string(Path::new(FOLDER).join("regions.dialect")).expect("it is readable");
    loaded.load_dialect(&regions, "regions.dialect").expect("it loads");
    if is_dialect {
        let error = loaded.load_dialect(text, "user.dialect").err()?;
        return said(&error, "");
    }
    // Imports reach files named by how deep they are.
    let mut resolver = |_: &str, path: &str| match path
        .strip_suffix(".deep")
        .and_then(|n| n.parse::<u32>().ok())
    {
        Some(depth) => {
            let text = format!("import \"{}.deep\"", depth + 1);
            Ok(Imported { file: path.to_owned(), text })
        }
        None if path == "wrong.rules" => Ok(Imported { file: path.to_owned(), text: "grup g\n".to_owned() }),
        None => Err(format!("cannot import '{path}': there is no such file")),
    };
    match loaded.load_rules_with(text, "user.rules", &mut resolver) {
        Err(error) => said(&error, ""),
        Ok(()) => {
            // Prices are those of the shipped profile, which is measured anew from time to time.
            let mut said = said(loaded.session.rules.take_warnings().first()?, "warning: ")?;
            let price = Regex::new(r"[0-9.]+ ms").expect("it is a regular expression");
            said.message = price.replace_all(&said.message, "_ ms").into_owned();
            Some(said)
        }
    }
}

/// The text with comments that expect what is said.
fn annotated(text: &str, is_dialect: bool) -> String {
    let is_comment = |line: &str| line.strip_prefix("//").is_some_and(|rest| !rest.starts_with(['/', '#']));
    let source: Vec<&str> = text.lines().filter(|line| !is_comment(line)).collect();
    let source_text = source.join("\n") + "\n";
    let Some(said) = found(&source_text, is_dialect) else { return source_text };
    let mut out = String::new();
    let mut help = said.help.as_ref().map_or(String::new(), |help| format!("// help: {help}\n"));
    help.extend(said.notes.iter().map(|note| format!("// note: {note}\n")));
    for (number, line) in source.iter().enumerate() {
        out += &format!("{line}\n");
        if number as u32 + 1 != said.line {
            continue;
        }
        let Said { column, length, message, .. } = &said;
        out += &match column {
            1 | 2 => format!("// {column}+{length} {message}\n"),
            _ => {
                format!("//{}{} {message}\n", " ".repeat(*column as usize - 3), "^".repeat(*length as usize))
            }
        };
        out += &help;
    }
    if said.line as usize > source.len() {
        out += &format!("// end {}\n{help}", said.message);
    }
    out
}

fn check(file: &str) {
    let path = Path::new(FOLDER).join(file);
    let all = std::fs::read_to_string(&path).expect("the file is readable");
    if std::env::var_os("UPDATE_MISTAKES").is_some() {
        let texts = all.split("// ----\n").map(|text| annotated(text, file.ends_with(".dialect")));
        std::fs::write(path, texts.collect::<Vec<_>>().join("// ----\n")).expect("the file is writable");
        return;
    }
    let mut failures = Vec::new();
    for text in all.split("// ----\n") {
        let wanted = expected(text).unwrap_or_else(|| panic!("nothing is expected of\n{text}"));
        let found = found(text, file.ends_with(".dialect"));
        if found.as_ref() != Some(&wanted) {
            failures.push(format!("found  {found:?}\nwanted {wanted:?}\n{text}"));
        }
    }
    assert!(failures.is_empty(), "{} of them:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn mistakes_in_rule_files() {
    check("patterns.rules");
    check("rewrites.rules");
    check("items.rules");
}

#[test]
fn warnings_about_rules() {
    check("warnings.rules");
}

#[test]
fn mistakes_in_dialect_files() {
    check("clauses.dialect");
    check("formats.dialect");
}
