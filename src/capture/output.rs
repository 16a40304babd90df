//! One capture file in either format, and what its interfaces saw.

use std::{io, net::IpAddr, path::PathBuf};

use super::{
    interface::Interface,
    pcap::PcapWriter,
    pcapng::{Packet, PacketDirection, PcapngWriter, Statistics},
    spool::Spool,
};
use crate::scenario::plan::CaptureFormat;

/// How the files of one set are written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Style {
    pub(super) format: CaptureFormat,
    pub(super) snap_length: Option<u32>,
    /// When virtual time begins \[ns since 1970-01-01 UTC\].
    pub(super) epoch: u64,
    /// How many bytes of a file wait in memory.
    pub(super) buffer: usize,
}

/// One capture that is being written.
#[derive(Debug)]
pub(super) struct Output {
    writer: Writer,
    style: Style,
    /// By interface number.
    seen: Vec<u64>,
    last: u64,
}

#[derive(Debug)]
enum Writer {
    Pcapng(PcapngWriter<Spool>),
    Pcap(PcapWriter<Spool>),
}

/// What happened at an interface.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sight<'a> {
    pub(super) interface: u32,
    /// Virtual time \[ns\].
    pub(super) at: u64,
    pub(super) direction: Option<PacketDirection>,
    pub(super) bytes: &'a [u8],
    pub(super) comment: Option<&'a str>,
}

impl Output {
    /// Starts `path` with these interfaces.
    pub(super) fn create<'a>(
        path: PathBuf,
        style: Style,
        interfaces: &[Interface],
        names: impl IntoIterator<Item = (IpAddr, &'a str)>,
    ) -> io::Result<Self> {
        let spool = Spool::create(path, style.buffer)?;
        let writer = match style.format {
            CaptureFormat::Pcap => Writer::Pcap(PcapWriter::new(spool, style.snap_length)?),
            CaptureFormat::Pcapng => {
                let mut writer = PcapngWriter::new(spool)?;
                for interface in interfaces {
                    writer.add_interface(interface)?;
                }
                writer.names(names)?;
                Writer::Pcapng(writer)
            }
        };
        Ok(Self {
            writer,
            style,
            seen: vec![0; interfaces.len()],
            last: style.epoch,
        })
    }

    /// Writes one frame.
    #[allow(
        clippy::cast_possible_truncation,
        reason = "frames are far below 4 GiB"
    )]
    pub(super) fn write(&mut self, sight: &Sight<'_>) -> io::Result<()> {
        let whole = sight.bytes.len();
        let snap = self
            .style
            .snap_length
            .map_or(whole, |s| whole.min(s as usize));
        let at = self.style.epoch.saturating_add(sight.at);
        let packet = Packet {
            interface: sight.interface,
            at,
            direction: sight.direction,
            bytes: &sight.bytes[..snap],
            original_len: whole as u32,
            comment: sight.comment,
        };
        if let Some(seen) = self.seen.get_mut(sight.interface as usize) {
            *seen += 1;
        }
        self.last = at;
        match &mut self.writer {
            Writer::Pcapng(writer) => writer.packet(&packet),
            Writer::Pcap(writer) => writer.packet(&packet),
        }
    }

    /// Writes a secret, before the frames that it opens. Classic pcap has no place for it.
    pub(super) fn secret(&mut self, line: &str) -> io::Result<()> {
        match &mut self.writer {
            Writer::Pcapng(writer) => writer.tls_secrets(line.as_bytes()),
            Writer::Pcap(_) => Ok(()),
        }
    }

    /// Writes what stands last. The file still has to be committed.
    pub(super) fn finish(self) -> io::Result<Spool> {
        match self.writer {
            Writer::Pcap(writer) => writer.finish(),
            Writer::Pcapng(mut writer) => {
                for (interface, received) in (0_u32..).zip(self.seen) {
                    let seen = Statistics {
                        start: self.style.epoch,
                        end: self.last,
                        received,
                        dropped: 0,
                    };
                    writer.statistics(interface, &seen)?;
                }
                writer.finish()
            }
        }
    }
}
