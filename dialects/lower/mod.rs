//! From each dialect to the next: the only place that names two dialects.

mod auto;
pub mod bounds;
pub mod bsgs;
mod client_functions;
pub mod constants;
pub mod expand_poly;
mod fold_poly;
pub mod layouts;
pub mod linear;
mod nn_to_poly;
pub mod packed_to_ckks;
pub mod poly_to_packed;
mod precision;

use he_core::expr::ParsedText;
use he_core::ir::{Ir, OpId};
use he_core::pass::PassTable;
use he_core::schema::REFERENCE_ATTR;

use crate::ckks::passes::select_params;

/// What the name of the reference function ends in.
pub const REFERENCE_SUFFIX: &str = "__reference";

/// Rule files of the lowerings, by name.
pub const RULES: &[(&str, ParsedText<'static>)] =
    &[("packed_to_ckks.rules", shipped!("packed_to_ckks.rules"))];

/// Registers the lowering passes.
pub fn passes(table: &mut PassTable) -> Result<(), String> {
    nn_to_poly::passes(table)?;
    table.add(fold_poly::pass())?;
    table.add(poly_to_packed::pass())?;
    table.add(bsgs::pass())?;
    table.add(expand_poly::pass())?;
    table.add(packed_to_ckks::pass())?;
    table.add(select_params::pass(precision::largest_noise))?;
    table.add(auto::pass())
}

/// The function that keeps the nn program, once `approximate` has run.
pub fn reference_function(ir: &Ir) -> Option<OpId> {
    crate::func::functions(ir).into_iter().find(|function| ir.attr_named(*function, REFERENCE_ATTR).is_some())
}
