//! The tools' shared library: files, printing, command lines, exported programs.

pub mod calibrate;
pub mod command_line;
pub mod configurations;
pub mod dot;
pub mod expectations;
pub mod export;
pub mod file_kinds;
pub mod files;
pub mod hooks;
pub mod op_stats;
pub mod python;
pub mod reference;
mod refusals;
pub mod render;
pub mod reproducer;
pub mod rule_check;
pub mod rule_tests;
pub mod run;
pub mod semantics;
pub mod session;
pub mod streams;
pub mod timing;
pub mod tune;
pub mod values;
