//! A host or router at work: the network floor, the transport floor and the programs above it,
//! joined. `forwarding` is the only difference between the two.

use std::{collections::BTreeMap, net::IpAddr, sync::Arc};

use crate::{
    ids::PortId,
    osi::{
        data_link::{ArpMode, Outbox},
        network::{IpLayer, LocalPacket, NextHop},
        transport::{Stack, TcpConfig, TcpEvent},
    },
    task::{Host, Livelock},
    trace::{AppEvent, NodeCounters},
    units::SimTime,
    wire::Frame,
};

/// Settings of a host or router.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HostConfig {
    /// Its TCP. Hosts with the same settings may share them.
    pub tcp: Arc<TcpConfig>,
    /// How it finds its neighbours.
    pub arp: ArpMode,
    /// The TTL of the packets it makes; `None` is 64.
    pub ttl: Option<u8>,
    /// It sends no ICMP errors about packets that it cannot pass on.
    pub silent: bool,
    /// Where its packets from these addresses of its own go, instead of where the forwarding table
    /// says.
    pub source_ways: BTreeMap<IpAddr, NextHop>,
}

impl HostConfig {
    /// Its TCP, to change for this host alone.
    pub fn tcp_mut(&mut self) -> &mut TcpConfig {
        Arc::make_mut(&mut self.tcp)
    }
}

/// The floors of a host or router.
///
/// The fields stand in the order of their use.
#[derive(Debug)]
#[repr(C)]
pub(super) struct IpNode {
    pub(super) host: Host,
    /// What the transport floor said when it was last looked at.
    rest: Rest,
    pub(super) ip: IpLayer,
}

/// Whether a node's turn has left anything to carry away or to look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stir {
    /// Nothing but counters has changed.
    None,
    /// There may be frames, events or another deadline.
    Some,
}

/// A transport floor at rest.
#[derive(Debug, PartialEq, Eq)]
struct Rest {
    /// [`SimTime::MAX`] if never.
    poll_at: SimTime,
    has_work: bool,
    is_quiet: bool,
    has_events: bool,
}

impl IpNode {
    pub(super) fn new(ip: IpLayer, host: Host) -> Self {
        let rest = Rest::of(&host.stack().lock());
        Self { ip, host, rest }
    }

    /// Takes a frame that came in by `port`. Tells whether anything has come of it that concerns
    /// the engine.
    pub(super) fn receive(
        &mut self,
        now: SimTime,
        port: PortId,
        mut frame: Frame,
        out: &mut Outbox,
    ) -> Result<Stir, Livelock> {
        if self.ip.take_in(port, &mut frame) {
            if self.take_up(now, LocalPacket { port, frame }, out) == Stir::None {
                return Ok(Stir::None);
            }
        } else {
            self.ip.handle_frame(now, port, frame, out);
            // A frame that was forwarded or dropped concerns no floor above.
            if !self.ip.has_local() {
                return Ok(Stir::Some);
            }
        }
        self.turn(now, out)?;
        Ok(Stir::Some)
    }

    /// Hands a packet up, and looks whether a turn has to follow: not if a sink has taken it, and
    /// nobody else has anything to do.
    fn take_up(&mut self, now: SimTime, packet: LocalPacket, out: &mut Outbox) -> Stir {
        self.host.attend();
        let mut stack = self.host.stack().lock();
        hand_up(&mut stack, now, packet, out);
        let rest = Rest::of(&stack);
        let is_calm = rest == self.rest
            && !rest.wants_attention(now)
            && !rest.has_events
            && out.drops.is_empty()
            && self.host.is_calm(now);
        self.rest = rest;
        if !is_calm {
            return Stir::Some;
        }
        self.host.leave();
        Stir::None
    }

    /// Gives every floor its turn until none of them has anything new.
    pub(super) fn turn(&mut self, now: SimTime, out: &mut Outbox) -> Result<(), Livelock> {
        loop {
            self.host.attend();
            if self.ip.has_local() {
                self.deliver(now, out);
            }
            self.host.run_ready(now)?;
            if self.host.take_stack_work() || self.rest.wants_attention(now) {
                self.transmit(now, out);
            }
            if !self.ip.has_local() && !self.host.has_ready() {
                return Ok(());
            }
        }
    }

    /// Hands packets for the node itself up to its transport floor.
    fn deliver(&mut self, now: SimTime, out: &mut Outbox) {
        let mut stack = self.host.stack().lock();
        if let Some(mac) = self.ip.take_conflict() {
            stack.note_conflict(mac);
        }
        while let Some(packet) = self.ip.take_local() {
            hand_up(&mut stack, now, packet, out);
        }
        self.rest = Rest::of(&stack);
    }

    /// Takes packets from the transport floor down to the network floor.
    fn transmit(&mut self, now: SimTime, out: &mut Outbox) {
        let mut stack = self.host.stack().lock();
        if let Some(assignment) = stack.take_assignment() {
            self.ip.assign(assignment);
        }
        stack.take_claims(|claim| self.ip.claim(claim, out));
        while let Some(bytes) = stack.poll_transmit(now, &mut out.pool) {
            self.ip.send(now, bytes, out);
        }
        self.rest = Rest::of(&stack);
    }

    /// The next deadline of any floor.
    pub(super) fn poll_at(&self) -> Option<SimTime> {
        let stack = (self.rest.poll_at != SimTime::MAX).then_some(self.rest.poll_at);
        SimTime::earliest([self.ip.poll_at(), stack, self.host.next_timer()])
    }

    /// True if nothing would be cut off by ending the run now.
    pub(super) fn is_quiet(&self) -> bool {
        self.rest.is_quiet && self.ip.is_quiet()
    }

    /// Moves what the programs and the sockets have to tell to the end of the lists.
    pub(super) fn take_events(&mut self, apps: &mut Vec<AppEvent>, tcp: &mut Vec<TcpEvent>) {
        self.host.take_events(apps);
        if std::mem::take(&mut self.rest.has_events) {
            self.host.stack().lock().take_events(tcp);
        }
    }

    /// Adds what the network floor has counted.
    pub(super) fn count(&self, counters: &mut NodeCounters) {
        counters.forwarded_frames = self.ip.counters().forwarded;
        for card in self.ip.cards() {
            counters.arp_requests += card.arp_requests;
            counters.arp_replies += card.arp_replies;
        }
    }
}

/// Gives a packet to the transport floor.
fn hand_up(stack: &mut Stack, now: SimTime, packet: LocalPacket, out: &mut Outbox) {
    let LocalPacket { port, mut frame } = packet;
    let noisy = frame.noisy_fcs.is_some();
    match stack.handle_frame(now, &mut frame.bytes, noisy) {
        Ok(()) => out.recycle(frame),
        Err(why) => out.drop(port, frame, why),
    }
}

impl Rest {
    // Always: what is written to memory here byte by byte and then read as one piece is waited for.
    #[inline(always)]
    fn of(stack: &Stack) -> Self {
        Self {
            poll_at: stack.poll_at().unwrap_or(SimTime::MAX),
            has_work: stack.has_work(),
            is_quiet: stack.is_quiet(),
            has_events: stack.has_events(),
        }
    }

    const fn wants_attention(&self, now: SimTime) -> bool {
        self.has_work || self.poll_at.as_nanos() <= now.as_nanos()
    }
}
