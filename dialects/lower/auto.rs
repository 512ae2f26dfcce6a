//! `auto`: the cheapest program that is found.
//!
//! Each candidate is a pipeline of the other passes, run on a copy of the program at the parameters that it needs, and
//! costed by the same walk that `he-cost` makes. The pass leaves what the cheapest one made, and says with which command
//! it can be made again.
//!
//! - Polynomials are approximated on symmetric domains where inferred ones nearly are, since parity takes fewer products;
//!   they are folded into the layers beside them; they have the least depth, or the fewest products. At stated parameters
//!   the choices of `bsgs-lazy` are tried too.
//! - Layouts and kernels are the shortest path of [`super::layouts`], with masks and, where their levels take a larger ring
//!   or more digits, without; or baby-step giant-step on dense vectors, in each order of the elements where there are
//!   several rows.
//! - Layers of one value share its rotations (`cse`). Rescales and relinearizations are `optimal`, rotations hoisted.
//! - Where the module states no parameters, the ring is the smallest that is secure for the levels that are taken, and
//!   has as many slots as it can; or one that is refreshed ([`refreshed`]). Where it does, they stay, and bootstraps are
//!   placed if they do not suffice.
//!
//! In Rust because it is a search over whole compilations.

use he_core::ir::Ir;
use he_core::pass::{
    Instrumentation, OptionDef, OptionKind, Options, PassContext, PassDef, StageRange, parse_pipeline,
    run_pipeline,
};
use he_core::support::{Diagnostic, Diagnostics, Severity};
use rustc_hash::FxHashMap;

use self::refreshed::Limits;
use super::layouts::{self, Assignment, Masks, Network, Taken};
use super::nn_to_poly::{DEGREE, METHOD};
use super::poly_to_packed;
use crate::ckks::attr::{
    PARAMS_ATTR, bootstrap_levels, bootstrap_min_level, missing_levels, params_of, set_params,
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

mod refreshed;

/// The pass `auto`.
pub fn pass() -> PassDef {
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
            DEGREE,
            OptionDef {
                name: "precision",
                kind: OptionKind::Int { min: 1, max: 50 },
                default: "",
                doc: "bits after the point that noise leaves right, as of 'select-params'; instead of log-scale",
            },
            METHOD,
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
    if context.options.is_given("precision") && context.options.is_given("log-scale") {
        let error = Diagnostic::error("auto: 'precision' and 'log-scale' both choose the scale");
        return Err(vec![error.at(ir.position(ir.top())).help("leave out one of them")]);
    }
    let stated = ir.attr_named(ir.top(), PARAMS_ATTR).is_some();
    let mut best: Option<Candidate> = None;
    let mut failures = Diagnostics::new();
    let (mut lines, mut approximated) = (String::new(), String::new());
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
                    approximated = recipe.pipeline(context.options);
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
    let approximated = made.remove(&(approximated, params_of(ir).map_err(|error| vec![error])?));
    context.remarks.extend(approximated.map_or_else(Vec::new, |(_, _, warnings)| warnings));
    *ir = best.ir;
    let params = params_of(ir).map_err(|error| vec![error])?.unwrap_or_default();
    let bits = |primes: &[u32]| primes.iter().sum::<u32>();
    let text = format!(
        "auto: N = 2^{}, Q of {} primes and {} bits, P of {} bits, scale 2^{}; made by {} --pass-pipeline='builtin.module({})'",
        params.log_n,
        params.log_q.len(),
        bits(&params.log_q),
        bits(&params.log_p),
        params.log_scale,
        best.flags,
        best.pipeline
    );
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
    let least = Some(bootstrap_min_level(ir)).filter(|level| *level > 0);
    flags.extend(least.map(|level| format!(" --bootstrap-min-level={level}")));
    Ok(flags)
}

/// Runs passes on a program. What they report and remark is yielded.
fn run_passes(
    context: &PassContext<'_>,
    ir: &mut Ir,
    pipeline: &str,
) -> Result<(String, Diagnostics), Diagnostics> {
    let passes = parse_pipeline(&context.session.passes, pipeline).map_err(|error| vec![error])?;
    let mut reports = Reports::default();
    let ran =
        run_pipeline(context.session, ir, &passes, context.weights, context.target, false, &mut reports);
    let remarks = ran.map_err(|error| error.diagnostics)?;
    Ok((reports.0, remarks))
}

impl Recipe {
    /// The passes up to stage poly.
    fn pipeline(&self, options: &Options) -> String {
        let mut pipeline = format!("approximate{{degree={}", options.int("degree"));
        if let Some(method) = options.text("method").filter(|method| *method != "chebyshev") {
            pipeline += &format!(" method={method}");
        }
        if self.symmetric {
            pipeline += " symmetric=true";
        }
        pipeline += "}";
        if self.fold {
            pipeline += ",fold-poly";
        }
        pipeline
    }
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
    let before = recipe.pipeline(context.options);
    let (start, _) = shared(context, made, ir, ["", &before])?;
    if recipe.schedule == "paterson-stockmeyer" && !takes_fewer_products(&start).map_err(one)? {
        return Err(one(Diagnostic::error("no polynomial takes fewer products")));
    }
    let after = format!(",expand-poly{{schedule={}}},to-ckks,cse", recipe.schedule);
    let mut attempt = Attempt { context, made, start, packing: recipe.packing, before, after, network: None };
    if !stated {
        return attempt.at_chosen_parameters();
    }
    if context.options.is_given("precision") {
        let text = "auto: a precision chooses the parameters, and they are stated";
        return Err(one(Diagnostic::error(text).help("state no parameters, or no precision")));
    }
    let start = attempt.start.clone();
    attempt.cheapest(&start, "", Masks::Fit, &|_| true)
}

/// The elements of the largest encrypted tensor of the entry.
fn largest_tensor(ir: &Ir) -> i64 {
    let Some(block) = func::entry(ir).ok().and_then(|entry| ir.body(entry)) else { return 0 };
    let ops = ir.block_ops(block).into_iter().filter(|op| !ir.is_plain(*op));
    let values = ir.args(block).iter().copied().chain(ops.flat_map(|op| ir.results(op)));
    values.map(|value| ir.ctx.shaped(ir.ty(value)).0.iter().product()).max().unwrap_or(0)
}

/// Primes for so many levels.
fn chain(levels: i64, scale: u32) -> Vec<u32> {
    let mut log_q = vec![MAX_PRIME_BITS];
    log_q.extend(std::iter::repeat_n(scale, usize::try_from(levels).unwrap_or(0)));
    log_q
}

/// The fewest digits with which a ring may be secure for so many levels: the first prime at its narrowest. `None` where
/// it cannot be.
fn fewest_digits(log_n: u32, levels: i64, scale: u32, security: u32) -> Option<u32> {
    let limit = max_log_qp(log_n, security)?;
    let mut log_q = chain(levels, scale);
    log_q[0] = scale;
    let bits = |dnum: u32| log_q.iter().chain(&default_log_p(&log_q, dnum)).sum::<u32>();
    (1..=log_q.len() as u32).find(|dnum| dnum_splits(log_q.len(), *dnum) && bits(*dnum) <= limit)
}

/// Programs with what passes reported and warned of, by the pipeline that made them and the parameters.
type Made = FxHashMap<(String, Option<Params>), (Ir, String, Diagnostics)>;

/// The program after `pipeline`, run on `ir` or remembered, and what its passes reported. `before` has made `ir`.
fn shared(
    context: &PassContext<'_>,
    made: &mut Made,
    ir: &Ir,
    [before, pipeline]: [&str; 2],
) -> Result<(Ir, String), Diagnostics> {
    let params = params_of(ir).map_err(|error| vec![error])?;
    let key = (format!("{before}{pipeline}"), params);
    if let Some((result, report, _)) = made.get(&key) {
        return Ok((result.clone(), report.clone()));
    }
    let mut result = ir.clone();
    let (report, mut remarks) = run_passes(context, &mut result, pipeline.trim_start_matches(','))?;
    remarks.retain(|remark| remark.severity == Severity::Warning);
    made.insert(key, (result.clone(), report.clone(), remarks));
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

/// Placements of rescales and relinearizations, and of bootstraps.
const OPTIMAL: &str = ",rescale{strategy=optimal}";
const LATE: &str = ",relinearize{strategy=lazy},rescale{strategy=lazy}";
const REFRESHES: &str = ",bootstrap{strategy=optimal}";

/// A recipe, with the program at stage poly that it makes.
struct Attempt<'a, 'c> {
    context: &'a PassContext<'c>,
    made: &'a mut Made,
    start: Ir,
    packing: Packing,
    /// The passes before `pack`, and those behind it up to ciphertexts.
    before: String,
    after: String,
    network: Option<Network<'a>>,
}

impl<'a> Attempt<'a, '_> {
    /// What the search of layouts knows of the program, made once.
    fn network(&mut self) -> Result<&Network<'a>, Diagnostic> {
        let network = match self.network.take() {
            Some(known) => known,
            None => Network::new(&self.context.session.registry, self.context.weights, &self.start)?,
        };
        Ok(self.network.insert(network))
    }

    /// The cheapest program at parameters that are chosen.
    fn at_chosen_parameters(&mut self) -> Result<Candidate, Diagnostics> {
        let one = |error: Diagnostic| vec![error];
        let options = self.context.options;
        let taken = Taken::of(&self.start).map_err(one)?;
        let scale = match options.is_given("log-scale") {
            true => u32::try_from(options.int("log-scale")).unwrap_or(USUAL_SCALE),
            false => USUAL_SCALE,
        };
        let security = u32::try_from(options.int("security")).unwrap_or(128);
        let largest = u32::try_from(options.int("max-log-n")).unwrap_or(MAX_LOG_N);
        let limits = Limits { security, largest };
        let fits = |log_n: &u32| fewest_digits(*log_n, taken.depth(), scale, security).is_some();
        let mut rings: Vec<u32> = (MIN_LOG_N..=largest).filter(fits).collect();
        // The precision of a refresh is the library's, whatever the scale.
        let precise = options.is_given("precision");
        if rings.is_empty() && (precise || !refreshed::are_possible(self.context, &self.start, limits)) {
            // It does not fit either, and says what would.
            rings.push(largest);
        }
        let (best, last) = self.without_bootstraps(&rings, limits, taken.depth(), scale);
        match precise {
            true => best.ok_or_else(|| last.unwrap_or_default()),
            false => self.with_bootstraps(limits, &taken, (best, last)),
        }
    }

    /// The cheapest program without bootstraps from the rings that have room for so many levels, the smallest first, and what
    /// failed last.
    fn without_bootstraps(
        &mut self,
        rings: &[u32],
        Limits { security, largest }: Limits,
        taken: i64,
        scale: u32,
    ) -> (Option<Candidate>, Option<Diagnostics>) {
        let options = self.context.options;
        let most = largest_tensor(&self.start);
        let digits = |log_n: u32, levels: i64| fewest_digits(log_n, levels, scale, security);
        let wanted = match options.is_given("precision") {
            true => format!(" precision={}", options.int("precision")),
            false if options.is_given("log-scale") => String::new(),
            false => " scale=widest".to_owned(),
        };
        let (mut best, mut last) = (None::<Candidate>, None);
        for log_n in rings.iter().copied() {
            let mut trial = self.start.clone();
            set_params(&mut trial, &Params::derived(log_n, chain(taken, scale), scale));
            // A ring above the smallest can be faster: it has room for wider digits.
            let above = (log_n + 1).min(largest);
            let select =
                format!(",select-params{{security={security} max-log-n={above} objective=latency{wanted}}}");
            let has_room = |masks: i64| {
                (log_n..=above).all(|log_n| digits(log_n, taken + masks) == digits(log_n, taken))
            };
            // Levels for masks are added where they pay.
            match self.cheapest(&trial, &select, Masks::Any, &has_room) {
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
        (best, last)
    }

    /// Fewer levels in a smaller ring, and bootstraps, may be cheaper than the best program without; where no ring is large
    /// enough it must be.
    fn with_bootstraps(
        &mut self,
        limits: Limits,
        taken: &Taken,
        (mut best, mut last): (Option<Candidate>, Option<Diagnostics>),
    ) -> Result<Candidate, Diagnostics> {
        let starts = refreshed::starts(self, limits, taken, best.as_ref()).map_err(|error| vec![error])?;
        let enough = best.as_ref().map_or(f64::INFINITY, |best| (1.0 - refreshed::GAIN) * best.cost);
        let mut too_short = Vec::new();
        for refreshed in starts {
            let log_n = refreshed.log_n();
            if too_short.contains(&log_n) {
                continue;
            }
            let worth = |best: &Candidate| refreshed.cost() < best.cost && best.ir.all_ops().len() <= LARGE;
            if !best.as_ref().is_none_or(worth) {
                break;
            }
            let mut trial = self.start.clone();
            refreshed.state(&mut trial);
            match self.finish(&trial, "", Masks::Any, Some(refreshed.layouts)) {
                Ok(candidate) => {
                    if candidate.cost < enough && best.as_ref().is_none_or(|best| candidate.cost < best.cost)
                    {
                        best = Some(candidate);
                    }
                }
                Err(errors) => {
                    // Its chain does not reach from one place to the next, for however many slots.
                    too_short.push(log_n);
                    last = last.or(Some(errors));
                }
            }
        }
        best.ok_or_else(|| last.unwrap_or_default())
    }

    /// The program with masks. Where that fails, the one without; where there is no room for the levels of its masks, the
    /// cheaper one of both.
    fn cheapest(
        &mut self,
        trial: &Ir,
        select: &str,
        masks: Masks,
        has_room: &dyn Fn(i64) -> bool,
    ) -> Result<Candidate, Diagnostics> {
        let with = self.finish(trial, select, masks, None);
        let is_done = match (&with, self.packing) {
            (_, Packing::Dense(_)) => true,
            (with, Packing::Searched) => with.as_ref().is_ok_and(|it| it.masks == 0 || has_room(it.masks)),
        };
        if is_done {
            return with;
        }
        match (with, self.finish(trial, select, Masks::None, None)) {
            (Ok(with), Ok(without)) if without.cost < with.cost => Ok(without),
            (Ok(with), _) => Ok(with),
            (Err(_), without) => without,
        }
    }

    /// Packs the program; what passes reported of it, and the text of the passes.
    fn packed(
        &mut self,
        trial: &Ir,
        masks: Masks,
        layouts: Option<Assignment>,
    ) -> Result<(Ir, String, String), Diagnostics> {
        let one = |error: Diagnostic| vec![error];
        let context = self.context;
        if let Packing::Dense(order) = self.packing {
            let text = match order {
                "row_major" => ",pack,bsgs".to_owned(),
                _ => format!(",pack{{strategy={order}}},bsgs"),
            };
            let (ir, report) = shared(context, self.made, trial, [&self.before, &text])?;
            return Ok((ir, report, text));
        }
        let params = params_of(trial).map_err(one)?.unwrap_or_default();
        let slots = poly_to_packed::slots(context, trial).map_err(one)?;
        let layouts = match layouts {
            Some(layouts) => layouts,
            None => {
                let request = poly_to_packed::request(context, trial, &params, slots, masks);
                layouts::assign(self.network().map_err(one)?, &request, trial).map_err(one)?
            }
        };
        let (mut ir, report) = (trial.clone(), layouts.report.clone());
        poly_to_packed::pack(context, &mut ir, slots, "auto", layouts).map_err(one)?;
        let objective = context.options.text("objective").unwrap_or("latency");
        let text = format!(",pack{{strategy=auto objective={objective} masks={}}}", masks.word());
        Ok((ir, report, text))
    }

    /// Runs what follows stage poly: packing with layouts that are searched if they are not known, the rest up to levels, the
    /// passes of `select` for the parameters, and those on rotations.
    fn finish(
        &mut self,
        trial: &Ir,
        select: &str,
        masks: Masks,
        layouts: Option<Assignment>,
    ) -> Result<Candidate, Diagnostics> {
        let one = |error: Diagnostic| vec![error];
        let context = self.context;
        let (mut ir, report, pack) = self.packed(trial, masks, layouts)?;
        let masked = ir.all_ops().into_iter().filter(|op| ir.name_str(*op) == packed::Spread::NAME);
        let masks = masked.count() as i64;
        run_passes(context, &mut ir, self.after.trim_start_matches(','))?;
        let before = format!("{}{pack}{}", self.before, self.after);
        let keys = match context.options.is_given("max-rotation-keys") {
            true => format!(",limit-rotation-keys{{max={}}}", context.options.int("max-rotation-keys")),
            false => String::new(),
        };
        let costed = |mut ir: Ir, placed: &str, rest: &str| {
            let rest = format!("{rest}{keys},hoist,dce");
            run_passes(context, &mut ir, rest.trim_start_matches(','))?;
            check_levels(&ir).map_err(one)?;
            let (cost, latency_ms) = cost(context, &ir).map_err(one)?;
            let flags = parameter_flags(trial).map_err(one)?;
            let pipeline = format!("{before}{placed}{rest}");
            Ok(Candidate { ir, cost, latency_ms, masks, flags, pipeline, report: report.clone() })
        };
        let unplaced = select.is_empty().then(|| ir.clone());
        run_passes(context, &mut ir, OPTIMAL.trim_start_matches(','))?;
        let Some(unplaced) = unplaced.filter(|_| missing_levels(&ir).is_some()) else {
            return costed(ir, OPTIMAL, select);
        };
        // Refreshes are of values at the nominal scale. Where rescales are as late as they can be, there are more of those.
        let refreshed = costed(ir, OPTIMAL, REFRESHES);
        let late = costed(unplaced, "", &format!("{LATE}{REFRESHES}{OPTIMAL}"));
        match (refreshed, late) {
            (Ok(refreshed), Ok(late)) if late.cost < refreshed.cost => Ok(late),
            (Ok(refreshed), _) => Ok(refreshed),
            (Err(errors), late) => late.map_err(|_: Diagnostics| errors),
        }
    }
}

/// What is minimized of a program with levels, and its latency in milliseconds.
fn cost(context: &PassContext<'_>, ir: &Ir) -> Result<(f64, f64), Diagnostic> {
    let params = params_of(ir)?.unwrap_or_default();
    let profile = Profile::of_target(context.target);
    let latency_ms = latency_ms(&context.session.registry, ir, profile, &params)?;
    if context.options.text("objective") != Some("rotations") {
        return Ok((latency_ms, latency_ms));
    }
    let counts = op_counts(ir)?;
    let rotations = counts.iter().filter(|(name, _)| name.starts_with("ckks.rotate"));
    Ok((rotations.map(|(_, count)| *count as f64).sum::<f64>() + 1e-9 * latency_ms, latency_ms))
}
