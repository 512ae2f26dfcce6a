//! `select-params`: the smallest secure parameters that fit the program.
//!
//! ```text
//! module attributes {ckks.params = #ckks.params<log_n = 15, log_q = [60 x 38], log_p = [60 x 14], …>}
//!   %x : !ckks.ct<level = 37, …>          // of 37 levels 18 are spent; not secure
//! // becomes
//! module attributes {ckks.params = #ckks.params<log_n = 15, log_q = [42, 40 x 18], log_p = [60], dnum = 19, …>}
//!   %x : !ckks.ct<level = 18, …>          // 822 bits of Q·P, 128-bit secure
//! ```
//!
//! In Rust because it measures levels by assigning them, and searches.
//!
//! - Every prime but the first is as wide as the scale, so that a rescale takes off what a product put on. Levels are
//!   then the same for every length of the chain, up to a shift: one assignment on a chain of two primes says how many
//!   primes are needed, and how wide the first one must be for the values at low levels.
//! - Rescales that were placed for wider primes may spend more levels than needed. They are placed anew, lazily or
//!   eagerly, only if that makes the ring smaller or the chain shorter; for the least latency, also if that is less.
//! - The slots stay: rotations and plaintexts are made for them. A ring of degree N has N/2.
//! - For a precision, the scale is the smallest with which the noise model's runs reach it: noise is proportional to its
//!   inverse, so that one run says about which scale that is, and a few more which.
//! - The widest scale (`scale=widest`) has the same ops at the same levels, in as many limbs: it costs nothing.
//! - Of the ways to split Q into digits, each with its special primes, those are left that are secure at the ring; the
//!   one with the least predicted latency is taken.

use he_core::ir::{Ir, OpId, ValueId};
use he_core::pass::{OptionDef, OptionKind, PassContext, PassDef, StageRange};
use he_core::schema::{REFERENCE_ATTR, Registry};
use he_core::support::Diagnostic;

use super::leveling::{Drops, Plan, Strategy, assign, erase_all, forget_scales, is_encrypted};
use super::placement::{Freedom, placed};
use crate::ckks::attr::{CtType, PtType, bootstrap_min_level, missing_levels, params_of, set_params};
use crate::ckks::bounds::bounds;
use crate::ckks::cost::Workload;
use crate::ckks::params::{
    MAX_LOG_N, MAX_PRIME_BITS, MAX_PRIMES, MIN_LOG_N, Params, Secret, default_log_p, dnum_splits, has_primes,
};
use crate::ckks::security::max_log_qp;
use crate::ckks::verify::needed_bits;
use crate::ckks::views;
use crate::func;
use crate::profiles::{KeySwitching, Profile};

/// The largest error that noise leaves in a slot of the results of a program, in the units of the message.
pub type LargestNoise = fn(&PassContext<'_>, &Ir) -> Result<f64, Diagnostic>;

/// The option for the security of chosen parameters.
pub const SECURITY: OptionDef = OptionDef {
    name: "security",
    kind: OptionKind::Choice(&["128", "192", "256"]),
    default: "128",
    doc: "bits of security of the parameters, for a uniform ternary secret",
};

/// The option for the largest ring.
pub const LARGEST: OptionDef = OptionDef {
    name: "max-log-n",
    kind: OptionKind::Int { min: MIN_LOG_N as i64, max: MAX_LOG_N as i64 },
    default: "17",
    doc: "log2 of the largest ring degree",
};

/// The pass `select-params`, which learns of the noise by `largest_noise`.
pub fn pass(largest_noise: LargestNoise) -> PassDef {
    PassDef {
        name: "select-params".into(),
        doc: "Selects the smallest secure parameters that fit".into(),
        options: vec![
            SECURITY,
            LARGEST,
            OptionDef {
                name: "objective",
                kind: OptionKind::Choice(&["ring", "latency"]),
                default: "ring",
                doc: "the smallest ring, or the least predicted latency at any ring",
            },
            OptionDef {
                name: "precision",
                kind: OptionKind::Int { min: 1, max: 50 },
                default: "",
                doc: "bits after the point that noise leaves right in every slot of the results, by the noise model: the \
                      scale becomes the smallest that does; the stated scale if not given",
            },
            OptionDef {
                name: "scale",
                kind: OptionKind::Choice(&["stated", "widest"]),
                default: "stated",
                doc: "the scale that the parameters state, or the widest one with as many primes in the same ring, which \
                      takes no longer and leaves less noise",
            },
            OptionDef {
                name: "secret",
                kind: OptionKind::Choice(&["stated", "uniform_ternary", "sparse_encapsulated"]),
                default: "stated",
                doc: "the distribution of the secret key; the table of security holds for uniform ternary ones",
            },
        ],
        stages: Some(StageRange { first: 4, last: 4, result: None }),
        run: Box::new(move |context, ir| run(context, ir, largest_noise).map_err(|error| vec![error])),
    }
}

/// The scales that a precision may ask for, as log2.
const LEAST_SCALE: u32 = 20;
const MOST_SCALE: u32 = 59;
/// Bits from which on every ring has primes enough.
const PLENTY: u32 = 32;
/// Bits that OpenFHE 1.6 adds to a digit where it estimates its special primes: [56, 50] in two digits is refused where
/// [55, 50] is not.
const CHECKED_MARGIN: u32 = 5;
/// How often at most placements and parameters are chosen in turn.
const MOST_ROUNDS: usize = 3;
/// Bits that noise takes of a scale, about: where the search for a scale begins.
const USUAL_LOSS: u32 = 16;

/// What the options and the module ask for.
struct Request<'a> {
    registry: &'a Registry,
    profile: &'a Profile,
    /// Bits of security.
    security: u32,
    /// The rings that have enough slots and are not too large, as log2 N.
    rings: std::ops::RangeInclusive<u32>,
    /// Whether the least latency decides before the ring.
    fastest: bool,
}

/// A program on a chain of primes that is as short as its rescales allow.
struct Fitted {
    ir: Ir,
    params: Params,
    work: Workload,
}

fn run(context: &mut PassContext<'_>, ir: &mut Ir, largest_noise: LargestNoise) -> Result<(), Diagnostic> {
    let mut stated = params_of(ir)?.unwrap_or_default();
    let options = context.options;
    match options.text("secret") {
        Some("uniform_ternary") => stated.secret = Secret::UniformTernary,
        Some("sparse_encapsulated") => stated.secret = Secret::SparseEncapsulated,
        _ => {}
    }
    let error = |text: String| Diagnostic::error(format!("select-params: {text}")).at(ir.position(ir.top()));
    // An encapsulated one is used inside of refreshes only.
    if matches!(stated.secret, Secret::Sparse { .. }) {
        let text = "the security table holds for uniform ternary secrets, and this one is sparse".to_owned();
        return Err(error(text).help("state secret = uniform_ternary, or keep the parameters"));
    }
    if options.is_given("precision") && options.is_given("scale") {
        let text = "'precision' and 'scale' both choose the scale".to_owned();
        return Err(error(text).help("leave out one of them"));
    }
    let number = |name| u32::try_from(options.int(name)).unwrap_or_default();
    let (security, max_log_n) = (number("security"), number("max-log-n"));
    let min_log_n = (stated.slots.ilog2() + 1).max(MIN_LOG_N);
    if min_log_n > max_log_n {
        let slots = stated.slots;
        let text =
            format!("the program has {slots} slots, and N = 2^{max_log_n} only {}", 1u64 << (max_log_n - 1));
        return Err(
            error(text).help(format!("use max-log-n={min_log_n}, or pack into fewer slots (--slots)"))
        );
    }
    let request = Request {
        registry: &context.session.registry,
        profile: Profile::of_target(context.target),
        security,
        rings: min_log_n..=max_log_n,
        fastest: options.text("objective") == Some("latency"),
    };
    let (chosen, params) = match options.is_given("precision") {
        true => request.precise(ir, &stated, number("precision"), |ir| largest_noise(context, ir))?,
        false => request.select(ir, &stated)?,
    };
    let (chosen, params) = match options.text("scale") {
        Some("widest") => request.widest(chosen, params),
        _ => (chosen, params),
    };
    if let Some(text) = request.bound_by_slots(&params) {
        context.remarks.push(Diagnostic::remark(text));
    }
    *ir = chosen;
    set_params(ir, &params);
    Ok(())
}

/// The program with the shortest chain of primes that suffices; `None` where that is beyond every bound.
fn fit(
    registry: &Registry,
    ir: &Ir,
    stated: &Params,
    rescales: Option<Strategy>,
    drops: Drops,
) -> Result<Option<Fitted>, Diagnostic> {
    let mut ir = ir.clone();
    if rescales.is_some() {
        erase_all(&mut ir, views::Rescale::NAME);
    }
    let chain = |log_q: Vec<u32>| Params {
        slots: stated.slots,
        secret: stated.secret,
        ..Params::derived(stated.log_n, log_q, stated.log_scale)
    };
    set_params(&mut ir, &chain(vec![MAX_PRIME_BITS, stated.log_scale]));
    forget_scales(&mut ir);
    assign(registry, &mut ir, Plan { rescale: rescales, ..Plan::keep() })?;
    let Some(log_q) = shortest_chain(registry, &ir, stated.log_scale) else { return Ok(None) };
    let params = chain(log_q);
    set_params(&mut ir, &params);
    assign(registry, &mut ir, Plan { drops, ..Plan::keep() })?;
    let work = Workload::of(registry, &ir)?;
    Ok(Some(Fitted { ir, params, work }))
}

/// The fewest and then the narrowest primes for a program whose levels were assigned on a chain of two: q_0, and one of
/// the scale's width. With k primes more every level is k higher, and a value at level l must fit below q_0 and l primes
/// of the scale's width.
fn shortest_chain(registry: &Registry, ir: &Ir, log_scale: u32) -> Option<Vec<u32>> {
    let width = i64::from(log_scale);
    // Without products no level is spent, and the second prime can go too.
    let products = [views::Mul::NAME, views::MulPlain::NAME, views::MulScalar::NAME, views::Rescale::NAME];
    let spends = ir.all_ops().iter().any(|op| products.contains(&ir.name_str(*op)));
    let mut more = if spends { 0 } else { -1 };
    let demands = demands(registry, ir);
    for demand in &demands {
        let bits = demand.bits - width * demand.level - i64::from(MAX_PRIME_BITS);
        let for_bits = bits.div_euclid(width) + i64::from(bits.rem_euclid(width) > 0);
        more = more.max(demand.least - demand.level).max(for_bits);
    }
    let first = first_prime(&demands, log_scale, more);
    let count = usize::try_from(more + 1).ok().filter(|count| *count < MAX_PRIMES)?;
    let mut log_q = vec![u32::try_from(first).ok()?];
    log_q.resize(count + 1, log_scale);
    Some(log_q)
}

/// The narrowest first prime with which every value fits, where levels are `more` above those of the demands.
fn first_prime(demands: &[Demand], log_scale: u32, more: i64) -> i64 {
    let width = i64::from(log_scale);
    demands.iter().map(|demand| demand.bits - width * (demand.level + more)).fold(width, i64::max)
}

/// A leveled program with the same ops at another nominal scale: every scale is as many times the nominal one as before.
/// `None` where one is no multiple of it, and for hoisted programs.
fn at_scale(ir: &Ir, before: u32, after: u32) -> Option<Ir> {
    let (before, after) = (i64::from(before), i64::from(after));
    let scaled = |scale: Option<i64>| match scale {
        Some(scale) if scale % before == 0 => Some(Some(scale / before * after)),
        Some(_) => None,
        None => Some(None),
    };
    let mut ir = ir.clone();
    let is_leveled = |function: &OpId| ir.attr_named(*function, REFERENCE_ATTR).is_none();
    let functions: Vec<OpId> = func::functions(&ir).into_iter().filter(is_leveled).collect();
    for function in functions {
        let mut values: Vec<ValueId> =
            ir.body(function).map_or_else(Vec::new, |block| ir.args(block).to_vec());
        for op in ir.nested_ops(function) {
            values.extend(ir.results(op));
            let log_scale = ir.attr_named(op, "log_scale").and_then(|attr| ir.ctx.as_i64(attr));
            if let Some(log_scale) = scaled(log_scale)? {
                let attr = ir.ctx.i64_attr(log_scale);
                ir.set_attr(op, "log_scale", Some(attr));
            }
        }
        for value in values {
            let ty = ir.ty(value);
            let ty = if let Some(ct) = CtType::of(&ir, ty) {
                CtType { scale: scaled(ct.scale)?, ..ct }.to_type(&mut ir)
            } else if let Some(pt) = PtType::of(&ir, ty) {
                PtType { scale: scaled(pt.scale)?, ..pt }.to_type(&mut ir)
            } else if is_encrypted(&ir, value) {
                return None;
            } else {
                continue;
            };
            ir.set_type(value, ty);
        }
        func::refresh_signature(&mut ir, function);
    }
    Some(ir)
}

/// What a value asks of the chain.
struct Demand {
    level: i64,
    /// The lowest level that it may have.
    least: i64,
    /// Bits that the modulus must have at its level.
    bits: i64,
}

/// The demands of all values, by the rules of the verifier.
fn demands(registry: &Registry, ir: &Ir) -> Vec<Demand> {
    let mut demands = Vec::new();
    let own = |function: &OpId| ir.attr_named(*function, REFERENCE_ATTR).is_none();
    for function in func::functions(ir).into_iter().filter(own) {
        let known = bounds(registry, ir, function);
        let mut add = |value: ValueId, least: i64| {
            let ct = CtType::of(ir, ir.ty(value)).map(|ty| (ty.level, ty.scale));
            let pt = || PtType::of(ir, ir.ty(value)).map(|ty| (ty.level, ty.scale));
            if let Some((Some(level), Some(scale))) = ct.or_else(pt) {
                let bound = known.get(value).copied().filter(|bound| bound.is_finite()).unwrap_or(1.0);
                // Strictly more than the needed bits.
                demands.push(Demand { level, least, bits: needed_bits(scale, bound).floor() as i64 + 1 });
            }
        };
        for op in ir.nested_ops(function) {
            if ir.name_str(op) == views::Bootstrap::NAME {
                add(ir.operand(op, 0), bootstrap_min_level(ir));
            }
            ir.results(op).for_each(|value| add(value, 0));
            let blocks = ir.regions(op).iter().flat_map(|region| ir.blocks(*region));
            blocks.flat_map(|block| ir.args(*block)).for_each(|value| add(*value, 0));
        }
    }
    demands
}

impl Request<'_> {
    /// The program at the parameters that fit at the scale that is stated, and those parameters.
    fn select(&self, ir: &Ir, stated: &Params) -> Result<(Ir, Params), Diagnostic> {
        let mut fitted = Vec::new();
        for rescales in [None, Some(Strategy::Lazy), Some(Strategy::Eager)] {
            // Early drops keep the chain as it is and work on fewer limbs.
            let drops: &[Drops] = if self.fastest { &[Drops::Late, Drops::Early] } else { &[Drops::Late] };
            for drops in drops {
                fitted.extend(fit(self.registry, ir, stated, rescales, *drops)?);
            }
        }
        let Some(shortest) =
            fitted.iter().min_by_key(|fitted| (fitted.params.log_q.len(), fitted.params.log_q[0]))
        else {
            let text = format!("select-params: the program spends more than {MAX_PRIMES} levels");
            let error = Diagnostic::error(text).at(ir.position(ir.top()));
            return Err(error.help("run bootstrap, or lower the polynomials' degree"));
        };
        let Some((mut index, mut params)) = self.choose(&fitted)? else {
            return Err(self.nothing_fits(&shortest.params).at(ir.position(ir.top())));
        };
        // What is cheapest to place depends on the ring and its digits, and they on what is placed.
        for _ in 0..if self.fastest { MOST_ROUNDS } else { 0 } {
            let mut start = fitted[index].ir.clone();
            set_params(&mut start, &params);
            let free = Freedom { rescale: true, relinearize: true };
            let ir = placed(self.registry, &start, self.profile, &params, free)?;
            let Some((ir, _)) = ir.filter(|(ir, _)| missing_levels(ir).is_none()) else { break };
            let work = Workload::of(self.registry, &ir)?;
            fitted.push(Fitted { ir, params: fitted[index].params.clone(), work });
            let Some(next) = self.choose(&fitted)? else { break };
            let settled = next.1 == params || next.0 + 1 < fitted.len();
            (index, params) = next;
            if settled {
                break;
            }
        }
        Ok((fitted.swap_remove(index).ir, params))
    }

    /// The same program at the widest scale that needs no other ring, and no more primes.
    fn widest(&self, ir: Ir, params: Params) -> (Ir, Params) {
        let at = |log_scale: u32, first: u32| {
            let mut log_q = vec![log_scale; params.log_q.len()];
            log_q[0] = first;
            let scaled = Params { log_q, log_scale, ..params.clone() };
            let same_size = |split: &Params| {
                split.dnum == params.dnum
                    && split.log_p.len() == params.log_p.len()
                    && self.fits(split, params.log_n)
                    && self.fits(&self.as_checked(split), params.log_n)
            };
            self.splits(&scaled).into_iter().find(same_size)
        };
        for log_scale in (params.log_scale + 1..=MOST_SCALE).rev().filter(|bits| at(*bits, *bits).is_some()) {
            let Some(scaled) = at_scale(&ir, params.log_scale, log_scale) else { continue };
            let first = first_prime(&demands(self.registry, &scaled), log_scale, 0);
            let first = u32::try_from(first).ok().filter(|bits| *bits <= MAX_PRIME_BITS);
            if let Some(params) = first.and_then(|first| at(log_scale, first)) {
                return (scaled, params);
            }
        }
        (ir, params)
    }

    /// The parameters as OpenFHE's own check of security counts them: a digit that nearly fills its special primes is given
    /// one more.
    fn as_checked(&self, params: &Params) -> Params {
        match self.profile.key_switching() {
            KeySwitching::OneSpecialPrime => params.clone(),
            KeySwitching::Hybrid => {
                let count = (params.widest_digit_bits() + CHECKED_MARGIN).div_ceil(MAX_PRIME_BITS);
                Params { log_p: vec![MAX_PRIME_BITS; count as usize], ..params.clone() }
            }
        }
    }

    /// The same at the smallest scale that leaves `precision` bits after the point.
    fn precise(
        &self,
        ir: &Ir,
        stated: &Params,
        precision: u32,
        largest_noise: impl Fn(&Ir) -> Result<f64, Diagnostic>,
    ) -> Result<(Ir, Params), Diagnostic> {
        let at = |log_scale: u32| -> Result<(Ir, Params, f64), Diagnostic> {
            let wanted = |error: Diagnostic| {
                let text = format!("tried with a scale of 2^{log_scale}, for {precision} bits of precision");
                error.note(None, text)
            };
            let selected = self.select(ir, &Params { log_scale, ..stated.clone() });
            let (mut chosen, params) = selected.map_err(wanted)?;
            set_params(&mut chosen, &params);
            let noise = largest_noise(&chosen)?;
            // Bits beyond those that are asked for.
            let spare = -libm::log2(noise) - f64::from(precision);
            Ok((chosen, params, spare))
        };
        let (first, range) = (precision + USUAL_LOSS, LEAST_SCALE..=MOST_SCALE);
        let first = first.clamp(PLENTY, MOST_SCALE);
        let (_, _, spare) = at(first)?;
        let bits = f64::from(first) - if spare.is_finite() { spare.floor() } else { 0.0 };
        let mut log_scale = bits.clamp(f64::from(LEAST_SCALE), f64::from(MOST_SCALE)) as u32;
        // Down while it suffices, or up until it does.
        let (mut reached, mut failed) = (None, false);
        while range.contains(&log_scale) {
            let suffices = match at(log_scale) {
                Ok((chosen, params, spare)) => (spare >= 0.0).then_some((chosen, params)),
                // Primes so narrow may be too few.
                Err(_) if log_scale < PLENTY => None,
                Err(error) => return Err(error),
            };
            match (suffices, reached.is_some()) {
                (None, true) => break,
                (None, false) => {
                    failed = true;
                    log_scale += 1;
                }
                (found, _) => {
                    reached = found;
                    if failed {
                        break;
                    }
                    log_scale -= 1;
                }
            }
        }
        reached.ok_or_else(|| {
            let text = format!(
                "select-params: the noise leaves less than {precision} bits after the point, even at a scale of \
                 2^{MOST_SCALE}"
            );
            let error = Diagnostic::error(text).at(ir.position(ir.top()));
            error.help("ask for fewer bits; a lower degree or fewer refreshes leave less noise")
        })
    }

    /// Every legal split of the chain into digits, with its special primes.
    fn splits(&self, params: &Params) -> Vec<Params> {
        match self.profile.key_switching() {
            KeySwitching::OneSpecialPrime => vec![params.with_one_special_prime()],
            KeySwitching::Hybrid => {
                let limbs = params.log_q.len();
                let legal = (1..=limbs as u32).filter(|dnum| dnum_splits(limbs, *dnum));
                legal
                    .map(|dnum| Params { dnum, log_p: default_log_p(&params.log_q, dnum), ..params.clone() })
                    .collect()
            }
        }
    }

    /// Whether a ring is secure with the parameters' modulus, and has primes for it.
    fn fits(&self, params: &Params, log_n: u32) -> bool {
        let narrow = params.log_q.iter().filter(|bits| **bits == params.log_scale).count();
        max_log_qp(log_n, self.security).is_some_and(|limit| params.log_qp() <= limit)
            && has_primes(log_n, params.log_scale, narrow)
    }

    /// The chosen program and its parameters; `None` where no ring is large enough.
    fn choose(&self, fitted: &[Fitted]) -> Result<Option<(usize, Params)>, Diagnostic> {
        let mut candidates = Vec::new();
        for (index, fitted) in fitted.iter().enumerate() {
            for split in self.splits(&fitted.params) {
                let secure = self.rings.clone().filter(|log_n| self.fits(&split, *log_n));
                candidates.extend(secure.map(|log_n| (index, Params { log_n, ..split.clone() })));
            }
        }
        // Of equal rings and chains the program with the rescales as they are.
        let size = |(index, params): &(usize, Params)| (params.log_n, params.log_q.len(), *index);
        if let Some(least) = candidates.iter().map(size).min().filter(|_| !self.fastest) {
            candidates.retain(|candidate| size(candidate) == least);
        }
        let mut best: Option<(f64, (usize, Params))> = None;
        for (index, params) in candidates {
            let Fitted { ir, work, .. } = &fitted[index];
            let latency = work.latency_ms(self.registry, ir, self.profile, &params)?;
            if best.as_ref().is_none_or(|(least, _)| latency < *least) {
                best = Some((latency, (index, params)));
            }
        }
        Ok(best.map(|(_, choice)| choice))
    }

    /// What to say where the slots, not the modulus, ask for the ring.
    fn bound_by_slots(&self, params: &Params) -> Option<String> {
        let secure = |log_n: &u32| self.fits(params, *log_n);
        let smaller = (MIN_LOG_N..params.log_n).find(secure)?;
        (params.log_n == *self.rings.start()).then(|| {
            format!(
                "select-params: the ring is N = 2^{} for the program's {} slots; the modulus alone would fit N = \
                 2^{smaller}: pack into fewer slots (--slots)",
                params.log_n, params.slots
            )
        })
    }

    /// That no ring is large enough, and what would fit.
    fn nothing_fits(&self, params: &Params) -> Diagnostic {
        let (security, largest) = (self.security, *self.rings.end());
        let narrowest = |params: &Params| self.splits(params).into_iter().min_by_key(Params::log_qp);
        let bits = narrowest(params).map_or(0, |params| params.log_qp());
        let levels = params.max_level();
        let allowed = match max_log_qp(largest, security) {
            Some(limit) => format!("N = 2^{largest} allows {limit}"),
            None => format!("N = 2^{largest} allows none"),
        };
        if max_log_qp(largest, security).is_some_and(|limit| bits <= limit) {
            let text = format!(
                "select-params: the program spends {levels} levels of {} bits, and the rings that are secure have fewer \
                 primes of that width",
                params.log_scale
            );
            return Diagnostic::error(text).help("use a larger --scale, with primes as wide");
        }
        let text = format!(
            "select-params: the program spends {levels} levels of {} bits: {bits} bits of Q*P, but at {security} bits \
             of security {allowed}",
            params.log_scale
        );
        let mut remedies = Vec::new();
        let fits = |log_n: &u32| self.splits(params).iter().any(|split| self.fits(split, *log_n));
        if let Some(log_n) = (largest + 1..=MAX_LOG_N).find(fits) {
            remedies.push(format!("a larger ring: max-log-n={log_n}"));
        }
        let shortened = |primes: usize| Params { log_q: params.log_q[..primes].to_vec(), ..params.clone() };
        let secure =
            |primes: &usize| self.splits(&shortened(*primes)).iter().any(|split| self.fits(split, largest));
        match (2..params.log_q.len()).rev().find(secure) {
            Some(primes) => remedies.push(format!(
                "spend at most {} levels: a lower polynomial degree, or bootstraps (--minimal-bootstrap at \
                 --coeff-modulus={},{}x{})",
                primes - 1,
                params.log_q[0],
                params.log_scale,
                primes - 1
            )),
            None => remedies.push("a smaller --scale".to_owned()),
        }
        Diagnostic::error(text).help(format!("what would fit: {}", remedies.join("; ")))
    }
}
