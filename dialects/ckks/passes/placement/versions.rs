//! Versions of a ciphertext: what rescales, relinearizations, level drops and products with 1 make of it. An op takes one
//! version of each operand; a version that was made for one op is there for all later ones.

use std::cmp::Reverse;
use std::hash::{Hash, Hasher};
use std::rc::Rc;

use indexmap::IndexSet;
use rustc_hash::{FxBuildHasher, FxHashMap};
use smallvec::{SmallVec, smallvec};

use super::chain::Chain;

/// Ways from the versions of a value to another one that are compared.
const MOST_WAYS: usize = 64;

/// A version of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// Rescales left.
    pub level: i16,
    /// Bits of its scale.
    pub scale: i16,
    /// Polynomials less one.
    pub degree: u8,
    /// On uneven chains: levels were dropped on the way to it. They are not again.
    pub dropped: bool,
    /// Its scale was raised on the way to it. It is not again.
    pub raised: bool,
}

/// As one number: tables of versions are looked at often.
impl Hash for Version {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let flags = u64::from(self.dropped) | u64::from(self.raised) << 1 | u64::from(self.degree) << 2;
        state.write_u64((self.level as u64 & 0xFFFF) << 32 | (self.scale as u64 & 0xFFFF) << 16 | flags);
    }
}

impl Version {
    /// One that is neither dropped nor raised.
    pub fn new(level: i16, scale: i16, degree: u8) -> Version {
        Version { level, scale, degree, dropped: false, raised: false }
    }

    /// Whether it serves where the other one is wanted, and all that can be made of that can be made of it.
    pub fn serves(&self, wanted: &Version) -> bool {
        let same = (self.level, self.scale, self.degree) == (wanted.level, wanted.scale, wanted.degree);
        same && self.dropped <= wanted.dropped && self.raised <= wanted.raised
    }
}

/// One step from a version to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// One level less, and a smaller scale.
    Rescale,
    /// Degree 1.
    Relinearize,
    /// To a lower level.
    Drop(i16),
    /// To a wider scale, by a product with 1.
    Upscale(i16),
}

/// How a version is made from another.
pub type Route = SmallVec<[Step; 5]>;

/// A set of versions of one value, by its number among all [`Sets`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Versions(u32);

/// All sets of versions that were met.
#[derive(Default)]
pub struct Sets(IndexSet<SmallVec<[Version; 4]>, FxBuildHasher>);

impl Sets {
    /// The set of those versions.
    pub fn of(&mut self, versions: &[Version]) -> Versions {
        let mut sorted: SmallVec<[Version; 4]> = versions.into();
        sorted.sort_unstable();
        sorted.dedup();
        Versions(u32::try_from(self.0.insert_full(sorted).0).unwrap_or(u32::MAX))
    }

    /// A set with more versions.
    pub fn with(&mut self, versions: Versions, more: &[Version]) -> Versions {
        let mut all: SmallVec<[Version; 8]> = self.list(versions).into();
        all.extend_from_slice(more);
        self.of(&all)
    }

    /// The versions of a set.
    pub fn list(&self, versions: Versions) -> &[Version] {
        self.0.get_index(versions.0 as usize).map_or(&[], |list| list)
    }
}

/// Where versions of a value can be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Room {
    /// On an even chain: what the modulus leaves to the versions that its users take and to its own, from the most down.
    pub stops: Vec<i32>,
    /// On others: the lowest level at which each scale fits.
    pub floors: Vec<i16>,
}

impl Room {
    /// Whether a version fits into its modulus.
    pub fn fits(&self, chain: &Chain, version: Version) -> bool {
        self.floors.get(chain.number_of(version.scale)).is_none_or(|floor| version.level >= *floor)
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
    /// Products with 1 at degree 1 and 2; `None` where none is made.
    pub upscale: Option<Vec<[f64; 2]>>,
}

/// A route with its cost.
#[derive(Debug)]
pub struct Way {
    /// The version that it begins with.
    pub from: Version,
    /// The steps.
    pub route: Route,
    /// Their latency.
    pub cost: f64,
    /// The versions that it makes.
    pub made: SmallVec<[Version; 4]>,
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
    /// What rescales and relinearizations cost at least at a level or any above it.
    pub fn least(&self) -> Tolls {
        let relinearize = self.relinearize.as_ref().map(|prices| {
            let each: Vec<[f64; 1]> = prices.iter().map(|price| [*price]).collect();
            least_behind(&each).into_iter().map(|[price]| price).collect()
        });
        Tolls {
            rescale: self.rescale.as_ref().map(|prices| least_behind(prices)),
            relinearize,
            drop: Vec::new(),
            upscale: None,
        }
    }

    /// What a step on a version costs; `None` where it is not free to be placed.
    pub fn of(&self, step: Step, version: Version) -> Option<f64> {
        let level = usize::try_from(version.level).unwrap_or(0);
        let degree = usize::from(version.degree - 1);
        // Levels that are missing cost what the highest one does.
        fn at<T: Copy>(list: &[T], level: usize) -> Option<T> {
            list.get(level).or(list.last()).copied()
        }
        match step {
            Step::Rescale => at(self.rescale.as_ref()?, level).map(|prices| prices[degree]),
            Step::Relinearize => at(self.relinearize.as_ref()?, level),
            Step::Drop(_) => at(&self.drop, level).map(|prices| prices[degree]),
            Step::Upscale(_) => at(self.upscale.as_ref()?, level).map(|prices| prices[degree]),
        }
    }
}

/// The version behind a step; `None` where there is none.
pub fn after(chain: &Chain, version: Version, step: Step) -> Option<Version> {
    let Version { level, scale, degree, dropped, raised } = version;
    match step {
        Step::Rescale => Some(Version { level: level - 1, scale: chain.rescaled(level, scale)?, ..version }),
        Step::Relinearize => (degree == 2).then_some(Version { degree: 1, ..version }),
        Step::Drop(to) => {
            (to < level && !dropped).then_some(Version { level: to, dropped: !chain.even, ..version })
        }
        Step::Upscale(to) => {
            (to > scale && !raised).then_some(Version { scale: to, raised: true, ..version })
        }
    }
}

/// A room by its number, and the versions at both ends.
type Ends = (usize, Version, Version);

/// The routes between versions.
pub struct Routes<'a> {
    /// The chain.
    pub chain: &'a Chain,
    /// What steps cost.
    pub tolls: Tolls,
    /// The rooms of all values.
    pub rooms: IndexSet<Room, FxBuildHasher>,
    /// All sets of versions.
    pub sets: Sets,
    between: FxHashMap<Ends, Rc<[Rc<Way>]>>,
    supplements: FxHashMap<(usize, Versions, Versions), f64>,
}

impl<'a> Routes<'a> {
    /// No route is known yet.
    pub fn new(chain: &'a Chain, tolls: Tolls) -> Self {
        let (rooms, sets, between, supplements) = Default::default();
        Routes { chain, tolls, rooms, sets, between, supplements }
    }

    /// Every route in a room to a version that is at least as good as the wanted one but for drops and raised scales, the
    /// cheapest first.
    fn between(&mut self, ends: Ends) -> Rc<[Rc<Way>]> {
        if let Some(known) = self.between.get(&ends) {
            return known.clone();
        }
        let (room, from, to) = ends;
        let mut ways = Vec::new();
        if let Some(room) = self.rooms.get_index(room) {
            let way = Way { from, route: Route::new(), cost: 0.0, made: SmallVec::new() };
            self.extend(room, way, from, to, &mut ways);
        }
        ways.sort_by(|a, b| a.cost.total_cmp(&b.cost));
        let ways: Rc<[Rc<Way>]> = ways.into_iter().map(Rc::new).collect();
        self.between.insert(ends, ways.clone());
        ways
    }

    fn extend(&self, room: &Room, way: Way, at: Version, wanted: Version, ways: &mut Vec<Way>) {
        if at.serves(&Version { dropped: true, raised: true, ..wanted }) {
            ways.push(way);
            return;
        }
        let too_much = self.chain.mass(at) - self.chain.mass(wanted);
        let passed = at.level < wanted.level || at.degree < wanted.degree || too_much < 0;
        let raises = !at.raised && self.tolls.upscale.is_some();
        if passed || (!raises && at.scale < wanted.scale) {
            return;
        }
        let mut steps: SmallVec<[Step; 16]> = smallvec![Step::Relinearize, Step::Rescale];
        if self.chain.even {
            let width = i32::from(self.chain.nominal);
            let lower = room.stops.iter().map(|stop| self.chain.mass(at) - stop);
            let lower = lower.filter(|by| (1..=too_much).contains(by));
            steps.extend(lower.map(|by| Step::Drop(at.level - (by / width) as i16)));
        } else {
            steps.extend((wanted.level..at.level).map(Step::Drop));
            steps.extend(self.chain.wider(at.scale).map(Step::Upscale));
        }
        // Behind a drop and a raised scale nothing is too much; behind a drop what a raised scale can take.
        let most = i32::from(self.chain.widest() - self.chain.nominal);
        let leads = |next: &Version| {
            let left = self.chain.mass(*next) - self.chain.mass(wanted);
            let most = if next.raised { 0 } else { most };
            left >= 0 && (!next.dropped || left <= most) && room.fits(self.chain, *next)
        };
        for step in steps {
            let Some(next) = after(self.chain, at, step).filter(leads) else { continue };
            let Some(toll) = self.tolls.of(step, at) else { continue };
            let (mut route, mut made) = (way.route.clone(), way.made.clone());
            route.push(step);
            made.push(next);
            let longer = Way { from: way.from, route, cost: way.cost + toll, made };
            self.extend(room, longer, next, wanted, ways);
        }
    }

    /// The ways to a version that are not worse than another one; the empty one where it is there. Where nothing is wanted
    /// `again`, the cheapest. And the least that those cost that were left out for their number; infinite if none was.
    pub fn ways(
        &mut self,
        room: usize,
        versions: Versions,
        wanted: Version,
        again: bool,
    ) -> (Vec<(Rc<Way>, Versions)>, f64) {
        let held: SmallVec<[Version; 8]> = self.sets.list(versions).into();
        let any = Version { dropped: true, raised: true, ..wanted };
        if let Some(from) = held.iter().find(|held| held.serves(&any)) {
            let way = Way { from: *from, route: Route::new(), cost: 0.0, made: SmallVec::new() };
            return (vec![(Rc::new(way), versions)], f64::INFINITY);
        }
        let mut all: Vec<Rc<Way>> = Vec::new();
        for from in &held {
            let ways = self.between((room, *from, wanted));
            // From a version that is there another way begins.
            let begins =
                |way: &&Rc<Way>| !way.made.iter().any(|made| held.iter().any(|held| held.serves(made)));
            all.extend(ways.iter().filter(begins).cloned());
        }
        all.sort_by(|a, b| a.cost.total_cmp(&b.cost));
        let mut kept: Vec<(Rc<Way>, Versions)> = Vec::new();
        for (number, way) in all.into_iter().enumerate() {
            if number == MOST_WAYS {
                return (kept, way.cost);
            }
            let behind = self.sets.with(versions, &way.made);
            let mut better = kept.iter();
            if !better.any(|(known, has)| known.cost + self.supplement(room, *has, behind) <= way.cost) {
                kept.push((way, behind));
            }
            if !again {
                break;
            }
        }
        (kept, f64::INFINITY)
    }

    /// The highest level of those versions, and the most that the modulus leaves beside one.
    pub fn most(&self, versions: Versions) -> (i16, i32) {
        let each = self.sets.list(versions).iter().map(|version| (version.level, self.chain.mass(*version)));
        each.fold((0, i32::MIN), |(level, mass), (l, m)| (level.max(l), mass.max(m)))
    }

    /// What suffices to make the versions `wanted` of those that are `held`; infinite where they cannot be made.
    pub fn supplement(&mut self, room: usize, held: Versions, wanted: Versions) -> f64 {
        if held == wanted {
            return 0.0;
        }
        // No step leads to a higher level, or leaves more of the modulus.
        let (has, wants) = (self.most(held), self.most(wanted));
        if has.0 < wants.0 || has.1 < wants.1 {
            return f64::INFINITY;
        }
        if let Some(known) = self.supplements.get(&(room, held, wanted)) {
            return *known;
        }
        let mut has: SmallVec<[Version; 8]> = self.sets.list(held).into();
        let missing =
            self.sets.list(wanted).iter().filter(|version| !has.iter().any(|has| has.serves(version)));
        let mut missing: SmallVec<[Version; 8]> = missing.copied().collect();
        // Those first of which others are made.
        let last = |version: &Version| {
            let undone = (!version.dropped, !version.raised);
            (self.chain.mass(*version), version.scale, version.degree, undone)
        };
        missing.sort_by_key(|version| Reverse(last(version)));
        let mut cost = 0.0;
        for version in missing {
            let cheapest = |this: &mut Self, from: &Version| {
                let point = Version::new(version.level, version.scale, version.degree);
                let ways = this.between((room, *from, point));
                let mut serving =
                    ways.iter().filter(|way| way.made.last().is_some_and(|made| made.serves(&version)));
                serving.next().cloned()
            };
            let ways = has.iter().filter_map(|from| cheapest(self, from));
            match ways.reduce(|best, way| if way.cost < best.cost { way } else { best }) {
                Some(way) => {
                    cost += way.cost;
                    has.extend_from_slice(&way.made);
                }
                None => {
                    cost = f64::INFINITY;
                    break;
                }
            }
        }
        self.supplements.insert((room, held, wanted), cost);
        cost
    }
}
