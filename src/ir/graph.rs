//! Arena storage: operations, blocks, regions, values and uses.

use super::attributes::{Attr, Dict};
use super::context::{Context, Sym};
use super::locations::Loc;
use super::op_table::{OpInfo, OpName, Traits};
use super::types::{Type, TypeKind};
use crate::support::define_id;
use rustc_hash::{FxHashMap, FxHashSet};

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

/// The most ops before an op that [`Ir::is_plain`] looks at.
const MAX_PLAIN_OPS: usize = 1000;
/// How far apart the positions of two ops are: others may be inserted between them without counting anew, as in MLIR.
pub(super) const ORDER_STRIDE: u32 = 256;
/// How far behind the op before an inserted one is at most: as a rule the next one is inserted behind that.
pub(super) const INSERT_STRIDE: u32 = 8;

#[derive(Clone, Debug)]
pub(super) struct OpData {
    pub name: OpName,
    pub loc: Loc,
    pub block: BlockId,
    pub prev: OpId,
    pub next: OpId,
    /// Its place in the block, from 1 on, with gaps; means nothing where the block's `order_valid` is not set.
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
pub(super) struct RegionData {
    pub parent: OpId,
    pub blocks: Vec<BlockId>,
}

#[derive(Clone, Debug)]
pub(super) struct ValueData {
    pub ty: Type,
    /// Op; or index into `Ir::arguments` with [`ARGUMENT`]; `u32::MAX` for a placeholder.
    pub def: u32,
    pub first_use: Use,
}

#[derive(Clone, Debug)]
pub(super) struct UseData {
    pub value: ValueId,
    pub owner: OpId,
    pub prev: Use,
    pub next: Use,
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

pub(super) const ARGUMENT: u32 = 1 << 31;

/// A module: a top-level operation with everything below it, and the context that its ids refer to.
#[derive(Clone)]
pub struct Ir {
    /// Types, attributes, locations, names.
    pub ctx: Context,
    /// Entries of the resource section: whether a dialect's, group, key, value as written.
    pub resources: Vec<(bool, String, String, String)>,
    /// Locations of block arguments, where a text gave them.
    value_locs: FxHashMap<ValueId, Loc>,
    pub(super) ops: Vec<OpData>,
    pub(super) nests: Vec<Nest>,
    pub(super) blocks: Vec<BlockData>,
    pub(super) regions: Vec<RegionData>,
    pub(super) values: Vec<ValueData>,
    /// Block and number of each block argument.
    pub(super) arguments: Vec<(BlockId, u32)>,
    pub(super) uses: Vec<UseData>,
    pub(super) free_ops: Vec<OpId>,
    pub(super) free_values: Vec<ValueId>,
    pub(super) free_uses: [Vec<u32>; 4],
    top: OpId,
}

impl Ir {
    /// An IR without a top-level operation yet.
    pub fn new(ctx: Context) -> Self {
        Ir {
            ctx,
            resources: Vec::new(),
            value_locs: FxHashMap::default(),
            ops: Vec::new(),
            nests: Vec::new(),
            blocks: Vec::new(),
            regions: Vec::new(),
            values: Vec::new(),
            arguments: Vec::new(),
            uses: Vec::new(),
            free_ops: Vec::new(),
            free_values: Vec::new(),
            free_uses: Default::default(),
            top: OpId::NONE,
        }
    }

    /// Makes room for `ops` ops with two operands and one result each, so that a big text grows no arena.
    pub fn reserve(&mut self, ops: usize) {
        self.ops.reserve(ops);
        self.values.reserve(ops);
        self.uses.reserve(2 * ops);
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

    // ---- op facts

    pub(super) fn op(&self, op: OpId) -> &OpData {
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

    /// Whether the op computes in the clear: it has the trait `plain`, or it is a pure op on tensors all of whose operands
    /// such ops define. An op that more than [`MAX_PLAIN_OPS`] others feed is not looked through.
    pub fn is_plain(&self, op: OpId) -> bool {
        let shaped = |value: ValueId| matches!(self.ctx.type_kind(self.ty(value)), TypeKind::Tensor { .. });
        let computes = |op: OpId| {
            self.has_trait(op, Traits::PURE)
                && self.operand_count(op) > 0
                && self.regions(op).is_empty()
                && self.results(op).all(shaped)
                && self.operands(op).all(shaped)
        };
        let (mut pending, mut seen) = (vec![op], FxHashSet::default());
        while let Some(op) = pending.pop() {
            if self.has_trait(op, Traits::PLAIN) {
                continue;
            }
            if !computes(op) || seen.len() > MAX_PLAIN_OPS {
                return false;
            }
            for value in self.operands(op) {
                let Some(def) = self.def_op(value).some() else { return false };
                if seen.insert(def) {
                    pending.push(def);
                }
            }
        }
        true
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

    pub(super) fn drop_operands(&mut self, op: OpId) {
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

    /// Whether the op has neither regions nor successors.
    pub fn is_flat(&self, op: OpId) -> bool {
        self.op(op).nest == u32::MAX
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

    /// The location of a block argument; `None` if it was not read from a text.
    pub fn value_loc(&self, value: ValueId) -> Option<Loc> {
        self.value_locs.get(&value).copied()
    }

    /// Sets the location of a block argument.
    pub fn set_value_loc(&mut self, value: ValueId, loc: Loc) {
        self.value_locs.insert(value, loc);
    }

    /// Changes the value's type; the caller keeps the users consistent.
    pub fn set_type(&mut self, value: ValueId, ty: Type) {
        self.values[value.index()].ty = ty;
    }

    /// Where the value comes from.
    pub fn def(&self, value: ValueId) -> ValueDef {
        match self.values[value.index()].def {
            u32::MAX => ValueDef::Placeholder,
            def if def & ARGUMENT != 0 => {
                let (block, index) = self.arguments[(def & !ARGUMENT) as usize];
                ValueDef::Argument(block, index)
            }
            def => ValueDef::Result(OpId(def), value.0 - self.op(OpId(def)).results.0),
        }
    }

    /// The op that defines the value; `NONE` for arguments.
    pub fn def_op(&self, value: ValueId) -> OpId {
        let def = self.values[value.index()].def;
        if def & ARGUMENT == 0 { OpId(def) } else { OpId::NONE }
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

    /// Whether an op's operand is a result of an earlier op of its block, or an argument of the block: what needs no
    /// knowledge of dominance. Call [`Self::renumber_all`] first.
    pub fn is_defined_before(&self, operand: ValueId, op: OpId) -> bool {
        let user = self.op(op);
        match self.def(operand) {
            ValueDef::Result(def, _) => {
                let def = self.op(def);
                def.block == user.block && def.order < user.order && !user.block.is_none()
            }
            ValueDef::Argument(block, _) => block == user.block,
            ValueDef::Placeholder => false,
        }
    }

    /// Whether [`Self::order`] can be trusted in that block.
    pub(super) fn order_valid(&self, block: BlockId) -> bool {
        self.blocks[block.index()].order_valid
    }

    fn renumber(&mut self, block: BlockId) {
        // Room for as many ops as there are.
        let stride = (u32::MAX / (self.ops.len() as u32 + 1)).min(ORDER_STRIDE);
        let mut op = self.first_op(block);
        let mut order = 0;
        while let Some(current) = op.some() {
            order += stride;
            self.ops[current.index()].order = order;
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
