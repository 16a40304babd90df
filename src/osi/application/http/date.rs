//! The `Date` header: IMF-fixdate of RFC 9110, section 5.6.7, from virtual time.
//!
//! Not here: time zones (the format is always GMT) and leap seconds (Unix time has none).

use crate::units::SimTime;

/// The calendar time of `now` in a run whose time zero is `epoch` \[ns since 1970-01-01 UTC\]:
/// `Sun, 06 Nov 1994 08:49:37 GMT`.
#[allow(
    clippy::cast_possible_truncation,
    reason = "a weekday is below 7, a month at most 12"
)]
pub(in crate::osi::application) fn http_date(epoch: u64, now: SimTime) -> String {
    let seconds = epoch.saturating_add(now.as_nanos()) / 1_000_000_000;
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    let (year, month, day) = civil(days);
    format!(
        "{}, {day:02} {} {year:04} {:02}:{:02}:{:02} GMT",
        WEEKDAYS[(days % 7) as usize],
        MONTHS[month as usize - 1],
        second / 3600,
        second / 60 % 60,
        second % 60
    )
}

/// Year, month (1 to 12) and day of month of a day counted from 1970-01-01.
///
/// Counts in eras of 400 years (146 097 days) from 0000-03-01, so that the leap day ends a year.
const fn civil(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 {
        march_month + 3
    } else {
        march_month - 9
    };
    let year = era * 400 + year_of_era + (month <= 2) as u64;
    (year, month, day)
}

/// From the weekday of 1970-01-01 on.
const WEEKDAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000_000;

    #[test]
    fn the_example_of_the_rfc_comes_out() {
        // RFC 9110, section 5.6.7; `date -d "1994-11-06 08:49:37 UTC" +%s` is 784111777.
        let date = http_date(784_111_777 * SECOND, SimTime::ZERO);
        assert_eq!(date, "Sun, 06 Nov 1994 08:49:37 GMT");
    }

    #[test]
    fn leap_days_and_ends_of_years_are_right() {
        // `date -d @N -u` for each.
        for (seconds, date) in [
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
            (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
            (1_709_251_199, "Thu, 29 Feb 2024 23:59:59 GMT"),
            (1_735_689_599, "Tue, 31 Dec 2024 23:59:59 GMT"),
            (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"),
        ] {
            assert_eq!(http_date(seconds * SECOND, SimTime::ZERO), date);
        }
    }

    #[test]
    fn virtual_time_is_added_to_the_epoch() {
        // 2025-01-01 and 90.9 s: the fraction is cut off.
        let now = SimTime::from_nanos(90_900_000_000);
        let date = http_date(1_735_689_600 * SECOND, now);
        assert_eq!(date, "Wed, 01 Jan 2025 00:01:30 GMT");
    }
}
