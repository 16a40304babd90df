//! Where buffers belong in a network that runs in parts.
//!
//! A buffer that one processor fills and then another has to move from cache to cache, whole, though
//! most of a frame's bytes are written once and read by nobody. So the buffer of a frame that ends its
//! life in another part goes back to the part of the node that made it.

use std::sync::Arc;

use crate::{ids::NodeId, wire::FramePool};

/// The way home for the buffers of other parts.
#[derive(Debug)]
pub struct Homes {
    /// The part of each node.
    part_of: Arc<[u32]>,
    here: u32,
    /// What waits to go home, by part.
    pub waiting: Vec<FramePool>,
}

impl Homes {
    /// Of part `here`, where each node is in the part that `part_of` tells.
    pub fn new(here: u32, part_of: Arc<[u32]>, parts: usize) -> Self {
        Self {
            part_of,
            here,
            waiting: (0..parts).map(|_| FramePool::default()).collect(),
        }
    }

    /// Where buffers of frames wait that `origin` made; `None` if they belong here.
    pub(super) fn way(&mut self, origin: NodeId) -> Option<&mut FramePool> {
        let part = *self.part_of.get(origin.index())?;
        if part == self.here {
            return None;
        }
        self.waiting.get_mut(part as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buffers_go_to_the_part_of_the_node_that_made_the_frame() {
        // Nodes 0 and 1 are in part 0, node 2 is in part 1; this is part 0.
        let mut homes = Homes::new(0, [0, 0, 1].into(), 2);
        assert!(homes.way(NodeId(0)).is_none() && homes.way(NodeId(1)).is_none());
        homes.way(NodeId(2)).unwrap().give(vec![1, 2, 3]);
        assert!(homes.waiting[0].is_empty() && !homes.waiting[1].is_empty());
        // A node that nobody knows: the buffer stays.
        assert!(homes.way(NodeId(3)).is_none());
    }
}
