//! Settings of hosts and routers: `[defaults.host]`, and the same keys in `[node.NAME]`.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{field::Field, value::SpanOrOff};
use crate::{
    osi::transport::{CongestionControl, MtuProbing, RtoFloor, TcpMachine},
    scenario::plan::ArpMode,
    units::{ByteSize, Span},
};

/// Declares a table with the settings of a host or router and, before them, other keys.
///
/// Not by serde's `flatten`, for the reason that `link` gives.
macro_rules! with_host_settings {
    ($(#[$attr:meta])* $name:ident { $($(#[$own_attr:meta])* $own:ident: $own_type:ty,)* }) => {
        #[derive(Debug, Default, Deserialize, JsonSchema)]
        #[serde(default, deny_unknown_fields)]
        $(#[$attr])*
        pub(crate) struct $name {
            $($(#[$own_attr])* pub(crate) $own: $own_type,)*
            /// How its TCP behaves.
            pub(crate) tcp: $crate::scenario::schema::host::Tcp,
            /// How it learns the MAC addresses of its neighbours: by asking on the wire, or it knows
            /// them from the start.
            #[schemars(extend("default" = "dynamic", "examples" = ["static"]))]
            pub(crate) arp: Field<ArpMode>,
            /// The time to live of the packets it makes; 1 to 255.
            #[schemars(extend("default" = 64, "examples" = [4]))]
            pub(crate) ttl: Field<u8>,
            /// Whether it tells senders of packets that it cannot pass on (ICMP errors). A router
            /// that does not is a black hole for packets that are too large.
            #[schemars(extend("default" = true, "examples" = [false]))]
            pub(crate) icmp_errors: Field<bool>,
        }
    };
}

pub(super) use with_host_settings;

with_host_settings! {
    /// Settings of hosts and routers.
    Host {}
}

/// How a host's TCP behaves.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Tcp {
    /// Which TCP it is: "native", which behaves as a modern Linux host does, or "smoltcp", plain
    /// and small.
    #[schemars(extend("default" = "native", "examples" = ["smoltcp"]))]
    pub(crate) stack: Field<TcpMachine>,
    /// Who decides how much may be in flight. smoltcp has "none", "reno" and "cubic".
    #[schemars(extend("default" = "cubic", "examples" = ["reno"]))]
    pub(crate) congestion: Field<CongestionControl>,
    /// Hold a small segment back while data is unacknowledged (RFC 896).
    #[schemars(extend("default" = true, "examples" = [false]))]
    pub(crate) nagle: Field<bool>,
    /// Ask for explicit congestion notification (RFC 3168); only the native TCP can. It agrees when
    /// it is asked, and "dctcp" asks always.
    #[schemars(extend("default" = false, "examples" = [true]))]
    pub(crate) ecn: Field<bool>,
    /// Space segments out where the congestion control names no rate of its own, as Linux does with
    /// its fq queue; only the native TCP can.
    #[schemars(extend("default" = false, "examples" = [true]))]
    pub(crate) pacing: Field<bool>,
    /// How long an acknowledgement may wait for company, at most 500ms (RFC 9293); "off"
    /// acknowledges every segment at once. Left out: 40ms, with smoltcp 10ms.
    #[schemars(extend("examples" = ["off"]))]
    pub(crate) delayed_ack: Field<SpanOrOff>,
    /// The least retransmission time-out of the native TCP, counted as `rto_floor` says; 1ms to
    /// 1min. Left out: 200ms, with "rfc6298" 1s. smoltcp waits for at least 1s.
    #[schemars(extend("examples" = ["1s"]))]
    pub(crate) min_rto: Field<Span>,
    /// What `min_rto` is the least of: of what is added to the smoothed round trip ("linux"), or of
    /// the whole time-out ("rfc6298"), whose equations then hold without Linux's changes.
    #[schemars(extend("default" = "linux", "examples" = ["rfc6298"]))]
    pub(crate) rto_floor: Field<RtoFloor>,
    /// How many connections may wait at a listening port: to be accepted, or for the end of their
    /// handshake; 1 to 65535. Further SYNs are dropped, unless `syn_cookies` helps.
    #[schemars(extend("default" = 128, "examples" = [4]))]
    pub(crate) backlog: Field<u32>,
    /// Answer a SYN that finds the backlog full of handshakes with a cookie (RFC 4987), and keep
    /// nothing of it; only the native TCP can.
    #[schemars(extend("default" = false, "examples" = [true]))]
    pub(crate) syn_cookies: Field<bool>,
    /// Fast Open (RFC 7413): a host that has connected to a server before puts its first data into
    /// the SYN, and has the answer a round trip sooner. Client and server both have to want it, and
    /// only the native TCP can.
    #[schemars(extend("default" = false, "examples" = [true]))]
    pub(crate) fast_open: Field<bool>,
    /// Whether the native TCP tries smaller segments after three time-outs in a row ("black-hole"),
    /// in case a router drops what is too large and says nothing (RFC 8899); "always" also begins
    /// with segments of 1024 bytes and looks for the largest that come through (RFC 4821).
    #[schemars(extend("default" = "off", "examples" = ["black-hole"]))]
    pub(crate) mtu_probing: Field<MtuProbing>,
    /// Size of the send buffer, up to which the native TCP lets it grow; 2 KiB to 1 GiB. Left out:
    /// 4 MiB, with smoltcp 256 KiB.
    #[schemars(extend( "examples" = ["1 MiB"]))]
    pub(crate) send_buffer: Field<ByteSize>,
    /// Size of the receive buffer, which is the largest window offered; 2 KiB to 1 GiB. Left out:
    /// 6 MiB, with smoltcp 256 KiB.
    #[schemars(extend( "examples" = ["16 KiB"]))]
    pub(crate) receive_buffer: Field<ByteSize>,
    /// Give a connection up when the peer is silent for this long; "off" never does.
    #[schemars(extend("default" = "120s", "examples" = ["20s"]))]
    pub(crate) timeout: Field<SpanOrOff>,
    /// Send a keep-alive probe after this long without traffic; "off" never does.
    #[schemars(extend("default" = "off", "examples" = ["30s"]))]
    pub(crate) keep_alive: Field<SpanOrOff>,
}
