//! How long to wait before trying again: exponential back-off with jitter.
//!
//! Contract: a back-off is plain data; the waiting is left to whoever asks, and what is random
//! comes from a stream that the asker owns. Without jitter nothing is drawn. Not here: which
//! exchanges may be tried again (RFC 9110, section 9.2.2, says so for HTTP), and circuit breakers.

use crate::{
    rng::Stream,
    units::{Probability, Span},
};

/// When to try again after a failure, and how often.
///
/// # Defaults
/// Three attempts, 100 ms before the second, twice as long before each one after, 30 s at most,
/// each wait up to 20 % longer or shorter than that.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Backoff {
    /// How often to try in all, the first time included; 0 counts as 1.
    pub attempts: u32,
    /// The wait before the second attempt.
    pub first: Span,
    /// How much longer each wait is than the one before; at least 1.
    pub factor: f64,
    /// No wait is longer than this, before jitter.
    pub longest: Span,
    /// Each wait is drawn uniformly from `1 - jitter` to `1 + jitter` times its length, so that
    /// clients who failed together do not come back together.
    pub jitter: Probability,
}

impl Default for Backoff {
    fn default() -> Self {
        Self {
            attempts: 3,
            first: Span::from_millis(100),
            factor: 2.0,
            longest: Span::from_secs(30),
            jitter: Probability::new(0.2).unwrap_or(Probability::ZERO),
        }
    }
}

impl Backoff {
    /// True if there may be another attempt after `made` of them.
    pub const fn allows(&self, made: u32) -> bool {
        made < self.attempts
    }

    /// The wait between attempt number `made` (from 1) and the next.
    pub fn delay(&self, made: u32, stream: &mut Stream) -> Span {
        let exponent = f64::from(made.saturating_sub(1));
        let growth = libm::pow(self.factor.max(1.0), exponent);
        let wait = scaled(self.first, growth).min(self.longest);
        match self.jitter.value() {
            0.0 => wait,
            jitter => scaled(wait, 1.0 + jitter * (2.0 * stream.unit() - 1.0)),
        }
    }
}

/// `span` times `factor`, which is not negative; rounded down, saturating.
#[allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "53 bits are enough for a wait, and the cast back saturates"
)]
fn scaled(span: Span, factor: f64) -> Span {
    Span::from_nanos((span.as_nanos() as f64 * factor) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::RootSeed;

    fn plain() -> Backoff {
        Backoff {
            attempts: 5,
            jitter: Probability::ZERO,
            ..Backoff::default()
        }
    }

    #[test]
    fn each_wait_is_twice_the_one_before_up_to_the_longest() {
        let backoff = Backoff {
            longest: Span::from_millis(500),
            ..plain()
        };
        let mut stream = RootSeed(1).stream(&["test"]);
        let waits = [1, 2, 3, 4, u32::MAX].map(|made| backoff.delay(made, &mut stream));
        let wanted = [100, 200, 400, 500, 500].map(Span::from_millis);
        assert_eq!(waits, wanted);
        // Nothing was drawn.
        let mut untouched = RootSeed(1).stream(&["test"]);
        assert_eq!(stream.next_u64(), untouched.next_u64());
    }

    #[test]
    fn jitter_spreads_a_wait_evenly_round_its_length() {
        // Uniform from 80 to 120 ms: the mean is 100 ms, that of 10 000 draws has a deviation of
        // 40 / sqrt(12) / 100 = 0.12 ms.
        let backoff = Backoff::default();
        let mut stream = RootSeed(1).stream(&["test"]);
        let draws: Vec<u64> = (0..10_000)
            .map(|_| backoff.delay(1, &mut stream).as_nanos() / 1000)
            .collect();
        let mean = draws.iter().sum::<u64>() / 10_000;
        assert!((99_400..=100_600).contains(&mean), "{mean} us");
        assert!(draws.iter().all(|us| (80_000..=120_000).contains(us)));
        assert!(draws.iter().any(|us| *us < 81_000) && draws.iter().any(|us| *us > 119_000));
    }

    #[test]
    fn the_first_attempt_counts() {
        let backoff = plain();
        assert!(backoff.allows(1) && backoff.allows(4) && !backoff.allows(5));
    }

    #[test]
    fn absurd_settings_saturate() {
        let backoff = Backoff {
            first: Span::MAX,
            factor: 1e300,
            longest: Span::MAX,
            ..Backoff::default()
        };
        let mut stream = RootSeed(1).stream(&["test"]);
        assert!(backoff.delay(1000, &mut stream) > Span::from_secs(3600));
    }
}
