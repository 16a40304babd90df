//! A TCP connection that is let go in order: the other side may still have something to say.
//!
//! Dropping a [`TcpStream`] answers whatever comes later with a RST. A program that has ended its
//! side by a protocol's own farewell (`close_notify` of TLS, GOAWAY of HTTP/2) has to expect one in
//! return; so the connection stays in the background until the other side ends too.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};

use crate::{osi::transport::TcpStream, task::Host, units::Span};

/// A TCP connection that lingers when it is dropped after `shutdown`.
#[derive(Debug)]
pub struct Patient {
    host: Host,
    /// Gone only while it is being dropped.
    tcp: Option<TcpStream>,
    closing: bool,
}

impl Patient {
    /// `tcp`, which will linger on `host`.
    pub(super) const fn new(host: Host, tcp: TcpStream) -> Self {
        Self {
            host,
            tcp: Some(tcp),
            closing: false,
        }
    }

    #[allow(clippy::expect_used, reason = "only `drop` takes it out")]
    pub(super) fn tcp(&self) -> &TcpStream {
        let tcp = self.tcp.as_ref();
        tcp.expect("a stream lives until it is dropped")
    }

    #[allow(clippy::expect_used, reason = "only `drop` takes it out")]
    fn tcp_mut(&mut self) -> Pin<&mut TcpStream> {
        let tcp = self.tcp.as_mut();
        Pin::new(tcp.expect("a stream lives until it is dropped"))
    }
}

impl AsyncRead for Patient {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.tcp_mut().poll_read(cx, buf)
    }
}

impl AsyncWrite for Patient {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.tcp_mut().poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.tcp_mut().poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.closing = true;
        self.tcp_mut().poll_shutdown(cx)
    }
}

impl Drop for Patient {
    fn drop(&mut self) {
        let (Some(tcp), true) = (self.tcp.take(), self.closing) else {
            return;
        };
        let host = self.host.clone();
        drop(self.host.spawn(async move {
            // Nobody reads it; it only must not meet a closed port.
            let _ = host.timeout(LINGER, discard(tcp)).await;
        }));
    }
}

/// Reads to the end and forgets.
async fn discard(mut tcp: TcpStream) {
    let mut buffer = [0; 512];
    while let Ok(1..) = tcp.read(&mut buffer).await {}
}

/// How long the other side may take to end its direction.
const LINGER: Span = Span::from_secs(30);
