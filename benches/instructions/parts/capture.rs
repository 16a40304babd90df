//! Captures and their dissection: a frame's bytes to a file, and to a tree of fields.

use std::hint::black_box;

use netsim::{
    capture::CaptureSet,
    dissect::Dissector,
    engine::RunControl,
    ids::{Direction, FrameId, LinkId, NodeId, PortId, WireId},
    scenario,
    sim::Simulation,
    trace::{FrameReceived, Record, Recorder, Story},
    units::SimTime,
};

use super::run::chain;
use crate::counted;

const OPERATIONS: u64 = 5_000;

/// A frame of 1042 bytes, received by a card that has a capture of its own.
pub(crate) fn write() -> u64 {
    let plan = scenario::load_str("chain.toml", chain(), &[]).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let set = CaptureSet::create(folder.path(), &plan.topology, &plan.capture, plan.epoch);
    let mut set = set.unwrap();
    let bytes = vec![7; 1042];
    let mut round = |k: u64| {
        let received = FrameReceived {
            at: SimTime::from_nanos(k * 10_000),
            wire: WireId {
                link: LinkId(0),
                direction: Direction::Backward,
            },
            node: NodeId(0),
            port: PortId(0),
            frame: FrameId {
                origin: NodeId(1),
                number: 0,
            },
            bytes: &bytes,
        };
        set.record(&Record::Received(received)).unwrap();
    };
    (0..1000).for_each(&mut round);
    counted(|| (1000..1000 + OPERATIONS).for_each(&mut round));
    OPERATIONS
}

/// The frames of the scenario `http`, from the first to the last, by one dissector.
pub(crate) fn dissect() -> u64 {
    let example = scenario::gallery()
        .iter()
        .find(|e| e.name == "http")
        .unwrap();
    let plan = scenario::load_str("http.toml", example.text, &[]).unwrap();
    let mut story = Story::with_limit(10_000);
    let control = RunControl::default();
    let run = Simulation::new(plan).run_quietly(&control, &mut story);
    run.unwrap();
    let mut dissector = Dissector::new();
    counted(|| {
        for hop in &story.hops {
            black_box(dissector.dissect(&hop.bytes));
        }
    });
    story.hops.len() as u64
}
