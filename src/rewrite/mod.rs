//! Rewrite rules: `.rules` files, the matcher, and the drivers that apply them.

mod apply;
mod driver;
mod load;
mod matcher;
mod rules;

pub use driver::{RewriteStats, convert, rewrite_greedily, sweep_dead};
pub use rules::{Group, GroupKind, Rule, RuleSet};
