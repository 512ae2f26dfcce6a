//! Loaded rules.

use indexmap::IndexMap;
use rustc_hash::FxHashMap;

use crate::expr::Expr;
use crate::ir::{OpName, Sym};
use crate::schema::Check;
use crate::support::Position;

/// A pattern for one op.
#[derive(Clone, Debug)]
pub(super) struct OpPattern {
    pub op: OpName,
    pub commutative: bool,
    pub operands: Vec<OperandPattern>,
    pub attrs: Vec<(Sym, String, AttrPattern)>,
}

#[derive(Clone, Debug)]
pub(super) enum OperandPattern {
    Any,
    /// Binds the slot, or must equal what it is bound to.
    Bind(usize),
    /// All remaining operands.
    Rest(usize),
    /// The operand's defining op, and the slot of the operand itself.
    Op(Option<usize>, OpPattern),
}

#[derive(Clone, Debug)]
pub(super) enum AttrPattern {
    /// Present, or has a default
    Any,
    /// Binds the slot, or must equal it
    Bind(usize),
    /// Equals a constant expression
    Value(Expr),
}

/// An op to build.
#[derive(Clone, Debug)]
pub(super) struct Build {
    pub op: OpName,
    pub args: Vec<Argument>,
    pub attrs: Vec<(Sym, Expr)>,
    pub ty: Option<Expr>,
}

#[derive(Clone, Debug)]
pub(super) enum Argument {
    Slot(usize),
    Spread(usize),
    Build(Build),
}

#[derive(Clone, Debug)]
pub(super) enum Replacement {
    Slot(usize),
    Build(Build),
}

/// One rewrite rule.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Its name.
    pub name: String,
    /// The group that it belongs to.
    pub group: String,
    /// The equation above it.
    pub doc: String,
    /// Higher is tried first.
    pub benefit: u32,
    /// Where it is written.
    pub position: Position,
    pub(super) pattern: OpPattern,
    /// Slot of the matched op's result.
    pub(super) root: usize,
    /// Number of slots.
    pub(super) slots: usize,
    pub(super) conditions: Vec<Check>,
    pub(super) bindings: Vec<(usize, Build)>,
    pub(super) replacement: Replacement,
    pub(super) keep_attrs: bool,
}

/// What a group of rules is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GroupKind {
    /// Applied greedily until nothing changes; types stay.
    Greedy,
    /// Turns every op of one dialect into ops of another, types included.
    Conversion {
        /// The dialect that must be gone afterwards (its plain ops stay).
        from: String,
        /// The dialect that takes its place.
        to: String,
    },
}

/// A named group of rules: a pass.
#[derive(Clone, Debug)]
pub struct Group {
    /// The pass's name.
    pub name: String,
    /// What it does.
    pub doc: String,
    /// How it is applied.
    pub kind: GroupKind,
    /// Where it was first named.
    pub position: Position,
    /// Its rules by root op, highest benefit first, then in the order of the files.
    pub(super) by_root: FxHashMap<OpName, Vec<Rule>>,
}

impl Group {
    pub(super) fn add(&mut self, rule: Rule) {
        let list = self.by_root.entry(rule.pattern.op).or_default();
        let at = list.iter().position(|known| known.benefit < rule.benefit).unwrap_or(list.len());
        list.insert(at, rule);
    }

    /// Number of rules.
    pub fn rule_count(&self) -> usize {
        self.by_root.values().map(Vec::len).sum()
    }

    /// All rules, in the order of their names.
    pub fn rules(&self) -> Vec<&Rule> {
        let mut rules: Vec<_> = self.by_root.values().flatten().collect();
        rules.sort_by(|a, b| a.name.cmp(&b.name));
        rules
    }
}

/// All loaded groups.
#[derive(Clone, Debug, Default)]
pub struct RuleSet {
    pub(super) groups: IndexMap<String, Group>,
}

impl RuleSet {
    /// The group of that name.
    pub fn group(&self, name: &str) -> Option<&Group> {
        self.groups.get(name)
    }

    /// All groups in the order of loading.
    pub fn groups(&self) -> impl Iterator<Item = &Group> {
        self.groups.values()
    }
}
