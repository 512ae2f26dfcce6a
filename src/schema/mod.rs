//! Schemas: what `.dialect` files say of ops, types and attributes, and the checks that follow from it.

mod constraint;
mod defs;
mod format;
mod infer;
mod load;
mod registry;
mod verify;

pub use constraint::Kind;
pub use defs::{AttrDef, Check, CostDef, EnumDef, Infer, OpDef, OperandDef, ParamDef, ParamsDef, Repeat};
pub use format::{FormatItem, FormatRef};
pub use infer::infer_results;
pub use registry::{ModuleVerify, NativeInfer, NativeVerify, Registry};
pub use verify::{REFERENCE_ATTR, STAGE_ATTR, verify, verify_op};
