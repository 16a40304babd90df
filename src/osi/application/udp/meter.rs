//! The statistics of a constant-rate stream.
//!
//! Loss and duplicates by sequence number, reordering as RFC 4737 (type-P-reordered) has it,
//! one-way delay as RFC 7679, interarrival jitter as RFC 3550, section 6.4.1. Whole numbers only.

use super::window::{Arrival, Window};
use crate::{
    osi::application::report::{Spread, UdpResult},
    units::{SimTime, Span},
};

/// What the receiver knows of one stream so far.
#[derive(Debug)]
pub(in crate::osi::application) struct StreamMeter {
    /// How many datagrams the whole stream has; higher sequence numbers are somebody else's.
    count: u64,
    received: u64,
    reordered: u64,
    duplicates: u64,
    bytes: u64,
    /// The first and the last arrival; of no meaning before `received` is one.
    arrivals: (SimTime, SimTime),
    window: Window,
    delays: Delays,
    jitter: Jitter,
}

impl StreamMeter {
    /// A meter for a stream of `count` datagrams.
    pub(in crate::osi::application) fn new(count: u64) -> Self {
        Self {
            count,
            received: 0,
            reordered: 0,
            duplicates: 0,
            bytes: 0,
            arrivals: (SimTime::ZERO, SimTime::ZERO),
            window: Window::new(count),
            delays: Delays::NONE,
            jitter: Jitter::default(),
        }
    }

    /// Datagram `sequence`, sent at `sent`, with `bytes` of payload, arrived at `now`.
    pub(in crate::osi::application) fn arrived(
        &mut self,
        sequence: u64,
        sent: SimTime,
        now: SimTime,
        bytes: usize,
    ) {
        if sequence >= self.count || sent > now {
            return;
        }
        match self.window.arrive(sequence) {
            Arrival::Duplicate => {
                self.duplicates += 1;
                return;
            }
            Arrival::Late => self.reordered += 1,
            Arrival::InOrder => {}
        }
        if self.received == 0 {
            self.arrivals = (now, now);
            self.jitter = Jitter::beginning(now - sent);
        }
        self.received += 1;
        self.bytes += bytes as u64;
        self.delays.add(now - sent);
        self.jitter.add(now - sent);
        self.arrivals.1 = now;
    }

    /// Adds the figures as they stand to `result`, which holds those of the sender.
    pub(in crate::osi::application) fn complete(&self, result: &mut UdpResult) {
        result.received = self.received;
        result.lost = result.sent.saturating_sub(self.received);
        result.reordered = self.reordered;
        result.duplicates = self.duplicates;
        result.bytes = self.bytes;
        result.delay = self.delays.spread(self.received);
        result.jitter = self.jitter.value(self.received);
        result.arrivals = (self.received > 0).then_some(self.arrivals);
    }
}

/// One-way delays; how many, the meter knows.
#[derive(Debug)]
struct Delays {
    min: Span,
    max: Span,
    /// \[ns\]
    sum: u128,
}

impl Delays {
    const NONE: Self = Self {
        min: Span::from_nanos(u64::MAX),
        max: Span::ZERO,
        sum: 0,
    };

    fn add(&mut self, delay: Span) {
        self.min = self.min.min(delay);
        self.max = self.max.max(delay);
        self.sum += u128::from(delay.as_nanos());
    }

    /// Of `count` delays.
    fn spread(&self, count: u64) -> Option<Spread> {
        let mean = self.sum.checked_div(count.into())?;
        Some(Spread {
            min: self.min,
            mean: Span::from_nanos(u64::try_from(mean).unwrap_or(u64::MAX)),
            max: self.max,
        })
    }
}

/// RFC 3550, appendix A.8: the estimate is kept times 16, so that whole numbers suffice.
#[derive(Debug, Clone, Default)]
struct Jitter {
    times_16: u64,
    last_transit: Span,
}

impl Jitter {
    /// Before the first packet: it differs by nothing from itself.
    const fn beginning(transit: Span) -> Self {
        Self {
            times_16: 0,
            last_transit: transit,
        }
    }

    /// "J(i) = J(i-1) + (|D(i-1,i)| - J(i-1))/16", packets in the order of their arrival.
    fn add(&mut self, transit: Span) {
        let last = std::mem::replace(&mut self.last_transit, transit);
        let d = transit.as_nanos().abs_diff(last.as_nanos());
        self.times_16 = (self.times_16 - (self.times_16.saturating_add(8) >> 4)).saturating_add(d);
    }

    /// Of `count` packets: there is one from the second on.
    fn value(&self, count: u64) -> Option<Span> {
        (count > 1).then(|| Span::from_nanos(self.times_16 >> 4))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: u64 = 1_000_000;

    /// Sends `sequence` at `sequence` x 20 ms and lets it arrive `delay` later.
    fn arrive(meter: &mut StreamMeter, sequence: u64, delay: u64) {
        let sent = SimTime::from_nanos(sequence * 20 * MS);
        meter.arrived(sequence, sent, sent + Span::from_nanos(delay), 100);
    }

    fn result(meter: &StreamMeter, sent: u64) -> UdpResult {
        let mut result = UdpResult {
            sent,
            ..UdpResult::default()
        };
        meter.complete(&mut result);
        result
    }

    #[test]
    fn jitter_follows_the_formula_of_the_rfc() {
        // Transit times 1000, 1160, 1160, 1000 ns, so |D| = 160, 0, 160.
        // J x 16: 0 + 160 - (8 >> 4 = 0) = 160; 160 + 0 - (168 >> 4 = 10) = 150;
        // 150 + 160 - (158 >> 4 = 9) = 301. J = 301 / 16 = 18 ns.
        // By the real-number formula: 10, 9.375, 18.79.
        let mut jitter = Jitter::beginning(Span::from_nanos(1000));
        let mut values = Vec::new();
        for (count, transit) in (1..).zip([1000, 1160, 1160, 1000]) {
            jitter.add(Span::from_nanos(transit));
            values.push(jitter.value(count).map(Span::as_nanos));
        }
        assert_eq!(values, [None, Some(10), Some(9), Some(18)]);
    }

    #[test]
    fn a_constant_delay_has_no_jitter() {
        let mut meter = StreamMeter::new(10);
        (0..10).for_each(|s| arrive(&mut meter, s, 41 * MS));
        let result = result(&meter, 10);
        let delay = Span::from_millis(41);
        assert_eq!(result.jitter, Some(Span::ZERO));
        assert_eq!(
            result.delay.map(|d| (d.min, d.mean, d.max)),
            Some((delay, delay, delay))
        );
    }

    #[test]
    fn loss_duplicates_and_reordering_are_counted_apart() {
        // Six sent, 3 never arrives, 1 comes after 2, 4 comes twice: five different ones received.
        let mut meter = StreamMeter::new(6);
        for (sequence, delay) in [(0, 10), (2, 20), (1, 45), (4, 30), (4, 31), (5, 40)] {
            arrive(&mut meter, sequence, delay * MS);
        }
        let result = result(&meter, 6);
        assert_eq!((result.received, result.lost), (5, 1));
        assert_eq!((result.reordered, result.duplicates), (1, 1));
        assert_eq!(result.bytes, 500);
        // (10 + 20 + 45 + 30 + 40) / 5 = 29 ms; the duplicate does not count.
        let spread = result.delay.unwrap();
        assert_eq!(spread.min, Span::from_millis(10));
        assert_eq!(spread.mean, Span::from_millis(29));
        assert_eq!(spread.max, Span::from_millis(45));
        // First arrival 0 + 10 ms, last 100 + 40 ms.
        let (first, last) = result.arrivals.unwrap();
        assert_eq!((first.as_nanos(), last.as_nanos()), (10 * MS, 140 * MS));
    }

    #[test]
    fn a_datagram_of_another_stream_is_not_counted() {
        let mut meter = StreamMeter::new(2);
        arrive(&mut meter, 2, MS);
        meter.arrived(0, SimTime::from_nanos(5), SimTime::from_nanos(4), 100);
        let result = result(&meter, 0);
        assert_eq!(result.received, 0);
        assert!(result.delay.is_none());
    }
}
