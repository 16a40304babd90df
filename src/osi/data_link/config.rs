//! Settings of a network card.

/// How a node learns the MAC addresses of its neighbours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ArpMode {
    /// It asks, on the wire (RFC 826).
    #[default]
    Dynamic,
    /// It knows all of them from the start and never asks.
    Static,
}
