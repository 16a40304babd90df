//! A hub: what comes in by one port goes out by all others, bit by bit.
//!
//! Not modelled: collisions and half duplex. The repeater here is full duplex and stores whole
//! frames, so it shows who hears what, not who has to wait.

use super::{outbox::Outbox, switch::flood};
use crate::{ids::PortId, wire::Frame};

/// A hub.
#[derive(Debug)]
pub struct Hub {
    ports: u16,
}

impl Hub {
    /// A hub of `ports` ports.
    pub const fn new(ports: u16) -> Self {
        Self { ports }
    }

    /// Repeats a frame that came in by `port`.
    pub fn handle_frame(&self, port: PortId, frame: Frame, out: &mut Outbox) {
        flood(self.ports, port, frame, out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{FrameId, NodeId};

    #[test]
    fn everybody_else_hears_a_frame() {
        let mut out = Outbox::default();
        let origin = NodeId(0);
        let frame = Frame::new(FrameId { origin, number: 0 }, vec![0; 60]);
        Hub::new(3).handle_frame(PortId(1), frame, &mut out);
        let heard: Vec<u16> = out.sends.iter().map(|(p, _)| p.0).collect();
        assert_eq!(heard, [0, 2]);
    }
}
