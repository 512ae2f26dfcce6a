//! The textual form: MLIR's, generic and pretty.

mod attr_parser;
mod dense_parser;
mod lexer;
mod loc_parser;
mod op_parser;
mod parser;
mod pretty_parser;
mod printer;
mod recent;
mod scopes;
mod type_parser;

pub use parser::{parse, parse_attribute};
pub use printer::{PrintOptions, print, print_op, print_to};

#[cfg(test)]
mod tests;
