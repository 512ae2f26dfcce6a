//! Locations, aliases and the file metadata section.

use super::lexer::Token;
use super::parser::{Alias, PResult, Parser};
use crate::ir::{Attr, Loc, LocKind};

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
                match self.aliases.get(name) {
                    Some(Alias::Loc(loc)) => Ok(*loc),
                    _ => {
                        let text = format!("undefined location alias '{name}'");
                        Err(Box::new(self.error_span(offset, name.len(), text)))
                    }
                }
            }
            Token::Bare if self.text() == "loc" => {
                self.advance();
                self.expect(Token::LParen, "after 'loc'")?;
                let loc = self.parse_loc_body()?;
                self.expect(Token::RParen, "after the location")?;
                Ok(loc)
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
                Ok(self.ir.ctx.loc(LocKind::Fused(Box::new((children, metadata)))))
            }
            _ => Err(self.unexpected("a location")),
        }
    }

    /// `"file":1:2`, `"file":1:2 to 3:4`, `"name"` or `"name"(child)`.
    /// `own` is set for the location of an op, which is not worth a look-up: most are different.
    pub fn parse_named_loc(&mut self, own: bool) -> PResult<Loc> {
        let text = self.string_value()?;
        let name = self.ir.ctx.sym(&text);
        self.advance();
        if self.eat(Token::Colon) {
            let line = self.parse_u32("a line number")?;
            self.expect(Token::Colon, "after the line")?;
            let column = self.parse_u32("a column number")?;
            if !self.eat_word("to") {
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

    /// A block argument's `loc(…)`, which the IR does not keep.
    pub fn skip_loc(&mut self) -> PResult<()> {
        if self.eat_word("loc") {
            self.expect(Token::LParen, "after 'loc'")?;
            // Aliases of locations mostly come at the end of a text.
            if self.at(Token::Hash) && !self.text().contains('.') {
                self.advance();
            } else {
                self.parse_loc_body()?;
            }
            self.expect(Token::RParen, "after the location")?;
        }
        Ok(())
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
        self.aliases.insert(name, alias);
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
                let group = p.resource_key()?;
                p.expect(Token::Colon, "after the group's name")?;
                p.expect(Token::LBrace, "before the group's entries")?;
                p.list(Token::RBrace, |p| {
                    let key = p.resource_key()?;
                    p.expect(Token::Colon, "after the resource's key")?;
                    let value = match p.token {
                        Token::String | Token::Integer => p.text(),
                        Token::Bare if matches!(p.text(), "true" | "false") => p.text(),
                        _ => return Err(p.unexpected("a string, true or false")),
                    };
                    p.advance();
                    let entry = (section == "dialect_resources", group.clone(), key, value.to_owned());
                    p.ir.resources.push(entry);
                    Ok(())
                })
            })
        })
    }

    fn resource_key(&mut self) -> PResult<String> {
        let key = match self.token {
            Token::Bare => self.text().to_owned(),
            Token::String => self.string_value()?,
            _ => return Err(self.unexpected("a key")),
        };
        self.advance();
        Ok(key)
    }
}
