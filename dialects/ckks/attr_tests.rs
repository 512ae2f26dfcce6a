use super::*;
use crate::Loaded;
use he_core::text::{PrintOptions, parse, print};

fn loaded() -> Loaded {
    crate::load().expect("the shipped dialects load")
}

fn module(loaded: &Loaded, text: &str) -> Ir {
    parse(&loaded.session.registry, text, "t.mlir").map_err(|e| e[0].to_string()).expect("the text parses")
}

fn with_params(text: &str) -> Result<Option<Params>, Diagnostic> {
    let loaded = loaded();
    params_of(&module(&loaded, &format!("module attributes {{ckks.params = {text}}} {{\n}}\n")))
}

#[test]
fn params_round_trip_through_text() {
    let loaded = loaded();
    let registry = &loaded.session.registry;
    let mut plain = Params::derived(13, vec![60, 40, 40], 40);
    plain.slots = 256;
    let sparse = Params { secret: Secret::Sparse { hamming_weight: 192 }, ..plain.clone() };
    let encapsulated = Params { secret: Secret::SparseEncapsulated, ..plain.clone() };
    let exact = [(1u64 << 60) - (1 << 14) + 1, (1 << 40) + 1, (1 << 40) - 4095];
    let moduli = Params { moduli: Some(exact.to_vec()), ..plain.clone() };
    for params in [plain, sparse, encapsulated, moduli] {
        let mut ir = module(&loaded, "module {\n}\n");
        assert_eq!(params_of(&ir).expect("no parameters are no error"), None);
        set_params(&mut ir, &params);
        let text = print(registry, &ir, PrintOptions::default());
        let again = module(&loaded, &text);
        assert_eq!(params_of(&again).expect("legal parameters"), Some(params), "{text}");
        assert_eq!(print(registry, &again, PrintOptions::default()), text);
    }
}

#[test]
fn params_are_validated() {
    let legal =
        "#ckks.params<log_n = 13, log_q = [60, 40], log_p = [60], log_scale = 40, slots = 4096, dnum = 2>";
    assert!(with_params(legal).expect("legal").is_some());
    let cases = [
        ("[60, 40]", "[60, 61]", "a prime of log_q has 1 to 60 bits, not 61"),
        ("[60, 40]", "[]", "log_q needs at least one prime"),
        ("[60, 40]", "[60, -1]", "log_q must hold positive numbers"),
        ("slots = 4096", "slots = 8192", "expected a power of two of at most N/2 = 4096"),
        ("slots = 4096", "slots = 12", "expected a power of two"),
        ("dnum = 2", "dnum = 3", "dnum = 3 leaves a digit"),
        ("dnum = 2", "dnum = 1", "log_p has 60 bits, and the widest digit of log_q 100; "),
        ("dnum = 2", "dnum = 1", "write --special-modulus=60x2, or --dnum=2"),
        ("dnum = 2", "dnum = 2, secret = sparse", "the weight of a sparse secret"),
        ("dnum = 2", "dnum = 2, moduli = [3]", "moduli has 1 entries, log_q 2"),
        ("dnum = 2", "dnum = 2, moduli = [1152921504606830593, 17]", "the modulus 17 is not one of 40 bits"),
    ];
    for (from, to, expected) in cases {
        let error = with_params(&legal.replace(from, to)).expect_err(to);
        assert!(error.message.contains(expected), "{to}: {}", error.message);
    }
    let error = with_params("7 : i64").expect_err("not parameters");
    assert!(error.message.contains("expected #ckks.params"));
}

#[test]
fn types_round_trip() {
    let loaded = loaded();
    let mut ir = module(&loaded, "module attributes {ckks.missing_levels = 3} {\n}\n");
    assert_eq!(missing_levels(&ir), Some(3));
    assert_eq!((bootstrap_levels(&ir), bootstrap_min_level(&ir)), (0, 0));
    let cases = [
        (
            CtType { level: Some(-2), scale: Some(80), degree: 2 },
            "!ckks.ct<level = -2, scale = 80, degree = 2>",
        ),
        (CtType { level: None, scale: None, degree: 1 }, "!ckks.ct<degree = 1>"),
    ];
    for (ct, text) in cases {
        let ty = ct.to_type(&mut ir);
        assert_eq!((CtType::of(&ir, ty), PtType::of(&ir, ty)), (Some(ct), None));
        assert_eq!(ir.ctx.type_text(ty), text);
    }
    let pt = PtType { level: Some(4), scale: Some(40) };
    let ty = pt.to_type(&mut ir);
    assert_eq!((PtType::of(&ir, ty), CtType::of(&ir, ty)), (Some(pt), None));
    assert_eq!(ir.ctx.type_text(ty), "!ckks.pt<level = 4, scale = 40>");
    assert_eq!(CtType::of(&ir, Type::NONE), None);
}
