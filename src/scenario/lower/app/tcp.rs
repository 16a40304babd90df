//! The keys of `tcp`.

use super::exclude;
use crate::{
    osi::application::spec::{Amount, TcpTransfer},
    scenario::{
        limits::MAX_TRANSFER,
        lower::{ranges, tls},
        schema::{Table, Traffic},
        text::{Findings, Place},
    },
    units::ByteSize,
};

/// How much is transferred; nothing if that is not said.
pub(super) fn tcp_transfer(table: &Table<Traffic>, findings: &mut Findings) -> Option<TcpTransfer> {
    let keys = &table.value;
    let most = ByteSize::new(1)..=MAX_TRANSFER;
    let bytes = ranges::size(&keys.bytes, "bytes", most, findings).map(Amount::Bytes);
    let lasting = ranges::positive_span(&keys.duration, "duration", findings).map(Amount::Duration);
    let text = keys.text.read(findings).map(Amount::Text);
    let only = keys.handshake_only.read(findings);
    let nothing = only.filter(|yes| *yes).map(|_| Amount::HandshakeOnly);
    // Every flow puts a size of its own in its place.
    let sizes = keys.sizes.place.clone();
    let drawn = sizes.as_ref().map(|_| Amount::Bytes(ByteSize::new(1)));
    let given: Vec<(&str, Option<Place>)> = [
        ("bytes", keys.bytes.place()),
        ("duration", keys.duration.place()),
        ("text", keys.text.place()),
        (
            "handshake_only",
            keys.handshake_only.place().filter(|_| only != Some(false)),
        ),
        ("sizes", sizes),
    ]
    .into_iter()
    .filter(|(_, place)| place.is_some())
    .collect();
    match given.as_slice() {
        [] => {
            findings
                .missing(table.place.clone(), "this TCP traffic does not say how much to transfer")
                .help("write one of `bytes = \"1 MiB\"`, `duration = \"5s\"`, `text = \"hello\"`, `handshake_only = true`");
        }
        [first, second, ..] => exclude(first.clone(), second.clone(), findings),
        [_] => {}
    }
    Some(TcpTransfer {
        port: ranges::port(&keys.port, 5001, findings),
        amount: bytes.or(lasting).or(text).or(nothing).or(drawn)?,
        flow: keys.direction.read(findings).unwrap_or_default(),
        tls: tls::client(&keys.tls, None, findings),
    })
}
