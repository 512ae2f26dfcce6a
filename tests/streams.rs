//! What tools do where a stream is closed, full or a terminal.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// What the environment can say of colors.
const COLOR_VARIABLES: [&str; 4] = ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "CI"];

fn tool(name: &str) -> Command {
    let mut command = Command::new(Path::new(env!("CARGO_BIN_EXE_he-opt")).with_file_name(name));
    command.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("..")).stdin(Stdio::null());
    for variable in COLOR_VARIABLES {
        command.env_remove(variable);
    }
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

/// What he-opt says of a mistake, under a terminal or into a pipe, with these variables and this flag. `None` where
/// there is no 'script' to make a terminal.
fn complaint(terminal: bool, variables: &[(&str, &str)], flag: &str) -> Option<String> {
    let he_opt = env!("CARGO_BIN_EXE_he-opt");
    let arguments = ["--bsgs=minsize=4", flag, "examples/mlp.mlir"];
    let mut command = tool("he-opt");
    if terminal {
        let line = [&[he_opt][..], &arguments].concat().join(" ");
        let program = command.get_current_dir().map(Path::to_path_buf);
        command = Command::new("script");
        command.args(["-qec", &line, "/dev/null"]).stdin(Stdio::null());
        for variable in COLOR_VARIABLES {
            command.env_remove(variable);
        }
        command.current_dir(program.expect("a folder was set"));
    } else {
        command.args(arguments.into_iter().filter(|argument| !argument.is_empty()));
    }
    let output = command.env("TERM", "xterm-256color").envs(variables.iter().copied()).output();
    let output = match output {
        Err(error) if terminal && error.kind() == std::io::ErrorKind::NotFound => return None,
        output => output.expect("the command runs"),
    };
    let said = if terminal { output.stdout } else { output.stderr };
    Some(String::from_utf8(said).expect("messages are UTF-8").replace("\r\n", "\n"))
}

#[test]
fn colors_are_for_those_who_want_them() {
    let piped = complaint(false, &[], "").expect("no terminal is needed");
    assert!(piped.ends_with("   :               ^^^^^^^^^\n   `----\n"), "{piped}");
    type Variables = [(&'static str, &'static str)];
    let cases: [(bool, &Variables, &str, bool); 13] = [
        (false, &[], "--color=auto", false),
        (false, &[], "--color=always", true),
        (false, &[("NO_COLOR", "1")], "--color=always", true),
        (false, &[("CLICOLOR_FORCE", "1")], "", true),
        (false, &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], "", false),
        (false, &[("CLICOLOR_FORCE", "1")], "--color=never", false),
        (true, &[], "", true),
        (true, &[], "--color=auto", true),
        (true, &[], "--color=never", false),
        (true, &[("NO_COLOR", "1")], "", false),
        (true, &[("TERM", "dumb")], "", false),
        (true, &[("TERM", "dumb")], "--color=always", true),
        (true, &[("CLICOLOR", "0")], "", false),
    ];
    for (terminal, variables, flag, colored) in cases {
        let Some(said) = complaint(terminal, variables, flag) else {
            println!("SKIP: there is no 'script' to make a terminal");
            continue;
        };
        let case = format!("terminal {terminal}, {variables:?}, '{flag}'\n{said:?}");
        assert_eq!(said.contains('\x1b'), colored, "{case}");
        // But for colors it is the same text: no line more, no line less.
        let line =
            |text: &str| anstream::adapter::strip_str(text).to_string().replace(&format!(" {flag}"), "");
        let strip = |text: &str| line(text).replace("  ", " ");
        assert_eq!(strip(&said), strip(&piped), "{case}");
    }
}
