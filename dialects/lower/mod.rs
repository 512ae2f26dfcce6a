//! From each dialect to the next: the only place that names two dialects.

use he_core::pass::PassTable;

/// Rule files of the lowerings: file name and text.
pub const RULES: &[(&str, &str)] = &[];

/// Registers the lowering passes.
pub fn passes(_table: &mut PassTable) -> Result<(), String> {
    Ok(())
}
