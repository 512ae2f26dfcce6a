//! What every tool does first and last: load, read, parameters, pipelines, diagnostics, exit codes.

use std::any::Any;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::rc::Rc;

use clap::Command;
use he_core::ir::Ir;
use he_core::pass::{PassInstance, complete, module_stage, run_pipeline};
use he_core::schema::{Registry, verify};
use he_core::support::{Diagnostic, Diagnostics, Severity};
use he_core::text::{PrintOptions, parse, print};
use he_dialects::ckks::attr::{BOOTSTRAP_LEVELS_ATTR, BOOTSTRAP_MIN_LEVEL_ATTR, params_of, set_params};
use he_dialects::ckks::param_flags::{ParamError, ParamFlags};
use he_dialects::ckks::params::Params;
use he_dialects::ckks::security;
use he_dialects::profiles::Profile;
use he_dialects::{Loaded, func, has_all_definitions, load_definitions, may_name_dialects};

use crate::command_line::{
    COMMAND_LINE, CommandLine, Stop, is_usage_error, named_command, take_apart, takes_passes,
};
use crate::file_kinds::Wanted;
use crate::files::{WeightFiles, imported, read_source};
use crate::hooks::Hooks;
use crate::render::{Sources, render};
use crate::streams::{choose_color, say};

/// Stack for the work: nesting is bounded, but recursion over it is not free. It is grown on the main thread, whose heap
/// grows in larger steps than that of another one.
const STACK_BYTES: usize = 256 << 20;
/// The stage from which on parameters matter.
const CKKS_STAGE: &str = "ckks";
/// The exit code where the command line is wrong.
const USAGE_ERROR: u8 = 2;
/// The security that is asked for, in bits.
const SECURITY: u32 = 128;

/// A tool at work: what is loaded, its command line, the texts that diagnostics point into.
pub struct Tool {
    /// Dialects, rules, passes, kernels.
    pub loaded: Loaded,
    /// The command line.
    pub line: CommandLine,
    /// The texts that diagnostics point into.
    pub sources: Sources,
    /// The cost profile that was asked for.
    given_profile: Option<Profile>,
}

/// What a command line needs of what ships.
pub enum Needs {
    /// Every dialect and every rule.
    Rules,
    /// Every dialect.
    Dialects,
    /// The dialects that the input names: nothing is done to it but to read and print it.
    InputDialects,
}

/// Runs a tool: `main` gets the arguments, and works on a large stack.
pub fn run_tool(main: fn(&[String]) -> ExitCode) -> ExitCode {
    let argv: Result<Vec<String>, _> = std::env::args_os().skip(1).map(|arg| arg.into_string()).collect();
    let argv = match argv {
        Ok(argv) => argv,
        Err(bad) => {
            say(&format!("error: the argument {bad:?} is not UTF-8\n"));
            return USAGE_ERROR.into();
        }
    };
    choose_color(&argv);
    // The message of a panic has been printed; what it leaves behind is not used.
    let result = catch_unwind(AssertUnwindSafe(|| stacker::grow(STACK_BYTES, || main(&argv))));
    result.unwrap_or_else(|_| {
        say("error: internal error; this is a bug, please report it with the command and its input\n");
        ExitCode::from(101)
    })
}

impl Tool {
    /// Reads the command line and loads what it needs. The error is the exit code; everything has been said.
    pub fn start(
        command: Command,
        argv: &[String],
        needs: fn(&CommandLine) -> Needs,
    ) -> Result<Tool, ExitCode> {
        let wants_help = argv.iter().any(|arg| arg == "--help" || arg == "-h");
        let mut loaded = he_dialects::load_least().map_err(|error| fail(&Sources::default(), &[error]))?;
        let shows_passes = wants_help && takes_passes(&named_command(command.clone(), argv).0);
        let command = if shows_passes { command.after_help(pass_list(&loaded)) } else { command };
        let line = match take_apart(command, argv) {
            Ok(line) => line,
            Err(Stop::Text(text)) => {
                let written = crate::files::write_output("-", &text);
                return Err(
                    written.map_or_else(|error| fail(&Sources::default(), &[error]), |()| ExitCode::SUCCESS)
                );
            }
            Err(Stop::Error(error, text)) => {
                let mut sources = Sources::default();
                sources.add(COMMAND_LINE, text);
                return Err(fail(&sources, &[*error]));
            }
        };
        let mut sources = Sources::default();
        line.sources().into_iter().for_each(|(name, text)| sources.add(name, text.to_owned()));
        let needed = match needs(&line) {
            Needs::Rules => {
                // A shipped file that is tested or checked takes its own place.
                let given =
                    ["test-rules", "check-rules"].into_iter().flat_map(|option| line.texts_of(option));
                let names: Vec<String> = given
                    .filter_map(|file| Some(Path::new(&file).file_name()?.to_str()?.to_owned()))
                    .collect();
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                load_definitions(&mut loaded.session.registry)
                    .and_then(|()| loaded.load_shipped_rules_but(&names))
            }
            Needs::Dialects => load_definitions(&mut loaded.session.registry),
            Needs::InputDialects => Ok(()),
        };
        let profile = needed.and_then(|()| load_files(&mut loaded, &line, &mut sources));
        let given_profile = profile.map_err(|error| fail(&sources, &[error]))?;
        // What is misspelt is an error whether it comes to be used or not.
        line.passes(&loaded.session, || Ok(0)).map_err(|error| fail(&sources, &[error]))?;
        say(&render(&sources, &loaded.session.rules.take_warnings()));
        Ok(Tool { loaded, line, sources, given_profile })
    }

    /// The cost profile: the one that was asked for, or the default one.
    pub fn profile(&self) -> &Profile {
        Profile::of_target(self.target())
    }

    /// What passes get to know of the profile. The default one is not read before one of them wants it.
    fn target(&self) -> &dyn Any {
        self.given_profile.as_ref().map_or(&(), |profile| profile)
    }

    /// Loads further `.rules` files, with what they import.
    pub fn load_rule_files(&mut self, files: &[String]) -> Result<(), Diagnostic> {
        files.iter().try_for_each(|file| load_rules(&mut self.loaded, file, &mut self.sources))?;
        say(&render(&self.sources, &self.loaded.session.rules.take_warnings()));
        Ok(())
    }

    /// Prints errors, and yields the exit code for them.
    pub fn fail(&self, errors: &[Diagnostic]) -> ExitCode {
        fail(&self.sources, errors)
    }

    /// The exit code for errors that have been said.
    pub fn exit_code(&self, errors: &[Diagnostic]) -> ExitCode {
        exit_code(errors)
    }

    /// Prints remarks and warnings.
    pub fn say(&self, diagnostics: &[Diagnostic]) {
        say(&render(&self.sources, &folded(diagnostics)));
    }

    /// The name of the input.
    pub fn input(&self) -> String {
        self.line.text_of("input").unwrap_or("-").to_owned()
    }

    /// Loads the definitions that `text` needs and the command line did not.
    pub fn load_definitions_for(&mut self, text: &str) -> Result<(), Diagnostic> {
        if may_name_dialects(text) { load_definitions(&mut self.loaded.session.registry) } else { Ok(()) }
    }

    /// Reads, parses and verifies the input, and applies the parameter flags.
    pub fn read(&mut self) -> Result<Ir, Diagnostics> {
        let name = self.input();
        let text = Rc::new(read_source(&name).map_err(|error| vec![error])?);
        self.sources.add(&name, text.clone());
        self.parse(&text, &name, 0)
    }

    /// Parses and verifies a text that stands in the file `name` after that many lines, and applies the parameter flags.
    pub fn parse(&self, text: &str, name: &str, lines_before: u32) -> Result<Ir, Diagnostics> {
        let registry = &self.loaded.session.registry;
        let read = |registry: &Registry| {
            let mut ir = parse(registry, text, name).map_err(|errors| {
                errors.into_iter().map(|error| error.moved_down(name, lines_before)).collect::<Diagnostics>()
            })?;
            ir.ctx.move_text_down(lines_before);
            self.apply_parameters(&mut ir).map_err(|error| vec![error])?;
            verify(registry, &mut ir)?;
            Ok(ir)
        };
        let mut result = read(registry);
        if result.is_err() && !has_all_definitions(registry) {
            // A misspelt name may be near to one that is not loaded: what is said must not depend on that.
            let mut all = registry.clone();
            load_definitions(&mut all).map_err(|error| vec![error])?;
            result = read(&all);
        }
        result.map_err(|errors| match Wanted::Program.error(name, text) {
            // A part of a file is a program that is wrong.
            Some(mistaken) if lines_before == 0 => vec![mistaken],
            _ => errors,
        })
    }

    /// Prints the program and reads it again, in both forms, with locations; an error if it is not the same then.
    pub fn verify_roundtrip(&self, ir: &Ir, name: &str) -> Result<(), Diagnostics> {
        let registry = &self.loaded.session.registry;
        for generic in [false, true] {
            let options = PrintOptions { generic, locations: true, ..PrintOptions::default() };
            let form = if generic { "generic" } else { "pretty" };
            let text = print(registry, ir, options);
            let blame = |error: Diagnostic| error.note(None, format!("in the {form} form that was printed"));
            let again = parse(registry, &text, name).and_then(|mut again| {
                verify(registry, &mut again)?;
                Ok(print(registry, &again, options))
            });
            let again = again.map_err(|errors| errors.into_iter().map(blame).collect::<Diagnostics>())?;
            if let Some((before, after)) = text.lines().zip(again.lines()).find(|(a, b)| a != b) {
                let text = format!("the {form} form does not read back as it was printed");
                let error = Diagnostic::error(text).note(None, format!("printed first: {before}"));
                return Err(vec![error.note(None, format!("printed again: {after}"))]);
            }
        }
        Ok(())
    }

    /// The weight files of the input.
    pub fn weights(&self) -> WeightFiles {
        let beside = || Path::new(&self.input()).parent().map(Path::to_path_buf).unwrap_or_default();
        let dir = self.line.text_of("weights-dir").map_or_else(beside, PathBuf::from);
        WeightFiles::new(if dir.as_os_str().is_empty() { PathBuf::from(".") } else { dir })
    }

    /// The passes that the command line names, in its order, for a program at its stage.
    pub fn named_passes(&self, ir: &Ir) -> Result<Vec<PassInstance>, Diagnostic> {
        let session = &self.loaded.session;
        self.line.passes(session, || module_stage(&session.registry, ir))
    }

    /// `passes` with the standard lowering that they, and the stage `to`, need.
    pub fn completed(
        &self,
        ir: &Ir,
        passes: Vec<PassInstance>,
        to: Option<usize>,
    ) -> Result<Vec<PassInstance>, Diagnostic> {
        let session = &self.loaded.session;
        if passes.is_empty() && to.is_none() {
            return Ok(passes);
        }
        let start = module_stage(&session.registry, ir)?;
        let mut completed = complete(session, start, passes, to)?;
        self.apply_plan_flags(&mut completed)?;
        let has_stage =
            |pass: &PassInstance| session.passes.get(&pass.name).is_some_and(|d| d.stages.is_some());
        if completed.iter().any(has_stage) {
            func::entry(ir)?;
        }
        Ok(completed)
    }

    /// `--objective`, `--explain-plan` and `--max-rotation-keys`: options of the passes that search, and a pass of its own
    /// for the keys.
    fn apply_plan_flags(&self, passes: &mut Vec<PassInstance>) -> Result<(), Diagnostic> {
        let table = &self.loaded.session.passes;
        let keys = self.line.number("max-rotation-keys").map(|keys| keys.to_string());
        let keys = keys.as_deref();
        let flags = [
            ("objective", self.line.text_of("objective")),
            ("explain", self.line.is_set("explain-plan").then_some("true")),
            ("max-rotation-keys", keys),
        ];
        let searches = |pass: &PassInstance| matches!(pass.name.as_str(), "auto" | "pack");
        for pass in passes.iter_mut().filter(|pass| searches(pass)) {
            let Some(def) = table.get(&pass.name) else { continue };
            for (name, value) in flags {
                if value.is_some() && def.options.iter().any(|option| option.name == name) {
                    pass.options.set(&def.options, name, value).map_err(Diagnostic::error)?;
                }
            }
        }
        let encrypted = |pass: &PassInstance| {
            let result = table.get(&pass.name).and_then(|def| def.stages).and_then(|range| range.result);
            result.is_some_and(|stage| {
                self.loaded.session.registry.stage(CKKS_STAGE).is_some_and(|ckks| stage >= ckks)
            })
        };
        let automatic = passes.iter().any(|pass| pass.name == "auto");
        if let Some(keys) = keys.filter(|_| !automatic && passes.iter().any(encrypted)) {
            passes.push(table.instance("limit-rotation-keys", &format!("max={keys}"), keys, 0)?);
        }
        Ok(())
    }

    /// Runs `passes`. Yields their remarks; the error has them too, and names the pass that failed.
    pub fn run(
        &self,
        ir: &mut Ir,
        passes: &[PassInstance],
        verify_each: bool,
        hooks: &mut Hooks<'_>,
    ) -> Result<Diagnostics, Diagnostics> {
        let (session, weights) = (&self.loaded.session, self.weights());
        // A panic is a bug of ours; what it leaves behind is not used but for the report.
        let run = catch_unwind(AssertUnwindSafe(|| {
            run_pipeline(session, ir, passes, &weights, self.target(), verify_each, hooks)
        }));
        let mut all = match run {
            Ok(Ok(remarks)) => {
                return Ok([remarks, std::mem::take(&mut hooks.problems)].concat());
            }
            Ok(Err(error)) => {
                let name = error.pass.unwrap_or_default();
                let blame =
                    |diagnostic: Diagnostic| diagnostic.note(None, format!("while running pass '{name}'"));
                [error.remarks, error.diagnostics.into_iter().map(blame).collect()].concat()
            }
            Err(panic) => vec![internal_error(hooks, panic.as_ref())],
        };
        match hooks.write_reproducer(session) {
            None => {}
            Some(Ok(file)) => {
                let text = format!("a reproducer is in '{file}'");
                all.push(Diagnostic::remark(text).help(format!("he-opt --run-reproducer {file}")));
            }
            Some(Err(error)) => all.push(error),
        }
        Err(all)
    }

    /// Refuses a result that lacks levels.
    pub fn check_levels(&self, ir: &Ir) -> Result<(), Diagnostics> {
        he_dialects::ckks::cost::check_levels(ir).map_err(|error| vec![error])
    }

    /// Applies the parameter flags to the module.
    pub fn apply_parameters(&self, ir: &mut Ir) -> Result<(), Diagnostic> {
        self.apply_flags(ir, &self.line.param_flags())?;
        let bootstrap = self.given_profile.as_ref().and_then(Profile::bootstrap);
        for (flag, attr, known) in [
            ("bootstrap-levels", BOOTSTRAP_LEVELS_ATTR, bootstrap.map(|it| it.levels)),
            ("bootstrap-min-level", BOOTSTRAP_MIN_LEVEL_ATTR, bootstrap.map(|it| it.min_level)),
        ] {
            let given = self.line.number(flag).and_then(|levels| i64::try_from(levels).ok());
            set_integer(ir, attr, given.or(known.map(i64::from)));
        }
        Ok(())
    }

    /// Applies `flags` to the module's parameters, or to the default ones.
    pub fn apply_flags(&self, ir: &mut Ir, flags: &ParamFlags) -> Result<(), Diagnostic> {
        if *flags == ParamFlags::default() {
            return Ok(());
        }
        let params = params_of(ir)?.unwrap_or_default();
        let params = params.with_flags(flags).map_err(|error| self.bad_parameter(&error))?;
        set_params(ir, &params);
        Ok(())
    }

    fn bad_parameter(&self, error: &ParamError) -> Diagnostic {
        let option = error.flag.name().trim_start_matches('-');
        let place = self.line.place_of(option, error.offset, error.length);
        Diagnostic::error(error.to_string()).at(place).help(error.remedy())
    }

    /// What the security table says of the module's parameters, once the program is at stage ckks: a warning, or an
    /// error under `--require-secure`.
    pub fn check_security(&self, ir: &Ir) -> Result<Diagnostics, Diagnostics> {
        let registry = &self.loaded.session.registry;
        let stage = module_stage(registry, ir).map_err(|error| vec![error])?;
        if registry.stage(CKKS_STAGE).is_some_and(|ckks| stage < ckks) {
            return Ok(Vec::new());
        }
        let params = params_of(ir).map_err(|error| vec![error])?.unwrap_or_default();
        match insecure(&params) {
            None => Ok(Vec::new()),
            Some((text, help)) if self.line.is_set("require-secure") => {
                Err(vec![Diagnostic::error(text).help(help)])
            }
            Some((text, help)) => Ok(vec![Diagnostic::warning(text).help(help)]),
        }
    }
}

/// What is wrong with the security of `params`, and what to do.
fn insecure(params: &Params) -> Option<(String, String)> {
    let estimate = security::security_bits(params);
    let (log_n, log_qp) = (params.log_n, estimate.log_qp);
    if let Some(help) = security::remedy(params, SECURITY) {
        let text = format!(
            "these parameters are not secure: {log_qp} bits of Q*P at N = 2^{log_n} give less than {SECURITY} bits \
             of security"
        );
        return Some((text, help));
    }
    (!estimate.table_applies).then(|| {
        let text = "the security of these parameters is not known: the table holds for uniform ternary secrets, \
                    and this one is sparse";
        (text.to_owned(), "estimate it with the lattice estimator, or use a uniform ternary secret".to_owned())
    })
}

/// What to say of a panic in a pass.
fn internal_error(hooks: &Hooks<'_>, panic: &(dyn Any + Send)) -> Diagnostic {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message");
    let pass = hooks.running.as_ref().map_or("?", |pass| pass.name.as_str());
    let error = Diagnostic::error(format!("internal error in pass '{pass}': {text}"));
    error.help("this is a bug: please report it with the file that --crash-reproducer=FILE writes")
}

/// Warnings of a kind that are told one by one; more are told as one.
const WARNINGS_OF_A_KIND: usize = 3;

/// The diagnostics, where there are many warnings of one kind, which differ in what they quote and in numbers only, the
/// first of them with the number of the others.
fn folded(diagnostics: &[Diagnostic]) -> Diagnostics {
    let kind = |diagnostic: &Diagnostic| {
        let unquoted = diagnostic.message.split('\'').step_by(2).collect::<String>();
        unquoted.replace(|c: char| c.is_ascii_digit() || c == '.', "")
    };
    let is_warning = |diagnostic: &&Diagnostic| diagnostic.severity == Severity::Warning;
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for diagnostic in diagnostics.iter().filter(is_warning) {
        *counts.entry(kind(diagnostic)).or_default() += 1;
    }
    counts.retain(|_, count| *count > WARNINGS_OF_A_KIND);
    let mut all = Diagnostics::new();
    for diagnostic in diagnostics {
        match Some(diagnostic).filter(is_warning).and_then(|warning| counts.get_mut(&kind(warning))) {
            None => all.push(diagnostic.clone()),
            Some(0) => {}
            Some(count) => {
                let more = format!("and {} more of this kind", *count - 1);
                all.push(diagnostic.clone().note(None, more));
                *count = 0;
            }
        }
    }
    all
}

fn set_integer(ir: &mut Ir, name: &str, value: Option<i64>) {
    if let Some(value) = value {
        let attr = ir.ctx.i64_attr(value);
        let top = ir.top();
        ir.set_attr(top, name, Some(attr));
    }
}

fn fail(sources: &Sources, errors: &[Diagnostic]) -> ExitCode {
    say(&render(sources, errors));
    exit_code(errors)
}

fn exit_code(errors: &[Diagnostic]) -> ExitCode {
    if errors.iter().any(is_usage_error) { USAGE_ERROR.into() } else { ExitCode::FAILURE }
}

/// Loads the user's dialects, rules and, if there is one, profile.
fn load_files(
    loaded: &mut Loaded,
    line: &CommandLine,
    sources: &mut Sources,
) -> Result<Option<Profile>, Diagnostic> {
    loaded.session.registry.allow_unregistered = line.is_set("allow-unregistered-dialect");
    for file in line.texts_of("load-dialect") {
        let text = read_source(&file)?;
        sources.add(&file, text.clone());
        loaded
            .load_dialect(&text, &file)
            .map_err(|error| Wanted::Dialect.error(&file, &text).unwrap_or(error))?;
    }
    for file in line.texts_of("load-rules") {
        load_rules(loaded, &file, sources)?;
    }
    let Some(name) = line.text_of("profile") else { return Ok(None) };
    if let Some(profile) = Profile::shipped(name) {
        return Ok(Some(profile.clone()));
    }
    let text = read_source(name)?;
    let profile = Profile::from_json(&text);
    profile.map(Some).map_err(|error| {
        let mistaken = Wanted::Profile.error(name, &text);
        mistaken.unwrap_or_else(|| Diagnostic::error(format!("profile '{name}': {error}")))
    })
}

fn load_rules(loaded: &mut Loaded, file: &str, sources: &mut Sources) -> Result<(), Diagnostic> {
    let text = read_source(file)?;
    sources.add(file, text.clone());
    let load = loaded.load_rules_with(&text, file, &mut |from, path| {
        let imported = imported(from, path)?;
        sources.add(&imported.file, imported.text.clone());
        Ok(imported)
    });
    load.map_err(|error| Wanted::Rules.error(file, &text).unwrap_or(error))
}

/// The list of passes for `--help`.
fn pass_list(loaded: &Loaded) -> String {
    let table = &loaded.session.passes;
    let width = table.names().map(str::len).max().unwrap_or(0) + 2;
    let mut text =
        "Passes (flags in the order in which they run; --list-passes shows their options):\n".to_owned();
    for pass in table.passes() {
        text += &format!("      --{:width$}{}\n", pass.name, pass.doc);
    }
    for (alias, element) in table.aliases() {
        text += &format!("      --{alias:width$}short for {element}\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_warnings_of_one_kind_are_told_as_one() {
        let warning =
            |op: &str, x: f64| Diagnostic::warning(format!("'{op}': a slot of {x:.3} leaves its range"));
        let mut said: Diagnostics = (0..160).map(|i| warning(["mul", "add"][i % 2], i as f64)).collect();
        said.insert(1, Diagnostic::warning("another"));
        said.push(Diagnostic::remark("a"));
        said.push(Diagnostic::remark("a"));
        let all = folded(&said);
        assert_eq!(all.len(), 4);
        assert_eq!(all[0].notes[0].1, "and 159 more of this kind");
        assert_eq!(folded(&said[..3]).len(), 3);
    }
}
