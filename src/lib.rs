//! The dialect-free core of he-opt.

pub mod exec;
pub mod expr;
pub mod ir;
pub mod schema;
pub mod support;
pub mod text;
