//! Reads pcapng and classic pcap, in both byte orders, with whatever time resolution, by
//! pcap-parser. Damaged files end in an error that says where; they never panic.
//!
//! Not here: the statistics, names and secrets blocks, which are stepped over.

use std::io::Read;

use pcap_parser::{
    Block, EnhancedPacketBlock, InterfaceDescriptionBlock, OptionCode, PcapError, PcapHeader,
    PcapNGOption, SimplePacketBlock,
    nom::{self, IResult},
    parse_block_be, parse_block_le, parse_pcap_frame, parse_pcap_frame_be,
    parse_pcap_frame_modified, parse_pcap_header,
    traits::PcapNGPacketBlock,
};

use super::{
    pcapng::PacketDirection,
    source::{ReadError, Source},
};

/// Reads the frames of one capture, in the order of the file.
#[derive(Debug)]
pub struct CaptureReader<R> {
    source: Source<R>,
    format: Format,
    interfaces: Vec<CapturedInterface>,
    /// The first interface of the current section.
    section: usize,
    failed: bool,
}

#[derive(Debug)]
enum Format {
    Pcapng { big_endian: bool },
    Pcap(PcapHeader),
}

/// One interface of a capture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CapturedInterface {
    /// Its name, empty if the file has none.
    pub name: String,
    /// Its description, empty if the file has none.
    pub description: String,
    /// The LINKTYPE number; 1 is Ethernet.
    pub link_type: i32,
    /// How much of a frame is kept at most; 0 is all.
    pub snap_length: u32,
    /// `if_tsresol`.
    resolution: u8,
    /// Added to each time \[s\].
    offset: i64,
}

/// One frame of a capture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CapturedFrame {
    /// The interface, as an index into [`CaptureReader::interfaces`].
    pub interface: usize,
    /// When \[ns since 1970-01-01 UTC\]; 0 if the file does not say.
    pub at: u64,
    /// What was kept of it.
    pub bytes: Vec<u8>,
    /// How long it was.
    pub original_len: u32,
    /// Which way it went, if the file says so.
    pub direction: Option<PacketDirection>,
    /// The first comment on it.
    pub comment: Option<String>,
}

impl<R: Read> CaptureReader<R> {
    /// Starts to read.
    ///
    /// # Errors
    /// If the file does not begin like a capture.
    pub fn new(read: R) -> Result<Self, ReadError> {
        let mut source = Source::new(read);
        while source.window().len() < PCAP_HEADER_LEN {
            match source.more() {
                Ok(()) => {}
                Err(ReadError::Truncated { .. }) => return Err(ReadError::NotACapture),
                Err(other) => return Err(other),
            }
        }
        let mut reader = Self {
            source,
            format: Format::Pcapng { big_endian: false },
            interfaces: Vec::new(),
            section: 0,
            failed: false,
        };
        if reader
            .source
            .window()
            .starts_with(&[0x0a, 0x0d, 0x0d, 0x0a])
        {
            return Ok(reader);
        }
        let Ok((_, header)) = parse_pcap_header(reader.source.window()) else {
            return Err(ReadError::NotACapture);
        };
        reader.source.consume(PCAP_HEADER_LEN);
        reader.interfaces.push(CapturedInterface::of_pcap(&header));
        reader.format = Format::Pcap(header);
        Ok(reader)
    }

    /// The interfaces that were described so far.
    pub fn interfaces(&self) -> &[CapturedInterface] {
        &self.interfaces
    }

    /// The next frame; `None` at the end.
    ///
    /// # Errors
    /// If the file is cut or damaged, with the offset. Nothing can be read after an error.
    pub fn next_frame(&mut self) -> Result<Option<CapturedFrame>, ReadError> {
        while !self.failed && !self.source.is_empty()? {
            let offset = self.source.offset();
            match self.step() {
                Ok(Step::Frame(frame)) => return Ok(Some(frame)),
                Ok(Step::Other) => {}
                Ok(Step::More) => self.source.more().inspect_err(|_| self.failed = true)?,
                Err(what) => {
                    self.failed = true;
                    return Err(ReadError::Malformed { offset, what });
                }
            }
        }
        Ok(None)
    }

    /// One block or record.
    fn step(&mut self) -> Result<Step, &'static str> {
        match &self.format {
            Format::Pcap(header) => {
                let parse = match (header.is_modified_format(), header.is_bigendian()) {
                    (true, _) => parse_pcap_frame_modified,
                    (false, true) => parse_pcap_frame_be,
                    (false, false) => parse_pcap_frame,
                };
                let Some((used, record)) = whole(self.source.window(), parse)? else {
                    return Ok(Step::More);
                };
                let unit = match header.is_nanosecond_precision() {
                    true => 1,
                    false => 1_000,
                };
                let fraction = u64::from(record.ts_usec) * unit;
                let frame = CapturedFrame {
                    interface: 0,
                    at: u64::from(record.ts_sec) * NS_PER_S + fraction,
                    bytes: record.data.to_vec(),
                    original_len: record.origlen,
                    direction: None,
                    comment: None,
                };
                self.source.consume(used);
                Ok(Step::Frame(frame))
            }
            Format::Pcapng { big_endian } => self.block(*big_endian),
        }
    }

    fn block(&mut self, big_endian: bool) -> Result<Step, &'static str> {
        let parse = match big_endian {
            true => parse_block_be,
            false => parse_block_le,
        };
        let Some((used, block)) = whole(self.source.window(), parse)? else {
            return Ok(Step::More);
        };
        let known = &self.interfaces[self.section..];
        let step = match block {
            Block::SectionHeader(section) => {
                let big_endian = section.big_endian();
                self.section = self.interfaces.len();
                self.format = Format::Pcapng { big_endian };
                Step::Other
            }
            Block::InterfaceDescription(described) => {
                let interface = CapturedInterface::of_pcapng(&described, big_endian);
                self.interfaces.push(interface);
                Step::Other
            }
            Block::EnhancedPacket(packet) => {
                let number = packet.if_id as usize;
                let interface = known.get(number).ok_or("it names an unknown interface")?;
                Step::Frame(enhanced(
                    &packet,
                    interface,
                    self.section + number,
                    big_endian,
                )?)
            }
            Block::SimplePacket(packet) => {
                let interface = known.first().ok_or("it comes before any interface")?;
                Step::Frame(simple(&packet, interface, self.section))
            }
            _ => Step::Other,
        };
        self.source.consume(used);
        Ok(step)
    }
}

impl<R: Read> Iterator for CaptureReader<R> {
    type Item = Result<CapturedFrame, ReadError>;
    fn next(&mut self) -> Option<Self::Item> {
        self.next_frame().transpose()
    }
}

enum Step {
    Frame(CapturedFrame),
    Other,
    More,
}

/// Runs a parser of pcap-parser: the value and how many bytes it took, `None` if there are too
/// few bytes.
fn whole<'a, T>(
    window: &'a [u8],
    parse: impl Fn(&'a [u8]) -> IResult<&'a [u8], T, PcapError<&'a [u8]>>,
) -> Result<Option<(usize, T)>, &'static str> {
    match parse(window) {
        Ok((rest, value)) if rest.len() < window.len() => {
            Ok(Some((window.len() - rest.len(), value)))
        }
        Ok(_) => Err("it has no length"),
        Err(nom::Err::Incomplete(_)) => Ok(None),
        Err(_) => Err("a length or a number in it does not fit"),
    }
}

fn enhanced(
    packet: &EnhancedPacketBlock<'_>,
    interface: &CapturedInterface,
    number: usize,
    big_endian: bool,
) -> Result<CapturedFrame, &'static str> {
    if packet.caplen as usize > packet.data.len() {
        return Err("the frame is longer than its block");
    }
    let flags = option(&packet.options, OptionCode(2)).and_then(|v| v.first_chunk());
    let flags = flags.map(|f: &[u8; 4]| match big_endian {
        true => u32::from_be_bytes(*f),
        false => u32::from_le_bytes(*f),
    });
    let comment = option(&packet.options, OptionCode::Comment);
    Ok(CapturedFrame {
        interface: number,
        at: interface.nanoseconds((u64::from(packet.ts_high) << 32) | u64::from(packet.ts_low)),
        bytes: packet.packet_data().to_vec(),
        original_len: packet.origlen,
        direction: match flags.map(|f| f & 3) {
            Some(1) => Some(PacketDirection::Inbound),
            Some(2) => Some(PacketDirection::Outbound),
            _ => None,
        },
        comment: comment.map(|c| String::from_utf8_lossy(c).into_owned()),
    })
}

fn simple(
    packet: &SimplePacketBlock<'_>,
    interface: &CapturedInterface,
    number: usize,
) -> CapturedFrame {
    let snap = match interface.snap_length {
        0 => usize::MAX,
        snap => snap as usize,
    };
    let kept = packet.data.len().min(packet.origlen as usize).min(snap);
    CapturedFrame {
        interface: number,
        at: 0,
        bytes: packet.data[..kept].to_vec(),
        original_len: packet.origlen,
        direction: None,
        comment: None,
    }
}

/// The value of the first option with this code, without padding.
fn option<'a>(options: &'a [PcapNGOption<'_>], code: OptionCode) -> Option<&'a [u8]> {
    let found = options.iter().find(|o| o.code == code)?;
    found.as_bytes().ok()
}

impl CapturedInterface {
    const fn of_pcap(header: &PcapHeader) -> Self {
        Self {
            name: String::new(),
            description: String::new(),
            link_type: header.network.0,
            snap_length: header.snaplen,
            resolution: 9,
            offset: 0,
        }
    }

    fn of_pcapng(block: &InterfaceDescriptionBlock<'_>, big_endian: bool) -> Self {
        let text = |code| {
            let value = option(&block.options, code).unwrap_or_default();
            String::from_utf8_lossy(value).into_owned()
        };
        let offset = option(&block.options, OptionCode::IfTsoffset).and_then(|v| v.first_chunk());
        Self {
            name: text(OptionCode::IfName),
            description: text(OptionCode::IfDescription),
            link_type: block.linktype.0,
            snap_length: block.snaplen,
            resolution: block.if_tsresol,
            offset: offset.map_or(0, |o: &[u8; 8]| match big_endian {
                true => i64::from_be_bytes(*o),
                false => i64::from_le_bytes(*o),
            }),
        }
    }

    /// A time stamp of this interface in nanoseconds; what does not fit saturates.
    fn nanoseconds(&self, stamp: u64) -> u64 {
        let exponent = u32::from(self.resolution & 0x7f);
        let base: u128 = match self.resolution & 0x80 {
            0 => 10,
            _ => 2,
        };
        let ticks = u128::from(stamp) * u128::from(NS_PER_S);
        let ns = base
            .checked_pow(exponent)
            .map_or(0, |per_second| ticks / per_second);
        let ns = i128::try_from(ns).unwrap_or(i128::MAX);
        let offset = i128::from(self.offset) * i128::from(NS_PER_S);
        u64::try_from(ns.saturating_add(offset).max(0)).unwrap_or(u64::MAX)
    }
}

const PCAP_HEADER_LEN: usize = 24;
const NS_PER_S: u64 = 1_000_000_000;
