//! Running exported programs: a Python interpreter, a temporary folder, a report in JSON.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use he_core::exec::tensor::Tensor;
use he_core::support::Diagnostic;
use serde::Deserialize;

use crate::export::{Exported, Target};
use crate::streams::is_watched;
use crate::values::{parse_json, to_json};

/// Lines of an interpreter's complaint that an error repeats.
const SHOWN_LINES: usize = 6;

/// What an exported program says of its run. Times are in milliseconds.
#[derive(Clone, Debug, Deserialize)]
pub struct RunReport {
    /// One result for each output.
    outputs: Vec<serde_json::Value>,
    /// The primes of Q that the library used.
    pub moduli: Vec<u64>,
    /// The largest difference of a decrypted slot from the same program on plain numbers.
    pub observed_noise: f64,
    /// Everything, as the program printed it.
    #[serde(skip)]
    pub all: serde_json::Map<String, serde_json::Value>,
}

impl RunReport {
    /// The decrypted results.
    pub fn outputs(&self) -> Result<Vec<Tensor>, Diagnostic> {
        let read =
            |value| parse_json(value).map_err(|why| Diagnostic::error(format!("the run's outputs: {why}")));
        self.outputs.iter().map(read).collect()
    }
}

/// The interpreter for `target`: `given`, else the one that `tools/backends/setup.sh` has made.
pub fn interpreter(target: Target, given: Option<&str>) -> Result<PathBuf, Diagnostic> {
    let home = || {
        let variable =
            |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        variable("HE_OPT_BACKENDS").or_else(|| {
            let cache = variable("XDG_CACHE_HOME").or_else(|| Some(variable("HOME")?.join(".cache")))?;
            Some(cache.join("he-opt").join("backends"))
        })
    };
    let python = match given {
        Some(path) => PathBuf::from(path),
        None => home().unwrap_or_default().join(target.name()).join("bin").join("python"),
    };
    let modules = match target {
        Target::OpenFhe => "openfhe, numpy",
        Target::Seal => "tenseal.sealapi, numpy",
    };
    let probe =
        Command::new(&python).arg("-c").arg(format!("import {modules}")).stdin(Stdio::null()).output();
    let why = match probe {
        Ok(output) if output.status.success() => return Ok(python),
        Ok(output) if output.stderr.is_empty() => format!("it cannot import {modules}"),
        Ok(output) => last_lines(&output.stderr, 1),
        Err(error) => error.to_string(),
    };
    let name = target.name();
    let text = format!("{} cannot be run: {}: {why}", target.title(), python.display());
    Err(Diagnostic::error(text).help(format!(
        "run tools/backends/setup.sh {name}, or give an interpreter ({}) with --python PATH",
        target.packages()
    )))
}

/// Writes an exported program to a temporary folder and runs it there on `inputs`, `repeat` times.
pub fn run_exported(
    python: &Path,
    exported: &Exported,
    inputs: &[Tensor],
    repeat: u64,
) -> Result<RunReport, Diagnostic> {
    let failed = |what: &str, error: std::io::Error| Diagnostic::error(format!("{what}: {error}"));
    let folder = tempfile::tempdir().map_err(|error| failed("no temporary folder can be made", error))?;
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        let written = std::fs::write(&path, bytes);
        written.map(|()| path).map_err(|error| failed("the temporary folder cannot be written", error))
    };
    let program = write("program.py", exported.program.as_bytes())?;
    if let Some(bytes) = &exported.plaintexts {
        write("program.npz", bytes)?;
    }
    let mut command = Command::new(python);
    command.arg(program).arg("--json").arg(format!("--repeat={repeat}"));
    for (index, input) in inputs.iter().enumerate() {
        let file = write(&format!("input{index}.json"), to_json(input).to_string().as_bytes())?;
        command.arg("--input").arg(file);
    }
    let stdout = output_of(&mut command)?;
    let unreadable = |error: serde_json::Error| {
        Diagnostic::error(format!("the exported program printed something other than its report: {error}"))
    };
    let report: RunReport = serde_json::from_slice(&stdout).map_err(unreadable)?;
    let all = serde_json::from_slice(&stdout).map_err(unreadable)?;
    Ok(RunReport { all, ..report })
}

/// Runs a Python script that prints JSON. Its progress is shown where someone looks on.
pub fn output_of(command: &mut Command) -> Result<Vec<u8>, Diagnostic> {
    let name = command.get_program().to_string_lossy().into_owned();
    // Figures are for one thread.
    command.env("OMP_NUM_THREADS", OsStr::new("1")).env("PYTHONDONTWRITEBYTECODE", "1").stdin(Stdio::null());
    let shown = is_watched();
    command.stderr(if shown { Stdio::inherit() } else { Stdio::piped() }).stdout(Stdio::piped());
    let output = command.spawn().and_then(std::process::Child::wait_with_output);
    let output = output.map_err(|error| Diagnostic::error(format!("cannot run '{name}': {error}")))?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let why = last_lines(&output.stderr, SHOWN_LINES);
    let text = format!("the program failed under '{name}' ({})", output.status);
    let error = Diagnostic::error(text);
    Err(if why.is_empty() { error } else { error.note(None, why) })
}

fn last_lines(bytes: &[u8], count: usize) -> String {
    let text = String::from_utf8_lossy(bytes);
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(count)..].join("\n")
}
