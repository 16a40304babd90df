//! What a reader of TCP headers must remember: where each direction's numbers started, and which
//! packet first carried which bytes.
//!
//! It sees segments in the order in which their senders sent them, so whatever lies below the
//! highest byte sent so far has been sent before.

use std::{collections::BTreeMap, net::SocketAddr};

use super::facts::Segment;

/// What a segment is in its connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reading {
    /// Sequence number relative to the SYN's.
    pub(super) seq: u32,
    /// Acknowledgment number relative to the other side's SYN.
    pub(super) ack: u32,
    /// What is special about it.
    pub(super) special: Option<Special>,
}

/// What is special about a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Special {
    /// It carries bytes that the packet of this index carried first.
    RetransmissionOf(usize),
    /// It says that data came twice: what was sent again had not been lost.
    Twice,
    /// It repeats the acknowledgment before it, and nothing else.
    DuplicateAck,
    /// It probes a silent peer (RFC 9293, section 3.8.4).
    KeepAlive,
}

/// All directions of all connections seen so far.
#[derive(Debug, Default)]
pub(super) struct Connections(BTreeMap<(SocketAddr, SocketAddr), Sender>);

/// One direction of a connection.
#[derive(Debug)]
struct Sender {
    /// The raw number that is called zero.
    base: u32,
    /// One past the highest relative number sent.
    next: u32,
    /// First relative number and packet of everything sent that takes sequence space.
    sent: Vec<(u32, usize)>,
    /// Acknowledgment and window of the last segment, if it carried nothing.
    last_bare: Option<(u32, u16)>,
}

impl Connections {
    /// Reads the next segment from `from` to `to`, which is packet number `packet`.
    pub(super) fn read(
        &mut self,
        from: SocketAddr,
        to: SocketAddr,
        segment: &Segment,
        packet: usize,
    ) -> Reading {
        let ack = self.relative_ack(from, to, segment);
        let sender = self
            .0
            .entry((from, to))
            .or_insert_with(|| Sender::starting(segment));
        if segment.flags.syn && sender.base != segment.seq {
            *sender = Sender::starting(segment);
        }
        let seq = segment.seq.wrapping_sub(sender.base);
        let special = sender.special(seq, ack, segment);
        sender.remember(seq, ack, segment, packet);
        Reading { seq, ack, special }
    }

    /// The acknowledgment relative to the other side's start. If the other side was never seen,
    /// its first acknowledged number is called 1.
    fn relative_ack(&mut self, from: SocketAddr, to: SocketAddr, segment: &Segment) -> u32 {
        if !segment.flags.ack {
            return 0;
        }
        let other = self
            .0
            .entry((to, from))
            .or_insert_with(|| Sender::from_base(segment.ack.wrapping_sub(1)));
        segment.ack.wrapping_sub(other.base)
    }
}

impl Sender {
    /// A direction whose first segment seen is `segment`: a SYN is number 0, anything else 1.
    const fn starting(segment: &Segment) -> Self {
        let before = if segment.flags.syn { 0 } else { 1 };
        Self::from_base(segment.seq.wrapping_sub(before))
    }

    const fn from_base(base: u32) -> Self {
        Self {
            base,
            next: 0,
            sent: Vec::new(),
            last_bare: None,
        }
    }

    fn special(&self, seq: u32, ack: u32, segment: &Segment) -> Option<Special> {
        if self.next > 0 && segment.len <= 1 && segment.space() == segment.len {
            let probes = seq.wrapping_add(1) == self.next;
            if probes && !self.sent.iter().any(|&(start, _)| start == seq) {
                return Some(Special::KeepAlive);
            }
        }
        if segment.space() > 0 {
            return self.first_carrier(seq).map(Special::RetransmissionOf);
        }
        if segment.dsack {
            return Some(Special::Twice);
        }
        let bare = !segment.flags.rst && self.last_bare == Some((ack, segment.window));
        bare.then_some(Special::DuplicateAck)
    }

    /// The packet that first carried the byte numbered `seq`.
    fn first_carrier(&self, seq: u32) -> Option<usize> {
        let old = self.next.wrapping_sub(seq);
        if old == 0 || old > u32::MAX / 2 {
            return None;
        }
        let at_or_below = self.sent.partition_point(|&(start, _)| start <= seq);
        let (_, packet) = self.sent.get(at_or_below.checked_sub(1)?)?;
        Some(*packet)
    }

    fn remember(&mut self, seq: u32, ack: u32, segment: &Segment, packet: usize) {
        let bare = segment.space() == 0 && segment.flags.ack;
        self.last_bare = bare.then_some((ack, segment.window));
        let end = seq.wrapping_add(segment.space());
        let new = end.wrapping_sub(self.next);
        if segment.space() > 0 && new > 0 && new <= u32::MAX / 2 {
            self.sent.push((seq.max(self.next), packet));
            self.next = end;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagram::ladder::facts::Flags;

    fn ends() -> (SocketAddr, SocketAddr) {
        (
            "10.0.0.1:4000".parse().unwrap(),
            "10.0.0.2:80".parse().unwrap(),
        )
    }

    fn segment(seq: u32, ack: u32, len: u32, syn: bool) -> Segment {
        Segment {
            source: 0,
            destination: 0,
            seq,
            ack,
            window: 1000,
            len,
            flags: Flags {
                syn,
                ack: ack != 0,
                ..Flags::default()
            },
            dsack: false,
        }
    }

    #[test]
    fn numbers_count_from_the_syn_and_repeats_name_their_original() {
        let (a, b) = ends();
        let mut seen = Connections::default();
        assert_eq!(seen.read(a, b, &segment(u32::MAX, 0, 0, true), 0).seq, 0);
        let answer = seen.read(b, a, &segment(700, 0, 0, true), 1);
        assert_eq!((answer.seq, answer.special), (0, None));
        // The SYN took number 2^32 - 1, so the first byte has raw number 0, relative 1.
        let first = seen.read(a, b, &segment(0, 701, 100, false), 2);
        assert_eq!((first.seq, first.ack, first.special), (1, 1, None));
        let second = seen.read(a, b, &segment(100, 701, 100, false), 3);
        assert_eq!((second.seq, second.special), (101, None));
        let again = seen.read(a, b, &segment(100, 701, 100, false), 4);
        assert_eq!(again.special, Some(Special::RetransmissionOf(3)));
    }

    #[test]
    fn a_repeated_bare_ack_is_a_duplicate() {
        let (a, b) = ends();
        let mut seen = Connections::default();
        seen.read(a, b, &segment(10, 0, 0, true), 0);
        assert_eq!(seen.read(b, a, &segment(5, 11, 0, false), 1).special, None);
        let again = seen.read(b, a, &segment(5, 11, 0, false), 2);
        assert_eq!(again.special, Some(Special::DuplicateAck));
    }

    #[test]
    fn one_byte_below_the_next_number_is_a_keep_alive() {
        let (a, b) = ends();
        let mut seen = Connections::default();
        seen.read(a, b, &segment(10, 0, 0, true), 0);
        seen.read(a, b, &segment(11, 5, 100, false), 1);
        let probe = seen.read(a, b, &segment(110, 5, 1, false), 2);
        assert_eq!(probe.special, Some(Special::KeepAlive));
    }
}
