//! Inferring result types.

use super::defs::Infer;
use super::registry::Registry;
use crate::expr::Val;
use crate::ir::{Attr, Ir, OpId, Type, TypeKind};
use crate::support::Diagnostic;

/// The result types that an op's schema gives it. `Ok(None)` where the schema does not say.
pub fn infer_results(registry: &Registry, ir: &mut Ir, op: OpId) -> Result<Option<Vec<Type>>, Diagnostic> {
    let Some(def) = registry.op_def(ir.name(op)) else { return Ok(None) };
    let error = |ir: &Ir, why: String| {
        Diagnostic::error(format!("'{}': cannot infer the result type: {why}", def.name)).at(ir.position(op))
    };
    match &def.infer {
        Infer::None if def.results.is_empty() => Ok(Some(Vec::new())),
        Infer::None => Ok(parameterless(registry, ir, def)),
        Infer::Native => match registry.infer_hook(&def.name) {
            Some(hook) => hook(registry, ir, op).map(Some),
            None => Ok(None),
        },
        Infer::Type(expr) => {
            let slots = registry.op_slots(ir, op, def);
            let slots = slots.ok_or_else(|| error(ir, "wrong number of operands".into()))?;
            let value = registry.with_env(ir, &slots, |env| env.eval(expr));
            match value.map_err(|e| error(ir, e.to_string()))? {
                Val::Type(ty) => Ok(Some(vec![ty])),
                _ => Err(error(ir, "its value is not a type".into())),
            }
        }
        Infer::Params { ty, values } => {
            let slots = registry.op_slots(ir, op, def);
            let slots = slots.ok_or_else(|| error(ir, "wrong number of operands".into()))?;
            let Some(ty_def) = registry.type_def(ty) else { return Ok(None) };
            let mut params: Vec<Attr> =
                ty_def.params.iter().map(|p| p.default.unwrap_or(Attr::NONE)).collect();
            for (index, expr) in values {
                let value = registry.with_env(ir, &slots, |env| env.eval(expr));
                let value = value.map_err(|e| error(ir, e.to_string()))?;
                params[*index] = value.to_attr(&mut ir.ctx).unwrap_or(Attr::NONE);
            }
            let name = ir.ctx.sym(ty);
            Ok(Some(vec![ir.ctx.ty(TypeKind::Declared { name, params })]))
        }
    }
}

/// Result types that need no inference: declared types whose parameters may all be left out.
fn parameterless(registry: &Registry, ir: &mut Ir, def: &super::defs::OpDef) -> Option<Vec<Type>> {
    let mut types = Vec::with_capacity(def.results.len());
    for result in &def.results {
        let super::constraint::Kind::Declared(full) = &result.kind else { return None };
        let ty = registry.type_def(full)?;
        if result.repeat != super::defs::Repeat::One {
            return None;
        }
        let mut params = Vec::with_capacity(ty.params.len());
        for param in &ty.params {
            params.push(if param.optional { Attr::NONE } else { param.default? });
        }
        let name = ir.ctx.sym(full);
        types.push(ir.ctx.ty(TypeKind::Declared { name, params }));
    }
    Some(types)
}
