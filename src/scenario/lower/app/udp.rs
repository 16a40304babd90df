//! The keys of `udp`.

use super::{exclude, payload};
use crate::{
    osi::application::spec::{OnOff, UdpStream, interval_for_rate},
    scenario::{
        limits::{MAX_DATAGRAMS, MIN_STREAM_DATAGRAM},
        lower::ranges,
        schema::{TimesWord, Traffic},
        text::Findings,
    },
    units::Span,
};

/// How many datagrams of what size, and when; nothing with a size that is none.
pub(super) fn udp_stream(keys: &Traffic, findings: &mut Findings) -> Option<UdpStream> {
    for (key, place) in [
        ("count", keys.count.place()),
        ("duration", keys.duration.place()),
    ] {
        exclude((key, place), ("sizes", keys.sizes.place.clone()), findings);
    }
    exclude(
        ("rate", keys.rate.place()),
        ("interval", keys.interval.place()),
        findings,
    );
    exclude(
        ("count", keys.count.place()),
        ("duration", keys.duration.place()),
        findings,
    );
    let size = payload(&keys.size, MIN_STREAM_DATAGRAM, 160, findings)?;
    let rate = keys
        .rate
        .read(findings)
        .map(|rate| interval_for_rate(rate, size));
    let interval = ranges::positive_span(&keys.interval, "interval", findings).or(rate);
    let interval = interval.unwrap_or(Span::from_millis(20));
    let count = ranges::within(&keys.count, "count", 1..=MAX_DATAGRAMS, findings);
    let lasting = ranges::positive_span(&keys.duration, "duration", findings)
        .map(|duration| duration.as_nanos().div_ceil(interval.as_nanos().max(1)));
    if lasting.is_some_and(|n| n > MAX_DATAGRAMS) {
        findings.error(
            keys.duration.place(),
            format!(
                "this makes {} datagrams; at most {MAX_DATAGRAMS} are possible",
                lasting.unwrap_or(0)
            ),
        );
    }
    Some(UdpStream {
        port: ranges::port(&keys.port, 5004, findings),
        size,
        interval,
        count: count.or(lasting).unwrap_or(100),
        on_off: on_off(keys, interval, findings),
    })
}

/// The bursts of a stream, if it has any.
fn on_off(keys: &Traffic, interval: Span, findings: &mut Findings) -> Option<OnOff> {
    let table = &keys.on_off;
    table.place.as_ref()?;
    for (key, field) in [("on", &table.value.on), ("off", &table.value.off)] {
        if !field.is_given() {
            findings
                .missing(table.place.clone(), format!("`on_off` needs `{key}`"))
                .help("write something like `on_off = { on = \"100ms\", off = \"400ms\" }`");
        }
    }
    let on = ranges::positive_span(&table.value.on, "on", findings);
    let off = ranges::span(&table.value.off, "off", findings);
    let times = table.value.times.read(findings).unwrap_or_default();
    if on.is_some_and(|on| on.times(MOST_BURSTS) < interval) {
        let message = format!(
            "`on` is too short: at most {MOST_BURSTS} bursts may pass from one datagram to the \
             next, which come every {interval}"
        );
        findings.error(table.value.on.place(), message);
    }
    Some(OnOff {
        on: on?,
        off: off?,
        random: times == TimesWord::Exponential,
        duration: keys.duration.peek().copied(),
    })
}

/// How many bursts may lie between two datagrams; looking for the next one takes as many steps.
const MOST_BURSTS: u64 = 1000;
