//! Pass options.

use std::collections::BTreeMap;

use crate::support::did_you_mean;

/// What values an option takes.
#[derive(Clone, Debug, PartialEq)]
pub enum OptionKind {
    /// An integer in a range.
    Int {
        /// Smallest value
        min: i64,
        /// Largest value
        max: i64,
    },
    /// A number in a range.
    Float {
        /// Smallest value
        min: f64,
        /// Largest value
        max: f64,
    },
    /// `[a,b]`: two numbers, the smaller first
    Interval,
    /// One of these words
    Choice(&'static [&'static str]),
    /// `true` or `false`; a bare name is `true`
    Flag,
    /// Any text
    Text,
}

impl OptionKind {
    /// What it takes, in words.
    pub fn expected(&self) -> String {
        match self {
            OptionKind::Int { min, max } => format!("an integer from {min} to {max}"),
            OptionKind::Float { min, max } => format!("a number from {min} to {max}"),
            OptionKind::Interval => "an interval such as [-4,4]".to_owned(),
            OptionKind::Choice(words) => format!("one of {}", words.join(", ")),
            OptionKind::Flag => "true or false".to_owned(),
            OptionKind::Text => "a text".to_owned(),
        }
    }

    /// Whether it takes `value`.
    pub fn takes(&self, value: &str) -> bool {
        match self {
            OptionKind::Int { min, max } => {
                value.parse::<i64>().is_ok_and(|number| (*min..=*max).contains(&number))
            }
            OptionKind::Float { min, max } => {
                value.parse::<f64>().is_ok_and(|number| (*min..=*max).contains(&number))
            }
            OptionKind::Interval => interval(value).is_some(),
            OptionKind::Choice(words) => words.contains(&value),
            OptionKind::Flag => matches!(value, "true" | "false"),
            OptionKind::Text => true,
        }
    }
}

/// Reads `[a,b]`, two finite numbers, the smaller first.
fn interval(text: &str) -> Option<(f64, f64)> {
    let (low, high) = text.trim().strip_prefix('[')?.strip_suffix(']')?.split_once(',')?;
    let end = |text: &str| text.trim().parse::<f64>().ok().filter(|end| end.is_finite());
    let (low, high) = (end(low)?, end(high)?);
    (low < high).then_some((low, high))
}

/// An option of a pass.
#[derive(Clone, Debug)]
pub struct OptionDef {
    /// Its name.
    pub name: &'static str,
    /// What values it takes.
    pub kind: OptionKind,
    /// The value where it is not given; empty for none.
    pub default: &'static str,
    /// What it does, in one line.
    pub doc: &'static str,
}

/// The options given to a pass, checked against its definitions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    given: BTreeMap<String, String>,
    defaults: BTreeMap<&'static str, &'static str>,
}

impl Options {
    /// Options without any given value.
    pub fn defaults(defs: &[OptionDef]) -> Self {
        let defaults = defs.iter().map(|def| (def.name, def.default)).collect();
        Options { given: BTreeMap::new(), defaults }
    }

    /// Sets one option after checking it. The error says what is wrong and what is possible.
    pub fn set(&mut self, defs: &[OptionDef], name: &str, value: Option<&str>) -> Result<(), String> {
        let Some(def) = defs.iter().find(|def| def.name == name) else {
            let names: Vec<_> = defs.iter().map(|def| def.name).collect();
            return Err(match did_you_mean(name, names.iter().copied()) {
                Some(near) => format!("unknown option '{name}'; did you mean '{near}'?"),
                None if names.is_empty() => format!("unknown option '{name}'; the pass has none"),
                None => format!("unknown option '{name}'; the pass has {}", names.join(", ")),
            });
        };
        let value = match (value, &def.kind) {
            (Some(value), _) => value,
            (None, OptionKind::Flag) => "true",
            (None, _) => return Err(format!("option '{name}' needs a value: {name}=…")),
        };
        if !def.kind.takes(value) {
            let near = match &def.kind {
                OptionKind::Choice(words) => did_you_mean(value, words.iter().copied()),
                _ => None,
            };
            let near = near.map_or_else(String::new, |near| format!(" (did you mean '{near}'?)"));
            return Err(format!("option '{name}' must be {}{near}, not '{value}'", def.kind.expected()));
        }
        self.given.insert(name.to_owned(), value.to_owned());
        Ok(())
    }

    /// The value of an option: given, or its default; `None` where both are absent.
    pub fn text(&self, name: &str) -> Option<&str> {
        let given = self.given.get(name).map(String::as_str);
        given.or_else(|| self.defaults.get(name).copied()).filter(|value| !value.is_empty())
    }

    /// An integer option; 0 where it is absent.
    pub fn int(&self, name: &str) -> i64 {
        self.text(name).and_then(|value| value.parse().ok()).unwrap_or(0)
    }

    /// A number option; 0 where it is absent.
    pub fn float(&self, name: &str) -> f64 {
        self.text(name).and_then(|value| value.parse().ok()).unwrap_or(0.0)
    }

    /// An interval; `None` where it is absent.
    pub fn interval(&self, name: &str) -> Option<(f64, f64)> {
        self.text(name).and_then(interval)
    }

    /// A flag.
    pub fn flag(&self, name: &str) -> bool {
        self.text(name) == Some("true")
    }

    /// Whether the option was given.
    pub fn is_given(&self, name: &str) -> bool {
        self.given.contains_key(name)
    }

    /// The given options, sorted by name.
    pub fn given(&self) -> impl Iterator<Item = (&str, &str)> {
        self.given.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}
