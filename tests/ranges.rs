//! Bounds hold: on random networks, with inputs at the ends of their ranges that leave no polynomial's domain, no value leaves
//! its interval at stage poly, nor its `he.bound` at stages packed and ckks.

#[path = "support/programs.rs"]
mod programs;

use std::fmt::Write;
use std::rc::Rc;

use he_core::exec::tensor::Tensor;
use he_core::exec::{Interpreter, RuntimeValue};
use he_core::ir::{Ir, OpId, Traits, TypeKind, ValueId};
use he_core::support::{Diagnostics, NoWeights};
use he_dialects::ckks::backend::Fake;
use he_dialects::ckks::bounds::stated_bound;
use he_dialects::lower::bounds::{Reading, bounds};
use he_dialects::nn::random::SplitMix64;
use he_dialects::{Loaded, func, load};
use he_tools::run::{BackendOptions, Program};
use programs::{compile, parameters, printed, sampled};

/// How many networks are checked in every run, and of all (`HE_OPT_TESTS=all`).
const SAMPLE: usize = 60;
const NETWORKS: usize = 400;
/// Rounding, relative to a bound.
const ROUNDING: f64 = 1e-9;
/// Slots of a ciphertext.
const SLOTS: u64 = 128;

struct Random(SplitMix64);

impl Random {
    fn below(&mut self, count: u64) -> u64 {
        self.0.bits() % count
    }

    fn pick<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[self.below(all.len() as u64) as usize]
    }
}

/// Ranges that hold 0 and that do not, in floats and in integers.
const RANGES: [&str; 7] =
    ["[-1.0, 1.0]", "[0.5, 1.0]", "[100, 101]", "[-3, 3]", "[-8.0, -7.5]", "[0, 1.0]", "[2.0, 2.0]"];

/// A network of linear layers, sums and products with constants and with one another, and activations.
fn network(random: &mut Random) -> String {
    let rows = 1 + random.below(2);
    let mut width = 1 + random.below(9);
    let mut text = format!(
        "func.func @main(%v0: tensor<{rows}x{width}xf32> {{nn.range = {}}}) -> tensor<",
        random.pick(&RANGES)
    );
    let mut body = String::new();
    let mut last = 0;
    // Values of the width of the last one, which can be added to it.
    let mut alike = vec![0];
    for number in 1..=2 + random.below(5) {
        let ty = format!("tensor<{rows}x{width}xf32>");
        let seed = random.below(1000);
        let mut op = random.below(8);
        if op == 7 && alike.len() < 2 {
            op = 0;
        }
        match op {
            0..=2 => {
                let outputs = 1 + random.below(9);
                let (inner, wide) = (width, format!("tensor<{rows}x{outputs}xf32>"));
                width = outputs;
                alike.clear();
                let _ = writeln!(
                    body,
                    "  %w{number} = \"nn.constant\"() {{value = #nn.random<seed = {seed}, std = 0.7>}} : () -> tensor<{outputs}x{inner}xf32>"
                );
                if op == 0 {
                    let _ = writeln!(
                        body,
                        "  %v{number} = nn.linear %v{last}, %w{number} : ({ty}, tensor<{outputs}x{inner}xf32>) -> {wide}"
                    );
                } else {
                    let _ = writeln!(
                        body,
                        "  %b{number} = \"nn.constant\"() {{value = #nn.random<seed = {seed}, std = 2.0>}} : () -> tensor<{outputs}xf32>\n\
                         \x20 %v{number} = nn.linear %v{last}, %w{number}, %b{number} : ({ty}, tensor<{outputs}x{inner}xf32>, tensor<{outputs}xf32>) -> {wide}"
                    );
                }
            }
            3 | 4 => {
                let op = random.pick(&["add", "sub", "mul"]);
                let _ = writeln!(
                    body,
                    "  %c{number} = \"nn.constant\"() {{value = #nn.random<seed = {seed}, std = 3.0>}} : () -> tensor<{width}xf32>\n\
                     \x20 %v{number} = nn.{op} %v{last}, %c{number} : ({ty}, tensor<{width}xf32>) -> {ty}"
                );
            }
            5 => {
                let op = random.pick(&["sigmoid", "tanh", "gelu", "silu"]);
                let _ = writeln!(body, "  %v{number} = nn.{op} %v{last} : {ty}");
            }
            6 => {
                let _ = writeln!(body, "  %v{number} = nn.neg %v{last} : {ty}");
            }
            _ => {
                let other = alike[random.below(alike.len() as u64) as usize];
                let op = random.pick(&["add", "sub"]);
                let _ = writeln!(body, "  %v{number} = nn.{op} %v{last}, %v{other} : ({ty}, {ty}) -> {ty}");
            }
        }
        last = number;
        alike.push(last);
    }
    let ty = format!("{rows}x{width}xf32>");
    let _ = writeln!(text, "{ty} {{\n{body}  return %v{last} : tensor<{ty}\n}}");
    text
}

/// Elements at one end of the range or the other.
fn corner(shape: &[usize], (lo, hi): (f64, f64), choose: &mut dyn FnMut() -> bool) -> Tensor {
    let count = shape.iter().product();
    let data = (0..count).map(|_| if choose() { hi } else { lo }).collect();
    Tensor::new(shape.to_vec(), data).expect("the shape fits")
}

/// The same program, whose entry returns all tensors and vectors of slots that it computes; and those values.
fn returning_all(ir: &Ir) -> (Ir, Vec<OpId>) {
    let mut all = ir.clone();
    let entry = func::entry(&all).expect("there is an entry");
    let block = all.body(entry).expect("it has a body");
    let is_packed = |ir: &Ir, value: ValueId| match ir.ctx.type_kind(ir.ty(value)) {
        TypeKind::Declared { name, .. } => ir.ctx.str(*name) == "packed.vec",
        TypeKind::Tensor { .. } => true,
        _ => false,
    };
    let ops = all.block_ops(block);
    let computing: Vec<OpId> = ops
        .iter()
        .copied()
        .filter(|op| !all.has_trait(*op, Traits::TERMINATOR) && is_packed(&all, all.result(*op, 0)))
        .collect();
    let values: Vec<ValueId> = computing.iter().map(|op| all.result(*op, 0)).collect();
    let last = *ops.last().expect("it ends");
    all.set_operands(last, &values);
    func::refresh_signature(&mut all, entry);
    (all, computing)
}

/// What each op of the entry at stage nn, poly or packed computes.
fn values(loaded: &Loaded, ir: &Ir, inputs: &[Tensor]) -> Vec<(OpId, Tensor)> {
    let (all, ops) = returning_all(ir);
    let registry = &loaded.session.registry;
    let entry = func::entry(&all).expect("there is an entry");
    let name = func::name(&all, entry).to_owned();
    let mut interpreter = Interpreter::new(registry, &loaded.kernels, &all, &NoWeights);
    let mut call = |function, args: &[RuntimeValue]| {
        interpreter.call(function, args, &mut Fake::exact(None), &mut Diagnostics::new()).expect("it runs")
    };
    let mut args: Vec<RuntimeValue> = Vec::new();
    for (index, input) in inputs.iter().enumerate() {
        let input: RuntimeValue = Rc::new(input.clone());
        match func::find(&all, &format!("{name}__encrypt__arg{index}")) {
            Some(encrypt) => args.extend(call(encrypt, &[input])),
            None => args.push(input),
        }
    }
    let results = call(entry, &args);
    let tensor = |value: &RuntimeValue| value.downcast_ref::<Tensor>().expect("a tensor").clone();
    ops.into_iter().zip(results.iter().map(tensor)).collect()
}

/// Whether an input left the domain of a polynomial: bounds assume that none does.
fn leaves_a_domain(warnings: &Diagnostics) -> bool {
    warnings.iter().any(|warning| warning.message.contains("outside of its domain"))
}

fn check(loaded: &Loaded, number: u64) -> Result<(), String> {
    let mut random = Random(SplitMix64::new(1000 + number));
    let text = network(&mut random);
    let params = parameters("1024", "60,50x30", "2^50");
    let strategy = random.pick(&["row_major", "column_major", "diagonal", "replicated", "auto"]);
    let degree = 4 + random.below(12);
    let from_nn = format!("approximate{{degree={degree}}}");
    let stages = [
        (from_nn.clone(), "poly"),
        (format!("{from_nn},fold-poly"), "poly"),
        (format!("{from_nn},fold-poly,pack{{strategy={strategy} slots={SLOTS}}}"), "packed"),
        (
            format!("{from_nn},pack{{strategy={strategy} slots={SLOTS}}},bsgs{{min-size=1}},expand-poly"),
            "packed",
        ),
        (
            format!("{from_nn},pack{{strategy={strategy} slots={SLOTS}}},bsgs{{min-size=1}},expand-poly"),
            "ckks",
        ),
        (format!("{from_nn},fold-poly,pack{{strategy={strategy} slots={SLOTS}}},expand-poly"), "ckks"),
    ];
    for (pipeline, stage) in stages {
        let fail = |why: String| format!("{pipeline} at {stage}: {why}\n{text}");
        let ir = match compile(loaded, &NoWeights, &text, &params, &pipeline, Some(stage)) {
            Ok(ir) => ir,
            Err(why) if why.contains("do not fit") || why.contains("cannot be packed yet") => continue,
            Err(why) => return Err(fail(why)),
        };
        let program = Program { loaded, ir: &ir, weights: &NoWeights, options: BackendOptions::default() };
        let arguments = program.arguments().map_err(|error| fail(error.to_string()))?;
        for attempt in 0..4 {
            let mut choose = || match attempt {
                0 => false,
                1 => true,
                _ => random.below(2) == 0,
            };
            let inputs: Vec<Tensor> = arguments
                .iter()
                .map(|argument| corner(&argument.shape, argument.range, &mut choose))
                .collect();
            let mut warnings = Diagnostics::new();
            program.execute(&inputs, &mut warnings).map_err(|error| fail(error.to_string()))?;
            if leaves_a_domain(&warnings) {
                continue;
            }
            if stage == "ckks" {
                let left = warnings.iter().find(|warning| warning.message.contains("tracked range"));
                if let Some(left) = left {
                    return Err(fail(format!("{}\n{}", left.message, printed(loaded, &ir, false))));
                }
                continue;
            }
            let entry = func::entry(&ir).map_err(|error| fail(error.to_string()))?;
            let ranges = match stage {
                "poly" => bounds(&loaded.session.registry, &ir, entry, &NoWeights, Reading::Program)
                    .map_err(|error| fail(error.to_string()))?,
                _ => Default::default(),
            };
            for (op, value) in values(loaded, &ir, &inputs) {
                let most = value.data.iter().fold(0.0_f64, |most, x| most.max(x.abs()));
                let inside = match ranges.get(&ir.result(op, 0)) {
                    Some(bound) => bound.exact.contains(&value, ROUNDING * (1.0 + most)),
                    None => {
                        stated_bound(&ir, op).is_none_or(|bound| most <= bound * (1.0 + ROUNDING) + 1e-12)
                    }
                };
                if !inside {
                    let (name, bound) = (ir.name_str(op), stated_bound(&ir, op));
                    let program = printed(loaded, &ir, false);
                    return Err(fail(format!(
                        "'{name}' reaches {most}, and its bound is {bound:?}\n{program}"
                    )));
                }
            }
        }
    }
    Ok(())
}

#[test]
fn no_value_leaves_its_bound() {
    let loaded = load().expect("the dialects load");
    let count = sampled(SAMPLE, NETWORKS);
    let failures: Vec<String> = (0..count as u64)
        .filter_map(|number| check(&loaded, number).err().map(|why| format!("network {number}: {why}")))
        .collect();
    assert!(failures.is_empty(), "{} of {count} networks\n{}", failures.len(), failures.join("\n"));
}
