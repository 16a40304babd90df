//! Values inside their range.

use std::{fmt::Display, ops::RangeInclusive};

use crate::{
    scenario::{limits::MAX_SPAN, schema::Field, text::Findings},
    units::Span,
};

/// The value of `field`, called `key`, if it is there and in `range`.
pub(super) fn within<T: Clone + PartialOrd + Display>(
    field: &Field<T>,
    key: &str,
    range: RangeInclusive<T>,
    findings: &mut Findings,
) -> Option<T> {
    let value = field.read(findings)?;
    if range.contains(&value) {
        return Some(value);
    }
    let (least, most) = (range.start(), range.end());
    findings.error(
        field.place(),
        format!("`{key}` is {value}, but must be from {least} to {most}"),
    );
    None
}

/// A time that may be zero.
pub(super) fn span(field: &Field<Span>, key: &str, findings: &mut Findings) -> Option<Span> {
    within(field, key, Span::ZERO..=MAX_SPAN, findings)
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
