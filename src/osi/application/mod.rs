//! Floor 7: the applications of `[[traffic]]` and `[[server]]`, as async programs.
//!
//! `spec` says what an application is asked to do (the plan is made of it), `report` what came of
//! it (the summary is made of it). [`start_server`] and [`start_traffic`] put the programs on a
//! host. A failure ends the exchange it happens in, with its cause in the report; whatever comes
//! after goes on.

use std::net::IpAddr;

use crate::{
    ids::TrafficId, osi::presentation::tls::TlsSetting, rng::RootSeed, task::Host,
    trace::AppEventKind, wire::Mac,
};

pub mod report;
pub mod spec;

mod content;
mod dhcp;
mod dns;
mod echo;
mod grpc;
mod hostile;
mod http;
mod live;
mod ping;
mod program;
mod reports;
mod secure;
mod smtp;
mod sse;
mod stream;
mod tcp;
mod traceroute;
mod udp;
mod users;
mod websocket;

pub use reports::Reports;
use secure::Door;
use spec::{DhcpClient, HttpVersion, Server, ServerApp, Traffic};

/// What applications know of the world beside their own entry in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AppEnv {
    /// The calendar time of virtual time zero \[ns since 1970-01-01 UTC\], for `Date` headers.
    pub epoch: u64,
    /// The DNS server that traffic with `resolve_by_dns` asks.
    pub dns_server: Option<IpAddr>,
    /// Where all randomness grows from.
    pub seed: RootSeed,
}

impl AppEnv {
    /// What TLS needs to know of it.
    const fn tls(self) -> TlsSetting {
        TlsSetting {
            epoch: self.epoch,
            seed: self.seed,
        }
    }
}

/// Starts one server on `host`, which is the one it is for, as a background task.
pub fn start_server(host: &Host, server: &Server, env: AppEnv, reports: &Reports) {
    let (h, r) = (host.clone(), reports.clone());
    let door = match Door::new(host, server.app.tls(), env) {
        Ok(door) => door,
        Err(why) => return host.emit(AppEventKind::Failed(why), None),
    };
    if let ServerApp::Http(spec) = &server.app
        && spec.version == HttpVersion::Http3
    {
        return drop(host.spawn(http::serve_http3(h, spec.clone(), env)));
    }
    drop(match &server.app {
        ServerApp::Http(spec) => host.spawn(http::serve(h, spec.clone(), door, env.epoch)),
        ServerApp::Grpc(spec) => host.spawn(grpc::serve(h, spec.clone(), door)),
        ServerApp::Dns(spec) => host.spawn(dns::serve(h, spec.clone())),
        ServerApp::Dhcp(spec) => host.spawn(dhcp::serve(h, spec.clone())),
        ServerApp::Smtp(spec) => host.spawn(smtp::serve(h, spec.clone(), door, (r, env.epoch))),
        ServerApp::Udp { port } => host.spawn(udp::receive(h, *port, r)),
        ServerApp::Tcp { port, .. } => host.spawn(tcp::serve(h, *port, door, r)),
        ServerApp::Echo { port, .. } => {
            drop(host.spawn(echo::serve_udp(h.clone(), *port)));
            host.spawn(echo::serve_tcp(h, *port, door))
        }
        ServerApp::Proxy(spec) => host.spawn(http::serve_proxy(h, spec.clone(), door, env.epoch)),
        ServerApp::Hostile(spec) => host.spawn(hostile::serve(h, spec.clone(), door)),
        ServerApp::WebSocket(spec) => host.spawn(websocket::serve(h, spec.clone(), door)),
        ServerApp::Sse(spec) => host.spawn(sse::serve(h, spec.clone(), door, env.epoch)),
    });
}

/// Lets `host`, whose only card is `mac`, get its address by DHCP, as a background task. Traffic of
/// the host waits for it.
pub fn start_dhcp_client(host: &Host, mac: Mac, spec: DhcpClient, reports: &Reports) {
    host.expect_address();
    let holding = dhcp::hold_address(host.clone(), mac, spec, reports.clone());
    drop(host.spawn(holding));
}

/// Starts the client of one traffic entry on `host`, as a task that the run waits for.
pub fn start_traffic(
    host: &Host,
    id: TrafficId,
    traffic: &Traffic,
    env: AppEnv,
    reports: &Reports,
) {
    let run = program::run_traffic(host.clone(), id, traffic.clone(), env, reports);
    drop(host.spawn_main(run));
}
