//! Rewrite rules: `.rules` files, the matcher, and the drivers that apply them.

mod apply;
mod check;
mod convert;
mod costs;
mod driver;
mod generate;
mod imports;
mod index;
mod inline_tests;
mod load;
mod load_pattern;
mod matcher;
mod observe;
mod overlap;
mod rules;
mod syntax;

pub use convert::convert;
pub use costs::{Prices, cost_warning};
pub use driver::{RewriteStats, rewrite_greedily, rewrite_group, sweep_dead};
pub use generate::{Choices, LeftSide, generate_left};
pub use imports::{ImportResolver, Imported};
pub use inline_tests::{InlineTest, TestProgram};
pub use observe::{Question, RewriteControl};
pub use rules::{Group, GroupKind, Rule, RuleSet};
pub use syntax::syntax_tree;
