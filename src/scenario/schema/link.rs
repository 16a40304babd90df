//! `[[link]]` and `[defaults.link]`: cables and how they treat frames.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    aqm::Aqm,
    field::{Field, List, Table},
};
use crate::{
    topology::{JitterShape, Outage, QueueLimit},
    units::{BitRate, Probability, Span},
};

/// Declares a table with the keys of a profile and, before them, others.
///
/// serde's `flatten` would lose the places and the check for unknown keys, so the keys are
/// written out by this macro instead.
macro_rules! with_profile {
    ($(#[$attr:meta])* $name:ident { $($(#[$own_attr:meta])* $own:ident: $own_type:ty,)* }) => {
        #[derive(Debug, Default, Deserialize, JsonSchema)]
        #[serde(default, deny_unknown_fields)]
        $(#[$attr])*
        pub(crate) struct $name {
            $($(#[$own_attr])* pub(crate) $own: $own_type,)*
            /// How fast bits leave the port; at least 1 bit/s. Each frame costs its length and 24
            /// bytes of Ethernet overhead.
            #[schemars(extend("default" = "1 Gbit/s", "examples" = ["10 Mbit/s"]))]
            pub(crate) rate: Field<BitRate>,
            /// The one-way propagation delay.
            #[schemars(extend("default" = "10us", "examples" = ["20ms"]))]
            pub(crate) latency: Field<Span>,
            /// The random part of the delay: half the width of a uniform distribution around the
            /// latency, or the standard deviation of a normal one. The sum never falls below zero.
            #[schemars(extend("default" = "0s", "examples" = ["2ms"]))]
            pub(crate) jitter: Field<Span>,
            /// The distribution of the jitter.
            #[schemars(extend("default" = "uniform", "examples" = ["normal"]))]
            pub(crate) jitter_distribution: Field<JitterShape>,
            /// May jitter let a frame overtake an earlier one? A cable keeps order, so no.
            #[schemars(extend("default" = false, "examples" = [true]))]
            pub(crate) jitter_reorders: Field<bool>,
            /// The chance that a frame vanishes, each frame for itself; 0% to 100%.
            #[schemars(extend("default" = "0%", "examples" = ["3%"]))]
            pub(crate) loss: Field<Probability>,
            /// The chance that a frame arrives twice; 0% to 100%.
            #[schemars(extend("default" = "0%", "examples" = ["1%"]))]
            pub(crate) duplicate: Field<Probability>,
            /// The chance that a frame is held back for `reorder_delay`, so that later ones
            /// overtake it; 0% to 100%.
            #[schemars(extend("default" = "0%", "examples" = ["1%"]))]
            pub(crate) reorder: Field<Probability>,
            /// How long a reordered frame is held back.
            #[schemars(extend("default" = "10ms", "examples" = ["5ms"]))]
            pub(crate) reorder_delay: Field<Span>,
            /// The chance that any one bit flips; 0 to 1. The receiver's check of the FCS then
            /// drops the frame.
            #[schemars(extend("default" = "0%", "examples" = ["1e-6"]))]
            pub(crate) bit_error: Field<Probability>,
            /// When the link is down: from the first time until the second, it loses what is sent.
            #[schemars(extend("examples" = ["3s..7s"]))]
            pub(crate) down: Field<Outage>,
            /// The largest IP packet the link carries, in bytes; 68 to 65535. Ethernet's own
            /// header is not counted.
            #[schemars(extend("default" = 1500, "examples" = [9000]))]
            pub(crate) mtu: Field<u16>,
            /// How much may wait at the port while another frame is being sent, in bytes or in
            /// packets; what does not fit is dropped.
            #[schemars(extend("default" = "1000 packets", "examples" = ["64 KiB"]))]
            pub(crate) queue: Field<QueueLimit>,
            /// Who is dropped or marked among those who wait. Without it, what finds no room.
            #[schemars(extend("examples" = [{"kind": "codel"}]))]
            pub(crate) aqm: Table<Aqm>,
        }
    };
}

with_profile! {
    /// How a link treats its frames.
    Profile {}
}

with_profile! {
    /// A cable between two nodes.
    #[schemars(extend("required" = ["between"]))]
    Link {
        /// Its name. Left out: the names of its ends, such as "alice-r1".
        #[schemars(extend("examples" = ["wan"]))]
        name: Field<String>,
        /// The two nodes it connects. Forward is from the first to the second.
        #[schemars(extend("examples" = [["alice", "r1"]]))]
        between: List<Field<String>>,
        /// What the link adds to the length of a path when routes are computed; 1 to 65535.
        #[schemars(extend("default" = 1, "examples" = [10]))]
        cost: Field<u16>,
        /// Other values for the way from the first node to the second.
        #[schemars(extend("examples" = [{"rate": "1 Mbit/s"}]))]
        forward: Profile,
        /// Other values for the way from the second node to the first.
        #[schemars(extend("examples" = [{"rate": "16 Mbit/s"}]))]
        backward: Profile,
    }
}

with_profile! {
    /// How a kind of generated link treats its frames.
    Cable {
        /// Other values for the way up, away from the hosts.
        #[schemars(extend("examples" = [{"rate": "1 Mbit/s"}]))]
        forward: Profile,
        /// Other values for the way down.
        #[schemars(extend("examples" = [{"rate": "16 Mbit/s"}]))]
        backward: Profile,
    }
}

/// Gives a table with the keys of a profile a method that takes them out.
macro_rules! common_profile {
    ($name:ident) => {
        impl $name {
            /// The keys that hold for both directions.
            pub(crate) fn profile(&self) -> Profile {
                Profile {
                    rate: self.rate.clone(),
                    latency: self.latency.clone(),
                    jitter: self.jitter.clone(),
                    jitter_distribution: self.jitter_distribution.clone(),
                    jitter_reorders: self.jitter_reorders.clone(),
                    loss: self.loss.clone(),
                    duplicate: self.duplicate.clone(),
                    reorder: self.reorder.clone(),
                    reorder_delay: self.reorder_delay.clone(),
                    bit_error: self.bit_error.clone(),
                    down: self.down.clone(),
                    mtu: self.mtu.clone(),
                    queue: self.queue.clone(),
                    aqm: self.aqm.clone(),
                }
            }
        }
    };
}
common_profile!(Link);
common_profile!(Cable);
