//! Coded content back to what it was, as it comes, counted and checked.
//!
//! gzip and zstd carry a checksum of the content, which is compared; brotli has none, but an end.

use std::{
    fmt,
    io::{self, Write},
};

use brotli::DecompressorWriter;
use flate2::write::MultiGzDecoder;
use zstd::stream::{raw, zio};

use super::Coding;

/// The most that a message may swell to \[bytes\].
pub const MAX_DECODED: u64 = 1 << 30;

/// Takes coded content apart piece by piece.
pub struct Decoder {
    coding: Coding,
    inner: Inner,
}

enum Inner {
    Gzip(Box<MultiGzDecoder<Tally>>),
    Brotli(Box<DecompressorWriter<Tally>>),
    Zstd(Box<zio::Writer<Tally, raw::Decoder<'static>>>),
}

/// Where the content ends up: nothing is kept.
#[derive(Debug, Default)]
struct Tally {
    bytes: u64,
    most: u64,
}

impl Write for Tally {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes += bytes.len() as u64;
        if self.bytes > self.most {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Decoder {
    /// A decoder of `coding` that gives up when the content has more than `most` bytes.
    ///
    /// # Errors
    /// A sentence, if zstd finds no memory.
    pub fn new(coding: Coding, most: u64) -> Result<Self, String> {
        let tally = Tally { bytes: 0, most };
        let inner = match coding {
            Coding::Gzip => Inner::Gzip(Box::new(MultiGzDecoder::new(tally))),
            Coding::Brotli => Inner::Brotli(Box::new(DecompressorWriter::new(tally, BUFFER))),
            Coding::Zstd => {
                let raw = raw::Decoder::new().map_err(|e| format!("zstd: {e}"))?;
                Inner::Zstd(Box::new(zio::Writer::new(tally, raw)))
            }
        };
        Ok(Self { coding, inner })
    }

    /// Takes the next piece.
    ///
    /// # Errors
    /// A sentence: it is not of this coding, or the content is too long.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<(), String> {
        let done = match &mut self.inner {
            Inner::Gzip(coder) => coder.write_all(bytes),
            Inner::Brotli(coder) => coder.write_all(bytes),
            Inner::Zstd(coder) => coder.write_all(bytes),
        };
        done.map_err(|error| self.explain(&error))
    }

    /// Ends the content and says how long it was \[bytes\].
    ///
    /// # Errors
    /// A sentence: something is missing, or the checksum is wrong.
    pub fn finish(mut self) -> Result<u64, String> {
        let done = match &mut self.inner {
            Inner::Gzip(coder) => coder.try_finish().map(|()| coder.get_ref().bytes),
            // The rest comes out when it is closed, so it is counted behind.
            Inner::Brotli(coder) => coder.close().map(|()| 0),
            Inner::Zstd(coder) => coder.finish().map(|()| coder.writer().bytes),
        };
        let bytes = done.map_err(|error| match error.kind() {
            io::ErrorKind::FileTooLarge => self.explain(&error),
            // The coders do not agree on how they call the two.
            _ => format!(
                "the {} content is damaged or ends too early",
                self.coding.name()
            ),
        })?;
        match self.inner {
            Inner::Brotli(coder) => match coder.into_inner() {
                Ok(tally) | Err(tally) => Ok(tally.bytes),
            },
            _ => Ok(bytes),
        }
    }

    /// In words that do not depend on the coder.
    fn explain(&self, error: &io::Error) -> String {
        let name = self.coding.name();
        match error.kind() {
            io::ErrorKind::FileTooLarge => format!("the {name} content is too long when decoded"),
            _ => format!("the content is not {name}"),
        }
    }
}

impl fmt::Debug for Decoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Decoder({})", self.coding.name())
    }
}

/// Between the coder and the tally \[bytes\].
const BUFFER: usize = 4096;
