//! Urgent data (RFC 9293, section 3.8.5; RFC 6093): a mark in the stream, up to which the reader is
//! asked to hurry. The bytes stay where they are, in line; nothing is taken out of the stream, as
//! RFC 6093 recommends and unlike what Linux does unless `SO_OOBINLINE` asks for it.
//!
//! The pointer names the byte behind the urgent data, as every implementation has it.

use super::{
    machine::Native,
    segment::{Flags, Segment},
};
use crate::trace::TcpCause;

impl Native {
    /// Takes as much of `data` as there is room for; the last byte taken is the last urgent one.
    pub(in super::super) fn send_urgent(&mut self, data: &[u8]) -> Option<usize> {
        let taken = self.send(data)?;
        if taken > 0 {
            self.tx.urgent = self.tx.buffer.end();
        }
        Some(taken)
    }

    /// The pointer of a segment that begins at `seq`, while urgent data is not acknowledged. What is
    /// too far away for it is told as far as it goes.
    pub(super) fn urgent_from(&self, seq: u64) -> Option<u16> {
        let pending = self.tx.urgent > self.tx.una;
        let ahead = self.tx.urgent.saturating_sub(seq);
        (pending && ahead > 0).then(|| u16::try_from(ahead).unwrap_or(u16::MAX))
    }

    /// RFC 9293, section 3.10.7.4, sixth: the mark only moves on.
    pub(super) fn note_urgent(&mut self, seq: u64, segment: &Segment<'_>) {
        if !segment.flags.has(Flags::URG) || !self.takes_data() {
            return;
        }
        let mark = seq + u64::from(segment.urgent);
        if mark > self.rx.urgent.max(self.rx.data.read_to()) {
            self.rx.urgent = mark;
            self.note(TcpCause::UrgentData);
        }
    }

    /// How many bytes the program has still to read up to the mark; they may not have come yet.
    pub(in super::super) const fn urgent(&self) -> u64 {
        self.rx.urgent.saturating_sub(self.rx.data.read_to())
    }
}
