//! The transport stack of one host, sans-I/O.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    task::Waker,
};

use super::{
    Mutex, TcpConfig,
    assigned::Assigned,
    fragments::Reassembler,
    icmp::{self, Message, Quoted, Trouble},
    icmp_socket::{IcmpKind, IcmpMessage, Unreachable},
    inbox::Waiting,
    outbox::Outbox,
    paths::Paths,
    ping::Ping,
    spare,
    tcp::{LazyTcp, Tcp},
    udp::Udp,
};
use crate::{
    osi::network::{Fib, OwnAddresses},
    rng::Stream,
    trace::{DropReason, TcpCause, TcpState, TcpValues},
    units::SimTime,
    wire::{FramePool, HEADER_LEN, Ipv4Packet, Protocol},
};

/// A stack as its handles share it.
pub type SharedStack = Arc<Mutex<Stack>>;

/// What a stack has to know about its host.
#[derive(Debug, Clone)]
pub struct StackConfig {
    /// The host's addresses.
    pub addresses: OwnAddresses,
    /// By which port a packet leaves.
    pub routes: Arc<Fib>,
    /// What that means for the packet, by port.
    pub exits: Box<[Exit]>,
    /// How TCP behaves.
    pub tcp: Arc<TcpConfig>,
    /// The TTL of every packet that the stack makes, but for echo requests with one of their own.
    pub ttl: u8,
    /// What sequence numbers are drawn from.
    pub seed: Stream,
}

/// What a port means for the packets of the host's own that leave by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exit {
    /// The address that they come from.
    pub source: IpAddr,
    /// The MTU of the link \[bytes of an IP packet\], at least 68 (RFC 791).
    pub mtu: u16,
}

/// Something about a TCP connection of this host changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TcpEvent {
    /// When.
    pub at: SimTime,
    /// The host's end.
    pub local: SocketAddr,
    /// The other end.
    pub remote: SocketAddr,
    /// What.
    pub what: TcpChange,
}

/// What changed about a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TcpChange {
    /// It is in this state from now on.
    State(TcpState),
    /// Its sender has these values from now on; told only if [`TcpConfig::trace`] asks for it.
    Values(TcpCause, TcpValues),
}

impl TcpEvent {
    /// The new state, if that is what changed.
    pub const fn state(&self) -> Option<TcpState> {
        match self.what {
            TcpChange::State(state) => Some(state),
            TcpChange::Values(..) => None,
        }
    }
}

/// TCP, UDP and ICMP of one host.
///
/// What every packet needs comes last: the lock of a [`SharedStack`] lies behind it, and is to be
/// followed by few other cache lines.
#[derive(Debug)]
#[repr(C)]
pub struct Stack {
    /// Made when somebody first needs it, as most hosts of large networks never do.
    pub(super) ping: Option<Box<Ping>>,
    /// Made as well when it is first needed.
    reassembler: Option<Box<Reassembler>>,
    pub(super) outbox: Outbox,
    pub(super) tcp: LazyTcp,
    /// Only for a host whose address comes while the run goes on.
    pub(super) assigned: Option<Box<Assigned>>,
    pub(super) udp: Udp,
}

impl Stack {
    /// A hold on it, for a host and its handles.
    pub fn shared(self) -> SharedStack {
        Arc::new(Mutex::new(self))
    }

    /// A stack without sockets.
    pub fn new(config: StackConfig) -> Self {
        let paths = Paths::new(config.addresses, config.routes, config.exits);
        Self {
            outbox: Outbox::new(paths, config.ttl),
            tcp: LazyTcp::new(config.tcp, config.seed),
            udp: Udp::default(),
            ping: None,
            reassembler: None,
            assigned: None,
        }
    }

    /// Takes an IP packet for this host; [`Stack::poll_transmit`] has to follow. `verify` asks for the checksums to be verified; a packet
    /// that no fault has touched does without, since its checksums are right by construction.
    ///
    /// # Errors
    /// Why the packet went no further.
    pub fn handle_packet(
        &mut self,
        now: SimTime,
        packet: &[u8],
        verify: bool,
    ) -> Result<(), DropReason> {
        self.outbox.now = now;
        let ip = Ipv4Packet::new(packet).ok_or(DropReason::Malformed)?;
        if verify && !ip.checksum_is_right() {
            return Err(DropReason::BadChecksum);
        }
        if !ip.is_fragment() {
            return self.deliver(&ip, verify);
        }
        let reassembler = self.reassembler.get_or_insert_default();
        let Some((whole, touched)) = reassembler.add(now, &ip, verify) else {
            return Ok(());
        };
        let ip = Ipv4Packet::new(whole.as_slice()).ok_or(DropReason::Malformed)?;
        self.deliver(&ip, touched)
    }

    /// [`Stack::handle_packet`] for a packet behind [`HEADER_LEN`] bytes of Ethernet header. The
    /// stack may keep the buffer of a packet that it takes, and leave another one in its place.
    ///
    /// # Errors
    /// As there; the frame is then as it was.
    pub fn handle_frame(
        &mut self,
        now: SimTime,
        frame: &mut Vec<u8>,
        verify: bool,
    ) -> Result<(), DropReason> {
        let whole_udp = |ip: &Ipv4Packet<_>| ip.protocol() == Protocol::UDP && !ip.is_fragment();
        let packet = frame.get(HEADER_LEN..).unwrap_or_default();
        let udp = Ipv4Packet::new(packet).filter(whole_udp);
        let Some(ip) = udp.filter(|ip| !verify || ip.checksum_is_right()) else {
            return self.handle_packet(now, packet, verify);
        };
        self.outbox.now = now;
        if let Some(port) = self.udp.admit(&mut self.outbox, &ip, verify)? {
            let buffer = std::mem::replace(frame, spare::take());
            self.keep_datagram(port, buffer, HEADER_LEN);
        }
        Ok(())
    }

    /// The next packet to send, in a buffer of `pool` with [`HEADER_LEN`] bytes before it for the
    /// Ethernet header. `None` if there is nothing more to send now.
    pub fn poll_transmit(&mut self, now: SimTime, pool: &mut FramePool) -> Option<Vec<u8>> {
        self.outbox.now = now;
        loop {
            let packet = self.outbox.pop(pool);
            let packet = packet
                .or_else(|| self.udp.poll_sources(&mut self.outbox, pool))
                .or_else(|| self.tcp.used_mut()?.poll_transmit(now, pool))?;
            if self.outbox.is_empty() {
                self.udp.wake_writers();
            }
            if !self.loops_back(&packet) {
                return Some(packet);
            }
            // To itself, without a card: what is wrong with such a packet concerns nobody else.
            let _ = self.handle_packet(now, &packet[HEADER_LEN..], false);
            pool.give(packet);
        }
    }

    /// When to call [`Stack::poll_transmit`] again at the latest, if nothing else happens before.
    pub fn poll_at(&self) -> Option<SimTime> {
        let tcp = self.tcp.used().and_then(Tcp::poll_at);
        SimTime::earliest([tcp, self.udp.next_source()])
    }

    /// True if [`Stack::poll_transmit`] has something to look at now.
    pub fn has_work(&self) -> bool {
        !self.outbox.is_empty() || self.tcp.used().is_some_and(Tcp::has_work)
    }

    /// True if no connection waits for an answer and nothing is queued: if the run ends now,
    /// nothing is cut off. Connections at rest, and those in TIME-WAIT, are quiet.
    pub fn is_quiet(&self) -> bool {
        self.outbox.is_empty() && self.tcp.used().is_none_or(Tcp::is_quiet)
    }

    /// True if [`Stack::take_events`] has something to give.
    pub fn has_events(&self) -> bool {
        self.tcp.used().is_some_and(|tcp| !tcp.events.is_empty())
    }

    /// Moves the state changes since the last call to the end of `events`.
    pub fn take_events(&mut self, events: &mut Vec<TcpEvent>) {
        if let Some(tcp) = self.tcp.used_mut() {
            events.append(&mut tcp.events);
        }
    }

    /// From now on, new TCP connections tell of every change of their senders' values
    /// ([`TcpChange::Values`]). Only the native TCP can.
    pub fn trace_tcp(&mut self) {
        self.tcp.trace();
    }

    /// How TCP behaves.
    pub fn tcp_config(&self) -> &TcpConfig {
        self.tcp.config()
    }

    /// How often TCP was given a packet or asked for one: what a run's time is spent on.
    pub fn polls(&self) -> u64 {
        self.tcp.used().map_or(0, |tcp| tcp.polls)
    }

    /// Wakes `waker` whenever a handle gives the stack something to do.
    pub fn set_work_waker(&mut self, waker: Waker) {
        self.outbox.set_work_waker(waker);
    }

    fn loops_back(&self, packet: &[u8]) -> bool {
        let ip = Ipv4Packet::new(&packet[HEADER_LEN..]);
        ip.is_some_and(|ip| self.outbox.paths.is_local(IpAddr::V4(ip.destination())))
    }

    fn deliver<T: AsRef<[u8]>>(
        &mut self,
        ip: &Ipv4Packet<T>,
        verify: bool,
    ) -> Result<(), DropReason> {
        match ip.protocol() {
            Protocol::TCP => self.tcp.get().handle(&mut self.outbox, ip, verify),
            Protocol::UDP => {
                if let Some(port) = self.udp.admit(&mut self.outbox, ip, verify)? {
                    let mut copy = spare::take();
                    copy.extend_from_slice(ip.packet());
                    self.keep_datagram(port, copy, 0);
                }
                Ok(())
            }
            Protocol::ICMP => self.deliver_icmp(ip, verify),
            _ => {
                icmp::send_unreachable(&mut self.outbox, ip, PROTOCOL_UNREACHABLE);
                Err(DropReason::ProtocolUnreachable)
            }
        }
    }

    fn keep_datagram(&mut self, port: u16, buffer: Vec<u8>, start: usize) {
        let at = self.outbox.now;
        self.udp.keep(port, Waiting { at, buffer, start });
    }

    fn deliver_icmp<T: AsRef<[u8]>>(
        &mut self,
        ip: &Ipv4Packet<T>,
        verify: bool,
    ) -> Result<(), DropReason> {
        if verify && !icmp::checksum_is_right(ip.payload()) {
            return Err(DropReason::BadChecksum);
        }
        let (from, to) = (IpAddr::V4(ip.source()), IpAddr::V4(ip.destination()));
        let message = |kind| IcmpMessage {
            from,
            at: self.outbox.now,
            ttl: ip.ttl(),
            kind,
        };
        match icmp::parse(ip.payload()).ok_or(DropReason::Malformed)? {
            Message::EchoRequest { ident, seq, data } => {
                icmp::reply(&mut self.outbox, from, to, ident, seq, data);
            }
            Message::EchoReply { ident, seq, len } => {
                let reply = message(IcmpKind::EchoReply { ident, seq, len });
                self.ping.iter_mut().for_each(|ping| ping.deliver(reply));
            }
            Message::Error(trouble, quoted) if quoted.protocol == Protocol::ICMP => {
                let error = message(echo_trouble(trouble, &quoted));
                self.ping.iter_mut().for_each(|ping| ping.deliver(error));
                self.learn_mtu(trouble, &quoted);
            }
            Message::Error(trouble, quoted) => self.handle_error(trouble, &quoted),
        }
        Ok(())
    }

    /// Takes the news that one of the host's own packets came to nothing.
    fn handle_error(&mut self, trouble: Trouble, quoted: &Quoted) {
        if !self.outbox.paths.is_local(quoted.source) || self.learn_mtu(trouble, quoted) {
            return;
        }
        let local = SocketAddr::new(quoted.source, quoted.words[0]);
        let remote = SocketAddr::new(quoted.destination, quoted.words[1]);
        let kind = error_kind(trouble);
        match quoted.protocol {
            Protocol::TCP => {
                if let Some(tcp) = self.tcp.used_mut() {
                    tcp.handle_error(self.outbox.now, (local, remote), kind);
                }
            }
            Protocol::UDP => self.udp.handle_error(local.port(), remote, kind),
            _ => {}
        }
    }

    /// Lowers the path MTU if that is what the trouble is about.
    fn learn_mtu(&mut self, trouble: Trouble, quoted: &Quoted) -> bool {
        let Trouble::Unreachable(Unreachable::FragmentationNeeded(mtu)) = trouble else {
            return false;
        };
        let (to, sent, now) = (quoted.destination, quoted.total_len, self.outbox.now);
        if let Some(mtu) = self.outbox.paths.learn(to, mtu, sent, now)
            && let Some(tcp) = self.tcp.used_mut()
        {
            tcp.lower_mtu(now, to, mtu);
        }
        true
    }
}

/// What an error about an echo request says to its sender.
const fn echo_trouble(trouble: Trouble, quoted: &Quoted) -> IcmpKind {
    let [_, _, ident, seq] = quoted.words;
    let destination = quoted.destination;
    match trouble {
        Trouble::TimeExceeded => IcmpKind::TimeExceeded {
            destination,
            ident,
            seq,
        },
        Trouble::Unreachable(code) => IcmpKind::Unreachable {
            code,
            destination,
            ident,
            seq,
        },
    }
}

/// What a program is told, as Linux maps ICMP codes to errors.
const fn error_kind(trouble: Trouble) -> io::ErrorKind {
    match trouble {
        Trouble::Unreachable(Unreachable::Network) => io::ErrorKind::NetworkUnreachable,
        Trouble::Unreachable(Unreachable::Port | Unreachable::Protocol) => {
            io::ErrorKind::ConnectionRefused
        }
        Trouble::Unreachable(_) | Trouble::TimeExceeded => io::ErrorKind::HostUnreachable,
    }
}

/// The ICMP code (RFC 792).
const PROTOCOL_UNREACHABLE: u8 = 2;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stack_behind_its_lock_and_its_counts_of_holders_is_half_a_kibibyte() {
        // What large networks have most of, next to their nodes; an allocator's next size is 640.
        assert_eq!(size_of::<Mutex<Stack>>() + 2 * size_of::<usize>(), 512);
    }
}
