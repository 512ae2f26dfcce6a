//! Which layouts and plans the linear layers of a network get: the cheapest chain of them.
//!
//! The plan of a layer fixes the layout from which the next one starts, so that layers cannot be planned one by one. A
//! state is the layouts of the values that are live between two ops, with the least predicted cost of getting there; a
//! layer extends each by each of its plans (shortest path by dynamic programming in program order, as Orion does for
//! bootstraps and Fhelipe for layouts). Arguments are packed by the client, for free in any layout. Where two values meet
//! they must have the same one. A tensor of more elements than slots is several blocks, whose layouts follow from that of
//! the first ([`crate::packed::blocks`]).
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
use indexmap::IndexMap;
use indexmap::map::Entry;
use rustc_hash::{FxBuildHasher, FxHashMap, FxHashSet};
use smallvec::SmallVec;

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
#[derive(Clone, Default)]
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

/// Layouts of the live values, or of their first blocks, with the least cost of getting there.
#[derive(Clone)]
struct State {
    layouts: SmallVec<[Layout; 2]>,
    cost: f64,
    /// The last decision on the way.
    step: Option<usize>,
    /// The one after it, which is recorded if the state is kept.
    made: Option<Box<Step>>,
}

/// The most states that are followed, which only several live values reach. The cheapest are, and the one of dense
/// layouts, from which every op has a plan.
const MAX_STATES: usize = 512;

/// A decision.
#[derive(Clone)]
enum Step {
    /// How an argument is packed; and the decision before.
    Argument { arg: ValueId, layout: Layout, before: Option<usize> },
    /// How a layer is computed, from which layout and at which level; and the decision before.
    Layer { op: OpId, input: Layout, layer: Layer, level: i64, before: Option<usize> },
}

struct Search<'a> {
    request: &'a Request<'a>,
    prices: Prices<'a>,
    bounds: std::collections::BTreeMap<ValueId, Bound>,
    /// The encrypted arguments.
    arguments: FxHashSet<ValueId>,
    /// The number of the last op that takes a value.
    last_use: FxHashMap<ValueId, usize>,
    /// Levels of values, relative to that of the arguments.
    levels: FxHashMap<ValueId, i64>,
    /// The values whose layouts a state has.
    live: Vec<ValueId>,
    states: Vec<State>,
    steps: Vec<Step>,
}

/// The cheapest layouts and plans for the entry function of a program at stage poly. Layers that it says nothing about
/// keep the dense layout.
pub fn assign(request: &Request<'_>, ir: &Ir) -> Result<Assignment, Diagnostic> {
    let mut search = Search::new(request, ir)?;
    let block = func::entry(ir).ok().and_then(|entry| ir.body(entry));
    for (number, op) in block.map_or_else(Vec::new, |block| ir.block_ops(block)).into_iter().enumerate() {
        search.op(ir, number, op)?;
    }
    Ok(search.found(ir))
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
        let args = ir.body(entry).map_or(&[][..], |block| ir.args(block)).iter().enumerate();
        let encrypted = args.filter(|(index, _)| func::arg_attr(ir, entry, *index, "nn.plain").is_none());
        let ops = ir.body(entry).map_or_else(Vec::new, |block| ir.block_ops(block)).into_iter().enumerate();
        Ok(Search {
            request,
            prices: Prices::new(request),
            bounds: bounds(request.registry, ir, entry, request.weights)?,
            arguments: encrypted.map(|(_, arg)| *arg).collect(),
            last_use: ops
                .flat_map(|(number, op)| ir.operands(op).map(move |value| (value, number)))
                .collect(),
            levels: relative_levels(ir, entry)?,
            live: Vec::new(),
            states: vec![State { layouts: SmallVec::new(), cost: 0.0, step: None, made: None }],
            steps: Vec::new(),
        })
    }

    /// The shape of a value, or of its first group of rows: all of them are computed alike.
    fn shape(&self, value: ValueId) -> Vec<usize> {
        let shape = self.bounds.get(&value).map(|bound| bound.exact.shape());
        shape.map(|shape| blocks::first_rows(shape, self.request.slots)).unwrap_or_default()
    }

    /// The layout of the first block, where elements follow each other.
    fn dense_of(&self, shape: &[usize]) -> Option<Layout> {
        blocks::dense(shape, Order::RowMajor, self.request.slots).ok()?.into_iter().next()
    }

    fn dense(&self, value: ValueId) -> Option<Layout> {
        self.dense_of(&self.shape(value))
    }

    /// Makes an argument live: the client packs it in any layout.
    fn argument(&mut self, ir: &Ir, arg: ValueId) {
        let mut layouts: Vec<_> = self.dense(arg).into_iter().collect();
        for (user, index) in ir.uses(arg) {
            if ir.name_str(user) == nn::Linear::NAME && index == 0 {
                let outputs = self.shape(ir.result(user, 0)).last().copied().unwrap_or(1);
                let room = layouts.first().map_or(1, |dense| self.request.slots / dense.period);
                let interleaved =
                    Layout::interleaved(&self.shape(arg), power(outputs).min(room), self.request.slots);
                layouts.extend(interleaved.filter(|layout| !layouts.contains(layout)));
            }
        }
        let mut states = Vec::new();
        for state in std::mem::take(&mut self.states) {
            for layout in &layouts {
                let step = Step::Argument { arg, layout: layout.clone(), before: state.step };
                self.steps.push(step);
                let mut next = State { step: Some(self.steps.len() - 1), ..state.clone() };
                next.layouts.push(layout.clone());
                states.push(next);
            }
        }
        self.live.push(arg);
        self.states = states;
    }

    fn level(&self, value: ValueId) -> i64 {
        self.request.params.max_level() + self.levels.get(&value).copied().unwrap_or(0)
    }

    /// Where the operands of an op that are encrypted are among the live values.
    fn operands(&mut self, ir: &Ir, op: OpId) -> SmallVec<[usize; 2]> {
        let mut places = SmallVec::new();
        for value in ir.operands(op) {
            if !self.live.contains(&value) && self.arguments.contains(&value) {
                self.argument(ir, value);
            }
            places.extend(self.live.iter().position(|live| *live == value));
        }
        places
    }

    /// Follows every state through an op.
    fn op(&mut self, ir: &Ir, number: usize, op: OpId) -> Result<(), Diagnostic> {
        if ir.has_trait(op, Traits::PLAIN) {
            return Ok(());
        }
        let places = self.operands(ir, op);
        if ir.has_trait(op, Traits::TERMINATOR) {
            return Ok(());
        }
        let (Some(place), result) = (places.first().copied(), ir.result(op, 0)) else { return Ok(()) };
        if ir.name_str(op) == nn::Linear::NAME {
            self.linear(ir, op, place)?;
        } else {
            let polynomial =
                (ir.name_str(op) == poly::Eval::NAME).then(|| polynomial_of(ir, op)).transpose()?;
            let (shape, dense) = (self.shape(result), self.dense(result));
            let after = |mut state: State| {
                let layout = match (&polynomial, ir.name_str(op)) {
                    (Some(polynomial), _) => after_polynomial(state.layouts[place].clone(), polynomial),
                    (_, name) => slotwise(&state.layouts, &places, name, &shape, dense.as_ref()),
                };
                state.layouts.push(layout?);
                Some(state)
            };
            self.states = std::mem::take(&mut self.states).into_iter().filter_map(after).collect();
        }
        self.live.push(result);
        self.merge(number);
        Ok(())
    }

    /// Forgets values without later users, and of states with the same layouts all but the cheapest.
    fn merge(&mut self, number: usize) {
        let stays = |value: &ValueId| self.last_use.get(value).is_some_and(|last| *last > number);
        let stays: SmallVec<[bool; 8]> = self.live.iter().map(stays).collect();
        let mut kept = stays.iter();
        self.live.retain(|_| kept.next().copied().unwrap_or(false));
        let mut best: IndexMap<SmallVec<[[usize; 3]; 2]>, State, FxBuildHasher> = IndexMap::default();
        for mut state in std::mem::take(&mut self.states) {
            let mut kept = stays.iter();
            state.layouts.retain(|_| kept.next().copied().unwrap_or(false));
            let key =
                state.layouts.iter().map(|layout| [layout.stride, layout.repeat, layout.period]).collect();
            match best.entry(key) {
                Entry::Occupied(mut known) if state.cost < known.get().cost => {
                    known.insert(state);
                }
                Entry::Occupied(_) => {}
                Entry::Vacant(place) => {
                    place.insert(state);
                }
            }
        }
        self.states = best.into_values().collect();
        if self.states.len() > MAX_STATES {
            let dense = self.states.iter().position(|state| state.layouts.iter().all(is_dense));
            let dense = dense.map(|at| self.states.swap_remove(at));
            self.states.sort_by(|a, b| a.cost.total_cmp(&b.cost));
            self.states.truncate(MAX_STATES - 1);
            self.states.extend(dense);
        }
        for state in &mut self.states {
            if let Some(made) = state.made.take() {
                self.steps.push(*made);
                state.step = Some(self.steps.len() - 1);
            }
        }
    }

    /// The decisions on the way to the cheapest state.
    fn found(&self, ir: &Ir) -> Assignment {
        let cheapest = self.states.iter().min_by(|a, b| a.cost.total_cmp(&b.cost));
        let (mut chain, mut at) = (Vec::new(), cheapest.and_then(|state| state.step));
        while let Some(step) = at.map(|at| &self.steps[at]) {
            chain.push(step);
            let (Step::Argument { before, .. } | Step::Layer { before, .. }) = step;
            at = *before;
        }
        let mut found = Assignment::default();
        for step in chain.into_iter().rev() {
            match step {
                Step::Argument { arg, layout, .. } => {
                    found.arguments.insert(*arg, layout.clone());
                }
                Step::Layer { op, input, layer, level, .. } => {
                    if self.request.explain {
                        found.report.push_str(&self.explain(ir, *op, input, layer, *level));
                    }
                    found.layers.insert(*op, layer.clone());
                }
            }
        }
        found
    }

    /// Extends every state by every plan for a layer, whose operand is at `place`.
    fn linear(&mut self, ir: &Ir, op: OpId, place: usize) -> Result<(), Diagnostic> {
        let level = self.level(ir.operand(op, 0));
        let facts = Weighted::new(self, ir, op)?;
        let mut known: Vec<(Layout, Vec<Candidate>)> = Vec::new();
        let mut states = Vec::new();
        for state in std::mem::take(&mut self.states) {
            let input = &state.layouts[place];
            let is_known = |(known, _): &(Layout, Vec<Candidate>)| known.is_like(input);
            let at = known.iter().position(is_known).unwrap_or_else(|| {
                known.push((input.clone(), self.candidates(&facts, input, level)));
                known.len() - 1
            });
            for Candidate { layer, cost } in &known[at].1 {
                let (input, layer) = (input.clone(), layer.clone());
                let mut next = state.clone();
                next.cost += cost;
                next.layouts.push(layer.layout.clone());
                next.made = Some(Box::new(Step::Layer { op, input, layer, level, before: state.step }));
                states.push(next);
            }
        }
        self.states = states;
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
            let layout =
                Layout { stride: 1, repeat: 1, period: unit.max(outputs), fill: 0.0, ..dense.clone() };
            let without_gaps = blocks::like(&layout, &facts.output_shape);
            // Of dense inputs one to one it is the same by diagonals.
            let sums = unit > 1 || fold > 1;
            let geometries = sums.then(|| self.geometries(&from, &without_gaps, &folds, &[]));
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

/// The layout behind an op that works on each slot: operands that meet have the same one. `None` where they have not, and
/// where slots without an element get too large.
fn slotwise(
    layouts: &[Layout],
    places: &[usize],
    name: &str,
    shape: &[usize],
    dense: Option<&Layout>,
) -> Option<Layout> {
    let operands: SmallVec<[&Layout; 2]> = places.iter().map(|place| &layouts[*place]).collect();
    let first = *operands.first()?;
    let fills = operands.iter().map(|layout| layout.fill);
    let fill = match (name, operands.len()) {
        // Slots without an element are multiplied by zero.
        (nn::Mul::NAME, 1) => 0.0,
        (nn::Mul::NAME, _) => fills.product(),
        _ => fills.sum(),
    };
    if is_dense(first) {
        let all = operands.iter().all(|layout| is_dense(layout));
        return dense.filter(|_| all).map(|dense| Layout { fill, ..dense.clone() });
    }
    let known = matches!(name, nn::Add::NAME | nn::Sub::NAME | nn::Mul::NAME | nn::Neg::NAME);
    let same = operands.iter().all(|layout| layout.is_like(first) && layout.shape == shape);
    (known && same && fill <= MAX_FILL).then(|| Layout { fill, ..first.clone() })
}

/// The layout behind a polynomial; `None` where slots without an element, or what they hold on the way, could get too
/// large.
fn after_polynomial(mut layout: Layout, polynomial: &Polynomial) -> Option<Layout> {
    let fill = layout.fill;
    let (lo, hi) = polynomial.range_on(-fill, fill);
    layout.fill = lo.abs().max(hi.abs());
    if is_dense(&layout) {
        return Some(layout);
    }
    let range = (polynomial.domain.0.min(-fill), polynomial.domain.1.max(fill));
    let bounds = expand(polynomial, Schedule::Auto, range).bounds;
    (bounds.into_iter().fold(layout.fill, f64::max) <= MAX_FILL).then_some(layout)
}

mod weighted;

#[cfg(test)]
mod tests;
