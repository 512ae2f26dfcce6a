//! The pass `approximate`: activations become polynomials; the nn program stays beside them as the reference.
//!
//! In Rust because a polynomial is the result of a numerical search on a domain, which follows from intervals of the whole
//! program.

use std::collections::BTreeMap;
use std::str::FromStr;

use he_core::ir::{Dict, Ir, OpId, OpSpec, Stages, Traits, ValueId};
use he_core::pass::{OptionDef, OptionKind, PassContext, PassDef, PassTable, StageRange, set_module_stage};
use he_core::rewrite::rewrite_group;
use he_core::schema::REFERENCE_ATTR;
use he_core::support::{Diagnostic, Diagnostics};

use super::bounds::{
    ERROR_BOUND_ATTR, Reading, argument_bounds, assumed_ranges, distance, op_bound, range_report,
    result_error,
};
use super::constants::is_constant;
use crate::func;
use crate::nn::activation::{Activation, Parity};
use crate::nn::facts::Facts;
use crate::nn::ranges::Bound;
use crate::nn::shapes::domain;
use crate::poly::approximation::{ApproximationError, Method, approximate};
use crate::poly::ops::eval_props;
use crate::poly::polynomial::{Basis, Polynomial};

/// Number of the stage that the pass leaves the IR at.
const POLY: usize = 1;

/// How many times wider a domain may get to be symmetric: the error grows with it.
const MAX_WIDENING: f64 = 1.5;

/// The option for the degree of the polynomials.
pub(super) const DEGREE: OptionDef = OptionDef {
    name: "degree",
    kind: OptionKind::Int { min: 1, max: 63 },
    default: "8",
    doc: "degree of the polynomials, where an activation has no 'degree' of its own",
};

/// The option for the way they are chosen.
pub(super) const METHOD: OptionDef = OptionDef {
    name: "method",
    kind: OptionKind::Choice(&["chebyshev", "remez", "least-squares"]),
    default: "chebyshev",
    doc: "how the polynomials are chosen",
};

const OPTIONS: &[OptionDef] = &[
    DEGREE,
    METHOD,
    OptionDef {
        name: "domain",
        kind: OptionKind::Interval,
        default: "",
        doc: "[a,b]: where the polynomials are used; inferred from the arguments' ranges if absent",
    },
    OptionDef {
        name: "margin",
        kind: OptionKind::Float { min: 0.0, max: 100.0 },
        default: "0.05",
        doc: "how much wider than the inferred range a domain is, relative to its extent",
    },
    OptionDef {
        name: "symmetric",
        kind: OptionKind::Flag,
        default: "false",
        doc: "inferred domains that are nearly symmetric about 0 are made so: even and odd parts take fewer products",
    },
];

/// Registers `approximate` and `dump-ranges`.
pub(super) fn passes(table: &mut PassTable) -> Result<(), String> {
    table.add(PassDef {
        name: "approximate".into(),
        doc: "Replaces nonlinear functions by polynomials".into(),
        options: OPTIONS.to_vec(),
        stages: Some(StageRange { first: 0, last: 0, result: Some(POLY) }),
        run: Box::new(run),
    })?;
    table.add(PassDef {
        name: "dump-ranges".into(),
        doc: "Prints the interval of every value, from the arguments' ranges".into(),
        options: Vec::new(),
        stages: Some(StageRange { first: 0, last: POLY, result: None }),
        run: Box::new(|context, ir| {
            let report = range_report(&context.session.registry, ir, context.weights);
            context.report.push_str(&report.map_err(|error| vec![error])?);
            Ok(())
        }),
    })
}

/// What the options say.
struct Choice {
    degree: usize,
    method: Method,
    domain: Option<(f64, f64)>,
    margin: f64,
    symmetric: bool,
}

impl Choice {
    fn new(context: &PassContext<'_>) -> Result<Choice, Diagnostic> {
        let options = context.options;
        let method = options.text("method").unwrap_or("chebyshev");
        Ok(Choice {
            degree: usize::try_from(options.int("degree")).unwrap_or(8),
            method: Method::from_str(method).map_err(Diagnostic::error)?,
            domain: options.interval("domain"),
            margin: options.float("margin"),
            symmetric: options.flag("symmetric"),
        })
    }
}

fn run(context: &mut PassContext<'_>, ir: &mut Ir) -> Result<(), Diagnostics> {
    let one = |error: Diagnostic| vec![error];
    let choice = Choice::new(context).map_err(one)?;
    let entry = func::entry(ir).map_err(one)?;
    recognize(context, ir).map_err(one)?;
    check_legal(context, ir, entry)?;
    let reference = match super::reference_function(ir) {
        Some(reference) => reference,
        None => {
            context.remarks.extend(assumed_ranges(ir, entry));
            add_reference(ir, entry).map_err(one)?
        }
    };
    let bound = replace_activations(context, ir, entry, &choice).map_err(one)?;
    if let Some(bound) = bound.filter(|bound| bound.is_finite()) {
        let attr = ir.ctx.f64_attr(bound);
        ir.set_attr(reference, ERROR_BOUND_ATTR, Some(attr));
    }
    set_module_stage(&context.session.registry, ir, POLY);
    Ok(())
}

/// Gives ops that are others in disguise the form that the lowering knows.
fn recognize(context: &mut PassContext<'_>, ir: &mut Ir) -> Result<(), Diagnostic> {
    let session = context.session;
    let Some(group) = session.rules.group("recognize") else {
        return Err(Diagnostic::error("the rules of the group recognize are not loaded"));
    };
    rewrite_group(&session.registry, ir, group, &session.rewriting, context.remarks).map(|_| ())
}

/// Refuses what has no polynomial form yet, all of it at once.
fn check_legal(context: &PassContext<'_>, ir: &Ir, entry: OpId) -> Result<(), Diagnostics> {
    let registry = &context.session.registry;
    let lowered = |op: &OpId| {
        let Stages(bits) = ir.info(*op).stages;
        ir.is_plain(*op) || bits >> POLY & 1 == 1 || Facts::new(registry, ir, *op).activation().is_some()
    };
    let refused = ir.nested_ops(entry).into_iter().filter(|op| !lowered(op));
    let errors: Diagnostics = refused
        .map(|op| {
            let text = format!("'{}' cannot be lowered to poly yet", ir.name_str(op));
            Diagnostic::error(text).at(ir.position(op))
        })
        .collect();
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

/// Clones the entry to a private function at the end of the module.
fn add_reference(ir: &mut Ir, entry: OpId) -> Result<OpId, Diagnostic> {
    let name = format!("{}{}", func::name(ir, entry), super::REFERENCE_SUFFIX);
    if let Some(taken) = func::find(ir, &name) {
        let text = format!("@{name} is the name of the reference that the compiler keeps");
        return Err(Diagnostic::error(text).at(ir.position(taken)).help("rename the function"));
    }
    let clone = clone_function(ir, entry)?;
    let block = ir.block(entry);
    ir.append_op(block, clone);
    let (name, private, unit) =
        (ir.ctx.string_attr(&name), ir.ctx.string_attr("private"), ir.ctx.unit_attr());
    ir.set_attr(clone, "sym_name", Some(name));
    ir.set_attr(clone, "sym_visibility", Some(private));
    ir.set_attr(clone, REFERENCE_ATTR, Some(unit));
    Ok(clone)
}

/// A detached copy of a function of one block whose ops have no regions.
fn clone_function(ir: &mut Ir, function: OpId) -> Result<OpId, Diagnostic> {
    let unsupported = |ir: &Ir, op: OpId, text: &str| Diagnostic::error(text).at(ir.position(op));
    let (Some(body), 1) =
        (ir.body(function), ir.regions(function).first().map_or(0, |r| ir.blocks(*r).len()))
    else {
        return Err(unsupported(ir, function, "only functions of one block can be compiled"));
    };
    let clone = OpSpec::new(ir.name(function))
        .props(ir.props(function))
        .attrs(ir.attrs(function))
        .loc(ir.loc(function))
        .build_detached(ir);
    let region = ir.add_region(clone);
    let block = ir.create_block();
    ir.append_block(region, block);
    let mut values: BTreeMap<ValueId, ValueId> = BTreeMap::new();
    for arg in ir.args(body).to_vec() {
        let ty = ir.ty(arg);
        values.insert(arg, ir.add_block_arg(block, ty));
    }
    for op in ir.block_ops(body) {
        if !ir.regions(op).is_empty() {
            return Err(unsupported(ir, op, "ops with regions cannot be compiled yet"));
        }
        let operands: Vec<_> =
            ir.operands(op).map(|value| values.get(&value).copied().unwrap_or(value)).collect();
        let types: Vec<_> = ir.results(op).map(|value| ir.ty(value)).collect();
        let copy = OpSpec::new(ir.name(op))
            .operands(&operands)
            .results(&types)
            .props(ir.props(op))
            .attrs(ir.attrs(op))
            .loc(ir.loc(op))
            .build_at_end(ir, block);
        values.extend(ir.results(op).zip(ir.results(copy)));
    }
    Ok(clone)
}

/// Replaces every activation of the entry. Returns the bound on what that changes, where it is known.
fn replace_activations(
    context: &mut PassContext<'_>,
    ir: &mut Ir,
    entry: OpId,
    choice: &Choice,
) -> Result<Option<f64>, Diagnostic> {
    let session = context.session;
    let registry = &session.registry;
    let Some(block) = ir.body(entry) else { return Ok(None) };
    let mut known = argument_bounds(ir, entry)?;
    // Why bounds are not known any more; an error only where an activation needs them.
    let mut lost: Option<Diagnostic> = None;
    for op in ir.block_ops(block) {
        if ir.has_trait(op, Traits::TERMINATOR) || is_constant(ir, ir.result(op, 0)) {
            continue;
        }
        let new = match Facts::new(registry, ir, op).activation() {
            Some(activation) => {
                let input = known.get(&ir.operand(op, 0));
                let props = polynomial_props(context, ir, op, activation, choice, input, lost.as_ref())?;
                replace(ir, op, props)?
            }
            None => op,
        };
        if lost.is_none() {
            match op_bound(registry, ir, new, context.weights, &known, Reading::Network) {
                Ok(bound) => {
                    known.insert(ir.result(new, 0), bound);
                }
                // A weight that cannot be read is an error of the program; only ops of others have no known range.
                Err(why) if ir.name_str(new).starts_with("nn.") => return Err(why),
                Err(why) => lost = Some(why),
            }
        }
    }
    if lost.is_some() {
        return Ok(None);
    }
    Ok(Some(result_error(ir, entry, &known)))
}

/// The polynomial that replaces an activation, as the properties of a `poly.eval`.
fn polynomial_props(
    context: &mut PassContext<'_>,
    ir: &mut Ir,
    op: OpId,
    activation: Activation,
    choice: &Choice,
    input: Option<&Bound>,
    lost: Option<&Diagnostic>,
) -> Result<Dict, Diagnostic> {
    let session = context.session;
    let facts = Facts::new(&session.registry, ir, op);
    let own = domain(&facts)?;
    let degree = facts.optional_int("degree").and_then(|degree| usize::try_from(degree).ok());
    let interval = match own.or(choice.domain) {
        Some(interval) => interval,
        None => inferred_domain(&facts, activation, choice, input, lost)?,
    };
    if activation == Activation::Square {
        let square =
            Polynomial { basis: Basis::Monomial, domain: interval, coefficients: vec![0.0, 0.0, 1.0] };
        return Ok(eval_props(ir, &square, Some(0.0), Some(activation.name())));
    }
    let result =
        approximate(&|x| activation.eval(x), degree.unwrap_or(choice.degree), interval, choice.method);
    let result = result.map_err(|why| {
        let error = facts.error(format_args!("cannot be approximated on [{}, {}]: {why}", interval.0, interval.1));
        match why {
            ApproximationError::NotFinite { .. } | ApproximationError::Domain { .. } => error.help(
                "give it a domain on which the function is finite: an attribute 'domain', or --approximate='domain=[a,b]'",
            ),
            ApproximationError::Degree { .. } => error,
        }
    })?;
    if let Some(input) = input {
        context.remarks.extend(narrow_domain(&facts, activation, &result.polynomial, input));
    }
    Ok(eval_props(ir, &result.polynomial, Some(result.max_error), Some(activation.name())))
}

/// A warning where the input of an activation can be outside of the domain of its polynomial.
fn narrow_domain(
    facts: &Facts<'_>,
    activation: Activation,
    polynomial: &Polynomial,
    input: &Bound,
) -> Option<Diagnostic> {
    let ((least, most), (lo, hi)) = (polynomial.domain, input.exact.hull());
    if lo >= least && hi <= most || lo > hi || !lo.is_finite() || !hi.is_finite() {
        return None;
    }
    let off = distance(std::slice::from_ref(polynomial), activation, lo, hi);
    let name = facts.ir.name_str(facts.op);
    let text = format!(
        "the input of '{name}' lies in [{lo}, {hi}], its domain is [{least}, {most}]: its polynomial is off by up to \
         {off:.3e} there"
    );
    let help = "widen the domain, or leave it out; or state narrower ranges of the arguments (nn.range)";
    Some(Diagnostic::warning(text).at(facts.ir.position(facts.op)).help(help))
}

/// The range of an activation's input, widened by the margin.
fn inferred_domain(
    facts: &Facts<'_>,
    activation: Activation,
    choice: &Choice,
    input: Option<&Bound>,
    lost: Option<&Diagnostic>,
) -> Result<(f64, f64), Diagnostic> {
    const HELP: &str = "give it a domain: an attribute 'domain', or --approximate='domain=[a,b]'";
    let Some(input) = input else {
        let unknown = facts.error("needs a domain, and the range of its input is not known").help(HELP);
        return Err(match lost {
            Some(why) => unknown.note(why.position.clone(), why.message.clone()),
            None => unknown,
        });
    };
    let (lo, hi) = input.exact.hull();
    if lo > hi {
        return Ok((-1.0, 1.0));
    }
    if !lo.is_finite() || !hi.is_finite() {
        return Err(facts
            .error(format_args!("needs a domain: the range of its input is [{lo}, {hi}]"))
            .help(HELP));
    }
    // A range of (nearly) one point still needs an interval around it.
    let extent = (hi - lo).max(1e-3 * lo.abs().max(hi.abs())).max(1e-3);
    let reach = 0.5 * (extent - (hi - lo)) + 0.5 * choice.margin * extent;
    let (mut low, high) = (lo - reach, hi + reach);
    if choice.symmetric && activation.symmetry().parity != Parity::None {
        let reach = high.max(-low);
        if 2.0 * reach <= MAX_WIDENING * (high - low) {
            return Ok((-reach, reach));
        }
    }
    if activation == Activation::Rsqrt && lo > 0.0 {
        low = low.max(0.5 * lo);
    }
    Ok((low, high))
}

/// Puts a `poly.eval` in the place of an activation: same location, same discardable attributes.
fn replace(ir: &mut Ir, op: OpId, props: Dict) -> Result<OpId, Diagnostic> {
    let name = ir.ctx.find_op("poly.eval");
    let name = name.ok_or_else(|| Diagnostic::error("the dialect 'poly' is not loaded"))?;
    let (input, result) = (ir.operand(op, 0), ir.result(op, 0));
    let new = OpSpec::new(name)
        .operands(&[input])
        .results(&[ir.ty(result)])
        .props(props)
        .attrs(ir.attrs(op))
        .loc(ir.loc(op))
        .build_before(ir, op);
    ir.replace_all_uses(result, ir.result(new, 0));
    ir.erase(op);
    Ok(new)
}

#[cfg(test)]
mod tests;
