//! The mirror of the scenario file: every key that may stand there, and nothing else.
//!
//! Contract: these types say how the file looks, not what it means. They look at no other key and
//! at no other file; `lower` makes the plan of them. The JSON Schema is made of their doc comments.

mod aqm;
mod call;
mod capture;
mod dns;
mod epoch;
mod field;
mod generate;
mod host;
mod http2;
mod link;
mod live;
mod names;
mod node;
mod pattern;
mod quic;
mod scalar;
mod server;
mod several;
mod smtp;
mod tls;
mod trace;
mod traffic;
mod value;
mod web;
mod word;

pub(super) use aqm::Aqm;
pub(super) use call::{Call, CallWord};
pub(super) use capture::Capture;
pub(super) use dns::DnsZone;
pub(super) use epoch::Epoch;
pub(super) use field::{Field, List, Name, Named, Table, Toggle};
pub(super) use generate::Generate;
pub(super) use host::{Host, Tcp};
pub(super) use http2::{ClientHttp2, ServerHttp2};
pub(super) use link::{Cable, Link, Profile};
pub(super) use live::{ClientWebSocket, ServerSse, ServerWebSocket, WebSocketClose};
pub(super) use names::Names;
pub(super) use node::{DhcpClient, Node};
pub(super) use pattern::Sizes;
pub(super) use quic::{ClientQuic, Migrate, ServerQuic};
pub(super) use server::{HttpRoute, Server};
pub(super) use smtp::{Login, Mail};
pub(super) use tls::{ClientTls, ServerTls};
pub(super) use trace::Trace;
pub(super) use traffic::{HttpRequest, Traffic};
pub(super) use value::{CardAddress, SpanOrOff};
pub(super) use web::{Limit, Retry};
pub(super) use word::{
    AppWord, AqmWord, Center, Paths, PatternWord, Routing, ServerWord, Shape, SizeWord, TimesWord,
};

use schemars::JsonSchema;
use serde::Deserialize;

use crate::units::Span;

/// A scenario of netsim: a network, what its hosts do, and what is captured.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(title = "netsim scenario")]
pub(crate) struct File {
    /// What the scenario is about, in one line. Without it, the file's name.
    #[schemars(extend("examples" = ["A page over a lossy WAN"]))]
    pub(super) title: Field<String>,
    /// Where all randomness grows from: the same file and seed give the same bytes.
    #[schemars(extend("default" = 1, "examples" = [7]))]
    pub(super) seed: Field<u64>,
    /// End the run at this virtual time at the latest. Without it, the run ends when the traffic
    /// is done.
    #[schemars(extend("examples" = ["10s"]))]
    pub(super) stop: Field<Span>,
    /// The calendar time of virtual time zero, for captures and HTTP dates, with its time zone;
    /// 1970 to 2499.
    #[schemars(extend("default" = "2025-01-01T00:00:00Z", "examples" = ["2025-01-01T00:00:00Z"]))]
    pub(super) epoch: Field<Epoch>,
    /// Values for everything that does not say otherwise.
    pub(super) defaults: Defaults,
    /// A network drawn by rule, such as a fat tree. Nodes and links written by hand may stand beside
    /// it.
    pub(super) generate: Table<Generate>,
    /// The nodes, by name, in the order in which they are numbered and drawn.
    pub(super) node: Named<Table<Node>>,
    /// The cables.
    pub(super) link: List<Table<Link>>,
    /// Settings of all switches.
    pub(super) switch: Switch,
    /// The name service of the network.
    pub(super) dns: Table<Dns>,
    /// Servers that need more than the default: an HTTP server with routes, say. A server that
    /// traffic needs and that is not written here is filled in.
    pub(super) server: List<Table<Server>>,
    /// What the hosts do. Entries run side by side.
    pub(super) traffic: List<Table<Traffic>>,
    /// What is captured.
    pub(super) capture: Capture,
    /// What is written about the inside of protocols.
    pub(super) trace: Trace,
}

/// Values for everything that does not say otherwise.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Defaults {
    /// For every link, in both directions.
    pub(super) link: Profile,
    /// For every host and router.
    pub(super) host: Host,
}

/// Settings of all switches.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Switch {
    /// How long a switch remembers behind which port an address lives.
    #[schemars(extend("default" = "300s", "examples" = ["10s"]))]
    pub(super) mac_ageing: Field<Span>,
}

/// The name service of the network.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("required" = ["server"]))]
pub(crate) struct Dns {
    /// The host whose DNS server answers. With it, traffic looks names up before it starts.
    #[schemars(extend("examples" = ["ns"]))]
    pub(super) server: Field<String>,
    /// The port it listens on; 1 to 65535.
    #[schemars(extend("default" = 53, "examples" = [5353]))]
    pub(super) port: Field<u16>,
    /// How long an answer may be kept; whole seconds.
    #[schemars(extend("default" = "5min", "examples" = ["60s"]))]
    pub(super) ttl: Field<Span>,
    /// More names: each stands for a node or an address. The names of hosts and routers are known
    /// anyway.
    #[schemars(extend("examples" = [{"api.example.com": "bob"}]))]
    pub(super) records: Named<Field<String>>,
}
