//! A line of points that never grows past a limit.

use crate::units::SimTime;

/// One point: when, and a value (bytes, nanoseconds, a count).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Point {
    /// When.
    pub at: SimTime,
    /// The value.
    pub value: u64,
}

/// Points in time order, thinned by joining neighbours.
///
/// Up to [`Thinned::MOST`] points are kept as they are. Past that, two neighbours become one
/// slot that remembers its lowest and its highest point, and so on by powers of two.
#[derive(Debug, Clone)]
pub struct Thinned {
    slots: Vec<Slot>,
    /// How many points a full slot stands for.
    per_slot: u32,
    /// How many points the last slot stands for.
    in_last: u32,
    total: u64,
}

#[derive(Debug, Clone, Copy)]
struct Slot {
    low: Point,
    high: Point,
}

impl Default for Thinned {
    fn default() -> Self {
        Self::new()
    }
}

impl Thinned {
    /// The most slots that are kept; each gives one or two points.
    pub const MOST: usize = 1024;

    /// An empty line.
    pub const fn new() -> Self {
        Self {
            slots: Vec::new(),
            per_slot: 1,
            in_last: 1,
            total: 0,
        }
    }

    /// Adds a point. Its time is not before that of the last one.
    pub fn add(&mut self, at: SimTime, value: u64) {
        let point = Point { at, value };
        self.total += 1;
        match self.slots.last_mut() {
            Some(last) if self.in_last < self.per_slot => {
                last.join(point);
                self.in_last += 1;
            }
            _ => {
                self.slots.push(Slot {
                    low: point,
                    high: point,
                });
                self.in_last = 1;
            }
        }
        if self.slots.len() > Self::MOST {
            self.halve();
        }
    }

    /// How many points were added in all.
    pub const fn total(&self) -> u64 {
        self.total
    }

    /// True if nothing was added.
    pub const fn is_empty(&self) -> bool {
        self.total == 0
    }

    /// The highest value.
    pub fn max(&self) -> Option<u64> {
        self.slots.iter().map(|s| s.high.value).max()
    }

    /// The lowest value.
    pub fn min(&self) -> Option<u64> {
        self.slots.iter().map(|s| s.low.value).min()
    }

    /// The kept points in time order.
    pub fn points(&self) -> impl Iterator<Item = Point> + '_ {
        self.slots.iter().flat_map(|slot| {
            let (a, b) = if slot.low.at <= slot.high.at {
                (slot.low, slot.high)
            } else {
                (slot.high, slot.low)
            };
            std::iter::once(a).chain((a != b).then_some(b))
        })
    }

    /// Joins the slots two by two.
    fn halve(&mut self) {
        let joined = |pair: &[Slot]| {
            let mut slot = pair[0];
            if let Some(other) = pair.get(1) {
                slot.join(other.low);
                slot.join(other.high);
            }
            slot
        };
        // The limit is even and halving comes one slot past it, so the last slot stands alone.
        self.slots = self.slots.chunks(2).map(joined).collect();
        self.per_slot *= 2;
    }
}

impl Slot {
    fn join(&mut self, point: Point) {
        if point.value < self.low.value {
            self.low = point;
        }
        if point.value > self.high.value {
            self.high = point;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn line(values: &[u64]) -> Thinned {
        let mut thinned = Thinned::default();
        for (i, &v) in values.iter().enumerate() {
            thinned.add(SimTime::from_nanos(i as u64), v);
        }
        thinned
    }

    #[test]
    fn few_points_are_kept_as_they_are() {
        let values: Vec<u64> = (0..1024).map(|i| i * i % 97).collect();
        let kept: Vec<u64> = line(&values).points().map(|p| p.value).collect();
        assert_eq!(kept, values);
    }

    #[test]
    fn a_million_points_keep_their_outlier_in_a_thousand_slots() {
        let mut values = vec![5; 1_000_000];
        values[777_777] = 9_000;
        let thinned = line(&values);
        assert!(thinned.slots.len() <= Thinned::MOST);
        let peak: Vec<Point> = thinned.points().filter(|p| p.value == 9_000).collect();
        assert_eq!(peak.len(), 1);
        assert_eq!(peak[0].at, SimTime::from_nanos(777_777));
        assert_eq!(thinned.total(), 1_000_000);
    }

    proptest! {
        #[test]
        fn thinning_keeps_extremes_and_time_order(
            values in proptest::collection::vec(0u64..1000, 1..6000),
        ) {
            let thinned = line(&values);
            prop_assert_eq!(thinned.max(), values.iter().copied().max());
            prop_assert_eq!(thinned.min(), values.iter().copied().min());
            let times: Vec<_> = thinned.points().map(|p| p.at).collect();
            prop_assert!(times.is_sorted());
            prop_assert!(thinned.slots.len() <= Thinned::MOST);
        }
    }
}
