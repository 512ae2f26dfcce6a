//! What packed ops do. A packed value and a plaintext vector are tensors of one element a slot at run time.

use std::rc::Rc;

use he_core::exec::tensor::Tensor;
use he_core::exec::{KernelContext, Kernels, RuntimeValue};
use he_core::ir::{AttrKind, Type};
use he_core::support::Diagnostic;

use super::layout::Layout;
use super::matrix::Matrix;

type Outcome = Result<Vec<RuntimeValue>, Diagnostic>;

fn done(tensor: Tensor) -> Outcome {
    Ok(vec![Rc::new(tensor)])
}

fn layout(context: &KernelContext<'_>, ty: Type) -> Result<Layout, Diagnostic> {
    Layout::of(context.ir, ty).ok_or_else(|| context.error("expected a packed type"))
}

/// The layout in a type attribute of the op.
fn layout_attr(context: &KernelContext<'_>, name: &str) -> Result<Layout, Diagnostic> {
    let attr = context.ir.attr_named(context.op, name);
    match attr.map(|attr| context.ir.ctx.attr_kind(attr)) {
        Some(AttrKind::Type(ty)) => layout(context, *ty),
        _ => Err(context.error(format!("needs the layout '{name}'"))),
    }
}

fn result_layout(context: &KernelContext<'_>) -> Result<Layout, Diagnostic> {
    layout(context, context.ir.ty(context.ir.result(context.op, 0)))
}

fn operand_layout(context: &KernelContext<'_>) -> Result<Layout, Diagnostic> {
    layout(context, context.ir.ty(context.ir.operand(context.op, 0)))
}

fn unary(context: &KernelContext<'_>, values: &[RuntimeValue], f: impl Fn(f64) -> f64) -> Outcome {
    done(context.operand::<Tensor>(values, 0)?.map(f))
}

fn binary(context: &KernelContext<'_>, values: &[RuntimeValue], f: impl Fn(f64, f64) -> f64) -> Outcome {
    let (a, b) = (context.operand::<Tensor>(values, 0)?, context.operand::<Tensor>(values, 1)?);
    done(a.zip_with(b, f).map_err(|why| context.error(why))?)
}

/// `x` rotated left by `by` slots.
pub fn rotate(x: &Tensor, by: i64) -> Tensor {
    let mut data = x.data.clone();
    if !data.is_empty() {
        let by = by.rem_euclid(data.len() as i64) as usize;
        data.rotate_left(by);
    }
    Tensor { shape: x.shape.clone(), data }
}

/// An operand that is a tensor, without a copy of its elements.
fn shared_tensor(
    context: &KernelContext<'_>,
    values: &[RuntimeValue],
    index: usize,
) -> Result<Rc<Tensor>, Diagnostic> {
    context.operand::<Tensor>(values, index)?;
    values[index].clone().downcast().map_err(|_| context.error("needs a tensor"))
}

fn linear(context: &mut KernelContext<'_>, values: &[RuntimeValue]) -> Outcome {
    let (x, weight) = (context.operand::<Tensor>(values, 0)?, shared_tensor(context, values, 1)?);
    let (input, output) = (operand_layout(context)?, result_layout(context)?);
    let matrix = Matrix { weight, input, output, wrapped: false };
    let slots = matrix.output.slots;
    let mut sum = vec![0.0; slots];
    for d in matrix.nonzero_diagonals() {
        let diagonal = matrix.diagonal_slots(d, 0);
        for (slot, total) in sum.iter_mut().enumerate() {
            *total += diagonal.data[slot] * x.data[(slot + d) % slots];
        }
    }
    done(Tensor { shape: vec![slots], data: sum })
}

/// Registers the kernels.
pub fn register(kernels: &mut Kernels) {
    kernels.add("packed.pack", |c, v| done(result_layout(c)?.pack(c.operand::<Tensor>(v, 0)?)));
    kernels.add("packed.unpack", |c, v| done(operand_layout(c)?.unpack(c.operand::<Tensor>(v, 0)?)));
    kernels.add("packed.to_plain", |c, v| done(layout_attr(c, "layout")?.pack(c.operand::<Tensor>(v, 0)?)));
    kernels
        .add("packed.from_plain", |c, v| done(layout_attr(c, "layout")?.unpack(c.operand::<Tensor>(v, 0)?)));
    kernels.add("packed.linear", linear);
    kernels.add("packed.matrix", |c, v| {
        let weight = shared_tensor(c, v, 0)?;
        let wrapped =
            c.registry.attr_or_default(c.ir, c.op, "wrapped").and_then(|a| c.ir.ctx.as_i64(a)) == Some(1);
        let (input, output) = (layout_attr(c, "input")?, layout_attr(c, "output")?);
        if weight.shape.len() != 2 {
            return Err(c.error("the weight must have two dimensions"));
        }
        Ok(vec![Rc::new(Matrix { weight, input, output, wrapped })])
    });
    kernels.add("packed.diagonal", |c, v| {
        let matrix = c.operand::<Matrix>(v, 0)?;
        let size =
            |value: i64| usize::try_from(value).map_err(|_| c.error("index and shift are not negative"));
        done(matrix.diagonal_slots(size(c.int("index")?)?, size(c.int("shift")?)?))
    });
    kernels.add("packed.add", |c, v| binary(c, v, |a, b| a + b));
    kernels.add("packed.sub", |c, v| binary(c, v, |a, b| a - b));
    kernels.add("packed.mul", |c, v| binary(c, v, |a, b| a * b));
    kernels.add("packed.neg", |c, v| unary(c, v, |a| -a));
    kernels.add("packed.mul_plain", |c, v| binary(c, v, |a, b| a * b));
    kernels.add("packed.add_plain", |c, v| binary(c, v, |a, b| a + b));
    kernels.add("packed.mul_scalar", |c, v| {
        let value = c.float("value")?;
        unary(c, v, |a| a * value)
    });
    kernels.add("packed.add_scalar", |c, v| {
        let value = c.float("value")?;
        unary(c, v, |a| a + value)
    });
    kernels.add("packed.rotate", |c, v| done(rotate(c.operand::<Tensor>(v, 0)?, c.int("by")?)));
    kernels.add("packed.relabel", |_, v| Ok(vec![v[0].clone()]));
}
