//! Every op: its forms, what it refuses, what it computes.

use std::rc::Rc;

use he_core::exec::tensor::Tensor;
use he_core::exec::{Interpreter, RuntimeValue};
use he_core::ir::Ir;
use he_core::schema::{Registry, verify};
use he_core::support::{Diagnostics, Weights};
use he_core::text::{PrintOptions, parse, print};

struct Files;

impl Weights for Files {
    fn load(&self, file: &str, key: &str) -> Result<(Vec<usize>, Vec<f64>), String> {
        match (file, key) {
            ("w.safetensors", "w") => Ok((vec![2], vec![1.0, -2.0])),
            ("w.safetensors", "nan") => Ok((vec![2], vec![1.0, f64::NAN])),
            ("w.safetensors", _) => Err(format!("file '{file}' has no tensor '{key}'")),
            _ => Err(format!("there is no file '{file}'")),
        }
    }
}

fn loaded() -> crate::Loaded {
    crate::load().unwrap_or_else(|error| panic!("{error}"))
}

fn parsed(registry: &Registry, text: &str) -> Result<Ir, Diagnostics> {
    let mut ir = parse(registry, text, "test.mlir")?;
    verify(registry, &mut ir)?;
    Ok(ir)
}

/// A function of one op: operand types, and the op's text with `%a`, `%b`, … as operands.
fn function(types: &[&str], op: &str, result: &str) -> String {
    let names = ["a", "b", "c", "d", "e"];
    let args: Vec<_> = types.iter().zip(names).map(|(ty, name)| format!("%{name}: {ty}")).collect();
    let list = args.join(", ");
    format!("func.func @main({list}) -> {result} {{\n  %r = {op}\n  func.return %r : {result}\n}}\n")
}

/// Attributes, operand shapes and result shape of a case; the type text of each op follows from them.
struct Case {
    op: &'static str,
    attrs: &'static str,
    operands: &'static [&'static [usize]],
    result: &'static [usize],
}

fn case(
    op: &'static str,
    attrs: &'static str,
    operands: &'static [&'static [usize]],
    result: &'static [usize],
) -> Case {
    Case { op, attrs, operands, result }
}

fn cases() -> Vec<Case> {
    let unary: &[&[usize]] = &[&[1, 4]];
    let mut cases: Vec<_> = ["relu", "silu", "sigmoid", "tanh", "square", "exp", "rsqrt", "neg"]
        .into_iter()
        .map(|op| case(op, "", unary, &[1, 4]))
        .collect();
    cases.extend([
        case("affine", "factor = 2.0, offset = 1.0", &[&[2, 3]], &[2, 3]),
        case("shifted_bias", "offset = 0.5", &[&[2, 3], &[2]], &[2]),
        case("gelu", "", unary, &[1, 4]),
        case("gelu", "approximate = \"tanh\", degree = 5, domain = [-2.0, 2.0]", unary, &[1, 4]),
        case("linear", "", &[&[1, 4], &[3, 4]], &[1, 3]),
        case("linear", "", &[&[1, 4], &[3, 4], &[3]], &[1, 3]),
        case("matmul", "", &[&[2, 3], &[3, 5]], &[2, 5]),
        case("conv2d", "", &[&[1, 2, 5, 5], &[4, 2, 3, 3]], &[1, 4, 3, 3]),
        case(
            "conv2d",
            "stride = 2, padding = [1, 1], groups = 2",
            &[&[1, 2, 5, 5], &[4, 1, 3, 3], &[4]],
            &[1, 4, 3, 3],
        ),
        case("avg_pool2d", "kernel_size = 2", &[&[1, 2, 4, 4]], &[1, 2, 2, 2]),
        case("avg_pool2d", "kernel_size = [2, 2], stride = 1", &[&[1, 2, 4, 4]], &[1, 2, 3, 3]),
        case("global_avg_pool", "", &[&[1, 2, 4, 4]], &[1, 2, 1, 1]),
        case("batch_norm", "", &[&[1, 2, 3], &[2], &[2]], &[1, 2, 3]),
        case("batch_norm", "eps = 0.5", &[&[1, 2, 3], &[2], &[2], &[2], &[2]], &[1, 2, 3]),
        case("layer_norm", "normalized_shape = [3]", &[&[2, 3]], &[2, 3]),
        case("layer_norm", "normalized_shape = [3]", &[&[2, 3], &[3], &[3]], &[2, 3]),
        case("softmax", "dim = -1", &[&[2, 3]], &[2, 3]),
        case("attention", "", &[&[1, 2, 4], &[1, 3, 4], &[1, 3, 5]], &[1, 2, 5]),
        case("attention", "scale = 0.5", &[&[1, 2, 4], &[1, 3, 4], &[1, 3, 5]], &[1, 2, 5]),
        case("add", "", &[&[1, 4], &[4]], &[1, 4]),
        case("sub", "", &[&[1, 4], &[1, 4]], &[1, 4]),
        case("mul", "", &[&[2, 1], &[1, 3]], &[2, 3]),
        case("reshape", "shape = [2, -1]", &[&[1, 4]], &[2, 2]),
        case("transpose", "dim0 = 0, dim1 = 1", &[&[2, 3]], &[3, 2]),
        case("concat", "dim = 1", &[&[1, 2], &[1, 3]], &[1, 5]),
        case("slice", "dim = 1, start = 1, end = 4, step = 2", &[&[1, 4]], &[1, 2]),
        case("pad", "pad = [1, 2], value = 0.5", &[&[1, 2]], &[1, 5]),
        case("reduce_mean", "dim = [1], keepdim = true", &[&[2, 3]], &[2, 1]),
        case("reduce_sum", "", &[&[2, 3]], &[]),
    ]);
    cases
}

fn type_text(shape: &[usize]) -> String {
    let sizes: String = shape.iter().map(|size| format!("{size}x")).collect();
    format!("tensor<{sizes}f32>")
}

fn generic(case: &Case, result: &str) -> String {
    let types: Vec<String> = case.operands.iter().map(|shape| type_text(shape)).collect();
    let types: Vec<&str> = types.iter().map(String::as_str).collect();
    let operands: Vec<_> = ["%a", "%b", "%c", "%d", "%e"][..types.len()].to_vec();
    let attrs = if case.attrs.is_empty() { String::new() } else { format!("<{{{}}}>", case.attrs) };
    let op =
        format!("\"nn.{}\"({}){attrs} : ({}) -> {result}", case.op, operands.join(", "), types.join(", "));
    function(&types, &op, result)
}

#[test]
fn every_op_round_trips_in_both_forms() {
    let loaded = loaded();
    let registry = &loaded.session.registry;
    for case in cases() {
        let text = generic(&case, &type_text(case.result));
        let ir = parsed(registry, &text).unwrap_or_else(|errors| panic!("{}\n{text}", errors[0]));
        for generic in [false, true] {
            let options = PrintOptions { generic, ..PrintOptions::default() };
            let once = print(registry, &ir, options);
            let again = parsed(registry, &once).unwrap_or_else(|errors| panic!("{}\n{once}", errors[0]));
            assert_eq!(print(registry, &again, options), once);
            assert_eq!(print(registry, &again, PrintOptions { generic: true, ..PrintOptions::default() }), {
                print(registry, &ir, PrintOptions { generic: true, ..PrintOptions::default() })
            });
        }
    }
}

#[test]
fn every_op_names_the_shape_it_expects() {
    let loaded = loaded();
    for case in cases() {
        let errors = parsed(&loaded.session.registry, &generic(&case, "tensor<7x7x7xf32>")).err();
        let errors = errors.unwrap_or_else(|| panic!("nn.{} accepts any result", case.op));
        let expected = type_text(case.result);
        let message = &errors[0].message;
        let known = [format!("'nn.{}' op", case.op), "tensor<7x7x7xf32>".into()];
        assert!(known.iter().all(|part| message.contains(part)), "{message}");
        let same_type = message.contains("requires");
        assert!(same_type || message.contains(&expected), "{message}");
    }
}

#[test]
fn every_op_executes() {
    let loaded = loaded();
    for case in cases() {
        let ir = parsed(&loaded.session.registry, &generic(&case, &type_text(case.result)));
        let ir = ir.unwrap_or_else(|errors| panic!("{}", errors[0]));
        let args: Vec<RuntimeValue> = case
            .operands
            .iter()
            .map(|shape| {
                let value = Tensor::from_fn(shape, |index| 0.25 + index.iter().sum::<usize>() as f64);
                Rc::new(value.unwrap()) as RuntimeValue
            })
            .collect();
        let result = call(&loaded, &ir, &args).unwrap_or_else(|error| panic!("nn.{}: {error}", case.op));
        assert_eq!(result.shape, case.result, "nn.{}", case.op);
        assert!(result.data.iter().all(|x| x.is_finite()), "nn.{}", case.op);
    }
}

fn call(
    loaded: &crate::Loaded,
    ir: &Ir,
    args: &[RuntimeValue],
) -> Result<Tensor, he_core::support::Diagnostic> {
    let mut interpreter = Interpreter::new(&loaded.session.registry, &loaded.kernels, ir, &Files);
    let function = ir.top_level_ops()[0];
    let results = interpreter.call(function, args, &mut (), &mut Vec::new())?;
    Ok(results[0].downcast_ref::<Tensor>().expect("a tensor").clone())
}

#[test]
fn every_op_of_nn_and_poly_has_a_kernel_and_a_case() {
    let loaded = loaded();
    let tested: Vec<_> = cases().iter().map(|case| format!("nn.{}", case.op)).collect();
    for def in loaded.session.registry.op_defs() {
        let dialect = def.name.split('.').next().unwrap_or("");
        if matches!(dialect, "nn" | "poly") {
            assert!(loaded.kernels.get(&def.name).is_some(), "{} has no kernel", def.name);
            assert!(!def.doc.is_empty() && def.format.is_some(), "{} has no doc or format", def.name);
        }
        if dialect == "nn" && def.name != "nn.constant" {
            assert!(tested.contains(&def.name), "{} has no test", def.name);
        }
    }
}

/// The constant of this value and result type.
fn constant(value: &str, result: &str) -> String {
    function(&[], &format!("\"nn.constant\"() {{value = {value}}} : () -> {result}"), result)
}

#[test]
fn constants_come_from_everywhere() {
    let loaded = loaded();
    let value = |text: &str| {
        let ir = parsed(&loaded.session.registry, text).unwrap_or_else(|errors| panic!("{}", errors[0]));
        call(&loaded, &ir, &[]).unwrap_or_else(|error| panic!("{error}")).data
    };
    let two = "tensor<2xf32>";
    assert_eq!(value(&constant("dense<[0.5, 2.0]> : tensor<2xf32>", two)), [0.5, 2.0]);
    assert_eq!(value(&constant("dense<0.5> : tensor<2xf64>", "tensor<2xf64>")), [0.5, 0.5]);
    assert_eq!(value(&constant("#nn.weights<\"w.safetensors\", \"w\">", two)), [1.0, -2.0]);
    let random = value(&constant("#nn.random<seed = 1, std = 0.5>", "tensor<4000xf32>"));
    assert_eq!(random, value(&constant("#nn.random<seed = 1, std = 0.5>", "tensor<4000xf32>")));
    let mean = random.iter().sum::<f64>() / 4000.0;
    let deviation = (random.iter().map(|x| x * x).sum::<f64>() / 4000.0).sqrt();
    assert!(mean.abs() < 0.03 && (deviation - 0.5).abs() < 0.02, "{mean} {deviation}");
    let resource = constant("dense_resource<w> : tensor<2xf32>", two)
        + "{-# dialect_resources: { builtin: { w: \"0x040000000000003F00000040\" } } #-}\n";
    assert_eq!(value(&resource), [0.5, 2.0]);
}

#[test]
fn bad_constants_are_refused() {
    let loaded = loaded();
    let refusal = |value: &str, result: &str| {
        let ir = match parsed(&loaded.session.registry, &constant(value, result)) {
            Ok(ir) => ir,
            Err(errors) => return errors[0].message.clone(),
        };
        call(&loaded, &ir, &[]).expect_err("refused").message
    };
    let two = "tensor<2xf32>";
    let cases = [
        (
            "#nn.weights<\"w.safetensors\", \"nan\">",
            two,
            "element of tensor 'nan' of 'w.safetensors' [1] is NaN",
        ),
        ("#nn.weights<\"w.safetensors\", \"v\">", two, "has no tensor 'v'"),
        ("#nn.weights<\"v.safetensors\", \"w\">", two, "there is no file 'v.safetensors'"),
        ("#nn.weights<\"w.safetensors\", \"w\">", "tensor<3xf32>", "has shape [3], but tensor 'w'"),
        (
            "dense<0.5> : tensor<3xf32>",
            two,
            "elements of type tensor<3xf32>, but its result is tensor<2xf32>",
        ),
        ("dense<0.5> : tensor<2xf64>", two, "tensor<2xf64>"),
        ("dense<0x7FC00000> : tensor<2xf32>", two, "weights must be finite"),
        ("3", two, "attribute 'value' must be"),
    ];
    for (value, result, expected) in cases {
        let message = refusal(value, result);
        assert!(message.contains(expected), "{message}");
    }
}

#[test]
fn bad_attributes_are_refused() {
    let loaded = loaded();
    let ty = "tensor<1x4xf32>";
    let cases = [
        ("domain = [2.0, 1.0]", "two numbers in increasing order"),
        ("degree = 0", "'degree' is 0"),
        ("degree = 1000", "from 1 to 63"),
        ("approximate = \"erf\"", "a word of nn.gelu_form"),
    ];
    for (attrs, expected) in cases {
        let text = function(&[ty], &format!("\"nn.gelu\"(%a) <{{{attrs}}}> : ({ty}) -> {ty}"), ty);
        let errors = parsed(&loaded.session.registry, &text).err().expect("refused");
        assert!(errors[0].message.contains(expected), "{}", errors[0]);
    }
    let dynamic = "tensor<?x4xf32>";
    let text = function(&[dynamic], &format!("\"nn.relu\"(%a) : ({dynamic}) -> {dynamic}"), dynamic);
    let errors = parsed(&loaded.session.registry, &text).err().expect("refused");
    assert!(errors[0].message.contains("a static shape is expected"), "{}", errors[0]);
}

#[test]
fn rules_simplify_and_keep_the_meaning() {
    let loaded = loaded();
    let (ty, flat) = ("tensor<2x2xf32>", "tensor<4xf32>");
    let text = format!(
        "func.func @main(%x: {ty}, %y: {ty}) -> {ty} {{
  %0 = nn.neg %x : {ty}
  %1 = nn.neg %0 : {ty}
  %2 = nn.reshape %1 {{shape = [1, 4]}} : ({ty}) -> tensor<1x4xf32>
  %3 = nn.reshape %2 {{shape = [-1]}} : (tensor<1x4xf32>) -> {flat}
  %4 = nn.reshape %3 {{shape = [2, 2]}} : ({flat}) -> {ty}
  %5 = nn.transpose %4 {{dim0 = 0, dim1 = 1}} : ({ty}) -> {ty}
  %6 = nn.transpose %5 {{dim0 = 0, dim1 = 1}} : ({ty}) -> {ty}
  %7 = nn.relu %6 : {ty}
  %8 = nn.relu %7 : {ty}
  %9 = nn.neg %y : {ty}
  %10 = nn.add %9, %8 : ({ty}, {ty}) -> {ty}
  %11 = nn.concat %10 : ({ty}) -> {ty}
  return %11 : {ty}
}}"
    );
    let mut ir = parsed(&loaded.session.registry, &text).unwrap_or_else(|errors| panic!("{}", errors[0]));
    let args: Vec<RuntimeValue> =
        vec![-1.5, 0.25].into_iter().map(|x| Rc::new(Tensor::filled(&[2, 2], x).unwrap()) as _).collect();
    let before = call(&loaded, &ir, &args).unwrap_or_else(|error| panic!("{error}"));
    let group = loaded.session.rules.group("canonicalize").expect("the group");
    he_core::rewrite::rewrite_greedily(&loaded.session.registry, &mut ir, group).expect("it ends");
    verify(&loaded.session.registry, &mut ir).unwrap_or_else(|errors| panic!("{}", errors[0]));
    assert_eq!(call(&loaded, &ir, &args).unwrap_or_else(|error| panic!("{error}")), before);
    let text =
        print(&loaded.session.registry, &ir, PrintOptions { generic: false, ..PrintOptions::default() });
    let left: Vec<_> = ["nn.relu", "nn.sub"].iter().map(|op| text.matches(op).count()).collect();
    assert_eq!((left, text.matches("nn.").count()), (vec![1, 1], 2), "{text}");
}
