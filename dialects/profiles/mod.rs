//! Cost profiles of backends: latency by operation, ring degree, digits of key switching and limbs.
//!
//! A profile is data: measured points, and nothing else. Between measured limbs and between measured widths of digits
//! the latency is interpolated; outside of what was measured it is extrapolated from the nearest measured point by
//! [`model`], and the estimate says so. `he-cost calibrate` measures a machine and writes a profile.

mod file;
mod model;

pub use file::ProfileError;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
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

    /// Whether it multiplies with a switching key.
    pub fn uses_a_key(self) -> bool {
        matches!(
            self,
            CostOp::Rotate
                | CostOp::RotateHoisted
                | CostOp::RotateExt
                | CostOp::Conjugate
                | CostOp::Relinearize
        )
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

/// Limbs beyond which latencies are not told apart.
const MOST_LIMBS: u32 = 1000;

/// What an operation is expected to take.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// Milliseconds on one thread.
    pub ms: f64,
    /// Whether any of it lies outside of what was measured.
    pub extrapolated: bool,
}

/// What a latency depends on besides limbs: the ring, and how keys are switched in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// log2 of the ring degree.
    pub log_n: u32,
    /// Limbs of a key switching digit.
    pub digit_limbs: u32,
    /// Primes of P.
    pub special_limbs: u32,
}

/// How a library switches keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeySwitching {
    /// By `dnum` digits, with the special primes that cover one.
    #[default]
    Hybrid,
    /// A digit for each prime, and one special prime.
    OneSpecialPrime,
}

/// A latency curve: (limbs, ms), both increasing.
type Curve = Vec<(u32, f64)>;

/// A set of parameters that was measured.
#[derive(Clone, Debug, PartialEq)]
struct Instance {
    shape: Shape,
    /// Limbs of a fresh ciphertext.
    limbs: u32,
    curves: BTreeMap<CostOp, Curve>,
    memory: Option<InstanceMemory>,
}

/// The memory of a process at an instance, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct InstanceMemory {
    /// The interpreter with its libraries.
    pub libraries_bytes: u64,
    /// The same with the library's context, before there are keys.
    pub base_bytes: u64,
    /// What a key switch at the top of the chain takes while it runs.
    pub working_bytes: u64,
    /// A switching key.
    pub key_bytes: u64,
}

/// What a bootstrap of the backend consumes and needs, and measured ones.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bootstrap {
    /// Levels that the bootstrap itself uses: it returns at `max_level - levels`.
    pub levels: u32,
    /// The lowest level that it accepts.
    pub min_level: u32,
    /// Measured bootstraps.
    pub points: Vec<BootstrapPoint>,
}

/// A measured bootstrap.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct BootstrapPoint {
    /// log2 of the ring degree.
    pub log_n: u32,
    /// Limbs of a fresh ciphertext.
    pub limbs: u32,
    /// Digits of a key switch.
    pub dnum: u32,
    /// Values in a ciphertext.
    pub slots: u64,
    /// Processor time.
    pub ms: f64,
    /// Deviation of the error of a slot from the message, for values up to 1.
    #[serde(default)]
    pub error_std: Option<f64>,
    /// The most memory of a process that does nothing else.
    #[serde(default)]
    pub peak_bytes: Option<u64>,
}

/// The cost profile of a backend.
#[derive(Clone, Debug)]
pub struct Profile {
    name: String,
    library: String,
    machine: String,
    note: String,
    key_switching: KeySwitching,
    pools_memory: bool,
    fills_slots: bool,
    instances: Vec<Instance>,
    bootstrap: Option<Bootstrap>,
}

impl Profile {
    /// The names of the shipped profiles.
    pub const SHIPPED: &[&str] = &["openfhe", "seal"];

    /// The profile measured with OpenFHE.
    pub fn openfhe() -> &'static Profile {
        static OPENFHE: LazyLock<Profile> = LazyLock::new(|| {
            // The embedded file is valid: a test reads it.
            Profile::from_json(include_str!("openfhe.json")).expect("openfhe.json is a valid profile")
        });
        &OPENFHE
    }

    /// The profile measured with SEAL.
    pub fn seal() -> &'static Profile {
        static SEAL: LazyLock<Profile> = LazyLock::new(|| {
            // The embedded file is valid: a test reads it.
            Profile::from_json(include_str!("seal.json")).expect("seal.json is a valid profile")
        });
        &SEAL
    }

    /// The profile that a pass is run for: the tool's, else OpenFHE's.
    pub fn of_target(target: &dyn std::any::Any) -> &Profile {
        target.downcast_ref().unwrap_or(Profile::openfhe())
    }

    /// The shipped profile of that name.
    pub fn shipped(name: &str) -> Option<&'static Profile> {
        match name {
            "openfhe" => Some(Profile::openfhe()),
            "seal" => Some(Profile::seal()),
            _ => None,
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

    /// How the library switches keys.
    pub fn key_switching(&self) -> KeySwitching {
        self.key_switching
    }

    /// Whether the library keeps freed memory in a pool, by the size of blocks.
    pub fn pools_memory(&self) -> bool {
        self.pools_memory
    }

    /// Whether the library fills all N/2 slots where a program has fewer; else it packs sparsely, which leaves less noise.
    pub fn fills_slots(&self) -> bool {
        self.fills_slots
    }

    /// What a bootstrap is like; `None` where the library has none, or none was measured.
    pub fn bootstrap(&self) -> Option<&Bootstrap> {
        self.bootstrap.as_ref()
    }

    /// Latency of `op` on ciphertexts of degree 1 with `limbs` limbs.
    ///
    /// 0 limbs (a virtual level) are priced as 1. The result increases with `limbs`. A bootstrap has a latency of its
    /// own: [`Profile::bootstrap_latency`].
    pub fn latency(&self, op: CostOp, shape: &Shape, limbs: u32) -> Estimate {
        self.latency_of_degree(op, shape, limbs, 1)
    }

    /// As [`Profile::latency`], for operands whose largest degree is `degree`: a sum of ciphertexts of degree 2 costs
    /// 3/2 of one of degree 1.
    pub fn latency_of_degree(&self, op: CostOp, shape: &Shape, limbs: u32, degree: u32) -> Estimate {
        let all = self.latencies_of_degree(op, shape, limbs, degree);
        all.last().copied().unwrap_or(Estimate { ms: 0.0, extrapolated: true })
    }

    /// The same for 1 to `limbs` limbs, at least one.
    pub fn latencies_of_degree(&self, op: CostOp, shape: &Shape, limbs: u32, degree: u32) -> Vec<Estimate> {
        let limbs = limbs.clamp(1, MOST_LIMBS);
        let near = self.nearest_log_n(shape.log_n);
        // The longest chain comes last: it has measured the most limbs.
        let mut instances: Vec<&Instance> =
            self.instances.iter().filter(|instance| instance.shape.log_n == near).collect();
        instances.sort_by_key(|instance| instance.limbs);
        let width = |instance: &Instance| instance.shape.digit_limbs;
        let of = |instance: &Instance| instance.latencies(op, &Shape { log_n: near, ..*shape }, limbs);
        let below = instances.iter().rev().filter(|i| width(i) <= shape.digit_limbs).max_by_key(|i| width(i));
        let above = instances.iter().rev().filter(|i| width(i) >= shape.digit_limbs).min_by_key(|i| width(i));
        let outside = |all: Vec<(f64, bool)>| all.into_iter().map(|(ms, _)| (ms, false)).collect();
        let all: Vec<(f64, bool)> = match (below, above) {
            _ if !model::switches_keys(op) => instances.last().map_or_else(Vec::new, |longest| of(longest)),
            (Some(below), Some(above)) => {
                let span = f64::from(width(above) - width(below));
                let share = if span > 0.0 { f64::from(shape.digit_limbs - width(below)) / span } else { 0.0 };
                // Narrow digits are measured in short chains: one that has as many limbs is enough.
                let between = |((low, low_inside), (high, high_inside))| {
                    (low + share * (high - low), low_inside || high_inside)
                };
                of(below).into_iter().zip(of(above)).map(between).collect()
            }
            (Some(only), None) | (None, Some(only)) => outside(of(only)),
            // `from_json` refuses a profile without instances.
            (None, None) => Vec::new(),
        };
        let ratio = model::degree_ratio(op, near, shape.log_n) * op.degree_factor(degree);
        let estimate = |(ms, inside): (f64, bool)| Estimate {
            ms: ms * ratio,
            extrapolated: !inside || near != shape.log_n,
        };
        all.into_iter().map(estimate).collect()
    }

    /// Latency of a bootstrap where fresh ciphertexts have `limbs` limbs and `slots` values: it works at the top of the
    /// chain. `None` where none was measured.
    pub fn bootstrap_latency(&self, shape: &Shape, limbs: u32, slots: u64) -> Option<Estimate> {
        let nearest = self.nearest_bootstrap(shape.log_n, slots)?;
        let points = &self.bootstrap.as_ref()?.points;
        let ring = nearest.log_n;
        let measured = nearest.shape();
        let work =
            |shape: &Shape, limbs| model::work(CostOp::Rotate, &Shape { log_n: ring, ..*shape }, limbs);
        let ratio = work(shape, limbs) / work(&measured, nearest.limbs);
        // Between two measured numbers of slots the latency is linear in their logarithm.
        let same: Vec<&BootstrapPoint> = points
            .iter()
            .filter(|p| (p.log_n, p.limbs, p.dnum) == (ring, nearest.limbs, nearest.dnum))
            .collect();
        let low = same.iter().filter(|p| p.slots <= slots).max_by_key(|p| p.slots);
        let high = same.iter().filter(|p| p.slots >= slots).min_by_key(|p| p.slots);
        let (ms, inside) = match (low, high) {
            (Some(low), Some(high)) if low.slots < high.slots => {
                let share = (log_slots(slots) - log_slots(low.slots))
                    / (log_slots(high.slots) - log_slots(low.slots));
                (low.ms + share * (high.ms - low.ms), true)
            }
            (Some(exact), Some(_)) => (exact.ms, true),
            _ => (nearest.ms, false),
        };
        let ms = ms * ratio * model::degree_ratio(CostOp::Rotate, ring, shape.log_n);
        let inside = inside && ring == shape.log_n && limbs == nearest.limbs && measured == *shape;
        Some(Estimate { ms, extrapolated: !inside })
    }

    /// Bytes that a process takes that refreshes ciphertexts of `slots` values: the interpreter, the library, the encoded
    /// diagonals of the bootstrap's linear maps, which are most of it, and its keys. From the nearest measured bootstrap,
    /// in proportion to ring and limbs; `None` where none was measured.
    pub fn bootstrap_bytes(&self, shape: &Shape, limbs: u32, slots: u64) -> Option<u64> {
        let nearest = self.nearest_bootstrap(shape.log_n, slots)?;
        let ring = libm::exp2(f64::from(shape.log_n) - f64::from(nearest.log_n));
        let ratio = ring * f64::from(limbs) / f64::from(nearest.limbs.max(1));
        Some((nearest.peak_bytes? as f64 * ratio) as u64)
    }

    /// The measured bootstrap at the nearest ring, and there with the nearest number of slots.
    fn nearest_bootstrap(&self, log_n: u32, slots: u64) -> Option<&BootstrapPoint> {
        let distance = |point: &BootstrapPoint| {
            (point.log_n.abs_diff(log_n), (log_slots(point.slots) - log_slots(slots)).abs())
        };
        self.bootstrap.as_ref()?.points.iter().min_by(|a, b| {
            let ((ring_a, slots_a), (ring_b, slots_b)) = (distance(a), distance(b));
            ring_a.cmp(&ring_b).then(slots_a.total_cmp(&slots_b))
        })
    }

    /// Bytes that a process takes besides ciphertexts, plaintexts and keys: the interpreter, the library with its
    /// context, and what a key switch needs while it runs. `None` where it was not measured.
    pub fn process_bytes(&self, shape: &Shape, limbs: u32) -> Option<u64> {
        let near = self.nearest_log_n(shape.log_n);
        let instances = self.instances.iter().filter(|instance| instance.shape.log_n == near);
        let instance = instances.min_by_key(|instance| instance.limbs.abs_diff(limbs))?;
        let memory = instance.memory?;
        let ring = libm::exp2(f64::from(shape.log_n) - f64::from(near));
        let primes = |shape: &Shape, limbs: u32| f64::from(limbs + shape.special_limbs);
        let digits = |shape: &Shape, limbs: u32| f64::from(limbs.div_ceil(shape.digit_limbs.max(1)) + 2);
        let wide = ring * primes(shape, limbs) / primes(&instance.shape, instance.limbs);
        // SEAL has tables for every level, each with the primes of that level.
        let levels = match self.key_switching {
            KeySwitching::Hybrid => 1.0,
            KeySwitching::OneSpecialPrime => wide / ring,
        };
        let context = memory.base_bytes.saturating_sub(memory.libraries_bytes) as f64 * wide * levels;
        let deep = digits(shape, limbs) / digits(&instance.shape, instance.limbs);
        Some(memory.libraries_bytes + (context + memory.working_bytes as f64 * wide * deep) as u64)
    }

    /// The measured log2 N that is nearest to `log_n`, the larger one of two.
    fn nearest_log_n(&self, log_n: u32) -> u32 {
        let measured = self.instances.iter().map(|instance| instance.shape.log_n);
        measured.min_by_key(|near| (near.abs_diff(log_n), std::cmp::Reverse(*near))).unwrap_or(log_n)
    }
}

fn log_slots(slots: u64) -> f64 {
    libm::log2(slots.max(1) as f64)
}

impl BootstrapPoint {
    /// The shape that the point was measured in.
    fn shape(&self) -> Shape {
        let digit_limbs = self.limbs.div_ceil(self.dnum.max(1));
        // Primes of Q have nearly the 60 bits of those of P.
        Shape { log_n: self.log_n, digit_limbs, special_limbs: digit_limbs + 1 }
    }
}

impl Instance {
    /// Latencies of `op` in `shape` at 1 to `limbs` limbs, read off what was measured here; whether those limbs lie inside of
    /// it.
    fn latencies(&self, op: CostOp, shape: &Shape, limbs: u32) -> Vec<(f64, bool)> {
        let none = Curve::new();
        let curve = self.curves.get(&op).unwrap_or(&none);
        let mut most = 0.0_f64;
        let at = |limbs| {
            let (per_work, inside) = per_work(curve, |limbs| model::work(op, &self.shape, limbs), limbs);
            // Where a unit of work got cheaper from one measured point to the next, more limbs must not cost less.
            most = most.max(per_work * model::work(op, shape, limbs));
            (most, inside)
        };
        (1..=limbs).map(at).collect()
    }
}

/// Reads `curve` at `limbs` as milliseconds for a unit of work: interpolated inside of the measured limbs, that of the
/// nearest end outside. Work has the steps that digits make, so that latencies have them between measured points too.
fn per_work(curve: &Curve, work: impl Fn(u32) -> f64, limbs: u32) -> (f64, bool) {
    let after = curve.partition_point(|&(measured, _)| measured < limbs);
    let unit = |(limbs, ms): (u32, f64)| ms / work(limbs);
    match (after.checked_sub(1).and_then(|before| curve.get(before)), curve.get(after)) {
        (_, Some(&point)) if point.0 == limbs => (unit(point), true),
        (Some(&low), Some(&high)) => {
            let share = f64::from(limbs - low.0) / f64::from(high.0 - low.0);
            (unit(low) + share * (unit(high) - unit(low)), true)
        }
        (None, Some(&first)) => (unit(first), false),
        (Some(&last), None) => (unit(last), false),
        (None, None) => (0.0, false),
    }
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
