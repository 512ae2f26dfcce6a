//! The `poly` dialect: polynomials, their approximation and their evaluation.
