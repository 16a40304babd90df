//! The meter of a TCP transfer, which both ends write to: the sender says when it began, the
//! receiver what arrived.
//!
//! Contract: the client opens the meter before its side of the connection can say anything, and
//! the server looks it up when it has accepted, so the order of those two is that of the network.
//! Whatever else the two ends write are sums and extremes, which do not depend on an order.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use super::{Reports, TcpResult};
use crate::{osi::transport::lock, units::SimTime};

/// Client and server address of a TCP transfer.
pub(super) type FlowKey = (SocketAddr, SocketAddr);

/// The meters that a server may still ask for, by the addresses of the connection.
#[derive(Debug, Default)]
pub(super) struct Flows(Mutex<BTreeMap<FlowKey, Arc<FlowMeter>>>);

impl Flows {
    /// A new meter, in place of that of an earlier connection between the same ports.
    pub(super) fn open(&self, key: FlowKey) -> Arc<FlowMeter> {
        let meter = Arc::new(FlowMeter::default());
        lock(&self.0).insert(key, Arc::clone(&meter));
        meter
    }

    fn find(&self, key: &FlowKey) -> Option<Arc<FlowMeter>> {
        lock(&self.0).get(key).cloned()
    }

    /// Forgets `meter`, if no later connection has taken its place.
    fn close(&self, key: &FlowKey, meter: &Arc<FlowMeter>) {
        let mut meters = lock(&self.0);
        if meters.get(key).is_some_and(|m| Arc::ptr_eq(m, meter)) {
            meters.remove(key);
        }
    }
}

/// What is known of one transfer. Times are \[ns\]. Each number has one writer, so nothing is lost
/// between reading and writing it.
#[derive(Debug)]
pub(in super::super) struct FlowMeter {
    first_sent: AtomicU64,
    last_received: AtomicU64,
    bytes: AtomicU64,
}

impl Default for FlowMeter {
    fn default() -> Self {
        Self {
            first_sent: AtomicU64::new(NEVER),
            last_received: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
        }
    }
}

impl FlowMeter {
    /// The sending side is about to send; only the first time counts.
    pub(in super::super) fn sending(&self, now: SimTime) {
        let first = self.first_sent.load(Relaxed);
        self.first_sent.store(first.min(now.as_nanos()), Relaxed);
    }

    /// The receiving side got `bytes` bytes of payload.
    pub(in super::super) fn received(&self, bytes: u64, now: SimTime) {
        let before = self.bytes.load(Relaxed);
        self.bytes.store(before + bytes, Relaxed);
        let last = self.last_received.load(Relaxed);
        self.last_received.store(last.max(now.as_nanos()), Relaxed);
    }

    /// Adds what was measured to the result of the transfer.
    pub(super) fn complete(&self, result: &mut TcpResult) {
        let time = |at: &AtomicU64| SimTime::from_nanos(at.load(Relaxed));
        result.bytes = self.bytes.load(Relaxed);
        if result.bytes > 0 && self.first_sent.load(Relaxed) != NEVER {
            result.transfer = Some(time(&self.last_received) - time(&self.first_sent));
        }
    }
}

const NEVER: u64 = u64::MAX;

/// A server's hold on the meter of the transfer that it serves. Without a client that measures,
/// writing to it is lost.
#[derive(Debug)]
pub(in super::super) struct ServedFlow {
    reports: Reports,
    key: FlowKey,
    meter: Arc<FlowMeter>,
}

impl ServedFlow {
    pub(super) fn new(reports: Reports, key: FlowKey) -> Self {
        let meter = reports.0.flows.find(&key).unwrap_or_default();
        Self {
            reports,
            key,
            meter,
        }
    }
}

impl std::ops::Deref for ServedFlow {
    type Target = FlowMeter;
    fn deref(&self) -> &FlowMeter {
        &self.meter
    }
}

impl Drop for ServedFlow {
    fn drop(&mut self) {
        self.reports.0.flows.close(&self.key, &self.meter);
    }
}
