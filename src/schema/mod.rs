//! Schemas: what `.dialect` files say of ops, types and attributes, and the checks that follow from it.

mod build;
mod constraint;
mod defs;
mod format;
mod infer;
mod kernel;
mod load;
mod registry;
mod scope;
mod syntax;
mod verify;

pub(crate) use build::{Argument, Build, BuildError, BuildGrammar, OpBuilder, Part, Place, build_grammar};
pub use constraint::Kind;
pub use defs::{
    AttrDef, Check, CostDef, DiscardableDef, EnumDef, Infer, OpDef, OperandDef, ParamDef, ParamsDef, Ranges,
    Repeat,
};
pub use format::{FormatItem, FormatRef};
pub use infer::infer_results;
pub use kernel::{Composition, Expansion, Expansions, KernelDef, expand_kernel};
pub use registry::{ModuleVerify, NativeInfer, NativeVerify, Registry};
pub(crate) use scope::{Definition, Meaning, Scope, Slot, value_kind};
pub use syntax::syntax_tree;
pub use verify::{REFERENCE_ATTR, STAGE_ATTR, verify, verify_op};
