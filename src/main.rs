//! The `netsim` program: turns what came of a command into an exit code.

mod cli;

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// Large networks are many small things that are made once, kept, and freed together: that takes
/// fewer instructions than with the system's, and fewer lines of the cache.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    match cli::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}
