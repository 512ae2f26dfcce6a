//! The values of constants: elements in the text, resources, weight files, random numbers.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use he_core::exec::tensor::{ShapeError, Tensor, element_count};
use he_core::ir::{Attr, AttrKind, FloatKind, Ir, OpId, Type, TypeKind};
use he_core::support::{Diagnostic, Weights};

use super::facts::{Facts, tensor_shape};
use super::random::fill_normal;
use crate::parallel::fill_chunks;

/// What an `nn.constant` says its elements are.
enum Source<'a> {
    /// `#nn.weights<"file", "key">`
    File { file: &'a str, key: &'a str },
    /// `#nn.random<seed = 1, std = 0.1>`
    Random { seed: u64, std: f64 },
    /// `dense<…>`
    Dense { ty: Type, bytes: &'a [u8], splat: bool },
    /// `dense_resource<key>`
    Resource { key: &'a str, ty: Type },
    /// None of these.
    Unknown,
}

fn source(ir: &Ir, value: Attr) -> Source<'_> {
    match ir.ctx.attr_kind(value) {
        AttrKind::Declared { name, params } => {
            let text = |index: usize| params.get(index).and_then(|attr| ir.ctx.as_str(*attr)).unwrap_or("");
            if ir.ctx.str(*name) == "nn.weights" {
                return Source::File { file: text(0), key: text(1) };
            }
            let seed = params.first().and_then(|attr| ir.ctx.as_i64(*attr)).unwrap_or(0);
            let std = params.get(1).and_then(|attr| ir.ctx.as_f64(*attr)).unwrap_or(1.0);
            Source::Random { seed: seed as u64, std }
        }
        AttrKind::Dense { ty, bytes, splat } => Source::Dense { ty: *ty, bytes, splat: *splat },
        AttrKind::DenseResource { key, ty } => Source::Resource { key: ir.ctx.str(*key), ty: *ty },
        _ => Source::Unknown,
    }
}

fn value_attr(ir: &Ir, op: OpId) -> Result<Attr, Diagnostic> {
    ir.attr_named(op, "value").ok_or_else(|| error(ir, op, "requires attribute 'value'"))
}

fn error(ir: &Ir, op: OpId, text: impl std::fmt::Display) -> Diagnostic {
    Diagnostic::error(format!("'{}' op {text}", ir.name_str(op))).at(ir.position(op))
}

/// The value's own type is that of the result.
pub(super) fn verify_constant(facts: &Facts<'_>, _shape: &[usize]) -> Result<(), Diagnostic> {
    let (ir, op) = (facts.ir, facts.op);
    let ty = match source(ir, value_attr(ir, op)?) {
        Source::Dense { ty, .. } | Source::Resource { ty, .. } => ty,
        Source::Unknown => {
            return Err(facts.error("takes dense elements, a dense resource, weights or random numbers"));
        }
        _ => return Ok(()),
    };
    let result = ir.ty(ir.result(op, 0));
    if ty == result {
        return Ok(());
    }
    let (found, expected) = (ir.ctx.type_text(ty), ir.ctx.type_text(result));
    Err(facts.error(format_args!("has elements of type {found}, but its result is {expected}")))
}

/// The elements of an `nn.constant`, in the shape of its result. An error at the op if the weights are missing, have
/// another shape, or are not finite. Random ones are drawn once and shared.
pub fn constant_tensor(ir: &Ir, op: OpId, weights: &dyn Weights) -> Result<Rc<Tensor>, Diagnostic> {
    let shape = tensor_shape(ir, ir.ty(ir.result(op, 0))).map_err(|why| error(ir, op, why))?;
    let count = element_count(&shape).map_err(|why| error(ir, op, why))?;
    let mut what = "element".to_owned();
    let data = match source(ir, value_attr(ir, op)?) {
        Source::File { file, key } => {
            let (found, data) = weights.load(file, key).map_err(|why| error(ir, op, why))?;
            if found != shape {
                let text = format!("has shape {shape:?}, but tensor '{key}' of '{file}' has shape {found:?}");
                return Err(error(ir, op, text));
            }
            what = format!("element of tensor '{key}' of '{file}'");
            data
        }
        Source::Random { seed, std } => {
            let tensor = normal_tensor(seed, std, shape.clone()).map_err(|why| error(ir, op, why))?;
            // None is beyond 9 deviations: it need not be looked at each time.
            if (16.0 * std).is_finite() {
                return Ok(tensor);
            }
            tensor.data.clone()
        }
        Source::Dense { ty, bytes, splat } => elements(ir, ty, bytes, splat, count)
            .ok_or_else(|| error(ir, op, "has elements that are not read here"))?,
        Source::Resource { key, ty } => resource(ir, key, ty, count).map_err(|why| error(ir, op, why))?,
        Source::Unknown => return Err(error(ir, op, "has a value that is not read here")),
    };
    if let Some(at) = data.iter().position(|value| !value.is_finite()) {
        let index = Tensor { shape, data: data.clone() }.unravel(at).unwrap_or_default();
        return Err(error(ir, op, format!("{what} {index:?} is {}: weights must be finite", data[at])));
    }
    Tensor::new(shape, data).map(Rc::new).map_err(|why| error(ir, op, why))
}

/// Little-endian elements of a shaped type, one of them for all if `splat`.
fn elements(ir: &Ir, ty: Type, bytes: &[u8], splat: bool, count: usize) -> Option<Vec<f64>> {
    let TypeKind::Tensor { element, .. } = ir.ctx.type_kind(ty) else { return None };
    let (kind, width) = match ir.ctx.type_kind(*element) {
        TypeKind::Float(FloatKind::F32) => (FloatKind::F32, 4),
        TypeKind::Float(FloatKind::F64) => (FloatKind::F64, 8),
        _ => return None,
    };
    let bits = |chunk: &[u8]| chunk.iter().rev().fold(0u128, |bits, byte| bits << 8 | u128::from(*byte));
    let values: Vec<f64> = bytes.chunks_exact(width).map(|chunk| kind.value_of(bits(chunk))).collect();
    match (splat, values.as_slice()) {
        (true, [value]) => Some(vec![*value; count]),
        _ => (values.len() == count).then_some(values),
    }
}

/// The elements of an entry `key: "0x…"` of the resource section: four bytes of alignment, then the elements.
fn resource(ir: &Ir, key: &str, ty: Type, count: usize) -> Result<Vec<f64>, String> {
    let entry = ir.resources.iter().find(|(dialect, _, name, _)| *dialect && name == key);
    let Some((.., text)) = entry else {
        return Err(format!("needs resource '{key}', which the file does not have"));
    };
    let digits = text.trim().trim_matches('"').strip_prefix("0x").map(str::as_bytes);
    let nibble = |digit: u8| char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let bytes: Option<Vec<u8>> =
        digits.filter(|digits| digits.len() >= 8 && digits.len() % 2 == 0).and_then(|digits| {
            digits.chunks_exact(2).map(|pair| Some(nibble(pair[0])? << 4 | nibble(pair[1])?)).collect()
        });
    let bytes =
        bytes.ok_or_else(|| format!("needs resource '{key}' as a string of hexadecimal digits after 0x"))?;
    let data = elements(ir, ty, &bytes[4..], false, count);
    data.ok_or_else(|| format!("needs {count} elements, but resource '{key}' has {} bytes", bytes.len() - 4))
}

/// Random numbers that one thread draws in a row; even.
const DRAWN_AT_ONCE: usize = 1 << 14;

/// The most random numbers that are remembered: half a gigabyte.
const MAX_REMEMBERED: usize = 1 << 26;

/// Seed and bits of the deviation; and the numbers in their shape.
type Drawn = ((u64, u64), Rc<Tensor>);

thread_local! {
    /// What was drawn last, the oldest first: every pass reads the weights again.
    static DRAWN: RefCell<VecDeque<Drawn>> = const { RefCell::new(VecDeque::new()) };
}

/// Normally distributed numbers.
fn normal_tensor(seed: u64, std: f64, shape: Vec<usize>) -> Result<Rc<Tensor>, ShapeError> {
    let key = (seed, std.to_bits());
    let is_known = |(known, tensor): &&Drawn| *known == key && tensor.shape == shape;
    let known = DRAWN.with_borrow(|drawn| drawn.iter().find(is_known).map(|(_, tensor)| tensor.clone()));
    if let Some(tensor) = known {
        return Ok(tensor);
    }
    let count = element_count(&shape)?;
    let tensor = Rc::new(Tensor::new(shape, drawn(seed, std, count))?);
    if count <= MAX_REMEMBERED {
        DRAWN.with_borrow_mut(|drawn| {
            drawn.push_back((key, tensor.clone()));
            while drawn.iter().map(|(_, tensor)| tensor.data.len()).sum::<usize>() > MAX_REMEMBERED {
                drawn.pop_front();
            }
        });
    }
    Ok(tensor)
}

/// `count` normally distributed numbers.
fn drawn(seed: u64, std: f64, count: usize) -> Vec<f64> {
    let mut numbers = vec![0.0; count];
    fill_chunks(&mut numbers, DRAWN_AT_ONCE, |first, chunk| fill_normal(seed, std, first, chunk));
    numbers
}
