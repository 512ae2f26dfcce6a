//! The work of an operation as a function of ring degree, digits and limbs: only ratios of it are used, to read
//! latencies between and outside of measured points.
//!
//! A unit of work is a pass of one multiplication over the N residues of a limb. A transform of a limb takes log2 N
//! times [`BUTTERFLY`] of them, a pair of limbs in a base conversion [`CONVERSION`].

use super::{CostOp, Shape};

/// Work of a residue in a step of a transform.
const BUTTERFLY: f64 = 0.5;
/// Work of a residue of one source limb for one target limb of a base conversion.
const CONVERSION: f64 = 0.8;

/// The parts of an operation that switches keys.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Parts {
    /// Decomposition into digits, extended to Q·P.
    mod_up: bool,
    /// Inner product of the digits with a key.
    product: bool,
    /// Division by P.
    mod_down: bool,
}

/// How the work of an operation grows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Growth {
    /// N·limbs: a pass over the residues.
    Pointwise,
    /// N·log N·limbs: transforms of each limb.
    Transform,
    /// That of a key switch.
    KeySwitch(Parts),
}

/// How the work of `op` grows.
fn growth(op: CostOp) -> Growth {
    let all = Parts { mod_up: true, product: true, mod_down: true };
    match op {
        CostOp::Rotate | CostOp::Conjugate | CostOp::Relinearize | CostOp::Bootstrap => {
            Growth::KeySwitch(all)
        }
        CostOp::RotateHoisted => Growth::KeySwitch(Parts { mod_up: false, ..all }),
        CostOp::ModUp => Growth::KeySwitch(Parts { mod_up: true, product: false, mod_down: false }),
        CostOp::RotateExt => Growth::KeySwitch(Parts { mod_up: false, product: true, mod_down: false }),
        CostOp::ModDown => Growth::KeySwitch(Parts { mod_up: false, product: false, mod_down: true }),
        CostOp::Rescale | CostOp::Encode | CostOp::Encrypt | CostOp::Decrypt => Growth::Transform,
        CostOp::Add
        | CostOp::AddPlain
        | CostOp::AddScalar
        | CostOp::Sub
        | CostOp::SubPlain
        | CostOp::Mul
        | CostOp::MulPlain
        | CostOp::MulScalar
        | CostOp::Neg
        | CostOp::LevelDrop => Growth::Pointwise,
    }
}

/// Whether the work of `op` depends on the digits of key switching.
pub(super) fn switches_keys(op: CostOp) -> bool {
    matches!(growth(op), Growth::KeySwitch(_))
}

/// The work of `op` at `limbs` limbs: it never falls as the limbs grow.
pub(super) fn work(op: CostOp, shape: &Shape, limbs: u32) -> f64 {
    match growth(op) {
        Growth::Pointwise | Growth::Transform => f64::from(limbs),
        Growth::KeySwitch(parts) => key_switch(parts, shape, limbs),
    }
}

fn key_switch(parts: Parts, shape: &Shape, limbs: u32) -> f64 {
    let transform = BUTTERFLY * f64::from(shape.log_n);
    let width = shape.digit_limbs.max(1);
    let (full_digits, rest) = (f64::from(limbs / width), limbs % width);
    let digits = f64::from(limbs.div_ceil(width));
    let (limbs, special) = (f64::from(limbs), f64::from(shape.special_limbs));
    let extended = limbs + special;
    let mut work = 0.0;
    if parts.mod_up {
        // Each limb back to coefficients; each digit to all primes that it has not.
        let extension = |width: u32| {
            let width = f64::from(width);
            (extended - width) * (transform + CONVERSION * width)
        };
        let last = if rest > 0 { extension(rest) } else { 0.0 };
        work += transform * limbs + full_digits * extension(width) + last;
    }
    if parts.product {
        work += 2.0 * digits * extended;
    }
    if parts.mod_down {
        work += 2.0 * (special * transform + limbs * (CONVERSION * special + transform + 1.0));
    }
    work
}

/// The work of `op` at ring degree 2^`log_n` over that at 2^`measured_log_n`, at equal limbs.
pub(super) fn degree_ratio(op: CostOp, measured_log_n: u32, log_n: u32) -> f64 {
    let ring = libm::exp2(f64::from(log_n) - f64::from(measured_log_n));
    match growth(op) {
        Growth::Pointwise => ring,
        Growth::Transform | Growth::KeySwitch(_) => ring * f64::from(log_n) / f64::from(measured_log_n),
    }
}
