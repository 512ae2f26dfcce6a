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
}

/// What happens around each pass: dumps, timing, semantic checks. Supplied by tools.
pub trait Instrumentation {
    /// Before a pass runs.
    fn before(&mut self, _session: &Session, _pass: &PassInstance, _ir: &Ir) {}
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
        let fail = |diagnostics| PassError { pass: Some(pass.name.clone()), diagnostics };
        let Some(def) = session.passes.get(&pass.name) else {
            return Err(fail(vec![Diagnostic::error(format!("unknown pass '{}'", pass.name))]));
        };
        if let Some(range) = def.stages {
            let stage = module_stage(&session.registry, ir).map_err(|e| fail(vec![e]))?;
            if !(range.first..=range.last).contains(&stage) {
                let names = &session.registry.stages;
                let text = format!(
                    "pass '{}' takes stage '{}' to '{}', but the IR is at '{}'",
                    pass.name, names[range.first], names[range.last], names[stage]
                );
                let error = Diagnostic::error(text);
                return Err(fail(vec![
                    error.help("leave out --no-auto-lower, or name the lowering passes before it"),
                ]));
            }
        }
        hooks.before(session, pass, ir);
        let mut report = String::new();
        let mut context = PassContext {
            session,
            options: &pass.options,
            weights,
            target,
            remarks: &mut remarks,
            report: &mut report,
        };
        (def.run)(&mut context, ir).map_err(&fail)?;
        hooks.report(&report);
        if verify_each {
            verify(&session.registry, ir).map_err(&fail)?;
        }
        hooks.after(session, pass, ir).map_err(&fail)?;
    }
    Ok(remarks)
}
