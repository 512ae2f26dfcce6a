use super::*;
use crate::profiles::Shape;
use he_core::text::parse;

/// Parameters of 2^15 with 12 primes, as a module attribute.
const PARAMS: &str = "ckks.params = #ckks.params<log_n = 15, log_q = [60, 40, 40, 40, 40, 40, 40, 40, 40, 40, 40, 40], log_p = [60, 60, 60, 60], log_scale = 40, slots = 16384, dnum = 3>";

fn report_with(attrs: &str, body: &str, dialect: &str) -> Result<CostReport, Diagnostic> {
    let mut loaded = crate::load().unwrap();
    if !dialect.is_empty() {
        loaded.load_dialect(dialect, "my.dialect").unwrap();
    }
    let text = format!("module attributes {{he.stage = \"leveled\", {PARAMS}{attrs}}} {{\n{body}\n}}");
    let registry = &loaded.session.registry;
    let ir = parse(registry, &text, "t.mlir").unwrap_or_else(|errors| panic!("{}", errors[0]));
    cost_report(registry, &ir, fixed())
}

/// A profile that no calibration changes.
fn fixed() -> &'static Profile {
    static FIXED: std::sync::LazyLock<Profile> = std::sync::LazyLock::new(|| {
        Profile::from_json(include_str!("../../tests/profiles/fixed.json")).expect("it is a valid profile")
    });
    &FIXED
}

fn report(body: &str) -> CostReport {
    report_with("", body, "").unwrap()
}

const PROGRAM: &str = r#"
func.func @main(%x: !ckks.ct<level = 11, scale = 40, degree = 1>) -> !ckks.ct<level = 10, scale = 40, degree = 1> {
  %r = "ckks.rotate"(%x) {by = 3} : (!ckks.ct<level = 11, scale = 40, degree = 1>) -> !ckks.ct<level = 11, scale = 40, degree = 1>
  %s = "ckks.rotate"(%x) {by = 3} : (!ckks.ct<level = 11, scale = 40, degree = 1>) -> !ckks.ct<level = 11, scale = 40, degree = 1>
  %a = "ckks.add"(%r, %s) : (!ckks.ct<level = 11, scale = 40, degree = 1>, !ckks.ct<level = 11, scale = 40, degree = 1>) -> !ckks.ct<level = 11, scale = 40, degree = 1>
  %m = "ckks.mul"(%a, %a) : (!ckks.ct<level = 11, scale = 40, degree = 1>, !ckks.ct<level = 11, scale = 40, degree = 1>) -> !ckks.ct<level = 11, scale = 80, degree = 2>
  %n = "ckks.add_scalar"(%m) {value = 1.0} : (!ckks.ct<level = 11, scale = 80, degree = 2>) -> !ckks.ct<level = 11, scale = 80, degree = 2>
  %l = "ckks.relinearize"(%n) : (!ckks.ct<level = 11, scale = 80, degree = 2>) -> !ckks.ct<level = 11, scale = 80, degree = 1>
  %o = "ckks.rescale"(%l) : (!ckks.ct<level = 11, scale = 80, degree = 1>) -> !ckks.ct<level = 10, scale = 40, degree = 1>
  func.return %o : !ckks.ct<level = 10, scale = 40, degree = 1>
}
func.func @main__decrypt__result0(%x: !ckks.ct<level = 10, scale = 40, degree = 1>) -> tensor<4xf32> {
  %y = "ckks.rotate"(%x) {by = 1} : (!ckks.ct<level = 10, scale = 40, degree = 1>) -> !ckks.ct<level = 10, scale = 40, degree = 1>
  %d = "ckks.decrypt"(%y) : (!ckks.ct<level = 10, scale = 40, degree = 1>) -> tensor<4xf32>
  func.return %d : tensor<4xf32>
}"#;

#[test]
fn counts_paths_and_levels_of_the_entry() {
    let report = report(PROGRAM);
    let count = |name: &str| report.operations.get(name);
    assert_eq!((count("rotate"), count("add"), count("add_plain"), count("mul")), (2, 1, 1, 1));
    assert_eq!((count("relinearize"), count("rescale"), count("bootstrap")), (1, 1, 0));
    assert_eq!(report.operations.0.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), LISTED);
    assert_eq!((report.total_operations, report.rotation_keys), (7, 1));
    assert_eq!((report.depth, report.multiplicative_depth), (6, 1));
    assert_eq!((report.initial_level, report.final_level, report.levels_used), (11, 10, 1));
    assert_eq!((report.params.log_qp, report.params.security_bits), (740, 128));
    let params = Params::derived(15, [vec![60], vec![40; 11]].concat(), 40);
    assert_eq!(report.key_bytes, 2 * params.switching_key_bytes());
    // Both rotations and the argument, or the sum with both rotations: three ciphertexts.
    assert_eq!(report.memory_bytes, 3 * params.ciphertext_bytes(11, 1));
    let ms = |op, limbs, degree| fixed().latency_of_degree(op, &params.shape(), limbs, degree).ms;
    let serial = ms(CostOp::Rotate, 12, 1);
    let rest = ms(CostOp::Add, 12, 1)
        + ms(CostOp::Mul, 12, 1)
        + ms(CostOp::AddPlain, 12, 2)
        + ms(CostOp::Relinearize, 12, 2)
        + ms(CostOp::Rescale, 12, 1);
    assert!((report.latency_ms - 2.0 * serial - rest).abs() < 1e-9);
    assert!((report.critical_path_ms - serial - rest).abs() < 1e-9);
    assert_eq!(report.critical_path[0].op, "ckks.rotate");
}

#[test]
fn json_has_the_contract_in_its_order() {
    let json = serde_json::to_string(&report(PROGRAM)).unwrap();
    assert!(
        json.starts_with(r#"{"operations":{"add":1,"add_plain":1,"sub":0,"sub_plain":0,"mul":1,"#),
        "{json}"
    );
    for key in
        ["latency_ms", "memory_bytes", "parallelism", "levels_used", "avoidable_bootstraps", "extrapolated"]
    {
        assert!(json.contains(&format!("\"{key}\":")), "{key}");
    }
}

const CT: &str = "!ckks.ct<level = 3, scale = 40, degree = 1>";

#[test]
fn a_users_op_is_costed_by_its_clause() {
    let dialect = "dialect my\nop my.sum (terms: ckks.ct...) -> (result: ckks.ct) {\n  stages  ckks, leveled\n  traits  pure\n  infer   result = type(terms)\n  cost    add(terms.level) times count(terms) - 1\n}\n";
    let dialect = dialect.replace("  infer   result = type(terms)\n", "");
    let body = format!(
        "func.func @main(%x: {CT}) -> {CT} {{\n  %s = \"my.sum\"(%x, %x, %x) : ({CT}, {CT}, {CT}) -> {CT}\n  func.return %s : {CT}\n}}"
    );
    let report = report_with("", &body, &dialect).unwrap();
    assert_eq!((report.operations.get("add"), report.depth), (2, 2));
    let shape = Shape { log_n: 15, digit_limbs: 4, special_limbs: 4 };
    let ms = fixed().latency(CostOp::Add, &shape, 4).ms;
    assert!((report.latency_ms - 2.0 * ms).abs() < 1e-12);
    let error = report_with("", &body, &dialect.replace("add(", "plus(")).unwrap_err().to_string();
    assert!(error.contains("its cost class 'plus' is not one of add, add_plain"), "{error}");
    let uncosted: String =
        dialect.lines().filter(|line| !line.contains("cost")).map(|l| format!("{l}\n")).collect();
    let error = report_with("", &body, &uncosted).unwrap_err().to_string();
    assert!(error.contains("nothing says what it costs"), "{error}");
}

#[test]
fn missing_levels_are_refused() {
    let body = format!("func.func @main(%x: {CT}) -> {CT} {{\n  func.return %x : {CT}\n}}");
    let error = report_with(", ckks.missing_levels = 2", &body, "").unwrap_err().to_string();
    assert!(error.contains("2 levels missing at"), "{error}");
}

#[test]
fn avoidable_bootstraps_and_used_levels() {
    let ty = |level, scale| format!("!ckks.ct<level = {level}, scale = {scale}, degree = 1>");
    // A product and a rescale, `count` times from level `top` on; values are named `prefix` and a number.
    let chain = |prefix: &str, top: usize, count: usize| {
        let step = |i: usize| {
            let (level, next) = (top - i, i + 1);
            format!(
                "  %m{prefix}{i} = \"ckks.mul_scalar\"(%{prefix}{i}) {{value = 2.0, log_scale = 40}} : ({}) -> {}\n  \
                 %{prefix}{next} = \"ckks.rescale\"(%m{prefix}{i}) : ({}) -> {}\n",
                ty(level, 40),
                ty(level, 80),
                ty(level, 80),
                ty(level - 1, 40)
            )
        };
        (0..count).map(step).collect::<String>()
    };
    // Nine products, a bootstrap back to level 11, and more products.
    let program = |products: usize| {
        let (low, end) = (ty(2, 40), ty(11 - products, 40));
        format!(
            "func.func @main(%a0: {}) -> {end} {{\n{}  %b0 = \"ckks.bootstrap\"(%a9) : ({low}) -> {}\n{}  \
             func.return %b{products} : {end}\n}}",
            ty(11, 40),
            chain("a", 11, 9),
            ty(11, 40),
            chain("b", 11, products)
        )
    };
    // Eleven levels are enough for nine and two, not for nine and three.
    let (two, three) = (report(&program(2)), report(&program(3)));
    assert_eq!((two.avoidable_bootstraps, three.avoidable_bootstraps), (1, 0));
    assert_eq!((two.levels_used, three.levels_used, three.final_level), (11, 12, 8));
}

const TOP: &str = "!ckks.ct<level = 11, scale = 40, degree = 1>";

#[test]
fn a_profile_without_bootstrap_refuses_one() {
    let body = format!(
        "func.func @main(%x: {TOP}) -> {TOP} {{\n  %y = \"ckks.bootstrap\"(%x) : ({TOP}) -> {TOP}\n  func.return %y : {TOP}\n}}"
    );
    let loaded = crate::load().unwrap();
    let text = format!("module attributes {{he.stage = \"leveled\", {PARAMS}}} {{\n{body}\n}}");
    let ir = parse(&loaded.session.registry, &text, "t.mlir").unwrap();
    let error = cost_report(&loaded.session.registry, &ir, Profile::seal()).unwrap_err().to_string();
    assert!(error.contains("'ckks.bootstrap' op: the profile 'seal' has no bootstrap"), "{error}");
}

#[test]
fn seal_switches_keys_with_a_digit_for_each_prime() {
    let loaded = crate::load().unwrap();
    let text = format!("module attributes {{he.stage = \"leveled\", {PARAMS}}} {{\n{PROGRAM}\n}}");
    let ir = parse(&loaded.session.registry, &text, "t.mlir").unwrap();
    let report = cost_report(&loaded.session.registry, &ir, Profile::seal()).unwrap();
    let params = Params::derived(15, [vec![60], vec![40; 11]].concat(), 40).with_one_special_prime();
    assert_eq!(report.key_bytes, 2 * params.switching_key_bytes());
    assert_eq!((report.params.log_p.len(), report.profile.as_str()), (1, "seal"));
    assert!(report.process_bytes.is_some_and(|bytes| bytes > report.key_bytes + report.memory_bytes));
}
