//! Listening ports and the connections that wait there to be accepted.

use std::{
    collections::{BTreeMap, VecDeque},
    io,
    task::{Context, Poll},
};

use super::{TcpConfig, slab::Key, wakers::Wakers};
use crate::units::{SimTime, Span};

/// Listeners by port.
#[derive(Debug, Default)]
pub(super) struct Listeners(BTreeMap<u16, Listener>);

#[derive(Debug, Default)]
struct Listener {
    /// Settings of its connections, if not those of the host.
    config: Option<Box<TcpConfig>>,
    /// Connections whose handshake is not complete.
    opening: usize,
    /// Of those accepted, the ones that Fast Open let in before their handshake was complete.
    unconfirmed: usize,
    open: VecDeque<Key>,
    acceptors: Wakers,
    /// A cookie may have been sent, and holds until then.
    cookies_until: Option<SimTime>,
}

impl Listeners {
    pub(super) fn bind(&mut self, port: u16, config: Option<TcpConfig>) -> io::Result<()> {
        if port == 0 {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        if self.has(port) {
            return Err(io::ErrorKind::AddrInUse.into());
        }
        let listener = Listener {
            config: config.map(Box::new),
            ..Listener::default()
        };
        self.0.insert(port, listener);
        Ok(())
    }

    /// Stops listening. Gives back the connections that nobody accepted.
    pub(super) fn close(&mut self, port: u16) -> VecDeque<Key> {
        self.0.remove(&port).map_or_else(VecDeque::new, |l| l.open)
    }

    /// The settings of connections to `port`, if it has its own.
    pub(super) fn config(&self, port: u16) -> Option<&TcpConfig> {
        self.0.get(&port)?.config.as_deref()
    }

    /// New connections tell of their values.
    pub(super) fn trace(&mut self) {
        for config in self.0.values_mut().filter_map(|l| l.config.as_mut()) {
            config.trace = true;
        }
    }

    pub(super) fn has(&self, port: u16) -> bool {
        self.0.contains_key(&port)
    }

    /// Makes room for one more handshake, if there is any.
    pub(super) fn admit(&mut self, port: u16, backlog: u32) -> bool {
        let Some(listener) = self.0.get_mut(&port) else {
            return false;
        };
        let waiting = listener.opening + listener.open.len();
        let admits = waiting < backlog as usize;
        listener.opening += usize::from(admits);
        admits
    }

    /// True if all the room is taken by handshakes, so that a cookie may help; cookies are believed
    /// for some time from `now` on.
    pub(super) fn presses(&mut self, port: u16, backlog: u32, now: SimTime) -> bool {
        let listener = self.0.get_mut(&port);
        let pressed = listener.filter(|listener| listener.open.len() < backlog as usize);
        pressed.is_some_and(|listener| {
            listener.cookies_until = Some(now + COOKIES_HOLD);
            true
        })
    }

    /// True if an ACK for nobody may hold a cookie of ours.
    pub(super) fn believes(&self, port: u16, now: SimTime) -> bool {
        let listener = self.0.get(&port);
        let until = listener.and_then(|listener| listener.cookies_until);
        until.is_some_and(|until| now < until)
    }

    /// A cookie came: a handshake of which nothing was known is about to be complete, if there is
    /// room to accept another connection.
    pub(super) fn recall(&mut self, port: u16, backlog: u32) -> bool {
        let listener = self.0.get_mut(&port);
        let roomy = listener.filter(|listener| listener.open.len() < backlog as usize);
        roomy.is_some_and(|listener| {
            listener.opening += 1;
            true
        })
    }

    /// A handshake is complete. False if nobody listens any more.
    pub(super) fn opened(&mut self, port: u16, key: Key) -> bool {
        let Some(listener) = self.0.get_mut(&port) else {
            return false;
        };
        listener.opening = listener.opening.saturating_sub(1);
        listener.open.push_back(key);
        listener.acceptors.wake();
        true
    }

    /// A handshake failed.
    pub(super) fn failed(&mut self, port: u16) {
        if let Some(listener) = self.0.get_mut(&port) {
            listener.opening = listener.opening.saturating_sub(1);
        }
    }

    /// True if Fast Open may let one more connection in before its handshake is complete
    /// (RFC 7413, section 5.1).
    pub(super) fn trusts(&self, port: u16, backlog: u32) -> bool {
        let listener = self.0.get(&port);
        listener.is_some_and(|listener| listener.unconfirmed < backlog as usize)
    }

    /// Fast Open has let one in.
    pub(super) fn let_in(&mut self, port: u16) {
        if let Some(listener) = self.0.get_mut(&port) {
            listener.unconfirmed += 1;
        }
    }

    /// The handshake of one that was let in is complete, or has failed.
    pub(super) fn confirmed(&mut self, port: u16) {
        if let Some(listener) = self.0.get_mut(&port) {
            listener.unconfirmed = listener.unconfirmed.saturating_sub(1);
        }
    }

    pub(super) fn poll_accept(&mut self, port: u16, cx: &Context<'_>) -> Poll<Key> {
        let Some(listener) = self.0.get_mut(&port) else {
            return Poll::Pending;
        };
        match listener.open.pop_front() {
            Some(key) => Poll::Ready(key),
            None => {
                listener.acceptors.register(cx);
                Poll::Pending
            }
        }
    }
}

/// No cookie is older than two minutes (Linux believes them for as long after the last one).
const COOKIES_HOLD: Span = Span::from_secs(120);
