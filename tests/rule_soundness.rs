//! Every shipped rule carries tests and computes the same on both sides; deliberately wrong rules are caught.

use std::collections::BTreeSet;

use he_dialects::{Loaded, load};
use he_tools::rule_check::{Verdict, check_group, check_rule};
use he_tools::rule_tests::run_test;

fn loaded() -> Loaded {
    load().unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn the_tests_of_shipped_rules_pass() {
    let loaded = loaded();
    let tests = loaded.session.rules.tests();
    let failures: Vec<String> = tests
        .iter()
        .filter_map(|test| run_test(&loaded, test).err())
        .map(|error| error.to_string())
        .collect();
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
    assert!(!tests.is_empty());
}

#[test]
fn every_shipped_rule_has_a_test() {
    let loaded = loaded();
    let tests = loaded.session.rules.tests();
    let rules: BTreeSet<_> = tests.iter().filter_map(|test| test.rule.clone()).collect();
    let groups: BTreeSet<_> =
        tests.iter().filter(|test| test.rule.is_none()).map(|test| &test.group).collect();
    let all = loaded.session.rules.groups().flat_map(|group| group.rules());
    let missing: Vec<_> = all
        .filter(|rule| !rules.contains(&rule.name) && !groups.contains(&rule.group))
        .map(|rule| &rule.name)
        .collect();
    assert!(missing.is_empty(), "without a test: {missing:?}");
}

#[test]
fn shipped_rules_load_without_a_warning() {
    let warnings: Vec<_> = loaded().session.rules.take_warnings().iter().map(ToString::to_string).collect();
    assert!(warnings.is_empty(), "{}", warnings.join("\n"));
}

#[test]
fn both_sides_of_shipped_rules_compute_the_same() {
    let loaded = loaded();
    let (mut wrong, mut unchecked) = (Vec::new(), Vec::new());
    for group in loaded.session.rules.groups() {
        for (name, verdict) in check_group(&loaded, group) {
            match verdict {
                Verdict::Holds(programs) => assert!(programs > 0),
                Verdict::Wrong(why) => {
                    wrong.push(format!("{name}: {}\n{}", why.headline, why.notes.join("\n")))
                }
                Verdict::Unchecked(why) => unchecked.push(format!("{name}: {why}")),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    assert!(unchecked.is_empty(), "{}", unchecked.join("\n"));
}

/// Wrong by a sign, the order of operands, a level, a rotation, a condition that is left out.
const WRONG: [&str; 24] = [
    "packed.neg(packed.sub(%x, %y)) => packed.sub(%x, %y)",
    "packed.sub(%x, packed.neg(%y)) => packed.sub(%x, %y)",
    "packed.add(%x, packed.neg(%y)) => packed.sub(%y, %x)",
    "packed.rotate(packed.rotate(%x) {by = $a}) {by = $b} => packed.rotate(%x) {by = $a - $b}",
    "packed.rotate(packed.rotate(%x) {by = $a}) {by = $b} => packed.rotate(%x) {by = $a + $b + 1}",
    "packed.rotate(%x) {by = $k} where $k >= 0 => %x",
    "packed.mul_scalar(%x) {value = 1.0} => packed.neg(%x)",
    "packed.mul_scalar(packed.mul_scalar(%x) {value = $a}) {value = $b} => packed.mul_scalar(%x) {value = $a + $b}",
    "packed.add_scalar(packed.add_scalar(%x) {value = $a}) {value = $b} => packed.add_scalar(%x) {value = $a * $b}",
    "packed.add_scalar(%x) {value = $a} where $a >= 0 => %x",
    "packed.mul_plain(packed.rotate(%x) {by = $a}, %p) => packed.rotate(packed.mul_plain(%x, %p)) {by = $a}",
    "ckks.level_drop(ckks.level_drop(%x) {levels = $a}) {levels = $b} => ckks.level_drop(%x) {levels = $a}",
    "ckks.rotate(ckks.rotate(%x) {by = $a}) {by = $b} => %x",
    "ckks.rotate(ckks.rotate(%x) {by = $a}) {by = $b} => ckks.rotate(%x) {by = $a + $b}",
    "ckks.add(ckks.rotate(%x) {by = $a}, ckks.rotate(%y) {by = $b}) => ckks.rotate(ckks.add(%x, %y)) {by = $a}",
    "ckks.sub(ckks.rotate(%x) {by = $a}, ckks.rotate(%y) {by = $a}) => ckks.rotate(ckks.sub(%y, %x)) {by = $a}",
    "ckks.neg(ckks.neg(%x)) => ckks.neg(%x)",
    "ckks.add_scalar(ckks.add_scalar(%x) {value = $a}) {value = $b} => ckks.add_scalar(%x) {value = $a - $b}",
    "nn.relu(nn.neg(%x)) => nn.neg(nn.relu(%x))",
    "nn.mul(%x, nn.constant() {value = dense<$c>}) => %x",
    "nn.sub(%x, nn.constant() {value = dense<1.0>}) => %x",
    "nn.transpose(nn.transpose(%x)) => %x",
    "nn.sub(nn.neg(%x), %y) => nn.sub(%y, %x)",
    "nn.linear(%x, %w, %b) => nn.linear(%x, %w)",
];

#[test]
fn wrong_rules_are_caught() {
    let mut missed = Vec::new();
    for (number, text) in WRONG.iter().enumerate() {
        let mut loaded = loaded();
        let rules = format!("group g\nrule wrong in g: {text}\n");
        loaded.load_rules(&rules, "wrong.rules").unwrap_or_else(|error| panic!("{error}\n{rules}"));
        let group = loaded.session.rules.group("g").expect("it is declared");
        let rule = group.rule("wrong").expect("it is defined");
        let verdict = check_rule(&loaded, group, rule);
        if !matches!(verdict, Verdict::Wrong(_)) {
            missed.push(format!("{number}: {text}: {verdict:?}"));
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

#[test]
fn a_counterexample_is_shown_as_a_program_with_its_results() {
    let mut loaded = loaded();
    let rules = "group g\nrule wrong in g: ckks.neg(ckks.neg(%x)) => ckks.neg(%x)\n";
    loaded.load_rules(rules, "wrong.rules").unwrap_or_else(|error| panic!("{error}"));
    let group = loaded.session.rules.group("g").expect("it is declared");
    let Verdict::Wrong(why) = check_rule(&loaded, group, group.rule("wrong").expect("it is defined")) else {
        panic!("it is wrong");
    };
    assert!(why.headline.starts_with("number 0 of result 0 is "), "{}", why.headline);
    let notes = why.notes.join("\n");
    for part in
        ["before\n", "after\n", "func.func @f(", "ckks.neg", "input 0: [", "result 0 before: [", "degree 1"]
    {
        assert!(notes.contains(part), "no '{part}' in\n{notes}");
    }
}

#[test]
fn rules_on_ops_without_kernels_are_unchecked() {
    let mut loaded = loaded();
    let dialect = "dialect d\nop d.f (x: ckks.ct) -> (r: ckks.ct) {\n  traits pure\n  infer r = type(x)\n}\n";
    loaded.load_dialect(dialect, "d.dialect").unwrap_or_else(|error| panic!("{error}"));
    loaded
        .load_rules("group g\nrule r in g: d.f(d.f(%x)) => %x\n", "d.rules")
        .unwrap_or_else(|e| panic!("{e}"));
    let group = loaded.session.rules.group("g").expect("it is declared");
    let verdict = check_rule(&loaded, group, group.rule("r").expect("it is defined"));
    let wanted = "'d.f': has no kernel, so it cannot be executed";
    assert_eq!(verdict, Verdict::Unchecked(wanted.to_owned()));
}

/// What `--check-rules` says of a file, and its exit code.
fn checked(arguments: &[&str]) -> (String, Option<i32>) {
    let he_opt = std::process::Command::new(env!("CARGO_BIN_EXE_he-opt"))
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .args(arguments)
        .output()
        .expect("he-opt runs");
    (String::from_utf8_lossy(&he_opt.stdout).into_owned(), he_opt.status.code())
}

#[test]
fn rules_that_could_not_be_executed_have_an_exit_code_of_their_own() {
    let file = std::env::temp_dir().join(format!("unchecked-{}.rules", std::process::id()));
    let text = "group g\nrule r in g {\n  match   %r = ckks.rotate(%x) {by = $k}\n  where   $k > 1000\n  rewrite { replace %r with ckks.rotate(%x) {by = $k - 1} }\n}\n";
    std::fs::write(&file, text).expect("it is written");
    let name = file.to_str().expect("it is text");
    let (report, code) = checked(&["--check-rules", name]);
    assert_eq!((report.lines().last(), code), (Some("0 hold, 1 unchecked, 0 wrong"), Some(3)));
    assert_eq!(checked(&["--allow-unchecked", "--check-rules", name]).1, Some(0));
    std::fs::remove_file(&file).expect("it was written");
}

#[test]
fn shipped_files_and_examples_are_checked_by_name() {
    for (arguments, wanted) in [
        (&["--check-rules", "dialects/poly/poly.rules"][..], "1 hold, 0 unchecked, 0 wrong"),
        (&["--check-rules", "examples/rules/giant_steps.rules"], "3 hold, 0 unchecked, 0 wrong"),
        (&["--test-rules", "dialects/nn/nn.rules"], "21 tests, 0 failed"),
    ] {
        let (report, code) = checked(arguments);
        assert_eq!((report.lines().last(), code), (Some(wanted), Some(0)), "{arguments:?}");
    }
}
