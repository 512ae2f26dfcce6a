//! What packed ops do. A packed value and a plaintext vector are tensors of one element a slot at run time.

use std::rc::Rc;

use he_core::exec::tensor::Tensor;
use he_core::exec::{KernelContext, Kernels, RuntimeValue};
use he_core::ir::{AttrKind, Type};
use he_core::support::Diagnostic;

use super::blocks::width;
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

/// `y = x Wᵀ`, element by element: however a plan computes it.
fn linear(context: &mut KernelContext<'_>, values: &[RuntimeValue]) -> Outcome {
    let ir = context.ir;
    let count = values.len().saturating_sub(1);
    let weight = context.operand::<Tensor>(values, count)?;
    let columns = weight.shape.last().copied().unwrap_or(1).max(1);
    let operands = ir.operands(context.op).take(count).enumerate().map(|(index, value)| {
        let x = layout(context, ir.ty(value))?.unpack(context.operand::<Tensor>(values, index)?);
        Ok::<_, Diagnostic>(x)
    });
    let operands = operands.collect::<Result<Vec<_>, _>>()?;
    let mut weights = weight.data.chunks(columns);
    let mut results: Vec<RuntimeValue> = Vec::new();
    for value in ir.results(context.op) {
        let layout = layout(context, ir.ty(value))?;
        let weights: Vec<&[f64]> = weights.by_ref().take(width(&layout)).collect();
        let mut sums = vec![0.0; layout.count()];
        let mut first = 0;
        for x in &operands {
            let width = x.shape.last().copied().unwrap_or(1).max(1);
            for (sums, x) in sums.chunks_mut(weights.len().max(1)).zip(x.data.chunks(width)) {
                for (sum, weights) in sums.iter_mut().zip(&weights) {
                    let weights = weights.get(first..).unwrap_or(&[]);
                    *sum += x.iter().zip(weights).map(|(x, weight)| x * weight).sum::<f64>();
                }
            }
            first += width;
        }
        results.push(Rc::new(layout.pack(&Tensor { shape: layout.shape.clone(), data: sums })));
    }
    Ok(results)
}

/// The first slot of each element, in all of its copies.
fn spread(context: &mut KernelContext<'_>, values: &[RuntimeValue]) -> Outcome {
    let (x, layout) = (context.operand::<Tensor>(values, 0)?, result_layout(context)?);
    let at = |slot: usize| match layout.element_at(slot) {
        Some(_) => x.data[slot - slot % layout.period % layout.stride],
        None => 0.0,
    };
    done(Tensor { shape: x.shape.clone(), data: (0..x.data.len()).map(at).collect() })
}

/// The sizes of a result that is a static tensor.
fn result_shape(context: &KernelContext<'_>) -> Result<Vec<usize>, Diagnostic> {
    let (shape, _) = context.ir.ctx.shaped(context.ir.ty(context.ir.result(context.op, 0)));
    let sizes = shape.iter().map(|size| usize::try_from(*size).ok());
    sizes.collect::<Option<_>>().ok_or_else(|| context.error("needs a result of static shape"))
}

/// Columns of a tensor from `start` on, and rows of its first dimension from `row` on.
fn block(context: &mut KernelContext<'_>, values: &[RuntimeValue]) -> Outcome {
    let tensor = context.operand::<Tensor>(values, 0)?;
    let shape = result_shape(context)?;
    let (all, width) = (tensor.shape.last().copied().unwrap_or(1), shape.last().copied().unwrap_or(1));
    let rows: usize = shape.iter().rev().skip(1).product();
    let place = |name: &str| Ok::<_, Diagnostic>(usize::try_from(context.int(name)?).unwrap_or(usize::MAX));
    let (start, row) = (place("start")?, place("row")?);
    // Rows of all dimensions but the last.
    let above = tensor.shape.iter().rev().skip(1).rev().skip(1).product::<usize>().saturating_mul(row);
    let within =
        |start: usize, count: usize, all: usize| start.checked_add(count).is_some_and(|end| end <= all);
    if !within(start, width, all) || !within(above, rows, tensor.data.len() / all.max(1)) {
        return Err(context.error("reaches beyond the tensor"));
    }
    let rows = tensor.data.chunks(all.max(1)).skip(above).take(rows);
    let data = rows.flat_map(|row| row[start..start + width].iter().copied()).collect();
    done(Tensor::new(shape, data).map_err(|why| context.error(why))?)
}

/// Several tensors side by side until the columns are full, then in the rows below.
fn concat(context: &mut KernelContext<'_>, values: &[RuntimeValue]) -> Outcome {
    let shape = result_shape(context)?;
    let columns = shape.last().copied().unwrap_or(1);
    let mut data = Vec::with_capacity(shape.iter().product());
    let mut beside: Vec<&Tensor> = Vec::new();
    let width = |tensor: &Tensor| tensor.shape.last().copied().unwrap_or(1);
    for index in 0..values.len() {
        beside.push(context.operand::<Tensor>(values, index)?);
        if beside.iter().map(|tensor| width(tensor)).sum::<usize>() < columns {
            continue;
        }
        for row in 0..beside[0].data.len() / width(beside[0]).max(1) {
            for tensor in &beside {
                let width = width(tensor);
                data.extend_from_slice(tensor.data.get(row * width..(row + 1) * width).unwrap_or(&[]));
            }
        }
        beside.clear();
    }
    done(Tensor::new(shape, data).map_err(|why| context.error(why))?)
}

/// Registers the kernels.
pub fn register(kernels: &mut Kernels) {
    kernels.add("packed.pack", |c, v| done(result_layout(c)?.pack(c.operand::<Tensor>(v, 0)?)));
    kernels.add("packed.unpack", |c, v| done(operand_layout(c)?.unpack(c.operand::<Tensor>(v, 0)?)));
    kernels.add("packed.to_plain", |c, v| done(layout_attr(c, "layout")?.pack(c.operand::<Tensor>(v, 0)?)));
    kernels
        .add("packed.from_plain", |c, v| done(layout_attr(c, "layout")?.unpack(c.operand::<Tensor>(v, 0)?)));
    kernels.add("packed.block", block);
    kernels.add("packed.concat", concat);
    kernels.add("packed.linear", linear);
    kernels.add("packed.matrix", |c, v| {
        let weight = shared_tensor(c, v, 0)?;
        let (input, output) = (layout_attr(c, "input")?, layout_attr(c, "output")?);
        let place = |name: &str| Ok::<_, Diagnostic>(usize::try_from(c.int(name)?).unwrap_or(usize::MAX));
        let (row, column) = (place("row")?, place("column")?);
        let matrix = Matrix { weight, row, column, input, output };
        if !matrix.is_within() {
            return Err(c.error("the weight does not have this piece"));
        }
        Ok(vec![Rc::new(matrix)])
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
    kernels.add("packed.spread", spread);
    kernels.add("packed.relabel", |_, v| Ok(vec![v[0].clone()]));
}
