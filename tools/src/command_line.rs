//! Command lines: the options that all tools share, and passes as flags in the order in which they are written.

use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Command};
use he_core::expr::position_in;
use he_core::pass::{PassInstance, PassTable, parse_pipeline};
use he_core::support::{Diagnostic, did_you_mean};
use he_dialects::ckks::param_flags::ParamFlags;
use he_dialects::pipelines;

use crate::streams::COLORS;

/// The name under which errors show the command line.
pub const COMMAND_LINE: &str = "<command line>";
const PIPELINE: &str = "<pass-pipeline>";

/// A part of the pipeline as it stands on the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    /// `--bsgs='min-size=16'`
    Pass { name: String, options: String, offset: usize },
    /// `--preset=NAME`
    Preset { name: String, offset: usize },
    /// `--pass-pipeline=…`
    Pipeline(String),
}

/// A command line, taken apart.
pub struct CommandLine {
    /// The options.
    pub matches: ArgMatches,
    /// The command line as one line of text, for carets.
    pub text: String,
    steps: Vec<Step>,
    known: Vec<String>,
}

/// Why a tool ends before it begins.
pub enum Stop {
    /// A text for standard output: help, the version.
    Text(String),
    /// A wrong command line.
    Error(Diagnostic),
}

/// An option with a value.
pub fn value(name: &'static str, placeholder: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).value_name(placeholder).help(help).allow_hyphen_values(true)
}

/// An option without a value.
pub fn flag(name: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).help(help).action(ArgAction::SetTrue)
}

/// Adds the options that every tool takes.
pub fn shared_options(command: Command) -> Command {
    let many = |arg: Arg| arg.action(ArgAction::Append);
    command
        .version(env!("CARGO_PKG_VERSION"))
        .disable_help_subcommand(true)
        .arg(Arg::new("input").default_value("-").value_name("FILE").help("The program; - is standard input"))
        .next_help_heading("Dialects and rules")
        .arg(many(value("load-dialect", "FILE", "Load a .dialect file")))
        .arg(many(value("load-rules", "FILE", "Load a .rules file; each of its groups becomes a pass")))
        .arg(flag("allow-unregistered-dialect", "Accept ops of dialects that are not loaded"))
        .arg(value("weights-dir", "DIR", "Where weight files are; the folder of the program unless given"))
        .next_help_heading("Pipeline")
        .arg(many(value("preset", "NAME", "A named pipeline: baseline, bsgs, lazy, bsgs-lazy, full, auto")))
        .arg(many(value("pass-pipeline", "TEXT", "Passes as text: builtin.module(pack,bsgs{min-size=16})")))
        .arg(
            value(
                "objective",
                "NAME",
                "What pack{strategy=auto} and --preset=auto minimize: latency or rotations",
            )
            .value_parser(["latency", "rotations"]),
        )
        .arg(flag(
            "explain-plan",
            "Print the candidates of pack{strategy=auto} and --preset=auto, and why one was taken",
        ))
        .arg(value(
            "max-rotation-keys",
            "N",
            "The most rotation keys; other rotations are made of those that have one",
        ))
        .next_help_heading("Parameters")
        .arg(value("poly-modulus-degree", "N", "Ring degree, such as 32768"))
        .arg(value("coeff-modulus", "BITS", "Bits of the primes of Q, such as 60x38 or 60,40x12"))
        .arg(value("special-modulus", "BITS", "Bits of the primes of P"))
        .arg(value("scale", "2^BITS", "Scale, such as 2^40"))
        .arg(value("dnum", "DIGITS", "Digits of a key switch"))
        .arg(value("slots", "SLOTS", "Values in a ciphertext"))
        .arg(value("bootstrap-levels", "LEVELS", "Levels that a bootstrap uses itself; 0 unless given"))
        .arg(value("bootstrap-min-level", "LEVEL", "Lowest level that a bootstrap accepts; 0 unless given"))
        .arg(value(
            "profile",
            "NAME|FILE",
            "Cost profile of a backend: openfhe, seal, or a JSON file of he-cost calibrate",
        ))
        .arg(flag("require-secure", "Refuse parameters below 128 bits of security"))
        .next_help_heading("Options")
        .arg(
            value("color", "WHEN", "Color messages: auto (on a terminal that has them), always or never")
                .value_parser(COLORS),
        )
}

/// Takes `argv` (without the program's name) apart. Flags that `command` does not know are passes.
pub fn take_apart(command: Command, argv: &[String]) -> Result<CommandLine, Stop> {
    let program = command.get_name().to_owned();
    let mut text = program.clone();
    let mut rest = vec![program];
    let mut steps = Vec::new();
    let mut value_follows = false;
    let mut only_files = false;
    for argument in argv {
        text.push(' ');
        let offset = text.len();
        text += &argument.replace(['\n', '\r'], " ");
        if std::mem::take(&mut value_follows) {
            note_step(&mut steps, rest.last().map_or("", String::as_str), argument, offset);
            rest.push(argument.clone());
            continue;
        }
        only_files |= argument == "--";
        let long = (!only_files).then(|| long_name(&command, argument)).flatten();
        let Some(long) = long.map(|long| without_prefix(&command, long)) else {
            value_follows = argument == "-o";
            rest.push(argument.clone());
            continue;
        };
        let (name, given) = long.split_once('=').map_or((long, None), |(name, value)| (name, Some(value)));
        let dashes = argument.len() - long.len();
        match command.get_arguments().find(|arg| arg.get_long() == Some(name)) {
            Some(arg) => {
                let takes_value = arg.get_action().takes_values() && !arg.is_require_equals_set();
                value_follows = takes_value && given.is_none();
                if let Some(value) = given {
                    note_step(&mut steps, &format!("--{name}"), value, offset + dashes + name.len() + 1);
                }
                rest.push(format!("--{long}"));
            }
            None if matches!(name, "help" | "version") => rest.push(format!("--{long}")),
            None => steps.push(Step::Pass {
                name: name.to_owned(),
                options: given.unwrap_or("").to_owned(),
                offset: offset + dashes,
            }),
        }
    }
    let known = command.get_arguments().filter_map(|arg| arg.get_long().map(str::to_owned)).collect();
    let matches = command.try_get_matches_from(rest).map_err(|error| stop(&error))?;
    Ok(CommandLine { matches, text, steps, known })
}

/// The name and value of a long option, written with two dashes or, as LLVM's tools allow, with one.
fn long_name<'a>(command: &Command, argument: &'a str) -> Option<&'a str> {
    if let Some(long) = argument.strip_prefix("--") {
        return (!long.is_empty()).then_some(long);
    }
    let long = argument.strip_prefix('-').filter(|long| long.len() > 1)?;
    let short = long.chars().next();
    let is_short = command.get_arguments().any(|arg| arg.get_short() == short) || short == Some('h');
    let is_long = command.get_arguments().any(|arg| arg.get_long() == long.split('=').next());
    (is_long || !is_short).then_some(long)
}

/// The option without the prefix that mlir-opt writes before it (`--mlir-timing`), where ours has none.
fn without_prefix<'a>(command: &Command, long: &'a str) -> &'a str {
    let known = |long: &&str| command.get_arguments().any(|arg| arg.get_long() == long.split('=').next());
    let short =
        ["mlir-pass-pipeline-", "mlir-"].iter().find_map(|prefix| long.strip_prefix(prefix).filter(known));
    short.unwrap_or(long)
}

fn note_step(steps: &mut Vec<Step>, option: &str, value: &str, offset: usize) {
    match option {
        "--preset" => steps.push(Step::Preset { name: value.to_owned(), offset }),
        "--pass-pipeline" => steps.push(Step::Pipeline(value.to_owned())),
        _ => {}
    }
}

/// What a refused command line says.
pub fn stop(error: &clap::Error) -> Stop {
    use clap::error::ErrorKind;
    let text = error.render().to_string();
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        return Stop::Text(text);
    }
    let text = text.strip_prefix("error: ").unwrap_or(&text);
    let first: Vec<_> = text.lines().take_while(|line| !line.trim().is_empty()).map(str::trim).collect();
    Stop::Error(Diagnostic::error(first.join(" ")).help("--help shows the options"))
}

impl CommandLine {
    /// A text option.
    pub fn text_of(&self, name: &str) -> Option<&str> {
        self.matches.get_one::<String>(name).map(String::as_str)
    }

    /// The values of an option that can be repeated.
    pub fn texts_of(&self, name: &str) -> Vec<String> {
        self.matches.get_many::<String>(name).into_iter().flatten().cloned().collect()
    }

    /// Whether a pass, a preset or a pipeline is named.
    pub fn names_passes(&self) -> bool {
        !self.steps.is_empty()
    }

    /// The options that are given, by name.
    pub fn given(&self) -> impl Iterator<Item = &str> {
        let given = |id: &&clap::Id| self.matches.value_source(id.as_str()) == Some(ValueSource::CommandLine);
        self.matches.ids().filter(given).map(clap::Id::as_str)
    }

    /// Whether an option without a value is given.
    pub fn is_set(&self, name: &str) -> bool {
        self.matches.get_flag(name)
    }

    /// A whole number.
    pub fn number(&self, name: &str) -> Result<Option<u64>, Diagnostic> {
        let Some(text) = self.text_of(name) else { return Ok(None) };
        let number = text.parse::<u64>().map(Some);
        number.map_err(|_| {
            let found = format!("--{name} must be a whole number, not '{text}'");
            Diagnostic::error(found).at(self.place_of(name, 0, text.len()))
        })
    }

    /// Where the value of an option stands.
    pub fn place_of(&self, option: &str, offset: usize, length: usize) -> Option<he_core::support::Position> {
        let start = self.text.rfind(&format!("-{option}"))? + option.len() + 2;
        Some(position_in(&self.text, COMMAND_LINE, start + offset, length))
    }

    /// The parameter flags.
    pub fn param_flags(&self) -> ParamFlags {
        let text = |name: &str| self.text_of(name).map(str::to_owned);
        ParamFlags {
            poly_modulus_degree: text("poly-modulus-degree"),
            coeff_modulus: text("coeff-modulus"),
            special_modulus: text("special-modulus"),
            scale: text("scale"),
            dnum: text("dnum"),
            slots: text("slots"),
        }
    }

    /// The passes that the command line names, in its order. `start` is the stage of the program: a preset goes on
    /// from there.
    pub fn passes(
        &self,
        table: &PassTable,
        start: impl Fn() -> Result<usize, Diagnostic>,
    ) -> Result<Vec<PassInstance>, Diagnostic> {
        let mut passes = Vec::new();
        for step in &self.steps {
            match step {
                Step::Pass { name, options, offset } => {
                    let instance = table.instance(name, options, &self.text, *offset);
                    passes.push(instance.map_err(|error| self.unknown_flag(table, name, error))?);
                }
                Step::Preset { name, offset } => {
                    let at = position_in(&self.text, COMMAND_LINE, *offset, name.len());
                    passes.extend(preset(table, name, start()?).map_err(|error| error.at(at))?);
                }
                Step::Pipeline(text) => passes.extend(parse_pipeline(table, text)?),
            }
        }
        Ok(passes)
    }

    /// The texts that errors of [`Self::passes`] point into, by name.
    pub fn sources(&self) -> Vec<(&str, &str)> {
        let mut sources = vec![(COMMAND_LINE, self.text.as_str())];
        sources.extend(self.steps.iter().filter_map(|step| match step {
            Step::Pipeline(text) => Some((PIPELINE, text.as_str())),
            _ => None,
        }));
        sources
    }

    /// An error of a pass flag: it may be an option of the tool that is misspelt.
    fn unknown_flag(&self, table: &PassTable, name: &str, mut error: Diagnostic) -> Diagnostic {
        if let Some(position) = &mut error.position {
            position.file = COMMAND_LINE.to_owned();
        }
        if table.get(name).is_some() || table.alias_of(name).is_some() {
            return error;
        }
        let names = table.names().chain(self.known.iter().map(String::as_str));
        error.message = format!("unknown pass or option '--{name}'");
        error.help = Some(match did_you_mean(name, names) {
            Some(near) => format!("did you mean '--{near}'?"),
            None => "--list-passes shows the passes, --help the options".to_owned(),
        });
        error
    }
}

/// The passes of a preset that still apply to a program at stage `start`.
pub fn preset(table: &PassTable, name: &str, start: usize) -> Result<Vec<PassInstance>, Diagnostic> {
    let Some(text) = pipelines::preset(name) else {
        let names = pipelines::PRESETS.map(|(name, _)| name);
        let error = Diagnostic::error(format!("unknown preset '{name}'"));
        return Err(match did_you_mean(name, names) {
            Some(near) => error.help(format!("did you mean '{near}'?")),
            None => error.help(format!("there are {}", names.join(", "))),
        });
    };
    let applies = |pass: &PassInstance| {
        table.get(&pass.name).and_then(|def| def.stages).is_none_or(|range| range.last >= start)
    };
    Ok(parse_pipeline(table, text)?.into_iter().filter(applies).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn apart(arguments: &[&str]) -> CommandLine {
        let argv: Vec<_> = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        let command = shared_options(Command::new("he-opt")).arg(Arg::new("output").short('o'));
        match take_apart(command, &argv) {
            Ok(line) => line,
            Err(Stop::Text(text)) => panic!("{text}"),
            Err(Stop::Error(error)) => panic!("{error}"),
        }
    }

    #[test]
    fn passes_keep_their_order_among_presets_and_options() {
        let line = apart(&[
            "--bsgs=min-size=4",
            "--preset",
            "lazy",
            "-o",
            "out",
            "-cse",
            "in.mlir",
            "--pass-pipeline=a(dce)",
        ]);
        let names: Vec<_> = line
            .steps
            .iter()
            .map(|step| match step {
                Step::Pass { name, options, .. } => format!("{name}[{options}]"),
                Step::Preset { name, .. } => name.clone(),
                Step::Pipeline(text) => text.clone(),
            })
            .collect();
        assert_eq!(names, ["bsgs[min-size=4]", "lazy", "cse[]", "a(dce)"]);
        assert_eq!(line.text_of("input"), Some("in.mlir"));
        assert_eq!(line.text_of("output"), Some("out"));
    }

    #[test]
    fn unknown_flags_suggest_passes_and_options() {
        let mut table = PassTable::default();
        he_core::pass::add_core_passes(&mut table).unwrap();
        let error = |flag: &str| apart(&[flag]).passes(&table, || Ok(0)).unwrap_err().help.unwrap();
        assert_eq!(error("--csee"), "did you mean '--cse'?");
        assert_eq!(error("--weight-dir"), "did you mean '--weights-dir'?");
        assert_eq!(error("--preset=lasy"), "did you mean 'lazy'?");
    }
}
