//! A UDP socket of a simulated host as quinn wants it.
//!
//! Contract: datagrams are never split (RFC 9000, section 14). One that does not fit the path is
//! lost, as is one for which there is no way; quinn finds out by itself. ECN marks go both ways. An
//! ICMP error about a datagram is kept for whoever dials; it ends no open connection.

use std::{
    future::poll_fn,
    io::{self, IoSliceMut},
    net::{IpAddr, SocketAddr},
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll, Waker},
};

use quinn::{
    AsyncUdpSocket, UdpPoller,
    udp::{EcnCodepoint, RecvMeta, Transmit},
};

use crate::{
    osi::transport::{Datagram, Marks, UdpSocket},
    task::Host,
};

/// A UDP socket of a simulated host as quinn wants it.
#[derive(Debug)]
pub struct QuicSocket {
    udp: UdpSocket,
    local: SocketAddr,
    /// Datagrams come from this address, if it is not left to the way.
    source: Option<IpAddr>,
    refused: Mutex<Refused>,
}

/// What ICMP said last, and who wants to hear of it.
#[derive(Debug, Default)]
struct Refused {
    error: Option<io::ErrorKind>,
    waker: Option<Waker>,
}

impl QuicSocket {
    /// A socket for anybody, on `port`.
    ///
    /// # Errors
    /// Those of [`Host::udp`].
    pub fn bind(host: &Host, port: u16) -> io::Result<Self> {
        let udp = host.udp(port)?;
        let local = SocketAddr::new(host.address(), udp.port());
        Ok(Self::new(udp, local, None))
    }

    /// A socket on a free port for `remote` alone, with `source` as its address or else the one of
    /// the way there.
    ///
    /// # Errors
    /// Those of [`Host::udp`]; `NetworkUnreachable` if there is no way.
    pub fn dial(host: &Host, remote: SocketAddr, source: Option<IpAddr>) -> io::Result<Self> {
        let udp = host.udp(0)?;
        udp.connect(remote)?;
        let usual = udp.source_for(remote).unwrap_or_else(|| host.address());
        let local = SocketAddr::new(source.unwrap_or(usual), udp.port());
        Ok(Self::new(udp, local, source))
    }

    fn new(udp: UdpSocket, local: SocketAddr, source: Option<IpAddr>) -> Self {
        Self {
            udp,
            local,
            source,
            refused: Mutex::default(),
        }
    }

    /// Waits until ICMP says that the other side cannot be reached.
    pub(super) async fn refused(&self) -> io::ErrorKind {
        poll_fn(|cx| {
            let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
            match refused.error {
                Some(error) => Poll::Ready(error),
                None => {
                    refused.waker = Some(cx.waker().clone());
                    Poll::Pending
                }
            }
        })
        .await
    }

    fn note(&self, error: io::ErrorKind) {
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        refused.error = Some(error);
        if let Some(waker) = refused.waker.take() {
            waker.wake();
        }
    }

    /// The next datagram into `place`. Errors are noted and passed over.
    fn poll_one(&self, cx: &Context<'_>, place: &mut [u8]) -> Poll<Datagram> {
        loop {
            match self.udp.poll_recv(cx, place) {
                Poll::Ready(Ok(datagram)) => return Poll::Ready(datagram),
                Poll::Ready(Err(error)) => self.note(error.kind()),
                Poll::Pending => return Poll::Pending,
            }
        }
    }
}

impl AsyncUdpSocket for QuicSocket {
    fn create_io_poller(self: Arc<Self>) -> Pin<Box<dyn UdpPoller>> {
        Box::pin(Writable(self))
    }

    fn try_send(&self, transmit: &Transmit<'_>) -> io::Result<()> {
        let marks = Marks {
            source: self.source.or(transmit.src_ip),
            ecn: transmit.ecn.map_or(0, |ecn| ecn as u8),
        };
        let sent = self
            .udp
            .try_send(transmit.contents, transmit.destination, marks);
        match sent {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Err(error),
            Err(error) if error.kind() == io::ErrorKind::NetworkUnreachable => {
                self.note(error.kind());
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn poll_recv(
        &self,
        cx: &mut Context<'_>,
        places: &mut [IoSliceMut<'_>],
        metas: &mut [RecvMeta],
    ) -> Poll<io::Result<usize>> {
        let mut received = 0;
        for (place, meta) in places.iter_mut().zip(metas) {
            let Poll::Ready(datagram) = self.poll_one(cx, place) else {
                break;
            };
            *meta = RecvMeta::default();
            meta.addr = datagram.from;
            meta.len = datagram.len;
            meta.stride = datagram.len;
            meta.ecn = EcnCodepoint::from_bits(datagram.ecn);
            meta.dst_ip = Some(datagram.to.ip());
            received += 1;
        }
        match received {
            0 => Poll::Pending,
            n => Poll::Ready(Ok(n)),
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.local)
    }

    fn may_fragment(&self) -> bool {
        false
    }
}

/// Waits for room in the stack.
#[derive(Debug)]
struct Writable(Arc<QuicSocket>);

impl UdpPoller for Writable {
    fn poll_writable(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.udp.poll_writable(cx)
    }
}
