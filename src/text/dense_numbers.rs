//! Lists of decimal numbers in `dense<…>`, read from the bytes: a constant may have millions of them. Whatever is not
//! plain, wrong or rare is left to the parser of tokens, which also has the errors.

use super::numbers::integer;
use crate::ir::{FloatKind, Signedness};

/// Elements that are read from the bytes.
#[derive(Clone, Copy)]
pub(super) enum Element {
    Float(FloatKind),
    /// Of 8, 16, 32 or 64 bits
    Integer(u32, Signedness),
}

impl Element {
    fn bytes(self) -> usize {
        match self {
            Element::Float(kind) => kind.width() as usize / 8,
            Element::Integer(width, _) => width as usize / 8,
        }
    }

    /// Appends the element that a literal stands for.
    fn push(self, out: &mut Vec<u8>, literal: &str) -> Option<()> {
        let digits = literal.strip_prefix('-').unwrap_or(literal);
        match self {
            Element::Float(kind) => {
                // A float begins with a digit and has a point before its exponent.
                let point = digits.bytes().position(|byte| !byte.is_ascii_digit())?;
                if point == 0 || digits.as_bytes()[point] != b'.' {
                    return None;
                }
                let value: f64 = literal.parse().ok()?;
                match kind {
                    FloatKind::F64 => out.extend_from_slice(&value.to_le_bytes()),
                    FloatKind::F32 => out.extend_from_slice(&(value as f32).to_le_bytes()),
                    _ => out.extend_from_slice(&kind.bits_of(value).to_le_bytes()[..self.bytes()]),
                }
            }
            Element::Integer(width, signedness) => {
                if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
                    return None;
                }
                let negative = digits.len() < literal.len();
                integer(digits, negative, width, signedness)?.push_bytes(out, self.bytes());
            }
        }
        Some(())
    }
}

/// Length of a body of plain decimal numbers and brackets, up to its `>`; `None` for any other body.
pub(super) fn plain_length(body: &[u8]) -> Option<usize> {
    if body.first() != Some(&b'[') {
        return None;
    }
    let plain = |byte: &u8| {
        matches!(
            byte,
            b'0'..=b'9'
                | b','
                | b' '
                | b'.'
                | b'-'
                | b'+'
                | b'e'
                | b'E'
                | b'['
                | b']'
                | b'\n'
                | b'\r'
                | b'\t'
        )
    };
    let length = body.iter().position(|byte| !plain(byte))?;
    (body[length] == b'>').then_some(length)
}

/// The elements of a plain body, if they have that shape.
pub(super) fn elements(body: &str, shape: &[i64], element: Element) -> Option<Vec<u8>> {
    let count = shape.iter().try_fold(1usize, |count, dim| count.checked_mul(usize::try_from(*dim).ok()?))?;
    if count == 0 {
        return None;
    }
    // Each element takes a digit and a comma at least.
    let mut out = Vec::with_capacity(count.min(body.len()).checked_mul(element.bytes())?);
    let bytes = body.as_bytes();
    // How many parts the open brackets have so far.
    let mut parts: Vec<i64> = Vec::with_capacity(shape.len());
    let (mut at, mut after_part) = (0, false);
    while at < bytes.len() {
        match bytes[at] {
            b' ' | b'\n' | b'\r' | b'\t' => at += 1,
            b'[' => {
                if after_part || parts.len() >= shape.len() {
                    return None;
                }
                parts.push(0);
                at += 1;
            }
            b']' => {
                let dim = shape[parts.len().checked_sub(1)?];
                if !after_part && parts.last() != Some(&0) || parts.pop() != Some(dim) {
                    return None;
                }
                if let Some(around) = parts.last_mut() {
                    *around += 1;
                }
                after_part = true;
                at += 1;
            }
            b',' => {
                if !after_part || parts.is_empty() {
                    return None;
                }
                after_part = false;
                at += 1;
            }
            _ => {
                if after_part || parts.len() != shape.len() {
                    return None;
                }
                let ends = |byte: &u8| matches!(byte, b',' | b']' | b'[' | b' ' | b'\n' | b'\r' | b'\t');
                let length = bytes[at..].iter().position(ends)?;
                element.push(&mut out, &body[at..at + length])?;
                *parts.last_mut()? += 1;
                after_part = true;
                at += length;
            }
        }
    }
    let whole = parts.is_empty() && after_part && out.len() == count.checked_mul(element.bytes())?;
    whole.then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    const I8: Element = Element::Integer(8, Signedness::Signless);

    #[test]
    fn bodies_of_the_shape() {
        assert_eq!(elements("[[1, -2], [3,255]]", &[2, 2], I8), Some(vec![1, 254, 3, 255]));
        let floats = elements("[1.5, -0.25e1, 2.]", &[3], Element::Float(FloatKind::F32));
        let expected: Vec<u8> = [1.5f32, -2.5, 2.0].iter().flat_map(|value| value.to_le_bytes()).collect();
        assert_eq!(floats, Some(expected));
    }

    #[test]
    fn everything_else_is_left_alone() {
        for body in [
            "[1]",
            "[1, 2, 3]",
            "[1 2]",
            "[1, 2",
            "1, 2]",
            "[1, 2,]",
            "[, 1]",
            "[[1, 2]]",
            "[-0, 1]",
            "[1, 256]",
            "[1.0, 2]",
            "[1-, 2]",
            "[]",
            "[1, 2]]",
        ] {
            assert_eq!(elements(body, &[2], I8), None, "{body}");
        }
        for body in ["[1]", "[1e5]", "[.5]", "[-]", "[1.5.5]", "[1.5e]", "[+1.5]"] {
            assert_eq!(elements(body, &[1], Element::Float(FloatKind::F64)), None, "{body}");
        }
        assert_eq!((elements("[]", &[0], I8), elements("[]", &[0, 2], I8)), (None, None));
        assert_eq!(plain_length(b"[1, 2]> : "), Some(6));
        assert_eq!((plain_length(b"1>"), plain_length(b"[0x1]>"), plain_length(b"[1")), (None, None, None));
    }
}
