//! What web servers and their clients are asked to do.

use super::{ClientHabits, Http2Client, Http2Server, KeepAlive, RouteRules, UserService};
use crate::{
    osi::presentation::{
        quic::{QuicClient, QuicServer},
        tls::{TlsClient, TlsServer},
    },
    units::{ByteSize, Span},
};

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
