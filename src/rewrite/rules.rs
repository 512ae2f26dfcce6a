//! Loaded rules.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;
use rustc_hash::FxHashMap;

use super::index::Index;
use crate::expr::Expr;
use crate::ir::{OpName, Sym};
use crate::schema::{Build, Check, Definition, Kind};
use crate::support::{Diagnostic, Position};

/// A pattern for one op.
#[derive(Clone, Debug)]
pub(super) struct OpPattern {
    pub op: OpName,
    /// Which result stands for the op where it is an operand.
    pub result: usize,
    /// How many results it has.
    pub results: usize,
    pub operands: Vec<OperandPattern>,
    /// Where `%xs...` stands among the operands, and its slot.
    pub rest: Option<(usize, Option<usize>)>,
    pub attrs: Vec<AttrPattern>,
    /// Slots of its regions.
    pub regions: Vec<usize>,
    /// The type of the result that stands for it.
    pub ty: Option<TypePattern>,
    /// Of a root: whether a part of it [computes](ValuePattern::computes).
    pub computes: bool,
}

/// A pattern for one operand.
#[derive(Clone, Debug)]
pub(super) struct OperandPattern {
    /// The slot of the value, which it must equal if it is bound.
    pub slot: Option<usize>,
    /// Whether it may be absent.
    pub optional: bool,
    pub ty: Option<TypePattern>,
    pub def: DefPattern,
}

/// What defines an operand.
#[derive(Clone, Debug)]
pub(super) enum DefPattern {
    Any,
    Op(Box<OpPattern>),
    /// None of these
    Not(Vec<OpPattern>),
}

/// An attribute of a matched op.
#[derive(Clone, Debug)]
pub(super) struct AttrPattern {
    pub name: Sym,
    /// Position among the op's declared attributes.
    pub index: usize,
    pub value: ValuePattern,
}

/// The value of an attribute or a parameter.
#[derive(Clone, Debug)]
pub(super) enum ValuePattern {
    /// Present, or has a default
    Any,
    /// Binds the slot, or must equal it
    Bind(usize),
    /// The same, and may be absent
    Optional(usize),
    /// Equals a number
    Number(f64),
    /// Equals the value of an expression
    Equal(Expr),
    /// `dense<…>` with one number in all elements, which the inner pattern takes
    Splat(Box<ValuePattern>),
    /// `dense<[…]>` with these elements
    Elements(Vec<f64>),
    /// A declared attribute with these parameters
    Declared(Sym, Vec<(usize, ValuePattern)>),
    /// One of several, which bind nothing
    OneOf(Vec<ValuePattern>),
    /// Present, and not that
    Not(Box<ValuePattern>),
}

/// The type of a matched value.
#[derive(Clone, Debug)]
pub(super) enum TypePattern {
    /// Binds the slot, or must equal it
    Bind(usize),
    /// A declared type with these parameters
    Declared(Sym, Vec<(usize, ValuePattern)>),
    /// A type of that kind
    Kind(Kind),
}

/// What the rewrite does, in order.
#[derive(Clone, Debug)]
pub(super) struct Step {
    /// The slot of each result, where it has a name.
    pub slots: Vec<Option<usize>>,
    pub build: Build,
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
    /// Checks that are turned off, and why.
    pub allowed: Vec<(String, String)>,
    /// The patterns that it takes: alternatives and the orders of commutative operands are written out.
    pub(super) variants: Vec<OpPattern>,
    /// The pattern as written, with the first of each alternative.
    pub(super) roots: Vec<usize>,
    /// Number of slots.
    pub(super) slots: usize,
    /// Slots of attributes that are types, not values: names by slot, for messages and tests.
    pub(super) names: Vec<String>,
    /// Kinds of the slots' values.
    pub(super) kinds: Vec<Option<Kind>>,
    pub(super) conditions: Vec<Condition>,
    pub(super) steps: Vec<Step>,
    /// The slot that takes the place of each result; empty where the op is erased.
    pub(super) replacements: Vec<usize>,
    /// Which of [`Self::steps`] builds the op that takes the root's place.
    pub(super) successor: Option<usize>,
    pub(super) keep_attrs: bool,
}

/// A condition, and the quick forms that most of them have.
#[derive(Clone, Debug)]
pub(super) struct Condition {
    pub check: Check,
    /// `one_use(%x)`
    pub one_use: Option<usize>,
}

impl ValuePattern {
    /// Whether it compares with what names stand for: they must all be bound by then.
    pub fn computes(&self) -> bool {
        match self {
            ValuePattern::Equal(expr) => !expr.is_constant(),
            ValuePattern::Splat(inner) | ValuePattern::Not(inner) => inner.computes(),
            ValuePattern::Declared(_, params) => params.iter().any(|(_, value)| value.computes()),
            ValuePattern::OneOf(values) => values.iter().any(ValuePattern::computes),
            _ => false,
        }
    }
}

impl TypePattern {
    /// As [`ValuePattern::computes`].
    pub fn computes(&self) -> bool {
        matches!(self, TypePattern::Declared(_, params) if params.iter().any(|(_, value)| value.computes()))
    }
}

impl OpPattern {
    /// As [`ValuePattern::computes`], of any of its parts.
    pub fn any_computes(&self) -> bool {
        let types = self.operands.iter().map(|operand| &operand.ty).chain([&self.ty]);
        self.attrs.iter().any(|attr| attr.value.computes())
            || types.flatten().any(TypePattern::computes)
            || self.operands.iter().any(|operand| match &operand.def {
                DefPattern::Any => false,
                DefPattern::Op(inner) => inner.any_computes(),
                DefPattern::Not(patterns) => patterns.iter().any(OpPattern::any_computes),
            })
    }

    /// How many patterns it is made of.
    pub fn size(&self) -> usize {
        let nested = self.operands.iter().map(|operand| match &operand.def {
            DefPattern::Any => 1,
            DefPattern::Op(inner) => 1 + inner.size(),
            DefPattern::Not(patterns) => 1 + patterns.iter().map(OpPattern::size).sum::<usize>(),
        });
        1 + self.attrs.len() + nested.sum::<usize>()
    }
}

impl Rule {
    /// The op that it matches.
    pub fn root_op(&self) -> Vec<OpName> {
        let mut ops: Vec<_> = self.variants.iter().map(|variant| variant.op).collect();
        ops.dedup();
        ops
    }
}

/// What a group of rules is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GroupKind {
    /// Applied until nothing changes; types stay.
    Greedy,
    /// Each op of the program is looked at once; types stay.
    Once,
    /// Turns every op of some dialects into ops of others, types included.
    Conversion {
        /// The dialects that must be gone afterwards (their plain ops stay).
        from: Vec<String>,
        /// The dialects that take their place.
        to: Vec<String>,
    },
}

/// `type in GROUP: pattern => type`
#[derive(Clone, Debug)]
pub(super) struct TypeRule {
    pub pattern: TypePattern,
    pub slots: usize,
    pub result: Expr,
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
    /// Its rules in the order of the files.
    pub(super) rules: IndexMap<String, Rule>,
    pub(super) types: Vec<TypeRule>,
    /// Numbers of the rules by the op that they match.
    pub(super) by_root: FxHashMap<OpName, Vec<usize>>,
    /// What each op's rules are, in the order in which they are tried. Built when the files have been read.
    pub(super) index: FxHashMap<OpName, Index>,
    /// Whether rules were added since the index was built.
    pub(super) stale: bool,
    /// How many of the rules have been compared with those before them.
    pub(super) compared: usize,
}

impl Group {
    /// Number of rules.
    pub fn rule_count(&self) -> usize {
        self.rules.len()
    }

    /// All rules in the order of the files.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.rules.values()
    }

    /// The rule of that name.
    pub fn rule(&self, name: &str) -> Option<&Rule> {
        self.rules.get(name)
    }

    /// A group of one of its rules.
    pub fn only(&self, rule: &str) -> Option<Group> {
        let rule = self.rules.get(rule)?.clone();
        let mut group = Group {
            name: self.name.clone(),
            doc: self.doc.clone(),
            kind: self.kind.clone(),
            position: self.position.clone(),
            rules: IndexMap::new(),
            types: self.types.clone(),
            by_root: FxHashMap::default(),
            index: FxHashMap::default(),
            stale: true,
            compared: 0,
        };
        group.rules.insert(rule.name.clone(), rule);
        group.build_index();
        Some(group)
    }
}

/// All loaded groups.
#[derive(Clone, Debug, Default)]
pub struct RuleSet {
    pub(super) groups: IndexMap<String, Group>,
    pub(super) definitions: BTreeMap<String, Definition>,
    /// Files that were loaded, by name.
    pub(super) files: BTreeSet<String>,
    pub(super) tests: Vec<super::inline_tests::InlineTest>,
    pub(super) warnings: Vec<Diagnostic>,
    /// Patterns and parts of expressions that are held.
    pub(super) size: usize,
}

/// Most patterns and parts of expressions that are held.
const MAX_SIZE: usize = 4_000_000;
/// Most warnings that are kept until they are given out.
pub(super) const MAX_WARNINGS: usize = 100;

impl RuleSet {
    /// The group of that name.
    pub fn group(&self, name: &str) -> Option<&Group> {
        self.groups.get(name)
    }

    /// All groups in the order of loading.
    pub fn groups(&self) -> impl Iterator<Item = &Group> {
        self.groups.values()
    }

    /// The rules of that name, in whatever group.
    pub fn rules_named<'r>(&'r self, name: &'r str) -> impl Iterator<Item = &'r Rule> {
        self.groups.values().filter_map(move |group| group.rules.get(name))
    }

    /// The tests that the files carry.
    pub fn tests(&self) -> &[super::inline_tests::InlineTest] {
        &self.tests
    }

    /// Counts what a new rule holds, `written_out` parts of expressions among it. The error is that it is too much.
    pub(super) fn grow(&mut self, rule: &Rule, written_out: usize) -> Result<(), String> {
        self.size += rule.variants.iter().map(OpPattern::size).sum::<usize>() + written_out;
        if self.size <= MAX_SIZE {
            return Ok(());
        }
        let what = "patterns and conditions once alternatives and definitions are written out";
        Err(format!("the rules have more than {MAX_SIZE} {what}"))
    }

    /// Adds to what is given out by [`Self::take_warnings`].
    pub fn warn(&mut self, warning: Diagnostic) {
        match self.warnings.len() {
            0..MAX_WARNINGS => self.warnings.push(warning),
            MAX_WARNINGS => {
                self.warnings.push(Diagnostic::warning("there are more warnings about these rules"))
            }
            _ => {}
        }
    }

    /// What was found that is no error; it is given out once.
    pub fn take_warnings(&mut self) -> Vec<Diagnostic> {
        std::mem::take(&mut self.warnings)
    }
}
