//! What is ahead of a state at least: which states are worth continuing.

use smallvec::SmallVec;

use super::model::{Makes, Point};
use super::versions::{Step, Tolls, Version, after};
use super::{ByPoint, Search};

/// What the other operand of a product of two values is taken for, where what is ahead of one is bounded.
pub(super) enum Other {
    /// Any one: costs are bounded from below.
    Best,
    /// One of the same scale.
    Same,
    /// One of a scale that the step takes in a placement.
    Known(Vec<SmallVec<[i16; 2]>>),
}

impl Other {
    /// Whether it may have a scale, beside operand `used` of a step at the scale `own`.
    fn has(&self, (step, used): (usize, usize), own: i16, scale: i16) -> bool {
        match self {
            Other::Best => true,
            Other::Same => scale == own,
            Other::Known(scales) => scales[step].get(1 - used) == Some(&scale),
        }
    }
}

impl Search<'_> {
    /// Bounds from below, backwards. For each step: what it and all behind it cost at least, without anything placed. For
    /// each value and each user of it, by version: what it costs more at least to get through that user to a result on the
    /// dearest path, whatever the other operands on the path are.
    pub(super) fn bound(&mut self, other: &Other) {
        let cheapest_tolls = self.chain.even.then(|| self.routes.tolls.least());
        self.rest = vec![0.0; self.model.steps.len() + 1];
        self.through = vec![Vec::new(); self.model.steps.len()];
        self.ahead = vec![Vec::new(); self.model.rooms.len()];
        for number in (0..self.model.steps.len()).rev() {
            let step = &self.model.steps[number];
            let differ = matches!(other, Other::Known(_)) && step.uses.len() > 1;
            let mut known: Option<(ByPoint, f64)> = None;
            for (at, used) in step.uses.iter().enumerate() {
                let (through, least) = match known.take().filter(|_| !differ) {
                    Some(same) => same,
                    None => self.bound_step((number, at), other),
                };
                // By the form of an operand: what the op and all behind it cost more.
                let mut behind = vec![f64::INFINITY; self.chain.forms()];
                for ((level, scale), costs) in step.points.iter().zip(&through) {
                    for (degree, cost) in [1, 2].into_iter().zip(costs) {
                        let form = self.chain.form_of(Version::new(*level, *scale, degree));
                        behind[form] = behind[form].min(*cost);
                    }
                }
                let costs = match &cheapest_tolls {
                    Some(tolls) => self.reach_even(tolls, step.base, &behind),
                    None => self.reach(used.value, &behind),
                };
                self.ahead[used.value].push((number, costs));
                if at == 0 {
                    self.rest[number] = self.rest[number + 1] + least;
                    self.through[number].clone_from(&through);
                }
                known = Some((through, least));
            }
        }
    }

    /// What a step and the dearest path behind it cost more than all steps do at least, by the point and the degree of an
    /// operand; and what the step does at least.
    fn bound_step(&self, (number, used): (usize, usize), other: &Other) -> (ByPoint, f64) {
        let step = &self.model.steps[number];
        let prices = &self.costs[number];
        let further = |version: Version| {
            let Some(result) = step.result else { return 0.0 };
            if !self.model.rooms[result].fits(self.chain, version) {
                return f64::INFINITY;
            }
            let form = self.chain.form_of(version);
            self.ahead[result].iter().map(|(_, costs)| costs[form]).fold(0.0, f64::max)
        };
        let mut cheapest = f64::INFINITY;
        let mut through = vec![[f64::INFINITY; 2]; step.points.len()];
        for (at, (level, scale)) in step.points.iter().enumerate() {
            let alone = step.uses.len() == 1 || step.demand.makes != Makes::Product;
            let partners = self.partners(number, at).map(|partner| step.points[partner].1);
            let partners = partners.filter(|partner| alone || other.has((number, used), *scale, *partner));
            let made: SmallVec<[Point; 16]> =
                partners.flat_map(|partner| step.made(self.chain, *level, (*scale, partner))).collect();
            for degree in 1..=if step.demand.linear { 1 } else { 2 } {
                let highest = if step.uses.len() > 1 && !step.demand.linear { 2 } else { degree };
                for largest in degree..=highest {
                    let degree_made = step.demand.degree.unwrap_or(largest);
                    let versions = made.iter().map(|&(level, scale)| Version::new(level, scale, degree_made));
                    let further = versions.map(further).fold(f64::INFINITY, f64::min);
                    let price = prices[at][usize::from(largest - 1)];
                    if further.is_finite() {
                        cheapest = cheapest.min(price);
                    }
                    let known = &mut through[at][usize::from(degree - 1)];
                    *known = known.min(price + further);
                }
            }
        }
        through.iter_mut().flatten().for_each(|cost| *cost -= if cost.is_finite() { cheapest } else { 0.0 });
        (through, cheapest)
    }

    /// The points at which another operand can be beside one at a point: those of its level for a product of ciphertexts,
    /// the same one for others.
    pub(super) fn partners(&self, number: usize, at: usize) -> impl Iterator<Item = usize> + use<> {
        let step = &self.model.steps[number];
        if step.demand.makes != Makes::Product || step.uses.len() == 1 {
            return at..at + 1;
        }
        let level = step.points[at].0;
        let before = step.points[..at].iter().rev().take_while(|point| point.0 == level).count();
        let behind = step.points[at..].iter().take_while(|point| point.0 == level).count();
        at - before..at + behind
    }

    /// On an even chain: by form, what suffices at least to get to a form, and from there on.
    fn reach_even(&self, least: &Tolls, base: i16, behind: &[f64]) -> Box<[f64]> {
        let mut costs: Box<[f64]> = behind.into();
        for excess in 0..self.chain.scales as i16 {
            for degree in 1..=2 {
                let scale = self.chain.nominal * (1 + excess);
                let at = Version::new(base + excess, scale, degree);
                let form = self.chain.form_of(at);
                for step in [Step::Rescale, Step::Relinearize] {
                    // Levels do not count, and one above the bottom is there for any excess.
                    let next = after(self.chain, Version { level: at.level.max(1), ..at }, step);
                    let Some((next, toll)) = next.zip(least.of(step, at)) else { continue };
                    costs[form] = costs[form].min(toll + costs[self.chain.form_of(next)]);
                }
            }
        }
        costs
    }

    /// On other chains the same, for a value: its versions have levels of their own.
    fn reach(&self, value: usize, behind: &[f64]) -> Box<[f64]> {
        let (chain, tolls, room) = (self.chain, &self.routes.tolls, &self.model.rooms[value]);
        let mut costs: Box<[f64]> = behind.into();
        // By scale and degree, of the levels below.
        let mut lower = vec![[f64::INFINITY; 2]; chain.scales];
        for level in 0..=chain.top() {
            // By degree, of the wider scales.
            let mut wider = [f64::INFINITY; 2];
            for scale in chain.all_scales().rev() {
                let number = chain.number_of(scale);
                for degree in 1..=2 {
                    let at = Version::new(level, scale, degree);
                    let form = chain.form_of(at);
                    if !room.fits(chain, at) {
                        costs[form] = f64::INFINITY;
                        continue;
                    }
                    let mut least = costs[form];
                    for step in [Step::Rescale, Step::Relinearize] {
                        let Some((next, toll)) = after(chain, at, step).zip(tolls.of(step, at)) else {
                            continue;
                        };
                        least = least.min(toll + costs[chain.form_of(next)]);
                    }
                    let drop = tolls.of(Step::Drop(0), at).unwrap_or(f64::INFINITY);
                    let below = &mut lower[number][usize::from(degree - 1)];
                    least = least.min(drop + *below);
                    let upscale = tolls.of(Step::Upscale(0), at).unwrap_or(f64::INFINITY);
                    let wider = &mut wider[usize::from(degree - 1)];
                    least = least.min(upscale + *wider);
                    costs[form] = least;
                    (*below, *wider) = (below.min(least), wider.min(least));
                }
            }
        }
        costs
    }
}
