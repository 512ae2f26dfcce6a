//! Expands a linear layer into rotations, plaintext products and additions.
//!
//! Where operand and result are several ciphertexts, all that a result takes of the operands is summed before the rotations
//! that follow the products, and each rotation of an operand is made once for all results.
//!
//! In Rust because the number of ops depends on the weights: a diagonal of zeros costs nothing.

use std::rc::Rc;

use he_core::exec::tensor::Tensor;
use he_core::ir::{Attr, Dict, Ir, OpId, OpSpec, Type, TypeKind, ValueId};
use he_core::schema::Registry;
use he_core::support::{Diagnostic, Weights};
use indexmap::IndexMap;
use rustc_hash::FxHashMap;

use super::constants;
use crate::packed::blocks::{BlockMatrix, starts, width};
use crate::packed::layout::{Layout, plain_type};
use crate::packed::matrix::Matrix;
use crate::packed::plan::{Geometry, Plan};
use crate::packed::views;

/// Expands every `packed.linear` of the module.
pub fn expand_all(registry: &Registry, ir: &mut Ir, weights: &dyn Weights) -> Result<(), Diagnostic> {
    let linears: Vec<_> = ir.all_ops().into_iter().filter_map(|op| views::Linear::cast(ir, op)).collect();
    for linear in linears {
        let tensor = constants::zeros(registry, ir, linear.weight(ir), weights)?;
        Expansion::new(ir, linear, tensor)?.expand(ir)?;
    }
    Ok(())
}

/// Rotations that sum what one product could not: `group` terms, `step` slots apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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

/// The products between an operand and a result.
struct Piece {
    /// The operand's number.
    input: usize,
    /// The `packed.matrix` value.
    symbol: ValueId,
    /// The numbers of the diagonals that are not zero.
    diagonals: Vec<usize>,
    /// Slots from one giant step to the next; beyond every diagonal for the plain diagonal method.
    giant: usize,
}

struct Expansion {
    op: OpId,
    /// The operands' layouts with the first result's type: what rotations and products have.
    ty: Type,
    plain: Type,
    weight: ValueId,
    inputs: Vec<ValueId>,
    matrix: BlockMatrix,
    plan: Option<Plan>,
    /// Rotations of operands, by number and step; by 0 they are read with the products' type.
    rotated: FxHashMap<(usize, usize), ValueId>,
    /// Bound of every partial sum.
    bound: Option<Attr>,
}

impl Expansion {
    /// `weight` is zero where the weights are.
    fn new(ir: &mut Ir, linear: views::Linear, weight: Rc<Tensor>) -> Result<Self, Diagnostic> {
        let op = linear.0;
        let inputs = linear.inputs(ir);
        let layouts = |ir: &Ir, values: &[ValueId]| {
            values.iter().map(|value| Layout::of(ir, ir.ty(*value))).collect::<Option<Vec<_>>>()
        };
        let results: Vec<_> = ir.results(op).collect();
        let (Some(from), Some(to)) = (layouts(ir, &inputs), layouts(ir, &results)) else {
            return Err(error(ir, op, "needs packed types"));
        };
        let plan = linear.plan(ir).and_then(|plan| Plan::of(ir, plan));
        let wrapped = matches!(plan, Some(Plan::Bsgs { .. }));
        let slots = to.first().map_or(1, |layout| layout.slots);
        Ok(Expansion {
            op,
            ty: ir.ty(ir.result(op, 0)),
            plain: plain_type(ir, slots),
            weight: linear.weight(ir),
            inputs,
            matrix: BlockMatrix { weight, inputs: from, outputs: to, wrapped },
            plan,
            rotated: FxHashMap::default(),
            bound: ir.attr_named(op, "he.bound"),
        })
    }

    /// The products between two blocks, and the sums that follow them.
    fn piece(&self, ir: &mut Ir, output: usize, input: usize) -> Result<(Vec<Sum>, Piece), Diagnostic> {
        let mut matrix = self.matrix.piece(output, input);
        let (diagonals, giant, sums) = match &self.plan {
            Some(Plan::Replicated { baby, folds, wraps }) => {
                let geometry = Geometry::new(&matrix.input, &matrix.output, folds, wraps);
                let geometry = geometry
                    .map_err(|why| error(ir, self.op, &format!("has a plan that does not fit: {why}")))?;
                matrix = geometry.matrix(matrix);
                let diagonals = geometry.rotations().filter(|d| matrix.has_diagonal(*d)).collect();
                let sums = [sums(geometry.fold_step(), folds), sums(geometry.wrap_step, wraps)].concat();
                (diagonals, geometry.giant(*baby), sums)
            }
            Some(Plan::Bsgs { baby }) => {
                let sums = matrix.folds().into_iter().map(|step| Sum { group: 2, step }).collect();
                (matrix.nonzero_diagonals(), *baby, sums)
            }
            None => (matrix.nonzero_diagonals(), matrix.span(), Vec::new()),
        };
        let symbol = self.symbol(ir, &matrix);
        Ok((sums, Piece { input, symbol, diagonals, giant }))
    }

    /// The plaintext matrix as an op.
    fn symbol(&self, ir: &mut Ir, matrix: &Matrix) -> ValueId {
        let (input, output) = (matrix.input.to_type(ir), matrix.output.to_type(ir));
        let mut attrs = vec![
            ("input", ir.ctx.type_attr(input)),
            ("output", ir.ctx.type_attr(output)),
            ("wrapped", ir.ctx.bool_attr(matrix.wrapped)),
        ];
        for (name, first) in [("row", matrix.row), ("column", matrix.column)] {
            if first > 0 {
                attrs.push((name, ir.ctx.i64_attr(first as i64)));
            }
        }
        let props = ir.dict_of(&attrs);
        let name = ir.ctx.op_name(views::Matrix::NAME);
        let matrix_name = ir.ctx.sym("packed.matrix");
        let ty = ir.ctx.ty(TypeKind::Declared { name: matrix_name, params: Vec::new() });
        let loc = ir.loc(self.op);
        let symbol = OpSpec::new(name).operands(&[self.weight]).results(&[ty]).props(props).loc(loc);
        let symbol = symbol.build_before(ir, self.op);
        ir.result(symbol, 0)
    }

    fn build(
        &self,
        ir: &mut Ir,
        name: &str,
        operands: &[ValueId],
        ty: Type,
        attrs: &[(&str, i64)],
        bounded: bool,
    ) -> ValueId {
        let name = ir.ctx.op_name(name);
        let attrs: Vec<_> = attrs.iter().map(|(key, value)| (*key, ir.ctx.i64_attr(*value))).collect();
        let props = ir.dict_of(&attrs);
        let discardable = match self.bound.filter(|_| bounded) {
            Some(bound) => ir.dict_of(&[("he.bound", bound)]),
            None => Dict::EMPTY,
        };
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
        self.build(ir, views::Rotate::NAME, &[value], self.ty, &[("by", by as i64)], bounded)
    }

    fn add(&self, ir: &mut Ir, sum: Option<ValueId>, term: ValueId) -> ValueId {
        match sum {
            Some(sum) => self.build(ir, views::Add::NAME, &[sum, term], self.ty, &[], true),
            None => term,
        }
    }

    fn relabel(&self, ir: &mut Ir, value: ValueId, ty: Type) -> ValueId {
        match ir.ty(value) == ty {
            true => value,
            false => self.build(ir, views::Relabel::NAME, &[value], ty, &[], false),
        }
    }

    /// An operand, rotated.
    fn rotated(&mut self, ir: &mut Ir, input: usize, step: usize) -> ValueId {
        if let Some(known) = self.rotated.get(&(input, step)) {
            return *known;
        }
        // Rotations keep the operand's layout; the products have the result's. One reading serves both.
        let value = match step {
            0 => self.relabel(ir, self.inputs[input], self.ty),
            _ => {
                let value = self.rotated(ir, input, 0);
                self.rotate(ir, value, step, false)
            }
        };
        self.rotated.insert((input, step), value);
        value
    }

    fn expand(mut self, ir: &mut Ir) -> Result<(), Diagnostic> {
        for output in 0..self.matrix.outputs.len() {
            // What is followed by the same sums is added before them; the sums of a short operand are the first of a long one's.
            let mut groups: IndexMap<Vec<Sum>, Vec<Piece>> = IndexMap::new();
            for input in 0..self.inputs.len() {
                let (sums, piece) = self.piece(ir, output, input)?;
                if !piece.diagonals.is_empty() {
                    groups.entry(sums).or_default().push(piece);
                }
            }
            let mut groups: Vec<_> = groups.into_iter().collect();
            groups.sort_by_key(|(sums, _)| std::cmp::Reverse(sums.len()));
            let (mut total, mut open) = (None, None);
            for (number, (sums, pieces)) in groups.iter().enumerate() {
                let Some(products) = self.products(ir, pieces) else { continue };
                let sum = self.add(ir, open.take(), products);
                let next = groups.get(number + 1).map(|(next, _)| next.as_slice());
                let next = next.filter(|next| sums.starts_with(next));
                let sum = self.summed(ir, sum, &sums[next.map_or(0, <[Sum]>::len)..]);
                match next {
                    Some(_) => open = Some(sum),
                    None => total = Some(self.add(ir, total, sum)),
                }
            }
            let Some(total) = total else { return Err(self.all_zero(ir, output)) };
            let result = ir.result(self.op, output);
            let total = self.relabel(ir, total, ir.ty(result));
            ir.replace_all_uses(result, total);
        }
        ir.erase(self.op);
        Ok(())
    }

    /// The products of rotated operands with diagonals, summed by giant steps.
    fn products(&mut self, ir: &mut Ir, pieces: &[Piece]) -> Option<ValueId> {
        let mut giants: IndexMap<usize, Vec<(&Piece, usize)>> = IndexMap::new();
        for piece in pieces {
            self.rotated(ir, piece.input, 0);
            for d in &piece.diagonals {
                let step = d % piece.giant;
                self.rotated(ir, piece.input, step);
                giants.entry(d - step).or_default().push((piece, *d));
            }
        }
        let mut sum = None;
        for (giant, terms) in giants {
            let mut inner = None;
            for (piece, d) in terms {
                let index = [("index", d as i64), ("shift", giant as i64)];
                let diagonal =
                    self.build(ir, views::Diagonal::NAME, &[piece.symbol], self.plain, &index, false);
                let rotated = self.rotated(ir, piece.input, d % piece.giant);
                let product = self.build(ir, views::MulPlain::NAME, &[rotated, diagonal], self.ty, &[], true);
                inner = Some(self.add(ir, inner, product));
            }
            if let Some(inner) = inner {
                let shifted = self.rotate(ir, inner, giant, true);
                sum = Some(self.add(ir, sum, shifted));
            }
        }
        sum
    }

    /// The sum of a value's rotations, group after group.
    fn summed(&self, ir: &mut Ir, mut sum: ValueId, sums: &[Sum]) -> ValueId {
        for Sum { group, step } in sums {
            let term = sum;
            for index in 1..*group {
                let other = self.rotate(ir, term, index * step, true);
                sum = self.add(ir, Some(sum), other);
            }
        }
        sum
    }

    fn all_zero(&self, ir: &Ir, output: usize) -> Diagnostic {
        let what = match self.matrix.outputs.len() {
            1 => "of the layer".to_owned(),
            _ => {
                let first = starts(&self.matrix.outputs)[output];
                format!("of outputs {first} to {}", first + width(&self.matrix.outputs[output]) - 1)
            }
        };
        let text = format!("every weight {what} is zero: its result is no ciphertext any more");
        Diagnostic::error(text).at(ir.position(self.op))
    }
}

fn error(ir: &Ir, op: OpId, text: &str) -> Diagnostic {
    Diagnostic::error(format!("'packed.linear' {text}")).at(ir.position(op))
}
