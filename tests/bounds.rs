//! Inputs that are deep, long or many: a result or an error, and no more. `benches/bounds.py` measures larger ones.

#[path = "support/programs.rs"]
mod programs;

use he_core::schema::verify;
use he_core::text::{PrintOptions, parse, print};

/// Reads, verifies and prints on a stack like that of the tools. The length of what is printed, or the errors.
fn run(text: &str) -> Result<usize, Vec<String>> {
    let work = || {
        let mut loaded = he_dialects::load().expect("the shipped dialects load");
        loaded.session.registry.allow_unregistered = true;
        let registry = &loaded.session.registry;
        let messages = |errors: Vec<he_core::support::Diagnostic>| {
            errors.into_iter().map(|error| error.message).collect::<Vec<_>>()
        };
        let mut ir = parse(registry, text, "in.mlir").map_err(messages)?;
        verify(registry, &mut ir).map_err(messages)?;
        let options = PrintOptions { generic: true, locations: true, ..PrintOptions::default() };
        Ok(print(registry, &ir, options).len())
    };
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(256 << 20).spawn_scoped(scope, work);
        thread.expect("a thread starts").join().expect("no input is a panic")
    })
}

/// The text is refused, with that error alone.
fn refused(text: &str, why: &str) {
    match run(text) {
        Ok(_) => panic!("accepted: {}", &text[..text.len().min(80)]),
        Err(errors) => {
            let told: Vec<_> =
                errors.iter().map(|error| error.chars().take(200).collect::<String>()).collect();
            assert!(errors.len() == 1 && errors[0].contains(why), "{told:?} is not {why}");
        }
    }
}

fn accepted(text: &str) -> usize {
    run(text).unwrap_or_else(|errors| panic!("{}", errors[0].chars().take(200).collect::<String>()))
}

fn attr(text: &str) -> String {
    format!("\"t.a\"() {{a = {text}}} : () -> ()\n")
}

fn typed(text: &str) -> String {
    format!("\"t.a\"() : () -> ({text})\n")
}

fn list(count: usize, item: impl Fn(usize) -> String) -> String {
    (0..count).map(item).collect::<Vec<_>>().join(", ")
}

#[test]
fn deep_nesting_is_an_error() {
    let n = 20_000;
    let deep = [
        format!("{}{}", "\"t.a\"() ({\n".repeat(n), "}) : () -> ()\n".repeat(n)),
        attr(&format!("{}{}", "[".repeat(n), "]".repeat(n))),
        attr(&format!("{}1{}", "{a = ".repeat(n), "}".repeat(n))),
        attr(&format!("dense<{}1{}> : tensor<1xi32>", "[".repeat(n), "]".repeat(n))),
        typed(&format!("{}i1{}", "tuple<".repeat(n), ">".repeat(n))),
        typed(&format!("{}i1{}", "(".repeat(n), ") -> ()".repeat(n))),
        format!("\"t.a\"() : () -> () loc({}unknown{})\n", "fused[".repeat(n), "]".repeat(n)),
        format!("\"t.a\"() : () -> () loc({}unknown{})\n", "callsite(\"a\" at ".repeat(n), ")".repeat(n)),
        attr(&format!("affine_map<(d0) -> ({}d0{})>", "(".repeat(n), ")".repeat(n))),
        attr(&format!("affine_map<(d0) -> ({}d0)>", "-".repeat(n))),
    ];
    deep.iter().for_each(|text| refused(text, "nesting is deeper than 1000"));
    // Brackets that never close hide the end of the text, not the depth.
    refused(&attr(&"[".repeat(n)), "nesting is deeper than 1000");
}

#[test]
fn bodies_of_opaque_types_nest_without_bound() {
    let n = 50_000;
    accepted(&typed(&format!("!t.x{}{}", "<".repeat(n), ">".repeat(n))));
    refused(&typed(&format!("!t.x{}", "<".repeat(n))), "unbalanced bracket");
}

#[test]
fn long_lines_names_and_lists() {
    let name = "x".repeat(200_000);
    accepted(&"\"t.a\"() : () -> () ".repeat(20_000));
    accepted(&format!("\"t.{name}\"() : () -> ()\n"));
    accepted(&format!("%{name} = \"t.a\"() : () -> i32\n\"t.b\"(%{name}) : (i32) -> ()\n"));
    accepted(&format!("func.func private @{name}()\n"));
    accepted(&format!("#{name} = 1\n{}", attr(&format!("#{name}"))));
    refused(&format!("\"t.b\"(%{name}) : (i32) -> ()\n"), "use of undeclared SSA value");
    accepted(&format!("\"t.a\"() {{{}}} : () -> ()\n", list(50_000, |i| format!("a{i}"))));
    let twice = format!("\"t.a\"() {{{}, a7}} : () -> ()\n", list(100, |i| format!("a{i}")));
    refused(&twice, "duplicate key 'a7'");
    let both = format!("\"t.a\"() <{{b}}> {{{}, b}} : () -> ()\n", list(100, |i| format!("a{i}")));
    refused(&both, "'b' stands in the properties and in the attributes");
    accepted(&attr(&format!("[{}]", list(100_000, |i| i.to_string()))));
}

#[test]
fn sizes_that_overflow() {
    accepted(&attr("dense<1> : tensor<4294967296x4294967296xi8>"));
    let text = "the type has more elements than memory could hold";
    refused(&attr("dense<[1]> : tensor<4294967296x4294967296xi8>"), text);
    refused("%0:4294967295 = \"t.a\"() : () -> i32\n", "but 4294967295 are named");
    refused("\"t.a\"(%0#4294967295) : (i32) -> ()\n", "use of undeclared SSA value");
    refused(&typed("tensor<99999999999999999999xi1>"), "dimension does not fit in 64 bits");
}

#[test]
fn numbers_of_many_digits() {
    let digits = "1".repeat(1_000_000);
    refused(&attr(&digits), "the integer does not fit in i64");
    refused(&attr(&format!("{digits} : i16777215")), "the integer does not fit in i16777215");
    refused(&typed(&format!("i{digits}")), "is larger than 16777215");
    accepted(&attr(&format!("1.{digits}")));
    accepted(&attr(&format!("{}1", "0".repeat(30_000))));
    refused(&format!("\"t.a\"(%0#{digits}) : (i32) -> ()\n"), "expected a result number");
}

#[test]
fn aliases_do_not_grow_without_bound() {
    let doubling = |n: usize| {
        let types: String = (1..n).map(|i| format!("!a{i} = tuple<!a{0}, !a{0}>\n", i - 1)).collect();
        format!("!a0 = i1\n{types}{}", typed(&format!("!a{}", n - 1)))
    };
    accepted(&doubling(10));
    refused(&doubling(64), "stand for more than");
    let locations: String =
        (1..64).map(|i| format!("#l{i} = loc(callsite(#l{0} at #l{0}))\n", i - 1)).collect();
    refused(&format!("#l0 = loc(\"a\")\n{locations}\"t.a\"() : () -> () loc(#l63)\n"), "stand for more than");
    // Fused locations hold each part once.
    let fused: String =
        (1..10).map(|i| format!("#l{i} = loc(fused[#l{0}, #l{0}, \"b\"])\n", i - 1)).collect();
    let printed = run(&format!("#l0 = loc(\"a\")\n{fused}\"t.a\"() : () -> () loc(#l9)\n"));
    assert!(printed.is_ok_and(|length| length < 200));
}

#[test]
fn affine_expressions_are_bounded() {
    let sum = |n: usize| attr(&format!("affine_map<(d0, d1) -> ({})>", vec!["d0 * 2 + d1"; n].join(" + ")));
    accepted(&sum(1000));
    refused(&sum(20_000), "the affine expression has more than 4096 operations");
    accepted(&attr(&format!(
        "affine_map<({}) -> ({})>",
        list(5000, |i| format!("d{i}")),
        list(5000, |i| format!("d{i}"))
    )));
}

#[test]
fn at_most_twenty_errors() {
    let errors = run(&"\"t.a\"(%0 : () -> ()\n".repeat(10_000)).unwrap_err();
    assert_eq!(errors.len(), 20);
    let errors = run(&"nn.no\n".repeat(10_000)).unwrap_err();
    assert_eq!(errors.len(), 20);
    // What is no op after an error is silent, however long it is.
    assert_eq!(run(&format!("nn.no\n{}", ")\n^a:\n".repeat(10_000))).unwrap_err().len(), 1);
}
