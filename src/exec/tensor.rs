//! Dense tensors of `f64`.
