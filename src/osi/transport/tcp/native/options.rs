//! The options of a TCP header: reading what came, writing what goes out.
//!
//! Known are the maximum segment size (RFC 9293), window scale and timestamps (RFC 7323), SACK
//! permitted and SACK blocks (RFC 2018), and the cookie of Fast Open (RFC 7413). Others are skipped; a malformed one ends the reading.

/// At most four blocks fit in 40 bytes.
pub(super) const MOST_BLOCKS: usize = 4;

/// A timestamp and the echo of the peer's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Timestamps {
    pub(super) value: u32,
    pub(super) echo: u32,
}

/// SACK blocks: from the first byte to the one behind the last, as on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Blocks {
    blocks: [(u32, u32); MOST_BLOCKS],
    len: u8,
}

impl Blocks {
    pub(super) fn push(&mut self, block: (u32, u32)) {
        if let Some(place) = self.blocks.get_mut(usize::from(self.len)) {
            *place = block;
            self.len += 1;
        }
    }

    pub(super) fn as_slice(&self) -> &[(u32, u32)] {
        &self.blocks[..usize::from(self.len)]
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.len == 0
    }
}

/// The cookie of Fast Open (RFC 7413, section 4.1.1); an empty one asks for one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in super::super) struct FastCookie {
    bytes: [u8; 16],
    len: u8,
}

impl FastCookie {
    /// Of at most 16 bytes.
    pub(super) fn new(bytes: &[u8]) -> Self {
        let mut cookie = Self::default();
        for (place, byte) in cookie.bytes.iter_mut().zip(bytes) {
            *place = *byte;
            cookie.len += 1;
        }
        cookie
    }

    pub(super) fn as_slice(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }

    pub(super) const fn is_request(&self) -> bool {
        self.len == 0
    }
}

/// The options of one segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Options {
    pub(super) mss: Option<u16>,
    pub(super) scale: Option<u8>,
    pub(super) sack_permitted: bool,
    pub(super) timestamps: Option<Timestamps>,
    pub(super) sack: Blocks,
    pub(super) fast_open: Option<FastCookie>,
}

impl Options {
    /// Reads the bytes between the header and the data.
    pub(super) fn parse(bytes: &[u8]) -> Self {
        if let [NOP, NOP, TIMESTAMPS, 10, body @ ..] = bytes
            && body.len() == 8
        {
            return Self {
                timestamps: timestamps(body),
                ..Self::default()
            };
        }
        let mut options = Self::default();
        let mut rest = bytes;
        loop {
            rest = match rest {
                [] | [END, ..] => return options,
                [NOP, rest @ ..] => rest,
                [kind, len, ..] if *len >= 2 && usize::from(*len) <= rest.len() => {
                    let (option, behind) = rest.split_at(usize::from(*len));
                    options.take(*kind, &option[2..]);
                    behind
                }
                _ => return options,
            };
        }
    }

    fn take(&mut self, kind: u8, body: &[u8]) {
        match (kind, body) {
            (MSS, [high, low]) => self.mss = Some(u16::from_be_bytes([*high, *low])),
            // RFC 7323, section 2.3: more than 14 counts as 14.
            (SCALE, [scale]) => self.scale = Some((*scale).min(14)),
            (SACK_PERMITTED, []) => self.sack_permitted = true,
            (TIMESTAMPS, body) => self.timestamps = timestamps(body),
            (FAST_OPEN, body) if matches!(body.len(), 0 | 4..=16) => {
                self.fast_open = Some(FastCookie::new(body));
            }
            (SACK, body) => {
                for block in body.as_chunks::<8>().0 {
                    let [a, b, c, d, e, f, g, h] = *block;
                    let numbers = ([a, b, c, d], [e, f, g, h]);
                    self.sack
                        .push((u32::from_be_bytes(numbers.0), u32::from_be_bytes(numbers.1)));
                }
            }
            _ => {}
        }
    }

    /// Writes the options to the beginning of `out`, filled up to whole words. Gives back their
    /// length.
    pub(super) fn emit(&self, out: &mut [u8; 40]) -> usize {
        let mut pen = Pen { out, at: 0 };
        if let Some(mss) = self.mss {
            pen.put(&[MSS, 4]);
            pen.put(&mss.to_be_bytes());
        }
        if let Some(Timestamps { value, echo }) = self.timestamps {
            match self.sack_permitted {
                true => pen.put(&[SACK_PERMITTED, 2, TIMESTAMPS, 10]),
                false => pen.put(&[NOP, NOP, TIMESTAMPS, 10]),
            }
            pen.put(&value.to_be_bytes());
            pen.put(&echo.to_be_bytes());
        } else if self.sack_permitted {
            pen.put(&[NOP, NOP, SACK_PERMITTED, 2]);
        }
        if let Some(scale) = self.scale {
            pen.put(&[NOP, SCALE, 3, scale]);
        }
        if let Some(cookie) = &self.fast_open {
            pen.put(&[FAST_OPEN, 2 + cookie.len]);
            pen.put(cookie.as_slice());
            while !pen.at.is_multiple_of(4) {
                pen.put(&[NOP]);
            }
        }
        pen.sack(&self.sack);
        pen.at
    }
}

struct Pen<'a> {
    out: &'a mut [u8; 40],
    at: usize,
}

impl Pen<'_> {
    fn put(&mut self, bytes: &[u8]) {
        if let Some(place) = self.out.get_mut(self.at..self.at + bytes.len()) {
            place.copy_from_slice(bytes);
            self.at += bytes.len();
        }
    }

    /// As many blocks as there is room for.
    fn sack(&mut self, blocks: &Blocks) {
        let room = (40 - self.at).saturating_sub(4) / 8;
        let blocks = &blocks.as_slice()[..blocks.as_slice().len().min(room)];
        let Ok(len @ 1..) = u8::try_from(blocks.len()) else {
            return;
        };
        self.put(&[NOP, NOP, SACK, 2 + len * 8]);
        for (start, end) in blocks {
            self.put(&start.to_be_bytes());
            self.put(&end.to_be_bytes());
        }
    }
}

fn timestamps(body: &[u8]) -> Option<Timestamps> {
    let (value, echo) = body.split_first_chunk()?;
    Some(Timestamps {
        value: u32::from_be_bytes(*value),
        echo: u32::from_be_bytes(*echo.first_chunk()?),
    })
}

const END: u8 = 0;
const NOP: u8 = 1;
const MSS: u8 = 2;
const SCALE: u8 = 3;
const SACK_PERMITTED: u8 = 4;
const SACK: u8 = 5;
const TIMESTAMPS: u8 = 8;
const FAST_OPEN: u8 = 34;

#[cfg(test)]
mod tests {
    use super::*;

    fn round_trip(options: &Options) -> usize {
        let mut out = [0; 40];
        let len = options.emit(&mut out);
        assert_eq!(Options::parse(&out[..len]), *options);
        assert!(len.is_multiple_of(4));
        len
    }

    #[test]
    fn what_is_written_is_read_back() {
        let timestamps = Some(Timestamps {
            value: 7,
            echo: u32::MAX,
        });
        // A SYN as Linux sends it: MSS 4, SACK permitted and timestamps 12, scale 4.
        let syn = Options {
            mss: Some(1460),
            scale: Some(7),
            sack_permitted: true,
            timestamps,
            ..Options::default()
        };
        assert_eq!(round_trip(&syn), 20);
        let mut ack = Options {
            timestamps,
            ..Options::default()
        };
        assert_eq!(round_trip(&ack), 12);
        ack.sack.push((1, 2));
        ack.sack.push((3, 4));
        assert_eq!(round_trip(&ack), 12 + 4 + 16);
    }

    #[test]
    fn with_timestamps_three_blocks_fit() {
        // 40 - 12 - 4 = 24 bytes.
        let mut ack = Options {
            timestamps: Some(Timestamps { value: 1, echo: 2 }),
            ..Options::default()
        };
        (0..4).for_each(|i| ack.sack.push((i, i + 1)));
        let mut out = [0; 40];
        assert_eq!(ack.emit(&mut out), 40);
        assert_eq!(Options::parse(&out).sack.as_slice().len(), 3);
    }

    #[test]
    fn cookies_of_fast_open_are_read_back() {
        // A request of two bytes, filled up to a word; and the longest cookie, 18 and two more.
        for (cookie, len) in [(&[][..], 4), (&[7; 8], 12), (&[9; 16], 20)] {
            let syn = Options {
                fast_open: Some(FastCookie::new(cookie)),
                ..Options::default()
            };
            assert_eq!(round_trip(&syn), len);
        }
        // RFC 7413, section 4.1.1: 4 to 16 bytes.
        assert_eq!(Options::parse(&[34, 4, 1, 2]).fast_open, None);
    }

    #[test]
    fn nonsense_ends_the_reading() {
        for bytes in [&[2, 0, 5][..], &[2, 9, 1], &[5], &[8, 3, 1], &[3, 2]] {
            assert_eq!(Options::parse(bytes), Options::default());
        }
        assert_eq!(Options::parse(&[1, 3, 3, 99]).scale, Some(14));
    }
}
