//! Printing ops: pretty where a format says how and what is printed before suffices to read it again.

use rustc_hash::FxHashSet;

use super::parser::dialect_of;
use super::resources::write_resources;
use super::signature::{ByName, Signature};
use crate::ir::{
    Attr, AttrKind, BlockId, Dict, Ir, OpId, RegionId, Sym, Traits, Type, TypeKind, ValueId, write_string,
    write_symbol,
};
use crate::schema::{FormatItem, FormatRef, Kind, OpDef, Registry, Repeat};

/// How to print.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PrintOptions {
    /// Every op in generic form.
    pub generic: bool,
    /// `loc(…)` after each op.
    pub locations: bool,
    /// `// users: …` after each op with results.
    pub value_users: bool,
    /// Dense attributes of more elements than this print as `dense_resource<__elided__>`.
    pub elide_elements_above: Option<usize>,
}

/// The text of the whole module.
pub fn print(registry: &Registry, ir: &Ir, options: PrintOptions) -> String {
    let mut out = String::new();
    print_to(registry, ir, options, &mut |text| out.push_str(text));
    out
}

/// Hands the text of the whole module to `sink`, piece by piece, so that it need not be held as a whole.
pub fn print_to(registry: &Registry, ir: &Ir, options: PrintOptions, sink: &mut dyn FnMut(&str)) {
    if options.elide_elements_above.is_some() && ir.ctx.elide_elements_above.is_none() {
        let mut elided = ir.clone();
        elided.ctx.elide_elements_above = options.elide_elements_above;
        return print_to(registry, &elided, options, sink);
    }
    let mut printer = Printer::new(registry, ir, options);
    printer.sink = Some(sink);
    printer.op(ir.top());
    printer.out.push('\n');
    write_resources(&mut printer.out, ir);
    printer.flush(0);
}

/// The text of one op and what is below it. Values from outside are numbered as if the op began the text.
pub fn print_op(registry: &Registry, ir: &Ir, op: OpId, options: PrintOptions) -> String {
    let mut printer = Printer::new(registry, ir, options);
    // Operands from outside of what is printed.
    if !ir.parent_op(op).is_none() {
        for operand in ir.operands(op) {
            printer.number(operand);
        }
    }
    printer.op(op);
    printer.out
}

const ARG: u32 = 1 << 31;
/// The value is one of several results.
const GROUP: u32 = 1 << 30;

/// Bytes of text that are held before they go to the sink.
const PIECE: usize = 1 << 15;

struct Printer<'a> {
    registry: &'a Registry,
    ir: &'a Ir,
    options: PrintOptions,
    out: String,
    /// Where full pieces of `out` go; they stay in it where there is none.
    sink: Option<&'a mut dyn FnMut(&str)>,
    /// Number of a value's group, with [`ARG`] or [`GROUP`]; `u32::MAX` if not printed yet.
    numbers: Vec<u32>,
    /// The texts of types, once they are known: a program has few.
    types: Vec<Box<str>>,
    signatures: ByName<Signature<String>>,
    blocks: Vec<u32>,
    next_value: u32,
    next_arg: u32,
    next_block: u32,
    indent: usize,
    /// The dialect that pretty forms here need not name.
    default_dialect: &'a str,
    /// Whether a format says that no space follows.
    no_space: bool,
}

impl<'a> Printer<'a> {
    fn new(registry: &'a Registry, ir: &'a Ir, options: PrintOptions) -> Self {
        Printer {
            registry,
            ir,
            options,
            out: String::new(),
            sink: None,
            numbers: vec![u32::MAX; ir.value_capacity()],
            types: vec![Box::default(); ir.ctx.types().count()],
            signatures: ByName::default(),
            blocks: vec![u32::MAX; ir.block_capacity()],
            next_value: 0,
            next_arg: 0,
            next_block: 0,
            indent: 0,
            default_dialect: dialect_of(&registry.top_op),
            no_space: false,
        }
    }

    /// Hands on what is printed if it is more than `piece` bytes.
    fn flush(&mut self, piece: usize) {
        if self.out.len() > piece
            && let Some(sink) = &mut self.sink
        {
            sink(&self.out);
            self.out.clear();
        }
    }

    fn newline(&mut self) {
        self.out.push('\n');
        for _ in 0..self.indent {
            self.out.push_str("  ");
        }
    }

    fn int(&mut self, value: usize) {
        self.out.push_str(itoa::Buffer::new().format(value));
    }

    /// Numbers a value that was not numbered in order: a forward reference, or one from outside.
    fn number(&mut self, value: ValueId) {
        if self.numbers[value.index()] == u32::MAX {
            let op = self.ir.def_op(value);
            if op.is_none() {
                self.numbers[value.index()] = self.next_arg | ARG;
                self.next_arg += 1;
            } else {
                self.number_results(op);
            }
        }
    }

    fn number_results(&mut self, op: OpId) {
        let results = self.ir.results(op);
        let number = self.next_value | if results.len() > 1 { GROUP } else { 0 };
        results.for_each(|result| self.numbers[result.index()] = number);
        self.next_value += 1;
    }

    fn ty(&mut self, ty: Type) {
        let Some(text) = self.types.get_mut(ty.index()) else {
            return self.ir.ctx.write_type(&mut self.out, ty);
        };
        if text.is_empty() {
            *text = self.ir.ctx.type_text(ty).into();
        }
        self.out.push_str(text);
    }

    fn value(&mut self, value: ValueId) {
        let number = self.numbers[value.index()];
        if number == u32::MAX {
            self.out.push_str("<<unknown>>");
        } else if number & ARG != 0 {
            self.out.push_str("%arg");
            self.int((number & !ARG) as usize);
        } else {
            self.out.push('%');
            self.int((number & !GROUP) as usize);
            if number & GROUP != 0 {
                self.out.push('#');
                let first = self.ir.result(self.ir.def_op(value), 0);
                self.int(value.index() - first.index());
            }
        }
    }

    fn values(&mut self, values: impl Iterator<Item = ValueId>) {
        for (i, value) in values.enumerate() {
            if i > 0 {
                self.out.push_str(", ");
            }
            self.value(value);
        }
    }

    fn op(&mut self, op: OpId) {
        let ir = self.ir;
        let count = ir.result_count(op);
        if count > 0 {
            self.number(ir.result(op, 0));
            let number = self.numbers[ir.result(op, 0).index()] & !GROUP;
            self.out.push('%');
            self.int(number as usize);
            if count > 1 {
                self.out.push(':');
                self.int(count);
            }
            self.out.push_str(" = ");
        }
        let def = if self.options.generic { None } else { self.registry.op_def(ir.name(op)) };
        let pretty = def.and_then(|def| Some((def, def.format.as_deref()?)));
        match pretty {
            Some((def, format)) if self.readable(op, def, format) => self.pretty(op, def, format),
            _ => self.generic(op),
        }
        if self.options.locations {
            self.out.push(' ');
            ir.ctx.write_loc(&mut self.out, ir.loc(op));
        }
        if self.options.value_users && count > 0 {
            self.users(op);
        }
    }

    /// `// users: %3#0, %3#1, "a.b"`: each user once, by its results where they have a number by now, else by its
    /// name. One list for each result in parentheses where there are several.
    fn users(&mut self, op: OpId) {
        let ir = self.ir;
        self.out.push_str(" // users: ");
        let several = ir.result_count(op) > 1;
        for (i, result) in ir.results(op).enumerate() {
            self.out.push_str(if i > 0 { ", " } else { "" });
            self.out.push_str(if several { "(" } else { "" });
            let mut users: Vec<OpId> = ir.uses(result).map(|(user, _)| user).collect();
            let mut known = FxHashSet::default();
            users.retain(|user| known.insert(*user));
            if users.is_empty() {
                self.out.push_str("unused");
            }
            // The list of uses begins with the latest.
            for (j, user) in users.into_iter().rev().enumerate() {
                self.out.push_str(if j > 0 { ", " } else { "" });
                match ir.results(user).next() {
                    Some(first) if self.numbers[first.index()] != u32::MAX => self.values(ir.results(user)),
                    _ => {
                        self.out.push('"');
                        self.out.push_str(ir.name_str(user));
                        self.out.push('"');
                    }
                }
            }
            self.out.push_str(if several { ")" } else { "" });
        }
    }

    fn generic(&mut self, op: OpId) {
        let ir = self.ir;
        let name = ir.name_str(op);
        if name.bytes().all(|c| matches!(c, b' '..=b'~') && c != b'"' && c != b'\\') {
            self.out.push('"');
            self.out.push_str(name);
            self.out.push('"');
        } else {
            write_string(&mut self.out, name);
        }
        self.out.push('(');
        self.values(ir.operands(op));
        self.out.push(')');
        if !ir.successors(op).is_empty() {
            self.out.push('[');
            for (i, block) in ir.successors(op).iter().enumerate() {
                if i > 0 {
                    self.out.push_str(", ");
                }
                self.block_name(*block);
            }
            self.out.push(']');
        }
        if ir.props(op) != Dict::EMPTY {
            self.out.push_str(" <");
            match ir.ctx.dict_entries(ir.props(op)) {
                // The properties of an unregistered op may be any attribute.
                [(key, value)] if ir.ctx.str(*key).is_empty() => ir.ctx.write_attr(&mut self.out, *value),
                _ => ir.ctx.write_dict(&mut self.out, ir.props(op)),
            }
            self.out.push('>');
        }
        if !ir.regions(op).is_empty() {
            // As MLIR, which reads it with less.
            let around = std::mem::take(&mut self.default_dialect);
            self.out.push_str(" (");
            for (i, region) in ir.regions(op).iter().enumerate() {
                if i > 0 {
                    self.out.push_str(", ");
                }
                self.region(*region, true);
            }
            self.out.push(')');
            self.default_dialect = around;
        }
        if ir.attrs(op) != Dict::EMPTY {
            self.out.push(' ');
            ir.ctx.write_dict(&mut self.out, ir.attrs(op));
        }
        self.out.push_str(" : ");
        self.signature(op);
    }

    /// `(operand types) -> result types`
    fn signature(&mut self, op: OpId) {
        let ir = self.ir;
        let known = self.signatures.of(ir.name(op));
        if known.is_of(ir, op) {
            return self.out.push_str(&known.text);
        }
        let start = self.out.len();
        self.new_signature(op);
        let known = self.signatures.of_mut(ir.name(op));
        known.operands = ir.operands(op).map(|value| ir.ty(value)).collect();
        known.results = ir.results(op).map(|value| ir.ty(value)).collect();
        known.text.clear();
        known.text.push_str(&self.out[start..]);
    }

    fn new_signature(&mut self, op: OpId) {
        let ir = self.ir;
        self.out.push('(');
        for (i, operand) in ir.operands(op).enumerate() {
            if i > 0 {
                self.out.push_str(", ");
            }
            self.ty(ir.ty(operand));
        }
        self.out.push_str(") -> ");
        let single = ir.result_count(op) == 1
            && !matches!(ir.ctx.type_kind(ir.ty(ir.result(op, 0))), TypeKind::Function { .. });
        if !single {
            self.out.push('(');
        }
        for (i, result) in ir.results(op).enumerate() {
            if i > 0 {
                self.out.push_str(", ");
            }
            self.ty(ir.ty(result));
        }
        if !single {
            self.out.push(')');
        }
    }

    fn block_name(&mut self, block: BlockId) {
        if self.blocks[block.index()] == u32::MAX {
            self.blocks[block.index()] = self.next_block;
            self.next_block += 1;
        }
        self.out.push_str("^bb");
        self.int(self.blocks[block.index()] as usize);
    }

    /// `{ … }`; `header` prints the entry block's label where it has arguments.
    fn region(&mut self, region: RegionId, header: bool) {
        let ir = self.ir;
        // Numbers go on from those around, even of isolated regions: names must not shadow outer ones.
        let saved = (self.next_value, self.next_arg, self.next_block);
        self.next_block = 0;
        self.number_region(region);
        self.out.push('{');
        for (i, block) in ir.blocks(region).iter().enumerate() {
            let label = i > 0 || header && !ir.args(*block).is_empty();
            // An empty entry block is invisible without its label.
            let label = label || ir.first_op(*block).is_none() && (header || ir.blocks(region).len() > 1);
            if label {
                self.newline();
                self.block_name(*block);
                if !ir.args(*block).is_empty() {
                    self.out.push('(');
                    for (j, arg) in ir.args(*block).iter().enumerate() {
                        if j > 0 {
                            self.out.push_str(", ");
                        }
                        self.value(*arg);
                        self.out.push_str(": ");
                        self.ty(ir.ty(*arg));
                        self.value_loc(*arg);
                    }
                    self.out.push(')');
                }
                self.out.push(':');
            }
            self.indent += 1;
            let mut inner = ir.first_op(*block);
            while let Some(current) = inner.some() {
                self.newline();
                self.op(current);
                self.flush(PIECE);
                inner = ir.next_op(current);
            }
            self.indent -= 1;
        }
        self.newline();
        self.out.push('}');
        (self.next_value, self.next_arg, self.next_block) = saved;
    }

    /// ` loc(…)` of a block argument.
    fn value_loc(&mut self, value: ValueId) {
        if let Some(loc) = self.ir.value_loc(value).filter(|_| self.options.locations) {
            self.out.push(' ');
            self.ir.ctx.write_loc(&mut self.out, loc);
        }
    }

    /// Numbers blocks, arguments and results of a region in the order of the text, so that forward
    /// references have their final names.
    fn number_region(&mut self, region: RegionId) {
        let ir = self.ir;
        for block in ir.blocks(region) {
            self.blocks[block.index()] = self.next_block;
            self.next_block += 1;
            for arg in ir.args(*block) {
                self.numbers[arg.index()] = self.next_arg | ARG;
                self.next_arg += 1;
            }
            let mut inner = ir.first_op(*block);
            while let Some(current) = inner.some() {
                if ir.result_count(current) > 0 {
                    self.number_results(current);
                }
                inner = ir.next_op(current);
            }
        }
    }

    // ---- pretty forms

    /// Whether the pretty form can be read back: operand types that it leaves out must be known by then, and
    /// result types that it leaves out are inferred.
    fn readable(&self, op: OpId, def: &OpDef, format: &[FormatItem]) -> bool {
        let ir = self.ir;
        if OpDef::split(&def.operands, ir.operand_count(op)).is_none()
            || OpDef::split(&def.results, ir.result_count(op)).is_none()
            || ir.regions(op).len() != def.regions.len()
            || ir.successors(op).len() != def.successors.len()
            || !FormatItem::write_all(format, ir, op, def)
        {
            return false;
        }
        let all_types =
            format.iter().any(|item| matches!(item, FormatItem::FunctionalType | FormatItem::Signature(_)));
        if all_types || ir.operand_count(op) == 0 {
            return true;
        }
        ir.operands(op).all(|operand| {
            let def = ir.def_op(operand);
            // Same block and earlier, or an argument: the printer only meets straight-line code here.
            def.is_none()
                || ir.block(def) != ir.block(op)
                || self.numbers[operand.index()] & !GROUP < self.own_number(op)
        })
    }

    fn own_number(&self, op: OpId) -> u32 {
        // Ops without results take the number of the next op that has some.
        let mut current = op;
        while let Some(op) = current.some() {
            if self.ir.result_count(op) > 0 {
                return self.numbers[self.ir.result(op, 0).index()] & !GROUP;
            }
            current = self.ir.next_op(op);
        }
        u32::MAX
    }

    fn pretty(&mut self, op: OpId, def: &'a OpDef, format: &[FormatItem]) {
        let inner = def.name.strip_prefix(self.default_dialect).and_then(|name| name.strip_prefix('.'));
        self.out.push_str(def.keyword.as_deref().or(inner).unwrap_or(&def.name));
        let mut named = Vec::new();
        FormatItem::named_attrs(format, self.ir, op, def, &mut named);
        let opens = def.traits.has(Traits::DEFAULT_DIALECT);
        let around =
            std::mem::replace(&mut self.default_dialect, if opens { dialect_of(&def.name) } else { "" });
        self.items(op, def, format, &named);
        self.default_dialect = around;
    }

    fn items(&mut self, op: OpId, def: &OpDef, format: &[FormatItem], named: &[Sym]) {
        for item in format {
            self.item(op, def, item, named);
        }
    }

    fn item(&mut self, op: OpId, def: &OpDef, item: &FormatItem, named: &[Sym]) {
        let ir = self.ir;
        match item {
            FormatItem::Literal(text) => {
                // As MLIR spaces punctuation: `call @f(%0)`.
                let opens = matches!(text.as_str(), "(" | "[" | "<");
                let after_word =
                    self.out.ends_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '"' | '$'));
                if !(matches!(text.as_str(), "," | ")" | "]" | ">") || opens && after_word) {
                    self.space();
                }
                self.no_space = false;
                self.out.push_str(text);
            }
            FormatItem::Space => {
                self.out.push(' ');
                self.no_space = true;
            }
            FormatItem::NoSpace => self.no_space = true,
            FormatItem::Operands => {
                if ir.operand_count(op) > 0 {
                    self.space();
                    self.values(ir.operands(op));
                }
            }
            FormatItem::Successor(index) => {
                self.space();
                self.block_name(ir.successors(op)[*index]);
            }
            FormatItem::Operand(index) => {
                let range = self.operand_range(op, def, *index);
                if !range.is_empty() {
                    self.space();
                    self.values(range.map(|i| ir.operand(op, i)));
                }
            }
            FormatItem::Attr(index) => {
                let attr = &def.attrs[*index];
                if let Some(value) = ir.attr(op, attr.sym) {
                    self.space();
                    self.named_attr(&attr.kind, value);
                }
            }
            FormatItem::Region(index) => {
                self.space();
                let region = ir.regions(op)[*index];
                // An empty block is invisible only where the parser supplies it.
                let implied = ir.has_trait(op, Traits::NO_TERMINATOR)
                    && matches!(ir.blocks(region), [block] if ir.args(*block).is_empty());
                self.region(region, !implied);
            }
            FormatItem::AttrDict => self.attr_dict(op, named, ""),
            FormatItem::AttrDictWithKeyword => self.attr_dict(op, named, "attributes "),
            FormatItem::Type(reference) => {
                let values: Vec<ValueId> = match reference {
                    FormatRef::Operand(index) => {
                        self.operand_range(op, def, *index).map(|i| ir.operand(op, i)).collect()
                    }
                    FormatRef::Result(index) => {
                        self.result_range(op, def, *index).map(|i| ir.result(op, i)).collect()
                    }
                    FormatRef::Operands => ir.operands(op).collect(),
                    FormatRef::Results => ir.results(op).collect(),
                };
                if !values.is_empty() {
                    self.space();
                }
                for (i, value) in values.into_iter().enumerate() {
                    if i > 0 {
                        self.out.push_str(", ");
                    }
                    self.ty(ir.ty(value));
                }
            }
            FormatItem::FunctionalType => {
                self.space();
                self.signature(op);
            }
            FormatItem::Signature(index) => {
                self.space();
                let callee = self.operand_range(op, def, *index).start;
                self.ty(ir.ty(ir.operand(op, callee)));
            }
            FormatItem::Optional { anchor, items, otherwise } => {
                let present = anchor.is_present(ir, op, def);
                self.items(op, def, if present { items } else { otherwise }, named);
            }
            FormatItem::Function => self.function(op),
        }
    }

    /// A space, where one belongs between what is printed and what follows.
    fn space(&mut self) {
        if !std::mem::take(&mut self.no_space) && !self.out.ends_with([' ', '(', '[', '<']) {
            self.out.push(' ');
        }
    }

    fn result_range(&self, op: OpId, def: &OpDef, index: usize) -> std::ops::Range<usize> {
        let ranges = OpDef::split(&def.results, self.ir.result_count(op)).unwrap_or_default();
        ranges.get(index).cloned().unwrap_or(0..0)
    }

    fn operand_range(&self, op: OpId, def: &OpDef, index: usize) -> std::ops::Range<usize> {
        if def.operands.iter().all(|operand| operand.repeat == Repeat::One) {
            return index..index + 1;
        }
        let ranges = OpDef::split(&def.operands, self.ir.operand_count(op)).unwrap_or_default();
        ranges.get(index).cloned().unwrap_or(0..0)
    }

    fn named_attr(&mut self, kind: &Kind, value: Attr) {
        let ctx = &self.ir.ctx;
        match (kind, ctx.attr_kind(value)) {
            (Kind::SymbolName, AttrKind::String { text, .. }) => write_symbol(&mut self.out, ctx.str(*text)),
            (Kind::Enum(_), AttrKind::String { text, .. }) => self.out.push_str(ctx.str(*text)),
            _ => ctx.write_attr(&mut self.out, value),
        }
    }

    fn attr_dict(&mut self, op: OpId, named: &[Sym], prefix: &str) {
        let ctx = &self.ir.ctx;
        let props = ctx.dict_entries(self.ir.props(op)).iter();
        let entries: Vec<_> = props
            .chain(ctx.dict_entries(self.ir.attrs(op)))
            .filter(|(name, _)| !named.contains(name))
            .copied()
            .collect();
        if !entries.is_empty() {
            self.space();
            self.out.push_str(prefix);
            self.out.push('{');
            ctx.write_entries(&mut self.out, entries.into_iter());
            self.out.push('}');
        }
    }

    fn function(&mut self, op: OpId) {
        let ir = self.ir;
        let text = |name: &str| ir.attr_named(op, name);
        if let Some(visibility) = text("sym_visibility").and_then(|attr| ir.ctx.as_str(attr)) {
            self.space();
            self.out.push_str(visibility);
        }
        self.space();
        write_symbol(&mut self.out, text("sym_name").and_then(|attr| ir.ctx.as_str(attr)).unwrap_or(""));
        let (inputs, results) = match text("function_type").map(|attr| ir.ctx.attr_kind(attr)) {
            Some(AttrKind::Type(ty)) => match ir.ctx.type_kind(*ty) {
                TypeKind::Function { inputs, results } => (inputs.as_slice(), results.as_slice()),
                _ => (&[][..], &[][..]),
            },
            _ => (&[][..], &[][..]),
        };
        let region = ir.regions(op)[0];
        let entry = ir.blocks(region).first().copied();
        let dict = |list: Option<Attr>, index: usize| match list.and_then(|list| ir.ctx.as_array(list)) {
            Some(dicts) => match dicts.get(index).map(|attr| ir.ctx.attr_kind(*attr)) {
                Some(AttrKind::Dictionary(dict)) => *dict,
                _ => Dict::EMPTY,
            },
            None => Dict::EMPTY,
        };
        let (arg_attrs, res_attrs) = (text("arg_attrs"), text("res_attrs"));
        self.out.push('(');
        for (i, ty) in inputs.iter().enumerate() {
            if i > 0 {
                self.out.push_str(", ");
            }
            if entry.is_some() {
                self.out.push_str("%arg");
                self.int(self.next_arg as usize + i);
                self.out.push_str(": ");
            }
            self.ty(*ty);
            if dict(arg_attrs, i) != Dict::EMPTY {
                self.out.push(' ');
                ir.ctx.write_dict(&mut self.out, dict(arg_attrs, i));
            }
            if let Some(arg) = entry.and_then(|block| ir.args(block).get(i)) {
                self.value_loc(*arg);
            }
        }
        self.out.push(')');
        if !results.is_empty() {
            self.out.push_str(" -> ");
            let bare = results.len() == 1
                && dict(res_attrs, 0) == Dict::EMPTY
                && !matches!(ir.ctx.type_kind(results[0]), TypeKind::Function { .. });
            if !bare {
                self.out.push('(');
            }
            for (i, ty) in results.iter().enumerate() {
                if i > 0 {
                    self.out.push_str(", ");
                }
                self.ty(*ty);
                if dict(res_attrs, i) != Dict::EMPTY {
                    self.out.push(' ');
                    ir.ctx.write_dict(&mut self.out, dict(res_attrs, i));
                }
            }
            if !bare {
                self.out.push(')');
            }
        }
        let shown = ["sym_name", "sym_visibility", "function_type", "arg_attrs", "res_attrs"];
        let shown: Vec<Sym> = shown.iter().filter_map(|name| ir.ctx.find_sym(name)).collect();
        self.attr_dict(op, &shown, "attributes ");
        if entry.is_some() {
            self.out.push(' ');
            self.region(region, false);
        }
    }
}
