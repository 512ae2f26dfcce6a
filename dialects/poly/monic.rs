//! Polynomials whose leading coefficient is 1 or −1, in few products at the least depth.
//!
//! Constants that are added to the argument of a product are free, so that coefficients can be moved into them
//! ("preprocessed" coefficients: Knuth, The Art of Computer Programming 2, 4.6.4):
//! - x² + bx + c = (x + b/2)² + c′: a square is completed;
//! - x³, x⁴, x⁵ after the shift that takes away the second coefficient: z·(z² + p) + q, (z² + p/2)² + qz + r,
//!   z·((z² + a/2)² + c′) + bz² + e;
//! - x⁸ as q·(q + r) with q = (z² + αz + β)(z² + γ), and what is left of z³, z², z: four products;
//! - an even polynomial, perhaps with a linear term, is one of half the degree in x²;
//! - an odd one is x·O(x²), and where O has an odd degree, it has a real root: x·(x² + α) · R(x²).
//!
//! The general search is tried beside each of them; the measure is depth, products, products with constants, steps.

use super::polynomial::{Basis, Polynomial, drop_residues, substitute};
use super::program::{Node, Program, Step, depths, mul_count};
use super::schedule::{Builder, Schedule, degree_of, search};

/// How many times larger than the result, or than 1, a value in between may get: it costs that much precision.
pub(super) const MAX_GROWTH: f64 = 64.0;

/// The program of a polynomial in powers whose leading coefficient is 1 or −1. `None` for others, and where values in
/// between would get too large.
pub(super) fn program(
    start: &Builder,
    poly: &Polynomial,
    argument: Node,
    input_range: (f64, f64),
) -> Option<Program> {
    let degree = degree_of(&poly.coefficients);
    let leading = *poly.coefficients.get(degree)?;
    if poly.basis != Basis::Monomial || leading.abs() != 1.0 || degree == 0 {
        return None;
    }
    let coefficients: Vec<f64> = poly.coefficients[..=degree].iter().map(|c| c * leading).collect();
    let mut form = Form { builder: start.clone(), node: argument };
    if leading == 1.0 {
        form = best(form, &coefficients);
    } else {
        // The constant is added once, after the change of sign.
        let mut rest = coefficients.clone();
        rest[0] = 0.0;
        form = best(form, &rest);
        form.node = form.builder.push(Step::Neg(form.node));
        form.node = form.builder.add_scalar(form.node, poly.coefficients[0]);
    }
    let program = Program::new(form.builder.steps, form.node, input_range);
    let own = poly.max_abs_on(input_range.0.min(input_range.1), input_range.0.max(input_range.1));
    let most = program.bounds.iter().skip(1).copied().fold(0.0, f64::max);
    (most <= MAX_GROWTH * own.max(1.0)).then_some(program)
}

/// A value and what was built up to it.
#[derive(Clone)]
struct Form {
    builder: Builder,
    node: Node,
}

impl Form {
    /// Depth, products, products with constants, steps.
    fn measure(&self) -> [usize; 4] {
        let steps = &self.builder.steps;
        let scalars = steps.iter().filter(|step| matches!(step, Step::MulScalar(..))).count();
        [depths(steps)[self.node.0], mul_count(steps), scalars, steps.len()]
    }

    fn plus(mut self, c: f64) -> Form {
        self.node = self.builder.add_scalar(self.node, c);
        self
    }

    /// The square, with what was built up to it.
    fn squared(mut self) -> Form {
        self.node = self.builder.push(Step::Mul(self.node, self.node));
        self
    }

    fn times(mut self, other: Node) -> Form {
        self.node = self.builder.push(Step::Mul(other, self.node));
        self
    }

    /// With c·`other` added.
    fn plus_multiple(mut self, other: Node, c: f64) -> Form {
        if c != 0.0 {
            let term = self.builder.mul_scalar(other, c);
            self.node = self.builder.push(Step::Add(self.node, term));
        }
        self
    }
}

/// The best form of a monic polynomial of `x`, of degree 1 at least; `c` has its coefficients.
fn best(x: Form, c: &[f64]) -> Form {
    let degree = c.len() - 1;
    if degree == 1 {
        return x.plus(c[0]);
    }
    let (steps, node) = search(&x.builder, Basis::Monomial, x.node, c, Schedule::MinDepth);
    let mut forms = vec![Form { builder: Builder { steps }, node }];
    forms.extend(match degree {
        2 => Some(x.clone().plus(c[1] / 2.0).squared().plus(c[0] - c[1] * c[1] / 4.0)),
        3..=5 => Some(shifted(x.clone(), c)),
        8 => Some(eighth(x.clone(), c)),
        _ => None,
    });
    let vanish = |odd: bool, from: usize| {
        c.iter().enumerate().skip(from).all(|(k, c)| (k % 2 == 1) != odd || *c == 0.0)
    };
    let every_second = |from: usize| -> Vec<f64> { c.iter().copied().skip(from).step_by(2).collect() };
    if degree.is_multiple_of(2) && degree > 2 && vanish(true, 3) {
        let even = best(x.clone().squared(), &every_second(0));
        forms.push(even.plus_multiple(x.node, c[1]));
    }
    if degree % 2 == 1 && degree > 1 && vanish(false, 2) {
        let odd = every_second(1);
        let square = x.clone().squared();
        forms.push(best(square.clone(), &odd).times(x.node).plus(c[0]));
        if odd.len() % 2 == 0 && odd.len() > 2 {
            let (root, rest) = real_root(&odd);
            let u = square.node;
            let factor = square.plus(-root).times(x.node);
            let outer = factor.node;
            let rest = best(Form { node: u, ..factor }, &rest);
            forms.push(rest.times(outer).plus(c[0]));
        }
    }
    // The first of equals; there is always the general one.
    let mut forms = forms.into_iter();
    let first = forms.next().unwrap_or(x);
    forms.fold(first, |best, form| if form.measure() < best.measure() { form } else { best })
}

/// Degrees 3 to 5, after the shift of the argument that takes away the second coefficient.
fn shifted(x: Form, c: &[f64]) -> Form {
    let degree = c.len() - 1;
    let shift = c[degree - 1] / degree as f64;
    let z = x.plus(shift);
    let mut d = substitute(c, 1.0, -shift);
    drop_residues(&mut d);
    let at = z.node;
    let square = z.squared();
    let u = square.node;
    match degree {
        3 => square.plus(d[1]).times(at).plus(d[0]),
        4 => square.plus(d[2] / 2.0).squared().plus_multiple(at, d[1]).plus(d[0] - d[2] * d[2] / 4.0),
        _ => {
            let inner = square.plus(d[3] / 2.0).squared().plus(d[1] - d[3] * d[3] / 4.0);
            inner.times(at).plus_multiple(u, d[2]).plus(d[0])
        }
    }
}

/// The numbers of the form of degree 8 for a polynomial of z: α, β, γ, r, and those of z·z², z², z and 1.
fn eighth_numbers(c: &[f64]) -> [f64; 8] {
    let alpha = c[7] / 2.0;
    let b = (c[6] - alpha * alpha) / 2.0;
    let e = (c[5] - 2.0 * alpha * b) / 2.0;
    let gamma = e / alpha;
    let beta = b - gamma;
    let f = beta * gamma;
    // q = z⁴ + αz³ + bz² + ez + f, and q² leaves these of z⁴ and below.
    let r = c[4] - b * b - 2.0 * alpha * e - 2.0 * f;
    let rho = c[3] - 2.0 * b * e - 2.0 * alpha * f - r * alpha;
    let two = c[2] - e * e - 2.0 * b * f - r * b;
    let one = c[1] - 2.0 * e * f - r * e;
    [alpha, beta, gamma, r, rho, two, one, c[0] - f * f - r * f]
}

/// Degree 8 in four products, after the shift of the argument that keeps the numbers smallest: without a seventh power
/// they have no bound.
fn eighth(x: Form, c: &[f64]) -> Form {
    let size = |shift: f64| {
        let numbers = eighth_numbers(&substitute(c, 1.0, -shift));
        numbers.iter().fold(0.0, |most: f64, n| if n.is_finite() { most.max(n.abs()) } else { f64::INFINITY })
    };
    let shifts = (-16..=16).map(|step| f64::from(step) / 8.0);
    let shift = shifts.min_by(|a, b| size(*a).total_cmp(&size(*b))).unwrap_or(0.0);
    let [alpha, beta, gamma, r, rho, two, one, zero] = eighth_numbers(&substitute(c, 1.0, -shift));
    let z = x.plus(shift);
    let at = z.node;
    let square = z.squared();
    let u = square.node;
    let right = square.clone().plus(gamma);
    let factor = right.node;
    let left = Form { node: u, ..right }.plus_multiple(at, alpha).plus(beta);
    let q = left.times(factor);
    let inner = q.node;
    let product = q.plus(r).times(inner);
    let outer = product.node;
    let sum = if rho == 0.0 {
        product
    } else {
        let cube = Form { node: u, ..product }.times(at);
        let node = cube.node;
        Form { node: outer, ..cube }.plus_multiple(node, rho)
    };
    sum.plus_multiple(u, two).plus_multiple(at, one).plus(zero)
}

/// A real root of a monic polynomial of odd degree, by bisection between the bounds of Cauchy; and the quotient by it.
fn real_root(c: &[f64]) -> (f64, Vec<f64>) {
    let reach = 1.0 + c.iter().rev().skip(1).fold(0.0, |most: f64, c| most.max(c.abs()));
    let (mut lo, mut hi) = (-reach, reach);
    // Every step halves the interval, down to neighbouring numbers.
    for _ in 0..1100 {
        let middle = 0.5 * (lo + hi);
        if middle <= lo || middle >= hi {
            break;
        }
        let below = super::polynomial::horner(c, middle) < 0.0;
        *(if below { &mut lo } else { &mut hi }) = middle;
    }
    let root = 0.5 * (lo + hi);
    let mut quotient = vec![0.0; c.len() - 1];
    let mut carry = 0.0;
    for (k, c) in c.iter().enumerate().skip(1).rev() {
        carry = c + root * carry;
        quotient[k - 1] = carry;
    }
    (root, quotient)
}
