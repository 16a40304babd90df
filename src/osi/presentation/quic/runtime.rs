//! What quinn asks of a runtime: time, timers and tasks, those of a simulated host.

use std::{
    fmt,
    future::Future,
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Instant,
};

use quinn::{AsyncTimer, AsyncUdpSocket, Runtime};

use super::super::tls::on_behalf_of;
use crate::task::{Host, Sleep};

/// A simulated host as a runtime of quinn. Sockets are [`QuicSocket`](super::QuicSocket)s.
///
/// What quinn does in the tasks that it spawns here draws its random bytes from the host.
#[derive(Debug, Clone)]
pub struct QuicRuntime(pub Host);

impl Runtime for QuicRuntime {
    fn new_timer(&self, deadline: Instant) -> Pin<Box<dyn AsyncTimer>> {
        let sleep = self.0.sleep_until(self.0.time_of(deadline));
        let host = self.0.clone();
        Box::pin(Timer { host, sleep })
    }

    fn spawn(&self, future: Pin<Box<dyn Future<Output = ()> + Send>>) {
        let host = self.0.clone();
        drop(self.0.spawn(Served { host, future }));
    }

    /// A socket of the machine has no place in a simulation.
    fn wrap_udp_socket(&self, _: std::net::UdpSocket) -> io::Result<Arc<dyn AsyncUdpSocket>> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn now(&self) -> Instant {
        self.0.instant()
    }
}

#[derive(Debug)]
struct Timer {
    host: Host,
    sleep: Sleep,
}

impl AsyncTimer for Timer {
    fn reset(mut self: Pin<&mut Self>, deadline: Instant) {
        let deadline = self.host.time_of(deadline);
        self.sleep.reset(deadline);
    }

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        Pin::new(&mut self.sleep).poll(cx)
    }
}

/// A task of quinn, served by the random numbers of its host.
struct Served {
    host: Host,
    future: Pin<Box<dyn Future<Output = ()> + Send>>,
}

impl Future for Served {
    type Output = ();
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        on_behalf_of(&this.host, || this.future.as_mut().poll(cx))
    }
}

impl fmt::Debug for Served {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Served(on {})", self.host.name())
    }
}
