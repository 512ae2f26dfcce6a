//! The packed dialect: encrypted tensors as slot vectors.

/// Typed views of the dialect's ops, generated from its `.dialect` file.
pub mod views {
    include!(concat!(env!("OUT_DIR"), "/packed_views.rs"));
}

/// The dialect.
pub const DIALECT: crate::Dialect = crate::Dialect {
    name: "packed",
    schema: include_str!("packed.dialect"),
    rules: include_str!("packed.rules"),
    hooks: |_| {},
    kernels: |_| {},
    passes: |_| Ok(()),
};
