//! What can go wrong between a checked plan and a folder full of files.

use std::{io, path::PathBuf};

use thiserror::Error;

use crate::{
    diagram::{PlotError, RasterError},
    engine::RunError,
};

/// Why a run did not end in an outcome. None of these is the scenario's fault; no file is left
/// half written.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SimError {
    /// A file could not be written.
    #[error("cannot write {}: {source}", path.display())]
    Output {
        /// Which file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A capture could not be written; the message names it.
    #[error("cannot write {0}")]
    Capture(io::Error),
    /// The run itself failed.
    #[error(transparent)]
    Run(#[from] RunError),
    /// A plot could not be drawn.
    #[error(transparent)]
    Plot(#[from] PlotError),
    /// A picture could not be turned into pixels.
    #[error(transparent)]
    Raster(#[from] RasterError),
}
