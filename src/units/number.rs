//! The shared half of every unit parser: a decimal number, then a unit word.
//!
//! Numbers are read as exact decimal fractions, never through a float, so `"0.1ms"` is 100 000 ns
//! on every processor.

use thiserror::Error;

/// Why a quantity could not be read. The sentence names what would be right.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum UnitError {
    /// The text does not start with a number.
    #[error("`{text}` does not start with a number; write something like \"{example}\"")]
    NoNumber {
        /// The text as given.
        text: String,
        /// A correct value of the wanted kind.
        example: &'static str,
    },
    /// A number without a unit.
    #[error("`{text}` has no unit; write something like \"{example}\"")]
    NoUnit {
        /// The text as given.
        text: String,
        /// A correct value of the wanted kind.
        example: &'static str,
    },
    /// The unit is not one of this quantity's.
    #[error("`{unit}` is not a unit of {quantity}; use one of {known}")]
    UnknownUnit {
        /// The unit as given.
        unit: String,
        /// What is being read, such as "time".
        quantity: &'static str,
        /// The units that are understood.
        known: &'static str,
    },
    /// The value does not fit.
    #[error("`{text}` is out of range: {limit}")]
    OutOfRange {
        /// The text as given.
        text: String,
        /// The range in words.
        limit: &'static str,
    },
}

/// What a parser of one quantity knows: its name, an example and its units.
pub(super) struct Quantity {
    pub(super) name: &'static str,
    pub(super) example: &'static str,
    pub(super) known: &'static str,
    pub(super) range: &'static str,
    /// Unit words and their size in the smallest unit, as (numerator, denominator).
    pub(super) units: &'static [(&'static str, u64, u64)],
}

impl Quantity {
    /// Reads `text` as a whole number of the smallest unit, rounding down below it.
    pub(super) fn parse(&self, text: &str) -> Result<u64, UnitError> {
        let trimmed = text.trim();
        let split = trimmed
            .find(|c: char| !(c.is_ascii_digit() || c == '.' || c == '_'))
            .unwrap_or(trimmed.len());
        let (number, unit) = trimmed.split_at(split);
        let (digits, scale) = decimal(number).ok_or_else(|| UnitError::NoNumber {
            text: text.to_owned(),
            example: self.example,
        })?;
        let unit = unit.trim();
        if unit.is_empty() {
            return Err(UnitError::NoUnit {
                text: text.to_owned(),
                example: self.example,
            });
        }
        let &(_, num, den) = self
            .units
            .iter()
            .find(|(word, ..)| *word == unit)
            .ok_or_else(|| UnitError::UnknownUnit {
                unit: unit.to_owned(),
                quantity: self.name,
                known: self.known,
            })?;
        digits
            .checked_mul(u128::from(num))
            .map(|v| v / (scale * u128::from(den)))
            .and_then(|v| u64::try_from(v).ok())
            .ok_or_else(|| UnitError::OutOfRange {
                text: text.to_owned(),
                limit: self.range,
            })
    }
}

/// Splits `"12.5"` into (125, 10): the value is the first over the second.
pub(super) fn decimal(number: &str) -> Option<(u128, u128)> {
    let clean: String = number.chars().filter(|c| *c != '_').collect();
    let (whole, fraction) = clean.split_once('.').unwrap_or((&clean, ""));
    if whole.is_empty() || whole.len() > 20 || fraction.contains('.') {
        return None;
    }
    // Further digits lie below the smallest unit of every quantity, even after an hour or a TiB.
    let fraction = &fraction[..fraction.len().min(15)];
    let scale = 10u128.pow(u32::try_from(fraction.len()).ok()?);
    let digits = format!("{whole}{fraction}").parse().ok()?;
    Some((digits, scale))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_exact_fractions() {
        assert_eq!(decimal("12.5"), Some((125, 10)));
        assert_eq!(decimal("1_000"), Some((1000, 1)));
        assert_eq!(
            decimal("0.12345678901234567"),
            Some((123_456_789_012_345, 1_000_000_000_000_000))
        );
        assert_eq!(decimal("1.2.3"), None);
        assert_eq!(decimal(""), None);
    }
}
