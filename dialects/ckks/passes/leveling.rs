//! The only writer of levels, scales and level drops.
//!
//! One walk over the program in order gives every ciphertext its level, scale and degree, and places what a
//! [`Plan`] asks for on the way. Where an op's operands do not fit together it
//! - rescales or drops the higher one until the levels agree,
//! - encodes a constant that was multiplied in at another scale, so that scales agree without an op,
//! - else multiplies the smaller one by 1 at the missing scale.
//!
//! Where the exact primes are known, plaintexts make up for what rescales are off by ([`exact`]).
//!
//! Levels may become negative: then the module says how many are missing, and `bootstrap` may mend it.
//!
//! In Rust because each place depends on the levels and scales of all that comes before.

mod align;
mod early;
mod equations;
mod exact;
mod place;

pub use exact::{CORRECTION_ATTR, result_corrections};

use he_core::ir::{Ir, OpId, Traits, Type, ValueId, ValueMap};
use he_core::schema::{REFERENCE_ATTR, Registry, infer_results};
use he_core::support::Diagnostic;
use rustc_hash::FxHashMap;

use super::bootstrap::{return_level, target_level};
use crate::ckks::attr::{CtType, MISSING_LEVELS_ATTR, PtType, output_degree, params_of, set_params};
use crate::ckks::bounds::bounds;
use crate::ckks::noise::Library;
use crate::ckks::params::Params;
use crate::ckks::primes;
use crate::ckks::verify::needed_bits;
use crate::ckks::views;
use crate::func::{self, client};
use early::lowest_levels;

/// When to place an op that could be placed at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strategy {
    /// After each product
    Eager,
    /// When it is needed
    Lazy,
}

/// When to drop levels that nothing needs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Drops {
    /// Where values of different levels meet.
    #[default]
    Late,
    /// As soon as what follows can do without them, so that it works on fewer limbs. Where levels are missing, or rescales
    /// divide by primes of several widths, they are dropped late.
    Early,
}

/// One step on a ciphertext.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    /// A rescale.
    Rescale,
    /// A relinearization.
    Relinearize,
    /// A drop by so many levels.
    Drop(i64),
    /// A product with 1 that raises the scale by so many bits.
    Upscale(i64),
}

/// What was decided for the ops of a program before their levels are assigned.
#[derive(Clone, Debug, Default)]
pub struct Placement {
    /// The steps from the definition of a value to the form in which an op takes it, by the op and the operand's number.
    pub moves: FxHashMap<(OpId, usize), Vec<Move>>,
    /// Bits of the scales at which factors are encoded; those of the prime for other products.
    pub factors: FxHashMap<OpId, i64>,
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
    /// Level drops.
    pub drops: Drops,
}

impl Plan {
    /// Only levels, scales and level drops.
    pub fn keep() -> Plan {
        Plan { rescale: None, relinearize: None, refresh_below: None, drops: Drops::Late }
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
    assign_with(registry, ir, plan, &Ahead::default())?;
    if plan.drops == Drops::Early { drop_early(registry, ir) } else { exact::correct(ir) }
}

/// Drops the levels of a program that [`assign`] has just given its levels as [`Drops::Early`] says.
pub fn drop_early(registry: &Registry, ir: &mut Ir) -> Result<(), Diagnostic> {
    let lowest = lowest_levels(registry, ir)?;
    if !lowest.is_empty() {
        assign_with(registry, ir, Plan::keep(), &Ahead { lowest, ..Ahead::default() })?;
    }
    exact::correct(ir)
}

/// States the primes that `library` takes for the module's parameters, where they are not stated, and makes what a leveled program
/// computes with them exact.
pub fn fit_primes(ir: &mut Ir, library: Library) -> Result<(), Diagnostic> {
    let Some(params) = params_of(ir)?.filter(|_| is_leveled(ir)) else { return Ok(()) };
    let moduli = params.moduli.clone().or_else(|| primes::moduli_of(&params, library));
    set_params(ir, &Params { moduli, ..params });
    exact::correct(ir)
}

/// Gives the whole program its levels, with the rescales, relinearizations and drops of a placement for the program as
/// [`erase_drops`] leaves it.
pub fn assign_placed(registry: &Registry, ir: &mut Ir, placement: Placement) -> Result<(), Diagnostic> {
    assign_with(registry, ir, Plan::keep(), &Ahead { placement, ..Ahead::default() })?;
    exact::correct(ir)
}

/// What is done to operands before their op.
#[derive(Default)]
struct Ahead {
    placement: Placement,
    /// The levels that the operands of an op are dropped to.
    lowest: FxHashMap<OpId, i64>,
}

/// Forgets the scales of plaintexts, for a program that comes to other primes.
pub fn forget_scales(ir: &mut Ir) {
    for op in ir.all_ops() {
        if ir.name_str(op) == views::Encode::NAME {
            let blank = PtType { level: None, scale: None }.to_type(ir);
            ir.set_type(ir.result(op, 0), blank);
        } else if ir.name_str(op) == views::MulScalar::NAME {
            ir.set_attr(op, "log_scale", None);
        }
    }
}

/// Erases level drops, and what aligned scales: a walk places them anew.
pub fn erase_drops(ir: &mut Ir) {
    for op in ir.all_ops() {
        let align = ir.name_str(op) == views::MulScalar::NAME && ir.attr_named(op, "align").is_some();
        if align || ir.name_str(op) == views::LevelDrop::NAME {
            bypass(ir, op);
        } else if ir.name_str(op) == views::Encode::NAME {
            let scale = PtType::of(ir, ir.ty(ir.result(op, 0))).and_then(|ty| ty.scale);
            let blank = PtType { level: None, scale }.to_type(ir);
            ir.set_type(ir.result(op, 0), blank);
        }
    }
}

fn assign_with(registry: &Registry, ir: &mut Ir, plan: Plan, ahead: &Ahead) -> Result<(), Diagnostic> {
    let params = params_of(ir)?.unwrap_or_default();
    erase_drops(ir);
    let entry = func::entry(ir)?;
    let mut walk = Walk::new(registry, ir, params, plan, entry, ahead);
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
    let results = client::results(ir, entry);
    for function in func::functions(ir) {
        if function == entry || ir.attr_named(function, REFERENCE_ATTR).is_some() {
            continue;
        }
        let Some(block) = ir.body(function) else { continue };
        if let Some(result) = results.iter().find(|result| result.function == Some(function)) {
            let args: Vec<_> = ir.args(block).to_vec();
            for (arg, ty) in args.into_iter().zip(outputs.iter().skip(result.at)) {
                ir.set_type(arg, *ty);
            }
            continue;
        }
        Walk::new(registry, ir, params.clone(), Plan::keep(), function, &Ahead::default())
            .function(function)?;
    }
    Ok(())
}

struct Walk<'a> {
    registry: &'a Registry,
    ir: &'a mut Ir,
    params: Params,
    plan: Plan,
    placed: &'a Ahead,
    bounds: ValueMap<f64>,
    /// The types that were made: few, and each takes several lookups.
    types: FxHashMap<CtType, Type>,
    rescaled: FxHashMap<ValueId, ValueId>,
    relinearized: FxHashMap<ValueId, ValueId>,
    refreshed: FxHashMap<ValueId, ValueId>,
    dropped: FxHashMap<(ValueId, i64), ValueId>,
    upscaled: FxHashMap<(ValueId, i64), ValueId>,
    /// Bits of the factors that were placed before rescales that are kept: they are narrower than all primes. What is wider
    /// was lifted to another term, and is again.
    kept_factors: FxHashMap<OpId, i64>,
    /// Values from which a rescale can be reached; only filled where bootstraps are placed.
    ahead: ValueMap<bool>,
    missing: i64,
}

impl<'a> Walk<'a> {
    fn new(
        registry: &'a Registry,
        ir: &'a mut Ir,
        params: Params,
        plan: Plan,
        function: OpId,
        placed: &'a Ahead,
    ) -> Self {
        let bounds = bounds(registry, ir, function);
        let kept_factors = match plan.rescale {
            Some(_) => FxHashMap::default(),
            None => narrow_factors(ir, &params, function),
        };
        let ahead = match plan.refresh_below {
            Some(_) => rescales_ahead(ir, function),
            None => ValueMap::default(),
        };
        Walk {
            registry,
            ir,
            params,
            plan,
            placed,
            bounds,
            types: FxHashMap::default(),
            rescaled: FxHashMap::default(),
            relinearized: FxHashMap::default(),
            refreshed: FxHashMap::default(),
            dropped: FxHashMap::default(),
            upscaled: FxHashMap::default(),
            kept_factors,
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
                self.ahead_of(op);
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
        let ty = *self.types.entry(ty).or_insert_with(|| ty.to_type(self.ir));
        self.ir.set_type(value, ty);
        let bound = self.bounds.get(value).copied().unwrap_or(1.0);
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

    // ---- ops

    fn op(&mut self, op: OpId) -> Result<(), Diagnostic> {
        let name = self.ir.name_str(op).to_owned();
        match name.as_str() {
            views::Encode::NAME => Ok(()),
            views::Encrypt::NAME => {
                let state = State { level: self.params.max_level(), scale: self.nominal(), degree: 1 };
                self.plaintext(op, 0, state.level, state.scale);
                self.set(self.ir.result(op, 0), state);
                Ok(())
            }
            views::Mul::NAME => self.product(op),
            views::MulPlain::NAME | views::MulScalar::NAME => self.plain_product(op, &name),
            views::Add::NAME | views::Sub::NAME => {
                let state = self.align(op)?;
                self.set(self.ir.result(op, 0), state);
                Ok(())
            }
            views::AddPlain::NAME | views::SubPlain::NAME => {
                let value = self.operand(op, 0, false);
                let value = self.shared_degree(value, value);
                self.use_operand(op, 0, value);
                let state = self.known(op, value)?;
                self.plaintext(op, 1, state.level, state.scale);
                self.set(self.ir.result(op, 0), state);
                Ok(())
            }
            views::Rotate::NAME | views::Conjugate::NAME => self.rotation(op),
            views::ModUp::NAME | views::RotateHoisted::NAME | views::RotateExt::NAME => {
                let value = self.ir.operand(op, 0);
                let value = self.relinearize(value);
                self.use_operand(op, 0, value);
                self.other(op)
            }
            views::Rescale::NAME => self.kept_rescale(op),
            views::Relinearize::NAME => {
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
            views::Bootstrap::NAME => {
                let value = self.ir.operand(op, 0);
                let value = self.normalize(value);
                let value = self.relinearize(value);
                self.use_operand(op, 0, value);
                let state = self.known(op, value)?;
                self.needs_refresh_level(state);
                let after = State { level: return_level(self.ir, &self.params), ..state };
                let result = self.ir.result(op, 0);
                self.set(result, after);
                let dropped = self.drop_to(result, after, target_level(self.ir, op, &self.params));
                self.take_over(result, dropped);
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
        let placed = self.placed.placement.factors.get(&op).copied();
        // At the prime's own bits, so that one rescale returns exactly to the operand's scale.
        let kept = || self.kept_factors.get(&op).copied();
        let bits = placed.or_else(kept).unwrap_or_else(|| self.bits(state.level));
        if name == views::MulPlain::NAME {
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
                    views::Mul::NAME | views::MulPlain::NAME | views::MulScalar::NAME => return true,
                    views::Rotate::NAME | views::Conjugate::NAME | views::Neg::NAME => {
                        pending.push(self.ir.result(user, 0))
                    }
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
        let wide = output_degree(self.ir) > 1;
        for index in 0..self.ir.operand_count(op) {
            let mut value = self.ir.operand(op, index);
            if self.plan.rescale.is_some() {
                value = self.rescale_fully(value);
            }
            if !wide {
                value = self.relinearize(value);
            }
            self.use_operand(op, index, value);
        }
    }

    /// Any other op: ciphertext operands are aligned as for a sum, results follow from the schema.
    fn other(&mut self, op: OpId) -> Result<(), Diagnostic> {
        if !self.ir.operands(op).any(|value| is_encrypted(self.ir, value)) {
            return Ok(());
        }
        if self.ir.operands(op).any(|value| CtType::of(self.ir, self.ir.ty(value)).is_some()) {
            if let (value, 1) = (self.ir.operand(op, 0), self.ir.operand_count(op)) {
                let value = self.shared_degree(value, value);
                self.use_operand(op, 0, value);
            }
            self.align(op)?;
        }
        let types = infer_results(self.registry, self.ir, op)?;
        for (value, ty) in self.ir.results(op).zip(types.unwrap_or_default()) {
            self.ir.set_type(value, ty);
            if let Some(state) = self.state(value) {
                self.set(value, state);
            }
        }
        Ok(())
    }
}

/// Bits of the scale of a product's plain factor, if it has one yet.
fn factor_bits(ir: &Ir, op: OpId) -> Option<i64> {
    match ir.name_str(op) {
        views::MulPlain::NAME => PtType::of(ir, ir.ty(ir.operand(op, 1)))?.scale,
        views::MulScalar::NAME => ir.attr_named(op, "log_scale").and_then(|attr| ir.ctx.as_i64(attr)),
        _ => None,
    }
}

/// The scales of factors that are narrower than all primes, before a walk changes any: products share plaintexts.
fn narrow_factors(ir: &Ir, params: &Params, function: OpId) -> FxHashMap<OpId, i64> {
    let narrowest = params.log_q.iter().skip(1).min().map_or(0, |bits| i64::from(*bits));
    let ops = ir.body(function).map_or_else(Vec::new, |block| ir.block_ops(block));
    let factors = ops.into_iter().filter_map(|op| Some((op, factor_bits(ir, op)?)));
    factors.filter(|(_, bits)| *bits < narrowest).collect()
}

/// Whether a value is a ciphertext, or a part of the work on one.
pub fn is_encrypted(ir: &Ir, value: ValueId) -> bool {
    match ir.ctx.type_kind(ir.ty(value)) {
        he_core::ir::TypeKind::Declared { name, .. } => {
            matches!(ir.ctx.str(*name), "ckks.ct" | "ckks.ext" | "ckks.digits")
        }
        _ => false,
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
pub fn rescales_ahead(ir: &Ir, function: OpId) -> ValueMap<bool> {
    let mut ahead = ValueMap::default();
    let Some(block) = ir.body(function) else { return ahead };
    for op in ir.block_ops(block).into_iter().rev() {
        let leads = ir.name_str(op) == views::Rescale::NAME
            || ir.results(op).any(|value| ahead.get(value).copied().unwrap_or(false));
        if leads {
            for operand in ir.operands(op) {
                ahead.insert(operand, true);
            }
        }
    }
    ahead
}
