//! The dialects of he-opt: their schemas and rules (data), their kernels and passes (Rust), the lowerings
//! between them, and the named pipelines.
//!
//! - `builtin`, `func`: the module and functions of MLIR
//! - [`nn`] holds tensors, with the semantics of `torch.nn.functional`
//! - [`poly`] holds polynomials
//! - [`packed`] holds encrypted tensors as slot vectors
//! - [`ckks`] holds the scheme: ciphertexts, levels, scales
//! - [`lower`] leads from each dialect to the next
//! - [`profiles`] says what operations cost on real libraries

/// A `.dialect` or `.rules` file beside the source that names it, with the syntax tree that `build.rs` made of it.
macro_rules! shipped {
    ($file:literal) => {
        he_core::expr::ParsedText {
            text: include_str!($file),
            tree: include_bytes!(concat!(env!("OUT_DIR"), "/", $file, ".tree")),
        }
    };
}

pub mod builtin;
pub mod ckks;
pub mod func;
pub mod lower;
pub mod nn;
pub mod packed;
mod parallel;
pub mod pipelines;
pub mod poly;
pub mod profiles;

use std::any::Any;

use he_core::exec::{Kernels, RuntimeValue};
use he_core::expr::ParsedText;
use he_core::ir::{Ir, Type};
use he_core::pass::{PassTable, Session, add_core_passes, group_pass};
use he_core::rewrite::{Group, ImportResolver, RewriteControl, RuleSet, cost_warning};
use he_core::schema::Registry;
use he_core::support::Diagnostic;

/// A dialect: data, and the hooks that the data names.
pub struct Dialect {
    /// Its name.
    pub name: &'static str,
    /// Its `.dialect` file.
    pub schema: ParsedText<'static>,
    /// Its `.rules` file.
    pub rules: Option<ParsedText<'static>>,
    /// Registers native hooks and functions.
    pub hooks: fn(&mut Registry),
    /// Registers kernels.
    pub kernels: fn(&mut Kernels),
    /// Registers passes on this dialect only.
    pub passes: fn(&mut PassTable) -> Result<(), String>,
    /// A value of one of its types at run time, made of the numbers that the function yields.
    pub sample: fn(&Ir, Type, &mut dyn FnMut() -> f64) -> Option<RuntimeValue>,
    /// What such a value is made of.
    pub numbers: fn(&dyn Any) -> Option<Contents>,
}

/// The numbers in a value, and what else two equal values have in common, by name where it is known.
pub type Contents = (Vec<f64>, Vec<(&'static str, Option<i64>)>);

/// Every dialect, in the order of loading.
pub const DIALECTS: &[Dialect] =
    &[builtin::DIALECT, func::DIALECT, nn::DIALECT, poly::DIALECT, packed::DIALECT, ckks::DIALECT];
/// How many of them every program needs.
const NEEDED_BY_ALL: usize = 2;
/// Bytes of the longest text that is searched for names of dialects.
const MAX_SEARCHED: usize = 1 << 20;

/// Everything that is loaded, with what executes it.
pub struct Loaded {
    /// Registry, rules and passes.
    pub session: Session,
    /// Kernels by op.
    pub kernels: Kernels,
}

/// Loads every dialect, every lowering, every pass and every rule.
pub fn load() -> Result<Loaded, Diagnostic> {
    let mut loaded = load_least()?;
    load_definitions(&mut loaded.session.registry)?;
    loaded.load_shipped_rules()?;
    Ok(loaded)
}

/// Loads the passes, the kernels, and the definitions that every program needs: `builtin` and `func`. The others are loaded
/// by [`load_definitions`], before anything is read that may name them ([`may_name_dialects`]), and the rules by
/// [`Loaded::load_shipped_rules`]: together they are most of the time of a start.
pub fn load_least() -> Result<Loaded, Diagnostic> {
    let mut registry = Registry::new(&pipelines::STAGES);
    let mut passes = PassTable::default();
    add_core_passes(&mut passes).map_err(Diagnostic::error)?;
    load_schemas(&mut registry, &DIALECTS[..NEEDED_BY_ALL])?;
    for dialect in DIALECTS {
        (dialect.passes)(&mut passes).map_err(Diagnostic::error)?;
    }
    registry.top_op = builtin::MODULE.to_owned();
    lower::passes(&mut passes).map_err(Diagnostic::error)?;
    pipelines::aliases(&mut passes);
    let lowering = pipelines::standard_lowering();
    let (rules, rewriting) = (RuleSet::default(), RewriteControl::default());
    Ok(Loaded { session: Session { registry, rules, passes, lowering, rewriting }, kernels: kernels() })
}

/// Whether the definitions of all dialects are loaded.
pub fn has_all_definitions(registry: &Registry) -> bool {
    DIALECTS.iter().all(|dialect| registry.has_dialect(dialect.name))
}

/// Loads the definitions that are not loaded yet.
pub fn load_definitions(registry: &mut Registry) -> Result<(), Diagnostic> {
    if has_all_definitions(registry) {
        return Ok(());
    }
    load_schemas(registry, &DIALECTS[NEEDED_BY_ALL..])
}

/// Whether a text may name a dialect that not every program needs, or an attribute that one of them looks at. A long text is
/// not searched: there the time of a start does not count.
pub fn may_name_dialects(text: &str) -> bool {
    let names = || DIALECTS[NEEDED_BY_ALL..].iter().map(|dialect| dialect.name).chain(["he."]);
    // An escape may hide a name.
    text.len() > MAX_SEARCHED || text.contains('\\') || names().any(|name| text.contains(name))
}

fn load_schemas(registry: &mut Registry, dialects: &[Dialect]) -> Result<(), Diagnostic> {
    for dialect in dialects {
        (dialect.hooks)(registry);
        registry.load_parsed_dialect(dialect.schema, &format!("{}.dialect", dialect.name))?;
    }
    Ok(())
}

/// The kernels of every dialect.
pub fn kernels() -> Kernels {
    let mut kernels = Kernels::default();
    DIALECTS.iter().for_each(|dialect| (dialect.kernels)(&mut kernels));
    kernels
}

/// A value of a type at run time, made of the numbers that `next` yields; `None` where no dialect knows how.
pub fn sample(ir: &Ir, ty: Type, next: &mut dyn FnMut() -> f64) -> Option<RuntimeValue> {
    DIALECTS.iter().find_map(|dialect| (dialect.sample)(ir, ty, next))
}

impl Loaded {
    /// Loads the rules of every dialect and lowering: before any pass runs, and before a user's rules.
    pub fn load_shipped_rules(&mut self) -> Result<(), Diagnostic> {
        self.load_shipped_rules_but(&[])
    }

    /// Loads the rules that ship, but for the files of these names: others are loaded in their place.
    pub fn load_shipped_rules_but(&mut self, replaced: &[&str]) -> Result<(), Diagnostic> {
        let Session { registry, rules, .. } = &mut self.session;
        rules.load(registry, pipelines::GROUPS, "groups.rules")?;
        for dialect in DIALECTS {
            let file = format!("{}.rules", dialect.name);
            if let Some(parsed) = dialect.rules.filter(|_| !replaced.contains(&file.as_str())) {
                rules.load_parsed(registry, parsed, &file)?;
            }
        }
        for (name, parsed) in lower::RULES.iter().filter(|(name, _)| !replaced.contains(name)) {
            rules.load_parsed(registry, *parsed, name)?;
        }
        Ok(())
    }

    /// What a value at run time is made of; `None` where no dialect knows.
    pub fn contents(&self, value: &dyn Any) -> Option<Contents> {
        DIALECTS.iter().find_map(|dialect| (dialect.numbers)(value))
    }

    /// Loads a user's `.dialect` file.
    pub fn load_dialect(&mut self, source: &str, file: &str) -> Result<(), Diagnostic> {
        self.session.registry.load_dialect(source, file)
    }

    /// Loads a user's `.rules` file that imports nothing.
    pub fn load_rules(&mut self, source: &str, file: &str) -> Result<(), Diagnostic> {
        let mut refuse =
            |_: &str, path: &str| Err(format!("cannot import '{path}': this text is not a file"));
        self.load_rules_with(source, file, &mut refuse)
    }

    /// Loads a user's `.rules` file; `resolver` opens what it imports. Each group becomes a pass; a name that is taken
    /// is an error.
    pub fn load_rules_with(
        &mut self,
        source: &str,
        file: &str,
        resolver: &mut ImportResolver<'_>,
    ) -> Result<(), Diagnostic> {
        let Session { registry, rules, passes, .. } = &mut self.session;
        let known: Vec<usize> = rules.groups().map(Group::rule_count).collect();
        rules.load_with_imports(registry, source, file, resolver)?;
        let added = |(number, group): (usize, _)| (group, known.get(number).copied().unwrap_or(0));
        let rules_added = rules.groups().enumerate().map(added);
        let warnings = rules_added.flat_map(|(group, before)| group.rules().skip(before));
        let warnings: Vec<_> =
            warnings.filter_map(|rule| cost_warning(registry, rule, &ckks::cost::PRICES)).collect();
        warnings.into_iter().for_each(|warning| rules.warn(warning));
        for group in rules.groups().skip(known.len()) {
            if let Some(pass) = group_pass(rules, &group.name) {
                let added = passes.add(pass);
                added.map_err(|why| {
                    Diagnostic::error(why).at(group.position.clone()).help("rename the group")
                })?;
            }
        }
        Ok(())
    }
}
