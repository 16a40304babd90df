//! Helpers that every protocol's file uses: where a part of the frame stands, and lists of
//! fields whose ranges count from the start of their layer.

use std::ops::Range;

use super::tree::{Field, Layer};
use crate::wire::OsiLayer;

/// Where `part`, a part of `frame`, stands in it. For anything else the answer is a range inside
/// `frame` all the same.
pub(super) fn place(frame: &[u8], part: &[u8]) -> Range<usize> {
    let start = (part.as_ptr() as usize).saturating_sub(frame.as_ptr() as usize);
    let start = start.min(frame.len());
    start..(start + part.len()).min(frame.len())
}

/// What a kind of layer always says of itself.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kind {
    pub(super) osi: OsiLayer,
    pub(super) protocol: &'static str,
    pub(super) title: &'static str,
}

impl Kind {
    /// The layer of this kind, from its parts.
    pub(super) fn layer(self, summary: String, range: Range<usize>, fields: Fields) -> Layer {
        Layer {
            osi: self.osi,
            protocol: self.protocol,
            title: self.title,
            summary,
            range,
            fields: fields.list,
        }
    }
}

/// The fields of one layer.
#[derive(Debug)]
pub(super) struct Fields {
    start: usize,
    list: Vec<Field>,
}

impl Fields {
    /// No fields yet; ranges will count from `start`, the layer's place in the frame.
    pub(super) const fn at(start: usize) -> Self {
        Self {
            start,
            list: Vec::new(),
        }
    }

    /// Adds a field that stands in `range`, counted from the start of the layer.
    pub(super) fn add(
        &mut self,
        name: &'static str,
        label: &'static str,
        range: Range<usize>,
        value: impl ToString,
    ) -> &mut Self {
        self.list.push(Field {
            name,
            label,
            value: value.to_string(),
            range: self.start + range.start..self.start + range.end,
        });
        self
    }

    /// Adds a checksum and what came of verifying it.
    pub(super) fn add_checksum(
        &mut self,
        range: Range<usize>,
        value: u16,
        status: Verdict,
    ) -> &mut Self {
        self.add("checksum", "Checksum", range.clone(), hex16(value))
            .add("checksum.status", "Checksum status", range, status.words())
    }
}

/// What came of verifying a checksum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Correct,
    Incorrect,
    /// The bytes it covers are spread over fragments.
    Fragment,
    /// The capture holds only the start of the packet.
    Cut,
    /// UDP's zero: the sender made none (RFC 768).
    Absent,
}

impl Verdict {
    /// The verdict over a ones' complement sum that includes the checksum itself.
    pub(super) const fn of_sum(sum: u16) -> Self {
        match sum {
            0 => Self::Correct,
            _ => Self::Incorrect,
        }
    }

    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::Correct => "correct",
            Self::Incorrect => "incorrect",
            Self::Fragment => "not verified (fragment)",
            Self::Cut => "not verified (cut short)",
            Self::Absent => "not present",
        }
    }
}

/// `0x` and four digits.
pub(super) fn hex16(value: u16) -> String {
    format!("{value:#06x}")
}

/// "Set" or "Not set", as Wireshark says it.
pub(super) const fn set(flag: bool) -> &'static str {
    if flag { "Set" } else { "Not set" }
}

/// "1 byte", "2 bytes".
pub(super) fn bytes(count: usize) -> String {
    match count {
        1 => "1 byte".to_owned(),
        _ => format!("{count} bytes"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_placed_where_it_stands_and_a_stranger_inside_the_frame() {
        let frame = [0_u8; 20];
        assert_eq!(place(&frame, &frame[3..7]), 3..7);
        assert_eq!(place(&frame, &frame[20..]), 20..20);
        let stranger = [1_u8; 40];
        let range = place(&frame, &stranger);
        assert!(range.start <= range.end && range.end <= frame.len());
    }
}
