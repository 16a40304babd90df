//! The frames of a packet (RFC 9000, section 19), by name.

use std::ops::Range;

use super::cursor::Cursor;
use crate::dissect::build::bytes as count;

/// A frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Frame {
    /// "STREAM[0]", "ACK", "PATH_CHALLENGE".
    pub(super) name: String,
    /// What more there is to say: "offset 0, 43 bytes, end".
    pub(super) detail: String,
    /// Where it stands in the packet's text.
    pub(super) range: Range<usize>,
    pub(super) content: Content,
}

/// What other readers want of a frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Content {
    Nothing,
    /// Bytes of the handshake: their offset and their place.
    Crypto(u64, Range<usize>),
    /// Bytes of a stream: its number, their offset and their place.
    Stream(u64, u64, Range<usize>),
    /// A connection ID for the sender.
    NewId(Vec<u8>),
}

/// All frames of `text`; the last one is strange if the reading ended early. A row of PADDING is one.
pub(super) fn read(text: &[u8]) -> Vec<Frame> {
    let mut bytes = Cursor::new(text);
    let mut frames = Vec::new();
    while !bytes.is_empty() {
        let start = bytes.at();
        let read = one(&mut bytes, text);
        let known = read.is_some();
        let (name, detail, content) = read.unwrap_or_else(|| {
            (
                "frame of an unknown type".to_owned(),
                String::new(),
                Content::Nothing,
            )
        });
        let end = if known { bytes.at() } else { text.len() };
        frames.push(Frame {
            name,
            detail,
            range: start..end,
            content,
        });
        if !known {
            break;
        }
    }
    frames
}

type Read = Option<(String, String, Content)>;

fn one(bytes: &mut Cursor<'_>, text: &[u8]) -> Read {
    let kind = bytes.varint()?;
    match kind {
        0x00 => padding(bytes, text),
        0x02 | 0x03 => ack(bytes, kind),
        0x06 => {
            let offset = bytes.varint()?;
            let len = bytes.sized()?.len();
            let place = bytes.at() - len..bytes.at();
            let detail = format!("offset {offset}, {}", count(len));
            Some(("CRYPTO".to_owned(), detail, Content::Crypto(offset, place)))
        }
        0x08..=0x0f => stream(bytes, kind),
        0x18 => {
            let (number, _) = (bytes.varint()?, bytes.varint()?);
            let id = bytes.counted(super::header::MOST_ID)?.to_vec();
            bytes.take(16)?;
            let name = "NEW_CONNECTION_ID".to_owned();
            Some((name, format!("{number}: {}", hex(&id)), Content::NewId(id)))
        }
        _ => plain(bytes, kind).map(|(name, detail)| (name, detail, Content::Nothing)),
    }
}

fn padding(bytes: &mut Cursor<'_>, text: &[u8]) -> Read {
    let row = text[bytes.at()..].iter().take_while(|b| **b == 0).count();
    bytes.take(row)?;
    Some(("PADDING".to_owned(), count(row + 1), Content::Nothing))
}

/// "up to 7, but not 4": the ranges, from the last.
fn ack(bytes: &mut Cursor<'_>, kind: u64) -> Read {
    let (largest, _delay, ranges) = (bytes.varint()?, bytes.varint()?, bytes.varint()?);
    let mut low = largest.checked_sub(bytes.varint()?)?;
    let mut told = vec![span(low, largest)];
    for _ in 0..ranges {
        let high = low.checked_sub(bytes.varint()?.checked_add(2)?)?;
        low = high.checked_sub(bytes.varint()?)?;
        told.push(span(low, high));
    }
    if kind == 3 {
        let marks = (bytes.varint()?, bytes.varint()?, bytes.varint()?);
        if marks.2 > 0 {
            told.push(format!("CE {}", marks.2));
        }
    }
    Some(("ACK".to_owned(), told.join(" "), Content::Nothing))
}

fn span(low: u64, high: u64) -> String {
    if low == high {
        low.to_string()
    } else {
        format!("{low}-{high}")
    }
}

fn stream(bytes: &mut Cursor<'_>, kind: u64) -> Read {
    let id = bytes.varint()?;
    let offset = if kind & 4 != 0 { bytes.varint()? } else { 0 };
    let data = if kind & 2 != 0 {
        bytes.sized()?
    } else {
        bytes.rest()
    };
    let place = bytes.at() - data.len()..bytes.at();
    let end = if kind & 1 != 0 { ", end" } else { "" };
    let detail = format!("offset {offset}, {}{end}", count(data.len()));
    Some((
        format!("STREAM[{id}]"),
        detail,
        Content::Stream(id, offset, place),
    ))
}

/// The others: a name and their numbers.
fn plain(bytes: &mut Cursor<'_>, kind: u64) -> Option<(String, String)> {
    let (name, numbers) = match kind {
        0x01 => ("PING", 0),
        0x04 => ("RESET_STREAM", 3),
        0x05 => ("STOP_SENDING", 2),
        0x10 => ("MAX_DATA", 1),
        0x11 => ("MAX_STREAM_DATA", 2),
        0x12 | 0x13 => ("MAX_STREAMS", 1),
        0x14 => ("DATA_BLOCKED", 1),
        0x15 => ("STREAM_DATA_BLOCKED", 2),
        0x16 | 0x17 => ("STREAMS_BLOCKED", 1),
        0x19 => ("RETIRE_CONNECTION_ID", 1),
        0x1e => ("HANDSHAKE_DONE", 0),
        // draft-ietf-quic-ack-frequency
        0x1f => ("IMMEDIATE_ACK", 0),
        0x07 => {
            bytes.sized()?;
            ("NEW_TOKEN", 0)
        }
        0x1a | 0x1b => {
            let data = hex(bytes.take(8)?);
            let name = if kind == 0x1a {
                "PATH_CHALLENGE"
            } else {
                "PATH_RESPONSE"
            };
            return Some((name.to_owned(), data));
        }
        0x1c | 0x1d => return close(bytes, kind),
        _ => return None,
    };
    let mut told = Vec::new();
    for _ in 0..numbers {
        told.push(bytes.varint()?.to_string());
    }
    let of_stream = matches!(kind, 0x04 | 0x05 | 0x11 | 0x15) && !told.is_empty();
    let name = match of_stream {
        true => format!("{name}[{}]", told.remove(0)),
        false => name.to_owned(),
    };
    Some((name, told.join(" ")))
}

fn close(bytes: &mut Cursor<'_>, kind: u64) -> Option<(String, String)> {
    let code = bytes.varint()?;
    if kind == 0x1c {
        bytes.varint()?;
    }
    let reason = String::from_utf8_lossy(bytes.sized()?).into_owned();
    let mut detail = match (kind, code) {
        (0x1c, 0x100..=0x1ff) => format!("TLS alert {}", code - 0x100),
        (0x1d, 0x100) => "H3_NO_ERROR".to_owned(),
        _ => format!("{code:#x}"),
    };
    if !reason.is_empty() {
        detail += &format!(": {reason}");
    }
    Some(("CONNECTION_CLOSE".to_owned(), detail))
}

/// Two digits a byte.
pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &[u8]) -> Vec<String> {
        let frames = read(text);
        frames
            .iter()
            .map(|f| format!("{} {}", f.name, f.detail).trim_end().to_owned())
            .collect()
    }

    #[test]
    fn frames_are_told_by_name() {
        // ACK of 10, with a first range of 2 (8-10), a gap of 1 (which leaves out two: 7 and 6) and a
        // range of 0 (5); a STREAM frame with offset, length and end; PING; two of PADDING.
        let text = [2, 10, 0, 1, 2, 1, 0, 0x0f, 4, 7, 2, b'h', b'i', 1, 0, 0];
        let wanted = [
            "ACK 8-10 5",
            "STREAM[4] offset 7, 2 bytes, end",
            "PING",
            "PADDING 2 bytes",
        ];
        assert_eq!(told(&text), wanted);
        let Content::Stream(4, 7, place) = &read(&text)[1].content else {
            panic!("no stream");
        };
        assert_eq!(&text[place.clone()], b"hi");
    }

    #[test]
    fn what_is_cut_ends_the_reading() {
        assert_eq!(
            told(&[1, 0x06, 0, 9, 1]),
            ["PING", "frame of an unknown type"]
        );
    }
}
