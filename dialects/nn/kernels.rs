//! Kernels: what each op computes, in double precision, on [`Tensor`]s.

use std::rc::Rc;

use he_core::exec::tensor::Tensor;
use he_core::exec::{KernelContext, Kernels, RuntimeValue};
use he_core::support::Diagnostic;

use super::constant::constant_tensor;
use super::facts::Facts;
use super::reference as r;
use crate::parallel::map_rows;

/// Registers the kernels: one for all ops, which goes by the op's name.
pub fn register(kernels: &mut Kernels) {
    kernels.add_dialect("nn", run);
}

fn run(context: &mut KernelContext<'_>, operands: &[RuntimeValue]) -> Result<Vec<RuntimeValue>, Diagnostic> {
    let facts = Facts::new(context.registry, context.ir, context.op);
    if facts.short_name() == "constant" {
        return Ok(vec![constant_tensor(context.ir, context.op, context.weights)?]);
    }
    let tensors: Vec<&Tensor> =
        (0..operands.len()).map(|index| context.operand(operands, index)).collect::<Result<_, _>>()?;
    Ok(vec![Rc::new(evaluate(&facts, &tensors)?)])
}

/// The result of an op that is not a constant.
pub fn evaluate(facts: &Facts<'_>, operands: &[&Tensor]) -> Result<Tensor, Diagnostic> {
    let get = |index: usize| {
        operands.get(index).copied().ok_or_else(|| facts.error(format_args!("needs operand #{index}")))
    };
    let optional = |index: usize| operands.get(index).copied();
    if let Some(activation) = facts.activation() {
        return Ok(get(0)?.map(|x| activation.eval(x)));
    }
    let result = match facts.short_name() {
        "linear" => r::linear(get(0)?, get(1)?, optional(2)),
        "affine" => {
            let (factor, offset) = (facts.float("factor")?, facts.float("offset")?);
            let x = get(0)?;
            // Weights are folded so, each time that they are looked at.
            let data = map_rows(x.data.len(), 1, |at| factor * x.data[at] + offset);
            Ok(Tensor { shape: x.shape.clone(), data })
        }
        "shifted_bias" => r::shifted_bias(get(0)?, optional(1), facts.float("offset")?),
        "matmul" => r::matmul(get(0)?, get(1)?),
        "conv2d" => r::conv2d(get(0)?, get(1)?, optional(2), &facts.conv2d()?),
        "batch_norm" => {
            r::batch_norm(get(0)?, optional(3), optional(4), get(1)?, get(2)?, facts.float("eps")?)
        }
        "layer_norm" => {
            r::layer_norm(get(0)?, &facts.normalized_shape()?, optional(1), optional(2), facts.float("eps")?)
        }
        "softmax" => r::softmax(get(0)?, facts.int("dim")?),
        "attention" => r::attention(get(0)?, get(1)?, get(2)?, facts.optional_float("scale")),
        "add" => r::add(get(0)?, get(1)?),
        "sub" => r::sub(get(0)?, get(1)?),
        "mul" => r::mul(get(0)?, get(1)?),
        "neg" => Ok(r::neg(get(0)?)),
        "concat" => r::concat(operands, facts.int("dim")?),
        _ => return rearrange(facts, get(0)?),
    };
    result.map_err(|why| facts.shape_error(why))
}

/// The ops that move, sum or average the elements of one operand. They are linear but for the padding's value, and
/// non-decreasing in every element.
pub(super) fn rearrange(facts: &Facts<'_>, x: &Tensor) -> Result<Tensor, Diagnostic> {
    let result = match facts.short_name() {
        "avg_pool2d" => r::avg_pool2d(x, &facts.pool2d()?),
        "global_avg_pool" => r::global_avg_pool(x),
        "reshape" => r::reshape(x, &facts.ints("shape")),
        "transpose" => r::transpose(x, facts.int("dim0")?, facts.int("dim1")?),
        "slice" => {
            let (start, end) = (facts.int("start")?, facts.optional_int("end"));
            r::slice(x, facts.int("dim")?, start, end, facts.int("step")?)
        }
        "pad" => r::pad(x, &facts.ints("pad"), facts.float("value")?),
        "reduce_mean" => r::reduce_mean(x, &facts.ints("dim"), facts.flag("keepdim")),
        "reduce_sum" => r::reduce_sum(x, &facts.ints("dim"), facts.flag("keepdim")),
        name => return Err(facts.error(format_args!("has no kernel of the name '{name}'"))),
    };
    result.map_err(|why| facts.shape_error(why))
}
