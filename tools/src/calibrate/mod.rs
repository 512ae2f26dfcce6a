//! `he-cost calibrate`: measures the latencies of a library on this machine and writes a cost profile.

pub mod command;

use std::path::Path;
use std::process::Command;

use he_core::support::Diagnostic;
use he_dialects::ckks::params::{Params, default_dnum, default_log_p, dnum_splits};
use he_dialects::ckks::security::security_bits;
use he_dialects::profiles::{Bootstrap, BootstrapPoint, InstanceMemory, KeySwitching};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::export::{Target, bootstrap_calibration, calibration};
use crate::python::output_of;

/// What to measure.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The library.
    pub target: Target,
    /// Rings, as log2 N.
    pub log_n: Vec<u32>,
    /// Limbs of fresh ciphertexts; empty for the longest secure chain of each ring and half of it.
    pub limbs: Vec<u32>,
    /// Bits of a prime.
    pub prime_bits: u32,
    /// Digits of a key switch; `None` for the default of the exporter.
    pub dnum: Option<u32>,
    /// Processor time for each set of parameters, in seconds.
    pub seconds: u64,
    /// Rings of bootstraps, as log2 N.
    pub bootstrap_log_n: Vec<u32>,
    /// The name of the profile.
    pub name: String,
}

/// Bits of the first prime.
const FIRST_BITS: u32 = 60;
/// The security that decides how long a chain is, in bits.
const SECURITY: u32 = 128;
/// The shortest chain that is measured, secure or not.
const LEAST_LIMBS: u32 = 4;
/// The longest chain that is measured.
const MOST_LIMBS: u32 = 48;
/// Numbers of slots of the measured bootstraps; and full ones.
const BOOTSTRAP_SLOTS: [u64; 1] = [1 << 10];
/// Bits of the primes of the measured bootstraps.
const BOOTSTRAP_BITS: u32 = 58;
/// Levels that OpenFHE's bootstrap uses, and those that are left after it.
const BOOTSTRAP_LIMBS: usize = 16 + 6;
/// Bootstraps of which the middle one counts.
const BOOTSTRAP_REPEAT: u64 = 3;

/// What a measurement says.
#[derive(Deserialize)]
struct Measured {
    library: String,
    log_p: Vec<u32>,
    rounds: u64,
    latency_ms: Map<String, Value>,
    wall_ms: Map<String, Value>,
    #[serde(flatten)]
    memory: InstanceMemory,
}

/// What the measurement of a bootstrap says.
#[derive(Deserialize)]
struct MeasuredBootstrap {
    library: String,
    levels: u32,
    ms: f64,
    wall_ms: f64,
    error_std: f64,
    peak_bytes: u64,
}

/// Measures everything in `plan`. Yields the profile as JSON.
pub fn calibrate(plan: &Plan, python: &Path) -> Result<String, Diagnostic> {
    let mut instances = Vec::new();
    let mut library = String::new();
    let chains: Vec<Params> = plan.log_n.iter().flat_map(|log_n| plan.chains(*log_n)).collect();
    let count = chains.len();
    for (index, params) in chains.into_iter().enumerate() {
        let params = plan.target.adapted(&params);
        let (log_n, limbs) = (params.log_n, params.log_q.len() as u32);
        let title = format!("{} 2^{log_n}, {limbs} limbs ({} of {count})", plan.target.title(), index + 1);
        let points = measured_limbs(plan.target, limbs, params.digit_limbs() as u32);
        let text = calibration(plan.target, &params, &points, plan.seconds, &title);
        let measured: Measured = run(python, &text)?;
        library = measured.library;
        instances.push(json!({
            "log_n": log_n,
            "limbs": limbs,
            "dnum": params.dnum,
            "special_limbs": measured.log_p.len(),
            "prime_bits": plan.prime_bits,
            "rounds": measured.rounds,
            "memory": measured.memory,
            "latency_ms": measured.latency_ms,
            "wall_ms": measured.wall_ms,
        }));
    }
    let bootstrap = match plan.target {
        Target::OpenFhe if !plan.bootstrap_log_n.is_empty() => Some(bootstraps(plan, python, &mut library)?),
        _ => None,
    };
    let mut profile = json!({
        "name": plan.name,
        "note": "Written by he-cost calibrate. latency_ms: operation -> [limbs, processor time in ms on one thread], \
                 medians; wall_ms likewise. mod_up is the decomposition of a hoisted group, rotate_ext the inner product \
                 with a key modulo Q*P, mod_down the division by P.",
        "library": library,
        "machine": machine(),
        "key_switching": match plan.target {
            Target::OpenFhe => KeySwitching::Hybrid,
            Target::Seal => KeySwitching::OneSpecialPrime,
        },
        // SEAL's memory pool keeps what was freed.
        "pools_memory": plan.target == Target::Seal,
        // SEAL's encoder knows N/2 slots only.
        "fills_slots": plan.target == Target::Seal,
        "instances": instances,
    });
    if plan.target.keywords("conjugate").is_none() {
        profile["same_as"] = json!({"conjugate": "rotate"});
    }
    if let Some(bootstrap) = bootstrap {
        profile["bootstrap"] = bootstrap;
    }
    Ok(rendered(&profile, 0) + "\n")
}

impl Plan {
    /// The sets of parameters of a ring: for each number of limbs one.
    fn chains(&self, log_n: u32) -> Vec<Params> {
        let mut limbs = self.limbs.clone();
        if limbs.is_empty() {
            let longest = (LEAST_LIMBS..=MOST_LIMBS).rev().find(|limbs| {
                let params = self.target.adapted(&self.params(log_n, *limbs));
                security_bits(&params).bits >= SECURITY
            });
            let longest = longest.unwrap_or(LEAST_LIMBS);
            // SEAL's key switching is the same in every chain.
            if self.target == Target::OpenFhe {
                limbs.push((longest / 2).max(LEAST_LIMBS));
            }
            limbs.push(longest);
            limbs.dedup();
        }
        limbs.into_iter().map(|limbs| self.params(log_n, limbs)).collect()
    }

    fn params(&self, log_n: u32, limbs: u32) -> Params {
        let log_q: Vec<u32> =
            (0..limbs).map(|limb| if limb == 0 { FIRST_BITS } else { self.prime_bits }).collect();
        let dnum = self.dnum.filter(|dnum| dnum_splits(log_q.len(), *dnum));
        let dnum = dnum.unwrap_or(default_dnum(log_q.len()));
        let log_p = default_log_p(&log_q, dnum);
        Params { dnum, log_p, ..Params::derived(log_n, log_q, self.prime_bits) }
    }
}

/// The numbers of limbs that are measured: where a digit begins and ends, and one in each digit's middle.
fn measured_limbs(target: Target, limbs: u32, digit_limbs: u32) -> Vec<u32> {
    let mut points = vec![1, 2, limbs];
    match target {
        Target::Seal => points.extend([limbs / 4, limbs / 2, 3 * limbs / 4]),
        Target::OpenFhe => {
            points.extend((0..limbs.div_ceil(digit_limbs)).flat_map(|digit| {
                [
                    digit * digit_limbs + 1,
                    digit * digit_limbs + digit_limbs.div_ceil(2),
                    (digit + 1) * digit_limbs,
                ]
            }));
        }
    }
    points.retain(|point| (1..=limbs).contains(point));
    points.sort_unstable();
    points.dedup();
    points
}

/// Measures bootstraps: a few slots and full ones at each ring.
fn bootstraps(plan: &Plan, python: &Path, library: &mut String) -> Result<Value, Diagnostic> {
    let mut points = Vec::new();
    let mut levels = 0;
    for log_n in &plan.bootstrap_log_n {
        let full = 1u64 << (log_n - 1);
        for slots in BOOTSTRAP_SLOTS.into_iter().filter(|slots| *slots < full).chain([full]) {
            let log_q = [vec![FIRST_BITS], vec![BOOTSTRAP_BITS; BOOTSTRAP_LIMBS - 1]].concat();
            let params = Params { slots, ..Params::derived(*log_n, log_q, BOOTSTRAP_BITS) };
            let title = format!("bootstrap 2^{log_n}, {slots} slots");
            let measured: MeasuredBootstrap =
                run(python, &bootstrap_calibration(&params, BOOTSTRAP_REPEAT, &title))?;
            *library = measured.library;
            levels = levels.max(measured.levels);
            let point = BootstrapPoint {
                log_n: *log_n,
                limbs: BOOTSTRAP_LIMBS as u32,
                dnum: params.dnum,
                slots,
                ms: measured.ms,
                error_std: Some(measured.error_std),
                peak_bytes: Some(measured.peak_bytes),
            };
            let mut point = json!(point);
            point["wall_ms"] = json!(measured.wall_ms);
            points.push(point);
        }
    }
    // OpenFHE refuses a bootstrap of fewer than two limbs.
    let facts = Bootstrap { levels, min_level: 1, points: Vec::new() };
    let mut facts = json!(facts);
    facts["points"] = Value::Array(points);
    Ok(facts)
}

/// Runs a program that prints JSON.
fn run<T: for<'de> Deserialize<'de>>(python: &Path, program: &str) -> Result<T, Diagnostic> {
    let failed = |error: std::io::Error| {
        Diagnostic::error(format!(
            "the program that measures cannot be written to a temporary folder: {error}"
        ))
    };
    let folder = tempfile::tempdir().map_err(failed)?;
    let path = folder.path().join("calibrate.py");
    std::fs::write(&path, program).map_err(failed)?;
    let stdout = output_of(Command::new(python).arg(path))?;
    serde_json::from_slice(&stdout).map_err(|error| {
        Diagnostic::error(format!("the measurement printed something else than its report: {error}"))
    })
}

/// The processor, the system, and how many processors there are.
fn machine() -> String {
    let cpuinfo = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpuinfo.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':'));
    let model = model.map_or("unknown processor", |(_, name)| name.trim());
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    format!("{model}, {threads} processors, {} {}", std::env::consts::OS, std::env::consts::ARCH)
}

/// JSON with one curve a line, so that a change of one measurement is a change of one line.
fn rendered(value: &Value, depth: usize) -> String {
    let is_leaf = |value: &Value| !value.is_object() && !value.is_array();
    let pad = "  ".repeat(depth + 1);
    let (open, close, items): (_, _, Vec<String>) = match value {
        Value::Object(map) if !map.values().all(is_leaf) => {
            let item = |(key, value): (&String, &Value)| {
                format!("{pad}{}: {}", json!(key), rendered(value, depth + 1))
            };
            ("{", "}", map.iter().map(item).collect())
        }
        Value::Array(list) if list.iter().any(Value::is_object) => {
            ("[", "]", list.iter().map(|value| pad.clone() + &rendered(value, depth + 1)).collect())
        }
        flat => return flat.to_string(),
    };
    format!("{open}\n{}\n{}{close}", items.join(",\n"), "  ".repeat(depth))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(target: Target) -> Plan {
        Plan {
            target,
            log_n: vec![13, 15],
            limbs: Vec::new(),
            prime_bits: 40,
            dnum: None,
            seconds: 1,
            bootstrap_log_n: Vec::new(),
            name: "test".into(),
        }
    }

    #[test]
    fn the_longest_secure_chain_and_half_of_it() {
        let limbs = |target: Target, log_n| {
            plan(target).chains(log_n).iter().map(|params| params.log_q.len()).collect::<Vec<_>>()
        };
        assert_eq!(limbs(Target::OpenFhe, 15), [7, 15]);
        assert_eq!(limbs(Target::Seal, 15), [19]);
        assert_eq!(limbs(Target::OpenFhe, 13), [4]);
    }

    #[test]
    fn digits_begin_and_end_at_measured_limbs() {
        assert_eq!(measured_limbs(Target::OpenFhe, 15, 5), [1, 2, 3, 5, 6, 8, 10, 11, 13, 15]);
        assert_eq!(measured_limbs(Target::Seal, 20, 1), [1, 2, 5, 10, 15, 20]);
    }

    #[test]
    fn one_curve_a_line() {
        let text = rendered(&json!({"a": [[1, 2.5], [2, 3.0]], "b": {"c": 1}, "d": [{"e": 1}]}), 0);
        assert_eq!(
            text,
            "{\n  \"a\": [[1,2.5],[2,3.0]],\n  \"b\": {\"c\":1},\n  \"d\": [\n    {\"e\":1}\n  ]\n}"
        );
    }
}
