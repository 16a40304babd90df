//! No allocation per hop in steady state: a counting allocator proves it.
//!
//! A recorder arms the counter when half of a run's frames have arrived and disarms it shortly
//! before the last. Every network here carries its heaviest load before that half, and then
//! nothing for a while: every list has been as long as it will ever be, and every frame has been
//! back in the pool, when the counting begins. So the allowance is exact: nothing.
#![allow(
    unsafe_code,
    reason = "defining the allocator is the point of this binary"
)]
#![allow(
    clippy::unwrap_used,
    reason = "clippy.toml allows it in tests, but clippy does not see that helpers are tests too"
)]

#[path = "allocations/counter.rs"]
mod counter;

use std::io;

use counter::Counted;
use netsim::{
    capture::CaptureSet,
    engine::RunControl,
    scenario::{self, plan::Plan},
    sim::Simulation,
    trace::{DropReason, Fate, NoRecorder, Record, Recorder, Tee},
};

/// Arms the counter from one number of received frames to another.
#[derive(Debug, Default)]
struct Arm {
    received: u64,
    from: u64,
    to: u64,
    /// Frames that noise struck while the counter was armed.
    struck: u64,
}

impl Recorder for Arm {
    fn record(&mut self, record: &Record<'_>) -> io::Result<()> {
        match record {
            Record::Received(_) => {
                self.received += 1;
                if self.received == self.from || self.received == self.to {
                    counter::arm(self.received == self.from);
                }
            }
            Record::Sent(sent) if matches!(sent.fate, Fate::Lost(_, DropReason::BitError)) => {
                self.struck += u64::from((self.from..self.to).contains(&self.received));
            }
            _ => {}
        }
        Ok(())
    }
}

fn plan(text: &str) -> Plan {
    scenario::load_str("network.toml", text, &[]).unwrap()
}

/// Runs `text` to learn how many frames arrive, then once more to count from half of them to 95 %.
fn count(text: &str, other: &mut dyn Recorder) -> (Counted, Arm) {
    let run = |from, to, other: &mut dyn Recorder| {
        let mut arm = Arm {
            from,
            to,
            ..Arm::default()
        };
        let control = RunControl::default();
        let mut both = Tee(vec![&mut arm, other]);
        let result = Simulation::new(plan(text)).run_quietly(&control, &mut both);
        result.unwrap();
        arm
    };
    let frames = run(0, 0, &mut NoRecorder).received;
    assert!(frames > 10_000, "only {frames} frames");
    let arm = run(frames / 2, frames / 20 * 19, other);
    (counter::take(), arm)
}

#[track_caller]
fn allocates_nothing(text: &str) {
    let (counted, _) = count(text, &mut NoRecorder);
    assert_eq!(counted.allocations, 0, "{:#?}", counted.places);
}

/// A source, three nodes of a kind, a sink; every link with the properties `link`.
fn row(kind: &str, link: &str, traffic: &str) -> String {
    let mut text = format!(
        "[defaults.link]\nlatency = \"1ms\"\n{link}\n\
         [node.source]\n[node.a]\nkind = \"{kind}\"\n[node.b]\nkind = \"{kind}\"\n\
         [node.c]\nkind = \"{kind}\"\n[node.sink]\n"
    );
    for pair in ["source\", \"a", "a\", \"b", "b\", \"c", "c\", \"sink"] {
        text += &format!("[[link]]\nbetween = [\"{pair}\"]\n");
    }
    text + traffic
}

/// 3000 datagrams in 30 ms, a pause, and 4000 more from 40 to 120 ms, at half the rate. Half of
/// the 7000 have arrived at about 54 ms.
fn streams() -> String {
    stream(3000, "10us", "0s") + &stream(4000, "20us", "40ms")
}

fn stream(count: u32, interval: &str, start: &str) -> String {
    format!(
        "[[traffic]]\napp = \"udp\"\nfrom = \"source\"\nto = \"sink\"\nsize = \"1000 B\"\n\
         interval = \"{interval}\"\ncount = {count}\nstart = \"{start}\"\n"
    )
}

/// 8 MiB are about 5800 segments over four links, and half as many acknowledgements or more.
const BULK: &str =
    "[[traffic]]\napp = \"tcp\"\nfrom = \"source\"\nto = \"sink\"\nbytes = \"8 MiB\"\n";

#[test]
fn routers_forward_without_allocating() {
    allocates_nothing(&row("router", "", &streams()));
}

#[test]
fn switches_and_hubs_forward_without_allocating() {
    allocates_nothing(&row("switch", "", &streams()));
    allocates_nothing(&row("hub", "", &streams()));
}

#[test]
fn loss_jitter_and_duplicates_cost_no_allocation() {
    let faults = "loss = \"1%\"\njitter = \"100us\"\nduplicate = \"1%\"";
    allocates_nothing(&row("router", faults, &streams()));
    allocates_nothing(&row("switch", faults, &streams()));
}

#[test]
fn frames_that_overtake_each_other_cost_no_allocation() {
    let faults =
        "reorder = \"2%\"\nreorder_delay = \"1ms\"\njitter = \"50us\"\njitter_reorders = true";
    allocates_nothing(&row("router", faults, &streams()));
}

#[test]
fn a_full_queue_drops_without_allocating() {
    // 1066 bytes on the wire every 20 us are 426 Mbit/s.
    let narrow = "rate = \"300 Mbit/s\"\nqueue = \"50 packets\"";
    allocates_nothing(&row("router", narrow, &streams()));
}

#[test]
fn noise_costs_no_more_than_two_allocations_a_struck_frame() {
    // A list of the flipped bits and a copy to try the FCS on.
    // Frames of 1046 bytes with FCS: one in 120 is struck, 45 % of 7000 x 4 are 105 in the count.
    let noise = "bit_error = \"1e-6\"";
    let (counted, arm) = count(&row("router", noise, &streams()), &mut NoRecorder);
    assert!(arm.struck > 50, "only {} were struck", arm.struck);
    assert!(
        counted.allocations <= 2 * arm.struck,
        "{:#?}",
        counted.places
    );
}

#[test]
fn bulk_transfers_of_smoltcps_tcp_allocate_nothing() {
    let bulk = BULK.to_owned() + "[defaults.host.tcp]\nstack = \"smoltcp\"\n";
    allocates_nothing(&row("router", "", &bulk));
    // A wire makes room for the counter of a cause when the first frame dies of it: here once for
    // each of the four links' two directions, at most.
    let (counted, _) = count(&row("router", "loss = \"0.1%\"", &bulk), &mut NoRecorder);
    assert!(counted.allocations <= 8, "{:#?}", counted.places);
}

#[test]
fn bulk_transfers_of_the_native_tcp_allocate_nothing_for_a_segment() {
    // Its window grows until a queue overflows, so buffers, queues and lists double now and then in
    // the counted half of some 2900 segments over four links; nothing is taken for each.
    let (counted, _) = count(&row("router", "", BULK), &mut NoRecorder);
    assert!(counted.allocations < 50, "{:#?}", counted.places);
}

#[test]
fn captures_of_every_card_are_written_without_allocating() {
    let text =
        row("router", "", &streams()) + "[capture]\nvantage = [\"all\"]\nsnap_length = \"96 B\"\n";
    let folder = tempfile::tempdir().unwrap();
    let plan = plan(&text);
    let mut captures =
        CaptureSet::create(folder.path(), &plan.topology, &plan.capture, plan.epoch).unwrap();
    let (counted, _) = count(&text, &mut captures);
    assert_eq!(counted.allocations, 0, "{:#?}", counted.places);
}

#[test]
fn the_counter_notices_new_and_growing_memory() {
    counter::arm(true);
    let mut list = std::hint::black_box(vec![0_u8; 100]);
    list.reserve_exact(1000);
    let counted = counter::take();
    assert_eq!(counted.allocations, 2);
    drop(list);
}
