//! The packed dialect: encrypted tensors as slot vectors.

pub mod kernels;
pub mod layout;
pub mod matrix;
pub mod plan;

use std::rc::Rc;

/// Typed views of the dialect's ops, generated from its `.dialect` file.
pub mod views {
    include!(concat!(env!("OUT_DIR"), "/packed_views.rs"));
}

/// The dialect.
pub const DIALECT: crate::Dialect = crate::Dialect {
    name: "packed",
    schema: shipped!("packed.dialect"),
    rules: Some(shipped!("packed.rules")),
    hooks: |registry| registry.native_verify("packed.linear", |_, ir, op| verify_linear(ir, op)),
    kernels: kernels::register,
    passes: |_| Ok(()),
    sample: |ir, ty, next| {
        if ir.ctx.type_text(ty) == "!packed.matrix" {
            return sample_matrix(next);
        }
        let slots = layout::Layout::of(ir, ty)?.slots;
        let tensor = he_core::exec::tensor::Tensor::new(vec![slots], (0..slots).map(|_| next()).collect());
        Some(Rc::new(tensor.ok()?))
    },
    numbers: |_| None,
};

/// A matrix of 8 by 8 between vectors of 8 slots.
fn sample_matrix(next: &mut dyn FnMut() -> f64) -> Option<he_core::exec::RuntimeValue> {
    let layout = layout::Layout::dense(&[1, 8], layout::Order::RowMajor, 8)?;
    let weight = he_core::exec::tensor::Tensor::new(vec![8, 8], (0..64).map(|_| next()).collect()).ok()?;
    let (weight, input, output) = (Rc::new(weight), layout.clone(), layout);
    Some(Rc::new(matrix::Matrix { weight, input, output, wrapped: false }))
}

/// The weight of a linear layer maps the operand's last dimension to the result's.
fn verify_linear(ir: &he_core::ir::Ir, op: he_core::ir::OpId) -> Result<(), he_core::support::Diagnostic> {
    let linear = views::Linear(op);
    let (weight, _) = ir.ctx.shaped(ir.ty(linear.weight(ir)));
    let of = |ty| layout::Layout::of(ir, ty);
    let (Some(input), Some(output)) = (of(ir.ty(linear.input(ir))), of(ir.ty(ir.result(op, 0)))) else {
        return Ok(());
    };
    let last = |layout: &layout::Layout| layout.shape.last().map_or(1, |dim| *dim as i64);
    let rows = |layout: &layout::Layout| layout.shape.iter().rev().skip(1).product::<usize>();
    let fits = weight == [last(&output), last(&input)]
        && rows(&input) == rows(&output)
        && input.slots == output.slots;
    if fits {
        let plan = ir.attr_named(op, "plan").and_then(|attr| plan::Plan::of(ir, attr));
        return match plan {
            Some(plan::Plan::Replicated { folds, wraps, .. }) => {
                let geometry = plan::Geometry::new(&input, &output, &folds, &wraps);
                geometry.map(|_| ()).map_err(|why| {
                    let text = format!("'packed.linear' op: the plan does not fit: {why}");
                    he_core::support::Diagnostic::error(text).at(ir.position(op))
                })
            }
            _ => Ok(()),
        };
    }
    let text = format!(
        "'packed.linear' op: a weight of shape {weight:?} does not map {:?} to {:?}",
        input.shape, output.shape
    );
    Err(he_core::support::Diagnostic::error(text).at(ir.position(op)))
}

#[cfg(test)]
mod kernels_tests;
