//! The command line of `he-cost calibrate`.

use clap::Command;
use he_core::support::Diagnostic;
use he_dialects::ckks::params::{MAX_LOG_N, MIN_LOG_N};
use he_dialects::profiles::Profile;

use super::{Plan, calibrate};
use crate::command_line::{CommandLine, color_option, number, value};
use crate::export::Target;
use crate::python::interpreter;

/// The command line of `he-cost calibrate`.
pub fn calibrate_command() -> Command {
    let about = "Measures the latencies of a library on this machine and writes a cost profile for --profile. Takes a \
                 few minutes with the defaults; latencies are processor time, so that other programs disturb little";
    let list = |name, help| number(name, "LIST", help).value_delimiter(',');
    Command::new("calibrate")
        .about(about)
        .version(env!("CARGO_PKG_VERSION"))
        .override_usage("he-cost calibrate --backend=NAME [OPTIONS]")
        .arg(value("backend", "NAME", "openfhe or seal").value_parser(["openfhe", "seal"]).required(true))
        .arg(value("output", "FILE", "Where to write the profile").short('o').default_value("-"))
        .arg(value("name", "NAME", "The name of the profile; that of the backend unless given"))
        .arg(value("python", "PATH", "The interpreter; tools/backends/setup.sh makes one"))
        .arg(list("log-n", "Rings, as log2 N").default_value("13,14,15,16"))
        .arg(list(
            "limbs",
            "Limbs of fresh ciphertexts; unless given, the longest secure chain of a ring, and for openfhe half of it \
             too",
        ))
        .arg(number("prime-bits", "BITS", "Bits of a prime").default_value("40"))
        .arg(number(
            "dnum",
            "DIGITS",
            "Digits of a key switch (openfhe); the compiler's default unless given",
        ))
        .arg(number("seconds", "SECONDS", "Processor time for each chain").default_value("20"))
        .arg(
            list(
                "bootstrap-log-n",
                "Rings of bootstraps (openfhe), as log2 N: 2^15 takes 6 GB, 2^16 12 GB; 0 for none",
            )
            .default_value("13"),
        )
        .arg(color_option())
}

/// `he-cost calibrate`: measures. Yields the profile.
pub fn calibration(line: &CommandLine) -> Result<String, Diagnostic> {
    let small = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
    let list = |name: &str| line.numbers(name).into_iter().map(small).collect::<Vec<_>>();
    let target = line.text_of("backend").and_then(Target::from_name).unwrap_or(Target::OpenFhe);
    let plan = Plan {
        target,
        log_n: list("log-n"),
        limbs: list("limbs"),
        prime_bits: line.number("prime-bits").map_or(40, small),
        dnum: line.number("dnum").map(small),
        seconds: line.number("seconds").unwrap_or(20),
        bootstrap_log_n: list("bootstrap-log-n").into_iter().filter(|log_n| *log_n > 0).collect(),
        name: line.text_of("name").unwrap_or(target.name()).to_owned(),
    };
    if let Some(ring) = plan.bootstrap_log_n.iter().find(|ring| **ring < MIN_LOG_N) {
        let text = format!("a ring of log_n {ring} is not measured: log_n is {MIN_LOG_N} to {MAX_LOG_N}");
        return Err(line.at_value("bootstrap-log-n", Diagnostic::error(text).help("--bootstrap-log-n=13")));
    }
    let python = interpreter(target, line.text_of("python"))?;
    let profile = calibrate(&plan, &python)?;
    // What was measured in minutes is read once before it is written.
    Profile::from_json(&profile)
        .map_err(|error| Diagnostic::error(format!("the measurements make no profile: {error}")))?;
    Ok(profile)
}
