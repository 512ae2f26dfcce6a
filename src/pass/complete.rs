//! Completion: the standard lowering that a pipeline leaves unsaid.

use super::pipeline::PassInstance;
use super::{PassTable, Session, StageRange};
use crate::support::Diagnostic;

/// The standard lowering, in order: names of passes in the pass table.
#[derive(Clone, Debug, Default)]
pub struct Lowering {
    /// Pass names, the earliest first.
    pub passes: Vec<String>,
}

/// Inserts the passes of the standard lowering that `passes` (and the stage `to`, if given) need, in front of the
/// pass that needs them. `start` is the stage of the input.
///
/// A pass of the lowering needs those before it; any other pass needs those that lead up to its first stage. The
/// error names a pass that needs an earlier stage than the IR has reached by then, and how to reorder.
pub fn complete(
    session: &Session,
    start: usize,
    passes: Vec<PassInstance>,
    to: Option<usize>,
) -> Result<Vec<PassInstance>, Diagnostic> {
    let mut state = Completion { session, start, stage: start, done: Vec::new(), raised: Vec::new() };
    let named: Vec<String> = passes.iter().map(|pass| pass.name.clone()).collect();
    for (index, pass) in passes.into_iter().enumerate() {
        let Some(range) = session.passes.range(&pass.name) else {
            state.done.push(pass);
            continue;
        };
        let before = state.stage;
        if state.stage > range.last {
            return Err(state.too_late(&pass, range));
        }
        for needed in state.needed_by(&pass.name, range, &named[index + 1..]) {
            state.insert(&needed)?;
        }
        if state.stage > range.last {
            return Err(state.too_late(&pass, range));
        }
        state.stage = range.result.unwrap_or(state.stage);
        if state.stage > before {
            state.raised.push((pass.clone(), state.stage));
        }
        state.done.push(pass);
    }
    if let Some(to) = to {
        if to < state.stage {
            return Err(state.beyond(to));
        }
        for needed in state.leading_to(to) {
            state.insert(&needed)?;
        }
    }
    Ok(state.done)
}

struct Completion<'a> {
    session: &'a Session,
    /// The stage of the input.
    start: usize,
    /// The stage after `done`.
    stage: usize,
    done: Vec<PassInstance>,
    /// Passes that the user named and the stage that each raised the IR to, its needs included.
    raised: Vec<(PassInstance, usize)>,
}

impl Completion<'_> {
    /// Whether the work of a lowering pass is behind us: it ran, or one that did its work with that of the passes before
    /// it, or the input is the result of it.
    fn is_behind(&self, name: &str, range: StageRange) -> bool {
        let leaps = |pass: &PassInstance| {
            let own = self.session.passes.range(&pass.name).filter(|own| own.first < range.first);
            let beyond = range.result.unwrap_or(range.last + 1);
            own.and_then(|own| own.result).is_some_and(|result| result >= beyond)
        };
        self.done.iter().any(|pass| pass.name == name || leaps(pass))
            || self.stage > range.last
            || range.result.is_some_and(|result| self.start >= result)
    }

    /// The passes of the lowering that `keep` holds for and whose work is not done yet, in order.
    fn missing(&self, keep: impl Fn(usize, &str, StageRange) -> bool) -> Vec<String> {
        let lowering = self.session.lowering.passes.iter().enumerate();
        let missing = lowering.filter(|(position, name)| {
            let range = self.session.passes.range(name);
            range.is_some_and(|range| keep(*position, name, range) && !self.is_behind(name, range))
        });
        missing.map(|(_, name)| name.clone()).collect()
    }

    /// What must run before `name`. `later` are the passes that the user names after it.
    fn needed_by(&self, name: &str, range: StageRange, later: &[String]) -> Vec<String> {
        match self.session.lowering.passes.iter().position(|pass| pass == name) {
            // Planners can run in any order: one that is named further on is not run twice.
            Some(own) => self.missing(|position, other, other_range| {
                position < own && !(other_range.is_planner() && later.iter().any(|pass| pass == other))
            }),
            None => self.leading_to(range.first),
        }
    }

    /// What must run for the IR to reach `stage`.
    fn leading_to(&self, stage: usize) -> Vec<String> {
        self.missing(|_, _, range| match range.result {
            Some(result) => result <= stage,
            None => range.last < stage,
        })
    }

    fn insert(&mut self, name: &str) -> Result<(), Diagnostic> {
        let instance = self.session.passes.instance(name, "", "", 0)?;
        self.done.push(PassInstance { place: None, ..instance });
        let result = self.session.passes.range(name).and_then(|range| range.result);
        self.stage = result.unwrap_or(self.stage);
        Ok(())
    }

    fn too_late(&self, pass: &PassInstance, range: StageRange) -> Diagnostic {
        let names = &self.session.registry.stages;
        let name = &pass.name;
        // The pass itself, or one that has its work done on the way.
        if let Some(first) = self.done.iter().find(|first| first.name == *name && first.place.is_some()) {
            let error = Diagnostic::error(format!("pass '{name}' is given twice, and can run once only"));
            let note = match first.written == *name {
                true => "it is given here first".to_owned(),
                false => format!("--{} gives it first", first.written),
            };
            let help = match first.written == pass.written {
                true => "leave out one of them".to_owned(),
                false => format!("leave out --{} or --{}", first.written, pass.written),
            };
            return error.at(pass.place.clone()).note(first.place.clone(), note).help(help);
        }
        let text = format!(
            "pass '{name}' needs stage '{}', but the IR is at stage '{}' by then",
            names[range.last], names[self.stage]
        );
        let error = Diagnostic::error(text).at(pass.place.clone());
        match self.raised.iter().find(|(_, stage)| *stage > range.last) {
            Some((culprit, stage)) => {
                let (written, stage) = (&culprit.written, &names[*stage]);
                error
                    .note(culprit.place.clone(), format!("--{written} lowers the IR to stage '{stage}'"))
                    .help(format!("write --{} before --{written}", pass.written))
            }
            None => error.help(format!(
                "the input is at stage '{}' already: start from a program at stage '{}' or earlier",
                names[self.start], names[range.last]
            )),
        }
    }

    fn beyond(&self, to: usize) -> Diagnostic {
        let names = &self.session.registry.stages;
        let text =
            format!("the IR cannot go back to stage '{}': it is at stage '{}'", names[to], names[self.stage]);
        Diagnostic::error(text)
            .help(format!("leave out --to={}, or the passes that lower beyond it", names[to]))
    }
}

impl StageRange {
    /// Whether the pass takes its own result: it can run again.
    fn is_planner(self) -> bool {
        self.result.is_some_and(|result| result <= self.last)
    }
}

impl PassTable {
    fn range(&self, name: &str) -> Option<StageRange> {
        self.get(name)?.stages
    }
}

#[cfg(test)]
#[path = "complete_tests.rs"]
mod tests;
