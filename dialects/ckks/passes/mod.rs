//! Passes on ciphertexts: planners of relinearizations, rescales and bootstraps, each of which places ops of
//! its own kind, and the choice of parameters; [`leveling`] alone writes levels, scales and level drops.

pub mod bootstrap;
pub mod fit_primes;
pub mod hoist;
pub mod leveling;
pub mod placement;
pub mod planners;
pub mod rotation_keys;
pub mod select_params;

use he_core::pass::PassTable;

/// Registers the passes.
pub fn register(table: &mut PassTable) -> Result<(), String> {
    table.add(planners::relinearize())?;
    table.add(planners::rescale())?;
    table.add(bootstrap::pass())?;
    table.add(rotation_keys::pass())?;
    table.add(hoist::pass())?;
    table.add(fit_primes::pass())
}
