//! What applications are asked to do: plain, already checked data.
//!
//! The scenario room makes these from the file; the programs beside this file carry them out.

mod dhcp;
mod dns;
mod smtp;
mod sse;
mod websocket;

pub use dhcp::{DHCP_CLIENT_PORT, DHCP_SERVER_PORT, DhcpClient, DhcpServer};
pub use dns::{
    DnsLookup, DnsServer, DnsZone, Record, RecordData, RecordType, Soa, canonical, is_within,
};
pub use smtp::{Login, LoginMechanism, Mail, SmtpClient, SmtpServer};
pub use sse::{SseClient, SseServer};
pub use websocket::{
    WebSocketClient, WebSocketClose, WebSocketFault, WebSocketFrames, WebSocketMessage,
    WebSocketMode, WebSocketServer,
};

use std::{net::IpAddr, sync::Arc};

use crate::{
    ids::NodeId,
    osi::presentation::{
        quic::{QuicClient, QuicServer},
        tls::{TlsClient, TlsServer},
    },
    units::{BitRate, ByteSize, SimTime, Span},
};

mod hostile;
mod http2;
mod proxy;
mod users;
mod web;

pub use hostile::{Behaviour, HostileServer};
pub use http2::{Http2Client, Http2Server, PushTaking};
pub use proxy::{ProxyServer, Upstream};
pub use users::{GrpcCall, GrpcClient, GrpcMethod, GrpcServer, RestMethod, UserService};
pub use web::{ClientHabits, KeepAlive, RateLimit, RouteRules};

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

/// A version of HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum HttpVersion {
    /// RFC 9112.
    #[default]
    Http1,
    /// RFC 9113.
    Http2,
    /// RFC 9114, over QUIC.
    Http3,
}

impl HttpVersion {
    /// Its name in ALPN (RFC 7301).
    pub const fn alpn(self) -> &'static str {
        match self {
            Self::Http1 => "http/1.1",
            Self::Http2 => "h2",
            Self::Http3 => "h3",
        }
    }
}

/// HTTP requests: with HTTP/1.1 one after the other, with HTTP/2 and HTTP/3 all at once on one
/// connection.
#[derive(Debug, Clone)]
pub struct HttpClient {
    /// What it speaks, unless ALPN decides otherwise. Default HTTP/1.1.
    pub version: HttpVersion,
    /// The server's port. Default 80, over TLS 443.
    pub port: u16,
    /// The requests, in order; at least one.
    pub requests: Vec<HttpRequest>,
    /// One connection for all requests (default), or a new one each, one after the other.
    pub keep_alive: bool,
    /// Give a request up after this long. Default 30 s.
    pub timeout: Span,
    /// Over TLS. Default: no. With HTTP/3 always, and in version 1.3.
    pub tls: Option<TlsClient>,
    /// HTTP/2 beyond the usual. Default: as usual.
    pub http2: Option<Http2Client>,
    /// What it does beside sending requests.
    pub habits: ClientHabits,
    /// How QUIC behaves; only with HTTP/3.
    pub quic: QuicClient,
}

/// One HTTP request.
#[derive(Debug, Clone)]
pub struct HttpRequest {
    /// Any token of RFC 9110, section 9, but `CONNECT`. Default `GET`.
    pub method: String,
    /// Path and query. Default `/`.
    pub path: String,
    /// Sent beside `Host`, `User-Agent: netsim` and `Accept: */*`, which they can replace. Names go
    /// out in title case; `Content-Length` is always counted.
    pub headers: Vec<(String, String)>,
    /// What is sent along.
    pub body: Body,
    /// Send the body in chunks, without saying how long it is (RFC 9112, section 7.1). Default: no.
    pub chunked: bool,
}

/// The body of a request or response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// No body.
    Empty,
    /// This text.
    Text(String),
    /// This many bytes of printable filler.
    Size(ByteSize),
}

/// Datagrams at a constant rate.
#[derive(Debug, Clone)]
pub struct UdpStream {
    /// The receiver's port. Default 5004.
    pub port: u16,
    /// Payload of each datagram \[bytes\], at least 20 (stream 4, sequence number 8, sending time
    /// 8, then filler).
    pub size: u16,
    /// From one datagram to the next.
    pub interval: Span,
    /// How many datagrams.
    pub count: u64,
    /// Send in bursts. Default: without a break.
    pub on_off: Option<OnOff>,
}

/// Bursts and silence in turn, a burst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OnOff {
    /// How long a burst lasts, above zero.
    pub on: Span,
    /// How long the silence lasts.
    pub off: Span,
    /// Whether these are means of exponential times, or the times themselves.
    pub random: bool,
    /// Send nothing later than this after the first datagram, even if some are left.
    pub duration: Option<Span>,
}

/// A TCP connection and what it carries.
#[derive(Debug, Clone)]
pub struct TcpTransfer {
    /// The server's port. Default 5001.
    pub port: u16,
    /// How much flows.
    pub amount: Amount,
    /// Which way it flows.
    pub flow: Flow,
    /// Over TLS. Default: no.
    pub tls: Option<TlsClient>,
}

/// How much a transfer carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Amount {
    /// Nothing: open, close.
    HandshakeOnly,
    /// Exactly these bytes of text.
    Text(String),
    /// This many bytes of filler.
    Bytes(ByteSize),
    /// As much as goes in this time.
    Duration(Span),
}

/// The direction of a bulk transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Flow {
    /// From the client to the server.
    #[default]
    Upload,
    /// From the server to the client.
    Download,
}

/// Messages that the server sends back.
#[derive(Debug, Clone)]
pub struct EchoClient {
    /// Default 7 (RFC 862).
    pub port: u16,
    /// TCP or UDP. Default TCP.
    pub over: EchoTransport,
    /// What is sent.
    pub message: Body,
    /// How many messages. Default 1.
    pub count: u32,
    /// From one message to the next. Default 1 s.
    pub interval: Span,
    /// Give a message up after this long. Default 5 s.
    pub timeout: Span,
    /// Over TLS, if it runs over TCP. Default: no.
    pub tls: Option<TlsClient>,
}

/// What an echo runs over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum EchoTransport {
    /// A TCP connection.
    #[default]
    Tcp,
    /// Datagrams.
    Udp,
}

/// ICMP echo requests (RFC 792).
#[derive(Debug, Clone)]
pub struct Ping {
    /// How many. Default 4.
    pub count: u32,
    /// From one to the next. Default 1 s.
    pub interval: Span,
    /// Payload \[bytes\]. Default 56.
    pub size: u16,
    /// Wait this long for an answer. Default 1 s.
    pub timeout: Span,
    /// Default 64.
    pub ttl: u8,
}

/// The routers on the way.
#[derive(Debug, Clone)]
pub struct Traceroute {
    /// Default 30.
    pub max_hops: u8,
    /// Probes per hop. Default 3.
    pub probes: u32,
    /// Wait this long for an answer. Default 1 s.
    pub timeout: Span,
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

impl ServerApp {
    /// What it makes of TLS, if it speaks it.
    pub const fn tls(&self) -> Option<&TlsServer> {
        match self {
            Self::Http(HttpServer { tls, .. })
            | Self::Grpc(GrpcServer { tls, .. })
            | Self::Smtp(SmtpServer { tls, .. })
            | Self::Tcp { tls, .. }
            | Self::Echo { tls, .. }
            | Self::Proxy(ProxyServer { tls, .. })
            | Self::Hostile(HostileServer { tls, .. })
            | Self::WebSocket(WebSocketServer { tls, .. })
            | Self::Sse(SseServer { tls, .. }) => tls.as_ref(),
            Self::Dns(_) | Self::Dhcp(_) | Self::Udp { .. } => None,
        }
    }

    /// The same, to be changed.
    pub const fn tls_mut(&mut self) -> Option<&mut TlsServer> {
        match self {
            Self::Http(HttpServer { tls, .. })
            | Self::Grpc(GrpcServer { tls, .. })
            | Self::Smtp(SmtpServer { tls, .. })
            | Self::Tcp { tls, .. }
            | Self::Echo { tls, .. }
            | Self::Proxy(ProxyServer { tls, .. })
            | Self::Hostile(HostileServer { tls, .. })
            | Self::WebSocket(WebSocketServer { tls, .. })
            | Self::Sse(SseServer { tls, .. }) => tls.as_mut(),
            Self::Dns(_) | Self::Dhcp(_) | Self::Udp { .. } => None,
        }
    }
}

/// A web server.
#[derive(Debug, Clone)]
pub struct HttpServer {
    /// What it speaks, unless ALPN decides otherwise. Default HTTP/1.1.
    pub version: HttpVersion,
    /// Where it listens.
    pub port: u16,
    /// The first that matches answers; if none does, 404 (or 405 if only the method differs).
    /// Without any, every path answers 200 with a short text.
    pub routes: Vec<HttpRoute>,
    /// Over TLS. Default: no. With HTTP/3 always, and in version 1.3.
    pub tls: Option<TlsServer>,
    /// Answer as a REST service instead of by routes. Default: no.
    pub users: Option<UserService>,
    /// HTTP/2 beyond the usual. Default: as usual.
    pub http2: Option<Http2Server>,
    /// How long it keeps connections.
    pub keep_alive: KeepAlive,
    /// How QUIC behaves; only with HTTP/3.
    pub quic: QuicServer,
}

/// What a web server says to some requests.
#[derive(Debug, Clone)]
pub struct HttpRoute {
    /// The exact path, or a prefix if it ends in `*`.
    pub path: String,
    /// Only this method; `None` is any.
    pub method: Option<String>,
    /// The status code, 200 to 599. Default 200. With 204, 205 and 304 no body is sent.
    pub status: u16,
    /// Sent beside `Content-Length`, `Date`, `Server: netsim` and a `Content-Type` by the look of
    /// the body, which they can replace (all but the length).
    pub headers: Vec<(String, String)>,
    /// What is sent back.
    pub body: Body,
    /// How long the server thinks before it answers.
    pub think: Span,
    /// Paths whose answers are pushed along, over HTTP/2. Default: none.
    pub push: Vec<String>,
    /// On what conditions it answers, and in what form.
    pub rules: RouteRules,
}

/// The datagrams per second that make `rate` with `size` bytes of payload each, as an interval.
pub fn interval_for_rate(rate: BitRate, size: u16) -> Span {
    rate.time_for_bytes(u64::from(size))
}
