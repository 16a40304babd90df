//! What is kept of the inside of one TCP sender.

use std::{collections::BTreeMap, net::SocketAddr};

use super::Thinned;
use crate::{
    trace::{TcpCause, TcpProgress, TcpValues},
    units::{SimTime, Span},
};

/// The values of a TCP sender over time, as it told of them.
#[derive(Debug, Clone)]
pub struct SenderTrace {
    /// The sender's end.
    pub local: SocketAddr,
    /// The receiver's.
    pub remote: SocketAddr,
    /// Its congestion control.
    pub algorithm: &'static str,
    /// The congestion window \[bytes\]; in fast recovery that of proportional rate reduction.
    pub window: Thinned,
    /// The slow start threshold \[bytes\], once there is one.
    pub threshold: Thinned,
    /// Sent, and neither delivered nor lost \[bytes\].
    pub in_flight: Thinned,
    /// What the receiver takes \[bytes\].
    pub peer_window: Thinned,
    /// Measured round trips \[ns\].
    pub rtt: Thinned,
    /// The smoothed round trip \[ns\].
    pub srtt: Thinned,
    /// The retransmission time-out \[ns\].
    pub rto: Thinned,
    /// What befell it, and when; not ACKs and segments.
    pub events: Vec<SenderEvent>,
    /// Events that came after the limit.
    pub events_left_out: u64,
}

/// Something that befell a sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SenderEvent {
    /// When.
    pub at: SimTime,
    /// What.
    pub cause: TcpCause,
    /// The congestion window just before \[bytes\].
    pub window: u64,
}

/// The senders that are followed, and how many are not.
#[derive(Debug, Clone, Default)]
pub(super) struct Senders {
    list: Vec<SenderTrace>,
    open: BTreeMap<(SocketAddr, SocketAddr), Place>,
    left_out: usize,
}

/// What is known of an open connection.
#[derive(Debug, Clone, Copy)]
enum Place {
    /// It has sent nothing yet.
    Silent,
    Followed(usize, TcpValues),
    LeftOut,
}

impl Senders {
    pub(super) fn list(&self) -> &[SenderTrace] {
        &self.list
    }

    pub(super) const fn left_out(&self) -> usize {
        self.left_out
    }

    /// The values of a sender changed. One that sends nothing is not followed.
    pub(super) fn note(&mut self, new: &TcpProgress) {
        let ends = (new.local, new.remote);
        let place = match self.open.get(&ends).copied() {
            _ if new.cause == TcpCause::Established => Place::Silent,
            None | Some(Place::Silent) => self.begin(new),
            Some(place) => place,
        };
        let place = match place {
            Place::Followed(number, last) => {
                self.list[number].note(new, last);
                Place::Followed(number, new.values)
            }
            other => other,
        };
        self.open.insert(ends, place);
    }

    /// Forgets which connection was which when it has ended.
    pub(super) fn close(&mut self, ends: (SocketAddr, SocketAddr)) {
        self.open.remove(&ends);
    }

    fn begin(&mut self, new: &TcpProgress) -> Place {
        if new.cause != TcpCause::Sent {
            return Place::Silent;
        }
        if self.list.len() == MOST_SENDERS {
            self.left_out += 1;
            return Place::LeftOut;
        }
        self.list.push(SenderTrace::new(new));
        Place::Followed(self.list.len() - 1, new.values)
    }
}

impl SenderTrace {
    const fn new(first: &TcpProgress) -> Self {
        Self {
            local: first.local,
            remote: first.remote,
            algorithm: first.values.algorithm,
            window: Thinned::new(),
            threshold: Thinned::new(),
            in_flight: Thinned::new(),
            peer_window: Thinned::new(),
            rtt: Thinned::new(),
            srtt: Thinned::new(),
            rto: Thinned::new(),
            events: Vec::new(),
            events_left_out: 0,
        }
    }

    fn note(&mut self, new: &TcpProgress, last: TcpValues) {
        let (at, values) = (new.at, new.values);
        if new.cause.is_event() {
            self.event(at, new.cause, last.window);
        }
        let first = self.in_flight.is_empty();
        let mut line = |line: fn(&mut Self) -> &mut Thinned, value, old| {
            if first || value != old {
                line(self).add(at, value);
            }
        };
        line(|s| &mut s.in_flight, values.in_flight, last.in_flight);
        line(|s| &mut s.window, values.window, last.window);
        line(|s| &mut s.peer_window, values.peer_window, last.peer_window);
        line(|s| &mut s.rto, values.rto.as_nanos(), last.rto.as_nanos());
        if values.threshold != last.threshold {
            self.threshold.extend(at, values.threshold);
        }
        if values.srtt != last.srtt || first {
            self.srtt.extend(at, values.srtt.map(Span::as_nanos));
            self.rtt.extend(at, values.rtt.map(Span::as_nanos));
        }
    }

    fn event(&mut self, at: SimTime, cause: TcpCause, window: u64) {
        if self.events.len() == MOST_EVENTS {
            self.events_left_out += 1;
            return;
        }
        self.events.push(SenderEvent { at, cause, window });
    }

    /// The time of the first and the last value.
    pub fn span(&self) -> Option<(SimTime, SimTime)> {
        let times = || self.in_flight.points().map(|point| point.at);
        Some((times().min()?, times().max()?))
    }
}

impl Thinned {
    fn extend(&mut self, at: SimTime, value: Option<u64>) {
        if let Some(value) = value {
            self.add(at, value);
        }
    }
}

/// How many senders are followed: at most about 16 MB if all of them are long.
const MOST_SENDERS: usize = 64;
/// How many events of a sender are kept.
const MOST_EVENTS: usize = 1024;
