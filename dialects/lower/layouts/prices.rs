//! What rotations, products and sums cost, as later passes will have them.

use super::{Objective, Request};
use crate::ckks::cost::LevelPrices;
use crate::ckks::passes::hoist::GroupPrice;
use crate::profiles::CostOp;

/// The largest group of rotations that is summed at once, as log2.
const MAX_LOG_GROUP: u32 = 4;

/// Prices of operations at one ring.
pub(super) struct Prices<'a> {
    objective: Objective,
    by_level: LevelPrices<'a>,
    /// The highest level of the chain.
    top: i64,
}

impl<'a> Prices<'a> {
    pub fn new(request: &Request<'a>) -> Self {
        let Request { profile, params, objective, .. } = *request;
        Prices { objective, by_level: LevelPrices::of(profile, params), top: params.max_level() }
    }

    /// The cost of one op at a level, in milliseconds where latency is minimized. Levels above the chain, which masks may add,
    /// go on as those below.
    pub fn of(&self, op: CostOp, level: i64) -> f64 {
        let price = |level| self.by_level.price(op, level, 1);
        let mut latency = price(level);
        if level > self.top {
            latency += (level - self.top) as f64 * (latency - price(self.top - 1));
        }
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
        self.weighed(0, self.by_level.bootstrap_ms())
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
