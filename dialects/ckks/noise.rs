//! The noise of CKKS as standard deviations of slot values.
//!
//! Every function returns the deviation of the complex error in one slot, in the units of the message: it is divided
//! by the scale, which is given as its log2. The real part's deviation is smaller by √2 ([`real_part`]). The model is
//! the usual one: errors of the ring elements are independent, and the embedding multiplies a coefficient's deviation
//! by √N. Rotate-and-sum chains can add coherently in one slot; that is not modelled.

use super::params::Params;
use std::f64::consts::{PI, SQRT_2};

/// Standard deviation of the error distribution of fresh encryptions and keys.
pub const ERROR_STD: f64 = 3.19;

/// log2 of a scale as the scale.
fn scale_of(log_scale: u32) -> f64 {
    libm::exp2(f64::from(log_scale))
}

/// Coefficients that reach a slot: N, or twice the slots when fewer than N/2 are packed.
fn packed_degree(params: &Params) -> f64 {
    params.degree().min(2 * params.slots) as f64
}

/// Error of a fresh public-key encryption: σ·√(N·(2N/3 + h + 1)) / Δ, where 2N/3 is the weight of the encryption's own
/// ternary polynomial and h that of the secret.
pub fn fresh_encryption(params: &Params, log_scale: u32) -> f64 {
    let ephemeral_weight = 2.0 * params.degree() as f64 / 3.0;
    let weight = ephemeral_weight + params.secret_weight() + 1.0;
    ERROR_STD * libm::sqrt(packed_degree(params) * weight) / scale_of(log_scale)
}

/// Rounding error of a rescale whose result has scale 2^`log_scale`: √(N·(h + 1) / 12) / Δ.
pub fn rescale_rounding(params: &Params, log_scale: u32) -> f64 {
    let variance = params.degree() as f64 * (params.secret_weight() + 1.0) / 12.0;
    libm::sqrt(variance) / scale_of(log_scale)
}

/// Error of one key switch (rotation, conjugation, relinearization) at `level`: the digits' part,
/// √(digits / 12)·N·σ·(widest digit / P) / Δ, and the rounding of one ModDown, which is that of a rescale.
pub fn key_switch(params: &Params, level: i64, log_scale: u32) -> f64 {
    let log_p: u32 = params.log_p.iter().sum();
    let digit_over_p = libm::exp2(f64::from(params.widest_digit_bits()) - f64::from(log_p));
    let digits = params.digits_at(level) as f64;
    let digit_part = libm::sqrt(digits / 12.0) * params.degree() as f64 * ERROR_STD * digit_over_p;
    libm::hypot(digit_part / scale_of(log_scale), rescale_rounding(params, log_scale))
}

/// Rounding error of a plaintext encoded at scale 2^`log_scale`: √(N / 12) / Δ.
pub fn encode_rounding(params: &Params, log_scale: u32) -> f64 {
    libm::sqrt(packed_degree(params) / 12.0) / scale_of(log_scale)
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
            let error = 3f64.sqrt() * largest_real(&params, fresh_encryption(&params, 40));
            assert!((error / expected - 1.0).abs() < 0.05, "2^{log_n}: {error}");
        }
    }

    #[test]
    fn key_switch_is_rounding_when_p_is_wide() {
        let mut params = Params::derived(15, vec![60; 12], 40);
        params.log_p = vec![60; 5];
        let rounding = rescale_rounding(&params, 40);
        assert!(key_switch(&params, 11, 40) < 1.01 * rounding);
        params.log_p = vec![60; 4];
        let ratio = key_switch(&params, 11, 40) / rounding;
        assert!((4.0..10.0).contains(&ratio), "P = digit: {ratio}");
        assert!(key_switch(&params, 3, 40) < key_switch(&params, 11, 40));
    }

    #[test]
    fn sparse_packing_and_sparse_secrets_are_quieter() {
        let full = Params::derived(15, vec![60, 40], 40);
        let packed = Params { slots: 1024, ..full.clone() };
        let sparse = Params { secret: Secret::Sparse { hamming_weight: 192 }, ..full.clone() };
        assert!((fresh_encryption(&full, 40) / fresh_encryption(&packed, 40) - 4.0).abs() < 1e-9);
        assert!(rescale_rounding(&sparse, 40) < 0.2 * rescale_rounding(&full, 40));
        assert!(encode_rounding(&full, 40) < rescale_rounding(&full, 40));
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
