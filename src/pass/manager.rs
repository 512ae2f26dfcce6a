//! Running a pipeline.

use std::any::Any;

use super::Session;
use super::options::Options;
use super::pipeline::PassInstance;
use super::standard::module_stage;
use crate::ir::Ir;
use crate::schema::verify;
use crate::support::{Diagnostic, Diagnostics, Weights};

/// What a pass sees besides the IR.
pub struct PassContext<'a> {
    /// Everything that is loaded.
    pub session: &'a Session,
    /// The pass's options.
    pub options: &'a Options,
    /// Where weights come from.
    pub weights: &'a dyn Weights,
    /// What the dialects and the tool agreed on (a target profile, a printer); core does not look inside.
    pub target: &'a dyn Any,
    /// Remarks and warnings for the user.
    pub remarks: &'a mut Diagnostics,
    /// Text for standard error, such as reports.
    pub report: &'a mut String,
}

/// A pipeline that stopped.
#[derive(Debug)]
pub struct PassError {
    /// The pass that failed, if one did.
    pub pass: Option<String>,
    /// What is wrong.
    pub diagnostics: Diagnostics,
    /// Remarks and warnings of the passes up to then.
    pub remarks: Diagnostics,
}

/// What happens around each pass: dumps, timing, semantic checks. Supplied by tools.
pub trait Instrumentation {
    /// Before a pass runs.
    fn before(&mut self, _session: &Session, _pass: &PassInstance, _ir: &Ir) {}
    /// After a pass ran, before its result is verified.
    fn ran(&mut self, _pass: &PassInstance) {}
    /// After a pass failed, or its result did not verify.
    fn failed(&mut self, _session: &Session, _pass: &PassInstance, _ir: &Ir) {}
    /// After a pass ran and its result verified. An error stops the pipeline.
    fn after(&mut self, _session: &Session, _pass: &PassInstance, _ir: &Ir) -> Result<(), Diagnostics> {
        Ok(())
    }
    /// Takes what a pass reported, right after it ran.
    fn report(&mut self, _text: &str) {}
}

/// No dumps, no timing.
pub struct Silent;

impl Instrumentation for Silent {}

/// Runs `passes` in order. Verifies after each if `verify_each`.
pub fn run_pipeline(
    session: &Session,
    ir: &mut Ir,
    passes: &[PassInstance],
    weights: &dyn Weights,
    target: &dyn Any,
    verify_each: bool,
    hooks: &mut dyn Instrumentation,
) -> Result<Diagnostics, PassError> {
    let mut remarks = Diagnostics::new();
    for pass in passes {
        let run = Run { session, pass, weights, target, verify_each };
        if let Err(diagnostics) = run.pass(ir, &mut remarks, hooks) {
            hooks.failed(session, pass, ir);
            return Err(PassError { pass: Some(pass.name.clone()), diagnostics, remarks });
        }
    }
    Ok(remarks)
}

/// One pass about to run.
struct Run<'a> {
    session: &'a Session,
    pass: &'a PassInstance,
    weights: &'a dyn Weights,
    target: &'a dyn Any,
    verify_each: bool,
}

impl Run<'_> {
    fn pass(
        &self,
        ir: &mut Ir,
        remarks: &mut Diagnostics,
        hooks: &mut dyn Instrumentation,
    ) -> Result<(), Diagnostics> {
        let (session, pass) = (self.session, self.pass);
        let Some(def) = session.passes.get(&pass.name) else {
            return Err(vec![Diagnostic::error(format!("unknown pass '{}'", pass.name))]);
        };
        self.check_stage(ir).map_err(|error| vec![error])?;
        hooks.before(session, pass, ir);
        let mut report = String::new();
        let mut context = PassContext {
            session,
            options: &pass.options,
            weights: self.weights,
            target: self.target,
            remarks,
            report: &mut report,
        };
        (def.run)(&mut context, ir)?;
        hooks.report(&report);
        hooks.ran(pass);
        if self.verify_each {
            verify(&session.registry, ir)?;
        }
        hooks.after(session, pass, ir)
    }

    /// Whether the pass takes the stage that the IR is at.
    fn check_stage(&self, ir: &Ir) -> Result<(), Diagnostic> {
        let range = self.session.passes.get(&self.pass.name).and_then(|def| def.stages);
        let Some(range) = range else { return Ok(()) };
        let stage = module_stage(&self.session.registry, ir)?;
        if (range.first..=range.last).contains(&stage) {
            return Ok(());
        }
        let names = &self.session.registry.stages;
        let takes = match &names[range.first..=range.last] {
            [only] => format!("stage '{only}'"),
            stages => format!("stages '{}'", stages.join("', '")),
        };
        let text =
            format!("pass '{}' takes {takes}, but the IR is at stage '{}'", self.pass.name, names[stage]);
        let help = "leave out --no-auto-lower, or name the lowering passes before it";
        Err(Diagnostic::error(text).help(help))
    }
}
