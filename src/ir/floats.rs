//! Conversion between `f64` and the smaller IEEE-like formats.

use super::types::FloatKind;

/// Exponent and mantissa bits of an IEEE-like format narrower than `f64`.
fn layout(kind: FloatKind) -> Option<(u32, u32)> {
    Some(match kind {
        FloatKind::F16 => (5, 10),
        FloatKind::BF16 => (8, 7),
        FloatKind::TF32 => (8, 10),
        FloatKind::F32 => (8, 23),
        FloatKind::F8E5M2 => (5, 2),
        FloatKind::F8E4M3 => (4, 3),
        FloatKind::F8E3M4 => (3, 4),
        _ => return None,
    })
}

impl FloatKind {
    /// Whether values convert to and from `f64` here; others are carried as bit patterns.
    pub fn converts(self) -> bool {
        self == FloatKind::F64 || layout(self).is_some()
    }

    /// The bit pattern nearest to `value` (ties to even).
    pub fn bits_of(self, value: f64) -> u64 {
        match (self, layout(self)) {
            (FloatKind::F32, _) => u64::from((value as f32).to_bits()),
            (_, Some((exponent, mantissa))) => narrow(value, exponent, mantissa),
            _ => value.to_bits(),
        }
    }

    /// The value of a bit pattern.
    pub fn value_of(self, bits: u64) -> f64 {
        match (self, layout(self)) {
            (FloatKind::F32, _) => f64::from(f32::from_bits(bits as u32)),
            (_, Some((exponent, mantissa))) => widen(bits, exponent, mantissa),
            _ => f64::from_bits(bits),
        }
    }

    /// `value` rounded to the format.
    pub fn round(self, value: f64) -> f64 {
        self.value_of(self.bits_of(value))
    }
}

fn narrow(value: f64, exponent: u32, mantissa: u32) -> u64 {
    let sign = u64::from(value.is_sign_negative()) << (exponent + mantissa);
    let infinity = ((1u64 << exponent) - 1) << mantissa;
    if value.is_nan() {
        return sign | infinity | 1 << (mantissa - 1);
    }
    let magnitude = value.abs();
    let bias = (1i32 << (exponent - 1)) - 1;
    if magnitude == 0.0 {
        return sign;
    }
    let unbiased = (((magnitude.to_bits() >> 52) & 0x7ff) as i32 - 1023).max(1 - bias);
    // The spacing of representable numbers around the value; exact powers of two.
    let ulp = f64::from_bits(((unbiased - mantissa as i32 + 1023) as u64) << 52);
    let steps = (magnitude / ulp).round_ties_even() as u64;
    let biased = (unbiased + bias) as u64;
    let bits = if biased == 1 && steps < 1 << mantissa { steps } else { ((biased - 1) << mantissa) + steps };
    sign | bits.min(infinity)
}

fn widen(bits: u64, exponent: u32, mantissa: u32) -> f64 {
    let sign = if bits >> (exponent + mantissa) & 1 == 1 { -1.0 } else { 1.0 };
    let biased = (bits >> mantissa & ((1 << exponent) - 1)) as i32;
    let fraction = (bits & ((1 << mantissa) - 1)) as f64;
    let bias = (1i32 << (exponent - 1)) - 1;
    let one = f64::from(1u32 << mantissa);
    if biased == (1 << exponent) - 1 {
        return if fraction == 0.0 { sign * f64::INFINITY } else { f64::NAN };
    }
    let (significand, power) =
        if biased == 0 { (fraction / one, 1 - bias) } else { (1.0 + fraction / one, biased - bias) };
    sign * significand * 2f64.powi(power)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_half_precision_patterns() {
        assert_eq!(FloatKind::F16.bits_of(1.0), 0x3c00);
        assert_eq!(FloatKind::F16.bits_of(65504.0), 0x7bff);
        assert_eq!(FloatKind::F16.bits_of(1e6), 0x7c00);
        assert_eq!(FloatKind::F16.bits_of(5.960464477539063e-8), 1);
        assert_eq!(FloatKind::BF16.bits_of(-2.5), 0xc020);
    }

    #[test]
    fn every_half_survives() {
        for bits in 0..0x7c00u64 {
            assert_eq!(FloatKind::F16.bits_of(FloatKind::F16.value_of(bits)), bits);
        }
    }
}
