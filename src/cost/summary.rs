//! What a walk over a function adds up.

use std::collections::BTreeMap;

use petgraph::Direction;
use petgraph::algo::toposort;
use petgraph::graph::NodeIndex;
use rustc_hash::FxHashMap;

use super::graph::{ProgramGraph, program_graph};
use crate::ir::{Ir, OpId, ValueId};
use crate::support::Diagnostic;

/// Work of one class.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Work {
    /// The class that it is counted in.
    pub class: String,
    /// How often it is done.
    pub count: u64,
    /// Its weight, such as milliseconds.
    pub weight: f64,
}

/// What one op costs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OpCost {
    /// Its work, each class once; nothing for an op that is not counted.
    pub work: Vec<Work>,
    /// By how much it lengthens the paths through it.
    pub depth: u64,
    /// By how much it lengthens their marked depth.
    pub marked_depth: u64,
}

impl OpCost {
    /// An op that does the work of one class.
    pub fn of_class(class: &str, count: u64, weight: f64, marked: bool) -> OpCost {
        let work = vec![Work { class: class.to_owned(), count, weight }];
        OpCost { work, depth: count, marked_depth: u64::from(marked) }
    }

    /// The weight of all its work.
    pub fn weight(&self) -> f64 {
        self.work.iter().map(|work| work.weight).sum()
    }
}

/// What ops cost and values occupy.
pub trait CostModel {
    /// What an op costs.
    fn cost(&mut self, op: OpId) -> Result<OpCost, Diagnostic>;
    /// Bytes of a value while it is alive.
    fn bytes(&mut self, value: ValueId) -> u64;
}

/// What a function adds up to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Summary {
    /// Work by class.
    pub counts: BTreeMap<String, u64>,
    /// Weight by class.
    pub weights: BTreeMap<String, f64>,
    /// Sum of the weights.
    pub weight: f64,
    /// The longest weighted path through values: its counted ops and their weights, the first op first.
    pub critical_path: Vec<(OpId, f64)>,
    /// Weight of the critical path.
    pub critical_weight: f64,
    /// Most counted work on a path.
    pub depth: u64,
    /// Most marked ops on a path.
    pub marked_depth: u64,
    /// Most bytes alive at once, in program order; a value dies after its last use.
    pub peak_bytes: u64,
}

/// Walks a function of one block.
pub fn summarize(ir: &Ir, function: OpId, model: &mut dyn CostModel) -> Result<Summary, Diagnostic> {
    let graph = program_graph(ir, function)?;
    let order = toposort(&graph, None).map_err(|cycle| {
        let op = graph[cycle.node_id()];
        Diagnostic::error(format!("'{}' op depends on itself", ir.name_str(op))).at(ir.position(op))
    })?;
    let mut summary = Summary::default();
    let mut costs = Vec::with_capacity(graph.node_count());
    for node in graph.node_indices() {
        let cost = model.cost(graph[node])?;
        for work in &cost.work {
            *summary.counts.entry(work.class.clone()).or_default() += work.count;
            *summary.weights.entry(work.class.clone()).or_default() += work.weight;
            summary.weight += work.weight;
        }
        costs.push(cost);
    }
    longest_paths(&graph, &order, &costs, &mut summary);
    summary.peak_bytes = peak_bytes(ir, function, &graph, model);
    Ok(summary)
}

/// The longest paths that end at an op, the op included.
#[derive(Clone, Copy, Default)]
struct Longest {
    weight: f64,
    depth: u64,
    marked: u64,
    before: Option<NodeIndex>,
}

fn longest_paths(graph: &ProgramGraph, order: &[NodeIndex], costs: &[OpCost], summary: &mut Summary) {
    let mut longest = vec![Longest::default(); graph.node_count()];
    let mut last: Option<NodeIndex> = None;
    for &node in order {
        let mut here = Longest::default();
        for before in graph.neighbors_directed(node, Direction::Incoming) {
            let there = longest[before.index()];
            // Of two equal paths, the one through the earlier op: the order of edges must not show.
            let earlier = here.before.is_some_and(|known| before < known);
            if here.before.is_none() || there.weight > here.weight || (there.weight == here.weight && earlier)
            {
                (here.weight, here.before) = (there.weight, Some(before));
            }
            here.depth = here.depth.max(there.depth);
            here.marked = here.marked.max(there.marked);
        }
        let cost = &costs[node.index()];
        here.weight += cost.weight();
        here.depth += cost.depth;
        here.marked += cost.marked_depth;
        longest[node.index()] = here;
        summary.depth = summary.depth.max(here.depth);
        summary.marked_depth = summary.marked_depth.max(here.marked);
        if here.weight > summary.critical_weight {
            summary.critical_weight = here.weight;
            last = Some(node);
        }
    }
    while let Some(node) = last {
        let cost = &costs[node.index()];
        if !cost.work.is_empty() {
            summary.critical_path.push((graph[node], cost.weight()));
        }
        last = longest[node.index()].before;
    }
    summary.critical_path.reverse();
}

fn peak_bytes(ir: &Ir, function: OpId, graph: &ProgramGraph, model: &mut dyn CostModel) -> u64 {
    let mut uses_left: FxHashMap<ValueId, usize> = FxHashMap::default();
    for node in graph.node_indices() {
        for operand in ir.operands(graph[node]) {
            *uses_left.entry(operand).or_default() += 1;
        }
    }
    let args = ir.body(function).map_or(&[][..], |block| ir.args(block));
    let mut live: u64 = args.iter().map(|arg| model.bytes(*arg)).sum();
    let mut peak = live;
    // Arguments that nothing uses are dead from the start, but the caller holds them: they stay.
    for node in graph.node_indices() {
        let op = graph[node];
        live += ir.results(op).map(|result| model.bytes(result)).sum::<u64>();
        peak = peak.max(live);
        let unused = ir.results(op).filter(|result| !uses_left.contains_key(result));
        live -= unused.map(|result| model.bytes(result)).sum::<u64>();
        for operand in ir.operands(op) {
            if let Some(left) = uses_left.get_mut(&operand) {
                *left -= 1;
                if *left == 0 {
                    live = live.saturating_sub(model.bytes(operand));
                }
            }
        }
    }
    peak
}
