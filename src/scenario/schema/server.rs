//! `[[server]]`: what listens on a host.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    dns::DnsZone,
    field::{Field, List, Named, Table, Toggle},
    http2::ServerHttp2,
    live::{ServerSse, ServerWebSocket},
    names::Names,
    quic::ServerQuic,
    tls::ServerTls,
    web::Limit,
    word::ServerWord,
};
use crate::{
    osi::application::spec::{Behaviour, HttpVersion},
    units::{ByteSize, Span},
};

/// A server on a host.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("required" = ["on", "app"]))]
pub(crate) struct Server {
    /// The host or router it runs on.
    #[schemars(extend("examples" = ["bob"]))]
    pub(crate) on: Field<String>,
    /// What it serves.
    #[schemars(extend("examples" = ["http"]))]
    pub(crate) app: Field<ServerWord>,
    /// The port it listens on; 1 to 65535. Left out: the usual one (http, rest, proxy, hostile,
    /// websocket and sse 80, over TLS 443, grpc 50051, dns 53, smtp 25, over TLS 465, udp 5004, tcp 5001, echo 7).
    #[schemars(extend("examples" = [8080]))]
    pub(crate) port: Field<u16>,
    /// http, rest, proxy: the version. Over TLS, ALPN may decide between "1.1" and "2". With "3" it listens on
    /// UDP, beside another server on the same port of TCP.
    #[schemars(extend("default" = "1.1", "examples" = ["2"]))]
    pub(crate) version: Field<HttpVersion>,
    /// http with version "2": goodbyes, and streams that are refused.
    pub(crate) http2: Table<ServerHttp2>,
    /// http, rest: how QUIC behaves; only with version "3".
    pub(crate) quic: Table<ServerQuic>,
    /// What an HTTP server answers: the first route that matches a request. Without routes, every
    /// path answers 200 with a short text.
    pub(crate) route: List<Table<HttpRoute>>,
    /// http, rest, grpc, smtp, proxy, websocket, sse, tcp, echo, hostile: speak TLS; `true`, or a table.
    pub(crate) tls: Toggle<ServerTls>,
    /// dns: the zones that it has authority for. Left out, and without `recursive`: the names of
    /// all nodes and the records of `[dns]`.
    pub(crate) zone: List<Table<DnsZone>>,
    /// dns: whether it asks other servers, from the root downwards, and remembers what they say.
    #[schemars(extend("default" = false, "examples" = [true]))]
    pub(crate) recursive: Field<bool>,
    /// smtp: the mailboxes there are. Left out: every mailbox.
    #[schemars(extend("examples" = [["bob@shop.example"]]))]
    pub(crate) mailboxes: Names,
    /// rest, grpc: how many users there are at first, numbered from 1; at most 100000.
    #[schemars(extend("default" = 100, "examples" = [1000]))]
    pub(crate) records: Field<u32>,
    /// rest, grpc: how long the server thinks before each response, or each message of a stream.
    #[schemars(extend("default" = "0s", "examples" = ["5ms"]))]
    pub(crate) think: Field<Span>,
    /// rest, grpc: a header, or metadata, that every request must have; without it the answer is 401
    /// or UNAUTHENTICATED.
    #[schemars(extend("examples" = ["authorization"]))]
    pub(crate) require: Field<String>,
    /// smtp: names and passwords. If there are any, nobody sends mail without one.
    #[schemars(extend("examples" = [{"alice": "secret"}]))]
    pub(crate) users: Named<Field<String>>,
    /// smtp: offer STARTTLS instead of TLS from the start; `tls` may say how.
    #[schemars(extend("default" = false, "examples" = [true]))]
    pub(crate) starttls: Field<bool>,
    /// smtp: the longest message; 1 KiB to 256 MiB.
    #[schemars(extend("default" = "10 MiB", "examples" = ["100 KiB"]))]
    pub(crate) max_message: Field<ByteSize>,
    /// smtp: how many recipients a message may have; 1 to 1000.
    #[schemars(extend("default" = 100, "examples" = [2]))]
    pub(crate) max_recipients: Field<u32>,
    /// smtp: how many clients may talk at the same time; 1 to 10000.
    #[schemars(extend("default" = 100, "examples" = [1]))]
    pub(crate) max_connections: Field<u32>,
    /// smtp: how long to wait for a silent client.
    #[schemars(extend("default" = "5min", "examples" = ["10s"]))]
    pub(crate) idle: Field<Span>,
    /// dhcp: the addresses that it gives away, the first and the last.
    #[schemars(extend("examples" = ["10.0.0.100-10.0.0.199"]))]
    pub(crate) pool: Field<String>,
    /// dhcp: for how long; whole seconds.
    #[schemars(extend("default" = "1h", "examples" = ["60s"]))]
    pub(crate) lease: Field<Span>,
    /// dhcp: the router that clients are told of, by name or address. Left out: the first router of
    /// the segment.
    #[schemars(extend("examples" = ["r1"]))]
    pub(crate) router: Field<String>,
    /// dhcp: the name servers that clients are told of, by name or address; at most 3. Left out: the
    /// server of `[dns]`.
    #[schemars(extend("examples" = [["ns"]]))]
    pub(crate) dns: Names,
    /// recursive: the root servers, by name or address. Left out: every server with the zone ".".
    #[schemars(extend("examples" = [["root"]]))]
    pub(crate) root: Names,
    /// http, proxy: close a connection on which no request comes for this long (HTTP/1.1).
    #[schemars(extend("default" = "30s", "examples" = ["5s"]))]
    pub(crate) idle_timeout: Field<Span>,
    /// http, proxy: close a connection after this many answers (HTTP/1.1); at least 1. Left out:
    /// never.
    #[schemars(extend("examples" = [100]))]
    pub(crate) max_requests: Field<u32>,
    /// proxy: the web servers behind it, asked in turn: nodes or addresses, perhaps with a port as
    /// in "web:8080". Required.
    #[schemars(extend("examples" = [["web1", "web2:8080"]]))]
    pub(crate) upstream: Names,
    /// proxy: give an upstream up that does not accept a connection within this time.
    #[schemars(extend("default" = "1s", "examples" = ["300ms"]))]
    pub(crate) connect_timeout: Field<Span>,
    /// proxy: give an upstream up that does not begin to answer within this time.
    #[schemars(extend("default" = "5s", "examples" = ["1s"]))]
    pub(crate) timeout: Field<Span>,
    /// proxy: leave an upstream alone for this long after it failed.
    #[schemars(extend("default" = "10s", "examples" = ["2s"]))]
    pub(crate) fail_timeout: Field<Span>,
    /// hostile: be an ordinary web server that says hello until this virtual time.
    #[schemars(extend("default" = "0s", "examples" = ["1s"]))]
    pub(crate) begin: Field<Span>,
    /// hostile: what it does when a client has said something.
    #[schemars(extend("default" = "garbage", "examples" = ["silent"]))]
    pub(crate) behaviour: Field<Behaviour>,
    /// hostile: how much it sends, or announces, where the behaviour has a size; 2 B to 256 MiB.
    #[schemars(extend("default" = "1000 B", "examples" = ["64 KiB"]))]
    pub(crate) size: Field<ByteSize>,
    /// websocket: what it does with its clients.
    pub(crate) websocket: Table<ServerWebSocket>,
    /// sse: what its events are.
    pub(crate) sse: Table<ServerSse>,
}

/// What an HTTP server says to some requests.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("required" = ["path"]))]
pub(crate) struct HttpRoute {
    /// The path of the request, or its beginning if it ends in `*`.
    #[schemars(extend("examples" = ["/api/*"]))]
    pub(crate) path: Field<String>,
    /// Only requests with this method. Left out: any.
    #[schemars(extend("examples" = ["GET"]))]
    pub(crate) method: Field<String>,
    /// The status code; 200 to 599.
    #[schemars(extend("default" = 200, "examples" = [404]))]
    pub(crate) status: Field<u16>,
    /// Header lines, sent beside `content-length` and `date`.
    #[schemars(extend("examples" = [{"content-type": "application/json"}]))]
    pub(crate) headers: Named<Field<String>>,
    /// The body, as text.
    #[schemars(extend("examples" = ["{\"id\": 123}"]))]
    pub(crate) body: Field<String>,
    /// The body, as that much printable filler instead; at most 256 MiB.
    #[schemars(extend("examples" = ["20 KiB"]))]
    pub(crate) size: Field<ByteSize>,
    /// How long the server thinks before it answers.
    #[schemars(extend("default" = "0s", "examples" = ["5ms"]))]
    pub(crate) think: Field<Span>,
    /// Paths whose answers are pushed along with this one, over HTTP/2 to clients that take them.
    #[schemars(extend("examples" = [["/style.css"]]))]
    pub(crate) push: Names,
    /// Send the body in chunks, without saying how long it is.
    #[schemars(extend("default" = false, "examples" = [true]))]
    pub(crate) chunked: Field<bool>,
    /// The content codings that a client may have if it asks for them, best first: "br", "zstd",
    /// "gzip".
    #[schemars(extend("examples" = [["br", "gzip"]]))]
    pub(crate) compress: Names,
    /// User and password that a request has to show; 401 answers one that does not.
    #[schemars(extend("examples" = ["ann:secret"]))]
    pub(crate) credentials: Field<String>,
    /// How often this route answers; 429 answers what is more.
    pub(crate) limit: Table<Limit>,
    /// Close the connection of this many first requests without an answer; at most 1000000.
    #[schemars(extend("default" = 0, "examples" = [2]))]
    pub(crate) lose: Field<u32>,
}
