//! Reproducers: a program with the pipeline that fails on it, in the form of MLIR's crash reproducers.

use he_core::expr::position_in;
use he_core::ir::Ir;
use he_core::schema::Registry;
use he_core::support::{Diagnostic, Position};
use he_core::text::{PrintOptions, print};

/// The resource group that holds the pipeline.
const GROUP: &str = "mlir_reproducer";
/// Its entry with the pipeline's text.
const PIPELINE: &str = "pipeline";
/// Its entry that says whether to verify after each pass.
const VERIFY_EACH: &str = "verify_each";

/// What a reproducer runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// The pipeline, such as `builtin.module(cse)`.
    pub pipeline: String,
    /// Whether to verify after each pass.
    pub verify_each: bool,
}

impl Stored {
    /// An error in the pipeline, at its place in the reproducer's own text where that spells the pipeline as it is.
    pub fn locate(&self, error: Diagnostic, text: &str, file: &str) -> Diagnostic {
        let quoted = text.rfind(&format!("\"{}\"", self.pipeline));
        match (quoted, &error.position) {
            (Some(quote), Some(in_pipeline)) => {
                let offset = quote + in_pipeline.column as usize;
                let place = position_in(text, file, offset, in_pipeline.length as usize);
                error.at(place)
            }
            _ => error,
        }
    }
}

/// The text of `ir` with what is to be run on it.
pub fn reproducer(registry: &Registry, ir: &Ir, stored: &Stored) -> String {
    let mut ir = ir.clone();
    take(&mut ir);
    let mut enter = |key: &str, value: String| {
        ir.resources.push((false, GROUP.to_owned(), key.to_owned(), value));
    };
    enter(PIPELINE, format!("{:?}", stored.pipeline));
    enter("disable_threading", "true".to_owned());
    enter(VERIFY_EACH, stored.verify_each.to_string());
    print(registry, &ir, PrintOptions { locations: true, ..PrintOptions::default() })
}

/// Removes the reproducer's entries from the resource section.
fn take(ir: &mut Ir) -> Vec<(String, String)> {
    let (ours, others) =
        std::mem::take(&mut ir.resources).into_iter().partition(|entry| !entry.0 && entry.1 == GROUP);
    ir.resources = others;
    let ours: Vec<(bool, String, String, String)> = ours;
    ours.into_iter().map(|(_, _, key, value)| (key, value)).collect()
}

/// What the reproducer `file` says is to be run, taken out of it.
pub fn stored(ir: &mut Ir, file: &str) -> Result<Stored, Diagnostic> {
    let entries = take(ir);
    let value = |key: &str| entries.iter().find(|entry| entry.0 == key).map(|entry| entry.1.as_str());
    let quoted = value(PIPELINE).and_then(|text| text.strip_prefix('"')?.strip_suffix('"'));
    match quoted {
        Some(pipeline) => Ok(Stored {
            pipeline: pipeline.replace("\\\"", "\"").replace("\\\\", "\\"),
            verify_each: value(VERIFY_EACH) != Some("false"),
        }),
        None => {
            let place = Position { file: file.to_owned(), line: 1, column: 1, length: 0 };
            let error = Diagnostic::error("this file holds no pipeline: it is no reproducer").at(place);
            Err(error.help("--crash-reproducer=FILE writes one when a pass fails"))
        }
    }
}
