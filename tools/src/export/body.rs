//! The entry function as straight-line Python, cut into functions.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::rc::Rc;

use he_core::exec::tensor::Tensor;
use he_core::exec::{KernelContext, RuntimeValue};
use he_core::ir::{AttrKind, Ir, OpId, Traits, ValueId};
use he_core::support::{Diagnostic, Diagnostics};
use he_dialects::ckks::attr::{CtType, PtType};
use he_dialects::ckks::passes::leveling::CORRECTION_ATTR;
use he_dialects::func;
use he_dialects::nn::facts::tensor_shape;
use rustc_hash::FxHashMap;

use super::arrays::Arrays;
use super::constants::{Form, Plain};
use super::target::Target;
use crate::run::Program;

/// Operations of a Python function: few enough to read, and for the compiler of Python.
const PART_OPS: usize = 40;
/// The prefix of the ops that are methods.
pub(super) const PREFIX: &str = "ckks.";

/// The entry function in Python.
#[derive(Default)]
pub(super) struct Body {
    /// The steps of all rotations.
    pub steps: BTreeSet<i64>,
    methods: BTreeSet<String>,
    parts: Vec<String>,
    results: Vec<String>,
}

impl Body {
    /// Writes the entry function. Plaintext ops are executed here; their vectors go to `arrays`. Constants are folded if
    /// `folds`.
    pub fn write(
        program: &Program<'_>,
        target: Target,
        arrays: &mut Arrays,
        folds: bool,
    ) -> Result<Body, Diagnostic> {
        let ir = program.ir;
        let entry = func::entry(ir)?;
        let block = ir.body(entry);
        let mut writer = Writer {
            program,
            target,
            folds,
            arrays,
            body: Body::default(),
            names: FxHashMap::default(),
            uses: FxHashMap::default(),
            plain: FxHashMap::default(),
            moved: FxHashMap::default(),
            forms: FxHashMap::default(),
            encoded: FxHashMap::default(),
            opaque: 0,
            part: Part::default(),
        };
        let args = block.map_or_else(Vec::new, |block| ir.args(block).to_vec());
        for (index, arg) in args.into_iter().enumerate() {
            writer.names.insert(arg, format!("a{index}"));
            if let Ok(shape) = tensor_shape(ir, ir.ty(arg)) {
                writer.moved.insert(arg, arg);
                writer.plain.insert(arg, Rc::new(marks(shape)?));
            }
        }
        for op in block.map_or_else(Vec::new, |block| ir.block_ops(block)) {
            writer.op(op)?;
        }
        writer.end_part();
        Ok(writer.body)
    }

    /// Whether the program has `ckks.<op>`.
    pub fn has(&self, op: &str) -> bool {
        self.methods.contains(op)
    }

    /// The functions, their list, and the names of the results.
    pub fn python(&self) -> String {
        let mut text = String::new();
        for (index, part) in self.parts.iter().enumerate() {
            let _ = write!(text, "def part{index}(he, live):\n{part}\n\n");
        }
        let names: Vec<String> = (0..self.parts.len()).map(|index| format!("part{index}")).collect();
        let _ = writeln!(text, "PARTS = [{}]", names.join(", "));
        let _ = writeln!(text, "RESULTS = {:?}", self.results);
        text
    }
}

/// The function that is being written.
#[derive(Default)]
struct Part {
    ops: usize,
    lines: String,
    /// Values that are read from earlier functions.
    reads: BTreeSet<ValueId>,
    defined: Vec<ValueId>,
}

/// The number that stands for element `index` of a plain argument: a pattern of bits that sums and products of such
/// numbers do not have.
fn mark(index: usize) -> f64 {
    f64::from_bits(MARK | index as u64)
}

/// The element that a number stands for; −1 for 0, which is no element.
fn marked(number: f64) -> Option<i64> {
    let index = number.to_bits() ^ MARK;
    match number {
        0.0 => Some(-1),
        _ => (index <= u64::from(u32::MAX)).then_some(index as i64),
    }
}

/// The high half of the bits of a mark, a number between 1 and 2.
const MARK: u64 = 0x3ff5_a5a5_0000_0000;

/// A tensor of marks.
fn marks(shape: Vec<usize>) -> Result<Tensor, Diagnostic> {
    let count = shape.iter().product();
    Tensor::new(shape, (0..count).map(mark).collect()).map_err(|why| Diagnostic::error(why.to_string()))
}

pub(super) struct Writer<'a, 'p> {
    pub(super) program: &'a Program<'p>,
    target: Target,
    /// Whether constants are folded: not where each op is to be seen by the library.
    pub(super) folds: bool,
    pub(super) arrays: &'a mut Arrays,
    body: Body,
    names: FxHashMap<ValueId, String>,
    /// Uses that are still to come; absent before the first.
    uses: FxHashMap<ValueId, usize>,
    /// Constants; and what is made of plain arguments, whose elements are [`mark`]s.
    plain: FxHashMap<ValueId, RuntimeValue>,
    /// Plaintext values -> the plain argument that they are made of.
    moved: FxHashMap<ValueId, ValueId>,
    /// What is known of ciphertexts; constants are not written until an op needs one.
    pub(super) forms: FxHashMap<ValueId, Form>,
    /// Encoded plaintexts whose numbers are known; `None` for one that encodes to zero, which is not written.
    pub(super) encoded: FxHashMap<ValueId, Option<Plain>>,
    pub(super) opaque: usize,
    part: Part,
}

impl Writer<'_, '_> {
    fn ir(&self) -> &Ir {
        self.program.ir
    }

    fn op(&mut self, op: OpId) -> Result<(), Diagnostic> {
        let program = self.program;
        let ir = program.ir;
        if ir.has_trait(op, Traits::TERMINATOR) {
            let values: Vec<ValueId> = ir.operands(op).collect();
            values.iter().for_each(|value| self.materialize(*value));
            self.body.results = values.into_iter().map(|value| self.name(value)).collect::<Result<_, _>>()?;
            return Ok(());
        }
        match ir.name_str(op).strip_prefix(PREFIX) {
            Some(method) => self.call(op, method)?,
            None => self.constant(op)?,
        }
        if self.part.ops == PART_OPS {
            self.end_part();
        }
        Ok(())
    }

    pub(super) fn name(&self, value: ValueId) -> Result<String, Diagnostic> {
        self.names.get(&value).cloned().ok_or_else(|| {
            let op = self.ir().def_op(value);
            let error = Diagnostic::error("a plaintext reaches an op that takes a ciphertext");
            if op.is_none() { error } else { error.at(self.ir().position(op)) }
        })
    }

    /// Executes an op on plaintexts.
    fn constant(&mut self, op: OpId) -> Result<(), Diagnostic> {
        let (program, ir) = (self.program, self.program.ir);
        let refuse =
            |text: &str| Diagnostic::error(format!("'{}' op {text}", ir.name_str(op))).at(ir.position(op));
        let operands = ir.operands(op).map(|value| self.plain.get(&value).cloned());
        let operands: Option<Vec<_>> = operands.collect();
        let mut sources: Vec<ValueId> =
            ir.operands(op).filter_map(|value| self.moved.get(&value).copied()).collect();
        sources.dedup();
        if sources.len() > 1 {
            return Err(refuse(
                "mixes two plain arguments, and an exported program only moves their elements",
            ));
        }
        let operands = operands.ok_or_else(|| {
            refuse("depends on an argument, and only ckks ops do in an exported program")
                .help("lower the program to stage leveled (--preset=bsgs-lazy)")
        })?;
        let kernel = program.loaded.kernels.get(ir.name_str(op)).ok_or_else(|| refuse("has no kernel"))?;
        let mut context = KernelContext {
            registry: &program.loaded.session.registry,
            ir,
            op,
            weights: program.weights,
            backend: &mut (),
            warnings: &mut Diagnostics::new(),
        };
        let results = kernel(&mut context, &operands)?;
        self.plain.extend(ir.results(op).zip(results));
        if let Some(source) = sources.first() {
            self.moved.extend(ir.results(op).map(|result| (result, *source)));
        }
        self.used(op).into_iter().for_each(|value| drop(self.plain.remove(&value)));
        Ok(())
    }

    /// Counts the uses by `op`; yields the values that are used for the last time.
    fn used(&mut self, op: OpId) -> Vec<ValueId> {
        let ir = self.program.ir;
        let mut last = Vec::new();
        for value in ir.operands(op) {
            let left = self.uses.entry(value).or_insert_with(|| ir.uses(value).count());
            *left -= 1;
            if *left == 0 {
                last.push(value);
            }
        }
        last
    }

    /// Writes a line that gives `value` a name. Its operands were read before, or are `reads`.
    pub(super) fn define(&mut self, value: ValueId, reads: &[ValueId], expression: &str) {
        self.part.reads.extend(reads.iter().filter(|read| !self.part.defined.contains(read)));
        let name = format!("v{}", self.names.len());
        let _ = writeln!(self.part.lines, "    {name} = {expression}");
        self.names.insert(value, name);
        self.part.defined.push(value);
        self.part.ops += 1;
    }

    /// Frees what an op that was not written as it is has used for the last time.
    pub(super) fn release(&mut self, op: OpId) {
        let mut dead = Vec::new();
        for value in self.used(op) {
            self.forget(value);
            if let Some(name) = self.names.get(&value).filter(|_| !self.moved.contains_key(&value)).cloned() {
                if !self.part.defined.contains(&value) {
                    self.part.reads.insert(value);
                }
                self.part.defined.retain(|defined| *defined != value);
                dead.push(name);
            }
        }
        if !dead.is_empty() {
            let _ = writeln!(self.part.lines, "    del {}", dead.join(", "));
            self.part.ops += 1;
        }
    }

    fn forget(&mut self, value: ValueId) {
        self.plain.remove(&value);
        self.forms.remove(&value);
        self.encoded.remove(&value);
    }

    /// The numbers of a constant tensor; none for what is made of plain arguments.
    pub(super) fn numbers(&self, value: ValueId) -> Option<Rc<Tensor>> {
        let known = self.plain.get(&value).filter(|_| !self.moved.contains_key(&value));
        known.and_then(|plain| Rc::clone(plain).downcast::<Tensor>().ok())
    }

    /// Writes the call of a method.
    fn call(&mut self, op: OpId, method: &str) -> Result<(), Diagnostic> {
        let ir = self.program.ir;
        if self.is_folded(op, method)? {
            return Ok(());
        }
        let mut arguments = Vec::new();
        for value in ir.operands(op) {
            match self.plain.get(&value).and_then(|plain| Rc::clone(plain).downcast::<Tensor>().ok()) {
                Some(tensor) => match self.moved.get(&value).copied() {
                    None => arguments.push(format!("PLAIN[\"{}\"]", self.arrays.floats(&tensor.data))),
                    Some(source) => arguments.push(self.layout(op, source, &tensor)?),
                },
                None => {
                    arguments.push(self.name(value)?);
                    if !self.part.defined.contains(&value) {
                        self.part.reads.insert(value);
                    }
                }
            }
        }
        for keyword in self.target.keywords(method).unwrap_or_default() {
            // The methods have its default.
            if keyword == CORRECTION_ATTR && ir.attr_named(op, keyword).is_none() {
                continue;
            }
            arguments.push(format!("{keyword}={}", self.keyword(op, keyword)?));
        }
        if let ("rotate" | "rotate_hoisted" | "rotate_ext", Some(by)) = (method, self.integer(op, "by")) {
            self.body.steps.insert(by);
        }
        self.body.methods.insert(method.to_owned());
        let result = ir.result(op, 0);
        let name = format!("v{}", self.names.len());
        let _ = writeln!(self.part.lines, "    {name} = he.{method}({})", arguments.join(", "));
        self.names.insert(result, name.clone());
        self.part.defined.push(result);
        self.part.ops += 1;
        // What is not needed any more is freed at once: ciphertexts and encoded plaintexts are large.
        let mut dead = Vec::new();
        for value in self.used(op) {
            let is_plain = self.plain.contains_key(&value);
            self.forget(value);
            if !is_plain {
                dead.push(self.name(value)?);
                self.part.defined.retain(|defined| *defined != value);
            }
        }
        if ir.is_unused(result) {
            self.part.defined.pop();
            dead.push(name);
        }
        if !dead.is_empty() {
            let _ = writeln!(self.part.lines, "    del {}", dead.join(", "));
        }
        Ok(())
    }

    /// Python's expression for the slots that the elements of a plain argument have moved to.
    fn layout(&mut self, op: OpId, source: ValueId, slots: &Tensor) -> Result<String, Diagnostic> {
        let ir = self.program.ir;
        let indices: Option<Vec<i64>> = slots.data.iter().map(|slot| marked(*slot)).collect();
        let indices = indices.ok_or_else(|| {
            let text =
                format!("'{}' op takes numbers that are computed from a plain argument", ir.name_str(op));
            let error = Diagnostic::error(text).at(ir.position(op));
            error.help(
                "an exported program only moves them to slots: compute them before, and pass the results",
            )
        })?;
        self.part.reads.insert(source);
        Ok(format!(
            "layout({}, array_of(\"{}\"))",
            self.name(source)?,
            self.arrays.periodic_indices(&indices)
        ))
    }

    fn integer(&self, op: OpId, name: &str) -> Option<i64> {
        let attr = self.program.loaded.session.registry.attr_or_default(self.ir(), op, name)?;
        self.ir().ctx.as_i64(attr)
    }

    /// The value of a keyword: an attribute of the op, or the level or scale of its result.
    fn keyword(&self, op: OpId, name: &str) -> Result<String, Diagnostic> {
        let ir = self.ir();
        let ty = ir.ty(ir.result(op, 0));
        let of_type = || {
            let (level, scale) = match CtType::of(ir, ty) {
                Some(ty) => (ty.level, ty.scale),
                None => PtType::of(ir, ty).map(|ty| (ty.level, ty.scale))?,
            };
            match name {
                "level" => level,
                "scale" => scale,
                _ => None,
            }
        };
        let attr = self.program.loaded.session.registry.attr_or_default(ir, op, name);
        let text = match attr.map(|attr| (attr, ir.ctx.attr_kind(attr))) {
            Some((attr, AttrKind::Float { .. })) => ir.ctx.as_f64(attr).map(|x| format!("{x:?}")),
            Some((attr, _)) => ir.ctx.as_i64(attr).map(|x| x.to_string()),
            None => of_type().map(|x| x.to_string()),
        };
        text.ok_or_else(|| {
            let text = format!("'{}' op needs '{name}', an attribute or a part of its type", ir.name_str(op));
            Diagnostic::error(text).at(ir.position(op))
        })
    }

    /// Ends the function: reads what comes from earlier ones, hands on what later ones need.
    fn end_part(&mut self) {
        let part = std::mem::take(&mut self.part);
        if part.ops == 0 {
            return;
        }
        let mut text = String::new();
        for value in &part.reads {
            let name = &self.names[value];
            // Plain arguments stay: what is made of them may be encoded later.
            let last = !self.moved.contains_key(value) && self.uses.get(value).is_some_and(|left| *left == 0);
            let read = if last { format!("live.pop(\"{name}\")") } else { format!("live[\"{name}\"]") };
            let _ = writeln!(text, "    {name} = {read}");
        }
        text += &part.lines;
        for value in &part.defined {
            let name = &self.names[value];
            let _ = writeln!(text, "    live[\"{name}\"] = {name}");
        }
        self.body.parts.push(text);
    }
}
