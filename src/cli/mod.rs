//! The command line: the one place that reads arguments, prints, watches the keyboard and decides
//! how the program exits. The library does none of that.

mod args;
mod documents;
mod failure;
mod interrupt;
mod output;
mod progress;
mod run;
mod scenario;

use anstream::ColorChoice;
use clap::Parser;

use args::{Color, Command, CommandLine};
use failure::Failure;

/// Does what the command line says.
pub(crate) fn run() -> Result<(), Failure> {
    let line = CommandLine::try_parse().map_err(Failure::Usage)?;
    match line.color {
        Color::Auto => ColorChoice::Auto,
        Color::Always => ColorChoice::AlwaysAnsi,
        Color::Never => ColorChoice::Never,
    }
    .write_global();
    match line.command {
        Command::Run(args) => run::run(&args),
        Command::Check(args) => scenario::check(&args),
        Command::New(args) => scenario::new(&args),
        Command::Schema => scenario::schema(),
        Command::Completions { shell } => documents::completions(shell),
        Command::Man { folder } => documents::man(folder.as_deref()),
    }
}
