//! `to-ckks`: packed values become ciphertexts.
//!
//! Linear layers are expanded first (see [`super::linear`]); every op is then converted by a rule of
//! `packed_to_ckks.rules`. In Rust is what is said of the whole module: slots, stage.

use he_core::ir::Ir;
use he_core::pass::{PassContext, PassDef, StageRange, set_module_stage};
use he_core::rewrite::convert;
use he_core::support::Diagnostic;

use super::linear;
use crate::ckks::attr::{params_of, set_params};
use crate::func;
use crate::packed::layout::Layout;

/// The pass `to-ckks`.
pub fn pass() -> PassDef {
    PassDef {
        name: "to-ckks".into(),
        doc: "Turns packed values into ciphertexts; a linear layer without a plan becomes the plain diagonal method".into(),
        options: Vec::new(),
        stages: Some(StageRange { first: 2, last: 2, result: Some(3) }),
        run: Box::new(|context, ir| run(context, ir).map_err(|error| vec![error])),
    }
}

fn run(context: &mut PassContext<'_>, ir: &mut Ir) -> Result<(), Diagnostic> {
    choose_slots(ir)?;
    linear::expand_all(&context.session.registry, ir, context.weights)?;
    let Some(group) = context.session.rules.group("packed-to-ckks") else {
        return Err(Diagnostic::error("the rules of packed-to-ckks are not loaded"));
    };
    let session = context.session;
    convert(&session.registry, ir, group, &session.rewriting, context.remarks)?;
    func::refresh_signatures(ir);
    he_core::rewrite::sweep_dead(ir);
    set_module_stage(&context.session.registry, ir, 3);
    Ok(())
}

/// The ciphertexts have as many slots as the layouts.
fn choose_slots(ir: &mut Ir) -> Result<(), Diagnostic> {
    let mut params = params_of(ir)?.unwrap_or_default();
    let mut found = None;
    for op in ir.all_ops() {
        let values = ir.operands(op).chain(ir.results(op));
        for slots in values.filter_map(|value| Layout::of(ir, ir.ty(value))).map(|layout| layout.slots) {
            if *found.get_or_insert(slots) != slots {
                let other = found.unwrap_or(slots);
                let text = format!(
                    "packed values of {other} and of {slots} slots: all ciphertexts of a program have as many"
                );
                return Err(Diagnostic::error(text)
                    .at(ir.position(op))
                    .help("write one number of slots in all types"));
            }
        }
    }
    params.slots = found.map_or(params.slots, |slots| slots as u64);
    if params.slots > params.degree() / 2 {
        let text =
            format!("the layouts have {} slots, the ring at most {}", params.slots, params.degree() / 2);
        return Err(Diagnostic::error(text).help("pack again, or use a larger ring (--poly-modulus-degree)"));
    }
    set_params(ir, &params);
    Ok(())
}
