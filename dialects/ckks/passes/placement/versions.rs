//! Versions of a ciphertext: what rescales, relinearizations and level drops make of it. An op takes one version of each
//! operand; a version that was made for one op is there for all later ones.

use smallvec::SmallVec;

/// The most primes that the scale of a value may lie above the nominal one.
pub const MAX_EXCESS: u8 = 3;
/// The most bases of one value: as many as fit into a [`Versions`].
pub const MAX_BASES: usize = 16;

/// A version of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Version {
    /// Which of the value's bases it stands on. Its level is that base and `excess`.
    pub base: u8,
    /// Rescales that lead to the nominal scale.
    pub excess: u8,
    /// Polynomials less one.
    pub degree: u8,
}

/// One step from a version to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// One excess less.
    Rescale,
    /// Degree 1.
    Relinearize,
    /// To a lower base.
    Drop(u8),
}

/// How a version is made from another.
pub type Route = SmallVec<[Step; 5]>;

impl Version {
    /// The version behind a step; `None` where there is none.
    pub fn after(self, step: Step) -> Option<Version> {
        match step {
            Step::Rescale => Some(Version { excess: self.excess.checked_sub(1)?, ..self }),
            Step::Relinearize => (self.degree == 2).then_some(Version { degree: 1, ..self }),
            Step::Drop(base) => (self.base < base).then_some(Version { base, ..self }),
        }
    }

    fn number(self) -> u32 {
        u32::from(self.base) * 8 + u32::from(self.excess) * 2 + u32::from(self.degree - 1)
    }
}

/// A set of versions of one value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Versions(u128);

impl Versions {
    /// The set of one version.
    pub fn of(version: Version) -> Versions {
        Versions(1 << version.number())
    }

    /// With one more.
    pub fn with(self, version: Version) -> Versions {
        Versions(self.0 | 1 << version.number())
    }

    /// Whether it is there.
    pub fn has(self, version: Version) -> bool {
        self.0 >> version.number() & 1 == 1
    }

    /// Those of `self` that `other` lacks.
    pub fn without(self, other: Versions) -> Versions {
        Versions(self.0 & !other.0)
    }

    /// All of them, from the highest base down.
    pub fn iter(self) -> impl Iterator<Item = Version> {
        let mut rest = self.0;
        std::iter::from_fn(move || {
            let number = (rest != 0).then(|| rest.trailing_zeros())?;
            rest &= rest - 1;
            let [base, excess, degree] = [number / 8, number % 8 / 2, number % 2 + 1].map(|n| n as u8);
            Some(Version { base, excess, degree })
        })
    }
}

/// What steps cost in milliseconds, by level.
pub struct Tolls {
    /// Rescales at degree 1 and 2; `None` where none may be placed.
    pub rescale: Option<Vec<[f64; 2]>>,
    /// Relinearizations; `None` where none may be placed.
    pub relinearize: Option<Vec<f64>>,
    /// Level drops at degree 1 and 2.
    pub drop: Vec<[f64; 2]>,
}

/// A route with its cost, and the versions that there are behind it.
pub struct Way {
    /// The version that it begins with.
    pub from: Version,
    /// The steps.
    pub route: Route,
    /// Their latency.
    pub cost: f64,
    /// Every version, those that there were before included.
    pub versions: Versions,
}

/// For each entry the least of it and all behind it.
fn least_behind<const N: usize>(prices: &[[f64; N]]) -> Vec<[f64; N]> {
    let mut least = [f64::INFINITY; N];
    let mut all: Vec<[f64; N]> = prices.to_vec();
    for entry in all.iter_mut().rev() {
        for (least, price) in least.iter_mut().zip(entry) {
            *least = least.min(*price);
            *price = *least;
        }
    }
    all
}

impl Tolls {
    /// What steps cost at least at a level or any above it.
    pub fn least(&self) -> Tolls {
        let relinearize = self.relinearize.as_ref().map(|prices| {
            let each: Vec<[f64; 1]> = prices.iter().map(|price| [*price]).collect();
            least_behind(&each).into_iter().map(|[price]| price).collect()
        });
        Tolls {
            rescale: self.rescale.as_ref().map(|prices| least_behind(prices)),
            relinearize,
            drop: least_behind(&self.drop),
        }
    }

    /// Not more than any way between two forms, each an excess and a degree, at a base or above it costs; of tolls that
    /// [`Tolls::least`] made.
    pub fn between(&self, from: (u8, u8), to: (u8, u8), base: i64) -> f64 {
        if from.0 < to.0 || from.1 < to.1 {
            return f64::INFINITY;
        }
        let at = |excess: u8, degree: u8| Version { base: 0, excess, degree };
        let mut cost = 0.0;
        for excess in to.0 + 1..=from.0 {
            let either = [1, from.1].map(|degree| self.of(Step::Rescale, at(excess, degree), &[base]));
            cost +=
                either.into_iter().map(|toll| toll.unwrap_or(f64::INFINITY)).fold(f64::INFINITY, f64::min);
        }
        if from.1 > to.1 {
            cost += self.of(Step::Relinearize, at(to.0, 2), &[base]).unwrap_or(f64::INFINITY);
        }
        cost
    }

    fn of(&self, step: Step, version: Version, bases: &[i64]) -> Option<f64> {
        let level = bases[usize::from(version.base)] + i64::from(version.excess);
        let level = usize::try_from(level).unwrap_or(0);
        let degree = usize::from(version.degree - 1);
        // Levels that are missing cost what the highest one does.
        fn at<T: Copy>(list: &[T], level: usize) -> Option<T> {
            list.get(level).or(list.last()).copied()
        }
        match step {
            Step::Rescale => at(self.rescale.as_ref()?, level).map(|prices| prices[degree]),
            Step::Relinearize => at(self.relinearize.as_ref()?, level),
            Step::Drop(_) => at(&self.drop, level).map(|prices| prices[degree]),
        }
    }

    /// Every way to a version that makes no version twice; the empty one where it is there.
    pub fn ways(&self, versions: Versions, wanted: Version, bases: &[i64]) -> Vec<Way> {
        let mut ways = Vec::new();
        if versions.has(wanted) {
            ways.push(Way { from: wanted, route: Route::new(), cost: 0.0, versions });
            return ways;
        }
        for from in versions.iter() {
            let way = Way { from, route: Route::new(), cost: 0.0, versions };
            self.extend(way, from, wanted, bases, &mut ways);
        }
        ways
    }

    fn extend(&self, way: Way, at: Version, wanted: Version, bases: &[i64], ways: &mut Vec<Way>) {
        if at == wanted {
            ways.push(way);
            return;
        }
        let drops = (at.base + 1..=wanted.base).map(Step::Drop);
        for step in [Step::Relinearize, Step::Rescale].into_iter().chain(drops) {
            let Some(next) = at.after(step) else { continue };
            let passes =
                next.base > wanted.base || next.excess < wanted.excess || next.degree < wanted.degree;
            // From a version that is there another way begins.
            if passes || way.versions.has(next) {
                continue;
            }
            let Some(toll) = self.of(step, at, bases) else { continue };
            let mut route = way.route.clone();
            route.push(step);
            let versions = way.versions.with(next);
            let longer = Way { from: way.from, route, cost: way.cost + toll, versions };
            self.extend(longer, next, wanted, bases, ways);
        }
    }

    /// The cheapest way to a version.
    pub fn cheapest(&self, versions: Versions, wanted: Version, bases: &[i64]) -> Option<Way> {
        let ways = self.ways(versions, wanted, bases).into_iter();
        ways.reduce(|best, way| if way.cost < best.cost { way } else { best })
    }

    /// What suffices to make the versions `wanted` of those that are `held`; infinite where they cannot be made.
    pub fn supplement(&self, mut held: Versions, wanted: Versions, bases: &[i64]) -> f64 {
        let mut missing: SmallVec<[Version; 8]> = wanted.without(held).iter().collect();
        // Those first of which others are made.
        missing.sort_by_key(|version| (version.base, MAX_EXCESS - version.excess, 2 - version.degree));
        let mut cost = 0.0;
        for version in missing {
            match self.cheapest(held, version, bases) {
                Some(way) => (cost, held) = (cost + way.cost, way.versions),
                None => return f64::INFINITY,
            }
        }
        cost
    }
}
