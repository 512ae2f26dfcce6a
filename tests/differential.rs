//! The differential fuzzer: networks and packed programs, drawn with layouts, plans, modulus chains and orders of passes,
//! compute the same at every stage and on every backend. docs/fuzzing.md says how it runs for hours.

#[path = "support/drawn.rs"]
mod drawn;
#[path = "support/layers.rs"]
mod layers;
#[path = "support/programs.rs"]
mod programs;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::process::Command;
use std::rc::Rc;
use std::time::{Duration, Instant};

use drawn::{Dice, Network};
use he_core::exec::tensor::Tensor;
use he_core::exec::{Interpreter, RuntimeValue};
use he_core::ir::{Ir, ValueId};
use he_core::pass::{
    Instrumentation, PassInstance, Session, complete, module_stage, parse_pipeline, run_pipeline,
};
use he_core::schema::verify;
use he_core::support::{Diagnostic, Diagnostics, NoWeights};
use he_core::text::parse;
use he_dialects::ckks::attr::{missing_levels, params_of, set_params};
use he_dialects::ckks::backend::{Ciphertext, Fake};
use he_dialects::ckks::cost::cost_report;
use he_dialects::ckks::params::Params;
use he_dialects::func;
use he_dialects::func::client;
use he_dialects::lower::bounds::error_bound;
use he_dialects::profiles::Profile;
use he_dialects::{Loaded, load};
use he_tools::run::{BackendOptions, Program, max_abs, max_abs_difference};
use layers::Layers;
use programs::{parameters, printed, root, sampled, try_read};

/// Programs that are checked in every run, and of all (`HE_OPT_TESTS=all`).
const SAMPLE: usize = 200;
const PROGRAMS: usize = 2000;
/// Of how many programs one runs encrypted, where that is asked for.
const ENCRYPTED_ONE_IN: u64 = 40;
/// What rounding may change, of the largest number that a program computes.
const ROUNDING: f64 = 1e-9;
/// Programs that are tried to make a smaller one that fails.
const TRIES: usize = 250;
/// A program that takes longer is told.
const LONG: Duration = Duration::from_secs(30);

/// Rings of 2^10 and 2^11, which are insecure, and quick: degree, chain, scale.
const CHAINS: [(&str, &str, &str); 7] = [
    ("1024", "60,40x24", "2^40"),
    ("2048", "60x24", "2^40"),
    ("1024", "60,50x24", "2^50"),
    ("1024", "50,30x30", "2^30"),
    ("2048", "60,45x20", "2^45"),
    ("1024", "60,50x6,40x14", "2^40"),
    ("1024", "60,40x8", "2^40"),
];

/// What a program is; the kinds are separate, since packed programs have no reference.
#[derive(Clone, Debug)]
enum Source {
    Network(Network),
    Layers(Layers),
}

/// A program, and how it is compiled.
#[derive(Clone, Debug)]
struct Case {
    source: Source,
    chain: usize,
    slots: u64,
    /// The passes, in order.
    passes: Vec<String>,
}

impl Case {
    fn drawn(seed: u64) -> Case {
        let mut dice = Dice::new(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0xD1FF);
        let chain = dice.below(CHAINS.len());
        let mut passes: Vec<String> = Vec::new();
        let source = if dice.one_in(3) {
            if dice.one_in(6) {
                passes.push("bsgs{min-size=1}".into());
            }
            Source::Layers(Layers::drawn(&mut dice))
        } else {
            let network = Network::drawn(&mut dice);
            let (degree, method) = (2 + dice.below(8), dice.of(&["chebyshev", "remez", "least-squares"]));
            if dice.one_in(8) {
                passes.push(format!("auto{{degree={degree} log-scale=40}}"));
                return Case { source: Source::Network(network), chain, slots: 0, passes };
            }
            let symmetric = if dice.one_in(4) { " symmetric=true" } else { "" };
            passes.push(format!("approximate{{degree={degree} method={method}{symmetric}}}"));
            if dice.one_in(3) {
                passes.push("fold-poly".into());
            }
            let strategy = dice.of(&[
                "row_major",
                "row_major",
                "column_major",
                "diagonal",
                "replicated",
                "auto",
                "auto",
            ]);
            let masks = if strategy == "auto" { dice.of(&["", " masks=any", " masks=none"]) } else { "" };
            passes.push(format!("pack{{strategy={strategy}{masks}}}"));
            if strategy != "auto" && dice.one_in(2) {
                passes.push(format!("bsgs{{min-size={}}}", dice.of(&[1, 4])));
            }
            let schedule = dice.of(&["min-depth", "horner", "paterson-stockmeyer", "auto"]);
            passes.push(format!("expand-poly{{schedule={schedule}}}"));
            Source::Network(network)
        };
        passes.push("to-ckks".into());
        let mut any = |passes: &mut Vec<String>, most: usize| {
            for _ in 0..dice.below(most + 1) {
                passes.push(match dice.below(9) {
                    0 => "canonicalize".into(),
                    1 => "cse".into(),
                    2 => "dce".into(),
                    3 => "hoist".into(),
                    4 => format!("limit-rotation-keys{{max={}}}", 1 + dice.below(8)),
                    5 | 6 => format!("relinearize{{strategy={}}}", dice.of(&["eager", "lazy", "optimal"])),
                    _ => format!("rescale{{strategy={}}}", dice.of(&["eager", "lazy", "optimal"])),
                });
            }
        };
        any(&mut passes, 5);
        passes.push("rescale{strategy=lazy}".into());
        any(&mut passes, 2);
        let slots = dice.of(&[0, 0, 4, 8, 16, 64]);
        Case { source, chain, slots, passes }
    }

    fn text(&self) -> String {
        match &self.source {
            Source::Network(network) => network.text(),
            Source::Layers(layers) => layers.text(),
        }
    }

    fn smaller(&self) -> Vec<Case> {
        let sources: Vec<Source> = match &self.source {
            Source::Network(network) => network.smaller().into_iter().map(Source::Network).collect(),
            Source::Layers(layers) => layers.smaller().into_iter().map(Source::Layers).collect(),
        };
        let mut all: Vec<Case> = sources.into_iter().map(|source| Case { source, ..self.clone() }).collect();
        for at in (0..self.passes.len()).rev() {
            let mut smaller = self.clone();
            smaller.passes.remove(at);
            all.push(smaller);
            if let Some((name, _)) = self.passes[at].split_once('{').filter(|(name, _)| *name != "bsgs") {
                let mut smaller = self.clone();
                smaller.passes[at] = name.into();
                all.push(smaller);
            }
        }
        if self.chain > 0 {
            all.push(Case { chain: 0, ..self.clone() });
        }
        if self.slots > 0 {
            all.push(Case { slots: 0, ..self.clone() });
            all.push(Case { slots: 2 * self.slots, ..self.clone() });
        }
        all
    }

    fn recipe(&self) -> Recipe {
        let chain = CHAINS[self.chain];
        let chain = [chain.0, chain.1, chain.2].map(str::to_owned);
        Recipe { text: self.text(), chain, slots: self.slots, passes: self.passes.join(",") }
    }
}

/// A program and how it is compiled, as a file says it.
struct Recipe {
    text: String,
    /// Ring degree, chain, scale.
    chain: [String; 3],
    /// Slots of a ciphertext, or 0 for half the ring degree.
    slots: u64,
    passes: String,
}

/// What a file begins with, behind its seed.
const FLAGS: [&str; 5] =
    ["slots=", "--poly-modulus-degree=", "--coeff-modulus=", "--scale=", "--pass-pipeline='builtin.module("];

impl Recipe {
    fn params(&self) -> Params {
        let [degree, moduli, scale] = &self.chain;
        let mut params = parameters(degree, moduli, scale);
        if self.slots > 0 {
            params.slots = self.slots;
        }
        params
    }

    /// The program behind its seed, its flags and what was found.
    fn file(&self, seed: u64, why: &str) -> String {
        let [degree, moduli, scale] = &self.chain;
        let values = [&self.slots.to_string(), degree, moduli, scale, &self.passes];
        let flags: String = FLAGS.iter().zip(values).map(|(flag, value)| format!(" {flag}{value}")).collect();
        let why: String = why.lines().map(|line| format!("// {line}\n")).collect();
        format!("// Seed {seed}:{flags})'\n{why}{}", self.text)
    }

    /// Reads what [`Recipe::file`] writes.
    fn read(text: &str) -> Recipe {
        let first = text.lines().next().unwrap_or_default();
        let value = |number: usize| {
            let (_, value) =
                first.split_once(FLAGS[number]).unwrap_or_else(|| panic!("no {}", FLAGS[number]));
            let end = FLAGS.get(number + 1).and_then(|next| value.find(next)).unwrap_or(value.len());
            value[..end].trim_end_matches(")'").trim().to_owned()
        };
        Recipe {
            text: text.to_owned(),
            chain: [value(1), value(2), value(3)],
            slots: value(0).parse().expect("a number of slots"),
            passes: value(4),
        }
    }
}

/// Errors that are right: a program need not be possible.
const REFUSALS: [&str; 22] = [
    "cannot be packed",
    "cannot be cut into ciphertexts",
    "do not fit",
    "its result is no ciphertext any more",
    "bootstrap",
    "levels",
    "level ",
    "capacity",
    "does not fit",
    "too large",
    "too small",
    "approximat",
    "domain",
    "a polynomial",
    "no polynomial",
    "room",
    "not possible",
    "at most",
    "nothing to encrypt",
    "range",
    "rotation key",
    "secure",
];

/// A failure: its kind, by which smaller ones are told from others, and what was seen.
type Failure = (String, String);

/// Compares what every pass leaves behind.
struct Inspector<'a> {
    loaded: &'a Loaded,
    /// What the program is given, several times.
    inputs: Vec<Vec<Tensor>>,
    /// What the network computes, and what the program at the stage before does.
    exact: Option<Vec<Vec<Tensor>>>,
    wanted: Option<Vec<Vec<Tensor>>>,
    failure: Option<Failure>,
}

impl Inspector<'_> {
    fn check(&mut self, pass: &str, ir: &Ir) -> Result<(), Failure> {
        let loaded = self.loaded;
        let fail = |kind: &str| {
            let kind = format!("{pass}: {kind}");
            move |why: String| (kind, why)
        };
        for generic in [false, true] {
            let text = printed(loaded, ir, generic);
            let again = try_read(loaded, &text).map_err(fail("does not read back"))?;
            if printed(loaded, &again, generic) != text {
                return Err(fail("print")("not a fixed point".into()));
            }
        }
        if missing_levels(ir).is_some() {
            return Ok(());
        }
        let mut found = Vec::new();
        let mut largest = 0.0_f64;
        for inputs in &self.inputs {
            let program = Program { loaded, ir, weights: &NoWeights, options: BackendOptions::default() };
            let results = program.execute(inputs, &mut Vec::new());
            found.push(results.map_err(|why| fail("does not execute")(why.to_string()))?);
            let (most, outside) =
                values(loaded, ir, inputs).map_err(|why| fail("values")(why.to_string()))?;
            largest = largest.max(most);
            if let Some(outside) = outside {
                return Err(fail("a value is outside of its bound")(outside));
            }
        }
        let stage =
            module_stage(&loaded.session.registry, ir).map_err(|why| fail("stage")(why.to_string()))?;
        let differ = |wanted: &[Vec<Tensor>], allowed: f64| {
            let pairs = wanted.iter().zip(&found);
            let most = pairs.map(|(wanted, found)| max_abs_difference(wanted, found)).fold(0.0, f64::max);
            (most > allowed)
                .then(|| format!("differs by {most:e}, {allowed:e} is allowed\n{wanted:?}\n{found:?}"))
        };
        let all = found.iter().map(|found| max_abs(found)).fold(largest, f64::max);
        if let Some(exact) = self.exact.as_deref().filter(|_| stage > 0) {
            let bound = error_bound(&loaded.session.registry, ir, &NoWeights);
            let bound = bound.map_err(|why| fail("error bound")(why.to_string()))?;
            if let Some(why) = bound.and_then(|bound| differ(exact, bound + ROUNDING * all)) {
                return Err(fail("the error is above its bound")(why));
            }
        }
        // Approximation changes what is computed.
        let approximates = pass.starts_with("approximate") || pass.starts_with("auto");
        if let Some(why) =
            self.wanted.as_deref().filter(|_| !approximates).and_then(|wanted| differ(wanted, ROUNDING * all))
        {
            return Err(fail("the results changed")(why));
        }
        self.wanted = Some(found);
        Ok(())
    }
}

impl Instrumentation for Inspector<'_> {
    fn after(&mut self, _: &Session, pass: &PassInstance, ir: &Ir) -> Result<(), Diagnostics> {
        self.check(&pass.name, ir).map_err(|failure| {
            self.failure = Some(failure);
            vec![Diagnostic::error("the fuzzer stops")]
        })
    }
}

/// The largest number that the entry computes, and the first value that is outside of its `he.bound`.
fn values(loaded: &Loaded, ir: &Ir, inputs: &[Tensor]) -> Result<(f64, Option<String>), Diagnostic> {
    let entry = func::entry(ir)?;
    let mut all = ir.clone();
    let Some(block) = all.body(entry) else { return Ok((0.0, None)) };
    let ops = all.block_ops(block);
    let Some((last, ops)) = ops.split_last() else { return Ok((0.0, None)) };
    let values: Vec<ValueId> = ops.iter().flat_map(|op| all.results(*op).collect::<Vec<_>>()).collect();
    all.set_operands(*last, &values);
    let mut fake = Fake::exact(params_of(ir)?);
    let mut interpreter = Interpreter::new(&loaded.session.registry, &loaded.kernels, &all, &NoWeights);
    let mut args: Vec<RuntimeValue> = Vec::new();
    for (argument, input) in client::arguments(&all, entry).into_iter().zip(inputs) {
        let value: RuntimeValue = Rc::new(input.clone());
        match argument.function {
            Some(encrypt) => args.extend(interpreter.call(encrypt, &[value], &mut fake, &mut Vec::new())?),
            None => args.push(value),
        }
    }
    let results = interpreter.call(entry, &args, &mut fake, &mut Vec::new())?;
    let (mut largest, mut outside) = (0.0_f64, None);
    for (value, result) in values.into_iter().zip(results) {
        let numbers = match (result.downcast_ref::<Tensor>(), result.downcast_ref::<Ciphertext>()) {
            (Some(tensor), _) => &tensor.data,
            (_, Some(ciphertext)) => &ciphertext.slots,
            _ => continue,
        };
        let most =
            numbers.iter().fold(0.0, |most: f64, x| if x.is_nan() { f64::NAN } else { most.max(x.abs()) });
        largest = largest.max(most);
        let op = all.def_op(value);
        let bound = all.attr_named(op, "he.bound").and_then(|bound| all.ctx.as_f64(bound));
        if let Some(bound) = bound.filter(|bound| outside.is_none() && exceeds(most, bound * (1.0 + 1e-9))) {
            // What cancels may be off by the rounding of what it is made of.
            if exceeds(most, bound + 1e-12 * largest) {
                outside = Some(format!("{} is {most:e}, he.bound is {bound:e}", all.name_str(op)));
            }
        }
    }
    Ok((largest, outside))
}

/// Whether a number is above another one, or none.
fn exceeds(number: f64, bound: f64) -> bool {
    number.is_nan() || number > bound
}

/// Inputs anywhere in the ranges, and at their ends.
fn inputs(program: &Program<'_>, seed: u64) -> Result<Vec<Vec<Tensor>>, Diagnostic> {
    let mut dice = Dice::new(seed);
    let ends = program.arguments()?.into_iter().map(|argument| {
        let count = argument.shape.iter().product();
        let (lo, hi) = argument.range;
        Tensor { shape: argument.shape, data: (0..count).map(|_| dice.of(&[lo, hi])).collect() }
    });
    Ok(vec![ends.collect(), program.random_inputs(seed)?])
}

/// What a case computes at the end, where it has one.
fn check(loaded: &Loaded, recipe: &Recipe) -> Result<Option<Ir>, Failure> {
    let checked = catch_unwind(AssertUnwindSafe(|| unguarded(loaded, recipe)));
    checked.unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        Err(("panic".into(), text.unwrap_or_default()))
    })
}

fn unguarded(loaded: &Loaded, recipe: &Recipe) -> Result<Option<Ir>, Failure> {
    let session = &loaded.session;
    let error = |kind: &str, why: &Diagnostic| (kind.to_owned(), why.to_string());
    let mut ir =
        parse(&session.registry, &recipe.text, "drawn.mlir").map_err(|why| error("parse", &why[0]))?;
    verify(&session.registry, &mut ir).map_err(|why| error("verify", &why[0]))?;
    set_params(&mut ir, &recipe.params());
    let stage = module_stage(&session.registry, &ir).map_err(|why| error("stage", &why))?;
    let program = Program { loaded, ir: &ir, weights: &NoWeights, options: BackendOptions::default() };
    let inputs = inputs(&program, 7).map_err(|why| error("inputs", &why))?;
    let run = |inputs: &Vec<Tensor>| program.execute(inputs, &mut Vec::new());
    let first = inputs.iter().map(run).collect::<Result<Vec<_>, _>>();
    let first = first.map_err(|why| error("does not execute", &why))?;
    let exact = (stage == 0).then(|| first.clone());
    // A network may leave what doubles hold.
    if first.iter().flatten().any(|tensor| !tensor.max_abs().is_finite()) {
        return Ok(None);
    }
    let mut inspector = Inspector { loaded, inputs, exact, wanted: Some(first), failure: None };
    let passes = parse_pipeline(&session.passes, &recipe.passes);
    let passes = passes.map_err(|why| error("pipeline", &why))?;
    let Ok(passes) = complete(session, stage, passes, None) else { return Ok(None) };
    if let Err(stopped) = run_pipeline(session, &mut ir, &passes, &NoWeights, &(), true, &mut inspector) {
        if let Some(failure) = inspector.failure {
            return Err(failure);
        }
        let text = stopped.diagnostics[0].to_string();
        let pass = stopped.pass.unwrap_or_default();
        return match REFUSALS.iter().any(|right| text.contains(right)) && !text.contains("' op: ") {
            true => Ok(None),
            false => Err((format!("{pass}: refused"), text)),
        };
    }
    let leveled = Some(module_stage(&session.registry, &ir).map_err(|why| error("stage", &why))?);
    if leveled != session.registry.stage("leveled") || missing_levels(&ir).is_some() {
        return Ok(None);
    }
    for profile in [Profile::openfhe(), Profile::seal()] {
        let report = cost_report(&session.registry, &ir, profile).map_err(|why| error("cost", &why))?;
        let figures = [report.latency_ms, report.critical_path_ms, report.parallelism, report.extrapolated];
        if figures.iter().any(|figure| !(0.0..f64::INFINITY).contains(figure)) {
            return Err(("cost".into(), format!("{figures:?}")));
        }
    }
    Ok(Some(ir))
}

/// Executes a compiled program on a library, and compares it with the fake backend.
fn encrypted(loaded: &Loaded, ir: &Ir, backend: &str) -> Result<(), Failure> {
    let fail = |what: &str, why: String| (format!("{backend}: {what}"), why);
    let program = Program { loaded, ir, weights: &NoWeights, options: BackendOptions::default() };
    let file =
        PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{}-{backend}.mlir", std::process::id()));
    std::fs::write(&file, printed(loaded, ir, false)).expect("the file can be written");
    let output = Command::new(env!("CARGO_BIN_EXE_he-run"))
        .args(["--json", "--random-input=7", &format!("--backend={backend}")])
        .arg(&file)
        .output()
        .expect("he-run starts");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    if !output.status.success() {
        let right = REFUSALS.iter().any(|right| said.contains(right));
        return if right { Ok(()) } else { Err(fail("does not run", said)) };
    }
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("he-run prints JSON");
    let found = numbers(&report["outputs"]);
    let inputs = program.random_inputs(7).map_err(|why| fail("inputs", why.to_string()))?;
    let wanted = program.execute(&inputs, &mut Vec::new()).map_err(|why| fail("inputs", why.to_string()))?;
    let (largest, _) = values(loaded, ir, &inputs).map_err(|why| fail("inputs", why.to_string()))?;
    let wanted: Vec<f64> = wanted.into_iter().flat_map(|tensor| tensor.data).collect();
    let predicted = report["predicted_noise"].as_f64().unwrap_or(0.0);
    let allowed = 64.0 * predicted + 1e-3 * largest;
    let most = wanted.iter().zip(&found).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    if wanted.len() != found.len() || exceeds(most, allowed) {
        return Err(fail("differs", format!("by {most:e}, {allowed:e} is allowed\n{wanted:?}\n{found:?}")));
    }
    Ok(())
}

/// The numbers of nested arrays.
fn numbers(value: &serde_json::Value) -> Vec<f64> {
    match value {
        serde_json::Value::Array(items) => items.iter().flat_map(numbers).collect(),
        other => other.as_f64().into_iter().collect(),
    }
}

/// The smallest case of the same failure that is found in this one.
fn shrunk(loaded: &Loaded, mut case: Case, mut failure: Failure) -> (Case, Failure) {
    let mut tries = 0;
    'search: while tries < TRIES {
        for smaller in case.smaller() {
            tries += 1;
            if format!("{smaller:?}") == format!("{case:?}") {
                continue;
            }
            match check(loaded, &smaller.recipe()) {
                Err(found) if found.0 == failure.0 => {
                    (case, failure) = (smaller, found);
                    continue 'search;
                }
                _ => {}
            }
        }
        break;
    }
    (case, failure)
}

/// Findings that are told of, and not mended yet: what their failures say.
const OPEN: [&str; 1] = [
    // The steps of a polynomial whose operand leaves its domain, as another polynomial's result may.
    "a value is outside of its bound",
];

fn is_open((kind, why): &Failure) -> bool {
    OPEN.iter().any(|open| kind.contains(open) || why.contains(open))
}

/// How long the fuzzer runs, and what it is to run on.
struct Fuzzer {
    loaded: Loaded,
    begun: Instant,
    /// `None` for the sample that every test run checks.
    seconds: Option<Duration>,
    backends: Vec<String>,
    /// Where findings go.
    folder: PathBuf,
    first: u64,
    next: u64,
    compiled: u64,
    encrypted: u64,
    /// The kind of each finding, and its file.
    findings: Vec<(String, PathBuf)>,
}

impl Fuzzer {
    fn new() -> Fuzzer {
        let number = |name: &str| std::env::var(name).ok().and_then(|number| number.parse().ok());
        let backends = std::env::var("HE_OPT_FUZZ_BACKENDS").unwrap_or_default();
        let folder = std::env::var_os("HE_OPT_FUZZ_FINDINGS").map(PathBuf::from);
        let first = number("HE_OPT_FUZZ_SEED").unwrap_or(0);
        Fuzzer {
            loaded: load().expect("the dialects load"),
            begun: Instant::now(),
            seconds: number("HE_OPT_FUZZ_SECONDS").map(Duration::from_secs),
            backends: backends.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect(),
            folder: folder.unwrap_or_else(|| root().join("fuzz/findings")),
            first,
            next: first,
            compiled: 0,
            encrypted: 0,
            findings: Vec::new(),
        }
    }

    fn is_done(&self) -> bool {
        match self.seconds {
            Some(seconds) => self.begun.elapsed() > seconds,
            None => self.next - self.first >= sampled(SAMPLE, PROGRAMS) as u64,
        }
    }

    /// Checks programs until the time is up. Each finding is left in a file, made smaller.
    fn run(&mut self) {
        while !self.is_done() {
            self.program(self.next);
            self.next += 1;
            if self.seconds.is_some() && self.next.is_multiple_of(100) {
                eprintln!("{self}");
            }
        }
        eprintln!("{self}");
        let (compiled, all) = (self.compiled, self.next - self.first);
        assert!(3 * compiled > all, "{compiled} of {all} programs compile");
        assert!(self.findings.is_empty(), "findings: {:#?}", self.findings);
    }

    /// Checks the program of a seed.
    fn program(&mut self, seed: u64) {
        let case = Case::drawn(seed);
        let started = Instant::now();
        let mut outcome = check(&self.loaded, &case.recipe());
        if let Ok(Some(ir)) = &outcome {
            self.compiled += 1;
            for backend in self.backends.iter().filter(|_| seed.is_multiple_of(ENCRYPTED_ONE_IN)) {
                self.encrypted += 1;
                if let Err(failure) = encrypted(&self.loaded, ir, backend) {
                    outcome = Err(failure);
                    break;
                }
            }
        }
        if started.elapsed() > LONG {
            eprintln!("{}", case.recipe().file(seed, &format!("took {:?}", started.elapsed())));
        }
        let Err(failure) = outcome else { return };
        // One of a kind; and those that are open are shown by the long runs only.
        let is_known = self.findings.iter().any(|(kind, _)| *kind == failure.0);
        if !(is_known || is_open(&failure) && self.seconds.is_none()) {
            self.found(seed, case, failure);
        }
    }

    fn found(&mut self, seed: u64, case: Case, failure: Failure) {
        let (case, (kind, why)) = shrunk(&self.loaded, case, failure);
        let file = self.folder.join(format!("{seed}.mlir"));
        let text = case.recipe().file(seed, &format!("{kind}: {why}"));
        eprintln!("{}\n{text}", file.display());
        std::fs::create_dir_all(&self.folder).expect("the folder can be made");
        std::fs::write(&file, text).expect("the file can be written");
        self.findings.push((kind, file));
    }
}

impl std::fmt::Display for Fuzzer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Fuzzer { first, next, compiled, encrypted, findings, .. } = self;
        let found = findings.len();
        write!(
            f,
            "seeds {first} to {next}: {compiled} programs compared, {encrypted} encrypted runs, {found} findings"
        )
    }
}

/// Runs on a stack as large as that of the tools.
fn on_large_stack(work: fn()) {
    let thread = std::thread::Builder::new().stack_size(256 << 20).spawn(work).expect("a thread starts");
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
}

#[test]
fn every_stage_computes_the_same() {
    on_large_stack(|| Fuzzer::new().run());
}

/// What was found once, and is mended.
#[test]
fn findings_stay_mended() {
    on_large_stack(|| {
        let loaded = load().expect("the dialects load");
        let entries = std::fs::read_dir(root().join("fuzz/seeds/differential")).expect("the folder exists");
        let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("it is readable").path()).collect();
        files.sort();
        assert!(!files.is_empty());
        for file in files {
            let recipe = Recipe::read(&std::fs::read_to_string(&file).expect("it is readable"));
            if let Err((kind, why)) = check(&loaded, &recipe) {
                panic!("{}: {kind}: {why}", file.display());
            }
        }
    });
}
