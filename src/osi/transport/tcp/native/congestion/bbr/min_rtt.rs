//! BBR.min_rtt, and when to probe for it (draft, 5.3.4.3).

use crate::units::{SimTime, Span};

#[derive(Debug, Clone, Copy, Default)]
pub(super) struct MinRtt {
    least: Option<Span>,
    stamp: SimTime,
    /// BBR.probe_rtt_min_delay: the shortest of the last 5 s.
    probe_least: Option<Span>,
    probe_stamp: SimTime,
    /// BBR.probe_rtt_expired.
    pub(super) expired: bool,
}

impl MinRtt {
    pub(super) fn get(&self) -> Option<Span> {
        self.least
    }

    pub(super) fn start(&mut self, now: SimTime, rtt: Option<Span>) {
        (self.least, self.probe_least) = (rtt, rtt);
        (self.stamp, self.probe_stamp) = (now, now);
    }

    /// UpdateMinRTT.
    pub(super) fn update(&mut self, now: SimTime, rtt: Option<Span>) {
        self.expired = now > self.probe_stamp + PROBE_RTT_INTERVAL;
        if let Some(rtt) = rtt
            && (self.expired || self.probe_least.is_none_or(|least| rtt < least))
        {
            (self.probe_least, self.probe_stamp) = (Some(rtt), now);
        }
        let old = now > self.stamp + MIN_RTT_FILTER_LEN;
        if let Some(probed) = self.probe_least
            && (old || self.least.is_none_or(|least| probed < least))
        {
            (self.least, self.stamp) = (Some(probed), self.probe_stamp);
        }
    }

    /// The next ProbeRTT is due an interval from now.
    pub(super) fn schedule(&mut self, now: SimTime) {
        self.probe_stamp = now;
    }
}

const PROBE_RTT_INTERVAL: Span = Span::from_secs(5);
const MIN_RTT_FILTER_LEN: Span = Span::from_secs(10);
