//! A protected connection: rustls between an application and its TCP connection.
//!
//! Contract: whatever rustls computes for a poll is done [`on_behalf_of`] the host. A failure sends
//! its alert, ends this direction of the TCP connection and comes back as `InvalidData` with a
//! sentence. After its end the connection lingers, so that the other side's `close_notify` meets no
//! closed port.

use std::{
    fmt,
    future::poll_fn,
    io::{self, Read as _, Write as _},
    net::SocketAddr,
    pin::Pin,
    sync::{Arc, OnceLock},
    task::{Context, Poll, ready},
};

use rustls::Connection;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::{super::Patient, facts::TlsFacts, random::on_behalf_of, words::io_error};
use crate::{osi::transport::TcpStream, task::Host};

/// One end of a TLS connection over TCP.
///
/// It reads and writes as [`TcpStream`] does. A read of nothing is the end: the other side sent
/// `close_notify`; if it only closed the TCP connection, that is `UnexpectedEof`. `shutdown` sends
/// `close_notify` and a FIN.
pub struct TlsStream {
    host: Host,
    tcp: Patient,
    session: Connection,
    /// What the client sent before the handshake was over; kept in case the server refuses it.
    early: Option<Vec<u8>>,
    facts: Arc<OnceLock<TlsFacts>>,
    /// Nothing more will be written.
    closing: bool,
}

impl TlsStream {
    /// Shakes hands, or begins to if data can flow before that.
    pub(super) async fn open(host: Host, tcp: TcpStream, session: Connection) -> io::Result<Self> {
        let mut stream = Self {
            tcp: Patient::new(host.clone(), tcp),
            host,
            session,
            early: None,
            facts: Arc::default(),
            closing: false,
        };
        poll_fn(|cx| stream.served(|stream| stream.poll_open(cx))).await?;
        Ok(stream)
    }

    /// This end.
    pub fn local_addr(&self) -> SocketAddr {
        self.tcp.tcp().local_addr()
    }

    /// The other end.
    pub fn peer_addr(&self) -> SocketAddr {
        self.tcp.tcp().peer_addr()
    }

    /// With `nodelay`, small pieces are sent at once (Nagle's algorithm off).
    pub fn set_nodelay(&self, nodelay: bool) {
        self.tcp.tcp().set_nodelay(nodelay);
    }

    /// What the handshake agrees on, as soon as it is over. The place stays good when the stream
    /// has been given away.
    pub fn facts(&self) -> Arc<OnceLock<TlsFacts>> {
        Arc::clone(&self.facts)
    }

    /// Does `work`, what it draws at random coming from this host.
    fn served<R>(&mut self, work: impl FnOnce(&mut Self) -> R) -> R {
        let host = self.host.clone();
        on_behalf_of(&host, || work(self))
    }

    /// The handshake, as far as it has to go before data can flow.
    fn poll_open(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if let Connection::Client(client) = &mut self.session
            && client.early_data().is_some()
        {
            // The hello waits for the data, to leave with it.
            self.early = Some(Vec::new());
            return Poll::Ready(Ok(()));
        }
        self.poll_handshake(cx, true)
    }

    /// The handshake to its end, or, with `until_early`, to the client's early data.
    fn poll_handshake(&mut self, cx: &mut Context<'_>, until_early: bool) -> Poll<io::Result<()>> {
        loop {
            let sent = self.poll_send(cx)?;
            if !self.session.is_handshaking() {
                self.note_facts()?;
                ready!(sent);
                return self.poll_send(cx);
            }
            if until_early && self.has_early_data() {
                return Poll::Ready(Ok(()));
            }
            if ready!(self.poll_receive(cx))? == 0 {
                return Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into()));
            }
        }
    }

    fn has_early_data(&mut self) -> bool {
        match &mut self.session {
            Connection::Server(server) => server.early_data().is_some(),
            Connection::Client(_) => false,
        }
    }

    /// Notes what the handshake agreed on; sends refused early data again.
    fn note_facts(&mut self) -> io::Result<()> {
        if self.facts.get().is_some() {
            return Ok(());
        }
        let early = match (self.early.take(), &self.session) {
            (Some(sent), Connection::Client(client)) if !sent.is_empty() => {
                let accepted = client.is_early_data_accepted();
                if !accepted {
                    self.session.writer().write_all(&sent)?;
                }
                Some(accepted)
            }
            _ => None,
        };
        if let Some(facts) = TlsFacts::of(&self.session, early) {
            let _ = self.facts.set(facts);
        }
        Ok(())
    }

    /// Hands every record that waits to TCP.
    fn poll_send(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.session.wants_write() {
            let mut bridge = Bridge {
                tcp: &mut self.tcp,
                cx,
            };
            match self.session.write_tls(&mut bridge) {
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => return Poll::Pending,
                Err(e) => return Poll::Ready(Err(e)),
                Ok(_) => {}
            }
        }
        Poll::Ready(Ok(()))
    }

    /// Takes what TCP has, and works on it. The number of bytes; 0 at the end of the stream.
    fn poll_receive(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let mut bridge = Bridge {
            tcp: &mut self.tcp,
            cx,
        };
        let received = match self.session.read_tls(&mut bridge) {
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => return Poll::Pending,
            other => other?,
        };
        if let Err(error) = self.session.process_new_packets() {
            // The alert goes out if there is room for it; what went wrong is the news.
            let _ = self.poll_send(cx);
            let _ = Pin::new(&mut self.tcp).poll_shutdown(cx);
            self.closing = true;
            return Poll::Ready(Err(io_error(&error)));
        }
        if !self.session.is_handshaking() {
            self.note_facts()?;
        }
        Poll::Ready(Ok(received))
    }

    fn poll_read(&mut self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        loop {
            if let Some(done) = self.take_plaintext(buf) {
                return Poll::Ready(done);
            }
            // What waits to be sent goes first: the other side may be waiting for it.
            let _ = self.poll_send(cx)?;
            if ready!(self.poll_receive(cx))? == 0 && self.session.is_handshaking() {
                return Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into()));
            }
        }
    }

    /// Moves decrypted bytes into `buf`. `None` if there are none yet.
    fn take_plaintext(&mut self, buf: &mut ReadBuf<'_>) -> Option<io::Result<()>> {
        let place = buf.initialize_unfilled();
        if let Connection::Server(server) = &mut self.session
            && let Some(mut early) = server.early_data()
        {
            match early.read(place) {
                Ok(0) => {}
                Ok(n) => {
                    buf.advance(n);
                    return Some(Ok(()));
                }
                Err(e) => return Some(Err(e)),
            }
        }
        match self.session.reader().read(place) {
            Ok(n) => {
                buf.advance(n);
                Some(Ok(()))
            }
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => None,
            Err(e) => Some(Err(e)),
        }
    }

    fn poll_write(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if let Some(written) = self.write_early(bytes)? {
            let _ = self.poll_send(cx)?;
            return Poll::Ready(Ok(written));
        }
        if self.early.is_some() {
            // No more early data fits: the rest waits for the handshake.
            ready!(self.poll_handshake(cx, false))?;
        }
        ready!(self.poll_send(cx))?;
        let written = self.session.writer().write(bytes)?;
        let _ = self.poll_send(cx)?;
        Poll::Ready(Ok(written))
    }

    /// Writes before the handshake is over, as far as that is possible.
    fn write_early(&mut self, bytes: &[u8]) -> io::Result<Option<usize>> {
        let (Some(kept), Connection::Client(client)) = (&mut self.early, &mut self.session) else {
            return Ok(None);
        };
        let Some(mut early) = client.early_data() else {
            return Ok(None);
        };
        let written = early.write(bytes)?;
        kept.extend_from_slice(&bytes[..written]);
        Ok((written > 0).then_some(written))
    }

    fn poll_shutdown(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.early.is_some() {
            ready!(self.poll_handshake(cx, false))?;
        }
        if !self.closing {
            self.closing = true;
            self.session.send_close_notify();
        }
        ready!(self.poll_send(cx))?;
        Pin::new(&mut self.tcp).poll_shutdown(cx)
    }
}

impl AsyncRead for TlsStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.served(|stream| stream.poll_read(cx, buf))
    }
}

impl AsyncWrite for TlsStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.served(|stream| stream.poll_write(cx, buf))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.served(|stream| stream.poll_send(cx))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.served(|stream| stream.poll_shutdown(cx))
    }
}

impl fmt::Debug for TlsStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TlsStream({:?})", self.tcp)
    }
}

/// TCP as rustls wants it: a call that would have to wait says so.
struct Bridge<'a, 'b> {
    tcp: &'a mut Patient,
    cx: &'a mut Context<'b>,
}

impl io::Read for Bridge<'_, '_> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let mut buf = ReadBuf::new(bytes);
        match Pin::new(&mut *self.tcp).poll_read(self.cx, &mut buf) {
            Poll::Ready(result) => result.map(|()| buf.filled().len()),
            Poll::Pending => Err(io::ErrorKind::WouldBlock.into()),
        }
    }
}

impl io::Write for Bridge<'_, '_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match Pin::new(&mut *self.tcp).poll_write(self.cx, bytes) {
            Poll::Ready(result) => result,
            Poll::Pending => Err(io::ErrorKind::WouldBlock.into()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
