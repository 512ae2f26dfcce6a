//! The dialects of he-opt.

pub mod ckks;
pub mod nn;
pub mod poly;
pub mod profiles;
