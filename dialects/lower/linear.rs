//! Expands a linear layer into rotations, plaintext products and additions.
//!
//! In Rust because the number of ops depends on the weights: a diagonal of zeros costs nothing.

use he_core::ir::{Attr, AttrKind, Ir, OpId, OpSpec, Type, ValueId};
use he_core::support::{Diagnostic, Weights};
use indexmap::IndexMap;

use super::constants;
use crate::packed::layout::{Layout, plain_type};
use crate::packed::matrix::Matrix;
use crate::packed::views;

/// Expands every `packed.linear` of the module.
pub fn expand_all(ir: &mut Ir, weights: &dyn Weights) -> Result<(), Diagnostic> {
    let linears: Vec<_> = ir.all_ops().into_iter().filter_map(|op| views::Linear::cast(ir, op)).collect();
    linears.into_iter().try_for_each(|linear| Expansion::new(ir, linear, weights)?.expand(ir))
}

struct Expansion {
    op: OpId,
    input: ValueId,
    /// The input's layout with the result's type: what rotations and products have.
    ty: Type,
    plain: Type,
    matrix: Matrix,
    /// The `packed.matrix` value.
    symbol: ValueId,
    /// Number of baby steps; as many as diagonals for the plain diagonal method.
    baby: usize,
    /// Bound of every partial sum.
    bound: Option<Attr>,
}

impl Expansion {
    fn new(ir: &mut Ir, linear: views::Linear, weights: &dyn Weights) -> Result<Self, Diagnostic> {
        let op = linear.0;
        let (input, weight) = (linear.input(ir), linear.weight(ir));
        let ty = ir.ty(ir.result(op, 0));
        let missing = |ir: &Ir| Diagnostic::error("'packed.linear' needs packed types").at(ir.position(op));
        let (Some(from), Some(to)) = (Layout::of(ir, ir.ty(input)), Layout::of(ir, ty)) else {
            return Err(missing(ir));
        };
        let baby = linear.plan(ir).and_then(|plan| planned_baby(ir, plan));
        let tensor = constants::evaluate(ir, weight, weights)?;
        let matrix = Matrix { weight: tensor, input: from, output: to, wrapped: baby.is_some() };
        let attrs = [
            ("input", ir.ctx.type_attr(ir.ty(input))),
            ("output", ir.ctx.type_attr(ty)),
            ("wrapped", ir.ctx.bool_attr(matrix.wrapped)),
        ];
        let props = ir.dict_of(&attrs);
        let name = ir.ctx.op_name(views::Matrix::NAME);
        let matrix_name = ir.ctx.sym("packed.matrix");
        let matrix_type =
            ir.ctx.ty(he_core::ir::TypeKind::Declared { name: matrix_name, params: Vec::new() });
        let loc = ir.loc(op);
        let symbol = OpSpec::new(name).operands(&[weight]).results(&[matrix_type]).props(props).loc(loc);
        let symbol = symbol.build_before(ir, op);
        let baby = baby.unwrap_or_else(|| matrix.span());
        Ok(Expansion {
            op,
            input,
            ty,
            plain: plain_type(ir, matrix.output.slots),
            symbol: ir.result(symbol, 0),
            bound: ir.attr_named(op, "he.bound"),
            baby,
            matrix,
        })
    }

    fn build(
        &self,
        ir: &mut Ir,
        name: &str,
        operands: &[ValueId],
        attrs: &[(&str, i64)],
        bounded: bool,
    ) -> ValueId {
        let name = ir.ctx.op_name(name);
        let attrs: Vec<_> = attrs.iter().map(|(key, value)| (*key, ir.ctx.i64_attr(*value))).collect();
        let props = ir.dict_of(&attrs);
        let discardable = match self.bound.filter(|_| bounded) {
            Some(bound) => ir.dict_of(&[("he.bound", bound)]),
            None => he_core::ir::Dict::EMPTY,
        };
        let ty = if name == ir.ctx.op_name(views::Diagonal::NAME) { self.plain } else { self.ty };
        let loc = ir.loc(self.op);
        let spec =
            OpSpec::new(name).operands(operands).results(&[ty]).props(props).attrs(discardable).loc(loc);
        let op = spec.build_before(ir, self.op);
        ir.result(op, 0)
    }

    fn rotate(&self, ir: &mut Ir, value: ValueId, by: usize, bounded: bool) -> ValueId {
        if by == 0 {
            return value;
        }
        self.build(ir, views::Rotate::NAME, &[value], &[("by", by as i64)], bounded)
    }

    fn add(&self, ir: &mut Ir, sum: Option<ValueId>, term: ValueId) -> ValueId {
        match sum {
            Some(sum) => self.build(ir, views::Add::NAME, &[sum, term], &[], true),
            None => term,
        }
    }

    fn expand(self, ir: &mut Ir) -> Result<(), Diagnostic> {
        let diagonals = self.matrix.nonzero_diagonals();
        if diagonals.is_empty() {
            let text = "every weight of the layer is zero: its result is no ciphertext any more";
            return Err(Diagnostic::error(text).at(ir.position(self.op)));
        }
        // Rotations keep the operand's layout; the products have the result's. One reading serves both.
        let input = match ir.ty(self.input) == self.ty {
            true => self.input,
            false => self.build(ir, views::Relabel::NAME, &[self.input], &[], false),
        };
        let mut rotated: IndexMap<usize, ValueId> = IndexMap::new();
        for d in &diagonals {
            let step = d % self.baby;
            if !rotated.contains_key(&step) {
                let value = self.rotate(ir, input, step, false);
                rotated.insert(step, value);
            }
        }
        let mut giants: IndexMap<usize, Vec<usize>> = IndexMap::new();
        for d in diagonals {
            giants.entry(d / self.baby * self.baby).or_default().push(d);
        }
        let mut sum = None;
        for (giant, diagonals) in giants {
            let mut inner = None;
            for d in diagonals {
                let index = [("index", d as i64), ("shift", giant as i64)];
                let diagonal = self.build(ir, views::Diagonal::NAME, &[self.symbol], &index, false);
                let product = [rotated[&(d % self.baby)], diagonal];
                let product = self.build(ir, views::MulPlain::NAME, &product, &[], true);
                inner = Some(self.add(ir, inner, product));
            }
            if let Some(inner) = inner {
                let shifted = self.rotate(ir, inner, giant, true);
                sum = Some(self.add(ir, sum, shifted));
            }
        }
        let Some(mut sum) = sum else { return Ok(()) };
        for fold in self.matrix.folds() {
            let other = self.rotate(ir, sum, fold, true);
            sum = self.add(ir, Some(sum), other);
        }
        ir.replace_all_uses(ir.result(self.op, 0), sum);
        ir.erase(self.op);
        Ok(())
    }
}

/// The baby steps of a plan by baby-step giant-step; `None` for the plain diagonal method.
fn planned_baby(ir: &Ir, plan: Attr) -> Option<usize> {
    let AttrKind::Declared { params, .. } = ir.ctx.attr_kind(plan) else { return None };
    let [method, baby] = params.as_slice() else { return None };
    let baby = ir.ctx.as_i64(*baby).and_then(|baby| usize::try_from(baby).ok()).filter(|baby| *baby > 0);
    baby.filter(|_| ir.ctx.as_str(*method) == Some("bsgs"))
}
