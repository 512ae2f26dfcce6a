//! MLIR's func dialect: functions, their types and their arguments' attributes.

pub mod client;

use he_core::ir::{Attr, AttrKind, Dict, Ir, OpId, Traits, Type, TypeKind};
use he_core::schema::Registry;
use he_core::support::{Diagnostic, Diagnostics, did_you_mean};
use rustc_hash::FxHashMap;

use crate::Dialect;

/// The most errors that are reported of one program.
const MAX_ERRORS: usize = 20;

/// The dialect.
pub const DIALECT: Dialect = Dialect {
    name: "func",
    schema: shipped!("func.dialect"),
    rules: None,
    hooks: |registry| {
        registry.native_verify("func.func", verify_function);
        registry.native_verify("func.return", |_, ir, op| verify_return(ir, op));
        registry.types_changed.push(refresh_signatures);
        registry.native_verify("func.call", |_, ir, op| verify_call_attrs(ir, op));
        registry.module_verify(|_, ir| verify_symbol_uses(ir));
        registry.native_verify("func.call_indirect", |_, ir, op| verify_indirect_call(ir, op));
    },
    kernels: |_| {},
    passes: |_| Ok(()),
    sample: |_, _, _| None,
    numbers: |_| None,
};

/// Typed views of the dialect's ops, generated from its `.dialect` file.
pub mod views {
    include!(concat!(env!("OUT_DIR"), "/func_views.rs"));
}

/// Input and result types of a function.
pub fn signature(ir: &Ir, function: OpId) -> (Vec<Type>, Vec<Type>) {
    match ir.attr_named(function, "function_type").map(|attr| ir.ctx.attr_kind(attr)) {
        Some(AttrKind::Type(ty)) => match ir.ctx.type_kind(*ty) {
            TypeKind::Function { inputs, results } => (inputs.clone(), results.clone()),
            _ => (Vec::new(), Vec::new()),
        },
        _ => (Vec::new(), Vec::new()),
    }
}

/// Sets a function's type from its entry block's arguments and its return's operands.
pub fn refresh_signature(ir: &mut Ir, function: OpId) {
    let Some(block) = ir.body(function) else { return };
    let inputs: Vec<_> = ir.args(block).iter().map(|arg| ir.ty(*arg)).collect();
    let last = ir.last_op(block);
    let results = if last.is_none() { Vec::new() } else { ir.operands(last).map(|v| ir.ty(v)).collect() };
    let ty = ir.ctx.ty(TypeKind::Function { inputs, results });
    let ty = ir.ctx.type_attr(ty);
    ir.set_attr(function, "function_type", Some(ty));
}

/// Sets the types of all functions but the one that keeps the original network.
pub fn refresh_signatures(ir: &mut Ir) {
    for function in functions(ir) {
        if ir.body(function).is_some() && ir.attr_named(function, he_core::schema::REFERENCE_ATTR).is_none() {
            refresh_signature(ir, function);
        }
    }
}

/// The name of a function.
pub fn name(ir: &Ir, function: OpId) -> &str {
    ir.attr_named(function, "sym_name").and_then(|attr| ir.ctx.as_str(attr)).unwrap_or("")
}

/// The functions of the module in order.
pub fn functions(ir: &Ir) -> Vec<OpId> {
    ir.top_level_ops().into_iter().filter(|op| ir.name_str(*op) == views::Func::NAME).collect()
}

/// The function of that name.
pub fn find(ir: &Ir, wanted: &str) -> Option<OpId> {
    functions(ir).into_iter().find(|function| name(ir, *function) == wanted)
}

/// The entry: `@main`, or the only public function with a body that is not a client's side (`__` in its name).
pub fn entry(ir: &Ir) -> Result<OpId, Diagnostic> {
    if let Some(main) = find(ir, "main") {
        return if ir.body(main).is_some() {
            Ok(main)
        } else {
            Err(Diagnostic::error("function '@main' has no body").at(ir.position(main)))
        };
    }
    let public = |function: &OpId| {
        let visibility = ir.attr_named(*function, "sym_visibility").and_then(|attr| ir.ctx.as_str(attr));
        visibility.is_none_or(|v| v == "public")
            && ir.body(*function).is_some()
            && !name(ir, *function).contains("__")
    };
    let candidates: Vec<_> = functions(ir).into_iter().filter(public).collect();
    match candidates.as_slice() {
        [only] => Ok(*only),
        [] => {
            let error = Diagnostic::error("the module has no function to compile");
            let client = functions(ir).into_iter().find(|function| name(ir, *function).contains("__"));
            Err(match client {
                Some(client) => error
                    .note(ir.position(client), "names with '__' are those of functions that the client calls")
                    .help("name the function to compile @main, or without '__'"),
                None => error.help("define func.func @main(%x: tensor<…>) -> tensor<…> { … }"),
            })
        }
        [_, second, ..] => Err(Diagnostic::error("several public functions, and none is named @main")
            .at(ir.position(*second))
            .help("name the entry @main, or make the others private")),
    }
}

/// The attribute of an argument (`{nn.plain}`, `{nn.range = [a, b]}`).
pub fn arg_attr(ir: &Ir, function: OpId, index: usize, name: &str) -> Option<Attr> {
    ir.ctx.dict_get(arg_dict(ir, function, index), ir.ctx.find_sym(name)?)
}

/// All attributes of an argument.
pub fn arg_dict(ir: &Ir, function: OpId, index: usize) -> Dict {
    let dicts = ir.attr_named(function, "arg_attrs").and_then(|attr| ir.ctx.as_array(attr)).unwrap_or(&[]);
    match dicts.get(index).map(|attr| ir.ctx.attr_kind(*attr)) {
        Some(AttrKind::Dictionary(dict)) => *dict,
        _ => Dict::EMPTY,
    }
}

/// Replaces the attributes of a function's arguments: one dictionary per argument.
pub fn set_arg_attrs(ir: &mut Ir, function: OpId, dicts: &[Dict]) {
    let attrs: Vec<_> = dicts.iter().map(|dict| ir.ctx.attr(AttrKind::Dictionary(*dict))).collect();
    let value = ir.ctx.array_attr(attrs);
    ir.set_attr(function, "arg_attrs", dicts.iter().any(|d| *d != Dict::EMPTY).then_some(value));
}

fn verify_function(registry: &Registry, ir: &Ir, op: OpId) -> Result<(), Diagnostic> {
    let (inputs, results) = signature(ir, op);
    let bad = |text: &str| {
        let text = format!("'func.func' op @{}: {text}", name(ir, op));
        Err(Diagnostic::error(text).at(ir.position(op)))
    };
    match ir.body(op).map(|block| ir.args(block).iter().map(|arg| ir.ty(*arg)).collect::<Vec<_>>()) {
        Some(args) if args != inputs => return bad("the entry block's arguments differ from its type"),
        None => {
            let visibility = ir.attr_named(op, "sym_visibility").and_then(|attr| ir.ctx.as_str(attr));
            if visibility.is_none_or(|word| word == "public") {
                return bad("a declaration must be private");
            }
        }
        _ => {}
    }
    for (key, count) in [("arg_attrs", inputs.len()), ("res_attrs", results.len())] {
        let Some(dicts) = ir.attr_named(op, key).and_then(|attr| ir.ctx.as_array(attr)) else { continue };
        if dicts.len() != count {
            return bad(&format!("{key} must have {count} dictionaries, but has {}", dicts.len()));
        }
        for dict in dicts {
            let AttrKind::Dictionary(dict) = ir.ctx.attr_kind(*dict) else {
                return bad(&format!("{key} must be dictionaries"));
            };
            let of_argument = |error: Diagnostic| error.at(ir.position(op));
            registry.verify_discardable(&ir.ctx, *dict).map_err(of_argument)?;
            let names = ir.ctx.dict_entries(*dict).iter().map(|(name, _)| ir.ctx.str(*name));
            if let Some(plain) = names.into_iter().find(|name| !name.contains('.')) {
                return bad(&format!(
                    "the attribute '{plain}' in {key} needs the name of a dialect in front"
                ));
            }
        }
    }
    Ok(())
}

/// The symbols of a program by the op that holds them; each table is read once.
#[derive(Default)]
struct Symbols<'ir> {
    tables: FxHashMap<OpId, FxHashMap<&'ir str, OpId>>,
}

impl<'ir> Symbols<'ir> {
    fn table(&mut self, ir: &'ir Ir, holder: OpId) -> &FxHashMap<&'ir str, OpId> {
        self.tables.entry(holder).or_insert_with(|| {
            let ops = ir.body(holder).map(|body| ir.block_ops(body)).unwrap_or_default();
            let name_of = |op: OpId| {
                ir.attr_named(op, "sym_name").and_then(|attr| ir.ctx.as_str(attr)).map(|name| (name, op))
            };
            ops.into_iter().rev().filter_map(name_of).collect()
        })
    }

    /// The type of the function that an attribute of `op` names, as seen from `op`.
    fn callee_type(&mut self, ir: &'ir Ir, op: OpId, key: &str) -> Result<Type, Diagnostic> {
        let bad =
            |text: String| Diagnostic::error(format!("'{}' op {text}", ir.name_str(op))).at(ir.position(op));
        let wanted = match ir.attr_named(op, key).map(|attr| ir.ctx.attr_kind(attr)) {
            Some(AttrKind::Symbol(path)) if path.len() == 1 => ir.ctx.str(path[0]),
            Some(AttrKind::Symbol(_)) => {
                return Err(
                    bad("names a nested symbol: only functions of its own table can be named".into()),
                );
            }
            _ => return Err(bad(format!("requires a symbol as its '{key}'"))),
        };
        let mut holder = ir.parent_op(op);
        while !holder.is_none() && !ir.has_trait(holder, Traits::SYMBOL_TABLE) {
            // An unknown op with one region may be a table itself, of which nothing is known: as in MLIR.
            if !ir.info(holder).registered && ir.regions(holder).len() == 1 {
                let text = format!(
                    "names @{wanted}, but '{}' around it may hold other symbols",
                    ir.name_str(holder)
                );
                return Err(bad(text).note(ir.position(holder), "the operation around it"));
            }
            holder = ir.parent_op(holder);
        }
        let table = self.table(ir, holder);
        let Some(found) = table.get(wanted).copied() else {
            let error = bad(format!("names @{wanted}, which is not defined"));
            let near = did_you_mean(wanted, table.keys().copied());
            return Err(match near {
                Some(near) => error.help(format!("did you mean '@{near}'?")),
                None => error,
            });
        };
        match ir.attr_named(found, "function_type").map(|attr| ir.ctx.attr_kind(attr)) {
            Some(AttrKind::Type(ty)) if ir.name_str(found) == views::Func::NAME => Ok(*ty),
            _ => Err(bad("names a symbol that is no function".into()).note(ir.position(found), "the symbol")),
        }
    }
}

/// Whether the types of `op`, without its first `skip` operands, are those of the function type `ty`.
fn check_call(ir: &Ir, op: OpId, skip: usize, ty: Type) -> Result<(), Diagnostic> {
    let inputs: Vec<_> = ir.operands(op).skip(skip).map(|value| ir.ty(value)).collect();
    let results: Vec<_> = ir.results(op).map(|value| ir.ty(value)).collect();
    let mut own = String::new();
    ir.ctx.write_function_type(&mut own, &inputs, &results);
    let expected = ir.ctx.type_text(ty);
    if own == expected {
        return Ok(());
    }
    let text = format!("'{}' op is of type {own}, but calls a function of type {expected}", ir.name_str(op));
    Err(Diagnostic::error(text).at(ir.position(op)))
}

/// What is checked of whole programs: that the functions which ops name exist and are of the right type.
fn verify_symbol_uses(ir: &Ir) -> Result<(), Diagnostics> {
    let mut symbols = Symbols::default();
    let mut errors = Diagnostics::new();
    let [call, constant] = [views::Call::NAME, views::Constant::NAME].map(|name| ir.ctx.find_op(name));
    for op in ir.walk(ir.top()) {
        let name = Some(ir.name(op));
        let checked = if name == call {
            symbols.callee_type(ir, op, "callee").and_then(|ty| check_call(ir, op, 0, ty))
        } else if name == constant {
            symbols.callee_type(ir, op, "value").and_then(|ty| check_constant(ir, op, ty))
        } else {
            continue;
        };
        errors.extend(checked.err());
        if errors.len() >= MAX_ERRORS {
            break;
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

fn check_constant(ir: &Ir, op: OpId, ty: Type) -> Result<(), Diagnostic> {
    let own = ir.ty(ir.result(op, 0));
    if own == ty {
        return Ok(());
    }
    let (own, ty) = (ir.ctx.type_text(own), ir.ctx.type_text(ty));
    let text = format!("'func.constant' op has the type {own}, its function {ty}");
    Err(Diagnostic::error(text).at(ir.position(op)))
}

/// `arg_attrs` and `res_attrs` of a call are lists of dictionaries.
fn verify_call_attrs(ir: &Ir, op: OpId) -> Result<(), Diagnostic> {
    for key in ["arg_attrs", "res_attrs"] {
        let Some(dicts) = ir.attr_named(op, key).and_then(|attr| ir.ctx.as_array(attr)) else { continue };
        if !dicts.iter().all(|dict| matches!(ir.ctx.attr_kind(*dict), AttrKind::Dictionary(_))) {
            let text = format!("'{}' op: {key} must be dictionaries", ir.name_str(op));
            return Err(Diagnostic::error(text).at(ir.position(op)));
        }
    }
    Ok(())
}

fn verify_indirect_call(ir: &Ir, op: OpId) -> Result<(), Diagnostic> {
    verify_call_attrs(ir, op)?;
    let ty = ir.ty(ir.operand(op, 0));
    if !matches!(ir.ctx.type_kind(ty), TypeKind::Function { .. }) {
        let text = format!("'func.call_indirect' op calls a value of type {}", ir.ctx.type_text(ty));
        return Err(Diagnostic::error(text).at(ir.position(op)));
    }
    check_call(ir, op, 1, ty)
}

fn verify_return(ir: &Ir, op: OpId) -> Result<(), Diagnostic> {
    let function = ir.parent_op(op);
    if function.is_none() || ir.name_str(function) != views::Func::NAME {
        return Err(Diagnostic::error("'func.return' op must be inside of a function").at(ir.position(op)));
    }
    let (_, results) = signature(ir, function);
    let found: Vec<_> = ir.operands(op).map(|value| ir.ty(value)).collect();
    if found == results {
        return Ok(());
    }
    let list = |types: &[Type]| types.iter().map(|ty| ir.ctx.type_text(*ty)).collect::<Vec<_>>().join(", ");
    let text = format!(
        "'func.return' op returns ({}), but @{} is declared to return ({})",
        list(&found),
        name(ir, function),
        list(&results)
    );
    Err(Diagnostic::error(text).at(ir.position(op)).note(ir.position(function), "the function"))
}
