//! `<node>-<connection>.qlog`: the log of one end of a QUIC connection, as quinn writes it.
//!
//! Each is a JSON text sequence (RFC 7464), written while the run goes on; the files get their names
//! when they are whole. At most [`MOST_LOGS`] are written, the first ones: every one is an open file.

use std::{
    collections::BTreeMap,
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    SimError,
    output::{Unfinished, failed},
};
use crate::{
    ids::NodeId,
    topology::Topology,
    trace::{AppEvent, AppEventKind, QlogPiece, Record, Recorder},
};

/// The recorder that writes them.
#[derive(Debug)]
pub(super) struct Qlogs {
    /// The nodes' names.
    names: Vec<String>,
    folder: PathBuf,
    open: BTreeMap<Name, Unfinished>,
    /// A file that could not be begun ends the run with this.
    failure: Option<SimError>,
}

/// An end of a connection.
type Name = (NodeId, Arc<str>);

impl Qlogs {
    pub(super) fn new(topology: &Topology, folder: &Path) -> Self {
        Self {
            names: topology.nodes.iter().map(|n| n.name.clone()).collect(),
            folder: folder.to_owned(),
            open: BTreeMap::new(),
            failure: None,
        }
    }

    /// The files, all of them written, with their names.
    pub(super) fn finish(self) -> Result<Vec<(String, Unfinished)>, SimError> {
        match self.failure {
            Some(failure) => Err(failure),
            None => {
                let names = self.names;
                let named = |(name, file)| (file_name(&names, &name), file);
                Ok(self.open.into_iter().map(named).collect())
            }
        }
    }

    fn piece(&mut self, node: NodeId, piece: &QlogPiece) -> io::Result<()> {
        let name = (node, Arc::clone(&piece.connection));
        if !self.open.contains_key(&name) {
            if self.open.len() >= MOST_LOGS || self.failure.is_some() {
                return Ok(());
            }
            let path = self.folder.join(file_name(&self.names, &name));
            match Unfinished::begin(&self.folder) {
                Ok(file) => drop(self.open.insert(name.clone(), file)),
                Err(error) => self.failure = Some(failed(&path, error)),
            }
        }
        match self.open.get_mut(&name) {
            Some(file) => file.write_all(piece.text.as_bytes()),
            None => Ok(()),
        }
    }
}

fn file_name(names: &[String], (node, connection): &Name) -> String {
    let node = names.get(node.index()).map_or("node", String::as_str);
    format!("{node}-{connection}.qlog")
}

impl Recorder for Qlogs {
    fn record(&mut self, record: &Record<'_>) -> io::Result<()> {
        match record {
            Record::App(AppEvent {
                node,
                kind: AppEventKind::Qlog(piece),
                ..
            }) => self.piece(*node, piece),
            _ => Ok(()),
        }
    }
}

/// How many files there are at most.
const MOST_LOGS: usize = 200;
