//! `to-ckks`: packed values become ciphertexts.
//!
//! Linear layers are expanded first (see [`super::linear`]); everything else is a rule of `packed_to_ckks.rules`.

use he_core::ir::{Ir, OpId, OpSpec, Type};
use he_core::pass::{PassContext, PassDef, StageRange, set_module_stage};
use he_core::rewrite::convert;
use he_core::support::Diagnostic;

use super::linear;
use crate::ckks::attr::{CtType, params_of, set_params};
use crate::func;
use crate::packed::layout::{Layout, plain_type};
use crate::packed::views;

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
    linear::expand_all(ir, context.weights)?;
    choose_slots(ir)?;
    let fresh = CtType { level: None, scale: None, degree: 1 }.to_type(ir);
    for op in ir.all_ops() {
        if let Some(pack) = views::Pack::cast(ir, op) {
            encrypt(ir, pack, fresh);
        } else if let Some(unpack) = views::Unpack::cast(ir, op) {
            decrypt(ir, unpack);
        }
    }
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
    let layouts = ir.all_ops().into_iter().flat_map(|op| ir.operands(op).collect::<Vec<_>>());
    if let Some(layout) = layouts.map(|value| ir.ty(value)).find_map(|ty| Layout::of(ir, ty)) {
        params.slots = layout.slots as u64;
    }
    if params.slots > params.degree() / 2 {
        let text =
            format!("the layouts have {} slots, the ring at most {}", params.slots, params.degree() / 2);
        return Err(Diagnostic::error(text).help("pack again, or use a larger ring (--poly-modulus-degree)"));
    }
    set_params(ir, &params);
    Ok(())
}

fn replace(ir: &mut Ir, old: OpId, new: OpId) {
    ir.replace_all_uses(ir.result(old, 0), ir.result(new, 0));
    ir.erase(old);
}

/// `pack x` is `encrypt (encode (to_plain x))`.
fn encrypt(ir: &mut Ir, pack: views::Pack, fresh: Type) {
    let (anchor, input) = (pack.0, pack.input(ir));
    let layout = ir.ty(ir.result(anchor, 0));
    let Some(slots) = Layout::of(ir, layout).map(|layout| layout.slots) else { return };
    let attr = ir.ctx.type_attr(layout);
    let props = ir.dict_of(&[("layout", attr)]);
    let plain = plain_type(ir, slots);
    let encoded = crate::ckks::attr::PtType { level: None, scale: None }.to_type(ir);
    let loc = ir.loc(anchor);
    let names = [views::ToPlain::NAME, crate::ckks::views::Encode::NAME, crate::ckks::views::Encrypt::NAME]
        .map(|name| ir.ctx.op_name(name));
    let op = OpSpec::new(names[0]).operands(&[input]).results(&[plain]).props(props).loc(loc);
    let op = op.build_before(ir, anchor);
    let op = OpSpec::new(names[1])
        .operands(&[ir.result(op, 0)])
        .results(&[encoded])
        .loc(loc)
        .build_before(ir, anchor);
    let op = OpSpec::new(names[2])
        .operands(&[ir.result(op, 0)])
        .results(&[fresh])
        .loc(loc)
        .build_before(ir, anchor);
    replace(ir, anchor, op);
}

/// `unpack v` is `from_plain (decrypt v)`.
fn decrypt(ir: &mut Ir, unpack: views::Unpack) {
    let (anchor, input) = (unpack.0, unpack.input(ir));
    let layout = ir.ty(input);
    let Some(slots) = Layout::of(ir, layout).map(|layout| layout.slots) else { return };
    let attr = ir.ctx.type_attr(layout);
    let props = ir.dict_of(&[("layout", attr)]);
    let (plain, result) = (plain_type(ir, slots), ir.ty(ir.result(anchor, 0)));
    let loc = ir.loc(anchor);
    let names = [crate::ckks::views::Decrypt::NAME, views::FromPlain::NAME].map(|name| ir.ctx.op_name(name));
    let op = OpSpec::new(names[0]).operands(&[input]).results(&[plain]).loc(loc).build_before(ir, anchor);
    let op = OpSpec::new(names[1]).operands(&[ir.result(op, 0)]).results(&[result]).props(props).loc(loc);
    let op = op.build_before(ir, anchor);
    replace(ir, anchor, op);
}
