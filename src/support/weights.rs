//! Weights that are not part of the text.

/// Where weights come from: tools read files, tests hold them in memory.
pub trait Weights {
    /// Shape and row-major values of tensor `key` in `file`, or why there is none.
    fn load(&self, file: &str, key: &str) -> Result<(Vec<usize>, Vec<f64>), String>;
}

/// No weights at all.
pub struct NoWeights;

impl Weights for NoWeights {
    fn load(&self, file: &str, key: &str) -> Result<(Vec<usize>, Vec<f64>), String> {
        Err(format!("no weight files are available here (wanted '{key}' of '{file}')"))
    }
}
