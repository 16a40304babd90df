//! Floor 2: network cards, Ethernet framing, ARP, switches and hubs.
//!
//! Everything here is sans-I/O: it takes `now` and frames and fills an [`Outbox`]; the engine
//! carries the frames to the wires.
//!
//! Not modelled: VLAN tags, spanning tree, link aggregation, pause frames, NDP (it will stand
//! beside `arp` and fill the same neighbour cache).

mod card;
mod config;
mod homes;
mod hub;
mod neighbor;
mod outbox;
mod switch;

pub use card::Card;
pub use config::ArpMode;
pub use homes::Homes;
pub use hub::Hub;
pub use neighbor::{NeighborCache, Resolution};
pub use outbox::{Dropped, FrameIds, Outbox};
pub use switch::Switch;
