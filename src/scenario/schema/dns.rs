//! `[[server.zone]]`: what a DNS server has authority for.

use schemars::JsonSchema;
use serde::Deserialize;

use super::field::{Field, List};
use crate::units::Span;

/// A zone of a DNS server.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("required" = ["name"]))]
pub(crate) struct DnsZone {
    /// Its name; "." is the root.
    #[schemars(extend("examples" = ["example."]))]
    pub(crate) name: Field<String>,
    /// How long an answer may be kept, where a record does not say otherwise; whole seconds.
    #[schemars(extend("default" = "5min", "examples" = ["60s"]))]
    pub(crate) ttl: Field<Span>,
    /// How long it may be kept that there is no such name or record; whole seconds.
    #[schemars(extend("default" = "60s", "examples" = ["10s"]))]
    pub(crate) negative_ttl: Field<Span>,
    /// The records, each as a line of a zone file: name, TTL in seconds (may be left out), type,
    /// data. "@" is the zone itself, a name without a final dot lies in the zone. The address of an
    /// A record may be the name of a node. NS records below the zone hand a part of it to other
    /// servers.
    #[schemars(extend("examples" = [["@ NS ns", "ns A bob", "www 60 A 10.0.2.10", "@ MX 10 mail"]]))]
    pub(crate) records: List<Field<String>>,
}
