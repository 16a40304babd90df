//! Folders: new ones, what is in them, and whether two hold the same bytes.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use tempfile::TempDir;

/// A new empty folder that goes away with its handle.
pub(crate) fn scratch() -> TempDir {
    tempfile::Builder::new()
        .prefix("netsim-")
        .tempdir()
        .unwrap()
}

/// The files below `folder` as paths relative to it, in order. Empty if there is no such folder.
pub(crate) fn file_names(folder: &Path) -> Vec<PathBuf> {
    let mut found = BTreeSet::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(next) = folders.pop() {
        let Ok(entries) = fs::read_dir(&next) else {
            continue;
        };
        for entry in entries {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.insert(path.strip_prefix(folder).unwrap().to_path_buf());
            }
        }
    }
    found.into_iter().collect()
}

/// The captures (`.pcapng` and `.pcap`) below `folder`, whole paths.
pub(crate) fn pcapng_files(folder: &Path) -> Vec<PathBuf> {
    file_names(folder)
        .into_iter()
        .filter(|f| f.extension().is_some_and(|e| e == "pcapng" || e == "pcap"))
        .map(|f| folder.join(f))
        .collect()
}

/// The first difference between two folders, in words; `None` if every file is the same byte for
/// byte.
pub(crate) fn difference(a: &Path, b: &Path) -> Option<String> {
    let names: BTreeSet<PathBuf> = file_names(a).into_iter().chain(file_names(b)).collect();
    names.into_iter().find_map(|name| {
        let (Ok(left), Ok(right)) = (fs::read(a.join(&name)), fs::read(b.join(&name))) else {
            return Some(format!("{} is in one folder only", name.display()));
        };
        first_difference(&left, &right).map(|at| {
            let (l, r) = (left.len(), right.len());
            format!(
                "{}: byte {at} differs ({l} and {r} bytes long)",
                name.display()
            )
        })
    })
}

fn first_difference(left: &[u8], right: &[u8]) -> Option<usize> {
    let shorter = left.len().min(right.len());
    let common = left.iter().zip(right).position(|(l, r)| l != r);
    common.or_else(|| (left.len() != right.len()).then_some(shorter))
}

#[test]
fn a_changed_byte_a_shorter_file_and_a_missing_file_are_differences() {
    let (a, b) = (scratch(), scratch());
    fs::create_dir(a.path().join("sub")).unwrap();
    fs::create_dir(b.path().join("sub")).unwrap();
    let put = |folder: &TempDir, text: &str| {
        fs::write(folder.path().join("sub/x"), text).unwrap();
    };
    put(&a, "abc");
    put(&b, "abc");
    assert_eq!(difference(a.path(), b.path()), None);
    put(&b, "abd");
    assert!(difference(a.path(), b.path()).unwrap().contains("byte 2"));
    put(&b, "ab");
    assert!(difference(a.path(), b.path()).unwrap().contains("byte 2"));
    fs::remove_file(b.path().join("sub/x")).unwrap();
    assert!(
        difference(a.path(), b.path())
            .unwrap()
            .contains("one folder only")
    );
}
