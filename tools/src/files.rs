//! Files: programs, weights, outputs.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::path::{Component, Path, PathBuf};
use std::rc::Rc;

use crate::file_kinds::Wanted;
use he_core::rewrite::Imported;
use he_core::support::{Diagnostic, Weights, bytes_of_text, did_you_mean, text_of_bytes};
use safetensors::{Dtype, SafeTensors, tensor::TensorView};

/// The most bytes of a program that are read.
pub const MAX_SOURCE_BYTES: u64 = 2 << 30;
/// The most bytes of a weight file that are read.
const MAX_WEIGHT_BYTES: u64 = 16 << 30;
/// Keys that an error lists.
const LISTED_KEYS: usize = 12;

/// Reads a program; `-` is standard input.
pub fn read_source(path: &str) -> Result<String, Diagnostic> {
    let bytes = if path == "-" {
        bounded(std::io::stdin().lock(), 0, MAX_SOURCE_BYTES)
    } else {
        std::fs::File::open(path).and_then(|file| bounded_file(file, MAX_SOURCE_BYTES))
    };
    let bytes = bytes.map_err(|error| cannot("read", path, &error))?;
    Ok(text_of_bytes(bytes))
}

/// The file that `import "path"` means in the file `from`: relative to its folder, and not outside of it.
pub fn imported(from: &str, path: &str) -> Result<Imported, String> {
    let relative = Path::new(path);
    let leaves = |part: Component<'_>| matches!(part, Component::RootDir | Component::Prefix(_));
    if relative.components().any(leaves) {
        return Err(format!("cannot import '{path}': the path must be relative to '{from}'"));
    }
    let place = Path::new(from).parent().unwrap_or(Path::new("")).join(relative);
    // One name for one file, however it is reached.
    let mut parts: Vec<Component<'_>> = Vec::new();
    for part in place.components() {
        match (part, parts.last()) {
            (Component::CurDir, _) => {}
            (Component::ParentDir, Some(Component::Normal(_))) => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    let file = parts.iter().collect::<PathBuf>().display().to_string();
    let text = read_source(&file).map_err(|error| format!("cannot import '{path}': {}", error.message))?;
    Ok(Imported { file, text })
}

/// Writes `text` to a file; `-` is standard output. A reader that has gone away is no error.
pub fn write_output(path: &str, text: &str) -> Result<(), Diagnostic> {
    write_pieces(path, |sink| sink(text))
}

/// Writes what `produce` hands to its sink, piece by piece, to a file; `-` is standard output.
pub fn write_pieces(path: &str, produce: impl FnOnce(&mut dyn FnMut(&str))) -> Result<(), Diagnostic> {
    let out: std::io::Result<Box<dyn Write>> = if path == "-" {
        Ok(Box::new(std::io::stdout().lock()))
    } else {
        std::fs::File::create(path).map(|file| Box::new(file) as Box<dyn Write>)
    };
    let written = out.and_then(|mut out| {
        let mut result = Ok(());
        produce(&mut |piece| {
            if result.is_ok() {
                result = out.write_all(&bytes_of_text(piece));
            }
        });
        result.and_then(|()| out.flush())
    });
    match written {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(cannot("write", path, &error)),
        _ => Ok(()),
    }
}

/// Writes bytes to a file.
pub fn write_bytes(path: &Path, bytes: &[u8]) -> Result<(), Diagnostic> {
    std::fs::write(path, bytes).map_err(|error| cannot("write", &path.display().to_string(), &error))
}

pub(crate) fn cannot(verb: &str, path: &str, error: &std::io::Error) -> Diagnostic {
    let why = match error.kind() {
        std::io::ErrorKind::NotFound => "no such file".to_owned(),
        std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        std::io::ErrorKind::IsADirectory => "it is a folder".to_owned(),
        _ => error.to_string(),
    };
    Diagnostic::error(format!("cannot {verb} '{path}': {why}"))
}

fn bounded_file(file: std::fs::File, limit: u64) -> std::io::Result<Vec<u8>> {
    let length = file.metadata().map_or(0, |facts| facts.len());
    bounded(file, length, limit)
}

/// All bytes of a reader, which is expected to have `length`: they are read at once if it has.
fn bounded(reader: impl Read, length: u64, limit: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    // Where so much cannot be had at once, it is asked for as it comes. One byte more says that the end is reached.
    let _ = bytes.try_reserve_exact(usize::try_from(length.min(limit)).unwrap_or(0).saturating_add(1));
    reader.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(std::io::Error::other(format!(
            "it is larger than {}",
            he_dialects::ckks::cost_table::bytes(limit)
        )));
    }
    Ok(bytes)
}

/// What is kept of a weight file: its bytes, or why there are none.
type CachedFile = Result<Rc<Vec<u8>>, String>;

/// Weights in safetensors files below a folder. Each file is read once.
pub struct WeightFiles {
    dir: PathBuf,
    cache: RefCell<BTreeMap<String, CachedFile>>,
}

impl WeightFiles {
    /// Weights in files below `dir`.
    pub fn new(dir: PathBuf) -> Self {
        WeightFiles { dir, cache: RefCell::default() }
    }

    /// The path of a weight file, if it stays below the folder.
    fn path(&self, file: &str) -> Result<PathBuf, String> {
        let refused = |why: &str| Err(format!("weight file '{file}' is refused: {why}"));
        let relative = Path::new(file);
        if relative.components().any(|part| matches!(part, Component::RootDir | Component::Prefix(_))) {
            return refused("its path must be relative to the program's folder or to --weights-dir");
        }
        if relative.components().any(|part| matches!(part, Component::ParentDir)) {
            return refused("its path leaves the folder of the weights");
        }
        let path = self.dir.join(relative);
        // A link must not lead out either.
        if let (Ok(real), Ok(dir)) = (path.canonicalize(), self.dir.canonicalize())
            && !real.starts_with(&dir)
        {
            return refused("it is a link that leaves the folder of the weights");
        }
        Ok(path)
    }

    fn bytes(&self, file: &str) -> CachedFile {
        if let Some(known) = self.cache.borrow().get(file) {
            return known.clone();
        }
        let read = self.path(file).and_then(|path| {
            let bytes = std::fs::File::open(&path).and_then(|open| bounded_file(open, MAX_WEIGHT_BYTES));
            bytes.map(Rc::new).map_err(|error| {
                let place = path.display().to_string();
                let text = cannot("read", &place, &error).message;
                let near = self.neighbours();
                match did_you_mean(file, near.iter().map(String::as_str)) {
                    Some(near) => format!("{text}; did you mean '{near}'?"),
                    None => text,
                }
            })
        });
        self.cache.borrow_mut().insert(file.to_owned(), read.clone());
        read
    }

    fn neighbours(&self) -> Vec<String> {
        let entries = std::fs::read_dir(&self.dir).into_iter().flatten().flatten().take(1000);
        entries.filter_map(|entry| entry.file_name().into_string().ok()).collect()
    }
}

impl Weights for WeightFiles {
    fn load(&self, file: &str, key: &str) -> Result<(Vec<usize>, Vec<f64>), String> {
        let bytes = self.bytes(file)?;
        let tensors =
            SafeTensors::deserialize(&bytes).map_err(|error| match Wanted::Weights.mistaken(&bytes) {
                Some((what, remedy)) => format!("'{file}' has no weights: {what}; {remedy}"),
                None => format!("'{file}' is not a safetensors file: {error}"),
            })?;
        let Ok(tensor) = tensors.tensor(key) else { return Err(no_tensor(file, key, &tensors)) };
        let values = values(&tensor).ok_or_else(|| {
            let ty = tensor.dtype();
            format!("tensor '{key}' of '{file}' has elements of type {ty:?}; F16, BF16, F32 and F64 are read")
        })?;
        Ok((tensor.shape().to_vec(), values))
    }
}

fn no_tensor(file: &str, key: &str, tensors: &SafeTensors<'_>) -> String {
    let mut keys = tensors.names();
    keys.sort_unstable();
    let more = keys.len().saturating_sub(LISTED_KEYS);
    let mut list = keys.iter().take(LISTED_KEYS).map(|key| format!("'{key}'")).collect::<Vec<_>>().join(", ");
    if more > 0 {
        list += &format!(" and {more} more");
    }
    let has = if keys.is_empty() { "it has none at all".to_owned() } else { format!("it has {list}") };
    match did_you_mean(key, keys.iter().copied()) {
        Some(near) => format!("'{file}' has no tensor '{key}'; did you mean '{near}'? ({has})"),
        None => format!("'{file}' has no tensor '{key}' ({has})"),
    }
}

fn values(tensor: &TensorView<'_>) -> Option<Vec<f64>> {
    let bytes = tensor.data();
    Some(match tensor.dtype() {
        Dtype::F16 => elements(bytes, |b: [u8; 2]| half(u16::from_le_bytes(b))),
        Dtype::BF16 => {
            elements(bytes, |b: [u8; 2]| f64::from(f32::from_bits(u32::from(u16::from_le_bytes(b)) << 16)))
        }
        Dtype::F32 => elements(bytes, |b: [u8; 4]| f64::from(f32::from_le_bytes(b))),
        Dtype::F64 => elements(bytes, f64::from_le_bytes),
        _ => return None,
    })
}

fn elements<const N: usize>(bytes: &[u8], read: impl Fn([u8; N]) -> f64) -> Vec<f64> {
    let (chunks, _) = bytes.as_chunks::<N>();
    chunks.iter().map(|chunk| read(*chunk)).collect()
}

/// The value of an IEEE half.
fn half(bits: u16) -> f64 {
    let sign = if bits >> 15 == 1 { -1.0 } else { 1.0 };
    let (exponent, fraction) = (i32::from(bits >> 10 & 31), f64::from(bits & 1023));
    sign * match exponent {
        0 => fraction * 2f64.powi(-24),
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (1.0 + fraction / 1024.0) * 2f64.powi(exponent - 15),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn examples() -> WeightFiles {
        WeightFiles::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples"))
    }

    #[test]
    fn tensors_are_read() {
        let (shape, values) = examples().load("mlp.safetensors", "fc1.weight").unwrap();
        assert_eq!((shape, values.len()), (vec![32, 64], 2048));
    }

    #[test]
    fn errors_name_what_there_is() {
        let error = |file: &str, key: &str| examples().load(file, key).unwrap_err();
        assert!(error("mlp.safetensor", "x").ends_with("no such file; did you mean 'mlp.safetensors'?"));
        let missing = error("mlp.safetensors", "fc1.wieght");
        assert!(
            missing.contains(
                "no tensor 'fc1.wieght'; did you mean 'fc1.weight'? (it has 'fc1.bias', 'fc1.weight'"
            )
        );
        assert!(error("mlp.safetensors", "zzz").contains("no tensor 'zzz' (it has 'fc1.bias'"));
        assert!(error("../Cargo.toml", "x").contains("leaves the folder"));
        assert!(error("/etc/passwd", "x").contains("must be relative"));
        let program = error("mlp.mlir", "x");
        assert!(
            program
                .contains("'mlp.mlir' has no weights: it is a program, and a safetensors file is expected")
        );
        let folder = tempfile::tempdir().unwrap();
        let said = |bytes: &[u8]| {
            std::fs::write(folder.path().join("w.safetensors"), bytes).unwrap();
            WeightFiles::new(folder.path().to_owned()).load("w.safetensors", "w").unwrap_err()
        };
        let pointer = said(b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n");
        assert!(pointer.contains("a Git LFS pointer") && pointer.contains("'git lfs pull'"), "{pointer}");
        let zip = said(b"PK\x03\x04\x14\x00archive/data.pkl");
        assert!(zip.contains("a PyTorch or pickle file") && zip.contains("save_file"), "{zip}");
        assert!(said(b"").contains("it is empty"));
        assert!(said(b"\xff\xff\xff\xff").contains("is not a safetensors file"));
        std::fs::create_dir(folder.path().join("folder")).unwrap();
        let weights = WeightFiles::new(folder.path().to_owned());
        assert!(weights.load("folder", "w").unwrap_err().contains("it is a folder"));
    }

    #[test]
    fn halves() {
        let values = [(0x3c00, 1.0), (0xc000, -2.0), (0x7bff, 65504.0), (1, 2f64.powi(-24)), (0, 0.0)];
        for (bits, value) in values {
            assert_eq!(half(bits), value);
        }
        assert!(half(0x7e00).is_nan() && half(0x7c00).is_infinite());
    }
}
