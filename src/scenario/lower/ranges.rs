//! Values inside their range.

use std::{fmt::Display, ops::RangeInclusive};

use crate::{
    scenario::{limits::MAX_SPAN, schema::Field, text::Findings},
    units::{ByteSize, Span},
};

/// The value of `field`, called `key`, if it is there and in `range`.
pub(super) fn within<T: Clone + PartialOrd + Display>(
    field: &Field<T>,
    key: &str,
    range: RangeInclusive<T>,
    findings: &mut Findings,
) -> Option<T> {
    checked(field, key, range, ToString::to_string, findings)
}

/// A size in `range`.
pub(super) fn size(
    field: &Field<ByteSize>,
    key: &str,
    range: RangeInclusive<ByteSize>,
    findings: &mut Findings,
) -> Option<ByteSize> {
    // A size that is no whole number of KiB is clearer in bytes.
    let show = |size: &ByteSize| match size.bytes() {
        n if n % 1024 != 0 => format!("{n} B"),
        _ => size.to_string(),
    };
    checked(field, key, range, show, findings)
}

/// A time that may be zero.
pub(super) fn span(field: &Field<Span>, key: &str, findings: &mut Findings) -> Option<Span> {
    let show = |span: &Span| match *span {
        MAX_SPAN => "366 days".to_owned(),
        span => span.to_string(),
    };
    checked(field, key, Span::ZERO..=MAX_SPAN, show, findings)
}

fn checked<T: Clone + PartialOrd>(
    field: &Field<T>,
    key: &str,
    range: RangeInclusive<T>,
    show: impl Fn(&T) -> String,
    findings: &mut Findings,
) -> Option<T> {
    let value = field.read(findings)?;
    if range.contains(&value) {
        return Some(value);
    }
    let [value, least, most] = [&value, range.start(), range.end()].map(show);
    findings.error(
        field.place(),
        format!("`{key}` is {value}, but must be from {least} to {most}"),
    );
    None
}

/// A time that may not be zero.
pub(super) fn positive_span(
    field: &Field<Span>,
    key: &str,
    findings: &mut Findings,
) -> Option<Span> {
    let value = span(field, key, findings)?;
    if value == Span::ZERO {
        findings.error(field.place(), format!("`{key}` must be longer than zero"));
        return None;
    }
    Some(value)
}

/// A port number.
pub(super) fn port(field: &Field<u16>, usual: u16, findings: &mut Findings) -> u16 {
    within(field, "port", 1..=u16::MAX, findings).unwrap_or(usual)
}
