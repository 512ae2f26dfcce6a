//! Command lines: the options that all tools share, and passes as flags in the order in which they are written.

use std::ops::RangeInclusive;
use std::path::Path;

use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Command};
use he_core::expr::position_in;
use he_core::pass::{PIPELINE_FILE, PassInstance, PassTable, Session, parse_pipeline};
use he_core::support::{Diagnostic, Position, did_you_mean};
use he_dialects::ckks::param_flags::ParamFlags;
use he_dialects::ckks::params::{MAX_LOG_N, MAX_PRIMES, MIN_LOG_N};
use he_dialects::pipelines;

use crate::refusals::refused;
use crate::streams::COLORS;

/// The name under which errors show the command line.
pub const COMMAND_LINE: &str = "<command line>";

/// What whole numbers the options of all tools take. Those of passes and parameters have their ranges in their own
/// tables.
pub const NUMBERS: [(&str, RangeInclusive<u64>); 17] = [
    ("max-rotation-keys", 1..=65536),
    ("bootstrap-levels", 0..=MAX_PRIMES as u64),
    ("bootstrap-min-level", 0..=MAX_PRIMES as u64),
    ("rewrite-limit", 0..=u64::MAX),
    ("elide-elementsattrs-if-larger", 0..=u64::MAX),
    ("random-input", 0..=u64::MAX),
    ("noise", 0..=u64::MAX),
    ("repeat", 1..=1_000_000),
    ("degrees", 1..=63),
    ("scales", 20..=59),
    ("seed", 0..=u64::MAX),
    ("log-n", MIN_LOG_N as u64..=MAX_LOG_N as u64),
    ("limbs", 1..=MAX_PRIMES as u64),
    ("prime-bits", 20..=59),
    ("dnum", 1..=MAX_PRIMES as u64),
    ("seconds", 1..=86_400),
    ("bootstrap-log-n", 0..=MAX_LOG_N as u64),
];

/// What numbers they take that need not be whole.
pub const REALS: [(&str, RangeInclusive<f64>); 1] = [("precision-bits", 0.0..=60.0)];

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

/// An option as it stands on the command line: where its name begins, and its value.
#[derive(Clone, Debug)]
struct Written {
    option: String,
    name_at: usize,
    name_length: usize,
    value_at: usize,
}

/// A command line, taken apart.
pub struct CommandLine {
    /// The options.
    pub matches: ArgMatches,
    /// The subcommand, where one is named.
    pub subcommand: Option<String>,
    words: Words,
    known: Vec<String>,
}

/// The words of a command line.
#[derive(Default)]
pub(crate) struct Words {
    /// The command line as one line of text, for carets.
    pub(crate) text: String,
    steps: Vec<Step>,
    written: Vec<Written>,
}

/// Why a tool ends before it begins.
pub enum Stop {
    /// A text for standard output: help, the version.
    Text(String),
    /// A wrong command line, and its text.
    Error(Box<Diagnostic>, String),
}

/// An option with a value.
pub fn value(name: &'static str, placeholder: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).value_name(placeholder).help(help).allow_hyphen_values(true)
}

/// An option with a whole number, or several, in the range that [`NUMBERS`] gives it.
pub fn number(name: &'static str, placeholder: &'static str, help: &'static str) -> Arg {
    let range =
        NUMBERS.into_iter().find(|(known, _)| *known == name).map_or(0..=u64::MAX, |(_, range)| range);
    value(name, placeholder, help).value_parser(move |text: &str| match text.parse::<u64>() {
        Ok(number) if range.contains(&number) => Ok(number),
        _ if *range.end() == u64::MAX => Err(format!("a whole number from {}", range.start())),
        _ => Err(format!("a whole number from {} to {}", range.start(), range.end())),
    })
}

/// An option with a number in the range that [`REALS`] gives it.
pub fn real(name: &'static str, placeholder: &'static str, help: &'static str) -> Arg {
    let range = REALS.into_iter().find(|(known, _)| *known == name).map_or(0.0..=0.0, |(_, range)| range);
    value(name, placeholder, help).value_parser(move |text: &str| match text.parse::<f64>() {
        Ok(number) if range.contains(&number) => Ok(number),
        _ => Err(format!("a number from {} to {}", range.start(), range.end())),
    })
}

/// An option without a value.
pub fn flag(name: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).help(help).action(ArgAction::SetTrue)
}

/// Adds the options that every tool takes.
pub fn shared_options(command: Command) -> Command {
    let passes = [
        value("preset", "NAME", "A named pipeline: baseline, bsgs, lazy, bsgs-lazy, full, auto"),
        value("pass-pipeline", "TEXT", "Passes as text: builtin.module(pack,bsgs{min-size=16})")
            .action(ArgAction::Append),
    ];
    options_around(command, passes)
}

/// Adds the options that every tool takes, but for those that name passes.
pub fn options_without_passes(command: Command) -> Command {
    options_around(command, [])
}

/// Adds the options that every tool takes, `pipeline` at their place.
fn options_around(command: Command, pipeline: impl IntoIterator<Item = Arg>) -> Command {
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
        .args(pipeline)
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
        .arg(number(
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
        .arg(number("bootstrap-levels", "LEVELS", "Levels that a bootstrap uses itself; 0 unless given"))
        .arg(number("bootstrap-min-level", "LEVEL", "Lowest level that a bootstrap accepts; 0 unless given"))
        .arg(value(
            "profile",
            "NAME|FILE",
            "Cost profile of a backend: openfhe, seal, or a JSON file of he-cost calibrate",
        ))
        .arg(flag("require-secure", "Refuse parameters below 128 bits of security"))
        .next_help_heading("Options")
        .arg(color_option())
}

/// `--color`.
pub fn color_option() -> Arg {
    value("color", "WHEN", "Color messages: auto (on a terminal that has them), always or never")
        .value_parser(COLORS)
}

/// Whether flags that `command` does not know are passes.
pub(crate) fn takes_passes(command: &Command) -> bool {
    command.get_arguments().any(|arg| arg.get_id() == "pass-pipeline")
}

/// The command that `argv` names: `command`, or one of its subcommands, and the arguments for it.
pub fn named_command(command: Command, argv: &[String]) -> (Command, &[String]) {
    match argv.first().and_then(|first| command.find_subcommand(first)) {
        Some(subcommand) => {
            let name = format!("{} {}", command.get_name(), subcommand.get_name());
            (subcommand.clone().bin_name(name), &argv[1..])
        }
        None => (command, argv),
    }
}

/// Takes `argv` (without the program's name) apart. Flags that `command` does not know are passes, where it takes any.
pub fn take_apart(command: Command, argv: &[String]) -> Result<CommandLine, Stop> {
    let (command, argv) = named_command(command, argv);
    let name = command.get_bin_name().unwrap_or(command.get_name()).to_owned();
    let subcommand = name.split_once(' ').map(|(_, subcommand)| subcommand.to_owned());
    let mut words = Words::default();
    let stopped = |words: &Words, error: Diagnostic| Err(Stop::Error(Box::new(error), words.text.clone()));
    let rest = match words.read(&command, &name, argv) {
        Ok(rest) => rest,
        Err(error) => return stopped(&words, error),
    };
    if let Some(error) = words.given_twice(&command) {
        return stopped(&words, error);
    }
    let known = command.get_arguments().filter_map(|arg| arg.get_long().map(str::to_owned)).collect();
    match command.try_get_matches_from(rest) {
        Ok(matches) => Ok(CommandLine { matches, subcommand, words, known }),
        Err(error) => Err(refused(&error, &words)),
    }
}

impl Words {
    /// Reads the arguments. Yields those that are not passes: what clap is to read.
    fn read(&mut self, command: &Command, name: &str, argv: &[String]) -> Result<Vec<String>, Diagnostic> {
        let offsets = self.enter(name, argv);
        let mut rest = vec![name.to_owned()];
        let (mut value_follows, mut only_files) = (false, false);
        for (index, (argument, offset)) in argv.iter().zip(offsets).enumerate() {
            if std::mem::take(&mut value_follows) {
                if let Some(last) = self.written.last_mut() {
                    last.value_at = offset;
                    let option = last.option.clone();
                    self.note_step(&option, argument, offset);
                }
                rest.push(argument.clone());
                continue;
            }
            only_files |= argument == "--";
            let long = (!only_files).then(|| long_name(command, argument)).flatten();
            let Some(long) = long.map(|long| without_prefix(command, long)) else {
                let short =
                    argument.strip_prefix('-').filter(|_| !only_files).and_then(|rest| rest.chars().next());
                let arg = command.get_arguments().find(|arg| short.is_some() && arg.get_short() == short);
                if let Some(arg) = arg.filter(|arg| arg.get_action().takes_values()) {
                    value_follows = argument.len() == 2;
                    let option = arg.get_id().to_string();
                    self.written.push(Written {
                        option,
                        name_at: offset,
                        name_length: 2,
                        value_at: offset + 2,
                    });
                } else if short.is_none() && argument != "--" {
                    self.check_positional(command, argv, index, offset)?;
                }
                rest.push(argument.clone());
                continue;
            };
            let (name, given) =
                long.split_once('=').map_or((long, None), |(name, value)| (name, Some(value)));
            let dashes = argument.len() - long.len();
            let value_at = offset + dashes + name.len() + 1;
            match command.get_arguments().find(|arg| arg.get_long() == Some(name)) {
                Some(arg) => {
                    let takes_value = arg.get_action().takes_values() && !arg.is_require_equals_set();
                    value_follows = takes_value && given.is_none();
                    let (option, name_length) = (name.to_owned(), dashes + name.len());
                    self.written.push(Written { option, name_at: offset, name_length, value_at });
                    if let Some(value) = given {
                        self.note_step(name, value, value_at);
                    }
                    rest.push(format!("--{long}"));
                }
                None if matches!(name, "help" | "version") => rest.push(format!("--{long}")),
                None if takes_passes(command) => self.steps.push(Step::Pass {
                    name: name.to_owned(),
                    options: given.unwrap_or("").to_owned(),
                    offset: offset + dashes,
                }),
                None => {
                    let error = Diagnostic::error(format!("unknown option '--{name}'"));
                    let names = command.get_arguments().filter_map(Arg::get_long).chain(["help"]);
                    return Err(error.at(self.place(offset, dashes + name.len())).help(
                        match did_you_mean(name, names) {
                            Some(near) => format!("did you mean '--{near}'?"),
                            None => format!("{0} --help shows the options; {0} takes no passes", rest[0]),
                        },
                    ));
                }
            }
        }
        Ok(rest)
    }

    /// Writes the line down; where each argument begins.
    fn enter(&mut self, name: &str, argv: &[String]) -> Vec<usize> {
        self.text = name.to_owned();
        let mut offsets = Vec::new();
        for argument in argv {
            self.text.push(' ');
            offsets.push(self.text.len());
            self.text += &argument.replace(['\n', '\r'], " ");
        }
        offsets
    }

    fn note_step(&mut self, option: &str, value: &str, offset: usize) {
        match option {
            "preset" => self.steps.push(Step::Preset { name: value.to_owned(), offset }),
            "pass-pipeline" => self.steps.push(Step::Pipeline(value.to_owned())),
            _ => {}
        }
    }

    /// Refuses what stands where a file is expected, and is a subcommand or an option of a pass.
    fn check_positional(
        &self,
        command: &Command,
        argv: &[String],
        index: usize,
        offset: usize,
    ) -> Result<(), Diagnostic> {
        let argument = &argv[index];
        if Path::new(argument).exists() {
            return Ok(());
        }
        let place = self.place(offset, argument.len());
        let is_option = |word: &&String| {
            word.split_once('=').is_some_and(|(name, _)| {
                name.starts_with(|c: char| c.is_ascii_lowercase())
                    && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
            })
        };
        match self.steps.last() {
            Some(Step::Pass { name, options, offset: at })
                if is_option(&argument) && options.is_empty() && at + name.len() + 1 == offset =>
            {
                let options: Vec<&str> =
                    argv[index..].iter().take_while(is_option).map(String::as_str).collect();
                let error = Diagnostic::error(format!("'{argument}' is no file but an option of --{name}"));
                return Err(error.at(place).help(format!("write --{name}='{}'", options.join(" "))));
            }
            _ => {}
        }
        let subcommands = || command.get_subcommands().map(Command::get_name);
        if subcommands().any(|name| name == argument) {
            let mut words: Vec<&str> = argv.iter().map(String::as_str).collect();
            words.remove(index);
            let tool = command.get_name();
            return Err(Diagnostic::error(format!("the subcommand '{argument}' must come first"))
                .at(place)
                .help(format!("write {tool} {argument} {}", words.join(" "))));
        }
        match did_you_mean(argument, subcommands()) {
            Some(near) => {
                Err(Diagnostic::error(format!("unknown subcommand '{argument}', and no such file"))
                    .at(place)
                    .help(format!("did you mean '{near}'?")))
            }
            None => Ok(()),
        }
    }

    /// An option that can be given once, and is given twice.
    fn given_twice(&self, command: &Command) -> Option<Diagnostic> {
        self.written.iter().enumerate().find_map(|(index, second)| {
            let first = self.written[..index].iter().find(|first| first.option == second.option)?;
            // An option is known by its long name, one that has none by its id: a file may have the id of an option.
            let option = second.option.as_str();
            let by_name = command.get_arguments().find(|arg| arg.get_long() == Some(option));
            let arg = by_name.or_else(|| command.get_arguments().find(|arg| arg.get_id() == option))?;
            let place = |written: &Written| self.place(written.name_at, written.name_length);
            let name = arg.get_long().map_or_else(|| "-o".to_owned(), |long| format!("--{long}"));
            (!matches!(arg.get_action(), ArgAction::Append)).then(|| {
                Diagnostic::error(format!("{name} is given twice"))
                    .at(place(second))
                    .note(place(first), "it is given here first")
                    .help("leave out one of them")
            })
        })
    }

    /// A place in the line.
    pub(crate) fn place(&self, offset: usize, length: usize) -> Position {
        position_in(&self.text, COMMAND_LINE, offset, length)
    }

    /// Where the name of an option stands the last time.
    pub(crate) fn place_of_name(&self, option: &str) -> Option<Position> {
        let written = self.written.iter().rfind(|written| written.option == option)?;
        Some(self.place(written.name_at, written.name_length))
    }

    /// Where the value of an option stands the last time, from `offset` on.
    pub(crate) fn place_of_value(&self, option: &str, offset: usize, length: usize) -> Option<Position> {
        let written = self.written.iter().rfind(|written| written.option == option)?;
        Some(self.place(written.value_at + offset, length))
    }
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

impl CommandLine {
    /// A text option.
    pub fn text_of(&self, name: &str) -> Option<&str> {
        self.matches.try_get_one::<String>(name).ok().flatten().map(String::as_str)
    }

    /// The values of an option that can be repeated.
    pub fn texts_of(&self, name: &str) -> Vec<String> {
        self.matches.try_get_many::<String>(name).ok().flatten().into_iter().flatten().cloned().collect()
    }

    /// A whole number.
    pub fn number(&self, name: &str) -> Option<u64> {
        self.matches.try_get_one(name).ok().flatten().copied()
    }

    /// A number.
    pub fn real(&self, name: &str) -> Option<f64> {
        self.matches.try_get_one(name).ok().flatten().copied()
    }

    /// The whole numbers of a list.
    pub fn numbers(&self, name: &str) -> Vec<u64> {
        self.matches.try_get_many(name).ok().flatten().into_iter().flatten().copied().collect()
    }

    /// Whether a pass, a preset or a pipeline is named.
    pub fn names_passes(&self) -> bool {
        !self.words.steps.is_empty()
    }

    /// The options that are given, by name.
    pub fn given(&self) -> impl Iterator<Item = &str> {
        let given = |id: &&clap::Id| self.matches.value_source(id.as_str()) == Some(ValueSource::CommandLine);
        self.matches.ids().filter(given).map(clap::Id::as_str)
    }

    /// Whether an option without a value is given.
    pub fn is_set(&self, name: &str) -> bool {
        self.matches.try_get_one(name).ok().flatten().copied().unwrap_or(false)
    }

    /// Where the value of an option stands, from `offset` on.
    pub fn place_of(&self, option: &str, offset: usize, length: usize) -> Option<Position> {
        self.words.place_of_value(option, offset, length)
    }

    /// Puts an error at the value of an option, unless it has a place.
    pub fn at_value(&self, option: &str, error: Diagnostic) -> Diagnostic {
        if error.position.is_some() {
            return error;
        }
        let length = self.text_of(option).map_or(0, str::len);
        error.at(self.place_of(option, 0, length))
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
        session: &Session,
        start: impl Fn() -> Result<usize, Diagnostic>,
    ) -> Result<Vec<PassInstance>, Diagnostic> {
        let table = &session.passes;
        let mut passes = Vec::new();
        for step in &self.words.steps {
            match step {
                Step::Pass { name, options, offset } => {
                    let instance = table.instance(name, options, &self.words.text, *offset);
                    let mut instance = instance.map_err(|error| self.unknown_flag(table, name, error))?;
                    instance.place = Some(self.words.place(*offset, name.len()));
                    passes.push(instance);
                }
                Step::Preset { name, offset } => {
                    let place = self.words.place(*offset, name.len());
                    let all = preset(session, name, start()?).map_err(|error| error.at(place.clone()))?;
                    passes.extend(all.into_iter().map(|pass| PassInstance {
                        written: format!("preset={name}"),
                        place: Some(place.clone()),
                        ..pass
                    }));
                }
                Step::Pipeline(text) => passes.extend(parse_pipeline(table, text)?),
            }
        }
        Ok(passes)
    }

    /// Refuses passes that an option would drop.
    pub fn refuse_passes(&self, option: &str, why: &str) -> Result<(), Diagnostic> {
        let place = match self.words.steps.first() {
            None => return Ok(()),
            Some(Step::Pass { name, offset, .. } | Step::Preset { name, offset }) => {
                Some(self.words.place(*offset, name.len()))
            }
            Some(Step::Pipeline(text)) => self.place_of("pass-pipeline", 0, text.len()),
        };
        let error = Diagnostic::error(format!("passes and --{option} exclude each other: {why}"));
        Err(error.at(place).note(self.words.place_of_name(option), format!("--{option} is given here")))
    }

    /// The texts that errors of [`Self::passes`] point into, by name.
    pub fn sources(&self) -> Vec<(&str, &str)> {
        let mut sources = vec![(COMMAND_LINE, self.words.text.as_str())];
        sources.extend(self.words.steps.iter().filter_map(|step| match step {
            Step::Pipeline(text) => Some((PIPELINE_FILE, text.as_str())),
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
            None => "--help shows the passes and the options".to_owned(),
        });
        error
    }
}

/// Whether an error is one of the command line: its place is there.
pub fn is_usage_error(error: &Diagnostic) -> bool {
    error.position.as_ref().is_some_and(|place| [COMMAND_LINE, PIPELINE_FILE].contains(&place.file.as_str()))
}

/// The passes of a preset that a program at stage `start` still needs. The work of a pass of the standard lowering is
/// done in a program of a later stage; what else a preset can no longer do is an error.
pub fn preset(session: &Session, name: &str, start: usize) -> Result<Vec<PassInstance>, Diagnostic> {
    let Some(text) = pipelines::preset(name) else {
        let names = pipelines::PRESETS.map(|(name, _)| name);
        let error = Diagnostic::error(format!("unknown preset '{name}'"));
        return Err(match did_you_mean(name, names) {
            Some(near) => error.help(format!("did you mean '{near}'?")),
            None => error.help(format!("there are {}", names.join(", "))),
        });
    };
    let rest = rest_of(session, text, start)?;
    let Some((pass, last)) = rest.missed else { return Ok(rest.passes) };
    let fits = |text| rest_of(session, text, start).is_ok_and(|rest| rest.missed.is_none());
    let fitting: Vec<_> =
        pipelines::PRESETS.iter().filter(|(_, text)| fits(text)).map(|(name, _)| *name).collect();
    let (needed, found) = (&session.registry.stages[last], &session.registry.stages[start]);
    let error = Diagnostic::error(format!(
        "preset '{name}' needs stage '{needed}' for its pass '{pass}', but the program is at stage '{found}'"
    ));
    Err(error.help(format!(
        "start from a program at stage '{needed}' or earlier; from stage '{found}' on there are {}",
        fitting.join(", ")
    )))
}

/// What is left to do of a pipeline.
struct Rest {
    passes: Vec<PassInstance>,
    /// A pass that comes too late, and the last stage that it takes.
    missed: Option<(String, usize)>,
}

/// What is left to do of a pipeline at stage `start`.
fn rest_of(session: &Session, pipeline: &str, start: usize) -> Result<Rest, Diagnostic> {
    let (mut passes, mut missed) = (Vec::new(), None);
    for pass in parse_pipeline(&session.passes, pipeline)? {
        match session.passes.get(&pass.name).and_then(|def| def.stages) {
            Some(range) if range.last < start => {
                if !session.lowering.passes.contains(&pass.name) {
                    missed = missed.or(Some((pass.name, range.last)));
                }
            }
            _ => passes.push(pass),
        }
    }
    Ok(Rest { passes, missed })
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
            Err(Stop::Error(error, _)) => panic!("{error}"),
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
            .words
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
        let loaded = he_dialects::load().unwrap();
        let session = &loaded.session;
        let error = |flag: &str| apart(&[flag]).passes(session, || Ok(0)).unwrap_err().help.unwrap();
        assert_eq!(error("--csee"), "did you mean '--cse'?");
        assert_eq!(error("--weight-dir"), "did you mean '--weights-dir'?");
        assert_eq!(error("--preset=lasy"), "did you mean 'lazy'?");
    }
}
