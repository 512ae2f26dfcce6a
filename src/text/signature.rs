//! How the types and the properties of recent ops are written: ops of one name have a handful.

use smallvec::SmallVec;

use crate::ir::{Dict, Ir, OpId, OpName, Type};

/// Number of names that something is remembered of; a power of two.
const NAMES: usize = 32;

/// The operand and result types of an op, and their text.
#[derive(Default)]
pub(super) struct Signature<T> {
    pub operands: SmallVec<[Type; 4]>,
    pub results: SmallVec<[Type; 2]>,
    pub text: T,
}

impl<T: AsRef<str>> Signature<T> {
    pub fn is_of(&self, ir: &Ir, op: OpId) -> bool {
        !self.text.as_ref().is_empty()
            && self.operands.len() == ir.operand_count(op)
            && self.results.len() == ir.result_count(op)
            && self.operands.iter().zip(ir.operands(op)).all(|(ty, value)| *ty == ir.ty(value))
            && self.results.iter().zip(ir.results(op)).all(|(ty, value)| *ty == ir.ty(value))
    }
}

/// The properties of an op, and their text with the angle brackets.
pub(super) struct Properties<'s> {
    pub op: OpName,
    pub dict: Dict,
    pub text: &'s str,
}

/// Of each name of ops, what was last; names that fall together forget the earlier one.
#[derive(Default)]
pub(super) struct ByName<V>([V; NAMES]);

impl<V> ByName<V> {
    pub fn of(&self, name: OpName) -> &V {
        &self.0[name.index() % NAMES]
    }

    pub fn of_mut(&mut self, name: OpName) -> &mut V {
        &mut self.0[name.index() % NAMES]
    }
}
