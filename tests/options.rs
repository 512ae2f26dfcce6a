//! Every number that a tool, a pass or a type takes, at the ends of its range and just past them.

use std::process::{Command, Stdio};

use he_core::pass::OptionKind;
use he_dialects::load;
use he_tools::command_line::{NUMBERS, REALS};

/// Where the options of [`NUMBERS`] and [`REALS`] are: a command line that fails for another reason if the number is
/// right, because there is no such file or interpreter.
fn command_for(option: &str) -> &'static [&'static str] {
    match option {
        "degrees" | "scales" | "seed" => &["he-cost", "tune", "no-such.mlir"],
        "log-n" | "limbs" | "prime-bits" | "dnum" | "seconds" | "bootstrap-log-n" => {
            &["he-cost", "calibrate", "--backend=seal", "--python=/no/such/python"]
        }
        "rewrite-limit" | "elide-elementsattrs-if-larger" => &["he-opt", "no-such.mlir"],
        _ => &["he-run", "no-such.mlir"],
    }
}

/// The exit code with that value, and what is said.
fn outcome(option: &str, value: &str) -> (Option<i32>, String) {
    let words = command_for(option);
    let mut command =
        Command::new(std::path::Path::new(env!("CARGO_BIN_EXE_he-opt")).with_file_name(words[0]));
    command.args(&words[1..]).arg(format!("--{option}={value}")).stdin(Stdio::null());
    let output = command.output().expect("the tool starts");
    assert!(output.stdout.is_empty());
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

fn check(option: &str, taken: &[String], refused: &[String]) {
    for value in taken {
        let (code, said) = outcome(option, value);
        assert_eq!(code, Some(1), "--{option}={value}\n{said}");
        assert!(said.to_lowercase().contains("no such"), "--{option}={value}\n{said}");
    }
    for value in refused {
        let (code, said) = outcome(option, value);
        assert_eq!(code, Some(2), "--{option}={value}\n{said}");
        assert!(said.contains(&format!("--{option} must be a")), "--{option}={value}\n{said}");
    }
}

#[test]
fn whole_numbers_of_options() {
    for (option, range) in NUMBERS {
        let (start, end) = (*range.start(), *range.end());
        let mut refused = vec!["x".to_owned(), "-1".to_owned(), "1.5".to_owned(), format!("{}", u128::MAX)];
        refused.extend(start.checked_sub(1).map(|below| below.to_string()));
        refused.push((u128::from(end) + 1).to_string());
        check(option, &[start.to_string(), end.to_string()], &refused);
    }
}

#[test]
fn numbers_of_options() {
    for (option, range) in REALS {
        let refused =
            ["x", "nan", "inf", &(range.start() - 1e-9).to_string(), &(range.end() + 1e-9).to_string()]
                .map(str::to_owned);
        check(option, &[range.start().to_string(), range.end().to_string()], &refused);
    }
}

#[test]
fn numbers_of_passes() {
    let loaded = load().expect("the dialects load");
    let table = &loaded.session.passes;
    let mut checked = 0;
    for pass in table.passes() {
        for option in &pass.options {
            let set = |value: &str| table.instance(&pass.name, &format!("{}={value}", option.name), "", 0);
            let (taken, refused) = match option.kind {
                OptionKind::Int { min, max } => (
                    vec![min.to_string(), max.to_string()],
                    vec![(min - 1).to_string(), (max + 1).to_string(), "1.5".to_owned(), "x".to_owned()],
                ),
                OptionKind::Float { min, max } => (
                    vec![min.to_string(), max.to_string()],
                    vec![
                        (min - 1e-9).to_string(),
                        (max + 1e-9).to_string(),
                        "nan".to_owned(),
                        "x".to_owned(),
                    ],
                ),
                OptionKind::Interval => (
                    vec!["[-1,1]".to_owned(), "[0.0,1e-9]".to_owned()],
                    ["[1,-1]", "[1,1]", "[1]", "[0,inf]", "[nan,1]", "1"].map(str::to_owned).to_vec(),
                ),
                OptionKind::Choice(_) | OptionKind::Flag | OptionKind::Text => continue,
            };
            checked += 1;
            for value in taken {
                assert!(set(&value).is_ok(), "{}{{{}={value}}}", pass.name, option.name);
            }
            for value in refused {
                let error = set(&value).expect_err(&format!("{}{{{}={value}}}", pass.name, option.name));
                let expected = format!("option '{}' must be a", option.name);
                assert!(error.message.contains(&expected), "{error}");
            }
        }
    }
    assert!(checked > 10, "{checked}");
}

#[test]
fn numbers_of_types() {
    let loaded = load().expect("the dialects load");
    let registry = &loaded.session.registry;
    let verdict = |ty: &str| {
        let text = format!("func.func private @f({ty})\n");
        let mut ir = he_core::text::parse(registry, &text, "in").map_err(|errors| errors[0].to_string())?;
        he_core::schema::verify(registry, &mut ir).map_err(|errors| errors[0].to_string())
    };
    let cases: [(&str, &[&str], &[&str]); 8] = [
        ("!ckks.ct<level = @, scale = 40, degree = 1>", &["999"], &["1000", "-100001"]),
        ("!ckks.ct<level = 0, scale = @, degree = 1>", &["1", "60000"], &["0", "-5", "60001"]),
        ("!ckks.ct<level = 0, scale = 40, degree = @>", &["1", "2"], &["0", "3", "-1"]),
        ("!ckks.pt<level = @, scale = 40>", &["0", "999"], &["1000", "-100001"]),
        ("!ckks.pt<level = 0, scale = @>", &["1", "60000"], &["0", "-5", "60001"]),
        ("!ckks.digits<level = @>", &["0", "999"], &["1000", "-100001"]),
        ("!ckks.ext<level = @, scale = 40>", &["0", "999"], &["1000", "-100001"]),
        ("!ckks.ext<level = 0, scale = @>", &["1", "60000"], &["0", "-5", "60001"]),
    ];
    for (ty, taken, refused) in cases {
        for value in taken {
            assert_eq!(verdict(&ty.replace('@', value)), Ok(()), "{ty}, {value}");
        }
        for value in refused {
            let error = verdict(&ty.replace('@', value)).expect_err(&format!("{ty}, {value}"));
            assert!(
                ["a level is", "a scale is", "the degree of"].iter().any(|says| error.contains(says)),
                "{error}"
            );
        }
    }
}
