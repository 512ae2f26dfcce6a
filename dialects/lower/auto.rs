//! `auto`: the cheapest program that is found.
//!
//! Each candidate is a pipeline of the other passes, run on a copy of the program at the parameters that it needs, and
//! costed by the same walk that `he-cost` makes. The pass leaves what the cheapest one made, and says with which command
//! it can be made again.
//!
//! - Polynomials are approximated on symmetric domains where inferred ones nearly are, since parity takes fewer products;
//!   they are folded into the layers beside them; they have the least depth, or the fewest products. At stated parameters
//!   the choices of `bsgs-lazy` are tried too.
//! - Layouts and kernels are the shortest path of [`super::layouts`], with masks and without if they pay there, or baby-step giant-step on dense vectors, in each
//!   order of the elements where there are several rows.
//! - Layers of one value share its rotations (`cse`). Rescales and relinearizations are `optimal`, rotations hoisted.
//! - Where the module states no parameters, the ring is the smallest that is secure for the levels that are taken, and
//!   has as many slots as it can; where no ring is large enough, bootstraps are placed in the largest one. Where it does,
//!   they stay, and bootstraps are placed if they do not suffice.
//!
//! In Rust because it is a search over whole compilations.

use he_core::ir::{Ir, Traits};
use he_core::pass::{
    Instrumentation, OptionDef, OptionKind, PassContext, PassDef, StageRange, parse_pipeline, run_pipeline,
};
use he_core::support::{Diagnostic, Diagnostics};
use rustc_hash::FxHashMap;

use super::layouts::levels_taken;
use crate::ckks::attr::{
    BOOTSTRAP_LEVELS_ATTR, PARAMS_ATTR, bootstrap_levels, missing_levels, params_of, set_params,
};
use crate::ckks::cost::{check_levels, latency_ms, op_counts};
use crate::ckks::params::{MAX_LOG_N, MAX_PRIME_BITS, MIN_LOG_N, Params, default_log_p, dnum_splits};
use crate::ckks::passes::select_params::{LARGEST, SECURITY};
use crate::ckks::security::max_log_qp;
use crate::func;
use crate::packed::views as packed;
use crate::poly::ops::polynomial_of;
use crate::poly::schedule::{Schedule, expand};
use crate::poly::views as poly;
use crate::profiles::Profile;

/// The pass `auto`.
pub fn pass() -> PassDef {
    let text = |name, default, doc| OptionDef { name, kind: OptionKind::Text, default, doc };
    PassDef {
        name: "auto".into(),
        doc: "Compiles to the cheapest program that is found, and chooses the parameters if none are stated"
            .into(),
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
            OptionDef {
                name: "precision",
                kind: OptionKind::Int { min: 1, max: 50 },
                default: "",
                doc: "bits after the point that noise leaves right, as of 'select-params'; instead of log-scale",
            },
            text("method", "chebyshev", "how the polynomials are chosen, as of 'approximate'"),
            SECURITY,
            LARGEST,
            OptionDef {
                name: "log-scale",
                kind: OptionKind::Int { min: 20, max: 59 },
                default: "",
                doc: "bits of the scale of the chosen parameters; if not given 40, or as many more as cost nothing",
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

/// Bits of the scale at the least, where none are asked for.
const USUAL_SCALE: u32 = 40;
/// Bits of the scale where bootstraps are needed: OpenFHE's takes 55 to 59.
const BOOTSTRAP_SCALE: u32 = 58;

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

/// The choices of `bsgs-lazy`.
const fn unfolded(name: &'static str, order: &'static str) -> Recipe {
    let packing = Packing::Dense(order);
    Recipe { name, symmetric: false, fold: false, packing, schedule: "min-depth" }
}

/// Ops of a program beyond which the first candidate that compiles is taken.
const LARGE: usize = 20_000;

/// The candidates. Of equals the first is taken.
const RECIPES: [Recipe; 7] = [
    recipe("folded", Packing::Searched),
    Recipe { schedule: "paterson-stockmeyer", ..recipe("folded, fewest products", Packing::Searched) },
    recipe("dense, by columns", Packing::Dense("column_major")),
    recipe("dense, by diagonals", Packing::Dense("diagonal")),
    unfolded("as bsgs-lazy", "row_major"),
    unfolded("as bsgs-lazy, by columns", "column_major"),
    unfolded("as bsgs-lazy, by diagonals", "diagonal"),
];

/// What a candidate came to.
struct Candidate {
    ir: Ir,
    cost: f64,
    latency_ms: f64,
    /// Layers with a mask, which may take a level each.
    masks: i64,
    /// The command line flags of the parameters that it started from.
    flags: String,
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
    // Orders differ where there are several rows. What is not folded takes more levels: at parameters of its own it is
    // never better.
    let tried = |recipe: &Recipe| {
        let row_major = !matches!(recipe.packing, Packing::Dense("column_major" | "diagonal"));
        (rows || row_major) && (recipe.fold || stated)
    };
    let mut made = FxHashMap::default();
    for recipe in RECIPES.into_iter().filter(tried) {
        if best.as_ref().is_some_and(|best| best.ir.all_ops().len() > LARGE) {
            lines += &format!("         -     {}: not tried, the program is large\n", recipe.name);
            continue;
        }
        match compile(context, ir, recipe, stated, &mut made) {
            Ok(candidate) => {
                lines +=
                    &format!("{:10.2} ms  {}: {}\n", candidate.latency_ms, recipe.name, candidate.pipeline);
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
        context
            .report
            .push_str(&format!("auto: candidates\n{lines}auto: layers of the one taken\n{}", best.report));
    }
    *ir = best.ir;
    let text = format!("auto: made by {} --pass-pipeline='builtin.module({})'", best.flags, best.pipeline);
    context.remarks.push(Diagnostic::remark(text));
    Ok(())
}

/// Whether an argument has several rows: orders of elements are the same for one.
fn has_rows(ir: &Ir) -> bool {
    let args = func::entry(ir).ok().and_then(|entry| ir.body(entry)).map_or(&[][..], |block| ir.args(block));
    args.iter().any(|arg| ir.ctx.shaped(ir.ty(*arg)).0.iter().rev().skip(1).any(|dim| *dim > 1))
}

/// The command line flags of the parameters that a program states.
fn parameter_flags(ir: &Ir) -> Result<String, Diagnostic> {
    let list = |bits: &[u32]| bits.iter().map(u32::to_string).collect::<Vec<_>>().join(",");
    let params = params_of(ir)?.unwrap_or_default();
    let mut flags = format!(
        "--poly-modulus-degree={} --coeff-modulus={} --scale=2^{} --special-modulus={} --dnum={}",
        params.degree(),
        list(&params.log_q),
        params.log_scale,
        list(&params.log_p),
        params.dnum
    );
    if 2 * params.slots != params.degree() {
        flags += &format!(" --slots={}", params.slots);
    }
    let bootstrap = Some(bootstrap_levels(ir)).filter(|levels| *levels > 0);
    flags.extend(bootstrap.map(|levels| format!(" --bootstrap-levels={levels}")));
    Ok(flags)
}

/// Runs passes on a program. What they report is yielded.
fn run_passes(context: &PassContext<'_>, ir: &mut Ir, pipeline: &str) -> Result<String, Diagnostics> {
    let passes = parse_pipeline(&context.session.passes, pipeline).map_err(|error| vec![error])?;
    let mut reports = Reports::default();
    let ran =
        run_pipeline(context.session, ir, &passes, context.weights, context.target, false, &mut reports);
    ran.map_err(|error| error.diagnostics)?;
    Ok(reports.0)
}

/// Compiles a candidate. What several candidates begin with is made once: `made` has it by pipeline and parameters.
fn compile(
    context: &PassContext<'_>,
    ir: &Ir,
    recipe: Recipe,
    stated: bool,
    made: &mut Made,
) -> Result<Candidate, Diagnostics> {
    let one = |error: Diagnostic| vec![error];
    let options = context.options;
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
    let (start, _) = shared(context, made, ir, ["", &pipeline])?;
    if recipe.schedule == "paterson-stockmeyer" && !takes_fewer_products(&start).map_err(one)? {
        return Err(one(Diagnostic::error("no polynomial takes fewer products")));
    }
    let objective = options.text("objective").unwrap_or("latency");
    let searched = |masks: &str| format!(",pack{{strategy=auto objective={objective} masks={masks}}}");
    let packs = match recipe.packing {
        // At parameters of its own, levels for masks are added where they pay.
        Packing::Searched => vec![searched(if stated { "fit" } else { "any" }), searched("none")],
        Packing::Dense("row_major") => vec![",pack,bsgs".to_owned()],
        Packing::Dense(order) => vec![format!(",pack{{strategy={order}}},bsgs")],
    };
    let rest =
        format!(",expand-poly{{schedule={}}},to-ckks,cse,rescale{{strategy=optimal}}", recipe.schedule);
    let precise = options.is_given("precision");
    // The second packing is tried where the first fails, and where its masks take levels that a ring has no room for.
    let mut finish = |trial: &Ir, select: &str, has_room: &dyn Fn(i64) -> bool| {
        let mut best: Result<Candidate, Diagnostics> = Err(Diagnostics::new());
        for pack in &packs {
            let next = finish(context, made, trial, [&pipeline, pack, &rest], select);
            let cheaper = |best: &Candidate| next.as_ref().is_ok_and(|next| next.cost < best.cost);
            if best.as_ref().map_or(true, cheaper) {
                best = next;
            }
            if best.as_ref().is_ok_and(|best| best.masks == 0 || has_room(best.masks)) {
                break;
            }
        }
        best
    };
    if stated {
        if precise {
            let text = "auto: a precision chooses the parameters, and they are stated";
            return Err(one(Diagnostic::error(text).help("state no parameters, or no precision")));
        }
        return finish(&start, "", &|_| true);
    }
    let taken = levels_taken(&start).map_err(one)?;
    let scale = match options.is_given("log-scale") {
        true => u32::try_from(options.int("log-scale")).unwrap_or(USUAL_SCALE),
        false => USUAL_SCALE,
    };
    let security = u32::try_from(options.int("security")).unwrap_or(128);
    let largest = u32::try_from(options.int("max-log-n")).unwrap_or(MAX_LOG_N);
    let mut rings: Vec<u32> =
        (MIN_LOG_N..=largest).filter(|log_n| fits(*log_n, taken, scale, security)).collect();
    // The precision of a refresh is the library's, whatever the scale.
    let bootstrapped = if precise { None } else { with_bootstraps(context, &start, security, largest) };
    if rings.is_empty() && bootstrapped.is_none() {
        // It does not fit either, and says what would.
        rings.push(largest);
    }
    let most = largest_tensor(&start);
    let (mut best, mut last) = (None::<Candidate>, None);
    for log_n in rings {
        let mut trial = start.clone();
        set_params(&mut trial, &Params::derived(log_n, chain(taken, scale), scale));
        // A ring above the smallest can be faster: it has room for wider digits.
        let above = (log_n + 1).min(largest);
        let wanted = match precise {
            true => format!(" precision={}", options.int("precision")),
            false if options.is_given("log-scale") => String::new(),
            false => " scale=widest".to_owned(),
        };
        let select =
            format!(",select-params{{security={security} max-log-n={above} objective=latency{wanted}}}");
        match finish(&trial, &select, &|masks| fits(log_n, taken + masks, scale, security)) {
            Ok(candidate) => {
                if best.as_ref().is_none_or(|best| candidate.cost < best.cost) {
                    best = Some(candidate);
                }
            }
            Err(errors) => last = Some(errors),
        }
        // Where a tensor is several ciphertexts, a ring that holds it in fewer may be cheaper.
        let large = |best: &Candidate| most <= 1 << (log_n - 1) || best.ir.all_ops().len() > LARGE;
        if best.as_ref().is_some_and(large) {
            break;
        }
    }
    if let Some(best) = best {
        return Ok(best);
    }
    let Some((params, levels)) = bootstrapped else {
        return Err(last.unwrap_or_default());
    };
    // No ring is large enough for all levels: the largest ones are refreshed.
    let mut trial = start;
    let levels = trial.ctx.i64_attr(levels);
    let top = trial.top();
    trial.set_attr(top, BOOTSTRAP_LEVELS_ATTR, Some(levels));
    set_params(&mut trial, &params);
    finish(&trial, "", &|_| true).map_err(|errors| last.unwrap_or(errors))
}

/// The elements of the largest encrypted tensor of the entry.
fn largest_tensor(ir: &Ir) -> i64 {
    let Some(block) = func::entry(ir).ok().and_then(|entry| ir.body(entry)) else { return 0 };
    let ops = ir.block_ops(block).into_iter().filter(|op| !ir.has_trait(*op, Traits::PLAIN));
    let values = ir.args(block).iter().copied().chain(ops.flat_map(|op| ir.results(op)));
    values.map(|value| ir.ctx.shaped(ir.ty(value)).0.iter().product()).max().unwrap_or(0)
}

/// The longest secure chain of the largest ring, for a program that is bootstrapped, and the levels that a bootstrap takes.
/// `None` where the profile has none.
fn with_bootstraps(context: &PassContext<'_>, ir: &Ir, security: u32, largest: u32) -> Option<(Params, i64)> {
    let own = Some(bootstrap_levels(ir)).filter(|levels| *levels > 0);
    let levels = own.or(Profile::of_target(context.target).bootstrap().map(|it| i64::from(it.levels)))?;
    let limit = max_log_qp(largest, security)?;
    let secure = |length: i64, dnum: u32| {
        let log_q = chain(length, BOOTSTRAP_SCALE);
        let log_p = default_log_p(&log_q, dnum);
        let params = Params { dnum, log_p, ..Params::derived(largest, log_q, BOOTSTRAP_SCALE) };
        (dnum_splits(params.log_q.len(), dnum) && params.log_qp() <= limit).then_some(params)
    };
    let longest = (levels + 1..=i64::from(limit / BOOTSTRAP_SCALE)).rev();
    let params = longest.into_iter().find_map(|length| (1..=8).find_map(|dnum| secure(length, dnum)));
    params.map(|params| (params, levels))
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

/// Programs with what passes reported, by the pipeline that made them and the parameters.
type Made = FxHashMap<(String, Option<Params>), (Ir, String)>;

/// The program after `pipeline`, run on `ir` or remembered, and what its passes reported. `before` has made `ir`.
fn shared(
    context: &PassContext<'_>,
    made: &mut Made,
    ir: &Ir,
    [before, pipeline]: [&str; 2],
) -> Result<(Ir, String), Diagnostics> {
    let params = params_of(ir).map_err(|error| vec![error])?;
    let key = (format!("{before}{pipeline}"), params);
    if let Some(known) = made.get(&key) {
        return Ok(known.clone());
    }
    let mut result = ir.clone();
    let report = run_passes(context, &mut result, pipeline.trim_start_matches(','))?;
    made.insert(key, (result.clone(), report.clone()));
    Ok((result, report))
}

/// Whether the fewest products are fewer than those at the least depth, for some polynomial.
fn takes_fewer_products(ir: &Ir) -> Result<bool, Diagnostic> {
    for op in ir.all_ops().into_iter().filter(|op| ir.name_str(*op) == poly::Eval::NAME) {
        let polynomial = polynomial_of(ir, op)?;
        let [least, fewest] = [Schedule::Auto, Schedule::PatersonStockmeyer]
            .map(|schedule| expand(&polynomial, schedule, polynomial.domain).mul_count());
        if fewest < least {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Runs what follows stage poly: `pack`, the rest up to levels, the passes of `select` for the parameters, and those on
/// rotations.
fn finish(
    context: &PassContext<'_>,
    made: &mut Made,
    start: &Ir,
    [before, pack, after]: [&str; 3],
    select: &str,
) -> Result<Candidate, Diagnostics> {
    let one = |error: Diagnostic| vec![error];
    let mut pipeline = format!("{before}{pack}{after}");
    let explained = match context.options.flag("explain") {
        true => pack.replacen("strategy=auto", "strategy=auto explain=true", 1),
        false => pack.to_owned(),
    };
    let (mut ir, report) = shared(context, made, start, [before, &explained])?;
    let masks = ir.all_ops().into_iter().filter(|op| ir.name_str(*op) == packed::Spread::NAME).count() as i64;
    run_passes(context, &mut ir, after.trim_start_matches(','))?;
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
    let params = params_of(&ir).map_err(one)?.unwrap_or_default();
    let latency_ms = latency_ms(&context.session.registry, &ir, profile, &params).map_err(one)?;
    let cost = match context.options.text("objective") {
        Some("rotations") => {
            let counts = op_counts(&ir).map_err(one)?;
            let rotations = counts.iter().filter(|(name, _)| name.starts_with("ckks.rotate"));
            rotations.map(|(_, count)| *count as f64).sum::<f64>() + 1e-9 * latency_ms
        }
        _ => latency_ms,
    };
    Ok(Candidate {
        ir,
        cost,
        latency_ms,
        masks,
        flags: parameter_flags(start).map_err(one)?,
        pipeline,
        report,
    })
}
