//! The tools' shared library: files, printing, command lines.
