//! What a program costs: operations, latency, memory, keys, depth, levels.
//!
//! Only the entry function counts: what the client does before and after is never part of the cost, nor are encoding
//! and encryption. An op's class, level and repetitions come from the `cost` clause of its definition, so that a
//! user's op is costed like the shipped ones.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use he_core::cost::{CostModel, OpCost, Summary, Work, summarize};
use he_core::expr::Val;
use he_core::ir::{Ir, OpId, OpName, Type, TypeKind, ValueId};
use he_core::rewrite::Prices;
use he_core::schema::{Expansions, Registry};
use he_core::support::Diagnostic;
use rustc_hash::FxHashMap;
use serde::{Serialize, Serializer};
use smallvec::SmallVec;

use super::attr::{CtType, PtType, missing_levels, params_of};
use super::memory::{pooled_switches, pooled_values};
use super::params::Params;
use super::security::security_bits;
use crate::func;
use crate::profiles::{CostOp, Estimate, KeySwitching, Profile};

/// The operations that every report lists, in its order.
const LISTED: [&str; 12] = [
    "add",
    "add_plain",
    "sub",
    "sub_plain",
    "mul",
    "mul_plain",
    "mul_scalar",
    "rotate",
    "relinearize",
    "rescale",
    "level_drop",
    "bootstrap",
];
/// The operations that are products.
const PRODUCTS: [&str; 3] = ["mul", "mul_plain", "mul_scalar"];
/// The client's work: never counted.
const CLIENT: [CostOp; 3] = [CostOp::Encode, CostOp::Encrypt, CostOp::Decrypt];

/// What the default profile says of one operation at the highest level of the default parameters: for comparisons
/// between ops before anything is known of a program. The client's work is free.
pub const PRICES: Prices<'static> = Prices { unit: "ms", of_class: &price };

fn price(class: &str) -> Option<f64> {
    let op = CostOp::from_name(class)?;
    if CLIENT.contains(&op) {
        return Some(0.0);
    }
    let params = Params::default();
    let limbs = u32::try_from(params.log_q.len()).unwrap_or(u32::MAX);
    Some(Profile::openfhe().latency(op, &params.shape(), limbs).ms)
}

/// A map in the order of the report.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ordered<T>(pub Vec<(String, T)>);

impl<T: Copy + Default> Ordered<T> {
    /// The value of that name; the default one where there is none.
    pub fn get(&self, name: &str) -> T {
        self.0.iter().find(|(known, _)| known == name).map_or_else(T::default, |(_, value)| *value)
    }

    /// The listed operations first, then the others by name.
    fn of(map: &BTreeMap<String, T>) -> Self {
        let listed =
            LISTED.iter().map(|name| ((*name).to_owned(), map.get(*name).copied().unwrap_or_default()));
        let others = map.iter().filter(|(name, _)| !LISTED.contains(&name.as_str()));
        Ordered(listed.chain(others.map(|(name, value)| (name.clone(), *value))).collect())
    }
}

impl<T: Serialize> Serialize for Ordered<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

/// An op on the critical path.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PathOp {
    /// Its name.
    pub op: String,
    /// Where it comes from.
    pub loc: String,
    /// Its latency.
    pub ms: f64,
}

/// The parameters of a report.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ReportParams {
    /// log2 of the ring degree.
    pub log_n: u32,
    /// Bits of the primes of Q.
    pub log_q: Vec<u32>,
    /// Bits of the primes of P.
    pub log_p: Vec<u32>,
    /// Bits of Q·P.
    pub log_qp: u32,
    /// The security class that the table gives: 0, 128, 192 or 256.
    pub security_bits: u32,
    /// Whether the table holds for the secret.
    pub security_table_applies: bool,
}

/// What a program costs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CostReport {
    /// Number of each operation. `rotate` has the hoisted ones, `add_plain` the sums with one number.
    pub operations: Ordered<u64>,
    /// Their sum.
    pub total_operations: u64,
    /// Sum of the latencies, on one thread.
    pub latency_ms: f64,
    /// The same by operation.
    pub latency_ms_by_operation: Ordered<f64>,
    /// Most bytes of ciphertexts and encoded plaintexts alive at once, in program order.
    pub memory_bytes: u64,
    /// Bytes of the rotation, conjugation and relinearization keys; those of a bootstrap itself are not among them.
    pub key_bytes: u64,
    /// Most bytes that a process of the library holds while it evaluates: itself, keys, ciphertexts, plaintexts and
    /// what a key switch needs. Absent where the profile has not measured it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub process_bytes: Option<u64>,
    /// Distinct rotation steps.
    pub rotation_keys: u64,
    /// Most counted operations on a path.
    pub depth: u64,
    /// Most products on a path, those with plaintexts and numbers included.
    pub multiplicative_depth: u64,
    /// Latency over the critical path's: the speed-up that unbounded threads could reach.
    pub parallelism: f64,
    /// Latency of the critical path.
    pub critical_path_ms: f64,
    /// The counted ops of the path with the highest latency.
    pub critical_path: Vec<PathOp>,
    /// The highest level of an argument.
    pub initial_level: i64,
    /// The lowest level of a result.
    pub final_level: i64,
    /// The most rescales on a path from an argument to a result: the levels that the program needs. Levels that are
    /// dropped unused do not count, and what a bootstrap returns is not subtracted.
    pub levels_used: i64,
    /// Bootstraps whose operand still had the levels for all that follows, up to the next bootstrap or result.
    pub avoidable_bootstraps: u64,
    /// Name of the profile.
    pub profile: String,
    /// The share of the latency, 0 to 1, that lies outside of what the profile measured.
    pub extrapolated: f64,
    /// The parameters.
    pub params: ReportParams,
}

/// The cost of the entry function of a leveled program.
pub fn cost_report(registry: &Registry, ir: &Ir, profile: &Profile) -> Result<CostReport, Diagnostic> {
    check_levels(ir)?;
    let function = func::entry(ir)?;
    let stated = params_of(ir)?.unwrap_or_default();
    let params = match profile.key_switching() {
        KeySwitching::Hybrid => stated,
        KeySwitching::OneSpecialPrime => stated.with_one_special_prime(),
    };
    let mut model = Model::new(registry, ir, profile, &params);
    let summary = summarize(ir, function, &mut model)?;
    let levels = Levels::of(registry, ir, function, &params)?;
    let extrapolated = if summary.weight > 0.0 { model.seen.extrapolated_ms / summary.weight } else { 0.0 };
    let keys =
        model.seen.steps.len() as u64 + u64::from(model.seen.relinearizes) + u64::from(model.seen.conjugates);
    let key_bytes = keys * params.switching_key_bytes();
    let (shape, limbs) = (params.shape(), params.log_q.len() as u32);
    let own_bytes = match summary.counts.contains_key(CostOp::Bootstrap.name()) {
        true => profile.bootstrap_bytes(&shape, limbs, params.slots),
        false => profile.process_bytes(&shape, limbs),
    };
    let value_bytes = if profile.pools_memory() {
        let switches = pooled_switches(&params, &model.seen.switched_limbs);
        switches + pooled_values(ir, function, |value| model.bytes(value))
    } else {
        summary.peak_bytes
    };
    let estimate = security_bits(&params);
    Ok(CostReport {
        operations: Ordered::of(&summary.counts),
        total_operations: summary.counts.values().sum(),
        latency_ms: summary.weight,
        latency_ms_by_operation: Ordered::of(&summary.weights),
        memory_bytes: summary.peak_bytes,
        key_bytes,
        process_bytes: own_bytes.map(|own| own + key_bytes + value_bytes),
        rotation_keys: model.seen.steps.len() as u64,
        depth: summary.depth,
        multiplicative_depth: summary.marked_depth,
        parallelism: parallelism(&summary),
        critical_path_ms: summary.critical_weight,
        critical_path: summary.critical_path.iter().map(|(op, ms)| path_op(ir, *op, *ms)).collect(),
        initial_level: levels.initial,
        final_level: levels.last,
        levels_used: levels.used,
        avoidable_bootstraps: levels.avoidable,
        profile: profile.name().to_owned(),
        extrapolated,
        params: ReportParams {
            log_n: params.log_n,
            log_q: params.log_q.clone(),
            log_p: params.log_p.clone(),
            log_qp: params.log_qp(),
            security_bits: estimate.bits,
            security_table_applies: estimate.table_applies,
        },
    })
}

/// The predicted latency in milliseconds of the entry function of a leveled program under `params`, which have the
/// primes of Q that its levels are made for.
pub fn latency_ms(
    registry: &Registry,
    ir: &Ir,
    profile: &Profile,
    params: &Params,
) -> Result<f64, Diagnostic> {
    Workload::of(registry, ir)?.latency_ms(registry, ir, profile, params)
}

/// What the entry function of a leveled program does, counted: enough to price it at many parameters.
pub struct Workload {
    /// How often each operation is done, at which level, on operands of which degree.
    counts: BTreeMap<(CostOp, Option<i64>, u32), u64>,
    /// Whether the cost of some op is that of its kernel: it is walked then.
    by_kernel: bool,
}

impl Workload {
    /// Counts the ops of a program.
    pub fn of(registry: &Registry, ir: &Ir) -> Result<Workload, Diagnostic> {
        let params = Params::default();
        let model = Model::new(registry, ir, Profile::openfhe(), &params);
        let mut work = Workload { counts: BTreeMap::new(), by_kernel: false };
        for op in ir.body(func::entry(ir)?).map_or_else(Vec::new, |block| ir.block_ops(block)) {
            let def = registry.op_def(ir.name(op));
            work.by_kernel |= def.is_some_and(|def| def.cost.is_none() && def.kernel.is_some());
            if work.by_kernel {
                break;
            }
            if let Some((class, level, count)) =
                model.clause(op)?.filter(|(class, ..)| !CLIENT.contains(class))
            {
                *work.counts.entry((class, level, model.degree(op))).or_default() += count;
            }
        }
        Ok(work)
    }

    /// Its latency in milliseconds at the parameters; `ir` is the program that was counted.
    pub fn latency_ms(
        &self,
        registry: &Registry,
        ir: &Ir,
        profile: &Profile,
        params: &Params,
    ) -> Result<f64, Diagnostic> {
        let has_bootstrap = self.counts.keys().any(|(class, ..)| *class == CostOp::Bootstrap);
        // What a profile lacks is an error that names an op.
        if self.by_kernel || has_bootstrap && profile.bootstrap().is_none() {
            let mut model = Model::new(registry, ir, profile, params);
            return Ok(summarize(ir, func::entry(ir)?, &mut model)?.weight);
        }
        let prices = LevelPrices::of(profile, params);
        let price = |((class, level, degree), count): (&(CostOp, Option<i64>, u32), &u64)| {
            prices.price(*class, level.unwrap_or(params.max_level()), *degree) * *count as f64
        };
        Ok(self.counts.iter().map(price).sum())
    }
}

/// Latencies in milliseconds by level, from 0 up to the highest.
#[derive(Clone, Debug)]
pub struct ByLevel(Rc<[f64]>);

impl ByLevel {
    /// At a level; levels that the chain does not have cost what the nearest one does.
    pub fn at_ms(&self, level: i64) -> f64 {
        let at = usize::try_from(level).unwrap_or(0).min(self.0.len().saturating_sub(1));
        self.0.get(at).copied().unwrap_or(0.0)
    }
}

/// Latencies of the entry function's ops at levels other than those that they have.
pub struct LevelPrices<'a> {
    profile: &'a Profile,
    params: &'a Params,
    /// The operation, its repetitions and the degree of its operands.
    ops: FxHashMap<OpId, (CostOp, u64, u32)>,
    /// By operation and degree.
    known: RefCell<FxHashMap<(CostOp, u32), ByLevel>>,
}

impl<'a> LevelPrices<'a> {
    /// Prices by a profile at the ring of `params`.
    pub fn new(
        registry: &Registry,
        ir: &Ir,
        profile: &'a Profile,
        params: &'a Params,
    ) -> Result<Self, Diagnostic> {
        let model = Model::new(registry, ir, profile, params);
        let mut ops = FxHashMap::default();
        for op in ir.body(func::entry(ir)?).map_or_else(Vec::new, |block| ir.block_ops(block)) {
            let clause = model.clause(op)?.filter(|(class, ..)| !CLIENT.contains(class));
            ops.extend(clause.map(|(class, _, count)| (op, (class, count, model.degree(op)))));
        }
        Ok(LevelPrices { ops, ..LevelPrices::of(profile, params) })
    }

    /// The same, for no program.
    pub fn of(profile: &'a Profile, params: &'a Params) -> Self {
        LevelPrices { profile, params, ops: FxHashMap::default(), known: Default::default() }
    }

    /// The latencies of what an op does, up to the highest level of its operands, and how often it does it; `None` for one
    /// without a cost clause.
    pub fn by_level(&self, op: OpId) -> Option<(ByLevel, u64)> {
        let (class, count, degree) = *self.ops.get(&op)?;
        Some((self.prices(class, degree), count))
    }

    /// The operation that an op is and how often; `None` for one without a cost clause.
    pub fn work(&self, op: OpId) -> Option<(CostOp, u64)> {
        self.ops.get(&op).map(|(class, count, _)| (*class, *count))
    }

    /// The latency in milliseconds of an operation on operands of that level and degree.
    pub fn price(&self, class: CostOp, level: i64, degree: u32) -> f64 {
        self.prices(class, degree).at_ms(level)
    }

    fn prices(&self, class: CostOp, degree: u32) -> ByLevel {
        let all = || match class {
            CostOp::Bootstrap => ByLevel(Rc::new([self.bootstrap_ms()])),
            _ => {
                // One limb more than levels.
                let limbs = u32::try_from(self.params.log_q.len()).unwrap_or(u32::MAX);
                let all = self.profile.latencies_of_degree(class, &self.params.shape(), limbs, degree);
                ByLevel(all.into_iter().map(|estimate| estimate.ms).collect())
            }
        };
        self.known.borrow_mut().entry((class, degree)).or_insert_with(all).clone()
    }

    /// The latency in milliseconds of a bootstrap; infinite where the profile has none.
    pub fn bootstrap_ms(&self) -> f64 {
        let limbs = u32::try_from(self.params.log_q.len()).unwrap_or(u32::MAX);
        let estimate = self.profile.bootstrap_latency(&self.params.shape(), limbs, self.params.slots);
        estimate.map_or(f64::INFINITY, |estimate| estimate.ms)
    }
}

/// How often the entry function has each op, for programs without levels. Plaintext ops are left out.
pub fn op_counts(ir: &Ir) -> Result<BTreeMap<String, u64>, Diagnostic> {
    let function = func::entry(ir)?;
    let mut counts = BTreeMap::new();
    for op in ir.body(function).map_or_else(Vec::new, |block| ir.block_ops(block)) {
        if !ir.is_plain(op) && !ir.has_trait(op, he_core::ir::Traits::TERMINATOR) {
            *counts.entry(ir.name_str(op).to_owned()).or_default() += 1;
        }
    }
    Ok(counts)
}

/// Refuses a program that lacks levels, and says where and what to do.
pub fn check_levels(ir: &Ir) -> Result<(), Diagnostic> {
    let Some(missing) = missing_levels(ir).filter(|missing| *missing > 0) else { return Ok(()) };
    let function = func::entry(ir)?;
    let ops = ir.body(function).map_or_else(Vec::new, |block| ir.block_ops(block));
    let level = |op: &OpId| ir.results(*op).filter_map(|value| CtType::of(ir, ir.ty(value))?.level).min();
    let lowest = ops.into_iter().filter_map(|op| Some((level(&op)?, op))).min_by_key(|(level, _)| *level);
    let plural = if missing == 1 { "level" } else { "levels" };
    let (name, position) = match lowest {
        Some((_, op)) => (ir.name_str(op).to_owned(), ir.position(op)),
        None => ("the module".to_owned(), ir.position(ir.top())),
    };
    Err(Diagnostic::error(format!("{missing} {plural} missing at '{name}'")).at(position).help(
        "add --bootstrap, give --coeff-modulus more primes, or spend fewer levels: a lower polynomial degree, \
         expand-poly{schedule=min-depth}, lazy rescaling",
    ))
}

fn parallelism(summary: &Summary) -> f64 {
    if summary.critical_weight > 0.0 { summary.weight / summary.critical_weight } else { 1.0 }
}

fn path_op(ir: &Ir, op: OpId, ms: f64) -> PathOp {
    let loc = ir.position(op).map_or_else(|| "unknown".to_owned(), |position| position.to_string());
    PathOp { op: ir.name_str(op).to_owned(), loc, ms }
}

/// The class, the level and the repetitions of an op.
type Clause = (CostOp, Option<i64>, u64);

/// The name of an op, the number of its operands, and the types of operands and results.
type ClauseKey = (OpName, usize, SmallVec<[Type; 4]>);

/// Prices ops with a profile.
struct Model<'a> {
    registry: &'a Registry,
    ir: &'a Ir,
    profile: &'a Profile,
    params: &'a Params,
    expansions: Expansions,
    seen: Seen,
    /// Clauses of ops whose cost follows from their types, by what it follows from.
    clauses: RefCell<FxHashMap<ClauseKey, Option<Clause>>>,
}

/// What a model has met besides what a summary adds up.
#[derive(Default)]
struct Seen {
    extrapolated_ms: f64,
    steps: BTreeSet<i64>,
    relinearizes: bool,
    conjugates: bool,
    /// Limbs at which keys are switched.
    switched_limbs: BTreeSet<u64>,
}

impl<'a> Model<'a> {
    fn new(registry: &'a Registry, ir: &'a Ir, profile: &'a Profile, params: &'a Params) -> Self {
        let (expansions, seen) = (Expansions::default(), Seen::default());
        Model { registry, ir, profile, params, expansions, seen, clauses: RefCell::default() }
    }

    /// The class, the level and the repetitions of an op by its definition; `None` for one without encrypted work.
    fn clause(&self, op: OpId) -> Result<Option<Clause>, Diagnostic> {
        let ir = self.ir;
        let types = ir.operands(op).chain(ir.results(op)).map(|value| ir.ty(value)).collect();
        let key = (ir.name(op), ir.operand_count(op), types);
        if let Some(known) = self.clauses.borrow().get(&key) {
            return Ok(*known);
        }
        let clause = self.own_clause(op)?;
        if self.registry.op_def(key.0).is_none_or(|def| self.registry.cost_is_by_types(def)) {
            self.clauses.borrow_mut().insert(key, clause);
        }
        Ok(clause)
    }

    /// [`Model::clause`], worked out.
    fn own_clause(&self, op: OpId) -> Result<Option<Clause>, Diagnostic> {
        let error = |text: String| {
            Diagnostic::error(format!("'{}' op: {text}", self.ir.name_str(op))).at(self.ir.position(op))
        };
        let def = self.registry.op_def(self.ir.name(op));
        let Some((def, cost)) = def.and_then(|def| Some((def, def.cost.as_ref()?))) else {
            let works = self.ir.results(op).any(|value| CtType::of(self.ir, self.ir.ty(value)).is_some());
            let text = "it yields a ciphertext, but nothing says what it costs".to_owned();
            let help = "add a kernel or a cost clause to its definition, such as: cost add(lhs.level)";
            return if works { Err(error(text).help(help)) } else { Ok(None) };
        };
        let class = CostOp::from_name(&cost.class).ok_or_else(|| {
            let names: Vec<_> = CostOp::ALL.iter().map(|op| op.name()).collect();
            let text = format!("its cost class '{}' is not one of {}", cost.class, names.join(", "));
            error(text)
        })?;
        let slots = self.registry.op_slots(self.ir, op, def).unwrap_or_default();
        let eval = |expr| self.registry.with_env(self.ir, &slots, |env| env.eval(expr));
        let mut level = None;
        if let Some(expr) = &cost.level {
            level = as_int(&eval(expr).map_err(|why| error(format!("cannot evaluate its cost: {why}")))?);
        }
        let mut times = 1;
        if let Some(expr) = &cost.times {
            let value = eval(expr).map_err(|why| error(format!("cannot evaluate its cost: {why}")))?;
            times = as_int(&value).and_then(|times| u64::try_from(times).ok()).unwrap_or(0);
        }
        Ok(Some((class, level, times)))
    }

    /// The cost of the ops that an op without a cost clause stands for, if its kernel says so.
    fn by_kernel(&mut self, op: OpId) -> Result<Option<OpCost>, Diagnostic> {
        let (registry, ir) = (self.registry, self.ir);
        let def = registry.op_def(ir.name(op)).filter(|def| def.cost.is_none() && def.kernel.is_some());
        if def.is_none() || ir.is_plain(op) {
            return Ok(None);
        }
        let Some(expansion) = self.expansions.get(registry, ir, op)? else { return Ok(None) };
        let mut inner = Model::new(registry, &expansion.ir, self.profile, self.params);
        inner.seen = std::mem::take(&mut self.seen);
        let summary = summarize(&expansion.ir, expansion.ir.top(), &mut inner);
        self.seen = std::mem::take(&mut inner.seen);
        let Summary { counts, weights, depth, marked_depth, .. } = summary?;
        let weight = |class: &str| weights.get(class).copied().unwrap_or_default();
        let work = counts.into_iter().map(|(class, count)| Work { weight: weight(&class), class, count });
        Ok(Some(OpCost { work: work.collect(), depth, marked_depth }))
    }

    /// What an op of that class takes at that level.
    fn latency(&self, op: OpId, class: CostOp, level: Option<i64>) -> Result<Estimate, Diagnostic> {
        let (params, profile, shape) = (self.params, self.profile, self.params.shape());
        if class == CostOp::Bootstrap {
            let limbs = u32::try_from(params.log_q.len()).unwrap_or(u32::MAX);
            return profile.bootstrap_latency(&shape, limbs, params.slots).ok_or_else(|| {
                let text = format!("'{}' op: the profile '{}' has no bootstrap", self.ir.name_str(op), profile.name());
                Diagnostic::error(text)
                    .at(self.ir.position(op))
                    .help("give more primes (--coeff-modulus) and compile without bootstrap, or use --profile=openfhe")
            });
        }
        let limbs = params.limbs_at(level.unwrap_or(params.max_level()));
        let limbs = u32::try_from(limbs).unwrap_or(u32::MAX);
        Ok(profile.latency_of_degree(class, &shape, limbs, self.degree(op)))
    }

    /// The largest degree of an operand.
    fn degree(&self, op: OpId) -> u32 {
        let degrees = self.ir.operands(op).filter_map(|value| CtType::of(self.ir, self.ir.ty(value)));
        degrees.map(|ty| u32::try_from(ty.degree).unwrap_or(1)).max().unwrap_or(1)
    }

    fn note_keys(&mut self, op: OpId, class: CostOp, level: Option<i64>) {
        if class.uses_a_key() {
            self.seen.switched_limbs.insert(self.params.limbs_at(level.unwrap_or(self.params.max_level())));
        }
        match class {
            CostOp::Rotate | CostOp::RotateHoisted | CostOp::RotateExt => {
                let by = self.ir.attr_named(op, "by").and_then(|attr| self.ir.ctx.as_i64(attr));
                self.seen.steps.extend(by);
            }
            CostOp::Relinearize => self.seen.relinearizes = true,
            CostOp::Conjugate => self.seen.conjugates = true,
            _ => {}
        }
    }
}

/// An integer; of a list (a variadic's field) its first.
fn as_int(value: &Val) -> Option<i64> {
    match value {
        Val::Int(value) => Some(*value),
        Val::List(items) => as_int(items.first()?),
        _ => None,
    }
}

impl CostModel for Model<'_> {
    fn cost(&mut self, op: OpId) -> Result<OpCost, Diagnostic> {
        if let Some(cost) = self.by_kernel(op)? {
            return Ok(cost);
        }
        let Some((class, level, count)) = self.clause(op)?.filter(|(class, ..)| !CLIENT.contains(class))
        else {
            return Ok(OpCost::default());
        };
        self.note_keys(op, class, level);
        let estimate = self.latency(op, class, level)?;
        let weight = estimate.ms * count as f64;
        if estimate.extrapolated {
            self.seen.extrapolated_ms += weight;
        }
        let class = match class {
            CostOp::RotateHoisted => CostOp::Rotate.name(),
            CostOp::AddScalar => CostOp::AddPlain.name(),
            class => class.name(),
        };
        Ok(OpCost::of_class(class, count, weight, PRODUCTS.contains(&class)))
    }

    fn bytes(&mut self, value: ValueId) -> u64 {
        let (ir, params) = (self.ir, self.params);
        let top = params.max_level();
        if let Some(ct) = CtType::of(ir, ir.ty(value)) {
            return params.ciphertext_bytes(ct.level.unwrap_or(top), ct.degree.max(1) as u64);
        }
        if let Some(pt) = PtType::of(ir, ir.ty(value)) {
            return params.plaintext_bytes(pt.level.unwrap_or(top));
        }
        match ir.ctx.type_kind(ir.ty(value)) {
            TypeKind::Declared { name, params: fields } => {
                let level = fields.first().and_then(|level| ir.ctx.as_i64(level.some()?)).unwrap_or(top);
                match ir.ctx.str(*name) {
                    "ckks.ext" => params.extended_bytes(level),
                    "ckks.digits" => params.digits_bytes(level),
                    _ => 0,
                }
            }
            _ => 0,
        }
    }
}

/// Facts about levels.
struct Levels {
    initial: i64,
    last: i64,
    used: i64,
    avoidable: u64,
}

impl Levels {
    fn of(registry: &Registry, ir: &Ir, function: OpId, params: &Params) -> Result<Levels, Diagnostic> {
        let level = |value: ValueId| CtType::of(ir, ir.ty(value)).and_then(|ty| ty.level);
        let block = ir.body(function);
        let args = block.map_or(&[][..], |block| ir.args(block));
        let ops = block.map_or_else(Vec::new, |block| ir.block_ops(block));
        let initial = args.iter().filter_map(|arg| level(*arg)).max().unwrap_or(params.max_level());
        let outputs: Vec<_> = ops.last().map_or_else(Vec::new, |last| ir.operands(*last).collect());
        let last = outputs.iter().filter_map(|value| level(*value)).min().unwrap_or(initial);
        let used = rescales_before(ir, &ops);
        let used = outputs.iter().map(|value| used.get(value).copied().unwrap_or(0)).max().unwrap_or(0);
        Ok(Levels { initial, last, used, avoidable: avoidable_bootstraps(registry, ir, &ops)? })
    }
}

fn is_bootstrap(ir: &Ir, op: OpId) -> bool {
    ir.name_str(op) == "ckks.bootstrap"
}

/// For each value, the most rescales on a path to it.
fn rescales_before(ir: &Ir, ops: &[OpId]) -> BTreeMap<ValueId, i64> {
    let mut rescales: BTreeMap<ValueId, i64> = BTreeMap::new();
    for op in ops {
        let own = i64::from(ir.name_str(*op) == super::views::Rescale::NAME);
        let before = ir.operands(*op).filter_map(|operand| rescales.get(&operand).copied()).max();
        let most = before.unwrap_or(0) + own;
        ir.results(*op).for_each(|result| {
            rescales.insert(result, most);
        });
    }
    rescales
}

/// Bootstraps beyond the fewest with which the program could run.
fn avoidable_bootstraps(registry: &Registry, ir: &Ir, ops: &[OpId]) -> Result<u64, Diagnostic> {
    let placed = ops.iter().filter(|op| is_bootstrap(ir, **op)).count();
    if placed == 0 {
        return Ok(0);
    }
    let fewest = super::passes::bootstrap::fewest(registry, ir)?.unwrap_or(placed);
    Ok(placed.saturating_sub(fewest) as u64)
}

#[cfg(test)]
#[path = "cost_tests.rs"]
mod tests;
