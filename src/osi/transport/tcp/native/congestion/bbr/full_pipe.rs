//! Whether the pipe is full: three round trips that brought less than a quarter more (5.3.1.2).

use super::Sample;

#[derive(Debug, Clone, Copy, Default)]
pub(super) struct FullPipe {
    bw: u64,
    count: u32,
    /// BBR.full_bw_now: full since it was last asked.
    pub(super) now: bool,
    /// BBR.full_bw_reached: full ever.
    pub(super) reached: bool,
}

impl FullPipe {
    /// ResetFullBW, with `bw` as the baseline.
    pub(super) fn reset(&mut self, bw: u64) {
        (self.bw, self.count, self.now) = (bw, 0, false);
    }

    /// CheckFullBWReached.
    pub(super) fn check(&mut self, round_start: bool, rs: &Sample) {
        if self.now || !round_start || rs.app_limited {
            return;
        }
        if u128::from(rs.rate) * 4 >= u128::from(self.bw) * 5 {
            self.reset(rs.rate);
            return;
        }
        self.count += 1;
        self.now = self.count >= 3;
        self.reached |= self.now;
    }
}
