//! The native machine: the state of one connection, and the calls of the demultiplexer.
//!
//! A packet that comes changes the state (`arrives`, `acks`, `receive`) and marks the machine
//! dirty; [`Native::egress`] (`send`) then gives packets until there is nothing more to say now.
//!
//! Read RFC 9293 first; the other files name what they add.

use std::net::IpAddr;

use super::{
    autotune::Tuning,
    congestion::{self, CongestionControl, Controller},
    delayed_ack::DelayedAck,
    ecn::Ecn,
    fast_open::FastOpen,
    mtu_search::MtuSearch,
    pacing::Pacer,
    parts::{Agreed, Receiver, Sender, Settings},
    rack::Rack,
    rate::RateEstimator,
    reassembly::Reassembly,
    recovery::{Phase, Recovery},
    rtt::{Floor, RttEstimator},
    scoreboard::Scoreboard,
    segment::Address,
    sequence,
    timers::{Alarm, Timers},
    tracer::Tracer,
};
use crate::{
    osi::transport::{MtuProbing, TcpConfig, connection::Ends},
    rng::RootSeed,
    trace::{TcpCause, TcpState},
    units::SimTime,
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
    /// When the last challenge left (RFC 5961).
    pub(super) challenged_at: Option<SimTime>,
    pub(super) now: SimTime,
    /// There may be something to send.
    pub(super) dirty: bool,
    pub(super) tracer: Option<Box<Tracer>>,
    /// If the file asks for it.
    pub(super) fast: Option<Box<FastOpen>>,
    /// If the file asks for it.
    pub(super) search: Option<Box<MtuSearch>>,
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
                urgent: 0,
            },
            board: Scoreboard::default(),
            recovery: Recovery::default(),
            rack: Rack::default(),
            rtt: RttEstimator::new(Floor::of(config)),
            rate: RateEstimator::default(),
            pacer: Pacer::default(),
            control: None,
            timers: Timers::default(),
            acks: DelayedAck::new(config.delayed_ack),
            ecn: Ecn::new(config.asks_for_ecn()),
            tuning: Tuning::new(config.receive_buffer.bytes().clamp(1, LARGEST_BUFFER)),
            settings: Settings {
                congestion: config.congestion,
                own_congestion: config.own_congestion.clone(),
                nagle: config.nagle,
                pacing: config.pacing,
                mtu_probing: config.mtu_probing,
                keep_alive: config.keep_alive,
                ack_delay: Floor::of(config).longest_ack_delay(),
            },
            waits_since: None,
            heard: SimTime::ZERO,
            challenged_at: None,
            now: SimTime::ZERO,
            dirty: false,
            tracer: config.trace.then(Box::default),
            fast: None,
            search: (config.mtu_probing == MtuProbing::Always).then(Box::default),
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
        self.begin_numbers(random as u32, (random >> 32) as u32);
    }

    pub(super) fn begin_numbers(&mut self, initial: u32, stamp_offset: u32) {
        let initial = sequence::first(initial);
        self.agreed.stamp_offset = stamp_offset;
        let tx = &mut self.tx;
        (tx.initial, tx.una, tx.next) = (initial, initial, initial);
        (tx.edge, tx.small_end, tx.usage_end) = (initial + 1, initial, initial);
        tx.buffer.begin(initial + 1);
    }

    /// The congestion control of the settings. Its randomness comes of what the handshake drew.
    pub(super) fn make_control(&self, mss: u64) -> Controller {
        let drawn = self.tx.initial << 32 | u64::from(self.agreed.stamp_offset);
        let random = RootSeed(drawn).stream(&["congestion"]);
        match &self.settings.own_congestion {
            Some(factory) => Controller::Custom(factory.make(mss, random)),
            None => congestion::build(self.settings.congestion, mss, random),
        }
    }

    /// When [`Native::egress`] has to be called: now, if anything has changed.
    pub(in super::super) fn poll_at(&self, now: SimTime) -> Option<SimTime> {
        if self.dirty {
            return Some(now);
        }
        SimTime::earliest([self.timers.next(), self.acks.deadline()])
    }

    /// The time stamp of now \[ms\] (RFC 7323, section 5.4).
    #[allow(clippy::cast_possible_truncation, reason = "time stamps wrap")]
    pub(super) const fn stamp(&self) -> u32 {
        let ms = self.now.as_nanos() / 1_000_000;
        self.agreed.stamp_offset.wrapping_add(ms as u32)
    }

    /// The most data in a segment: what path and peer are known to take.
    pub(super) fn mss(&self) -> u64 {
        self.known_to_fit(self.most_data())
    }

    /// The most data in a segment that link and peer take, less options, and not more than half
    /// of the largest window (RFC 9293, section 3.8.6.2.1; as Linux bounds it).
    pub(super) fn most_data(&self) -> u64 {
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
        self.use_smaller();
    }

    /// Segments are smaller from now on: what was too large is lost.
    pub(super) fn use_smaller(&mut self) {
        let mss = self.mss();
        self.lose_larger(mss);
        if let Some(control) = &mut self.control {
            control.on_mss(mss);
        }
        self.dirty = true;
        self.note(TcpCause::PathMtu);
    }

    /// What has more than `most` bytes is lost, and leaves again in pieces.
    pub(super) fn lose_larger(&mut self, most: u64) {
        self.board
            .lose_if(|segment| segment.len() > most && !segment.again);
        if self.board.lost() > 0 && self.recovery.phase == Phase::Open {
            // The window stays as it is: the network is not congested.
            self.recovery.settle();
            self.recovery.enter(Phase::Loss, self.tx.next);
        }
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
