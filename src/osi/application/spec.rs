//! What applications are asked to do: plain, already checked data.
//!
//! The scenario room makes these from the file; the programs beside this file carry them out.

use std::{net::IpAddr, sync::Arc};

use crate::{
    ids::NodeId,
    osi::presentation::tls::{TlsClient, TlsServer},
    units::{SimTime, Span},
};

mod dhcp;
mod dns;
mod hostile;
mod http;
mod http2;
mod probes;
mod proxy;
mod smtp;
mod sse;
mod streams;
mod users;
mod web;
mod websocket;

pub use dhcp::{DHCP_CLIENT_PORT, DHCP_SERVER_PORT, DhcpClient, DhcpServer};
pub use dns::{
    DnsLookup, DnsServer, DnsZone, Record, RecordData, RecordType, Soa, canonical, is_within,
};
pub use hostile::{Behaviour, HostileServer};
pub use http::{Body, HttpClient, HttpRequest, HttpRoute, HttpServer, HttpVersion};
pub use http2::{Http2Client, Http2Server, PushTaking};
pub use probes::{EchoClient, EchoTransport, Ping, Traceroute};
pub use proxy::{ProxyServer, Upstream};
pub use smtp::{Login, LoginMechanism, Mail, SmtpClient, SmtpServer};
pub use sse::{SseClient, SseServer};
pub use streams::{Amount, Flow, OnOff, TcpTransfer, UdpStream, interval_for_rate};
pub use users::{GrpcCall, GrpcClient, GrpcMethod, GrpcServer, RestMethod, UserService};
pub use web::{ClientHabits, KeepAlive, RateLimit, RouteRules};
pub use websocket::{
    WebSocketClient, WebSocketClose, WebSocketFault, WebSocketFrames, WebSocketMessage,
    WebSocketMode, WebSocketServer,
};

/// One `[[traffic]]` entry. Clones share its texts and what it does.
#[derive(Debug, Clone)]
pub struct Traffic {
    /// Its name, unique: given, or the application and a number (`http-1`).
    pub name: Arc<str>,
    /// The host that starts it.
    pub from: NodeId,
    /// Whom it talks to.
    pub to: Target,
    /// When it starts.
    pub start: SimTime,
    /// How often the whole thing is done, one after the other, at least once.
    pub repeat: u32,
    /// From the start of one repetition to the start of the next. If the earlier one takes
    /// longer, the next starts at its end.
    pub every: Span,
    /// Look `to` up at the simulated DNS server first, instead of knowing the address.
    pub resolve_by_dns: bool,
    /// What to do.
    pub app: Arc<App>,
}

/// The other side of an exchange.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// As written in the file: a node's name or an address. It is what stands in a Host header.
    pub name: Arc<str>,
    /// The address that the name stands for.
    pub address: IpAddr,
}

/// The client side of each application.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum App {
    /// HTTP requests.
    Http(HttpClient),
    /// Requests to a REST service, one after the other.
    Rest(HttpClient),
    /// Calls over gRPC.
    Grpc(GrpcClient),
    /// One DNS question.
    Dns(DnsLookup),
    /// A stream of datagrams at a constant rate.
    Udp(UdpStream),
    /// A bulk transfer, or just a connection.
    Tcp(TcpTransfer),
    /// Messages that come back.
    Echo(EchoClient),
    /// ICMP echo requests.
    Ping(Ping),
    /// The routers on the way, by rising TTL.
    Traceroute(Traceroute),
    /// Mail.
    Smtp(SmtpClient),
    /// Messages both ways over one connection.
    WebSocket(WebSocketClient),
    /// An event stream.
    Sse(SseClient),
}

impl App {
    /// What it asks of TLS, if it runs over it.
    pub const fn tls(&self) -> Option<&TlsClient> {
        match self {
            Self::Http(HttpClient { tls, .. })
            | Self::Rest(HttpClient { tls, .. })
            | Self::Grpc(GrpcClient { tls, .. })
            | Self::Tcp(TcpTransfer { tls, .. })
            | Self::Echo(EchoClient { tls, .. })
            | Self::Smtp(SmtpClient { tls, .. })
            | Self::WebSocket(WebSocketClient { tls, .. })
            | Self::Sse(SseClient { tls, .. }) => tls.as_ref(),
            _ => None,
        }
    }

    /// The word in the file.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Http(_) => "http",
            Self::Rest(_) => "rest",
            Self::Grpc(_) => "grpc",
            Self::Dns(_) => "dns",
            Self::Udp(_) => "udp",
            Self::Tcp(_) => "tcp",
            Self::Echo(_) => "echo",
            Self::Ping(_) => "ping",
            Self::Traceroute(_) => "traceroute",
            Self::Smtp(_) => "smtp",
            Self::WebSocket(_) => "websocket",
            Self::Sse(_) => "sse",
        }
    }
}

/// One `[[server]]` entry, or a server that some traffic implies.
#[derive(Debug, Clone)]
pub struct Server {
    /// The host it runs on.
    pub on: NodeId,
    /// What it serves.
    pub app: ServerApp,
}

/// The server side of each application.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum ServerApp {
    /// Answers HTTP requests by its routes.
    Http(HttpServer),
    /// Answers calls over gRPC.
    Grpc(GrpcServer),
    /// Answers questions about the names of its zone.
    Dns(DnsServer),
    /// Counts the datagrams that arrive.
    Udp {
        /// Where it listens.
        port: u16,
    },
    /// Takes what uploads bring and sends what downloads ask for.
    Tcp {
        /// Where it listens.
        port: u16,
        /// Over TLS.
        tls: Option<TlsServer>,
    },
    /// Takes mail.
    Smtp(SmtpServer),
    /// Gives addresses away.
    Dhcp(DhcpServer),
    /// Sends everything back, over TCP and UDP.
    Echo {
        /// Where it listens.
        port: u16,
        /// Over TLS; never over UDP.
        tls: Option<TlsServer>,
    },
    /// Passes HTTP requests on to other servers.
    Proxy(ProxyServer),
    /// Behaves badly.
    Hostile(HostileServer),
    /// Talks to WebSocket clients.
    WebSocket(WebSocketServer),
    /// Sends event streams.
    Sse(SseServer),
}

/// `$take` of what a server makes of TLS, if it may speak it.
macro_rules! tls_of {
    ($app:expr, $take:ident) => {
        match $app {
            ServerApp::Http(HttpServer { tls, .. })
            | ServerApp::Grpc(GrpcServer { tls, .. })
            | ServerApp::Smtp(SmtpServer { tls, .. })
            | ServerApp::Tcp { tls, .. }
            | ServerApp::Echo { tls, .. }
            | ServerApp::Proxy(ProxyServer { tls, .. })
            | ServerApp::Hostile(HostileServer { tls, .. })
            | ServerApp::WebSocket(WebSocketServer { tls, .. })
            | ServerApp::Sse(SseServer { tls, .. }) => tls.$take(),
            ServerApp::Dns(_) | ServerApp::Dhcp(_) | ServerApp::Udp { .. } => None,
        }
    };
}

impl ServerApp {
    /// What it makes of TLS, if it speaks it.
    pub const fn tls(&self) -> Option<&TlsServer> {
        tls_of!(self, as_ref)
    }

    /// The same, to be changed.
    pub const fn tls_mut(&mut self) -> Option<&mut TlsServer> {
        tls_of!(self, as_mut)
    }
}
