//! A program as a graph in Graphviz' language.

use he_core::cost::program_graph;
use he_core::ir::Ir;
use he_core::support::Diagnostic;
use he_dialects::func;
use petgraph::dot::{Config, Dot};
use petgraph::graph::EdgeReference;

/// The entry function: ops as nodes, values as edges with their types.
pub fn dot(ir: &Ir) -> Result<String, Diagnostic> {
    let graph = program_graph(ir, func::entry(ir)?)?;
    let labels = graph.map(
        |_, op| {
            let by = ir.attr_named(*op, "by").map(|by| format!(" {}", ir.ctx.attr_text(by)));
            format!("{}{}", ir.name_str(*op), by.unwrap_or_default())
        },
        |_, value| ir.ctx.type_text(ir.ty(*value)),
    );
    let node = |_, (_, label): (_, &String)| format!("label = {label:?} shape = box");
    let edge = |_, edge: EdgeReference<'_, String>| format!("label = {:?}", edge.weight());
    let config = [Config::NodeNoLabel, Config::EdgeNoLabel];
    Ok(format!("{:?}", Dot::with_attr_getters(&labels, &config, &edge, &node)))
}
