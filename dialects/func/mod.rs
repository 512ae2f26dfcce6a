//! MLIR's func dialect: functions, their types and their arguments' attributes.

use he_core::ir::{Attr, AttrKind, Dict, Ir, OpId, Type, TypeKind};
use he_core::support::Diagnostic;

use crate::Dialect;

/// The dialect.
pub const DIALECT: Dialect = Dialect {
    name: "func",
    schema: include_str!("func.dialect"),
    rules: "",
    hooks: |registry| {
        registry.native_verify("func.func", |_, ir, op| verify_function(ir, op));
        registry.native_verify("func.return", |_, ir, op| verify_return(ir, op));
        registry.types_changed.push(refresh_signatures);
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
        [] => Err(Diagnostic::error("the module has no function to compile")
            .help("define func.func @main(%x: tensor<…>) -> tensor<…> { … }")),
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

fn verify_function(ir: &Ir, op: OpId) -> Result<(), Diagnostic> {
    let (inputs, _) = signature(ir, op);
    let args = ir.body(op).map(|block| ir.args(block).iter().map(|arg| ir.ty(*arg)).collect::<Vec<_>>());
    match args {
        Some(args) if args != inputs => {
            let text =
                format!("'func.func' op @{}: the entry block's arguments differ from its type", name(ir, op));
            Err(Diagnostic::error(text).at(ir.position(op)))
        }
        _ => Ok(()),
    }
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
