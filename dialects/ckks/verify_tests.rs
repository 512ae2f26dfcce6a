use super::*;
use crate::ckks::bounds::bounds;
use he_core::ir::OpSpec;
use he_core::schema::infer_results;
use he_core::text::parse;

const PARAMS: &str = "ckks.params = #ckks.params<log_n = 13, log_q = [60, 40, 40, 40], log_p = [60, 60], log_scale = 40, slots = 4096, dnum = 2>";

fn leveled(extra: &str, body: &str) -> String {
    format!("module attributes {{he.stage = \"leveled\", {PARAMS}{extra}}} {{\n{body}\n}}\n")
}

fn check(text: &str) -> Result<(), String> {
    let loaded = crate::load().expect("the shipped dialects load");
    let registry = &loaded.session.registry;
    let mut ir = parse(registry, text, "t.mlir").map_err(|e| e[0].to_string())?;
    he_core::schema::verify(registry, &mut ir).map_err(|errors| errors[0].to_string())
}

fn function(arg: &str, op: &str, result: &str) -> String {
    format!(
        "func.func @f(%x: !ckks.ct<{arg}>) -> !ckks.ct<{result}> {{\n  %0 = \"ckks.{op} : (!ckks.ct<{arg}>) -> !ckks.ct<{result}>\n  \
         func.return %0 : !ckks.ct<{result}>\n}}"
    )
}

#[test]
fn legal_ops_verify() {
    let cases = [
        ("level = 3, scale = 80, degree = 2", "rescale\"(%x)", "level = 2, scale = 40, degree = 2"),
        ("level = 1, scale = 40, degree = 1", "bootstrap\"(%x)", "level = 3, scale = 40, degree = 1"),
        (
            "level = 1, scale = 40, degree = 1",
            "rotate\"(%x) {by = 4095}",
            "level = 1, scale = 40, degree = 1",
        ),
    ];
    for (arg, op, result) in cases {
        assert_eq!(check(&leveled("", &function(arg, op, result))), Ok(()), "{op}");
    }
}

#[test]
fn illegal_ops_do_not() {
    let l = "level = 3, scale = 40, degree = 1";
    let cases = [
        (
            "",
            "level = 3, scale = 90, degree = 1",
            "rescale\"(%x)",
            "level = 2, scale = 40, degree = 1",
            "dividing by the prime of 40 bits gives scale 50: run rescale",
        ),
        (
            "",
            "level = 3, scale = 70, degree = 1",
            "rescale\"(%x)",
            "level = 2, scale = 30, degree = 1",
            "from !ckks.ct<level = 3, scale = 70, degree = 1> to !ckks.ct<level = 2, scale = 30, degree = 1>: the scale \
          would fall to 30 bits",
        ),
        (
            "",
            "level = 0, scale = 80, degree = 1",
            "rescale\"(%x)",
            "level = -1, scale = 40, degree = 1",
            "no level is left to rescale at level 0",
        ),
        (
            "",
            "level = 1, scale = 41, degree = 1",
            "bootstrap\"(%x)",
            "level = 3, scale = 41, degree = 1",
            "takes scale 40 exactly: run rescale",
        ),
        (
            "",
            "level = 1, scale = 40, degree = 1",
            "bootstrap\"(%x)",
            "level = 2, scale = 40, degree = 1",
            "returns at level 3: run bootstrap",
        ),
        (
            ", ckks.bootstrap_levels = 1, ckks.bootstrap_min_level = 1",
            "level = 0, scale = 40, degree = 1",
            "bootstrap\"(%x)",
            "level = 2, scale = 40, degree = 1",
            "needs level 1 or more",
        ),
        ("", l, "rotate\"(%x) {by = 0}", l, "rotates by 0"),
        ("", l, "rotate\"(%x) {by = 4096}", l, "below 4096 slots"),
        (
            "",
            "level = 4, scale = 40, degree = 1",
            "neg\"(%x)",
            "level = 4, scale = 40, degree = 1",
            "the highest level is 3",
        ),
        (
            "",
            "level = -2, scale = 40, degree = 1",
            "neg\"(%x)",
            "level = -2, scale = 40, degree = 1",
            "2 levels missing",
        ),
        ("", "degree = 1", "neg\"(%x)", "degree = 1", "needs a level and a scale"),
        (
            "",
            "level = 0, scale = 59, degree = 1",
            "neg\"(%x)",
            "level = 0, scale = 59, degree = 1",
            "values up to 1 need more than 60.0 bits, but level 0 has 60",
        ),
        (
            "",
            "level = 0, scale = 40, degree = 1",
            "neg\"(%x) {he.bound = 1048576.0}",
            "level = 0, scale = 40, degree = 1",
            "need more than 61.0 bits",
        ),
    ];
    for (extra, arg, op, result, expected) in cases {
        let found = check(&leveled(extra, &function(arg, op, result))).expect_err(op);
        assert!(found.contains(expected), "{op}: {found}");
    }
}

#[test]
fn virtual_levels_need_the_attribute() {
    let body =
        function("level = 0, scale = 80, degree = 1", "rescale\"(%x)", "level = -1, scale = 40, degree = 1");
    // The operand's own scale is above the modulus at level 0, so levels below it are used.
    let body =
        body.replace("level = 0", "level = -1").replace("level = -1, scale = 40", "level = -2, scale = 40");
    assert_eq!(check(&leveled(", ckks.missing_levels = 2", &body)), Ok(()));
    assert!(
        check(&leveled(", ckks.missing_levels = 1", &body)).is_err_and(|e| e.contains("1 levels missing"))
    );
}

#[test]
fn levels_belong_to_stage_leveled() {
    let ct = "level = 3, scale = 40, degree = 1";
    let body = function(ct, "neg\"(%x)", ct);
    let text = format!("module attributes {{he.stage = \"ckks\"}} {{\n{body}\n}}");
    assert!(check(&text).is_err_and(|e| e.contains("levels and scales belong to stage leveled")));
    assert_eq!(check(&format!("module {{\n{body}\n}}")), Ok(()));
    let text = format!("module attributes {{he.stage = \"leveled\"}} {{\n{body}\n}}");
    assert!(check(&text).is_err_and(|e| e.contains("needs ckks.params")));
    let plain = function("degree = 1", "neg\"(%x)", "degree = 1");
    assert_eq!(check(&format!("module attributes {{he.stage = \"ckks\"}} {{\n{plain}\n}}")), Ok(()));
}

#[test]
fn bounds_follow_the_schema() {
    let loaded = crate::load().expect("the shipped dialects load");
    let registry = &loaded.session.registry;
    let ct = "!ckks.ct<degree = 1>";
    let text = format!(
        "func.func @f(%x: {ct} {{he.bound = 2.0}}, %y: {ct}) -> {ct} {{
           %0 = \"ckks.add\"(%x, %x) : ({ct}, {ct}) -> {ct}
           %1 = \"ckks.mul_scalar\"(%0) {{value = -3.0}} : ({ct}) -> {ct}
           %2 = \"ckks.add\"(%1, %y) : ({ct}, {ct}) -> {ct}
           %3 = \"ckks.neg\"(%2) {{he.bound = 5.0}} : ({ct}) -> {ct}
           func.return %3 : {ct}
         }}"
    );
    let ir = parse(registry, &text, "t.mlir").map_err(|e| e[0].to_string()).expect("the text parses");
    let function = crate::func::find(&ir, "f").expect("the function is there");
    let block = ir.body(function).expect("it has a body");
    let known = bounds(registry, &ir, function);
    let found: Vec<_> =
        ir.block_ops(block)[..4].iter().map(|op| known.get(ir.result(*op, 0)).copied()).collect();
    assert_eq!(found, [Some(4.0), Some(12.0), None, Some(5.0)]);
}

#[test]
fn rescale_and_bootstrap_infer_their_types() {
    let loaded = crate::load().expect("the shipped dialects load");
    let registry = &loaded.session.registry;
    let text = leveled(", ckks.bootstrap_levels = 2", "");
    let mut ir = parse(registry, &text, "t.mlir").map_err(|e| e[0].to_string()).expect("the text parses");
    let cases = [
        ("ckks.rescale", Some((3, 80)), Some((2, 40))),
        ("ckks.rescale", Some((-1, 80)), Some((-2, 40))),
        ("ckks.rescale", None, None),
        ("ckks.bootstrap", Some((0, 40)), Some((1, 40))),
    ];
    for (name, from, to) in cases {
        let make = |pair: Option<(i64, i64)>| CtType {
            level: pair.map(|p| p.0),
            scale: pair.map(|p| p.1),
            degree: 1,
        };
        let block = ir.create_block();
        let ty = make(from).to_type(&mut ir);
        let arg = ir.add_block_arg(block, ty);
        let name = ir.ctx.op_name(name);
        let op = OpSpec::new(name).operands(&[arg]).results(&[ty]).build_at_end(&mut ir, block);
        let types =
            infer_results(registry, &mut ir, op).expect("the type follows").expect("a hook is registered");
        assert_eq!(CtType::of(&ir, types[0]), Some(make(to)));
    }
}
