use super::*;
use crate::poly::approximation::{Method, approximate};
use crate::poly::folding::normal_form;

const SCHEDULES: [Schedule; 3] = [Schedule::Horner, Schedule::PatersonStockmeyer, Schedule::MinDepth];

struct Noise(u64);

impl Noise {
    /// A value in [-1, 1).
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 11) as f64 / (1u64 << 52) as f64 - 1.0
    }
}

fn poly(basis: Basis, domain: (f64, f64), coefficients: &[f64]) -> Polynomial {
    Polynomial { basis, domain, coefficients: coefficients.to_vec() }
}

/// A polynomial with general coefficients.
fn general(basis: Basis, degree: usize) -> Polynomial {
    let mut noise = Noise(degree as u64);
    poly(basis, (-1.0, 1.0), &(0..=degree).map(|_| noise.next()).collect::<Vec<_>>())
}

/// The program equals the polynomial, has no idle step, reads only earlier nodes, and keeps to its bounds.
fn check(poly: &Polynomial, schedule: Schedule, range: (f64, f64), tolerance: f64) -> Program {
    let program = expand(poly, schedule, range);
    let label = format!("{schedule} degree {} on {:?}", poly.degree(), poly.domain);
    assert_eq!(program.bounds.len(), program.steps.len() + 1);
    let mut used = vec![false; program.bounds.len()];
    used[program.output.0] = true;
    for (at, step) in program.steps.iter().enumerate().rev() {
        let (a, b) = step.operands();
        assert!(a.0 <= at && b.0 <= at && used[at + 1], "{label}: step {at}");
        (used[a.0], used[b.0]) = (true, true);
        match step {
            Step::MulScalar(_, c) => assert!(*c != 1.0 && (*c != 0.0 || poly.degree() == 0), "{label}"),
            Step::AddScalar(_, c) => assert!(*c != 0.0, "{label}"),
            _ => {}
        }
    }
    let scale = poly.max_abs_on(range.0, range.1).max(1e-300);
    let mut most = vec![0.0f64; program.bounds.len()];
    let mut noise = Noise(99);
    for _ in 0..120 {
        let x =
            (0.5 * (range.0 + range.1 + (range.1 - range.0) * (noise.next() * 1.1))).clamp(range.0, range.1);
        let error = (program.eval(x) - poly.eval(x)).abs();
        assert!(error <= tolerance * scale, "{label}: error {error} at {x}");
        let mut values = vec![x];
        for step in &program.steps {
            values.push(step.apply(&values));
        }
        most.iter_mut().zip(values).for_each(|(most, value)| *most = most.max(value.abs()));
    }
    for (bound, most) in program.bounds.iter().zip(most) {
        assert!(most <= *bound, "{label}: {most} exceeds {bound}");
    }
    program
}

#[test]
fn every_schedule_equals_clenshaw() {
    /// A function and a domain.
    type Case = (fn(f64) -> f64, (f64, f64));
    let functions: [Case; 6] = [
        (|x| x.max(0.0), (-5.0, 5.0)),
        (|x| 0.5 * x * libm::erfc(-x / std::f64::consts::SQRT_2), (-8.0, 8.0)),
        (libm::tanh, (-4.0, 4.0)),
        (|x| 1.0 / (1.0 + libm::exp(-x)), (-1.0, 1.0)),
        (libm::exp, (-3.0, 1.0)),
        (|x| 1.0 / x, (0.5, 9.0)),
    ];
    for (f, domain) in functions {
        for degree in 2..=63 {
            let p = approximate(&f, degree, domain, Method::Chebyshev).unwrap().polynomial;
            for schedule in SCHEDULES {
                check(&p, schedule, domain, 1e-10);
            }
        }
    }
}

#[test]
fn min_depth_is_optimal() {
    for basis in [Basis::Monomial, Basis::Chebyshev] {
        for degree in 2..=63 {
            let p = general(basis, degree);
            let program = check(&p, Schedule::MinDepth, (-1.0, 1.0), 1e-10);
            assert_eq!(program.depth(), log2_ceil(degree + 1), "{basis} {degree}");
            // Even and odd parts are no deeper.
            for parity in [0, 1] {
                let mut part = p.clone();
                part.coefficients.iter_mut().skip(parity).step_by(2).for_each(|c| *c = 0.0);
                if part.degree() >= 2 {
                    let fewer = check(&part, Schedule::MinDepth, (-1.0, 1.0), 1e-10);
                    assert!(fewer.depth() <= log2_ceil(part.degree() + 1), "{basis} {degree}");
                    let as_deep = fewer.depth() == program.depth();
                    assert!(!as_deep || fewer.mul_count() <= program.mul_count(), "{basis} {degree}");
                }
            }
        }
    }
    for (degree, depth) in [(7, 3), (8, 4), (15, 4), (31, 5), (63, 6)] {
        let p = general(Basis::Chebyshev, degree);
        assert_eq!(expand(&p, Schedule::MinDepth, (-1.0, 1.0)).depth(), depth);
    }
}

#[test]
fn products_are_few() {
    for basis in [Basis::Monomial, Basis::Chebyshev] {
        for degree in 2..=63usize {
            let p = general(basis, degree);
            let [horner, few, shallow] = SCHEDULES.map(|s| check(&p, s, (-1.0, 1.0), 1e-10));
            assert_eq!(horner.mul_count(), degree - 1);
            let most = (2.0 * degree as f64).sqrt() + (degree as f64).log2() + 0.5;
            assert!(few.mul_count() as f64 <= most, "{basis} {degree}: {}", few.mul_count());
            assert!(few.mul_count() <= shallow.mul_count() && shallow.depth() <= few.depth());
        }
    }
    // Degree 7: T_2, T_4, T_3 (or a product in its place) and two splits, or T_2, T_3 and two splits by T_3.
    let counts = [7, 8, 15].map(|degree| {
        let p = general(Basis::Chebyshev, degree);
        (
            expand(&p, Schedule::MinDepth, (-1.0, 1.0)).mul_count(),
            expand(&p, Schedule::PatersonStockmeyer, (-1.0, 1.0)).mul_count(),
        )
    });
    assert_eq!(counts, [(5, 4), (4, 4), (8, 6)]);
}

#[test]
fn special_polynomials_are_short() {
    let x = Node(0);
    for schedule in SCHEDULES {
        let steps = |p: &Polynomial| expand(p, schedule, (-2.0, 2.0)).steps;
        // x² in either basis is one product.
        assert_eq!(steps(&poly(Basis::Monomial, (-4.0, 4.0), &[0.0, 0.0, 1.0])), [Step::Mul(x, x)]);
        assert_eq!(steps(&poly(Basis::Chebyshev, (-4.0, 4.0), &[8.0, 0.0, 8.0, 0.0])), [Step::Mul(x, x)]);
        let line = [Step::MulScalar(x, 0.5), Step::AddScalar(Node(1), 3.0)];
        assert_eq!(steps(&poly(Basis::Chebyshev, (-4.0, 4.0), &[3.0, 2.0])), line);
        assert_eq!(steps(&poly(Basis::Monomial, (-4.0, 4.0), &[0.0, 1.0])), []);
        let constant = [Step::MulScalar(x, 0.0), Step::AddScalar(Node(1), 7.0)];
        assert_eq!(steps(&poly(Basis::Chebyshev, (0.0, 4.0), &[7.0])), constant);
        assert_eq!(steps(&poly(Basis::Monomial, (0.0, 4.0), &[])), constant[..1]);
    }
    // x⁸ is three squares; a domain of [0, 1] is mapped by 2x − 1.
    let power = poly(Basis::Monomial, (-1.0, 1.0), &[0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0]);
    let program = expand(&power, Schedule::MinDepth, (-1.0, 1.0));
    assert_eq!((program.mul_count(), program.depth(), program.steps.len()), (3, 3, 3));
    let cubic = poly(Basis::Chebyshev, (0.0, 1.0), &[1.0, 1.0, 0.5, 0.25]);
    let program = expand(&cubic, Schedule::MinDepth, (0.0, 1.0));
    assert_eq!(program.steps[..2], [Step::MulScalar(x, 2.0), Step::AddScalar(Node(1), -1.0)]);
    assert_eq!(program.depth(), 3);
}

#[test]
fn bounds_hold_outside_the_domain_and_are_tight() {
    for degree in [5, 8, 15, 31] {
        let p = approximate(&libm::tanh, degree, (-4.0, 4.0), Method::Remez).unwrap().polynomial;
        for schedule in SCHEDULES {
            check(&p, schedule, (-4.5, 2.0), 1e-9);
            check(&p, schedule, (1.0, 1.0), 1e-9);
            let inside = check(&p, schedule, (-4.0, 4.0), 1e-10);
            // The output is tanh, and t keeps to [−1, 1].
            assert!((inside.bounds[inside.output.0] - 1.0).abs() < 0.1);
            assert!((inside.bounds[1] - 1.0).abs() < 0.01 && inside.bounds[0] == 4.0);
        }
        let unbounded = expand(&p, Schedule::MinDepth, (f64::NEG_INFINITY, 0.0));
        assert!(unbounded.bounds.iter().all(|bound| *bound == f64::INFINITY));
    }
}

/// Polynomials with all terms, even ones with a linear term, odd ones.
fn kinds(degree: usize) -> Vec<Polynomial> {
    let all: [fn(usize) -> bool; 3] = [|_| true, |k| k % 2 == 0 || k == 1, |k| k % 2 == 1];
    let kind = |has: fn(usize) -> bool| {
        let mut noise = Noise(degree as u64);
        let term = |k| if has(k) { noise.next() / (1 + k) as f64 } else { 0.0 };
        poly(Basis::Chebyshev, (-3.0, 3.0), &(0..=degree).map(term).collect::<Vec<_>>())
    };
    all.into_iter().filter(|has| has(degree)).map(kind).collect()
}

#[test]
fn folded_polynomials_have_the_least_depth_and_few_products() {
    for degree in 2..=31 {
        for original in kinds(degree) {
            for scalable in [false, true] {
                let Some(normal) = normal_form(&original, scalable) else { continue };
                let program = check(&normal.polynomial, Schedule::Auto, normal.polynomial.domain, 1e-8);
                for step in 0..=20 {
                    let x = -3.0 + 0.3 * f64::from(step);
                    let folded = normal.factor * normal.polynomial.eval((x - normal.offset) / normal.scale);
                    let wanted = original.eval(x);
                    assert!(
                        (folded - wanted).abs() < 1e-8 * original.max_abs_on_domain(),
                        "degree {degree} at {x}"
                    );
                }
                let powers = normal.polynomial.basis == Basis::Monomial;
                let least = log2_ceil(degree + usize::from(!powers));
                assert!(program.depth() <= least, "degree {degree}: {} levels", program.depth());
                let before = expand(&original, Schedule::MinDepth, original.domain);
                assert!(program.depth() < before.depth(), "degree {degree}");
            }
        }
    }
}

#[test]
fn folded_forms_of_small_degree_are_the_published_ones() {
    let products = |kind: usize, degree: usize| {
        let normal = normal_form(&kinds(degree)[kind], true).expect("it folds");
        let program = expand(&normal.polynomial, Schedule::Auto, normal.polynomial.domain);
        (program.depth(), program.mul_count(), program.mul_scalar_count())
    };
    assert_eq!(products(0, 3), (2, 2, 0));
    assert_eq!(products(0, 4), (2, 2, 1));
    assert_eq!(products(0, 8), (3, 4, 4));
    assert_eq!(products(1, 8), (3, 3, 2));
    assert_eq!(products(1, 7), (3, 4, 0));
}

#[test]
fn what_gains_nothing_is_left_alone() {
    assert_eq!(normal_form(&poly(Basis::Monomial, (-1.0, 1.0), &[0.0, 0.0, 1.0]), true), None);
    assert_eq!(normal_form(&poly(Basis::Monomial, (-1.0, 1.0), &[0.0, 2.0]), true), None);
    // Large values are made small where the layers behind take the factor.
    let large = poly(Basis::Monomial, (-100.0, 100.0), &[0.0, 0.0, 1.0]);
    assert_eq!(normal_form(&large, false), None);
    let normal = normal_form(&large, true).expect("it folds");
    let (factor, (lo, hi)) = (normal.factor, normal.polynomial.domain);
    assert!((hi - 32.0).abs() < 1e-9 && lo == -hi && (normal.scale - 100.0 / 32.0).abs() < 1e-9);
    assert!((factor - 1e4 / 1024.0).abs() < 1e-9, "{factor}");
}
