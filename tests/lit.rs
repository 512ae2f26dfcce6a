//! Runs the `// RUN:` lines of tests/lit and examples, as LLVM's lit does.
//!
//! `LIT_FILTER=text` runs only the files whose path contains the text. `HE_OPT_MLIR_OPT` names mlir-opt; a file that
//! says `REQUIRES: mlir-opt` is skipped, and named, without it.

#[path = "support/filecheck.rs"]
mod filecheck;
#[path = "support/shell.rs"]
mod shell;

use shell::{Builtin, Outcome, Shell};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// Files run at the same time.
const THREADS: usize = 2;
/// Built beside he-opt.
const TOOLS: [&str; 4] = ["he-opt", "he-run", "he-cost", "he-translate"];

/// What became of a file.
enum Verdict {
    Passed,
    Skipped(&'static str),
    Failed(String),
}

#[test]
fn lit() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().expect("the workspace exists");
    let mut files = Vec::new();
    for folder in ["tests/lit", "examples"] {
        collect(&root.join(folder), &mut files);
    }
    if let Ok(filter) = std::env::var("LIT_FILTER") {
        files.retain(|file| file.to_string_lossy().contains(&filter));
    }
    files.sort();
    assert!(
        !files.is_empty(),
        "no test file was found below tests/lit and examples (LIT_FILTER is set, or wrong?)"
    );

    let programs = programs();
    let queue = Mutex::new(files.iter());
    let failures = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                loop {
                    let Some(file) = queue.lock().expect("no thread panics").next() else { break };
                    let name = file.strip_prefix(&root).unwrap_or(file).display();
                    match run_file(file, &root, &programs) {
                        Verdict::Passed => println!("PASS: {name}"),
                        Verdict::Skipped(reason) => println!("SKIP: {name}: {reason}"),
                        Verdict::Failed(output) => {
                            let mut failures = failures.lock().expect("no thread panics");
                            failures.push(format!("FAIL: {name}\n{output}"));
                        }
                    }
                }
            });
        }
    });
    let mut failures = failures.into_inner().expect("no thread panics");
    failures.sort();
    let (failed, total) = (failures.len(), files.len());
    assert!(failures.is_empty(), "{}\n{failed} of {total} files failed", failures.join("\n"));
}

/// Every .mlir file below `folder`; folders named Inputs hold no tests.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            if entry.file_name() != "Inputs" {
                collect(&path, files);
            }
        } else if path.extension().is_some_and(|extension| extension == "mlir") {
            files.push(path);
        }
    }
}

/// The tools that are built, and mlir-opt where there is one.
fn programs() -> BTreeMap<String, PathBuf> {
    let he_opt = PathBuf::from(env!("CARGO_BIN_EXE_he-opt"));
    let mut programs: BTreeMap<_, _> =
        TOOLS.iter().map(|tool| (tool.to_string(), he_opt.with_file_name(tool))).collect();
    let named = std::env::var_os("HE_OPT_MLIR_OPT").filter(|path| !path.is_empty()).map(PathBuf::from);
    let in_path = std::env::var_os("PATH").and_then(|folders| {
        std::env::split_paths(&folders).map(|folder| folder.join("mlir-opt")).find(|path| path.is_file())
    });
    programs.extend(named.or(in_path).map(|path| ("mlir-opt".to_string(), path)));
    programs
}

/// The commands of a file: what follows `RUN:`, with lines that end in a backslash joined.
fn run_lines(text: &str) -> Vec<String> {
    let mut commands = Vec::new();
    let mut unfinished = String::new();
    for line in text.lines() {
        let Some((_, command)) = line.split_once("RUN:") else { continue };
        match command.trim().strip_suffix('\\') {
            Some(part) => unfinished += part,
            None => commands.push(std::mem::take(&mut unfinished) + command.trim()),
        }
    }
    commands
}

/// Replaces `%s`, `%S`, `%t` and `%%`.
fn substitute(command: &str, file: &Path, scratch: &Path) -> Result<String, String> {
    let folder = file.parent().unwrap_or(file);
    let mut out = String::new();
    let mut rest = command;
    while let Some(percent) = rest.find('%') {
        out += &rest[..percent];
        let path = match rest[percent + 1..].chars().next() {
            Some('s') => file.display().to_string(),
            Some('S') => folder.display().to_string(),
            Some('t') => scratch.display().to_string(),
            Some('%') => "%".to_string(),
            _ => return Err(format!("unknown substitution in: {command}\nexpected %s, %S, %t or %%")),
        };
        out += &path;
        rest = &rest[percent + 2..];
    }
    Ok(out + rest)
}

/// Runs the commands of one file.
fn run_file(file: &Path, root: &Path, programs: &BTreeMap<String, PathBuf>) -> Verdict {
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) => return Verdict::Failed(error.to_string()),
    };
    if text.contains("REQUIRES: mlir-opt") && !programs.contains_key("mlir-opt") {
        return Verdict::Skipped("mlir-opt is not installed (./test installs it)");
    }
    let commands = run_lines(&text);
    if commands.is_empty() {
        return Verdict::Failed("it has no RUN line".to_string());
    }
    let name = file.strip_prefix(root).unwrap_or(file).to_string_lossy().replace(['/', '.'], "_");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("lit").join(&name);
    // A fresh folder each time: a file that an earlier run left behind proves nothing.
    let _ = std::fs::remove_dir_all(&folder);
    if let Err(error) = std::fs::create_dir_all(&folder) {
        return Verdict::Failed(format!("{}: {error}", folder.display()));
    }
    let builtins = BTreeMap::from([("FileCheck", run_filecheck as Builtin)]);
    let shell = Shell { folder: &folder, programs, builtins: &builtins };
    for command in &commands {
        let result = substitute(command, file, &folder.join("t.tmp"))
            .and_then(|line| shell.run(&line).map_err(|output| format!("$ {line}\n{output}")));
        if let Err(output) = result {
            return Verdict::Failed(output);
        }
    }
    Verdict::Passed
}

/// FileCheck as a command.
fn run_filecheck(arguments: &[String], input: &[u8], folder: &Path) -> Outcome {
    match filecheck_command(arguments, input, folder) {
        Ok(()) => Outcome { code: Some(0), ..Outcome::default() },
        Err(message) => Outcome { code: Some(1), stderr: message.into_bytes(), ..Outcome::default() },
    }
}

/// Reads FileCheck's options and checks.
fn filecheck_command(arguments: &[String], input: &[u8], folder: &Path) -> Result<(), String> {
    let read = |path: &str| std::fs::read(folder.join(path)).map_err(|error| format!("{path}: {error}"));
    let mut prefixes: Vec<&str> = Vec::new();
    let mut check_file = None;
    let mut input = input.to_vec();
    let mut allow_empty = false;
    for argument in arguments {
        let option = argument.strip_prefix("--").or(argument.strip_prefix('-'));
        match option.map(|option| option.split_once('=').unwrap_or((option, ""))) {
            None => check_file = Some(argument.as_str()),
            Some(("check-prefix" | "check-prefixes", names)) => prefixes.extend(names.split(',')),
            Some(("input-file", path)) => input = read(path)?,
            Some(("allow-empty", _)) => allow_empty = true,
            Some(_) => return Err(format!("FileCheck: {argument} is not supported here")),
        }
    }
    if prefixes.is_empty() {
        prefixes.push("CHECK");
    }
    let path = check_file.ok_or("FileCheck: the check file is missing")?;
    let text = String::from_utf8(read(path)?).map_err(|error| format!("{path}: {error}"))?;
    let options = filecheck::Options { name: path, prefixes: &prefixes, allow_empty };
    filecheck::check_with(&text, &String::from_utf8_lossy(&input), options)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs a line with no programs of our own.
    fn shell(line: &str) -> Result<(), String> {
        let root = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let builtins = BTreeMap::from([("FileCheck", run_filecheck as Builtin)]);
        Shell { folder: root, programs: &BTreeMap::new(), builtins: &builtins }.run(line)
    }

    #[test]
    fn run_lines_are_joined() {
        assert_eq!(run_lines("// RUN: a \\\n// RUN:   b | c\ncode\n// RUN: d"), ["a b | c", "d"]);
    }

    #[test]
    fn substitutions() {
        let line = substitute("x %s %S %t%%", Path::new("/d/f.mlir"), Path::new("/tmp/t"));
        assert_eq!(line.as_deref(), Ok("x /d/f.mlir /d /tmp/t%"));
        assert!(substitute("%q", Path::new("f"), Path::new("t")).is_err());
    }

    #[test]
    fn pipelines() {
        assert_eq!(shell("echo 'a b' | grep -q 'a b'"), Ok(()));
        assert!(shell("echo a | grep -q b").is_err_and(|message| message.contains("exit code 1")));
        assert!(shell("false | echo a").is_err(), "a failure inside of a pipeline counts");
        assert_eq!(shell("not grep -q b < /dev/null && echo a"), Ok(()));
        assert!(shell("not echo a").is_err());
        assert!(shell("not sh -c 'exit 101'").is_err_and(|message| message.contains("panicked")));
        assert!(shell("not sh -c 'kill -9 $$'").is_err_and(|message| message.contains("crashed")));
        assert!(shell("no-such-program").is_err());
        assert_eq!(shell("env A=b sh -c 'test $A = b'"), Ok(()));
        assert!(shell("echo 'a").is_err());
        assert!(shell("echo a |").is_err());
    }

    #[test]
    fn redirections() {
        assert_eq!(
            shell(
                "echo a > lit-redirect && echo b >> lit-redirect && cat lit-redirect | grep -c '[ab]' | grep -q 2"
            ),
            Ok(())
        );
        assert_eq!(shell("sh -c 'echo out; echo err >&2' 2>&1 | grep -q err"), Ok(()));
        assert!(shell("sh -c 'echo err >&2' | grep -q err").is_err());
        assert_eq!(shell("sh -c 'echo out; echo err >&2' 2>&1 >/dev/null | grep -c . | grep -q 1"), Ok(()));
        assert_eq!(shell("sh -c 'echo err >&2' 2> lit-stderr && grep -q err lit-stderr"), Ok(()));
    }

    #[test]
    fn filecheck_command() {
        assert_eq!(shell("echo 'A: x' > lit-check && echo x | FileCheck lit-check --check-prefix=A"), Ok(()));
        assert!(
            shell("echo y | FileCheck lit-check --check-prefix=A").is_err_and(|m| m.contains("lit-check:1"))
        );
        assert!(
            shell("echo y | FileCheck lit-check --match-full-lines")
                .is_err_and(|m| m.contains("not supported"))
        );
        assert!(
            shell("cat /dev/null | FileCheck lit-check --check-prefix=A").is_err_and(|m| m.contains("empty"))
        );
    }
}
