//! The ckks dialect: parameters, security and noise of the CKKS scheme.

pub mod attr;
pub mod backend;
pub mod bounds;
mod checked;
pub mod cost;
pub mod cost_pass;
pub mod cost_table;
pub mod kernels;
mod memory;
pub mod noise;
pub mod param_flags;
pub mod params;
pub mod passes;
pub mod primes;
#[cfg(test)]
mod rules_tests;
pub mod security;
pub mod verify;

/// Typed views of the dialect's ops, generated from its `.dialect` file.
pub mod views {
    include!(concat!(env!("OUT_DIR"), "/ckks_views.rs"));
}

/// The dialect.
pub const DIALECT: crate::Dialect = crate::Dialect {
    name: "ckks",
    schema: shipped!("ckks.dialect"),
    rules: Some(shipped!("ckks.rules")),
    hooks: verify::register,
    kernels: kernels::register,
    passes: |table| {
        passes::register(table)?;
        cost_pass::add_cost_pass(table)
    },
    sample: backend::sample,
    numbers: backend::numbers,
};
