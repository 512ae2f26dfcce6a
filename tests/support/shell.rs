//! The small part of a shell that RUN lines are written in: pipelines, `&&`, quotes and redirections.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// A program runs at most this long.
const TIME_LIMIT: Duration = Duration::from_secs(300);
/// How a Rust program exits when it panics.
const PANIC_EXIT_CODE: i32 = 101;

/// A word or an operator of a command line.
#[derive(Debug, Clone, PartialEq)]
pub enum Token {
    /// A word, without its quotes.
    Word(String),
    /// One of `|`, `&&`, `;`, `>`, `>>`, `<`, `2>`, `2>&1`, `1>&2`.
    Operator(&'static str),
}

/// The operators, longest first.
const OPERATORS: &[&str] = &["2>&1", "1>&2", "2>", "&&", ">>", "|", ";", ">", "<"];

/// Splits a command line; a quote keeps what is inside of it together.
pub fn tokenize(line: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut word: Option<String> = None;
    let mut rest = line;
    while let Some(c) = rest.chars().next() {
        // A digit belongs to an operator only where a word could begin.
        let operator = OPERATORS.iter().find(|operator| {
            rest.starts_with(**operator) && (word.is_none() || !operator.starts_with(['1', '2']))
        });
        if let Some(operator) = operator {
            tokens.extend(word.take().map(Token::Word));
            tokens.push(Token::Operator(operator));
            rest = &rest[operator.len()..];
            continue;
        }
        rest = &rest[c.len_utf8()..];
        match c {
            ' ' | '\t' => tokens.extend(word.take().map(Token::Word)),
            '\'' | '"' => {
                let end = rest.find(c).ok_or(format!("unclosed {c} in: {line}"))?;
                word.get_or_insert_default().push_str(&rest[..end]);
                rest = &rest[end + 1..];
            }
            '\\' => {
                let escaped = rest.chars().next().ok_or("a backslash ends the line")?;
                word.get_or_insert_default().push(escaped);
                rest = &rest[escaped.len_utf8()..];
            }
            c => word.get_or_insert_default().push(c),
        }
    }
    tokens.extend(word.map(Token::Word));
    Ok(tokens)
}

/// Where a stream of a command goes.
#[derive(Debug, Clone, PartialEq)]
enum Target {
    /// Into the next command, or the log at the end of a pipeline.
    Pipe,
    /// Into the log.
    Log,
    /// Into a file.
    File { path: PathBuf, append: bool },
}

/// One command of a pipeline.
#[derive(Debug, Clone)]
struct Stage {
    words: Vec<String>,
    stdin: Option<PathBuf>,
    stdout: Target,
    stderr: Target,
}

/// What a command did.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The exit code; `None` when it was killed.
    pub code: Option<i32>,
    /// What it wrote to its standard output.
    pub stdout: Vec<u8>,
    /// What it wrote to its standard error.
    pub stderr: Vec<u8>,
}

/// A command that is run in this process: arguments, standard input and working folder to what it did.
pub type Builtin = fn(&[String], &[u8], &Path) -> Outcome;

/// Where commands run and what they are.
pub struct Shell<'a> {
    /// The working folder.
    pub folder: &'a Path,
    /// Programs by name; others are looked up in PATH.
    pub programs: &'a BTreeMap<String, PathBuf>,
    /// Commands by name that are run in this process.
    pub builtins: &'a BTreeMap<&'static str, Builtin>,
}

impl Shell<'_> {
    /// Runs a line; the error is what the commands wrote and which of them failed.
    pub fn run(&self, line: &str) -> Result<(), String> {
        let tokens = tokenize(line)?;
        for pipeline in tokens.split(|token| matches!(token, Token::Operator("&&" | ";"))) {
            self.run_pipeline(pipeline)?;
        }
        Ok(())
    }

    /// Runs a pipeline one command after the other; it fails if any command of it does.
    fn run_pipeline(&self, tokens: &[Token]) -> Result<(), String> {
        let stages = tokens.split(|token| *token == Token::Operator("|")).map(|stage| self.stage(stage));
        let stages = stages.collect::<Result<Vec<_>, _>>()?;
        let mut log = String::new();
        let mut failed = Vec::new();
        let mut input = Vec::new();
        for (index, stage) in stages.iter().enumerate() {
            if let Some(path) = &stage.stdin {
                input = std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
            }
            let (outcome, complaint) = self.run_words(&stage.words, &input, stage.stdout == stage.stderr)?;
            if let Some(complaint) = complaint {
                failed.push(format!("{}: {complaint}", stage.words.join(" ")));
            }
            input = Vec::new();
            let last = index + 1 == stages.len();
            for (bytes, target) in [(outcome.stdout, &stage.stdout), (outcome.stderr, &stage.stderr)] {
                match target {
                    Target::Pipe if !last => input.extend(bytes),
                    Target::Pipe | Target::Log => log += &String::from_utf8_lossy(&bytes),
                    Target::File { path, append } => write_file(path, *append, &bytes)?,
                }
            }
        }
        if failed.is_empty() { Ok(()) } else { Err(format!("{}\n{log}", failed.join("\n"))) }
    }

    /// Reads the words and the redirections of one command.
    fn stage(&self, tokens: &[Token]) -> Result<Stage, String> {
        let mut stage = Stage { words: Vec::new(), stdin: None, stdout: Target::Pipe, stderr: Target::Log };
        let mut tokens = tokens.iter();
        while let Some(token) = tokens.next() {
            let operator = match token {
                Token::Word(word) => {
                    stage.words.push(word.clone());
                    continue;
                }
                Token::Operator(operator) => *operator,
            };
            match operator {
                "2>&1" => stage.stderr = stage.stdout.clone(),
                "1>&2" => stage.stdout = stage.stderr.clone(),
                _ => {
                    let Some(Token::Word(path)) = tokens.next() else {
                        return Err(format!("no file after {operator}"));
                    };
                    let path = self.folder.join(path);
                    match operator {
                        "<" => stage.stdin = Some(path),
                        "2>" => stage.stderr = Target::File { path, append: false },
                        _ => stage.stdout = Target::File { path, append: operator == ">>" },
                    }
                }
            }
        }
        if stage.words.is_empty() { Err("a command is missing".to_string()) } else { Ok(stage) }
    }

    /// Runs one command, `not` and `env` in front of it included; also returns why it counts as failed.
    fn run_words(
        &self,
        words: &[String],
        input: &[u8],
        merged: bool,
    ) -> Result<(Outcome, Option<String>), String> {
        if words.first().is_some_and(|word| word == "not") {
            let (outcome, _) = self.run_words(&words[1..], input, merged)?;
            let complaint = match outcome.code {
                Some(0) => Some("succeeded where it should fail".to_string()),
                Some(PANIC_EXIT_CODE) => Some("panicked".to_string()),
                Some(_) => None,
                None => Some("crashed".to_string()),
            };
            return Ok((outcome, complaint));
        }
        let mut words = words;
        let mut settings = Vec::new();
        if words.first().is_some_and(|word| word == "env") {
            words = &words[1..];
            while let Some((name, value)) = words.first().and_then(|word| word.split_once('=')) {
                settings.push((name, value));
                words = &words[1..];
            }
        }
        let (name, arguments) = words.split_first().ok_or("a command is missing")?;
        let outcome = match self.builtins.get(name.as_str()) {
            Some(builtin) => builtin(arguments, input, self.folder),
            None => self.spawn(name, arguments, &settings, input, merged)?,
        };
        let complaint = match outcome.code {
            Some(0) => None,
            Some(code) => Some(format!("exit code {code}")),
            None => Some("killed by a signal, or for running too long".to_string()),
        };
        Ok((outcome, complaint))
    }

    /// Runs a program. When `merged`, both its streams arrive in order in `stdout`.
    fn spawn(
        &self,
        name: &str,
        arguments: &[String],
        settings: &[(&str, &str)],
        input: &[u8],
        merged: bool,
    ) -> Result<Outcome, String> {
        let failure = |error: std::io::Error| format!("{name}: {error}");
        let program = self.programs.get(name).cloned().unwrap_or_else(|| PathBuf::from(name));
        let (out_reader, out_writer) = std::io::pipe().map_err(failure)?;
        let (err_reader, err_writer) = std::io::pipe().map_err(failure)?;
        let mut command = Command::new(program);
        command.args(arguments).envs(settings.iter().copied()).current_dir(self.folder).stdin(Stdio::piped());
        let stderr = if merged {
            out_writer.try_clone().map_err(failure)?
        } else {
            err_writer.try_clone().map_err(failure)?
        };
        // A writing end that stays open would keep its reader waiting.
        drop(err_writer);
        let mut child = command.stdout(out_writer).stderr(stderr).spawn().map_err(failure)?;
        // The command holds the writing ends: with it gone, the readers end when the program does.
        drop(command);
        let stdin = child.stdin.take();
        std::thread::scope(|scope| {
            // A program that does not read its input closes the pipe: that is its right.
            scope.spawn(move || stdin.map(|mut stdin| stdin.write_all(input)));
            let stdout = scope.spawn(move || read_all(out_reader));
            let stderr = scope.spawn(move || read_all(err_reader));
            let started = Instant::now();
            let status = loop {
                if let Some(status) = child.try_wait().map_err(failure)? {
                    break Some(status);
                }
                if started.elapsed() > TIME_LIMIT {
                    child.kill().map_err(failure)?;
                    child.wait().map_err(failure)?;
                    break None;
                }
                std::thread::sleep(Duration::from_millis(2));
            };
            let code = status.and_then(|status| status.code());
            let joined = |bytes: std::thread::Result<Vec<u8>>| bytes.unwrap_or_default();
            Ok(Outcome { code, stdout: joined(stdout.join()), stderr: joined(stderr.join()) })
        })
    }
}

/// Reads a pipe to its end.
fn read_all(mut reader: std::io::PipeReader) -> Vec<u8> {
    let mut bytes = Vec::new();
    // What was read before an error is what there is to show.
    let _ = reader.read_to_end(&mut bytes);
    bytes
}

/// Writes a file, or adds to its end.
fn write_file(path: &Path, append: bool, bytes: &[u8]) -> Result<(), String> {
    let mut options = std::fs::OpenOptions::new();
    options.create(true).write(true).append(append).truncate(!append);
    let written = options.open(path).and_then(|mut file| file.write_all(bytes));
    written.map_err(|error| format!("{}: {error}", path.display()))
}
