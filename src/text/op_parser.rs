//! Operations, blocks and regions; the generic form.

use rustc_hash::FxHashSet;
use smallvec::SmallVec;

use super::lexer::Token;
use super::parser::{LocOwner, PResult, Parser};
use super::recover::silent;
use super::scopes::{Name, Origin, plain_number};
use super::signature::{Properties, Signature};
use crate::ir::{Attr, AttrKind, BlockId, Dict, Loc, OpId, OpName, RegionId, Sym, Type, ValueId};
use crate::support::did_you_mean;

/// An operand as written, before its type is known.
#[derive(Clone, Copy)]
pub(super) struct OperandRef<'s> {
    pub name: Name<'s>,
    pub number: u32,
    pub offset: usize,
}

/// The operands of an op as written.
pub(super) type OperandRefs<'s> = SmallVec<[OperandRef<'s>; 4]>;

/// Types that stand in one place.
pub(super) type Types = SmallVec<[Type; 2]>;

/// The entries of a dictionary in the order of the text.
pub(super) type Entries = SmallVec<[(Sym, Attr); 4]>;

/// Longest signature, or properties, that are remembered, in bytes.
const MAX_SIGNATURE: usize = 512;

/// `%a:2` left of `=`.
struct ResultName<'s> {
    name: Name<'s>,
    count: u32,
    offset: usize,
}

/// An argument in a function's signature.
pub(super) struct FunctionArg<'s> {
    pub name: Name<'s>,
    pub ty: Type,
    pub offset: usize,
    pub loc: Loc,
    /// A location alias that is not defined yet, and where it stands.
    pub pending_loc: Option<(&'s str, usize)>,
}

/// Everything read of an op but its results.
pub(super) struct OpParts {
    pub name: OpName,
    pub props: Dict,
    pub attrs: Dict,
    pub regions: Vec<RegionId>,
    pub successors: Vec<BlockId>,
    /// Base of the operands in `Parser::values` and of the result types in `Parser::types`.
    pub values_base: usize,
    pub types_base: usize,
}

impl<'s> Parser<'s, '_> {
    /// One operation, appended to `block`.
    pub fn parse_op(&mut self, block: BlockId) -> PResult<()> {
        let start = self.start;
        let mut names: SmallVec<[ResultName<'s>; 2]> = SmallVec::new();
        if self.at(Token::Percent) {
            loop {
                let (name, offset) = (self.name(), self.start);
                self.expect(Token::Percent, "as a result name")?;
                let mut count = 1;
                if self.eat(Token::Colon) {
                    count = self.parse_u32("a number of results")?;
                    if count == 0 {
                        return Err(self.error("a group of results has at least one"));
                    }
                }
                names.push(ResultName { name, count, offset });
                if !self.eat(Token::Comma) {
                    break;
                }
            }
            self.expect(Token::Equal, "after the results")?;
        }
        // As in mlir-opt, an op stands where its name does.
        let loc = Loc::in_text(self.start);
        let (values_base, types_base) = (self.values.len(), self.types.len());
        let parts = match self.token {
            Token::String => self.parse_generic_op()?,
            Token::Bare => self.parse_pretty_op()?,
            // What cannot begin an op is the rest of an earlier error.
            _ if self.start == start && !self.errors.is_empty() => return Err(silent()),
            _ => return Err(self.unexpected("an operation")),
        };
        debug_assert_eq!((parts.values_base, parts.types_base), (values_base, types_base));
        let op = {
            let operands = &self.values[values_base..];
            let results = &self.types[types_base..];
            let ir = &mut self.ir;
            ir.create_op(parts.name, operands, results, parts.props, parts.attrs, loc)
        };
        self.values.truncate(values_base);
        self.types.truncate(types_base);
        if !parts.regions.is_empty() {
            self.ir.attach_regions(op, parts.regions);
        }
        if !parts.successors.is_empty() {
            self.ir.set_successors(op, parts.successors);
        }
        self.ir.append_op(block, op);
        self.parse_trailing_loc(op)?;
        self.define_results(op, &names, start)
    }

    fn define_results(&mut self, op: OpId, names: &[ResultName<'s>], start: usize) -> PResult<()> {
        if names.is_empty() {
            return Ok(());
        }
        let declared: u64 = names.iter().map(|name| u64::from(name.count)).sum();
        let count = self.ir.result_count(op);
        if declared != count as u64 {
            let text =
                format!("'{}' defines {count} results, but {declared} are named", self.ir.name_str(op));
            return Err(Box::new(self.error_span(start, names[0].name.text.len(), text)));
        }
        let mut index = 0;
        for name in names {
            self.define_name(name.name, self.ir.result(op, index), name.count, name.offset)?;
            index += name.count as usize;
        }
        Ok(())
    }

    /// An op's optional `loc(…)`.
    pub fn parse_trailing_loc(&mut self, op: OpId) -> PResult<()> {
        if !self.at_word("loc") {
            return Ok(());
        }
        let loc = self.parse_loc_suffix(LocOwner::Op(op))?;
        self.ir.set_loc(op, loc);
        Ok(())
    }

    fn parse_generic_op(&mut self) -> PResult<OpParts> {
        let (values_base, types_base) = (self.values.len(), self.types.len());
        let name_offset = self.start;
        let name = self.parse_op_name()?;
        self.advance();
        let mut operands = OperandRefs::new();
        if !self.parse_numbered_operands(&mut operands) {
            self.expect(Token::LParen, "before the operands")?;
            self.list(Token::RParen, |p| {
                operands.push(p.parse_operand_ref()?);
                Ok(())
            })?;
        }
        let mut parts = OpParts {
            name,
            props: Dict::EMPTY,
            attrs: Dict::EMPTY,
            regions: Vec::new(),
            successors: Vec::new(),
            values_base,
            types_base,
        };
        if self.eat(Token::LSquare) {
            parts.successors = self.parse_successors()?;
        }
        if self.at(Token::Less) {
            parts.props = self.parse_properties(name)?;
        }
        if self.eat(Token::LParen) {
            let mut regions = Vec::new();
            if self.at(Token::RParen) {
                return Err(self.unexpected("a region"));
            }
            self.list(Token::RParen, |p| {
                regions.push(p.parse_region(&[])?);
                Ok(())
            })?;
            parts.regions = regions;
        }
        let mut entries = Entries::new();
        let attrs_offset = self.start;
        if self.eat(Token::LBrace) {
            self.parse_entries(&mut entries)?;
        }
        self.split_attrs(&mut parts, entries, attrs_offset)?;
        self.expect(Token::Colon, "before the operation's type")?;
        self.parse_generic_types(name, name_offset, &operands)?;
        Ok(parts)
    }

    /// `(operand types) -> result types`: operands go to `values`, result types to `types`.
    fn parse_generic_types(
        &mut self,
        name: OpName,
        name_offset: usize,
        operands: &[OperandRef<'s>],
    ) -> PResult<()> {
        if self.parse_known_types(name, operands) {
            return Ok(());
        }
        let (start, values_base, types_base) = (self.start, self.values.len(), self.types.len());
        self.parse_new_types(name_offset, operands)?;
        let text = &self.source[start..self.last_end];
        self.remember_types(name, text, values_base, types_base);
        Ok(())
    }

    /// Remembers how the types of an op were written: those of the values and types from the bases on.
    pub fn remember_types(&mut self, name: OpName, text: &'s str, values_base: usize, types_base: usize) {
        if text.len() <= MAX_SIGNATURE {
            let operands = self.values[values_base..].iter().map(|value| self.ir.ty(*value)).collect();
            let results = self.types[types_base..].into();
            *self.signatures.of_mut(name) = Signature { text, operands, results };
        }
    }

    /// Reads operand and result types that spell as they did last, for operands that have them: the operands go to
    /// `values`, the result types to `types`.
    pub fn parse_known_types(&mut self, name: OpName, operands: &[OperandRef<'s>]) -> bool {
        let Self { signatures, source, start, scopes, ir, values, types, .. } = self;
        let known = signatures.of(name);
        let rest = &source.as_bytes()[*start..];
        if known.text.is_empty()
            || known.operands.len() != operands.len()
            || !rest.starts_with(known.text.as_bytes())
            || !matches!(rest.get(known.text.len()), Some(b'\n' | b' '))
        {
            return false;
        }
        let base = values.len();
        for (operand, ty) in operands.iter().zip(&known.operands) {
            match scopes.lookup(operand.name, operand.number) {
                Some(Ok(value)) if ir.ty(value) == *ty => values.push(value),
                _ => {
                    values.truncate(base);
                    return false;
                }
            }
        }
        types.extend_from_slice(&known.results);
        let end = *start + known.text.len();
        self.reset(end);
        true
    }

    fn parse_new_types(&mut self, name_offset: usize, operands: &[OperandRef<'s>]) -> PResult<()> {
        let count = operands.len();
        self.expect(Token::LParen, "before the operand types")?;
        let mut index = 0;
        self.list(Token::RParen, |p| {
            let offset = p.start;
            let ty = p.parse_type()?;
            if let Some(operand) = operands.get(index) {
                let value = p.resolve(*operand, ty, offset)?;
                p.values.push(value);
            }
            index += 1;
            Ok(())
        })?;
        if index != count {
            let text = format!("expected {count} operand types, found {index}");
            return Err(Box::new(self.error_span(name_offset, self.last_end - name_offset, text)));
        }
        self.expect(Token::Arrow, "before the result types")?;
        if self.eat(Token::LParen) {
            self.list(Token::RParen, |p| {
                let ty = p.parse_type()?;
                p.types.push(ty);
                Ok(())
            })
        } else {
            let ty = self.parse_type()?;
            self.types.push(ty);
            Ok(())
        }
    }

    /// Reads operands that are all numbers, `(%1, %12)`, spaced as they are printed, without their tokens. Nothing is
    /// read of others.
    fn parse_numbered_operands(&mut self, operands: &mut OperandRefs<'s>) -> bool {
        let source = self.source;
        let bytes = source.as_bytes();
        let mut offset = self.end;
        while self.at(Token::LParen) && bytes.get(offset) == Some(&b'%') {
            let Some((digits, number)) = plain_number(&bytes[offset + 1..]) else { break };
            let end = offset + 1 + digits;
            let name = Name { text: &source[offset..end], number };
            operands.push(OperandRef { name, number: 0, offset });
            match &bytes[end..] {
                [b')', ..] => {
                    self.reset(end + 1);
                    return true;
                }
                [b',', b' ', ..] => offset = end + 2,
                _ => break,
            }
        }
        operands.clear();
        false
    }

    /// `%a` or `%a#1`.
    pub fn parse_operand_ref(&mut self) -> PResult<OperandRef<'s>> {
        let (name, offset) = (self.name(), self.start);
        self.expect(Token::Percent, "as an operand")?;
        let mut number = 0;
        if self.at(Token::Hash) {
            let digits = &self.text()[1..];
            number = match digits.parse() {
                Ok(number) => number,
                Err(_) => return Err(self.error("expected a result number after '#'")),
            };
            self.advance();
        }
        Ok(OperandRef { name, number, offset })
    }

    /// The value that an operand names, with its type checked; a placeholder if it comes later.
    pub fn resolve(&mut self, operand: OperandRef<'s>, ty: Type, ty_offset: usize) -> PResult<ValueId> {
        match self.scopes.lookup(operand.name, operand.number) {
            Some(Ok(value)) => {
                let known = self.ir.ty(value);
                if known == ty {
                    return Ok(value);
                }
                if self.errors.has_failed(operand.name.text) {
                    return Ok(self.ir.create_placeholder(ty));
                }
                let expected = self.ir.ctx.type_text(known);
                let found = self.ir.ctx.type_text(ty);
                let text =
                    format!("'{}' has type {expected}, but is used here as {found}", operand.name.text);
                let error = self.error_span(operand.offset, operand.name.text.len(), text);
                let place =
                    |offset, length| crate::expr::position_in(self.source, self.file_name, offset, length);
                let error = match self.scopes.origin(operand.name, operand.number) {
                    Origin::Definition(offset) => {
                        error.note(place(offset, operand.name.text.len()), "defined here")
                    }
                    Origin::Use(offset) => {
                        self.errors.fail(operand.name.text);
                        error.note(place(offset, operand.name.text.len()), "used before here")
                    }
                };
                Err(Box::new(error.note(place(ty_offset, found.len()), "the type of the operand here")))
            }
            Some(Err(named)) => {
                if self.errors.has_failed(operand.name.text) {
                    return Err(silent());
                }
                let text = format!(
                    "'{}' has {} values; there is no #{}",
                    operand.name.text, named.count, operand.number
                );
                Err(Box::new(self.error_span(operand.offset, operand.name.text.len(), text)))
            }
            None => Ok(self.scopes.add_forward(
                &mut self.ir,
                operand.name.text,
                operand.number,
                ty,
                operand.offset,
            )),
        }
    }

    /// `<…>`: a dictionary, or for an unregistered op any attribute, kept under an empty name. Without its tokens if it is
    /// spelt as that of the last op of that name.
    fn parse_properties(&mut self, name: OpName) -> PResult<Dict> {
        let Self { properties, source, start, .. } = self;
        if let Some(known) = properties.of(name)
            && known.op == name
            && source.as_bytes()[*start..].starts_with(known.text.as_bytes())
        {
            let (dict, end) = (known.dict, *start + known.text.len());
            self.reset(end);
            return Ok(dict);
        }
        let (start, expanded) = (self.start, self.expanded);
        self.advance();
        let mut entries = Entries::new();
        if self.eat(Token::LBrace) {
            self.parse_entries(&mut entries)?;
        } else {
            self.parse_properties_attr(name, &mut entries)?;
        }
        self.expect(Token::Greater, "after the properties")?;
        let text = &self.source[start..self.last_end];
        let dict = self.ir.ctx.dict(&entries);
        // What aliases stand for is counted at each use.
        if text.len() <= MAX_SIGNATURE && self.expanded == expanded {
            *self.properties.of_mut(name) = Some(Properties { op: name, text, dict });
        }
        Ok(dict)
    }

    /// Properties that do not begin with a brace: an alias of a dictionary or, of an op that is not registered, any attribute.
    fn parse_properties_attr(&mut self, name: OpName, props: &mut Entries) -> PResult<()> {
        let offset = self.start;
        let attr = self.parse_attr()?;
        if let AttrKind::Dictionary(dict) = *self.ir.ctx.attr_kind(attr) {
            props.extend_from_slice(self.ir.ctx.dict_entries(dict));
            return Ok(());
        }
        if self.ir.ctx.op_info(name).registered {
            let text = format!("the properties of '{}' must be a dictionary", self.ir.ctx.op_str(name));
            return Err(Box::new(self.error_span(offset, self.last_end - offset, text)));
        }
        props.push((self.ir.ctx.sym(""), attr));
        Ok(())
    }

    fn parse_op_name(&mut self) -> PResult<OpName> {
        let text = self.text();
        if let Some(known) = self.recent_ops.get(text) {
            return Ok(known);
        }
        let name = &text[1..text.len() - 1];
        if name.is_empty() {
            return Err(self.error("an operation's name cannot be empty"));
        }
        let unescaped;
        let name = if name.contains('\\') {
            unescaped = self.unescape(name)?;
            &unescaped
        } else {
            name
        };
        if name.contains('\0') {
            return Err(self.error("an operation's name cannot contain a null character"));
        }
        let op = self.known_op(name)?;
        self.recent_ops.put(text, op);
        Ok(op)
    }

    /// The op of that name, refused if it is not registered and need be.
    pub fn known_op(&mut self, name: &str) -> PResult<OpName> {
        let op = self.ir.ctx.op_name(name);
        if self.ir.ctx.op_info(op).registered {
            return Ok(op);
        }
        let loaded = self.registry.has_dialect(name.split('.').next().unwrap_or_default());
        if self.registry.allow_unregistered && !loaded {
            return Ok(op);
        }
        let error = self.error(format!("unregistered operation '{name}'"));
        if let Some(advice) = self.registry.advice_on(name) {
            return Err(Box::new(error.help(advice)));
        }
        let help = match did_you_mean(name, self.ir.ctx.registered_ops()) {
            Some(near) => format!("did you mean '{near}'?"),
            None if loaded => "its dialect declares no such operation".to_owned(),
            None => "load its dialect with --load-dialect, or pass --allow-unregistered-dialect".to_owned(),
        };
        Err(Box::new(error.help(help)))
    }

    pub fn parse_successors(&mut self) -> PResult<Vec<BlockId>> {
        let mut blocks = Vec::new();
        if self.at(Token::RSquare) {
            return Err(self.unexpected("a block label"));
        }
        self.list(Token::RSquare, |p| {
            let (name, offset) = (p.text(), p.start);
            p.expect(Token::Caret, "as a successor")?;
            blocks.push(p.block_named(name, offset));
            Ok(())
        })?;
        Ok(blocks)
    }

    /// The entries of a dictionary up to `}`.
    pub fn parse_entries(&mut self, entries: &mut Entries) -> PResult<()> {
        let mut keys = FxHashSet::default();
        self.list(Token::RBrace, |p| {
            let offset = p.start;
            let key = p.parse_key()?;
            if !is_new(&mut keys, entries, key) {
                let text = format!("duplicate key '{}' in a dictionary", p.ir.ctx.str(key));
                return Err(Box::new(p.error_span(offset, p.last_end - offset, text)));
            }
            let value = if p.eat(Token::Equal) { p.parse_attr()? } else { p.ir.ctx.unit_attr() };
            entries.push((key, value));
            Ok(())
        })
    }

    fn parse_key(&mut self) -> PResult<Sym> {
        let key = match self.token {
            Token::Bare => {
                let text = self.text();
                match self.recent_names.get(text) {
                    Some(key) => key,
                    None => {
                        let key = self.ir.ctx.sym(text);
                        self.recent_names.put(text, key);
                        key
                    }
                }
            }
            Token::Integer if self.text().bytes().next().is_some_and(|c| c.is_ascii_digit()) => {
                return Err(self.unexpected("an attribute name"));
            }
            Token::String => {
                let text = self.string_value()?;
                if text.is_empty() {
                    return Err(self.error("an attribute name cannot be empty"));
                }
                self.ir.ctx.sym(&text)
            }
            _ => return Err(self.unexpected("an attribute name")),
        };
        self.advance();
        Ok(key)
    }

    /// Sorts attributes into discardable ones, and properties beside those that there are.
    pub fn split_attrs(&mut self, parts: &mut OpParts, mut entries: Entries, offset: usize) -> PResult<()> {
        if !entries.is_empty() {
            let mut props = Entries::from_slice(self.ir.ctx.dict_entries(parts.props));
            let mut keys = FxHashSet::default();
            if let Some((key, _)) = entries.iter().find(|(key, _)| !is_new(&mut keys, &props, *key)) {
                let text =
                    format!("'{}' stands in the properties and in the attributes", self.ir.ctx.str(*key));
                return Err(Box::new(self.error_span(offset, 1, text)));
            }
            let inherent = &self.ir.ctx.op_info(parts.name).inherent;
            if !inherent.is_empty() {
                entries.retain(|entry| {
                    let moves = inherent.contains(&entry.0);
                    if moves {
                        props.push(*entry);
                    }
                    !moves
                });
                parts.props = self.ir.ctx.dict(&props);
            }
            parts.attrs = self.ir.ctx.dict(&entries);
        }
        Ok(())
    }

    /// `{ … }`. `args` are the entry block's arguments where the op's syntax has already named them.
    pub fn parse_region(&mut self, args: &[FunctionArg<'s>]) -> PResult<RegionId> {
        self.nested(|p| {
            p.expect(Token::LBrace, "before a region")?;
            p.scopes.push_region();
            let region = p.ir.create_region();
            if !p.at(Token::RBrace) || !args.is_empty() {
                p.parse_blocks(region, args)?;
            }
            p.expect(Token::RBrace, "after a region")?;
            p.close_region_scope()?;
            Ok(region)
        })
    }

    fn parse_blocks(&mut self, region: RegionId, args: &[FunctionArg<'s>]) -> PResult<()> {
        if !args.is_empty() || !self.at(Token::Caret) {
            let entry = self.ir.create_block();
            self.ir.append_block(region, entry);
            for arg in args {
                let value = self.ir.add_block_arg(entry, arg.ty);
                self.ir.set_value_loc(value, arg.loc);
                if let Some(pending) = arg.pending_loc {
                    self.pending_locs.push((LocOwner::Value(value), pending.0, pending.1));
                }
                self.define_name(arg.name, value, 1, arg.offset)?;
            }
            self.parse_block_body(entry)?;
        }
        while self.at(Token::Caret) {
            let (name, offset) = (self.text(), self.start);
            self.advance();
            let block = match self.define_block(name, offset) {
                Ok(block) => block,
                Err(error) => {
                    self.report(error)?;
                    self.ir.create_block()
                }
            };
            self.ir.append_block(region, block);
            if let Err(error) = self.parse_block_args(block) {
                self.recover_label(error, offset)?;
            }
            self.parse_block_body(block)?;
        }
        Ok(())
    }

    /// What stands between a block's label and its ops.
    fn parse_block_args(&mut self, block: BlockId) -> PResult<()> {
        if self.eat(Token::LParen) {
            self.list(Token::RParen, |p| {
                let (name, offset) = (p.name(), p.start);
                p.expect(Token::Percent, "as a block argument")?;
                p.expect(Token::Colon, "after the argument's name")?;
                let ty = p.parse_type()?;
                let value = p.ir.add_block_arg(block, ty);
                p.parse_arg_loc(value, offset)?;
                p.define_name(name, value, 1, offset)
            })?;
        }
        self.expect(Token::Colon, "after the block label")
    }

    fn parse_block_body(&mut self, block: BlockId) -> PResult<()> {
        while !matches!(self.token, Token::RBrace | Token::Caret | Token::End) {
            let mark = self.mark();
            if let Err(error) = self.parse_op(block) {
                self.recover_op(error, mark)?;
            }
        }
        Ok(())
    }

    pub fn parse_u32(&mut self, what: &str) -> PResult<u32> {
        let value = match self.token {
            Token::Integer => self.unsigned_value().and_then(|value| u32::try_from(value).ok()),
            _ => None,
        };
        let value = value.ok_or_else(|| self.unexpected(what))?;
        self.advance();
        Ok(value)
    }
}

/// Entries of a dictionary that are searched one by one.
const FEW_ENTRIES: usize = 16;

/// Whether no entry has that key. `keys` holds the keys of many entries, once they are many.
#[inline]
pub(super) fn is_new(keys: &mut FxHashSet<Sym>, entries: &[(Sym, Attr)], key: Sym) -> bool {
    if entries.len() <= FEW_ENTRIES {
        return entries.iter().all(|(known, _)| *known != key);
    }
    // All but the last few are in it: entries come one at a time.
    if keys.is_empty() {
        keys.extend(entries.iter().map(|(known, _)| *known));
    } else if let Some((last, _)) = entries.last() {
        keys.insert(*last);
    }
    !keys.contains(&key)
}
