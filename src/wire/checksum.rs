//! The Internet checksum (RFC 1071) and its incremental update (RFC 1624).

/// A running ones' complement sum over 16-bit words.
#[derive(Debug, Clone, Copy, Default)]
pub struct Checksum(u64);

impl Checksum {
    /// Adds `bytes`, an odd last byte padded with zero (RFC 1071, section 4.1). Call it with an
    /// odd length only last.
    #[must_use]
    pub fn over(mut self, bytes: &[u8]) -> Self {
        let mut words = bytes.chunks_exact(4);
        for word in &mut words {
            self.0 += u64::from(u32::from_be_bytes([word[0], word[1], word[2], word[3]]));
        }
        let rest = words.remainder();
        let mut last = [0; 4];
        last[..rest.len()].copy_from_slice(rest);
        self.0 += u64::from(u32::from_be_bytes(last));
        self
    }

    /// Adds one 16-bit word.
    #[must_use]
    pub fn word(mut self, word: u16) -> Self {
        self.0 += u64::from(word);
        self
    }

    /// The checksum: the complement of the folded sum. Over data that holds a right checksum it
    /// is zero.
    #[allow(clippy::cast_possible_truncation, reason = "folded to 16 bits first")]
    pub fn finish(self) -> u16 {
        let mut sum = self.0;
        while sum > 0xffff {
            sum = (sum >> 16) + (sum & 0xffff);
        }
        !(sum as u16)
    }
}

/// `checksum` after one 16-bit word of the covered data changed from `old` to `new`
/// (RFC 1624, equation 3).
pub fn update_checksum(checksum: u16, old: u16, new: u16) -> u16 {
    Checksum::default()
        .word(!checksum)
        .word(!old)
        .word(new)
        .finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_rfc_1071_adds_up() {
        // RFC 1071, section 3: the words 0001 f203 f4f5 f6f7 sum to ddf2; the checksum is 220d.
        let bytes = [0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7];
        assert_eq!(Checksum::default().over(&bytes).finish(), !0xddf2);
    }

    #[test]
    fn an_incremental_update_equals_a_fresh_sum() {
        let mut bytes = [0x45, 0x00, 0x01, 0x02, 0x40, 0x11, 0xab, 0xcd];
        let before = Checksum::default().over(&bytes).finish();
        bytes[4] = 0x3f;
        let after = Checksum::default().over(&bytes).finish();
        assert_eq!(update_checksum(before, 0x4011, 0x3f11), after);
    }
}
