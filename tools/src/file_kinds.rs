//! What kind of file it is, by its content: one that is given in another's place is told as what it is.

use he_core::support::{Diagnostic, bytes_of_text};

/// Bytes at the beginning of a file that are looked at, where it is not known to be text.
const LOOKED_AT: usize = 64 << 10;

/// A kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// No bytes at all, or blanks.
    Empty,
    /// What Git LFS leaves in a working tree until the file is fetched.
    LfsPointer,
    /// A program.
    Program,
    /// `.dialect`
    Dialect,
    /// `.rules`
    Rules,
    /// Tensors by name.
    Safetensors,
    /// Tensors by name, but not to the end.
    CutSafetensors,
    /// What torch.save writes: a zip with a pickle in it, or a pickle alone.
    PyTorch,
    /// Several arrays of numpy.
    Npz,
    /// One array of numpy.
    Npy,
    /// A network of ONNX.
    Onnx,
    /// Keras' and others' arrays.
    Hdf5,
    /// Compressed by gzip.
    Gzip,
    /// Nested arrays, profiles, reports.
    Json,
    /// A document.
    Markdown,
    /// A page of the web, such as that which a server answers with instead of the file.
    Html,
}

impl FileKind {
    /// The kind that `bytes` are, where it can be told.
    pub fn of(bytes: &[u8]) -> Option<FileKind> {
        let starts = |magic: &[u8]| bytes.starts_with(magic);
        let head = &bytes[..bytes.len().min(LOOKED_AT)];
        let holds = |name: &[u8]| head.windows(name.len()).any(|window| window == name);
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Some(FileKind::Empty);
        }
        if starts(b"version https://git-lfs.github.com/spec/") {
            return Some(FileKind::LfsPointer);
        }
        if starts(b"PK\x03\x04") {
            return Some(if holds(b".npy") { FileKind::Npz } else { FileKind::PyTorch });
        }
        // The second byte of a pickle is the version of its protocol; the first field of ONNX is that of its format, the
        // second a name.
        match bytes {
            [0x80, 2..=5, ..] => return Some(FileKind::PyTorch),
            [0x08, 1..=30, 0x12 | 0x1a | 0x3a, ..] => return Some(FileKind::Onnx),
            _ => {}
        }
        let magics: [(&[u8], FileKind); 3] =
            [(b"\x93NUMPY", FileKind::Npy), (b"\x89HDF\r\n", FileKind::Hdf5), (b"\x1f\x8b", FileKind::Gzip)];
        if let Some((_, kind)) = magics.into_iter().find(|(magic, _)| starts(magic)) {
            return Some(kind);
        }
        if let Some((length, rest)) = bytes.split_first_chunk::<8>()
            && rest.first() == Some(&b'{')
            && length[6..] == [0, 0]
        {
            let whole = safetensors::SafeTensors::deserialize(bytes).is_ok();
            return Some(if whole { FileKind::Safetensors } else { FileKind::CutSafetensors });
        }
        std::str::from_utf8(bytes).ok().and_then(FileKind::of_text)
    }

    /// The kind that a text is.
    fn of_text(text: &str) -> Option<FileKind> {
        let first_of = |comment: &'static str| {
            text.lines().map(str::trim).find(move |line| !line.is_empty() && !line.starts_with(comment))
        };
        let line = first_of("//")?;
        let word = line.split([' ', '(', '{', '\t']).next().unwrap_or("");
        let lower = line.to_ascii_lowercase();
        if lower.starts_with("<!doctype") || lower.starts_with("<html") {
            return Some(FileKind::Html);
        }
        match word {
            "dialect" => return Some(FileKind::Dialect),
            "rule" | "group" | "import" | "test" | "predicate" | "convert" => return Some(FileKind::Rules),
            "module" | "func.func" | "builtin.module" => return Some(FileKind::Program),
            _ => {}
        }
        if line.starts_with(['!', '%', '"']) || (line.starts_with('#') && line.contains(" = ")) {
            return Some(FileKind::Program);
        }
        if line.starts_with(['{', '[']) && serde_json::from_str::<serde_json::Value>(text).is_ok() {
            return Some(FileKind::Json);
        }
        let is_heading = line.trim_start_matches('#').starts_with(' ') && line.starts_with('#');
        let has_fence = text.lines().any(|line| line.starts_with("```"));
        // A program may begin with what is a comment elsewhere.
        let has_code = text.lines().any(|line| line.starts_with("func.func") || line.starts_with("module"));
        (has_fence || (is_heading && !has_code)).then_some(FileKind::Markdown)
    }

    /// What it is, with an article.
    pub fn describe(self) -> &'static str {
        match self {
            FileKind::Empty => "empty",
            FileKind::LfsPointer => "a Git LFS pointer, not the file itself",
            FileKind::Program => "a program",
            FileKind::Dialect => "a .dialect file",
            FileKind::Rules => "a .rules file",
            FileKind::Safetensors => "a safetensors file",
            FileKind::CutSafetensors => "a safetensors file that is cut off or damaged",
            FileKind::PyTorch => "a PyTorch or pickle file",
            FileKind::Npz => "an .npz file of numpy",
            FileKind::Npy => "an .npy file of numpy",
            FileKind::Onnx => "an ONNX file",
            FileKind::Hdf5 => "an HDF5 file",
            FileKind::Gzip => "compressed by gzip",
            FileKind::Json => "JSON",
            FileKind::Markdown => "a Markdown document",
            FileKind::Html => "a page of the web",
        }
    }

    /// What to do with it where `wanted` is expected.
    fn remedy(self, wanted: Wanted) -> String {
        let save = match wanted {
            Wanted::Weights => {
                "in Python: safetensors.torch.save_file(model.state_dict(), 'weights.safetensors')"
            }
            _ => "write the network as text, its weights as a safetensors file",
        };
        match self {
            FileKind::Empty => "write it again".to_owned(),
            FileKind::LfsPointer => "'git lfs pull' fetches the file".to_owned(),
            FileKind::Program => "a program is named without an option: he-opt FILE".to_owned(),
            FileKind::Dialect => "--load-dialect FILE loads it".to_owned(),
            FileKind::Rules => "--load-rules FILE loads it".to_owned(),
            FileKind::Safetensors => {
                "a program names its weights: #nn.weights<\"FILE.safetensors\", \"KEY\">".to_owned()
            }
            FileKind::CutSafetensors | FileKind::Html => "fetch or save it again".to_owned(),
            FileKind::Npy | FileKind::Npz if wanted == Wanted::Weights => {
                "in Python: safetensors.numpy.save_file(dict(numpy.load('FILE')), 'weights.safetensors')".to_owned()
            }
            FileKind::Npz => "numpy.save writes one array as an .npy file".to_owned(),
            FileKind::Npy => "he-run takes inputs by --input FILE.npy".to_owned(),
            FileKind::PyTorch | FileKind::Hdf5 => save.to_owned(),
            FileKind::Onnx => {
                "--import=onnx is not available yet: write the network as text, its weights as a safetensors file"
                    .to_owned()
            }
            FileKind::Gzip => "gunzip it first".to_owned(),
            FileKind::Json => "he-run takes inputs by --input FILE.json, all tools a profile by --profile FILE".to_owned(),
            FileKind::Markdown => "give the file that it is about".to_owned(),
        }
    }
}

/// What a file is expected to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// A program.
    Program,
    /// A `.dialect` file.
    Dialect,
    /// A `.rules` file.
    Rules,
    /// A safetensors file.
    Weights,
    /// A tensor in JSON or `.npy`.
    Input,
    /// A cost profile in JSON.
    Profile,
}

impl Wanted {
    fn describe(self) -> &'static str {
        match self {
            Wanted::Program => "a program",
            Wanted::Dialect => "a .dialect file",
            Wanted::Rules => "a .rules file",
            Wanted::Weights => "a safetensors file",
            Wanted::Input => "nested arrays in .json, or an .npy file,",
            Wanted::Profile => "a cost profile in JSON",
        }
    }

    /// Whether a file of that kind is wrong in its own way, and not another one.
    fn is(self, kind: FileKind) -> bool {
        match self {
            Wanted::Program => matches!(kind, FileKind::Program | FileKind::Empty),
            Wanted::Dialect => kind == FileKind::Dialect,
            Wanted::Rules => kind == FileKind::Rules,
            Wanted::Weights => kind == FileKind::Safetensors,
            Wanted::Input => matches!(kind, FileKind::Json | FileKind::Npy),
            Wanted::Profile => kind == FileKind::Json,
        }
    }

    /// What is to be said of `bytes` that are another kind of file, and what to do; `None` where they are not.
    pub fn mistaken(self, bytes: &[u8]) -> Option<(String, String)> {
        let kind = FileKind::of(bytes).filter(|kind| !self.is(*kind))?;
        Some((format!("it is {}, and {} is expected", kind.describe(), self.describe()), kind.remedy(self)))
    }

    /// An error about the file `name` whose content is another kind of file.
    pub fn error(self, name: &str, text: &str) -> Option<Diagnostic> {
        let (what, remedy) = self.mistaken(&bytes_of_text(text))?;
        Some(Diagnostic::error(format!("'{name}' cannot be read: {what}")).help(remedy))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let file = |name: &str| FileKind::of(&std::fs::read(root.join(name)).unwrap());
        assert_eq!(file("README.md"), Some(FileKind::Markdown));
        assert_eq!(file("docs/language.md"), Some(FileKind::Markdown));
        assert_eq!(file("examples/mlp.mlir"), Some(FileKind::Program));
        assert_eq!(file("examples/mlp.safetensors"), Some(FileKind::Safetensors));
        assert_eq!(file("dialects/profiles/seal.json"), Some(FileKind::Json));
        for name in ["ckks", "packed", "nn", "poly", "func"] {
            assert_eq!(file(&format!("dialects/{name}/{name}.dialect")), Some(FileKind::Dialect), "{name}");
        }
        for name in [
            "examples/rules/fuse_adds.rules",
            "dialects/ckks/ckks.rules",
            "dialects/lower/packed_to_ckks.rules",
        ] {
            assert_eq!(file(name), Some(FileKind::Rules), "{name}");
        }
        let mut cut = std::fs::read(root.join("examples/mlp.safetensors")).unwrap();
        cut.truncate(5000);
        assert_eq!(FileKind::of(&cut), Some(FileKind::CutSafetensors));
        let bytes: [(&[u8], FileKind); 9] = [
            (b"", FileKind::Empty),
            (b" \n", FileKind::Empty),
            (
                b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n",
                FileKind::LfsPointer,
            ),
            (b"PK\x03\x04\x14\x00archive/data.pkl", FileKind::PyTorch),
            (b"\x80\x02}q\x00", FileKind::PyTorch),
            (b"PK\x03\x04\x14\x00weight.npy", FileKind::Npz),
            (b"\x08\x08\x12\x07pytorch\x1a", FileKind::Onnx),
            (b"<!DOCTYPE html>\n<html>", FileKind::Html),
            (b"[[1, 2]]", FileKind::Json),
        ];
        for (bytes, kind) in bytes {
            assert_eq!(FileKind::of(bytes), Some(kind), "{bytes:?}");
        }
        assert_eq!(FileKind::of(b"who knows"), None);
        assert_eq!(FileKind::of(b"# a comment\nfunc.func @main() {\n}\n"), None);
    }
}
