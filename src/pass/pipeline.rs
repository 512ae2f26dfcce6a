//! Pipelines as text: `builtin.module(approximate{degree=8},pack,bsgs{min-size=16})`.

use super::PassTable;
use super::options::Options;
use crate::expr::position_in;
use crate::support::{Diagnostic, Position, did_you_mean};

/// A pass with its options.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PassInstance {
    /// The pass's name.
    pub name: String,
    /// Its options.
    pub options: Options,
    /// What the user wrote for it: its name, a shorthand, or the option that it comes from.
    pub written: String,
    /// Where that stands; `None` where nobody wrote it.
    pub place: Option<Position>,
}

/// The name under which errors show a pipeline's text.
pub const PIPELINE_FILE: &str = "<pass-pipeline>";

impl PassTable {
    /// A pass (or shorthand) with options written as `a=1 b=2` (or with commas). `text` and `offset` are for
    /// the caret: where the element stands.
    pub fn instance(
        &self,
        name: &str,
        options: &str,
        text: &str,
        offset: usize,
    ) -> Result<PassInstance, Diagnostic> {
        let at = |start: usize, length: usize, message: String| {
            Diagnostic::error(message).at(position_in(text, PIPELINE_FILE, start, length))
        };
        if let Some(element) = self.alias_of(name) {
            let (pass, fixed) = element.split_once('{').unwrap_or((element, ""));
            let fixed = fixed.trim_end_matches('}');
            let place = position_in(text, PIPELINE_FILE, offset, name.len());
            let instance = self.instance(pass, &format!("{fixed} {options}"), text, offset)?;
            return Ok(PassInstance { written: name.to_owned(), place: Some(place), ..instance });
        }
        let Some(pass) = self.get(name) else {
            let error = at(offset, name.len(), format!("unknown pass '{name}'"));
            return Err(match did_you_mean(name, self.names()) {
                Some(near) => error.help(format!("did you mean '{near}'?")),
                None => error.help("--list-passes shows them all"),
            });
        };
        let mut instance = PassInstance {
            name: name.to_owned(),
            options: Options::defaults(&pass.options),
            written: name.to_owned(),
            place: Some(position_in(text, PIPELINE_FILE, offset, name.len())),
        };
        for part in split_options(options) {
            let (key, value) = match part.split_once('=') {
                Some((key, value)) => (key, Some(value)),
                None => (part, None),
            };
            let set = instance.options.set(&pass.options, key, value);
            let start = text[offset.min(text.len())..].find(part).map_or(offset, |i| offset + i);
            set.map_err(|why| at(start, part.len(), format!("pass '{name}': {why}")))?;
        }
        Ok(instance)
    }
}

/// Splits `a=1 b=[1,2] c=3` at spaces and commas outside of brackets.
fn split_options(options: &str) -> Vec<&str> {
    let (mut parts, mut depth, mut start) = (Vec::new(), 0usize, 0);
    for (i, c) in options.char_indices() {
        match c {
            '[' | '(' | '{' => depth += 1,
            ']' | ')' | '}' => depth = depth.saturating_sub(1),
            ' ' | ',' if depth == 0 => {
                parts.push(&options[start..i]);
                start = i + 1;
            }
            _ => {}
        }
    }
    parts.push(&options[start..]);
    parts.into_iter().map(str::trim).filter(|part| !part.is_empty()).collect()
}

/// Parses `any(pass{options},pass,…)`, or the list without its anchor. A list in it may have an anchor of its own.
pub fn parse_pipeline(table: &PassTable, text: &str) -> Result<Vec<PassInstance>, Diagnostic> {
    let error = |offset: usize, length: usize, message: &str| {
        Diagnostic::error(message).at(position_in(text, PIPELINE_FILE, offset, length))
    };
    let (mut at, end) = (0, text.trim_end().len());
    let mut instances = Vec::new();
    // Where the anchors begin whose lists are open.
    let mut open: Vec<usize> = Vec::new();
    while at < end {
        let rest = &text[at..end];
        at += rest.len() - rest.trim_start().len();
        let rest = &text[at..end];
        let name_length = rest.find([',', '{', '}', '(', ')']).unwrap_or(rest.len());
        let name = rest[..name_length].trim();
        let is_empty_list = name.is_empty() && rest.starts_with(')') && text[..at].trim_end().ends_with('(');
        let mut next = at + name_length;
        let is_whole = open.is_empty() && instances.is_empty();
        if text[next..end].starts_with('(') && (is_whole || is_anchor(name)) {
            open.push(next);
            at = next + 1;
            continue;
        }
        if name.is_empty() && !is_empty_list {
            return Err(error(at, 1, "expected the name of a pass"));
        }
        let mut options = "";
        if text[next..end].starts_with('{') {
            let close = matching_brace(&text[next..end]);
            let close = close.ok_or_else(|| error(next, 1, "this brace is never closed"))?;
            options = &text[next + 1..next + close];
            next += close + 1;
        }
        if !is_empty_list {
            instances.push(table.instance(name, options, text, at)?);
        }
        let skip_blanks = |next: usize| next + text[next..end].len() - text[next..end].trim_start().len();
        next = skip_blanks(next);
        while text[next..end].starts_with(')') && open.pop().is_some() {
            next = skip_blanks(next + 1);
        }
        if next < end {
            if !text[next..].starts_with(',') {
                return Err(error(next, 1, "expected ',' between passes"));
            }
            next += 1;
            if text[next..end].trim().is_empty() {
                return Err(error(next - 1, 1, "expected a pass after ','"));
            }
        }
        at = next;
    }
    match open.last() {
        None => Ok(instances),
        Some(open) => Err(error(*open, 1, "expected ')' at the end of the pipeline")),
    }
}

/// Whether a list of passes can follow: the name of an op. Passes run on the whole program, wherever they stand.
fn is_anchor(name: &str) -> bool {
    name == "any" || name.contains('.')
}

fn matching_brace(text: &str) -> Option<usize> {
    let mut depth = 0;
    for (i, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => {
                depth -= 1;
                if depth == 0 {
                    return Some(i);
                }
            }
            _ => {}
        }
    }
    None
}

/// The text of a pipeline, as [`parse_pipeline`] reads it.
pub fn pipeline_text(anchor: &str, passes: &[PassInstance]) -> String {
    let elements = passes.iter().map(|pass| {
        let options: Vec<_> = pass.options.given().map(|(name, value)| format!("{name}={value}")).collect();
        if options.is_empty() { pass.name.clone() } else { format!("{}{{{}}}", pass.name, options.join(" ")) }
    });
    format!("{anchor}({})", elements.collect::<Vec<_>>().join(","))
}
