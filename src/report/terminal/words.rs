//! Numbers as people read them: three or four digits and a unit.

/// A length of time: `812 µs`, `62.3 ms`, `1.24 s`.
pub(super) fn span(ns: u64) -> String {
    match ns {
        0 => "0 s".to_owned(),
        1..1_000 => format!("{ns} ns"),
        1_000..1_000_000 => scaled(ns, 1_000, "µs"),
        1_000_000..1_000_000_000 => scaled(ns, 1_000_000, "ms"),
        _ => scaled(ns, 1_000_000_000, "s"),
    }
}

/// The same, or a dash.
pub(super) fn maybe_span(ns: Option<u64>) -> String {
    ns.map_or_else(dash, span)
}

/// An amount of data: `812 B`, `64.0 KiB`.
pub(super) fn bytes(n: u64) -> String {
    match n {
        0..1_024 => format!("{n} B"),
        1_024..0x10_0000 => scaled(n, 1 << 10, "KiB"),
        0x10_0000..0x4000_0000 => scaled(n, 1 << 20, "MiB"),
        _ => scaled(n, 1 << 30, "GiB"),
    }
}

/// A bit rate: `9.41 Mbit/s`.
pub(super) fn rate(bits_per_second: u64) -> String {
    match bits_per_second {
        0..1_000 => format!("{bits_per_second} bit/s"),
        1_000..1_000_000 => scaled(bits_per_second, 1_000, "kbit/s"),
        1_000_000..1_000_000_000 => scaled(bits_per_second, 1_000_000, "Mbit/s"),
        _ => scaled(bits_per_second, 1_000_000_000, "Gbit/s"),
    }
}

/// A count, with commas from 10,000 on.
pub(super) fn count(n: u64) -> String {
    let digits = n.to_string();
    if digits.len() < 5 {
        return digits;
    }
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A percentage with one decimal.
pub(super) fn percent(value: f64) -> String {
    format!("{value:.1}%")
}

/// Stands where there is no value.
pub(super) fn dash() -> String {
    "-".to_owned()
}

/// At most `most` characters, the last an ellipsis if something was cut.
pub(super) fn shorten(text: &str, most: usize) -> String {
    let line = text.replace('\n', " ");
    if line.chars().count() <= most {
        return line;
    }
    let kept: String = line.chars().take(most.saturating_sub(1)).collect();
    kept.trim_end().to_owned() + "…"
}

/// `value / scale` with three significant digits before the unit.
fn scaled(value: u64, scale: u64, unit: &str) -> String {
    let decimals = match value / scale {
        0..10 => 2,
        10..100 => 1,
        _ => 0,
    };
    let ten = 10u128.pow(decimals);
    let rounded = (u128::from(value) * ten + u128::from(scale) / 2) / u128::from(scale);
    let (whole, rest) = (rounded / ten, rounded % ten);
    if decimals == 0 {
        return format!("{whole} {unit}");
    }
    format!("{whole}.{rest:0width$} {unit}", width = decimals as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_three_digits_and_the_nearest_unit() {
        for (ns, text) in [
            (0, "0 s"),
            (950, "950 ns"),
            (1_234_567, "1.23 ms"),
            (62_340_000, "62.3 ms"),
            (812_000_000, "812 ms"),
            (1_004_999_999, "1.00 s"),
            (3_600_000_000_000, "3600 s"),
        ] {
            assert_eq!(span(ns), text);
        }
    }

    #[test]
    fn sizes_are_binary_and_rates_decimal() {
        assert_eq!(bytes(65_536), "64.0 KiB");
        assert_eq!(bytes(1_000), "1000 B");
        assert_eq!(rate(9_412_345), "9.41 Mbit/s");
    }

    #[test]
    fn long_counts_get_commas() {
        assert_eq!(count(9_999), "9999");
        assert_eq!(count(12_345), "12,345");
        assert_eq!(count(u64::MAX), "18,446,744,073,709,551,615");
    }

    #[test]
    fn shortened_text_fits_and_says_that_it_is_cut() {
        assert_eq!(shorten("/api/users/123", 20), "/api/users/123");
        assert_eq!(shorten("/api/users/123", 8), "/api/us…");
        assert_eq!(shorten("ärger", 3), "är…");
    }
}
