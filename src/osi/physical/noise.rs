//! Bit errors: which bits of a frame flip, and whether the receiver's FCS notices.
//!
//! Every bit between the destination address and the end of the FCS flips with the same chance,
//! each for itself. The distance to the next flipped bit is drawn directly (it is geometric), so
//! a clean frame costs one draw.

use crate::{rng::Stream, units::Probability, wire::FCS_LEN};

/// Puts the numbers of the bits that flip in a frame of `len` bytes, its FCS behind it, into
/// `flipped`. Ascending.
pub(super) fn flip_bits(
    bit_error: Probability,
    len: usize,
    random: &mut Stream,
    flipped: &mut Vec<usize>,
) {
    let bits = (len + FCS_LEN) * 8;
    let p = bit_error.value();
    if p >= 1.0 {
        return flipped.extend(0..bits);
    }
    let log_keep = libm::log1p(-p);
    let mut next = gap(log_keep, random);
    while next < bits {
        flipped.push(next);
        next = next.saturating_add(1).saturating_add(gap(log_keep, random));
    }
}

/// How many bits stay whole before the next one flips.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float beyond the range casts to the largest integer, which is what is meant"
)]
fn gap(log_keep: f64, random: &mut Stream) -> usize {
    libm::floor(libm::log(1.0 - random.unit()) / log_keep) as usize
}

/// Flips `bits` in `bytes` and returns the FCS that arrives behind them: that of the bytes sent,
/// with its own flips.
pub(super) fn strike(bits: &[usize], bytes: &mut [u8]) -> u32 {
    let mut fcs = crc32fast::hash(bytes).to_le_bytes();
    let len = bytes.len();
    for &bit in bits {
        let (byte, mask) = (bit / 8, 1 << (bit % 8));
        match byte.checked_sub(len) {
            None => bytes[byte] ^= mask,
            Some(in_fcs) => fcs[in_fcs] ^= mask,
        }
    }
    u32::from_le_bytes(fcs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::RootSeed;

    fn flipped_bits(bit_error: Probability, len: usize, random: &mut Stream) -> Vec<usize> {
        let mut flipped = Vec::new();
        flip_bits(bit_error, len, random, &mut flipped);
        flipped
    }

    #[test]
    fn as_many_bits_flip_as_the_ratio_says() {
        // 2000 frames of (1000 + 4) x 8 bits at 1e-4: 1606 flips expected, deviation 40.
        let mut random = RootSeed(1).stream(&["noise"]);
        let ratio = Probability::new(1e-4).unwrap();
        let flips: usize = (0..2000)
            .map(|_| flipped_bits(ratio, 1000, &mut random).len())
            .sum();
        assert!((1606 - 5 * 40..1606 + 5 * 40).contains(&flips), "{flips}");
    }

    #[test]
    fn the_fcs_notices_every_small_number_of_flips() {
        // CRC-32 detects all errors of up to 3 bits in an Ethernet frame (Hamming distance 4).
        for bits in [&[0][..], &[5, 800], &[3, 8000, 8010], &[8031]] {
            let mut bytes = vec![0x5a; 1000];
            let fcs = strike(bits, &mut bytes);
            assert_ne!(fcs, crc32fast::hash(&bytes), "{bits:?}");
        }
    }

    #[test]
    fn certain_errors_flip_every_bit() {
        let mut random = RootSeed(1).stream(&["noise"]);
        let all = flipped_bits(Probability::new(1.0).unwrap(), 10, &mut random);
        assert_eq!(all.len(), 14 * 8);
    }
}
