//! Connections at rest: what is left of one in TIME-WAIT once its program is gone.
//!
//! Its buffers go at once. What stays is who it was between, its last ACK, and until when: enough
//! to acknowledge a FIN that comes again (RFC 9293, section 3.10.7.4). A RST does not end the rest
//! early (RFC 1337).

use std::collections::{BTreeMap, BTreeSet};

use super::{Ends, EndsKey, Key, Outbox, SimTime, Tcp, TcpChange, TcpEvent, TcpState, native};
use crate::{
    osi::transport::{TcpMachine, spare},
    units::Span,
    wire::HEADER_LEN,
};

/// The connections of a host that are at rest.
#[derive(Debug)]
pub(super) struct Resting {
    /// How long a rest lasts.
    length: Span,
    by_ends: BTreeMap<EndsKey, Rest>,
    deadlines: BTreeSet<(SimTime, Ends)>,
}

#[derive(Debug)]
struct Rest {
    until: SimTime,
    last_ack: Vec<u8>,
}

/// Twice the maximum segment lifetime, as smoltcp counts it.
const TWO_MSL: Span = Span::from_secs(10);

impl Resting {
    pub(super) const fn new(machine: TcpMachine) -> Self {
        Self {
            length: match machine {
                TcpMachine::Smoltcp => TWO_MSL,
                TcpMachine::Native => native::TIME_WAIT,
            },
            by_ends: BTreeMap::new(),
            deadlines: BTreeSet::new(),
        }
    }

    pub(super) fn holds(&self, ends: &Ends) -> bool {
        self.by_ends.contains_key(&EndsKey::from(ends))
    }

    pub(super) fn next_end(&self) -> Option<SimTime> {
        self.deadlines.first().map(|(until, _)| *until)
    }

    fn begin(&mut self, ends: Ends, until: SimTime, last_ack: Vec<u8>) {
        self.deadlines.insert((until, ends));
        self.by_ends
            .insert(EndsKey::from(&ends), Rest { until, last_ack });
    }

    fn end(&mut self, ends: &Ends) -> Option<Rest> {
        let rest = self.by_ends.remove(&EndsKey::from(ends))?;
        self.deadlines.remove(&(rest.until, *ends));
        Some(rest)
    }
}

impl Tcp {
    /// Frees the socket of `key` if all it has left to do is to wait out TIME-WAIT.
    pub(super) fn lay_to_rest(&mut self, key: Key, now: SimTime) {
        let connection = self.connections.get_mut(key);
        let done = |c: &&mut super::Connection| c.orphan && c.state == TcpState::TimeWait;
        let Some(connection) = connection.filter(done) else {
            return;
        };
        let (ends, deadline) = (connection.ends, connection.deadline.take());
        let Some(last_ack) = connection.machine.take_last_ack() else {
            connection.deadline = deadline;
            return;
        };
        if let Some(deadline) = deadline {
            self.deadlines.remove(&(deadline, key));
        }
        self.by_ends.remove(&EndsKey::from(&ends));
        self.connections.remove(key);
        self.resting.begin(
            ends,
            deadline.unwrap_or(now + self.resting.length),
            last_ack,
        );
    }

    /// True if the SYN in `packet` may end the rest of `ends`. The native TCP asks that it begins
    /// above all that came (RFC 9293, section 3.6.1), which its last ACK says.
    pub(super) fn may_reopen_rest(&self, ends: &Ends, packet: &[u8]) -> bool {
        let rest = self.resting.by_ends.get(&EndsKey::from(ends));
        let number = |packet: &[u8], at: usize| {
            let header = usize::from(packet.first()? & 0x0f) * 4;
            let bytes = packet.get(header + at..)?.first_chunk()?;
            Some(u32::from_be_bytes(*bytes))
        };
        let expected = rest.and_then(|rest| number(&rest.last_ack, 8));
        match (expected, number(packet, 4)) {
            (Some(next), Some(seq)) if self.config.machine == TcpMachine::Native => {
                seq.wrapping_sub(next).cast_signed() > 0
            }
            _ => true,
        }
    }

    /// Takes a segment for a connection at rest: a FIN that comes again is acknowledged again,
    /// and so is a SYN that may not end the rest.
    pub(super) fn disturb(&mut self, outbox: &mut Outbox, ends: Ends, fin: bool, opens: bool) {
        let Some(rest) = self.resting.end(&ends) else {
            return;
        };
        let mut until = rest.until;
        if fin {
            until = outbox.now + self.resting.length;
        }
        if fin || opens {
            let mut packet = spare::take();
            packet.resize(HEADER_LEN, 0);
            packet.extend_from_slice(&rest.last_ack);
            outbox.push(packet);
        }
        self.resting.begin(ends, until, rest.last_ack);
    }

    /// Ends the rest of `ends`.
    pub(super) fn end_rest(&mut self, ends: &Ends, now: SimTime) {
        if self.resting.end(ends).is_some() {
            self.events.push(TcpEvent {
                at: now,
                local: ends.0,
                remote: ends.1,
                what: TcpChange::State(TcpState::Closed),
            });
        }
    }

    /// Ends every rest whose time has come.
    pub(super) fn end_rests_due(&mut self, now: SimTime) {
        while let Some(&(until, ends)) = self.resting.deadlines.first() {
            if until > now {
                return;
            }
            self.end_rest(&ends, now);
        }
    }
}
