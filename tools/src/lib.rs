//! The tools' shared library: files, printing, command lines, exported programs.

pub mod command_line;
pub mod configurations;
pub mod expectations;
pub mod export;
pub mod files;
pub mod hooks;
pub mod python;
pub mod reference;
pub mod render;
pub mod run;
pub mod semantics;
pub mod session;
pub mod values;
