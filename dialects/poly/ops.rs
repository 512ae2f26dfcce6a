//! The ops of the dialect: from their attributes to polynomials and back, what they check and what they compute.

use std::rc::Rc;
use std::str::FromStr;

use he_core::exec::tensor::Tensor;
use he_core::exec::{KernelContext, Kernels, RuntimeValue};
use he_core::ir::{Attr, AttrKind, Dict, Ir, OpId, Type, TypeKind};
use he_core::support::Diagnostic;

use super::polynomial::{Basis, Polynomial};

/// The most coefficients of one polynomial.
pub const MAX_COEFFICIENTS: usize = 1000;
/// The most polynomials of one composition.
pub const MAX_COMPOSED: usize = 64;
/// How far outside of its domain, relative to the domain's extent, an element may be without a warning.
const DOMAIN_SLACK: f64 = 1e-9;

fn error(ir: &Ir, op: OpId, text: impl std::fmt::Display) -> Diagnostic {
    Diagnostic::error(format!("'{}' op {text}", ir.name_str(op))).at(ir.position(op))
}

fn numbers(ir: &Ir, attr: Attr) -> Option<Vec<f64>> {
    let number = |attr| ir.ctx.as_f64(attr).or(ir.ctx.as_i64(attr).map(|i| i as f64));
    ir.ctx.as_array(attr)?.iter().map(|item| number(*item)).collect()
}

/// The polynomial of these attributes; what is wrong with them otherwise.
fn polynomial(ir: &Ir, [coefficients, basis, domain]: [Option<Attr>; 3]) -> Result<Polynomial, String> {
    let list = |attr: Option<Attr>, what: &str| {
        attr.and_then(|attr| numbers(ir, attr)).ok_or_else(|| format!("'{what}' must be a list of numbers"))
    };
    let coefficients = list(coefficients, "coefficients")?;
    if coefficients.is_empty() || coefficients.len() > MAX_COEFFICIENTS {
        let count = coefficients.len();
        return Err(format!("a polynomial has 1 to {MAX_COEFFICIENTS} coefficients, not {count}"));
    }
    if let Some(at) = coefficients.iter().position(|c| !c.is_finite()) {
        return Err(format!("coefficient {at} is {}: coefficients must be finite", coefficients[at]));
    }
    let domain = match list(domain, "domain")?.as_slice() {
        [lo, hi] if lo.is_finite() && hi.is_finite() && lo < hi => (*lo, *hi),
        other => return Err(format!("'domain' must be two numbers in increasing order, not {other:?}")),
    };
    let basis = basis.and_then(|attr| ir.ctx.as_str(attr)).unwrap_or("monomial");
    Ok(Polynomial { basis: Basis::from_str(basis)?, domain, coefficients })
}

/// The polynomial of a `poly.eval`.
pub fn polynomial_of(ir: &Ir, op: OpId) -> Result<Polynomial, Diagnostic> {
    let attrs = ["coefficients", "basis", "domain"].map(|name| ir.attr_named(op, name));
    polynomial(ir, attrs).map_err(|why| error(ir, op, why))
}

/// The polynomials of a `poly.compose`, the innermost first; the one polynomial of a `poly.eval`.
pub fn polynomials_of(ir: &Ir, op: OpId) -> Result<Vec<Polynomial>, Diagnostic> {
    let Some(list) = ir.attr_named(op, "polynomials") else { return Ok(vec![polynomial_of(ir, op)?]) };
    let items = ir.ctx.as_array(list).unwrap_or(&[]);
    if items.is_empty() || items.len() > MAX_COMPOSED {
        let count = items.len();
        return Err(error(ir, op, format!("composes 1 to {MAX_COMPOSED} polynomials, not {count}")));
    }
    let read = |(index, item): (usize, &Attr)| {
        let params = match ir.ctx.attr_kind(*item) {
            AttrKind::Declared { name, params } if ir.ctx.str(*name) == "poly.polynomial" => params,
            _ => {
                let text = ir.ctx.attr_text(*item);
                return Err(error(ir, op, format!("composes #poly.polynomial<…>, not {text}")));
            }
        };
        let part = |at: usize| params.get(at).copied().and_then(Attr::some);
        polynomial(ir, [part(0), part(1), part(2)])
            .map_err(|why| error(ir, op, format!("polynomial {index}: {why}")))
    };
    items.iter().enumerate().map(read).collect()
}

/// The properties of a `poly.eval` of the polynomial.
pub fn eval_props(
    ir: &mut Ir,
    polynomial: &Polynomial,
    max_error: Option<f64>,
    function: Option<&str>,
) -> Dict {
    let coefficients = polynomial.coefficients.iter().map(|c| ir.ctx.f64_attr(*c)).collect();
    let coefficients = ir.ctx.array_attr(coefficients);
    let ends = vec![ir.ctx.f64_attr(polynomial.domain.0), ir.ctx.f64_attr(polynomial.domain.1)];
    let domain = ir.ctx.array_attr(ends);
    let basis = ir.ctx.string_attr(&polynomial.basis.to_string());
    let mut entries = vec![("coefficients", coefficients), ("basis", basis), ("domain", domain)];
    if let Some(max_error) = max_error {
        entries.push(("max_error", ir.ctx.f64_attr(max_error)));
    }
    if let Some(function) = function {
        entries.push(("function", ir.ctx.string_attr(function)));
    }
    ir.dict_of(&entries)
}

/// Where the result of a `poly.eval` is known to lie: its `range`, or everywhere.
pub fn result_range(ir: &Ir, op: OpId) -> (f64, f64) {
    match ir.attr_named(op, "range").and_then(|attr| numbers(ir, attr)).as_deref() {
        Some([lo, hi]) if lo <= hi => (*lo, *hi),
        _ => (f64::NEG_INFINITY, f64::INFINITY),
    }
}

/// The `native verify` of both ops.
pub(super) fn verify(ir: &Ir, op: OpId) -> Result<(), Diagnostic> {
    polynomials_of(ir, op)?;
    let (input, result) = (ir.ty(ir.operand(op, 0)), ir.ty(ir.result(op, 0)));
    if !same_elements(ir, input, result) {
        let (expected, found) = (ir.ctx.type_text(input), ir.ctx.type_text(result));
        return Err(error(ir, op, format!("result should be {expected}, as the input, but is {found}")));
    }
    if let Some(attr) = ir.attr_named(op, "range") {
        let range = numbers(ir, attr);
        if !matches!(range.as_deref(), Some([lo, hi]) if lo.is_finite() && hi.is_finite() && lo <= hi) {
            let found = ir.ctx.attr_text(attr);
            return Err(error(
                ir,
                op,
                format!("'range' must be two numbers in increasing order, not {found}"),
            ));
        }
    }
    match ir.attr_named(op, "max_error").and_then(|attr| ir.ctx.as_f64(attr)) {
        Some(bound) if !bound.is_finite() || bound < 0.0 => {
            Err(error(ir, op, format!("'max_error' is {bound}, but it must be finite and not negative")))
        }
        _ => Ok(()),
    }
}

/// Whether a polynomial leads from one type to the other: the same tensor type, or two types of one name that other
/// dialects declare (what their unused slots hold may differ).
fn same_elements(ir: &Ir, input: Type, result: Type) -> bool {
    match (ir.ctx.type_kind(input), ir.ctx.type_kind(result)) {
        (TypeKind::Declared { name, .. }, TypeKind::Declared { name: other, .. }) => name == other,
        _ => input == result,
    }
}

/// Registers the kernels.
pub(super) fn register(kernels: &mut Kernels) {
    kernels.add("poly.eval", run);
    kernels.add("poly.compose", run);
}

fn run(context: &mut KernelContext<'_>, operands: &[RuntimeValue]) -> Result<Vec<RuntimeValue>, Diagnostic> {
    let (ir, op) = (context.ir, context.op);
    // Slots that hold no element hold anything: only the elements of a tensor are checked.
    let checked = matches!(ir.ctx.type_kind(ir.ty(ir.operand(op, 0))), TypeKind::Tensor { .. });
    let mut value = context.operand::<Tensor>(operands, 0)?.clone();
    for polynomial in polynomials_of(ir, op)? {
        if checked {
            warn_outside(context, &polynomial, &value);
        }
        value = value.map(|x| polynomial.eval(x));
    }
    Ok(vec![Rc::new(value)])
}

/// Warns of the element that is farthest outside of the domain.
fn warn_outside(context: &mut KernelContext<'_>, polynomial: &Polynomial, value: &Tensor) {
    let (lo, hi) = polynomial.domain;
    let outside = |x: f64| (lo - x).max(x - hi);
    let worst = value.data.iter().copied().reduce(|a, b| if outside(b) > outside(a) { b } else { a });
    let Some(worst) = worst.filter(|x| outside(*x) > DOMAIN_SLACK * (hi - lo)) else { return };
    let name = context.ir.name_str(context.op);
    let function = context.ir.attr_named(context.op, "function").and_then(|attr| context.ir.ctx.as_str(attr));
    let what = function.map_or(String::new(), |function| format!(" ({function})"));
    let text = format!("the input {worst} of '{name}'{what} is outside of its domain [{lo}, {hi}]");
    context.warnings.push(
        Diagnostic::warning(text)
            .at(context.ir.position(context.op))
            .help("widen the domain, or state the true ranges of the inputs"),
    );
}
