//! A learning switch (IEEE 802.1D, clause 7, without spanning tree).
//!
//! It notes behind which port it last saw each source address, sends frames for a known address
//! there alone, floods the rest, and forgets an address it has not seen for the ageing time.
//! Store-and-forward: a frame leaves when its last bit has arrived, without processing delay.

use std::collections::BTreeMap;

use super::outbox::Outbox;
use crate::{
    ids::PortId,
    trace::DropReason,
    units::{SimTime, Span},
    wire::{EthernetHeader, Frame, Mac},
};

/// A switch.
#[derive(Debug)]
pub struct Switch {
    ports: u16,
    ageing: Span,
    learned: BTreeMap<Mac, (PortId, SimTime)>,
    /// Frames sent to one port because the destination was known.
    pub forwarded: u64,
    /// Frames sent to all other ports.
    pub flooded: u64,
}

impl Switch {
    /// Most addresses it remembers; beyond, new ones are flooded and not learned.
    pub const TABLE_SIZE: usize = 131_072;

    /// A switch of `ports` ports that forgets after `ageing`.
    pub const fn new(ports: u16, ageing: Span) -> Self {
        Self {
            ports,
            ageing,
            learned: BTreeMap::new(),
            forwarded: 0,
            flooded: 0,
        }
    }

    /// Takes a frame that came in by `port`.
    pub fn handle_frame(&mut self, now: SimTime, port: PortId, frame: Frame, out: &mut Outbox) {
        let Some(header) = EthernetHeader::parse(&frame.bytes) else {
            return out.drop(port, frame, DropReason::Malformed);
        };
        self.learn(now, header.source, port);
        match self.lookup(now, header.destination) {
            Some(to) if to == port => out.drop(port, frame, DropReason::SamePort),
            Some(to) => {
                self.forwarded += 1;
                out.send(to, frame);
            }
            None => {
                self.flooded += 1;
                flood(self.ports, port, frame, out);
            }
        }
    }

    /// The addresses it knows, lowest first, with their ports.
    pub fn table(&self) -> impl Iterator<Item = (Mac, PortId)> {
        self.learned.iter().map(|(mac, (port, _))| (*mac, *port))
    }

    fn learn(&mut self, now: SimTime, source: Mac, port: PortId) {
        let known = self.learned.contains_key(&source);
        if !source.is_group() && (known || self.learned.len() < Self::TABLE_SIZE) {
            self.learned.insert(source, (port, now));
        }
    }

    fn lookup(&mut self, now: SimTime, destination: Mac) -> Option<PortId> {
        let &(port, seen) = self.learned.get(&destination)?;
        if now - seen >= self.ageing {
            self.learned.remove(&destination);
            return None;
        }
        Some(port)
    }
}

/// Sends `frame` to every port but the one it came in by.
pub(super) fn flood(ports: u16, came_in: PortId, frame: Frame, out: &mut Outbox) {
    let mut others = (0..ports).map(PortId).filter(|p| *p != came_in);
    let Some(last) = others.next_back() else {
        return out.recycle(frame);
    };
    for port in others {
        let copy = out.pool.copy(&frame);
        out.send(port, copy);
    }
    out.send(last, frame);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{FrameId, NodeId};

    fn frame(from: u32, to: Mac) -> Frame {
        let mut bytes = vec![0; 60];
        bytes[..6].copy_from_slice(&to.0);
        bytes[6..12].copy_from_slice(&Mac::generated(from, 0).0);
        let origin = NodeId(from);
        Frame::new(FrameId { origin, number: 0 }, bytes)
    }

    fn ports_of(out: &mut Outbox) -> Vec<u16> {
        out.sends.drain(..).map(|(p, _)| p.0).collect()
    }

    fn switch() -> (Switch, Outbox) {
        (Switch::new(4, Span::from_secs(300)), Outbox::default())
    }

    #[test]
    fn it_floods_what_it_does_not_know_and_learns_from_the_answer() {
        let (mut s, mut out) = switch();
        let (a, b) = (Mac::generated(1, 0), Mac::generated(2, 0));
        s.handle_frame(SimTime::ZERO, PortId(1), frame(1, b), &mut out);
        assert_eq!(ports_of(&mut out), [0, 2, 3]);
        s.handle_frame(SimTime::ZERO, PortId(3), frame(2, a), &mut out);
        assert_eq!(ports_of(&mut out), [1]);
        s.handle_frame(SimTime::ZERO, PortId(1), frame(1, b), &mut out);
        assert_eq!(ports_of(&mut out), [3]);
    }

    #[test]
    fn broadcasts_always_go_everywhere() {
        let (mut s, mut out) = switch();
        s.handle_frame(SimTime::ZERO, PortId(0), frame(1, Mac::BROADCAST), &mut out);
        assert_eq!(ports_of(&mut out), [1, 2, 3]);
    }

    #[test]
    fn it_forgets_after_the_ageing_time() {
        let (mut s, mut out) = switch();
        let a = Mac::generated(1, 0);
        s.handle_frame(SimTime::ZERO, PortId(1), frame(1, Mac::BROADCAST), &mut out);
        out.sends.clear();
        let later = |s| SimTime::ZERO + Span::from_secs(s);
        s.handle_frame(later(299), PortId(2), frame(2, a), &mut out);
        assert_eq!(ports_of(&mut out), [1]);
        s.handle_frame(later(300), PortId(2), frame(2, a), &mut out);
        assert_eq!(ports_of(&mut out), [0, 1, 3]);
    }

    #[test]
    fn a_frame_for_the_port_it_came_from_goes_nowhere() {
        let (mut s, mut out) = switch();
        let a = Mac::generated(1, 0);
        s.handle_frame(SimTime::ZERO, PortId(1), frame(1, Mac::BROADCAST), &mut out);
        out.sends.clear();
        s.handle_frame(SimTime::ZERO, PortId(1), frame(2, a), &mut out);
        assert_eq!(
            (out.sends.len(), out.drops[0].why),
            (0, DropReason::SamePort)
        );
    }
}
