//! Diagnostics as text: file, line, caret, notes, advice.

use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;

use he_core::support::{Diagnostic, Position, Severity};
use miette::{
    GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteSpanContents, SourceCode, SourceSpan,
    SpanContents, ThemeCharacters, ThemeStyles,
};

use crate::streams::is_watched;

/// Bytes of a line that are shown before and after the caret.
const WINDOW: (usize, usize) = (80, 120);

/// Bytes of a message that are shown.
const MAX_MESSAGE: usize = 2000;

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

/// The diagnostics as text, colored if standard error is a terminal.
pub fn render(sources: &Sources, diagnostics: &[Diagnostic]) -> String {
    let colored = is_watched() && std::env::var_os("NO_COLOR").is_none();
    diagnostics.iter().map(|diagnostic| render_one(sources, diagnostic, colored)).collect()
}

/// One diagnostic as text: `file:line:column: error: message`, the line with a caret, the notes, the advice.
pub fn render_one(sources: &Sources, diagnostic: &Diagnostic, colored: bool) -> String {
    let severity = diagnostic.severity;
    let style = |text: String| if colored { format!("\x1b[1m{text}\x1b[0m") } else { text };
    let mut out = String::new();
    out += &style(headline(diagnostic.position.as_ref(), &severity.to_string(), &diagnostic.message));
    out += &snippet(sources, diagnostic.position.as_ref(), severity, colored);
    for (position, note) in &diagnostic.notes {
        out += &style(headline(position.as_ref(), "note", note));
        out += &snippet(sources, position.as_ref(), Severity::Remark, colored);
    }
    if let Some(help) = &diagnostic.help {
        out += &format!("  help: {}\n", shortened(help));
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

fn headline(position: Option<&Position>, severity: &str, message: &str) -> String {
    let message = shortened(message);
    match position {
        Some(position) => format!("{position}: {severity}: {message}\n"),
        None => format!("{severity}: {message}\n"),
    }
}

/// The line that `position` points at, with a caret below; nothing where the text is not known.
fn snippet(sources: &Sources, position: Option<&Position>, severity: Severity, colored: bool) -> String {
    let Some(position) = position else { return String::new() };
    let Some(line) = sources.line(&position.file, position.line) else { return String::new() };
    let window = Window::new(line, position, severity);
    let styles = if colored { ThemeStyles::ansi() } else { ThemeStyles::none() };
    let characters = if colored { ThemeCharacters::unicode() } else { ThemeCharacters::ascii() };
    let handler = GraphicalReportHandler::new_themed(GraphicalTheme { characters, styles })
        .with_wrap_lines(false)
        .with_links(false)
        .without_syntax_highlighting()
        .with_width(4 * (WINDOW.0 + WINDOW.1));
    let mut out = String::new();
    if handler.render_report(&mut out, &window).is_err() {
        return String::new();
    }
    // The header is ours: one line, with the place in front.
    let lines = out.lines().filter(|line| !line.trim().is_empty());
    let body: Vec<_> = lines.skip_while(|line| !line.contains('[')).collect();
    if body.is_empty() { String::new() } else { body.join("\n") + "\n" }
}

/// The part of one line that is shown, as miette wants it.
#[derive(Debug)]
struct Window {
    name: String,
    text: String,
    line: usize,
    column: usize,
    span: SourceSpan,
    severity: Severity,
}

impl Window {
    fn new(line: &str, position: &Position, severity: Severity) -> Window {
        let caret = boundary(line, (position.column.max(1) - 1) as usize);
        let start = boundary(line, caret.saturating_sub(WINDOW.0));
        let end = boundary(line, caret + WINDOW.1);
        let length = (position.length as usize).min(end - caret);
        let (before, after) = (if start > 0 { "..." } else { "" }, if end < line.len() { "..." } else { "" });
        Window {
            name: position.file.clone(),
            text: format!("{before}{}{after}\n", &line[start..end]),
            line: position.line.max(1) as usize - 1,
            column: caret,
            span: (before.len() + caret - start, length).into(),
            severity,
        }
    }
}

/// The last character boundary of `line` up to `offset`.
fn boundary(line: &str, offset: usize) -> usize {
    let mut offset = offset.min(line.len());
    while !line.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("-")
    }
}

impl std::error::Error for Window {}

impl miette::Diagnostic for Window {
    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
            Severity::Remark => miette::Severity::Advice,
        })
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(self)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(std::iter::once(LabeledSpan::new_with_span(None, self.span))))
    }
}

impl SourceCode for Window {
    fn read_span<'a>(
        &'a self,
        _span: &SourceSpan,
        before: usize,
        _after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, miette::MietteError> {
        let all = (0, self.text.len()).into();
        let (name, data) = (self.name.clone(), self.text.as_bytes());
        // Without context lines only the place for the frame is asked for; with them, whole lines.
        let column = if before == 0 { self.column } else { 0 };
        let contents = MietteSpanContents::new_named(name, data, all, self.line, column, 1);
        Ok(Box::new(contents))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(source: &str, line: u32, column: u32, length: u32) -> String {
        let mut sources = Sources::default();
        sources.add("in.mlir", source.to_owned());
        let position = Position { file: "in.mlir".into(), line, column, length };
        let error = Diagnostic::error("bad").at(position).note(None, "why").help("do this");
        render_one(&sources, &error, false)
    }

    #[test]
    fn caret_note_and_help() {
        let expected = "in.mlir:2:3: error: bad\n   ,-[in.mlir:2:3]\n 2 | a foo b\n   :   ^^^\n   `----\nnote: why\n  help: do this\n";
        assert_eq!(text("first\na foo b\n", 2, 3, 3), expected);
    }

    #[test]
    fn only_a_window_of_a_long_line() {
        let long = format!("{}here{}", "x".repeat(100_000), "y".repeat(100_000));
        let out = text(&long, 1, 100_001, 4);
        assert!(out.len() < 1000 && out.contains("xhere"), "{out}");
    }

    #[test]
    fn only_both_ends_of_a_long_message() {
        let out =
            render_one(&Sources::default(), &Diagnostic::error(format!("a{}z", "é".repeat(10_000))), false);
        assert!(out.len() < 2100 && out.starts_with("error: aé") && out.ends_with("éz\n"), "{out}");
    }

    #[test]
    fn places_outside_of_the_text() {
        assert!(text("a", 9, 1, 1).starts_with("in.mlir:9:1: error: bad\nnote"));
        assert!(text("äöü", 1, 2, 90).contains("äöü"));
        assert!(text("", 1, 1, 0).starts_with("in.mlir:1:1: error: bad\n"));
    }
}
