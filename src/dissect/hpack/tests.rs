//! The examples of RFC 7541, appendix C, and any bytes.

use proptest::prelude::*;

use super::*;

/// Bytes from hexadecimal digits.
fn hex(digits: &str) -> Vec<u8> {
    let digits: Vec<u8> = digits
        .bytes()
        .filter(|b| !b.is_ascii_whitespace())
        .collect();
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    digits.chunks(2).map(byte).collect()
}

fn lines(decoder: &mut Decoder, digits: &str) -> Vec<String> {
    let fields = decoder.decode(&hex(digits)).unwrap();
    fields
        .iter()
        .map(|(name, value)| format!("{name}: {value}"))
        .collect()
}

#[test]
fn integers_are_those_of_the_rfc() {
    // Appendix C.1: 10 and 1337 with five bits, 42 with eight.
    for (bytes, bits, value) in [
        (&[0b0000_1010][..], 5, 10),
        (&[0b0001_1111, 0b1001_1010, 0b0000_1010], 5, 1337),
        (&[0b0010_1010], 8, 42),
    ] {
        let mut rest = bytes;
        assert_eq!(integer(&mut rest, bits), Some(value));
        assert!(rest.is_empty());
    }
    assert_eq!(
        integer(&mut &[0x1f, 0xff, 0xff, 0xff, 0xff, 0x0f][..], 5),
        None
    );
    assert_eq!(integer(&mut &[0x1f, 0x80][..], 5), None);
}

/// The requests of appendix C.3 and C.4.
const REQUESTS: [&[&str]; 3] = [
    &[
        ":method: GET",
        ":scheme: http",
        ":path: /",
        ":authority: www.example.com",
    ],
    &[
        ":method: GET",
        ":scheme: http",
        ":path: /",
        ":authority: www.example.com",
        "cache-control: no-cache",
    ],
    &[
        ":method: GET",
        ":scheme: https",
        ":path: /index.html",
        ":authority: www.example.com",
        "custom-key: custom-value",
    ],
];

#[test]
fn requests_without_and_with_the_huffman_code_come_out() {
    let plain = [
        "8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d",
        "8286 84be 5808 6e6f 2d63 6163 6865",
        "8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65",
    ];
    let coded = [
        "8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff",
        "8286 84be 5886 a8eb 1064 9cbf",
        "8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf",
    ];
    for blocks in [plain, coded] {
        let mut decoder = Decoder::default();
        for (block, wanted) in blocks.iter().zip(REQUESTS) {
            assert_eq!(lines(&mut decoder, block), wanted);
        }
        // 57 for :authority, 53 for cache-control, 54 for custom-key.
        assert_eq!(decoder.held(), 164);
    }
}

#[test]
fn a_small_table_forgets_the_oldest() {
    // Appendix C.5, with a table of 256 bytes: an update of its size (20 + 11111 is 31, and 225 more)
    // ahead of the first block.
    let mut decoder = Decoder::default();
    let first = "3fe1 01 4803 3330 3258 0770 7269 7661 7465 611d 4d6f 6e2c 2032 3120 4f63 7420 \
                 3230 3133 2032 303a 3133 3a32 3120 474d 546e 1768 7474 7073 3a2f 2f77 7777 2e65 \
                 7861 6d70 6c65 2e63 6f6d";
    let wanted = [
        ":status: 302",
        "cache-control: private",
        "date: Mon, 21 Oct 2013 20:13:21 GMT",
        "location: https://www.example.com",
    ];
    assert_eq!(lines(&mut decoder, first), wanted);
    assert_eq!(decoder.held(), 222);
    // The new status (42 bytes) drives the old one out.
    let second = lines(&mut decoder, "4803 3330 37c1 c0bf");
    assert_eq!(second[0], ":status: 307");
    assert_eq!(second[1..], wanted[1..]);
    assert_eq!(decoder.held(), 222);
}

#[test]
fn a_wrong_block_ends_the_reading() {
    for wrong in [
        &[0x80][..],
        &[0xbe],
        &[0x41, 0x05, b'a'],
        &[0x3f, 0xff, 0xff, 0x7f],
        &[0xff],
    ] {
        let mut decoder = Decoder::default();
        assert_eq!(decoder.decode(wrong), None, "{wrong:?}");
        assert_eq!(decoder.decode(&[0x82]), None, "after {wrong:?}");
    }
}

#[test]
fn a_block_that_grows_without_measure_is_refused() {
    // One field of 4000 bytes goes into the table; then it is sent again and again by one byte each.
    let mut block = vec![0x40, 1, b'a', 0x7f, 0xa1, 0x1e];
    block.extend([b'x'; 4000]);
    assert_eq!(integer(&mut &block[3..], 7), Some(4000));
    block.extend([0xbe; 20]);
    let mut decoder = Decoder::default();
    assert_eq!(decoder.decode(&block).unwrap().len(), 21);
    assert_eq!(decoder.decode(&[0xbe; 1000]), None);
}

/// What an encoder may do with a field.
#[derive(Debug, Clone, Copy)]
enum Way {
    Indexed,
    Kept,
    Passing,
}

fn text(out: &mut Vec<u8>, text: &str) {
    out.push(u8::try_from(text.len()).unwrap());
    out.extend(text.bytes());
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_a_panic_and_in_bounds(
        blocks in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..80), 1..8),
    ) {
        let mut decoder = Decoder::default();
        for block in &blocks {
            decoder.decode(block);
            prop_assert!(decoder.held() <= MAX_TABLE);
        }
    }

    #[test]
    fn what_an_encoder_wrote_comes_out_however_it_wrote_it(
        fields in prop::collection::vec(
            ("[a-z]{1,9}", "[ -~]{0,40}", prop_oneof![
                Just(Way::Indexed), Just(Way::Kept), Just(Way::Passing)
            ]),
            1..60,
        ),
    ) {
        // The encoder's own copy of the table: all entries that were kept, the newest last. 60 entries
        // of at most 81 bytes may outgrow 4096, so it asks for a larger table first: 5 bits of ones are
        // 31, and 8161 more makes 8192.
        let mut block = vec![0x3f, 0xe1, 0x3f];
        let (mut kept, mut wanted) = (Vec::new(), Vec::new());
        for (name, value, way) in fields {
            let field = match (way, kept.len()) {
                (Way::Indexed, 1..) => {
                    let entry: &HeaderField = &kept[0];
                    block.push(0x80 | u8::try_from(61 + kept.len()).unwrap());
                    entry.clone()
                }
                (Way::Kept | Way::Indexed, _) => {
                    block.push(0x40);
                    text(&mut block, &name);
                    text(&mut block, &value);
                    kept.push((name.clone(), value.clone()));
                    (name, value)
                }
                (Way::Passing, _) => {
                    block.push(0x10);
                    text(&mut block, &name);
                    text(&mut block, &value);
                    (name, value)
                }
            };
            wanted.push(field);
        }
        let mut decoder = Decoder::default();
        prop_assert_eq!(decoder.decode(&block), Some(wanted));
    }
}
