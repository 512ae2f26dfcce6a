//! Creating, placing and erasing ops, blocks and regions.

use super::attributes::Dict;
use super::graph::{
    ARGUMENT, BlockData, BlockId, INSERT_STRIDE, Ir, Nest, ORDER_STRIDE, OpData, OpId, RegionData, RegionId,
    Use, UseData, ValueData, ValueId,
};
use super::locations::Loc;
use super::op_table::OpName;
use super::types::Type;

impl Ir {
    /// Creates a detached op. Results get fresh values of the given types.
    #[allow(clippy::too_many_arguments, reason = "the raw constructor; `OpSpec` is the one to use")]
    pub(crate) fn create_op(
        &mut self,
        name: OpName,
        operands: &[ValueId],
        result_types: &[Type],
        props: Dict,
        attrs: Dict,
        loc: Loc,
    ) -> OpId {
        let data = OpData {
            name,
            loc,
            block: BlockId::NONE,
            prev: OpId::NONE,
            next: OpId::NONE,
            order: 0,
            operands: (0, 0),
            results: (0, result_types.len() as u32),
            props,
            attrs,
            nest: u32::MAX,
        };
        let op = match self.free_ops.pop() {
            Some(op) => {
                self.ops[op.index()] = data;
                op
            }
            None => {
                self.ops.push(data);
                OpId((self.ops.len() - 1) as u32)
            }
        };
        let first = match (result_types, self.free_values.last().copied()) {
            ([ty], Some(value)) => {
                self.free_values.pop();
                self.values[value.index()] = ValueData { ty: *ty, def: op.0, first_use: Use::NONE };
                value.0
            }
            _ => {
                let first = self.values.len() as u32;
                let value = |ty: &Type| ValueData { ty: *ty, def: op.0, first_use: Use::NONE };
                self.values.extend(result_types.iter().map(value));
                first
            }
        };
        self.ops[op.index()].results.0 = first;
        self.ops[op.index()].operands = self.new_operands(op, operands);
        op
    }

    pub(super) fn new_operands(&mut self, owner: OpId, operands: &[ValueId]) -> (u32, u32) {
        let count = operands.len();
        if count == 0 {
            return (0, 0);
        }
        let start = match self.free_uses.get_mut(count).and_then(Vec::pop) {
            Some(start) => start,
            None => {
                let start = self.uses.len() as u32;
                let empty = UseData { value: ValueId::NONE, owner, prev: Use::NONE, next: Use::NONE };
                self.uses.resize(self.uses.len() + count, empty);
                start
            }
        };
        for (i, value) in operands.iter().enumerate() {
            let slot = Use(start + i as u32);
            self.uses[slot.index()] =
                UseData { value: ValueId::NONE, owner, prev: Use::NONE, next: Use::NONE };
            self.link(slot, *value);
        }
        (start, count as u32)
    }

    pub(super) fn link(&mut self, slot: Use, value: ValueId) {
        let first = self.values[value.index()].first_use;
        let data = &mut self.uses[slot.index()];
        data.value = value;
        data.prev = Use::NONE;
        data.next = first;
        if !first.is_none() {
            self.uses[first.index()].prev = slot;
        }
        self.values[value.index()].first_use = slot;
    }

    pub(super) fn unlink(&mut self, slot: Use) {
        let UseData { value, prev, next, .. } = self.uses[slot.index()];
        if prev.is_none() {
            self.values[value.index()].first_use = next;
        } else {
            self.uses[prev.index()].next = next;
        }
        if !next.is_none() {
            self.uses[next.index()].prev = prev;
        }
    }

    /// Creates a value without a definition, for a forward reference.
    pub(crate) fn create_placeholder(&mut self, ty: Type) -> ValueId {
        self.values.push(ValueData { ty, def: u32::MAX, first_use: Use::NONE });
        ValueId((self.values.len() - 1) as u32)
    }

    /// Appends an empty region to `op`.
    pub fn add_region(&mut self, op: OpId) -> RegionId {
        self.regions.push(RegionData { parent: op, blocks: Vec::new() });
        let region = RegionId((self.regions.len() - 1) as u32);
        self.nest_mut(op).regions.push(region);
        region
    }

    /// Creates a region that belongs to no op yet.
    pub(crate) fn create_region(&mut self) -> RegionId {
        self.regions.push(RegionData { parent: OpId::NONE, blocks: Vec::new() });
        RegionId((self.regions.len() - 1) as u32)
    }

    /// Gives detached regions to an op.
    pub(crate) fn attach_regions(&mut self, op: OpId, regions: Vec<RegionId>) {
        for region in &regions {
            self.regions[region.index()].parent = op;
        }
        self.nest_mut(op).regions = regions;
    }

    /// Moves regions from the ops that own them to the end of another op's.
    pub fn move_regions(&mut self, regions: &[RegionId], to: OpId) {
        for region in regions {
            let owner = self.regions[region.index()].parent;
            if !owner.is_none() {
                self.nest_mut(owner).regions.retain(|known| known != region);
            }
            self.regions[region.index()].parent = to;
            self.nest_mut(to).regions.push(*region);
        }
    }

    /// Creates a block that belongs to no region yet.
    pub fn create_block(&mut self) -> BlockId {
        self.blocks.push(BlockData {
            region: RegionId::NONE,
            first: OpId::NONE,
            last: OpId::NONE,
            args: Vec::new(),
            order_valid: true,
        });
        BlockId((self.blocks.len() - 1) as u32)
    }

    /// Appends a detached block to a region.
    pub fn append_block(&mut self, region: RegionId, block: BlockId) {
        self.blocks[block.index()].region = region;
        self.regions[region.index()].blocks.push(block);
    }

    /// Appends an argument to a block.
    pub fn add_block_arg(&mut self, block: BlockId, ty: Type) -> ValueId {
        self.arguments.push((block, self.blocks[block.index()].args.len() as u32));
        let def = (self.arguments.len() - 1) as u32 | ARGUMENT;
        self.values.push(ValueData { ty, def, first_use: Use::NONE });
        let value = ValueId((self.values.len() - 1) as u32);
        self.blocks[block.index()].args.push(value);
        value
    }

    /// Inserts an argument of a block before number `at`.
    pub fn insert_block_arg(&mut self, block: BlockId, at: usize, ty: Type) -> ValueId {
        let value = self.add_block_arg(block, ty);
        let args = &mut self.blocks[block.index()].args;
        args[at..].rotate_right(1);
        for (number, arg) in args.iter().enumerate().skip(at) {
            let def = self.values[arg.index()].def;
            self.arguments[(def & !ARGUMENT) as usize].1 = number as u32;
        }
        value
    }

    fn nest_mut(&mut self, op: OpId) -> &mut Nest {
        if self.ops[op.index()].nest == u32::MAX {
            self.ops[op.index()].nest = self.nests.len() as u32;
            self.nests.push(Nest::default());
        }
        let nest = self.ops[op.index()].nest as usize;
        &mut self.nests[nest]
    }

    /// Sets the successors of an op.
    pub fn set_successors(&mut self, op: OpId, successors: Vec<BlockId>) {
        self.nest_mut(op).successors = successors;
    }

    /// Appends a detached op to a block.
    pub fn append_op(&mut self, block: BlockId, op: OpId) {
        let last = self.blocks[block.index()].last;
        let before = last.some().map_or(0, |last| self.op(last).order);
        let order = before.saturating_add(ORDER_STRIDE);
        self.blocks[block.index()].order_valid &= order > before;
        let data = &mut self.ops[op.index()];
        data.block = block;
        data.prev = last;
        data.next = OpId::NONE;
        data.order = order;
        if last.is_none() {
            self.blocks[block.index()].first = op;
        } else {
            self.ops[last.index()].next = op;
        }
        self.blocks[block.index()].last = op;
    }

    /// Inserts a detached op before another.
    pub fn insert_before(&mut self, anchor: OpId, op: OpId) {
        let OpData { block, prev, order: behind, .. } = *self.op(anchor);
        let before = prev.some().map_or(0, |prev| self.op(prev).order);
        let order = before.midpoint(behind).min(before.saturating_add(INSERT_STRIDE));
        let data = &mut self.ops[op.index()];
        data.order = order;
        data.block = block;
        data.prev = prev;
        data.next = anchor;
        self.ops[anchor.index()].prev = op;
        if prev.is_none() {
            self.blocks[block.index()].first = op;
        } else {
            self.ops[prev.index()].next = op;
        }
        self.blocks[block.index()].order_valid &= before < order && order < behind;
    }

    /// Inserts a detached op after another.
    pub fn insert_after(&mut self, anchor: OpId, op: OpId) {
        match self.op(anchor).next.some() {
            Some(next) => self.insert_before(next, op),
            None => self.append_op(self.op(anchor).block, op),
        }
    }

    /// Takes an op out of its block without destroying it.
    pub fn detach(&mut self, op: OpId) {
        let OpData { block, prev, next, .. } = *self.op(op);
        if block.is_none() {
            return;
        }
        if prev.is_none() {
            self.blocks[block.index()].first = next;
        } else {
            self.ops[prev.index()].next = next;
        }
        if next.is_none() {
            self.blocks[block.index()].last = prev;
        } else {
            self.ops[next.index()].prev = prev;
        }
        let data = &mut self.ops[op.index()];
        data.block = BlockId::NONE;
        data.prev = OpId::NONE;
        data.next = OpId::NONE;
    }

    /// Destroys an op and everything below it. Its results must be unused.
    pub fn erase(&mut self, op: OpId) {
        if self.op(op).nest == u32::MAX {
            self.drop_operands(op);
            return self.free_op(op);
        }
        // Nested ops are erased with an explicit stack: nesting may be deep.
        let mut pending = vec![op];
        let mut order = Vec::new();
        while let Some(op) = pending.pop() {
            order.push(op);
            for region in self.regions(op) {
                for block in self.blocks(*region) {
                    let mut inner = self.first_op(*block);
                    while let Some(current) = inner.some() {
                        pending.push(current);
                        inner = self.next_op(current);
                    }
                }
            }
        }
        // Uses first: ops of one nest may use each other's results in any order.
        for &op in &order {
            self.drop_operands(op);
        }
        for &op in &order {
            self.free_op(op);
        }
    }

    /// Gives the id of an op without operands back.
    fn free_op(&mut self, op: OpId) {
        self.detach(op);
        let (start, count) = self.op(op).results;
        debug_assert!(self.results(op).all(|value| self.is_unused(value)));
        if count == 1 {
            self.free_values.push(ValueId(start));
        }
        self.ops[op.index()].name = OpName::NONE;
        self.ops[op.index()].results.1 = 0;
        self.free_ops.push(op);
    }
}
