//! Deadlines as the server reads them: the `grpc-timeout` of a request.

use tonic::metadata::MetadataMap;

use crate::units::Span;

/// How long the client gives the call, if it says so: at most eight digits and a unit. What is written
/// in any other way counts as unsaid.
pub(super) fn timeout(metadata: &MetadataMap) -> Option<Span> {
    parse(metadata.get("grpc-timeout")?.to_str().ok()?)
}

fn parse(text: &str) -> Option<Span> {
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    if digits.is_empty() || digits.len() > 8 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let number: u64 = digits.parse().ok()?;
    let nanos = match unit {
        "n" => 1,
        "u" => 1_000,
        "m" => 1_000_000,
        "S" => 1_000_000_000,
        "M" => 60_000_000_000,
        "H" => 3_600_000_000_000,
        _ => return None,
    };
    Some(Span::from_nanos(number.saturating_mul(nanos)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timeout_is_digits_and_a_unit() {
        assert_eq!(parse("50m"), Some(Span::from_millis(50)));
        assert_eq!(parse("99999999n"), Some(Span::from_nanos(99_999_999)));
        assert_eq!(parse("2S"), Some(Span::from_secs(2)));
        assert_eq!(parse("1M"), parse("60S"));
        assert_eq!(parse("1H"), parse("60M"));
        // The largest hour count is more nanoseconds than 64 bits hold.
        assert_eq!(parse("99999999H"), Some(Span::from_nanos(u64::MAX)));
    }

    #[test]
    fn anything_else_is_no_timeout() {
        for text in ["", "m", "5", "5x", "-5m", "123456789m", "5 m", "5µ", "+5m"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
