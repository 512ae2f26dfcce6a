//! Weighted walks over a function: counters, longest paths, peak memory. What an op weighs is the caller's business.

mod graph;
mod summary;

pub use graph::{ProgramGraph, program_graph};
pub use summary::{CostModel, OpCost, Summary, Work, summarize};

#[cfg(test)]
mod tests;
