//! Cost profiles of backends: latency by operation, ring degree and limbs.
//!
//! A profile is data: measured points, and nothing else. Between measured limbs the latency is interpolated; outside
//! of what was measured it is extrapolated from the nearest measured point by [`model`], and the estimate says so.

mod model;

use model::Context;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::LazyLock;

/// Declares the operations that have a cost, with the names of the cost report.
macro_rules! cost_ops {
    ($($(#[$doc:meta])* $op:ident = $name:literal),* $(,)?) => {
        /// An operation that a profile prices.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum CostOp { $($(#[$doc])* $op),* }

        impl CostOp {
            /// Every operation.
            pub const ALL: &[CostOp] = &[$(CostOp::$op),*];

            /// The name in the cost report and in profiles.
            pub fn name(self) -> &'static str {
                match self { $(CostOp::$op => $name),* }
            }
        }
    };
}

cost_ops! {
    /// Sum of two ciphertexts.
    Add = "add",
    /// Sum of a ciphertext and an encoded plaintext.
    AddPlain = "add_plain",
    /// Sum of a ciphertext and one number.
    AddScalar = "add_scalar",
    /// Difference of two ciphertexts.
    Sub = "sub",
    /// Difference of a ciphertext and an encoded plaintext.
    SubPlain = "sub_plain",
    /// Product of two ciphertexts, not relinearized.
    Mul = "mul",
    /// Product of a ciphertext and an encoded plaintext.
    MulPlain = "mul_plain",
    /// Product of a ciphertext and one number.
    MulScalar = "mul_scalar",
    /// Negation.
    Neg = "neg",
    /// A whole rotation.
    Rotate = "rotate",
    /// A rotation whose decomposition is at hand.
    RotateHoisted = "rotate_hoisted",
    /// Complex conjugation.
    Conjugate = "conjugate",
    /// Degree 2 back to degree 1.
    Relinearize = "relinearize",
    /// Division by the last prime.
    Rescale = "rescale",
    /// Dropping the last prime.
    LevelDrop = "level_drop",
    /// A refresh of the levels.
    Bootstrap = "bootstrap",
    /// Decomposition of a ciphertext and its extension to Q·P.
    ModUp = "mod_up",
    /// The inner product of a decomposition with one rotation's key.
    RotateExt = "rotate_ext",
    /// Back from Q·P to Q.
    ModDown = "mod_down",
    /// Encoding of a vector.
    Encode = "encode",
    /// Encryption under the public key.
    Encrypt = "encrypt",
    /// Decryption and decoding.
    Decrypt = "decrypt",
}

impl CostOp {
    /// The operation of that name.
    pub fn from_name(name: &str) -> Option<CostOp> {
        CostOp::ALL.iter().copied().find(|op| op.name() == name)
    }

    /// Factor on the latency when an operand of `degree` is not of degree 1: the work of operations that treat each
    /// polynomial of a ciphertext alike is that of `degree + 1` polynomials instead of two.
    fn degree_factor(self, degree: u32) -> f64 {
        match self {
            CostOp::Add
            | CostOp::Sub
            | CostOp::Neg
            | CostOp::MulPlain
            | CostOp::MulScalar
            | CostOp::Rescale
            | CostOp::LevelDrop
            | CostOp::Decrypt => f64::from(degree + 1) / 2.0,
            _ => 1.0,
        }
    }
}

/// What an operation is expected to take.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// Milliseconds on one thread.
    pub ms: f64,
    /// Whether any of it lies outside of what was measured.
    pub extrapolated: bool,
}

/// A latency curve: (limbs, ms), both increasing.
type Curve = Vec<(u32, f64)>;

/// The latencies of one operation by log2 N.
type Table = BTreeMap<u32, Curve>;

/// What a bootstrap of the backend consumes and needs.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct BootstrapFacts {
    /// Levels that the bootstrap itself uses: it returns at `max_level - levels`.
    pub levels: u32,
    /// The lowest level that it accepts.
    pub min_level: u32,
}

/// The cost profile of a backend.
#[derive(Clone, Debug)]
pub struct Profile {
    name: String,
    library: String,
    machine: String,
    note: String,
    contexts: BTreeMap<u32, Context>,
    tables: BTreeMap<CostOp, Table>,
    bootstrap: BootstrapFacts,
    bootstrap_contexts: BTreeMap<u32, Context>,
}

/// A profile file as it is written.
#[derive(Deserialize)]
struct File {
    name: String,
    #[serde(default)]
    library: String,
    #[serde(default)]
    machine: String,
    #[serde(default)]
    note: String,
    contexts: BTreeMap<u32, Context>,
    latency_ms: BTreeMap<String, Table>,
    #[serde(default)]
    same_as: BTreeMap<String, String>,
    bootstrap: FileBootstrap,
}

/// The bootstrap part of a profile file.
#[derive(Deserialize)]
struct FileBootstrap {
    #[serde(flatten)]
    facts: BootstrapFacts,
    contexts: BTreeMap<u32, Context>,
    latency_ms: Table,
}

/// Why a profile is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProfileError {
    /// The text is not JSON of the form of a profile.
    Malformed {
        /// 1-based line.
        line: usize,
        /// 1-based column.
        column: usize,
        /// The reader's message.
        message: String,
    },
    /// An operation that does not exist.
    UnknownOp {
        /// Its name.
        op: String,
    },
    /// An operation without a latency, neither its own nor by `same_as`.
    MissingOp {
        /// Its name.
        op: &'static str,
    },
    /// A curve that is empty, whose limbs do not increase from 1 up, or with a latency that is not positive.
    BadCurve {
        /// The operation.
        op: &'static str,
        /// log2 of the ring degree.
        log_n: u32,
    },
    /// A ring degree outside 2^1..2^30, or a context without limbs or digits.
    BadContext {
        /// log2 of the ring degree.
        log_n: u32,
    },
    /// No context at all.
    NoContext,
}

impl fmt::Display for ProfileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ProfileError::Malformed { line, column, message } => write!(f, "{line}:{column}: {message}"),
            ProfileError::UnknownOp { op } => write!(f, "the profile prices '{op}', which is no operation"),
            ProfileError::MissingOp { op } => {
                write!(f, "the profile has no latency for '{op}': add it to latency_ms or to same_as")
            }
            ProfileError::BadCurve { op, log_n } => write!(
                f,
                "the curve of '{op}' at log_n {log_n} must be a list of [limbs, ms] with increasing limbs from 1 up \
                 and positive latencies"
            ),
            ProfileError::BadContext { log_n } => {
                write!(
                    f,
                    "the context of log_n {log_n} needs a log_n from 1 to 30 and positive limbs, dnum, prime_bits"
                )
            }
            ProfileError::NoContext => {
                write!(f, "the profile describes no context: add one to contexts for each log_n")
            }
        }
    }
}

impl std::error::Error for ProfileError {}

impl Profile {
    /// The profile measured with OpenFHE.
    pub fn openfhe() -> &'static Profile {
        static OPENFHE: LazyLock<Profile> = LazyLock::new(|| {
            // The embedded file is valid: a test reads it.
            Profile::from_json(include_str!("openfhe.json")).expect("openfhe.json is a valid profile")
        });
        &OPENFHE
    }

    /// Reads a profile; the format is that of `openfhe.json`.
    pub fn from_json(text: &str) -> Result<Profile, ProfileError> {
        let file: File = serde_json::from_str(text).map_err(|error| ProfileError::Malformed {
            line: error.line(),
            column: error.column(),
            message: error.to_string(),
        })?;
        check_contexts(&file.contexts)?;
        check_contexts(&file.bootstrap.contexts)?;
        let mut tables = BTreeMap::new();
        for (name, table) in file.latency_ms {
            let op = CostOp::from_name(&name).ok_or(ProfileError::UnknownOp { op: name })?;
            tables.insert(op, checked_table(op, table)?);
        }
        tables.insert(CostOp::Bootstrap, checked_table(CostOp::Bootstrap, file.bootstrap.latency_ms)?);
        for (name, like) in file.same_as {
            let op = CostOp::from_name(&name).ok_or(ProfileError::UnknownOp { op: name })?;
            let source = CostOp::from_name(&like).and_then(|like| tables.get(&like).cloned());
            tables.insert(op, source.ok_or(ProfileError::UnknownOp { op: like })?);
        }
        match CostOp::ALL.iter().find(|op| !tables.contains_key(op)) {
            Some(op) => Err(ProfileError::MissingOp { op: op.name() }),
            None => Ok(Profile {
                name: file.name,
                library: file.library,
                machine: file.machine,
                note: file.note,
                contexts: file.contexts,
                tables,
                bootstrap: file.bootstrap.facts,
                bootstrap_contexts: file.bootstrap.contexts,
            }),
        }
    }

    /// The name of the profile.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The library and version that was measured.
    pub fn library(&self) -> &str {
        &self.library
    }

    /// The machine that it was measured on.
    pub fn machine(&self) -> &str {
        &self.machine
    }

    /// How the figures came about.
    pub fn note(&self) -> &str {
        &self.note
    }

    /// Levels that a bootstrap uses itself.
    pub fn bootstrap_levels(&self) -> u32 {
        self.bootstrap.levels
    }

    /// The lowest level that a bootstrap accepts.
    pub fn bootstrap_min_level(&self) -> u32 {
        self.bootstrap.min_level
    }

    /// Latency of `op` on ciphertexts of degree 1 with `limbs` limbs at ring degree 2^`log_n`.
    ///
    /// For a bootstrap, `limbs` are those of a fresh ciphertext: it works at the top of the chain. 0 limbs (a virtual
    /// level) are priced as 1. The result increases with `limbs`.
    pub fn latency(&self, op: CostOp, log_n: u32, limbs: u32) -> Estimate {
        self.latency_of_degree(op, log_n, limbs, 1)
    }

    /// As [`Profile::latency`], for operands whose largest degree is `degree`: a sum of ciphertexts of degree 2 costs
    /// 3/2 of one of degree 1.
    pub fn latency_of_degree(&self, op: CostOp, log_n: u32, limbs: u32, degree: u32) -> Estimate {
        let limbs = limbs.max(1);
        let contexts = if op == CostOp::Bootstrap { &self.bootstrap_contexts } else { &self.contexts };
        let nearest = self.tables.get(&op).and_then(|table| nearest(table, log_n));
        let context = nearest.and_then(|(near, _)| nearest_value(contexts, near));
        let (Some((near, curve)), Some(context)) = (nearest, context) else {
            // `from_json` refuses a profile without a curve or a context.
            return Estimate { ms: 0.0, extrapolated: true };
        };
        let (at_near, inside) = at_limbs(op, context, curve, limbs);
        let ms = at_near * model::degree_ratio(op, near, log_n) * op.degree_factor(degree);
        Estimate { ms, extrapolated: !inside || near != log_n }
    }
}

/// The entry whose log2 N is nearest to `log_n`, the larger one of two.
fn nearest<T>(entries: &BTreeMap<u32, T>, log_n: u32) -> Option<(u32, &T)> {
    let (key, value) = entries.iter().rev().min_by_key(|(key, _)| key.abs_diff(log_n))?;
    Some((*key, value))
}

/// The value of the entry nearest to `log_n`.
fn nearest_value<T>(entries: &BTreeMap<u32, T>, log_n: u32) -> Option<&T> {
    nearest(entries, log_n).map(|(_, value)| value)
}

/// Reads `curve` at `limbs`: interpolated inside of the measured limbs, by the model from the nearest end outside.
fn at_limbs(op: CostOp, context: &Context, curve: &Curve, limbs: u32) -> (f64, bool) {
    let after = curve.partition_point(|&(measured, _)| measured < limbs);
    let scaled = |(end, ms): (u32, f64)| ms * model::work(op, context, limbs) / model::work(op, context, end);
    match (after.checked_sub(1).and_then(|before| curve.get(before)), curve.get(after)) {
        (_, Some(&(measured, ms))) if measured == limbs => (ms, true),
        (Some(&(low, low_ms)), Some(&(high, high_ms))) => {
            let share = f64::from(limbs - low) / f64::from(high - low);
            (low_ms + share * (high_ms - low_ms), true)
        }
        (None, Some(&first)) => (scaled(first), false),
        (Some(&last), None) => (scaled(last), false),
        (None, None) => (0.0, false),
    }
}

/// Refuses contexts that the model cannot count with.
fn check_contexts(contexts: &BTreeMap<u32, Context>) -> Result<(), ProfileError> {
    if contexts.is_empty() {
        return Err(ProfileError::NoContext);
    }
    let bad = |log_n: u32, context: &Context| !(1..=30).contains(&log_n) || !context.is_sound();
    match contexts.iter().find(|&(&log_n, context)| bad(log_n, context)) {
        Some((&log_n, _)) => Err(ProfileError::BadContext { log_n }),
        None => Ok(()),
    }
}

/// Checks the curves of `op` and takes the noise of the measurements out of their order.
fn checked_table(op: CostOp, table: Table) -> Result<Table, ProfileError> {
    let bad_curve = |log_n| ProfileError::BadCurve { op: op.name(), log_n };
    if table.is_empty() {
        return Err(ProfileError::MissingOp { op: op.name() });
    }
    let mut checked = Table::new();
    for (log_n, curve) in table {
        if !(1..=30).contains(&log_n) {
            return Err(ProfileError::BadContext { log_n });
        }
        let limbs_increase = curve.windows(2).all(|pair| pair[0].0 < pair[1].0);
        let positive = curve.iter().all(|&(limbs, ms)| limbs >= 1 && ms > 0.0 && ms.is_finite());
        if curve.is_empty() || !limbs_increase || !positive {
            return Err(bad_curve(log_n));
        }
        checked.insert(log_n, isotonic(&curve));
    }
    Ok(checked)
}

/// The nearest curve that does not fall: isotonic regression by pooling adjacent violators. More limbs never cost less
/// in truth, while two measurements of a shared machine can say so.
fn isotonic(curve: &Curve) -> Curve {
    let mut pools: Vec<(f64, usize)> = Vec::new();
    for &(_, ms) in curve {
        let (mut total, mut count) = (ms, 1);
        while let Some(&(pool_total, pool_count)) = pools.last() {
            if pool_total / pool_count as f64 <= total / count as f64 {
                break;
            }
            pools.pop();
            total += pool_total;
            count += pool_count;
        }
        pools.push((total, count));
    }
    let means = pools.iter().flat_map(|&(total, count)| std::iter::repeat_n(total / count as f64, count));
    curve.iter().map(|&(limbs, _)| limbs).zip(means).collect()
}

#[cfg(test)]
mod tests;
