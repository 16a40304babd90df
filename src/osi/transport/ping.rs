//! The ICMP sockets of a host, sans-I/O.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    io,
    net::IpAddr,
    task::{Context, Poll},
};

use smoltcp::wire::{Icmpv4Repr, IpProtocol};

use super::{
    icmp,
    icmp_socket::{IcmpKind, IcmpMessage},
    outbox::{Header, Outbox},
    wakers::Wakers,
};

/// Sockets by the identifier they were given.
#[derive(Debug, Default)]
pub(super) struct Ping {
    sockets: BTreeMap<u16, Socket>,
    last: u16,
}

#[derive(Debug, Default)]
struct Socket {
    used: BTreeSet<u16>,
    received: VecDeque<IcmpMessage>,
    readers: Wakers,
}

impl Ping {
    pub(super) fn open(&mut self) -> u16 {
        self.last = self.last.wrapping_add(1);
        self.sockets.insert(self.last, Socket::default());
        self.last
    }

    pub(super) fn close(&mut self, socket: u16) {
        self.sockets.remove(&socket);
    }

    pub(super) fn send(
        &mut self,
        outbox: &mut Outbox,
        socket: u16,
        destination: IpAddr,
        ttl: u8,
        message: &Icmpv4Repr<'_>,
    ) -> io::Result<()> {
        if ttl == 0 || message.buffer_len() > MOST_LEN {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let way = outbox.paths.way(destination, outbox.now);
        let (source, mtu) = way.ok_or(io::ErrorKind::NetworkUnreachable)?;
        if let (Some(socket), Icmpv4Repr::EchoRequest { ident, .. }) =
            (self.sockets.get_mut(&socket), message)
        {
            socket.used.insert(*ident);
        }
        let header = Header {
            source,
            destination,
            protocol: IpProtocol::Icmp,
            ttl,
            ecn: 0,
            mtu,
        };
        icmp::send_echo(outbox, &header, message);
        outbox.ring();
        Ok(())
    }

    pub(super) fn poll_recv(&mut self, socket: u16, cx: &Context<'_>) -> Poll<IcmpMessage> {
        let Some(socket) = self.sockets.get_mut(&socket) else {
            return Poll::Pending;
        };
        match socket.received.pop_front() {
            Some(message) => Poll::Ready(message),
            None => {
                socket.readers.register(cx);
                Poll::Pending
            }
        }
    }

    /// Gives `message` to the sockets that have used its identifier.
    pub(super) fn deliver(&mut self, message: IcmpMessage) {
        let (IcmpKind::EchoReply { ident, .. }
        | IcmpKind::TimeExceeded { ident, .. }
        | IcmpKind::Unreachable { ident, .. }) = message.kind;
        for socket in self.sockets.values_mut() {
            if socket.used.contains(&ident) && socket.received.len() < MOST_WAITING {
                socket.received.push_back(message);
                socket.readers.wake();
            }
        }
    }
}

/// What fits behind an IPv4 header.
const MOST_LEN: usize = 65_535 - 20;
/// Messages that wait for a program; what comes on top is dropped.
const MOST_WAITING: usize = 1_024;
