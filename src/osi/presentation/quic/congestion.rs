//! The congestion control of TCP, at work on a QUIC connection.
//!
//! quinn tells a [`Controller`] what RFC 9002, appendix B, tells one. A [`Guide`] makes of it what
//! the algorithms of [`transport::congestion`](crate::osi::transport::congestion) want to know.
//!
//! Contract: the same on every processor, as those algorithms are; quinn's own CUBIC takes a cube
//! root from the system's library. Of quinn's clock only differences count.
//!
//! Not here: algorithms that pace at a rate of their own, such as BBR. quinn's pacer knows the window
//! alone (1.25 windows a smoothed round trip) and asks no controller.

use std::{any::Any, sync::Arc, time::Instant};

use quinn::congestion::{Controller, ControllerFactory, ControllerMetrics};
use quinn_proto::RttEstimator;

use super::spec::QuicCongestion;
use crate::{
    osi::transport::congestion::{CongestionControl, Cubic, NewReno},
    units::{SimTime, Span},
};

mod guide;
use guide::{Ending, Guide, Packet};

/// Makes the control of each path of a connection.
#[derive(Debug)]
pub(super) struct Guides(pub(super) QuicCongestion);

impl ControllerFactory for Guides {
    fn build(self: Arc<Self>, now: Instant, current_mtu: u16) -> Box<dyn Controller> {
        let mtu = current_mtu.into();
        match self.0 {
            QuicCongestion::NewReno => Guided::boxed(NewReno::new(mtu), now, mtu),
            QuicCongestion::Cubic => Guided::boxed(Cubic::rfc9438(mtu), now, mtu),
        }
    }
}

/// An algorithm and its guide, as quinn knows them.
#[derive(Debug, Clone)]
struct Guided<C> {
    guide: Guide<C>,
    /// Where its clock begins.
    start: Instant,
    initial_window: u64,
}

impl<C: CongestionControl + Clone + Sync + 'static> Guided<C> {
    fn boxed(control: C, start: Instant, mtu: u64) -> Box<dyn Controller> {
        Box::new(Self {
            initial_window: control.window(),
            guide: Guide::new(control, mtu),
            start,
        })
    }

    fn time(&self, instant: Instant) -> SimTime {
        SimTime::ZERO + Span::from(instant.saturating_duration_since(self.start))
    }
}

impl<C: CongestionControl + Clone + Sync + 'static> Controller for Guided<C> {
    fn on_sent(&mut self, _: Instant, _: u64, last_packet_number: u64) {
        self.guide.sent(last_packet_number);
    }

    fn on_ack(&mut self, _: Instant, sent: Instant, bytes: u64, _: bool, rtt: &RttEstimator) {
        self.guide.delivered(&Packet {
            sent: self.time(sent),
            bytes,
            srtt: rtt.get().into(),
            min_rtt: rtt.min().into(),
        });
    }

    fn on_end_acks(
        &mut self,
        now: Instant,
        in_flight: u64,
        app_limited: bool,
        largest_packet_num_acked: Option<u64>,
    ) {
        self.guide.ack_ends(&Ending {
            now: self.time(now),
            in_flight,
            app_limited,
            largest: largest_packet_num_acked.unwrap_or(0),
        });
    }

    fn on_congestion_event(
        &mut self,
        now: Instant,
        sent: Instant,
        is_persistent_congestion: bool,
        lost_bytes: u64,
    ) {
        let (now, sent) = (self.time(now), self.time(sent));
        self.guide.congested(now, sent, lost_bytes);
        if is_persistent_congestion {
            self.guide.persistently_congested(now);
        }
    }

    fn on_mtu_update(&mut self, new_mtu: u16) {
        self.guide.mtu_is(new_mtu.into());
    }

    fn window(&self) -> u64 {
        self.guide.window()
    }

    fn metrics(&self) -> ControllerMetrics {
        let mut metrics = ControllerMetrics::default();
        metrics.congestion_window = self.guide.window();
        metrics.ssthresh = self.guide.threshold();
        metrics
    }

    fn clone_box(&self) -> Box<dyn Controller> {
        Box::new(self.clone())
    }

    fn initial_window(&self) -> u64 {
        self.initial_window
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}
