//! `expand-poly`: polynomials on packed values become products and sums.
//!
//! ```text
//! %1 = poly.eval %0 {coefficients = [0.0, 0.0, 1.0], basis = "monomial", …} : …
//! // becomes
//! %1 = packed.mul %0, %0 : …
//! ```
//!
//! In Rust because the number of ops depends on the coefficients.

use he_core::ir::{Ir, OpId, OpSpec, Type, ValueId};
use he_core::pass::{OptionDef, OptionKind, PassContext, PassDef, StageRange};
use he_core::support::{Diagnostic, Diagnostics};

use crate::packed::layout::Layout;
use crate::packed::views;
use crate::poly::schedule::{Node, Schedule, Step, expand};

/// The pass `expand-poly`.
pub fn pass() -> PassDef {
    PassDef {
        name: "expand-poly".into(),
        doc: "Expands polynomials into multiplications and additions".into(),
        options: vec![OptionDef {
            name: "schedule",
            kind: OptionKind::Choice(&["horner", "paterson-stockmeyer", "min-depth", "auto"]),
            default: "min-depth",
            doc: "how powers are combined: fewest products, least depth, or least depth with the forms for folded coefficients",
        }],
        stages: Some(StageRange { first: 2, last: 2, result: None }),
        run: Box::new(run),
    }
}

fn run(context: &mut PassContext<'_>, ir: &mut Ir) -> Result<(), Diagnostics> {
    let schedule = context.options.text("schedule").unwrap_or("min-depth").parse::<Schedule>();
    let schedule = schedule.map_err(|why| vec![Diagnostic::error(why)])?;
    let evals: Vec<_> =
        ir.all_ops().into_iter().filter(|op| ir.name_str(*op) == crate::poly::views::Eval::NAME).collect();
    for op in evals {
        if Layout::of(ir, ir.ty(ir.operand(op, 0))).is_some() {
            expand_one(ir, op, schedule).map_err(|error| vec![error])?;
        }
    }
    Ok(())
}

fn expand_one(ir: &mut Ir, op: OpId, schedule: Schedule) -> Result<(), Diagnostic> {
    let polynomial = crate::poly::ops::polynomial_of(ir, op)?;
    let input = ir.operand(op, 0);
    let ty = ir.ty(ir.result(op, 0));
    let fill = Layout::of(ir, ir.ty(input)).map_or(0.0, |layout| layout.fill);
    let (lo, hi) = polynomial.domain;
    let program = expand(&polynomial, schedule, (lo.min(-fill), hi.max(fill)));
    // Values of the expansion share the result's layout: only its filling differs from the operand's.
    let mut values = vec![input];
    if ir.ty(input) != ty {
        let relabel = ir.ctx.op_name(views::Relabel::NAME);
        let loc = ir.loc(op);
        let op = OpSpec::new(relabel).operands(&[input]).results(&[ty]).loc(loc).build_before(ir, op);
        values[0] = ir.result(op, 0);
    }
    for (index, step) in program.steps.iter().enumerate() {
        let value = build_step(ir, op, *step, &values, ty, program.bounds[index + 1]);
        values.push(value);
    }
    let result = values[program.output.0];
    ir.replace_all_uses(ir.result(op, 0), result);
    ir.erase(op);
    Ok(())
}

fn build_step(ir: &mut Ir, anchor: OpId, step: Step, values: &[ValueId], ty: Type, bound: f64) -> ValueId {
    let at = |node: Node| values[node.0];
    let (name, operands, scalar) = match step {
        Step::Mul(a, b) => (views::Mul::NAME, vec![at(a), at(b)], None),
        Step::Add(a, b) => (views::Add::NAME, vec![at(a), at(b)], None),
        Step::Sub(a, b) => (views::Sub::NAME, vec![at(a), at(b)], None),
        Step::Neg(a) => (views::Neg::NAME, vec![at(a)], None),
        Step::MulScalar(a, value) => (views::MulScalar::NAME, vec![at(a)], Some(value)),
        Step::AddScalar(a, value) => (views::AddScalar::NAME, vec![at(a)], Some(value)),
    };
    let name = ir.ctx.op_name(name);
    let props = match scalar {
        Some(value) => {
            let value = ir.ctx.f64_attr(value);
            ir.dict_of(&[("value", value)])
        }
        None => he_core::ir::Dict::EMPTY,
    };
    let attrs = if bound.is_finite() {
        let bound = ir.ctx.f64_attr(bound);
        ir.dict_of(&[("he.bound", bound)])
    } else {
        he_core::ir::Dict::EMPTY
    };
    let loc = ir.loc(anchor);
    let op = OpSpec::new(name).operands(&operands).results(&[ty]).props(props).attrs(attrs).loc(loc);
    let op = op.build_before(ir, anchor);
    ir.result(op, 0)
}
