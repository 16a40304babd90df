//! The meter of a TCP transfer, which both ends write to: the sender says when it began, the
//! receiver what arrived.

use std::net::SocketAddr;

use super::{Listed, Reports, TcpResult};
use crate::{ids::TrafficId, units::SimTime};

/// Client and server address of a TCP transfer.
pub(super) type FlowKey = (SocketAddr, SocketAddr);

#[derive(Debug)]
pub(super) struct FlowPlace {
    pub(super) traffic: TrafficId,
    pub(super) index: Option<usize>,
    pub(super) first_sent: Option<SimTime>,
}

/// The meter of a TCP transfer. Writing to one that nobody shares does nothing.
#[derive(Debug, Clone)]
pub(in super::super) struct Flow {
    pub(super) reports: Reports,
    pub(super) key: FlowKey,
}

impl Flow {
    /// The sending side is about to send; only the first time counts.
    pub(in super::super) fn sending(&self, now: SimTime) {
        if let Some(place) = self.reports.lock().flows.get_mut(&self.key) {
            place.first_sent.get_or_insert(now);
        }
    }

    /// The receiving side got `bytes` bytes of payload.
    pub(in super::super) fn received(&self, bytes: u64, now: SimTime) {
        let mut shared = self.reports.lock();
        let shared = &mut *shared;
        let Some(place) = shared.flows.get(&self.key) else {
            return;
        };
        let result = shared
            .entries
            .get_mut(place.traffic.index())
            .and_then(|report| TcpResult::list(&mut report.result))
            .and_then(|list| list.get_mut(place.index?));
        if let Some(result) = result {
            result.bytes += bytes;
            result.transfer = place.first_sent.map(|first| now - first);
        }
    }
}

/// Keeps a [`Flow`] open.
#[derive(Debug)]
pub(in super::super) struct SharedFlow(pub(super) Flow);

impl std::ops::Deref for SharedFlow {
    type Target = Flow;
    fn deref(&self) -> &Flow {
        &self.0
    }
}

impl Drop for SharedFlow {
    fn drop(&mut self) {
        self.0.reports.lock().flows.remove(&self.0.key);
    }
}
