//! What happens around passes: dumps, timing, reports.

use std::fmt::Write;
use std::time::{Duration, Instant};

use he_core::ir::Ir;
use he_core::pass::{Instrumentation, PassInstance, Session};
use he_core::support::Diagnostics;
use he_core::text::{PrintOptions, print};

/// Which passes to print the IR around.
#[derive(Clone, Debug, Default)]
pub struct Dumps {
    /// After every pass.
    pub after_all: bool,
    /// Before these.
    pub before: Vec<String>,
    /// After these.
    pub after: Vec<String>,
    /// How to print.
    pub print: PrintOptions,
}

/// How long each step took.
#[derive(Default)]
pub struct Timing {
    steps: Vec<(String, Duration)>,
}

impl Timing {
    /// Enters a step that began at `start` and has just ended.
    pub fn add(&mut self, name: &str, start: Instant) {
        self.steps.push((name.to_owned(), start.elapsed()));
    }

    /// The list of steps with their shares.
    pub fn text(&self) -> String {
        let total: f64 = self.steps.iter().map(|(_, time)| time.as_secs_f64()).sum();
        let mut out = "===-- Timing --===\n".to_owned();
        let lines = self.steps.iter().map(|(name, time)| (name.as_str(), time.as_secs_f64()));
        for (name, seconds) in lines.chain([("total", total)]) {
            let share = if total > 0.0 { 100.0 * seconds / total } else { 0.0 };
            let _ = writeln!(out, "{:>10.3} ms  {share:5.1} %  {name}", 1000.0 * seconds);
        }
        out
    }
}

/// Dumps, timing, and any further instrumentation, such as a semantic check.
#[derive(Default)]
pub struct Hooks<'a> {
    /// What to print.
    pub dumps: Dumps,
    /// How long passes took.
    pub timing: Timing,
    /// Called after the above.
    pub further: Vec<Box<dyn Instrumentation + 'a>>,
    started: Option<Instant>,
}

impl Hooks<'_> {
    /// Hooks that dump as `dumps` says.
    pub fn new(dumps: Dumps) -> Self {
        Hooks { dumps, ..Hooks::default() }
    }

    fn dump(&self, session: &Session, when: &str, pass: &PassInstance, ir: &Ir) {
        let text = print(&session.registry, ir, self.dumps.print);
        eprintln!("// -----// IR Dump {when} {} //----- //\n{text}", pass.name);
    }
}

impl Instrumentation for Hooks<'_> {
    fn before(&mut self, session: &Session, pass: &PassInstance, ir: &Ir) {
        if self.dumps.before.contains(&pass.name) {
            self.dump(session, "Before", pass, ir);
        }
        self.further.iter_mut().for_each(|hook| hook.before(session, pass, ir));
        self.started = Some(Instant::now());
    }

    fn after(&mut self, session: &Session, pass: &PassInstance, ir: &Ir) -> Result<(), Diagnostics> {
        if let Some(started) = self.started.take() {
            self.timing.add(&pass.name, started);
        }
        if self.dumps.after_all || self.dumps.after.contains(&pass.name) {
            self.dump(session, "After", pass, ir);
        }
        self.further.iter_mut().try_for_each(|hook| hook.after(session, pass, ir))
    }

    fn report(&mut self, text: &str) {
        eprint!("{text}");
    }
}
