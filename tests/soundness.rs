//! Canonicalization, cse and dce keep what programs compute: random straight-line programs of each stage's ops are
//! executed before and after. tests/rule_soundness.rs executes every rule by itself; here they meet each other.

#[path = "support/programs.rs"]
mod programs;

use std::collections::BTreeSet;
use std::fmt::Write;
use std::sync::Mutex;

use he_core::pass::{Silent, parse_pipeline, run_pipeline};
use he_core::rewrite::rewrite_greedily;
use he_core::support::NoWeights;
use he_dialects::{Loaded, load};
use he_tools::run::{BackendOptions, max_abs, max_abs_difference};
use programs::{execute, printed, read};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

/// How the ops of a stage are written.
struct Dialect {
    /// Its canonicalizations start with this; nn's have no prefix.
    rules: fn(&str) -> bool,
    /// The type of every value.
    ty: &'static str,
    /// From the arguments `%t0`, `%t1` to `%v0`, `%v1`, and from `%r` to `%out`.
    enter: &'static str,
    leave: &'static str,
    /// The next op: its number, operands, a small number; yields the lines that define `%v<number>`.
    op: fn(usize, [usize; 2], u8, i64) -> String,
    kinds: u8,
}

const TENSOR: &str = "tensor<2x4xf32>";

const NN: Dialect = Dialect {
    rules: |name| !name.starts_with("packed-") && !name.starts_with("ckks-"),
    ty: TENSOR,
    enter: "",
    leave: "",
    op: |n, [a, b], kind, k| {
        let line = |text: &str| text.replace('T', TENSOR);
        line(&match kind {
            0 => format!("%v{n} = nn.neg %v{a} : T"),
            1 => format!("%v{n} = nn.add %v{a}, %v{b} : (T, T) -> T"),
            2 => format!("%v{n} = nn.sub %v{a}, %v{b} : (T, T) -> T"),
            3 => format!("%v{n} = nn.relu %v{a} : T"),
            4 => format!(
                "%m{n} = \"nn.reshape\"(%v{a}) {{shape = [8]}} : (T) -> tensor<8xf32>\n\
                 %v{n} = \"nn.reshape\"(%m{n}) {{shape = [2, 4]}} : (tensor<8xf32>) -> T"
            ),
            5 => format!(
                "%m{n} = \"nn.transpose\"(%v{a}) {{dim0 = 0, dim1 = 1}} : (T) -> tensor<4x2xf32>\n\
                 %v{n} = \"nn.transpose\"(%m{n}) {{dim0 = 0, dim1 = 1}} : (tensor<4x2xf32>) -> T"
            ),
            6 => format!("%v{n} = \"nn.concat\"(%v{a}) {{dim = {}}} : (T) -> T", k.rem_euclid(2)),
            _ => format!("%v{n} = \"nn.reshape\"(%v{a}) {{shape = [2, 4]}} : (T) -> T"),
        })
    },
    kinds: 8,
};

const VEC: &str = "!packed.vec<shape = [2, 4], period = 8, slots = 16>";

const PACKED: Dialect = Dialect {
    rules: |name| name.starts_with("packed-"),
    ty: VEC,
    enter: "%v0 = packed.pack %t0 : (X) -> T\n%v1 = packed.pack %t1 : (X) -> T\n",
    leave: "%out = packed.unpack %r : (T) -> X\n",
    op: |n, [a, b], kind, k| {
        let value = [0.0, 1.0, -1.0, 0.5, 2.0][k.rem_euclid(5) as usize];
        match kind {
            0 => format!("%v{n} = packed.neg %v{a} : T"),
            1 => format!("%v{n} = packed.add %v{a}, %v{b} : T"),
            2 => format!("%v{n} = packed.sub %v{a}, %v{b} : T"),
            3 => format!("%v{n} = packed.add_scalar %v{a} {{value = {value:?}}} : T"),
            4 => format!("%v{n} = packed.mul_scalar %v{a} {{value = {value:?}}} : T"),
            _ => {
                let by = [0, 5, 20, -3, 16][k.rem_euclid(5) as usize];
                format!("%v{n} = packed.rotate %v{a} {{by = {by}}} : T")
            }
        }
    },
    kinds: 6,
};

const CT: &str = "!ckks.ct<degree = 1>";

const CKKS: Dialect = Dialect {
    rules: |name| name.starts_with("ckks-"),
    ty: CT,
    enter: "%p0 = packed.to_plain %t0 {layout = V} : (X) -> tensor<512xf64>\n\
            %e0 = ckks.encode %p0 : (tensor<512xf64>) -> !ckks.pt\n%v0 = ckks.encrypt %e0 : (!ckks.pt) -> T\n\
            %p1 = packed.to_plain %t1 {layout = V} : (X) -> tensor<512xf64>\n\
            %e1 = ckks.encode %p1 : (tensor<512xf64>) -> !ckks.pt\n%v1 = ckks.encrypt %e1 : (!ckks.pt) -> T\n",
    leave: "%d = ckks.decrypt %r : (T) -> tensor<512xf64>\n\
            %out = packed.from_plain %d {layout = V} : (tensor<512xf64>) -> X\n",
    op: |n, [a, b], kind, k| {
        let value = [0.0, 1.0, -1.0, 0.5, 2.0][k.rem_euclid(5) as usize];
        // Steps that sum to the slots now and then.
        let by = [1, 2, 256, 510, 511][k.rem_euclid(5) as usize];
        match kind {
            0 => format!("%v{n} = ckks.neg %v{a} : T"),
            1 => format!("%v{n} = ckks.add %v{a}, %v{b} : T, T"),
            2 => format!("%v{n} = ckks.sub %v{a}, %v{b} : T, T"),
            3 => format!("%v{n} = ckks.add_scalar %v{a} {{value = {value:?}}} : T"),
            4 => format!("%v{n} = ckks.mul_scalar %v{a} {{value = {value:?}}} : T -> T"),
            5 => format!("%v{n} = ckks.rotate %v{a} {{by = {by}}} : T"),
            6 => format!("%v{n} = ckks.conjugate %v{a} : T"),
            7 => format!(
                "%p{n} = ckks.rotate %v{a} {{by = {by}}} : T\n%q{n} = ckks.rotate %v{b} {{by = {by}}} : T\n\
                 %v{n} = ckks.add %p{n}, %q{n} : T, T"
            ),
            _ => format!(
                "%d{n} = ckks.mod_up %v{a} : T -> !ckks.digits\n\
                 %x{n} = ckks.rotate_ext %v{a}, %d{n} {{by = {by}}} : T, !ckks.digits\n\
                 %v{n} = ckks.mod_down %x{n} : !ckks.ext -> T"
            ),
        }
    },
    kinds: 9,
};

/// An op: its kind, how far back its operands are, a small number.
type Step = (u8, [usize; 2], i64);

/// The program as text. Operands are near, so that ops meet the ops that rules look for.
fn program(dialect: &Dialect, steps: &[Step]) -> String {
    let mut body = dialect.enter.to_owned();
    for (index, (kind, back, k)) in steps.iter().enumerate() {
        let number = index + 2;
        let operands = back.map(|back| number - 1 - back % number);
        let _ = writeln!(body, "{}", (dialect.op)(number, operands, kind % dialect.kinds, *k));
    }
    let last = steps.len() + 1;
    let result = if dialect.leave.is_empty() { format!("%v{last}") } else { "%out".to_owned() };
    body += &dialect.leave.replace("%r ", &format!("%v{last} "));
    let names = if dialect.enter.is_empty() { ["%v0", "%v1"] } else { ["%t0", "%t1"] };
    let body = body.replace("X", TENSOR).replace(" V}", &format!(" {}}}", VEC.replace("16", "512")));
    let body: Vec<_> = body.lines().map(|line| replace_type(line, dialect.ty)).collect();
    format!(
        "module attributes {{ckks.params = #ckks.params<log_n = 10, log_q = [60, 40, 40, 40], log_p = [60, 60], log_scale = 40, slots = 512, dnum = 2>}} {{\n\
         func.func @main({}: {TENSOR}, {}: {TENSOR}) -> {TENSOR} {{\n{}\nfunc.return {result} : {TENSOR}\n}}\n}}\n",
        names[0],
        names[1],
        body.join("\n")
    )
}

/// `T` alone stands for the type.
fn replace_type(line: &str, ty: &str) -> String {
    let mut out = String::new();
    for (index, c) in line.char_indices() {
        let alone = |other: Option<char>| other.is_none_or(|o| !o.is_alphanumeric() && o != '_');
        let before = line[..index].chars().next_back();
        let after = line[index + c.len_utf8()..].chars().next();
        if c == 'T' && alone(before) && alone(after) { out += ty } else { out.push(c) }
    }
    out
}

/// Executes before and after; notes the rules that fired.
fn check(loaded: &Loaded, dialect: &Dialect, steps: &[Step], fired: &mut BTreeSet<String>) {
    let text = program(dialect, steps);
    let before = read(loaded, &text);
    let run = |ir: &he_core::ir::Ir| {
        execute(loaded, &NoWeights, ir, BackendOptions::default())
            .unwrap_or_else(|why| panic!("{why}\n{text}"))
    };
    let wanted = run(&before);
    let session = &loaded.session;
    let mut ir = before.clone();
    let group = session.rules.group("canonicalize").expect("the group is declared");
    let stats = rewrite_greedily(&session.registry, &mut ir, group);
    fired.extend(stats.unwrap_or_else(|why| panic!("{why}\n{text}")).fired.into_keys());
    for pipeline in ["", "cse,dce", "canonicalize,cse,canonicalize,dce"] {
        if !pipeline.is_empty() {
            ir = before.clone();
            let passes = parse_pipeline(&session.passes, pipeline).expect("the passes exist");
            let outcome = run_pipeline(session, &mut ir, &passes, &NoWeights, &(), true, &mut Silent);
            if let Err(error) = outcome {
                panic!("{pipeline}: {}\n{text}", error.diagnostics[0]);
            }
        }
        let found = run(&ir);
        let (difference, largest) = (max_abs_difference(&wanted, &found), max_abs(&wanted).max(1.0));
        assert!(
            difference <= 1e-12 * largest,
            "{pipeline}: differs by {difference:e}\n{text}\n{}",
            printed(loaded, &ir, false)
        );
        read(loaded, &printed(loaded, &ir, false));
    }
}

fn random_programs(dialect: &Dialect, cases: u32) {
    let loaded = load().expect("the dialects load");
    let fired = Mutex::new(BTreeSet::new());
    let step = (any::<u8>(), [0usize..3, 0usize..3], 0i64..5);
    let programs = proptest::collection::vec(step, 1..14);
    // The same programs in every run.
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let random = proptest::test_runner::TestRng::deterministic_rng(config.rng_algorithm);
    let mut runner = TestRunner::new_with_rng(config, random);
    let outcome = runner.run(&programs, |steps| {
        check(&loaded, dialect, &steps, &mut fired.lock().expect("no panic"));
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
    let fired = fired.into_inner().expect("no panic");
    assert!(fired.iter().any(|name| (dialect.rules)(name)), "no rule of the dialect fired: {fired:?}");
}

#[test]
fn nn_programs_keep_their_results() {
    random_programs(&NN, 300);
}

#[test]
fn packed_programs_keep_their_results() {
    random_programs(&PACKED, 600);
}

#[test]
fn ckks_programs_keep_their_results() {
    random_programs(&CKKS, 600);
}
