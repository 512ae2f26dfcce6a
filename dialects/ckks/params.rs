//! CKKS parameters and the sizes that follow from them.
//!
//! Levels count the rescales that are left: a ciphertext at level `l` has `l + 1` limbs. A level below 0 is
//! virtual: it exists between `rescale` and `bootstrap` only, and is priced and measured like level 0.

use crate::profiles::Shape;

/// The smallest ring degree that is accepted, as log2 N.
pub const MIN_LOG_N: u32 = 10;
/// The largest ring degree that is accepted, as log2 N.
pub const MAX_LOG_N: u32 = 17;
/// The widest prime in bits. Both OpenFHE and SEAL stop at 60.
pub const MAX_PRIME_BITS: u32 = 60;
/// The most primes a modulus may have; a bound against mistyped counts, no library comes near it.
pub const MAX_PRIMES: usize = 1000;
/// The digits of hybrid key switching when nothing else is said.
pub const DEFAULT_DNUM: u32 = 3;
/// Bytes of one residue: every library here stores a 64-bit word.
const WORD_BYTES: u64 = 8;

/// How the secret key is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Secret {
    /// Coefficients uniform in {-1, 0, 1}: what the security table is made for.
    #[default]
    UniformTernary,
    /// Exactly `hamming_weight` coefficients are not zero.
    Sparse {
        /// Number of nonzero coefficients.
        hamming_weight: u32,
    },
    /// A uniform secret that is switched to a sparse one inside the bootstrap only.
    SparseEncapsulated,
}

/// The parameters of one CKKS instance.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Params {
    /// log2 of the ring degree N.
    pub log_n: u32,
    /// Bits of the primes of Q, from the one that is never rescaled away upwards.
    pub log_q: Vec<u32>,
    /// Bits of the special primes of P.
    pub log_p: Vec<u32>,
    /// Bits of the nominal scale.
    pub log_scale: u32,
    /// Values in a ciphertext, at most N/2.
    pub slots: u64,
    /// Digits of hybrid key switching.
    pub dnum: u32,
    /// Distribution of the secret key.
    pub secret: Secret,
    /// The exact primes of Q, when a backend has chosen them; one for each of `log_q`.
    pub moduli: Option<Vec<u64>>,
}

impl Default for Params {
    /// 2^15, 38 primes of 60 bits, scale 2^40: the parameters of the tutorial. They are not secure.
    fn default() -> Params {
        Params::derived(15, vec![60; 38], 40)
    }
}

/// Candidates beyond which there surely are as many primes as a chain may have.
const MANY_CANDIDATES: u64 = 1 << 16;

/// Whether there are `count` primes of exactly `bits` bits that a ring of degree 2^`log_n` can use: those that are 1
/// modulo 2N. Narrow ones are few in large rings.
pub fn has_primes(log_n: u32, bits: u32, count: usize) -> bool {
    let step = 2u64 << log_n;
    let Some(least) = bits.checked_sub(1).map(|bits| 1u64 << bits.min(62)) else { return count == 0 };
    if least / step > MANY_CANDIDATES {
        return true;
    }
    let is_prime =
        |n: &u64| n % 2 == 1 && (3..).step_by(2).take_while(|d| d * d <= *n).all(|d| !n.is_multiple_of(d));
    let candidates = (least.div_ceil(step)..).map(|k| k * step + 1).take_while(|n| *n < 2 * least);
    candidates.filter(is_prime).take(count).count() == count
}

impl Params {
    /// Parameters with every other field derived: N/2 slots, the default `dnum`, and special primes of 60 bits that
    /// cover the widest digit.
    pub fn derived(log_n: u32, log_q: Vec<u32>, log_scale: u32) -> Params {
        let dnum = default_dnum(log_q.len());
        let log_p = default_log_p(&log_q, dnum);
        let slots = 1 << (log_n - 1);
        Params { log_n, log_q, log_p, log_scale, slots, dnum, secret: Secret::default(), moduli: None }
    }

    /// N, the ring degree.
    pub fn degree(&self) -> u64 {
        1 << self.log_n
    }

    /// Bits of Q.
    pub fn log_q_total(&self) -> u32 {
        self.log_q.iter().sum()
    }

    /// Bits of Q·P: the modulus that security is measured by.
    pub fn log_qp(&self) -> u32 {
        self.log_q_total() + self.log_p.iter().sum::<u32>()
    }

    /// The level of a fresh ciphertext.
    pub fn max_level(&self) -> i64 {
        self.log_q.len() as i64 - 1
    }

    /// Limbs of a ciphertext at `level`; 1 at a virtual level.
    pub fn limbs_at(&self, level: i64) -> u64 {
        level.clamp(0, self.max_level().max(0)) as u64 + 1
    }

    /// Bits of the modulus that is left at `level`: the sum of `log_q[0..=level]`, 0 at a virtual level.
    pub fn capacity_bits(&self, level: i64) -> u64 {
        let limbs = usize::try_from(level + 1).unwrap_or(0);
        self.log_q.iter().take(limbs).map(|&bits| u64::from(bits)).sum()
    }

    /// Bits that a rescale at `level` takes off the scale. A virtual level (0 or less) stands for a prime that the
    /// chain lacks; it is taken to be as wide as the first one that can be rescaled away.
    pub fn rescale_bits(&self, level: i64) -> u32 {
        let last = self.log_q.len().saturating_sub(1);
        let index = usize::try_from(level).unwrap_or(0).max(1).min(last);
        self.log_q.get(index).copied().unwrap_or(0)
    }

    /// ρ of a rescale at `level`, 2^log_q[l] / q_l: what it multiplies values by. 1 where the moduli are not known.
    pub fn drift(&self, level: i64) -> f64 {
        let known = || {
            let index = usize::try_from(level).ok()?;
            let modulus = *self.moduli.as_ref()?.get(index)?;
            Some(libm::exp2(f64::from(*self.log_q.get(index)?)) / modulus as f64)
        };
        known().unwrap_or(1.0)
    }

    /// Bits of the primes that rescales divide by, where all of them are equally wide and there are any.
    pub fn rescale_width(&self) -> Option<u32> {
        let (first, rest) = self.log_q.get(1..)?.split_first()?;
        rest.iter().all(|bits| bits == first).then_some(*first)
    }

    /// Whether every rescale divides by the scale: all primes but the first are as wide as it.
    pub fn is_even(&self) -> bool {
        self.rescale_width() == Some(self.log_scale)
    }

    /// α: the limbs of a key switching digit.
    pub fn digit_limbs(&self) -> u64 {
        digit_limbs(self.log_q.len(), self.dnum) as u64
    }

    /// Digits that a key switch at `level` decomposes into: ⌈(level + 1) / α⌉.
    pub fn digits_at(&self, level: i64) -> u64 {
        self.limbs_at(level).div_ceil(self.digit_limbs().max(1))
    }

    /// Bits of the widest key switching digit.
    pub fn widest_digit_bits(&self) -> u32 {
        widest_digit_bits(&self.log_q, self.dnum)
    }

    /// Bytes of a ciphertext of `degree + 1` polynomials at `level`.
    pub fn ciphertext_bytes(&self, level: i64, degree: u64) -> u64 {
        (degree + 1) * self.limbs_at(level) * self.degree() * WORD_BYTES
    }

    /// Bytes of an encoded plaintext at `level`.
    pub fn plaintext_bytes(&self, level: i64) -> u64 {
        self.limbs_at(level) * self.degree() * WORD_BYTES
    }

    /// Bytes of a polynomial pair modulo Q·P at `level`: a `!ckks.ext`.
    pub fn extended_bytes(&self, level: i64) -> u64 {
        2 * (self.limbs_at(level) + self.log_p.len() as u64) * self.degree() * WORD_BYTES
    }

    /// Bytes of the decomposition of a ciphertext at `level`: one polynomial modulo Q·P a digit.
    pub fn digits_bytes(&self, level: i64) -> u64 {
        self.digits_at(level) * self.extended_bytes(level) / 2
    }

    /// Bytes of one switching key: a rotation step's, or the relinearization key.
    pub fn switching_key_bytes(&self) -> u64 {
        let limbs = (self.log_q.len() + self.log_p.len()) as u64;
        2 * u64::from(self.dnum) * limbs * self.degree() * WORD_BYTES
    }

    /// What latencies depend on besides limbs.
    pub fn shape(&self) -> Shape {
        let count = |value: u64| u32::try_from(value).unwrap_or(u32::MAX);
        let (digit_limbs, special_limbs) = (count(self.digit_limbs()), count(self.log_p.len() as u64));
        Shape { log_n: self.log_n, digit_limbs, special_limbs }
    }

    /// The same modulus Q with SEAL's key switching: a digit for each prime, and one special prime as wide as the
    /// widest of Q.
    pub fn with_one_special_prime(&self) -> Params {
        let widest = self.log_q.iter().copied().max().unwrap_or(MAX_PRIME_BITS);
        Params { dnum: self.log_q.len().max(1) as u32, log_p: vec![widest], ..self.clone() }
    }

    /// Nonzero coefficients of the secret key (expected number for a uniform one: 2N/3).
    pub fn secret_weight(&self) -> f64 {
        match self.secret {
            Secret::Sparse { hamming_weight } => f64::from(hamming_weight),
            Secret::UniformTernary | Secret::SparseEncapsulated => 2.0 * self.degree() as f64 / 3.0,
        }
    }
}

/// α: the limbs of a digit when `limbs` primes are split into `dnum` digits.
pub fn digit_limbs(limbs: usize, dnum: u32) -> usize {
    limbs.div_ceil(dnum.max(1) as usize)
}

/// Whether `limbs` primes split into `dnum` digits with none of them empty: (dnum − 1)·α < limbs.
pub fn dnum_splits(limbs: usize, dnum: u32) -> bool {
    dnum >= 1 && (dnum as usize - 1).saturating_mul(digit_limbs(limbs, dnum)) < limbs
}

/// The default `dnum` if it splits legally, else the largest smaller one that does.
pub fn default_dnum(limbs: usize) -> u32 {
    (1..=DEFAULT_DNUM).rev().find(|&dnum| dnum_splits(limbs, dnum)).unwrap_or(1)
}

/// Bits of the widest digit of `log_q` in `dnum` digits.
pub fn widest_digit_bits(log_q: &[u32], dnum: u32) -> u32 {
    let width = digit_limbs(log_q.len(), dnum).max(1);
    log_q.chunks(width).map(|digit| digit.iter().sum()).max().unwrap_or(0)
}

/// The default special primes: as many of 60 bits as cover the widest digit and one bit more.
pub fn default_log_p(log_q: &[u32], dnum: u32) -> Vec<u32> {
    let primes = (widest_digit_bits(log_q, dnum) + 1).div_ceil(MAX_PRIME_BITS);
    vec![MAX_PRIME_BITS; primes as usize]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn narrow_primes_are_few_in_large_rings() {
        // 6·2^17 + 1 = 786433 is the only one of 20 bits.
        assert!(has_primes(16, 20, 1));
        assert!(!has_primes(16, 20, 2));
        // 12289 = 6·2^11 + 1 = 3·2^12 + 1, the prime of many schemes on rings, is the only one of 14 bits at N = 2^11.
        assert!(has_primes(11, 14, 1));
        assert!(!has_primes(11, 14, 2));
        assert!(has_primes(15, 30, 40) && has_primes(17, 60, 64));
        assert!(has_primes(10, 0, 0) && !has_primes(10, 0, 1));
    }

    #[test]
    fn default_is_the_tutorial() {
        let params = Params::default();
        assert_eq!((params.log_q_total(), params.max_level(), params.slots), (2280, 37, 16384));
        assert_eq!((params.dnum, params.digit_limbs(), params.log_p.len()), (3, 13, 14));
        assert_eq!(params.log_qp(), 2280 + 840);
    }

    #[test]
    fn levels_and_capacity() {
        let params = Params::derived(15, vec![60, 40, 40, 50], 40);
        assert_eq!(params.capacity_bits(-1), 0);
        assert_eq!(params.capacity_bits(0), 60);
        assert_eq!(params.capacity_bits(3), 190);
        assert_eq!(params.rescale_bits(3), 50);
        assert_eq!((params.rescale_bits(0), params.rescale_bits(-7)), (40, 40));
        assert_eq!(Params::derived(15, vec![60], 40).rescale_bits(0), 60);
        let width = |log_q: &[u32]| Params::derived(15, log_q.to_vec(), 40).rescale_width();
        assert_eq!(
            [&[60, 40, 40][..], &[60, 40], &[60, 40, 50], &[60], &[]].map(width),
            [Some(40), Some(40), None, None, None]
        );
        assert_eq!((params.limbs_at(-4), params.limbs_at(3)), (1, 4));
    }

    #[test]
    fn digits_split() {
        // Four towers into three digits of two is what OpenFHE refuses.
        assert!(!dnum_splits(4, 3));
        assert_eq!(default_dnum(4), 2);
        assert_eq!((default_dnum(1), default_dnum(2), default_dnum(14)), (1, 2, 3));
        assert!((1..=64).all(|limbs| dnum_splits(limbs, default_dnum(limbs))));
        let params = Params::default();
        assert_eq!((params.digits_at(37), params.digits_at(12), params.digits_at(13)), (3, 1, 2));
        assert_eq!(params.digits_at(-2), 1);
    }

    #[test]
    fn bytes() {
        let params = Params::derived(13, vec![60, 40, 40, 40], 40);
        // OpenFHE reports 524288 bytes for four limbs at 2^13.
        assert_eq!(params.ciphertext_bytes(3, 1), 524_288);
        assert_eq!(params.ciphertext_bytes(3, 2), 786_432);
        assert_eq!(params.plaintext_bytes(3), 262_144);
        assert_eq!(params.log_p, [60, 60]);
        assert_eq!(params.switching_key_bytes(), 2 * 2 * 6 * 8192 * 8);
    }
}
