//! A user's own dialects and rules: they run and are costed without a word of Rust, and every mistake in them is
//! found at load, with a caret under it.

#[path = "support/mistakes.rs"]
mod mistakes;
#[path = "support/programs.rs"]
mod programs;

use he_core::ir::Ir;
use he_core::pass::Session;
use he_core::support::{Diagnostic, NoWeights};
use he_dialects::ckks::cost::cost_report;
use he_dialects::profiles::Profile;
use he_dialects::{Loaded, load};
use he_tools::run::{BackendOptions, max_abs_difference};
use mistakes::{check_all, mistake, parts};
use programs::{compile, execute, parameters, printed, root};

fn example(file: &str) -> String {
    std::fs::read_to_string(root().join("examples/rules").join(file)).expect("the example is readable")
}

fn loaded_with(dialect: &str, rules: &str) -> Loaded {
    let mut loaded = load().expect("the dialects load");
    loaded.load_dialect(dialect, "user.dialect").unwrap_or_else(|error| panic!("{error}\n{dialect}"));
    loaded.load_rules(rules, "user.rules").unwrap_or_else(|error| panic!("{error}\n{rules}"));
    loaded
}

/// A network whose layers are sums of many products: chains to fuse.
const NETWORK: &str = r#"
func.func @main(%x: tensor<1x8xf32>) -> tensor<1x8xf32> {
  %w = "nn.constant"() {value = #nn.random<seed = 1, std = 0.3>} : () -> tensor<8x8xf32>
  %0 = "nn.linear"(%x, %w) : (tensor<1x8xf32>, tensor<8x8xf32>) -> tensor<1x8xf32>
  %1 = "nn.square"(%0) : (tensor<1x8xf32>) -> tensor<1x8xf32>
  func.return %1 : tensor<1x8xf32>
}
"#;

fn leveled(loaded: &Loaded, pipeline: &str) -> Ir {
    let params = parameters("1024", "60,40x6", "2^40");
    compile(loaded, &NoWeights, NETWORK, &params, pipeline, Some("leveled"))
        .unwrap_or_else(|why| panic!("{pipeline}: {why}"))
}

/// Compiles with and without the group: the results are equal, and `op` is there instead of additions. Yields the
/// counted additions without and with it.
fn fused(loaded: &Loaded, group: &str, op: &str) -> (u64, u64) {
    let plain = leveled(loaded, "to-ckks");
    let fused = leveled(loaded, &format!("to-ckks,{group}"));
    let run = |ir: &Ir| {
        execute(loaded, &NoWeights, ir, BackendOptions::default()).unwrap_or_else(|why| panic!("{why}"))
    };
    let difference = max_abs_difference(&run(&plain), &run(&fused));
    assert!(difference <= 1e-12, "{difference:e}");
    let text = printed(loaded, &fused, false);
    assert!(text.contains(op), "{text}");
    assert!(!printed(loaded, &plain, false).contains(op));
    // The op is read back, in both forms.
    for generic in [false, true] {
        let text = printed(loaded, &fused, generic);
        assert_eq!(printed(loaded, &programs::read(loaded, &text), generic), text);
    }
    let adds = |ir: &Ir| {
        let report = cost_report(&loaded.session.registry, ir, Profile::openfhe()).expect("it has a cost");
        report.operations.get("add")
    };
    (adds(&plain), adds(&fused))
}

#[test]
fn the_example_fuses_runs_and_costs_the_same() {
    let loaded = loaded_with(&example("sum.dialect"), &example("fuse_adds.rules"));
    let (plain, fused) = fused(&loaded, "fuse-adds", "sum.add_many");
    assert_eq!(plain, fused);
    assert!(plain >= 7);
}

#[test]
fn another_name_and_another_arity() {
    let dialect = example("sum.dialect")
        .replace("dialect sum", "dialect tree")
        .replace("sum.add_many", "tree.total_of_three")
        .replace("(terms: ckks.ct...)", "(first: ckks.ct, second: ckks.ct, third: ckks.ct)");
    // With fixed operands the clauses name them.
    let body = dialect.find("  verify").expect("there is a clause")..dialect.find("}\n").expect("it ends");
    let clauses = "  verify  first.level == second.level, second.level == third.level
  infer   level = first.level, scale = first.scale, degree = maximum([first.degree, second.degree, third.degree])
  cost    add(first.level) times 2
  bound   first + second + third
  kernel  reduce ckks.add
  format  \"$first `,` $second `,` $third attr-dict `:` type($first) `,` type($second) `,` type($third)\"
";
    let dialect = [&dialect[..body.start], clauses, &dialect[body.end..]].concat();
    let rules = "group three-at-a-time
rule three in three-at-a-time {
  match   %r = ckks.add(%s = ckks.add(%x, %y), %z)
  where   one_use(%s) else \"the inner sum is used elsewhere\"
  rewrite { replace %r with tree.total_of_three(%x, %y, %z) }
}
";
    let loaded = loaded_with(&dialect, rules);
    let (plain, fused) = fused(&loaded, "three-at-a-time", "tree.total_of_three");
    assert_eq!(plain, fused);
    let text = printed(&loaded, &leveled(&loaded, "to-ckks,three-at-a-time"), false);
    // Seven additions of a layer become three ops of three terms and one addition.
    assert_eq!(text.matches("tree.total_of_three").count(), 3, "{text}");
}

#[test]
fn mistakes_in_rules_are_found_at_load() {
    let mistakes = [
        mistake(
            "group g\nrule r in g: ckks.ad(%x, %y) => %x",
            "unknown op 'ckks.ad'",
            "ckks.ad",
            Some("did you mean 'ckks.add'?"),
        ),
        mistake(
            "group g\nrule r in g: ckks.rotate(%x) {bye = $a} => %x",
            "'ckks.rotate' has no attribute 'bye'",
            "bye",
            Some("did you mean 'by'?"),
        ),
        mistake(
            "group g\nrule r in g: ckks.add(%x) => %x",
            "'ckks.add' takes 2 operands, not 1",
            "ckks.add",
            None,
        ),
        mistake(
            "group g\nrule r in g: ckks.neg(ckks.neg(%x)) => ckks.add(%x)",
            "'ckks.add' takes 2 operands, not 1",
            "ckks.add",
            None,
        ),
        mistake(
            "group g\nrule r in g: ckks.neg(%x) => %z",
            "'%z' is not bound by the pattern",
            "%z",
            Some("did you mean '%x'?"),
        ),
        mistake(
            "group g\nrule r in g: ckks.rotate(%x) {by = $a} => ckks.rotate(%x) {by = $b + 1}",
            "'$b' is not bound by the pattern",
            "$b",
            Some("did you mean '$a'?"),
        ),
        mistake(
            "group g\nrule r in g {\n  match %r = ckks.neg(%x)\n  where one_usee(%x)\n  rewrite { replace %r with %x }\n}",
            "unknown function 'one_usee'",
            "one_usee",
            Some("did you mean 'one_use'?"),
        ),
        mistake(
            "group g\nrule r in g {\n  match %r = ckks.neg(%x)\n  where one_use(%x, %x)\n  rewrite { replace %r with %x }\n}",
            "'one_use' takes 1 argument, not 2",
            "one_use",
            None,
        ),
        mistake(
            "group fusion\nrule r in fusions: ckks.neg(%x) => %x",
            "group 'fusions' is not declared",
            "fusions",
            Some("did you mean 'fusion'?"),
        ),
        mistake(
            "group g\nrule r in g: ckks.neg(%x) => %x\nrule r in g: ckks.conjugate(%x) => %x",
            "rule 'r' is already defined",
            "r",
            None,
        ),
        mistake(
            "group g\nrule wide in g: ckks.neg(%x) => %x\nrule narrow in g: ckks.neg(ckks.neg(%x)) => %x",
            "rule 'narrow' can never fire: 'wide' matches first",
            "narrow",
            None,
        ),
        mistake(
            "group g\nrule again in g: ckks.add(%x, %y) => ckks.add(%y, %x)",
            "rule 'again' matches its own result: it would never end",
            "again",
            None,
        ),
        mistake("group g\ngroup g", "group 'g' is already declared", "g", None),
        mistake("group bsgs", "there is already a pass named 'bsgs'", "bsgs", Some("rename the group")),
        mistake(
            "group g\nrule r in g: ckks.decrypt(%x) => ckks.decrypt(ckks.neg(%x))",
            "the result type of 'ckks.decrypt' cannot be inferred",
            "ckks.decrypt",
            Some("write it: op(…) : type(%x)"),
        ),
        mistake(
            "group g\nrule r in g: ckks.neg(ckks.neg(%x)) => ckks.rotate(%x)",
            "'ckks.rotate' needs the attribute 'by'",
            "ckks.rotate",
            None,
        ),
        mistake(
            "group g\nrule r in g {\n  match %r = ckks.neg(%x)\n  rewrite { replace %x with %x }\n}",
            "only the matched op's result can be replaced",
            "%x",
            None,
        ),
        mistake(
            "group g\nrule r in g {\n  match %r = ckks.neg(%x)\n  rewrite { }\n}",
            "the rewrite replaces nothing: end it with 'replace %r with …'",
            "r",
            None,
        ),
        mistake(
            "group g from ckks to seal",
            "dialect 'seal' is not loaded",
            "seal",
            Some("load it before, with --load-dialect"),
        ),
    ];
    check_all(&mistakes, |loaded, text| loaded.load_rules(text, "user.rules"));
}

#[test]
fn a_syntax_error_says_what_was_expected() {
    let mut loaded = load().expect("the dialects load");
    let source = "group g\nrule r in g: ckks.neg(%x) -> %x\n";
    let error = loaded.load_rules(source, "user.rules").expect_err("it is wrong");
    let (message, under, _) = parts(&error, source);
    let wanted = "expected a region such as '(^body)', '=>', 'where', '{' and attributes or ':' and a type, but found '->'";
    assert_eq!(message, wanted);
    assert_eq!(under, "->");
}

#[test]
fn mistakes_in_dialects_are_found_at_load() {
    let mistakes = [
        mistake(
            "dialect d\nop d.f (x: ckks.cd) -> (r: ckks.ct)",
            "unknown kind 'ckks.cd'",
            "ckks.cd",
            Some("did you mean 'ckks.ct'?"),
        ),
        mistake(
            "dialect d\nop d.f (x: ckks.ct) -> (r: ckks.ct) {\n  traits puer\n}",
            "unknown trait 'puer'",
            "puer",
            Some("did you mean 'pure'?"),
        ),
        mistake(
            "dialect d\nop d.f (x: ckks.ct) -> (r: ckks.ct) {\n  stages ckss\n}",
            "unknown stage 'ckss'",
            "ckss",
            Some("did you mean 'ckks'?"),
        ),
        mistake(
            "dialect d\nop d.f (x: ckks.ct) -> (r: ckks.ct) {\n  verify sane(x)\n}",
            "unknown function 'sane'",
            "sane",
            Some("did you mean 'same'?"),
        ),
        mistake(
            "dialect d\nop d.f (x: ckks.ct) -> (r: ckks.ct) {\n  verify y.level == 1\n}",
            "'y' names no operand, result or attribute",
            "y",
            None,
        ),
        mistake(
            "dialect d\nop d.f () -> (r: ckks.ct)\nop d.f () -> (r: ckks.ct)",
            "op 'd.f' is already defined",
            "d.f",
            None,
        ),
        mistake("dialect d\ntype t\ntype t", "'t' is already defined", "t", None),
        mistake("dialect ckks", "dialect 'ckks' is already loaded", "ckks", None),
        mistake("dialect d\nop e.f () -> (r: ckks.ct)", "op 'e.f' must be named 'd.…'", "e.f", None),
        mistake(
            "dialect d\nop d.f (x: ckks.ct, x: ckks.ct) -> (r: ckks.ct)",
            "'x' is named twice",
            "x",
            None,
        ),
        mistake(
            "dialect d\nop d.f (x: ckks.ct) -> (r: ckks.ct) {\n  infer lvel = x.level\n}",
            "unknown parameter of ckks.ct 'lvel'",
            "lvel",
            Some("did you mean 'level'?"),
        ),
        mistake(
            "dialect d\nop d.f (x: ckks.ct) -> (r: ckks.ct) {\n  native verfy\n}",
            "unknown native hook 'verfy'",
            "verfy",
            Some("did you mean 'verify'?"),
        ),
        mistake(
            "dialect d\nop d.f (xs: ckks.ct..., ys: ckks.ct...) -> (r: ckks.ct)",
            "only one operand may be variadic, and then none optional",
            "(xs: ckks.ct..., ys: ckks.ct...)",
            None,
        ),
    ];
    check_all(&mistakes, |loaded, text| loaded.load_dialect(text, "user.dialect"));
}

#[test]
fn clauses_and_formats_that_do_not_exist() {
    let load_error = |source: &str| {
        let mut loaded = load().expect("the dialects load");
        let error = loaded.load_dialect(source, "user.dialect").expect_err("it is wrong");
        parts(&error, source)
    };
    let (message, under, _) = load_error("dialect d\nop d.f (x: ckks.ct) -> (r: ckks.ct) {\n  trait pure\n}");
    assert!(
        message.starts_with("expected a clause (attrs, ") && message.ends_with("but found 'trait'"),
        "{message}"
    );
    assert_eq!(under, "trait");
    let (message, under, _) =
        load_error("dialect d\nop d.f (x: ckks.ct) -> (r: ckks.ct) {\n  format \"$y attr-dict\"\n}");
    assert!(message.contains("'y'") || message.contains("'$y'"), "{message}");
    assert!(under.starts_with('$') || under.starts_with('y'), "{under}");
}

fn two_additions(loaded: &Loaded) -> Ir {
    let text = "module attributes {he.stage = \"ckks\"} {\n\
        func.func @main(%x: !ckks.ct<degree = 1>, %y: !ckks.ct<degree = 1>) -> !ckks.ct<degree = 1> {\n\
        %0 = ckks.sub %x, %y : !ckks.ct<degree = 1>, !ckks.ct<degree = 1>\n\
        func.return %0 : !ckks.ct<degree = 1>\n}\n}\n";
    programs::read(loaded, text)
}

fn run(session: &Session, ir: &mut Ir, group: &str) -> Result<String, Diagnostic> {
    let group = session.rules.group(group).expect("the group is declared");
    let stats = he_core::rewrite::rewrite_greedily(&session.registry, ir, group)?;
    Ok(format!("{:?}", stats.fired))
}

#[test]
fn rules_that_undo_each_other_end_with_their_names() {
    let mut loaded = load().expect("the dialects load");
    let rules = "group loop
rule there in loop: ckks.sub(%x, %y) => ckks.add(%x, ckks.neg(%y))
rule back in loop: ckks.add(%x, ckks.neg(%y)) => ckks.sub(%x, %y)
";
    loaded.load_rules(rules, "user.rules").unwrap_or_else(|error| panic!("{error}"));
    let mut ir = two_additions(&loaded);
    let error = run(&loaded.session, &mut ir, "loop").expect_err("it does not end");
    assert!(error.message.contains("'loop' does not end"), "{error}");
    assert!(error.message.contains("there") && error.message.contains("back"), "{error}");
    assert!(error.position.is_some(), "{error}");
}

#[test]
fn a_rewrite_that_changes_nothing_is_no_change() {
    let mut loaded = load().expect("the dialects load");
    let rules = "group same
rule same in same {
  match   %r = ckks.sub(%x, %y)
  where   one_use(%r) || true
  rewrite { replace %r with ckks.sub(%x, %y) }
}
";
    loaded.load_rules(rules, "user.rules").unwrap_or_else(|error| panic!("{error}"));
    let mut ir = two_additions(&loaded);
    let before = printed(&loaded, &ir, false);
    assert_eq!(run(&loaded.session, &mut ir, "same").as_deref(), Ok("{}"));
    assert_eq!(printed(&loaded, &ir, false), before);
}
