//! Execution: runtime values, kernels and the interpreter. What a value is, only dialects know.

mod interpreter;
pub mod tensor;

pub use interpreter::{Interpreter, Kernel, KernelContext, Kernels, RuntimeValue};
