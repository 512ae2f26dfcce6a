//! The dialects of he-opt.

pub mod ckks;
pub mod profiles;
