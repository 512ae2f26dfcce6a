//! `he-opt`: read IR, run passes, print IR.

fn main() {}
