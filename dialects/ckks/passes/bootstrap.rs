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

use he_core::ir::{Attr, Ir, OpId, OpSpec, ValueId};
use he_core::pass::{OptionDef, OptionKind, PassContext, PassDef, StageRange};
use he_core::schema::Registry;
use he_core::support::Diagnostic;
use rustc_hash::FxHashMap;

use super::leveling::{Plan, State, assign, erase_all, missing_levels, rescales_ahead};
use crate::ckks::attr::{
    BOOTSTRAP_LEVELS_ATTR, CtType, bootstrap_min_level, missing_levels as recorded_missing, params_of,
};
use crate::ckks::bounds::bounds;
use crate::ckks::cost::LevelPrices;
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
    let own =
        ir.attr_named(ir.top(), BOOTSTRAP_LEVELS_ATTR).and_then(|attr| ir.ctx.as_i64(attr)).unwrap_or(0);
    params.max_level() - own
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
    erase_all(ir, views::Bootstrap::NAME);
    assign(registry, ir, Plan::keep())?;
    let params = params_of(ir)?.unwrap_or_default();
    let top = return_level(ir, &params);
    if let Some(strategy @ ("minimal" | "optimal")) = options.text("strategy") {
        let profile = Profile::of_target(context.target);
        place(registry, ir, &params, top, (strategy == "optimal").then_some(profile))?;
        assign(registry, ir, Plan::keep())?;
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
    if place(registry, &mut ir, &params, top, None).is_err() {
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
    bounds: FxHashMap<ValueId, f64>,
    /// Where latency is minimized.
    prices: Option<LevelPrices<'a>>,
}

/// How far the levels last from a cut.
struct Reach {
    /// The number of the first op that would lack a level, or of ops.
    end: usize,
    /// The levels of the values until there.
    levels: FxHashMap<ValueId, i64>,
    /// For each op from the start on, how many levels lower everything up to it could start.
    slack: Vec<i64>,
    /// For each op from the start on the level of its operands; `None` for one that works on no live value.
    at: Vec<Option<i64>>,
}

/// A cut on the cheapest chain.
#[derive(Clone, Copy)]
struct Chosen {
    cut: usize,
    /// How far below the level of a refresh the stretch behind it starts.
    lower: i64,
}

/// Places refreshes: the fewest, or with a profile those of the least latency.
fn place(
    registry: &Registry,
    ir: &mut Ir,
    params: &Params,
    top: i64,
    profile: Option<&Profile>,
) -> Result<(), Diagnostic> {
    let entry = func::entry(ir)?;
    let Some(block) = ir.body(entry) else { return Ok(()) };
    let prices = profile.map(|profile| LevelPrices::new(registry, ir, profile, params));
    let search =
        Search { ops: ir.block_ops(block), bounds: bounds(registry, ir, entry), ir, params, top, prices };
    let ahead = rescales_ahead(ir, entry);
    let cuts = search.cuts(ir.args(block), &ahead);
    let Some(chosen) = search.shortest(&cuts, ir.args(block))? else {
        let text = "bootstrap: no choice of refreshes makes the levels last: too many levels lie between two places where \
                    a refresh is possible";
        return Err(Diagnostic::error(text)
            .at(ir.position(entry))
            .help("use more moduli, or a lower degree"));
    };
    let chosen = chosen.into_iter().map(|Chosen { cut, lower }| {
        (search.ops[cuts[cut].at], cuts[cut].live.clone(), (lower > 0).then_some(top - lower))
    });
    let chosen: Vec<_> = chosen.collect();
    let bounds = search.bounds;
    let mut latest: FxHashMap<ValueId, ValueId> = FxHashMap::default();
    for (anchor, live, target) in chosen {
        for value in live {
            let current = latest.get(&value).copied().unwrap_or(value);
            let refreshed = insert(ir, anchor, current, bounds.get(&value).copied(), target);
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

    /// The places between ops, with the live values that have a rescale ahead. Neighbours with the same ones count
    /// once.
    fn cuts(&self, args: &[ValueId], ahead: &FxHashMap<ValueId, bool>) -> Vec<Cut> {
        let mut last_use: FxHashMap<ValueId, usize> = FxHashMap::default();
        for (i, op) in self.ops.iter().enumerate() {
            self.ir.operands(*op).for_each(|operand| {
                last_use.insert(operand, i);
            });
        }
        let active =
            |value: &ValueId| ahead.get(value).copied().unwrap_or(false) && self.state(*value).is_some();
        let mut live: Vec<ValueId> = args.iter().copied().filter(active).collect();
        let mut cuts: Vec<Cut> = Vec::new();
        for (i, op) in self.ops.iter().enumerate() {
            live.retain(|value| last_use.get(value).is_some_and(|last| *last >= i));
            if i > 0 && !live.is_empty() && cuts.last().is_none_or(|cut| cut.live != live) {
                let off_scale = live.iter().filter(|value| !self.is_nominal(**value)).count();
                cuts.push(Cut { at: i, live: live.clone(), off_scale });
            }
            live.extend(self.ir.results(*op).filter(active));
        }
        cuts
    }

    /// The cheapest chain of cuts from the arguments to the outputs, by dynamic programming in program order.
    fn shortest(&self, cuts: &[Cut], args: &[ValueId]) -> Result<Option<Vec<Chosen>>, Diagnostic> {
        // best[c] = cost up to and including cut c, and the cut before with the levels that its stretch does not need.
        let mut best: Vec<Option<(Cost, Option<usize>, i64)>> = vec![None; cuts.len()];
        let mut goal: Option<(Cost, Option<usize>, i64)> = None;
        let lowest = bootstrap_min_level(self.ir);
        for from in std::iter::once(None).chain((0..cuts.len()).map(Some)) {
            let (cost, start, level, live) = match from {
                None => ((0.0, 0), 0, self.params.max_level(), args),
                Some(cut) => match best[cut] {
                    Some((cost, ..)) => (cost, cuts[cut].at, self.top, cuts[cut].live.as_slice()),
                    None => continue,
                },
            };
            let reach = self.reach(start, level, live);
            let mut stretches = Stretches { search: self, start, at: &reach.at, sums: FxHashMap::default() };
            for (to, cut) in cuts.iter().enumerate().filter(|(_, cut)| cut.at > start && cut.at <= reach.end) {
                // A value off the nominal scale needs a level to get there.
                let spare = |value: &ValueId| {
                    let needed = lowest + i64::from(!self.is_nominal(*value));
                    reach.levels.get(value).map_or(i64::MAX, |level| *level - needed)
                };
                let spare = cut.live.iter().map(spare).min().unwrap_or(i64::MAX);
                if spare < 0 {
                    continue;
                }
                // The arguments are as the client encrypts them; a refresh can be dropped lower at once.
                let lower = from.map_or(0, |_| reach.slack_at(cut.at - start).min(spare));
                let refresh = match &self.prices {
                    Some(prices) => (cut.live.len() as f64 * prices.bootstrap_ms(), cut.off_scale),
                    None => (cut.live.len() as f64, cut.off_scale),
                };
                let stretch = stretches.cost(cut.at, lower)?;
                let total = (cost.0 + refresh.0 + stretch, cost.1 + refresh.1);
                if best[to].is_none_or(|(known, ..)| total < known) {
                    best[to] = Some((total, from, lower));
                }
            }
            if reach.end == self.ops.len() {
                let lower = from.map_or(0, |_| reach.slack_at(reach.end - start));
                let total = (cost.0 + stretches.cost(reach.end, lower)?, cost.1);
                if goal.is_none_or(|(known, ..)| total < known) {
                    goal = Some((total, from, lower));
                }
            }
        }
        let mut chain = Vec::new();
        let Some((_, mut at, mut lower)) = goal else { return Ok(None) };
        while let Some(cut) = at {
            chain.push(Chosen { cut, lower: if self.prices.is_some() { lower } else { 0 } });
            (at, lower) = best[cut].map_or((None, 0), |(_, before, lower)| (before, lower));
        }
        chain.reverse();
        Ok(Some(chain))
    }

    /// How far the levels last when `live` starts at `level` before op `start`.
    fn reach(&self, start: usize, level: i64, live: &[ValueId]) -> Reach {
        let mut levels: FxHashMap<ValueId, i64> = live.iter().map(|value| (*value, level)).collect();
        let (mut slack, mut at) = (Vec::new(), Vec::new());
        let mut spare = level.max(0);
        for (i, op) in self.ops.iter().enumerate().skip(start) {
            slack.push(spare);
            let lowest = self.ir.operands(*op).filter_map(|operand| levels.get(&operand).copied()).min();
            at.push(lowest);
            let Some(mut lowest) = lowest else { continue };
            lowest -= i64::from(self.ir.name_str(*op) == views::Rescale::NAME);
            for result in self.ir.results(*op) {
                let Some(state) = self.state(result) else { continue };
                let bound = self.bounds.get(&result).copied().unwrap_or(1.0);
                let missing = |lower: i64| {
                    missing_levels(self.params, State { level: lowest - lower, ..state }, bound)
                };
                if missing(0) > 0 {
                    return Reach { end: i, levels, slack, at };
                }
                while spare > 0 && missing(spare) > 0 {
                    spare -= 1;
                }
                levels.insert(result, lowest);
            }
        }
        slack.push(spare);
        Reach { end: self.ops.len(), levels, slack, at }
    }
}

impl Reach {
    /// How many levels lower the first `ops` ops could start.
    fn slack_at(&self, ops: usize) -> i64 {
        self.slack.get(ops).or(self.slack.last()).copied().unwrap_or(0)
    }
}

/// Latencies of the ops behind a cut, added up.
struct Stretches<'a> {
    search: &'a Search<'a>,
    start: usize,
    at: &'a [Option<i64>],
    /// For each number of levels that all is lower, the sums up to each op.
    sums: FxHashMap<i64, Vec<f64>>,
}

impl Stretches<'_> {
    /// The latency from the cut to op `end`, `lower` levels below where [`Search::reach`] has them; 0 where refreshes
    /// are counted.
    fn cost(&mut self, end: usize, lower: i64) -> Result<f64, Diagnostic> {
        let Some(prices) = &self.search.prices else { return Ok(0.0) };
        let sums = self.sums.entry(lower).or_insert_with(|| vec![0.0]);
        while sums.len() <= end - self.start {
            let index = sums.len() - 1;
            let op = self.search.ops[self.start + index];
            let latency = match self.at.get(index) {
                Some(Some(level)) => prices.latency_ms(op, level - lower)?,
                _ => 0.0,
            };
            sums.push(sums.last().copied().unwrap_or(0.0) + latency);
        }
        Ok(sums[end - self.start])
    }
}
