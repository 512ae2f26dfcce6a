//! Tests that a `.rules` file carries, in comments that begin with `//#`.
//!
//! ```text
//! //# let T = !packed.vec<shape = [1, 8], period = 8, slots = 8>
//! //# test RULE (%x: T)
//! //# in
//! //#   %0 = packed.neg %x : T
//! //#   %1 = packed.neg %0 : T
//! //#   return %1 : T
//! //# out
//! //#   return %x : T
//! //# never
//! //#   …
//! ```

use indexmap::IndexMap;
use rustc_hash::FxHashMap;

use super::rules::Group;
use crate::expr::SourceText;
use crate::support::{Diagnostic, Position, did_you_mean};

/// A part of a test: ops, as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestProgram {
    /// The ops, with the names of `let` written out.
    pub text: String,
    /// The first line's number in the file.
    pub line: u32,
    /// Its own arguments, where they differ from the test's: a conversion changes types.
    pub arguments: Option<String>,
}

/// A test of a rule, or of a whole group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InlineTest {
    /// The group.
    pub group: String,
    /// The rule; `None` where the whole group is applied.
    pub rule: Option<String>,
    /// Where the test begins.
    pub position: Position,
    /// Attributes of the module: `a = 1, b = 2`.
    pub attributes: String,
    /// Arguments: `%x: type, …`.
    pub arguments: String,
    /// What is rewritten.
    pub before: Option<TestProgram>,
    /// What it must become.
    pub after: Option<TestProgram>,
    /// Programs in which the rule must not fire.
    pub never: Vec<TestProgram>,
}

/// What the lines that follow belong to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Section {
    Head,
    In,
    Out,
    Never,
}

/// Collects the tests of a file. `groups` are the ones that it may test.
pub(super) fn parse_tests(
    source: &SourceText<'_>,
    groups: &IndexMap<String, Group>,
) -> Result<Vec<InlineTest>, Diagnostic> {
    let mut reader = Reader {
        source,
        groups,
        holders: None,
        names: FxHashMap::default(),
        attributes: String::new(),
        tests: Vec::new(),
        size: 0,
    };
    let mut section = Section::Head;
    let mut offset = 0;
    for (number, line) in source.text.split_inclusive('\n').enumerate() {
        let trimmed = line.trim_start();
        if let Some(text) = trimmed.strip_prefix("//#") {
            let at = offset + (line.len() - text.len());
            reader.line(text.trim_end(), at, number as u32 + 1, &mut section)?;
        }
        offset += line.len();
    }
    reader.check()?;
    Ok(reader.tests)
}

struct Reader<'a> {
    source: &'a SourceText<'a>,
    groups: &'a IndexMap<String, Group>,
    /// The group that was declared last of those with a rule of that name.
    holders: Option<FxHashMap<&'a str, &'a str>>,
    /// `let NAME = text`
    names: FxHashMap<String, String>,
    attributes: String,
    tests: Vec<InlineTest>,
    /// Bytes of all texts with their names written out.
    size: usize,
}

/// Most bytes of the tests of a file once names are written out.
const MAX_TEXT: usize = 64 << 20;

impl<'a> Reader<'a> {
    fn error(&self, offset: usize, text: &str, message: impl Into<String>) -> Diagnostic {
        let skipped = text.len() - text.trim_start().len();
        Diagnostic::error(message).at(self.source.position(offset + skipped, text.trim().len().max(1)))
    }

    fn line(
        &mut self,
        text: &str,
        offset: usize,
        number: u32,
        section: &mut Section,
    ) -> Result<(), Diagnostic> {
        let body = text.trim();
        let (word, rest) = body.split_once([' ', '\t']).unwrap_or((body, ""));
        match word {
            "let" if *section == Section::Head || !text.starts_with("  ") => {
                let Some((name, value)) = rest.split_once('=') else {
                    return Err(self.error(offset, text, "expected 'let NAME = text'"));
                };
                let value = self.written_out(value.trim(), offset, text)?;
                self.names.insert(name.trim().to_owned(), value);
                *section = Section::Head;
            }
            "module" if !text.starts_with("  ") => {
                self.attributes = self.written_out(rest.trim(), offset, text)?;
                *section = Section::Head;
            }
            "test" if !text.starts_with("  ") => {
                self.test(rest, offset, text)?;
                *section = Section::Head;
            }
            "in" | "out" | "never" if rest.is_empty() || rest.trim().starts_with('(') => {
                let own = rest.trim().strip_prefix('(').and_then(|text| text.strip_suffix(')'));
                let arguments = own.map(|own| self.written_out(own, offset, text)).transpose()?;
                let Some(test) = self.tests.last_mut() else {
                    return Err(self.error(offset, text, "expected 'test RULE (%x: type)' before"));
                };
                let program = TestProgram { text: String::new(), line: number + 1, arguments };
                let taken = match word {
                    "in" => test.before.replace(program).is_some(),
                    "out" => test.after.replace(program).is_some(),
                    _ => {
                        test.never.push(program);
                        false
                    }
                };
                if taken {
                    return Err(self.error(offset, text, format!("the test has two '{word}'")));
                }
                *section = match word {
                    "in" => Section::In,
                    "out" => Section::Out,
                    _ => Section::Never,
                };
            }
            "" => {}
            _ => {
                let line = self.written_out(text, offset, text)?;
                let test = self.tests.last_mut();
                let program = match (*section, test) {
                    (Section::In, Some(test)) => test.before.as_mut(),
                    (Section::Out, Some(test)) => test.after.as_mut(),
                    (Section::Never, Some(test)) => test.never.last_mut(),
                    _ => None,
                };
                let Some(program) = program else {
                    let message = format!(
                        "'{word}' is not expected here: a test is 'let', 'module', 'test', 'in', 'out', 'never' and ops"
                    );
                    return Err(self.error(offset, text, message));
                };
                program.text += &line;
                program.text.push('\n');
            }
        }
        Ok(())
    }

    fn test(&mut self, rest: &str, offset: usize, text: &str) -> Result<(), Diagnostic> {
        let (name, arguments) = match rest.find('(') {
            Some(at) => (rest[..at].trim(), rest[at..].trim()),
            None => (rest.trim(), "()"),
        };
        let arguments = arguments.strip_prefix('(').and_then(|text| text.strip_suffix(')'));
        let Some(arguments) = arguments else {
            return Err(self.error(offset, text, "expected the arguments in parentheses: (%x: type)"));
        };
        let whole = name.strip_prefix("group ").map(str::trim);
        if whole.unwrap_or(name).contains(' ') {
            return Err(self.error(offset, text, "expected the arguments in parentheses: (%x: type)"));
        }
        let found = match whole {
            Some(group) => self.groups.get(group).map(|group| (group.name.clone(), None)),
            None => {
                let groups = self.groups;
                let holders = self.holders.get_or_insert_with(|| {
                    let rules =
                        |group: &'a Group| group.rules().map(|r| (r.name.as_str(), group.name.as_str()));
                    groups.values().flat_map(rules).collect()
                });
                holders.get(name).map(|group| ((*group).to_owned(), Some(name.to_owned())))
            }
        };
        let Some((group, rule)) = found else {
            let what = if whole.is_some() { "group" } else { "rule" };
            let name = whole.unwrap_or(name);
            let error = self.error(offset, text, format!("there is no {what} '{name}' to test"));
            let rules = self.groups.values().flat_map(Group::rules).map(|rule| rule.name.as_str());
            return Err(match did_you_mean(name, rules) {
                Some(near) => error.help(format!("did you mean '{near}'?")),
                None => error,
            });
        };
        let position =
            self.source.position(offset + (text.len() - text.trim_start().len()), text.trim().len());
        let arguments = self.written_out(arguments, offset, text)?;
        self.size += self.attributes.len();
        self.tests.push(InlineTest {
            group,
            rule,
            position,
            attributes: self.attributes.clone(),
            arguments,
            before: None,
            after: None,
            never: Vec::new(),
        });
        Ok(())
    }

    /// Each test says something.
    fn check(&self) -> Result<(), Diagnostic> {
        for test in &self.tests {
            let at = |text: &str| Diagnostic::error(text).at(test.position.clone());
            match (&test.before, &test.after) {
                (Some(_), None) => return Err(at("the test has an 'in' but no 'out'")),
                (None, Some(_)) => return Err(at("the test has an 'out' but no 'in'")),
                (None, None) if test.never.is_empty() => {
                    return Err(at("the test has neither 'in' and 'out' nor 'never'"));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The text with the names of `let` replaced where they stand alone. `offset` and `line` are where it stands.
    fn written_out(&mut self, text: &str, offset: usize, line: &str) -> Result<String, Diagnostic> {
        let word = |c: char| c.is_alphanumeric() || c == '_';
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(start) = rest.find(word) {
            let length = rest[start..].find(|c| !word(c)).unwrap_or(rest.len() - start);
            let (before, name) = (&rest[..start], &rest[start..start + length]);
            out += before;
            let alone = !before.ends_with(['.', '%']);
            out += self.names.get(name).filter(|_| alone).map_or(name, String::as_str);
            rest = &rest[start + length..];
            if self.size + out.len() > MAX_TEXT {
                let message = format!("the tests have more than {MAX_TEXT} bytes once names are written out");
                return Err(self.error(offset, line, message));
            }
        }
        out += rest;
        self.size += out.len();
        Ok(out)
    }
}
