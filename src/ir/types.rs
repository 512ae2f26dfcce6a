//! Types.

use super::attributes::Attr;
use super::context::Sym;
use crate::support::define_id;

define_id! {
    /// A hash-consed type: equal types have equal ids.
    Type
}

/// A dimension that is not known before run time (`?`).
pub const DYNAMIC: i64 = i64::MIN;

/// Whether an integer type has a sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Signedness {
    /// `i32`
    Signless,
    /// `si32`
    Signed,
    /// `ui32`
    Unsigned,
}

/// The builtin floating-point formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "each variant is the format it is named after")]
pub enum FloatKind {
    F16,
    BF16,
    TF32,
    F32,
    F64,
    F80,
    F128,
    F8E5M2,
    F8E4M3,
    F8E4M3FN,
    F8E5M2FNUZ,
    F8E4M3FNUZ,
    F8E4M3B11FNUZ,
    F8E3M4,
    F8E8M0FNU,
    F6E2M3FN,
    F6E3M2FN,
    F4E2M1FN,
}

impl FloatKind {
    /// Every format with its keyword.
    pub const ALL: [(FloatKind, &'static str, u32); 18] = [
        (FloatKind::F16, "f16", 16),
        (FloatKind::BF16, "bf16", 16),
        (FloatKind::TF32, "tf32", 19),
        (FloatKind::F32, "f32", 32),
        (FloatKind::F64, "f64", 64),
        (FloatKind::F80, "f80", 80),
        (FloatKind::F128, "f128", 128),
        (FloatKind::F8E5M2, "f8E5M2", 8),
        (FloatKind::F8E4M3, "f8E4M3", 8),
        (FloatKind::F8E4M3FN, "f8E4M3FN", 8),
        (FloatKind::F8E5M2FNUZ, "f8E5M2FNUZ", 8),
        (FloatKind::F8E4M3FNUZ, "f8E4M3FNUZ", 8),
        (FloatKind::F8E4M3B11FNUZ, "f8E4M3B11FNUZ", 8),
        (FloatKind::F8E3M4, "f8E3M4", 8),
        (FloatKind::F8E8M0FNU, "f8E8M0FNU", 8),
        (FloatKind::F6E2M3FN, "f6E2M3FN", 6),
        (FloatKind::F6E3M2FN, "f6E3M2FN", 6),
        (FloatKind::F4E2M1FN, "f4E2M1FN", 4),
    ];

    /// The keyword, such as `f32`.
    pub fn keyword(self) -> &'static str {
        Self::ALL.iter().find(|(kind, ..)| *kind == self).map_or("f64", |(_, keyword, _)| keyword)
    }

    /// Width in bits.
    pub fn width(self) -> u32 {
        Self::ALL.iter().find(|(kind, ..)| *kind == self).map_or(64, |(.., width)| *width)
    }

    /// The format of that keyword.
    pub fn from_keyword(word: &str) -> Option<FloatKind> {
        Self::ALL.iter().find(|(_, keyword, _)| *keyword == word).map(|(kind, ..)| *kind)
    }
}

/// What a type is made of.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum TypeKind {
    /// `i32`, `si8`, `ui64`; width from 0 to 2^24 - 1.
    Integer {
        /// Width in bits.
        width: u32,
        /// Whether it has a sign.
        signedness: Signedness,
    },
    /// `index`
    Index,
    /// `f32`
    Float(FloatKind),
    /// `none`
    None,
    /// `(a, b) -> c`
    Function {
        /// Argument types.
        inputs: Vec<Type>,
        /// Result types.
        results: Vec<Type>,
    },
    /// `tuple<a, b>`
    Tuple(Vec<Type>),
    /// `complex<f32>`
    Complex(Type),
    /// `vector<4x[8]xf32>`; `scalable` has one flag a dimension.
    Vector {
        /// Dimensions.
        shape: Vec<i64>,
        /// Which dimensions are scalable.
        scalable: Vec<bool>,
        /// Element type.
        element: Type,
    },
    /// `tensor<4x?xf32, encoding>`
    Tensor {
        /// Dimensions; [`DYNAMIC`] for `?`.
        shape: Vec<i64>,
        /// Element type.
        element: Type,
        /// Encoding, or [`Attr::NONE`].
        encoding: Attr,
    },
    /// `tensor<*xf32>`
    UnrankedTensor(Type),
    /// `memref<4x?xf32, layout, space>`
    MemRef {
        /// Dimensions; [`DYNAMIC`] for `?`.
        shape: Vec<i64>,
        /// Element type.
        element: Type,
        /// Layout, or [`Attr::NONE`].
        layout: Attr,
        /// Memory space, or [`Attr::NONE`].
        space: Attr,
    },
    /// `memref<*xf32, space>`
    UnrankedMemRef {
        /// Element type.
        element: Type,
        /// Memory space, or [`Attr::NONE`].
        space: Attr,
    },
    /// A type that a loaded dialect declares: `!ckks.ct<level = 3>`.
    Declared {
        /// Full name, such as `ckks.ct`.
        name: Sym,
        /// Parameters in the order of the declaration; [`Attr::NONE`] where absent.
        params: Vec<Attr>,
    },
    /// A type of an unregistered dialect, kept as written after `!`.
    Opaque(Sym),
}
