//! Passes on ciphertexts: planners of relinearizations, rescales and bootstraps. Each places ops of its own kind;
//! [`leveling`] alone writes levels, scales and level drops.

pub mod bootstrap;
pub mod leveling;
pub mod planners;

use he_core::pass::PassTable;

/// Registers the passes.
pub fn register(table: &mut PassTable) -> Result<(), String> {
    table.add(planners::relinearize())?;
    table.add(planners::rescale())?;
    table.add(bootstrap::pass())
}
