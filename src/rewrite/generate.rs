//! Random programs that a rule's left side matches: to execute both sides and compare.

use super::rules::{AttrPattern, DefPattern, OpPattern, OperandPattern, Rule, TypePattern, ValuePattern};
use crate::expr::{Expr, Val, number_of};
use crate::ir::{Attr, AttrKind, BlockId, Dict, Ir, OpId, OpName, OpSpec, Traits, Type, TypeKind, ValueId};
use crate::schema::{AttrDef, Kind, OpDef, Registry, Repeat, infer_results, verify_op};

/// Where choices come from.
pub trait Choices {
    /// A number from 0 to below `count`, which is at least 1.
    fn below(&mut self, count: usize) -> usize;
}

/// A left side in the IR.
pub struct LeftSide {
    /// The results of the matched op.
    pub roots: Vec<ValueId>,
    /// The results of the ops below it.
    pub inner: Vec<ValueId>,
}

/// Numbers that attributes are chosen from, besides those that the rule names.
const INTEGERS: [i64; 12] = [0, 1, 2, 3, 4, 5, 6, 7, -1, 8, 16, -3];
const FLOATS: [f64; 8] = [0.5, -1.5, 2.0, 0.25, 1.0, -1.0, 0.0, 3.0];
const SHAPES: [&[i64]; 7] = [&[4], &[8], &[2, 4], &[4, 2], &[1, 8], &[1, 4], &[2, 2, 2]];
/// Whole numbers that are tried for an integer, from 0 on: among them are steps of rotations.
const WHOLE: usize = 32;
/// Most ops of a variadic operand that stand for `%xs...`.
const MAX_REST: usize = 3;
/// How often the choices for one op are made anew where it does not verify, those for its operands included.
const MAX_TRIES: usize = 6;
/// Most ops that are built for one left side.
const MAX_BUILT: usize = 400;

/// Adds the ops of one of the rule's patterns to the end of `block`; what the pattern leaves open become arguments of
/// the block, with some of `types`. `None` where the choices lead to ops that do not verify: choose again. The
/// conditions are not looked at.
pub fn generate_left(
    registry: &Registry,
    ir: &mut Ir,
    block: BlockId,
    rule: &Rule,
    types: &[Type],
    choices: &mut dyn Choices,
) -> Option<LeftSide> {
    let variant = rule.variants.get(choices.below(rule.variants.len()))?;
    let slots = vec![Val::Null; rule.slots];
    let numbers = numbers_in(rule);
    let mut generator = Generator {
        registry,
        ir,
        block,
        types,
        choices,
        slots,
        numbers,
        constants: constants_for(registry, rule),
        leaves: Vec::new(),
        inner: Vec::new(),
        built: 0,
    };
    let roots = generator.op(variant)?;
    generator.inner.retain(|value| !roots.contains(value));
    Some(LeftSide { roots, inner: generator.inner })
}

/// The numbers that a rule's conditions compare with: choices near them satisfy them.
fn numbers_in(rule: &Rule) -> Vec<f64> {
    let mut numbers = Vec::new();
    for condition in &rule.conditions {
        condition.check.expr.visit(&mut |part| numbers.extend(number_of(part)));
    }
    numbers
}

/// The ops that make constants, where a rule asks what is one: what it leaves open are not only arguments then.
fn constants_for(registry: &Registry, rule: &Rule) -> Vec<OpName> {
    let mut asks = false;
    for condition in &rule.conditions {
        condition.check.expr.visit(&mut |part| {
            asks |= matches!(part, Expr::Apply(index, _) if registry.functions.name_at(*index) == "plain");
        });
    }
    let makes = |def: &&OpDef| asks && def.traits.has(Traits::CONSTANT) && def.operands.is_empty();
    registry.op_defs().filter(makes).map(|def| def.op).collect()
}

struct Generator<'a> {
    registry: &'a Registry,
    ir: &'a mut Ir,
    block: BlockId,
    types: &'a [Type],
    choices: &'a mut dyn Choices,
    slots: Vec<Val>,
    numbers: Vec<f64>,
    constants: Vec<OpName>,
    leaves: Vec<ValueId>,
    inner: Vec<ValueId>,
    /// Ops that were built, those that did not verify included.
    built: usize,
}

impl Generator<'_> {
    fn one_in(&mut self, count: usize) -> bool {
        self.choices.below(count) == 0
    }

    /// The results of an op of the pattern. What was built for choices that led nowhere is left without a use.
    fn op(&mut self, pattern: &OpPattern) -> Option<Vec<ValueId>> {
        let (slots, leaves, inner) = (self.slots.clone(), self.leaves.len(), self.inner.len());
        for _ in 0..MAX_TRIES {
            if let Some(results) = self.try_op(pattern) {
                return Some(results);
            }
            if self.built > MAX_BUILT {
                break;
            }
            self.slots.clone_from(&slots);
            self.leaves.truncate(leaves);
            self.inner.truncate(inner);
        }
        None
    }

    fn try_op(&mut self, pattern: &OpPattern) -> Option<Vec<ValueId>> {
        self.built += 1;
        let def = self.registry.op_def(pattern.op)?;
        if !def.regions.is_empty() || !def.successors.is_empty() {
            return None;
        }
        // A constant's type comes first: its value has that type.
        let constant = def.operands.is_empty();
        let mut operands = Vec::new();
        for (number, operand) in pattern.operands.iter().enumerate() {
            if pattern.rest.is_some_and(|(at, _)| at == number) {
                self.rest(def, number, &mut operands);
            }
            match self.operand(def, operand, number)? {
                Some(value) => operands.push(value),
                None => break,
            }
        }
        if let Some((at, _)) = pattern.rest
            && at == pattern.operands.len()
        {
            self.rest(def, at, &mut operands);
        }
        let results: Option<Vec<Type>> = match constant {
            true => def.results.iter().map(|result| self.type_of(&result.kind, None)).collect(),
            false => None,
        };
        let of = results.as_ref().and_then(|types| types.first().copied());
        let mut props = Vec::new();
        for (index, attr) in def.attrs.iter().enumerate() {
            let wanted = pattern.attrs.iter().find(|known| known.index == index);
            if let Some(value) = self.attr(attr, wanted, of)? {
                props.push((attr.sym, value));
            }
        }
        let props = self.ir.ctx.dict(&props);
        let blank = vec![Type::NONE; def.results.len()];
        let spec = OpSpec::new(pattern.op).operands(&operands).props(props).attrs(Dict::EMPTY);
        let op = spec.results(&blank).build_at_end(self.ir, self.block);
        let verified = self.with_types(def, op, results, &operands);
        if verified.is_none() {
            self.ir.erase(op);
        }
        verified
    }

    /// The results of an op that was built without types, if it verifies with those that it gets.
    fn with_types(
        &mut self,
        def: &OpDef,
        op: OpId,
        results: Option<Vec<Type>>,
        operands: &[ValueId],
    ) -> Option<Vec<ValueId>> {
        let inferred = match results {
            Some(types) => Some(types),
            None => infer_results(self.registry, self.ir, op).ok().flatten(),
        };
        let types = match inferred {
            Some(types) => types,
            // What is not inferred is often what the first operand has.
            None => {
                let near = operands.first().map(|value| self.ir.ty(*value));
                def.results.iter().map(|result| self.type_of(&result.kind, near)).collect::<Option<_>>()?
            }
        };
        let results: Vec<ValueId> = self.ir.results(op).collect();
        for (result, ty) in results.iter().zip(types) {
            self.ir.set_type(*result, ty);
        }
        verify_op(self.registry, self.ir, op).ok()?;
        self.inner.extend(&results);
        Some(results)
    }

    fn rest(&mut self, def: &OpDef, position: usize, operands: &mut Vec<ValueId>) {
        let variadic = def.operands.iter().find(|operand| operand.repeat == Repeat::Variadic);
        let kind = variadic.or(def.operands.get(position)).map_or(Kind::Any, |operand| operand.kind.clone());
        for _ in 0..self.choices.below(MAX_REST + 1) {
            if let Some(ty) = self.type_of(&kind, None) {
                let leaf = self.leaf(ty);
                operands.push(leaf);
            }
        }
    }

    fn leaf(&mut self, ty: Type) -> ValueId {
        if !self.constants.is_empty()
            && self.one_in(2)
            && let Some(constant) = self.constant(ty)
        {
            return constant;
        }
        let value = self.ir.add_block_arg(self.block, ty);
        self.leaves.push(value);
        value
    }

    /// A constant of that type.
    fn constant(&mut self, ty: Type) -> Option<ValueId> {
        let name = self.constants[self.choices.below(self.constants.len())];
        let def = self.registry.op_def(name)?;
        let mut props = Vec::new();
        for attr in def.attrs.iter().filter(|attr| !attr.optional && attr.default.is_none()) {
            props.push((attr.sym, self.random(&attr.kind, Some(ty))?));
        }
        let props = self.ir.ctx.dict(&props);
        let op = OpSpec::new(name).props(props).results(&[ty]).build_at_end(self.ir, self.block);
        if verify_op(self.registry, self.ir, op).is_err() {
            self.ir.erase(op);
            return None;
        }
        Some(self.ir.result(op, 0))
    }

    /// The value of an operand; `Some(None)` where it is left out.
    fn operand(&mut self, def: &OpDef, pattern: &OperandPattern, position: usize) -> Option<Option<ValueId>> {
        if pattern.optional && self.one_in(2) {
            return Some(None);
        }
        if let Some(slot) = pattern.slot
            && let Val::Value(known) = self.slots[slot]
        {
            return Some(Some(known));
        }
        let value = match &pattern.def {
            DefPattern::Op(inner) => *self.op(inner)?.get(inner.result)?,
            _ => {
                let declared = def.operands.get(position).or(def.operands.last())?;
                let ty = match &pattern.ty {
                    Some(TypePattern::Declared(name, _)) => {
                        self.type_of(&Kind::Declared(self.ir.ctx.str(*name).to_owned()), None)?
                    }
                    Some(TypePattern::Kind(kind)) => self.type_of(kind, None)?,
                    _ => self.type_of(&declared.kind, None)?,
                };
                // The same value now and then: patterns that take it twice must hold too.
                match self.leaves.last().copied() {
                    Some(leaf) if self.ir.ty(leaf) == ty && self.one_in(6) => leaf,
                    _ => self.leaf(ty),
                }
            }
        };
        if let Some(slot) = pattern.slot {
            self.slots[slot] = Val::Value(value);
        }
        Some(Some(value))
    }

    /// Some type of that kind; often `near`, or that of an earlier argument.
    fn type_of(&mut self, kind: &Kind, near: Option<Type>) -> Option<Type> {
        let registry = self.registry;
        let last = self.leaves.last().map(|leaf| self.ir.ty(*leaf));
        for known in [near, last].into_iter().flatten() {
            if kind.admits_type(registry, &self.ir.ctx, known) && !self.one_in(3) {
                return Some(known);
            }
        }
        let fits = |ty: &&Type| kind.admits_type(registry, &self.ir.ctx, **ty);
        let fitting: Vec<Type> = self.types.iter().filter(fits).copied().collect();
        (!fitting.is_empty()).then(|| fitting[self.choices.below(fitting.len())])
    }

    /// The value of an attribute; `Some(None)` where it is not written, `None` where no value is known.
    fn attr(
        &mut self,
        attr: &AttrDef,
        wanted: Option<&AttrPattern>,
        of: Option<Type>,
    ) -> Option<Option<Attr>> {
        let free = attr.optional || attr.default.is_some();
        match wanted.map(|wanted| &wanted.value) {
            None if free && !self.one_in(4) => Some(None),
            Some(ValuePattern::Optional(_)) if self.one_in(2) => Some(None),
            None | Some(ValuePattern::Any | ValuePattern::Not(_)) => {
                let value = self.random(&attr.kind, of);
                if value.is_none() && free { Some(None) } else { value.map(Some) }
            }
            Some(pattern) => self.value(pattern, &attr.kind, of).map(Some),
        }
    }

    fn value(&mut self, pattern: &ValuePattern, kind: &Kind, of: Option<Type>) -> Option<Attr> {
        match pattern {
            ValuePattern::Any | ValuePattern::Not(_) => self.random(kind, of),
            ValuePattern::Bind(slot) | ValuePattern::Optional(slot) => {
                if let Val::Attr(known) = self.slots[*slot] {
                    return Some(known);
                }
                let value = self.random(kind, of)?;
                self.slots[*slot] = Val::Attr(value);
                Some(value)
            }
            ValuePattern::Number(number) => self.number(*number, kind),
            ValuePattern::Equal(expr) => {
                let value = self.registry.with_env(self.ir, &self.slots, |env| env.eval(expr)).ok()?;
                value.to_attr(&mut self.ir.ctx)
            }
            ValuePattern::Splat(inner) => {
                let number = match &**inner {
                    ValuePattern::Number(number) => *number,
                    ValuePattern::Bind(slot) => match self.slots[*slot] {
                        Val::Float(known) => known,
                        _ => FLOATS[self.choices.below(FLOATS.len())],
                    },
                    _ => FLOATS[self.choices.below(FLOATS.len())],
                };
                if let ValuePattern::Bind(slot) = &**inner {
                    self.slots[*slot] = Val::Float(number);
                }
                self.ir.ctx.splat_attr(number, of?)
            }
            ValuePattern::Elements(numbers) => self.ir.ctx.dense_attr(of?, numbers),
            ValuePattern::OneOf(patterns) => {
                let chosen = self.choices.below(patterns.len());
                self.value(&patterns[chosen], kind, of)
            }
            ValuePattern::Declared(..) => self.random(kind, of),
        }
    }

    fn number(&mut self, number: f64, kind: &Kind) -> Option<Attr> {
        Some(match kind {
            Kind::Int | Kind::Index => self.ir.ctx.i64_attr(number as i64),
            _ => self.ir.ctx.f64_attr(number),
        })
    }

    fn random(&mut self, kind: &Kind, of: Option<Type>) -> Option<Attr> {
        let named = self.numbers.clone();
        Some(match kind {
            Kind::Int | Kind::Index if self.one_in(3) => {
                let value = self.choices.below(WHOLE);
                self.ir.ctx.i64_attr(value as i64)
            }
            Kind::Int | Kind::Index => {
                let all = INTEGERS.len() + named.len();
                let chosen = self.choices.below(all);
                let value =
                    INTEGERS.get(chosen).copied().unwrap_or_else(|| named[chosen - INTEGERS.len()] as i64);
                self.ir.ctx.i64_attr(value)
            }
            Kind::Float | Kind::Number => {
                let all = FLOATS.len() + named.len();
                let chosen = self.choices.below(all);
                let value = FLOATS.get(chosen).copied().unwrap_or_else(|| named[chosen - FLOATS.len()]);
                self.ir.ctx.f64_attr(value)
            }
            Kind::Bool => {
                let value = self.one_in(2);
                self.ir.ctx.bool_attr(value)
            }
            Kind::Enum(name) => {
                let words = self.registry.enum_words(name);
                let word = words.get(self.choices.below(words.len().max(1)))?;
                self.ir.ctx.string_attr(word)
            }
            Kind::Ints => {
                let shape = SHAPES[self.choices.below(SHAPES.len())];
                let items = shape.iter().map(|size| self.ir.ctx.i64_attr(*size)).collect();
                self.ir.ctx.array_attr(items)
            }
            Kind::Floats => {
                let count = 1 + self.choices.below(3);
                let items = (0..count).map(|_| FLOATS[self.choices.below(FLOATS.len())]).collect::<Vec<_>>();
                let items = items.into_iter().map(|value| self.ir.ctx.f64_attr(value)).collect();
                self.ir.ctx.array_attr(items)
            }
            Kind::Type | Kind::Tensor | Kind::Elementwise => {
                let ty = self.type_of(kind, None)?;
                self.ir.ctx.type_attr(ty)
            }
            Kind::Declared(name) if self.registry.type_def(name).is_some() => {
                let ty = self.type_of(kind, None)?;
                self.ir.ctx.type_attr(ty)
            }
            Kind::Dense | Kind::Any => self.elements(of?)?,
            Kind::OneOf(kinds) => kinds.iter().find_map(|kind| self.random(kind, of))?,
            Kind::Unit => self.ir.ctx.attr(AttrKind::Unit),
            _ => return None,
        })
    }

    /// A dense constant of a tensor type: often one number in all elements.
    fn elements(&mut self, ty: Type) -> Option<Attr> {
        let TypeKind::Tensor { shape, .. } = self.ir.ctx.type_kind(ty) else { return None };
        let all = usize::try_from(shape.iter().product::<i64>()).ok()?;
        let count = if self.one_in(2) { 1 } else { all };
        let numbers: Vec<f64> = (0..count).map(|_| FLOATS[self.choices.below(FLOATS.len())]).collect();
        self.ir.ctx.dense_attr(ty, &numbers)
    }
}
