//! From what a QUIC sender knows to what congestion control is told.
//!
//! Both sides count bytes, here those of UDP payload, and a full segment is a datagram of the path's
//! MTU. Positions in the stream are packet numbers: the algorithms only compare them, to see that a
//! round trip has passed.
//!
//! Where RFC 9002 and TCP differ, RFC 9002 holds:
//! - Recovery begins with a loss (or an ECN mark) of a packet that was sent since the last one began,
//!   and ends when a packet is delivered that was sent since. What was sent before does not make the
//!   window grow (7.3.2). There is no proportional rate reduction.
//! - A reduction counts from the window, whatever is in flight (7.3.2).
//! - The window is two datagrams at least, and just that after persistent congestion (7.2, 7.6.2).
//! - A window is kept through silence, since the sender paces (7.7); only CUBIC's clock stands still.
//!
//! The order of an ACK is that of quinn: what it delivers, then what it shows lost.
//!
//! Not here: taking a reduction back, since the sender does not look for losses that were none; and
//! delivery rates.

use crate::{
    osi::transport::congestion::{
        AckEvent, CongestionControl, IdleEvent, LossCause, LossEvent, Recovery,
    },
    units::{SimTime, Span},
};

/// Tells `C` of one path of a connection.
#[derive(Debug, Clone)]
pub(super) struct Guide<C> {
    control: C,
    /// Largest datagram of the path \[bytes\].
    mtu: u64,
    /// Number of the packet that was sent last, plus one.
    sent_to: u64,
    /// When the newest packet was sent that has been delivered.
    newest: Option<SimTime>,
    /// Since when nothing has been in flight.
    quiet_since: Option<SimTime>,
    /// When the last recovery began.
    recovery_start: Option<SimTime>,
    in_recovery: bool,
    delivered_total: u64,
    lost_total: u64,
    /// What the ACK at hand has delivered so far.
    batch: Option<Batch>,
}

/// A packet that an ACK delivers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Packet {
    pub(super) sent: SimTime,
    /// Its size \[bytes\].
    pub(super) bytes: u64,
    /// The smoothed round trip before this ACK, or what is taken for it before the first one.
    pub(super) srtt: Span,
    /// The shortest one, likewise.
    pub(super) min_rtt: Span,
}

/// All packets of an ACK are counted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ending {
    pub(super) now: SimTime,
    /// What is in flight now; what this ACK shows lost still counts \[bytes\].
    pub(super) in_flight: u64,
    /// There was room in the window, and nothing to send.
    pub(super) app_limited: bool,
    /// The largest packet number that has been acknowledged.
    pub(super) largest: u64,
}

/// What one ACK delivers.
#[derive(Debug, Clone, Copy)]
struct Batch {
    bytes: u64,
    /// Of these, those sent since recovery began \[bytes\].
    fresh: u64,
    /// When the first of its packets was sent, and the last.
    first: SimTime,
    last: SimTime,
    srtt: Span,
    min_rtt: Span,
}

impl Batch {
    fn of(packet: &Packet) -> Self {
        Self {
            bytes: 0,
            fresh: 0,
            first: packet.sent,
            last: packet.sent,
            srtt: packet.srtt,
            min_rtt: packet.min_rtt,
        }
    }
}

impl<C: CongestionControl> Guide<C> {
    /// For a path with datagrams of at most `mtu` bytes.
    pub(super) fn new(control: C, mtu: u64) -> Self {
        Self {
            control,
            mtu,
            sent_to: 0,
            newest: None,
            quiet_since: None,
            recovery_start: None,
            in_recovery: false,
            delivered_total: 0,
            lost_total: 0,
            batch: None,
        }
    }

    /// The most that may be in flight \[bytes\].
    pub(super) fn window(&self) -> u64 {
        self.control.window().max(2 * self.mtu)
    }

    /// The slow start threshold \[bytes\], once there is one.
    pub(super) fn threshold(&self) -> Option<u64> {
        let threshold = self.control.ssthresh();
        (threshold < u64::MAX).then_some(threshold)
    }

    /// Packets up to `number` have left.
    pub(super) fn sent(&mut self, number: u64) {
        self.sent_to = number + 1;
    }

    /// The path takes datagrams of `mtu` bytes.
    pub(super) fn mtu_is(&mut self, mtu: u64) {
        self.mtu = mtu;
        self.control.on_mss(mtu);
    }

    /// The ACK at hand delivers `packet`.
    pub(super) fn delivered(&mut self, packet: &Packet) {
        let fresh = self.is_fresh(packet.sent);
        let batch = self.batch.get_or_insert_with(|| Batch::of(packet));
        batch.bytes += packet.bytes;
        batch.fresh += if fresh { packet.bytes } else { 0 };
        batch.first = batch.first.min(packet.sent);
        batch.last = batch.last.max(packet.sent);
    }

    /// The ACK at hand delivers nothing more.
    pub(super) fn ack_ends(&mut self, ending: &Ending) {
        let Some(batch) = self.batch.take() else {
            return;
        };
        self.tell_silence(ending.now, &batch);
        if self.in_recovery && batch.fresh > 0 {
            self.in_recovery = false;
            self.control.on_recovered(ending.now);
        }
        self.delivered_total += batch.bytes;
        let ack = self.ack(ending, &batch);
        self.control.on_ack(&ack);
        self.newest = self.newest.max(Some(batch.last));
        self.quiet_since = (ending.in_flight == 0).then_some(ending.now);
    }

    /// Packets of `lost` bytes are lost, the last of which left at `sent`; or, with zero bytes, an ACK
    /// tells of an ECN mark, and its newest packet left then.
    pub(super) fn congested(&mut self, now: SimTime, sent: SimTime, lost: u64) {
        self.lost_total += lost;
        if !self.is_fresh(sent) {
            return;
        }
        (self.recovery_start, self.in_recovery) = (Some(now), true);
        let cause = match lost {
            0 => LossCause::EcnEcho,
            _ => LossCause::Rack,
        };
        self.control.on_loss(&self.loss(now, cause));
    }

    /// Everything is lost that was sent over some probe timeouts. Whatever is delivered from now on
    /// counts.
    pub(super) fn persistently_congested(&mut self, now: SimTime) {
        (self.recovery_start, self.in_recovery) = (None, false);
        self.control.on_timeout(&self.loss(now, LossCause::Timeout));
        self.control.on_recovered(now);
    }

    /// Whether a packet was sent since the last recovery began.
    fn is_fresh(&self, sent: SimTime) -> bool {
        self.recovery_start.is_none_or(|start| sent > start)
    }

    /// Nothing was in flight until the first packet of `batch` left.
    fn tell_silence(&mut self, now: SimTime, batch: &Batch) {
        let idle = self.quiet_since.map(|since| batch.first.since(since));
        if let Some(idle) = idle.filter(|idle| *idle > batch.srtt) {
            let rto = Span::MAX;
            self.control.on_idle(&IdleEvent { now, idle, rto });
        }
    }

    fn ack(&self, ending: &Ending, batch: &Batch) -> AckEvent {
        let prior_in_flight = ending.in_flight + batch.bytes;
        let is_newer = self.newest.is_none_or(|newest| batch.last > newest);
        let rtt = is_newer.then(|| ending.now.since(batch.last));
        let is_first = self.newest.is_none();
        AckEvent {
            now: ending.now,
            mss: self.mtu,
            delivered: batch.fresh,
            acked: batch.fresh,
            lost: 0,
            ce_marked: 0,
            prior_in_flight,
            in_flight: ending.in_flight,
            delivered_total: self.delivered_total,
            lost_total: self.lost_total,
            acked_to: ending.largest + 1,
            sent_to: self.sent_to,
            rtt,
            srtt: if is_first { rtt } else { Some(batch.srtt) },
            min_rtt: if is_first { rtt } else { Some(batch.min_rtt) },
            rate: None,
            recovery: match self.in_recovery {
                true => Recovery::Fast,
                false => Recovery::Open,
            },
            window_limited: !ending.app_limited,
            max_in_flight: prior_in_flight,
        }
    }

    /// With a timeout one datagram counts as in flight, which leaves a window of two.
    fn loss(&self, now: SimTime, cause: LossCause) -> LossEvent {
        LossEvent {
            now,
            cause,
            mss: self.mtu,
            flight_size: self.window(),
            in_flight: self.mtu,
            lost_total: self.lost_total,
            delivered_total: self.delivered_total,
            sent_to: self.sent_to,
            reduced: cause == LossCause::Timeout,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::osi::transport::congestion::{Cubic, NewReno};

    const MTU: u64 = 1200;

    const fn at(ms: u64) -> SimTime {
        SimTime::from_nanos(ms * 1_000_000)
    }

    /// Delivers `count` datagrams sent at `sent`, 100 ms later, while the window is full.
    fn deliver(guide: &mut Guide<impl CongestionControl>, sent: u64, count: u64) {
        for _ in 0..count {
            guide.delivered(&Packet {
                sent: at(sent),
                bytes: MTU,
                srtt: Span::from_millis(100),
                min_rtt: Span::from_millis(100),
            });
        }
        guide.ack_ends(&Ending {
            now: at(sent + 100),
            in_flight: guide.window().saturating_sub(count * MTU),
            app_limited: false,
            largest: sent,
        });
    }

    #[test]
    fn one_round_trip_of_losses_halves_the_window_once() {
        // 20 datagrams after ten were delivered in slow start. Two losses of the same flight: 10.
        let mut guide = Guide::new(NewReno::new(MTU), MTU);
        deliver(&mut guide, 0, 10);
        assert_eq!(guide.window(), 20 * MTU);
        assert_eq!(guide.threshold(), None);
        guide.congested(at(200), at(110), MTU);
        guide.congested(at(210), at(190), MTU);
        assert_eq!(guide.window(), 10 * MTU);
        assert_eq!(guide.threshold(), Some(10 * MTU));
        // One that was sent since is another matter: 5.
        guide.congested(at(320), at(201), MTU);
        assert_eq!(guide.window(), 5 * MTU);
    }

    #[test]
    fn what_was_sent_before_the_loss_does_not_make_the_window_grow() {
        // Ten datagrams sent since make one more than ten.
        let mut guide = Guide::new(NewReno::new(MTU), MTU);
        deliver(&mut guide, 0, 10);
        guide.congested(at(200), at(110), MTU);
        deliver(&mut guide, 150, 19);
        assert_eq!(guide.window(), 10 * MTU);
        deliver(&mut guide, 201, 10);
        assert_eq!(guide.window(), 11 * MTU);
    }

    #[test]
    fn a_mark_reduces_as_a_loss_does_and_cubic_keeps_seven_tenths() {
        let mut guide = Guide::new(Cubic::rfc9438(MTU), MTU);
        guide.congested(at(200), at(110), 0);
        assert_eq!(guide.window(), 7 * MTU);
    }

    #[test]
    fn persistent_congestion_leaves_two_datagrams_and_the_threshold() {
        // Ten datagrams, halved: the threshold is five. Then slow start: 2, 4.
        let mut guide = Guide::new(NewReno::new(MTU), MTU);
        guide.congested(at(900), at(500), MTU);
        guide.persistently_congested(at(900));
        assert_eq!(guide.window(), 2 * MTU);
        assert_eq!(guide.threshold(), Some(5 * MTU));
        deliver(&mut guide, 899, 2);
        assert_eq!(guide.window(), 4 * MTU);
    }

    #[test]
    fn a_window_that_is_not_used_does_not_grow() {
        // One datagram in a window of ten is not even half of it.
        let mut guide = Guide::new(NewReno::new(MTU), MTU);
        guide.delivered(&Packet {
            sent: at(0),
            bytes: MTU,
            srtt: Span::from_millis(100),
            min_rtt: Span::from_millis(100),
        });
        guide.ack_ends(&Ending {
            now: at(100),
            in_flight: 0,
            app_limited: true,
            largest: 0,
        });
        assert_eq!(guide.window(), 10 * MTU);
    }

    #[test]
    fn a_larger_mtu_before_anything_else_makes_the_initial_window_larger() {
        // Ten datagrams of 1452 bytes (RFC 9002, section 7.2), less than 14 600 bytes.
        let mut guide = Guide::new(NewReno::new(MTU), MTU);
        guide.mtu_is(1452);
        assert_eq!(guide.window(), 14_520);
    }

    /// A window of CUBIC after a loss, a second of avoidance, `pause` of nothing, and one window more.
    fn after_a_pause(pause: u64) -> u64 {
        let mut guide = Guide::new(Cubic::rfc9438(MTU), MTU);
        deliver(&mut guide, 0, 10);
        deliver(&mut guide, 100, 20);
        guide.congested(at(300), at(201), MTU);
        for round in 0..9 {
            let window = guide.window() / MTU;
            deliver(&mut guide, 301 + 100 * round, window);
        }
        let window = guide.window() / MTU;
        deliver(&mut guide, 1201, window);
        guide.quiet_since = Some(at(1301));
        let window = guide.window() / MTU;
        deliver(&mut guide, 1301 + pause, window);
        guide.window()
    }

    #[test]
    fn the_clock_of_cubic_stands_still_while_nothing_is_in_flight() {
        // RFC 9438, section 5.8. A minute later the curve would be far above; the step is the same.
        assert_eq!(after_a_pause(60_000), after_a_pause(150));
    }
}
