//! What becomes of a connection: its states, who is told, and its end.

use std::io;

use super::{EndsKey, Key, Outbox, SimTime, Tcp, TcpChange, TcpEvent, TcpState, machine::Machine};

impl Tcp {
    /// Looks at what became of a connection: its state, who can go on, whether it is over.
    pub(super) fn observe(&mut self, key: Key, now: SimTime, rst: bool) {
        let Some(connection) = self.connections.get_mut(key).filter(|c| !c.over) else {
            return;
        };
        let state = connection.machine.state();
        let old = std::mem::replace(&mut connection.state, state);
        if old != state {
            self.report(key, now, old);
        }
        let Some(connection) = self.connections.get_mut(key) else {
            return;
        };
        if connection.abandoned {
            return self.finish(key, now, None);
        }
        if connection.machine.has_ended() {
            let error = rst.then_some(match old {
                TcpState::SynSent => io::ErrorKind::ConnectionRefused,
                _ => io::ErrorKind::ConnectionReset,
            });
            return self.finish(key, now, error);
        }
        if connection.orphan && connection.listener.is_none() && connection.machine.can_recv() {
            // Data for a program that is gone (RFC 1122, section 4.2.2.13).
            connection.machine.abort();
        }
        connection.wake();
        if let Machine::Native(native) = &mut connection.machine
            && let Some(changes) = native.changes()
        {
            let (local, remote) = connection.ends;
            self.events
                .extend(changes.map(|(at, cause, values)| TcpEvent {
                    at,
                    local,
                    remote,
                    what: TcpChange::Values(cause, values),
                }));
        }
        self.count_outstanding(key);
    }

    /// Looks at what a program has made of a connection.
    pub(super) fn observe_touched(&mut self, key: Key, now: SimTime) {
        let connection = self.connections.get_mut(key);
        if connection.is_some_and(|c| std::mem::take(&mut c.touched)) {
            self.observe(key, now, false);
        }
    }

    /// Tells of a new state.
    fn report(&mut self, key: Key, now: SimTime, old: TcpState) {
        let Some(connection) = self.connections.get_mut(key) else {
            return;
        };
        let (local, remote) = connection.ends;
        let state = connection.state;
        self.events.push(TcpEvent {
            at: now,
            local,
            remote,
            what: TcpChange::State(state),
        });
        let opened = !matches!(state, TcpState::SynReceived | TcpState::Closed);
        let early = state == TcpState::SynReceived && connection.machine.opens_early();
        if early != std::mem::replace(&mut connection.unconfirmed, early) {
            match early {
                true => self.listeners.let_in(local.port()),
                false => self.listeners.confirmed(local.port()),
            }
        }
        if (early || (opened && old == TcpState::SynReceived))
            && let Some(port) = connection.listener.take()
        {
            connection.orphan = !self.listeners.opened(port, key);
            if connection.orphan {
                connection.machine.abort();
            }
        }
    }

    pub(super) fn count_outstanding(&mut self, key: Key) {
        let Some(connection) = self.connections.get_mut(key) else {
            return;
        };
        let is = !connection.over && connection.is_outstanding();
        match (std::mem::replace(&mut connection.outstanding, is), is) {
            (false, true) => self.outstanding += 1,
            (true, false) => self.outstanding -= 1,
            _ => {}
        }
    }

    /// Ends a connection without another word on the wire.
    pub(super) fn finish(&mut self, key: Key, now: SimTime, error: Option<io::ErrorKind>) {
        let Some(connection) = self.connections.get_mut(key).filter(|c| !c.over) else {
            return;
        };
        connection.over = true;
        connection.error = connection.error.or(error);
        self.by_ends.remove(&EndsKey::from(&connection.ends));
        if let Some(deadline) = connection.deadline.take() {
            self.deadlines.remove(&(deadline, key));
        }
        if let Some(port) = connection.listener.take() {
            self.listeners.failed(port);
        }
        if std::mem::replace(&mut connection.state, TcpState::Closed) != TcpState::Closed {
            self.report(key, now, TcpState::Closed);
        }
        self.count_outstanding(key);
        if let Some(connection) = self.connections.get_mut(key) {
            connection.wake();
            if connection.orphan {
                self.connections.remove(key);
            }
        }
    }

    /// The program lets go of its handle.
    pub(in super::super) fn release(&mut self, outbox: &Outbox, key: Key) {
        let Some(connection) = self.connections.get_mut(key) else {
            return;
        };
        connection.orphan = true;
        if connection.over {
            return self.connections.remove(key);
        }
        connection.let_go();
        self.touch(outbox, key);
    }
}
