//! Completion: the standard lowering that a pipeline leaves unsaid.

use super::pipeline::PassInstance;
use super::{PassTable, Session};
use crate::support::Diagnostic;

/// The standard lowering, in order: names of passes in the pass table.
#[derive(Clone, Debug, Default)]
pub struct Lowering {
    /// Pass names, the earliest first.
    pub passes: Vec<String>,
}

/// Inserts the standard lowering passes that `passes` (and the stage `to`, if given) need, in front of the pass
/// that needs them. Passes that the pipeline names itself are not inserted.
///
/// The error names a pass that needs an earlier stage than the IR has reached by then.
pub fn complete(
    session: &Session,
    start: usize,
    passes: Vec<PassInstance>,
    to: Option<usize>,
) -> Result<Vec<PassInstance>, Diagnostic> {
    let table = &session.passes;
    let mut result: Vec<PassInstance> = Vec::new();
    let mut stage = start;
    let named: Vec<String> = passes.iter().map(|pass| pass.name.clone()).collect();
    for (index, pass) in passes.into_iter().enumerate() {
        let range = table.get(&pass.name).and_then(|def| def.stages);
        if let Some(range) = range {
            if stage > range.last {
                return Err(too_late(session, &pass.name, stage, range.last, start));
            }
            if stage < range.first || needs_earlier(session, &pass.name, &result, stage, start) {
                let later = &named[index..];
                lower(session, &mut result, &mut stage, range.first, &pass.name, later)?;
            }
            stage = range.result.unwrap_or(stage);
        }
        result.push(pass);
    }
    if let Some(to) = to {
        if to < stage {
            let names = &session.registry.stages;
            let text = format!("the IR is at stage '{}', which is later than '{}'", names[stage], names[to]);
            return Err(Diagnostic::error(text).help("lowering cannot be undone"));
        }
        lower(session, &mut result, &mut stage, to, "", &[])?;
    }
    Ok(result)
}

/// Whether a pass of the standard lowering runs at its stage already, but the ones before it have not.
fn needs_earlier(session: &Session, name: &str, done: &[PassInstance], stage: usize, start: usize) -> bool {
    let order = &session.lowering.passes;
    let Some(position) = order.iter().position(|pass| pass == name) else { return false };
    let first_of = |pass: &str| session.passes.get(pass).and_then(|def| def.stages).map(|range| range.first);
    order[..position].iter().any(|earlier| {
        first_of(earlier) == Some(stage)
            && stage >= start
            && !done.iter().any(|pass| pass.name == *earlier)
            && first_of(name) == Some(stage)
    })
}

/// Appends standard passes until `target` is reached, in their order, up to (not including) `before`.
fn lower(
    session: &Session,
    result: &mut Vec<PassInstance>,
    stage: &mut usize,
    target: usize,
    before: &str,
    later: &[String],
) -> Result<(), Diagnostic> {
    let order = &session.lowering.passes;
    let limit = order.iter().position(|pass| pass == before).unwrap_or(order.len());
    for name in &order[..limit] {
        let Some(range) = session.passes.get(name).and_then(|def| def.stages) else { continue };
        let reaches = range.result.unwrap_or(range.first);
        // Beyond the target, unless the pass is one of those that lead up to `before`.
        let wanted = range.first <= target && (reaches <= target || limit < order.len());
        let passed = *stage > range.first && reaches <= *stage && !runs_within(range);
        let done = result.iter().any(|pass| pass.name == *name);
        if !wanted || passed || done || *stage > range.last {
            continue;
        }
        if later.contains(name) && name != before {
            // Named further on: a planner can run again, a lowering would come too late.
            if *stage < target && range.result.is_some_and(|result| result > range.first) && !replans(range) {
                return Err(out_of_order(name, before));
            }
            continue;
        }
        result.push(session.passes.instance(name, "", "", 0)?);
        *stage = reaches.max(*stage);
    }
    Ok(())
}

/// A pass that leaves the stage as it is.
fn runs_within(range: super::StageRange) -> bool {
    range.result.is_none()
}

/// A pass that also takes its own result: it can run again.
fn replans(range: super::StageRange) -> bool {
    range.result.is_some_and(|result| result <= range.last)
}

fn out_of_order(name: &str, before: &str) -> Diagnostic {
    Diagnostic::error(format!("pass '{before}' needs '{name}' to have run"))
        .help(format!("name --{name} before --{before}, or leave it out: it is inserted where it belongs"))
}

fn too_late(session: &Session, name: &str, stage: usize, last: usize, start: usize) -> Diagnostic {
    let names = &session.registry.stages;
    let text = format!(
        "pass '{name}' needs stage '{}' or earlier, but the IR is at '{}' by then",
        names[last], names[stage]
    );
    let error = Diagnostic::error(text);
    if start > last {
        error.help(format!(
            "the input is already at stage '{}': give the pass an earlier program",
            names[start]
        ))
    } else {
        error.help(format!("name --{name} before the pass that lowers beyond '{}'", names[last]))
    }
}

impl PassTable {
    /// Whether the pass would still take IR at that stage.
    pub fn admits(&self, name: &str, stage: usize) -> bool {
        self.get(name)
            .and_then(|def| def.stages)
            .is_none_or(|range| (range.first..=range.last).contains(&stage))
    }
}
