//! How a host tells the engine that it has something to do outside its turn.

use std::sync::{Arc, Mutex};

use crate::{ids::NodeId, osi::transport::lock};

/// The bell that all hosts of one simulation ring.
///
/// A host rings when its ready queue or its stack gets work while it had none: a task was
/// spawned, or a task of another host woke one here. The engine takes the list after each turn
/// and gives those hosts a turn at the same instant, in the order of ringing.
#[derive(Debug, Clone, Default)]
pub struct Doorbell(Arc<Mutex<Vec<NodeId>>>);

impl Doorbell {
    /// A bell that nobody has rung.
    pub fn new() -> Self {
        Self::default()
    }

    /// Notes that `host` has work.
    pub fn ring(&self, host: NodeId) {
        lock(&self.0).push(host);
    }

    /// Moves everybody who rang to the end of `hosts`. The same host may stand there twice.
    pub fn take(&self, hosts: &mut Vec<NodeId>) {
        hosts.append(&mut lock(&self.0));
    }
}
