//! `tcp.jsonl`: a line for every change inside a TCP sender, with its cause.
//!
//! Written while the run goes on; the file gets its name when it is whole. Memory grows with the
//! connections that are open at the same time, not with the run.
//!
//! Not here: what changes and why, which the native TCP tells by itself.

use std::{
    collections::BTreeMap,
    io::{self, Write as _},
    net::SocketAddr,
};

use serde::Serialize;

use super::output::Unfinished;
use crate::{
    ids::NodeId,
    topology::Topology,
    trace::{Record, Recorder, SocketState, TcpProgress, TcpState, TcpValues},
    units::{SimTime, Span},
};

/// The name of the file.
pub(super) const TCP_FILE: &str = "tcp.jsonl";

/// The recorder that writes it.
#[derive(Debug)]
pub(super) struct TcpLog {
    /// The nodes' names.
    names: Vec<String>,
    file: Unfinished,
    /// What was last written of each open connection.
    open: BTreeMap<Ends, Known>,
}

type Ends = (NodeId, SocketAddr, SocketAddr);

#[derive(Debug, Clone, Copy)]
struct Known {
    state: TcpState,
    values: Option<TcpValues>,
}

/// One line, in the order of its keys.
#[derive(Debug, Serialize)]
struct Line<'a> {
    at_ns: u64,
    node: &'a str,
    local: SocketAddr,
    remote: SocketAddr,
    cause: &'static str,
    changed: Vec<&'static str>,
    state: &'static str,
    #[serde(flatten)]
    values: Option<Values>,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
struct Values {
    cwnd_bytes: u64,
    ssthresh_bytes: Option<u64>,
    pacing_bits_per_second: Option<u64>,
    in_flight_bytes: u64,
    lost_bytes: u64,
    peer_window_bytes: u64,
    rtt_ns: Option<u64>,
    srtt_ns: Option<u64>,
    rttvar_ns: u64,
    rto_ns: u64,
    recovery: &'static str,
    algorithm: &'static str,
    phase: &'static str,
}

impl TcpLog {
    pub(super) fn new(topology: &Topology, file: Unfinished) -> Self {
        Self {
            names: topology.nodes.iter().map(|n| n.name.clone()).collect(),
            file,
            open: BTreeMap::new(),
        }
    }

    /// The file, all of it written.
    pub(super) fn finish(self) -> Unfinished {
        self.file
    }

    fn state(&mut self, new: &SocketState) -> io::Result<()> {
        let ends = (new.node, new.local, new.remote);
        let values = self.open.get(&ends).and_then(|known| known.values);
        let known = Known {
            state: new.state,
            values,
        };
        if new.state == TcpState::Closed {
            self.open.remove(&ends);
        } else {
            self.open.insert(ends, known);
        }
        self.line(new.at, ends, NEW_STATE, vec!["state"], known)
    }

    fn values(&mut self, new: &TcpProgress) -> io::Result<()> {
        let ends = (new.node, new.local, new.remote);
        let old = self.open.get(&ends).copied();
        let known = Known {
            // The state is told when the machine is at rest; values are told before.
            state: old.map_or(TcpState::Established, |known| known.state),
            values: Some(new.values),
        };
        let changed = changed(old.and_then(|known| known.values), new.values);
        self.open.insert(ends, known);
        self.line(new.at, ends, new.cause.text(), changed, known)
    }

    fn line(
        &mut self,
        at: SimTime,
        (node, local, remote): Ends,
        cause: &'static str,
        changed: Vec<&'static str>,
        known: Known,
    ) -> io::Result<()> {
        let line = Line {
            at_ns: at.as_nanos(),
            node: &self.names[node.index()],
            local,
            remote,
            cause,
            changed,
            state: known.state.name(),
            values: known.values.map(Values::from),
        };
        serde_json::to_writer(&mut self.file, &line)?;
        self.file.write_all(b"\n")
    }
}

impl Recorder for TcpLog {
    fn record(&mut self, record: &Record<'_>) -> io::Result<()> {
        match record {
            Record::Socket(state) => self.state(state),
            Record::Tcp(progress) => self.values(progress),
            _ => Ok(()),
        }
    }
}

impl From<TcpValues> for Values {
    fn from(values: TcpValues) -> Self {
        Self {
            cwnd_bytes: values.window,
            ssthresh_bytes: values.threshold,
            pacing_bits_per_second: values.pacing_rate.map(|rate| rate.saturating_mul(8)),
            in_flight_bytes: values.in_flight,
            lost_bytes: values.lost,
            peer_window_bytes: values.peer_window,
            rtt_ns: values.rtt.map(Span::as_nanos),
            srtt_ns: values.srtt.map(Span::as_nanos),
            rttvar_ns: values.rttvar.as_nanos(),
            rto_ns: values.rto.as_nanos(),
            recovery: values.recovery.name(),
            algorithm: values.algorithm,
            phase: values.phase,
        }
    }
}

/// The keys whose value is another than before; all of them the first time.
fn changed(old: Option<TcpValues>, new: TcpValues) -> Vec<&'static str> {
    let is_new = |test: &dyn Fn(&TcpValues) -> bool| old.as_ref().is_none_or(test);
    let keys = [
        ("cwnd_bytes", is_new(&|o| o.window != new.window)),
        ("ssthresh_bytes", is_new(&|o| o.threshold != new.threshold)),
        (
            "pacing_bits_per_second",
            is_new(&|o| o.pacing_rate != new.pacing_rate),
        ),
        ("in_flight_bytes", is_new(&|o| o.in_flight != new.in_flight)),
        ("lost_bytes", is_new(&|o| o.lost != new.lost)),
        (
            "peer_window_bytes",
            is_new(&|o| o.peer_window != new.peer_window),
        ),
        ("rtt_ns", is_new(&|o| o.rtt != new.rtt)),
        ("srtt_ns", is_new(&|o| o.srtt != new.srtt)),
        ("rttvar_ns", is_new(&|o| o.rttvar != new.rttvar)),
        ("rto_ns", is_new(&|o| o.rto != new.rto)),
        ("recovery", is_new(&|o| o.recovery != new.recovery)),
        ("algorithm", is_new(&|o| o.algorithm != new.algorithm)),
        ("phase", is_new(&|o| o.phase != new.phase)),
    ];
    let changed = keys.into_iter().filter(|(_, is_new)| *is_new);
    changed.map(|(key, _)| key).collect()
}

/// The cause of a line about the state: RFC 9293 says what leads from one to the next.
const NEW_STATE: &str = "new state";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::{TcpCause, TcpRecovery};

    fn values() -> TcpValues {
        TcpValues {
            window: 14_480,
            threshold: None,
            pacing_rate: Some(1000),
            in_flight: 0,
            lost: 0,
            peer_window: 65_536,
            rtt: None,
            srtt: None,
            rttvar: Span::ZERO,
            rto: Span::from_secs(1),
            recovery: TcpRecovery::Open,
            algorithm: "reno",
            phase: "slow start",
        }
    }

    fn lines(records: &[Record<'_>]) -> Vec<serde_json::Value> {
        let folder = tempfile::tempdir().unwrap();
        let mut output = super::super::OutputFolder::open(folder.path()).unwrap();
        let mut log = TcpLog {
            names: vec!["alice".to_owned()],
            file: output.begin(TCP_FILE).unwrap(),
            open: BTreeMap::new(),
        };
        for record in records {
            log.record(record).unwrap();
        }
        // Half a file has no name.
        assert!(!folder.path().join(TCP_FILE).exists());
        output.finish(log.finish(), TCP_FILE, "TCP").unwrap();
        let text = std::fs::read_to_string(folder.path().join(TCP_FILE)).unwrap();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    #[test]
    fn a_line_says_what_changed_and_why() {
        let (local, remote) = (
            "10.0.0.1:4000".parse().unwrap(),
            "10.0.0.2:80".parse().unwrap(),
        );
        let at = |ms| SimTime::ZERO + Span::from_millis(ms);
        let progress = |ms, cause, values| {
            Record::Tcp(TcpProgress {
                at: at(ms),
                node: NodeId(0),
                local,
                remote,
                cause,
                values,
            })
        };
        let state = |ms, state| {
            Record::Socket(SocketState {
                at: at(ms),
                node: NodeId(0),
                local,
                remote,
                state,
            })
        };
        let sent = TcpValues {
            in_flight: 1448,
            ..values()
        };
        let lines = lines(&[
            state(0, TcpState::SynSent),
            progress(1, TcpCause::Established, values()),
            progress(2, TcpCause::Sent, sent),
            state(3, TcpState::Closed),
        ]);
        assert_eq!(lines[0]["cause"], "new state");
        assert_eq!(lines[0].get("cwnd_bytes"), None);
        assert_eq!(lines[1]["changed"].as_array().unwrap().len(), 13);
        assert_eq!(lines[1]["pacing_bits_per_second"], 8000);
        assert_eq!(lines[2]["changed"], serde_json::json!(["in_flight_bytes"]));
        assert_eq!(lines[2]["cause"], "data sent");
        assert_eq!(lines[2]["at_ns"], 2_000_000);
        assert_eq!(lines[3]["state"], "CLOSED");
        assert_eq!(lines[3]["in_flight_bytes"], 1448);
    }
}
