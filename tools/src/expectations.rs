//! `--verify-diagnostics`: comments in the program say which diagnostics it must give.

use he_core::support::{Diagnostic, Position};

/// One `expected-error@+1 {{text}}`.
#[derive(Debug)]
struct Expectation {
    kind: &'static str,
    /// The line it is about; `None` for a diagnostic without a place.
    line: Option<u32>,
    text: String,
    /// Where it is written.
    position: Position,
    met: bool,
}

const KINDS: [&str; 4] = ["error", "warning", "remark", "note"];
const MARK: &str = "expected-";

/// Compares what a text that stands in `file` after that many lines expects with what it gave. Yields what does not agree:
/// diagnostics that nobody expects, and expectations that nothing met. A note may be expected, but need not be.
pub fn unexpected(source: &str, file: &str, lines_before: u32, found: &[Diagnostic]) -> Vec<Diagnostic> {
    let (mut expected, problems) = read_expectations(source, file);
    for expectation in &mut expected {
        expectation.line = expectation.line.map(|line| line + lines_before);
        expectation.position.line += lines_before;
    }
    let moved = problems.into_iter().map(|problem| problem.moved_down(file, lines_before));
    let mut problems: Vec<Diagnostic> = moved.collect();
    for diagnostic in found {
        let kind = diagnostic.severity.to_string();
        if !meet(&mut expected, &kind, diagnostic.position.as_ref(), &diagnostic.message) {
            let text = format!("unexpected {kind}: {}", diagnostic.message);
            problems.push(Diagnostic::error(text).at(diagnostic.position.clone()));
        }
        for (position, note) in &diagnostic.notes {
            meet(&mut expected, "note", position.as_ref(), note);
        }
    }
    let unmet = expected.into_iter().filter(|expectation| !expectation.met);
    problems.extend(unmet.map(|expectation| {
        let text = format!("expected {} \"{}\" was not produced", expectation.kind, expectation.text);
        Diagnostic::error(text).at(expectation.position)
    }));
    problems
}

fn meet(expected: &mut [Expectation], kind: &str, position: Option<&Position>, text: &str) -> bool {
    let line = position.map(|position| position.line);
    let fits = |e: &&mut Expectation| !e.met && e.kind == kind && e.line == line && text.contains(&e.text);
    match expected.iter_mut().find(fits) {
        Some(expectation) => {
            expectation.met = true;
            true
        }
        None => false,
    }
}

fn read_expectations(source: &str, file: &str) -> (Vec<Expectation>, Vec<Diagnostic>) {
    let lines: Vec<&str> = source.lines().collect();
    let (mut expected, mut problems) = (Vec::new(), Vec::new());
    for (index, line) in lines.iter().enumerate() {
        let mut from = 0;
        while let Some(found) = line[from..].find(MARK) {
            let start = from + found;
            from = start + MARK.len();
            let Some(kind) = KINDS.into_iter().find(|kind| line[from..].starts_with(kind)) else { continue };
            let length = line.len() - start;
            let position = Position {
                file: file.to_owned(),
                line: index as u32 + 1,
                column: start as u32 + 1,
                length: length.min(60) as u32,
            };
            let rest = &line[from + kind.len()..];
            match read_one(&lines, index, rest) {
                Some((about, text)) => expected.push(Expectation {
                    kind,
                    line: about,
                    text: text.to_owned(),
                    position,
                    met: false,
                }),
                None => problems.push(
                    Diagnostic::error("malformed expectation")
                        .at(position)
                        .help("write expected-error@+1 {{text}}; also @-1, @above, @below, @unknown"),
                ),
            }
        }
    }
    (expected, problems)
}

/// The line that an expectation at line `index` is about, and its text. `rest` follows the kind.
fn read_one<'a>(lines: &[&str], index: usize, rest: &'a str) -> Option<(Option<u32>, &'a str)> {
    let open = rest.find("{{")?;
    let close = rest.rfind("}}").filter(|close| *close >= open + 2)?;
    let close = rest[open..].find("}}").map_or(close, |end| open + end);
    let text = &rest[open + 2..close];
    let has_mark = |line: &&&str| !line.contains(MARK);
    let about = match rest[..open].trim() {
        "" => Some(index as i64),
        "@unknown" => None,
        "@below" => {
            let after = lines[index + 1..].iter().position(|line| has_mark(&line))?;
            Some((index + 1 + after) as i64)
        }
        "@above" => Some(lines[..index].iter().rposition(|line| has_mark(&line))? as i64),
        offset => Some(index as i64 + offset.strip_prefix('@')?.parse::<i64>().ok()?),
    };
    match about {
        Some(line) => Some((Some(u32::try_from(line + 1).ok()?), text)),
        None => Some((None, text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(source: &str, found: &[(u32, &str)]) -> Vec<String> {
        let at = |line| Position { file: "f".into(), line, column: 1, length: 0 };
        let found: Vec<_> = found.iter().map(|(line, text)| Diagnostic::error(*text).at(at(*line))).collect();
        unexpected(source, "f", 0, &found).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn places() {
        let none: Vec<String> = Vec::new();
        assert_eq!(problems("// expected-error@+1 {{bad}}\nx", &[(2, "so bad!")]), none);
        assert_eq!(problems("x // expected-error {{bad}}", &[(1, "bad")]), none);
        assert_eq!(problems("x\n// expected-error@-1 {{bad}}", &[(1, "bad")]), none);
        let both = "// expected-error@below {{a}}\n// expected-error@below {{b}}\nx";
        assert_eq!(problems(both, &[(3, "b"), (3, "a")]), none);
        assert_eq!(problems("x\n// expected-error@above {{a}}", &[(1, "a")]), none);
    }

    #[test]
    fn disagreement() {
        let missing = problems("x // expected-error {{bad}}", &[]);
        assert_eq!(missing, ["f:1:6: error: expected error \"bad\" was not produced"]);
        assert_eq!(problems("x", &[(1, "bad")]), ["f:1:1: error: unexpected error: bad"]);
        assert!(problems("x // expected-error {bad}", &[])[0].contains("malformed"));
        assert!(problems("x // expected-error@z {{bad}}", &[])[0].contains("malformed"));
    }
}
