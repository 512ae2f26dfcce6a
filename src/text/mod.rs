//! The textual form: MLIR's, generic and pretty.

mod affine_parser;
mod attr_parser;
mod dense_numbers;
mod dense_parser;
mod lexer;
mod loc_parser;
mod numbers;
mod op_parser;
mod parser;
mod pretty_parser;
mod printer;
mod recent;
mod recover;
mod resources;
mod scopes;
mod signature;
mod type_parser;

pub use lexer::token_spans;
pub use parser::{parse, parse_attribute};
pub use printer::{PrintOptions, print, print_op, print_to};

#[cfg(test)]
mod tests;
