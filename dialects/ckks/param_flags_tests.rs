//! Tests of the parameter flags.

use super::*;

fn flags(set: impl Fn(&mut ParamFlags)) -> ParamFlags {
    let mut flags = ParamFlags::default();
    set(&mut flags);
    flags
}

fn primes(text: &str) -> Result<Vec<u32>, (ParamProblem, usize, usize)> {
    parse_primes(ParamFlag::CoeffModulus, text).map_err(|e| (e.problem, e.offset, e.length))
}

#[test]
fn lists_of_primes() {
    assert_eq!(primes("60x3"), Ok(vec![60, 60, 60]));
    assert_eq!(primes("60,40x2"), Ok(vec![60, 40, 40]));
    assert_eq!(primes(" 60 , 40 x 2 "), Ok(vec![60, 40, 40]));
    assert_eq!(primes("60x38").map(|q| q.len()), Ok(38));
}

#[test]
fn malformed_lists_point_at_the_place() {
    let nan = |found: &str| ParamProblem::NotANumber { found: found.to_string() };
    assert_eq!(primes(""), Err((nan(""), 0, 0)));
    assert_eq!(primes("60,"), Err((nan(""), 3, 0)));
    assert_eq!(primes("60,,40"), Err((nan(""), 3, 0)));
    assert_eq!(primes("60x"), Err((nan(""), 3, 0)));
    assert_eq!(primes("60,forty"), Err((nan("forty"), 3, 5)));
    assert_eq!(primes("60, -4"), Err((nan("-4"), 4, 2)));
    assert_eq!(primes("60,0x3"), Err((ParamProblem::ZeroBits, 3, 1)));
    assert_eq!(primes("61x3"), Err((ParamProblem::TooManyBits { bits: 61 }, 0, 2)));
    assert_eq!(primes("60x0"), Err((ParamProblem::CountOutOfRange { count: 0 }, 3, 1)));
    assert_eq!(primes("60x1001"), Err((ParamProblem::CountOutOfRange { count: 1001 }, 3, 4)));
    assert_eq!(primes("60x600,40x600"), Err((ParamProblem::CountOutOfRange { count: 1200 }, 10, 3)));
    assert_eq!(primes("99999999999999999999"), Err((ParamProblem::TooManyBits { bits: u64::MAX }, 0, 20)));
    assert_eq!(primes("60,40é"), Err((nan("40é"), 3, 4)));
}

#[test]
fn degrees() {
    assert_eq!(parse_degree("32768"), Ok(15));
    assert_eq!(parse_degree("1024"), Ok(10));
    let problem = |text: &str| parse_degree(text).map_err(|e| e.problem);
    assert_eq!(problem("30000"), Err(ParamProblem::DegreeNotPowerOfTwo { degree: 30000 }));
    assert_eq!(problem("512"), Err(ParamProblem::DegreeOutOfRange { degree: 512 }));
    assert_eq!(problem("262144"), Err(ParamProblem::DegreeOutOfRange { degree: 262144 }));
    assert!(problem("2^15").is_err());
}

#[test]
fn scales() {
    assert_eq!(parse_scale("2^40"), Ok(40));
    assert_eq!(parse_scale("1099511627776"), Ok(40));
    let error = |text: &str| parse_scale(text).map_err(|e| e.remedy()).unwrap_err();
    assert_eq!(error("40"), "expected a power of two: write 2^40");
    assert_eq!(error("3^40"), "expected a power of two: write 2^40");
    assert_eq!(error("2^61"), "expected 2^1 to 2^60");
    assert_eq!(error("2^"), "expected a power of two: write 2^40");
    assert_eq!(parse_scale("2^x").map_err(|e| (e.offset, e.length)), Err((2, 1)));
}

#[test]
fn dnum() {
    assert_eq!(parse_dnum("3", 14), Ok(3));
    assert_eq!(parse_dnum("14", 14), Ok(14));
    let error = parse_dnum("3", 4).unwrap_err();
    assert_eq!(error.to_string(), "--dnum: 4 primes do not split into 3 digits");
    assert!(error.remedy().ends_with("write 2"), "{}", error.remedy());
    assert!(parse_dnum("0", 4).is_err());
    assert!(parse_dnum("99999999999", 4).is_err_and(|e| e.remedy().ends_with("write 4")));
}

#[test]
fn p_is_as_wide_as_a_digit() {
    let narrow = |special: &str, dnum: Option<&str>| {
        let flags = flags(|flags| {
            flags.coeff_modulus = Some("60,40x12".into());
            flags.special_modulus = Some(special.into());
            flags.dnum = dnum.map(str::to_owned);
        });
        Params::from_flags(&flags)
    };
    let error = narrow("60", None).unwrap_err();
    assert_eq!(error.to_string(), "--special-modulus: P has 60 bits, and the widest digit of Q 220");
    assert!(error.remedy().ends_with("write --special-modulus=60x4, or --dnum=13"), "{}", error.remedy());
    let error = narrow("40", None).unwrap_err();
    assert!(error.remedy().ends_with("write --special-modulus=60x4"), "{}", error.remedy());
    assert!(narrow("60", Some("13")).is_ok() && narrow("60x4", None).is_ok());
}

#[test]
fn flags_make_parameters() {
    assert_eq!(Params::from_flags(&ParamFlags::default()), Ok(Params::default()));
    let tutorial = flags(|f| {
        f.poly_modulus_degree = Some("32768".into());
        f.coeff_modulus = Some("60x38".into());
        f.scale = Some("2^40".into());
    });
    assert_eq!(Params::from_flags(&tutorial), Ok(Params::default()));
    let seal = flags(|f| {
        f.poly_modulus_degree = Some("16384".into());
        f.coeff_modulus = Some("60,40x4".into());
        f.special_modulus = Some("60".into());
        f.dnum = Some("5".into());
    });
    let params = Params::from_flags(&seal).unwrap();
    assert_eq!((params.log_n, params.slots, params.dnum, params.log_qp()), (14, 8192, 5, 280));
    let derived = Params::from_flags(&flags(|f| f.coeff_modulus = Some("60,40x5".into()))).unwrap();
    assert_eq!((derived.dnum, derived.log_p.as_slice()), (3, [60, 60].as_slice()));
    let few = Params::from_flags(&flags(|f| f.slots = Some("4096".into()))).unwrap();
    assert_eq!(few.slots, 4096);
    let many = Params::from_flags(&flags(|f| f.slots = Some("32768".into()))).unwrap_err();
    assert_eq!(many.problem, ParamProblem::SlotsIllegal { slots: 32768, max_slots: 16384 });
}

#[test]
fn flags_on_top_of_a_module() {
    let mut module = Params::derived(14, vec![60, 40, 40], 40);
    module.moduli = Some(vec![1, 2, 3]);
    let same = module.with_flags(&flags(|f| f.scale = Some("2^35".into()))).unwrap();
    assert_eq!((same.log_scale, same.moduli.is_some()), (35, true));
    let changed = module.with_flags(&flags(|f| f.coeff_modulus = Some("60,50x2".into()))).unwrap();
    assert_eq!((changed.log_q.as_slice(), changed.moduli), ([60, 50, 50].as_slice(), None));
}
