//! Matching a rule's left side.

use super::rules::{AttrPattern, OpPattern, OperandPattern, Rule};
use crate::expr::Val;
use crate::ir::{Ir, OpId, ValueId};
use crate::schema::Registry;

/// Why a rule did not fire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Miss {
    /// The shape differs.
    Shape,
    /// A condition failed: its text.
    Condition(String),
    /// The replacement would change the type.
    Type(String),
    /// The replacement is what is there already.
    Unchanged,
}

/// Matches `rule` at `op`; the values of its slots.
pub(super) fn match_rule(
    registry: &Registry,
    ir: &Ir,
    rule: &Rule,
    op: OpId,
    slots: &mut Vec<Val>,
) -> Result<(), Miss> {
    if ir.result_count(op) != 1 || ir.name(op) != rule.pattern.op {
        return Err(Miss::Shape);
    }
    slots.clear();
    slots.resize(rule.slots, Val::Null);
    slots[rule.root] = Val::Value(ir.result(op, 0));
    if !match_op(registry, ir, &rule.pattern, op, slots) {
        return Err(Miss::Shape);
    }
    for condition in &rule.conditions {
        let holds = registry.with_env(ir, slots, |env| env.holds(&condition.expr));
        if holds != Ok(true) {
            let text =
                condition.otherwise.clone().unwrap_or_else(|| format!("{} does not hold", condition.source));
            return Err(Miss::Condition(text));
        }
    }
    Ok(())
}

fn match_op(registry: &Registry, ir: &Ir, pattern: &OpPattern, op: OpId, slots: &mut Vec<Val>) -> bool {
    if ir.name(op) != pattern.op || !match_attrs(registry, ir, pattern, op, slots) {
        return false;
    }
    let count = ir.operand_count(op);
    if pattern.commutative && count == 2 && pattern.operands.len() == 2 {
        let saved = slots.clone();
        let (a, b) = (ir.operand(op, 0), ir.operand(op, 1));
        let [first, second] = &pattern.operands[..] else { return false };
        if match_operand(registry, ir, first, a, slots) && match_operand(registry, ir, second, b, slots) {
            return true;
        }
        *slots = saved;
        return match_operand(registry, ir, first, b, slots) && match_operand(registry, ir, second, a, slots);
    }
    let mut index = 0;
    for operand in &pattern.operands {
        if let OperandPattern::Rest(slot) = operand {
            let rest = (index..count).map(|i| Val::Value(ir.operand(op, i))).collect();
            slots[*slot] = Val::List(rest);
            index = count;
            continue;
        }
        if index >= count || !match_operand(registry, ir, operand, ir.operand(op, index), slots) {
            return false;
        }
        index += 1;
    }
    index == count
}

fn match_operand(
    registry: &Registry,
    ir: &Ir,
    pattern: &OperandPattern,
    value: ValueId,
    slots: &mut Vec<Val>,
) -> bool {
    match pattern {
        OperandPattern::Any => true,
        OperandPattern::Rest(_) => false,
        OperandPattern::Bind(slot) => bind(slots, *slot, Val::Value(value)),
        OperandPattern::Op(slot, pattern) => {
            let def = ir.def_op(value);
            !def.is_none()
                && slot.is_none_or(|slot| bind(slots, slot, Val::Value(value)))
                && ir.result_count(def) == 1
                && match_op(registry, ir, pattern, def, slots)
        }
    }
}

fn bind(slots: &mut [Val], slot: usize, value: Val) -> bool {
    match &slots[slot] {
        Val::Null => {
            slots[slot] = value;
            true
        }
        known => *known == value,
    }
}

fn match_attrs(registry: &Registry, ir: &Ir, pattern: &OpPattern, op: OpId, slots: &mut [Val]) -> bool {
    pattern.attrs.iter().all(|(sym, name, attr_pattern)| {
        let written = ir.attr(op, *sym).or_else(|| registry.attr_or_default(ir, op, name));
        let Some(attr) = written else { return false };
        let value = Val::from_attr(&ir.ctx, attr);
        match attr_pattern {
            AttrPattern::Any => true,
            AttrPattern::Bind(slot) => bind(slots, *slot, value),
            AttrPattern::Value(expr) => {
                let expected = registry.with_env(ir, slots, |env| env.eval(expr));
                expected.is_ok_and(|expected| match (expected.as_f64(), value.as_f64()) {
                    (Some(a), Some(b)) => a == b,
                    _ => expected == value,
                })
            }
        }
    })
}
