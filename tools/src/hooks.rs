//! What happens around passes: dumps, timing, reproducers.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use he_core::ir::Ir;
use he_core::pass::{Instrumentation, PassInstance, Session, pipeline_text};
use he_core::support::{Diagnostic, Diagnostics};
use he_core::text::{PrintOptions, print};

use crate::files::write_output;
use crate::reproducer::{Stored, reproducer};
use crate::streams::say;
use crate::timing::Timing;

/// Which passes to print the IR around, and how.
#[derive(Clone, Debug, Default)]
pub struct Dumps {
    /// Before every pass.
    pub before_all: bool,
    /// After every pass.
    pub after_all: bool,
    /// After each pass that changed the IR.
    pub after_change: bool,
    /// After a pass that failed.
    pub after_failure: bool,
    /// Before these.
    pub before: Vec<String>,
    /// After these.
    pub after: Vec<String>,
    /// A folder that gets a file a dump, instead of standard error.
    pub tree_dir: Option<PathBuf>,
    /// How to print.
    pub print: PrintOptions,
}

/// Where the program that makes a pass fail goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reproducer {
    /// The file to write.
    pub file: String,
    /// Whether passes are verified.
    pub verify_each: bool,
}

/// Dumps, timing, and any further instrumentation, such as a semantic check.
#[derive(Default)]
pub struct Hooks<'a> {
    /// What to print.
    pub dumps: Dumps,
    /// How long passes took.
    pub timing: Timing,
    /// What to write when a pass fails.
    pub reproducer: Option<Reproducer>,
    /// Called after the above.
    pub further: Vec<Box<dyn Instrumentation + 'a>>,
    /// What went wrong in a dump: it must not stop the passes.
    pub problems: Diagnostics,
    /// The pass that runs, and how many ran before it.
    pub running: Option<PassInstance>,
    passes_run: usize,
    started: Option<Instant>,
    ran_after: Duration,
    /// The IR before the pass that runs, where it will be wanted.
    before: Option<Ir>,
    text_before: Option<String>,
}

impl Hooks<'_> {
    /// Hooks that dump as `dumps` says.
    pub fn new(dumps: Dumps) -> Self {
        Hooks { dumps, ..Hooks::default() }
    }

    fn dump(&mut self, session: &Session, when: &str, pass: &PassInstance, ir: &Ir) {
        let text = print(&session.registry, ir, self.dumps.print);
        let Some(dir) = &self.dumps.tree_dir else {
            say(&format!("// -----// IR Dump {when} {} //----- //\n{text}\n", pass.name));
            return;
        };
        // As mlir-opt names its files: a folder for the top-level op, a file a pass.
        let top = ir.top();
        let symbol = ir.attr_named(top, "sym_name").and_then(|name| ir.ctx.as_str(name));
        let symbol = symbol.unwrap_or("no-symbol-name").replace(['/', '\\'], "_");
        let folder = dir.join(format!("{}_{symbol}", ir.name_str(top).replace('.', "_")));
        let suffix = if when == "Before" { "_before" } else { "" };
        let file = folder.join(format!("{}_{}{suffix}.mlir", self.passes_run, pass.name));
        let written = std::fs::create_dir_all(&folder).and_then(|()| std::fs::write(&file, text));
        if let Err(error) = written {
            let text = format!("cannot write the dump '{}': {error}", file.display());
            self.problems.push(Diagnostic::warning(text));
        }
    }

    /// Writes the program that the pass that runs failed on, where that is asked for. Says where it is.
    pub fn write_reproducer(&self, session: &Session) -> Option<Result<String, Diagnostic>> {
        let (wanted, pass, ir) = (self.reproducer.as_ref()?, self.running.as_ref()?, self.before.as_ref()?);
        let pipeline = pipeline_text("builtin.module", std::slice::from_ref(pass));
        let stored = Stored { pipeline, verify_each: wanted.verify_each };
        let text = reproducer(&session.registry, ir, &stored);
        Some(write_output(&wanted.file, &text).map(|()| wanted.file.clone()))
    }
}

impl Instrumentation for Hooks<'_> {
    fn before(&mut self, session: &Session, pass: &PassInstance, ir: &Ir) {
        self.running = Some(pass.clone());
        if self.dumps.before_all || self.dumps.before.contains(&pass.name) {
            self.dump(session, "Before", pass, ir);
        }
        self.before = self.reproducer.is_some().then(|| ir.clone());
        self.text_before = self.dumps.after_change.then(|| print(&session.registry, ir, self.dumps.print));
        self.further.iter_mut().for_each(|hook| hook.before(session, pass, ir));
        self.started = Some(Instant::now());
    }

    fn ran(&mut self, _pass: &PassInstance) {
        self.ran_after = self.started.map_or(Duration::ZERO, |started| started.elapsed());
    }

    fn failed(&mut self, session: &Session, pass: &PassInstance, ir: &Ir) {
        if self.dumps.after_failure {
            self.dump(session, "After Failure of", pass, ir);
        }
    }

    fn after(&mut self, session: &Session, pass: &PassInstance, ir: &Ir) -> Result<(), Diagnostics> {
        if let Some(started) = self.started.take() {
            let verify = started.elapsed().saturating_sub(self.ran_after);
            self.timing.add_with(&pass.name, started, &[("verify", verify)]);
        }
        let changed = self
            .text_before
            .take()
            .is_some_and(|text| text != print(&session.registry, ir, self.dumps.print));
        if changed || self.dumps.after_all || self.dumps.after.contains(&pass.name) {
            self.dump(session, "After", pass, ir);
        }
        self.passes_run += 1;
        self.further.iter_mut().try_for_each(|hook| hook.after(session, pass, ir))
    }

    fn report(&mut self, text: &str) {
        say(text);
    }
}
