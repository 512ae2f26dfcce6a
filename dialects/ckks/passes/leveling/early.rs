//! What is done to operands before an op: the steps of a placement, and early level drops.

use he_core::ir::{Ir, OpId, Traits, ValueId, ValueMap};
use he_core::schema::{REFERENCE_ATTR, Registry};
use he_core::support::Diagnostic;
use rustc_hash::FxHashMap;

use super::{Move, State, Walk, is_encrypted, missing_levels};
use crate::ckks::attr::{CtType, bootstrap_min_level, missing_levels as recorded_missing, params_of};
use crate::ckks::bounds::bounds;
use crate::ckks::views;
use crate::func;

impl Walk<'_> {
    /// Brings the operands of an op to what was decided before the walk.
    pub(super) fn ahead_of(&mut self, op: OpId) {
        let placed = self.placed;
        if placed.placement.moves.is_empty() && placed.lowest.is_empty() {
            return;
        }
        for index in 0..self.ir.operand_count(op) {
            let mut value = self.ir.operand(op, index);
            for step in placed.placement.moves.get(&(op, index)).into_iter().flatten() {
                let Some(state) = self.state(value) else { break };
                value = match step {
                    Move::Rescale => self.rescale(value, state),
                    Move::Relinearize => self.relinearize(value),
                    Move::Upscale(bits) => self.upscale(value, state, *bits),
                    Move::Drop(levels) => self.drop_to(value, state, state.level - levels),
                };
            }
            if let (Some(state), Some(lowest)) = (self.state(value), placed.lowest.get(&op)) {
                value = self.drop_to(value, state, state.level.min(*lowest));
            }
            self.use_operand(op, index, value);
        }
    }
}

/// The levels that ops of the entry function must find at their operands, where it is lower than what they find. Nothing
/// where levels are missing or the primes have several widths: a rescale at another level would leave another scale.
pub(super) fn lowest_levels(registry: &Registry, ir: &Ir) -> Result<FxHashMap<OpId, i64>, Diagnostic> {
    let params = params_of(ir)?.unwrap_or_default();
    let entry = func::entry(ir)?;
    let mut lowest = FxHashMap::default();
    let even = params.rescale_width().is_some();
    if recorded_missing(ir).is_some() || !even || ir.attr_named(entry, REFERENCE_ATTR).is_some() {
        return Ok(lowest);
    }
    let Some(block) = ir.body(entry) else { return Ok(lowest) };
    // Digits and sums before a division cannot be dropped.
    let parts = |value: ValueId| is_encrypted(ir, value) && CtType::of(ir, ir.ty(value)).is_none();
    if ir.block_ops(block).into_iter().any(|op| ir.results(op).any(parts)) {
        return Ok(lowest);
    }
    let bounds = bounds(registry, ir, entry);
    let state = |value: ValueId| {
        let ty = CtType::of(ir, ir.ty(value))?;
        Some(State { level: ty.level?, scale: ty.scale?, degree: ty.degree })
    };
    // The level at which a value still fits.
    let floor = |value: ValueId| {
        let state = State { level: 0, ..state(value)? };
        Some(missing_levels(&params, state, bounds.get(value).copied().unwrap_or(1.0)))
    };
    let mut needed: ValueMap<i64> = ValueMap::default();
    for op in ir.block_ops(block).into_iter().rev() {
        let of_operands = ir.operands(op).filter_map(floor).max().unwrap_or(0);
        let of_results = ir.results(op).filter_map(|result| needed.get(result).copied()).max();
        let level = match ir.name_str(op) {
            views::Rescale::NAME => of_results.unwrap_or(0) + 1,
            views::Bootstrap::NAME => bootstrap_min_level(ir),
            _ => of_results.unwrap_or(0),
        };
        let level = level.max(of_operands);
        for operand in ir.operands(op) {
            let known = needed.get_or_insert_with(operand, || level);
            *known = level.max(*known);
        }
        let dropped = ir.name_str(op) == views::Bootstrap::NAME || ir.has_trait(op, Traits::TERMINATOR);
        let spare = ir.operands(op).filter_map(state).any(|state| state.level > level);
        if !dropped && spare {
            lowest.insert(op, level);
        }
    }
    Ok(lowest)
}
