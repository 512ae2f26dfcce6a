//! A function as a graph: its ops, and the values that flow between them.

use petgraph::graph::{DiGraph, NodeIndex};
use rustc_hash::FxHashMap;

use crate::ir::{Ir, OpId, ValueId};
use crate::support::Diagnostic;

/// Ops in program order, with an edge for each operand that an op of the same block defines.
pub type ProgramGraph = DiGraph<OpId, ValueId>;

/// The graph of a function's only block.
pub fn program_graph(ir: &Ir, function: OpId) -> Result<ProgramGraph, Diagnostic> {
    let blocks = ir.regions(function).first().map_or(&[][..], |region| ir.blocks(*region));
    let [block] = blocks else {
        let text =
            format!("'{}' op has {} blocks; only one can be analyzed", ir.name_str(function), blocks.len());
        return Err(Diagnostic::error(text).at(ir.position(function)));
    };
    let mut graph = ProgramGraph::new();
    let ops = ir.block_ops(*block);
    let nodes: FxHashMap<OpId, NodeIndex> = ops.iter().map(|op| (*op, graph.add_node(*op))).collect();
    for op in ops {
        for operand in ir.operands(op) {
            if let Some(def) = nodes.get(&ir.def_op(operand)) {
                graph.add_edge(*def, nodes[&op], operand);
            }
        }
    }
    Ok(graph)
}
