//! Tracked ranges: how large the slots of each value can get.

use he_core::expr::Val;
use he_core::ir::{Ir, OpId, ValueId, ValueMap};
use he_core::schema::{OpDef, Registry, Repeat};

use crate::func;

/// The discardable attribute (of an op, or of a function's argument) that bounds the magnitude of every slot.
pub const BOUND_ATTR: &str = "he.bound";

/// The bound that an op's `he.bound` states, if it is a number.
pub fn stated_bound(ir: &Ir, op: OpId) -> Option<f64> {
    number(ir, ir.attr_named(op, BOUND_ATTR)?)
}

/// The magnitude of a number that an attribute states.
pub(crate) fn number(ir: &Ir, attr: he_core::ir::Attr) -> Option<f64> {
    let value = ir.ctx.as_f64(attr).or_else(|| ir.ctx.as_i64(attr).map(|value| value as f64))?;
    (!value.is_nan()).then_some(value.abs())
}

/// Bounds of the magnitude of all slots of the values of a function, where they are known.
///
/// Forward, in program order: an op's `he.bound` wins; else the `bound` expression of its schema over the bounds of
/// the operands. Arguments take `he.bound` of the argument's attributes. A value without an entry is unknown.
pub fn bounds(registry: &Registry, ir: &Ir, function: OpId) -> ValueMap<f64> {
    let mut known = ValueMap::default();
    if let Some(block) = ir.body(function) {
        for (index, arg) in ir.args(block).iter().enumerate() {
            let stated = func::arg_attr(ir, function, index, BOUND_ATTR);
            if let Some(bound) = stated.and_then(|attr| number(ir, attr)) {
                known.insert(*arg, bound);
            }
        }
    }
    for op in ir.nested_ops(function).into_iter().skip(1) {
        let bound = stated_bound(ir, op).or_else(|| schema_bound(registry, ir, op, &known));
        if let Some(bound) = bound {
            ir.results(op).for_each(|result| known.insert(result, bound));
        }
    }
    known
}

/// The schema's `bound` expression over the operands' bounds; `None` where there is none or an operand is unknown.
fn schema_bound(registry: &Registry, ir: &Ir, op: OpId, known: &ValueMap<f64>) -> Option<f64> {
    let def = registry.op_def(ir.name(op))?;
    let expr = def.bound.as_ref()?;
    let mut slots = registry.op_slots(ir, op, def)?;
    let of = |value: ValueId| known.get(value).map_or(Val::Null, |bound| Val::Float(*bound));
    let ranges = OpDef::split(&def.operands, ir.operand_count(op))?;
    for ((slot, range), operand) in slots.iter_mut().zip(ranges).zip(&def.operands) {
        let mut values = range.map(|index| of(ir.operand(op, index)));
        *slot = match operand.repeat {
            Repeat::Variadic => Val::List(values.collect()),
            _ => values.next().unwrap_or(Val::Null),
        };
    }
    let value = registry.with_env(ir, &slots, |env| env.eval(expr)).ok()?;
    value.as_f64().filter(|bound| !bound.is_nan())
}
