//! Pretty forms: what a schema's `format` says.

use rustc_hash::FxHashSet;
use smallvec::{SmallVec, smallvec};

use super::lexer::Token;
use super::op_parser::{Entries, FunctionArg, OpParts, OperandRef, OperandRefs, Types, is_new};
use super::parser::{LocOwner, PResult, Parser, dialect_of};
use super::recover::silent;
use crate::ir::{AttrKind, BlockId, Dict, Loc, OpId, OpSpec, RegionId, Traits, Type, TypeKind};
use crate::schema::{AttrDef, FormatItem, FormatRef, Infer, Kind, OpDef, Repeat, infer_results};
use crate::support::did_you_mean;

/// What has been read of a pretty form.
struct Pretty<'s, 'r> {
    def: &'r OpDef,
    operands: SmallVec<[SmallVec<[OperandRef<'s>; 1]>; 3]>,
    operand_types: SmallVec<[Option<Types>; 3]>,
    result_types: SmallVec<[Option<Types>; 2]>,
    functional: Option<(Types, Types)>,
    /// The text of the function type.
    signature: &'s str,
    /// Whether operands and result types are on the parser's stacks already.
    resolved: bool,
    /// All result types in one list.
    results: Option<Types>,
    regions: Vec<Option<RegionId>>,
    successors: Vec<Option<BlockId>>,
    entries: Entries,
    parts: OpParts,
}

impl<'s, 'r> Parser<'s, 'r> {
    /// The op whose pretty form begins at the current word.
    pub fn parse_pretty_op(&mut self) -> PResult<OpParts> {
        let (word, offset) = (self.text(), self.start);
        let registry = self.registry;
        let Some(def) = self.pretty_op(word) else {
            let text = format!("unknown operation '{word}'");
            let error = self.error_span(offset, word.len(), text);
            let names = registry.op_defs().map(|def| def.name.as_str());
            let names = names.flat_map(|name| {
                [Some(name), name.strip_prefix(self.default_dialect).and_then(|name| name.strip_prefix('.'))]
            });
            let advice = registry.advice_on(word);
            let help = match did_you_mean(word, names.flatten()) {
                _ if advice.is_some() => advice.unwrap_or_default(),
                Some(near) => format!("did you mean '{near}'?"),
                None => {
                    "an operation of a dialect that is not loaded is written in generic form: \"name\"(…)"
                        .into()
                }
            };
            return Err(Box::new(error.help(help)));
        };
        let Some(format) = &def.format else {
            let text = format!("'{0}' has no pretty form: write \"{0}\"(…)", def.name);
            return Err(Box::new(self.error_span(offset, word.len(), text)));
        };
        self.advance();
        let mut pretty = Pretty {
            def,
            operands: SmallVec::from_elem(SmallVec::new(), def.operands.len()),
            operand_types: SmallVec::from_elem(None, def.operands.len()),
            result_types: SmallVec::from_elem(None, def.results.len()),
            functional: None,
            signature: "",
            resolved: false,
            results: None,
            regions: vec![None; def.regions.len()],
            successors: vec![None; def.successors.len()],
            entries: Entries::new(),
            parts: OpParts {
                name: def.op,
                props: Dict::EMPTY,
                attrs: Dict::EMPTY,
                regions: Vec::new(),
                successors: Vec::new(),
                values_base: self.values.len(),
                types_base: self.types.len(),
            },
        };
        let opens = def.traits.has(Traits::DEFAULT_DIALECT);
        let around =
            std::mem::replace(&mut self.default_dialect, if opens { dialect_of(&def.name) } else { "" });
        let items = self.parse_items(&mut pretty, format);
        self.default_dialect = around;
        items?;
        self.finish_pretty(pretty, offset, word.len())
    }

    /// The op that the first word of a pretty form names.
    pub fn pretty_op(&mut self, word: &'s str) -> Option<&'r OpDef> {
        let registry = self.registry;
        if let Some(op) = self.recent_pretty.get(word) {
            return registry.op_def(op);
        }
        let named = registry.op_def_named(registry.keyword(word).unwrap_or(word));
        if let Some(def) = named {
            self.recent_pretty.put(word, def.op);
        }
        if named.is_some() || word.contains('.') {
            return named;
        }
        registry.op_def_named(&format!("{}.{word}", self.default_dialect))
    }

    fn parse_items(&mut self, pretty: &mut Pretty<'s, 'r>, items: &[FormatItem]) -> PResult<()> {
        for item in items {
            self.parse_item(pretty, item)?;
        }
        Ok(())
    }

    fn parse_item(&mut self, pretty: &mut Pretty<'s, 'r>, item: &FormatItem) -> PResult<()> {
        match item {
            FormatItem::Literal(text) => {
                if self.token != Token::End && self.text() == text {
                    self.advance();
                    return Ok(());
                }
                Err(self.unexpected(&format!("'{text}'")))
            }
            FormatItem::Operand(index) => {
                let repeat = pretty.def.operands[*index].repeat;
                if repeat == Repeat::One || self.at(Token::Percent) {
                    let operand = self.parse_operand_ref()?;
                    pretty.operands[*index].push(operand);
                    while repeat == Repeat::Variadic && self.eat(Token::Comma) {
                        let operand = self.parse_operand_ref()?;
                        pretty.operands[*index].push(operand);
                    }
                }
                Ok(())
            }
            FormatItem::Space | FormatItem::NoSpace => Ok(()),
            FormatItem::Operands => self.parse_all_operands(pretty),
            FormatItem::Successor(index) => {
                let (name, offset) = (self.text(), self.start);
                self.expect(Token::Caret, "as a successor")?;
                pretty.successors[*index] = Some(self.block_named(name, offset));
                Ok(())
            }
            FormatItem::Attr(index) => self.parse_named_attr(pretty, *index),
            FormatItem::Region(index) => {
                let region = self.parse_region(&[])?;
                // `{}` of an op without terminators still has its block.
                if pretty.def.traits.has(Traits::NO_TERMINATOR) && self.ir.blocks(region).is_empty() {
                    let block = self.ir.create_block();
                    self.ir.append_block(region, block);
                }
                pretty.regions[*index] = Some(region);
                Ok(())
            }
            FormatItem::AttrDict => {
                if self.eat(Token::LBrace) {
                    let mut entries = Entries::new();
                    self.parse_entries(&mut entries)?;
                    pretty.entries.extend(entries);
                }
                Ok(())
            }
            FormatItem::AttrDictWithKeyword => {
                if self.eat_word("attributes") {
                    self.expect(Token::LBrace, "after 'attributes'")?;
                    let mut entries = Entries::new();
                    self.parse_entries(&mut entries)?;
                    pretty.entries.extend(entries);
                }
                Ok(())
            }
            FormatItem::Type(FormatRef::Operand(index)) => {
                let count = pretty.operands[*index].len();
                pretty.operand_types[*index] = Some(self.parse_type_list(count)?);
                Ok(())
            }
            FormatItem::Type(FormatRef::Result(index)) => {
                let one = pretty.def.results[*index].repeat == Repeat::One;
                let types = if one { smallvec![self.parse_type()?] } else { self.parse_types_while_comma()? };
                pretty.result_types[*index] = Some(types);
                Ok(())
            }
            FormatItem::Type(FormatRef::Operands) => {
                let count = pretty.operands.iter().map(SmallVec::len).sum();
                let mut types = self.parse_type_list(count)?.into_iter();
                for (known, operands) in pretty.operand_types.iter_mut().zip(&pretty.operands) {
                    *known = Some(types.by_ref().take(operands.len()).collect());
                }
                Ok(())
            }
            FormatItem::Type(FormatRef::Results) => {
                pretty.results = Some(self.parse_types_while_comma()?);
                Ok(())
            }
            FormatItem::FunctionalType => {
                let operands: OperandRefs<'s> = pretty.operands.iter().flatten().copied().collect();
                pretty.resolved = self.parse_known_types(pretty.def.op, &operands);
                if pretty.resolved {
                    return Ok(());
                }
                let start = self.start;
                let mut inputs = Types::new();
                self.expect(Token::LParen, "before the operand types")?;
                self.list(Token::RParen, |p| {
                    inputs.push(p.parse_type()?);
                    Ok(())
                })?;
                self.expect(Token::Arrow, "before the result types")?;
                pretty.functional = Some((inputs, self.parse_result_types()?));
                pretty.signature = &self.source[start..self.last_end];
                Ok(())
            }
            FormatItem::Signature(index) => {
                let offset = self.start;
                let ty = self.parse_type()?;
                let TypeKind::Function { inputs, results } = self.ir.ctx.type_kind(ty) else {
                    let text = "expected a function type";
                    return Err(Box::new(self.error_span(offset, self.last_end - offset, text)));
                };
                let mut all = Types::from_elem(ty, pretty.operands[*index].len());
                all.extend_from_slice(inputs);
                pretty.functional = Some((all, results.as_slice().into()));
                Ok(())
            }
            FormatItem::Optional { anchor, items, otherwise } => {
                if !self.group_follows(pretty, anchor, items) {
                    return self.parse_items(pretty, otherwise);
                }
                if let FormatItem::Attr(index) = **anchor
                    && !items.contains(anchor)
                {
                    let unit = self.ir.ctx.unit_attr();
                    pretty.entries.push((pretty.def.attrs[index].sym, unit));
                }
                self.parse_items(pretty, items)
            }
            FormatItem::Function => self.parse_function(pretty),
        }
    }

    /// Whether the first element of an optional group is what comes next.
    fn group_follows(&self, pretty: &Pretty<'_, '_>, anchor: &FormatItem, items: &[FormatItem]) -> bool {
        let mut items = items.iter().filter(|item| !matches!(item, FormatItem::Space | FormatItem::NoSpace));
        match items.next().unwrap_or(anchor) {
            FormatItem::Literal(text) => self.token != Token::End && self.text() == text,
            FormatItem::Operand(_) => self.at(Token::Percent),
            FormatItem::Attr(index) => self.attr_follows(&pretty.def.attrs[*index].kind),
            FormatItem::Region(_) => self.at(Token::LBrace),
            FormatItem::Type(_) => self.starts_type(),
            _ => false,
        }
    }

    /// Whether an attribute of that kind may come next.
    fn attr_follows(&self, kind: &Kind) -> bool {
        let word = |words: &[&str]| self.at(Token::Bare) && words.contains(&self.text());
        let constant = ["dense", "sparse", "dense_resource", "array"];
        match kind {
            Kind::SymbolName | Kind::Symbol => self.at(Token::At),
            Kind::Str => self.at(Token::String),
            Kind::Enum(name) => {
                let words = self.registry.enum_words(name);
                self.at(Token::Bare) && words.iter().any(|known| known == self.text())
            }
            Kind::Int | Kind::Index | Kind::Float | Kind::Number => {
                matches!(self.token, Token::Integer | Token::Float | Token::Minus)
            }
            Kind::Bool => word(&["true", "false"]),
            Kind::Ints | Kind::Floats | Kind::Array => self.at(Token::LSquare),
            Kind::Dense => word(&constant) || self.at(Token::Hash),
            Kind::Dict => self.at(Token::LBrace),
            Kind::Declared(_) => matches!(self.token, Token::Hash | Token::Bang),
            Kind::Type | Kind::Tensor | Kind::Function | Kind::Elementwise => self.starts_type(),
            Kind::Any | Kind::Unit | Kind::OneOf(_) => false,
        }
    }

    /// `operands`: a list that the definitions share.
    fn parse_all_operands(&mut self, pretty: &mut Pretty<'s, 'r>) -> PResult<()> {
        let (offset, mut all) = (self.start, Vec::new());
        if self.at(Token::Percent) {
            all.push(self.parse_operand_ref()?);
            while self.eat(Token::Comma) {
                all.push(self.parse_operand_ref()?);
            }
        }
        let Some(ranges) = OpDef::split(&pretty.def.operands, all.len()) else {
            let text = format!("'{}' does not have {} operands", pretty.def.name, all.len());
            return Err(Box::new(self.error_span(offset, 1, text)));
        };
        for (operands, range) in pretty.operands.iter_mut().zip(ranges) {
            operands.extend_from_slice(&all[range]);
        }
        Ok(())
    }

    fn parse_named_attr(&mut self, pretty: &mut Pretty<'s, 'r>, index: usize) -> PResult<()> {
        let attr = &pretty.def.attrs[index];
        let value = match attr.kind {
            Kind::SymbolName => {
                let text = self.symbol_name()?;
                self.ir.ctx.attr(AttrKind::String { text, ty: Type::NONE })
            }
            Kind::Enum(_) if self.at(Token::Bare) => {
                let word = self.text();
                self.advance();
                self.ir.ctx.string_attr(word)
            }
            _ => self.parse_attr()?,
        };
        pretty.entries.push((attr.sym, value));
        Ok(())
    }

    fn parse_type_list(&mut self, count: usize) -> PResult<Types> {
        let mut types = Types::with_capacity(count);
        for i in 0..count {
            if i > 0 {
                self.expect(Token::Comma, "between types")?;
            }
            types.push(self.parse_type()?);
        }
        Ok(types)
    }

    fn parse_types_while_comma(&mut self) -> PResult<Types> {
        let mut types = Types::new();
        if self.starts_type() {
            types.push(self.parse_type()?);
            while self.eat(Token::Comma) {
                types.push(self.parse_type()?);
            }
        }
        Ok(types)
    }

    fn finish_pretty(
        &mut self,
        mut pretty: Pretty<'s, 'r>,
        offset: usize,
        length: usize,
    ) -> PResult<OpParts> {
        let typed = match &pretty.functional {
            Some((inputs, _)) => Some(inputs.len()),
            None => pretty.resolved.then(|| self.values.len() - pretty.parts.values_base),
        };
        let written: usize = pretty.operands.iter().map(SmallVec::len).sum();
        if let Some(typed) = typed.filter(|typed| *typed != written) {
            let text = format!("{written} operands, but {typed} operand types");
            return Err(Box::new(self.error_span(offset, length, text)));
        }
        if let Some((inputs, results)) = pretty.functional.take() {
            let mut inputs = inputs.into_iter();
            for (types, operands) in pretty.operand_types.iter_mut().zip(&pretty.operands) {
                *types = Some(inputs.by_ref().take(operands.len()).collect());
            }
            pretty.results = Some(results);
        }
        if let Some(results) = pretty.results.take() {
            let Some(ranges) = OpDef::split(&pretty.def.results, results.len()) else {
                let text = format!("'{}' does not have {} results", pretty.def.name, results.len());
                return Err(Box::new(self.error_span(offset, length, text)));
            };
            for (types, range) in pretty.result_types.iter_mut().zip(ranges) {
                *types = Some(results[range].into());
            }
        }
        for region in pretty.regions.drain(..) {
            // A group that is not written has an empty region.
            let region = region.unwrap_or_else(|| self.ir.create_region());
            pretty.parts.regions.push(region);
        }
        // A format has every successor.
        pretty.parts.successors.extend(pretty.successors.drain(..).flatten());
        if !pretty.resolved {
            self.resolve_operands(&pretty)?;
        }
        // Types in a group that is not written are those of no result.
        if matches!(pretty.def.infer, Infer::None) {
            for (types, result) in pretty.result_types.iter_mut().zip(&pretty.def.results) {
                if types.is_none() && result.repeat != Repeat::One {
                    *types = Some(Types::new());
                }
            }
        }
        let entries = std::mem::take(&mut pretty.entries);
        let mut keys = FxHashSet::default();
        for (number, (key, _)) in entries.iter().enumerate() {
            // MLIR takes the name of a symbol twice.
            let symbol = |attr: &AttrDef| attr.sym == *key && attr.kind == Kind::SymbolName;
            if !is_new(&mut keys, &entries[..number], *key) && !pretty.def.attrs.iter().any(symbol) {
                let text = format!("the attribute '{}' is given twice", self.ir.ctx.str(*key));
                return Err(Box::new(self.error_span(offset, length, text)));
            }
        }
        self.split_attrs(&mut pretty.parts, entries, offset)?;
        if pretty.resolved {
            return Ok(pretty.parts);
        }
        if pretty.result_types.iter().all(Option::is_some) {
            for types in &pretty.result_types {
                self.types.extend(types.iter().flatten());
            }
            if !pretty.signature.is_empty() {
                let OpParts { name, values_base, types_base, .. } = pretty.parts;
                self.remember_types(name, pretty.signature, values_base, types_base);
            }
        } else {
            self.infer_pretty(&pretty, offset, length)?;
        }
        Ok(pretty.parts)
    }

    fn resolve_operands(&mut self, pretty: &Pretty<'s, 'r>) -> PResult<()> {
        for (operands, types) in pretty.operands.iter().zip(&pretty.operand_types) {
            for (i, operand) in operands.iter().enumerate() {
                let value = match types.as_ref().and_then(|types| types.get(i)) {
                    Some(ty) => self.resolve(*operand, *ty, operand.offset)?,
                    None => match self.scopes.lookup(operand.name, operand.number) {
                        Some(Ok(value)) => value,
                        Some(Err(_)) => self.resolve(*operand, Type::NONE, operand.offset)?,
                        None if self.errors.has_failed(operand.name.text) => return Err(silent()),
                        None => {
                            let text = format!(
                                "'{}' is not defined here, and its type is not written",
                                operand.name.text
                            );
                            let error = self.error_span(operand.offset, operand.name.text.len(), text);
                            return Err(Box::new(error.help("define it before, or use the generic form")));
                        }
                    },
                };
                self.values.push(value);
            }
        }
        Ok(())
    }

    /// Result types that the text leaves to the schema.
    fn infer_pretty(&mut self, pretty: &Pretty<'s, 'r>, offset: usize, length: usize) -> PResult<()> {
        let parts = &pretty.parts;
        let blank = vec![Type::NONE; pretty.def.results.len()];
        let operands = self.values[parts.values_base..].to_vec();
        let op = OpSpec::new(parts.name)
            .operands(&operands)
            .results(&blank)
            .props(parts.props)
            .attrs(parts.attrs)
            .build_detached(&mut self.ir);
        let types = infer_results(self.registry, &mut self.ir, op);
        self.ir.erase(op);
        match types {
            Ok(Some(types)) if types.len() == blank.len() => {
                self.types.extend(types);
                Ok(())
            }
            Ok(_) => {
                let text = format!("the result type of '{}' must be written", pretty.def.name);
                Err(Box::new(self.error_span(offset, length, text)))
            }
            Err(error) => {
                let position = crate::expr::position_in(self.source, self.file_name, offset, length);
                Err(Box::new(error.at(position)))
            }
        }
    }

    /// `private? @name(%a: t {…}, …) -> (t {…}) attributes {…} { body }?`
    fn parse_function(&mut self, pretty: &mut Pretty<'s, 'r>) -> PResult<()> {
        let key = |p: &mut Self, name: &str| p.ir.ctx.sym(name);
        if matches!(self.text(), "private" | "public" | "nested") && self.at(Token::Bare) {
            let value = self.ir.ctx.string_attr(self.text());
            self.advance();
            let name = key(self, "sym_visibility");
            pretty.entries.push((name, value));
        }
        let name = self.symbol_name()?;
        let value = self.ir.ctx.attr(AttrKind::String { text: name, ty: Type::NONE });
        let name = key(self, "sym_name");
        pretty.entries.push((name, value));
        let mut args: Vec<FunctionArg<'s>> = Vec::new();
        let (mut inputs, mut input_attrs) = (Vec::new(), Vec::new());
        self.expect(Token::LParen, "before the arguments")?;
        self.list(Token::RParen, |p| {
            let named = p.at(Token::Percent);
            if !inputs.is_empty() && named == args.is_empty() {
                return Err(p.unexpected("names of all arguments, or of none"));
            }
            let (name, offset) = (p.name(), p.start);
            if named {
                p.advance();
                p.expect(Token::Colon, "after the argument's name")?;
            }
            let ty = p.parse_type()?;
            inputs.push(ty);
            input_attrs.push(p.parse_dict_attr()?);
            let (loc, pending_loc) = p.parse_signature_loc(offset)?;
            if named {
                args.push(FunctionArg { name, ty, offset, loc, pending_loc });
            }
            Ok(())
        })?;
        let (mut results, mut result_attrs) = (Vec::new(), Vec::new());
        if self.eat(Token::Arrow) {
            if self.eat(Token::LParen) {
                self.list(Token::RParen, |p| {
                    results.push(p.parse_type()?);
                    result_attrs.push(p.parse_dict_attr()?);
                    Ok(())
                })?;
            } else {
                results.push(self.parse_type()?);
            }
        }
        let ty = self.ir.ctx.ty(TypeKind::Function { inputs: inputs.clone(), results });
        let ty = self.ir.ctx.type_attr(ty);
        let name = key(self, "function_type");
        pretty.entries.push((name, ty));
        for (name, dicts) in [("arg_attrs", input_attrs), ("res_attrs", result_attrs)] {
            if dicts.iter().any(|dict| *dict != Dict::EMPTY) {
                let dicts = dicts.into_iter().map(|d| self.ir.ctx.attr(AttrKind::Dictionary(d))).collect();
                let value = self.ir.ctx.array_attr(dicts);
                let name = key(self, name);
                pretty.entries.push((name, value));
            }
        }
        let written = pretty.entries.len();
        let dict_offset = self.start;
        self.parse_item(pretty, &FormatItem::AttrDictWithKeyword)?;
        let fixed = ["sym_name", "sym_visibility", "function_type"];
        for (key, _) in &pretty.entries[written..] {
            let key = self.ir.ctx.str(*key);
            if fixed.contains(&key)
                || pretty.entries[..written].iter().any(|entry| self.ir.ctx.str(entry.0) == key)
            {
                let text = format!("'{key}' is given by the function's syntax, not by its attributes");
                return Err(Box::new(self.error_span(dict_offset, "attributes".len(), text)));
            }
        }
        let region = if self.at(Token::LBrace) {
            if args.len() != inputs.len() {
                return Err(self.error("a function with a body names its arguments: '%name: type'"));
            }
            let (brace, region) = (self.start, self.parse_region(&args)?);
            if self.ir.blocks(region).is_empty() {
                return Err(Box::new(self.error_span(
                    brace,
                    1,
                    "expected a function body that is not empty",
                )));
            }
            region
        } else {
            self.ir.create_region()
        };
        pretty.regions[0] = Some(region);
        Ok(())
    }

    /// The location of an argument in a signature, which has no value yet.
    fn parse_signature_loc(&mut self, offset: usize) -> PResult<(Loc, Option<(&'s str, usize)>)> {
        if !self.at_word("loc") {
            return Ok((Loc::in_text(offset), None));
        }
        let before = self.pending_locs.len();
        let loc = self.parse_loc_suffix(LocOwner::Op(OpId::NONE))?;
        let pending = self.pending_locs.len() > before;
        let pending = if pending { self.pending_locs.pop() } else { None };
        Ok((loc, pending.map(|(_, name, offset)| (name, offset))))
    }

    fn parse_dict_attr(&mut self) -> PResult<Dict> {
        let mut entries = Entries::new();
        if self.eat(Token::LBrace) {
            self.parse_entries(&mut entries)?;
        }
        Ok(self.ir.ctx.dict(&entries))
    }
}
