//! A checker that reads LLVM FileCheck's directives.
//!
//! CHECK, CHECK-NEXT, CHECK-SAME, CHECK-NOT, CHECK-DAG, CHECK-LABEL, CHECK-EMPTY and CHECK-COUNT-n, with any prefix;
//! horizontal white space counts as one space. The regular expressions are those of the regex crate: an alternation
//! takes the first alternative that matches, where LLVM's takes the longest. Numeric variables other than `@LINE` are
//! refused.

mod pattern;

use pattern::{Match, Pattern, Variables};
use std::ops::Range;

/// What to check with.
#[derive(Debug, Clone, Copy)]
pub struct Options<'a> {
    /// The name of the check file, for messages.
    pub name: &'a str,
    /// The prefixes of the directives, such as CHECK.
    pub prefixes: &'a [&'a str],
    /// Whether an empty input is fine.
    pub allow_empty: bool,
}

/// Checks `input` against the directives in `check_file_text`; the error names the directive and shows the input.
pub fn check(check_file_text: &str, input: &str, prefixes: &[&str]) -> Result<(), String> {
    check_with(check_file_text, input, Options { name: "check file", prefixes, allow_empty: true })
}

/// As [`check`], with options.
pub fn check_with(check_file_text: &str, input: &str, options: Options<'_>) -> Result<(), String> {
    let directives = read_directives(check_file_text, options)?;
    if input.trim().is_empty() && !options.allow_empty {
        return Err(format!("{}: the input is empty (FileCheck --allow-empty permits that)", options.name));
    }
    let checker = Checker { input: canonical(input), name: options.name, variables: Variables::new() };
    checker.run(&directives)
}

/// What a directive asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Plain,
    Next,
    Same,
    Not,
    Dag,
    Label,
    Empty,
    Count(usize),
    /// The end of the check file: carries the CHECK-NOT and CHECK-DAG before it.
    End,
}

/// One directive.
#[derive(Debug)]
struct Directive {
    kind: Kind,
    pattern: Pattern,
    /// 1-based line in the check file.
    line: usize,
    /// The directive as it is written.
    text: String,
}

/// White space as FileCheck sees it: runs of blanks are one space, lines end in `\n`.
fn canonical(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars().filter(|&c| c != '\r') {
        if !matches!(c, ' ' | '\t') {
            out.push(c);
        } else if !out.ends_with(' ') {
            out.push(' ');
        }
    }
    out
}

/// Reads the directives of a check file, in order.
fn read_directives(text: &str, options: Options<'_>) -> Result<Vec<Directive>, String> {
    let mut directives: Vec<Directive> = Vec::new();
    for (index, line_text) in text.lines().enumerate() {
        let line = index + 1;
        let fail = |message: String| format!("{}:{line}: {message}\n  {}", options.name, line_text.trim());
        let Some((prefix_at, kind, rest)) = find_directive(line_text, options.prefixes).map_err(fail)? else {
            continue;
        };
        let (literal, rest) = match rest {
            Rest::Literal(rest) => (true, rest),
            Rest::Pattern(rest) => (false, rest),
        };
        let body = canonical(rest.trim());
        if body.is_empty() != (kind == Kind::Empty) {
            return Err(fail(match kind {
                Kind::Empty => "CHECK-EMPTY takes no pattern".to_string(),
                _ => "the pattern is empty".to_string(),
            }));
        }
        let pattern = match kind {
            Kind::Empty => Pattern::empty_line(),
            _ => Pattern::parse(&body, line, literal).map_err(fail)?,
        };
        if kind == Kind::Label && pattern.has_variables() {
            return Err(fail("a CHECK-LABEL can neither define nor use a variable".to_string()));
        }
        let first = directives.iter().all(|earlier| matches!(earlier.kind, Kind::Not | Kind::Dag));
        if first && matches!(kind, Kind::Next | Kind::Same | Kind::Empty) {
            return Err(fail("there is no CHECK before it".to_string()));
        }
        directives.push(Directive { kind, pattern, line, text: line_text[prefix_at..].trim().to_string() });
    }
    if directives.is_empty() {
        let names = options.prefixes.join(":, ");
        return Err(format!("{}: no directive with the prefix {names}: was found", options.name));
    }
    let line = text.lines().count();
    directives.push(Directive {
        kind: Kind::End,
        pattern: Pattern::empty_line(),
        line,
        text: "end of file".into(),
    });
    Ok(directives)
}

/// The text after a directive's colon.
enum Rest<'a> {
    Pattern(&'a str),
    Literal(&'a str),
}

/// The first directive on a line: where it begins, its kind, and its text. A `RUN:` or `COM:` before it hides it.
fn find_directive<'a>(line: &'a str, prefixes: &[&str]) -> Result<Option<(usize, Kind, Rest<'a>)>, String> {
    let part_of_word = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    for (at, _) in line.char_indices() {
        if line[..at].ends_with(part_of_word) {
            continue;
        }
        if ["RUN:", "COM:"].iter().any(|comment| line[at..].starts_with(comment)) {
            return Ok(None);
        }
        for prefix in prefixes {
            let Some(tail) = line[at..].strip_prefix(prefix) else { continue };
            if let Some((kind, rest)) = split_suffix(tail)? {
                return Ok(Some((at, kind, rest)));
            }
        }
    }
    Ok(None)
}

/// Reads what follows a prefix, up to the colon.
fn split_suffix(tail: &str) -> Result<Option<(Kind, Rest<'_>)>, String> {
    let Some((suffix, rest)) = tail.split_once(':') else { return Ok(None) };
    let (suffix, rest) = match suffix.strip_suffix("{LITERAL}") {
        Some(suffix) => (suffix, Rest::Literal(rest)),
        None => (suffix, Rest::Pattern(rest)),
    };
    let kind = match suffix {
        "" => Kind::Plain,
        "-NEXT" => Kind::Next,
        "-SAME" => Kind::Same,
        "-NOT" => Kind::Not,
        "-DAG" => Kind::Dag,
        "-LABEL" => Kind::Label,
        "-EMPTY" => Kind::Empty,
        _ => match suffix.strip_prefix("-COUNT-") {
            Some(count) => match count.parse() {
                Ok(count) if count > 0 => Kind::Count(count),
                _ => return Err(format!("'{count}' is not a count: write CHECK-COUNT-3")),
            },
            None => return Ok(None),
        },
    };
    Ok(Some((kind, rest)))
}

/// The state of a check.
struct Checker<'a> {
    input: String,
    name: &'a str,
    variables: Variables,
}

impl Checker<'_> {
    /// Splits the input at the labels, then checks block by block.
    fn run(mut self, directives: &[Directive]) -> Result<(), String> {
        let mut from = 0;
        for block in directives.split_inclusive(|directive| directive.kind == Kind::Label) {
            let to = match block.last() {
                Some(label) if label.kind == Kind::Label => {
                    self.search(label, from..self.input.len(), from)?.range.end
                }
                _ => self.input.len(),
            };
            from = self.check_block(block, from, to)?;
        }
        Ok(())
    }

    /// Checks the directives of one block in `input[from..to]`; returns where the last one ended.
    fn check_block(&mut self, block: &[Directive], from: usize, to: usize) -> Result<usize, String> {
        let mut at = from;
        let mut loose = Vec::new();
        for directive in block {
            match directive.kind {
                Kind::Not | Kind::Dag => loose.push(directive),
                _ => {
                    at = self.check_anchor(directive, &loose, at, to)?;
                    loose.clear();
                }
            }
        }
        Ok(at)
    }

    /// Checks a directive that fixes a place, after the CHECK-DAG and CHECK-NOT that stand before it.
    fn check_anchor(
        &mut self,
        directive: &Directive,
        loose: &[&Directive],
        previous: usize,
        to: usize,
    ) -> Result<usize, String> {
        let (at, nots) = self.check_loose(loose, previous, to)?;
        if directive.kind == Kind::End {
            self.check_nots(&nots, at..to)?;
            return Ok(to);
        }
        let count = if let Kind::Count(count) = directive.kind { count } else { 1 };
        let mut end = at;
        let mut start = at;
        for repeat in 0..count {
            let found = self.search(directive, end..to, end).map_err(|message| {
                if count == 1 { message } else { format!("{message}\n(match {} of {count})", repeat + 1) }
            })?;
            if repeat == 0 {
                start = found.range.start;
            }
            end = found.range.end;
            self.variables.extend(found.bound);
        }
        self.check_newlines(directive, at..start)?;
        self.check_nots(&nots, at..start)?;
        Ok(end)
    }

    /// Checks the groups of CHECK-DAG; returns where they end and the CHECK-NOT that remain for the anchor.
    fn check_loose<'d>(
        &mut self,
        loose: &[&'d Directive],
        from: usize,
        to: usize,
    ) -> Result<(usize, Vec<&'d Directive>), String> {
        let mut at = from;
        let mut nots: Vec<&Directive> = Vec::new();
        let mut group: Vec<Range<usize>> = Vec::new();
        for (index, directive) in loose.iter().enumerate() {
            if directive.kind == Kind::Not {
                nots.push(directive);
                continue;
            }
            let found = self.search_apart(directive, at..to, &group)?;
            group.push(found.range);
            self.variables.extend(found.bound);
            let group_ends = loose.get(index + 1).is_none_or(|next| next.kind == Kind::Not);
            if group_ends {
                let start = group.iter().map(|range| range.start).min().unwrap_or(at);
                self.check_nots(&nots, at..start)?;
                nots.clear();
                at = group.iter().map(|range| range.end).max().unwrap_or(at);
                group.clear();
            }
        }
        Ok((at, nots))
    }

    /// The first match that overlaps none of `taken`.
    fn search_apart(
        &self,
        directive: &Directive,
        within: Range<usize>,
        taken: &[Range<usize>],
    ) -> Result<Match, String> {
        let mut from = within.start;
        loop {
            let found = self.search(directive, from..within.end, within.start)?;
            let overlapped =
                taken.iter().find(|range| range.start < found.range.end && found.range.start < range.end);
            match overlapped {
                Some(range) => from = range.end,
                None => return Ok(found),
            }
        }
    }

    /// The first match in `within`; the failure shows the input at `shown`.
    fn search(&self, directive: &Directive, within: Range<usize>, shown: usize) -> Result<Match, String> {
        match directive.pattern.find(&self.input, within.start, within.end, &self.variables) {
            Ok(Some(found)) => Ok(found),
            Ok(None) => {
                let uses =
                    self.variables.iter().filter(|(name, _)| directive.text.contains(&format!("[[{name}]]")));
                let bound: String =
                    uses.map(|(name, value)| format!("\nwith {name} = \"{value}\"")).collect();
                Err(self.failure(directive, &format!("not found in the input{bound}"), shown))
            }
            Err(message) => Err(self.failure(directive, &message, shown)),
        }
    }

    /// CHECK-NEXT and CHECK-EMPTY are one line on, CHECK-SAME is on the same line.
    fn check_newlines(&self, directive: &Directive, skipped: Range<usize>) -> Result<(), String> {
        let newlines = self.input[skipped.clone()].matches('\n').count();
        let complaint = match (directive.kind, newlines) {
            (Kind::Same, 1..) => "is not on the line of the previous match",
            (Kind::Next | Kind::Empty, 0) => "is on the line of the previous match",
            (Kind::Next | Kind::Empty, 2..) => "is not on the line after the previous match",
            _ => return Ok(()),
        };
        let found = self.line_of(skipped.end);
        Err(self.failure(directive, &format!("{complaint}: found on input line {found}"), skipped.start))
    }

    /// None of `nots` may match in `within`.
    fn check_nots(&self, nots: &[&Directive], within: Range<usize>) -> Result<(), String> {
        for directive in nots {
            let found = directive.pattern.find(&self.input, within.start, within.end, &self.variables);
            if let Some(found) = found.map_err(|message| self.failure(directive, &message, within.start))? {
                let line = self.line_of(found.range.start);
                let message = format!("excluded text found on input line {line}");
                return Err(self.failure(directive, &message, found.range.start));
            }
        }
        Ok(())
    }

    /// The 1-based line of the input at a byte offset.
    fn line_of(&self, offset: usize) -> usize {
        self.input[..offset].matches('\n').count() + 1
    }

    /// A failure of `directive`, with the lines of the input from `offset` on.
    fn failure(&self, directive: &Directive, message: &str, offset: usize) -> String {
        const WINDOW_LINES: usize = 12;
        let first = self.line_of(offset);
        let mut text = format!(
            "{}:{}: {message}\n  {}\ninput from line {first}:",
            self.name, directive.line, directive.text
        );
        for (index, line) in self.input.lines().enumerate().skip(first - 1).take(WINDOW_LINES) {
            text += &format!("\n  {:>4} | {line}", index + 1);
        }
        text
    }
}

#[cfg(test)]
#[path = "filecheck_tests.rs"]
mod tests;
