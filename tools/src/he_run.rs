//! `he-run`: execute a program of any stage; print its results and their distance from the nn program's.

use std::process::ExitCode;

use clap::{Arg, ArgAction, Command};
use he_core::exec::tensor::Tensor;
use he_core::ir::Ir;
use he_core::pass::module_stage;
use he_core::support::{Diagnostic, Diagnostics, Weights};
use he_dialects::ckks::cost_table::bytes;
use he_dialects::lower::bounds::error_bound;
use he_tools::command_line::{flag, number, real, shared_options, value};
use he_tools::export::{Target, export, fit};
use he_tools::files::write_output;
use he_tools::hooks::{Dumps, Hooks};
use he_tools::python::{interpreter, run_exported};
use he_tools::run::{BackendOptions, PredictedNoise, Program, max_abs_difference};
use he_tools::session::{Needs, Tool, run_tool};
use he_tools::values::{read_tensor, to_json};
use serde_json::{Map, Value, json};

fn main() -> ExitCode {
    run_tool(he_run)
}

fn command() -> Command {
    shared_options(
        Command::new("he-run")
            .about("Executes a program of any stage and compares it with the neural network"),
    )
    .override_usage("he-run [OPTIONS] [--PASS[='option=value …']]… [FILE]")
    .arg(
        Arg::new("inputs")
            .long("input")
            .value_name("FILE")
            .action(ArgAction::Append)
            .help("An input, one for each argument: nested arrays in .json, or .npy"),
    )
    .arg(
        number(
            "random-input",
            "SEED",
            "Random inputs in the arguments' ranges; SEED 0 if there are no inputs",
        )
        .conflicts_with("inputs"),
    )
    .arg(flag("json", "Print one JSON object"))
    .arg(
        number("noise", "SEED", "Add the noise of the CKKS model")
            .num_args(0..=1)
            .require_equals(true)
            .default_missing_value("0"),
    )
    .arg(real("precision-bits", "BITS", "Warn if fewer bits of precision are left"))
    .arg(
        value("backend", "NAME", "What computes: fake, openfhe or seal")
            .value_parser(["fake", "openfhe", "seal"])
            .default_value("fake"),
    )
    .arg(value("python", "PATH", "The interpreter for openfhe or seal; tools/backends/setup.sh makes one"))
    .arg(number("repeat", "COUNT", "Evaluations on openfhe or seal; times are their median"))
}

fn he_run(argv: &[String]) -> ExitCode {
    let mut tool = match Tool::start(command(), argv, |_| Needs::Rules) {
        Ok(tool) => tool,
        Err(code) => return code,
    };
    let mut said = Diagnostics::new();
    let result = run(&mut tool, &mut said);
    tool.say(&said);
    match result {
        Ok(text) => match write_output("-", &text) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => tool.fail(&[error]),
        },
        Err(errors) => tool.fail(&errors),
    }
}

/// Compiles and executes. Yields the text for standard output; remarks and warnings go to `said`.
fn run(tool: &mut Tool, said: &mut Diagnostics) -> Result<String, Diagnostics> {
    let one = |error: Diagnostic| vec![error];
    let options = BackendOptions {
        noise: tool.line.number("noise"),
        precision_bits: tool.line.real("precision-bits"),
        ..BackendOptions::default()
    };
    let mut ir = tool.read()?;
    let passes = tool.named_passes(&ir).map_err(one)?;
    let registry = &tool.loaded.session.registry;
    let is_network = passes.is_empty() && module_stage(registry, &ir).map_err(one)? == 0;
    if !passes.is_empty() {
        let passes = tool.completed(&ir, passes, None).map_err(one)?;
        let mut hooks = Hooks::new(Dumps::default());
        said.extend(tool.run(&mut ir, &passes, true, &mut hooks)?);
    }
    let weights = tool.weights();
    if let Some(target) = tool.line.text_of("backend").and_then(Target::from_name) {
        let outcome = run_encrypted(tool, &mut ir, &weights, target, said)?;
        return printed(tool, outcome, options, said);
    }
    let program = Program { loaded: &tool.loaded, ir: &ir, weights: &weights, options };
    let inputs = inputs(tool, &program).map_err(one)?;
    let bound = bound(&program, &inputs, said).map_err(one)?;
    let outputs = program.execute(&inputs, said).map_err(one)?;
    let reference = program.reference(&inputs).map_err(one)?;
    let noise = match options.noise {
        Some(_) => program.predicted_noise(&inputs).map_err(one)?,
        None => None,
    };
    let backend = program.backend_name().map_err(one)?;
    if is_network {
        let remark = Diagnostic::remark("nothing was compiled: this is the network itself");
        said.push(remark.help("--preset=bsgs-lazy compiles it, and runs what comes of it"));
    }
    let outcome = Outcome { outputs, reference, bound, noise, backend, report: Map::new() };
    printed(tool, outcome, options, said)
}

fn printed(
    tool: &Tool,
    outcome: Outcome,
    options: BackendOptions,
    said: &mut Diagnostics,
) -> Result<String, Diagnostics> {
    said.extend(outcome.lost_precision(options.precision_bits));
    Ok(if tool.line.is_set("json") { outcome.json().to_string() + "\n" } else { outcome.text() })
}

/// Exports the program to a temporary folder and runs it on a real library.
fn run_encrypted(
    tool: &Tool,
    ir: &mut Ir,
    weights: &dyn Weights,
    target: Target,
    said: &mut Diagnostics,
) -> Result<Outcome, Diagnostics> {
    let one = |error: Diagnostic| vec![error];
    let options = BackendOptions { library: target.library(), ..BackendOptions::default() };
    fit(ir, target).map_err(one)?;
    let program = Program { loaded: &tool.loaded, ir, weights, options };
    let exported = export(&program, target, &tool.input()).map_err(one)?;
    let inputs = inputs(tool, &program).map_err(one)?;
    let reference = program.reference(&inputs).map_err(one)?;
    let bound = bound(&program, &inputs, said).map_err(one)?;
    said.extend(tool.check_security(ir)?);
    let repeat = tool.line.number("repeat").unwrap_or(1);
    let python = interpreter(target, tool.line.text_of("python")).map_err(one)?;
    let report = run_exported(&python, &exported, &inputs, repeat).map_err(one)?;
    let noise = program.predicted_noise(&inputs).map_err(one)?;
    let outputs = report.outputs().map_err(one)?;
    Ok(Outcome { outputs, reference, bound, noise, backend: target.name(), report: report.all })
}

/// The bound on what the polynomials change, for inputs in range: none where one is outside, which is said. A program of
/// another making may have none.
fn bound(
    program: &Program<'_>,
    inputs: &[Tensor],
    said: &mut Diagnostics,
) -> Result<Option<f64>, Diagnostic> {
    let outside = program.outside(inputs)?;
    let in_range = outside.is_empty();
    said.extend(outside);
    let registry = &program.loaded.session.registry;
    let bound = || error_bound(registry, program.ir, program.weights).ok().flatten();
    Ok(in_range.then(bound).flatten().filter(|bound| bound.is_finite()))
}

/// The inputs that the command line names.
fn inputs(tool: &Tool, program: &Program<'_>) -> Result<Vec<Tensor>, Diagnostic> {
    let files = tool.line.texts_of("inputs");
    if files.is_empty() {
        return program.random_inputs(tool.line.number("random-input").unwrap_or(0));
    }
    let tensors = files.iter().map(|file| read_tensor(file)).collect::<Result<_, _>>()?;
    program.checked_inputs(tensors)
}

/// What the text says of a run on a real library, with units; the JSON has everything.
const REPORTED: [(&str, &str); 7] = [
    ("observed_noise", ""),
    ("library", ""),
    ("security", ""),
    ("log_qp", " bits"),
    ("evaluate_ms", " ms"),
    ("encode_ms", " ms"),
    ("peak_bytes", ""),
];

/// What he-run prints.
struct Outcome {
    outputs: Vec<Tensor>,
    reference: Option<Vec<Tensor>>,
    bound: Option<f64>,
    /// What the noise model predicts, with `--noise`.
    noise: Option<PredictedNoise>,
    backend: &'static str,
    /// What a real library's run says of itself; empty for the fake backend.
    report: Map<String, Value>,
}

impl Outcome {
    fn max_abs_error(&self) -> Option<f64> {
        self.reference.as_ref().map(|reference| max_abs_difference(&self.outputs, reference))
    }

    /// A warning where the results have fewer correct bits than asked for.
    fn lost_precision(&self, wanted: Option<f64>) -> Option<Diagnostic> {
        let (wanted, error) = (wanted?, self.max_abs_error()?);
        let bits = -error.log2();
        (bits < wanted).then(|| {
            Diagnostic::warning(format!(
                "the results agree with the reference to {bits:.1} bits, and --precision-bits asks for {wanted}"
            ))
        })
    }

    fn json(&self) -> Value {
        let mut object = self.report.clone();
        let own = json!({
            "outputs": listed(&self.outputs),
            "reference": self.reference.as_deref().map_or(Value::Null, listed),
            "max_abs_error": self.max_abs_error(),
            "predicted_noise": self.noise.map(|noise| noise.largest),
            "predicted_noise_std": self.noise.map(|noise| noise.std),
            "backend": self.backend,
        });
        object.extend(own.as_object().cloned().unwrap_or_default());
        object.extend(self.bound.map(|bound| ("error_bound".to_owned(), json!(bound))));
        Value::Object(object)
    }

    fn text(&self) -> String {
        let mut text = format!("outputs: {}\n", listed(&self.outputs));
        if let Some(reference) = &self.reference {
            text += &format!("reference: {}\n", listed(reference));
        }
        if let Some(error) = self.max_abs_error() {
            text += &format!("max_abs_error: {error:.6e}\n");
        }
        if let Some(bound) = self.bound {
            text += &format!("error_bound: {bound:.6e}\n");
        }
        if let Some(noise) = self.noise {
            text += &format!("predicted_noise: {:.6e}\n", noise.largest);
        }
        for (name, unit) in REPORTED {
            match self.report.get(name) {
                Some(Value::String(value)) => text += &format!("{name}: {value}\n"),
                Some(Value::Number(value)) => {
                    let value = value.as_f64().unwrap_or(f64::NAN);
                    text += &if name.ends_with("_bytes") {
                        format!("{name}: {}\n", bytes(value as u64))
                    } else if value.abs() < 1e-2 {
                        format!("{name}: {value:.6e}{unit}\n")
                    } else {
                        format!("{name}: {value:.1}{unit}\n")
                    };
                }
                _ => {}
            }
        }
        text + &format!("backend: {}\n", self.backend)
    }
}

/// One result as itself, several as a list.
fn listed(tensors: &[Tensor]) -> Value {
    match tensors {
        [only] => to_json(only),
        several => Value::Array(several.iter().map(to_json).collect()),
    }
}
