//! Reading profiles.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;

use super::{Bootstrap, CostOp, Curve, Instance, InstanceMemory, KeySwitching, Profile, Shape, isotonic};

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
    #[serde(default)]
    key_switching: KeySwitching,
    #[serde(default)]
    pools_memory: bool,
    #[serde(default)]
    fills_slots: bool,
    instances: Vec<FileInstance>,
    /// Operations that were not measured by themselves -> the one that does the same work.
    #[serde(default)]
    same_as: BTreeMap<String, String>,
    bootstrap: Option<Bootstrap>,
}

/// An instance as it is written.
#[derive(Deserialize)]
struct FileInstance {
    log_n: u32,
    limbs: u32,
    dnum: u32,
    special_limbs: u32,
    latency_ms: BTreeMap<String, Curve>,
    memory: Option<InstanceMemory>,
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
        /// log2 of the ring degree of the instance.
        log_n: u32,
    },
    /// A curve that is empty, whose limbs do not increase from 1 up, or with a latency that is not positive.
    BadCurve {
        /// The operation.
        op: &'static str,
        /// log2 of the ring degree.
        log_n: u32,
    },
    /// A ring degree outside 2^1..2^30, or limbs, digits, slots or latencies that nothing can be counted with.
    BadInstance {
        /// log2 of the ring degree.
        log_n: u32,
    },
    /// No instance at all.
    NoInstance,
}

impl fmt::Display for ProfileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ProfileError::Malformed { line, column, message } => write!(f, "{line}:{column}: {message}"),
            ProfileError::UnknownOp { op } => write!(f, "the profile prices '{op}', which is no operation"),
            ProfileError::MissingOp { op, log_n } => write!(
                f,
                "the profile has no latency for '{op}' at log_n {log_n}: add it to latency_ms or to same_as"
            ),
            ProfileError::BadCurve { op, log_n } => write!(
                f,
                "the curve of '{op}' at log_n {log_n} must be a list of [limbs, ms] with increasing limbs from 1 up \
                 and positive latencies"
            ),
            ProfileError::BadInstance { log_n } => write!(
                f,
                "the instance of log_n {log_n} needs a log_n from 1 to 30 and positive limbs, dnum (at most limbs) and \
                 special_limbs; a bootstrap's point needs positive slots and ms"
            ),
            ProfileError::NoInstance => {
                write!(f, "the profile has no instance: he-cost calibrate measures some")
            }
        }
    }
}

impl std::error::Error for ProfileError {}

impl Profile {
    /// Reads a profile; the format is that of `openfhe.json`.
    pub fn from_json(text: &str) -> Result<Profile, ProfileError> {
        let file: File = serde_json::from_str(text).map_err(|error| ProfileError::Malformed {
            line: error.line(),
            column: error.column(),
            message: error.to_string(),
        })?;
        let same_as = file.same_as.iter().map(|(name, like)| Ok((known(name)?, known(like)?)));
        let same_as = same_as.collect::<Result<Vec<_>, ProfileError>>()?;
        let instances = file.instances.into_iter().map(|instance| checked_instance(instance, &same_as));
        let instances = instances.collect::<Result<Vec<_>, _>>()?;
        if instances.is_empty() {
            return Err(ProfileError::NoInstance);
        }
        if let Some(bootstrap) = &file.bootstrap {
            check_bootstrap(bootstrap)?;
        }
        Ok(Profile {
            name: file.name,
            library: file.library,
            machine: file.machine,
            note: file.note,
            key_switching: file.key_switching,
            pools_memory: file.pools_memory,
            fills_slots: file.fills_slots,
            instances,
            bootstrap: file.bootstrap,
        })
    }
}

fn known(name: &str) -> Result<CostOp, ProfileError> {
    CostOp::from_name(name).ok_or_else(|| ProfileError::UnknownOp { op: name.to_owned() })
}

/// Whether the model can count with it.
fn is_small(value: u32) -> bool {
    (1..=1000).contains(&value)
}

fn is_ring(log_n: u32) -> bool {
    (1..=30).contains(&log_n)
}

fn checked_instance(file: FileInstance, same_as: &[(CostOp, CostOp)]) -> Result<Instance, ProfileError> {
    let FileInstance { log_n, limbs, dnum, special_limbs, latency_ms, memory } = file;
    if !is_ring(log_n) || ![limbs, dnum, special_limbs].into_iter().all(is_small) || dnum > limbs {
        return Err(ProfileError::BadInstance { log_n });
    }
    let mut curves = BTreeMap::new();
    for (name, curve) in latency_ms {
        let op = known(&name)?;
        curves.insert(op, checked_curve(op, log_n, &curve)?);
    }
    for (op, like) in same_as {
        if let Some(curve) = curves.get(like).cloned() {
            curves.entry(*op).or_insert(curve);
        }
    }
    let priced = |op: &&CostOp| **op == CostOp::Bootstrap || curves.contains_key(*op);
    if let Some(op) = CostOp::ALL.iter().find(|op| !priced(op)) {
        return Err(ProfileError::MissingOp { op: op.name(), log_n });
    }
    let shape = Shape { log_n, digit_limbs: limbs.div_ceil(dnum), special_limbs };
    Ok(Instance { shape, limbs, curves, memory })
}

/// Checks a curve and takes the noise of the measurements out of its order.
fn checked_curve(op: CostOp, log_n: u32, curve: &Curve) -> Result<Curve, ProfileError> {
    let limbs_increase = curve.windows(2).all(|pair| pair[0].0 < pair[1].0);
    let positive = curve.iter().all(|&(limbs, ms)| is_small(limbs) && ms > 0.0 && ms.is_finite());
    if curve.is_empty() || !limbs_increase || !positive {
        return Err(ProfileError::BadCurve { op: op.name(), log_n });
    }
    Ok(isotonic(curve))
}

fn check_bootstrap(bootstrap: &Bootstrap) -> Result<(), ProfileError> {
    for point in &bootstrap.points {
        let counts =
            is_small(point.limbs) && is_small(point.dnum) && point.dnum <= point.limbs && point.slots > 0;
        let takes_time = point.ms > 0.0 && point.ms.is_finite();
        if !(is_ring(point.log_n) && counts && takes_time) {
            return Err(ProfileError::BadInstance { log_n: point.log_n });
        }
    }
    Ok(())
}
