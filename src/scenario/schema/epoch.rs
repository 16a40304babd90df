//! The calendar time of virtual time zero.

use std::fmt;

use schemars::{Schema, json_schema};
use toml::value::{Date, Datetime, Offset, Time};

use super::{scalar::Scalar, value::Value};

/// Nanoseconds since 1970-01-01 UTC, before the year 2500.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Epoch(pub(crate) u64);

const EXAMPLE: &str = "2025-01-01T00:00:00Z";

impl Value for Epoch {
    const KIND: &'static str = "point in calendar time";
    fn from_scalar(scalar: &Scalar) -> Result<Self, String> {
        let (Scalar::Text(text) | Scalar::Datetime(text)) = scalar else {
            return Err(format!(
                "expected a point in time such as {EXAMPLE}, found {}",
                scalar.describe()
            ));
        };
        let wrong = || format!("`{text}` is not a point in time; write something like {EXAMPLE}");
        let datetime: Datetime = text.trim().parse().map_err(|_| wrong())?;
        let (Some(date), Some(time)) = (datetime.date, datetime.time) else {
            return Err(wrong());
        };
        let offset = datetime.offset.ok_or_else(|| {
            format!("`{text}` has no time zone; write `Z` at the end, as in {EXAMPLE}")
        })?;
        nanoseconds(date, time, offset).map(Self).ok_or_else(|| {
            format!("`{text}` is out of range: 1970-01-01T00:00:00Z up to the year 2499")
        })
    }
    fn schema() -> Schema {
        json_schema!({ "type": "string", "format": "date-time" })
    }
}

/// `None` outside of 1970 to 2499.
fn nanoseconds(date: Date, time: Time, offset: Offset) -> Option<u64> {
    let minutes = match offset {
        Offset::Z => 0,
        Offset::Custom { minutes } => i64::from(minutes),
    };
    if date.year >= 2500 {
        return None;
    }
    let clock = i64::from(time.hour) * 3600
        + i64::from(time.minute) * 60
        + i64::from(time.second.unwrap_or(0));
    let seconds = days_since_1970(date) * 86_400 + clock - minutes * 60;
    let fraction = u64::from(time.nanosecond.unwrap_or(0));
    Some(u64::try_from(seconds).ok()? * 1_000_000_000 + fraction)
}

/// Counts the days of the Gregorian calendar, with the year taken to begin in March.
fn days_since_1970(date: Date) -> i64 {
    let (month, day) = (i64::from(date.month), i64::from(date.day));
    let year = i64::from(date.year) - i64::from(month <= 2);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let leap_days = year / 4 - year / 100 + year / 400;
    // 719 468 days lie between 1 March of year 0 and 1 January 1970.
    year * 365 + leap_days + day_of_year - 719_468
}

impl fmt::Display for Epoch {
    /// RFC 3339, to the second: `2025-01-01T00:00:00Z`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0 / 1_000_000_000;
        let (year, month, day) = calendar(seconds / 86_400);
        let clock = seconds % 86_400;
        let (hour, minute, second) = (clock / 3600, clock / 60 % 60, clock % 60);
        write!(
            f,
            "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z"
        )
    }
}

/// Year, month and day, counted back from a number of days since 1970.
fn calendar(days: u64) -> (u16, u8, u8) {
    let count = |year, month, day| days_since_1970(Date { year, month, day });
    let days = i64::try_from(days).unwrap_or(i64::MAX);
    let last = |limit: &dyn Fn(u16) -> i64, range: std::ops::RangeInclusive<u16>| {
        range.rev().find(|n| limit(*n) <= days).unwrap_or(1)
    };
    let year = last(&|year| count(year, 1, 1), 1970..=2600);
    let month = last(&|month| count(year, narrow(month), 1), 1..=12);
    let day = last(&|day| count(year, narrow(month), narrow(day)), 1..=31);
    (year, narrow(month), narrow(day))
}

/// A month or a day.
fn narrow(n: u16) -> u8 {
    u8::try_from(n).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn epoch(text: &str) -> Result<u64, String> {
        Epoch::from_scalar(&Scalar::Text(text.to_owned())).map(|e| e.0)
    }

    #[test]
    fn calendar_times_count_from_1970() {
        // `date -d 2025-01-01T00:00:00Z +%s` says 1 735 689 600; 29 February 2024 is 19 782 days in.
        assert_eq!(epoch("1970-01-01T00:00:00Z"), Ok(0));
        assert_eq!(epoch("2025-01-01T00:00:00Z"), Ok(1_735_689_600_000_000_000));
        assert_eq!(
            epoch("2024-02-29T00:00:00.5Z"),
            Ok(19_782 * 86_400_000_000_000 + 500_000_000)
        );
        assert_eq!(epoch("1970-01-01T01:00:00+01:00"), Ok(0));
    }

    #[test]
    fn a_calendar_time_reads_back_what_it_prints() {
        for text in [
            "1970-01-01T00:00:00Z",
            "2024-02-29T23:59:59Z",
            "2499-12-31T12:30:01Z",
        ] {
            assert_eq!(Epoch(epoch(text).unwrap()).to_string(), text);
        }
    }

    #[test]
    fn a_time_without_zone_or_out_of_range_is_refused() {
        assert!(
            epoch("2025-01-01T00:00:00")
                .unwrap_err()
                .contains("time zone")
        );
        assert!(
            epoch("1969-12-31T23:59:59Z")
                .unwrap_err()
                .contains("out of range")
        );
        assert!(
            epoch("2500-01-01T00:00:00Z")
                .unwrap_err()
                .contains("out of range")
        );
        assert!(epoch("yesterday").is_err());
    }
}
