//! `Probability`: a chance between 0 and 1.

use std::{fmt, str::FromStr};

use super::number::UnitError;

/// A chance, 0 to 1 inclusive. Parsed from `"3%"`, `"0.03"` or `"1e-6"` (bit error ratios).
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Default)]
pub struct Probability(f64);

impl Probability {
    /// Never.
    pub const ZERO: Self = Self(0.0);

    /// One in ten.
    pub const TENTH: Self = Self(0.1);

    /// The chance `p`.
    ///
    /// # Errors
    /// [`UnitError::OutOfRange`] unless `0 <= p <= 1`.
    pub fn new(p: f64) -> Result<Self, UnitError> {
        if (0.0..=1.0).contains(&p) {
            Ok(Self(p))
        } else {
            Err(out_of_range(&p.to_string()))
        }
    }

    /// The chance as a number from 0 to 1.
    pub const fn value(self) -> f64 {
        self.0
    }

    /// True if it can never happen, so no random number need be drawn.
    pub fn is_zero(self) -> bool {
        self.0 == 0.0
    }
}

impl fmt::Display for Probability {
    /// Per cent, or scientific notation below 0.001 %.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 != 0.0 && self.0 < 1e-5 {
            return write!(f, "{:e}", self.0);
        }
        let percent = format!("{:.4}", self.0 * 100.0);
        let short = percent.trim_end_matches('0').trim_end_matches('.');
        write!(f, "{short}%")
    }
}

impl FromStr for Probability {
    type Err = UnitError;
    fn from_str(text: &str) -> Result<Self, UnitError> {
        let trimmed = text.trim();
        let (number, divisor) = match trimmed.strip_suffix('%') {
            Some(percent) => (percent.trim(), 100.0),
            None => (trimmed, 1.0),
        };
        let no_number = || UnitError::NoNumber {
            text: text.to_owned(),
            example: "3%",
        };
        // A float parser alone would take "inf" and "-3" too.
        if !number.starts_with(|c: char| c.is_ascii_digit()) {
            return Err(no_number());
        }
        let value: f64 = number.replace('_', "").parse().map_err(|_| no_number())?;
        Self::new(value / divisor).map_err(|_| out_of_range(text))
    }
}

fn out_of_range(text: &str) -> UnitError {
    UnitError::OutOfRange {
        text: text.to_owned(),
        limit: "a probability lies between 0 and 1 (0% and 100%)",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percent_fraction_and_exponent_mean_the_same() {
        for text in ["3%", "0.03", "3e-2"] {
            assert_eq!(text.parse::<Probability>().unwrap().value(), 0.03);
        }
    }

    #[test]
    fn more_than_certain_is_refused() {
        for text in ["101%", "1.5", "-1%", "nan", "inf", "often"] {
            assert!(text.parse::<Probability>().is_err(), "{text}");
        }
    }

    #[test]
    fn as_many_digits_as_a_float_prints_are_read() {
        for value in [0.134_250_125_206_147_76, f64::MIN_POSITIVE, 1.0] {
            let text = value.to_string();
            assert_eq!(text.parse::<Probability>().unwrap().value(), value);
        }
    }

    #[test]
    fn it_prints_per_cent() {
        assert_eq!(Probability(0.03).to_string(), "3%");
        assert_eq!(Probability(0.0).to_string(), "0%");
        assert_eq!(Probability(1e-7).to_string(), "1e-7");
    }
}
