//! Matching a rule's left side. An attempt allocates nothing.

use super::rules::{AttrPattern, DefPattern, OpPattern, OperandPattern, Rule, TypePattern, ValuePattern};
use crate::expr::Val;
use crate::ir::{Attr, AttrKind, Ir, OpId, TypeKind, ValueId};
use crate::schema::Registry;

/// Why a rule did not fire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Miss {
    /// The shape differs.
    Shape,
    /// A condition failed: its number in the rule.
    Condition(usize),
    /// The right side has no value: why.
    Value(String),
    /// The replacement would change the type.
    Type(String),
    /// The replacement is what is there already.
    Unchanged,
}

/// Matches one variant of `rule` at `op`: shape, then conditions. The values are in `slots`.
pub(super) fn match_variant(
    registry: &Registry,
    ir: &Ir,
    rule: &Rule,
    pattern: &OpPattern,
    op: OpId,
    slots: &mut Vec<Val>,
) -> Result<(), Miss> {
    let results = ir.result_count(op);
    if results != pattern.results {
        return Err(Miss::Shape);
    }
    slots.clear();
    slots.extend(std::iter::repeat_with(|| Val::Null).take(rule.slots));
    for (slot, result) in rule.roots.iter().zip(ir.results(op)) {
        slots[*slot] = Val::Value(result);
    }
    let mut matcher = Matcher { registry, ir, slots, late: false };
    if !matcher.op(pattern, op) {
        return Err(Miss::Shape);
    }
    if pattern.computes {
        matcher.late = true;
        if !matcher.op(pattern, op) {
            return Err(Miss::Shape);
        }
    }
    for (number, condition) in rule.conditions.iter().enumerate() {
        let holds = match (condition.one_use, &*slots) {
            (Some(slot), slots) => match slots[slot] {
                Val::Value(value) => ir.has_one_use(value),
                _ => false,
            },
            (None, slots) => registry.with_env(ir, slots, |env| env.holds(&condition.check.expr)) == Ok(true),
        };
        if !holds {
            return Err(Miss::Condition(number));
        }
    }
    Ok(())
}

/// Matches a type; for conversions.
pub(super) fn match_type(
    registry: &Registry,
    ir: &Ir,
    pattern: &TypePattern,
    ty: crate::ir::Type,
    slots: &mut Vec<Val>,
) -> bool {
    let mut matcher = Matcher { registry, ir, slots, late: false };
    let plain = matcher.ty(pattern, ty);
    matcher.late = true;
    plain && (!pattern.computes() || matcher.ty(pattern, ty))
}

struct Matcher<'a> {
    registry: &'a Registry,
    ir: &'a Ir,
    slots: &'a mut Vec<Val>,
    /// Whether names are bound: what computes is compared then, and nothing else.
    late: bool,
}

impl Matcher<'_> {
    fn op(&mut self, pattern: &OpPattern, op: OpId) -> bool {
        let ir = self.ir;
        if ir.name(op) != pattern.op || !self.attrs(&pattern.attrs, op) {
            return false;
        }
        if let Some(ty) = &pattern.ty
            && !(pattern.result < ir.result_count(op) && self.ty(ty, ir.ty(ir.result(op, pattern.result))))
        {
            return false;
        }
        let count = ir.operand_count(op);
        let fixed = pattern.rest.map_or(pattern.operands.len(), |(at, _)| at);
        for (index, operand) in pattern.operands[..fixed].iter().enumerate() {
            if index < count {
                if !self.operand(operand, ir.operand(op, index)) {
                    return false;
                }
            } else if !operand.optional {
                return false;
            }
        }
        match pattern.rest {
            None => count <= fixed && self.regions(pattern, op),
            Some((at, slot)) => self.rest(pattern, op, at, slot) && self.regions(pattern, op),
        }
    }

    /// The operands from a `%xs...` on.
    fn rest(&mut self, pattern: &OpPattern, op: OpId, at: usize, slot: Option<usize>) -> bool {
        let (ir, after) = (self.ir, &pattern.operands[at..]);
        let Some(end) = ir.operand_count(op).checked_sub(after.len()).filter(|end| *end >= at) else {
            return false;
        };
        if let Some(slot) = slot.filter(|_| !self.late) {
            let values = (at..end).map(|index| Val::Value(ir.operand(op, index))).collect();
            if !self.bind(slot, Val::List(values)) {
                return false;
            }
        }
        after.iter().enumerate().all(|(index, operand)| self.operand(operand, ir.operand(op, end + index)))
    }

    fn regions(&mut self, pattern: &OpPattern, op: OpId) -> bool {
        let regions = self.ir.regions(op);
        pattern.regions.iter().enumerate().all(|(number, slot)| {
            // A region is known by its number: only the root's can be bound.
            self.slots[*slot] = Val::Int(number as i64);
            number < regions.len()
        })
    }

    fn operand(&mut self, pattern: &OperandPattern, value: ValueId) -> bool {
        if let Some(slot) = pattern.slot.filter(|_| !self.late)
            && !self.bind(slot, Val::Value(value))
        {
            return false;
        }
        if let Some(ty) = &pattern.ty
            && !self.ty(ty, self.ir.ty(value))
        {
            return false;
        }
        match &pattern.def {
            DefPattern::Any => true,
            DefPattern::Op(inner) => self.defined_by(inner, value),
            DefPattern::Not(patterns) => {
                // What a negated pattern binds is not seen outside of it: its slots are its own.
                patterns.iter().all(|inner| {
                    if inner.any_computes() != self.late {
                        return true;
                    }
                    let late = std::mem::replace(&mut self.late, false);
                    let plain = self.defined_by(inner, value);
                    self.late = late;
                    !(plain && (!late || self.defined_by(inner, value)))
                })
            }
        }
    }

    fn defined_by(&mut self, pattern: &OpPattern, value: ValueId) -> bool {
        let Some(def) = self.ir.def_op(value).some() else { return false };
        self.ir.result_count(def) == pattern.results
            && self.ir.result(def, pattern.result) == value
            && self.op(pattern, def)
    }

    fn bind(&mut self, slot: usize, value: Val) -> bool {
        match &self.slots[slot] {
            Val::Null => {
                self.slots[slot] = value;
                true
            }
            known => *known == value || self.equal(known, &value),
        }
    }

    /// Whether two attributes mean the same though they are written with different types.
    fn equal(&self, a: &Val, b: &Val) -> bool {
        match (a, b) {
            (Val::Attr(a), Val::Attr(b)) => {
                let ctx = &self.ir.ctx;
                Val::from_attr(ctx, *a).same(&Val::from_attr(ctx, *b))
            }
            _ => false,
        }
    }

    fn attrs(&mut self, patterns: &[AttrPattern], op: OpId) -> bool {
        let late = self.late;
        patterns.iter().filter(|pattern| pattern.value.computes() == late).all(|pattern| {
            let default = || self.registry.op_def(self.ir.name(op))?.attrs.get(pattern.index)?.default;
            let attr = self.ir.attr(op, pattern.name).or_else(default);
            self.value(&pattern.value, attr)
        })
    }

    fn value(&mut self, pattern: &ValuePattern, attr: Option<Attr>) -> bool {
        let Some(attr) = attr.and_then(Attr::some) else {
            return match pattern {
                ValuePattern::Optional(slot) => self.slots[*slot] == Val::Null,
                _ => false,
            };
        };
        let ctx = &self.ir.ctx;
        match pattern {
            ValuePattern::Any => true,
            ValuePattern::Bind(slot) | ValuePattern::Optional(slot) => self.bind(*slot, Val::Attr(attr)),
            ValuePattern::Number(number) => match ctx.attr_kind(attr) {
                AttrKind::Integer { value, .. } => *value as f64 == *number,
                AttrKind::Float { bits, .. } => f64::from_bits(*bits) == *number,
                _ => false,
            },
            ValuePattern::Equal(expr) => {
                let expected = self.registry.with_env(self.ir, self.slots, |env| env.eval(expr));
                expected.is_ok_and(|expected| expected.same(&Val::from_attr(ctx, attr)))
            }
            ValuePattern::Splat(inner) => match ctx.splat_value(attr) {
                Some(number) => match &**inner {
                    ValuePattern::Number(wanted) => number == *wanted,
                    ValuePattern::Bind(slot) => self.bind(*slot, Val::Float(number)),
                    ValuePattern::Equal(expr) => {
                        let expected = self.registry.with_env(self.ir, self.slots, |env| env.eval(expr));
                        expected.is_ok_and(|expected| expected.same(&Val::Float(number)))
                    }
                    _ => true,
                },
                None => false,
            },
            ValuePattern::Elements(wanted) => match ctx.dense_numbers(attr) {
                Some((_, found)) => found == *wanted,
                None => false,
            },
            ValuePattern::Declared(wanted, params) => match ctx.attr_kind(attr) {
                AttrKind::Declared { name, params: found } if name == wanted => {
                    self.all_params(params, found)
                }
                AttrKind::Type(ty) => match ctx.type_kind(*ty) {
                    TypeKind::Declared { name, params: found } if name == wanted => {
                        self.all_params(params, found)
                    }
                    _ => false,
                },
                _ => false,
            },
            ValuePattern::OneOf(patterns) => patterns.iter().any(|inner| self.value(inner, Some(attr))),
            ValuePattern::Not(inner) => !self.value(inner, Some(attr)),
        }
    }

    fn all_params(&mut self, patterns: &[(usize, ValuePattern)], found: &[Attr]) -> bool {
        patterns.iter().all(|(index, pattern)| self.value(pattern, found.get(*index).copied()))
    }

    /// Of a type: those that bind first, those that compute later.
    fn params(&mut self, patterns: &[(usize, ValuePattern)], found: &[Attr]) -> bool {
        patterns.iter().all(|(index, pattern)| {
            pattern.computes() != self.late || self.value(pattern, found.get(*index).copied())
        })
    }

    fn ty(&mut self, pattern: &TypePattern, ty: crate::ir::Type) -> bool {
        let ir = self.ir;
        match pattern {
            _ if self.late && !pattern.computes() => true,
            TypePattern::Bind(slot) => self.bind(*slot, Val::Type(ty)),
            TypePattern::Kind(kind) => kind.admits_type(self.registry, &ir.ctx, ty),
            TypePattern::Declared(wanted, params) => match ir.ctx.type_kind(ty) {
                TypeKind::Declared { name, params: found } if name == wanted => self.params(params, found),
                _ => false,
            },
        }
    }
}
