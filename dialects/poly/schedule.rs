//! How a polynomial is evaluated under encryption: Horner, Paterson-Stockmeyer, least depth.
//!
//! Powers (or Chebyshev polynomials) are built as T_{a+b} = 2·T_a·T_b − T_{|a−b|}, each once, with depth ⌈log2 k⌉. A
//! polynomial is split as p = q·T_m + r until the parts are sums of the baby steps; which baby steps and giant steps is
//! found by trying them all. Additions, doublings and constants cost no level.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use super::polynomial::{Basis, Polynomial, chebyshev_to_monomial};
pub use super::program::{Node, Program, Step};
use super::program::{depths, mul_count};

/// What an evaluation minimizes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Schedule {
    /// One product for each power: the simplest, and the deepest. Clenshaw's recurrence where the powers of t would
    /// cancel more than 12 bits.
    Horner,
    /// The fewest products of two values, about √(2d) + log2 d; then depth.
    PatersonStockmeyer,
    /// Depth, ⌈log2(d + 1)⌉ for general coefficients and ⌈log2 d⌉ for a leading one of 1; then the number of products
    /// of two values.
    MinDepth,
    /// As `MinDepth`, with the forms of [`super::monic`] for polynomials whose leading coefficient is 1 or −1; then the
    /// number of products with a constant.
    Auto,
}

impl FromStr for Schedule {
    type Err = String;

    fn from_str(name: &str) -> Result<Schedule, String> {
        match name {
            "horner" => Ok(Schedule::Horner),
            "paterson-stockmeyer" => Ok(Schedule::PatersonStockmeyer),
            "min-depth" => Ok(Schedule::MinDepth),
            "auto" => Ok(Schedule::Auto),
            _ => Err(format!(
                "unknown schedule `{name}`: expected `horner`, `paterson-stockmeyer`, `min-depth` or `auto`"
            )),
        }
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Schedule::Horner => "horner",
            Schedule::PatersonStockmeyer => "paterson-stockmeyer",
            Schedule::MinDepth => "min-depth",
            Schedule::Auto => "auto",
        })
    }
}

/// The largest loss of magnitude, Σ|monomial coefficients| over the largest Chebyshev coefficient, at which Horner
/// still uses powers of t.
const HORNER_CANCELLATION: f64 = 4096.0;

/// The program that evaluates a polynomial, with bounds of its nodes for x in `input_range` (which may leave the
/// domain; its ends are put in order). The map of the domain onto [−1, 1] is a step of its own, `MulScalar` and
/// `AddScalar`, left out where it is the identity. The cost of this search and of the bounds grows with the square of
/// the degree; it is meant for a few hundred at most.
pub fn expand(poly: &Polynomial, schedule: Schedule, input_range: (f64, f64)) -> Program {
    let poly = simplified(poly);
    let degree = poly.degree();
    let mut builder = Builder::default();
    if degree == 0 {
        let zero = builder.push(Step::MulScalar(Node(0), 0.0));
        let output = builder.add_scalar(zero, poly.coefficients.first().copied().unwrap_or(0.0));
        return Program::new(builder.steps, output, input_range);
    }
    let mut argument = Node(0);
    if poly.basis == Basis::Chebyshev {
        let (scale, offset) = poly.to_unit();
        argument = builder.mul_scalar(argument, scale);
        argument = builder.add_scalar(argument, offset);
    }
    let coefficients = &poly.coefficients[..=degree];
    let (steps, output) = match schedule {
        Schedule::Horner => {
            let output = horner(&mut builder, poly.basis, argument, coefficients);
            (builder.steps, output)
        }
        Schedule::Auto => {
            let folded = super::monic::program(&builder, &poly, argument, input_range);
            if let Some(program) = folded {
                return program;
            }
            search(&builder, poly.basis, argument, coefficients, Schedule::MinDepth)
        }
        _ => search(&builder, poly.basis, argument, coefficients, schedule),
    };
    Program::new(steps, output, input_range)
}

/// The polynomial in powers of x where that needs no map of the domain and loses nothing: degree 2 and less, and
/// single powers. Otherwise the polynomial itself.
fn simplified(poly: &Polynomial) -> Polynomial {
    let degree = poly.degree();
    if poly.basis == Basis::Monomial || degree > 16 || poly.to_unit() == (1.0, 0.0) && degree > 2 {
        return poly.clone();
    }
    let mut powers = Polynomial {
        coefficients: poly.coefficients[..poly.coefficients.len().min(degree + 1)].to_vec(),
        ..poly.clone()
    }
    .to_basis(Basis::Monomial);
    let reach = poly.domain.0.abs().max(poly.domain.1.abs());
    let sizes: Vec<f64> = powers
        .coefficients
        .iter()
        .scan(1.0, |power, c| {
            let size = c.abs() * *power;
            *power *= reach;
            Some(size)
        })
        .collect();
    // Residues of the rounding of the conversion.
    let most = sizes.iter().copied().fold(0.0, f64::max);
    for (c, size) in powers.coefficients.iter_mut().zip(sizes) {
        if size < 4e-15 * most {
            *c = 0.0;
        } else if (*c - 1.0).abs() < 4e-15 {
            *c = 1.0;
        }
    }
    let terms = powers.coefficients.iter().filter(|&&c| c != 0.0).count();
    if degree <= 2 || terms == 1 { powers } else { poly.clone() }
}

/// ⌈log2 k⌉ for k ≥ 1.
fn log2_ceil(k: usize) -> usize {
    k.max(1).next_power_of_two().trailing_zeros() as usize
}

/// The least depth of a polynomial: a leading coefficient of 1 takes no product of its own.
fn levels_of(basis: Basis, coefficients: &[f64]) -> usize {
    let degree = degree_of(coefficients);
    let monic = basis == Basis::Monomial && coefficients.get(degree) == Some(&1.0);
    log2_ceil(degree + usize::from(!monic))
}

/// The index of the last coefficient that is not zero; 0 for a constant.
pub(super) fn degree_of(coefficients: &[f64]) -> usize {
    coefficients.iter().rposition(|&c| c != 0.0).unwrap_or(0)
}

/// A value that may be known.
#[derive(Clone, Copy)]
enum Value {
    Constant(f64),
    Node(Node),
}

/// A program under construction. Its methods leave out products by 1 and sums with 0.
#[derive(Clone, Default)]
pub(super) struct Builder {
    pub(super) steps: Vec<Step>,
}

impl Builder {
    pub(super) fn push(&mut self, step: Step) -> Node {
        self.steps.push(step);
        Node(self.steps.len())
    }

    pub(super) fn mul_scalar(&mut self, node: Node, c: f64) -> Node {
        if c == 1.0 { node } else { self.push(Step::MulScalar(node, c)) }
    }

    pub(super) fn add_scalar(&mut self, node: Node, c: f64) -> Node {
        if c == 0.0 { node } else { self.push(Step::AddScalar(node, c)) }
    }

    fn mul(&mut self, node: Node, value: Value) -> Value {
        match value {
            Value::Constant(0.0) => value,
            Value::Constant(c) => Value::Node(self.mul_scalar(node, c)),
            Value::Node(other) => Value::Node(self.push(Step::Mul(node, other))),
        }
    }

    fn add(&mut self, left: Value, right: Value) -> Value {
        match (left, right) {
            (Value::Constant(a), Value::Constant(b)) => Value::Constant(a + b),
            (Value::Node(node), Value::Constant(c)) | (Value::Constant(c), Value::Node(node)) => {
                Value::Node(self.add_scalar(node, c))
            }
            (Value::Node(a), Value::Node(b)) => Value::Node(self.push(Step::Add(a, b))),
        }
    }

    fn sub(&mut self, left: Value, right: Value) -> Value {
        match (left, right) {
            (_, Value::Constant(c)) => self.add(left, Value::Constant(-c)),
            (Value::Node(a), Value::Node(b)) => Value::Node(self.push(Step::Sub(a, b))),
            (Value::Constant(c), Value::Node(node)) => {
                let negative = self.push(Step::MulScalar(node, -1.0));
                Value::Node(self.add_scalar(negative, c))
            }
        }
    }

    /// The node of a value; a constant becomes 0·x + c.
    fn node(&mut self, value: Value) -> Node {
        match value {
            Value::Node(node) => node,
            Value::Constant(c) => {
                let zero = self.push(Step::MulScalar(Node(0), 0.0));
                self.add_scalar(zero, c)
            }
        }
    }

    /// T_2 of a node (its square, in the monomial basis).
    fn doubled(&mut self, basis: Basis, node: Node) -> Node {
        let square = self.push(Step::Mul(node, node));
        match basis {
            Basis::Monomial => square,
            Basis::Chebyshev => {
                let twice = self.push(Step::Add(square, square));
                self.push(Step::AddScalar(twice, -1.0))
            }
        }
    }

    /// Replaces the argument t by T_s(t), where s is the largest power of two that divides every index, and returns
    /// the coefficients at the multiples of s: an even polynomial is one of half the degree in T_2.
    fn without_gaps(&mut self, basis: Basis, argument: Node, coefficients: &[f64]) -> (Node, Vec<f64>) {
        let used = coefficients.iter().enumerate().skip(1).filter(|(_, c)| **c != 0.0);
        let shift = used.map(|(k, _)| k.trailing_zeros()).min().unwrap_or(0);
        let argument = (0..shift).fold(argument, |node, _| self.doubled(basis, node));
        (argument, coefficients.iter().copied().step_by(1 << shift).collect())
    }
}

/// Horner's rule, or Clenshaw's recurrence where Horner's would cancel; in t² (T_2) for an even or odd polynomial.
/// The degree is at least 1.
fn horner(builder: &mut Builder, basis: Basis, argument: Node, coefficients: &[f64]) -> Node {
    let mut basis = basis;
    let mut coefficients = coefficients.to_vec();
    if basis == Basis::Chebyshev {
        let powers = chebyshev_to_monomial(&coefficients);
        let most = coefficients.iter().fold(0.0, |most: f64, c| most.max(c.abs()));
        if powers.iter().map(|c| c.abs()).sum::<f64>() <= HORNER_CANCELLATION * most {
            (basis, coefficients) = (Basis::Monomial, powers);
        }
    }
    let odd = coefficients.iter().step_by(2).all(|&c| c == 0.0);
    if odd && coefficients.len() > 2 {
        let rest: Vec<f64> = coefficients.iter().copied().skip(1).step_by(2).collect();
        let square = builder.doubled(basis, argument);
        let value = recurrence(builder, basis, square, &rest, true);
        let value = builder.mul(argument, value);
        return builder.node(value);
    }
    let (argument, coefficients) = builder.without_gaps(basis, argument, &coefficients);
    let value = recurrence(builder, basis, argument, &coefficients, false);
    builder.node(value)
}

/// Σ c_k u^k by Horner's rule, or Σ c_k T_k(u) by Clenshaw's recurrence b_k = 2u·b_{k+1} − b_{k+2} + c_k, which is
/// u·b_1 − b_2 + c_0. With `odd`, u is T_2(t) and the Chebyshev sum is Σ c_k T_{2k+1}(t)/t = b_0 − b_1 (the factors
/// T_{2k+1}/t follow the same recurrence, and are 1 and 2u − 1 for k = 0, 1).
fn recurrence(builder: &mut Builder, basis: Basis, u: Node, coefficients: &[f64], odd: bool) -> Value {
    let zero = Value::Constant(0.0);
    if basis == Basis::Monomial {
        return coefficients.iter().rev().fold(zero, |sum, &c| {
            let product = builder.mul(u, sum);
            builder.add(product, Value::Constant(c))
        });
    }
    let (mut b1, mut b2) = (zero, zero);
    let mut twice = None;
    for (k, &c) in coefficients.iter().enumerate().rev() {
        let last = k == 0 && !odd;
        let product = match b1 {
            Value::Constant(b) => builder.mul(u, Value::Constant(if last { b } else { 2.0 * b })),
            Value::Node(_) if last => builder.mul(u, b1),
            Value::Node(_) => {
                let twice = *twice.get_or_insert_with(|| builder.push(Step::Add(u, u)));
                builder.mul(twice, b1)
            }
        };
        let value = match b2 {
            Value::Constant(b) => builder.add(product, Value::Constant(c - b)),
            Value::Node(_) => {
                let value = builder.sub(product, b2);
                builder.add(value, Value::Constant(c))
            }
        };
        (b1, b2) = (value, b1);
    }
    if odd { builder.sub(b1, b2) } else { b1 }
}

/// The cheapest of the splittings, by the measure of the schedule.
pub(super) fn search(
    start: &Builder,
    basis: Basis,
    argument: Node,
    coefficients: &[f64],
    schedule: Schedule,
) -> (Vec<Step>, Node) {
    let mut start = start.clone();
    let (argument, coefficients) = start.without_gaps(basis, argument, coefficients);
    let degree = degree_of(&coefficients);
    let least = levels_of(basis, &coefficients);
    let budgets = match schedule {
        Schedule::MinDepth => vec![least],
        _ => vec![least, least + 1, usize::MAX],
    };
    let mut best: Option<([usize; 3], Vec<Step>, Node)> = None;
    let babies = (1..=degree).filter(|&baby| baby <= 64 || baby.is_power_of_two());
    let shapes =
        babies.flat_map(|baby| (0..=(degree / baby).ilog2()).map(move |doublings| (baby, doublings)));
    for (baby, doublings) in shapes {
        for &budget in &budgets {
            let powers = BTreeMap::from([(1, argument)]);
            let mut ladder = Ladder { builder: start.clone(), basis, powers, baby, doublings };
            let value = ladder.evaluate(&coefficients, budget);
            let output = ladder.builder.node(value);
            let steps = ladder.builder.steps;
            let (depth, products) = (depths(&steps)[output.0], mul_count(&steps));
            let cost = match schedule {
                Schedule::MinDepth => [depth, products, steps.len()],
                _ => [products, depth, steps.len()],
            };
            if best.as_ref().is_none_or(|(least, ..)| cost < *least) {
                best = Some((cost, steps, output));
            }
        }
    }
    // The degree is at least 1, so a baby step of 1 was tried.
    best.map_or((start.steps, argument), |(_, steps, output)| (steps, output))
}

/// The powers (or Chebyshev polynomials) of an argument that a program has computed so far.
struct Ladder {
    builder: Builder,
    basis: Basis,
    powers: BTreeMap<usize, Node>,
    /// Polynomials of at most this degree are summed directly.
    baby: usize,
    /// The giant steps are `baby`·2^i for i up to this.
    doublings: u32,
}

impl Ladder {
    /// T_k (u^k in the monomial basis), k ≥ 1, at depth ⌈log2 k⌉ above the argument.
    fn power(&mut self, k: usize) -> Node {
        if let Some(&node) = self.powers.get(&k) {
            return node;
        }
        if k == 1 {
            // Stated invariant: `powers` starts with 1. Kept total all the same.
            return Node(0);
        }
        let (a, b) = self.addends(k);
        let difference = (self.basis == Basis::Chebyshev && a != b).then(|| self.power(a - b));
        let (left, right) = (self.power(a), self.power(b));
        let node = if a == b {
            self.builder.doubled(self.basis, left)
        } else {
            let product = self.builder.push(Step::Mul(left, right));
            match difference {
                None => product,
                Some(difference) => {
                    let twice = self.builder.push(Step::Add(product, product));
                    self.builder.push(Step::Sub(twice, difference))
                }
            }
        };
        self.powers.insert(k, node);
        node
    }

    /// a ≥ b with a + b = k, of depth below that of k, that need the fewest new powers; then the nearest ones.
    fn addends(&self, k: usize) -> (usize, usize) {
        let largest = (1 << (log2_ceil(k) - 1)).min(k - 1);
        let missing = |index: usize| usize::from(index > 0 && !self.powers.contains_key(&index));
        let cost = |a: usize| {
            let b = k - a;
            let difference = if self.basis == Basis::Chebyshev { missing(a - b) } else { 0 };
            missing(a) + if a == b { 0 } else { missing(b) + difference }
        };
        let a = (k.div_ceil(2)..=largest).min_by_key(|&a| (cost(a), a)).unwrap_or(k.div_ceil(2));
        (a, k - a)
    }

    /// The polynomial within `budget` levels above the argument, which are at least those of [`levels_of`].
    fn evaluate(&mut self, coefficients: &[f64], budget: usize) -> Value {
        let degree = degree_of(coefficients);
        let coefficients = &coefficients[..coefficients.len().min(degree + 1)];
        if degree == 0 {
            return Value::Constant(coefficients.first().copied().unwrap_or(0.0));
        }
        let levels = |k: usize, c: f64| log2_ceil(k) + usize::from(c != 1.0);
        let fits = |(k, &c): (usize, &f64)| c == 0.0 || levels(k, c) <= budget;
        if degree == 1 || degree <= self.baby && coefficients.iter().enumerate().skip(1).all(fits) {
            return self.sum(coefficients);
        }
        let monic = self.basis == Basis::Monomial && coefficients[degree] == 1.0;
        let split = self.giant(degree, budget, monic);
        let (quotient, remainder) = divide(self.basis, coefficients, split);
        let quotient = self.evaluate(&quotient, budget - 1);
        let remainder = self.evaluate(&remainder, budget);
        let power = self.power(split);
        let product = self.builder.mul(power, quotient);
        self.builder.add(product, remainder)
    }

    /// Σ c_k T_k, term by term.
    fn sum(&mut self, coefficients: &[f64]) -> Value {
        let mut sum = Value::Constant(0.0);
        for (k, &c) in coefficients.iter().enumerate().skip(1).filter(|(_, c)| **c != 0.0) {
            let power = self.power(k);
            sum = match sum {
                Value::Node(_) if c == -1.0 => self.builder.sub(sum, Value::Node(power)),
                _ => {
                    let term = self.builder.mul_scalar(power, c);
                    self.builder.add(sum, Value::Node(term))
                }
            };
        }
        self.builder.add(sum, Value::Constant(coefficients.first().copied().unwrap_or(0.0)))
    }

    /// Where to split a polynomial of this degree: at the largest giant step whose parts keep to the budget, else at
    /// the largest power of two, whose parts always do.
    fn giant(&self, degree: usize, budget: usize, monic: bool) -> usize {
        let keeps = |m: usize| {
            // Division by a power keeps the leading coefficient.
            let quotient = log2_ceil(degree - m + usize::from(!monic));
            let remainder = if monic { m } else { m.max(degree + 1 - m) };
            log2_ceil(m).max(quotient) < budget && log2_ceil(remainder) <= budget
        };
        let giants = (0..=self.doublings).map_while(|i| self.baby.checked_mul(1 << i));
        let largest = giants.take_while(|&m| m <= degree).filter(|&m| m > 1 && keeps(m)).last();
        largest.unwrap_or(1 << degree.ilog2())
    }
}

/// q and r with p = q·T_m + r and the degree of r below m. The degree of p is at least m.
fn divide(basis: Basis, coefficients: &[f64], m: usize) -> (Vec<f64>, Vec<f64>) {
    let mut rest = coefficients.to_vec();
    let mut quotient = vec![0.0; rest.len() - m];
    if basis == Basis::Monomial {
        quotient.copy_from_slice(&rest[m..]);
    } else {
        // T_{m+j} = 2·T_j·T_m − T_{|m−j|}, from the top.
        for j in (1..quotient.len()).rev() {
            let c = rest[m + j];
            quotient[j] = 2.0 * c;
            rest[m.abs_diff(j)] -= c;
        }
        quotient[0] = rest[m];
    }
    rest.truncate(m);
    (quotient, rest)
}

#[cfg(test)]
mod tests;
