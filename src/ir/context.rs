//! The context: every interner and the op table.

use indexmap::{IndexMap, IndexSet};
use lasso::{Key, Rodeo, Spur};
use rustc_hash::FxBuildHasher;

use super::attributes::{Attr, AttrKind, Dict};
use super::locations::{Loc, LocKind, Positions, TextLines};
use super::op_table::{OpInfo, OpName, Stages, Traits};
use super::types::{FloatKind, Signedness, Type, TypeKind};
use crate::support::define_id;

define_id! {
    /// An interned string.
    Sym
}

/// A parameter of a declared type or attribute: what its printer must know.
#[derive(Clone, Debug)]
pub struct DeclaredParam {
    /// Its name.
    pub name: Sym,
    /// Its default, or [`Attr::NONE`].
    pub default: Attr,
    /// Whether its strings are words of an enum, written bare.
    pub word: bool,
    /// Whether it is written without its name.
    pub positional: bool,
}

type Interner<T> = IndexSet<T, FxBuildHasher>;

/// Interned strings, types, attributes, dictionaries and locations, and the op table.
///
/// Cloning a context keeps every id valid in the clone: that is how one loaded registry serves many modules.
#[derive(Clone)]
pub struct Context {
    strings: Rodeo<Spur, FxBuildHasher>,
    types: Interner<TypeKind>,
    attrs: Interner<AttrKind>,
    dicts: Interner<Box<[(Sym, Attr)]>>,
    locs: Interner<LocKind>,
    /// Locations that are positions which a text writes.
    pub(super) positions: Positions,
    /// What locations that are offsets speak of.
    pub(super) text: Option<TextLines>,
    declared: IndexMap<Sym, Vec<DeclaredParam>, FxBuildHasher>,
    ops: Vec<OpInfo>,
    /// Op name by symbol; `OpName::NONE` where the symbol names no op.
    op_by_sym: Vec<OpName>,
    /// Dense attributes of more elements print without them; for printing only.
    pub(crate) elide_elements_above: Option<usize>,
}

impl Default for Context {
    fn default() -> Self {
        Self::new()
    }
}

impl Context {
    /// An empty context.
    pub fn new() -> Self {
        let mut context = Context {
            strings: Rodeo::with_hasher(FxBuildHasher),
            types: Interner::default(),
            attrs: Interner::default(),
            dicts: Interner::default(),
            locs: Interner::default(),
            positions: Positions::default(),
            text: None,
            declared: IndexMap::default(),
            ops: Vec::new(),
            op_by_sym: Vec::new(),
            elide_elements_above: None,
        };
        context.dicts.insert(Box::new([]));
        context.locs.insert(LocKind::Unknown);
        context
    }

    /// Interns a string.
    pub fn sym(&mut self, text: &str) -> Sym {
        Sym(self.strings.get_or_intern(text).into_usize() as u32)
    }

    /// The symbol of a string that was interned before.
    pub fn find_sym(&self, text: &str) -> Option<Sym> {
        self.strings.get(text).map(|key| Sym(key.into_usize() as u32))
    }

    /// The text of a symbol.
    pub fn str(&self, sym: Sym) -> &str {
        match Spur::try_from_usize(sym.index()) {
            Some(key) => self.strings.resolve(&key),
            None => "",
        }
    }

    // ---- types

    /// Interns a type.
    pub fn ty(&mut self, kind: TypeKind) -> Type {
        if let Some(index) = self.types.get_index_of(&kind) {
            return Type(index as u32);
        }
        Type(self.types.insert_full(kind).0 as u32)
    }

    /// Every type that was interned.
    pub fn types(&self) -> impl Iterator<Item = Type> + use<> {
        (0..self.types.len() as u32).map(Type)
    }

    /// What a type is made of.
    pub fn type_kind(&self, ty: Type) -> &TypeKind {
        &self.types[ty.index()]
    }

    /// `iN`
    pub fn int_type(&mut self, width: u32) -> Type {
        self.ty(TypeKind::Integer { width, signedness: Signedness::Signless })
    }

    /// A float type.
    pub fn float_type(&mut self, kind: FloatKind) -> Type {
        self.ty(TypeKind::Float(kind))
    }

    /// `tensor<shape x element>`
    pub fn tensor_type(&mut self, shape: &[i64], element: Type) -> Type {
        self.ty(TypeKind::Tensor { shape: shape.to_vec(), element, encoding: Attr::NONE })
    }

    /// Declares the parameters of a type or attribute, by full name.
    pub fn declare_params(&mut self, name: Sym, params: Vec<DeclaredParam>) {
        self.declared.insert(name, params);
    }

    /// The parameters of a declared type or attribute.
    pub fn declared_params(&self, name: Sym) -> &[DeclaredParam] {
        self.declared.get(&name).map_or(&[], Vec::as_slice)
    }

    // ---- attributes

    /// Interns an attribute.
    pub fn attr(&mut self, kind: AttrKind) -> Attr {
        if let Some(index) = self.attrs.get_index_of(&kind) {
            return Attr(index as u32);
        }
        Attr(self.attrs.insert_full(kind).0 as u32)
    }

    /// What an attribute is made of.
    pub fn attr_kind(&self, attr: Attr) -> &AttrKind {
        &self.attrs[attr.index()]
    }

    /// `value : i64`
    pub fn i64_attr(&mut self, value: i64) -> Attr {
        let ty = self.int_type(64);
        self.attr(AttrKind::Integer { value: i128::from(value), ty })
    }

    /// `value : f64`
    pub fn f64_attr(&mut self, value: f64) -> Attr {
        let ty = self.float_type(FloatKind::F64);
        let bits = value.to_bits();
        self.attr(match value.is_nan() {
            true => AttrKind::FloatBits { bits: u128::from(bits), ty },
            false => AttrKind::Float { bits, ty },
        })
    }

    /// `true` or `false`
    pub fn bool_attr(&mut self, value: bool) -> Attr {
        let ty = self.int_type(1);
        self.attr(AttrKind::Integer { value: i128::from(value), ty })
    }

    /// `"text"`
    pub fn string_attr(&mut self, text: &str) -> Attr {
        let text = self.sym(text);
        self.attr(AttrKind::String { text, ty: Type::NONE })
    }

    /// `unit`
    pub fn unit_attr(&mut self) -> Attr {
        self.attr(AttrKind::Unit)
    }

    /// `[…]`
    pub fn array_attr(&mut self, elements: Vec<Attr>) -> Attr {
        self.attr(AttrKind::Array(elements))
    }

    /// `ty` as an attribute
    pub fn type_attr(&mut self, ty: Type) -> Attr {
        self.attr(AttrKind::Type(ty))
    }

    /// The value of an integer attribute that fits.
    pub fn as_i64(&self, attr: Attr) -> Option<i64> {
        match attr.some().map(|attr| self.attr_kind(attr)) {
            Some(AttrKind::Integer { value, .. }) => i64::try_from(*value).ok(),
            _ => None,
        }
    }

    /// The value of a float attribute, rounded where an `f64` does not hold it.
    pub fn as_f64(&self, attr: Attr) -> Option<f64> {
        match attr.some().map(|attr| self.attr_kind(attr)) {
            Some(AttrKind::Float { bits, .. }) => Some(f64::from_bits(*bits)),
            Some(AttrKind::FloatBits { bits, ty }) => match self.type_kind(*ty) {
                TypeKind::Float(kind) => Some(kind.value_of(*bits)),
                _ => None,
            },
            _ => None,
        }
    }

    /// The text of a string attribute.
    pub fn as_str(&self, attr: Attr) -> Option<&str> {
        match attr.some().map(|attr| self.attr_kind(attr)) {
            Some(AttrKind::String { text, .. }) => Some(self.str(*text)),
            _ => None,
        }
    }

    /// The elements of an array attribute.
    pub fn as_array(&self, attr: Attr) -> Option<&[Attr]> {
        match attr.some().map(|attr| self.attr_kind(attr)) {
            Some(AttrKind::Array(elements)) => Some(elements),
            _ => None,
        }
    }

    // ---- dictionaries

    /// Interns a dictionary; entries may come in any order, the last of equal names wins.
    pub fn dict(&mut self, entries: &[(Sym, Attr)]) -> Dict {
        match entries {
            [] => Dict::EMPTY,
            [_] => self.intern_dict(entries),
            _ => {
                let sorted = entries.windows(2).all(|w| self.str(w[0].0) < self.str(w[1].0));
                if sorted {
                    return self.intern_dict(entries);
                }
                let mut copy: Vec<(Sym, Attr)> = Vec::with_capacity(entries.len());
                for entry in entries.iter().rev() {
                    copy.push(*entry);
                }
                copy.sort_by(|a, b| self.str(a.0).cmp(self.str(b.0)));
                copy.dedup_by_key(|entry| entry.0);
                self.intern_dict(&copy)
            }
        }
    }

    fn intern_dict(&mut self, entries: &[(Sym, Attr)]) -> Dict {
        if let Some(index) = self.dicts.get_index_of(entries) {
            return Dict(index as u32);
        }
        Dict(self.dicts.insert_full(entries.into()).0 as u32)
    }

    /// The entries of a dictionary, sorted by name.
    pub fn dict_entries(&self, dict: Dict) -> &[(Sym, Attr)] {
        &self.dicts[dict.index()]
    }

    /// The entry of that name.
    pub fn dict_get(&self, dict: Dict, name: Sym) -> Option<Attr> {
        self.dict_entries(dict).iter().find(|(key, _)| *key == name).map(|(_, value)| *value)
    }

    /// The dictionary with `name` set, or removed where `value` is `None`.
    pub fn dict_set(&mut self, dict: Dict, name: Sym, value: Option<Attr>) -> Dict {
        let mut entries: Vec<_> =
            self.dict_entries(dict).iter().copied().filter(|(key, _)| *key != name).collect();
        entries.extend(value.map(|value| (name, value)));
        self.dict(&entries)
    }

    // ---- locations

    /// A position in a file, without a look-up: for one that no other op has, as a rule.
    pub fn file_loc(&mut self, file: Sym, line: u32, column: u32) -> Loc {
        let position = self.positions.push(file, line, column);
        position.unwrap_or_else(|| self.loc(LocKind::File { file, line, column }))
    }

    /// Interns a location.
    pub fn loc(&mut self, kind: LocKind) -> Loc {
        Loc(self.locs.insert_full(kind).0 as u32)
    }

    /// A location that is neither a place in the text nor a position that it writes.
    pub(super) fn interned_loc(&self, loc: Loc) -> &LocKind {
        self.locs.get_index(loc.index()).unwrap_or(&LocKind::Unknown)
    }

    /// The first file position that a location leads to.
    pub fn file_position(&self, loc: Loc) -> Option<(&str, u32, u32)> {
        let mut loc = loc;
        loop {
            match &*self.loc_kind(loc) {
                LocKind::Unknown => return None,
                LocKind::File { file, line, column } => return Some((self.str(*file), *line, *column)),
                LocKind::FileRange { file, span } => return Some((self.str(*file), span[0].0, span[0].1)),
                LocKind::Name(_, child) => loc = *child,
                LocKind::CallSite(callee, _) => loc = *callee,
                LocKind::Fused(fused) => loc = *fused.0.first()?,
            }
        }
    }

    // ---- ops

    /// The op of that name, entered as unregistered if it is new.
    pub fn op_name(&mut self, name: &str) -> OpName {
        let sym = self.sym(name);
        self.op_name_of_sym(sym)
    }

    /// The op named by a symbol, entered as unregistered if it is new.
    pub fn op_name_of_sym(&mut self, sym: Sym) -> OpName {
        if let Some(op) = self.op_by_sym.get(sym.index()).copied().and_then(OpName::some) {
            return op;
        }
        let info = OpInfo {
            name: sym,
            registered: false,
            traits: Traits::default(),
            stages: Stages::ANY,
            inherent: Vec::new(),
        };
        self.ops.push(info);
        if self.op_by_sym.len() <= sym.index() {
            self.op_by_sym.resize(sym.index() + 1, OpName::NONE);
        }
        let op = OpName((self.ops.len() - 1) as u32);
        self.op_by_sym[sym.index()] = op;
        op
    }

    /// The op of that name, if it is in the table.
    pub fn find_op(&self, name: &str) -> Option<OpName> {
        let sym = self.find_sym(name)?;
        self.op_by_sym.get(sym.index()).copied().and_then(OpName::some)
    }

    /// The table entry of an op.
    pub fn op_info(&self, op: OpName) -> &OpInfo {
        &self.ops[op.index()]
    }

    /// The table entry of an op, to be filled in by its schema.
    pub fn op_info_mut(&mut self, op: OpName) -> &mut OpInfo {
        &mut self.ops[op.index()]
    }

    /// The full name of an op.
    pub fn op_str(&self, op: OpName) -> &str {
        self.str(self.op_info(op).name)
    }

    /// All registered op names, in the order of registration.
    pub fn registered_ops(&self) -> impl Iterator<Item = &str> {
        self.ops.iter().filter(|info| info.registered).map(|info| self.str(info.name))
    }
}
