//! Intervals and error bounds of every value of a function, at stages nn and poly.

use std::collections::BTreeMap;

use he_core::exec::tensor::{ShapeError, Tensor};
use he_core::ir::{AttrKind, Ir, OpId, Traits, ValueId};
use he_core::schema::Registry;
use he_core::support::{Diagnostic, Weights};

use super::constants;
use crate::func;
use crate::nn::activation::Activation;
use crate::nn::facts::{Facts, tensor_shape};
use crate::nn::interval::{ErrorTensor, IntervalTensor};
use crate::nn::ranges::{Bound, transfer};
use crate::poly::ops::{polynomials_of, result_range};
use crate::poly::polynomial::{Basis, Polynomial};

/// Marks an argument's range: `{nn.range = [a, b]}`.
pub const RANGE_ATTR: &str = "nn.range";
/// Where the elements of an argument are taken to lie if nobody says so.
const ASSUMED_RANGE: (f64, f64) = (-1.0, 1.0);
/// Where `approximate` records the bound on the function that it keeps as the reference.
pub const ERROR_BOUND_ATTR: &str = "he.error_bound";
/// Points at which a polynomial is compared with its function outside of its domain.
const GRID: usize = 4096;

/// The interval of an argument: its `nn.range`, in integers or floats, or [-1, 1].
pub fn argument_range(ir: &Ir, function: OpId, index: usize) -> Result<(f64, f64), Diagnostic> {
    let Some(attr) = func::arg_attr(ir, function, index, RANGE_ATTR) else { return Ok(ASSUMED_RANGE) };
    let number = |attr| ir.ctx.as_f64(attr).or(ir.ctx.as_i64(attr).map(|i| i as f64));
    let ends: Option<Vec<f64>> =
        ir.ctx.as_array(attr).and_then(|items| items.iter().map(|item| number(*item)).collect());
    match ends.as_deref() {
        Some([lo, hi]) if lo.is_finite() && hi.is_finite() && lo <= hi => Ok((*lo, *hi)),
        _ => {
            let text = ir.ctx.attr_text(attr);
            let text = format!(
                "{RANGE_ATTR} of argument #{index} must be two finite numbers [a, b] with a <= b, not {text}"
            );
            Err(Diagnostic::error(text).at(ir.position(function)))
        }
    }
}

/// The bound of every value of a function at stage nn or poly, for all arguments in their ranges.
///
/// `exact` is what the nn program computes, `error` how far the polynomials take the program from that. A function
/// without polynomials has no error.
pub fn bounds(
    registry: &Registry,
    ir: &Ir,
    function: OpId,
    weights: &dyn Weights,
    reading: Reading,
) -> Result<BTreeMap<ValueId, Bound>, Diagnostic> {
    let Some(block) = ir.body(function) else { return Ok(BTreeMap::new()) };
    let mut known = argument_bounds(ir, function)?;
    for op in ir.block_ops(block) {
        if !ir.has_trait(op, Traits::TERMINATOR) && !constants::is_constant(ir, ir.result(op, 0)) {
            let bound = op_bound(registry, ir, op, weights, &known, reading)?;
            known.insert(ir.result(op, 0), bound);
        }
    }
    Ok(known)
}

/// A warning of the encrypted arguments whose range nobody states; nothing where all are stated.
pub(super) fn assumed_ranges(ir: &Ir, function: OpId) -> Option<Diagnostic> {
    let args = ir.body(function).map_or(&[][..], |block| ir.args(block));
    let stated = |index, name| func::arg_attr(ir, function, index, name).is_some();
    let assumed: Vec<String> = (0..args.len())
        .filter(|index| !stated(*index, RANGE_ATTR) && !stated(*index, "nn.plain"))
        .map(|index| format!("#{index}"))
        .collect();
    let (lo, hi) = ASSUMED_RANGE;
    let what = match assumed.as_slice() {
        [] => return None,
        [one] => format!("argument {one} of @{} has no range", func::name(ir, function)),
        several => format!("arguments {} of @{} have no range", several.join(", "), func::name(ir, function)),
    };
    let help = format!("state where the elements lie: %x: tensor<…> {{{RANGE_ATTR} = [{lo:?}, {hi:?}]}}");
    let text = format!("{what}: [{lo}, {hi}] is assumed");
    Some(Diagnostic::warning(text).at(ir.position(function)).help(help))
}

/// The bounds of a function's arguments: their ranges.
pub(super) fn argument_bounds(ir: &Ir, function: OpId) -> Result<BTreeMap<ValueId, Bound>, Diagnostic> {
    let args = ir.body(function).map_or(&[][..], |block| ir.args(block));
    let bound = |(index, arg): (usize, &ValueId)| {
        let error =
            |why: String| Diagnostic::error(format!("argument #{index}: {why}")).at(ir.position(function));
        let (lo, hi) = argument_range(ir, function, index)?;
        let shape = tensor_shape(ir, ir.ty(*arg)).map_err(error)?;
        Ok((*arg, Bound::within(&shape, lo, hi).map_err(|why| error(why.to_string()))?))
    };
    args.iter().enumerate().map(bound).collect()
}

/// What the bounds are of, where a polynomial stands for a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// The network: a polynomial has the range of its function, and its distance from it is an error.
    Network,
    /// The program: a polynomial has its own range, for inputs in its domain.
    Program,
}

/// The bound of an op's result from those of its operands.
pub(super) fn op_bound(
    registry: &Registry,
    ir: &Ir,
    op: OpId,
    weights: &dyn Weights,
    known: &BTreeMap<ValueId, Bound>,
    reading: Reading,
) -> Result<Bound, Diagnostic> {
    let facts = Facts::new(registry, ir, op);
    let wrong = |why: ShapeError| facts.shape_error(why);
    let constant = |value| constants::evaluate(registry, ir, value, weights);
    let is_constant = |value: &ValueId| constants::is_constant(ir, *value);
    if is_constant(&ir.result(op, 0)) {
        return Bound::point(&*constant(ir.result(op, 0))?).map_err(wrong);
    }
    let unknown = || facts.error("has an operand that is defined later");
    if ir.name_str(op) == "nn.linear" && ir.operands(op).skip(1).all(|value| is_constant(&value)) {
        return Ok(linear_bound(registry, ir, op, weights, known)?.0);
    }
    let mut points: BTreeMap<ValueId, Bound> = BTreeMap::new();
    for value in ir.operands(op).filter(|value| !known.contains_key(value)).filter(is_constant) {
        points.insert(value, Bound::point(&*constant(value)?).map_err(wrong)?);
    }
    let operands: Option<Vec<&Bound>> =
        ir.operands(op).map(|value| known.get(&value).or_else(|| points.get(&value))).collect();
    let operands = operands.ok_or_else(unknown)?;
    match (ir.name_str(op), operands.as_slice()) {
        ("poly.eval" | "poly.compose", [input]) => {
            polynomial_bound(ir, op, input, reading).map_err(wrong_diagnostic(&facts))
        }
        (name, _) if name.starts_with("nn.") => transfer(&facts, &operands),
        (name, _) => Err(Diagnostic::error(format!("the range of '{name}' is not known"))
            .at(ir.position(op))
            .help("give the activations a domain: an attribute of each, or --approximate='domain=[a,b]'")),
    }
}

/// The bound of the result of an `nn.linear` with constant weights, and the largest magnitude of a sum of some of its
/// products. Weights are large: no interval is made of them.
pub(super) fn linear_bound(
    registry: &Registry,
    ir: &Ir,
    op: OpId,
    weights: &dyn Weights,
    known: &BTreeMap<ValueId, Bound>,
) -> Result<(Bound, f64), Diagnostic> {
    let facts = Facts::new(registry, ir, op);
    let wrong = |why: ShapeError| facts.shape_error(why);
    let constant = |value| constants::evaluate(registry, ir, value, weights);
    let input = known.get(&ir.operand(op, 0));
    let input = input.ok_or_else(|| facts.error("has an operand that is defined later"))?;
    let weight = constant(ir.operand(op, 1))?;
    let bias = ir.operands(op).nth(2).map(constant).transpose()?;
    let (exact, partial) = input.exact.linear_and_partial_sums(&weight, bias.as_deref()).map_err(wrong)?;
    let error = input.error.linear(&weight).map_err(wrong)?;
    Ok((Bound { exact, error }, partial.largest_magnitude()))
}

fn wrong_diagnostic<'a>(facts: &'a Facts<'_>) -> impl Fn(Failure) -> Diagnostic + 'a {
    |failure| match failure {
        Failure::Shape(why) => facts.shape_error(why),
        Failure::Diagnostic(diagnostic) => *diagnostic,
    }
}

/// Why a bound is not known.
enum Failure {
    Shape(ShapeError),
    Diagnostic(Box<Diagnostic>),
}

impl From<ShapeError> for Failure {
    fn from(why: ShapeError) -> Self {
        Failure::Shape(why)
    }
}

impl From<Diagnostic> for Failure {
    fn from(diagnostic: Diagnostic) -> Self {
        Failure::Diagnostic(Box::new(diagnostic))
    }
}

/// A polynomial that stands for a function has the function's range, and its own distance from it as an error; any
/// other polynomial is exact.
fn polynomial_bound(ir: &Ir, op: OpId, input: &Bound, reading: Reading) -> Result<Bound, Failure> {
    let polynomials = polynomials_of(ir, op)?;
    if reading == Reading::Program {
        return Ok(own_range(ir, op, &polynomials, input)?);
    }
    let name = ir.attr_named(op, "function").and_then(|attr| ir.ctx.as_str(attr));
    let max_error = ir.attr_named(op, "max_error").and_then(|attr| ir.ctx.as_f64(attr));
    let stands_for = name.and_then(Activation::from_name).zip(max_error);
    let Some((function, max_error)) = stands_for else {
        let mut bound = input.clone();
        for polynomial in &polynomials {
            bound = exact_polynomial(polynomial, &bound)?;
        }
        let (lo, hi) = result_range(ir, op);
        bound.exact.lo.data.iter_mut().for_each(|least| *least = least.clamp(lo, hi));
        bound.exact.hi.data.iter_mut().for_each(|most| *most = most.clamp(lo, hi));
        return Ok(bound);
    };
    let (lo, hi) = widened(input);
    let inside = polynomials.first().is_some_and(|p| p.domain.0 <= lo && hi <= p.domain.1);
    let distance = if inside || function == Activation::Square && max_error == 0.0 {
        max_error
    } else {
        max_error.max(distance(&polynomials, function, lo, hi))
    };
    let error = input.error.activation(&input.exact, function, distance)?;
    Ok(Bound { exact: input.exact.activation(function), error })
}

/// The range of polynomials on all of what their elements can be: one interval for all of them, which takes one search of
/// extrema.
fn own_range(ir: &Ir, op: OpId, polynomials: &[Polynomial], input: &Bound) -> Result<Bound, ShapeError> {
    let (mut lo, mut hi) = input.exact.hull();
    for polynomial in polynomials {
        (lo, hi) = polynomial.range_on(lo, hi);
    }
    let (least, most) = result_range(ir, op);
    Bound::within(input.exact.shape(), lo.clamp(least, most), hi.clamp(least, most))
}

/// An interval of everything that the computed elements can be.
fn widened(input: &Bound) -> (f64, f64) {
    let (lo, hi) = input.exact.hull();
    let error = input.error.max();
    (lo - error, hi + error)
}

/// A bound on |p − f| over [lo, hi]: the largest distance at the points of a grid, plus what both can move between
/// two of them. The polynomial's slope is bounded by Markov's inequality: |p'| ≤ d²/r·max|p| on an interval of radius r.
pub(super) fn distance(polynomials: &[Polynomial], function: Activation, lo: f64, hi: f64) -> f64 {
    let [polynomial] = polynomials else { return f64::INFINITY };
    if !(lo.is_finite() && hi.is_finite()) || lo > hi {
        return f64::INFINITY;
    }
    let step = (hi - lo) / GRID as f64;
    let points = (0..=GRID).map(|k| (lo + step * k as f64).min(hi));
    let most = points
        .map(|x| (polynomial.eval(x) - function.eval(x)).abs())
        .fold(0.0, |most: f64, d| if d.is_nan() { f64::INFINITY } else { most.max(d) });
    let (least, greatest) = polynomial.range_on(lo, hi);
    let degree = polynomial.degree() as f64;
    let slope = if hi > lo { degree * degree * (greatest - least) / (hi - lo) } else { 0.0 };
    let bound = most + 0.5 * step * (slope + function.lipschitz_on(lo, hi));
    if bound.is_nan() { f64::INFINITY } else { bound }
}

fn exact_polynomial(polynomial: &Polynomial, input: &Bound) -> Result<Bound, ShapeError> {
    let slope = derivative(polynomial);
    let elements = input.exact.lo.data.iter().zip(&input.exact.hi.data).zip(&input.error.bound.data);
    let (mut lo, mut hi, mut error) = (Vec::new(), Vec::new(), Vec::new());
    for ((&least, &most), &e) in elements {
        let (bottom, top) = polynomial.range_on(least, most);
        lo.push(bottom);
        hi.push(top);
        error.push(if e == 0.0 { 0.0 } else { slope.max_abs_on(least - e, most + e) * e });
    }
    let shape = &input.exact.lo.shape;
    let tensor = |data: Vec<f64>| Tensor::new(shape.clone(), data);
    Ok(Bound {
        exact: IntervalTensor::new(tensor(lo)?, tensor(hi)?)?,
        error: ErrorTensor::new(tensor(error)?),
    })
}

/// The derivative of a polynomial, in its basis.
fn derivative(polynomial: &Polynomial) -> Polynomial {
    let c = &polynomial.coefficients;
    let size = c.len().saturating_sub(1);
    let coefficients = match polynomial.basis {
        Basis::Monomial => c.iter().enumerate().skip(1).map(|(k, c)| k as f64 * c).collect(),
        Basis::Chebyshev => {
            // c'_{k−1} = c'_{k+1} + 2k·c_k, and half of that for k = 1; then the slope of the map of the domain.
            let mut slopes = vec![0.0; size + 2];
            for k in (1..=size).rev() {
                slopes[k - 1] = slopes[k + 1] + 2.0 * k as f64 * c[k];
            }
            slopes[0] *= 0.5;
            slopes.truncate(size);
            let (scale, _) = polynomial.to_unit();
            slopes.iter().map(|c| c * scale).collect()
        }
    };
    Polynomial { basis: polynomial.basis, domain: polynomial.domain, coefficients }
}

/// The interval of every value of the entry function, at stage nn or poly.
pub fn ranges(
    registry: &Registry,
    ir: &Ir,
    weights: &dyn Weights,
) -> Result<BTreeMap<ValueId, IntervalTensor>, Diagnostic> {
    let bounds = bounds(registry, ir, func::entry(ir)?, weights, Reading::Network)?;
    Ok(bounds.into_iter().map(|(value, bound)| (value, bound.exact)).collect())
}

/// One line per value of the entry function: its place, its op and its interval.
pub fn range_report(registry: &Registry, ir: &Ir, weights: &dyn Weights) -> Result<String, Diagnostic> {
    let function = func::entry(ir)?;
    let mut bounds = bounds(registry, ir, function, weights, Reading::Network)?;
    let Some(block) = ir.body(function) else { return Ok(String::new()) };
    for op in ir.block_ops(block) {
        if !ir.has_trait(op, Traits::TERMINATOR) && constants::is_constant(ir, ir.result(op, 0)) {
            bounds.insert(
                ir.result(op, 0),
                op_bound(registry, ir, op, weights, &BTreeMap::new(), Reading::Network)?,
            );
        }
    }
    let line = |place: OpId, what: &str, value: ValueId| {
        let place = ir.position(place).map_or_else(|| "-".to_owned(), |position| position.to_string());
        let (lo, hi) = bounds.get(&value).map_or((f64::NAN, f64::NAN), |bound| bound.exact.hull());
        let error = bounds.get(&value).map_or(0.0, |bound| bound.error.max());
        let error = if error > 0.0 { format!(" error <= {error:.3e}") } else { String::new() };
        format!("{place}: {what}: [{lo:.6}, {hi:.6}]{error}\n")
    };
    let arguments = ir.args(block).iter().enumerate();
    let mut text: String =
        arguments.map(|(i, arg)| line(function, &format!("argument #{i}"), *arg)).collect();
    for op in ir.block_ops(block) {
        text.extend(ir.results(op).map(|value| line(op, ir.name_str(op), value)));
    }
    Ok(text)
}

/// The largest bound among a function's results.
pub(super) fn result_error(ir: &Ir, function: OpId, bounds: &BTreeMap<ValueId, Bound>) -> f64 {
    let Some(last) = ir.body(function).map(|block| ir.last_op(block)).and_then(OpId::some) else {
        return 0.0;
    };
    let errors = ir.operands(last).map(|value| bounds.get(&value).map_or(f64::INFINITY, |b| b.error.max()));
    errors.fold(0.0, f64::max)
}

/// The bound on |compiled program − nn program| over all arguments in their ranges, numerical error aside: what
/// `approximate` recorded on the reference function; before it has run, what the program says. `None` where neither
/// does.
pub fn error_bound(registry: &Registry, ir: &Ir, weights: &dyn Weights) -> Result<Option<f64>, Diagnostic> {
    let reference = super::reference_function(ir);
    let recorded = reference.and_then(|reference| ir.attr_named(reference, ERROR_BOUND_ATTR));
    if let Some(attr) = recorded {
        return Ok(Some(match ir.ctx.attr_kind(attr) {
            AttrKind::Float { bits, .. } => f64::from_bits(*bits),
            _ => f64::INFINITY,
        }));
    }
    let function = func::entry(ir)?;
    let dialect = |op: OpId| ir.name_str(op).split('.').next();
    let early =
        ir.nested_ops(function).into_iter().all(|op| matches!(dialect(op), Some("nn" | "poly" | "func")));
    if !early {
        return Ok(None);
    }
    let bounds = bounds(registry, ir, function, weights, Reading::Network)?;
    Ok(Some(result_error(ir, function, &bounds)))
}
