//! The TCP connections of a host, sans-I/O.
//!
//! A segment finds its connection by its two ends, and only that one's machine sees it: a packet
//! costs the same with one connection and with ten thousand. Only connections that got
//! something, or whose deadline has come, are polled: they stand in a work list.
//!
//! What programs do (connect, write, close) takes effect at the next [`Tcp::poll_transmit`], which
//! follows at the same instant.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use ::smoltcp::{
    iface::SocketSet,
    wire::{IpAddress, TcpPacket},
};

use super::{
    TcpChange, TcpConfig, TcpEvent, TcpMachine,
    connection::{Connection, Ends, EndsKey},
    listen::Listeners,
    outbox::Outbox,
    ports::Ephemeral,
    slab::{Key, Slab},
    smol, spare,
};
use crate::{
    rng::{RootSeed, Stream},
    trace::{DropReason, TcpState},
    units::SimTime,
    wire::{FramePool, Ipv4Packet},
};

mod cookies;
mod fast_open;
mod lazy;
mod lifecycle;
pub(super) mod machine;
pub(super) mod native;
mod rest;
mod smoltcp;

use fast_open::FastOpening;
pub(super) use lazy::LazyTcp;
use machine::{Context, Machine};
use native::Cookies;
use rest::Resting;
use smoltcp::Interfaces;

pub(super) struct Tcp {
    config: Arc<TcpConfig>,
    pub(super) connections: Slab<Connection>,
    by_ends: BTreeMap<EndsKey, Key>,
    resting: Resting,
    pub(super) listeners: Listeners,
    ephemeral: Ephemeral,
    interfaces: Interfaces,
    /// What SYN cookies are made with.
    cookies: Cookies,
    fast: FastOpening,
    work: VecDeque<Key>,
    deadlines: BTreeSet<(SimTime, Key)>,
    outstanding: usize,
    pub(super) events: Vec<TcpEvent>,
    /// How often a machine was asked for a packet or given one.
    pub(super) polls: u64,
}

impl Tcp {
    pub(super) fn new(config: Arc<TcpConfig>, seed: Stream) -> Self {
        // Of a copy, so that it shifts no other draw.
        let mut keys = RootSeed(seed.clone().next_u64()).stream(&["cookies"]);
        Self {
            resting: Resting::new(config.machine),
            config,
            connections: Slab::new(),
            by_ends: BTreeMap::new(),
            listeners: Listeners::default(),
            ephemeral: Ephemeral::default(),
            cookies: Cookies::new(keys.next_u64()),
            fast: FastOpening::new(Cookies::new(keys.next_u64())),
            interfaces: Interfaces::new(seed),
            work: VecDeque::new(),
            deadlines: BTreeSet::new(),
            outstanding: 0,
            events: Vec::new(),
            polls: 0,
        }
    }

    /// New connections tell of their values.
    pub(super) fn trace(&mut self) {
        Arc::make_mut(&mut self.config).trace = true;
        self.listeners.trace();
    }

    /// `own` as far as a single connection of this host may have it.
    pub(super) fn own_config(&self, own: &TcpConfig) -> io::Result<TcpConfig> {
        if own.machine != self.config.machine {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "a host has one TCP: `machine` must be that of the host",
            ));
        }
        let mut own = own.clone();
        own.trace |= self.config.trace;
        Ok(own)
    }

    /// Starts a connection to `remote`, with settings of its own or those of the host.
    pub(super) fn connect(
        &mut self,
        outbox: &mut Outbox,
        remote: SocketAddr,
        own: Option<&TcpConfig>,
    ) -> io::Result<(Key, SocketAddr)> {
        if outbox.paths.is_broadcast(remote.ip()) {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let way = outbox.paths.way(remote.ip(), outbox.now);
        let (source, mtu) = way.ok_or(io::ErrorKind::NetworkUnreachable)?;
        let port = self.ephemeral.next(|port| {
            let ends = (SocketAddr::new(source, port), remote);
            let taken =
                self.by_ends.contains_key(&EndsKey::from(&ends)) || self.resting.holds(&ends);
            !taken && !self.listeners.has(port)
        })?;
        let local = SocketAddr::new(source, port);
        let config = own.unwrap_or(&self.config);
        let mut connection = Connection::new((local, remote), mtu, outbox.ttl, config);
        let ends = connection.ends;
        connection
            .machine
            .connect(&ends, outbox.now, &mut self.interfaces)?;
        if config.fast_open {
            self.fast.begin(&mut connection.machine, remote.ip());
        }
        let key = self.insert(connection);
        self.touch(outbox, key);
        Ok((key, local))
    }

    /// Takes a packet from the network.
    pub(super) fn handle<T: AsRef<[u8]>>(
        &mut self,
        outbox: &mut Outbox,
        packet: &Ipv4Packet<T>,
        verify: bool,
    ) -> Result<(), DropReason> {
        let segment =
            TcpPacket::new_checked(packet.payload()).map_err(|_| DropReason::Malformed)?;
        let (source, destination) = (packet.source(), packet.destination());
        let addresses = (IpAddress::from(source), IpAddress::from(destination));
        if verify && !segment.verify_checksum(&addresses.0, &addresses.1) {
            return Err(DropReason::BadChecksum);
        }
        let ends = (
            SocketAddr::new(IpAddr::V4(destination), segment.dst_port()),
            SocketAddr::new(IpAddr::V4(source), segment.src_port()),
        );
        if !outbox.paths.is_local(ends.0.ip()) {
            // A broadcast is no TCP peer (RFC 1122, section 4.2.3.10).
            return Err(DropReason::Malformed);
        }
        let opens = segment.syn() && !segment.ack() && !segment.rst();
        if self.resting.holds(&ends) {
            let reopens = opens && self.may_reopen_rest(&ends, packet.packet());
            if !reopens || !self.listeners.has(ends.0.port()) {
                self.disturb(outbox, ends, segment.fin(), opens);
                return Ok(());
            }
            // A new SYN ends TIME-WAIT (RFC 1122, section 4.2.2.13).
            self.end_rest(&ends, outbox.now);
        }
        match self.find(outbox, ends, opens, packet.packet())? {
            Some(key) => self.ingress(outbox, key, packet.packet(), segment.rst()),
            None => self.refuse(outbox, packet.packet(), ends.0.port()),
        }
        Ok(())
    }

    /// The connection for a segment: one that exists, or a new one if it opens one and somebody
    /// listens.
    fn find(
        &mut self,
        outbox: &mut Outbox,
        ends: Ends,
        opens: bool,
        packet: &[u8],
    ) -> Result<Option<Key>, DropReason> {
        let key = self.by_ends.get(&EndsKey::from(&ends)).copied();
        let state = key.and_then(|key| Some(self.connections.get(key)?.state));
        match (key, state) {
            // A new SYN ends TIME-WAIT (RFC 1122, section 4.2.2.13).
            (Some(key), Some(TcpState::TimeWait))
                if opens && self.listeners.has(ends.0.port()) && self.may_reopen(key, packet) =>
            {
                self.finish(key, outbox.now, None);
            }
            (Some(key), _) => return Ok(Some(key)),
            (None, _) => {}
        }
        if !opens {
            return self.recall(outbox, ends, packet);
        }
        if !self.listeners.has(ends.0.port()) {
            return Ok(None);
        }
        let backlog = self.config_of(ends.0.port()).backlog;
        if !self.listeners.admit(ends.0.port(), backlog) {
            return match self.answer_with_cookie(outbox, ends, packet) {
                true => Ok(None),
                false => Err(DropReason::SocketBufferFull),
            };
        }
        let mut connection = self.arriving(outbox, ends);
        let opened = connection.machine.listen(&ends, &mut self.interfaces);
        opened.map_err(|_| DropReason::Malformed)?;
        if self.config_of(ends.0.port()).fast_open {
            self.fast.serve(&mut connection.machine);
        }
        Ok(Some(self.insert(connection)))
    }

    /// How connections behave that come to `port`.
    fn config_of(&self, port: u16) -> &TcpConfig {
        self.listeners.config(port).unwrap_or(&self.config)
    }

    /// A connection that comes to a listener and has no program yet.
    fn arriving(&self, outbox: &Outbox, ends: Ends) -> Connection {
        let way = outbox.paths.way(ends.1.ip(), outbox.now);
        let mtu = way.map_or(u16::MAX, |(_, mtu)| mtu);
        let config = self.config_of(ends.0.port());
        let mut connection = Connection::new(ends, mtu, outbox.ttl, config);
        connection.listener = Some(ends.0.port());
        connection.orphan = true;
        connection
    }

    fn may_reopen(&self, key: Key, packet: &[u8]) -> bool {
        let connection = self.connections.get(key);
        connection.is_some_and(|connection| connection.machine.may_reopen(packet))
    }

    fn ingress(&mut self, outbox: &mut Outbox, key: Key, packet: &[u8], rst: bool) {
        let Some(connection) = self.connections.get_mut(key) else {
            return;
        };
        self.polls += 1;
        let (now, interfaces) = (outbox.now, &mut self.interfaces);
        let reply = match &mut connection.machine {
            Machine::Smoltcp(machine) => spare::with(|pool| {
                machine.ingress(
                    &mut Context {
                        now,
                        interfaces,
                        pool,
                    },
                    packet,
                )
            }),
            Machine::Native(machine) => {
                machine.ingress(now, packet);
                if let Some(granted) = machine.take_granted() {
                    self.fast.learn(connection.ends.1.ip(), granted);
                }
                None
            }
        };
        if let Some(reply) = reply {
            outbox.push_reply(reply);
        }
        let before = connection.state;
        let after = connection.machine.state();
        self.observe(key, outbox.now, rst);
        self.enqueue(key);
        if before != after && matches!(after, TcpState::Established | TcpState::CloseWait) {
            self.acknowledge(outbox, key);
        }
    }

    /// The SYN-ACK and the FIN are acknowledged before the program hears of them, as by a kernel,
    /// so the ACK does not ride on what the program says next.
    fn acknowledge(&mut self, outbox: &mut Outbox, key: Key) {
        let now = outbox.now;
        if self.next_deadline(key, now).is_some_and(|at| at <= now)
            && let Some(packet) = spare::with(|pool| self.egress(key, now, pool))
        {
            outbox.push(packet);
        }
    }

    /// Answers a segment to `port` that is for nobody: a RST goes out where one is due.
    fn refuse(&mut self, outbox: &mut Outbox, packet: &[u8], port: u16) {
        if self.config.machine == TcpMachine::Native {
            let (ttl, listens) = (outbox.ttl, self.listeners.has(port));
            let reply = spare::with(|pool| native::refuse(packet, ttl, listens, pool));
            return reply.into_iter().for_each(|reply| outbox.push(reply));
        }
        let mut nobody = SocketSet::new(Vec::new());
        self.polls += 1;
        let interface = self.interfaces.get(u16::MAX);
        let now = smol::to_smoltcp(outbox.now);
        let reply = spare::with(|pool| {
            let mut port = smol::Port::new(Some(packet), u16::MAX, pool);
            interface.poll_ingress_single(now, &mut port, &mut nobody);
            port.into_outgoing()
        });
        if let Some(reply) = reply {
            outbox.push_reply(reply);
        }
    }

    /// Takes the news that a segment between `ends` came to nothing. Only a connection that is
    /// not open yet fails by it (RFC 1122, section 4.2.3.9; RFC 5461, section 4).
    pub(super) fn handle_error(&mut self, now: SimTime, ends: Ends, kind: io::ErrorKind) {
        let Some(key) = self.by_ends.get(&EndsKey::from(&ends)).copied() else {
            return;
        };
        let connection = self.connections.get(key);
        if connection.is_some_and(|c| c.state == TcpState::SynSent) {
            self.finish(key, now, Some(kind));
        }
    }

    /// Makes segments to `destination` fit a lower path MTU.
    pub(super) fn lower_mtu(&mut self, now: SimTime, destination: IpAddr, mtu: u16) {
        let ends = |key: &Key| Some((self.connections.get(*key)?.ends, *key));
        let mut affected: Vec<(Ends, Key)> = self.by_ends.values().filter_map(ends).collect();
        affected.retain(|((_, remote), _)| remote.ip() == destination);
        affected.sort_unstable();
        for (_, key) in affected {
            if let Some(connection) = self.connections.get_mut(key) {
                connection.machine.lower_mtu(now, mtu);
            }
            self.enqueue(key);
        }
    }

    /// The next segment to send now.
    pub(super) fn poll_transmit(&mut self, now: SimTime, pool: &mut FramePool) -> Option<Vec<u8>> {
        self.enqueue_due(now);
        while let Some(&key) = self.work.front() {
            self.observe_touched(key, now);
            match self.next_deadline(key, now) {
                Some(deadline) if deadline <= now => {
                    let packet = self.egress(key, now, pool);
                    if packet.is_some() {
                        return packet;
                    }
                }
                _ if self.close_now(key) => {}
                later => {
                    self.work.pop_front();
                    self.rest_until(key, later);
                    self.count_outstanding(key);
                    self.lay_to_rest(key, now);
                }
            }
        }
        None
    }

    /// Closes a connection whose program said so, now that what it wrote is on its way.
    fn close_now(&mut self, key: Key) -> bool {
        let connection = self.connections.get_mut(key).filter(|c| !c.over);
        connection.is_some_and(|connection| {
            connection.touched = connection.close_now();
            connection.touched
        })
    }

    fn enqueue_due(&mut self, now: SimTime) {
        self.end_rests_due(now);
        while let Some(&(deadline, key)) = self.deadlines.first() {
            if deadline > now {
                return;
            }
            self.deadlines.pop_first();
            if let Some(connection) = self.connections.get_mut(key) {
                connection.deadline = None;
            }
            self.enqueue(key);
        }
    }

    fn next_deadline(&mut self, key: Key, now: SimTime) -> Option<SimTime> {
        let connection = self.connections.get_mut(key).filter(|c| !c.over)?;
        let gives_up = connection.gives_up_at();
        let over = connection.over;
        let wants = connection.machine.poll_at(now, &mut self.interfaces, over);
        SimTime::earliest([gives_up, wants])
    }

    fn egress(&mut self, key: Key, now: SimTime, pool: &mut FramePool) -> Option<Vec<u8>> {
        let connection = self.connections.get_mut(key)?;
        if connection.gives_up_at().is_some_and(|at| at <= now) {
            self.finish(key, now, Some(io::ErrorKind::TimedOut));
            return None;
        }
        self.polls += 1;
        let packet = connection.machine.egress(&mut Context {
            now,
            interfaces: &mut self.interfaces,
            pool,
        });
        connection.stalls = match packet {
            Some(_) => 0,
            None => connection.stalls + 1,
        };
        if connection.stalls > MOST_STALLS {
            self.finish(key, now, Some(io::ErrorKind::Other));
            return None;
        }
        self.observe(key, now, false);
        packet
    }

    fn rest_until(&mut self, key: Key, deadline: Option<SimTime>) {
        let Some(connection) = self.connections.get_mut(key) else {
            return;
        };
        connection.queued = false;
        connection.stalls = 0;
        if connection.deadline == deadline || connection.over {
            return;
        }
        if let Some(old) = std::mem::replace(&mut connection.deadline, deadline) {
            self.deadlines.remove(&(old, key));
        }
        self.deadlines.extend(deadline.map(|at| (at, key)));
    }

    /// A program gave `key` something to do.
    pub(super) fn touch(&mut self, outbox: &Outbox, key: Key) {
        if let Some(connection) = self.connections.get_mut(key) {
            connection.touched = true;
        }
        self.enqueue(key);
        outbox.ring();
    }

    pub(super) fn poll_at(&self) -> Option<SimTime> {
        let next = self.deadlines.first().map(|(deadline, _)| *deadline);
        next.into_iter().chain(self.resting.next_end()).min()
    }

    pub(super) fn has_work(&self) -> bool {
        !self.work.is_empty()
    }

    pub(super) fn is_quiet(&self) -> bool {
        self.outstanding == 0 && self.work.is_empty()
    }

    fn insert(&mut self, connection: Connection) -> Key {
        let ends = connection.ends;
        let key = self.connections.insert(connection);
        self.by_ends.insert(EndsKey::from(&ends), key);
        key
    }

    fn enqueue(&mut self, key: Key) {
        let connection = self.connections.get_mut(key).filter(|c| !c.over);
        if let Some(connection) = connection.filter(|c| !c.queued) {
            connection.queued = true;
            self.work.push_back(key);
        }
    }
}

impl std::fmt::Debug for Tcp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Tcp({} connections)", self.by_ends.len())
    }
}

/// A machine asking for this many polls at one instant, none of which sends anything, is an error
/// of the connection instead of a hang.
const MOST_STALLS: u32 = 1_000;
