//! `[[traffic]]`: what the hosts do.
//!
//! One table with the keys of all applications. Which of them belong to which application is
//! checked later, so that the sentence about it can name both.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    call::Calls,
    field::{Field, List, Named, Table, Toggle},
    http2::ClientHttp2,
    live::{ClientSse, ClientWebSocket},
    names::Names,
    pattern::{OnOff, Sizes},
    quic::ClientQuic,
    smtp::{Login, Mail},
    tls::ClientTls,
    value::FlowRate,
    web::Retry,
    word::{AppWord, PatternWord},
};
use crate::{
    osi::application::spec::{EchoTransport, Flow, HttpVersion, RecordType},
    units::{BitRate, ByteSize, Probability, Span},
};

/// Something a host does.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("required" = ["app"]))]
pub(crate) struct Traffic {
    /// Its name. Left out: the application and a number, such as "http-1".
    #[schemars(extend("examples" = ["page"]))]
    pub(crate) name: Field<String>,
    /// What is done.
    #[schemars(extend("examples" = ["http"]))]
    pub(crate) app: Field<AppWord>,
    /// The host that does it. Required, unless a `pattern` says who.
    #[schemars(extend("examples" = ["alice"]))]
    pub(crate) from: Field<String>,
    /// The other side: the name of a node, a name of the DNS, or an address. Left out with app
    /// "dns": the server of `[dns]`.
    #[schemars(extend("examples" = ["bob"]))]
    pub(crate) to: Field<String>,
    /// Let this entry stand for many flows: who talks to whom.
    #[schemars(extend("examples" = ["permutation"]))]
    pub(crate) pattern: Field<PatternWord>,
    /// pattern: the hosts that take part: a group of generated nodes, or a list of hosts and
    /// groups. Left out: all hosts.
    #[schemars(extend("examples" = ["hosts"]))]
    pub(crate) among: Names,
    /// permutation: host i talks to host i + shift, counted round. Left out: half of the hosts.
    #[schemars(extend("examples" = [1]))]
    pub(crate) shift: Field<u32>,
    /// incast: how many hosts send, drawn from the seed. Left out: all.
    #[schemars(extend("examples" = [32]))]
    pub(crate) senders: Field<u32>,
    /// random: how many flows there are in all.
    #[schemars(extend("examples" = [1000]))]
    pub(crate) flows: Field<u32>,
    /// random: flows begin until this virtual time, instead of `flows`.
    #[schemars(extend("examples" = ["2s"]))]
    pub(crate) until: Field<Span>,
    /// random: how many flows begin on average, in all.
    #[schemars(extend("examples" = ["500/s"]))]
    pub(crate) arrivals: Field<FlowRate>,
    /// random: instead of `arrivals`, the share of the hosts' links that the flows fill on average,
    /// counted in payload.
    #[schemars(extend("examples" = ["30%"]))]
    pub(crate) load: Field<Probability>,
    /// When it starts.
    #[schemars(extend("default" = "0s", "examples" = ["1.5s"]))]
    pub(crate) start: Field<Span>,
    /// Each flow starts this much later at most, drawn from the seed.
    #[schemars(extend("examples" = ["80us"]))]
    pub(crate) start_spread: Field<Span>,
    /// How often it is done in all, one after the other; 1 to 1000000.
    #[schemars(extend("default" = 1, "examples" = [10]))]
    pub(crate) repeat: Field<u32>,
    /// From the start of one repetition to the start of the next.
    #[schemars(extend("default" = "1s", "examples" = ["100ms"]))]
    pub(crate) every: Field<Span>,
    /// Ask the DNS server for the address of `to` first. By default so if the file has `[dns]` and
    /// `to` is a name.
    #[schemars(extend("examples" = [false]))]
    pub(crate) resolve: Field<bool>,
    /// http, rest, grpc, dns, smtp, udp, tcp, echo, websocket, sse: the port of the server; 1 to 65535.
    /// Left out: the usual one (http, rest, websocket and sse 80, over TLS 443, grpc 50051, dns 53, smtp 25, over TLS 465, udp
    /// 5004, tcp 5001, echo 7).
    #[schemars(extend("examples" = [8080]))]
    pub(crate) port: Field<u16>,
    /// http, rest: the version. With "2" and "3", all requests of http go out at once on one connection, each as a
    /// stream of its own. Over TLS, ALPN may decide between "1.1" and "2"; "3" runs over QUIC, which
    /// holds TLS.
    #[schemars(extend("default" = "1.1", "examples" = ["2"]))]
    pub(crate) version: Field<HttpVersion>,
    /// http with version "2": push, windows, and streams that are given up.
    pub(crate) http2: Table<ClientHttp2>,
    /// http, rest: how QUIC behaves; only with version "3".
    pub(crate) quic: Table<ClientQuic>,
    /// http: the request, if there is just one. Left out: GET /.
    pub(crate) request: Table<HttpRequest>,
    /// http: several requests; see `version`.
    pub(crate) requests: List<Table<HttpRequest>>,
    /// rest, grpc: what is asked of the user service: a call by its name, a table, or a list of both.
    pub(crate) call: Calls,
    /// http, rest: one connection for all requests, or a new one for each.
    #[schemars(extend("default" = true, "examples" = [false]))]
    pub(crate) keep_alive: Field<bool>,
    /// http, rest, grpc, smtp, dns, echo, ping, traceroute, websocket: how long to wait for an answer. sse: how
    /// long to wait for anything. Default: http, rest, grpc and smtp 30s, sse 10s, dns, echo and websocket 5s,
    /// ping and traceroute 1s.
    #[schemars(extend("examples" = ["2s"]))]
    pub(crate) timeout: Field<Span>,
    /// http: how many redirects to follow for one request; 0 to 20. With 0, a redirect is an answer
    /// like any other.
    #[schemars(extend("default" = 0, "examples" = [5]))]
    pub(crate) follow: Field<u32>,
    /// http: over how many connections the requests are spread; 1 to 100. Each carries one request
    /// at a time.
    #[schemars(extend("default" = 1, "examples" = [6]))]
    pub(crate) connections: Field<u16>,
    /// http: give dialling up after this long, TLS included. Left out: as long as `timeout`.
    #[schemars(extend("examples" = ["3s"]))]
    pub(crate) connect_timeout: Field<Span>,
    /// http: send a request again after a lost connection or a time-out, if its method is
    /// idempotent, and dial again after a failure; `true`, or a table. `timeout` then counts for each
    /// attempt.
    pub(crate) retry: Toggle<Retry>,
    /// http: user and password, sent when a server asks for them with 401 (scheme Basic).
    #[schemars(extend("examples" = ["ann:secret"]))]
    pub(crate) credentials: Field<String>,
    /// http: the content codings that are asked for, best first, perhaps with a quality; the answer is
    /// decoded and checked.
    #[schemars(extend("examples" = [["br", "gzip;q=0.5"]]))]
    pub(crate) accept_encoding: Names,
    /// http, rest, grpc, smtp, websocket, sse, tcp, echo over tcp: protect the connection with TLS; `true`, or a
    /// table.
    pub(crate) tls: Toggle<ClientTls>,
    /// smtp: the messages, one after the other. Left out: one.
    pub(crate) mail: List<Table<Mail>>,
    /// smtp: who the client says it is.
    pub(crate) login: Table<Login>,
    /// smtp: begin TLS by the command STARTTLS; `tls` may say how.
    #[schemars(extend("default" = false, "examples" = [true]))]
    pub(crate) starttls: Field<bool>,
    /// smtp: send MAIL, RCPT and DATA at once if the server allows it.
    #[schemars(extend("default" = true, "examples" = [false]))]
    pub(crate) pipelining: Field<bool>,
    /// smtp: lines to say before the first message, such as "NOOP" or a command out of order.
    #[schemars(extend("examples" = [["NOOP", "DATA"]]))]
    pub(crate) say: Names,
    /// dns: the name to ask for.
    #[schemars(extend("examples" = ["bob"]))]
    pub(crate) query: Field<String>,
    /// dns: what to ask of it. With "PTR", `query` may be an address.
    #[serde(rename = "type")]
    #[schemars(extend("default" = "A", "examples" = ["MX"]))]
    pub(crate) record: Field<RecordType>,
    /// dns: the longest answer over UDP that is welcome, by EDNS; 512 B to 4096 B. Left out: 512 B,
    /// without EDNS.
    #[schemars(extend("examples" = ["1232 B"]))]
    pub(crate) edns: Field<ByteSize>,
    /// dns: how often to ask at most; 1 to 100.
    #[schemars(extend("default" = 3, "examples" = [5]))]
    pub(crate) attempts: Field<u32>,
    /// udp, ping: the payload of each packet (udp: 20 B to 65507 B, default 160 B; ping: 0 B to
    /// 65507 B, default 56 B). echo, websocket: the size of the message, as filler.
    #[schemars(extend("examples" = ["1200 B"]))]
    pub(crate) size: Field<ByteSize>,
    /// udp: how fast the payload flows; instead of `interval`.
    #[schemars(extend("examples" = ["64 kbit/s"]))]
    pub(crate) rate: Field<BitRate>,
    /// udp, echo, ping, websocket: from one packet or message to the next. Default: udp 20ms, the
    /// others 1s.
    #[schemars(extend("examples" = ["20ms"]))]
    pub(crate) interval: Field<Span>,
    /// udp, echo, ping, websocket: how many packets or messages; at least 1 (udp at most 1000000000,
    /// the others at most 1000000). sse: how many events to wait for (0: until there are no more).
    /// Default: udp 100, echo 1, ping 4, websocket 5, sse 10.
    #[schemars(extend("examples" = [50]))]
    pub(crate) count: Field<u64>,
    /// udp: for how long, instead of `count`. tcp: send as much as goes in this time.
    #[schemars(extend("examples" = ["5s"]))]
    pub(crate) duration: Field<Span>,
    /// tcp: how much to transfer; at most 1 TiB.
    #[schemars(extend("examples" = ["1 MiB"]))]
    pub(crate) bytes: Field<ByteSize>,
    /// udp, tcp: how much each flow transfers, drawn from a distribution; instead of `bytes`,
    /// `count` and `duration`.
    pub(crate) sizes: Table<Sizes>,
    /// udp: datagrams flow in bursts with silence between them.
    pub(crate) on_off: Table<OnOff>,
    /// tcp: transfer this text. echo, websocket: the message; by default a short greeting. With
    /// websocket, {n} in it is the number of the message, {now} the virtual time in ns, {host} the
    /// sender.
    #[schemars(extend("examples" = ["hello"]))]
    pub(crate) text: Field<String>,
    /// tcp: open a connection and close it, nothing else.
    #[schemars(extend("default" = false, "examples" = [true]))]
    pub(crate) handshake_only: Field<bool>,
    /// tcp: which way the data flows: from `from` to `to` (upload) or the other way (download).
    #[schemars(extend("default" = "upload", "examples" = ["download"]))]
    pub(crate) direction: Field<Flow>,
    /// echo: the transport.
    #[schemars(extend("default" = "tcp", "examples" = ["udp"]))]
    pub(crate) over: Field<EchoTransport>,
    /// ping: the time to live of the requests; 1 to 255. Default: that of the host.
    #[schemars(extend("examples" = [2]))]
    pub(crate) ttl: Field<u8>,
    /// traceroute: give up after this many hops; 1 to 255.
    #[schemars(extend("default" = 30, "examples" = [8]))]
    pub(crate) max_hops: Field<u8>,
    /// traceroute: probes for each hop; 1 to 10.
    #[schemars(extend("default" = 3, "examples" = [1]))]
    pub(crate) probes: Field<u32>,
    /// websocket: who speaks when, and how.
    pub(crate) websocket: Table<ClientWebSocket>,
    /// sse: which event stream, and what to do when it breaks.
    pub(crate) sse: Table<ClientSse>,
}

/// One HTTP request.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct HttpRequest {
    /// The method.
    #[schemars(extend("default" = "GET", "examples" = ["POST"]))]
    pub(crate) method: Field<String>,
    /// Path and query.
    #[schemars(extend("default" = "/", "examples" = ["/api/users/123"]))]
    pub(crate) path: Field<String>,
    /// Header lines, sent beside `host` and `content-length`.
    #[schemars(extend("examples" = [{"accept": "application/json"}]))]
    pub(crate) headers: Named<Field<String>>,
    /// The body, as text.
    #[schemars(extend("examples" = ["{\"name\": \"John\"}"]))]
    pub(crate) body: Field<String>,
    /// The body, as that much printable filler instead; at most 256 MiB.
    #[schemars(extend("examples" = ["1 MiB"]))]
    pub(crate) size: Field<ByteSize>,
    /// Send the body in chunks, without saying how long it is.
    #[schemars(extend("default" = false, "examples" = [true]))]
    pub(crate) chunked: Field<bool>,
}
