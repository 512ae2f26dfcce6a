//! Polynomial approximation of a function on an interval: Chebyshev interpolation, least squares, minimax (Remez).

use std::f64::consts::PI;
use std::fmt;
use std::str::FromStr;

use super::polynomial::{Basis, Polynomial};
use super::remez::{self, Terms};

/// The largest degree [`approximate`] takes.
pub const MAX_DEGREE: usize = 63;

/// How a polynomial is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    /// Interpolation at the Chebyshev nodes of the domain, cos(π(2k + 1)/(2d + 2)).
    Chebyshev,
    /// Least squares over many Chebyshev points of the domain.
    LeastSquares,
    /// The smallest maximal error, by Remez exchange.
    Remez,
}

impl FromStr for Method {
    type Err = String;

    fn from_str(name: &str) -> Result<Method, String> {
        match name {
            "chebyshev" => Ok(Method::Chebyshev),
            "least-squares" => Ok(Method::LeastSquares),
            "remez" => Ok(Method::Remez),
            _ => Err(format!("unknown method `{name}`: expected `chebyshev`, `remez` or `least-squares`")),
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Method::Chebyshev => "chebyshev",
            Method::LeastSquares => "least-squares",
            Method::Remez => "remez",
        })
    }
}

/// A polynomial (in the Chebyshev basis) and how far it is from the function.
#[derive(Clone, Debug, PartialEq)]
pub struct Approximation {
    /// The polynomial, on the domain that was asked for.
    pub polynomial: Polynomial,
    /// The largest error found on a dense grid of the domain, its peaks refined.
    pub max_error: f64,
}

/// Why there is no approximation.
#[derive(Clone, Debug, PartialEq)]
pub enum ApproximationError {
    /// The degree is outside 1 ..= [`MAX_DEGREE`].
    Degree {
        /// The degree asked for.
        degree: usize,
    },
    /// The domain is empty, reversed, not finite or too narrow for its magnitude.
    Domain {
        /// Its lower end.
        lo: f64,
        /// Its upper end.
        hi: f64,
    },
    /// The function is infinite or NaN within the domain.
    NotFinite {
        /// Where.
        x: f64,
        /// Its value there.
        value: f64,
    },
}

impl fmt::Display for ApproximationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ApproximationError::Degree { degree } => {
                write!(f, "degree {degree} is outside 1 to {MAX_DEGREE}")
            }
            ApproximationError::Domain { lo, hi } => {
                write!(f, "[{lo}, {hi}] is no domain: finite ends in increasing order are expected")
            }
            ApproximationError::NotFinite { x, value } => {
                write!(f, "the function is {value} at {x}, within the domain of the approximation")
            }
        }
    }
}

impl std::error::Error for ApproximationError {}

/// A polynomial of at most `degree` (1 ..= [`MAX_DEGREE`]) near `f` on the domain, in the Chebyshev basis. Deterministic.
/// Coefficients below 1e-15 of the largest are zero. `Remez` is never worse than `Chebyshev`.
pub fn approximate(
    f: &dyn Fn(f64) -> f64,
    degree: usize,
    domain: (f64, f64),
    method: Method,
) -> Result<Approximation, ApproximationError> {
    if degree == 0 || degree > MAX_DEGREE {
        return Err(ApproximationError::Degree { degree });
    }
    let (lo, hi) = domain;
    let extent = hi - lo;
    let separable = extent > 64.0 * f64::EPSILON * lo.abs().max(hi.abs()) && extent > 1e-150;
    if !extent.is_finite() || !separable {
        return Err(ApproximationError::Domain { lo, hi });
    }
    let target = Target::new(f, domain)?;
    let interpolant = target.finish(target.transform(degree, degree + 1)?);
    Ok(match method {
        Method::Chebyshev => interpolant,
        Method::LeastSquares => target.finish(target.transform(degree, (64 * (degree + 1)).max(1024))?),
        Method::Remez => {
            let terms = target.terms();
            let candidates = remez::minimax(&|t| target.at(t), degree, terms);
            let approximations = candidates.into_iter().map(|coefficients| target.finish(coefficients));
            approximations
                .fold(interpolant, |best, next| if next.max_error < best.max_error { next } else { best })
        }
    })
}

/// The function on its domain, as a function of t in [−1, 1].
struct Target<'a> {
    f: &'a dyn Fn(f64) -> f64,
    domain: (f64, f64),
    /// The grid on which errors are measured, increasing, with the values of f.
    grid: Vec<(f64, f64)>,
}

impl<'a> Target<'a> {
    /// Points that are dense at the ends of the domain.
    const CHEBYSHEV_POINTS: usize = 4096;
    /// Evenly spaced points.
    const EVEN_POINTS: usize = 2048;

    fn new(f: &'a dyn Fn(f64) -> f64, domain: (f64, f64)) -> Result<Self, ApproximationError> {
        let mut target = Target { f, domain, grid: Vec::new() };
        let chebyshev =
            (0..=Self::CHEBYSHEV_POINTS).map(|k| libm::cos(PI * k as f64 / Self::CHEBYSHEV_POINTS as f64));
        let even = (0..=Self::EVEN_POINTS).map(|k| 2.0 * k as f64 / Self::EVEN_POINTS as f64 - 1.0);
        let mut points: Vec<f64> = chebyshev.chain(even).map(|t| target.x(t)).collect();
        points.sort_by(f64::total_cmp);
        // Neighbours that nearly coincide would not bracket a peak. The lower end stays; the upper one is put back.
        points.dedup_by(|next, kept| *next - *kept < 1e-9 * (domain.1 - domain.0));
        points.pop();
        points.push(domain.1);
        target.grid = points.into_iter().map(|x| Ok((x, target.value(x)?))).collect::<Result<_, _>>()?;
        Ok(target)
    }

    fn x(&self, t: f64) -> f64 {
        let (lo, hi) = self.domain;
        (0.5 * ((hi + lo) + (hi - lo) * t)).clamp(lo, hi)
    }

    fn at(&self, t: f64) -> f64 {
        (self.f)(self.x(t))
    }

    fn value(&self, x: f64) -> Result<f64, ApproximationError> {
        let value = (self.f)(x);
        if value.is_finite() { Ok(value) } else { Err(ApproximationError::NotFinite { x, value }) }
    }

    /// The terms that minimax approximation needs: fewer if the domain is symmetric and f is even or odd but for a
    /// line.
    fn terms(&self) -> Terms {
        if self.domain.0 != -self.domain.1 {
            return Terms::All;
        }
        let scale = self.grid.iter().fold(0.0, |most: f64, (_, value)| most.max(value.abs()));
        let (slope, constant) = (0.5 * (self.at(1.0) - self.at(-1.0)), self.at(0.0));
        let holds = |law: &dyn Fn(f64, f64, f64) -> f64| {
            (0..=256)
                .map(|k| f64::from(k) / 256.0)
                .all(|t| law(t, self.at(t), self.at(-t)).abs() <= 1e-14 * scale)
        };
        match () {
            () if holds(&|t, right, left| 0.5 * (right - left) - slope * t) => Terms::Even,
            () if holds(&|_, right, left| 0.5 * (right + left) - constant) => Terms::Odd,
            () => Terms::All,
        }
    }

    /// The Chebyshev coefficients up to `degree` of the interpolant at `count` Chebyshev nodes; with more nodes than
    /// coefficients, the least-squares polynomial over the nodes (the T_k are orthogonal over them).
    fn transform(&self, degree: usize, count: usize) -> Result<Vec<f64>, ApproximationError> {
        let angles = (0..count).map(|j| PI * (2 * j + 1) as f64 / (2 * count) as f64);
        let mut coefficients = vec![0.0; degree + 1];
        for (j, angle) in angles.enumerate() {
            // Nodes of the second half are the exact negatives of those of the first.
            let mirror = PI * (2 * (count - 1 - j) + 1) as f64 / (2 * count) as f64;
            let node = match (2 * j + 1).cmp(&count) {
                std::cmp::Ordering::Less => libm::cos(angle),
                std::cmp::Ordering::Equal => 0.0,
                std::cmp::Ordering::Greater => -libm::cos(mirror),
            };
            let value = self.value(self.x(node))?;
            for (k, c) in coefficients.iter_mut().enumerate() {
                // cos(kθ_j) by an exact reduction of the angle modulo 2π.
                let turns = k * (2 * j + 1) % (4 * count);
                *c += value * libm::cos(PI * turns as f64 / (2 * count) as f64);
            }
        }
        for (k, c) in coefficients.iter_mut().enumerate() {
            *c *= if k == 0 { 1.0 } else { 2.0 } / count as f64;
        }
        Ok(coefficients)
    }

    /// The approximation with these coefficients: rounding residues become zero, the error is measured.
    fn finish(&self, mut coefficients: Vec<f64>) -> Approximation {
        let most = coefficients.iter().fold(0.0, |most: f64, c| most.max(c.abs()));
        for c in &mut coefficients {
            if c.abs() < 1e-15 * most {
                *c = 0.0;
            }
        }
        let polynomial = Polynomial { basis: Basis::Chebyshev, domain: self.domain, coefficients };
        let max_error = self.max_error(&polynomial);
        Approximation { polynomial, max_error }
    }

    fn max_error(&self, polynomial: &Polynomial) -> f64 {
        /// Peaks of the error that are refined, the highest first.
        const PEAKS: usize = 160;
        let errors: Vec<f64> =
            self.grid.iter().map(|&(x, value)| (polynomial.eval(x) - value).abs()).collect();
        let most = errors.iter().copied().fold(0.0, f64::max);
        let at = |index: usize| errors.get(index).copied().unwrap_or(0.0);
        let mut peaks: Vec<usize> = (0..errors.len())
            .filter(|&k| at(k) >= 0.9 * most && at(k) >= at(k + 1) && (k == 0 || at(k) >= at(k - 1)))
            .collect();
        peaks.sort_by(|&a, &b| at(b).total_cmp(&at(a)));
        peaks.truncate(PEAKS);
        let refined = peaks.into_iter().map(|k| {
            let (left, right) =
                (self.grid[k.saturating_sub(1)].0, self.grid[(k + 1).min(self.grid.len() - 1)].0);
            remez::peak(&|x| (polynomial.eval(x) - (self.f)(x)).abs(), left, right).1
        });
        refined.filter(|error| error.is_finite()).fold(most, f64::max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A name, a function and a domain.
    type Case = (&'static str, fn(f64) -> f64, (f64, f64));

    const FUNCTIONS: [Case; 9] = [
        ("relu", |x| x.max(0.0), (-5.0, 5.0)),
        ("relu, shifted", |x| x.max(0.0), (-3.0, 8.0)),
        ("gelu", |x| 0.5 * x * libm::erfc(-x / std::f64::consts::SQRT_2), (-8.0, 8.0)),
        ("silu", |x| x / (1.0 + libm::exp(-x)), (-6.0, 4.0)),
        ("sigmoid", |x| 1.0 / (1.0 + libm::exp(-x)), (-10.0, 10.0)),
        ("tanh", libm::tanh, (-4.0, 4.0)),
        ("exp", libm::exp, (-4.0, 1.0)),
        ("rsqrt", |x| 1.0 / x.sqrt(), (0.1, 4.0)),
        ("abs", f64::abs, (-1.0, 1.0)),
    ];

    /// Pseudo-random points of the domain.
    fn samples((lo, hi): (f64, f64)) -> impl Iterator<Item = f64> {
        let mut state = 1u64;
        (0..20_000).map(move |_| {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            lo + (hi - lo) * ((state >> 11) as f64 / (1u64 << 53) as f64)
        })
    }

    #[test]
    fn max_error_holds_at_random_points() {
        for (name, f, domain) in FUNCTIONS {
            for degree in [1, 2, 7, 8, 15, 31, 63] {
                for method in [Method::Chebyshev, Method::LeastSquares, Method::Remez] {
                    let found = approximate(&f, degree, domain, method).unwrap();
                    let worst =
                        samples(domain).map(|x| (f(x) - found.polynomial.eval(x)).abs()).fold(0.0, f64::max);
                    let slack = found.max_error * (1.0 + 1e-6) + 1e-14 * f(domain.1).abs();
                    assert!(worst <= slack, "{name} {degree} {method}: {worst} {}", found.max_error);
                    assert!(
                        worst >= 0.7 * found.max_error,
                        "{name} {degree} {method}: {worst} {}",
                        found.max_error
                    );
                }
            }
        }
    }

    #[test]
    fn polynomials_are_reproduced() {
        let f = |x: f64| 3.0 - x + 0.5 * x.powi(3) - 0.125 * x.powi(5);
        for degree in [5, 6, 17, 63] {
            for method in [Method::Chebyshev, Method::LeastSquares, Method::Remez] {
                let found = approximate(&f, degree, (-2.0, 3.0), method).unwrap();
                assert!(found.max_error < 1e-13, "{degree} {method}: {}", found.max_error);
            }
        }
        let square = approximate(&|x| x * x, 8, (-4.0, 4.0), Method::Remez).unwrap().polynomial;
        assert_eq!(square.degree(), 2);
        assert_eq!(square.coefficients[..3], [8.0, 0.0, 8.0]);
    }

    #[test]
    fn interpolation_meets_its_nodes() {
        let found = approximate(&libm::exp, 8, (-2.0, 1.0), Method::Chebyshev).unwrap();
        for k in 0..9 {
            let x = -0.5 + 1.5 * (PI * (2.0 * f64::from(k) + 1.0) / 18.0).cos();
            assert!((found.polynomial.eval(x) - x.exp()).abs() < 1e-14);
        }
    }

    #[test]
    fn remez_is_near_the_minimax() {
        for (name, f, domain) in FUNCTIONS {
            for degree in (2..=13).chain([16, 23, 32, 47, 63]) {
                let chebyshev = approximate(&f, degree, domain, Method::Chebyshev).unwrap();
                let found = approximate(&f, degree, domain, Method::Remez).unwrap();
                assert!(found.max_error <= chebyshev.max_error, "{name} {degree}");
                if found.max_error < 1e-11 {
                    continue;
                }
                // De la Vallée Poussin: alternating errors of at least E at degree + 2 points leave no polynomial
                // with a smaller error than E. Count the alternations above 0.99 of the error.
                let mut alternations = 0;
                let mut sign = 0.0;
                for i in 0..=40_000 {
                    let t = -(PI * f64::from(i) / 40_000.0).cos();
                    let x = 0.5 * (domain.0 + domain.1) + 0.5 * (domain.1 - domain.0) * t;
                    let error = f(x) - found.polynomial.eval(x);
                    if error.abs() >= 0.99 * found.max_error && error.signum() != sign {
                        sign = error.signum();
                        alternations += 1;
                    }
                }
                assert!(alternations >= degree + 2, "{name} {degree}: {alternations} alternations");
            }
        }
    }

    #[test]
    fn known_minimax_errors() {
        // |x| on [-1, 1]: degree 2 is x² + 1/8. e^x, degree 1: slope sinh 1 (error 0.278801…).
        let found = approximate(&f64::abs, 2, (-1.0, 1.0), Method::Remez).unwrap();
        assert!((found.max_error - 0.125).abs() < 1e-9);
        let found = approximate(&libm::exp, 1, (-1.0, 1.0), Method::Remez).unwrap();
        assert!((found.max_error - 0.278_801_6).abs() < 1e-6, "{}", found.max_error);
    }

    #[test]
    fn parity_leaves_exact_zeros() {
        for method in [Method::Chebyshev, Method::LeastSquares, Method::Remez] {
            for degree in [8, 15, 63] {
                let found = approximate(&FUNCTIONS[2].1, degree, (-8.0, 8.0), method).unwrap();
                for (k, c) in found.polynomial.coefficients.iter().enumerate().skip(3).step_by(2) {
                    assert_eq!(*c, 0.0, "gelu {degree} {method} {k}");
                }
                let found = approximate(&libm::tanh, degree, (-4.0, 4.0), method).unwrap();
                assert!(found.polynomial.coefficients.iter().step_by(2).all(|&c| c == 0.0));
            }
        }
    }

    #[test]
    fn bad_questions_are_refused() {
        let f = |x: f64| x;
        let ask = |degree, domain| approximate(&f, degree, domain, Method::Remez);
        assert_eq!(ask(0, (0.0, 1.0)), Err(ApproximationError::Degree { degree: 0 }));
        assert_eq!(ask(64, (0.0, 1.0)), Err(ApproximationError::Degree { degree: 64 }));
        for domain in [
            (1.0, 1.0),
            (1.0, 0.0),
            (0.0, f64::INFINITY),
            (f64::NAN, 1.0),
            (-f64::MAX, f64::MAX),
            (1.0, 1.0 + 1e-15),
        ] {
            assert!(matches!(ask(3, domain), Err(ApproximationError::Domain { .. })), "{domain:?}");
        }
        let pole = approximate(&|x| 1.0 / x, 3, (-1.0, 1.0), Method::Chebyshev);
        assert!(matches!(pole, Err(ApproximationError::NotFinite { x: 0.0, .. })));
        assert!("chebychev".parse::<Method>().is_err());
    }
}
