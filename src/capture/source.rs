//! Bytes from anywhere, with their place in the file, and what can be wrong with them.

use std::io::{self, Read};

use thiserror::Error;

/// Why a capture cannot be read (on).
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The file is something else.
    #[error("not a capture: the first bytes are neither pcap's nor pcapng's")]
    NotACapture,
    /// The file was cut, or is still being written.
    #[error("the capture ends in the middle of the block that starts at byte {offset}")]
    Truncated {
        /// Where in the file.
        offset: u64,
    },
    /// The file is damaged.
    #[error("the block at byte {offset} makes no sense: {what}")]
    Malformed {
        /// Where in the file.
        offset: u64,
        /// What is wrong.
        what: &'static str,
    },
    /// The file could not be read.
    #[error("cannot read on at byte {offset}: {source}")]
    Io {
        /// Where in the file.
        offset: u64,
        /// Why.
        source: io::Error,
    },
}

/// A window that slides over the file. It grows only by bytes that are really there, whatever a
/// length field says, and never beyond [`MAX_BLOCK`].
#[derive(Debug)]
pub(super) struct Source<R> {
    read: R,
    buffer: Vec<u8>,
    start: usize,
    offset: u64,
    ended: bool,
}

impl<R: Read> Source<R> {
    pub(super) const fn new(read: R) -> Self {
        Self {
            read,
            buffer: Vec::new(),
            start: 0,
            offset: 0,
            ended: false,
        }
    }

    /// Where in the file the window starts.
    pub(super) const fn offset(&self) -> u64 {
        self.offset
    }

    /// The bytes in the window.
    pub(super) fn window(&self) -> &[u8] {
        &self.buffer[self.start..]
    }

    /// Moves the start of the window.
    pub(super) fn consume(&mut self, count: usize) {
        let count = count.min(self.buffer.len() - self.start);
        self.start += count;
        self.offset += count as u64;
    }

    /// True if there is nothing left.
    pub(super) fn is_empty(&mut self) -> Result<bool, ReadError> {
        Ok(self.window().is_empty() && !self.grow()?)
    }

    /// Makes the window larger; an error if that cannot be.
    pub(super) fn more(&mut self) -> Result<(), ReadError> {
        let offset = self.offset;
        if self.window().len() >= MAX_BLOCK {
            let what = "it is longer than 16 MiB";
            return Err(ReadError::Malformed { offset, what });
        }
        match self.grow()? {
            true => Ok(()),
            false => Err(ReadError::Truncated { offset }),
        }
    }

    /// Reads on; false at the end of the file.
    fn grow(&mut self) -> Result<bool, ReadError> {
        if self.ended {
            return Ok(false);
        }
        self.buffer.drain(..self.start);
        self.start = 0;
        let have = self.buffer.len();
        let step = have.clamp(64 << 10, 1 << 20);
        let read = (&mut self.read)
            .take(step as u64)
            .read_to_end(&mut self.buffer);
        match read {
            Ok(count) => {
                self.ended = count == 0;
                Ok(!self.ended)
            }
            Err(source) => Err(ReadError::Io {
                offset: self.offset + have as u64,
                source,
            }),
        }
    }
}

/// A longer block is refused \[bytes\]; Wireshark's limit too.
const MAX_BLOCK: usize = 16 << 20;
