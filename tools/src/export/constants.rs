//! Ciphertexts that no key is needed to read: what libraries refuse.
//!
//! `x - x`, a product with a plaintext that encodes to zero, and what is computed from such values only are constants. SEAL
//! throws on them ("transparent"), OpenFHE on the encoding of numbers far below the scale. They are followed through the program as sums
//! `Σ c·x + p`: the x are ciphertexts, c numbers, p a vector. What has no x is a constant.

use std::collections::BTreeMap;
use std::rc::Rc;

use he_core::ir::{OpId, ValueId};
use he_core::support::Diagnostic;
use he_dialects::ckks::attr::{CtType, PtType, params_of};
use he_dialects::ckks::params::Params;
use he_dialects::ckks::passes::leveling::CORRECTION_ATTR;

use super::body::Writer;

/// What is known of a ciphertext.
#[derive(Clone, Debug, Default)]
pub(super) struct Form {
    /// Ciphertexts by number, and what each is multiplied by.
    terms: BTreeMap<usize, f64>,
    /// The vector that is added; `None` for zero.
    pub plain: Option<Plain>,
}

/// A vector, and the correction that its encoding has here.
#[derive(Clone, Debug)]
pub(super) struct Plain {
    pub slots: Rc<Vec<f64>>,
    pub correction: f64,
}

/// Coefficients below this part of what was added are what rounding left of 0.
const ROUNDING: f64 = 1e-12;

impl Form {
    /// A ciphertext of which nothing is known.
    pub fn opaque(number: usize) -> Form {
        Form { terms: BTreeMap::from([(number, 1.0)]), plain: None }
    }

    /// A constant.
    pub fn constant(slots: Vec<f64>, correction: f64) -> Form {
        Form { terms: BTreeMap::new(), plain: plain(slots, correction) }
    }

    /// Whether it needs no key.
    pub fn is_constant(&self) -> bool {
        self.terms.is_empty()
    }

    /// The sum with `factor` times `other`.
    pub fn plus(&self, factor: f64, other: &Form) -> Form {
        let mut terms = self.terms.clone();
        for (number, by) in &other.terms {
            let old = terms.get(number).copied().unwrap_or(0.0);
            let new = old + factor * by;
            if new.abs() <= ROUNDING * old.abs() {
                terms.remove(number);
            } else {
                terms.insert(*number, new);
            }
        }
        let sum = match (&self.plain, &other.plain) {
            (Some(x), Some(y)) => {
                plain(x.slots.iter().zip(y.slots.iter()).map(|(x, y)| x + factor * y).collect(), x.correction)
            }
            (Some(x), None) => Some(x.clone()),
            (None, Some(y)) => plain(y.slots.iter().map(|y| factor * y).collect(), y.correction),
            (None, None) => None,
        };
        Form { terms, plain: sum }
    }

    /// The product with a number.
    pub fn times(&self, factor: f64) -> Form {
        if factor == 0.0 { Form::default() } else { Form::default().plus(factor, self) }
    }

    /// The same after a rescale or a product that changes what its encoding would be corrected by.
    pub fn corrected(mut self, factor: f64) -> Form {
        if let Some(plain) = &mut self.plain {
            plain.correction *= factor;
        }
        self
    }

    /// A constant with its vector changed.
    pub fn map(&self, change: impl FnOnce(&[f64]) -> Vec<f64>) -> Form {
        let change = |own: &Plain| plain(change(&own.slots), own.correction);
        Form { terms: BTreeMap::new(), plain: self.plain.as_ref().and_then(change) }
    }
}

fn plain(slots: Vec<f64>, correction: f64) -> Option<Plain> {
    let zero = slots.iter().all(|slot| *slot == 0.0);
    (!zero).then(|| Plain { slots: Rc::new(slots), correction })
}

/// Whether a vector encodes to zero at a scale of `bits` in a ring of degree `degree`: every coefficient is the mean of the
/// slots' magnitudes at most; or whether the rounding of its encoding hides it.
pub(super) fn encodes_to_zero(slots: &[f64], bits: i64, degree: u64) -> bool {
    let scale = (bits as f64).exp2();
    let mean = slots.iter().map(|slot| slot.abs()).sum::<f64>() / slots.len().max(1) as f64;
    let most = slots.iter().fold(0.0f64, |most, slot| most.max(slot.abs()));
    mean * scale < 0.5 || most * scale < (degree as f64).sqrt() / 4.0
}

/// Terms beyond which a sum is not followed.
const MOST_TERMS: usize = 64;

impl Writer<'_, '_> {
    /// Follows the op. Whether it needs no call of its own: its result is a constant, or takes another call.
    pub(super) fn is_folded(&mut self, op: OpId, method: &str) -> Result<bool, Diagnostic> {
        let ir = self.program.ir;
        if !self.folds {
            return Ok(false);
        }
        let result = ir.result(op, 0);
        if method == "encode" {
            return Ok(self.is_zero_encoding(op));
        }
        let operands: Vec<ValueId> = ir.operands(op).collect();
        let form = self.result_form(op, method, &operands)?;
        let constants: Vec<Option<Form>> = operands
            .iter()
            .map(|value| self.forms.get(value).filter(|form| form.is_constant()).cloned())
            .collect();
        if form.is_constant() {
            self.forms.insert(result, form);
            self.release(op);
            return Ok(true);
        }
        if form.terms.len() <= MOST_TERMS {
            self.forms.insert(result, form);
        }
        let vanishes = operands.get(1).is_some_and(|value| matches!(self.encoded.get(value), Some(None)));
        let scalar_vanishes = method == "add_scalar"
            && self.number(op, "value").is_some_and(|value| {
                let scale = CtType::of(ir, ir.ty(result)).and_then(|ty| ty.scale).unwrap_or(0);
                value.abs() * (scale as f64).exp2() < 0.5
            });
        let expression = match (method, &constants[..]) {
            ("add_plain" | "sub_plain", _) if vanishes => Some((operands[0], self.name(operands[0])?)),
            _ if scalar_vanishes => Some((operands[0], self.name(operands[0])?)),
            ("add" | "sub", [None, Some(constant)]) => {
                let constant = if method == "sub" { constant.times(-1.0) } else { constant.clone() };
                let name = self.name(operands[0])?;
                Some((operands[0], self.with_constant(name, &constant, operands[1])))
            }
            ("add" | "sub", [Some(constant), None]) => {
                let name = self.name(operands[1])?;
                let name = if method == "sub" { format!("he.neg({name})") } else { name };
                Some((operands[1], self.with_constant(name, constant, operands[0])))
            }
            ("mul", [Some(constant), None]) => Some(self.by_constant(operands[1], constant, operands[0])?),
            ("mul", [None, Some(constant)]) => Some(self.by_constant(operands[0], constant, operands[1])?),
            _ => None,
        };
        match expression {
            Some((read, expression)) => {
                self.define(result, &[read], &expression);
                self.release(op);
                Ok(true)
            }
            None => {
                operands.iter().for_each(|value| self.materialize(*value));
                Ok(false)
            }
        }
    }

    /// Writes the encryption of a constant.
    pub(super) fn materialize(&mut self, value: ValueId) {
        let Some(form) = self.forms.get(&value).filter(|form| form.is_constant()).cloned() else { return };
        if self.name(value).is_err() {
            let encoding = self.encoding(&form, value, value);
            self.define(value, &[], &format!("he.encrypt({encoding})"));
        }
    }

    fn number(&self, op: OpId, name: &str) -> Option<f64> {
        let attr = self.program.loaded.session.registry.attr_or_default(self.program.ir, op, name)?;
        self.program.ir.ctx.as_f64(attr)
    }

    /// Remembers what is encoded; whether it is zero, so that nothing is written.
    fn is_zero_encoding(&mut self, op: OpId) -> bool {
        let ir = self.program.ir;
        let Some(tensor) = self.numbers(ir.operand(op, 0)) else { return false };
        let bits = PtType::of(ir, ir.ty(ir.result(op, 0))).and_then(|ty| ty.scale).unwrap_or(0);
        let zero = encodes_to_zero(&tensor.data, bits, self.degree());
        let correction = self.number(op, CORRECTION_ATTR).unwrap_or(1.0);
        let known = (!zero).then(|| Plain { slots: Rc::new(tensor.data.clone()), correction });
        self.encoded.insert(ir.result(op, 0), known);
        if zero {
            self.release(op);
        }
        zero
    }

    fn params(&self) -> Params {
        params_of(self.program.ir).ok().flatten().unwrap_or_default()
    }

    fn degree(&self) -> u64 {
        self.params().degree()
    }

    fn form_of(&mut self, value: ValueId) -> Form {
        let next = &mut self.opaque;
        let new = || {
            *next += 1;
            Form::opaque(*next)
        };
        self.forms.entry(value).or_insert_with(new).clone()
    }

    fn result_form(&mut self, op: OpId, method: &str, operands: &[ValueId]) -> Result<Form, Diagnostic> {
        let ir = self.program.ir;
        let correction = self.number(op, CORRECTION_ATTR).unwrap_or(1.0);
        let slots = self.params().slots as usize;
        if operands.first().is_none_or(|value| CtType::of(ir, ir.ty(*value)).is_none()) {
            let zero = method == "encrypt" && matches!(self.encoded.get(&operands[0]), Some(None));
            return Ok(if zero { Form::default() } else { self.new_form() });
        }
        let form = self.form_of(operands[0]);
        let encoded = operands.get(1).and_then(|value| self.encoded.get(value).cloned());
        let vector = |known: Option<Plain>| {
            known.map_or_else(Form::default, |plain| Form::constant(plain.slots.to_vec(), plain.correction))
        };
        Ok(match (method, encoded) {
            ("add", _) => form.plus(1.0, &self.form_of(operands[1])),
            ("sub", _) => form.plus(-1.0, &self.form_of(operands[1])),
            ("neg", _) => form.times(-1.0),
            ("add_plain", Some(known)) => form.plus(1.0, &vector(known)),
            ("sub_plain", Some(known)) => form.plus(-1.0, &vector(known)),
            ("add_scalar", _) => {
                let value = self.number(op, "value").unwrap_or(0.0);
                form.plus(1.0, &Form::constant(vec![value; slots], correction))
            }
            ("mul_scalar", _) => {
                let bits = ir.attr_named(op, "log_scale").and_then(|attr| ir.ctx.as_i64(attr)).unwrap_or(0);
                let value = self.number(op, "value").unwrap_or(0.0);
                let zero = value.abs() * (bits as f64).exp2() < 0.5;
                form.times(if zero { 0.0 } else { value }).corrected(correction)
            }
            ("mul_plain", Some(None)) => Form::default(),
            ("mul_plain", Some(Some(by))) if form.is_constant() => form
                .map(|own| own.iter().zip(by.slots.iter()).map(|(x, y)| x * y).collect())
                .corrected(by.correction),
            ("mul", _) => {
                let other = self.form_of(operands[1]);
                let none = |form: &Form, value: ValueId| form.is_constant() && self.vanishes(form, value);
                match (&form.plain, &other.plain) {
                    _ if none(&form, operands[0]) || none(&other, operands[1]) => Form::default(),
                    (_, Some(by)) if form.is_constant() && other.is_constant() => form
                        .map(|own| own.iter().zip(by.slots.iter()).map(|(x, y)| x * y).collect())
                        .corrected(by.correction),
                    _ => self.new_form(),
                }
            }
            ("rescale", _) => {
                let level = CtType::of(ir, ir.ty(operands[0])).and_then(|ty| ty.level).unwrap_or(0);
                form.corrected(self.params().drift(level))
            }
            ("relinearize" | "level_drop" | "conjugate", _) => form,
            ("rotate", _) if form.is_constant() => {
                let by = ir.attr_named(op, "by").and_then(|attr| ir.ctx.as_i64(attr)).unwrap_or(0);
                let by = usize::try_from(by).unwrap_or(0) % slots.max(1);
                form.map(|own| [&own[by..], &own[..by]].concat())
            }
            _ => self.new_form(),
        })
    }

    fn new_form(&mut self) -> Form {
        self.opaque += 1;
        Form::opaque(self.opaque)
    }

    /// Whether a constant is zero at the scale of `value`.
    fn vanishes(&self, form: &Form, value: ValueId) -> bool {
        let ir = self.program.ir;
        let bits = CtType::of(ir, ir.ty(value)).and_then(|ty| ty.scale).unwrap_or(0);
        form.plain.as_ref().is_none_or(|plain| encodes_to_zero(&plain.slots, bits, self.degree()))
    }

    /// The encoding of a constant at the level of one ciphertext and the scale of another.
    fn encoding(&mut self, form: &Form, level: ValueId, scale: ValueId) -> String {
        let ir = self.program.ir;
        let state = |value: ValueId| CtType::of(ir, ir.ty(value));
        let level = state(level).and_then(|ty| ty.level).unwrap_or(0);
        let bits = state(scale).and_then(|ty| ty.scale).unwrap_or(0);
        let (slots, correction) = match &form.plain {
            Some(plain) if !self.vanishes(form, scale) => (plain.slots.to_vec(), plain.correction),
            _ => (vec![0.0], 1.0),
        };
        let name = self.arrays.floats(&slots);
        format!("he.encode(PLAIN[\"{name}\"], level={level}, scale={bits}, correction={correction:?})")
    }

    /// A sum with a constant that is at the level and scale of `value`.
    fn with_constant(&mut self, name: String, constant: &Form, value: ValueId) -> String {
        if self.vanishes(constant, value) {
            return name;
        }
        format!("he.add_plain({name}, {})", self.encoding(constant, value, value))
    }

    /// The product of `value` with a constant at the scale of `scale`; the operand, and what computes it.
    fn by_constant(
        &mut self,
        value: ValueId,
        constant: &Form,
        scale: ValueId,
    ) -> Result<(ValueId, String), Diagnostic> {
        let name = self.name(value)?;
        Ok((value, format!("he.mul_plain({name}, {})", self.encoding(constant, value, scale))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_that_cancel_are_constants() {
        let x = Form::opaque(0);
        let five = Form::constant(vec![5.0; 4], 1.0);
        let difference = five.plus(-1.0, &x);
        let sum = difference.plus(1.0, &x);
        assert!(!difference.is_constant() && sum.is_constant());
        assert_eq!(*sum.plain.unwrap().slots, vec![5.0; 4]);
        assert!(x.plus(-1.0, &x).plain.is_none() && x.times(0.0).is_constant());
        assert!(!x.plus(-1.0, &Form::opaque(1)).is_constant());
    }

    #[test]
    fn small_numbers_encode_to_zero() {
        assert!(encodes_to_zero(&[0.0; 8], 40, 8192));
        assert!(encodes_to_zero(&[1e-20; 8], 40, 8192));
        assert!(!encodes_to_zero(&[1e-3; 8], 40, 8192));
        // Alone among 4096 slots, it is a thousandth in each coefficient.
        let mut lone = vec![0.0; 4096];
        lone[7] = 1e-7;
        assert!(encodes_to_zero(&lone, 30, 8192) && !encodes_to_zero(&lone, 50, 8192));
    }
}
