//! Number literals: MLIR's range rules.

use num_bigint::{BigInt, BigUint, Sign};

use crate::ir::{FloatKind, Signedness};

/// Longest decimal literal that is read: beyond it, conversion would take seconds.
const MAX_DIGITS: usize = 40_000;

/// The value of an integer literal, sign-extended unless its type is unsigned.
pub(super) enum Integer {
    Small(i128),
    Big(BigInt),
}

impl Integer {
    /// Two's complement, little-endian, in `size` bytes.
    pub fn push_bytes(&self, bytes: &mut Vec<u8>, size: usize) {
        match self {
            Integer::Small(value) => {
                let fill = if *value < 0 { 0xff } else { 0 };
                bytes.extend_from_slice(&value.to_le_bytes()[..size.min(16)]);
                bytes.resize(bytes.len() + size.saturating_sub(16), fill);
            }
            Integer::Big(value) => {
                let fill = if value.sign() == Sign::Minus { 0xff } else { 0 };
                let end = bytes.len() + size;
                bytes.extend(value.to_signed_bytes_le());
                bytes.resize(end, fill);
            }
        }
    }
}

/// The value of a literal in a type of that width; `None` if MLIR finds it out of range. Signless types take every
/// pattern of their width, and a pattern with the top bit set is negative. `-0` is no literal.
pub(super) fn integer(text: &str, negative: bool, width: u32, signedness: Signedness) -> Option<Integer> {
    let magnitude = match text.strip_prefix("0x") {
        Some(hex) => u128::from_str_radix(hex, 16),
        // The common case, without division of wide numbers.
        None if text.len() < 19 => text.parse::<u64>().map(u128::from),
        None => text.parse::<u128>(),
    };
    match magnitude {
        Ok(magnitude) if width < 127 => small(magnitude, negative, width, signedness).map(Integer::Small),
        _ => big(text, negative, width, signedness),
    }
}

fn small(magnitude: u128, negative: bool, width: u32, signedness: Signedness) -> Option<i128> {
    let magnitude = i128::try_from(magnitude).ok().filter(|m| m >> width == 0)?;
    let half = if width == 0 { 0 } else { 1i128 << (width - 1) };
    if negative {
        let fits = signedness != Signedness::Unsigned && magnitude > 0 && magnitude <= half;
        let is_bool = width == 1 && signedness == Signedness::Signless;
        return fits.then_some(if is_bool { 1 } else { -magnitude });
    }
    match signedness {
        Signedness::Unsigned => Some(magnitude),
        _ if magnitude < half || width == 0 => Some(magnitude),
        Signedness::Signed => None,
        // Of one bit, true is 1.
        Signedness::Signless => Some(if width == 1 { magnitude } else { magnitude - (1 << width) }),
    }
}

fn big(text: &str, negative: bool, width: u32, signedness: Signedness) -> Option<Integer> {
    let magnitude = match text.strip_prefix("0x") {
        Some(hex) => BigUint::parse_bytes(hex.as_bytes(), 16)?,
        None if text.len() > MAX_DIGITS => return None,
        None => BigUint::parse_bytes(text.as_bytes(), 10)?,
    };
    if magnitude.bits() > u64::from(width) {
        return None;
    }
    let top = width > 0 && magnitude.bit(u64::from(width) - 1);
    let power = || BigInt::from(1) << width;
    let value = BigInt::from(magnitude.clone());
    let value = if negative {
        let lowest = magnitude.trailing_zeros() == Some(u64::from(width) - 1);
        let fits = signedness != Signedness::Unsigned && magnitude.bits() > 0 && (!top || lowest);
        fits.then(|| -value)?
    } else {
        match signedness {
            Signedness::Signed if top => return None,
            Signedness::Signless if top => value - power(),
            _ => value,
        }
    };
    Some(i128::try_from(&value).map_or(Integer::Big(value), Integer::Small))
}

/// The bit pattern of a hexadecimal literal, if it fits the format.
pub(super) fn float_bits(text: &str, kind: FloatKind) -> Option<u128> {
    let digits = text.strip_prefix("0x")?.trim_start_matches('0');
    let bits = if digits.is_empty() { 0 } else { u128::from_str_radix(digits, 16).ok()? };
    (kind.width() >= 128 || bits >> kind.width() == 0).then_some(bits)
}
