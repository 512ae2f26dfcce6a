//! Alignment: bringing the operands of an op to one level and scale.

use he_core::ir::{OpId, OpSpec, ValueId};
use he_core::support::Diagnostic;

use super::{State, Walk, factor_bits, missing_levels};
use crate::ckks::attr::{CtType, PtType};
use crate::ckks::views;

/// Most repairs of one op's operands: each lowers a level or closes a difference of scales.
const MAX_REPAIRS: usize = 4096;

impl Walk<'_> {
    /// Encodes operand `index` of `op` at a level and scale; a shared encode at another one is copied.
    pub(super) fn plaintext(&mut self, op: OpId, index: usize, level: i64, scale: i64) {
        let wanted = PtType { level: Some(level), scale: Some(scale) };
        let value = self.ir.operand(op, index);
        let ty = wanted.to_type(self.ir);
        match PtType::of(self.ir, self.ir.ty(value)) {
            Some(known) if known == wanted => {}
            Some(PtType { level: None, .. }) => self.ir.set_type(value, ty),
            Some(_) => {
                let encode = self.ir.def_op(value);
                if encode.is_none() {
                    return;
                }
                let (name, loc, operand) =
                    (self.ir.name(encode), self.ir.loc(encode), self.ir.operand(encode, 0));
                let (props, attrs) = (self.ir.props(encode), self.ir.attrs(encode));
                let copy =
                    OpSpec::new(name).operands(&[operand]).results(&[ty]).props(props).attrs(attrs).loc(loc);
                let copy = copy.build_before(self.ir, op);
                self.ir.set_operand(op, index, self.ir.result(copy, 0));
            }
            None => {}
        }
    }

    /// Brings all ciphertext operands of `op` to one level and scale; the result's state for a sum of them.
    pub(super) fn align(&mut self, op: OpId) -> Result<State, Diagnostic> {
        let mut indices = Vec::new();
        for index in 0..self.ir.operand_count(op) {
            if CtType::of(self.ir, self.ir.ty(self.ir.operand(op, index))).is_some() {
                let value = self.operand(op, index, false);
                let value = self.shared_degree(value, value);
                self.use_operand(op, index, value);
                indices.push(index);
            }
        }
        for _ in 0..MAX_REPAIRS {
            let mut states = Vec::with_capacity(indices.len());
            for index in &indices {
                states.push((*index, self.known(op, self.ir.operand(op, *index))?));
            }
            let (Some(high), Some(low)) =
                (states.iter().max_by_key(|(_, s)| s.level), states.iter().min_by_key(|(_, s)| s.level))
            else {
                break;
            };
            let (Some(big), Some(small)) =
                (states.iter().max_by_key(|(_, s)| s.scale), states.iter().min_by_key(|(_, s)| s.scale))
            else {
                break;
            };
            if high.1.level != low.1.level {
                self.lower(op, *high, low.1);
            } else if big.1.scale != small.1.scale {
                self.match_scale(op, *big, *small);
            } else {
                let degree = states.iter().map(|(_, state)| state.degree).max().unwrap_or(1);
                return Ok(State { degree, ..high.1 });
            }
        }
        let text =
            format!("'{}' op: its operands cannot be brought to one level and scale", self.ir.name_str(op));
        Err(Diagnostic::error(text).at(self.ir.position(op)))
    }

    /// One step of operand `high` towards the level of `low`.
    pub(super) fn lower(&mut self, op: OpId, (index, state): (usize, State), low: State) {
        let value = self.ir.operand(op, index);
        let useful = self.can_rescale(state) && state.scale > low.scale;
        let value = if useful { self.rescale(value, state) } else { self.drop_to(value, state, low.level) };
        self.use_operand(op, index, value);
    }

    /// One step towards equal scales at equal levels.
    pub(super) fn match_scale(&mut self, op: OpId, big: (usize, State), small: (usize, State)) {
        let (big_value, small_value) = (self.ir.operand(op, big.0), self.ir.operand(op, small.0));
        let difference = big.1.scale - small.1.scale;
        if self.lift(small_value, difference) {
            return;
        }
        if self.can_rescale(big.1) {
            let value = self.rescale(big_value, big.1);
            self.use_operand(op, big.0, value);
        } else {
            let value = self.upscale(small_value, small.1, difference);
            self.use_operand(op, small.0, value);
        }
    }

    /// Raises the scale of a value that is a constant's product by encoding the constant at more bits. Only where
    /// nothing else uses the values in between.
    pub(super) fn lift(&mut self, value: ValueId, bits: i64) -> bool {
        let op = self.ir.def_op(value);
        let Some(state) = self.state(value).filter(|_| !op.is_none() && self.ir.has_one_use(value)) else {
            return false;
        };
        let lifted = State { scale: state.scale + bits, ..state };
        let bound = self.bounds.get(value).copied().unwrap_or(1.0);
        if missing_levels(&self.params, lifted, bound) > missing_levels(&self.params, state, bound) {
            return false;
        }
        let done = match self.ir.name_str(op) {
            views::MulScalar::NAME => {
                let old = factor_bits(self.ir, op).unwrap_or(0);
                let attr = self.ir.ctx.i64_attr(old + bits);
                self.ir.set_attr(op, "log_scale", Some(attr));
                true
            }
            views::MulPlain::NAME => {
                let plain = self.ir.operand(op, 1);
                let old = factor_bits(self.ir, op).unwrap_or(0);
                if self.ir.has_one_use(plain) {
                    let ty = PtType { level: Some(state.level), scale: Some(old + bits) }.to_type(self.ir);
                    self.ir.set_type(plain, ty);
                } else {
                    self.plaintext(op, 1, state.level, old + bits);
                }
                true
            }
            views::Rescale::NAME | views::LevelDrop::NAME | views::Rotate::NAME | views::Neg::NAME => {
                self.lift(self.ir.operand(op, 0), bits)
            }
            _ => false,
        };
        if done {
            self.set(value, lifted);
        }
        done
    }
}
