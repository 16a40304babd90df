//! The pcapng format (draft-ietf-opsawg-pcapng), written little-endian as a stream. A frame goes to
//! the output in several short writes; an output that minds should be buffered.
//!
//! Time stamps are nanoseconds since 1970-01-01 UTC. Nothing about the machine is written.

use std::{
    io::{self, Write},
    net::IpAddr,
};

use ipnet::IpNet;

use super::{interface::Interface, options::BlockBuilder};

/// Writes one section of pcapng.
#[derive(Debug)]
pub struct PcapngWriter<W> {
    out: W,
    block: BlockBuilder,
    interfaces: u32,
}

/// One frame for a capture.
#[derive(Debug, Clone, Copy)]
pub struct Packet<'a> {
    /// The number of the interface, as [`PcapngWriter::add_interface`] gave it.
    pub interface: u32,
    /// When \[ns since 1970-01-01 UTC\].
    pub at: u64,
    /// Which way it went, if that is known.
    pub direction: Option<PacketDirection>,
    /// What is kept of its bytes.
    pub bytes: &'a [u8],
    /// How long it was.
    pub original_len: u32,
    /// A remark for the reader.
    pub comment: Option<&'a str>,
}

/// Which way a frame passed the card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PacketDirection {
    /// The card received it.
    Inbound,
    /// The card sent it.
    Outbound,
}

impl PacketDirection {
    /// The value of the option that says so (epb_flags).
    const fn flags(self) -> [u8; 4] {
        match self {
            Self::Inbound => [1, 0, 0, 0],
            Self::Outbound => [2, 0, 0, 0],
        }
    }

    /// The options of a frame of which only this is to be said.
    const fn options(self) -> &'static [u8; 12] {
        match self {
            Self::Inbound => &[2, 0, 4, 0, 1, 0, 0, 0, 0, 0, 0, 0],
            Self::Outbound => &[2, 0, 4, 0, 2, 0, 0, 0, 0, 0, 0, 0],
        }
    }
}

impl BlockBuilder {
    /// The options of a frame with a comment.
    fn packet_options(&mut self, comment: &str, direction: Option<PacketDirection>) -> &[u8] {
        self.start_options().text(1, comment);
        if let Some(direction) = direction {
            self.option(2, &direction.flags());
        }
        self.finish_options()
    }
}

/// What one interface saw in all.
#[derive(Debug, Clone, Copy, Default)]
pub struct Statistics {
    /// When the capture started \[ns since 1970-01-01 UTC\].
    pub start: u64,
    /// When it ended.
    pub end: u64,
    /// How many frames it saw.
    pub received: u64,
    /// How many of them it could not keep.
    pub dropped: u64,
}

impl<W: Write> PcapngWriter<W> {
    /// Starts a section: writes its header.
    ///
    /// # Errors
    /// Those of `out`, here and in all other calls.
    pub fn new(out: W) -> io::Result<Self> {
        let mut writer = Self {
            out,
            block: BlockBuilder::default(),
            interfaces: 0,
        };
        let program = concat!("netsim ", env!("CARGO_PKG_VERSION"));
        writer
            .block
            .start(SECTION_HEADER)
            .u32(BYTE_ORDER_MAGIC)
            .u16(1)
            .u16(0)
            .u64(UNKNOWN_LENGTH)
            .text(4, program);
        writer.put()?;
        Ok(writer)
    }

    /// Describes a card. Returns its number, from 0. Its frames may follow at any time.
    ///
    /// # Errors
    /// See [`PcapngWriter::new`].
    pub fn add_interface(&mut self, interface: &Interface) -> io::Result<u32> {
        let block = self.block.start(INTERFACE_DESCRIPTION);
        block
            .u16(LINKTYPE_ETHERNET)
            .u16(0)
            .u32(interface.snap_length.unwrap_or(0))
            .text(2, &interface.name);
        if !interface.description.is_empty() {
            block.text(3, &interface.description);
        }
        for address in &interface.addresses {
            add_address(block, address);
        }
        if let Some(mac) = interface.mac {
            block.option(6, &mac.0);
        }
        if let Some(speed) = interface.speed {
            block.option(8, &speed.bits_per_second().to_le_bytes());
        }
        block.option(9, &[NANOSECONDS]);
        self.put()?;
        self.interfaces += 1;
        Ok(self.interfaces - 1)
    }

    /// Says which names addresses have.
    ///
    /// # Errors
    /// See [`PcapngWriter::new`].
    pub fn names<'a>(
        &mut self,
        names: impl IntoIterator<Item = (IpAddr, &'a str)>,
    ) -> io::Result<()> {
        let mut names = names.into_iter().peekable();
        while names.peek().is_some() {
            let block = self.block.start(NAME_RESOLUTION);
            for (address, name) in names.by_ref().take(NAMES_PER_BLOCK) {
                match address {
                    IpAddr::V4(a) => add_name(block, 1, &a.octets(), name),
                    IpAddr::V6(a) => add_name(block, 2, &a.octets(), name),
                }
            }
            block.u32(0);
            self.put()?;
        }
        Ok(())
    }

    /// Adds TLS secrets, in the format of SSLKEYLOGFILE. They must stand before the frames that
    /// they open.
    ///
    /// # Errors
    /// See [`PcapngWriter::new`]; secrets of more than 1 MiB are refused.
    pub fn tls_secrets(&mut self, key_log: &[u8]) -> io::Result<()> {
        let length = u32::try_from(key_log.len())
            .ok()
            .filter(|&l| l <= MAX_SECRETS);
        let length = length.ok_or_else(|| {
            io::Error::new(
                io::ErrorKind::InvalidInput,
                "a block of TLS secrets may have at most 1 MiB",
            )
        })?;
        self.block
            .start(DECRYPTION_SECRETS)
            .u32(TLS_KEY_LOG)
            .u32(length)
            .padded(key_log);
        self.put()
    }

    /// Writes a frame.
    ///
    /// # Errors
    /// See [`PcapngWriter::new`].
    #[allow(
        clippy::cast_possible_truncation,
        reason = "frames are far below 4 GiB"
    )]
    pub fn packet(&mut self, packet: &Packet<'_>) -> io::Result<()> {
        let captured = packet.bytes.len();
        let padding = captured.next_multiple_of(4) - captured;
        let options: &[u8] = match (packet.comment, packet.direction) {
            (None, None) => &[],
            (None, Some(direction)) => direction.options(),
            (Some(text), direction) => self.block.packet_options(text, direction),
        };
        let total = (HEAD + captured + padding + options.len() + 4) as u32;
        let head = [
            ENHANCED_PACKET,
            total,
            packet.interface,
            (packet.at >> 32) as u32,
            packet.at as u32,
            captured as u32,
            packet.original_len,
        ];
        // Straight to the output: the frame is copied once.
        self.out
            .write_all(head.map(u32::to_le_bytes).as_flattened())?;
        self.out.write_all(packet.bytes)?;
        if let (None, Some(direction)) = (packet.comment, packet.direction) {
            let tail = padded_tail(direction, total);
            return self.out.write_all(&tail[3 - padding..]);
        }
        self.out.write_all(&[0; 3][..padding])?;
        self.out.write_all(options)?;
        self.out.write_all(&total.to_le_bytes())
    }

    /// Says what an interface saw in all; these blocks stand last.
    ///
    /// # Errors
    /// See [`PcapngWriter::new`].
    pub fn statistics(&mut self, interface: u32, seen: &Statistics) -> io::Result<()> {
        let [start, end] = [halves(seen.start), halves(seen.end)];
        self.block
            .start(INTERFACE_STATISTICS)
            .u32(interface)
            .time(seen.end)
            .option(2, &start)
            .option(3, &end)
            .option(4, &seen.received.to_le_bytes())
            .option(5, &seen.dropped.to_le_bytes());
        self.put()
    }

    /// Flushes and gives the output back.
    ///
    /// # Errors
    /// See [`PcapngWriter::new`].
    pub fn finish(mut self) -> io::Result<W> {
        self.out.flush()?;
        Ok(self.out)
    }

    fn put(&mut self) -> io::Result<()> {
        self.out.write_all(self.block.finish())
    }
}

/// What follows a frame of which only the direction is to be said, as most are: three bytes of
/// padding, the options and the length, in one piece.
fn padded_tail(direction: PacketDirection, total: u32) -> [u8; 19] {
    let mut tail = [0; 19];
    tail[3..15].copy_from_slice(direction.options());
    tail[15..].copy_from_slice(&total.to_le_bytes());
    tail
}

/// The bytes of a packet block before the frame.
const HEAD: usize = 28;

/// A time stamp inside an option: the high half first.
fn halves(at: u64) -> [u8; 8] {
    at.rotate_left(32).to_le_bytes()
}

fn add_address(block: &mut BlockBuilder, address: &IpNet) {
    match address {
        IpNet::V4(net) => {
            let mut value = [0; 8];
            value[..4].copy_from_slice(&net.addr().octets());
            value[4..].copy_from_slice(&net.netmask().octets());
            block.option(4, &value);
        }
        IpNet::V6(net) => {
            let mut value = [0; 17];
            value[..16].copy_from_slice(&net.addr().octets());
            value[16] = net.prefix_len();
            block.option(5, &value);
        }
    }
}

/// One record of a name resolution block: the address, then the name with a zero behind it.
#[allow(clippy::cast_possible_truncation, reason = "the name is cut to fit")]
fn add_name(block: &mut BlockBuilder, kind: u16, address: &[u8], name: &str) {
    let name = name.split('\0').next().unwrap_or_default();
    let mut value = address.to_vec();
    value.extend(name.bytes().take(MAX_NAME));
    value.push(0);
    block.u16(kind).u16(value.len() as u16).padded(&value);
}

const SECTION_HEADER: u32 = 0x0a0d_0d0a;
const INTERFACE_DESCRIPTION: u32 = 1;
const NAME_RESOLUTION: u32 = 4;
const INTERFACE_STATISTICS: u32 = 5;
const ENHANCED_PACKET: u32 = 6;
const DECRYPTION_SECRETS: u32 = 10;

const BYTE_ORDER_MAGIC: u32 = 0x1a2b_3c4d;
/// The section's length is not known before it ends.
const UNKNOWN_LENGTH: u64 = u64::MAX;
/// LINKTYPE_ETHERNET.
pub(super) const LINKTYPE_ETHERNET: u16 = 1;
/// `if_tsresol`: ten to the power of minus nine.
const NANOSECONDS: u8 = 9;
/// "TLSK".
const TLS_KEY_LOG: u32 = 0x544c_534b;
const MAX_SECRETS: u32 = 1 << 20;
/// A longer name is cut \[bytes\].
const MAX_NAME: usize = 255;
const NAMES_PER_BLOCK: usize = 1000;

#[cfg(test)]
mod tests;
