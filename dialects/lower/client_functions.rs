//! The client's side of a packed program: `@main__encrypt__argN` and `@main__decrypt__resultN`.
//!
//! A tensor that is one packed value is packed and unpacked as it is. One of several is cut into blocks before it is
//! packed, and the blocks are put together again.

use he_core::ir::{BlockId, Ir, OpId, OpSpec, Type, TypeKind, ValueId};

use crate::func;
use crate::func::client::{decrypt_name, encrypt_name};
use crate::packed::blocks::{places, width};
use crate::packed::layout::Layout;
use crate::packed::views;

/// A tensor and the packed values that it is.
pub struct Packed {
    /// The number of the argument or result, as the user counts.
    pub index: usize,
    /// The type of the tensor.
    pub tensor: Type,
    /// The types of its blocks.
    pub blocks: Vec<Type>,
}

/// Adds the client's functions behind the entry.
pub fn add(ir: &mut Ir, entry: OpId, arguments: &[Packed], results: &[Packed]) {
    let name = func::name(ir, entry).to_owned();
    let mut anchor = entry;
    for Packed { index, tensor, blocks } in arguments {
        let name = encrypt_name(&name, *index);
        let (function, body) = function(ir, anchor, &name, &[*tensor], blocks);
        let arg = ir.args(body)[0];
        let columns = ir.ctx.shaped(*tensor).0.last().map_or(1, |columns| *columns as usize);
        let parts = places(&layouts(ir, blocks), columns);
        let packed: Vec<_> = blocks
            .iter()
            .zip(parts)
            .map(|(ty, place)| {
                let part = match block(ir, arg, *ty, place) {
                    Some(spec) => end(ir, function, body, spec),
                    None => arg,
                };
                let pack = ir.ctx.op_name(views::Pack::NAME);
                end(ir, function, body, OpSpec::new(pack).operands(&[part]).results(&[*ty]))
            })
            .collect();
        anchor = finish(ir, function, body, &packed);
    }
    for Packed { index, tensor, blocks } in results {
        let name = decrypt_name(&name, *index);
        let (function, body) = function(ir, anchor, &name, blocks, &[*tensor]);
        let unpack = ir.ctx.op_name(views::Unpack::NAME);
        let parts: Vec<_> = ir.args(body).to_vec();
        let parts: Vec<_> = parts
            .into_iter()
            .map(|arg| {
                let ty = block_type(ir, *tensor, ir.ty(arg)).unwrap_or(*tensor);
                end(ir, function, body, OpSpec::new(unpack).operands(&[arg]).results(&[ty]))
            })
            .collect();
        let whole = match parts[..] {
            [whole] => whole,
            _ => {
                let concat = ir.ctx.op_name(views::Concat::NAME);
                end(ir, function, body, OpSpec::new(concat).operands(&parts).results(&[*tensor]))
            }
        };
        anchor = finish(ir, function, body, &[whole]);
    }
}

fn layouts(ir: &Ir, blocks: &[Type]) -> Vec<Layout> {
    blocks.iter().filter_map(|ty| Layout::of(ir, *ty)).collect()
}

/// The type of the part of a tensor that is packed as `packed`; `None` where that is all of it. A tensor of fewer dimensions
/// is the same for all rows.
fn block_type(ir: &mut Ir, tensor: Type, packed: Type) -> Option<Type> {
    let layout = Layout::of(ir, packed)?;
    let TypeKind::Tensor { shape, element, .. } = ir.ctx.type_kind(tensor) else { return None };
    let (whole, element) = (shape.clone(), *element);
    let mut part = whole.clone();
    if part.len() == layout.shape.len()
        && let (Some(rows), Some(own)) = (part.first_mut(), layout.shape.first())
    {
        *rows = *own as i64;
    }
    *part.last_mut()? = width(&layout) as i64;
    (part != whole).then(|| ir.ctx.tensor_type(&part, element))
}

/// The op that reads the part of a plaintext tensor that is packed as `packed`, from a row and a column on; `None` where that
/// is all of it.
pub fn block(ir: &mut Ir, tensor: ValueId, packed: Type, (row, column): (usize, usize)) -> Option<OpSpec> {
    let ty = block_type(ir, ir.ty(tensor), packed)?;
    let has_rows =
        Layout::of(ir, packed).is_some_and(|layout| layout.shape.len() == ir.ctx.shaped(ty).0.len());
    let starts = [("start", column), ("row", if has_rows { row } else { 0 })];
    let starts = starts.into_iter().filter(|(_, start)| *start > 0);
    let attrs: Vec<_> = starts.map(|(name, start)| (name, ir.ctx.i64_attr(start as i64))).collect();
    let props = ir.dict_of(&attrs);
    let name = ir.ctx.op_name(views::Block::NAME);
    Some(OpSpec::new(name).operands(&[tensor]).results(&[ty]).props(props))
}

/// A function without ops, behind another one, and its block.
fn function(ir: &mut Ir, after: OpId, name: &str, inputs: &[Type], results: &[Type]) -> (OpId, BlockId) {
    let ty = ir.ctx.ty(TypeKind::Function { inputs: inputs.to_vec(), results: results.to_vec() });
    let attrs = [("sym_name", ir.ctx.string_attr(name)), ("function_type", ir.ctx.type_attr(ty))];
    let props = ir.dict_of(&attrs);
    let func_name = ir.ctx.op_name(func::views::Func::NAME);
    let loc = ir.loc(after);
    let function = OpSpec::new(func_name).props(props).loc(loc).build_detached(ir);
    ir.insert_after(after, function);
    let region = ir.add_region(function);
    let body = ir.create_block();
    ir.append_block(region, body);
    for ty in inputs {
        ir.add_block_arg(body, *ty);
    }
    (function, body)
}

fn end(ir: &mut Ir, function: OpId, body: BlockId, spec: OpSpec) -> ValueId {
    let loc = ir.loc(function);
    let op = spec.loc(loc).build_at_end(ir, body);
    ir.result(op, 0)
}

fn finish(ir: &mut Ir, function: OpId, body: BlockId, values: &[ValueId]) -> OpId {
    let (name, loc) = (ir.ctx.op_name(func::views::Return::NAME), ir.loc(function));
    OpSpec::new(name).operands(values).loc(loc).build_at_end(ir, body);
    function
}
