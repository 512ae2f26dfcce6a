//! Programs on exact primes compute what they compute without: the drift of each rescale is made up for, whatever the
//! chain, the library and the placement.

#[path = "support/programs.rs"]
mod programs;

use he_core::exec::tensor::Tensor;
use he_core::ir::Ir;
use he_core::support::NoWeights;
use he_dialects::Loaded;
use he_dialects::ckks::attr::{params_of, set_params};
use he_dialects::ckks::noise::Library;
use he_dialects::ckks::params::Params;
use he_dialects::ckks::passes::leveling::fit_primes;
use he_tools::run::{BackendOptions, max_abs_difference};
use programs::{compile, execute, parameters};

/// Sums of powers without any factor: only level drops can make up for the drift.
const POWERS: &str = r#"
func.func @main(%a: tensor<1x4xf32> {nn.range = [-0.9, 0.9]}) -> tensor<1x4xf32> {
  %1 = "nn.mul"(%a, %a) : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x4xf32>
  %2 = "nn.mul"(%1, %a) : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x4xf32>
  %3 = "nn.mul"(%2, %2) : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x4xf32>
  %4 = "nn.add"(%a, %1) : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x4xf32>
  %5 = "nn.sub"(%4, %2) : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x4xf32>
  %6 = "nn.add"(%5, %3) : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x4xf32>
  func.return %6 : tensor<1x4xf32>
}"#;

/// Products of sums of products, of two arguments.
const MIXED: &str = r#"
func.func @main(%a: tensor<1x4xf32> {nn.range = [-0.9, 0.9]}, %b: tensor<1x4xf32> {nn.range = [0.1, 0.9]}) -> tensor<1x4xf32> {
  %0 = "nn.mul"(%a, %b) : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x4xf32>
  %1 = "nn.mul"(%0, %0) : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x4xf32>
  %2 = "nn.add"(%1, %a) : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x4xf32>
  %3 = "nn.mul"(%2, %2) : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x4xf32>
  %4 = "nn.sub"(%3, %0) : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x4xf32>
  %5 = "nn.mul"(%4, %b) : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x4xf32>
  %6 = "nn.add"(%5, %2) : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x4xf32>
  func.return %6 : tensor<1x4xf32>
}"#;

/// Layers, activations and a residual sum.
const RESIDUAL: &str = r#"
func.func @main(%a: tensor<1x8xf32> {nn.range = [-1.0, 1.0]}) -> tensor<1x8xf32> {
  %w = "nn.constant"() {value = #nn.random<seed = 1, std = 0.3>} : () -> tensor<8x8xf32>
  %b = "nn.constant"() {value = #nn.random<seed = 2, std = 0.3>} : () -> tensor<8xf32>
  %1 = "nn.linear"(%a, %w, %b) : (tensor<1x8xf32>, tensor<8x8xf32>, tensor<8xf32>) -> tensor<1x8xf32>
  %2 = "nn.gelu"(%1) : (tensor<1x8xf32>) -> tensor<1x8xf32>
  %3 = "nn.add"(%2, %a) : (tensor<1x8xf32>, tensor<1x8xf32>) -> tensor<1x8xf32>
  %4 = "nn.linear"(%3, %w, %b) : (tensor<1x8xf32>, tensor<8x8xf32>, tensor<8xf32>) -> tensor<1x8xf32>
  %5 = "nn.sigmoid"(%4) : (tensor<1x8xf32>) -> tensor<1x8xf32>
  func.return %5 : tensor<1x8xf32>
}"#;

const PLACEMENTS: [&str; 4] = [
    "relinearize{strategy=eager},rescale{strategy=eager}",
    "relinearize{strategy=lazy},rescale{strategy=lazy}",
    "relinearize{strategy=optimal},rescale{strategy=optimal}",
    "bsgs{min-size=4},rescale{strategy=lazy}",
];

fn run(loaded: &Loaded, ir: &Ir) -> Vec<Tensor> {
    execute(loaded, &NoWeights, ir, BackendOptions::default()).expect("it runs")
}

/// The largest difference that the primes of `library` make to the results.
fn difference(loaded: &Loaded, compiled: &Ir, library: Library) -> f64 {
    let mut ir = compiled.clone();
    fit_primes(&mut ir, library).expect("it has a scale for each sum");
    he_core::schema::verify(&loaded.session.registry, &mut ir).expect("it verifies");
    let params = params_of(&ir).expect("legal").expect("stated");
    assert!(params.moduli.is_some(), "there are primes of {:?}", params.log_q);
    let exact = run(loaded, &ir);
    set_params(&mut ir, &Params { moduli: None, ..params });
    max_abs_difference(&exact, &run(loaded, compiled))
}

fn check(loaded: &Loaded, text: &str, chain: (&str, &str), libraries: &[Library]) {
    let params = parameters("4096", chain.0, chain.1);
    for pipeline in PLACEMENTS {
        let compiled =
            compile(loaded, &NoWeights, text, &params, pipeline, Some("leveled")).expect("it compiles");
        for library in libraries {
            let off = difference(loaded, &compiled, *library);
            assert!(off < 1e-11, "{pipeline} at {chain:?} for {library:?}: {off:e}{text}");
        }
    }
}

#[test]
fn even_chains_do_not_drift() {
    let loaded = he_dialects::load().expect("the dialects load");
    for text in [POWERS, MIXED, RESIDUAL] {
        for chain in [("60,25x16", "2^25"), ("60,30x16", "2^30"), ("60,40x16", "2^40"), ("60,50x16", "2^50")]
        {
            check(&loaded, text, chain, &[Library::OpenFhe, Library::Seal]);
        }
    }
}

#[test]
fn uneven_chains_do_not_drift() {
    let loaded = he_dialects::load().expect("the dialects load");
    for text in [POWERS, MIXED, RESIDUAL] {
        for chain in [("60x24", "2^40"), ("60,50x10,40x15", "2^40"), ("60,30,45x20", "2^30")] {
            check(&loaded, text, chain, &[Library::Seal]);
        }
    }
}
