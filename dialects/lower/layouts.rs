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

use he_core::ir::{Ir, OpId, Traits, ValueId};
use he_core::support::Diagnostic;
use indexmap::IndexMap;
use indexmap::map::Entry;
use rustc_hash::{FxBuildHasher, FxHashMap, FxHashSet};
use smallvec::SmallVec;

use self::chain::Chain;
pub use self::chain::{Refresh, Taken};
pub use self::network::Network;
use self::plans::{Candidate, Linear};
use self::prices::Prices;
use crate::ckks::params::Params;
use crate::func;
use crate::nn::views as nn;
use crate::packed::blocks;
use crate::packed::layout::{Layout, Order};
use crate::packed::plan::Plan;
use crate::poly::ops::polynomial_of;
use crate::poly::polynomial::Polynomial;
use crate::poly::schedule::{Schedule, expand};
use crate::poly::views as poly;
use crate::profiles::{CostOp, Profile};

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

/// Whether levels may be spent on masks, which clear the slots between strided elements so that these can be copied there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Masks {
    /// Those that the chain has left, and any where it is refreshed.
    Fit,
    /// As many as pay: the chain is chosen later.
    Any,
    /// No masks.
    None,
}

impl Masks {
    /// The words of all, as of the option of `pack`.
    pub const WORDS: [&str; 3] = ["fit", "any", "none"];

    /// The word in options.
    pub fn word(self) -> &'static str {
        match self {
            Masks::Fit => "fit",
            Masks::Any => "any",
            Masks::None => "none",
        }
    }

    /// That of a word; `Fit` for others.
    pub fn from_word(word: &str) -> Masks {
        [Masks::Any, Masks::None].into_iter().find(|masks| masks.word() == word).unwrap_or(Masks::Fit)
    }
}

/// What the search is about.
pub struct Request<'a> {
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
    /// Whether levels may be spent on masks.
    pub masks: Masks,
    /// Bootstraps, if there are some.
    pub refresh: Option<Refresh>,
}

/// How one layer is computed.
#[derive(Clone, Debug)]
pub struct Layer {
    /// The groups in which its inputs are copied before, behind a mask; empty where they are taken as they are.
    pub copies: Vec<usize>,
    /// The layout of its result, or of the first block.
    pub layout: Layout,
    /// Its plan.
    pub plan: Plan,
}

impl Layer {
    /// Whether its inputs are masked and copied before.
    pub fn is_spread(&self) -> bool {
        !self.copies.is_empty()
    }
}

/// The layouts of a function.
#[derive(Clone, Default)]
pub struct Assignment {
    /// Of the arguments, or their first blocks.
    pub arguments: FxHashMap<ValueId, Layout>,
    /// Of the linear layers.
    pub layers: FxHashMap<OpId, Layer>,
    /// The predicted cost of layers, products of ciphertexts and bootstraps.
    pub cost: f64,
    /// For each layer the candidates and why one was chosen.
    pub report: String,
}

/// Layouts of the live values, or of their first blocks, with the least cost of getting there.
#[derive(Clone)]
struct State {
    layouts: SmallVec<[Layout; 2]>,
    /// Masks that are still to come, each of which takes a level.
    masks: i64,
    cost: f64,
    /// The last decision on the way.
    step: Option<usize>,
    /// The one after it, which is recorded if the state is kept.
    made: Option<Box<Step>>,
}

/// The most states that are followed, which only several live values reach, or masks. The cheapest are, and the one of dense
/// layouts, from which every op has a plan.
const MAX_STATES: usize = 512;
/// The most masks on the way, where the chain has a level for each.
const MAX_MASKS: i64 = 8;
/// The part of the cost that the first mask must save.
const MASK_GAIN: f64 = 0.01;

/// Masks to come, and strides, repeats and periods: of states with the same ones the cheapest is followed.
type Key = (i64, SmallVec<[[usize; 3]; 2]>);

/// A decision.
#[derive(Clone)]
enum Step {
    /// How an argument is packed; and the decision before.
    Argument { arg: ValueId, layout: Layout, before: Option<usize> },
    /// How a layer is computed, from which layout and at which level; and the decision before.
    Layer { op: OpId, input: Layout, layer: Layer, level: i64, before: Option<usize> },
}

struct Search<'a> {
    network: &'a Network<'a>,
    request: &'a Request<'a>,
    prices: Prices<'a>,
    /// The encrypted arguments.
    arguments: FxHashSet<ValueId>,
    /// The number of the last op that takes a value.
    last_use: FxHashMap<ValueId, usize>,
    chain: Chain,
    /// The values whose layouts a state has.
    live: Vec<ValueId>,
    states: Vec<State>,
    steps: Vec<Step>,
    /// What slots without an element hold behind a polynomial, by the bits of what they held before, of dense layouts and
    /// others.
    fills: RefCell<FxHashMap<(OpId, u64, bool), Option<f64>>>,
}

/// The cheapest layouts and plans for the entry function of a program at stage poly. Layers that it says nothing about
/// keep the dense layout.
pub fn assign(network: &Network<'_>, request: &Request<'_>, ir: &Ir) -> Result<Assignment, Diagnostic> {
    let mut search = [Search::new(network, request, ir)?];
    run(&mut search, ir, 0)?;
    let [search] = &mut search;
    let mut best = search.found(ir);
    // Masks must pay more than what the weights may be wrong by. More are looked at while those that there may be are used.
    let (mut masks, mut most) = (0, (1.0 - MASK_GAIN) * best.cost);
    while masks < search.chain.masks {
        masks = (2 * masks).clamp(1, search.chain.masks);
        run(std::slice::from_mut(search), ir, masks)?;
        let found = search.found(ir);
        let used = found.layers.values().filter(|layer| layer.is_spread()).count() as i64;
        if found.cost >= most {
            break;
        }
        (most, best) = (found.cost, found);
        if used < masks {
            break;
        }
    }
    Ok(best)
}

/// The cheapest layouts for several rings in each of which the program is bootstrapped.
pub fn assign_refreshed(
    network: &Network<'_>,
    requests: &[Request<'_>],
    ir: &Ir,
) -> Result<Vec<Assignment>, Diagnostic> {
    let searches = requests.iter().map(|request| Search::new(network, request, ir));
    let mut searches = searches.collect::<Result<Vec<_>, _>>()?;
    run(&mut searches, ir, 0)?;
    Ok(searches.iter().map(|search| search.found(ir)).collect())
}

/// Follows all states, with up to so many masks to come, through all ops. Several searches go side by side: the weights
/// of a layer are made once.
fn run(searches: &mut [Search<'_>], ir: &Ir, masks: i64) -> Result<(), Diagnostic> {
    searches.iter_mut().for_each(|search| search.begin(masks));
    let block = func::entry(ir).ok().and_then(|entry| ir.body(entry));
    for (number, op) in block.map_or_else(Vec::new, |block| ir.block_ops(block)).into_iter().enumerate() {
        for search in searches.iter_mut() {
            search.op(ir, number, op)?;
        }
    }
    Ok(())
}

fn power(count: usize) -> usize {
    count.max(1).next_power_of_two()
}

fn is_dense(layout: &Layout) -> bool {
    layout.stride == 1 && layout.repeat == 1 && layout.period == power(layout.count())
}

impl<'a> Search<'a> {
    fn new(network: &'a Network<'a>, request: &'a Request<'a>, ir: &Ir) -> Result<Self, Diagnostic> {
        let entry = func::entry(ir)?;
        let args = ir.body(entry).map_or(&[][..], |block| ir.args(block)).iter().enumerate();
        let encrypted = args.filter(|(index, _)| func::arg_attr(ir, entry, *index, "nn.plain").is_none());
        let ops = ir.body(entry).map_or_else(Vec::new, |block| ir.block_ops(block)).into_iter().enumerate();
        let prices = Prices::new(request);
        let chain = Chain::of(request, &prices, Taken::of(ir)?);
        Ok(Search {
            network,
            request,
            prices,
            arguments: encrypted.map(|(_, arg)| *arg).collect(),
            last_use: ops
                .flat_map(|(number, op)| ir.operands(op).map(move |value| (value, number)))
                .collect(),
            chain,
            live: Vec::new(),
            states: Vec::new(),
            steps: Vec::new(),
            fills: RefCell::default(),
        })
    }

    /// Forgets all states but those at the beginning, with up to so many masks to come.
    fn begin(&mut self, masks: i64) {
        self.live.clear();
        self.steps.clear();
        let state =
            State { layouts: SmallVec::new(), masks: 0, cost: self.chain.refreshes, step: None, made: None };
        self.states = (0..=masks).map(|masks| State { masks, ..state.clone() }).collect();
    }

    /// A linear layer with its shapes.
    fn layer(&self, ir: &Ir, op: OpId) -> Result<Linear, Diagnostic> {
        let (input, output) = (ir.operand(op, 0), ir.result(op, 0));
        let (input_shape, output_shape) = (self.shape(input), self.shape(output));
        let groups = self.ciphertexts(input).div_ceil(self.blocks_of(&input_shape).max(1));
        Ok(Linear { known: self.network.layer(ir, op)?, input_shape, output_shape, groups })
    }

    /// The shape of a value, or of its first group of rows: all of them are computed alike.
    fn shape(&self, value: ValueId) -> Vec<usize> {
        blocks::first_rows(self.whole_shape(value), self.request.slots)
    }

    fn whole_shape(&self, value: ValueId) -> &[usize] {
        self.network.bounds.get(&value).map_or(&[], |bound| bound.exact.shape())
    }

    /// The ciphertexts of a value, over all groups of rows.
    fn ciphertexts(&self, value: ValueId) -> usize {
        self.blocks_of(self.whole_shape(value))
    }

    fn blocks_of(&self, shape: &[usize]) -> usize {
        blocks::dense(shape, Order::RowMajor, self.request.slots).map_or(1, |blocks| blocks.len())
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

    /// What the products of an op on so many ciphertexts cost, at the level of an operand.
    fn products(&self, op: OpId, ciphertexts: usize, level: i64) -> f64 {
        let count = self.chain.taken.products.get(&op).map_or(0.0, |count| (count * ciphertexts) as f64);
        let each = [CostOp::Mul, CostOp::Relinearize, CostOp::Rescale].map(|op| self.prices.of(op, level));
        count * each.into_iter().sum::<f64>()
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
        if ir.is_plain(op) {
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
            let is_polynomial = ir.name_str(op) == poly::Eval::NAME;
            let polynomial = is_polynomial.then(|| polynomial_of(ir, op)).transpose()?;
            let (shape, dense) = (self.shape(result), self.dense(result));
            let operand = self.live[place];
            let ciphertexts = self.ciphertexts(operand);
            let states = std::mem::take(&mut self.states);
            let after = |mut state: State| {
                state.cost += self.products(op, ciphertexts, self.chain.level(operand, state.masks));
                let layout = match (&polynomial, ir.name_str(op)) {
                    (Some(polynomial), _) => self.after_polynomial(op, &state.layouts[place], polynomial),
                    (_, name) => slotwise(&state.layouts, &places, name, &shape, dense.as_ref()),
                };
                state.layouts.push(layout?);
                Some(state)
            };
            self.states = states.into_iter().filter_map(after).collect();
        }
        self.live.push(result);
        self.merge(number);
        Ok(())
    }

    /// The layout behind a polynomial.
    fn after_polynomial(&self, op: OpId, layout: &Layout, polynomial: &Polynomial) -> Option<Layout> {
        let (fill, dense) = (layout.fill, is_dense(layout));
        let mut fills = self.fills.borrow_mut();
        let behind = fills.entry((op, fill.to_bits(), dense));
        let fill = (*behind.or_insert_with(|| fill_behind(polynomial, fill, dense)))?;
        Some(Layout { fill, ..layout.clone() })
    }

    /// Forgets values without later users, and of states with the same layouts all but the cheapest.
    fn merge(&mut self, number: usize) {
        let stays = |value: &ValueId| self.last_use.get(value).is_some_and(|last| *last > number);
        let stays: SmallVec<[bool; 8]> = self.live.iter().map(stays).collect();
        let mut kept = stays.iter();
        self.live.retain(|_| kept.next().copied().unwrap_or(false));
        let mut best: IndexMap<Key, State, FxBuildHasher> = IndexMap::default();
        for mut state in std::mem::take(&mut self.states) {
            let mut kept = stays.iter();
            state.layouts.retain(|_| kept.next().copied().unwrap_or(false));
            let key =
                state.layouts.iter().map(|layout| [layout.stride, layout.repeat, layout.period]).collect();
            match best.entry((state.masks, key)) {
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
            let is_dense = |state: &State| state.masks == 0 && state.layouts.iter().all(is_dense);
            let dense = self.states.iter().position(is_dense);
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
        let done = self.states.iter().filter(|state| state.masks == 0);
        let cheapest = done.min_by(|a, b| a.cost.total_cmp(&b.cost));
        let (mut chain, mut at) = (Vec::new(), cheapest.and_then(|state| state.step));
        while let Some(step) = at.map(|at| &self.steps[at]) {
            chain.push(step);
            let (Step::Argument { before, .. } | Step::Layer { before, .. }) = step;
            at = *before;
        }
        let cost = cheapest.map_or(f64::INFINITY, |state| state.cost);
        let mut found = Assignment { cost, ..Assignment::default() };
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
        let linear = self.layer(ir, op)?;
        let mut known: Vec<(Layout, i64, Vec<Candidate>)> = Vec::new();
        let mut states = Vec::new();
        for state in std::mem::take(&mut self.states) {
            let input = &state.layouts[place];
            let level = self.chain.level(self.live[place], state.masks);
            let is_known = |(known, masks, _): &(Layout, i64, Vec<Candidate>)| {
                *masks == state.masks && known.is_like(input)
            };
            let at = known.iter().position(is_known).unwrap_or_else(|| {
                known.push((input.clone(), state.masks, self.candidates(&linear, input, level, state.masks)));
                known.len() - 1
            });
            for Candidate { layer, cost } in &known[at].2 {
                let (input, layer) = (input.clone(), layer.clone());
                let mut next = state.clone();
                next.cost += cost;
                next.masks = (state.masks - i64::from(layer.is_spread())).max(0);
                next.layouts.push(layer.layout.clone());
                next.made = Some(Box::new(Step::Layer { op, input, layer, level, before: state.step }));
                states.push(next);
            }
        }
        self.states = states;
        Ok(())
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

/// What slots without an element hold behind a polynomial; `None` where that, or what they hold on the way, could get too
/// large.
fn fill_behind(polynomial: &Polynomial, fill: f64, dense: bool) -> Option<f64> {
    let (lo, hi) = polynomial.range_on(-fill, fill);
    let behind = lo.abs().max(hi.abs());
    if dense {
        return Some(behind);
    }
    let range = (polynomial.domain.0.min(-fill), polynomial.domain.1.max(fill));
    let bounds = expand(polynomial, Schedule::Auto, range).bounds;
    (bounds.into_iter().fold(behind, f64::max) <= MAX_FILL).then_some(behind)
}

mod chain;
mod network;
mod plans;
mod prices;
mod report;
mod weighted;

#[cfg(test)]
mod tests;
