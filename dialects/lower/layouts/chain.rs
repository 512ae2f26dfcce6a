//! The levels at which a function works.

use he_core::ir::{Ir, OpId, Traits, ValueId};
use he_core::support::Diagnostic;
use rustc_hash::FxHashMap;

use super::prices::Prices;
use super::{MAX_MASKS, Masks, Request};
use crate::func;
use crate::nn::views as nn;
use crate::poly::ops::polynomial_of;
use crate::poly::schedule::{Schedule, expand};
use crate::poly::views as poly;

/// Levels and products of a function at stage poly: what linear layers, polynomials and products take.
#[derive(Default)]
pub struct Taken {
    /// The level of each value, relative to that of the arguments.
    levels: FxHashMap<ValueId, i64>,
    /// Products of ciphertexts of each op that has some.
    pub products: FxHashMap<OpId, usize>,
}

impl Taken {
    /// What the entry function of a program at stage poly takes. An error where a polynomial is none.
    pub fn of(ir: &Ir) -> Result<Taken, Diagnostic> {
        let function = func::entry(ir)?;
        let Taken { mut levels, mut products } = Taken::default();
        for op in ir.body(function).map_or_else(Vec::new, |block| ir.block_ops(block)) {
            if ir.is_plain(op) || ir.has_trait(op, Traits::TERMINATOR) {
                continue;
            }
            let lowest = ir.operands(op).filter_map(|value| levels.get(&value)).min().copied().unwrap_or(0);
            let taken = match ir.name_str(op) {
                nn::Linear::NAME => 1,
                nn::Mul::NAME => {
                    products.insert(op, 1);
                    1
                }
                poly::Eval::NAME => {
                    let polynomial = polynomial_of(ir, op)?;
                    let program = expand(&polynomial, Schedule::Auto, polynomial.domain);
                    products.insert(op, program.mul_count());
                    program.depth() as i64
                }
                _ => 0,
            };
            levels.extend(ir.results(op).map(|result| (result, lowest - taken)));
        }
        Ok(Taken { levels, products })
    }

    /// The fewest bootstraps between ops of a chain of so many levels. Ops that take more than a bootstrap brings are not
    /// divided.
    pub fn refreshes(&self, levels: i64, refresh: Refresh) -> u64 {
        let mut places: Vec<i64> = self.levels.values().map(|level| -level).collect();
        places.sort_unstable();
        let (mut reach, mut before, mut count) = (levels - refresh.accepts, 0, 0);
        for place in places {
            // At the end no level has to be left.
            if place > reach && self.depth() > reach + refresh.accepts {
                reach = place.max(before + refresh.gained());
                count += 1;
            }
            before = place;
        }
        count
    }

    /// The levels that are taken in all.
    pub fn depth(&self) -> i64 {
        -self.levels.values().min().copied().unwrap_or(0)
    }
}

/// The levels of a bootstrap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refresh {
    /// The level that values return to.
    pub returns: i64,
    /// The lowest level that values may have before.
    pub accepts: i64,
}

impl Refresh {
    /// The levels between two bootstraps.
    pub fn gained(self) -> i64 {
        self.returns - self.accepts
    }
}

/// At which levels a function works.
pub(super) struct Chain {
    pub taken: Taken,
    /// The level of the arguments, if there are no masks.
    top: i64,
    /// Bootstraps, if there are some.
    refresh: Option<Refresh>,
    /// The most masks of a level each.
    pub masks: i64,
    /// What the levels beyond the chain cost in bootstraps, without those of masks.
    pub refreshes: f64,
    /// What a level costs for a mask where it takes none of the chain: its share of a bootstrap.
    pub mask_cost: Option<f64>,
}

impl Chain {
    pub fn of(request: &Request<'_>, prices: &Prices<'_>, taken: Taken) -> Chain {
        let params = request.params;
        let (depth, most) = (taken.depth(), params.max_level());
        let refresh = request.refresh.filter(|refresh| refresh.gained() > 0 && depth > most);
        // Where primes are as wide as the scale, what is not needed is dropped at once.
        let even = params.is_even();
        let top = if even && refresh.is_none() { depth } else { most };
        let masks = match request.masks {
            Masks::Any if refresh.is_none() => MAX_MASKS,
            Masks::Fit if even => (most - depth).clamp(0, MAX_MASKS),
            _ => 0,
        };
        let share = refresh.map(|refresh| prices.refresh() / refresh.gained() as f64);
        let refreshes =
            refresh.map_or(0.0, |refresh| taken.refreshes(most, refresh) as f64 * prices.refresh());
        let mask_cost = share.filter(|_| request.masks != Masks::None);
        Chain { taken, top, refresh, masks, refreshes, mask_cost }
    }

    /// The level of a value, with so many masks still to come.
    pub fn level(&self, value: ValueId, masks: i64) -> i64 {
        self.refreshed(self.top + self.taken.levels.get(&value).copied().unwrap_or(0) + masks)
    }

    /// Bootstraps begin where the chain ends.
    pub fn refreshed(&self, level: i64) -> i64 {
        let refreshed = |it: Refresh| it.accepts + (level - it.accepts).rem_euclid(it.gained());
        self.refresh.filter(|it| level < it.accepts).map_or(level, refreshed)
    }
}
