//! Diagnostics as text: file, line, caret, notes, advice.

use std::collections::BTreeMap;
use std::rc::Rc;

use anstyle::{AnsiColor, Style};
use he_core::support::{Diagnostic, Position, Severity};
use unicode_width::UnicodeWidthStr;

/// Bytes of a line that are shown before and after the caret.
const WINDOW: (usize, usize) = (80, 120);

/// Bytes of a message that are shown.
const MAX_MESSAGE: usize = 2000;

/// Columns between the stops of a tab.
const TAB: usize = 4;

const BOLD: Style = Style::new().bold();
const FRAME: Style = AnsiColor::BrightBlue.on_default();
const NOTE: Style = AnsiColor::BrightCyan.on_default().bold();

/// The texts that positions point into, by the name that positions give them.
#[derive(Clone, Default)]
pub struct Sources {
    texts: BTreeMap<String, Rc<String>>,
}

impl Sources {
    /// Enters a text, without copying it.
    pub fn add(&mut self, name: &str, text: impl Into<Rc<String>>) {
        self.texts.insert(name.to_owned(), text.into());
    }

    /// The text of that name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.texts.get(name).map(|text| text.as_str())
    }

    /// One line of a text, from 1.
    fn line(&self, name: &str, line: u32) -> Option<&str> {
        self.texts.get(name)?.lines().nth(line.checked_sub(1)? as usize)
    }
}

/// The diagnostics as text, with escape sequences for colors: [`crate::streams::say`] takes them out again where they are
/// not wanted.
pub fn render(sources: &Sources, diagnostics: &[Diagnostic]) -> String {
    diagnostics.iter().map(|diagnostic| render_one(sources, diagnostic)).collect()
}

/// One diagnostic: `file:line:column: error: message`, the line with a caret, the notes, the advice. A note about the
/// same line is underlined in it too.
fn render_one(sources: &Sources, diagnostic: &Diagnostic) -> String {
    let Diagnostic { severity, message, position, notes, help } = diagnostic;
    let color = match severity {
        Severity::Error => AnsiColor::BrightRed,
        Severity::Warning => AnsiColor::BrightYellow,
        Severity::Remark => AnsiColor::BrightGreen,
    };
    let style = color.on_default().bold();
    let beside = |note: &Position| {
        position.as_ref().is_some_and(|main| main.file == note.file && main.line == note.line)
    };
    let (near, far): (Vec<_>, Vec<_>) = notes.iter().partition(|note| note.0.as_ref().is_some_and(beside));
    let mut out = headline(position.as_ref(), &severity.to_string(), style, message);
    if let Some(main) = position {
        let mut marks: Vec<Mark<'_>> = near
            .iter()
            .filter_map(|note| note.0.as_ref())
            .map(|at| Mark { at, sign: '-', style: NOTE })
            .collect();
        marks.push(Mark { at: main, sign: '^', style });
        out += &snippet(sources, &marks);
    }
    for (position, note) in near {
        out += &headline(position.as_ref(), "note", NOTE, note);
    }
    for (position, note) in far {
        out += &headline(position.as_ref(), "note", NOTE, note);
        if let Some(at) = position {
            out += &snippet(sources, &[Mark { at, sign: '^', style: NOTE }]);
        }
    }
    if let Some(help) = help {
        out += &format!("  {BOLD}help{BOLD:#}: {}\n", printable(&shortened(help)));
    }
    out
}

/// A message without its middle where it is very long: it may quote a name or a type of any length.
fn shortened(text: &str) -> String {
    if text.len() <= MAX_MESSAGE {
        return text.to_owned();
    }
    let (start, end) = (boundary(text, MAX_MESSAGE * 3 / 4), boundary(text, text.len() - MAX_MESSAGE / 4));
    format!("{} … {}", &text[..start], &text[end..])
}

/// The text with pictures of control characters in their place: what is quoted must not steer a terminal.
fn printable(text: &str) -> String {
    let picture = |c: char| match c {
        '\n' | '\t' => c,
        '\x7f' => '\u{2421}',
        '\0'..='\x1f' => char::from_u32(0x2400 + c as u32).unwrap_or(c),
        '\u{80}'..='\u{9f}' => char::REPLACEMENT_CHARACTER,
        c => c,
    };
    text.chars().map(picture).collect()
}

fn headline(position: Option<&Position>, severity: &str, style: Style, message: &str) -> String {
    let place = position.map_or_else(String::new, |position| format!("{BOLD}{position}:{BOLD:#} "));
    format!("{place}{style}{severity}{style:#}{BOLD}: {}{BOLD:#}\n", printable(&shortened(message)))
}

/// What is underlined, and how.
struct Mark<'a> {
    at: &'a Position,
    sign: char,
    style: Style,
}

/// The line that the last of `marks` points at, with the marks of that line below; nothing where the text is not known.
fn snippet(sources: &Sources, marks: &[Mark<'_>]) -> String {
    let Some(Mark { at: main, .. }) = marks.last() else { return String::new() };
    let Some(line) = sources.line(&main.file, main.line) else { return String::new() };
    let byte = |position: &Position| boundary(line, (position.column.max(1) - 1) as usize);
    // All of a line that is not long, else what is around the caret.
    let first =
        marks.iter().map(|mark| byte(mark.at)).min().unwrap_or(0).max(byte(main).saturating_sub(WINDOW.1));
    let start = boundary(line, first.saturating_sub(WINDOW.0));
    let end = boundary(line, byte(main) + WINDOW.1);
    let (before, after) = (if start > 0 { "..." } else { "" }, if end < line.len() { "..." } else { "" });
    let (text, columns) = laid_out(&line[start..end]);
    let column = |at: usize| before.len() + columns[at.clamp(start, end) - start];
    let mut signs: Vec<Option<&Mark<'_>>> = Vec::new();
    for mark in marks {
        let from = byte(mark.at);
        let to = (from + mark.at.length as usize).min(line.len());
        let (from, to) = (column(from), column(to).max(column(from) + 1));
        signs.resize(signs.len().max(to), None);
        signs[from..to].fill(Some(mark));
    }
    let mut under = String::new();
    for sign in signs {
        match sign {
            None => under.push(' '),
            Some(Mark { sign, style, .. }) => under += &format!("{style}{sign}{style:#}"),
        }
    }
    let number = main.line.to_string();
    let gutter = " ".repeat(number.len());
    format!(
        "  {gutter}{FRAME},-[{FRAME:#}{}{FRAME}]{FRAME:#}\n {FRAME}{number} |{FRAME:#} {before}{}{after}\n \
         {gutter} {FRAME}:{FRAME:#} {under}\n  {gutter}{FRAME}`----{FRAME:#}\n",
        printable(&main.to_string()),
        text.trim_end(),
    )
}

/// A part of a line as it is shown, tabs spread out, and the column at which each of its bytes stands; the last is its
/// width.
fn laid_out(part: &str) -> (String, Vec<usize>) {
    let (mut text, mut columns, mut width) = (String::new(), Vec::new(), 0);
    for c in part.chars() {
        columns.extend(std::iter::repeat_n(width, c.len_utf8()));
        let shown = if c == '\t' { " ".repeat(TAB - width % TAB) } else { printable(&c.to_string()) };
        width += shown.width();
        text += &shown;
    }
    columns.push(width);
    (text, columns)
}

/// The last character boundary of `line` up to `offset`.
fn boundary(line: &str, offset: usize) -> usize {
    let mut offset = offset.min(line.len());
    while !line.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(sources: &Sources, diagnostic: Diagnostic) -> String {
        anstream::adapter::strip_str(&render(sources, &[diagnostic])).to_string()
    }

    fn place(line: u32, column: u32, length: u32) -> Position {
        Position { file: "in.mlir".into(), line, column, length }
    }

    fn text(source: &str, line: u32, column: u32, length: u32) -> String {
        let mut sources = Sources::default();
        sources.add("in.mlir", source.to_owned());
        let error =
            Diagnostic::error("bad").at(place(line, column, length)).note(None, "why").help("do this");
        plain(&sources, error)
    }

    #[test]
    fn caret_note_and_help() {
        let expected = "in.mlir:2:3: error: bad\n   ,-[in.mlir:2:3]\n 2 | a foo b\n   :   ^^^\n   `----\nnote: why\n  help: do this\n";
        assert_eq!(text("first\na foo b\n", 2, 3, 3), expected);
        let twelfth = "\n".repeat(11) + "a foo b";
        assert!(
            text(&twelfth, 12, 3, 0)
                .contains("\n    ,-[in.mlir:12:3]\n 12 | a foo b\n    :   ^\n    `----\n")
        );
    }

    #[test]
    fn a_note_on_the_same_line_is_underlined_there() {
        let mut sources = Sources::default();
        sources.add("in.mlir", "one two one\nelsewhere".to_owned());
        let error = Diagnostic::error("twice").at(place(1, 9, 3));
        let error = error.note(place(1, 1, 3), "here first").note(place(2, 1, 4), "see this");
        let expected = "in.mlir:1:9: error: twice\n   ,-[in.mlir:1:9]\n 1 | one two one\n   : ---     ^^^\n   `----\n\
                        in.mlir:1:1: note: here first\nin.mlir:2:1: note: see this\n   ,-[in.mlir:2:1]\n 2 | elsewhere\n   : ^^^^\n   `----\n";
        assert_eq!(plain(&sources, error), expected);
    }

    #[test]
    fn only_a_window_of_a_long_line() {
        let long = format!("{}here{}", "x".repeat(100_000), "y".repeat(100_000));
        let out = text(&long, 1, 100_001, 4);
        assert!(out.len() < 1000 && out.contains("xhere"), "{out}");
        let lines: Vec<&str> = out.lines().collect();
        assert_eq!(lines[2].find("here"), lines[3].find("^^^^"), "{out}");
    }

    #[test]
    fn only_both_ends_of_a_long_message() {
        let error = Diagnostic::error(format!("a{}z", "é".repeat(10_000)));
        let out = plain(&Sources::default(), error);
        assert!(out.len() < 2100 && out.starts_with("error: aé") && out.ends_with("éz\n"), "{out}");
    }

    #[test]
    fn places_outside_of_the_text() {
        assert!(text("a", 9, 1, 1).starts_with("in.mlir:9:1: error: bad\nnote"));
        assert!(text("äöü", 1, 2, 90).contains("äöü"));
        assert!(text("", 1, 1, 0).starts_with("in.mlir:1:1: error: bad\n"));
    }

    #[test]
    fn carets_stand_below_wide_characters_tabs_and_control_characters() {
        assert!(text("日本 foo", 1, 8, 3).contains("日本 foo\n   :      ^^^\n"));
        assert!(text("\ta\tfoo", 1, 4, 3).contains("    a   foo\n   :         ^^^\n"));
        assert!(text("\x1b[31m foo", 1, 7, 3).contains("\u{241b}[31m foo\n   :       ^^^\n"));
    }
}
