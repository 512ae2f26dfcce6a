//! Constants that a lowering must look into: weights decide which diagonals exist.

use he_core::exec::tensor::Tensor;
use he_core::ir::{Ir, ValueId};
use he_core::support::{Diagnostic, Weights};

/// The tensor that a value holds, if a constant defines it.
pub fn evaluate(ir: &Ir, value: ValueId, weights: &dyn Weights) -> Result<Tensor, Diagnostic> {
    let op = ir.def_op(value);
    if !op.is_none() && ir.name_str(op) == crate::nn::views::Constant::NAME {
        return crate::nn::constant::constant_tensor(ir, op, weights);
    }
    let error = Diagnostic::error("weights must be constants here");
    Err(if op.is_none() {
        error.help("an argument cannot be a weight: make it an nn.constant")
    } else {
        error.at(ir.position(op))
    })
}

/// Whether a constant defines the value.
pub fn is_constant(ir: &Ir, value: ValueId) -> bool {
    let op = ir.def_op(value);
    !op.is_none() && ir.name_str(op) == crate::nn::views::Constant::NAME
}
