//! Blocks and options of pcapng as bytes, little-endian
//! (draft-ietf-opsawg-pcapng, sections 3.1 and 3.5).

/// Puts one block together: type, length, body, length again.
#[derive(Debug, Default)]
pub(super) struct BlockBuilder {
    bytes: Vec<u8>,
    has_options: bool,
}

impl BlockBuilder {
    /// Starts a block of `kind`; the bytes of the last one go.
    pub(super) fn start(&mut self, kind: u32) -> &mut Self {
        self.bytes.clear();
        self.has_options = false;
        self.u32(kind).u32(0)
    }

    pub(super) fn u16(&mut self, value: u16) -> &mut Self {
        self.bytes.extend(value.to_le_bytes());
        self
    }

    pub(super) fn u32(&mut self, value: u32) -> &mut Self {
        self.bytes.extend(value.to_le_bytes());
        self
    }

    pub(super) fn u64(&mut self, value: u64) -> &mut Self {
        self.bytes.extend(value.to_le_bytes());
        self
    }

    /// A time stamp: the high half first, in any byte order.
    #[allow(clippy::cast_possible_truncation, reason = "split into its halves")]
    pub(super) fn time(&mut self, at: u64) -> &mut Self {
        self.u32((at >> 32) as u32).u32(at as u32)
    }

    /// Bytes, padded with zeros to 32 bits.
    pub(super) fn padded(&mut self, bytes: &[u8]) -> &mut Self {
        self.bytes.extend_from_slice(bytes);
        let end = self.bytes.len().next_multiple_of(4);
        self.bytes.resize(end, 0);
        self
    }

    /// One option. A value that is longer than an option can be is cut.
    #[allow(clippy::cast_possible_truncation, reason = "at most 65532 bytes")]
    pub(super) fn option(&mut self, code: u16, value: &[u8]) -> &mut Self {
        let value = &value[..value.len().min(MAX_OPTION)];
        self.has_options = true;
        self.u16(code).u16(value.len() as u16).padded(value)
    }

    /// One option of text, cut at a character if it is too long.
    pub(super) fn text(&mut self, code: u16, text: &str) -> &mut Self {
        let mut end = text.len().min(MAX_OPTION);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        self.option(code, &text.as_bytes()[..end])
    }

    /// Starts a list of options that some block will end with.
    pub(super) fn start_options(&mut self) -> &mut Self {
        self.bytes.clear();
        self
    }

    /// The list, with the end of the options.
    pub(super) fn finish_options(&mut self) -> &[u8] {
        self.u32(0);
        &self.bytes
    }

    /// The whole block: the end of the options, if there are any, and both lengths.
    #[allow(
        clippy::cast_possible_truncation,
        reason = "frames and options are far below 4 GiB"
    )]
    pub(super) fn finish(&mut self) -> &[u8] {
        if self.has_options {
            self.u32(0);
        }
        let length = self.bytes.len() as u32 + 4;
        self.u32(length);
        self.bytes[4..8].copy_from_slice(&length.to_le_bytes());
        &self.bytes
    }
}

/// The longest option value that needs no padding and fits the length field.
const MAX_OPTION: usize = 65_532;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_option_is_padded_but_its_length_is_not() {
        let mut block = BlockBuilder::default();
        block.start(0x77).option(9, &[7]);
        // Type, length 24, option 9 of length 1 padded by 3, end of options, length 24.
        assert_eq!(
            block.finish(),
            [
                0x77, 0, 0, 0, 24, 0, 0, 0, 9, 0, 1, 0, 7, 0, 0, 0, 0, 0, 0, 0, 24, 0, 0, 0
            ]
        );
    }

    #[test]
    fn a_block_without_options_has_no_end_of_options() {
        let mut block = BlockBuilder::default();
        assert_eq!(
            block.start(1).finish(),
            [1, 0, 0, 0, 12, 0, 0, 0, 12, 0, 0, 0]
        );
    }

    #[test]
    fn a_text_too_long_is_cut_between_characters() {
        let mut block = BlockBuilder::default();
        // "ü" takes two bytes: 32767 of them are 65534, and 65532 is an even number.
        block
            .start(1)
            .text(1, &("a".to_owned() + &"ü".repeat(32_767)));
        let bytes = block.finish();
        // One "a" and 32765 "ü" are 65531 bytes; one more "ü" would end at 65533.
        assert_eq!(bytes[10..12], 65_531_u16.to_le_bytes());
        assert!(std::str::from_utf8(&bytes[12..12 + 65_531]).is_ok());
    }
}
