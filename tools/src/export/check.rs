//! What a library cannot run, found before anything is written.

use he_core::ir::{Ir, OpId, Traits};
use he_core::pass::module_stage;
use he_core::support::Diagnostic;
use he_dialects::ckks::attr::{CtType, PtType, bootstrap_levels, params_of};
use he_dialects::ckks::cost::check_levels;
use he_dialects::ckks::noise::BOOTSTRAP_SCALES;
use he_dialects::ckks::params::{Params, Secret, default_log_p};
use he_dialects::func;

use super::body::PREFIX;
use super::target::Target;
use crate::run::Program;

/// The only stage that libraries run.
const LEVELED: &str = "leveled";
/// The largest values that OpenFHE's bootstrap refreshes with a useful precision.
const BOOTSTRAP_RANGE: f64 = 8.0;
/// Levels that OpenFHE's bootstrap uses itself, with level budgets [3, 3] and an encapsulated sparse secret.
const BOOTSTRAP_LEVELS: i64 = 16;

fn refuse(ir: &Ir, op: OpId, text: impl std::fmt::Display, help: impl Into<String>) -> Diagnostic {
    Diagnostic::error(format!("'{}' op {text}", ir.name_str(op))).at(ir.position(op)).help(help)
}

/// Refuses a program that `target` cannot run as it is.
pub(super) fn check(program: &Program<'_>, target: Target) -> Result<(), Diagnostic> {
    let ir = program.ir;
    let registry = &program.loaded.session.registry;
    let entry = func::entry(ir)?;
    let stage = module_stage(registry, ir)?;
    if registry.stage(LEVELED) != Some(stage) {
        let found = registry.stages.get(stage).map_or("unknown", String::as_str);
        let text = format!("is at stage {found}, and {} runs programs of stage {LEVELED}", target.title());
        return Err(refuse(ir, entry, text, "compile it: --preset=bsgs-lazy, or other passes"));
    }
    check_levels(ir)?;
    let ops = ir.body(entry).map_or_else(Vec::new, |block| ir.block_ops(block));
    for op in &ops {
        check_op(ir, *op, target)?;
    }
    let params = params_of(ir)?.unwrap_or_default();
    check_secret(ir, &params, target)?;
    match target {
        Target::OpenFhe => check_openfhe(ir, entry, &ops, &params),
        Target::Seal => Ok(()),
    }
}

fn check_op(ir: &Ir, op: OpId, target: Target) -> Result<(), Diagnostic> {
    if ir.has_trait(op, Traits::TERMINATOR) {
        return Ok(());
    }
    match ir.name_str(op).strip_prefix(PREFIX) {
        Some(method) if target.keywords(method).is_none() => {
            let (why, help) = target.lack(method);
            Err(refuse(ir, op, format!("cannot be exported: {why}"), help))
        }
        None if !ir.is_plain(op) => {
            let text = "is no op of the ckks dialect, so no library runs it";
            Err(refuse(ir, op, text, "lower it to stage leveled with a rule"))
        }
        _ => Ok(()),
    }
}

fn check_secret(ir: &Ir, params: &Params, target: Target) -> Result<(), Diagnostic> {
    let fits = match target {
        Target::Seal => params.secret == Secret::UniformTernary,
        Target::OpenFhe => !matches!(params.secret, Secret::Sparse { .. }),
    };
    if fits {
        return Ok(());
    }
    let text = format!("ckks.params: {} is run with uniform ternary secrets only", target.title());
    Err(Diagnostic::error(text).at(ir.position(ir.top())).help("state secret = uniform_ternary"))
}

/// OpenFHE knows powers of one scale, and treats every rescale as a division by it.
fn check_openfhe(ir: &Ir, entry: OpId, ops: &[OpId], params: &Params) -> Result<(), Diagnostic> {
    let bits = params.log_scale;
    let primes = format!(
        "give primes as wide as the scale: --coeff-modulus=60,{bits}x{} --scale=2^{bits}; or run on seal",
        params.log_q.len().saturating_sub(1)
    );
    for op in ops {
        if ir.name_str(*op) == "ckks.bootstrap" {
            check_bootstrap(ir, *op, params)?;
        }
        if ir.name_str(*op) == "ckks.rescale" {
            let level = CtType::of(ir, ir.ty(ir.operand(*op, 0))).and_then(|ty| ty.level).unwrap_or(0);
            let prime = params.rescale_bits(level);
            if prime != bits {
                let text = format!(
                    "divides by a prime of {prime} bits, and OpenFHE divides by the scale of {bits} bits"
                );
                return Err(refuse(ir, *op, text, primes));
            }
        }
        check_scales(ir, *op, bits)?;
    }
    if params.log_q.iter().skip(1).any(|prime| *prime != bits) {
        let text = format!("has primes whose width is not that of the scale, {bits} bits");
        return Err(refuse(ir, entry, text, primes));
    }
    if params.log_p != default_log_p(&params.log_q, params.dnum) {
        let text = "has special primes of its own, and OpenFHE derives them from dnum";
        return Err(refuse(ir, entry, text, "leave --special-modulus out, and set --dnum"));
    }
    Ok(())
}

/// Every scale is a power of Δ.
fn check_scales(ir: &Ir, op: OpId, bits: u32) -> Result<(), Diagnostic> {
    for result in ir.results(op) {
        let ty = ir.ty(result);
        let scale = match CtType::of(ir, ty) {
            Some(ty) => ty.scale,
            None => PtType::of(ir, ty).and_then(|ty| ty.scale),
        };
        if scale.is_some_and(|scale| scale <= 0 || scale % i64::from(bits) != 0) {
            let text = format!(
                "has type {}, and OpenFHE represents scales that are powers of 2^{bits} only",
                ir.ctx.type_text(ty)
            );
            let help =
                format!("compile with primes of {bits} bits (--coeff-modulus=60,{bits}xL), or run on seal");
            return Err(refuse(ir, op, text, help));
        }
    }
    Ok(())
}

fn check_bootstrap(ir: &Ir, op: OpId, params: &Params) -> Result<(), Diagnostic> {
    if !BOOTSTRAP_SCALES.contains(&params.log_scale) {
        let text = format!("runs on OpenFHE with a scale of 55 to 59 bits, not {}", params.log_scale);
        return Err(refuse(ir, op, text, "compile with --scale=2^58 --coeff-modulus=60,58xL"));
    }
    let (found, needed) = (bootstrap_levels(ir), BOOTSTRAP_LEVELS);
    if found < needed {
        let text = format!("uses {needed} levels on OpenFHE, and the program was made for {found}");
        let help = format!("compile with --profile=openfhe, or with --bootstrap-levels={needed}");
        return Err(refuse(ir, op, text, help));
    }
    let level = CtType::of(ir, ir.ty(ir.operand(op, 0))).and_then(|ty| ty.level).unwrap_or(0);
    if level < 1 {
        let text = "takes two limbs or more on OpenFHE, level 1";
        return Err(refuse(ir, op, text, "compile with --profile=openfhe, which states it"));
    }
    let range = ir.attr_named(op, "range").and_then(|attr| ir.ctx.as_f64(attr)).unwrap_or(1.0);
    if range > BOOTSTRAP_RANGE {
        let text = format!("has values up to {range}, and OpenFHE refreshes values up to {BOOTSTRAP_RANGE}");
        return Err(refuse(ir, op, text, "scale the values down in the layers before"));
    }
    Ok(())
}
