//! `he-cost tune`: the configurations that no other one beats.
//!
//! Every combination of the given degrees, approximation methods, scales and objectives is compiled by `auto`, which
//! searches layouts, schedules, ring and modulus for each; what is left is the Pareto front of error, latency, memory and
//! key bytes.

use clap::Command;
use he_core::pass::PassInstance;
use he_core::support::{Diagnostic, Diagnostics};
use he_dialects::ckks::cost::CostReport;
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use crate::command_line::{CommandLine, flag, number, options_without_passes, value};

/// The command line of `he-cost tune`.
pub fn tune_command() -> Command {
    let about = "Searches the configurations that no other one beats in error, latency, memory and keys";
    options_without_passes(Command::new("tune").about(about))
        .override_usage("he-cost tune [OPTIONS] [FILE]")
        .arg(value("output", "FILE", "Where to write the report").short('o').default_value("-"))
        .arg(flag("json", "Print JSON"))
        .arg(
            number("degrees", "LIST", "Degrees of the polynomials")
                .value_delimiter(',')
                .default_value("3,5,7,8,11,15"),
        )
        .arg(
            value("methods", "LIST", "How polynomials are chosen")
                .value_delimiter(',')
                .value_parser(["chebyshev", "remez", "least-squares"])
                .default_value("chebyshev,remez"),
        )
        .arg(
            number("scales", "LIST", "Bits of the scale")
                .value_delimiter(',')
                .default_value("30,35,40,45,50"),
        )
        .arg(number("seed", "SEED", "Of the inputs that errors are measured on").default_value("1"))
}

/// One configuration.
#[derive(Clone, Debug)]
pub struct Configuration {
    /// The pipeline.
    pub passes: Vec<PassInstance>,
    /// The flag that names it.
    pub flag: String,
}

/// A configuration with what it costs.
#[derive(Clone, Debug, Serialize)]
pub struct Point {
    /// The largest error against the network on random inputs, and the noise that the model predicts.
    pub error: f64,
    /// What the program costs.
    #[serde(flatten)]
    pub report: CostReport,
    /// What makes it again.
    pub command: String,
}

impl Point {
    fn coordinates(&self) -> [f64; 4] {
        let CostReport { latency_ms, memory_bytes, key_bytes, .. } = self.report;
        [self.error, latency_ms, memory_bytes as f64, key_bytes as f64]
    }

    /// Whether the other is at least as good in everything, and better in something.
    fn is_beaten_by(&self, other: &Point) -> bool {
        let (own, other) = (self.coordinates(), other.coordinates());
        let all = own.iter().zip(&other).all(|(own, other)| other <= own);
        all && own != other
    }
}

/// Every combination of what the command line lists.
pub fn configurations(
    line: &CommandLine,
    instance: impl Fn(&str) -> Result<PassInstance, Diagnostic>,
) -> Result<Vec<Configuration>, Diagnostic> {
    let mut all = Vec::new();
    for degree in line.numbers("degrees") {
        for method in line.texts_of("methods") {
            for scale in line.numbers("scales") {
                let options = format!("degree={degree} method={method} log-scale={scale}");
                let passes = vec![instance(&options)?];
                all.push(Configuration { passes, flag: format!("--auto='{options}'") });
            }
        }
    }
    Ok(all)
}

/// Costs every configuration, with a progress bar where standard error is a terminal. Yields those that no other beats,
/// the least error first, and a remark where some do not compile; an error where none does.
pub fn front(
    configurations: Vec<Configuration>,
    cost: impl Fn(Configuration) -> Result<Point, Diagnostics>,
) -> Result<(Vec<Point>, Diagnostics), Diagnostics> {
    let all = configurations.len();
    let bar = ProgressBar::new(configurations.len() as u64);
    if let Ok(style) = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} {eta}") {
        bar.set_style(style);
    }
    bar.set_message("tuning");
    let (mut points, mut failure) = (Vec::new(), None);
    for configuration in configurations {
        match cost(configuration) {
            Ok(point) => points.push(point),
            Err(errors) => failure = failure.or(Some(errors)),
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    let mut remarks = Diagnostics::new();
    if let Some(errors) = failure {
        if points.is_empty() {
            return Err(errors);
        }
        let why = errors.last().map_or("", |error| error.message.as_str());
        let left = all - points.len();
        let text = format!("tune: {left} of {all} configurations do not compile; of the first: {why}");
        remarks.push(Diagnostic::remark(text));
    }
    let mut left: Vec<Point> = Vec::new();
    for point in &points {
        let same = left.iter().any(|known| known.coordinates() == point.coordinates());
        if !same && !points.iter().any(|other| point.is_beaten_by(other)) {
            left.push(point.clone());
        }
    }
    left.sort_by(|a, b| a.error.total_cmp(&b.error));
    Ok((left, remarks))
}
