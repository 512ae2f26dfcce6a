//! The search behind `rescale{strategy=optimal}` and `relinearize{strategy=optimal}`.
//!
//! A *placement* says in which version each op takes each operand: how often rescaled, relinearized or not, dropped to the
//! op's level. A version is made once, right behind the definition, and serves all that want it. The search is dynamic
//! programming over the ops, operands first. A state holds the versions that live values have; of equal states the cheapest
//! is kept, and a state goes if a cheaper one could make every version that it lacks for the difference. Where no other
//! state is dropped the result is the least of all placements; else the cheapest of those dropped bounds it from below.
//!
//! Rescaling at a product (eager, EVA's waterline: Dathathri et al., PLDI 2020), when a sum or product asks for it (lazy),
//! and before rotations and sums that could do without (proactive, PARS: Lee et al., HECATE, CGO 2022) are choices of
//! versions, as is the order of a rescale and a relinearization of one value. Products of ciphertexts take operands of the
//! nominal scale.
//!
//! In Rust because it is a dynamic program over the whole program.

mod model;
mod versions;

use std::hash::{Hash, Hasher};
use std::ops::Add;
use std::rc::Rc;

use he_core::ir::Ir;
use he_core::schema::Registry;
use he_core::support::Diagnostic;
use indexmap::IndexSet;
use rustc_hash::{FxBuildHasher, FxHashMap, FxHashSet};
use smallvec::SmallVec;

use self::model::{Model, Use};
use self::versions::{MAX_EXCESS, Route, Step, Tolls, Version, Versions, Way};
use super::leveling::{self, Move, Placement, assign_placed, erase_all, erase_drops};
use crate::ckks::cost::{LevelPrices, latency_ms};
use crate::ckks::params::Params;
use crate::ckks::views;
use crate::parallel::both;
use crate::profiles::{CostOp, Profile};

/// States that are continued in all, and the most and the fewest behind one op.
const BUDGET: usize = 15_000;
const WIDEST: usize = 512;
const NARROWEST: usize = 4;
/// By what fraction sums of the same prices may differ.
const ROUNDING: f64 = 1e-9;
/// Users of a value that bound it.
const LOOKED_AT: usize = 4;
/// States with which a new one is compared.
const COMPARED: usize = 64;

/// What may be placed.
#[derive(Clone, Copy, Debug)]
pub struct Freedom {
    /// Rescales.
    pub rescale: bool,
    /// Relinearizations.
    pub relinearize: bool,
}

/// The cheapest placement that was found.
pub struct Found {
    /// The steps that lead to each operand.
    pub placement: Placement,
    /// Its latency in milliseconds by the profile.
    pub latency_ms: f64,
    /// No placement has a smaller one. Equal to `latency_ms` where the search was exhaustive.
    pub least_ms: f64,
}

/// What a placement does for one operand.
struct Choice {
    from: Version,
    route: Route,
}

/// A way to a version that serves any value of the same bases.
struct KnownWay {
    cost: f64,
    /// What there is behind it.
    versions: Versions,
    /// Its number among the choices.
    choice: usize,
}

/// What the ways are to: the bases by their number, what there is, what is wanted, and whether anything is wanted later.
type Wanted = (usize, Versions, Version, bool);

/// The choices of one step on the way to a state, and the record before.
struct Record {
    choices: SmallVec<[usize; 2]>,
    before: Option<usize>,
}

/// The versions that a value has in a state.
#[derive(Clone, Copy)]
struct Held {
    versions: Versions,
    /// What they cost more at least on the dearest path through one of the next users: see [`Search::ahead_of`].
    ahead: f64,
}

/// The rest follows from the versions.
impl PartialEq for Held {
    fn eq(&self, other: &Held) -> bool {
        self.versions == other.versions
    }
}

impl Eq for Held {}

impl Hash for Held {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.versions.hash(state);
    }
}

/// A placement up to some op.
struct Partial {
    /// What it has of each value of which other states have other versions.
    held: SmallVec<[Held; 8]>,
    cost: f64,
    record: Option<usize>,
}

/// A partial placement one step further, as what it changes.
struct Next {
    /// Number of the state before.
    state: usize,
    cost: f64,
    /// No end that it leads to costs less, but for what all ops behind it cost at least.
    bound: f64,
    /// For each operand what there is of it behind the step.
    operands: SmallVec<[Held; 2]>,
    result: Option<Held>,
    choices: SmallVec<[usize; 2]>,
}

/// A way to a version that an op can take.
struct Offer {
    to: Version,
    cost: f64,
    /// What there is behind it.
    held: Held,
    /// Its number among the choices.
    choice: usize,
}

/// The offers of a step by the operand, its versions and the wanted excess: many states share them.
type Known = FxHashMap<(usize, Versions, u8), Rc<[Offer]>>;

/// Where the operands of a step are among the live values, and which of those have later users.
struct Places {
    operands: SmallVec<[usize; 2]>,
    stays: SmallVec<[bool; 16]>,
}

struct Search<'a> {
    model: Model,
    prices: LevelPrices<'a>,
    tolls: Tolls,
    /// The last step that takes a value.
    last_use: Vec<usize>,
    records: Vec<Record>,
    choices: Vec<Choice>,
    /// By value: the number of its bases, which many values share.
    bases: Vec<usize>,
    ways: FxHashMap<Wanted, Rc<[KnownWay]>>,
    /// What each step costs, by form.
    costs: Vec<[f64; FORMS.len()]>,
    /// What [`Search::bound`] found: by step; and by value for each user, the last one first, by form.
    rest: Vec<f64>,
    ahead: Vec<Vec<(usize, [f64; FORMS.len()])>>,
}

/// Which states are continued.
struct Limits {
    /// How many.
    width: usize,
    /// Up to which bound.
    latency: f64,
}

/// Every excess and degree.
const FORMS: [(u8, u8); 8] = [(0, 1), (0, 2), (1, 1), (1, 2), (2, 1), (2, 2), (3, 1), (3, 2)];

/// Where a form is in [`FORMS`].
fn form_of(excess: u8, degree: u8) -> usize {
    usize::from(excess) * 2 + usize::from(degree - 1)
}

/// The cheapest placement in a program without level drops, and without the ops that may be placed. `None` where the
/// chain is uneven, an op is unknown, or the ops that stay leave no legal placement.
pub fn search(
    registry: &Registry,
    ir: &Ir,
    profile: &Profile,
    params: &Params,
    free: Freedom,
) -> Result<Option<Found>, Diagnostic> {
    let Some(model) = Model::of(registry, ir)? else { return Ok(None) };
    let prices = LevelPrices::new(registry, ir, profile, params)?;
    let levels = 0..=params.max_level();
    let by_degree =
        |class| levels.clone().map(|level| [1, 2].map(|degree| prices.price(class, level, degree))).collect();
    let relinearize = || levels.clone().map(|level| prices.price(CostOp::Relinearize, level, 2)).collect();
    let tolls = Tolls {
        rescale: free.rescale.then(|| by_degree(CostOp::Rescale)),
        relinearize: free.relinearize.then(relinearize),
        drop: by_degree(CostOp::LevelDrop),
    };
    let mut last_use = vec![0; model.bases.len()];
    for (number, step) in model.steps.iter().enumerate() {
        step.uses.iter().for_each(|used| last_use[used.value] = number);
    }
    let mut lists: IndexSet<&[i64], FxBuildHasher> = IndexSet::default();
    let bases = model.bases.iter().map(|bases| lists.insert_full(bases).0).collect();
    let (records, choices, ways, costs, rest, ahead) = Default::default();
    let mut search =
        Search { model, prices, tolls, last_use, records, choices, bases, ways, costs, rest, ahead };
    search.bound();
    Ok(search.run())
}

/// The program with the cheapest placement that is found, and the fraction of its latency by which it can be above the
/// least at most. Rescales and relinearizations that may be placed are placed anew, with all level drops.
pub fn placed(
    registry: &Registry,
    ir: &Ir,
    profile: &Profile,
    params: &Params,
    free: Freedom,
) -> Result<Option<(Ir, f64)>, Diagnostic> {
    let mut ir = ir.clone();
    // What is not used needs no levels.
    he_core::rewrite::sweep_dead(&mut ir);
    erase_drops(&mut ir);
    for (name, free) in [(views::Rescale::NAME, free.rescale), (views::Relinearize::NAME, free.relinearize)] {
        if free {
            erase_all(&mut ir, name);
        }
    }
    let Some(found) = search(registry, &ir, profile, params, free)? else { return Ok(None) };
    assign_placed(registry, &mut ir, found.placement)?;
    let gap = if found.latency_ms > 0.0 { 1.0 - found.least_ms / found.latency_ms } else { 0.0 };
    Ok(Some((ir, gap)))
}

/// Drops levels of a program that has just been given its levels early, if that is cheaper. Its latency in milliseconds.
pub fn drop_early(
    registry: &Registry,
    ir: &mut Ir,
    profile: &Profile,
    params: &Params,
) -> Result<f64, Diagnostic> {
    let late = &*ir;
    let (late_ms, early) = both(
        || latency_ms(registry, late, profile, params),
        || {
            let mut early = late.clone();
            leveling::drop_early(registry, &mut early)?;
            latency_ms(registry, &early, profile, params).map(|early_ms| (early, early_ms))
        },
    );
    let (late_ms, (early, early_ms)) = (late_ms?, early?);
    if early_ms < late_ms {
        *ir = early;
    }
    Ok(early_ms.min(late_ms))
}

impl Search<'_> {
    /// First with few states, which gives a latency to stay below.
    fn run(mut self) -> Option<Found> {
        let first = self.pass(NARROWEST, f64::INFINITY)?;
        let width = (BUDGET / self.model.steps.len().max(1)).min(WIDEST);
        if first.least_ms >= first.latency_ms || width < 2 * NARROWEST {
            return Some(first);
        }
        self.records.clear();
        let second = self.pass(width, first.latency_ms * (1.0 + ROUNDING));
        // Both bounds hold. What the second pass did not follow up to the first one's latency is not below it.
        let least = second.as_ref().map_or(first.latency_ms, |second| second.least_ms).max(first.least_ms);
        let best = second.filter(|second| second.latency_ms <= first.latency_ms).unwrap_or(first);
        Some(Found { least_ms: least.min(best.latency_ms), ..best })
    }

    /// The search with at most `width` states behind an op, none of which can only end above `most` milliseconds.
    fn pass(&mut self, width: usize, most: f64) -> Option<Found> {
        let mut least = f64::INFINITY;
        // Values whose versions differ between the states, and those for which they are the same.
        let mut live: Vec<usize> = Vec::new();
        let mut settled: FxHashMap<usize, Held> = FxHashMap::default();
        let mut states = vec![Partial { held: SmallVec::new(), cost: 0.0, record: None }];
        let (mut known, mut next) = (Known::default(), Vec::new());
        for number in 0..self.model.steps.len() {
            let step = &self.model.steps[number];
            for used in &step.uses {
                if !live.contains(&used.value) {
                    live.push(used.value);
                    // Arguments become live with their first user.
                    let versions = Versions::of(Version { base: 0, excess: 0, degree: 1 });
                    let held = settled.remove(&used.value).unwrap_or(Held { versions, ahead: 0.0 });
                    states.iter_mut().for_each(|state| state.held.push(held));
                }
            }
            let place = |used: &Use| live.iter().position(|value| *value == used.value);
            let places = Places {
                operands: step.uses.iter().filter_map(place).collect(),
                stays: live.iter().map(|value| self.last_use[*value] > number).collect(),
            };
            next.clear();
            known.clear();
            let of_settled = settled.values().map(|held| held.ahead).fold(0.0, f64::max);
            for state in states.iter().enumerate() {
                self.expand(number, state, of_settled, &places, &mut known, &mut next);
            }
            let mut stay = places.stays.iter();
            live.retain(|_| stay.next().copied().unwrap_or(false));
            live.extend(self.model.steps[number].result);
            let limits = Limits { width, latency: most - self.rest[number + 1] };
            let (kept, dropped) = self.prune(&states, &next, &places, &live, limits);
            least = dropped.map_or(least, |cost| least.min(cost + self.rest[number + 1]));
            states = kept;
            let (first, others) = states.split_first()?;
            let differs = |at: usize| others.iter().any(|state| state.held[at] != first.held[at]);
            let differ: SmallVec<[bool; 16]> = (0..live.len()).map(differs).collect();
            let same = live.iter().zip(&first.held).zip(&differ).filter(|(_, differs)| !**differs);
            settled.extend(same.map(|((value, held), _)| (*value, *held)));
            for state in &mut states {
                let mut differ = differ.iter();
                state.held.retain(|_| differ.next().copied().unwrap_or(false));
            }
            let mut differ = differ.iter();
            live.retain(|_| differ.next().copied().unwrap_or(false));
        }
        let best =
            states.into_iter().reduce(|best, state| if state.cost < best.cost { state } else { best })?;
        let placement = self.placement(best.record);
        Some(Found { placement, latency_ms: best.cost, least_ms: least.min(best.cost) })
    }

    /// Bounds from below, backwards. For each step: what it and all behind it cost at least, without anything placed. For
    /// each value and each user of it, by version: what it costs more at least to get through that user to a result on the
    /// dearest path, whatever the other operands on the path are.
    fn bound(&mut self) {
        let least = self.tolls.least();
        self.rest = vec![0.0; self.model.steps.len() + 1];
        self.ahead = vec![Vec::new(); self.model.bases.len()];
        self.costs = vec![[0.0; FORMS.len()]; self.model.steps.len()];
        let mut between: FxHashMap<i64, [[f64; FORMS.len()]; FORMS.len()]> = FxHashMap::default();
        for (number, step) in self.model.steps.iter().enumerate().rev() {
            let prices = FORMS.map(|(excess, degree)| self.price(step, excess, degree));
            self.costs[number] = prices;
            let between = between
                .entry(step.base)
                .or_insert_with(|| FORMS.map(|from| FORMS.map(|to| least.between(from, to, step.base))));
            let cheapest = prices.iter().copied().fold(f64::INFINITY, f64::min);
            self.rest[number] = self.rest[number + 1] + cheapest;
            // By the form of an operand: what the op and all behind it cost more.
            let mut behind = [f64::INFINITY; FORMS.len()];
            for (form, (excess, degree)) in FORMS.into_iter().enumerate() {
                let after = u8::try_from(i16::from(excess) + i16::from(step.demand.excess)).ok();
                let legal = (!step.demand.linear || degree == 1) && (!step.demand.nominal || excess == 0);
                let Some(after) = after.filter(|after| legal && *after <= MAX_EXCESS) else { continue };
                let highest = if step.uses.len() > 1 { 2 } else { degree };
                for largest in degree..=highest {
                    let made = form_of(after, step.demand.degree.unwrap_or(largest));
                    let further = step.result.map_or(0.0, |result| {
                        self.ahead[result].iter().map(|(_, costs)| costs[made]).fold(0.0, f64::max)
                    });
                    let more = prices[form_of(excess, largest)] - cheapest + further;
                    behind[form] = behind[form].min(more);
                }
            }
            for used in &step.uses {
                let costs = between.map(|ways| {
                    let ways = ways.into_iter().zip(behind).map(|(way, behind)| way + behind);
                    ways.fold(f64::INFINITY, f64::min)
                });
                self.ahead[used.value].push((number, costs));
            }
        }
    }

    /// What a value behind a step costs more at least on the dearest path from it through one of its next users. It is the
    /// same until one of them is reached.
    fn ahead_of(&self, number: usize, value: usize, versions: Versions) -> f64 {
        let users = &self.ahead[value];
        let done = users.partition_point(|(user, _)| *user > number);
        let each = users[..done].iter().rev().take(LOOKED_AT).map(|(_, costs)| {
            let forms = versions.iter().map(|version| form_of(version.excess, version.degree));
            forms.map(|form| costs[form]).fold(f64::INFINITY, f64::min)
        });
        each.fold(0.0, f64::max)
    }

    fn price(&self, step: &model::Step, excess: u8, degree: u8) -> f64 {
        // What has degree 1 already is not relinearized: the op goes.
        if step.demand.degree == Some(1) && degree == 1 {
            return 0.0;
        }
        let Some((class, count)) = self.prices.work(step.op) else { return 0.0 };
        self.prices.price(class, step.base + i64::from(excess), u32::from(degree)) * count as f64
    }

    /// Every way to do a step. `elsewhere` is the most that a value with the same versions in all states costs more.
    fn expand(
        &mut self,
        number: usize,
        (at, state): (usize, &Partial),
        elsewhere: f64,
        places: &Places,
        known: &mut Known,
        next: &mut Vec<Next>,
    ) {
        let demand = self.model.steps[number].demand;
        let others = state.held.iter().zip(&places.stays).enumerate();
        let others = others.filter(|(at, (_, stays))| **stays && !places.operands.contains(at));
        let elsewhere = others.map(|(_, (held, _))| held.ahead).fold(elsewhere, f64::max);
        let excesses = if demand.nominal { 0..=0 } else { u8::from(demand.excess < 0)..=MAX_EXCESS };
        for excess in excesses {
            let behind = i16::from(excess) + i16::from(demand.excess);
            let Some(behind) = u8::try_from(behind).ok().filter(|behind| *behind <= MAX_EXCESS) else {
                continue;
            };
            let mut offers = places.operands.iter().enumerate().map(|(used, at)| {
                let key = (used, state.held[*at].versions, excess);
                known.entry(key).or_insert_with(|| self.offers(number, key, places.stays[*at])).clone()
            });
            let (Some(firsts), second) = (offers.next(), offers.next()) else { continue };
            for first in firsts.iter() {
                let Some(others) = &second else {
                    let form = [excess, behind, first.to.degree];
                    next.push(self.next(number, (at, state.cost), &[first], form, elsewhere));
                    continue;
                };
                for other in others.iter() {
                    let form = [excess, behind, first.to.degree.max(other.to.degree)];
                    next.push(self.next(number, (at, state.cost), &[first, other], form, elsewhere));
                }
            }
        }
    }

    /// The ways to the versions of one value that an op can take.
    fn offers(
        &mut self,
        number: usize,
        (used, held, excess): (usize, Versions, u8),
        again: bool,
    ) -> Rc<[Offer]> {
        let step = &self.model.steps[number];
        let (demand, Use { value, base, .. }) = (step.demand, &step.uses[used]);
        let (value, base) = (*value, *base);
        let degrees = if demand.linear { 1..=1 } else { 1..=2 };
        let lowest = if demand.any_level { 0 } else { base };
        let wanted = (lowest..=base)
            .flat_map(|base| degrees.clone().map(move |degree| Version { base, excess, degree }));
        let mut offers = Vec::new();
        for to in wanted {
            for KnownWay { cost, versions, choice } in self.ways(value, held, to, again).iter() {
                let ahead = if again { self.ahead_of(number, value, *versions) } else { 0.0 };
                let held = Held { versions: *versions, ahead };
                offers.push(Offer { to, cost: *cost, held, choice: *choice });
            }
        }
        offers.into()
    }

    /// The ways to a version of a value: all of them, or only the cheapest if nothing else that is made on the way is wanted
    /// `again`.
    fn ways(&mut self, value: usize, held: Versions, to: Version, again: bool) -> Rc<[KnownWay]> {
        let wanted = (self.bases[value], held, to, again);
        if let Some(known) = self.ways.get(&wanted) {
            return known.clone();
        }
        let bases = &self.model.bases[value];
        let ways = match again {
            true => self.tolls.ways(held, to, bases),
            false => self.tolls.cheapest(held, to, bases).into_iter().collect(),
        };
        let first = self.choices.len();
        let numbered = ways.iter().zip(first..);
        let known: Rc<[KnownWay]> = numbered
            .map(|(way, choice)| KnownWay { cost: way.cost, versions: way.versions, choice })
            .collect();
        self.choices.extend(ways.into_iter().map(|Way { from, route, .. }| Choice { from, route }));
        self.ways.insert(wanted, known.clone());
        known
    }

    /// The state behind a step that takes one version of each operand. `before` are number and cost of the one before.
    fn next(
        &self,
        number: usize,
        before: (usize, f64),
        taken: &[&Offer],
        [excess, behind, degree]: [u8; 3],
        elsewhere: f64,
    ) -> Next {
        let step = &self.model.steps[number];
        let own = self.costs[number][form_of(excess, degree)];
        let cost = taken.iter().map(|offer| offer.cost).fold(before.1 + own, f64::add);
        let result = step.result.map(|result| {
            let degree = step.demand.degree.unwrap_or(degree);
            let versions = Versions::of(Version { base: 0, excess: behind, degree });
            Held { versions, ahead: self.ahead_of(number, result, versions) }
        });
        let operands: SmallVec<[Held; 2]> = taken.iter().map(|offer| offer.held).collect();
        let ahead = operands.iter().chain(&result).map(|held| held.ahead).fold(elsewhere, f64::max);
        let choices = taken.iter().map(|offer| offer.choice).collect();
        Next { state: before.0, cost, bound: cost + ahead, operands, result, choices }
    }

    /// The states that are worth continuing, and the bound of the cheapest one that was worth it and did not fit.
    fn prune(
        &mut self,
        states: &[Partial],
        next: &[Next],
        places: &Places,
        live: &[usize],
        limits: Limits,
    ) -> (Vec<Partial>, Option<f64>) {
        let worth = next.iter().enumerate().filter(|(_, next)| next.bound <= limits.latency);
        let mut order: Vec<(f64, usize)> = worth.map(|(at, next)| (next.bound, at)).collect();
        order.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let mut kept: Vec<Partial> = Vec::new();
        let mut known = FxHashMap::default();
        let mut seen: FxHashSet<SmallVec<[Held; 8]>> = FxHashSet::default();
        for (bound, at) in order {
            let Next { state, cost, operands, result, choices, .. } = &next[at];
            let before = &states[*state];
            let mut all = before.held.clone();
            for (held, at) in operands.iter().zip(&places.operands) {
                all[*at] = *held;
            }
            let mut stays = places.stays.iter();
            all.retain(|_| stays.next().copied().unwrap_or(false));
            all.extend(*result);
            let mut partial = Partial { held: all, cost: *cost, record: before.record };
            if kept.iter().take(COMPARED).any(|cheaper| self.dominates(cheaper, &partial, live, &mut known)) {
                continue;
            }
            // Equal ones are compared above, up to so many.
            if kept.len() >= COMPARED && !seen.insert(partial.held.clone()) {
                continue;
            }
            if kept.len() == limits.width {
                return (kept, Some(bound));
            }
            self.records.push(Record { choices: choices.clone(), before: partial.record });
            partial.record = Some(self.records.len() - 1);
            kept.push(partial);
        }
        (kept, None)
    }

    /// Whether a state can have all that another one has for what the other one cost more.
    fn dominates(
        &self,
        cheaper: &Partial,
        other: &Partial,
        live: &[usize],
        known: &mut FxHashMap<(usize, Versions, Versions), f64>,
    ) -> bool {
        let mut left = other.cost - cheaper.cost;
        if left < 0.0 {
            return false;
        }
        for ((held, wanted), value) in cheaper.held.iter().zip(&other.held).zip(live) {
            if held == wanted {
                continue;
            }
            let (held, wanted) = (held.versions, wanted.versions);
            let supplement = || self.tolls.supplement(held, wanted, &self.model.bases[*value]);
            left -= *known.entry((*value, held, wanted)).or_insert_with(supplement);
            if left < 0.0 {
                return false;
            }
        }
        true
    }

    /// The steps from each definition to each operand.
    fn placement(&self, mut record: Option<usize>) -> Placement {
        let mut chosen = Vec::new();
        while let Some(Record { choices, before }) = record.map(|record| &self.records[record]) {
            chosen.push(choices);
            record = *before;
        }
        let mut placement = Placement::default();
        // For each value the steps to each of its versions.
        let mut routes: FxHashMap<(usize, u8, u8, u8), Vec<Move>> = FxHashMap::default();
        for (step, choices) in self.model.steps.iter().zip(chosen.into_iter().rev()) {
            for (used, choice) in step.uses.iter().zip(choices) {
                let Choice { from, route } = &self.choices[*choice];
                let bases = &self.model.bases[used.value];
                let key = |version: Version| (used.value, version.base, version.excess, version.degree);
                let mut moves = routes.get(&key(*from)).cloned().unwrap_or_default();
                let mut at = *from;
                for step in route {
                    let Some(after) = at.after(*step) else { break };
                    moves.extend(match step {
                        Step::Rescale => Some(Move::Rescale),
                        Step::Relinearize => Some(Move::Relinearize),
                        // The levels are not there: where they meet, values are dropped.
                        Step::Drop(_) if self.model.lacks_levels => None,
                        Step::Drop(_) => {
                            Some(Move::Drop(bases[usize::from(at.base)] - bases[usize::from(after.base)]))
                        }
                    });
                    at = after;
                    routes.insert(key(at), moves.clone());
                }
                if !moves.is_empty() {
                    placement
                        .extend(used.operands.iter().map(|operand| ((step.op, *operand), moves.clone())));
                }
            }
        }
        placement
    }
}
