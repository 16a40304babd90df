//! An output file that appears under its name only when it is whole.
//!
//! It is written as `NAME.part` beside its final place, renamed by [`Spool::commit`] and removed
//! if it is dropped before. The bytes wait in a buffer, and only full buffers are appended: each
//! starts at a multiple of its size in the file, where a file system with large pages takes it in
//! one piece. Between writes no file is open, so ten thousand captures need no file descriptors.
//! (To keep a few open would save a few hundredths of the time, and a folder that is gone would be
//! noticed only at the end.)

use std::{
    ffi::OsString,
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

/// One output file.
#[derive(Debug)]
pub(super) struct Spool {
    path: PathBuf,
    part: PathBuf,
    buffer: Buffer,
    committed: bool,
}

impl Spool {
    /// Starts the file that will be called `path`. At most `limit` bytes wait in memory; a power
    /// of two is best.
    pub(super) fn create(path: PathBuf, limit: usize) -> io::Result<Self> {
        let mut part = OsString::from(path.as_os_str());
        part.push(".part");
        let part = PathBuf::from(part);
        File::create(&part).map_err(|e| named(&part, &e))?;
        Ok(Self {
            path,
            part,
            buffer: Buffer::new(limit),
            committed: false,
        })
    }

    /// Gives the file its name. All bytes must have been flushed.
    pub(super) fn commit(mut self) -> io::Result<PathBuf> {
        self.append()?;
        fs::rename(&self.part, &self.path).map_err(|e| named(&self.path, &e))?;
        self.committed = true;
        Ok(std::mem::take(&mut self.path))
    }

    /// Takes bytes that fill the buffer or do not fit.
    #[cold]
    fn write_over(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while bytes.len() >= self.buffer.room() {
            let (fits, rest) = bytes.split_at(self.buffer.room());
            self.buffer.push(fits);
            self.append()?;
            bytes = rest;
        }
        self.buffer.push(bytes);
        Ok(())
    }

    fn append(&mut self) -> io::Result<()> {
        let bytes = self.buffer.bytes();
        if bytes.is_empty() {
            return Ok(());
        }
        OpenOptions::new()
            .append(true)
            .open(&self.part)
            .and_then(|mut file| file.write_all(bytes))
            .map_err(|e| named(&self.part, &e))?;
        self.buffer.clear();
        Ok(())
    }
}

impl Write for Spool {
    #[inline]
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_all(bytes)?;
        Ok(bytes.len())
    }

    #[inline]
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        if bytes.len() >= self.buffer.room() {
            return self.write_over(bytes);
        }
        self.buffer.push(bytes);
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.append()
    }
}

/// Bytes that wait, from the start of a cache line on if they may be many: the system copies them
/// faster from there.
#[derive(Debug)]
struct Buffer {
    memory: Vec<u8>,
    /// Where in `memory` the bytes start.
    start: usize,
    /// Where they end at the latest.
    end: usize,
}

impl Buffer {
    fn new(limit: usize) -> Self {
        let mut memory: Vec<u8> = Vec::new();
        let mut start = 0;
        if limit >= LARGE {
            memory.reserve_exact(limit + CACHE_LINE);
            start = memory.as_ptr().align_offset(CACHE_LINE).min(CACHE_LINE);
            memory.resize(start, 0);
        }
        Self {
            memory,
            start,
            end: start + limit,
        }
    }

    fn room(&self) -> usize {
        self.end - self.memory.len()
    }

    fn push(&mut self, bytes: &[u8]) {
        self.memory.extend_from_slice(bytes);
    }

    fn bytes(&self) -> &[u8] {
        &self.memory[self.start..]
    }

    fn clear(&mut self) {
        self.memory.truncate(self.start);
    }
}

/// A buffer of so many bytes is made at once; a smaller one grows, as most of many stay empty.
const LARGE: usize = 64 << 10;
/// \[bytes\]
const CACHE_LINE: usize = 64;

impl Drop for Spool {
    fn drop(&mut self) {
        if !self.committed {
            // Nobody can be told; the unfinished file keeps its telling name.
            let _ = fs::remove_file(&self.part);
        }
    }
}

/// The error with the file's name in front.
fn named(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names_in(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<String> = entries
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_appears_when_it_is_whole_and_an_unfinished_one_goes() {
        let folder = tempfile::tempdir().unwrap();
        let mut whole = Spool::create(folder.path().join("whole"), 4).unwrap();
        let unfinished = Spool::create(folder.path().join("unfinished"), 4).unwrap();
        whole.write_all(b"abc").unwrap();
        whole.write_all(b"defghi").unwrap();
        assert_eq!(names_in(folder.path()), ["unfinished.part", "whole.part"]);
        whole.commit().unwrap();
        drop(unfinished);
        assert_eq!(names_in(folder.path()), ["whole"]);
        assert_eq!(fs::read(folder.path().join("whole")).unwrap(), b"abcdefghi");
    }

    #[test]
    fn only_whole_buffers_are_appended_before_the_end() {
        let folder = tempfile::tempdir().unwrap();
        for limit in [10, LARGE] {
            let mut spool = Spool::create(folder.path().join("whole"), limit).unwrap();
            let size = || {
                fs::metadata(folder.path().join("whole.part"))
                    .unwrap()
                    .len()
            };
            // Three fifths of a buffer each: one waits, two are 1.2 buffers, six are 3.6.
            let bytes = vec![7; limit * 3 / 5];
            spool.write_all(&bytes).unwrap();
            assert_eq!(size(), 0);
            spool.write_all(&bytes).unwrap();
            assert_eq!(size(), limit as u64);
            spool.write_all(&bytes.repeat(4)).unwrap();
            assert_eq!(size(), 3 * limit as u64);
            let whole = spool.commit().unwrap();
            assert_eq!(fs::read(whole).unwrap(), bytes.repeat(6));
        }
    }

    #[test]
    fn an_error_names_the_file() {
        let error = Spool::create(PathBuf::from("/no/such/folder/x"), 4).unwrap_err();
        assert!(error.to_string().starts_with("/no/such/folder/x.part: "));
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
    }
}
