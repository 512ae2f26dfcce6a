//! The verifier against SEAL, the strictest library: random leveled programs, and mutations of them.
//!
//! What the verifier accepts, SEAL runs. What it refuses and SEAL runs all the same is one of [`DIFFERENCES`]. The ring
//! is NOT secure; it is quick. All programs run in one Python process.

#[path = "support/leveled.rs"]
mod leveled;

use std::process::Command;

use he_core::ir::Ir;
use he_core::schema::verify;
use he_core::support::{Diagnostic, Diagnostics, NoWeights};
use he_core::text::parse;
use he_dialects::Loaded;
use he_dialects::nn::random::SplitMix64;
use he_tools::export::{Target, unchecked};
use he_tools::python::{interpreter, output_of};
use he_tools::run::{BackendOptions, Program};
use leveled::Leveled;

/// Programs that are run.
const CASES: usize = 900;
/// What the verifier refuses although SEAL runs it: a part of its message, and the reason.
const DIFFERENCES: &[(&str, &str)] = &[
    ("below log_scale", "OpenFHE returns garbage; SEAL keeps a message of a few bits"),
    ("need more than", "SEAL looks at the scale only: a message that does not fit wraps around silently"),
    ("would have a degree above 2", "the product can be added, but neither library relinearizes four parts"),
    ("only a ciphertext of degree 2 is relinearized", "SEAL returns the operand; OpenFHE throws"),
    ("rotates by 0", "SEAL returns the operand; OpenFHE throws"),
];

/// SEAL refuses the difference of two equal ciphertexts. No type says that two values are equal; what is written as x − x
/// is rewritten before there are ciphertexts.
const TRANSPARENT: &str = "transparent";

/// The verifier's complaints, and the program; it is complete but for the refused parts. `None` where a mutation made a
/// scale that no type has.
fn verified(loaded: &Loaded, text: &str) -> Option<(Ir, Diagnostics)> {
    let registry = &loaded.session.registry;
    let mut ir = match parse(registry, text, "case.mlir") {
        Ok(ir) => ir,
        Err(errors) if errors.iter().all(|error| error.message.contains("a scale is 1 to")) => return None,
        Err(errors) => panic!("{}\n{text}", errors[0]),
    };
    let complaints = verify(registry, &mut ir).err().unwrap_or_default();
    Some((ir, complaints))
}

/// The listed difference that explains a complaint: its own, or that of another complaint about the same op.
fn explained(complaint: &Diagnostic, all: &[Diagnostic]) -> Option<usize> {
    let mut same_op = all.iter().filter(|other| other.position == complaint.position);
    let listed = |message: &str| DIFFERENCES.iter().position(|(part, _)| message.contains(part));
    listed(&complaint.message).or_else(|| same_op.find_map(|other| listed(&other.message)))
}

#[test]
fn what_the_verifier_accepts_runs_on_seal() {
    let python = match interpreter(Target::Seal, None) {
        Ok(python) => python,
        Err(why) => {
            let required = std::env::var("HE_OPT_REQUIRE_BACKENDS").unwrap_or_default();
            assert!(!required.split(',').any(|name| name == "seal"), "{why}");
            eprintln!("\n****** SKIPPED: legality is not compared with SEAL: {why} ******\n");
            return;
        }
    };
    let loaded = he_dialects::load().expect("the shipped files load");
    let mut random = SplitMix64::new(20);
    let mut cases = Vec::new();
    for case in 0..CASES {
        let mut program = Leveled::random(&mut random);
        // A third stays as it is, a third is mutated once, a third twice.
        let mutations: Vec<&str> = (0..case % 3).map(|_| program.mutate(&mut random)).collect();
        let text = program.text();
        if let Some((ir, complaints)) = verified(&loaded, &text) {
            cases.push((text, ir, complaints, mutations));
        }
    }
    let programs: Vec<Program<'_>> = cases
        .iter()
        .map(|(_, ir, ..)| Program {
            loaded: &loaded,
            ir,
            weights: &NoWeights,
            options: BackendOptions::default(),
        })
        .collect();
    let python_text =
        unchecked(&programs, Target::Seal, include_str!("support/oracle.py")).expect("they are exported");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("oracle.py");
    std::fs::write(&file, python_text).expect("it is written");
    let stdout = output_of(Command::new(python).arg(file)).unwrap_or_else(|error| panic!("{error}"));
    let verdicts: Vec<Option<String>> = serde_json::from_slice(&stdout).expect("verdicts");
    assert_eq!(verdicts.len(), cases.len());

    let (mut accepted, mut refused_by_both, mut transparent) = (0, 0, 0);
    let mut seen = vec![0; DIFFERENCES.len()];
    let mut problems: Vec<String> = Vec::new();
    for ((text, _, complaints, mutations), said) in cases.iter().zip(&verdicts) {
        match (complaints.is_empty(), said) {
            (true, None) => accepted += 1,
            (true, Some(said)) if said.contains(TRANSPARENT) => transparent += 1,
            (true, Some(said)) => {
                problems.push(format!("accepted, but SEAL says {said}; {mutations:?}\n{text}"));
            }
            (false, Some(_)) => refused_by_both += 1,
            (false, None) => {
                for complaint in complaints {
                    match explained(complaint, complaints) {
                        Some(known) => seen[known] += 1,
                        None => problems.push(format!("SEAL runs it: {complaint}; {mutations:?}\n{text}")),
                    }
                }
            }
        }
    }
    let listed =
        seen.iter().zip(DIFFERENCES).map(|(count, (part, why))| format!("{count:4} {part}: {why}\n"));
    let listed: String = listed.collect();
    eprintln!(
        "{accepted} accepted, {refused_by_both} refused by both, of {CASES}; SEAL alone runs\n{listed}"
    );
    let first_lines: String =
        problems.iter().filter_map(|text| text.lines().next()).map(|line| format!("{line}\n")).collect();
    assert!(problems.is_empty(), "{first_lines}\nthe first one:\n{}", problems[0]);
    assert!(20 * transparent < CASES, "{transparent} programs subtract equal ciphertexts");
    assert!(5 * accepted >= CASES && 5 * (CASES - accepted) >= CASES, "accepted {accepted} of {CASES}");
    assert!(
        refused_by_both > 0 && seen.iter().all(|count| *count > 0),
        "a listed difference does not occur\n{listed}"
    );
}
