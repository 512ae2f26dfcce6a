//! From each dialect to the next: the only place that names two dialects.

pub mod bounds;
mod nn_to_poly;

use he_core::ir::{Ir, OpId};
use he_core::pass::PassTable;
use he_core::schema::REFERENCE_ATTR;

/// What the name of the reference function ends in.
pub const REFERENCE_SUFFIX: &str = "__reference";

/// Rule files of the lowerings: file name and text.
pub const RULES: &[(&str, &str)] = &[];

/// Registers the lowering passes.
pub fn passes(table: &mut PassTable) -> Result<(), String> {
    nn_to_poly::passes(table)
}

/// The function that keeps the nn program, once `approximate` has run.
pub fn reference_function(ir: &Ir) -> Option<OpId> {
    crate::func::functions(ir).into_iter().find(|function| ir.attr_named(*function, REFERENCE_ATTR).is_some())
}
