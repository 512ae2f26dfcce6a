//! A layer's weights, and bounds of what comes out.

use std::cell::RefCell;
use std::ops::Range;
use std::rc::Rc;

use he_core::exec::tensor::Tensor;
use he_core::ir::{Ir, OpId};
use he_core::support::Diagnostic;
use rustc_hash::FxHashMap;

use super::Search;
use crate::lower::constants;
use crate::packed::blocks::{starts, width};
use crate::packed::layout::Layout;
use crate::parallel::map_rows;

/// Outputs whose mixtures one thread bounds in a row.
const OUTPUTS_AT_ONCE: usize = 32;

/// A layer's weights, and bounds of what comes out.
pub(super) struct Weighted {
    pub weight: Rc<Tensor>,
    /// The shape of the operand.
    pub input_shape: Vec<usize>,
    /// The shape of the result.
    pub output_shape: Vec<usize>,
    /// The interval of each input, over all rows of the operand.
    inputs: Vec<(f64, f64)>,
    /// For each output the sum of |weight|·|input|.
    rows: Vec<f64>,
    /// Whether no weight is zero: where sizes are powers of two, no diagonal is then.
    pub dense: bool,
    /// Whether the operand is one row.
    pub single: bool,
    /// Bounds of mixtures, by fold.
    mixtures: RefCell<FxHashMap<usize, f64>>,
}

impl Weighted {
    pub fn new(search: &Search<'_>, ir: &Ir, op: OpId) -> Result<Weighted, Diagnostic> {
        let request = search.request;
        let weight = constants::evaluate(request.registry, ir, ir.operand(op, 1), request.weights)?;
        let (outputs, count) = (weight.shape[0], weight.shape[1]);
        let none = (f64::INFINITY, f64::NEG_INFINITY);
        let mut inputs = vec![none; count];
        let bound = search.bounds.get(&ir.operand(op, 0));
        let elements = bound.map_or(&[][..], |bound| &bound.exact.lo.data).len();
        if let Some(bound) = bound.filter(|_| count > 0) {
            for (index, (lo, hi)) in bound.exact.lo.data.iter().zip(&bound.exact.hi.data).enumerate() {
                let input = &mut inputs[index % count];
                *input = (input.0.min(*lo), input.1.max(*hi));
            }
        }
        let row = |o: usize| {
            let weights = &weight.data[o * count..(o + 1) * count];
            weights.iter().zip(&inputs).map(|(w, (lo, hi))| w.abs() * lo.abs().max(hi.abs())).sum()
        };
        Ok(Weighted {
            input_shape: search.shape(ir.operand(op, 0)),
            output_shape: search.shape(ir.result(op, 0)),
            rows: (0..outputs).map(row).collect(),
            dense: weight.data.iter().all(|w| *w != 0.0),
            single: elements == count,
            mixtures: RefCell::default(),
            inputs,
            weight,
        })
    }

    /// A bound of every partial sum of a block of outputs, those of two neighbouring outputs included.
    pub fn partial(&self, outputs: &[Layout]) -> f64 {
        let blocks =
            starts(outputs).into_iter().zip(outputs).map(|(start, block)| start..start + width(block));
        let most = |block: Range<usize>| {
            let rows = self.rows.get(block).unwrap_or(&[]);
            let next = rows.iter().skip(1).chain(rows.first());
            rows.iter().zip(next).map(|(row, next)| row + next).fold(0.0, f64::max)
        };
        blocks.map(most).fold(0.0, f64::max)
    }

    /// A bound of the slots between results where `fold` neighbours are summed: the sum that begins `j` inputs after
    /// those of output k has the terms of k from j on, and those of k + 1 before j.
    pub fn mixture(&self, fold: usize, inputs: &[Layout], outputs: &[Layout]) -> f64 {
        if let Some(known) = self.mixtures.borrow().get(&fold) {
            return *known;
        }
        let most = starts(outputs)
            .into_iter()
            .zip(outputs)
            .map(|(start, block)| self.largest_mixture(fold, inputs, start..start + width(block)));
        let most = most.fold(0.0, f64::max);
        self.mixtures.borrow_mut().insert(fold, most);
        most
    }

    fn largest_mixture(&self, fold: usize, blocks: &[Layout], outputs: Range<usize>) -> f64 {
        let count = self.inputs.len();
        let (data, inputs) = (&self.weight.data, &self.inputs);
        let blocks: Vec<_> = starts(blocks).into_iter().zip(blocks).collect();
        // For each output, and each place within the fold, the interval of its terms.
        let places = |o: usize| {
            let mut places = vec![(0.0, 0.0); fold];
            let weights = &data[o * count..(o + 1) * count];
            for (start, block) in &blocks {
                let own = *start..start + width(block);
                for (weights, inputs) in weights[own.clone()].chunks(fold).zip(inputs[own].chunks(fold)) {
                    for ((place, w), (lo, hi)) in places.iter_mut().zip(weights).zip(inputs) {
                        let (place, (a, b)): (&mut (f64, f64), _) = (place, (w * lo, w * hi));
                        *place = (place.0 + a.min(b), place.1 + a.max(b));
                    }
                }
            }
            places
        };
        let padded = outputs.len().next_power_of_two();
        let row =
            |o: usize| if o < outputs.len() { places(outputs.start + o) } else { vec![(0.0, 0.0); fold] };
        let most_after = |own: &[(f64, f64)], next: &[(f64, f64)]| {
            let mut sum = own.iter().fold((0.0, 0.0), |sum, place| (sum.0 + place.0, sum.1 + place.1));
            let mut most: f64 = 0.0;
            for (leaving, entering) in own.iter().zip(next) {
                sum = (sum.0 - leaving.0 + entering.0, sum.1 - leaving.1 + entering.1);
                most = most.max(-sum.0).max(sum.1);
            }
            most
        };
        // Some outputs at a time: each row is made once, but for those where a group begins.
        let groups = map_rows(padded.div_ceil(OUTPUTS_AT_ONCE), OUTPUTS_AT_ONCE * count, |group| {
            let mut own = row(group * OUTPUTS_AT_ONCE);
            let mut most: f64 = 0.0;
            for o in group * OUTPUTS_AT_ONCE..((group + 1) * OUTPUTS_AT_ONCE).min(padded) {
                let next = row((o + 1) % padded);
                most = most.max(most_after(&own, &next));
                own = next;
            }
            most
        });
        groups.into_iter().fold(0.0, f64::max)
    }
}
