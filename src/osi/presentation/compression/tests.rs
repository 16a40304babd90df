//! Content there and back, whole, cut, flipped and swollen.

use proptest::prelude::*;

use super::*;

/// `content` in `coding`, and back, cut into pieces of `size`.
fn decoded(coding: Coding, coded: &[u8], size: usize) -> Result<u64, String> {
    let mut decoder = Decoder::new(coding, MAX_DECODED)?;
    for piece in coded.chunks(size.max(1)) {
        decoder.feed(piece)?;
    }
    decoder.finish()
}

fn coded(coding: Coding, content: &[u8]) -> Vec<u8> {
    encode(coding, content.chunks(100)).unwrap()
}

#[test]
fn each_coding_begins_as_its_rfc_says() {
    // RFC 1952, section 2.3.1: 1f 8b, method 8, no flags, no time. RFC 8878, section 3.1.1: the magic
    // number 0xFD2FB528, little-endian. Brotli has no magic; RFC 7932, section 9.1: its first bits
    // are the window.
    let text = b"hello hello hello hello";
    assert_eq!(
        coded(Coding::Gzip, text)[..8],
        [0x1f, 0x8b, 8, 0, 0, 0, 0, 0]
    );
    assert_eq!(
        coded(Coding::Zstd, text)[..4],
        0xFD2F_B528_u32.to_le_bytes()
    );
    for coding in Coding::ALL {
        assert_eq!(decoded(coding, &coded(coding, text), 1), Ok(23));
    }
}

#[test]
fn an_end_that_is_missing_is_noticed() {
    let text = "some text that is long enough to be cut ".repeat(20);
    for coding in Coding::ALL {
        let whole = coded(coding, text.as_bytes());
        for cut in [1, 2, whole.len() / 2] {
            let error = decoded(coding, &whole[..whole.len() - cut], 64).unwrap_err();
            assert!(
                error.contains("ends too early"),
                "{coding:?} {cut}: {error}"
            );
        }
    }
}

#[test]
fn a_bit_that_has_flipped_is_noticed() {
    // In the checksum, where nothing else could notice it: the last eight bytes of gzip begin with
    // the CRC-32, the last four of zstd are its hash.
    let text = "some text ".repeat(50);
    for (coding, from_end) in [(Coding::Gzip, 8), (Coding::Zstd, 1)] {
        let mut bytes = coded(coding, text.as_bytes());
        let at = bytes.len() - from_end;
        bytes[at] ^= 1;
        let error = decoded(coding, &bytes, 64).unwrap_err();
        let told = error.contains("damaged") || error.contains("is not");
        assert!(told, "{coding:?}: {error}");
    }
}

#[test]
fn a_message_that_swells_is_given_up() {
    let zeros = vec![0; 1 << 20];
    for coding in Coding::ALL {
        let bytes = encode(coding, zeros.chunks(1 << 16)).unwrap();
        assert!(bytes.len() < 4096, "{coding:?}: {}", bytes.len());
        let mut decoder = Decoder::new(coding, 1000).unwrap();
        let fed = decoder
            .feed(&bytes)
            .and_then(|()| decoder.finish().map(|_| ()));
        assert!(fed.unwrap_err().contains("too long"), "{coding:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_coded_comes_back(content in prop::collection::vec(0_u8..4, 0..3000), size in 1..500_usize) {
        for coding in Coding::ALL {
            let back = decoded(coding, &coded(coding, &content), size);
            prop_assert_eq!(back, Ok(content.len() as u64));
        }
    }

    #[test]
    fn any_bytes_are_decoded_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..500)) {
        for coding in Coding::ALL {
            let _ = decoded(coding, &bytes, 64);
        }
    }
}
