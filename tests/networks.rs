//! The main job on generated networks: every preset verifies, executes to the poly stage's result, and survives being
//! printed and read again by a fresh process.

#[path = "support/programs.rs"]
mod programs;

use std::fmt::Write;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use he_core::exec::tensor::Tensor;
use he_core::ir::Ir;
use he_core::schema::verify;
use he_core::support::NoWeights;
use he_dialects::ckks::attr::{missing_levels, params_of, set_params};
use he_dialects::ckks::cost::latency_ms;
use he_dialects::ckks::params::{Params, widest_digit_bits};
use he_dialects::ckks::passes::leveling::{Plan, Strategy, assign, erase_all};
use he_dialects::ckks::security::{SECURITY_LEVELS, max_log_qp, security_bits};
use he_dialects::pipelines::PRESETS;
use he_dialects::profiles::Profile;
use he_dialects::{Loaded, load};
use he_tools::run::{BackendOptions, Program, max_abs_difference};
use programs::{agree, printed, read, sampled};

const STRATEGIES: [&str; 4] = ["row_major", "column_major", "diagonal", "replicated"];
const ACTIVATIONS: [&str; 7] = ["gelu", "sigmoid", "tanh", "silu", "relu", "square", "gelu"];
/// Small rings: insecure, and quick. The programs are the same as at a secure ring.
const PARAMETERS: [(&str, &str, &str); 4] = [
    ("2048", "60,40x40", "2^40"),
    ("4096", "60x38", "2^40"),
    ("2048", "60,50x20", "2^50"),
    ("1024", "60,40x10", "2^40"),
];
/// How many networks are checked in every run, and of all (`HE_OPT_TESTS=all`).
const SAMPLE: usize = 200;
const NETWORKS: usize = 2000;

/// xorshift64*: the networks are the same in every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    fn below(&mut self, n: u64) -> u64 {
        (self.next() >> 16) % n
    }
}

/// A linear layer, and what follows it.
#[derive(Clone, Debug)]
struct Layer {
    outputs: u64,
    seed: u64,
    bias: bool,
    activation: Option<&'static str>,
    /// Whether the operand is added to what comes out, where it has as many elements.
    residual: bool,
}

/// A fully connected network, and the degree of its polynomials.
#[derive(Clone, Debug)]
struct Network {
    batch: u64,
    inputs: u64,
    range: (f64, f64),
    layers: Vec<Layer>,
    degree: u64,
    /// Slots of a ciphertext, where that is not half the ring.
    slots: Option<u64>,
}

impl Network {
    /// Small ones mostly; some are deep, some wide.
    fn generated(seed: u64) -> Network {
        let mut random = Random(0x9E37_79B9_7F4A_7C15 ^ (seed + 1).wrapping_mul(0xBF58_476D_1CE4_E5B9));
        let depth = if random.below(12) == 0 { 6 } else { 3 };
        let widest = if random.below(24) == 0 { 200 } else { 40 };
        let count = 1 + random.below(depth);
        let layer = |random: &mut Random, last: bool| Layer {
            outputs: 1 + random.below(widest),
            seed: random.below(1000),
            bias: random.below(3) > 0,
            activation: (!last || random.below(2) == 0).then(|| ACTIVATIONS[random.below(7) as usize]),
            residual: random.below(6) == 0,
        };
        let mut network = Network {
            batch: if random.below(4) == 0 { 2 } else { 1 },
            inputs: 1 + random.below(widest),
            range: [(-1.0, 1.0), (-0.5, 2.0), (0.25, 0.75)][random.below(3) as usize],
            layers: (0..count).map(|number| layer(&mut random, number + 1 == count)).collect(),
            degree: 2 + random.below(14),
            slots: None,
        };
        let mut width = network.inputs;
        for layer in &mut network.layers {
            if layer.residual {
                layer.outputs = width;
            }
            width = layer.outputs;
        }
        let widest = network.layers.iter().map(|layer| layer.outputs).fold(network.inputs, u64::max);
        // From as many as the widest tensor takes to a few: then tensors are several ciphertexts.
        if random.below(3) == 0 {
            let ample = (network.batch * widest).next_power_of_two();
            network.slots = Some((ample >> random.below(5)).max(2));
        }
        // More rows than slots: those are cut, too.
        if widest <= 16 && random.below(3) == 0 {
            let slots = 2 << random.below(3);
            network.slots = Some(slots);
            network.batch = slots + 1 + random.below(2 * slots);
        }
        network
    }

    /// As nn text.
    fn text(&self) -> String {
        let Network { batch, range: (lo, hi), .. } = self;
        let tensor = |width: u64| format!("tensor<{batch}x{width}xf32>");
        let (mut width, mut value, mut body) = (self.inputs, "%x".to_owned(), String::new());
        for (layer, Layer { outputs, seed, bias, activation, residual }) in self.layers.iter().enumerate() {
            let std = 0.7 / (width as f64).sqrt();
            let weight = format!("tensor<{outputs}x{width}xf32>");
            let (from, to) = (tensor(width), tensor(*outputs));
            let before = value.clone();
            let _ = writeln!(
                body,
                "  %w{layer} = \"nn.constant\"() {{value = #nn.random<seed = {seed}, std = {std:.6}>}} : () -> {weight}"
            );
            let (operand, ty) = match bias {
                true => (format!(", %b{layer}"), format!(", tensor<{outputs}xf32>")),
                false => (String::new(), String::new()),
            };
            if *bias {
                let _ = writeln!(
                    body,
                    "  %b{layer} = \"nn.constant\"() {{value = dense<0.125> : tensor<{outputs}xf32>}} : () -> tensor<{outputs}xf32>"
                );
            }
            let _ = writeln!(
                body,
                "  %l{layer} = \"nn.linear\"({value}, %w{layer}{operand}) : ({from}, {weight}{ty}) -> {to}"
            );
            value = format!("%l{layer}");
            if let Some(activation) = activation {
                let _ = writeln!(body, "  %a{layer} = \"nn.{activation}\"({value}) : ({to}) -> {to}");
                value = format!("%a{layer}");
            }
            if *residual && width == *outputs {
                let _ = writeln!(body, "  %j{layer} = \"nn.add\"({value}, {before}) : ({to}, {to}) -> {to}");
                value = format!("%j{layer}");
            }
            width = *outputs;
        }
        let (input, output) = (tensor(self.inputs), tensor(width));
        format!(
            "func.func @main(%x: {input} {{nn.range = [{lo:?}, {hi:?}]}}) -> {output} {{\n{body}  func.return {value} : {output}\n}}\n"
        )
    }

    /// Smaller networks of the same kind, the smallest first.
    fn smaller(&self) -> Vec<Network> {
        let mut all = Vec::new();
        let mut add = |change: &dyn Fn(&mut Network)| {
            let mut network = self.clone();
            change(&mut network);
            all.push(network);
        };
        for at in 0..self.layers.len() {
            if self.layers.len() > 1 {
                add(&|network| _ = network.layers.remove(at));
            }
            add(&|network| network.layers[at].outputs = network.layers[at].outputs.div_ceil(2));
            add(&|network| network.layers[at].outputs = (network.layers[at].outputs - 1).max(1));
            add(&|network| network.layers[at].activation = None);
            add(&|network| network.layers[at].bias = false);
            add(&|network| network.layers[at].residual = false);
        }
        add(&|network| network.inputs = network.inputs.div_ceil(2));
        add(&|network| network.inputs = (network.inputs - 1).max(1));
        add(&|network| network.batch = 1);
        add(&|network| network.batch = (network.batch - 1).max(1));
        add(&|network| network.degree = (network.degree - 1).max(2));
        add(&|network| network.slots = None);
        add(&|network| network.slots = network.slots.map(|slots| 2 * slots));
        all
    }

    /// The smallest failing network that is found in this one, with its failure.
    fn shrunk(self, loaded: &Loaded, number: usize, mut why: String) -> String {
        let mut network = self;
        let mut tries = 0;
        'search: while tries < 200 {
            for smaller in network.smaller() {
                tries += 1;
                let same = format!("{smaller:?}") == format!("{network:?}");
                if let Err(reason) = if same { Ok(()) } else { check(loaded, number, &smaller) } {
                    (network, why) = (smaller, reason);
                    continue 'search;
                }
            }
            break;
        }
        let slots = network.slots.map_or_else(String::new, |slots| format!(", {slots} slots"));
        format!("network {number}, degree {}{slots}: {why}\n{}", network.degree, network.text())
    }
}

/// A network as nn text, and the degree of its polynomials.
fn network(seed: u64) -> (String, u64) {
    let network = Network::generated(seed);
    (network.text(), network.degree)
}

/// A preset's pipeline with another degree.
fn with_degree(pipeline: &str, degree: u64) -> String {
    let first = pipeline.split([',', '{']).next().unwrap_or(pipeline);
    pipeline.replacen(first, &format!("{first}{{degree={degree}}}"), 1)
}

fn parameters(number: usize) -> Params {
    let (degree, moduli, scale) = PARAMETERS[number % PARAMETERS.len()];
    programs::parameters(degree, moduli, scale)
}

fn compile(loaded: &Loaded, text: &str, params: &Params, pipeline: &str) -> Result<Ir, String> {
    programs::compile(loaded, &NoWeights, text, params, pipeline, None)
}

fn execute(loaded: &Loaded, ir: &Ir, options: BackendOptions) -> Result<Vec<Tensor>, String> {
    programs::execute(loaded, &NoWeights, ir, options)
}

/// What the approximations of `auto` compute: on inferred domains, as all other presets, and on symmetric ones.
fn polynomial_results(
    loaded: &Loaded,
    text: &str,
    params: &Params,
    degree: u64,
) -> Result<[Vec<Tensor>; 2], String> {
    let result = |options: &str| {
        let poly = compile(loaded, text, params, &format!("approximate{{degree={degree}{options}}}"))?;
        execute(loaded, &poly, BackendOptions::default())
    };
    Ok([result("")?, result(" symmetric=true")?])
}

/// The one of the results that a preset is to compute.
fn wanted<'a>(results: &'a [Vec<Tensor>; 2], preset: &str, found: &[Tensor]) -> &'a [Tensor] {
    let other = preset == "auto" && agree(&results[0], found).is_err();
    &results[usize::from(other)]
}

fn check(loaded: &Loaded, number: usize, network: &Network) -> Result<(), String> {
    let text = network.text();
    let mut params = parameters(number);
    params.slots = network.slots.unwrap_or(params.slots).min(params.slots);
    let results = polynomial_results(loaded, &text, &params, network.degree)?;
    let mut least: Option<(f64, &str)> = None;
    let mut impossible = false;
    for (preset, pipeline) in PRESETS {
        let fail = |what: &str| {
            let what = what.to_owned();
            move |why: String| format!("{preset}: {what}: {why}")
        };
        let strategy = STRATEGIES[number / PARAMETERS.len() % STRATEGIES.len()];
        let pipeline = with_degree(pipeline, network.degree);
        let pipeline = pipeline.replacen(",pack,", &format!(",pack{{strategy={strategy}}},"), 1);
        let ir = match compile(loaded, &text, &params, &pipeline) {
            // Copies of every input need room; that there is none is a legitimate answer.
            Err(why) if strategy == "replicated" && why.contains("do not fit") => continue,
            // So is that levels do not last from one place for a refresh to the next; for `auto` only where it is for all.
            Err(why) if preset == "full" && why.contains("bootstrap") => {
                impossible = true;
                continue;
            }
            Err(why) if preset == "auto" && impossible && why.contains("bootstrap") => continue,
            compiled => compiled.map_err(fail("compile"))?,
        };
        if missing_levels(&ir).is_some() {
            impossible |= preset == "auto";
            continue;
        }
        let found = execute(loaded, &ir, BackendOptions::default()).map_err(fail("execute"))?;
        let wanted = wanted(&results, preset, &found);
        agree(wanted, &found).map_err(fail("result"))?;
        let own = params_of(&ir).expect("they are legal").expect("they are stated");
        let latency = latency_ms(&loaded.session.registry, &ir, Profile::openfhe(), &own);
        let latency = latency.map_err(|why| why.to_string()).map_err(fail("cost"))?;
        match least {
            Some((least, name)) if preset == "auto" && latency > least * (1.0 + 1e-9) => {
                return Err(fail("cost")(format!("{latency} ms, and {least} ms by {name}")));
            }
            Some((least, _)) if least <= latency => {}
            _ => least = Some((latency, preset)),
        }
        // One in four is read again, in both forms.
        for generic in [false, true].into_iter().filter(|_| number.is_multiple_of(4)) {
            let text = printed(loaded, &ir, generic);
            let again = read(loaded, &text);
            if printed(loaded, &again, generic) != text {
                return Err(fail("print")("not a fixed point".into()));
            }
            if generic {
                let found = execute(loaded, &again, BackendOptions::default()).map_err(fail("re-read"))?;
                agree(wanted, &found).map_err(fail("re-read"))?;
            }
        }
    }
    Ok(())
}

/// Every preset verifies, executes to what the polynomials compute, and is never faster than `auto`. Both processors work.
#[test]
fn every_preset_computes_the_polynomial_network() {
    const THREADS: usize = 2;
    let count = sampled(SAMPLE, NETWORKS);
    // Networks take unlike times: each thread takes the next one.
    let next = AtomicUsize::new(0);
    let failures = || -> Vec<(usize, String)> {
        let loaded = load().expect("the dialects load");
        let numbers = std::iter::from_fn(|| Some(next.fetch_add(1, Ordering::Relaxed)));
        let failure = |number: usize| {
            let network = Network::generated(number as u64);
            let why = check(&loaded, number, &network).err()?;
            Some((number, network.shrunk(&loaded, number, why)))
        };
        numbers.take_while(|number| *number < count).filter_map(failure).take(3).collect()
    };
    let mut failures: Vec<(usize, String)> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|_| {
                let thread = std::thread::Builder::new().stack_size(64 << 20);
                thread.spawn_scoped(scope, failures).expect("a thread starts")
            })
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("no check panics")).collect()
    });
    failures.sort_unstable();
    let failures: Vec<String> = failures.into_iter().map(|(_, text)| text).collect();
    assert!(failures.is_empty(), "of {count} networks fail:\n{}", failures.join("\n"));
}

/// Every kind of network is in the sample, with every strategy and all parameters.
#[test]
fn the_sample_has_every_kind() {
    let networks: Vec<Network> = (0..SAMPLE as u64).map(Network::generated).collect();
    let widest = |network: &Network| network.layers.iter().map(|layer| layer.outputs).max().unwrap_or(0);
    let layers = || networks.iter().flat_map(|network| &network.layers);
    let some = |what: &str, count: usize| assert!(count >= 2, "{what}: {count} of {SAMPLE}");
    type Kind = (&'static str, fn(&Network) -> bool);
    let kinds: [Kind; 6] = [
        ("two rows", |network| network.batch == 2),
        ("more rows than slots", |network| network.slots.is_some_and(|slots| network.batch > slots)),
        ("deep", |network| network.layers.len() > 4),
        ("a range that does not hold 0", |network| network.range.0 > 0.0),
        ("one layer", |network| network.layers.len() == 1),
        ("a high degree", |network| network.degree > 12),
    ];
    for (what, is) in kinds {
        some(what, networks.iter().filter(|network| is(network)).count());
    }
    some("wide", networks.iter().filter(|network| widest(network) > 100).count());
    let blocks = |network: &&Network| network.slots.is_some_and(|slots| slots < widest(network));
    some("several ciphertexts", networks.iter().filter(blocks).count());
    some("a residual", layers().filter(|layer| layer.residual).count());
    some("no bias", layers().filter(|layer| !layer.bias).count());
    some("no activation", layers().filter(|layer| layer.activation.is_none()).count());
    for name in ACTIVATIONS {
        some(name, layers().filter(|layer| layer.activation == Some(name)).count());
    }
}

/// Whether the program verifies, with nothing missing, on other parameters: its rescales as they are, or placed anew.
fn fits(loaded: &Loaded, ir: &Ir, params: &Params) -> bool {
    let registry = &loaded.session.registry;
    [None, Some(Strategy::Lazy), Some(Strategy::Eager)].into_iter().any(|rescale| {
        let mut ir = ir.clone();
        if rescale.is_some() {
            erase_all(&mut ir, "ckks.rescale");
        }
        set_params(&mut ir, params);
        assign(registry, &mut ir, Plan { rescale, ..Plan::keep() }).expect("levels are assigned");
        missing_levels(&ir).is_none() && verify(registry, &mut ir).is_ok()
    })
}

/// Every preset: what select-params chooses is secure, computes the same, and nothing smaller would do.
#[test]
fn selected_parameters_are_the_smallest_secure_ones() {
    let loaded = load().expect("the dialects load");
    for number in 0..6usize {
        let (text, degree) = network(2000 + number as u64);
        let security = SECURITY_LEVELS[number % SECURITY_LEVELS.len()];
        for (preset, pipeline) in PRESETS {
            let case = format!("network {number}, degree {degree}, {preset}, {security} bits");
            let pipeline = with_degree(pipeline, degree);
            let before = compile(&loaded, &text, &parameters(number), &pipeline).expect(&case);
            let wanted = execute(&loaded, &before, BackendOptions::default()).expect(&case);
            let pipeline = format!("{pipeline},select-params{{security={security}}}");
            let ir = compile(&loaded, &text, &parameters(number), &pipeline).expect(&case);
            let found = execute(&loaded, &ir, BackendOptions::default()).expect(&case);
            agree(&wanted, &found).unwrap_or_else(|why| panic!("{case}: {why}\n{text}"));

            let params = params_of(&ir).expect("they are legal").expect("they are stated");
            assert_eq!(params.slots, parameters(number).slots);
            assert!(security_bits(&params).bits >= security, "{case}: {params:?}");
            assert!(fits(&loaded, &ir, &params), "{case}: {params:?}");
            let chain = |log_q: Vec<u32>| Params::derived(params.log_n, log_q, params.log_scale);
            let chain = |log_q: Vec<u32>| Params { slots: params.slots, ..chain(log_q) };
            let mut shorter = params.log_q.clone();
            shorter.pop();
            shorter[0] = 60;
            assert!(!fits(&loaded, &ir, &chain(shorter)), "{case}: a prime too many in {params:?}");
            let mut narrower = params.log_q.clone();
            narrower[0] -= 1;
            let tight = narrower[0] < params.log_scale || !fits(&loaded, &ir, &chain(narrower));
            assert!(tight, "{case}: a bit too many in {params:?}");
            let smaller = params.log_n - 1;
            let secure = |dnum: u32| {
                let log_qp =
                    params.log_q_total() + 60 * (widest_digit_bits(&params.log_q, dnum) + 1).div_ceil(60);
                max_log_qp(smaller, security).is_some_and(|limit| log_qp <= limit)
            };
            let fits = (1..=params.log_q.len() as u32).any(secure);
            assert!(1 << smaller < 2 * params.slots || !fits, "{case}: too large a ring in {params:?}");
        }
    }
}

/// The scale for a precision leaves so many bits in simulated runs, also on the inputs of the program itself, and one that
/// is a few bits smaller does not.
#[test]
fn scales_are_the_smallest_for_a_precision() {
    let loaded = load().expect("the dialects load");
    let noise_of = |ir: &Ir| {
        let program =
            Program { loaded: &loaded, ir, weights: &NoWeights, options: BackendOptions::default() };
        let inputs = program.random_inputs(7).expect("inputs");
        program.predicted_noise(&inputs).expect("runs").expect("ciphertexts").largest
    };
    for (number, precision) in [(0u64, 8), (1, 15), (2, 22)] {
        let (text, degree) = network(2000 + number);
        let (preset, pipeline) = PRESETS[number as usize % PRESETS.len()];
        let case = format!("network {number}, {preset}, {precision} bits");
        let pipeline = format!("{},select-params{{precision={precision}}}", with_degree(pipeline, degree));
        let ir = compile(&loaded, &text, &parameters(number as usize), &pipeline);
        let ir = ir.unwrap_or_else(|why| panic!("{case}: {why}\n{text}"));
        let bits = -noise_of(&ir).log2();
        // The inputs of the test are other ones, and its figure is a middle one: the pass takes the largest.
        let found = format!("{case}: {bits} bits at 2^{}", params_of(&ir).unwrap().unwrap().log_scale);
        assert!(bits >= f64::from(precision) - 0.5, "{found}");
        assert!(bits < f64::from(precision) + 6.0, "{found}");
    }
}

/// Every preset: what `--noise` changes is at most four times the largest error that the model predicts, and there
/// is some.
#[test]
fn noise_stays_within_the_prediction() {
    let loaded = load().expect("the dialects load");
    for number in 0..6 {
        let (text, _) = network(number);
        for (preset, pipeline) in PRESETS {
            let ir = compile(&loaded, &text, &parameters(0), pipeline).expect("compiles");
            let exact = execute(&loaded, &ir, BackendOptions::default()).expect("runs");
            let options = BackendOptions { noise: Some(5), ..BackendOptions::default() };
            let difference = max_abs_difference(&exact, &execute(&loaded, &ir, options).expect("runs"));
            let program = Program { loaded: &loaded, ir: &ir, weights: &NoWeights, options };
            let inputs = program.random_inputs(7).expect("inputs");
            let predicted = program.predicted_noise(&inputs).expect("runs").expect("ciphertexts");
            assert!(
                difference > 0.0 && difference <= 4.0 * predicted.largest,
                "network {number}, {preset}: noise {difference:e}, predicted {:e}",
                predicted.largest
            );
        }
    }
}

/// he-opt writes leveled IR; a fresh he-run reads, verifies and executes it.
#[test]
fn printed_programs_run_in_a_fresh_process() {
    let loaded = load().expect("the dialects load");
    let folder = std::env::temp_dir().join(format!("he-opt-networks-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a temporary folder");
    for number in 0..20usize {
        let (text, degree) = network(1000 + number as u64);
        let (ring, moduli, scale) = ("2048", "60,40x60", "2^40");
        let input = folder.join(format!("{number}.mlir"));
        let output = folder.join(format!("{number}.leveled.mlir"));
        std::fs::write(&input, &text).expect("writable");
        let preset = PRESETS[number % PRESETS.len()];
        let pipeline = with_degree(preset.1, degree);
        let compiled = Command::new(env!("CARGO_BIN_EXE_he-opt"))
            .arg(format!("--pass-pipeline=builtin.module({pipeline})"))
            .args([format!("--poly-modulus-degree={ring}"), format!("--coeff-modulus={moduli}")])
            .arg(format!("--scale={scale}"))
            .arg(&input)
            .arg("-o")
            .arg(&output)
            .output()
            .expect("he-opt starts");
        assert!(
            compiled.status.success(),
            "{preset:?}: {}\n{text}",
            String::from_utf8_lossy(&compiled.stderr)
        );
        let ran = Command::new(env!("CARGO_BIN_EXE_he-run"))
            .args(["--json", "--random-input=7"])
            .arg(&output)
            .output()
            .expect("he-run starts");
        assert!(ran.status.success(), "{}\n{text}", String::from_utf8_lossy(&ran.stderr));
        let json: serde_json::Value = serde_json::from_slice(&ran.stdout).expect("he-run prints JSON");
        let results = polynomial_results(&loaded, &text, &programs::parameters(ring, moduli, scale), degree)
            .expect("compiles and runs");
        let found: Vec<f64> = json["outputs"].as_array().into_iter().flatten().flat_map(numbers).collect();
        assert_eq!(found.len(), results[0][0].len());
        let found = [Tensor { shape: results[0][0].shape.clone(), data: found }];
        agree(wanted(&results, preset.0, &found), &found)
            .unwrap_or_else(|why| panic!("network {number}, {preset:?}: {why}\n{text}"));
    }
    let _ = std::fs::remove_dir_all(folder);
}

fn numbers(value: &serde_json::Value) -> Vec<f64> {
    match value {
        serde_json::Value::Array(items) => items.iter().flat_map(numbers).collect(),
        other => other.as_f64().into_iter().collect(),
    }
}

/// Threads of the search change nothing: a wide random layer and a deep network, where weights, bounds and placements are
/// worked out side by side.
#[test]
fn one_processor_makes_what_two_make() {
    let wide = Network {
        batch: 1,
        inputs: 400,
        range: (-1.0, 1.0),
        layers: vec![Layer { outputs: 400, seed: 1, bias: true, activation: Some("gelu"), residual: true }],
        degree: 8,
        slots: None,
    };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let input = folder.path().join("wide.mlir");
    std::fs::write(&input, wide.text()).expect("writable");
    let deep = programs::root().join("examples/mlp_10x32.mlir");
    for file in [input, deep] {
        let [one, two] = ["1", "2"].map(|threads| {
            let made = Command::new(env!("CARGO_BIN_EXE_he-opt"))
                .env("RAYON_NUM_THREADS", threads)
                .arg("--preset=auto")
                .arg(&file)
                .output()
                .expect("he-opt starts");
            assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
            made.stdout
        });
        assert!(one == two, "{}: other bytes with two threads", file.display());
    }
}
