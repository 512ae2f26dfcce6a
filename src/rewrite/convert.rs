//! The driver of conversions: every op of some dialects becomes ops of others, types included.

use super::apply::{Applier, build_rule, move_regions};
use super::driver::{RewriteStats, reason};
use super::matcher::{Miss, match_type, match_variant};
use super::rules::{Group, GroupKind, Rule};
use crate::expr::Val;
use crate::ir::{Ir, OpId, Traits, Type};
use crate::schema::Registry;
use crate::support::Diagnostic;

/// Turns every op of the group's source dialects into ops of its targets, in program order, so that operands have
/// their new types before their users are looked at. `convert_type` maps types that the group's own `type` rules do
/// not; block arguments are converted first. The error names the first op that no rule took, and why each rule failed.
pub fn convert(
    registry: &Registry,
    ir: &mut Ir,
    group: &Group,
    convert_type: &mut dyn FnMut(&mut Ir, Type) -> Option<Type>,
) -> Result<RewriteStats, Diagnostic> {
    let GroupKind::Conversion { from, .. } = &group.kind else {
        return Err(Diagnostic::error(format!("group '{}' is not a conversion", group.name)));
    };
    let mut stats = RewriteStats::default();
    let (mut slots, mut applier) = (Vec::new(), Applier::default());
    for op in ir.all_ops() {
        if ir.is_erased(op) {
            continue;
        }
        convert_arguments(registry, ir, group, op, convert_type);
        let dialect = ir.name_str(op).split('.').next().unwrap_or("");
        if !from.iter().any(|name| name == dialect) {
            continue;
        }
        let mut misses: Vec<(&Rule, Miss)> = Vec::new();
        let mut done = false;
        let entries = group.index.get(&ir.name(op)).map_or(&[][..], |index| index.entries.as_slice());
        for entry in entries {
            let rule = &group.rules[entry.0 as usize];
            let outcome = match_variant(registry, ir, rule, group.variant(*entry), op, &mut slots)
                .and_then(|()| build_rule(registry, ir, rule, op, &mut slots, &mut applier, true));
            match outcome {
                Ok(()) => {
                    move_regions(ir, rule, op, &slots, &applier);
                    for (number, slot) in rule.replacements.iter().enumerate() {
                        if let Val::Value(new) = slots[*slot] {
                            ir.replace_all_uses(ir.result(op, number), new);
                        }
                    }
                    ir.erase(op);
                    *stats.fired.entry(rule.name.clone()).or_default() += 1;
                    done = true;
                    break;
                }
                Err(miss) => misses.push((rule, miss)),
            }
        }
        if !done && !ir.has_trait(op, Traits::PLAIN) {
            return Err(not_converted(ir, op, group, misses));
        }
    }
    Ok(stats)
}

/// Converts the types of the arguments of an op's blocks.
fn convert_arguments(
    registry: &Registry,
    ir: &mut Ir,
    group: &Group,
    op: OpId,
    convert_type: &mut dyn FnMut(&mut Ir, Type) -> Option<Type>,
) {
    for region in ir.regions(op).to_vec() {
        for block in ir.blocks(region).to_vec() {
            for arg in ir.args(block).to_vec() {
                let ty = ir.ty(arg);
                let converted = group_type(registry, ir, group, ty).or_else(|| convert_type(ir, ty));
                if let Some(ty) = converted {
                    ir.set_type(arg, ty);
                }
            }
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

fn not_converted(ir: &Ir, op: OpId, group: &Group, mut misses: Vec<(&Rule, Miss)>) -> Diagnostic {
    let text = format!("'{}' cannot convert '{}'", group.name, ir.name_str(op));
    let mut error = Diagnostic::error(text).at(ir.position(op));
    misses.dedup_by(|a, b| a.0.name == b.0.name && a.1 == b.1);
    for (rule, miss) in &misses {
        let why = reason(rule, miss);
        error = error.note(rule.position.clone(), format!("rule '{}': {why}", rule.name));
    }
    if misses.is_empty() { error.help("no rule has this op at its root") } else { error }
}
