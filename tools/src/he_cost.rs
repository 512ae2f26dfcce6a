//! `he-cost`: what a program costs, comparisons of configurations, sweeps.

use std::process::ExitCode;

use clap::{Arg, Command};
use he_core::ir::Ir;
use he_core::pass::{PassInstance, module_stage};
use he_core::support::{Diagnostic, Diagnostics, Severity};
use he_dialects::ckks::cost::{CostReport, Ordered, cost_report};
use he_dialects::ckks::cost_table::{bytes, report_text, time};
use he_tools::calibrate::command::{calibrate_command, calibration};
use he_tools::command_line::{CommandLine, flag, preset, shared_options, value};
use he_tools::configurations::{Sweep, comparison};
use he_tools::files::write_output;
use he_tools::hooks::Hooks;
use he_tools::run::{BackendOptions, Program, max_abs_difference};
use he_tools::session::{Needs, Tool, run_tool};
use he_tools::tune::{Configuration, Point, configurations, front, tune_command};
use serde::Serialize;

/// The stage that has a cost.
const LEVELED: &str = "leveled";
/// How a program is compiled when nothing else is said: by the first that applies at its stage.
const DEFAULT_PRESETS: [&str; 2] = ["bsgs-lazy", "lazy"];
/// The seed of the inputs that errors are measured on.
const SEED: u64 = 1;

fn main() -> ExitCode {
    run_tool(he_cost)
}

fn command() -> Command {
    let about = "Reports what a CKKS program costs. A program below stage leveled is compiled first, by bsgs-lazy \
                 unless --preset or pass flags say otherwise";
    shared_options(Command::new("he-cost").about(about))
        .override_usage(
            "he-cost [OPTIONS] [--PASS[='option=value …']]… [FILE]\n       he-cost tune [OPTIONS] [FILE]\n       \
             he-cost calibrate --backend=NAME [OPTIONS]",
        )
        .args_conflicts_with_subcommands(true)
        .subcommand(tune_command())
        .subcommand(calibrate_command())
        .arg(
            Arg::new("output")
                .short('o')
                .value_name("FILE")
                .default_value("-")
                .help("Where to write the report"),
        )
        .arg(flag("json", "Print JSON"))
        .arg(flag("verbose", "Parameters and security too"))
        .arg(flag("critical-path", "Every op of the critical path"))
        .arg(value("compare", "LIST", "Presets or NAME:PIPELINE, separated by commas, side by side"))
        .arg(
            value("sweep", "NAME=VALUES", "One row for each value of a pass option or parameter")
                .conflicts_with("compare"),
        )
}

fn he_cost(argv: &[String]) -> ExitCode {
    let needs = |line: &CommandLine| match is_calibration(line) {
        true => Needs::InputDialects,
        false => Needs::Rules,
    };
    let mut tool = match Tool::start(command(), argv, needs) {
        Ok(tool) => tool,
        Err(code) => return code,
    };
    let text = if is_calibration(&tool.line) {
        calibration(&tool.line).map_err(|error| vec![error])
    } else {
        costed(&mut tool)
    };
    let written = text.and_then(|text| {
        write_output(tool.line.text_of("output").unwrap_or("-"), &text).map_err(|error| vec![error])
    });
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(errors) => tool.fail(&errors),
    }
}

fn is_calibration(line: &CommandLine) -> bool {
    line.subcommand.as_deref() == Some("calibrate")
}

/// Reads the program; yields the report that is asked for.
fn costed(tool: &mut Tool) -> Result<String, Diagnostics> {
    if tool.line.text_of("compare").is_some() {
        let refused = tool.line.refuse_passes("compare", "each configuration names its own");
        refused.map_err(|error| vec![error])?;
    }
    let ir = tool.read()?;
    if tool.line.subcommand.as_deref() == Some("tune") {
        tune(tool, &ir)
    } else if let Some(list) = tool.line.text_of("compare") {
        compare(tool, &ir, list)
    } else if let Some(sweep) = tool.line.text_of("sweep") {
        sweep_over(tool, &ir, sweep)
    } else {
        single(tool, &ir)
    }
}

/// A configuration and what came of it.
#[derive(Serialize)]
struct Row {
    #[serde(skip)]
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<String>,
    #[serde(flatten)]
    outcome: Outcome,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Outcome {
    Costed {
        #[serde(flatten)]
        report: Box<CostReport>,
        /// Largest difference from the nn reference; absent where it was not executed.
        #[serde(skip_serializing_if = "Option::is_none")]
        max_abs_error: Option<f64>,
    },
    Failed {
        error: String,
    },
}

/// Compiles a copy of `ir` to stage leveled and costs it. Warnings go to `said`.
fn cost(
    tool: &Tool,
    ir: &Ir,
    passes: Vec<PassInstance>,
    said: &mut Diagnostics,
) -> Result<(Ir, CostReport), Diagnostics> {
    let mut ir = ir.clone();
    let one = |error: Diagnostic| vec![error];
    let session = &tool.loaded.session;
    let passes = tool.completed(&ir, passes, session.registry.stage(LEVELED)).map_err(one)?;
    said.extend(tool.run(&mut ir, &passes, true, &mut Hooks::default())?);
    let report = cost_report(&session.registry, &ir, tool.profile()).map_err(one)?;
    said.extend(tool.check_security(&ir)?);
    Ok((ir, report))
}

/// The passes to compile with when nothing is compared: those of the command line, else the default preset.
fn base_passes(tool: &Tool, ir: &Ir) -> Result<Vec<PassInstance>, Diagnostics> {
    let session = &tool.loaded.session;
    let passes = if tool.line.names_passes() {
        tool.named_passes(ir)
    } else {
        let start = module_stage(&session.registry, ir);
        start.and_then(|start| {
            let compiled = session.registry.stage(LEVELED).is_some_and(|leveled| start >= leveled);
            let presets = DEFAULT_PRESETS.map(|name| preset(session, name, start));
            if compiled {
                Ok(Vec::new())
            } else {
                presets.into_iter().find(Result::is_ok).unwrap_or(Ok(Vec::new()))
            }
        })
    };
    passes.map_err(|error| vec![error])
}

fn single(tool: &Tool, ir: &Ir) -> Result<String, Diagnostics> {
    let mut said = Diagnostics::new();
    let (_, report) = cost(tool, ir, base_passes(tool, ir)?, &mut said)?;
    say_once(tool, said);
    if tool.line.is_set("json") {
        return Ok(json(&report));
    }
    Ok(report_text(&report, tool.line.is_set("verbose"), tool.line.is_set("critical-path")))
}

fn compare(tool: &Tool, ir: &Ir, list: &str) -> Result<String, Diagnostics> {
    let one = |error: Diagnostic| vec![error];
    let session = &tool.loaded.session;
    let start = module_stage(&session.registry, ir).map_err(one)?;
    let configurations = comparison(session, list, start);
    let configurations = configurations.map_err(|error| one(tool.line.at_value("compare", error)))?;
    let mut said = Diagnostics::new();
    let mut rows = Vec::new();
    for (name, passes) in configurations {
        let result = cost(tool, ir, passes, &mut said);
        let error_of = |compiled: &Ir, said: &mut Diagnostics| max_abs_error(tool, ir, compiled, said);
        let outcome = outcome(result, &mut said, error_of);
        rows.push(Row { name, value: None, outcome });
    }
    say_once(tool, said);
    let rows = some_costed(rows)?;
    if tool.line.is_set("json") {
        let object = rows.into_iter().map(|row| (row.name.clone(), row)).collect();
        return Ok(json(&Ordered(object)));
    }
    Ok(side_by_side(&table("", &rows)))
}

fn sweep_over(tool: &Tool, ir: &Ir, text: &str) -> Result<String, Diagnostics> {
    let one = |error: Diagnostic| vec![error];
    let misspelt = |error: Diagnostic| vec![tool.line.at_value("sweep", error)];
    let sweep = Sweep::parse(text).map_err(misspelt)?;
    let session = &tool.loaded.session;
    let base = base_passes(tool, ir)?;
    let base = tool.completed(ir, base, session.registry.stage(LEVELED)).map_err(one)?;
    let mut said = Diagnostics::new();
    let mut rows = Vec::new();
    for value in &sweep.values {
        let (mut ir, mut passes) = (ir.clone(), base.clone());
        match sweep.parameter(&ir, value).map_err(misspelt)? {
            Some(flags) => tool.apply_flags(&mut ir, &flags).map_err(misspelt)?,
            None => sweep.set_option(&session.passes, &mut passes, value).map_err(misspelt)?,
        }
        let result = cost(tool, &ir, passes, &mut said);
        let error_of = |compiled: &Ir, said: &mut Diagnostics| max_abs_error(tool, &ir, compiled, said);
        let outcome = outcome(result, &mut said, error_of);
        rows.push(Row { name: value.clone(), value: Some(value.clone()), outcome });
    }
    say_once(tool, said);
    let rows = some_costed(rows)?;
    if tool.line.is_set("json") { Ok(json(&rows)) } else { Ok(aligned(&table(&sweep.name, &rows))) }
}

/// `he-cost tune`.
fn tune(tool: &Tool, ir: &Ir) -> Result<String, Diagnostics> {
    let one = |error: Diagnostic| vec![error];
    let table = &tool.loaded.session.passes;
    let seed = tool.line.number("seed").unwrap_or(SEED);
    let configurations = configurations(&tool.line, |options| {
        let auto = table.instance("auto", options, options, 0)?;
        Ok(PassInstance { place: None, ..auto })
    })
    .map_err(one)?;
    let weights = tool.weights();
    let (points, remarks) = front(configurations, |Configuration { passes, flag }| {
        let (compiled, report) = cost(tool, ir, passes, &mut Diagnostics::new())?;
        let options = BackendOptions::default();
        let program = Program { loaded: &tool.loaded, ir: &compiled, weights: &weights, options };
        let inputs = program.random_inputs(seed).map_err(one)?;
        let reference = program.reference(&inputs).map_err(one)?;
        let outputs = program.execute(&inputs, &mut Diagnostics::new()).map_err(one)?;
        let error = reference.map_or(0.0, |reference| max_abs_difference(&outputs, &reference));
        let noise = program.predicted_noise(&inputs).map_err(one)?.map_or(0.0, |noise| noise.largest);
        Ok(Point { error: error + noise, report, command: format!("he-cost {flag} {}", tool.input()) })
    })?;
    tool.say(&remarks);
    if tool.line.is_set("json") {
        return Ok(json(&points));
    }
    let header = ["error", "latency", "memory", "keys", "N", "levels", "command"].map(str::to_owned).to_vec();
    let mut lines = vec![header];
    for point in &points {
        let report = &point.report;
        lines.push(vec![
            format!("{:.2e}", point.error),
            time(report.latency_ms),
            bytes(report.memory_bytes),
            bytes(report.key_bytes),
            format!("2^{}", report.params.log_n),
            report.levels_used.to_string(),
            point.command.clone(),
        ]);
    }
    Ok(aligned(&lines))
}

/// The largest difference of the compiled program from the nn reference, on inputs of a fixed seed; `None` for a
/// program without a reference.
fn max_abs_error(
    tool: &Tool,
    input: &Ir,
    compiled: &Ir,
    said: &mut Diagnostics,
) -> Result<Option<f64>, Diagnostic> {
    let weights = tool.weights();
    let program =
        |ir| Program { loaded: &tool.loaded, ir, weights: &weights, options: BackendOptions::default() };
    let inputs = program(compiled).random_inputs(SEED)?;
    let reference = match program(compiled).reference(&inputs)? {
        Some(reference) => Some(reference),
        None => program(input).reference(&inputs)?,
    };
    let Some(reference) = reference else { return Ok(None) };
    let outputs = program(compiled).execute(&inputs, said)?;
    Ok(Some(max_abs_difference(&outputs, &reference)))
}

fn outcome(
    result: Result<(Ir, CostReport), Diagnostics>,
    said: &mut Diagnostics,
    error_of: impl Fn(&Ir, &mut Diagnostics) -> Result<Option<f64>, Diagnostic>,
) -> Outcome {
    match result {
        Ok((ir, report)) => {
            let max_abs_error = error_of(&ir, said).unwrap_or_else(|error| {
                // A program that cannot be executed still has a cost.
                said.push(Diagnostic { severity: Severity::Warning, ..error });
                None
            });
            Outcome::Costed { report: Box::new(report), max_abs_error }
        }
        Err(errors) => {
            let error = errors.last().map_or_else(String::new, |error| error.message.clone());
            said.extend(errors);
            Outcome::Failed { error }
        }
    }
}

/// The rows; an error if none was costed.
fn some_costed(rows: Vec<Row>) -> Result<Vec<Row>, Diagnostics> {
    let costed = rows.iter().any(|row| matches!(row.outcome, Outcome::Costed { .. }));
    // What is wrong with each has been said.
    if costed { Ok(rows) } else { Err(vec![Diagnostic::error("no configuration could be compiled")]) }
}

/// Prints each diagnostic once: configurations share most of theirs.
fn say_once(tool: &Tool, said: Diagnostics) {
    let mut once: Diagnostics = Vec::new();
    for diagnostic in said {
        if !once.contains(&diagnostic) {
            once.push(diagnostic);
        }
    }
    tool.say(&once);
}

fn json(value: &impl Serialize) -> String {
    // Reports are maps with text keys: they have a JSON form.
    serde_json::to_string_pretty(value).map_or_else(|error| error.to_string(), |text| text + "\n")
}

/// A header, then one line a row: every metric, and the speed-up over the first row.
fn table(name: &str, rows: &[Row]) -> Vec<Vec<String>> {
    let header = [
        name,
        "total operations",
        "rotations",
        "products",
        "rescales",
        "relinearizations",
        "bootstraps",
        "avoidable",
        "latency",
        "critical path",
        "parallelism",
        "depth",
        "products on a path",
        "initial level",
        "final level",
        "levels used",
        "memory",
        "keys",
        "security bits",
        "extrapolated",
        "max error",
        "speed-up",
    ];
    let first = rows.iter().find_map(|row| match &row.outcome {
        Outcome::Costed { report, .. } => Some(report.latency_ms),
        Outcome::Failed { .. } => None,
    });
    let mut lines = vec![header.map(str::to_owned).to_vec()];
    for row in rows {
        let mut line = vec![row.name.clone()];
        match &row.outcome {
            Outcome::Costed { report, max_abs_error } => line.extend(cells(report, *max_abs_error, first)),
            Outcome::Failed { error } => line.push(error.clone()),
        }
        lines.push(line);
    }
    // A column that says nothing in any row is left out.
    for column in (1..header.len()).rev() {
        if lines[1..].iter().all(|line| line.get(column).is_none_or(|cell| cell == "-")) {
            lines.iter_mut().filter(|line| line.len() > column).for_each(|line| drop(line.remove(column)));
        }
    }
    lines
}

fn cells(report: &CostReport, max_abs_error: Option<f64>, first_ms: Option<f64>) -> Vec<String> {
    let count = |name: &str| report.operations.get(name).to_string();
    let products =
        ["mul", "mul_plain", "mul_scalar"].map(|name| report.operations.get(name)).iter().sum::<u64>();
    let speed_up = first_ms.map_or(1.0, |first| first / report.latency_ms.max(f64::MIN_POSITIVE));
    vec![
        report.total_operations.to_string(),
        (report.operations.get("rotate") + report.operations.get("rotate_ext")).to_string(),
        products.to_string(),
        count("rescale"),
        count("relinearize"),
        count("bootstrap"),
        report.avoidable_bootstraps.to_string(),
        time(report.latency_ms),
        time(report.critical_path_ms),
        format!("{:.2}", report.parallelism),
        report.depth.to_string(),
        report.multiplicative_depth.to_string(),
        report.initial_level.to_string(),
        report.final_level.to_string(),
        report.levels_used.to_string(),
        bytes(report.memory_bytes),
        bytes(report.key_bytes),
        report.params.security_bits.to_string(),
        format!("{:.0} %", 100.0 * report.extrapolated),
        max_abs_error.map_or_else(|| "-".to_owned(), |error| format!("{error:.3e}")),
        format!("{speed_up:.2}x"),
    ]
}

/// The table with columns for rows.
fn side_by_side(lines: &[Vec<String>]) -> String {
    let height = lines.first().map_or(0, Vec::len);
    let column = |row: usize| lines.iter().map(|line| line.get(row).cloned().unwrap_or_default()).collect();
    let turned: Vec<Vec<String>> = (0..height).map(column).collect();
    aligned(&turned)
}

fn aligned(lines: &[Vec<String>]) -> String {
    let columns = lines.iter().map(Vec::len).max().unwrap_or(0);
    // A failed row has one long cell: it must not widen the column.
    let full = |line: &&Vec<String>| line.len() == columns;
    let width = |column: usize| {
        lines
            .iter()
            .filter(full)
            .filter_map(|line| Some(line.get(column)?.chars().count()))
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut out = String::new();
    for line in lines {
        let mut text = String::new();
        for (column, cell) in line.iter().enumerate() {
            if column == 0 {
                text += &format!("{cell:<0$}", widths[0]);
            } else {
                text += &format!("  {cell:>0$}", widths[column]);
            }
        }
        out += text.trim_end();
        out.push('\n');
    }
    out
}
