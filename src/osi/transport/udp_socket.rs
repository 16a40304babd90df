//! A UDP socket as an async handle.

use std::{io, net::SocketAddr};

use super::SharedStack;
use crate::units::SimTime;

/// A UDP socket on one port of every address of its host.
///
/// Up to 208 KiB of received payload wait for the program, as by default on Linux; what comes on
/// top is dropped and counted. A datagram that does not fit the path's MTU is sent in fragments.
///
/// A connected socket takes datagrams from its peer alone and reports ICMP errors about its own
/// datagrams: `ConnectionRefused`, `HostUnreachable`, `NetworkUnreachable`. A socket that is not
/// connected reports none, as on Linux.
#[derive(Debug)]
pub struct UdpSocket {}

/// What is known of a received datagram beside its payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Datagram {
    /// Bytes written to the buffer. What did not fit is lost.
    pub len: usize,
    /// Who sent it.
    pub from: SocketAddr,
    /// The address it was sent to.
    pub to: SocketAddr,
    /// When it reached this host, however late the program reads it.
    pub at: SimTime,
}

impl UdpSocket {
    /// A socket on `port`. See [`Host::udp`](crate::task::Host::udp).
    ///
    /// # Errors
    /// As there.
    pub fn bind(_stack: &SharedStack, _port: u16) -> io::Result<Self> {
        todo!()
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        todo!()
    }

    /// From now on talks to `remote` alone.
    ///
    /// # Errors
    /// `NetworkUnreachable` if there is no way to it.
    pub fn connect(&self, _remote: SocketAddr) -> io::Result<()> {
        todo!()
    }

    /// Sends `payload` to `remote`; waits while the stack has more than it can send.
    ///
    /// # Errors
    /// `NetworkUnreachable` if there is no way; `InvalidInput` above 65,507 bytes or for port 0.
    pub async fn send_to(&self, _payload: &[u8], _remote: SocketAddr) -> io::Result<usize> {
        todo!()
    }

    /// Sends `payload` to the peer.
    ///
    /// # Errors
    /// As [`UdpSocket::send_to`]; `NotConnected`; or an ICMP error about an earlier datagram.
    pub async fn send(&self, _payload: &[u8]) -> io::Result<usize> {
        todo!()
    }

    /// Waits for a datagram.
    ///
    /// # Errors
    /// An ICMP error about an earlier datagram, on a connected socket.
    pub async fn recv_from(&self, buf: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        let datagram = self.recv_datagram(buf).await?;
        Ok((datagram.len, datagram.from))
    }

    /// Waits for a datagram, and says when it arrived.
    ///
    /// # Errors
    /// As [`UdpSocket::recv_from`].
    pub async fn recv_from_at(&self, buf: &mut [u8]) -> io::Result<(usize, SocketAddr, SimTime)> {
        let datagram = self.recv_datagram(buf).await?;
        Ok((datagram.len, datagram.from, datagram.at))
    }

    /// Waits for a datagram.
    ///
    /// # Errors
    /// As [`UdpSocket::recv_from`].
    pub async fn recv(&self, buf: &mut [u8]) -> io::Result<usize> {
        Ok(self.recv_datagram(buf).await?.len)
    }

    /// Waits for a datagram, and tells all about it.
    ///
    /// # Errors
    /// As [`UdpSocket::recv_from`].
    pub async fn recv_datagram(&self, _buf: &mut [u8]) -> io::Result<Datagram> {
        todo!()
    }

    /// How many datagrams were dropped because the receive buffer was full.
    pub fn dropped(&self) -> u64 {
        todo!()
    }
}
