//! Drivers: greedy rewriting to a fixed point, and conversion between dialects.

use std::collections::BTreeMap;

use super::apply::build_rule;
use super::matcher::{Miss, match_rule};
use super::rules::{Group, GroupKind, Rule};
use crate::expr::Val;
use crate::ir::{Ir, OpId, Traits, Type, ValueId};
use crate::schema::Registry;
use crate::support::Diagnostic;

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

struct Worklist {
    ops: Vec<OpId>,
    queued: Vec<bool>,
}

impl Worklist {
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

/// Applies the rules of `group` until none fires, and erases what becomes unused.
///
/// Order: program order first, then what a rewrite touched; rules by benefit, then file order. The error at the
/// rewrite limit names the rules that keep firing and where.
pub fn rewrite_greedily(registry: &Registry, ir: &mut Ir, group: &Group) -> Result<RewriteStats, Diagnostic> {
    let mut all = ir.all_ops();
    let limit = 10_000 + 64 * all.len();
    all.reverse();
    let mut work = Worklist { queued: vec![false; ir.op_capacity()], ops: Vec::with_capacity(all.len()) };
    all.into_iter().for_each(|op| work.push(op));
    let mut stats = RewriteStats::default();
    let mut fired: rustc_hash::FxHashMap<*const Rule, usize> = rustc_hash::FxHashMap::default();
    let mut history: Vec<&Rule> = Vec::new();
    let mut slots = Vec::new();
    let mut total = 0;
    while let Some(op) = work.pop() {
        if ir.is_erased(op) {
            continue;
        }
        if is_dead(ir, op) {
            let operands: Vec<_> = ir.operands(op).collect();
            ir.erase(op);
            stats.erased += 1;
            operands.into_iter().for_each(|value| work.push(ir.def_op(value)));
            continue;
        }
        let Some(rules) = group.by_root.get(&ir.name(op)) else { continue };
        let Some((rule, value, new_ops)) = fire_first(registry, ir, rules, op, &mut slots) else { continue };
        total += 1;
        *fired.entry(std::ptr::from_ref(rule)).or_default() += 1;
        if total + HISTORY >= limit {
            history.push(rule);
        }
        if total >= limit {
            return Err(cycle(ir, op, group, &history));
        }
        replace_root(ir, op, value, &mut work);
        new_ops.into_iter().rev().for_each(|new| work.push(new));
    }
    for rule in group.rules() {
        if let Some(count) = fired.get(&std::ptr::from_ref(rule)) {
            stats.fired.insert(rule.name.clone(), *count);
        }
    }
    Ok(stats)
}

fn fire_first<'g>(
    registry: &Registry,
    ir: &mut Ir,
    rules: &'g [Rule],
    op: OpId,
    slots: &mut Vec<Val>,
) -> Option<(&'g Rule, ValueId, Vec<OpId>)> {
    for rule in rules {
        if match_rule(registry, ir, rule, op, slots).is_err() {
            continue;
        }
        if let Ok(built) = build_rule(registry, ir, rule, op, slots, true) {
            return Some((rule, built.value, built.ops));
        }
    }
    None
}

fn replace_root(ir: &mut Ir, op: OpId, value: ValueId, work: &mut Worklist) {
    let old = ir.result(op, 0);
    let users: Vec<_> = ir.uses(old).map(|(user, _)| user).collect();
    let operands: Vec<_> = ir.operands(op).collect();
    ir.replace_all_uses(old, value);
    ir.erase(op);
    users.into_iter().for_each(|user| work.push(user));
    operands.into_iter().for_each(|operand| work.push(ir.def_op(operand)));
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
    for rule in history.iter().rev().take(1) {
        error = error.note(rule.position.clone(), format!("rule '{}'", rule.name));
    }
    error
}

/// Turns every op of the group's source dialect into ops of its target, in program order, so that operands have
/// their new types before their users are looked at. `convert_type` maps types; block arguments are converted
/// first. The error names the first op that no rule took, and why each rule failed.
pub fn convert(
    registry: &Registry,
    ir: &mut Ir,
    group: &Group,
    convert_type: &mut dyn FnMut(&mut Ir, Type) -> Option<Type>,
) -> Result<RewriteStats, Diagnostic> {
    let GroupKind::Conversion { from, .. } = &group.kind else {
        return Err(Diagnostic::error(format!("group '{}' is not a conversion", group.name)));
    };
    let prefix = format!("{from}.");
    let mut stats = RewriteStats::default();
    let mut slots = Vec::new();
    for op in ir.all_ops() {
        for region in ir.regions(op).to_vec() {
            for block in ir.blocks(region).to_vec() {
                for arg in ir.args(block).to_vec() {
                    if let Some(ty) = convert_type(ir, ir.ty(arg)) {
                        ir.set_type(arg, ty);
                    }
                }
            }
        }
        if !ir.name_str(op).starts_with(&prefix) {
            continue;
        }
        let rules = group.by_root.get(&ir.name(op)).map_or(&[][..], Vec::as_slice);
        let mut misses = Vec::new();
        let mut done = false;
        for rule in rules {
            let built = match_rule(registry, ir, rule, op, &mut slots)
                .and_then(|()| build_rule(registry, ir, rule, op, &mut slots, false));
            match built {
                Ok(built) => {
                    ir.replace_all_uses(ir.result(op, 0), built.value);
                    ir.erase(op);
                    *stats.fired.entry(rule.name.clone()).or_default() += 1;
                    done = true;
                    break;
                }
                Err(miss) => misses.push((rule, miss)),
            }
        }
        if !done && !ir.has_trait(op, Traits::PLAIN) {
            return Err(not_converted(ir, op, group, &misses));
        }
    }
    Ok(stats)
}

fn not_converted(ir: &Ir, op: OpId, group: &Group, misses: &[(&Rule, Miss)]) -> Diagnostic {
    let text = format!("'{}' cannot convert '{}'", group.name, ir.name_str(op));
    let mut error = Diagnostic::error(text).at(ir.position(op));
    for (rule, miss) in misses {
        let why = match miss {
            Miss::Shape => "its pattern does not match".to_owned(),
            Miss::Condition(text) | Miss::Type(text) => text.clone(),
            Miss::Unchanged => "it changes nothing".to_owned(),
        };
        error = error.note(rule.position.clone(), format!("rule '{}': {why}", rule.name));
    }
    if misses.is_empty() { error.help("no rule has this op at its root") } else { error }
}
