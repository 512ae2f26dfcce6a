//! Arena storage: operations, blocks, regions, values and uses.

use super::attributes::{Attr, Dict};
use super::context::{Context, Sym};
use super::locations::Loc;
use super::op_table::{OpInfo, OpName, Traits};
use super::types::Type;
use crate::support::define_id;

define_id! {
    /// An operation.
    OpId
}
define_id! {
    /// A block.
    BlockId
}
define_id! {
    /// A region.
    RegionId
}
define_id! {
    /// An SSA value: an op's result or a block's argument.
    ValueId
}
define_id! {
    /// One operand slot, linked into the use list of its value.
    Use
}

#[derive(Clone, Debug)]
pub(super) struct OpData {
    pub name: OpName,
    pub loc: Loc,
    pub block: BlockId,
    pub prev: OpId,
    pub next: OpId,
    pub order: u32,
    pub operands: (u32, u32),
    pub results: (u32, u32),
    pub props: Dict,
    pub attrs: Dict,
    /// Index into `Ir::nests`, `u32::MAX` for ops without regions and successors.
    pub nest: u32,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Nest {
    pub regions: Vec<RegionId>,
    pub successors: Vec<BlockId>,
}

#[derive(Clone, Debug)]
pub(super) struct BlockData {
    pub region: RegionId,
    pub first: OpId,
    pub last: OpId,
    pub args: Vec<ValueId>,
    pub order_valid: bool,
}

#[derive(Clone, Debug)]
struct RegionData {
    parent: OpId,
    blocks: Vec<BlockId>,
}

#[derive(Clone, Debug)]
struct ValueData {
    ty: Type,
    /// Op or block id; `u32::MAX` for a placeholder.
    def: u32,
    /// Result or argument number; the top bit marks arguments.
    index: u32,
    first_use: Use,
}

#[derive(Clone, Debug)]
struct UseData {
    value: ValueId,
    owner: OpId,
    prev: Use,
    next: Use,
}

/// Where a value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueDef {
    /// Result number `1` of op `0`.
    Result(OpId, u32),
    /// Argument number `1` of block `0`.
    Argument(BlockId, u32),
    /// A reference that has not been defined yet; only while a text is being read.
    Placeholder,
}

const ARGUMENT: u32 = 1 << 31;

/// A module: a top-level operation with everything below it, and the context that its ids refer to.
#[derive(Clone)]
pub struct Ir {
    /// Types, attributes, locations, names.
    pub ctx: Context,
    /// Entries of the resource section: whether a dialect's, group, key, value as written.
    pub resources: Vec<(bool, String, String, String)>,
    ops: Vec<OpData>,
    nests: Vec<Nest>,
    blocks: Vec<BlockData>,
    regions: Vec<RegionData>,
    values: Vec<ValueData>,
    uses: Vec<UseData>,
    free_ops: Vec<OpId>,
    free_values: Vec<ValueId>,
    free_uses: [Vec<u32>; 4],
    top: OpId,
}

impl Ir {
    /// An IR without a top-level operation yet.
    pub fn new(ctx: Context) -> Self {
        Ir {
            ctx,
            resources: Vec::new(),
            ops: Vec::new(),
            nests: Vec::new(),
            blocks: Vec::new(),
            regions: Vec::new(),
            values: Vec::new(),
            uses: Vec::new(),
            free_ops: Vec::new(),
            free_values: Vec::new(),
            free_uses: Default::default(),
            top: OpId::NONE,
        }
    }

    /// The top-level operation (a `builtin.module` unless a text said otherwise).
    pub fn top(&self) -> OpId {
        self.top
    }

    /// Makes `op` the top-level operation.
    pub fn set_top(&mut self, op: OpId) {
        self.top = op;
    }

    /// Upper bound of op ids in use, for side tables indexed by [`OpId::index`].
    pub fn op_capacity(&self) -> usize {
        self.ops.len()
    }

    /// Upper bound of value ids in use, for side tables indexed by [`ValueId::index`].
    pub fn value_capacity(&self) -> usize {
        self.values.len()
    }

    /// Upper bound of block ids in use, for side tables indexed by [`BlockId::index`].
    pub fn block_capacity(&self) -> usize {
        self.blocks.len()
    }

    // ---- creation

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
                self.values[value.index()] = ValueData { ty: *ty, def: op.0, index: 0, first_use: Use::NONE };
                value.0
            }
            _ => {
                let first = self.values.len() as u32;
                self.values.extend(result_types.iter().enumerate().map(|(index, ty)| ValueData {
                    ty: *ty,
                    def: op.0,
                    index: index as u32,
                    first_use: Use::NONE,
                }));
                first
            }
        };
        self.ops[op.index()].results.0 = first;
        self.ops[op.index()].operands = self.new_operands(op, operands);
        op
    }

    fn new_operands(&mut self, owner: OpId, operands: &[ValueId]) -> (u32, u32) {
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

    fn link(&mut self, slot: Use, value: ValueId) {
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

    fn unlink(&mut self, slot: Use) {
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
        self.values.push(ValueData { ty, def: u32::MAX, index: 0, first_use: Use::NONE });
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
        let index = self.blocks[block.index()].args.len() as u32 | ARGUMENT;
        self.values.push(ValueData { ty, def: block.0, index, first_use: Use::NONE });
        let value = ValueId((self.values.len() - 1) as u32);
        self.blocks[block.index()].args.push(value);
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

    // ---- op facts

    fn op(&self, op: OpId) -> &OpData {
        &self.ops[op.index()]
    }

    /// The op's name.
    pub fn name(&self, op: OpId) -> OpName {
        self.op(op).name
    }

    /// The op's full name as text.
    pub fn name_str(&self, op: OpId) -> &str {
        self.ctx.op_str(self.op(op).name)
    }

    /// The op's table entry.
    pub fn info(&self, op: OpId) -> &OpInfo {
        self.ctx.op_info(self.op(op).name)
    }

    /// Whether the op has the trait.
    pub fn has_trait(&self, op: OpId, traits: Traits) -> bool {
        self.info(op).traits.has(traits)
    }

    /// The op's location.
    pub fn loc(&self, op: OpId) -> Loc {
        self.op(op).loc
    }

    /// Sets the op's location.
    pub fn set_loc(&mut self, op: OpId, loc: Loc) {
        self.ops[op.index()].loc = loc;
    }

    /// The block that holds the op; `NONE` while detached and for the top.
    pub fn block(&self, op: OpId) -> BlockId {
        self.op(op).block
    }

    /// The op whose region holds the op; `NONE` for the top.
    pub fn parent_op(&self, op: OpId) -> OpId {
        let block = self.op(op).block;
        if block.is_none() { OpId::NONE } else { self.block_parent(block) }
    }

    /// Number of operands.
    pub fn operand_count(&self, op: OpId) -> usize {
        self.op(op).operands.1 as usize
    }

    /// One operand.
    pub fn operand(&self, op: OpId, index: usize) -> ValueId {
        debug_assert!(index < self.operand_count(op));
        self.uses[self.op(op).operands.0 as usize + index].value
    }

    /// The operands in order.
    pub fn operands(&self, op: OpId) -> impl ExactSizeIterator<Item = ValueId> + '_ {
        let (start, len) = self.op(op).operands;
        self.uses[start as usize..(start + len) as usize].iter().map(|slot| slot.value)
    }

    /// Replaces one operand.
    pub fn set_operand(&mut self, op: OpId, index: usize, value: ValueId) {
        let slot = Use(self.op(op).operands.0 + index as u32);
        self.unlink(slot);
        self.link(slot, value);
    }

    /// Replaces all operands, with any number of new ones.
    pub fn set_operands(&mut self, op: OpId, operands: &[ValueId]) {
        self.drop_operands(op);
        self.ops[op.index()].operands = self.new_operands(op, operands);
    }

    fn drop_operands(&mut self, op: OpId) {
        let (start, len) = self.op(op).operands;
        for slot in start..start + len {
            self.unlink(Use(slot));
        }
        if len > 0 && (len as usize) < self.free_uses.len() {
            self.free_uses[len as usize].push(start);
        }
        self.ops[op.index()].operands = (0, 0);
    }

    /// Number of results.
    pub fn result_count(&self, op: OpId) -> usize {
        self.op(op).results.1 as usize
    }

    /// One result.
    pub fn result(&self, op: OpId, index: usize) -> ValueId {
        debug_assert!(index < self.result_count(op));
        ValueId(self.op(op).results.0 + index as u32)
    }

    /// The results in order.
    pub fn results(&self, op: OpId) -> impl ExactSizeIterator<Item = ValueId> + use<> {
        let (start, len) = self.op(op).results;
        (start..start + len).map(ValueId)
    }

    /// The regions of the op.
    pub fn regions(&self, op: OpId) -> &[RegionId] {
        match self.op(op).nest {
            u32::MAX => &[],
            nest => &self.nests[nest as usize].regions,
        }
    }

    /// The successors of the op.
    pub fn successors(&self, op: OpId) -> &[BlockId] {
        match self.op(op).nest {
            u32::MAX => &[],
            nest => &self.nests[nest as usize].successors,
        }
    }

    /// The op's properties: inherent attributes.
    pub fn props(&self, op: OpId) -> Dict {
        self.op(op).props
    }

    /// The op's discardable attributes.
    pub fn attrs(&self, op: OpId) -> Dict {
        self.op(op).attrs
    }

    /// Replaces the discardable attributes.
    pub fn set_attrs(&mut self, op: OpId, attrs: Dict) {
        self.ops[op.index()].attrs = attrs;
    }

    /// Replaces the properties.
    pub fn set_props(&mut self, op: OpId, props: Dict) {
        self.ops[op.index()].props = props;
    }

    /// The attribute of that name, inherent or discardable.
    pub fn attr(&self, op: OpId, name: Sym) -> Option<Attr> {
        let data = self.op(op);
        self.ctx.dict_get(data.props, name).or_else(|| self.ctx.dict_get(data.attrs, name))
    }

    /// The attribute of that name, inherent or discardable.
    pub fn attr_named(&self, op: OpId, name: &str) -> Option<Attr> {
        self.attr(op, self.ctx.find_sym(name)?)
    }

    /// Sets (or removes) the attribute of that name; inherent if the schema or the op's properties say so.
    pub fn set_attr(&mut self, op: OpId, name: &str, value: Option<Attr>) {
        let name = self.ctx.sym(name);
        let data = self.op(op);
        let (props, attrs) = (data.props, data.attrs);
        if self.info(op).inherent.contains(&name) || self.ctx.dict_get(props, name).is_some() {
            self.ops[op.index()].props = self.ctx.dict_set(props, name, value);
        } else {
            self.ops[op.index()].attrs = self.ctx.dict_set(attrs, name, value);
        }
    }

    // ---- values

    /// The value's type.
    pub fn ty(&self, value: ValueId) -> Type {
        self.values[value.index()].ty
    }

    /// Changes the value's type; the caller keeps the users consistent.
    pub fn set_type(&mut self, value: ValueId, ty: Type) {
        self.values[value.index()].ty = ty;
    }

    /// Where the value comes from.
    pub fn def(&self, value: ValueId) -> ValueDef {
        let data = &self.values[value.index()];
        if data.def == u32::MAX {
            ValueDef::Placeholder
        } else if data.index & ARGUMENT != 0 {
            ValueDef::Argument(BlockId(data.def), data.index & !ARGUMENT)
        } else {
            ValueDef::Result(OpId(data.def), data.index)
        }
    }

    /// The op that defines the value; `NONE` for arguments.
    pub fn def_op(&self, value: ValueId) -> OpId {
        match self.def(value) {
            ValueDef::Result(op, _) => op,
            _ => OpId::NONE,
        }
    }

    /// The op and operand number of each use; the latest added first.
    pub fn uses(&self, value: ValueId) -> impl Iterator<Item = (OpId, usize)> + '_ {
        let mut slot = self.values[value.index()].first_use;
        std::iter::from_fn(move || {
            let current = slot.some()?;
            let data = &self.uses[current.index()];
            slot = data.next;
            Some((data.owner, (current.0 - self.op(data.owner).operands.0) as usize))
        })
    }

    /// Whether nothing uses the value.
    pub fn is_unused(&self, value: ValueId) -> bool {
        self.values[value.index()].first_use.is_none()
    }

    /// Whether exactly one operand uses the value.
    pub fn has_one_use(&self, value: ValueId) -> bool {
        let first = self.values[value.index()].first_use;
        !first.is_none() && self.uses[first.index()].next.is_none()
    }

    /// Makes every user of `old` use `new` instead.
    pub fn replace_all_uses(&mut self, old: ValueId, new: ValueId) {
        if old == new {
            return;
        }
        let first = self.values[old.index()].first_use;
        if first.is_none() {
            return;
        }
        let mut last = first;
        let mut slot = first;
        while let Some(current) = slot.some() {
            self.uses[current.index()].value = new;
            last = current;
            slot = self.uses[current.index()].next;
        }
        let head = self.values[new.index()].first_use;
        self.uses[last.index()].next = head;
        if !head.is_none() {
            self.uses[head.index()].prev = last;
        }
        self.values[new.index()].first_use = first;
        self.values[old.index()].first_use = Use::NONE;
    }

    // ---- blocks and regions

    /// The op that owns the region.
    pub fn region_parent(&self, region: RegionId) -> OpId {
        self.regions[region.index()].parent
    }

    /// The blocks of a region; the first is the entry.
    pub fn blocks(&self, region: RegionId) -> &[BlockId] {
        &self.regions[region.index()].blocks
    }

    /// The region that holds the block.
    pub fn block_region(&self, block: BlockId) -> RegionId {
        self.blocks[block.index()].region
    }

    /// The op whose region holds the block.
    pub fn block_parent(&self, block: BlockId) -> OpId {
        let region = self.blocks[block.index()].region;
        if region.is_none() { OpId::NONE } else { self.region_parent(region) }
    }

    /// The block's arguments.
    pub fn args(&self, block: BlockId) -> &[ValueId] {
        &self.blocks[block.index()].args
    }

    /// The first op of a block, or `NONE`.
    pub fn first_op(&self, block: BlockId) -> OpId {
        self.blocks[block.index()].first
    }

    /// The last op of a block, or `NONE`.
    pub fn last_op(&self, block: BlockId) -> OpId {
        self.blocks[block.index()].last
    }

    /// The op after, or `NONE`.
    pub fn next_op(&self, op: OpId) -> OpId {
        self.op(op).next
    }

    /// The op before, or `NONE`.
    pub fn prev_op(&self, op: OpId) -> OpId {
        self.op(op).prev
    }

    /// Appends a detached op to a block.
    pub fn append_op(&mut self, block: BlockId, op: OpId) {
        let last = self.blocks[block.index()].last;
        let order = if last.is_none() { 0 } else { self.op(last).order + 1 };
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
        let (block, prev) = (self.op(anchor).block, self.op(anchor).prev);
        let data = &mut self.ops[op.index()];
        data.block = block;
        data.prev = prev;
        data.next = anchor;
        self.ops[anchor.index()].prev = op;
        if prev.is_none() {
            self.blocks[block.index()].first = op;
        } else {
            self.ops[prev.index()].next = op;
        }
        self.blocks[block.index()].order_valid = false;
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

    /// Whether the op has been erased (and its id not been given out again).
    pub fn is_erased(&self, op: OpId) -> bool {
        self.op(op).name.is_none()
    }

    /// Whether `a` stands before `b`; both in one block.
    pub fn is_before(&mut self, a: OpId, b: OpId) -> bool {
        let block = self.op(a).block;
        if !self.blocks[block.index()].order_valid {
            self.renumber(block);
        }
        self.op(a).order < self.op(b).order
    }

    /// The position of an op in its block's order, up to gaps; call [`Self::renumber`] after insertions.
    pub(super) fn order(&self, op: OpId) -> u32 {
        self.op(op).order
    }

    /// Whether [`Self::order`] can be trusted in that block.
    pub(super) fn order_valid(&self, block: BlockId) -> bool {
        self.blocks[block.index()].order_valid
    }

    fn renumber(&mut self, block: BlockId) {
        let mut op = self.first_op(block);
        let mut order = 0;
        while let Some(current) = op.some() {
            self.ops[current.index()].order = order;
            order += 1;
            op = self.next_op(current);
        }
        self.blocks[block.index()].order_valid = true;
    }

    /// Makes op positions comparable in every block.
    pub fn renumber_all(&mut self) {
        for index in 0..self.blocks.len() {
            if !self.blocks[index].order_valid {
                self.renumber(BlockId(index as u32));
            }
        }
    }
}
