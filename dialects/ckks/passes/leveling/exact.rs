//! Exact scales, where the primes are known.
//!
//! A rescale divides by a prime q and is taken to divide by 2^bits: what is encrypted is off by the quotient, its
//! *drift*. Drifts multiply in products, and the client undoes that of a result. Where values meet in a sum their drifts
//! must be equal. One walk gives every value its drift, as log2, in unknowns: one for each plaintext factor, since a plaintext may
//! be encoded with any correction, and one for each level drop, since a product with 1 and a rescale do the same with a
//! drift of choice. Sums are equations between them. Factors are free, so that they are solved for first, and a
//! level drop is replaced only where a sum has no factor to solve for. A factor that no sum decides makes what is rescaled
//! after it drift no more.
//!
//! The corrections and products that follow are written after everything else is placed, and are placed anew with it.

use he_core::ir::{Ir, OpId, OpSpec, Traits, ValueId, ValueMap};
use he_core::support::Diagnostic;
use rustc_hash::FxHashMap;

use super::equations::{Equations, Price, Sum};
use super::is_encrypted;
use crate::ckks::attr::{CtType, PtType, params_of};
use crate::ckks::params::Params;
use crate::ckks::primes;
use crate::ckks::views;
use crate::func::{self, client};

/// The attribute that a number or a vector is multiplied by.
pub const CORRECTION_ATTR: &str = "correction";
/// Differences of log2 that rounding explains.
const ROUNDING: f64 = 1e-13;
/// A factor of 1 is encoded exactly, and with a correction it is not: its scale may be narrower than the program's by so many bits,
/// so that the rounding of the factor stays below that of a rescale.
const SPARE_BITS: i64 = 8;

/// Makes exact what a program with known primes computes; nothing without them.
pub(super) fn correct(ir: &mut Ir) -> Result<(), Diagnostic> {
    forget(ir);
    let Some(params) = params_of(ir)?.filter(|params| params.moduli.is_some()) else { return Ok(()) };
    let entry = func::entry(ir)?;
    let mut walk = Walk {
        ir,
        params,
        equations: Equations::default(),
        drifts: ValueMap::default(),
        uses: Vec::new(),
        drops: Vec::new(),
    };
    let results = walk.function(entry);
    let (equations, uses, drops) = (walk.equations, walk.uses, walk.drops);
    let params = walk.params;
    for (op, sum) in drops {
        let drift = equations.value(&sum);
        if drift.abs() > ROUNDING {
            replace_drop(ir, &params, op, drift);
        }
    }
    write(ir, uses.iter().map(|(op, sum)| (*op, equations.value(sum))).collect());
    for client::Tensor { at, function, .. } in client::results(ir, entry) {
        let Some(block) = function.and_then(|function| ir.body(function)) else { continue };
        let args = ir.args(block).to_vec();
        for (arg, drift) in args.into_iter().zip(results.iter().skip(at)) {
            let drift = equations.value(drift);
            for user in decryptions(ir, arg) {
                set_correction(ir, user, -drift);
            }
        }
    }
    Ok(())
}

/// Forgets corrections.
pub(super) fn forget(ir: &mut Ir) {
    for op in ir.all_ops() {
        if ir.attr_named(op, CORRECTION_ATTR).is_some() && ir.name_str(op).starts_with("ckks.") {
            ir.set_attr(op, CORRECTION_ATTR, None);
        }
    }
}

/// What the client multiplies the slots of each result of the entry by.
pub fn result_corrections(ir: &Ir) -> Result<Vec<f64>, Diagnostic> {
    let entry = func::entry(ir)?;
    let mut corrections = Vec::new();
    for client::Tensor { width, function, .. } in client::results(ir, entry) {
        let args = function
            .and_then(|function| ir.body(function))
            .map_or(Vec::new(), |block| ir.args(block).to_vec());
        let correction = |op: OpId| ir.ctx.as_f64(ir.attr_named(op, CORRECTION_ATTR)?);
        let of = |arg: &ValueId| decryptions(ir, *arg).into_iter().find_map(correction);
        corrections.extend((0..width).map(|part| args.get(part).and_then(of).unwrap_or(1.0)));
    }
    Ok(corrections)
}

/// The ops that decrypt a value.
fn decryptions(ir: &Ir, value: ValueId) -> Vec<OpId> {
    let users = ir.uses(value).map(|(user, _)| user);
    users.filter(|user| ir.name_str(*user) == views::Decrypt::NAME).collect()
}

fn set_correction(ir: &mut Ir, op: OpId, drift: f64) {
    let attr = (drift.abs() > ROUNDING).then(|| ir.ctx.f64_attr(libm::exp2(drift)));
    ir.set_attr(op, CORRECTION_ATTR, attr);
}

struct Walk<'a> {
    ir: &'a Ir,
    params: Params,
    equations: Equations,
    drifts: ValueMap<Sum>,
    /// The corrections of plaintexts: the op that uses one, or that states a number.
    uses: Vec<(OpId, Sum)>,
    /// The drifts that level drops may make up for.
    drops: Vec<(OpId, Sum)>,
}

impl Walk<'_> {
    /// The drifts of what the function returns.
    fn function(&mut self, function: OpId) -> Vec<Sum> {
        let Some(block) = self.ir.body(function) else { return Vec::new() };
        for op in self.ir.block_ops(block) {
            if self.ir.has_trait(op, Traits::TERMINATOR) {
                return self.ir.operands(op).map(|value| self.drift(value)).collect();
            }
            let sum = self.result(op);
            for result in self.ir.results(op) {
                self.drifts.insert(result, sum.clone());
            }
        }
        Vec::new()
    }

    /// What was encrypted by the client has no drift.
    fn drift(&self, value: ValueId) -> Sum {
        self.drifts.get(value).map_or_else(|| Sum::number(0.0), |sum| self.equations.reduced(sum))
    }

    /// The drift of what an op yields.
    fn result(&mut self, op: OpId) -> Sum {
        let ir = self.ir;
        let operand = |index: usize| ir.operand(op, index);
        match ir.name_str(op) {
            views::Mul::NAME => self.drift(operand(0)).plus(1.0, &self.drift(operand(1))),
            views::MulPlain::NAME | views::MulScalar::NAME => self.plain_product(op),
            views::AddPlain::NAME | views::SubPlain::NAME | views::AddScalar::NAME => {
                let sum = self.drift(operand(0));
                self.uses.push((op, sum.clone()));
                sum
            }
            views::Rescale::NAME => {
                let level = CtType::of(ir, ir.ty(operand(0))).and_then(|ty| ty.level).unwrap_or(0);
                self.drift(operand(0)).plus(-1.0, &Sum::number(self.off(level)))
            }
            views::LevelDrop::NAME => {
                let before = self.drift(operand(0));
                if self.product_and_rescale_fit(op) {
                    let own = self.equations.unknown(Price::Op);
                    self.drops.push((op, own.clone()));
                    return before.plus(1.0, &own);
                }
                before
            }
            views::Decrypt::NAME => {
                let sum = self.drift(operand(0));
                self.uses.push((op, Sum::number(0.0).plus(-1.0, &sum)));
                sum
            }
            _ => {
                let mut operands = ir.operands(op).filter(|value| is_encrypted(ir, *value));
                let Some(first) = operands.next() else { return Sum::number(0.0) };
                for other in operands {
                    // What is left has no unknown: it stays in the results, where a run shows it.
                    let difference = self.drift(other).plus(-1.0, &self.drift(first));
                    self.equations.demand_zero(&difference);
                }
                self.drift(first)
            }
        }
    }

    /// log2(q) − bits of the prime that a rescale at `level` divides by.
    fn off(&self, level: i64) -> f64 {
        off(&self.params, level)
    }

    fn plain_product(&mut self, op: OpId) -> Sum {
        let before = self.drift(self.ir.operand(op, 0));
        let ir = self.ir;
        let (log_scale, is_one) = match ir.name_str(op) {
            views::MulScalar::NAME => {
                let value = ir.attr_named(op, "value").and_then(|attr| ir.ctx.as_f64(attr));
                let bits = ir.attr_named(op, "log_scale").and_then(|attr| ir.ctx.as_i64(attr));
                (bits, value == Some(1.0))
            }
            _ => (PtType::of(ir, ir.ty(ir.operand(op, 1))).and_then(|ty| ty.scale), false),
        };
        if is_one && log_scale.unwrap_or(0) < i64::from(self.params.log_scale) - SPARE_BITS {
            return before;
        }
        let ready = Sum::number(self.rescales_after(op));
        let after = self.equations.unknown(Price::Free).plus(1.0, &ready);
        self.uses.push((op, after.plus(-1.0, &before)));
        after
    }

    /// What the rescales that the scale of the result asks for are off by.
    fn rescales_after(&self, op: OpId) -> f64 {
        let Some(CtType { level: Some(mut level), scale: Some(mut scale), .. }) =
            CtType::of(self.ir, self.ir.ty(self.ir.result(op, 0)))
        else {
            return 0.0;
        };
        let mut sum = 0.0;
        while level > 0
            && scale - i64::from(self.params.rescale_bits(level)) >= i64::from(self.params.log_scale)
        {
            sum += self.off(level);
            scale -= i64::from(self.params.rescale_bits(level));
            level -= 1;
        }
        sum
    }

    /// Whether a product with 1 and a rescale may stand for the first level of a drop.
    fn product_and_rescale_fit(&self, op: OpId) -> bool {
        let state = CtType::of(self.ir, self.ir.ty(self.ir.operand(op, 0)));
        let (level, scale) = state.map_or((None, None), |ty| (ty.level, ty.scale));
        let enough = scale.is_some_and(|scale| scale >= i64::from(self.params.log_scale));
        enough && level.is_some_and(|level| level > 0)
    }
}

fn off(params: &Params, level: i64) -> f64 {
    let known = || {
        let index = usize::try_from(level).ok()?;
        Some(primes::off(*params.log_q.get(index)?, *params.moduli.as_ref()?.get(index)?))
    };
    known().unwrap_or(0.0)
}

/// Replaces the first level of a drop by a product with 1 and a rescale that leave so much more drift.
fn replace_drop(ir: &mut Ir, params: &Params, op: OpId, drift: f64) {
    let value = ir.operand(op, 0);
    let Some(ty @ CtType { level: Some(level), scale: Some(scale), .. }) = CtType::of(ir, ir.ty(value))
    else {
        return;
    };
    let bits = i64::from(params.rescale_bits(level));
    let attrs = [
        ("value", ir.ctx.f64_attr(1.0)),
        ("log_scale", ir.ctx.i64_attr(bits)),
        ("align", ir.ctx.unit_attr()),
        (CORRECTION_ATTR, ir.ctx.f64_attr(libm::exp2(drift + off(params, level)))),
    ];
    let loc = ir.loc(op);
    let mut unary = |name: &str, value: ValueId, attrs: &[(&str, he_core::ir::Attr)], ty: CtType| {
        let (name, props, ty) = (ir.ctx.op_name(name), ir.dict_of(attrs), ty.to_type(ir));
        let made =
            OpSpec::new(name).operands(&[value]).results(&[ty]).props(props).loc(loc).build_before(ir, op);
        ir.result(made, 0)
    };
    let product = unary(views::MulScalar::NAME, value, &attrs, CtType { scale: Some(scale + bits), ..ty });
    let rescaled = unary(views::Rescale::NAME, product, &[], CtType { level: Some(level - 1), ..ty });
    let levels = ir.attr_named(op, "levels").and_then(|attr| ir.ctx.as_i64(attr)).unwrap_or(1);
    if levels > 1 {
        let left = ir.ctx.i64_attr(levels - 1);
        ir.set_attr(op, "levels", Some(left));
        ir.set_operand(op, 0, rescaled);
    } else {
        ir.replace_all_uses(ir.result(op, 0), rescaled);
        ir.erase(op);
    }
}

/// Writes the corrections, given as log2. Plaintexts that are used with several are encoded as often.
fn write(ir: &mut Ir, uses: Vec<(OpId, f64)>) {
    let mut encoded: FxHashMap<ValueId, Vec<(f64, ValueId)>> = FxHashMap::default();
    for (op, drift) in uses {
        if !matches!(ir.name_str(op), views::MulPlain::NAME | views::AddPlain::NAME | views::SubPlain::NAME) {
            set_correction(ir, op, drift);
            continue;
        }
        let plain = ir.operand(op, 1);
        let encode = ir.def_op(plain);
        if encode.is_none() || ir.name_str(encode) != views::Encode::NAME {
            continue;
        }
        let known = encoded.entry(plain).or_default();
        let close = known.iter().find(|(of, _)| (of - drift).abs() <= ROUNDING).map(|(_, value)| *value);
        let value = match close {
            Some(value) => value,
            None => {
                let value = if known.is_empty() { plain } else { copy(ir, encode, op) };
                set_correction(ir, ir.def_op(value), drift);
                known.push((drift, value));
                value
            }
        };
        ir.set_operand(op, 1, value);
    }
}

/// A copy of an op of one operand and one result, before `anchor`.
fn copy(ir: &mut Ir, op: OpId, anchor: OpId) -> ValueId {
    let (operand, ty) = (ir.operand(op, 0), ir.ty(ir.result(op, 0)));
    let spec = OpSpec::new(ir.name(op)).operands(&[operand]).results(&[ty]);
    let spec = spec.props(ir.props(op)).attrs(ir.attrs(op)).loc(ir.loc(op));
    let copied = spec.build_before(ir, anchor);
    ir.result(copied, 0)
}
