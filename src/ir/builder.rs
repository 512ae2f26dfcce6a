//! Creating ops by name.

use super::attributes::{Attr, Dict};
use super::graph::{BlockId, Ir, OpId, ValueId};
use super::locations::Loc;
use super::op_table::OpName;
use super::types::Type;

/// What a new op is made of; insert it with one of the `build` methods.
#[derive(Clone, Debug)]
pub struct OpSpec {
    name: OpName,
    operands: Vec<ValueId>,
    result_types: Vec<Type>,
    props: Dict,
    attrs: Dict,
    loc: Loc,
}

impl OpSpec {
    /// An op without operands, results and attributes.
    pub fn new(name: OpName) -> Self {
        OpSpec {
            name,
            operands: Vec::new(),
            result_types: Vec::new(),
            props: Dict::EMPTY,
            attrs: Dict::EMPTY,
            loc: Loc::UNKNOWN,
        }
    }

    /// The same with operands.
    pub fn operands(mut self, operands: &[ValueId]) -> Self {
        self.operands = operands.to_vec();
        self
    }

    /// The same with result types.
    pub fn results(mut self, types: &[Type]) -> Self {
        self.result_types = types.to_vec();
        self
    }

    /// The same with properties (inherent attributes).
    pub fn props(mut self, props: Dict) -> Self {
        self.props = props;
        self
    }

    /// The same with discardable attributes.
    pub fn attrs(mut self, attrs: Dict) -> Self {
        self.attrs = attrs;
        self
    }

    /// The same at a location.
    pub fn loc(mut self, loc: Loc) -> Self {
        self.loc = loc;
        self
    }

    /// Creates the op outside of any block.
    pub fn build_detached(self, ir: &mut Ir) -> OpId {
        ir.create_op(self.name, &self.operands, &self.result_types, self.props, self.attrs, self.loc)
    }

    /// Creates the op at the end of a block.
    pub fn build_at_end(self, ir: &mut Ir, block: BlockId) -> OpId {
        let op = self.build_detached(ir);
        ir.append_op(block, op);
        op
    }

    /// Creates the op before another.
    pub fn build_before(self, ir: &mut Ir, anchor: OpId) -> OpId {
        let op = self.build_detached(ir);
        ir.insert_before(anchor, op);
        op
    }
}

impl Ir {
    /// A dictionary from names and values.
    pub fn dict_of(&mut self, entries: &[(&str, Attr)]) -> Dict {
        let entries: Vec<_> = entries.iter().map(|(name, value)| (self.ctx.sym(name), *value)).collect();
        self.ctx.dict(&entries)
    }
}
