//! `he-translate`: programs in other forms.

use std::path::Path;
use std::process::ExitCode;

use clap::{Arg, Command};
use he_core::ir::Ir;
use he_core::support::{Diagnostic, Diagnostics};
use he_tools::command_line::{shared_options, value};
use he_tools::dot::dot;
use he_tools::export::{Target, export, fit};
use he_tools::files::{write_bytes, write_output};
use he_tools::hooks::Hooks;
use he_tools::run::{BackendOptions, Program};
use he_tools::session::{Needs, Tool, run_tool};

/// The forms to write.
const TARGETS: [&str; 3] = ["dot", "openfhe-python", "seal-python"];
/// The forms to read.
const FORMATS: [&str; 1] = ["onnx"];

fn main() -> ExitCode {
    run_tool(he_translate)
}

fn command() -> Command {
    shared_options(Command::new("he-translate").about("Writes programs in other forms, and reads them"))
        .override_usage("he-translate --emit=TARGET [OPTIONS] [FILE]")
        .arg(
            value("emit", "TARGET", "Write the program as dot, openfhe-python or seal-python")
                .value_parser(TARGETS)
                .required_unless_present("import"),
        )
        .arg(value("import", "FORMAT", "Read a program of another format").value_parser(FORMATS))
        .arg(
            Arg::new("output")
                .short('o')
                .value_name("FILE")
                .default_value("-")
                .help("Where to write the result"),
        )
}

fn he_translate(argv: &[String]) -> ExitCode {
    let mut tool = match Tool::start(command(), argv, |_| Needs::Rules) {
        Ok(tool) => tool,
        Err(code) => return code,
    };
    let text = check_import(&tool).map_err(|error| vec![error]).and_then(|()| {
        let mut ir = tool.read()?;
        let one = |error: Diagnostic| vec![error];
        let passes = tool.named_passes(&ir).map_err(one)?;
        let passes = tool.completed(&ir, passes, None).map_err(one)?;
        let said = tool.run(&mut ir, &passes, true, &mut Hooks::default())?;
        tool.say(&said);
        emit(&tool, ir)
    });
    match text.and_then(|text| write_output(output(&tool), &text).map_err(|error| vec![error])) {
        Ok(()) => ExitCode::SUCCESS,
        Err(errors) => tool.fail(&errors),
    }
}

/// Refuses what cannot be read yet.
fn check_import(tool: &Tool) -> Result<(), Diagnostic> {
    match tool.line.text_of("import") {
        None => Ok(()),
        Some(format) => {
            let error = Diagnostic::error(format!("--import={format} is not available yet"));
            Err(tool.line.at_value("import", error))
        }
    }
}

fn output(tool: &Tool) -> &str {
    tool.line.text_of("output").unwrap_or("-")
}

/// The program in the form that is asked for. Plaintexts that are too many for a program go to a file beside it.
fn emit(tool: &Tool, mut ir: Ir) -> Result<String, Diagnostics> {
    let one = |error: Diagnostic| vec![error];
    let form = tool.line.text_of("emit").unwrap_or_default();
    let Some(target) = form.strip_suffix("-python").and_then(Target::from_name) else {
        return dot(&ir).map_err(one);
    };
    fit(&mut ir, target).map_err(one)?;
    let weights = tool.weights();
    let program =
        Program { loaded: &tool.loaded, ir: &ir, weights: &weights, options: BackendOptions::default() };
    let exported = export(&program, target, &tool.input()).map_err(one)?;
    tool.say(&tool.check_security(&ir)?);
    if let Some(bytes) = &exported.plaintexts {
        let path = output(tool);
        if path == "-" {
            let text =
                "the program has too many plaintexts for one text: they go to a file beside the program";
            return Err(vec![
                Diagnostic::error(text).help("name it: -o program.py, with program.npz beside it"),
            ]);
        }
        write_bytes(&Path::new(path).with_extension("npz"), bytes).map_err(one)?;
    }
    Ok(exported.program)
}
