//! Locations, aliases and the file metadata section.

use super::lexer::Token;
use super::parser::{Alias, LocOwner, PResult, Parser};
use super::recover::silent;
use super::scopes::plain_number;
use crate::ir::{Attr, Loc, LocKind, ValueId};
use crate::support::{Diagnostic, did_you_mean};

/// How much more than the text its aliases may stand for; a short text more.
const MAX_EXPANSION: u64 = 1000;
const MIN_EXPANSION: u64 = 64 << 20;

impl<'s> Parser<'s, '_> {
    /// What stands between the parentheses of `loc(…)`.
    pub fn parse_loc_body(&mut self) -> PResult<Loc> {
        self.nested(Self::parse_loc_inner)
    }

    fn parse_loc_inner(&mut self) -> PResult<Loc> {
        match self.token {
            Token::String => self.parse_named_loc(false),
            Token::Hash => {
                let (name, offset) = (self.text(), self.start);
                self.advance();
                match self.use_alias(name, offset)? {
                    Some(Alias::Loc(loc)) => Ok(loc),
                    _ => Err(self.undefined_alias("location", name, offset)),
                }
            }
            Token::Bare if self.text() == "unknown" => {
                self.advance();
                Ok(Loc::UNKNOWN)
            }
            Token::Bare if self.text() == "callsite" => {
                self.advance();
                self.expect(Token::LParen, "after 'callsite'")?;
                let callee = self.parse_loc_body()?;
                if !self.eat_word("at") {
                    return Err(self.unexpected("'at' in a callsite"));
                }
                let caller = self.parse_loc_body()?;
                self.expect(Token::RParen, "after the caller")?;
                Ok(self.ir.ctx.loc(LocKind::CallSite(callee, caller)))
            }
            Token::Bare if self.text() == "fused" => {
                self.advance();
                let mut metadata = Attr::NONE;
                if self.eat(Token::Less) {
                    metadata = self.parse_attr()?;
                    self.expect(Token::Greater, "after the metadata")?;
                }
                self.expect(Token::LSquare, "before the fused locations")?;
                let mut children = Vec::new();
                self.list(Token::RSquare, |p| {
                    children.push(p.parse_loc_body()?);
                    Ok(())
                })?;
                Ok(self.fused(&children, metadata))
            }
            _ => Err(self.unexpected("a location")),
        }
    }

    /// A fused location as MLIR simplifies it: flat, without repetition, without unknown parts.
    fn fused(&mut self, children: &[Loc], metadata: Attr) -> Loc {
        let mut parts = indexmap::IndexSet::new();
        for child in children {
            match &*self.ir.ctx.loc_kind(*child) {
                LocKind::Fused(fused) if fused.1 == metadata => parts.extend(fused.0.iter().copied()),
                LocKind::Unknown => {}
                _ => {
                    parts.insert(*child);
                }
            }
        }
        match (parts.len(), metadata.is_none()) {
            (0, true) => Loc::UNKNOWN,
            (1, true) => parts[0],
            (0, false) => self.ir.ctx.loc(LocKind::Fused(Box::new((vec![Loc::UNKNOWN], metadata)))),
            _ => self.ir.ctx.loc(LocKind::Fused(Box::new((parts.into_iter().collect(), metadata)))),
        }
    }

    /// `"file":1:2`, `"file":1:2 to 3:4`, `"name"` or `"name"(child)`.
    /// `own` is set for the location of an op, which is not worth a look-up: most are different.
    pub fn parse_named_loc(&mut self, own: bool) -> PResult<Loc> {
        if !self.at(Token::String) {
            return Err(self.unexpected("a string"));
        }
        let start = self.start;
        let name = self.string_sym()?;
        self.advance();
        if self.eat(Token::Colon) {
            if own {
                self.last_file = Some((&self.source[start..self.last_end], name));
            }
            let line = self.parse_u32("a line number")?;
            let has_column = self.eat(Token::Colon);
            let column = if has_column { self.parse_u32("a column number")? } else { 0 };
            if !has_column || !self.eat_word("to") {
                let ctx = &mut self.ir.ctx;
                return Ok(match own {
                    true => ctx.file_loc(name, line, column),
                    false => ctx.loc(LocKind::File { file: name, line, column }),
                });
            }
            let end_line = if self.at(Token::Integer) { self.parse_u32("a line number")? } else { line };
            self.expect(Token::Colon, "after the line")?;
            let end_column = self.parse_u32("a column number")?;
            let (start, end) = ((line, column), (end_line, end_column));
            return Ok(self.ir.ctx.loc(LocKind::FileRange { file: name, span: Box::new([start, end]) }));
        }
        let mut child = Loc::UNKNOWN;
        if self.eat(Token::LParen) {
            child = self.parse_loc_body()?;
            self.expect(Token::RParen, "after the child location")?;
        }
        Ok(self.ir.ctx.loc(LocKind::Name(name, child)))
    }

    /// A block argument's `loc(…)`, or the place of its name.
    pub fn parse_arg_loc(&mut self, value: ValueId, offset: usize) -> PResult<()> {
        let loc = if self.at_word("loc") {
            self.parse_loc_suffix(LocOwner::Value(value))?
        } else {
            Loc::in_text(offset)
        };
        self.ir.set_value_loc(value, loc);
        Ok(())
    }

    /// Reads `("file":1:2)` of the file of the location before, spaced as it is printed, without its tokens. Nothing is read
    /// of others.
    fn parse_printed_loc(&mut self) -> Option<Loc> {
        let (file, name) = self.last_file?;
        let bytes = self.source.as_bytes();
        let rest = bytes.get(self.end..)?.strip_prefix(b"(")?.strip_prefix(file.as_bytes())?;
        let (digits, line) = plain_number(rest)?;
        let rest = rest[digits..].strip_prefix(b":")?;
        let (digits, column) = plain_number(rest)?;
        let rest = rest[digits..].strip_prefix(b")")?;
        self.reset(bytes.len() - rest.len());
        Some(self.ir.ctx.file_loc(name, line, column))
    }

    /// `loc(…)`; an alias that is not defined yet is kept for the end of the text.
    pub fn parse_loc_suffix(&mut self, owner: LocOwner) -> PResult<Loc> {
        if matches!(owner, LocOwner::Op(_))
            && let Some(loc) = self.parse_printed_loc()
        {
            return Ok(loc);
        }
        self.advance();
        self.expect(Token::LParen, "after 'loc'")?;
        let (mut loc, mut pending) = (Loc::UNKNOWN, None);
        if self.at(Token::Hash) && !self.text().contains('.') && !self.aliases.contains_key(self.text()) {
            pending = Some((owner, self.text(), self.start));
            self.advance();
        } else {
            let own = self.at(Token::String) && matches!(owner, LocOwner::Op(_));
            loc = if own { self.parse_named_loc(true)? } else { self.parse_loc_body()? };
        }
        self.expect(Token::RParen, "after the location")?;
        self.pending_locs.extend(pending);
        Ok(loc)
    }

    /// Sets the locations whose aliases came later than their use.
    pub fn resolve_pending_locs(&mut self) -> PResult<()> {
        for (owner, name, offset) in std::mem::take(&mut self.pending_locs) {
            let Some(Alias::Loc(loc)) = self.use_alias(name, offset)? else {
                let error = self.undefined_alias("location", name, offset);
                self.report(error)?;
                continue;
            };
            match owner {
                LocOwner::Op(op) => self.ir.set_loc(op, loc),
                LocOwner::Value(value) => self.ir.set_value_loc(value, loc),
            }
        }
        Ok(())
    }

    /// What an alias stands for, if it is defined. An error where aliases of aliases stand for far more than the text:
    /// they are written out when they are printed.
    pub fn use_alias(&mut self, name: &str, offset: usize) -> PResult<Option<Alias>> {
        let Some((alias, weight)) = self.aliases.get(name).copied() else { return Ok(None) };
        self.expanded = self.expanded.saturating_add(weight);
        if self.expanded > MAX_EXPANSION * self.source.len() as u64 + MIN_EXPANSION {
            let text =
                format!("'{name}' and the aliases before it stand for more than {} MB", self.expanded >> 20);
            return Err(Box::new(self.error_span(offset, name.len(), text)));
        }
        Ok(Some(alias))
    }

    /// The error of an alias that is not defined, or silence if its definition failed.
    pub fn undefined_alias(&self, kind: &str, name: &str, offset: usize) -> Box<Diagnostic> {
        if self.errors.has_failed(name) {
            return silent();
        }
        let error = self.error_span(offset, name.len(), format!("undefined {kind} alias '{name}'"));
        let near = did_you_mean(name, self.aliases.keys().copied());
        Box::new(match near {
            Some(near) => error.help(format!("did you mean '{near}'?")),
            None => error,
        })
    }

    /// `#name = …` or `!name = …` at the top level.
    pub fn parse_alias_definition(&mut self) -> PResult<()> {
        let (name, offset, token) = (self.text(), self.start, self.token);
        if name.contains('.') {
            return Err(self.error("an alias name cannot contain '.'"));
        }
        if self.aliases.contains_key(name) {
            return Err(self.error(format!("redefinition of alias '{name}'")));
        }
        self.advance();
        if !self.at(Token::Equal) {
            let text = "expected an operation, or '=' in an alias definition";
            return Err(Box::new(self.error_span(offset, name.len(), text)));
        }
        self.advance();
        let expanded = self.expanded;
        let alias = if token == Token::Bang {
            Alias::Type(self.parse_type()?)
        } else if self.at_word("loc") {
            self.advance();
            self.expect(Token::LParen, "after 'loc'")?;
            let loc = self.parse_loc_body()?;
            self.expect(Token::RParen, "after the location")?;
            Alias::Loc(loc)
        } else {
            Alias::Attr(self.parse_attr()?)
        };
        let weight = (self.last_end - offset) as u64 + (self.expanded - expanded);
        self.aliases.insert(name, (alias, weight));
        Ok(())
    }

    /// `{-# dialect_resources: {…}, external_resources: {…} #-}`
    pub fn parse_file_metadata(&mut self) -> PResult<()> {
        self.advance();
        self.list(Token::FileMetadataEnd, |p| {
            let section = p.text();
            if !matches!(section, "dialect_resources" | "external_resources") {
                return Err(p.error(format!("unknown section '{section}' in the file metadata")));
            }
            p.advance();
            p.expect(Token::Colon, "after the section's name")?;
            p.expect(Token::LBrace, "before the section's entries")?;
            p.list(Token::RBrace, |p| {
                if section == "dialect_resources" {
                    p.check_resource_dialect()?;
                }
                let group = p.resource_key()?;
                p.expect(Token::Colon, "after the group's name")?;
                p.expect(Token::LBrace, "before the group's entries")?;
                p.list(Token::RBrace, |p| p.parse_resource(section == "dialect_resources", &group))
            })
        })
    }

    /// Only the dialect of the top-level op, MLIR's builtin, keeps resources.
    fn check_resource_dialect(&self) -> PResult<()> {
        let owner = self.registry.top_op.split('.').next().unwrap_or_default();
        if self.text() == owner {
            return Ok(());
        }
        let text = format!("only the dialect '{owner}' has resources, not '{}'", self.text());
        Err(self.error(text))
    }

    fn parse_resource(&mut self, of_dialect: bool, group: &str) -> PResult<()> {
        let key = self.resource_key()?;
        self.expect(Token::Colon, "after the resource's key")?;
        let value = match self.token {
            Token::String if of_dialect || self.text().starts_with("\"0x") => {
                self.check_blob()?;
                self.text()
            }
            Token::String => {
                self.string_value()?;
                self.text()
            }
            Token::Bare if !of_dialect && matches!(self.text(), "true" | "false") => self.text(),
            _ if of_dialect => return Err(self.unexpected("a hexadecimal string \"0x…\"")),
            _ => return Err(self.unexpected("a string, true or false")),
        };
        self.advance();
        self.ir.resources.push((of_dialect, group.to_owned(), key, value.to_owned()));
        Ok(())
    }

    /// A blob begins with its alignment, a power of two in four bytes.
    fn check_blob(&self) -> PResult<()> {
        let digits = self.text().strip_prefix("\"0x").and_then(|text| text.strip_suffix('"'));
        let digits = digits.filter(|d| d.len() % 2 == 0 && d.bytes().all(|c| c.is_ascii_hexdigit()));
        let Some(digits) = digits else {
            return Err(self.error("expected a hexadecimal string: \"0x…\" with two digits a byte"));
        };
        let alignment =
            digits.get(..8).and_then(|head| u32::from_str_radix(head, 16).ok()).map(u32::swap_bytes);
        match alignment {
            Some(alignment) if alignment.is_power_of_two() => Ok(()),
            Some(alignment) => {
                Err(self.error(format!("the blob's alignment must be a power of two, not {alignment}")))
            }
            None => Err(self.error("a blob begins with its alignment, in four bytes")),
        }
    }

    fn resource_key(&mut self) -> PResult<String> {
        let key = match self.token {
            Token::Bare => self.text().to_owned(),
            Token::String => self.string_value()?.into_owned(),
            _ => return Err(self.unexpected("a key")),
        };
        self.advance();
        Ok(key)
    }
}
