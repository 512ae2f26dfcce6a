//! The command line forms of the parameters, and what can be wrong with them.

use super::params::{
    MAX_LOG_N, MAX_PRIME_BITS, MAX_PRIMES, MIN_LOG_N, Params, default_dnum, default_log_p, digit_limbs,
    dnum_splits, widest_digit_bits,
};
use std::fmt;

/// The parameter flags as they stand on a command line; `None` where a flag is absent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ParamFlags {
    /// `--poly-modulus-degree=32768`.
    pub poly_modulus_degree: Option<String>,
    /// `--coeff-modulus=60x38`, `--coeff-modulus=60,40x12`.
    pub coeff_modulus: Option<String>,
    /// `--special-modulus=60x2`.
    pub special_modulus: Option<String>,
    /// `--scale=2^40`.
    pub scale: Option<String>,
    /// `--dnum=3`.
    pub dnum: Option<String>,
    /// `--slots=4096`.
    pub slots: Option<String>,
}

/// One of the parameter flags.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParamFlag {
    /// `--poly-modulus-degree`.
    PolyModulusDegree,
    /// `--coeff-modulus`.
    CoeffModulus,
    /// `--special-modulus`.
    SpecialModulus,
    /// `--scale`.
    Scale,
    /// `--dnum`.
    Dnum,
    /// `--slots`.
    Slots,
}

impl ParamFlag {
    /// The flag as it is typed, without its value.
    pub fn name(self) -> &'static str {
        match self {
            ParamFlag::PolyModulusDegree => "--poly-modulus-degree",
            ParamFlag::CoeffModulus => "--coeff-modulus",
            ParamFlag::SpecialModulus => "--special-modulus",
            ParamFlag::Scale => "--scale",
            ParamFlag::Dnum => "--dnum",
            ParamFlag::Slots => "--slots",
        }
    }
}

/// What is wrong with the value of a parameter flag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ParamProblem {
    /// Text that is no number where one is needed.
    NotANumber {
        /// The text that stands there.
        found: String,
    },
    /// A prime of no bits.
    ZeroBits,
    /// A prime wider than a machine word leaves room for.
    TooManyBits {
        /// The bits asked for.
        bits: u64,
    },
    /// `x0`, or more primes than the bound.
    CountOutOfRange {
        /// The count asked for, of one item or of the list so far.
        count: u64,
    },
    /// A ring degree that is not a power of two.
    DegreeNotPowerOfTwo {
        /// The degree asked for.
        degree: u64,
    },
    /// A ring degree outside 2^10..2^17.
    DegreeOutOfRange {
        /// The degree asked for.
        degree: u64,
    },
    /// A scale that is not a power of two.
    ScaleMalformed {
        /// The text that stands there.
        found: String,
    },
    /// A scale outside 2^1..2^60.
    ScaleOutOfRange {
        /// log2 of the scale asked for.
        log_scale: u64,
    },
    /// A `dnum` that leaves a digit without limbs, or is 0.
    DnumDoesNotSplit {
        /// The digits asked for.
        dnum: u64,
        /// The limbs to split.
        limbs: usize,
    },
    /// Special primes with fewer bits than a digit.
    NarrowerThanDigit {
        /// Bits of P.
        bits: u32,
        /// Bits of the widest digit.
        digit_bits: u32,
        /// The least number of digits none of which is wider than P, if there is one.
        dnum: Option<u32>,
    },
    /// A slot count that is not a power of two in 1..=N/2.
    SlotsIllegal {
        /// The slots asked for.
        slots: u64,
        /// The largest number there can be: N/2.
        max_slots: u64,
    },
}

/// A parameter flag whose value is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParamError {
    /// The flag.
    pub flag: ParamFlag,
    /// What is wrong.
    pub problem: ParamProblem,
    /// Byte offset of the offending text in the flag's value.
    pub offset: usize,
    /// Bytes of the offending text; 0 where something is missing.
    pub length: usize,
}

impl fmt::Display for ParamError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let flag = self.flag.name();
        match &self.problem {
            ParamProblem::NotANumber { found } if found.is_empty() => {
                write!(f, "{flag}: a number is missing")
            }
            ParamProblem::NotANumber { found } => write!(f, "{flag}: '{found}' is not a number"),
            ParamProblem::ZeroBits => write!(f, "{flag}: a prime of 0 bits"),
            ParamProblem::TooManyBits { bits } => write!(f, "{flag}: a prime of {bits} bits"),
            ParamProblem::CountOutOfRange { count } => write!(f, "{flag}: {count} primes"),
            ParamProblem::DegreeNotPowerOfTwo { degree } => {
                write!(f, "{flag}: {degree} is not a power of two")
            }
            ParamProblem::DegreeOutOfRange { degree } => write!(f, "{flag}: {degree} is out of range"),
            ParamProblem::ScaleMalformed { found } => write!(f, "{flag}: '{found}' is not a power of two"),
            ParamProblem::ScaleOutOfRange { log_scale } => write!(f, "{flag}: 2^{log_scale} is out of range"),
            ParamProblem::DnumDoesNotSplit { dnum, limbs } => {
                write!(f, "{flag}: {limbs} primes do not split into {dnum} digits")
            }
            ParamProblem::NarrowerThanDigit { bits, digit_bits, .. } => {
                write!(f, "{flag}: P has {bits} bits, and the widest digit of Q {digit_bits}")
            }
            ParamProblem::SlotsIllegal { slots, max_slots } => {
                write!(f, "{flag}: {slots} is not a power of two up to N/2 = {max_slots}")
            }
        }
    }
}

impl std::error::Error for ParamError {}

impl ParamError {
    /// What was expected, and what to write instead.
    pub fn remedy(&self) -> String {
        match &self.problem {
            ParamProblem::NotANumber { .. } => match self.flag {
                ParamFlag::CoeffModulus | ParamFlag::SpecialModulus => {
                    "expected the bits of each prime, or bits x count, separated by commas: \
                     write 60x38 or 60,40x12"
                        .to_string()
                }
                ParamFlag::PolyModulusDegree => "expected the ring degree N: write 32768".to_string(),
                ParamFlag::Scale => "expected a power of two: write 2^40".to_string(),
                ParamFlag::Dnum => "expected the number of key switching digits: write 3".to_string(),
                ParamFlag::Slots => "expected the number of slots: write 16384".to_string(),
            },
            ParamProblem::ZeroBits | ParamProblem::TooManyBits { .. } => {
                format!(
                    "expected 1 to {MAX_PRIME_BITS} bits; split a wider modulus into several primes, such as 60x2"
                )
            }
            ParamProblem::CountOutOfRange { .. } => {
                format!("expected 1 to {MAX_PRIMES} primes in all; the form is bits x count, such as 60x38")
            }
            ParamProblem::DegreeNotPowerOfTwo { .. } | ParamProblem::DegreeOutOfRange { .. } => format!(
                "expected a power of two from {} (2^{MIN_LOG_N}) to {} (2^{MAX_LOG_N}), such as 32768",
                1 << MIN_LOG_N,
                1 << MAX_LOG_N
            ),
            ParamProblem::ScaleMalformed { found } => match found.parse::<u32>() {
                Ok(bits) if bits <= MAX_PRIME_BITS => format!("expected a power of two: write 2^{bits}"),
                _ => "expected a power of two: write 2^40".to_string(),
            },
            ParamProblem::ScaleOutOfRange { .. } => format!("expected 2^1 to 2^{MAX_PRIME_BITS}"),
            ParamProblem::DnumDoesNotSplit { dnum, limbs } => {
                let largest = u32::try_from((*dnum).min(*limbs as u64)).unwrap_or(u32::MAX);
                let legal = (1..=largest).rev().find(|&dnum| dnum_splits(*limbs, dnum)).unwrap_or(1);
                let alpha = digit_limbs(*limbs, u32::try_from(*dnum).unwrap_or(u32::MAX).max(1));
                format!(
                    "with {alpha} primes a digit some digit stays empty; expected 1 to {limbs} digits with \
                     (dnum - 1) * ceil({limbs} / dnum) < {limbs}: write {legal}"
                )
            }
            ParamProblem::NarrowerThanDigit { digit_bits, dnum, .. } => {
                wider_or_more_digits(*digit_bits, *dnum)
            }
            ParamProblem::SlotsIllegal { max_slots, .. } => {
                format!("expected a power of two from 1 to {max_slots}, or a larger --poly-modulus-degree")
            }
        }
    }
}

impl Params {
    /// The parameters that `flags` describe, on top of the defaults.
    pub fn from_flags(flags: &ParamFlags) -> Result<Params, ParamError> {
        Params::default().with_flags(flags)
    }

    /// These parameters with `flags` applied. What depends on a changed value and is not given itself (slots, special
    /// primes, `dnum`) is derived anew; exact primes are forgotten when Q changes.
    pub fn with_flags(&self, flags: &ParamFlags) -> Result<Params, ParamError> {
        let mut params = self.clone();
        if let Some(text) = &flags.poly_modulus_degree {
            let log_n = parse_degree(text)?;
            if log_n != params.log_n {
                params.log_n = log_n;
                params.slots = 1 << (log_n - 1);
                params.moduli = None;
            }
        }
        if let Some(text) = &flags.coeff_modulus {
            params.log_q = parse_primes(ParamFlag::CoeffModulus, text)?;
            params.moduli = None;
        }
        if let Some(text) = &flags.scale {
            params.log_scale = parse_scale(text)?;
        }
        if let Some(text) = &flags.dnum {
            params.dnum = parse_dnum(text, params.log_q.len())?;
        } else if flags.coeff_modulus.is_some() {
            params.dnum = default_dnum(params.log_q.len());
        }
        if let Some(text) = &flags.special_modulus {
            params.log_p = parse_primes(ParamFlag::SpecialModulus, text)?;
            if let Some(problem) = params.narrow_special_modulus() {
                return Err(Piece::whole(ParamFlag::SpecialModulus, text).error(problem));
            }
        } else if flags.coeff_modulus.is_some() || flags.dnum.is_some() {
            params.log_p = default_log_p(&params.log_q, params.dnum);
        }
        if let Some(text) = &flags.slots {
            params.slots = parse_slots(text, 1 << (params.log_n - 1))?;
        }
        Ok(params)
    }
}

/// What makes P as wide as the digits of Q.
pub(super) fn wider_or_more_digits(digit_bits: u32, dnum: Option<u32>) -> String {
    let primes = digit_bits.div_ceil(MAX_PRIME_BITS);
    let digits = dnum.map_or_else(String::new, |dnum| format!(", or --dnum={dnum}"));
    format!("a key switch leaves noise of a digit over P: write --special-modulus=60x{primes}{digits}")
}

impl Params {
    /// What is wrong with P, where a digit of Q is wider.
    pub(super) fn narrow_special_modulus(&self) -> Option<ParamProblem> {
        let (bits, digit_bits) = (self.log_p.iter().sum::<u32>(), self.widest_digit_bits());
        let fits = |dnum: &u32| {
            dnum_splits(self.log_q.len(), *dnum) && widest_digit_bits(&self.log_q, *dnum) <= bits
        };
        let dnum = (1..=self.log_q.len() as u32).find(fits);
        (bits < digit_bits).then_some(ParamProblem::NarrowerThanDigit { bits, digit_bits, dnum })
    }
}

/// A piece of a flag's value, with its place.
#[derive(Clone, Copy)]
struct Piece<'a> {
    flag: ParamFlag,
    text: &'a str,
    offset: usize,
}

impl<'a> Piece<'a> {
    fn whole(flag: ParamFlag, text: &'a str) -> Piece<'a> {
        Piece { flag, text, offset: 0 }.trimmed()
    }

    fn trimmed(self) -> Piece<'a> {
        let start = self.text.len() - self.text.trim_start().len();
        Piece { text: self.text.trim(), offset: self.offset + start, ..self }
    }

    fn part(self, start: usize, end: usize) -> Piece<'a> {
        Piece { text: &self.text[start..end], offset: self.offset + start, ..self }.trimmed()
    }

    fn error(self, problem: ParamProblem) -> ParamError {
        ParamError { flag: self.flag, problem, offset: self.offset, length: self.text.len() }
    }

    fn number(self) -> Result<u64, ParamError> {
        let digits = !self.text.is_empty() && self.text.bytes().all(|byte| byte.is_ascii_digit());
        match self.text.parse::<u64>() {
            Ok(number) if digits => Ok(number),
            // Digits that do not fit: saturate, the range check that follows names the bound.
            Err(_) if digits => Ok(u64::MAX),
            _ => Err(self.error(ParamProblem::NotANumber { found: self.text.to_string() })),
        }
    }
}

/// Reads `32768` as log2 N = 15.
pub fn parse_degree(text: &str) -> Result<u32, ParamError> {
    let piece = Piece::whole(ParamFlag::PolyModulusDegree, text);
    let degree = piece.number()?;
    if !(1 << MIN_LOG_N..=1 << MAX_LOG_N).contains(&degree) {
        return Err(piece.error(ParamProblem::DegreeOutOfRange { degree }));
    }
    if !degree.is_power_of_two() {
        return Err(piece.error(ParamProblem::DegreeNotPowerOfTwo { degree }));
    }
    Ok(degree.trailing_zeros())
}

/// Reads a list of primes in bits: `60x38`, `60,40x12`, `60,40,40,60`.
pub fn parse_primes(flag: ParamFlag, text: &str) -> Result<Vec<u32>, ParamError> {
    let whole = Piece { flag, text, offset: 0 };
    let mut primes = Vec::new();
    let mut start = 0;
    for item in text.split(',') {
        let piece = whole.part(start, start + item.len());
        start += item.len() + 1;
        let (bits, count) = match piece.text.find('x') {
            Some(x) => (piece.part(0, x), Some(piece.part(x + 1, piece.text.len()))),
            None => (piece, None),
        };
        let width = bits.number()?;
        if width == 0 {
            return Err(bits.error(ParamProblem::ZeroBits));
        }
        if width > u64::from(MAX_PRIME_BITS) {
            return Err(bits.error(ParamProblem::TooManyBits { bits: width }));
        }
        let repeat = count.map_or(Ok(1), Piece::number)?;
        let total = repeat.saturating_add(primes.len() as u64);
        if repeat == 0 || total > MAX_PRIMES as u64 {
            let count_shown = if repeat == 0 { 0 } else { total };
            let place = count.unwrap_or(piece);
            return Err(place.error(ParamProblem::CountOutOfRange { count: count_shown }));
        }
        primes.extend(std::iter::repeat_n(width as u32, repeat as usize));
    }
    Ok(primes)
}

/// Reads `2^40`, or the power of two written out, as log2 of the scale.
pub fn parse_scale(text: &str) -> Result<u32, ParamError> {
    let piece = Piece::whole(ParamFlag::Scale, text);
    let log_scale = match piece.text.find('^') {
        Some(caret) if piece.text[..caret].trim() == "2" => {
            piece.part(caret + 1, piece.text.len()).number()?
        }
        Some(_) => return Err(piece.error(ParamProblem::ScaleMalformed { found: piece.text.to_string() })),
        None => {
            let scale = piece.number()?;
            if !scale.is_power_of_two() {
                return Err(piece.error(ParamProblem::ScaleMalformed { found: piece.text.to_string() }));
            }
            u64::from(scale.trailing_zeros())
        }
    };
    if !(1..=u64::from(MAX_PRIME_BITS)).contains(&log_scale) {
        return Err(piece.error(ParamProblem::ScaleOutOfRange { log_scale }));
    }
    Ok(log_scale as u32)
}

/// Reads the key switching digits for a modulus of `limbs` primes.
pub fn parse_dnum(text: &str, limbs: usize) -> Result<u32, ParamError> {
    let piece = Piece::whole(ParamFlag::Dnum, text);
    let dnum = piece.number()?;
    match u32::try_from(dnum) {
        Ok(digits) if dnum_splits(limbs, digits) => Ok(digits),
        _ => Err(piece.error(ParamProblem::DnumDoesNotSplit { dnum, limbs })),
    }
}

/// Reads a slot count of at most `max_slots`.
pub fn parse_slots(text: &str, max_slots: u64) -> Result<u64, ParamError> {
    let piece = Piece::whole(ParamFlag::Slots, text);
    let slots = piece.number()?;
    if !slots.is_power_of_two() || slots > max_slots {
        return Err(piece.error(ParamProblem::SlotsIllegal { slots, max_slots }));
    }
    Ok(slots)
}

#[cfg(test)]
#[path = "param_flags_tests.rs"]
mod tests;
