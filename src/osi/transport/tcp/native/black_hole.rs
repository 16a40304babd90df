//! Paths that swallow what is too large and say nothing (RFC 8899, section 4.3; RFC 4821, section
//! 7.7): the size of segments is lowered by trying, as Linux does with `tcp_mtu_probing`.
//!
//! After three time-outs in a row the segment may have been too large: 1024 bytes are tried, and at
//! each time-out after that half as many. Segments that small already are not the reason.
//!
//! Not here: probing for more (`mtu_search`). Without it, a path that has been found to be narrow
//! stays so for the connection.

use super::machine::Native;
use crate::osi::transport::MtuProbing;

impl Native {
    /// The retransmission timer ran out once more.
    pub(super) fn suspect_black_hole(&mut self) {
        let watches = self.settings.mtu_probing != MtuProbing::Off;
        if !watches || self.recovery.timeouts < TIMEOUTS {
            return;
        }
        let next = match self.mss() {
            mss if mss > BASE_MSS => BASE_MSS,
            mss => (mss / 2).max(LEAST_MSS),
        };
        if self.board.first().is_some_and(|first| first.len() > next) {
            self.leave_black_hole(next);
        }
    }

    /// Segments have at most `len` bytes from now on, or until a search finds more.
    fn leave_black_hole(&mut self, len: u64) {
        if let Some(search) = &mut self.search {
            search.begin_at(len);
            return self.use_smaller();
        }
        let options = if self.agreed.timestamps { 12 } else { 0 };
        let mtu = u16::try_from(40 + options + len).unwrap_or(u16::MAX);
        self.lower_mtu(self.now, mtu);
    }
}

/// Linux: `tcp_retries1`.
const TIMEOUTS: u32 = 3;

/// Linux: `tcp_base_mss`, and `tcp_mtu_probe_floor`.
pub(super) const BASE_MSS: u64 = 1024;
const LEAST_MSS: u64 = 48;
