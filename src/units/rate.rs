//! `BitRate`: how fast a link sends bits.

use std::{fmt, str::FromStr};

use super::{
    number::{Quantity, UnitError},
    time::{Span, write_decimal},
};

/// A bit rate \[bit/s\], never zero. Parsed from `"10 Mbit/s"`, `"1Gbps"`. Decimal prefixes, as
/// Ethernet uses them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BitRate(u64);

impl BitRate {
    /// 1 Gbit/s.
    pub const GIGABIT: Self = Self(1_000_000_000);

    /// `bits` per second.
    ///
    /// # Errors
    /// [`UnitError::OutOfRange`] for zero: a link that never sends a bit is not a link.
    pub fn new(bits: u64) -> Result<Self, UnitError> {
        if bits == 0 {
            return Err(UnitError::OutOfRange {
                text: "0 bit/s".to_owned(),
                limit: RATE.range,
            });
        }
        Ok(Self(bits))
    }

    /// Bits per second.
    pub const fn bits_per_second(self) -> u64 {
        self.0
    }

    /// How long `bytes` take to pass at this rate, rounded up to a whole nanosecond.
    ///
    /// Saturates at the longest [`Span`].
    pub fn time_for_bytes(self, bytes: u64) -> Span {
        let bits = u128::from(bytes) * 8;
        let ns = (bits * 1_000_000_000).div_ceil(u128::from(self.0));
        Span::from_nanos(u64::try_from(ns).unwrap_or(u64::MAX))
    }
}

impl fmt::Display for BitRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (unit, scale) = match self.0 {
            0..1_000 => ("bit/s", 1),
            1_000..1_000_000 => ("kbit/s", 1_000),
            1_000_000..1_000_000_000 => ("Mbit/s", 1_000_000),
            _ => ("Gbit/s", 1_000_000_000),
        };
        write_decimal(f, self.0, scale)?;
        write!(f, " {unit}")
    }
}

impl FromStr for BitRate {
    type Err = UnitError;
    fn from_str(text: &str) -> Result<Self, UnitError> {
        let bits = RATE.parse(text)?;
        Self::new(bits).map_err(|_| UnitError::OutOfRange {
            text: text.to_owned(),
            limit: RATE.range,
        })
    }
}

const RATE: Quantity = Quantity {
    name: "bit rate",
    example: "10 Mbit/s",
    known: "bit/s, kbit/s, Mbit/s, Gbit/s, Tbit/s (or bps, kbps, Mbps, Gbps, Tbps)",
    range: "a rate is at least 1 bit/s and at most 18 446 744 Tbit/s",
    units: &[
        ("bit/s", 1, 1),
        ("kbit/s", 1_000, 1),
        ("Mbit/s", 1_000_000, 1),
        ("Gbit/s", 1_000_000_000, 1),
        ("Tbit/s", 1_000_000_000_000, 1),
        ("bps", 1, 1),
        ("kbps", 1_000, 1),
        ("Mbps", 1_000_000, 1),
        ("Gbps", 1_000_000_000, 1),
        ("Tbps", 1_000_000_000_000, 1),
    ],
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_frame_at_ten_megabit_takes_its_textbook_time() {
        // 1538 bytes (1500 + 38 of Ethernet overhead) x 8 bits x 100 ns = 1 230 400 ns.
        let rate: BitRate = "10 Mbit/s".parse().unwrap();
        assert_eq!(rate.time_for_bytes(1538), Span::from_nanos(1_230_400));
    }

    #[test]
    fn zero_and_unitless_rates_are_refused() {
        assert!("0 Mbit/s".parse::<BitRate>().is_err());
        assert!("0.0001 bit/s".parse::<BitRate>().is_err());
        assert!("10".parse::<BitRate>().is_err());
        assert!("10 MB".parse::<BitRate>().is_err());
    }

    #[test]
    fn a_rate_reads_back_what_it_prints() {
        for text in ["9.6 kbit/s", "10 Mbit/s", "2.5 Gbit/s"] {
            assert_eq!(text.parse::<BitRate>().unwrap().to_string(), text);
        }
    }
}
