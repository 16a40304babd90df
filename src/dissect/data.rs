//! Bytes that no dissector knows, and packets that make no sense.

use std::ops::Range;

use super::{
    build::{Fields, Kind, bytes},
    tree::Layer,
};
use crate::wire::OsiLayer;

const DATA: Kind = Kind {
    osi: OsiLayer::Application,
    protocol: "data",
    title: "Data",
};

/// The application's bytes at `range` of the frame; `None` if there are none.
pub(super) fn data(frame: &[u8], range: Range<usize>) -> Option<Layer> {
    data_called(frame, range, String::new())
}

/// The same, with words in front of the length.
pub(super) fn data_called(frame: &[u8], range: Range<usize>, words: String) -> Option<Layer> {
    let content = frame.get(range.clone()).filter(|c| !c.is_empty())?;
    let mut fields = Fields::at(range.start);
    fields.add("data", "Data", 0..content.len(), preview(content));
    let summary = words + &bytes(content.len());
    Some(DATA.layer(summary, range, fields))
}

/// A fragment's part of the packet that it was cut from.
pub(super) fn fragment(frame: &[u8], range: Range<usize>, protocol: &str) -> Option<Layer> {
    let layer = data_called(frame, range, format!("fragment of {protocol}, "))?;
    Some(Layer {
        osi: OsiLayer::Network,
        ..layer
    })
}

/// What could not be read, and why.
pub(super) fn malformed(range: Range<usize>, osi: OsiLayer, why: String) -> Layer {
    let kind = Kind {
        osi,
        protocol: "malformed",
        title: "Malformed packet",
    };
    kind.layer(why, range.clone(), Fields::at(range.start))
}

/// The first bytes: as text if they are, else in hexadecimal.
pub(super) fn preview(content: &[u8]) -> String {
    let head = &content[..content.len().min(PREVIEW_LEN)];
    let more = if head.len() < content.len() {
        "…"
    } else {
        ""
    };
    if head.iter().all(|&b| is_text(b)) {
        let text = String::from_utf8_lossy(head).into_owned();
        return text
            .escape_debug()
            .to_string()
            .replace("\\'", "'")
            .replace("\\\"", "\"")
            + more;
    }
    let digits: String = head
        .iter()
        .take(PREVIEW_LEN / 2)
        .map(|b| format!("{b:02x}"))
        .collect();
    let more = if content.len() > PREVIEW_LEN / 2 {
        "…"
    } else {
        ""
    };
    digits + more
}

const fn is_text(byte: u8) -> bool {
    matches!(byte, b'\t' | b'\r' | b'\n' | 0x20..=0x7e)
}

/// How many bytes a preview shows as text; half as many in hexadecimal.
const PREVIEW_LEN: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_shown_as_text_and_the_rest_in_hexadecimal() {
        assert_eq!(preview(b"it's \"so\"\r\n"), "it's \"so\"\\r\\n");
        assert_eq!(preview(&[0, 0xff]), "00ff");
        // 65 letters are one more than a preview shows; 33 bytes are one more than in hex.
        assert_eq!(preview(&[b'a'; 65]), "a".repeat(64) + "…");
        assert_eq!(preview(&[0; 33]), "00".repeat(32) + "…");
    }
}
