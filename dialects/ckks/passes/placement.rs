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
//! versions, as is the order of a rescale and a relinearization of one value. Where primes are not as wide as the scale, so
//! are products with 1 that raise a scale, and the scales of plaintexts. Products of ciphertexts take operands that cannot
//! be rescaled any further.
//!
//! In Rust because it is a dynamic program over the whole program.

mod bound;
mod chain;
mod model;
mod states;
mod versions;

use std::rc::Rc;

use he_core::ir::Ir;
use he_core::schema::Registry;
use he_core::support::Diagnostic;
use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use self::bound::Other;
use self::chain::Chain;
use self::model::{Makes, Model, Point};
use self::states::{Held, Next, Partial};
use self::versions::{Routes, Step, Tolls, Version, Versions, Way, after};
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
/// How many times fewer states are continued on uneven chains, where more ways lead on from each.
const FEWER: usize = 4;
/// By what fraction sums of the same prices may differ.
const ROUNDING: f64 = 1e-9;
/// How often at most what is ahead is guessed from the best placement so far.
const GUESSES: usize = 4;
/// The fraction of the latency from which on it is guessed again.
const WORTH: f64 = 1e-3;
/// Steps of a small program.
const SMALL: usize = 64;
/// Users of a value that bound it.
const LOOKED_AT: usize = 4;

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
    /// The steps that lead to each operand, and the scales of factors.
    pub placement: Placement,
    /// Its latency in milliseconds by the profile.
    pub latency_ms: f64,
    /// No placement has a smaller one. Equal to `latency_ms` where the search was exhaustive.
    pub least_ms: f64,
}

/// Ways to a version that serve any value with the same room, and the least that those cost that were left out.
type KnownWays = (Rc<[KnownWay]>, f64);

/// One of them.
struct KnownWay {
    cost: f64,
    /// What there is behind it.
    versions: Versions,
    /// Its number among the choices.
    choice: usize,
}

/// A placement of the whole program.
struct Solution {
    placement: Placement,
    latency_ms: f64,
    /// The scales of the operands of each step.
    scales: Vec<SmallVec<[i16; 2]>>,
}

fn latency_of(solution: &Option<Solution>) -> f64 {
    solution.as_ref().map_or(f64::INFINITY, |solution| solution.latency_ms)
}

/// What the ways are to: the room by its number, what there is, what is wanted, and whether anything is wanted later.
type Wanted = (usize, Versions, Version, bool);

/// The choices of one step on the way to a state, and the record before.
struct Record {
    choices: SmallVec<[usize; 2]>,
    /// The version of the result.
    made: Option<Version>,
    before: Option<usize>,
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

/// Offers, and the least that those cost that were left out.
type Offers = (Rc<[Offer]>, f64);

/// The offers of a step by the operand, its versions and the point: many states share them.
type Known = FxHashMap<(usize, Versions, usize), Offers>;

/// Where the operands of a step are among the live values, and which of those have later users.
struct Places {
    operands: SmallVec<[usize; 2]>,
    stays: SmallVec<[bool; 16]>,
}

/// Numbers by point of a step and degree.
type ByPoint = Vec<[f64; 2]>;

struct Search<'a> {
    model: Model,
    chain: &'a Chain,
    prices: LevelPrices<'a>,
    routes: Routes<'a>,
    /// By value: the number of its room, which many values share.
    rooms: Vec<usize>,
    /// The last step that takes a value.
    last_use: Vec<usize>,
    records: Vec<Record>,
    choices: Vec<Rc<Way>>,
    ways: FxHashMap<Wanted, KnownWays>,
    /// The least that placements could have come to whose ways were left out.
    left_out: f64,
    /// What each step costs.
    costs: Vec<ByPoint>,
    /// What [`Search::bound`] found: by step; for each step what taking an operand so costs more; and by value for each
    /// user, the last one first, by form.
    rest: Vec<f64>,
    through: Vec<ByPoint>,
    ahead: Vec<Vec<(usize, Box<[f64]>)>>,
}

/// Which states are continued.
struct Limits {
    /// Up to which bound behind a step, and up to which one of a state before it and what it takes to do the step at a point.
    behind: f64,
    through: f64,
}

/// The cheapest placement in a program without level drops, and without the ops that may be placed. `None` where an op is
/// unknown, the chain has no levels or too many scales, or no legal placement is found.
pub fn search(
    registry: &Registry,
    ir: &Ir,
    profile: &Profile,
    params: &Params,
    free: Freedom,
) -> Result<Option<Found>, Diagnostic> {
    let Some(chain) = Chain::of(params) else { return Ok(None) };
    let Some(model) = Model::of(registry, ir, params, &chain)? else { return Ok(None) };
    let prices = LevelPrices::new(registry, ir, profile, params)?;
    let levels = 0..=params.max_level();
    let by_degree =
        |class| levels.clone().map(|level| [1, 2].map(|degree| prices.price(class, level, degree))).collect();
    let relinearize = || levels.clone().map(|level| prices.price(CostOp::Relinearize, level, 2)).collect();
    let tolls = Tolls {
        rescale: free.rescale.then(|| by_degree(CostOp::Rescale)),
        relinearize: free.relinearize.then(relinearize),
        drop: by_degree(CostOp::LevelDrop),
        upscale: (!chain.even).then(|| by_degree(CostOp::MulScalar)),
    };
    let mut last_use = vec![0; model.rooms.len()];
    for (number, step) in model.steps.iter().enumerate() {
        step.uses.iter().for_each(|used| last_use[used.value] = number);
    }
    let mut routes = Routes::new(&chain, tolls);
    let rooms = model.rooms.iter().map(|room| routes.rooms.insert_full(room.clone()).0).collect();
    let (records, choices, ways, costs, rest, through, ahead) = Default::default();
    let search = Search {
        model,
        chain: &chain,
        prices,
        routes,
        rooms,
        last_use,
        records,
        choices,
        ways,
        left_out: f64::INFINITY,
        costs,
        rest,
        through,
        ahead,
    };
    Ok(search.run())
}

/// The program with the cheapest placement that is found, and the latency in milliseconds that no placement is below.
/// Rescales and relinearizations that may be placed are placed anew, with all level drops.
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
    Ok(Some((ir, found.least_ms)))
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
    /// First with few states, which gives a latency to stay below. On an uneven chain a first placement is guessed before, and
    /// what is found is refined.
    fn run(mut self) -> Option<Found> {
        self.price_steps();
        let even = self.chain.even;
        let width = (BUDGET / self.model.steps.len().max(1)).min(WIDEST) / if even { 1 } else { FEWER };
        let mut best = None;
        if !even {
            self.bound(&Other::Same);
            best = self.better(NARROWEST, best).0;
        }
        let guessed = latency_of(&best);
        self.bound(&Other::Best);
        let (mut best, mut least) = self.better(NARROWEST, best);
        // What was not followed up to a latency that is known is not below it.
        least = least.min(latency_of(&best));
        // Where a large program on an uneven chain came to no end with few states, it mostly comes to none with many.
        let ends = even || latency_of(&best) < guessed || self.model.steps.len() <= SMALL;
        if least < latency_of(&best) && width >= 2 * NARROWEST && ends {
            let known = latency_of(&best);
            let (found, dropped) = self.better(width, best);
            (best, least) = (found, least.max(dropped.min(known)));
        }
        if !even && least < latency_of(&best) {
            best = self.refined(width.max(NARROWEST), best);
        }
        let Solution { placement, latency_ms, .. } = best?;
        Some(Found { placement, latency_ms, least_ms: least.min(latency_ms) })
    }

    /// What is ahead of an operand of a product depends on the scale of the other one. The best for it bounds from below, but
    /// states that count on it may all end where the two meet. Here it is what it was in the best placement so far.
    fn refined(&mut self, width: usize, mut best: Option<Solution>) -> Option<Solution> {
        for _ in 0..GUESSES {
            let before = latency_of(&best);
            let Some(known) = &best else { break };
            self.bound(&Other::Known(known.scales.clone()));
            best = self.better(width, best).0;
            if latency_of(&best) >= before * (1.0 - WORTH) {
                break;
            }
        }
        best
    }

    /// The better one of a placement and the best that is found with at most so many states, and what states that were
    /// dropped for their number could have come to at least.
    fn better(&mut self, width: usize, known: Option<Solution>) -> (Option<Solution>, f64) {
        let most = latency_of(&known);
        self.records.clear();
        self.left_out = f64::INFINITY;
        let (found, dropped) = self.pass(width, most * (1.0 + ROUNDING));
        let dropped = dropped.min(self.left_out);
        (found.filter(|found| found.latency_ms <= most).or(known), dropped)
    }

    /// The search with at most `width` states behind an op, none of which can only end above `most` milliseconds, and what
    /// those that were dropped for their number could have come to at least.
    fn pass(&mut self, width: usize, most: f64) -> (Option<Solution>, f64) {
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
                    let versions = self.routes.sets.of(&[self.model.sources[used.value]]);
                    let held = settled.remove(&used.value).unwrap_or(Held { versions, ahead: 0.0 });
                    states.iter_mut().for_each(|state| state.held.push(held));
                }
            }
            let place = |used: &model::Use| live.iter().position(|value| *value == used.value);
            let places = Places {
                operands: step.uses.iter().filter_map(place).collect(),
                stays: live.iter().map(|value| self.last_use[*value] > number).collect(),
            };
            next.clear();
            known.clear();
            let of_settled = settled.values().map(|held| held.ahead).fold(0.0, f64::max);
            let mut made = FxHashMap::default();
            let [through, behind] = [number, number + 1].map(|at| most - self.rest[at]);
            let limits = Limits { behind, through };
            for state in states.iter().enumerate() {
                let known = (&mut known, &mut made);
                self.expand(number, state, (of_settled, &limits), &places, known, &mut next);
            }
            let mut stay = places.stays.iter();
            live.retain(|_| stay.next().copied().unwrap_or(false));
            live.extend(self.model.steps[number].result);
            let (kept, dropped) = self.prune(&states, &next, &places, &live, width);
            least = dropped.map_or(least, |cost| least.min(cost + self.rest[number + 1]));
            states = kept;
            let Some((first, others)) = states.split_first() else { return (None, least) };
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
        let best = states.into_iter().reduce(|best, state| if state.cost < best.cost { state } else { best });
        (best.map(|best| self.solution(&best)), least)
    }

    /// What each step costs at each point.
    fn price_steps(&mut self) {
        let price = |step: &model::Step, (level, _): &Point, degree: u8| {
            // What has degree 1 already is not relinearized: the op goes.
            if step.demand.degree == Some(1) && degree == 1 {
                return 0.0;
            }
            let Some((class, count)) = self.prices.work(step.op) else { return 0.0 };
            self.prices.price(class, i64::from(*level), u32::from(degree)) * count as f64
        };
        let of_step = |step: &model::Step| {
            step.points.iter().map(|point| [1, 2].map(|degree| price(step, point, degree))).collect()
        };
        self.costs = self.model.steps.iter().map(of_step).collect();
    }

    /// What a value behind a step costs more at least on the dearest path from it through one of its next users. It is the
    /// same until one of them is reached.
    fn ahead_of(&self, number: usize, value: usize, versions: Versions) -> f64 {
        let users = &self.ahead[value];
        let done = users.partition_point(|(user, _)| *user > number);
        let list = self.routes.sets.list(versions);
        let each = users[..done].iter().rev().take(LOOKED_AT).map(|(_, costs)| {
            let forms = list.iter().map(|version| self.chain.form_of(*version));
            forms.map(|form| costs[form]).fold(f64::INFINITY, f64::min)
        });
        each.fold(0.0, f64::max)
    }

    /// Every way to do a step. `elsewhere` is the most that a value with the same versions in all states costs more;
    /// what exceeds the `limits` is left out.
    fn expand(
        &mut self,
        number: usize,
        (at, state): (usize, &Partial),
        (elsewhere, limits): (f64, &Limits),
        places: &Places,
        (known, made): (&mut Known, &mut FxHashMap<Version, Held>),
        next: &mut Vec<Next>,
    ) {
        let others = state.held.iter().zip(&places.stays).enumerate();
        let others = others.filter(|(at, (_, stays))| **stays && !places.operands.contains(at));
        let elsewhere = others.map(|(_, (held, _))| held.ahead).fold(elsewhere, f64::max);
        let mut offers = |this: &mut Self, used: usize, point: usize, least: f64| {
            let at = *places.operands.get(used)?;
            let versions = state.held[at].versions;
            let (level, scale) = this.model.steps[number].points[point];
            // No step leads to a higher level, or leaves more of the modulus.
            let (highest, most) = this.routes.most(versions);
            if level > highest || this.chain.mass(Version::new(level, scale, 1)) > most {
                return None;
            }
            let key = (used, versions, point);
            let offers = known.entry(key);
            let (offers, left_out) =
                offers.or_insert_with(|| this.offers(number, key, places.stays[at])).clone();
            this.left_out = this.left_out.min(state.cost + left_out + least + this.rest[number]);
            (!offers.is_empty()).then_some(offers)
        };
        for point in 0..self.model.steps[number].points.len() {
            let least = self.through[number][point].into_iter().fold(f64::INFINITY, f64::min);
            if !least.is_finite() || state.cost + least > limits.through {
                continue;
            }
            let Some(firsts) = offers(self, 0, point, least) else { continue };
            let before = (at, state.cost, elsewhere, limits.behind);
            if places.operands.len() == 1 {
                for first in firsts.iter() {
                    self.take(number, before, (point, point), &[first], made, next);
                }
                continue;
            }
            for partner in self.partners(number, point) {
                let Some(seconds) = offers(self, 1, partner, least) else { continue };
                for first in firsts.iter() {
                    for second in seconds.iter() {
                        self.take(number, before, (point, partner), &[first, second], made, next);
                    }
                }
            }
        }
    }

    /// The ways to the versions of one value that an op can take at a point.
    fn offers(
        &mut self,
        number: usize,
        (used, held, point): (usize, Versions, usize),
        again: bool,
    ) -> Offers {
        let step = &self.model.steps[number];
        let (value, (level, scale)) = (step.uses[used].value, step.points[point]);
        let degrees = if step.demand.linear { 1..=1 } else { 1..=2 };
        let (mut offers, mut least) = (Vec::new(), f64::INFINITY);
        for degree in degrees {
            let to = Version::new(level, scale, degree);
            let (ways, left_out) = self.ways(value, held, to, again);
            least = least.min(left_out);
            for KnownWay { cost, versions, choice } in ways.iter() {
                let ahead = if again { self.ahead_of(number, value, *versions) } else { 0.0 };
                if ahead.is_finite() {
                    let held = Held { versions: *versions, ahead };
                    offers.push(Offer { to, cost: *cost, held, choice: *choice });
                }
            }
        }
        (offers.into(), least)
    }

    /// The ways to a version of a value: all of them, or only the cheapest if nothing else that is made on the way is wanted
    /// `again`.
    fn ways(&mut self, value: usize, held: Versions, to: Version, again: bool) -> KnownWays {
        let room = self.rooms[value];
        let wanted = (room, held, to, again);
        if let Some(known) = self.ways.get(&wanted) {
            return known.clone();
        }
        let (ways, left_out) = self.routes.ways(room, held, to, again);
        let first = self.choices.len();
        let numbered = ways.iter().zip(first..);
        let known: Rc<[KnownWay]> = numbered
            .map(|((way, versions), choice)| KnownWay { cost: way.cost, versions: *versions, choice })
            .collect();
        self.choices.extend(ways.into_iter().map(|(way, _)| way));
        self.ways.insert(wanted, (known.clone(), left_out));
        (known, left_out)
    }

    /// The states behind a step that takes one version of each operand, up to a limit of their bound. Before it are number and
    /// cost of the state before, and what values elsewhere cost more.
    fn take(
        &mut self,
        number: usize,
        (state, before, elsewhere, limit): (usize, f64, f64, f64),
        (point, partner): (usize, usize),
        taken: &[&Offer],
        known: &mut FxHashMap<Version, Held>,
        next: &mut Vec<Next>,
    ) {
        let degree = taken.iter().map(|offer| offer.to.degree).fold(1, u8::max);
        let own = self.costs[number][point][usize::from(degree - 1)];
        let cost = taken.iter().map(|offer| offer.cost).fold(before, |sum, cost| sum + cost) + own;
        let operands: SmallVec<[Held; 2]> = taken.iter().map(|offer| offer.held).collect();
        let elsewhere = operands.iter().map(|held| held.ahead).fold(elsewhere, f64::max);
        if cost + elsewhere > limit {
            return;
        }
        let choices: SmallVec<[usize; 2]> = taken.iter().map(|offer| offer.choice).collect();
        let step = &self.model.steps[number];
        let Some(result) = step.result else {
            next.push(Next { state, cost, bound: cost + elsewhere, operands, result: None, choices });
            return;
        };
        let degree = step.demand.degree.unwrap_or(degree);
        let ((level, first), (_, second)) = (step.points[point], step.points[partner]);
        for (level, scale) in step.made(self.chain, level, (first, second)) {
            let version = Version::new(level, scale, degree);
            if !self.model.rooms[result].fits(self.chain, version) {
                continue;
            }
            let held = match known.get(&version) {
                Some(held) => *held,
                None => {
                    let versions = self.routes.sets.of(&[version]);
                    let held = Held { versions, ahead: self.ahead_of(number, result, versions) };
                    known.insert(version, held);
                    held
                }
            };
            let bound = cost + elsewhere.max(held.ahead);
            if bound.is_finite() && bound <= limit {
                let (operands, choices) = (operands.clone(), choices.clone());
                next.push(Next { state, cost, bound, operands, result: Some((version, held)), choices });
            }
        }
    }

    /// What led to a state: the steps from each definition to each operand, and the scales of plaintexts.
    fn solution(&self, state: &Partial) -> Solution {
        let (mut chosen, mut record) = (Vec::new(), state.record);
        while let Some(Record { choices, made, before }) = record.map(|record| &self.records[record]) {
            chosen.push((choices, made));
            record = *before;
        }
        let (mut placement, mut scales) = (Placement::default(), Vec::new());
        // For each value the steps to each of its versions.
        let mut routes: FxHashMap<(usize, Version), Vec<Move>> = FxHashMap::default();
        for (step, (choices, made)) in self.model.steps.iter().zip(chosen.into_iter().rev()) {
            let mut taken = SmallVec::new();
            for (used, choice) in step.uses.iter().zip(choices) {
                let Way { from, route, .. } = &*self.choices[*choice];
                let mut moves = routes.get(&(used.value, *from)).cloned().unwrap_or_default();
                let mut at = *from;
                for step in route {
                    let Some(next) = after(self.chain, at, *step) else { break };
                    moves.extend(match step {
                        Step::Rescale => Some(Move::Rescale),
                        Step::Relinearize => Some(Move::Relinearize),
                        // The levels are not there: where they meet, values are dropped.
                        Step::Drop(_) if self.model.lacks_levels => None,
                        Step::Drop(to) => Some(Move::Drop(i64::from(at.level - to))),
                        Step::Upscale(to) => Some(Move::Upscale(i64::from(to - at.scale))),
                    });
                    at = next;
                    routes.insert((used.value, at), moves.clone());
                }
                taken.push(at.scale);
                if let (Makes::PlainProduct, Some(made)) = (step.demand.makes, made) {
                    placement.factors.insert(step.op, i64::from(made.scale - at.scale));
                }
                if !moves.is_empty() {
                    let operands = used.operands.iter().map(|operand| ((step.op, *operand), moves.clone()));
                    placement.moves.extend(operands);
                }
            }
            scales.push(taken);
        }
        Solution { placement, latency_ms: state.cost, scales }
    }
}
