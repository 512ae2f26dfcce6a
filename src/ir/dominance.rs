//! Dominance between blocks, computed with petgraph (Cooper, Harvey and Kennedy, "A simple, fast dominance
//! algorithm") for regions of more than one block.

use petgraph::algo::dominators::{Dominators, simple_fast};
use petgraph::graph::DiGraph;
use petgraph::graph::NodeIndex;
use rustc_hash::FxHashMap;

use super::graph::{BlockId, Ir, OpId, RegionId, ValueDef, ValueId};
use super::op_table::Traits;

struct RegionTree {
    tree: Dominators<NodeIndex>,
    nodes: FxHashMap<BlockId, NodeIndex>,
}

/// Answers dominance questions about an unchanging IR; call [`Ir::renumber_all`] first.
pub struct Dominance<'a> {
    ir: &'a Ir,
    trees: FxHashMap<RegionId, RegionTree>,
}

impl<'a> Dominance<'a> {
    /// Prepares for `ir`; regions are analysed on demand.
    pub fn new(ir: &'a Ir) -> Self {
        Dominance { ir, trees: FxHashMap::default() }
    }

    /// Whether `value` may be used by `user`: its definition properly dominates the op or one of the ops
    /// around it. Values of graph regions dominate all of their region; unreachable blocks are not checked.
    pub fn dominates(&mut self, value: ValueId, user: OpId) -> bool {
        let ir = self.ir;
        let (def_block, def_op) = match ir.def(value) {
            ValueDef::Result(op, _) => (ir.block(op), Some(op)),
            ValueDef::Argument(block, _) => (block, None),
            ValueDef::Placeholder => return false,
        };
        if def_block.is_none() {
            return false;
        }
        let def_region = ir.block_region(def_block);
        // Climb from the user to the op in the definition's region, not out of an isolated one.
        let mut ancestor = user;
        while ir.block(ancestor).is_none() || ir.block_region(ir.block(ancestor)) != def_region {
            ancestor = ir.parent_op(ancestor);
            if ancestor.is_none() || ir.has_trait(ancestor, Traits::ISOLATED) {
                return false;
            }
        }
        let parent = ir.region_parent(def_region);
        if ir.has_trait(parent, Traits::GRAPH) {
            return true;
        }
        let use_block = ir.block(ancestor);
        if use_block == def_block {
            return match def_op {
                None => true,
                Some(def) => {
                    debug_assert!(ir.order_valid(use_block));
                    ir.order(def) < ir.order(ancestor)
                        // One block of an unregistered op may be a graph.
                        || ir.blocks(def_region).len() == 1 && !ir.info(parent).registered
                        || !self.is_reachable(def_region, use_block)
                }
            };
        }
        self.block_dominates(def_region, def_block, use_block)
    }

    fn tree(&mut self, region: RegionId) -> &RegionTree {
        let ir = self.ir;
        self.trees.entry(region).or_insert_with(|| {
            let mut graph = DiGraph::<BlockId, ()>::new();
            let blocks = ir.blocks(region);
            let nodes: FxHashMap<_, _> = blocks.iter().map(|b| (*b, graph.add_node(*b))).collect();
            for block in blocks {
                let Some(last) = ir.last_op(*block).some() else { continue };
                for successor in ir.successors(last) {
                    if let (Some(from), Some(to)) = (nodes.get(block), nodes.get(successor)) {
                        graph.add_edge(*from, *to, ());
                    }
                }
            }
            let root = blocks.first().and_then(|b| nodes.get(b)).copied().unwrap_or_default();
            RegionTree { tree: simple_fast(&graph, root), nodes }
        })
    }

    fn is_reachable(&mut self, region: RegionId, block: BlockId) -> bool {
        if self.ir.blocks(region).first() == Some(&block) {
            return true;
        }
        let tree = self.tree(region);
        let node = tree.nodes.get(&block);
        node.is_some_and(|node| tree.tree.immediate_dominator(*node).is_some())
    }

    fn block_dominates(&mut self, region: RegionId, above: BlockId, below: BlockId) -> bool {
        if !self.is_reachable(region, below) {
            return true;
        }
        let tree = self.tree(region);
        let (Some(above), Some(below)) = (tree.nodes.get(&above), tree.nodes.get(&below)) else {
            return false;
        };
        tree.tree.dominators(*below).is_some_and(|mut chain| chain.any(|node| node == *above))
    }
}
