//! How the types of recent ops are written: ops of one name have a handful of signatures.

use smallvec::SmallVec;

use crate::ir::{Ir, OpId, OpName, Type};

/// Number of signatures that are remembered; a power of two.
const SIGNATURES: usize = 32;

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

/// The last signature of an op of each name; names that fall together forget the earlier one.
#[derive(Default)]
pub(super) struct Signatures<T>([Signature<T>; SIGNATURES]);

impl<T> Signatures<T> {
    pub fn of(&self, name: OpName) -> &Signature<T> {
        &self.0[name.index() % SIGNATURES]
    }

    pub fn of_mut(&mut self, name: OpName) -> &mut Signature<T> {
        &mut self.0[name.index() % SIGNATURES]
    }
}
