//! How many ops of each name a program has: `--op-stats`.

use std::collections::BTreeMap;
use std::fmt::Write;

use he_core::ir::Ir;
use serde_json::json;

fn counts(ir: &Ir) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    for op in ir.all_ops() {
        *counts.entry(ir.name_str(op)).or_default() += 1;
    }
    counts
}

/// The table, sorted by name.
pub fn op_stats_text(ir: &Ir) -> String {
    let counts = counts(ir);
    let width = counts.keys().map(|name| name.len()).max().unwrap_or(0);
    let mut out = "Operations encountered:\n-----------------------\n".to_owned();
    for (name, count) in counts {
        let _ = writeln!(out, "  {name:>width$} , {count}");
    }
    out
}

/// An object from op name to count.
pub fn op_stats_json(ir: &Ir) -> String {
    format!("{:#}\n", json!(counts(ir)))
}
