//! Building a rule's right side.

use super::matcher::Miss;
use super::rules::{Argument, Build, Replacement, Rule};
use crate::expr::Val;
use crate::ir::{Dict, Ir, Loc, OpId, OpSpec, Type, ValueId};
use crate::schema::{Kind, Registry, infer_results};

/// The ops that a rewrite built, and the value that replaces the root's result.
pub(super) struct Built {
    pub ops: Vec<OpId>,
    pub value: ValueId,
}

/// Builds the right side of `rule` before `root`. On a miss nothing is left behind.
pub(super) fn build_rule(
    registry: &Registry,
    ir: &mut Ir,
    rule: &Rule,
    root: OpId,
    slots: &mut [Val],
    same_type: bool,
) -> Result<Built, Miss> {
    let mut built = Built { ops: Vec::new(), value: ir.result(root, 0) };
    let result = build_all(registry, ir, rule, root, slots, same_type, &mut built);
    match result {
        Ok(()) => Ok(built),
        Err(miss) => {
            for op in built.ops.into_iter().rev() {
                ir.erase(op);
            }
            Err(miss)
        }
    }
}

fn build_all(
    registry: &Registry,
    ir: &mut Ir,
    rule: &Rule,
    root: OpId,
    slots: &mut [Val],
    same_type: bool,
    built: &mut Built,
) -> Result<(), Miss> {
    for (slot, build) in &rule.bindings {
        let value = build_op(registry, ir, build, root, slots, &mut built.ops)?;
        slots[*slot] = Val::Value(value);
    }
    let old = ir.result(root, 0);
    built.value = match &rule.replacement {
        Replacement::Slot(slot) => match slots[*slot] {
            Val::Value(value) => value,
            _ => return Err(Miss::Condition("the replacement is not a value".into())),
        },
        Replacement::Build(build) => {
            let value = build_op(registry, ir, build, root, slots, &mut built.ops)?;
            let new = ir.def_op(value);
            if rule.keep_attrs {
                let attrs = ir.attrs(root);
                ir.set_attrs(new, attrs);
            }
            if same_op(ir, root, new) {
                return Err(Miss::Unchanged);
            }
            value
        }
    };
    if same_type && ir.ty(built.value) != ir.ty(old) {
        let (new, old) = (ir.ctx.type_text(ir.ty(built.value)), ir.ctx.type_text(ir.ty(old)));
        return Err(Miss::Type(format!("the replacement has type {new}, the replaced value {old}")));
    }
    if built.value == old {
        return Err(Miss::Unchanged);
    }
    Ok(())
}

fn same_op(ir: &Ir, a: OpId, b: OpId) -> bool {
    ir.name(a) == ir.name(b)
        && ir.props(a) == ir.props(b)
        && ir.attrs(a) == ir.attrs(b)
        && ir.operands(a).eq(ir.operands(b))
        && ir.results(a).map(|v| ir.ty(v)).eq(ir.results(b).map(|v| ir.ty(v)))
}

fn build_op(
    registry: &Registry,
    ir: &mut Ir,
    build: &Build,
    root: OpId,
    slots: &mut [Val],
    ops: &mut Vec<OpId>,
) -> Result<ValueId, Miss> {
    let mut operands = Vec::with_capacity(build.args.len());
    for arg in &build.args {
        match arg {
            Argument::Slot(slot) => match slots[*slot] {
                Val::Value(value) => operands.push(value),
                Val::Null => {}
                _ => return Err(Miss::Condition("an operand is not a value".into())),
            },
            Argument::Spread(slot) => match &slots[*slot] {
                Val::List(items) => operands.extend(items.iter().filter_map(|item| match item {
                    Val::Value(value) => Some(*value),
                    _ => None,
                })),
                Val::Value(value) => operands.push(*value),
                _ => {}
            },
            Argument::Build(inner) => operands.push(build_op(registry, ir, inner, root, slots, ops)?),
        }
    }
    let mut props = Vec::with_capacity(build.attrs.len());
    let def = registry.op_def(build.op);
    for (name, expr) in &build.attrs {
        let value = registry.with_env(ir, slots, |env| env.eval(expr));
        let mut value = value.map_err(|why| Miss::Condition(why.to_string()))?;
        let kind = def.and_then(|def| def.attrs.iter().find(|attr| attr.sym == *name)).map(|attr| &attr.kind);
        if let (Val::Int(i), Some(Kind::Float)) = (&value, kind) {
            value = Val::Float(*i as f64);
        }
        if let Some(attr) = value.to_attr(&mut ir.ctx).and_then(crate::ir::Attr::some) {
            props.push((*name, attr));
        }
    }
    let props = ir.ctx.dict(&props);
    let loc: Loc = ir.loc(root);
    let op = OpSpec::new(build.op)
        .operands(&operands)
        .results(&[Type::NONE])
        .props(props)
        .attrs(Dict::EMPTY)
        .loc(loc)
        .build_before(ir, root);
    ops.push(op);
    let ty = match &build.ty {
        Some(expr) => match registry.with_env(ir, slots, |env| env.eval(expr)) {
            Ok(Val::Type(ty)) => ty,
            Ok(Val::Value(value)) => ir.ty(value),
            _ => return Err(Miss::Type("the written type is not a type".into())),
        },
        None => match infer_results(registry, ir, op) {
            Ok(Some(types)) if types.len() == 1 => types[0],
            Ok(_) => return Err(Miss::Type("the result type cannot be inferred".into())),
            Err(error) => return Err(Miss::Type(error.message)),
        },
    };
    let value = ir.result(op, 0);
    ir.set_type(value, ty);
    Ok(value)
}
