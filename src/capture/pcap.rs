//! Classic pcap (draft-ietf-opsawg-pcap) with nanoseconds, little-endian. It has no interfaces,
//! no names, no comments and no directions.

use std::io::{self, Write};

use super::pcapng::{LINKTYPE_ETHERNET, Packet};

/// Writes one classic capture.
#[derive(Debug)]
pub struct PcapWriter<W> {
    out: W,
}

impl<W: Write> PcapWriter<W> {
    /// Writes the header. At most `snap_length` bytes of each frame will be kept.
    ///
    /// # Errors
    /// Those of `out`, here and in all other calls.
    pub fn new(mut out: W, snap_length: Option<u32>) -> io::Result<Self> {
        let mut header = Vec::with_capacity(24);
        header.extend(NANOSECOND_MAGIC.to_le_bytes());
        header.extend(2_u16.to_le_bytes());
        header.extend(4_u16.to_le_bytes());
        header.extend([0; 8]);
        header.extend(snap_length.unwrap_or(NO_SNAP_LENGTH).to_le_bytes());
        header.extend(u32::from(LINKTYPE_ETHERNET).to_le_bytes());
        out.write_all(&header)?;
        Ok(Self { out })
    }

    /// Writes a frame; its interface, direction and comment have no place here.
    ///
    /// # Errors
    /// See [`PcapWriter::new`]; a time after the year 2106 does not fit the format.
    #[allow(
        clippy::cast_possible_truncation,
        reason = "frames are far below 4 GiB"
    )]
    pub fn packet(&mut self, packet: &Packet<'_>) -> io::Result<()> {
        let seconds = u32::try_from(packet.at / NS_PER_S).map_err(|_| {
            io::Error::new(
                io::ErrorKind::InvalidInput,
                "classic pcap has no time after the year 2106; pcapng has",
            )
        })?;
        let head = [
            seconds,
            (packet.at % NS_PER_S) as u32,
            packet.bytes.len() as u32,
            packet.original_len,
        ];
        self.out
            .write_all(head.map(u32::to_le_bytes).as_flattened())?;
        self.out.write_all(packet.bytes)
    }

    /// Flushes and gives the output back.
    ///
    /// # Errors
    /// See [`PcapWriter::new`].
    pub fn finish(mut self) -> io::Result<W> {
        self.out.flush()?;
        Ok(self.out)
    }
}

const NANOSECOND_MAGIC: u32 = 0xa1b2_3c4d;
/// What tcpdump writes for "everything".
const NO_SNAP_LENGTH: u32 = 262_144;
const NS_PER_S: u64 = 1_000_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_classic_capture_is_written_byte_by_byte() {
        let mut writer = PcapWriter::new(Vec::new(), None).unwrap();
        let packet = Packet {
            interface: 0,
            at: 2_000_000_003,
            direction: None,
            bytes: &[0xaa, 0xbb, 0xcc],
            original_len: 60,
            comment: Some("has no place"),
        };
        writer.packet(&packet).unwrap();
        let mut expected = vec![0x4d, 0x3c, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        // 262144 = 0x40000; Ethernet is 1; then 2 s and 3 ns, 3 bytes of 60.
        expected.extend([0, 0, 4, 0, 1, 0, 0, 0]);
        expected.extend([
            2, 0, 0, 0, 3, 0, 0, 0, 3, 0, 0, 0, 60, 0, 0, 0, 0xaa, 0xbb, 0xcc,
        ]);
        assert_eq!(writer.finish().unwrap(), expected);
    }

    #[test]
    fn a_time_after_2106_is_refused() {
        let mut writer = PcapWriter::new(Vec::new(), None).unwrap();
        let packet = Packet {
            interface: 0,
            at: u64::MAX,
            direction: None,
            bytes: &[],
            original_len: 0,
            comment: None,
        };
        assert!(writer.packet(&packet).is_err());
    }
}
