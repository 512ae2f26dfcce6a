//! The packed dialect: encrypted tensors as slot vectors.

pub mod blocks;
pub mod kernels;
pub mod layout;
pub mod matrix;
pub mod plan;

use std::rc::Rc;

use he_core::exec::tensor::Tensor;
use he_core::ir::{AttrKind, Ir, OpId, ValueId};
use he_core::support::Diagnostic;

use layout::Layout;

/// Typed views of the dialect's ops, generated from its `.dialect` file.
pub mod views {
    include!(concat!(env!("OUT_DIR"), "/packed_views.rs"));
}

/// The dialect.
pub const DIALECT: crate::Dialect = crate::Dialect {
    name: "packed",
    schema: shipped!("packed.dialect"),
    rules: Some(shipped!("packed.rules")),
    hooks: |registry| {
        registry.native_verify("packed.linear", |_, ir, op| verify_linear(ir, op));
        registry.native_verify("packed.matrix", |_, ir, op| verify_matrix(ir, op));
        registry.native_verify("packed.block", |_, ir, op| verify_block(ir, op));
        registry.native_verify("packed.concat", |_, ir, op| verify_concat(ir, op));
    },
    kernels: kernels::register,
    passes: |_| Ok(()),
    sample: |ir, ty, next| {
        if ir.ctx.type_text(ty) == "!packed.matrix" {
            return sample_matrix(next);
        }
        let slots = Layout::of(ir, ty)?.slots;
        let tensor = Tensor::new(vec![slots], (0..slots).map(|_| next()).collect());
        Some(Rc::new(tensor.ok()?))
    },
    numbers: |_| None,
};

/// A matrix of 8 by 8 between vectors of 8 slots.
fn sample_matrix(next: &mut dyn FnMut() -> f64) -> Option<he_core::exec::RuntimeValue> {
    let layout = Layout::dense(&[1, 8], layout::Order::RowMajor, 8)?;
    let weight = Tensor::new(vec![8, 8], (0..64).map(|_| next()).collect()).ok()?;
    Some(Rc::new(matrix::Matrix::whole(Rc::new(weight), layout.clone(), layout, false)))
}

/// The weight of a linear layer maps the last dimension of the operands to that of the results, block by block.
fn verify_linear(ir: &Ir, op: OpId) -> Result<(), Diagnostic> {
    let linear = views::Linear(op);
    let (weight, _) = ir.ctx.shaped(ir.ty(linear.weight(ir)));
    let layouts = |values: Vec<ValueId>| {
        values.iter().map(|value| Layout::of(ir, ir.ty(*value))).collect::<Option<Vec<_>>>()
    };
    let (Some(inputs), Some(outputs)) = (layouts(linear.inputs(ir)), layouts(ir.results(op).collect()))
    else {
        return Ok(());
    };
    let error = |text: String| Diagnostic::error(format!("'packed.linear' op: {text}")).at(ir.position(op));
    let (Some(first), false) = (inputs.first(), outputs.is_empty()) else {
        return Err(error("it maps at least one vector to at least one".to_owned()));
    };
    let columns = |blocks: &[Layout]| blocks.iter().map(|block| blocks::width(block) as i64).sum::<i64>();
    let rows = |layout: &Layout| layout.shape.iter().rev().skip(1).product::<usize>();
    let alike = |layout: &Layout| rows(layout) == rows(first) && layout.slots == first.slots;
    if weight != [columns(&outputs), columns(&inputs)] || !inputs.iter().chain(&outputs).all(alike) {
        let shapes = |blocks: &[Layout]| {
            let shapes: Vec<_> = blocks.iter().map(|block| format!("{:?}", block.shape)).collect();
            shapes.join(", ")
        };
        let (from, to) = (shapes(&inputs), shapes(&outputs));
        return Err(error(format!("a weight of shape {weight:?} does not map {from} to {to}")));
    }
    let plan = ir.attr_named(op, "plan").and_then(|attr| plan::Plan::of(ir, attr));
    if let Some(plan::Plan::Replicated { folds, wraps, .. }) = plan {
        for (input, output) in
            inputs.iter().flat_map(|input| outputs.iter().map(move |output| (input, output)))
        {
            plan::Geometry::new(input, output, &folds, &wraps)
                .map_err(|why| error(format!("the plan does not fit: {why}")))?;
        }
    }
    Ok(())
}

/// A piece lies within the weights.
fn verify_matrix(ir: &Ir, op: OpId) -> Result<(), Diagnostic> {
    let (weight, _) = ir.ctx.shaped(ir.ty(views::Matrix(op).weight(ir)));
    let width = |name: &str| match ir.attr_named(op, name).map(|attr| ir.ctx.attr_kind(attr)) {
        Some(AttrKind::Type(ty)) => Layout::of(ir, *ty).map(|layout| blocks::width(&layout) as i64),
        _ => None,
    };
    let (Some(outputs), Some(inputs)) = (width("output"), width("input")) else { return Ok(()) };
    let (row, column) = (views::Matrix(op).row(ir).unwrap_or(0), views::Matrix(op).column(ir).unwrap_or(0));
    let within =
        |first: i64, count: i64, all: i64| first >= 0 && all >= 0 && first.saturating_add(count) <= all;
    match weight[..] {
        [rows, columns] if within(row, outputs, rows) && within(column, inputs, columns) => Ok(()),
        _ => {
            let text = format!(
                "'packed.matrix' op: a weight of shape {weight:?} has no {outputs} rows and {inputs} columns from \
                 row {row} and column {column} on"
            );
            Err(Diagnostic::error(text).at(ir.position(op)))
        }
    }
}

/// A block lies within the last dimension, and has all of the others.
fn verify_block(ir: &Ir, op: OpId) -> Result<(), Diagnostic> {
    let shape = |value| ir.ctx.shaped(ir.ty(value)).0;
    let (from, to) = (shape(views::Block(op).input(ir)), shape(ir.result(op, 0)));
    let start = views::Block(op).start(ir).unwrap_or(0);
    match (from.split_last(), to.split_last()) {
        (Some((all, leading)), Some((width, same)))
            if leading == same && *width >= 0 && start >= 0 && start.saturating_add(*width) <= *all =>
        {
            Ok(())
        }
        _ => {
            let text = format!("'packed.block' op: {to:?} from {start} on is no block of {from:?}");
            Err(Diagnostic::error(text).at(ir.position(op)))
        }
    }
}

/// Blocks have one leading dimension each, and the result has their last ones together.
fn verify_concat(ir: &Ir, op: OpId) -> Result<(), Diagnostic> {
    let shape = |value| ir.ctx.shaped(ir.ty(value)).0;
    let result = shape(ir.result(op, 0));
    let mut columns: i64 = 0;
    let mut alike = true;
    for input in ir.operands(op) {
        let own = shape(input);
        let last = own.split_last();
        alike &= last.zip(result.split_last()).is_some_and(|((_, own), (_, leading))| own == leading);
        columns = columns.saturating_add(last.map_or(0, |(width, _)| *width));
    }
    if alike && result.last() == Some(&columns) {
        return Ok(());
    }
    let text = format!("'packed.concat' op: the operands side by side are not of shape {result:?}");
    Err(Diagnostic::error(text).at(ir.position(op)))
}

#[cfg(test)]
mod kernels_tests;
