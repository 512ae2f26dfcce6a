//! The dialect-free core of he-opt: it names no dialect, prints nothing and opens no file.
//!
//! Each module uses only those above it (`tests/tidy.rs` checks the arrows):
//!
//! | module | what it holds |
//! |---|---|
//! | [`support`] | typed ids, diagnostics, suggestions, where weights come from |
//! | [`ir`] | operations, values, blocks and regions in arenas; hash-consed types and attributes; dominance |
//! | [`expr`] | the expression language that `.dialect` and `.rules` files share |
//! | [`schema`] | `.dialect` files: definitions of ops, inference, verification |
//! | [`text`] | MLIR's text: lexer, parser, printer, generic and pretty |
//! | [`rewrite`] | `.rules` files: matching, building, greedy and converting drivers |
//! | [`pass`] | passes, pipelines, completion by stage, the loop that runs them |
//! | [`exec`] | tensors, kernels and the interpreter (uses schema) |
//! | [`cost`] | counters, longest paths and peak memory of a function's graph (uses schema) |
//!
//! A dialect is a text, and so is a program:
//!
//! ```
//! use he_core::schema::{Registry, verify};
//! use he_core::text::{PrintOptions, parse, print};
//!
//! let mut registry = Registry::new(&["only"]);
//! let dialect = "dialect toy
//!     op toy.module () -> () { traits graph, no_terminator regions body }
//!     op toy.one () -> (result: int) { traits pure format \"attr-dict `:` type($result)\" }";
//! registry.load_dialect(dialect, "toy.dialect").map_err(|error| error.to_string())?;
//! registry.top_op = "toy.module".to_owned();
//!
//! let mut ir = parse(&registry, "%x = toy.one : i32", "example.mlir").map_err(|errors| errors[0].to_string())?;
//! verify(&registry, &mut ir).map_err(|errors| errors[0].to_string())?;
//! let text = print(&registry, &ir, PrintOptions::default());
//! assert_eq!(text, "\"toy.module\"() ({\n  %0 = toy.one : i32\n}) : () -> ()\n");
//! # Ok::<(), String>(())
//! ```

pub mod cost;
pub mod exec;
pub mod expr;
pub mod ir;
pub mod pass;
pub mod rewrite;
pub mod schema;
pub mod support;
pub mod text;
