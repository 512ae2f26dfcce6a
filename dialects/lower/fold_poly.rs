//! `fold-poly`: what of a polynomial the linear layers beside it can take over.
//!
//! ```text
//! %1 = nn.linear %0, %w, %b : …
//! %2 = poly.eval %1 {basis = "chebyshev", coefficients = [1.48, 2.39, …], domain = [-4.9, 4.9], …} : …
//! // becomes
//! %v = nn.affine %w {factor = 0.21} : …
//! %c = nn.affine %b {factor = 0.21, offset = 0.0} : …
//! %1 = nn.linear %0, %v, %c : …
//! %2 = poly.eval %1 {coefficients = [0.0, 1.7, …, 1.0], domain = [-1.04, 1.04], …} : …
//! ```
//!
//! The map of the domain and the leading coefficient go into the layer before, the sign and the constant into the layers
//! behind, where all users are such: none of them takes a level or a product any more.
//!
//! In Rust because the numbers are those of a change of variables ([`crate::poly::folding`]).

use he_core::ir::{Dict, Ir, OpId, OpSpec, Type, ValueId};
use he_core::pass::{PassContext, PassDef, StageRange};
use he_core::support::Diagnostic;

use super::bounds::{Reading, bounds};
use super::constants::is_constant;
use crate::func;
use crate::nn::views as nn;
use crate::poly::folding::{Normal, normal_form};
use crate::poly::ops::{eval_props, polynomial_of};
use crate::poly::views as poly;

/// Number of the stage `poly`.
const POLY: usize = 1;

/// The pass `fold-poly`.
pub fn pass() -> PassDef {
    PassDef {
        name: "fold-poly".into(),
        doc: "Folds domains, leading coefficients and constants of polynomials into the linear layers beside them".into(),
        options: Vec::new(),
        stages: Some(StageRange { first: POLY, last: POLY, result: None }),
        run: Box::new(|context, ir| run(context, ir).map_err(|error| vec![error])),
    }
}

fn run(context: &mut PassContext<'_>, ir: &mut Ir) -> Result<(), Diagnostic> {
    let entry = func::entry(ir)?;
    let Some(block) = ir.body(entry) else { return Ok(()) };
    // What is known of the results is lost with the functions that the polynomials stand for: it is kept as their range.
    // Where nothing is known, as with ops of a user's dialect, there is nothing to keep.
    let known =
        bounds(&context.session.registry, ir, entry, context.weights, Reading::Network).unwrap_or_default();
    let evals = ir.block_ops(block).into_iter().filter(|op| ir.name_str(*op) == poly::Eval::NAME);
    for op in evals.collect::<Vec<_>>() {
        let before = ir.def_op(ir.operand(op, 0));
        let foldable = is_layer(ir, before) && ir.has_one_use(ir.operand(op, 0));
        let polynomial = polynomial_of(ir, op)?;
        let Some(normal) = normal_form(&polynomial, has_layers_behind(ir, op)).filter(|_| foldable) else {
            let why = match foldable {
                true => "nothing would be saved",
                false => "no linear layer of constants stands alone before it",
            };
            let text = format!("fold-poly: polynomial left alone: {why}");
            context.remarks.push(Diagnostic::remark(text).at(ir.position(op)));
            continue;
        };
        let range = known.get(&ir.result(op, 0)).map(|bound| {
            let ((lo, hi), error) = (bound.exact.hull(), bound.error.max());
            (lo - error, hi + error)
        });
        fold(ir, before, op, normal, range);
    }
    Ok(())
}

/// Whether an op is a linear layer whose weights and bias are constants.
fn is_layer(ir: &Ir, op: OpId) -> bool {
    !op.is_none()
        && ir.name_str(op) == nn::Linear::NAME
        && (1..ir.operand_count(op)).all(|index| is_constant(ir, ir.operand(op, index)))
}

/// Whether all users of a polynomial are layers that can take over its factor and its constant.
fn has_layers_behind(ir: &Ir, op: OpId) -> bool {
    ir.uses(ir.result(op, 0)).all(|(user, index)| index == 0 && is_layer(ir, user))
}

/// A plain op before `anchor`.
fn plain(
    ir: &mut Ir,
    anchor: OpId,
    name: &str,
    operands: &[ValueId],
    ty: Type,
    numbers: &[(&str, f64)],
) -> ValueId {
    let name = ir.ctx.op_name(name);
    let numbers: Vec<_> = numbers.iter().map(|(key, value)| (*key, ir.ctx.f64_attr(*value))).collect();
    let props = if numbers.is_empty() { Dict::EMPTY } else { ir.dict_of(&numbers) };
    let loc = ir.loc(anchor);
    let op = OpSpec::new(name).operands(operands).results(&[ty]).props(props).loc(loc);
    let op = op.build_before(ir, anchor);
    ir.result(op, 0)
}

/// factor·`value` + offset.
fn affine(ir: &mut Ir, anchor: OpId, value: ValueId, factor: f64, offset: f64) -> ValueId {
    if factor == 1.0 && offset == 0.0 {
        return value;
    }
    let ty = ir.ty(value);
    let def = ir.def_op(value);
    if !def.is_none() && ir.name_str(def) == nn::Affine::NAME {
        // Of a line the line: factor·(f·x + o) + offset.
        let number =
            |name, default| ir.attr_named(def, name).and_then(|attr| ir.ctx.as_f64(attr)).unwrap_or(default);
        let (f, o) = (number("factor", 1.0), number("offset", 0.0));
        let inner = ir.operand(def, 0);
        return affine_op(ir, anchor, inner, ty, factor * f, factor * o + offset);
    }
    affine_op(ir, anchor, value, ty, factor, offset)
}

fn affine_op(ir: &mut Ir, anchor: OpId, value: ValueId, ty: Type, factor: f64, offset: f64) -> ValueId {
    let numbers = [("factor", factor, 1.0), ("offset", offset, 0.0)];
    let numbers = numbers.into_iter().filter(|(_, value, default)| value != default);
    let numbers: Vec<_> = numbers.map(|(name, value, _)| (name, value)).collect();
    plain(ir, anchor, nn::Affine::NAME, &[value], ty, &numbers)
}

/// One number for each output of a layer.
fn bias_type(ir: &mut Ir, layer: OpId) -> Type {
    let (shape, element) = ir.ctx.shaped(ir.ty(ir.operand(layer, 1)));
    ir.ctx.tensor_type(&[shape.first().copied().unwrap_or(1)], element)
}

/// The bias of a layer whose inputs are larger by `offset`; none where there was none and nothing is added.
fn shifted_bias(ir: &mut Ir, layer: OpId, offset: f64) -> Option<ValueId> {
    let bias = (ir.operand_count(layer) > 2).then(|| ir.operand(layer, 2));
    if offset == 0.0 {
        return bias;
    }
    let ty = bias_type(ir, layer);
    let operands: Vec<_> = [Some(ir.operand(layer, 1)), bias].into_iter().flatten().collect();
    Some(plain(ir, layer, nn::ShiftedBias::NAME, &operands, ty, &[("offset", offset)]))
}

/// Puts a layer of another weight and bias in the place of `layer`.
fn replace_layer(ir: &mut Ir, layer: OpId, weight: ValueId, bias: Option<ValueId>) {
    let operands: Vec<_> = [Some(ir.operand(layer, 0)), Some(weight), bias].into_iter().flatten().collect();
    let result = ir.result(layer, 0);
    let new = OpSpec::new(ir.name(layer))
        .operands(&operands)
        .results(&[ir.ty(result)])
        .props(ir.props(layer))
        .attrs(ir.attrs(layer))
        .loc(ir.loc(layer))
        .build_before(ir, layer);
    ir.replace_all_uses(result, ir.result(new, 0));
    ir.erase(layer);
}

fn fold(ir: &mut Ir, layer: OpId, op: OpId, normal: Normal, range: Option<(f64, f64)>) {
    // X = (x − offset)/scale.
    let Normal { scale, offset, factor, mut polynomial } = normal;
    let weight = ir.operand(layer, 1);
    let weight = affine(ir, layer, weight, 1.0 / scale, 0.0);
    let bias = match ir.operand_count(layer) {
        2 if offset == 0.0 => None,
        2 => {
            let ty = bias_type(ir, layer);
            let own = ir.operand(layer, 1);
            let zeros = plain(ir, layer, nn::ShiftedBias::NAME, &[own], ty, &[("offset", 0.0)]);
            Some(affine(ir, layer, zeros, 1.0, -offset / scale))
        }
        _ => {
            let bias = ir.operand(layer, 2);
            Some(affine(ir, layer, bias, 1.0 / scale, -offset / scale))
        }
    };
    replace_layer(ir, layer, weight, bias);
    let users: Vec<_> = ir.uses(ir.result(op, 0)).collect();
    let constant = polynomial.coefficients.first().copied().unwrap_or(0.0);
    let mut range = range.filter(|(lo, hi)| lo.is_finite() && hi.is_finite());
    if has_layers_behind(ir, op) {
        let folded = |p: f64| p / factor - constant;
        range = range.map(|(lo, hi)| (folded(lo).min(folded(hi)), folded(lo).max(folded(hi))));
        polynomial.coefficients[0] = 0.0;
        for (user, _) in users {
            let bias = shifted_bias(ir, user, factor * constant);
            let weight = ir.operand(user, 1);
            let weight = affine(ir, user, weight, factor, 0.0);
            replace_layer(ir, user, weight, bias);
        }
    } else {
        polynomial.coefficients.iter_mut().for_each(|c| *c *= factor);
    }
    let props = eval_props(ir, &polynomial, None, None);
    ir.set_props(op, props);
    if let Some((lo, hi)) = range {
        let ends = vec![ir.ctx.f64_attr(lo), ir.ctx.f64_attr(hi)];
        let ends = ir.ctx.array_attr(ends);
        ir.set_attr(op, "range", Some(ends));
    }
}
