//! Attributes.

use std::borrow::Cow;

use super::lexer::Token;
use super::numbers::{Integer, float_bits, integer};
use super::op_parser::Entries;
use super::parser::{Alias, PResult, Parser};
use crate::ir::{Attr, AttrKind, FloatKind, Signedness, Sym, Type, TypeKind};
use crate::support::{bytes_of_text, text_of_bytes};

impl<'s> Parser<'s, '_> {
    /// An attribute, a type standing for one, or an alias.
    pub fn parse_attr(&mut self) -> PResult<Attr> {
        self.nested(Self::parse_attr_inner)
    }

    fn parse_attr_inner(&mut self) -> PResult<Attr> {
        match self.token {
            Token::Integer | Token::Float | Token::Minus => self.parse_number(),
            Token::String => {
                let text = self.string_sym()?;
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
                let mut entries = Entries::new();
                self.parse_entries(&mut entries)?;
                let dict = self.ir.ctx.dict(&entries);
                Ok(self.ir.ctx.attr(AttrKind::Dictionary(dict)))
            }
            Token::At => {
                let mut path = vec![self.symbol_name()?];
                while self.eat_path_separator() {
                    if !self.at(Token::At) {
                        return Err(self.unexpected("a nested symbol"));
                    }
                    path.push(self.symbol_name()?);
                }
                Ok(self.ir.ctx.attr(AttrKind::Symbol(path)))
            }
            Token::Hash => {
                let spelling = self.simple_spelling();
                let end = self.start + spelling.len();
                if let Some(attr) = self.recent_attrs.get(spelling) {
                    self.reset(end);
                    let text = match self.ir.ctx.attr_kind(attr) {
                        AttrKind::Opaque { text, .. } if self.at(Token::Colon) => *text,
                        _ => return Ok(attr),
                    };
                    // This time with a type.
                    self.advance();
                    let ty = self.parse_type()?;
                    return Ok(self.ir.ctx.attr(AttrKind::Opaque { text, ty }));
                }
                let attr = self.parse_dialect_attr()?;
                if self.last_end == end {
                    self.recent_attrs.put(spelling, attr);
                }
                Ok(attr)
            }
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
                "affine_map" => self.parse_affine(false),
                "affine_set" => self.parse_affine(true),
                "strided" => self.parse_strided(),
                "distinct" => self.parse_distinct(),
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

    /// `::`, which may also be two colons apart.
    fn eat_path_separator(&mut self) -> bool {
        let colon = self.start;
        if self.eat(Token::Colon) {
            if self.eat(Token::Colon) {
                return true;
            }
            self.reset(colon);
        }
        self.eat(Token::ColonColon)
    }

    /// `@name` or `@"any name"`.
    pub fn symbol_name(&mut self) -> PResult<Sym> {
        let text = self.text();
        if !self.at(Token::At) {
            return Err(self.unexpected("a symbol name '@…'"));
        }
        let name = match text.strip_prefix("@\"") {
            Some(quoted) => self.unescape(&quoted[..quoted.len() - 1])?,
            None => Cow::Borrowed(&text[1..]),
        };
        self.advance();
        Ok(self.ir.ctx.sym(&name))
    }

    /// The value of the current string token.
    pub fn string_value(&self) -> PResult<Cow<'s, str>> {
        let text = self.text();
        if !self.at(Token::String) {
            return Err(self.unexpected("a string"));
        }
        self.unescape(&text[1..text.len() - 1])
    }

    /// The same, interned.
    pub fn string_sym(&mut self) -> PResult<Sym> {
        let spelling = self.text();
        if let Some(sym) = self.recent_names.get(spelling) {
            return Ok(sym);
        }
        let value = self.string_value()?;
        let sym = self.ir.ctx.sym(&value);
        self.recent_names.put(spelling, sym);
        Ok(sym)
    }

    pub fn unescape(&self, body: &'s str) -> PResult<Cow<'s, str>> {
        if !body.contains('\\') {
            return Ok(Cow::Borrowed(body));
        }
        let mut out: Vec<u8> = Vec::with_capacity(body.len());
        let bytes = bytes_of_text(body);
        let mut at = 0;
        while at < bytes.len() {
            if bytes[at] != b'\\' {
                out.push(bytes[at]);
                at += 1;
                continue;
            }
            let hex = bytes.get(at + 1..at + 3).filter(|digits| digits.iter().all(u8::is_ascii_hexdigit));
            let hex = hex.and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
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
        Ok(Cow::Owned(text_of_bytes(out)))
    }

    fn parse_number(&mut self) -> PResult<Attr> {
        let start = self.start;
        let negative = self.eat(Token::Minus);
        let (token, text) = (self.token, self.text());
        if !matches!(token, Token::Integer | Token::Float) {
            return Err(self.unexpected("a number"));
        }
        self.advance();
        let ty = match (self.eat(Token::Colon), token) {
            (true, Token::Float) => self.parse_float_type()?,
            (true, _) => self.parse_type()?,
            (false, Token::Float) => self.ir.ctx.float_type(FloatKind::F64),
            (false, _) => self.ir.ctx.int_type(64),
        };
        let bad = |p: &Self, text: &str| Err(Box::new(p.error_span(start, p.last_end - start, text)));
        let found = match (self.ir.ctx.type_kind(ty), token) {
            (TypeKind::Float(_), Token::Float) => {
                let value: f64 = text.parse().unwrap_or(f64::NAN);
                return Ok(self.float_attr(if negative { -value } else { value }, ty));
            }
            (TypeKind::Float(kind), _) => {
                let kind = *kind;
                if !text.starts_with("0x") {
                    return bad(
                        self,
                        "a float needs a decimal point; an integer literal is only its bits in hex",
                    );
                }
                return match float_bits(text, kind).filter(|_| !negative) {
                    Some(bits) => Ok(self.float_bits_attr(bits, kind, ty)),
                    None => bad(self, "the bit pattern does not fit the float type"),
                };
            }
            (TypeKind::Integer { width, signedness }, _) => integer(text, negative, *width, *signedness),
            (TypeKind::Index, _) => integer(text, negative, 64, Signedness::Signed),
            _ => return bad(self, "a number must have an integer, index or float type"),
        };
        match found {
            Some(Integer::Small(value)) => Ok(self.ir.ctx.attr(AttrKind::Integer { value, ty })),
            Some(Integer::Big(value)) => {
                let digits = self.ir.ctx.sym(&value.to_string());
                Ok(self.ir.ctx.attr(AttrKind::BigInteger { digits, ty }))
            }
            None => {
                let ty = self.ir.ctx.type_text(ty);
                bad(self, &format!("the integer does not fit in {ty}"))
            }
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
        let TypeKind::Float(kind) = *self.ir.ctx.type_kind(ty) else {
            return self.ir.ctx.attr(AttrKind::Float { bits: value.to_bits(), ty });
        };
        self.float_bits_attr(kind.bits_of(value), kind, ty)
    }

    fn float_bits_attr(&mut self, bits: u128, kind: FloatKind, ty: Type) -> Attr {
        let kind = match kind.exact_value(bits) {
            Some(value) => AttrKind::Float { bits: value.to_bits(), ty },
            None => AttrKind::FloatBits { bits, ty },
        };
        self.ir.ctx.attr(kind)
    }

    /// `#alias`, `#dialect.attr<…>`.
    fn parse_dialect_attr(&mut self) -> PResult<Attr> {
        let (text, offset) = (self.text(), self.start);
        let name = &text[1..];
        self.advance();
        let body_follows = self.at(Token::Less) && self.start == offset + text.len();
        if !name.contains('.') && !body_follows {
            return match self.use_alias(text, offset)? {
                Some(Alias::Attr(attr)) => Ok(attr),
                Some(Alias::Loc(loc)) => Ok(self.ir.ctx.attr(AttrKind::Location(loc))),
                _ => Err(self.undefined_alias("attribute", text, offset)),
            };
        }
        if let Some(def) = self.registry.attr_def(name) {
            let (sym, params) = self.parse_declared(def, name, offset)?;
            return Ok(self.ir.ctx.attr(AttrKind::Declared { name: sym, params }));
        }
        let whole = self.parse_opaque(name, offset, "attribute")?;
        let text = self.ir.ctx.sym(&whole);
        let ty = if self.eat(Token::Colon) { self.parse_type()? } else { Type::NONE };
        Ok(self.ir.ctx.attr(AttrKind::Opaque { text, ty }))
    }
}
