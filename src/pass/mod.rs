//! Passes: their table, options, pipelines, completion by stage, and the manager that runs them.

mod complete;
mod manager;
mod options;
mod pipeline;
mod standard;

pub use complete::{Lowering, complete};
pub use manager::{Instrumentation, PassContext, PassError, Silent, run_pipeline};
pub use options::{OptionDef, OptionKind, Options};
pub use pipeline::{PIPELINE_FILE, PassInstance, parse_pipeline, pipeline_text};
pub use standard::{add_core_passes, group_pass, module_stage, set_module_stage};

use indexmap::IndexMap;

use crate::ir::Ir;
use crate::schema::Registry;
use crate::support::Diagnostics;

/// What a pass runs: the IR in, the IR out.
pub type PassFn = Box<dyn Fn(&mut PassContext<'_>, &mut Ir) -> Result<(), Diagnostics>>;

/// The stages a pass works at, as stage numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StageRange {
    /// The earliest stage that it takes.
    pub first: usize,
    /// The latest stage that it takes.
    pub last: usize,
    /// The stage that it leaves the IR at; `None` where the stage stays.
    pub result: Option<usize>,
}

/// A pass.
pub struct PassDef {
    /// Its name on the command line and in pipelines.
    pub name: String,
    /// What it does, in one line.
    pub doc: String,
    /// Its options.
    pub options: Vec<OptionDef>,
    /// Where it may run; `None` for anywhere.
    pub stages: Option<StageRange>,
    /// What it does.
    pub run: PassFn,
}

/// All passes by name, and shorthands.
#[derive(Default)]
pub struct PassTable {
    passes: IndexMap<String, PassDef>,
    /// Alias to a pipeline element, such as `lazy-rescale` to `rescale{strategy=lazy}`.
    aliases: IndexMap<String, String>,
}

impl PassTable {
    /// Adds a pass. The error is the name, where it is taken.
    pub fn add(&mut self, pass: PassDef) -> Result<(), String> {
        if self.passes.contains_key(&pass.name) || self.aliases.contains_key(&pass.name) {
            return Err(format!("there is already a pass named '{}'", pass.name));
        }
        self.passes.insert(pass.name.clone(), pass);
        Ok(())
    }

    /// Adds a shorthand for a pipeline element.
    pub fn alias(&mut self, name: &str, element: &str) {
        self.aliases.insert(name.to_owned(), element.to_owned());
    }

    /// The pass of that name.
    pub fn get(&self, name: &str) -> Option<&PassDef> {
        self.passes.get(name)
    }

    /// What a shorthand stands for.
    pub fn alias_of(&self, name: &str) -> Option<&str> {
        self.aliases.get(name).map(String::as_str)
    }

    /// All passes in the order of registration.
    pub fn passes(&self) -> impl Iterator<Item = &PassDef> {
        self.passes.values()
    }

    /// All shorthands.
    pub fn aliases(&self) -> impl Iterator<Item = (&str, &str)> {
        self.aliases.iter().map(|(a, b)| (a.as_str(), b.as_str()))
    }

    /// All names: passes, then shorthands.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.passes.keys().chain(self.aliases.keys()).map(String::as_str)
    }
}

/// The registry, the rules and the passes together: everything that is loaded.
pub struct Session {
    /// Dialects.
    pub registry: Registry,
    /// Rules.
    pub rules: crate::rewrite::RuleSet,
    /// Passes.
    pub passes: PassTable,
    /// The standard lowering.
    pub lowering: Lowering,
    /// What is wanted of rewrites: traces, explanations, a limit.
    pub rewriting: crate::rewrite::RewriteControl,
}
