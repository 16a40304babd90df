//! A capture as tshark sees it: one row for each segment.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use crate::support::fields;

/// What tshark may say of a segment (`tcp.analysis.*`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Mark {
    Retransmission,
    Fast,
    Spurious,
    OutOfOrder,
    LostSegment,
    AckLostSegment,
    ZeroWindow,
    ZeroWindowProbe,
    ZeroWindowProbeAck,
    WindowUpdate,
    WindowFull,
    KeepAlive,
    KeepAliveAck,
    DuplicateAck,
    ReusedPorts,
}

const MARKS: [(Mark, &str); 15] = [
    (Mark::Retransmission, "tcp.analysis.retransmission"),
    (Mark::Fast, "tcp.analysis.fast_retransmission"),
    (Mark::Spurious, "tcp.analysis.spurious_retransmission"),
    (Mark::OutOfOrder, "tcp.analysis.out_of_order"),
    (Mark::LostSegment, "tcp.analysis.lost_segment"),
    (Mark::AckLostSegment, "tcp.analysis.ack_lost_segment"),
    (Mark::ZeroWindow, "tcp.analysis.zero_window"),
    (Mark::ZeroWindowProbe, "tcp.analysis.zero_window_probe"),
    (
        Mark::ZeroWindowProbeAck,
        "tcp.analysis.zero_window_probe_ack",
    ),
    (Mark::WindowUpdate, "tcp.analysis.window_update"),
    (Mark::WindowFull, "tcp.analysis.window_full"),
    (Mark::KeepAlive, "tcp.analysis.keep_alive"),
    (Mark::KeepAliveAck, "tcp.analysis.keep_alive_ack"),
    (Mark::DuplicateAck, "tcp.analysis.duplicate_ack"),
    (Mark::ReusedPorts, "tcp.analysis.reused_ports"),
];

/// The two ends of a direction: from, to.
pub(super) type Ends = (String, String);

#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) number: usize,
    /// Since the start of the run \[ns\].
    pub(super) at: u64,
    pub(super) ends: Ends,
    pub(super) seq: u32,
    pub(super) ack: u32,
    pub(super) len: u32,
    pub(super) flags: u32,
    /// As it stands in the header, and as it counts.
    pub(super) raw_window: u32,
    pub(super) window: u32,
    pub(super) stamps: (String, String),
    pub(super) marks: BTreeSet<Mark>,
}

pub(super) const FIN: u32 = 0x01;
pub(super) const SYN: u32 = 0x02;
pub(super) const RST: u32 = 0x04;

impl Row {
    pub(super) const fn has(&self, flag: u32) -> bool {
        self.flags & flag != 0
    }

    /// What it takes of the sequence space.
    pub(super) const fn occupies(&self) -> u32 {
        self.len + self.has(SYN) as u32 + self.has(FIN) as u32
    }

    pub(super) const fn end(&self) -> u32 {
        self.seq.wrapping_add(self.occupies())
    }

    /// What tells it from other segments: two transmissions of the same bytes mostly have other
    /// time stamps.
    pub(super) fn key(&self) -> Key {
        let numbers = (self.seq, self.ack, self.len, self.flags & 0xff);
        (self.ends.clone(), numbers, self.stamps.clone())
    }
}

pub(super) type Key = (Ends, (u32, u32, u32, u32), (String, String));

pub(super) struct Capture {
    pub(super) path: PathBuf,
    pub(super) rows: Vec<Row>,
    /// The round trip of the handshake, for each connection that shows one \[ns\].
    pub(super) first_rtt: Vec<(Ends, u64)>,
}

impl Capture {
    pub(super) fn read(path: &Path) -> Self {
        let mut names = vec![
            "frame.number",
            "frame.time_epoch",
            "ip.src",
            "tcp.srcport",
            "ip.dst",
            "tcp.dstport",
            "tcp.seq_raw",
            "tcp.ack_raw",
            "tcp.len",
            "tcp.flags",
            "tcp.window_size_value",
            "tcp.window_size",
            "tcp.options.timestamp.tsval",
            "tcp.options.timestamp.tsecr",
            "tcp.analysis.initial_rtt",
        ];
        names.extend(MARKS.map(|(_, name)| name));
        let mut first_rtt = vec![];
        // An ICMP error quotes a segment, which is none.
        let rows = fields(path, "tcp && !icmp", &names)
            .into_iter()
            .map(|cells| {
                let cell = |at: usize| cells.get(at).map_or("", String::as_str);
                let number = |at: usize| -> u32 { cell(at).parse().unwrap() };
                let end = |at: usize| format!("{}:{}", cell(at), cell(at + 1));
                let ends = (end(2), end(4));
                if !cell(14).is_empty() {
                    first_rtt.push((ends.clone(), nanoseconds(cell(14))));
                }
                let said = MARKS.iter().enumerate();
                Row {
                    number: cell(0).parse().unwrap(),
                    at: nanoseconds(cell(1)) - EPOCH,
                    ends,
                    seq: number(6),
                    ack: number(7),
                    len: number(8),
                    flags: u32::from_str_radix(cell(9).trim_start_matches("0x"), 16).unwrap(),
                    raw_window: number(10),
                    window: number(11),
                    stamps: (cell(12).to_owned(), cell(13).to_owned()),
                    marks: said
                        .filter(|(at, _)| !cell(15 + at).is_empty())
                        .map(|(_, (mark, _))| *mark)
                        .collect(),
                }
            });
        let rows = rows.collect();
        Self {
            path: path.to_owned(),
            rows,
            first_rtt,
        }
    }
}

/// `12.000000345` as nanoseconds.
fn nanoseconds(text: &str) -> u64 {
    let (seconds, part) = text.split_once('.').unwrap();
    let part: u64 = format!("{part:0<9}").parse().unwrap();
    seconds.parse::<u64>().unwrap() * 1_000_000_000 + part
}

/// Virtual time zero, 2025-01-01T00:00:00Z, unless the file says otherwise; no shipped one does.
const EPOCH: u64 = 1_735_689_600 * 1_000_000_000;
