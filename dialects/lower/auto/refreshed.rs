//! From which parameters a program is compiled that is bootstrapped.
//!
//! A refresh costs much, and less in a smaller ring, at fewer digits and for fewer slots; there it returns to lower levels,
//! or leaves less room for layouts. So each ring is looked at with the chain whose levels are the cheapest, and with the
//! numbers of slots for which the refresh is cheaper than for twice as many. The search of layouts says what each comes to.

use std::ops::RangeInclusive;

use he_core::ir::{Ir, ValueId};
use he_core::pass::PassContext;
use he_core::support::Diagnostic;

use super::super::layouts::{self, Assignment, Masks, Refresh, Taken};
use super::super::poly_to_packed;
use super::{Attempt, Candidate, chain, largest_tensor};
use crate::ckks::attr::{
    BOOTSTRAP_LEVELS_ATTR, BOOTSTRAP_MIN_LEVEL_ATTR, bootstrap_levels, bootstrap_min_level, set_params,
};
use crate::ckks::cost::LevelPrices;
use crate::ckks::params::{MIN_LOG_N, Params, default_log_p, dnum_splits};
use crate::ckks::security::max_log_qp;
use crate::nn::views as nn;
use crate::profiles::Profile;

/// Bits of the scale where bootstraps are needed: OpenFHE's takes 55 to 59.
const SCALES: RangeInclusive<u32> = 56..=58;
/// What a bit of the scale is worth, of the latency of all bootstraps: it is a bit of their precision.
const BIT: f64 = 0.05;
/// The most digits of a key switch.
const MAX_DIGITS: u32 = 8;
/// Weights beyond which only all slots are looked at: layers that large fill them.
const MANY_WEIGHTS: i64 = 1 << 22;
/// What bootstraps must save of the latency without them: each adds an error of its own.
pub const GAIN: f64 = 0.2;

/// What parameters are chosen from.
#[derive(Clone, Copy)]
pub struct Limits {
    /// Bits.
    pub security: u32,
    /// log2 of the largest ring degree.
    pub largest: u32,
}

/// Parameters of a program that is bootstrapped.
pub struct Refreshed {
    params: Params,
    library: Library,
    /// The layouts of the program.
    pub layouts: Assignment,
}

impl Refreshed {
    /// What the program is predicted to cost.
    pub fn cost(&self) -> f64 {
        self.layouts.cost
    }

    /// log2 of the ring degree.
    pub fn log_n(&self) -> u32 {
        self.params.log_n
    }

    /// States the parameters in a program.
    pub fn state(&self, ir: &mut Ir) {
        self.library.state(ir);
        set_params(ir, &self.params);
    }
}

/// What the library's bootstraps ask for.
#[derive(Clone, Copy)]
struct Library {
    /// The levels that one takes.
    levels: i64,
    /// The lowest level that it accepts.
    accepts: i64,
}

impl Library {
    /// As the program says, or the profile. `None` where the profile has measured no bootstrap.
    fn of(context: &PassContext<'_>, ir: &Ir) -> Option<Library> {
        let own = Library { levels: bootstrap_levels(ir), accepts: bootstrap_min_level(ir) };
        let known = Profile::of_target(context.target).bootstrap().filter(|it| !it.points.is_empty())?;
        let known = Library { levels: known.levels.into(), accepts: known.min_level.into() };
        Some(if own.levels > 0 { own } else { known })
    }

    /// States it in a program.
    fn state(self, ir: &mut Ir) {
        for (name, level) in [(BOOTSTRAP_LEVELS_ATTR, self.levels), (BOOTSTRAP_MIN_LEVEL_ATTR, self.accepts)]
        {
            let level = (level > 0).then(|| ir.ctx.i64_attr(level));
            let top = ir.top();
            ir.set_attr(top, name, level);
        }
    }

    /// The levels of one in a chain.
    fn refresh(self, params: &Params) -> Refresh {
        Refresh { returns: params.max_level() - self.levels, accepts: self.accepts }
    }
}

/// The secure chains of a ring that leave levels behind a bootstrap.
fn chains(log_n: u32, library: Library, security: u32) -> impl Iterator<Item = Params> {
    let forms = SCALES.rev().flat_map(|scale| (1..=MAX_DIGITS).map(move |dnum| (scale, dnum)));
    let chains = forms.filter_map(move |(scale, dnum)| longest(log_n, scale, dnum, security));
    chains.filter(move |params| library.refresh(params).gained() > 0)
}

/// Whether some ring has room for bootstraps.
pub fn are_possible(context: &PassContext<'_>, ir: &Ir, Limits { security, largest }: Limits) -> bool {
    let has_chain =
        |library| (MIN_LOG_N..=largest).any(|log_n| chains(log_n, library, security).next().is_some());
    Library::of(context, ir).is_some_and(has_chain)
}

/// Parameters for a program at stage poly that takes such levels, those of the least predicted cost first, where that
/// is below the best one's. None for rings that need no bootstraps.
pub fn starts(
    attempt: &mut Attempt<'_, '_>,
    Limits { security, largest }: Limits,
    taken: &Taken,
    best: Option<&Candidate>,
) -> Result<Vec<Refreshed>, Diagnostic> {
    let (context, mut trial) = (attempt.context, attempt.start.clone());
    let ir = &attempt.start;
    let mut tried = Vec::new();
    let Some(library) = Library::of(context, ir) else { return Ok(Vec::new()) };
    let profile = Profile::of_target(context.target);
    let refreshes_ms = |params: &Params| {
        let count = taken.refreshes(params.max_level(), library.refresh(params));
        count as f64 * LevelPrices::of(profile, params).bootstrap_ms()
    };
    let narrowest = match weights(ir) > MANY_WEIGHTS {
        true => u64::MAX,
        false => largest_tensor(ir).max(1) as u64,
    };
    for log_n in MIN_LOG_N..=largest {
        let chains = chains(log_n, library, security);
        let weighed =
            |params: &Params| refreshes_ms(params) * (1.0 + BIT * f64::from(SCALES.end() - params.log_scale));
        let Some(params) = chains.min_by(|a, b| weighed(a).total_cmp(&weighed(b))) else {
            continue;
        };
        // The scale may be another one than that of programs without bootstraps, for which no ring had room.
        if best.is_some() && taken.depth() <= params.max_level() {
            continue;
        }
        let mut least = best.map_or(f64::INFINITY, |best| (1.0 - GAIN) * best.latency_ms);
        let halves = std::iter::successors(Some(params.slots), |slots| (*slots > 1).then_some(slots / 2));
        for slots in halves.take_while(|slots| *slots == params.slots || *slots >= narrowest) {
            let params = Params { slots, ..params.clone() };
            let ms = refreshes_ms(&params);
            if ms < least {
                least = ms;
                tried.push(params);
            }
        }
    }
    if tried.is_empty() {
        return Ok(Vec::new());
    }
    library.state(&mut trial);
    let request =
        |params| poly_to_packed::request(context, &trial, params, params.slots as usize, Masks::Any);
    let requests: Vec<_> = tried.iter().map(request).collect();
    let layouts = layouts::assign_refreshed(attempt.network()?, &requests, &trial)?;
    let all = tried.iter().zip(layouts);
    let all = all.map(|(params, layouts)| Refreshed { params: params.clone(), library, layouts });
    let mut found: Vec<_> =
        all.filter(|it| best.is_none_or(|best| it.cost() < (1.0 - GAIN) * best.cost)).collect();
    found.sort_by(|a, b| a.cost().total_cmp(&b.cost()));
    Ok(found)
}

/// The longest secure chain of a ring at a scale and with so many digits.
fn longest(log_n: u32, scale: u32, dnum: u32, security: u32) -> Option<Params> {
    let limit = max_log_qp(log_n, security)?;
    let secure = |length: i64| {
        let log_q = chain(length, scale);
        let log_p = default_log_p(&log_q, dnum);
        let params = Params { dnum, log_p, ..Params::derived(log_n, log_q, scale) };
        (dnum_splits(params.log_q.len(), dnum) && params.log_qp() <= limit).then_some(params)
    };
    (1..=i64::from(limit / scale)).rev().find_map(secure)
}

/// Weights of all linear layers.
fn weights(ir: &Ir) -> i64 {
    let linear = ir.all_ops().into_iter().filter_map(|op| nn::Linear::cast(ir, op));
    let size = |value: ValueId| ir.ctx.shaped(ir.ty(value)).0.iter().product::<i64>();
    linear.map(|op| size(op.weight(ir))).fold(0, i64::saturating_add)
}
