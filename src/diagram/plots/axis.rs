//! Axes: a range, round ticks, and a unit that suits the range.

use std::{iter::successors, ops::Range};

use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};

/// An axis with ticks at 1, 2 or 5 times a power of ten; at powers of ten if it is logarithmic.
#[derive(Debug, Clone)]
pub(super) struct Axis {
    /// What it counts, with its unit: "Time \[ms\]".
    pub(super) label: String,
    /// What one step of the axis is in the data's own unit (nanoseconds, bytes, bit/s).
    pub(super) unit: f64,
    low: f64,
    high: f64,
    /// From tick to tick; on a logarithmic axis a factor.
    step: f64,
    logarithmic: bool,
}

/// A name for what is counted and the units that may show it, smallest first.
#[derive(Debug, Clone, Copy)]
pub(super) struct Quantity {
    pub(super) name: &'static str,
    pub(super) units: &'static [(&'static str, f64)],
    /// Ticks stand no closer than this: 1 for what is counted in whole numbers.
    pub(super) finest: f64,
}

/// Times \[ns\].
pub(super) const TIME: Quantity = Quantity {
    name: "Time since the start",
    units: SPANS,
    finest: 0.0,
};
/// One-way delays \[ns\].
pub(super) const DELAY: Quantity = Quantity {
    name: "One-way delay",
    units: SPANS,
    finest: 0.0,
};
/// Waiting times \[ns\].
pub(super) const WAIT: Quantity = Quantity {
    name: "Wait in the queue",
    units: SPANS,
    finest: 0.0,
};
/// Sequence numbers \[bytes\].
pub(super) const SEQUENCE: Quantity = Quantity {
    name: "Relative sequence number",
    units: &[("B", 1.0), ("kB", 1e3), ("MB", 1e6), ("GB", 1e9)],
    finest: 0.0,
};
/// Round-trip times \[ns\].
pub(super) const ROUND_TRIP: Quantity = Quantity {
    name: "Round-trip time",
    units: SPANS,
    finest: 0.0,
};
/// Windows \[bytes\].
pub(super) const BYTES: Quantity = Quantity {
    name: "Bytes",
    units: &[("B", 1.0), ("kB", 1e3), ("MB", 1e6), ("GB", 1e9)],
    finest: 0.0,
};
/// Bit rates \[bit/s\].
pub(super) const RATE: Quantity = Quantity {
    name: "Throughput",
    units: &[
        ("bit/s", 1.0),
        ("kbit/s", 1e3),
        ("Mbit/s", 1e6),
        ("Gbit/s", 1e9),
    ],
    finest: 0.0,
};
/// A plain count.
pub(super) const LOST: Quantity = Quantity {
    name: "Datagrams lost so far",
    units: &[("", 1.0)],
    finest: 1.0,
};

const SPANS: &[(&str, f64)] = &[("ns", 1.0), ("µs", 1e3), ("ms", 1e6), ("s", 1e9)];

impl Axis {
    /// An axis for data from `low` to `high`, in the data's unit. It begins at zero unless the
    /// data stay far away from it, and ends at a tick.
    pub(super) fn new(quantity: Quantity, low: f64, high: f64) -> Self {
        let (unit_name, unit) = unit_for(quantity.units, high);
        let floor = if low > 0.4 * high { low / unit } else { 0.0 };
        let top = high / unit;
        let step = round_step((top - floor).max(top * 0.02), TICKS).max(quantity.finest);
        let low = libm::floor(floor / step) * step;
        let high = (libm::ceil(top / step) * step).max(low + step);
        let label = match unit_name {
            "" => quantity.name.to_owned(),
            name => format!("{} [{name}]", quantity.name),
        };
        Self {
            label,
            unit,
            low,
            high,
            step,
            logarithmic: false,
        }
    }

    /// An axis for numbers without a unit to choose, from zero to a tick above `high`.
    pub(super) fn linear(label: String, high: f64) -> Self {
        let plain = Quantity {
            name: "",
            units: &[("", 1.0)],
            finest: 0.0,
        };
        Self {
            label,
            ..Self::new(plain, 0.0, high)
        }
    }

    /// An axis between the powers of ten around `low` and `high`. Without numbers above zero it
    /// goes from 1 to 10.
    pub(super) fn logarithmic(label: String, low: f64, high: f64) -> Self {
        let (low, high) = if low > 0.0 && low <= high {
            (low, high)
        } else {
            (1.0, 10.0)
        };
        let bottom = libm::floor(libm::log10(low));
        let top = libm::ceil(libm::log10(high)).max(bottom + 1.0);
        Self {
            label,
            unit: 1.0,
            low: libm::exp10(bottom),
            high: libm::exp10(top),
            step: 10.0,
            logarithmic: true,
        }
    }

    /// The same axis, ending right behind the data instead of at the next tick.
    #[must_use]
    pub(super) fn ending_at(mut self, high: f64) -> Self {
        self.high = (high / self.unit).clamp(self.low + self.step / 10.0, self.high);
        self
    }

    /// The same axis with room for a row of marks at its foot.
    #[must_use]
    pub(super) fn with_foot(mut self) -> Self {
        if self.low > 0.0 {
            self.low = (self.low - self.step).max(0.0);
        }
        self
    }

    /// A value of the data on this axis.
    #[allow(
        clippy::cast_precision_loss,
        reason = "a pixel is far coarser than 2^53 steps"
    )]
    pub(super) fn place(&self, value: u64) -> f64 {
        value as f64 / self.unit
    }

    /// The value at a part (0 to 1) of the axis.
    pub(super) fn part(&self, part: f64) -> f64 {
        self.low + (self.high - self.low) * part
    }

    /// How far along the axis a value stands: 0 at its low end, 1 at its high end.
    fn share(&self, value: f64) -> f64 {
        if self.logarithmic {
            libm::log10(value / self.low) / libm::log10(self.high / self.low)
        } else {
            (value - self.low) / (self.high - self.low)
        }
    }

    fn ticks(&self) -> Vec<f64> {
        if self.logarithmic {
            let next = |tick: &f64| Some(tick * self.step).filter(|t| *t <= self.high * 1.001);
            return successors(Some(self.low), next).collect();
        }
        let mut ticks = Vec::new();
        // Adding zero turns a minus zero into zero.
        let first = libm::ceil(self.low / self.step - 1e-9) + 0.0;
        let mut number = first;
        while number * self.step <= self.high + self.step * 1e-9 {
            ticks.push(number * self.step);
            number += 1.0;
        }
        ticks
    }

    fn decimals(&self) -> usize {
        let finest = if self.logarithmic {
            self.low
        } else {
            self.step
        };
        match finest {
            s if s >= 1.0 => 0,
            s if s >= 0.1 => 1,
            s if s >= 0.01 => 2,
            _ => 3,
        }
    }
}

impl Ranged for Axis {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    #[allow(
        clippy::cast_possible_truncation,
        reason = "clamped to the pixels of the axis"
    )]
    fn map(&self, value: &f64, limit: (i32, i32)) -> i32 {
        let part = self.share(*value).clamp(0.0, 1.0);
        let (from, to) = (f64::from(limit.0), f64::from(limit.1));
        libm::round(from + (to - from) * part) as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, _: Hint) -> Vec<f64> {
        self.ticks()
    }

    fn range(&self) -> Range<f64> {
        self.low..self.high
    }
}

impl ValueFormatter<f64> for Axis {
    fn format_ext(&self, value: &f64) -> String {
        format!("{value:.*}", self.decimals())
    }
}

/// One range for panels that stand together, if it is not much longer than each of theirs: then
/// they can be compared; else everyone its own.
pub(super) fn shared(spans: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let first = spans.iter().map(|s| s.0).fold(f64::INFINITY, f64::min);
    let last = spans.iter().map(|s| s.1).fold(0.0, f64::max);
    let shortest = spans
        .iter()
        .map(|s| s.1 - s.0)
        .fold(f64::INFINITY, f64::min);
    if last - first <= 2.0 * shortest {
        vec![(first, last); spans.len()]
    } else {
        spans.to_vec()
    }
}

/// The largest unit of which `high` holds at least one.
fn unit_for(units: &[(&'static str, f64)], high: f64) -> (&'static str, f64) {
    let fitting = units.iter().rev().find(|(_, size)| high >= *size);
    fitting
        .or_else(|| units.first())
        .copied()
        .unwrap_or(("", 1.0))
}

/// The smallest of 1, 2, 5, 10, 20 ... that cuts `length` into at most `most` parts.
fn round_step(length: f64, most: f64) -> f64 {
    let wanted = (length / most).max(1e-3);
    let mut power = 1e-3;
    while power * 10.0 <= wanted * (1.0 + 1e-9) {
        power *= 10.0;
    }
    let factor = [1.0, 2.0, 5.0, 10.0];
    let fits = factor
        .into_iter()
        .find(|f| f * power >= wanted * (1.0 - 1e-9));
    fits.unwrap_or(10.0) * power
}

const TICKS: f64 = 8.0;

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(axis: &Axis) -> Vec<String> {
        axis.ticks().iter().map(|t| axis.format_ext(t)).collect()
    }

    #[test]
    fn ticks_are_round_numbers_in_a_unit_that_suits() {
        let axis = Axis::new(TIME, 0.0, 9.7e9);
        assert_eq!(axis.label, "Time since the start [s]");
        assert_eq!(labels(&axis), ["0", "2", "4", "6", "8", "10"]);
        let axis = Axis::new(SEQUENCE, 0.0, 250_000.0);
        assert_eq!(axis.label, "Relative sequence number [kB]");
        assert_eq!(labels(&axis), ["0", "50", "100", "150", "200", "250"]);
    }

    #[test]
    fn an_axis_far_from_zero_does_not_begin_at_zero() {
        let axis = Axis::new(DELAY, 22.1e6, 24.9e6);
        assert_eq!(labels(&axis).first().unwrap(), "22.0");
        assert_eq!(labels(&axis).last().unwrap(), "25.0");
    }

    #[test]
    fn a_logarithmic_axis_has_a_tick_at_each_power_of_ten() {
        let axis = Axis::logarithmic("Hosts".to_owned(), 200.0, 50_000.0);
        assert_eq!(labels(&axis), ["100", "1000", "10000", "100000"]);
        // Equal factors are equal distances: 1000 is one of three steps up.
        assert_eq!(axis.map(&1000.0, (0, 300)), 100);
    }

    #[test]
    fn an_axis_of_one_value_still_has_a_length() {
        let axis = Axis::new(DELAY, 23e6, 23e6);
        assert!(axis.range().end > axis.range().start);
        let axis = Axis::new(RATE, 0.0, 0.0);
        assert!(axis.range().end > axis.range().start);
    }
}
