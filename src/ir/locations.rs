//! Source locations.

use std::borrow::Cow;
use std::sync::Arc;

use super::attributes::Attr;
use super::context::{Context, Sym};
use crate::support::define_id;

define_id! {
    /// A location: a place in the text that is compiled, or an index. The positions that a text writes are stored once
    /// each, the rest is hash-consed.
    Loc
}

impl Loc {
    /// `loc(unknown)`
    pub const UNKNOWN: Loc = Loc(0);

    /// The place at a byte offset of the text that the context was given by [`Context::set_text`]. It takes no memory.
    pub fn in_text(offset: usize) -> Loc {
        debug_assert!(offset < IN_TEXT as usize);
        Loc(offset as u32 | IN_TEXT)
    }

    /// The byte offset, of a place in the text.
    pub(super) fn text_offset(self) -> Option<u32> {
        (self.0 & IN_TEXT != 0 && !self.is_none()).then_some(self.0 & !IN_TEXT)
    }
}

/// What a location is made of.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum LocKind {
    /// `loc(unknown)`
    Unknown,
    /// `loc("file":line:column)`
    File {
        /// File name.
        file: Sym,
        /// Line, from 1 when it comes from a text.
        line: u32,
        /// Column in bytes, from 1 when it comes from a text.
        column: u32,
    },
    /// `loc("file":line:column to line:column)`
    FileRange {
        /// File name.
        file: Sym,
        /// Line and column of the start and of the end; boxed to keep the common case small.
        span: Box<[(u32, u32); 2]>,
    },
    /// `loc("name"(child))`
    Name(Sym, Loc),
    /// `loc(callsite(callee at caller))`
    CallSite(Loc, Loc),
    /// `loc(fused<metadata>[a, b])`
    Fused(Box<(Vec<Loc>, Attr)>),
}

/// Set in locations that are offsets in the text.
const IN_TEXT: u32 = 1 << 31;

/// The lines of the text that a module was read from.
#[derive(Clone, Debug)]
pub(super) struct TextLines {
    file: Sym,
    /// Byte offset of each line.
    starts: Arc<[u32]>,
    /// Lines of the file before the text.
    lines_before: u32,
}

impl Context {
    /// Says which text [`Loc::in_text`] speaks of: at most 2 GiB, and one for a context.
    pub fn set_text(&mut self, source: &str, file: &str) {
        let ends = memchr::memchr_iter(b'\n', source.as_bytes());
        let starts = std::iter::once(0).chain(ends.map(|end| end as u32 + 1)).collect();
        self.text = Some(TextLines { file: self.sym(file), starts, lines_before: 0 });
    }

    /// Says that the text is part of a file, after that many lines.
    pub fn move_text_down(&mut self, lines: u32) {
        if let Some(text) = &mut self.text {
            text.lines_before = lines;
        }
    }

    /// What a location is made of.
    pub fn loc_kind(&self, loc: Loc) -> Cow<'_, LocKind> {
        match (loc.text_offset(), &self.text) {
            (Some(offset), Some(text)) => {
                let line = text.starts.partition_point(|start| *start <= offset) as u32;
                let column = offset - text.starts[line as usize - 1] + 1;
                Cow::Owned(LocKind::File { file: text.file, line: text.lines_before + line, column })
            }
            _ => Cow::Borrowed(self.stored_loc(loc)),
        }
    }
}
