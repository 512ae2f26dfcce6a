//! The plaintext matrix of a linear layer, read by diagonals.
//!
//! The method of Halevi and Shoup ("Algorithms in HElib", 2014): with a vector that is periodic in all slots,
//! `y = Σ_d diag_d ⊙ rot_d(x)`. Where the result is shorter than the input, the diagonals may be wrapped to the
//! shorter side and the partial sums folded by rotations (the hybrid method of GAZELLE, Juvekar et al., 2018).

use std::rc::Rc;

use he_core::exec::tensor::Tensor;

use super::blocks::width;
use super::layout::Layout;

/// The matrix `y = x Wᵀ` between two layouts.
#[derive(Clone, Debug, PartialEq)]
pub struct Matrix {
    /// Weights, `[outputs, inputs]`; the matrix is a piece of them.
    pub weight: Rc<Tensor>,
    /// The row of the weights that makes the first output.
    pub row: usize,
    /// The column of the weights that the first input meets.
    pub column: usize,
    /// Layout of the operand.
    pub input: Layout,
    /// Layout of the result.
    pub output: Layout,
    /// Whether diagonals are wrapped to the shorter side.
    pub wrapped: bool,
}

impl Matrix {
    /// The matrix of all weights.
    pub fn whole(weight: Rc<Tensor>, input: Layout, output: Layout, wrapped: bool) -> Matrix {
        Matrix { weight, row: 0, column: 0, input, output, wrapped }
    }

    /// Whether the weights have the piece.
    pub fn is_within(&self) -> bool {
        let within =
            |first: usize, count: usize, all: usize| first.checked_add(count).is_some_and(|end| end <= all);
        matches!(self.weight.shape[..], [rows, columns]
            if within(self.row, width(&self.output), rows) && within(self.column, width(&self.input), columns))
    }

    /// Slots after which every diagonal repeats.
    pub fn period(&self) -> usize {
        self.input.period.max(self.output.period)
    }

    /// Diagonals are numbered below this.
    pub fn span(&self) -> usize {
        if self.wrapped { self.input.period.min(self.output.period) } else { self.input.period }
    }

    /// Rotations that fold the partial sums of a wrapped matrix.
    pub fn folds(&self) -> Vec<usize> {
        let mut folds = Vec::new();
        let mut step = self.output.period;
        while self.wrapped && step < self.input.period {
            folds.push(step);
            step *= 2;
        }
        folds
    }

    fn entry(&self, output: usize, input: usize) -> f64 {
        let (outputs, inputs) = (width(&self.output), width(&self.input));
        let same_row = output / outputs == input / inputs;
        let (row, column) = (self.row + output % outputs, self.column + input % inputs);
        if same_row { self.weight.data[row * self.weight.shape[1] + column] } else { 0.0 }
    }

    /// One period of diagonal `d`: slot `s` multiplies slot `s + d` of the operand.
    pub fn diagonal(&self, d: usize) -> Vec<f64> {
        (0..self.period()).map(|slot| self.on_diagonal(d, slot)).collect()
    }

    fn on_diagonal(&self, d: usize, slot: usize) -> f64 {
        match (self.output.element_at(slot), self.input.element_at(slot + d)) {
            (Some(output), Some(input)) => self.entry(output, input),
            _ => 0.0,
        }
    }

    /// The numbers of the diagonals that are not zero. Copies of an element in a row are read once.
    pub fn nonzero_diagonals(&self) -> Vec<usize> {
        if self.input.count() > width(&self.input) {
            return self.diagonals_of_rows();
        }
        (0..self.span()).step_by(self.input.repeat).filter(|d| self.has_diagonal(*d)).collect()
    }

    /// The same for several rows: few elements meet then, and the diagonals are those on which they do.
    fn diagonals_of_rows(&self) -> Vec<usize> {
        let (outputs, inputs) = (width(&self.output), width(&self.input));
        let slots = self.input.slots_of_elements();
        let mut seen = vec![false; self.span()];
        for slot in 0..self.period() {
            let Some(output) = self.output.element_at(slot) else { continue };
            let row = output / outputs * inputs;
            for input in (row..row + inputs).filter(|input| self.entry(output, *input) != 0.0) {
                // The operand may have fewer rows.
                let Some(first) = slots.get(input) else { break };
                let period = self.input.period;
                let copies = *first..first + self.input.repeat;
                for d in copies.map(|copy| (copy + period - slot % period) % period) {
                    if d < seen.len() && d.is_multiple_of(self.input.repeat) {
                        seen[d] = true;
                    }
                }
            }
        }
        (0..seen.len()).filter(|d| seen[*d]).collect()
    }

    /// Whether diagonal `d` has a number other than zero.
    pub fn has_diagonal(&self, d: usize) -> bool {
        (0..self.period()).any(|slot| self.on_diagonal(d, slot) != 0.0)
    }

    /// The slots of diagonal `d`, rotated right by `shift`.
    pub fn diagonal_slots(&self, d: usize, shift: usize) -> Tensor {
        let period = self.diagonal(d);
        let length = period.len();
        let slots = self.output.slots;
        let data = (0..slots).map(|slot| period[(slot + length - shift % length) % length]).collect();
        Tensor { shape: vec![slots], data }
    }
}

#[cfg(test)]
mod tests {
    use super::super::layout::Order;
    use super::*;

    fn matrix(outputs: usize, inputs: usize, wrapped: bool) -> Matrix {
        let data = (0..outputs * inputs).map(|i| (i * 7 % 11) as f64 - 5.5).collect();
        let layout = |n| Layout::dense(&[1, n], Order::RowMajor, 64).expect("fits");
        let weight = Rc::new(Tensor { shape: vec![outputs, inputs], data });
        Matrix::whole(weight, layout(inputs), layout(outputs), wrapped)
    }

    /// `y` by diagonals and folds, from the definition.
    fn apply(matrix: &Matrix, x: &Tensor) -> Tensor {
        let slots = matrix.input.pack(x).data;
        let rotated = |v: &[f64], by: usize| -> Vec<f64> { (0..64).map(|s| v[(s + by) % 64]).collect() };
        let mut sum = vec![0.0; 64];
        for d in matrix.nonzero_diagonals() {
            let (diagonal, x) = (matrix.diagonal_slots(d, 0).data, rotated(&slots, d));
            (0..64).for_each(|s| sum[s] += diagonal[s] * x[s]);
        }
        for fold in matrix.folds() {
            let other = rotated(&sum, fold);
            (0..64).for_each(|s| sum[s] += other[s]);
        }
        matrix.output.unpack(&Tensor { shape: vec![64], data: sum })
    }

    #[test]
    fn diagonals_of_rows_are_those_with_a_number() {
        for (rows, outputs, inputs) in [(4, 1, 1), (3, 2, 5), (5, 4, 2), (2, 3, 3), (8, 1, 2)] {
            for order in [Order::RowMajor, Order::ColumnMajor, Order::Diagonal] {
                let layout = |n| Layout::dense(&[rows, n], order, 64).expect("fits");
                let mut weight: Vec<f64> = (0..outputs * inputs).map(|i| (i * 7 % 11) as f64).collect();
                weight.iter_mut().skip(1).step_by(3).for_each(|w| *w = 0.0);
                let weight = Rc::new(Tensor { shape: vec![outputs, inputs], data: weight });
                for wrapped in [false, true] {
                    let m = Matrix::whole(weight.clone(), layout(inputs), layout(outputs), wrapped);
                    let all: Vec<usize> = (0..m.span()).filter(|d| m.has_diagonal(*d)).collect();
                    assert_eq!(
                        m.nonzero_diagonals(),
                        all,
                        "{rows}x{inputs} to {outputs} {order:?} {wrapped}"
                    );
                }
            }
        }
        // Each element four times.
        let layout = |n| Layout::interleaved(&[3, n], 4, 64).expect("fits");
        let weight = Rc::new(Tensor { shape: vec![2, 3], data: vec![1.0, 0.0, 2.0, 3.0, 4.0, 0.0] });
        let m = Matrix::whole(weight, layout(3), layout(2), false);
        let all: Vec<usize> = (0..m.span()).step_by(4).filter(|d| m.has_diagonal(*d)).collect();
        assert_eq!(m.nonzero_diagonals(), all);
    }

    #[test]
    fn diagonals_multiply_like_the_matrix() {
        for (outputs, inputs) in [(8, 16), (16, 8), (10, 20), (20, 10), (5, 5), (1, 13), (13, 1)] {
            let x = Tensor { shape: vec![1, inputs], data: (0..inputs).map(|i| i as f64 - 3.0).collect() };
            for wrapped in [false, true] {
                let m = matrix(outputs, inputs, wrapped);
                let y = apply(&m, &x);
                for o in 0..outputs {
                    let expected: f64 = (0..inputs).map(|i| m.weight.data[o * inputs + i] * x.data[i]).sum();
                    assert!((y.data[o] - expected).abs() < 1e-9, "{outputs}x{inputs} wrapped={wrapped}");
                }
            }
        }
    }
}
