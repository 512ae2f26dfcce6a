//! Minimax approximation by Remez exchange, over the Chebyshev polynomials of a parity.
//!
//! On a symmetric domain a function that is even or odd but for a line is approximated by the polynomials of that
//! parity on half the domain. There they are a Haar system, so the exchange works, while on the whole domain such a
//! function has more alternations than its degree asks for, and the exchange stalls.

use std::f64::consts::PI;

use super::polynomial::clenshaw;

/// Which Chebyshev polynomials approximate what the line c0 + c1·t leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Terms {
    /// All of them, on [−1, 1].
    All,
    /// Those of even index, on [0, 1], for (f(t) + f(−t))/2; the odd part is a line.
    Even,
    /// Those of odd index, on [0, 1], for (f(t) − f(−t))/2; the even part is a constant.
    Odd,
}

impl Terms {
    /// The indices of the terms up to a degree.
    fn indices(self, degree: usize) -> Vec<usize> {
        match self {
            Terms::All => (0..=degree).collect(),
            Terms::Even => (0..=degree).step_by(2).collect(),
            Terms::Odd => (1..=degree).step_by(2).collect(),
        }
    }
}

/// The most exchanges.
const ITERATIONS: usize = 60;

/// Chebyshev coefficients up to `degree` that nearly minimize the largest error of f on [−1, 1], one candidate for each
/// exchange, the last one usually the best. `f` is finite.
pub(super) fn minimax(f: &dyn Fn(f64) -> f64, degree: usize, terms: Terms) -> Vec<Vec<f64>> {
    // What is left to `terms`, and the coefficients of the rest.
    let (half_sum, half_difference) = (|t: f64| 0.5 * (f(t) + f(-t)), |t: f64| 0.5 * (f(t) - f(-t)));
    let (target, rest): (&dyn Fn(f64) -> f64, (usize, f64)) = match terms {
        Terms::All => (f, (0, 0.0)),
        Terms::Even => (&half_sum, (1, half_difference(1.0))),
        Terms::Odd => (&half_difference, (0, half_sum(0.0))),
    };
    let indices = terms.indices(degree);
    let exchange = Exchange::new(target, &indices, terms, degree);
    let mut candidates = exchange.run();
    for coefficients in &mut candidates {
        coefficients[rest.0] += rest.1;
    }
    candidates
}

struct Exchange<'a> {
    f: &'a dyn Fn(f64) -> f64,
    indices: &'a [usize],
    degree: usize,
    /// The first reference: one point more than terms, decreasing.
    reference: Vec<f64>,
    /// A grid of the interval, decreasing, dense towards the ends where polynomials vary most.
    grid: Vec<f64>,
}

impl<'a> Exchange<'a> {
    fn new(f: &'a dyn Fn(f64) -> f64, indices: &'a [usize], terms: Terms, degree: usize) -> Self {
        let count = indices.len();
        // The extrema of the next Chebyshev polynomial of the parity.
        let next = match terms {
            Terms::All => count,
            Terms::Even => 2 * count,
            Terms::Odd => 2 * count + 1,
        };
        let reference = (0..=count).map(|j| libm::cos(PI * j as f64 / next as f64)).collect();
        let steps = 48 * (next + 1);
        let last = if terms == Terms::All { steps } else { steps / 2 };
        let grid = (0..=last).map(|k| libm::cos(PI * k as f64 / steps as f64)).collect();
        Exchange { f, indices, degree, reference, grid }
    }

    fn run(&self) -> Vec<Vec<f64>> {
        let mut reference = self.reference.clone();
        let mut candidates: Vec<(f64, Vec<f64>)> = Vec::new();
        for _ in 0..ITERATIONS {
            let Some((coefficients, level)) = self.solve(&reference) else { break };
            let error = |t: f64| (self.f)(t) - clenshaw(&coefficients, t);
            let peaks = self.peaks(&error);
            let most = peaks.iter().fold(0.0, |most: f64, &(_, e)| most.max(e.abs()));
            candidates.push((most, coefficients));
            if !most.is_finite() || most - level.abs() <= 1e-7 * most {
                break;
            }
            match alternation(&peaks, self.indices.len() + 1) {
                Some(next) if next != reference => reference = next,
                _ => break,
            }
        }
        // The few best are measured by the caller.
        candidates.retain(|(most, _)| most.is_finite());
        candidates.sort_by(|a, b| a.0.total_cmp(&b.0));
        candidates.truncate(2);
        candidates.into_iter().map(|(_, coefficients)| coefficients).collect()
    }

    /// Coefficients and signed level E with f(t_i) − p(t_i) = (−1)^i·E at the reference.
    fn solve(&self, reference: &[f64]) -> Option<(Vec<f64>, f64)> {
        let size = self.indices.len() + 1;
        let mut matrix = Vec::with_capacity(size);
        for (i, &t) in reference.iter().enumerate() {
            let angle = libm::acos(t.clamp(-1.0, 1.0));
            let mut row: Vec<f64> = self.indices.iter().map(|&k| libm::cos(k as f64 * angle)).collect();
            row.push(if i % 2 == 0 { 1.0 } else { -1.0 });
            row.push((self.f)(t));
            matrix.push(row);
        }
        let solution = solve_linear(matrix)?;
        let mut coefficients = vec![0.0; self.degree + 1];
        for (&k, &c) in self.indices.iter().zip(&solution) {
            coefficients[k] = c;
        }
        Some((coefficients, solution[size - 1]))
    }

    /// The local extrema of the error, in the order of the grid, refined.
    fn peaks(&self, error: &dyn Fn(f64) -> f64) -> Vec<(f64, f64)> {
        let values: Vec<f64> = self.grid.iter().map(|&t| error(t)).collect();
        let last = values.len() - 1;
        let mut peaks = Vec::new();
        for (k, &value) in values.iter().enumerate() {
            let sign = if value < 0.0 { -1.0 } else { 1.0 };
            let height = |at: usize| sign * values[at];
            if (k > 0 && height(k - 1) > height(k)) || (k < last && height(k + 1) > height(k)) {
                continue;
            }
            let (left, right) = (self.grid[(k + 1).min(last)], self.grid[k.saturating_sub(1)]);
            let (t, refined) = peak(&|t| sign * error(t), left, right);
            let better = refined > sign * value;
            peaks.push(if better { (t, sign * refined) } else { (self.grid[k], value) });
        }
        peaks
    }
}

/// `count` extrema of alternating signs among `peaks` (ordered by place), the largest included, as large as can be.
/// Nothing if there are not enough.
fn alternation(peaks: &[(f64, f64)], count: usize) -> Option<Vec<f64>> {
    // The largest of each run of equal signs.
    let mut runs: Vec<(f64, f64)> = Vec::new();
    for &(t, e) in peaks {
        match runs.last_mut() {
            Some(last) if (last.1 < 0.0) == (e < 0.0) => {
                if e.abs() > last.1.abs() {
                    *last = (t, e);
                }
            }
            _ => runs.push((t, e)),
        }
    }
    // Too many: drop the smallest at an end, or the smallest neighbours together, which keeps the signs alternating.
    while runs.len() > count {
        let size = |k: usize| runs[k].1.abs();
        let last = runs.len() - 1;
        if runs.len() == count + 1 {
            runs.remove(if size(0) < size(last) { 0 } else { last });
            continue;
        }
        let pair =
            (0..last).min_by(|&a, &b| size(a).max(size(a + 1)).total_cmp(&size(b).max(size(b + 1))))?;
        let end = if size(0) < size(last) { 0 } else { last };
        if size(end) <= size(pair).max(size(pair + 1)) {
            runs.remove(end);
        } else {
            runs.drain(pair..=pair + 1);
        }
    }
    (runs.len() == count).then(|| runs.into_iter().map(|(t, _)| t).collect())
}

/// Where a function is largest between two points, and its value there, by golden section.
pub(super) fn peak(f: &dyn Fn(f64) -> f64, left: f64, right: f64) -> (f64, f64) {
    const RATIO: f64 = 0.618_033_988_749_894_8;
    let (mut left, mut right) = (left, right);
    let (mut a, mut b) = (right - RATIO * (right - left), left + RATIO * (right - left));
    let (mut at_a, mut at_b) = (f(a), f(b));
    for _ in 0..32 {
        if at_a >= at_b {
            (right, b, at_b) = (b, a, at_a);
            a = right - RATIO * (right - left);
            at_a = f(a);
        } else {
            (left, a, at_a) = (a, b, at_b);
            b = left + RATIO * (right - left);
            at_b = f(b);
        }
    }
    if at_a >= at_b { (a, at_a) } else { (b, at_b) }
}

/// The solution of a linear system whose rows end in the right-hand side, by elimination with partial pivoting.
fn solve_linear(mut rows: Vec<Vec<f64>>) -> Option<Vec<f64>> {
    let size = rows.len();
    for column in 0..size {
        let pivot =
            (column..size).max_by(|&a, &b| rows[a][column].abs().total_cmp(&rows[b][column].abs()))?;
        rows.swap(column, pivot);
        let (done, below) = rows.split_at_mut(column + 1);
        let pivot_row = &done[column];
        if pivot_row[column] == 0.0 || !pivot_row[column].is_finite() {
            return None;
        }
        for row in below {
            let factor = row[column] / pivot_row[column];
            for (value, pivot) in row.iter_mut().zip(pivot_row).skip(column) {
                *value -= factor * pivot;
            }
        }
    }
    let mut solution = vec![0.0; size];
    for k in (0..size).rev() {
        let known: f64 = (k + 1..size).map(|j| rows[k][j] * solution[j]).sum();
        solution[k] = (rows[k][size] - known) / rows[k][k];
    }
    solution.iter().all(|x| x.is_finite()).then_some(solution)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn linear_systems_are_solved() {
        let rows = vec![vec![0.0, 2.0, 1.0, 7.0], vec![1.0, 1.0, 1.0, 6.0], vec![2.0, 0.0, -1.0, -1.0]];
        let solution = solve_linear(rows).unwrap();
        for (found, expected) in solution.iter().zip([1.0, 2.0, 3.0]) {
            assert!((found - expected).abs() < 1e-14);
        }
        assert_eq!(solve_linear(vec![vec![1.0, 1.0, 1.0], vec![1.0, 1.0, 2.0]]), None);
    }

    #[test]
    fn alternations_keep_the_largest() {
        let peaks = [(0.9, 1.0), (0.8, 3.0), (0.5, -2.0), (0.3, 0.1), (0.2, -0.2), (0.0, 5.0), (-0.5, -1.0)];
        assert_eq!(alternation(&peaks, 3), Some(vec![0.8, 0.5, 0.0]));
        assert_eq!(alternation(&peaks, 4), Some(vec![0.8, 0.5, 0.0, -0.5]));
        assert_eq!(alternation(&peaks, 7), None);
    }
}
