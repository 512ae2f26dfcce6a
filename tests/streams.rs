//! What tools do where a stream is closed, full or a terminal.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

fn tool(name: &str) -> Command {
    let mut command = Command::new(Path::new(env!("CARGO_BIN_EXE_he-opt")).with_file_name(name));
    command.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("..")).stdin(Stdio::null());
    command
}

/// Command lines that write to standard error, for each tool, and the exit code.
const TALKATIVE: [(&str, &str, i32); 15] = [
    ("he-opt", "--preset=bsgs-lazy examples/mlp_10_20_10.mlir", 0),
    ("he-opt", "--preset=bsgs-lazy --print-ir-after-all examples/mlp_10_20_10.mlir", 0),
    (
        "he-opt",
        "--pack --timing --op-stats --pass-statistics --dump-pass-pipeline examples/mlp_10_20_10.mlir",
        0,
    ),
    ("he-opt", "--canonicalize --trace-rewrites --cost --print --preset=lazy examples/mlp_10_20_10.mlir", 0),
    ("he-opt", "--load-dialect examples/rules/sum.dialect --check-rules examples/rules/fuse_adds.rules", 0),
    ("he-opt", "no-such-file.mlir", 1),
    ("he-opt", "--help", 0),
    ("he-run", "--preset=bsgs-lazy --random-input 1 examples/mlp_10_20_10.mlir", 0),
    ("he-run", "no-such-file.mlir", 1),
    ("he-cost", "--compare=lazy,bsgs-lazy examples/mlp_10_20_10.mlir", 0),
    ("he-cost", "--sweep=dnum=1,3 examples/mlp_10_20_10.mlir", 0),
    ("he-cost", "tune --degrees=3 --methods=remez --scales=40,59 examples/mlp_10_20_10.mlir", 0),
    ("he-cost", "no-such-file.mlir", 1),
    (
        "he-translate",
        "--preset=lazy --emit=seal-python --coeff-modulus=60,40x20 --scale=2^40 tests/lit/export/square.mlir",
        0,
    ),
    ("he-translate", "--emit=dot no-such-file.mlir", 1),
];

/// Runs a command line with that standard error; its result goes to a file where the tool has `-o`.
fn run(name: &str, arguments: &str, stderr: Stdio) -> Output {
    let output = tool(name).args(arguments.split_whitespace()).stdout(Stdio::piped()).stderr(stderr).output();
    output.unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The writing end of a pipe that nobody reads.
fn closed_pipe() -> Stdio {
    let (reader, writer) = std::io::pipe().expect("a pipe can be made");
    drop(reader);
    writer.into()
}

fn full_disk() -> Stdio {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("/dev/full is there");
    full.into()
}

#[test]
fn results_do_not_depend_on_standard_error() {
    for (name, arguments, code) in TALKATIVE {
        let normal = run(name, arguments, Stdio::piped());
        let said = String::from_utf8_lossy(&normal.stderr).into_owned();
        assert_eq!(normal.status.code(), Some(code), "{name} {arguments}\n{said}");
        let is_silent = ["--help", "--check-rules", "tune"].iter().any(|silent| arguments.contains(silent));
        assert!(!said.is_empty() || is_silent, "{name} {arguments}");
        for (kind, stderr) in [("closed", closed_pipe()), ("full", full_disk())] {
            let output = run(name, arguments, stderr);
            assert_eq!(output.status.code(), Some(code), "{name} {arguments}, standard error {kind}");
            assert_eq!(output.stdout, normal.stdout, "{name} {arguments}, standard error {kind}");
        }
    }
}

#[test]
fn a_reader_that_is_gone_is_no_error_and_a_full_disk_is_one() {
    for (name, arguments, code) in TALKATIVE.into_iter().filter(|(.., code)| *code == 0) {
        let status = |stdout: Stdio, stderr: Stdio| {
            let status = tool(name).args(arguments.split_whitespace()).stdout(stdout).stderr(stderr).status();
            status.unwrap_or_else(|error| panic!("{name}: {error}")).code()
        };
        assert_eq!(status(closed_pipe(), closed_pipe()), Some(code), "{name} {arguments}, closed");
        assert_eq!(status(full_disk(), full_disk()), Some(1), "{name} {arguments}, full");
    }
}

#[test]
fn the_result_is_written_to_a_file_all_the_same() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let file: PathBuf = folder.path().join("out.mlir");
    for stderr in [closed_pipe(), full_disk()] {
        let mut command = tool("he-opt");
        command
            .args(["--preset=bsgs-lazy", "--print-ir-after-all", "examples/mlp_10_20_10.mlir", "-o"])
            .arg(&file);
        let status = command.stdout(Stdio::null()).stderr(stderr).status().expect("he-opt runs");
        assert!(
            status.success() && std::fs::read_to_string(&file).is_ok_and(|text| text.contains("leveled"))
        );
        std::fs::remove_file(&file).expect("the file was written");
    }
}
