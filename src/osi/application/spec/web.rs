//! What an HTTP client does beside sending requests, and on what conditions a server answers.

use crate::{
    osi::{presentation::compression::Coding, session::Backoff},
    units::Span,
};

/// What an HTTP client does beside sending its requests.
#[derive(Debug, Clone, PartialEq)]
pub struct ClientHabits {
    /// How many redirects to follow for one request. Default 0: a redirect is an answer like any
    /// other.
    pub follow: u32,
    /// How many connections share the requests, at least 1 (HTTP/1.1 only). Default 1.
    pub connections: u16,
    /// Give dialling up after this long, with TLS. Default: only the time-out of the request.
    pub connect_timeout: Option<Span>,
    /// When to send a request again after a lost connection. Default: at once, and only if a kept
    /// connection turned out to be closed.
    pub retry: Option<Backoff>,
    /// `user:password`, sent when a server asks for it (RFC 7617). Default: none.
    pub credentials: Option<String>,
    /// What stands in `Accept-Encoding`; the answer is decoded and checked. Default: nothing.
    pub accept_encoding: Option<String>,
}

impl Default for ClientHabits {
    fn default() -> Self {
        Self {
            follow: 0,
            connections: 1,
            connect_timeout: None,
            retry: None,
            credentials: None,
            accept_encoding: None,
        }
    }
}

/// On what conditions a route of an HTTP server answers, and in what form. By default it answers
/// everybody, as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RouteRules {
    /// Send the body in chunks, without saying how long it is (RFC 9112, section 7.1).
    pub chunked: bool,
    /// The content codings that a client may have, best first (RFC 9110, section 8.4).
    pub compress: Vec<Coding>,
    /// `user:password` that a request has to show (RFC 7617); 401 answers one that does not.
    pub credentials: Option<String>,
    /// How often it answers; 429 answers what is more than that.
    pub limit: Option<RateLimit>,
    /// Close the connection of this many first requests without an answer.
    pub lose: u32,
}

/// So many requests in so much time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    /// How many requests, at least 1.
    pub requests: u32,
    /// In each window of this length; the first begins with the first request.
    pub window: Span,
}

/// How long a server keeps connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeepAlive {
    /// Close a connection on which no request comes for this long. Default 30 s.
    pub idle: Span,
    /// Close a connection after this many answers. Default: never.
    pub requests: Option<u32>,
}

impl Default for KeepAlive {
    fn default() -> Self {
        Self {
            idle: Span::from_secs(30),
            requests: None,
        }
    }
}
