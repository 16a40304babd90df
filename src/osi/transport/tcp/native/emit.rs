//! The bytes of what leaves: SYN, data, bare control segments and ACKs, with their options.

use super::{
    machine::Native,
    options::{Blocks, Options, Timestamps},
    segment::{Flags, Outgoing},
    sequence,
};
use crate::{trace::TcpState, wire::FramePool};

impl Native {
    /// SYN or SYN-ACK, with what is offered or agreed.
    pub(super) fn syn(&mut self, pool: &mut FramePool) -> Option<Vec<u8>> {
        if !std::mem::take(&mut self.tx.pending.syn) {
            return None;
        }
        let answers = self.rx.begun;
        let options = Options {
            mss: Some(self.tx.mtu.saturating_sub(40)),
            scale: (!answers || self.agreed.scale.is_some()).then(|| self.own_scale()),
            sack_permitted: !answers || self.agreed.sack,
            timestamps: (!answers || self.agreed.timestamps).then(|| self.stamps()),
            fast_open: self.fast_option(answers),
            ..Options::default()
        };
        let flags = if answers {
            Flags::SYN.with(Flags::ACK)
        } else {
            Flags::SYN
        };
        let flags = flags.with(self.ecn_of_syn(answers));
        self.tx.next = self.tx.next.max(self.tx.initial + 1);
        self.tx.last_at = self.now;
        self.waits_since.get_or_insert(self.now);
        self.arm_retransmit();
        if answers {
            self.note_told();
        }
        let outgoing = Outgoing {
            seq: sequence::to_wire(self.tx.initial),
            ack: self.ack_number(),
            flags,
            window: u16::try_from(self.first_window()).unwrap_or(u16::MAX),
            urgent: 0,
            options,
            ecn_capable: false,
        };
        let len = self.fast_data(options.emit(&mut [0; 40]));
        let data = self.tx.buffer.slices(self.tx.initial + 1, len);
        Some(outgoing.packet(&self.address, data, pool))
    }

    fn stamps(&self) -> Timestamps {
        Timestamps {
            value: self.stamp(),
            echo: self.agreed.recent,
        }
    }

    fn ack_number(&self) -> u32 {
        match self.rx.begun {
            true => sequence::to_wire(self.rx.next()),
            false => 0,
        }
    }

    /// Everything up to RCV.NXT is acknowledged by what leaves now.
    fn note_told(&mut self) {
        self.rx.told = self.rx.next();
        self.rx.read = false;
        self.acks.sent(self.rx.told);
    }

    /// A segment with the bytes from `start` to `end`; the last of them may be the FIN.
    pub(super) fn segment(
        &mut self,
        start: u64,
        end: u64,
        new: bool,
        pool: &mut FramePool,
    ) -> Vec<u8> {
        let behind = self.tx.buffer.end();
        let mut flags = Flags::ACK;
        let len = usize::try_from(end.min(behind).saturating_sub(start)).unwrap_or(0);
        if end >= behind && len > 0 {
            flags = flags.with(Flags::PSH);
        }
        if end > behind {
            flags = flags.with(Flags::FIN);
        }
        let new = new && len > 0;
        let flags = flags.with(self.ecn_flags(new));
        let mut outgoing = self.outgoing(flags, start, Blocks::default());
        // What is sent again is not marked (RFC 3168, section 6.1.5).
        outgoing.ecn_capable = new && self.ecn.agreed;
        let data = self.tx.buffer.slices(start, len);
        outgoing.packet(&self.address, data, pool)
    }

    /// A segment without data.
    pub(super) fn bare(&mut self, flags: Flags, seq: u64, pool: &mut FramePool) -> Vec<u8> {
        let outgoing = self.outgoing(flags, seq, Blocks::default());
        outgoing.packet(&self.address, (&[], &[]), pool)
    }

    pub(super) fn ack(&mut self, pool: &mut FramePool) -> Vec<u8> {
        let blocks = self.blocks();
        let flags = Flags::ACK.with(self.ecn_flags(false));
        let outgoing = self.outgoing(flags, self.tx.next, blocks);
        outgoing.packet(&self.address, (&[], &[]), pool)
    }

    /// An ACK of what came before `next` alone, with or without an echo.
    pub(super) fn ack_before(
        &mut self,
        (next, echo): (u64, bool),
        pool: &mut FramePool,
    ) -> Vec<u8> {
        let mut outgoing = self.outgoing(Flags::ACK, self.tx.next, Blocks::default());
        let shift = self.agreed.scale.map_or(0, |(_, own)| own);
        let window = self.rx.edge.saturating_sub(next) >> shift;
        outgoing.window = u16::try_from(window).unwrap_or(u16::MAX);
        outgoing.ack = sequence::to_wire(next);
        if echo {
            outgoing.flags = outgoing.flags.with(Flags::ECE);
        }
        self.acks.demand();
        outgoing.packet(&self.address, (&[], &[]), pool)
    }

    /// What SACK tells: what came twice, then the islands, the newest first (RFC 2883, 2018).
    fn blocks(&mut self) -> Blocks {
        let mut blocks = Blocks::default();
        if !self.agreed.sack {
            return blocks;
        }
        let wire = |(start, end)| (sequence::to_wire(start), sequence::to_wire(end));
        let fin = self.rx.fin.filter(|_| !self.rx.finished);
        // A FIN behind a gap takes its number with the island before it, or is one by itself.
        let with_fin = |(start, end)| (start, if Some(end) == fin { end + 1 } else { end });
        let twice = self.rx.twice.take();
        let around = twice.and_then(|(start, _)| self.rx.data.island_around(start));
        for range in twice.into_iter().chain(around.map(with_fin)) {
            blocks.push(wire(range));
        }
        if let Some(fin) = fin.filter(|fin| !self.rx.data.has_island_to(*fin)) {
            blocks.push(wire((fin, fin + 1)));
        }
        self.rx.data.each_recent(4, |start, end| {
            if Some((start, end)) != around {
                blocks.push(wire(with_fin((start, end))));
            }
        });
        blocks
    }

    /// A header for now, which acknowledges all that has come.
    fn outgoing(&mut self, flags: Flags, seq: u64, sack: Blocks) -> Outgoing {
        let acknowledges = flags.has(Flags::ACK);
        let window = if acknowledges { self.offer_window() } else { 0 };
        if acknowledges {
            self.note_told();
        }
        let urgent = self.urgent_from(seq).filter(|_| acknowledges);
        let flags = match urgent {
            Some(_) => flags.with(Flags::URG),
            None => flags,
        };
        Outgoing {
            seq: sequence::to_wire(seq),
            ack: if acknowledges { self.ack_number() } else { 0 },
            flags,
            window,
            urgent: urgent.unwrap_or(0),
            options: Options {
                timestamps: self.agreed.timestamps.then(|| self.stamps()),
                sack,
                ..Options::default()
            },
            ecn_capable: false,
        }
    }

    /// The last ACK of a connection in TIME-WAIT, as an IP packet.
    pub(in super::super) fn take_last_ack(&mut self) -> Option<Vec<u8>> {
        if self.state != TcpState::TimeWait || self.acks.due {
            return None;
        }
        let packet = self.ack(&mut FramePool::default());
        Some(packet[crate::wire::HEADER_LEN..].to_vec())
    }
}
