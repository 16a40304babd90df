//! Content into its coded form.

use std::io::{self, Write};

use brotli::CompressorWriter;
use flate2::{Compression, write::GzEncoder};
use zstd::stream::write::Encoder as ZstdEncoder;

use super::Coding;

/// The pieces of some content, one after the other, in `coding`.
///
/// # Errors
/// Those of the coders, which have none when they write to memory.
pub fn encode<B: AsRef<[u8]>>(
    coding: Coding,
    pieces: impl Iterator<Item = B>,
) -> io::Result<Vec<u8>> {
    match coding {
        Coding::Gzip => {
            let mut coder = GzEncoder::new(Vec::new(), Compression::new(GZIP_LEVEL));
            write(&mut coder, pieces)?;
            coder.finish()
        }
        Coding::Brotli => {
            let mut coder =
                CompressorWriter::new(Vec::new(), BUFFER, BROTLI_QUALITY, BROTLI_WINDOW);
            write(&mut coder, pieces)?;
            Ok(coder.into_inner())
        }
        Coding::Zstd => {
            let mut coder = ZstdEncoder::new(Vec::new(), ZSTD_LEVEL)?;
            coder.include_checksum(true)?;
            write(&mut coder, pieces)?;
            coder.finish()
        }
    }
}

fn write<B: AsRef<[u8]>>(
    coder: &mut impl Write,
    mut pieces: impl Iterator<Item = B>,
) -> io::Result<()> {
    pieces.try_for_each(|piece| coder.write_all(piece.as_ref()))
}

/// Of 0 to 9; the default of gzip.
const GZIP_LEVEL: u32 = 6;
/// Of 0 to 11; what servers use for content that they code on demand.
const BROTLI_QUALITY: u32 = 5;
/// The logarithm of the window \[bytes\]; the default of brotli.
const BROTLI_WINDOW: u32 = 22;
/// Of 1 to 22; the default of zstd.
const ZSTD_LEVEL: i32 = 3;
/// Between the coder and its result \[bytes\].
const BUFFER: usize = 4096;
