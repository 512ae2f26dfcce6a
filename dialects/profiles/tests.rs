//! Tests of the profiles.

use super::*;

fn ms(op: CostOp, log_n: u32, limbs: u32) -> f64 {
    Profile::openfhe().latency(op, log_n, limbs).ms
}

#[test]
fn embedded_profile_is_valid() {
    let profile = Profile::openfhe();
    assert_eq!((profile.name(), profile.library()), ("openfhe", "OpenFHE 1.6.1"));
    assert_eq!((profile.bootstrap_levels(), profile.bootstrap_min_level()), (16, 1));
    assert!(!profile.machine().is_empty() && profile.note().contains("make_openfhe.py"));
}

#[test]
fn measured_points_are_read_back() {
    let rotate = Profile::openfhe().latency(CostOp::Rotate, 15, 14);
    assert!(!rotate.extrapolated && (rotate.ms - 59.0).abs() < 0.1, "{rotate:?}");
    assert!((ms(CostOp::Rescale, 16, 29) - 69.0).abs() < 0.5);
    assert!((ms(CostOp::MulPlain, 15, 14) - 2.15).abs() < 0.01);
    assert!((ms(CostOp::ModUp, 14, 7) - 6.6).abs() < 0.1);
}

#[test]
fn between_measured_limbs_is_interpolated() {
    let at = Profile::openfhe().latency(CostOp::Rotate, 15, 12);
    assert!(!at.extrapolated && (at.ms - 53.4).abs() < 0.5, "{at:?}");
    let parts = ms(CostOp::RotateExt, 15, 12) + ms(CostOp::ModDown, 15, 12);
    assert!((parts - ms(CostOp::RotateHoisted, 15, 12)).abs() < 1e-3);
    assert!((10.0..15.0).contains(&ms(CostOp::RotateExt, 15, 12)));
    assert!((17.0..27.0).contains(&ms(CostOp::ModDown, 15, 12)));
}

#[test]
fn outside_is_extrapolated_and_says_so() {
    let profile = Profile::openfhe();
    assert!(profile.latency(CostOp::Rotate, 15, 38).extrapolated);
    assert!(profile.latency(CostOp::Rotate, 15, 1).extrapolated);
    assert!(profile.latency(CostOp::Add, 17, 14).extrapolated);
    assert!(!profile.latency(CostOp::Bootstrap, 16, 25).extrapolated);
    assert!(profile.latency(CostOp::Bootstrap, 14, 25).extrapolated);
    // 38 limbs in three digits: the digits are 2.6 times as wide, and so is P.
    let ratio = ms(CostOp::Rotate, 15, 38) / ms(CostOp::Rotate, 15, 14);
    assert!((2.0..4.0).contains(&ratio), "{ratio}");
    let doubled = ms(CostOp::Add, 17, 14) / ms(CostOp::Add, 16, 14);
    assert!((doubled - 2.0).abs() < 1e-9);
}

#[test]
fn latency_never_falls_with_limbs() {
    for &op in CostOp::ALL {
        for log_n in 10..=17 {
            let curve: Vec<f64> = (0..=60).map(|limbs| ms(op, log_n, limbs)).collect();
            assert!(curve.windows(2).all(|pair| pair[0] <= pair[1]), "{} at {log_n}: {curve:?}", op.name());
            assert!(curve[0] > 0.0 && curve.iter().all(|ms| ms.is_finite()));
        }
    }
}

#[test]
fn degree_two_costs_three_polynomials() {
    let profile = Profile::openfhe();
    let ratio = |op| profile.latency_of_degree(op, 15, 14, 2).ms / profile.latency(op, 15, 14).ms;
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

/// The embedded profile with one piece of text replaced.
fn edited(from: &str, to: &str) -> ProfileError {
    let text = include_str!("openfhe.json");
    assert!(text.contains(from), "{from} is not in the profile");
    Profile::from_json(&text.replacen(from, to, 1)).unwrap_err()
}

#[test]
fn bad_profiles_are_refused() {
    assert!(matches!(Profile::from_json("{"), Err(ProfileError::Malformed { line: 1, .. })));
    assert_eq!(
        edited("\"mul_plain\": {", "\"mul_plane\": {"),
        ProfileError::UnknownOp { op: "mul_plane".into() }
    );
    assert_eq!(edited("\"conjugate\": \"rotate\", ", ""), ProfileError::MissingOp { op: "conjugate" });
    assert_eq!(edited("[[2, 0.0307]", "[[2, -1]"), ProfileError::BadCurve { op: "add", log_n: 13 });
    assert_eq!(edited("[[2, 0.0307]", "[[9, 0.03]"), ProfileError::BadCurve { op: "add", log_n: 13 });
    assert_eq!(
        edited("\"limbs\": 14, \"dnum\": 3", "\"limbs\": 14, \"dnum\": 0"),
        ProfileError::BadContext { log_n: 15 }
    );
}
