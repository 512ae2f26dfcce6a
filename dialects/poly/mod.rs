//! The `poly` dialect: polynomials, their approximation and their evaluation.

pub mod approximation;
pub mod polynomial;
mod program;
mod remez;
pub mod schedule;
