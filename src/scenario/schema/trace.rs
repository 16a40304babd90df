//! `[trace]`: what is written about the inside of protocols.

use schemars::JsonSchema;
use serde::Deserialize;

use super::field::Field;

/// What is written about the inside of protocols.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Trace {
    /// Write tcp.jsonl: every change of the values that decide when a TCP sender sends, with its
    /// cause. Only connections of the native TCP are in it.
    #[schemars(extend("default" = false, "examples" = [true]))]
    pub(crate) tcp: Field<bool>,
    /// Write a qlog of every QUIC connection and each of its ends: packets, losses, and the values
    /// of its congestion control. The first 200 are written.
    #[schemars(extend("default" = false, "examples" = [true]))]
    pub(crate) qlog: Field<bool>,
}
