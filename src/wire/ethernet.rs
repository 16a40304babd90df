//! The Ethernet II header (IEEE 802.3, DIX framing) and the bytes of a frame that a capture never
//! shows but a wire has to carry.

use super::Mac;

/// Destination, source, type.
pub const HEADER_LEN: usize = 14;
/// The shortest frame without its FCS: shorter ones are padded with zeros (802.3, 3.2.8).
pub const MIN_FRAME_LEN: usize = 60;
/// The frame check sequence, a CRC-32 (802.3, 3.2.9).
pub const FCS_LEN: usize = 4;
/// What a frame costs on the wire beyond its captured bytes: 8 of preamble and start delimiter,
/// 4 of FCS, 12 of inter-frame gap.
pub const WIRE_OVERHEAD: usize = 8 + FCS_LEN + 12;

/// What the payload of a frame is. An open set: any number may stand on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EtherType(pub u16);

impl EtherType {
    /// IPv4.
    pub const IPV4: Self = Self(0x0800);
    /// ARP.
    pub const ARP: Self = Self(0x0806);
    /// IPv6.
    pub const IPV6: Self = Self(0x86dd);
}

/// The three fields of an Ethernet II header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EthernetHeader {
    /// To whom.
    pub destination: Mac,
    /// From whom.
    pub source: Mac,
    /// What follows.
    pub ethertype: EtherType,
}

impl EthernetHeader {
    /// Reads the header at the start of `frame`; `None` if the frame is too short.
    pub fn parse(frame: &[u8]) -> Option<Self> {
        let header: &[u8; HEADER_LEN] = frame.first_chunk()?;
        let [d0, d1, d2, d3, d4, d5, s0, s1, s2, s3, s4, s5, t0, t1] = *header;
        Some(Self {
            destination: Mac([d0, d1, d2, d3, d4, d5]),
            source: Mac([s0, s1, s2, s3, s4, s5]),
            ethertype: EtherType(u16::from_be_bytes([t0, t1])),
        })
    }

    /// Writes the header over the first 14 bytes of `frame`.
    ///
    /// # Panics
    /// If `frame` is shorter than a header.
    pub fn emit(self, frame: &mut [u8]) {
        frame[0..6].copy_from_slice(&self.destination.0);
        frame[6..12].copy_from_slice(&self.source.0);
        frame[12..14].copy_from_slice(&self.ethertype.0.to_be_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_reads_back_what_it_writes() {
        let header = EthernetHeader {
            destination: Mac::BROADCAST,
            source: Mac::generated(1, 0),
            ethertype: EtherType::ARP,
        };
        let mut frame = [0; 60];
        header.emit(&mut frame);
        assert_eq!(EthernetHeader::parse(&frame), Some(header));
        assert_eq!(EthernetHeader::parse(&frame[..13]), None);
    }
}
