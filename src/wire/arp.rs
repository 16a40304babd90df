//! ARP for IPv4 over Ethernet (RFC 826).

use std::net::Ipv4Addr;

use super::Mac;

/// What an ARP packet says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArpOperation {
    /// Who has the target address?
    Request,
    /// The sender has it.
    Reply,
}

/// An ARP packet for IPv4 over Ethernet, the only pair of address kinds that netsim speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ArpPacket {
    /// Request or reply.
    pub operation: ArpOperation,
    /// The asking (or answering) card.
    pub sender_mac: Mac,
    /// Its protocol address.
    pub sender_ip: Ipv4Addr,
    /// The asked card: all zeros in a request.
    pub target_mac: Mac,
    /// The protocol address asked for.
    pub target_ip: Ipv4Addr,
}

impl ArpPacket {
    /// The length of the packet.
    pub const LEN: usize = 28;

    /// Reads a packet; `None` if it is short or not IPv4 over Ethernet.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; Self::LEN] = bytes.first_chunk()?;
        if bytes[..6] != PREFIX {
            return None;
        }
        let operation = match u16::from_be_bytes([bytes[6], bytes[7]]) {
            1 => ArpOperation::Request,
            2 => ArpOperation::Reply,
            _ => return None,
        };
        Some(Self {
            operation,
            sender_mac: mac(&bytes[8..14])?,
            sender_ip: ip(&bytes[14..18])?,
            target_mac: mac(&bytes[18..24])?,
            target_ip: ip(&bytes[24..28])?,
        })
    }

    /// The packet as bytes.
    pub fn emit(&self) -> [u8; Self::LEN] {
        let mut bytes = [0; Self::LEN];
        bytes[..6].copy_from_slice(&PREFIX);
        bytes[7] = match self.operation {
            ArpOperation::Request => 1,
            ArpOperation::Reply => 2,
        };
        bytes[8..14].copy_from_slice(&self.sender_mac.0);
        bytes[14..18].copy_from_slice(&self.sender_ip.octets());
        bytes[18..24].copy_from_slice(&self.target_mac.0);
        bytes[24..28].copy_from_slice(&self.target_ip.octets());
        bytes
    }
}

/// Hardware type Ethernet, protocol type IPv4, address lengths 6 and 4.
const PREFIX: [u8; 6] = [0, 1, 8, 0, 6, 4];

fn mac(bytes: &[u8]) -> Option<Mac> {
    bytes.try_into().ok().map(Mac)
}

fn ip(bytes: &[u8]) -> Option<Ipv4Addr> {
    <[u8; 4]>::try_from(bytes).ok().map(Ipv4Addr::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packet_reads_back_what_it_writes() {
        let packet = ArpPacket {
            operation: ArpOperation::Request,
            sender_mac: Mac::generated(1, 0),
            sender_ip: Ipv4Addr::new(10, 0, 0, 1),
            target_mac: Mac([0; 6]),
            target_ip: Ipv4Addr::new(10, 0, 0, 2),
        };
        assert_eq!(ArpPacket::parse(&packet.emit()), Some(packet));
        assert_eq!(ArpPacket::parse(&packet.emit()[..27]), None);
    }
}
