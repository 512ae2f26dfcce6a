//! Walking the IR.

use super::graph::{BlockId, Ir, OpId};
use crate::support::Position;

impl Ir {
    /// The ops of a block in order, as a list that stays valid while the block changes.
    pub fn block_ops(&self, block: BlockId) -> Vec<OpId> {
        let mut ops = Vec::new();
        let mut op = self.first_op(block);
        while let Some(current) = op.some() {
            ops.push(current);
            op = self.next_op(current);
        }
        ops
    }

    /// Every op below `root`, `root` included, parents before children, in program order.
    pub fn walk(&self, root: OpId) -> impl Iterator<Item = OpId> + '_ {
        let blocks_of =
            |op| self.regions(op).iter().flat_map(|region| self.blocks(*region)).map(|b| self.first_op(*b));
        // Of each op on the way the blocks that are still to be visited, and the op after it.
        let mut pending = vec![(blocks_of(root), OpId::NONE)];
        let mut root = Some(root);
        let mut next = OpId::NONE;
        std::iter::from_fn(move || {
            if let Some(root) = root.take() {
                return Some(root);
            }
            let op = loop {
                if let Some(op) = next.some() {
                    next = self.next_op(op);
                    break op;
                }
                let (blocks, after) = pending.last_mut()?;
                match blocks.next() {
                    Some(first) => next = first,
                    None => {
                        next = *after;
                        pending.pop();
                    }
                }
            };
            if !self.is_flat(op) {
                pending.push((blocks_of(op), std::mem::replace(&mut next, OpId::NONE)));
            }
            Some(op)
        })
    }

    /// The same as a list that stays valid while the IR changes.
    pub fn nested_ops(&self, root: OpId) -> Vec<OpId> {
        self.walk(root).collect()
    }

    /// Every op of the module in program order, the top included.
    pub fn all_ops(&self) -> Vec<OpId> {
        self.nested_ops(self.top())
    }

    /// The only block of an op's first region.
    pub fn body(&self, op: OpId) -> Option<BlockId> {
        let region = *self.regions(op).first()?;
        self.blocks(region).first().copied()
    }

    /// The ops directly inside of the top-level operation.
    pub fn top_level_ops(&self) -> Vec<OpId> {
        self.body(self.top()).map_or_else(Vec::new, |block| self.block_ops(block))
    }

    /// The source position of an op, if it has one.
    pub fn position(&self, op: OpId) -> Option<Position> {
        let (file, line, column) = self.ctx.file_position(self.loc(op))?;
        Some(Position { file: file.to_owned(), line, column, length: 0 })
    }
}
