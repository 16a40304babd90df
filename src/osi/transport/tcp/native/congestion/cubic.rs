//! CUBIC (RFC 9438) with HyStart++ (RFC 9406).
//!
//! After a loss the window follows a cubic curve of time since, not of round trips: steep up to
//! the window of the loss, flat around it, and steep again beyond. Where Reno would have a larger
//! window, CUBIC has that one (the Reno-friendly region). The window is multiplied by 0.7 at a
//! loss; a flow that loses below its last peak remembers a lower one (fast convergence).
//!
//! In the Reno-friendly region Linux departs from the RFC's letter in three ways that take a tenth
//! to a quarter of the goodput under random loss. [`Cubic::new`] does as Linux, since hosts do;
//! [`Cubic::rfc9438`] as the RFC says. See `Reading` in `curve` for what differs.
//!
//! The curve is computed in segments and seconds with `libm`'s cube root and IEEE arithmetic, the
//! same on every processor.

use super::{
    AckEvent, CongestionControl, IdleEvent, LossEvent, Path,
    hystart::{HyStart, Verdict},
    window::Window,
};
use crate::units::{SimTime, Span};

mod curve;
use curve::{Curve, Reading};

/// CUBIC's state.
#[derive(Debug, Clone)]
pub struct Cubic {
    window: Window,
    curve: Curve,
    hystart: Option<HyStart>,
    /// Boxed, since it is there only in recovery.
    undo: Option<Box<(Curve, Option<HyStart>)>>,
}

impl Cubic {
    /// Segments of at most `mss` bytes; Linux's reading of the Reno-friendly region.
    pub fn new(mss: u64) -> Self {
        Self::reading(mss, Reading::Linux)
    }

    /// The RFC to the letter.
    pub fn rfc9438(mss: u64) -> Self {
        Self::reading(mss, Reading::Rfc9438)
    }

    fn reading(mss: u64, reading: Reading) -> Self {
        Self {
            window: Window::new(mss),
            curve: Curve::new(reading),
            hystart: Some(HyStart::new()),
            undo: None,
        }
    }

    /// What slow start leaves of the growth.
    fn slow_start(&mut self, ack: &AckEvent, growth: u64) -> u64 {
        let Some(hystart) = &mut self.hystart else {
            return self.window.slow_start(growth);
        };
        match hystart.on_ack(ack.rtt, ack.acked_to, ack.sent_to) {
            Verdict::Grow => self.window.slow_start(growth.min(LIMIT * self.window.mss)),
            Verdict::GrowLess => self
                .window
                .slow_start(growth.min(LIMIT * self.window.mss) / 4),
            Verdict::Leave => {
                self.window.ssthresh = self.window.cwnd;
                0
            }
        }
    }

    fn remember(&mut self) {
        if self.undo.is_none() {
            self.undo = Some(Box::new((self.curve, self.hystart)));
        }
    }
}

impl CongestionControl for Cubic {
    fn name(&self) -> &'static str {
        self.curve.name()
    }

    fn window(&self) -> u64 {
        self.window.cwnd
    }

    fn ssthresh(&self) -> u64 {
        self.window.ssthresh
    }

    fn phase(&self) -> &'static str {
        match (self.window.in_slow_start(), &self.hystart) {
            (true, Some(h)) if h.is_conservative() => "conservative slow start",
            (true, _) => "slow start",
            (false, _) if self.curve.is_reno_friendly() => "Reno-friendly",
            (false, _) if self.curve.is_convex() => "convex",
            (false, _) => "concave",
        }
    }

    fn on_established(&mut self, _: SimTime, path: &Path) {
        self.window.set_mss(path.mss);
    }

    fn on_mss(&mut self, mss: u64) {
        self.window.set_mss(mss);
    }

    fn on_idle(&mut self, idle: &IdleEvent) {
        self.window.restart(idle);
        self.curve.pause(idle.idle);
    }

    fn on_ack(&mut self, ack: &AckEvent) {
        let mut rest = self.window.growth(ack);
        if rest == 0 {
            return;
        }
        if self.window.in_slow_start() {
            rest = self.slow_start(ack, rest);
        }
        if rest > 0 && !self.window.in_slow_start() {
            let rtt = ack.srtt.unwrap_or(Span::ZERO);
            let (cwnd, mss) = (self.window.cwnd, self.window.mss);
            self.window.cwnd = self.curve.on_ack(ack.now, rtt, cwnd, rest, mss);
        }
    }

    fn on_loss(&mut self, loss: &LossEvent) {
        self.remember();
        let used = self.window.used(loss);
        self.curve.on_loss(used, self.window.cwnd);
        self.window
            .reduce(self.curve.decreased(used, self.window.mss));
        self.hystart = None;
    }

    /// The curve begins anew at what slow start reaches (RFC 9438, 4.8). HyStart++ is for the
    /// first slow start alone (RFC 9406, 4.3).
    fn on_timeout(&mut self, loss: &LossEvent) {
        self.remember();
        let used = self.window.used(loss);
        let to = self.curve.decreased(used, self.window.mss);
        self.window.collapse(to, loss);
        self.curve.forget();
        self.hystart = None;
    }

    fn on_recovered(&mut self, _: SimTime) {
        self.window.settle();
        self.undo = None;
    }

    fn on_spurious(&mut self, _: SimTime) {
        self.window.undo();
        if let Some(undo) = self.undo.take() {
            (self.curve, self.hystart) = *undo;
        }
    }
}

/// L of RFC 9406 (4.2) for a sender that does not pace: one ACK counts for at most 8 segments.
const LIMIT: u64 = 8;

#[cfg(test)]
mod tests;
