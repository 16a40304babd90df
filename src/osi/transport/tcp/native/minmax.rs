//! The best value of the last while, in constant space.
//!
//! Kathleen Nichols' windowed filter: the best, second best and third best sample, each newer
//! than the one before. When the best grows too old the second takes its place. The answer may be
//! off by what fell between the three, never by more than a quarter of the window in time.
//!
//! Time is any count that does not fall: nanoseconds or round trips.

/// A windowed minimum or maximum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Best {
    want: Want,
    samples: Option<[Sample; 3]>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Want {
    Smallest,
    Largest,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Sample {
    at: u64,
    value: u64,
}

impl Best {
    /// Keeps the smallest.
    pub(super) const fn smallest() -> Self {
        Self {
            want: Want::Smallest,
            samples: None,
        }
    }

    /// Keeps the largest.
    pub(super) const fn largest() -> Self {
        Self {
            want: Want::Largest,
            samples: None,
        }
    }

    /// The best value, if there was one.
    pub(super) fn get(&self) -> Option<u64> {
        self.samples.map(|s| s[0].value)
    }

    /// Takes `value` in, forgets what is older than `window`, and answers the best.
    pub(super) fn update(&mut self, window: u64, at: u64, value: u64) -> u64 {
        let new = Sample { at, value };
        let samples = match self.samples {
            Some(old) if !self.starts_over(&old, window, new) => self.aged(old, window, new),
            _ => [new; 3],
        };
        self.samples = Some(samples);
        samples[0].value
    }

    fn starts_over(&self, old: &[Sample; 3], window: u64, new: Sample) -> bool {
        self.no_worse(new, old[0]) || new.at.saturating_sub(old[2].at) > window
    }

    fn no_worse(&self, a: Sample, b: Sample) -> bool {
        match self.want {
            Want::Smallest => a.value <= b.value,
            Want::Largest => a.value >= b.value,
        }
    }

    fn aged(&self, mut s: [Sample; 3], window: u64, new: Sample) -> [Sample; 3] {
        if self.no_worse(new, s[1]) {
            s = [s[0], new, new];
        } else if self.no_worse(new, s[2]) {
            s[2] = new;
        }
        let age = |s: &Sample| new.at.saturating_sub(s.at);
        if age(&s[0]) > window {
            s = [s[1], s[2], new];
            if age(&s[0]) > window {
                s = [s[1], s[2], new];
            }
        } else if s[1].at == s[0].at && age(&s[0]) > window / 4 {
            s = [s[0], new, new];
        } else if s[2].at == s[1].at && age(&s[0]) > window / 2 {
            s[2] = new;
        }
        s
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_holds_until_it_is_older_than_the_window() {
        // 5 at time 0 is the smallest up to time 10; at time 11 only later ones count.
        let mut best = Best::smallest();
        assert_eq!(best.update(10, 0, 5), 5);
        for at in 1..=10 {
            assert_eq!(best.update(10, at, 7 + at), 5);
        }
        let then = best.update(10, 11, 30);
        assert!((8..=17).contains(&then), "{then}");
    }

    #[test]
    fn a_better_value_replaces_all_at_once() {
        let mut best = Best::largest();
        assert_eq!(best.get(), None);
        best.update(10, 0, 5);
        assert_eq!(best.update(10, 1, 9), 9);
        assert_eq!(best.update(10, 2, 3), 9);
        assert_eq!(best.get(), Some(9));
    }

    #[test]
    fn a_long_silence_starts_over() {
        let mut best = Best::largest();
        best.update(10, 0, 50);
        assert_eq!(best.update(10, 100, 1), 1);
    }
}
