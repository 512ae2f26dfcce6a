//! What every result on the fake backend is checked for before it is handed on.

use std::rc::Rc;

use he_core::exec::{KernelContext, RuntimeValue};
use he_core::support::{Diagnostic, Severity};

use super::attr::{CtType, PtType};
use super::backend::{Ciphertext, Extended, Fake, max_abs};
use super::bounds::stated_bound;
use super::verify::needed_bits;

/// Relative excess over `he.bound` that is put down to rounding.
const BOUND_TOLERANCE: f64 = 1e-6;
/// Standard deviations of noise that are not held against a bound.
const NOISE_ALLOWANCE: f64 = 8.0;

/// Level and scale of the op's result by its type, as a plaintext.
pub(super) fn plain_levels(context: &KernelContext<'_>) -> Result<(Option<i64>, Option<i64>), Diagnostic> {
    let ty = PtType::of(context.ir, context.ir.ty(context.ir.result(context.op, 0)));
    let ty = ty.ok_or_else(|| context.error("yields a plaintext"))?;
    Ok((ty.level, ty.scale))
}

/// Level and scale of the op's result by its type, as a ciphertext.
pub(super) fn result_levels(context: &KernelContext<'_>) -> Result<(Option<i64>, Option<i64>), Diagnostic> {
    let ty = CtType::of(context.ir, context.ir.ty(context.ir.result(context.op, 0)));
    let ty = ty.ok_or_else(|| context.error("yields a ciphertext"))?;
    Ok((ty.level, ty.scale))
}

/// The result of a kernel: its type must say what was computed, its level must exist, its values must fit below the
/// modulus, and a value outside of its `he.bound` is a warning.
pub(super) fn finish(
    context: &mut KernelContext<'_>,
    mut result: Ciphertext,
) -> Result<Vec<RuntimeValue>, Diagnostic> {
    let ty = CtType::of(context.ir, context.ir.ty(context.ir.result(context.op, 0)));
    let ty = ty.ok_or_else(|| context.error("yields a ciphertext"))?;
    if result.level.is_none() && ty.level.is_none() {
        // Before levels exist degrees are not tracked: relinearizations are implied.
        result.degree = ty.degree;
    }
    let found = CtType { level: result.level, scale: result.scale, degree: result.degree };
    if found != ty {
        let text = format!("computes {}, but its type says {}", describe(found), describe(ty));
        return Err(context.error(text).help("run rescale, which writes the types"));
    }
    check_level(context, result.level)?;
    check_values(context, &result)?;
    Ok(vec![Rc::new(result)])
}

/// The same for a ciphertext modulo Q·P, whose modulus always suffices.
pub(super) fn finish_extended(
    context: &mut KernelContext<'_>,
    result: Extended,
) -> Result<Vec<RuntimeValue>, Diagnostic> {
    check_level(context, result.level)?;
    warn_of_bound(context, max_abs(&result.slots) / result.drift, result.noise_std);
    Ok(vec![Rc::new(result)])
}

fn describe(ty: CtType) -> String {
    let show = |value: Option<i64>| value.map_or_else(|| "none".to_owned(), |value| value.to_string());
    format!("level {}, scale {} and degree {}", show(ty.level), show(ty.scale), ty.degree)
}

fn check_level(context: &mut KernelContext<'_>, level: Option<i64>) -> Result<(), Diagnostic> {
    let Some(level) = level else { return Ok(()) };
    let Some(highest) = Fake::of(context)?.params.as_ref().map(|params| params.max_level()) else {
        return Err(context.error("has levels, but the backend has no parameters").help("state ckks.params"));
    };
    if level > highest {
        return Err(context.error(format!("has level {level}, but the highest is {highest}")));
    }
    if level < 0 {
        let text = format!("has level {level}: {} levels missing", -level);
        return Err(context.error(text).help("run bootstrap, or give more primes (--coeff-modulus)"));
    }
    Ok(())
}

fn check_values(context: &mut KernelContext<'_>, result: &Ciphertext) -> Result<(), Diagnostic> {
    let largest = max_abs(&result.slots);
    if let (Some(level), Some(scale)) = (result.level, result.scale) {
        let needed = needed_bits(scale, largest);
        let capacity = Fake::of(context)?.params.as_ref().map_or(0, |params| params.capacity_bits(level));
        if largest.is_nan() || needed >= capacity as f64 {
            let text = format!(
                "overflows: values up to {largest:.3} at scale {scale} need more than {needed:.1} bits, but level \
                 {level} has {capacity}"
            );
            return Err(context
                .error(text)
                .help("run rescale or bootstrap before, or widen the first prime"));
        }
    }
    warn_of_bound(context, largest / result.drift, result.noise_std);
    Ok(())
}

fn warn_of_bound(context: &mut KernelContext<'_>, largest: f64, noise_std: f64) {
    let Some(bound) = stated_bound(context.ir, context.op) else { return };
    if largest > bound * (1.0 + BOUND_TOLERANCE) + NOISE_ALLOWANCE * noise_std {
        let text = format!("a slot of magnitude {largest:.6} leaves its tracked range {bound:.6}");
        warn(context, text, "widen the domain of the activation, or the range of the inputs");
    }
}

/// A warning at the op.
pub(super) fn warn(context: &mut KernelContext<'_>, text: String, help: &str) {
    let mut warning = context.error(text).help(help);
    warning.severity = Severity::Warning;
    context.warnings.push(warning);
}
