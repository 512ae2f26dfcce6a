//! `pack`: tensors get slot layouts.
//!
//! ```text
//! %1 = nn.linear %0, %w, %b : …                  // tensor<1x64xf32> -> tensor<1x32xf32>
//! // becomes
//! %1 = packed.linear %0, %w : …                  // !packed.vec<shape = [1, 64], …> -> !packed.vec<…>
//! %2 = packed.to_plain %b {layout = !packed.vec<…>} : …
//! %3 = packed.add_plain %1, %2 : …
//! ```
//!
//! In Rust because layouts follow from shapes, strategies and slots, and each result's bound from the weights.

use std::rc::Rc;

use he_core::exec::tensor::Tensor;
use he_core::ir::{Attr, Dict, Ir, Loc, OpId, OpSpec, Type, TypeKind, ValueId};
use he_core::pass::{OptionDef, OptionKind, PassContext, PassDef, StageRange, set_module_stage};
use he_core::support::Diagnostic;
use rustc_hash::FxHashMap;

use super::constants;
use super::layouts::{Assignment, Objective, Request, assign};
use crate::ckks::attr::params_of;
use crate::ckks::params::Params;
use crate::func;
use crate::nn::interval::IntervalTensor;
use crate::nn::views as nn;
use crate::packed::layout::{Layout, Order, plain_type};
use crate::packed::views;
use crate::poly::views as poly;
use crate::profiles::Profile;

/// Largest number of slots that can be asked for.
const MAX_SLOTS: i64 = 1 << 16;

/// The pass `pack`.
pub fn pass() -> PassDef {
    PassDef {
        name: "pack".into(),
        doc: "Gives tensors slot layouts".into(),
        options: vec![
            OptionDef {
                name: "strategy",
                kind: OptionKind::Choice(&["row_major", "column_major", "diagonal", "replicated", "auto"]),
                default: "row_major",
                doc: "the order of elements in the slots; replicated copies each input for the first layer; auto searches \
                      layouts and plans of all linear layers together",
            },
            OptionDef {
                name: "objective",
                kind: OptionKind::Choice(&["latency", "rotations"]),
                default: "latency",
                doc: "what strategy=auto minimizes",
            },
            OptionDef {
                name: "explain",
                kind: OptionKind::Flag,
                default: "false",
                doc: "with strategy=auto, prints the candidates of each layer, and why one was chosen",
            },
            OptionDef {
                name: "slots",
                kind: OptionKind::Int { min: 1, max: MAX_SLOTS },
                default: "",
                doc: "slots of a ciphertext, a power of two; the parameters' if not given",
            },
        ],
        stages: Some(StageRange { first: 1, last: 1, result: Some(2) }),
        run: Box::new(|context, ir| run(context, ir).map_err(|error| vec![error])),
    }
}

fn run(context: &mut PassContext<'_>, ir: &mut Ir) -> Result<(), Diagnostic> {
    let strategy = context.options.text("strategy").unwrap_or("row_major").to_owned();
    let slots = slots(context, ir)?;
    let chosen = match strategy.as_str() {
        "auto" => search(context, ir, slots)?,
        _ => Assignment::default(),
    };
    if context.options.flag("explain") {
        context.report.push_str(&chosen.report);
    }
    let function = func::entry(ir)?;
    let Some(block) = ir.body(function) else { return Ok(()) };
    let mut packing = Packing {
        context,
        function,
        slots,
        order: Order::from_word(&strategy).unwrap_or(Order::RowMajor),
        chosen,
        packed: FxHashMap::default(),
        ranges: FxHashMap::default(),
        replaced: Vec::new(),
    };
    let tensors: Vec<Type> = ir.args(block).iter().map(|arg| ir.ty(*arg)).collect();
    let encrypted = packing.arguments(ir, &strategy)?;
    for op in ir.block_ops(block) {
        packing.op(ir, op)?;
    }
    let replaced = std::mem::take(&mut packing.replaced);
    for op in replaced.into_iter().rev() {
        ir.erase(op);
    }
    let results: Vec<Type> = func::signature(ir, function).1;
    func::refresh_signature(ir, function);
    client_functions(ir, function, &tensors, &encrypted, &results);
    set_module_stage(&context.session.registry, ir, 2);
    Ok(())
}

/// The cheapest layouts, by the profile of the tool.
fn search(context: &PassContext<'_>, ir: &Ir, slots: usize) -> Result<Assignment, Diagnostic> {
    let objective = match context.options.text("objective") {
        Some("rotations") => Objective::Rotations,
        _ => Objective::Latency,
    };
    let params = params_of(ir)?.unwrap_or_default();
    let request = Request {
        registry: &context.session.registry,
        weights: context.weights,
        profile: Profile::of_target(context.target),
        params: &params,
        slots,
        objective,
        explain: context.options.flag("explain"),
    };
    assign(&request, ir)
}

fn slots(context: &PassContext<'_>, ir: &Ir) -> Result<usize, Diagnostic> {
    let params = params_of(ir)?.unwrap_or_default();
    let slots = match context.options.is_given("slots") {
        true => context.options.int("slots") as usize,
        false => params.slots as usize,
    };
    let most = Params::degree(&params) as usize / 2;
    if !slots.is_power_of_two() || slots > most {
        let text =
            format!("a ciphertext of ring degree {} has at most {most} slots, a power of two", 2 * most);
        return Err(Diagnostic::error(format!("pack: {slots} slots are not possible: {text}")));
    }
    Ok(slots)
}

/// The shape of a static tensor type.
fn tensor_shape(ir: &Ir, ty: Type) -> Option<Vec<usize>> {
    match ir.ctx.type_kind(ty) {
        TypeKind::Tensor { shape, .. } => shape.iter().map(|dim| usize::try_from(*dim).ok()).collect(),
        _ => None,
    }
}

struct Packing<'a, 'c> {
    context: &'a PassContext<'c>,
    function: OpId,
    slots: usize,
    order: Order,
    /// What `strategy=auto` found.
    chosen: Assignment,
    /// Packed value of a tensor value.
    packed: FxHashMap<ValueId, ValueId>,
    ranges: FxHashMap<ValueId, IntervalTensor>,
    replaced: Vec<OpId>,
}

impl Packing<'_, '_> {
    fn constant(&self, ir: &Ir, value: ValueId) -> Result<Rc<Tensor>, Diagnostic> {
        constants::evaluate(&self.context.session.registry, ir, value, self.context.weights)
    }

    fn error(&self, ir: &Ir, op: OpId, text: impl std::fmt::Display) -> Diagnostic {
        Diagnostic::error(format!("'{}' {text}", ir.name_str(op))).at(ir.position(op))
    }

    /// Gives the encrypted arguments packed types. Their numbers.
    fn arguments(&mut self, ir: &mut Ir, strategy: &str) -> Result<Vec<usize>, Diagnostic> {
        let Some(block) = ir.body(self.function) else { return Ok(Vec::new()) };
        let mut encrypted = Vec::new();
        let mut attrs: Vec<Dict> = Vec::new();
        for (index, arg) in ir.args(block).to_vec().into_iter().enumerate() {
            let dict = func::arg_dict(ir, self.function, index);
            attrs.push(dict);
            if func::arg_attr(ir, self.function, index, "nn.plain").is_some() {
                continue;
            }
            let Some(shape) = tensor_shape(ir, ir.ty(arg)) else {
                let text = format!("pack: argument #{index} is no tensor of static shape");
                return Err(Diagnostic::error(text).at(ir.position(self.function)));
            };
            let layout = self.argument_layout(ir, arg, &shape, strategy)?;
            let range = self.argument_range(ir, index, &shape)?;
            let (lo, hi) = range.hull();
            let bound = ir.ctx.f64_attr(lo.abs().max(hi.abs()));
            let name = ir.ctx.sym("he.bound");
            attrs[index] = ir.ctx.dict_set(dict, name, Some(bound));
            self.ranges.insert(arg, range);
            let ty = layout.to_type(ir);
            ir.set_type(arg, ty);
            self.packed.insert(arg, arg);
            encrypted.push(index);
        }
        func::set_arg_attrs(ir, self.function, &attrs);
        Ok(encrypted)
    }

    fn argument_range(&self, ir: &Ir, index: usize, shape: &[usize]) -> Result<IntervalTensor, Diagnostic> {
        let attr = func::arg_attr(ir, self.function, index, "nn.range");
        let bounds = attr.and_then(|attr| ir.ctx.as_array(attr)).unwrap_or(&[]);
        let bounds: Vec<f64> = bounds.iter().filter_map(|bound| ir.ctx.as_f64(*bound)).collect();
        let (lo, hi) = if let [lo, hi] = bounds[..] { (lo, hi) } else { (-1.0, 1.0) };
        IntervalTensor::filled(shape, lo, hi).map_err(|why| Diagnostic::error(why.to_string()))
    }

    fn argument_layout(
        &self,
        ir: &Ir,
        arg: ValueId,
        shape: &[usize],
        strategy: &str,
    ) -> Result<Layout, Diagnostic> {
        if let Some(layout) = self.chosen.arguments.get(&arg) {
            return Ok(layout.clone());
        }
        if strategy != "replicated" {
            return self.dense(ir, self.function, shape);
        }
        let outputs = ir.uses(arg).filter(|(op, _)| ir.name_str(*op) == nn::Linear::NAME);
        let outputs = outputs.filter_map(|(op, _)| tensor_shape(ir, ir.ty(ir.result(op, 0))));
        let copies = outputs.map(|shape| shape.iter().product::<usize>()).max().unwrap_or(1);
        Layout::interleaved(shape, copies, self.slots).ok_or_else(|| {
            let count: usize = shape.iter().product();
            let text =
                format!("pack: {count} inputs of {copies} copies each do not fit in {} slots", self.slots);
            Diagnostic::error(text)
                .at(ir.position(self.function))
                .help("use strategy=row_major, or a larger ring (--poly-modulus-degree)")
        })
    }

    fn dense(&self, ir: &Ir, op: OpId, shape: &[usize]) -> Result<Layout, Diagnostic> {
        Layout::dense(shape, self.order, self.slots).ok_or_else(|| {
            let count: usize = shape.iter().product();
            let text = format!("pack: a tensor of {count} elements does not fit in {} slots", self.slots);
            Diagnostic::error(text).at(ir.position(op)).help("use a larger ring (--poly-modulus-degree)")
        })
    }

    fn operand(&self, ir: &Ir, op: OpId, index: usize) -> Result<ValueId, Diagnostic> {
        let value = ir.operand(op, index);
        self.packed.get(&value).copied().ok_or_else(|| {
            self.error(ir, op, format_args!("cannot be packed: operand #{index} is not encrypted"))
        })
    }

    fn build(
        &self,
        ir: &mut Ir,
        anchor: OpId,
        name: &str,
        operands: &[ValueId],
        ty: Type,
        props: Dict,
    ) -> ValueId {
        let name = ir.ctx.op_name(name);
        let loc = ir.loc(anchor);
        let op = OpSpec::new(name).operands(operands).results(&[ty]).props(props).loc(loc);
        let op = op.build_before(ir, anchor);
        ir.result(op, 0)
    }

    /// Records the packed value of `op`'s result, with its range and the bound of all its slots.
    fn finish(&mut self, ir: &mut Ir, op: OpId, value: ValueId, range: IntervalTensor) {
        let (lo, hi) = range.hull();
        let fill = Layout::of(ir, ir.ty(value)).map_or(0.0, |layout| layout.fill);
        let bound = ir.ctx.f64_attr(lo.abs().max(hi.abs()).max(fill));
        let def = ir.def_op(value);
        let attrs = ir.attrs(op);
        ir.set_attrs(def, attrs);
        ir.set_attr(def, "he.bound", Some(bound));
        self.packed.insert(ir.result(op, 0), value);
        self.ranges.insert(ir.result(op, 0), range);
        self.replaced.push(op);
    }

    fn range(&self, ir: &Ir, op: OpId, index: usize) -> Result<&IntervalTensor, Diagnostic> {
        let range = self.ranges.get(&ir.operand(op, index));
        range.ok_or_else(|| self.error(ir, op, "has an operand of unknown range"))
    }

    fn op(&mut self, ir: &mut Ir, op: OpId) -> Result<(), Diagnostic> {
        match ir.name_str(op) {
            nn::Constant::NAME | nn::Affine::NAME | nn::ShiftedBias::NAME => Ok(()),
            func::views::Return::NAME => {
                for index in 0..ir.operand_count(op) {
                    let value = self.operand(ir, op, index)?;
                    ir.set_operand(op, index, value);
                }
                Ok(())
            }
            nn::Linear::NAME => self.linear(ir, op),
            poly::Eval::NAME => self.polynomial(ir, op),
            nn::Add::NAME | nn::Sub::NAME | nn::Mul::NAME => self.binary(ir, op),
            nn::Neg::NAME => {
                let input = self.operand(ir, op, 0)?;
                let range = self.range(ir, op, 0)?.neg();
                let value = self.build(ir, op, views::Neg::NAME, &[input], ir.ty(input), Dict::EMPTY);
                self.finish(ir, op, value, range);
                Ok(())
            }
            nn::Reshape::NAME => self.reshape(ir, op),
            _ => Err(self.error(ir, op, "cannot be packed yet")),
        }
    }

    fn linear(&mut self, ir: &mut Ir, op: OpId) -> Result<(), Diagnostic> {
        let input = self.operand(ir, op, 0)?;
        let weight = ir.operand(op, 1);
        let shape = tensor_shape(ir, ir.ty(ir.result(op, 0))).unwrap_or_default();
        let chosen = self.chosen.layers.get(&op).cloned();
        let layout = match &chosen {
            Some(layer) => layer.layout.clone(),
            None => self.dense(ir, op, &shape)?,
        };
        let ty = layout.to_type(ir);
        let weights = self.constant(ir, weight)?;
        let bias = (ir.operand_count(op) > 2).then(|| ir.operand(op, 2));
        let bias_values = bias.map(|bias| self.constant(ir, bias)).transpose()?;
        let fail = |why: he_core::exec::tensor::ShapeError| self.error(ir, op, why);
        let product_range = self.range(ir, op, 0)?.linear(&weights, None).map_err(fail)?;
        let range = match &bias_values {
            Some(bias) => self.range(ir, op, 0)?.linear(&weights, Some(bias)).map_err(fail)?,
            None => product_range.clone(),
        };
        let props = match &chosen {
            Some(layer) => {
                let plan = layer.plan.to_attr(ir);
                ir.dict_of(&[("plan", plan)])
            }
            None => Dict::EMPTY,
        };
        let mut value = self.build(ir, op, views::Linear::NAME, &[input, weight], ty, props);
        if let Some(bias) = bias {
            let (lo, hi) = product_range.hull();
            let most = chosen.map_or(0.0, |layer| layer.bound);
            let bound = ir.ctx.f64_attr(lo.abs().max(hi.abs()).max(most));
            let linear = ir.def_op(value);
            ir.set_attr(linear, "he.bound", Some(bound));
            let plain = self.to_plain(ir, op, bias, ty);
            value = self.build(ir, op, views::AddPlain::NAME, &[value, plain], ty, Dict::EMPTY);
        }
        self.finish(ir, op, value, range);
        Ok(())
    }

    fn to_plain(&self, ir: &mut Ir, anchor: OpId, tensor: ValueId, layout: Type) -> ValueId {
        let attr: Attr = ir.ctx.type_attr(layout);
        let props = ir.dict_of(&[("layout", attr)]);
        let ty = plain_type(ir, self.slots);
        self.build(ir, anchor, views::ToPlain::NAME, &[tensor], ty, props)
    }

    fn polynomial(&mut self, ir: &mut Ir, op: OpId) -> Result<(), Diagnostic> {
        let polynomial = crate::poly::ops::polynomial_of(ir, op)?;
        let input = self.operand(ir, op, 0)?;
        let Some(mut layout) = Layout::of(ir, ir.ty(input)) else { return Ok(()) };
        let (lo, hi) = self.range(ir, op, 0)?.hull();
        let (lo, hi) = polynomial.range_on(lo, hi);
        let (least, most) = crate::poly::ops::result_range(ir, op);
        let (lo, hi) = (lo.clamp(least, most), hi.clamp(least, most));
        let (fill_lo, fill_hi) = polynomial.range_on(-layout.fill, layout.fill);
        layout.fill = fill_lo.abs().max(fill_hi.abs());
        let range = IntervalTensor::filled(&layout.shape, lo, hi).map_err(|why| self.error(ir, op, why))?;
        let ty = layout.to_type(ir);
        let value = self.build(ir, op, poly::Eval::NAME, &[input], ty, ir.props(op));
        self.finish(ir, op, value, range);
        Ok(())
    }

    fn binary(&mut self, ir: &mut Ir, op: OpId) -> Result<(), Diagnostic> {
        let plain = |index| self.is_plain(ir, ir.operand(op, index));
        match (plain(0), plain(1)) {
            (true, true) => return Err(self.error(ir, op, "cannot be packed: neither operand is encrypted")),
            (false, false) => {}
            _ => return self.with_plain(ir, op),
        }
        let (mut a, mut b) = (self.operand(ir, op, 0)?, self.operand(ir, op, 1)?);
        let (Some(left), Some(right)) = (Layout::of(ir, ir.ty(a)), Layout::of(ir, ir.ty(b))) else {
            return Ok(());
        };
        let name = ir.name_str(op).to_owned();
        let common = Layout { fill: left.fill.max(right.fill), ..left.clone() };
        if (Layout { fill: 0.0, ..left.clone() }) != (Layout { fill: 0.0, ..right.clone() }) {
            return Err(self.error(ir, op, "cannot be packed yet: its operands have different layouts"));
        }
        let ty = common.to_type(ir);
        for value in [&mut a, &mut b] {
            if ir.ty(*value) != ty {
                *value = self.build(ir, op, views::Relabel::NAME, &[*value], ty, Dict::EMPTY);
            }
        }
        let (x, y) = (self.range(ir, op, 0)?, self.range(ir, op, 1)?);
        let same = ir.operand(op, 0) == ir.operand(op, 1);
        let range = match name.as_str() {
            nn::Add::NAME => x.add(y),
            nn::Sub::NAME => x.sub(y),
            _ if same => Ok(x.activation(crate::nn::activation::Activation::Square)),
            _ => x.mul(y),
        };
        let range = range.map_err(|why| self.error(ir, op, why))?;
        let (op_name, fill) = match name.as_str() {
            nn::Add::NAME => (views::Add::NAME, left.fill + right.fill),
            nn::Sub::NAME => (views::Sub::NAME, left.fill + right.fill),
            _ => (views::Mul::NAME, left.fill * right.fill),
        };
        let mut value = self.build(ir, op, op_name, &[a, b], ty, Dict::EMPTY);
        if fill != common.fill {
            let ty = Layout { fill, ..common }.to_type(ir);
            value = self.build(ir, op, views::Relabel::NAME, &[value], ty, Dict::EMPTY);
        }
        self.finish(ir, op, value, range);
        Ok(())
    }

    /// Whether a value is known, or an argument that the client does not encrypt.
    fn is_plain(&self, ir: &Ir, value: ValueId) -> bool {
        constants::is_constant(ir, value) || self.plain_argument(ir, value).is_some()
    }

    /// The number of a plain argument.
    fn plain_argument(&self, ir: &Ir, value: ValueId) -> Option<usize> {
        let args = ir.body(self.function).map_or(&[][..], |block| ir.args(block));
        let index = args.iter().position(|arg| *arg == value)?;
        func::arg_attr(ir, self.function, index, "nn.plain").map(|_| index)
    }

    /// What a plain value can be.
    fn plain_range(&self, ir: &Ir, value: ValueId) -> Result<IntervalTensor, Diagnostic> {
        match self.plain_argument(ir, value) {
            Some(index) => {
                let shape = tensor_shape(ir, ir.ty(value)).unwrap_or_default();
                self.argument_range(ir, index, &shape)
            }
            None => Ok(IntervalTensor::point(&*self.constant(ir, value)?)),
        }
    }

    /// A sum, difference or product with a plain value of the trailing dimensions.
    fn with_plain(&mut self, ir: &mut Ir, op: OpId) -> Result<(), Diagnostic> {
        let first = self.is_plain(ir, ir.operand(op, 0));
        let (side, other) = if first { (1, 0) } else { (0, 1) };
        let x = self.operand(ir, op, side)?;
        let point = self.plain_range(ir, ir.operand(op, other))?;
        let Some(layout) = Layout::of(ir, ir.ty(x)) else { return Ok(()) };
        let shape = point.shape();
        let count: usize = shape.iter().product();
        if !layout.shape.ends_with(shape) || layout.order != Order::RowMajor && count != layout.count() {
            return Err(self.error(
                ir,
                op,
                "cannot be packed yet: the plain operand is not of the trailing dimensions",
            ));
        }
        let (ty, name) = (ir.ty(x), ir.name_str(op).to_owned());
        let range = self.range(ir, op, side)?;
        let range = match (name.as_str(), first) {
            (nn::Add::NAME, _) => range.add(&point),
            (nn::Mul::NAME, _) => range.mul(&point),
            (_, true) => point.sub(range),
            (_, false) => range.sub(&point),
        };
        let range = range.map_err(|why| self.error(ir, op, why))?;
        let plain = self.to_plain(ir, op, ir.operand(op, other), ty);
        let neg = |p: &Self, ir: &mut Ir, value| p.build(ir, op, views::Neg::NAME, &[value], ty, Dict::EMPTY);
        let value = match (name.as_str(), first) {
            (nn::Mul::NAME, _) => {
                // Slots without an element are multiplied by zero.
                let value = self.build(ir, op, views::MulPlain::NAME, &[x, plain], ty, Dict::EMPTY);
                let clean = Layout { fill: 0.0, ..layout }.to_type(ir);
                if clean == ty {
                    value
                } else {
                    self.build(ir, op, views::Relabel::NAME, &[value], clean, Dict::EMPTY)
                }
            }
            (nn::Add::NAME, _) => self.build(ir, op, views::AddPlain::NAME, &[x, plain], ty, Dict::EMPTY),
            (_, true) => {
                let negated = neg(self, ir, x);
                self.build(ir, op, views::AddPlain::NAME, &[negated, plain], ty, Dict::EMPTY)
            }
            (_, false) => {
                let negated = neg(self, ir, x);
                let sum = self.build(ir, op, views::AddPlain::NAME, &[negated, plain], ty, Dict::EMPTY);
                neg(self, ir, sum)
            }
        };
        self.finish(ir, op, value, range);
        Ok(())
    }

    fn reshape(&mut self, ir: &mut Ir, op: OpId) -> Result<(), Diagnostic> {
        let x = self.operand(ir, op, 0)?;
        let Some(layout) = Layout::of(ir, ir.ty(x)) else { return Ok(()) };
        if layout.order != Order::RowMajor {
            return Err(self.error(ir, op, "cannot be packed yet in this order: use strategy=row_major"));
        }
        let shape = tensor_shape(ir, ir.ty(ir.result(op, 0))).unwrap_or_default();
        let with_shape = |tensor: &Tensor| tensor.clone().with_shape(shape.clone());
        let range = self.range(ir, op, 0)?.monotone(with_shape).map_err(|why| self.error(ir, op, why))?;
        let ty = Layout { shape: shape.clone(), ..layout }.to_type(ir);
        let value = self.build(ir, op, views::Relabel::NAME, &[x], ty, Dict::EMPTY);
        self.finish(ir, op, value, range);
        Ok(())
    }
}

/// Adds `@main__encrypt__argN` and `@main__decrypt__resultN`.
fn client_functions(ir: &mut Ir, entry: OpId, tensors: &[Type], encrypted: &[usize], results: &[Type]) {
    let name = func::name(ir, entry).to_owned();
    let (inputs, outputs) = func::signature(ir, entry);
    let mut anchor = entry;
    for index in encrypted {
        let (from, to) = (tensors[*index], inputs[*index]);
        let name = format!("{name}__encrypt__arg{index}");
        anchor = client_function(ir, anchor, &name, views::Pack::NAME, from, to);
    }
    for (index, (from, to)) in outputs.into_iter().zip(results).enumerate() {
        let name = format!("{name}__decrypt__result{index}");
        anchor = client_function(ir, anchor, &name, views::Unpack::NAME, from, *to);
    }
}

fn client_function(ir: &mut Ir, after: OpId, name: &str, op: &str, from: Type, to: Type) -> OpId {
    let ty = ir.ctx.ty(TypeKind::Function { inputs: vec![from], results: vec![to] });
    let attrs = [("sym_name", ir.ctx.string_attr(name)), ("function_type", ir.ctx.type_attr(ty))];
    let props = ir.dict_of(&attrs);
    let func_name = ir.ctx.op_name("func.func");
    let loc: Loc = ir.loc(after);
    let function = OpSpec::new(func_name).props(props).loc(loc).build_detached(ir);
    ir.insert_after(after, function);
    let region = ir.add_region(function);
    let block = ir.create_block();
    ir.append_block(region, block);
    let arg = ir.add_block_arg(block, from);
    let op = ir.ctx.op_name(op);
    let op = OpSpec::new(op).operands(&[arg]).results(&[to]).loc(loc).build_at_end(ir, block);
    let value = ir.result(op, 0);
    let ret = ir.ctx.op_name("func.return");
    OpSpec::new(ret).operands(&[value]).loc(loc).build_at_end(ir, block);
    function
}
