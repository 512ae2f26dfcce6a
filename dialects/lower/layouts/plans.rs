//! The ways to compute one layer from a layout, and what they cost.

use std::rc::Rc;

use super::weighted::Weighted;
use super::{Layer, Objective, Search, is_dense};
use crate::packed::blocks::{self, BlockMatrix};
use crate::packed::layout::Layout;
use crate::packed::plan::{Geometry, Plan};
use crate::profiles::CostOp;

/// A way to compute a layer from a layout.
pub(super) struct Candidate {
    pub layer: Layer,
    pub cost: f64,
}

/// A linear layer: its shapes are those of the first group of rows.
pub(super) struct Linear {
    pub known: Rc<Weighted>,
    pub input_shape: Vec<usize>,
    pub output_shape: Vec<usize>,
    /// Groups of rows.
    pub groups: usize,
}

impl Search<'_> {
    /// Every plan for a layer from a layout, at the level of the input; with so many masks still to come, and with one
    /// before it. Each group of rows costs the same.
    pub fn candidates(&self, linear: &Linear, input: &Layout, level: i64, masks: i64) -> Vec<Candidate> {
        let mut all = self.of_group(linear, input, level, masks);
        all.iter_mut().for_each(|candidate| candidate.cost *= linear.groups as f64);
        all
    }

    fn of_group(&self, linear: &Linear, input: &Layout, level: i64, masks: i64) -> Vec<Candidate> {
        let mut all = self.unmasked(linear, input, level);
        let Some(dense) = self.dense_of(&linear.output_shape) else { return all };
        let copies = input.stride.min(dense.period);
        let allowed = masks > 0 || self.chain.mask_cost.is_some();
        if !allowed || !linear.known.single || input.repeat > 1 || copies == 1 {
            return all;
        }
        let below = self.chain.refreshed(level - 1);
        let (sums, groups) = self.prices.folds(copies.ilog2(), below);
        let product = self.prices.of(CostOp::MulPlain, level) + self.prices.of(CostOp::Rescale, level);
        let operands = blocks::like(input, &linear.input_shape).len() as f64;
        let cost = operands * (product + sums) + self.chain.mask_cost.unwrap_or(0.0);
        let behind = self.unmasked(linear, &input.spread(copies), below).into_iter();
        all.extend(behind.map(|candidate| Candidate {
            cost: cost + candidate.cost,
            layer: Layer { copies: groups.clone(), ..candidate.layer },
        }));
        all
    }

    /// Every plan for a layer that takes its inputs as they are.
    fn unmasked(&self, linear: &Linear, input: &Layout, level: i64) -> Vec<Candidate> {
        let mut all: Vec<Candidate> = Vec::new();
        let Some(dense) = self.dense_of(&linear.output_shape) else { return all };
        if input.stride == 1 && input.repeat == 1 && (is_dense(input) || !linear.known.single) {
            all.extend(self.by_diagonals(linear, input, &dense, level));
        }
        if linear.known.single {
            self.replicated(linear, input, &dense, level, &mut all);
        }
        all
    }

    /// Baby-step giant-step over the diagonals that are not zero.
    fn by_diagonals(
        &self,
        linear: &Linear,
        input: &Layout,
        output: &Layout,
        level: i64,
    ) -> Option<Candidate> {
        let matrix = BlockMatrix {
            weight: linear.known.weight.clone(),
            inputs: blocks::like(input, &linear.input_shape),
            outputs: blocks::like(output, &linear.output_shape),
        };
        let diagonals = matrix.diagonals(linear.known.dense);
        let fewest = diagonals.best_baby();
        let powers = (0..=diagonals.span().ilog2()).map(|bit| 1usize << bit);
        let results = matrix.outputs.len();
        let cost = |baby: usize| {
            let (babies, giants) = (diagonals.babies(baby), diagonals.giants(baby));
            self.layer_cost(&babies, giants, diagonals.count(), results, level)
        };
        let baby = match self.request.objective {
            Objective::Rotations => fewest,
            Objective::Latency => powers.min_by(|a, b| cost(*a).total_cmp(&cost(*b))).unwrap_or(fewest),
        };
        let folds = diagonals.folds() as f64 * self.prices.group(1, level - 1);
        let layer = Layer { copies: Vec::new(), layout: output.clone(), plan: Plan::Bsgs { baby } };
        Some(Candidate { layer, cost: cost(baby) + folds })
    }

    /// Rotations of each operand, rotations of sums, products and sums of baby-step giant-step, and a rescale of each result.
    fn layer_cost(
        &self,
        babies: &[usize],
        giants: usize,
        products: usize,
        results: usize,
        level: i64,
    ) -> f64 {
        let price = |op| self.prices.of(op, level);
        babies.iter().map(|babies| self.prices.rotations(*babies, level)).sum::<f64>()
            + giants as f64 * price(CostOp::Rotate)
            + products as f64 * price(CostOp::MulPlain)
            + products.saturating_sub(results) as f64 * price(CostOp::Add)
            + results as f64 * price(CostOp::Rescale)
    }

    /// Plans that sum several inputs of one product.
    fn replicated(
        &self,
        linear: &Linear,
        input: &Layout,
        dense: &Layout,
        level: i64,
        all: &mut Vec<Candidate>,
    ) {
        let unit = input.stride;
        let (inputs, outputs) = (input.period / unit, dense.period);
        let from = blocks::like(input, &linear.input_shape);
        let to = blocks::like(dense, &linear.output_shape);
        let results = to.len() as f64;
        for fold in (0..=inputs.ilog2()).map(|bit| 1usize << bit) {
            let (cost, folds) = self.prices.folds(fold.ilog2(), level - 1);
            let layout =
                Layout { stride: 1, repeat: 1, period: unit.max(outputs), fill: 0.0, ..dense.clone() };
            let without_gaps = blocks::like(&layout, &linear.output_shape);
            // Of dense inputs one to one it is the same by diagonals.
            let sums = unit > 1 || fold > 1;
            let geometries = sums.then(|| self.geometries(&from, &without_gaps, &folds, &[]));
            if let Some(diagonals) = geometries.flatten() {
                let (babies, baby) = self.babies(&diagonals, to.len(), level);
                let plan = Plan::Replicated { baby, folds: folds.clone(), wraps: Vec::new() };
                let layer = Layer { copies: Vec::new(), layout, plan };
                all.push(Candidate { layer, cost: results * cost + babies });
            }
            let wrap = (inputs / fold / outputs).max(1);
            let Some(period) =
                unit.checked_mul(fold * outputs).filter(|period| *period <= self.request.slots)
            else {
                continue;
            };
            let trivial = unit == 1 && fold == 1;
            if trivial && is_dense(input) {
                // The same by diagonals.
                continue;
            }
            let (wrapping, wraps) = self.prices.folds(wrap.ilog2(), level - 1);
            let layout = Layout { stride: unit * fold, repeat: 1, period, ..dense.clone() };
            let geometries =
                self.geometries(&from, &blocks::like(&layout, &linear.output_shape), &folds, &wraps);
            // Blocks of different lengths may need different sums.
            let Some(diagonals) = geometries else { continue };
            let (babies, baby) = self.babies(&diagonals, to.len(), level);
            let fill = if fold > 1 { linear.known.mixture(fold, &from, &to) } else { 0.0 };
            let plan = Plan::Replicated { baby, folds, wraps };
            let layer = Layer { copies: Vec::new(), layout: Layout { fill, ..layout }, plan };
            all.push(Candidate { layer, cost: results * (cost + wrapping) + babies });
        }
    }

    /// The diagonals that each operand is multiplied with for a result; `None` where the plan fits some blocks only.
    fn geometries(
        &self,
        from: &[Layout],
        to: &[Layout],
        folds: &[usize],
        wraps: &[usize],
    ) -> Option<Vec<usize>> {
        let most = |input: &Layout| {
            let fitting = to.iter().map(|output| Geometry::new(input, output, folds, wraps).ok());
            fitting.map(|geometry| Some(geometry?.diagonals)).collect::<Option<Vec<_>>>()?.into_iter().max()
        };
        from.iter().map(most).collect()
    }

    /// The cheapest number of baby steps for so many diagonals of each operand, and the cost of rotations, products and
    /// sums.
    fn babies(&self, diagonals: &[usize], results: usize, level: i64) -> (f64, usize) {
        let most = diagonals.iter().copied().max().unwrap_or(1).max(1);
        let options = (0..=most.ilog2()).map(|bit| {
            let baby = 1usize << bit;
            let babies: Vec<_> =
                diagonals.iter().map(|count| (baby - 1).min(count.saturating_sub(1))).collect();
            let giants = results * (most.div_ceil(baby) - 1);
            let products = results * diagonals.iter().sum::<usize>();
            (self.layer_cost(&babies, giants, products, results, level), baby)
        });
        options.min_by(|a, b| a.0.total_cmp(&b.0)).unwrap_or((0.0, 1))
    }
}
