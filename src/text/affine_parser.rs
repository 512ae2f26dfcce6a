//! Affine maps, integer sets, strided layouts and distinct attributes. They are kept as canonical text.

use std::fmt::Write;

use rustc_hash::FxHashMap;

use super::lexer::Token;
use super::parser::{PResult, Parser};
use crate::ir::{Affine, AffineOp, Attr, AttrKind};
use crate::support::did_you_mean;

/// The names that an affine expression may use.
#[derive(Default)]
struct Names<'s> {
    known: FxHashMap<&'s str, Affine>,
    dims: u32,
    symbols: u32,
}

/// The most operations in one expression.
const MAX_OPERATIONS: usize = 4096;

impl<'s> Parser<'s, '_> {
    fn carried(&mut self, text: &str) -> Attr {
        let text = self.ir.ctx.sym(text);
        self.ir.ctx.attr(AttrKind::Affine(text))
    }

    /// `affine_map<(d0)[s0] -> (d0 + s0)>` or `affine_set<(d0) : (d0 >= 0)>`
    pub fn parse_affine(&mut self, is_set: bool) -> PResult<Attr> {
        self.advance();
        self.expect(Token::Less, "before the affine map or set")?;
        let mut names = Names::default();
        self.expect(Token::LParen, "before the dimensions")?;
        self.parse_affine_names(&mut names, Token::RParen)?;
        if self.eat(Token::LSquare) {
            self.parse_affine_names(&mut names, Token::RSquare)?;
        }
        let between = if is_set { Token::Colon } else { Token::Arrow };
        self.expect(between, "after the dimensions and symbols")?;
        self.expect(Token::LParen, "before the expressions")?;
        let mut text = String::from(if is_set { "affine_set<(" } else { "affine_map<(" });
        write_names(&mut text, 'd', names.dims);
        text.push(')');
        if names.symbols != 0 {
            text.push('[');
            write_names(&mut text, 's', names.symbols);
            text.push(']');
        }
        text.push_str(if is_set { " : (" } else { " -> (" });
        let mut first = true;
        self.list(Token::RParen, |p| {
            if !std::mem::take(&mut first) {
                text.push_str(", ");
            }
            if is_set { p.parse_constraint(&names, &mut text) } else { p.parse_range(&names, &mut text) }
        })?;
        if first && is_set {
            text.push_str("0 == 0");
        }
        text.push_str(")>");
        self.expect(Token::Greater, "after the affine map or set")?;
        Ok(self.carried(&text))
    }

    fn parse_affine_names(&mut self, names: &mut Names<'s>, close: Token) -> PResult<()> {
        self.list(close, |p| {
            let name = p.text();
            if names.known.contains_key(name) {
                return Err(p.error(format!("redefinition of '{name}'")));
            }
            p.expect(Token::Bare, "as the name of a dimension or symbol")?;
            let (count, new): (_, fn(u32) -> Affine) = match close {
                Token::RParen => (&mut names.dims, Affine::Dim),
                _ => (&mut names.symbols, Affine::Symbol),
            };
            names.known.insert(name, new(*count));
            *count += 1;
            Ok(())
        })
    }

    fn parse_range(&mut self, names: &Names<'s>, text: &mut String) -> PResult<()> {
        self.parse_affine_sum(names)?.write(text, false);
        Ok(())
    }

    /// `a >= b`, `a <= b` or `a == b`, written as `a - b >= 0` and so on.
    fn parse_constraint(&mut self, names: &Names<'s>, text: &mut String) -> PResult<()> {
        let left = self.parse_affine_sum(names)?;
        let relation = self.token;
        if !matches!(relation, Token::Greater | Token::Less | Token::Equal) {
            return Err(self.unexpected("'>=', '<=' or '=='"));
        }
        self.advance();
        self.expect(Token::Equal, "in a constraint: '>=', '<=' or '=='")?;
        let right = self.parse_affine_sum(names)?;
        let (more, less) = if relation == Token::Less { (right, left) } else { (left, right) };
        let less = Affine::binary(AffineOp::Mul, less, Affine::Constant(-1));
        Affine::binary(AffineOp::Add, more, less).write(text, false);
        text.push_str(if relation == Token::Equal { " == 0" } else { " >= 0" });
        Ok(())
    }

    fn parse_affine_sum(&mut self, names: &Names<'s>) -> PResult<Affine> {
        let mut sum = self.parse_affine_product(names)?;
        loop {
            let negative = self.at(Token::Minus);
            if !negative && !self.at(Token::Plus) {
                return Ok(sum);
            }
            self.advance();
            let mut term = self.parse_affine_product(names)?;
            if negative {
                term = Affine::binary(AffineOp::Mul, term, Affine::Constant(-1));
            }
            sum = Affine::binary(AffineOp::Add, sum, term);
            self.check_size(&sum)?;
        }
    }

    fn check_size(&self, expression: &Affine) -> PResult<()> {
        if expression.size() <= MAX_OPERATIONS {
            return Ok(());
        }
        Err(self.error(format!("the affine expression has more than {MAX_OPERATIONS} operations")))
    }

    fn parse_affine_product(&mut self, names: &Names<'s>) -> PResult<Affine> {
        let mut product = self.nested(|p| p.parse_affine_operand(names))?;
        loop {
            let op = match (self.token, self.text()) {
                (Token::Star, _) => AffineOp::Mul,
                (Token::Bare, "floordiv") => AffineOp::FloorDiv,
                (Token::Bare, "ceildiv") => AffineOp::CeilDiv,
                (Token::Bare, "mod") => AffineOp::Mod,
                _ => return Ok(product),
            };
            let (offset, length) = (self.start, self.end - self.start);
            self.advance();
            let right = self.nested(|p| p.parse_affine_operand(names))?;
            if !right.is_symbolic() && (op != AffineOp::Mul || !product.is_symbolic()) {
                let text = match op {
                    AffineOp::Mul => "not affine: one factor must be a constant or a symbol",
                    _ => "not affine: the divisor must be a constant or a symbol",
                };
                return Err(Box::new(self.error_span(offset, length, text)));
            }
            product = Affine::binary(op, product, right);
            self.check_size(&product)?;
        }
    }

    fn parse_affine_operand(&mut self, names: &Names<'s>) -> PResult<Affine> {
        match self.token {
            Token::Integer => match self.unsigned_value().and_then(|value| i64::try_from(value).ok()) {
                Some(value) => {
                    self.advance();
                    Ok(Affine::Constant(value))
                }
                None => Err(self.error("the constant does not fit in 64 bits")),
            },
            Token::Bare if self.text() != "symbol" => {
                let name = self.text();
                let Some(found) = names.known.get(name).cloned() else {
                    let error = self.error(format!("'{name}' is no dimension or symbol of this map"));
                    return Err(Box::new(match did_you_mean(name, names.known.keys().copied()) {
                        Some(near) => error.help(format!("did you mean '{near}'?")),
                        None => *error,
                    }));
                };
                self.advance();
                Ok(found)
            }
            Token::LParen => {
                self.advance();
                let inner = self.nested(|p| p.parse_affine_sum(names))?;
                self.expect(Token::RParen, "after the expression")?;
                Ok(inner)
            }
            Token::Minus => {
                self.advance();
                let operand = self.nested(|p| p.parse_affine_operand(names))?;
                Ok(Affine::binary(AffineOp::Mul, operand, Affine::Constant(-1)))
            }
            _ => Err(self.unexpected("an affine expression")),
        }
    }

    /// `strided<[1, ?], offset: 2>`
    pub fn parse_strided(&mut self) -> PResult<Attr> {
        self.advance();
        self.expect(Token::Less, "after 'strided'")?;
        self.expect(Token::LSquare, "before the strides")?;
        let mut text = String::from("strided<[");
        let mut first = true;
        self.list(Token::RSquare, |p| {
            if !std::mem::take(&mut first) {
                text.push_str(", ");
            }
            p.parse_stride(&mut text)
        })?;
        text.push(']');
        if self.eat(Token::Comma) {
            if !self.eat_word("offset") {
                return Err(self.unexpected("'offset'"));
            }
            self.expect(Token::Colon, "after 'offset'")?;
            let mut offset = String::new();
            self.parse_stride(&mut offset)?;
            if offset != "0" {
                let _ = write!(text, ", offset: {offset}");
            }
        }
        text.push('>');
        self.expect(Token::Greater, "after the layout")?;
        Ok(self.carried(&text))
    }

    fn parse_stride(&mut self, text: &mut String) -> PResult<()> {
        if self.eat(Token::Question) {
            text.push('?');
            return Ok(());
        }
        let negative = self.eat(Token::Minus);
        let value = match self.token {
            Token::Integer => self.unsigned_value().and_then(|value| i64::try_from(value).ok()),
            _ => return Err(self.unexpected("an integer or '?'")),
        };
        let Some(value) = value else { return Err(self.error("the integer does not fit in 64 bits")) };
        self.advance();
        let _ = write!(text, "{}", if negative { -value } else { value });
        Ok(())
    }

    /// `distinct[0]<attribute>`
    pub fn parse_distinct(&mut self) -> PResult<Attr> {
        self.advance();
        self.expect(Token::LSquare, "after 'distinct'")?;
        let id = match self.token {
            Token::Integer => self.unsigned_value(),
            _ => return Err(self.unexpected("the attribute's number")),
        };
        let Some(id) = id else { return Err(self.error("the number does not fit in 64 bits")) };
        self.advance();
        self.expect(Token::RSquare, "after the number")?;
        self.expect(Token::Less, "before the attribute")?;
        let inner = if self.at(Token::Greater) { None } else { Some(self.parse_attr()?) };
        self.expect(Token::Greater, "after the attribute")?;
        let inner = match inner {
            Some(attr) if *self.ir.ctx.attr_kind(attr) != AttrKind::Unit => self.ir.ctx.attr_text(attr),
            _ => String::new(),
        };
        let text = format!("distinct[{id}]<{inner}>");
        match self.distinct.insert(id, text.clone()) {
            Some(earlier) if earlier != text => {
                Err(self.error(format!("distinct[{id}] is {earlier} elsewhere")))
            }
            _ => Ok(self.carried(&text)),
        }
    }

    /// The value of the current integer token, decimal or hexadecimal.
    pub fn unsigned_value(&self) -> Option<u64> {
        match self.text().strip_prefix("0x") {
            Some(hex) => u64::from_str_radix(hex, 16).ok(),
            None => self.text().parse().ok(),
        }
    }
}

fn write_names(out: &mut String, letter: char, count: u32) {
    for index in 0..count {
        let _ = write!(out, "{}{letter}{index}", if index > 0 { ", " } else { "" });
    }
}
