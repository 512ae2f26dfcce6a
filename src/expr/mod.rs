//! The small expression language that `.dialect` and `.rules` files share.
//!
//! Absent type parameters (a ciphertext's level before levels exist) are `null`; arithmetic with `null` is
//! `null`, an ordering against `null` holds, `null == null` holds: checks say nothing where nothing is known.

mod eval;
mod functions;
mod parse;
mod syntax;
mod tree;

pub use eval::{Env, EvalError, Val};
pub use functions::{Function, FunctionBody, Functions, MAX_ARITY, Signature, ValueKind};
pub use parse::{Binary, Expr, TypeLiteral, Unary, parse_expr_pair};
pub use tree::{Pair, Pairs, ParsedText, SyntaxTree};

pub(crate) use parse::{number_of, unescape};
pub(crate) use syntax::Grammar;

use crate::support::Position;

/// Largest `.dialect` or `.rules` text that is read, in bytes.
pub const MAX_SOURCE_BYTES: usize = 16 << 20;
/// Deepest nesting of brackets in a `.dialect` or `.rules` text: the generated parser recurses.
pub const MAX_NESTING: usize = 128;

/// Refuses texts that the recursive parser must not see. Returns the byte offset and the reason.
pub fn check_source_bounds(source: &str) -> Result<(), (usize, String)> {
    if source.len() > MAX_SOURCE_BYTES {
        return Err((0, format!("file has {} bytes; at most {MAX_SOURCE_BYTES} are read", source.len())));
    }
    let mut depth = 0usize;
    let (mut in_string, mut in_comment) = (false, false);
    let mut bytes = source.bytes().enumerate().peekable();
    while let Some((offset, byte)) = bytes.next() {
        match byte {
            b'\n' => (in_string, in_comment) = (false, false),
            _ if in_comment => {}
            b'/' if !in_string => in_comment = bytes.peek().is_some_and(|(_, next)| *next == b'/'),
            b'\\' if in_string => {
                bytes.next();
            }
            b'"' => in_string = !in_string,
            b'(' | b'[' | b'{' if !in_string => depth += 1,
            b')' | b']' | b'}' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > MAX_NESTING {
            return Err((offset, format!("nesting is deeper than {MAX_NESTING}")));
        }
    }
    Ok(())
}

/// A named text whose positions are looked up often.
pub struct SourceText<'a> {
    /// The text.
    pub text: &'a str,
    /// Its name.
    pub file: &'a str,
    /// Byte offset of each line's start.
    lines: Vec<usize>,
}

impl<'a> SourceText<'a> {
    /// A text under a name.
    pub fn new(text: &'a str, file: &'a str) -> Self {
        let starts = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        SourceText { text, file, lines: std::iter::once(0).chain(starts).collect() }
    }

    /// The position of a byte offset.
    pub fn position(&self, offset: usize, length: usize) -> Position {
        let offset = offset.min(self.text.len());
        let line = self.lines.partition_point(|start| *start <= offset);
        let start = self.lines[line.saturating_sub(1)];
        let column = (offset - start) as u32 + 1;
        Position { file: self.file.to_owned(), line: line as u32, column, length: length as u32 }
    }
}

/// The position of a byte offset in a named text.
pub fn position_in(source: &str, file: &str, offset: usize, length: usize) -> Position {
    let offset = offset.min(source.len());
    let before = &source.as_bytes()[..offset];
    let line = before.iter().filter(|b| **b == b'\n').count() as u32 + 1;
    let start = before.iter().rposition(|b| *b == b'\n').map_or(0, |i| i + 1);
    Position { file: file.to_owned(), line, column: (offset - start) as u32 + 1, length: length as u32 }
}
