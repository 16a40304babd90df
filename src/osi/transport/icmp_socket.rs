//! ICMP echo messages as an async handle: what ping and traceroute need.

use std::{fmt, future::poll_fn, io, net::IpAddr, sync::Arc};

use smoltcp::wire::Icmpv4Repr;

use super::{SharedStack, Stack};
use crate::units::SimTime;

/// Sends echo requests and receives what comes back to them.
///
/// It gets the replies to, and the errors about, requests that carry an identifier it has used.
pub struct IcmpSocket {
    stack: SharedStack,
    ident: u16,
}

/// An ICMP message about one of the socket's echo requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IcmpMessage {
    /// Who sent it.
    pub from: IpAddr,
    /// When it arrived.
    pub at: SimTime,
    /// The TTL that it arrived with.
    pub ttl: u8,
    /// What it says.
    pub kind: IcmpKind,
}

/// What an ICMP message says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IcmpKind {
    /// The answer (RFC 792, type 0).
    EchoReply {
        /// The request's identifier.
        ident: u16,
        /// The request's sequence number.
        seq: u16,
        /// Payload that came back \[bytes\].
        len: usize,
    },
    /// The request's TTL ran out at a router (type 11).
    TimeExceeded {
        /// Where the request was going.
        destination: IpAddr,
        /// The request's identifier.
        ident: u16,
        /// The request's sequence number.
        seq: u16,
    },
    /// The request could not be delivered (type 3).
    Unreachable {
        /// Why.
        code: Unreachable,
        /// Where the request was going.
        destination: IpAddr,
        /// The request's identifier.
        ident: u16,
        /// The request's sequence number.
        seq: u16,
    },
}

/// Why a packet could not be delivered (RFC 792, type 3; RFC 1122, section 3.2.2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unreachable {
    /// Code 0: no route.
    Network,
    /// Code 1: the last router gets no ARP answer.
    Host,
    /// Code 2: the host does not speak the protocol.
    Protocol,
    /// Code 3: nobody listens on the port.
    Port,
    /// Code 4: too big for the next link, which has this MTU (0: not said), and may not be
    /// fragmented.
    FragmentationNeeded(u16),
    /// Any other code.
    Other(u8),
}

impl IcmpSocket {
    /// A socket. See [`Host::icmp`](crate::task::Host::icmp).
    pub fn new(stack: &SharedStack) -> Self {
        let ident = stack.lock().ping.get_or_insert_default().open();
        Self {
            stack: Arc::clone(stack),
            ident,
        }
    }

    /// An identifier that no other socket of this host was given.
    pub const fn ident(&self) -> u16 {
        self.ident
    }

    /// Sends an echo request. `ttl` is at least 1.
    ///
    /// # Errors
    /// `NetworkUnreachable` if there is no way; `InvalidInput` above 65,507 bytes or for TTL 0.
    pub fn send_echo(
        &self,
        destination: IpAddr,
        ident: u16,
        seq: u16,
        ttl: u8,
        payload: &[u8],
    ) -> io::Result<()> {
        let message = Icmpv4Repr::EchoRequest {
            ident,
            seq_no: seq,
            data: payload,
        };
        let mut guard = self.stack.lock();
        let Stack { ping, outbox, .. } = &mut *guard;
        let ping = ping.get_or_insert_default();
        ping.send(outbox, self.ident, destination, ttl, &message)
    }

    /// Waits for a message.
    pub async fn recv(&self) -> IcmpMessage {
        poll_fn(|cx| {
            let mut stack = self.stack.lock();
            let ping = stack.ping.get_or_insert_default();
            ping.poll_recv(self.ident, cx)
        })
        .await
    }
}

impl Drop for IcmpSocket {
    fn drop(&mut self) {
        if let Some(ping) = &mut self.stack.lock().ping {
            ping.close(self.ident);
        }
    }
}

impl fmt::Debug for IcmpSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IcmpSocket({})", self.ident)
    }
}
