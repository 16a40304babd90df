//! Ports whose queue has a discipline: their frames wait at the sending end, and the node's deadline
//! brings the engine back when the line is free.

use std::io;

use super::Part;
use crate::{
    ids::PortId,
    osi::physical::{Berth, Passage, Served},
    trace::Recorder,
    units::SimTime,
};

/// A frame that goes on its wire.
#[derive(Debug)]
pub(super) struct Leaving {
    pub(super) berth: Berth,
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
        berth: Berth,
        recorder: &mut R,
    ) -> io::Result<()> {
        let frame = self.air.leave(berth);
        let now = self.tally.now;
        let place = self.wire_of(index, port);
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
        let place = self.wire_of(index, port);
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
                        berth: self.air.enter(frame),
                        passage,
                        queued,
                        marked,
                    };
                    self.launch((index, port), place, leaving, recorder)?;
                }
            }
        }
        if let Some(at) = self.outgoing[place].pipe.serves_at() {
            self.arm_node(index, at);
        }
        Ok(())
    }
}
