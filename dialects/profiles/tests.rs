//! Tests of the profiles.

use super::*;

/// A profile that no calibration changes: the tests read its figures.
const FIXED: &str = include_str!("../../tests/profiles/fixed.json");

fn fixed() -> Profile {
    Profile::from_json(FIXED).unwrap()
}

/// The shape that the profile has measured at 2^15: 14 limbs in three digits.
const AT_15: Shape = Shape { log_n: 15, digit_limbs: 5, special_limbs: 4 };

fn ms(op: CostOp, limbs: u32) -> f64 {
    fixed().latency(op, &AT_15, limbs).ms
}

#[test]
fn shipped_profiles_are_valid() {
    for name in Profile::SHIPPED {
        let profile = Profile::shipped(name).unwrap();
        assert_eq!(profile.name(), *name);
        assert!(!profile.machine().is_empty() && profile.note().contains("he-cost calibrate"), "{name}");
        for &op in CostOp::ALL.iter().filter(|op| **op != CostOp::Bootstrap) {
            for log_n in 10..=17 {
                let shape = Shape { log_n, digit_limbs: 5, special_limbs: 4 };
                let ms = |limbs| profile.latency(op, &shape, limbs).ms;
                assert!(
                    (0..=60).all(|limbs| ms(limbs) > 0.0 && ms(limbs).is_finite()),
                    "{name} {}",
                    op.name()
                );
            }
        }
        let memory = profile.process_bytes(&AT_15, 14).unwrap();
        assert!((1 << 20..1 << 32).contains(&memory), "{name}: {memory}");
    }
    assert!(Profile::openfhe().library().starts_with("OpenFHE 1.6.1"));
    assert!(Profile::seal().library().starts_with("SEAL 4"));
    let bootstrap = Profile::openfhe().bootstrap().unwrap();
    assert_eq!((bootstrap.levels, bootstrap.min_level), (16, 1));
    assert!(Profile::seal().bootstrap().is_none() && Profile::shipped("fake").is_none());
}

#[test]
fn measured_points_are_read_back() {
    let rotate = fixed().latency(CostOp::Rotate, &AT_15, 14);
    assert!(!rotate.extrapolated && (rotate.ms - 59.0).abs() < 0.1, "{rotate:?}");
    assert!((ms(CostOp::MulPlain, 14) - 2.15).abs() < 0.01);
    assert!((ms(CostOp::Rescale, 8) - 6.8).abs() < 0.01);
}

#[test]
fn a_new_digit_is_a_step_between_measured_limbs() {
    let at = fixed().latency(CostOp::Rotate, &AT_15, 12);
    assert!(!at.extrapolated && (50.0..59.1).contains(&at.ms), "{at:?}");
    // Limbs 4 and 8 are measured; the sixth begins the second digit.
    let step = ms(CostOp::ModUp, 6) - ms(CostOp::ModUp, 5);
    assert!(step > 2.0 * (ms(CostOp::ModUp, 5) - ms(CostOp::ModUp, 4)), "{step}");
}

#[test]
fn between_widths_of_digits_is_interpolated() {
    let mut text: serde_json::Value = serde_json::from_str(FIXED).unwrap();
    let mut wide = text["instances"][2].clone();
    (wide["limbs"], wide["special_limbs"]) = (27.into(), 7.into());
    text["instances"].as_array_mut().unwrap().push(wide);
    let profile = Profile::from_json(&text.to_string()).unwrap();
    let at = |digit_limbs, special_limbs| {
        profile.latency(CostOp::Rotate, &Shape { log_n: 15, digit_limbs, special_limbs }, 10)
    };
    assert!(!at(5, 4).extrapolated && !at(7, 5).extrapolated && !at(9, 7).extrapolated);
    assert!(at(10, 7).extrapolated && at(4, 4).extrapolated);
}

#[test]
fn outside_is_extrapolated_and_says_so() {
    let profile = fixed();
    assert!(profile.latency(CostOp::Rotate, &AT_15, 38).extrapolated);
    assert!(profile.latency(CostOp::Rotate, &AT_15, 1).extrapolated);
    let ring = |log_n| Shape { log_n, ..AT_15 };
    assert!(profile.latency(CostOp::Add, &ring(17), 14).extrapolated);
    let doubled =
        profile.latency(CostOp::Add, &ring(17), 14).ms / profile.latency(CostOp::Add, &ring(16), 14).ms;
    assert!((doubled - 2.0).abs() < 1e-9);
    // 38 limbs in three digits: the digits are 2.6 times as wide, and so is P.
    let wide = Shape { log_n: 15, digit_limbs: 13, special_limbs: 14 };
    let ratio = profile.latency(CostOp::Rotate, &wide, 38).ms / ms(CostOp::Rotate, 14);
    assert!((2.0..8.0).contains(&ratio), "{ratio}");
}

#[test]
fn a_bootstrap_is_priced_by_ring_limbs_and_slots() {
    let profile = fixed();
    let shape = Shape { log_n: 15, digit_limbs: 8, special_limbs: 9 };
    let full = profile.bootstrap_latency(&shape, 22, 1 << 14).unwrap();
    assert!((full.ms - 8569.9389).abs() < 1e-6 && !full.extrapolated, "{full:?}");
    let longer = profile.bootstrap_latency(&shape, 30, 1 << 14).unwrap();
    assert!(longer.ms > full.ms && longer.extrapolated);
    let ring = profile.bootstrap_latency(&Shape { log_n: 14, ..shape }, 22, 1 << 13).unwrap();
    assert!(ring.ms < full.ms && ring.extrapolated);
    assert_eq!(Profile::seal().bootstrap_latency(&shape, 22, 1 << 14), None);
    let shipped = Profile::openfhe();
    let bytes =
        |log_n, limbs, slots| shipped.bootstrap_bytes(&Shape { log_n, ..shape }, limbs, slots).unwrap();
    assert_eq!(bytes(16, 22, 1 << 10), 2 * bytes(15, 22, 1 << 10));
    assert!(
        bytes(15, 33, 1 << 10) > bytes(15, 22, 1 << 10) && bytes(15, 22, 1 << 14) > bytes(15, 22, 1 << 10)
    );
}

#[test]
fn latency_never_falls_with_limbs() {
    for &op in CostOp::ALL.iter().filter(|op| **op != CostOp::Bootstrap) {
        let curve: Vec<f64> = (0..=60).map(|limbs| ms(op, limbs)).collect();
        assert!(curve.windows(2).all(|pair| pair[0] <= pair[1]), "{}: {curve:?}", op.name());
    }
}

#[test]
fn degree_two_costs_three_polynomials() {
    let profile = fixed();
    let ratio = |op| profile.latency_of_degree(op, &AT_15, 14, 2).ms / profile.latency(op, &AT_15, 14).ms;
    let expected =
        [(CostOp::Add, 1.5), (CostOp::Rescale, 1.5), (CostOp::AddPlain, 1.0), (CostOp::Relinearize, 1.0)];
    assert!(expected.iter().all(|&(op, factor)| (ratio(op) - factor).abs() < 1e-12));
}

#[test]
fn names_round_trip() {
    assert!(CostOp::ALL.iter().all(|&op| CostOp::from_name(op.name()) == Some(op)));
    assert_eq!(CostOp::from_name("rotat"), None);
}

#[test]
fn isotonic_pools_violations() {
    let curve = vec![(1, 3.0), (2, 1.0), (3, 2.0), (4, 5.0)];
    assert_eq!(isotonic(&curve), [(1, 2.0), (2, 2.0), (3, 2.0), (4, 5.0)]);
}

/// The fixed profile with one piece of text replaced.
fn edited(from: &str, to: &str) -> ProfileError {
    assert!(FIXED.contains(from), "{from} is not in the profile");
    Profile::from_json(&FIXED.replacen(from, to, 1)).unwrap_err()
}

#[test]
fn bad_profiles_are_refused() {
    assert!(matches!(Profile::from_json("{"), Err(ProfileError::Malformed { line: 1, .. })));
    assert_eq!(
        edited("\"mul_plain\":", "\"mul_plane\":"),
        ProfileError::UnknownOp { op: "mul_plane".into() }
    );
    assert_eq!(
        edited("\"conjugate\": \"rotate\", ", ""),
        ProfileError::MissingOp { op: "conjugate", log_n: 13 }
    );
    assert_eq!(edited("[[2, 0.0307]", "[[2, -1]"), ProfileError::BadCurve { op: "add", log_n: 13 });
    assert_eq!(edited("[[2, 0.0307]", "[[9, 0.03]"), ProfileError::BadCurve { op: "add", log_n: 13 });
    let special = "\"special_limbs\": 4";
    assert_eq!(edited(special, "\"special_limbs\": 0"), ProfileError::BadInstance { log_n: 15 });
    assert_eq!(edited("\"slots\": 16384", "\"slots\": 0"), ProfileError::BadInstance { log_n: 15 });
}
