//! Walks a function and calls each op's kernel.

use std::any::Any;
use std::rc::Rc;

use rustc_hash::FxHashMap;

use crate::ir::{BlockId, Ir, OpId, OpName, Traits, ValueDef, ValueId};
use crate::schema::{Expansions, Registry};
use crate::support::{Diagnostic, Diagnostics, Weights};

/// A value at run time; kernels know what is inside.
pub type RuntimeValue = Rc<dyn Any>;

/// What a kernel sees besides its operands.
pub struct KernelContext<'a> {
    /// Loaded dialects.
    pub registry: &'a Registry,
    /// The program.
    pub ir: &'a Ir,
    /// The op that is executed.
    pub op: OpId,
    /// Where weights come from.
    pub weights: &'a dyn Weights,
    /// The state of the backend (parameters, noise); core does not look inside.
    pub backend: &'a mut dyn Any,
    /// Warnings for the user: a value that leaves its domain, precision that runs out.
    pub warnings: &'a mut Diagnostics,
}

impl KernelContext<'_> {
    /// An error at the op.
    pub fn error(&self, text: impl std::fmt::Display) -> Diagnostic {
        Diagnostic::error(format!("'{}': {text}", self.ir.name_str(self.op))).at(self.ir.position(self.op))
    }

    /// Operand number `index` as a `T`; an error if it holds something else.
    pub fn operand<'v, T: 'static>(
        &self,
        operands: &'v [RuntimeValue],
        index: usize,
    ) -> Result<&'v T, Diagnostic> {
        let value = operands.get(index).and_then(|value| value.downcast_ref::<T>());
        value.ok_or_else(|| self.error(format!("operand #{index} is not what the kernel expects")))
    }

    /// Attribute `name` of the op, or its declared default, as `f64`.
    pub fn float(&self, name: &str) -> Result<f64, Diagnostic> {
        let attr = self.registry.attr_or_default(self.ir, self.op, name);
        let value =
            attr.and_then(|attr| self.ir.ctx.as_f64(attr).or(self.ir.ctx.as_i64(attr).map(|i| i as f64)));
        value.ok_or_else(|| self.error(format!("needs the number '{name}'")))
    }

    /// Attribute `name` of the op, or its declared default, as `i64`.
    pub fn int(&self, name: &str) -> Result<i64, Diagnostic> {
        let attr = self.registry.attr_or_default(self.ir, self.op, name);
        attr.and_then(|attr| self.ir.ctx.as_i64(attr))
            .ok_or_else(|| self.error(format!("needs the integer '{name}'")))
    }

    /// Attribute `name` of the op, or its declared default, as a list of integers; empty if absent.
    pub fn ints(&self, name: &str) -> Vec<i64> {
        let attr = self.registry.attr_or_default(self.ir, self.op, name);
        let items = attr.and_then(|attr| self.ir.ctx.as_array(attr)).unwrap_or(&[]);
        items.iter().filter_map(|item| self.ir.ctx.as_i64(*item)).collect()
    }
}

/// What an op does: results from operands.
pub type Kernel = fn(&mut KernelContext<'_>, &[RuntimeValue]) -> Result<Vec<RuntimeValue>, Diagnostic>;

/// Kernels by op name.
#[derive(Clone, Default)]
pub struct Kernels {
    table: FxHashMap<String, Kernel>,
}

impl Kernels {
    /// Registers the kernel of an op.
    pub fn add(&mut self, op: &str, kernel: Kernel) {
        self.table.insert(op.to_owned(), kernel);
    }

    /// Registers one kernel for every op of a dialect that has none of its own.
    pub fn add_dialect(&mut self, dialect: &str, kernel: Kernel) {
        self.table.insert(format!("{dialect}."), kernel);
    }

    /// The kernel of an op.
    pub fn get(&self, op: &str) -> Option<Kernel> {
        let of_dialect = || self.table.get(&op[..=op.find('.')?]);
        self.table.get(op).or_else(of_dialect).copied()
    }
}

/// Executes functions of one module.
pub struct Interpreter<'a> {
    registry: &'a Registry,
    kernels: &'a Kernels,
    ir: &'a Ir,
    weights: &'a dyn Weights,
    by_name: FxHashMap<OpName, Kernel>,
    /// Kernels that dialect files write.
    expansions: Expansions,
    /// Values that are asked for after the block has run.
    kept: Vec<ValueId>,
}

/// What a block has computed.
struct BlockRun {
    /// The operands of its terminator, if it has one.
    returned: Option<Vec<RuntimeValue>>,
    values: FxHashMap<ValueId, RuntimeValue>,
}

impl<'a> Interpreter<'a> {
    /// An interpreter of `ir`.
    pub fn new(registry: &'a Registry, kernels: &'a Kernels, ir: &'a Ir, weights: &'a dyn Weights) -> Self {
        let (by_name, expansions) = (FxHashMap::default(), Expansions::default());
        Interpreter { registry, kernels, ir, weights, by_name, expansions, kept: Vec::new() }
    }

    /// Calls a function of one block. `args` are its arguments in order.
    pub fn call(
        &mut self,
        function: OpId,
        args: &[RuntimeValue],
        backend: &mut dyn Any,
        warnings: &mut Diagnostics,
    ) -> Result<Vec<RuntimeValue>, Diagnostic> {
        let ir = self.ir;
        let error = |op: OpId, text: String| Diagnostic::error(text).at(ir.position(op));
        let region = ir.regions(function).first();
        let block = match region.map(|region| ir.blocks(*region)) {
            Some([block]) => *block,
            _ => return Err(error(function, "only functions of one block can be executed".into())),
        };
        let params = ir.args(block);
        if params.len() != args.len() {
            let text = format!("the function takes {} arguments, not {}", params.len(), args.len());
            return Err(error(function, text));
        }
        let run = self.run_block(block, args, backend, warnings)?;
        run.returned.ok_or_else(|| error(function, "the function has no terminator".into()))
    }

    /// Runs the ops of a block. `args` are its arguments in order.
    fn run_block(
        &mut self,
        block: BlockId,
        args: &[RuntimeValue],
        backend: &mut dyn Any,
        warnings: &mut Diagnostics,
    ) -> Result<BlockRun, Diagnostic> {
        let ir = self.ir;
        let error = |op: OpId, text: String| Diagnostic::error(text).at(ir.position(op));
        let mut values: FxHashMap<ValueId, RuntimeValue> = FxHashMap::default();
        let mut uses: FxHashMap<ValueId, usize> = FxHashMap::default();
        for (param, arg) in ir.args(block).iter().zip(args) {
            values.insert(*param, arg.clone());
        }
        let mut op = ir.first_op(block);
        while let Some(current) = op.some() {
            let mut operands = Vec::with_capacity(ir.operand_count(current));
            for operand in ir.operands(current) {
                let value = values.get(&operand).cloned();
                operands.push(value.ok_or_else(|| error(current, "an operand has no value yet".into()))?);
                // Free what is not needed any more: big programs hold big values.
                let left = uses.entry(operand).or_insert_with(|| ir.uses(operand).count());
                *left -= 1;
                if *left == 0
                    && !self.kept.contains(&operand)
                    && !matches!(ir.def(operand), ValueDef::Placeholder)
                {
                    values.remove(&operand);
                }
            }
            if ir.has_trait(current, Traits::TERMINATOR) {
                return Ok(BlockRun { returned: Some(operands), values });
            }
            let results = self.execute(current, &operands, backend, warnings)?;
            if results.len() != ir.result_count(current) {
                return Err(error(
                    current,
                    format!("the kernel of '{}' returned {} results", ir.name_str(current), results.len()),
                ));
            }
            for (result, value) in ir.results(current).zip(results) {
                if !ir.is_unused(result) || self.kept.contains(&result) {
                    values.insert(result, value);
                }
            }
            op = ir.next_op(current);
        }
        Ok(BlockRun { returned: None, values })
    }

    fn execute(
        &mut self,
        op: OpId,
        operands: &[RuntimeValue],
        backend: &mut dyn Any,
        warnings: &mut Diagnostics,
    ) -> Result<Vec<RuntimeValue>, Diagnostic> {
        let ir = self.ir;
        let mut context =
            KernelContext { registry: self.registry, ir, op, weights: self.weights, backend, warnings };
        if let Some(kernel) = self.by_name.get(&ir.name(op)) {
            return kernel(&mut context, operands);
        }
        let name = ir.name_str(op);
        if let Some(kernel) = self.kernels.get(name) {
            self.by_name.insert(ir.name(op), kernel);
            return kernel(&mut context, operands);
        }
        self.execute_expansion(op, operands, context.backend, context.warnings)
    }

    /// Executes an op by the kernel that its `.dialect` file writes: by the ops that it stands for.
    fn execute_expansion(
        &mut self,
        op: OpId,
        operands: &[RuntimeValue],
        backend: &mut dyn Any,
        warnings: &mut Diagnostics,
    ) -> Result<Vec<RuntimeValue>, Diagnostic> {
        let ir = self.ir;
        let error =
            |text: &str| Diagnostic::error(format!("'{}': {text}", ir.name_str(op))).at(ir.position(op));
        let expansion = self.expansions.get(self.registry, ir, op)?;
        let expansion = expansion.ok_or_else(|| error("has no kernel, so it cannot be executed"))?;
        let mut inner = Interpreter::new(self.registry, self.kernels, &expansion.ir, self.weights);
        inner.kept = expansion.results.clone();
        let run = inner.run_block(expansion.block, operands, backend, warnings)?;
        let result = |value: &ValueId| {
            run.values
                .get(value)
                .cloned()
                .ok_or_else(|| error("its kernel yields a value that it does not compute"))
        };
        expansion.results.iter().map(result).collect()
    }
}
