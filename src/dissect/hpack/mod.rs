//! HPACK (RFC 7541): the header fields of HTTP/2, of which those that were sent before are numbers.
//!
//! A [`Decoder`] follows the header blocks of one direction in their order. Bounded: the table has at
//! most [`MAX_TABLE`] bytes, a block yields at most [`MAX_TEXT`]. After a block that is wrong or too large
//! nothing can be read any more, because the tables of both sides differ from then on.

mod table;

use table::Table;

use super::huffman;

/// A header field: name and value. Bytes that are no UTF-8 are replaced.
pub(super) type HeaderField = (String, String);

/// The largest table that is kept \[bytes, by the count of section 4.1\].
const MAX_TABLE: usize = 64 << 10;
/// The most text that one block may hold \[bytes\].
const MAX_TEXT: usize = 256 << 10;

/// Reads the header blocks of one direction.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    table: Table,
    lost: bool,
}

impl Decoder {
    /// A block was missed: nothing after it can be read.
    pub(super) fn lose(&mut self) {
        *self = Self {
            table: Table::default(),
            lost: true,
        };
    }

    /// How many bytes it keeps.
    pub(super) const fn held(&self) -> usize {
        self.table.size()
    }

    /// The fields of the next whole block; `None` if it cannot be read.
    pub(super) fn decode(&mut self, block: &[u8]) -> Option<Vec<HeaderField>> {
        let fields = (!self.lost).then(|| self.read(block)).flatten();
        if fields.is_none() {
            self.lose();
        }
        fields
    }

    fn read(&mut self, mut block: &[u8]) -> Option<Vec<HeaderField>> {
        let (mut fields, mut text) = (Vec::new(), 0);
        while let Some(&first) = block.first() {
            let field = match first {
                // Section 6.1: a field of the tables.
                0x80.. => self.table.get(integer(&mut block, 7)?)?,
                // Section 6.2.1: a field that goes into the table.
                0x40..0x80 => {
                    let field = self.literal(&mut block, 6)?;
                    self.table.insert(field.clone());
                    field
                }
                // Section 6.3: another size of the table.
                0x20..0x40 => {
                    let size = integer(&mut block, 5)?;
                    if size > MAX_TABLE {
                        return None;
                    }
                    self.table.resize(size);
                    continue;
                }
                // Sections 6.2.2 and 6.2.3: a field that stays out of it.
                _ => self.literal(&mut block, 4)?,
            };
            text += field.0.len() + field.1.len();
            if text > MAX_TEXT {
                return None;
            }
            fields.push(field);
        }
        Some(fields)
    }

    /// A field whose name may be a number of `bits` bits, and whose value is a text.
    fn literal(&self, block: &mut &[u8], bits: u32) -> Option<HeaderField> {
        let name = match integer(block, bits)? {
            0 => string(block)?,
            number => self.table.get(number)?.0,
        };
        Some((name, string(block)?))
    }
}

/// Takes an integer with a prefix of `bits` bits (section 5.1).
fn integer(block: &mut &[u8], bits: u32) -> Option<usize> {
    let (&first, mut rest) = block.split_first()?;
    let most = (1_usize << bits) - 1;
    let mut value = usize::from(first) & most;
    if value == most {
        for shift in [0, 7, 14, 21] {
            let (&byte, behind) = rest.split_first()?;
            rest = behind;
            value += usize::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                *block = rest;
                return Some(value);
            }
        }
        // A number above 2^28 is nothing that a header needs.
        return None;
    }
    *block = rest;
    Some(value)
}

/// Takes a text, plain or in the Huffman code (section 5.2).
fn string(block: &mut &[u8]) -> Option<String> {
    let coded = block.first()? & 0x80 != 0;
    let length = integer(block, 7)?;
    let (text, rest) = block.split_at_checked(length)?;
    *block = rest;
    let text = match coded {
        true => String::from_utf8_lossy(&huffman::decode(text)?).into_owned(),
        false => String::from_utf8_lossy(text).into_owned(),
    };
    Some(text)
}

#[cfg(test)]
mod tests;
