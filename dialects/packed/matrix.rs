//! The plaintext matrix of a linear layer, read by diagonals.
//!
//! The method of Halevi and Shoup ("Algorithms in HElib", 2014): with a vector that is periodic in all slots,
//! `y = Σ_d diag_d ⊙ rot_d(x)`. Where the result is shorter than the input, the diagonals may be wrapped to the
//! shorter side and the partial sums folded by rotations (the hybrid method of GAZELLE, Juvekar et al., 2018).

use std::rc::Rc;

use he_core::exec::tensor::Tensor;

use super::layout::Layout;

/// The matrix `y = x Wᵀ` between two layouts.
#[derive(Clone, Debug, PartialEq)]
pub struct Matrix {
    /// Weights, `[outputs, inputs]`.
    pub weight: Rc<Tensor>,
    /// Layout of the operand.
    pub input: Layout,
    /// Layout of the result.
    pub output: Layout,
    /// Whether diagonals are wrapped to the shorter side.
    pub wrapped: bool,
}

impl Matrix {
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
        let (outputs, inputs) = (self.weight.shape[0], self.weight.shape[1]);
        let same_row = output / outputs == input / inputs;
        if same_row { self.weight.data[output % outputs * inputs + input % inputs] } else { 0.0 }
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
        (0..self.span()).step_by(self.input.repeat).filter(|d| self.has_diagonal(*d)).collect()
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

/// Rotations of baby-step giant-step over the given diagonals: distinct nonzero baby steps and giant steps.
pub fn bsgs_rotations(diagonals: &[usize], baby: usize) -> usize {
    let mut babies: Vec<_> = diagonals.iter().map(|d| d % baby).filter(|b| *b != 0).collect();
    let mut giants: Vec<_> = diagonals.iter().map(|d| d / baby).filter(|g| *g != 0).collect();
    for steps in [&mut babies, &mut giants] {
        steps.sort_unstable();
        steps.dedup();
    }
    babies.len() + giants.len()
}

/// The power of two of baby steps with the fewest rotations; of equals the largest, whose rotations share an operand.
pub fn best_baby(diagonals: &[usize], span: usize) -> usize {
    let powers = (0..usize::BITS).map(|bit| 1usize << bit).take_while(|baby| *baby <= span.max(1));
    powers.min_by_key(|baby| (bsgs_rotations(diagonals, *baby), std::cmp::Reverse(*baby))).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::super::layout::Order;
    use super::*;

    fn matrix(outputs: usize, inputs: usize, wrapped: bool) -> Matrix {
        let data = (0..outputs * inputs).map(|i| (i * 7 % 11) as f64 - 5.5).collect();
        let layout = |n| Layout::dense(&[1, n], Order::RowMajor, 64).expect("fits");
        let weight = Rc::new(Tensor { shape: vec![outputs, inputs], data });
        Matrix { weight, input: layout(inputs), output: layout(outputs), wrapped }
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

    #[test]
    fn rotations_of_the_published_example() {
        // 64 -> 32 -> 16 -> 8: 10 + 1, 6 + 1, 4 + 1 rotations.
        let counts = [(32, 64), (16, 32), (8, 16)].map(|(m, n)| {
            let matrix = matrix(m, n, true);
            let diagonals = matrix.nonzero_diagonals();
            bsgs_rotations(&diagonals, best_baby(&diagonals, matrix.span())) + matrix.folds().len()
        });
        assert_eq!(counts, [11, 7, 5]);
    }
}
