//! Kernels that a `.dialect` file writes: other ops, in place of the op.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::build::{Build, BuildError, OpBuilder, Place};
use super::defs::Repeat;
use super::registry::Registry;
use crate::expr::Val;
use crate::ir::{BlockId, Dict, Ir, OpId, OpName, OpSpec, Type, ValueId};
use crate::support::Diagnostic;

/// What executes an op where no Rust does.
#[derive(Clone, Debug)]
pub enum KernelDef {
    /// `kernel reduce OP`: folds the operands with a binary op.
    Reduce(String),
    /// `kernel { … }`: other ops.
    Compose(Composition),
}

/// The ops of `kernel { … }`. Slots are operands, then attributes, then what the ops define.
#[derive(Clone, Debug)]
pub struct Composition {
    pub(super) slots: usize,
    pub(super) steps: Vec<Step>,
    pub(super) yields: Vec<usize>,
}

impl Composition {
    /// The ops that it is composed of; those that are written as operands are inside of them.
    pub(crate) fn builds(&self) -> impl Iterator<Item = &Build> {
        self.steps.iter().map(|step| &step.build)
    }
}

#[derive(Clone, Debug)]
pub(super) struct Step {
    /// The slot of each result, where it has a name.
    pub slots: Vec<Option<usize>>,
    pub build: Build,
}

/// What an op stands for, written out as ops in a module of its own.
pub struct Expansion {
    /// The module; it shares the ids of types, attributes and locations with the program.
    pub ir: Ir,
    /// The block of ops; its arguments are the operands.
    pub block: BlockId,
    /// The values that are the op's results.
    pub results: Vec<ValueId>,
}

/// What the ops of one program stand for. Ops of one name, with equal attributes and operand types, stand for the same.
#[derive(Default)]
pub struct Expansions {
    known: FxHashMap<(OpName, Dict, Vec<Type>), Rc<Expansion>>,
}

impl Expansions {
    /// What [`expand_kernel`] makes of an op of that program.
    pub fn get(
        &mut self,
        registry: &Registry,
        ir: &Ir,
        op: OpId,
    ) -> Result<Option<Rc<Expansion>>, Diagnostic> {
        let key = (ir.name(op), ir.props(op), ir.operands(op).map(|value| ir.ty(value)).collect());
        if let Some(known) = self.known.get(&key) {
            return Ok(Some(known.clone()));
        }
        let expansion = expand_kernel(registry, ir, op)?.map(Rc::new);
        if let Some(expansion) = &expansion {
            self.known.insert(key, expansion.clone());
        }
        Ok(expansion)
    }
}

/// How much an op stands for once kernels are written out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Extent {
    /// Ops, at two operands of each reduction.
    pub ops: u64,
    /// How deep kernels are nested.
    pub depth: u32,
}

impl Extent {
    /// An op that stands for itself.
    pub const ONE: Extent = Extent { ops: 1, depth: 0 };
    /// The largest one that is loaded: who executes, verifies or prices an op writes its kernel out.
    const MAX: Extent = Extent { ops: 100_000, depth: 64 };

    /// The error is what is too much.
    pub fn check(self) -> Result<(), String> {
        let Extent { ops, depth } = Extent::MAX;
        match self {
            _ if self.ops > ops => Err(format!("the kernel stands for more than {ops} ops")),
            _ if self.depth > depth => Err(format!("kernels are nested deeper than {depth}")),
            _ => Ok(()),
        }
    }

    /// Of an op whose kernel is made of these.
    pub fn of_kernel(parts: impl Iterator<Item = Extent>) -> Extent {
        let sum = parts.fold(Extent { ops: 0, depth: 0 }, |sum, part| Extent {
            ops: sum.ops.saturating_add(part.ops),
            depth: sum.depth.max(part.depth),
        });
        Extent { ops: sum.ops, depth: sum.depth + 1 }
    }

    /// The ops of a build, those that are written as operands among them.
    pub fn parts_of(registry: &Registry, build: &Build, parts: &mut Vec<Extent>) {
        parts.push(registry.op_def(build.op).map_or(Extent::ONE, |def| def.extent));
        for arg in &build.args {
            if let super::build::Argument::Build(inner) = arg {
                Extent::parts_of(registry, inner, parts);
            }
        }
    }
}

/// The other ops that an op with a kernel of the dialect file stands for. `Ok(None)` where it has none such.
pub fn expand_kernel(registry: &Registry, ir: &Ir, op: OpId) -> Result<Option<Expansion>, Diagnostic> {
    let Some(def) = registry.op_def(ir.name(op)) else { return Ok(None) };
    let Some(kernel) = &def.kernel else { return Ok(None) };
    let error = |text: String| {
        Diagnostic::error(format!("'{}': its kernel cannot be written out: {text}", def.name))
            .at(ir.position(op))
    };
    let mut body = Ir::new(ir.ctx.clone());
    // The module's attributes hold for the body too: parameters, for example.
    let top = OpSpec::new(ir.name(ir.top())).props(ir.props(ir.top())).attrs(ir.attrs(ir.top()));
    let top = top.build_detached(&mut body);
    body.set_top(top);
    let region = body.add_region(top);
    let block = body.create_block();
    body.append_block(region, block);
    let args: Vec<ValueId> = ir.operands(op).map(|value| body.add_block_arg(block, ir.ty(value))).collect();
    let loc = ir.loc(op);
    let mut expansion = Expansion { ir: body, block, results: Vec::new() };
    match kernel {
        KernelDef::Reduce(binary) => {
            let Some(binary) = expansion.ir.ctx.find_op(binary) else { return Ok(None) };
            let mut sum = *args.first().ok_or_else(|| error("it has no operand".into()))?;
            for value in &args[1..] {
                let types = [crate::ir::Type::NONE];
                let step = OpSpec::new(binary).operands(&[sum, *value]).results(&types).loc(loc);
                let step = step.build_at_end(&mut expansion.ir, block);
                let types = super::infer_results(registry, &mut expansion.ir, step)?;
                sum = expansion.ir.result(step, 0);
                match types.as_deref() {
                    Some([ty]) => expansion.ir.set_type(sum, *ty),
                    _ => return Err(error("the result type cannot be inferred".into())),
                }
            }
            expansion.results.push(sum);
        }
        KernelDef::Compose(composition) => {
            let mut slots = vec![Val::Null; composition.slots];
            let ranges = super::OpDef::split(&def.operands, args.len());
            let ranges = ranges.ok_or_else(|| error("it has a wrong number of operands".into()))?;
            for ((slot, range), operand) in slots.iter_mut().zip(ranges).zip(&def.operands) {
                *slot = match (operand.repeat, &args[range]) {
                    (Repeat::Variadic, values) => Val::List(values.iter().copied().map(Val::Value).collect()),
                    (_, [value]) => Val::Value(*value),
                    _ => Val::Null,
                };
            }
            for (slot, attr) in slots[def.operands.len()..].iter_mut().zip(&def.attrs) {
                *slot = ir.attr(op, attr.sym).or(attr.default).map_or(Val::Null, Val::Attr);
            }
            let mut builder = OpBuilder::default();
            for step in &composition.steps {
                let built =
                    builder.build(registry, &mut expansion.ir, &step.build, &slots, Place::AtEnd(block), loc);
                let built = built.map_err(|why| match why {
                    BuildError::Value(text) | BuildError::Type(text) => error(text),
                })?;
                for (index, slot) in step.slots.iter().enumerate() {
                    if let Some(slot) = slot {
                        slots[*slot] = Val::Value(expansion.ir.result(built, index));
                    }
                }
            }
            for slot in &composition.yields {
                match slots[*slot] {
                    Val::Value(value) => expansion.results.push(value),
                    _ => return Err(error("it yields something that is not a value".into())),
                }
            }
        }
    }
    Ok(Some(expansion))
}
