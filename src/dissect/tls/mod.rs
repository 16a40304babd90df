//! Floor 6: TLS 1.2 and 1.3 (RFC 5246, RFC 8446). Records, handshake messages and alerts by name;
//! with the secrets of the connection also what is in protected records.
//!
//! A record shows in the frame that holds its end. Decrypted bytes stand where their encrypted ones
//! do: the ciphers keep every byte's place. Not here: key updates, suites without AEAD, DTLS.

mod handshake;
mod keys;
mod names;
mod records;
mod secrets;

pub(super) use self::{
    handshake::{Message, Session, read_message},
    keys::{Suite, expand_label, expand_prk},
    records::{Record, Records, looks_like_record, starts_tls},
    secrets::Secrets,
};

use std::ops::Range;

use self::records::{ALERT, CHANGE_CIPHER_SPEC, Content, DATA, HANDSHAKE};
use super::{
    build::{Fields, Kind, bytes as count},
    speech,
    tree::Layer,
};
use crate::wire::OsiLayer;

const TLS: Kind = Kind {
    osi: OsiLayer::Presentation,
    protocol: "tls",
    title: "Transport Layer Security",
};

/// The layers that `records` of a payload make, which stands at `start` in the frame, and the
/// places in the frame of what is no TLS.
pub(super) fn layers(
    size: usize,
    start: usize,
    records: &[Record],
) -> (Vec<Layer>, Vec<Range<usize>>) {
    let (mut layers, mut foreign) = (Vec::new(), Vec::new());
    let frame = start..start + size;
    for record in records {
        let place = start + record.range.start..start + record.range.end;
        match &record.content {
            Content::Foreign => foreign.push(place),
            Content::Data(text, at, pieces) => {
                let offset = start.cast_signed() + at;
                let front = place.start..to_index(offset).clamp(place.start, place.end);
                layers.push(layer(record, front, start));
                let inner = speech::layers_inside(text, pieces);
                layers.extend(inner.into_iter().map(|l| moved(l, offset, &frame)));
            }
            _ => layers.push(layer(record, place, start)),
        }
    }
    (layers, foreign)
}

/// A segment that came out of its turn, of a stream that speaks TLS.
pub(super) fn out_of_turn(payload: &[u8], start: usize, why: &str) -> Layer {
    let summary = format!("TLS, {} ({why})", count(payload.len()));
    TLS.layer(summary, start..start + payload.len(), Fields::at(start))
}

/// A layer of the decrypted bytes, put where the encrypted ones stand.
fn moved(mut layer: Layer, offset: isize, frame: &Range<usize>) -> Layer {
    let put = |range: &mut Range<usize>| {
        let place = |at: usize| to_index(at.cast_signed() + offset).clamp(frame.start, frame.end);
        *range = place(range.start)..place(range.end);
    };
    put(&mut layer.range);
    layer.fields.iter_mut().for_each(|f| put(&mut f.range));
    layer
}

fn to_index(at: isize) -> usize {
    usize::try_from(at).unwrap_or(0)
}

/// The layer of one record, which takes `range` of the frame.
fn layer(record: &Record, range: Range<usize>, start: usize) -> Layer {
    let from = start + record.range.start;
    let mut fields = Fields::at(from);
    if let Some([kind, major, minor, high, low]) = record.header {
        let version = u16::from_be_bytes([major, minor]);
        let length = u16::from_be_bytes([high, low]);
        fields
            .add(
                "record.content_type",
                "Record type",
                0..1,
                names::record(kind),
            )
            .add(
                "record.version",
                "Record version",
                1..3,
                names::version(version),
            )
            .add("record.length", "Record length", 3..5, length);
    }
    let body = record.header.map_or(0, |_| 5)..record.range.len();
    if let Content::Handshake(messages) = &record.content {
        for (name, label, value) in messages.iter().flat_map(|m| &m.fields) {
            fields.add(name, label, body.clone(), value);
        }
    }
    if let Content::Alert(level, description) = record.content {
        let level = if level == 2 { "fatal" } else { "warning" };
        fields
            .add("alert_message.level", "Level", body.clone(), level)
            .add(
                "alert_message.desc",
                "Alert",
                body,
                names::alert(description),
            );
    }
    TLS.layer(summary(record), range, fields)
}

/// "ClientHello SNI=bob ALPN=http/1.1", "EncryptedExtensions, Certificate CN=bob, Finished".
fn summary(record: &Record) -> String {
    match &record.content {
        Content::Part => "TLS record, a part".to_owned(),
        Content::Foreign => "no TLS".to_owned(),
        Content::ChangeCipherSpec => names::record(CHANGE_CIPHER_SPEC).to_owned(),
        Content::Alert(_, description) => format!("Alert {}", names::alert(*description)),
        Content::Data(text, ..) => format!("{}, {}", names::record(DATA), count(text.len())),
        Content::Sealed(HANDSHAKE) => "encrypted handshake message".to_owned(),
        Content::Sealed(ALERT) => "encrypted alert".to_owned(),
        Content::Sealed(_) => format!("encrypted data, {}", count(record.range.len())),
        Content::Handshake(messages) if messages.is_empty() => {
            "handshake message, a part".to_owned()
        }
        Content::Handshake(messages) => {
            let told = messages.iter().map(|message| match &message.detail {
                Some(detail) => format!("{} {detail}", message.name),
                None => message.name.to_owned(),
            });
            told.collect::<Vec<_>>().join(", ")
        }
    }
}

#[cfg(test)]
mod tests;
