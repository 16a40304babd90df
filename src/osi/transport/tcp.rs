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

mod arrivals;
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
