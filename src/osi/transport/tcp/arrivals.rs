//! Packets that come in: whose they are, and what follows from them.
//!
//! A segment goes to the connection between its two ends. One that opens a connection makes a new
//! one if somebody listens and there is room; all others are refused (RFC 9293, section 3.10.7.1).

use std::net::{IpAddr, SocketAddr};

use ::smoltcp::{
    iface::SocketSet,
    wire::{IpAddress, TcpPacket},
};

use super::{
    Connection, Context, DropReason, Ends, EndsKey, Ipv4Packet, Key, Machine, Outbox, Tcp,
    TcpConfig, TcpMachine, TcpState, native, smol, spare,
};

impl Tcp {
    /// Takes a packet from the network.
    pub(in super::super) fn handle<T: AsRef<[u8]>>(
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
        let fast_open = self.config_of(ends.0.port()).fast_open;
        if fast_open && self.listeners.trusts(ends.0.port(), backlog) {
            self.fast.serve(&mut connection.machine);
        }
        Ok(Some(self.insert(connection)))
    }

    /// How connections behave that come to `port`.
    pub(super) fn config_of(&self, port: u16) -> &TcpConfig {
        self.listeners.config(port).unwrap_or(&self.config)
    }

    /// A connection that comes to a listener and has no program yet.
    pub(super) fn arriving(&self, outbox: &Outbox, ends: Ends) -> Connection {
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
}
