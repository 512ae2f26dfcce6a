//! Every example at every stage: its text survives he-opt and mlir-opt, and it computes what the stage before did.

#[path = "support/programs.rs"]
mod programs;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use he_core::ir::Ir;
use he_core::support::Weights;
use he_dialects::lower::bounds::error_bound;
use he_dialects::pipelines::{STAGES, preset};
use he_dialects::{Loaded, load};
use he_tools::files::WeightFiles;
use he_tools::run::{BackendOptions, max_abs_difference};
use programs::{agree, compile, execute, parameters, printed, reference, root, try_read};

/// The rounding of the reference kernels, which the propagated bound does not count.
const ROUNDING: f64 = 1e-12;

/// A program, and where it came from.
struct Compiled {
    /// The example and the stage.
    name: String,
    /// `None` for the named pipeline `full`.
    stage: Option<&'static str>,
    ir: Ir,
}

fn weights() -> WeightFiles {
    WeightFiles::new(root().join("examples"))
}

/// An example at every stage, and what `full` makes of it. All fit a ring of 2^11; the stages before bootstrapping
/// get as many levels as the deepest example needs.
fn stages(loaded: &Loaded, weights: &dyn Weights, example: &Path) -> Vec<Compiled> {
    let text = std::fs::read_to_string(example).expect("the example is readable");
    let name = example.file_stem().expect("it has a name").to_string_lossy().into_owned();
    let (deep, usual) = (parameters("2048", "60,40x63", "2^40"), parameters("2048", "60,40x37", "2^40"));
    let full = preset("full").expect("the pipeline is named");
    let configurations = STAGES.iter().map(|stage| (Some(*stage), &deep, "")).chain([(None, &usual, full)]);
    let compiled = configurations.map(|(stage, params, pipeline)| {
        let name = format!("{name} at {}", stage.unwrap_or("the end of full"));
        let ir = compile(loaded, weights, &text, params, pipeline, stage);
        Compiled { ir: ir.unwrap_or_else(|why| panic!("{name}: {why}")), name, stage }
    });
    compiled.collect()
}

/// Every example at every stage.
fn for_each_example(check: impl Fn(&Loaded, &dyn Weights, &[Compiled])) {
    let loaded = load().expect("the dialects load");
    let weights = weights();
    let entries = std::fs::read_dir(root().join("examples")).expect("there are examples");
    let mut examples: Vec<PathBuf> = entries.map(|entry| entry.expect("it is readable").path()).collect();
    examples.retain(|path| path.extension().is_some_and(|extension| extension == "mlir"));
    examples.sort();
    assert!(examples.len() >= 4, "{examples:?}");
    for example in examples {
        check(&loaded, &weights, &stages(&loaded, &weights, &example));
    }
}

#[test]
fn text_is_a_fixed_point() {
    for_each_example(|loaded, _, stages| {
        for Compiled { name, ir, .. } in stages {
            let generic = printed(loaded, ir, true);
            for form in [false, true] {
                let text = printed(loaded, ir, form);
                let again = try_read(loaded, &text).unwrap_or_else(|why| panic!("{name}: {why}"));
                assert_eq!(printed(loaded, &again, form), text, "{name}");
                assert_eq!(printed(loaded, &again, true), generic, "{name}: the forms differ");
            }
        }
    });
}

/// mlir-opt: the one that `HE_OPT_MLIR_OPT` names, else the newest that is installed.
fn mlir_opt() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("HE_OPT_MLIR_OPT").filter(|path| !path.is_empty()) {
        return Some(named.into());
    }
    let version = |path: &PathBuf| {
        let name = path.file_name()?.to_str()?;
        let rest = name.strip_prefix("mlir-opt")?;
        if rest.is_empty() { Some(u32::MAX) } else { rest.strip_prefix('-')?.parse().ok() }
    };
    let installed = std::fs::read_dir("/usr/bin").into_iter().flatten().flatten().map(|entry| entry.path());
    installed.filter(|path| version(path).is_some()).max_by_key(version)
}

fn run_mlir_opt(program: &Path, text: &str, arguments: &[&str]) -> String {
    let mut child = Command::new(program)
        .arg("--allow-unregistered-dialect")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{}: {error}", program.display()));
    let mut input = child.stdin.take().expect("it is piped");
    let text = text.to_owned();
    let writer = std::thread::spawn(move || input.write_all(text.as_bytes()));
    let output = child.wait_with_output().expect("it ends");
    writer.join().expect("no panic").expect("mlir-opt reads all of its input");
    assert!(output.status.success(), "mlir-opt: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("it prints text")
}

#[test]
fn mlir_opt_reads_and_writes_the_generic_form() {
    let Some(program) = mlir_opt() else {
        eprintln!("**********************************************************************");
        eprintln!("** SKIPPED: there is no mlir-opt, so the generic form is not checked **");
        eprintln!("** against real MLIR. HE_OPT_MLIR_OPT names one; see ./test          **");
        eprintln!("**********************************************************************");
        return;
    };
    for_each_example(|loaded, _, stages| {
        for Compiled { name, ir, .. } in stages {
            let text = printed(loaded, ir, true);
            for arguments in [&["--mlir-print-op-generic"][..], &[]] {
                let theirs = run_mlir_opt(&program, &text, arguments);
                let again = try_read(loaded, &theirs).unwrap_or_else(|why| panic!("{name}: {why}"));
                assert_eq!(printed(loaded, &again, true), text, "{name}, {arguments:?}");
            }
        }
    });
}

#[test]
fn every_stage_computes_the_polynomial_network_within_the_bound() {
    for_each_example(|loaded, weights, stages| {
        let run = |compiled: &Compiled| {
            let result = execute(loaded, weights, &compiled.ir, BackendOptions::default());
            result.unwrap_or_else(|why| panic!("{}: {why}", compiled.name))
        };
        let poly = stages.iter().find(|compiled| compiled.stage == Some("poly")).expect("there is the stage");
        let wanted = run(poly);
        for compiled in stages {
            let Compiled { name, stage, ir } = compiled;
            let found = run(compiled);
            let exact = reference(loaded, weights, ir).unwrap_or_else(|why| panic!("{name}: {why}"));
            if *stage == Some("nn") {
                agree(&exact, &found).unwrap_or_else(|why| panic!("{name}: {why}"));
                continue;
            }
            agree(&wanted, &found).unwrap_or_else(|why| panic!("{name}: {why}"));
            let bound = error_bound(&loaded.session.registry, ir, weights);
            let bound = bound.unwrap_or_else(|why| panic!("{name}: {why}"));
            let bound = bound.unwrap_or_else(|| panic!("{name}: there is no bound"));
            let error = max_abs_difference(&exact, &found);
            assert!(error <= bound + ROUNDING, "{name}: error {error:e}, bound {bound:e}");
        }
    });
}
