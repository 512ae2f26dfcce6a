//! Whole texts, kept: the IR of a small network at every stage and under every preset, its cost report, and one
//! diagnostic of each kind as a user sees it. `cargo insta review` shows what changed.

#[path = "support/programs.rs"]
mod programs;

use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use he_core::support::NoWeights;
use he_dialects::pipelines::{PRESETS, STAGES};
use he_dialects::{Loaded, load};
use programs::{compile, parameters, printed};

const NETWORK: &str = r#"
func.func @main(%x: tensor<1x4xf32> {nn.range = [-1.0, 1.0]}) -> tensor<1x2xf32> {
  %w1 = "nn.constant"() {value = #nn.random<seed = 1, std = 0.5>} : () -> tensor<3x4xf32>
  %b1 = "nn.constant"() {value = dense<[0.5, -0.25, 0.125]> : tensor<3xf32>} : () -> tensor<3xf32>
  %1 = "nn.linear"(%x, %w1, %b1) : (tensor<1x4xf32>, tensor<3x4xf32>, tensor<3xf32>) -> tensor<1x3xf32>
  %2 = "nn.sigmoid"(%1) : (tensor<1x3xf32>) -> tensor<1x3xf32>
  %w2 = "nn.constant"() {value = #nn.random<seed = 2, std = 0.5>} : () -> tensor<2x3xf32>
  %3 = "nn.linear"(%2, %w2) : (tensor<1x3xf32>, tensor<2x3xf32>) -> tensor<1x2xf32>
  func.return %3 : tensor<1x2xf32>
}
"#;
/// What `bsgs-lazy` is for a network as small as this one.
const PIPELINE: &str = "--pass-pipeline=builtin.module(approximate{degree=3},pack,bsgs{min-size=2},expand-poly,\
                        to-ckks,relinearize{strategy=lazy},rescale{strategy=lazy})";

fn text(loaded: &Loaded, pipeline: &str, to: Option<&str>) -> String {
    let params = parameters("1024", "60,40x6", "2^40");
    let pipeline =
        pipeline.replacen("approximate", "approximate{degree=3}", 1).replacen("bsgs", "bsgs{min-size=2}", 1);
    let ir = compile(loaded, &NoWeights, NETWORK, &params, &pipeline, to);
    printed(loaded, &ir.unwrap_or_else(|why| panic!("{pipeline}: {why}")), false)
}

fn settings() -> insta::Settings {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings
}

#[test]
fn stages() {
    let loaded = load().expect("the dialects load");
    settings().bind(|| {
        for (number, stage) in STAGES.into_iter().enumerate() {
            let pipeline = if number == 0 { "" } else { "approximate" };
            insta::assert_snapshot!(format!("stage-{number}-{stage}"), text(&loaded, pipeline, Some(stage)));
        }
    });
}

#[test]
fn presets() {
    let loaded = load().expect("the dialects load");
    settings().bind(|| {
        for (name, pipeline) in PRESETS {
            insta::assert_snapshot!(format!("preset-{name}"), text(&loaded, pipeline, None));
        }
    });
}

/// A folder of this process, gone when the test ends.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("he-opt-snapshots-{test}-{}", std::process::id()));
        std::fs::create_dir_all(&path).expect("a temporary folder");
        Folder(path)
    }

    /// Runs a tool here.
    fn run(&self, tool: &str, arguments: &[&str]) -> Output {
        Command::new(tool)
            .current_dir(&self.0)
            .args(arguments)
            .stdin(Stdio::null())
            .output()
            .expect("the tool starts")
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.0.join(name), text).expect("the file is writable");
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn cost_reports() {
    let folder = Folder::new("cost");
    folder.write("small.mlir", NETWORK);
    // A profile that no calibration changes; a refresh is idealized, as without a profile.
    folder.write("fixed.json", include_str!("profiles/fixed.json"));
    let report = |further: &[&str]| {
        let parameters = ["--poly-modulus-degree=1024", "--coeff-modulus=60,40x8", "small.mlir"];
        let profile = ["--profile=fixed.json", "--bootstrap-levels=0"];
        let arguments = [&parameters[..], &profile, further].concat();
        let output = folder.run(env!("CARGO_BIN_EXE_he-cost"), &arguments);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("it prints text")
    };
    settings().bind(|| {
        insta::assert_snapshot!("cost-table", report(&[PIPELINE, "--verbose"]));
        let json: serde_json::Value =
            serde_json::from_str(&report(&[PIPELINE, "--json"])).expect("it prints JSON");
        insta::assert_snapshot!("cost-json", serde_json::to_string_pretty(&json).expect("it is JSON"));
        insta::assert_snapshot!("cost-comparison", report(&["--compare=baseline,bsgs,lazy,bsgs-lazy,full"]));
    });
}

const PROGRAM: &str = r#"func.func @main(%x: tensor<1x4xf32>) -> tensor<1x4xf32> {
  %0 = "nn.gelu"(%x) : (tensor<1x4xf32>) -> tensor<1x4xf32>
  func.return %0 : tensor<1x4xf32>
}
"#;

/// What he-opt says of bad input: exit code 1, or 2 where the command line is wrong, and nothing on standard output.
fn complaint(folder: &Folder, arguments: &[&str]) -> String {
    let output = folder.run(env!("CARGO_BIN_EXE_he-opt"), arguments);
    let said = String::from_utf8(output.stderr).expect("it is text");
    let usage = ["<command line>", "<pass-pipeline>"].iter().any(|place| said.starts_with(place));
    assert_eq!(output.status.code(), Some(if usage { 2 } else { 1 }), "{arguments:?}: {said}");
    assert!(output.stdout.is_empty(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stdout));
    format!("he-opt {}\n\n{said}", arguments.join(" "))
}

#[test]
fn diagnostics() {
    let folder = Folder::new("diagnostics");
    let files = [
        ("program.mlir", PROGRAM.to_owned()),
        ("syntax.mlir", PROGRAM.replace("(%x) :", "(%x :")),
        ("undefined.mlir", PROGRAM.replace("(%x) :", "(%y) :")),
        ("unknown-op.mlir", PROGRAM.replace("nn.gelu", "nn.gellu")),
        ("type.mlir", PROGRAM.replacen("-> tensor<1x4xf32>\n", "-> tensor<1x5xf32>\n", 1)),
        (
            "verifier.mlir",
            "!a = !ckks.ct<level = 3, scale = 40, degree = 1>\n!b = !ckks.ct<level = 2, scale = 40, degree = 1>\n\
             func.func @main(%x: !a, %y: !b) -> !a {\n  %0 = \"ckks.add\"(%x, %y) : (!a, !b) -> !a\n  \
             func.return %0 : !a\n}\n"
                .to_owned(),
        ),
        ("unknown-op.rules", "group g\nrule r in g: ckks.ad(%x, %y) => %x\n".to_owned()),
        ("syntax.rules", "group g\nrule r in g: ckks.neg(%x) -> %x\n".to_owned()),
        (
            "shadowed.rules",
            "group g\nrule wide in g: ckks.neg(%x) => %x\nrule narrow in g: ckks.neg(ckks.neg(%x)) => %x\n"
                .to_owned(),
        ),
        (
            "trait.dialect",
            "dialect d\nop d.f (x: ckks.ct) -> (r: ckks.ct) {\n  traits puer\n}\n".to_owned(),
        ),
        ("clause.dialect", "dialect d\nop d.f (x: ckks.ct) -> (r: ckks.ct) {\n  trait pure\n}\n".to_owned()),
        (
            "format.dialect",
            "dialect d\nop d.f (x: ckks.ct) -> (r: ckks.ct) {\n  format \"$y attr-dict\"\n}\n".to_owned(),
        ),
    ];
    files.iter().for_each(|(name, text)| folder.write(name, text));
    let cases: [(&str, &[&str]); 22] = [
        ("parse-syntax", &["syntax.mlir"]),
        ("parse-undefined", &["undefined.mlir"]),
        ("parse-unknown-op", &["unknown-op.mlir"]),
        ("verify-type", &["type.mlir"]),
        ("verify-levels", &["verifier.mlir"]),
        ("rules-unknown-op", &["--load-rules=unknown-op.rules", "program.mlir"]),
        ("rules-syntax", &["--load-rules=syntax.rules", "program.mlir"]),
        ("rules-shadowed", &["--load-rules=shadowed.rules", "program.mlir"]),
        ("dialect-trait", &["--load-dialect=trait.dialect", "program.mlir"]),
        ("dialect-clause", &["--load-dialect=clause.dialect", "program.mlir"]),
        ("dialect-format", &["--load-dialect=format.dialect", "program.mlir"]),
        ("pipeline-unknown-pass", &["--bsgss", "program.mlir"]),
        ("pipeline-option", &["--bsgs=minsize=4", "program.mlir"]),
        ("pipeline-text", &["--pass-pipeline=builtin.module(pack,bsgs{min-size=x})", "program.mlir"]),
        ("pipeline-order", &["--lazy-rescale", "--bsgs", "program.mlir"]),
        ("pipeline-twice", &["--preset=lazy", "--pack", "program.mlir"]),
        ("option-twice", &["--scale=2^40", "--bsgs", "--scale", "2^30", "program.mlir"]),
        ("option-value", &["--emit=dod", "program.mlir"]),
        ("option-missing", &["program.mlir", "--scale"]),
        ("second-file", &["program.mlir", "type.mlir"]),
        ("pass-option-apart", &["--approximate", "degree=5", "method=remez", "program.mlir"]),
        ("parameters", &["--bsgs", "--coeff-modulus=60,4o", "program.mlir"]),
    ];
    settings().bind(|| {
        for (name, arguments) in cases {
            insta::assert_snapshot!(format!("error-{name}"), complaint(&folder, arguments));
        }
    });
}
