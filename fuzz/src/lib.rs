//! What the fuzz targets check, one function a target. Each panics where a promise is broken; `tests/fuzz_seeds.rs`
//! replays the seeds through the same functions.

use he_core::pass::{PassInstance, PassTable, parse_pipeline, pipeline_text};
use he_core::rewrite::RuleSet;
use he_core::schema::{Registry, verify};
use he_core::support::{Diagnostic, Position};
use he_core::text::{PrintOptions, parse, print, token_spans};
use he_dialects::Loaded;

/// The name of the rules that are fuzzed; those of the dialects have other ones.
const RULES_FILE: &str = "in.rules";

/// Everything that is loaded, once a thread.
fn with_loaded(check: impl FnOnce(&Loaded)) {
    thread_local! {
        static LOADED: Loaded = {
            let mut loaded = he_dialects::load().expect("the shipped dialects load");
            loaded.session.registry.allow_unregistered = true;
            loaded
        };
    }
    LOADED.with(check);
}

/// The text as he-opt reads a file.
fn text_of(data: &[u8]) -> String {
    he_core::support::text_of_bytes(data.to_vec())
}

/// An error points into the text, or into another file, and says something.
fn check_error(error: &Diagnostic, text: &str) {
    assert!(!error.message.is_empty());
    let inside = |position: &Position| {
        if position.file.ends_with(".rules") && position.file != RULES_FILE {
            return;
        }
        let line = text.split('\n').nth(position.line as usize - 1);
        let line = line.unwrap_or_else(|| panic!("{error}: there is no such line"));
        assert!(position.column as usize <= line.len() + 1, "{error}: the column is outside of its line");
    };
    error.position.iter().for_each(inside);
    error.notes.iter().filter_map(|(position, _)| position.as_ref()).for_each(inside);
}

/// Tokens are in order, do not overlap, and are cut between characters.
pub fn lexer(data: &[u8]) {
    let text = text_of(data);
    let mut end = 0;
    for span in token_spans(&text) {
        assert!(end <= span.start && span.start < span.end && span.end <= text.len(), "{span:?} after {end}");
        assert!(text.get(span.clone()).is_some(), "{span:?} is cut inside of a character");
        end = span.end;
    }
}

/// Reading and verifying yields a program, or errors that point into the text.
pub fn parser(data: &[u8]) {
    let text = text_of(data);
    with_loaded(|loaded| {
        let registry = &loaded.session.registry;
        let checked = parse(registry, &text, "in").map(|mut ir| verify(registry, &mut ir));
        if let Err(errors) = checked {
            assert!(!errors.is_empty());
            errors.iter().for_each(|error| check_error(error, &text));
        }
    });
}

/// What verifies reads back as it was printed, in both forms, with and without locations.
pub fn round_trip(data: &[u8]) {
    let text = text_of(data);
    with_loaded(|loaded| {
        let registry = &loaded.session.registry;
        let read = |text: &str| {
            let mut ir = parse(registry, text, "in").map_err(|errors| errors[0].to_string())?;
            verify(registry, &mut ir).map_err(|errors| errors[0].to_string())?;
            Ok::<_, String>(ir)
        };
        let Ok(ir) = read(&text) else { return };
        for (generic, locations) in [(false, false), (false, true), (true, false), (true, true)] {
            let options = PrintOptions { generic, locations, ..PrintOptions::default() };
            let first = print(registry, &ir, options);
            let again = read(&first).unwrap_or_else(|error| panic!("{error}\n{first}"));
            let second = print(registry, &again, options);
            assert!(first == second, "became something else:\n{first}\n----\n{second}");
        }
    });
}

/// A `.dialect` file loads, or the error points into it. What it declares can be used.
pub fn dialect(data: &[u8]) {
    let text = text_of(data);
    with_loaded(|loaded| {
        let mut registry: Registry = loaded.session.registry.clone();
        match registry.load_dialect(&text, "in.dialect") {
            Err(error) => check_error(&error, &text),
            Ok(()) => {
                let module = "module {}\n";
                let read =
                    parse(&registry, module, "in").map(|ir| print(&registry, &ir, PrintOptions::default()));
                assert!(read.is_ok(), "a module is none any more: {:?}", read.err());
            }
        }
    });
}

/// A `.rules` file loads, or the error points into it.
pub fn rules(data: &[u8]) {
    let text = text_of(data);
    with_loaded(|loaded| {
        let mut rules: RuleSet = loaded.session.rules.clone();
        let mut refuse = |_: &str, _: &str| Err("there are no other files".to_owned());
        let loads = rules.load_with_imports(&loaded.session.registry, &text, RULES_FILE, &mut refuse);
        let warnings = rules.take_warnings();
        loads.err().iter().chain(&warnings).for_each(|error| check_error(error, &text));
    });
}

/// A pipeline reads back as it is written, or the error points into it.
pub fn pipeline(data: &[u8]) {
    let text = text_of(data);
    with_loaded(|loaded| {
        let table: &PassTable = &loaded.session.passes;
        match parse_pipeline(table, &text) {
            Err(error) => check_error(&error, &text),
            Ok(passes) => {
                let written = pipeline_text("builtin.module", &passes);
                let again = parse_pipeline(table, &written);
                // Passes stand elsewhere in what is written.
                let placeless = |passes: Vec<PassInstance>| -> Vec<PassInstance> {
                    passes.into_iter().map(|pass| PassInstance { place: None, ..pass }).collect()
                };
                assert_eq!(again.map(placeless), Ok(placeless(passes)), "{written}");
            }
        }
    });
}
