//! The Huffman code of HPACK (RFC 7541, section 5.2 and appendix B), which QPACK uses as well.
//!
//! The code is canonical: codes of one length count up in the order of their symbols, and the first
//! code of a length follows the last one of the length before. So the lengths alone make the code.

/// The text behind `bytes`. `None` if that is no such code: a code that does not exist, padding of
/// eight bits or more, padding that is not the beginning of the end mark (all ones), or the end
/// mark itself.
pub(super) fn decode(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut text = Vec::with_capacity(bytes.len() * 8 / 5);
    let (mut code, mut len) = (0_u32, 0_usize);
    for bit in bytes
        .iter()
        .flat_map(|byte| (0..8).rev().map(move |i| byte >> i & 1))
    {
        code = code << 1 | u32::from(bit);
        len += 1;
        let symbol = CODE.symbol(code, len);
        if let Some(symbol) = symbol {
            text.push(symbol);
            (code, len) = (0, 0);
        } else if len >= LONGEST {
            return None;
        }
    }
    let padding = len < 8 && code == (1 << len) - 1;
    padding.then_some(text)
}

/// The code, by length.
struct Code {
    /// The symbols, sorted by the length of their code, then by value.
    symbols: [u8; 256],
    /// For every length: its first code, how many codes there are, and where their symbols stand.
    lengths: [(u32, u32, usize); LONGEST + 1],
}

impl Code {
    fn symbol(&self, code: u32, len: usize) -> Option<u8> {
        let (first, count, at) = self.lengths[len];
        let place = code.checked_sub(first).filter(|place| *place < count)?;
        self.symbols.get(at + place as usize).copied()
    }

    #[allow(clippy::cast_possible_truncation, reason = "a symbol is below 256")]
    const fn new() -> Self {
        let (mut symbols, mut lengths) = ([0; 256], [(0, 0, 0); LONGEST + 1]);
        let (mut len, mut code, mut at) = (1, 0_u32, 0);
        while len <= LONGEST {
            code <<= 1;
            let (first, begin, mut symbol) = (code, at, 0);
            while symbol < 256 {
                if LENGTHS[symbol] as usize == len {
                    symbols[at] = symbol as u8;
                    at += 1;
                    code += 1;
                }
                symbol += 1;
            }
            lengths[len] = (first, code - first, begin);
            len += 1;
        }
        Self { symbols, lengths }
    }
}

static CODE: Code = Code::new();

/// The longest code \[bits\]; the end mark is the last one of them, and stands for no symbol.
const LONGEST: usize = 30;

/// The length of the code of each symbol \[bits\].
#[rustfmt::skip]
const LENGTHS: [u8; 256] = [
    13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28,
    28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28,
    6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6,
    5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10,
    13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7,
    7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6,
    15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5,
    6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28,
    20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23,
    24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24,
    22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23,
    21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
    26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25,
    19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27,
    20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23,
    26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26,
];

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8]) -> Option<String> {
        decode(bytes).map(|text| String::from_utf8(text).unwrap())
    }

    #[test]
    fn the_examples_of_the_rfc_come_out() {
        // RFC 7541, appendix C.4.1, C.4.2, C.4.3 and C.6.1.
        let host = [
            0xf1, 0xe3, 0xc2, 0xe5, 0xf2, 0x3a, 0x6b, 0xa0, 0xab, 0x90, 0xf4, 0xff,
        ];
        assert_eq!(text(&host).as_deref(), Some("www.example.com"));
        let cache = [0xa8, 0xeb, 0x10, 0x64, 0x9c, 0xbf];
        assert_eq!(text(&cache).as_deref(), Some("no-cache"));
        let value = [0x25, 0xa8, 0x49, 0xe9, 0x5b, 0xb8, 0xe8, 0xb4, 0xbf];
        assert_eq!(text(&value).as_deref(), Some("custom-value"));
        assert_eq!(text(&[0x64, 0x02]).as_deref(), Some("302"));
        assert_eq!(text(&[]).as_deref(), Some(""));
    }

    #[test]
    fn the_code_is_complete() {
        // A prefix code that leaves no bits over fulfils Kraft's equation: the sum of 2^-length is
        // one. The end mark (30 bits) is the only code that the table does not hold.
        let sum: u64 = LENGTHS
            .iter()
            .map(|len| 1_u64 << (LONGEST - usize::from(*len)))
            .sum();
        assert_eq!(sum + 1, 1 << LONGEST);
        // Appendix B: (0) has 1ff8 with 13 bits, (255) has 3ffffee with 26.
        assert_eq!(CODE.symbol(0x1ff8, 13), Some(0));
        assert_eq!(CODE.symbol(0x3ff_ffee, 26), Some(255));
        assert_eq!(CODE.symbol(0x3fff_ffff, 30), None);
    }

    #[test]
    fn bad_padding_is_no_text() {
        // "0" is 00000 (5 bits): with 111 behind it is fine, with 110 or a byte too many it is not.
        assert_eq!(text(&[0b0000_0111]).as_deref(), Some("0"));
        assert_eq!(decode(&[0b0000_0110]), None);
        assert_eq!(decode(&[0b0000_0111, 0xff]), None);
        assert_eq!(decode(&[0xff; 4]), None);
    }
}
