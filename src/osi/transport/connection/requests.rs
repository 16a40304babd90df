//! What programs ask of a connection.

use std::{
    io,
    task::{Context, Poll},
};

use tokio::io::ReadBuf;

use super::Connection;
use crate::{
    osi::transport::tcp::machine::{Machine, Received},
    trace::TcpState,
};

impl Connection {
    /// The program is gone: ends the connection as [`TcpStream`](crate::osi::transport::TcpStream) promises. One
    /// that is not open yet is forgotten, as Linux does.
    pub(in super::super) fn let_go(&mut self) {
        match self.machine.state() {
            TcpState::SynSent if !self.machine.opens_early() => self.abandoned = true,
            _ if self.machine.can_recv() => self.machine.abort(),
            _ => self.closing = true,
        }
    }

    /// Ends the sending direction after what was written.
    pub(in super::super) const fn shut_down(&mut self) {
        self.closing = true;
    }

    /// Ends the connection with a RST.
    pub(in super::super) fn abort(&mut self) {
        if !self.over {
            self.error = self.error.or(Some(io::ErrorKind::ConnectionAborted));
            self.machine.abort();
        }
    }

    /// Done when the handshake is complete or has failed.
    pub(in super::super) fn poll_open(&mut self, cx: &Context<'_>) -> Poll<io::Result<()>> {
        match (self.error, self.machine.state()) {
            (Some(error), _) => Poll::Ready(Err(error.into())),
            (None, TcpState::SynSent | TcpState::SynReceived) if !self.machine.opens_early() => {
                self.writers.register(cx);
                Poll::Pending
            }
            (None, _) => Poll::Ready(Ok(())),
        }
    }

    /// Done when the connection is over.
    pub(in super::super) fn poll_over(&mut self, cx: &Context<'_>) -> Poll<()> {
        if self.over {
            return Poll::Ready(());
        }
        self.closers.register(cx);
        Poll::Pending
    }

    /// Done when there is urgent data to read, or when the connection is over.
    pub(in super::super) fn poll_urgent(&mut self, cx: &Context<'_>) -> Poll<Option<u64>> {
        match self.machine.urgent() {
            0 if self.over => Poll::Ready(None),
            0 => {
                self.hurried.register(cx);
                Poll::Pending
            }
            bytes => Poll::Ready(Some(bytes)),
        }
    }

    /// What was received before an error is still read; a FIN is the end in any case.
    pub(in super::super) fn poll_read(
        &mut self,
        cx: &Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if buf.remaining() == 0 {
            return Poll::Ready(Ok(()));
        }
        match self.machine.recv(buf.initialize_unfilled()) {
            Received::Nothing => {}
            Received::Data(n) => {
                buf.advance(n);
                return Poll::Ready(Ok(()));
            }
            Received::Finished => return Poll::Ready(Ok(())),
            Received::Closed if self.error.is_none() => return Poll::Ready(Ok(())),
            Received::Closed => {}
        }
        match self.error {
            Some(error) => Poll::Ready(Err(error.into())),
            None => {
                self.readers.register(cx);
                Poll::Pending
            }
        }
    }

    /// Takes as much of `buf` as there is room for.
    pub(in super::super) fn poll_write(
        &mut self,
        cx: &Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_send(cx, buf, |machine, buf| Ok(machine.send(buf)))
    }

    /// The same, and up to the last byte taken it is urgent.
    pub(in super::super) fn poll_write_urgent(
        &mut self,
        cx: &Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_send(cx, buf, Machine::send_urgent)
    }

    fn poll_send(
        &mut self,
        cx: &Context<'_>,
        buf: &[u8],
        send: impl FnOnce(&mut Machine, &[u8]) -> io::Result<Option<usize>>,
    ) -> Poll<io::Result<usize>> {
        if let Some(error) = self.error {
            return Poll::Ready(Err(error.into()));
        }
        if self.closing {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        match send(&mut self.machine, buf)? {
            None => Poll::Ready(Err(io::ErrorKind::BrokenPipe.into())),
            Some(0) if !buf.is_empty() => {
                self.writers.register(cx);
                Poll::Pending
            }
            Some(n) => Poll::Ready(Ok(n)),
        }
    }
}
