//! Attributes.

use super::lexer::Token;
use super::parser::{Alias, PResult, Parser};
use crate::ir::{Attr, AttrKind, Signedness, Type, TypeKind};

impl<'s> Parser<'s, '_> {
    /// An attribute, a type standing for one, or an alias.
    pub fn parse_attr(&mut self) -> PResult<Attr> {
        self.nested(Self::parse_attr_inner)
    }

    fn parse_attr_inner(&mut self) -> PResult<Attr> {
        match self.token {
            Token::Integer | Token::Float | Token::Minus => self.parse_number(),
            Token::String => {
                let text = self.string_value()?;
                let text = self.ir.ctx.sym(&text);
                self.advance();
                let ty = if self.eat(Token::Colon) { self.parse_type()? } else { Type::NONE };
                Ok(self.ir.ctx.attr(AttrKind::String { text, ty }))
            }
            Token::LSquare => {
                self.advance();
                let mut items = Vec::new();
                self.list(Token::RSquare, |p| {
                    items.push(p.parse_attr()?);
                    Ok(())
                })?;
                Ok(self.ir.ctx.array_attr(items))
            }
            Token::LBrace => {
                self.advance();
                let mut entries = Vec::new();
                self.parse_entries(&mut entries)?;
                let dict = self.ir.ctx.dict(&entries);
                Ok(self.ir.ctx.attr(AttrKind::Dictionary(dict)))
            }
            Token::At => {
                let mut path = vec![self.symbol_name()?];
                while self.at(Token::ColonColon) {
                    self.advance();
                    if !self.at(Token::At) {
                        return Err(self.unexpected("a nested symbol"));
                    }
                    path.push(self.symbol_name()?);
                }
                Ok(self.ir.ctx.attr(AttrKind::Symbol(path)))
            }
            Token::Hash => self.parse_dialect_attr(),
            Token::Bare => match self.text() {
                "true" | "false" => {
                    let value = self.text() == "true";
                    self.advance();
                    Ok(self.ir.ctx.bool_attr(value))
                }
                "unit" => {
                    self.advance();
                    Ok(self.ir.ctx.unit_attr())
                }
                "dense" => self.parse_dense(),
                "array" => self.parse_dense_array(),
                "dense_resource" => self.parse_dense_resource(),
                "sparse" => self.parse_sparse(),
                "affine_map" | "affine_set" | "strided" | "distinct" => self.parse_carried(),
                "loc" => {
                    self.advance();
                    self.expect(Token::LParen, "after 'loc'")?;
                    let loc = self.parse_loc_body()?;
                    self.expect(Token::RParen, "after the location")?;
                    Ok(self.ir.ctx.attr(AttrKind::Location(loc)))
                }
                _ => self.parse_type_attr(),
            },
            Token::Bang | Token::LParen => self.parse_type_attr(),
            _ => Err(self.unexpected("an attribute")),
        }
    }

    fn parse_type_attr(&mut self) -> PResult<Attr> {
        if !self.starts_type() {
            return Err(self.unexpected("an attribute"));
        }
        let ty = self.parse_type()?;
        Ok(self.ir.ctx.type_attr(ty))
    }

    /// `@name` or `@"any name"`.
    pub fn symbol_name(&mut self) -> PResult<crate::ir::Sym> {
        let text = self.text();
        if !self.at(Token::At) {
            return Err(self.unexpected("a symbol name '@…'"));
        }
        let name = match text.strip_prefix("@\"") {
            Some(quoted) => self.unescape(&quoted[..quoted.len() - 1])?,
            None => text[1..].to_owned(),
        };
        self.advance();
        Ok(self.ir.ctx.sym(&name))
    }

    /// The value of the current string token.
    pub fn string_value(&self) -> PResult<String> {
        let text = self.text();
        if !self.at(Token::String) {
            return Err(self.unexpected("a string"));
        }
        self.unescape(&text[1..text.len() - 1])
    }

    fn unescape(&self, body: &str) -> PResult<String> {
        if !body.contains('\\') {
            return Ok(body.to_owned());
        }
        let mut out: Vec<u8> = Vec::with_capacity(body.len());
        let bytes = body.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            if bytes[at] != b'\\' {
                out.push(bytes[at]);
                at += 1;
                continue;
            }
            let hex = body.get(at + 1..at + 3).and_then(|digits| u8::from_str_radix(digits, 16).ok());
            match (bytes.get(at + 1), hex) {
                (Some(c @ (b'"' | b'\\')), _) => out.push(*c),
                (Some(b'n'), _) => out.push(b'\n'),
                (Some(b't'), _) => out.push(b'\t'),
                (_, Some(byte)) => {
                    out.push(byte);
                    at += 1;
                }
                _ => {
                    return Err(
                        self.error("unknown escape in a string: \\n, \\t, \\\", \\\\ and \\HH are known")
                    );
                }
            }
            at += 2;
        }
        String::from_utf8(out).map_err(|_| self.error("the string's bytes are not UTF-8"))
    }

    fn parse_number(&mut self) -> PResult<Attr> {
        let start = self.start;
        let negative = self.eat(Token::Minus);
        let text = self.text();
        match self.token {
            Token::Float => {
                self.advance();
                let value: f64 = text.parse().unwrap_or(f64::NAN);
                let value = if negative { -value } else { value };
                let kind = if self.eat(Token::Colon) { Some(self.parse_float_type()?) } else { None };
                let ty = match kind {
                    Some(ty) => ty,
                    None => self.ir.ctx.float_type(crate::ir::FloatKind::F64),
                };
                Ok(self.float_attr(value, ty))
            }
            Token::Integer => {
                self.advance();
                let ty = match self.eat(Token::Colon) {
                    true => self.parse_type()?,
                    false => self.ir.ctx.int_type(64),
                };
                let end = self.last_end;
                match *self.ir.ctx.type_kind(ty) {
                    TypeKind::Float(kind) => {
                        let Some(hex) = text.strip_prefix("0x") else {
                            let text =
                                "a float needs a decimal point; an integer literal is only its bits in hex";
                            return Err(Box::new(self.error_span(start, end - start, text)));
                        };
                        let bits = u64::from_str_radix(hex, 16).ok();
                        let fits = bits.filter(|b| kind.width() >= 64 || b >> kind.width() == 0);
                        match (fits, negative) {
                            (Some(bits), false) => Ok(self.float_attr(kind.value_of(bits), ty)),
                            _ => {
                                let text = "the bit pattern does not fit the float type";
                                Err(Box::new(self.error_span(start, end - start, text)))
                            }
                        }
                    }
                    TypeKind::Integer { .. } | TypeKind::Index => {
                        self.integer_attr(text, negative, ty, start, end)
                    }
                    _ => {
                        let text = "a number must have an integer, index or float type";
                        Err(Box::new(self.error_span(start, end - start, text)))
                    }
                }
            }
            _ => Err(self.unexpected("a number")),
        }
    }

    pub fn parse_float_type(&mut self) -> PResult<Type> {
        let offset = self.start;
        let ty = self.parse_type()?;
        if matches!(self.ir.ctx.type_kind(ty), TypeKind::Float(_)) {
            return Ok(ty);
        }
        Err(Box::new(self.error_span(offset, self.last_end - offset, "expected a float type")))
    }

    pub fn float_attr(&mut self, value: f64, ty: Type) -> Attr {
        let rounded = match self.ir.ctx.type_kind(ty) {
            TypeKind::Float(kind) if kind.converts() => kind.round(value),
            _ => value,
        };
        self.ir.ctx.attr(AttrKind::Float { bits: rounded.to_bits(), ty })
    }

    fn integer_attr(
        &mut self,
        text: &str,
        negative: bool,
        ty: Type,
        start: usize,
        end: usize,
    ) -> PResult<Attr> {
        let magnitude = match text.strip_prefix("0x") {
            Some(hex) => u128::from_str_radix(hex, 16).ok(),
            None => text.parse::<u128>().ok(),
        };
        let value = magnitude.filter(|m| *m <= i128::MAX as u128).map(|m| m as i128);
        let value = value.map(|v| if negative { -v } else { v });
        let (width, signedness) = match self.ir.ctx.type_kind(ty) {
            TypeKind::Integer { width, signedness } => (*width, *signedness),
            _ => (64, Signedness::Signed),
        };
        let fits = value.is_some_and(|value| integer_fits(value, width, signedness));
        if !fits {
            let ty = self.ir.ctx.type_text(ty);
            let text = format!("the integer does not fit in {ty}");
            return Err(Box::new(self.error_span(start, end - start, text)));
        }
        // A signless integer with its top bit set prints as negative, as in MLIR.
        let mut value = value.unwrap_or(0);
        if signedness == Signedness::Signless && width > 1 && width < 127 && value >= 1 << (width - 1) {
            value -= 1 << width;
        }
        if width == 1 {
            value &= 1;
        }
        Ok(self.ir.ctx.attr(AttrKind::Integer { value, ty }))
    }

    /// `#alias`, `#dialect.attr<…>`.
    fn parse_dialect_attr(&mut self) -> PResult<Attr> {
        let (text, offset) = (self.text(), self.start);
        let name = &text[1..];
        self.advance();
        let body_follows = self.at(Token::Less) && self.start == offset + text.len();
        if !name.contains('.') && !body_follows {
            return match self.aliases.get(text) {
                Some(Alias::Attr(attr)) => Ok(*attr),
                Some(Alias::Loc(loc)) => {
                    let loc = *loc;
                    Ok(self.ir.ctx.attr(AttrKind::Location(loc)))
                }
                _ => {
                    let message = format!("undefined attribute alias '{text}'");
                    Err(Box::new(self.error_span(offset, text.len(), message)))
                }
            };
        }
        if self.registry.attr_def(name).is_some() {
            let (sym, params) = self.parse_declared(name, offset, false)?;
            return Ok(self.ir.ctx.attr(AttrKind::Declared { name: sym, params }));
        }
        let whole = self.parse_opaque(name, offset, "attribute")?;
        let text = self.ir.ctx.sym(whole);
        let ty = if self.eat(Token::Colon) { self.parse_type()? } else { Type::NONE };
        Ok(self.ir.ctx.attr(AttrKind::Opaque { text, ty }))
    }

    /// An affine map, set or strided layout, carried as text.
    fn parse_carried(&mut self) -> PResult<Attr> {
        let start = self.start;
        self.advance();
        if self.at(Token::LSquare) {
            // distinct[0]<attr>
            let end = self.balanced_end(self.start)?;
            self.reset(end);
        }
        if !self.at(Token::Less) {
            return Err(self.unexpected("'<'"));
        }
        let end = self.affine_end(self.start)?;
        let text = self.source[start..end].split_whitespace().collect::<Vec<_>>().join(" ");
        self.reset(end);
        let text = self.ir.ctx.sym(&text);
        Ok(self.ir.ctx.attr(AttrKind::Affine(text)))
    }

    /// The end of `<…>` around affine expressions, where `>=` and `->` are operators.
    fn affine_end(&self, open: usize) -> PResult<usize> {
        let bytes = self.source.as_bytes();
        let mut at = open + 1;
        while let Some(byte) = bytes.get(at) {
            let operator = bytes.get(at + 1) == Some(&b'=') || bytes[at - 1] == b'-';
            if *byte == b'>' && !operator {
                return Ok(at + 1);
            }
            at += 1;
        }
        Err(Box::new(self.error_span(open, 1, "this bracket is never closed")))
    }
}

/// Whether MLIR takes the literal for that type: signless takes both readings.
pub(super) fn integer_fits(value: i128, width: u32, signedness: Signedness) -> bool {
    if width == 0 {
        return value == 0;
    }
    if width >= 127 {
        return true;
    }
    let signed = (-(1i128 << (width - 1)), (1i128 << (width - 1)) - 1);
    let unsigned = (0, (1i128 << width) - 1);
    let (low, high) = match signedness {
        Signedness::Signed => signed,
        Signedness::Unsigned => unsigned,
        Signedness::Signless => (signed.0, unsigned.1),
    };
    (low..=high).contains(&value)
}
