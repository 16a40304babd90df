//! Runs the `netsim` program as a person would, into a folder of its own.

use std::{
    collections::BTreeMap,
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    sync::{LazyLock, Mutex, OnceLock, PoisonError},
};

use tempfile::TempDir;

use super::scratch;

/// The program, with an environment that does not depend on who runs the tests.
pub(crate) fn netsim() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_netsim"));
    command
        .env_remove("NO_COLOR")
        .env_remove("CLICOLOR_FORCE")
        .env_remove("CLICOLOR")
        .env("COLUMNS", "100")
        .stdin(Stdio::null());
    command
}

/// The root of the repository.
pub(crate) fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A shipped topology by its name, without `.toml`.
pub(crate) fn topology(name: &str) -> PathBuf {
    repository().join("topologies").join(format!("{name}.toml"))
}

/// All shipped topologies, in name order.
pub(crate) fn topologies() -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(repository().join("topologies"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "toml"))
        .collect();
    files.sort();
    files
}

/// A run that is over. Its folder goes away with it.
pub(crate) struct Finished {
    /// What it printed and how it ended.
    pub(crate) output: Output,
    /// Where it wrote its files (may be missing if it failed).
    pub(crate) out: PathBuf,
    folder: TempDir,
}

impl Finished {
    /// The exit code.
    pub(crate) fn code(&self) -> i32 {
        self.output.status.code().expect("ended by a signal")
    }

    /// Standard output as text.
    pub(crate) fn stdout(&self) -> String {
        String::from_utf8(self.output.stdout.clone()).unwrap()
    }

    /// Standard error as text.
    pub(crate) fn stderr(&self) -> String {
        String::from_utf8(self.output.stderr.clone()).unwrap()
    }

    /// The path of an output file.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.out.join(name)
    }

    /// `summary.json`, parsed.
    pub(crate) fn summary(&self) -> serde_json::Value {
        let text = fs::read_to_string(self.file("summary.json")).unwrap();
        serde_json::from_str(&text).unwrap()
    }

    /// The folder that holds the output folder (and the input, if it was given as text).
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The same, but only if the run ended with exit code 0.
    #[must_use]
    pub(crate) fn well(self) -> Self {
        assert_eq!(self.code(), 0, "the run failed:\n{}", self.stderr());
        self
    }
}

/// `netsim run FILE --out (a new folder) ARGUMENTS...`
pub(crate) fn run_file<S: AsRef<OsStr>>(file: &Path, arguments: &[S]) -> Finished {
    run_in(scratch(), file, arguments)
}

/// The same for a scenario given as text; the file is called `scenario.toml`.
pub(crate) fn run_text<S: AsRef<OsStr>>(text: &str, arguments: &[S]) -> Finished {
    let folder = scratch();
    let file = folder.path().join("scenario.toml");
    fs::write(&file, text).unwrap();
    run_in(folder, &file, arguments)
}

/// A shipped topology, run as it is. All tests of this process share one run of each; the files lie in
/// the target directory's `tmp/shipped` until the next process.
pub(crate) fn shipped(file: &Path) -> &'static Finished {
    static RUNS: Mutex<BTreeMap<PathBuf, &OnceLock<Finished>>> = Mutex::new(BTreeMap::new());
    let run = {
        let mut runs = RUNS.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || -> &OnceLock<Finished> { Box::leak(Box::default()) };
        *runs.entry(file.to_owned()).or_insert_with(new)
    };
    run.get_or_init(|| run_in::<&str>(shipped_folder(), file, &[]).well())
}

fn shipped_folder() -> TempDir {
    static ROOT: LazyLock<PathBuf> = LazyLock::new(|| {
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("shipped");
        let _ = fs::remove_dir_all(&root);
        fs::create_dir_all(&root).unwrap();
        root
    });
    let mut folder = tempfile::Builder::new().tempdir_in(&*ROOT).unwrap();
    folder.disable_cleanup(true);
    folder
}

fn run_in<S: AsRef<OsStr>>(folder: TempDir, file: &Path, arguments: &[S]) -> Finished {
    let out = folder.path().join("out");
    let output = netsim()
        .arg("run")
        .arg(file)
        .arg("--out")
        .arg(&out)
        .args(arguments)
        .output()
        .unwrap();
    Finished {
        output,
        out,
        folder,
    }
}
