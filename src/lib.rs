//! The dialect-free core of he-opt.

pub mod cost;
pub mod exec;
pub mod expr;
pub mod ir;
pub mod pass;
pub mod rewrite;
pub mod schema;
pub mod support;
pub mod text;
