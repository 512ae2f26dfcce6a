//! Expands a linear layer, and what copies its inputs before, into rotations, plaintext products and additions.
//!
//! Where operand and result are several ciphertexts, all that a result takes of the operands is summed before the rotations
//! that follow the products, and each rotation of an operand is made once for all results.
//!
//! In Rust because the number of ops depends on the weights: a diagonal of zeros costs nothing.

use std::rc::Rc;

use he_core::exec::tensor::Tensor;
use he_core::ir::{Attr, Dict, FloatKind, Ir, OpId, OpSpec, Type, TypeKind, ValueId};
use he_core::schema::Registry;
use he_core::support::{Diagnostic, Weights};
use indexmap::IndexMap;
use rustc_hash::FxHashMap;

use super::constants;
use crate::nn::views as nn;
use crate::packed::blocks::{BlockMatrix, starts, width};
use crate::packed::layout::{Layout, plain_type};
use crate::packed::matrix::Matrix;
use crate::packed::plan::{Plan, Steps, Sum, sizes, sums};
use crate::packed::views;

/// Expands every `packed.linear` and every `packed.spread` of the module.
pub fn expand_all(registry: &Registry, ir: &mut Ir, weights: &dyn Weights) -> Result<(), Diagnostic> {
    for spread in ir.all_ops().into_iter().filter_map(|op| views::Spread::cast(ir, op)).collect::<Vec<_>>() {
        expand_spread(ir, spread)?;
    }
    let linears: Vec<_> = ir.all_ops().into_iter().filter_map(|op| views::Linear::cast(ir, op)).collect();
    for linear in linears {
        let tensor = constants::zeros(registry, ir, linear.weight(ir), weights)?;
        Expansion::new(ir, linear, tensor)?.expand(ir)?;
    }
    Ok(())
}

/// The products between an operand and a result.
struct Piece {
    /// The operand's number.
    input: usize,
    /// The `packed.matrix` value.
    symbol: ValueId,
    /// The numbers of the diagonals that are not zero.
    diagonals: Vec<usize>,
    /// Slots from one giant step to the next.
    giant: usize,
}

/// Builds the ops that an op is expanded to, before it.
struct Builder {
    op: OpId,
    /// What rotations, products and sums have.
    ty: Type,
    slots: usize,
    /// Bound of every partial sum.
    bound: Option<Attr>,
}

struct Expansion {
    /// Rotations of operands, products and sums have the first result's type.
    build: Builder,
    weight: ValueId,
    inputs: Vec<ValueId>,
    matrix: BlockMatrix,
    plan: Option<Plan>,
    /// Rotations of operands, by number and step; by 0 they are read with the products' type.
    rotated: FxHashMap<(usize, usize), ValueId>,
}

/// A product with the mask of the elements, and sums of rotations.
fn expand_spread(ir: &mut Ir, spread: views::Spread) -> Result<(), Diagnostic> {
    let (op, input) = (spread.0, spread.input(ir));
    let (Some(from), Some(to)) = (Layout::of(ir, ir.ty(input)), Layout::of(ir, ir.ty(ir.result(op, 0))))
    else {
        return Err(error(ir, op, "needs packed types"));
    };
    let groups = spread.groups(ir).map_or_else(Vec::new, |groups| sizes(ir, groups));
    let clean = Layout { fill: 0.0, ..from };
    let ty = clean.to_type(ir);
    let build = Builder::new(ir, op, ty, to.slots);
    let mask = build.mask(ir, &clean);
    let product = build.op(ir, views::MulPlain::NAME, &[input, mask], ir.ty(input), &[], true);
    let clean = build.relabel(ir, product, build.ty);
    // Copies go behind: to the right, where rotations go left.
    let copies = build.summed(ir, clean, &sums(to.slots - 1, &groups));
    let copies = build.relabel(ir, copies, ir.ty(ir.result(op, 0)));
    ir.replace_all_uses(ir.result(op, 0), copies);
    ir.erase(op);
    Ok(())
}

impl Builder {
    fn new(ir: &Ir, op: OpId, ty: Type, slots: usize) -> Builder {
        Builder { op, ty, slots, bound: ir.attr_named(op, "he.bound") }
    }

    fn op(
        &self,
        ir: &mut Ir,
        name: &str,
        operands: &[ValueId],
        ty: Type,
        attrs: &[(&str, Attr)],
        bounded: bool,
    ) -> ValueId {
        let (name, props) = (ir.ctx.op_name(name), ir.dict_of(attrs));
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
        let by = by % self.slots;
        if by == 0 {
            return value;
        }
        let by = ir.ctx.i64_attr(by as i64);
        self.op(ir, views::Rotate::NAME, &[value], self.ty, &[("by", by)], bounded)
    }

    fn add(&self, ir: &mut Ir, sum: Option<ValueId>, term: ValueId) -> ValueId {
        match sum {
            Some(sum) => self.op(ir, views::Add::NAME, &[sum, term], self.ty, &[], true),
            None => term,
        }
    }

    fn relabel(&self, ir: &mut Ir, value: ValueId, ty: Type) -> ValueId {
        match ir.ty(value) == ty {
            true => value,
            false => self.op(ir, views::Relabel::NAME, &[value], ty, &[], false),
        }
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

    /// A plaintext with ones in the slots of a layout's elements.
    fn mask(&self, ir: &mut Ir, layout: &Layout) -> ValueId {
        let element = ir.ctx.float_type(FloatKind::F64);
        let ones = ir.ctx.tensor_type(&[1], element);
        let value = ir.ctx.splat_attr(1.0, ones).unwrap_or(Attr::NONE);
        let layout = layout.to_type(ir);
        let layout = ir.ctx.type_attr(layout);
        let ones = self.op(ir, nn::Constant::NAME, &[], ones, &[("value", value)], false);
        let plain = plain_type(ir, self.slots);
        self.op(ir, views::ToPlain::NAME, &[ones], plain, &[("layout", layout)], false)
    }
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
        let slots = to.first().map_or(1, |layout| layout.slots);
        Ok(Expansion {
            build: Builder::new(ir, op, ir.ty(ir.result(op, 0)), slots),
            weight: linear.weight(ir),
            inputs,
            matrix: BlockMatrix { weight, inputs: from, outputs: to },
            plan,
            rotated: FxHashMap::default(),
        })
    }

    /// The products between two blocks, and the sums that follow them.
    fn piece(&self, ir: &mut Ir, output: usize, input: usize) -> Result<(Vec<Sum>, Piece), Diagnostic> {
        let (steps, matrix) = Steps::new(self.plan.as_ref(), self.matrix.piece(output, input))
            .map_err(|why| error(ir, self.build.op, &format!("has a plan that does not fit: {why}")))?;
        let (diagonals, symbol) = (matrix.nonzero(steps.rotations), self.symbol(ir, &matrix));
        Ok((steps.sums, Piece { input, symbol, diagonals, giant: steps.giant }))
    }

    /// The plaintext matrix as an op.
    fn symbol(&self, ir: &mut Ir, matrix: &Matrix) -> ValueId {
        let (input, output) = (matrix.input.to_type(ir), matrix.output.to_type(ir));
        let mut attrs = vec![("input", ir.ctx.type_attr(input)), ("output", ir.ctx.type_attr(output))];
        for (name, first) in [("row", matrix.row), ("column", matrix.column)] {
            if first > 0 {
                attrs.push((name, ir.ctx.i64_attr(first as i64)));
            }
        }
        let props = ir.dict_of(&attrs);
        let name = ir.ctx.op_name(views::Matrix::NAME);
        let matrix_name = ir.ctx.sym("packed.matrix");
        let ty = ir.ctx.ty(TypeKind::Declared { name: matrix_name, params: Vec::new() });
        let loc = ir.loc(self.build.op);
        let symbol = OpSpec::new(name).operands(&[self.weight]).results(&[ty]).props(props).loc(loc);
        let symbol = symbol.build_before(ir, self.build.op);
        ir.result(symbol, 0)
    }

    /// An operand, rotated.
    fn rotated(&mut self, ir: &mut Ir, input: usize, step: usize) -> ValueId {
        if let Some(known) = self.rotated.get(&(input, step)) {
            return *known;
        }
        // Rotations keep the operand's layout; the products have the result's. One reading serves both.
        let value = match step {
            0 => self.build.relabel(ir, self.inputs[input], self.build.ty),
            _ => {
                let value = self.rotated(ir, input, 0);
                self.build.rotate(ir, value, step, false)
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
                let sum = self.build.add(ir, open.take(), products);
                let next = groups.get(number + 1).map(|(next, _)| next.as_slice());
                let next = next.filter(|next| sums.starts_with(next));
                let sum = self.build.summed(ir, sum, &sums[next.map_or(0, <[Sum]>::len)..]);
                match next {
                    Some(_) => open = Some(sum),
                    None => total = Some(self.build.add(ir, total, sum)),
                }
            }
            let Some(total) = total else { return Err(self.all_zero(ir, output)) };
            let result = ir.result(self.build.op, output);
            let total = self.build.relabel(ir, total, ir.ty(result));
            ir.replace_all_uses(result, total);
        }
        ir.erase(self.build.op);
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
        let plain = plain_type(ir, self.build.slots);
        for (giant, terms) in giants {
            let mut inner = None;
            for (piece, d) in terms {
                let [index, shift] = [d, giant].map(|number| ir.ctx.i64_attr(number as i64));
                let index = [("index", index), ("shift", shift)];
                let diagonal =
                    self.build.op(ir, views::Diagonal::NAME, &[piece.symbol], plain, &index, false);
                let rotated = self.rotated(ir, piece.input, d % piece.giant);
                let product =
                    self.build.op(ir, views::MulPlain::NAME, &[rotated, diagonal], self.build.ty, &[], true);
                inner = Some(self.build.add(ir, inner, product));
            }
            if let Some(inner) = inner {
                let shifted = self.build.rotate(ir, inner, giant, true);
                sum = Some(self.build.add(ir, sum, shifted));
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
        Diagnostic::error(text).at(ir.position(self.build.op))
    }
}

fn error(ir: &Ir, op: OpId, text: &str) -> Diagnostic {
    Diagnostic::error(format!("'{}' {text}", ir.name_str(op))).at(ir.position(op))
}
