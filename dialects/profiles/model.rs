//! The work of an operation as a function of ring degree and limbs: only ratios of it are used, to extrapolate from the
//! nearest measured point.

use super::CostOp;
use serde::Deserialize;

/// The instance that a backend was measured with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct Context {
    /// Limbs of a fresh ciphertext.
    limbs: u32,
    /// Digits of key switching.
    dnum: u32,
    /// Bits of a prime of Q, apart from the first.
    prime_bits: u32,
}

impl Context {
    /// Whether every part is in the range that the model can count with.
    pub(super) fn is_sound(&self) -> bool {
        let small = |value: u32| (1..=1000).contains(&value);
        small(self.limbs) && small(self.dnum) && (1..=60).contains(&self.prime_bits)
    }

    /// The instance that `limbs` limbs need: this one, or one that is as large and splits into as many digits.
    fn with_limbs(&self, limbs: u32) -> Context {
        let limbs = limbs.max(self.limbs);
        // One prime a digit stays one prime a digit.
        let dnum = if self.dnum == self.limbs { limbs } else { self.dnum };
        Context { limbs, dnum, ..*self }
    }

    /// Limbs of a digit.
    fn digit_limbs(&self) -> u32 {
        self.limbs.div_ceil(self.dnum)
    }

    /// Special primes of 60 bits that cover a digit whose first prime has 60 bits.
    fn special_limbs(&self) -> u32 {
        (60 + (self.digit_limbs() - 1) * self.prime_bits + 1).div_ceil(60)
    }
}

/// How the work of an operation grows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Growth {
    /// N·limbs: one pass over the residues.
    Pointwise,
    /// N·log N·limbs: transforms of each limb.
    Transform,
    /// N·log N·(limbs + K): transforms modulo Q·P.
    Extended,
    /// N·digits·(limbs + K): a pass over each digit modulo Q·P.
    DigitsPointwise,
    /// N·log N·digits·(limbs + K): transforms of each digit modulo Q·P.
    Digits,
}

/// How the work of `op` grows.
fn growth(op: CostOp) -> Growth {
    match op {
        CostOp::Rotate
        | CostOp::RotateHoisted
        | CostOp::Conjugate
        | CostOp::Relinearize
        | CostOp::ModUp
        | CostOp::Bootstrap => Growth::Digits,
        CostOp::RotateExt => Growth::DigitsPointwise,
        CostOp::ModDown => Growth::Extended,
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

/// The work of `op` at `limbs` limbs, at a fixed ring degree: it never falls as the limbs grow.
pub(super) fn work(op: CostOp, context: &Context, limbs: u32) -> f64 {
    let growth = growth(op);
    // A larger instance can split into fewer digits (four limbs into two, three into three): take the envelope.
    (1..=limbs).map(|limbs| work_of(growth, context, limbs)).fold(0.0, f64::max)
}

/// The work of an operation of that growth, before the envelope is taken.
fn work_of(growth: Growth, context: &Context, limbs: u32) -> f64 {
    let context = context.with_limbs(limbs);
    let digits = f64::from(limbs.div_ceil(context.digit_limbs()));
    let extended = f64::from(limbs + context.special_limbs());
    match growth {
        Growth::Pointwise | Growth::Transform => f64::from(limbs),
        Growth::Extended => extended,
        Growth::DigitsPointwise | Growth::Digits => digits * extended,
    }
}

/// The work of `op` at ring degree 2^`log_n` over that at 2^`measured_log_n`, at equal limbs.
pub(super) fn degree_ratio(op: CostOp, measured_log_n: u32, log_n: u32) -> f64 {
    let ring = libm::exp2(f64::from(log_n) - f64::from(measured_log_n));
    match growth(op) {
        Growth::Pointwise | Growth::DigitsPointwise => ring,
        Growth::Transform | Growth::Extended | Growth::Digits => {
            ring * f64::from(log_n) / f64::from(measured_log_n)
        }
    }
}
