//! The fake backend: ciphertexts as the numbers in their slots, with the level, scale, degree and noise that they
//! would have. It refuses what the strictest library would refuse, so that a program that runs here runs there.
//!
//! Slots are real: the backend holds no imaginary parts, and conjugation is the identity on values.

use std::any::Any;
use std::rc::Rc;

use he_core::exec::{KernelContext, RuntimeValue};
use he_core::ir::{Ir, OpId, Type, TypeKind};
use he_core::support::Diagnostic;

use super::attr::{CtType, PtType, slots_of};
use super::noise::{self, Gaussian, Library, SecretSlots};
use super::params::Params;

/// A ciphertext. Level and scale are `None` before stage `leveled`.
#[derive(Clone, Debug, PartialEq)]
pub struct Ciphertext {
    /// The numbers in the slots.
    pub slots: Vec<f64>,
    /// Rescales left.
    pub level: Option<i64>,
    /// log2 of the factor on the message, in bits.
    pub scale: Option<i64>,
    /// Polynomials less one: 1 or 2.
    pub degree: i64,
    /// Predicted standard deviation of the error of a slot (its real part), in the units of the message.
    pub noise_std: f64,
    /// What rescales by exact primes and corrections have multiplied the slots by.
    pub drift: f64,
}

/// An encoded plaintext. Level and scale are `None` before stage `leveled`.
#[derive(Clone, Debug, PartialEq)]
pub struct Plaintext {
    /// The numbers in the slots.
    pub slots: Vec<f64>,
    /// The level of the ciphertexts that it works with.
    pub level: Option<i64>,
    /// log2 of the factor on the message, in bits.
    pub scale: Option<i64>,
    /// Predicted standard deviation of the error of a slot, in the units of the message.
    pub noise_std: f64,
    /// What rescales by exact primes and corrections have multiplied the slots by.
    pub drift: f64,
}

/// The decomposition of a ciphertext for hoisted rotations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digits {
    /// The level of the ciphertext.
    pub level: Option<i64>,
}

/// A ciphertext modulo Q·P, before the division by P.
#[derive(Clone, Debug, PartialEq)]
pub struct Extended {
    /// The numbers in the slots.
    pub slots: Vec<f64>,
    /// Rescales left.
    pub level: Option<i64>,
    /// log2 of the factor on the message, in bits.
    pub scale: Option<i64>,
    /// Predicted standard deviation of the error of a slot, in the units of the message.
    pub noise_std: f64,
    /// What rescales by exact primes and corrections have multiplied the slots by.
    pub drift: f64,
}

/// The state of the fake backend.
///
/// Deviations are tracked in every mode; noise is added to the slots in noise mode only. The exact moduli of the
/// parameters, where given, make each rescale multiply the values by ρ = 2^log_q[l] / q_l, and corrections count; without
/// them both are left out.
#[derive(Clone, Debug)]
pub struct Fake {
    /// The parameters; `None` before they are chosen, when no op may have a level.
    pub params: Option<Params>,
    /// A decryption warns when fewer bits than this are predicted to be right, relative to its largest slot.
    pub min_precision_bits: f64,
    /// Bits of precision of a bootstrap, relative to its `range`: its error has deviation range·2^-bits. Libraries
    /// reach 15 to 30.
    pub bootstrap_precision_bits: f64,
    /// Whose noise is meant.
    pub(crate) library: Library,
    noise: Option<Noise>,
}

/// What a run with noise draws from.
#[derive(Clone, Debug)]
struct Noise {
    source: Gaussian,
    secret: SecretSlots,
}

/// What disturbs a ciphertext.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Disturbance {
    /// The same deviation (real part) in every slot.
    Even(f64),
    /// A division by a prime of Q that leaves a ciphertext of this degree.
    Rescale(i64),
    /// The inner product of digits with a switching key.
    Digits,
    /// The division by P.
    ModDown,
    /// Both: a whole key switch.
    KeySwitch,
}

/// Default of [`Fake::min_precision_bits`].
pub const MIN_PRECISION_BITS: f64 = 10.0;
/// Default of [`Fake::bootstrap_precision_bits`].
pub const BOOTSTRAP_PRECISION_BITS: f64 = 20.0;

impl Fake {
    /// A backend that computes without noise.
    pub fn exact(params: Option<Params>) -> Fake {
        Fake {
            params,
            min_precision_bits: MIN_PRECISION_BITS,
            bootstrap_precision_bits: BOOTSTRAP_PRECISION_BITS,
            library: Library::default(),
            noise: None,
        }
    }

    /// A backend that adds the noise of a library by the CKKS model, determined by `seed`.
    pub fn noisy(params: Params, library: Library, seed: u64) -> Fake {
        let mut source = Gaussian::new(seed);
        let secret = SecretSlots::new(&params, library, &mut source);
        Fake { noise: Some(Noise { source, secret }), library, ..Fake::exact(Some(params)) }
    }

    /// Whether noise is added to the slots.
    pub fn is_noisy(&self) -> bool {
        self.noise.is_some()
    }

    /// The backend of a running kernel.
    pub(super) fn of<'c>(context: &'c mut KernelContext<'_>) -> Result<&'c mut Fake, Diagnostic> {
        let (ir, op) = (context.ir, context.op);
        let backend: &mut dyn Any = &mut *context.backend;
        backend.downcast_mut::<Fake>().ok_or_else(|| refuse(ir, op, "needs the fake CKKS backend to run"))
    }

    /// Adds noise of deviation `std` to each slot, in noise mode.
    pub(crate) fn disturb(&mut self, slots: &mut [f64], std: f64) {
        if let Some(noise) = self.noise.as_mut().filter(|_| std > 0.0) {
            slots.iter_mut().for_each(|slot| *slot += noise.source.next_scaled(std));
        }
    }

    /// Adds the noise of `what` to the slots of a ciphertext at `level` and `scale`, in noise mode; yields its
    /// deviation (real part) over all slots, 0 without levels.
    pub(super) fn disturb_by(
        &mut self,
        slots: &mut [f64],
        what: Disturbance,
        level: Option<i64>,
        scale: Option<i64>,
    ) -> f64 {
        let std = self.deviation(what, level, scale);
        if let Disturbance::Even(std) = what {
            self.disturb(slots, std);
            return std;
        }
        let (Some(params), Some(noise), Some(scale)) = (&self.params, &mut self.noise, scale) else {
            return std;
        };
        let (level, log_scale) = (level.unwrap_or(0), bits(scale));
        let (rounds, divides, degree) = match what {
            Disturbance::Rescale(degree) => (true, false, degree),
            Disturbance::ModDown | Disturbance::KeySwitch => (true, true, 1),
            _ => (false, false, 1),
        };
        let multiplies = matches!(what, Disturbance::Digits | Disturbance::KeySwitch);
        let misses = if divides { libm::sqrt(noise::misses(params, self.library)) } else { 1.0 };
        let polynomial = noise::polynomial_rounding(params, self.library, log_scale) * misses;
        let even = noise::real_part(noise::digit_product(params, self.library, level, log_scale));
        for (slot, value) in slots.iter_mut().enumerate() {
            let secret = &noise.secret;
            let mut random = 0.0;
            if rounds {
                random = secret.rounding(params, slot, polynomial, degree);
            }
            if divides {
                *value += secret.mod_down_mean(params, self.library, slot, log_scale);
            }
            if multiplies {
                let gathered = secret.digit_mean(params, self.library, slot, level, log_scale);
                random = libm::sqrt(random * random + even * even + gathered * gathered);
            }
            *value += noise.source.next_scaled(random);
        }
        std
    }

    /// Deviation (real part) of a fresh encryption at `scale`; 0 without levels.
    pub(crate) fn fresh_std(&self, scale: Option<i64>) -> f64 {
        self.std_of(scale, |params, scale| noise::fresh_encryption(params, self.library, scale))
    }

    /// Deviation (real part) of the rounding of an encoding at `scale`; 0 without levels.
    pub(super) fn encode_std(&self, scale: Option<i64>) -> f64 {
        self.std_of(scale, |params, scale| noise::polynomial_rounding(params, self.library, scale))
    }

    /// Deviation (real part) of `what` over all slots; 0 without levels.
    fn deviation(&self, what: Disturbance, level: Option<i64>, scale: Option<i64>) -> f64 {
        let (level, library) = (level.unwrap_or(0), self.library);
        self.std_of(scale, |params, scale| match what {
            Disturbance::Even(std) => std * std::f64::consts::SQRT_2,
            Disturbance::Rescale(degree) => noise::rescale_rounding(params, library, scale, degree),
            Disturbance::Digits => noise::digit_product(params, library, level, scale),
            Disturbance::ModDown => noise::mod_down(params, library, scale),
            Disturbance::KeySwitch => noise::key_switch(params, library, level, scale),
        })
    }

    fn std_of(&self, scale: Option<i64>, model: impl Fn(&Params, u32) -> f64) -> f64 {
        match (&self.params, scale) {
            (Some(params), Some(scale)) => noise::real_part(model(params, bits(scale))),
            _ => 0.0,
        }
    }

    /// ρ of a rescale at `level`: what the nominal scale is off by. 1 where the moduli are not known.
    pub(super) fn drift(&self, level: i64) -> f64 {
        self.params.as_ref().map_or(1.0, |params| params.drift(level))
    }

    /// A stated correction, where the moduli are known; else 1.
    pub(super) fn correction(&self, stated: f64) -> f64 {
        let known = self.params.as_ref().is_some_and(|params| params.moduli.is_some());
        if known { stated } else { 1.0 }
    }
}

/// A value of a ciphertext or plaintext type, with numbers from `next` in its slots.
pub(super) fn sample(ir: &Ir, ty: Type, next: &mut dyn FnMut() -> f64) -> Option<RuntimeValue> {
    let slots = usize::try_from(slots_of(ir).unwrap_or(DEFAULT_SLOTS)).ok()?;
    let mut numbers = || (0..slots).map(|_| next()).collect();
    if let Some(CtType { level, scale, degree }) = CtType::of(ir, ty) {
        return Some(Rc::new(Ciphertext {
            slots: numbers(),
            level,
            scale,
            degree,
            noise_std: 0.0,
            drift: 1.0,
        }));
    }
    if let TypeKind::Declared { name, params } = ir.ctx.type_kind(ty)
        && ir.ctx.str(*name) == "ckks.digits"
    {
        return Some(Rc::new(Digits { level: params.first().and_then(|level| ir.ctx.as_i64(*level)) }));
    }
    let PtType { level, scale } = PtType::of(ir, ty)?;
    Some(Rc::new(Plaintext { slots: numbers(), level, scale, noise_std: 0.0, drift: 1.0 }))
}

/// Slots of a sample where the module has no parameters.
const DEFAULT_SLOTS: i64 = 8;

/// What two values must have in common to be equal: the numbers in the slots, then level, scale and degree.
pub(super) fn numbers(value: &dyn Any) -> Option<crate::Contents> {
    if let Some(ct) = value.downcast_ref::<Ciphertext>() {
        let rest = vec![("level", ct.level), ("scale", ct.scale), ("degree", Some(ct.degree))];
        return Some((ct.slots.clone(), rest));
    }
    let pt = value.downcast_ref::<Plaintext>()?;
    Some((pt.slots.clone(), vec![("level", pt.level), ("scale", pt.scale)]))
}

/// A scale in bits for the noise model.
fn bits(scale: i64) -> u32 {
    u32::try_from(scale.max(0)).unwrap_or(u32::MAX)
}

/// The error of an op that no library would execute.
pub(super) fn refuse(ir: &Ir, op: OpId, text: impl std::fmt::Display) -> Diagnostic {
    Diagnostic::error(format!("'{}': {text}", ir.name_str(op))).at(ir.position(op))
}

/// The largest magnitude in the slots; not a number if one of them is not.
pub(super) fn max_abs(slots: &[f64]) -> f64 {
    let larger =
        |largest: f64, slot: &f64| if slot.abs() > largest || slot.is_nan() { slot.abs() } else { largest };
    slots.iter().fold(0.0, larger)
}

/// Bits that are predicted to be right: log2 of the largest slot over the largest expected error. Infinite without
/// noise; `None` for a message of zeros.
pub(super) fn precision_bits(slots: &[f64], noise_std: f64) -> Option<f64> {
    let largest = max_abs(slots);
    let error = noise::max_over_slots(noise_std, slots.len() as u64);
    (largest > 0.0).then(|| libm::log2(largest / error))
}
