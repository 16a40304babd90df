//! `aqm` of a link: the discipline of its queue.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{field::Field, word::AqmWord};
use crate::{
    topology::QueueLimit,
    units::{Probability, Span},
};

/// Who is dropped or marked among those who wait at the port (active queue management).
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Aqm {
    /// The discipline; "none" drops what finds no room.
    #[schemars(extend("examples" = ["codel"]))]
    pub(crate) kind: Field<AqmWord>,
    /// Mark packets of ECN-capable transports instead of dropping them.
    #[schemars(extend("default" = true, "examples" = [false]))]
    pub(crate) ecn: Field<bool>,
    /// `threshold`: the longest queue that marks nobody, in bytes or in packets.
    #[schemars(extend("examples" = ["20 packets"]))]
    pub(crate) above: Field<QueueLimit>,
    /// `red`: nobody is marked while the average queue is shorter.
    #[schemars(extend("default" = "5 packets", "examples" = ["10 packets"]))]
    pub(crate) min: Field<QueueLimit>,
    /// `red`: the average queue at which the chance is `max_p`, in the unit of `min`. Without it,
    /// three times `min`.
    #[schemars(extend("examples" = ["30 packets"]))]
    pub(crate) max: Field<QueueLimit>,
    /// `red`: the chance of a mark as the average queue comes near `max`; 0% to 100%.
    #[schemars(extend("default" = "10%", "examples" = ["2%"]))]
    pub(crate) max_p: Field<Probability>,
    /// `red`: the weight of the newest length in the average; 0.000001 to 1.
    #[schemars(extend("default" = 0.002, "examples" = [0.02]))]
    pub(crate) weight: Field<f64>,
    /// `red`: beyond `max` the chance grows to 100% at twice `max`; without it everything beyond
    /// `max` is dropped.
    #[schemars(extend("default" = true, "examples" = [false]))]
    pub(crate) gentle: Field<bool>,
    /// `codel`, `fq-codel`: the wait that may stand.
    #[schemars(extend("default" = "5ms", "examples" = ["15ms"]))]
    pub(crate) target: Field<Span>,
    /// `codel`, `fq-codel`: for how long; about the longest round trip.
    #[schemars(extend("default" = "100ms", "examples" = ["300ms"]))]
    pub(crate) interval: Field<Span>,
    /// `fq-codel`: how many queues there are; 1 to 65535.
    #[schemars(extend("default" = 1024, "examples" = [64]))]
    pub(crate) flows: Field<u16>,
    /// `fq-codel`: what a flow may send in its turn, in bytes; 64 to 1000000.
    #[schemars(extend("default" = 1514, "examples" = [300]))]
    pub(crate) quantum: Field<u32>,
}
