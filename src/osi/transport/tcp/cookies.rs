//! Handshakes of which nothing is kept: SYN cookies (RFC 4987, section 3.6).
//!
//! As on Linux they are made only while the backlog is full of handshakes, and believed only for two
//! minutes after. A backlog full of connections that nobody accepts is not helped by them.

use super::{DropReason, Ends, Key, Outbox, Tcp, TcpMachine, TcpState, machine::Machine};
use crate::osi::transport::spare;

impl Tcp {
    /// Answers a SYN for which there is no room. False if no cookie may be sent.
    pub(super) fn answer_with_cookie(
        &mut self,
        outbox: &mut Outbox,
        ends: Ends,
        packet: &[u8],
    ) -> bool {
        let (now, cookies) = (outbox.now, self.cookies);
        let config = self.config_of(ends.0.port());
        let (backlog, native) = (config.backlog, config.machine == TcpMachine::Native);
        let may = config.syn_cookies && native;
        if !may || !self.listeners.presses(ends.0.port(), backlog, now) {
            return false;
        }
        let Machine::Native(machine) = self.arriving(outbox, ends).machine else {
            return false;
        };
        let answer = spare::with(|pool| machine.answer_with_cookie(now, packet, cookies, pool));
        answer.into_iter().for_each(|packet| outbox.push(packet));
        true
    }

    /// The connection whose handshake a cookie in `packet` completes, if there is one in it. Where it
    /// finds no room it is dropped, as on Linux: it comes again with the peer's data.
    pub(super) fn recall(
        &mut self,
        outbox: &Outbox,
        ends: Ends,
        packet: &[u8],
    ) -> Result<Option<Key>, DropReason> {
        let (now, cookies) = (outbox.now, self.cookies);
        let port = ends.0.port();
        if !self.listeners.believes(port, now) {
            return Ok(None);
        }
        let mut connection = self.arriving(outbox, ends);
        let Machine::Native(machine) = connection.machine else {
            return Ok(None);
        };
        let Some(machine) = machine.recalled_by(now, packet, cookies) else {
            return Ok(None);
        };
        let backlog = self.config_of(port).backlog;
        if !self.listeners.recall(port, backlog) {
            return Err(DropReason::SocketBufferFull);
        }
        connection.machine = Machine::Native(Box::new(machine));
        connection.state = TcpState::SynReceived;
        Ok(Some(self.insert(connection)))
    }
}
