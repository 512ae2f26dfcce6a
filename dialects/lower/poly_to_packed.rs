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
//! A tensor of more elements than slots becomes several packed values ([`crate::packed::blocks`]): a linear layer maps all of
//! its operand's to all of its result's, every other op works on one after the other.
//!
//! In Rust because layouts follow from shapes, strategies and slots, and each result's bound from the weights.

use std::collections::BTreeMap;

use he_core::ir::{Attr, Dict, Ir, OpId, OpSpec, Type, TypeKind, ValueId};
use he_core::pass::{OptionDef, OptionKind, PassContext, PassDef, StageRange, set_module_stage};
use he_core::support::Diagnostic;
use rustc_hash::FxHashMap;

use super::bounds::{Reading, argument_bounds, assumed_ranges, linear_bound, op_bound};
use super::client_functions::{self, Packed};
use super::constants;
use super::layouts::{Assignment, Masks, Network, Objective, Refresh, Request, assign};
use crate::ckks::attr::{bootstrap_levels, bootstrap_min_level, params_of};
use crate::ckks::bounds::BOUND_ATTR;
use crate::ckks::params::Params;
use crate::ckks::passes::bootstrap::return_level;
use crate::func;
use crate::nn::interval::IntervalTensor;
use crate::nn::ranges::Bound;
use crate::nn::views as nn;
use crate::packed::blocks::{self, places};
use crate::packed::layout::{Layout, Order, plain_type};
use crate::packed::plan::sizes_attr;
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
                name: "masks",
                kind: OptionKind::Choice(&Masks::WORDS),
                default: "fit",
                doc: "whether strategy=auto may spend levels on masks: those that the chain has left, as many as pay \
                      (parameters are chosen later), or none",
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
    if super::reference_function(ir).is_none() {
        context.remarks.extend(assumed_ranges(ir, func::entry(ir)?));
    }
    let strategy = context.options.text("strategy").unwrap_or("row_major").to_owned();
    let slots = slots(context, ir)?;
    let chosen = match strategy.as_str() {
        "auto" => search(context, ir, slots)?,
        _ => Assignment::default(),
    };
    if context.options.flag("explain") {
        context.report.push_str(&chosen.report);
    }
    pack(context, ir, slots, &strategy, chosen)
}

/// Packs the entry function, with the layouts and plans that were chosen, elsewhere as the strategy says.
pub(super) fn pack(
    context: &PassContext<'_>,
    ir: &mut Ir,
    slots: usize,
    strategy: &str,
    chosen: Assignment,
) -> Result<(), Diagnostic> {
    let function = func::entry(ir)?;
    let Some(block) = ir.body(function) else { return Ok(()) };
    let mut packing = Packing {
        context,
        function,
        slots,
        order: Order::from_word(strategy).unwrap_or(Order::RowMajor),
        chosen,
        packed: FxHashMap::default(),
        ranges: argument_bounds(ir, function)?,
        returned: Vec::new(),
        replaced: Vec::new(),
    };
    let arguments = packing.arguments(ir, strategy)?;
    for op in ir.block_ops(block) {
        packing.op(ir, op)?;
    }
    let replaced = std::mem::take(&mut packing.replaced);
    for op in replaced.into_iter().rev() {
        ir.erase(op);
    }
    let tensors = func::signature(ir, function).1.into_iter().zip(std::mem::take(&mut packing.returned));
    let results = tensors.enumerate().map(|(index, (tensor, blocks))| Packed { index, tensor, blocks });
    let results: Vec<_> = results.collect();
    func::refresh_signature(ir, function);
    client_functions::add(ir, function, &arguments, &results);
    set_module_stage(&context.session.registry, ir, 2);
    Ok(())
}

/// What a search of layouts for a program with these parameters is about, by the profile of the tool and the options of
/// the pass.
pub(super) fn request<'a>(
    context: &PassContext<'a>,
    ir: &Ir,
    params: &'a Params,
    slots: usize,
    masks: Masks,
) -> Request<'a> {
    Request {
        profile: Profile::of_target(context.target),
        params,
        slots,
        objective: match context.options.text("objective") {
            Some("rotations") => Objective::Rotations,
            _ => Objective::Latency,
        },
        explain: context.options.flag("explain"),
        masks,
        refresh: (bootstrap_levels(ir) > 0)
            .then(|| Refresh { returns: return_level(ir, params), accepts: bootstrap_min_level(ir) }),
    }
}

/// The cheapest layouts.
fn search(context: &PassContext<'_>, ir: &Ir, slots: usize) -> Result<Assignment, Diagnostic> {
    let masks = Masks::from_word(context.options.text("masks").unwrap_or_default());
    let params = params_of(ir)?.unwrap_or_default();
    let network = Network::new(&context.session.registry, context.weights, ir)?;
    assign(&network, &request(context, ir, &params, slots, masks), ir)
}

/// The slots that the pass is asked for, or those of the parameters. An error where the ring has not as many.
pub(super) fn slots(context: &PassContext<'_>, ir: &Ir) -> Result<usize, Diagnostic> {
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
    /// Packed values of a tensor value: one, or its blocks.
    packed: FxHashMap<ValueId, Vec<ValueId>>,
    /// What the elements of each value can be.
    ranges: BTreeMap<ValueId, Bound>,
    /// The types of the packed values of each result.
    returned: Vec<Vec<Type>>,
    replaced: Vec<OpId>,
}

impl Packing<'_, '_> {
    fn error(&self, ir: &Ir, op: OpId, text: impl std::fmt::Display) -> Diagnostic {
        Diagnostic::error(format!("'{}' {text}", ir.name_str(op))).at(ir.position(op))
    }

    /// Gives the encrypted arguments packed types; one that takes several ciphertexts becomes several arguments.
    fn arguments(&mut self, ir: &mut Ir, strategy: &str) -> Result<Vec<Packed>, Diagnostic> {
        let Some(block) = ir.body(self.function) else { return Ok(Vec::new()) };
        let mut encrypted = Vec::new();
        let mut attrs: Vec<Dict> = Vec::new();
        for (index, arg) in ir.args(block).to_vec().into_iter().enumerate() {
            let dict = func::arg_dict(ir, self.function, index);
            if func::arg_attr(ir, self.function, index, "nn.plain").is_some() {
                attrs.push(dict);
                continue;
            }
            let tensor = ir.ty(arg);
            let Some(shape) = tensor_shape(ir, tensor) else {
                let text = format!("pack: argument #{index} is no tensor of static shape");
                return Err(Diagnostic::error(text).at(ir.position(self.function)));
            };
            let layouts = self.argument_layouts(ir, arg, &shape, strategy)?;
            let magnitude =
                self.ranges.get(&arg).map_or(f64::INFINITY, |range| range.exact.largest_magnitude());
            let (name, bound) = (ir.ctx.sym(BOUND_ATTR), ir.ctx.f64_attr(magnitude));
            let dict = ir.ctx.dict_set(dict, name, Some(bound));
            let mut packed = Packed { index, tensor, blocks: Vec::new() };
            let mut values = Vec::new();
            for layout in layouts {
                let ty = layout.to_type(ir);
                let value = match values.is_empty() {
                    true => arg,
                    false => ir.insert_block_arg(block, attrs.len(), ty),
                };
                ir.set_type(value, ty);
                attrs.push(dict);
                values.push(value);
                packed.blocks.push(ty);
            }
            self.packed.insert(arg, values);
            encrypted.push(packed);
        }
        func::set_arg_attrs(ir, self.function, &attrs);
        Ok(encrypted)
    }

    fn argument_layouts(
        &self,
        ir: &Ir,
        arg: ValueId,
        shape: &[usize],
        strategy: &str,
    ) -> Result<Vec<Layout>, Diagnostic> {
        if let Some(layout) = self.chosen.arguments.get(&arg) {
            return Ok(blocks::like(layout, shape));
        }
        // Where it meets another value, both are dense.
        let is_linear = |(op, _): &(OpId, usize)| ir.name_str(*op) == nn::Linear::NAME;
        if strategy != "replicated" || !ir.uses(arg).all(|user| is_linear(&user)) {
            return self.dense(ir, self.function, shape);
        }
        let outputs = ir.uses(arg).filter_map(|(op, _)| tensor_shape(ir, ir.ty(ir.result(op, 0))));
        let copies = outputs.map(|shape| shape.iter().product::<usize>()).max().unwrap_or(1);
        Layout::interleaved(shape, copies, self.slots).map(|layout| vec![layout]).ok_or_else(|| {
            let count: usize = shape.iter().product();
            let text =
                format!("pack: {count} inputs of {copies} copies each do not fit in {} slots", self.slots);
            Diagnostic::error(text)
                .at(ir.position(self.function))
                .help("use strategy=row_major, or a larger ring (--poly-modulus-degree)")
        })
    }

    fn dense(&self, ir: &Ir, op: OpId, shape: &[usize]) -> Result<Vec<Layout>, Diagnostic> {
        blocks::dense(shape, self.order, self.slots).map_err(|why| {
            let text = format!("pack: a tensor of shape {shape:?} cannot be cut into ciphertexts: {why}");
            let help = match shape.contains(&0) {
                true => "leave it out: there is nothing to encrypt",
                false => "use more slots: a larger ring (--poly-modulus-degree); or fewer rows at once",
            };
            Diagnostic::error(text).at(ir.position(op)).help(help)
        })
    }

    fn operand(&self, ir: &Ir, op: OpId, index: usize) -> Result<Vec<ValueId>, Diagnostic> {
        let value = ir.operand(op, index);
        self.packed.get(&value).cloned().ok_or_else(|| {
            self.error(ir, op, format_args!("cannot be packed: operand #{index} is not encrypted"))
        })
    }

    /// The layouts of packed values.
    fn layouts(&self, ir: &Ir, op: OpId, values: &[ValueId]) -> Result<Vec<Layout>, Diagnostic> {
        let layouts = values.iter().map(|value| Layout::of(ir, ir.ty(*value)));
        layouts.collect::<Option<_>>().ok_or_else(|| self.error(ir, op, "has an operand that is not packed"))
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

    /// Records the packed values of `op`'s result, with the bound of all slots.
    fn finish(&mut self, ir: &mut Ir, op: OpId, values: Vec<ValueId>) -> Result<(), Diagnostic> {
        let registry = &self.context.session.registry;
        let bound = op_bound(registry, ir, op, self.context.weights, &self.ranges, Reading::Program)?;
        self.finish_within(ir, op, values, bound);
        Ok(())
    }

    /// Records the packed values of `op`'s result, whose bound is known.
    fn finish_within(&mut self, ir: &mut Ir, op: OpId, values: Vec<ValueId>, range: Bound) {
        let most = range.exact.largest_magnitude();
        for value in &values {
            let fill = Layout::of(ir, ir.ty(*value)).map_or(0.0, |layout| layout.fill);
            let bound = ir.ctx.f64_attr(most.max(fill));
            let def = ir.def_op(*value);
            let attrs = ir.attrs(op);
            ir.set_attrs(def, attrs);
            ir.set_attr(def, BOUND_ATTR, Some(bound));
        }
        self.packed.insert(ir.result(op, 0), values);
        self.ranges.insert(ir.result(op, 0), range);
        self.replaced.push(op);
    }

    /// What the elements of an operand can be.
    fn range(&self, ir: &Ir, op: OpId, index: usize) -> Result<&IntervalTensor, Diagnostic> {
        let range = self.ranges.get(&ir.operand(op, index)).map(|bound| &bound.exact);
        range.ok_or_else(|| self.error(ir, op, "has an operand of unknown range"))
    }

    fn op(&mut self, ir: &mut Ir, op: OpId) -> Result<(), Diagnostic> {
        if ir.is_plain(op) {
            return Ok(());
        }
        match ir.name_str(op) {
            func::views::Return::NAME => {
                let mut all = Vec::new();
                for index in 0..ir.operand_count(op) {
                    let values = self.operand(ir, op, index)?;
                    self.returned.push(values.iter().map(|value| ir.ty(*value)).collect());
                    all.extend(values);
                }
                ir.set_operands(op, &all);
                Ok(())
            }
            nn::Linear::NAME => self.linear(ir, op),
            poly::Eval::NAME => self.polynomial(ir, op),
            nn::Add::NAME | nn::Sub::NAME | nn::Mul::NAME => self.binary(ir, op),
            nn::Neg::NAME => {
                let values = self.operand(ir, op, 0)?.into_iter();
                let neg = |value| self.build(ir, op, views::Neg::NAME, &[value], ir.ty(value), Dict::EMPTY);
                let values = values.map(neg).collect();
                self.finish(ir, op, values)
            }
            nn::Reshape::NAME => self.reshape(ir, op),
            _ => Err(self.error(ir, op, "cannot be packed yet")),
        }
    }

    fn linear(&mut self, ir: &mut Ir, op: OpId) -> Result<(), Diagnostic> {
        let mut operands = self.operand(ir, op, 0)?;
        let weight = ir.operand(op, 1);
        let shape = tensor_shape(ir, ir.ty(ir.result(op, 0))).unwrap_or_default();
        let chosen = self.chosen.layers.get(&op).cloned();
        if let Some(layer) = chosen.as_ref().filter(|layer| layer.is_spread()) {
            self.spread(ir, op, &mut operands, &layer.copies)?;
        }
        let layouts = match &chosen {
            Some(layer) => blocks::like(&layer.layout, &shape),
            None => self.dense(ir, op, &shape)?,
        };
        let types: Vec<Type> = layouts.iter().map(|layout| layout.to_type(ir)).collect();
        let bias = (ir.operand_count(op) > 2).then(|| ir.operand(op, 2));
        let registry = &self.context.session.registry;
        let (range, partial) = linear_bound(registry, ir, op, self.context.weights, &self.ranges)?;
        let props = match &chosen {
            Some(layer) => {
                let plan = layer.plan.to_attr(ir);
                ir.dict_of(&[("plan", plan)])
            }
            None => Dict::EMPTY,
        };
        let (name, loc) = (ir.ctx.op_name(views::Linear::NAME), ir.loc(op));
        // Slots between the elements hold sums of some products of two outputs.
        let between = layouts.iter().map(|layout| layout.fill).fold(0.0, f64::max);
        let partial = ir.ctx.f64_attr(partial.max(between));
        let (mut values, mut linears) = (Vec::new(), Vec::new());
        // Each group of rows goes through a layer of its own.
        let places = places(&layouts, shape.last().copied().unwrap_or(1));
        let groups = places.iter().filter(|(_, column)| *column == 0).count().max(1);
        let (inputs, outputs) = (operands.len().div_ceil(groups), types.len().div_ceil(groups));
        for (operands, types) in operands.chunks(inputs.max(1)).zip(types.chunks(outputs.max(1))) {
            let operands = [operands, &[weight]].concat();
            let spec = OpSpec::new(name).operands(&operands).results(types).props(props).loc(loc);
            let linear = spec.build_before(ir, op);
            values.extend(ir.results(linear));
            linears.push(linear);
        }
        if let Some(bias) = bias {
            for (value, place) in values.iter_mut().zip(places) {
                let ty = ir.ty(*value);
                let plain = self.to_plain(ir, op, bias, ty, place);
                *value = self.build(ir, op, views::AddPlain::NAME, &[*value, plain], ty, Dict::EMPTY);
            }
        }
        self.finish_within(ir, op, values, range);
        // A layer is bounded with its partial sums, which the result may not reach.
        for linear in linears {
            ir.set_attr(linear, BOUND_ATTR, Some(partial));
        }
        Ok(())
    }

    /// Masks the operands of a layer, and copies their elements.
    fn spread(
        &self,
        ir: &mut Ir,
        op: OpId,
        operands: &mut [ValueId],
        groups: &[usize],
    ) -> Result<(), Diagnostic> {
        let bound = self.range(ir, op, 0)?.largest_magnitude();
        let bound = ir.ctx.f64_attr(bound);
        let layouts = self.layouts(ir, op, operands)?;
        for (value, layout) in operands.iter_mut().zip(layouts) {
            let ty = layout.spread(groups.iter().product()).to_type(ir);
            let groups = sizes_attr(ir, groups);
            let props = ir.dict_of(&[("groups", groups)]);
            *value = self.build(ir, op, views::Spread::NAME, &[*value], ty, props);
            let def = ir.def_op(*value);
            ir.set_attr(def, BOUND_ATTR, Some(bound));
        }
        Ok(())
    }

    /// The slots of a plain tensor, or of the block of it from a row and a column on.
    fn to_plain(
        &self,
        ir: &mut Ir,
        anchor: OpId,
        tensor: ValueId,
        layout: Type,
        place: (usize, usize),
    ) -> ValueId {
        let is_number =
            tensor_shape(ir, ir.ty(tensor)).is_some_and(|shape| shape.iter().all(|size| *size == 1));
        let tensor = match client_functions::block(ir, tensor, layout, place) {
            Some(spec) if !is_number => {
                let loc = ir.loc(anchor);
                let block = spec.loc(loc).build_before(ir, anchor);
                ir.result(block, 0)
            }
            _ => tensor,
        };
        let attr: Attr = ir.ctx.type_attr(layout);
        let props = ir.dict_of(&[("layout", attr)]);
        let ty = plain_type(ir, self.slots);
        self.build(ir, anchor, views::ToPlain::NAME, &[tensor], ty, props)
    }

    fn polynomial(&mut self, ir: &mut Ir, op: OpId) -> Result<(), Diagnostic> {
        let polynomial = crate::poly::ops::polynomial_of(ir, op)?;
        let inputs = self.operand(ir, op, 0)?;
        let mut values = Vec::new();
        for (input, mut layout) in inputs.iter().zip(self.layouts(ir, op, &inputs)?) {
            let (fill_lo, fill_hi) = polynomial.range_on(-layout.fill, layout.fill);
            layout.fill = fill_lo.abs().max(fill_hi.abs());
            let ty = layout.to_type(ir);
            values.push(self.build(ir, op, poly::Eval::NAME, &[*input], ty, ir.props(op)));
        }
        self.finish(ir, op, values)
    }

    fn binary(&mut self, ir: &mut Ir, op: OpId) -> Result<(), Diagnostic> {
        let plain = |index| self.is_plain(ir, ir.operand(op, index));
        match (plain(0), plain(1)) {
            (true, true) => return Err(self.error(ir, op, "cannot be packed: neither operand is encrypted")),
            (false, false) => {}
            _ => return self.with_plain(ir, op),
        }
        let (left, right) = (self.operand(ir, op, 0)?, self.operand(ir, op, 1)?);
        let name = ir.name_str(op).to_owned();
        let different = || self.error(ir, op, "cannot be packed yet: its operands have different layouts");
        if left.len() != right.len() {
            return Err(different());
        }
        let layouts = self.layouts(ir, op, &left)?.into_iter().zip(self.layouts(ir, op, &right)?);
        let layouts: Vec<_> = layouts.collect();
        if layouts.iter().any(|(left, right)| !left.is_like(right)) {
            return Err(different());
        }
        let mut values = Vec::new();
        for ((mut a, mut b), (left, right)) in left.into_iter().zip(right).zip(layouts) {
            let common = Layout { fill: left.fill.max(right.fill), ..left.clone() };
            let ty = common.to_type(ir);
            for value in [&mut a, &mut b] {
                *value = self.relabel(ir, op, *value, ty);
            }
            let (op_name, fill) = match name.as_str() {
                nn::Add::NAME => (views::Add::NAME, left.fill + right.fill),
                nn::Sub::NAME => (views::Sub::NAME, left.fill + right.fill),
                _ => (views::Mul::NAME, left.fill * right.fill),
            };
            let value = self.build(ir, op, op_name, &[a, b], ty, Dict::EMPTY);
            let ty = Layout { fill, ..common }.to_type(ir);
            values.push(self.relabel(ir, op, value, ty));
        }
        self.finish(ir, op, values)
    }

    /// The value read with another layout.
    fn relabel(&self, ir: &mut Ir, anchor: OpId, value: ValueId, ty: Type) -> ValueId {
        match ir.ty(value) == ty {
            true => value,
            false => self.build(ir, anchor, views::Relabel::NAME, &[value], ty, Dict::EMPTY),
        }
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

    /// A sum, difference or product with a plain value of the trailing dimensions.
    fn with_plain(&mut self, ir: &mut Ir, op: OpId) -> Result<(), Diagnostic> {
        let first = self.is_plain(ir, ir.operand(op, 0));
        let (side, other) = if first { (1, 0) } else { (0, 1) };
        let inputs = self.operand(ir, op, side)?;
        let layouts = self.layouts(ir, op, &inputs)?;
        let shape = self.range(ir, op, side)?.shape().to_vec();
        let plain_shape = tensor_shape(ir, ir.ty(ir.operand(op, other))).unwrap_or_default();
        let count = |shape: &[usize]| shape.iter().product::<usize>();
        let broadcast = count(&plain_shape) != count(&shape);
        let row_major = layouts.iter().all(|layout| layout.order == Order::RowMajor);
        // One number is the same in every slot.
        let number = count(&plain_shape) == 1 && plain_shape.len() <= shape.len();
        if !number && (!shape.ends_with(&plain_shape) || !row_major && broadcast) {
            return Err(self.error(
                ir,
                op,
                "cannot be packed yet: the plain operand is not of the trailing dimensions",
            ));
        }
        let name = ir.name_str(op).to_owned();
        let mut values = Vec::new();
        let parts = places(&layouts, shape.last().copied().unwrap_or(1));
        for ((x, layout), place) in inputs.into_iter().zip(layouts).zip(parts) {
            let ty = ir.ty(x);
            let plain = self.to_plain(ir, op, ir.operand(op, other), ty, place);
            let build =
                |ir: &mut Ir, name, operands: &[ValueId]| self.build(ir, op, name, operands, ty, Dict::EMPTY);
            values.push(match (name.as_str(), first) {
                (nn::Mul::NAME, _) => {
                    // Slots without an element are multiplied by zero.
                    let value = build(ir, views::MulPlain::NAME, &[x, plain]);
                    let clean = Layout { fill: 0.0, ..layout }.to_type(ir);
                    self.relabel(ir, op, value, clean)
                }
                (nn::Add::NAME, _) => build(ir, views::AddPlain::NAME, &[x, plain]),
                (_, true) => {
                    let negated = build(ir, views::Neg::NAME, &[x]);
                    build(ir, views::AddPlain::NAME, &[negated, plain])
                }
                (_, false) => {
                    let negated = build(ir, views::Neg::NAME, &[x]);
                    let sum = build(ir, views::AddPlain::NAME, &[negated, plain]);
                    build(ir, views::Neg::NAME, &[sum])
                }
            });
        }
        self.finish(ir, op, values)
    }

    fn reshape(&mut self, ir: &mut Ir, op: OpId) -> Result<(), Diagnostic> {
        let inputs = self.operand(ir, op, 0)?;
        let layouts = self.layouts(ir, op, &inputs)?;
        let shape = tensor_shape(ir, ir.ty(ir.result(op, 0))).unwrap_or_default();
        let from = self.range(ir, op, 0)?.shape();
        if layouts.iter().any(|layout| layout.order != Order::RowMajor && layout.orders_differ()) {
            return Err(self.error(ir, op, "cannot be packed yet in this order: use strategy=row_major"));
        }
        let several = inputs.len() > 1;
        let kept = |end: fn(&[usize]) -> Option<&usize>| end(&shape) == end(from);
        let rows_are_cut = layouts.iter().any(|layout| layout.shape.first() != from.first());
        let moves =
            !kept(|shape| shape.last()) || rows_are_cut && !(kept(|shape| shape.first()) && shape.len() > 1);
        if several && moves {
            let text = format!(
                "cannot be packed yet: it moves elements between the {} ciphertexts of its operand",
                inputs.len()
            );
            return Err(self.error(ir, op, text).help("use a larger ring (--poly-modulus-degree)"));
        }
        let mut values = Vec::new();
        for (x, layout) in inputs.into_iter().zip(layouts) {
            let mut own = shape.clone();
            if several && rows_are_cut {
                own[0] = layout.shape[0];
            }
            if let Some(last) = own.last_mut().filter(|_| several) {
                *last = blocks::width(&layout);
            }
            let ty = Layout { shape: own, order: Order::RowMajor, ..layout }.to_type(ir);
            values.push(self.build(ir, op, views::Relabel::NAME, &[x], ty, Dict::EMPTY));
        }
        self.finish(ir, op, values)
    }
}
