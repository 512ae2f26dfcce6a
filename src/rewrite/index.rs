//! The decision structure of a group: which rules an op can match, from its name, its operands' definitions and its
//! attributes. A rule that the structure does not name cannot match, so a thousand rules cost little more than ten.

use rustc_hash::{FxHashMap, FxHashSet};

use super::rules::{AttrPattern, DefPattern, Group, OpPattern, ValuePattern};
use crate::expr::Expr;
use crate::ir::{AttrKind, Ir, OpId, OpName, Sym};
use crate::schema::Registry;

/// Rules that are tried one after the other without a further decision.
const SMALL: usize = 2;
/// How much larger a structure may be than the list of its rules: rules that do not care about a decision are entered
/// in each of its branches.
const GROWTH: usize = 16;
/// The deepest op, from the root, that is looked at.
const MAX_DEPTH: usize = 4;

/// A way from the root to an op: operand numbers.
type Path = Vec<u8>;

/// What is looked at.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Subject {
    /// The name of the op at the path
    Op(Path),
    /// An attribute of the op at the path
    Attr(Path, Sym),
}

/// What is found there.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Key {
    Op(OpName),
    /// Bits of a number; zero has one sign
    Number(u64),
    Word(Box<str>),
}

fn number_bits(number: f64) -> u64 {
    if number == 0.0 { 0 } else { number.to_bits() }
}

#[derive(Clone, Debug)]
enum Node {
    /// Entries to try, in order
    Try(Vec<u32>),
    /// Goes on by what is found; without it, or where nothing is found, at the last node.
    Decide { subject: Subject, cases: Cases, otherwise: u32 },
}

/// The next node for each key.
#[derive(Clone, Debug, Default)]
struct Cases {
    ops: FxHashMap<OpName, u32>,
    numbers: FxHashMap<u64, u32>,
    words: FxHashMap<Box<str>, u32>,
}

impl Cases {
    fn insert(&mut self, key: &Key, node: u32) {
        match key {
            Key::Op(op) => self.ops.insert(*op, node),
            Key::Number(bits) => self.numbers.insert(*bits, node),
            Key::Word(word) => self.words.insert(word.clone(), node),
        };
    }

    fn number(&self, number: f64) -> Option<u32> {
        self.numbers.get(&number_bits(number)).copied()
    }
}

/// A rule's pattern: number of the rule in its group, number of the variant in the rule.
pub(super) type Entry = (u32, u32);

/// The decision structure for one root op.
#[derive(Clone, Debug)]
pub(super) struct Index {
    /// In the order in which they are tried.
    pub entries: Vec<Entry>,
    nodes: Vec<Node>,
    root: u32,
}

impl Group {
    /// Builds the decision structures anew.
    pub(super) fn build_index(&mut self) {
        let mut by_root: FxHashMap<OpName, Vec<Entry>> = FxHashMap::default();
        for (number, rule) in self.rules.values().enumerate() {
            for (variant, pattern) in rule.variants.iter().enumerate() {
                by_root.entry(pattern.op).or_default().push((number as u32, variant as u32));
            }
        }
        self.index.clear();
        for (op, mut entries) in by_root {
            entries.sort_by_key(|(number, variant)| {
                (std::cmp::Reverse(self.rules[*number as usize].benefit), *number, *variant)
            });
            let requirements: Vec<_> =
                entries.iter().map(|entry| requirements(self.variant(*entry))).collect();
            self.index.insert(op, Index::new(entries, &requirements));
        }
        self.stale = false;
    }

    /// The pattern of an entry.
    pub(super) fn variant(&self, (rule, variant): Entry) -> &OpPattern {
        &self.rules[rule as usize].variants[variant as usize]
    }
}

type Requirements = FxHashMap<Subject, Key>;

/// What a pattern demands that a decision can be made by.
fn requirements(pattern: &OpPattern) -> Requirements {
    let mut found = Requirements::default();
    collect(pattern, &mut Vec::new(), &mut found);
    found
}

fn collect(pattern: &OpPattern, path: &mut Path, found: &mut Requirements) {
    for AttrPattern { name, value, .. } in &pattern.attrs {
        let key = match value {
            ValuePattern::Number(number) => Key::Number(number_bits(*number)),
            ValuePattern::Equal(Expr::Str(word)) => Key::Word(word.as_str().into()),
            _ => continue,
        };
        found.insert(Subject::Attr(path.clone(), *name), key);
    }
    let fixed = pattern.rest.map_or(pattern.operands.len(), |(at, _)| at);
    for (number, operand) in pattern.operands.iter().enumerate().take(fixed) {
        // An absent operand would move those after it.
        if operand.optional {
            break;
        }
        if let (DefPattern::Op(inner), Ok(step)) = (&operand.def, u8::try_from(number))
            && path.len() < MAX_DEPTH
        {
            path.push(step);
            found.insert(Subject::Op(path.clone()), Key::Op(inner.op));
            collect(inner, path, found);
            path.pop();
        }
    }
}

impl Index {
    fn new(entries: Vec<Entry>, requirements: &[Requirements]) -> Index {
        let all: Vec<u32> = (0..entries.len() as u32).collect();
        let mut budget = GROWTH * entries.len() + 64;
        let mut index = Index { entries, nodes: Vec::new(), root: 0 };
        index.root = index.node(all, requirements, &mut FxHashSet::default(), &mut budget);
        index
    }

    fn node(
        &mut self,
        entries: Vec<u32>,
        requirements: &[Requirements],
        decided: &mut FxHashSet<Subject>,
        budget: &mut usize,
    ) -> u32 {
        let subject = if entries.len() <= SMALL { None } else { choose(&entries, requirements, decided) };
        let node = match subject {
            Some(subject) => {
                let mut keys: Vec<&Key> =
                    entries.iter().filter_map(|e| requirements[*e as usize].get(&subject)).collect();
                keys.sort_by(|a, b| format_key(a).cmp(&format_key(b)));
                keys.dedup();
                let free = entries.iter().filter(|e| !requirements[**e as usize].contains_key(&subject));
                let free: Vec<u32> = free.copied().collect();
                let size = entries.len() + keys.len() * free.len();
                if size > *budget {
                    Node::Try(entries)
                } else {
                    *budget -= keys.len() * free.len();
                    let mut split: FxHashMap<&Key, Vec<u32>> = FxHashMap::default();
                    for entry in &entries {
                        if let Some(key) = requirements[*entry as usize].get(&subject) {
                            split.entry(key).or_default().push(*entry);
                        }
                    }
                    decided.insert(subject.clone());
                    let mut cases = Cases::default();
                    for key in keys {
                        let mut list = split.remove(key).unwrap_or_default();
                        list.extend(&free);
                        list.sort_unstable();
                        let child = self.node(list, requirements, decided, budget);
                        cases.insert(key, child);
                    }
                    let otherwise = self.node(free, requirements, decided, budget);
                    decided.remove(&subject);
                    Node::Decide { subject, cases, otherwise }
                }
            }
            None => Node::Try(entries),
        };
        self.nodes.push(node);
        (self.nodes.len() - 1) as u32
    }

    /// The entries that `op` may match, in the order in which they are tried.
    pub(super) fn candidates(&self, registry: &Registry, ir: &Ir, op: OpId) -> &[u32] {
        let mut node = self.root;
        loop {
            match &self.nodes[node as usize] {
                Node::Try(entries) => return entries,
                Node::Decide { subject, cases, otherwise } => {
                    node = decide(registry, ir, op, subject, cases).unwrap_or(*otherwise);
                }
            }
        }
    }
}

fn decide(registry: &Registry, ir: &Ir, op: OpId, subject: &Subject, cases: &Cases) -> Option<u32> {
    match subject {
        Subject::Op(path) => cases.ops.get(&ir.name(follow(ir, op, path)?)).copied(),
        Subject::Attr(path, name) => {
            let found = follow(ir, op, path)?;
            let default = || registry.op_def(ir.name(found))?.attrs.iter().find(|a| a.sym == *name)?.default;
            let attr = ir.attr(found, *name).or_else(default)?;
            match ir.ctx.attr_kind(attr) {
                AttrKind::Integer { value, .. } => cases.number(*value as f64),
                AttrKind::Float { bits, .. } => cases.number(f64::from_bits(*bits)),
                AttrKind::String { text, .. } => cases.words.get(ir.ctx.str(*text)).copied(),
                _ => None,
            }
        }
    }
}

/// The decision that most entries care about; the nearest to the root among equals.
fn choose(entries: &[u32], requirements: &[Requirements], decided: &FxHashSet<Subject>) -> Option<Subject> {
    let mut counts: FxHashMap<&Subject, usize> = FxHashMap::default();
    for entry in entries {
        for subject in requirements[*entry as usize].keys().filter(|subject| !decided.contains(*subject)) {
            *counts.entry(subject).or_default() += 1;
        }
    }
    let rank = |subject: &Subject| match subject {
        Subject::Op(path) => (path.len(), 0, path.clone(), 0),
        Subject::Attr(path, name) => (path.len(), 1, path.clone(), name.index()),
    };
    let best = counts.into_iter().max_by_key(|(subject, count)| (*count, std::cmp::Reverse(rank(subject))));
    best.map(|(subject, _)| subject.clone())
}

fn format_key(key: &Key) -> (u8, u64, &str) {
    match key {
        Key::Op(op) => (0, op.index() as u64, ""),
        Key::Number(bits) => (1, *bits, ""),
        Key::Word(word) => (2, 0, word),
    }
}

fn follow(ir: &Ir, op: OpId, path: &[u8]) -> Option<OpId> {
    let mut op = op;
    for step in path {
        let step = *step as usize;
        if step >= ir.operand_count(op) {
            return None;
        }
        op = ir.def_op(ir.operand(op, step)).some()?;
    }
    Some(op)
}
