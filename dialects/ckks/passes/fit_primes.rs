//! `fit-primes`: the exact primes of a library, and plaintexts that make up for what rescales by them are off by.
//!
//! ```text
//! %1 = ckks.mul_scalar %0 {value = 0.5, log_scale = 40} : …
//! %2 = ckks.rescale %1 : …
//! // where the prime is 2^40·1.0000003 becomes
//! %1 = ckks.mul_scalar %0 {value = 0.5, log_scale = 40, correction = 1.0000003} : …
//! %2 = ckks.rescale %1 : …
//! ```
//!
//! Programs are fitted to the library when they are exported; the pass shows what is done to them.
//!
//! In Rust because corrections are solved for over the whole program ([`super::leveling`]).

use he_core::pass::{OptionDef, OptionKind, PassDef, StageRange};

use super::leveling::fit_primes;
use crate::ckks::noise::Library;

/// The pass `fit-primes`.
pub fn pass() -> PassDef {
    PassDef {
        name: "fit-primes".into(),
        doc: "States the exact primes of a library; plaintexts make up for what rescales by them are off by"
            .into(),
        options: vec![OptionDef {
            name: "library",
            kind: OptionKind::Choice(&["openfhe", "seal"]),
            default: "openfhe",
            doc: "whose primes, where the module states none",
        }],
        stages: Some(StageRange { first: 4, last: 4, result: None }),
        run: Box::new(|context, ir| {
            let library = match context.options.text("library") {
                Some("seal") => Library::Seal,
                _ => Library::OpenFhe,
            };
            fit_primes(ir, library).map_err(|error| vec![error])
        }),
    }
}
