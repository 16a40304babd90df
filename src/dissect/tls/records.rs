//! The records of one direction: put together from segments, opened where the secrets are known,
//! and what is in them.
//!
//! Bounded: a record has at most 2^14 + 2048 bytes (RFC 5246, section 6.2.3), an unfinished
//! handshake message at most [`MAX_MESSAGE`]. A gap ends the reading: nobody knows where the next
//! record starts.

use std::ops::Range;

use super::{
    handshake::{Message, Session, read_message},
    keys::{Opened, Opener, Suite},
    secrets::Secrets,
};
use crate::dissect::speech::{Pieces, Speech, Talk};

/// A record, or the part of one that the last bytes hold.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::dissect) struct Record {
    /// Where it stands in the bytes that were fed last.
    pub(super) range: Range<usize>,
    /// Type, version, length; `None` if the record began earlier or its header is cut.
    pub(super) header: Option<[u8; 5]>,
    pub(super) content: Content,
}

/// What is in a record.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Content {
    /// Its end is not here yet.
    Part,
    /// Nobody can read it.
    Sealed(u8),
    /// Handshake messages that end here.
    Handshake(Vec<Message>),
    ChangeCipherSpec,
    /// Level and description.
    Alert(u8, u8),
    /// Bytes of the application: the content, where its first byte stands in the bytes fed last
    /// (perhaps before them), and what it says.
    Data(Vec<u8>, isize, Pieces),
    /// Not a record.
    Foreign,
}

/// Follows the records of one direction.
#[derive(Debug, Default)]
pub(in crate::dissect) struct Records {
    /// The first bytes of a record whose end has not come.
    kept: Vec<u8>,
    lost: bool,
    /// Sent by the client, if that is known.
    of_client: Option<bool>,
    opener: Option<Opener>,
    /// How many of the secrets of this direction have been used.
    used: usize,
    /// TLS 1.2: what follows is protected.
    changed: bool,
    /// The first bytes of a handshake message whose end has not come.
    message: Vec<u8>,
    inner: Box<Speech>,
}

impl Records {
    /// How many bytes it keeps.
    pub(in crate::dissect) fn held(&self) -> usize {
        self.kept.capacity() + self.message.capacity() + self.inner.held()
    }

    /// Bytes are missing: the thread is lost.
    pub(in crate::dissect) fn lose(&mut self) {
        self.lost = true;
        self.kept = Vec::new();
        self.message = Vec::new();
    }

    /// The next `bytes` of the stream.
    pub(in crate::dissect) fn feed(&mut self, bytes: &[u8], talk: &mut Talk<'_>) -> Vec<Record> {
        let mut records = Vec::new();
        let mut at = 0;
        while at < bytes.len() {
            let record = self.next(bytes, at, talk);
            at = record.range.end.max(at + 1);
            records.push(record);
        }
        records
    }

    fn next(&mut self, bytes: &[u8], at: usize, talk: &mut Talk<'_>) -> Record {
        let rest = at..bytes.len();
        let foreign = Record {
            range: rest.clone(),
            header: None,
            content: Content::Foreign,
        };
        if self.lost {
            return foreign;
        }
        let before = self.kept.len();
        let header: Vec<u8> = self
            .kept
            .iter()
            .chain(&bytes[at..])
            .take(5)
            .copied()
            .collect();
        let shown = header.as_slice().try_into().ok().filter(|_| before == 0);
        let Some(size) = size_of_record(&header) else {
            if header.len() < 5 && looks_like_record(&header) {
                self.kept.extend(&bytes[at..]);
                return Record {
                    content: Content::Part,
                    ..foreign
                };
            }
            self.lose();
            return foreign;
        };
        let missing = size.saturating_sub(before);
        if missing > bytes.len() - at {
            self.kept.extend(&bytes[at..]);
            return Record {
                range: rest,
                header: shown,
                content: Content::Part,
            };
        }
        let mut whole = std::mem::take(&mut self.kept);
        whole.extend(&bytes[at..at + missing]);
        let end = at + missing;
        let body = end.cast_signed() - (size - 5).cast_signed();
        Record {
            range: at..end,
            header: shown,
            content: self.read(&whole, body, talk),
        }
    }

    /// Reads a whole record, whose body stands at `body` in the bytes fed last.
    fn read(&mut self, record: &[u8], body: isize, talk: &mut Talk<'_>) -> Content {
        let Some((header, sealed)) = record.split_first_chunk::<5>() else {
            return Content::Foreign;
        };
        if header[0] == CHANGE_CIPHER_SPEC {
            self.changed = true;
            return Content::ChangeCipherSpec;
        }
        let is_sealed = header[0] == DATA || self.opener.is_some();
        let is_sealed = is_sealed || (self.changed && talk.session.is_classic());
        let (kind, text, front) = if is_sealed {
            match self.open(*header, sealed, talk.session, talk.secrets) {
                Some(opened) => opened,
                None => return Content::Sealed(header[0]),
            }
        } else {
            (header[0], sealed.to_vec(), 0)
        };
        match kind {
            HANDSHAKE => Content::Handshake(self.messages(&text, talk.session)),
            ALERT => match text[..] {
                [level, description] => Content::Alert(level, description),
                _ => Content::Sealed(kind),
            },
            DATA => {
                let pieces = self.inner.feed(&text, talk);
                Content::Data(text, body + front.cast_signed(), pieces)
            }
            other => Content::Sealed(other),
        }
    }

    /// The messages that end in `text`.
    fn messages(&mut self, text: &[u8], session: &mut Session) -> Vec<Message> {
        self.message.extend(text);
        let mut kept = std::mem::take(&mut self.message);
        let mut at = 0;
        let mut messages = Vec::new();
        while let Some((kind, body)) = split_message(&kept[at..]) {
            if self.of_client.is_none() {
                self.of_client = Some(kind == CLIENT_HELLO);
            }
            messages.push(read_message(kind, body, session));
            at += 4 + body.len();
        }
        kept.drain(..at);
        if kept.len() <= MAX_MESSAGE {
            self.message = kept;
        }
        messages
    }

    /// Opens a record: with the key that opened the one before, or with the next one.
    fn open(
        &mut self,
        header: [u8; 5],
        body: &[u8],
        session: &Session,
        secrets: &Secrets,
    ) -> Option<Opened> {
        if let Some(opener) = &mut self.opener
            && let Some(opened) = opener.open(header, body)
        {
            return Some(opened);
        }
        let of_client = self.of_client?;
        if session.is_classic() {
            let mut opener = session.classic_opener(secrets, of_client)?;
            let opened = opener.open(header, body)?;
            self.opener = Some(opener);
            return Some(opened);
        }
        let labels = if of_client {
            CLIENT_LABELS
        } else {
            SERVER_LABELS
        };
        let random = session.client_random()?;
        for (number, label) in labels.iter().enumerate().skip(self.used) {
            let Some(secret) = secrets.get(random, label) else {
                continue;
            };
            let chosen: Vec<Suite> = match session.suite() {
                Some(suite) => vec![suite],
                None => Suite::modern().collect(),
            };
            for suite in chosen {
                if let Some(mut opener) = Opener::modern(suite, secret)
                    && let Some(opened) = opener.open(header, body)
                {
                    self.opener = Some(opener);
                    self.used = number + 1;
                    return Some(opened);
                }
            }
        }
        None
    }
}

/// True if `bytes` begin like a stream of TLS: with a hello in a handshake record.
pub(in crate::dissect) fn starts_tls(bytes: &[u8]) -> bool {
    let hello = matches!(bytes.get(5), None | Some(&(CLIENT_HELLO | SERVER_HELLO)));
    bytes.len() >= 3 && bytes[0] == HANDSHAKE && looks_like_record(bytes) && hello
}

/// True if `bytes` begin like a record of any kind.
pub(in crate::dissect) fn looks_like_record(bytes: &[u8]) -> bool {
    let kind = bytes.first().is_none_or(|k| (20..=23).contains(k));
    let major = bytes.get(1).is_none_or(|v| *v == 3);
    kind && major && bytes.get(2).is_none_or(|v| *v <= 4)
}

/// The size of a record, header included; `None` if `header` is none, or cut.
fn size_of_record(header: &[u8]) -> Option<usize> {
    let whole = header
        .first_chunk::<5>()
        .filter(|h| looks_like_record(*h))?;
    let length = usize::from(u16::from_be_bytes([whole[3], whole[4]]));
    (length <= MAX_RECORD).then_some(5 + length)
}

/// The first message of `bytes`, if it is whole: its type and its body.
fn split_message(bytes: &[u8]) -> Option<(u8, &[u8])> {
    let (head, rest) = bytes.split_first_chunk::<4>()?;
    let length = u32::from_be_bytes([0, head[1], head[2], head[3]]);
    let body = rest.get(..usize::try_from(length).ok()?)?;
    Some((head[0], body))
}

pub(super) const CHANGE_CIPHER_SPEC: u8 = 20;
pub(super) const ALERT: u8 = 21;
pub(super) const HANDSHAKE: u8 = 22;
pub(super) const DATA: u8 = 23;
const CLIENT_HELLO: u8 = 1;
const SERVER_HELLO: u8 = 2;
const MAX_RECORD: usize = (1 << 14) + 2048;
const MAX_MESSAGE: usize = 1 << 17;

/// The secrets of a direction, in the order of their use.
const CLIENT_LABELS: &[&str] = &[
    "CLIENT_EARLY_TRAFFIC_SECRET",
    "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
    "CLIENT_TRAFFIC_SECRET_0",
];
const SERVER_LABELS: &[&str] = &["SERVER_HANDSHAKE_TRAFFIC_SECRET", "SERVER_TRAFFIC_SECRET_0"];
