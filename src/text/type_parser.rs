//! Types.

use super::lexer::Token;
use super::op_parser::Types;
use super::parser::{Alias, PResult, Parser};
use crate::ir::{Attr, AttrKind, DYNAMIC, FloatKind, Signedness, Traits, Type, TypeKind};
use crate::schema::{Kind, ParamsDef};
use crate::support::did_you_mean;

/// Widest integer type, as in MLIR.
const MAX_INT_WIDTH: u32 = (1 << 24) - 1;

impl<'s> Parser<'s, '_> {
    /// A type.
    pub fn parse_type(&mut self) -> PResult<Type> {
        let spelling = self.simple_spelling();
        let end = self.start + spelling.len();
        if let Some(ty) = self.recent_types.get(spelling) {
            self.reset(end);
            return Ok(ty);
        }
        let ty = match self.token {
            Token::LParen => self.nested(Self::parse_function_type),
            Token::Bang => self.nested(Self::parse_dialect_type),
            Token::Bare => self.nested(Self::parse_builtin_type),
            _ => Err(self.unexpected("a type")),
        }?;
        if self.last_end == end {
            self.recent_types.put(spelling, ty);
        }
        Ok(ty)
    }

    /// The whole spelling of a type or a dialect's attribute that begins here, where a look at the bytes tells its end:
    /// `i32`, `!d.x`, `!d.x<level = 3>`, `#d.x<3>`. Empty for any other, and for aliases: what they stand for is
    /// counted.
    pub fn simple_spelling(&self) -> &'s str {
        let rest = &self.source.as_bytes()[self.end..];
        match (self.token, rest.first()) {
            (Token::Bare, Some(b'<' | b'.')) => "",
            (Token::Bare, _) => self.text(),
            (Token::Bang | Token::Hash, Some(b'<')) => {
                let inside = &rest[1..];
                let special =
                    |byte: &u8| matches!(byte, b'>' | b'<' | b'(' | b'[' | b'{' | b'"' | b'-' | b'/');
                match inside.iter().position(special) {
                    Some(length) if inside[length] == b'>' => &self.source[self.start..self.end + length + 2],
                    _ => "",
                }
            }
            (Token::Bang | Token::Hash, _) if self.text().contains('.') => self.text(),
            _ => "",
        }
    }

    /// A type if the current token can begin one.
    pub fn starts_type(&self) -> bool {
        match self.token {
            Token::LParen | Token::Bang => true,
            Token::Bare => {
                let text = self.text();
                matches!(text, "index" | "none" | "tensor" | "vector" | "memref" | "tuple" | "complex")
                    || int_type(text).is_some()
                    || FloatKind::from_keyword(text).is_some()
            }
            _ => false,
        }
    }

    fn parse_function_type(&mut self) -> PResult<Type> {
        let mut inputs = Vec::new();
        self.expect(Token::LParen, "before the argument types")?;
        self.list(Token::RParen, |p| {
            inputs.push(p.parse_type()?);
            Ok(())
        })?;
        self.expect(Token::Arrow, "in a function type")?;
        let results = self.parse_result_types()?.into_vec();
        Ok(self.ir.ctx.ty(TypeKind::Function { inputs, results }))
    }

    /// `t` or `(t, u)`.
    pub fn parse_result_types(&mut self) -> PResult<Types> {
        let mut results = Types::new();
        if self.eat(Token::LParen) {
            self.list(Token::RParen, |p| {
                results.push(p.parse_type()?);
                Ok(())
            })?;
        } else {
            results.push(self.parse_type()?);
        }
        Ok(results)
    }

    fn parse_builtin_type(&mut self) -> PResult<Type> {
        let text = self.text();
        let kind = match text {
            "index" => TypeKind::Index,
            "none" => TypeKind::None,
            "tensor" => return self.parse_tensor(),
            "vector" => return self.parse_vector(),
            "memref" => return self.parse_memref(),
            "tuple" => {
                self.advance();
                self.expect(Token::Less, "after 'tuple'")?;
                let mut types = Vec::new();
                self.list(Token::Greater, |p| {
                    types.push(p.parse_type()?);
                    Ok(())
                })?;
                return Ok(self.ir.ctx.ty(TypeKind::Tuple(types)));
            }
            "complex" => {
                self.advance();
                self.expect(Token::Less, "after 'complex'")?;
                let offset = self.start;
                let element = self.parse_type()?;
                if !matches!(self.ir.ctx.type_kind(element), TypeKind::Float(_) | TypeKind::Integer { .. }) {
                    let text = "the element of complex must be a float or an integer";
                    return Err(Box::new(self.error_span(offset, self.last_end - offset, text)));
                }
                self.expect(Token::Greater, "after the element type")?;
                return Ok(self.ir.ctx.ty(TypeKind::Complex(element)));
            }
            _ => match int_type(text) {
                None => match FloatKind::from_keyword(text) {
                    Some(kind) => TypeKind::Float(kind),
                    None => return Err(self.unexpected("a type")),
                },
                Some((width, signedness)) => {
                    if width > MAX_INT_WIDTH {
                        let digits: String =
                            text.trim_start_matches(|c: char| !c.is_ascii_digit()).chars().take(20).collect();
                        let text = format!("integer width {digits} is larger than {MAX_INT_WIDTH}");
                        return Err(self.error(text));
                    }
                    TypeKind::Integer { width, signedness }
                }
            },
        };
        self.advance();
        Ok(self.ir.ctx.ty(kind))
    }

    /// `4x?x`: dimensions, each before an `x`, up to the element type.
    fn parse_dims(&mut self, dynamic: bool, scalable: Option<&mut Vec<bool>>) -> PResult<Vec<i64>> {
        let mut dims = Vec::new();
        let mut flags = Vec::new();
        loop {
            let bracket = scalable.is_some() && self.eat(Token::LSquare);
            match self.token {
                Token::Question if dynamic => {
                    self.advance();
                    dims.push(DYNAMIC);
                }
                Token::Integer => {
                    // `0x4xf32` has no hexadecimal number.
                    let text = self.text();
                    let digits = if text.starts_with("0x") { &text[..1] } else { text };
                    let dim = digits.parse().map_err(|_| self.error("dimension does not fit in 64 bits"))?;
                    self.reset(self.start + digits.len());
                    dims.push(dim);
                }
                _ if bracket => return Err(self.unexpected("a scalable dimension")),
                _ => break,
            }
            if bracket {
                self.expect(Token::RSquare, "after a scalable dimension")?;
            }
            flags.push(bracket);
            self.expect_x("a dimension", Some(&mut dims))?;
            flags.resize(dims.len(), false);
        }
        if let Some(scalable) = scalable {
            *scalable = flags;
        }
        Ok(dims)
    }

    /// The `x` of `4xf32` and `*xf32`, where the lexer sees one word with what follows. Dimensions within that word are
    /// read at once: to lex each rest of a word of many would take the square of its length.
    fn expect_x(&mut self, after: &str, mut dims: Option<&mut Vec<i64>>) -> PResult<()> {
        if !self.at(Token::Bare) || !self.text().starts_with('x') {
            return Err(self.unexpected(&format!("'x' after {after}")));
        }
        let text = self.text();
        let mut offset = 1;
        while let Some(dims) = &mut dims {
            let digits = text[offset..].bytes().take_while(u8::is_ascii_digit).count();
            if digits == 0 || text.as_bytes().get(offset + digits) != Some(&b'x') {
                break;
            }
            let Ok(dim) = text[offset..offset + digits].parse() else { break };
            dims.push(dim);
            offset += digits + 1;
        }
        self.reset(self.start + offset);
        Ok(())
    }

    fn parse_tensor(&mut self) -> PResult<Type> {
        self.advance();
        self.expect(Token::Less, "after 'tensor'")?;
        if self.at(Token::Star) {
            let element = self.parse_unranked_element("tensor")?;
            self.expect(Token::Greater, "after the element type")?;
            return Ok(self.ir.ctx.ty(TypeKind::UnrankedTensor(element)));
        }
        let shape = self.parse_dims(true, None)?;
        let element = self.parse_element_type("tensor")?;
        let has_encoding = self.eat(Token::Comma) && !self.at(Token::Greater);
        let encoding = if has_encoding { self.parse_attr()? } else { Attr::NONE };
        self.expect(Token::Greater, "after the tensor's element type")?;
        Ok(self.ir.ctx.ty(TypeKind::Tensor { shape, element, encoding }))
    }

    /// `*xf32`; the current token is the star.
    fn parse_unranked_element(&mut self, container: &str) -> PResult<Type> {
        self.advance();
        self.expect_x("'*'", None)?;
        self.parse_element_type(container)
    }

    fn parse_element_type(&mut self, container: &str) -> PResult<Type> {
        let offset = self.start;
        let element = self.parse_type()?;
        let kind = self.ir.ctx.type_kind(element);
        let fits = match kind {
            TypeKind::Integer { .. } | TypeKind::Index | TypeKind::Float(_) => true,
            TypeKind::Complex(_) | TypeKind::Vector { .. } => container != "vector",
            TypeKind::MemRef { .. } | TypeKind::UnrankedMemRef { .. } => container == "memref",
            TypeKind::Declared { .. } | TypeKind::Opaque(_) => container == "tensor",
            _ => false,
        };
        if fits {
            return Ok(element);
        }
        let text = format!("invalid element type of {container}");
        Err(Box::new(self.error_span(offset, self.last_end - offset, text)))
    }

    fn parse_vector(&mut self) -> PResult<Type> {
        self.advance();
        self.expect(Token::Less, "after 'vector'")?;
        let offset = self.start;
        let mut scalable = Vec::new();
        let shape = self.parse_dims(false, Some(&mut scalable))?;
        if let Some(i) = shape.iter().position(|dim| *dim == 0) {
            let text = format!("dimension #{i} of a vector must be positive");
            return Err(Box::new(self.error_span(offset, 1, text)));
        }
        let element = self.parse_element_type("vector")?;
        self.expect(Token::Greater, "after the vector's element type")?;
        Ok(self.ir.ctx.ty(TypeKind::Vector { shape, scalable, element }))
    }

    fn parse_memref(&mut self) -> PResult<Type> {
        self.advance();
        self.expect(Token::Less, "after 'memref'")?;
        let offset = self.start;
        if self.at(Token::Star) {
            let element = self.parse_unranked_element("memref")?;
            let (layout, space) = self.parse_layout(offset)?;
            if !layout.is_none() {
                let text = "an unranked memref has no layout";
                return Err(Box::new(self.error_span(offset, self.last_end - offset, text)));
            }
            return Ok(self.ir.ctx.ty(TypeKind::UnrankedMemRef { element, space }));
        }
        let shape = self.parse_dims(true, None)?;
        let element = self.parse_element_type("memref")?;
        let (mut layout, space) = self.parse_layout(offset)?;
        let affine = layout.some().and_then(|layout| match self.ir.ctx.attr_kind(layout) {
            AttrKind::Affine(text) => Some(self.ir.ctx.str(*text)),
            _ => None,
        });
        if let Some((text, rank)) = affine.and_then(|text| Some((text, layout_rank(text)?))) {
            if rank != shape.len() {
                let text = format!("the layout is for rank {rank}, the memref has rank {}", shape.len());
                return Err(Box::new(self.error_span(offset, self.last_end - offset, text)));
            }
            if is_identity(text, rank) {
                layout = Attr::NONE;
            }
        }
        Ok(self.ir.ctx.ty(TypeKind::MemRef { shape, element, layout, space }))
    }

    /// `, layout, space>` of a memref, both optional. Space 0 is the default.
    fn parse_layout(&mut self, start: usize) -> PResult<(Attr, Attr)> {
        let (mut layout, mut space) = (Attr::NONE, Attr::NONE);
        while self.eat(Token::Comma) {
            let offset = self.start;
            let attr = self.parse_attr()?;
            let bad = |p: &Self, text: &str| Err(Box::new(p.error_span(offset, p.last_end - offset, text)));
            match self.ir.ctx.attr_kind(attr) {
                AttrKind::Affine(text) if layout_rank(self.ir.ctx.str(*text)).is_some() => {
                    if !space.is_none() {
                        return bad(self, "the memory space comes last in a memref");
                    }
                    layout = attr;
                }
                _ if !space.is_none() => return bad(self, "a memref has one memory space"),
                AttrKind::Integer { .. }
                | AttrKind::BigInteger { .. }
                | AttrKind::String { .. }
                | AttrKind::Dictionary(_)
                | AttrKind::Declared { .. } => space = attr,
                _ => {
                    return bad(
                        self,
                        "a memory space is an integer, a string, a dictionary or a dialect's attribute",
                    );
                }
            }
        }
        if !self.eat(Token::Greater) {
            let error = self.unexpected("',' or '>'");
            let open = crate::expr::position_in(self.source, self.file_name, start, 1);
            return Err(Box::new(error.note(open, "the memref begins here")));
        }
        let kind = space.some().map(|space| self.ir.ctx.attr_kind(space));
        let default = matches!(kind, Some(AttrKind::Integer { value: 0, .. }));
        Ok((layout, if default { Attr::NONE } else { space }))
    }

    /// `!alias`, `!dialect.type<…>` or `!dialect<…>`.
    fn parse_dialect_type(&mut self) -> PResult<Type> {
        let (text, offset) = (self.text(), self.start);
        let name = &text[1..];
        self.advance();
        let body_follows = self.at(Token::Less) && self.start == offset + text.len();
        if !name.contains('.') && !body_follows {
            return match self.use_alias(text, offset)? {
                Some(Alias::Type(ty)) => Ok(ty),
                _ => Err(self.undefined_alias("type", text, offset)),
            };
        }
        if let Some(def) = self.registry.type_def(name) {
            let (sym, params) = self.parse_declared(def, name, offset)?;
            return Ok(self.ir.ctx.ty(TypeKind::Declared { name: sym, params }));
        }
        let whole = self.parse_opaque(name, offset, "type")?;
        let whole = self.ir.ctx.sym(&whole);
        Ok(self.ir.ctx.ty(TypeKind::Opaque(whole)))
    }

    /// The text of an opaque `dialect.name<…>` after its sigil; refused if its dialect is loaded or need be.
    pub fn parse_opaque(&mut self, name: &'s str, offset: usize, what: &str) -> PResult<String> {
        let dialect = name.split('.').next().unwrap_or(name);
        let registry = self.registry;
        let loaded = registry.has_dialect(dialect);
        if loaded || !registry.allow_unregistered {
            let error = self.error_span(offset, name.len() + 1, format!("unknown {what} '{name}'"));
            let names: Vec<&str> = match what {
                "type" => registry.type_defs().map(|def| def.name.as_str()).collect(),
                _ => registry.attr_defs().map(|def| def.name.as_str()).collect(),
            };
            let help = match did_you_mean(name, names) {
                Some(near) => format!("did you mean '{near}'?"),
                None if loaded => format!("the dialect '{dialect}' declares no such {what}"),
                None => "load its dialect, or pass --allow-unregistered-dialect".to_owned(),
            };
            return Err(Box::new(error.help(help)));
        }
        let valid = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'_' | b'$');
        let begins = dialect.bytes().next().is_some_and(|c| c.is_ascii_alphabetic() || c == b'_');
        if !begins || !dialect.bytes().all(valid) {
            let text = format!("'{dialect}' is no name of a dialect");
            return Err(Box::new(self.error_span(offset, name.len() + 1, text)));
        }
        if self.at(Token::Less) && self.start == offset + 1 + name.len() {
            let end = self.balanced_end(self.start)?;
            self.reset(end);
        }
        Ok(canonical_opaque(&self.source[offset + 1..self.last_body_end(offset + 1 + name.len())]))
    }

    /// End of what has been read: `reset` leaves `last_end` at the body's end.
    fn last_body_end(&self, name_end: usize) -> usize {
        self.last_end.max(name_end)
    }

    /// The offset after the bracket that closes the one at `open`; strings and `->` are skipped.
    pub fn balanced_end(&self, open: usize) -> PResult<usize> {
        let bytes = self.source.as_bytes();
        let mut stack: Vec<u8> = Vec::new();
        let mut at = open;
        while let Some(byte) = bytes.get(at) {
            at += 1;
            match byte {
                b'<' => stack.push(b'>'),
                b'(' => stack.push(b')'),
                b'[' => stack.push(b']'),
                b'{' => stack.push(b'}'),
                b'-' if bytes.get(at) == Some(&b'>') => at += 1,
                b'>' | b')' | b']' | b'}' => {
                    if stack.pop() != Some(*byte) {
                        return Err(Box::new(self.error_span(at - 1, 1, "unbalanced bracket")));
                    }
                    if stack.is_empty() {
                        return Ok(at);
                    }
                }
                b'"' => {
                    while let Some(c) = bytes.get(at) {
                        at += 1;
                        match c {
                            b'\\' => at += 1,
                            b'"' => break,
                            _ => {}
                        }
                    }
                }
                0 => {
                    return Err(Box::new(self.error_span(at - 1, 1, "a null character in a dialect's text")));
                }
                _ => {}
            }
        }
        Err(Box::new(self.error_span(open, 1, "this bracket is never closed")))
    }

    /// The parameters of a declared type or attribute; the current token is what follows its name.
    pub fn parse_declared(
        &mut self,
        def: &ParamsDef,
        name: &str,
        offset: usize,
    ) -> PResult<(crate::ir::Sym, Vec<Attr>)> {
        let mut params: Vec<Option<Attr>> = vec![None; def.params.len()];
        let mut position = 0;
        if self.eat(Token::Less) {
            self.list(Token::Greater, |p| {
                let (key, at) = (p.text(), p.start);
                if def.traits.has(Traits::POSITIONAL) && !p.at(Token::Bare) {
                    let Some(param) = def.params.get(position) else {
                        return Err(p.error(format!("'{name}' has {} parameters", def.params.len())));
                    };
                    params[position] = Some(p.parse_param(&param.kind)?);
                    position += 1;
                    return Ok(());
                }
                p.expect(Token::Bare, "as a parameter name")?;
                let Some(index) = def.params.iter().position(|param| param.name == key) else {
                    let error = p.error_span(at, key.len(), format!("'{name}' has no parameter '{key}'"));
                    let names = def.params.iter().map(|param| param.name.as_str());
                    return Err(Box::new(match did_you_mean(key, names) {
                        Some(near) => error.help(format!("did you mean '{near}'?")),
                        None => error,
                    }));
                };
                if params[index].is_some() {
                    return Err(Box::new(p.error_span(at, key.len(), format!("'{key}' is given twice"))));
                }
                p.expect(Token::Equal, "after the parameter's name")?;
                params[index] = Some(p.parse_param(&def.params[index].kind)?);
                Ok(())
            })?;
        }
        let mut values = Vec::with_capacity(params.len());
        for (value, param) in params.into_iter().zip(&def.params) {
            match value.or(param.default) {
                Some(value) => values.push(value),
                None if param.optional => values.push(Attr::NONE),
                None => {
                    let text = format!("'{name}' needs the parameter '{}'", param.name);
                    return Err(Box::new(self.error_span(offset, name.len() + 1, text)));
                }
            }
        }
        self.check_declared(def, &values, offset)?;
        Ok((self.ir.ctx.sym(name), values))
    }

    fn check_declared(&self, def: &ParamsDef, values: &[Attr], offset: usize) -> PResult<()> {
        if def.verify.is_empty() {
            return Ok(());
        }
        let slots: Vec<_> =
            values.iter().map(|value| crate::expr::Val::from_attr(&self.ir.ctx, *value)).collect();
        for check in &def.verify {
            let holds = self.registry.with_env(&self.ir, &slots, |env| env.holds(&check.expr));
            let text = match holds {
                Ok(true) => continue,
                Ok(false) => check.otherwise.clone().unwrap_or_else(|| format!("requires {}", check.source)),
                Err(why) => format!("cannot check {}: {why}", check.source),
            };
            let text = format!("'{}': {text}", def.name);
            return Err(Box::new(self.error_span(offset, self.last_end - offset, text)));
        }
        Ok(())
    }

    /// The value of a declared parameter: words of an enum are bare, integers and floats untyped.
    fn parse_param(&mut self, kind: &Kind) -> PResult<Attr> {
        let offset = self.start;
        let attr = match kind {
            Kind::Enum(_) if self.at(Token::Bare) => {
                let word = self.text();
                self.advance();
                self.ir.ctx.string_attr(word)
            }
            Kind::Float if self.at(Token::Integer) => {
                let value = self.text().parse().unwrap_or(f64::NAN);
                self.advance();
                self.ir.ctx.f64_attr(value)
            }
            _ => self.parse_attr()?,
        };
        if kind.admits_attr(self.registry, &self.ir.ctx, attr) {
            return Ok(attr);
        }
        let text = match kind {
            Kind::Enum(name) => format!("expected one of {}", self.registry.enum_words(name).join(", ")),
            kind => format!("expected {}", kind.describe()),
        };
        Err(Box::new(self.error_span(offset, self.last_end - offset, text)))
    }
}

/// Width and signedness of `i32`, `si8`, `ui64`; a width that does not fit in 32 bits reads as the largest.
fn int_type(text: &str) -> Option<(u32, Signedness)> {
    let (digits, signedness) = if let Some(digits) = text.strip_prefix("si") {
        (digits, Signedness::Signed)
    } else if let Some(digits) = text.strip_prefix("ui") {
        (digits, Signedness::Unsigned)
    } else {
        (text.strip_prefix('i')?, Signedness::Signless)
    };
    let valid = !digits.is_empty() && digits.bytes().all(|c| c.is_ascii_digit());
    valid.then(|| (digits.parse().unwrap_or(u32::MAX), signedness))
}

/// The rank that a layout is for; `None` for an attribute that is no layout.
fn layout_rank(text: &str) -> Option<usize> {
    let list = match text.strip_prefix("strided<[") {
        Some(rest) => rest.split(']').next()?,
        None => text.strip_prefix("affine_map<(")?.split(')').next()?,
    };
    Some(if list.is_empty() { 0 } else { list.split(',').count() })
}

/// Whether a layout is `(d0, d1) -> (d0, d1)`, which is left out.
fn is_identity(text: &str, rank: usize) -> bool {
    let dims: Vec<String> = (0..rank).map(|i| format!("d{i}")).collect();
    let dims = dims.join(", ");
    text == format!("affine_map<({dims}) -> ({dims})>")
}

/// `dialect.name<…>` where the data can be written so, else `dialect<data>`; both spell the same.
fn canonical_opaque(text: &str) -> String {
    let split = text.find(['.', '<']).unwrap_or(text.len());
    let (dialect, rest) = text.split_at(split);
    let data = match rest.strip_prefix('<') {
        Some(inner) => inner.strip_suffix('>').unwrap_or(inner),
        None => rest.get(1..).unwrap_or_default(),
    };
    let name = data.find(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '.').unwrap_or(data.len());
    let body = &data[name..];
    let named = data.starts_with(|c: char| c.is_ascii_alphabetic());
    // In brackets a hyphen at the end would make an arrow of the closing one.
    if data.ends_with('-')
        || named && (body.is_empty() || body.starts_with('<') && body.ends_with('>') && closes_at_end(body))
    {
        format!("{dialect}.{data}")
    } else {
        format!("{dialect}<{data}>")
    }
}

/// Whether the first bracket of a balanced text is closed by its last character.
fn closes_at_end(text: &str) -> bool {
    let (mut depth, mut quoted, mut before) = (0u32, false, ' ');
    for (at, c) in text.char_indices() {
        match c {
            '"' if before != '\\' => quoted = !quoted,
            '<' | '(' | '[' | '{' if !quoted => depth += 1,
            '>' if before == '-' => {}
            '>' | ')' | ']' | '}' if !quoted => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at + 1 == text.len();
                }
            }
            _ => {}
        }
        before = c;
    }
    false
}
