//! From each dialect to the next: the only place that names two dialects.

pub mod bsgs;
pub mod constants;
pub mod expand_poly;
pub mod linear;
pub mod packed_to_ckks;
pub mod poly_to_packed;

use he_core::pass::PassTable;

/// Rule files of the lowerings: file name and text.
pub const RULES: &[(&str, &str)] = &[("packed_to_ckks.rules", include_str!("packed_to_ckks.rules"))];

/// Registers the lowering passes.
pub fn passes(table: &mut PassTable) -> Result<(), String> {
    table.add(poly_to_packed::pass())?;
    table.add(bsgs::pass())?;
    table.add(expand_poly::pass())?;
    table.add(packed_to_ckks::pass())
}
