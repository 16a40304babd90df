//! Ping: ICMP echo requests at an interval (RFC 792), several of which may be on their way.

use std::{collections::BTreeMap, net::IpAddr};

use super::{content::Content, program::Program, report::Probe, reports::Open, spec::Ping};
use crate::{
    osi::{
        session::cause,
        transport::{IcmpKind, IcmpMessage, IcmpSocket, Unreachable},
    },
    units::SimTime,
};

/// Sends the echo requests of one repetition and waits for what comes back.
pub(super) async fn ping(program: &Program, spec: &Ping) {
    let destination = match program.peer.locate(&program.host).await {
        Ok(located) => located.address,
        Err(error) => return no_address(program, &error.to_string()),
    };
    let content = Content::filler(spec.size.into());
    let mut payload = Vec::new();
    while payload.len() < usize::from(spec.size) {
        payload.extend_from_slice(&content.chunk(payload.len() as u64));
    }
    let mut pinger = Pinger {
        program,
        spec,
        destination,
        payload,
        socket: program.host.icmp(),
        begin: program.now(),
        sent: 0,
        pending: BTreeMap::new(),
    };
    pinger.run().await;
}

/// The name could not be resolved: the one probe that is told of never left.
fn no_address(program: &Program, error: &str) {
    let mut open = program.entry.open(Probe {
        number: 1,
        sent: program.now(),
        rtt: None,
        from: None,
        error: None,
    });
    open.update(|p| p.error = Some(error.to_owned()));
    program.failed(error);
}

struct Pinger<'a> {
    program: &'a Program,
    spec: &'a Ping,
    destination: IpAddr,
    payload: Vec<u8>,
    socket: IcmpSocket,
    begin: SimTime,
    /// How many were sent.
    sent: u32,
    /// Those without an answer yet, by their running number.
    pending: BTreeMap<u32, (Open<Probe>, SimTime)>,
}

impl Pinger<'_> {
    async fn run(&mut self) {
        while let Some(wake) = self.next_wake() {
            let left = wake - self.program.now();
            let received = self.program.host.timeout(left, self.socket.recv()).await;
            match received {
                Ok(message) => self.take(&message),
                Err(_) => {
                    self.give_up_old();
                    self.send_due();
                }
            }
        }
    }

    /// When the next request is due or the oldest one's time is up; `None` when all is done.
    fn next_wake(&self) -> Option<SimTime> {
        let send = (self.sent < self.spec.count).then(|| self.due(self.sent));
        let oldest = self.pending.first_key_value();
        let expire = oldest.map(|(_, (_, sent))| *sent + self.spec.timeout);
        SimTime::earliest([send, expire])
    }

    fn due(&self, number: u32) -> SimTime {
        self.begin + self.spec.interval.times(number.into())
    }

    fn send_due(&mut self) {
        let now = self.program.now();
        if self.sent >= self.spec.count || self.due(self.sent) > now {
            return;
        }
        let number = self.sent;
        self.sent += 1;
        let mut open = self.program.entry.open(Probe {
            number: self.program.round.saturating_mul(self.spec.count) + number + 1,
            sent: now,
            rtt: None,
            from: None,
            error: None,
        });
        self.program.started(format!(
            "echo request {} to {}",
            number + 1,
            self.program.peer.name
        ));
        let sent = self.socket.send_echo(
            self.destination,
            self.socket.ident(),
            wire_number(number),
            self.spec.ttl,
            &self.payload,
        );
        match sent {
            Ok(()) => drop(self.pending.insert(number, (open, now))),
            Err(error) => self.fail(number, &mut open, &cause(&error)),
        }
    }

    fn give_up_old(&mut self) {
        let now = self.program.now();
        while let Some(entry) = self.pending.first_entry()
            && entry.get().1 + self.spec.timeout <= now
        {
            let (number, (mut open, _)) = entry.remove_entry();
            let text = format!("no answer within {}", self.spec.timeout);
            self.fail(number, &mut open, &text);
        }
    }

    fn take(&mut self, message: &IcmpMessage) {
        let (IcmpKind::EchoReply { seq, .. }
        | IcmpKind::TimeExceeded { seq, .. }
        | IcmpKind::Unreachable { seq, .. }) = message.kind;
        let found = self
            .pending
            .keys()
            .find(|n| wire_number(**n) == seq)
            .copied();
        let Some((number, (mut open, sent))) = found.and_then(|n| self.pending.remove_entry(&n))
        else {
            return;
        };
        let rtt = message.at - sent;
        if message.from != self.destination {
            open.update(|p| p.from = Some(message.from));
        }
        match message.kind {
            IcmpKind::EchoReply { .. } => {
                open.update(|p| p.rtt = Some(rtt));
                self.program
                    .finished(format!("echo reply {} in {rtt}", number + 1));
            }
            IcmpKind::TimeExceeded { .. } => {
                let text = format!("TTL exceeded at {}", message.from);
                self.fail(number, &mut open, &text);
            }
            IcmpKind::Unreachable { code, .. } => {
                let text = format!("{} says: {}", message.from, unreachable(code));
                self.fail(number, &mut open, &text);
            }
        }
    }

    fn fail(&self, number: u32, open: &mut Open<Probe>, error: &str) {
        open.update(|p| p.error = Some(error.to_owned()));
        self.program
            .failed(format!("echo request {}: {error}", number + 1));
    }
}

/// The sequence number in the header: from 1, as ping does, modulo 2^16.
fn wire_number(number: u32) -> u16 {
    let [.., high, low] = number.wrapping_add(1).to_be_bytes();
    u16::from_be_bytes([high, low])
}

/// The reason in an ICMP "destination unreachable", in words.
pub(super) fn unreachable(code: Unreachable) -> String {
    match code {
        Unreachable::Network => "network unreachable".to_owned(),
        Unreachable::Host => "host unreachable".to_owned(),
        Unreachable::Protocol => "protocol unreachable".to_owned(),
        Unreachable::Port => "port unreachable".to_owned(),
        Unreachable::FragmentationNeeded(mtu) => {
            format!("too big for the next link (MTU {mtu})")
        }
        Unreachable::Other(code) => format!("destination unreachable (code {code})"),
    }
}
