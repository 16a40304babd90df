//! Opening packets (RFC 9001, section 5): header protection, then the AEAD.

use ring::{
    aead::{Aad, LessSafeKey, Nonce, UnboundKey, quic},
    hkdf,
};

use super::super::tls::{Suite, expand_label, expand_prk};

/// Opens the packets of one direction and level.
pub(super) struct Keys {
    header: quic::HeaderProtectionKey,
    packet: LessSafeKey,
    iv: [u8; 12],
    suite: Suite,
    secret: Vec<u8>,
    header_key: Vec<u8>,
}

/// A packet without its protection.
#[derive(Debug)]
pub(super) struct Opened {
    /// The first byte as it was.
    pub(super) first: u8,
    pub(super) number: u64,
    /// How long the header is, with the packet number.
    pub(super) header: usize,
    pub(super) text: Vec<u8>,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys")
    }
}

impl Keys {
    /// From a traffic secret.
    pub(super) fn new(suite: Suite, secret: &[u8]) -> Option<Self> {
        if !suite.fits(secret) {
            return None;
        }
        let header = expand_label(suite, secret, b"quic hp", suite.cipher().key_len())?;
        Self::with_header(suite, secret, header)
    }

    /// Those of the next key phase; the header's stays (section 6.1).
    pub(super) fn next(&self) -> Option<Self> {
        let secret = expand_label(self.suite, &self.secret, b"quic ku", self.secret.len())?;
        Self::with_header(self.suite, &secret, self.header_key.clone())
    }

    fn with_header(suite: Suite, secret: &[u8], header_key: Vec<u8>) -> Option<Self> {
        let cipher = suite.cipher();
        let size = cipher.key_len();
        let header = match size {
            16 => &quic::AES_128,
            _ if suite.is_chacha() => &quic::CHACHA20,
            _ => &quic::AES_256,
        };
        let key = expand_label(suite, secret, b"quic key", size)?;
        let iv = expand_label(suite, secret, b"quic iv", 12)?;
        Some(Self {
            header: quic::HeaderProtectionKey::new(header, &header_key).ok()?,
            packet: LessSafeKey::new(UnboundKey::new(cipher, &key).ok()?),
            iv: iv.try_into().ok()?,
            suite,
            secret: secret.to_vec(),
            header_key,
        })
    }

    /// Those of Initial packets, which follow from the first destination connection ID.
    pub(super) fn initial(salt: &[u8], id: &[u8], of_client: bool) -> Option<Self> {
        let prk = hkdf::Salt::new(hkdf::HKDF_SHA256, salt).extract(id);
        let label: &[u8] = if of_client {
            b"client in"
        } else {
            b"server in"
        };
        Self::new(Suite::of(0x1301)?, &expand_prk(&prk, label, 32)?)
    }

    /// Opens `packet`, whose number begins at `number_at`. `largest` is the largest number seen so
    /// far.
    pub(super) fn open(
        &self,
        packet: &[u8],
        number_at: usize,
        largest: Option<u64>,
    ) -> Option<Opened> {
        let sample =
            packet.get(number_at + 4..number_at + 4 + self.header.algorithm().sample_len())?;
        let mask = self.header.new_mask(sample).ok()?;
        let protected = *packet.first()?;
        let bits = if protected & 0x80 != 0 { 0x0f } else { 0x1f };
        let first = protected ^ (mask[0] & bits);
        let length = usize::from(first & 3) + 1;
        let header_len = number_at + length;
        let mut header = packet.get(..header_len)?.to_vec();
        header[0] = first;
        let mut cut = 0;
        for (byte, mask) in header[number_at..].iter_mut().zip(&mask[1..]) {
            *byte ^= mask;
            cut = cut << 8 | u64::from(*byte);
        }
        let number = whole_number(largest, cut, length);
        let mut nonce = self.iv;
        for (byte, number) in nonce[4..].iter_mut().zip(number.to_be_bytes()) {
            *byte ^= number;
        }
        let nonce = Nonce::assume_unique_for_key(nonce);
        let mut text = packet[header_len..].to_vec();
        let aad = Aad::from(header.as_slice());
        let size = self.packet.open_in_place(nonce, aad, &mut text).ok()?.len();
        text.truncate(size);
        Some(Opened {
            first,
            number,
            header: header_len,
            text,
        })
    }
}

/// The whole packet number, of which `length` bytes were sent (RFC 9000, appendix A.3).
const fn whole_number(largest: Option<u64>, cut: u64, length: usize) -> u64 {
    let expected = match largest {
        Some(largest) => largest + 1,
        None => 0,
    };
    let window = 1_u64 << (8 * length);
    let half = window / 2;
    let candidate = expected & !(window - 1) | cut;
    if candidate + half <= expected && candidate < (1 << 62) - window {
        candidate + window
    } else if candidate > expected + half && candidate >= window {
        candidate - window
    } else {
        candidate
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_a_packet_number_comes_out() {
        // RFC 9000, appendix A.3: after 0xa82f30ea, two bytes 0x9b32 mean 0xa82f9b32.
        assert_eq!(whole_number(Some(0xa82f_30ea), 0x9b32, 2), 0xa82f_9b32);
        assert_eq!(whole_number(None, 0, 1), 0);
        assert_eq!(whole_number(Some(255), 0, 1), 256);
    }
}
