//! The dialects of he-opt.
