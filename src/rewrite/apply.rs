//! Building a rule's right side and putting it into the root's place.

use super::matcher::Miss;
use super::rules::Rule;
use crate::expr::Val;
use crate::ir::{Ir, OpId, RegionId, ValueId};
use crate::schema::{BuildError, OpBuilder, Place, Registry};

impl From<BuildError> for Miss {
    fn from(error: BuildError) -> Miss {
        match error {
            BuildError::Value(text) => Miss::Value(text),
            BuildError::Type(text) => Miss::Type(text),
        }
    }
}

/// Builds right sides; keeps its buffers from one to the next.
#[derive(Default)]
pub(super) struct Applier {
    builder: OpBuilder,
    /// The op of each step of the rule.
    steps: Vec<OpId>,
}

impl Applier {
    /// The ops that the last rewrite built, in order.
    pub fn built(&self) -> &[OpId] {
        &self.builder.built
    }

    /// From now on ops are built over `new` where a rule names `old`.
    pub fn convert(&mut self, old: ValueId, new: ValueId) {
        self.builder.converted.insert(old, new);
    }

    /// What a value has become.
    pub fn converted(&self, value: ValueId) -> ValueId {
        self.builder.current(value)
    }

    /// Takes back the last build.
    pub fn undo(&mut self, ir: &mut Ir) {
        self.builder.undo(ir);
    }
}

/// Builds the right side of `rule` before `root`; what takes the place of the results is in `slots`. On a miss nothing
/// is left behind. Types must stay, unless `converts`.
pub(super) fn build_rule(
    registry: &Registry,
    ir: &mut Ir,
    rule: &Rule,
    root: OpId,
    slots: &mut [Val],
    applier: &mut Applier,
    converts: bool,
) -> Result<(), Miss> {
    applier.builder.start();
    applier.steps.clear();
    let result = build_all(registry, ir, rule, root, slots, applier)
        .and_then(|()| check_replacements(ir, rule, root, slots, applier, converts));
    if result.is_err() {
        applier.undo(ir);
    }
    result
}

fn build_all(
    registry: &Registry,
    ir: &mut Ir,
    rule: &Rule,
    root: OpId,
    slots: &mut [Val],
    applier: &mut Applier,
) -> Result<(), Miss> {
    let loc = ir.loc(root);
    for step in &rule.steps {
        let op = applier.builder.build(registry, ir, &step.build, slots, Place::Before(root), loc)?;
        applier.steps.push(op);
        for (number, slot) in step.slots.iter().enumerate() {
            if let Some(slot) = slot {
                slots[*slot] = Val::Value(ir.result(op, number));
            }
        }
    }
    Ok(())
}

fn check_replacements(
    ir: &mut Ir,
    rule: &Rule,
    root: OpId,
    slots: &[Val],
    applier: &Applier,
    converts: bool,
) -> Result<(), Miss> {
    let mut same = true;
    for (number, slot) in rule.replacements.iter().enumerate() {
        let old = ir.result(root, number);
        let Val::Value(new) = slots[*slot] else {
            return Err(Miss::Value("the replacement is not a value".into()));
        };
        if !converts && ir.ty(new) != ir.ty(old) {
            let (new, old) = (ir.ctx.type_text(ir.ty(new)), ir.ctx.type_text(ir.ty(old)));
            return Err(Miss::Type(format!("the replacement has type {new}, the replaced value {old}")));
        }
        same &= new == old;
    }
    if same && !rule.replacements.is_empty() {
        return Err(Miss::Unchanged);
    }
    if let Some(step) = rule.successor {
        let new = applier.steps[step];
        if rule.keep_attrs {
            let attrs = ir.attrs(root);
            ir.set_attrs(new, attrs);
        }
        if ir.regions(root).len() == rule.steps[step].build.regions.len() && same_op(ir, root, new) {
            return Err(Miss::Unchanged);
        }
    }
    Ok(())
}

fn same_op(ir: &Ir, a: OpId, b: OpId) -> bool {
    ir.name(a) == ir.name(b)
        && ir.props(a) == ir.props(b)
        && ir.attrs(a) == ir.attrs(b)
        && ir.operands(a).eq(ir.operands(b))
        && ir.results(a).map(|v| ir.ty(v)).eq(ir.results(b).map(|v| ir.ty(v)))
}

/// Moves the regions that the rule binds from `root` into the ops that were built.
pub(super) fn move_regions(ir: &mut Ir, rule: &Rule, root: OpId, slots: &[Val], applier: &Applier) {
    let from: Vec<RegionId> = ir.regions(root).to_vec();
    for (step, target) in rule.steps.iter().zip(&applier.steps) {
        let moved = step.build.regions.iter().filter_map(|slot| match slots[*slot] {
            Val::Int(number) => from.get(number as usize).copied(),
            _ => None,
        });
        let moved: Vec<RegionId> = moved.collect();
        ir.move_regions(&moved, *target);
    }
}
