//! TCP options: MSS (RFC 9293), window scale and timestamps (RFC 7323), SACK (RFC 2018), the cookie of
//! Fast Open (RFC 7413). Others are passed over by their length.

use std::ops::Range;

use etherparse::{TcpOptionElement, TcpOptionReadError, TcpOptionsIterator};

use super::{super::build::Fields, conversation::View};

/// The options of one header, in their order, each with its place in the header.
#[derive(Debug, Default)]
pub(super) struct Options {
    list: Vec<(TcpOptionElement, Range<usize>)>,
    /// The shift count, if this segment offers one.
    pub(super) window_scale: Option<u8>,
    /// The cookie of Fast Open and where it is; empty if the segment asks for one.
    cookie: Option<(Vec<u8>, Range<usize>)>,
    malformed: Option<Range<usize>>,
}

impl Options {
    /// Reads what stands behind the first 20 bytes of the header.
    pub(super) fn parse(bytes: &[u8]) -> Self {
        let mut found = Self::default();
        let mut at = 0;
        while at < bytes.len() {
            let Some(next) = found.take(bytes, at) else {
                return found;
            };
            at = next;
        }
        found
    }

    /// Reads the option at `at`; where the next one begins, if any may follow.
    fn take(&mut self, bytes: &[u8], at: usize) -> Option<usize> {
        let mut rest = TcpOptionsIterator::from_slice(&bytes[at..]);
        match rest.next()? {
            Ok(option) => {
                let next = bytes.len() - rest.rest().len();
                if option != TcpOptionElement::Noop {
                    self.push(option, FIXED + at..FIXED + next);
                }
                Some(next)
            }
            Err(TcpOptionReadError::UnknownId(kind)) => {
                let next = at + usize::from(*bytes.get(at + 1)?);
                if next < at + 2 || next > bytes.len() {
                    self.malformed = Some(FIXED + at..FIXED + bytes.len());
                    return None;
                }
                if kind == FAST_OPEN {
                    self.cookie = Some((bytes[at + 2..next].to_vec(), FIXED + at..FIXED + next));
                }
                Some(next)
            }
            Err(_) => {
                self.malformed = Some(FIXED + at..FIXED + bytes.len());
                None
            }
        }
    }

    fn push(&mut self, option: TcpOptionElement, range: Range<usize>) {
        if let TcpOptionElement::WindowScale(shift) = option {
            self.window_scale = Some(shift);
        }
        self.list.push((option, range));
    }

    pub(super) fn add_to(&self, fields: &mut Fields, view: &View) {
        for (option, range) in &self.list {
            add(fields, option, range, view);
        }
        match &self.cookie {
            Some((cookie, range)) if cookie.is_empty() => {
                fields.add(
                    "options.tfo.request",
                    "Fast Open",
                    range.clone(),
                    "cookie request",
                );
            }
            Some((cookie, range)) => {
                let hex: String = cookie.iter().map(|byte| format!("{byte:02x}")).collect();
                let range = range.start + 2..range.end;
                fields.add("options.tfo.cookie", "Fast Open cookie", range, hex);
            }
            None => {}
        }
        if let Some(range) = &self.malformed {
            fields.add("options", "Options", range.clone(), "malformed");
        }
    }

    /// " MSS=1460 WS=128", as Wireshark ends its line.
    pub(super) fn summary(&self, view: &View) -> String {
        let known = self.list.iter().map(|(o, _)| words(o, view));
        let cookie = self.cookie.iter().map(|(cookie, _)| match &cookie[..] {
            [] => " TFO=R".to_owned(),
            _ => " TFO=C".to_owned(),
        });
        known.chain(cookie).collect()
    }
}

fn add(fields: &mut Fields, option: &TcpOptionElement, range: &Range<usize>, view: &View) {
    let at = range.start;
    match option {
        TcpOptionElement::Noop => {}
        TcpOptionElement::MaximumSegmentSize(size) => {
            fields.add(
                "options.mss_val",
                "Maximum segment size",
                at + 2..at + 4,
                size,
            );
        }
        TcpOptionElement::WindowScale(shift) => {
            let value = format!("{shift} (multiply by {})", 1_u32 << (*shift).min(14));
            fields.add(
                "options.wscale.shift",
                "Window scale",
                at + 2..at + 3,
                value,
            );
        }
        TcpOptionElement::SelectiveAcknowledgementPermitted => {
            fields.add("options.sack_perm", "SACK permitted", range.clone(), "yes");
        }
        TcpOptionElement::SelectiveAcknowledgement(first, more) => {
            for (i, block) in blocks(first, more).enumerate() {
                let edge = at + 2 + 8 * i;
                fields
                    .add(
                        "options.sack_le",
                        "SACK left edge",
                        edge..edge + 4,
                        view.acked(block.0),
                    )
                    .add(
                        "options.sack_re",
                        "SACK right edge",
                        edge + 4..edge + 8,
                        view.acked(block.1),
                    );
            }
        }
        TcpOptionElement::Timestamp(value, echo) => {
            fields
                .add(
                    "options.timestamp.tsval",
                    "Timestamp value",
                    at + 2..at + 6,
                    value,
                )
                .add(
                    "options.timestamp.tsecr",
                    "Timestamp echo reply",
                    at + 6..at + 10,
                    echo,
                );
        }
    }
}

fn words(option: &TcpOptionElement, view: &View) -> String {
    match option {
        TcpOptionElement::Noop => String::new(),
        TcpOptionElement::MaximumSegmentSize(size) => format!(" MSS={size}"),
        TcpOptionElement::WindowScale(shift) => format!(" WS={}", 1_u32 << (*shift).min(14)),
        TcpOptionElement::SelectiveAcknowledgementPermitted => " SACK_PERM".to_owned(),
        TcpOptionElement::SelectiveAcknowledgement(first, more) => blocks(first, more)
            .map(|b| format!(" SLE={} SRE={}", view.acked(b.0), view.acked(b.1)))
            .collect(),
        TcpOptionElement::Timestamp(value, echo) => format!(" TSval={value} TSecr={echo}"),
    }
}

type Block = (u32, u32);

fn blocks(first: &Block, more: &[Option<Block>; 3]) -> impl Iterator<Item = Block> {
    std::iter::once(*first).chain(more.iter().flatten().copied().collect::<Vec<_>>())
}

/// The kind of the cookie of Fast Open (RFC 7413, section 4.1.1).
const FAST_OPEN: u8 = 34;
/// The header's length without options.
const FIXED: usize = 20;
