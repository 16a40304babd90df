//! What the plots need, gathered over a whole run in bounded memory.
//!
//! [`Series`] listens to every record and keeps, per followed flow, a thinned line of sequence
//! numbers, acknowledgements, delays and losses, and per busy wire its waiting times and drops.
//! Thinning joins neighbours and keeps their lowest and highest value, so an outlier is never
//! lost and memory does not grow with the run.
//!
//! A flow is one direction of one TCP or UDP conversation: protocol, source and destination
//! address and port. Only unicast IPv4 is followed. Behind the first fragment of a packet that a
//! router split, nothing is seen.

mod bins;
mod flight;
mod flow;
mod packet;
mod sender;
mod thinned;
mod wire;

pub use bins::Bins;
pub use flow::{Flow, Losses, TcpTrace, UdpTrace};
pub use packet::{FlowKey, Transport};
pub use sender::{SenderEvent, SenderTrace};
pub use thinned::{Point, Thinned};
pub use wire::WireTrace;

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    net::IpAddr,
};

use flight::{Flight, Flights};
use packet::{Segment, destination, segment};
use sender::Senders;

use crate::{
    ids::{FrameId, NodeId, PortId, WireId},
    topology::Topology,
    trace::{DropReason, Fate, FrameDropped, FrameReceived, FrameSent, Record, Recorder, TcpState},
    units::SimTime,
};

/// The recorder that plots are drawn from.
#[derive(Debug, Clone)]
pub struct Series {
    /// Each node's own addresses, to tell an end of a flow from a hop on its way.
    addresses: Vec<Vec<IpAddr>>,
    /// The wire behind each port.
    wires_out: Vec<Vec<WireId>>,
    flows: Vec<Flow>,
    by_key: BTreeMap<FlowKey, usize>,
    not_followed: BTreeSet<FlowKey>,
    flights: Flights,
    wires: Vec<Option<Box<WireTrace>>>,
    busy_wires: usize,
    senders: Senders,
    end: SimTime,
}

impl Series {
    /// Listens to a run on `topology`.
    pub fn new(topology: &Topology) -> Self {
        Self {
            addresses: topology
                .nodes
                .iter()
                .map(|n| n.addresses().collect())
                .collect(),
            wires_out: topology
                .nodes
                .iter()
                .map(|n| n.ports.iter().map(|p| p.wire).collect())
                .collect(),
            flows: Vec::new(),
            by_key: BTreeMap::new(),
            not_followed: BTreeSet::new(),
            flights: Flights::default(),
            wires: vec![None; topology.links.len() * 2],
            busy_wires: 0,
            senders: Senders::default(),
            end: SimTime::ZERO,
        }
    }

    /// The followed flows in the order of their first packet. Frames of which no more was heard
    /// after they died on some wire count as lost.
    pub fn flows(&self) -> Vec<Flow> {
        let mut flows = self.flows.clone();
        for flight in self.flights.iter() {
            flows[flight.flow].settle(flight);
        }
        flows
    }

    /// How many flows came after the limit and were not followed.
    pub fn flows_left_out(&self) -> usize {
        self.not_followed.len()
    }

    /// The TCP senders that told of their inside, in the order of their first data.
    pub fn senders(&self) -> &[SenderTrace] {
        self.senders.list()
    }

    /// How many senders came after the limit and were not followed.
    pub const fn senders_left_out(&self) -> usize {
        self.senders.left_out()
    }

    /// The wires on which some frame waited or was dropped, in wire order.
    pub fn wires(&self) -> impl Iterator<Item = (WireId, &WireTrace)> {
        let numbered = self.wires.iter().enumerate();
        numbered.filter_map(|(i, w)| Some((WireId::from_index(i), w.as_deref()?)))
    }

    /// The time of the last record.
    pub const fn end(&self) -> SimTime {
        self.end
    }

    fn sent(&mut self, sent: &FrameSent<'_>) {
        self.waited(sent);
        if !sent.duplicate {
            self.started(sent.queued, sent.node, sent.frame, sent.bytes);
        }
        if let Fate::Lost(_, why) = sent.fate {
            self.flights.died(sent.frame, sent.wire, why);
        }
    }

    /// A frame leaves the host that made it, or dies at its first step.
    fn started(&mut self, at: SimTime, node: NodeId, frame: FrameId, bytes: &[u8]) {
        if frame.origin != node || self.flights.contains(frame) {
            return;
        }
        let Some(segment) = segment(bytes).filter(|s| self.is_own(node, s.key.source.ip())) else {
            return;
        };
        let Some(flow) = self.flow_of(&segment) else {
            return;
        };
        let flight = Flight {
            flow,
            sent: at,
            value: self.flows[flow].sent(at, &segment),
            death: None,
        };
        if let Some(old) = self.flights.start(frame, flight) {
            self.flows[old.flow].settle(&old);
        }
    }

    fn received(&mut self, received: &FrameReceived<'_>) {
        let own = destination(received.bytes).is_some_and(|d| self.is_own(received.node, d));
        let Some(segment) = segment(received.bytes).filter(|_| own) else {
            return;
        };
        if let Some(&flow) = self.by_key.get(&segment.key) {
            let flight = self.flights.end(received.frame);
            self.flows[flow].received(received.at, &segment, flight.as_ref());
        }
        if let (Some(tcp), Some(&flow)) = (segment.tcp, self.by_key.get(&segment.key.reversed())) {
            self.flows[flow].acknowledged(received.at, tcp);
        }
    }

    fn dropped(&mut self, dropped: &FrameDropped<'_>) {
        let wire = self.wire_behind(dropped.node, dropped.port);
        if dropped.why.is_in_queue()
            && let Some(trace) = wire.and_then(|w| self.wire_trace(w))
        {
            trace.dropped(dropped.at);
        }
        let Some(wire) = wire else {
            return;
        };
        self.started(dropped.at, dropped.node, dropped.frame, dropped.bytes);
        self.flights.died(dropped.frame, wire, dropped.why);
        if dropped.why == DropReason::SocketBufferFull {
            self.refused(dropped, wire);
        }
    }

    /// A datagram came whole, but its socket had no room.
    fn refused(&mut self, dropped: &FrameDropped<'_>, wire: WireId) {
        let flow = segment(dropped.bytes).and_then(|s| self.by_key.get(&s.key));
        if let Some(&flow) = flow {
            self.flows[flow].refused(dropped.at, wire, dropped.why);
        }
    }

    fn waited(&mut self, sent: &FrameSent<'_>) {
        let wait = sent.departs.since(sent.queued);
        let known = self.wires[sent.wire.index()].is_some();
        if !known && wait.as_nanos() == 0 {
            return;
        }
        if let Some(trace) = self.wire_trace(sent.wire) {
            trace.waited(sent.queued, wait);
            if sent.marked {
                trace.marked(sent.queued);
            }
        }
    }

    fn wire_trace(&mut self, wire: WireId) -> Option<&mut WireTrace> {
        let place = self.wires.get_mut(wire.index())?;
        if place.is_none() {
            if self.busy_wires == MOST_WIRES {
                return None;
            }
            self.busy_wires += 1;
            *place = Some(Box::default());
        }
        place.as_deref_mut()
    }

    /// The number of the segment's flow; a new one if it opens a flow and there is room.
    fn flow_of(&mut self, segment: &Segment) -> Option<usize> {
        if let Some(&number) = self.by_key.get(&segment.key)
            && !self.flows[number].is_reopened_by(segment)
        {
            return Some(number);
        }
        if self.flows.len() == MOST_FLOWS {
            if self.not_followed.len() < MOST_COUNTED {
                self.not_followed.insert(segment.key);
            }
            return None;
        }
        self.by_key.insert(segment.key, self.flows.len());
        self.flows.push(Flow::new(segment));
        Some(self.flows.len() - 1)
    }

    fn is_own(&self, node: NodeId, address: IpAddr) -> bool {
        let own = self.addresses.get(node.index());
        own.is_some_and(|list| list.contains(&address))
    }

    fn wire_behind(&self, node: NodeId, port: PortId) -> Option<WireId> {
        self.wires_out.get(node.index())?.get(port.index()).copied()
    }
}

impl Recorder for Series {
    fn record(&mut self, record: &Record<'_>) -> io::Result<()> {
        match record {
            Record::Sent(sent) => {
                self.end = sent.at;
                self.sent(sent);
            }
            Record::Received(received) => {
                self.end = received.at;
                self.received(received);
            }
            Record::Dropped(dropped) => {
                self.end = dropped.at;
                self.dropped(dropped);
            }
            Record::Tcp(progress) => self.senders.note(progress),
            Record::Socket(socket) if socket.state == TcpState::Closed => {
                self.senders.close((socket.local, socket.remote));
            }
            Record::App(_) | Record::Socket(_) => {}
        }
        Ok(())
    }
}

/// How many flows are followed: at most about 64 MB if all of them are long.
const MOST_FLOWS: usize = 512;
/// How many different flows beyond those are told apart when counting them.
const MOST_COUNTED: usize = 100_000;
/// How many wires are followed.
const MOST_WIRES: usize = 1024;

#[cfg(test)]
mod tests;
