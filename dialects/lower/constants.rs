//! Constants that a lowering must look into: weights decide which diagonals exist.

use std::rc::Rc;

use he_core::exec::tensor::Tensor;
use he_core::ir::{Ir, OpId, Traits, ValueId};
use he_core::schema::Registry;
use he_core::support::{Diagnostic, Weights};

use rustc_hash::{FxHashMap, FxHashSet};

use crate::nn::constant::constant_tensor;
use crate::nn::facts::Facts;
use crate::nn::{kernels, views};

/// The most ops that compute one constant from others.
const MAX_OPS: usize = 1000;

/// The tensor that a value holds, if a constant defines it, or ops of nn on constants.
pub fn evaluate(
    registry: &Registry,
    ir: &Ir,
    value: ValueId,
    weights: &dyn Weights,
) -> Result<Rc<Tensor>, Diagnostic> {
    let Some(ops) = ops_of(ir, value) else {
        let error = Diagnostic::error("weights must be constants here");
        return Err(match ir.def_op(value).some() {
            None => error.help("an argument cannot be a weight: make it an nn.constant"),
            Some(op) => error.at(ir.position(op)).help(format!(
                "make it an nn.constant, or compute it from constants by at most {MAX_OPS} ops of nn"
            )),
        });
    };
    let mut known: FxHashMap<ValueId, Rc<Tensor>> = FxHashMap::default();
    for op in ops {
        let tensor = if ir.name_str(op) == views::Constant::NAME {
            constant_tensor(ir, op, weights)?
        } else {
            let operands: Vec<&Tensor> =
                ir.operands(op).filter_map(|operand| known.get(&operand).map(|tensor| &**tensor)).collect();
            Rc::new(kernels::evaluate(&Facts::new(registry, ir, op), &operands)?)
        };
        known.insert(ir.result(op, 0), tensor);
    }
    known.remove(&value).ok_or_else(|| Diagnostic::error("a constant is computed from itself"))
}

/// The ops of nn that compute a value from constants, each after those that it needs; `None` where something else takes
/// part, or more than [`MAX_OPS`].
fn ops_of(ir: &Ir, value: ValueId) -> Option<Vec<OpId>> {
    let computes = |op: &OpId| {
        let folds = ir.operand_count(*op) > 0 && ir.has_trait(*op, Traits::PURE);
        ir.name_str(*op) == views::Constant::NAME || folds && ir.name_str(*op).starts_with("nn.")
    };
    let defined = |value| ir.def_op(value).some().filter(computes);
    let first = defined(value)?;
    let (mut ops, mut seen) = (Vec::new(), FxHashSet::from_iter([first]));
    // Each op on the way, with the operand that is looked at next.
    let mut path = vec![(first, 0)];
    while let Some((op, next)) = path.last_mut() {
        if *next == ir.operand_count(*op) {
            ops.push(*op);
            path.pop();
            continue;
        }
        let def = defined(ir.operand(*op, *next))?;
        *next += 1;
        if seen.insert(def) {
            path.push((def, 0));
        }
        if seen.len() > MAX_OPS {
            return None;
        }
    }
    Some(ops)
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

/// Whether a constant defines the value, or ops of nn on constants.
pub fn is_constant(ir: &Ir, value: ValueId) -> bool {
    ops_of(ir, value).is_some()
}
