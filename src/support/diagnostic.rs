//! Diagnostics: facts about what is wrong and where. Tools render them.

use std::fmt;

/// A place in a source text. Lines and columns count from 1; columns count bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    /// Name of the file as the user gave it (`-` for standard input).
    pub file: String,
    /// Line, from 1.
    pub line: u32,
    /// Column in bytes, from 1.
    pub column: u32,
    /// Bytes that the caret underlines; 0 for a single caret.
    pub length: u32,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Something worth knowing about what a pass did or left alone.
    Remark,
    /// The output is usable, but the user should look.
    Warning,
    /// There is no output.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Severity::Remark => "remark",
            Severity::Warning => "warning",
            Severity::Error => "error",
        })
    }
}

/// One message, its place, notes that point elsewhere, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong, and what was expected.
    pub message: String,
    /// Where; `None` where there is no text to point at.
    pub position: Option<Position>,
    /// Other places that matter (an earlier definition, the expected type's origin).
    pub notes: Vec<(Option<Position>, String)>,
    /// What to do.
    pub help: Option<String>,
}

/// Everything that was found wrong.
pub type Diagnostics = Vec<Diagnostic>;

impl Diagnostic {
    /// A diagnostic of the given severity without a place.
    pub fn new(severity: Severity, message: impl Into<String>) -> Self {
        Diagnostic { severity, message: message.into(), position: None, notes: Vec::new(), help: None }
    }

    /// An error without a place.
    pub fn error(message: impl Into<String>) -> Self {
        Self::new(Severity::Error, message)
    }

    /// A warning without a place.
    pub fn warning(message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, message)
    }

    /// A remark without a place.
    pub fn remark(message: impl Into<String>) -> Self {
        Self::new(Severity::Remark, message)
    }

    /// The same at `position`.
    pub fn at(mut self, position: impl Into<Option<Position>>) -> Self {
        self.position = position.into();
        self
    }

    /// The same with a note.
    pub fn note(mut self, position: impl Into<Option<Position>>, text: impl Into<String>) -> Self {
        self.notes.push((position.into(), text.into()));
        self
    }

    /// The same about a text that begins after that many lines of `file`: what points into it is moved down.
    pub fn moved_down(mut self, file: &str, lines: u32) -> Self {
        let positions = self.notes.iter_mut().map(|(position, _)| position).chain([&mut self.position]);
        for position in positions.flatten().filter(|position| position.file == file) {
            position.line += lines;
        }
        self
    }

    /// The same with advice.
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(text.into());
        self
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(position) = &self.position {
            write!(f, "{position}: ")?;
        }
        write!(f, "{}: {}", self.severity, self.message)?;
        if let Some(help) = &self.help {
            write!(f, " ({help})")?;
        }
        Ok(())
    }
}

impl std::error::Error for Diagnostic {}
