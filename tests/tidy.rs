//! What the architecture promises, checked on the source text.

use regex::Regex;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// What each module of core may use besides itself.
const CORE_ARROWS: &[(&str, &[&str])] = &[
    ("support", &[]),
    ("ir", &["support"]),
    ("expr", &["support", "ir"]),
    ("schema", &["support", "ir", "expr"]),
    ("text", &["support", "ir", "expr", "schema"]),
    ("rewrite", &["support", "ir", "expr", "schema", "text"]),
    ("pass", &["support", "ir", "expr", "schema", "text", "rewrite"]),
    ("exec", &["support", "ir", "expr", "schema", "text"]),
    ("cost", &["support", "ir", "expr", "schema", "text"]),
];
/// Dialects may use these modules of the dialects package: no dialects, and the functions that all programs are made of.
const SHARED_BY_DIALECTS: &[&str] = &["profiles", "support", "func"];
/// Names that say nothing, and code that is not finished.
const BANNED_WORDS: &[(&str, &str)] = &[
    (r"\butils?\b", "a folder or module called utils collects what has no home: name what it does"),
    (r"\w*Manager\b", "say what it does with what it manages"),
    (r"\w*Helper\b", "say what it helps with"),
    (r"\b(todo|unimplemented|dbg)!", "finish it, or return an error"),
    (r"use crate::\*", "a glob import of the crate hides what is used"),
];
const MAX_FILE_LINES: usize = 700;
const MAX_LIB_DOC_LINES: usize = 60;

/// A file that a rule does not hold for, and why.
struct Exemption {
    rule: &'static str,
    path: &'static str,
    reason: &'static str,
}

const EXEMPTIONS: &[Exemption] = &[
    Exemption { rule: "words", path: "tests/tidy.rs", reason: "it names the words that it bans" },
    Exemption {
        rule: "dead",
        path: "dialects/build.rs",
        reason: "cargo runs it: the package's build script",
    },
    Exemption {
        rule: "world",
        path: "dialects/build.rs",
        reason: "it runs at build time and writes to OUT_DIR",
    },
];

/// A file of the repository.
struct Source {
    /// Relative to the root, with `/`.
    path: String,
    text: String,
}

impl Source {
    /// `path:line: ` for a byte offset.
    fn at(&self, offset: usize) -> String {
        format!("{}:{}: ", self.path, self.text[..offset].matches('\n').count() + 1)
    }

    fn is_exempt(&self, rule: &str) -> bool {
        EXEMPTIONS.iter().any(|exemption| exemption.rule == rule && exemption.path == self.path)
    }

    fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// Code that is compiled into the product: no test file, no `#[cfg(test)]` item, no comment. Offsets are kept.
    fn product_code(&self) -> String {
        if self.path.ends_with("tests.rs") { String::new() } else { blank_comments_and_tests(&self.text) }
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().expect("the workspace exists")
}

/// The tracked and the new files, without what git ignores, that are text.
fn sources() -> Vec<Source> {
    let root = root();
    let git =
        |arguments: &[&str]| std::process::Command::new("git").current_dir(&root).args(arguments).output();
    let listed = git(&["ls-files", "-z", "--cached", "--others", "--exclude-standard"]).expect("git runs");
    assert!(listed.status.success(), "{}", String::from_utf8_lossy(&listed.stderr));
    let names = String::from_utf8_lossy(&listed.stdout).into_owned();
    let read = |name: &str| std::fs::read_to_string(root.join(name)).ok();
    let sources = names.split('\0').filter(|name| !name.is_empty());
    let sources: Vec<_> =
        sources.filter_map(|name| Some(Source { path: name.into(), text: read(name)? })).collect();
    assert!(sources.iter().any(|source| source.path == "src/lib.rs"), "no source was found");
    sources
}

/// Replaces comments and `#[cfg(test)]` items by blanks; strings and newlines stay.
fn blank_comments_and_tests(text: &str) -> String {
    // A string or a character, so that a `//` or a brace inside of it is none; then comments and test attributes.
    let token = Regex::new(
        r##"(?s)(?P<string>b?r#*"|b?"(?:\\.|[^"\\])*"|'(?:\\[^u]|\\u\{\w+\}|[^'\\])')|//[^\n]*|/\*.*?\*/|(?P<test>#\[cfg\(test\)\])"##,
    )
    .expect("a valid expression");
    let blank = |part: &str| {
        part.chars()
            .map(|c| if c == '\n' { "\n".into() } else { " ".repeat(c.len_utf8()) })
            .collect::<String>()
    };
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(found) = token.captures_at(text, at) {
        let whole = found.get(0).expect("a match has a range");
        out += &text[at..whole.start()];
        at = whole.end();
        if found.name("test").is_some() {
            at = end_of_item(text, at);
            out += &blank(&text[whole.start()..at]);
        } else if found.name("string").is_some() {
            if whole.as_str().ends_with("#\"") || whole.as_str().ends_with("r\"") {
                let close = format!("\"{}", "#".repeat(whole.as_str().matches('#').count()));
                at = text[at..].find(&close).map_or(text.len(), |end| at + end + close.len());
            }
            out += &text[whole.start()..at];
        } else {
            out += &blank(whole.as_str());
        }
    }
    out + &text[at..]
}

/// The end of the item at `at`: its `;` or its closing brace. Braces are balanced in formatted code with the exception
/// of strings, and those are balanced in format strings too.
fn end_of_item(text: &str, at: usize) -> usize {
    let mut depth = 0usize;
    for (offset, c) in text[at..].char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 && matches!(c, ';' | '}') {
            return at + offset + c.len_utf8();
        }
    }
    text.len()
}

fn assert_tidy(problems: Vec<String>) {
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}

/// The modules of this package that a piece of code names through `crate::`, with their places.
fn crate_paths(code: &str) -> Vec<(usize, String)> {
    let single = Regex::new(r"\bcrate::([a-z_0-9]+)").expect("a valid expression");
    let group = Regex::new(r"\bcrate::\{([^;]*)\};").expect("a valid expression");
    let mut paths: Vec<_> = single
        .captures_iter(code)
        .filter_map(|found| Some((found.get(1)?.start(), found[1].to_string())))
        .collect();
    for found in group.captures_iter(code) {
        let inside = found.get(1).expect("the group takes part");
        let mut depth = 0;
        let mut start = 0;
        for (offset, c) in inside.as_str().char_indices().chain([(inside.len(), ',')]) {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' if depth == 0 => {
                    let part = inside.as_str()[start..offset].trim();
                    let name: String =
                        part.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                    paths.push((inside.start() + start, name));
                    start = offset + 1;
                }
                _ => {}
            }
        }
    }
    paths.retain(|(_, name)| !name.is_empty());
    paths
}

#[test]
fn core_modules_keep_their_order() {
    let mut problems = Vec::new();
    for source in sources().iter().filter(|source| source.path.starts_with("src/") && source.is_rust()) {
        let Some(module) = source.path.split('/').nth(1).map(|name| name.trim_end_matches(".rs")) else {
            continue;
        };
        if module == "lib" || source.is_exempt("order") {
            continue;
        }
        let Some((_, allowed)) = CORE_ARROWS.iter().find(|(name, _)| *name == module) else {
            problems
                .push(format!("{}:1: '{module}' has no place in the order of core's modules", source.path));
            continue;
        };
        // Tests are part of a module too: an arrow in a test is an arrow.
        for (offset, used) in crate_paths(&source.text) {
            let is_module = CORE_ARROWS.iter().any(|(name, _)| *name == used);
            if is_module && used != module && !allowed.contains(&used.as_str()) {
                problems.push(format!("{}{module} may not use {used}", source.at(offset)));
            }
        }
    }
    assert_tidy(problems);
}

#[test]
fn core_names_no_dialect() {
    let name = Regex::new(r#""(nn|poly|packed|ckks)\."#).expect("a valid expression");
    let mut problems = Vec::new();
    for source in sources().iter().filter(|source| source.path.starts_with("src/") && source.is_rust()) {
        let code = source.product_code();
        if !source.is_exempt("dialect names") {
            let found = name.find_iter(&code);
            problems.extend(
                found.map(|found| format!("{}core names {}", source.at(found.start()), found.as_str())),
            );
        }
    }
    assert_tidy(problems);
}

#[test]
fn dialects_do_not_see_each_other() {
    let sources = sources();
    let folder = |source: &Source| {
        source.path.strip_prefix("dialects/")?.split_once('/').map(|(name, _)| name.to_string())
    };
    let dialects: BTreeSet<String> = sources.iter().filter_map(folder).collect();
    let mut problems = Vec::new();
    for source in sources.iter().filter(|source| source.is_rust() && !source.is_exempt("dialects")) {
        let Some(own) = folder(source).filter(|name| name != "lower") else { continue };
        for (offset, used) in crate_paths(&source.text) {
            let shared = SHARED_BY_DIALECTS.contains(&used.as_str());
            if used != own && dialects.contains(&used) && !shared {
                problems.push(format!("{}dialect {own} may not see {used}", source.at(offset)));
            }
        }
    }
    assert_tidy(problems);
}

#[test]
fn only_tools_touch_the_world() {
    let world =
        Regex::new(r"\bstd::(fs|net|process)\b|\bstd::io::std(in|out|err)\b|\b(e?println|e?print)!|\bFile::")
            .expect("a valid expression");
    let mut problems = Vec::new();
    for source in sources().iter().filter(|source| source.is_rust() && !source.is_exempt("world")) {
        if source.path.starts_with("src/") || source.path.starts_with("dialects/") {
            let code = source.product_code();
            let found = world.find_iter(&code);
            problems.extend(
                found.map(|found| format!("{}{} belongs to tools", source.at(found.start()), found.as_str())),
            );
        }
    }
    assert_tidy(problems);
}

#[test]
fn one_place_writes_to_standard_error() {
    // The macros panic where the stream is closed or full; so does what is written to it with an `expect`.
    let writes = Regex::new(r"\b(e?println|e?print)!|\b(std::io::|io::)?std(out|err)\(\)")
        .expect("a valid expression");
    let places = ["tools/src/streams.rs", "tools/src/files.rs"];
    let mut problems = Vec::new();
    for source in sources().iter().filter(|source| source.path.starts_with("tools/") && source.is_rust()) {
        if !places.contains(&source.path.as_str()) {
            let code = source.product_code();
            problems.extend(writes.find_iter(&code).map(|found| {
                format!(
                    "{}{}: write through streams.rs or files.rs",
                    source.at(found.start()),
                    found.as_str()
                )
            }));
        }
    }
    assert_tidy(problems);
}

#[test]
fn no_banned_words() {
    let mut problems = Vec::new();
    let outside = ["..", "shared"].join("/");
    for source in sources().iter().filter(|source| !source.is_exempt("words")) {
        if let Some(offset) = source.text.find(&outside) {
            problems.push(format!("{}{outside} is outside of the repository", source.at(offset)));
        }
        if source.path.split('/').any(|part| part == "utils" || part == "utils.rs") {
            problems.push(format!("{}:1: a file or folder called utils", source.path));
        }
        if !source.is_rust() {
            continue;
        }
        let code = blank_comments_and_tests(&source.text);
        for (word, reason) in BANNED_WORDS {
            let word = Regex::new(word).expect("a valid expression");
            let found = word.find_iter(&code);
            problems.extend(
                found.map(|found| format!("{}{}: {reason}", source.at(found.start()), found.as_str())),
            );
        }
    }
    assert_tidy(problems);
}

#[test]
fn files_are_short() {
    let mut problems = Vec::new();
    for source in sources().iter().filter(|source| source.is_rust() && !source.is_exempt("length")) {
        let lines = source.text.lines().count();
        if lines > MAX_FILE_LINES {
            problems.push(format!("{}:{lines}: more than {MAX_FILE_LINES} lines", source.path));
        }
        let doc_lines = source.text.lines().filter(|line| line.starts_with("//!")).count();
        if source.path.ends_with("lib.rs") && doc_lines > MAX_LIB_DOC_LINES {
            problems
                .push(format!("{}:1: {doc_lines} lines of //!, at most {MAX_LIB_DOC_LINES}", source.path));
        }
    }
    assert_tidy(problems);
}

#[test]
fn every_file_is_compiled() {
    let sources = sources();
    let manifests = ["Cargo.toml", "dialects/Cargo.toml", "tools/Cargo.toml"];
    let path = Regex::new(r#"(?m)^path = "([^"]+\.rs)""#).expect("a valid expression");
    let declared = Regex::new(r#"(?:#\[path = "([^"]+)"\]\s*)?(?:pub(?:\([a-z ]+\))? )?mod ([a-z_0-9]+);"#)
        .expect("a valid expression");
    let mut reached = BTreeSet::new();
    let mut queue = Vec::new();
    for source in sources.iter().filter(|source| manifests.contains(&source.path.as_str())) {
        let folder = source.path.trim_end_matches("Cargo.toml");
        queue.extend(
            path.captures_iter(&source.text).map(|found| (normal(&format!("{folder}{}", &found[1])), true)),
        );
    }
    while let Some((file, owns_folder)) = queue.pop() {
        if !reached.insert(file.clone()) {
            continue;
        }
        let Some(source) = sources.iter().find(|source| source.path == file) else { continue };
        let (folder, name) = file.rsplit_once('/').unwrap_or(("", &file));
        // mod.rs and files reached by a path keep their modules beside them, others in a folder of their own name.
        let owns_folder = owns_folder || name == "mod.rs";
        let inner = if owns_folder {
            folder.to_string()
        } else {
            format!("{folder}/{}", name.trim_end_matches(".rs"))
        };
        for found in declared.captures_iter(&source.text) {
            if let Some(path) = found.get(1) {
                queue.push((normal(&format!("{folder}/{}", path.as_str())), true));
                continue;
            }
            for candidate in [format!("{inner}/{}.rs", &found[2]), format!("{inner}/{}/mod.rs", &found[2])] {
                if sources.iter().any(|source| source.path == candidate) {
                    queue.push((candidate, false));
                }
            }
        }
    }
    let product = ["src/", "dialects/", "tools/", "tests/"];
    let dead = sources
        .iter()
        .filter(|source| source.is_rust() && product.iter().any(|top| source.path.starts_with(top)));
    let dead = dead.filter(|source| !reached.contains(&source.path) && !source.is_exempt("dead"));
    assert_tidy(dead.map(|source| format!("{}:1: no `mod` and no target reaches it", source.path)).collect());
}

/// A path without `.` and `..`.
fn normal(path: &str) -> String {
    let mut parts = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[test]
fn links_in_documents_resolve() {
    let link = Regex::new(r"\]\(([^)\s]+)\)").expect("a valid expression");
    let root = root();
    let mut problems = Vec::new();
    for source in sources().iter().filter(|source| source.path.ends_with(".md") && !source.is_exempt("links"))
    {
        let folder = source.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        for found in link.captures_iter(&source.text) {
            let target = found[1].split('#').next().unwrap_or_default();
            let is_web = target.contains("://") || target.starts_with("mailto:");
            if !target.is_empty() && !is_web && !root.join(normal(&format!("{folder}/{target}"))).exists() {
                let offset = found.get(0).expect("a match has a range").start();
                problems.push(format!("{}no such file: {target}", source.at(offset)));
            }
        }
    }
    assert_tidy(problems);
}

#[test]
fn exemptions_are_needed_and_say_why() {
    let rules = ["order", "dialect names", "dialects", "world", "words", "length", "dead", "links"];
    let sources = sources();
    for exemption in EXEMPTIONS {
        assert!(rules.contains(&exemption.rule), "no rule is called {}", exemption.rule);
        assert!(sources.iter().any(|source| source.path == exemption.path), "{} is gone", exemption.path);
        assert!(exemption.reason.len() > 10, "{} needs a reason", exemption.path);
    }
}

#[test]
fn comments_and_tests_are_blanked() {
    let text = "a // b\n\"// c {\" r#\"// d\"# 'x' /* e\n */ f\n#[cfg(test)]\nmod t { fn g() {} }\nh\n#[cfg(test)]\nmod u;\ni";
    let code = blank_comments_and_tests(text);
    assert_eq!(code.len(), text.len());
    let words: Vec<&str> = code.split_whitespace().collect();
    assert_eq!(words, ["a", "\"//", "c", "{\"", "r#\"//", "d\"#", "'x'", "f", "h", "i"]);
}

#[test]
fn crate_paths_are_read() {
    let names = |code| crate_paths(code).into_iter().map(|(_, name)| name).collect::<Vec<_>>();
    assert_eq!(names("use crate::ir::{Op, Value};\nlet x = crate::text::parse();"), ["ir", "text"]);
    assert_eq!(names("use crate::{ir::{Op, Value}, text};"), ["ir", "text"]);
}
