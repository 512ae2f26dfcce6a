//! `--test-rules`: runs the tests that `.rules` files carry.

use he_core::ir::Ir;
use he_core::rewrite::{
    GroupKind, InlineTest, RewriteControl, TestProgram, convert, rewrite_greedily, sweep_dead,
};
use he_core::schema::verify;
use he_core::support::{Diagnostic, Diagnostics};
use he_core::text::{PrintOptions, parse, print};
use he_dialects::Loaded;
use similar::{ChangeTag, TextDiff};

use crate::rule_check::{agree, execute};

/// Seed of the inputs on which the programs of a test are executed.
const SEED: u64 = 1;

/// Runs a test. The error points at it, or into its programs.
pub fn run_test(loaded: &Loaded, test: &InlineTest) -> Result<(), Diagnostic> {
    let group = loaded.session.rules.group(&test.group);
    let group = group.ok_or_else(|| failed(test, format!("there is no group '{}'", test.group)))?;
    let only = test.rule.as_ref().and_then(|rule| group.only(rule));
    let converts = matches!(group.kind, GroupKind::Conversion { .. });
    let applied = match &only {
        Some(only) if !converts => only,
        _ => group,
    };
    let apply = |ir: &mut Ir| {
        let registry = &loaded.session.registry;
        if !converts {
            return rewrite_greedily(registry, ir, applied);
        }
        let stats = convert(registry, ir, applied, &RewriteControl::default(), &mut Diagnostics::new())?;
        registry.types_changed.iter().for_each(|refresh| refresh(ir));
        sweep_dead(ir);
        Ok(stats)
    };
    if let (Some(before), Some(after)) = (&test.before, &test.after) {
        let mut ir = read(loaded, test, before)?;
        let executed = execute(loaded, &ir, SEED);
        let stats = apply(&mut ir)?;
        if let Some(rule) = &test.rule
            && !stats.fired.contains_key(rule)
        {
            return Err(failed(test, format!("rule '{rule}' does not fire")).help("--explain says why"));
        }
        let wanted = text(loaded, &read(loaded, test, after)?);
        let found = text(loaded, &ir);
        if wanted != found {
            return Err(failed(test, format!("the result is another one:\n{}", difference(&wanted, &found))));
        }
        let (Ok((_, Ok(wanted))), Ok((_, Ok(found)))) = (executed, execute(loaded, &ir, SEED)) else {
            return Ok(());
        };
        if !agree(&wanted, &found, converts) {
            let text = format!("the result computes something else:\n  {wanted:?}\n  {found:?}");
            return Err(failed(test, text));
        }
    }
    for program in &test.never {
        let mut ir = read(loaded, test, program)?;
        let before = text(loaded, &ir);
        let stats = apply(&mut ir)?;
        let fires = match &test.rule {
            Some(rule) => stats.fired.contains_key(rule),
            None => !stats.fired.is_empty(),
        };
        if fires {
            let found = text(loaded, &ir);
            let message = format!("it fires, but never should:\n{}", difference(&before, &found));
            return Err(failed(test, message));
        }
    }
    Ok(())
}

fn failed(test: &InlineTest, text: String) -> Diagnostic {
    let name = test.rule.as_ref().unwrap_or(&test.group);
    Diagnostic::error(format!("test of '{name}': {text}")).at(test.position.clone())
}

fn text(loaded: &Loaded, ir: &Ir) -> String {
    print(&loaded.session.registry, ir, PrintOptions::default())
}

/// Lines that are wanted with `-`, lines that are found with `+`.
fn difference(wanted: &str, found: &str) -> String {
    let diff = TextDiff::from_lines(wanted, found);
    let line = |change: similar::Change<&str>| {
        let sign = match change.tag() {
            ChangeTag::Delete => '-',
            ChangeTag::Insert => '+',
            ChangeTag::Equal => ' ',
        };
        format!("{sign} {}", change.value())
    };
    diff.iter_all_changes().map(line).collect::<String>().trim_end().to_owned()
}

/// The module of a test's program: a function with the test's arguments. Lines are those of the rule file.
fn read(loaded: &Loaded, test: &InlineTest, program: &TestProgram) -> Result<Ir, Diagnostic> {
    let results = program.text.lines().rev().map(str::trim).find_map(|line| line.strip_prefix("return"));
    let types = results.and_then(|line| line.split_once(':')).map_or("", |(_, types)| types.trim());
    let attributes = match test.attributes.as_str() {
        "" => String::new(),
        text => format!(" attributes {text}"),
    };
    let arguments = program.arguments.as_ref().unwrap_or(&test.arguments);
    let header = format!("module{attributes} {{ func.func @test({arguments}) -> ({types}) {{");
    let padding = "\n".repeat((program.line as usize).saturating_sub(2));
    let whole = format!("{padding}{header}\n{}}} }}\n", program.text);
    let registry = &loaded.session.registry;
    let first = |errors: Vec<Diagnostic>| {
        let error = errors.into_iter().next();
        error
            .unwrap_or_else(|| failed(test, "the program is wrong".into()))
            .note(test.position.clone(), "in this test")
    };
    let mut ir = parse(registry, &whole, &test.position.file).map_err(first)?;
    verify(registry, &mut ir).map_err(first)?;
    Ok(ir)
}
