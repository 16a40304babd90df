//! The Internet checksum (RFC 1071) and its incremental update (RFC 1624).

/// A running ones' complement sum over 16-bit words.
///
/// The words are added as they lie in memory, eight bytes at a time: the sum is the same up to the
/// order of its two bytes (RFC 1071, section 2, B and C).
#[derive(Debug, Clone, Copy, Default)]
pub struct Checksum(u64);

impl Checksum {
    /// Adds `bytes`, an odd last byte padded with zero (RFC 1071, section 4.1). Call it with an
    /// odd length only last.
    #[must_use]
    pub fn over(mut self, bytes: &[u8]) -> Self {
        let (blocks, rest) = bytes.as_chunks::<32>();
        // Four sums that do not wait for each other.
        let mut lanes = [0_u64; 4];
        for block in blocks {
            for (lane, word) in lanes.iter_mut().zip(block.as_chunks().0) {
                let (sum, carry) = lane.overflowing_add(u64::from_ne_bytes(*word));
                *lane = sum + u64::from(carry);
            }
        }
        for lane in lanes {
            self.0 += (lane >> 32) + (lane & 0xffff_ffff);
        }
        let (words, rest) = rest.as_chunks();
        for word in words {
            self.0 += u64::from(u32::from_ne_bytes(*word));
        }
        let mut last = [0; 4];
        last[..rest.len()].copy_from_slice(rest);
        self.0 += u64::from(u32::from_ne_bytes(last));
        self
    }

    /// Adds one 16-bit word.
    #[must_use]
    pub fn word(mut self, word: u16) -> Self {
        self.0 += u64::from(word.to_be());
        self
    }

    /// Adds what `other` summed up, `times` over. Both sums begin at an even byte of the data.
    #[must_use]
    pub const fn plus(mut self, other: Self, times: u64) -> Self {
        self.0 += other.0 * times;
        self
    }

    /// The checksum: the complement of the folded sum. Over data that holds a right checksum it
    /// is zero.
    pub fn finish(self) -> u16 {
        u16::from_be(!fold(self.0))
    }
}

/// `checksum` after one 16-bit word of the covered data changed from `old` to `new`
/// (RFC 1624, equation 3).
pub fn update_checksum(checksum: u16, old: u16, new: u16) -> u16 {
    !fold(u64::from(!checksum) + u64::from(!old) + u64::from(new))
}

/// The checksum of an IPv4 header after its TTL, the high byte of a word, went down by one:
/// [`update_checksum`], worked out.
#[inline]
#[allow(
    clippy::cast_possible_truncation,
    reason = "the carry has come back in"
)]
pub const fn checksum_after_hop(checksum: u16) -> u16 {
    let sum = checksum as u32 + 0x100;
    (sum + (sum >= 0xffff) as u32) as u16
}

#[allow(clippy::cast_possible_truncation, reason = "folded to 16 bits first")]
const fn fold(mut sum: u64) -> u16 {
    while sum > 0xffff {
        sum = (sum >> 16) + (sum & 0xffff);
    }
    sum as u16
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

    #[test]
    fn a_hop_changes_the_checksum_as_any_update_does() {
        for checksum in 0..=u16::MAX {
            let updated = update_checksum(checksum, 0x4011, 0x3f11);
            assert_eq!(checksum_after_hop(checksum), updated, "{checksum:04x}");
        }
    }

    #[test]
    fn a_sum_of_sums_is_the_sum_over_all() {
        // 6 bytes, and then three times the same 4.
        let (head, part) = (
            [0x12, 0x34, 0xff, 0xfe, 0x01, 0x80],
            [0xab, 0xcd, 0xef, 0x01],
        );
        let all = [&head[..], &part, &part, &part].concat();
        let sum = |bytes: &[u8]| Checksum::default().over(bytes);
        assert_eq!(sum(&head).plus(sum(&part), 3).finish(), sum(&all).finish());
    }

    #[test]
    fn every_length_and_place_sums_as_word_by_word() {
        // The plain loop of RFC 1071, section 4.1, over 0 to 200 bytes from any offset.
        let bytes: Vec<u8> = (0..300u32)
            .map(|i| (i * 167 + 91).to_le_bytes()[0])
            .collect();
        for (start, len) in (0..9).flat_map(|s| (0..200).map(move |l| (s, l))) {
            let bytes = &bytes[start..start + len];
            let words = bytes
                .chunks(2)
                .map(|w| u32::from(u16::from_be_bytes([w[0], w.get(1).copied().unwrap_or(0)])));
            let mut sum: u32 = words.sum();
            while sum >> 16 != 0 {
                sum = (sum & 0xffff) + (sum >> 16);
            }
            let right = !u16::try_from(sum).unwrap();
            assert_eq!(Checksum::default().over(bytes).finish(), right);
        }
        // Sums that overflow 64 bits in every lane.
        assert_eq!(Checksum::default().over(&[0xff; 320]).finish(), 0);
    }
}
