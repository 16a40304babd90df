//! BBR.max_bw: the largest delivery rate of this probing cycle and the last (draft, 5.5.5).

use super::Sample;

#[derive(Debug, Clone, Copy, Default)]
pub(super) struct MaxBandwidth {
    /// Bytes/s.
    now: u64,
    before: u64,
}

impl MaxBandwidth {
    pub(super) fn get(&self) -> u64 {
        self.now.max(self.before)
    }

    /// UpdateMaxBw: a sample that the application bounded counts only if it is larger.
    pub(super) fn update(&mut self, rs: &Sample) {
        if rs.rate > 0 && (rs.rate >= self.get() || !rs.app_limited) {
            self.now = self.now.max(rs.rate);
        }
    }

    /// AdvanceMaxBwFilter: a cycle is over. One without a sample leaves the filter as it is.
    pub(super) fn advance(&mut self) {
        if self.now > 0 {
            self.before = self.now;
            self.now = 0;
        }
    }
}
