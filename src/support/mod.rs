//! What every other module stands on: typed ids and diagnostics.

mod diagnostic;
mod id;
mod suggest;

pub use diagnostic::{Diagnostic, Diagnostics, Position, Severity};
pub use suggest::did_you_mean;

pub(crate) use id::define_id;
