//! The parser's state: tokens, positions, errors. The grammar is in the sibling modules.

use logos::Logos;
use rustc_hash::FxHashMap;

use super::lexer::{Token, common_token};
use super::recent::Recent;
use super::recover::{Errors, silent};
use super::scopes::{NO_NUMBER, Name, Scopes, plain_number};
use super::signature::{ByName, Properties, Signature};
use crate::expr::position_in;
use crate::ir::{Attr, Ir, Loc, OpId, OpName, OpSpec, Sym, Type, ValueId};
use crate::schema::Registry;
use crate::support::{Diagnostic, Diagnostics};

pub(super) type PResult<T> = Result<T, Box<Diagnostic>>;

/// Deepest nesting of regions, types and attributes.
const MAX_NESTING: u32 = 1000;

/// Bytes of text an op takes, at least as a rule.
const BYTES_PER_OP: usize = 48;

/// What an alias stands for.
#[derive(Clone, Copy)]
pub(super) enum Alias {
    Type(Type),
    Attr(Attr),
    Loc(Loc),
}

/// What a location belongs to.
#[derive(Clone, Copy)]
pub(super) enum LocOwner {
    Op(OpId),
    Value(ValueId),
}

/// The part of an op's name before the first point.
pub(super) fn dialect_of(name: &str) -> &str {
    name.split('.').next().unwrap_or_default()
}

pub(super) struct Parser<'s, 'r> {
    pub registry: &'r Registry,
    pub ir: Ir,
    pub source: &'s str,
    pub file_name: &'s str,
    pub token: Token,
    pub start: usize,
    pub end: usize,
    /// Of a value's name that is a number: the number; else [`NO_NUMBER`].
    number: u32,
    /// End of the token before.
    pub last_end: usize,
    depth: u32,
    pub scopes: Scopes<'s>,
    /// What aliases stand for, and how many bytes that is written out.
    pub aliases: FxHashMap<&'s str, (Alias, u64)>,
    /// Bytes that the uses of aliases stand for.
    pub expanded: u64,
    /// Locations that are aliases which were not defined yet.
    pub pending_locs: Vec<(LocOwner, &'s str, usize)>,
    /// The file of the last location of an op, as it is written with the colon behind it.
    pub last_file: Option<(&'s str, Sym)>,
    /// The attribute of each `distinct[N]`.
    pub distinct: FxHashMap<u64, String>,
    pub values: Vec<ValueId>,
    pub types: Vec<Type>,
    pub recent_types: Recent<'s, Type>,
    pub signatures: ByName<Signature<&'s str>>,
    pub properties: ByName<Option<Properties<'s>>>,
    pub recent_ops: Recent<'s, OpName>,
    pub recent_pretty: Recent<'s, OpName>,
    pub recent_attrs: Recent<'s, Attr>,
    pub recent_names: Recent<'s, Sym>,
    pub errors: Errors<'s>,
    /// The dialect that pretty forms here need not name.
    pub default_dialect: &'r str,
}

/// Parses a module. The result is not verified.
///
/// A text whose top level is one op of the registry's top kind becomes that op; anything else is wrapped in one.
pub fn parse(registry: &Registry, source: &str, file: &str) -> Result<Ir, Diagnostics> {
    if source.len() > u32::MAX as usize / 2 {
        return Err(vec![Diagnostic::error("the file is larger than 2 GiB").help("split it")]);
    }
    let mut ir = registry.new_ir();
    ir.reserve(source.len() / BYTES_PER_OP);
    ir.ctx.set_text(source, file);
    let mut parser = Parser::new(registry, ir, source, file);
    if let Err(error) = parser.parse_top() {
        // When there are enough errors, this one is not told.
        let _ = parser.report(error);
    }
    if parser.errors.is_empty() { Ok(parser.ir) } else { Err(parser.errors.take()) }
}

/// Parses one attribute (or type, as an attribute) into the context of `ir`.
pub fn parse_attribute(
    registry: &Registry,
    ir: &mut Ir,
    source: &str,
    file: &str,
) -> Result<Attr, Diagnostic> {
    let context = std::mem::take(&mut ir.ctx);
    let mut parser = Parser::new(registry, Ir::new(context), source, file);
    let result = parser.parse_attr().and_then(|attr| {
        parser.expect(Token::End, "after the attribute")?;
        Ok(attr)
    });
    ir.ctx = parser.ir.ctx;
    result.map_err(|error| *error)
}

impl<'s, 'r> Parser<'s, 'r> {
    fn new(registry: &'r Registry, ir: Ir, source: &'s str, file_name: &'s str) -> Self {
        let mut parser = Parser {
            registry,
            ir,
            source,
            file_name,
            token: Token::End,
            start: 0,
            end: 0,
            number: NO_NUMBER,
            last_end: 0,
            depth: 0,
            scopes: Scopes::default(),
            aliases: FxHashMap::default(),
            expanded: 0,
            pending_locs: Vec::new(),
            last_file: None,
            distinct: FxHashMap::default(),
            values: Vec::new(),
            types: Vec::new(),
            recent_types: Recent::default(),
            signatures: ByName::default(),
            properties: ByName::default(),
            recent_ops: Recent::default(),
            recent_pretty: Recent::default(),
            recent_attrs: Recent::default(),
            recent_names: Recent::default(),
            errors: Errors::default(),
            default_dialect: dialect_of(&registry.top_op),
        };
        parser.advance();
        parser
    }

    fn parse_top(&mut self) -> PResult<()> {
        let top = self.registry.top_op.clone();
        let top = self.ir.ctx.op_name(&top);
        let module = OpSpec::new(top).loc(Loc::in_text(0)).build_detached(&mut self.ir);
        let region = self.ir.add_region(module);
        let block = self.ir.create_block();
        self.ir.append_block(region, block);
        self.scopes.push_isolated();
        self.scopes.push_region();
        loop {
            let mark = self.mark();
            match self.token {
                Token::End => break,
                Token::Hash | Token::Bang => {
                    if let Err(error) = self.parse_alias_definition() {
                        self.recover_alias(error, mark)?;
                    }
                }
                Token::FileMetadataBegin => {
                    if let Err(error) = self.parse_file_metadata() {
                        self.recover_alias(error, mark)?;
                    }
                }
                // A bracket that closes nothing would end the recovery at once, and for ever.
                Token::RBrace if !self.errors.is_empty() => self.advance(),
                _ => {
                    if let Err(error) = self.parse_op(block) {
                        self.recover_op(error, mark)?;
                    }
                }
            }
        }
        self.close_region_scope()?;
        self.close_isolated_scope()?;
        self.resolve_pending_locs()?;
        if !self.errors.is_empty() {
            return Ok(());
        }
        // One explicit top-level op of the right kind stands for itself.
        let first = self.ir.first_op(block);
        let single = !first.is_none() && self.ir.next_op(first).is_none() && self.ir.name(first) == top;
        if single {
            self.ir.detach(first);
            self.ir.erase(module);
            self.ir.set_top(first);
        } else {
            self.ir.set_top(module);
        }
        Ok(())
    }

    // ---- tokens

    pub fn advance(&mut self) {
        self.last_end = self.end;
        let bytes = self.source.as_bytes();
        let mut start = self.end;
        while matches!(bytes.get(start), Some(b' ' | b'\n')) {
            start += 1;
        }
        if bytes.get(start) == Some(&b'%') {
            return self.value_name(start);
        }
        if let Some((token, length)) = common_token(&bytes[start..]) {
            (self.token, self.start, self.end) = (token, start, start + length);
            return;
        }
        self.rare_token(start);
    }

    /// Reads `%12` or `%a`. Apart, so that the other tokens need no room for it on the stack.
    #[inline(never)]
    fn value_name(&mut self, start: usize) {
        let name = &self.source.as_bytes()[start..];
        let (length, number) = match plain_number(&name[1..]) {
            Some((digits, number)) => (1 + digits, number),
            None => match common_token(name) {
                Some((_, length)) => (length, NO_NUMBER),
                None => return self.rare_token(start),
            },
        };
        (self.token, self.start, self.end) = (Token::Percent, start, start + length);
        self.number = number;
    }

    /// Reads a token that its first bytes do not tell. Apart, so that the others need no room for it on the stack.
    #[cold]
    #[inline(never)]
    fn rare_token(&mut self, start: usize) {
        let mut lexer = Token::lexer(&self.source[start..]);
        self.token = match lexer.next() {
            Some(Ok(token)) => token,
            Some(Err(())) => Token::Error,
            None => Token::End,
        };
        let span = lexer.span();
        self.start = start + span.start;
        self.end = start + span.end;
        // Behind a comment, say.
        if self.token == Token::Percent {
            let plain = plain_number(&self.source.as_bytes()[self.start + 1..self.end]);
            self.number = plain.map_or(NO_NUMBER, |(_, number)| number);
        }
    }

    /// Reads on from a byte offset.
    pub fn reset(&mut self, offset: usize) {
        self.end = offset;
        self.advance();
    }

    pub fn text(&self) -> &'s str {
        &self.source[self.start..self.end]
    }

    /// The name of values that the current token is.
    pub fn name(&self) -> Name<'s> {
        Name { text: self.text(), number: self.number }
    }

    pub fn at(&self, token: Token) -> bool {
        self.token == token
    }

    pub fn at_word(&self, word: &str) -> bool {
        self.token == Token::Bare && self.text() == word
    }

    pub fn eat(&mut self, token: Token) -> bool {
        let found = self.token == token;
        if found {
            self.advance();
        }
        found
    }

    pub fn eat_word(&mut self, word: &str) -> bool {
        let found = self.at_word(word);
        if found {
            self.advance();
        }
        found
    }

    pub fn expect(&mut self, token: Token, place: &str) -> PResult<()> {
        if self.eat(token) { Ok(()) } else { Err(self.missing(token, place)) }
    }

    #[cold]
    fn missing(&self, token: Token, place: &str) -> Box<Diagnostic> {
        self.unexpected(&format!("{} {place}", token.describe()))
    }

    /// Splits a comma-separated list up to `close`, which is consumed.
    pub fn list(&mut self, close: Token, mut item: impl FnMut(&mut Self) -> PResult<()>) -> PResult<()> {
        if self.eat(close) {
            return Ok(());
        }
        loop {
            item(self)?;
            if self.eat(close) {
                return Ok(());
            }
            if !self.eat(Token::Comma) {
                return Err(self.missing_comma(close));
            }
        }
    }

    #[cold]
    fn missing_comma(&self, close: Token) -> Box<Diagnostic> {
        self.unexpected(&format!("',' or {}", close.describe()))
    }

    // ---- nesting

    pub fn nested<T>(&mut self, parse: impl FnOnce(&mut Self) -> PResult<T>) -> PResult<T> {
        if self.depth >= MAX_NESTING {
            return Err(self.error(format!("nesting is deeper than {MAX_NESTING}")));
        }
        self.depth += 1;
        let result = parse(self);
        self.depth -= 1;
        result
    }

    // ---- positions and errors

    #[cold]
    pub fn error_span(&self, offset: usize, length: usize, message: impl Into<String>) -> Diagnostic {
        Diagnostic::error(message).at(position_in(self.source, self.file_name, offset, length))
    }

    /// An error at the current token.
    pub fn error(&self, message: impl Into<String>) -> Box<Diagnostic> {
        Box::new(self.error_span(self.start, self.end - self.start, message))
    }

    #[cold]
    pub fn unexpected(&self, expected: &str) -> Box<Diagnostic> {
        self.familiar_mistake(expected).unwrap_or_else(|| self.plainly_unexpected(expected))
    }

    /// What is said of a mistake that the text before it explains.
    fn familiar_mistake(&self, expected: &str) -> Option<Box<Diagnostic>> {
        let bytes = self.source.as_bytes();
        let follows = self.start == self.last_end && self.start > 0;
        // `5e-05`: a float begins with a digit and has a point before its exponent.
        if follows
            && bytes[self.start - 1].is_ascii_digit()
            && matches!(bytes.get(self.start), Some(b'e' | b'E'))
        {
            let digits = bytes[..self.start].iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
            let is_exponent = |byte: &&u8| byte.is_ascii_digit() || matches!(byte, b'+' | b'-');
            let exponent = bytes[self.start + 1..].iter().take_while(is_exponent).count();
            let (from, to) = (self.start - digits, self.start + 1 + exponent);
            let is_whole = from == 0 || bytes[from - 1] != b'.';
            if is_whole && bytes[..to].last().is_some_and(u8::is_ascii_digit) && exponent > 0 {
                let text = format!("the number '{}' needs a decimal point", &self.source[from..to]);
                let error = self.error_span(from, to - from, text);
                let (whole, power) = (&self.source[from..self.start], &self.source[self.start..to]);
                return Some(Box::new(error.help(format!("write {whole}.0{power}"))));
            }
        }
        // `nn.gelu(%x)`: operands of the short form stand without parentheses.
        if follows && self.token == Token::LParen && expected.starts_with("an SSA value") {
            let is_word = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.');
            let length = bytes[..self.start].iter().rev().take_while(is_word).count();
            let name = &self.source[self.start - length..self.start];
            let error = self.plainly_unexpected(expected);
            let help = format!(
                "operands stand without parentheses: '{name} %x : type', or in generic form, \"{name}\"(%x) : (type) \
                 -> type"
            );
            return (length > 0).then(|| Box::new(error.help(help)));
        }
        // A type that is missing is missing where the line ends, not where the next one begins.
        let ends = self.last_end < self.start && bytes[self.last_end..self.start].contains(&b'\n');
        let wants_type = matches!(expected, "':'" | "':' before the operation's type" | "a type");
        if ends && wants_type && self.last_end > 0 && self.token != Token::End {
            let error = self.error_span(self.last_end, 0, format!("expected {expected}; the line ends here"));
            return Some(Box::new(
                error.help("an operation ends with its types, such as ': tensor<1x4xf32>'"),
            ));
        }
        None
    }

    fn plainly_unexpected(&self, expected: &str) -> Box<Diagnostic> {
        let found = match self.token {
            // An earlier error hid the bracket that is missing here.
            Token::End if !self.errors.is_empty() => return silent(),
            Token::End => "the file ends here".to_owned(),
            Token::Error => {
                let bad = self.source[self.start..].chars().next().unwrap_or(' ');
                match bad {
                    '"' => "found a string that is not closed".to_owned(),
                    bad => format!("found the character {bad:?}"),
                }
            }
            _ => {
                let text: String = self.text().chars().take(40).collect();
                format!("found '{text}'")
            }
        };
        self.error(format!("expected {expected}; {found}"))
    }
}
