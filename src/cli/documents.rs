//! Completion scripts and man pages, made from the command line's own description.

use std::{fs, path::Path};

use clap::CommandFactory;
use clap_complete::Shell;

use super::{args::CommandLine, failure::Failure, output};

/// Prints the completion script for `shell`.
pub(crate) fn completions(shell: Shell) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut CommandLine::command(), "netsim", &mut script);
    output::print(&String::from_utf8_lossy(&script))
}

/// Prints the main man page, or writes a page for each command into `folder`.
pub(crate) fn man(folder: Option<&Path>) -> Result<(), Failure> {
    let Some(folder) = folder else {
        let mut page = Vec::new();
        let man = clap_mangen::Man::new(CommandLine::command());
        man.render(&mut page)
            .map_err(|e| Failure::needed("cannot make the man page", e))?;
        return output::print(&String::from_utf8_lossy(&page));
    };
    fs::create_dir_all(folder)
        .and_then(|()| clap_mangen::generate_to(CommandLine::command(), folder))
        .map_err(|e| Failure::needed(format!("cannot write man pages to {}", folder.display()), e))
}
