//! The plaintext vectors of an exported program: each stored once, by its shortest period.

use std::fmt::Write;
use std::io::{Cursor, Write as _};

use he_core::support::Diagnostic;
use rustc_hash::FxHashMap;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// Programs with more numbers than this have an `.npz` file.
const MAX_INLINE: usize = 1024;

/// A vector of the program.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Array {
    /// Numbers of slots.
    Floats(Vec<f64>),
    /// Indices of elements.
    Indices(Vec<i64>),
}

impl Array {
    fn len(&self) -> usize {
        match self {
            Array::Floats(list) => list.len(),
            Array::Indices(list) => list.len(),
        }
    }

    /// Its bit patterns: equal for equal vectors only.
    fn bits(&self) -> (bool, Vec<u64>) {
        match self {
            Array::Floats(list) => (true, list.iter().map(|x| x.to_bits()).collect()),
            Array::Indices(list) => (false, list.iter().map(|x| *x as u64).collect()),
        }
    }

    fn python(&self) -> String {
        match self {
            Array::Floats(list) => format!("np.array({list:?})"),
            Array::Indices(list) => format!("np.array({list:?})"),
        }
    }

    /// The bytes of an `.npy` file of version 1: <https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html>.
    fn npy(&self) -> Vec<u8> {
        let kind = if matches!(self, Array::Floats(_)) { 'f' } else { 'i' };
        let mut header =
            format!("{{'descr': '<{kind}8', 'fortran_order': False, 'shape': ({},), }}", self.len());
        // Magic, version, length and header together fill blocks of 64 bytes.
        while (10 + header.len() + 1) % 64 != 0 {
            header.push(' ');
        }
        header.push('\n');
        let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
        bytes.extend((header.len() as u16).to_le_bytes());
        bytes.extend(header.as_bytes());
        bytes.extend(self.bits().1.iter().flat_map(|word| word.to_le_bytes()));
        bytes
    }
}

/// The shortest list whose repetition is `list`, by halving.
fn period<T: Copy + PartialEq>(list: &[T]) -> Vec<T> {
    let mut short = list;
    while short.len() > 1 && short.len().is_multiple_of(2) {
        let (front, back) = short.split_at(short.len() / 2);
        if front != back {
            break;
        }
        short = front;
    }
    short.to_vec()
}

/// The vectors of a program, by the order of their first use.
#[derive(Default)]
pub(super) struct Arrays {
    list: Vec<Array>,
    known: FxHashMap<(bool, Vec<u64>), usize>,
}

impl Arrays {
    /// Python's expression for a vector of slots; `np.resize` repeats it to its length.
    pub fn floats(&mut self, slots: &[f64]) -> String {
        self.add(Array::Floats(period(slots)))
    }

    /// Python's expression for indices that repeat.
    pub fn periodic_indices(&mut self, indices: &[i64]) -> String {
        self.add(Array::Indices(period(indices)))
    }

    /// Python's expression for indices as they are.
    pub fn indices(&mut self, indices: Vec<i64>) -> String {
        self.add(Array::Indices(indices))
    }

    fn add(&mut self, array: Array) -> String {
        let next = self.list.len();
        let index = *self.known.entry(array.bits()).or_insert(next);
        if index == next {
            self.list.push(array);
        }
        format!("p{index}")
    }

    fn is_inline(&self) -> bool {
        self.list.iter().map(Array::len).sum::<usize>() <= MAX_INLINE
    }

    /// The definition of `PLAIN` and of `array_of`.
    pub fn python(&self) -> String {
        let mut text = "# Plaintext vectors and indices, by their shortest period.\n".to_owned();
        if self.is_inline() {
            text += "PLAIN = {\n";
            for (index, array) in self.list.iter().enumerate() {
                let _ = writeln!(text, "    \"p{index}\": {},", array.python());
            }
            text += "}\n";
        } else {
            // All at once: an open .npz file would be read again at every use.
            text += "with np.load(Path(__file__).with_suffix(\".npz\"), allow_pickle=False) as file:\n    \
                     PLAIN = dict(file)\n";
        }
        text
    }

    /// The `.npz` file, where there is one. The same vectors give the same bytes.
    pub fn npz(&self) -> Result<Option<Vec<u8>>, Diagnostic> {
        if self.is_inline() {
            return Ok(None);
        }
        let failed = |why: String| Diagnostic::error(format!("the plaintexts cannot be packed: {why}"));
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Stored)
            .large_file(false)
            .last_modified_time(zip::DateTime::default());
        for (index, array) in self.list.iter().enumerate() {
            zip.start_file(format!("p{index}.npy"), options).map_err(|error| failed(error.to_string()))?;
            zip.write_all(&array.npy()).map_err(|error| failed(error.to_string()))?;
        }
        zip.finish().map(|cursor| Some(cursor.into_inner())).map_err(|error| failed(error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_are_kept_once_by_their_period() {
        let mut arrays = Arrays::default();
        assert_eq!(arrays.floats(&[1.0, 2.0, 1.0, 2.0]), "p0");
        assert_eq!(arrays.floats(&[1.0, 2.0]), "p0");
        assert_eq!(arrays.floats(&[1.0, 2.0, 2.0, 1.0]), "p1");
        assert_eq!(arrays.periodic_indices(&[0, 0, 0, 0]), "p2");
        assert!(arrays.python().contains("\"p0\": np.array([1.0, 2.0]),"));
        assert_eq!(arrays.npz().unwrap(), None);
    }

    #[test]
    fn many_numbers_go_to_a_file() {
        let mut arrays = Arrays::default();
        let many: Vec<f64> = (0..2 * MAX_INLINE).map(|x| x as f64).collect();
        arrays.floats(&many);
        let file = arrays.npz().unwrap().unwrap();
        assert!(file.starts_with(b"PK") && file.len() > 8 * many.len());
        assert_eq!(Some(file), arrays.npz().unwrap());
        let npy = arrays.list[0].npy();
        assert_eq!(crate::values::parse_npy(&npy).unwrap().data, many);
    }
}
