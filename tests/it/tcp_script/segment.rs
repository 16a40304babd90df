//! A segment as a line of a script has it, with relative numbers, and as bytes.

use netsim::wire::Checksum;

use super::words::{self, Words};

/// A segment. What is `None` in an expectation is not compared.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Segment {
    pub(crate) flags: u8,
    pub(crate) seq: u32,
    pub(crate) len: u32,
    pub(crate) ack: Option<u32>,
    pub(crate) window: Option<u16>,
    pub(crate) mss: Option<u16>,
    pub(crate) scale: Option<u8>,
    pub(crate) sack_permitted: bool,
    pub(crate) stamps: Option<(u32, u32)>,
    /// In a line: no time stamps at all.
    pub(crate) no_stamps: bool,
    pub(crate) sack: Vec<(u32, u32)>,
    pub(crate) urgent: Option<u16>,
    /// The cookie of Fast Open, empty to ask for one.
    pub(crate) fast: Option<Vec<u8>>,
    /// In a line: it is the host's own cookie.
    pub(crate) own_cookie: bool,
    /// The ECN field of the IP header.
    pub(crate) ecn: Option<u8>,
    pub(crate) bad_checksum: bool,
    /// In an expectation: no options but those named.
    pub(crate) bare: bool,
    /// How many such segments in a row.
    pub(crate) times: u32,
    /// Raw option bytes to put in front.
    pub(crate) raw: Vec<u8>,
}

/// The flags in the order of their bits.
const FLAGS: [(char, u8); 8] = [
    ('F', 0x01),
    ('S', SYN),
    ('R', RST),
    ('P', PSH),
    ('A', ACK),
    ('U', 0x20),
    ('E', 0x40),
    ('C', 0x80),
];
pub(crate) const SYN: u8 = 0x02;
pub(crate) const RST: u8 = 0x04;
pub(crate) const PSH: u8 = 0x08;
pub(crate) const ACK: u8 = 0x10;

impl Segment {
    /// Reads what follows the arrow: `PA 1+1000 ack 1 win 500 ...`.
    pub(super) fn read(words: &mut Words<'_>) -> Result<Self, String> {
        let mut segment = Self {
            flags: flags(words.next().ok_or("flags are missing")?)?,
            times: 1,
            ..Self::default()
        };
        let place = words.next().ok_or("a sequence number is missing")?;
        let (seq, len) = match place.rsplit_once('+') {
            Some((seq, len)) => (words::parse(seq)?, words::parse(len)?),
            None => (words::parse(place)?, 0),
        };
        (segment.seq, segment.len) = (wrap(seq), len);
        while let Some(word) = words.next() {
            segment.take(word, words)?;
        }
        Ok(segment)
    }

    fn take(&mut self, word: &str, words: &mut Words<'_>) -> Result<(), String> {
        match word {
            "ack" => self.ack = Some(wrap(words.value()?)),
            "win" => self.window = Some(words.value()?),
            "mss" => self.mss = Some(words.value()?),
            "ws" => self.scale = Some(words.value()?),
            "sackok" => self.sack_permitted = true,
            "ts" => {
                let (value, echo) = words.pair(':')?;
                self.stamps = Some((wrap(value), wrap(echo)));
            }
            "nots" => self.no_stamps = true,
            "sack" => {
                let word = words.next().ok_or("blocks are missing")?;
                for block in word.split(',') {
                    let (start, end) = words::pair(block, ':')?;
                    self.sack.push((wrap(start), wrap(end)));
                }
            }
            "tfo" => match words.next().ok_or("a cookie is missing")? {
                "ask" => self.fast = Some(Vec::new()),
                "own" => self.own_cookie = true,
                bytes => {
                    let bytes = bytes.split(',').map(words::parse);
                    self.fast = Some(bytes.collect::<Result<_, _>>()?);
                }
            },
            "urg" => self.urgent = Some(words.value()?),
            "ecn" => self.ecn = Some(words.value()?),
            "bare" => self.bare = true,
            "badsum" => self.bad_checksum = true,
            "raw" => {
                for byte in words.next().unwrap_or_default().split(',') {
                    self.raw.push(words::parse(byte)?);
                }
            }
            word => match word.strip_prefix('x') {
                Some(times) => self.times = words::parse(times)?,
                None => return Err(format!("`{word}` is no part of a segment")),
            },
        }
        Ok(())
    }

    /// What it occupies of the sequence space.
    pub(crate) fn occupies(&self) -> u32 {
        self.len + u32::from(self.flags & SYN != 0) + u32::from(self.flags & 1 != 0)
    }

    pub(crate) fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }

    /// True if `self`, which came, is what `expected` says.
    pub(crate) fn fits(&self, expected: &Self) -> bool {
        fn same<T: PartialEq>(came: &Option<T>, expected: &Option<T>) -> bool {
            expected.is_none() || came == expected
        }
        // A push is compared only where a line has one.
        let mask = !PSH | expected.flags;
        self.flags & mask == expected.flags
            && (self.seq, self.len) == (expected.seq, expected.len)
            && self.ack.filter(|_| self.has(ACK)) == expected.ack
            && same(&self.window, &expected.window)
            && same(&self.mss, &expected.mss)
            && (!expected.bare || self.kinds() == expected.kinds())
            && same(&self.scale, &expected.scale)
            && (self.sack_permitted || !expected.sack_permitted)
            && same(&self.stamps, &expected.stamps)
            && !(expected.no_stamps && self.stamps.is_some())
            && self.sack == expected.sack
            && same(&self.urgent, &expected.urgent)
            && same(&self.fast, &expected.fast)
            && (!expected.own_cookie || self.fast.as_ref().is_some_and(|c| c.len() == 8))
            && same(&self.ecn, &expected.ecn)
    }

    /// Which options there are, but for SACK blocks.
    fn kinds(&self) -> [bool; 5] {
        let (mss, scale) = (self.mss.is_some(), self.scale.is_some());
        let fast = self.fast.is_some();
        [mss, scale, self.sack_permitted, self.stamps.is_some(), fast]
    }

    /// As a line has it.
    pub(crate) fn text(&self) -> String {
        let names = FLAGS.iter().filter(|(_, bit)| self.has(*bit));
        let mut text: String = names.map(|(name, _)| *name).collect();
        text += &format!(" {}", self.seq.cast_signed());
        if self.len > 0 {
            text += &format!("+{}", self.len);
        }
        let mut add = |name: &str, value: Option<String>| {
            if let Some(value) = value {
                text += &format!(" {name} {value}");
            }
        };
        add("ack", self.ack.map(|n| n.cast_signed().to_string()));
        add("win", self.window.map(|n| n.to_string()));
        add("mss", self.mss.map(|n| n.to_string()));
        add("ws", self.scale.map(|n| n.to_string()));
        let block = |&(start, end): &(u32, u32)| format!("{start}:{end}");
        let blocks: Vec<String> = self.sack.iter().map(block).collect();
        add("sack", (!blocks.is_empty()).then(|| blocks.join(",")));
        let stamps = |(value, echo): (u32, u32)| format!("{value}:{echo}");
        add("ts", self.stamps.map(stamps));
        add("urg", self.urgent.filter(|n| *n > 0).map(|n| n.to_string()));
        add("ecn", self.ecn.filter(|n| *n > 0).map(|n| n.to_string()));
        if let Some(cookie) = &self.fast {
            text += &format!(" tfo {cookie:?}");
        }
        if self.sack_permitted {
            text += " sackok";
        }
        text
    }

    /// The options as bytes, whole words.
    fn options(&self) -> Vec<u8> {
        let mut bytes = self.raw.clone();
        if let Some(mss) = self.mss {
            bytes.extend([2, 4]);
            bytes.extend(mss.to_be_bytes());
        }
        if self.sack_permitted {
            bytes.extend([4, 2]);
        }
        if let Some((value, echo)) = self.stamps {
            bytes.extend([8, 10]);
            bytes.extend(value.to_be_bytes());
            bytes.extend(echo.to_be_bytes());
        }
        if let Some(scale) = self.scale {
            bytes.extend([3, 3, scale]);
        }
        if let Some(cookie) = &self.fast {
            bytes.extend([34, 2 + u8::try_from(cookie.len()).unwrap()]);
            bytes.extend(cookie);
        }
        if !self.sack.is_empty() {
            bytes.extend([5, 2 + 8 * u8::try_from(self.sack.len()).unwrap()]);
            for (start, end) in &self.sack {
                bytes.extend(start.to_be_bytes());
                bytes.extend(end.to_be_bytes());
            }
        }
        bytes.resize(bytes.len().next_multiple_of(4), 1);
        bytes
    }

    /// An IP packet between `addresses` and `ports`, all numbers absolute, with `data`.
    pub(crate) fn packet(&self, [from, to]: [[u8; 4]; 2], ports: [u16; 2], data: &[u8]) -> Vec<u8> {
        let options = self.options();
        let mut tcp = Vec::new();
        tcp.extend(ports[0].to_be_bytes());
        tcp.extend(ports[1].to_be_bytes());
        tcp.extend(self.seq.to_be_bytes());
        tcp.extend(self.ack.unwrap_or(0).to_be_bytes());
        let words = u8::try_from(5 + options.len() / 4).unwrap();
        tcp.extend([words << 4, self.flags]);
        tcp.extend(self.window.unwrap_or(0).to_be_bytes());
        tcp.extend([0, 0]);
        tcp.extend(self.urgent.unwrap_or(0).to_be_bytes());
        tcp.extend(options);
        tcp.extend(data);
        let sum = checksum(from, to, &tcp) ^ u16::from(self.bad_checksum);
        tcp[16..18].copy_from_slice(&sum.to_be_bytes());
        let mut ip = vec![
            0x45,
            self.ecn.unwrap_or(0),
            0,
            0,
            0,
            0,
            0x40,
            0,
            64,
            6,
            0,
            0,
        ];
        let total = u16::try_from(20 + tcp.len()).unwrap();
        ip[2..4].copy_from_slice(&total.to_be_bytes());
        ip.extend(from);
        ip.extend(to);
        let sum = Checksum::default().over(&ip).finish();
        ip[10..12].copy_from_slice(&sum.to_be_bytes());
        ip.extend(tcp);
        ip
    }

    /// The segment in a packet, all numbers absolute, and its data; an error if a checksum or a
    /// length is wrong.
    pub(crate) fn parse(packet: &[u8]) -> Result<(Self, &[u8]), String> {
        let four = |at: usize| <[u8; 4]>::try_from(&packet[at..at + 4]).unwrap();
        let total = usize::from(u16::from_be_bytes([packet[2], packet[3]]));
        if packet[9] != 6 || total != packet.len() {
            return Err(format!("no segment, or a wrong length: {packet:?}"));
        }
        let tcp = &packet[20..];
        if Checksum::default().over(&packet[..20]).finish() != 0 {
            return Err("the checksum of the IP header is wrong".into());
        }
        if checksum(four(12), four(16), tcp) != 0 {
            return Err("the checksum of the segment is wrong".into());
        }
        let two = |at: usize| u16::from_be_bytes([tcp[at], tcp[at + 1]]);
        let number = |at: usize| u32::from_be_bytes(four(20 + at));
        let offset = usize::from(tcp[12] >> 4) * 4;
        let data = &tcp[offset..];
        let mut segment = Self {
            flags: tcp[13],
            seq: number(4),
            len: u32::try_from(data.len()).unwrap(),
            ack: (tcp[13] & ACK != 0).then(|| number(8)),
            window: Some(two(14)),
            urgent: Some(two(18)),
            ecn: Some(packet[1] & 3),
            times: 1,
            ..Self::default()
        };
        segment.read_options(&tcp[20..offset]);
        Ok((segment, data))
    }

    fn read_options(&mut self, mut bytes: &[u8]) {
        let number = |b: &[u8]| u32::from_be_bytes(b.try_into().unwrap());
        while let [kind, rest @ ..] = bytes {
            if *kind < 2 {
                bytes = rest;
                continue;
            }
            let (option, behind) = bytes.split_at(bytes[1].into());
            let body = &option[2..];
            match kind {
                2 => self.mss = Some(u16::from_be_bytes([body[0], body[1]])),
                3 => self.scale = Some(body[0]),
                4 => self.sack_permitted = true,
                5 => {
                    let blocks = body.chunks(8);
                    let block = |b: &[u8]| (number(&b[..4]), number(&b[4..]));
                    self.sack = blocks.map(block).collect();
                }
                34 => self.fast = Some(body.to_vec()),
                8 => self.stamps = Some((number(&body[..4]), number(&body[4..]))),
                _ => {}
            }
            bytes = behind;
        }
    }
}

/// Numbers of a script may be below zero; the wire's wrap.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "they wrap"
)]
const fn wrap(number: i64) -> u32 {
    number as u32
}

fn flags(word: &str) -> Result<u8, String> {
    let bit = |name: char| FLAGS.iter().find(|(n, _)| *n == name).map(|(_, bit)| *bit);
    let mut flags = 0;
    for name in word.chars().filter(|name| *name != '.') {
        flags |= bit(name).ok_or_else(|| format!("`{word}` are no flags"))?;
    }
    Ok(flags)
}

fn checksum(from: [u8; 4], to: [u8; 4], tcp: &[u8]) -> u16 {
    let length = u16::try_from(tcp.len()).unwrap();
    let pseudo = Checksum::default()
        .over(&from)
        .over(&to)
        .word(6)
        .word(length);
    pseudo.over(tcp).finish()
}
