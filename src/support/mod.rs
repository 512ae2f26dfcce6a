//! What every other module stands on: typed ids and diagnostics.

mod diagnostic;
mod id;
mod suggest;
mod weights;

pub use diagnostic::{Diagnostic, Diagnostics, Position, Severity};
pub use suggest::did_you_mean;
pub use weights::{NoWeights, Weights};

pub(crate) use id::define_id;
