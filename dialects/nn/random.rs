//! Random numbers: the same for the same seed, on every machine and for any number of threads.

use std::f64::consts::{LN_2, PI};

/// What the state of the generator grows by.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// A generator of 64-bit numbers (splitmix64).
#[derive(Clone, Debug)]
pub struct SplitMix64(u64);

impl SplitMix64 {
    /// A generator of that seed.
    pub fn new(seed: u64) -> Self {
        SplitMix64(seed)
    }

    /// The generator of that seed after `count` numbers.
    fn after(seed: u64, count: usize) -> Self {
        SplitMix64(seed.wrapping_add(STEP.wrapping_mul(count as u64)))
    }

    /// The next 64 bits.
    #[inline]
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// The next number, uniform in [0, 1).
    #[inline]
    pub fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// Pairs that are drawn together, so that the compiler makes vectors of them.
const PAIRS: usize = 8;

/// The numbers from `first` on, which is even, of those that a seed draws: normally distributed with mean 0 and deviation
/// `std`, by the method of Box and Muller, two from two.
pub(super) fn fill_normal(seed: u64, std: f64, first: usize, numbers: &mut [f64]) {
    let mut random = SplitMix64::after(seed, first);
    let (mut radius, mut angle) = ([0.0; PAIRS], [0.0; PAIRS]);
    for chunk in numbers.chunks_mut(2 * PAIRS) {
        for (radius, angle) in radius.iter_mut().zip(&mut angle) {
            (*radius, *angle) = (1.0 - random.unit(), random.unit());
        }
        for (radius, angle) in radius.iter_mut().zip(&mut angle) {
            let length = (-2.0 * ln(*radius)).sqrt() * std;
            let (cos, sin) = cos_sin_turns(*angle);
            (*radius, *angle) = (length * cos, length * sin);
        }
        for (pair, (x, y)) in chunk.chunks_mut(2).zip(radius.iter().zip(&angle)) {
            pair[0] = *x;
            if let Some(second) = pair.get_mut(1) {
                *second = *y;
            }
        }
    }
}

/// Coefficients of the series 2·artanh(s) = s·Σ c_k·s^2k. They suffice for |s| ≤ 3 - √8.
const ARTANH: [f64; 11] = {
    let mut series = [0.0; 11];
    let mut k = 0;
    while k < series.len() {
        series[k] = 2.0 / (2 * k + 1) as f64;
        k += 1;
    }
    series
};

/// Coefficients of the series cos x = Σ c_k·x^2k and sin x = x·Σ c_k·x^2k. They suffice for |x| ≤ π/4.
const COS: [f64; 9] = trigonometric(0);
const SIN: [f64; 9] = trigonometric(1);

/// (-1)^k / (2k + first)!
const fn trigonometric(first: usize) -> [f64; 9] {
    let mut series = [0.0; 9];
    let (mut k, mut term) = (0, 1.0);
    while k < series.len() {
        series[k] = term;
        let next = 2 * k + first + 1;
        term /= -((next * (next + 1)) as f64);
        k += 1;
    }
    series
}

/// Σ c_k·x^k
#[inline(always)]
fn polynomial<const N: usize>(coefficients: &[f64; N], x: f64) -> f64 {
    coefficients.iter().rev().copied().reduce(|sum, coefficient| sum * x + coefficient).unwrap_or(0.0)
}

/// 2^52: the bits of it plus a smaller integer end with those of the integer.
const INTEGERS: f64 = (1u64 << 52) as f64;
/// The bits of an exponent.
const EXPONENT: u64 = 0xfff << 52;

/// The natural logarithm of a normal x > 0, to some units in the last place of the result or of 1. Without branches or calls,
/// unlike that of a library: eight at once are made of vectors.
#[inline(always)]
fn ln(x: f64) -> f64 {
    // x = 2^n·m, √½ ≤ m < √2; the exponent is kept above 0.
    const BIAS: u64 = 1024;
    let above = x.to_bits().wrapping_sub(std::f64::consts::FRAC_1_SQRT_2.to_bits()).wrapping_add(BIAS << 52);
    let n = f64::from_bits(INTEGERS.to_bits() | above >> 52) - (INTEGERS + BIAS as f64);
    let m = f64::from_bits(x.to_bits().wrapping_sub((above & EXPONENT).wrapping_sub(BIAS << 52)));
    let s = (m - 1.0) / (m + 1.0);
    n * LN_2 + s * polynomial(&ARTANH, s * s)
}

/// Cosine and sine of an angle in turns, 0 ≤ turns ≤ 1, to some units in the last place of 1.
#[inline(always)]
fn cos_sin_turns(turns: f64) -> (f64, f64) {
    // The nearest quarter, and what is left of the angle.
    let rounded = 4.0 * turns + INTEGERS;
    let quarter = rounded.to_bits();
    let x = (turns - 0.25 * (rounded - INTEGERS)) * (2.0 * PI);
    let cos = polynomial(&COS, x * x).to_bits();
    let sin = (x * polynomial(&SIN, x * x)).to_bits();
    // A quarter turn takes (cos, sin) to (-sin, cos), half a turn to (-cos, -sin).
    let exchanged = (cos ^ sin) & (quarter & 1).wrapping_neg();
    let half = (quarter & 2) << 62;
    let cos = cos ^ exchanged ^ half ^ (quarter & 1) << 63;
    (f64::from_bits(cos), f64::from_bits(sin ^ exchanged ^ half))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithms_and_angles_are_those_of_the_library() {
        let mut random = SplitMix64::new(1);
        let smallest = (1..=60).map(|n| libm::exp2(-f64::from(n)));
        let spread = (0..100_000).map(|_| random.unit()).filter(|x| *x > 0.0);
        for x in spread.chain(smallest).chain([1.0, 0.5f64.sqrt(), 1.0 - f64::EPSILON / 2.0]) {
            let exact = libm::log(x);
            assert!((ln(x) - exact).abs() <= 1e-15 * (1.0 + exact.abs()), "{x}: {} {exact}", ln(x));
        }
        let eighths = (0..=8).map(|eighth| f64::from(eighth) / 8.0);
        let mut random = SplitMix64::new(2);
        for turns in (0..100_000).map(|_| random.unit()).chain(eighths) {
            let (sin, cos) = libm::sincos(2.0 * PI * turns);
            let found = cos_sin_turns(turns);
            assert!((found.0 - cos).abs() < 2e-15 && (found.1 - sin).abs() < 2e-15, "{turns}: {found:?}");
        }
    }

    #[test]
    fn parts_are_drawn_as_the_whole() {
        let mut whole = [0.0; 101];
        fill_normal(5, 0.5, 0, &mut whole);
        let mut parts = [0.0; 101];
        let (first, second) = parts.split_at_mut(38);
        fill_normal(5, 0.5, 0, first);
        fill_normal(5, 0.5, 38, second);
        assert_eq!(parts, whole);
    }

    #[test]
    fn the_mean_is_0_and_the_deviation_as_stated() {
        let mut numbers = vec![0.0; 1 << 16];
        fill_normal(3, 0.25, 0, &mut numbers);
        let count = numbers.len() as f64;
        let mean = numbers.iter().sum::<f64>() / count;
        let deviation = (numbers.iter().map(|x| x * x).sum::<f64>() / count).sqrt();
        assert!(mean.abs() < 4.0 * 0.25 / count.sqrt(), "{mean}");
        assert!((deviation / 0.25 - 1.0).abs() < 4.0 / (2.0 * count).sqrt(), "{deviation}");
    }
}
