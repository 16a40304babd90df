//! What hyper asks of a runtime: an executor and a timer, both in virtual time.
//!
//! hyper counts in `std::time::Instant`, and std offers no way to make one without reading the
//! machine's clock. So each host reads it once, when it is made, and calls that virtual time
//! zero. Only differences ever reach a result, and those are virtual.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
    time::{Duration, Instant},
};

use super::Host;
use crate::units::Span;

/// Spawns hyper's tasks on a simulated host.
#[derive(Debug, Clone)]
pub struct HyperExecutor(pub Host);

impl<F> hyper::rt::Executor<F> for HyperExecutor
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    fn execute(&self, future: F) {
        drop(self.0.spawn(future));
    }
}

/// Gives hyper the virtual time of a simulated host.
#[derive(Debug, Clone)]
pub struct HyperTimer(pub Host);

impl hyper::rt::Timer for HyperTimer {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn hyper::rt::Sleep>> {
        Box::pin(HyperSleep(self.0.sleep(Span::from(duration))))
    }

    fn sleep_until(&self, deadline: Instant) -> Pin<Box<dyn hyper::rt::Sleep>> {
        Box::pin(HyperSleep(self.0.sleep_until(self.0.time_of(deadline))))
    }

    fn now(&self) -> Instant {
        self.0.instant()
    }
}

struct HyperSleep(super::Sleep);

impl Future for HyperSleep {
    type Output = ();
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        Pin::new(&mut self.0).poll(cx)
    }
}

impl hyper::rt::Sleep for HyperSleep {}

/// How long a client of HTTP/2 remembers a stream that it has reset: to the end of the run. h2 counts
/// that time by the machine's clock, on which nothing may depend.
pub const FOREVER: Duration = Duration::from_secs(1 << 40);

/// A server of HTTP/1.1 on `host`: in virtual time, with names of header fields as a textbook writes
/// them, and without hyper's own Date, which would be the machine's.
pub fn http1_server(host: &Host) -> hyper::server::conn::http1::Builder {
    let mut server = hyper::server::conn::http1::Builder::new();
    server
        .timer(HyperTimer(host.clone()))
        .auto_date_header(false)
        .title_case_headers(true);
    server
}

/// The one reading of the machine's clock. No result depends on its value.
#[allow(
    clippy::disallowed_methods,
    reason = "std makes no Instant in any other way; only differences of it are used"
)]
pub(super) fn read_base_instant() -> Instant {
    Instant::now()
}
