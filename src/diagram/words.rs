//! Quantities in words, as pictures show them.

use crate::units::Span;

/// A length of time for people, rounded: at most one decimal and a unit, `1.2 s`.
pub(super) fn rounded_span(span: Span) -> String {
    let ns = span.as_nanos();
    let (unit, scale) = match ns {
        0..1_000 => return format!("{ns} ns"),
        1_000..1_000_000 => ("µs", 1_000),
        1_000_000..1_000_000_000 => ("ms", 1_000_000),
        _ => ("s", 1_000_000_000),
    };
    let tenths = (u128::from(ns) * 10 + scale / 2) / scale;
    if tenths.is_multiple_of(10) {
        format!("{} {unit}", tenths / 10)
    } else {
        format!("{}.{} {unit}", tenths / 10, tenths % 10)
    }
}

/// A length of time as a file states it: `20 ms`, `1.25 µs`.
pub(super) fn exact_span(span: Span) -> String {
    let text = span.to_string();
    let split = text.find(|c: char| c.is_ascii_alphabetic());
    let (number, unit) = text.split_at(split.unwrap_or(text.len()));
    format!("{number} {}", unit.replace("us", "µs"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounded_times_are_short_and_have_a_unit() {
        assert_eq!(rounded_span(Span::from_nanos(7)), "7 ns");
        assert_eq!(rounded_span(Span::from_micros(1250)), "1.3 ms");
        assert_eq!(rounded_span(Span::from_millis(1200)), "1.2 s");
        assert_eq!(rounded_span(Span::from_secs(3)), "3 s");
    }

    #[test]
    fn exact_times_keep_their_decimals() {
        assert_eq!(exact_span(Span::from_millis(20)), "20 ms");
        assert_eq!(exact_span(Span::from_nanos(1250)), "1.25 µs");
    }
}
