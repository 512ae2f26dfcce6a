//! Watching rewrites: which rule fired where, why one did not, how often, and a limit to bisect by.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use super::apply::{Applier, build_rule};
use super::driver::{RewriteStats, reason};
use super::matcher::{Miss, match_variant};
use super::rules::{Group, GroupKind, Rule};
use crate::ir::{Ir, OpId};
use crate::schema::Registry;
use crate::support::{Diagnostic, Diagnostics};

/// What is wanted of all rewrites of a run. Shared by its passes.
#[derive(Clone, Debug, Default)]
pub struct RewriteControl {
    /// Tell which rule fired where.
    pub trace: bool,
    /// Tell why these rules did not fire.
    pub explain: Vec<Question>,
    limit: Cell<Option<u64>>,
    done: Cell<u64>,
    statistics: RefCell<Vec<(String, RewriteStats)>>,
}

/// `--explain RULE[@LINE]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The rule.
    pub rule: String,
    /// The line of the program, where only one is meant.
    pub line: Option<u32>,
}

impl Question {
    /// Parses `RULE` or `RULE@LINE`. The error is what is wrong with it.
    pub fn parse(text: &str) -> Result<Question, String> {
        match text.split_once('@') {
            None => Ok(Question { rule: text.to_owned(), line: None }),
            Some((rule, line)) => match line.parse() {
                Ok(line) => Ok(Question { rule: rule.to_owned(), line: Some(line) }),
                Err(_) => Err(format!("'{line}' is not a line number")),
            },
        }
    }
}

impl RewriteControl {
    /// Counts a rewrite, unless the limit is reached.
    pub(super) fn may_rewrite(&self) -> bool {
        let Some(limit) = self.limit.get() else { return true };
        let done = self.done.get();
        if done < limit {
            self.done.set(done + 1);
        }
        done < limit
    }

    pub(super) fn count(&self, group: &str, stats: &RewriteStats) {
        self.statistics.borrow_mut().push((group.to_owned(), stats.clone()));
    }

    /// Sets how many rewrites there may be; what is to come after them is left as it is.
    pub fn set_limit(&self, limit: Option<u64>) {
        self.limit.set(limit);
    }

    /// Does `work` with at most `limit` rewrites, of which nothing is remembered. Yields its result, and how often each
    /// rule fired.
    pub fn within<R>(&self, limit: u64, work: impl FnOnce() -> R) -> (R, BTreeMap<String, usize>) {
        let (outer, done) = (self.limit.replace(Some(limit)), self.done.replace(0));
        let known = self.statistics.borrow().len();
        let result = work();
        self.limit.set(outer);
        self.done.set(done);
        let mut fired = BTreeMap::new();
        for (_, stats) in self.statistics.borrow_mut().drain(known..) {
            for (rule, count) in stats.fired {
                *fired.entry(rule).or_default() += count;
            }
        }
        (result, fired)
    }

    /// What each group did, in the order in which they ran.
    pub fn statistics(&self) -> Vec<(String, RewriteStats)> {
        self.statistics.borrow().clone()
    }
}

/// Most remarks that one run of a group makes.
const MAX_REMARKS: usize = 10_000;

/// Collects remarks while a group runs.
pub(super) struct Observer {
    trace: bool,
    questions: Vec<Question>,
    /// Whether anything was said to each question.
    answered: Vec<bool>,
    remarks: Diagnostics,
}

impl Observer {
    pub fn new(control: &RewriteControl, group: &Group) -> Observer {
        let known = control.explain.iter().filter(|question| group.rule(&question.rule).is_some());
        let questions: Vec<_> = known.cloned().collect();
        Observer {
            trace: control.trace,
            answered: vec![false; questions.len()],
            questions,
            remarks: Vec::new(),
        }
    }

    pub fn is_watching(&self) -> bool {
        self.trace || !self.questions.is_empty()
    }

    fn say(&mut self, remark: Diagnostic) {
        if self.remarks.len() < MAX_REMARKS && !self.remarks.contains(&remark) {
            self.remarks.push(remark);
        }
    }

    /// Notes that a rule fired at an op.
    pub fn fired(&mut self, ir: &Ir, rule: &Rule, op: OpId) {
        let asked = self.questions.iter().any(|question| question.rule == rule.name);
        if self.trace || asked {
            let text = format!("rule '{}' fires at '{}'", rule.name, ir.name_str(op));
            let remark = Diagnostic::remark(text).at(ir.position(op));
            self.say(remark.note(rule.position.clone(), "the rule"));
        }
    }

    /// Notes why rules that are asked about do not fire at an op.
    pub fn explain(
        &mut self,
        registry: &Registry,
        ir: &mut Ir,
        group: &Group,
        op: OpId,
        applier: &mut Applier,
    ) {
        for number in 0..self.questions.len() {
            let Question { rule, line } = self.questions[number].clone();
            let Some(rule) = group.rule(&rule) else { continue };
            let position = ir.position(op);
            let elsewhere = line.is_some() && line != position.as_ref().map(|position| position.line);
            if elsewhere || !rule.root_op().contains(&ir.name(op)) {
                continue;
            }
            self.answered[number] = true;
            let converts = matches!(group.kind, GroupKind::Conversion { .. });
            let Some(miss) = first_miss(registry, ir, rule, op, applier, converts) else { continue };
            let text = format!("rule '{}' does not fire at '{}'", rule.name, ir.name_str(op));
            let why = reason(rule, &miss);
            self.say(
                Diagnostic::remark(format!("{text}: {why}"))
                    .at(position)
                    .note(rule.position.clone(), "the rule"),
            );
        }
    }

    /// Hands out the remarks.
    pub fn finish(&mut self, ir: &Ir, group: &Group, remarks: &mut Diagnostics) {
        remarks.append(&mut self.remarks);
        for (question, answered) in self.questions.iter().zip(&self.answered) {
            if *answered {
                continue;
            }
            let Some(rule) = group.rule(&question.rule) else { continue };
            let ops: Vec<_> =
                rule.root_op().into_iter().map(|op| format!("'{}'", ir.ctx.op_str(op))).collect();
            let place = question.line.map_or(String::new(), |line| format!(" at line {line}"));
            let text = format!("rule '{}' meets no {}{place}", rule.name, ops.join(" or "));
            remarks.push(Diagnostic::remark(text).note(rule.position.clone(), "the rule"));
        }
    }
}

/// Why no variant of the rule fires: of all reasons the one that comes latest. `None` where one fires.
fn first_miss(
    registry: &Registry,
    ir: &mut Ir,
    rule: &Rule,
    op: OpId,
    applier: &mut Applier,
    converts: bool,
) -> Option<Miss> {
    let mut slots = Vec::new();
    let mut best = Miss::Shape;
    for pattern in &rule.variants {
        let outcome = match_variant(registry, ir, rule, pattern, op, &mut slots)
            .and_then(|()| build_rule(registry, ir, rule, op, &mut slots, applier, converts));
        match outcome {
            Ok(()) => {
                applier.undo(ir);
                return None;
            }
            Err(miss) => {
                if rank(&miss) > rank(&best) {
                    best = miss;
                }
            }
        }
    }
    Some(best)
}

/// How far a rule got before it failed.
pub(super) fn rank(miss: &Miss) -> usize {
    match miss {
        Miss::Shape => 0,
        Miss::Condition(number) => 1 + number,
        Miss::Value(_) | Miss::Type(_) | Miss::Unchanged => usize::MAX,
    }
}
