//! `--check-semantics`: executes the program after each pass, and names the pass that changed what it computes.

use he_core::exec::tensor::Tensor;
use he_core::ir::Ir;
use he_core::pass::{Instrumentation, PassInstance, Session, Silent, run_pipeline};
use he_core::support::{Diagnostic, Diagnostics, Weights};
use he_dialects::Loaded;
use he_dialects::lower::bounds::error_bound;

use crate::run::{BackendOptions, Program, max_abs, max_abs_difference};

/// Seeds of the inputs that are tried.
const SEEDS: [u64; 3] = [1, 2, 3];
/// How far a pass may move the results, relative to the largest of them.
const TOLERANCE: f64 = 1e-9;
/// The passes that are allowed to change the results, up to the propagated bound.
const APPROXIMATIONS: [&str; 2] = ["approximate", "auto"];

/// Compares the program before and after each pass on random inputs.
pub struct SemanticCheck<'a> {
    loaded: &'a Loaded,
    weights: &'a dyn Weights,
    /// The inputs and results of the program so far; `None` before the first pass.
    known: Option<Result<Vec<Sample>, Diagnostic>>,
    /// The program before the pass that runs.
    before: Option<Ir>,
}

/// Inputs and the results that the program has for them.
struct Sample {
    inputs: Vec<Tensor>,
    outputs: Vec<Tensor>,
}

impl<'a> SemanticCheck<'a> {
    /// A check that executes with these kernels and weights.
    pub fn new(loaded: &'a Loaded, weights: &'a dyn Weights) -> Self {
        SemanticCheck { loaded, weights, known: None, before: None }
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

    /// The rule whose rewrite is the first of a pass after which the results are others: found by bisection. `None` where
    /// the pass rewrites by no rules, or its rewrites make sense together only.
    fn culprit(&self, session: &Session, pass: &PassInstance, known: &[Sample]) -> Option<String> {
        let (before, control) = (self.before.as_ref()?, &session.rewriting);
        // Whether the results are right after that many rewrites, and which rules fired.
        let after = |limit: u64| {
            let mut ir = before.clone();
            let passes = std::slice::from_ref(pass);
            let (run, fired) = control.within(limit, || {
                run_pipeline(session, &mut ir, passes, self.weights, &(), true, &mut Silent).is_ok()
            });
            (run && self.compare(&pass.name, &ir, known).is_ok(), fired)
        };
        let (mut right, (is_right, mut fired_before)) = (0, after(0));
        let mut wrong = after(u64::MAX).1.values().sum::<usize>() as u64;
        if !is_right || wrong == 0 {
            return None;
        }
        while right + 1 < wrong {
            let middle = right + (wrong - right) / 2;
            match after(middle) {
                (true, fired) => (right, fired_before) = (middle, fired),
                (false, _) => wrong = middle,
            }
        }
        let fired = after(wrong).1;
        let rule = fired.into_iter().find(|(rule, count)| fired_before.get(rule) != Some(count))?.0;
        Some(format!("rewrite {wrong} of the pass is the first that changes the results: by rule '{rule}'"))
    }

    fn compare(&self, pass: &str, ir: &Ir, known: &[Sample]) -> Result<Vec<Sample>, Diagnostic> {
        let program = self.program(ir);
        let bound = match APPROXIMATIONS.contains(&pass) {
            true => error_bound(&self.loaded.session.registry, ir, self.weights)?.unwrap_or(f64::INFINITY),
            false => 0.0,
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
        self.before = Some(ir.clone());
    }

    fn after(&mut self, session: &Session, pass: &PassInstance, ir: &Ir) -> Result<(), Diagnostics> {
        let next = match self.known.take() {
            Some(Ok(known)) => self.compare(&pass.name, ir, &known).map_err(|error| {
                match self.culprit(session, pass, &known) {
                    Some(culprit) => error.note(None, culprit),
                    None => error,
                }
            }),
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

#[cfg(test)]
mod tests {
    use super::*;
    use he_core::pass::{PassDef, parse_pipeline};
    use he_core::support::NoWeights;
    use he_core::text::parse;

    const PROGRAM: &str =
        "func.func @main(%x: tensor<1x4xf32>, %y: tensor<1x4xf32> {nn.plain}) -> tensor<1x4xf32> {
  %w = nn.constant {value = #nn.random<seed = 1, std = 0.5>} : tensor<4x4xf32>
  %0 = nn.linear %x, %w : (tensor<1x4xf32>, tensor<4x4xf32>) -> tensor<1x4xf32>
  %1 = nn.tanh %0 : tensor<1x4xf32>
  %2 = nn.mul %1, %y : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x4xf32>
  return %2 : tensor<1x4xf32>
}";

    /// A pass that turns the first product into a sum.
    fn breaking_pass() -> PassDef {
        PassDef {
            name: "break".into(),
            doc: "Breaks the program".into(),
            options: Vec::new(),
            stages: None,
            run: Box::new(|_, ir| {
                let find = |ir: &Ir| ir.all_ops().into_iter().find(|op| ir.name_str(*op) == "nn.mul");
                if let (Some(product), Some(sum)) = (find(ir), ir.ctx.find_op("nn.add")) {
                    let operands: Vec<_> = ir.operands(product).collect();
                    let old = ir.result(product, 0);
                    let new = he_core::ir::OpSpec::new(sum).operands(&operands).results(&[ir.ty(old)]);
                    let new = new.build_before(ir, product);
                    ir.replace_all_uses(old, ir.result(new, 0));
                    ir.erase(product);
                }
                Ok(())
            }),
        }
    }

    fn check(pipeline: &str) -> Result<(), Diagnostics> {
        let mut loaded = he_dialects::load().expect("the dialects load");
        loaded.session.passes.add(breaking_pass()).expect("a new name");
        let mut ir = parse(&loaded.session.registry, PROGRAM, "test.mlir")?;
        let passes = parse_pipeline(&loaded.session.passes, pipeline).map_err(|error| vec![error])?;
        let mut check = SemanticCheck::new(&loaded, &NoWeights);
        let ran = run_pipeline(&loaded.session, &mut ir, &passes, &NoWeights, &(), true, &mut check);
        ran.map(|_| ()).map_err(|error| error.diagnostics)
    }

    #[test]
    fn sound_passes_pass() {
        check("canonicalize,approximate,cse,dce").unwrap_or_else(|errors| panic!("{}", errors[0]));
        check("approximate{degree=2},canonicalize").unwrap_or_else(|errors| panic!("{}", errors[0]));
    }

    #[test]
    fn a_pass_that_breaks_the_program_is_named() {
        for pipeline in ["break", "approximate,cse,break"] {
            let errors = check(pipeline).expect_err("refused");
            assert!(errors[0].message.starts_with("pass 'break' changed what"), "{}", errors[0]);
        }
    }
}
