//! The wire format of Protocol Buffers: a list of fields, each with a number and one of four shapes.
//!
//! Bounded: the first [`MAX_RECORDS`] fields of a message. Not here: messages inside messages, packed
//! lists, groups.

use std::ops::Range;

/// One field of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) number: u32,
    pub(super) value: String,
    /// Where it stands in the message, its tag included.
    pub(super) range: Range<usize>,
}

/// The most fields that are read.
const MAX_RECORDS: usize = 1000;

/// The fields of `message`; `None` if it is none.
pub(super) fn read(message: &[u8]) -> Option<Vec<Record>> {
    let mut records = Vec::new();
    let mut rest = message;
    while !rest.is_empty() && records.len() < MAX_RECORDS {
        let start = message.len() - rest.len();
        let tag = varint(&mut rest)?;
        let number = u32::try_from(tag >> 3).ok().filter(|n| *n > 0)?;
        let value = match tag & 7 {
            0 => number_text(varint(&mut rest)?),
            1 => format!("{:#x}", u64::from_le_bytes(take(&mut rest)?)),
            2 => {
                let length = usize::try_from(varint(&mut rest)?).ok()?;
                let (text, behind) = rest.split_at_checked(length)?;
                rest = behind;
                words(text)
            }
            5 => format!("{:#x}", u32::from_le_bytes(take(&mut rest)?)),
            _ => return None,
        };
        records.push(Record {
            number,
            value,
            range: start..message.len() - rest.len(),
        });
    }
    Some(records)
}

/// Takes a number of seven bits a byte, the lowest first.
fn varint(rest: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (&byte, behind) = rest.split_first()?;
        *rest = behind;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (bytes, behind) = rest.split_first_chunk::<N>()?;
    *rest = behind;
    Some(*bytes)
}

/// A number as an `int32` or `int64` would have it.
fn number_text(value: u64) -> String {
    value.cast_signed().to_string()
}

/// A text, or else how many bytes there are.
fn words(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) if !text.contains(char::is_control) => text.to_owned(),
        _ => format!("{} bytes", bytes.len()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_and_texts_are_read_with_their_places() {
        // Field 1: 150 in two bytes, the example of the documentation; field 2: "testing".
        let message = [&[0x08, 0x96, 0x01, 0x12, 7][..], b"testing"].concat();
        let told: Vec<_> = read(&message)
            .unwrap()
            .into_iter()
            .map(|r| (r.number, r.value, r.range))
            .collect();
        assert_eq!(
            told,
            [
                (1, "150".to_owned(), 0..3),
                (2, "testing".to_owned(), 3..12)
            ]
        );
    }

    #[test]
    fn negative_numbers_fixed_ones_and_bytes_are_read() {
        let minus_one = [&[0x08][..], &[0xff; 9], &[1]].concat();
        assert_eq!(read(&minus_one).unwrap()[0].value, "-1");
        assert_eq!(read(&[0x0d, 1, 0, 0, 0]).unwrap()[0].value, "0x1");
        assert_eq!(
            read(&[0x09, 2, 0, 0, 0, 0, 0, 0, 0]).unwrap()[0].value,
            "0x2"
        );
        assert_eq!(read(&[0x12, 2, 0xff, 0]).unwrap()[0].value, "2 bytes");
        assert_eq!(read(&[]), Some(Vec::new()));
    }

    #[test]
    fn what_is_cut_or_unknown_is_no_message() {
        for wrong in [
            &[0x08][..],
            &[0x12, 5, b'a'],
            &[0x0b],
            &[0x00, 1],
            &[0xff; 11],
        ] {
            assert_eq!(read(wrong), None, "{wrong:?}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
            for record in read(&bytes).into_iter().flatten() {
                prop_assert!(record.range.end <= bytes.len());
            }
        }
    }
}
