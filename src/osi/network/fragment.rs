//! IPv4 fragmentation (RFC 791, section 2.3).

use crate::{
    osi::data_link::{FrameIds, Outbox},
    wire::{Frame, HEADER_LEN, Ipv4Packet},
};

/// Cuts the packet in `frame` (behind its Ethernet header) into frames whose packets fit `mtu`.
///
/// The first piece keeps the frame's identity, the others get new ones. `None` if the packet is
/// malformed or `mtu` cannot hold even eight bytes of payload.
pub(super) fn fragment(
    frame: &Frame,
    mtu: usize,
    ids: &mut FrameIds,
    out: &mut Outbox,
) -> Option<Vec<Frame>> {
    let packet = Ipv4Packet::new(&frame.bytes[HEADER_LEN..])?;
    let header_len = packet.header_len();
    let room = mtu.checked_sub(header_len)? / 8 * 8;
    if room == 0 || packet.payload().is_empty() {
        return None;
    }
    let head = &frame.bytes[..HEADER_LEN + header_len];
    let pieces = packet.payload().chunks(room);
    let last = pieces.len() - 1;
    let frames = pieces.enumerate().map(|(i, piece)| {
        let mut bytes = out.pool.take();
        bytes.extend_from_slice(head);
        bytes.extend_from_slice(piece);
        let more = i < last || packet.more_fragments();
        let offset = packet.fragment_offset() + i * room;
        set_fragment(&mut bytes[HEADER_LEN..], offset, more);
        let id = if i == 0 { frame.id } else { ids.next() };
        Frame::new(id, bytes)
    });
    Some(frames.collect())
}

/// Turns a copy of a header with a piece behind it into a fragment.
#[allow(
    clippy::cast_possible_truncation,
    reason = "a piece is shorter than its packet"
)]
fn set_fragment(packet: &mut [u8], offset: usize, more: bool) {
    let total_len = (packet.len() as u16).to_be_bytes();
    packet[2..4].copy_from_slice(&total_len);
    if let Some(mut view) = Ipv4Packet::new(packet) {
        view.set_fragment(offset, more);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::NodeId;

    /// A UDP-like packet of `payload` bytes from 10.0.0.1 to 10.0.0.2, DF clear.
    fn frame(payload: usize, ids: &mut FrameIds) -> Frame {
        let total = u16::try_from(20 + payload).unwrap().to_be_bytes();
        let header = [
            0x45, 0, total[0], total[1], 0x12, 0x34, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2,
        ];
        let mut bytes = vec![0; HEADER_LEN];
        bytes.extend(header);
        bytes.extend((0..payload).map(|i| u8::try_from(i % 251).unwrap()));
        Frame::new(ids.next(), bytes)
    }

    #[test]
    fn pieces_fit_the_mtu_and_join_to_the_whole() {
        // MTU 576 leaves 556 bytes, 552 in eights: 1400 = 552 + 552 + 296.
        let (mut ids, mut out) = (FrameIds::of(NodeId(0)), Outbox::default());
        let whole = frame(1400, &mut ids);
        let pieces = fragment(&whole, 576, &mut ids, &mut out).unwrap();
        let mut joined = Vec::new();
        for (i, piece) in pieces.iter().enumerate() {
            let view = Ipv4Packet::new(&piece.bytes[HEADER_LEN..]).unwrap();
            assert!(view.checksum_is_right() && view.total_len() <= 576);
            assert_eq!(view.fragment_offset(), joined.len());
            assert_eq!(view.more_fragments(), i < 2);
            assert_eq!(view.identification(), 0x1234);
            joined.extend_from_slice(view.payload());
        }
        assert_eq!(pieces.len(), 3);
        assert_eq!(joined, whole.bytes[HEADER_LEN + 20..]);
    }

    #[test]
    fn an_mtu_without_room_for_payload_splits_nothing() {
        let (mut ids, mut out) = (FrameIds::of(NodeId(0)), Outbox::default());
        let whole = frame(100, &mut ids);
        assert!(fragment(&whole, 27, &mut ids, &mut out).is_none());
    }
}
