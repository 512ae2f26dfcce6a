//! Which layouts and plans the linear layers of a network get: the cheapest chain of them.
//!
//! The plan of a layer fixes the layout from which the next one starts, so that layers cannot be planned one by one. A
//! value has a table of layouts with the least predicted cost of getting there; a layer extends each by each of its
//! plans (shortest path by dynamic programming in program order, as Orion does for bootstraps and Fhelipe for layouts).
//! Arguments are packed by the client, for free in any layout. Where a value has several users, or two values meet, it
//! has the dense layout, and the tables before it are settled. A tensor of more elements than slots is several blocks,
//! whose layouts follow from that of the first ([`crate::packed::blocks`]).
//!
//! Prices are those of the cost model at the level that the value will have; rotations of one value share their
//! decomposition, and sums of rotations are taken before the division by P ([`crate::ckks::passes::hoist`]).
//!
//! In Rust because it is a dynamic program over the whole function.

use std::cell::RefCell;
use std::fmt::Write;

use he_core::ir::{Ir, OpId, Traits, ValueId};
use he_core::schema::Registry;
use he_core::support::{Diagnostic, Weights};
use rustc_hash::FxHashMap;

use self::weighted::Weighted;
use super::bounds::bounds;
use crate::ckks::params::Params;
use crate::ckks::passes::hoist::GroupPrice;
use crate::func;
use crate::nn::ranges::Bound;
use crate::nn::views as nn;
use crate::packed::blocks::{self, BlockMatrix};
use crate::packed::layout::{Layout, Order};
use crate::packed::plan::{Geometry, Plan};
use crate::poly::ops::polynomial_of;
use crate::poly::polynomial::Polynomial;
use crate::poly::schedule::{Schedule, expand};
use crate::poly::views as poly;
use crate::profiles::{CostOp, Profile};

/// The largest group of rotations that is summed at once, as log2.
const MAX_LOG_GROUP: u32 = 4;
/// Slots without an element may hold at most this: scale and value must fit into the first prime at the end of the chain.
const MAX_FILL: f64 = 65536.0;

/// What is minimized.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Objective {
    /// Predicted latency.
    Latency,
    /// The number of rotations; of equals, the latency.
    Rotations,
}

/// What the search is about.
pub struct Request<'a> {
    /// Loaded dialects.
    pub registry: &'a Registry,
    /// Where weights come from.
    pub weights: &'a dyn Weights,
    /// Prices.
    pub profile: &'a Profile,
    /// Ring and modulus chain.
    pub params: &'a Params,
    /// Slots of a ciphertext.
    pub slots: usize,
    /// What is minimized.
    pub objective: Objective,
    /// Whether the report is wanted.
    pub explain: bool,
}

/// How one layer is computed.
#[derive(Clone, Debug)]
pub struct Layer {
    /// The layout of its result, or of the first block.
    pub layout: Layout,
    /// Its plan.
    pub plan: Plan,
    /// Bound of the magnitude of every slot and partial sum.
    pub bound: f64,
}

/// The layouts of a function.
#[derive(Default)]
pub struct Assignment {
    /// Of the arguments, or their first blocks.
    pub arguments: FxHashMap<ValueId, Layout>,
    /// Of the linear layers.
    pub layers: FxHashMap<OpId, Layer>,
    /// For each layer the candidates and why one was chosen.
    pub report: String,
}

/// Prices of operations at one ring.
struct Prices<'a> {
    profile: &'a Profile,
    params: &'a Params,
    objective: Objective,
    known: RefCell<FxHashMap<(CostOp, u32), f64>>,
}

impl<'a> Prices<'a> {
    fn new(request: &Request<'a>) -> Self {
        let Request { profile, params, objective, .. } = *request;
        Prices { profile, params, objective, known: RefCell::default() }
    }

    /// The cost of one op at a level, in milliseconds where latency is minimized.
    fn of(&self, op: CostOp, level: i64) -> f64 {
        let limbs = u32::try_from(self.params.limbs_at(level)).unwrap_or(u32::MAX);
        let latency = *self
            .known
            .borrow_mut()
            .entry((op, limbs))
            .or_insert_with(|| self.profile.latency(op, &self.params.shape(), limbs).ms);
        let rotates = matches!(op, CostOp::Rotate | CostOp::RotateHoisted | CostOp::RotateExt);
        match self.objective {
            Objective::Latency => latency,
            Objective::Rotations => f64::from(u8::from(rotates)) + 1e-7 * latency,
        }
    }

    /// `count` rotations of one value, as [`crate::ckks::passes::hoist`] will have them.
    fn rotations(&self, count: usize, level: i64) -> f64 {
        let price = GroupPrice::new(|op| self.of(op, level), count, false);
        if count > 1 { price.alone.min(price.hoisted) } else { price.alone }
    }

    /// The sum of a value and `count` rotations of it.
    fn group(&self, count: usize, level: i64) -> f64 {
        let sums = count as f64 * self.of(CostOp::Add, level);
        let price = GroupPrice::new(|op| self.of(op, level), count, false);
        sums + if count > 1 { price.alone.min(price.hoisted).min(price.extended) } else { price.alone }
    }

    /// The cheapest groups in which 2^`bits` neighbours are summed, and their cost.
    fn folds(&self, bits: u32, level: i64) -> (f64, Vec<usize>) {
        let mut best: Vec<(f64, u32)> = vec![(0.0, 0)];
        for bit in 1..=bits {
            let options = (1..=bit.min(MAX_LOG_GROUP)).map(|size| {
                let before = best[(bit - size) as usize].0;
                (before + self.group((1 << size) - 1, level), size)
            });
            let least = options.min_by(|a, b| a.0.total_cmp(&b.0));
            best.extend(least);
        }
        let (mut groups, mut bit) = (Vec::new(), bits);
        while bit > 0 {
            let size = best[bit as usize].1;
            groups.push(1usize << size);
            bit -= size;
        }
        (best[bits as usize].0, groups)
    }
}

/// A way to compute a layer from a layout.
struct Candidate {
    layer: Layer,
    cost: f64,
}

/// A layout of a value, or of its first block, with the least cost of getting there.
#[derive(Clone)]
struct State {
    layout: Layout,
    cost: f64,
    /// The last decision on the way.
    step: Option<usize>,
}

/// A decision.
enum Step {
    /// How an argument is packed.
    Argument(ValueId, Layout),
    /// How a layer is computed, from which layout and at which level; and the decision before.
    Layer { op: OpId, input: Layout, layer: Layer, level: i64, before: Option<usize> },
}

struct Search<'a> {
    request: &'a Request<'a>,
    prices: Prices<'a>,
    bounds: std::collections::BTreeMap<ValueId, Bound>,
    tables: FxHashMap<ValueId, Vec<State>>,
    /// Levels of values, relative to that of the arguments.
    levels: FxHashMap<ValueId, i64>,
    steps: Vec<Step>,
    found: Assignment,
}

/// The cheapest layouts and plans for the entry function of a program at stage poly. Layers that it says nothing about
/// keep the dense layout.
pub fn assign(request: &Request<'_>, ir: &Ir) -> Result<Assignment, Diagnostic> {
    let entry = func::entry(ir)?;
    let mut search = Search::new(request, ir)?;
    let Some(block) = ir.body(entry) else { return Ok(search.found) };
    for (index, arg) in ir.args(block).iter().enumerate() {
        if func::arg_attr(ir, entry, index, "nn.plain").is_none() {
            search.argument(ir, *arg);
        }
    }
    for op in ir.block_ops(block) {
        search.op(ir, op)?;
    }
    Ok(search.found)
}

/// The level of each value of a function at stage poly, relative to that of its arguments: what linear layers,
/// polynomials and products take.
fn relative_levels(ir: &Ir, function: OpId) -> Result<FxHashMap<ValueId, i64>, Diagnostic> {
    let mut levels: FxHashMap<ValueId, i64> = FxHashMap::default();
    for op in ir.body(function).map_or_else(Vec::new, |block| ir.block_ops(block)) {
        if ir.has_trait(op, Traits::PLAIN) || ir.has_trait(op, Traits::TERMINATOR) {
            continue;
        }
        let lowest = ir.operands(op).filter_map(|value| levels.get(&value)).min().copied().unwrap_or(0);
        let taken = match ir.name_str(op) {
            nn::Linear::NAME | nn::Mul::NAME => 1,
            poly::Eval::NAME => {
                let polynomial = polynomial_of(ir, op)?;
                expand(&polynomial, Schedule::Auto, polynomial.domain).depth() as i64
            }
            _ => 0,
        };
        levels.extend(ir.results(op).map(|result| (result, lowest - taken)));
    }
    Ok(levels)
}

/// The levels that the entry function of a program at stage poly takes.
pub fn levels_taken(ir: &Ir) -> Result<i64, Diagnostic> {
    let levels = relative_levels(ir, func::entry(ir)?)?;
    Ok(-levels.into_values().min().unwrap_or(0))
}

fn power(count: usize) -> usize {
    count.max(1).next_power_of_two()
}

fn is_dense(layout: &Layout) -> bool {
    layout.stride == 1 && layout.repeat == 1 && layout.period == power(layout.count())
}

impl<'a> Search<'a> {
    fn new(request: &'a Request<'a>, ir: &Ir) -> Result<Self, Diagnostic> {
        let entry = func::entry(ir)?;
        Ok(Search {
            request,
            prices: Prices::new(request),
            bounds: bounds(request.registry, ir, entry, request.weights)?,
            tables: FxHashMap::default(),
            levels: relative_levels(ir, entry)?,
            steps: Vec::new(),
            found: Assignment::default(),
        })
    }

    fn shape(&self, value: ValueId) -> Vec<usize> {
        self.bounds.get(&value).map(|bound| bound.exact.shape().to_vec()).unwrap_or_default()
    }

    /// The layout of the first block, where elements follow each other.
    fn dense_of(&self, shape: &[usize]) -> Option<Layout> {
        blocks::dense(shape, Order::RowMajor, self.request.slots).ok()?.into_iter().next()
    }

    fn dense(&self, value: ValueId) -> Option<Layout> {
        self.dense_of(&self.shape(value))
    }

    /// The client packs an argument in any layout.
    fn argument(&mut self, ir: &Ir, arg: ValueId) {
        let mut layouts: Vec<_> = self.dense(arg).into_iter().collect();
        for (user, index) in ir.uses(arg) {
            if ir.name_str(user) == nn::Linear::NAME && index == 0 {
                let outputs = self.shape(ir.result(user, 0)).last().copied().unwrap_or(1);
                layouts.extend(Layout::interleaved(&self.shape(arg), outputs, self.request.slots));
            }
        }
        let mut table = Vec::new();
        for layout in layouts {
            self.steps.push(Step::Argument(arg, layout.clone()));
            table.push(State { layout, cost: 0.0, step: Some(self.steps.len() - 1) });
        }
        self.set(ir, arg, table);
    }

    /// Records the table of a value. Where it has several users it is settled at once.
    fn set(&mut self, ir: &Ir, value: ValueId, table: Vec<State>) {
        let mut users: Vec<OpId> = ir.uses(value).map(|(user, _)| user).collect();
        users.dedup();
        self.tables.insert(value, table);
        if users.len() > 1 {
            self.settle(ir, value, true);
        }
    }

    /// Decides on the cheapest layout of a value, a dense one if that is needed, and on all before it.
    fn settle(&mut self, ir: &Ir, value: ValueId, dense: bool) {
        let Some(table) = self.tables.get(&value) else { return };
        let fits = |state: &&State| !dense || is_dense(&state.layout);
        let Some(state) = table.iter().filter(fits).min_by(|a, b| a.cost.total_cmp(&b.cost)).cloned() else {
            return;
        };
        let mut chain = Vec::new();
        let mut at = state.step;
        while let Some(step) = at {
            chain.push(step);
            at = match &self.steps[step] {
                Step::Argument(..) => None,
                Step::Layer { before, .. } => *before,
            };
        }
        for step in chain.into_iter().rev() {
            match &self.steps[step] {
                Step::Argument(arg, layout) => {
                    self.found.arguments.insert(*arg, layout.clone());
                }
                Step::Layer { op, input, layer, level, .. } => {
                    if self.request.explain {
                        let text = self.explain(ir, *op, input, layer, *level);
                        self.found.report.push_str(&text);
                    }
                    self.found.layers.insert(*op, layer.clone());
                }
            }
        }
        self.tables.insert(value, vec![State { step: None, cost: 0.0, ..state }]);
    }

    fn level(&self, value: ValueId) -> i64 {
        self.request.params.max_level() + self.levels.get(&value).copied().unwrap_or(0)
    }

    fn op(&mut self, ir: &Ir, op: OpId) -> Result<(), Diagnostic> {
        if ir.has_trait(op, Traits::TERMINATOR) {
            ir.operands(op).for_each(|value| self.settle(ir, value, false));
            return Ok(());
        }
        if ir.has_trait(op, Traits::PLAIN) {
            return Ok(());
        }
        let (input, result) = (ir.operand(op, 0), ir.result(op, 0));
        match ir.name_str(op) {
            nn::Linear::NAME => self.linear(ir, op),
            poly::Eval::NAME => {
                let polynomial = polynomial_of(ir, op)?;
                let table = self.tables.get(&input).cloned().unwrap_or_default();
                let table = table.into_iter().filter_map(|state| after_polynomial(state, &polynomial));
                self.set(ir, result, table.collect());
                Ok(())
            }
            nn::Neg::NAME => {
                let table = self.tables.get(&input).cloned().unwrap_or_default();
                self.set(ir, result, table);
                Ok(())
            }
            name => {
                // Everything else works on dense layouts.
                let encrypted: Vec<_> =
                    ir.operands(op).filter(|value| self.tables.contains_key(value)).collect();
                let product = name == nn::Mul::NAME;
                encrypted.iter().for_each(|value| self.settle(ir, *value, true));
                let fill = encrypted
                    .iter()
                    .filter_map(|value| self.tables.get(value)?.first())
                    .map(|s| s.layout.fill);
                let fill =
                    fill.fold(0.0, |all: f64, fill| if product { all.max(1.0) * fill } else { all + fill });
                let state = self.dense(result).map(|layout| State {
                    layout: Layout { fill, ..layout },
                    cost: 0.0,
                    step: None,
                });
                self.set(ir, result, state.into_iter().collect());
                Ok(())
            }
        }
    }

    fn linear(&mut self, ir: &Ir, op: OpId) -> Result<(), Diagnostic> {
        let (input, result) = (ir.operand(op, 0), ir.result(op, 0));
        let level = self.level(input);
        let facts = Weighted::new(self, ir, op)?;
        let mut best: Vec<State> = Vec::new();
        for state in self.tables.get(&input).cloned().unwrap_or_default() {
            for candidate in self.candidates(&facts, &state.layout, level) {
                let cost = state.cost + candidate.cost;
                let layout = candidate.layer.layout.clone();
                let same = |known: &State| {
                    Layout { fill: 0.0, ..known.layout.clone() } == Layout { fill: 0.0, ..layout.clone() }
                };
                let known = best.iter().position(same);
                if known.is_some_and(|known| best[known].cost <= cost) {
                    continue;
                }
                let before = state.step;
                let step =
                    Step::Layer { op, input: state.layout.clone(), layer: candidate.layer, level, before };
                self.steps.push(step);
                let state = State { layout, cost, step: Some(self.steps.len() - 1) };
                match known {
                    Some(known) => best[known] = state,
                    None => best.push(state),
                }
            }
        }
        self.set(ir, result, best);
        Ok(())
    }

    /// Every plan for a layer from a layout, at the level of the input; for each layout of the result the cheapest.
    fn candidates(&self, facts: &Weighted, input: &Layout, level: i64) -> Vec<Candidate> {
        let mut all: Vec<Candidate> = Vec::new();
        let Some(dense) = self.dense_of(&facts.output_shape) else { return all };
        if input.stride == 1 && input.repeat == 1 && (is_dense(input) || !facts.single) {
            all.extend(self.by_diagonals(facts, input, &dense, level));
        }
        if facts.single {
            self.replicated(facts, input, &dense, level, &mut all);
        }
        all
    }

    /// Baby-step giant-step over the diagonals that are not zero.
    fn by_diagonals(
        &self,
        facts: &Weighted,
        input: &Layout,
        output: &Layout,
        level: i64,
    ) -> Option<Candidate> {
        let matrix = BlockMatrix {
            weight: facts.weight.clone(),
            inputs: blocks::like(input, &facts.input_shape),
            outputs: blocks::like(output, &facts.output_shape),
            wrapped: true,
        };
        let diagonals = matrix.diagonals(facts.dense);
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
        let bound = facts.partial(&matrix.outputs);
        let layer = Layer { layout: output.clone(), plan: Plan::Bsgs { baby }, bound };
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
        facts: &Weighted,
        input: &Layout,
        dense: &Layout,
        level: i64,
        all: &mut Vec<Candidate>,
    ) {
        let unit = input.stride;
        let (inputs, outputs) = (input.period / unit, dense.period);
        let from = blocks::like(input, &facts.input_shape);
        let to = blocks::like(dense, &facts.output_shape);
        let results = to.len() as f64;
        for fold in (0..=inputs.ilog2()).map(|bit| 1usize << bit) {
            let (cost, folds) = self.prices.folds(fold.ilog2(), level - 1);
            let layout = Layout { stride: 1, repeat: 1, period: unit, fill: 0.0, ..dense.clone() };
            let interleaved = blocks::like(&layout, &facts.output_shape);
            let geometries =
                (input.repeat >= outputs).then(|| self.geometries(&from, &interleaved, &folds, &[]));
            if let Some(diagonals) = geometries.flatten() {
                let (babies, baby) = self.babies(&diagonals, to.len(), level);
                let plan = Plan::Replicated { baby, folds: folds.clone(), wraps: Vec::new() };
                let layer = Layer { layout, plan, bound: facts.partial(&to) };
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
                self.geometries(&from, &blocks::like(&layout, &facts.output_shape), &folds, &wraps);
            // Blocks of different lengths may need different sums.
            let Some(diagonals) = geometries else { continue };
            let (babies, baby) = self.babies(&diagonals, to.len(), level);
            let fill = if fold > 1 { facts.mixture(fold, &from, &to) } else { 0.0 };
            let plan = Plan::Replicated { baby, folds, wraps };
            let layer = Layer { layout: Layout { fill, ..layout }, plan, bound: facts.partial(&to) };
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

    /// The candidates of a layer from the layout that it got, and which one was taken.
    fn explain(&self, ir: &Ir, op: OpId, input: &Layout, chosen: &Layer, level: i64) -> String {
        let Ok(facts) = Weighted::new(self, ir, op) else { return String::new() };
        let mut candidates = self.candidates(&facts, input, level);
        candidates.sort_by(|a, b| a.cost.total_cmp(&b.cost));
        let place = ir.position(op).map_or_else(|| "-".to_owned(), |position| position.to_string());
        let (inputs, outputs) = (facts.weight.shape[1], facts.weight.shape[0]);
        let mut text =
            format!("{place}: layer {inputs} -> {outputs} at level {level}, from {}\n", described(input));
        let is_chosen = |layer: &Layer| layer.layout == chosen.layout && layer.plan == chosen.plan;
        let own = candidates.iter().find(|candidate| is_chosen(&candidate.layer)).map_or(0.0, |c| c.cost);
        for candidate in &candidates {
            let why = match () {
                () if is_chosen(&candidate.layer) => "chosen: the least cost with all that follows",
                () if candidate.cost < own => "cheaper by itself, but what follows costs more",
                () => "",
            };
            let unit = match self.request.objective {
                Objective::Latency => format!("{:10.2} ms", candidate.cost),
                Objective::Rotations => format!("{:6} rotations", candidate.cost as u64),
            };
            let line = format!(
                "{unit}  {} to {}",
                planned(&candidate.layer.plan),
                described(&candidate.layer.layout)
            );
            let _ = writeln!(text, "  {line:<90}{why}");
        }
        text
    }
}

/// A layout in a few words.
fn described(layout: &Layout) -> String {
    let Layout { stride, repeat, period, .. } = layout;
    match (*stride, *repeat) {
        (1, 1) => format!("dense, period {period}"),
        (stride, 1) => format!("stride {stride}, period {period}"),
        (stride, repeat) => format!("stride {stride}, repeat {repeat}, period {period}"),
    }
}

/// A plan in a few words.
fn planned(plan: &Plan) -> String {
    match plan {
        Plan::Bsgs { baby } => format!("bsgs, baby {baby}"),
        Plan::Replicated { baby, folds, wraps } => {
            format!("replicated, baby {baby}, folds {folds:?}, wraps {wraps:?}")
        }
    }
}

/// The state behind a polynomial; `None` where slots without an element, or what they hold on the way, could get too
/// large.
fn after_polynomial(mut state: State, polynomial: &Polynomial) -> Option<State> {
    let fill = state.layout.fill;
    let (lo, hi) = polynomial.range_on(-fill, fill);
    state.layout.fill = lo.abs().max(hi.abs());
    if is_dense(&state.layout) {
        return Some(state);
    }
    let range = (polynomial.domain.0.min(-fill), polynomial.domain.1.max(fill));
    let bounds = expand(polynomial, Schedule::Auto, range).bounds;
    (bounds.into_iter().fold(state.layout.fill, f64::max) <= MAX_FILL).then_some(state)
}

mod weighted;

#[cfg(test)]
mod tests;
