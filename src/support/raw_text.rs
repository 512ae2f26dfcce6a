//! Text that may hold any bytes: MLIR's strings need not be UTF-8, Rust's must be.
//!
//! A byte that is no part of a UTF-8 character is kept as one of the last 128 characters of Unicode's private planes,
//! and such a character itself as its bytes: nothing is lost, and equal bytes are equal texts.

use std::borrow::Cow;

/// The character of byte 0 would be this one; bytes begin at 0x80.
const BASE: u32 = 0x10_ff00;

/// The byte that every such character begins with.
const RAW_START: u8 = 0xf4;

/// The byte that a character stands for.
pub fn raw_byte(c: char) -> Option<u8> {
    (c as u32).checked_sub(BASE).filter(|byte| *byte >= 0x80).map(|byte| byte as u8)
}

fn push_bytes(out: &mut String, bytes: &[u8]) {
    out.extend(bytes.iter().filter_map(|byte| char::from_u32(BASE + u32::from(*byte))));
}

/// Bytes as text, without loss.
pub fn text_of_bytes(bytes: Vec<u8>) -> String {
    let text = match String::from_utf8(bytes) {
        Ok(text) if memchr::memchr(RAW_START, text.as_bytes()).is_none() => return text,
        Ok(text) => text.into_bytes(),
        Err(error) => error.into_bytes(),
    };
    let mut out = String::with_capacity(text.len());
    for chunk in text.utf8_chunks() {
        for c in chunk.valid().chars() {
            match raw_byte(c) {
                None => out.push(c),
                Some(_) => push_bytes(&mut out, c.encode_utf8(&mut [0; 4]).as_bytes()),
            }
        }
        push_bytes(&mut out, chunk.invalid());
    }
    out
}

/// The bytes that a text was made of.
pub fn bytes_of_text(text: &str) -> Cow<'_, [u8]> {
    if memchr::memchr(RAW_START, text.as_bytes()).is_none() {
        return Cow::Borrowed(text.as_bytes());
    }
    let mut out = Vec::with_capacity(text.len());
    for c in text.chars() {
        match raw_byte(c) {
            Some(byte) => out.push(byte),
            None => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_bytes_survive() {
        for bytes in
            [&b"plain"[..], b"\xff\xfe", "é\u{10ff80}".as_bytes(), b"a\xc3", b"\xf4\x8f\xbe\x80\xff", b"\0"]
        {
            assert_eq!(*bytes_of_text(&text_of_bytes(bytes.to_vec())), *bytes);
        }
        assert_ne!(text_of_bytes(b"\xff".to_vec()), text_of_bytes("\u{10ffff}".into()));
    }
}
