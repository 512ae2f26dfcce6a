//! `approximate` on small networks: what it makes, what it keeps, what it refuses, and whether its bounds hold.

use std::rc::Rc;

use he_core::exec::tensor::Tensor;
use he_core::exec::{Interpreter, RuntimeValue};
use he_core::ir::Ir;
use he_core::pass::{PassError, Silent, parse_pipeline, run_pipeline};
use he_core::support::{Diagnostics, NoWeights};
use he_core::text::{PrintOptions, parse, print};

use crate::Loaded;
use crate::func;
use crate::lower::bounds::{error_bound, ranges};
use crate::lower::reference_function;
use crate::nn::random::SplitMix64;

fn loaded() -> Loaded {
    crate::load().unwrap_or_else(|error| panic!("{error}"))
}

fn compile(loaded: &Loaded, text: &str, pipeline: &str) -> Result<Ir, Diagnostics> {
    let mut ir = parse(&loaded.session.registry, text, "test.mlir")?;
    he_core::schema::verify(&loaded.session.registry, &mut ir)?;
    let passes = parse_pipeline(&loaded.session.passes, pipeline).map_err(|error| vec![error])?;
    let ran = run_pipeline(&loaded.session, &mut ir, &passes, &NoWeights, &(), true, &mut Silent);
    ran.map_err(|PassError { diagnostics, .. }| diagnostics)?;
    Ok(ir)
}

fn network(activation: &str, range: &str) -> String {
    format!(
        "func.func @main(%x: tensor<1x6xf32> {{nn.range = {range}}}) -> tensor<1x3xf32> {{
  %w = \"nn.constant\"() {{value = #nn.random<seed = 1, std = 0.4>}} : () -> tensor<5x6xf32>
  %b = \"nn.constant\"() {{value = #nn.random<seed = 2, std = 0.1>}} : () -> tensor<5xf32>
  %v = \"nn.constant\"() {{value = #nn.random<seed = 3, std = 0.4>}} : () -> tensor<3x5xf32>
  %0 = \"nn.linear\"(%x, %w, %b) : (tensor<1x6xf32>, tensor<5x6xf32>, tensor<5xf32>) -> tensor<1x5xf32>
  %1 = \"nn.{activation}\"(%0) {{my.note = 1}} : (tensor<1x5xf32>) -> tensor<1x5xf32>
  %2 = \"nn.linear\"(%1, %v) : (tensor<1x5xf32>, tensor<3x5xf32>) -> tensor<1x3xf32>
  %3 = \"nn.{activation}\"(%2) : (tensor<1x3xf32>) -> tensor<1x3xf32>
  func.return %3 : tensor<1x3xf32>
}}
"
    )
}

fn call(
    loaded: &Loaded,
    ir: &Ir,
    function: he_core::ir::OpId,
    args: &[RuntimeValue],
) -> (Tensor, Diagnostics) {
    let mut warnings = Diagnostics::new();
    let mut interpreter = Interpreter::new(&loaded.session.registry, &loaded.kernels, ir, &NoWeights);
    let results = interpreter.call(function, args, &mut (), &mut warnings);
    let results = results.unwrap_or_else(|error| panic!("{error}"));
    (results[0].downcast_ref::<Tensor>().expect("a tensor").clone(), warnings)
}

fn input(random: &mut SplitMix64, lo: f64, hi: f64) -> Vec<RuntimeValue> {
    let data = (0..6).map(|_| lo + (hi - lo) * random.unit()).collect();
    vec![Rc::new(Tensor::new(vec![1, 6], data).unwrap())]
}

/// The largest distance of the entry from the reference over many inputs, and whether some value left its domain.
fn measured(loaded: &Loaded, ir: &Ir, lo: f64, hi: f64) -> (f64, bool) {
    let (entry, reference) = (func::entry(ir).unwrap(), reference_function(ir).expect("a reference"));
    let mut random = SplitMix64::new(7);
    let (mut most, mut left) = (0.0f64, false);
    for _ in 0..200 {
        let args = input(&mut random, lo, hi);
        let ((output, warnings), (wanted, _)) =
            (call(loaded, ir, entry, &args), call(loaded, ir, reference, &args));
        most = most.max(output.max_abs_difference(&wanted).unwrap());
        left |= !warnings.is_empty();
    }
    (most, left)
}

#[test]
fn bounds_hold_for_every_activation_and_method() {
    let loaded = loaded();
    for activation in ["gelu", "sigmoid", "tanh", "silu", "relu", "square", "exp"] {
        for options in ["", "{degree=3}", "{degree=15 method=remez}", "{method=least-squares margin=0.5}"] {
            let ir = compile(&loaded, &network(activation, "[-2.0, 2.0]"), &format!("approximate{options}"));
            let ir = ir.unwrap_or_else(|errors| panic!("{activation}{options}: {}", errors[0]));
            let bound = error_bound(&loaded.session.registry, &ir, &NoWeights).unwrap().expect("a bound");
            let (most, _) = measured(&loaded, &ir, -2.0, 2.0);
            assert!(most <= bound + 1e-12, "{activation}{options}: {most} > {bound}");
            assert!(bound.is_finite(), "{activation}{options}: {bound}");
            if activation == "square" {
                assert!(bound < 1e-9, "a square is exact: {bound}");
            }
        }
    }
}

#[test]
fn bounds_hold_outside_of_a_domain_that_is_too_small() {
    let loaded = loaded();
    let ir = compile(&loaded, &network("gelu", "[-4.0, 4.0]"), "approximate{domain=[-1,1]}").unwrap();
    let bound = error_bound(&loaded.session.registry, &ir, &NoWeights).unwrap().expect("a bound");
    let (most, left) = measured(&loaded, &ir, -4.0, 4.0);
    assert!(left, "the kernel warns");
    assert!(most > 1e-3 && most <= bound, "{most} {bound}");
}

#[test]
fn the_reference_and_what_was_written_stay() {
    let loaded = loaded();
    let ir = compile(&loaded, &network("gelu", "[-1.0, 1.0]"), "approximate,canonicalize,cse,dce").unwrap();
    let text =
        print(&loaded.session.registry, &ir, PrintOptions { generic: true, ..PrintOptions::default() });
    for part in [
        "he.stage = \"poly\"",
        "main__reference",
        "he.reference",
        "he.error_bound",
        "sym_visibility = \"private\"",
        "max_error = ",
        "function = \"gelu\"",
        "my.note = 1",
    ] {
        assert!(text.contains(part), "{part} in\n{text}");
    }
    assert_eq!(text.matches("\"nn.gelu\"").count(), 2, "{text}");
    assert_eq!(text.matches("\"poly.eval\"").count(), 2, "{text}");
    // What is printed is read again, verifies, and has the recorded bound.
    let again = compile(&loaded, &text, "").unwrap_or_else(|errors| panic!("{}", errors[0]));
    assert_eq!(
        print(&loaded.session.registry, &again, PrintOptions { generic: true, ..PrintOptions::default() }),
        text
    );
}

#[test]
fn programs_without_activations_reach_poly() {
    let loaded = loaded();
    let text = "func.func @f(%x: tensor<1x2xf32>) -> tensor<1x2xf32> {
  %0 = nn.mul %x, %x : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
  return %0 : tensor<1x2xf32>
}";
    let ir = compile(&loaded, text, "approximate").unwrap();
    let text =
        print(&loaded.session.registry, &ir, PrintOptions { generic: false, ..PrintOptions::default() });
    assert!(text.contains("nn.mul") && text.contains("\"poly\"") && text.contains("f__reference"), "{text}");
    let bound = error_bound(&loaded.session.registry, &ir, &NoWeights).unwrap();
    assert_eq!(bound, Some(0.0));
}

#[test]
fn ranges_come_from_arguments_and_domains_win() {
    let loaded = loaded();
    let ir = compile(&loaded, &network("tanh", "[-3.0, 5.0]"), "").unwrap();
    let ranges = ranges(&loaded.session.registry, &ir, &NoWeights).unwrap();
    let block = ir.body(func::entry(&ir).unwrap()).unwrap();
    assert_eq!(ranges[&ir.args(block)[0]].hull(), (-3.0, 5.0));
    let own = network("tanh", "[-1.0, 1.0]").replace("{my.note = 1}", "{domain = [-7.0, 9.0], degree = 4}");
    let ir = compile(&loaded, &own, "approximate{domain=[-2,2] degree=5}").unwrap();
    let text =
        print(&loaded.session.registry, &ir, PrintOptions { generic: false, ..PrintOptions::default() });
    assert!(text.contains("domain = [-7.0, 9.0]") && text.contains("domain = [-2.0, 2.0]"), "{text}");
}

#[test]
fn degenerate_ranges_are_widened() {
    let loaded = loaded();
    for range in ["[0.0, 0.0]", "[2.0, 2.0]"] {
        let text = format!(
            "func.func @main(%x: tensor<1x2xf32> {{nn.range = {range}}}) -> tensor<1x2xf32> {{
  %0 = nn.sigmoid %x : tensor<1x2xf32>
  return %0 : tensor<1x2xf32>
}}"
        );
        compile(&loaded, &text, "approximate").unwrap_or_else(|errors| panic!("{range}: {}", errors[0]));
    }
}

#[test]
fn what_cannot_be_lowered_is_named() {
    let loaded = loaded();
    let ty = "tensor<1x4xf32>";
    let program = |op: &str| {
        format!("func.func @main(%x: {ty}) -> {ty} {{\n  %0 = {op} : {ty}\n  return %0 : {ty}\n}}\n")
    };
    let cases = [
        (program("nn.softmax %x {dim = 1}"), "approximate", "'nn.softmax' cannot be lowered to poly yet"),
        (program("nn.rsqrt %x"), "approximate", "cannot be approximated on"),
        (program("nn.gelu %x"), "approximate{domain=[4,-4]}", "such as [-4,4], not '[4,-4]'"),
        (program("nn.gelu %x"), "approximate{degree=0}", "an integer from 1 to 63, not '0'"),
        (program("nn.gelu %x"), "approximate{degree=1000}", "an integer from 1 to 63"),
        (program("nn.gelu %x"), "approximate{method=taylor}", "one of chebyshev, remez, least-squares"),
        (
            program("nn.gelu %x")
                .replace("%x: ", "%y: ")
                .replace("(%y: tensor<1x4xf32>)", "(%x: tensor<1x4xf32> {nn.range = [1.0, -1.0]})"),
            "approximate",
            "with a <= b",
        ),
    ];
    for (text, pipeline, expected) in cases {
        let errors =
            compile(&loaded, &text, pipeline).err().unwrap_or_else(|| panic!("{pipeline} accepts\n{text}"));
        assert!(errors[0].message.contains(expected), "{}", errors[0]);
    }
    let errors = compile(&loaded, &program("nn.softmax %x {dim = 1}"), "approximate").err().unwrap();
    assert_eq!(errors[0].position.as_ref().map(|at| at.line), Some(2));
}
