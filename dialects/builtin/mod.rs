//! MLIR's builtin dialect.

use crate::Dialect;

/// The op that holds everything.
pub const MODULE: &str = "builtin.module";

/// The dialect.
pub const DIALECT: Dialect = Dialect {
    name: "builtin",
    schema: include_str!("builtin.dialect"),
    rules: "",
    hooks: |_| {},
    kernels: |_| {},
    passes: |_| Ok(()),
    sample: |_, _, _| None,
    numbers: |_| None,
};
