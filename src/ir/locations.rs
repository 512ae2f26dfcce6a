//! Source locations.

use super::attributes::Attr;
use super::context::Sym;
use crate::support::define_id;

define_id! {
    /// A location. Positions in files are stored once each, the rest is hash-consed.
    Loc
}

impl Loc {
    /// `loc(unknown)`
    pub const UNKNOWN: Loc = Loc(0);
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
