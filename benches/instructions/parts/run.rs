//! Whole runs: everything between two frames, shared out among the hops or hosts.

use netsim::{
    capture::CaptureSet,
    engine::RunControl,
    scenario::{self, plan::Plan},
    sim::Simulation,
    trace::{NoRecorder, Recorder},
};

use crate::counted;

/// UDP from a source over four routers to a sink.
pub(super) const fn chain() -> &'static str {
    include_str!("../chain.toml")
}

fn plan(text: &str) -> Plan {
    scenario::load_str("network.toml", text, &[]).unwrap()
}

/// Hops of a run; nothing but the run is counted.
fn hops(plan: Plan, recorder: &mut dyn Recorder) -> u64 {
    let mut simulation = Simulation::new(plan);
    let control = RunControl::default();
    counted(|| simulation.run_quietly(&control, recorder))
        .unwrap()
        .frames
}

pub(crate) fn udp() -> u64 {
    hops(plan(chain()), &mut NoRecorder)
}

pub(crate) fn udp_captured() -> u64 {
    let plan = plan(&format!(
        "{}\n[capture]\nvantage = [\"all\"]\nall = false\n",
        chain()
    ));
    let folder = tempfile::tempdir().unwrap();
    let set = CaptureSet::create(folder.path(), &plan.topology, &plan.capture, plan.epoch);
    hops(plan, &mut set.unwrap())
}

/// The same network, a bulk transfer instead of the datagrams.
pub(crate) fn tcp() -> u64 {
    let network = chain().split("[[traffic]]").next().unwrap();
    let traffic =
        "[[traffic]]\napp = \"tcp\"\nfrom = \"source\"\nto = \"sink\"\nbytes = \"8 MiB\"\n";
    hops(plan(&format!("{network}{traffic}")), &mut NoRecorder)
}

/// 16 hosts, each sends UDP to the one half way round, over up to six links.
pub(crate) fn fat_tree() -> u64 {
    let mut text = format!("{ARP_KNOWN}[generate]\nkind = \"fat-tree\"\nk = 4\n");
    for k in 0..16 {
        text += &datagrams(k, (k + 8) % 16, 200);
    }
    hops(plan(&text), &mut NoRecorder)
}

/// From the file's text to a world in which the run may begin.
pub(crate) fn star_set_up() -> u64 {
    let text = star_of_hosts();
    let simulation = counted(|| Simulation::new(plan(&text)));
    drop(simulation);
    HOSTS
}

/// The run: every host sends one datagram to the next.
pub(crate) fn star() -> u64 {
    hops(plan(&star_of_hosts()), &mut NoRecorder);
    HOSTS
}

const HOSTS: u64 = 1_000;
const ARP_KNOWN: &str = "[defaults.host]\narp = \"static\"\n";

fn star_of_hosts() -> String {
    let mut text = format!("{ARP_KNOWN}[generate]\nkind = \"star\"\nhosts = {HOSTS}\n");
    for k in 0..HOSTS {
        text += &datagrams(k, (k + 1) % HOSTS, 1);
    }
    text
}

/// `count` datagrams of 1000 bytes, one every 100 us, from one host to another.
fn datagrams(from: u64, to: u64, count: u32) -> String {
    format!(
        "[[traffic]]\napp = \"udp\"\nfrom = \"h{from}\"\nto = \"h{to}\"\n\
         size = \"1000 B\"\ninterval = \"100us\"\ncount = {count}\n"
    )
}
