//! A connection as applications use it: plain TCP, or TLS over it.

use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    task::{Context, Poll},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::{Patient, tls::TlsStream};
use crate::{osi::transport::TcpStream, task::Host};

/// A byte stream to the other side, with or without TLS.
#[derive(Debug)]
pub enum Channel {
    /// The bytes of the application are those of the segments.
    Plain(TcpStream),
    /// The same, and the connection lingers when it is dropped.
    Patient(Patient),
    /// The bytes of the application travel in TLS records.
    Tls(Box<TlsStream>),
}

impl Channel {
    /// This end.
    pub fn local_addr(&self) -> SocketAddr {
        match self {
            Self::Plain(tcp) => tcp.local_addr(),
            Self::Patient(own) => own.tcp().local_addr(),
            Self::Tls(tls) => tls.local_addr(),
        }
    }

    /// The same connection, which lingers on `host` when it is dropped after `shutdown`, until the
    /// other side has ended too. TLS does so by itself.
    #[must_use]
    pub fn lingering(self, host: &Host) -> Self {
        match self {
            Self::Plain(tcp) => Self::Patient(Patient::new(host.clone(), tcp)),
            other => other,
        }
    }

    /// With `nodelay`, small pieces are sent at once (Nagle's algorithm off).
    pub fn set_nodelay(&self, nodelay: bool) {
        match self {
            Self::Plain(tcp) => tcp.set_nodelay(nodelay),
            Self::Patient(own) => own.tcp().set_nodelay(nodelay),
            Self::Tls(tls) => tls.set_nodelay(nodelay),
        }
    }

    /// The application protocol that TLS agreed on, if it did and its handshake is over.
    pub fn alpn(&self) -> Option<String> {
        match self {
            Self::Plain(_) | Self::Patient(_) => None,
            Self::Tls(tls) => tls.facts().get()?.alpn.clone(),
        }
    }

    /// The other end.
    pub fn peer_addr(&self) -> SocketAddr {
        match self {
            Self::Plain(tcp) => tcp.peer_addr(),
            Self::Patient(own) => own.tcp().peer_addr(),
            Self::Tls(tls) => tls.peer_addr(),
        }
    }
}

impl From<TcpStream> for Channel {
    fn from(tcp: TcpStream) -> Self {
        Self::Plain(tcp)
    }
}

impl From<TlsStream> for Channel {
    fn from(tls: TlsStream) -> Self {
        Self::Tls(Box::new(tls))
    }
}

impl AsyncRead for Channel {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match &mut *self {
            Self::Plain(tcp) => Pin::new(tcp).poll_read(cx, buf),
            Self::Patient(own) => Pin::new(own).poll_read(cx, buf),
            Self::Tls(tls) => Pin::new(tls.as_mut()).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Channel {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        match &mut *self {
            Self::Plain(tcp) => Pin::new(tcp).poll_write(cx, buf),
            Self::Patient(own) => Pin::new(own).poll_write(cx, buf),
            Self::Tls(tls) => Pin::new(tls.as_mut()).poll_write(cx, buf),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut *self {
            Self::Plain(tcp) => Pin::new(tcp).poll_flush(cx),
            Self::Patient(own) => Pin::new(own).poll_flush(cx),
            Self::Tls(tls) => Pin::new(tls.as_mut()).poll_flush(cx),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut *self {
            Self::Plain(tcp) => Pin::new(tcp).poll_shutdown(cx),
            Self::Patient(own) => Pin::new(own).poll_shutdown(cx),
            Self::Tls(tls) => Pin::new(tls.as_mut()).poll_shutdown(cx),
        }
    }
}
