//! Tensors in and out: JSON nested arrays, `.npy` files, random numbers.

use std::io::Read;

use he_core::exec::tensor::Tensor;
use he_core::support::{Diagnostic, bytes_of_text};
use he_dialects::nn::random::SplitMix64;
use serde_json::Value;

use crate::file_kinds::Wanted;
use crate::files::{cannot, read_source};

/// The most bytes of an `.npy` file that are read.
const MAX_NPY_BYTES: u64 = 2 << 30;

/// Reads a tensor: nested arrays in JSON, or an `.npy` file.
pub fn read_tensor(path: &str) -> Result<Tensor, Diagnostic> {
    let refused = |why: String| Diagnostic::error(format!("input '{path}': {why}"));
    let tensor = if path.ends_with(".npy") {
        let bytes = read_bytes(path).map_err(|error| cannot("read", path, &error))?;
        parse_npy(&bytes).map_err(|why| match Wanted::Input.mistaken(&bytes) {
            Some((what, remedy)) => refused(what).help(remedy),
            None => refused(why),
        })?
    } else {
        let text = read_source(path)?;
        let value = serde_json::from_str(&text).map_err(|error| {
            let kind = Wanted::Input.mistaken(&bytes_of_text(&text));
            match kind {
                Some((what, remedy)) => refused(what).help(remedy),
                None => refused(format!("not JSON: {error}")),
            }
        })?;
        parse_json(&value).map_err(refused)?
    };
    match tensor.data.iter().position(|x| !x.is_finite()) {
        Some(at) => Err(refused(format!("element {at} is {}: inputs must be finite", tensor.data[at]))),
        None => Ok(tensor),
    }
}

fn read_bytes(path: &str) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(MAX_NPY_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_NPY_BYTES {
        return Err(std::io::Error::other("it is too large"));
    }
    Ok(bytes)
}

/// A tensor from nested arrays of numbers, all of one shape.
pub fn parse_json(value: &Value) -> Result<Tensor, String> {
    let (mut shape, mut data) = (Vec::new(), Vec::new());
    let mut first = value;
    while let Value::Array(items) = first {
        shape.push(items.len());
        match items.first() {
            Some(item) => first = item,
            None => break,
        }
    }
    flatten(value, &shape, &mut data)?;
    Tensor::new(shape, data).map_err(|why| why.to_string())
}

fn flatten(value: &Value, shape: &[usize], data: &mut Vec<f64>) -> Result<(), String> {
    match (value, shape) {
        (Value::Array(items), [size, rest @ ..]) if items.len() == *size => {
            items.iter().try_for_each(|item| flatten(item, rest, data))
        }
        (Value::Array(items), [size, ..]) => {
            Err(format!("arrays side by side have {size} and {} elements", items.len()))
        }
        (Value::Number(number), []) => {
            data.push(
                number.as_f64().ok_or_else(|| format!("{number} is not a number of double precision"))?,
            );
            Ok(())
        }
        (other, []) => Err(format!("a number is expected, not {other}")),
        (other, _) => Err(format!("an array is expected, not {other}")),
    }
}

/// A tensor as nested arrays; `null` where an element is not finite.
pub fn to_json(tensor: &Tensor) -> Value {
    fn nested(shape: &[usize], data: &[f64]) -> Value {
        match shape {
            [] => data.first().map_or(Value::Null, |x| serde_json::json!(x)),
            [size, rest @ ..] => {
                let step: usize = rest.iter().product();
                let parts = (0..*size).map(|i| nested(rest, &data[i * step..(i + 1) * step]));
                Value::Array(parts.collect())
            }
        }
    }
    nested(&tensor.shape, &tensor.data)
}

/// A tensor from an `.npy` file of version 1 to 3.
pub fn parse_npy(bytes: &[u8]) -> Result<Tensor, String> {
    let bad = || "not an .npy file".to_owned();
    let rest = bytes.strip_prefix(b"\x93NUMPY").ok_or_else(bad)?;
    let (header_length, rest) = match rest {
        [1, _, a, b, rest @ ..] => (usize::from(u16::from_le_bytes([*a, *b])), rest),
        [2 | 3, _, a, b, c, d, rest @ ..] => (u32::from_le_bytes([*a, *b, *c, *d]) as usize, rest),
        _ => return Err(bad()),
    };
    let header =
        rest.get(..header_length).and_then(|header| std::str::from_utf8(header).ok()).ok_or_else(bad)?;
    let after = |key: &str| header.split_once(&format!("'{key}':")).map(|(_, rest)| rest.trim_start());
    if !after("fortran_order").is_some_and(|rest| rest.starts_with("False")) {
        return Err("arrays in Fortran order are not read: save numpy.ascontiguousarray(x)".to_owned());
    }
    let shape = after("shape").and_then(|rest| rest.strip_prefix('(')?.split_once(')')).ok_or_else(bad)?.0;
    let sizes = shape.split(',').map(str::trim).filter(|size| !size.is_empty());
    let shape: Vec<usize> = sizes.map(str::parse).collect::<Result<_, _>>().map_err(|_| bad())?;
    let descr = after("descr").and_then(|rest| rest.strip_prefix('\'')?.split_once('\'')).ok_or_else(bad)?.0;
    let data = numbers(descr, &rest[header_length..])?;
    Tensor::new(shape, data).map_err(|why| why.to_string())
}

fn numbers(descr: &str, bytes: &[u8]) -> Result<Vec<f64>, String> {
    fn each<const N: usize>(bytes: &[u8], read: impl Fn([u8; N]) -> f64) -> Vec<f64> {
        let (chunks, _) = bytes.as_chunks::<N>();
        chunks.iter().map(|chunk| read(*chunk)).collect()
    }
    Ok(match descr {
        "<f8" => each(bytes, f64::from_le_bytes),
        "<f4" => each(bytes, |b| f64::from(f32::from_le_bytes(b))),
        "<i8" => each(bytes, |b| i64::from_le_bytes(b) as f64),
        "<i4" => each(bytes, |b| f64::from(i32::from_le_bytes(b))),
        _ => return Err(format!("elements of type '{descr}' are not read: save x.astype('<f8')")),
    })
}

/// A tensor of numbers that are uniform in a range.
pub fn random_tensor(
    random: &mut SplitMix64,
    shape: &[usize],
    (lo, hi): (f64, f64),
) -> Result<Tensor, String> {
    Tensor::from_fn(shape, |_| lo + (hi - lo) * random.unit()).map_err(|why| why.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> Result<Tensor, String> {
        parse_json(&serde_json::from_str(text).unwrap())
    }

    #[test]
    fn json_round_trips() {
        for text in ["[[1.5,2.0],[-3.25,0.1]]", "7.0", "[]", "[[[1.0]]]", "[[],[]]"] {
            assert_eq!(to_json(&json(text).unwrap()).to_string(), text);
        }
        assert!(json("[[1], [2, 3]]").unwrap_err().contains("1 and 2 elements"));
        assert!(json("[1, [2]]").unwrap_err().contains("a number is expected"));
        assert!(json("[[1], 2]").unwrap_err().contains("an array is expected"));
        assert!(json("[\"a\"]").unwrap_err().contains("a number is expected"));
    }

    #[test]
    fn npy_files_are_read() {
        let file = |descr: &str, order: &str, shape: &str, data: &[u8]| {
            let header = format!("{{'descr': '{descr}', 'fortran_order': {order}, 'shape': {shape}, }}\n");
            let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
            bytes.extend((header.len() as u16).to_le_bytes());
            bytes.extend(header.as_bytes());
            bytes.extend(data);
            bytes
        };
        let two: Vec<u8> = [1.5f32, -2.0].iter().flat_map(|x| x.to_le_bytes()).collect();
        let tensor = parse_npy(&file("<f4", "False", "(1, 2)", &two)).unwrap();
        assert_eq!((tensor.shape, tensor.data), (vec![1, 2], vec![1.5, -2.0]));
        assert_eq!(parse_npy(&file("<f8", "False", "()", &3f64.to_le_bytes())).unwrap().data, [3.0]);
        assert!(parse_npy(&file("<f4", "True", "(2,)", &two)).unwrap_err().contains("Fortran"));
        assert!(parse_npy(&file("<f4", "False", "(3,)", &two)).unwrap_err().contains("do not fill"));
        assert!(parse_npy(&file(">f4", "False", "(2,)", &two)).unwrap_err().contains("'>f4'"));
        assert!(parse_npy(b"\x93NUMPY\x01\x00\xff\xff").is_err());
    }
}
