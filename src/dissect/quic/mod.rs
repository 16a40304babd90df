//! QUIC (RFC 9000): packets by kind and number, their frames by name, with the secrets of the connection
//! also those that are protected (RFC 9001); the messages of TLS in it; and above it the frames and
//! header fields of HTTP/3 (RFC 9114, RFC 9204).
//!
//! Decrypted bytes stand where their encrypted ones do: the ciphers keep every byte's place. A
//! connection is known by its connection IDs, so it goes on from another address. Bounded:
//! [`MOST_CONNECTIONS`] connections are remembered. Not here: other versions than 1 and the last drafts,
//! the dynamic table of QPACK, connections without connection IDs.

mod connection;
mod cursor;
mod frames;
mod header;
mod http3;
mod keys;
mod qpack;
#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, ops::Range};

use self::{
    connection::{Connection, Told},
    frames::{Content, hex},
    header::{Kind as Packet, Long, MOST_ID, is_long, version_name},
};
use super::{
    build::{Fields, Kind, bytes as count},
    tls::Secrets,
    tree::Layer,
};
use crate::wire::OsiLayer;

const QUIC: Kind = Kind {
    osi: OsiLayer::Presentation,
    protocol: "quic",
    title: "QUIC",
};

const HTTP3: Kind = Kind {
    osi: OsiLayer::Application,
    protocol: "http3",
    title: "Hypertext Transfer Protocol 3",
};

/// Follows the connections of QUIC.
#[derive(Debug, Default)]
pub(super) struct Quic {
    secrets: Secrets,
    connections: Vec<Connection>,
    /// Whom a connection ID means: the connection, and whether the client is the one who sends to it.
    ids: BTreeMap<Vec<u8>, (usize, bool)>,
}

/// A packet of a datagram, and whose it is.
struct Place {
    connection: usize,
    of_client: bool,
}

impl Quic {
    /// Adds secrets of TLS connections.
    pub(super) fn add_secrets(&mut self, key_log: &str) {
        self.secrets.add(key_log);
    }

    /// The layers of a datagram that stands at `start` in the frame. `None` if it is no QUIC.
    pub(super) fn layers(&mut self, datagram: &[u8], start: usize) -> Option<Vec<Layer>> {
        let mut layers = Vec::new();
        let mut at = 0;
        while at < datagram.len() {
            let packet = &datagram[at..];
            let Some(size) = self.packet(packet, start + at, &mut layers) else {
                break;
            };
            at += size.clamp(1, packet.len());
        }
        (!layers.is_empty()).then_some(layers)
    }

    /// The packet at the front of `bytes`; how long it is.
    fn packet(&mut self, bytes: &[u8], start: usize, layers: &mut Vec<Layer>) -> Option<usize> {
        if !is_long(*bytes.first()?) {
            self.short(bytes, start, layers)?;
            return Some(bytes.len());
        }
        let long = Long::read(bytes)?;
        match long.kind {
            Packet::VersionNegotiation => {
                // The client's ID is known if its Initial packet was seen.
                self.ids.get(long.destination)?;
                layers.push(negotiation(&long, start));
            }
            Packet::Retry => {
                let place = self.find(&long)?;
                self.learn(long.source, place.connection, true);
                self.connections[place.connection].begin_again();
                layers.push(front(&long, start, bytes.len()));
            }
            _ => self.protected(&long, bytes, start, layers)?,
        }
        Some(long.end)
    }

    /// Whose packet it is; an Initial packet that nobody knows begins a connection.
    fn find(&mut self, long: &Long<'_>) -> Option<Place> {
        if let Some(&(connection, of_client)) = self.ids.get(long.destination) {
            return Some(Place {
                connection,
                of_client,
            });
        }
        let begins = long.kind == Packet::Initial && long.fixed && long.destination.len() >= 8;
        if !begins || self.connections.len() >= MOST_CONNECTIONS {
            return None;
        }
        self.connections.push(Connection::default());
        let connection = self.connections.len() - 1;
        self.learn(long.destination, connection, true);
        Some(Place {
            connection,
            of_client: true,
        })
    }

    fn learn(&mut self, id: &[u8], connection: usize, for_client: bool) {
        if !id.is_empty() && self.ids.len() < MOST_CONNECTIONS * 16 {
            self.ids.insert(id.to_vec(), (connection, for_client));
        }
    }

    fn protected(
        &mut self,
        long: &Long<'_>,
        bytes: &[u8],
        start: usize,
        layers: &mut Vec<Layer>,
    ) -> Option<()> {
        let place = self.find(long)?;
        let packet = &bytes[..long.end];
        if long.kind == Packet::Initial && place.of_client {
            self.connections[place.connection].begin(long);
        }
        // Whoever sends to this ID is the other side.
        self.learn(long.source, place.connection, !place.of_client);
        let mut layer = front(long, start, packet.len());
        let told = self.open(&place, (long.kind, packet), long.number_at);
        fill(&mut layer, told, start, layers);
        Some(())
    }

    fn short(&mut self, bytes: &[u8], start: usize, layers: &mut Vec<Layer>) -> Option<()> {
        let id = |len: usize| bytes.get(1..=len);
        let known = (1..=MOST_ID).rev().find_map(|len| {
            let found = self.ids.get(id(len)?)?;
            Some((len, *found))
        });
        let (len, (connection, of_client)) = known?;
        let place = Place {
            connection,
            of_client,
        };
        let mut fields = Fields::at(start);
        fields.add("header_form", "Header form", 0..1, "short").add(
            "dcid",
            "Destination connection ID",
            1..1 + len,
            hex(id(len)?),
        );
        let summary = format!(
            "{}, protected, {}",
            Packet::OneRtt.name(),
            count(bytes.len())
        );
        let mut layer = QUIC.layer(summary, start..start + bytes.len(), fields);
        let told = self.open(&place, (Packet::OneRtt, bytes), 1 + len);
        fill(&mut layer, told, start, layers);
        Some(())
    }

    fn open(
        &mut self,
        place: &Place,
        (kind, packet): (Packet, &[u8]),
        number_at: usize,
    ) -> Option<(Packet, Told)> {
        let connection = &mut self.connections[place.connection];
        let told = connection.read((kind, place.of_client), packet, number_at, &self.secrets)?;
        for id in &told.ids {
            self.learn(id, place.connection, !place.of_client);
        }
        Some((kind, told))
    }
}

/// The layer of a packet with a long header, as far as it is not protected.
fn front(long: &Long<'_>, start: usize, size: usize) -> Layer {
    let (destination, source) = (long.destination.len(), long.source.len());
    let name = long.kind.name();
    let mut fields = Fields::at(start);
    fields
        .add("header_form", "Header form", 0..1, "long")
        .add("packet_type", "Packet type", 0..1, name)
        .add("version", "Version", 1..5, version_name(long.version))
        .add(
            "dcid",
            "Destination connection ID",
            6..6 + destination,
            hex(long.destination),
        );
    let at = 7 + destination;
    fields.add(
        "scid",
        "Source connection ID",
        at..at + source,
        hex(long.source),
    );
    if !long.token.is_empty() {
        let end = at + source;
        fields.add("token", "Token", end..end + 1, count(long.token.len()));
    }
    let summary = match long.kind {
        Packet::Retry => name.to_owned(),
        _ => format!("{name}, protected, {}", count(size)),
    };
    QUIC.layer(summary, start..start + size, fields)
}

fn negotiation(long: &Long<'_>, start: usize) -> Layer {
    let mut layer = front(long, start, long.end);
    let versions: Vec<String> = long.versions.iter().map(|v| version_name(*v)).collect();
    let from = start + (7 + long.destination.len() + long.source.len()).min(long.end);
    let mut fields = Fields::at(from);
    for (at, version) in (0..).step_by(4).zip(&versions) {
        fields.add(
            "supported_version",
            "Supported version",
            at..at + 4,
            version,
        );
    }
    layer
        .fields
        .extend(QUIC.layer(String::new(), 0..0, fields).fields);
    layer.summary = format!("{}: {}", long.kind.name(), versions.join(", "));
    layer
}

/// Adds what was found in a packet to its layer, and the layers above it.
fn fill(layer: &mut Layer, told: Option<(Packet, Told)>, start: usize, layers: &mut Vec<Layer>) {
    let Some((kind, told)) = told else {
        return layers.push(layer.clone());
    };
    let text_at = start + told.opened.header;
    let place = |range: &Range<usize>| text_at + range.start..text_at + range.end;
    let length = usize::from(told.opened.first & 3) + 1;
    let mut fields = Fields::at(0);
    fields.add(
        "packet_number",
        "Packet number",
        text_at - length..text_at,
        told.opened.number,
    );
    for message in &told.messages {
        let crypto = told
            .frames
            .iter()
            .rev()
            .find(|f| matches!(f.content, Content::Crypto(..)));
        let range = crypto.map_or(text_at..text_at, |frame| place(&frame.range));
        for (name, label, value) in &message.fields {
            fields.add(name, label, range.clone(), value);
        }
    }
    for frame in &told.frames {
        let value = format!("{} {}", frame.name, frame.detail);
        fields.add("frame", "Frame", place(&frame.range), value.trim_end());
    }
    layer
        .fields
        .extend(QUIC.layer(String::new(), 0..0, fields).fields);
    layer.summary = summary(kind, &told);
    let above: Vec<Layer> = told
        .pieces
        .iter()
        .map(|(at, piece)| {
            let start = text_at + at + piece.range.start;
            let range = start..start + piece.range.len();
            let mut fields = Fields::at(range.start);
            for (name, value) in &piece.headers {
                fields.add(
                    "header",
                    "Header field",
                    0..range.len(),
                    format!("{name}: {value}"),
                );
            }
            HTTP3.layer(piece.summary.clone(), range, fields)
        })
        .collect();
    if let Some(first) = above.first() {
        layer.range.end = first.range.start;
    }
    layers.push(layer.clone());
    layers.extend(above);
}

/// "Initial 0: CRYPTO (ClientHello SNI=bob ALPN=h3), PADDING".
fn summary(kind: Packet, told: &Told) -> String {
    let mut messages: Vec<String> = told
        .messages
        .iter()
        .map(|message| match &message.detail {
            Some(detail) => format!("{} {detail}", message.name),
            None => message.name.to_owned(),
        })
        .collect();
    let names: Vec<String> = told
        .frames
        .iter()
        .map(|frame| match &frame.content {
            Content::Crypto(..) if !messages.is_empty() => {
                format!("CRYPTO ({})", std::mem::take(&mut messages).join(", "))
            }
            Content::Stream(..) => format!("{} {}", frame.name, frame.detail),
            _ if frame.name == "ACK" || frame.name == "CONNECTION_CLOSE" => {
                format!("{} {}", frame.name, frame.detail)
            }
            _ => frame.name.clone(),
        })
        .collect();
    format!(
        "{} {}: {}",
        kind.name(),
        told.opened.number,
        runs(names).join(", ")
    )
}

/// Frames of one name behind each other, counted: "NEW_CONNECTION_ID x 4".
fn runs(names: Vec<String>) -> Vec<String> {
    let mut told: Vec<(String, usize)> = Vec::new();
    for name in names {
        match told.last_mut().filter(|(last, _)| *last == name) {
            Some((_, times)) => *times += 1,
            None => told.push((name, 1)),
        }
    }
    let word = |(name, times): (String, usize)| match times {
        1 => name,
        _ => format!("{name} x {times}"),
    };
    told.into_iter().map(word).collect()
}

/// How many connections are remembered.
const MOST_CONNECTIONS: usize = 4096;
