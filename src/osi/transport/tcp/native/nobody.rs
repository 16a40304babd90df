//! A segment that is for no connection (RFC 9293, section 3.10.7.1): a RST answers it.

use super::{
    options::Options,
    segment::{Address, Flags, Outgoing, Segment},
};
use crate::wire::FramePool;

/// The RST that `packet` is due; `None` if it is a RST itself. A listener (`listens`) answers only
/// what has an ACK (section 3.10.7.2).
pub(in super::super) fn refuse(
    packet: &[u8],
    ttl: u8,
    listens: bool,
    pool: &mut FramePool,
) -> Option<Vec<u8>> {
    let segment = Segment::parse(packet)?;
    let has_ack = segment.flags.has(Flags::ACK);
    if segment.flags.has(Flags::RST) || (listens && !has_ack) {
        return None;
    }
    #[allow(clippy::cast_possible_truncation, reason = "sequence numbers wrap")]
    let behind = segment.seq.wrapping_add(segment.len() as u32);
    let (seq, ack, flags) = match has_ack {
        true => (segment.ack, 0, Flags::RST),
        false => (0, behind, Flags::RST.with(Flags::ACK)),
    };
    let outgoing = Outgoing {
        seq,
        ack,
        flags,
        window: 0,
        urgent: 0,
        options: Options::default(),
        ecn_capable: false,
    };
    Some(outgoing.packet(&back(packet, ttl)?, (&[], &[]), pool))
}

/// Where an answer to `packet` goes.
fn back(packet: &[u8], ttl: u8) -> Option<Address> {
    let header = usize::from(packet.first()? & 0x0f) * 4;
    let port = |at: usize| Some(u16::from_be_bytes(*packet.get(at..)?.first_chunk()?));
    Some(Address {
        source: *packet.get(16..)?.first_chunk()?,
        destination: *packet.get(12..)?.first_chunk()?,
        ports: [port(header + 2)?, port(header)?],
        ttl,
    })
}
