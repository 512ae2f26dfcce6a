//! The driver of groups whose types stay: to a fixed point, or once over the program.

use std::collections::BTreeMap;

use super::apply::{Applier, build_rule, move_regions};
use super::matcher::{Miss, match_variant};
use super::observe::{Observer, RewriteControl};
use super::rules::{Group, GroupKind, Rule};
use crate::expr::Val;
use crate::ir::{Ir, OpId, Traits};
use crate::schema::Registry;
use crate::support::{Diagnostic, Diagnostics};

/// How often each rule fired.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RewriteStats {
    /// Rule name to number of rewrites.
    pub fired: BTreeMap<String, usize>,
    /// Unused pure ops that were erased.
    pub erased: usize,
}

/// Number of latest rewrites that are kept to name a cycle.
const HISTORY: usize = 256;

fn is_dead(ir: &Ir, op: OpId) -> bool {
    ir.has_trait(op, Traits::PURE)
        && ir.result_count(op) > 0
        && ir.regions(op).is_empty()
        && ir.results(op).all(|value| ir.is_unused(value))
}

/// Erases unused pure ops, and what becomes unused by that. Returns how many.
pub fn sweep_dead(ir: &mut Ir) -> usize {
    let mut erased = 0;
    let mut pending = ir.all_ops();
    while let Some(op) = pending.pop() {
        if ir.is_erased(op) || !is_dead(ir, op) {
            continue;
        }
        let operands: Vec<_> = ir.operands(op).collect();
        ir.erase(op);
        erased += 1;
        pending.extend(operands.into_iter().map(|value| ir.def_op(value)).filter(|def| !def.is_none()));
    }
    erased
}

/// Ops that are still to be looked at, the next one last.
struct Worklist {
    ops: Vec<OpId>,
    queued: Vec<bool>,
}

impl Worklist {
    /// The ops in the order of the list.
    fn new(capacity: usize, mut ops: Vec<OpId>) -> Worklist {
        let mut queued = vec![false; capacity];
        ops.iter().for_each(|op| queued[op.index()] = true);
        ops.reverse();
        Worklist { ops, queued }
    }

    fn push(&mut self, op: OpId) {
        if op.is_none() {
            return;
        }
        if self.queued.len() <= op.index() {
            self.queued.resize(op.index() + 1, false);
        }
        if !self.queued[op.index()] {
            self.queued[op.index()] = true;
            self.ops.push(op);
        }
    }

    fn pop(&mut self) -> Option<OpId> {
        let op = self.ops.pop()?;
        self.queued[op.index()] = false;
        Some(op)
    }
}

/// Applies the rules of `group`, as [`rewrite_group`] does without anybody watching.
pub fn rewrite_greedily(registry: &Registry, ir: &mut Ir, group: &Group) -> Result<RewriteStats, Diagnostic> {
    rewrite_group(registry, ir, group, &RewriteControl::default(), &mut Diagnostics::new())
}

/// Applies the rules of `group` until none fires, or once to each op, and erases what becomes unused.
///
/// Order: program order first, then what a rewrite touched; rules by benefit, then file order. The error at the
/// rewrite limit names the rules that keep firing and where. What `control` asks for is told in `remarks`.
pub fn rewrite_group(
    registry: &Registry,
    ir: &mut Ir,
    group: &Group,
    control: &RewriteControl,
    remarks: &mut Diagnostics,
) -> Result<RewriteStats, Diagnostic> {
    let all = ir.all_ops();
    let mut driver = Driver {
        registry,
        group,
        control,
        observer: Observer::new(control, group),
        slots: Vec::new(),
        applier: Applier::default(),
        firing: Firing::new(all.len()),
        work: Worklist::new(ir.op_capacity(), all),
        fresh: Vec::new(),
        fired: vec![0; group.rules.len()],
        erased: 0,
    };
    let outcome = driver.run(ir);
    let fired = driver.fired.iter().zip(group.rules()).filter(|(count, _)| **count > 0);
    let stats = RewriteStats {
        fired: fired.map(|(count, rule)| (rule.name.clone(), *count)).collect(),
        erased: driver.erased,
    };
    driver.observer.finish(ir, group, remarks);
    control.count(&group.name, &stats);
    outcome.map(|()| stats)
}

struct Driver<'a> {
    registry: &'a Registry,
    group: &'a Group,
    control: &'a RewriteControl,
    observer: Observer,
    slots: Vec<Val>,
    applier: Applier,
    work: Worklist,
    /// Ops that a group that runs once has built: it does not look at them.
    fresh: Vec<bool>,
    fired: Vec<usize>,
    erased: usize,
    firing: Firing<'a>,
}

impl<'a> Driver<'a> {
    fn run(&mut self, ir: &mut Ir) -> Result<(), Diagnostic> {
        let once = self.group.kind == GroupKind::Once;
        while let Some(op) = self.work.pop() {
            if ir.is_erased(op) {
                continue;
            }
            if is_dead(ir, op) {
                self.erase_dead(ir, op);
                continue;
            }
            if once && self.fresh.get(op.index()) == Some(&true) {
                continue;
            }
            let Some(rule) = self.fire_first(ir, op) else { continue };
            self.firing.note(ir, op, self.group, rule)?;
            self.replace_root(ir, op, rule, once);
        }
        if once {
            self.erased += sweep_dead(ir);
        }
        Ok(())
    }

    fn erase_dead(&mut self, ir: &mut Ir, op: OpId) {
        let count = ir.operand_count(op);
        for index in 0..count {
            let def = ir.def_op(ir.operand(op, index));
            self.work.push(def);
        }
        ir.erase(op);
        self.erased += 1;
    }

    /// Builds the right side of the first rule that matches; what it built is in the applier.
    fn fire_first(&mut self, ir: &mut Ir, op: OpId) -> Option<&'a Rule> {
        let group = self.group;
        if self.observer.is_watching() {
            self.observer.explain(self.registry, ir, group, op, &mut self.applier);
        }
        let index = group.index.get(&ir.name(op))?;
        for entry in index.candidates(self.registry, ir, op) {
            let entry = index.entries[*entry as usize];
            let rule = &group.rules[entry.0 as usize];
            let pattern = &rule.variants[entry.1 as usize];
            if match_variant(self.registry, ir, rule, pattern, op, &mut self.slots).is_err() {
                continue;
            }
            let (slots, applier) = (&mut self.slots, &mut self.applier);
            if build_rule(self.registry, ir, rule, op, slots, applier, false).is_err() {
                continue;
            }
            if !self.control.may_rewrite() {
                self.applier.undo(ir);
                return None;
            }
            self.fired[entry.0 as usize] += 1;
            if self.observer.is_watching() {
                self.observer.fired(ir, rule, op);
            }
            return Some(rule);
        }
        None
    }

    /// Puts what was built into the place of `op`. A group that runs once looks at nothing again.
    fn replace_root(&mut self, ir: &mut Ir, op: OpId, rule: &Rule, once: bool) {
        if rule.steps.iter().any(|step| !step.build.regions.is_empty()) {
            move_regions(ir, rule, op, &self.slots, &self.applier);
        }
        if once {
            for new in self.applier.built() {
                if self.fresh.len() <= new.index() {
                    self.fresh.resize(new.index() + 1, false);
                }
                self.fresh[new.index()] = true;
            }
        }
        for (number, slot) in rule.replacements.iter().enumerate() {
            let Val::Value(new) = self.slots[*slot] else { continue };
            let old = ir.result(op, number);
            if !once {
                for (user, _) in ir.uses(old) {
                    self.work.push(user);
                }
            }
            ir.replace_all_uses(old, new);
        }
        if once {
            return ir.erase(op);
        }
        for index in 0..ir.operand_count(op) {
            let def = ir.def_op(ir.operand(op, index));
            self.work.push(def);
        }
        ir.erase(op);
        for index in (0..self.applier.built().len()).rev() {
            self.work.push(self.applier.built()[index]);
        }
    }
}

/// Counts rewrites, and remembers the latest ones once there are too many.
pub(super) struct Firing<'a> {
    total: usize,
    limit: usize,
    history: Vec<&'a Rule>,
}

impl<'a> Firing<'a> {
    /// For a program of that many ops.
    pub fn new(ops: usize) -> Firing<'a> {
        Firing { total: 0, limit: 10_000 + 64 * ops, history: Vec::new() }
    }

    /// Counts a rewrite; the error at the limit names the rules that keep firing.
    pub fn note(&mut self, ir: &Ir, op: OpId, group: &Group, rule: &'a Rule) -> Result<(), Diagnostic> {
        self.total += 1;
        if self.total + HISTORY >= self.limit {
            self.history.push(rule);
        }
        if self.total >= self.limit { Err(cycle(ir, op, group, &self.history)) } else { Ok(()) }
    }
}

fn cycle(ir: &Ir, op: OpId, group: &Group, history: &[&Rule]) -> Diagnostic {
    let mut names: Vec<&str> = Vec::new();
    for rule in history {
        if !names.contains(&rule.name.as_str()) {
            names.push(&rule.name);
        }
    }
    let text = format!("'{}' does not end: these rules keep firing here: {}", group.name, names.join(" -> "));
    let mut error = Diagnostic::error(text).at(ir.position(op));
    for name in names {
        if let Some(rule) = group.rule(name) {
            error = error.note(rule.position.clone(), format!("rule '{}'", rule.name));
        }
    }
    error.help("each undoes what the others do: leave one out, or give it a condition")
}

/// Why a rule did not fire, in words.
pub(super) fn reason(rule: &Rule, miss: &Miss) -> String {
    match miss {
        Miss::Shape => "its pattern does not match".to_owned(),
        Miss::Condition(number) => {
            let check = &rule.conditions[*number].check;
            match &check.otherwise {
                Some(text) => text.clone(),
                None => format!("{} does not hold", check.source),
            }
        }
        Miss::Value(text) | Miss::Type(text) => text.clone(),
        Miss::Unchanged => "it changes nothing".to_owned(),
    }
}
