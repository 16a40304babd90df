//! When flows begin: a Poisson process.

use crate::{rng::Stream, units::Span};

/// The times of arrivals from zero on, without end.
#[derive(Debug)]
pub(super) struct Arrivals {
    stream: Stream,
    /// The mean time between two \[ns\].
    mean_gap: f64,
    /// The time of the latest \[ns\]. Summed as a float, so that roundings do not add up.
    now: f64,
}

impl Arrivals {
    /// On average `rate` arrivals per second, which is above zero.
    pub(super) const fn new(rate: f64, stream: Stream) -> Self {
        Self {
            stream,
            mean_gap: 1e9 / rate,
            now: 0.0,
        }
    }
}

impl Iterator for Arrivals {
    type Item = Span;

    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a cast of a float saturates, and the time is never negative"
    )]
    fn next(&mut self) -> Option<Span> {
        self.now += self.mean_gap * self.stream.exponential();
        Some(Span::from_nanos(self.now as u64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::RootSeed;

    #[test]
    fn counts_in_equal_times_have_the_mean_and_variance_of_poisson() {
        // 1000 arrivals/s, looked at in 10 000 pieces of 10 ms: mean 10 and variance 10 each. The
        // mean of 10 000 counts has deviation sqrt(10 / 10 000) = 0.032; their variance has
        // sqrt((10 + 2 x 10^2) / 10 000) = 0.145. Five deviations.
        let arrivals = Arrivals::new(1000.0, RootSeed(1).stream(&["arrivals"]));
        let mut counts = vec![0.0; 10_000];
        for at in arrivals {
            match counts.get_mut(usize::try_from(at.as_nanos() / 10_000_000).unwrap()) {
                Some(count) => *count += 1.0,
                None => break,
            }
        }
        let mean = counts.iter().sum::<f64>() / 10_000.0;
        let var = counts.iter().map(|c| (c - mean) * (c - mean)).sum::<f64>() / 10_000.0;
        assert!((mean - 10.0).abs() < 0.16, "mean {mean}");
        assert!((var - 10.0).abs() < 0.73, "variance {var}");
    }

    #[test]
    fn arrivals_never_go_back_in_time() {
        let arrivals = Arrivals::new(1e9, RootSeed(1).stream(&["fast"]));
        assert!(arrivals.take(10_000).collect::<Vec<_>>().is_sorted());
    }
}
