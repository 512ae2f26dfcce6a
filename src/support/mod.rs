//! What every other module stands on: typed ids and diagnostics.

mod counted;
mod diagnostic;
mod id;
mod raw_text;
mod suggest;
mod weights;

pub use counted::counted;
pub use diagnostic::{Diagnostic, Diagnostics, Position, Severity};
pub use raw_text::{bytes_of_text, raw_byte, text_of_bytes};
pub use suggest::did_you_mean;
pub use weights::{NoWeights, Weights};

pub(crate) use id::define_id;
