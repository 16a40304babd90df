//! The event stream that one client gets, as a body for hyper: each event leaves when it happens.

use std::{
    convert::Infallible,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use hyper::body::{Body, Frame};

use super::feed::Feed;
use crate::{
    task::{Host, Sleep},
    units::SimTime,
};

/// A stream on its way out.
pub(super) struct Events {
    host: Host,
    feed: Feed,
    /// The next event.
    next: u64,
    /// How many events went out.
    sent: u64,
    /// What has to be said first, if it has not been.
    greeting: Option<String>,
    /// When something went out last.
    last: SimTime,
    sleep: Sleep,
}

impl Events {
    /// The events of `feed` from number `first` on.
    pub(super) fn new(host: &Host, feed: Feed, first: u64) -> Self {
        let retry = feed.spec.retry.map(|span| {
            let ms = span.as_nanos() / 1_000_000;
            format!("retry: {ms}\n\n")
        });
        Self {
            sleep: host.sleep_until(host.now()),
            last: host.now(),
            host: host.clone(),
            feed,
            next: first,
            sent: 0,
            greeting: retry,
        }
    }

    /// What there is to say now.
    fn due(&mut self, now: SimTime) -> Option<String> {
        if let Some(greeting) = self.greeting.take() {
            return Some(greeting);
        }
        if let Some(at) = self.feed.time(self.next).filter(|at| *at <= now) {
            let text = self.feed.event(self.next, at, self.host.name());
            self.next += 1;
            self.sent += 1;
            return Some(text);
        }
        let silent = now - self.last;
        (silent >= self.feed.spec.heartbeat).then(|| ": heartbeat\n\n".to_owned())
    }

    /// True if this connection has had all that it gets.
    fn is_done(&self) -> bool {
        let enough = self.feed.spec.close_after.is_some_and(|n| self.sent >= n);
        enough || self.feed.time(self.next).is_none()
    }
}

impl Body for Events {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        loop {
            let now = self.host.now();
            if self.greeting.is_none() && self.is_done() {
                return Poll::Ready(None);
            }
            if let Some(text) = self.due(now) {
                self.last = now;
                return Poll::Ready(Some(Ok(Frame::data(text.into()))));
            }
            let heartbeat = self.last + self.feed.spec.heartbeat;
            let wake = self
                .feed
                .time(self.next)
                .map_or(heartbeat, |at| at.min(heartbeat));
            self.sleep.reset(wake);
            if Pin::new(&mut self.sleep).poll(cx).is_pending() {
                return Poll::Pending;
            }
        }
    }
}
