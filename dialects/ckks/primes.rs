//! The primes of Q that a library works with, where their widths are all that is stated.
//!
//! A prime of `bits` bits is one near 2^`bits` that is 1 modulo 2N. What a rescale is off by is known only where the
//! prime is, so that each library's choice is made here: OpenFHE's as it makes it, and SEAL's, which takes any primes, so
//! that products in a row drift least.

use super::noise::Library;
use super::params::{MAX_PRIME_BITS, Params};

/// The primes of Q, from the one that is never rescaled away upwards. `None` where there are not enough of them, and for
/// a chain that OpenFHE would not make.
pub fn moduli_of(params: &Params, library: Library) -> Option<Vec<u64>> {
    let moduli = match library {
        Library::OpenFhe => openfhe(params)?,
        Library::Seal => seal(params)?,
    };
    let near = |(bits, q): (&u32, &u64)| libm::fabs(off(*bits, *q)) <= 0.5;
    params.log_q.iter().zip(&moduli).all(near).then_some(moduli)
}

/// log2(q) − bits: what a division by q takes more off the scale than it is taken for.
pub fn off(bits: u32, q: u64) -> f64 {
    // Near 1 the logarithm of the quotient keeps more digits than the difference of two logarithms.
    libm::log2(q as f64 / libm::exp2(f64::from(bits)))
}

/// As OpenFHE chooses under manual rescaling: the last prime is the first one above the scale, and the ones before
/// it lie below and above in turn. The first one is the largest of its width, or above all where widths are equal.
fn openfhe(params: &Params) -> Option<Vec<u64>> {
    let (&first, rest) = params.log_q.split_first()?;
    let scale = params.log_scale;
    if rest.iter().any(|bits| *bits != scale) {
        return None;
    }
    let step = 2 * params.degree();
    // OpenFHE takes a last prime where there is nothing to rescale by, too.
    let mut moduli = vec![0; params.log_q.len()];
    let top = next(1 << scale, step)?;
    let (mut below, mut above) = (top, top);
    for (turn, index) in (1..moduli.len()).rev().enumerate() {
        moduli[index] = match turn {
            0 => top,
            turn if turn % 2 == 1 => {
                below = previous(below, step)?;
                below
            }
            _ => {
                above = next(above, step)?;
                above
            }
        };
    }
    let beyond = || next(above.max(top), step);
    moduli[0] = match previous(1 << first, step)? {
        _ if first == scale => beyond()?,
        largest if moduli[1..].contains(&largest) => beyond()?,
        largest => largest,
    };
    Some(moduli)
}

/// The nearest primes of each width, on both sides of it, in such an order that the scale of squares of squares stays
/// near the nominal one: from the top level downwards, each rescale divides by what brings it nearest.
fn seal(params: &Params) -> Option<Vec<u64>> {
    let step = 2 * params.degree();
    let mut widths: Vec<u32> = params.log_q.clone();
    widths.sort_unstable();
    widths.dedup();
    let mut taken: Vec<u64> = Vec::new();
    let mut free: Vec<(u32, Vec<u64>)> = Vec::new();
    for bits in widths {
        let count = params.log_q.iter().filter(|width| **width == bits).count();
        let primes = nearest(bits, step, count, &taken)?;
        taken.extend(&primes);
        free.push((bits, primes));
    }
    let mut orders = vec![Order { free, ..Order::default() }];
    for bits in params.log_q.iter().rev() {
        let mut longer: Vec<Order> = orders.iter().flat_map(|order| order.longer(*bits)).collect();
        longer.sort_by(|a, b| a.rank().total_cmp(&b.rank()));
        longer.truncate(ORDERS);
        orders = longer;
    }
    let best = orders.into_iter().min_by(|a, b| a.worst.total_cmp(&b.worst))?;
    Some(best.chosen.into_iter().rev().collect())
}

/// Orders of primes that are followed, and primes that each is tried with next.
const ORDERS: usize = 32;
const NEXT_PRIMES: usize = 6;

/// Primes in the order in which rescales divide by them, and how far scales are from the nominal one then, as log2.
#[derive(Clone, Default)]
struct Order {
    chosen: Vec<u64>,
    /// What is left of each width.
    free: Vec<(u32, Vec<u64>)>,
    /// That of squares of squares.
    square: f64,
    /// That of products with fresh values.
    product: f64,
    /// The largest of both on the way.
    worst: f64,
}

impl Order {
    /// The order with one more prime of `bits` bits: those that leave squares nearest.
    fn longer(&self, bits: u32) -> Vec<Order> {
        let Some(width) = self.free.iter().position(|(width, _)| *width == bits) else { return Vec::new() };
        let square = |q: u64| 2.0 * self.square - off(bits, q);
        let mut candidates = self.free[width].1.clone();
        candidates.sort_by(|a, b| square(*a).abs().total_cmp(&square(*b).abs()).then(a.cmp(b)));
        let with = |q: u64| {
            let mut order = self.clone();
            order.free[width].1.retain(|free| *free != q);
            order.chosen.push(q);
            order.square = square(q);
            order.product = self.product - off(bits, q);
            order.worst = self.worst.max(order.square.abs()).max(order.product.abs());
            order
        };
        candidates.into_iter().take(NEXT_PRIMES).map(with).collect()
    }

    /// Less is better: a square of what is far off is off twice as far.
    fn rank(&self) -> f64 {
        self.worst.max(2.0 * self.square.abs())
    }
}

/// The `count` primes that are nearest to 2^`bits`, without those that are taken. None has more than 60 bits.
fn nearest(bits: u32, step: u64, count: usize, taken: &[u64]) -> Option<Vec<u64>> {
    let center = 1u64 << bits;
    let (mut below, mut above) = (previous(center, step), next(center, step));
    let mut primes = Vec::new();
    while primes.len() < count {
        let fits = above.filter(|q| *q < 1 << MAX_PRIME_BITS);
        let is_below = match (below, fits) {
            (Some(low), Some(high)) => center - low <= high - center,
            (low, high) => high.is_none() && low.is_some(),
        };
        let q = if is_below { below? } else { fits? };
        match is_below {
            true => below = previous(q, step),
            false => above = next(q, step),
        }
        if !taken.contains(&q) {
            primes.push(q);
        }
    }
    Some(primes)
}

/// The smallest prime above `from` that is 1 modulo `step`; `None` beyond 62 bits.
fn next(from: u64, step: u64) -> Option<u64> {
    let first = from - from % step + 1;
    let first = if first > from { first } else { first + step };
    (first..1 << 62).step_by(usize::try_from(step).ok()?).find(|n| is_prime(*n))
}

/// The largest prime below `from` that is 1 modulo `step`.
fn previous(from: u64, step: u64) -> Option<u64> {
    let mut n = (from.checked_sub(2)? / step) * step + 1;
    while n > 1 {
        if is_prime(n) {
            return Some(n);
        }
        n = n.checked_sub(step)?;
    }
    None
}

/// Whether `n`, below 2^63, is prime: the test of Miller and Rabin, with bases that decide every such number.
fn is_prime(n: u64) -> bool {
    const BASES: [u64; 12] = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37];
    if n < 2 || BASES.iter().any(|base| n.is_multiple_of(*base)) {
        return BASES.contains(&n);
    }
    let times = |x: u64, y: u64| (u128::from(x) * u128::from(y) % u128::from(n)) as u64;
    let power = |mut base: u64, mut exponent: u64| {
        let mut result = 1;
        while exponent > 0 {
            if exponent % 2 == 1 {
                result = times(result, base);
            }
            base = times(base, base);
            exponent /= 2;
        }
        result
    };
    let twos = (n - 1).trailing_zeros();
    BASES.iter().all(|base| {
        let mut x = power(*base, (n - 1) >> twos);
        if x == 1 || x == n - 1 {
            return true;
        }
        (1..twos).any(|_| {
            x = times(x, x);
            x == n - 1
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn primes_are_told() {
        let small: Vec<u64> = (0..60).filter(|n| is_prime(*n)).collect();
        assert_eq!(small, [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59]);
        // Strong pseudoprimes to the first bases, and the square of a prime.
        for composite in [3_215_031_751, 3_474_749_660_383, 341_550_071_728_321, 65_537 * 65_537] {
            assert!(!is_prime(composite), "{composite}");
        }
        assert!(is_prime((1 << 61) - 1) && !is_prime((1 << 60) - 1));
        assert_eq!(
            (previous(1 << 40, 1 << 14), next(1 << 14, 1 << 13)),
            (Some(1_099_511_480_321), Some(40_961))
        );
    }

    #[test]
    fn openfhe_alternates_around_the_scale() {
        // Read back from OpenFHE 1.6.1.
        let read = [
            (
                13,
                [60, 40, 40, 40],
                [1_152_921_504_606_830_593, 1_099_512_004_609, 1_099_511_480_321, 1_099_511_922_689],
            ),
            (
                13,
                [40, 40, 40, 40],
                [1_099_512_266_753, 1_099_512_004_609, 1_099_511_480_321, 1_099_511_922_689],
            ),
            (15, [60, 30, 30, 30], [1_152_921_504_606_584_833, 1_074_266_113, 1_073_479_681, 1_073_872_897]),
        ];
        for (log_n, log_q, primes) in read {
            let params = Params::derived(log_n, log_q.to_vec(), log_q[1]);
            assert_eq!(moduli_of(&params, Library::OpenFhe), Some(primes.to_vec()));
        }
        let lone = |bits: u32, scale| moduli_of(&Params::derived(13, vec![bits], scale), Library::OpenFhe);
        assert_eq!(lone(50, 50), Some(vec![1_125_899_907_219_457]));
        assert_eq!(lone(60, 40), Some(vec![1_152_921_504_606_830_593]));
        assert_eq!(moduli_of(&Params::derived(13, vec![60, 40, 50], 40), Library::OpenFhe), None);
    }

    #[test]
    fn seal_gets_primes_whose_squares_drift_little() {
        for (log_n, bits, levels, most) in [(15, 25, 20, 0.6), (15, 30, 20, 0.05), (14, 40, 20, 3e-4)] {
            let mut log_q = vec![60];
            log_q.resize(levels + 1, bits);
            let params = Params::derived(log_n, log_q, bits);
            let primes = moduli_of(&params, Library::Seal).unwrap();
            let (mut square, mut product, mut worst) = (0.0f64, 0.0f64, 0.0f64);
            for level in (1..=levels).rev() {
                square = 2.0 * square - off(bits, primes[level]);
                product -= off(bits, primes[level]);
                worst = worst.max(square.abs()).max(product.abs());
            }
            assert!(worst < most, "{log_n} {bits}: {worst}");
            let mut distinct = primes.clone();
            distinct.sort_unstable();
            distinct.dedup();
            assert_eq!(distinct.len(), levels + 1);
        }
    }

    #[test]
    fn too_few_primes_are_none() {
        assert_eq!(moduli_of(&Params::derived(16, vec![60, 20, 20, 20, 20], 20), Library::Seal), None);
    }
}
