//! `limit-rotation-keys`: rotations by few distinct steps.
//!
//! ```text
//! %1 = ckks.rotate %0 {by = 3} : …
//! // with keys for 1 and 2 becomes
//! %1 = ckks.rotate %0 {by = 1} : …
//! %2 = ckks.rotate %1 {by = 2} : …
//! ```
//!
//! A switching key is the largest thing that a server holds, one for each step. While there are too many, the step goes
//! whose rotations are the cheapest to make of the others: as few as possible, found by breadth-first search over the
//! slots, each weighted by how often the program rotates so. Where there are many steps
//! that is not tried; the powers of two, which make every step, and the steps that are used most always are.
//!
//! In Rust because it is a search over all rotations of the program.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use he_core::ir::{Ir, OpId, OpSpec, ValueId};
use he_core::pass::{OptionDef, OptionKind, PassContext, PassDef, StageRange};
use he_core::support::Diagnostic;
use rustc_hash::FxHashMap;

use crate::ckks::attr::params_of;
use crate::ckks::views;
use crate::func;

/// The most steps that a search looks at: about a second.
const MAX_WORK: u64 = 1 << 29;
/// The most rotations that one is made of.
const MAX_PARTS: usize = 64;

/// The pass `limit-rotation-keys`.
pub fn pass() -> PassDef {
    PassDef {
        name: "limit-rotation-keys".into(),
        doc: "Makes rotations of few distinct steps, so that few rotation keys are needed".into(),
        options: vec![OptionDef {
            name: "max",
            kind: OptionKind::Int { min: 1, max: 65536 },
            default: "16",
            doc: "the most distinct steps",
        }],
        stages: Some(StageRange { first: 3, last: 4, result: None }),
        run: Box::new(|context, ir| run(context, ir).map_err(|error| vec![error])),
    }
}

fn run(context: &mut PassContext<'_>, ir: &mut Ir) -> Result<(), Diagnostic> {
    let most = context.options.int("max") as usize;
    let entry = func::entry(ir)?;
    let Some(block) = ir.body(entry) else { return Ok(()) };
    let slots = params_of(ir)?.unwrap_or_default().slots;
    let rotations: Vec<OpId> =
        ir.block_ops(block).into_iter().filter(|op| ir.name_str(*op) == views::Rotate::NAME).collect();
    let mut uses: BTreeMap<u64, u64> = BTreeMap::new();
    for op in &rotations {
        *uses.entry(step_of(ir, *op)).or_default() += 1;
    }
    if uses.len() <= most {
        return Ok(());
    }
    let Some(parts) = few_steps(&uses, slots, most) else {
        let text = format!(
            "limit-rotation-keys: {most} rotation keys are too few: some rotation would take more than {MAX_PARTS}"
        );
        return Err(Diagnostic::error(text)
            .at(ir.position(entry))
            .help("allow more rotation keys: a key for each power of two always suffices"));
    };
    // A prefix of steps from one value is rotated once.
    let mut known: FxHashMap<(ValueId, u64), ValueId> = FxHashMap::default();
    for op in rotations {
        let mut value = ir.operand(op, 0);
        for step in &parts[&step_of(ir, op)] {
            value = match known.get(&(value, *step)) {
                Some(rotated) => *rotated,
                None => {
                    let rotated = rotated_by(ir, op, value, *step);
                    known.insert((value, *step), rotated);
                    rotated
                }
            };
        }
        ir.replace_all_uses(ir.result(op, 0), value);
        ir.erase(op);
    }
    Ok(())
}

fn step_of(ir: &Ir, op: OpId) -> u64 {
    let by = ir.attr_named(op, "by").and_then(|attr| ir.ctx.as_i64(attr)).unwrap_or(0);
    u64::try_from(by).unwrap_or(0)
}

/// A rotation in the place of `op`; all rotations of a value have its type.
fn rotated_by(ir: &mut Ir, op: OpId, value: ValueId, step: u64) -> ValueId {
    let by = ir.ctx.i64_attr(i64::try_from(step).unwrap_or(0));
    let props = ir.dict_of(&[("by", by)]);
    let (ty, attrs, loc) = (ir.ty(value), ir.attrs(op), ir.loc(op));
    let name = ir.name(op);
    let new = OpSpec::new(name).operands(&[value]).results(&[ty]).props(props).attrs(attrs).loc(loc);
    let new = new.build_before(ir, op);
    ir.result(new, 0)
}

/// For each step what it is made of, with at most `most` distinct steps in all. `None` where one would take too many.
fn few_steps(uses: &BTreeMap<u64, u64>, slots: u64, most: usize) -> Option<BTreeMap<u64, Vec<u64>>> {
    let needed: Vec<u64> = uses.keys().copied().collect();
    let powers = (0..u64::BITS).map(|bit| 1u64 << bit).take_while(|power| *power < slots);
    let powers: BTreeSet<u64> = powers.collect();
    // The powers of two make every step; what is left of the keys goes to the steps that are used most.
    let mut filled = powers.clone();
    let mut by_use: Vec<u64> = needed.iter().copied().filter(|step| !powers.contains(step)).collect();
    by_use.sort_by_key(|step| (std::cmp::Reverse(uses[step]), *step));
    filled.extend(by_use.into_iter().take(most.saturating_sub(powers.len())));
    let starts = [needed.iter().copied().collect::<BTreeSet<_>>(), filled];
    let found = starts.into_iter().filter(|start| work(start, slots, most) <= MAX_WORK);
    let found = found.filter_map(|start| shrink(start, &needed, uses, slots, most));
    found.min_by_key(|parts| cost(parts, uses))
}

/// Steps that the search looks at, at most, on the way from a start.
fn work(start: &BTreeSet<u64>, slots: u64, most: usize) -> u64 {
    let rounds = 1 + start.len().saturating_sub(most) as u64 * start.len() as u64;
    rounds.saturating_mul(slots).saturating_mul(start.len() as u64)
}

/// Rotations in all.
fn cost(parts: &BTreeMap<u64, Vec<u64>>, uses: &BTreeMap<u64, u64>) -> u64 {
    parts.iter().map(|(step, parts)| uses[step] * parts.len() as u64).sum()
}

/// Takes steps away, the one that costs least first, until few enough are left.
fn shrink(
    mut steps: BTreeSet<u64>,
    needed: &[u64],
    uses: &BTreeMap<u64, u64>,
    slots: u64,
    most: usize,
) -> Option<BTreeMap<u64, Vec<u64>>> {
    while steps.len() > most {
        let without = |step: u64| {
            let mut rest = steps.clone();
            rest.remove(&step);
            made_of(&rest, needed, slots).map(|parts| (cost(&parts, uses), step))
        };
        let (_, step) = steps.iter().filter_map(|step| without(*step)).min()?;
        steps.remove(&step);
    }
    made_of(&steps, needed, slots)
}

/// For each needed step the fewest of `steps` that add up to it, modulo the slots, by breadth-first search.
fn made_of(steps: &BTreeSet<u64>, needed: &[u64], slots: u64) -> Option<BTreeMap<u64, Vec<u64>>> {
    let mut last: Vec<u64> = vec![0; usize::try_from(slots).ok()?];
    let mut open = needed.iter().filter(|step| **step > 0).count();
    let mut pending = VecDeque::from([(0u64, 0usize)]);
    while let Some((at, count)) = pending.pop_front() {
        if open == 0 || count >= MAX_PARTS {
            break;
        }
        for step in steps {
            let next = (at + step) % slots;
            if next != 0 && last[next as usize] == 0 {
                last[next as usize] = *step;
                open -= usize::from(needed.binary_search(&next).is_ok());
                pending.push_back((next, count + 1));
            }
        }
    }
    let parts = |step: u64| {
        let (mut at, mut parts) = (step, Vec::new());
        while at != 0 {
            let part = *last.get(at as usize).filter(|part| **part != 0)?;
            parts.push(part);
            at = (at + slots - part) % slots;
        }
        parts.sort_unstable();
        Some((step, parts))
    };
    needed.iter().map(|step| parts(*step)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uses(steps: &[u64]) -> BTreeMap<u64, u64> {
        steps.iter().map(|step| (*step, 1)).collect()
    }

    #[test]
    fn steps_add_up_and_are_few() {
        for (steps, most) in
            [(&[1u64, 2, 3][..], 2), (&[1, 2, 3, 4, 5, 6, 7], 3), (&[5, 10, 15, 100, 1000], 2), (&[1023], 1)]
        {
            let parts = few_steps(&uses(steps), 1024, most).expect("it is possible");
            let distinct: BTreeSet<u64> = parts.values().flatten().copied().collect();
            assert!(distinct.len() <= most, "{steps:?}: {parts:?}");
            assert!(parts.iter().all(|(step, parts)| parts.iter().sum::<u64>() % 1024 == *step), "{parts:?}");
        }
        assert_eq!(few_steps(&uses(&[1, 2, 3]), 8, 2).map(|parts| cost(&parts, &uses(&[1, 2, 3]))), Some(4));
        assert_eq!(few_steps(&uses(&[1, 500]), 1024, 1), None);
    }
}
