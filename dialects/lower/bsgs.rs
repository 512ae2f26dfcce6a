//! Baby-step giant-step (Shanks; for plaintext matrices: Halevi and Shoup, "Faster homomorphic linear
//! transformations in HElib", 2018): about 2√D rotations for D diagonals.
//!
//! ```text
//! %1 = packed.linear %0, %w : …
//! // becomes
//! %1 = packed.linear %0, %w {plan = #packed.plan<method = bsgs, baby = 8>} : …
//! ```
//!
//! In Rust because the best number of baby steps is a search over the diagonals that are not zero.

use he_core::ir::{Ir, ValueId};
use he_core::pass::{OptionDef, OptionKind, PassContext, PassDef, StageRange};
use he_core::support::{Diagnostic, Diagnostics};

use super::constants;
use crate::packed::blocks::{BlockMatrix, width};
use crate::packed::layout::Layout;
use crate::packed::plan::Plan;
use crate::packed::views;

/// The pass `bsgs`.
pub fn pass() -> PassDef {
    PassDef {
        name: "bsgs".into(),
        doc: "Plans linear layers by baby-step giant-step".into(),
        options: vec![OptionDef {
            name: "min-size",
            kind: OptionKind::Int { min: 1, max: 1 << 20 },
            default: "16",
            doc: "smallest input size of a layer that is planned",
        }],
        stages: Some(StageRange { first: 2, last: 2, result: None }),
        run: Box::new(run),
    }
}

fn run(context: &mut PassContext<'_>, ir: &mut Ir) -> Result<(), Diagnostics> {
    let min_size = context.options.int("min-size") as usize;
    let linears: Vec<_> = ir.all_ops().into_iter().filter_map(|op| views::Linear::cast(ir, op)).collect();
    let (mut planned, mut largest) = (0, 0);
    for linear in &linears {
        let layouts = |values: Vec<ValueId>| {
            values.iter().map(|value| Layout::of(ir, ir.ty(*value))).collect::<Option<Vec<_>>>()
        };
        let (Some(from), Some(to)) = (layouts(linear.inputs(ir)), layouts(ir.results(linear.0).collect()))
        else {
            continue;
        };
        let inputs: usize = from.iter().map(width).sum();
        if inputs < min_size {
            largest = largest.max(inputs);
            let text =
                format!("bsgs: layer with {inputs} inputs left alone: smaller than min-size {min_size}");
            context.remarks.push(Diagnostic::remark(text).at(ir.position(linear.0)));
            continue;
        }
        planned += 1;
        let baby = baby_steps(context, ir, *linear, from, to).map_err(|error| vec![error])?;
        let plan = Plan::Bsgs { baby }.to_attr(ir);
        ir.set_attr(linear.0, "plan", Some(plan));
    }
    if planned < linears.len() {
        let all = linears.len();
        let text = format!(
            "bsgs: {planned} of {all} layers at least min-size {min_size}; largest left alone {largest}"
        );
        context.remarks.push(Diagnostic::remark(text));
    }
    Ok(())
}

fn baby_steps(
    context: &PassContext<'_>,
    ir: &Ir,
    linear: views::Linear,
    inputs: Vec<Layout>,
    outputs: Vec<Layout>,
) -> Result<usize, Diagnostic> {
    let weight = constants::zeros(&context.session.registry, ir, linear.weight(ir), context.weights)?;
    let matrix = BlockMatrix { weight, inputs, outputs };
    Ok(matrix.diagonals(false).best_baby())
}
