//! What is printed reads back as what was printed: over every program of the repository, and over random ones.

#[path = "support/programs.rs"]
mod programs;

use std::fmt::Write;
use std::path::{Path, PathBuf};

use he_core::text::{PrintOptions, parse, print};
use he_dialects::{Loaded, load};
use programs::{root, try_read};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRng, TestRunner};

/// Random programs that are tried.
const RANDOM_PROGRAMS: u32 = 400;

/// Prints and reads `text` in each form, with and without locations. The error shows the line that changed.
fn check(loaded: &Loaded, text: &str) -> Result<(), String> {
    let registry = &loaded.session.registry;
    let read =
        |text: &str| parse(registry, text, "t.mlir").map_err(|errors| format!("{}\n{text}", errors[0]));
    let ir = read(text)?;
    let reference = print(registry, &ir, PrintOptions { generic: true, ..PrintOptions::default() });
    for (generic, locations) in [(false, false), (false, true), (true, false), (true, true)] {
        let options = PrintOptions { generic, locations, ..PrintOptions::default() };
        let first = print(registry, &ir, options);
        let again = read(&first)?;
        let second = print(registry, &again, options);
        if let Some((a, b)) = first.lines().zip(second.lines()).find(|(a, b)| a != b) {
            return Err(format!("generic {generic}, locations {locations}:\n{a}\nbecame\n{b}"));
        }
        // The pretty form says the same as the generic one.
        let generic = print(registry, &again, PrintOptions { generic: true, ..PrintOptions::default() });
        // A function's pretty form has no place for an empty list, in MLIR neither.
        let reference = reference.replace("arg_attrs = [], ", "");
        let generic = generic.replace("arg_attrs = [], ", "");
        if let Some((a, b)) = reference.lines().zip(generic.lines()).find(|(a, b)| a != b) {
            return Err(format!(
                "read from form generic {generic}, locations {locations}:\n{a}\nbecame\n{b}"
            ));
        }
    }
    Ok(())
}

fn loaded() -> Loaded {
    let mut loaded = load().expect("the shipped dialects load");
    loaded.session.registry.allow_unregistered = true;
    loaded
}

fn mlir_files(folder: &Path, found: &mut Vec<PathBuf>) {
    let entries = std::fs::read_dir(folder).expect("the folder exists");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("the entry is readable").path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            mlir_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "mlir") {
            found.push(path);
        }
    }
}

#[test]
fn programs_of_the_repository_are_fixed_points() {
    let loaded = loaded();
    let mut files = Vec::new();
    mlir_files(&root().join("tests"), &mut files);
    mlir_files(&root().join("examples"), &mut files);
    let (mut tried, mut failures) = (0, Vec::new());
    for file in &files {
        let Ok(text) = std::fs::read_to_string(file) else { continue };
        for part in text.split("// -----\n") {
            // What is refused is the business of the tests of errors.
            if try_read(&loaded, part).is_err() {
                continue;
            }
            tried += 1;
            if let Err(why) = check(&loaded, part) {
                failures.push(format!("{}: {why}", file.display()));
            }
        }
    }
    assert!(tried > 900, "only {tried} programs were read");
    assert!(failures.is_empty(), "{} of {tried}:\n{}", failures.len(), failures.join("\n"));
}

// ---- random programs

/// An op as it is generated; operands are picks among the values that are visible where it ends up.
#[derive(Clone, Debug)]
struct RandomOp {
    name: &'static str,
    operands: Vec<prop::sample::Index>,
    results: Vec<String>,
    attrs: Vec<String>,
    properties: Option<String>,
    loc: String,
    regions: Vec<Vec<RandomBlock>>,
}

#[derive(Clone, Debug)]
struct RandomBlock {
    args: Vec<String>,
    ops: Vec<RandomOp>,
}

fn types() -> BoxedStrategy<String> {
    let leaves = prop::sample::select(vec![
        "i1",
        "i8",
        "si16",
        "ui32",
        "i64",
        "i777",
        "index",
        "none",
        "f16",
        "bf16",
        "f32",
        "f64",
        "f8E5M2",
        "tf32",
        "!d.x",
        "!d.x<a, [1, 2], {b = \"c>\"}>",
        "complex<f32>",
        "tensor<*xf32>",
        "memref<4xi8, 1>",
    ]);
    let leaf = leaves.prop_map(str::to_owned);
    leaf.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3)
                .prop_map(|types| format!("tuple<{}>", types.join(", "))),
            (prop::collection::vec(inner.clone(), 0..3), prop::collection::vec(inner, 0..3))
                .prop_map(|(from, to)| format!("({}) -> ({})", from.join(", "), to.join(", "))),
            (prop::collection::vec(1..9i64, 0..3), prop::bool::ANY).prop_map(|(dims, dynamic)| {
                let mut shape: String = dims.iter().map(|dim| format!("{dim}x")).collect();
                shape += if dynamic { "?x" } else { "" };
                format!("tensor<{shape}f32>")
            }),
        ]
    })
    .boxed()
}

fn attrs() -> BoxedStrategy<String> {
    let leaf = prop_oneof![
        any::<i64>().prop_map(|value| value.to_string()),
        any::<i8>().prop_map(|value| format!("{value} : i8")),
        any::<u16>().prop_map(|value| format!("{value} : ui16")),
        any::<u32>().prop_map(|bits| format!("0x{bits:08X} : f32")),
        any::<u64>().prop_map(|bits| format!("0x{bits:016X} : f64")),
        any::<u16>().prop_map(|bits| format!("0x{bits:04X} : bf16")),
        prop::collection::vec(any::<u8>(), 0..6).prop_map(|bytes| {
            let escaped: String = bytes.iter().map(|byte| format!("\\{byte:02X}")).collect();
            format!("\"{escaped}\"")
        }),
        "[ -~&&[^\"\\\\]]{0,12}".prop_map(|text| format!("\"{text}\"")),
        Just("unit".to_owned()),
        any::<bool>().prop_map(|value| value.to_string()),
        types(),
        prop::collection::vec(any::<i32>(), 0..5)
            .prop_map(|values| format!("dense<{values:?}> : tensor<{}xi32>", values.len())),
        prop::collection::vec(any::<i8>(), 1..5).prop_map(|v| format!(
            "array<i8: {}>",
            v.iter().map(i8::to_string).collect::<Vec<_>>().join(", ")
        )),
        Just("@a::@\"b c\"".to_owned()),
        Just("affine_map<(d0, d1)[s0] -> (d0 + s0, d1 floordiv 2)>".to_owned()),
        Just("#d.y<\"-> >\", (1)>".to_owned()),
        Just("loc(fused<\"m\">[\"a\":1:2, unknown])".to_owned()),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(|items| format!("[{}]", items.join(", "))),
            prop::collection::vec(inner, 0..3).prop_map(|items| {
                let entries: Vec<_> =
                    items.iter().enumerate().map(|(i, item)| format!("k{i} = {item}")).collect();
                format!("{{{}}}", entries.join(", "))
            }),
        ]
    })
    .boxed()
}

fn locs() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        Just(" loc(unknown)".to_owned()),
        (1..99u32, 1..99u32).prop_map(|(line, column)| format!(" loc(\"m.py\":{line}:{column})")),
        (1..9u32).prop_map(|line| format!(" loc(callsite(\"f\"(\"x\":{line}:1) at \"y\":2:{line} to :9))")),
    ]
}

fn ops() -> impl Strategy<Value = RandomOp> {
    let flat = (
        prop::sample::select(vec!["d.op", "d.op_2", "e.x", "d.very.long$name"]),
        prop::collection::vec(any::<prop::sample::Index>(), 0..4),
        prop::collection::vec(types(), 0..4),
        prop::collection::vec(attrs(), 0..3),
        prop::option::of(attrs()),
        locs(),
    );
    let leaf = flat.prop_map(|(name, operands, results, attrs, property, loc)| RandomOp {
        name,
        operands,
        results,
        attrs,
        properties: property.map(|property| format!("{{p = {property}}}")),
        loc,
        regions: Vec::new(),
    });
    leaf.prop_recursive(3, 24, 4, |inner| {
        let block = (prop::collection::vec(types(), 0..3), prop::collection::vec(inner.clone(), 1..4))
            .prop_map(|(args, ops)| RandomBlock { args, ops });
        let regions = prop::collection::vec(prop::collection::vec(block, 1..3), 1..3);
        (inner, regions).prop_map(|(op, regions)| RandomOp { regions, ..op })
    })
}

/// Writes an op; `visible` are the values that it may use, `next` numbers names.
fn write_op(out: &mut String, op: &RandomOp, visible: &mut Vec<(String, String)>, next: &mut usize) {
    let mine = format!("%v{next}");
    *next += 1;
    match op.results.len() {
        0 => {}
        1 => *out += &format!("{mine} = "),
        count => *out += &format!("{mine}:{count} = "),
    }
    let operands: Vec<(String, String)> = match visible.is_empty() {
        true => Vec::new(),
        false => op.operands.iter().map(|pick| pick.get(visible).clone()).collect(),
    };
    let names: Vec<_> = operands.iter().map(|(name, _)| name.as_str()).collect();
    let _ = write!(out, "\"{}\"({})", op.name, names.join(", "));
    if let Some(properties) = &op.properties {
        let _ = write!(out, " <{properties}>");
    }
    if !op.regions.is_empty() {
        *out += " (";
        for (i, region) in op.regions.iter().enumerate() {
            *out += if i > 0 { ", {\n" } else { "{\n" };
            for block in region {
                // Another block's values do not dominate this one.
                let mut inside = visible.clone();
                let label = *next;
                *next += 1;
                let args: Vec<_> = block
                    .args
                    .iter()
                    .enumerate()
                    .map(|(i, ty)| (format!("%a{label}_{i}"), ty.clone()))
                    .collect();
                let listed: Vec<_> = args.iter().map(|(name, ty)| format!("{name}: {ty}")).collect();
                let _ = writeln!(out, "^b{label}({}):", listed.join(", "));
                inside.extend(args);
                block.ops.iter().for_each(|op| write_op(out, op, &mut inside, next));
            }
            *out += "}";
        }
        *out += ")";
    }
    if !op.attrs.is_empty() {
        let entries: Vec<_> = op.attrs.iter().enumerate().map(|(i, attr)| format!("a{i} = {attr}")).collect();
        let _ = write!(out, " {{{}}}", entries.join(", "));
    }
    let types: Vec<_> = operands.iter().map(|(_, ty)| ty.as_str()).collect();
    let _ = writeln!(out, " : ({}) -> ({}){}", types.join(", "), op.results.join(", "), op.loc);
    match op.results.as_slice() {
        [one] => visible.push((mine, one.clone())),
        many => visible.extend(many.iter().enumerate().map(|(i, ty)| (format!("{mine}#{i}"), ty.clone()))),
    }
}

#[test]
fn random_programs_are_fixed_points() {
    let loaded = loaded();
    let config = Config { cases: RANDOM_PROGRAMS, failure_persistence: None, ..Config::default() };
    let random = TestRng::deterministic_rng(config.rng_algorithm);
    let mut runner = TestRunner::new_with_rng(config, random);
    let programs = prop::collection::vec(ops(), 1..6);
    let result = runner.run(&programs, |ops| {
        let (mut text, mut visible, mut next) = (String::new(), Vec::new(), 0);
        ops.iter().for_each(|op| write_op(&mut text, op, &mut visible, &mut next));
        check(&loaded, &text).map_err(TestCaseError::fail)
    });
    if let Err(error) = result {
        panic!("{error}");
    }
}
