//! `ByteSize`: an amount of data.

use std::{fmt, str::FromStr};

use super::{
    number::{Quantity, UnitError},
    time::write_decimal,
};

/// An amount of data \[bytes\]. Parsed from `"64 KiB"` (1024-based) or `"10 kB"` (1000-based).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct ByteSize(u64);

impl ByteSize {
    /// `bytes` bytes.
    pub const fn new(bytes: u64) -> Self {
        Self(bytes)
    }

    /// The amount in bytes.
    pub const fn bytes(self) -> u64 {
        self.0
    }
}

impl fmt::Display for ByteSize {
    /// Binary prefixes where they divide well, plain bytes below 10 KiB.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (unit, scale) = match self.0 {
            n if n < 10 << 10 && n % 1024 != 0 || n == 0 => ("B", 1),
            n if n < 1 << 20 => ("KiB", 1 << 10),
            n if n < 1 << 30 => ("MiB", 1 << 20),
            n if n < 1 << 40 => ("GiB", 1 << 30),
            _ => ("TiB", 1 << 40),
        };
        write_decimal(f, self.0, scale)?;
        write!(f, " {unit}")
    }
}

impl FromStr for ByteSize {
    type Err = UnitError;
    fn from_str(text: &str) -> Result<Self, UnitError> {
        SIZE.parse(text).map(Self)
    }
}

const SIZE: Quantity = Quantity {
    name: "size",
    example: "64 KiB",
    known: "B, kB, KiB, MB, MiB, GB, GiB, TB, TiB",
    range: "at most 16 777 215 TiB",
    units: &[
        ("B", 1, 1),
        ("kB", 1_000, 1),
        ("KB", 1_000, 1),
        ("KiB", 1 << 10, 1),
        ("MB", 1_000_000, 1),
        ("MiB", 1 << 20, 1),
        ("GB", 1_000_000_000, 1),
        ("GiB", 1 << 30, 1),
        ("TB", 1_000_000_000_000, 1),
        ("TiB", 1 << 40, 1),
    ],
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn binary_and_decimal_prefixes_differ() {
        assert_eq!("64 KiB".parse::<ByteSize>().unwrap().bytes(), 65_536);
        assert_eq!("64 kB".parse::<ByteSize>().unwrap().bytes(), 64_000);
    }

    #[test]
    fn sizes_print_with_the_prefix_a_reader_expects() {
        for (bytes, text) in [
            (0, "0 B"),
            (200, "200 B"),
            (1024, "1 KiB"),
            (65_536, "64 KiB"),
        ] {
            assert_eq!(ByteSize::new(bytes).to_string(), text);
        }
    }
}
