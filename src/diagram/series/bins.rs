//! Amounts summed over equal stretches of time.

use crate::units::{SimTime, Span};

/// Sums over bins of one width, from time zero. The width starts at 10 µs and grows to 20, 100,
/// 200 µs, 1, 2, 10 ms ... as the run gets longer, so memory is bounded.
#[derive(Debug, Clone)]
pub struct Bins {
    sums: Vec<u64>,
    width: u64,
    total: u64,
}

impl Default for Bins {
    fn default() -> Self {
        Self {
            sums: Vec::new(),
            width: 10_000,
            total: 0,
        }
    }
}

impl Bins {
    /// The most bins that are kept.
    pub const MOST: usize = 2048;

    /// Adds `amount` at time `at`.
    pub fn add(&mut self, at: SimTime, amount: u64) {
        while at.as_nanos() / self.width >= Self::MOST as u64 {
            self.widen();
        }
        let index = usize::try_from(at.as_nanos() / self.width).unwrap_or(Self::MOST);
        if index >= self.sums.len() {
            self.sums.resize(index + 1, 0);
        }
        self.sums[index] += amount;
        self.total += amount;
    }

    /// The sum of all that was added.
    pub const fn total(&self) -> u64 {
        self.total
    }

    /// The width of a bin.
    pub const fn width(&self) -> Span {
        Span::from_nanos(self.width)
    }

    /// The sums over bins of `width`, which is rounded up to a multiple of the own width.
    pub fn rebinned(&self, width: Span) -> Vec<u64> {
        let per_bin = width.as_nanos().div_ceil(self.width).max(1);
        let per_bin = usize::try_from(per_bin).unwrap_or(usize::MAX);
        self.sums.chunks(per_bin).map(|c| c.iter().sum()).collect()
    }

    /// The next width in the row 1, 2, 10, 20, 100 ...
    fn widen(&mut self) {
        let mut digit = self.width;
        while digit.is_multiple_of(10) {
            digit /= 10;
        }
        let factor = if digit == 1 { 2 } else { 5 };
        self.sums = self.sums.chunks(factor).map(|c| c.iter().sum()).collect();
        self.width *= factor as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_run_widens_the_bins_and_loses_nothing() {
        let mut bins = Bins::default();
        for ms in 0..10_000 {
            bins.add(SimTime::ZERO + Span::from_millis(ms), 3);
        }
        // 10 s in at most 2048 bins: 4.9 ms or more, and the next width in the row is 10 ms.
        assert_eq!(bins.width(), Span::from_millis(10));
        assert_eq!(bins.total(), 30_000);
        assert_eq!(bins.rebinned(Span::from_millis(100)), vec![300; 100]);
    }

    #[test]
    fn an_amount_falls_into_the_bin_of_its_time() {
        let mut bins = Bins::default();
        bins.add(SimTime::from_nanos(9_999), 1);
        bins.add(SimTime::from_nanos(10_000), 2);
        assert_eq!(bins.rebinned(Span::from_micros(10)), vec![1, 2]);
    }
}
