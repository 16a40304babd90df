//! `quic` of `[[traffic]]` and `[[server]]`: how a connection of HTTP/3 behaves.

use std::net::IpAddr;

use schemars::JsonSchema;
use serde::Deserialize;

use super::field::{Field, List, Table};
use crate::{
    osi::presentation::quic::{QuicCongestion, QuicVersion},
    units::Span,
};

/// The client's side of QUIC.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ClientQuic {
    /// The versions that are tried, one after the other. Left out: ["1"].
    #[schemars(extend("examples" = [["draft-29", "1"]]))]
    pub(crate) versions: List<Field<QuicVersion>>,
    /// Who decides how much of what this side sends may be in flight: NewReno or CUBIC (RFC 9438), as
    /// TCP has them, by the rules of RFC 9002. There is no BBR, which needs a pace of its own.
    #[schemars(extend("default" = "newreno", "examples" = ["cubic"]))]
    pub(crate) congestion: Field<QuicCongestion>,
    /// Move to another address in the middle of each connection.
    pub(crate) migrate: Table<Migrate>,
}

/// A change of address in the middle of a connection.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("required" = ["after"]))]
pub(crate) struct Migrate {
    /// How long after the connection was dialled.
    #[schemars(extend("examples" = ["1s"]))]
    pub(crate) after: Field<Span>,
    /// The address to move to: that of another card of `from`. Left out: only the port changes, as
    /// behind a NAT that has forgotten the connection.
    #[schemars(extend("examples" = ["10.0.2.10"]))]
    pub(crate) to: Field<IpAddr>,
}

/// The server's side of QUIC.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ServerQuic {
    /// The versions that are spoken. Left out: ["1"].
    #[schemars(extend("examples" = [["1", "draft-29"]]))]
    pub(crate) versions: List<Field<QuicVersion>>,
    /// Who decides how much of what this side sends may be in flight: NewReno or CUBIC (RFC 9438), as
    /// TCP has them, by the rules of RFC 9002. There is no BBR, which needs a pace of its own.
    #[schemars(extend("default" = "newreno", "examples" = ["cubic"]))]
    pub(crate) congestion: Field<QuicCongestion>,
    /// Let every client show first that it receives what is sent to its address (Retry).
    #[schemars(extend("default" = false, "examples" = [true]))]
    pub(crate) retry: Field<bool>,
    /// Go on with clients that change their address.
    #[schemars(extend("default" = true, "examples" = [false]))]
    pub(crate) migration: Field<bool>,
}
