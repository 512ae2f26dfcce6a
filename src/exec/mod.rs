//! Execution: runtime values and the interpreter.

pub mod tensor;
