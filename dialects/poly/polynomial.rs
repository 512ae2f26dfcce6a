//! Polynomials in the monomial or the Chebyshev basis.

use std::fmt;
use std::str::FromStr;

/// What the coefficients of a polynomial multiply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Basis {
    /// Powers of x.
    Monomial,
    /// Chebyshev polynomials T_k(t) of t = (2x − (a + b))/(b − a), where [a, b] is the domain.
    Chebyshev,
}

impl FromStr for Basis {
    type Err = String;

    fn from_str(name: &str) -> Result<Basis, String> {
        match name {
            "monomial" => Ok(Basis::Monomial),
            "chebyshev" => Ok(Basis::Chebyshev),
            _ => Err(format!("unknown basis `{name}`: expected `monomial` or `chebyshev`")),
        }
    }
}

impl fmt::Display for Basis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Basis::Monomial => "monomial",
            Basis::Chebyshev => "chebyshev",
        })
    }
}

/// A polynomial and the interval it is meant for.
#[derive(Clone, Debug, PartialEq)]
pub struct Polynomial {
    /// What the coefficients multiply.
    pub basis: Basis,
    /// The interval [a, b] the polynomial is meant for; in the Chebyshev basis also the one mapped onto [−1, 1].
    pub domain: (f64, f64),
    /// The coefficients, the constant first; none is the zero polynomial.
    pub coefficients: Vec<f64>,
}

impl Polynomial {
    /// The index of the last coefficient that is not zero; 0 for a constant.
    pub fn degree(&self) -> usize {
        self.coefficients.iter().rposition(|&c| c != 0.0).unwrap_or(0)
    }

    /// The map of the domain onto [−1, 1], t = scale·x + offset. The identity for a domain of no extent.
    pub fn to_unit(&self) -> (f64, f64) {
        let (a, b) = self.domain;
        if a < b { (2.0 / (b - a), -(a + b) / (b - a)) } else { (1.0, 0.0) }
    }

    /// The map of [−1, 1] onto the domain, x = scale·t + offset. The identity for a domain of no extent.
    pub fn from_unit(&self) -> (f64, f64) {
        let (a, b) = self.domain;
        if a < b { (0.5 * (b - a), 0.5 * (a + b)) } else { (1.0, 0.0) }
    }

    /// The value at x, by Clenshaw's recurrence or Horner's rule.
    pub fn eval(&self, x: f64) -> f64 {
        match self.basis {
            Basis::Monomial => horner(&self.coefficients, x),
            Basis::Chebyshev => {
                let (scale, offset) = self.to_unit();
                clenshaw(&self.coefficients, scale * x + offset)
            }
        }
    }

    /// The same polynomial in another basis. The conversion to powers of x loses about 0.4·degree digits on [−1, 1]
    /// and more on a domain that is far from it: above degree 15 keep the Chebyshev basis.
    pub fn to_basis(&self, basis: Basis) -> Polynomial {
        let coefficients = match (self.basis, basis) {
            (Basis::Chebyshev, Basis::Monomial) => {
                let (scale, offset) = self.to_unit();
                substitute(&chebyshev_to_monomial(&self.coefficients), scale, offset)
            }
            (Basis::Monomial, Basis::Chebyshev) => {
                let (scale, offset) = self.from_unit();
                monomial_to_chebyshev(&substitute(&self.coefficients, scale, offset))
            }
            _ => self.coefficients.clone(),
        };
        Polynomial { basis, domain: self.domain, coefficients }
    }

    /// An upper bound of |p| on the domain, at most 1 % above the maximum.
    pub fn max_abs_on_domain(&self) -> f64 {
        self.max_abs_on(self.domain.0, self.domain.1)
    }

    /// An upper bound of |p| on [lo, hi], at most 1 % above the maximum.
    pub fn max_abs_on(&self, lo: f64, hi: f64) -> f64 {
        let (points, growth) = extrema_grid(self.degree(), lo, hi);
        points.iter().fold(0.0, |most: f64, &x| most.max(self.eval(x).abs())) * growth
    }

    /// An interval that holds p(x) for every x in [lo, hi], wider than the range by less than 1 % of its extent. The
    /// whole line if the interval is not finite.
    pub fn range_on(&self, lo: f64, hi: f64) -> (f64, f64) {
        let (points, growth) = extrema_grid(self.degree(), lo, hi);
        let (least, most) = points.iter().map(|&x| self.eval(x)).fold(
            (f64::INFINITY, f64::NEG_INFINITY),
            |(least, most), value| {
                if value.is_nan() { (f64::NAN, f64::NAN) } else { (least.min(value), most.max(value)) }
            },
        );
        // p − middle is a polynomial of the same degree, whose magnitude is half the extent at the points.
        let (middle, extent) = (0.5 * (least + most), 0.5 * (most - least));
        let radius = extent * growth + 1e-14 * least.abs().max(most.abs());
        if !radius.is_finite() || !growth.is_finite() {
            return (f64::NEG_INFINITY, f64::INFINITY);
        }
        (middle - radius, middle + radius)
    }
}

/// Points of [lo, hi] and a factor f such that |p| ≤ f · max |p(point)| on the interval for every polynomial of the
/// degree. These are the extrema of T_N, N = 16·degree: between neighbours a polynomial cannot exceed its values there
/// by more than 1/cos(π·degree/(2N)) = 1.0048 (Ehlich and Zeller, 1964). The factor is infinite for an interval that
/// is not finite.
pub(crate) fn extrema_grid(degree: usize, lo: f64, hi: f64) -> (Vec<f64>, f64) {
    if !lo.is_finite() || !hi.is_finite() {
        return (vec![lo, hi], f64::INFINITY);
    }
    let count = 16 * degree.max(1);
    let angle = std::f64::consts::PI / count as f64;
    let (middle, radius) = (0.5 * lo + 0.5 * hi, 0.5 * hi - 0.5 * lo);
    let mut points: Vec<f64> = (1..count).map(|k| middle + radius * libm::cos(angle * k as f64)).collect();
    points.extend([lo, hi]);
    let growth = 1.0 / libm::cos(0.5 * angle * degree as f64);
    (points, growth * (1.0 + 1e-12))
}

/// Coefficients below this share of the largest are residues of rounding.
const RESIDUE: f64 = 1e-13;

/// Makes coefficients that are residues of rounding zero.
pub(super) fn drop_residues(coefficients: &mut [f64]) {
    let most = coefficients.iter().fold(0.0, |most: f64, c| most.max(c.abs()));
    coefficients.iter_mut().filter(|c| c.abs() <= RESIDUE * most).for_each(|c| *c = 0.0);
}

/// Σ c_k x^k.
pub(crate) fn horner(coefficients: &[f64], x: f64) -> f64 {
    coefficients.iter().rev().fold(0.0, |sum, c| sum * x + c)
}

/// Σ c_k T_k(t).
pub(crate) fn clenshaw(coefficients: &[f64], t: f64) -> f64 {
    let Some((first, rest)) = coefficients.split_first() else { return 0.0 };
    let (mut b1, mut b2) = (0.0, 0.0);
    for c in rest.iter().rev() {
        (b1, b2) = (2.0 * t * b1 - b2 + c, b1);
    }
    first + t * b1 - b2
}

/// The coefficients of powers of t of Σ c_k T_k(t), through T_{k+1} = 2t·T_k − T_{k−1}.
pub(crate) fn chebyshev_to_monomial(coefficients: &[f64]) -> Vec<f64> {
    let size = coefficients.len();
    let mut result = vec![0.0; size];
    let (mut current, mut previous) = (vec![0.0; size], vec![0.0; size]);
    for (k, &c) in coefficients.iter().enumerate() {
        match k {
            0 => current[0] = 1.0,
            1 => (current, previous) = (shifted(&current, 1.0), current),
            _ => {
                let mut next = shifted(&current, 2.0);
                next.iter_mut().zip(&previous).for_each(|(n, p)| *n -= p);
                (current, previous) = (next, current);
            }
        }
        result.iter_mut().zip(&current).for_each(|(r, t)| *r += c * t);
    }
    result
}

/// factor·t·p(t), cut at the length of p.
fn shifted(p: &[f64], factor: f64) -> Vec<f64> {
    std::iter::once(0.0).chain(p.iter().map(|c| factor * c)).take(p.len()).collect()
}

/// The Chebyshev coefficients of Σ m_k t^k, by Horner's rule: t·T_k = (T_{k+1} + T_{|k−1|})/2.
pub(crate) fn monomial_to_chebyshev(coefficients: &[f64]) -> Vec<f64> {
    let size = coefficients.len();
    let mut result = vec![0.0; size];
    for &m in coefficients.iter().rev() {
        let mut next = vec![0.0; size];
        for k in 0..size {
            if k + 1 < size {
                next[k + 1] += if k == 0 { result[k] } else { 0.5 * result[k] };
            }
            if k > 0 {
                next[k - 1] += 0.5 * result[k];
            }
        }
        if let Some(constant) = next.first_mut() {
            *constant += m;
        }
        result = next;
    }
    result
}

/// The coefficients of p(scale·x + offset).
pub(super) fn substitute(coefficients: &[f64], scale: f64, offset: f64) -> Vec<f64> {
    let mut result = vec![0.0; coefficients.len()];
    for &c in coefficients.iter().rev() {
        let mut next: Vec<f64> = shifted(&result, scale);
        next.iter_mut().zip(&result).for_each(|(n, r)| *n += offset * r);
        if let Some(constant) = next.first_mut() {
            *constant += c;
        }
        result = next;
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chebyshev(domain: (f64, f64), coefficients: &[f64]) -> Polynomial {
        Polynomial { basis: Basis::Chebyshev, domain, coefficients: coefficients.to_vec() }
    }

    #[test]
    fn bases_agree() {
        let p = chebyshev((-3.0, 5.0), &[1.0, -2.0, 0.5, 0.25, -0.125, 0.0, 1.0]);
        let q = p.to_basis(Basis::Monomial);
        let r = q.to_basis(Basis::Chebyshev);
        for i in 0..=100 {
            let x = -3.0 + 0.08 * f64::from(i);
            assert!((p.eval(x) - q.eval(x)).abs() < 1e-11);
            assert!((p.eval(x) - r.eval(x)).abs() < 1e-11);
        }
        assert_eq!(
            chebyshev((-1.0, 1.0), &[0.0, 0.0, 0.0, 0.0, 1.0]).to_basis(Basis::Monomial).coefficients,
            [1.0, 0.0, -8.0, 0.0, 8.0]
        );
        assert_eq!(chebyshev((-1.0, 1.0), &[]).to_basis(Basis::Monomial).eval(3.0), 0.0);
    }

    #[test]
    fn clenshaw_evaluates_chebyshev_polynomials() {
        for k in 0..=63usize {
            let mut c = vec![0.0; k + 1];
            c[k] = 1.0;
            for i in 0..=50 {
                let angle = 0.0628 * f64::from(i);
                assert!((clenshaw(&c, angle.cos()) - (k as f64 * angle).cos()).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn ranges_are_sound_and_tight() {
        for k in 2..=63usize {
            let mut p = chebyshev((-1.0, 1.0), &vec![0.0; k + 1]);
            p.coefficients[k] = 1.0;
            p.coefficients[1] = 0.3;
            for (lo, hi) in [(-1.0, 1.0), (-0.3, 0.9), (-1.1, 0.4), (0.2, 0.2)] {
                let values: Vec<f64> =
                    (0..=2000).map(|i| p.eval((lo + (hi - lo) * f64::from(i) / 2000.0f64).min(hi))).collect();
                let least = values.iter().copied().fold(f64::MAX, f64::min);
                let most = values.iter().copied().fold(f64::MIN, f64::max);
                let (low, high) = p.range_on(lo, hi);
                assert!(low <= least && most <= high, "{k} {lo} {hi}");
                let slack = 0.02 * (most - least) + 1e-12 * most.abs().max(1.0);
                assert!(least - low <= slack && high - most <= slack, "{k} {lo} {hi}");
                let bound = p.max_abs_on(lo, hi);
                assert!(bound >= most.max(-least) && bound <= 1.02 * most.max(-least) + 1e-12);
            }
        }
        assert_eq!(chebyshev((-1.0, 1.0), &[1.0, 1.0]).range_on(0.0, f64::INFINITY).1, f64::INFINITY);
    }
}
