//! What the verifier demands of ckks ops beyond their schema: what follows from the parameters.

use super::passes::leveling::{self, CORRECTION_ATTR, State};
use he_core::expr::Val;
use he_core::ir::{Ir, OpId, Type, TypeKind, ValueId, ValueMap};
use he_core::schema::{REFERENCE_ATTR, Registry, STAGE_ATTR};
use he_core::support::{Diagnostic, Diagnostics};

use super::attr::{
    CtType, PARAMS_ATTR, PtType, bootstrap_levels, bootstrap_min_level, missing_levels, params_of, slots_of,
};
use super::bounds::bounds;
use super::params::Params;
use crate::func;

/// The stage from which types carry levels.
const LEVELED: &str = "leveled";
/// The prefix of this dialect's types.
const TYPE_PREFIX: &str = "ckks.";
/// Most errors that one verification reports.
const MAX_ERRORS: usize = 20;

/// Registers the hooks that `ckks.dialect` names and the functions that `ckks.rules` calls.
pub fn register(registry: &mut Registry) {
    registry.native_verify("ckks.encode", |_, ir, op| verify_encode(ir, op));
    registry.native_verify("ckks.rescale", |_, ir, op| verify_rescale(ir, op));
    registry.native_verify("ckks.bootstrap", |_, ir, op| verify_bootstrap(ir, op));
    registry.native_verify("ckks.rotate", |_, ir, op| verify_rotation(ir, op));
    for hoisted in ["ckks.rotate_hoisted", "ckks.rotate_ext"] {
        registry.native_verify(hoisted, |_, ir, op| {
            verify_rotation(ir, op)?;
            verify_digits(ir, op)
        });
    }
    registry.native_infer("ckks.rescale", |_, ir, op| infer_rescale(ir, op));
    registry.native_infer("ckks.bootstrap", |_, ir, op| infer_bootstrap(ir, op));
    registry.module_verify(verify_leveled);
    let doc = "whether the module's ckks.params give the exact primes";
    registry.functions.add("ckks_exact_moduli", "(value) -> bool", doc, |ir, _| {
        Ok(Val::Bool(params_of(ir).ok().flatten().is_some_and(|params| params.moduli.is_some())))
    });
    let doc = "the slots of a ciphertext, where the module has ckks.params";
    registry
        .functions
        .add("ckks_slots", "(value) -> int", doc, |ir, _| Ok(slots_of(ir).map_or(Val::Null, Val::Int)));
}

fn error(ir: &Ir, op: OpId, text: impl std::fmt::Display) -> Diagnostic {
    Diagnostic::error(format!("'{}' op {text}", ir.name_str(op))).at(ir.position(op))
}

/// An error at a conversion: names the types of operand and result.
fn type_error(ir: &Ir, op: OpId, text: impl std::fmt::Display) -> Diagnostic {
    let text_of = |value: ValueId| ir.ctx.type_text(ir.ty(value));
    let (from, to) = (text_of(ir.operand(op, 0)), text_of(ir.result(op, 0)));
    error(ir, op, format!("from {from} to {to}: {text}"))
}

fn input_type(ir: &Ir, op: OpId) -> Result<CtType, Diagnostic> {
    let input = (ir.operand_count(op) == 1).then(|| ir.operand(op, 0));
    let ty = input.and_then(|value| CtType::of(ir, ir.ty(value)));
    ty.ok_or_else(|| error(ir, op, "takes one ciphertext"))
}

fn result_type(ir: &Ir, op: OpId) -> Result<CtType, Diagnostic> {
    CtType::of(ir, ir.ty(ir.result(op, 0))).ok_or_else(|| error(ir, op, "yields a ciphertext"))
}

fn needed_params(ir: &Ir, op: OpId) -> Result<Params, Diagnostic> {
    params_of(ir)?.ok_or_else(|| {
        error(ir, op, format!("has levels, but the module has no {PARAMS_ATTR}"))
            .help("state #ckks.params<…>, or give --poly-modulus-degree, --coeff-modulus and --scale")
    })
}

/// The plaintext has one element a slot.
fn verify_encode(ir: &Ir, op: OpId) -> Result<(), Diagnostic> {
    let Some(slots) = slots_of(ir) else { return Ok(()) };
    let ty = ir.ty(ir.operand(op, 0));
    match ir.ctx.type_kind(ty) {
        TypeKind::Tensor { shape, .. } if shape.as_slice() != [slots] => {
            let found = ir.ctx.type_text(ty);
            Err(error(ir, op, format!("encodes one number a slot: expected {slots} of them, found {found}")))
        }
        _ => Ok(()),
    }
}

/// A step of 0 is no rotation, and OpenFHE throws on it; a step of `slots` or more is a smaller one.
fn verify_rotation(ir: &Ir, op: OpId) -> Result<(), Diagnostic> {
    let by = ir.attr_named(op, "by").and_then(|attr| ir.ctx.as_i64(attr)).unwrap_or(0);
    let slots = slots_of(ir);
    if by > 0 && slots.is_none_or(|slots| by < slots) {
        return Ok(());
    }
    let limit = slots.map_or_else(|| "the number of slots".to_owned(), |slots| format!("{slots} slots"));
    Err(error(ir, op, format!("rotates by {by}, expected a step above 0 and below {limit}"))
        .help("take the step modulo the slots; a step of 0 is the operand itself"))
}

/// The digits must be those of the rotated ciphertext.
fn verify_digits(ir: &Ir, op: OpId) -> Result<(), Diagnostic> {
    let def = ir.def_op(ir.operand(op, 1));
    if def.is_none() || ir.name_str(def) != "ckks.mod_up" || ir.operand(def, 0) == ir.operand(op, 0) {
        return Ok(());
    }
    Err(error(ir, op, "uses the digits of another ciphertext")
        .note(ir.position(def), "the digits are made here"))
}

fn verify_rescale(ir: &Ir, op: OpId) -> Result<(), Diagnostic> {
    let (from, to) = (input_type(ir, op)?, result_type(ir, op)?);
    let (Some(level), Some(scale)) = (from.level, from.scale) else { return Ok(()) };
    let params = needed_params(ir, op)?;
    if level <= 0 && missing_levels(ir).is_none() {
        let text = format!("no level is left to rescale at level {level}: 1 level missing");
        return Err(type_error(ir, op, text)
            .help("run bootstrap, or give more primes (--coeff-modulus), or lower the polynomials' degree"));
    }
    let bits = i64::from(params.rescale_bits(level));
    let (expected, log_scale) = (scale - bits, i64::from(params.log_scale));
    if to.scale != Some(expected) {
        let text = format!("dividing by the prime of {bits} bits gives scale {expected}: run rescale");
        return Err(type_error(ir, op, text));
    }
    if expected < log_scale {
        let text = format!("the scale would fall to {expected} bits, below log_scale = {log_scale}");
        return Err(
            type_error(ir, op, text).help("run rescale, which rescales only where the scale allows it")
        );
    }
    Ok(())
}

fn verify_bootstrap(ir: &Ir, op: OpId) -> Result<(), Diagnostic> {
    let (from, to) = (input_type(ir, op)?, result_type(ir, op)?);
    let (Some(level), Some(scale)) = (from.level, from.scale) else { return Ok(()) };
    let params = needed_params(ir, op)?;
    let log_scale = i64::from(params.log_scale);
    if scale != log_scale {
        let text = format!("a bootstrap takes scale {log_scale} exactly: run rescale, then bootstrap");
        return Err(type_error(ir, op, text));
    }
    let least = bootstrap_min_level(ir);
    if level < least && missing_levels(ir).is_none() {
        let text = format!("a bootstrap needs level {least} or more: run bootstrap, which refreshes earlier");
        return Err(type_error(ir, op, text));
    }
    let returned = params.max_level() - bootstrap_levels(ir);
    if to.level != Some(returned) {
        return Err(type_error(ir, op, format!("a bootstrap returns at level {returned}: run bootstrap")));
    }
    Ok(())
}

fn infer_rescale(ir: &mut Ir, op: OpId) -> Result<Vec<Type>, Diagnostic> {
    let input = input_type(ir, op)?;
    let (Some(level), Some(scale)) = (input.level, input.scale) else { return Ok(vec![input.to_type(ir)]) };
    let bits = i64::from(needed_params(ir, op)?.rescale_bits(level));
    let result = CtType { level: Some(level - 1), scale: Some(scale - bits), ..input };
    Ok(vec![result.to_type(ir)])
}

fn infer_bootstrap(ir: &mut Ir, op: OpId) -> Result<Vec<Type>, Diagnostic> {
    let input = input_type(ir, op)?;
    if input.level.is_none() {
        return Ok(vec![input.to_type(ir)]);
    }
    let params = needed_params(ir, op)?;
    let level = params.max_level() - bootstrap_levels(ir);
    let result = CtType { level: Some(level), scale: Some(i64::from(params.log_scale)), degree: 1 };
    Ok(vec![result.to_type(ir)])
}

/// Level and scale that a type of this dialect carries; `None` for other types, and for digits no scale.
struct Leveled {
    level: Option<i64>,
    scale: Option<i64>,
    /// Whether the type has a scale at all.
    scaled: bool,
    /// Whether the headroom rule holds for it: not modulo Q·P.
    bounded: bool,
}

fn leveled_type(ir: &Ir, ty: Type) -> Option<Leveled> {
    if let Some(CtType { level, scale, .. }) = CtType::of(ir, ty) {
        return Some(Leveled { level, scale, scaled: true, bounded: true });
    }
    if let Some(PtType { level, scale }) = PtType::of(ir, ty) {
        return Some(Leveled { level, scale, scaled: true, bounded: true });
    }
    let TypeKind::Declared { name, params } = ir.ctx.type_kind(ty.some()?) else { return None };
    let at = |index: usize| params.get(index).and_then(|attr| ir.ctx.as_i64(*attr));
    match ir.ctx.str(*name).strip_prefix(TYPE_PREFIX)? {
        "ext" => Some(Leveled { level: at(0), scale: at(1), scaled: true, bounded: false }),
        "digits" => Some(Leveled { level: at(0), scale: None, scaled: false, bounded: false }),
        _ => None,
    }
}

/// Checks what holds for a whole module: that types carry levels from stage `leveled` on and not before, that levels
/// lie within the parameters, and the headroom rule: at every level, scale + log2(max |x|) + 1 < bits of the modulus
/// that is left, with tracked ranges. Where a range is unknown, |x| ≤ 1 is taken.
///
/// A module without `he.stage` counts as leveled if some type has a level.
pub fn verify_leveled(registry: &Registry, ir: &Ir) -> Result<(), Diagnostics> {
    let params = params_of(ir).map_err(|error| vec![error])?;
    let stage = ir.attr_named(ir.top(), STAGE_ATTR).and_then(|attr| ir.ctx.as_str(attr));
    // A program without a type of this dialect is not walked.
    if stage != Some(LEVELED) && !ir.ctx.types().any(|ty| leveled_type(ir, ty).is_some()) {
        return Ok(());
    }
    let functions: Vec<OpId> = func::functions(ir)
        .into_iter()
        .filter(|function| ir.attr_named(*function, REFERENCE_ATTR).is_none())
        .collect();
    let values: Vec<Vec<(ValueId, OpId)>> = functions.iter().map(|f| values_of(ir, *f)).collect();
    let has_level =
        |(value, _): &(ValueId, OpId)| leveled_type(ir, ir.ty(*value)).is_some_and(|ty| ty.level.is_some());
    let leveled = match stage {
        Some(stage) => stage == LEVELED,
        None => values.iter().flatten().any(has_level),
    };
    if leveled && params.is_none() && stage.is_some() {
        let text = format!("a module at stage {LEVELED} needs {PARAMS_ATTR}");
        return Err(vec![Diagnostic::error(text).at(ir.position(ir.top())).help("state #ckks.params<…>")]);
    }
    let mut errors = Diagnostics::new();
    if params.as_ref().is_none_or(|params| params.moduli.is_none()) {
        let ops = functions.iter().flat_map(|function| ir.nested_ops(*function));
        if let Some(op) = ops.into_iter().find(|op| has_correction(ir, *op)) {
            let text = "has a correction, and what it would correct depends on the exact primes";
            errors.push(error(ir, op, text).help("state moduli in ckks.params, or leave the correction out"));
        }
    }
    for (function, values) in functions.iter().zip(&values) {
        let known = if leveled { bounds(registry, ir, *function) } else { ValueMap::default() };
        let check = Check { ir, params: params.as_ref(), leveled, known: &known };
        for (value, at) in values {
            if let Err(error) = check.value(*value, *at) {
                errors.push(error);
            }
            if errors.len() >= MAX_ERRORS {
                return Err(errors);
            }
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

fn has_correction(ir: &Ir, op: OpId) -> bool {
    let correction = || ir.attr_named(op, CORRECTION_ATTR).and_then(|attr| ir.ctx.as_f64(attr));
    ir.name_str(op).starts_with(TYPE_PREFIX) && correction().is_some_and(|correction| correction != 1.0)
}

/// The values of a function, each with the op to blame: the one that defines it, or the function.
fn values_of(ir: &Ir, function: OpId) -> Vec<(ValueId, OpId)> {
    let mut values = Vec::new();
    for op in ir.nested_ops(function) {
        values.extend(ir.results(op).map(|result| (result, op)));
        for region in ir.regions(op) {
            for block in ir.blocks(*region) {
                values.extend(ir.args(*block).iter().map(|arg| (*arg, op)));
            }
        }
    }
    values
}

struct Check<'a> {
    ir: &'a Ir,
    params: Option<&'a Params>,
    leveled: bool,
    known: &'a ValueMap<f64>,
}

impl Check<'_> {
    fn value(&self, value: ValueId, at: OpId) -> Result<(), Diagnostic> {
        let ir = self.ir;
        let ty = ir.ty(value);
        let Some(parts) = leveled_type(ir, ty) else { return Ok(()) };
        let text = || ir.ctx.type_text(ty);
        if !self.leveled {
            if parts.level.is_none() && parts.scale.is_none() {
                return Ok(());
            }
            let why = format!("has type {}, but levels and scales belong to stage {LEVELED}", text());
            return Err(error(ir, at, why).help("run rescale, which writes them; or leave them out"));
        }
        let (Some(level), true) = (parts.level, parts.scale.is_some() || !parts.scaled) else {
            let why = format!("has type {}, but stage {LEVELED} needs a level and a scale", text());
            return Err(error(ir, at, why).help("run rescale, which writes them"));
        };
        let Some(params) = self.params else { return Ok(()) };
        if level > params.max_level() {
            let why = format!("has type {}, but the highest level is {}", text(), params.max_level());
            return Err(error(ir, at, why).help("run rescale, or give more primes (--coeff-modulus)"));
        }
        if level < 0 {
            return self.negative(level, at, &text());
        }
        match parts.scale {
            Some(scale) if parts.bounded => self.headroom(params, value, at, level, scale),
            _ => Ok(()),
        }
    }

    fn negative(&self, level: i64, at: OpId, ty: &str) -> Result<(), Diagnostic> {
        let missing = missing_levels(self.ir).unwrap_or(0);
        if -level <= missing {
            return Ok(());
        }
        let why = format!("has type {ty}: {} levels missing", -level - missing);
        Err(error(self.ir, at, why)
            .help("run bootstrap, or give more primes (--coeff-modulus), or lower the polynomials' degree"))
    }

    fn headroom(
        &self,
        params: &Params,
        value: ValueId,
        at: OpId,
        level: i64,
        scale: i64,
    ) -> Result<(), Diagnostic> {
        let bound = self.known.get(value).copied();
        let needed = needed_bits(scale, bound.unwrap_or(1.0));
        let capacity = params.capacity_bits(level);
        let state = State { level, scale, degree: 1 };
        let lacking = leveling::missing_levels(params, state, bound.unwrap_or(1.0));
        if lacking <= missing_levels(self.ir).unwrap_or(0) {
            return Ok(());
        }
        let ty = self.ir.ctx.type_text(self.ir.ty(value));
        let size = match bound {
            Some(bound) => format!("values up to {bound:.3}"),
            None => "values up to 1".to_owned(),
        };
        let why = format!(
            "has type {ty}: {size} need more than {needed:.1} bits, but level {level} has {capacity}"
        );
        Err(error(self.ir, at, why)
            .help("run rescale, which keeps the scale below the modulus, or bootstrap"))
    }
}

/// Bits that a modulus must exceed for values of magnitude `bound` at a scale of `scale` bits: scale + log2(bound) + 1,
/// and never less than the scale, which SEAL refuses to let reach the modulus.
pub fn needed_bits(scale: i64, bound: f64) -> f64 {
    scale as f64 + (libm::log2(bound) + 1.0).max(0.0)
}

#[cfg(test)]
#[path = "verify_tests.rs"]
mod tests;
