//! Where text for people goes: tables to standard output, everything else to standard error.
//!
//! Text may carry ANSI codes; anstream takes them out unless the stream is a terminal, and knows
//! `NO_COLOR` and `CLICOLOR_FORCE`.

use std::{
    env,
    io::{self, Write},
};

use anstyle::{AnsiColor, Style};

use super::failure::Failure;

/// Prints `text` as it is.
///
/// # Errors
/// Standard output cannot be written; a broken pipe is [`Failure::BrokenPipe`].
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut stdout = anstream::stdout().lock();
    stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush())
        .map_err(|error: io::Error| Failure::stdout(&error))
}

/// A line on standard error. If even that fails there is nobody to tell.
pub(crate) fn complain(text: &str) {
    let mut stderr = anstream::stderr().lock();
    drop(writeln!(stderr, "{text}"));
}

/// A warning on standard error.
pub(crate) fn warn(text: &str) {
    complain(&format!("{ODD}warning:{ODD:#} {text}"));
}

/// How many columns there are: those of the terminal, or `COLUMNS`, or 100.
pub(crate) fn width() -> usize {
    let of_terminal = terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    let of_environment = || env::var("COLUMNS").ok()?.parse().ok();
    of_terminal.or_else(of_environment).unwrap_or(100)
}

const ODD: Style = AnsiColor::Yellow.on_default().bold();
