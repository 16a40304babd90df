//! What a datagram of a constant-rate stream carries.
//!
//! ```text
//! offset  size
//!      0     4  stream: the number of the traffic entry, from 0
//!      4     8  sequence number, from 0, over all repetitions
//!     12     8  when it was sent [ns of virtual time]
//!     20     -  filler up to the configured size
//! ```
//! All numbers are big-endian. The sending time needs no clocks in step: there is only one.

use crate::{ids::TrafficId, osi::application::content::Content, units::SimTime, wire::Checksum};

/// The head of a datagram.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Head {
    /// Which traffic entry.
    pub(super) stream: TrafficId,
    /// Which of its datagrams.
    pub(super) sequence: u64,
    /// When it was sent.
    pub(super) sent: SimTime,
}

impl Head {
    /// Size of the head: the least a payload may have \[bytes\].
    pub(super) const SIZE: usize = 20;

    /// Writes the whole payload of a datagram, this head, then filler to the end of `payload`, and
    /// sums it up.
    ///
    /// # Panics
    /// If `payload` is shorter than [`Head::SIZE`].
    pub(super) fn write(self, payload: &mut [u8]) -> Checksum {
        let (head, filler) = payload.split_at_mut(Self::SIZE);
        head[..4].copy_from_slice(&self.stream.0.to_be_bytes());
        head[4..12].copy_from_slice(&self.sequence.to_be_bytes());
        head[12..].copy_from_slice(&self.sent.as_nanos().to_be_bytes());
        let sum = Checksum::default().over(head);
        sum.plus(Content::fill_with_filler(filler), 1)
    }

    /// Reads the head; `None` if the payload is too short to have one.
    pub(super) fn read(payload: &[u8]) -> Option<Self> {
        let (stream, rest) = payload.split_first_chunk()?;
        let (sequence, rest) = rest.split_first_chunk()?;
        let (sent, _) = rest.split_first_chunk()?;
        Some(Self {
            stream: TrafficId(u32::from_be_bytes(*stream)),
            sequence: u64::from_be_bytes(*sequence),
            sent: SimTime::from_nanos(u64::from_be_bytes(*sent)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: Head = Head {
        stream: TrafficId(1),
        sequence: 2,
        sent: SimTime::from_nanos(0x0304),
    };

    #[test]
    fn a_payload_is_the_documented_bytes() {
        let mut payload = [9; 23];
        HEAD.write(&mut payload);
        let head = [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 3, 4];
        assert_eq!(payload[..20], head);
        assert_eq!(payload[20..], *b"ABC");
    }

    #[test]
    fn a_head_reads_back_and_a_short_payload_has_none() {
        for size in [20, 160, 65_507] {
            let mut payload = vec![9; size];
            let sum = HEAD.write(&mut payload).finish();
            assert_eq!(sum, Checksum::default().over(&payload).finish());
            assert_eq!(Head::read(&payload), Some(HEAD));
            assert_eq!(Head::read(&payload[..19]), None);
        }
    }
}
