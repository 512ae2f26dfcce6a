//! Verification: structure, dominance, and what schemas demand.

use rustc_hash::FxHashSet;
use smallvec::SmallVec;

use super::defs::{Infer, OpDef, Repeat};
use super::kernel::Expansions;
use super::registry::Registry;
use crate::expr::Val;
use crate::ir::{Attr, Dict, Dominance, Ir, OpId, OpName, Sym, Traits, Type, TypeKind, ValueDef};
use crate::support::{Diagnostic, Diagnostics, did_you_mean};

/// The module attribute that records the stage.
pub const STAGE_ATTR: &str = "he.stage";
/// Marks a function that only documents what another one computes: its ops may be of any stage.
pub const REFERENCE_ATTR: &str = "he.reference";

/// Most errors that one verification reports.
const MAX_ERRORS: usize = 20;

/// Verifies the whole IR. Renumbers ops on the way, changes nothing else.
pub fn verify(registry: &Registry, ir: &mut Ir) -> Result<(), Diagnostics> {
    ir.renumber_all();
    let ir = &*ir;
    let mut errors = Diagnostics::new();
    let mut verified = Verified::default();
    // Walks are long: what no op needs is not looked for again.
    let (mut is_ordered, mut has_kernels) = (true, false);
    for op in ir.walk(ir.top()) {
        if let Err(error) = verified.op(registry, ir, op) {
            errors.push(error);
        }
        verify_regions(ir, op, &mut errors);
        if errors.len() >= MAX_ERRORS {
            return Err(errors);
        }
        is_ordered &= ir.operands(op).all(|operand| ir.is_defined_before(operand, op));
        has_kernels |= registry.op_def(ir.name(op)).is_some_and(|def| def.kernel.is_some());
    }
    if errors.is_empty() {
        if !is_ordered {
            verify_dominance(ir, &mut errors);
        }
        verify_stage(registry, ir, &mut errors);
    }
    if errors.is_empty() && has_kernels {
        verify_kernels(registry, ir, &mut errors);
    }
    if errors.is_empty() {
        let hooks = registry.module_verifiers.iter();
        errors.extend(hooks.filter_map(|hook| hook(registry, ir).err()).flatten());
    }
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

/// What an op's own verification looks at.
#[derive(PartialEq, Eq, Hash)]
struct OpShape {
    name: OpName,
    props: Dict,
    /// If one of them counts.
    attrs: Dict,
    operands: usize,
    /// Of the operands and of the results.
    types: SmallVec<[Type; 4]>,
}

/// Ops that were found right, so that their like is not looked at again: programs repeat themselves.
#[derive(Default)]
struct Verified {
    shapes: FxHashSet<OpShape>,
    /// By op name: whether its shape is all that its verification looks at.
    local: Vec<Option<bool>>,
}

impl Verified {
    fn op(&mut self, registry: &Registry, ir: &Ir, op: OpId) -> Result<(), Diagnostic> {
        if ir.attrs(op) != Dict::EMPTY {
            let verified = registry.verify_discardable(&ir.ctx, ir.attrs(op));
            verified.map_err(|error| error.at(ir.position(op)))?;
        }
        let name = ir.name(op);
        let Some(def) = registry.op_def(name).filter(|_| ir.is_flat(op)) else {
            return verify_op(registry, ir, op);
        };
        if self.local.len() <= name.index() {
            self.local.resize(name.index() + 1, None);
        }
        if !*self.local[name.index()].get_or_insert_with(|| registry.verifies_shape(def)) {
            return verify_op(registry, ir, op);
        }
        let values = ir.operands(op).chain(ir.results(op));
        // A schema says nothing of discardable attributes.
        let counts = |(key, _): &(Sym, Attr)| ir.info(op).inherent.contains(key);
        let looked_at = !def.native.is_empty() || ir.ctx.dict_entries(ir.attrs(op)).iter().any(counts);
        let shape = OpShape {
            name,
            props: ir.props(op),
            attrs: if looked_at { ir.attrs(op) } else { Dict::EMPTY },
            operands: ir.operand_count(op),
            types: values.map(|value| ir.ty(value)).collect(),
        };
        if !self.shapes.contains(&shape) {
            verify_op(registry, ir, op)?;
            self.shapes.insert(shape);
        }
        Ok(())
    }
}

/// What the kernel of a `.dialect` file makes of an op must be right itself, and yield what the op yields.
fn verify_kernels(registry: &Registry, ir: &Ir, errors: &mut Diagnostics) {
    let mut expansions = Expansions::default();
    for op in ir.walk(ir.top()) {
        if registry.op_def(ir.name(op)).is_none_or(|def| def.kernel.is_none()) {
            continue;
        }
        if let Err(wrong) = verify_kernel(registry, ir, op, &mut expansions) {
            errors.push(wrong);
        }
        if errors.len() >= MAX_ERRORS {
            return;
        }
    }
}

fn verify_kernel(
    registry: &Registry,
    ir: &Ir,
    op: OpId,
    expansions: &mut Expansions,
) -> Result<(), Diagnostic> {
    let Some(expansion) = expansions.get(registry, ir, op)? else { return Ok(()) };
    for inner in expansion.ir.block_ops(expansion.block) {
        if let Err(wrong) = verify_op(registry, &expansion.ir, inner) {
            return Err(error(ir, op, format!("does not fit its kernel: {}", wrong.message)));
        }
    }
    for (number, (value, result)) in expansion.results.iter().zip(ir.results(op)).enumerate() {
        // Types are texts here: the expansion has a context of its own.
        let yielded = expansion.ir.ctx.type_text(expansion.ir.ty(*value));
        let ty = ir.ctx.type_text(ir.ty(result));
        if yielded != ty {
            let text = format!("result #{number} has type {ty}, but its kernel yields {yielded}");
            return Err(with_operand_types(ir, op, error(ir, op, text)));
        }
    }
    Ok(())
}

fn error(ir: &Ir, op: OpId, text: impl std::fmt::Display) -> Diagnostic {
    Diagnostic::error(format!("'{}' op {text}", ir.name_str(op))).at(ir.position(op))
}

fn verify_dominance(ir: &Ir, errors: &mut Diagnostics) {
    let mut dominance = Dominance::new(ir);
    for op in ir.walk(ir.top()) {
        for (index, operand) in ir.operands(op).enumerate() {
            if dominance.dominates(operand, op) {
                continue;
            }
            let text = format!("operand #{index} does not dominate this use");
            let mut diagnostic = error(ir, op, text);
            if let ValueDef::Result(def, _) = ir.def(operand) {
                diagnostic = diagnostic.note(ir.position(def), "the operand is defined here");
            }
            errors.push(diagnostic);
            if errors.len() >= MAX_ERRORS {
                return;
            }
        }
    }
}

fn verify_regions(ir: &Ir, op: OpId, errors: &mut Diagnostics) {
    const SPECIAL: Traits = Traits::TERMINATOR.with(Traits::SYMBOL).with(Traits::SYMBOL_TABLE);
    if ir.is_flat(op) && !ir.info(op).traits.has_any(SPECIAL) {
        return;
    }
    for region in ir.regions(op) {
        let blocks = ir.blocks(*region);
        let lenient = ir.has_trait(op, Traits::NO_TERMINATOR) || !ir.info(op).registered;
        if ir.has_trait(op, Traits::SINGLE_BLOCK) && blocks.len() > 1 {
            errors.push(error(ir, op, "expects regions of one block"));
        }
        if ir.has_trait(op, Traits::SINGLE_BLOCK) && blocks.is_empty() {
            errors.push(error(ir, op, "expects regions of one block"));
        }
        for block in blocks {
            let last = ir.last_op(*block);
            if !last.is_none() && !blocks.is_empty() && ir.successors(last).contains(&blocks[0]) {
                let text = "branches to the entry block of its region, which no operation may do";
                errors.push(error(ir, last, text));
            }
            match last.some() {
                None if lenient && blocks.len() == 1 => {}
                None => errors.push(error(ir, op, "has an empty block: expected a terminator")),
                Some(last) if ir.has_trait(last, Traits::TERMINATOR) || !ir.info(last).registered => {}
                Some(_) if lenient && blocks.len() == 1 => {}
                Some(last) => {
                    let text = format!("must end its block with a terminator, not '{}'", ir.name_str(last));
                    errors.push(error(ir, op, text).note(ir.position(last), "the last op is here"));
                }
            }
        }
    }
    if ir.has_trait(op, Traits::TERMINATOR) && !ir.next_op(op).is_none() {
        errors.push(error(ir, op, "must be the last operation in its block"));
    }
    if !ir.successors(op).is_empty() && !ir.next_op(op).is_none() {
        errors.push(error(ir, op, "with successors must terminate its block"));
    }
    if ir.has_trait(op, Traits::SYMBOL) {
        verify_symbol(ir, op, errors);
    }
    if ir.has_trait(op, Traits::SYMBOL_TABLE) {
        verify_symbols(ir, op, errors);
    }
}

/// A symbol's visibility, and the symbol table that it stands in.
fn verify_symbol(ir: &Ir, op: OpId, errors: &mut Diagnostics) {
    if ir.attr_named(op, "sym_name").is_none() {
        return;
    }
    if let Some(visibility) = ir.attr_named(op, "sym_visibility") {
        let word = ir.ctx.as_str(visibility).unwrap_or_default();
        if !matches!(word, "public" | "private" | "nested") {
            let text = format!("visibility must be \"public\", \"private\" or \"nested\", not {word:?}");
            errors.push(error(ir, op, text));
        }
    }
    let parent = ir.parent_op(op);
    if !parent.is_none() && ir.info(parent).registered && !ir.has_trait(parent, Traits::SYMBOL_TABLE) {
        let text = format!("is a symbol, but '{}' around it holds none", ir.name_str(parent));
        errors.push(error(ir, op, text));
    }
}

fn verify_symbols(ir: &Ir, op: OpId, errors: &mut Diagnostics) {
    let Some(name) = ir.ctx.find_sym("sym_name") else { return };
    let mut seen = rustc_hash::FxHashMap::default();
    for region in ir.regions(op) {
        for block in ir.blocks(*region) {
            for inner in ir.block_ops(*block) {
                let Some(symbol) = ir.attr(inner, name) else { continue };
                if let Some(first) = seen.insert(symbol, inner) {
                    let text = format!("redefinition of symbol '{}'", ir.ctx.as_str(symbol).unwrap_or("?"));
                    let diagnostic = Diagnostic::error(text).at(ir.position(inner));
                    errors.push(diagnostic.note(ir.position(first), "the earlier definition"));
                }
            }
        }
    }
}

/// Verifies one op against its schema: counts, kinds, attributes, conditions, hooks.
pub fn verify_op(registry: &Registry, ir: &Ir, op: OpId) -> Result<(), Diagnostic> {
    let Some(def) = registry.op_def(ir.name(op)) else {
        if registry.allow_unregistered {
            return Ok(());
        }
        let text = format!("unregistered operation '{}'", ir.name_str(op));
        return Err(Diagnostic::error(text)
            .at(ir.position(op))
            .help("load its dialect with --load-dialect, or pass --allow-unregistered-dialect"));
    };
    verify_counts(registry, ir, op, def)?;
    verify_attrs(registry, ir, op, def)?;
    let slots =
        if def.infers_in_text || !def.verify.is_empty() { registry.op_slots(ir, op, def) } else { None };
    let slots = slots.unwrap_or_default();
    if !def.verify.is_empty() {
        for check in &def.verify {
            let holds = registry.with_env(ir, &slots, |env| env.holds(&check.expr));
            match holds {
                Ok(true) => {}
                Ok(false) => {
                    let text = check.otherwise.clone();
                    let text = text.unwrap_or_else(|| format!("requires {}", check.source));
                    return Err(with_operand_types(ir, op, error(ir, op, text)));
                }
                Err(why) => return Err(error(ir, op, format!("cannot check {}: {why}", check.source))),
            }
        }
    }
    if def.native.iter().any(|hook| hook == "verify")
        && let Some(hook) = registry.verify_hook(&def.name)
    {
        hook(registry, ir, op)?;
    }
    if def.infers_in_text { verify_inferred(registry, ir, op, def, &slots) } else { Ok(()) }
}

/// A result whose type the pretty form leaves out has the type that `infer` gives it. What cannot be evaluated says
/// nothing; nor does `null`.
fn verify_inferred(
    registry: &Registry,
    ir: &Ir,
    op: OpId,
    def: &OpDef,
    slots: &[Val],
) -> Result<(), Diagnostic> {
    let Some(result) = ir.results(op).next() else { return Ok(()) };
    let found = ir.ty(result);
    let wrong = |what: String| {
        let text = format!("{what}, as its operands and attributes say, but it has type");
        let text = format!("result must have {text} {}", ir.ctx.type_text(found));
        Err(with_operand_types(ir, op, error(ir, op, text)))
    };
    match &def.infer {
        Infer::Type(expr) => match registry.with_env(ir, slots, |env| env.eval(expr)) {
            Ok(Val::Type(ty)) if ty != found => wrong(format!("type {}", ir.ctx.type_text(ty))),
            _ => Ok(()),
        },
        Infer::Params { ty, values } => {
            let TypeKind::Declared { params, .. } = ir.ctx.type_kind(found) else { return Ok(()) };
            let Some(ty_def) = registry.type_def(ty) else { return Ok(()) };
            for (index, expr) in values {
                let Ok(wanted) = registry.with_env(ir, slots, |env| env.eval(expr)) else { continue };
                let param = params.get(*index).and_then(|param| param.some());
                let param = param.map_or(Val::Null, |param| Val::from_attr(&ir.ctx, param));
                if wanted != Val::Null && !wanted.same(&param) {
                    let name = &ty_def.params[*index].name;
                    return wrong(format!("{name} = {}", value_text(&wanted)));
                }
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

fn value_text(value: &Val) -> String {
    match value {
        Val::Int(value) => value.to_string(),
        Val::Float(value) => value.to_string(),
        Val::Bool(value) => value.to_string(),
        Val::Str(text) => text.clone(),
        Val::List(items) => format!("[{}]", items.iter().map(value_text).collect::<Vec<_>>().join(", ")),
        _ => "another value".to_owned(),
    }
}

fn with_operand_types(ir: &Ir, op: OpId, mut diagnostic: Diagnostic) -> Diagnostic {
    for (index, operand) in ir.operands(op).enumerate().take(4) {
        let ty = ir.ctx.type_text(ir.ty(operand));
        let at = match ir.def(operand) {
            ValueDef::Result(def, _) => ir.position(def),
            _ => None,
        };
        diagnostic = diagnostic.note(at, format!("operand #{index} has type {ty}"));
    }
    diagnostic
}

fn plural(count: usize, what: &str) -> String {
    if count == 1 { format!("{count} {what}") } else { format!("{count} {what}s") }
}

fn expected_count(defs: &[super::defs::OperandDef], what: &str) -> String {
    let required = defs.iter().filter(|d| d.repeat == Repeat::One).count();
    if defs.iter().any(|d| d.repeat == Repeat::Variadic) {
        format!("at least {}", plural(required, what))
    } else if required == defs.len() {
        plural(required, what)
    } else {
        format!("{required} to {}", plural(defs.len(), what))
    }
}

fn verify_counts(registry: &Registry, ir: &Ir, op: OpId, def: &OpDef) -> Result<(), Diagnostic> {
    let sides =
        [("operand", &def.operands, ir.operand_count(op)), ("result", &def.results, ir.result_count(op))];
    for (what, defs, count) in sides {
        let Some(ranges) = OpDef::split(defs, count) else {
            let text = format!("expected {}, found {count}", expected_count(defs, what));
            return Err(error(ir, op, text));
        };
        for (range, item) in ranges.into_iter().zip(defs) {
            for index in range {
                let value = if what == "operand" { ir.operand(op, index) } else { ir.result(op, index) };
                if !item.kind.admits_type(registry, &ir.ctx, ir.ty(value)) {
                    let ty = ir.ctx.type_text(ir.ty(value));
                    let text =
                        format!("{what} '{}' must be {}, but is {ty}", item.name, item.kind.describe());
                    return Err(error(ir, op, text));
                }
            }
        }
    }
    if ir.regions(op).len() != def.regions.len() {
        let text =
            format!("expected {}, found {}", plural(def.regions.len(), "region"), ir.regions(op).len());
        return Err(error(ir, op, text));
    }
    if ir.successors(op).len() != def.successors.len() {
        let expected = plural(def.successors.len(), "successor");
        return Err(error(ir, op, format!("expected {expected}, found {}", ir.successors(op).len())));
    }
    Ok(())
}

fn verify_attrs(registry: &Registry, ir: &Ir, op: OpId, def: &OpDef) -> Result<(), Diagnostic> {
    for attr in &def.attrs {
        match ir.attr(op, attr.sym) {
            Some(value) => {
                if !attr.kind.admits_attr(registry, &ir.ctx, value) {
                    let written = ir.ctx.attr_text(value);
                    let text = format!(
                        "attribute '{}' must be {}, but is {written}",
                        attr.name,
                        attr.kind.describe()
                    );
                    return Err(error(ir, op, text));
                }
            }
            None if attr.optional || attr.default.is_some() => {}
            None => {
                let missing = error(ir, op, format!("requires attribute '{}'", attr.name));
                let written = ir.ctx.dict_entries(ir.attrs(op)).iter().map(|(name, _)| ir.ctx.str(*name));
                return Err(match did_you_mean(&attr.name, written) {
                    Some(near) => missing.help(format!("did you mean it by '{near}'?")),
                    None => missing,
                });
            }
        }
    }
    for (name, _) in ir.ctx.dict_entries(ir.props(op)) {
        if !ir.info(op).inherent.contains(name) {
            let name = ir.ctx.str(*name);
            let unknown = error(ir, op, format!("has no inherent attribute '{name}'"));
            return Err(
                match did_you_mean(name, ir.info(op).inherent.iter().map(|name| ir.ctx.str(*name))) {
                    Some(near) => unknown.help(format!("did you mean '{near}'?")),
                    None => unknown,
                },
            );
        }
    }
    Ok(())
}

/// Each op must be legal at the stage that the module says it is at.
fn verify_stage(registry: &Registry, ir: &Ir, errors: &mut Diagnostics) {
    let Some(attr) = ir.attr_named(ir.top(), STAGE_ATTR) else { return };
    let name = ir.ctx.as_str(attr).unwrap_or("");
    let Some(stage) = registry.stage(name) else {
        let text =
            format!("unknown stage '{name}' in {STAGE_ATTR}; there are {}", registry.stages.join(", "));
        errors.push(Diagnostic::error(text).at(ir.position(ir.top())));
        return;
    };
    let tops = ir.top_level_ops().into_iter().filter(|op| ir.attr_named(*op, REFERENCE_ATTR).is_none());
    for op in tops.flat_map(|top| ir.walk(top)) {
        if !ir.info(op).stages.contains(stage) && !ir.is_plain(op) {
            let stages = registry.stages.iter().enumerate();
            let legal: Vec<&str> =
                stages.filter(|(i, _)| ir.info(op).stages.contains(*i)).map(|(_, s)| s.as_str()).collect();
            let text = format!("is not legal at stage '{name}', only at {}", legal.join(", "));
            errors.push(error(ir, op, text));
            if errors.len() >= MAX_ERRORS {
                return;
            }
        }
    }
}
