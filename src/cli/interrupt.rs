//! Ctrl-C: the first ends the run in order, the second kills the program.

use std::{process, sync::Arc};

use netsim::engine::RunControl;

use super::{failure::Failure, output};

/// Makes Ctrl-C ask the run behind `control` to stop.
///
/// # Errors
/// The operating system takes no handler.
pub(crate) fn stop_on_ctrl_c(control: &Arc<RunControl>) -> Result<(), Failure> {
    let control = Arc::clone(control);
    let handler = move || {
        if control.stop_requested() {
            process::exit(KILLED);
        }
        control.request_stop();
        output::complain("stopping; the files will hold what has happened so far");
    };
    ctrlc::set_handler(handler).map_err(|e| Failure::needed("cannot watch for Ctrl-C", e))
}

/// What shells report for a program that Ctrl-C ended.
const KILLED: i32 = 130;
