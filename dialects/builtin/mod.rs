//! MLIR's builtin dialect.

use he_core::ir::{Ir, OpId};
use he_core::support::Diagnostic;

use crate::Dialect;

/// The op that holds everything.
pub const MODULE: &str = "builtin.module";
const CAST: &str = "builtin.unrealized_conversion_cast";

/// The dialect.
pub const DIALECT: Dialect = Dialect {
    name: "builtin",
    schema: shipped!("builtin.dialect"),
    rules: None,
    hooks: |registry| {
        registry.native_verify(MODULE, |_, ir, op| verify_module(ir, op));
        registry.native_verify(CAST, |_, ir, op| verify_cast(ir, op));
    },
    kernels: |_| {},
    passes: |_| Ok(()),
    sample: |_, _, _| None,
    numbers: |_| None,
};

/// A module's block has no arguments, and its own attributes are those of dialects.
fn verify_module(ir: &Ir, op: OpId) -> Result<(), Diagnostic> {
    if ir.body(op).is_some_and(|body| !ir.args(body).is_empty()) {
        let text = format!("'{MODULE}' op: its block must have no arguments");
        return Err(Diagnostic::error(text).at(ir.position(op)));
    }
    let plain = |name: &&str| !name.contains('.') && !matches!(*name, "sym_name" | "sym_visibility");
    match ir.ctx.dict_entries(ir.attrs(op)).iter().map(|(name, _)| ir.ctx.str(*name)).find(plain) {
        None => Ok(()),
        Some(name) => {
            let text = format!("'{MODULE}' op: the attribute '{name}' needs the name of a dialect in front");
            Err(Diagnostic::error(text).at(ir.position(op)).help(format!("write 'some_dialect.{name}'")))
        }
    }
}

fn verify_cast(ir: &Ir, op: OpId) -> Result<(), Diagnostic> {
    if ir.result_count(op) > 0 {
        return Ok(());
    }
    Err(Diagnostic::error(format!("'{CAST}' op must have a result")).at(ir.position(op)))
}
