//! The dialect-free core of he-opt.

pub mod exec;
