//! What rotations, products and sums cost, as later passes will have them.

use std::cell::RefCell;

use rustc_hash::FxHashMap;

use super::{Objective, Request};
use crate::ckks::params::Params;
use crate::ckks::passes::hoist::GroupPrice;
use crate::profiles::{CostOp, Profile};

/// The largest group of rotations that is summed at once, as log2.
const MAX_LOG_GROUP: u32 = 4;

/// Prices of operations at one ring.
pub(super) struct Prices<'a> {
    profile: &'a Profile,
    params: &'a Params,
    objective: Objective,
    known: RefCell<FxHashMap<(CostOp, u32), f64>>,
}

impl<'a> Prices<'a> {
    pub fn new(request: &Request<'a>) -> Self {
        let Request { profile, params, objective, .. } = *request;
        Prices { profile, params, objective, known: RefCell::default() }
    }

    /// The cost of one op at a level, in milliseconds where latency is minimized.
    pub fn of(&self, op: CostOp, level: i64) -> f64 {
        let limbs = u32::try_from(self.params.limbs_at(level)).unwrap_or(u32::MAX);
        let latency = *self
            .known
            .borrow_mut()
            .entry((op, limbs))
            .or_insert_with(|| self.profile.latency(op, &self.params.shape(), limbs).ms);
        let rotates = matches!(op, CostOp::Rotate | CostOp::RotateHoisted | CostOp::RotateExt);
        self.weighed(usize::from(rotates), latency)
    }

    fn weighed(&self, rotations: usize, latency_ms: f64) -> f64 {
        match self.objective {
            Objective::Latency => latency_ms,
            Objective::Rotations => rotations as f64 + 1e-7 * latency_ms,
        }
    }

    /// The cost of a bootstrap; infinite where the profile has none.
    pub fn refresh(&self) -> f64 {
        let limbs = u32::try_from(self.params.log_q.len()).unwrap_or(u32::MAX);
        let latency = self.profile.bootstrap_latency(&self.params.shape(), limbs, self.params.slots);
        self.weighed(0, latency.map_or(f64::INFINITY, |estimate| estimate.ms))
    }

    /// `count` rotations of one value, as [`crate::ckks::passes::hoist`] will have them.
    pub fn rotations(&self, count: usize, level: i64) -> f64 {
        let price = GroupPrice::new(|op| self.of(op, level), count, false);
        if count > 1 { price.alone.min(price.hoisted) } else { price.alone }
    }

    /// The sum of a value and `count` rotations of it.
    pub fn group(&self, count: usize, level: i64) -> f64 {
        let sums = count as f64 * self.of(CostOp::Add, level);
        let price = GroupPrice::new(|op| self.of(op, level), count, false);
        sums + if count > 1 { price.alone.min(price.hoisted).min(price.extended) } else { price.alone }
    }

    /// The cheapest groups in which 2^`bits` neighbours are summed, and their cost.
    pub fn folds(&self, bits: u32, level: i64) -> (f64, Vec<usize>) {
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
