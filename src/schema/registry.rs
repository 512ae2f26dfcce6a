//! The registry: everything that has been loaded.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;
use rustc_hash::FxBuildHasher;

use super::defs::{DiscardableDef, EnumDef, Infer, OpDef, ParamsDef};
use crate::expr::{Env, Expr, Functions, Val};
use crate::ir::{Context, Dict, Ir, OpId, OpName, Sym, Type};
use crate::support::{Diagnostic, Diagnostics, did_you_mean};

/// A verification hook written in Rust.
pub type NativeVerify = fn(&Registry, &Ir, OpId) -> Result<(), Diagnostic>;
/// A type inference hook written in Rust: the result types, or why there are none.
pub type NativeInfer = fn(&Registry, &mut Ir, OpId) -> Result<Vec<Type>, Diagnostic>;

/// A check of a whole module, after everything else has passed.
pub type ModuleVerify = fn(&Registry, &Ir) -> Result<(), Diagnostics>;

/// Loaded dialects, with the prototype of every module's context.
#[derive(Clone, Default)]
pub struct Registry {
    pub(super) prototype: Context,
    pub(super) dialects: IndexMap<String, String, FxBuildHasher>,
    pub(super) ops: Vec<Option<OpDef>>,
    pub(super) types: IndexMap<String, ParamsDef, FxBuildHasher>,
    pub(super) attrs: IndexMap<String, ParamsDef, FxBuildHasher>,
    pub(super) enums: IndexMap<String, EnumDef, FxBuildHasher>,
    pub(super) discardable: IndexMap<Sym, DiscardableDef, FxBuildHasher>,
    pub(super) natives: BTreeMap<String, (Option<NativeVerify>, Option<NativeInfer>)>,
    /// Dialects whose verification hooks look at types and attributes alone.
    local_hooks: BTreeSet<String>,
    pub(super) module_verifiers: Vec<ModuleVerify>,
    pub(super) keywords: BTreeMap<String, String>,
    /// What to write for the ops of other languages, by their names in lower case without underscores.
    pub foreign_ops: BTreeMap<&'static str, &'static str>,
    /// The op that a text is wrapped in when its top level is not one such op.
    pub top_op: String,
    /// What dialects set right once a conversion has changed types, such as the types of functions.
    pub types_changed: Vec<fn(&mut Ir)>,
    /// Functions that expressions may call.
    pub functions: Functions,
    /// Stage names, the earliest first.
    pub stages: Vec<String>,
    /// Whether ops and types of dialects that are not loaded are accepted.
    pub allow_unregistered: bool,
}

impl Registry {
    /// An empty registry whose dialects may name the given stages.
    pub fn new(stages: &[&str]) -> Self {
        Registry { stages: stages.iter().map(|s| (*s).to_owned()).collect(), ..Registry::default() }
    }

    /// The context that every module's is a copy of.
    pub fn prototype(&self) -> &Context {
        &self.prototype
    }

    /// An empty IR that knows the loaded ops.
    pub fn new_ir(&self) -> Ir {
        Ir::new(self.prototype.clone())
    }

    /// The definition of an op.
    pub fn op_def(&self, op: OpName) -> Option<&OpDef> {
        self.ops.get(op.index())?.as_ref()
    }

    /// The definition of the op of that name.
    pub fn op_def_named(&self, name: &str) -> Option<&OpDef> {
        self.op_def(self.prototype.find_op(name)?)
    }

    /// All op definitions in the order of loading.
    pub fn op_defs(&self) -> impl Iterator<Item = &OpDef> {
        self.ops.iter().flatten()
    }

    /// The definition of a declared type by full name.
    pub fn type_def(&self, name: &str) -> Option<&ParamsDef> {
        self.types.get(name)
    }

    /// The definition of a declared attribute by full name.
    pub fn attr_def(&self, name: &str) -> Option<&ParamsDef> {
        self.attrs.get(name)
    }

    /// All declared types.
    pub fn type_defs(&self) -> impl Iterator<Item = &ParamsDef> {
        self.types.values()
    }

    /// All declared attributes.
    pub fn attr_defs(&self) -> impl Iterator<Item = &ParamsDef> {
        self.attrs.values()
    }

    /// The words of a declared enum by full name.
    pub fn enum_words(&self, name: &str) -> &[String] {
        self.enums.get(name).map_or(&[], |def| def.words.as_slice())
    }

    /// All attributes that any op may carry.
    pub fn discardable_defs(&self) -> impl Iterator<Item = &DiscardableDef> {
        self.discardable.values()
    }

    /// What is wrong with attributes that an op or an argument carries beside those of its schema: one that the loaded
    /// dialects do not declare, though its name begins as theirs do, or a value of the wrong kind.
    pub fn verify_discardable(&self, ctx: &Context, attrs: Dict) -> Result<(), Diagnostic> {
        for (name, value) in ctx.dict_entries(attrs) {
            let text = ctx.str(*name);
            let Some((dialect, _)) = text.split_once('.') else { continue };
            let Some(def) = self.discardable.get(name) else {
                let own = || self.discardable.values().map(|def| def.name.as_str());
                let begins = |known: &str| known.split_once('.').is_some_and(|(first, _)| first == dialect);
                if self.allow_unregistered || !(self.dialects.contains_key(dialect) || own().any(begins)) {
                    continue;
                }
                let error = Diagnostic::error(format!(
                    "no attribute '{text}' is declared by the dialect '{dialect}'"
                ));
                return Err(match did_you_mean(text, own()) {
                    Some(near) => error.help(format!("did you mean '{near}'?")),
                    None => error.help(format!(
                        "declare it in a .dialect file, or give it another name than {dialect}.…"
                    )),
                });
            };
            if !def.kind.admits_attr(self, ctx, *value) {
                let (wanted, found) = (def.kind.describe(), ctx.attr_text(*value));
                return Err(Diagnostic::error(format!("attribute '{text}' must be {wanted}, not {found}")));
            }
        }
        Ok(())
    }

    /// All declared enums.
    pub fn enum_defs(&self) -> impl Iterator<Item = &EnumDef> {
        self.enums.values()
    }

    /// Loaded dialects: name and documentation.
    pub fn dialects(&self) -> impl Iterator<Item = (&str, &str)> {
        self.dialects.iter().map(|(name, doc)| (name.as_str(), doc.as_str()))
    }

    /// Whether a dialect of that name is loaded.
    pub fn has_dialect(&self, name: &str) -> bool {
        self.dialects.contains_key(name)
    }

    /// The op that a pretty keyword stands for.
    pub fn keyword(&self, word: &str) -> Option<&str> {
        self.keywords.get(word).map(String::as_str)
    }

    /// What to write for an op that no dialect declares, where its name tells: `torch.relu`, `Gemm`.
    pub fn advice_on(&self, name: &str) -> Option<String> {
        let plain = |name: &str| {
            let last = name.rsplit('.').next().unwrap_or(name);
            last.replace('_', "").to_ascii_lowercase()
        };
        let word = plain(name);
        if let Some(advice) = self.foreign_ops.get(word.as_str()) {
            return Some((*advice).to_owned());
        }
        let same = self.op_defs().find(|def| plain(&def.name) == word)?;
        Some(format!("did you mean '{}'?", same.name))
    }

    /// Number of a stage.
    pub fn stage(&self, name: &str) -> Option<usize> {
        self.stages.iter().position(|stage| stage == name)
    }

    /// Registers the verification hook of an op that says `native verify`.
    pub fn native_verify(&mut self, op: &str, hook: NativeVerify) {
        self.natives.entry(op.to_owned()).or_default().0 = Some(hook);
    }

    /// Says of a dialect that its verification hooks look at types and attributes of the op alone, and at those of the
    /// module: neither at what defines its operands nor at what uses its results.
    pub fn native_verify_is_local(&mut self, dialect: &str) {
        self.local_hooks.insert(dialect.to_owned());
    }

    /// Whether an op's verification looks at its types and attributes alone.
    pub(super) fn verifies_shape(&self, def: &OpDef) -> bool {
        let native = def.native.iter().any(|hook| hook == "verify");
        let dialect = def.name.split('.').next().unwrap_or_default();
        let local_hooks = self.local_hooks.contains(dialect);
        let values = def.operands.len() + def.results.len();
        let infers_locally = match &def.infer {
            Infer::None => true,
            Infer::Type(expr) => asks_for_types(expr, values),
            Infer::Params { values: params, .. } => {
                params.iter().all(|(_, expr)| asks_for_types(expr, values))
            }
            Infer::Native => local_hooks,
        };
        (!native || local_hooks)
            && (!def.infers_in_text || infers_locally)
            && def.verify.iter().all(|check| asks_for_types(&check.expr, values))
    }

    /// Whether what an op costs follows from the types of its operands and results alone.
    pub fn cost_is_by_types(&self, def: &OpDef) -> bool {
        let types = def.operands.len() + def.results.len();
        let exprs = def.cost.iter().flat_map(|cost| cost.level.iter().chain(&cost.times));
        exprs.into_iter().all(|expr| asks_for_types(expr, types) && !asks_for_slots_from(expr, types))
    }

    /// Registers the inference hook of an op that says `native infer`.
    pub fn native_infer(&mut self, op: &str, hook: NativeInfer) {
        self.natives.entry(op.to_owned()).or_default().1 = Some(hook);
    }

    /// Registers the hooks of every op of a dialect that says `native` and has none of its own.
    pub fn native_dialect(&mut self, dialect: &str, verify: NativeVerify, infer: NativeInfer) {
        self.natives.insert(format!("{dialect}."), (Some(verify), Some(infer)));
    }

    fn of_dialect(&self, op: &str) -> Option<&(Option<NativeVerify>, Option<NativeInfer>)> {
        self.natives.get(&op[..=op.find('.')?])
    }

    /// The verification hook of an op.
    pub(super) fn verify_hook(&self, op: &str) -> Option<NativeVerify> {
        let own = self.natives.get(op).and_then(|hooks| hooks.0);
        own.or_else(|| self.of_dialect(op).and_then(|hooks| hooks.0))
    }

    /// The inference hook of an op.
    pub(super) fn infer_hook(&self, op: &str) -> Option<NativeInfer> {
        let own = self.natives.get(op).and_then(|hooks| hooks.1);
        own.or_else(|| self.of_dialect(op).and_then(|hooks| hooks.1))
    }

    /// Registers a check of whole modules, which [`super::verify`] calls when everything else has passed.
    pub fn module_verify(&mut self, hook: ModuleVerify) {
        self.module_verifiers.push(hook);
    }

    /// Position of a parameter in a declared type or attribute.
    pub fn param_index(&self, name: &str, param: &str) -> Option<usize> {
        let def = self.types.get(name).or_else(|| self.attrs.get(name))?;
        def.params.iter().position(|p| p.name == param)
    }

    /// Calls `use_env` with an environment over the given slots.
    pub fn with_env<T>(&self, ir: &Ir, slots: &[Val], use_env: impl FnOnce(&Env<'_>) -> T) -> T {
        let param_index = |name: &str, param: &str| self.param_index(name, param);
        use_env(&Env { ir, functions: &self.functions, slots, param_index: &param_index })
    }

    /// The slots of an op's expressions: operands, results, attributes (or their defaults).
    pub fn op_slots(&self, ir: &Ir, op: OpId, def: &OpDef) -> Option<Vec<Val>> {
        let operands = OpDef::split(&def.operands, ir.operand_count(op))?;
        let results = OpDef::split(&def.results, ir.result_count(op))?;
        let mut slots = Vec::with_capacity(def.operands.len() + def.results.len() + def.attrs.len());
        for (range, operand) in operands.into_iter().zip(&def.operands) {
            slots.push(group(operand.repeat, range.map(|i| ir.operand(op, i)).collect()));
        }
        for (range, result) in results.into_iter().zip(&def.results) {
            slots.push(group(result.repeat, range.map(|i| ir.result(op, i)).collect()));
        }
        for attr in &def.attrs {
            let value = ir.attr(op, attr.sym).or(attr.default);
            slots.push(value.map_or(Val::Null, |value| Val::from_attr(&ir.ctx, value)));
        }
        Some(slots)
    }

    /// The attribute of an op, or its declared default.
    pub fn attr_or_default(&self, ir: &Ir, op: OpId, name: &str) -> Option<crate::ir::Attr> {
        let written = ir.attr_named(op, name);
        written.or_else(|| self.op_def(ir.name(op))?.attrs.iter().find(|attr| attr.name == name)?.default)
    }
}

/// Whether an expression asks for nothing of values but fields of their types: not which values they are, and no function,
/// which may look further. Slots below `values` are values.
fn asks_for_types(expr: &Expr, values: usize) -> bool {
    match expr {
        Expr::Field(inner, _) if matches!(**inner, Expr::Slot(_)) => true,
        Expr::Slot(slot) => *slot >= values,
        Expr::Apply(..) | Expr::Call(..) => false,
        _ => expr.children().iter().all(|child| asks_for_types(child, values)),
    }
}

/// Whether an expression asks for an attribute.
fn asks_for_slots_from(expr: &Expr, first: usize) -> bool {
    matches!(expr, Expr::Slot(slot) if *slot >= first)
        || expr.children().iter().any(|child| asks_for_slots_from(child, first))
}

fn group(repeat: super::defs::Repeat, values: Vec<crate::ir::ValueId>) -> Val {
    match (repeat, values.as_slice()) {
        (super::defs::Repeat::Variadic, _) => Val::List(values.into_iter().map(Val::Value).collect()),
        (_, [value]) => Val::Value(*value),
        _ => Val::Null,
    }
}
