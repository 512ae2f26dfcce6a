//! Constants that a lowering must look into: weights decide which diagonals exist.

use std::rc::Rc;

use he_core::exec::tensor::Tensor;
use he_core::ir::{Ir, ValueId};
use he_core::schema::Registry;
use he_core::support::{Diagnostic, Weights};

use crate::nn::constant::constant_tensor;
use crate::nn::facts::Facts;
use crate::nn::{kernels, views};

/// The most ops between a constant and what is computed from it.
const MAX_FOLDS: usize = 1000;

/// The tensor that a value holds, if a constant defines it, or ops that fold numbers into one.
pub fn evaluate(
    registry: &Registry,
    ir: &Ir,
    value: ValueId,
    weights: &dyn Weights,
) -> Result<Rc<Tensor>, Diagnostic> {
    let mut chain = Vec::new();
    let mut at = value;
    while is_folded(ir, at) && chain.len() < MAX_FOLDS {
        let op = ir.def_op(at);
        chain.push(op);
        // The bias of a `shifted_bias`, and not its weight, is what may have been folded before.
        at = ir.operand(op, ir.operand_count(op) - 1);
    }
    let op = ir.def_op(at);
    if op.is_none() || ir.name_str(op) != views::Constant::NAME {
        let error = Diagnostic::error("weights must be constants here");
        return Err(if op.is_none() {
            error.help("an argument cannot be a weight: make it an nn.constant")
        } else {
            error.at(ir.position(op))
        });
    }
    let mut tensor = constant_tensor(ir, op, weights)?;
    for op in chain.into_iter().rev() {
        let facts = Facts::new(registry, ir, op);
        let folded = match ir.operand_count(op) {
            2 => {
                let weight = evaluate(registry, ir, ir.operand(op, 0), weights)?;
                kernels::evaluate(&facts, &[&weight, &tensor])?
            }
            _ => kernels::evaluate(&facts, &[&tensor])?,
        };
        tensor = Rc::new(folded);
    }
    Ok(tensor)
}

/// A tensor that is zero where that of a value is: which diagonals exist does not depend on factors. One that is so small
/// that it would make zeros is left out too, which costs products with zeros.
pub fn zeros(
    registry: &Registry,
    ir: &Ir,
    mut value: ValueId,
    weights: &dyn Weights,
) -> Result<Rc<Tensor>, Diagnostic> {
    while let Some(op) = ir.def_op(value).some().filter(|op| ir.name_str(*op) == views::Affine::NAME) {
        let facts = Facts::new(registry, ir, op);
        if facts.float("offset")? != 0.0 || facts.float("factor")? == 0.0 {
            break;
        }
        value = ir.operand(op, 0);
    }
    evaluate(registry, ir, value, weights)
}

/// Whether a constant defines the value, or an op that folds numbers into one.
pub fn is_constant(ir: &Ir, value: ValueId) -> bool {
    let op = ir.def_op(value);
    !op.is_none() && (ir.name_str(op) == views::Constant::NAME || is_folded(ir, value))
}

fn is_folded(ir: &Ir, value: ValueId) -> bool {
    let op = ir.def_op(value);
    !op.is_none() && matches!(ir.name_str(op), views::Affine::NAME | views::ShiftedBias::NAME)
}
