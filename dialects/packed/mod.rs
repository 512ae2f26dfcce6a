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
        for op in ["packed.pack", "packed.to_plain"] {
            registry
                .native_verify(op, |_, ir, op| verify_packing(ir, op, ir.operand(op, 0), ir.result(op, 0)));
        }
        for op in ["packed.unpack", "packed.from_plain"] {
            registry
                .native_verify(op, |_, ir, op| verify_packing(ir, op, ir.result(op, 0), ir.operand(op, 0)));
        }
        registry.native_verify("packed.matrix", |_, ir, op| verify_matrix(ir, op));
        registry.native_verify("packed.block", |_, ir, op| verify_block(ir, op));
        registry.native_verify("packed.concat", |_, ir, op| verify_concat(ir, op));
        registry.native_verify("packed.spread", |_, ir, op| verify_spread(ir, op));
    },
    kernels: kernels::register,
    passes: |_| Ok(()),
    sample: |ir, ty, next| {
        if ir.ctx.type_text(ty) == "!packed.matrix" {
            return sample_matrix(slots_of_diagonals(ir), next);
        }
        let slots = Layout::of(ir, ty)?.slots;
        let tensor = Tensor::new(vec![slots], (0..slots).map(|_| next()).collect());
        Some(Rc::new(tensor.ok()?))
    },
    numbers: |_| None,
};

/// The slots of a program whose matrices are arguments: as many as the diagonals that it uses have; 8 if it uses none.
fn slots_of_diagonals(ir: &Ir) -> usize {
    let used = |op: &OpId| ir.name_str(*op) == views::Diagonal::NAME && !ir.is_unused(ir.result(*op, 0));
    let diagonal = ir.all_ops().into_iter().find(used);
    let shape = diagonal.map_or_else(Vec::new, |op| ir.ctx.shaped(ir.ty(ir.result(op, 0))).0);
    shape.first().and_then(|slots| usize::try_from(*slots).ok()).unwrap_or(8)
}

/// A matrix of 8 by 8 between vectors of so many slots.
fn sample_matrix(slots: usize, next: &mut dyn FnMut() -> f64) -> Option<he_core::exec::RuntimeValue> {
    let layout = Layout::dense(&[1, 8], layout::Order::RowMajor, slots)?;
    let weight = Tensor::new(vec![8, 8], (0..64).map(|_| next()).collect()).ok()?;
    Some(Rc::new(matrix::Matrix::whole(Rc::new(weight), layout.clone(), layout)))
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
    let Some(plan::Plan::Replicated { folds, wraps, .. }) =
        linear.plan(ir).and_then(|attr| plan::Plan::of(ir, attr))
    else {
        return Ok(());
    };
    for (input, output) in inputs.iter().flat_map(|input| outputs.iter().map(move |output| (input, output))) {
        plan::Geometry::new(input, output, &folds, &wraps).map_err(|why| {
            error(format!("the plan does not fit: {why}"))
                .help("method = bsgs, and no plan, fit any two layouts")
        })?;
    }
    Ok(())
}

/// The tensor has the layout's shape, where a plaintext is packed at least its trailing dimensions; the plaintext vector has
/// its slots.
fn verify_packing(ir: &Ir, op: OpId, tensor: ValueId, packed: ValueId) -> Result<(), Diagnostic> {
    let named = ir.attr_named(op, "layout").map(|attr| ir.ctx.attr_kind(attr));
    let ty = if let Some(AttrKind::Type(ty)) = named { *ty } else { ir.ty(packed) };
    let Some(layout) = Layout::of(ir, ty) else { return Ok(()) };
    let error = |text: String| {
        Err(Diagnostic::error(format!("'{}' op: {text}", ir.name_str(op))).at(ir.position(op)))
    };
    let sizes = |shape: &[usize]| shape.iter().map(|size| *size as i64).collect::<Vec<_>>();
    let (shape, wanted) = (ir.ctx.shaped(ir.ty(tensor)).0, sizes(&layout.shape));
    let is_broadcast = ir.name_str(op) == views::ToPlain::NAME && {
        let ones = shape.iter().take_while(|size| **size == 1).count();
        wanted.ends_with(&shape[ones..])
    };
    if shape != wanted && !is_broadcast {
        return error(format!("a tensor of shape {shape:?} is not what a layout of shape {wanted:?} holds"));
    }
    let slots = ir.ctx.shaped(ir.ty(packed)).0;
    if Layout::of(ir, ir.ty(packed)).is_none() && slots != sizes(&[layout.slots]) {
        return error(format!(
            "a plaintext of shape {slots:?} does not have the {} slots of the layout",
            layout.slots
        ));
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

/// A block lies within the first and the last dimension, and has all of the others.
fn verify_block(ir: &Ir, op: OpId) -> Result<(), Diagnostic> {
    let shape = |value| ir.ctx.shaped(ir.ty(value)).0;
    let (from, to) = (shape(views::Block(op).input(ir)), shape(ir.result(op, 0)));
    let (row, start) = (views::Block(op).row(ir).unwrap_or(0), views::Block(op).start(ir).unwrap_or(0));
    let within =
        |start: i64, count: i64, all: i64| count >= 0 && start >= 0 && start.saturating_add(count) <= all;
    let is_block = match (&from[..], &to[..]) {
        ([all], [width]) => row == 0 && within(start, *width, *all),
        ([rows, between @ .., all], [count, same @ .., width]) => {
            let has_rows = (row, *count) == (0, *rows) || within(row, *count, *rows);
            between == same && has_rows && within(start, *width, *all)
        }
        _ => false,
    };
    if is_block {
        return Ok(());
    }
    let place = if row == 0 { String::new() } else { format!("row {row} and ") };
    let text = format!("'packed.block' op: {to:?} from {place}{start} on is no block of {from:?}");
    Err(Diagnostic::error(text).at(ir.position(op)))
}

/// Blocks stand side by side until the columns of the result are full, then in the rows below; they have its other
/// dimensions.
fn verify_concat(ir: &Ir, op: OpId) -> Result<(), Diagnostic> {
    let shape = |value| ir.ctx.shaped(ir.ty(value)).0;
    let result = shape(ir.result(op, 0));
    let parts: Vec<Vec<i64>> = ir.operands(op).map(shape).collect();
    if fill(&result, &parts) {
        return Ok(());
    }
    let text = format!("'packed.concat' op: the operands side by side are not of shape {result:?}");
    Err(Diagnostic::error(text).at(ir.position(op)))
}

/// The result has as many copies as the groups multiply to.
fn verify_spread(ir: &Ir, op: OpId) -> Result<(), Diagnostic> {
    let layout = |value| Layout::of(ir, ir.ty(value));
    let spread = views::Spread(op);
    let (Some(from), Some(to)) = (layout(spread.input(ir)), layout(ir.result(op, 0))) else { return Ok(()) };
    let groups = spread.groups(ir).map_or_else(Vec::new, |groups| plan::sizes(ir, groups));
    let copies = groups.iter().try_fold(1usize, |all, size| all.checked_mul(*size));
    if copies == Some(to.repeat) && from.repeat == 1 {
        return Ok(());
    }
    let (before, after) = (from.repeat, to.repeat);
    let text = format!("'packed.spread' op: groups of {groups:?} do not make {after} copies of {before}");
    Err(Diagnostic::error(text).at(ir.position(op)))
}

/// Whether parts of these shapes, in the order of [`verify_concat`], are a whole of that one.
fn fill(whole: &[i64], parts: &[Vec<i64>]) -> bool {
    let Some((&columns, leading)) = whole.split_last() else { return false };
    let all_rows = leading.first().copied().unwrap_or(1);
    let (mut rows, mut filled, mut group) = (0i64, 0i64, 0i64);
    for part in parts {
        let Some((width, own)) = part.split_last() else { return false };
        let own_rows = own.first().copied().unwrap_or(1);
        if own.len() != leading.len() || own.iter().skip(1).ne(leading.iter().skip(1)) || *width < 0 {
            return false;
        }
        if filled == 0 {
            group = own_rows;
        }
        filled = filled.saturating_add(*width);
        if own_rows != group || filled > columns {
            return false;
        }
        if filled == columns {
            (rows, filled) = (rows.saturating_add(group), 0);
        }
    }
    filled == 0 && rows == all_rows
}

#[cfg(test)]
mod kernels_tests;
