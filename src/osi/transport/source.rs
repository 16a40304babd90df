//! Senders that only follow a schedule: they need no task that wakes up for each datagram.
//!
//! Contract: datagrams leave in the order of their due times, and at equal times in the order in
//! which they were scheduled, as those of tasks that sleep would. They leave behind whatever tasks
//! sent at the same instant.

use std::{cmp::Reverse, collections::BinaryHeap, fmt, net::SocketAddr};

use super::paths::{Paths, Way};
use crate::{units::SimTime, wire::Checksum};

/// What is sent, and when.
pub(crate) trait Source: Send {
    /// Writes the payload of the datagram that is due `now`, every byte of it (what stands there is
    /// left from another frame), and sums it up.
    fn write(&mut self, now: SimTime, payload: &mut [u8]) -> Checksum;

    /// The datagram is on its way, or there was no way if it was not `taken`. When the next one
    /// is due; `None` if that was the last.
    fn next(&mut self, taken: bool) -> Option<SimTime>;
}

/// A source at work. All of it is in one piece of memory, the source behind the rest.
pub(super) struct Running<S: ?Sized = dyn Source> {
    /// Which of the entries in [`Schedule`] is its own.
    number: u64,
    /// Payload of each datagram \[bytes\].
    pub(super) len: usize,
    pub(super) remote: SocketAddr,
    /// The way to its receiver, and of which edition of the ways that is.
    known: Option<(u32, Way)>,
    pub(super) source: S,
}

impl Running {
    /// The way to its receiver. It is looked for again only when ways may have changed.
    pub(super) fn way(&mut self, paths: &Paths, now: SimTime) -> Option<Way> {
        let edition = paths.edition();
        if let Some((known, way)) = self.known
            && edition == Some(known)
        {
            return Some(way);
        }
        let way = paths.way(self.remote.ip(), now)?;
        self.known = edition.map(|edition| (edition, way));
        Some(way)
    }
}

impl fmt::Debug for Running {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Running({} bytes to {})", self.len, self.remote)
    }
}

/// When the sources of a host are due, by the port of their socket. There may be entries of sockets
/// that were closed before their time.
#[derive(Debug, Default)]
pub(super) struct Schedule {
    /// The entry that is due first: for most hosts the only one.
    first: Option<Due>,
    later: BinaryHeap<Reverse<Due>>,
    /// How often a source was scheduled.
    scheduled: u64,
}

/// An entry: when, its number, and the port.
type Due = (SimTime, u64, u16);

impl Schedule {
    /// The earliest due time.
    pub(super) fn next(&self) -> Option<SimTime> {
        self.first.map(|(at, ..)| at)
    }

    /// A source of `port` that is due `first`.
    pub(super) fn begin(
        &mut self,
        (port, first): (u16, SimTime),
        source: impl Source + 'static,
        (len, remote): (usize, SocketAddr),
    ) -> Box<Running> {
        self.scheduled += 1;
        let entry = (first, self.scheduled, port);
        match self.first.filter(|&before| before < entry) {
            Some(_) => self.later.push(Reverse(entry)),
            None => self.later.extend(self.first.replace(entry).map(Reverse)),
        }
        Box::new(Running {
            number: self.scheduled,
            len,
            remote,
            known: None,
            source,
        })
    }

    /// The port whose source is due first, if it is due by `now`.
    pub(super) fn due(&self, now: SimTime) -> Option<u16> {
        let (at, _, port) = self.first?;
        (at <= now).then_some(port)
    }

    /// True if the entry that is due first is that of `running`.
    pub(super) fn is_first(&self, running: &Running) -> bool {
        let first = self.first;
        first.is_some_and(|(_, number, _)| number == running.number)
    }

    /// Schedules `running`, which is due first, for `next`.
    pub(super) fn renew(&mut self, running: &mut Running, next: SimTime) {
        let Some((_, _, port)) = self.first else {
            return;
        };
        self.scheduled += 1;
        running.number = self.scheduled;
        let mut entry = (next, running.number, port);
        if let Some(mut second) = self.later.peek_mut()
            && second.0 < entry
        {
            std::mem::swap(&mut second.0, &mut entry);
        }
        self.first = Some(entry);
    }

    /// Forgets the entry that is due first.
    pub(super) fn drop_first(&mut self) {
        self.first = self.later.pop().map(|Reverse(entry)| entry);
    }
}

#[cfg(test)]
mod tests {
    use std::{net::IpAddr, sync::Arc};

    use super::*;
    use crate::{
        ids::PortId,
        osi::{
            network::{Assignment, Fib, OwnAddresses},
            transport::Exit,
        },
        topology::{Route, RouteOrigin},
    };

    struct Nothing;

    impl Source for Nothing {
        fn write(&mut self, _: SimTime, _: &mut [u8]) -> Checksum {
            Checksum::default()
        }

        fn next(&mut self, _: bool) -> Option<SimTime> {
            None
        }
    }

    fn begin(schedule: &mut Schedule, port: u16, first: u64) -> Box<Running> {
        let remote = SocketAddr::from(([10, 0, 0, 2], 5004));
        let first = SimTime::from_nanos(first);
        schedule.begin((port, first), Nothing, (20, remote))
    }

    #[test]
    fn a_source_follows_its_host_to_another_address() {
        let route = |via: Option<&str>| Route {
            prefix: "0.0.0.0/0".parse().unwrap(),
            via: via.map(|via| via.parse().unwrap()),
            port: PortId(0),
            origin: RouteOrigin::Static,
        };
        let [old, new] = ["10.0.0.1", "10.7.0.5"].map(|own| own.parse::<IpAddr>().unwrap());
        let exit = Exit {
            source: old,
            mtu: 1500,
        };
        let mut paths = Paths::new(
            OwnAddresses::new([].iter()),
            Arc::new(Fib::new([route(None)])),
            [exit].into(),
        );
        let mut running = begin(&mut Schedule::default(), 1, 0);
        let mut way = |paths: &Paths| running.way(paths, SimTime::ZERO);
        assert_eq!(way(&paths), Some((old, 1500)));
        let net = "10.7.0.5/24".parse().unwrap();
        let renewed = Assignment::new(PortId(0), Some(net), &[route(Some("10.7.0.1"))]);
        paths.assign(&renewed);
        assert_eq!(way(&paths), Some((new, 1500)));
        // A router further on takes 1400 bytes: from then on ways end with time.
        paths.learn(IpAddr::from([10, 0, 0, 2]), 1400, 1500, SimTime::ZERO);
        assert_eq!(way(&paths), Some((new, 1400)));
    }

    #[test]
    fn sources_are_due_by_time_and_then_by_age_of_their_entry() {
        // Ports 1 and 2 are due at 10, 1 was scheduled first; once 1 is renewed for 10, 2 is older.
        let mut schedule = Schedule::default();
        let mut one = begin(&mut schedule, 1, 10);
        let two = begin(&mut schedule, 2, 10);
        begin(&mut schedule, 3, 5);
        let now = SimTime::from_nanos(10);
        assert_eq!(schedule.due(SimTime::from_nanos(4)), None);
        assert_eq!(schedule.due(now), Some(3));
        schedule.drop_first();
        assert!(schedule.due(now) == Some(1) && schedule.is_first(&one));
        schedule.renew(&mut one, now);
        assert!(
            schedule.due(now) == Some(2) && schedule.is_first(&two) && !schedule.is_first(&one)
        );
        schedule.drop_first();
        assert!(schedule.is_first(&one));
        schedule.drop_first();
        assert_eq!(schedule.next(), None);
    }
}
