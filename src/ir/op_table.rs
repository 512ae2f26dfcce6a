//! The op table: what the engine must know of an op to move it around. Schemas fill it.

use super::context::Sym;
use crate::support::define_id;

define_id! {
    /// An operation's name; its entry in the op table.
    OpName
}

/// Facts about an op that generic code asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traits(u32);

impl Traits {
    /// No side effects: may be erased when unused, merged when equal.
    pub const PURE: Traits = Traits(1);
    /// Operands may be swapped.
    pub const COMMUTATIVE: Traits = Traits(1 << 1);
    /// Ends a block.
    pub const TERMINATOR: Traits = Traits(1 << 2);
    /// Defines a symbol through `sym_name`.
    pub const SYMBOL: Traits = Traits(1 << 3);
    /// Its regions hold a symbol table.
    pub const SYMBOL_TABLE: Traits = Traits(1 << 4);
    /// Its regions see no value from above.
    pub const ISOLATED: Traits = Traits(1 << 5);
    /// Its regions are graphs: order does not matter, there is no dominance.
    pub const GRAPH: Traits = Traits(1 << 6);
    /// Its regions have one block without a terminator.
    pub const NO_TERMINATOR: Traits = Traits(1 << 7);
    /// Works on plaintexts only: legal at every stage, never counted as encrypted work.
    pub const PLAIN: Traits = Traits(1 << 8);
    /// A constant.
    pub const CONSTANT: Traits = Traits(1 << 9);
    /// Acts on each element or slot by itself.
    pub const ELEMENTWISE: Traits = Traits(1 << 10);
    /// Its regions have at most one block.
    pub const SINGLE_BLOCK: Traits = Traits(1 << 11);
    /// Of an attribute: its parameters are written in order, without their names.
    pub const POSITIONAL: Traits = Traits(1 << 12);
    /// Inside of its regions, ops of its dialect need not name the dialect in their pretty form.
    pub const DEFAULT_DIALECT: Traits = Traits(1 << 13);

    /// Every trait with its name in a `.dialect` file.
    pub const ALL: [(&'static str, Traits); 14] = [
        ("pure", Self::PURE),
        ("commutative", Self::COMMUTATIVE),
        ("terminator", Self::TERMINATOR),
        ("symbol", Self::SYMBOL),
        ("symbol_table", Self::SYMBOL_TABLE),
        ("isolated", Self::ISOLATED),
        ("graph", Self::GRAPH),
        ("no_terminator", Self::NO_TERMINATOR),
        ("plain", Self::PLAIN),
        ("constant", Self::CONSTANT),
        ("elementwise", Self::ELEMENTWISE),
        ("single_block", Self::SINGLE_BLOCK),
        ("positional", Self::POSITIONAL),
        ("default_dialect", Self::DEFAULT_DIALECT),
    ];

    /// Whether all of `other` hold.
    pub fn has(self, other: Traits) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether one of `other` holds.
    pub const fn has_any(self, other: Traits) -> bool {
        self.0 & other.0 != 0
    }

    /// Both sets together.
    pub const fn with(self, other: Traits) -> Traits {
        Traits(self.0 | other.0)
    }
}

/// A set of compilation stages, as bits in the order in which the registry lists them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stages(pub u32);

impl Stages {
    /// Legal at every stage.
    pub const ANY: Stages = Stages(u32::MAX);

    /// Whether stage number `stage` is in the set.
    pub fn contains(self, stage: usize) -> bool {
        stage < 32 && self.0 & (1 << stage) != 0
    }
}

/// One entry of the op table.
#[derive(Clone, Debug)]
pub struct OpInfo {
    /// Full name, such as `func.func`.
    pub name: Sym,
    /// Whether a schema declares it.
    pub registered: bool,
    /// Its traits; none for an unregistered op.
    pub traits: Traits,
    /// The stages it is legal at.
    pub stages: Stages,
    /// Names of its inherent attributes, which print as properties.
    pub inherent: Vec<Sym>,
}
