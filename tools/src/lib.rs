//! The tools' shared library: files, printing, command lines.

pub mod files;
pub mod render;
