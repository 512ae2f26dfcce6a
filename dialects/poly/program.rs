//! Straight-line programs of one variable: what evaluating a polynomial under encryption consists of.

use super::polynomial::extrema_grid;

/// A value of a [`Program`]: 0 is the input x, i + 1 the result of step i.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Node(pub usize);

/// One operation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Step {
    /// A product of two values; a square if they are the same.
    Mul(Node, Node),
    /// A value times a constant.
    MulScalar(Node, f64),
    /// A value plus a constant.
    AddScalar(Node, f64),
    /// A sum; a doubling if the operands are the same.
    Add(Node, Node),
    /// A difference.
    Sub(Node, Node),
    /// A value with the other sign.
    Neg(Node),
}

impl Step {
    /// The operands of the step (the same one twice for a step of one value).
    pub fn operands(self) -> (Node, Node) {
        match self {
            Step::Mul(a, b) | Step::Add(a, b) | Step::Sub(a, b) => (a, b),
            Step::MulScalar(a, _) | Step::AddScalar(a, _) | Step::Neg(a) => (a, a),
        }
    }

    pub(super) fn apply(self, values: &[f64]) -> f64 {
        match self {
            Step::Mul(a, b) => values[a.0] * values[b.0],
            Step::MulScalar(a, c) => values[a.0] * c,
            Step::AddScalar(a, c) => values[a.0] + c,
            Step::Add(a, b) => values[a.0] + values[b.0],
            Step::Sub(a, b) => values[a.0] - values[b.0],
            Step::Neg(a) => -values[a.0],
        }
    }
}

/// A program of one input and one output. Each step reads only nodes before its own.
#[derive(Clone, Debug, PartialEq)]
pub struct Program {
    /// The operations, in order.
    pub steps: Vec<Step>,
    /// The node whose value is the result.
    pub output: Node,
    /// For each node (one more than there are steps) a bound of its magnitude for x in the input range, at most 1 %
    /// above the maximum; infinite if the range is.
    pub bounds: Vec<f64>,
}

impl Program {
    /// The program of these steps, with the bounds for x in `range`.
    pub(super) fn new(steps: Vec<Step>, output: Node, range: (f64, f64)) -> Program {
        let bounds = bounds(&steps, range.0.min(range.1), range.0.max(range.1));
        Program { steps, output, bounds }
    }

    /// The value of the output for the input x.
    pub fn eval(&self, x: f64) -> f64 {
        run(&self.steps, x)[self.output.0]
    }

    /// The number of products of two values.
    pub fn mul_count(&self) -> usize {
        mul_count(&self.steps)
    }

    /// The number of products with a constant.
    pub fn mul_scalar_count(&self) -> usize {
        self.steps.iter().filter(|step| matches!(step, Step::MulScalar(..))).count()
    }

    /// The relinearizations that the program takes where they are lazy: of each value that has the third polynomial of a
    /// product, in itself or in a term of it, and is multiplied or is the result; or of each product, if that is fewer.
    pub fn relinearization_count(&self) -> usize {
        let mut wide = vec![false; self.steps.len() + 1];
        let mut relinearized = wide.clone();
        for (index, step) in self.steps.iter().enumerate() {
            let (a, b) = step.operands();
            let product = matches!(step, Step::Mul(..));
            for operand in [a, b] {
                relinearized[operand.0] |= product && wide[operand.0];
            }
            let left = |node: Node| wide[node.0] && !relinearized[node.0];
            wide[index + 1] = product || left(a) || left(b);
        }
        relinearized[self.output.0] |= wide[self.output.0];
        relinearized.iter().filter(|it| **it).count().min(self.mul_count())
    }

    /// The most products on a path from the input to the output, those with a constant included: the levels that the
    /// program takes.
    pub fn depth(&self) -> usize {
        depths(&self.steps)[self.output.0]
    }
}

/// The number of products of two values.
pub(super) fn mul_count(steps: &[Step]) -> usize {
    steps.iter().filter(|step| matches!(step, Step::Mul(..))).count()
}

/// The depth of each node.
pub(super) fn depths(steps: &[Step]) -> Vec<usize> {
    let mut depths = vec![0];
    for step in steps {
        let (a, b) = step.operands();
        let level = usize::from(matches!(step, Step::Mul(..) | Step::MulScalar(..)));
        depths.push(depths[a.0].max(depths[b.0]) + level);
    }
    depths
}

/// The value of each node.
fn run(steps: &[Step], x: f64) -> Vec<f64> {
    let mut values = Vec::with_capacity(steps.len() + 1);
    values.push(x);
    for step in steps {
        values.push(step.apply(&values));
    }
    values
}

/// Each node is a polynomial in x: it is bounded through its values at enough points for the largest degree.
fn bounds(steps: &[Step], lo: f64, hi: f64) -> Vec<f64> {
    let mut degrees = vec![1usize];
    for step in steps {
        let (a, b) = step.operands();
        degrees.push(match step {
            Step::Mul(..) => degrees[a.0].saturating_add(degrees[b.0]),
            _ => degrees[a.0].max(degrees[b.0]),
        });
    }
    let degree = degrees.iter().copied().max().unwrap_or(1);
    let (points, growth) = extrema_grid(degree, lo, hi);
    let mut bounds = vec![0.0f64; steps.len() + 1];
    for x in points {
        for (bound, value) in bounds.iter_mut().zip(run(steps, x)) {
            *bound = if value.is_nan() { f64::INFINITY } else { bound.max(value.abs()) };
        }
    }
    // The input is linear: its ends bound it exactly.
    bounds.iter_mut().skip(1).for_each(|bound| *bound *= if *bound == 0.0 { 1.0 } else { growth });
    bounds
}
