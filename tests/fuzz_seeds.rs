//! The seeds of the fuzz targets, through the checks of the targets: each was interesting once, or crashed.

#[path = "../fuzz/src/lib.rs"]
mod targets;

#[path = "support/programs.rs"]
mod programs;

/// Runs a check on every seed of a kind, in the order of their names.
fn replay(kind: &str, checks: &[fn(&[u8])]) {
    let folder = programs::root().join("fuzz/seeds").join(kind);
    let entries = std::fs::read_dir(&folder).expect("the folder exists");
    let mut files: Vec<_> = entries.map(|entry| entry.expect("the entry is readable").path()).collect();
    files.sort();
    assert!(files.len() >= 10, "only {} seeds of {kind}", files.len());
    for file in files {
        let data = std::fs::read(&file).expect("the seed is readable");
        println!("{}", file.display());
        checks.iter().for_each(|check| check(&data));
    }
}

/// On a stack as large as that of the tools.
fn on_large_stack(work: fn()) {
    let thread = std::thread::Builder::new().stack_size(256 << 20).spawn(work);
    thread.expect("a thread starts").join().expect("no check panics");
}

#[test]
fn text() {
    on_large_stack(|| replay("text", &[targets::lexer, targets::parser, targets::round_trip]));
}

#[test]
fn dialect() {
    on_large_stack(|| replay("dialect", &[targets::dialect]));
}

#[test]
fn rules() {
    on_large_stack(|| replay("rules", &[targets::rules]));
}

#[test]
fn pipeline() {
    on_large_stack(|| replay("pipeline", &[targets::pipeline]));
}
