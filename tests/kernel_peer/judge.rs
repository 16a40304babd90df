//! What a case leaves behind, and what Wireshark and Linux say of it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use netsim::{osi::transport::TcpEvent, trace::DropReason, trace::TcpState};

use crate::tshark;

/// What a case leaves behind.
pub(crate) struct Evidence {
    capture: PathBuf,
    drops: Vec<DropReason>,
    states: Vec<TcpEvent>,
}

impl Evidence {
    pub(crate) const fn new(
        capture: PathBuf,
        drops: Vec<DropReason>,
        states: Vec<TcpEvent>,
    ) -> Self {
        Self {
            capture,
            drops,
            states,
        }
    }

    /// Nobody found a fault with any packet: neither Wireshark, nor Linux, nor the house.
    pub(crate) fn judge(self) -> Self {
        let bad = bad_frames(&self.capture);
        assert!(bad.is_empty(), "{}:\n{bad}", self.capture.display());
        for counter in ["InErrs", "InCsumErrors"] {
            assert_eq!(linux_counter("Tcp", counter), 0, "Linux counts {counter}");
        }
        assert_eq!(linux_counter("Ip", "InHdrErrors"), 0);
        assert_eq!(self.drops, [], "the house dropped packets of Linux");
        self
    }

    /// How many frames `filter` selects.
    pub(crate) fn count(&self, filter: &str) -> usize {
        tshark::count(&self.capture, filter)
    }

    /// At least one frame shows what the case is about.
    pub(crate) fn shows(&self, filter: &str) -> &Self {
        assert_ne!(self.count(filter), 0, "no frame with {filter}");
        self
    }

    /// No frame shows that.
    pub(crate) fn never(&self, filter: &str) -> &Self {
        assert_eq!(self.count(filter), 0, "frames with {filter}");
        self
    }

    /// The states that the house's connections came to.
    pub(crate) fn states(&self) -> Vec<TcpState> {
        self.states.iter().filter_map(TcpEvent::state).collect()
    }
}

/// What Wireshark finds malformed, or with a wrong checksum. The data of ports 7 and 5001 is drawn at
/// random, whatever protocol it may look like. Linux writes the checksum 0 as its twin 0xffff, which
/// adds up as well (RFC 1624), but Wireshark does not take it for right.
fn bad_frames(capture: &Path) -> String {
    let bad = "_ws.malformed || _ws.short || ip.checksum.status == 0 || icmp.checksum.status == 0 \
               || (tcp.checksum.status == 0 && !(ip.src == 10.77.0.1 && tcp.checksum == 0xffff))";
    let raw = ["-d", "tcp.port==5001,data", "-d", "tcp.port==7,data"];
    tshark::tshark(capture, &[&raw[..], &["-Y", bad]].concat())
}

/// A counter of RFC 1213 that Linux keeps for the namespace (`/proc/net/snmp`), or one of its own
/// (`/proc/net/netstat`).
pub(crate) fn linux_counter(group: &str, name: &str) -> u64 {
    let files = ["/proc/self/net/snmp", "/proc/self/net/netstat"];
    let text = files.map(|file| fs::read_to_string(file).unwrap()).concat();
    let head = format!("{group}: ");
    let mut lines = text.lines().filter_map(|line| line.strip_prefix(&head));
    let (names, values) = (lines.next().unwrap(), lines.next().unwrap());
    let mut pairs = names.split(' ').zip(values.split(' '));
    let (_, value) = pairs.find(|(n, _)| *n == name).expect("the counter");
    value.parse().unwrap()
}
