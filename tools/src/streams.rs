//! Standard error: the one place that writes to it.

use std::io::{IsTerminal, Write};

/// What `--color` can be.
pub const COLORS: [&str; 3] = ["auto", "always", "never"];

/// Writes to standard error, with the colors in `text` where they are wanted. What cannot be written there, because the
/// reader is gone or the disk is full, is dropped: it must not keep a tool from its result, nor change its exit code.
pub fn say(text: &str) {
    let mut stream = anstream::stderr().lock();
    let _ = stream.write_all(text.as_bytes()).and_then(|()| stream.flush());
}

/// Whether someone looks at standard error.
pub fn is_watched() -> bool {
    std::io::stderr().is_terminal()
}

/// Reads `--color` before anything can go wrong that is said in color. Unless it is given, colors are for a terminal
/// that has them, and `NO_COLOR`, `CLICOLOR` and `CLICOLOR_FORCE` are heeded.
pub fn choose_color(argv: &[String]) {
    let options = argv.iter().take_while(|argument| *argument != "--").enumerate();
    let chosen = options.filter_map(|(index, argument)| match argument.strip_prefix("--color")? {
        "" => argv.get(index + 1).map(String::as_str),
        value => value.strip_prefix('='),
    });
    let choice = match chosen.last() {
        Some("always") => anstream::ColorChoice::Always,
        Some("never") => anstream::ColorChoice::Never,
        _ => return,
    };
    choice.write_global();
}
