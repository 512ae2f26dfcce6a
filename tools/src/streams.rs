//! Standard error: the one place that writes to it.

use std::io::{IsTerminal, Write};

/// Writes to standard error. What cannot be written there, because the reader is gone or the disk is full, is dropped:
/// it must not keep a tool from its result, nor change its exit code.
pub fn say(text: &str) {
    let mut stream = std::io::stderr().lock();
    let _ = stream.write_all(text.as_bytes()).and_then(|()| stream.flush());
}

/// Whether someone looks at standard error.
pub fn is_watched() -> bool {
    std::io::stderr().is_terminal()
}
