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
            "a int is never equal to a string",
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
