//! The pretty form of an op: a list of what is written in which order.

use super::defs::OpDef;

/// What a `type(…)` in a format names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormatRef {
    /// Operand definition number
    Operand(usize),
    /// Result definition number
    Result(usize),
}

/// One element of a pretty form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FormatItem {
    /// Punctuation or a keyword
    Literal(String),
    /// `$lhs`
    Operand(usize),
    /// `$by`
    Attr(usize),
    /// `$body`
    Region(usize),
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
    /// `(…)?`: written when the anchor is present
    Optional {
        /// The operand or attribute marked `^`: as an item of its own.
        anchor: Box<FormatItem>,
        /// The group.
        items: Vec<FormatItem>,
    },
}

/// Parses the text of a `format`. The error is the byte offset in that text and the reason.
pub(super) fn parse_format(def: &OpDef, text: &str) -> Result<Vec<FormatItem>, (usize, String)> {
    let mut cursor = Cursor { text, at: 0, def };
    let (items, _) = cursor.items(0)?;
    Ok(items)
}

struct Cursor<'a> {
    text: &'a str,
    at: usize,
    def: &'a OpDef,
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

    fn items(&mut self, depth: usize) -> Result<(Vec<FormatItem>, Option<FormatItem>), (usize, String)> {
        let (mut items, mut anchor) = (Vec::new(), None);
        loop {
            self.skip_space();
            if self.rest().is_empty() || (depth > 0 && self.rest().starts_with(')')) {
                return Ok((items, anchor));
            }
            let item = self.item(depth)?;
            if self.rest().starts_with('^') {
                self.at += 1;
                anchor = Some(item.clone());
            }
            items.push(item);
        }
    }

    fn item(&mut self, depth: usize) -> Result<FormatItem, (usize, String)> {
        let start = self.at;
        if self.eat("attr-dict-with-keyword") {
            return Ok(FormatItem::AttrDictWithKeyword);
        }
        if self.eat("function-signature") {
            return Ok(FormatItem::Function);
        }
        if self.eat("attr-dict") {
            return Ok(FormatItem::AttrDict);
        }
        if self.eat("functional-type(operands, results)") {
            return Ok(FormatItem::FunctionalType);
        }
        if self.eat("signature(") {
            let FormatItem::Operand(index) = self.reference()? else {
                return Err((start, "signature(…) takes an operand".into()));
            };
            return if self.eat(")") {
                Ok(FormatItem::Signature(index))
            } else {
                Err((self.at, "expected ')'".into()))
            };
        }
        if self.eat("type(") {
            let item = self.reference()?;
            if !self.eat(")") {
                return Err((self.at, "expected ')'".into()));
            }
            return match item {
                FormatItem::Operand(index) => Ok(FormatItem::Type(FormatRef::Operand(index))),
                FormatItem::Region(index) if index >= RESULT => {
                    Ok(FormatItem::Type(FormatRef::Result(index - RESULT)))
                }
                _ => Err((start, "type(…) takes an operand or a result".into())),
            };
        }
        if self.eat("`") {
            let rest = self.rest();
            let end = rest.find('`').ok_or((start, "a literal needs its closing '`'".to_owned()))?;
            let literal = rest[..end].to_owned();
            self.at += end + 1;
            return Ok(FormatItem::Literal(literal));
        }
        if self.rest().starts_with('$') {
            return match self.reference()? {
                FormatItem::Region(index) if index >= RESULT => {
                    Err((start, "a result is named left of '=', not in the format".into()))
                }
                item => Ok(item),
            };
        }
        if self.eat("(") {
            if depth > 8 {
                return Err((start, "groups are nested too deeply".into()));
            }
            let (items, anchor) = self.items(depth + 1)?;
            if !self.eat(")?") {
                return Err((self.at, "an optional group ends with ')?'".into()));
            }
            let anchor = anchor.ok_or((start, "an optional group needs an anchor '$x^'".to_owned()))?;
            return Ok(FormatItem::Optional { anchor: Box::new(anchor), items });
        }
        Err((start, "expected `literal`, $name, attr-dict, type($x) or a group (…)?".into()))
    }

    /// `$name`; results come back as regions numbered from [`RESULT`].
    fn reference(&mut self) -> Result<FormatItem, (usize, String)> {
        self.skip_space();
        let start = self.at;
        let rest = self.rest();
        let name: String = match rest.strip_prefix('$') {
            Some(name) => name.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect(),
            None => return Err((start, "expected '$name'".into())),
        };
        self.at += 1 + name.len();
        let def = self.def;
        if let Some(index) = def.operands.iter().position(|o| o.name == name) {
            return Ok(FormatItem::Operand(index));
        }
        if let Some(index) = def.attrs.iter().position(|a| a.name == name) {
            return Ok(FormatItem::Attr(index));
        }
        if let Some(index) = def.regions.iter().position(|r| *r == name) {
            return Ok(FormatItem::Region(index));
        }
        if let Some(index) = def.results.iter().position(|o| o.name == name) {
            return Ok(FormatItem::Region(RESULT + index));
        }
        Err((start, format!("'{}' has no operand, result, attribute or region '{name}'", def.name)))
    }
}

const RESULT: usize = 1 << 16;
