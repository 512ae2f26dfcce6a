//! Real encryption: compiled programs on OpenFHE and SEAL, at small rings. The rings are NOT secure; they are quick.
//!
//! `tools/backends/setup.sh` creates the interpreters, and `./test` calls it. A library whose interpreter is missing
//! is skipped, loudly; HE_OPT_REQUIRE_BACKENDS=seal,openfhe makes that a failure.

#[path = "support/programs.rs"]
mod programs;

use std::process::Command;

use he_tools::export::Target;
use he_tools::python::interpreter;
use programs::root;
use serde_json::Value;

/// Whether there is an interpreter for `target`; says so loudly where there is none.
fn available(target: Target) -> bool {
    let Err(why) = interpreter(target, None) else { return true };
    let required = std::env::var("HE_OPT_REQUIRE_BACKENDS").unwrap_or_default();
    assert!(!required.split(',').any(|name| name == target.name()), "{why}");
    eprintln!("\n****** SKIPPED: no encrypted run on {}: {why} ******\n", target.title());
    false
}

/// Runs a program encrypted; the report of he-run.
fn run(target: Target, file: &str, arguments: &[&str]) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_he-run"))
        .args(["--json", &format!("--backend={}", target.name())])
        .args(arguments)
        .arg(root().join(file))
        .output()
        .expect("he-run starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{file} on {target:?}: {said}");
    serde_json::from_slice(&output.stdout).expect("he-run prints JSON")
}

fn number(report: &Value, name: &str) -> f64 {
    report[name].as_f64().unwrap_or_else(|| panic!("the report has no number '{name}': {report}"))
}

/// The numbers of nested arrays.
fn numbers(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(items) => items.iter().flat_map(numbers).collect(),
        other => other.as_f64().into_iter().collect(),
    }
}

/// Runs a program on both libraries, and compares with the fake backend's prediction. A key is random and moves the error
/// of slot 0, which counts for more in a small ring; hence the bounds are a little wider than those of the published
/// table.
fn check(file: &str, arguments: &[&str], least_bits: f64) {
    for target in Target::ALL.into_iter().filter(|target| available(*target)) {
        let report = run(target, file, arguments);
        let (observed, predicted) =
            (number(&report, "observed_noise_std"), number(&report, "predicted_noise_std"));
        let ratio = observed / predicted;
        assert!((0.2..5.0).contains(&ratio), "{file} on {target:?}: {observed:e} over {predicted:e}");
        let bound = number(&report, "error_bound") + 8.0 * number(&report, "predicted_noise");
        assert!(number(&report, "max_abs_error") <= bound, "{file} on {target:?}: {report}");
        assert!(
            -number(&report, "observed_noise").log2() >= least_bits,
            "{file} on {target:?}: {observed:e}"
        );
        assert!(number(&report, "evaluate_ms") > 0.0 && number(&report, "key_bytes") > 0.0, "{report}");
        assert_eq!(report["backend"], target.name());
    }
}

const SMALL: [&str; 3] = ["--poly-modulus-degree=2048", "--scale=2^40", "--preset=bsgs-lazy"];

#[test]
fn the_seed_network_is_right_under_encryption() {
    check("examples/mlp.mlir", &[SMALL.as_slice(), &["--coeff-modulus=60,40x19"]].concat(), 20.0);
}

#[test]
fn every_preset_is_right_under_encryption() {
    for preset in ["baseline", "bsgs", "lazy"] {
        let preset = format!("--preset={preset}");
        let arguments = ["--poly-modulus-degree=2048", "--scale=2^45", "--coeff-modulus=60,45x7", &preset];
        check("examples/mlp_10_20_10.mlir", &arguments, 20.0);
    }
}

/// Tensors of more elements than slots are several ciphertexts.
#[test]
fn blocks_are_right_under_encryption() {
    for preset in ["bsgs", "auto"] {
        let preset = format!("--preset={preset}");
        let arguments = ["--poly-modulus-degree=2048", "--scale=2^45", "--coeff-modulus=60,45x4", &preset];
        check("tests/encrypted/blocks.mlir", &arguments, 20.0);
    }
}

#[test]
fn the_primes_of_the_library_are_those_of_the_module() {
    for target in Target::ALL.into_iter().filter(|target| available(*target)) {
        let report =
            run(target, "tests/lit/export/square.mlir", &[&SMALL[..], &["--coeff-modulus=60,40x2"]].concat());
        let moduli: Vec<u64> =
            report["moduli"].as_array().expect("a list").iter().filter_map(Value::as_u64).collect();
        assert_eq!(moduli.len(), 3, "{report}");
        for (bits, modulus) in [60, 40, 40].into_iter().zip(&moduli) {
            assert!(((*modulus as f64).log2() - f64::from(bits)).abs() < 0.01, "{moduli:?}");
            assert_eq!(modulus % 4096, 1, "a prime of a ring of 2^11 is 1 modulo 2N");
        }
    }
}

/// The largest difference of the report's eight outputs from those of the fake backend on the same input.
fn difference_from_fake(report: &Value, file: &str) -> f64 {
    let plain = Command::new(env!("CARGO_BIN_EXE_he-run"))
        .args(["--json", "--random-input=3"])
        .arg(root().join(file))
        .output()
        .expect("he-run starts");
    let plain: Value = serde_json::from_slice(&plain.stdout).expect("he-run prints JSON");
    let (found, wanted) = (numbers(&report["outputs"]), numbers(&plain["outputs"]));
    assert_eq!((found.len(), wanted.len()), (8, 8));
    found.iter().zip(&wanted).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}

/// What primes are off by is no error of the results, however narrow they are: results are compared with the network.
#[test]
fn primes_that_are_no_powers_of_two_are_made_up_for() {
    for (bits, placement) in [(25, "lazy"), (30, "eager"), (40, "lazy"), (50, "optimal")] {
        let arguments = [
            "--poly-modulus-degree=4096".to_owned(),
            format!("--scale=2^{bits}"),
            format!("--coeff-modulus=60,{bits}x4"),
            format!("--relinearize=strategy={placement}"),
            format!("--rescale=strategy={placement}"),
        ];
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        check("tests/encrypted/powers.mlir", &arguments, f64::from(bits) - 24.0);
    }
}

/// Fewer slots than N/2 are packed sparsely by OpenFHE and repeated by SEAL, whose noise stays that of all slots.
#[test]
fn few_slots_have_the_noise_of_the_library() {
    let arguments = [
        "--poly-modulus-degree=8192",
        "--slots=8",
        "--scale=2^40",
        "--coeff-modulus=60,40x4",
        "--preset=lazy",
    ];
    check("tests/encrypted/powers.mlir", &arguments, 15.0);
}

/// What needs no key to be read, libraries refuse: it is folded, and is right.
#[test]
fn constants_and_zeros_are_right_under_encryption() {
    let arguments =
        ["--poly-modulus-degree=4096", "--scale=2^40", "--coeff-modulus=60,40x4", "--preset=lazy"];
    check("tests/encrypted/vanishing.mlir", &arguments, 15.0);
}

/// Every op that a library has, hoisted groups and extended sums included.
#[test]
fn every_op_is_right_under_encryption() {
    for target in Target::ALL.into_iter().filter(|target| available(*target)) {
        let file = format!("tests/encrypted/{}.mlir", target.name());
        let report = run(target, &file, &["--random-input=3"]);
        assert!(number(&report, "observed_noise") < 1e-6, "{report}");
        let most = difference_from_fake(&report, &file);
        assert!(most < 1e-6, "{file}: differs from the fake backend by {most:e}");
    }
}

#[test]
fn a_bootstrap_returns_levels_and_keeps_the_message() {
    let target = Target::OpenFhe;
    if available(target) {
        let report = run(target, "tests/encrypted/bootstrap.mlir", &["--random-input=3"]);
        let (observed, predicted) =
            (number(&report, "observed_noise_std"), number(&report, "predicted_noise_std"));
        assert!((0.25..4.0).contains(&(observed / predicted)), "{observed:e}, predicted {predicted:e}");
    }
}

/// The elements of plain arguments are moved to slots by the exported program, on inputs of the user.
#[test]
fn plain_arguments_are_encoded_where_they_are_used() {
    for target in Target::ALL.into_iter().filter(|target| available(*target)) {
        let file = "tests/encrypted/plain.mlir";
        let report = run(target, file, &["--random-input=3"]);
        let most = difference_from_fake(&report, file);
        assert!(most < 1e-6, "{target:?} differs from the fake backend by {most:e}");
    }
}

/// A module that states its primes runs with these: SEAL takes them, OpenFHE's own are compared.
#[test]
fn stated_primes_are_used_or_refused() {
    let text = std::fs::read_to_string(root().join("tests/encrypted/seal.mlir")).expect("it is there");
    let stated = |primes: &[u64]| {
        let place = "slots = 512, dnum = 3";
        assert!(text.contains(place));
        text.replacen(place, &format!("{place}, moduli = {primes:?}"), 1)
    };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("stated.mlir");
    // Primes of 60, 40 and 40 bits that are 1 modulo 2^12; neither library would choose the last.
    let other = [1152921504606830593, 1099511480321, 1099510890497];
    if available(Target::Seal) {
        std::fs::write(&file, stated(&other)).expect("it is written");
        let report = run(Target::Seal, &file.to_string_lossy(), &["--random-input=3"]);
        assert_eq!(report["moduli"], serde_json::json!(other), "{report}");
    }
    if available(Target::OpenFhe) {
        let file_of_all = "tests/encrypted/openfhe.mlir";
        let report = run(Target::OpenFhe, file_of_all, &["--random-input=3"]);
        let own: Vec<u64> = serde_json::from_value(report["moduli"].clone()).expect("primes");
        let text = std::fs::read_to_string(root().join(file_of_all)).expect("it is there");
        let with = |primes: &[u64]| text.replacen("dnum = 2", &format!("dnum = 2, moduli = {primes:?}"), 1);
        std::fs::write(&file, with(&own)).expect("it is written");
        let again = run(Target::OpenFhe, &file.to_string_lossy(), &["--random-input=3"]);
        assert_eq!(again["moduli"], report["moduli"]);
        let mut swapped = own;
        swapped[1..].reverse();
        std::fs::write(&file, with(&swapped)).expect("it is written");
        let refused = Command::new(env!("CARGO_BIN_EXE_he-run")).arg("--backend=openfhe").arg(&file).output();
        let refused = refused.expect("he-run starts");
        let said = String::from_utf8_lossy(&refused.stderr);
        assert!(
            !refused.status.success()
                && refused.stdout.is_empty()
                && said.contains("OpenFHE chose the primes"),
            "{said}"
        );
    }
}

/// An exported program draws the inputs that he-run draws, and looks at ranges as it does.
#[test]
fn exported_programs_take_inputs_as_he_run_does() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let file = "tests/lit/tools/input-ranges.mlir";
    let options = ["--preset=lazy", "--poly-modulus-degree=4096", "--coeff-modulus=60,40x6", "--scale=2^40"];
    for target in Target::ALL.into_iter().filter(|target| available(*target)) {
        let python = interpreter(target, None).expect("it is available");
        let program = folder.path().join("program.py");
        let emit = format!("--emit={}-python", target.name());
        let mut translate = Command::new(env!("CARGO_BIN_EXE_he-translate"));
        translate.args(options).arg(emit).arg(root().join(file)).arg("-o").arg(&program);
        assert!(translate.output().expect("he-translate starts").status.success());
        let exported = |arguments: &[&str]| {
            let output = Command::new(&python).arg(&program).args(arguments).output().expect("python starts");
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(output.status.success(), "{said}");
            (String::from_utf8_lossy(&output.stdout).into_owned(), said)
        };
        let (printed, said) = exported(&["--json", "--random-input=3"]);
        assert_eq!(said, "");
        let printed: Value = serde_json::from_str(&printed).expect("it prints JSON");
        let ours = run(target, file, &[&options[..], &["--random-input=3"]].concat());
        let pairs = numbers(&printed["outputs"]).into_iter().zip(numbers(&ours["outputs"]));
        assert!(
            pairs.clone().count() == 4 && pairs.into_iter().all(|(a, b)| (a - b).abs() < 1e-4),
            "{printed}, {ours}"
        );
        let wide = root().join("tests/lit/tools/Inputs/wide.json");
        let (_, said) = exported(&["--input", wide.to_str().expect("the path is UTF-8")]);
        assert_eq!(
            said,
            "warning: input #0: element [0, 1] is 2, outside of its range [-1, 1] (the default), and 2 more are outside\n"
        );
    }
}
