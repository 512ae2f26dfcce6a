//! Kinds: what types a value and what values an attribute may have.

use super::registry::Registry;
use crate::ir::{Attr, AttrKind, Context, Traits, Type, TypeKind};

/// A constraint on a type (of an operand or result) or on an attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Anything
    Any,
    /// An integer type or value
    Int,
    /// A float type or value
    Float,
    /// An integer or a float
    Number,
    /// `true` or `false`
    Bool,
    /// A string
    Str,
    /// A string that names a symbol: written `@name` in pretty forms
    SymbolName,
    /// An array of integers
    Ints,
    /// An array of floats
    Floats,
    /// Any array
    Array,
    /// A type
    Type,
    /// A symbol reference
    Symbol,
    /// Dense elements, resource or constant data of any form
    Dense,
    /// A dictionary
    Dict,
    /// A unit attribute
    Unit,
    /// A ranked tensor
    Tensor,
    /// `index`
    Index,
    /// A function type
    Function,
    /// One of the words of a declared enum (full name)
    Enum(String),
    /// A declared type or attribute (full name)
    Declared(String),
    /// A type with the trait `elementwise`: tensors and what dialects declare so
    Elementwise,
    /// One of several
    OneOf(Vec<Kind>),
}

impl Kind {
    /// The kind of a builtin keyword.
    pub fn from_keyword(word: &str) -> Option<Kind> {
        Some(match word {
            "any" => Kind::Any,
            "int" => Kind::Int,
            "float" => Kind::Float,
            "number" => Kind::Number,
            "bool" => Kind::Bool,
            "string" => Kind::Str,
            "symbol_name" => Kind::SymbolName,
            "ints" => Kind::Ints,
            "floats" => Kind::Floats,
            "array" => Kind::Array,
            "type" => Kind::Type,
            "symbol" => Kind::Symbol,
            "dense" => Kind::Dense,
            "dict" => Kind::Dict,
            "unit" => Kind::Unit,
            "tensor" => Kind::Tensor,
            "index" => Kind::Index,
            "function" => Kind::Function,
            "elementwise" => Kind::Elementwise,
            _ => return None,
        })
    }

    /// Every builtin keyword.
    pub const KEYWORDS: [&'static str; 19] = [
        "symbol_name",
        "any",
        "int",
        "float",
        "number",
        "bool",
        "string",
        "ints",
        "floats",
        "array",
        "type",
        "symbol",
        "dense",
        "dict",
        "unit",
        "tensor",
        "index",
        "function",
        "elementwise",
    ];

    /// How to name the kind in a message.
    pub fn describe(&self) -> String {
        match self {
            Kind::Any => "anything".into(),
            Kind::Int => "an integer".into(),
            Kind::Float => "a float".into(),
            Kind::Number => "a number".into(),
            Kind::Bool => "true or false".into(),
            Kind::Str => "a string".into(),
            Kind::SymbolName => "a symbol name".into(),
            Kind::Ints => "a list of integers".into(),
            Kind::Floats => "a list of floats".into(),
            Kind::Array => "an array".into(),
            Kind::Type => "a type".into(),
            Kind::Symbol => "a symbol reference".into(),
            Kind::Dense => "constant elements".into(),
            Kind::Dict => "a dictionary".into(),
            Kind::Unit => "unit".into(),
            Kind::Tensor => "a ranked tensor".into(),
            Kind::Index => "index".into(),
            Kind::Function => "a function type".into(),
            Kind::Enum(name) => format!("a word of {name}"),
            Kind::Declared(name) => name.to_string(),
            Kind::Elementwise => "an element-wise type".into(),
            Kind::OneOf(kinds) => kinds.iter().map(Kind::describe).collect::<Vec<_>>().join(" or "),
        }
    }

    /// Whether no type is of both kinds.
    pub fn excludes(&self, other: &Kind) -> bool {
        match (self, other) {
            (Kind::OneOf(kinds), other) | (other, Kind::OneOf(kinds)) => {
                kinds.iter().all(|kind| kind.excludes(other))
            }
            (Kind::Declared(a), Kind::Declared(b)) => a != b,
            (Kind::Declared(_), other) | (other, Kind::Declared(_)) => matches!(
                other,
                Kind::Int
                    | Kind::Float
                    | Kind::Number
                    | Kind::Bool
                    | Kind::Tensor
                    | Kind::Index
                    | Kind::Function
            ),
            (Kind::Tensor, other) | (other, Kind::Tensor) => matches!(
                other,
                Kind::Int | Kind::Float | Kind::Number | Kind::Bool | Kind::Index | Kind::Function
            ),
            _ => false,
        }
    }

    /// Whether a value may have type `ty`.
    pub fn admits_type(&self, registry: &Registry, ctx: &Context, ty: Type) -> bool {
        let kind = ctx.type_kind(ty);
        match self {
            Kind::Any => true,
            Kind::Int => matches!(kind, TypeKind::Integer { .. }),
            Kind::Bool => matches!(kind, TypeKind::Integer { width: 1, .. }),
            Kind::Float => matches!(kind, TypeKind::Float(_)),
            Kind::Number => matches!(kind, TypeKind::Float(_) | TypeKind::Integer { .. } | TypeKind::Index),
            Kind::Index => matches!(kind, TypeKind::Index),
            Kind::Tensor => matches!(kind, TypeKind::Tensor { .. }),
            Kind::Function => matches!(kind, TypeKind::Function { .. }),
            Kind::Declared(full) => match kind {
                TypeKind::Declared { name, .. } => ctx.str(*name) == full,
                _ => false,
            },
            Kind::Elementwise => match kind {
                TypeKind::Tensor { .. } => true,
                TypeKind::Declared { name, .. } => {
                    registry.type_def(ctx.str(*name)).is_some_and(|def| def.traits.has(Traits::ELEMENTWISE))
                }
                _ => false,
            },
            Kind::OneOf(kinds) => kinds.iter().any(|kind| kind.admits_type(registry, ctx, ty)),
            _ => false,
        }
    }

    /// Whether an attribute may have this value.
    pub fn admits_attr(&self, registry: &Registry, ctx: &Context, attr: Attr) -> bool {
        let kind = ctx.attr_kind(attr);
        let all = |items: &[Attr], kind: &Kind| items.iter().all(|a| kind.admits_attr(registry, ctx, *a));
        match self {
            Kind::Any => true,
            Kind::Int => matches!(kind, AttrKind::Integer { .. }),
            Kind::Float => matches!(kind, AttrKind::Float { .. } | AttrKind::FloatBits { .. }),
            Kind::Number => {
                matches!(kind, AttrKind::Float { .. } | AttrKind::FloatBits { .. } | AttrKind::Integer { .. })
            }
            Kind::Bool => match kind {
                AttrKind::Integer { ty, .. } => {
                    matches!(ctx.type_kind(*ty), TypeKind::Integer { width: 1, .. })
                }
                _ => false,
            },
            Kind::Str | Kind::SymbolName => matches!(kind, AttrKind::String { .. }),
            Kind::Ints => match kind {
                AttrKind::Array(items) => all(items, &Kind::Int),
                _ => false,
            },
            Kind::Floats => match kind {
                AttrKind::Array(items) => all(items, &Kind::Number),
                _ => false,
            },
            Kind::Array => matches!(kind, AttrKind::Array(_)),
            Kind::Type => matches!(kind, AttrKind::Type(_)),
            Kind::Tensor | Kind::Elementwise => match kind {
                AttrKind::Type(ty) => self.admits_type(registry, ctx, *ty),
                _ => false,
            },
            Kind::Function => match kind {
                AttrKind::Type(ty) => matches!(ctx.type_kind(*ty), TypeKind::Function { .. }),
                _ => false,
            },
            Kind::Index => matches!(kind, AttrKind::Integer { .. }),
            Kind::Symbol => matches!(kind, AttrKind::Symbol(_)),
            Kind::Dense => matches!(
                kind,
                AttrKind::Dense { .. } | AttrKind::DenseResource { .. } | AttrKind::DenseArray { .. }
            ),
            Kind::Dict => matches!(kind, AttrKind::Dictionary(_)),
            Kind::Unit => matches!(kind, AttrKind::Unit),
            Kind::Enum(name) => match kind {
                AttrKind::String { text, .. } => {
                    registry.enum_words(name).iter().any(|word| word == ctx.str(*text))
                }
                _ => false,
            },
            Kind::Declared(full) => match kind {
                AttrKind::Declared { name, .. } => ctx.str(*name) == full,
                AttrKind::Type(ty) => self.admits_type(registry, ctx, *ty),
                _ => false,
            },
            Kind::OneOf(kinds) => kinds.iter().any(|kind| kind.admits_attr(registry, ctx, attr)),
        }
    }
}
