//! Nothing gets lost without a cause: for every wire and in all,
//! `sent + duplicated = delivered + dropped by reason + in flight`.

use netsim::{
    engine::{EndReason, RunControl, RunResult},
    scenario,
    sim::Simulation,
    trace::{Fate, NoRecorder, Record, Recorder},
};
use proptest::prelude::*;

/// Two hosts behind two routers, everything in the middle disturbed.
fn text(seed: u64, loss: f64, duplicate: f64, reorder: f64, noise: f64, queue: u32) -> String {
    format!(
        r#"
        seed = {seed}
        stop = "3s"
        [node.a]
        [node.r1]
        kind = "router"
        [node.r2]
        kind = "router"
        [node.b]
        [[link]]
        between = ["a", "r1"]
        [[link]]
        name = "middle"
        between = ["r1", "r2"]
        rate = "2 Mbit/s"
        latency = "5ms"
        jitter = "1ms"
        loss = "{loss}"
        duplicate = "{duplicate}"
        reorder = "{reorder}"
        bit_error = "{noise:e}"
        queue = "{queue} packets"
        [[link]]
        between = ["r2", "b"]
        [[traffic]]
        app = "tcp"
        from = "a"
        to = "b"
        bytes = "100 KiB"
        [[traffic]]
        app = "udp"
        from = "b"
        to = "a"
        size = "500 B"
        interval = "3ms"
        count = 200
        [[traffic]]
        app = "ping"
        from = "a"
        to = "b"
        interval = "100ms"
        "#
    )
}

fn run<R: Recorder>(text: &str, recorder: &mut R) -> RunResult {
    let plan = scenario::load_str("conservation.toml", text, &[]).unwrap();
    let control = RunControl::default();
    Simulation::new(plan)
        .run_quietly(&control, recorder)
        .unwrap()
}

fn assert_conserved(run: &RunResult) {
    for (i, w) in run.wires.iter().enumerate() {
        let out = w.delivered_frames + w.drops.total() + w.in_flight_frames;
        assert_eq!(w.sent_frames + w.duplicated_frames, out, "wire {i}: {w:?}");
    }
    let delivered: u64 = run.wires.iter().map(|w| w.delivered_frames).sum();
    let received: u64 = run.nodes.iter().map(|n| n.received_frames).sum();
    assert_eq!(delivered, received);
    let sent: u64 = run.wires.iter().map(|w| w.sent_frames).sum();
    let handed_out: u64 = run.nodes.iter().map(|n| n.sent_frames).sum();
    assert_eq!(sent, handed_out);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn every_frame_is_accounted_for(
        seed in any::<u32>(),
        loss in 0.0..0.3,
        duplicate in 0.0..0.2,
        reorder in 0.0..0.2,
        noise in 0.0..1e-4,
        queue in 1u32..30,
    ) {
        let text = text(u64::from(seed), loss, duplicate, reorder, noise, queue);
        assert_conserved(&run(&text, &mut NoRecorder));
    }
}

/// Adds up what the records tell.
#[derive(Default)]
struct Books {
    arriving: u64,
    received: u64,
    lost: u64,
    last: u64,
}

impl Recorder for Books {
    fn record(&mut self, record: &Record<'_>) -> std::io::Result<()> {
        let at = match record {
            Record::Sent(s) => {
                match s.fate {
                    Fate::Arrives(_) => self.arriving += 1,
                    Fate::Lost(..) => self.lost += 1,
                }
                s.at
            }
            Record::Received(r) => {
                self.received += 1;
                r.at
            }
            Record::Dropped(d) => d.at,
            Record::App(a) => a.at,
            Record::Socket(s) => s.at,
            _ => return Ok(()),
        };
        assert!(at.as_nanos() >= self.last, "records run backward");
        self.last = at.as_nanos();
        Ok(())
    }
}

#[test]
fn the_records_tell_the_same_story_as_the_counters() {
    let mut books = Books::default();
    let text = text(7, 0.05, 0.05, 0.05, 1e-5, 10).replace("stop = \"3s\"", "");
    let run = run(&text, &mut books);
    assert_eq!(run.reason, EndReason::TrafficDone);
    assert_conserved(&run);
    // The traffic is done, so nothing is under way: all that was to arrive has been received.
    assert_eq!(books.arriving, books.received);
    let on_wires: u64 = run.wires.iter().map(|w| w.delivered_frames).sum();
    assert_eq!(books.received, on_wires);
}
