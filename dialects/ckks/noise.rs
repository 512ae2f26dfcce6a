//! The noise of CKKS as standard deviations of slot values.
//!
//! Every function returns the deviation of the complex error in one slot, in the units of the message: it is divided
//! by the scale, which is given as its log2. The real part's deviation is smaller by √2 ([`real_part`]). The model is
//! the usual one: errors of the ring elements are independent, and the embedding multiplies a coefficient's deviation
//! by √N. What a simulated run adds is finer: it knows the slots of a random secret ([`SecretSlots`]).

use super::params::Params;
use crate::profiles::{KeySwitching, Profile};
use std::f64::consts::{PI, SQRT_2};

/// Standard deviation of the error distribution of fresh encryptions and keys.
pub const ERROR_STD: f64 = 3.19;

/// log2 of a scale as the scale.
fn scale_of(log_scale: u32) -> f64 {
    libm::exp2(f64::from(log_scale))
}

/// Coefficients that reach a slot: N, or twice the slots when fewer than N/2 are packed and the library leaves the rest
/// out.
fn packed_degree(params: &Params, library: Library) -> f64 {
    if library.fills_slots() { params.degree() as f64 } else { params.degree().min(2 * params.slots) as f64 }
}

/// Whose noise is meant: libraries encrypt and divide in different ways.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Library {
    /// Encrypts modulo Q; extends digits and divides by P approximately; its decoding adds as much noise as there is.
    #[default]
    OpenFhe,
    /// Encrypts modulo Q·P and divides by P, which leaves a rounding; rounds to the nearest in every division.
    Seal,
}

impl Library {
    /// The library that a profile was measured with: those that switch keys alike round alike.
    pub fn of(profile: &Profile) -> Library {
        match profile.key_switching() {
            KeySwitching::Hybrid => Library::OpenFhe,
            KeySwitching::OneSpecialPrime => Library::Seal,
        }
    }

    /// Whether all N/2 slots are filled where a program has fewer, as its shipped profile says.
    fn fills_slots(self) -> bool {
        let profile = match self {
            Library::OpenFhe => Profile::openfhe(),
            Library::Seal => Profile::seal(),
        };
        profile.fills_slots()
    }

    /// What decoding multiplies errors by: OpenFHE's adds as much noise as there is.
    pub fn decoding_factor(self) -> f64 {
        match self {
            Library::OpenFhe => SQRT_2,
            Library::Seal => 1.0,
        }
    }
}

/// Error of a fresh public-key encryption. OpenFHE: σ·√(N·(2N/3 + h + 1)) / Δ, where 2N/3 is the weight of the
/// encryption's own ternary polynomial and h that of the secret. SEAL: what a rescale leaves.
pub fn fresh_encryption(params: &Params, library: Library, log_scale: u32) -> f64 {
    if library == Library::Seal {
        return rescale_rounding(params, library, log_scale, 1);
    }
    let ephemeral_weight = 2.0 * params.degree() as f64 / 3.0;
    let weight = ephemeral_weight + params.secret_weight() + 1.0;
    ERROR_STD * libm::sqrt(packed_degree(params, library) * weight) / scale_of(log_scale)
}

/// Rounding error of one polynomial in a slot, that of an encoded plaintext too: √(N / 12) / Δ.
pub fn polynomial_rounding(params: &Params, library: Library, log_scale: u32) -> f64 {
    libm::sqrt(packed_degree(params, library) / 12.0) / scale_of(log_scale)
}

/// Rounding error of a rescale of a ciphertext of `degree` (1 or 2) whose result has scale 2^`log_scale`:
/// √(N·(1 + h) / 12) / Δ, and with three polynomials √(N·(1 + h + 2h²) / 12) / Δ, since the third one's rounding meets
/// the square of the secret, whose slots have the mean square 2h².
pub fn rescale_rounding(params: &Params, library: Library, log_scale: u32, degree: i64) -> f64 {
    let h = params.secret_weight();
    let square = if degree > 1 { 2.0 * h * h } else { 0.0 };
    polynomial_rounding(params, library, log_scale) * libm::sqrt(1.0 + h + square)
}

/// √Σ (D_i / P)² over the digits D_i in use at `level`, times √(α / 12) where digits of α primes are extended
/// approximately: the deviation of what meets the noise of the keys, over P.
fn digits_over_p(params: &Params, library: Library, level: i64) -> f64 {
    let log_p: u32 = params.log_p.iter().sum();
    let limbs = params.limbs_at(level) as usize;
    let primes = &params.log_q[..limbs.min(params.log_q.len())];
    let width = params.digit_limbs().max(1) as usize;
    let squares = primes.chunks(width).map(|digit| {
        let bits: u32 = digit.iter().sum();
        libm::exp2(2.0 * (f64::from(bits) - f64::from(log_p))) * approximate(library, digit.len())
    });
    libm::sqrt(squares.sum::<f64>() / 12.0)
}

/// How often an approximate base conversion from `primes` primes misses the modulus, at most: a factor on variances.
fn approximate(library: Library, primes: usize) -> f64 {
    match library {
        Library::OpenFhe => primes.max(1) as f64,
        Library::Seal => 1.0,
    }
}

/// How much larger OpenFHE's approximate conversion from P makes the variance of a division by P.
pub fn misses(params: &Params, library: Library) -> f64 {
    approximate(library, params.log_p.len())
}

/// Error of the inner product of the digits with a switching key at `level`, over P: √Σ (D_i / P)²·N·σ·√(α / 12) / Δ.
pub fn digit_product(params: &Params, library: Library, level: i64, log_scale: u32) -> f64 {
    digits_over_p(params, library, level) * params.degree() as f64 * ERROR_STD / scale_of(log_scale)
}

/// Rounding error of the division by P: a rescale's, and with K special primes in OpenFHE √K times that, since the
/// conversion from P to Q is approximate.
pub fn mod_down(params: &Params, library: Library, log_scale: u32) -> f64 {
    rescale_rounding(params, library, log_scale, 1) * libm::sqrt(misses(params, library))
}

/// Error of one key switch (rotation, conjugation, relinearization) at `level`: the digits' part and one division by P.
pub fn key_switch(params: &Params, library: Library, level: i64, log_scale: u32) -> f64 {
    libm::hypot(digit_product(params, library, level, log_scale), mod_down(params, library, log_scale))
}

/// The slots of one secret key, and where errors with a mean gather.
///
/// An error whose coefficients have the mean μ is μ·2/(1 − ζ_j) in slot j, ζ_j = exp(iπ·5^j/N): up to 2N/π times μ in
/// the few slots whose root is near 1, slot 0 first. Two errors of a key switch have a mean: the digits, which are not
/// centred (it meets the key's noise), and OpenFHE's approximate division by P (it meets the secret).
#[derive(Clone, Debug)]
pub struct SecretSlots {
    /// |s_j|² / h: exponentially distributed, mean 1.
    power: Vec<f64>,
    /// |2/(1 − ζ_j)|.
    gathering: Vec<f64>,
    /// The part of s_j / √h that a mean error in that slot turns into a real error: the same for every key switch.
    phase: Vec<f64>,
}

impl SecretSlots {
    /// The slots of a random key.
    pub fn new(params: &Params, library: Library, source: &mut Gaussian) -> SecretSlots {
        let (slots, order) = (params.slots as usize, 2 * params.degree());
        // Fewer slots than N/2: a slot is the mean of those that it stands for, where the library decodes so.
        let share = packed_degree(params, library) / params.degree() as f64;
        let mut secret = SecretSlots { power: Vec::new(), gathering: Vec::new(), phase: Vec::new() };
        let mut exponent = 1u64;
        for _ in 0..slots {
            let (re, im) = (source.next_standard() / SQRT_2, source.next_standard() / SQRT_2);
            secret.power.push(re * re + im * im);
            secret.phase.push(re);
            let half_angle = PI * exponent as f64 / order as f64;
            secret.gathering.push(share / libm::sin(half_angle).abs());
            exponent = exponent * 5 % order;
        }
        secret
    }

    /// Real error of a division with `degree` + 1 polynomials in slot `slot`, given the deviation of one polynomial.
    pub fn rounding(&self, params: &Params, slot: usize, polynomial_std: f64, degree: i64) -> f64 {
        let power = params.secret_weight() * self.power.get(slot).copied().unwrap_or(1.0);
        let square = if degree > 1 { power * power } else { 0.0 };
        real_part(polynomial_std) * libm::sqrt(1.0 + power + square)
    }

    /// Real error in slot `slot` of OpenFHE's division by P, whose coefficients are too small by K/2 on average; the
    /// same in every key switch.
    pub fn mod_down_mean(&self, params: &Params, library: Library, slot: usize, log_scale: u32) -> f64 {
        if library == Library::Seal {
            return 0.0;
        }
        let mean = params.log_p.len() as f64 / 2.0;
        let at = |list: &[f64]| list.get(slot).copied().unwrap_or(0.0);
        let secret = libm::sqrt(params.secret_weight()) * at(&self.phase);
        -mean * at(&self.gathering) * secret / scale_of(log_scale)
    }

    /// Deviation of the real error in slot `slot` that the mean of the digits makes with one key's noise.
    pub fn digit_mean(
        &self,
        params: &Params,
        library: Library,
        slot: usize,
        level: i64,
        log_scale: u32,
    ) -> f64 {
        // A digit's mean is √3 times its deviation where it is exact, √(3α) where it is extended approximately.
        let width = approximate(library, params.digit_limbs() as usize);
        let mean = libm::sqrt(3.0 * width) * digits_over_p(params, library, level);
        let gathering = self.gathering.get(slot).copied().unwrap_or(0.0);
        let key_noise = ERROR_STD * libm::sqrt(params.degree() as f64);
        real_part(mean * gathering * key_noise / scale_of(log_scale))
    }
}

/// Scales at which OpenFHE's bootstrap works, in bits.
pub const BOOTSTRAP_SCALES: std::ops::RangeInclusive<u32> = 55..=59;

/// Deviation of the real error of OpenFHE's bootstrap at a scale of 55 bits, over √slots, by log2 N.
///
/// Measured with OpenFHE 1.6.1, level budget [3, 3] and an encapsulated sparse secret, on uniform messages: with 2^10
/// slots 1.65e-6 at 2^11, 6.5e-6 at 2^12, 8.2e-6 at 2^13, and at 58 bits 3.0e-6 at 2^14; full slots at 2^15. At 2^16 it is
/// between two measurements, 1.3e-6 at 59 bits and 3.6e-7 at 55. No law was found for how it depends on the ring. The error is the same for messages up to
/// 0.1 and up to 4: it comes from inside, where the modulus is reduced coefficient by coefficient, and a slot adds up
/// the errors of as many coefficients as there are slots.
const BOOTSTRAP_ERROR: [(u32, f64); 6] =
    [(11, 5.2e-8), (12, 2.05e-7), (13, 2.6e-7), (14, 8.9e-7), (15, 3.4e-7), (16, 7e-7)];
/// Bits of that error that a bit of the scale is worth: it fell by 9.5 from 55 to 58 bits, at 2^11, 2^12 and 2^13.
const BOOTSTRAP_BITS_PER_BIT: f64 = 1.08;

/// Deviation of the real error that a bootstrap adds; `None` for a library or a scale without one.
pub fn bootstrap(params: &Params, library: Library) -> Option<f64> {
    if library != Library::OpenFhe || !BOOTSTRAP_SCALES.contains(&params.log_scale) {
        return None;
    }
    let known = BOOTSTRAP_ERROR.iter().rev().find(|(log_n, _)| *log_n <= params.log_n);
    let (_, of_a_slot) = known.unwrap_or(&BOOTSTRAP_ERROR[0]);
    let bits = BOOTSTRAP_BITS_PER_BIT * f64::from(params.log_scale - BOOTSTRAP_SCALES.start());
    Some(of_a_slot * libm::sqrt(params.slots as f64) * libm::exp2(-bits))
}

/// Error of a product of values of magnitude `lhs_max` and `rhs_max` with errors `lhs_std` and `rhs_std`:
/// |x|·e_y + |y|·e_x. Added linearly, which also holds for correlated operands such as those of a square.
pub fn product(lhs_max: f64, lhs_std: f64, rhs_max: f64, rhs_std: f64) -> f64 {
    lhs_max.abs() * rhs_std + rhs_max.abs() * lhs_std
}

/// Error of a sum of values with independent errors.
pub fn sum(lhs_std: f64, rhs_std: f64) -> f64 {
    libm::hypot(lhs_std, rhs_std)
}

/// Expected largest error over `slots` slots: √(2·ln S)·std.
pub fn max_over_slots(std: f64, slots: u64) -> f64 {
    libm::sqrt(2.0 * libm::log((slots.max(2)) as f64)) * std
}

/// Deviation of the real part of an error with complex deviation `std`.
pub fn real_part(std: f64) -> f64 {
    std / SQRT_2
}

/// A deterministic source of normally distributed numbers: splitmix64 and the Box-Muller transform. The same seed
/// gives the same numbers on every machine.
#[derive(Clone, Debug)]
pub struct Gaussian {
    state: u64,
    spare: Option<f64>,
}

impl Gaussian {
    /// A source that is determined by `seed`.
    pub fn new(seed: u64) -> Gaussian {
        Gaussian { state: seed, spare: None }
    }

    /// The next 64 uniform bits of splitmix64.
    fn next_bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.state;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// A uniform number in the open interval (0, 1).
    fn next_uniform(&mut self) -> f64 {
        ((self.next_bits() >> 11) as f64 + 0.5) / (1u64 << 53) as f64
    }

    /// The next number of the standard normal distribution.
    pub fn next_standard(&mut self) -> f64 {
        if let Some(spare) = self.spare.take() {
            return spare;
        }
        let radius = libm::sqrt(-2.0 * libm::log(self.next_uniform()));
        let angle = 2.0 * PI * self.next_uniform();
        self.spare = Some(radius * libm::sin(angle));
        radius * libm::cos(angle)
    }

    /// The next number with mean 0 and deviation `std`.
    pub fn next_scaled(&mut self, std: f64) -> f64 {
        std * self.next_standard()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ckks::params::Secret;

    fn largest_real(params: &Params, std: f64) -> f64 {
        max_over_slots(real_part(std), params.slots)
    }

    #[test]
    fn fresh_matches_measurements() {
        // OpenFHE's decoding adds a factor of about √3; measured 3e-7, 5.5e-7 and 1.1e-6.
        for (log_n, expected) in [(14, 2.9e-7), (15, 5.9e-7), (16, 1.2e-6)] {
            let params = Params::derived(log_n, vec![60, 40, 40], 40);
            let error = 3f64.sqrt() * largest_real(&params, fresh_encryption(&params, Library::OpenFhe, 40));
            assert!((error / expected - 1.0).abs() < 0.05, "2^{log_n}: {error}");
        }
    }

    #[test]
    fn key_switch_is_rounding_when_p_is_wide() {
        let mut params = Params::derived(15, vec![60; 12], 40);
        params.log_p = vec![60; 5];
        let rounding = mod_down(&params, Library::OpenFhe, 40);
        assert!(key_switch(&params, Library::OpenFhe, 11, 40) < 1.01 * rounding);
        params.log_p = vec![60; 4];
        let ratio = key_switch(&params, Library::OpenFhe, 11, 40) / rounding;
        assert!((4.0..10.0).contains(&ratio), "P = digit: {ratio}");
        assert!(key_switch(&params, Library::OpenFhe, 3, 40) < key_switch(&params, Library::OpenFhe, 11, 40));
    }

    #[test]
    fn sparse_packing_and_sparse_secrets_are_quieter() {
        let full = Params::derived(15, vec![60, 40], 40);
        let packed = Params { slots: 1024, ..full.clone() };
        let sparse = Params { secret: Secret::Sparse { hamming_weight: 192 }, ..full.clone() };
        assert!(
            (fresh_encryption(&full, Library::OpenFhe, 40) / fresh_encryption(&packed, Library::OpenFhe, 40)
                - 4.0)
                .abs()
                < 1e-9
        );
        let rounding = |params: &Params, library| rescale_rounding(params, library, 40, 1);
        assert!(rounding(&sparse, Library::OpenFhe) < 0.2 * rounding(&full, Library::OpenFhe));
        assert!(polynomial_rounding(&full, Library::OpenFhe, 40) < rounding(&full, Library::OpenFhe));
        // SEAL repeats the slots in all N/2, and their noise is that of all.
        assert_eq!(rounding(&packed, Library::Seal), rounding(&full, Library::Seal));
    }

    #[test]
    fn a_bootstrap_is_as_precise_as_measured() {
        let at = |log_n: u32, bits: u32, slots: u64| {
            let params = Params { slots, ..Params::derived(log_n, vec![60, bits, bits], bits) };
            bootstrap(&params, Library::OpenFhe)
        };
        let measured = [
            (11, 55, 1 << 10, 1.65e-6),
            (11, 58, 1 << 10, 1.73e-7),
            (12, 55, 1 << 11, 9.15e-6),
            (12, 58, 1 << 11, 9.75e-7),
            (13, 55, 1 << 10, 8.25e-6),
            (13, 58, 1 << 12, 1.83e-6),
        ];
        for (log_n, bits, slots, std) in measured {
            let ratio = at(log_n, bits, slots).unwrap() / std;
            assert!((0.9..1.1).contains(&ratio), "{log_n} {bits} {slots}: {ratio}");
        }
        assert_eq!(at(13, 40, 1 << 10), None);
    }

    #[test]
    fn products_and_sums() {
        assert_eq!(product(2.0, 1e-7, -3.0, 1e-8), 2.0 * 1e-8 + 3.0 * 1e-7);
        assert_eq!(sum(3.0, 4.0), 5.0);
    }

    #[test]
    fn gaussian_is_normal_and_repeats() {
        let mut source = Gaussian::new(7);
        let numbers: Vec<f64> = (0..100_000).map(|_| source.next_scaled(2.0)).collect();
        let mean = numbers.iter().sum::<f64>() / numbers.len() as f64;
        let variance = numbers.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / numbers.len() as f64;
        assert!(mean.abs() < 0.03 && (variance - 4.0).abs() < 0.1, "{mean} {variance}");
        let mut again = Gaussian::new(7);
        assert!((0..10).all(|i| again.next_scaled(2.0) == numbers[i]));
        assert!(Gaussian::new(8).next_standard() != Gaussian::new(7).next_standard());
    }
}
