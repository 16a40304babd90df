//! Opening protected records (RFC 8446, section 5.2 and 7.3; RFC 5246, section 6.3; RFC 5288;
//! RFC 7905), given the secrets.
//!
//! Only suites with AEAD ciphers, as TLS 1.3 has no others and TLS 1.2 should use no others.

use ring::{
    aead::{
        AES_128_GCM, AES_256_GCM, Aad, Algorithm, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey,
    },
    hkdf, hmac,
};

/// What a cipher suite computes with.
#[derive(Debug, Clone, Copy)]
pub(in crate::dissect) struct Suite {
    cipher: &'static Algorithm,
    hash: Hash,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hash {
    Sha256,
    Sha384,
}

impl Suite {
    /// The suite of this number of the IANA registry.
    pub(in crate::dissect) const fn of(number: u16) -> Option<Self> {
        let (cipher, hash) = match number {
            0x1301 | 0xc02b | 0xc02f => (&AES_128_GCM, Hash::Sha256),
            0x1302 | 0xc02c | 0xc030 => (&AES_256_GCM, Hash::Sha384),
            0x1303 | 0xcca8 | 0xcca9 => (&CHACHA20_POLY1305, Hash::Sha256),
            _ => return None,
        };
        Some(Self { cipher, hash })
    }

    /// The suites of TLS 1.3, for records that come before one was chosen.
    pub(in crate::dissect) fn modern() -> impl Iterator<Item = Self> {
        [0x1301, 0x1302, 0x1303].into_iter().filter_map(Self::of)
    }

    /// True if `secret` is as long as its hash.
    pub(in crate::dissect) fn fits(self, secret: &[u8]) -> bool {
        secret.len() == if self.hash == Hash::Sha384 { 48 } else { 32 }
    }
}

impl Suite {
    /// Its cipher.
    pub(in crate::dissect) const fn cipher(self) -> &'static Algorithm {
        self.cipher
    }

    /// True if the cipher is ChaCha20.
    pub(in crate::dissect) fn is_chacha(self) -> bool {
        self.cipher == &CHACHA20_POLY1305
    }
}

/// Opens the records of one direction, in order.
#[derive(Debug)]
pub(super) struct Opener {
    key: LessSafeKey,
    iv: Vec<u8>,
    sequence: u64,
    modern: bool,
}

/// A record opened: its true content type, its content, and how far into the body that begins.
pub(super) type Opened = (u8, Vec<u8>, usize);

impl Opener {
    /// TLS 1.3: from a traffic secret.
    pub(super) fn modern(suite: Suite, secret: &[u8]) -> Option<Self> {
        if !suite.fits(secret) {
            return None;
        }
        let key = expand_label(suite, secret, b"key", suite.cipher.key_len())?;
        Some(Self {
            key: LessSafeKey::new(UnboundKey::new(suite.cipher, &key).ok()?),
            iv: expand_label(suite, secret, b"iv", NONCE)?,
            sequence: 0,
            modern: true,
        })
    }

    /// TLS 1.2: from the master secret and both randoms, for records of the client or the server.
    pub(super) fn classic(
        suite: Suite,
        master: &[u8],
        (client, server): (&[u8], &[u8]),
        of_client: bool,
    ) -> Option<Self> {
        let (key_len, iv_len) = (suite.cipher.key_len(), classic_iv(suite));
        let seed = [b"key expansion", server, client].concat();
        // client_write_key, server_write_key, client_write_IV, server_write_IV.
        let block = prf(suite, master, &seed, 2 * (key_len + iv_len));
        let side = usize::from(!of_client);
        let key = block.get(side * key_len..)?.get(..key_len)?;
        let iv = block.get(2 * key_len + side * iv_len..)?.get(..iv_len)?;
        Some(Self {
            key: LessSafeKey::new(UnboundKey::new(suite.cipher, key).ok()?),
            iv: iv.to_vec(),
            sequence: 0,
            modern: false,
        })
    }

    /// Opens the next record. `None` if it is not for this key.
    pub(super) fn open(&mut self, header: [u8; 5], body: &[u8]) -> Option<Opened> {
        let opened = if self.modern {
            self.open_modern(header, body)
        } else {
            self.open_classic(header, body)
        }?;
        self.sequence += 1;
        Some(opened)
    }

    fn open_modern(&self, header: [u8; 5], body: &[u8]) -> Option<Opened> {
        let mut text = self.decrypt(self.mixed_nonce(), &header, body)?;
        // The type is the last byte that is not zero.
        while text.last() == Some(&0) {
            text.pop();
        }
        let kind = text.pop()?;
        Some((kind, text, 0))
    }

    fn open_classic(&self, header: [u8; 5], body: &[u8]) -> Option<Opened> {
        let explicit = NONCE - self.iv.len();
        let (front, sealed) = body.split_at_checked(explicit)?;
        let nonce = if explicit > 0 {
            [self.iv.as_slice(), front].concat()
        } else {
            self.mixed_nonce()
        };
        let length = u16::try_from(sealed.len().checked_sub(TAG)?).ok()?;
        let mut aad = self.sequence.to_be_bytes().to_vec();
        aad.extend([header[0], header[1], header[2]]);
        aad.extend(length.to_be_bytes());
        let text = self.decrypt(nonce, &aad, sealed)?;
        Some((header[0], text, explicit))
    }

    /// The sequence number over the static IV.
    fn mixed_nonce(&self) -> Vec<u8> {
        let mut nonce = self.iv.clone();
        let number = self.sequence.to_be_bytes();
        for (byte, mask) in nonce.iter_mut().rev().zip(number.iter().rev()) {
            *byte ^= mask;
        }
        nonce
    }

    fn decrypt(&self, nonce: Vec<u8>, aad: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let nonce = Nonce::try_assume_unique_for_key(&nonce).ok()?;
        let mut text = sealed.to_vec();
        let length = self
            .key
            .open_in_place(nonce, Aad::from(aad), &mut text)
            .ok()?
            .len();
        text.truncate(length);
        Some(text)
    }
}

/// RFC 5288: four bytes are secret, eight stand in the record. RFC 7905: all twelve are secret.
fn classic_iv(suite: Suite) -> usize {
    if suite.cipher == &CHACHA20_POLY1305 {
        NONCE
    } else {
        4
    }
}

/// HKDF-Expand-Label with an empty context (RFC 8446, section 7.1).
pub(in crate::dissect) fn expand_label(
    suite: Suite,
    secret: &[u8],
    label: &[u8],
    length: usize,
) -> Option<Vec<u8>> {
    let algorithm = match suite.hash {
        Hash::Sha256 => hkdf::HKDF_SHA256,
        Hash::Sha384 => hkdf::HKDF_SHA384,
    };
    expand_prk(&hkdf::Prk::new_less_safe(algorithm, secret), label, length)
}

/// The same from a key that was extracted.
pub(in crate::dissect) fn expand_prk(
    prk: &hkdf::Prk,
    label: &[u8],
    length: usize,
) -> Option<Vec<u8>> {
    let size = u16::try_from(length).ok()?.to_be_bytes();
    let label_size = [u8::try_from(6 + label.len()).ok()?];
    let info = [size.as_slice(), &label_size, b"tls13 ", label, &[0]];
    let mut out = vec![0; length];
    prk.expand(&info, Length(length))
        .ok()?
        .fill(&mut out)
        .ok()?;
    Some(out)
}

struct Length(usize);

impl hkdf::KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

/// P_hash of RFC 5246, section 5.
fn prf(suite: Suite, secret: &[u8], seed: &[u8], length: usize) -> Vec<u8> {
    let algorithm = match suite.hash {
        Hash::Sha256 => hmac::HMAC_SHA256,
        Hash::Sha384 => hmac::HMAC_SHA384,
    };
    let key = hmac::Key::new(algorithm, secret);
    let mut chain = hmac::sign(&key, seed);
    let mut out = Vec::new();
    while out.len() < length {
        let next = [chain.as_ref(), seed].concat();
        out.extend(hmac::sign(&key, &next).as_ref());
        chain = hmac::sign(&key, chain.as_ref());
    }
    out
}

/// \[bytes\]
const NONCE: usize = 12;
/// \[bytes\]
const TAG: usize = 16;
