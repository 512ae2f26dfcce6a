//! `hoist`: rotations of one ciphertext share its decomposition.
//!
//! ```text
//! %1 = ckks.rotate %0 {by = 1} : …
//! %2 = ckks.rotate %0 {by = 2} : …
//! // becomes
//! %d = ckks.mod_up %0 : …
//! %1 = ckks.rotate_hoisted %0, %d {by = 1} : …
//! %2 = ckks.rotate_hoisted %0, %d {by = 2} : …
//! // and where the rotations are only summed
//! %1 = ckks.rotate_ext %0, %d {by = 1} : …
//! %2 = ckks.rotate_ext %0, %d {by = 2} : …
//! %3 = ckks.add_ext %1, %2 : …
//! %4 = ckks.mod_down %3 : …
//! ```
//!
//! Halevi and Shoup ("Faster homomorphic linear transformations in HElib", CRYPTO 2018) decompose once for many rotations;
//! Bossuat et al. (EUROCRYPT 2021) also divide by P once for many. Both only where the cost model says that it pays.
//!
//! In Rust because groups of any size, and sums of any shape, are no local pattern.

use he_core::ir::{Attr, Dict, Ir, OpId, OpSpec, Type, TypeKind, ValueId};
use he_core::pass::{PassContext, PassDef, StageRange};
use he_core::support::Diagnostic;
use indexmap::IndexMap;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::ckks::attr::{CtType, params_of};
use crate::ckks::bounds::{BOUND_ATTR, stated_bound};
use crate::ckks::params::Params;
use crate::ckks::views;
use crate::func;
use crate::profiles::{CostOp, Profile};

/// The pass `hoist`.
pub fn pass() -> PassDef {
    PassDef {
        name: "hoist".into(),
        doc: "Rotations of one ciphertext share its decomposition, and sums of them the division by P".into(),
        options: Vec::new(),
        stages: Some(StageRange { first: 3, last: 4, result: None }),
        run: Box::new(|context, ir| run(context, ir).map_err(|error| vec![error])),
    }
}

/// What rotations of one value cost.
#[derive(Clone, Copy)]
pub struct GroupPrice {
    /// Each by itself.
    pub alone: f64,
    /// With a shared decomposition.
    pub hoisted: f64,
    /// Their sum, taken before one division by P.
    pub extended: f64,
}

impl GroupPrice {
    /// The price of `count` rotations, from those of operations; `decomposed` where the value's digits are there already.
    pub fn new(price: impl Fn(CostOp) -> f64, count: usize, decomposed: bool) -> Self {
        let count = count as f64;
        let mod_up = if decomposed { 0.0 } else { price(CostOp::ModUp) };
        GroupPrice {
            alone: count * price(CostOp::Rotate),
            hoisted: mod_up + count * price(CostOp::RotateHoisted),
            extended: mod_up + count * price(CostOp::RotateExt) + price(CostOp::ModDown),
        }
    }
}

fn run(context: &mut PassContext<'_>, ir: &mut Ir) -> Result<(), Diagnostic> {
    let params = params_of(ir)?.unwrap_or_default();
    let profile = Profile::of_target(context.target);
    let entry = func::entry(ir)?;
    let Some(block) = ir.body(entry) else { return Ok(()) };
    let mut hoisting = Hoisting { params, profile, digits: FxHashMap::default() };
    for op in ir.block_ops(block) {
        if !ir.is_erased(op) && is_root(ir, op) {
            hoisting.sum(ir, op);
        }
    }
    let mut groups: IndexMap<ValueId, Vec<OpId>> = IndexMap::new();
    for op in ir.block_ops(block) {
        if ir.name_str(op) == views::Rotate::NAME {
            groups.entry(ir.operand(op, 0)).or_default().push(op);
        }
    }
    for rotations in groups.into_values() {
        hoisting.group(ir, &rotations);
    }
    Ok(())
}

/// Whether a sum is not itself a term of one.
fn is_root(ir: &Ir, op: OpId) -> bool {
    let inner = |value: ValueId| {
        ir.has_one_use(value) && ir.uses(value).all(|(user, _)| ir.name_str(user) == views::Add::NAME)
    };
    ir.name_str(op) == views::Add::NAME && !inner(ir.result(op, 0))
}

/// The terms of the sum at `root`, and the sums within it.
fn terms(ir: &Ir, root: OpId) -> (Vec<ValueId>, Vec<OpId>) {
    let (mut leaves, mut sums) = (Vec::new(), Vec::new());
    let mut pending = vec![root];
    while let Some(op) = pending.pop() {
        sums.push(op);
        let mut inner = Vec::new();
        for value in ir.operands(op) {
            let def = ir.def_op(value);
            if !def.is_none() && ir.name_str(def) == views::Add::NAME && ir.has_one_use(value) {
                inner.push(def);
            } else {
                leaves.push(value);
            }
        }
        pending.extend(inner.into_iter().rev());
    }
    (leaves, sums)
}

struct Hoisting<'a> {
    params: Params,
    profile: &'a Profile,
    /// The decomposition of a ciphertext that has one.
    digits: FxHashMap<ValueId, ValueId>,
}

impl Hoisting<'_> {
    fn price(&self, op: CostOp, level: Option<i64>) -> f64 {
        let limbs = self.params.limbs_at(level.unwrap_or(self.params.max_level()));
        self.profile.latency(op, &self.params.shape(), u32::try_from(limbs).unwrap_or(u32::MAX)).ms
    }

    fn group_price(&self, ir: &Ir, value: ValueId, count: usize) -> GroupPrice {
        let level = CtType::of(ir, ir.ty(value)).and_then(|ty| ty.level);
        GroupPrice::new(|op| self.price(op, level), count, self.digits.contains_key(&value))
    }

    fn build(
        ir: &mut Ir,
        anchor: OpId,
        name: &str,
        operands: &[ValueId],
        ty: Type,
        by: Option<Attr>,
    ) -> ValueId {
        let name = ir.ctx.op_name(name);
        let props = match by {
            Some(by) => ir.dict_of(&[("by", by)]),
            None => Dict::EMPTY,
        };
        let loc = ir.loc(anchor);
        let op = OpSpec::new(name).operands(operands).results(&[ty]).props(props).loc(loc);
        let op = op.build_before(ir, anchor);
        ir.result(op, 0)
    }

    /// `!ckks.digits` or `!ckks.ext` at the level of a ciphertext type.
    fn declared(ir: &mut Ir, name: &str, fields: &[Option<i64>]) -> Type {
        let name = ir.ctx.sym(name);
        let params =
            fields.iter().map(|field| field.map_or(Attr::NONE, |field| ir.ctx.i64_attr(field))).collect();
        ir.ctx.ty(TypeKind::Declared { name, params })
    }

    /// The decomposition of a value, made before the first of its rotations.
    fn decomposed(&mut self, ir: &mut Ir, value: ValueId) -> ValueId {
        if let Some(digits) = self.digits.get(&value) {
            return *digits;
        }
        let rotations: Vec<OpId> = ir
            .uses(value)
            .map(|(user, _)| user)
            .filter(|user| ir.name_str(*user) == views::Rotate::NAME)
            .collect();
        let first = rotations.iter().copied().reduce(|a, b| if ir.is_before(b, a) { b } else { a });
        // Called for values that are rotated.
        let Some(anchor) = first else { return value };
        let level = CtType::of(ir, ir.ty(value)).and_then(|ty| ty.level);
        let ty = Self::declared(ir, "ckks.digits", &[level]);
        let digits = Self::build(ir, anchor, views::ModUp::NAME, &[value], ty, None);
        self.digits.insert(value, digits);
        digits
    }

    /// Sums the rotations of one ciphertext among the terms of a sum before the division by P.
    fn sum(&mut self, ir: &mut Ir, root: OpId) {
        let (leaves, sums) = terms(ir, root);
        let mut groups: IndexMap<ValueId, Vec<OpId>> = IndexMap::new();
        for leaf in &leaves {
            let def = ir.def_op(*leaf);
            if !def.is_none() && ir.name_str(def) == views::Rotate::NAME && ir.has_one_use(*leaf) {
                groups.entry(ir.operand(def, 0)).or_default().push(def);
            }
        }
        groups.retain(|value, rotations| self.extended_pays(ir, *value, rotations.len()));
        if groups.is_empty() {
            return;
        }
        let summed: FxHashSet<ValueId> = groups.values().flatten().map(|op| ir.result(*op, 0)).collect();
        let ty = ir.ty(ir.result(root, 0));
        // Where every partial sum has a stated bound, so do those of another order.
        let stated: Option<Vec<f64>> = sums.iter().map(|op| stated_bound(ir, *op)).collect();
        let bound = stated.map(|bounds| bounds.into_iter().fold(0.0, f64::max));
        let bounded = |ir: &mut Ir, value: ValueId| {
            if let Some(bound) = bound {
                let (op, bound) = (ir.def_op(value), ir.ctx.f64_attr(bound));
                ir.set_attr(op, BOUND_ATTR, Some(bound));
            }
            value
        };
        let mut rest: Vec<ValueId> = leaves.into_iter().filter(|leaf| !summed.contains(leaf)).collect();
        for (value, rotations) in &groups {
            let digits = self.decomposed(ir, *value);
            let state = CtType::of(ir, ir.ty(*value));
            let fields = [state.and_then(|ty| ty.level), state.and_then(|ty| ty.scale)];
            let ext = Self::declared(ir, "ckks.ext", &fields);
            let mut sum: Option<ValueId> = None;
            for rotation in rotations {
                let by = ir.attr_named(*rotation, "by");
                let term = Self::build(ir, root, views::RotateExt::NAME, &[*value, digits], ext, by);
                sum = Some(match sum {
                    Some(sum) => {
                        let sum = Self::build(ir, root, views::AddExt::NAME, &[sum, term], ext, None);
                        bounded(ir, sum)
                    }
                    None => term,
                });
            }
            let own = ir.ty(*value);
            if let Some(sum) = sum {
                let sum = Self::build(ir, root, views::ModDown::NAME, &[sum], own, None);
                rest.push(bounded(ir, sum));
            }
        }
        let last = rest.pop();
        let result = ir.result(root, 0);
        let attrs = ir.attrs(root);
        let total = rest.into_iter().reduce(|sum, term| {
            let ty = sum_type(ir, sum, term).unwrap_or(ty);
            let sum = Self::build(ir, root, views::Add::NAME, &[sum, term], ty, None);
            bounded(ir, sum)
        });
        let total = match (total, last) {
            (Some(sum), Some(last)) => {
                let total = Self::build(ir, root, views::Add::NAME, &[sum, last], ty, None);
                let op = ir.def_op(total);
                ir.set_attrs(op, attrs);
                total
            }
            (sum, last) => sum.or(last).unwrap_or(result),
        };
        ir.replace_all_uses(result, total);
        sums.into_iter().for_each(|op| ir.erase(op));
        groups.into_values().flatten().for_each(|op| ir.erase(op));
    }

    fn extended_pays(&self, ir: &Ir, value: ValueId, count: usize) -> bool {
        let GroupPrice { alone, hoisted, extended } = self.group_price(ir, value, count);
        count > 1 && extended < alone.min(hoisted)
    }

    /// Lets the rotations of a value share its decomposition.
    fn group(&mut self, ir: &mut Ir, rotations: &[OpId]) {
        // It may be a rotation itself, of a group before.
        let Some(value) = rotations.first().map(|op| ir.operand(*op, 0)) else { return };
        let GroupPrice { alone, hoisted, .. } = self.group_price(ir, value, rotations.len());
        let shared = rotations.len() > 1 || self.digits.contains_key(&value);
        if !shared || hoisted >= alone {
            return;
        }
        let digits = self.decomposed(ir, value);
        for op in rotations {
            let (by, ty, attrs) = (ir.attr_named(*op, "by"), ir.ty(ir.result(*op, 0)), ir.attrs(*op));
            let new = Self::build(ir, *op, views::RotateHoisted::NAME, &[value, digits], ty, by);
            let def = ir.def_op(new);
            ir.set_attrs(def, attrs);
            let result = ir.result(*op, 0);
            ir.replace_all_uses(result, new);
            ir.erase(*op);
            if let Some(digits) = self.digits.remove(&result) {
                self.digits.insert(new, digits);
            }
        }
    }
}

/// The type of a sum: that of the operand of larger degree.
fn sum_type(ir: &Ir, a: ValueId, b: ValueId) -> Option<Type> {
    let (left, right) = (CtType::of(ir, ir.ty(a))?, CtType::of(ir, ir.ty(b))?);
    Some(if left.degree >= right.degree { ir.ty(a) } else { ir.ty(b) })
}
