//! Ports whose queue has a discipline: their frames wait at the sending end, and the node's deadline
//! brings the engine back when the line is free.

use std::io;

use super::Part;
use crate::{
    ids::PortId,
    osi::physical::{Passage, Served},
    trace::Recorder,
    units::SimTime,
    wire::Frame,
};

/// A frame that goes on its wire.
#[derive(Debug)]
pub(super) struct Leaving {
    pub(super) frame: Frame,
    pub(super) passage: Passage,
    /// When the node gave it to the port.
    pub(super) queued: SimTime,
    /// The queue of the port has marked it.
    pub(super) marked: bool,
}

impl Part {
    /// Hands a frame to a queue with a discipline.
    #[cold]
    pub(super) fn queue_up<R: Recorder + ?Sized>(
        &mut self,
        index: usize,
        port: PortId,
        frame: Frame,
        recorder: &mut R,
    ) -> io::Result<()> {
        let now = self.tally.now;
        let place = self.wire_of(index, port).begins as usize;
        match self.outgoing[place].pipe.offer(now, frame) {
            Ok(()) => {
                self.tally.in_flight += 1;
                self.serve_queue(index, port, recorder)
            }
            Err((why, frame)) => self.bury(index, port, frame, why, recorder),
        }
    }

    /// Lets go what may go now, from every queue of a node.
    pub(super) fn serve_queues<R: Recorder + ?Sized>(
        &mut self,
        index: usize,
        recorder: &mut R,
    ) -> io::Result<()> {
        for number in 0..self.slots[index].managed.len() {
            let port = self.slots[index].managed[number];
            self.serve_queue(index, port, recorder)?;
        }
        Ok(())
    }

    /// Lets go what may go now; the node comes back when the line is free again.
    fn serve_queue<R: Recorder + ?Sized>(
        &mut self,
        index: usize,
        port: PortId,
        recorder: &mut R,
    ) -> io::Result<()> {
        let now = self.tally.now;
        let ends = self.wire_of(index, port);
        let place = ends.begins as usize;
        while let Some(served) = self.outgoing[place].pipe.serve(now) {
            // It waits no more. Whoever is under way is counted as it leaves.
            self.tally.in_flight -= 1;
            match served {
                Served::Dropped(frame, why) => self.bury(index, port, frame, why, recorder)?,
                Served::Leaves {
                    frame,
                    passage,
                    queued,
                    marked,
                } => {
                    let leaving = Leaving {
                        frame,
                        passage,
                        queued,
                        marked,
                    };
                    self.launch((index, port), ends, leaving, recorder)?;
                }
            }
        }
        if let Some(at) = self.outgoing[place].pipe.serves_at() {
            self.arm_node(index, at);
        }
        Ok(())
    }
}
