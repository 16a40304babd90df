//! The output folder: files appear in it whole or not at all.

use std::{
    fs,
    io::{self, BufWriter, IntoInnerError, Write},
    path::{Path, PathBuf},
};

use tempfile::NamedTempFile;

use super::SimError;
use crate::{
    capture::KEY_LOG_FILE,
    report::{OutputFile, SUMMARY_FILE},
};

/// A folder that a run writes into.
#[derive(Debug)]
pub struct OutputFolder {
    path: PathBuf,
    written: Vec<OutputFile>,
    /// Files that the run before left here, by its own account.
    stale: Vec<String>,
}

impl OutputFolder {
    /// Opens the folder `path`, made if it is missing.
    ///
    /// # Errors
    /// [`SimError::Output`] if it cannot be made.
    pub fn open(path: &Path) -> Result<Self, SimError> {
        fs::create_dir_all(path).map_err(|source| failed(path, source))?;
        Ok(Self {
            path: path.to_owned(),
            written: Vec::new(),
            stale: listed_files(path),
        })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes a whole file under a temporary name and then renames it.
    ///
    /// # Errors
    /// [`SimError::Output`]; the temporary file is gone then.
    pub fn write(&mut self, name: &str, what: &str, bytes: &[u8]) -> Result<(), SimError> {
        let path = self.path.join(name);
        write_whole(&path, bytes).map_err(|source| failed(&path, source))?;
        self.note(name, what);
        Ok(())
    }

    /// Starts a file that is written piece by piece; it has no name yet.
    pub(super) fn begin(&self, name: &str) -> Result<Unfinished, SimError> {
        Unfinished::begin(&self.path).map_err(|source| failed(&self.path.join(name), source))
    }

    /// Gives a file its name, now that it is whole.
    pub(super) fn finish(
        &mut self,
        file: Unfinished,
        name: &str,
        what: &str,
    ) -> Result<(), SimError> {
        let path = self.path.join(name);
        file.finish(&path).map_err(|source| failed(&path, source))?;
        self.note(name, what);
        Ok(())
    }

    /// Notes a capture that has been written here.
    pub(super) fn note_capture(&mut self, path: &Path) {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let what = match name.split('.').next() {
            _ if name == KEY_LOG_FILE => "TLS secrets",
            Some("all") => "capture of every interface",
            _ => "capture of one card",
        };
        self.note(&name, what);
    }

    fn note(&mut self, name: &str, what: &str) {
        self.written.push(OutputFile {
            name: name.to_owned(),
            what: what.to_owned(),
        });
    }

    /// What has been written so far, in order.
    pub fn files(&self) -> &[OutputFile] {
        &self.written
    }

    /// Removes the files that an earlier run listed in its summary and this one did not write.
    pub fn remove_stale(&mut self) {
        for name in std::mem::take(&mut self.stale) {
            let kept = name == SUMMARY_FILE || self.written.iter().any(|f| f.name == name);
            if !kept {
                // Somebody may have taken it away meanwhile: that is as good.
                let _ = fs::remove_file(self.path.join(name));
            }
        }
    }
}

pub(super) fn failed(path: &Path, source: io::Error) -> SimError {
    SimError::Output {
        path: path.to_owned(),
        source,
    }
}

fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    fs::create_dir_all(folder)?;
    let mut file = Unfinished::begin(folder)?;
    file.write_all(bytes)?;
    file.finish(path)
}

/// A file without a name, which is gone if it is dropped.
#[derive(Debug)]
pub(super) struct Unfinished(BufWriter<NamedTempFile>);

impl Unfinished {
    pub(super) fn begin(folder: &Path) -> io::Result<Self> {
        let file = tempfile::Builder::new()
            .prefix(".netsim-")
            .tempfile_in(folder)?;
        Ok(Self(BufWriter::with_capacity(BUFFER, file)))
    }

    fn finish(self, path: &Path) -> io::Result<()> {
        let file = self.0.into_inner().map_err(IntoInnerError::into_error)?;
        make_readable(&file)?;
        file.persist(path)?;
        Ok(())
    }
}

impl Write for Unfinished {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// How many bytes wait for the file system.
const BUFFER: usize = 64 << 10;

/// Temporary files are made for their owner alone; the finished file is for everybody, as any
/// other file that a person makes.
#[cfg(unix)]
fn make_readable(file: &NamedTempFile) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.as_file()
        .set_permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn make_readable(_: &NamedTempFile) -> io::Result<()> {
    Ok(())
}

/// The files that the summary of an earlier run names. Only plain names count: a summary that
/// somebody edited must not lead out of the folder.
fn listed_files(folder: &Path) -> Vec<String> {
    // Read at once: serde_json takes a text many times faster than a stream.
    let Ok(summary) = fs::read(folder.join(SUMMARY_FILE)) else {
        return Vec::new();
    };
    let Ok(Listed { files }) = serde_json::from_slice(&summary) else {
        return Vec::new();
    };
    let names = files.iter().filter_map(|file| file["name"].as_str());
    names
        .filter(|name| is_plain(name))
        .map(str::to_owned)
        .collect()
}

/// What matters of a summary; the rest of it, which may be large, is read past.
#[derive(serde::Deserialize)]
struct Listed {
    files: Vec<serde_json::Value>,
}

fn is_plain(name: &str) -> bool {
    let normal = |part| matches!(part, std::path::Component::Normal(_));
    let parts: Vec<_> = Path::new(name).components().collect();
    let in_a_folder = parts.len() > 1 && !name.starts_with(MAIL_FOLDER);
    !parts.is_empty() && parts.into_iter().all(normal) && !in_a_folder
}

/// The only folder inside of an output folder.
const MAIL_FOLDER: &str = "mail/";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_earlier_run_listed_and_this_one_did_not_write_goes() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["old.svg", "both.svg", "mine.txt", "../outside.txt"] {
            fs::write(dir.path().join(name.trim_start_matches("../")), "x").unwrap();
        }
        let listed = r#"{"files": [{"name": "old.svg"}, {"name": "both.svg"},
                         {"name": "../outside.txt"}, {"name": 7}]}"#;
        fs::write(dir.path().join(SUMMARY_FILE), listed).unwrap();
        let mut folder = OutputFolder::open(dir.path()).unwrap();
        folder.write("both.svg", "a picture", b"y").unwrap();
        folder.remove_stale();
        let mut left: Vec<String> = fs::read_dir(dir.path())
            .unwrap()
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .collect();
        left.sort();
        assert_eq!(left, ["both.svg", "mine.txt", "outside.txt", SUMMARY_FILE]);
    }

    #[test]
    fn a_file_that_cannot_be_written_is_named() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("a.svg")).unwrap();
        let mut folder = OutputFolder::open(dir.path()).unwrap();
        let error = folder.write("a.svg", "a picture", b"x").unwrap_err();
        assert!(error.to_string().contains("a.svg"), "{error}");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }
}
