//! Expands a linear layer into rotations, plaintext products and additions.
//!
//! In Rust because the number of ops depends on the weights: a diagonal of zeros costs nothing.

use he_core::ir::{Attr, Ir, OpId, OpSpec, Type, ValueId};
use he_core::schema::Registry;
use he_core::support::{Diagnostic, Weights};
use indexmap::IndexMap;

use super::constants;
use crate::packed::layout::{Layout, plain_type};
use crate::packed::matrix::Matrix;
use crate::packed::plan::{Geometry, Plan};
use crate::packed::views;

/// Expands every `packed.linear` of the module.
pub fn expand_all(registry: &Registry, ir: &mut Ir, weights: &dyn Weights) -> Result<(), Diagnostic> {
    let linears: Vec<_> = ir.all_ops().into_iter().filter_map(|op| views::Linear::cast(ir, op)).collect();
    linears.into_iter().try_for_each(|linear| Expansion::new(registry, ir, linear, weights)?.expand(ir))
}

/// Rotations that sum what one product could not: `group` terms, `step` slots apart.
#[derive(Clone, Copy)]
struct Sum {
    group: usize,
    step: usize,
}

/// Groups one after the other, each over the sums of the one before.
fn sums(mut step: usize, groups: &[usize]) -> Vec<Sum> {
    let mut sums = Vec::new();
    for &group in groups {
        sums.push(Sum { group, step });
        step *= group;
    }
    sums
}

struct Expansion {
    op: OpId,
    input: ValueId,
    /// The input's layout with the result's type: what rotations and products have.
    ty: Type,
    plain: Type,
    /// The `packed.matrix` value.
    symbol: ValueId,
    /// The numbers of the diagonals that are not zero.
    diagonals: Vec<usize>,
    /// Slots from one giant step to the next; beyond every diagonal for the plain diagonal method.
    giant: usize,
    /// What follows the sum of the products.
    sums: Vec<Sum>,
    /// Bound of every partial sum.
    bound: Option<Attr>,
}

impl Expansion {
    fn new(
        registry: &Registry,
        ir: &mut Ir,
        linear: views::Linear,
        weights: &dyn Weights,
    ) -> Result<Self, Diagnostic> {
        let op = linear.0;
        let (input, weight) = (linear.input(ir), linear.weight(ir));
        let ty = ir.ty(ir.result(op, 0));
        let error =
            |ir: &Ir, text: &str| Diagnostic::error(format!("'packed.linear' {text}")).at(ir.position(op));
        let (Some(from), Some(to)) = (Layout::of(ir, ir.ty(input)), Layout::of(ir, ty)) else {
            return Err(error(ir, "needs packed types"));
        };
        let plan = linear.plan(ir).and_then(|plan| Plan::of(ir, plan));
        let tensor = constants::evaluate(registry, ir, weight, weights)?;
        let wrapped = matches!(plan, Some(Plan::Bsgs { .. }));
        let mut matrix = Matrix { weight: tensor, input: from, output: to, wrapped };
        let mut output = ty;
        let (diagonals, giant, sums) = match plan {
            Some(Plan::Replicated { baby, folds, wraps }) => {
                let geometry = Geometry::new(&matrix.input, &matrix.output, &folds, &wraps);
                let geometry =
                    geometry.map_err(|why| error(ir, &format!("has a plan that does not fit: {why}")))?;
                matrix = geometry.matrix(matrix);
                output = matrix.output.to_type(ir);
                let step = geometry.unit * geometry.fold;
                let diagonals = (0..geometry.diagonals).map(|beta| beta * step);
                let diagonals = diagonals.filter(|d| matrix.has_diagonal(*d)).collect();
                let sums = [sums(geometry.unit, &folds), sums(geometry.wrap_step, &wraps)].concat();
                (diagonals, baby * step, sums)
            }
            Some(Plan::Bsgs { baby }) => {
                let sums = matrix.folds().into_iter().map(|step| Sum { group: 2, step }).collect();
                (matrix.nonzero_diagonals(), baby, sums)
            }
            None => (matrix.nonzero_diagonals(), matrix.span(), Vec::new()),
        };
        let attrs = [
            ("input", ir.ctx.type_attr(ir.ty(input))),
            ("output", ir.ctx.type_attr(output)),
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
        Ok(Expansion {
            op,
            input,
            ty,
            plain: plain_type(ir, matrix.output.slots),
            symbol: ir.result(symbol, 0),
            bound: ir.attr_named(op, "he.bound"),
            diagonals,
            giant,
            sums,
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
        if self.diagonals.is_empty() {
            let text = "every weight of the layer is zero: its result is no ciphertext any more";
            return Err(Diagnostic::error(text).at(ir.position(self.op)));
        }
        // Rotations keep the operand's layout; the products have the result's. One reading serves both.
        let input = match ir.ty(self.input) == self.ty {
            true => self.input,
            false => self.build(ir, views::Relabel::NAME, &[self.input], &[], false),
        };
        let mut rotated: IndexMap<usize, ValueId> = IndexMap::new();
        let mut giants: IndexMap<usize, Vec<usize>> = IndexMap::new();
        for d in &self.diagonals {
            let step = d % self.giant;
            if !rotated.contains_key(&step) {
                let value = self.rotate(ir, input, step, false);
                rotated.insert(step, value);
            }
            giants.entry(d - step).or_default().push(*d);
        }
        let mut sum = None;
        for (giant, diagonals) in giants {
            let mut inner = None;
            for d in diagonals {
                let index = [("index", d as i64), ("shift", giant as i64)];
                let diagonal = self.build(ir, views::Diagonal::NAME, &[self.symbol], &index, false);
                let product = [rotated[&(d % self.giant)], diagonal];
                let product = self.build(ir, views::MulPlain::NAME, &product, &[], true);
                inner = Some(self.add(ir, inner, product));
            }
            if let Some(inner) = inner {
                let shifted = self.rotate(ir, inner, giant, true);
                sum = Some(self.add(ir, sum, shifted));
            }
        }
        let Some(mut sum) = sum else { return Ok(()) };
        for Sum { group, step } in self.sums.clone() {
            let term = sum;
            for index in 1..group {
                let other = self.rotate(ir, term, index * step, true);
                sum = self.add(ir, Some(sum), other);
            }
        }
        ir.replace_all_uses(ir.result(self.op, 0), sum);
        ir.erase(self.op);
        Ok(())
    }
}
