//! The chunked transfer coding (RFC 9112, section 7.1), as a machine that eats bytes as they come.

/// Where in a chunked body the next byte stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Chunked {
    /// In the digits of a chunk's size, which so far are worth this.
    Size(u64),
    /// Behind the digits, before the line's end.
    Extension(u64),
    /// In a chunk's data; this much is left.
    Data(u64),
    /// In the line end behind a chunk's data.
    DataEnd,
    /// In the trailer section; the current line has this many bytes.
    Trailer(usize),
}

/// How far [`Chunked::eat`] came.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// All bytes are eaten, the body goes on.
    More,
    /// The body ended after this many bytes.
    Done(usize),
    /// Byte number so many cannot stand there.
    Bad(usize),
}

impl Chunked {
    /// Before the first chunk.
    pub(super) const fn new() -> Self {
        Self::Size(0)
    }

    /// Eats `bytes` up to the end of the body.
    pub(super) fn eat(&mut self, bytes: &[u8]) -> Progress {
        let mut at = 0;
        while at < bytes.len() {
            if let Self::Data(left) = self {
                let take = (*left).min((bytes.len() - at) as u64);
                *left -= take;
                at += usize::try_from(take).unwrap_or(bytes.len());
                if *left == 0 {
                    *self = Self::DataEnd;
                }
                continue;
            }
            let byte = bytes[at];
            at += 1;
            match self.step(byte) {
                Step::On => {}
                Step::End => return Progress::Done(at),
                Step::Wrong => return Progress::Bad(at - 1),
            }
        }
        Progress::More
    }

    /// One byte that is not chunk data.
    fn step(&mut self, byte: u8) -> Step {
        match (&mut *self, byte) {
            (Self::Size(size) | Self::Extension(size), b'\n') => {
                *self = match *size {
                    0 => Self::Trailer(0),
                    size => Self::Data(size),
                };
            }
            (Self::Size(size), digit) if digit.is_ascii_hexdigit() => {
                let digit = char::from(digit).to_digit(16).unwrap_or_default();
                match size
                    .checked_mul(16)
                    .and_then(|s| s.checked_add(u64::from(digit)))
                {
                    Some(sum) => *size = sum,
                    None => return Step::Wrong,
                }
            }
            (Self::Size(size), b'\r' | b';' | b' ' | b'\t') => *self = Self::Extension(*size),
            (Self::Extension(_), _) | (Self::DataEnd, b'\r') | (Self::Trailer(_), b'\r') => {}
            (Self::DataEnd, b'\n') => *self = Self::Size(0),
            (Self::Trailer(0), b'\n') => return Step::End,
            (Self::Trailer(len), b'\n') => *len = 0,
            (Self::Trailer(len), _) => *len += 1,
            _ => return Step::Wrong,
        }
        Step::On
    }
}

enum Step {
    On,
    End,
    Wrong,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_ends_behind_its_trailer_however_it_is_cut() {
        // Two chunks of 5 and 16 bytes, the last chunk with an extension, one trailer line.
        let body = b"5\r\nhello\r\n10;x=1\r\n0123456789abcdef\r\n0\r\nDigest: x\r\n\r\nNEXT";
        let end = body.len() - 4;
        for cut in 0..end {
            let mut state = Chunked::new();
            assert_eq!(state.eat(&body[..cut]), Progress::More);
            assert_eq!(state.eat(&body[cut..]), Progress::Done(end - cut));
        }
    }

    #[test]
    fn a_size_that_is_no_number_is_wrong() {
        assert_eq!(Chunked::new().eat(b"xyz"), Progress::Bad(0));
        // 17 digits are more than 64 bits.
        assert_eq!(Chunked::new().eat(b"fffffffffffffffff"), Progress::Bad(16));
    }
}
