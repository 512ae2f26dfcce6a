//! How long each step took, as a list, a tree or JSON, in the form of MLIR's `-mlir-timing`.

use std::fmt::Write;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// How to show the times.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TimingDisplay {
    /// One line a name, the longest first; steps of one name are added up.
    #[default]
    List,
    /// Steps in order, what they consist of below them.
    Tree,
    /// The tree as JSON, in milliseconds.
    Json,
}

impl TimingDisplay {
    /// The words of `--timing=…`.
    pub const WORDS: [&'static str; 3] = ["list", "tree", "json"];

    /// The display of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::List, Self::Tree, Self::Json]
            .into_iter()
            .zip(Self::WORDS)
            .find(|(_, w)| *w == word)
            .map(|(d, _)| d)
    }
}

/// A step, and what it consists of.
#[derive(Clone, Debug)]
struct Step {
    name: String,
    time: Duration,
    inner: Vec<Step>,
}

/// How long each step took.
#[derive(Clone, Debug)]
pub struct Timing {
    started: Instant,
    steps: Vec<Step>,
}

impl Default for Timing {
    fn default() -> Self {
        Timing { started: Instant::now(), steps: Vec::new() }
    }
}

impl Timing {
    /// Enters a step that began at `start` and has just ended.
    pub fn add(&mut self, name: &str, start: Instant) {
        self.steps.push(Step { name: name.to_owned(), time: start.elapsed(), inner: Vec::new() });
    }

    /// Enters a step that began at `start` and has just ended, with the times of its parts.
    pub fn add_with(&mut self, name: &str, start: Instant, parts: &[(&str, Duration)]) {
        let part = |(name, time): &(&str, Duration)| Step {
            name: (*name).to_owned(),
            time: *time,
            inner: Vec::new(),
        };
        let inner = parts.iter().map(part).collect();
        self.steps.push(Step { name: name.to_owned(), time: start.elapsed(), inner });
    }

    /// The report.
    pub fn text(&self, display: TimingDisplay) -> String {
        let total = self.started.elapsed();
        let rest = total.saturating_sub(self.steps.iter().map(|step| step.time).sum());
        let mut steps = self.steps.clone();
        steps.push(Step { name: "rest".to_owned(), time: rest, inner: Vec::new() });
        let whole = total.as_secs_f64();
        match display {
            TimingDisplay::Json => {
                let all = json!({ "total_ms": 1e3 * whole, "steps": steps_json(&steps) });
                format!("{all:#}\n")
            }
            TimingDisplay::Tree => {
                let mut out = header(total);
                write_tree(&mut out, &steps, whole, 0);
                out + &line(total, whole, 0, "total")
            }
            TimingDisplay::List => {
                let mut out = header(total);
                for (name, time) in by_name(&steps) {
                    out += &line(time, whole, 0, &name);
                }
                out + &line(total, whole, 0, "total")
            }
        }
    }
}

fn header(total: Duration) -> String {
    let rule = format!("===-{}-===\n", "-".repeat(73));
    let title = format!("{:^80}", "... Execution time report ...");
    format!(
        "{rule}{}\n{rule}  Total Execution Time: {:.4} seconds\n\n",
        title.trim_end(),
        total.as_secs_f64()
    ) + "  ----Wall Time----  ----Name----\n"
}

fn line(time: Duration, whole: f64, depth: usize, name: &str) -> String {
    let seconds = time.as_secs_f64();
    let share = if whole > 0.0 { 100.0 * seconds / whole } else { 0.0 };
    format!("  {seconds:>9.4} ({share:5.1}%)  {:indent$}{name}\n", "", indent = 2 * depth)
}

fn write_tree(out: &mut String, steps: &[Step], whole: f64, depth: usize) {
    for step in steps {
        let _ = out.write_str(&line(step.time, whole, depth, &step.name));
        write_tree(out, &step.inner, whole, depth + 1);
    }
}

fn steps_json(steps: &[Step]) -> Value {
    let one = |step: &Step| json!({ "name": step.name, "ms": 1e3 * step.time.as_secs_f64(), "steps": steps_json(&step.inner) });
    steps.iter().map(one).collect()
}

/// Times by name, longest first; of a step with parts, the parts and what is left of it.
fn by_name(steps: &[Step]) -> Vec<(String, Duration)> {
    let mut sums: Vec<(String, Duration)> = Vec::new();
    let mut add = |name: &str, time: Duration| match sums.iter_mut().find(|(known, _)| known == name) {
        Some((_, sum)) => *sum += time,
        None => sums.push((name.to_owned(), time)),
    };
    for step in steps {
        add(&step.name, step.time.saturating_sub(step.inner.iter().map(|part| part.time).sum()));
        step.inner.iter().for_each(|part| add(&part.name, part.time));
    }
    sums.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timing() -> Timing {
        let mut timing = Timing::default();
        let start = Instant::now();
        timing.add("parse", start);
        for pass in ["cse", "dce", "cse"] {
            timing.add_with(pass, start, &[("verify", Duration::from_nanos(1))]);
        }
        timing
    }

    #[test]
    fn list_adds_up_steps_of_one_name() {
        let text = timing().text(TimingDisplay::List);
        for name in ["parse", "cse", "dce", "verify", "rest", "total"] {
            let ends = text.lines().filter(|line| line.ends_with(&format!("  {name}"))).count();
            assert_eq!(ends, 1, "{name} in\n{text}");
        }
    }

    #[test]
    fn tree_keeps_order_and_parts() {
        let text = timing().text(TimingDisplay::Tree);
        let names: Vec<&str> = text.lines().skip(6).map(|line| line.split(")  ").nth(1).unwrap()).collect();
        assert_eq!(
            names,
            ["parse", "cse", "  verify", "dce", "  verify", "cse", "  verify", "rest", "total"]
        );
    }

    #[test]
    fn json_is_json() {
        let value: Value = serde_json::from_str(&timing().text(TimingDisplay::Json)).unwrap();
        assert_eq!(value["steps"][1]["name"], "cse");
        assert_eq!(value["steps"][1]["steps"][0]["name"], "verify");
        assert!(value["total_ms"].is_number());
    }
}
