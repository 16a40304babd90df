//! Packet headers (RFC 9000, section 17), as far as they are not protected.

use super::cursor::Cursor;

/// The kinds of packets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Initial,
    ZeroRtt,
    Handshake,
    Retry,
    VersionNegotiation,
    OneRtt,
}

impl Kind {
    /// The name in the RFC.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Initial => "Initial",
            Self::ZeroRtt => "0-RTT",
            Self::Handshake => "Handshake",
            Self::Retry => "Retry",
            Self::VersionNegotiation => "Version Negotiation",
            Self::OneRtt => "1-RTT",
        }
    }

    /// Which packet numbers it counts with: those of Initial, Handshake, or application data.
    pub(super) const fn space(self) -> usize {
        match self {
            Self::Initial => 0,
            Self::Handshake => 1,
            _ => 2,
        }
    }
}

/// A packet with a long header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Long<'a> {
    pub(super) kind: Kind,
    /// The fixed bit, which a side may clear if the other one said that it does not mind (RFC 9287).
    pub(super) fixed: bool,
    pub(super) version: u32,
    pub(super) destination: &'a [u8],
    pub(super) source: &'a [u8],
    /// The token of an Initial packet.
    pub(super) token: &'a [u8],
    /// Where the packet number begins.
    pub(super) number_at: usize,
    /// Where the packet ends.
    pub(super) end: usize,
    /// The versions that the server speaks, in a Version Negotiation packet.
    pub(super) versions: Vec<u32>,
}

/// True if `byte` begins a packet with a long header.
pub(super) const fn is_long(byte: u8) -> bool {
    byte & 0x80 != 0
}

impl<'a> Long<'a> {
    /// The packet at the front of `datagram`. `None` if it is none of a version known here.
    pub(super) fn read(datagram: &'a [u8]) -> Option<Self> {
        let mut bytes = Cursor::new(datagram);
        let first = bytes.u8()?;
        let version = bytes.u32()?;
        let destination = bytes.counted(MOST_ID)?;
        let source = bytes.counted(MOST_ID)?;
        let mut packet = Self {
            kind: Kind::VersionNegotiation,
            fixed: first & 0x40 != 0,
            version,
            destination,
            source,
            token: &[],
            number_at: 0,
            end: datagram.len(),
            versions: Vec::new(),
        };
        if version == 0 {
            let versions = bytes.rest().chunks_exact(4);
            let number = |b: &[u8]| u32::from_be_bytes([b[0], b[1], b[2], b[3]]);
            packet.versions = versions.map(number).collect();
            return Some(packet);
        }
        salt(version)?;
        packet.kind = match first >> 4 & 3 {
            0 => Kind::Initial,
            1 => Kind::ZeroRtt,
            2 => Kind::Handshake,
            _ => Kind::Retry,
        };
        if packet.kind == Kind::Retry {
            return Some(packet);
        }
        if packet.kind == Kind::Initial {
            packet.token = bytes.sized()?;
        }
        let length = usize::try_from(bytes.varint()?).ok()?;
        packet.number_at = bytes.at();
        packet.end = bytes.at().checked_add(length)?;
        (packet.end <= datagram.len()).then_some(packet)
    }
}

/// What the keys of Initial packets are salted with (RFC 9001, section 5.2; draft-ietf-quic-tls-29).
pub(super) const fn salt(version: u32) -> Option<[u8; 20]> {
    match version {
        1 => Some([
            0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17, 0x9a, 0xe6, 0xa4, 0xc8,
            0x0c, 0xad, 0xcc, 0xbb, 0x7f, 0x0a,
        ]),
        0xff00_001d..=0xff00_0020 => Some([
            0xaf, 0xbf, 0xec, 0x28, 0x99, 0x93, 0xd2, 0x4c, 0x9e, 0x97, 0x86, 0xf1, 0x9c, 0x61,
            0x11, 0xe0, 0x43, 0x90, 0xa8, 0x99,
        ]),
        _ => None,
    }
}

/// "1", "draft-29".
pub(super) fn version_name(version: u32) -> String {
    match version {
        1 => "1".to_owned(),
        0xff00_0000..=0xff00_00ff => format!("draft-{}", version & 0xff),
        v if v & 0x0f0f_0f0f == 0x0a0a_0a0a => format!("{v:#010x} (reserved)"),
        v => format!("{v:#010x}"),
    }
}

/// The longest connection ID of version 1 \[bytes\].
pub(super) const MOST_ID: usize = 20;
