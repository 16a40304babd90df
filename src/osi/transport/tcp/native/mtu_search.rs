//! The largest segments that the path takes, found by trying (RFC 4821, section 7; RFC 8899,
//! section 5.3), as Linux does with `tcp_mtu_probing = 2`.
//!
//! A connection begins with segments of 1024 bytes. From time to time one of its segments is
//! larger, half way up to the most that link and peer take. If it is acknowledged all segments are
//! that large. If it is lost, and nothing else is, it was too large: its bytes leave again in
//! smaller segments, the window stays as it is, and the search goes on below. It is over when less
//! than 8 bytes are open, and begins again 10 minutes later.
//!
//! Not here: black holes (`black_hole`), which make the search begin further down. A size is tried
//! once, not three times as RFC 8899 has it; nothing is ever sent for the sake of a probe alone.

use super::{
    black_hole::BASE_MSS,
    congestion::{CongestionControl, Recovery as Told},
    machine::Native,
    recovery::Phase,
};
use crate::{
    trace::TcpCause,
    units::{SimTime, Span},
    wire::FramePool,
};

/// The state of the search. Sizes are of the data in a segment \[bytes\].
#[derive(Debug)]
pub(super) struct MtuSearch {
    /// As much comes through (`search_low`).
    low: u64,
    /// More does not, as far as is known (`search_high`, without what link and peer say).
    high: u64,
    /// The probe under way: where it begins, and ends.
    probe: Option<(u64, u64)>,
    /// When the search was over.
    over_at: Option<SimTime>,
    /// What leaves again is what a probe carried.
    mends: bool,
}

impl Default for MtuSearch {
    fn default() -> Self {
        Self {
            low: BASE_MSS,
            high: u64::MAX,
            probe: None,
            over_at: None,
            mends: false,
        }
    }
}

impl MtuSearch {
    /// Segments of `len` bytes come through, it is hoped; what is larger has to be tried again.
    pub(super) const fn begin_at(&mut self, len: u64) {
        self.low = len;
        self.probe = None;
    }

    /// The size to try next, if segments have `low` bytes now and link and peer take `most`.
    fn next(&mut self, now: SimTime, low: u64, most: u64) -> Option<u64> {
        let rested = |at| now.since(at) >= PROBE_INTERVAL;
        if self.over_at.is_some_and(rested) {
            (self.high, self.over_at) = (u64::MAX, None);
        }
        let high = self.high.min(most);
        if high < low + CLOSE_ENOUGH {
            self.over_at.get_or_insert(now);
            return None;
        }
        self.over_at = None;
        Some(low.midpoint(high))
    }

    /// Everything before `una` is acknowledged. True if that is all of the probe.
    fn confirm(&mut self, una: u64) -> bool {
        let Some((start, end)) = self.probe.filter(|(_, end)| *end <= una) else {
            return false;
        };
        self.low = end - start;
        self.probe = None;
        true
    }

    /// Segments of `len` bytes do not come through.
    fn refuse(&mut self, len: u64) {
        self.high = len - 1;
        self.probe = None;
        self.mends = true;
    }
}

impl Native {
    /// Of `most` bytes of data as many as are known to come through in one segment.
    pub(super) fn known_to_fit(&self, most: u64) -> u64 {
        match &self.search {
            Some(search) => most.min(search.low),
            None => most,
        }
    }

    /// The probe under way: where it begins, and ends.
    pub(super) fn probe(&self) -> Option<(u64, u64)> {
        self.search.as_ref()?.probe
    }

    /// The size of the next probe, if now is the time for one (RFC 4821, section 7.4): nothing is
    /// missing, and windows and data are large enough to show its loss soon.
    pub(super) fn next_probe(&mut self) -> Option<u64> {
        if self.search.as_ref()?.probe.is_some() || !self.nothing_is_missing() {
            return None;
        }
        let (now, mss, most) = (self.now, self.mss(), self.most_data());
        if self.window() < LEAST_WINDOW * mss {
            return None;
        }
        let len = self.search.as_mut()?.next(now, mss, most)?;
        let needed = self.probe_needs(len);
        let unsent = self.tx.buffer.end().saturating_sub(self.tx.next);
        let window = self.tx.edge.saturating_sub(self.tx.una);
        (unsent >= needed && window >= needed).then_some(len)
    }

    fn nothing_is_missing(&self) -> bool {
        self.recovery.phase == Phase::Open
            && self.recovery.duplicates == 0
            && self.board.sacked_count() == 0
            && self.board.lost() == 0
    }

    /// Sends a probe of `len` bytes, or waits until windows have room for it (section 7.5). What is
    /// out makes room when it is acknowledged.
    pub(super) fn probe_path(&mut self, len: u64, pool: &mut FramePool) -> Option<Vec<u8>> {
        if self.tx.next + self.probe_needs(len) > self.tx.edge {
            return None;
        }
        if !self.fits_window(len) {
            self.tx.stopped = true;
            return None;
        }
        let search = self.search.as_mut()?;
        search.probe = Some((self.tx.next, self.tx.next + len));
        search.mends = false;
        Some(self.new_segment(len, TcpCause::MtuProbe, pool))
    }

    /// A probe of `len` bytes, and as many segments behind it as show its loss.
    fn probe_needs(&self, len: u64) -> u64 {
        len + BEHIND * self.mss()
    }

    /// Something leaves again: whether the probe comes through says nothing any more, or not yet
    /// (RFC 4821, section 7.6.4).
    pub(super) fn forget_probe(&mut self) {
        if let Some(search) = &mut self.search {
            search.probe = None;
        }
    }

    /// SND.UNA has moved. A probe that is acknowledged makes segments larger (section 7.6.1).
    pub(super) fn confirm_probe(&mut self) {
        let una = self.tx.una;
        let confirmed = self.search.as_mut().is_some_and(|s| s.confirm(una));
        if confirmed {
            let mss = self.mss();
            if let Some(control) = &mut self.control {
                control.on_mss(mss);
            }
        }
    }

    /// The probe of `len` bytes was too large (section 7.6.2).
    pub(super) fn refuse_probe(&mut self, len: u64) {
        if let Some(search) = &mut self.search {
            search.refuse(len);
        }
        self.lose_larger(self.mss());
    }

    /// True while the only thing to repair is what a probe carried that was too large.
    pub(super) fn mends_probe(&self) -> bool {
        let mends = self.search.as_ref().is_some_and(|search| search.mends);
        mends && self.recovery.phase == Phase::Loss
    }

    /// The retransmission timer ran out: there is more to repair.
    pub(super) fn mend_all(&mut self) {
        if let Some(search) = &mut self.search {
            search.mends = false;
        }
    }

    /// The phase as others are told: a probe that was too large is no sign of congestion.
    pub(super) fn told_recovery(&self) -> Told {
        match self.mends_probe() {
            true => Told::Open,
            false => self.recovery.phase.told(),
        }
    }
}

/// Linux: `tcp_probe_threshold` \[bytes\].
const CLOSE_ENOUGH: u64 = 8;

/// Linux: `tcp_probe_interval`; PMTU_RAISE_TIMER of RFC 8899.
const PROBE_INTERVAL: Span = Span::from_secs(600);

/// Segments that a window has to have for a probe, and that have to follow it, as on Linux.
const LEAST_WINDOW: u64 = 11;
const BEHIND: u64 = 4;

#[cfg(test)]
mod tests;
