//! The client's side of an exported program: which element of a tensor goes to which slot.
//!
//! The client's functions only move numbers. So they are executed on numbered elements, and what comes out says where
//! each has gone.

use std::fmt::Write;
use std::rc::Rc;

use he_core::exec::tensor::Tensor;
use he_core::exec::{Interpreter, RuntimeValue};
use he_core::ir::{Ir, OpId, Type};
use he_core::support::{Diagnostic, Diagnostics};
use he_dialects::ckks::attr::CtType;
use he_dialects::ckks::backend::{Ciphertext, Fake};
use he_dialects::ckks::params::Params;
use he_dialects::func::{self, client};

use super::arrays::Arrays;
use crate::run::Program;

/// Calls a client's function without noise and without the primes' drift.
fn call(
    program: &Program<'_>,
    params: &Params,
    function: OpId,
    args: &[RuntimeValue],
) -> Result<Vec<RuntimeValue>, Diagnostic> {
    let mut interpreter = Interpreter::new(
        &program.loaded.session.registry,
        &program.loaded.kernels,
        program.ir,
        program.weights,
    );
    let mut backend = Fake::exact(Some(Params { moduli: None, ..params.clone() }));
    // Numbered elements are no message: whether they are precise is of no interest.
    interpreter.call(function, args, &mut backend, &mut Diagnostics::new())
}

fn refuse(program: &Program<'_>, function: OpId, text: &str) -> Diagnostic {
    let name = func::name(program.ir, function);
    Diagnostic::error(format!("@{name} {text}, so it cannot be exported")).at(program.ir.position(function))
}

/// Numbers that stand for elements: element `index` of `count` is `(index + 1) / count`, and 0 is no element.
fn numbered(count: usize) -> impl Fn(usize) -> f64 {
    move |index| (index + 1) as f64 / count as f64
}

/// The element that a number stands for; −1 for none.
fn index_of(number: f64, count: usize) -> Option<i64> {
    let scaled = number * count as f64;
    let whole = scaled.round();
    ((scaled - whole).abs() < 1e-3 && (0.0..=count as f64).contains(&whole)).then_some(whole as i64 - 1)
}

/// The inputs as a Python list: shape, range, and for each ciphertext its indices, level and scale.
pub(super) fn inputs(
    program: &Program<'_>,
    params: &Params,
    arrays: &mut Arrays,
) -> Result<String, Diagnostic> {
    let mut text = "[\n".to_owned();
    for (index, argument) in program.arguments()?.iter().enumerate() {
        let (lo, hi) = argument.range;
        let shape = shape(&argument.shape);
        let range = format!("\"range\": ({lo:?}, {hi:?}), \"stated\": {:?}", argument.stated.note());
        let Some(encrypt) = argument.encrypt else {
            let entry = func::entry(program.ir)?;
            if func::arg_attr(program.ir, entry, argument.at, "nn.plain").is_some() {
                let _ = writeln!(text, "    {{\"shape\": {shape}, {range}, \"plain\": True}},");
                continue;
            }
            let text = format!("argument #{index} is not encrypted, so the program cannot be exported");
            return Err(Diagnostic::error(text).at(program.ir.position(entry)).help(
                "mark it {nn.plain}, make it a constant, or let pack write the function that encrypts it",
            ));
        };
        let count: usize = argument.shape.iter().product();
        let number = numbered(count);
        let tensor = Tensor::new(argument.shape.clone(), (0..count).map(number).collect())
            .map_err(|why| Diagnostic::error(why.to_string()))?;
        let results = call(program, params, encrypt, &[Rc::new(tensor)])?;
        let _ = write!(text, "    {{\"shape\": {shape}, {range}, \"ciphertexts\": [");
        for (at, result) in results.iter().enumerate() {
            let layout = result.downcast_ref::<Ciphertext>().and_then(|ciphertext| {
                let indices: Option<Vec<i64>> =
                    ciphertext.slots.iter().map(|slot| index_of(*slot, count)).collect();
                Some((indices?, ciphertext.level?, ciphertext.scale?))
            });
            let (indices, level, scale) =
                layout.ok_or_else(|| refuse(program, encrypt, "does more than to lay out its argument"))?;
            let name = arrays.periodic_indices(&indices);
            let comma = if at == 0 { "" } else { ", " };
            let _ = write!(text, "{comma}(\"{name}\", {level}, {scale})");
        }
        text += "]},\n";
    }
    Ok(text + "]")
}

/// Level and scale of each ciphertext that the entry takes.
pub(super) fn argument_states(ir: &Ir) -> Result<Vec<(i64, i64)>, Diagnostic> {
    let (types, _) = func::signature(ir, func::entry(ir)?);
    let state = |ty: &Type| CtType::of(ir, *ty).and_then(|ty| Some((ty.level?, ty.scale?)));
    Ok(types.iter().filter_map(state).collect())
}

/// The outputs as a Python list: shape, number of ciphertexts, and the slot of each element.
pub(super) fn outputs(
    program: &Program<'_>,
    params: &Params,
    arrays: &mut Arrays,
) -> Result<String, Diagnostic> {
    let ir = program.ir;
    let entry = func::entry(ir)?;
    let mut text = "[\n".to_owned();
    for (index, client::Tensor { width, function, .. }) in client::results(ir, entry).into_iter().enumerate()
    {
        let Some(decrypt) = function else {
            let name = client::decrypt_name(func::name(ir, entry), index);
            let text = format!("result #{index} has no function @{name} that decrypts it");
            return Err(Diagnostic::error(text)
                .at(ir.position(entry))
                .help("let pack write it: compile from stage nn or poly"));
        };
        let types = func::signature(ir, decrypt).0;
        let (tensor, slots) = (decrypted(program, params, decrypt)?, params.slots as usize * types.len());
        let indices: Option<Vec<i64>> =
            tensor.data.iter().map(|x| index_of(*x, slots).filter(|i| *i >= 0)).collect();
        let indices = indices.ok_or_else(|| refuse(program, decrypt, "does more than to read slots"))?;
        let name = arrays.indices(indices);
        let _ = writeln!(
            text,
            "    {{\"shape\": {}, \"width\": {width}, \"indices\": \"{name}\"}},",
            shape(&tensor.shape)
        );
    }
    Ok(text + "]")
}

/// What a function that decrypts makes of numbered slots.
fn decrypted(program: &Program<'_>, params: &Params, decrypt: OpId) -> Result<Tensor, Diagnostic> {
    let types = func::signature(program.ir, decrypt).0;
    let slots = params.slots as usize;
    let number = numbered(slots * types.len());
    let ciphertext = |(part, ty): (usize, &he_core::ir::Type)| -> Result<RuntimeValue, Diagnostic> {
        let ty = CtType::of(program.ir, *ty)
            .ok_or_else(|| refuse(program, decrypt, "takes something other than ciphertexts"))?;
        let slots = (part * slots..(part + 1) * slots).map(&number).collect();
        let (level, scale, degree) = (ty.level, ty.scale, ty.degree);
        Ok(Rc::new(Ciphertext { slots, level, scale, degree, noise_std: 0.0, drift: 1.0 }))
    };
    let args = types.iter().enumerate().map(ciphertext).collect::<Result<Vec<_>, _>>()?;
    let results = call(program, params, decrypt, &args)?;
    match results.as_slice() {
        [result] => result.downcast_ref::<Tensor>().cloned(),
        _ => None,
    }
    .ok_or_else(|| refuse(program, decrypt, "does not yield one tensor"))
}

/// A shape as a Python tuple.
fn shape(sizes: &[usize]) -> String {
    match sizes {
        [only] => format!("({only},)"),
        sizes => format!("({})", sizes.iter().map(usize::to_string).collect::<Vec<_>>().join(", ")),
    }
}
