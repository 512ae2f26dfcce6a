//! `he-translate`: programs in other forms.

use std::process::ExitCode;

use clap::{Arg, Command};
use he_core::support::{Diagnostic, did_you_mean};
use he_tools::command_line::{shared_options, value};
use he_tools::dot::dot;
use he_tools::files::write_output;
use he_tools::hooks::Hooks;
use he_tools::session::{Tool, run_tool};

/// The forms to write, and whether they can be written yet.
const TARGETS: [(&str, bool); 3] = [("dot", true), ("openfhe-python", false), ("seal-python", false)];
/// The forms to read.
const FORMATS: [&str; 1] = ["onnx"];

fn main() -> ExitCode {
    run_tool(he_translate)
}

fn command() -> Command {
    shared_options(Command::new("he-translate").about("Writes programs in other forms, and reads them"))
        .override_usage("he-translate --emit=TARGET [OPTIONS] [FILE]")
        .arg(value("emit", "TARGET", "Write the program as dot"))
        .arg(value("import", "FORMAT", "Read a program of another format"))
        .arg(
            Arg::new("output")
                .short('o')
                .value_name("FILE")
                .default_value("-")
                .help("Where to write the result"),
        )
}

fn he_translate(argv: &[String]) -> ExitCode {
    let mut tool = match Tool::start(command(), argv) {
        Ok(tool) => tool,
        Err(code) => return code,
    };
    let text = check_forms(&tool).map_err(|error| vec![error]).and_then(|()| {
        let mut ir = tool.read()?;
        let one = |error: Diagnostic| vec![error];
        let passes = tool.named_passes(&ir).map_err(one)?;
        let passes = tool.completed(&ir, passes, None).map_err(one)?;
        let said = tool.run(&mut ir, &passes, true, &mut Hooks::default())?;
        tool.say(&said);
        dot(&ir).map_err(one)
    });
    let written = text.and_then(|text| {
        write_output(tool.line.text_of("output").unwrap_or("-"), &text).map_err(|error| vec![error])
    });
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(errors) => tool.fail(&errors),
    }
}

/// Refuses what cannot be written or read.
fn check_forms(tool: &Tool) -> Result<(), Diagnostic> {
    if let Some(format) = tool.line.text_of("import") {
        return Err(refusal("import", format, &FORMATS));
    }
    let Some(target) = tool.line.text_of("emit") else {
        return Err(Diagnostic::error("nothing to do").help("write --emit=dot"));
    };
    match TARGETS.iter().find(|(name, _)| *name == target) {
        Some((_, true)) => Ok(()),
        _ => Err(refusal("emit", target, &TARGETS.map(|(name, _)| name))),
    }
}

fn refusal(option: &str, name: &str, known: &[&str]) -> Diagnostic {
    if known.contains(&name) {
        return Diagnostic::error(format!("--{option}={name} is not available yet"));
    }
    let error = Diagnostic::error(format!("--{option}: unknown form '{name}'"));
    match did_you_mean(name, known.iter().copied()) {
        Some(near) => error.help(format!("did you mean '{near}'?")),
        None => error.help(format!("there are {}", known.join(", "))),
    }
}
