//! What ckks ops do on the fake backend.

use std::rc::Rc;

use he_core::exec::tensor::Tensor;
use he_core::exec::{Kernel, KernelContext, Kernels, RuntimeValue};
use he_core::support::Diagnostic;

use super::backend::{Ciphertext, Digits, Disturbance, Extended, Fake, Plaintext, max_abs, precision_bits};
use super::checked::{finish, finish_extended, plain_levels, result_levels, warn};
use super::noise;
use super::passes::leveling::CORRECTION_ATTR;

type Results = Result<Vec<RuntimeValue>, Diagnostic>;

/// The kernel of every op.
pub const KERNELS: &[(&str, Kernel)] = &[
    ("ckks.encode", encode),
    ("ckks.encrypt", encrypt),
    ("ckks.decrypt", decrypt),
    ("ckks.add", |context, operands| sum(context, operands, 1.0)),
    ("ckks.sub", |context, operands| sum(context, operands, -1.0)),
    ("ckks.neg", neg),
    ("ckks.add_plain", |context, operands| sum_plain(context, operands, 1.0)),
    ("ckks.sub_plain", |context, operands| sum_plain(context, operands, -1.0)),
    ("ckks.add_scalar", add_scalar),
    ("ckks.mul", mul),
    ("ckks.mul_plain", mul_plain),
    ("ckks.mul_scalar", mul_scalar),
    ("ckks.rotate", rotate),
    ("ckks.conjugate", conjugate),
    ("ckks.relinearize", relinearize),
    ("ckks.rescale", rescale),
    ("ckks.level_drop", level_drop),
    ("ckks.bootstrap", bootstrap),
    ("ckks.mod_up", mod_up),
    ("ckks.rotate_hoisted", rotate_hoisted),
    ("ckks.rotate_ext", rotate_ext),
    ("ckks.add_ext", add_ext),
    ("ckks.mod_down", mod_down),
];

/// Registers the kernels.
pub fn register(kernels: &mut Kernels) {
    KERNELS.iter().for_each(|(op, kernel)| kernels.add(op, *kernel));
}

fn one(value: impl std::any::Any) -> Results {
    Ok(vec![Rc::new(value)])
}

/// Adds noise to a ciphertext whose own is independent of it.
fn disturbed(
    context: &mut KernelContext<'_>,
    mut ciphertext: Ciphertext,
    what: Disturbance,
) -> Result<Ciphertext, Diagnostic> {
    let (level, scale) = (ciphertext.level, ciphertext.scale);
    let std = Fake::of(context)?.disturb_by(&mut ciphertext.slots, what, level, scale);
    ciphertext.noise_std = noise::sum(ciphertext.noise_std, std);
    Ok(ciphertext)
}

fn zip(lhs: &[f64], rhs: &[f64], f: impl Fn(f64, f64) -> f64) -> Vec<f64> {
    lhs.iter().zip(rhs).map(|(x, y)| f(*x, *y)).collect()
}

fn equal_slots(context: &KernelContext<'_>, lhs: &[f64], rhs: &[f64]) -> Result<(), Diagnostic> {
    if lhs.len() == rhs.len() {
        return Ok(());
    }
    Err(context.error(format!("the operands have {} and {} slots", lhs.len(), rhs.len())))
}

fn require_equal(
    context: &KernelContext<'_>,
    what: &str,
    lhs: Option<i64>,
    rhs: Option<i64>,
) -> Result<(), Diagnostic> {
    if lhs == rhs {
        return Ok(());
    }
    let show = |value: Option<i64>| value.map_or_else(|| "none".to_owned(), |value| value.to_string());
    let text = format!("the operands have {what}s {} and {}", show(lhs), show(rhs));
    Err(context.error(text).help(format!("run rescale, which makes {what}s equal")))
}

fn require_degree_one(context: &KernelContext<'_>, input: &Ciphertext) -> Result<(), Diagnostic> {
    if input.degree == 1 || input.level.is_none() {
        return Ok(());
    }
    Err(context.error("needs a ciphertext of degree 1").help("run relinearize"))
}

fn encode(context: &mut KernelContext<'_>, operands: &[RuntimeValue]) -> Results {
    let input = context.operand::<Tensor>(operands, 0)?;
    let (level, scale) = plain_levels(context)?;
    let drift = correction(context)?;
    let fake = Fake::of(context)?;
    let expected = fake.params.as_ref().map(|params| params.slots);
    let std = fake.encode_std(scale);
    let mut slots: Vec<f64> = input.data.iter().map(|value| value * drift).collect();
    fake.disturb(&mut slots, std);
    if input.rank() != 1 || expected.is_some_and(|expected| expected != input.len() as u64) {
        let wanted = expected.map_or_else(|| "one number a slot".to_owned(), |n| format!("{n} numbers"));
        return Err(context.error(format!("expected {wanted}, found a tensor of shape {:?}", input.shape)));
    }
    if let Some(slot) = input.data.iter().position(|value| !value.is_finite()) {
        return Err(context.error(format!("slot {slot} is {}, which no encoding holds", input.data[slot])));
    }
    one(Plaintext { slots, level, scale, noise_std: std, drift })
}

fn encrypt(context: &mut KernelContext<'_>, operands: &[RuntimeValue]) -> Results {
    let Plaintext { slots, level, scale, noise_std, drift } =
        context.operand::<Plaintext>(operands, 0)?.clone();
    let fresh = Fake::of(context)?.fresh_std(scale);
    let fresh = Disturbance::Even(fresh);
    let result = disturbed(context, Ciphertext { slots, level, scale, degree: 1, noise_std, drift }, fresh)?;
    finish(context, result)
}

fn decrypt(context: &mut KernelContext<'_>, operands: &[RuntimeValue]) -> Results {
    let input = context.operand::<Ciphertext>(operands, 0)?;
    let least = Fake::of(context)?.min_precision_bits;
    if let Some(bits) = precision_bits(&input.slots, input.noise_std).filter(|bits| *bits < least) {
        let text = format!("the result has about {bits:.1} bits of precision, fewer than {least}");
        let mut warning =
            context.error(text).help("use a larger scale (--scale), or fewer levels of products");
        warning.severity = he_core::support::Severity::Warning;
        context.warnings.push(warning);
    }
    let shape = vec![input.slots.len()];
    let correction = correction(context)?;
    let slots = input.slots.iter().map(|slot| slot * correction).collect();
    let tensor = Tensor::new(shape, slots).map_err(|why| context.error(why))?;
    one(tensor)
}

/// Sum, or difference with `sign` −1. The errors of the two operands are independent unless they are one value.
fn sum(context: &mut KernelContext<'_>, operands: &[RuntimeValue], sign: f64) -> Results {
    let lhs = context.operand::<Ciphertext>(operands, 0)?;
    let rhs = context.operand::<Ciphertext>(operands, 1)?;
    equal_slots(context, &lhs.slots, &rhs.slots)?;
    require_equal(context, "level", lhs.level, rhs.level)?;
    require_equal(context, "scale", lhs.scale, rhs.scale)?;
    let same = Rc::ptr_eq(&operands[0], &operands[1]);
    if same && sign < 0.0 {
        transparent(context, "x - x");
    }
    let noise_std = match (same, sign < 0.0) {
        (true, true) => 0.0,
        (true, false) => 2.0 * lhs.noise_std,
        _ => noise::sum(lhs.noise_std, rhs.noise_std),
    };
    let slots = zip(&lhs.slots, &rhs.slots, |x, y| x + sign * y);
    let degree = lhs.degree.max(rhs.degree);
    finish(context, Ciphertext { slots, degree, noise_std, ..*lhs })
}

/// SEAL throws when a ciphertext would decrypt without the key; OpenFHE does not notice.
fn transparent(context: &mut KernelContext<'_>, what: &str) {
    let text = format!("{what} is a transparent ciphertext, which SEAL refuses");
    warn(context, text, "run canonicalize before to-ckks");
}

fn neg(context: &mut KernelContext<'_>, operands: &[RuntimeValue]) -> Results {
    let mut result = context.operand::<Ciphertext>(operands, 0)?.clone();
    result.slots.iter_mut().for_each(|slot| *slot = -*slot);
    finish(context, result)
}

fn sum_plain(context: &mut KernelContext<'_>, operands: &[RuntimeValue], sign: f64) -> Results {
    let mut result = context.operand::<Ciphertext>(operands, 0)?.clone();
    let plain = context.operand::<Plaintext>(operands, 1)?;
    equal_slots(context, &result.slots, &plain.slots)?;
    require_equal(context, "level", result.level, plain.level)?;
    require_equal(context, "scale", result.scale, plain.scale)?;
    result.slots = zip(&result.slots, &plain.slots, |x, y| x + sign * y);
    result.noise_std = noise::sum(result.noise_std, plain.noise_std);
    finish(context, result)
}

fn add_scalar(context: &mut KernelContext<'_>, operands: &[RuntimeValue]) -> Results {
    let mut result = context.operand::<Ciphertext>(operands, 0)?.clone();
    let value = context.float("value")? * correction(context)?;
    let value = rounded(context, value, result.scale)?;
    result.slots.iter_mut().for_each(|slot| *slot += value);
    finish(context, result)
}

/// What the op multiplies its number or its vector by.
fn correction(context: &mut KernelContext<'_>) -> Result<f64, Diagnostic> {
    let stated = context.float(CORRECTION_ATTR)?;
    Ok(Fake::of(context)?.correction(stated))
}

/// A number as it is encoded at `scale` bits: a multiple of 2^-scale, in noise mode.
fn rounded(context: &mut KernelContext<'_>, value: f64, scale: Option<i64>) -> Result<f64, Diagnostic> {
    match scale.filter(|scale| (0..=1000).contains(scale)) {
        Some(scale) if Fake::of(context)?.is_noisy() => {
            let unit = libm::exp2(scale as f64);
            Ok(libm::round(value * unit) / unit)
        }
        _ => Ok(value),
    }
}

fn add_scales(lhs: Option<i64>, rhs: Option<i64>) -> Option<i64> {
    lhs.zip(rhs).map(|(lhs, rhs)| lhs.saturating_add(rhs))
}

fn mul(context: &mut KernelContext<'_>, operands: &[RuntimeValue]) -> Results {
    let lhs = context.operand::<Ciphertext>(operands, 0)?;
    let rhs = context.operand::<Ciphertext>(operands, 1)?;
    equal_slots(context, &lhs.slots, &rhs.slots)?;
    require_equal(context, "level", lhs.level, rhs.level)?;
    let degree = lhs.degree + rhs.degree;
    if degree > 2 && lhs.level.is_some() {
        return Err(context.error(format!("the product would have degree {degree}")).help("run relinearize"));
    }
    let (x, y) = (max_abs(&lhs.slots), max_abs(&rhs.slots));
    let result = Ciphertext {
        slots: zip(&lhs.slots, &rhs.slots, |x, y| x * y),
        level: lhs.level,
        scale: add_scales(lhs.scale, rhs.scale),
        degree: degree.min(2),
        noise_std: noise::product(x, lhs.noise_std, y, rhs.noise_std),
        drift: lhs.drift * rhs.drift,
    };
    finish(context, result)
}

fn mul_plain(context: &mut KernelContext<'_>, operands: &[RuntimeValue]) -> Results {
    let lhs = context.operand::<Ciphertext>(operands, 0)?;
    let rhs = context.operand::<Plaintext>(operands, 1)?;
    equal_slots(context, &lhs.slots, &rhs.slots)?;
    require_equal(context, "level", lhs.level, rhs.level)?;
    let (x, y) = (max_abs(&lhs.slots), max_abs(&rhs.slots));
    if y == 0.0 {
        transparent(context, "x * 0");
    }
    let result = Ciphertext {
        slots: zip(&lhs.slots, &rhs.slots, |x, y| x * y),
        scale: add_scales(lhs.scale, rhs.scale),
        noise_std: noise::product(x, lhs.noise_std, y, rhs.noise_std),
        drift: lhs.drift * rhs.drift,
        ..*lhs
    };
    finish(context, result)
}

fn mul_scalar(context: &mut KernelContext<'_>, operands: &[RuntimeValue]) -> Results {
    let mut result = context.operand::<Ciphertext>(operands, 0)?.clone();
    let correction = correction(context)?;
    let written = context.float("value")? * correction;
    let bits = result.scale.map(|_| context.int("log_scale")).transpose()?;
    let value = rounded(context, written, bits)?;
    if value == 0.0 {
        transparent(context, "x * 0");
    }
    // The number's own rounding: half a unit of 2^-bits at most, a deviation of a unit over √12.
    let rounding = bits.map_or(0.0, |bits| libm::exp2(-(bits as f64)) / libm::sqrt(12.0));
    let largest = max_abs(&result.slots);
    result.slots.iter_mut().for_each(|slot| *slot *= value);
    result.scale = add_scales(result.scale, bits);
    result.drift *= correction;
    result.noise_std = noise::product(largest, result.noise_std, value, rounding);
    finish(context, result)
}

/// Slots rotated left by the attribute `by`.
fn rotated(context: &KernelContext<'_>, slots: &[f64]) -> Result<Vec<f64>, Diagnostic> {
    let by = context.int("by")?;
    match usize::try_from(by) {
        Ok(by) if by > 0 && by < slots.len() => Ok([&slots[by..], &slots[..by]].concat()),
        _ => {
            let text = format!("rotates by {by}, expected a step above 0 and below {} slots", slots.len());
            Err(context.error(text))
        }
    }
}

fn key_switched(context: &mut KernelContext<'_>, input: Ciphertext) -> Results {
    let result = disturbed(context, input, Disturbance::KeySwitch)?;
    finish(context, result)
}

fn rotate(context: &mut KernelContext<'_>, operands: &[RuntimeValue]) -> Results {
    let input = context.operand::<Ciphertext>(operands, 0)?;
    require_degree_one(context, input)?;
    let slots = rotated(context, &input.slots)?;
    key_switched(context, Ciphertext { slots, ..*input })
}

/// Slots are real: values stay as they are.
fn conjugate(context: &mut KernelContext<'_>, operands: &[RuntimeValue]) -> Results {
    let input = context.operand::<Ciphertext>(operands, 0)?;
    require_degree_one(context, input)?;
    key_switched(context, input.clone())
}

fn relinearize(context: &mut KernelContext<'_>, operands: &[RuntimeValue]) -> Results {
    let input = context.operand::<Ciphertext>(operands, 0)?;
    if input.degree != 2 && input.level.is_some() {
        return Err(context.error("only a ciphertext of degree 2 is relinearized"));
    }
    key_switched(context, Ciphertext { degree: 1, ..input.clone() })
}

fn rescale(context: &mut KernelContext<'_>, operands: &[RuntimeValue]) -> Results {
    let mut result = context.operand::<Ciphertext>(operands, 0)?.clone();
    let (Some(level), Some(scale)) = (result.level, result.scale) else { return finish(context, result) };
    let fake = Fake::of(context)?;
    let facts = fake.params.as_ref().map(|params| (params.rescale_bits(level), params.log_scale));
    let drift = fake.drift(level);
    let Some((bits, log_scale)) = facts else { return Err(context.error("needs the module's ckks.params")) };
    if level < 1 {
        let text = format!("no level is left to rescale at level {level}: 1 level missing");
        return Err(context.error(text).help("run bootstrap, or give more primes (--coeff-modulus)"));
    }
    let left = scale - i64::from(bits);
    if left < i64::from(log_scale) {
        let text =
            format!("a rescale by {bits} bits would leave scale {left}, below log_scale = {log_scale}");
        return Err(context.error(text).help("run rescale"));
    }
    result.slots.iter_mut().for_each(|slot| *slot *= drift);
    result.noise_std *= drift;
    result.drift *= drift;
    (result.level, result.scale) = (Some(level - 1), Some(left));
    let degree = result.degree;
    let result = disturbed(context, result, Disturbance::Rescale(degree))?;
    finish(context, result)
}

fn level_drop(context: &mut KernelContext<'_>, operands: &[RuntimeValue]) -> Results {
    let mut result = context.operand::<Ciphertext>(operands, 0)?.clone();
    let levels = context.int("levels")?;
    if levels < 1 {
        return Err(context.error(format!("drops {levels} levels, expected at least one")));
    }
    result.level = result.level.map(|level| level - levels);
    finish(context, result)
}

/// Refreshes level and noise. In noise mode the error has deviation range·2^-precision, with the backend's
/// `bootstrap_precision_bits`: what libraries reach is measured, not derived.
fn bootstrap(context: &mut KernelContext<'_>, operands: &[RuntimeValue]) -> Results {
    let input = context.operand::<Ciphertext>(operands, 0)?;
    require_degree_one(context, input)?;
    let range = context.float("range")?;
    let largest = max_abs(&input.slots);
    if largest > range * (1.0 + 1e-6) + 8.0 * input.noise_std {
        let text = format!("a slot of magnitude {largest:.6} is outside of the bootstrap's range {range:.6}");
        warn(context, text, "state the range of the value with range = …");
    }
    let mut result = input.clone();
    if input.level.is_none() {
        return finish(context, result);
    }
    let (level, scale) = result_levels(context)?;
    let fake = Fake::of(context)?;
    let idealized = range * libm::exp2(-fake.bootstrap_precision_bits);
    let measured = fake.params.as_ref().and_then(|params| noise::bootstrap(params, fake.library));
    let std = measured.unwrap_or(idealized);
    let log_scale = fake.params.as_ref().map(|params| i64::from(params.log_scale));
    if input.scale != log_scale {
        return Err(context.error("needs a ciphertext whose scale is log_scale exactly").help("run rescale"));
    }
    let least = super::attr::bootstrap_min_level(context.ir);
    if input.level.is_some_and(|level| level < least) {
        return Err(context.error(format!("needs level {least} or more")).help("run bootstrap"));
    }
    (result.level, result.scale) = (level, scale);
    let result = disturbed(context, result, Disturbance::Even(std))?;
    finish(context, result)
}

fn mod_up(context: &mut KernelContext<'_>, operands: &[RuntimeValue]) -> Results {
    let input = context.operand::<Ciphertext>(operands, 0)?;
    require_degree_one(context, input)?;
    one(Digits { level: input.level })
}

fn rotate_hoisted(context: &mut KernelContext<'_>, operands: &[RuntimeValue]) -> Results {
    let digits = context.operand::<Digits>(operands, 1)?;
    let input = context.operand::<Ciphertext>(operands, 0)?;
    require_equal(context, "level", input.level, digits.level)?;
    rotate(context, operands)
}

fn rotate_ext(context: &mut KernelContext<'_>, operands: &[RuntimeValue]) -> Results {
    let input = context.operand::<Ciphertext>(operands, 0)?;
    let digits = context.operand::<Digits>(operands, 1)?;
    require_degree_one(context, input)?;
    require_equal(context, "level", input.level, digits.level)?;
    let mut slots = rotated(context, &input.slots)?;
    let fake = Fake::of(context)?;
    let std = fake.disturb_by(&mut slots, Disturbance::Digits, input.level, input.scale);
    let noise_std = noise::sum(input.noise_std, std);
    let (level, scale, drift) = (input.level, input.scale, input.drift);
    finish_extended(context, Extended { slots, level, scale, noise_std, drift })
}

fn add_ext(context: &mut KernelContext<'_>, operands: &[RuntimeValue]) -> Results {
    let lhs = context.operand::<Extended>(operands, 0)?;
    let rhs = context.operand::<Extended>(operands, 1)?;
    equal_slots(context, &lhs.slots, &rhs.slots)?;
    require_equal(context, "level", lhs.level, rhs.level)?;
    require_equal(context, "scale", lhs.scale, rhs.scale)?;
    let slots = zip(&lhs.slots, &rhs.slots, |x, y| x + y);
    let noise_std = noise::sum(lhs.noise_std, rhs.noise_std);
    finish_extended(context, Extended { slots, noise_std, ..*lhs })
}

fn mod_down(context: &mut KernelContext<'_>, operands: &[RuntimeValue]) -> Results {
    let Extended { slots, level, scale, noise_std, drift } =
        context.operand::<Extended>(operands, 0)?.clone();
    let result = Ciphertext { slots, level, scale, degree: 1, noise_std, drift };
    let result = disturbed(context, result, Disturbance::ModDown)?;
    finish(context, result)
}

#[cfg(test)]
#[path = "kernels_tests.rs"]
mod tests;
