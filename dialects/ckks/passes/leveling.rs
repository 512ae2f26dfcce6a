//! The only writer of levels, scales and level drops.
//!
//! One walk over the program in order gives every ciphertext its level, scale and degree, and places what a
//! [`Plan`] asks for on the way. Where an op's operands do not fit together it
//! - rescales or drops the higher one until the levels agree,
//! - encodes a constant that was multiplied in at another scale, so that scales agree without an op,
//! - else multiplies the smaller one by 1 at the missing scale.
//!
//! Levels may become negative: then the module says how many are missing, and `bootstrap` may mend it.

use he_core::ir::{Ir, OpId, OpSpec, Traits, Type, ValueDef, ValueId};
use he_core::schema::{REFERENCE_ATTR, Registry, infer_results};
use he_core::support::Diagnostic;
use rustc_hash::FxHashMap;

use crate::ckks::attr::{CtType, MISSING_LEVELS_ATTR, PtType, params_of};
use crate::ckks::bounds::bounds;
use crate::ckks::params::Params;
use crate::ckks::verify::needed_bits;
use crate::func;

/// When to place an op that could be placed at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strategy {
    /// After each product
    Eager,
    /// When it is needed
    Lazy,
}

/// What a walk places; `None` keeps what is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Rescales.
    pub rescale: Option<Strategy>,
    /// Relinearizations.
    pub relinearize: Option<Strategy>,
    /// Bootstraps what falls below this level and has a product ahead.
    pub refresh_below: Option<i64>,
}

impl Plan {
    /// Only levels, scales and level drops.
    pub fn keep() -> Plan {
        Plan { rescale: None, relinearize: None, refresh_below: None }
    }
}

/// Level, scale and degree of a ciphertext, all known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    /// Rescales left.
    pub level: i64,
    /// Nominal scale in bits.
    pub scale: i64,
    /// Polynomials less one.
    pub degree: i64,
}

/// Whether the program has levels.
pub fn is_leveled(ir: &Ir) -> bool {
    ir.all_ops().iter().any(|op| {
        ir.results(*op).any(|value| CtType::of(ir, ir.ty(value)).is_some_and(|ty| ty.level.is_some()))
    })
}

/// Replaces every op of that name by its operand.
pub fn erase_all(ir: &mut Ir, name: &str) {
    for op in ir.all_ops() {
        if ir.name_str(op) == name {
            bypass(ir, op);
        }
    }
}

fn bypass(ir: &mut Ir, op: OpId) {
    ir.replace_all_uses(ir.result(op, 0), ir.operand(op, 0));
    ir.erase(op);
}

/// Gives the whole program its levels. Records missing levels in the module; sets the stage to `leveled`.
pub fn assign(registry: &Registry, ir: &mut Ir, plan: Plan) -> Result<(), Diagnostic> {
    let params = params_of(ir)?.unwrap_or_default();
    for op in ir.all_ops() {
        let align = ir.name_str(op) == "ckks.mul_scalar" && ir.attr_named(op, "align").is_some();
        if align || ir.name_str(op) == "ckks.level_drop" {
            bypass(ir, op);
        } else if ir.name_str(op) == "ckks.encode" {
            let blank = PtType { level: None, scale: None }.to_type(ir);
            ir.set_type(ir.result(op, 0), blank);
        }
    }
    let entry = func::entry(ir)?;
    let mut walk = Walk::new(registry, ir, params, plan, entry);
    walk.function(entry)?;
    let missing = walk.missing;
    let outputs: Vec<Type> = walk.ir.body(entry).map_or_else(Vec::new, |block| {
        let last = walk.ir.last_op(block);
        if last.is_none() { Vec::new() } else { walk.ir.operands(last).map(|v| walk.ir.ty(v)).collect() }
    });
    client_functions(registry, ir, entry, &outputs)?;
    he_core::rewrite::sweep_dead(ir);
    for function in func::functions(ir) {
        if ir.attr_named(function, REFERENCE_ATTR).is_none() {
            func::refresh_signature(ir, function);
        }
    }
    let top = ir.top();
    let attr = (missing > 0).then(|| ir.ctx.i64_attr(missing));
    ir.set_attr(top, MISSING_LEVELS_ATTR, attr);
    he_core::pass::set_module_stage(registry, ir, 4);
    Ok(())
}

/// The client encrypts what the entry takes and decrypts what it returns.
fn client_functions(
    registry: &Registry,
    ir: &mut Ir,
    entry: OpId,
    outputs: &[Type],
) -> Result<(), Diagnostic> {
    let params = params_of(ir)?.unwrap_or_default();
    let prefix = format!("{}__decrypt__result", func::name(ir, entry));
    for function in func::functions(ir) {
        if function == entry || ir.attr_named(function, REFERENCE_ATTR).is_some() {
            continue;
        }
        let Some(block) = ir.body(function) else { continue };
        let number = func::name(ir, function).strip_prefix(&prefix).and_then(|n| n.parse::<usize>().ok());
        if let Some(ty) = number.and_then(|number| outputs.get(number)) {
            if let Some(arg) = ir.args(block).first().copied() {
                ir.set_type(arg, *ty);
            }
            continue;
        }
        Walk::new(registry, ir, params.clone(), Plan::keep(), function).function(function)?;
    }
    Ok(())
}

struct Walk<'a> {
    registry: &'a Registry,
    ir: &'a mut Ir,
    params: Params,
    plan: Plan,
    bounds: FxHashMap<ValueId, f64>,
    rescaled: FxHashMap<ValueId, ValueId>,
    relinearized: FxHashMap<ValueId, ValueId>,
    refreshed: FxHashMap<ValueId, ValueId>,
    dropped: FxHashMap<(ValueId, i64), ValueId>,
    /// Values from which a rescale can be reached; only filled where bootstraps are placed.
    ahead: FxHashMap<ValueId, bool>,
    missing: i64,
}

/// Most repairs of one op's operands: each lowers a level or closes a difference of scales.
const MAX_REPAIRS: usize = 4096;

impl<'a> Walk<'a> {
    fn new(registry: &'a Registry, ir: &'a mut Ir, params: Params, plan: Plan, function: OpId) -> Self {
        let bounds = bounds(registry, ir, function);
        let ahead = match plan.refresh_below {
            Some(_) => rescales_ahead(ir, function),
            None => FxHashMap::default(),
        };
        Walk {
            registry,
            ir,
            params,
            plan,
            bounds,
            rescaled: FxHashMap::default(),
            relinearized: FxHashMap::default(),
            refreshed: FxHashMap::default(),
            dropped: FxHashMap::default(),
            ahead,
            missing: 0,
        }
    }

    fn function(&mut self, function: OpId) -> Result<(), Diagnostic> {
        let Some(block) = self.ir.body(function) else { return Ok(()) };
        for arg in self.ir.args(block).to_vec() {
            if CtType::of(self.ir, self.ir.ty(arg)).is_some() {
                let fresh = State {
                    level: self.params.max_level(),
                    scale: i64::from(self.params.log_scale),
                    degree: 1,
                };
                self.set(arg, fresh);
            }
        }
        for op in self.ir.block_ops(block) {
            if !self.ir.is_erased(op) {
                self.op(op)?;
            }
        }
        Ok(())
    }

    // ---- facts

    fn state(&self, value: ValueId) -> Option<State> {
        let ty = CtType::of(self.ir, self.ir.ty(value))?;
        Some(State { level: ty.level?, scale: ty.scale?, degree: ty.degree })
    }

    fn known(&self, op: OpId, value: ValueId) -> Result<State, Diagnostic> {
        self.state(value).ok_or_else(|| {
            let text = format!("'{}' op has an operand without a level", self.ir.name_str(op));
            Diagnostic::error(text).at(self.ir.position(op))
        })
    }

    fn set(&mut self, value: ValueId, state: State) {
        let ty = CtType { level: Some(state.level), scale: Some(state.scale), degree: state.degree };
        let ty = ty.to_type(self.ir);
        self.ir.set_type(value, ty);
        let bound = self.bounds.get(&value).copied().unwrap_or(1.0);
        self.missing = self.missing.max(missing_levels(&self.params, state, bound));
    }

    fn bits(&self, level: i64) -> i64 {
        i64::from(self.params.rescale_bits(level))
    }

    fn nominal(&self) -> i64 {
        i64::from(self.params.log_scale)
    }

    fn can_rescale(&self, state: State) -> bool {
        state.scale - self.bits(state.level) >= self.nominal()
    }

    // ---- placing ops

    /// A unary op on `value`, right behind its definition, so that every later user can share it.
    fn place(
        &mut self,
        name: &str,
        value: ValueId,
        attrs: &[(&str, he_core::ir::Attr)],
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
        if let Some(bound) = self.bounds.get(&value).copied() {
            self.bounds.insert(result, bound);
        }
        if let Some(ahead) = self.ahead.get(&value).copied() {
            self.ahead.insert(result, ahead);
        }
        self.set(result, state);
        result
    }

    fn rescale(&mut self, value: ValueId, state: State) -> ValueId {
        if let Some(known) = self.rescaled.get(&value) {
            return *known;
        }
        let after = State { level: state.level - 1, scale: state.scale - self.bits(state.level), ..state };
        let result = self.place("ckks.rescale", value, &[], after);
        self.rescaled.insert(value, result);
        result
    }

    fn rescale_fully(&mut self, mut value: ValueId) -> ValueId {
        while let Some(state) = self.state(value).filter(|state| self.can_rescale(*state)) {
            value = self.rescale(value, state);
        }
        value
    }

    fn relinearize(&mut self, value: ValueId) -> ValueId {
        let Some(state) = self.state(value).filter(|state| state.degree == 2) else { return value };
        if let Some(known) = self.relinearized.get(&value) {
            return *known;
        }
        let result = self.place("ckks.relinearize", value, &[], State { degree: 1, ..state });
        self.relinearized.insert(value, result);
        result
    }

    fn drop_to(&mut self, value: ValueId, state: State, level: i64) -> ValueId {
        if state.level == level {
            return value;
        }
        if let Some(known) = self.dropped.get(&(value, level)) {
            return *known;
        }
        let levels = self.ir.ctx.i64_attr(state.level - level);
        let result = self.place("ckks.level_drop", value, &[("levels", levels)], State { level, ..state });
        self.dropped.insert((value, level), result);
        result
    }

    /// Multiplies by 1 at `bits`: the scale grows, the value stays.
    fn upscale(&mut self, value: ValueId, state: State, bits: i64) -> ValueId {
        let attrs = [
            ("value", self.ir.ctx.f64_attr(1.0)),
            ("log_scale", self.ir.ctx.i64_attr(bits)),
            ("align", self.ir.ctx.unit_attr()),
        ];
        self.place("ckks.mul_scalar", value, &attrs, State { scale: state.scale + bits, ..state })
    }

    /// Brings a value to exactly the nominal scale.
    fn normalize(&mut self, value: ValueId) -> ValueId {
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
    fn refresh(&mut self, value: ValueId, before_product: bool) -> ValueId {
        let Some(threshold) = self.plan.refresh_below else { return value };
        let Some(state) = self.state(value) else { return value };
        let due = state.level < threshold && (before_product || state.scale == self.nominal());
        if !due || !self.ahead.get(&value).copied().unwrap_or(false) {
            return value;
        }
        if let Some(known) = self.refreshed.get(&value) {
            return *known;
        }
        let level = super::bootstrap::return_level(self.ir, &self.params);
        if level <= state.level {
            return value;
        }
        let ready = self.normalize(value);
        let ready = self.relinearize(ready);
        let Some(state) = self.state(ready) else { return value };
        let attrs = super::bootstrap::range_attr(self.ir, self.bounds.get(&value).copied());
        let result = self.place("ckks.bootstrap", ready, &attrs, State { level, ..state });
        self.refreshed.insert(value, result);
        result
    }

    /// The operand after the refresh that a plan asks for.
    fn operand(&mut self, op: OpId, index: usize, before_product: bool) -> ValueId {
        let value = self.ir.operand(op, index);
        let refreshed = self.refresh(value, before_product);
        self.use_operand(op, index, refreshed);
        refreshed
    }

    /// The operand without its third polynomial, if another user needs it so anyway: one relinearization then
    /// serves all users, and what is computed from it keeps degree 1.
    fn shared_degree(&mut self, original: ValueId, value: ValueId) -> ValueId {
        let lazy = self.plan.relinearize == Some(Strategy::Lazy);
        if lazy && (self.wants_degree_one(original) || self.wants_degree_one(value)) {
            self.relinearize(value)
        } else {
            value
        }
    }

    fn wants_degree_one(&self, value: ValueId) -> bool {
        self.ir.uses(value).any(|(user, _)| match self.ir.name_str(user) {
            "ckks.mul" | "ckks.rotate" | "ckks.conjugate" | "ckks.bootstrap" | "ckks.relinearize" => true,
            "ckks.rescale" | "ckks.level_drop" => self.wants_degree_one(self.ir.result(user, 0)),
            _ => self.ir.has_trait(user, Traits::TERMINATOR),
        })
    }

    fn use_operand(&mut self, op: OpId, index: usize, value: ValueId) {
        if self.ir.operand(op, index) != value {
            self.ir.set_operand(op, index, value);
        }
    }

    // ---- ops

    fn op(&mut self, op: OpId) -> Result<(), Diagnostic> {
        let name = self.ir.name_str(op).to_owned();
        match name.as_str() {
            "ckks.encode" => Ok(()),
            "ckks.encrypt" => {
                let state = State { level: self.params.max_level(), scale: self.nominal(), degree: 1 };
                self.plaintext(op, 0, state.level, state.scale);
                self.set(self.ir.result(op, 0), state);
                Ok(())
            }
            "ckks.mul" => self.product(op),
            "ckks.mul_plain" | "ckks.mul_scalar" => self.plain_product(op, &name),
            "ckks.add" | "ckks.sub" => {
                let state = self.align(op)?;
                self.set(self.ir.result(op, 0), state);
                Ok(())
            }
            "ckks.add_plain" | "ckks.sub_plain" => {
                let value = self.operand(op, 0, false);
                let value = self.shared_degree(value, value);
                self.use_operand(op, 0, value);
                let state = self.known(op, value)?;
                self.plaintext(op, 1, state.level, state.scale);
                self.set(self.ir.result(op, 0), state);
                Ok(())
            }
            "ckks.rotate" | "ckks.conjugate" => self.rotation(op),
            "ckks.rescale" => self.kept_rescale(op),
            "ckks.relinearize" => {
                let value = self.ir.operand(op, 0);
                let state = self.known(op, value)?;
                if state.degree == 1 {
                    bypass(self.ir, op);
                } else {
                    self.set(self.ir.result(op, 0), State { degree: 1, ..state });
                    self.relinearized.insert(value, self.ir.result(op, 0));
                }
                Ok(())
            }
            "ckks.bootstrap" => {
                let value = self.ir.operand(op, 0);
                let value = self.normalize(value);
                let value = self.relinearize(value);
                self.use_operand(op, 0, value);
                let state = self.known(op, value)?;
                let level = super::bootstrap::return_level(self.ir, &self.params);
                self.set(self.ir.result(op, 0), State { level, ..state });
                Ok(())
            }
            _ if self.ir.has_trait(op, Traits::TERMINATOR) => {
                self.outputs(op);
                Ok(())
            }
            _ => self.other(op),
        }
    }

    fn product(&mut self, op: OpId) -> Result<(), Diagnostic> {
        let mut values = [self.operand(op, 0, true), self.operand(op, 1, true)];
        if self.plan.rescale.is_some() {
            values = values.map(|value| self.rescale_fully(value));
        }
        let degrees = self.known(op, values[0])?.degree + self.known(op, values[1])?.degree;
        if degrees > 2 {
            values = values.map(|value| self.relinearize(value));
        }
        let states = [self.known(op, values[0])?, self.known(op, values[1])?];
        let level = states[0].level.min(states[1].level);
        for index in 0..2 {
            let value = self.drop_to(values[index], states[index], level);
            self.use_operand(op, index, value);
        }
        let degree = states[0].degree + states[1].degree;
        let result = self.ir.result(op, 0);
        self.set(result, State { level, scale: states[0].scale + states[1].scale, degree });
        if self.plan.relinearize == Some(Strategy::Eager) {
            let after = self.relinearize(result);
            self.take_over(result, after);
            self.eager_rescale(after);
        } else {
            self.eager_rescale(result);
        }
        Ok(())
    }

    /// Makes later users of `value` use `after`, which was placed on it.
    fn take_over(&mut self, value: ValueId, after: ValueId) {
        if value == after {
            return;
        }
        self.ir.replace_all_uses(value, after);
        let op = self.ir.def_op(after);
        self.ir.set_operand(op, 0, value);
    }

    fn eager_rescale(&mut self, mut value: ValueId) {
        if self.plan.rescale != Some(Strategy::Eager) {
            return;
        }
        while let Some(state) = self.state(value).filter(|state| self.can_rescale(*state)) {
            let after = self.rescale(value, state);
            self.take_over(value, after);
            value = after;
        }
    }

    fn plain_product(&mut self, op: OpId, name: &str) -> Result<(), Diagnostic> {
        let original = self.operand(op, 0, true);
        let mut value = original;
        if self.plan.rescale.is_some() {
            value = self.rescale_fully(value);
        }
        value = self.shared_degree(original, value);
        self.use_operand(op, 0, value);
        let state = self.known(op, value)?;
        // At the prime's own bits, so that one rescale returns exactly to the operand's scale.
        let bits = self.bits(state.level);
        if name == "ckks.mul_plain" {
            self.plaintext(op, 1, state.level, bits);
        } else {
            let attr = self.ir.ctx.i64_attr(bits);
            self.ir.set_attr(op, "log_scale", Some(attr));
        }
        let result = self.ir.result(op, 0);
        self.set(result, State { scale: state.scale + bits, ..state });
        self.eager_rescale(result);
        Ok(())
    }

    fn rotation(&mut self, op: OpId) -> Result<(), Diagnostic> {
        let mut value = self.operand(op, 0, false);
        let result = self.ir.result(op, 0);
        if self.plan.rescale == Some(Strategy::Lazy) && self.feeds_product(result) {
            value = self.rescale_fully(value);
        }
        value = self.relinearize(value);
        self.use_operand(op, 0, value);
        let state = self.known(op, value)?;
        self.set(result, state);
        Ok(())
    }

    /// Whether a product uses the value, perhaps after more rotations: then a rescale before the rotation serves
    /// all of them, where one behind it would be needed each time.
    fn feeds_product(&self, value: ValueId) -> bool {
        let mut pending = vec![value];
        while let Some(value) = pending.pop() {
            for (user, _) in self.ir.uses(value) {
                match self.ir.name_str(user) {
                    "ckks.mul" | "ckks.mul_plain" | "ckks.mul_scalar" => return true,
                    "ckks.rotate" | "ckks.conjugate" | "ckks.neg" => pending.push(self.ir.result(user, 0)),
                    _ => {}
                }
            }
        }
        false
    }

    fn kept_rescale(&mut self, op: OpId) -> Result<(), Diagnostic> {
        let value = self.ir.operand(op, 0);
        let mut state = self.known(op, value)?;
        let short = self.nominal() + self.bits(state.level) - state.scale;
        if short > 0 {
            let value = self.upscale(value, state, short);
            self.use_operand(op, 0, value);
            state.scale += short;
        }
        let result = self.ir.result(op, 0);
        self.set(
            result,
            State { level: state.level - 1, scale: state.scale - self.bits(state.level), ..state },
        );
        self.rescaled.insert(self.ir.operand(op, 0), result);
        Ok(())
    }

    fn outputs(&mut self, op: OpId) {
        for index in 0..self.ir.operand_count(op) {
            let mut value = self.ir.operand(op, index);
            if self.plan.rescale.is_some() {
                value = self.rescale_fully(value);
            }
            value = self.relinearize(value);
            self.use_operand(op, index, value);
        }
    }

    /// Any other op: ciphertext operands are aligned as for a sum, results follow from the schema.
    fn other(&mut self, op: OpId) -> Result<(), Diagnostic> {
        if self.ir.operands(op).all(|value| CtType::of(self.ir, self.ir.ty(value)).is_none()) {
            return Ok(());
        }
        self.align(op)?;
        let types = infer_results(self.registry, self.ir, op)?;
        for (value, ty) in self.ir.results(op).zip(types.unwrap_or_default()) {
            self.ir.set_type(value, ty);
            if let Some(state) = self.state(value) {
                self.set(value, state);
            }
        }
        Ok(())
    }

    // ---- plaintexts

    /// Encodes operand `index` of `op` at a level and scale; a shared encode at another one is copied.
    fn plaintext(&mut self, op: OpId, index: usize, level: i64, scale: i64) {
        let wanted = PtType { level: Some(level), scale: Some(scale) };
        let value = self.ir.operand(op, index);
        let ty = wanted.to_type(self.ir);
        match PtType::of(self.ir, self.ir.ty(value)) {
            Some(known) if known == wanted => {}
            Some(PtType { level: None, .. }) => self.ir.set_type(value, ty),
            Some(_) => {
                let encode = self.ir.def_op(value);
                if encode.is_none() {
                    return;
                }
                let (name, loc, operand) =
                    (self.ir.name(encode), self.ir.loc(encode), self.ir.operand(encode, 0));
                let (props, attrs) = (self.ir.props(encode), self.ir.attrs(encode));
                let copy =
                    OpSpec::new(name).operands(&[operand]).results(&[ty]).props(props).attrs(attrs).loc(loc);
                let copy = copy.build_before(self.ir, op);
                self.ir.set_operand(op, index, self.ir.result(copy, 0));
            }
            None => {}
        }
    }

    // ---- alignment

    /// Brings all ciphertext operands of `op` to one level and scale; the result's state for a sum of them.
    fn align(&mut self, op: OpId) -> Result<State, Diagnostic> {
        let mut indices = Vec::new();
        for index in 0..self.ir.operand_count(op) {
            if CtType::of(self.ir, self.ir.ty(self.ir.operand(op, index))).is_some() {
                let value = self.operand(op, index, false);
                let value = self.shared_degree(value, value);
                self.use_operand(op, index, value);
                indices.push(index);
            }
        }
        for _ in 0..MAX_REPAIRS {
            let mut states = Vec::with_capacity(indices.len());
            for index in &indices {
                states.push((*index, self.known(op, self.ir.operand(op, *index))?));
            }
            let (Some(high), Some(low)) =
                (states.iter().max_by_key(|(_, s)| s.level), states.iter().min_by_key(|(_, s)| s.level))
            else {
                break;
            };
            let (Some(big), Some(small)) =
                (states.iter().max_by_key(|(_, s)| s.scale), states.iter().min_by_key(|(_, s)| s.scale))
            else {
                break;
            };
            if high.1.level != low.1.level {
                self.lower(op, *high, low.1);
            } else if big.1.scale != small.1.scale {
                self.match_scale(op, *big, *small);
            } else {
                let degree = states.iter().map(|(_, state)| state.degree).max().unwrap_or(1);
                return Ok(State { degree, ..high.1 });
            }
        }
        let text =
            format!("'{}' op: its operands cannot be brought to one level and scale", self.ir.name_str(op));
        Err(Diagnostic::error(text).at(self.ir.position(op)))
    }

    /// One step of operand `high` towards the level of `low`.
    fn lower(&mut self, op: OpId, (index, state): (usize, State), low: State) {
        let value = self.ir.operand(op, index);
        let useful = self.can_rescale(state) && state.scale > low.scale;
        let value = if useful { self.rescale(value, state) } else { self.drop_to(value, state, low.level) };
        self.use_operand(op, index, value);
    }

    /// One step towards equal scales at equal levels.
    fn match_scale(&mut self, op: OpId, big: (usize, State), small: (usize, State)) {
        let (big_value, small_value) = (self.ir.operand(op, big.0), self.ir.operand(op, small.0));
        let difference = big.1.scale - small.1.scale;
        if self.lift(small_value, difference) {
            return;
        }
        if self.can_rescale(big.1) {
            let value = self.rescale(big_value, big.1);
            self.use_operand(op, big.0, value);
        } else {
            let value = self.upscale(small_value, small.1, difference);
            self.use_operand(op, small.0, value);
        }
    }

    /// Raises the scale of a value that is a constant's product by encoding the constant at more bits. Only where
    /// nothing else uses the values in between.
    fn lift(&mut self, value: ValueId, bits: i64) -> bool {
        let op = self.ir.def_op(value);
        let Some(state) = self.state(value).filter(|_| !op.is_none() && self.ir.has_one_use(value)) else {
            return false;
        };
        let lifted = State { scale: state.scale + bits, ..state };
        let bound = self.bounds.get(&value).copied().unwrap_or(1.0);
        if missing_levels(&self.params, lifted, bound) > missing_levels(&self.params, state, bound) {
            return false;
        }
        let done = match self.ir.name_str(op) {
            "ckks.mul_scalar" => {
                let old = self
                    .ir
                    .attr_named(op, "log_scale")
                    .and_then(|attr| self.ir.ctx.as_i64(attr))
                    .unwrap_or(0);
                let attr = self.ir.ctx.i64_attr(old + bits);
                self.ir.set_attr(op, "log_scale", Some(attr));
                true
            }
            "ckks.mul_plain" => {
                let plain = self.ir.operand(op, 1);
                let old = PtType::of(self.ir, self.ir.ty(plain)).and_then(|ty| ty.scale).unwrap_or(0);
                if self.ir.has_one_use(plain) {
                    let ty = PtType { level: Some(state.level), scale: Some(old + bits) }.to_type(self.ir);
                    self.ir.set_type(plain, ty);
                } else {
                    self.plaintext(op, 1, state.level, old + bits);
                }
                true
            }
            "ckks.rescale" | "ckks.level_drop" | "ckks.rotate" | "ckks.neg" => {
                self.lift(self.ir.operand(op, 0), bits)
            }
            _ => false,
        };
        if done {
            self.set(value, lifted);
        }
        done
    }
}

/// How many more primes a value in this state needs: levels below zero, and bits that do not fit.
pub fn missing_levels(params: &Params, state: State, bound: f64) -> i64 {
    let bound = if bound.is_finite() { bound } else { 1.0 };
    let needed = needed_bits(state.scale, bound);
    let typical = f64::from(params.rescale_bits(params.max_level()));
    let mut missing = (-state.level).max(0);
    loop {
        let level = state.level + missing;
        let beyond = (level - params.max_level()).max(0);
        let capacity = params.capacity_bits(level.min(params.max_level())) as f64 + beyond as f64 * typical;
        if needed < capacity || missing > 10_000 {
            return missing;
        }
        missing += 1;
    }
}

/// Values from which a rescale can be reached.
pub fn rescales_ahead(ir: &Ir, function: OpId) -> FxHashMap<ValueId, bool> {
    let mut ahead = FxHashMap::default();
    let Some(block) = ir.body(function) else { return ahead };
    for op in ir.block_ops(block).into_iter().rev() {
        let leads = ir.name_str(op) == "ckks.rescale"
            || ir.results(op).any(|value| ahead.get(&value).copied().unwrap_or(false));
        if leads {
            for operand in ir.operands(op) {
                ahead.insert(operand, true);
            }
        }
    }
    ahead
}
