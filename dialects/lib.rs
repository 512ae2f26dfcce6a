//! The dialects of he-opt.

pub mod nn;
pub mod poly;
