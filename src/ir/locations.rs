//! Source locations.

use std::borrow::Cow;
use std::sync::Arc;

use super::attributes::Attr;
use super::context::{Context, Sym};
use crate::support::define_id;

define_id! {
    /// A location: a place in the text that is compiled, a position that it writes, or the index of one that is
    /// hash-consed.
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
/// Set in others that are positions.
const POSITION: u32 = 1 << 30;

/// Bits of a position's column; its file has the others.
const COLUMN_BITS: u32 = 20;
/// The most files of positions: they are looked up one after the other.
const MAX_FILES: usize = 64;

/// Positions that a text writes, `loc("file":line:column)`: as a rule each op has one of its own, so they are small, and
/// not looked up.
#[derive(Clone, Debug, Default)]
pub(super) struct Positions {
    files: Vec<Sym>,
    /// Line; number of the file above the column.
    places: Vec<(u32, u32)>,
}

impl Positions {
    /// `None` where the position does not fit: a column beyond a million, or more than a handful of files.
    pub fn push(&mut self, file: Sym, line: u32, column: u32) -> Option<Loc> {
        let index = self.files.iter().position(|known| *known == file);
        if column >> COLUMN_BITS != 0 || self.places.len() >= POSITION as usize {
            return None;
        }
        let index = match index {
            Some(index) => index,
            None if self.files.len() < MAX_FILES => {
                self.files.push(file);
                self.files.len() - 1
            }
            None => return None,
        };
        self.places.push((line, (index as u32) << COLUMN_BITS | column));
        Some(Loc((self.places.len() - 1) as u32 | POSITION))
    }

    fn get(&self, loc: Loc) -> Option<LocKind> {
        let (line, place) = *self.places.get((loc.0 & !POSITION) as usize)?;
        let file = *self.files.get((place >> COLUMN_BITS) as usize)?;
        Some(LocKind::File { file, line, column: place & ((1 << COLUMN_BITS) - 1) })
    }
}

/// The lines of the text that a module was read from.
#[derive(Clone, Debug)]
pub(super) struct TextLines {
    file: Sym,
    /// Byte offset of each line.
    starts: Arc<Vec<u32>>,
    /// Lines of the file before the text.
    lines_before: u32,
}

impl Context {
    /// Says which text [`Loc::in_text`] speaks of: at most 2 GiB, and one for a context.
    pub fn set_text(&mut self, source: &str, file: &str) {
        let ends = memchr::memchr_iter(b'\n', source.as_bytes());
        let starts = Arc::new(std::iter::once(0).chain(ends.map(|end| end as u32 + 1)).collect());
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
            _ if loc.0 & (IN_TEXT | POSITION) == POSITION => {
                Cow::Owned(self.positions.get(loc).unwrap_or(LocKind::Unknown))
            }
            _ => Cow::Borrowed(self.interned_loc(loc)),
        }
    }
}
