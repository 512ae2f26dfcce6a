//! `bootstrap`: refreshes where levels run out.
//!
//! ```text
//! %5 = ckks.rescale %4 : …                 // level 30 -> 29, and a product ahead
//! // greedy, level-threshold=30, makes it
//! %5 = ckks.rescale %4 : …
//! %6 = ckks.bootstrap %5 : …               // level 29 -> 37
//! ```
//!
//! In Rust because `minimal` and `optimal` are dynamic programs and `greedy` depends on levels. A value is brought to degree 1 and the
//! nominal scale before it is refreshed. `greedy` is literal: it refreshes what falls below the threshold and has a
//! rescale ahead. `minimal` is a shortest path over cuts of the program, where a cut costs one refresh for each live
//! value with a rescale ahead, and two cuts are joined where the levels last from one to the other. `optimal` is the same
//! path with latencies as weights: of the refreshes, and of all ops in between, on as few limbs as the stretch up to the
//! next cut allows; a refresh then states the level that it is dropped to at once. The level graph is that of Orion (Ebel et
//! al., ASPLOS 2025).

use std::collections::BTreeMap;

use he_core::ir::{Attr, Ir, OpId, OpSpec, ValueId, ValueMap};
use he_core::pass::{OptionDef, OptionKind, PassContext, PassDef, StageRange};
use he_core::schema::Registry;
use he_core::support::Diagnostic;
use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::leveling::{Plan, State, assign, erase_all, missing_levels, rescales_ahead};
use super::placement::drop_early;
use crate::ckks::attr::{
    BOOTSTRAP_LEVELS_ATTR, CtType, bootstrap_levels, bootstrap_min_level, missing_levels as recorded_missing,
    params_of,
};
use crate::ckks::bounds::bounds;
use crate::ckks::cost::{ByLevel, LevelPrices, latency_ms};
use crate::ckks::params::Params;
use crate::ckks::views;
use crate::func;
use crate::profiles::Profile;

/// The pass `bootstrap`.
pub fn pass() -> PassDef {
    let int =
        |name, default, doc, max| OptionDef { name, kind: OptionKind::Int { min: 0, max }, default, doc };
    PassDef {
        name: "bootstrap".into(),
        doc: "Refreshes ciphertexts where levels run out".into(),
        options: vec![
            int("level-threshold", "30", "greedy refreshes what falls below this level", 1000),
            OptionDef {
                name: "strategy",
                kind: OptionKind::Choice(&["greedy", "minimal", "optimal"]),
                default: "greedy",
                doc: "at the threshold, as few refreshes as possible, or the least predicted latency",
            },
            OptionDef {
                name: "fit",
                kind: OptionKind::Flag,
                default: "false",
                doc: "where no refresh returns to the threshold, take the lowest threshold that suffices",
            },
            int("bootstrap-levels", "", "levels that a bootstrap itself consumes", 1000),
        ],
        stages: Some(StageRange { first: 4, last: 4, result: None }),
        run: Box::new(|context, ir| run(context, ir).map_err(|error| vec![error])),
    }
}

/// The level that a bootstrap returns to.
pub fn return_level(ir: &Ir, params: &Params) -> i64 {
    params.max_level() - bootstrap_levels(ir)
}

/// The level of a bootstrap's result behind the level drop that its `target` asks for.
pub fn target_level(ir: &Ir, bootstrap: OpId, params: &Params) -> i64 {
    let level = return_level(ir, params);
    let target = ir.attr_named(bootstrap, "target").and_then(|attr| ir.ctx.as_i64(attr));
    target.filter(|target| (0..level).contains(target)).unwrap_or(level)
}

/// `range` of a bootstrap: the operand's bound where it exceeds 1.
pub(super) fn range_attr(ir: &mut Ir, bound: Option<f64>) -> Vec<(&'static str, Attr)> {
    match bound.filter(|bound| bound.is_finite() && *bound > 1.0) {
        Some(bound) => vec![("range", ir.ctx.f64_attr(bound))],
        None => Vec::new(),
    }
}

fn run(context: &mut PassContext<'_>, ir: &mut Ir) -> Result<(), Diagnostic> {
    let options = context.options;
    let registry = &context.session.registry;
    if options.is_given("bootstrap-levels") {
        let attr = ir.ctx.i64_attr(options.int("bootstrap-levels"));
        let top = ir.top();
        ir.set_attr(top, BOOTSTRAP_LEVELS_ATTR, Some(attr));
    }
    // A program that lacks no levels, and has no bootstraps, may be best as it is.
    let refreshes = |ir: &Ir| ir.all_ops().into_iter().any(|op| ir.name_str(op) == views::Bootstrap::NAME);
    let optimal = options.text("strategy") == Some("optimal");
    let before = (optimal && recorded_missing(ir).is_none() && !refreshes(ir)).then(|| ir.clone());
    erase_all(ir, views::Bootstrap::NAME);
    assign(registry, ir, Plan::keep())?;
    let params = params_of(ir)?.unwrap_or_default();
    let top = return_level(ir, &params);
    if let Some(strategy @ ("minimal" | "optimal")) = options.text("strategy") {
        let profile = (strategy == "optimal").then(|| Profile::of_target(context.target));
        let start = ir.clone();
        // Scales may take a level more than was counted: lower levels are tried with some in reserve, then not at all.
        for reserve in [0, 1, 2, i64::MAX] {
            *ir = start.clone();
            place(registry, ir, &params, top, profile, reserve)?;
            assign(registry, ir, Plan::keep())?;
            if recorded_missing(ir).is_none() || profile.is_none() {
                break;
            }
        }
        if let Some(profile) = profile {
            if recorded_missing(ir).is_some() {
                // What is placed as levels are assigned knows every level that scales take.
                let mut greedily = start;
                greedy_fit(registry, &mut greedily, top)?;
                if recorded_missing(&greedily).is_none() {
                    *ir = greedily;
                }
            }
            let refreshed_ms = drop_early(registry, ir, profile, &params)?;
            if let Some(before) = before
                && latency_ms(registry, &before, profile, &params)? < refreshed_ms
            {
                *ir = before;
            }
        }
    } else {
        let threshold = options.int("level-threshold");
        let fits = threshold <= top;
        if !fits && !options.flag("fit") {
            let text = format!(
                "bootstrap: level-threshold={threshold} is above {top}, the level that a refresh returns to"
            );
            return Err(
                Diagnostic::error(text).help(format!("use level-threshold={top} or less, or more moduli"))
            );
        }
        if fits {
            greedy(registry, ir, threshold)?;
        } else {
            greedy_fit(registry, ir, top)?;
        }
    }
    match recorded_missing(ir) {
        None => Ok(()),
        Some(missing) => {
            let text = format!(
                "bootstrap: {missing} levels are still missing between two places where a refresh is possible"
            );
            let at = first_missing(ir).and_then(|op| ir.position(op));
            Err(Diagnostic::error(text)
                .at(at)
                .help("use more moduli, a higher level-threshold, or a lower degree"))
        }
    }
}

/// The fewest refreshes with which the program could run, whatever refreshes it has. `None` if none suffice.
pub fn fewest(registry: &Registry, ir: &Ir) -> Result<Option<usize>, Diagnostic> {
    let mut ir = ir.clone();
    erase_all(&mut ir, views::Bootstrap::NAME);
    assign(registry, &mut ir, Plan::keep())?;
    if recorded_missing(&ir).is_none() {
        return Ok(Some(0));
    }
    let params = params_of(&ir)?.unwrap_or_default();
    let top = return_level(&ir, &params);
    if place(registry, &mut ir, &params, top, None, 0).is_err() {
        return Ok(None);
    }
    Ok(Some(ir.all_ops().into_iter().filter(|op| ir.name_str(*op) == views::Bootstrap::NAME).count()))
}

/// The first op whose result has a negative level.
pub fn first_missing(ir: &Ir) -> Option<OpId> {
    let entry = func::entry(ir).ok()?;
    ir.block_ops(ir.body(entry)?).into_iter().find(|op| {
        ir.results(*op)
            .any(|value| CtType::of(ir, ir.ty(value)).and_then(|ty| ty.level).is_some_and(|l| l < 0))
    })
}

fn greedy(registry: &Registry, ir: &mut Ir, threshold: i64) -> Result<(), Diagnostic> {
    assign(registry, ir, Plan { refresh_below: Some(threshold), ..Plan::keep() })
}

/// The lowest threshold that leaves no level missing.
fn greedy_fit(registry: &Registry, ir: &mut Ir, top: i64) -> Result<(), Diagnostic> {
    for threshold in 0..=top {
        let mut trial = ir.clone();
        greedy(registry, &mut trial, threshold)?;
        if recorded_missing(&trial).is_none() || threshold == top {
            *ir = trial;
            return Ok(());
        }
    }
    Ok(())
}

/// The most values that are refreshed at a narrow cut.
const NARROW: usize = 2;

/// The most states that are followed: beyond it, where many values are live, the cheapest are.
const MAX_STATES: usize = 512;

/// One place between two ops where a refresh of everything live is possible.
struct Cut {
    /// Number of the op behind the cut.
    at: usize,
    /// Live values with a rescale ahead.
    live: Vec<ValueId>,
    /// How many of them have another scale than the nominal one: each takes a product and a rescale more.
    off_scale: usize,
}

/// What a chain of cuts costs: refreshes first, of equals the one with fewer other ops; or milliseconds.
type Cost = (f64, usize);

struct Search<'a> {
    ir: &'a Ir,
    params: &'a Params,
    top: i64,
    ops: Vec<OpId>,
    bounds: ValueMap<f64>,
    /// Where latency is minimized.
    prices: Option<LevelPrices<'a>>,
}

/// A refresh at a cut.
#[derive(Clone, Copy)]
struct Chosen {
    cut: usize,
    /// The level that the refreshed values are dropped to.
    target: i64,
}

/// A decision on the way to a state, and the one before.
struct Step {
    chosen: Chosen,
    before: Option<usize>,
}

/// The cheapest way to given levels of the live values.
#[derive(Clone, Copy)]
struct Way {
    cost: Cost,
    /// The last refresh on it.
    step: Option<usize>,
}

/// By the levels of the values that are live at a cut, in its order.
type States = BTreeMap<Vec<i64>, Way>;

/// Places refreshes: the fewest, or with a profile those of the least latency, which are dropped to the levels that are
/// needed and `reserve` more.
fn place(
    registry: &Registry,
    ir: &mut Ir,
    params: &Params,
    top: i64,
    profile: Option<&Profile>,
    reserve: i64,
) -> Result<(), Diagnostic> {
    let entry = func::entry(ir)?;
    let Some(block) = ir.body(entry) else { return Ok(()) };
    let prices = profile.map(|profile| LevelPrices::new(registry, ir, profile, params)).transpose()?;
    let search =
        Search { ops: ir.block_ops(block), bounds: bounds(registry, ir, entry), ir, params, top, prices };
    let ahead = rescales_ahead(ir, entry);
    // Where few values are live a refresh is cheap: the others are tried only if those do not suffice.
    let mut cuts = search.cuts(ir.args(block), &ahead, NARROW);
    let mut chosen = search.shortest(&cuts, ir.args(block));
    if chosen.is_none() {
        cuts = search.cuts(ir.args(block), &ahead, usize::MAX);
        chosen = search.shortest(&cuts, ir.args(block));
    }
    let Some(chosen) = chosen else {
        let text = "bootstrap: no choice of refreshes makes the levels last: too many levels lie between two places where \
                    a refresh is possible";
        return Err(Diagnostic::error(text)
            .at(ir.position(entry))
            .help("use more moduli, or a lower degree"));
    };
    let chosen = chosen.into_iter().map(|Chosen { cut, target }| {
        let target = target.saturating_add(reserve);
        (search.ops[cuts[cut].at], cuts[cut].live.clone(), (target < top).then_some(target))
    });
    let chosen: Vec<_> = chosen.collect();
    let bounds = search.bounds;
    let mut latest: FxHashMap<ValueId, ValueId> = FxHashMap::default();
    for (anchor, live, target) in chosen {
        for value in live {
            let current = latest.get(&value).copied().unwrap_or(value);
            let refreshed = insert(ir, anchor, current, bounds.get(value).copied(), target);
            latest.insert(value, refreshed);
        }
    }
    Ok(())
}

/// A bootstrap of `value` before `anchor`; users from `anchor` on use it.
fn insert(ir: &mut Ir, anchor: OpId, value: ValueId, bound: Option<f64>, target: Option<i64>) -> ValueId {
    let users: Vec<_> = ir.uses(value).collect();
    let later: Vec<_> =
        users.into_iter().filter(|(user, _)| *user == anchor || ir.is_before(anchor, *user)).collect();
    let mut attrs = range_attr(ir, bound);
    attrs.extend(target.map(|target| ("target", ir.ctx.i64_attr(target))));
    let props = ir.dict_of(&attrs);
    let name = ir.ctx.op_name(views::Bootstrap::NAME);
    let loc = ir.loc(anchor);
    let ty = ir.ty(value);
    let op =
        OpSpec::new(name).operands(&[value]).results(&[ty]).props(props).loc(loc).build_before(ir, anchor);
    let refreshed = ir.result(op, 0);
    for (user, index) in later {
        ir.set_operand(user, index, refreshed);
    }
    refreshed
}

impl Search<'_> {
    fn state(&self, value: ValueId) -> Option<State> {
        let ty = CtType::of(self.ir, self.ir.ty(value))?;
        Some(State { level: ty.level?, scale: ty.scale?, degree: ty.degree })
    }

    fn is_nominal(&self, value: ValueId) -> bool {
        self.state(value).is_some_and(|state| state.scale == i64::from(self.params.log_scale))
    }

    /// The places between ops with at most `widest` live values that have a rescale ahead, but at least one. Neighbours with
    /// the same ones count once.
    fn cuts(&self, args: &[ValueId], ahead: &ValueMap<bool>, widest: usize) -> Vec<Cut> {
        let mut last_use: ValueMap<usize> = ValueMap::default();
        for (i, op) in self.ops.iter().enumerate() {
            self.ir.operands(*op).for_each(|operand| {
                last_use.insert(operand, i);
            });
        }
        let active =
            |value: &ValueId| ahead.get(*value).copied().unwrap_or(false) && self.state(*value).is_some();
        let mut live: Vec<ValueId> = args.iter().copied().filter(active).collect();
        let mut cuts: Vec<Cut> = Vec::new();
        // Whether the live values are others than at the place before.
        let mut changed = true;
        for (i, op) in self.ops.iter().enumerate() {
            if i > 0 && changed && (1..=widest).contains(&live.len()) {
                let off_scale = live.iter().filter(|value| !self.is_nominal(**value)).count();
                cuts.push(Cut { at: i, live: live.clone(), off_scale });
            }
            let before = live.len();
            let ended = |operand: &ValueId| last_use.get(*operand) == Some(&i);
            let ended: SmallVec<[ValueId; 2]> = self.ir.operands(*op).filter(ended).collect();
            if !ended.is_empty() {
                live.retain(|value| !ended.contains(value));
            }
            changed = live.len() != before;
            live.extend(self.ir.results(*op).filter(active));
            changed |= i == 0 || live.len() != before;
        }
        cuts
    }

    /// The cheapest chain of cuts from the arguments to the outputs: a shortest path over the levels of the live values
    /// at each cut, in program order.
    fn shortest(&self, cuts: &[Cut], args: &[ValueId]) -> Option<Vec<Chosen>> {
        let lowest = bootstrap_min_level(self.ir);
        let mut steps: Vec<Step> = Vec::new();
        let start: Vec<ValueId> = args.iter().copied().filter(|arg| self.state(*arg).is_some()).collect();
        let first = Way { cost: (0.0, 0), step: None };
        let mut states: States = BTreeMap::from([(vec![self.params.max_level(); start.len()], first)]);
        let (mut at, mut live) = (0, start.as_slice());
        for (number, cut) in cuts.iter().enumerate() {
            states = self.through(states, at..cut.at, live, &cut.live);
            (at, live) = (cut.at, &cut.live);
            // A value off the nominal scale needs a level to get there.
            let needed: Vec<i64> =
                live.iter().map(|value| lowest + i64::from(!self.is_nominal(*value))).collect();
            let ready = |levels: &[i64]| levels.iter().zip(&needed).all(|(level, needed)| level >= needed);
            let ways = states.iter().filter(|(levels, _)| ready(levels)).map(|(_, way)| *way);
            let Some(way) = ways.min_by(|a, b| a.cost.0.total_cmp(&b.cost.0).then(a.cost.1.cmp(&b.cost.1)))
            else {
                continue;
            };
            let each = self.prices.as_ref().map_or(1.0, LevelPrices::bootstrap_ms);
            let cost = (way.cost.0 + live.len() as f64 * each, way.cost.1 + cut.off_scale);
            let targets = if self.prices.is_some() { 0..=self.top } else { self.top..=self.top };
            for target in targets {
                let levels = vec![target; live.len()];
                if states.get(&levels).is_none_or(|known| cost < known.cost) {
                    steps.push(Step { chosen: Chosen { cut: number, target }, before: way.step });
                    states.insert(levels, Way { cost, step: Some(steps.len() - 1) });
                }
            }
        }
        let ends = self.through(states, at..self.ops.len(), live, &[]);
        let mut step = ends.into_values().next()?.step;
        let mut chain = Vec::new();
        while let Some(Step { chosen, before }) = step.map(|step| &steps[step]) {
            chain.push(*chosen);
            step = *before;
        }
        chain.reverse();
        Some(chain)
    }

    /// Every state behind some ops, with the latencies in between. `live` are the values of the states, `next` those that
    /// are live behind.
    fn through(
        &self,
        states: States,
        ops: std::ops::Range<usize>,
        live: &[ValueId],
        next: &[ValueId],
    ) -> States {
        let stretch = Stretch::of(self, ops, live, next);
        let mut after = States::new();
        for (levels, way) in states {
            let behind = stretch.as_ref().and_then(|stretch| stretch.behind(levels));
            let Some((levels, latency)) = behind else { continue };
            let cost = (way.cost.0 + latency, way.cost.1);
            if after.get(&levels).is_none_or(|known| cost < known.cost) {
                after.insert(levels, Way { cost, ..way });
            }
        }
        if after.len() <= MAX_STATES {
            return after;
        }
        let mut all: Vec<_> = after.into_iter().collect();
        all.sort_by(|(_, a), (_, b)| a.cost.0.total_cmp(&b.cost.0).then(a.cost.1.cmp(&b.cost.1)));
        all.truncate(MAX_STATES);
        all.into_iter().collect()
    }
}

/// Some ops in a row, read once for all states. Values are numbered: first those that are live before, then results.
struct Stretch {
    lines: Vec<Line>,
    /// The values that are live behind.
    next: Vec<usize>,
}

/// An op that works on values that descend from live ones.
struct Line {
    /// What it costs by level, and how often; `None` where refreshes are counted.
    latency: Option<(ByLevel, u64)>,
    operands: SmallVec<[usize; 2]>,
    rescales: bool,
    /// The lowest level that each result can have.
    lowest: SmallVec<[i64; 1]>,
}

impl Line {
    fn latency_ms(&self, level: i64) -> f64 {
        self.latency.as_ref().map_or(0.0, |(prices, count)| prices.at_ms(level) * *count as f64)
    }
}

impl Stretch {
    /// `None` where a value that is live behind does not descend from the live ones.
    fn of(
        search: &Search<'_>,
        ops: std::ops::Range<usize>,
        live: &[ValueId],
        next: &[ValueId],
    ) -> Option<Self> {
        let ir = search.ir;
        let mut numbers: FxHashMap<ValueId, usize> = live.iter().copied().zip(0..).collect();
        let mut count = live.len();
        let mut lines = Vec::new();
        for op in &search.ops[ops] {
            let operands: SmallVec<[usize; 2]> =
                ir.operands(*op).filter_map(|operand| numbers.get(&operand).copied()).collect();
            if operands.is_empty() {
                continue;
            }
            let mut lowest = SmallVec::new();
            for result in ir.results(*op) {
                let Some(state) = search.state(result) else { continue };
                let bound = search.bounds.get(result).copied().unwrap_or(1.0);
                lowest.push(missing_levels(search.params, State { level: 0, ..state }, bound));
                numbers.insert(result, count);
                count += 1;
            }
            lines.push(Line {
                latency: search.prices.as_ref().and_then(|prices| prices.by_level(*op)),
                operands,
                rescales: ir.name_str(*op) == views::Rescale::NAME,
                lowest,
            });
        }
        let next = next.iter().map(|value| numbers.get(value).copied()).collect::<Option<_>>()?;
        Some(Stretch { lines, next })
    }

    /// The levels behind, and the latency (0 where refreshes are counted), where the live values have `levels` before.
    /// `None` where they do not last.
    fn behind(&self, mut levels: Vec<i64>) -> Option<(Vec<i64>, f64)> {
        let mut latency = 0.0;
        for line in &self.lines {
            let level = line.operands.iter().map(|operand| levels[*operand]).min()?;
            latency += line.latency_ms(level);
            let level = level - i64::from(line.rescales);
            for lowest in &line.lowest {
                if level < *lowest {
                    return None;
                }
                levels.push(level);
            }
        }
        Some((self.next.iter().map(|value| levels[*value]).collect(), latency))
    }
}
