//! The connection under a WebSocket, held by its reader and its writer.
//!
//! fastwebsockets reads and writes through one value and cannot end the connection behind it, so
//! each half has a handle of its own.

use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::osi::transport::Mutex;

/// A handle on an upgraded connection. It ends when the last one is dropped.
#[derive(Clone)]
pub(super) struct Wire(Arc<Mutex<TokioIo<Upgraded>>>);

impl Wire {
    pub(super) fn new(upgraded: Upgraded) -> Self {
        Self(Arc::new(Mutex::new(TokioIo::new(upgraded))))
    }

    fn with<R>(&self, act: impl FnOnce(Pin<&mut TokioIo<Upgraded>>) -> R) -> R {
        act(Pin::new(&mut *self.0.lock()))
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.with(|io| io.poll_read(cx, buf))
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.with(|io| io.poll_write(cx, buf))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.with(|io| io.poll_flush(cx))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.with(|io| io.poll_shutdown(cx))
    }
}
