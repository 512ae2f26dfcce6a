//! The text of types, attributes and locations: MLIR's, with declared types as their dialect says.

use std::fmt::Write;

use num_bigint::{BigInt, Sign};

use super::attributes::{Attr, AttrKind, Dict};
use super::context::{Context, Sym};
use super::locations::{Loc, LocKind};
use super::types::{DYNAMIC, FloatKind, Signedness, Type, TypeKind};
use crate::support::bytes_of_text;

/// Elements of a `dense` literal beyond which it prints as one hexadecimal string.
const MAX_LISTED_ELEMENTS: usize = 100;

impl Context {
    /// The text of a type.
    pub fn type_text(&self, ty: Type) -> String {
        let mut out = String::new();
        self.write_type(&mut out, ty);
        out
    }

    /// The text of an attribute.
    pub fn attr_text(&self, attr: Attr) -> String {
        let mut out = String::new();
        self.write_attr(&mut out, attr);
        out
    }

    fn write_types(&self, out: &mut String, types: &[Type]) {
        for (i, ty) in types.iter().enumerate() {
            if i > 0 {
                out.push_str(", ");
            }
            self.write_type(out, *ty);
        }
    }

    /// Appends `(a, b) -> c`; several results in parentheses.
    pub fn write_function_type(&self, out: &mut String, inputs: &[Type], results: &[Type]) {
        out.push('(');
        self.write_types(out, inputs);
        out.push_str(") -> ");
        let bare = matches!(results, [one] if !matches!(self.type_kind(*one), TypeKind::Function { .. }));
        if bare {
            self.write_types(out, results);
        } else {
            out.push('(');
            self.write_types(out, results);
            out.push(')');
        }
    }

    fn write_shape(&self, out: &mut String, shape: &[i64], scalable: &[bool]) {
        for (i, dim) in shape.iter().enumerate() {
            let brackets = scalable.get(i).copied().unwrap_or(false);
            if brackets {
                out.push('[');
            }
            if *dim == DYNAMIC {
                out.push('?');
            } else {
                write_int(out, i128::from(*dim));
            }
            out.push_str(if brackets { "]x" } else { "x" });
        }
    }

    /// Appends the text of a type.
    pub fn write_type(&self, out: &mut String, ty: Type) {
        if ty.is_none() {
            out.push_str("<<untyped>>");
            return;
        }
        match self.type_kind(ty) {
            TypeKind::Integer { width, signedness } => {
                out.push_str(match signedness {
                    Signedness::Signless => "i",
                    Signedness::Signed => "si",
                    Signedness::Unsigned => "ui",
                });
                write_int(out, i128::from(*width));
            }
            TypeKind::Index => out.push_str("index"),
            TypeKind::Float(kind) => out.push_str(kind.keyword()),
            TypeKind::None => out.push_str("none"),
            TypeKind::Function { inputs, results } => self.write_function_type(out, inputs, results),
            TypeKind::Tuple(types) => {
                out.push_str("tuple<");
                self.write_types(out, types);
                out.push('>');
            }
            TypeKind::Complex(element) => {
                out.push_str("complex<");
                self.write_type(out, *element);
                out.push('>');
            }
            TypeKind::Vector { shape, scalable, element } => {
                out.push_str("vector<");
                self.write_shape(out, shape, scalable);
                self.write_type(out, *element);
                out.push('>');
            }
            TypeKind::Tensor { shape, element, encoding } => {
                out.push_str("tensor<");
                self.write_shape(out, shape, &[]);
                self.write_type(out, *element);
                self.write_trailing(out, &[*encoding]);
                out.push('>');
            }
            TypeKind::UnrankedTensor(element) => {
                out.push_str("tensor<*x");
                self.write_type(out, *element);
                out.push('>');
            }
            TypeKind::MemRef { shape, element, layout, space } => {
                out.push_str("memref<");
                self.write_shape(out, shape, &[]);
                self.write_type(out, *element);
                self.write_trailing(out, &[*layout, *space]);
                out.push('>');
            }
            TypeKind::UnrankedMemRef { element, space } => {
                out.push_str("memref<*x");
                self.write_type(out, *element);
                self.write_trailing(out, &[*space]);
                out.push('>');
            }
            TypeKind::Declared { name, params } => {
                out.push('!');
                self.write_declared(out, *name, params);
            }
            TypeKind::Opaque(text) => {
                out.push('!');
                out.push_str(self.str(*text));
            }
        }
    }

    fn write_trailing(&self, out: &mut String, attrs: &[Attr]) {
        for attr in attrs.iter().filter(|attr| !attr.is_none()) {
            out.push_str(", ");
            self.write_attr(out, *attr);
        }
    }

    /// `dialect.name<a = 1, b = word>`; parameters at their default are left out.
    fn write_declared(&self, out: &mut String, name: Sym, params: &[Attr]) {
        out.push_str(self.str(name));
        let declared = self.declared_params(name);
        let mut open = false;
        for (param, value) in declared.iter().zip(params) {
            if *value == param.default || value.is_none() {
                continue;
            }
            out.push_str(if open { ", " } else { "<" });
            open = true;
            if !param.positional {
                out.push_str(self.str(param.name));
                out.push_str(" = ");
            }
            match self.attr_kind(*value) {
                AttrKind::String { text, .. } if param.word => out.push_str(self.str(*text)),
                _ => self.write_attr(out, *value),
            }
        }
        if open {
            out.push('>');
        }
    }

    /// Appends the text of an attribute. The default types `i64` and `f64` of numbers are left out.
    pub fn write_attr(&self, out: &mut String, attr: Attr) {
        match self.attr_kind(attr) {
            AttrKind::Unit => out.push_str("unit"),
            AttrKind::Integer { value, ty } => match self.type_kind(*ty) {
                TypeKind::Integer { width: 1, signedness: Signedness::Signless } => {
                    out.push_str(if *value == 0 { "false" } else { "true" });
                }
                TypeKind::Integer { width: 64, signedness: Signedness::Signless } => write_int(out, *value),
                _ => {
                    write_int(out, *value);
                    self.write_type_suffix(out, *ty);
                }
            },
            AttrKind::BigInteger { digits, ty } => {
                out.push_str(self.str(*digits));
                self.write_type_suffix(out, *ty);
            }
            AttrKind::Float { bits, ty } => {
                let kind = self.float_kind(*ty);
                write_float(out, kind, f64::from_bits(*bits));
                if kind != FloatKind::F64 || !f64::from_bits(*bits).is_finite() {
                    self.write_type_suffix(out, *ty);
                }
            }
            AttrKind::FloatBits { bits, ty } => {
                write_bits(out, self.float_kind(*ty), *bits);
                self.write_type_suffix(out, *ty);
            }
            AttrKind::String { text, ty } => {
                write_string(out, self.str(*text));
                if !ty.is_none() {
                    self.write_type_suffix(out, *ty);
                }
            }
            AttrKind::Array(items) => {
                out.push('[');
                for (i, item) in items.iter().enumerate() {
                    if i > 0 {
                        out.push_str(", ");
                    }
                    self.write_attr(out, *item);
                }
                out.push(']');
            }
            AttrKind::Dictionary(dict) => {
                out.push('{');
                self.write_entries(out, self.dict_entries(*dict).iter().copied());
                out.push('}');
            }
            AttrKind::Type(ty) => self.write_type(out, *ty),
            AttrKind::Symbol(path) => {
                for (i, name) in path.iter().enumerate() {
                    if i > 0 {
                        out.push_str("::");
                    }
                    write_symbol(out, self.str(*name));
                }
            }
            AttrKind::Dense { ty, splat: false, .. } if self.is_elided(*ty) => {
                out.push_str("dense_resource<__elided__>");
                self.write_type_suffix(out, *ty);
            }
            AttrKind::Dense { ty, bytes, splat } => {
                out.push_str("dense<");
                self.write_dense(out, *ty, bytes, *splat);
                out.push('>');
                self.write_type_suffix(out, *ty);
            }
            AttrKind::DenseStrings { ty, texts } => {
                out.push_str("dense<");
                let (shape, _) = self.shaped(*ty);
                let write = |out: &mut String, i: usize| write_string(out, self.str(texts[i]));
                match texts.len() {
                    0 => {}
                    1 => write(out, 0),
                    count => write_nested(out, &shape, count, &write),
                }
                out.push('>');
                self.write_type_suffix(out, *ty);
            }
            AttrKind::DenseArray { element, bytes } => {
                out.push_str("array<");
                self.write_type(out, *element);
                let size = self.element_bytes(*element).max(1);
                for i in 0..bytes.len() / size {
                    out.push_str(if i == 0 { ": " } else { ", " });
                    self.write_element(out, *element, &bytes[i * size..(i + 1) * size]);
                }
                out.push('>');
            }
            AttrKind::DenseResource { key, ty } => {
                out.push_str("dense_resource<");
                write_key(out, self.str(*key));
                out.push('>');
                self.write_type_suffix(out, *ty);
            }
            AttrKind::Sparse { indices, values, ty } => {
                out.push_str("sparse<");
                let is_empty =
                    matches!(self.attr_kind(*values), AttrKind::Dense { bytes, .. } if bytes.is_empty());
                for (i, part) in [indices, values].into_iter().enumerate().filter(|_| !is_empty) {
                    if i > 0 {
                        out.push_str(", ");
                    }
                    match self.attr_kind(*part) {
                        // Indices into a scalar: one empty list a value.
                        AttrKind::Dense { ty, bytes, .. } if bytes.is_empty() => {
                            let count =
                                self.shaped(*ty).0.first().map_or(1, |count| (*count).max(1) as usize);
                            out.push('[');
                            out.push_str(&vec!["[]"; count].join(", "));
                            out.push(']');
                        }
                        // Equal indices of several values: as one number they would be those of a single value.
                        AttrKind::Dense { ty, bytes, splat: true } if i == 0 => {
                            let count = self.shaped(*ty).0.iter().product::<i64>().max(1) as usize;
                            self.write_dense(out, *ty, &bytes.repeat(count), count == 1);
                        }
                        AttrKind::Dense { ty, bytes, splat } => self.write_dense(out, *ty, bytes, *splat),
                        AttrKind::DenseStrings { texts, .. } if texts.len() == 1 => {
                            write_string(out, self.str(texts[0]));
                        }
                        AttrKind::DenseStrings { ty, texts } => {
                            let (shape, _) = self.shaped(*ty);
                            let write = |out: &mut String, i: usize| write_string(out, self.str(texts[i]));
                            write_nested(out, &shape, texts.len(), &write);
                        }
                        _ => {}
                    }
                }
                out.push('>');
                self.write_type_suffix(out, *ty);
            }
            AttrKind::Affine(text) => out.push_str(self.str(*text)),
            AttrKind::Location(loc) => self.write_loc(out, *loc),
            AttrKind::Declared { name, params } => {
                out.push('#');
                self.write_declared(out, *name, params);
            }
            AttrKind::Opaque { text, ty } => {
                out.push('#');
                out.push_str(self.str(*text));
                if !ty.is_none() {
                    self.write_type_suffix(out, *ty);
                }
            }
        }
    }

    fn write_type_suffix(&self, out: &mut String, ty: Type) {
        out.push_str(" : ");
        self.write_type(out, ty);
    }

    fn float_kind(&self, ty: Type) -> FloatKind {
        match self.type_kind(ty) {
            TypeKind::Float(kind) => *kind,
            _ => FloatKind::F64,
        }
    }

    /// Appends `a = 1, b` without braces.
    pub fn write_entries(&self, out: &mut String, entries: impl Iterator<Item = (Sym, Attr)>) {
        for (i, (name, value)) in entries.enumerate() {
            if i > 0 {
                out.push_str(", ");
            }
            write_key(out, self.str(name));
            if *self.attr_kind(value) != AttrKind::Unit {
                out.push_str(" = ");
                self.write_attr(out, value);
            }
        }
    }

    /// Appends `{a = 1, b}`, nothing for an empty dictionary.
    pub fn write_dict(&self, out: &mut String, dict: Dict) {
        if dict != Dict::EMPTY {
            out.push('{');
            self.write_entries(out, self.dict_entries(dict).iter().copied());
            out.push('}');
        }
    }

    // ---- dense elements

    fn is_elided(&self, ty: Type) -> bool {
        let elements =
            || self.shaped(ty).0.iter().fold(1u128, |n, dim| n.saturating_mul(dim.unsigned_abs().into()));
        self.elide_elements_above.is_some_and(|limit| elements() > limit as u128)
    }

    /// Shape and element type of a vector, tensor or memref type.
    pub fn shaped(&self, ty: Type) -> (Vec<i64>, Type) {
        match self.type_kind(ty) {
            TypeKind::Vector { shape, element, .. }
            | TypeKind::Tensor { shape, element, .. }
            | TypeKind::MemRef { shape, element, .. } => (shape.clone(), *element),
            _ => (Vec::new(), ty),
        }
    }

    /// Bytes that one element takes in dense storage.
    pub fn element_bytes(&self, element: Type) -> usize {
        match self.type_kind(element) {
            TypeKind::Integer { width, .. } => (*width as usize).div_ceil(8).max(1),
            TypeKind::Index => 8,
            TypeKind::Float(kind) => (kind.width() as usize).div_ceil(8),
            TypeKind::Complex(part) => 2 * self.element_bytes(*part),
            _ => 0,
        }
    }

    fn write_dense(&self, out: &mut String, ty: Type, bytes: &[u8], splat: bool) {
        let (shape, element) = self.shaped(ty);
        let size = self.element_bytes(element).max(1);
        let count = bytes.len() / size;
        if splat && count == 1 {
            self.write_element(out, element, bytes);
        } else if count > MAX_LISTED_ELEMENTS {
            out.push_str("\"0x");
            let packed: Vec<u8>;
            let bytes = if matches!(self.type_kind(element), TypeKind::Integer { width: 1, .. }) {
                // Eight to a byte, the first in the lowest bit.
                let byte = |bits: &[u8]| bits.iter().rev().fold(0, |byte, bit| byte << 1 | (bit & 1));
                packed = bytes.chunks(8).map(byte).collect();
                &packed[..]
            } else {
                bytes
            };
            write_hex(out, bytes);
            out.push('"');
        } else if count > 0 {
            let write = |out: &mut String, i: usize| {
                self.write_element(out, element, &bytes[i * size..(i + 1) * size]);
            };
            write_nested(out, &shape, count, &write);
        }
    }

    fn write_element(&self, out: &mut String, element: Type, bytes: &[u8]) {
        let mut raw = [0u8; 16];
        raw[..bytes.len().min(16)].copy_from_slice(&bytes[..bytes.len().min(16)]);
        let unsigned = u128::from_le_bytes(raw);
        match self.type_kind(element) {
            TypeKind::Integer { width: 1, .. } => {
                out.push_str(if unsigned & 1 == 0 { "false" } else { "true" })
            }
            TypeKind::Integer { signedness, .. } if bytes.len() > 16 || unsigned > i128::MAX as u128 => {
                let value = match signedness {
                    Signedness::Unsigned => BigInt::from_bytes_le(Sign::Plus, bytes),
                    _ => BigInt::from_signed_bytes_le(bytes),
                };
                let _ = write!(out, "{value}");
            }
            TypeKind::Integer { signedness: Signedness::Unsigned, .. } => write_int(out, unsigned as i128),
            TypeKind::Integer { .. } | TypeKind::Index => {
                let shift = 128 - 8 * bytes.len().min(16) as u32;
                let value = if shift == 128 { 0 } else { (unsigned as i128) << shift >> shift };
                write_int(out, value);
            }
            TypeKind::Float(kind) => match kind.exact_value(unsigned) {
                Some(value) => write_float(out, *kind, value),
                None => write_bits(out, *kind, unsigned),
            },
            TypeKind::Complex(part) => {
                let half = bytes.len() / 2;
                out.push('(');
                self.write_element(out, *part, &bytes[..half]);
                out.push(',');
                self.write_element(out, *part, &bytes[half..]);
                out.push(')');
            }
            _ => out.push('?'),
        }
    }

    // ---- locations

    /// Appends `loc(…)`.
    pub fn write_loc(&self, out: &mut String, loc: Loc) {
        out.push_str("loc(");
        self.write_loc_body(out, loc);
        out.push(')');
    }

    fn write_loc_body(&self, out: &mut String, loc: Loc) {
        match &*self.loc_kind(loc) {
            LocKind::Unknown => out.push_str("unknown"),
            LocKind::File { file, line, column } => {
                write_string(out, self.str(*file));
                out.push(':');
                write_int(out, i128::from(*line));
                out.push(':');
                write_int(out, i128::from(*column));
            }
            LocKind::FileRange { file, span } => {
                let [start, end] = **span;
                write_string(out, self.str(*file));
                let _ = write!(out, ":{}:{} to ", start.0, start.1);
                if end.0 != start.0 {
                    let _ = write!(out, "{}", end.0);
                }
                let _ = write!(out, ":{}", end.1);
            }
            LocKind::Name(name, child) => {
                write_string(out, self.str(*name));
                if *child != Loc::UNKNOWN {
                    out.push('(');
                    self.write_loc_body(out, *child);
                    out.push(')');
                }
            }
            LocKind::CallSite(callee, caller) => {
                out.push_str("callsite(");
                self.write_loc_body(out, *callee);
                out.push_str(" at ");
                self.write_loc_body(out, *caller);
                out.push(')');
            }
            LocKind::Fused(fused) => {
                let (children, metadata) = &**fused;
                out.push_str("fused");
                if let Some(metadata) = metadata.some() {
                    out.push('<');
                    self.write_attr(out, metadata);
                    out.push('>');
                }
                out.push('[');
                for (i, child) in children.iter().enumerate() {
                    if i > 0 {
                        out.push_str(", ");
                    }
                    self.write_loc_body(out, *child);
                }
                out.push(']');
            }
        }
    }
}

fn write_nested(out: &mut String, shape: &[i64], count: usize, write: &dyn Fn(&mut String, usize)) {
    let Some((first, rest)) = shape.split_first() else {
        if count > 0 {
            write(out, 0);
        }
        return;
    };
    fn go(out: &mut String, dim: i64, rest: &[i64], base: usize, write: &dyn Fn(&mut String, usize)) {
        out.push('[');
        let stride: usize = rest.iter().map(|d| *d as usize).product();
        for i in 0..dim as usize {
            if i > 0 {
                out.push_str(", ");
            }
            match rest.split_first() {
                Some((next, rest)) => go(out, *next, rest, base + i * stride, write),
                None => write(out, base + i),
            }
        }
        out.push(']');
    }
    go(out, *first, rest, 0, write);
}

/// Appends a decimal integer.
pub(crate) fn write_int(out: &mut String, value: i128) {
    let mut digits = itoa::Buffer::new();
    out.push_str(match i64::try_from(value) {
        Ok(small) => digits.format(small),
        Err(_) => digits.format(value),
    });
}

/// Appends the shortest decimal that parses back to the same bits; a bit pattern for infinities and NaN.
pub(crate) fn write_float(out: &mut String, kind: FloatKind, value: f64) {
    if !value.is_finite() {
        return write_bits(out, kind, kind.bits_of(value));
    }
    let start = out.len();
    let narrow = matches!(kind, FloatKind::F32);
    let _ = if narrow { write!(out, "{:?}", value as f32) } else { write!(out, "{value:?}") };
    // MLIR wants a point before the exponent.
    if !out[start..].contains('.') {
        match out[start..].find('e') {
            Some(e) => out.insert_str(start + e, ".0"),
            None => out.push_str(".0"),
        }
    }
}

/// Appends two hexadecimal digits for each byte.
fn write_hex(out: &mut String, bytes: &[u8]) {
    const CHUNK: usize = 256;
    let digit = |half: u8| b"0123456789ABCDEF"[usize::from(half)];
    let mut digits = [0; 2 * CHUNK];
    out.reserve(2 * bytes.len());
    for chunk in bytes.chunks(CHUNK) {
        for (pair, byte) in digits.chunks_exact_mut(2).zip(chunk) {
            pair.copy_from_slice(&[digit(byte >> 4), digit(byte & 15)]);
        }
        out.push_str(&String::from_utf8_lossy(&digits[..2 * chunk.len()]));
    }
}

/// Appends a bit pattern.
fn write_bits(out: &mut String, kind: FloatKind, bits: u128) {
    let _ = write!(out, "0x{bits:0w$X}", w = kind.width().div_ceil(4) as usize);
}

/// Appends a quoted string with MLIR's escapes.
pub(crate) fn write_string(out: &mut String, text: &str) {
    out.push('"');
    let plain = |byte: u8| matches!(byte, 0x20..=0x7e) && byte != b'"' && byte != b'\\';
    if text.bytes().all(plain) {
        out.push_str(text);
    } else {
        write_escaped(out, &bytes_of_text(text));
    }
    out.push('"');
}

fn write_escaped(out: &mut String, bytes: &[u8]) {
    for byte in bytes {
        match byte {
            b'"' => out.push_str("\\22"),
            b'\\' => out.push_str("\\\\"),
            0x20..=0x7e => out.push(*byte as char),
            _ => {
                let _ = write!(out, "\\{byte:02X}");
            }
        }
    }
}

fn is_bare(text: &str) -> bool {
    let mut chars = text.bytes();
    chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == b'_')
        && chars.all(|c| c.is_ascii_alphanumeric() || matches!(c, b'_' | b'$' | b'.'))
}

/// Appends a dictionary key: bare where it can be.
pub(crate) fn write_key(out: &mut String, text: &str) {
    if is_bare(text) { out.push_str(text) } else { write_string(out, text) }
}

/// Appends `@name`, quoted where it must be.
pub(crate) fn write_symbol(out: &mut String, text: &str) {
    out.push('@');
    write_key(out, text);
}
