//! `import "other.rules"`: files that a rule file reads before its own rules.

use super::load::{Result, text_of};
use super::rules::RuleSet;
use super::syntax::Rule;
use crate::expr::{Pair, SourceText};
use crate::schema::Registry;
use crate::support::Diagnostic;

/// A file that another one imports.
pub struct Imported {
    /// Its name, the same however it is reached.
    pub file: String,
    /// Its text.
    pub text: String,
}

/// Finds the file that `import "path"` means in a file of that name. The error is why there is none.
pub type ImportResolver<'a> = dyn FnMut(&str, &str) -> std::result::Result<Imported, String> + 'a;

/// The resolver of a text that is not a file.
pub(super) fn refuse_imports(_: &str, path: &str) -> std::result::Result<Imported, String> {
    Err(format!("cannot import '{path}': this text is not a file"))
}

/// Deepest chain of imports.
const MAX_IMPORTS: usize = 64;

impl RuleSet {
    /// Loads the file that an `import` names, unless it is loaded already.
    pub(super) fn import(
        &mut self,
        registry: &Registry,
        source: &SourceText<'_>,
        pair: Pair<'_, Rule>,
        resolver: &mut ImportResolver<'_>,
        open: &mut Vec<String>,
    ) -> Result<()> {
        let place = source.position(pair.start(), pair.as_str().trim_end().len());
        let Some(path) = pair.into_inner().next() else { return Ok(()) };
        let imported = resolver(source.file, &text_of(&path));
        let imported = imported.map_err(|why| Diagnostic::error(why).at(place.clone()))?;
        if open.contains(&imported.file) {
            let mut chain = open.clone();
            chain.push(imported.file);
            let text = format!("files import each other: {}", chain.join(" -> "));
            return Err(Diagnostic::error(text).at(place));
        }
        if self.files.contains(&imported.file) {
            return Ok(());
        }
        if open.len() >= MAX_IMPORTS {
            return Err(Diagnostic::error(format!("imports are nested deeper than {MAX_IMPORTS}")).at(place));
        }
        let loaded = self.load_file(registry, &imported.text, &imported.file, resolver, open);
        loaded.map_err(|error| error.note(place, "imported here"))
    }
}
