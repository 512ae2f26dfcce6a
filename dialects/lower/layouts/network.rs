//! What is known of a network, whatever the ring: bounds of its values, and its weights.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use he_core::ir::{Ir, OpId, ValueId};
use he_core::schema::Registry;
use he_core::support::{Diagnostic, Weights};
use rustc_hash::FxHashMap;

use super::weighted::Weighted;
use crate::func;
use crate::lower::bounds::{Reading, bounds};
use crate::lower::constants;
use crate::nn::ranges::Bound;

/// Weights of layers that are remembered.
const MAX_REMEMBERED: usize = 1 << 22;

/// What is known of the entry function of a program at stage poly. Several searches share it.
pub struct Network<'a> {
    registry: &'a Registry,
    weights: &'a dyn Weights,
    /// The intervals of all values.
    pub(super) bounds: BTreeMap<ValueId, Bound>,
    /// The first layers, as long as they are not too large in all.
    layers: RefCell<FxHashMap<OpId, Rc<Weighted>>>,
    /// The last one that was asked for.
    last: RefCell<Option<(OpId, Rc<Weighted>)>>,
}

impl<'a> Network<'a> {
    /// Bounds the values of the entry function. An error where weights are unknown.
    pub fn new(registry: &'a Registry, weights: &'a dyn Weights, ir: &Ir) -> Result<Self, Diagnostic> {
        let bounds = bounds(registry, ir, func::entry(ir)?, weights, Reading::Program)?;
        Ok(Network { registry, weights, bounds, layers: RefCell::default(), last: RefCell::default() })
    }

    /// What is known of a linear layer.
    pub(super) fn layer(&self, ir: &Ir, op: OpId) -> Result<Rc<Weighted>, Diagnostic> {
        let known = self.layers.borrow().get(&op).cloned();
        let last = || self.last.borrow().as_ref().filter(|(last, _)| *last == op).map(|(_, it)| it.clone());
        if let Some(known) = known.or_else(last) {
            return Ok(known);
        }
        let weight = constants::evaluate(self.registry, ir, ir.operand(op, 1), self.weights)?;
        let layer = Rc::new(Weighted::new(weight, self.bounds.get(&ir.operand(op, 0))));
        let mut layers = self.layers.borrow_mut();
        let all = layers.values().map(|layer| layer.weight.data.len()).sum::<usize>();
        if all + layer.weight.data.len() <= MAX_REMEMBERED {
            layers.insert(op, layer.clone());
        }
        *self.last.borrow_mut() = Some((op, layer.clone()));
        Ok(layer)
    }
}
