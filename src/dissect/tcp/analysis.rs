//! What is unusual about a segment, judged by what this dissector has seen of its connection:
//! the questions of Wireshark's sequence analysis, without its clock.
//!
//! Without a clock a filled gap is a fast retransmission after two duplicate acknowledgments,
//! else out of order.

use super::conversation::{Segment, Side};

/// What is unusual about a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::dissect) enum Analysis {
    /// These bytes were seen before.
    Retransmission,
    /// The same, after duplicate acknowledgments asked for it (RFC 5681, section 3.2).
    FastRetransmission,
    /// The same, though the other side had acknowledged them already.
    SpuriousRetransmission,
    /// It fills a gap.
    OutOfOrder,
    /// It leaves a gap.
    PreviousNotSeen,
    /// It acknowledges the same for the n-th more time in a row.
    DuplicateAck(u32),
    /// It asks whether the other side is still there (RFC 9293, section 3.8.4).
    KeepAlive,
    /// The answer to a keep-alive.
    KeepAliveAck,
    /// The receiver's buffer is full.
    ZeroWindow,
    /// It asks whether the window is still closed (RFC 9293, section 3.8.6.1).
    ZeroWindowProbe,
    /// It does nothing but open the window.
    WindowUpdate,
    /// It fills the receiver's window.
    WindowFull,
}

impl Analysis {
    /// The value of the field "analysis".
    pub(super) const fn key(self) -> &'static str {
        match self {
            Self::Retransmission => "retransmission",
            Self::FastRetransmission => "fast retransmission",
            Self::SpuriousRetransmission => "spurious retransmission",
            Self::OutOfOrder => "out-of-order",
            Self::PreviousNotSeen => "previous segment not seen",
            Self::DuplicateAck(_) => "duplicate ack",
            Self::KeepAlive => "keep-alive",
            Self::KeepAliveAck => "keep-alive ack",
            Self::ZeroWindow => "zero window",
            Self::ZeroWindowProbe => "zero window probe",
            Self::WindowUpdate => "window update",
            Self::WindowFull => "window full",
        }
    }

    /// Wireshark's mark in front of the line.
    pub(super) fn mark(self) -> String {
        let words = match self {
            Self::Retransmission => "Retransmission",
            Self::FastRetransmission => "Fast Retransmission",
            Self::SpuriousRetransmission => "Spurious Retransmission",
            Self::OutOfOrder => "Out-Of-Order",
            Self::PreviousNotSeen => "Previous segment not captured",
            Self::DuplicateAck(count) => return format!("[TCP Dup ACK #{count}]"),
            Self::KeepAlive => "Keep-Alive",
            Self::KeepAliveAck => "Keep-Alive ACK",
            Self::ZeroWindow => "ZeroWindow",
            Self::ZeroWindowProbe => "ZeroWindowProbe",
            Self::WindowUpdate => "Window Update",
            Self::WindowFull => "Window Full",
        };
        format!("[TCP {words}]")
    }
}

/// Judges a segment of side `fwd` before it is remembered. `start`, `ack` and `window` are
/// relative and scaled.
pub(super) fn analyse(
    fwd: &Side,
    rev: &Side,
    segment: &Segment,
    start: u64,
    ack: u64,
    window: u32,
) -> Option<Analysis> {
    if segment.reset || fwd.next == 0 {
        return None;
    }
    let plain = !segment.syn && !segment.fin;
    if plain && window == 0 {
        return Some(Analysis::ZeroWindow);
    }
    if plain && segment.len <= 1 && start + 1 == fwd.next {
        return Some(Analysis::KeepAlive);
    }
    if plain && segment.len == 1 && start == fwd.next && rev.window == 0 && rev.next > 0 {
        return Some(Analysis::ZeroWindowProbe);
    }
    match segment.span() {
        0 if start > fwd.next => Some(Analysis::PreviousNotSeen),
        0 if start == fwd.next && ack == fwd.acked => repeated_ack(fwd, rev, window),
        0 => None,
        span => of_data(fwd, rev, start, start + span, segment.len > 0),
    }
}

/// A segment that only says again what its predecessor said.
const fn repeated_ack(fwd: &Side, rev: &Side, window: u32) -> Option<Analysis> {
    if window != fwd.window {
        return Some(Analysis::WindowUpdate);
    }
    if rev.keep_alive {
        return Some(Analysis::KeepAliveAck);
    }
    Some(Analysis::DuplicateAck(fwd.duplicate_acks + 1))
}

/// A segment that takes sequence space.
fn of_data(fwd: &Side, rev: &Side, start: u64, end: u64, has_data: bool) -> Option<Analysis> {
    if start > fwd.next {
        return Some(Analysis::PreviousNotSeen);
    }
    if start == fwd.next {
        let full = has_data && rev.window > 0 && end == rev.acked + u64::from(rev.window);
        return full.then_some(Analysis::WindowFull);
    }
    let asked_for = rev.duplicate_acks >= 2 && rev.acked == start;
    let fills = fwd.holes.iter().any(|h| start < h.end && h.start < end);
    Some(match (asked_for, fills) {
        (true, _) => Analysis::FastRetransmission,
        (false, true) => Analysis::OutOfOrder,
        (false, false) if end <= rev.acked => Analysis::SpuriousRetransmission,
        (false, false) => Analysis::Retransmission,
    })
}
