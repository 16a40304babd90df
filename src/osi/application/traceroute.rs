//! Traceroute with ICMP echo requests: the routers on the way, by rising TTL.
//!
//! One probe at a time. It ends at the destination, at a router that says the destination cannot
//! be reached, or at the largest TTL.

use std::net::IpAddr;

use super::{
    ping::unreachable, program::Program, report::TraceHop, reports::Open, spec::Traceroute,
};
use crate::{
    osi::{
        session::cause,
        transport::{IcmpKind, IcmpMessage, IcmpSocket},
    },
    units::{SimTime, Span},
};

/// Probes hop after hop.
pub(super) async fn trace(program: &Program, spec: &Traceroute) {
    program.started(format!("traceroute to {}", program.peer.name));
    match trace_hops(program, spec).await {
        Ok((hops, true)) => program.finished(format!("destination reached, {hops} hops")),
        Ok((hops, false)) => program.failed(format!("not reached within {hops} hops")),
        Err(error) => program.failed(error),
    }
}

/// The last TTL tried, and if the destination answered to it.
async fn trace_hops(program: &Program, spec: &Traceroute) -> Result<(u8, bool), String> {
    let located = program.peer.locate(&program.host).await;
    let mut prober = Prober {
        program,
        spec,
        destination: located.map_err(|e| e.to_string())?.address,
        socket: program.host.icmp(),
        sequence: 0,
    };
    for ttl in 1..=spec.max_hops {
        let mut open = program.entry.open(TraceHop {
            ttl,
            address: None,
            rtts: Vec::new(),
            reached: false,
            error: None,
        });
        match prober.hop(ttl, &mut open).await? {
            End::Further => {}
            End::Reached => return Ok((ttl, true)),
            End::Unreachable(text) => {
                open.update(|hop| hop.error = Some(text.clone()));
                return Err(text);
            }
        }
    }
    Ok((spec.max_hops, false))
}

/// What a hop means for the rest of the way.
enum End {
    Further,
    Reached,
    Unreachable(String),
}

struct Prober<'a> {
    program: &'a Program,
    spec: &'a Traceroute,
    destination: IpAddr,
    socket: IcmpSocket,
    sequence: u16,
}

impl Prober<'_> {
    /// All probes of one TTL.
    async fn hop(&mut self, ttl: u8, open: &mut Open<TraceHop>) -> Result<End, String> {
        let mut end = End::Further;
        let mut line = HopLine::default();
        for _ in 0..self.spec.probes.max(1) {
            let answer = self.probe(ttl).await?;
            let rtt = answer.map(|(_, rtt)| rtt);
            open.update(|hop| hop.rtts.push(rtt));
            line.rtts.push(rtt);
            let Some((message, _)) = answer else {
                continue;
            };
            line.from.get_or_insert(message.from);
            match message.kind {
                IcmpKind::EchoReply { .. } => end = End::Reached,
                IcmpKind::Unreachable { code, .. } => {
                    let text = format!("{} says: {}", message.from, unreachable(code));
                    end = End::Unreachable(text);
                }
                IcmpKind::TimeExceeded { .. } => {}
            }
            open.update(|hop| {
                hop.address = line.from;
                hop.reached = matches!(end, End::Reached);
            });
        }
        self.program.note(line.text(ttl));
        Ok(end)
    }

    /// One probe; its answer and how long it took, or `None` if none came in time.
    async fn probe(&mut self, ttl: u8) -> Result<Option<(IcmpMessage, Span)>, String> {
        self.sequence = self.sequence.wrapping_add(1);
        let (sent, ident) = (self.program.now(), self.socket.ident());
        self.socket
            .send_echo(self.destination, ident, self.sequence, ttl, &PAYLOAD)
            .map_err(|e| cause(&e))?;
        let message = self.wait_until(sent + self.spec.timeout).await;
        Ok(message.map(|m| (m, m.at - sent)))
    }

    async fn wait_until(&self, deadline: SimTime) -> Option<IcmpMessage> {
        loop {
            let left = deadline - self.program.now();
            let received = self.program.host.timeout(left, self.socket.recv()).await;
            let message = received.ok()?;
            let (IcmpKind::EchoReply { seq, .. }
            | IcmpKind::TimeExceeded { seq, .. }
            | IcmpKind::Unreachable { seq, .. }) = message.kind;
            if seq == self.sequence {
                return Some(message);
            }
        }
    }
}

/// A hop as traceroute prints it.
#[derive(Default)]
struct HopLine {
    from: Option<IpAddr>,
    rtts: Vec<Option<Span>>,
}

impl HopLine {
    fn text(&self, ttl: u8) -> String {
        let rtts = self.rtts.iter().map(|rtt| match rtt {
            Some(rtt) => format!("  {rtt}"),
            None => "  *".to_owned(),
        });
        let from = self
            .from
            .map_or_else(String::new, |from| format!("  {from}"));
        format!("hop {ttl}{from}{}", rtts.collect::<String>())
    }
}

/// 32 bytes, as long as the usual probe's.
const PAYLOAD: [u8; 32] = *b"netsim traceroute probe 01234567";
