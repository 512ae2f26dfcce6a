//! One FileCheck pattern: text, `{{regex}}`, `[[VAR:regex]]`, `[[VAR]]`, `[[@LINE+n]]`.

use regex::Regex;
use std::collections::BTreeMap;
use std::ops::Range;

/// The variables that are bound so far.
pub type Variables = BTreeMap<String, String>;

/// A piece of a pattern.
#[derive(Debug, Clone, PartialEq)]
enum Piece {
    /// Text that stands for itself.
    Text(String),
    /// A regular expression, in the regex crate's syntax.
    Regex(String),
    /// `[[VAR:regex]]`.
    Define(String, String),
    /// `[[VAR]]`.
    Use(String),
    /// CHECK-EMPTY: the end of a line and an empty line after it.
    EmptyLine,
}

/// A pattern that can be searched for.
#[derive(Debug, Clone)]
pub struct Pattern {
    pieces: Vec<Piece>,
}

/// Where a pattern matched, and the variables that it binds there.
#[derive(Debug)]
pub struct Match {
    pub range: Range<usize>,
    pub bound: Variables,
}

impl Pattern {
    /// The pattern of CHECK-EMPTY.
    pub fn empty_line() -> Pattern {
        Pattern { pieces: vec![Piece::EmptyLine] }
    }

    /// Reads the text after the directive, which stands on `line` (1-based) of the check file.
    pub fn parse(text: &str, line: usize, literal: bool) -> Result<Pattern, String> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            let special = if literal { None } else { ["{{", "[["].iter().filter_map(|s| rest.find(s)).min() };
            let (plain, tail) = rest.split_at(special.unwrap_or(rest.len()));
            if !plain.is_empty() {
                pieces.push(Piece::Text(plain.to_string()));
            }
            rest = tail;
            if let Some(tail) = rest.strip_prefix("{{") {
                let end = tail.find("}}").ok_or("'{{' without '}}'")?;
                pieces.push(Piece::Regex(translate(&tail[..end])?));
                rest = &tail[end + 2..];
            } else if let Some(tail) = rest.strip_prefix("[[") {
                let end = end_of_variable(tail).ok_or("'[[' without ']]'")?;
                pieces.push(variable(&tail[..end], line)?);
                rest = &tail[end + 2..];
            }
        }
        Ok(Pattern { pieces })
    }

    /// Whether the pattern names a variable, which CHECK-LABEL may not.
    pub fn has_variables(&self) -> bool {
        self.pieces.iter().any(|piece| matches!(piece, Piece::Define(..) | Piece::Use(_)))
    }

    /// The first match in `input[from..to]`; as in LLVM's, `^` matches at `from` and `$` at `to`.
    pub fn find(
        &self,
        input: &str,
        from: usize,
        to: usize,
        known: &Variables,
    ) -> Result<Option<Match>, String> {
        let mut defined: Vec<&str> = Vec::new();
        let mut refers_to_itself = false;
        for piece in &self.pieces {
            match piece {
                Piece::Define(name, _) => defined.push(name),
                Piece::Use(name) if defined.contains(&name.as_str()) => refers_to_itself = true,
                Piece::Use(name) if !known.contains_key(name) => {
                    return Err(format!("undefined variable: {name}"));
                }
                _ => {}
            }
        }
        if refers_to_itself {
            self.find_backtracking(input, from, to, known)
        } else {
            self.find_regex(input, from, to, known)
        }
    }

    /// Searches with one regular expression for the whole pattern.
    fn find_regex(
        &self,
        input: &str,
        from: usize,
        to: usize,
        known: &Variables,
    ) -> Result<Option<Match>, String> {
        let mut source = String::from("(?m)");
        let mut names = Vec::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => source += &regex::escape(text),
                Piece::Regex(regex) => source += &format!("(?:{regex})"),
                Piece::Define(name, regex) => {
                    source += &format!("(?P<v{}>{regex})", names.len());
                    names.push(name);
                }
                Piece::Use(name) => source += &regex::escape(&known[name]),
                Piece::EmptyLine => source += "\\n$",
            }
        }
        let Some(found) = compile(&source)?.captures(&input[from..to]) else { return Ok(None) };
        let mut bound = Variables::new();
        for (index, name) in names.iter().enumerate() {
            bound.insert(name.to_string(), found[format!("v{index}").as_str()].to_string());
        }
        let whole = found.get(0).map_or(0..0, |whole| whole.range());
        // The match of CHECK-EMPTY starts after the newline before it, as that of CHECK-NEXT does.
        let skip = usize::from(self.pieces.contains(&Piece::EmptyLine));
        Ok(Some(Match { range: from + whole.start + skip..from + whole.end, bound }))
    }

    /// Searches for a pattern that uses a variable it defines itself; such a match stays on one line.
    fn find_backtracking(
        &self,
        input: &str,
        from: usize,
        to: usize,
        known: &Variables,
    ) -> Result<Option<Match>, String> {
        let regexes = self
            .pieces
            .iter()
            .map(|piece| match piece {
                Piece::Regex(regex) | Piece::Define(_, regex) => compile(&format!("^(?:{regex})$")).map(Some),
                _ => Ok(None),
            })
            .collect::<Result<Vec<_>, _>>()?;
        for start in (from..to).filter(|&start| input.is_char_boundary(start)) {
            let line_end = input[start..to].find('\n').map_or(to, |end| start + end);
            let mut bound = known.clone();
            if let Some(end) = self.match_here(&input[..line_end], start, 0, &regexes, &mut bound) {
                return Ok(Some(Match { range: start..end, bound }));
            }
        }
        Ok(None)
    }

    /// Matches the pieces from `index` on at `at`, the longest alternatives first.
    fn match_here(
        &self,
        line: &str,
        at: usize,
        index: usize,
        regexes: &[Option<Regex>],
        bound: &mut Variables,
    ) -> Option<usize> {
        let Some(piece) = self.pieces.get(index) else { return Some(at) };
        let text = match piece {
            Piece::Text(text) => Some(text.clone()),
            Piece::Use(name) => bound.get(name).cloned(),
            _ => None,
        };
        if let Some(text) = text {
            return if line[at..].starts_with(&text) {
                self.match_here(line, at + text.len(), index + 1, regexes, bound)
            } else {
                None
            };
        }
        let regex = regexes[index].as_ref()?;
        for end in (at..=line.len()).rev().filter(|&end| line.is_char_boundary(end)) {
            if regex.is_match(&line[at..end]) {
                let mut tried = bound.clone();
                if let Piece::Define(name, _) = piece {
                    tried.insert(name.clone(), line[at..end].to_string());
                }
                if let Some(end) = self.match_here(line, end, index + 1, regexes, &mut tried) {
                    *bound = tried;
                    return Some(end);
                }
            }
        }
        None
    }
}

/// Compiles a regular expression of a pattern.
fn compile(source: &str) -> Result<Regex, String> {
    Regex::new(source).map_err(|error| format!("bad regular expression: {error}"))
}

/// The `]]` that ends a variable: brackets inside of its regular expression are skipped.
fn end_of_variable(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let (mut depth, mut at) = (0usize, 0);
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 1,
            b']' if depth == 0 && bytes.get(at + 1) == Some(&b']') => return Some(at),
            b'[' => depth += 1,
            b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        at += 1;
    }
    None
}

/// Reads the inside of `[[…]]`.
fn variable(text: &str, line: usize) -> Result<Piece, String> {
    let is_name = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    if let Some(offset) = text.strip_prefix('#').unwrap_or(text).trim().strip_prefix("@LINE") {
        let offset = offset.replace(' ', "");
        let offset = if offset.is_empty() { Ok(0) } else { offset.parse::<i64>() };
        let offset = offset.map_err(|_| format!("[[{text}]]: expected [[@LINE]] or [[@LINE+1]]"))?;
        return Ok(Piece::Text((line as i64 + offset).to_string()));
    }
    match text.split_once(':') {
        Some((name, regex)) if is_name(name) => Ok(Piece::Define(name.to_string(), translate(regex)?)),
        None if is_name(text) => Ok(Piece::Use(text.to_string())),
        _ => Err(format!("[[{text}]]: not a variable; write literal brackets as {{{{\\[\\[}}}}")),
    }
}

/// A POSIX extended regular expression in the regex crate's syntax: inside of brackets a backslash, `[`, `&` and `~`
/// stand for themselves, and a `]` that comes first does.
fn translate(posix: &str) -> Result<String, String> {
    let mut out = String::new();
    let mut chars = posix.chars().peekable();
    while let Some(c) = chars.next() {
        out.push(c);
        if c == '\\' {
            out.extend(chars.next());
        }
        if c != '[' {
            continue;
        }
        out.extend(chars.next_if_eq(&'^'));
        if chars.next_if_eq(&']').is_some() {
            out += "\\]";
        }
        loop {
            match chars.next().ok_or(format!("{posix}: '[' without ']'"))? {
                ']' => break out.push(']'),
                '[' if chars.peek() == Some(&':') => {
                    out.push('[');
                    for class in chars.by_ref() {
                        out.push(class);
                        if class == ']' {
                            break;
                        }
                    }
                }
                special @ ('\\' | '[' | '&' | '~') => out.extend(['\\', special]),
                other => out.push(other),
            }
        }
    }
    Ok(out)
}
