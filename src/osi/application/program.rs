//! One traffic entry as a program: when it runs, how often, and what every application needs.

use std::sync::Arc;

use super::{
    AppEnv, dns, echo, grpc, http, ping,
    reports::{Entry, Reports},
    secure::Connector,
    smtp,
    spec::{App, Traffic},
    sse, tcp, traceroute, udp, websocket,
};
use crate::{
    ids::TrafficId,
    osi::{
        presentation::tls::TlsSetting,
        session::{Peer, Resolver},
    },
    rng::Stream,
    task::Host,
    trace::AppEventKind,
    units::{SimTime, Span},
};

/// What a client works with.
#[derive(Debug)]
pub(super) struct Program {
    /// The host it runs on.
    pub(super) host: Host,
    /// What to do.
    pub(super) traffic: Traffic,
    /// Which entry that is.
    pub(super) id: TrafficId,
    /// Which repetition this is, from 0.
    pub(super) round: u32,
    /// Whom it talks to.
    pub(super) peer: Peer,
    /// Where all randomness grows from, and when it is.
    pub(super) setting: TlsSetting,
    /// Its end of TLS, if it speaks that.
    pub(super) connector: Connector,
    /// Its end of QUIC, if it speaks that.
    pub(super) quic: http::QuicEnd,
    /// Where it writes its results.
    pub(super) entry: Entry,
}

impl Program {
    /// The virtual time now.
    pub(super) fn now(&self) -> SimTime {
        self.host.now()
    }

    /// The entry's own stream of random numbers for a purpose.
    pub(super) fn stream(&self, purpose: &[&str]) -> Stream {
        let mut path = vec!["traffic", &self.traffic.name];
        path.extend(purpose);
        self.setting.seed.stream(&path)
    }

    /// An exchange begins.
    pub(super) fn started(&self, text: impl Into<String>) {
        self.emit(AppEventKind::Started(text.into()));
    }

    /// A step on the way.
    pub(super) fn note(&self, text: impl Into<String>) {
        self.emit(AppEventKind::Note(text.into()));
    }

    /// The exchange ended well.
    pub(super) fn finished(&self, text: impl Into<String>) {
        self.emit(AppEventKind::Finished(text.into()));
    }

    /// The exchange ended in an error.
    pub(super) fn failed(&self, text: impl Into<String>) {
        self.emit(AppEventKind::Failed(text.into()));
    }

    /// The exchange called `what` ended: in an error, or well.
    pub(super) fn ended(&self, what: &str, error: Option<&str>, well: impl Into<String>) {
        match error {
            Some(why) => self.failed(format!("{what}: {why}")),
            None => self.finished(well),
        }
    }

    fn emit(&self, kind: AppEventKind) {
        self.host.emit(kind, Some(self.id));
    }

    /// Waits for an address that is to be assigned. Who waits in vain goes on all the same, and
    /// finds no way to anybody.
    async fn wait_for_address(&mut self) {
        let host = &self.host;
        let _ = host.timeout(PATIENCE, host.address_known()).await;
        if let Some(server) = host.assigned_name_server()
            && self.traffic.resolve_by_dns
        {
            self.peer.resolver = Some(Box::new(Resolver::new(server)));
        }
    }

    async fn run(&self) {
        // In boxes, so that a program that waits for its start does not hold the room for the
        // largest of them; the datagrams of large networks are the smallest.
        match &*self.traffic.app {
            App::Http(spec) => Box::pin(http::fetch_all(self, spec)).await,
            App::Rest(spec) => Box::pin(http::fetch_in_order(self, spec)).await,
            App::Grpc(spec) => Box::pin(grpc::call_all(self, spec)).await,
            App::Dns(spec) => Box::pin(dns::look_up(self, spec)).await,
            App::Udp(spec) => udp::send_stream(self, spec).await,
            App::Tcp(spec) => Box::pin(tcp::transfer(self, spec)).await,
            App::Echo(spec) => Box::pin(echo::exchange_all(self, spec)).await,
            App::Ping(spec) => Box::pin(ping::ping(self, spec)).await,
            App::Smtp(spec) => Box::pin(smtp::send_all(self, spec)).await,
            App::Traceroute(spec) => Box::pin(traceroute::trace(self, spec)).await,
            App::WebSocket(spec) => Box::pin(websocket::converse(self, spec)).await,
            App::Sse(spec) => Box::pin(sse::listen(self, spec)).await,
        }
    }
}

/// How long traffic waits for the address of its host.
const PATIENCE: Span = Span::from_secs(60);

/// Carries out one traffic entry: waits for its start, then does it `repeat` times.
pub(super) fn run_traffic(
    host: Host,
    id: TrafficId,
    traffic: Traffic,
    env: AppEnv,
    reports: &Reports,
) -> impl Future<Output = ()> + use<> {
    let resolver = env.dns_server.filter(|_| traffic.resolve_by_dns);
    let mut program = Program {
        peer: Peer {
            name: Arc::clone(&traffic.to.name),
            address: traffic.to.address,
            resolver: resolver.map(|server| Box::new(Resolver::new(server))),
        },
        entry: reports.entry(id),
        round: 0,
        setting: env.tls(),
        connector: Connector::of(&traffic.app),
        quic: http::QuicEnd::of(&traffic.app),
        host,
        traffic,
        id,
    };
    // A block, not a function: that would keep its argument twice.
    async move {
        program.host.sleep_until(program.traffic.start).await;
        program.wait_for_address().await;
        program.entry.started(program.now());
        for round in 0..program.traffic.repeat {
            program.round = round;
            let next = program.now() + program.traffic.every;
            program.run().await;
            if round + 1 < program.traffic.repeat {
                program.host.sleep_until(next).await;
            }
        }
        program.entry.ended(program.now());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_that_waits_for_its_start_costs_little_memory() {
        // What a large network pays for each of its flows: the program, its report, and the
        // receiver's meter. None of the three holds a buffer.
        fn size<A, B, C, D, F>(_: impl Fn(A, B, C, D, &Reports) -> F) -> usize {
            size_of::<F>()
        }
        let program = size(run_traffic);
        let reports = Reports::SIZE_OF_STREAM;
        assert!(program <= 488, "{program} bytes of program");
        assert!(reports <= 440, "{reports} bytes of reports");
    }
}
