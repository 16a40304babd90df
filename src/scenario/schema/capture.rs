//! `[capture]`: what is captured and how.

use schemars::JsonSchema;
use serde::Deserialize;

use super::field::{Field, List};
use crate::{scenario::plan::CaptureFormat, units::ByteSize};

/// What is captured.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Capture {
    /// The format of the files. Classic pcap has no names, comments or secrets.
    #[schemars(extend("default" = "pcapng", "examples" = ["pcap"]))]
    pub(crate) format: Field<CaptureFormat>,
    /// Keep at most this much of each frame; 14 B to 256 KiB. Left out: all of it.
    #[schemars(extend("examples" = ["96 B"]))]
    pub(crate) snap_length: Field<ByteSize>,
    /// The cards that get a capture of their own: a node (all its cards), one card as "r1:wan"
    /// (node, then link or neighbour), "all hosts", "all routers", "all switches", "all hubs", or
    /// "all". Left out, a network of more than 64 cards has none.
    #[schemars(extend("default" = ["all hosts"], "examples" = [["alice", "r1:wan"]]))]
    pub(crate) vantage: List<Field<String>>,
    /// Also write one capture of every interface of the network. Left out, a network of more than
    /// 64 cards has none.
    #[schemars(extend("default" = true, "examples" = [false]))]
    pub(crate) all: Field<bool>,
}
