//! The shell transcripts in README.md and docs/: each `$ ` line of an indented block is run, and its output compared.
//!
//! A document is read from the top in a folder of its own, in which `examples/` is. A paragraph that begins with a file's
//! name, such as "`far.mlir`, a program", makes the block below it that file, unless there is one. `$ cd DIR` holds for
//! what follows. `…` stands for what is cut: on a line by itself for lines, in a line for a part of it. What is said on
//! standard error may be left out. A command without output must succeed.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const CUT: &str = "…";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().expect("the workspace exists")
}

/// A command of a document.
#[derive(Debug, PartialEq)]
struct Step {
    line: usize,
    command: String,
    output: Vec<String>,
}

/// What a document has its reader do.
#[derive(Debug, PartialEq)]
enum Item {
    File { name: String, text: String },
    Step(Step),
}

/// The name of the file that a paragraph begins with: "`far.mlir`, a program".
fn file_of(paragraph: &str) -> Option<&str> {
    let (name, _) = paragraph.strip_prefix('`')?.split_once('`')?;
    let (stem, ending) = name.rsplit_once('.')?;
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    (stem.chars().all(plain) && matches!(ending, "mlir" | "rules" | "dialect" | "json")).then_some(name)
}

/// The items of a document, in order.
fn items(text: &str) -> Vec<Item> {
    let lines: Vec<&str> = text.lines().collect();
    let (mut items, mut paragraph, mut at) = (Vec::new(), "", 0);
    while at < lines.len() {
        let line = lines[at];
        if !line.starts_with("    ") {
            let begins = at == 0 || lines[at - 1].trim().is_empty();
            if begins && !line.trim().is_empty() {
                paragraph = line;
            }
            at += 1;
            continue;
        }
        let start = at;
        let is_block = |line: &&&str| line.starts_with("    ") || line.trim().is_empty();
        at += lines[at..].iter().take_while(is_block).count();
        let block: Vec<&str> =
            lines[start..at].iter().map(|line| line.strip_prefix("    ").unwrap_or("")).collect();
        let commands = block.iter().position(|line| line.starts_with("$ ")).unwrap_or(block.len());
        let file = block[..commands].join("\n").trim_end().to_owned() + "\n";
        if let Some(name) = file_of(paragraph).filter(|_| commands > 0 && !file.contains(CUT)) {
            items.push(Item::File { name: name.to_owned(), text: file });
        }
        items.extend(steps(&block[commands..], start + commands + 1).into_iter().map(Item::Step));
    }
    items
}

/// The commands of a block that begins at line `first`.
fn steps(block: &[&str], first: usize) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut goes_on = false;
    for (offset, line) in block.iter().enumerate() {
        if let Some(command) = line.strip_prefix("$ ") {
            steps.push(Step { line: first + offset, command: command.to_owned(), output: Vec::new() });
            goes_on = command.ends_with('\\');
        } else if let Some(step) = steps.last_mut() {
            let loops = step.output.is_empty() && line.starts_with("> ");
            if goes_on || loops {
                step.command += "\n";
                step.command += line.strip_prefix("> ").unwrap_or(line);
                goes_on = line.ends_with('\\');
            } else {
                step.output.push(line.trim_end().to_owned());
            }
        }
    }
    for step in &mut steps {
        while step.output.last().is_some_and(String::is_empty) {
            step.output.pop();
        }
    }
    steps
}

/// Whether a line is what is expected, with cuts.
fn line_matches(expected: &str, line: &str) -> bool {
    let mut parts = expected.split(CUT);
    let first = parts.next().unwrap_or("");
    let Some(mut rest) = line.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        let Some(found) = rest.find(part) else { return false };
        rest = &rest[found + part.len()..];
    }
    rest.ends_with(last)
}

/// Whether the lines are those expected, with cuts.
fn matches(expected: &[String], lines: &[&str]) -> bool {
    match expected.split_first() {
        None => lines.is_empty(),
        Some((cut, rest)) if cut.trim() == CUT => {
            (0..=lines.len()).any(|skipped| matches(rest, &lines[skipped..]))
        }
        Some((first, rest)) => lines
            .split_first()
            .is_some_and(|(line, lines)| line_matches(first, line.trim_end()) && matches(rest, lines)),
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder can be made");
    for entry in std::fs::read_dir(from).expect("the folder is there").flatten() {
        let target = to.join(entry.file_name());
        match entry.path().is_dir() {
            true => copy(&entry.path(), &target),
            false => drop(std::fs::copy(entry.path(), target).expect("the file can be copied")),
        }
    }
}

/// Runs the transcripts of a document; what is wrong with them.
fn problems(name: &str, text: &str) -> Vec<String> {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    copy(&root().join("examples"), &folder.path().join("examples"));
    let tools = Path::new(env!("CARGO_BIN_EXE_he-opt")).parent().expect("it is in a folder").to_path_buf();
    let path = std::env::join_paths(
        std::iter::once(tools).chain(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default())),
    )
    .expect("the path is well-formed");
    let (mut place, mut problems) = (folder.path().to_path_buf(), Vec::new());
    for item in items(text) {
        let step = match item {
            Item::File { name, text } => {
                let file = place.join(name);
                if !file.exists() {
                    std::fs::write(file, text).expect("the file can be written");
                }
                continue;
            }
            Item::Step(step) => step,
        };
        if let Some(to) = step.command.strip_prefix("cd ") {
            place = place.join(to);
            continue;
        }
        let mut command = Command::new("sh");
        command.args(["-c", &step.command]).current_dir(&place).env("PATH", &path).stdin(Stdio::null());
        let output = command.output().expect("there is a shell");
        let (out, said) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        let both = [format!("{out}{said}"), format!("{said}{out}"), out.into_owned(), said.into_owned()];
        let is_right = match step.output.is_empty() {
            true => output.status.success(),
            false => both.iter().any(|text| matches(&step.output, &text.lines().collect::<Vec<_>>())),
        };
        if !is_right {
            let shown: Vec<&str> = both[0].lines().take(60).collect();
            problems.push(format!(
                "{name}:{}: $ {}\nexit code {:?}; expected\n{}\nfound\n{}\n",
                step.line,
                step.command,
                output.status.code(),
                step.output.join("\n"),
                shown.join("\n")
            ));
        }
    }
    problems
}

#[test]
fn transcripts() {
    let mut documents = vec![root().join("README.md")];
    let docs = std::fs::read_dir(root().join("docs")).expect("docs/ is there").flatten();
    documents
        .extend(docs.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|e| e == "md")));
    documents.sort();
    let (mut all, mut steps) = (Vec::new(), 0);
    for document in documents {
        let text = std::fs::read_to_string(&document).expect("the document can be read");
        steps += items(&text).iter().filter(|item| matches!(item, Item::Step(_))).count();
        let name = document.strip_prefix(root()).expect("it is below the root").display().to_string();
        all.extend(problems(&name, &text));
    }
    assert!(steps > 25, "only {steps} commands were found");
    assert!(all.is_empty(), "{}", all.join("\n"));
}

#[test]
fn documents_are_taken_apart() {
    let text = "`a.mlir`, a program:\n\n    x\n      y\n\nText\n\n    $ he-opt \\\n        a.mlir\n    one\n    …\n\n    $ for i in 1; do\n    >   ls\n    > done\n";
    let step = |line, command: &str, output: &[&str]| {
        let output = output.iter().map(|line| (*line).to_owned()).collect();
        Item::Step(Step { line, command: command.into(), output })
    };
    let expected = [
        Item::File { name: "a.mlir".into(), text: "x\n  y\n".into() },
        step(8, "he-opt \\\n    a.mlir", &["one", "…"]),
        step(13, "for i in 1; do\n  ls\ndone", &[]),
    ];
    assert_eq!(items(text), expected);
}

#[test]
fn cuts() {
    let holds = |expected: &str, found: &str| {
        let expected: Vec<String> = expected.lines().map(str::to_owned).collect();
        matches(&expected, &found.lines().collect::<Vec<_>>())
    };
    assert!(holds("a\n…\nd", "a\nb\nc\nd") && holds("a\n…\nd", "a\nd") && holds("a … c", "a bb c"));
    assert!(!holds("a\n…\nd", "a\nb") && !holds("a", "a\nb") && !holds("a … c", "a bb d") && !holds("a", ""));
    assert!(holds("{…} x …", "{a} x y") && !holds("ab…b", "ab"));
}
