//! The `poly` dialect: polynomials, their approximation and their evaluation.

pub mod approximation;
pub mod folding;
mod monic;
pub mod ops;
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
    schema: shipped!("poly.dialect"),
    rules: Some(shipped!("poly.rules")),
    hooks: |registry| {
        registry.native_verify("poly.eval", |_, ir, op| ops::verify(ir, op));
        registry.native_verify("poly.compose", |_, ir, op| ops::verify(ir, op));
    },
    kernels: ops::register,
    passes: |_| Ok(()),
    sample: |_, _, _| None,
    numbers: |_| None,
};

#[cfg(test)]
mod tests;
