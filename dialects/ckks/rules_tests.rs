//! Each canonicalization: what it makes of a function, that both compute the same, and what it leaves alone.

use std::rc::Rc;

use he_core::exec::{Interpreter, RuntimeValue};
use he_core::ir::Ir;
use he_core::rewrite::rewrite_greedily;
use he_core::support::NoWeights;
use he_core::text::{PrintOptions, parse, print};

use super::attr::params_of;
use super::backend::{Ciphertext, Fake};
use crate::Loaded;

const PARAMS: &str = "ckks.params = #ckks.params<log_n = 13, log_q = [60, 40, 40, 40], log_p = [60, 60], log_scale = 40, slots = 8, dnum = 2>";
const CT: &str = "!ckks.ct<level = 3, scale = 40, degree = 1>";

/// A function of `%x` and `%y` that returns the last of its ops `%r`; `T` stands for the type of a ciphertext.
fn module(loaded: &Loaded, params: &str, ct: &str, lines: &str) -> Ir {
    let body = lines.replace("; ", "\n").replace('T', ct);
    let text = format!(
        "module attributes {{{params}}} {{\nfunc.func @f(%x: {ct}, %y: {ct}) -> {ct} {{\n{body}\nfunc.return %r : {ct}\n}}\n}}\n"
    );
    let registry = &loaded.session.registry;
    let parsed = parse(registry, &text, "t.mlir").map_err(|e| format!("{}\n{text}", e[0]));
    let mut ir = parsed.unwrap_or_else(|error| panic!("{error}"));
    if let Err(errors) = he_core::schema::verify(registry, &mut ir) {
        panic!("{}\n{text}", errors[0]);
    }
    ir
}

fn canonicalize(loaded: &Loaded, ir: &mut Ir) {
    let group = loaded.session.rules.group("canonicalize").expect("the group is declared");
    rewrite_greedily(&loaded.session.registry, ir, group).unwrap_or_else(|error| panic!("{error}"));
}

fn execute(loaded: &Loaded, ir: &Ir) -> Vec<f64> {
    let params = params_of(ir).expect("legal parameters");
    let (level, scale) = if params.is_some() { (Some(3), Some(40)) } else { (None, None) };
    let argument = |seed: usize| -> RuntimeValue {
        let slots = (0..8).map(|i| ((7 * i + 3 * seed) % 11) as f64 / 4.0 - 1.0).collect();
        Rc::new(Ciphertext { slots, level, scale, degree: 1, noise_std: 0.0, drift: 1.0 })
    };
    let function = crate::func::find(ir, "f").expect("the function is there");
    let mut interpreter = Interpreter::new(&loaded.session.registry, &loaded.kernels, ir, &NoWeights);
    let args = [argument(1), argument(2)];
    let results = interpreter.call(function, &args, &mut Fake::exact(params), &mut Vec::new());
    let results = results.unwrap_or_else(|error| panic!("{error}"));
    results[0].downcast_ref::<Ciphertext>().expect("a ciphertext").slots.clone()
}

fn check(params: &str, ct: &str, before: &str, after: &str) {
    let loaded = crate::load().expect("the shipped dialects load");
    let text = |ir: &Ir| print(&loaded.session.registry, ir, PrintOptions::default());
    let mut ir = module(&loaded, params, ct, before);
    let computed = execute(&loaded, &ir);
    canonicalize(&loaded, &mut ir);
    let expected = module(&loaded, params, ct, after);
    assert_eq!(text(&ir), text(&expected), "{before}");
    let again = execute(&loaded, &ir);
    let close = computed.iter().zip(&again).all(|(a, b)| (a - b).abs() < 1e-12);
    assert!(close, "{before}: {computed:?} {again:?}");
}

#[test]
fn rules_rewrite_and_keep_the_meaning() {
    let cases = [
        (
            "%a = ckks.neg %x : T; %b = ckks.neg %a : T; %r = ckks.add %b, %y : T, T",
            "%r = ckks.add %x, %y : T, T",
        ),
        ("%a = ckks.neg %y : T; %r = ckks.add %x, %a : T, T", "%r = ckks.sub %x, %y : T, T"),
        ("%a = ckks.neg %y : T; %r = ckks.add %a, %x : T, T", "%r = ckks.sub %x, %y : T, T"),
        ("%a = ckks.neg %y : T; %r = ckks.sub %x, %a : T, T", "%r = ckks.add %x, %y : T, T"),
        ("%a = ckks.sub %x, %y : T, T; %r = ckks.neg %a : T", "%r = ckks.sub %y, %x : T, T"),
        (
            "%a = ckks.add_scalar %x {value = 0.0} : T; %r = ckks.add %a, %y : T, T",
            "%r = ckks.add %x, %y : T, T",
        ),
        (
            "%a = ckks.add_scalar %x {value = 0.5} : T; %r = ckks.add_scalar %a {value = 0.25} : T",
            "%r = ckks.add_scalar %x {value = 0.75} : T",
        ),
        (
            "%a = ckks.rotate %x {by = 5} : T; %r = ckks.rotate %a {by = 6} : T",
            "%r = ckks.rotate %x {by = 3} : T",
        ),
        (
            "%a = ckks.rotate %x {by = 5} : T; %b = ckks.rotate %a {by = 3} : T; %r = ckks.add %b, %y : T, T",
            "%r = ckks.add %x, %y : T, T",
        ),
        (
            "%a = ckks.rotate %x {by = 5} : T; %b = ckks.rotate %y {by = 5} : T; %r = ckks.add %a, %b : T, T",
            "%a = ckks.add %x, %y : T, T; %r = ckks.rotate %a {by = 5} : T",
        ),
        (
            "%a = ckks.conjugate %x : T; %b = ckks.conjugate %a : T; %r = ckks.add %b, %y : T, T",
            "%r = ckks.add %x, %y : T, T",
        ),
        (
            "%d = ckks.mod_up %x : T -> !ckks.digits<level = 3>; \
             %e = ckks.rotate_ext %x, %d {by = 2} : T, !ckks.digits<level = 3>; \
             %r = ckks.mod_down %e : !ckks.ext<level = 3, scale = 40> -> T",
            "%d = ckks.mod_up %x : T -> !ckks.digits<level = 3>; \
             %r = ckks.rotate_hoisted %x, %d {by = 2} : T, !ckks.digits<level = 3>",
        ),
    ];
    for (before, after) in cases {
        check(PARAMS, CT, before, after);
    }
}

#[test]
fn level_drops_are_merged() {
    let loaded = crate::load().expect("the shipped dialects load");
    let drop = |from: &str, by: i64, name: &str, of: &str, to: i64| {
        format!(
            "%{name} = ckks.level_drop %{of} {{levels = {by}}} : {from} -> !ckks.ct<level = {to}, scale = 40, degree = 1>; "
        )
    };
    let end = "%r = ckks.neg %x : T";
    let twice =
        drop(CT, 1, "a", "x", 2) + &drop("!ckks.ct<level = 2, scale = 40, degree = 1>", 2, "b", "a", 0);
    let kept = "%q = \"ckks.decrypt\"(%b) : (!ckks.ct<level = 0, scale = 40, degree = 1>) -> tensor<8xf64>; ";
    // The drops feed a result of another type, so the function returns that.
    let text = format!("{twice}{kept}{end}");
    let mut ir = module(&loaded, PARAMS, CT, &text);
    let used: Vec<_> = ir.all_ops().into_iter().filter(|op| ir.name_str(*op) == "ckks.level_drop").collect();
    assert_eq!(used.len(), 2);
    let function = crate::func::find(&ir, "f").expect("the function is there");
    let block = ir.body(function).expect("it has a body");
    let (last, dropped) = (ir.last_op(block), ir.result(used[1], 0));
    ir.set_operand(last, 0, dropped);
    crate::func::refresh_signature(&mut ir, function);
    canonicalize(&loaded, &mut ir);
    let text = print(&loaded.session.registry, &ir, PrintOptions::default());
    assert_eq!(text.matches("ckks.level_drop").count(), 1, "{text}");
    assert!(text.contains("levels = 3"), "{text}");
}

#[test]
fn products_of_numbers_are_merged_before_levels_only() {
    let ct = "!ckks.ct<degree = 1>";
    let twice =
        "%a = ckks.mul_scalar %x {value = 2.0} : T -> T; %r = ckks.mul_scalar %a {value = 3.0} : T -> T";
    check("", ct, twice, "%r = ckks.mul_scalar %x {value = 6.0} : T -> T");
}

#[test]
fn what_must_not_match_is_left_alone() {
    let kept = [
        "%a = ckks.rotate %x {by = 5} : T; %b = ckks.rotate %a {by = 6} : T; %r = ckks.add %a, %b : T, T",
        "%a = ckks.rotate %x {by = 5} : T; %b = ckks.rotate %y {by = 4} : T; %r = ckks.add %a, %b : T, T",
        "%a = ckks.sub %x, %y : T, T; %b = ckks.neg %a : T; %r = ckks.sub %b, %a : T, T",
        "%a = ckks.add_scalar %x {value = 0.5} : T; %b = ckks.add_scalar %a {value = 0.5} : T; %r = ckks.sub %b, %a : T, T",
        "%a = ckks.neg %x : T; %r = ckks.sub %a, %y : T, T",
    ];
    for text in kept {
        check(PARAMS, CT, text, text);
    }
    // Without parameters nobody knows how many slots there are.
    let ct = "!ckks.ct<degree = 1>";
    let rotations = "%a = ckks.rotate %x {by = 1} : T; %r = ckks.rotate %a {by = 2} : T";
    check("", ct, rotations, rotations);
}
