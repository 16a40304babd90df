//! Why a command failed, how that is told, and which exit code it has.

use std::{fmt::Display, io, process::ExitCode};

use anstyle::{AnsiColor, Style};
use netsim::{scenario::ScenarioError, sim::SimError};

use super::output;

/// A command that did not do what it was asked.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The scenario is wrong. Exit code 2.
    Scenario(ScenarioError),
    /// The command line is wrong. Exit code 2.
    Input(String),
    /// Something that the command needed failed. Exit code 3.
    Needed(String),
    /// The command line parser has something to say (help, version or an error).
    Usage(clap::Error),
    /// Whoever read our output stopped reading. That is no error.
    BrokenPipe,
}

impl Failure {
    /// `doing` failed with `error`: "cannot write captures/lossy: disk full".
    pub(crate) fn needed(doing: impl Display, error: impl Display) -> Self {
        Self::Needed(format!("{doing}: {error}"))
    }

    /// Standard output could not be written.
    pub(crate) fn stdout(error: &io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Self::BrokenPipe;
        }
        Self::needed("cannot write to standard output", error)
    }

    /// Tells the person at the keyboard, and says how the program ends.
    pub(crate) fn report(&self) -> ExitCode {
        match self {
            Self::Scenario(error) => output::complain(error.render(true).trim_end()),
            Self::Input(text) | Self::Needed(text) => {
                output::complain(&format!("{BAD}error:{BAD:#} {text}"));
            }
            // If help cannot be printed there is nobody to tell.
            Self::Usage(error) => drop(error.print()),
            Self::BrokenPipe => {}
        }
        ExitCode::from(self.code())
    }

    fn code(&self) -> u8 {
        match self {
            Self::BrokenPipe => 0,
            Self::Usage(error) if !error.use_stderr() => 0,
            Self::Usage(_) | Self::Scenario(_) | Self::Input(_) => 2,
            Self::Needed(_) => 3,
        }
    }
}

impl From<ScenarioError> for Failure {
    fn from(error: ScenarioError) -> Self {
        Self::Scenario(error)
    }
}

impl From<SimError> for Failure {
    fn from(error: SimError) -> Self {
        Self::Needed(error.to_string())
    }
}

const BAD: Style = AnsiColor::Red.on_default().bold();
