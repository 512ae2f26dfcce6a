//! Attributes and dictionaries of them.

use super::context::Sym;
use super::locations::Loc;
use super::types::Type;
use crate::support::define_id;

define_id! {
    /// A hash-consed attribute: equal attributes have equal ids.
    Attr
}

define_id! {
    /// A hash-consed dictionary, sorted by name. [`Dict::EMPTY`] is the empty one.
    Dict
}

impl Dict {
    /// The dictionary without entries.
    pub const EMPTY: Dict = Dict(0);
}

/// What an attribute is made of. Floats are stored as bits, so that equality is identity.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum AttrKind {
    /// `unit`
    Unit,
    /// `3 : i64`; `true` and `false` are 1 and 0 of type `i1`.
    Integer {
        /// The value, sign-extended (zero-extended for unsigned and index types as MLIR prints them).
        value: i128,
        /// `iN` or `index`.
        ty: Type,
    },
    /// An integer wider than 128 bits, in decimal.
    BigInteger {
        /// Decimal digits with an optional sign.
        digits: Sym,
        /// `iN`
        ty: Type,
    },
    /// `0.5 : f32`
    Float {
        /// Bits of the value as `f64`, already rounded to `ty`.
        bits: u64,
        /// The float type.
        ty: Type,
    },
    /// `0x7FC00001 : f32`: a NaN, or a number that no `f64` holds.
    FloatBits {
        /// The bit pattern in the format of `ty`.
        bits: u128,
        /// The float type.
        ty: Type,
    },
    /// `"text"`, possibly typed
    String {
        /// The bytes, after escapes; see [`crate::support::text_of_bytes`] for those that are not UTF-8.
        text: Sym,
        /// The type, or [`Type::NONE`].
        ty: Type,
    },
    /// `[a, b]`
    Array(Vec<Attr>),
    /// `{a = 1}`
    Dictionary(Dict),
    /// A type as an attribute
    Type(Type),
    /// `@a::@b`
    Symbol(Vec<Sym>),
    /// `dense<…> : tensor<…>`
    Dense {
        /// The shaped type.
        ty: Type,
        /// Elements in row-major order, little-endian; one element for a splat.
        bytes: Box<[u8]>,
        /// Whether one element stands for all.
        splat: bool,
    },
    /// `dense<["a", "b"]> : tensor<2x!t.s>`: elements are strings.
    DenseStrings {
        /// The shaped type.
        ty: Type,
        /// Elements in row-major order; one for a splat.
        texts: Vec<Sym>,
    },
    /// `array<i64: 1, 2>`
    DenseArray {
        /// Element type: `i1`, `iN` or a float.
        element: Type,
        /// Elements, little-endian.
        bytes: Box<[u8]>,
    },
    /// `dense_resource<key> : tensor<…>`
    DenseResource {
        /// Key in the resource section.
        key: Sym,
        /// The shaped type.
        ty: Type,
    },
    /// `sparse<indices, values> : tensor<…>`
    Sparse {
        /// A dense attribute of indices.
        indices: Attr,
        /// A dense attribute of values.
        values: Attr,
        /// The shaped type.
        ty: Type,
    },
    /// An affine map, an integer set, or a strided layout, carried in canonical text.
    Affine(Sym),
    /// `loc(…)` as an attribute
    Location(Loc),
    /// An attribute that a loaded dialect declares: `#ckks.params<…>`.
    Declared {
        /// Full name, such as `ckks.params`.
        name: Sym,
        /// Parameters in the order of the declaration; [`Attr::NONE`] where absent.
        params: Vec<Attr>,
    },
    /// An attribute of an unregistered dialect, kept as written after `#`, possibly typed.
    Opaque {
        /// `dialect.name<…>`
        text: Sym,
        /// The type, or [`Type::NONE`].
        ty: Type,
    },
}
