//! Numbers in dense constants of `f32` and `f64`.

use super::attributes::{Attr, AttrKind};
use super::context::Context;
use super::types::{FloatKind, Type, TypeKind};

/// The most elements that a rule reads or writes in a constant: larger ones come from files.
const MAX_ELEMENTS: usize = 1 << 16;

impl Context {
    fn float_element(&self, ty: Type) -> Option<FloatKind> {
        match self.type_kind(ty) {
            TypeKind::Tensor { element, .. } => match self.type_kind(*element) {
                TypeKind::Float(kind @ (FloatKind::F32 | FloatKind::F64)) => Some(*kind),
                _ => None,
            },
            _ => None,
        }
    }

    /// The elements of `dense<…>` of `f32` or `f64`: one for a splat. `None` for other attributes and for more than
    /// 65536 elements.
    pub fn dense_numbers(&self, attr: Attr) -> Option<(Type, Vec<f64>)> {
        let AttrKind::Dense { ty, bytes, .. } = self.attr_kind(attr.some()?) else { return None };
        let numbers: Vec<f64> = match self.float_element(*ty)? {
            _ if bytes.len() > 8 * MAX_ELEMENTS => return None,
            FloatKind::F32 => {
                bytes.as_chunks::<4>().0.iter().map(|b| f64::from(f32::from_le_bytes(*b))).collect()
            }
            _ => bytes.as_chunks::<8>().0.iter().map(|b| f64::from_le_bytes(*b)).collect(),
        };
        Some((*ty, numbers))
    }

    /// The one number in all elements of a dense constant of `f32` or `f64`; `None` where they differ.
    pub fn splat_value(&self, attr: Attr) -> Option<f64> {
        let AttrKind::Dense { ty, bytes, splat } = self.attr_kind(attr.some()?) else { return None };
        if *splat {
            return match self.float_element(*ty)? {
                FloatKind::F32 => Some(f64::from(f32::from_le_bytes(*bytes.first_chunk()?))),
                _ => Some(f64::from_le_bytes(*bytes.first_chunk()?)),
            };
        }
        let (_, numbers) = self.dense_numbers(attr)?;
        let (first, rest) = numbers.split_first()?;
        rest.iter().all(|number| number == first).then_some(*first)
    }

    /// `dense<…>` of a tensor type of `f32` or `f64`, from one number for all elements or one for each. Numbers are
    /// rounded to the element type. `None` for other types and wrong counts.
    pub fn dense_attr(&mut self, ty: Type, numbers: &[f64]) -> Option<Attr> {
        let TypeKind::Tensor { shape, .. } = self.type_kind(ty) else { return None };
        let count = shape.iter().try_fold(1i64, |product, size| product.checked_mul(*size))?;
        if numbers.is_empty() || (numbers.len() != 1 && numbers.len() as i64 != count) {
            return None;
        }
        let bytes: Vec<u8> = match self.float_element(ty)? {
            FloatKind::F32 => numbers.iter().flat_map(|number| (*number as f32).to_le_bytes()).collect(),
            _ => numbers.iter().flat_map(|number| number.to_le_bytes()).collect(),
        };
        Some(self.attr(AttrKind::Dense { ty, bytes: bytes.into(), splat: numbers.len() == 1 }))
    }

    /// Whether the element type of a tensor holds these numbers exactly.
    pub fn holds_exactly(&self, ty: Type, numbers: &[f64]) -> bool {
        match self.float_element(ty) {
            Some(FloatKind::F32) => numbers.iter().all(|number| f64::from(*number as f32) == *number),
            Some(_) => true,
            None => false,
        }
    }

    /// `dense<number>` of a tensor type of `f32` or `f64`.
    pub fn splat_attr(&mut self, number: f64, ty: Type) -> Option<Attr> {
        self.dense_attr(ty, &[number])
    }
}
