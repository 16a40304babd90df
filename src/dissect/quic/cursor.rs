//! Numbers and bytes of QUIC, one after the other (RFC 9000, section 16).

/// Reads from the front of some bytes, and knows how far it came.
#[derive(Debug, Clone)]
pub(super) struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// How many bytes were read.
    pub(super) const fn at(&self) -> usize {
        self.at
    }

    /// True if nothing is left.
    pub(super) const fn is_empty(&self) -> bool {
        self.at >= self.bytes.len()
    }

    pub(super) fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let end = self.at.checked_add(count)?;
        let taken = self.bytes.get(self.at..end)?;
        self.at = end;
        Some(taken)
    }

    pub(super) fn rest(&mut self) -> &'a [u8] {
        let rest = &self.bytes[self.at.min(self.bytes.len())..];
        self.at = self.bytes.len();
        rest
    }

    pub(super) fn u8(&mut self) -> Option<u8> {
        self.take(1).map(|b| b[0])
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        Some(u32::from_be_bytes(*self.take(4)?.first_chunk()?))
    }

    /// A number whose first two bits say how long it is.
    pub(super) fn varint(&mut self) -> Option<u64> {
        let first = *self.bytes.get(self.at)?;
        let bytes = self.take(1 << (first >> 6))?;
        let start = u64::from(first & 0x3f);
        Some(bytes[1..].iter().fold(start, |n, b| n << 8 | u64::from(*b)))
    }

    /// Bytes behind their length in one byte, at most `most`.
    pub(super) fn counted(&mut self, most: usize) -> Option<&'a [u8]> {
        let len = usize::from(self.u8()?);
        (len <= most).then(|| self.take(len))?
    }

    /// As many bytes as a number says.
    pub(super) fn sized(&mut self) -> Option<&'a [u8]> {
        let len = usize::try_from(self.varint()?).ok()?;
        self.take(len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_the_rfc_come_out() {
        // RFC 9000, appendix A.1.
        for (bytes, number) in [
            (
                [0xc2, 0x19, 0x7c, 0x5e, 0xff, 0x14, 0xe8, 0x8c].as_slice(),
                151_288_809_941_952_652,
            ),
            (&[0x9d, 0x7f, 0x3e, 0x7d], 494_878_333),
            (&[0x7b, 0xbd], 15_293),
            (&[0x25], 37),
            (&[0x40, 0x25], 37),
        ] {
            let mut cursor = Cursor::new(bytes);
            assert_eq!(cursor.varint(), Some(number));
            assert!(cursor.is_empty());
        }
        assert_eq!(Cursor::new(&[0x7b]).varint(), None);
    }
}
