//! The command line of `he-cost calibrate`.

use std::process::ExitCode;

use clap::{Arg, ArgMatches, Command, value_parser};
use he_core::support::Diagnostic;
use he_dialects::ckks::params::{MAX_LOG_N, MIN_LOG_N};
use he_dialects::profiles::Profile;

use super::{Plan, calibrate};
use crate::command_line::{Stop, stop, value};
use crate::export::Target;
use crate::files::write_output;
use crate::python::interpreter;
use crate::render::{Sources, render};
use crate::streams::say;

/// The command line of `he-cost calibrate`.
fn calibrate_command() -> Command {
    let about = "Measures the latencies of a library on this machine and writes a cost profile for --profile. Takes a \
                 few minutes with the defaults; latencies are processor time, so that other programs disturb little";
    let numbers = |arg: Arg| arg.value_delimiter(',').value_parser(value_parser!(u32).range(0..=1000));
    Command::new("he-cost calibrate")
        .about(about)
        .version(env!("CARGO_PKG_VERSION"))
        .arg(value("backend", "NAME", "openfhe or seal").value_parser(["openfhe", "seal"]).required(true))
        .arg(value("output", "FILE", "Where to write the profile").short('o').default_value("-"))
        .arg(value("name", "NAME", "The name of the profile; that of the backend unless given"))
        .arg(value("python", "PATH", "The interpreter; tools/backends/setup.sh makes one"))
        .arg(numbers(value("log-n", "LIST", "Rings, as log2 N").default_value("13,14,15,16")))
        .arg(numbers(value(
            "limbs",
            "LIST",
            "Limbs of fresh ciphertexts; unless given, the longest secure chain of a \
                                              ring, and for openfhe half of it too",
        )))
        .arg(
            value("prime-bits", "BITS", "Bits of a prime")
                .default_value("40")
                .value_parser(value_parser!(u32).range(20..=59)),
        )
        .arg(
            value("dnum", "DIGITS", "Digits of a key switch (openfhe); the compiler's default unless given")
                .value_parser(value_parser!(u32).range(1..=1000)),
        )
        .arg(
            value("seconds", "SECONDS", "Processor time for each chain")
                .default_value("20")
                .value_parser(value_parser!(u64).range(1..=86_400)),
        )
        .arg(numbers(
            value(
                "bootstrap-log-n",
                "LIST",
                "Rings of bootstraps (openfhe), as log2 N: 2^15 takes 6 GB, 2^16 \
                                                       12 GB; 0 for none",
            )
            .default_value("13"),
        ))
}

/// `he-cost calibrate`: measures, and writes a profile.
pub fn calibrated(argv: &[String]) -> ExitCode {
    let fail = |error: &Diagnostic| {
        say(&render(&Sources::default(), std::slice::from_ref(error)));
        ExitCode::FAILURE
    };
    let argv = std::iter::once("he-cost calibrate").chain(argv.iter().map(String::as_str));
    let matches = match calibrate_command().try_get_matches_from(argv) {
        Ok(matches) => matches,
        Err(error) => match stop(&error) {
            Stop::Text(text) => {
                return write_output("-", &text).map_or_else(|error| fail(&error), |()| ExitCode::SUCCESS);
            }
            Stop::Error(error) => return fail(&error),
        },
    };
    match calibration(&matches) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
}

fn calibration(matches: &ArgMatches) -> Result<(), Diagnostic> {
    let text = |name: &str| matches.get_one::<String>(name).map(String::as_str);
    let list =
        |name: &str| matches.get_many::<u32>(name).map_or_else(Vec::new, |list| list.copied().collect());
    let target = text("backend").and_then(Target::from_name).unwrap_or(Target::OpenFhe);
    let plan = Plan {
        target,
        log_n: list("log-n"),
        limbs: list("limbs"),
        prime_bits: matches.get_one("prime-bits").copied().unwrap_or(40),
        dnum: matches.get_one("dnum").copied(),
        seconds: matches.get_one("seconds").copied().unwrap_or(20),
        bootstrap_log_n: list("bootstrap-log-n").into_iter().filter(|log_n| *log_n > 0).collect(),
        name: text("name").unwrap_or(target.name()).to_owned(),
    };
    let rings = MIN_LOG_N..=MAX_LOG_N;
    if let Some(ring) = plan.log_n.iter().chain(&plan.bootstrap_log_n).find(|ring| !rings.contains(ring)) {
        let text = format!("a ring of log_n {ring} is not measured: log_n is {MIN_LOG_N} to {MAX_LOG_N}");
        return Err(Diagnostic::error(text).help("--log-n=13,14,15,16"));
    }
    if plan.limbs.contains(&0) {
        return Err(Diagnostic::error("a chain has at least one limb").help("--limbs=8,16"));
    }
    let python = interpreter(target, text("python"))?;
    let profile = calibrate(&plan, &python)?;
    // What was measured in minutes is read once before it is written.
    Profile::from_json(&profile)
        .map_err(|error| Diagnostic::error(format!("the measurements make no profile: {error}")))?;
    write_output(text("output").unwrap_or("-"), &profile)
}
