//! The TLS secrets of a run: into every capture that needs them, before the frames that they open,
//! and into a file of their own.
//!
//! Both ends of a connection derive the same secrets, one after the other; each is written once,
//! when the first of the two tells of it. That is before any frame that it protects: a host tells
//! of a secret in the turn in which it first uses it, ahead of the frames of that turn.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
};

use crate::{
    ids::NodeId,
    topology::{NodeKind, Topology},
    trace::TlsSecret,
};

/// The file beside the captures, in the format of SSLKEYLOGFILE.
pub const KEY_LOG_FILE: &str = "tls-keys.log";

/// The secrets so far.
#[derive(Debug)]
pub(super) struct Secrets {
    /// What was told, without the secret itself: label and client random.
    known: BTreeSet<String>,
    /// Every line, in the order of the run.
    lines: String,
    owners: BTreeMap<IpAddr, NodeId>,
    /// By node: whether its captures see only what it sends and receives itself.
    ends: Vec<bool>,
}

impl Secrets {
    pub(super) fn new(topology: &Topology) -> Self {
        let owned = topology.node_ids().flat_map(|id| {
            let addresses = topology.node(id).addresses();
            addresses.map(move |address| (address, id))
        });
        let kinds = topology.nodes.iter().map(|node| node.kind);
        Self {
            known: BTreeSet::new(),
            lines: String::new(),
            owners: owned.collect(),
            ends: kinds.map(|kind| kind == NodeKind::Host).collect(),
        }
    }

    /// Takes a secret that `node` derived. The line to write and whose captures need it, if it is
    /// new.
    pub(super) fn take(&mut self, node: NodeId, secret: &TlsSecret) -> Option<Fresh> {
        let name = secret.line.rsplit_once(' ').map_or("", |(name, _)| name);
        if !self.known.insert(name.to_owned()) {
            return None;
        }
        let line = format!("{}\n", secret.line);
        self.lines += &line;
        let ends = [Some(node), self.owners.get(&secret.peer).copied()];
        Some(Fresh { line, ends })
    }

    /// True if the captures of `node` can hold frames that `fresh` opens.
    pub(super) fn concerns(&self, node: NodeId, fresh: &Fresh) -> bool {
        let is_end = self.ends.get(node.index()).copied().unwrap_or_default();
        !is_end || fresh.ends.contains(&Some(node))
    }

    /// Everything so far.
    pub(super) fn lines(&self) -> &str {
        &self.lines
    }
}

/// A secret that nobody told of before.
#[derive(Debug)]
pub(super) struct Fresh {
    pub(super) line: String,
    /// The two ends of its connection.
    ends: [Option<NodeId>; 2],
}
