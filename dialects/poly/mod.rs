//! The `poly` dialect: polynomials, their approximation and their evaluation.

pub mod approximation;
pub mod polynomial;
mod program;
mod remez;
pub mod schedule;

/// Typed views of the dialect's ops, generated from its `.dialect` file.
pub mod views {
    include!(concat!(env!("OUT_DIR"), "/poly_views.rs"));
}

/// The dialect.
pub const DIALECT: crate::Dialect = crate::Dialect {
    name: "poly",
    schema: include_str!("poly.dialect"),
    rules: include_str!("poly.rules"),
    hooks: |_| {},
    kernels: |_| {},
    passes: |_| Ok(()),
};
