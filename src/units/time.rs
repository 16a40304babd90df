//! Virtual time: `SimTime` (a point) and `Span` (a length), both in whole nanoseconds.
//!
//! Contract: `SimTime` starts at zero when the run starts and never runs backward. There is no
//! conversion from the machine's clock, on purpose.

use std::{
    fmt,
    ops::{Add, AddAssign, Sub},
    str::FromStr,
    time::Duration,
};

use super::number::{Quantity, UnitError};

/// A point in virtual time \[ns since the start of the run\]. Range: 0 to about 584 years.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct SimTime(u64);

impl SimTime {
    /// The start of the run.
    pub const ZERO: Self = Self(0);
    /// Later than anything that happens.
    pub const MAX: Self = Self(u64::MAX);

    /// The point `ns` nanoseconds after the start.
    pub const fn from_nanos(ns: u64) -> Self {
        Self(ns)
    }

    /// The earliest of some times that may be set; `None` if none is, or none before
    /// [`SimTime::MAX`].
    #[inline]
    pub fn earliest<const N: usize>(times: [Option<Self>; N]) -> Option<Self> {
        let mut first = Self::MAX;
        for time in times {
            first = first.min(time.unwrap_or(Self::MAX));
        }
        (first != Self::MAX).then_some(first)
    }

    /// Nanoseconds since the start.
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// Seconds since the start, for reports and plots only: a float must not reach an event time.
    pub fn as_secs_f64(self) -> f64 {
        Span(self.0).as_secs_f64()
    }

    /// The time from `earlier` to `self`, zero if `earlier` is later.
    pub const fn since(self, earlier: Self) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }
}

impl Add<Span> for SimTime {
    type Output = Self;
    /// Saturates at [`SimTime::MAX`].
    fn add(self, span: Span) -> Self {
        Self(self.0.saturating_add(span.0))
    }
}

impl AddAssign<Span> for SimTime {
    fn add_assign(&mut self, span: Span) {
        *self = *self + span;
    }
}

impl Sub for SimTime {
    type Output = Span;
    fn sub(self, earlier: Self) -> Span {
        self.since(earlier)
    }
}

impl fmt::Display for SimTime {
    /// Seconds with all nine decimals: `1.020304050s`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:09}s", self.0 / NS_PER_S, self.0 % NS_PER_S)
    }
}

/// A length of virtual time \[ns\]. Parsed from `"20ms"`, `"1.5s"`, `"250us"`, `"2min"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span(u64);

impl Span {
    /// Longer than anything lasts.
    pub const MAX: Self = Self(u64::MAX);
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// `ns` nanoseconds.
    pub const fn from_nanos(ns: u64) -> Self {
        Self(ns)
    }

    /// `us` microseconds.
    pub const fn from_micros(us: u64) -> Self {
        Self(us * 1_000)
    }

    /// `ms` milliseconds.
    pub const fn from_millis(ms: u64) -> Self {
        Self(ms * 1_000_000)
    }

    /// `s` seconds.
    pub const fn from_secs(s: u64) -> Self {
        Self(s * NS_PER_S)
    }

    /// Nanoseconds.
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// Seconds, for reports and plots only.
    #[allow(
        clippy::cast_precision_loss,
        reason = "a report shows far fewer digits"
    )]
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / 1e9
    }

    /// `self` times `n`, saturating.
    #[must_use]
    pub const fn times(self, n: u64) -> Self {
        Self(self.0.saturating_mul(n))
    }

    /// `self` less `other`, zero if `other` is longer.
    #[must_use]
    pub const fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Add for Span {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl From<Span> for Duration {
    fn from(span: Span) -> Self {
        Self::from_nanos(span.0)
    }
}

impl From<Duration> for Span {
    /// Saturates at about 584 years.
    fn from(d: Duration) -> Self {
        Self(u64::try_from(d.as_nanos()).unwrap_or(u64::MAX))
    }
}

impl fmt::Display for Span {
    /// The largest unit of at least one, up to three decimals: `20ms`, `1.5s`, `81.234us`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (unit, ns_per_unit) = match self.0 {
            0 => return f.write_str("0s"),
            1..1_000 => ("ns", 1),
            1_000..1_000_000 => ("us", 1_000),
            1_000_000..NS_PER_S => ("ms", 1_000_000),
            _ => ("s", NS_PER_S),
        };
        write_decimal(f, self.0, ns_per_unit)?;
        f.write_str(unit)
    }
}

impl FromStr for Span {
    type Err = UnitError;
    fn from_str(text: &str) -> Result<Self, UnitError> {
        SPAN.parse(text).map(Self)
    }
}

/// Writes `value / scale` rounded to three decimals, without trailing zeros.
pub(super) fn write_decimal(f: &mut fmt::Formatter<'_>, value: u64, scale: u64) -> fmt::Result {
    let thousandths = (u128::from(value) * 1000 + u128::from(scale) / 2) / u128::from(scale);
    let (whole, rest) = (thousandths / 1000, thousandths % 1000);
    if rest == 0 {
        return write!(f, "{whole}");
    }
    let digits = format!("{rest:03}");
    write!(f, "{whole}.{}", digits.trim_end_matches('0'))
}

const NS_PER_S: u64 = 1_000_000_000;

const SPAN: Quantity = Quantity {
    name: "time",
    example: "20ms",
    known: "ns, us, ms, s, min, h",
    range: "at most about 584 years",
    units: &[
        ("ns", 1, 1),
        ("us", 1_000, 1),
        ("µs", 1_000, 1),
        ("ms", 1_000_000, 1),
        ("s", NS_PER_S, 1),
        ("min", 60 * NS_PER_S, 1),
        ("h", 3600 * NS_PER_S, 1),
    ],
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_reads_back_what_it_prints() {
        for text in ["0s", "7ns", "1.5us", "20ms", "1.5s", "90s"] {
            let span: Span = text.parse().unwrap();
            assert_eq!(span.to_string(), text);
        }
    }

    #[test]
    fn a_span_needs_a_unit_and_a_known_one() {
        assert!(matches!(
            "20".parse::<Span>(),
            Err(UnitError::NoUnit { .. })
        ));
        assert!(matches!(
            "20 parsecs".parse::<Span>(),
            Err(UnitError::UnknownUnit { .. })
        ));
        assert!(matches!(
            "-1ms".parse::<Span>(),
            Err(UnitError::NoNumber { .. })
        ));
        assert!(matches!(
            "99999999999h".parse::<Span>(),
            Err(UnitError::OutOfRange { .. })
        ));
    }

    #[test]
    fn a_point_prints_nine_decimals() {
        let t = SimTime::ZERO + Span::from_millis(1020) + Span::from_nanos(7);
        assert_eq!(t.to_string(), "1.020000007s");
    }
}
