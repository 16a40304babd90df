//! Content codings: gzip (RFC 1952), br (RFC 7932) and zstd (RFC 8878), and which one to send.
//!
//! Contract: the same content gives the same bytes everywhere; the settings below are fixed for that
//! reason. Encoding takes content piece by piece and keeps only its result; decoding keeps nothing
//! but counts, and gives up where a small message would swell without end. Not here: `compress` and
//! `deflate`, dictionaries, coding of content while it is being made.

mod accept;
mod decode;
mod encode;

pub use accept::{Negotiated, negotiate};
pub use decode::{Decoder, MAX_DECODED};
pub use encode::encode;

/// A content coding (RFC 9110, section 8.4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// DEFLATE with a checksum (RFC 1952).
    Gzip,
    /// Brotli (RFC 7932).
    Brotli,
    /// Zstandard (RFC 8878).
    Zstd,
}

impl Coding {
    /// All of them, the ones that usually save the most first.
    pub const ALL: [Self; 3] = [Self::Brotli, Self::Zstd, Self::Gzip];

    /// Its name in `Content-Encoding`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Brotli => "br",
            Self::Zstd => "zstd",
        }
    }

    /// The coding called `name`, in any letter case. `x-gzip` is gzip too (RFC 9110, section
    /// 8.4.1.3).
    pub fn from_name(name: &str) -> Option<Self> {
        let name = name.trim();
        if name.eq_ignore_ascii_case("x-gzip") {
            return Some(Self::Gzip);
        }
        let mut all = Self::ALL.into_iter();
        all.find(|coding| coding.name().eq_ignore_ascii_case(name))
    }
}

#[cfg(test)]
mod tests;
