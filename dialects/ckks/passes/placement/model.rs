//! A program as the search sees it: what each op demands of its operands, and the levels and scales at which it can work.
//!
//! On an *even* chain, whose primes are all as wide as the scale, a value whose scale lies `excess` primes above the nominal
//! one is at level `base + excess` at least, where `base` is the most products on a path from it to a result: each product
//! adds one prime to the scale, and each must be divided off again. Bases do not depend on where the rescales are. So levels
//! are known before placements are compared. On other chains levels depend on scales: an op works wherever its operands fit.

use he_core::ir::{Ir, OpId, Traits, ValueId, ValueMap};
use he_core::schema::Registry;
use he_core::support::Diagnostic;
use smallvec::{SmallVec, smallvec};

use super::chain::Chain;
use super::versions::{Room, Version};
use crate::ckks::attr::{CtType, bootstrap_min_level, output_degree};
use crate::ckks::bounds::bounds;
use crate::ckks::params::Params;
use crate::ckks::passes::bootstrap::target_level;
use crate::ckks::passes::leveling::{State, missing_levels};
use crate::ckks::views;
use crate::func;

/// The most bases of one value.
const MAX_BASES: usize = 16;
/// On uneven chains: the most numbers that bound what is ahead. Programs that need more are not searched.
const MAX_BOUNDS: usize = 1 << 22;

/// Which scales an op takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// Any.
    Any,
    /// Those that cannot be rescaled any further: below the waterline of EVA.
    Rescaled,
    /// The nominal one.
    Nominal,
}

/// Which scale and level an op makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Makes {
    /// Those of its operands.
    Same,
    /// The scales multiply.
    Product,
    /// A plaintext's scale comes to it.
    PlainProduct,
    /// A rescale that stays.
    Rescale,
    /// New ones.
    Fresh,
}

/// What an op asks of its ciphertext operands, and makes of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Demand {
    /// Operands must have degree 1.
    pub linear: bool,
    /// The scales of operands.
    pub takes: Takes,
    /// The result's.
    pub makes: Makes,
    /// The degree of the result; that of the operands where `None`.
    pub degree: Option<u8>,
    /// It takes operands at any level.
    pub any_level: bool,
}

impl Demand {
    const NONE: Demand =
        Demand { linear: false, takes: Takes::Any, makes: Makes::Same, degree: None, any_level: false };

    /// Of an op on ciphertexts; `None` for one that is unknown.
    fn of(ir: &Ir, op: OpId) -> Option<Demand> {
        let none = Demand::NONE;
        Some(match ir.name_str(op) {
            views::Add::NAME
            | views::Sub::NAME
            | views::Neg::NAME
            | views::AddPlain::NAME
            | views::SubPlain::NAME
            | views::AddScalar::NAME => none,
            views::Rotate::NAME | views::Conjugate::NAME => Demand { linear: true, ..none },
            views::MulPlain::NAME | views::MulScalar::NAME => Demand { makes: Makes::PlainProduct, ..none },
            views::Mul::NAME => {
                let (takes, makes) = (Takes::Rescaled, Makes::Product);
                Demand { linear: true, takes, makes, degree: Some(2), ..none }
            }
            views::Rescale::NAME => Demand { makes: Makes::Rescale, ..none },
            views::Relinearize::NAME => Demand { degree: Some(1), ..none },
            views::Bootstrap::NAME => {
                let (takes, makes) = (Takes::Nominal, Makes::Fresh);
                Demand { linear: true, takes, makes, any_level: true, ..none }
            }
            _ if ir.has_trait(op, Traits::TERMINATOR) => {
                Demand { linear: output_degree(ir) == 1, takes: Takes::Rescaled, any_level: true, ..none }
            }
            _ => return None,
        })
    }

    /// Levels that must be given up for it in the end, on an even chain.
    fn levels(&self) -> i64 {
        i64::from(matches!(self.makes, Makes::Product | Makes::PlainProduct))
    }
}

/// A value that an op takes.
#[derive(Debug)]
pub struct Use {
    /// Number of the value.
    pub value: usize,
    /// The operands that it is.
    pub operands: SmallVec<[usize; 2]>,
}

/// A level and a scale.
pub type Point = (i16, i16);

/// An op on ciphertexts, or one result of the program.
#[derive(Debug)]
pub struct Step {
    /// The op.
    pub op: OpId,
    /// What it demands.
    pub demand: Demand,
    /// The one or two values that it takes.
    pub uses: SmallVec<[Use; 2]>,
    /// The value that it makes.
    pub result: Option<usize>,
    /// On an even chain the least level at which it works, 0 on others.
    pub base: i16,
    /// The levels and scales that it can take operands at.
    pub points: SmallVec<[Point; 4]>,
    /// The level of what it makes anew.
    pub fresh: i16,
}

impl Step {
    /// The levels and scales of the result for operands at that level and of those scales.
    pub fn made(&self, chain: &Chain, level: i16, scales: (i16, i16)) -> SmallVec<[Point; 4]> {
        let widest = chain.widest();
        match self.demand.makes {
            Makes::Same => smallvec![(level, scales.0)],
            Makes::Product if scales.0 + scales.1 <= widest => smallvec![(level, scales.0 + scales.1)],
            Makes::Product => SmallVec::new(),
            Makes::PlainProduct if chain.even => {
                let scale = scales.0 + chain.nominal;
                (scale <= widest).then_some((level, scale)).into_iter().collect()
            }
            // A plaintext has the nominal scale at least, or the bits of the prime.
            Makes::PlainProduct => {
                let least = scales.0 + chain.nominal.min(chain.bits(level));
                chain.wider(scales.0).filter(|scale| *scale >= least).map(|scale| (level, scale)).collect()
            }
            Makes::Rescale => {
                chain.rescaled(level, scales.0).map(|scale| (level - 1, scale)).into_iter().collect()
            }
            Makes::Fresh => smallvec![(self.fresh, chain.nominal)],
        }
    }
}

/// A program to place rescales and relinearizations in.
#[derive(Debug)]
pub struct Model {
    /// For each value where versions of it can be.
    pub rooms: Vec<Room>,
    /// For each value the version that it is encrypted or refreshed to; that of no use for others.
    pub sources: Vec<Version>,
    /// The ops, each behind those of its operands.
    pub steps: Vec<Step>,
    /// Whether levels are missing: then drops are not placed ahead.
    pub lacks_levels: bool,
}

/// A step before the levels are known.
struct Draft {
    op: OpId,
    demand: Demand,
    uses: SmallVec<[(ValueId, SmallVec<[usize; 2]>); 2]>,
    result: Option<ValueId>,
}

/// What is known of the ops of a program, in program order, before they are steps.
struct Sketch<'a> {
    ir: &'a Ir,
    params: &'a Params,
    chain: &'a Chain,
    drafts: Vec<Draft>,
    bounds: ValueMap<f64>,
    /// For each op, where it leads to a result, the base that it needs; 0 on uneven chains.
    bases: Vec<Option<i64>>,
    /// By value.
    needed: ValueMap<i64>,
}

impl Model {
    /// The model of the entry function of a program without level drops; `None` where an op is unknown, a value has too many
    /// bases, or there are too many ops for an uneven chain.
    pub fn of(
        registry: &Registry,
        ir: &Ir,
        params: &Params,
        chain: &Chain,
    ) -> Result<Option<Model>, Diagnostic> {
        let entry = func::entry(ir)?;
        let Some(block) = ir.body(entry) else { return Ok(None) };
        let Some(drafts) = drafts(ir, ir.block_ops(block)) else { return Ok(None) };
        let uses: usize = drafts.iter().map(|draft| draft.uses.len()).sum();
        if !chain.even && uses.saturating_mul(chain.forms()) > MAX_BOUNDS {
            return Ok(None);
        }
        let bounds = bounds(registry, ir, entry);
        let (bases, needed) = Default::default();
        let mut sketch = Sketch { ir, params, chain, drafts, bounds, bases, needed };
        sketch.find_bases();
        Ok(sketch.model(ir.args(block)))
    }
}

impl Sketch<'_> {
    /// The level at which a value fits at a scale.
    fn floor(&self, value: ValueId, scale: i64) -> i64 {
        let state = State { level: 0, scale, degree: 1 };
        missing_levels(self.params, state, self.bounds.get(value).copied().unwrap_or(1.0))
    }

    /// Backwards: the base that the users of a value need; of the ops that lead to a result only.
    fn find_bases(&mut self) {
        self.bases = vec![None; self.drafts.len()];
        for (number, draft) in self.drafts.iter().enumerate().rev() {
            let behind = match draft.result.map(|result| self.needed.get(result)) {
                Some(None) => continue,
                Some(Some(base)) if !draft.demand.any_level => base + draft.demand.levels(),
                Some(Some(_)) => bootstrap_min_level(self.ir),
                None => 0,
            };
            let floors =
                draft.uses.iter().map(|(value, _)| self.floor(*value, i64::from(self.chain.nominal)));
            let base = if self.chain.even { floors.fold(behind, i64::max) } else { 0 };
            for (value, _) in &draft.uses {
                let known = self.needed.get_or_insert_with(*value, || base);
                *known = base.max(*known);
            }
            self.bases[number] = Some(base);
        }
    }

    fn model(&self, args: &[ValueId]) -> Option<Model> {
        let (ir, chain) = (self.ir, self.chain);
        // The levels of the definitions.
        let mut own: ValueMap<i64> = ValueMap::default();
        let mut lacks_levels = false;
        let mut source = |value: ValueId, level: i64, own: &mut ValueMap<i64>| {
            if let Some(base) = self.needed.get(value) {
                lacks_levels |= *base > level;
                own.insert(value, level.max(*base));
            }
        };
        for arg in args.iter().filter(|arg| is_ct(ir, **arg)) {
            source(*arg, self.params.max_level(), &mut own);
        }
        let block = ir.body(func::entry(ir).ok()?)?;
        for op in ir.block_ops(block).into_iter().filter(|op| ir.name_str(*op) == views::Encrypt::NAME) {
            source(ir.result(op, 0), self.params.max_level(), &mut own);
        }
        let live = self.drafts.iter().zip(&self.bases).filter_map(|(draft, base)| Some((draft, (*base)?)));
        for (draft, base) in live {
            let Some(result) = draft.result else { continue };
            if draft.demand.any_level {
                source(result, target_level(ir, draft.op, self.params), &mut own);
            } else {
                own.insert(result, base - draft.demand.levels());
            }
        }
        let mut model = Model { rooms: Vec::new(), sources: Vec::new(), steps: Vec::new(), lacks_levels };
        let mut known: ValueMap<usize> = ValueMap::default();
        let at = |level: i16| Version::new(level, chain.nominal, 1);
        let mut of_value = |model: &mut Model, value: ValueId| {
            *known.get_or_insert_with(value, || {
                let level = level_of(own.get(value).copied().unwrap_or(0));
                model.sources.push(at(level));
                model.rooms.push(match chain.even {
                    true => Room { stops: vec![chain.mass(at(level))], floors: Vec::new() },
                    false => Room { stops: Vec::new(), floors: self.floors(value) },
                });
                model.rooms.len() - 1
            })
        };
        for number in operands_first(&self.drafts, &self.bases) {
            let (draft, Some(base)) = (&self.drafts[number], self.bases[number]) else { continue };
            let base = level_of(base);
            let mut uses = SmallVec::new();
            for (value, operands) in &draft.uses {
                let value = of_value(&mut model, *value);
                let stops = &mut model.rooms[value].stops;
                let stop = chain.mass(at(base));
                if chain.even && !stops.contains(&stop) {
                    stops.push(stop);
                }
                uses.push(Use { value, operands: operands.clone() });
            }
            let result = draft.result.map(|result| of_value(&mut model, result));
            let fresh = result.map_or(0, |result| model.sources[result].level);
            let (op, demand, points) = (draft.op, draft.demand, SmallVec::new());
            model.steps.push(Step { op, demand, uses, result, base, points, fresh });
        }
        for room in &mut model.rooms {
            room.stops.sort_by_key(|stop| -stop);
            if room.stops.len() > MAX_BASES {
                return None;
            }
        }
        let lowest = level_of(bootstrap_min_level(ir));
        for at in 0..model.steps.len() {
            let points = match chain.even {
                true => even_points(&model, &model.steps[at], chain),
                false => points(&model, &model.steps[at], chain, lowest),
            };
            model.steps[at].points = points;
        }
        Some(model)
    }

    /// For each scale the lowest level at which a value fits.
    fn floors(&self, value: ValueId) -> Vec<i16> {
        self.chain.all_scales().map(|scale| level_of(self.floor(value, i64::from(scale)))).collect()
    }
}

/// A level as the search counts them. There are far fewer than it can count.
fn level_of(level: i64) -> i16 {
    i16::try_from(level).unwrap_or(i16::MAX / 2)
}

/// On an even chain there is one level for each scale; what works at any level takes what others take.
fn even_points(model: &Model, step: &Step, chain: &Chain) -> SmallVec<[Point; 4]> {
    let nominal = Version::new(step.base, chain.nominal, 1);
    let lowest = chain.mass(nominal);
    if step.demand.any_level {
        let stops = step.uses.iter().flat_map(|used| &model.rooms[used.value].stops);
        let above =
            stops.filter(|stop| **stop >= lowest).map(|stop| (stop - lowest) / i32::from(chain.nominal));
        return above.map(|levels| (step.base + levels as i16, chain.nominal)).collect();
    }
    let scales = if step.demand.takes == Takes::Any { chain.scales as i16 } else { 1 };
    let rescales = step.demand.makes == Makes::Rescale;
    (i16::from(rescales)..scales).map(|excess| (step.base + excess, chain.nominal * (1 + excess))).collect()
}

/// On other chains, all levels at which the operands fit, the lowest first.
fn points(model: &Model, step: &Step, chain: &Chain, min_level: i16) -> SmallVec<[Point; 4]> {
    let mut points = SmallVec::new();
    for level in 0..=chain.top() {
        for scale in chain.all_scales() {
            let version = Version::new(level, scale, 1);
            let fits = step.uses.iter().all(|used| model.rooms[used.value].fits(chain, version));
            let legal = match step.demand.takes {
                Takes::Any => true,
                Takes::Rescaled => chain.rescaled(level, scale).is_none(),
                Takes::Nominal => scale == chain.nominal && level >= min_level,
            };
            if fits && legal {
                points.push((level, scale));
            }
        }
    }
    points
}

fn is_ct(ir: &Ir, value: ValueId) -> bool {
    CtType::of(ir, ir.ty(value)).is_some()
}

/// The ops on ciphertexts in program order, but those that encrypt; a result of the program is one of its own. `None`
/// where one is unknown.
fn drafts(ir: &Ir, ops: Vec<OpId>) -> Option<Vec<Draft>> {
    let mut drafts = Vec::new();
    for op in ops {
        let mut uses: SmallVec<[(ValueId, SmallVec<[usize; 2]>); 2]> = SmallVec::new();
        for (index, value) in ir.operands(op).enumerate().filter(|(_, value)| is_ct(ir, *value)) {
            match uses.iter_mut().find(|(known, _)| *known == value) {
                Some((_, operands)) => operands.push(index),
                None => uses.push((value, smallvec![index])),
            }
        }
        let result = ir.results(op).find(|value| is_ct(ir, *value));
        let plain = uses.is_empty() && ir.is_plain(op);
        if plain || ir.name_str(op) == views::Encrypt::NAME {
            continue;
        }
        let demand = Demand::of(ir, op)?;
        if ir.has_trait(op, Traits::TERMINATOR) {
            let each = uses.into_iter().map(|used| Draft { op, demand, uses: smallvec![used], result: None });
            drafts.extend(each);
        } else {
            drafts.push(Draft { op, demand, uses, result });
        }
    }
    Some(drafts)
}

/// The numbers of the live ops, each behind those that it takes and as soon as possible: few values are live then.
fn operands_first(drafts: &[Draft], live: &[Option<i64>]) -> Vec<usize> {
    let made: ValueMap<usize> = drafts
        .iter()
        .enumerate()
        .filter_map(|(number, draft)| Some((draft.result?, number)))
        .filter(|(_, number)| live[*number].is_some())
        .collect();
    let mut order = Vec::new();
    let mut seen = vec![false; drafts.len()];
    let roots = (0..drafts.len()).filter(|number| drafts[*number].result.is_none());
    for root in roots {
        // An op, and how many of its operands have been visited.
        let mut pending = vec![(root, 0)];
        while let Some((number, visited)) = pending.pop() {
            match drafts[number].uses.get(visited) {
                Some((value, _)) => {
                    pending.push((number, visited + 1));
                    if let Some(&before) = made.get(*value).filter(|before| !seen[**before]) {
                        seen[before] = true;
                        pending.push((before, 0));
                    }
                }
                None => order.push(number),
            }
        }
    }
    order
}
