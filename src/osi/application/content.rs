//! What bodies are made of: a text, or printable filler of any size.
//!
//! Contract: content is made chunk by chunk and never held as a whole, so a body of a terabyte
//! costs no memory. Filler is the same bytes in every run: lines of 64, which read well in a hex
//! dump.

use bytes::Bytes;

use super::spec::Body;
use crate::wire::Checksum;

/// The bytes of a body, readable from any offset.
#[derive(Debug, Clone)]
pub(crate) struct Content {
    text: Option<Bytes>,
    len: u64,
}

impl Content {
    /// Filler without end.
    pub(crate) const fn endless() -> Self {
        Self::filler(u64::MAX)
    }

    /// `len` bytes of filler.
    pub(crate) const fn filler(len: u64) -> Self {
        Self { text: None, len }
    }

    /// Exactly this text.
    pub(crate) fn text(text: &str) -> Self {
        Self::from(Bytes::copy_from_slice(text.as_bytes()))
    }

    /// All of it, chunk by chunk.
    pub(crate) fn chunks(&self) -> impl Iterator<Item = Bytes> + '_ {
        let starts = (0..self.len).step_by(CHUNK);
        starts.map(|start| self.chunk(start))
    }

    /// Size \[bytes\].
    pub(crate) const fn len(&self) -> u64 {
        self.len
    }

    /// The bytes from `offset` on, at most [`CHUNK`] of them; none at the end.
    pub(crate) fn chunk(&self, offset: u64) -> Bytes {
        let size = to_usize(self.len.saturating_sub(offset)).min(CHUNK);
        match &self.text {
            Some(text) => {
                let start = to_usize(offset).min(text.len());
                text.slice(start..start + size)
            }
            None => {
                let start = to_usize(offset % LINE.len() as u64);
                Bytes::from_static(&BLOCK[start..start + size])
            }
        }
    }

    /// Writes the first bytes of filler over all of `place`, and sums them up without reading them.
    pub(crate) fn fill_with_filler(place: &mut [u8]) -> Checksum {
        for chunk in place.chunks_mut(CHUNK) {
            chunk.copy_from_slice(&BLOCK[..chunk.len()]);
        }
        let (lines, rest) = (place.len() / LINE.len(), place.len() % LINE.len());
        let sum = |bytes| Checksum::default().over(bytes);
        sum(&LINE[..rest]).plus(sum(LINE), lines as u64)
    }

    /// True if `bytes` are what stands at `offset`.
    pub(crate) fn matches(&self, mut offset: u64, mut bytes: &[u8]) -> bool {
        while !bytes.is_empty() {
            let chunk = self.chunk(offset);
            let n = chunk.len().min(bytes.len());
            if n == 0 || chunk[..n] != bytes[..n] {
                return false;
            }
            offset += n as u64;
            bytes = &bytes[n..];
        }
        true
    }
}

impl From<Bytes> for Content {
    fn from(bytes: Bytes) -> Self {
        Self {
            len: bytes.len() as u64,
            text: Some(bytes),
        }
    }
}

impl From<&Body> for Content {
    fn from(body: &Body) -> Self {
        match body {
            Body::Empty => Self::filler(0),
            Body::Text(text) => Self::text(text),
            Body::Size(size) => Self::filler(size.bytes()),
        }
    }
}

/// The most that [`Content::chunk`] gives at once \[bytes\].
pub(crate) const CHUNK: usize = 16 << 10;

fn to_usize(n: u64) -> usize {
    usize::try_from(n).unwrap_or(usize::MAX)
}

const LINE: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-\n";

/// A chunk and one line more, so that a chunk can start anywhere in a line.
static BLOCK: [u8; CHUNK + LINE.len()] = {
    let mut block = [0; CHUNK + LINE.len()];
    let mut i = 0;
    while i < block.len() {
        block[i] = LINE[i % LINE.len()];
        i += 1;
    }
    block
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::ByteSize;

    #[test]
    fn filler_is_the_same_bytes_however_it_is_cut() {
        // Byte k of the filler is byte k mod 64 of the line.
        let content = Content::filler(40_000);
        let mut whole = Vec::new();
        while (whole.len() as u64) < content.len() {
            whole.extend_from_slice(&content.chunk(whole.len() as u64));
        }
        assert_eq!(whole.len(), 40_000);
        assert!(whole.iter().enumerate().all(|(k, b)| *b == LINE[k % 64]));
        assert!(content.matches(1_234, &whole[1_234..30_000]));
        assert!(!content.matches(1_235, &whole[1_234..30_000]));
    }

    #[test]
    fn filler_is_summed_up_without_being_read() {
        for len in [0, 1, 63, 64, 65, 1_001, 40_000] {
            let mut place = vec![0; len];
            let sum = Content::fill_with_filler(&mut place);
            assert!(Content::filler(len as u64).matches(0, &place));
            assert_eq!(sum.finish(), Checksum::default().over(&place).finish());
        }
    }

    #[test]
    fn content_ends_at_its_length() {
        let text = Content::from(&Body::Text("hello".to_owned()));
        assert_eq!(text.chunk(0), "hello");
        assert_eq!(text.chunk(4), "o");
        assert!(text.chunk(5).is_empty() && text.chunk(99).is_empty());
        assert!(!text.matches(0, b"hello!"));
        assert!(Content::from(&Body::Empty).chunk(0).is_empty());
    }

    #[test]
    fn a_terabyte_is_made_in_chunks() {
        let content = Content::from(&Body::Size(ByteSize::new(1 << 40)));
        assert_eq!(content.chunk(0).len(), CHUNK);
        assert_eq!(content.chunk((1 << 40) - 3).len(), 3);
    }
}
