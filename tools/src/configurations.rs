//! What he-cost compares: named pipelines, and the values of an option or parameter.

use he_core::ir::Ir;
use he_core::pass::{PassInstance, PassTable, Session, parse_pipeline};
use he_core::support::{Diagnostic, did_you_mean};
use he_dialects::ckks::attr::params_of;
use he_dialects::ckks::param_flags::ParamFlags;
use he_dialects::pipelines;

use crate::command_line::preset;

/// The parameters that a sweep can vary.
const PARAMETERS: [&str; 8] =
    ["log_n", "poly-modulus-degree", "coeff-modulus", "special-modulus", "scale", "dnum", "slots", "moduli"];

/// The configurations of `--compare`: presets, and `NAME:PIPELINE`.
pub fn comparison(
    session: &Session,
    list: &str,
    start: usize,
) -> Result<Vec<(String, Vec<PassInstance>)>, Diagnostic> {
    let mut texts: Vec<(String, Option<String>)> = Vec::new();
    for item in split_outside_brackets(list, ',') {
        let item = item.trim();
        match (item.split_once(':'), texts.last_mut()) {
            (Some((name, pipeline)), _) => texts.push((name.trim().to_owned(), Some(pipeline.to_owned()))),
            // A pass after `NAME:pass,` goes on with that pipeline; the name of a preset does not.
            (None, Some((_, Some(pipeline)))) if pipelines::preset(item).is_none() => {
                *pipeline += ",";
                *pipeline += item;
            }
            (None, _) => texts.push((item.to_owned(), None)),
        }
    }
    let mut configurations = Vec::new();
    for (name, pipeline) in texts {
        let passes = match pipeline {
            Some(text) => parse_pipeline(&session.passes, &text).map_err(|mut error| {
                error.position = None;
                error.message = format!("--compare: '{name}': {}", error.message);
                error
            })?,
            None => preset(session, &name, start)
                .map_err(|error| Diagnostic { message: format!("--compare: {}", error.message), ..error })?,
        };
        if configurations.iter().any(|(known, _)| *known == name) {
            return Err(Diagnostic::error(format!("--compare: '{name}' is there twice")));
        }
        configurations.push((name, passes));
    }
    Ok(configurations)
}

fn split_outside_brackets(text: &str, separator: char) -> Vec<&str> {
    let (mut parts, mut depth, mut start) = (Vec::new(), 0usize, 0);
    for (at, c) in text.char_indices() {
        match c {
            '(' | '{' | '[' => depth += 1,
            ')' | '}' | ']' => depth = depth.saturating_sub(1),
            c if c == separator && depth == 0 => {
                parts.push(&text[start..at]);
                start = at + c.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

/// A sweep: what is varied, and its values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sweep {
    /// A pass option, `pass.option`, or a parameter.
    pub name: String,
    /// The values as written.
    pub values: Vec<String>,
}

impl Sweep {
    /// Reads `degree=7,8,11`. Values that hold commas are separated by semicolons.
    pub fn parse(text: &str) -> Result<Sweep, Diagnostic> {
        let error = |why: &str| {
            let error = Diagnostic::error(format!("--sweep: {why} in '{text}'"));
            error.help("write --sweep 'degree=7,8,11', or --sweep 'coeff-modulus=60x20;60,40x19'")
        };
        let (name, values) = text.split_once('=').ok_or_else(|| error("no '='"))?;
        let separator = if values.contains(';') { ';' } else { ',' };
        let values: Vec<_> = split_outside_brackets(values, separator).into_iter().map(str::trim).collect();
        if values.iter().any(|value| value.is_empty()) {
            return Err(error("an empty value"));
        }
        Ok(Sweep { name: name.trim().to_owned(), values: values.into_iter().map(str::to_owned).collect() })
    }

    /// The parameter flags for one value, if a parameter is varied.
    pub fn parameter(&self, ir: &Ir, value: &str) -> Result<Option<ParamFlags>, Diagnostic> {
        let text = Some(value.to_owned());
        let none = ParamFlags::default();
        Ok(Some(match self.name.as_str() {
            "poly-modulus-degree" => ParamFlags { poly_modulus_degree: text, ..none },
            "coeff-modulus" => ParamFlags { coeff_modulus: text, ..none },
            "special-modulus" => ParamFlags { special_modulus: text, ..none },
            "scale" => ParamFlags { scale: text, ..none },
            "dnum" => ParamFlags { dnum: text, ..none },
            "slots" => ParamFlags { slots: text, ..none },
            "log_n" => {
                let degree =
                    number(value).filter(|log_n| *log_n < 32).map(|log_n| (1u64 << log_n).to_string());
                let degree = degree.ok_or_else(|| not_a_number("log_n", value))?;
                ParamFlags { poly_modulus_degree: Some(degree), ..none }
            }
            "moduli" => {
                let count = number(value).filter(|count| (1..=1000).contains(count));
                let count = count.ok_or_else(|| not_a_number("moduli", value))?;
                ParamFlags { coeff_modulus: Some(primes(ir, count)?), ..none }
            }
            _ => return Ok(None),
        }))
    }

    /// Sets the pass option that is varied to `value` in `passes`.
    pub fn set_option(
        &self,
        table: &PassTable,
        passes: &mut [PassInstance],
        value: &str,
    ) -> Result<(), Diagnostic> {
        let (pass_name, option) = match self.name.split_once('.') {
            Some((pass, option)) => (Some(pass), option),
            None => (None, self.name.as_str()),
        };
        let has_option = |name: &str| {
            table.get(name).is_some_and(|def| def.options.iter().any(|known| known.name == option))
        };
        let fits = |pass: &&mut PassInstance| {
            pass_name.is_none_or(|name| name == pass.name) && has_option(&pass.name)
        };
        let mut targets: Vec<_> = passes.iter_mut().filter(fits).collect();
        let mut owners: Vec<String> = targets.iter().map(|pass| pass.name.clone()).collect();
        owners.dedup();
        if owners.len() > 1 {
            let choices: Vec<_> = owners.iter().map(|pass| format!("{pass}.{option}")).collect();
            let text = format!("--sweep: several passes have an option '{option}'");
            return Err(Diagnostic::error(text).help(format!("write {}", choices.join(" or "))));
        }
        if targets.is_empty() {
            let names: Vec<_> = passes.iter().map(|pass| pass.name.clone()).collect();
            return Err(self.unknown(table, &names, option));
        }
        for pass in &mut targets {
            let Some(def) = table.get(&pass.name) else { continue };
            let set = pass.options.set(&def.options, option, Some(value));
            set.map_err(|why| Diagnostic::error(format!("--sweep: pass '{}': {why}", pass.name)))?;
        }
        Ok(())
    }

    fn unknown(&self, table: &PassTable, passes: &[String], option: &str) -> Diagnostic {
        let of =
            |name: &String| table.get(name).into_iter().flat_map(|def| def.options.iter().map(|o| o.name));
        let options = passes.iter().flat_map(of).chain(PARAMETERS);
        let text = format!(
            "--sweep: '{}' is no parameter, and no pass of the pipeline has such an option",
            self.name
        );
        let error = Diagnostic::error(text);
        match did_you_mean(option, options) {
            Some(near) => error.help(format!("did you mean '{near}'?")),
            None => error.help(format!("the pipeline is {}", passes.join(", "))),
        }
    }
}

fn number(text: &str) -> Option<usize> {
    text.parse().ok()
}

fn not_a_number(name: &str, value: &str) -> Diagnostic {
    Diagnostic::error(format!("--sweep: {name} must be a small whole number, not '{value}'"))
}

/// The first `count` primes of the module's Q, the last repeated where there are fewer.
fn primes(ir: &Ir, count: usize) -> Result<String, Diagnostic> {
    let log_q = params_of(ir)?.unwrap_or_default().log_q;
    let last = log_q.last().copied().unwrap_or(60);
    let bits = log_q.into_iter().chain(std::iter::repeat(last)).take(count);
    Ok(bits.map(|bits| bits.to_string()).collect::<Vec<_>>().join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sweeps() {
        let sweep = Sweep::parse("coeff-modulus=60x2;60,40").unwrap();
        assert_eq!(
            (sweep.name.as_str(), sweep.values),
            ("coeff-modulus", vec!["60x2".into(), "60,40".into()])
        );
        assert_eq!(Sweep::parse("approximate.domain=[-1,1],[0,1]").unwrap().values, ["[-1,1]", "[0,1]"]);
        assert!(Sweep::parse("degree").unwrap_err().message.contains("no '='"));
        assert!(Sweep::parse("degree=1,,2").unwrap_err().message.contains("an empty value"));
    }

    #[test]
    fn comparisons() {
        let loaded = he_dialects::load().unwrap();
        let names = |list: &str| match comparison(&loaded.session, list, 0) {
            Ok(list) => list.into_iter().map(|(name, passes)| format!("{name}/{}", passes.len())).collect(),
            Err(error) => vec![error.to_string()],
        };
        assert_eq!(names("lazy,mine:cse,dce,baseline"), ["lazy/6", "mine/2", "baseline/6"]);
        assert_eq!(names("a:(bsgs,cse),b:m(dce)"), ["a/2", "b/1"]);
        assert_eq!(names("lazi"), ["error: --compare: unknown preset 'lazi' (did you mean 'lazy'?)"]);
        assert_eq!(names("a:csee"), ["error: --compare: 'a': unknown pass 'csee' (did you mean 'cse'?)"]);
        assert_eq!(names("lazy,lazy"), ["error: --compare: 'lazy' is there twice"]);
    }
}
