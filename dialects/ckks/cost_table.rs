//! Cost reports for people.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::cost::CostReport;

/// Op counts of a program without levels.
pub fn counts_text(stage: &str, counts: &BTreeMap<String, u64>) -> String {
    let mut out = format!("ops at stage {stage} (latencies need stage leveled)\n");
    for (name, count) in counts {
        let _ = writeln!(out, "  {name:<24}{count:>8}");
    }
    let _ = writeln!(out, "  {:<24}{:>8}", "total", counts.values().sum::<u64>());
    out
}

/// One report as a table. `verbose` adds parameters and keys, `path` every op of the critical path.
pub fn report_text(report: &CostReport, verbose: bool, path: bool) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{:<16}{:>8}{:>14}{:>9}", "operation", "count", "latency ms", "share");
    for (name, count) in report.operations.0.iter().filter(|(_, count)| *count > 0) {
        let ms = report.latency_ms_by_operation.get(name);
        let _ = writeln!(out, "{name:<16}{count:>8}{ms:>14.3}{:>8.1}%", percent(ms, report.latency_ms));
    }
    let (total, ms) = (report.total_operations, report.latency_ms);
    let _ = writeln!(out, "{:<16}{total:>8}{ms:>14.3}{:>8.1}%", "total", 100.0);
    let line = |out: &mut String, name: &str, value: String| {
        let _ = writeln!(out, "{name:<22}{value}");
    };
    out.push('\n');
    line(&mut out, "latency", format!("{} on one thread", time(report.latency_ms)));
    let critical = format!("{} in {} ops", time(report.critical_path_ms), report.critical_path.len());
    line(&mut out, "critical path", format!("{critical}; parallelism {:.2}", report.parallelism));
    line(&mut out, "depth", format!("{} ops, {} products", report.depth, report.multiplicative_depth));
    let (initial, last, used) = (report.initial_level, report.final_level, report.levels_used);
    line(&mut out, "levels", format!("{initial} at the start, {last} at the end, {used} used"));
    line(&mut out, "memory", bytes(report.memory_bytes));
    line(&mut out, "keys", format!("{}, {} rotation steps", bytes(report.key_bytes), report.rotation_keys));
    if let Some(process) = report.process_bytes {
        line(&mut out, "process", format!("{}, keys and memory included", bytes(process)));
    }
    if report.avoidable_bootstraps > 0 {
        line(&mut out, "avoidable bootstraps", report.avoidable_bootstraps.to_string());
    }
    line(&mut out, "profile", format!("{}{}", report.profile, extrapolation(report.extrapolated)));
    if verbose {
        verbose_lines(&mut out, report);
    }
    out.push('\n');
    if path {
        every_op(&mut out, report)
    } else {
        path_by_op(&mut out, report)
    }
    out
}

fn verbose_lines(out: &mut String, report: &CostReport) {
    let params = &report.params;
    let bits = |list: &[u32]| list.iter().map(u32::to_string).collect::<Vec<_>>().join(",");
    let _ = writeln!(out, "{:<22}2^{}", "ring degree", params.log_n);
    let _ = writeln!(out, "{:<22}{}", "primes of Q", bits(&params.log_q));
    let _ = writeln!(out, "{:<22}{}", "primes of P", bits(&params.log_p));
    let _ = writeln!(out, "{:<22}{} bits of Q*P: {} bits", "security", params.log_qp, params.security_bits);
}

fn extrapolation(share: f64) -> String {
    if share > 0.0 {
        format!("; {:.1} % of the latency is extrapolated", 100.0 * share)
    } else {
        String::new()
    }
}

/// The critical path, summed by op.
fn path_by_op(out: &mut String, report: &CostReport) {
    let mut sums: BTreeMap<&str, (u64, f64)> = BTreeMap::new();
    for step in &report.critical_path {
        let sum = sums.entry(&step.op).or_default();
        *sum = (sum.0 + 1, sum.1 + step.ms);
    }
    let mut sums: Vec<_> = sums.into_iter().collect();
    sums.sort_by(|a, b| b.1.1.total_cmp(&a.1.1).then(a.0.cmp(b.0)));
    let _ = writeln!(out, "{:<24}{:>8}{:>14}{:>9}", "critical path", "ops", "ms", "share");
    for (name, (count, ms)) in sums {
        let _ = writeln!(out, "{name:<24}{count:>8}{ms:>14.3}{:>8.1}%", percent(ms, report.critical_path_ms));
    }
}

fn every_op(out: &mut String, report: &CostReport) {
    let _ = writeln!(out, "{:<24}{:>14}  at", "critical path", "ms");
    for step in &report.critical_path {
        let _ = writeln!(out, "{:<24}{:>14.3}  {}", step.op, step.ms, step.loc);
    }
}

fn percent(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { 100.0 * part / whole } else { 0.0 }
}

/// Milliseconds in a unit that can be read.
pub fn time(ms: f64) -> String {
    if ms < 1000.0 { format!("{ms:.2} ms") } else { format!("{:.2} s", ms / 1000.0) }
}

/// Bytes in a unit that can be read.
pub fn bytes(bytes: u64) -> String {
    let mib = bytes as f64 / f64::from(1 << 20);
    if mib < 1024.0 { format!("{mib:.1} MiB") } else { format!("{:.2} GiB", mib / 1024.0) }
}
