//! Conversion between `f64` and the other float formats, with the rounding, the overflow and the NaN of LLVM's
//! `APFloat`.

use super::types::FloatKind;

/// What a format does beyond its largest number.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Beyond {
    /// Infinity and NaN, as IEEE 754 has it.
    Ieee,
    /// The pattern of all ones is NaN; there is no infinity.
    NanAllOnes,
    /// The pattern of negative zero is NaN; there is no infinity and no negative zero.
    NanNegativeZero,
    /// Numbers only: too large becomes the largest.
    Finite,
}

/// Exponent bits, mantissa bits, bias, and what is beyond the largest number.
type Layout = (u32, u32, i32, Beyond);

fn layout(kind: FloatKind) -> Layout {
    let ieee = |exponent: u32, mantissa: u32| (exponent, mantissa, (1 << (exponent - 1)) - 1, Beyond::Ieee);
    match kind {
        FloatKind::F16 => ieee(5, 10),
        FloatKind::BF16 => ieee(8, 7),
        FloatKind::TF32 => ieee(8, 10),
        FloatKind::F32 => ieee(8, 23),
        FloatKind::F64 => ieee(11, 52),
        // Its leading one is written out: see `bits_of` and `value_of`.
        FloatKind::F80 => ieee(15, 63),
        FloatKind::F128 => ieee(15, 112),
        FloatKind::F8E5M2 => ieee(5, 2),
        FloatKind::F8E4M3 => ieee(4, 3),
        FloatKind::F8E3M4 => ieee(3, 4),
        FloatKind::F8E4M3FN => (4, 3, 7, Beyond::NanAllOnes),
        FloatKind::F8E5M2FNUZ => (5, 2, 16, Beyond::NanNegativeZero),
        FloatKind::F8E4M3FNUZ => (4, 3, 8, Beyond::NanNegativeZero),
        FloatKind::F8E4M3B11FNUZ => (4, 3, 11, Beyond::NanNegativeZero),
        FloatKind::F8E8M0FNU => (8, 0, 127, Beyond::NanAllOnes),
        FloatKind::F6E2M3FN => (2, 3, 1, Beyond::Finite),
        FloatKind::F6E3M2FN => (3, 2, 3, Beyond::Finite),
        FloatKind::F4E2M1FN => (2, 1, 1, Beyond::Finite),
    }
}

impl FloatKind {
    /// The bit pattern nearest to `value` (ties to even).
    pub fn bits_of(self, value: f64) -> u128 {
        match self {
            FloatKind::F32 => u128::from((value as f32).to_bits()),
            FloatKind::F64 => u128::from(value.to_bits()),
            FloatKind::F8E8M0FNU => power_of_two(value),
            FloatKind::F80 => {
                let bits = encode(value, layout(self));
                let (head, fraction) = (bits >> 63, bits & ((1 << 63) - 1));
                let leading = u128::from(head & 0x7fff != 0);
                head << 64 | leading << 63 | fraction
            }
            _ => encode(value, layout(self)),
        }
    }

    /// The value of a bit pattern, rounded to the nearest `f64` where it has more digits.
    pub fn value_of(self, bits: u128) -> f64 {
        match self {
            FloatKind::F32 => f64::from(f32::from_bits(bits as u32)),
            FloatKind::F64 => f64::from_bits(bits as u64),
            FloatKind::F8E8M0FNU if bits & 0xff == 0xff => f64::NAN,
            FloatKind::F8E8M0FNU => 2f64.powi((bits & 0xff) as i32 - 127),
            FloatKind::F80 => {
                let fraction = bits & ((1 << 63) - 1);
                decode(bits >> 64 << 63 | fraction, layout(self))
            }
            _ => decode(bits, layout(self)),
        }
    }

    /// The value of a bit pattern if an `f64` holds it exactly, and it is not a NaN.
    pub fn exact_value(self, bits: u128) -> Option<f64> {
        let value = self.value_of(bits);
        (!value.is_nan() && self.bits_of(value) == bits).then_some(value)
    }

    /// `value` rounded to the format.
    pub fn round(self, value: f64) -> f64 {
        self.value_of(self.bits_of(value))
    }
}

/// The exponent of a power of two; the sign is not stored.
fn power_of_two(value: f64) -> u128 {
    let magnitude = value.abs();
    if magnitude.is_nan() || magnitude >= 2f64.powi(128) {
        return 0xff;
    }
    let bits = magnitude.to_bits();
    // Half way rounds to the even significand, which is the next power.
    let up = i32::from(bits & ((1 << 52) - 1) >= 1 << 51);
    let exponent = (bits >> 52) as i32 - 1023 + up + 127;
    if exponent >= 255 { 0xff } else { exponent.max(0) as u128 }
}

fn encode(value: f64, (exponent_bits, mantissa_bits, bias, beyond): Layout) -> u128 {
    let sign = u128::from(value.is_sign_negative()) << (exponent_bits + mantissa_bits);
    let all_ones = (1u128 << exponent_bits) - 1;
    let largest_magnitude = match beyond {
        Beyond::Ieee => (all_ones << mantissa_bits) - 1,
        Beyond::NanAllOnes => (1 << (exponent_bits + mantissa_bits)) - 2,
        Beyond::NanNegativeZero | Beyond::Finite => (1 << (exponent_bits + mantissa_bits)) - 1,
    };
    let nan = match beyond {
        Beyond::Ieee => sign | all_ones << mantissa_bits | 1 << (mantissa_bits - 1),
        Beyond::NanAllOnes => sign | (largest_magnitude + 1),
        Beyond::NanNegativeZero => 1 << (exponent_bits + mantissa_bits),
        Beyond::Finite => sign | largest_magnitude,
    };
    let too_large = match beyond {
        Beyond::Ieee => sign | all_ones << mantissa_bits,
        _ => nan,
    };
    if value.is_nan() {
        return nan;
    }
    if value.is_infinite() {
        return too_large;
    }
    if value == 0.0 {
        return if beyond == Beyond::NanNegativeZero { 0 } else { sign };
    }
    // The value is significand * 2^power, with the leading one at bit 63 of the significand.
    let raw = value.to_bits();
    let (fraction, biased) = (raw & ((1 << 52) - 1), (raw >> 52 & 0x7ff) as i32);
    let significand = if biased == 0 { fraction } else { fraction | 1 << 52 };
    let shift = significand.leading_zeros();
    let significand = u128::from(significand << shift);
    let exponent = biased.max(1) - 1023 + 11 - shift as i32;
    // Bits below the last that the format keeps; more of them for its subnormal numbers.
    let subnormal = (1 - bias - exponent).max(0) as u32;
    let dropped = 63 - mantissa_bits as i32 + subnormal.min(200) as i32;
    let kept = if dropped <= 0 {
        significand << -dropped
    } else if dropped > 64 {
        0
    } else {
        let (quotient, rest, half) =
            (significand >> dropped, significand & ((1 << dropped) - 1), 1u128 << (dropped - 1));
        quotient + u128::from(rest > half || rest == half && quotient & 1 == 1)
    };
    let biased = (exponent + bias).max(1) as u128;
    // The leading one, where there is one, adds one to the exponent.
    let bits = ((biased - 1) << mantissa_bits) + kept;
    if bits > largest_magnitude {
        return too_large;
    }
    if bits == 0 && beyond == Beyond::NanNegativeZero { 0 } else { sign | bits }
}

fn decode(bits: u128, (exponent_bits, mantissa_bits, bias, beyond): Layout) -> f64 {
    let negative = bits >> (exponent_bits + mantissa_bits) & 1 == 1;
    let sign = if negative { -1.0 } else { 1.0 };
    let all_ones = (1u128 << exponent_bits) - 1;
    let biased = bits >> mantissa_bits & all_ones;
    let fraction = bits & ((1 << mantissa_bits) - 1);
    match beyond {
        Beyond::Ieee if biased == all_ones => {
            return if fraction == 0 { sign * f64::INFINITY } else { f64::NAN };
        }
        Beyond::NanAllOnes if biased == all_ones && fraction == (1 << mantissa_bits) - 1 => return f64::NAN,
        Beyond::NanNegativeZero if negative && biased == 0 && fraction == 0 => return f64::NAN,
        _ => {}
    }
    let (significand, exponent) = if biased == 0 {
        (fraction, 1 - bias)
    } else {
        (fraction | 1 << mantissa_bits, biased as i32 - bias)
    };
    scaled(significand as f64, exponent - mantissa_bits as i32) * sign
}

/// `value * 2^power` without overflow on the way.
fn scaled(value: f64, power: i32) -> f64 {
    let half = power / 2;
    let quarter = half / 2;
    value * 2f64.powi(quarter) * 2f64.powi(half - quarter) * 2f64.powi(power - half)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_half_precision_patterns() {
        assert_eq!(FloatKind::F16.bits_of(1.0), 0x3c00);
        assert_eq!(FloatKind::F16.bits_of(65504.0), 0x7bff);
        assert_eq!(FloatKind::F16.bits_of(1e6), 0x7c00);
        assert_eq!(FloatKind::F16.bits_of(1e300), 0x7c00);
        assert_eq!(FloatKind::F16.bits_of(5.960464477539063e-8), 1);
        assert_eq!(FloatKind::BF16.bits_of(-2.5), 0xc020);
    }

    #[test]
    fn every_small_pattern_survives() {
        for (kind, _, width) in FloatKind::ALL.into_iter().filter(|(.., width)| *width <= 19) {
            for bits in 0..1u128 << width {
                let value = kind.value_of(bits);
                if !value.is_nan() {
                    assert_eq!(kind.bits_of(value), bits, "{kind:?} {bits:#x} {value}");
                }
            }
        }
    }

    /// As mlir-opt 22 prints them.
    #[test]
    fn beyond_the_largest() {
        assert_eq!(FloatKind::F8E4M3FN.bits_of(1e10), 0x7f);
        assert_eq!(FloatKind::F8E4M3FN.bits_of(449.0), 0x7e);
        assert_eq!(FloatKind::F8E4M3FN.bits_of(465.0), 0x7f);
        assert_eq!(FloatKind::F8E5M2.bits_of(1e10), 0x7c);
        assert_eq!(FloatKind::F8E5M2FNUZ.bits_of(1e10), 0x80);
        assert_eq!(FloatKind::F8E5M2FNUZ.bits_of(-0.0), 0);
        assert_eq!(FloatKind::F4E2M1FN.round(1e10), 6.0);
        assert_eq!(FloatKind::F6E2M3FN.round(1e10), 7.5);
        assert_eq!(FloatKind::F8E8M0FNU.bits_of(1e300), 0xff);
        assert_eq!(FloatKind::F8E8M0FNU.round(3.0), 4.0);
        assert_eq!(FloatKind::F8E8M0FNU.round(0.0), 5.877471754111438e-39);
    }

    #[test]
    fn wide_formats() {
        assert_eq!(FloatKind::F128.bits_of(1.0), 0x3fff << 112);
        assert_eq!(FloatKind::F80.bits_of(1.0), 0x3fff << 64 | 1 << 63);
        for value in [0.0, -0.0, 0.1, -1.5, 5e-324, f64::MAX, 2.2250738585072014e-308, f64::INFINITY] {
            for kind in [FloatKind::F80, FloatKind::F128] {
                assert_eq!(kind.exact_value(kind.bits_of(value)).map(f64::to_bits), Some(value.to_bits()));
            }
        }
    }
}
