//! What happens on a server of event streams, and when: event number `n` of a path happens `n - 1`
//! intervals after somebody asked for the path for the first time.

use std::{collections::BTreeMap, fmt::Write, sync::Arc};

use crate::{
    osi::{
        application::{live::fill_in, spec::SseServer},
        transport::Mutex,
    },
    units::{SimTime, Span},
};

/// When the first event of each path happened.
#[derive(Debug, Default)]
pub(super) struct Feeds(Mutex<BTreeMap<String, SimTime>>);

impl Feeds {
    /// The feed of a path, which begins now if it has not begun.
    pub(super) fn of(&self, path: &str, spec: &Arc<SseServer>, now: SimTime) -> Feed {
        let mut begun = self.0.lock();
        Feed {
            begun: *begun.entry(path.to_owned()).or_insert(now),
            spec: Arc::clone(spec),
        }
    }
}

/// The events of one path.
#[derive(Debug, Clone)]
pub(super) struct Feed {
    begun: SimTime,
    pub(super) spec: Arc<SseServer>,
}

impl Feed {
    /// When event `n` happens; `None` if there are fewer.
    pub(super) fn time(&self, n: u64) -> Option<SimTime> {
        let exists = n >= 1 && (self.spec.count == 0 || n <= self.spec.count);
        exists.then(|| self.begun + self.spec.interval.times(n - 1))
    }

    /// The bytes of event `n`, which happens at `at`.
    pub(super) fn event(&self, n: u64, at: SimTime, host: &str) -> String {
        let data = fill_in(&self.spec.text, n, at, host);
        write_event(self.spec.event.as_deref(), n, &data)
    }

    /// The first event for a client that comes at `now` and has seen `last`: the one behind that,
    /// or the oldest that is kept; for a new client the next one to happen.
    pub(super) fn first(&self, last: Option<u64>, now: SimTime) -> u64 {
        let happened = self.happened(now);
        match last.filter(|last| *last <= happened) {
            Some(last) => {
                let oldest = happened.saturating_sub(self.spec.history) + 1;
                (last + 1).max(oldest)
            }
            None if self.time(happened) == Some(now) => happened,
            None => happened + 1,
        }
    }

    /// True if a client that has seen `last` has seen everything.
    pub(super) fn is_over(&self, last: Option<u64>) -> bool {
        self.spec.count > 0 && last.is_some_and(|last| last >= self.spec.count)
    }

    /// How many events have happened until `now`, `now` included.
    fn happened(&self, now: SimTime) -> u64 {
        let since: Span = now - self.begun;
        let all = since.as_nanos() / self.spec.interval.as_nanos().max(1) + 1;
        match self.spec.count {
            0 => all,
            count => all.min(count),
        }
    }
}

/// An event as the stream has it.
pub(super) fn write_event(kind: Option<&str>, id: u64, data: &str) -> String {
    let mut text = String::new();
    if let Some(kind) = kind {
        let _ = writeln!(text, "event: {kind}");
    }
    let _ = writeln!(text, "id: {id}");
    for line in data.split('\n') {
        let _ = writeln!(text, "data: {line}");
    }
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn feed(count: u64, history: u64) -> Feed {
        let spec = SseServer {
            port: 80,
            path: None,
            event: None,
            text: "{n}".to_owned(),
            interval: Span::from_secs(1),
            count,
            heartbeat: Span::from_secs(15),
            retry: None,
            history,
            close_after: None,
            tls: None,
        };
        Feeds::default().of("/", &Arc::new(spec), SimTime::from_nanos(500))
    }

    fn at(seconds: u64) -> SimTime {
        SimTime::from_nanos(500 + seconds * 1_000_000_000)
    }

    #[test]
    fn a_client_gets_what_it_has_missed_as_far_as_it_is_kept() {
        // At second 9 events 1 to 10 have happened.
        let feed = feed(0, 4);
        assert_eq!(feed.first(None, at(0)), 1);
        assert_eq!(feed.first(None, at(9)), 10);
        assert_eq!(feed.first(None, at(9) + Span::from_nanos(1)), 11);
        assert_eq!(feed.first(Some(8), at(9)), 9);
        // Of 10 events the last 4 are kept: 7, 8, 9, 10.
        assert_eq!(feed.first(Some(2), at(9)), 7);
        assert_eq!(feed.first(Some(10), at(9)), 11);
        // An id that the server never gave.
        assert_eq!(feed.first(Some(99), at(9)), 10);
    }

    #[test]
    fn a_feed_with_an_end_ends() {
        let feed = feed(3, 100);
        assert_eq!(feed.time(3), Some(at(2)));
        assert_eq!(feed.time(4), None);
        assert!(feed.is_over(Some(3)) && !feed.is_over(Some(2)) && !feed.is_over(None));
        assert_eq!(feed.first(Some(1), at(50)), 2);
    }

    #[test]
    fn every_line_of_the_data_has_a_line_of_its_own() {
        let text = write_event(Some("tick"), 3, "a\nb");
        assert_eq!(text, "event: tick\nid: 3\ndata: a\ndata: b\n\n");
    }
}
