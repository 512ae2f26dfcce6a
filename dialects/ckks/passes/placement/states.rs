//! Placements up to some op, and which of them are worth continuing.

use std::hash::{Hash, Hasher};

use rustc_hash::FxHashSet;
use smallvec::SmallVec;

use super::versions::{Version, Versions};
use super::{Places, Record, Search};

/// States with which a new one is compared.
const COMPARED: usize = 64;

/// The versions that a value has in a state.
#[derive(Clone, Copy)]
pub(super) struct Held {
    pub(super) versions: Versions,
    /// What they cost more at least on the dearest path through one of the next users: see [`super::Search::ahead_of`].
    pub(super) ahead: f64,
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
pub(super) struct Partial {
    /// What it has of each value of which other states have other versions.
    pub(super) held: SmallVec<[Held; 8]>,
    pub(super) cost: f64,
    pub(super) record: Option<usize>,
}

/// A partial placement one step further, as what it changes.
pub(super) struct Next {
    /// Number of the state before.
    pub(super) state: usize,
    pub(super) cost: f64,
    /// No end that it leads to costs less, but for what all ops behind it cost at least.
    pub(super) bound: f64,
    /// For each operand what there is of it behind the step.
    pub(super) operands: SmallVec<[Held; 2]>,
    pub(super) result: Option<(Version, Held)>,
    pub(super) choices: SmallVec<[usize; 2]>,
}

impl Search<'_> {
    /// The states that are worth continuing, and the bound of the cheapest one that was worth it and did not fit.
    pub(super) fn prune(
        &mut self,
        states: &[Partial],
        next: &[Next],
        places: &Places,
        live: &[usize],
        width: usize,
    ) -> (Vec<Partial>, Option<f64>) {
        let mut order: Vec<(f64, usize)> =
            next.iter().enumerate().map(|(at, next)| (next.bound, at)).collect();
        order.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let mut kept: Vec<Partial> = Vec::new();
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
            all.extend(result.map(|(_, held)| held));
            let mut partial = Partial { held: all, cost: *cost, record: before.record };
            if kept.iter().take(COMPARED).any(|cheaper| self.dominates(cheaper, &partial, live)) {
                continue;
            }
            // Equal ones are compared above, up to so many.
            if kept.len() >= COMPARED && !seen.insert(partial.held.clone()) {
                continue;
            }
            if kept.len() == width {
                return (kept, Some(bound));
            }
            let made = result.map(|(version, _)| version);
            self.records.push(Record { choices: choices.clone(), made, before: partial.record });
            partial.record = Some(self.records.len() - 1);
            kept.push(partial);
        }
        (kept, None)
    }

    /// Whether a state can have all that another one has for what the other one cost more.
    fn dominates(&mut self, cheaper: &Partial, other: &Partial, live: &[usize]) -> bool {
        let mut left = other.cost - cheaper.cost;
        if left < 0.0 {
            return false;
        }
        for ((held, wanted), value) in cheaper.held.iter().zip(&other.held).zip(live) {
            if held.versions != wanted.versions {
                left -= self.routes.supplement(self.rooms[*value], held.versions, wanted.versions);
                if left < 0.0 {
                    return false;
                }
            }
        }
        true
    }
}
