//! `he-opt`: read IR, run passes, print IR.

use std::collections::BTreeMap;
use std::mem::ManuallyDrop;
use std::path::PathBuf;
use std::process::ExitCode;
use std::rc::Rc;
use std::time::Instant;

use clap::{Arg, ArgAction, Command};
use he_core::ir::Ir;
use he_core::pass::{OptionKind, PassDef, parse_pipeline, pipeline_text};
use he_core::rewrite::{Question, RewriteControl};
use he_core::support::{Diagnostic, Diagnostics, did_you_mean};
use he_core::text::{PrintOptions, print_to};
use he_tools::command_line::{CommandLine, flag, number, shared_options, value};
use he_tools::dot::dot;
use he_tools::expectations::unexpected;
use he_tools::files::{read_source, write_output, write_pieces};
use he_tools::hooks::{Dumps, Hooks, Reproducer};
use he_tools::op_stats::{op_stats_json, op_stats_text};
use he_tools::reference::dialect_page;
use he_tools::reproducer::stored;
use he_tools::rule_check::{Counterexample, Verdict, check_rule};
use he_tools::rule_tests::run_test;
use he_tools::semantics::SemanticCheck;
use he_tools::session::{Needs, Tool, run_tool};
use he_tools::streams::say;
use he_tools::timing::{Timing, TimingDisplay};

/// What separates the parts of a file under `--split-input-file`.
const SEPARATOR: &str = "// -----";

fn main() -> ExitCode {
    run_tool(he_opt)
}

fn command() -> Command {
    let many = |arg: Arg| arg.action(ArgAction::Append).value_delimiter(',');
    shared_options(
        Command::new("he-opt").about("Compiles neural networks to CKKS: reads IR, runs passes, prints IR"),
    )
    .override_usage("he-opt [OPTIONS] [--PASS[='option=value …']]… [FILE]")
    .arg(
        Arg::new("output").short('o').value_name("FILE").default_value("-").help("Where to write the result"),
    )
    .arg(value("to", "STAGE", "Lower to this stage after the named passes"))
    .arg(flag("no-auto-lower", "Run the named passes only"))
    .arg(flag("dump-pass-pipeline", "Print the completed pipeline to standard error"))
    .arg(flag("list-passes", "List the passes with their stages and options"))
    .arg(value("dialect-docs", "NAME", "Print the reference page of a dialect"))
    .arg(
        Arg::new("verify-each")
            .long("verify-each")
            .num_args(0..=1)
            .require_equals(true)
            .default_value("true")
            .default_missing_value("true")
            .value_parser(["true", "false"])
            .help("Verify after each pass"),
    )
    .arg(flag("check-semantics", "Execute the program after each pass and compare with the input's result"))
    .arg(words("emit", "FORM", &["mlir", "dot"], "dot", "Print the program as text, or its entry function as a graph"))
    .arg(flag("show-dialects", "List the dialects"))
    .arg(flag("verify-roundtrip", "Print and read the program after parsing, in both forms, and compare"))
    .arg(words("op-stats", "FORM", &["text", "json"], "text", "Print how often each op occurs to standard error"))
    .arg(
        Arg::new("split-input-file")
            .long("split-input-file")
            .value_name("MARKER")
            .num_args(0..=1)
            .require_equals(true)
            .default_missing_value(SEPARATOR)
            .help("Treat the parts between lines with the marker, // ----- unless given, as programs of their own"),
    )
    .arg(value("output-split-marker", "MARKER", "What to print between the results of --split-input-file"))
    .arg(flag("verify-diagnostics", "Compare diagnostics with expected-error@+1 {{…}} comments"))
    .next_help_heading("Printing")
    .arg(flag("print-op-generic", "Print ops in generic form"))
    .arg(flag("print-debuginfo", "Print locations"))
    .arg(flag("print-local-scope", "Print types, attributes and locations in place (they always are)"))
    .arg(flag("print-value-users", "Print the users of each op's results after it"))
    .arg(number("elide-elementsattrs-if-larger", "N", "Leave out the elements of dense attributes of more than N"))
    .arg(flag("print-ir-before-all", "Print the IR before each pass to standard error"))
    .arg(flag("print-ir-after-all", "Print the IR after each pass to standard error"))
    .arg(flag("print-ir-after-change", "Print the IR after each pass that changed it to standard error"))
    .arg(flag("print-ir-after-failure", "Print the IR after a pass that failed to standard error"))
    .arg(many(value("print-ir-before", "PASS", "Print the IR before this pass to standard error")))
    .arg(many(value("print-ir-after", "PASS", "Print the IR after this pass to standard error")))
    .arg(value("print-ir-tree-dir", "DIR", "Print the IR around passes to files below this folder instead"))
    .next_help_heading("Diagnosis")
    .arg(words("timing", "FORM", &TimingDisplay::WORDS, "list", "Print how long each step took to standard error"))
    .arg(words("timing-display", "FORM", &TimingDisplay::WORDS, "list", "The form of --timing, which this implies"))
    .arg(value("crash-reproducer", "FILE", "Where to write the program and the pass when a pass fails"))
    .arg(flag("run-reproducer", "Run the pipeline that a reproducer holds"))
    .arg(many(value("explain", "RULE[@LINE]", "Say why a rule does not fire, everywhere or at a line")))
    .arg(flag("trace-rewrites", "Say which rule fires where"))
    .arg(flag("pass-statistics", "Print how often each rule fired to standard error"))
    .arg(number("rewrite-limit", "N", "Stop rewriting after N rewrites: to bisect"))
    .arg(many(value("test-rules", "FILE", "Load a .rules file and run the tests that it carries")))
    .arg(many(value("check-rules", "FILE", "Load a .rules file and execute both sides of its rules; exit code 3 if some could not be")))
    .arg(flag("allow-unchecked", "With --check-rules, rules that could not be executed are no failure"))
}

/// An option with one of a few words as its value, `missing` if it stands alone.
fn words(
    name: &'static str,
    placeholder: &'static str,
    words: &[&'static str],
    missing: &'static str,
    help: &'static str,
) -> Arg {
    let words = words.to_vec();
    let arg = Arg::new(name).long(name).value_name(placeholder).num_args(0..=1).require_equals(true);
    arg.default_missing_value(missing).value_parser(words).help(help)
}

fn he_opt(argv: &[String]) -> ExitCode {
    // The process ends with it: to take it apart before would be a tenth of the work on a small program.
    let mut tool = match Tool::start(command(), argv, needs) {
        Ok(tool) => ManuallyDrop::new(tool),
        Err(code) => return code,
    };
    if tool.line.is_set("list-passes") {
        return finish(&tool, write_output("-", &list_passes(&tool)));
    }
    if let Some(name) = tool.line.text_of("dialect-docs") {
        return finish(&tool, reference_page(&tool, name).and_then(|page| write_output("-", &page)));
    }
    if tool.line.is_set("show-dialects") {
        let names: Vec<&str> = tool.loaded.session.registry.dialects().map(|(name, _)| name).collect();
        return finish(&tool, write_output("-", &format!("Available Dialects: {}\n", names.join(","))));
    }
    for (option, run) in [("test-rules", test_rules as RuleCommand), ("check-rules", check_rules)] {
        let files = tool.line.texts_of(option);
        if !files.is_empty() {
            return run(&mut tool, &files);
        }
    }
    if let Err(error) = watch_rewrites(&mut tool) {
        return tool.fail(&[error]);
    }
    let name = tool.input();
    let text: Rc<String> = match read_source(&name).and_then(|text| check_options(&tool).map(|()| text)) {
        Ok(text) => text.into(),
        Err(error) => return tool.fail(&[error]),
    };
    tool.sources.add(&name, text.clone());
    if let Err(error) = tool.load_definitions_for(&text) {
        return tool.fail(&[error]);
    }
    match compile_input(&tool, &text, &name) {
        Ok(()) => ExitCode::SUCCESS,
        Err(code) => code,
    }
}

/// Options that say how a program is read and printed, and no more.
const READING_AND_PRINTING: [&str; 12] = [
    "input",
    "output",
    "allow-unregistered-dialect",
    "verify-each",
    "split-input-file",
    "output-split-marker",
    "verify-diagnostics",
    "print-op-generic",
    "print-debuginfo",
    "print-local-scope",
    "print-value-users",
    "elide-elementsattrs-if-larger",
];

fn needs(line: &CommandLine) -> Needs {
    let named = |option: &&str| line.text_of(option).is_some();
    if line.names_passes()
        || line.is_set("run-reproducer")
        || ["to", "load-rules", "test-rules", "check-rules", "explain"].iter().any(named)
    {
        return Needs::Rules;
    }
    match line.given().all(|option| READING_AND_PRINTING.contains(&option)) {
        true => Needs::InputDialects,
        false => Needs::Dialects,
    }
}

type RuleCommand = fn(&mut Tool, &[String]) -> ExitCode;

/// `--explain`, `--trace-rewrites`, `--rewrite-limit`.
fn watch_rewrites(tool: &mut Tool) -> Result<(), Diagnostic> {
    let mut control = RewriteControl::default();
    control.trace = tool.line.is_set("trace-rewrites");
    control.set_limit(tool.line.number("rewrite-limit"));
    let rules = &tool.loaded.session.rules;
    for text in tool.line.texts_of("explain") {
        let place = || tool.line.place_of("explain", 0, text.len());
        let question = Question::parse(&text).map_err(|why| {
            Diagnostic::error(format!("--explain: {why}")).at(place()).help("write RULE or RULE@LINE")
        })?;
        if rules.rules_named(&question.rule).next().is_none() {
            let error = Diagnostic::error(format!("--explain: unknown rule '{}'", question.rule)).at(place());
            let names = rules.groups().flat_map(|group| group.rules()).map(|rule| rule.name.as_str());
            return Err(match did_you_mean(&question.rule, names) {
                Some(near) => error.help(format!("did you mean '{near}'?")),
                None => error.help("the rules are in the files of --load-rules and in the dialects' own"),
            });
        }
        control.explain.push(question);
    }
    tool.loaded.session.rewriting = control;
    Ok(())
}

/// `--test-rules`: loads the files and runs their tests.
fn test_rules(tool: &mut Tool, files: &[String]) -> ExitCode {
    let before = tool.loaded.session.rules.tests().len();
    if let Err(error) = tool.load_rule_files(files) {
        return tool.fail(&[error]);
    }
    let tests = tool.loaded.session.rules.tests()[before..].to_vec();
    let failures: Vec<_> = tests.iter().filter_map(|test| run_test(&tool.loaded, test).err()).collect();
    tool.say(&failures);
    let summary = format!("{} tests, {} failed\n", tests.len(), failures.len());
    if !failures.is_empty() {
        say(&summary);
        return ExitCode::FAILURE;
    }
    finish(tool, write_output("-", &summary))
}

/// The exit code of `--check-rules` where nothing is wrong, and not every rule was executed.
const UNCHECKED: u8 = 3;

/// `--check-rules`: loads the files and executes both sides of their rules.
fn check_rules(tool: &mut Tool, files: &[String]) -> ExitCode {
    let count = |tool: &Tool| {
        let groups = tool.loaded.session.rules.groups();
        groups.map(|group| (group.name.clone(), group.rule_count())).collect::<BTreeMap<_, _>>()
    };
    let before = count(tool);
    if let Err(error) = tool.load_rule_files(files) {
        return tool.fail(&[error]);
    }
    let (mut report, mut wrong) = (String::new(), Vec::new());
    let mut counts = [0usize; 3];
    for group in tool.loaded.session.rules.groups() {
        for rule in group.rules().skip(before.get(&group.name).copied().unwrap_or(0)) {
            let name = &rule.name;
            match check_rule(&tool.loaded, group, rule) {
                Verdict::Holds(programs) => {
                    counts[0] += 1;
                    report += &format!("holds      {name} ({programs} programs)\n");
                }
                Verdict::Unchecked(why) => {
                    counts[1] += 1;
                    report += &format!("unchecked  {name}: {why}\n");
                }
                Verdict::Wrong(Counterexample { headline, notes }) => {
                    counts[2] += 1;
                    let text = format!("rule '{name}' is wrong: {headline}");
                    let error = Diagnostic::error(text).at(rule.position.clone());
                    wrong.push(notes.into_iter().fold(error, |error, note| error.note(None, note)));
                }
            }
        }
    }
    let [holds, unchecked, refuted] = counts;
    report += &format!("{holds} hold, {unchecked} unchecked, {refuted} wrong\n");
    if !wrong.is_empty() {
        tool.say(&wrong);
        say(&report);
        return ExitCode::FAILURE;
    }
    let written = finish(tool, write_output("-", &report));
    match unchecked > 0 && !tool.line.is_set("allow-unchecked") {
        true if written == ExitCode::SUCCESS => ExitCode::from(UNCHECKED),
        _ => written,
    }
}

/// The table of `--pass-statistics`.
fn rewrite_statistics(tool: &Tool) -> String {
    let mut out = "===-- Rewrites --===\n".to_owned();
    for (group, stats) in tool.loaded.session.rewriting.statistics() {
        let total: usize = stats.fired.values().sum();
        out += &format!("{total:>10}  {group} (erased {} unused ops)\n", stats.erased);
        let mut rules: Vec<_> = stats.fired.iter().collect();
        rules.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
        for (rule, count) in rules {
            out += &format!("{count:>10}    {rule}\n");
        }
    }
    out
}

fn finish(tool: &Tool, result: Result<(), Diagnostic>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => tool.fail(&[error]),
    }
}

/// The page of `--dialect-docs`.
fn reference_page(tool: &Tool, name: &str) -> Result<String, Diagnostic> {
    let registry = &tool.loaded.session.registry;
    dialect_page(registry, name).ok_or_else(|| {
        let names: Vec<&str> = registry.dialects().map(|(name, _)| name).collect();
        let error = Diagnostic::error(format!("unknown dialect '{name}'"));
        let error = error.at(tool.line.place_of("dialect-docs", 0, name.len()));
        match did_you_mean(name, names.iter().copied()) {
            Some(near) => error.help(format!("did you mean '{near}'?")),
            None => error.help(format!("there are {}", names.join(", "))),
        }
    })
}

/// Checks what can be checked before a program is read.
fn check_options(tool: &Tool) -> Result<(), Diagnostic> {
    let session = &tool.loaded.session;
    stage(tool)?;
    for option in ["print-ir-before", "print-ir-after"] {
        for name in tool.line.texts_of(option) {
            if session.passes.get(&name).is_none() {
                let error = Diagnostic::error(format!("--{option}: unknown pass '{name}'"));
                let error = error.at(tool.line.place_of(option, 0, name.len()));
                return Err(match did_you_mean(&name, session.passes.names()) {
                    Some(near) => error.help(format!("did you mean '{near}'?")),
                    None => error.help("--list-passes shows them all"),
                });
            }
        }
    }
    Ok(())
}

/// The stage that `--to` names.
fn stage(tool: &Tool) -> Result<Option<usize>, Diagnostic> {
    let Some(name) = tool.line.text_of("to") else { return Ok(None) };
    let registry = &tool.loaded.session.registry;
    match registry.stage(name) {
        Some(stage) => Ok(Some(stage)),
        None => {
            let error = Diagnostic::error(format!("unknown stage '{name}'"));
            let names = registry.stages.join(", ");
            Err(error.at(tool.line.place_of("to", 0, name.len())).help(format!("the stages are {names}")))
        }
    }
}

/// Compiles the input, or each of its parts, and prints the results once all of them are right. The error is the
/// exit code; everything has been said.
fn compile_input(tool: &Tool, text: &str, name: &str) -> Result<(), ExitCode> {
    let file = tool.line.text_of("output").unwrap_or("-");
    let said = |error: Diagnostic| tool.fail(&[error]);
    let Some(marker) = tool.line.text_of("split-input-file") else {
        // The text is long and the memory short: it is written while it is printed.
        let program = compile_part(tool, &Part { text, file: name, lines_before: 0 })?;
        let Some(program) = program.map(ManuallyDrop::new) else { return Ok(()) };
        return write_pieces(file, |sink| program.print(tool, sink)).map_err(said);
    };
    let marker = if marker.trim().is_empty() { SEPARATOR } else { marker.trim() };
    let (mut outputs, mut failed) = (Vec::new(), None);
    for part in split(text, name, marker) {
        match compile_part(tool, &part) {
            Ok(Some(program)) => {
                let mut output = String::new();
                program.print(tool, &mut |piece| output += piece);
                outputs.push(output);
            }
            Ok(None) => {}
            Err(code) => failed = Some(code),
        }
    }
    let marker = tool.line.text_of("output-split-marker").unwrap_or(SEPARATOR);
    match failed {
        Some(code) => Err(code),
        None => write_output(file, &outputs.join(&format!("\n{marker}\n"))).map_err(said),
    }
}

/// A program in the input file.
struct Part<'t> {
    text: &'t str,
    file: &'t str,
    /// Lines of the file before it.
    lines_before: u32,
}

/// The parts of a file between lines that hold nothing but the marker.
fn split<'t>(text: &'t str, file: &'t str, marker: &str) -> Vec<Part<'t>> {
    let mut parts = Vec::new();
    let (mut start, mut offset, mut lines_before) = (0, 0, 0);
    for (index, line) in text.split_inclusive('\n').enumerate() {
        if line.trim() == marker {
            parts.push(Part { text: &text[start..offset], file, lines_before });
            (start, lines_before) = (offset + line.len(), index as u32 + 1);
        }
        offset += line.len();
    }
    parts.push(Part { text: &text[start..], file, lines_before });
    parts
}

/// Compiles a program and says what is to be said. There is none where `--verify-diagnostics` expected it to fail.
fn compile_part(tool: &Tool, part: &Part<'_>) -> Result<Option<Compiled>, ExitCode> {
    let mut said = Diagnostics::new();
    let output = compile(tool, part, &mut said);
    let (program, mut failure) = match output {
        Ok(program) => (Some(program), None),
        Err(errors) => {
            let code = tool.exit_code(&errors);
            said.extend(errors);
            (None, Some(code))
        }
    };
    if tool.line.is_set("verify-diagnostics") {
        said = unexpected(part.text, part.file, part.lines_before, &said);
        failure = (!said.is_empty()).then_some(ExitCode::FAILURE);
    }
    tool.say(&said);
    failure.map_or(Ok(program), Err)
}

/// A program that went through its passes.
struct Compiled {
    ir: Ir,
    /// The graph of `--emit=dot`, instead of the IR.
    graph: Option<String>,
    timing: Timing,
}

impl Compiled {
    fn print(&self, tool: &Tool, sink: &mut dyn FnMut(&str)) {
        let started = Instant::now();
        match &self.graph {
            Some(graph) => sink(graph),
            None => print_to(&tool.loaded.session.registry, &self.ir, print_options(tool), sink),
        }
        let option = |name| tool.line.text_of(name).and_then(TimingDisplay::from_word);
        if let Some(display) = option("timing-display").or(option("timing")) {
            let mut timing = self.timing.clone();
            timing.add("print", started);
            say(&timing.text(display));
        }
    }
}

fn print_options(tool: &Tool) -> PrintOptions {
    PrintOptions {
        generic: tool.line.is_set("print-op-generic"),
        locations: tool.line.is_set("print-debuginfo"),
        value_users: tool.line.is_set("print-value-users"),
        elide_elements_above: tool.line.number("elide-elementsattrs-if-larger").map(|n| n as usize),
    }
}

/// Compiles one program. Remarks and warnings go to `said`.
fn compile(tool: &Tool, part: &Part<'_>, said: &mut Diagnostics) -> Result<Compiled, Diagnostics> {
    let &Part { text, file: name, lines_before } = part;
    let weights = tool.weights();
    let mut hooks = Hooks::new(dumps(tool));
    let one = |error: Diagnostic| vec![error];
    let mut started = Instant::now();
    let mut ir = tool.parse(text, name, lines_before)?;
    hooks.timing.add("parse and verify", started);
    if tool.line.is_set("verify-roundtrip") {
        started = Instant::now();
        tool.verify_roundtrip(&ir, name)?;
        hooks.timing.add("round trip", started);
    }
    let mut verify_each = tool.line.text_of("verify-each") != Some("false");
    let mut passes = tool.named_passes(&ir).map_err(one)?;
    if tool.line.is_set("run-reproducer") {
        let stored = stored(&mut ir, name).map_err(one)?;
        let stored_passes = parse_pipeline(&tool.loaded.session.passes, &stored.pipeline);
        passes.extend(
            stored_passes
                .map_err(|error| one(stored.locate(error, text, name).moved_down(name, lines_before)))?,
        );
        verify_each &= stored.verify_each;
    }
    if !tool.line.is_set("no-auto-lower") {
        let completed = tool.completed(&ir, passes, stage(tool).map_err(one)?);
        passes = completed.map_err(|error| one(tool.line.at_value("to", error)))?;
    }
    if tool.line.is_set("dump-pass-pipeline") {
        say(&format!("{}\n", pipeline_text("builtin.module", &passes)));
    }
    if tool.line.is_set("check-semantics") {
        hooks.further.push(Box::new(SemanticCheck::new(&tool.loaded, &weights)));
    }
    let file = tool.line.text_of("crash-reproducer").map(str::to_owned);
    hooks.reproducer = file.map(|file| Reproducer { file, verify_each });
    said.extend(tool.run(&mut ir, &passes, verify_each, &mut hooks)?);
    tool.check_levels(&ir)?;
    if !tool.line.is_set("verify-diagnostics") {
        said.extend(tool.check_security(&ir)?);
    }
    match tool.line.text_of("op-stats") {
        Some("json") => say(&op_stats_json(&ir)),
        Some(_) => say(&op_stats_text(&ir)),
        None => {}
    }
    if tool.line.is_set("pass-statistics") {
        say(&rewrite_statistics(tool));
    }
    let wants_graph = tool.line.text_of("emit") == Some("dot");
    let graph = wants_graph.then(|| dot(&ir)).transpose().map_err(one)?;
    Ok(Compiled { ir, graph, timing: hooks.timing })
}

fn dumps(tool: &Tool) -> Dumps {
    let line = &tool.line;
    Dumps {
        before_all: line.is_set("print-ir-before-all"),
        after_all: line.is_set("print-ir-after-all"),
        after_change: line.is_set("print-ir-after-change"),
        after_failure: line.is_set("print-ir-after-failure"),
        before: line.texts_of("print-ir-before"),
        after: line.texts_of("print-ir-after"),
        tree_dir: line.text_of("print-ir-tree-dir").map(PathBuf::from),
        print: print_options(tool),
    }
}

/// The table of `--list-passes`.
fn list_passes(tool: &Tool) -> String {
    let session = &tool.loaded.session;
    let stage = |index: usize| session.registry.stages.get(index).map_or("", String::as_str);
    let stages = |pass: &PassDef| match pass.stages {
        None => "any".to_owned(),
        Some(range) => {
            let takes = if range.first == range.last {
                stage(range.first).to_owned()
            } else {
                format!("{}..{}", stage(range.first), stage(range.last))
            };
            range.result.map_or(takes.clone(), |result| format!("{takes} -> {}", stage(result)))
        }
    };
    let width = session.passes.names().map(str::len).max().unwrap_or(0) + 2;
    let mut out = format!("{:<width$}{:<28}{}\n", "pass", "stage", "what it does");
    for pass in session.passes.passes() {
        out += &format!("{:<width$}{:<28}{}\n", pass.name, stages(pass), pass.doc);
        for option in &pass.options {
            let default =
                if option.default.is_empty() { String::new() } else { format!("={}", option.default) };
            let values = option_values(&option.kind);
            out += &format!("{:<width$}  {}{default} ({values}): {}\n", "", option.name, option.doc);
        }
    }
    for (alias, element) in session.passes.aliases() {
        out += &format!("{alias:<width$}{:<28}{element}\n", "short for");
    }
    out
}

fn option_values(kind: &OptionKind) -> String {
    match kind {
        OptionKind::Int { min, max } => format!("{min} to {max}"),
        OptionKind::Float { min, max } => format!("{min} to {max}"),
        OptionKind::Interval => "[a,b]".to_owned(),
        OptionKind::Choice(words) => words.join(" | "),
        OptionKind::Flag => "true | false".to_owned(),
        OptionKind::Text => "text".to_owned(),
    }
}
