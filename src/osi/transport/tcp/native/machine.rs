//! The native machine: the state of one connection, and the calls of the demultiplexer.
//!
//! A packet that comes changes the state (`arrives`, `acks`, `receive`) and marks the machine
//! dirty; [`Native::egress`] (`send`) then gives packets until there is nothing more to say now.
//!
//! Read RFC 9293 first; the other files name what they add.

use std::net::IpAddr;

use super::{
    autotune::{FIRST_SEND, Tuning},
    congestion::{self, CongestionControl, Controller, Kind},
    delayed_ack::DelayedAck,
    ecn::Ecn,
    pacing::Pacer,
    rack::Rack,
    rate::RateEstimator,
    reassembly::Reassembly,
    recovery::{Phase, Recovery},
    rtt::{Floor, RttEstimator},
    scoreboard::Scoreboard,
    segment::Address,
    send_buffer::SendBuffer,
    sequence,
    timers::{Alarm, Timers},
    tracer::Tracer,
};
use crate::{
    osi::transport::{TcpConfig, connection::Ends, tcp::machine::Received},
    rng::RootSeed,
    trace::{TcpCause, TcpState},
    units::{SimTime, Span},
};

/// The state machine of one connection.
#[derive(Debug)]
pub(in super::super::super) struct Native {
    pub(super) state: TcpState,
    pub(super) address: Address,
    pub(super) agreed: Agreed,
    pub(super) tx: Sender,
    pub(super) rx: Receiver,
    pub(super) board: Scoreboard,
    pub(super) recovery: Recovery,
    pub(super) rack: Rack,
    pub(super) rtt: RttEstimator,
    pub(super) rate: RateEstimator,
    pub(super) pacer: Pacer,
    /// Made when the connection is established.
    pub(super) control: Option<Controller>,
    pub(super) timers: Timers,
    pub(super) acks: DelayedAck,
    pub(super) ecn: Ecn,
    pub(super) tuning: Tuning,
    pub(super) settings: Settings,
    pub(super) waits_since: Option<SimTime>,
    pub(super) heard: SimTime,
    pub(super) now: SimTime,
    /// There may be something to send.
    pub(super) dirty: bool,
    pub(super) tracer: Option<Box<Tracer>>,
}

/// What the file says, as far as it is needed later.
#[derive(Debug)]
pub(super) struct Settings {
    pub(super) congestion: Kind,
    pub(super) nagle: bool,
    pub(super) keep_alive: Option<Span>,
}

/// What both ends have agreed on.
#[derive(Debug, Default)]
pub(super) struct Agreed {
    pub(super) sack: bool,
    pub(super) timestamps: bool,
    /// The shifts of the peer's window and the own.
    pub(super) scale: Option<(u8, u8)>,
    /// What is added to the time \[ms\] for a time stamp of ours.
    pub(super) stamp_offset: u32,
    /// TS.Recent: the time stamp of the peer to echo, and when it came.
    pub(super) recent: u32,
    pub(super) recent_at: SimTime,
}

/// The sending direction. Positions are as in [`sequence`].
#[derive(Debug)]
pub(super) struct Sender {
    pub(super) buffer: SendBuffer,
    /// The most that the buffer may grow to \[bytes\].
    pub(super) most_buffer: usize,
    /// ISS.
    pub(super) initial: u64,
    /// SND.UNA.
    pub(super) una: u64,
    /// SND.NXT.
    pub(super) next: u64,
    /// SND.UNA + SND.WND: the peer takes nothing behind.
    pub(super) edge: u64,
    /// The largest window that the peer ever offered.
    pub(super) largest_window: u64,
    /// SND.WL1, SND.WL2: the segment that the window was taken from.
    pub(super) window_from: (u64, u64),
    /// The path MTU.
    pub(super) mtu: u16,
    /// The largest segment that the peer takes, without options.
    pub(super) peer_mss: u16,
    /// A FIN follows the data.
    pub(super) fin: bool,
    /// The end of the last segment that was not full (Minshall).
    pub(super) small_end: u64,
    /// When a segment with data left last.
    pub(super) last_at: SimTime,
    pub(super) pending: Pending,
    /// Persist probes since the window closed.
    pub(super) probes: u32,
    /// Whether the window kept the sender back, what was out at most then, and up to where that
    /// holds.
    pub(super) limited: bool,
    pub(super) most_out: u64,
    pub(super) usage_end: u64,
    /// New data left since the machine was last at rest, and the window stopped it.
    pub(super) burst: bool,
    pub(super) stopped: bool,
    /// The next segment may be as small as the peer's window.
    pub(super) piece: bool,
}

/// What has to leave, beyond data and ACKs.
#[derive(Debug, Default)]
pub(super) struct Pending {
    /// SYN or SYN-ACK.
    pub(super) syn: bool,
    pub(super) reset: bool,
    /// An empty segment below SND.UNA, which the peer answers.
    pub(super) probe: bool,
    /// A tail loss probe.
    pub(super) tail: bool,
    /// A RST for a segment that acknowledges what was never sent.
    pub(super) refusal: Option<u64>,
}

/// The receiving direction.
#[derive(Debug)]
pub(super) struct Receiver {
    pub(super) data: Reassembly,
    /// The peer's initial position is known.
    pub(super) begun: bool,
    /// The position of the peer's FIN, and whether all before it has come.
    pub(super) fin: Option<u64>,
    pub(super) finished: bool,
    /// RCV.NXT + RCV.WND as it was last told; it never moves back.
    pub(super) edge: u64,
    /// What came twice, for a DSACK (RFC 2883).
    pub(super) twice: Option<(u64, u64)>,
    /// The program has read since something left.
    pub(super) read: bool,
    /// RCV.NXT as it was last told (Last.ACK.sent of RFC 7323).
    pub(super) told: u64,
}

impl Receiver {
    /// RCV.NXT: behind all that came in order, the FIN included.
    pub(super) fn next(&self) -> u64 {
        self.data.next() + u64::from(self.finished)
    }
}

impl Native {
    pub(in super::super) fn new(ends: &Ends, mtu: u16, ttl: u8, config: &TcpConfig) -> Self {
        let size = |bytes: u64| usize::try_from(bytes.clamp(1, LARGEST_BUFFER)).unwrap_or(1);
        Self {
            state: TcpState::Closed,
            address: address(ends, ttl),
            agreed: Agreed::default(),
            tx: Sender::new(size(config.send_buffer.bytes()), mtu),
            rx: Receiver {
                data: Reassembly::new(),
                begun: false,
                fin: None,
                finished: false,
                edge: 0,
                twice: None,
                read: false,
                told: 0,
            },
            board: Scoreboard::default(),
            recovery: Recovery::default(),
            rack: Rack::default(),
            rtt: RttEstimator::new(Floor::default()),
            rate: RateEstimator::default(),
            pacer: Pacer::default(),
            control: None,
            timers: Timers::default(),
            acks: DelayedAck::new(config.delayed_ack),
            ecn: Ecn::new(config.ecn || config.congestion == Kind::Dctcp),
            tuning: Tuning::new(config.receive_buffer.bytes().clamp(1, LARGEST_BUFFER)),
            settings: Settings {
                congestion: config.congestion,
                nagle: config.nagle,
                keep_alive: config.keep_alive,
            },
            waits_since: None,
            heard: SimTime::ZERO,
            now: SimTime::ZERO,
            dirty: false,
            tracer: config.trace.then(Box::default),
        }
    }

    pub(in super::super) fn connect(&mut self, now: SimTime, random: u64) {
        self.number(random);
        self.now = now;
        self.state = TcpState::SynSent;
        self.tx.pending.syn = true;
        self.dirty = true;
    }

    pub(in super::super) fn listen(&mut self, random: u64) {
        self.number(random);
        self.state = TcpState::Listen;
    }

    /// Draws the initial sequence number and the offset of the time stamps (RFC 9293,
    /// section 3.4.1).
    #[allow(clippy::cast_possible_truncation, reason = "two numbers of 32 bits")]
    fn number(&mut self, random: u64) {
        let initial = sequence::first(random as u32);
        self.agreed.stamp_offset = (random >> 32) as u32;
        let tx = &mut self.tx;
        (tx.initial, tx.una, tx.next) = (initial, initial, initial);
        (tx.edge, tx.small_end, tx.usage_end) = (initial + 1, initial, initial);
        tx.buffer.begin(initial + 1);
    }

    /// The congestion control of the file. Its randomness comes of what the handshake drew.
    pub(super) fn make_control(&self, mss: u64) -> Controller {
        let drawn = self.tx.initial << 32 | u64::from(self.agreed.stamp_offset);
        let random = RootSeed(drawn).stream(&["congestion"]);
        congestion::build(self.settings.congestion, mss, random)
    }

    /// When [`Native::egress`] has to be called: now, if anything has changed.
    pub(in super::super) fn poll_at(&self, now: SimTime) -> Option<SimTime> {
        if self.dirty {
            return Some(now);
        }
        let all = [self.timers.next(), self.acks.deadline()];
        all.into_iter().flatten().min()
    }

    pub(in super::super) const fn waits_since(&self) -> Option<SimTime> {
        self.waits_since
    }

    pub(in super::super) const fn heard(&self) -> SimTime {
        self.heard
    }

    pub(in super::super) fn state(&self) -> TcpState {
        match self.state {
            TcpState::Listen => TcpState::Closed,
            state => state,
        }
    }

    pub(in super::super) fn has_ended(&self) -> bool {
        self.state() == TcpState::Closed && !self.tx.pending.reset
    }

    pub(in super::super) fn close(&mut self) {
        let next = match self.state {
            TcpState::Established => TcpState::FinWait1,
            TcpState::CloseWait => TcpState::LastAck,
            TcpState::SynSent | TcpState::Listen => TcpState::Closed,
            _ => return,
        };
        self.state = next;
        self.tx.fin = true;
        self.dirty = true;
    }

    /// RFC 9293, section 3.10.5.
    pub(in super::super) fn abort(&mut self) {
        if self.state == TcpState::Closed {
            return;
        }
        let known = !matches!(
            self.state,
            TcpState::Listen | TcpState::SynSent | TcpState::TimeWait
        );
        self.end();
        self.tx.pending.reset = known;
        self.dirty = known;
    }

    /// Nothing more is sent or taken.
    pub(super) fn end(&mut self) {
        self.state = TcpState::Closed;
        self.timers = Timers::default();
        self.tx.pending = Pending::default();
        self.dirty = false;
        self.waits_since = None;
    }

    pub(in super::super) const fn set_nagle(&mut self, on: bool) {
        self.settings.nagle = on;
        self.dirty = true;
    }

    pub(in super::super) fn may_send(&self) -> bool {
        matches!(self.state, TcpState::Established | TcpState::CloseWait)
    }

    pub(in super::super) fn may_recv(&self) -> bool {
        self.can_recv() || (self.takes_data() && !self.rx.finished)
    }

    /// True in the states in which the peer may still send.
    pub(super) fn takes_data(&self) -> bool {
        matches!(
            self.state,
            TcpState::Established | TcpState::FinWait1 | TcpState::FinWait2
        )
    }

    pub(in super::super) const fn can_recv(&self) -> bool {
        self.rx.data.ready() > 0
    }

    pub(in super::super) fn send_queue(&self) -> usize {
        self.tx.buffer.len()
    }

    pub(in super::super) const fn send_capacity(&self) -> usize {
        self.tx.buffer.limit()
    }

    pub(in super::super) fn send(&mut self, data: &[u8]) -> Option<usize> {
        if !self.may_send() {
            return None;
        }
        let taken = self.tx.buffer.write(data);
        self.dirty |= taken > 0;
        Some(taken)
    }

    pub(in super::super) fn recv(&mut self, buf: &mut [u8]) -> Received {
        if self.can_recv() {
            let count = self.rx.data.read(buf);
            self.rx.read = true;
            self.dirty |= self.takes_data();
            return Received::Data(count);
        }
        let opening = matches!(self.state, TcpState::SynSent | TcpState::SynReceived);
        match self.rx.finished {
            true => Received::Finished,
            false if self.takes_data() || opening => Received::Nothing,
            false => Received::Closed,
        }
    }

    /// The time stamp of now \[ms\] (RFC 7323, section 5.4).
    #[allow(clippy::cast_possible_truncation, reason = "time stamps wrap")]
    pub(super) const fn stamp(&self) -> u32 {
        let ms = self.now.as_nanos() / 1_000_000;
        self.agreed.stamp_offset.wrapping_add(ms as u32)
    }

    /// The most data in a segment: what path and peer take, less options, and not more than half
    /// of the largest window (RFC 9293, section 3.8.6.2.1; as Linux bounds it).
    pub(super) fn mss(&self) -> u64 {
        let options = if self.agreed.timestamps { 12 } else { 0 };
        let most = self.tx.peer_mss.min(self.tx.mtu.saturating_sub(40));
        let most = u64::from(most.max(LEAST_MSS)) - options;
        let window = self.tx.largest_window;
        let half = if window > 536 { window / 2 } else { window };
        most.min(half.max(LEAST_MSS.into())).max(1)
    }

    pub(super) fn window(&self) -> u64 {
        let control = self.control.as_ref();
        match (&self.recovery.prr, control) {
            (Some(prr), _) => prr.window(self.board.in_flight()),
            (None, Some(control)) => control.window(),
            (None, None) => self.mss(),
        }
    }

    /// The alarm for the retransmission timer, from now.
    pub(super) fn arm_retransmit(&mut self) {
        self.timers
            .set(self.now + self.rtt.rto(), Alarm::Retransmit);
    }

    /// [`Context`](super::super::machine::Context)'s packets are smaller from now on: what was too
    /// large is lost and leaves again at once.
    pub(in super::super) fn lower_mtu(&mut self, now: SimTime, mtu: u16) {
        if mtu >= self.tx.mtu {
            return;
        }
        self.now = now;
        self.tx.mtu = mtu;
        let mss = self.mss();
        self.board
            .lose_if(|segment| segment.len() > mss && !segment.again);
        if self.board.lost() > 0 && self.recovery.phase == Phase::Open {
            // The window stays as it is: the network is not congested.
            self.recovery.settle();
            self.recovery.enter(Phase::Loss, self.tx.next);
        }
        if let Some(control) = &mut self.control {
            control.on_mss(mss);
        }
        self.dirty = true;
        self.note(TcpCause::PathMtu);
    }
}

impl Sender {
    const fn new(limit: usize, mtu: u16) -> Self {
        Self {
            buffer: SendBuffer::new(if limit < FIRST_SEND {
                limit
            } else {
                FIRST_SEND
            }),
            most_buffer: limit,
            initial: 0,
            una: 0,
            next: 0,
            edge: 0,
            largest_window: 0,
            window_from: (0, 0),
            mtu,
            // Without an option it is 536 (RFC 9293, section 3.7.1).
            peer_mss: 536,
            fin: false,
            small_end: 0,
            last_at: SimTime::ZERO,
            pending: Pending {
                syn: false,
                reset: false,
                probe: false,
                tail: false,
                refusal: None,
            },
            probes: 0,
            limited: false,
            most_out: 0,
            usage_end: 0,
            burst: false,
            stopped: false,
            piece: false,
        }
    }

    /// Behind all that is to be sent, the FIN included.
    pub(super) fn end(&self) -> u64 {
        self.buffer.end() + u64::from(self.fin)
    }

    /// Data or FIN not sent yet.
    pub(super) fn unsent(&self) -> u64 {
        self.end().saturating_sub(self.next)
    }
}

fn address(ends: &Ends, ttl: u8) -> Address {
    let octets = |ip: IpAddr| match ip {
        IpAddr::V4(ip) => ip.octets(),
        IpAddr::V6(_) => [0; 4],
    };
    Address {
        source: octets(ends.0.ip()),
        destination: octets(ends.1.ip()),
        ports: [ends.0.port(), ends.1.port()],
        ttl,
    }
}

/// The largest window that scaling can express (RFC 7323, section 2.3).
const LARGEST_BUFFER: u64 = 1 << 30;

/// What every path and peer take: 68 bytes of packet (RFC 791) less both headers.
const LEAST_MSS: u16 = 28;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::osi::transport::connection::Connection;

    #[test]
    fn a_connection_at_rest_takes_less_than_two_kibibytes() {
        // Nothing else is allocated until data comes.
        let size = size_of::<Native>() + size_of::<Connection>();
        assert!(size < 2_000, "{size} bytes");
    }
}
