//! The receiving direction: data, FIN, and the window that is offered.
//!
//! The edge of the window never moves back (RFC 9293, section 3.8.6), and moves on only in steps
//! worth a segment (section 3.8.6.2.2, silly windows).

use super::{
    machine::Native,
    segment::{Flags, Segment},
};
use crate::trace::TcpState;

impl Native {
    /// Takes data and FIN of a segment that begins at `seq` and is acceptable.
    pub(super) fn take_payload(&mut self, segment: &Segment<'_>, seq: u64) {
        if segment.flags.has(Flags::FIN) {
            let fin = seq + segment.payload.len() as u64;
            if fin <= self.rx.edge.max(self.rx.next()) {
                self.rx.fin.get_or_insert(fin);
            }
            // Behind a gap it is told at once.
            self.acks.demand();
        }
        if !segment.payload.is_empty() && !self.rx.finished {
            self.tune_receiver(segment);
            self.note_mark(segment);
            self.take_data(seq, segment.payload);
        }
        self.take_fin();
    }

    pub(super) fn take_data(&mut self, seq: u64, payload: &[u8]) {
        if !self.takes_data() {
            return;
        }
        let next = self.rx.data.next();
        let end = seq + payload.len() as u64;
        self.note_overlap(seq, end);
        let (from, to) = (seq.max(next), end.min(self.rx.edge));
        if from >= to || !self.rx.data.has_room(from, to) {
            return self.acks.demand();
        }
        #[allow(clippy::cast_possible_truncation, reason = "parts of a packet")]
        let data = &payload[(from - seq) as usize..(to - seq) as usize];
        let had_gaps = self.rx.data.has_gaps();
        let moved = self.rx.data.insert(from, data);
        if !moved || had_gaps || to < end {
            // RFC 5681, section 4.2: at once, so that the sender learns of gaps and their ends.
            self.acks.demand();
        }
        if moved {
            let (len, next) = (payload.len() as u64, self.rx.data.next());
            let window = self.rx.edge - next.min(self.rx.edge);
            self.acks.received(self.now, len, next, window);
        }
    }

    /// RFC 2883: tells what came twice.
    fn note_overlap(&mut self, seq: u64, end: u64) {
        if !self.agreed.sack {
            return;
        }
        let next = self.rx.data.next();
        if seq < next {
            self.rx.twice = Some((seq, end.min(next)));
        } else if self.rx.data.has_gaps() && self.rx.data.holds(seq, end) {
            self.rx.twice = Some((seq, end));
        }
    }

    /// Takes the FIN when all before it has come.
    fn take_fin(&mut self) {
        if self.rx.finished || self.rx.fin != Some(self.rx.data.next()) {
            return;
        }
        self.rx.finished = true;
        self.acks.demand();
        match self.state {
            TcpState::SynReceived | TcpState::Established => self.state = TcpState::CloseWait,
            TcpState::FinWait1 => self.state = TcpState::Closing,
            TcpState::FinWait2 => self.begin_time_wait(),
            _ => {}
        }
    }

    /// The window of a SYN, which is not scaled.
    pub(super) fn first_window(&self) -> u64 {
        self.tuning.limit.min(u16::MAX.into())
    }

    /// The shift that the largest window needs.
    pub(super) fn own_scale(&self) -> u8 {
        let needed = |shift: &u8| self.tuning.most() >> shift <= u16::MAX.into();
        (0..=14).find(needed).unwrap_or(14)
    }

    /// The edge that the window could have now.
    fn possible_edge(&self) -> u64 {
        let unread = self.rx.data.ready() as u64;
        let room = self.tuning.limit.saturating_sub(unread);
        self.rx.data.next() + room
    }

    /// Moves the edge on if that is worth it, and gives back the window to tell.
    pub(super) fn offer_window(&mut self) -> u16 {
        let next = self.rx.next();
        let possible = self.possible_edge();
        if possible >= self.rx.edge + self.worthwhile() {
            self.rx.edge = possible;
        }
        let window = self.rx.edge.saturating_sub(next);
        let shift = self.agreed.scale.map_or(0, |(_, own)| own);
        // Rounded up, so that the edge does not move back.
        let told = window.div_ceil(1 << shift).min(u16::MAX.into());
        self.rx.edge = self.rx.edge.max(next + (told << shift));
        u16::try_from(told).unwrap_or(u16::MAX)
    }

    /// RFC 9293, section 3.8.6.2.2: half the buffer or a full segment.
    fn worthwhile(&self) -> u64 {
        let segment = u64::from(self.tx.mtu.saturating_sub(40));
        segment.min(self.tuning.limit / 2).max(1)
    }

    /// True if a program has read so much that the sender should hear of it: the window could be
    /// twice what the sender believes it to be, as Linux has it.
    pub(super) fn window_grew(&self) -> bool {
        if !self.rx.read || !self.takes_data() || self.rx.finished {
            return false;
        }
        let now = self.rx.edge.saturating_sub(self.rx.next());
        let possible = self.possible_edge().saturating_sub(self.rx.next());
        2 * now <= self.tuning.limit
            && possible >= (2 * now).max(self.worthwhile())
            && possible > now
    }
}
