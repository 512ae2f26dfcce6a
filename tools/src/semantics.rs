//! `--check-semantics`: executes the program after each pass, and names the pass that changed what it computes.

use he_core::exec::tensor::Tensor;
use he_core::ir::Ir;
use he_core::pass::{Instrumentation, PassInstance, Session};
use he_core::support::{Diagnostic, Diagnostics, Weights};
use he_dialects::Loaded;
use he_dialects::lower::bounds::error_bound;

use crate::run::{BackendOptions, Program, max_abs, max_abs_difference};

/// Seeds of the inputs that are tried.
const SEEDS: [u64; 3] = [1, 2, 3];
/// How far a pass may move the results, relative to the largest of them.
const TOLERANCE: f64 = 1e-9;
/// The pass that is allowed to change the results, up to the propagated bound.
const APPROXIMATE: &str = "approximate";

/// Compares the program before and after each pass on random inputs.
pub struct SemanticCheck<'a> {
    loaded: &'a Loaded,
    weights: &'a dyn Weights,
    /// The inputs and results of the program so far; `None` before the first pass.
    known: Option<Result<Vec<Sample>, Diagnostic>>,
}

/// Inputs and the results that the program has for them.
struct Sample {
    inputs: Vec<Tensor>,
    outputs: Vec<Tensor>,
}

impl<'a> SemanticCheck<'a> {
    /// A check that executes with these kernels and weights.
    pub fn new(loaded: &'a Loaded, weights: &'a dyn Weights) -> Self {
        SemanticCheck { loaded, weights, known: None }
    }

    fn program<'p>(&'p self, ir: &'p Ir) -> Program<'p> {
        Program { loaded: self.loaded, ir, weights: self.weights, options: BackendOptions::default() }
    }

    fn samples(&self, ir: &Ir) -> Result<Vec<Sample>, Diagnostic> {
        let program = self.program(ir);
        let sample = |seed: u64| {
            let inputs = program.random_inputs(seed)?;
            let outputs = program.execute(&inputs, &mut Diagnostics::new())?;
            Ok(Sample { inputs, outputs })
        };
        SEEDS.into_iter().map(sample).collect()
    }

    fn compare(&self, pass: &str, ir: &Ir, known: &[Sample]) -> Result<Vec<Sample>, Diagnostic> {
        let program = self.program(ir);
        let bound = match pass {
            APPROXIMATE => {
                error_bound(&self.loaded.session.registry, ir, self.weights)?.unwrap_or(f64::INFINITY)
            }
            _ => 0.0,
        };
        let mut samples = Vec::with_capacity(known.len());
        for Sample { inputs, outputs: expected } in known {
            let outputs = program.execute(inputs, &mut Diagnostics::new()).map_err(|error| {
                let text =
                    format!("after pass '{pass}' the program cannot be executed any more: {}", error.message);
                Diagnostic { message: text, ..error }
            })?;
            let difference = max_abs_difference(&outputs, expected);
            let allowed = bound + TOLERANCE * max_abs(expected).max(f64::MIN_POSITIVE);
            if difference > allowed {
                let text = format!(
                    "pass '{pass}' changed what the program computes: the results moved by {difference:.3e}, and {allowed:.3e} is allowed"
                );
                return Err(Diagnostic::error(text)
                    .help("this is a bug of the pass; --print-ir-after shows its result"));
            }
            samples.push(Sample { inputs: inputs.clone(), outputs });
        }
        Ok(samples)
    }
}

impl Instrumentation for SemanticCheck<'_> {
    fn before(&mut self, _session: &Session, _pass: &PassInstance, ir: &Ir) {
        if self.known.is_none() {
            self.known = Some(self.samples(ir));
        }
    }

    fn after(&mut self, _session: &Session, pass: &PassInstance, ir: &Ir) -> Result<(), Diagnostics> {
        let next = match self.known.take() {
            Some(Ok(known)) => self.compare(&pass.name, ir, &known),
            Some(Err(error)) => {
                Err(error.help("--check-semantics executes the program before the first pass"))
            }
            None => self.samples(ir),
        };
        match next {
            Ok(samples) => {
                self.known = Some(Ok(samples));
                Ok(())
            }
            Err(error) => Err(vec![error]),
        }
    }
}
