//! Content codings (gzip, br, zstd), as far as they stand in one segment.
//!
//! Bounded: at most [`MOST`] bytes are decoded, with a window of a few MiB, so that a small message
//! cannot fill the memory. Not here: content that began in an earlier segment, chunked content,
//! several codings over each other.

use std::{
    io::{self, Write},
    ops::Range,
};

use brotli::DecompressorWriter;
use flate2::write::MultiGzDecoder;
use zstd::stream::{raw, zio};

use crate::{
    dissect::{
        build::{Fields, Kind, bytes as count},
        data::preview,
        tree::Layer,
    },
    wire::OsiLayer,
};

const CODING: Kind = Kind {
    osi: OsiLayer::Presentation,
    protocol: "coding",
    title: "Content coding",
};

/// The layer of coded content at `range` of `payload`, which stands at `start` in the frame. `whole`
/// is its length as the header has it.
pub(super) fn layer(
    payload: &[u8],
    start: usize,
    range: Range<usize>,
    (coding, whole): (&str, usize),
) -> Option<Layer> {
    let coded = &payload[range.clone()];
    let Decoded { text, ended } = decode(coding, coded)?;
    let size = match ended {
        true => count(text.len()),
        false => format!("{} so far", count(text.len())),
    };
    let summary = format!("{coding}, {} -> {size}", count(whole));
    let mut fields = Fields::at(start + range.start);
    let all = 0..coded.len();
    fields
        .add("encoding", "Coding", all.clone(), coding)
        .add("size", "Decoded size", all.clone(), size)
        .add("text", "Decoded", all, preview(&text));
    Some(CODING.layer(summary, start + range.start..start + range.end, fields))
}

struct Decoded {
    /// What it holds, or the beginning of that.
    text: Vec<u8>,
    /// True if that is all of it, and it is in order.
    ended: bool,
}

/// Decodes `coded`; `None` if the coding is unknown or nothing comes out.
fn decode(coding: &str, coded: &[u8]) -> Option<Decoded> {
    let mut text = Vec::new();
    let done = match coding {
        "gzip" | "x-gzip" => {
            let mut coder = MultiGzDecoder::new(Bounded(&mut text));
            coder.write_all(coded).and_then(|()| coder.try_finish())
        }
        "br" => {
            let mut coder = DecompressorWriter::new(Bounded(&mut text), BUFFER);
            coder.write_all(coded).and_then(|()| coder.close())
        }
        "zstd" => {
            let mut decoder = raw::Decoder::new().ok()?;
            let window = raw::DParameter::WindowLogMax(WINDOW_LOG);
            decoder.set_parameter(window).ok()?;
            let mut coder = zio::Writer::new(Bounded(&mut text), decoder);
            let written = coder.write_all(coded);
            let flushed = coder.flush();
            written.and(flushed).and_then(|()| coder.finish())
        }
        _ => return None,
    };
    let ended = done.is_ok();
    (ended || !text.is_empty()).then_some(Decoded { text, ended })
}

/// Takes the first bytes, then refuses.
struct Bounded<'a>(&'a mut Vec<u8>);

impl Write for Bounded<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = MOST - self.0.len();
        if room == 0 && !bytes.is_empty() {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let taken = bytes.len().min(room);
        self.0.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// How much is decoded of one segment \[bytes\].
const MOST: usize = 256 << 10;
/// The logarithm of the largest window of zstd \[bytes\]: 8 MiB, which RFC 8878, section 3.1.1.1.2,
/// wants every decoder to have.
const WINDOW_LOG: u32 = 23;
/// Between coder and text \[bytes\].
const BUFFER: usize = 4096;

#[cfg(test)]
mod tests {
    use flate2::{Compression, write::GzEncoder};
    use proptest::prelude::*;

    use super::*;

    fn gzip(content: &[u8]) -> Vec<u8> {
        let mut coder = GzEncoder::new(Vec::new(), Compression::new(6));
        coder.write_all(content).unwrap();
        coder.finish().unwrap()
    }

    #[test]
    fn whole_content_is_shown_with_both_sizes() {
        let coded = gzip(b"hello hello hello hello");
        let layer = layer(&coded, 100, 0..coded.len(), ("gzip", coded.len())).unwrap();
        let summary = format!("gzip, {} bytes -> 23 bytes", coded.len());
        assert_eq!(layer.summary, summary);
        assert_eq!(layer.value("text"), Some("hello hello hello hello"));
        assert_eq!(layer.range, 100..100 + coded.len());
    }

    #[test]
    fn the_beginning_of_content_is_shown_as_far_as_it_goes() {
        let zstd = zstd::encode_all(&[b'a'; 200_000][..], 3).unwrap();
        let brotli = {
            let mut coder = brotli::CompressorWriter::new(Vec::new(), 4096, 5, 22);
            coder.write_all(&[b'a'; 200_000]).unwrap();
            coder.into_inner()
        };
        for (coding, coded) in [("zstd", zstd), ("br", brotli)] {
            let whole = decode(coding, &coded).unwrap();
            assert_eq!((whole.text.len(), whole.ended), (200_000, true), "{coding}");
            let part = decode(coding, &coded[..coded.len() - 1]);
            assert!(part.is_none_or(|p| !p.ended), "{coding}");
        }
    }

    #[test]
    fn content_that_swells_is_cut() {
        let coded = gzip(&vec![0; 4 << 20]);
        let cut = decode("gzip", &coded).unwrap();
        assert_eq!((cut.text.len(), cut.ended), (MOST, false));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            for coding in ["gzip", "br", "zstd", "deflate"] {
                let decoded = decode(coding, &bytes);
                prop_assert!(decoded.is_none_or(|d| d.text.len() <= MOST));
            }
        }
    }
}
