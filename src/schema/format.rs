//! The pretty form of an op: a list of what is written in which order.

use super::constraint::Kind;
use super::defs::{Infer, OpDef, OperandDef, Repeat};
use super::registry::Registry;
use crate::ir::{Ir, OpId, Sym};

/// What a `type(…)` in a format names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormatRef {
    /// Operand definition number
    Operand(usize),
    /// Result definition number
    Result(usize),
    /// All operands
    Operands,
    /// All results
    Results,
}

/// One element of a pretty form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FormatItem {
    /// Punctuation or a keyword
    Literal(String),
    /// `` ` ` ``: a space where none would be printed
    Space,
    /// A pair of backquotes: no space where one would be printed
    NoSpace,
    /// `$lhs`
    Operand(usize),
    /// `operands`: all of them
    Operands,
    /// `$by`
    Attr(usize),
    /// `$body`
    Region(usize),
    /// `$next`
    Successor(usize),
    /// Every attribute that the format does not name
    AttrDict,
    /// The same after the keyword `attributes`
    AttrDictWithKeyword,
    /// `@name(%a: t {…}) -> (t {…}) attributes {…} { body }`
    Function,
    /// `type($lhs)`
    Type(FormatRef),
    /// `functional-type(operands, results)`
    FunctionalType,
    /// `signature($callee)`: the function type of an operand, whose inputs are the types of the operands after it
    Signature(usize),
    /// `(…)?`, `(…) : (…)?`: the first group where the anchor is present, the other one where it is absent
    Optional {
        /// What is marked `^`, as an item of its own.
        anchor: Box<FormatItem>,
        /// The group. A unit attribute that is its anchor is not in it: the group is all that is written of it.
        items: Vec<FormatItem>,
        /// What is written instead.
        otherwise: Vec<FormatItem>,
    },
}

impl FormatItem {
    /// Whether an op has what the element stands for. The op's numbers of operands and results are right.
    pub(crate) fn is_present(&self, ir: &Ir, op: OpId, def: &OpDef) -> bool {
        let any = |defs: &[OperandDef], count: usize, index: usize| match defs[index].repeat {
            Repeat::One => true,
            _ => OpDef::split(defs, count).is_some_and(|ranges| !ranges[index].is_empty()),
        };
        match self {
            FormatItem::Operand(index) | FormatItem::Type(FormatRef::Operand(index)) => {
                any(&def.operands, ir.operand_count(op), *index)
            }
            FormatItem::Type(FormatRef::Result(index)) => any(&def.results, ir.result_count(op), *index),
            FormatItem::Attr(index) => ir.attr(op, def.attrs[*index].sym).is_some(),
            FormatItem::Region(index) => !ir.blocks(ir.regions(op)[*index]).is_empty(),
            _ => true,
        }
    }

    /// Whether a format writes all that an op has: nothing is left out with the groups that are not written, and what
    /// is always written is there.
    pub(crate) fn write_all(format: &[FormatItem], ir: &Ir, op: OpId, def: &OpDef) -> bool {
        fn all(items: &[FormatItem], written: bool, ir: &Ir, op: OpId, def: &OpDef) -> bool {
            items.iter().all(|item| match item {
                FormatItem::Optional { anchor, items, otherwise } => {
                    let present = anchor.is_present(ir, op, def);
                    all(items, written && present, ir, op, def)
                        && all(otherwise, written && !present, ir, op, def)
                }
                FormatItem::Operand(_) | FormatItem::Region(_) => written || !item.is_present(ir, op, def),
                FormatItem::Attr(_) => !written || item.is_present(ir, op, def),
                _ => true,
            })
        }
        all(format, true, ir, op, def)
    }

    /// The attributes that a format writes by name for an op; its dictionary has the others.
    pub(crate) fn named_attrs(format: &[FormatItem], ir: &Ir, op: OpId, def: &OpDef, named: &mut Vec<Sym>) {
        for item in format {
            match item {
                FormatItem::Attr(index) => named.push(def.attrs[*index].sym),
                FormatItem::Optional { anchor, items, otherwise } => {
                    let present = anchor.is_present(ir, op, def);
                    if let FormatItem::Attr(index) = **anchor
                        && present
                    {
                        named.push(def.attrs[index].sym);
                    }
                    FormatItem::named_attrs(if present { items } else { otherwise }, ir, op, def, named);
                }
                _ => {}
            }
        }
    }
}

/// A mistake in a format: byte offset and length in its text, and what is wrong.
type Wrong = (usize, usize, String);

/// Deepest nesting of groups.
const MAX_GROUPS: usize = 8;

/// Parses the text of a `format`.
pub(super) fn parse_format(def: &OpDef, text: &str) -> Result<Vec<FormatItem>, Wrong> {
    let mut cursor = Cursor { text, at: 0, def, written: Vec::new() };
    let (items, _) = cursor.items(0)?;
    check_order(def, &cursor.written)?;
    Ok(items)
}

/// An element in the order of the text, groups opened.
struct Written {
    item: FormatItem,
    at: usize,
    length: usize,
    /// Whether it is in a group, and so may be absent.
    in_group: bool,
}

struct Cursor<'a> {
    text: &'a str,
    at: usize,
    def: &'a OpDef,
    written: Vec<Written>,
}

/// What `$name` names.
enum Reference {
    Item(FormatItem),
    Result(usize),
}

impl Cursor<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn skip_space(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    fn eat(&mut self, literal: &str) -> bool {
        self.skip_space();
        let found = self.rest().starts_with(literal);
        if found {
            self.at += literal.len();
        }
        found
    }

    fn wrong<T>(&self, start: usize, why: impl Into<String>) -> Result<T, Wrong> {
        Err((start, (self.at - start).max(1), why.into()))
    }

    /// The elements up to the end of the text or of a group, and the anchor among them.
    fn items(&mut self, depth: usize) -> Result<(Vec<FormatItem>, Option<FormatItem>), Wrong> {
        let (mut items, mut anchor) = (Vec::new(), None);
        loop {
            self.skip_space();
            if self.rest().is_empty() || (depth > 0 && self.rest().starts_with(')')) {
                return Ok((items, anchor));
            }
            let start = self.at;
            let item = self.item(depth)?;
            let unit = is_unit(self.def, &item);
            if self.rest().starts_with('^') {
                self.at += 1;
                if depth == 0 {
                    return self.wrong(start, "'^' marks what a group (…)? depends on");
                }
                if anchor.is_some() {
                    return self.wrong(start, "a group has one anchor");
                }
                if !may_be_absent(self.def, &item) {
                    return self.wrong(start, "an anchor is something that may be absent");
                }
                anchor = Some(item.clone());
                if unit {
                    continue;
                }
            }
            items.push(item);
        }
    }

    fn item(&mut self, depth: usize) -> Result<FormatItem, Wrong> {
        self.skip_space();
        let start = self.at;
        if self.eat("(") {
            return self.group(depth, start);
        }
        let item = self.element(start)?;
        self.written.push(Written {
            item: item.clone(),
            at: start,
            length: self.at - start,
            in_group: depth > 0,
        });
        Ok(item)
    }

    /// `… )?` or `… ) : ( … )?`
    fn group(&mut self, depth: usize, start: usize) -> Result<FormatItem, Wrong> {
        if depth >= MAX_GROUPS {
            return self.wrong(start, "groups are nested too deeply");
        }
        let (items, anchor) = self.items(depth + 1)?;
        if !self.eat(")") {
            return self.wrong(start, "this group is not closed");
        }
        let mut otherwise = Vec::new();
        if self.eat(":") {
            let second = self.at;
            if !self.eat("(") {
                return self.wrong(second, "expected the group '(…)' that is written instead");
            }
            let (items, wrong) = self.items(depth + 1)?;
            if wrong.is_some() {
                return self.wrong(second, "the group that is written instead has no anchor");
            }
            if !self.eat(")") {
                return self.wrong(second, "this group is not closed");
            }
            otherwise = items;
        }
        if !self.eat("?") {
            return self.wrong(start, "an optional group ends with ')?'");
        }
        let Some(anchor) = anchor else {
            return self.wrong(start, "an optional group needs an anchor '$x^'");
        };
        // A reader must see at its first element whether the group is there.
        let begins = items.iter().find(|item| !matches!(item, FormatItem::Space | FormatItem::NoSpace));
        let clear = begins.is_some_and(|item| match item {
            FormatItem::Literal(_) => true,
            FormatItem::Attr(index) => {
                let kind = &self.def.attrs[*index].kind;
                may_be_absent(self.def, item) && !matches!(kind, Kind::Any | Kind::Unit | Kind::OneOf(_))
            }
            item => may_be_absent(self.def, item),
        });
        if !clear {
            let why = "nothing at its beginning tells whether the group is there: begin with a word";
            return self.wrong(start, why);
        }
        Ok(FormatItem::Optional { anchor: Box::new(anchor), items, otherwise })
    }

    fn element(&mut self, start: usize) -> Result<FormatItem, Wrong> {
        for (word, item) in [
            ("attr-dict-with-keyword", FormatItem::AttrDictWithKeyword),
            ("attr-dict", FormatItem::AttrDict),
            ("function-signature", FormatItem::Function),
            ("functional-type(operands, results)", FormatItem::FunctionalType),
            ("operands", FormatItem::Operands),
        ] {
            if self.eat(word) {
                return Ok(item);
            }
        }
        if self.eat("signature(") {
            let Reference::Item(FormatItem::Operand(index)) = self.reference()? else {
                return self.wrong(start, "signature(…) takes an operand");
            };
            return match self.eat(")") {
                true => Ok(FormatItem::Signature(index)),
                false => self.wrong(start, "expected ')' after the operand"),
            };
        }
        if self.eat("type(") {
            let all = [("operands", FormatRef::Operands), ("results", FormatRef::Results)];
            let reference = match all.into_iter().find(|(word, _)| self.eat(word)) {
                Some((_, reference)) => reference,
                None => match self.reference()? {
                    Reference::Item(FormatItem::Operand(index)) => FormatRef::Operand(index),
                    Reference::Result(index) => FormatRef::Result(index),
                    Reference::Item(_) => return self.wrong(start, "type(…) takes an operand or a result"),
                },
            };
            if !self.eat(")") {
                return self.wrong(start, "expected ')' after the operand or result");
            }
            return Ok(FormatItem::Type(reference));
        }
        if self.eat("`") {
            let Some(end) = self.rest().find('`') else {
                return self.wrong(start, "a literal needs its closing '`'");
            };
            let literal = self.rest()[..end].to_owned();
            self.at += end + 1;
            return match literal.as_str() {
                "" => Ok(FormatItem::NoSpace),
                " " => Ok(FormatItem::Space),
                _ if is_token(&literal) => Ok(FormatItem::Literal(literal)),
                _ => self.wrong(start, "a literal is one word or one sign"),
            };
        }
        if self.rest().starts_with('$') {
            return match self.reference()? {
                Reference::Item(item) => Ok(item),
                Reference::Result(_) => self.wrong(start, "a result is named left of '=', not in the format"),
            };
        }
        self.at = start;
        self.wrong(start, "expected `literal`, $name, attr-dict, type($x) or a group (…)?")
    }

    /// `$name`
    fn reference(&mut self) -> Result<Reference, Wrong> {
        self.skip_space();
        let start = self.at;
        let name: String = match self.rest().strip_prefix('$') {
            Some(name) => name.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect(),
            None => return self.wrong(start, "expected '$name'"),
        };
        self.at += 1 + name.len();
        let def = self.def;
        let operand = |list: &[OperandDef]| list.iter().position(|o| o.name == name);
        let named = |list: &[String]| list.iter().position(|known| *known == name);
        if let Some(index) = operand(&def.results) {
            return Ok(Reference::Result(index));
        }
        let item = operand(&def.operands)
            .map(FormatItem::Operand)
            .or_else(|| def.attrs.iter().position(|attr| attr.name == name).map(FormatItem::Attr))
            .or_else(|| named(&def.regions).map(FormatItem::Region))
            .or_else(|| named(&def.successors).map(FormatItem::Successor));
        match item {
            Some(item) => Ok(Reference::Item(item)),
            None => {
                let what = "operand, result, attribute, region or successor";
                self.wrong(start, format!("'{}' has no {what} '{name}'", def.name))
            }
        }
    }
}

/// Whether a literal is one token of a program.
fn is_token(text: &str) -> bool {
    const SIGNS: [&str; 18] =
        [":", ",", "=", "<", ">", "(", ")", "{", "}", "[", "]", "->", "?", "+", "*", "|", "-", "..."];
    let word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '$' | '.');
    SIGNS.contains(&text)
        || text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && text.chars().all(word)
}

fn is_unit(def: &OpDef, item: &FormatItem) -> bool {
    matches!(item, FormatItem::Attr(index) if def.attrs[*index].kind == Kind::Unit)
}

/// Whether an op may lack what the element stands for.
fn may_be_absent(def: &OpDef, item: &FormatItem) -> bool {
    match item {
        FormatItem::Operand(index) | FormatItem::Type(FormatRef::Operand(index)) => {
            def.operands[*index].repeat != Repeat::One
        }
        FormatItem::Type(FormatRef::Result(index)) => def.results[*index].repeat != Repeat::One,
        FormatItem::Attr(index) => def.attrs[*index].optional || def.attrs[*index].default.is_some(),
        FormatItem::Region(_) => true,
        _ => false,
    }
}

/// Whether any number of things stands there, separated by commas.
fn is_list(def: &OpDef, item: &FormatItem) -> bool {
    let many = |operand: &OperandDef| operand.repeat == Repeat::Variadic;
    match item {
        FormatItem::Operand(index) => many(&def.operands[*index]),
        FormatItem::Type(FormatRef::Result(index)) => many(&def.results[*index]),
        FormatItem::Operands | FormatItem::Type(FormatRef::Results) => true,
        _ => false,
    }
}

/// Whether the text of an attribute may be followed by `: type` of its own.
fn takes_type(kind: &Kind) -> bool {
    match kind {
        Kind::Any | Kind::Int | Kind::Float | Kind::Number | Kind::Index | Kind::Str | Kind::Dense => true,
        Kind::OneOf(kinds) => kinds.iter().any(takes_type),
        _ => false,
    }
}

/// Each element once, and nothing that would be read as part of what stands before it.
fn check_order(def: &OpDef, written: &[Written]) -> Result<(), Wrong> {
    for (number, Written { item, at, length, in_group }) in written.iter().enumerate() {
        let wrong = |why: String| Err((*at, *length, why));
        let named = matches!(
            item,
            FormatItem::Operand(_)
                | FormatItem::Operands
                | FormatItem::Attr(_)
                | FormatItem::Region(_)
                | FormatItem::Successor(_)
                | FormatItem::AttrDict
                | FormatItem::AttrDictWithKeyword
        );
        if named && written[..number].iter().any(|earlier| earlier.item == *item) {
            return wrong("it stands in the format twice".to_owned());
        }
        match item {
            FormatItem::Attr(_) if !in_group && may_be_absent(def, item) => {
                return wrong("the attribute may be absent: write it in a group ($x^)?".to_owned());
            }
            FormatItem::Operand(_) if *in_group && !may_be_absent(def, item) => {
                return wrong("the operand is always there: write it outside of the group".to_owned());
            }
            FormatItem::Successor(_) | FormatItem::AttrDict | FormatItem::AttrDictWithKeyword
                if *in_group =>
            {
                return wrong("it is always there: write it outside of the group".to_owned());
            }
            _ => {}
        }
        // What may come next: what stands in groups, or is an empty dictionary, may be skipped.
        for next in &written[number + 1..] {
            let clash = match (item, &next.item) {
                (FormatItem::AttrDict, FormatItem::Region(_)) => {
                    Some("'{' would begin the attributes and the region: use attr-dict-with-keyword")
                }
                (_, FormatItem::Literal(text)) if text == "," && is_list(def, item) => {
                    Some("the ',' after this list would go on with it: put a word between")
                }
                (FormatItem::Attr(index), FormatItem::Literal(text))
                    if text == ":" && takes_type(&def.attrs[*index].kind) =>
                {
                    Some("the type after ':' would be the attribute's: put a word or another sign between")
                }
                _ => None,
            };
            if let Some(why) = clash {
                return wrong(why.to_owned());
            }
            let dict = matches!(next.item, FormatItem::AttrDict | FormatItem::AttrDictWithKeyword);
            let space = matches!(next.item, FormatItem::Space | FormatItem::NoSpace);
            if !next.in_group && !dict && !space {
                break;
            }
        }
    }
    Ok(())
}

/// Whether the format leaves result types to inference. The error is what the format lacks for an op to be read again.
pub(super) fn check_complete(registry: &Registry, def: &OpDef, items: &[FormatItem]) -> Result<bool, String> {
    let mut all = Vec::new();
    flatten(items, &mut all);
    let has = |item: FormatItem| all.contains(&&item);
    if has(FormatItem::Function) {
        return Ok(false);
    }
    for (index, operand) in def.operands.iter().enumerate() {
        if !has(FormatItem::Operand(index)) && !has(FormatItem::Operands) {
            return Err(format!("the format leaves out the operand '{}'", operand.name));
        }
    }
    for (index, region) in def.regions.iter().enumerate() {
        if !has(FormatItem::Region(index)) {
            return Err(format!("the format leaves out the region '{region}'"));
        }
    }
    for (index, successor) in def.successors.iter().enumerate() {
        if !has(FormatItem::Successor(index)) {
            return Err(format!("the format leaves out the successor '{successor}'"));
        }
    }
    if !has(FormatItem::AttrDict) && !has(FormatItem::AttrDictWithKeyword) {
        return Err("the format has no attr-dict: any op may have attributes".to_owned());
    }
    let all_types = |item: &&FormatItem| {
        matches!(
            item,
            FormatItem::FunctionalType | FormatItem::Signature(_) | FormatItem::Type(FormatRef::Results)
        )
    };
    if all.iter().any(all_types) {
        return Ok(false);
    }
    let written = |index| has(FormatItem::Type(FormatRef::Result(index)));
    let left_out = def.results.iter().enumerate().find(|(index, _)| !written(*index));
    match left_out {
        None => Ok(false),
        Some(_) if !matches!(def.infer, Infer::None) || registry.is_inferable(def) => Ok(true),
        Some((_, result)) => {
            let name = &result.name;
            Err(format!("the type of '{name}' is neither inferred nor in the format: add type(${name})"))
        }
    }
}

fn flatten<'f>(items: &'f [FormatItem], all: &mut Vec<&'f FormatItem>) {
    for item in items {
        all.push(item);
        if let FormatItem::Optional { items, otherwise, anchor } = item {
            all.push(anchor);
            flatten(items, all);
            flatten(otherwise, all);
        }
    }
}

impl Registry {
    /// Whether the result types follow without inference: declared types whose parameters may all be left out.
    pub(super) fn is_inferable(&self, def: &OpDef) -> bool {
        let optional = |full: &str| {
            let params = self.type_def(full).map_or(&[][..], |ty| ty.params.as_slice());
            params.iter().all(|param| param.optional || param.default.is_some())
        };
        def.results.iter().all(|result| match &result.kind {
            Kind::Declared(full) => result.repeat == Repeat::One && optional(full),
            _ => false,
        })
    }
}
