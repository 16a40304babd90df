//! `[[server]]`: what listens on a host.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    field::{Field, List, Named, Table, Toggle},
    http2::ServerHttp2,
    names::Names,
    tls::ServerTls,
    word::ServerWord,
};
use crate::{
    osi::application::spec::HttpVersion,
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
    /// The port it listens on; 1 to 65535. Left out: the usual one (http and rest 80, over TLS
    /// 443, grpc 50051, dns 53, udp 5004, tcp 5001, echo 7).
    #[schemars(extend("examples" = [8080]))]
    pub(crate) port: Field<u16>,
    /// http, rest: the version. Over TLS, ALPN may decide otherwise.
    #[schemars(extend("default" = "1.1", "examples" = ["2"]))]
    pub(crate) version: Field<HttpVersion>,
    /// http with version "2": goodbyes, and streams that are refused.
    pub(crate) http2: Table<ServerHttp2>,
    /// What an HTTP server answers: the first route that matches a request. Without routes, every
    /// path answers 200 with a short text.
    pub(crate) route: List<Table<HttpRoute>>,
    /// http, rest, grpc, tcp, echo: speak TLS; `true`, or a table.
    pub(crate) tls: Toggle<ServerTls>,
    /// rest, grpc: how many users there are at first, numbered from 1; at most 100000.
    #[schemars(extend("default" = 100, "examples" = [1000]))]
    pub(crate) users: Field<u32>,
    /// rest, grpc: how long the server thinks before each response, or each message of a stream.
    #[schemars(extend("default" = "0s", "examples" = ["5ms"]))]
    pub(crate) think: Field<Span>,
    /// rest, grpc: a header, or metadata, that every request must have; without it the answer is 401
    /// or UNAUTHENTICATED.
    #[schemars(extend("examples" = ["authorization"]))]
    pub(crate) require: Field<String>,
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
}
