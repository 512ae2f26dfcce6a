//! `bootstrap`: refreshes where levels run out.
//!
//! ```text
//! %5 = ckks.rescale %4 : …                 // level 30 -> 29, and a product ahead
//! // greedy, level-threshold=30, makes it
//! %5 = ckks.rescale %4 : …
//! %6 = ckks.bootstrap %5 : …               // level 29 -> 37
//! ```
//!
//! In Rust because `minimal` is a dynamic program and `greedy` depends on levels. A value is brought to degree 1 and the
//! nominal scale before it is refreshed. `greedy` is literal: it refreshes what falls below the threshold and has a
//! rescale ahead. `minimal` is a shortest path over cuts of the program, where a cut costs one refresh for each live
//! value with a rescale ahead, and two cuts are joined where the levels last from one to the other.

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
use crate::ckks::params::Params;
use crate::ckks::views;
use crate::func;

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
                kind: OptionKind::Choice(&["greedy", "minimal"]),
                default: "greedy",
                doc: "at the threshold, or as few refreshes as possible",
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
    if options.text("strategy") == Some("minimal") {
        minimal(registry, ir, &params, top)?;
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
    if minimal(registry, &mut ir, &params, top).is_err() {
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

impl Cut {
    /// Refreshes first; of equals the cut with fewer other ops.
    fn cost(&self) -> usize {
        (self.live.len() << 20) + self.off_scale
    }
}

struct Minimal<'a> {
    ir: &'a Ir,
    params: &'a Params,
    top: i64,
    ops: Vec<OpId>,
    bounds: FxHashMap<ValueId, f64>,
}

fn minimal(registry: &Registry, ir: &mut Ir, params: &Params, top: i64) -> Result<(), Diagnostic> {
    let entry = func::entry(ir)?;
    let Some(block) = ir.body(entry) else { return Ok(()) };
    let search = Minimal { ops: ir.block_ops(block), bounds: bounds(registry, ir, entry), ir, params, top };
    let ahead = rescales_ahead(ir, entry);
    let cuts = search.cuts(ir.args(block), &ahead);
    let Some(chosen) = search.shortest(&cuts, ir.args(block)) else {
        let text = "bootstrap: no choice of refreshes makes the levels last: too many levels lie between two places where \
                    a refresh is possible";
        return Err(Diagnostic::error(text)
            .at(ir.position(entry))
            .help("use more moduli, or a lower degree"));
    };
    let chosen: Vec<_> =
        chosen.into_iter().map(|cut| (search.ops[cuts[cut].at], cuts[cut].live.clone())).collect();
    let bounds = search.bounds;
    let mut latest: FxHashMap<ValueId, ValueId> = FxHashMap::default();
    for (anchor, live) in chosen {
        for value in live {
            let current = latest.get(&value).copied().unwrap_or(value);
            let refreshed = insert(ir, anchor, current, bounds.get(&value).copied());
            latest.insert(value, refreshed);
        }
    }
    Ok(())
}

/// A bootstrap of `value` before `anchor`; users from `anchor` on use it.
fn insert(ir: &mut Ir, anchor: OpId, value: ValueId, bound: Option<f64>) -> ValueId {
    let users: Vec<_> = ir.uses(value).collect();
    let later: Vec<_> =
        users.into_iter().filter(|(user, _)| *user == anchor || ir.is_before(anchor, *user)).collect();
    let attrs = range_attr(ir, bound);
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

impl Minimal<'_> {
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
    fn shortest(&self, cuts: &[Cut], args: &[ValueId]) -> Option<Vec<usize>> {
        // best[c] = refreshes up to and including cut c, and the cut before.
        let mut best: Vec<Option<(usize, Option<usize>)>> = vec![None; cuts.len()];
        let mut goal: Option<(usize, Option<usize>)> = None;
        let lowest = bootstrap_min_level(self.ir);
        for from in std::iter::once(None).chain((0..cuts.len()).map(Some)) {
            let (cost, start, level, live) = match from {
                None => (0, 0, self.params.max_level(), args),
                Some(cut) => match best[cut] {
                    Some((cost, _)) => (cost, cuts[cut].at, self.top, cuts[cut].live.as_slice()),
                    None => continue,
                },
            };
            let (reach, levels) = self.reach(start, level, live);
            for (to, cut) in cuts.iter().enumerate().filter(|(_, cut)| cut.at > start && cut.at <= reach) {
                // A value off the nominal scale needs a level to get there.
                let ready = |value: &ValueId| {
                    let needed = lowest + i64::from(!self.is_nominal(*value));
                    levels.get(value).is_none_or(|level| *level >= needed)
                };
                if !cut.live.iter().all(ready) {
                    continue;
                }
                let total = cost + cut.cost();
                if best[to].is_none_or(|(known, _)| total < known) {
                    best[to] = Some((total, from));
                }
            }
            if reach == self.ops.len() && goal.is_none_or(|(known, _)| cost < known) {
                goal = Some((cost, from));
            }
        }
        let mut chain = Vec::new();
        let mut at = goal?.1;
        while let Some(cut) = at {
            chain.push(cut);
            at = best[cut].and_then(|(_, before)| before);
        }
        chain.reverse();
        Some(chain)
    }

    /// How far the levels last when `live` starts at `level` before op `start`: the number of the first op that
    /// would lack a level, or of ops; and the levels until there.
    fn reach(&self, start: usize, level: i64, live: &[ValueId]) -> (usize, FxHashMap<ValueId, i64>) {
        let mut levels: FxHashMap<ValueId, i64> = live.iter().map(|value| (*value, level)).collect();
        for (i, op) in self.ops.iter().enumerate().skip(start) {
            let lowest = self.ir.operands(*op).filter_map(|operand| levels.get(&operand).copied()).min();
            let Some(mut lowest) = lowest else { continue };
            lowest -= i64::from(self.ir.name_str(*op) == views::Rescale::NAME);
            for result in self.ir.results(*op) {
                let Some(state) = self.state(result) else { continue };
                let bound = self.bounds.get(&result).copied().unwrap_or(1.0);
                if missing_levels(self.params, State { level: lowest, ..state }, bound) > 0 {
                    return (i, levels);
                }
                levels.insert(result, lowest);
            }
        }
        (self.ops.len(), levels)
    }
}
