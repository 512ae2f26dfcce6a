//! A program as the search sees it: what each op demands of its operands, and the levels that values have.
//!
//! On a chain whose primes are all as wide as the scale, a value whose scale lies `excess` primes above the nominal one is
//! at level `base + excess` at least, where `base` is the most products on a path from it to a result: each product adds
//! one prime to the scale, and each must be divided off again. Bases do not depend on where the rescales are. So levels are
//! known before placements are compared.

use he_core::ir::{Ir, OpId, Traits, ValueId, ValueMap};
use he_core::schema::Registry;
use he_core::support::Diagnostic;
use smallvec::{SmallVec, smallvec};

use super::versions::MAX_BASES;
use crate::ckks::attr::{CtType, bootstrap_min_level, output_degree, params_of};
use crate::ckks::bounds::bounds;
use crate::ckks::passes::bootstrap::target_level;
use crate::ckks::passes::leveling::{State, missing_levels};
use crate::ckks::views;
use crate::func;

/// What an op asks of its ciphertext operands, and makes of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Demand {
    /// Operands must have degree 1.
    pub linear: bool,
    /// Operands must have the nominal scale.
    pub nominal: bool,
    /// What it adds to the excess.
    pub excess: i8,
    /// The degree of the result; that of the operands where `None`.
    pub degree: Option<u8>,
    /// It takes operands at any level.
    pub any_level: bool,
}

impl Demand {
    const NONE: Demand = Demand { linear: false, nominal: false, excess: 0, degree: None, any_level: false };

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
            views::MulPlain::NAME | views::MulScalar::NAME => Demand { excess: 1, ..none },
            views::Mul::NAME => Demand { linear: true, nominal: true, excess: 1, degree: Some(2), ..none },
            views::Rescale::NAME => Demand { excess: -1, ..none },
            views::Relinearize::NAME => Demand { degree: Some(1), ..none },
            views::Bootstrap::NAME => Demand { linear: true, nominal: true, any_level: true, ..none },
            _ if ir.has_trait(op, Traits::TERMINATOR) => {
                Demand { linear: output_degree(ir) == 1, nominal: true, any_level: true, ..none }
            }
            _ => return None,
        })
    }
}

/// A value that an op takes.
#[derive(Debug)]
pub struct Use {
    /// Number of the value.
    pub value: usize,
    /// Which of the value's bases the op works on.
    pub base: u8,
    /// The operands that it is.
    pub operands: SmallVec<[usize; 2]>,
}

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
    /// The base of its operands.
    pub base: i64,
}

/// A program to place rescales and relinearizations in.
#[derive(Debug)]
pub struct Model {
    /// The bases of each value, from the highest down: the first is that of its definition.
    pub bases: Vec<Vec<i64>>,
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

impl Model {
    /// The model of the entry function of a program without level drops; `None` where an op is unknown, or the chain is
    /// uneven.
    pub fn of(registry: &Registry, ir: &Ir) -> Result<Option<Model>, Diagnostic> {
        let params = params_of(ir)?.unwrap_or_default();
        let entry = func::entry(ir)?;
        let even = params.rescale_width() == Some(params.log_scale);
        let Some(block) = ir.body(entry).filter(|_| even) else { return Ok(None) };
        let Some(drafts) = drafts(ir, ir.block_ops(block)) else { return Ok(None) };
        let bounds = bounds(registry, ir, entry);
        let floor = |value: &ValueId| {
            let nominal = State { level: 0, scale: i64::from(params.log_scale), degree: 1 };
            missing_levels(&params, nominal, bounds.get(*value).copied().unwrap_or(1.0))
        };
        // Backwards: the base that the users of a value need; of the ops that lead to a result only.
        let mut needed: ValueMap<i64> = ValueMap::default();
        let mut numbers: Vec<Option<i64>> = vec![None; drafts.len()];
        for (number, draft) in drafts.iter().enumerate().rev() {
            let units = i64::from(draft.demand.excess.max(0));
            let behind = match draft.result.map(|result| needed.get(result)) {
                Some(None) => continue,
                Some(Some(base)) if !draft.demand.any_level => base + units,
                Some(Some(_)) => bootstrap_min_level(ir),
                None => 0,
            };
            let base = draft.uses.iter().map(|(value, _)| floor(value)).fold(behind, i64::max);
            for (value, _) in &draft.uses {
                let known = needed.get_or_insert_with(*value, || base);
                *known = base.max(*known);
            }
            numbers[number] = Some(base);
        }
        // The bases of the definitions.
        let mut own: ValueMap<i64> = ValueMap::default();
        let mut lacks_levels = false;
        let mut source = |value: ValueId, level: i64, own: &mut ValueMap<i64>| {
            if let Some(base) = needed.get(value) {
                lacks_levels |= *base > level;
                own.insert(value, level.max(*base));
            }
        };
        for arg in ir.args(block).iter().filter(|arg| is_ct(ir, **arg)) {
            source(*arg, params.max_level(), &mut own);
        }
        for op in ir.block_ops(block).into_iter().filter(|op| ir.name_str(*op) == views::Encrypt::NAME) {
            source(ir.result(op, 0), params.max_level(), &mut own);
        }
        for (draft, base) in drafts.iter().zip(&numbers).filter_map(|(draft, base)| Some((draft, (*base)?))) {
            let Some(result) = draft.result else { continue };
            if draft.demand.any_level {
                source(result, target_level(ir, draft.op, &params), &mut own);
            } else {
                own.insert(result, base - i64::from(draft.demand.excess.max(0)));
            }
        }
        let mut model = Model { bases: Vec::new(), steps: Vec::new(), lacks_levels };
        let order = operands_first(&drafts, &numbers);
        let mut known: ValueMap<usize> = ValueMap::default();
        let mut of_value = |model: &mut Model, value: ValueId| {
            *known.get_or_insert_with(value, || {
                model.bases.push(vec![own.get(value).copied().unwrap_or(0)]);
                model.bases.len() - 1
            })
        };
        for number in order {
            let (draft, Some(base)) = (&drafts[number], numbers[number]) else { continue };
            let mut uses = SmallVec::new();
            for (value, operands) in &draft.uses {
                let value = of_value(&mut model, *value);
                if !model.bases[value].contains(&base) {
                    model.bases[value].push(base);
                }
                uses.push(Use { value, base: 0, operands: operands.clone() });
            }
            let result = draft.result.map(|result| of_value(&mut model, result));
            model.steps.push(Step { op: draft.op, demand: draft.demand, uses, result, base });
        }
        for bases in &mut model.bases {
            bases.sort_by_key(|base| -base);
            if bases.len() > MAX_BASES {
                return Ok(None);
            }
        }
        for step in &mut model.steps {
            for used in &mut step.uses {
                let at = model.bases[used.value].iter().position(|base| *base == step.base);
                used.base = at.and_then(|at| u8::try_from(at).ok()).unwrap_or(0);
            }
        }
        Ok(Some(model))
    }
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
        let plain = ir.has_trait(op, Traits::PLAIN) && uses.is_empty();
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
