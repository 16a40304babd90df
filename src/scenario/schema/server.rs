//! `[[server]]`: what listens on a host.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    dns::DnsZone,
    field::{Field, List, Named, Table, Toggle},
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
    /// The port it listens on; 1 to 65535. Left out: the usual one (http 80, over TLS 443, dns 53,
    /// smtp 25, over TLS 465, udp 5004, tcp 5001, echo 7).
    #[schemars(extend("examples" = [8080]))]
    pub(crate) port: Field<u16>,
    /// http: the version. Over TLS, ALPN may decide otherwise.
    #[schemars(extend("default" = "1.1", "examples" = ["2"]))]
    pub(crate) version: Field<HttpVersion>,
    /// What an HTTP server answers: the first route that matches a request. Without routes, every
    /// path answers 200 with a short text.
    pub(crate) route: List<Table<HttpRoute>>,
    /// http, smtp, tcp, echo: speak TLS; `true`, or a table.
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
}
