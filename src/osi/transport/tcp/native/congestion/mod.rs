//! Congestion control: how much may be in flight, and how fast it may leave.
//!
//! [`CongestionControl`] is the seam between the machine, which knows what was sent, delivered
//! and lost, and an algorithm, which only decides. All counts are bytes of payload. A round trip
//! has passed when [`AckEvent::acked_to`] reaches what [`AckEvent::sent_to`] was at its start.
//!
//! The order of calls for one ACK: [`CongestionControl::on_segment_lost`] for each segment that it
//! shows lost, then [`CongestionControl::on_loss`] if recovery begins with it (or
//! [`CongestionControl::on_recovered`] if it ends, or [`CongestionControl::on_spurious`] if it
//! shows that a reduction was for nothing), then [`CongestionControl::on_ack`], always and last.
//!
//! While recovery goes on and [`CongestionControl::uses_prr`] is true, the machine bounds what is
//! in flight by proportional rate reduction, which heads for `ssthresh`; `window` then holds the
//! value that the connection leaves recovery with.
//!
//! Not here: which segments are lost (RACK-TLP, in `recovery`), and when to retransmit.

use std::fmt;

use crate::units::SimTime;

mod bbr;
mod bbr1;
mod build;
mod cubic;
mod dctcp;
mod events;
mod factory;
mod hystart;
#[cfg(test)]
mod model;
mod new_reno;
mod none;
mod reno;
#[cfg(test)]
mod sample;
#[cfg(test)]
mod tests;
mod vegas;
mod window;

pub use bbr::Bbr;
pub use bbr1::Bbr1;
pub use build::{Controller, Kind, build};
pub use cubic::Cubic;
pub use dctcp::Dctcp;
pub use events::{
    AckEvent, IdleEvent, LossCause, LossEvent, LostSegment, Path, Recovery, SentEvent,
};
pub use factory::Factory;
pub use new_reno::NewReno;
pub use none::NoControl;
pub use reno::Reno;
pub use vegas::Vegas;

/// A congestion control algorithm, one value a connection.
///
/// Only five methods must be written; the rest have bodies that fit a window-based algorithm.
///
/// # Example
/// Additive increase by one segment a round trip, and a quarter off at a loss:
/// ```
/// use netsim::osi::transport::congestion::{AckEvent, CongestionControl, LossEvent};
///
/// #[derive(Debug)]
/// struct Gentle {
///     window: u64,
///     ssthresh: u64,
/// }
///
/// impl CongestionControl for Gentle {
///     fn name(&self) -> &'static str {
///         "gentle"
///     }
///     fn window(&self) -> u64 {
///         self.window
///     }
///     fn ssthresh(&self) -> u64 {
///         self.ssthresh
///     }
///     fn on_ack(&mut self, ack: &AckEvent) {
///         // What was delivered outside of recovery by a sender that uses its window.
///         let bytes = ack.growth(self.window, self.ssthresh);
///         self.window += if self.window < self.ssthresh {
///             bytes
///         } else {
///             ack.mss * bytes / self.window
///         };
///     }
///     fn on_loss(&mut self, loss: &LossEvent) {
///         self.ssthresh = (self.window / 4 * 3).max(2 * loss.mss);
///         self.window = self.ssthresh;
///     }
///     fn on_timeout(&mut self, loss: &LossEvent) {
///         self.on_loss(loss);
///         self.window = loss.mss;
///     }
/// }
///
/// let gentle = Gentle { window: 14_600, ssthresh: u64::MAX };
/// assert_eq!(gentle.phase(), "slow start");
/// ```
pub trait CongestionControl: fmt::Debug + Send {
    /// The name in files and records, such as `"cubic"`.
    fn name(&self) -> &'static str;

    /// The congestion window \[bytes\]: the most that may be in flight. At least one segment.
    fn window(&self) -> u64;

    /// The slow start threshold \[bytes\]; `u64::MAX` while there is none.
    fn ssthresh(&self) -> u64 {
        u64::MAX
    }

    /// How fast segments may leave \[bytes/s\]; `None`: as soon as the window lets them.
    fn pacing_rate(&self) -> Option<u64> {
        None
    }

    /// The phase that the algorithm is in, in the words of its specification.
    fn phase(&self) -> &'static str {
        if self.window() < self.ssthresh() {
            "slow start"
        } else {
            "congestion avoidance"
        }
    }

    /// Whether the machine does proportional rate reduction (RFC 6937) in recovery. An algorithm
    /// that says no bounds what is in flight by `window` alone, in recovery too.
    fn uses_prr(&self) -> bool {
        true
    }

    /// Whether segments are to be sent as ECN-capable and each mark to be echoed (RFC 8257).
    fn wants_accurate_ecn(&self) -> bool {
        false
    }

    /// The connection is established; comes before any other event.
    fn on_established(&mut self, _now: SimTime, _path: &Path) {}

    /// The largest segment's size is now `mss` bytes (path MTU discovery). The window stays in
    /// bytes, but at least one segment.
    fn on_mss(&mut self, _mss: u64) {}

    /// A segment with data left.
    fn on_sent(&mut self, _sent: &SentEvent) {}

    /// Sending begins again after silence of at least a retransmission timeout with nothing in
    /// flight; comes before `on_sent`.
    fn on_idle(&mut self, _idle: &IdleEvent) {}

    /// An ACK came that delivers something new, or any ACK in recovery.
    fn on_ack(&mut self, ack: &AckEvent);

    /// One segment is taken for lost (not by a retransmission timeout).
    fn on_segment_lost(&mut self, _lost: &LostSegment) {}

    /// Recovery begins (or an ECN echo asks for a reduction, at most once a round trip).
    fn on_loss(&mut self, loss: &LossEvent);

    /// The recovery point is acknowledged: fast recovery, the repair after a timeout or the
    /// reduction for an ECN echo is over.
    fn on_recovered(&mut self, _now: SimTime) {}

    /// The retransmission timer ran out for the first time for this data. Everything in flight
    /// counts as lost.
    fn on_timeout(&mut self, loss: &LossEvent);

    /// The last reduction was for nothing (DSACK, F-RTO, timestamps): take it back.
    fn on_spurious(&mut self, _now: SimTime) {}
}
