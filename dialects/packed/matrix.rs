//! The plaintext matrix of a linear layer, read by diagonals.
//!
//! The method of Halevi and Shoup ("Algorithms in HElib", 2014): with a vector that is periodic in all slots,
//! `y = Σ_d diag_d ⊙ rot_d(x)`. Which diagonals a plan multiplies, and what it sums afterwards, says
//! [`super::plan::Steps`].

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
}

impl Matrix {
    /// The matrix of all weights.
    pub fn whole(weight: Rc<Tensor>, input: Layout, output: Layout) -> Matrix {
        Matrix { weight, row: 0, column: 0, input, output }
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

    /// Those of the diagonals that are not zero. Of several rows few elements meet, and the diagonals are looked for
    /// where they do.
    pub fn nonzero(&self, diagonals: impl Iterator<Item = usize>) -> Vec<usize> {
        if self.input.count() == width(&self.input) {
            return diagonals.filter(|d| self.has_diagonal(*d)).collect();
        }
        let (outputs, inputs) = (width(&self.output), width(&self.input));
        let slots = self.input.slots_of_elements();
        let period = self.input.period;
        let mut seen = vec![false; period];
        for slot in 0..self.period() {
            let Some(output) = self.output.element_at(slot) else { continue };
            let row = output / outputs * inputs;
            for input in (row..row + inputs).filter(|input| self.entry(output, *input) != 0.0) {
                // The operand may have fewer rows.
                let Some(first) = slots.get(input) else { break };
                for copy in *first..first + self.input.repeat {
                    seen[(copy + period - slot % period) % period] = true;
                }
            }
        }
        diagonals.filter(|d| seen[d % period]).collect()
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

    #[test]
    fn diagonals_of_rows_are_those_with_a_number() {
        let check = |m: &Matrix| {
            let all: Vec<usize> = (0..m.input.period).filter(|d| m.has_diagonal(*d)).collect();
            assert_eq!(m.nonzero(0..m.input.period), all, "{:?} to {:?}", m.input, m.output);
        };
        for (rows, outputs, inputs) in [(4, 1, 1), (3, 2, 5), (5, 4, 2), (2, 3, 3), (8, 1, 2)] {
            for order in [Order::RowMajor, Order::ColumnMajor, Order::Diagonal] {
                let layout = |n| Layout::dense(&[rows, n], order, 64).expect("fits");
                let mut weight: Vec<f64> = (0..outputs * inputs).map(|i| (i * 7 % 11) as f64).collect();
                weight.iter_mut().skip(1).step_by(3).for_each(|w| *w = 0.0);
                let weight = Rc::new(Tensor { shape: vec![outputs, inputs], data: weight });
                check(&Matrix::whole(weight, layout(inputs), layout(outputs)));
            }
        }
        // Each element four times.
        let layout = |n| Layout::interleaved(&[3, n], 4, 64).expect("fits");
        let weight = Rc::new(Tensor { shape: vec![2, 3], data: vec![1.0, 0.0, 2.0, 3.0, 4.0, 0.0] });
        check(&Matrix::whole(weight, layout(3), layout(2)));
    }
}
