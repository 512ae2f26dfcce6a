//! Dense elements in all their forms.

use super::dense_numbers::{Element, elements, plain_length};
use super::lexer::Token;
use super::numbers::{Integer, float_bits, integer};
use super::parser::{PResult, Parser};
use crate::ir::{Attr, AttrKind, Signedness, Type, TypeKind};

/// A literal inside of `dense<…>`: its sign, text and token.
struct Literal<'s> {
    negative: bool,
    token: Token,
    text: &'s str,
    offset: usize,
}

/// The literals of a `dense<…>` body with the shape of its brackets.
#[derive(Default)]
struct Body<'s> {
    literals: Vec<Literal<'s>>,
    shape: Vec<i64>,
    /// Written without brackets.
    splat: bool,
    /// Whether some literal is a pair in parentheses, and some is not.
    complex: bool,
    plain: bool,
}

impl<'s> Parser<'s, '_> {
    /// `dense<…> : type`
    pub fn parse_dense(&mut self) -> PResult<Attr> {
        let start = self.start;
        self.advance();
        self.expect(Token::Less, "after 'dense'")?;
        if let Some(attr) = self.parse_plain_dense(start)? {
            return Ok(attr);
        }
        let body = self.parse_body(Token::Greater)?;
        self.expect(Token::Greater, "after the elements")?;
        let ty = self.parse_shaped_type(start)?;
        match body.literals.first() {
            Some(literal) if body.splat && literal.token == Token::String && self.has_bytes(ty) => {
                self.dense_hex(literal.text, literal.offset, ty)
            }
            _ => self.dense_of(body, ty, start),
        }
    }

    /// A list of plain decimal numbers, if what follows `dense<` is one and right.
    fn parse_plain_dense(&mut self, start: usize) -> PResult<Option<Attr>> {
        let open = self.start;
        let Some(length) = plain_length(&self.source.as_bytes()[open..]) else { return Ok(None) };
        self.reset(open + length + 1);
        let ty = self.parse_shaped_type(start);
        let found = ty.ok().and_then(|ty| {
            let (shape, element) = self.ir.ctx.shaped(ty);
            let element = match *self.ir.ctx.type_kind(element) {
                TypeKind::Float(kind) if matches!(kind.width(), 16 | 32 | 64) => Element::Float(kind),
                TypeKind::Integer { width: width @ (8 | 16 | 32 | 64), signedness } => {
                    Element::Integer(width, signedness)
                }
                _ => return None,
            };
            let bytes = elements(&self.source[open..open + length], &shape, element)?;
            Some((ty, bytes, self.ir.ctx.element_bytes(self.ir.ctx.shaped(ty).1)))
        });
        let Some((ty, mut bytes, size)) = found else {
            self.reset(open);
            return Ok(None);
        };
        let splat = all_equal(&bytes, size);
        if splat {
            bytes.truncate(size);
        }
        Ok(Some(self.ir.ctx.attr(AttrKind::Dense { ty, bytes: bytes.into(), splat })))
    }

    fn parse_shaped_type(&mut self, start: usize) -> PResult<Type> {
        let (ty, offset) = self.parse_any_shaped_type(start)?;
        let is_static = match self.ir.ctx.type_kind(ty) {
            TypeKind::Tensor { shape, .. } | TypeKind::MemRef { shape, .. } => {
                shape.iter().all(|dim| *dim >= 0)
            }
            TypeKind::Vector { .. } => true,
            _ => false,
        };
        if is_static {
            return Ok(ty);
        }
        let error = self.error_span(offset, self.last_end - offset, "elements need a type of static shape");
        Err(Box::new(error.note(crate::expr::position_in(self.source, self.file_name, start, 5), "these")))
    }

    /// `: type`, of any shaped type; with where it begins.
    fn parse_any_shaped_type(&mut self, start: usize) -> PResult<(Type, usize)> {
        self.expect(Token::Colon, "before the type of the elements")?;
        let offset = self.start;
        let ty = self.parse_type()?;
        let is_shaped = matches!(
            self.ir.ctx.type_kind(ty),
            TypeKind::Tensor { .. }
                | TypeKind::UnrankedTensor(_)
                | TypeKind::Vector { .. }
                | TypeKind::MemRef { .. }
                | TypeKind::UnrankedMemRef { .. }
        );
        if is_shaped {
            return Ok((ty, offset));
        }
        let error =
            self.error_span(offset, self.last_end - offset, "elements need a tensor, vector or memref type");
        Err(Box::new(error.note(crate::expr::position_in(self.source, self.file_name, start, 5), "these")))
    }

    fn element_count(&self, ty: Type) -> Option<usize> {
        let (shape, _) = self.ir.ctx.shaped(ty);
        shape.iter().try_fold(1usize, |count, dim| count.checked_mul(usize::try_from(*dim).ok()?))
    }

    fn has_bytes(&self, ty: Type) -> bool {
        self.ir.ctx.element_bytes(self.ir.ctx.shaped(ty).1) > 0
    }

    /// Elements as their bytes: `"0x…"`. Elements of `i1` are packed, eight to a byte.
    fn dense_hex(&mut self, text: &'s str, offset: usize, ty: Type) -> PResult<Attr> {
        let (_, element) = self.ir.ctx.shaped(ty);
        let size = self.ir.ctx.element_bytes(element);
        let count = self.element_count(ty).unwrap_or(usize::MAX);
        let bad = |p: &Self, message: String| Box::new(p.error_span(offset, text.len(), message));
        let Some(mut bytes) = hex_bytes(text) else {
            return Err(bad(self, "expected a hexadecimal string: \"0x…\" with two digits a byte".into()));
        };
        let width = match self.ir.ctx.type_kind(element) {
            TypeKind::Integer { width, .. } => Some(*width),
            _ => None,
        };
        if width == Some(0) && bytes.is_empty() && count > 0 {
            // Elements without bits take no bytes in a text.
            return Ok(self.ir.ctx.attr(AttrKind::Dense { ty, bytes: vec![0; size].into(), splat: true }));
        }
        let packed = width == Some(1);
        let mut splat = bytes.len() == size || count == 1;
        let fits = if width == Some(0) {
            bytes.is_empty()
        } else if packed {
            splat = matches!(bytes.as_slice(), [0 | 0xff]) || count == 1 && bytes.len() == 1;
            splat || bytes.len() == count.div_ceil(8)
        } else {
            splat && bytes.len() == size || Some(bytes.len()) == count.checked_mul(size)
        };
        if !fits {
            let text = format!("the data has {} bytes, the type {count} elements", bytes.len());
            return Err(bad(self, text));
        }
        if packed {
            let bits = if splat { 1 } else { count };
            bytes = (0..bits).map(|i| bytes[i / 8] >> (i % 8) & 1).collect();
        }
        self.clear_padding(&mut bytes, element);
        if splat || all_equal(&bytes, size) {
            splat = true;
            bytes.truncate(size);
        }
        Ok(self.ir.ctx.attr(AttrKind::Dense { ty, bytes: bytes.into(), splat }))
    }

    /// Bits above the width of an element mean nothing: they become its sign, or zero.
    fn clear_padding(&self, bytes: &mut [u8], element: Type) {
        let (width, signed) = match self.ir.ctx.type_kind(element) {
            TypeKind::Integer { width, signedness } => {
                (*width, *signedness != Signedness::Unsigned && *width > 1)
            }
            TypeKind::Float(kind) => (kind.width(), false),
            _ => return,
        };
        let (used, size) = (width % 8, self.ir.ctx.element_bytes(element));
        if used == 0 || width == 0 {
            return;
        }
        for last in bytes.iter_mut().skip(size - 1).step_by(size) {
            let negative = signed && *last >> (used - 1) & 1 == 1;
            *last = if negative { *last | 0xff << used } else { *last & !(0xff << used) };
        }
    }

    fn parse_body(&mut self, close: Token) -> PResult<Body<'s>> {
        let mut body = Body::default();
        if self.at(close) {
            return Ok(body);
        }
        if !self.at(Token::LSquare) {
            self.parse_literal(&mut body)?;
            body.splat = true;
            return Ok(body);
        }
        body.shape = self.parse_bracket(&mut body)?;
        Ok(body)
    }

    /// `[…]`; its shape, with every part of the same shape.
    fn parse_bracket(&mut self, body: &mut Body<'s>) -> PResult<Vec<i64>> {
        self.nested(|p| {
            p.expect(Token::LSquare, "before the elements")?;
            let mut inner: Option<Vec<i64>> = None;
            let mut count = 0;
            p.list(Token::RSquare, |p| {
                let offset = p.start;
                let shape = if p.at(Token::LSquare) {
                    p.parse_bracket(body)?
                } else {
                    p.parse_literal(body)?;
                    Vec::new()
                };
                count += 1;
                match &inner {
                    Some(known) if *known != shape => {
                        let text = "elements are nested unevenly: the parts of a list must have one shape";
                        Err(Box::new(p.error_span(offset, p.last_end - offset, text)))
                    }
                    Some(_) => Ok(()),
                    None => {
                        inner = Some(shape);
                        Ok(())
                    }
                }
            })?;
            let mut shape = vec![count];
            shape.extend(inner.unwrap_or_default());
            Ok(shape)
        })
    }

    fn parse_literal(&mut self, body: &mut Body<'s>) -> PResult<()> {
        if !self.eat(Token::LParen) {
            body.plain = true;
            return self.parse_number_literal(&mut body.literals);
        }
        // A complex number: two literals.
        body.complex = true;
        self.parse_number_literal(&mut body.literals)?;
        self.expect(Token::Comma, "in a complex number")?;
        self.parse_number_literal(&mut body.literals)?;
        self.expect(Token::RParen, "after a complex number")
    }

    fn parse_number_literal(&mut self, literals: &mut Vec<Literal<'s>>) -> PResult<()> {
        let offset = self.start;
        let negative = self.eat(Token::Minus);
        let is_literal = match self.token {
            Token::Integer | Token::Float => true,
            Token::Bare => !negative && matches!(self.text(), "true" | "false"),
            Token::String => !negative,
            _ => false,
        };
        if !is_literal {
            return Err(self.unexpected("an element"));
        }
        literals.push(Literal { negative, token: self.token, text: self.text(), offset });
        self.advance();
        Ok(())
    }

    fn dense_of(&mut self, body: Body<'s>, ty: Type, start: usize) -> PResult<Attr> {
        let (shape, element) = self.ir.ctx.shaped(ty);
        let count = self.element_count(ty);
        let bad = |p: &Self, text: String| Box::new(p.error_span(start, p.last_end - start, text));
        if count.is_none() && !body.splat {
            return Err(bad(self, "the type has more elements than memory could hold".into()));
        }
        let is_empty = body.literals.is_empty() && body.shape.is_empty();
        if let Some(count) = count.filter(|count| is_empty && *count > 0) {
            return Err(bad(self, format!("there are no elements, the type has {count}")));
        }
        if !body.splat && body.shape != shape && !(body.shape.is_empty() && count == Some(0)) {
            let text = format!("the elements have shape {:?}, the type has {:?}", body.shape, shape);
            return Err(bad(self, text));
        }
        let part = match self.ir.ctx.type_kind(element) {
            TypeKind::Complex(part) => Some(*part),
            _ => None,
        };
        let has_numbers = part.is_some()
            || matches!(
                self.ir.ctx.type_kind(element),
                TypeKind::Integer { .. } | TypeKind::Index | TypeKind::Float(_)
            );
        if !has_numbers {
            return self.dense_strings(body, ty);
        }
        if part.is_some() && body.plain {
            return Err(bad(self, "elements of a complex type are pairs: (1.0, 2.0)".into()));
        }
        if part.is_none() && body.complex {
            let ty = self.ir.ctx.type_text(element);
            return Err(bad(self, format!("a pair is no element of type {ty}")));
        }
        let size = self.ir.ctx.element_bytes(element);
        let mut bytes = Vec::with_capacity(size * body.literals.len());
        for literal in &body.literals {
            self.push_element(&mut bytes, literal, part.unwrap_or(element))?;
        }
        // Equal elements are one, as in MLIR.
        let splat = body.splat || all_equal(&bytes, size);
        if splat {
            bytes.truncate(size);
        }
        Ok(self.ir.ctx.attr(AttrKind::Dense { ty, bytes: bytes.into(), splat }))
    }

    fn dense_strings(&mut self, body: Body<'s>, ty: Type) -> PResult<Attr> {
        let mut texts = Vec::with_capacity(body.literals.len());
        for literal in &body.literals {
            if literal.token != Token::String {
                let text = "elements of this type are strings";
                return Err(Box::new(self.error_span(literal.offset, literal.text.len(), text)));
            }
            let text = self.unescape(&literal.text[1..literal.text.len() - 1])?;
            texts.push(self.ir.ctx.sym(&text));
        }
        if texts.iter().all(|text| Some(text) == texts.first()) {
            texts.truncate(1);
        }
        Ok(self.ir.ctx.attr(AttrKind::DenseStrings { ty, texts }))
    }

    fn push_element(&self, bytes: &mut Vec<u8>, literal: &Literal<'s>, ty: Type) -> PResult<()> {
        let bad = |text: &str| Err(Box::new(self.error_span(literal.offset, literal.text.len(), text)));
        let size = self.ir.ctx.element_bytes(ty);
        match self.ir.ctx.type_kind(ty) {
            TypeKind::Float(kind) => {
                let bits = match literal.token {
                    Token::Float => {
                        let value: f64 = literal.text.parse().unwrap_or(f64::NAN);
                        kind.bits_of(if literal.negative { -value } else { value })
                    }
                    Token::Integer if !literal.text.starts_with("0x") => {
                        return bad("expected a float: write a decimal point");
                    }
                    Token::Integer => match float_bits(literal.text, *kind).filter(|_| !literal.negative) {
                        Some(bits) => bits,
                        None => return bad("the bit pattern does not fit the float type"),
                    },
                    _ => return bad("expected a float"),
                };
                bytes.extend_from_slice(&bits.to_le_bytes()[..size.min(16)]);
                Ok(())
            }
            TypeKind::Integer { width, signedness } => {
                self.push_integer(bytes, literal, *width, *signedness, size)
            }
            // `index`: elements of all other types are no numbers, and read elsewhere.
            _ => self.push_integer(bytes, literal, 64, Signedness::Signed, size),
        }
    }

    fn push_integer(
        &self,
        bytes: &mut Vec<u8>,
        literal: &Literal<'s>,
        width: u32,
        signedness: Signedness,
        size: usize,
    ) -> PResult<()> {
        let bad = |text: &str| Err(Box::new(self.error_span(literal.offset, literal.text.len(), text)));
        let value = match literal.token {
            Token::Bare if width == 1 && signedness == Signedness::Signless => {
                Some(Integer::Small(i128::from(literal.text == "true")))
            }
            Token::Bare => return bad("true and false are elements of i1 only"),
            Token::Integer => integer(literal.text, literal.negative, width, signedness),
            _ => return bad("expected an integer"),
        };
        match value {
            Some(value) => {
                value.push_bytes(bytes, size);
                Ok(())
            }
            None => bad("the integer does not fit the element type"),
        }
    }

    /// `array<i64: 1, 2>`
    pub fn parse_dense_array(&mut self) -> PResult<Attr> {
        self.advance();
        self.expect(Token::Less, "after 'array'")?;
        let offset = self.start;
        let element = self.parse_type()?;
        let (fits, is_bool) = match self.ir.ctx.type_kind(element) {
            TypeKind::Integer { width, .. } => (*width == 1 || width % 8 == 0, *width == 1),
            TypeKind::Float(kind) => (kind.width() % 8 == 0, false),
            _ => (false, false),
        };
        if !fits {
            let text = "the element type of an array must be i1, or an integer or float of whole bytes";
            return Err(Box::new(self.error_span(offset, self.last_end - offset, text)));
        }
        let mut literals = Vec::new();
        if self.eat(Token::Colon) {
            if self.at(Token::Greater) {
                return Err(self.unexpected("an element after ':'"));
            }
            self.list(Token::Greater, |p| {
                if is_bool && !p.at(Token::Bare) {
                    return Err(p.unexpected("true or false"));
                }
                p.parse_number_literal(&mut literals)
            })?;
        } else {
            self.expect(Token::Greater, "after the element type")?;
        }
        let mut bytes = Vec::new();
        for literal in &literals {
            self.push_element(&mut bytes, literal, element)?;
        }
        Ok(self.ir.ctx.attr(AttrKind::DenseArray { element, bytes: bytes.into() }))
    }

    /// `dense_resource<key> : type`
    pub fn parse_dense_resource(&mut self) -> PResult<Attr> {
        let start = self.start;
        self.advance();
        self.expect(Token::Less, "after 'dense_resource'")?;
        let key = match self.token {
            Token::Bare => self.text().to_owned(),
            Token::String => self.string_value()?.into_owned(),
            _ => return Err(self.unexpected("a resource key")),
        };
        self.advance();
        self.expect(Token::Greater, "after the key")?;
        let (ty, _) = self.parse_any_shaped_type(start)?;
        let key = self.ir.ctx.sym(&key);
        Ok(self.ir.ctx.attr(AttrKind::DenseResource { key, ty }))
    }

    /// `sparse<indices, values> : type`, or `sparse<> : type` without elements.
    pub fn parse_sparse(&mut self) -> PResult<Attr> {
        let start = self.start;
        self.advance();
        self.expect(Token::Less, "after 'sparse'")?;
        let (mut indices, mut values) = (Body::default(), Body::default());
        let is_empty = self.at(Token::Greater);
        if !is_empty {
            indices = self.parse_elements()?;
            self.expect(Token::Comma, "after the indices")?;
            values = self.parse_elements()?;
        }
        self.expect(Token::Greater, "after the values")?;
        let ty = self.parse_shaped_type(start)?;
        let (shape, element) = self.ir.ctx.shaped(ty);
        let rank = shape.len() as i64;
        let (i64_type, value_shape) = (self.ir.ctx.int_type(64), values.shape.clone());
        // One index alone stands for a list of it, of any rank.
        let index_shape = match (is_empty, indices.splat) {
            (true, _) => vec![0, rank],
            (_, true) => vec![1, rank],
            _ => indices.shape.clone(),
        };
        let value_shape = match (is_empty, values.splat) {
            (true, _) => vec![0],
            (_, true) => vec![index_shape[0]],
            _ => value_shape,
        };
        let bad = |p: &Self, text: String| Err(Box::new(p.error_span(start, p.last_end - start, text)));
        if index_shape.len() > 2 || *index_shape.get(1).unwrap_or(&1) != rank {
            return bad(self, format!("indices of shape {index_shape:?} for a type of rank {rank}"));
        }
        if value_shape.len() != 1 || value_shape[0] != index_shape[0] {
            return bad(
                self,
                format!("values of shape {value_shape:?} for indices of shape {index_shape:?}"),
            );
        }
        let index_type = self.ir.ctx.tensor_type(&index_shape, i64_type);
        let value_type = self.ir.ctx.tensor_type(&value_shape, element);
        let indices = self.dense_of(indices, index_type, start)?;
        let values = match values.literals.first() {
            Some(l) if values.splat && l.token == Token::String && self.has_bytes(ty) => {
                self.dense_hex(l.text, l.offset, value_type)?
            }
            _ if is_empty => {
                self.ir.ctx.attr(AttrKind::Dense { ty: value_type, bytes: Box::default(), splat: false })
            }
            _ => self.dense_of(values, value_type, start)?,
        };
        self.check_indices(indices, &shape, start)?;
        Ok(self.ir.ctx.attr(AttrKind::Sparse { indices, values, ty }))
    }

    /// A body that is not empty.
    fn parse_elements(&mut self) -> PResult<Body<'s>> {
        if matches!(self.token, Token::Comma | Token::Greater) {
            return Err(self.unexpected("elements"));
        }
        self.parse_body(Token::Greater)
    }

    fn check_indices(&self, indices: Attr, shape: &[i64], start: usize) -> PResult<()> {
        let AttrKind::Dense { bytes, splat, .. } = self.ir.ctx.attr_kind(indices) else { return Ok(()) };
        let mut values = bytes.chunks_exact(8).map(|chunk| {
            let mut raw = [0; 8];
            raw.copy_from_slice(chunk);
            i64::from_le_bytes(raw)
        });
        let outside = |(index, dim): (i64, &i64)| (index < 0 || index >= *dim).then_some((index, *dim));
        let found = match (*splat, values.next()) {
            (true, Some(index)) => shape.iter().find_map(|dim| outside((index, dim))),
            (false, Some(first)) => {
                std::iter::once(first).chain(values).zip(shape.iter().cycle()).find_map(outside)
            }
            _ => None,
        };
        let Some((index, dim)) = found else { return Ok(()) };
        let text = format!("index {index} is outside of a dimension of {dim}");
        Err(Box::new(self.error_span(start, self.last_end - start, text)))
    }
}

/// The value of each hexadecimal digit; more than 15 for other characters.
const HEX_DIGITS: [u8; 256] = {
    let mut digits = [0xff; 256];
    let mut value = 0;
    while value < 16 {
        digits[b"0123456789abcdef"[value] as usize] = value as u8;
        digits[b"0123456789ABCDEF"[value] as usize] = value as u8;
        value += 1;
    }
    digits
};

/// The bytes of `"0x…"` with its quotes.
pub(super) fn hex_bytes(text: &str) -> Option<Vec<u8>> {
    let digits = text.strip_prefix("\"0x")?.strip_suffix('"')?.as_bytes();
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    // A blob may be most of the text: no growing, no copy when it is done, no branch on each digit.
    let mut all = 0;
    let bytes = digits.chunks_exact(2).map(|pair| {
        let (high, low) = (HEX_DIGITS[usize::from(pair[0])], HEX_DIGITS[usize::from(pair[1])]);
        all |= high | low;
        high << 4 | low
    });
    let bytes = bytes.collect();
    (all <= 15).then_some(bytes)
}

/// Whether all elements of `size` bytes are equal, and there is one.
fn all_equal(bytes: &[u8], size: usize) -> bool {
    size > 0 && bytes.len() >= size && bytes[size..] == bytes[..bytes.len() - size]
}
