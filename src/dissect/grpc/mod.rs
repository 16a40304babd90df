//! Floors 6 and 7: the messages of gRPC in the streams of HTTP/2, and the Protobuf in them.
//!
//! A message has five bytes before it: whether it is compressed, and its length. It shows in the frame
//! that holds its end. For the user service of netsim messages and fields have their names, for others
//! fields have their numbers. Bounded: a message of more than [`MAX_MESSAGE`] bytes is passed over. Not
//! here: compressed messages are not opened.

mod protobuf;
mod schema;

use std::ops::Range;

use self::protobuf::Record;
use super::{
    build::{Fields, Kind, bytes as count},
    tree::Layer,
};
use crate::wire::OsiLayer;

const GRPC: Kind = Kind {
    osi: OsiLayer::Application,
    protocol: "grpc",
    title: "Remote procedure call",
};

const PROTOBUF: Kind = Kind {
    osi: OsiLayer::Presentation,
    protocol: "protobuf",
    title: "Protocol Buffers",
};

/// The flag and the length before a message.
const PREFIX: usize = 5;
/// The longest message that is read \[bytes\].
const MAX_MESSAGE: usize = 64 << 10;

/// A message that ended in the bytes that were fed last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Message {
    /// Where its end stands in those bytes.
    end: usize,
    compressed: bool,
    length: usize,
    /// Its name in the `.proto`, if that is known.
    name: Option<&'static str>,
    /// Its fields; `None` if they could not be read.
    records: Option<Vec<Record>>,
}

/// Follows the messages of one direction of a stream.
#[derive(Debug, Default)]
pub(super) struct Messages {
    /// The beginning of the message whose end has not come.
    kept: Vec<u8>,
    /// How many bytes of a long message are still to be passed over.
    skip: usize,
}

impl Messages {
    /// How many bytes it keeps.
    pub(super) fn held(&self) -> usize {
        self.kept.capacity()
    }

    /// The messages that end in `bytes`, the next ones of a call of `path` in this direction.
    pub(super) fn feed(&mut self, mut bytes: &[u8], path: &str, of_client: bool) -> Vec<Message> {
        let (whole, name) = (bytes.len(), schema::message(path, of_client));
        let mut found = Vec::new();
        while !bytes.is_empty() {
            let wanted = match (self.skip, self.length()) {
                (0, None) => PREFIX - self.kept.len(),
                (0, Some(length)) => PREFIX + length - self.kept.len(),
                (skip, _) => skip,
            };
            let (now, rest) = bytes.split_at(wanted.min(bytes.len()));
            bytes = rest;
            if self.skip > 0 {
                self.skip -= now.len();
                continue;
            }
            self.kept.extend(now);
            match self.length() {
                Some(length) if length > MAX_MESSAGE => {
                    self.skip = length;
                    self.kept.clear();
                }
                Some(length) if self.kept.len() == PREFIX + length => {
                    let message = std::mem::take(&mut self.kept);
                    let end = whole - bytes.len();
                    found.push(Message::read(&message, end, name));
                }
                _ => {}
            }
        }
        found
    }

    /// The length of the message that has begun, if its prefix is here.
    fn length(&self) -> Option<usize> {
        let prefix = self.kept.first_chunk::<PREFIX>()?;
        let length = u32::from_be_bytes([prefix[1], prefix[2], prefix[3], prefix[4]]);
        usize::try_from(length).ok()
    }
}

impl Message {
    fn read(message: &[u8], end: usize, name: Option<&'static str>) -> Self {
        let (prefix, body) = message.split_at(PREFIX.min(message.len()));
        let compressed = prefix.first().is_some_and(|flag| *flag != 0);
        Self {
            end,
            compressed,
            length: body.len(),
            name,
            records: (!compressed).then(|| protobuf::read(body)).flatten(),
        }
    }

    /// "User id=27 name=John Doe ..."
    fn summary(&self) -> String {
        let name = self.name.unwrap_or("message");
        let Some(records) = &self.records else {
            let state = if self.compressed {
                "compressed"
            } else {
                "not read"
            };
            return format!("{name}, {} ({state})", count(self.length));
        };
        let mut text = name.to_owned();
        for record in records.iter().take(SHOWN) {
            text += &format!(" {}={}", self.label(record).1, record.value);
        }
        if records.len() > SHOWN {
            text += " ...";
        }
        text
    }

    /// What a field is called: for the tree, and in a line.
    fn label(&self, record: &Record) -> (&'static str, String) {
        match self
            .name
            .and_then(|name| schema::field(name, record.number))
        {
            Some(name) => (name, name.to_owned()),
            None => ("Field", record.number.to_string()),
        }
    }
}

/// How many fields a line shows.
const SHOWN: usize = 2;

/// The layers of a message: its prefix, and the Protobuf behind. `place` says where in the frame the
/// bytes that were fed stand. What stood in earlier ones, before 0, has no place in this frame.
pub(super) fn layers(
    message: &Message,
    place: &impl Fn(Range<isize>) -> Range<usize>,
) -> [Layer; 2] {
    let end = message.end.cast_signed();
    let start = end - message.length.cast_signed();
    let prefix = place(start - PREFIX.cast_signed()..start);
    let text = place(start..end);
    let mut fields = Fields::at(prefix.start);
    if prefix.len() == PREFIX {
        let compressed = if message.compressed { "yes" } else { "no" };
        fields
            .add("compressed_flag", "Compressed", 0..1, compressed)
            .add("message_length", "Length", 1..PREFIX, message.length);
    }
    let call = GRPC.layer(format!("gRPC {}", message.summary()), prefix, fields);
    let mut fields = Fields::at(0);
    for record in message.records.iter().flatten() {
        let (label, line) = message.label(record);
        let value = match label {
            "Field" => format!("{line}: {}", record.value),
            _ => record.value.clone(),
        };
        let (from, to) = (
            record.range.start.cast_signed(),
            record.range.end.cast_signed(),
        );
        fields.add("field", label, place(start + from..start + to), value);
    }
    let name = message.name.unwrap_or("message");
    let summary = format!("{name}, {}", count(message.length));
    [call, PROTOBUF.layer(summary, text, fields)]
}

#[cfg(test)]
mod tests;
