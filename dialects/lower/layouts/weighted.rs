//! A layer's weights, and bounds of what comes out.

use std::cell::RefCell;
use std::ops::Range;
use std::rc::Rc;

use he_core::exec::tensor::Tensor;
use rustc_hash::FxHashMap;

use crate::nn::ranges::Bound;
use crate::packed::blocks::{starts, width};
use crate::packed::layout::Layout;
use crate::parallel::map_rows;

/// Outputs whose mixtures one thread bounds in a row.
const OUTPUTS_AT_ONCE: usize = 32;

/// A layer's weights, and bounds of what comes out.
pub(super) struct Weighted {
    pub weight: Rc<Tensor>,
    /// The interval of each input, over all rows of the operand, and 0: a sum of some products leaves inputs out.
    inputs: Vec<(f64, f64)>,
    /// Whether no weight is zero: where sizes are powers of two, no diagonal is then.
    pub dense: bool,
    /// Whether the operand is one row.
    pub single: bool,
    /// Bounds of mixtures by log2 of the fold, for each number of blocks of the operand and of the result.
    mixtures: RefCell<FxHashMap<(usize, usize), Vec<f64>>>,
}

impl Weighted {
    /// What the weights say, and the interval of the operand.
    pub fn new(weight: Rc<Tensor>, operand: Option<&Bound>) -> Weighted {
        let (outputs, count) = (weight.shape[0], weight.shape[1]);
        let mut inputs: Vec<(f64, f64)> = vec![(0.0, 0.0); count];
        let elements = operand.map_or(&[][..], |bound| &bound.exact.lo.data).len();
        if let Some(bound) = operand.filter(|_| count > 0) {
            for (index, (lo, hi)) in bound.exact.lo.data.iter().zip(&bound.exact.hi.data).enumerate() {
                let input = &mut inputs[index % count];
                *input = (input.0.min(*lo), input.1.max(*hi));
            }
        }
        let data = &weight.data;
        let dense = map_rows(outputs, count, |o| data[o * count..(o + 1) * count].iter().all(|w| *w != 0.0));
        Weighted {
            dense: dense.into_iter().all(|dense| dense),
            single: elements == count,
            mixtures: RefCell::default(),
            inputs,
            weight,
        }
    }

    /// A bound of the slots between results where `fold` neighbours, a power of two, are summed: the sum that begins `j`
    /// inputs after those of output k has the terms of k from j on, and those of k + 1 before j, or some of them.
    pub fn mixture(&self, fold: usize, inputs: &[Layout], outputs: &[Layout]) -> f64 {
        let mut known = self.mixtures.borrow_mut();
        let all = known.entry((inputs.len(), outputs.len())).or_insert_with(|| {
            let blocks = starts(outputs).into_iter().zip(outputs);
            let each = blocks.map(|(start, block)| self.mixtures(inputs, start..start + width(block)));
            each.reduce(larger).unwrap_or_default()
        });
        // Beyond the inputs there is nothing to mix in.
        all.get(fold.ilog2() as usize).or(all.last()).copied().unwrap_or(0.0)
    }

    /// The bounds for a block of outputs, by log2 of the fold.
    fn mixtures(&self, blocks: &[Layout], outputs: Range<usize>) -> Vec<f64> {
        let (data, inputs, count) = (&self.weight.data, &self.inputs, self.inputs.len());
        let blocks: Vec<_> = starts(blocks)
            .into_iter()
            .zip(blocks)
            .map(|(start, block)| start..start + width(block))
            .collect();
        let widest = blocks.iter().map(Range::len).max().unwrap_or(1).next_power_of_two();
        let padded = outputs.len().next_power_of_two();
        let terms = |o: usize| {
            let mut terms = Terms::none(widest);
            if o % padded < outputs.len() {
                let output = outputs.start + o % padded;
                let weights = &data[output * count..(output + 1) * count];
                for block in &blocks {
                    terms.add(&weights[block.clone()], &inputs[block.clone()]);
                }
                terms.fold();
            }
            terms
        };
        // Some outputs at a time: the terms of each are made once, but for those where a group begins.
        let groups = map_rows(padded.div_ceil(OUTPUTS_AT_ONCE), OUTPUTS_AT_ONCE * count, |group| {
            let first = group * OUTPUTS_AT_ONCE;
            let mut own = terms(first);
            let mut most = vec![0.0; widest.ilog2() as usize + 1];
            for o in first..(first + OUTPUTS_AT_ONCE).min(padded) {
                let next = terms(o + 1);
                most = larger(most, own.mixtures(&next));
                own = next;
            }
            most
        });
        groups.into_iter().reduce(larger).unwrap_or_default()
    }
}

/// The larger one of each two.
fn larger(mut one: Vec<f64>, other: Vec<f64>) -> Vec<f64> {
    one.iter_mut().zip(other).for_each(|(one, other)| *one = one.max(other));
    one
}

/// The intervals of the terms of one output, at each place within a fold, for every fold: that of 1 at 1, that of 2 at 2,
/// that of 2^k from 2^k on.
struct Terms {
    lo: Vec<f64>,
    hi: Vec<f64>,
}

impl Terms {
    fn none(widest: usize) -> Terms {
        Terms { lo: vec![0.0; 2 * widest], hi: vec![0.0; 2 * widest] }
    }

    /// Adds the terms of one block, for the widest fold.
    fn add(&mut self, weights: &[f64], inputs: &[(f64, f64)]) {
        let widest = self.lo.len() / 2;
        let places = self.lo[widest..].iter_mut().zip(&mut self.hi[widest..]);
        for (((lo, hi), w), input) in places.zip(weights).zip(inputs) {
            let (a, b) = (w * input.0, w * input.1);
            *lo += a.min(b);
            *hi += a.max(b);
        }
    }

    /// Makes the other folds: places half a fold apart are one place of half the fold.
    fn fold(&mut self) {
        for side in [&mut self.lo, &mut self.hi] {
            let mut fold = side.len() / 2;
            while fold > 1 {
                let half = fold / 2;
                let (less, more) = side.split_at_mut(fold);
                let (near, far) = more[..fold].split_at(half);
                for ((sum, near), far) in less[half..].iter_mut().zip(near).zip(far) {
                    *sum = near + far;
                }
                fold = half;
            }
        }
    }

    /// For each fold the most that a mixture of these terms with those of the next output can be.
    fn mixtures(&self, next: &Terms) -> Vec<f64> {
        let sums = |fold: usize| {
            let places = fold..2 * fold;
            let (mut lo, mut hi, mut most) = (self.lo[1], self.hi[1], 0.0_f64);
            for place in places {
                lo += next.lo[place] - self.lo[place];
                hi += next.hi[place] - self.hi[place];
                most = most.max(-lo).max(hi);
            }
            most
        };
        let folds = (0..self.lo.len().ilog2()).map(|bit| 1 << bit);
        folds.map(sums).collect()
    }
}
