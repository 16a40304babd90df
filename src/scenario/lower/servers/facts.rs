//! What a server listens on, and what it is called.

use crate::{
    ids::NodeId,
    osi::application::spec::{DHCP_SERVER_PORT, HttpVersion, ServerApp},
};

/// A host, a port, and whether it is one of UDP.
pub(super) type Socket = (NodeId, u16, bool);

/// True if `there` is what a client of `wanted` may find: a server of that kind, or a proxy for
/// one of HTTP.
pub(super) fn serves(there: &ServerApp, wanted: &ServerApp) -> bool {
    match (there, wanted) {
        (ServerApp::Proxy(_), ServerApp::Http(_)) => true,
        _ => word(there) == word(wanted),
    }
}

/// What a server listens on.
pub(super) fn sockets(on: NodeId, app: &ServerApp) -> impl Iterator<Item = Socket> + use<> {
    let (tcp, udp) = transports(app);
    let port = port_of(app);
    let by_tcp = tcp.then_some((on, port, false));
    by_tcp.into_iter().chain(udp.then_some((on, port, true)))
}

/// Whether a server listens by TCP, and by UDP.
pub(super) const fn transports(app: &ServerApp) -> (bool, bool) {
    match app {
        ServerApp::Http(http) if matches!(http.version, HttpVersion::Http3) => (false, true),
        ServerApp::Http(_)
        | ServerApp::Grpc(_)
        | ServerApp::Smtp(_)
        | ServerApp::Tcp { .. }
        | ServerApp::Proxy(_)
        | ServerApp::Hostile(_)
        | ServerApp::WebSocket(_)
        | ServerApp::Sse(_) => (true, false),
        ServerApp::Dhcp(_) | ServerApp::Udp { .. } => (false, true),
        ServerApp::Dns(_) | ServerApp::Echo { .. } => (true, true),
    }
}

/// The port that it listens on.
pub(super) const fn port_of(app: &ServerApp) -> u16 {
    match app {
        ServerApp::Http(http) => http.port,
        ServerApp::Grpc(grpc) => grpc.port,
        ServerApp::Dns(dns) => dns.port,
        ServerApp::Smtp(smtp) => smtp.port,
        ServerApp::Dhcp(_) => DHCP_SERVER_PORT,
        ServerApp::Proxy(proxy) => proxy.port,
        ServerApp::Hostile(hostile) => hostile.port,
        ServerApp::WebSocket(server) => server.port,
        ServerApp::Sse(server) => server.port,
        ServerApp::Udp { port } | ServerApp::Tcp { port, .. } | ServerApp::Echo { port, .. } => {
            *port
        }
    }
}

/// What it is called in messages.
pub(super) const fn word(app: &ServerApp) -> &'static str {
    match app {
        ServerApp::Http(http) if http.is_rest() => "REST",
        ServerApp::Http(_) => "HTTP",
        ServerApp::Grpc(_) => "gRPC",
        ServerApp::Dns(_) => "DNS",
        ServerApp::Smtp(_) => "mail",
        ServerApp::Dhcp(_) => "DHCP",
        ServerApp::Udp { .. } => "UDP",
        ServerApp::Tcp { .. } => "TCP",
        ServerApp::Echo { .. } => "echo",
        ServerApp::Proxy(_) => "proxy",
        ServerApp::Hostile(_) => "hostile",
        ServerApp::WebSocket(_) => "WebSocket",
        ServerApp::Sse(_) => "event",
    }
}
