//! An output file that appears under its name only when it is whole.
//!
//! It is written as `NAME.part` beside its final place, renamed by [`Spool::commit`] and removed
//! if it is dropped before. Between writes no file is open: the bytes wait in a buffer and are
//! appended in one go, so ten thousand captures need no file descriptors.

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
    buffer: Vec<u8>,
    limit: usize,
    committed: bool,
}

impl Spool {
    /// Starts the file that will be called `path`. At most about `limit` bytes wait in memory.
    pub(super) fn create(path: PathBuf, limit: usize) -> io::Result<Self> {
        let mut part = OsString::from(path.as_os_str());
        part.push(".part");
        let part = PathBuf::from(part);
        File::create(&part).map_err(|e| named(&part, &e))?;
        Ok(Self {
            path,
            part,
            buffer: Vec::new(),
            limit,
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

    fn append(&mut self) -> io::Result<()> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        OpenOptions::new()
            .append(true)
            .open(&self.part)
            .and_then(|mut file| file.write_all(&self.buffer))
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
        if self.buffer.len() + bytes.len() > self.limit {
            self.append()?;
        }
        self.buffer.extend_from_slice(bytes);
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.append()
    }
}

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
    fn an_error_names_the_file() {
        let error = Spool::create(PathBuf::from("/no/such/folder/x"), 4).unwrap_err();
        assert!(error.to_string().starts_with("/no/such/folder/x.part: "));
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
    }
}
