//! One traffic entry as a program: when it runs, how often, and what every application needs.

use super::{
    AppEnv, dns, echo, http, ping,
    reports::{Entry, Reports},
    spec::{App, Traffic},
    tcp, traceroute, udp,
};
use crate::{
    ids::TrafficId,
    osi::session::{Peer, Resolver},
    task::Host,
    trace::AppEventKind,
    units::SimTime,
};

/// What a client works with.
#[derive(Debug)]
pub(super) struct Program<'a> {
    /// The host it runs on.
    pub(super) host: &'a Host,
    /// What to do.
    pub(super) traffic: &'a Traffic,
    /// Which entry that is.
    pub(super) id: TrafficId,
    /// Which repetition this is, from 0.
    pub(super) round: u32,
    /// Whom it talks to.
    pub(super) peer: Peer,
    /// Where it writes its results.
    pub(super) entry: Entry,
    /// The reports of everybody, for meters that both ends write to.
    pub(super) reports: Reports,
}

impl Program<'_> {
    /// The virtual time now.
    pub(super) fn now(&self) -> SimTime {
        self.host.now()
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

    fn emit(&self, kind: AppEventKind) {
        self.host.emit(kind, Some(self.id));
    }

    async fn run(&self) {
        match &self.traffic.app {
            App::Http(spec) => http::fetch_all(self, spec).await,
            App::Dns(spec) => dns::look_up(self, spec).await,
            App::Udp(spec) => udp::send_stream(self, spec).await,
            App::Tcp(spec) => tcp::transfer(self, spec).await,
            App::Echo(spec) => echo::exchange_all(self, spec).await,
            App::Ping(spec) => ping::ping(self, spec).await,
            App::Traceroute(spec) => traceroute::trace(self, spec).await,
        }
    }
}

/// Carries out one traffic entry: waits for its start, then does it `repeat` times.
pub(super) async fn run_traffic(
    host: Host,
    id: TrafficId,
    traffic: Traffic,
    env: AppEnv,
    reports: Reports,
) {
    let resolver = env.dns_server.filter(|_| traffic.resolve_by_dns);
    let mut program = Program {
        host: &host,
        traffic: &traffic,
        id,
        round: 0,
        peer: Peer {
            name: traffic.to.name.clone(),
            address: traffic.to.address,
            resolver: resolver.map(Resolver::new),
        },
        entry: reports.entry(id),
        reports,
    };
    host.sleep_until(traffic.start).await;
    program.entry.started(host.now());
    for round in 0..traffic.repeat {
        program.round = round;
        let next = host.now() + traffic.every;
        program.run().await;
        if round + 1 < traffic.repeat {
            host.sleep_until(next).await;
        }
    }
    program.entry.ended(host.now());
}
