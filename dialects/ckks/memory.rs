//! The memory of a library that keeps freed blocks in a pool by size, as SEAL does: a block is used again for one of
//! the same size only.

use std::collections::{BTreeMap, BTreeSet};

use he_core::ir::{Ir, OpId, ValueId};

use super::params::Params;
use super::views;

/// The blocks that the values of a function need: for each size the most that are alive at once, in program order.
pub(super) fn pooled_values(ir: &Ir, function: OpId, mut bytes: impl FnMut(ValueId) -> u64) -> u64 {
    let Some(block) = ir.body(function) else { return 0 };
    let ops = ir.block_ops(block);
    let mut last_use: BTreeMap<ValueId, usize> = BTreeMap::new();
    for (at, op) in ops.iter().enumerate() {
        last_use.extend(ir.operands(*op).map(|value| (value, at)));
    }
    let mut size = |value: ValueId| {
        let def = ir.def_op(value);
        if !def.is_none() && ir.name_str(def) == views::Relinearize::NAME {
            // The copy of the operand loses a polynomial, and keeps its block.
            return bytes(ir.operand(def, 0));
        }
        bytes(value)
    };
    let mut blocks = Blocks::default();
    let mut live: BTreeMap<ValueId, u64> = BTreeMap::new();
    for arg in ir.args(block) {
        live.insert(*arg, size(*arg));
        blocks.take(live[arg]);
    }
    for (at, op) in ops.iter().enumerate() {
        for result in ir.results(*op) {
            live.insert(result, size(result));
            blocks.take(live[&result]);
        }
        let dead = |value: &ValueId| last_use.get(value).is_none_or(|last| *last <= at);
        let ended: Vec<ValueId> = ir.operands(*op).chain(ir.results(*op)).filter(dead).collect();
        ended.iter().filter_map(|value| live.remove(value)).for_each(|size| blocks.give_back(size));
    }
    blocks.bytes()
}

/// Blocks by size: those in use, and the most that were.
#[derive(Default)]
struct Blocks(BTreeMap<u64, (u64, u64)>);

impl Blocks {
    fn take(&mut self, size: u64) {
        let (used, most) = self.0.entry(size).or_default();
        *used += 1;
        *most = (*most).max(*used);
    }

    fn give_back(&mut self, size: u64) {
        if let Some((used, _)) = self.0.get_mut(&size) {
            *used -= 1;
        }
    }

    fn bytes(&self) -> u64 {
        self.0.iter().map(|(size, (_, most))| size * most).sum()
    }
}

/// The blocks that key switches need for themselves, at each of these numbers of limbs but the largest, whose blocks
/// the profile has measured: a polynomial pair and one more modulo Q·P.
pub(super) fn pooled_switches(params: &Params, limbs: &BTreeSet<u64>) -> u64 {
    let special = params.log_p.len() as u64;
    limbs.iter().rev().skip(1).map(|limbs| 3 * (limbs + special) * params.degree() * 8).sum()
}
