//! The rule language: what is found when a file is loaded, beyond tests/rules.rs.

#[path = "support/mistakes.rs"]
mod mistakes;

use he_dialects::load;
use mistakes::{check_all, mistake};

#[test]
fn further_mistakes_in_rules_are_found_at_load() {
    let mistakes = [
        mistake(
            "group g\nrule r in g: packed.rotate(%x) {by = $k} where $k < 2 && $k > 5 => %x",
            "this never holds: no number fulfils this and the conditions before it",
            "$k < 2 && $k > 5",
            None,
        ),
        mistake(
            "group g\nrule r in g: packed.rotate(%x) {by = $k} where $k == \"a\" => %x",
            "an int is never equal to a string",
            "$k == \"a\"",
            None,
        ),
        mistake(
            "group g\nrule r in g: packed.rotate(%x) {by = $k} where %x.slot == 2 => %x",
            "packed.vec has no field 'slot'",
            "%x.slot == 2",
            Some("did you mean 'slots'?"),
        ),
        mistake(
            "group g\nrule r in g: nn.neg(ckks.neg(%x)) => %x",
            "its result is ckks.ct, but operand 0 of 'nn.neg' is a ranked tensor: this never matches",
            "ckks.neg(%x)",
            None,
        ),
        mistake(
            "group g\nrule r in g: packed.neg((packed.neg(%x) | packed.sub(%y, _))) => %x",
            "'%x' is not bound by the pattern",
            "%x",
            None,
        ),
        mistake(
            "group g\nrule r in g: packed.neg(%x : !packed.vek<slots = 8>) => %x",
            "unknown type '!packed.vek'",
            "packed.vek",
            Some("did you mean '!packed.vec'?"),
        ),
        mistake(
            "group g\nnative predicate one_use(int)",
            "'one_use' is declared as (int) -> bool, but it is (value) -> bool",
            "one_use",
            None,
        ),
        mistake(
            "group g\nrule r in g allow speed \"it is fast\": packed.neg(packed.neg(%x)) => %x",
            "there is no check 'speed'",
            "speed",
            Some("the checks are cost, overlap"),
        ),
        mistake(
            "import \"other.rules\"",
            "cannot import 'other.rules': this text is not a file",
            "import \"other.rules\"",
            None,
        ),
    ];
    check_all(&mistakes, |loaded, text| loaded.load_rules(text, "user.rules"));
}

#[test]
fn files_that_import_each_other_are_refused() {
    let mut loaded = load().expect("the dialects load");
    let mut files = |_: &str, path: &str| {
        let text = if path == "b.rules" { "import \"a.rules\"" } else { "import \"b.rules\"" };
        Ok(he_core::rewrite::Imported { file: path.to_owned(), text: text.to_owned() })
    };
    let error = loaded.load_rules_with("import \"b.rules\"", "a.rules", &mut files).expect_err("a circle");
    assert_eq!(error.message, "files import each other: a.rules -> b.rules -> a.rules");
}

#[test]
fn rules_of_equal_benefit_that_overlap_are_warned_about() {
    let mut loaded = load().expect("the dialects load");
    let rules = "group g\nrule a in g: packed.sub(%x, packed.neg(%y)) => packed.add(%x, %y)\n\
                 rule b in g: packed.sub(packed.neg(%x), %y) => packed.neg(packed.add(%x, %y))\n";
    loaded.load_rules(rules, "user.rules").unwrap_or_else(|error| panic!("{error}"));
    let warnings = loaded.session.rules.take_warnings();
    let wanted =
        "rules 'a' and 'b' fit the same op and have equal benefit: the one that is written first fires";
    assert_eq!(warnings.iter().map(|w| w.message.as_str()).collect::<Vec<_>>(), [wanted]);
}

#[test]
fn many_rules_load_in_linear_time_and_deep_nesting_is_refused() {
    let mut loaded = load().expect("the dialects load");
    let mut text = "group g\n".to_owned();
    for number in 0..20_000 {
        text += &format!(
            "rule r{number} in g: packed.rotate(%x) {{by = {number}}} => packed.rotate(%x) {{by = {}}}\n",
            number + 1_000_000
        );
    }
    loaded.load_rules(&text, "user.rules").unwrap_or_else(|error| panic!("{error}"));
    let deep = format!("group g\nrule r in g: {}%x{} => %x", "ckks.neg(".repeat(10_000), ")".repeat(10_000));
    let error = loaded.load_rules(&deep, "deep.rules").expect_err("it is too deep");
    assert_eq!(error.message, "nesting is deeper than 128");
}

fn rule_error(text: &str) -> String {
    let error =
        load().expect("the dialects load").load_rules(text, "user.rules").expect_err("it is too much");
    assert!(error.position.is_some(), "{error}");
    error.message
}

fn dialect_error(text: &str) -> String {
    let error =
        load().expect("the dialects load").load_dialect(text, "user.dialect").expect_err("it is too much");
    assert!(error.position.is_some(), "{error}");
    error.message
}

#[test]
fn what_is_too_much_is_refused_with_a_reason() {
    let long = "an expression has at most 1000 operators or fields in a row";
    let condition = |text: &str| format!("group g\nrule r in g: ckks.neg(%x) where {text} => %x");
    assert_eq!(rule_error(&condition(&format!("1 == {}1", "1 + ".repeat(6000)))), long);
    assert_eq!(rule_error(&condition(&format!("{}true", "not ".repeat(6000)))), long);
    assert_eq!(rule_error(&condition(&format!("{}1 == 1", "-".repeat(6000)))), long);
    assert_eq!(rule_error(&condition(&format!("%x{} == 1", ".a".repeat(6000)))), long);
    assert_eq!(
        rule_error(&condition(&format!("{}1{}", "(".repeat(10_000), ")".repeat(10_000)))),
        "nesting is deeper than 128"
    );
    let doubling = |number: usize| format!("function f{}($x) = f{number}($x) + f{number}($x)\n", number + 1);
    let functions: String = (0..60).map(doubling).collect();
    let message = rule_error(&format!("function f0($x) = $x + $x\n{functions}"));
    assert_eq!(message, "with 'f9' written out this has more than 10000 parts");
    let names: String =
        (0..60).map(|number| format!("//# let A{} = A{number} A{number}\n", number + 1)).collect();
    let message = rule_error(&format!("group g\n//# let A0 = xxxxxxxxxxxxxxxx\n{names}"));
    assert_eq!(message, "the tests have more than 67108864 bytes once names are written out");
    let operands = ["(nn.neg(_) | nn.relu(_))"; 7].join(", ");
    let rule = |number: usize| {
        format!(
            "rule r{number} in g: nn.concat(%x = (nn.neg(_) | nn.relu(_)), {operands}) where one_use(%x) => %x\n"
        )
    };
    let rules: String = (0..1000).map(rule).collect();
    let wanted = "the rules have more than 4000000 patterns and conditions once alternatives and definitions are written out";
    assert_eq!(rule_error(&format!("group g\n{rules}")), wanted);
    let large = " ".repeat((16 << 20) + 1);
    assert_eq!(rule_error(&large), "file has 16777217 bytes; at most 16777216 are read");
    assert_eq!(dialect_error(&large), "file has 16777217 bytes; at most 16777216 are read");

    let operands: Vec<String> = (0..2000).map(|number| format!("x{number}: ckks.ct")).collect();
    assert_eq!(
        dialect_error(&format!("dialect d\nop d.f ({})", operands.join(", "))),
        "there are more than 1000 names here"
    );
    let words: Vec<String> = (0..2000).map(|number| format!("w{number}")).collect();
    assert_eq!(
        dialect_error(&format!("dialect d\nenum e {{ {} }}", words.join(", "))),
        "there are more than 1000 names here"
    );
    let kernel = |number: usize, body: &str| {
        format!(
            "op d.f{number} (x: ckks.ct) -> (r: ckks.ct) {{ infer r = type(x) kernel {{ yield {body} }} }}\n"
        )
    };
    let first = kernel(0, "ckks.neg(%x)");
    let twice: String = (1..40).map(|n| kernel(n, &format!("d.f{m}(d.f{m}(%x))", m = n - 1))).collect();
    assert_eq!(
        dialect_error(&format!("dialect d\n{first}{twice}")),
        "the kernel stands for more than 100000 ops"
    );
    let once: String = (1..80).map(|n| kernel(n, &format!("d.f{}(%x)", n - 1))).collect();
    assert_eq!(dialect_error(&format!("dialect d\n{first}{once}")), "kernels are nested deeper than 64");
    let deep =
        format!("dialect d\nop d.f (x: ckks.ct) {{ verify {}1{} }}", "(".repeat(10_000), ")".repeat(10_000));
    assert_eq!(dialect_error(&deep), "nesting is deeper than 128");
}

#[test]
fn brackets_in_comments_and_texts_are_not_nesting() {
    let mut loaded = load().expect("the dialects load");
    let open = "// an interval [0, 1)\n".repeat(500);
    loaded.load_rules(&format!("group g\n{open}"), "user.rules").unwrap_or_else(|error| panic!("{error}"));
    let open = "// an interval (0, 1\n".repeat(500);
    let text = format!("{open}group h\nrule r in h: ckks.neg(%x) where one_use(%x) else \"(((\" => %x\n");
    loaded.load_rules(&text, "other.rules").unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn many_ops_load_and_their_names_are_found() {
    let mut loaded = load().expect("the dialects load");
    let op = |number: usize| {
        format!(
            "op d.f{number} (x: ckks.ct) -> (r: ckks.ct) {{ attrs a: int = {number} verify x.level > 0 infer r = type(x) \
             format \"$x attr-dict `:` type($x)\" }}\n"
        )
    };
    let ops: String = (0..20_000).map(op).collect();
    loaded.load_dialect(&format!("dialect d\n{ops}"), "d.dialect").unwrap_or_else(|error| panic!("{error}"));
    assert!(loaded.session.registry.op_def_named("d.f19999").is_some());
}

#[test]
fn there_is_an_end_to_warnings() {
    let mut loaded = load().expect("the dialects load");
    let rule = |number: usize| {
        format!(
            "rule r{number} in g: packed.sub(packed.rotate(%x) {{by = {number}}}, %y) => packed.add(%x, %y)\n"
        )
    };
    let rules: String = (1..300).map(rule).collect();
    let text =
        format!("group g\nrule r0 in g: packed.sub(%x, packed.neg(%y)) => packed.add(%x, %y)\n{rules}");
    loaded.load_rules(&text, "user.rules").unwrap_or_else(|error| panic!("{error}"));
    let warnings = loaded.session.rules.take_warnings();
    assert_eq!(warnings.len(), 101);
    assert_eq!(warnings[100].message, "there are more warnings about these rules");
}

#[test]
fn shipped_rules_raise_no_cost() {
    let loaded = load().expect("the dialects load");
    let registry = &loaded.session.registry;
    let rules = loaded.session.rules.groups().flat_map(|group| group.rules());
    let warnings = rules
        .filter_map(|rule| he_core::rewrite::cost_warning(registry, rule, &he_dialects::ckks::cost::PRICES));
    let warnings: Vec<String> = warnings.map(|warning| warning.message).collect();
    assert!(warnings.is_empty(), "{}", warnings.join("\n"));
}

#[test]
fn a_rule_may_raise_the_cost_with_a_reason_or_on_ops_without_one() {
    let mut loaded = load().expect("the dialects load");
    let rules = "group g\n\
        rule allowed in g allow cost \"cse shares it\": ckks.neg(%x) => ckks.rotate(ckks.rotate(%x) {by = 1}) {by = 2}\n\
        rule guarded in g {\n  match %r = ckks.add(%a = ckks.mul_plain(%x, %p), %b = ckks.mul_plain(%y, %p))\n  \
        where one_use(%a) && one_use(%b)\n  rewrite { replace %r with ckks.mul_plain(ckks.add(%x, %y), %p) }\n}\n\
        rule packed in g: packed.neg(%x) => packed.rotate(packed.rotate(%x) {by = 1}) {by = 2}\n";
    loaded.load_rules(rules, "user.rules").unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(loaded.session.rules.take_warnings(), []);
}

/// Ops without a `cost` clause cost what their kernels are made of: in rules and in reports.
const TWICE: &str = "dialect d
op d.twice (x: ckks.ct) -> (r: ckks.ct) {
  stages ckks, leveled
  traits pure
  infer  r = type(x)
  kernel { yield ckks.rotate(ckks.rotate(%x) {by = 1}) {by = 2} }
  format \"$x attr-dict `:` type($x)\"
}
op d.sum (xs: ckks.ct...) -> (r: ckks.ct) {
  stages ckks, leveled
  traits pure
  infer  level = first(xs.level), scale = first(xs.scale), degree = maximum(xs.degree)
  kernel reduce ckks.add
  format \"$xs attr-dict `:` type($xs)\"
}
";

#[test]
fn a_rule_on_kernels_is_priced_by_what_they_are_made_of() {
    let mut loaded = load().expect("the dialects load");
    loaded.load_dialect(TWICE, "d.dialect").unwrap_or_else(|error| panic!("{error}"));
    let rules = "group g\n\
        rule cheaper in g: d.twice(%x) => ckks.rotate(%x) {by = 3}\n\
        rule dearer in g: ckks.conjugate(%x) => d.twice(%x)\n\
        rule sums in g: ckks.add(%x, ckks.neg(%y)) => d.sum(%x, %y, %y, %y)\n";
    loaded.load_rules(rules, "user.rules").unwrap_or_else(|error| panic!("{error}"));
    let warnings = loaded.session.rules.take_warnings();
    let found: Vec<_> = warnings.iter().map(|w| w.message.split('(').next().unwrap_or("")).collect();
    let wanted = [
        "rule 'dearer' raises the cost: it replaces 1 conjugate ",
        "rule 'sums' raises the cost: it replaces 1 add, 1 neg ",
    ];
    assert_eq!(found, wanted);
    assert!(warnings[0].message.contains("by 2 rotate ("), "{}", warnings[0]);
    assert!(warnings[1].message.contains("by 3 add ("), "{}", warnings[1]);
}
