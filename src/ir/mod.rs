//! The IR: operations, values, blocks and regions in arenas; types, attributes and locations hash-consed.
//!
//! An [`Ir`] owns one top-level operation and everything below it. Entities are named by typed ids, links
//! between them are ids too: no reference counting, and insert, erase and replace-all-uses in constant time.

mod affine;
mod attributes;
mod builder;
mod context;
mod dense;
mod dominance;
mod edit;
mod floats;
mod graph;
mod locations;
mod op_table;
mod print;
mod types;
mod value_map;
mod walk;

pub use affine::{Affine, AffineOp};
pub use attributes::{Attr, AttrKind, Dict};
pub use builder::OpSpec;
pub use context::{Context, DeclaredParam, Sym};
pub use dominance::Dominance;
pub use graph::{BlockId, Ir, OpId, RegionId, Use, ValueDef, ValueId};
pub use locations::{Loc, LocKind};
pub use op_table::{OpInfo, OpName, Stages, Traits};
pub(crate) use print::{write_key, write_string, write_symbol};
pub use types::{DYNAMIC, FloatKind, Signedness, Type, TypeKind};
pub use value_map::ValueMap;
