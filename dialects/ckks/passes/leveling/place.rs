//! Placing ops on values: rescales, relinearizations, level drops, refreshes. Each stands right behind the definition of
//! its operand and is remembered, so that every later user shares it.

use he_core::ir::{Attr, OpId, OpSpec, Traits, ValueDef, ValueId};

use super::super::bootstrap::{range_attr, return_level};
use super::{State, Strategy, Walk};
use crate::ckks::attr::{bootstrap_min_level, output_degree};
use crate::ckks::views;

impl Walk<'_> {
    /// A unary op on `value`, right behind its definition, so that every later user can share it.
    pub(super) fn place(
        &mut self,
        name: &str,
        value: ValueId,
        attrs: &[(&str, Attr)],
        state: State,
    ) -> ValueId {
        let name = self.ir.ctx.op_name(name);
        let props = self.ir.dict_of(attrs);
        let blank = self.ir.ty(value);
        let (anchor, loc) = match self.ir.def(value) {
            ValueDef::Result(op, _) => (self.ir.next_op(op), self.ir.loc(op)),
            ValueDef::Argument(block, _) => {
                let first = self.ir.first_op(block);
                (first, self.ir.loc(first))
            }
            ValueDef::Placeholder => return value,
        };
        let op = OpSpec::new(name).operands(&[value]).results(&[blank]).props(props).loc(loc);
        // A value that is used has an op behind it: at least its user.
        let op = op.build_before(self.ir, anchor);
        let result = self.ir.result(op, 0);
        if let Some(bound) = self.bounds.get(value).copied() {
            self.bounds.insert(result, bound);
        }
        if let Some(ahead) = self.ahead.get(value).copied() {
            self.ahead.insert(result, ahead);
        }
        self.set(result, state);
        result
    }

    pub(super) fn rescale(&mut self, value: ValueId, state: State) -> ValueId {
        if let Some(known) = self.rescaled.get(&value) {
            return *known;
        }
        let after = State { level: state.level - 1, scale: state.scale - self.bits(state.level), ..state };
        let result = self.place(views::Rescale::NAME, value, &[], after);
        self.rescaled.insert(value, result);
        result
    }

    pub(super) fn rescale_fully(&mut self, mut value: ValueId) -> ValueId {
        while let Some(state) = self.state(value).filter(|state| self.can_rescale(*state)) {
            value = self.rescale(value, state);
        }
        value
    }

    pub(super) fn relinearize(&mut self, value: ValueId) -> ValueId {
        let Some(state) = self.state(value).filter(|state| state.degree == 2) else { return value };
        if let Some(known) = self.relinearized.get(&value) {
            return *known;
        }
        let result = self.place(views::Relinearize::NAME, value, &[], State { degree: 1, ..state });
        self.relinearized.insert(value, result);
        result
    }

    pub(super) fn drop_to(&mut self, value: ValueId, state: State, level: i64) -> ValueId {
        if state.level == level {
            return value;
        }
        if let Some(known) = self.dropped.get(&(value, level)) {
            return *known;
        }
        let levels = self.ir.ctx.i64_attr(state.level - level);
        let result =
            self.place(views::LevelDrop::NAME, value, &[("levels", levels)], State { level, ..state });
        self.dropped.insert((value, level), result);
        result
    }

    /// Multiplies by 1 at `bits`: the scale grows, the value stays.
    pub(super) fn upscale(&mut self, value: ValueId, state: State, bits: i64) -> ValueId {
        if let Some(known) = self.upscaled.get(&(value, bits)) {
            return *known;
        }
        let attrs = [
            ("value", self.ir.ctx.f64_attr(1.0)),
            ("log_scale", self.ir.ctx.i64_attr(bits)),
            ("align", self.ir.ctx.unit_attr()),
        ];
        let result =
            self.place(views::MulScalar::NAME, value, &attrs, State { scale: state.scale + bits, ..state });
        self.upscaled.insert((value, bits), result);
        result
    }

    /// Brings a value to exactly the nominal scale.
    pub(super) fn normalize(&mut self, value: ValueId) -> ValueId {
        let value = self.rescale_fully(value);
        match self.state(value) {
            Some(state) if state.scale != self.nominal() => {
                let wanted = self.nominal() + self.bits(state.level);
                let value = self.upscale(value, state, wanted - state.scale);
                self.rescale_fully(value)
            }
            _ => value,
        }
    }

    /// The value after the refresh that a plan asks for: below the threshold, with a rescale ahead. Only before a
    /// product is a value brought to the nominal scale for it; elsewhere it must have it.
    pub(super) fn refresh(&mut self, value: ValueId, before_product: bool) -> ValueId {
        let Some(threshold) = self.plan.refresh_below else { return value };
        let Some(state) = self.state(value) else { return value };
        let due = state.level < threshold && (before_product || state.scale == self.nominal());
        if !due || !self.ahead.get(value).copied().unwrap_or(false) {
            return value;
        }
        if let Some(known) = self.refreshed.get(&value) {
            return *known;
        }
        let level = return_level(self.ir, &self.params);
        if level <= state.level {
            return value;
        }
        let ready = self.normalize(value);
        let ready = self.relinearize(ready);
        let Some(state) = self.state(ready) else { return value };
        self.needs_refresh_level(state);
        let attrs = range_attr(self.ir, self.bounds.get(value).copied());
        let result = self.place(views::Bootstrap::NAME, ready, &attrs, State { level, ..state });
        self.refreshed.insert(value, result);
        result
    }

    /// Counts the levels that `state` lacks to be refreshed.
    pub(super) fn needs_refresh_level(&mut self, state: State) {
        self.missing = self.missing.max(bootstrap_min_level(self.ir) - state.level);
    }

    /// The operand after the refresh that a plan asks for.
    pub(super) fn operand(&mut self, op: OpId, index: usize, before_product: bool) -> ValueId {
        let value = self.ir.operand(op, index);
        let refreshed = self.refresh(value, before_product);
        self.use_operand(op, index, refreshed);
        refreshed
    }

    /// The operand without its third polynomial, if another user needs it so anyway: one relinearization then
    /// serves all users, and what is computed from it keeps degree 1.
    pub(super) fn shared_degree(&mut self, original: ValueId, value: ValueId) -> ValueId {
        let wanted = self.plan.relinearize == Some(Strategy::Lazy)
            && (self.wants_degree_one(original) || self.wants_degree_one(value));
        if wanted { self.relinearize(value) } else { value }
    }

    pub(super) fn wants_degree_one(&self, value: ValueId) -> bool {
        self.ir.uses(value).any(|(user, _)| match self.ir.name_str(user) {
            views::Mul::NAME
            | views::Rotate::NAME
            | views::Conjugate::NAME
            | views::ModUp::NAME
            | views::RotateHoisted::NAME
            | views::RotateExt::NAME
            | views::Bootstrap::NAME
            | views::Relinearize::NAME => true,
            views::Rescale::NAME | views::LevelDrop::NAME => self.wants_degree_one(self.ir.result(user, 0)),
            _ => self.ir.has_trait(user, Traits::TERMINATOR) && output_degree(self.ir) == 1,
        })
    }

    pub(super) fn use_operand(&mut self, op: OpId, index: usize, value: ValueId) {
        if self.ir.operand(op, index) != value {
            self.ir.set_operand(op, index, value);
        }
    }
}
