//! A frame in flight, and the pool that its bytes come from and go back to.
//!
//! In steady state no frame is allocated: whoever ends a frame's life gives its buffer back.

use crate::ids::FrameId;

/// One Ethernet frame: its bytes from the destination address to the end of the payload or
/// padding. The FCS is accounted for on the wire and kept only where noise struck.
#[derive(Debug)]
pub struct Frame {
    /// Who it is, for its whole journey.
    pub id: FrameId,
    /// The bytes, without FCS.
    pub bytes: Vec<u8>,
    /// The FCS as it arrived, present only if noise touched this frame on the last wire. Without
    /// noise the FCS is right by construction and nobody computes it.
    pub noisy_fcs: Option<u32>,
}

impl Frame {
    /// A frame of `bytes`, untouched by noise.
    pub const fn new(id: FrameId, bytes: Vec<u8>) -> Self {
        Self {
            id,
            bytes,
            noisy_fcs: None,
        }
    }

    /// The receiver's check: is the FCS that arrived the CRC-32 of the bytes that arrived?
    pub fn fcs_is_right(&self) -> bool {
        self.noisy_fcs
            .is_none_or(|fcs| fcs == crc32fast::hash(&self.bytes))
    }
}

/// Buffers that wait for their next frame.
#[derive(Debug, Default)]
pub struct FramePool {
    free: Vec<Vec<u8>>,
}

impl FramePool {
    /// An empty buffer, used before if there is one.
    pub fn take(&mut self) -> Vec<u8> {
        let mut bytes = self.free.pop().unwrap_or_default();
        bytes.clear();
        bytes
    }

    /// A buffer of `len` bytes for somebody who writes every one of them but the first `clean`,
    /// which are zero: the others are whatever the last frame left.
    pub fn take_len(&mut self, len: usize, clean: usize) -> Vec<u8> {
        let mut bytes = self.free.pop().unwrap_or_default();
        bytes.resize(len, 0);
        bytes[..clean.min(len)].fill(0);
        bytes
    }

    /// Gives a buffer back.
    pub fn give(&mut self, bytes: Vec<u8>) {
        if self.free.len() < Self::MOST {
            self.free.push(bytes);
        }
    }

    /// True if no buffer waits.
    pub fn is_empty(&self) -> bool {
        self.free.is_empty()
    }

    /// Takes every buffer that waits in `other`.
    pub fn absorb(&mut self, other: &mut Self) {
        self.free.append(&mut other.free);
        self.free.truncate(Self::MOST);
    }

    /// A copy of `frame` in a buffer of this pool, with the same identity.
    pub fn copy(&mut self, frame: &Frame) -> Frame {
        let mut bytes = self.take();
        bytes.extend_from_slice(&frame.bytes);
        Frame {
            id: frame.id,
            bytes,
            noisy_fcs: frame.noisy_fcs,
        }
    }

    /// More waiting buffers than this are freed: a burst must not hold memory for ever.
    const MOST: usize = 65_536;
}
