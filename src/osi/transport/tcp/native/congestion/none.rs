//! No congestion control: only the receiver's window and the send buffer bound the flight.
//!
//! For teaching what congestion control is for. Nothing on a real network should do this.

use super::{AckEvent, CongestionControl, LossEvent};

/// Nothing to keep.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoControl;

/// More than any connection has in flight: a TCP window is at most 1 GiB (RFC 7323).
const UNBOUNDED: u64 = 1 << 40;

impl CongestionControl for NoControl {
    fn name(&self) -> &'static str {
        "none"
    }

    fn window(&self) -> u64 {
        UNBOUNDED
    }

    fn phase(&self) -> &'static str {
        "none"
    }

    fn uses_prr(&self) -> bool {
        false
    }

    fn on_ack(&mut self, _: &AckEvent) {}

    fn on_loss(&mut self, _: &LossEvent) {}

    fn on_timeout(&mut self, _: &LossEvent) {}
}
