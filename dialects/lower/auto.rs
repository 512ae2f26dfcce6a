//! `auto`: the cheapest program that is found.
//!
//! Each candidate is a pipeline of the other passes, run on a copy of the program at the parameters that it needs, and
//! costed by the same walk that `he-cost` makes. The pass leaves what the cheapest one made, and says with which command
//! it can be made again.
//!
//! - Polynomials are approximated on symmetric domains, where parity takes fewer products, and on the inferred ones; they
//!   are folded into the layers beside them, or not; they have the least depth, or the fewest products.
//! - Layouts and kernels are the shortest path of [`super::layouts`], or baby-step giant-step on dense vectors, in each
//!   order of the elements where there are several rows.
//! - Rescales and relinearizations are `optimal`, rotations hoisted.
//! - Where the module states no parameters, the ring is the smallest that is secure for the levels that are taken, and
//!   has as many slots as it can; where it does, they stay, and bootstraps are placed if they do not suffice.
//!
//! In Rust because it is a search over whole compilations.

use he_core::ir::Ir;
use he_core::pass::{
    Instrumentation, OptionDef, OptionKind, PassContext, PassDef, StageRange, parse_pipeline, run_pipeline,
};
use he_core::support::{Diagnostic, Diagnostics};

use super::layouts::levels_taken;
use crate::ckks::attr::{PARAMS_ATTR, missing_levels, params_of, set_params};
use crate::ckks::cost::{check_levels, cost_report};
use crate::ckks::params::{MAX_LOG_N, MAX_PRIME_BITS, MIN_LOG_N, Params, default_log_p, dnum_splits};
use crate::ckks::security::max_log_qp;
use crate::func;
use crate::profiles::Profile;

/// The pass `auto`.
pub fn pass() -> PassDef {
    let text = |name, default, doc| OptionDef { name, kind: OptionKind::Text, default, doc };
    PassDef {
        name: "auto".into(),
        doc: "Compiles to the cheapest program that is found, and chooses the parameters if none are stated".into(),
        options: vec![
            OptionDef {
                name: "objective",
                kind: OptionKind::Choice(&["latency", "rotations"]),
                default: "latency",
                doc: "what is minimized: the predicted latency, or the number of rotations",
            },
            OptionDef {
                name: "degree",
                kind: OptionKind::Int { min: 1, max: 63 },
                default: "8",
                doc: "degree of the polynomials, as of 'approximate'",
            },
            text("method", "chebyshev", "how the polynomials are chosen, as of 'approximate'"),
            OptionDef {
                name: "security",
                kind: OptionKind::Choice(&["128", "192", "256"]),
                default: "128",
                doc: "bits of security of the chosen parameters",
            },
            OptionDef {
                name: "max-log-n",
                kind: OptionKind::Int { min: i64::from(MIN_LOG_N), max: i64::from(MAX_LOG_N) },
                default: "17",
                doc: "log2 of the largest ring degree that is chosen",
            },
            OptionDef {
                name: "log-scale",
                kind: OptionKind::Int { min: 20, max: 59 },
                default: "40",
                doc: "bits of the scale of the chosen parameters",
            },
            OptionDef {
                name: "max-rotation-keys",
                kind: OptionKind::Int { min: 1, max: 65536 },
                default: "",
                doc: "the most rotation keys; as many as it takes if not given",
            },
            OptionDef {
                name: "explain",
                kind: OptionKind::Flag,
                default: "false",
                doc: "prints every candidate with its cost, and those of each layer",
            },
        ],
        stages: Some(StageRange { first: 0, last: 0, result: Some(4) }),
        run: Box::new(run),
    }
}

/// How a candidate is made.
#[derive(Clone, Copy)]
struct Recipe {
    name: &'static str,
    /// Domains symmetric about 0.
    symmetric: bool,
    /// Polynomials folded into layers.
    fold: bool,
    packing: Packing,
    schedule: &'static str,
}

/// Where the elements are, and how layers are computed.
#[derive(Clone, Copy, PartialEq)]
enum Packing {
    /// Layouts and plans by search.
    Searched,
    /// Baby-step giant-step on dense vectors, in this order.
    Dense(&'static str),
}

const fn recipe(name: &'static str, packing: Packing) -> Recipe {
    Recipe { name, symmetric: true, fold: true, packing, schedule: "auto" }
}

/// The candidates. Of equals the first is taken.
const RECIPES: [Recipe; 7] = [
    recipe("folded", Packing::Searched),
    Recipe { schedule: "paterson-stockmeyer", ..recipe("folded, fewest products", Packing::Searched) },
    Recipe { symmetric: false, ..recipe("folded, inferred domains", Packing::Searched) },
    recipe("dense", Packing::Dense("row_major")),
    recipe("dense, by columns", Packing::Dense("column_major")),
    recipe("dense, by diagonals", Packing::Dense("diagonal")),
    Recipe {
        name: "as bsgs-lazy",
        symmetric: false,
        fold: false,
        packing: Packing::Dense("row_major"),
        schedule: "min-depth",
    },
];

/// What a candidate came to.
struct Candidate {
    ir: Ir,
    cost: f64,
    latency_ms: f64,
    pipeline: String,
    report: String,
}

/// Collects what passes report.
#[derive(Default)]
struct Reports(String);

impl Instrumentation for Reports {
    fn report(&mut self, text: &str) {
        self.0.push_str(text);
    }
}

fn run(context: &mut PassContext<'_>, ir: &mut Ir) -> Result<(), Diagnostics> {
    let stated = ir.attr_named(ir.top(), PARAMS_ATTR).is_some();
    let mut best: Option<Candidate> = None;
    let mut failures = Diagnostics::new();
    let mut lines = String::new();
    let rows = has_rows(ir);
    let same = |recipe: &Recipe| matches!(recipe.packing, Packing::Dense("column_major" | "diagonal"));
    for recipe in RECIPES.into_iter().filter(|recipe| rows || !same(recipe)) {
        match compile(context, ir, recipe, stated) {
            Ok(candidate) => {
                lines += &format!("{:10.2} ms  {}: {}\n", candidate.latency_ms, recipe.name, candidate.pipeline);
                if best.as_ref().is_none_or(|best| candidate.cost < best.cost) {
                    best = Some(candidate);
                }
            }
            Err(errors) => {
                let why = errors.first().map_or_else(String::new, |error| error.message.clone());
                lines += &format!("         -     {}: {why}\n", recipe.name);
                if failures.is_empty() {
                    failures = errors;
                }
            }
        }
    }
    let Some(best) = best else { return Err(failures) };
    if context.options.flag("explain") {
        context.report.push_str(&format!("auto: candidates\n{lines}auto: layers of the one taken\n{}", best.report));
    }
    *ir = best.ir;
    let flags = parameter_flags(&params_of(ir).map_err(|error| vec![error])?.unwrap_or_default());
    let text = format!("auto: made by {flags} --pass-pipeline='builtin.module({})'", best.pipeline);
    context.remarks.push(Diagnostic::remark(text));
    Ok(())
}

/// Whether an argument has several rows: orders of elements are the same for one.
fn has_rows(ir: &Ir) -> bool {
    let args = func::entry(ir).ok().and_then(|entry| ir.body(entry)).map_or(&[][..], |block| ir.args(block));
    args.iter().any(|arg| ir.ctx.shaped(ir.ty(*arg)).0.iter().rev().skip(1).any(|dim| *dim > 1))
}

/// The command line flags of parameters.
fn parameter_flags(params: &Params) -> String {
    let list = |bits: &[u32]| bits.iter().map(u32::to_string).collect::<Vec<_>>().join(",");
    format!(
        "--poly-modulus-degree={} --coeff-modulus={} --scale=2^{} --special-modulus={} --dnum={}",
        params.degree(),
        list(&params.log_q),
        params.log_scale,
        list(&params.log_p),
        params.dnum
    )
}

/// Runs passes on a program. What they report is yielded.
fn run_passes(context: &PassContext<'_>, ir: &mut Ir, pipeline: &str) -> Result<String, Diagnostics> {
    let passes = parse_pipeline(&context.session.passes, pipeline).map_err(|error| vec![error])?;
    let mut reports = Reports::default();
    let ran = run_pipeline(context.session, ir, &passes, context.weights, context.target, false, &mut reports);
    ran.map_err(|error| error.diagnostics)?;
    Ok(reports.0)
}

fn compile(context: &PassContext<'_>, ir: &Ir, recipe: Recipe, stated: bool) -> Result<Candidate, Diagnostics> {
    let one = |error: Diagnostic| vec![error];
    let options = context.options;
    let mut start = ir.clone();
    let mut pipeline = format!("approximate{{degree={}", options.int("degree"));
    if let Some(method) = options.text("method").filter(|method| *method != "chebyshev") {
        pipeline += &format!(" method={method}");
    }
    if recipe.symmetric {
        pipeline += " symmetric=true";
    }
    pipeline += "}";
    if recipe.fold {
        pipeline += ",fold-poly";
    }
    run_passes(context, &mut start, &pipeline)?;
    let objective = options.text("objective").unwrap_or("latency");
    pipeline += &match recipe.packing {
        Packing::Searched => format!(",pack{{strategy=auto objective={objective}}}"),
        Packing::Dense("row_major") => ",pack,bsgs".to_owned(),
        Packing::Dense(order) => format!(",pack{{strategy={order}}},bsgs"),
    };
    pipeline += &format!(
        ",expand-poly{{schedule={}}},to-ckks,rescale{{strategy=optimal}}",
        recipe.schedule
    );
    if stated {
        return finish(context, start, &pipeline, "");
    }
    let taken = levels_taken(&start).map_err(one)?;
    let scale = u32::try_from(options.int("log-scale")).unwrap_or(40);
    let security = u32::try_from(options.int("security")).unwrap_or(128);
    let largest = u32::try_from(options.int("max-log-n")).unwrap_or(MAX_LOG_N);
    let mut last = None;
    for log_n in (MIN_LOG_N..=largest).filter(|log_n| *log_n == largest || fits(*log_n, taken, scale, security)) {
        let mut trial = start.clone();
        set_params(&mut trial, &Params::derived(log_n, chain(taken, scale), scale));
        // A ring above the smallest can be faster: it has room for wider digits.
        let above = (log_n + 1).min(largest);
        let select = format!(",select-params{{security={security} max-log-n={above} objective=latency}}");
        match finish(context, trial, &pipeline, &select) {
            Ok(candidate) => return Ok(candidate),
            Err(errors) => last = Some(errors),
        }
    }
    Err(last.unwrap_or_default())
}

/// Primes for so many levels.
fn chain(levels: i64, scale: u32) -> Vec<u32> {
    let mut log_q = vec![MAX_PRIME_BITS];
    log_q.extend(std::iter::repeat_n(scale, usize::try_from(levels).unwrap_or(0)));
    log_q
}

/// Whether a ring may be secure for so many levels: the first prime at its narrowest, and the fewest special primes.
fn fits(log_n: u32, levels: i64, scale: u32, security: u32) -> bool {
    let mut log_q = chain(levels, scale);
    log_q[0] = scale;
    let splits = (1..=log_q.len() as u32).filter(|dnum| dnum_splits(log_q.len(), *dnum));
    let bits = splits.map(|dnum| log_q.iter().chain(&default_log_p(&log_q, dnum)).sum::<u32>()).min();
    max_log_qp(log_n, security).zip(bits).is_some_and(|(limit, bits)| bits <= limit)
}

/// Runs the passes from `pack` on, those of `select` for the parameters, and what follows.
fn finish(context: &PassContext<'_>, mut ir: Ir, pipeline: &str, select: &str) -> Result<Candidate, Diagnostics> {
    let one = |error: Diagnostic| vec![error];
    let start = pipeline.find(",pack").map_or(0, |at| at + 1);
    let explain = context.options.flag("explain") && pipeline.contains("strategy=auto");
    let first = match explain {
        true => pipeline[start..].replacen("strategy=auto", "strategy=auto explain=true", 1),
        false => pipeline[start..].to_owned(),
    };
    let mut pipeline = pipeline.to_owned();
    let report = run_passes(context, &mut ir, &first)?;
    let mut rest = select.trim_start_matches(',').to_owned();
    if missing_levels(&ir).is_some() && rest.is_empty() {
        rest = "bootstrap{strategy=optimal}".to_owned();
    }
    let keys = match context.options.is_given("max-rotation-keys") {
        true => format!("limit-rotation-keys{{max={}}}", context.options.int("max-rotation-keys")),
        false => String::new(),
    };
    for pass in [rest.as_str(), keys.as_str(), "hoist,dce"].into_iter().filter(|pass| !pass.is_empty()) {
        run_passes(context, &mut ir, pass)?;
        pipeline += &format!(",{pass}");
    }
    check_levels(&ir).map_err(one)?;
    let profile = Profile::of_target(context.target);
    let costs = cost_report(&context.session.registry, &ir, profile).map_err(one)?;
    let rotations = costs.operations.get("rotate") + costs.operations.get("rotate_ext");
    let cost = match context.options.text("objective") {
        Some("rotations") => rotations as f64 + 1e-9 * costs.latency_ms,
        _ => costs.latency_ms,
    };
    Ok(Candidate { ir, cost, latency_ms: costs.latency_ms, pipeline, report })
}
