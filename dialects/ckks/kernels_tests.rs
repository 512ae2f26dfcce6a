use super::*;
use crate::ckks::attr::params_of;
use crate::ckks::noise::Library;
use he_core::exec::Interpreter;
use he_core::support::{Diagnostics, NoWeights};
use he_core::text::parse;

const SMALL: &str =
    "log_n = 13, log_q = [60, 40, 40, 40], log_p = [60, 60], log_scale = 40, slots = 4, dnum = 2";
const LARGE: &str =
    "log_n = 13, log_q = [60, 40, 40, 40], log_p = [60, 60], log_scale = 40, slots = 4096, dnum = 2";
const CT: &str = "!ckks.ct<level = 3, scale = 40, degree = 1>";
const CT2: &str = "!ckks.ct<level = 3, scale = 80, degree = 2>";
const PT: &str = "!ckks.pt<level = 3, scale = 40>";
const EXT: &str = "!ckks.ext<level = 3, scale = 40>";
const DIGITS: &str = "!ckks.digits<level = 3>";

struct Run {
    results: Vec<RuntimeValue>,
    warnings: Diagnostics,
}

impl Run {
    fn ciphertext(&self) -> &Ciphertext {
        self.results[0].downcast_ref().expect("a ciphertext")
    }
}

/// Runs the body of a function on arguments of the given types. `verified` is off where the runtime check itself is
/// tested.
fn run_with(
    params: &str,
    seed: Option<u64>,
    types: &[&str],
    body: &str,
    args: Vec<RuntimeValue>,
    verified: bool,
) -> Result<Run, String> {
    let names: Vec<_> = types.iter().enumerate().map(|(i, ty)| format!("%a{i}: {ty}")).collect();
    let result = body.rsplit_once(" : ").expect("the body ends with a return of one type").1;
    let attrs = if params.is_empty() {
        String::new()
    } else {
        format!("attributes {{ckks.params = #ckks.params<{params}>}} ")
    };
    let text =
        format!("module {attrs}{{\nfunc.func @f({}) -> {result} {{\n{body}\n}}\n}}\n", names.join(", "));
    let loaded = crate::load().expect("the shipped dialects load");
    let registry = &loaded.session.registry;
    let mut ir = parse(registry, &text, "t.mlir").map_err(|e| e[0].to_string())?;
    if verified {
        he_core::schema::verify(registry, &mut ir).map_err(|e| e[0].to_string())?;
    }
    let params = params_of(&ir).map_err(|e| e.to_string())?;
    let mut fake = match (seed, params) {
        (Some(seed), Some(params)) => Fake::noisy(params, Library::OpenFhe, seed),
        (_, params) => Fake::exact(params),
    };
    let function = crate::func::find(&ir, "f").expect("the function is there");
    let mut warnings = Vec::new();
    let mut interpreter = Interpreter::new(registry, &loaded.kernels, &ir, &NoWeights);
    let results = interpreter.call(function, &args, &mut fake, &mut warnings).map_err(|e| e.to_string())?;
    Ok(Run { results, warnings })
}

fn run(types: &[&str], body: &str, args: Vec<RuntimeValue>) -> Result<Run, String> {
    run_with(SMALL, None, types, body, args, true)
}

fn unverified(types: &[&str], body: &str, args: Vec<RuntimeValue>) -> String {
    run_with(SMALL, None, types, body, args, false).err().expect("it is refused")
}

fn ct(slots: [f64; 4]) -> Ciphertext {
    Ciphertext {
        slots: slots.to_vec(),
        level: Some(3),
        scale: Some(40),
        degree: 1,
        noise_std: 1e-9,
        drift: 1.0,
    }
}

fn value(ciphertext: Ciphertext) -> RuntimeValue {
    Rc::new(ciphertext)
}

fn x() -> RuntimeValue {
    value(ct([1.0, 2.0, -3.0, 4.0]))
}

fn y() -> RuntimeValue {
    value(ct([0.5, 0.25, 2.0, -1.0]))
}

fn plain(slots: [f64; 4]) -> RuntimeValue {
    Rc::new(Plaintext { slots: slots.to_vec(), level: Some(3), scale: Some(40), noise_std: 0.0, drift: 1.0 })
}

#[test]
fn every_op_has_a_kernel() {
    let loaded = crate::load().expect("the shipped dialects load");
    let ops: Vec<_> = loaded.session.registry.op_defs().filter(|def| def.name.starts_with("ckks.")).collect();
    assert!(ops.len() >= 23);
    for def in &ops {
        assert!(loaded.kernels.get(&def.name).is_some(), "{} has no kernel", def.name);
    }
    assert_eq!(KERNELS.len(), ops.len(), "a kernel names no op");
}

#[test]
fn slots_level_scale_and_degree() {
    let ct_of = |level: i64, scale: i64, degree: i64| {
        format!("!ckks.ct<level = {level}, scale = {scale}, degree = {degree}>")
    };
    let unary = |op: &str| format!("\"ckks.{op} : ({CT}) -> ");
    let binary = |op: &str, rhs: &str| format!("\"ckks.{op}\"(%a0, %a1) : ({CT}, {rhs}) -> ");
    let v = |list: [f64; 4]| list.to_vec();
    let p = plain([2.0, 0.0, -1.0, 0.5]);
    let cases: Vec<(String, String, &str, RuntimeValue, Vec<f64>)> = vec![
        (binary("add", CT), CT.into(), CT, y(), v([1.5, 2.25, -1.0, 3.0])),
        (binary("sub", CT), CT.into(), CT, y(), v([0.5, 1.75, -5.0, 5.0])),
        (binary("mul", CT), CT2.into(), CT, y(), v([0.5, 0.5, -6.0, -4.0])),
        (binary("add_plain", PT), CT.into(), PT, p.clone(), v([3.0, 2.0, -4.0, 4.5])),
        (binary("sub_plain", PT), CT.into(), PT, p.clone(), v([-1.0, 2.0, -2.0, 3.5])),
        (binary("mul_plain", PT), ct_of(3, 80, 1), PT, p, v([2.0, 0.0, 3.0, 2.0])),
        (unary("neg\"(%a0)"), CT.into(), CT, y(), v([-1.0, -2.0, 3.0, -4.0])),
        (unary("add_scalar\"(%a0) {value = 0.5}"), CT.into(), CT, y(), v([1.5, 2.5, -2.5, 4.5])),
        (
            unary("mul_scalar\"(%a0) {value = 0.5, log_scale = 20}"),
            ct_of(3, 60, 1),
            CT,
            y(),
            v([0.5, 1.0, -1.5, 2.0]),
        ),
        (unary("rotate\"(%a0) {by = 1}"), CT.into(), CT, y(), v([2.0, -3.0, 4.0, 1.0])),
        (unary("rotate\"(%a0) {by = 3}"), CT.into(), CT, y(), v([4.0, 1.0, 2.0, -3.0])),
        (unary("conjugate\"(%a0)"), CT.into(), CT, y(), v([1.0, 2.0, -3.0, 4.0])),
        (unary("level_drop\"(%a0) {levels = 2}"), ct_of(1, 40, 1), CT, y(), v([1.0, 2.0, -3.0, 4.0])),
        (unary("bootstrap\"(%a0) {range = 4.0}"), CT.into(), CT, y(), v([1.0, 2.0, -3.0, 4.0])),
    ];
    for (op, result, rhs, arg, expected) in cases {
        let body = format!("%0 = {op}{result}\nfunc.return %0 : {result}");
        let run = run(&[CT, rhs], &body, vec![x(), arg]).unwrap_or_else(|error| panic!("{op}: {error}"));
        assert_eq!(run.ciphertext().slots, expected, "{op}");
        assert!(run.ciphertext().noise_std >= 1e-9, "{op}");
        assert!(run.warnings.is_empty(), "{op}: {}", run.warnings[0]);
    }
}

#[test]
fn relinearize_and_rescale() {
    let product = Ciphertext { scale: Some(80), degree: 2, ..ct([1.0, 2.0, 3.0, 4.0]) };
    let (mid, out) =
        ("!ckks.ct<level = 3, scale = 80, degree = 1>", "!ckks.ct<level = 2, scale = 40, degree = 1>");
    let body = format!(
        "%0 = \"ckks.relinearize\"(%a0) : ({CT2}) -> {mid}\n%1 = \"ckks.rescale\"(%0) : ({mid}) -> {out}\nfunc.return %1 : {out}"
    );
    let exact = run(&[CT2], &body, vec![value(product.clone())]).unwrap_or_else(|error| panic!("{error}"));
    let result = exact.ciphertext();
    assert_eq!((result.level, result.scale, result.degree), (Some(2), Some(40), 1));
    assert_eq!(result.slots, [1.0, 2.0, 3.0, 4.0]);
    // The moduli are known: the value is off by 2^40 / q.
    let moduli = "moduli = [1152921504606830593, 1099511480321, 1099510824961, 1099511922689]";
    let exact = run_with(&format!("{SMALL}, {moduli}"), None, &[CT2], &body, vec![value(product)], true);
    let slots = exact.unwrap_or_else(|error| panic!("{error}")).ciphertext().slots.clone();
    assert_eq!(slots[0], 2f64.powi(40) / 1_099_511_922_689.0);
}

#[test]
fn hoisted_rotations() {
    let body = format!(
        "%d = \"ckks.mod_up\"(%a0) : ({CT}) -> {DIGITS}
         %1 = \"ckks.rotate_ext\"(%a0, %d) {{by = 1}} : ({CT}, {DIGITS}) -> {EXT}
         %2 = \"ckks.rotate_ext\"(%a0, %d) {{by = 2}} : ({CT}, {DIGITS}) -> {EXT}
         %3 = \"ckks.add_ext\"(%1, %2) : ({EXT}, {EXT}) -> {EXT}
         %4 = \"ckks.mod_down\"(%3) : ({EXT}) -> {CT}
         %5 = \"ckks.rotate_hoisted\"(%a0, %d) {{by = 1}} : ({CT}, {DIGITS}) -> {CT}
         %6 = \"ckks.add\"(%4, %5) : ({CT}, {CT}) -> {CT}
         func.return %6 : {CT}"
    );
    let run = run(&[CT], &body, vec![x()]).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(run.ciphertext().slots, [2.0 - 3.0 + 2.0, -3.0 + 4.0 - 3.0, 4.0 + 1.0 + 4.0, 1.0 + 2.0 + 1.0]);
}

const CHAIN: &str = "%p = \"ckks.encode\"(%a0) : (tensor<4096xf64>) -> !ckks.pt<level = 3, scale = 40>
    %c = \"ckks.encrypt\"(%p) : (!ckks.pt<level = 3, scale = 40>) -> !ckks.ct<level = 3, scale = 40, degree = 1>
    %m = \"ckks.mul\"(%c, %c) : (!ckks.ct<level = 3, scale = 40, degree = 1>, !ckks.ct<level = 3, scale = 40, degree = 1>) -> !ckks.ct<level = 3, scale = 80, degree = 2>
    %l = \"ckks.relinearize\"(%m) : (!ckks.ct<level = 3, scale = 80, degree = 2>) -> !ckks.ct<level = 3, scale = 80, degree = 1>
    %s = \"ckks.rescale\"(%l) : (!ckks.ct<level = 3, scale = 80, degree = 1>) -> !ckks.ct<level = 2, scale = 40, degree = 1>
    %r = \"ckks.rotate\"(%s) {by = 1} : (!ckks.ct<level = 2, scale = 40, degree = 1>) -> !ckks.ct<level = 2, scale = 40, degree = 1>
    %a = \"ckks.add\"(%r, %s) : (!ckks.ct<level = 2, scale = 40, degree = 1>, !ckks.ct<level = 2, scale = 40, degree = 1>) -> !ckks.ct<level = 2, scale = 40, degree = 1>
    %q = \"ckks.encode\"(%a0) : (tensor<4096xf64>) -> !ckks.pt<level = 2, scale = 40>
    %t = \"ckks.mul_plain\"(%a, %q) : (!ckks.ct<level = 2, scale = 40, degree = 1>, !ckks.pt<level = 2, scale = 40>) -> !ckks.ct<level = 2, scale = 80, degree = 1>
    %u = \"ckks.rescale\"(%t) : (!ckks.ct<level = 2, scale = 80, degree = 1>) -> !ckks.ct<level = 1, scale = 40, degree = 1>\n";

fn message() -> RuntimeValue {
    let data: Vec<f64> = (0..4096).map(|i| if i % 3 == 0 { -0.9 } else { 1.0 }).collect();
    Rc::new(Tensor { shape: vec![4096], data })
}

#[test]
fn noise_is_what_the_model_predicts() {
    let body = format!("{CHAIN}func.return %u : !ckks.ct<level = 1, scale = 40, degree = 1>");
    let go = |seed| run_with(LARGE, seed, &["tensor<4096xf64>"], &body, vec![message()], true);
    let exact = go(None).unwrap_or_else(|error| panic!("{error}"));
    let noisy = go(Some(11)).unwrap_or_else(|error| panic!("{error}"));
    let (exact, noisy) = (exact.ciphertext(), noisy.ciphertext());
    let errors = zip(&exact.slots, &noisy.slots, |a, b| (a - b) * (a - b));
    let observed = (errors.iter().sum::<f64>() / errors.len() as f64).sqrt();
    let ratio = observed / exact.noise_std;
    assert!((0.25..4.0).contains(&ratio), "observed {observed}, predicted {}", exact.noise_std);
    assert!((exact.noise_std / noisy.noise_std - 1.0).abs() < 1e-3);
    assert!((1e-9..1e-5).contains(&observed), "{observed}");
    let again = go(Some(11)).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(again.ciphertext(), noisy, "the seed decides");
}

#[test]
fn bootstrap_noise_has_the_stated_precision() {
    let slots: Vec<f64> = (0..4096).map(|i| f64::from(i % 7) / 7.0).collect();
    let input = Ciphertext { slots, level: Some(3), scale: Some(40), degree: 1, noise_std: 0.0, drift: 1.0 };
    let body =
        format!("%0 = \"ckks.bootstrap\"(%a0) {{range = 2.0}} : ({CT}) -> {CT}\nfunc.return %0 : {CT}");
    let noisy = run_with(LARGE, Some(3), &[CT], &body, vec![value(input.clone())], true);
    let noisy = noisy.unwrap_or_else(|error| panic!("{error}"));
    let errors = zip(&input.slots, &noisy.ciphertext().slots, |a, b| (a - b) * (a - b));
    let observed = (errors.iter().sum::<f64>() / errors.len() as f64).sqrt();
    assert!((observed / 2f64.powi(-19) - 1.0).abs() < 0.1, "{observed}");
}

#[test]
fn decrypt_yields_a_tensor_and_warns_of_low_precision() {
    let body =
        format!("%0 = \"ckks.decrypt\"(%a0) : ({CT}) -> tensor<4xf64>\nfunc.return %0 : tensor<4xf64>");
    let fine = run(&[CT], &body, vec![x()]).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(fine.results[0].downcast_ref::<Tensor>().expect("a tensor").data, [1.0, 2.0, -3.0, 4.0]);
    assert!(fine.warnings.is_empty());
    let noisy = Ciphertext { noise_std: 0.01, ..ct([1.0, 0.5, 0.0, 0.0]) };
    let warned = run(&[CT], &body, vec![value(noisy)]).unwrap_or_else(|error| panic!("{error}"));
    assert!(warned.warnings[0].message.contains("about 5.9 bits of precision, fewer than 10"));
}

#[test]
fn warnings() {
    let go = |op: &str, args| {
        let body = format!("%0 = {op} -> {CT}\nfunc.return %0 : {CT}");
        let run = run(&[CT, CT], &body, args).unwrap_or_else(|error| panic!("{op}: {error}"));
        run.warnings.first().map(|warning| warning.message.clone()).unwrap_or_default()
    };
    let same = format!("\"ckks.sub\"(%a0, %a0) : ({CT}, {CT})");
    assert!(go(&same, vec![x(), y()]).contains("x - x is a transparent ciphertext"));
    let bounded = format!("\"ckks.neg\"(%a0) {{he.bound = 3.5}} : ({CT})");
    assert!(go(&bounded, vec![x(), y()]).contains("magnitude 4.000000 leaves its tracked range 3.500000"));
    assert_eq!(go(&bounded.replace("3.5", "4.0"), vec![x(), y()]), "");
    let refresh = format!("\"ckks.bootstrap\"(%a0) : ({CT})");
    assert!(go(&refresh, vec![x(), y()]).contains("outside of the bootstrap's range 1.000000"));
    let body = format!(
        "%0 = \"ckks.mul_plain\"(%a0, %a1) : ({CT}, {PT}) -> !ckks.ct<level = 3, scale = 80, degree = 1>\n\
         func.return %0 : !ckks.ct<level = 3, scale = 80, degree = 1>"
    );
    let run = run(&[CT, PT], &body, vec![x(), plain([0.0; 4])]).unwrap_or_else(|error| panic!("{error}"));
    assert!(run.warnings[0].message.contains("x * 0 is a transparent"));
}

#[test]
fn refusals_at_run_time() {
    let low = Ciphertext { level: Some(2), ..ct([1.0; 4]) };
    let high = Ciphertext { scale: Some(41), ..ct([1.0; 4]) };
    let wide = Ciphertext { degree: 2, ..ct([1.0; 4]) };
    let last = Ciphertext { level: Some(0), scale: Some(80), ..ct([1.0; 4]) };
    let short = Ciphertext { slots: vec![1.0; 2], ..ct([1.0; 4]) };
    let huge = ct([1e60, 0.0, 0.0, 0.0]);
    let nan = ct([f64::NAN, 0.0, 0.0, 0.0]);
    let cases = [
        ("add\"(%a0, %a1)", CT, low.clone(), "the operands have levels 3 and 2"),
        ("add\"(%a0, %a1)", CT, high.clone(), "the operands have scales 40 and 41"),
        ("mul\"(%a0, %a1)", CT2, low, "run rescale"),
        ("mul\"(%a0, %a1)", CT2, wide.clone(), "the product would have degree 3"),
        ("add\"(%a0, %a1)", CT, short, "the operands have 4 and 2 slots"),
        ("rotate\"(%a1) {by = 1}", CT, wide.clone(), "needs a ciphertext of degree 1"),
        ("mod_up\"(%a1)", DIGITS, wide.clone(), "needs a ciphertext of degree 1"),
        ("rotate\"(%a1) {by = 4}", CT, ct([1.0; 4]), "expected a step above 0 and below 4 slots"),
        ("relinearize\"(%a1)", CT, ct([1.0; 4]), "only a ciphertext of degree 2"),
        ("rescale\"(%a1)", CT, ct([1.0; 4]), "would leave scale 0, below log_scale = 40"),
        ("rescale\"(%a1)", CT, last, "no level is left to rescale at level 0: 1 level missing"),
        ("bootstrap\"(%a1)", CT, high.clone(), "whose scale is log_scale exactly"),
        (
            "neg\"(%a1)",
            CT,
            high,
            "computes level 3, scale 41 and degree 1, but its type says level 3, scale 40",
        ),
        ("neg\"(%a1)", CT, huge.clone(), "overflows"),
        ("neg\"(%a1)", CT, nan, "overflows"),
        (
            "level_drop\"(%a1) {levels = 4}",
            "!ckks.ct<level = -1, scale = 40, degree = 1>",
            ct([1.0; 4]),
            "1 levels missing",
        ),
    ];
    for (op, result, arg, expected) in cases {
        let args = if op.contains("%a0") { format!("{CT}, {CT}") } else { CT.to_owned() };
        let body = format!("%0 = \"ckks.{op} : ({args}) -> {result}\nfunc.return %0 : {result}");
        let found = unverified(&[CT, CT], &body, vec![x(), value(arg)]);
        assert!(found.contains(expected), "{op}: {found}");
    }
}

#[test]
fn before_levels_only_values_count() {
    let one = "!ckks.ct<degree = 1>";
    let body = format!(
        "%p = \"ckks.encode\"(%a0) : (tensor<4xf64>) -> !ckks.pt
         %c = \"ckks.encrypt\"(%p) : (!ckks.pt) -> {one}
         %m = \"ckks.mul\"(%c, %c) : ({one}, {one}) -> {one}
         %l = \"ckks.mul\"(%m, %c) : ({one}, {one}) -> {one}
         %s = \"ckks.mul_scalar\"(%l) {{value = 0.5}} : ({one}) -> {one}
         %q = \"ckks.mul_plain\"(%s, %p) : ({one}, !ckks.pt) -> {one}
         func.return %q : {one}"
    );
    let input: RuntimeValue = Rc::new(Tensor { shape: vec![4], data: vec![2.0, -2.0, 1.0, 0.0] });
    let run = run_with("", None, &["tensor<4xf64>"], &body, vec![input], true);
    let run = run.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(run.ciphertext().slots, [8.0, 8.0, 0.5, 0.0]);
    assert_eq!((run.ciphertext().level, run.ciphertext().noise_std), (None, 0.0));
}

#[test]
fn encode_refuses_what_does_not_fit() {
    let body = "%p = \"ckks.encode\"(%a0) : (tensor<4xf64>) -> !ckks.pt<level = 3, scale = 40>\n\
                func.return %p : !ckks.pt<level = 3, scale = 40>";
    let go = |data: Vec<f64>| {
        let input: RuntimeValue = Rc::new(Tensor { shape: vec![data.len()], data });
        run(&["tensor<4xf64>"], body, vec![input]).err().unwrap_or_default()
    };
    assert!(go(vec![1.0; 3]).contains("expected 4 numbers, found a tensor of shape [3]"));
    assert!(go(vec![1.0, f64::NAN, 0.0, 0.0]).contains("slot 1 is NaN"));
    assert_eq!(go(vec![1.0; 4]), "");
}
