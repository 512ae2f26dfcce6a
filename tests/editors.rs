//! The editor grammars load: JSON, files that are there, and expressions that compile and find what they are for.

use std::path::PathBuf;

use regex::Regex;
use serde_json::Value;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("editors/vscode")
}

fn json(path: &str) -> Value {
    let text = std::fs::read_to_string(folder().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// TextMate looks around, this crate does not: what looks around is left out.
fn compiled(pattern: &str) -> Regex {
    let plain = Regex::new(r"\(\?<?[!=](?:\[[^\]]*\]|\\.|[^()])*\)").expect("it is valid");
    let pattern = plain.replace_all(pattern, "");
    Regex::new(&pattern).unwrap_or_else(|error| panic!("{pattern}: {error}"))
}

/// The scope that a grammar gives to a line's first match of its first fitting pattern.
fn scope_of(grammar: &Value, text: &str) -> Option<String> {
    let patterns = grammar["patterns"].as_array().expect("there are patterns");
    let fits = |pattern: &&Value| {
        let expression = compiled(pattern["match"].as_str().expect("a text"));
        expression.find(text).is_some_and(|found| found.start() == 0)
    };
    patterns.iter().find(fits).map(|pattern| pattern["name"].as_str().expect("a text").to_owned())
}

#[test]
fn every_grammar_of_the_extension_loads() {
    let package = json("package.json");
    json("language-configuration.json");
    let grammars = package["contributes"]["grammars"].as_array().expect("there are grammars");
    let names: Vec<_> =
        grammars.iter().map(|grammar| grammar["scopeName"].as_str().expect("a text")).collect();
    assert_eq!(names, ["source.he-rules", "source.he-dialect", "source.he-mlir"]);
    for grammar in grammars {
        let file = json(grammar["path"].as_str().expect("a text"));
        assert_eq!(file["scopeName"], grammar["scopeName"]);
        for pattern in file["patterns"].as_array().expect("there are patterns") {
            compiled(pattern["match"].as_str().expect("a text"));
        }
    }
}

#[test]
fn words_have_their_scopes() {
    let rules = json("syntaxes/rules.tmLanguage.json");
    let scope = |text: &str| scope_of(&rules, text).unwrap_or_default();
    assert_eq!(scope("rule add-zero in g"), "keyword.control");
    assert_eq!(scope("%x"), "variable.other");
    assert_eq!(scope("ckks.add(%x, %y)"), "entity.name.function");
    assert_eq!(scope("//# in"), "comment.line.test");
    assert_eq!(scope("/// x = x"), "comment.line.documentation");
    let dialect = json("syntaxes/dialect.tmLanguage.json");
    assert_eq!(scope_of(&dialect, "verify  x").as_deref(), Some("keyword.control"));
    let mlir = json("syntaxes/mlir.tmLanguage.json");
    assert_eq!(scope_of(&mlir, "!ckks.ct<degree = 1>").as_deref(), Some("storage.type"));
}
