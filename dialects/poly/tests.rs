//! The ops: their forms, what they refuse, what they compute.

use std::rc::Rc;

use he_core::exec::tensor::Tensor;
use he_core::exec::{Interpreter, RuntimeValue};
use he_core::ir::Ir;
use he_core::schema::verify;
use he_core::support::{Diagnostics, NoWeights};
use he_core::text::{PrintOptions, parse, print};

fn loaded() -> crate::Loaded {
    crate::load().unwrap_or_else(|error| panic!("{error}"))
}

fn program(op: &str) -> String {
    format!(
        "func.func @main(%x: tensor<3xf64>) -> tensor<3xf64> {{\n  %0 = {op}\n  return %0 : tensor<3xf64>\n}}\n"
    )
}

fn eval(attrs: &str) -> String {
    program(&format!("poly.eval %x {{{attrs}}} : tensor<3xf64> -> tensor<3xf64>"))
}

fn parsed(loaded: &crate::Loaded, text: &str) -> Result<Ir, Diagnostics> {
    let mut ir = parse(&loaded.session.registry, text, "test.mlir")?;
    verify(&loaded.session.registry, &mut ir)?;
    Ok(ir)
}

fn run(text: &str, x: [f64; 3]) -> (Vec<f64>, Diagnostics) {
    let loaded = loaded();
    let ir = parsed(&loaded, text).unwrap_or_else(|errors| panic!("{}\n{text}", errors[0]));
    let mut warnings = Diagnostics::new();
    let mut interpreter = Interpreter::new(&loaded.session.registry, &loaded.kernels, &ir, &NoWeights);
    let x: RuntimeValue = Rc::new(Tensor::new(vec![3], x.to_vec()).unwrap());
    let results = interpreter.call(ir.top_level_ops()[0], &[x], &mut (), &mut warnings);
    let results = results.unwrap_or_else(|error| panic!("{error}"));
    (results[0].downcast_ref::<Tensor>().expect("a tensor").data.clone(), warnings)
}

const COMPOSED: &str = "poly.compose %x {polynomials = [#poly.polynomial<coefficients = [1.0, 2.0], domain = [-1.0, 1.0]>, \
                        #poly.polynomial<coefficients = [0.0, 0.0, 1.0], domain = [-1.0, 3.0]>]} : tensor<3xf64> -> tensor<3xf64>";

#[test]
fn both_bases_are_evaluated() {
    let powers = eval("coefficients = [1.0, 2.0, 3.0], domain = [-1.0, 1.0]");
    assert_eq!(run(&powers, [0.0, 1.0, -1.0]).0, [1.0, 6.0, 2.0]);
    // T_2 of the domain [0, 2] mapped onto [-1, 1].
    let chebyshev = eval("coefficients = [0.0, 0.0, 1.0], basis = \"chebyshev\", domain = [0.0, 2.0]");
    assert_eq!(run(&chebyshev, [0.0, 1.0, 2.0]).0, [1.0, -1.0, 1.0]);
    assert_eq!(run(&program(COMPOSED), [0.0, 1.0, -1.0]).0, [1.0, 9.0, 1.0]);
}

#[test]
fn an_element_outside_of_the_domain_is_warned_about() {
    let text = eval("coefficients = [1.0, 2.0], domain = [-1.0, 1.0], function = \"gelu\"");
    let (_, warnings) = run(&text, [0.0, 1.5, -3.0]);
    assert_eq!(warnings.len(), 1);
    let expected = "the input -3 of 'poly.eval' (gelu) is outside of its domain [-1, 1]";
    assert_eq!(warnings[0].message, expected);
    assert_eq!(warnings[0].position.as_ref().map(|at| at.line), Some(2));
    assert!(run(&text, [0.0, 1.0 + 1e-10, -1.0]).1.is_empty());
}

#[test]
fn ops_round_trip_in_both_forms() {
    let loaded = loaded();
    let registry = &loaded.session.registry;
    let full = eval(
        "coefficients = [0.1, -2.0e-17], basis = \"chebyshev\", domain = [-1.0, 1.0], max_error = 0.25, function = \"gelu\"",
    );
    for text in [full, program(COMPOSED)] {
        for generic in [false, true] {
            let options = PrintOptions { generic, ..PrintOptions::default() };
            let once =
                print(registry, &parsed(&loaded, &text).unwrap_or_else(|e| panic!("{}", e[0])), options);
            let again = parsed(&loaded, &once).unwrap_or_else(|e| panic!("{}\n{once}", e[0]));
            assert_eq!(print(registry, &again, options), once);
        }
    }
}

#[test]
fn bad_polynomials_are_refused() {
    let loaded = loaded();
    let many = vec!["1.0"; 1001].join(", ");
    let cases = [
        (eval("coefficients = [], domain = [-1.0, 1.0]"), "1 to 1000 coefficients, not 0"),
        (eval(&format!("coefficients = [{many}], domain = [-1.0, 1.0]")), "not 1001"),
        (eval("coefficients = [0x7FF8000000000000 : f64], domain = [-1.0, 1.0]"), "coefficient 0 is NaN"),
        (eval("coefficients = [\"a\"], domain = [-1.0, 1.0]"), "'coefficients' must be a list of floats"),
        (eval("coefficients = [1.0], domain = [1.0, 1.0]"), "two numbers in increasing order"),
        (eval("coefficients = [1.0], domain = [1.0]"), "two numbers in increasing order"),
        (eval("coefficients = [1.0], domain = [-1.0, 1.0], basis = \"power\""), "a word of poly.basis"),
        (eval("coefficients = [1.0], domain = [-1.0, 1.0], max_error = -1.0"), "finite and not negative"),
        (
            "func.func @main(%x: tensor<3xf64>) -> tensor<3xf32> {
  %0 = poly.eval %x {coefficients = [1.0], domain = [-1.0, 1.0]} : tensor<3xf64> -> tensor<3xf32>
  return %0 : tensor<3xf32>
}"
            .to_owned(),
            "result should be tensor<3xf64>, as the input, but is tensor<3xf32>",
        ),
        (eval("domain = [-1.0, 1.0]"), "requires attribute 'coefficients'"),
        (
            program("poly.compose %x {polynomials = []} : tensor<3xf64> -> tensor<3xf64>"),
            "1 to 64 polynomials",
        ),
        (
            program("poly.compose %x {polynomials = [3]} : tensor<3xf64> -> tensor<3xf64>"),
            "composes #poly.polynomial",
        ),
    ];
    for (text, expected) in cases {
        let errors = parsed(&loaded, &text).err().unwrap_or_else(|| panic!("accepts\n{text}"));
        assert!(errors[0].message.contains(expected), "{}", errors[0]);
    }
}
