//! Dense elements in all their forms.

use super::attr_parser::integer_fits;
use super::lexer::Token;
use super::parser::{PResult, Parser};
use crate::ir::{Attr, AttrKind, FloatKind, Signedness, Type, TypeKind};

/// A literal inside of `dense<…>`: its sign, text and token.
struct Literal<'s> {
    negative: bool,
    token: Token,
    text: &'s str,
    offset: usize,
}

/// The literals of a `dense<…>` body with the shape of its brackets.
struct Body<'s> {
    literals: Vec<Literal<'s>>,
    shape: Vec<i64>,
    /// Written without brackets.
    splat: bool,
}

impl<'s> Parser<'s, '_> {
    /// `dense<…> : type`
    pub fn parse_dense(&mut self) -> PResult<Attr> {
        let start = self.start;
        self.advance();
        self.expect(Token::Less, "after 'dense'")?;
        let hex = self.at(Token::String) && self.text().starts_with("\"0x");
        if hex {
            let (text, offset) = (self.text(), self.start);
            self.advance();
            if self.at(Token::Greater) {
                return self.parse_dense_hex(&text[3..text.len() - 1], offset);
            }
            return Err(self.unexpected("'>' after the hexadecimal data"));
        }
        let body = self.parse_body(Token::Greater)?;
        self.expect(Token::Greater, "after the elements")?;
        let ty = self.parse_shaped_type(start)?;
        self.dense_of(body, ty, start)
    }

    fn parse_shaped_type(&mut self, start: usize) -> PResult<Type> {
        self.expect(Token::Colon, "before the type of the elements")?;
        let offset = self.start;
        let ty = self.parse_type()?;
        let is_static = match self.ir.ctx.type_kind(ty) {
            TypeKind::Tensor { shape, .. } => shape.iter().all(|dim| *dim >= 0),
            TypeKind::Vector { .. } => true,
            _ => false,
        };
        if is_static {
            return Ok(ty);
        }
        let text = "elements need a tensor or vector type of static shape";
        let error = self.error_span(offset, self.last_end - offset, text);
        Err(Box::new(error.note(crate::expr::position_in(self.source, self.file_name, start, 5), "these")))
    }

    fn element_count(&self, ty: Type) -> Option<usize> {
        let (shape, _) = self.ir.ctx.shaped(ty);
        shape.iter().try_fold(1usize, |count, dim| count.checked_mul(usize::try_from(*dim).ok()?))
    }

    fn parse_dense_hex(&mut self, digits: &str, offset: usize) -> PResult<Attr> {
        self.advance();
        let ty = self.parse_shaped_type(offset)?;
        let (_, element) = self.ir.ctx.shaped(ty);
        let size = self.ir.ctx.element_bytes(element);
        let count = self.element_count(ty).unwrap_or(usize::MAX);
        let bad = |p: &Self, text: String| Box::new(p.error_span(offset, digits.len() + 4, text));
        if !digits.len().is_multiple_of(2) {
            return Err(bad(self, "hexadecimal data needs an even number of digits".into()));
        }
        let mut bytes = Vec::with_capacity(digits.len() / 2);
        for pair in digits.as_bytes().chunks_exact(2) {
            let digit = |c: u8| (c as char).to_digit(16).map(|d| d as u8);
            match (digit(pair[0]), digit(pair[1])) {
                (Some(high), Some(low)) => bytes.push(high << 4 | low),
                _ => return Err(bad(self, "expected hexadecimal digits".into())),
            }
        }
        let splat = bytes.len() == size && size > 0;
        if size == 0 || !splat && Some(bytes.len()) != count.checked_mul(size) {
            let text =
                format!("the type has {count} elements of {size} bytes, the data {} bytes", bytes.len());
            return Err(bad(self, text));
        }
        let splat = splat && count != 0;
        Ok(self.ir.ctx.attr(AttrKind::Dense { ty, bytes: bytes.into(), splat }))
    }

    fn parse_body(&mut self, close: Token) -> PResult<Body<'s>> {
        let mut body = Body { literals: Vec::new(), shape: Vec::new(), splat: false };
        if self.at(close) {
            return Ok(body);
        }
        if !self.at(Token::LSquare) {
            self.parse_literal(&mut body.literals)?;
            body.splat = true;
            return Ok(body);
        }
        body.shape = self.parse_bracket(&mut body.literals)?;
        Ok(body)
    }

    /// `[…]`; its shape, with every part of the same shape.
    fn parse_bracket(&mut self, literals: &mut Vec<Literal<'s>>) -> PResult<Vec<i64>> {
        self.nested(|p| {
            p.expect(Token::LSquare, "before the elements")?;
            let mut inner: Option<Vec<i64>> = None;
            let mut count = 0;
            p.list(Token::RSquare, |p| {
                let offset = p.start;
                let shape = if p.at(Token::LSquare) {
                    p.parse_bracket(literals)?
                } else {
                    p.parse_literal(literals)?;
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

    fn parse_literal(&mut self, literals: &mut Vec<Literal<'s>>) -> PResult<()> {
        if self.eat(Token::LParen) {
            // A complex number: two literals.
            self.parse_literal(literals)?;
            self.expect(Token::Comma, "in a complex number")?;
            self.parse_literal(literals)?;
            return self.expect(Token::RParen, "after a complex number");
        }
        let offset = self.start;
        let negative = self.eat(Token::Minus);
        let is_literal = match self.token {
            Token::Integer | Token::Float => true,
            Token::Bare => matches!(self.text(), "true" | "false"),
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
        let Some(count) = count else {
            return Err(bad(self, "the type has more elements than memory could hold".into()));
        };
        if !body.splat && body.shape != shape && !(body.literals.is_empty() && count == 0) {
            let text = format!("the elements have shape {:?}, the type has {:?}", body.shape, shape);
            return Err(bad(self, text));
        }
        if body.literals.first().is_some_and(|literal| literal.token == Token::String) {
            let mut texts = Vec::with_capacity(body.literals.len());
            for literal in &body.literals {
                texts.push(self.ir.ctx.sym(&literal.text[1..literal.text.len() - 1]));
            }
            return Ok(self.ir.ctx.attr(AttrKind::DenseStrings { ty, texts }));
        }
        let size = self.ir.ctx.element_bytes(element);
        let mut bytes = Vec::with_capacity(size * body.literals.len());
        let (part, parts) = match self.ir.ctx.type_kind(element) {
            TypeKind::Complex(part) => (*part, 2),
            _ => (element, 1),
        };
        for literal in &body.literals {
            self.push_element(&mut bytes, literal, part)?;
        }
        let splat = body.splat || body.literals.len() == parts && count == 1;
        Ok(self.ir.ctx.attr(AttrKind::Dense { ty, bytes: bytes.into(), splat }))
    }

    fn push_element(&self, bytes: &mut Vec<u8>, literal: &Literal<'s>, ty: Type) -> PResult<()> {
        let bad = |text: &str| Err(Box::new(self.error_span(literal.offset, literal.text.len(), text)));
        let size = self.ir.ctx.element_bytes(ty);
        match self.ir.ctx.type_kind(ty) {
            TypeKind::Float(kind) => {
                let bits = match (literal.token, literal.text.strip_prefix("0x")) {
                    (Token::Float, _) => {
                        let value: f64 = literal.text.parse().unwrap_or(f64::NAN);
                        kind.bits_of(if literal.negative { -value } else { value })
                    }
                    (Token::Integer, Some(hex)) if !literal.negative => match u64::from_str_radix(hex, 16) {
                        Ok(bits) if kind.width() >= 64 || bits >> kind.width() == 0 => bits,
                        _ => return bad("the bit pattern does not fit the float type"),
                    },
                    (Token::Integer, None) => return bad("expected a float: write a decimal point"),
                    _ => return bad("expected a float"),
                };
                bytes.extend_from_slice(&u128::from(bits).to_le_bytes()[..size.min(16)]);
                Ok(())
            }
            TypeKind::Integer { width, signedness } => {
                self.push_integer(bytes, literal, *width, *signedness, size)
            }
            TypeKind::Index => self.push_integer(bytes, literal, 64, Signedness::Signless, size),
            _ => bad("elements of this type have no literals"),
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
        let magnitude = match (literal.token, literal.text.strip_prefix("0x")) {
            (Token::Bare, _) if width == 1 => Some(i128::from(literal.text == "true")),
            (Token::Bare, _) => return bad("true and false are elements of i1 only"),
            (Token::Integer, Some(hex)) => i128::from_str_radix(hex, 16).ok(),
            (Token::Integer, None) => literal.text.parse().ok(),
            _ => return bad("expected an integer"),
        };
        let value = magnitude.map(|m| if literal.negative { -m } else { m });
        match value.filter(|value| integer_fits(*value, width, signedness)) {
            Some(value) => {
                bytes.extend_from_slice(&value.to_le_bytes()[..size.min(16)]);
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
        let fits = match self.ir.ctx.type_kind(element) {
            TypeKind::Integer { width, signedness: Signedness::Signless } => {
                matches!(width, 1 | 8 | 16 | 32 | 64)
            }
            TypeKind::Float(kind) => matches!(kind, FloatKind::F32 | FloatKind::F64),
            _ => false,
        };
        if !fits {
            let text = "the element type of an array must be i1, i8, i16, i32, i64, f32 or f64";
            return Err(Box::new(self.error_span(offset, self.last_end - offset, text)));
        }
        let mut literals = Vec::new();
        if self.eat(Token::Colon) {
            self.list(Token::Greater, |p| p.parse_literal(&mut literals))?;
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
            Token::String => self.string_value()?,
            _ => return Err(self.unexpected("a resource key")),
        };
        self.advance();
        self.expect(Token::Greater, "after the key")?;
        let ty = self.parse_shaped_type(start)?;
        let key = self.ir.ctx.sym(&key);
        Ok(self.ir.ctx.attr(AttrKind::DenseResource { key, ty }))
    }

    /// `sparse<indices, values> : type`
    pub fn parse_sparse(&mut self) -> PResult<Attr> {
        let start = self.start;
        self.advance();
        self.expect(Token::Less, "after 'sparse'")?;
        let indices = self.parse_body(Token::Comma)?;
        let values = if self.eat(Token::Comma) {
            self.parse_body(Token::Greater)?
        } else {
            Body { literals: Vec::new(), shape: vec![0], splat: false }
        };
        self.expect(Token::Greater, "after the values")?;
        let ty = self.parse_shaped_type(start)?;
        let (shape, element) = self.ir.ctx.shaped(ty);
        let rank = shape.len() as i64;
        let count = values.literals.len() as i64;
        let i64_type = self.ir.ctx.int_type(64);
        let index_type = self.ir.ctx.tensor_type(&[count, rank], i64_type);
        let value_type = self.ir.ctx.tensor_type(&[count], element);
        let indices = Body { shape: vec![count, rank], ..indices };
        let indices = self.dense_of(indices, index_type, start)?;
        let values = self.dense_of(Body { shape: vec![count], ..values }, value_type, start)?;
        Ok(self.ir.ctx.attr(AttrKind::Sparse { indices, values, ty }))
    }
}
