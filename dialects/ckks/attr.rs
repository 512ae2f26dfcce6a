//! Parameters and types of the dialect as Rust values, and back.

use he_core::ir::{Attr, AttrKind, Context, Ir, Type, TypeKind};
use he_core::support::Diagnostic;

use super::param_flags::{ParamProblem, wider_or_more_digits};
use super::params::{MAX_LOG_N, MAX_PRIME_BITS, MAX_PRIMES, MIN_LOG_N, Params, Secret, dnum_splits};

/// The module attribute that holds the parameters: `ckks.params = #ckks.params<…>`.
pub const PARAMS_ATTR: &str = "ckks.params";
/// The module attribute, an integer: the degree that results may have. The client can decrypt degree 2.
pub const OUTPUT_DEGREE_ATTR: &str = "ckks.output_degree";
/// The module attribute that says how many levels a program lacks; the only licence for negative levels.
pub const MISSING_LEVELS_ATTR: &str = "ckks.missing_levels";
/// The module attribute with the levels that a bootstrap itself uses; 0 where absent.
pub const BOOTSTRAP_LEVELS_ATTR: &str = "ckks.bootstrap_levels";
/// The module attribute with the lowest level that a bootstrap accepts; 0 where absent.
pub const BOOTSTRAP_MIN_LEVEL_ATTR: &str = "ckks.bootstrap_min_level";

/// Parameters of `#ckks.params`, in the order of its declaration.
const LOG_N: usize = 0;
const LOG_Q: usize = 1;
const LOG_P: usize = 2;
const LOG_SCALE: usize = 3;
const SLOTS: usize = 4;
const DNUM: usize = 5;
const SECRET: usize = 6;
const WEIGHT: usize = 7;
const MODULI: usize = 8;

/// The parameters that the module carries; `None` where it carries none. Values that no library could run with are
/// an error at the module.
pub fn params_of(ir: &Ir) -> Result<Option<Params>, Diagnostic> {
    let Some(attr) = ir.attr_named(ir.top(), PARAMS_ATTR) else { return Ok(None) };
    let error = |why: String| Diagnostic::error(format!("{PARAMS_ATTR}: {why}")).at(ir.position(ir.top()));
    let params = match ir.ctx.attr_kind(attr) {
        AttrKind::Declared { name, params } if ir.ctx.str(*name) == PARAMS_ATTR => params,
        _ => return Err(error("expected #ckks.params<…>".into())),
    };
    read(&ir.ctx, params).and_then(validated).map(Some).map_err(error)
}

/// The slots of a ciphertext, if the module has parameters: what each rotation is checked against.
pub fn slots_of(ir: &Ir) -> Option<i64> {
    match ir.ctx.attr_kind(ir.attr_named(ir.top(), PARAMS_ATTR)?) {
        AttrKind::Declared { name, params } if ir.ctx.str(*name) == PARAMS_ATTR => {
            ir.ctx.as_i64(*params.get(SLOTS)?)
        }
        _ => None,
    }
}

/// Writes the parameters to the module, in place of any that it has.
pub fn set_params(ir: &mut Ir, params: &Params) {
    let (secret, weight) = match params.secret {
        Secret::UniformTernary => ("uniform_ternary", Attr::NONE),
        Secret::Sparse { hamming_weight } => ("sparse", ir.ctx.i64_attr(i64::from(hamming_weight))),
        Secret::SparseEncapsulated => ("sparse_encapsulated", Attr::NONE),
    };
    let bits = |ctx: &mut Context, list: &[u32]| {
        let items = list.iter().map(|bits| ctx.i64_attr(i64::from(*bits))).collect();
        ctx.array_attr(items)
    };
    let log_q = bits(&mut ir.ctx, &params.log_q);
    let log_p = bits(&mut ir.ctx, &params.log_p);
    let moduli = match &params.moduli {
        Some(list) => {
            let items = list.iter().map(|q| ir.ctx.i64_attr(i64::try_from(*q).unwrap_or(i64::MAX))).collect();
            ir.ctx.array_attr(items)
        }
        None => Attr::NONE,
    };
    let values = vec![
        ir.ctx.i64_attr(i64::from(params.log_n)),
        log_q,
        log_p,
        ir.ctx.i64_attr(i64::from(params.log_scale)),
        ir.ctx.i64_attr(i64::try_from(params.slots).unwrap_or(i64::MAX)),
        ir.ctx.i64_attr(i64::from(params.dnum)),
        ir.ctx.string_attr(secret),
        weight,
        moduli,
    ];
    let name = ir.ctx.sym(PARAMS_ATTR);
    let attr = ir.ctx.attr(AttrKind::Declared { name, params: values });
    let top = ir.top();
    ir.set_attr(top, PARAMS_ATTR, Some(attr));
}

fn read(ctx: &Context, values: &[Attr]) -> Result<Params, String> {
    let at = |index: usize| values.get(index).copied().unwrap_or(Attr::NONE);
    let number = |index: usize, what: &str| {
        let value = ctx.as_i64(at(index)).and_then(|value| u32::try_from(value).ok());
        value.ok_or_else(|| format!("{what} must be a small number, not negative"))
    };
    let list = |index: usize, what: &str| -> Result<Vec<u64>, String> {
        let items = ctx.as_array(at(index)).unwrap_or(&[]);
        let item = |attr: &Attr| ctx.as_i64(*attr).and_then(|value| u64::try_from(value).ok());
        items.iter().map(|a| item(a).ok_or_else(|| format!("{what} must hold positive numbers"))).collect()
    };
    let bits = |index: usize, what: &str| -> Result<Vec<u32>, String> {
        let wide = list(index, what)?.into_iter().map(u32::try_from).collect::<Result<Vec<_>, _>>();
        wide.map_err(|_| format!("a prime of {what} has at most {MAX_PRIME_BITS} bits"))
    };
    let secret = match ctx.as_str(at(SECRET)).unwrap_or("uniform_ternary") {
        "sparse" => Secret::Sparse { hamming_weight: number(WEIGHT, "the weight of a sparse secret")? },
        "sparse_encapsulated" => Secret::SparseEncapsulated,
        _ => Secret::UniformTernary,
    };
    Ok(Params {
        log_n: number(LOG_N, "log_n")?,
        log_q: bits(LOG_Q, "log_q")?,
        log_p: bits(LOG_P, "log_p")?,
        log_scale: number(LOG_SCALE, "log_scale")?,
        slots: u64::from(number(SLOTS, "slots")?),
        dnum: number(DNUM, "dnum")?,
        secret,
        moduli: if at(MODULI).is_none() { None } else { Some(list(MODULI, "moduli")?) },
    })
}

fn validated(params: Params) -> Result<Params, String> {
    fn require(holds: bool, text: impl FnOnce() -> String) -> Result<(), String> {
        if holds { Ok(()) } else { Err(text()) }
    }
    require((MIN_LOG_N..=MAX_LOG_N).contains(&params.log_n), || {
        format!("log_n is {}, expected {MIN_LOG_N} to {MAX_LOG_N}", params.log_n)
    })?;
    require(!params.log_q.is_empty(), || "log_q needs at least one prime".into())?;
    for (what, list) in [("log_q", &params.log_q), ("log_p", &params.log_p)] {
        require(list.len() <= MAX_PRIMES, || format!("{what} has more than {MAX_PRIMES} primes"))?;
        let wrong = list.iter().find(|bits| !(1..=MAX_PRIME_BITS).contains(*bits));
        let text = |bits: &u32| format!("a prime of {what} has 1 to {MAX_PRIME_BITS} bits, not {bits}");
        wrong.map_or(Ok(()), |bits| Err(text(bits)))?;
    }
    require((1..=MAX_PRIME_BITS).contains(&params.log_scale), || {
        format!("log_scale is {}, expected 1 to {MAX_PRIME_BITS}", params.log_scale)
    })?;
    let most = params.degree() / 2;
    require(params.slots.is_power_of_two() && params.slots <= most, || {
        format!("slots is {}, expected a power of two of at most N/2 = {most}", params.slots)
    })?;
    require(dnum_splits(params.log_q.len(), params.dnum), || {
        format!("dnum = {} leaves a digit of the {} primes empty", params.dnum, params.log_q.len())
    })?;
    if let Some(ParamProblem::NarrowerThanDigit { bits, digit_bits, dnum }) = params.narrow_special_modulus()
    {
        let help = wider_or_more_digits(digit_bits, dnum);
        return Err(format!("log_p has {bits} bits, and the widest digit of log_q {digit_bits}; {help}"));
    }
    if let Secret::Sparse { hamming_weight } = params.secret {
        let legal = hamming_weight > 0 && u64::from(hamming_weight) <= params.degree();
        require(legal, || format!("a sparse secret has a weight of 1 to N, not {hamming_weight}"))?;
    }
    if let Some(moduli) = &params.moduli {
        validate_moduli(&params.log_q, moduli)?;
    }
    Ok(params)
}

/// One modulus a prime of Q, each within a factor of √2 of its nominal width.
fn validate_moduli(log_q: &[u32], moduli: &[u64]) -> Result<(), String> {
    if moduli.len() != log_q.len() {
        return Err(format!("moduli has {} entries, log_q {}", moduli.len(), log_q.len()));
    }
    let off = |(bits, modulus): (&u32, &u64)| libm::log2(*modulus as f64) - f64::from(*bits);
    match log_q.iter().zip(moduli).find(|pair| off(*pair).abs() > 0.5) {
        Some((bits, modulus)) => Err(format!("the modulus {modulus} is not one of {bits} bits")),
        None => Ok(()),
    }
}

/// The levels that the program lacks, where the module says so.
pub fn missing_levels(ir: &Ir) -> Option<i64> {
    ir.ctx.as_i64(ir.attr_named(ir.top(), MISSING_LEVELS_ATTR)?)
}

/// The degree that results may have: 1 unless the module says 2.
pub fn output_degree(ir: &Ir) -> i64 {
    module_integer(ir, OUTPUT_DEGREE_ATTR).max(1)
}

/// The levels that a bootstrap itself uses; 0 unless the module says otherwise.
pub fn bootstrap_levels(ir: &Ir) -> i64 {
    module_integer(ir, BOOTSTRAP_LEVELS_ATTR)
}

/// The lowest level that a bootstrap accepts; 0 unless the module says otherwise.
pub fn bootstrap_min_level(ir: &Ir) -> i64 {
    module_integer(ir, BOOTSTRAP_MIN_LEVEL_ATTR)
}

fn module_integer(ir: &Ir, name: &str) -> i64 {
    ir.attr_named(ir.top(), name).and_then(|attr| ir.ctx.as_i64(attr)).unwrap_or(0)
}

/// What the type of a ciphertext says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CtType {
    /// Rescales left; `None` before levels exist.
    pub level: Option<i64>,
    /// log2 of the factor on the message, in bits; `None` before levels exist.
    pub scale: Option<i64>,
    /// Polynomials less one: 1 or 2.
    pub degree: i64,
}

impl CtType {
    /// The name of the type.
    pub const NAME: &'static str = "ckks.ct";

    /// What `ty` says, if it is the type of a ciphertext.
    pub fn of(ir: &Ir, ty: Type) -> Option<CtType> {
        match declared(ir, ty, Self::NAME)? {
            [level, scale, degree] => Some(CtType {
                level: ir.ctx.as_i64(*level),
                scale: ir.ctx.as_i64(*scale),
                degree: ir.ctx.as_i64(*degree)?,
            }),
            _ => None,
        }
    }

    /// The type.
    pub fn to_type(self, ir: &mut Ir) -> Type {
        let params = vec![
            optional(&mut ir.ctx, self.level),
            optional(&mut ir.ctx, self.scale),
            ir.ctx.i64_attr(self.degree),
        ];
        make(ir, Self::NAME, params)
    }
}

/// What the type of an encoded plaintext says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PtType {
    /// The level of the ciphertexts that it works with; `None` before levels exist.
    pub level: Option<i64>,
    /// log2 of the factor on the message, in bits; `None` before levels exist.
    pub scale: Option<i64>,
}

impl PtType {
    /// The name of the type.
    pub const NAME: &'static str = "ckks.pt";

    /// What `ty` says, if it is the type of an encoded plaintext.
    pub fn of(ir: &Ir, ty: Type) -> Option<PtType> {
        match declared(ir, ty, Self::NAME)? {
            [level, scale] => Some(PtType { level: ir.ctx.as_i64(*level), scale: ir.ctx.as_i64(*scale) }),
            _ => None,
        }
    }

    /// The type.
    pub fn to_type(self, ir: &mut Ir) -> Type {
        let params = vec![optional(&mut ir.ctx, self.level), optional(&mut ir.ctx, self.scale)];
        make(ir, Self::NAME, params)
    }
}

fn declared<'a>(ir: &'a Ir, ty: Type, wanted: &str) -> Option<&'a [Attr]> {
    match ir.ctx.type_kind(ty.some()?) {
        TypeKind::Declared { name, params } if ir.ctx.str(*name) == wanted => Some(params),
        _ => None,
    }
}

fn optional(ctx: &mut Context, value: Option<i64>) -> Attr {
    value.map_or(Attr::NONE, |value| ctx.i64_attr(value))
}

fn make(ir: &mut Ir, name: &str, params: Vec<Attr>) -> Type {
    let name = ir.ctx.sym(name);
    ir.ctx.ty(TypeKind::Declared { name, params })
}

#[cfg(test)]
#[path = "attr_tests.rs"]
mod tests;
