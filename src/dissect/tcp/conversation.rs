//! What is remembered of TCP connections: the first sequence numbers, the window scales, how far
//! each side has come.

use std::{collections::BTreeMap, net::SocketAddr, ops::Range};

use etherparse::TcpSlice;

use super::{
    super::{
        speech::Speech,
        stream::{Exchange, Part, Turn},
        tls::Secrets,
    },
    analysis::{Analysis, analyse},
};

/// The parts of a segment that connections are followed by.
#[derive(Debug, Clone, Copy)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "they are the flags of the header"
)]
pub(super) struct Segment {
    pub(super) syn: bool,
    pub(super) fin: bool,
    pub(super) reset: bool,
    pub(super) has_ack: bool,
    pub(super) seq: u32,
    pub(super) ack: u32,
    pub(super) window: u16,
    /// Payload \[bytes\], also what the capture left out.
    pub(super) len: usize,
    /// The window scale option.
    pub(super) scale: Option<u8>,
}

impl Segment {
    pub(super) fn new(slice: &TcpSlice<'_>, scale: Option<u8>, missing: usize) -> Self {
        Self {
            syn: slice.syn(),
            fin: slice.fin(),
            reset: slice.rst(),
            has_ack: slice.ack(),
            seq: slice.sequence_number(),
            ack: slice.acknowledgment_number(),
            window: slice.window_size(),
            len: slice.payload().len() + missing,
            scale,
        }
    }

    /// How much sequence space it takes: SYN and FIN count one each.
    pub(super) const fn span(&self) -> u64 {
        self.len as u64 + self.syn as u64 + self.fin as u64
    }
}

/// A segment as its connection sees it.
#[derive(Debug, Clone)]
pub(in crate::dissect) struct View {
    /// The connection's number, from 0 in order of appearance.
    pub(super) stream: u32,
    /// Relative sequence number.
    pub(super) seq: u32,
    /// Relative acknowledgment number.
    pub(super) ack: u32,
    /// The window in bytes, scaled if both SYNs offered to.
    pub(super) window: u32,
    /// What is unusual about it.
    pub(in crate::dissect) analysis: Option<Analysis>,
    /// Number of the first payload byte, not wrapping.
    start: u64,
    /// What the other side has acknowledged so far, not wrapping.
    acked: u64,
    /// Payload bytes, also those that the capture left out.
    len: usize,
    key: Key,
    side: usize,
    other_isn: u32,
}

/// The ends of a connection, the lower first.
type Key = (SocketAddr, SocketAddr);

impl View {
    /// A raw number of the other side's sequence space, relative.
    pub(super) const fn acked(&self, raw: u32) -> u32 {
        raw.wrapping_sub(self.other_isn)
    }
}

/// One side of a connection: what it sent. Numbers are relative and do not wrap.
#[derive(Debug, Clone, Default)]
pub(super) struct Side {
    /// The raw number that counts as zero.
    pub(super) isn: Option<u32>,
    /// Its SYN was seen, and with this window scale option.
    syn: Option<Option<u8>>,
    /// The end of the highest segment seen so far.
    pub(super) next: u64,
    /// What is missing below `next`.
    pub(super) holes: Vec<Range<u64>>,
    /// The last acknowledgment it sent.
    pub(super) acked: u64,
    /// The last window it sent, scaled.
    pub(super) window: u32,
    /// How often in a row it sent the same acknowledgment again.
    pub(super) duplicate_acks: u32,
    /// Its last segment was a keep-alive.
    pub(super) keep_alive: bool,
}

impl Side {
    /// The relative number of raw `seq`, the one nearest to what was seen last.
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_possible_wrap,
        reason = "arithmetic modulo 2^32"
    )]
    pub(super) fn unwrap(&self, seq: u32) -> u64 {
        let relative = seq.wrapping_sub(self.isn.unwrap_or(seq));
        let distance = relative.wrapping_sub(self.next as u32) as i32;
        self.next.saturating_add_signed(i64::from(distance))
    }

    /// Notes that `range` was sent.
    fn advance(&mut self, range: Range<u64>, first: bool) {
        if range.start > self.next && !first && self.holes.len() < MAX_HOLES {
            self.holes.push(self.next..range.start);
        } else {
            self.fill(&range);
        }
        self.next = self.next.max(range.end);
    }

    fn fill(&mut self, range: &Range<u64>) {
        self.holes = self
            .holes
            .iter()
            .flat_map(|h| {
                [
                    h.start..h.end.min(range.start),
                    h.start.max(range.end)..h.end,
                ]
            })
            .filter(|h| h.start < h.end)
            .take(MAX_HOLES)
            .collect();
    }
}

/// A connection: the two sides, in the order of their addresses.
#[derive(Debug, Default)]
struct Connection {
    stream: u32,
    last_use: u64,
    sides: [Side; 2],
    exchange: Exchange,
}

impl Connection {
    /// True if `segment` opens a new connection between the same ends.
    fn is_reopened_by(&self, segment: &Segment, from: usize) -> bool {
        let isn = self.sides[from].isn;
        segment.syn && !segment.has_ack && isn.is_some_and(|isn| isn != segment.seq)
    }

    fn note(&mut self, segment: &Segment, key: Key, from: usize) -> View {
        let (low, high) = self.sides.split_at_mut(1);
        let (fwd, rev) = match from {
            0 => (&mut low[0], &mut high[0]),
            _ => (&mut high[0], &mut low[0]),
        };
        let first = learn_bases(fwd, rev, segment);
        let window = scaled_window(fwd, rev, segment);
        let start = fwd.unwrap(segment.seq);
        let ack = rev.unwrap(segment.ack);
        let analysis = analyse(fwd, rev, segment, start, ack, window);
        let view = View {
            stream: self.stream,
            seq: segment.seq.wrapping_sub(fwd.isn.unwrap_or(segment.seq)),
            ack: match segment.has_ack {
                true => segment.ack.wrapping_sub(rev.isn.unwrap_or(segment.ack)),
                false => segment.ack,
            },
            window,
            analysis,
            start: start + u64::from(segment.syn),
            acked: rev.acked,
            len: segment.len,
            key,
            side: from,
            other_isn: rev.isn.unwrap_or_default(),
        };
        remember(fwd, segment, start, ack, &view, first);
        if segment.syn {
            self.exchange.begin(from, view.start);
        }
        view
    }
}

/// The numbers that count as zero: a SYN's own; else one before the first seen, so that data
/// starts at 1, as Wireshark has it. True if this is the side's first segment.
fn learn_bases(fwd: &mut Side, rev: &mut Side, segment: &Segment) -> bool {
    if segment.syn {
        fwd.syn = Some(segment.scale);
    }
    if rev.isn.is_none() && segment.has_ack {
        rev.isn = Some(segment.ack.wrapping_sub(1));
        rev.next = 1;
    }
    let first = fwd.isn.is_none();
    if first {
        let before = u32::from(!segment.syn);
        fwd.isn = Some(segment.seq.wrapping_sub(before));
    }
    first
}

/// RFC 7323, section 2.2: scaled if both SYNs carried the option; a SYN's own window never is.
fn scaled_window(fwd: &Side, rev: &Side, segment: &Segment) -> u32 {
    let shift = match (fwd.syn, rev.syn) {
        (Some(Some(shift)), Some(Some(_))) if !segment.syn => shift.min(14),
        _ => 0,
    };
    u32::from(segment.window) << shift
}

fn remember(fwd: &mut Side, segment: &Segment, start: u64, ack: u64, view: &View, first: bool) {
    if segment.reset {
        return;
    }
    fwd.duplicate_acks = match view.analysis {
        Some(Analysis::DuplicateAck(count)) => count,
        _ if ack == fwd.acked => fwd.duplicate_acks,
        _ => 0,
    };
    fwd.keep_alive = matches!(view.analysis, Some(Analysis::KeepAlive));
    fwd.advance(start..start + segment.span(), first);
    fwd.window = view.window;
    if segment.has_ack {
        fwd.acked = ack;
    }
}

/// All connections, found by their ends.
#[derive(Debug, Default)]
pub(in crate::dissect) struct Conversations {
    by_ends: BTreeMap<Key, Connection>,
    opened: u32,
    clock: u64,
    /// How many payload bytes all of them keep.
    held: usize,
    /// What TLS records are opened with.
    secrets: Secrets,
}

impl Conversations {
    /// Secrets of TLS connections, as lines of SSLKEYLOGFILE.
    pub(in crate::dissect) fn add_secrets(&mut self, key_log: &str) {
        self.secrets.add(key_log);
    }

    /// Takes the next segment and tells how it looks to its connection.
    pub(super) fn note(&mut self, from: SocketAddr, to: SocketAddr, segment: &Segment) -> View {
        let (key, side) = if from <= to {
            ((from, to), 0)
        } else {
            ((to, from), 1)
        };
        self.clock += 1;
        if !self.by_ends.contains_key(&key) {
            self.make_room();
        }
        let connection = self.by_ends.entry(key).or_default();
        if connection.last_use == 0 || connection.is_reopened_by(segment, side) {
            self.held -= connection.exchange.held();
            *connection = Connection {
                stream: self.opened,
                ..Connection::default()
            };
            self.opened = self.opened.wrapping_add(1);
        }
        connection.last_use = self.clock;
        connection.note(segment, key, side)
    }

    /// Takes the payload of the segment that looked like `view`.
    pub(in crate::dissect) fn take(&mut self, view: &View, payload: &[u8]) -> Turn {
        let Some(connection) = self.by_ends.get_mut(&view.key) else {
            return Turn::Old;
        };
        let exchange = &mut connection.exchange;
        self.held -= exchange.held();
        let part = Part {
            start: view.start,
            payload,
            missing: view.len.saturating_sub(payload.len()) as u64,
            acked: view.acked,
        };
        let turn = exchange.take(view.side, &part, &self.secrets);
        if self.held + exchange.held() > MAX_HELD {
            exchange.forget();
        }
        self.held += exchange.held();
        turn
    }

    /// What the sender of the segment that looked like `view` speaks.
    pub(in crate::dissect) fn speech(&self, view: &View) -> Option<&Speech> {
        let connection = self.by_ends.get(&view.key)?;
        Some(connection.exchange.speech(view.side))
    }

    /// Forgets the connection that was silent for longest when there are too many.
    fn make_room(&mut self) {
        if self.by_ends.len() < MAX_CONNECTIONS {
            return;
        }
        let oldest = self.by_ends.iter().min_by_key(|(_, c)| c.last_use);
        if let Some(old) = oldest
            .map(|(key, _)| *key)
            .and_then(|k| self.by_ends.remove(&k))
        {
            self.held -= old.exchange.held();
        }
    }
}

/// How many connections are remembered at once.
const MAX_CONNECTIONS: usize = 4096;

/// How many gaps of one direction are remembered at once.
const MAX_HOLES: usize = 64;

/// How many payload bytes are kept in all, waiting for earlier ones or for the end of a head.
const MAX_HELD: usize = 64 << 20;
