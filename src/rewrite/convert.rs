//! The driver of conversions: every op of some dialects becomes ops of others, types included.

use super::apply::{Applier, build_rule, move_regions};
use super::driver::{Firing, RewriteStats, reason};
use super::matcher::{Miss, match_type, match_variant};
use super::observe::{Observer, RewriteControl, rank};
use super::rules::{Group, GroupKind, Rule};
use crate::expr::Val;
use crate::ir::{Ir, OpId, Type, ValueId};
use crate::schema::Registry;
use crate::support::{Diagnostic, Diagnostics};

/// Turns every op of the group's source dialects into ops of its targets, in program order. Left sides match the
/// program as it was, with its types; what right sides build takes the operands that have been converted. The error
/// names the first op that no rule took, and why each rule failed.
///
/// What `control` asks for is told in `remarks`. A conversion cannot be left half done: it goes on past the rewrite
/// limit, and a remark says where the limit was reached.
pub fn convert(
    registry: &Registry,
    ir: &mut Ir,
    group: &Group,
    control: &RewriteControl,
    remarks: &mut Diagnostics,
) -> Result<RewriteStats, Diagnostic> {
    let GroupKind::Conversion { from, .. } = &group.kind else {
        return Err(Diagnostic::error(format!("group '{}' is not a conversion", group.name)));
    };
    let ops = ir.all_ops();
    let mut conversion = Conversion {
        registry,
        group,
        from,
        control,
        observer: Observer::new(control, group),
        slots: Vec::new(),
        applier: Applier::default(),
        fired: vec![0; group.rules.len()],
        firing: Firing::new(ops.len()),
        limit_reached: None,
        arguments: Vec::new(),
        converted: Vec::new(),
    };
    let outcome = ops.into_iter().try_for_each(|op| conversion.op(ir, op));
    if outcome.is_ok() {
        conversion.finish(ir);
    }
    let Conversion { mut observer, fired, limit_reached, .. } = conversion;
    let counts = fired.iter().zip(group.rules()).filter(|(count, _)| **count > 0);
    let fired = counts.map(|(count, rule)| (rule.name.clone(), *count)).collect();
    let stats = RewriteStats { fired, erased: 0 };
    observer.finish(ir, group, remarks);
    remarks.extend(limit_reached);
    control.count(&group.name, &stats);
    outcome.map(|()| stats)
}

struct Conversion<'a> {
    registry: &'a Registry,
    group: &'a Group,
    from: &'a [String],
    control: &'a RewriteControl,
    observer: Observer,
    slots: Vec<Val>,
    applier: Applier,
    fired: Vec<usize>,
    firing: Firing<'a>,
    limit_reached: Option<Diagnostic>,
    /// Block arguments that change their type, and the values that stand for them until then.
    arguments: Vec<(ValueId, ValueId)>,
    /// Ops that have been converted; the program has them until the end, for those after them to match.
    converted: Vec<OpId>,
}

impl<'a> Conversion<'a> {
    /// Converts an op, and what its rule builds of the source dialects.
    fn op(&mut self, ir: &mut Ir, op: OpId) -> Result<(), Diagnostic> {
        let mut pending = vec![op];
        while let Some(op) = pending.pop() {
            self.convert_arguments(ir, op);
            let dialect = ir.name_str(op).split('.').next().unwrap_or("");
            if !self.from.iter().any(|name| name == dialect) {
                continue;
            }
            match self.fire_first(ir, op) {
                Ok(rule) => {
                    self.firing.note(ir, op, self.group, rule)?;
                    self.replace_root(ir, op, rule);
                    pending.extend(self.applier.built().iter().rev());
                }
                Err(_) if ir.is_plain(op) => {}
                Err(misses) => return Err(not_converted(ir, op, self.group, &misses)),
            }
        }
        Ok(())
    }

    /// Builds the right side of the first rule that matches. The error is why each rule fails.
    fn fire_first(&mut self, ir: &mut Ir, op: OpId) -> Result<&'a Rule, Vec<(&'a Rule, Miss)>> {
        let group = self.group;
        if self.observer.is_watching() {
            self.observer.explain(self.registry, ir, group, op, &mut self.applier);
        }
        let mut misses: Vec<(&Rule, Miss)> = Vec::new();
        let entries = group.index.get(&ir.name(op)).map_or(&[][..], |index| index.entries.as_slice());
        for entry in entries {
            let rule = &group.rules[entry.0 as usize];
            let (slots, applier) = (&mut self.slots, &mut self.applier);
            let outcome = match_variant(self.registry, ir, rule, group.variant(*entry), op, slots)
                .and_then(|()| build_rule(self.registry, ir, rule, op, slots, applier, true));
            let Err(miss) = outcome else {
                self.fired[entry.0 as usize] += 1;
                if self.observer.is_watching() {
                    self.observer.fired(ir, rule, op);
                }
                if !self.control.may_rewrite() && self.limit_reached.is_none() {
                    let text = format!("the rewrite limit is reached in the conversion '{}'", group.name);
                    let remark = Diagnostic::remark(text).at(ir.position(op));
                    let remark = remark.note(rule.position.clone(), format!("rule '{}'", rule.name));
                    self.limit_reached =
                        Some(remark.help("a conversion cannot be left half done: it goes on"));
                }
                return Ok(rule);
            };
            // Of a rule's variants the one that gets furthest says why.
            match misses.last_mut().filter(|(known, _)| known.name == rule.name) {
                Some((_, known)) if rank(known) >= rank(&miss) => {}
                Some((_, known)) => *known = miss,
                None => misses.push((rule, miss)),
            }
        }
        Err(misses)
    }

    fn replace_root(&mut self, ir: &mut Ir, op: OpId, rule: &Rule) {
        move_regions(ir, rule, op, &self.slots, &self.applier);
        for (number, slot) in rule.replacements.iter().enumerate() {
            if let Val::Value(new) = self.slots[*slot] {
                let new = self.applier.converted(new);
                self.applier.convert(ir.result(op, number), new);
            }
        }
        self.converted.push(op);
    }

    /// Values of the new types for the arguments of an op's blocks.
    fn convert_arguments(&mut self, ir: &mut Ir, op: OpId) {
        for region in ir.regions(op).to_vec() {
            for block in ir.blocks(region).to_vec() {
                for arg in ir.args(block).to_vec() {
                    if let Some(ty) = group_type(self.registry, ir, self.group, ir.ty(arg)) {
                        let stand_in = ir.create_placeholder(ty);
                        self.applier.convert(arg, stand_in);
                        self.arguments.push((arg, stand_in));
                    }
                }
            }
        }
    }

    /// Gives all uses that are left to the converted values, and takes the ops of the source dialects away.
    fn finish(&mut self, ir: &mut Ir) {
        for op in self.converted.iter().rev() {
            for number in 0..ir.result_count(*op) {
                let old = ir.result(*op, number);
                let new = self.applier.converted(old);
                if new != old {
                    ir.replace_all_uses(old, new);
                }
            }
            ir.erase(*op);
        }
        for (arg, stand_in) in std::mem::take(&mut self.arguments) {
            let ty = ir.ty(stand_in);
            ir.set_type(arg, ty);
            ir.replace_all_uses(stand_in, arg);
        }
    }
}

/// What the group's `type` rules make of a type.
fn group_type(registry: &Registry, ir: &mut Ir, group: &Group, ty: Type) -> Option<Type> {
    group.types.iter().find_map(|rule| {
        let mut slots = vec![Val::Null; rule.slots];
        if !match_type(registry, ir, &rule.pattern, ty, &mut slots) {
            return None;
        }
        let value = registry.with_env(ir, &slots, |env| env.eval(&rule.result)).ok()?;
        value.to_type(&mut ir.ctx)
    })
}

fn not_converted(ir: &Ir, op: OpId, group: &Group, misses: &[(&Rule, Miss)]) -> Diagnostic {
    let text = format!("'{}' cannot convert '{}'", group.name, ir.name_str(op));
    let mut error = Diagnostic::error(text).at(ir.position(op));
    for (rule, miss) in misses {
        let why = reason(rule, miss);
        error = error.note(rule.position.clone(), format!("rule '{}': {why}", rule.name));
    }
    if misses.is_empty() { error.help("no rule has this op at its root") } else { error }
}
