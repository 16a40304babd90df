//! The cubic curve and Reno's line beside it (RFC 9438, 4.1 to 4.7).
//!
//! Windows are in segments here, as the RFC's constants want it.

use crate::units::{SimTime, Span};

/// Whose CUBIC: they differ where the window is Reno's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Reading {
    /// Windows of whole segments after a loss, an additive increase that stays at 0.53 segments,
    /// and a window that approaches Reno's over about a round trip.
    #[default]
    Linux,
    /// The RFC to the letter: an increase of one segment once the window of the loss is reached,
    /// and Reno's window at once.
    Rfc9438,
}

/// One stretch of congestion avoidance, and what is remembered of the last.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Curve {
    reading: Reading,
    /// W_max: where the plateau is; none before the first loss.
    w_max: Option<f64>,
    /// cwnd_prior: the window just before the last loss, none before it.
    prior: Option<f64>,
    epoch: Option<Epoch>,
    /// Growth not yet worth a byte, in bytes times the window.
    credit: u64,
}

/// Since congestion avoidance began.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Epoch {
    start: SimTime,
    /// K: when the curve reaches the plateau \[s since `start`\].
    k: f64,
    /// The plateau of this epoch.
    origin: f64,
    /// W_est: Reno's window.
    reno: f64,
    /// Which of both rules, for the record.
    friendly: bool,
    convex: bool,
}

impl Curve {
    pub(super) fn new(reading: Reading) -> Self {
        Self {
            reading,
            ..Self::default()
        }
    }

    pub(super) fn name(&self) -> &'static str {
        match self.reading {
            Reading::Linux => "cubic",
            Reading::Rfc9438 => "cubic-rfc9438",
        }
    }

    /// No epoch and no peak.
    pub(super) fn forget(&mut self) {
        *self = Self::new(self.reading);
    }

    /// What a loss leaves of `bytes`: 0.7 of them (4.6), in whole segments if so read.
    pub(super) fn decreased(&self, bytes: u64, mss: u64) -> u64 {
        let rest = bytes / 10 * 7 + bytes % 10 * 7 / 10;
        match self.reading {
            Reading::Linux => rest / mss * mss,
            Reading::Rfc9438 => rest,
        }
    }

    pub(super) fn is_reno_friendly(&self) -> bool {
        self.epoch.is_some_and(|e| e.friendly)
    }

    pub(super) fn is_convex(&self) -> bool {
        self.epoch.is_some_and(|e| e.convex)
    }

    /// A loss with `used` bytes of the window `cwnd` in flight, in bytes; `mss` comes with ACKs,
    /// so both are kept as they are and scaled then.
    pub(super) fn on_loss(&mut self, used: u64, cwnd: u64) {
        let used = as_float(used);
        // Fast convergence (4.7): below the last peak, leave room for others.
        let shrinks = self.w_max.is_some_and(|peak| used < peak);
        self.w_max = Some(if shrinks {
            used * (1.0 + BETA) / 2.0
        } else {
            used
        });
        self.prior = Some(as_float(cwnd));
        self.epoch = None;
        self.credit = 0;
    }

    /// The clock of the curve stands still for `idle` (5.8).
    pub(super) fn pause(&mut self, idle: Span) {
        if let Some(epoch) = &mut self.epoch {
            epoch.start += idle;
        }
    }

    /// The window in bytes after `acked` more bytes, at `now`.
    pub(super) fn on_ack(
        &mut self,
        now: SimTime,
        rtt: Span,
        cwnd: u64,
        acked: u64,
        mss: u64,
    ) -> u64 {
        let mut epoch = self.epoch.unwrap_or_else(|| self.begin(now, cwnd, mss));
        let size = as_float(cwnd);
        epoch.reno += self.alpha(epoch.reno) * as_float(acked) / size * as_float(mss);
        let t = now.since(epoch.start).as_secs_f64();
        let here = epoch.cubic(t, mss);
        (epoch.friendly, epoch.convex) = (here < epoch.reno, t > epoch.k);
        self.epoch = Some(epoch);
        if epoch.friendly {
            return self.follow(whole(epoch.reno), cwnd, acked);
        }
        let target = epoch.cubic(t + rtt.as_secs_f64(), mss);
        let target = whole(target.clamp(size, 1.5 * size));
        self.approach(cwnd, target, acked)
    }

    /// Toward Reno's window: at once (4.3), or as Linux does, at the pace of the curve.
    fn follow(&mut self, reno: u64, cwnd: u64, acked: u64) -> u64 {
        match self.reading {
            Reading::Linux => self.approach(cwnd, reno, acked),
            Reading::Rfc9438 => cwnd.max(reno),
        }
    }

    /// (target - cwnd) / cwnd for each segment acknowledged (4.4, 4.5).
    fn approach(&mut self, cwnd: u64, target: u64, acked: u64) -> u64 {
        let gap = target.saturating_sub(cwnd);
        let sum = u128::from(gap) * u128::from(acked) + u128::from(self.credit);
        let per = u128::from(cwnd.max(1));
        self.credit = u64::try_from(sum % per).unwrap_or(0);
        cwnd.saturating_add(u64::try_from(sum / per).unwrap_or(gap).min(gap))
    }

    /// Congestion avoidance begins with `cwnd` bytes. Below the plateau K is the time to it; at
    /// or above it, or with none (4.8, 4.10), the plateau is here.
    fn begin(&self, now: SimTime, cwnd: u64, mss: u64) -> Epoch {
        let size = as_float(cwnd);
        let origin = self.w_max.map_or(size, |peak| peak.max(size));
        Epoch {
            start: now,
            k: libm::cbrt((origin - size) / as_float(mss) / C),
            origin,
            reno: size,
            friendly: false,
            convex: false,
        }
    }

    /// The additive increase that gives Reno's mean window with this decrease (4.3), and Reno's
    /// own once the window of the loss is reached again.
    fn alpha(&self, reno: f64) -> f64 {
        match self.prior {
            Some(prior) if self.reading == Reading::Linux || reno < prior => ALPHA,
            _ => 1.0,
        }
    }
}

impl Epoch {
    /// W_cubic(t) = C (t - K)^3 + W_max, in bytes.
    fn cubic(&self, t: f64, mss: u64) -> f64 {
        let d = t - self.k;
        C * d * d * d * as_float(mss) + self.origin
    }
}

/// How steep: segments per second cubed (5).
const C: f64 = 0.4;
/// The decrease (4.6).
const BETA: f64 = 0.7;
/// 3 (1 - beta) / (1 + beta) (4.3).
const ALPHA: f64 = 3.0 * (1.0 - BETA) / (1.0 + BETA);

#[allow(
    clippy::cast_precision_loss,
    reason = "windows are far below 2^53 bytes, and beyond that a rounded one does as well"
)]
fn as_float(bytes: u64) -> f64 {
    bytes as f64
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the cast saturates, and windows are not negative"
)]
fn whole(bytes: f64) -> u64 {
    bytes as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    const MSS: u64 = 1000;

    #[test]
    fn k_is_the_cube_root_of_the_drop_over_c() {
        // Loss at 100 segments: down to 70, K = cbrt(30 / 0.4) = 4.2172 s.
        let mut curve = Curve::default();
        curve.on_loss(100 * MSS, 100 * MSS);
        let epoch = curve.begin(SimTime::ZERO, 70 * MSS, MSS);
        assert!((epoch.k - 4.217_163).abs() < 1e-6, "{}", epoch.k);
        // W(0) = 100 - 30 = 70; W(K) = 100; W(2 K) = 130; W(1) = 100 - 0.4 x 3.2172^3 = 86.68.
        for (t, segments) in [
            (0.0, 70.0),
            (epoch.k, 100.0),
            (2.0 * epoch.k, 130.0),
            (1.0, 86.681),
        ] {
            let w = epoch.cubic(t, MSS) / 1000.0;
            assert!((w - segments).abs() < 1e-2, "{t}: {w}");
        }
    }

    #[test]
    fn a_loss_below_the_last_peak_remembers_a_lower_one() {
        // Peak 100, then a loss at 80: 80 x 1.7 / 2 = 68.
        let mut curve = Curve::default();
        curve.on_loss(100 * MSS, 100 * MSS);
        curve.on_loss(80 * MSS, 80 * MSS);
        assert_eq!(curve.w_max, Some(68_000.0));
        curve.on_loss(90 * MSS, 90 * MSS);
        assert_eq!(curve.w_max, Some(90_000.0));
    }

    #[test]
    fn after_slow_start_without_a_loss_the_plateau_is_here() {
        let curve = Curve::default();
        let epoch = curve.begin(SimTime::ZERO, 50 * MSS, MSS);
        assert_eq!((epoch.k, epoch.origin), (0.0, 50_000.0));
    }
}
