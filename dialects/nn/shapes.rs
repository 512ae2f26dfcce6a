//! The shape of each op's result, and the hooks that check and infer it.

use he_core::ir::{Ir, OpId, Type, TypeKind};
use he_core::schema::Registry;
use he_core::support::Diagnostic;

use super::constant::verify_constant;
use super::facts::Facts;
use super::reference as r;

type Shape = Vec<usize>;

/// The shape of an op's result, from its operands and attributes.
pub fn result_shape(facts: &Facts<'_>) -> Result<Shape, Diagnostic> {
    let operands = facts.operand_shapes()?;
    let shapes: Vec<&[usize]> = operands.iter().map(Vec::as_slice).collect();
    let get = |index: usize| {
        shapes.get(index).copied().ok_or_else(|| facts.error(format_args!("needs operand #{index}")))
    };
    let optional = |index: usize| shapes.get(index).copied();
    let shape = match facts.short_name() {
        "linear" => r::shape_of_linear(get(0)?, get(1)?, optional(2)),
        "shifted_bias" => r::shape_of_shifted_bias(get(0)?, optional(1)),
        "matmul" => r::shape_of_matmul(get(0)?, get(1)?),
        "conv2d" => r::shape_of_conv2d(get(0)?, get(1)?, optional(2), &facts.conv2d()?),
        "avg_pool2d" => r::shape_of_avg_pool2d(get(0)?, &facts.pool2d()?),
        "global_avg_pool" => r::shape_of_global_avg_pool(get(0)?),
        "batch_norm" => r::shape_of_batch_norm(get(0)?, optional(3), optional(4), get(1)?, get(2)?),
        "layer_norm" => r::shape_of_layer_norm(get(0)?, &facts.normalized_shape()?, optional(1), optional(2)),
        "softmax" => r::shape_of_softmax(get(0)?, facts.int("dim")?),
        "attention" => r::shape_of_attention(get(0)?, get(1)?, get(2)?),
        "add" | "sub" | "mul" => r::shape_of_binary(get(0)?, get(1)?),
        "reshape" => r::shape_of_reshape(get(0)?, &facts.ints("shape")),
        "transpose" => r::shape_of_transpose(get(0)?, facts.int("dim0")?, facts.int("dim1")?),
        "concat" => r::shape_of_concat(&shapes, facts.int("dim")?),
        "slice" => {
            let (start, end) = (facts.int("start")?, facts.optional_int("end"));
            r::shape_of_slice(get(0)?, facts.int("dim")?, start, end, facts.int("step")?)
                .map(|(shape, _)| shape)
        }
        "pad" => r::shape_of_pad(get(0)?, &facts.ints("pad")),
        "reduce_mean" | "reduce_sum" => {
            r::shape_of_reduce(get(0)?, &facts.ints("dim"), facts.flag("keepdim")).map(|(shape, _)| shape)
        }
        _ => r::shape_of_unary(get(0)?),
    };
    shape.map_err(|why| facts.shape_error(why))
}

fn element(ir: &Ir, ty: Type) -> Type {
    match ir.ctx.type_kind(ty) {
        TypeKind::Tensor { element, .. } => *element,
        _ => Type::NONE,
    }
}

/// `tensor<2x3xf32>`, for messages.
fn type_text(ir: &Ir, shape: &[usize], element: Type) -> String {
    let sizes: String = shape.iter().map(|size| format!("{size}x")).collect();
    format!("tensor<{sizes}{}>", ir.ctx.type_text(element))
}

/// The `native verify` of every op: element types agree, and the result has the shape that follows.
pub fn verify(registry: &Registry, ir: &Ir, op: OpId) -> Result<(), Diagnostic> {
    let facts = Facts::new(registry, ir, op);
    let result = ir.result(op, 0);
    let found = facts.shape_of(result)?;
    if facts.short_name() == "constant" {
        return verify_constant(&facts, &found);
    }
    let expected = result_shape(&facts)?;
    let Some(first) = ir.operands(op).next() else { return Err(facts.error("needs an operand")) };
    let wanted = element(ir, ir.ty(first));
    for (index, operand) in ir.operands(op).enumerate() {
        if element(ir, ir.ty(operand)) != wanted {
            let (one, other) = (ir.ctx.type_text(ir.ty(first)), ir.ctx.type_text(ir.ty(operand)));
            let text =
                format!("operands must have one element type, but #0 is {one} and #{index} is {other}");
            return Err(facts.error(text));
        }
    }
    if expected != found || element(ir, ir.ty(result)) != wanted {
        let expected = type_text(ir, &expected, wanted);
        let text = format!("result should be {expected}, but is {}", ir.ctx.type_text(ir.ty(result)));
        return Err(facts.error(text));
    }
    verify_activation(&facts)
}

fn verify_activation(facts: &Facts<'_>) -> Result<(), Diagnostic> {
    if facts.activation().is_none() {
        return Ok(());
    }
    domain(facts)?;
    match facts.optional_int("degree") {
        Some(degree) if !(1..=63).contains(&degree) => {
            Err(facts.error(format_args!("'degree' is {degree}, but it must be from 1 to 63")))
        }
        _ => Ok(()),
    }
}

/// The `domain` attribute of an activation: two finite numbers in increasing order.
pub fn domain(facts: &Facts<'_>) -> Result<Option<(f64, f64)>, Diagnostic> {
    let Some(attr) = facts.attr("domain") else { return Ok(None) };
    let ctx = &facts.ir.ctx;
    let number = |attr| ctx.as_f64(attr).or(ctx.as_i64(attr).map(|i| i as f64));
    let numbers: Option<Vec<f64>> =
        ctx.as_array(attr).and_then(|items| items.iter().map(|item| number(*item)).collect());
    match numbers.as_deref() {
        Some([lo, hi]) if lo.is_finite() && hi.is_finite() && lo < hi => Ok(Some((*lo, *hi))),
        _ => {
            let text = ctx.attr_text(attr);
            Err(facts.error(format_args!("'domain' must be two numbers in increasing order, not {text}")))
        }
    }
}

/// The `native infer` of every op whose result is not its operand's type.
pub fn infer(registry: &Registry, ir: &mut Ir, op: OpId) -> Result<Vec<Type>, Diagnostic> {
    let shape = result_shape(&Facts::new(registry, ir, op))?;
    let Some(first) = ir.operands(op).next() else {
        return Err(Facts::new(registry, ir, op).error("needs an operand"));
    };
    let element = element(ir, ir.ty(first));
    let sizes: Vec<i64> = shape.iter().map(|size| i64::try_from(*size).unwrap_or(i64::MAX)).collect();
    Ok(vec![ir.ctx.tensor_type(&sizes, element)])
}
