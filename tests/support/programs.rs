//! Programs in tests: read, compile, execute, compare.
#![allow(dead_code, reason = "each test uses a part")]

use std::path::PathBuf;

use he_core::exec::tensor::Tensor;
use he_core::ir::Ir;
use he_core::pass::{Silent, complete, module_stage, parse_pipeline, run_pipeline};
use he_core::schema::verify;
use he_core::support::Weights;
use he_core::text::{PrintOptions, parse, print};
use he_dialects::Loaded;
use he_dialects::ckks::attr::set_params;
use he_dialects::ckks::param_flags::ParamFlags;
use he_dialects::ckks::params::Params;
use he_tools::run::{BackendOptions, Program, max_abs, max_abs_difference};

/// The root of the repository.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().expect("the workspace exists")
}

/// How many generated programs a test checks: a sample, or all where HE_OPT_TESTS is `all`.
pub fn sampled(few: usize, all: usize) -> usize {
    if std::env::var("HE_OPT_TESTS").is_ok_and(|tests| tests == "all") { all } else { few }
}

/// Parameters of a small ring: insecure, and quick. The programs are the same as at a secure ring.
pub fn parameters(degree: &str, moduli: &str, scale: &str) -> Params {
    let flags = ParamFlags {
        poly_modulus_degree: Some(degree.into()),
        coeff_modulus: Some(moduli.into()),
        scale: Some(scale.into()),
        ..ParamFlags::default()
    };
    Params::from_flags(&flags).expect("the parameters are legal")
}

/// Parses and verifies.
pub fn try_read(loaded: &Loaded, text: &str) -> Result<Ir, String> {
    let registry = &loaded.session.registry;
    let mut ir = parse(registry, text, "network.mlir").map_err(|errors| errors[0].to_string())?;
    verify(registry, &mut ir).map_err(|errors| errors[0].to_string())?;
    Ok(ir)
}

/// Parses and verifies what is known to be right.
pub fn read(loaded: &Loaded, text: &str) -> Ir {
    try_read(loaded, text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// Runs `pipeline` and the standard lowering that it, and the stage `to`, need.
pub fn compile(
    loaded: &Loaded,
    weights: &dyn Weights,
    text: &str,
    params: &Params,
    pipeline: &str,
    to: Option<&str>,
) -> Result<Ir, String> {
    let mut ir = read(loaded, text);
    set_params(&mut ir, params);
    let session = &loaded.session;
    let passes = if pipeline.is_empty() { Ok(Vec::new()) } else { parse_pipeline(&session.passes, pipeline) };
    let passes = passes.map_err(|error| error.to_string())?;
    let stage = module_stage(&session.registry, &ir).map_err(|error| error.to_string())?;
    let to = to.map(|name| session.registry.stage(name).expect("the stage is known"));
    let passes = complete(session, stage, passes, to).map_err(|error| error.to_string())?;
    run_pipeline(session, &mut ir, &passes, weights, &(), true, &mut Silent)
        .map_err(|error| format!("{:?}: {}", error.pass, error.diagnostics[0]))?;
    Ok(ir)
}

/// Executes on the random inputs that every stage of a program shares.
pub fn execute(
    loaded: &Loaded,
    weights: &dyn Weights,
    ir: &Ir,
    options: BackendOptions,
) -> Result<Vec<Tensor>, String> {
    let program = Program { loaded, ir, weights, options };
    let inputs = program.random_inputs(7).map_err(|error| error.to_string())?;
    program.execute(&inputs, &mut Vec::new()).map_err(|error| error.to_string())
}

/// The result of the neural network itself on the same inputs.
pub fn reference(loaded: &Loaded, weights: &dyn Weights, ir: &Ir) -> Result<Vec<Tensor>, String> {
    let program = Program { loaded, ir, weights, options: BackendOptions::default() };
    let inputs = program.random_inputs(7).map_err(|error| error.to_string())?;
    let results = program.reference(&inputs).map_err(|error| error.to_string())?;
    results.ok_or_else(|| "the program has no reference".to_owned())
}

/// Largest difference allowed: 1e-9 of the largest output.
pub fn agree(wanted: &[Tensor], found: &[Tensor]) -> Result<(), String> {
    let (difference, largest) = (max_abs_difference(wanted, found), max_abs(wanted));
    if difference <= 1e-9 * largest {
        Ok(())
    } else {
        Err(format!("differs by {difference:e}; largest output {largest:e}"))
    }
}

/// The program as text.
pub fn printed(loaded: &Loaded, ir: &Ir, generic: bool) -> String {
    print(&loaded.session.registry, ir, PrintOptions { generic, ..PrintOptions::default() })
}
