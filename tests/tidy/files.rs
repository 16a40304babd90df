//! The files of the repository.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// A file and its text.
pub(crate) struct SourceFile {
    /// Below the repository, with `/` between the parts.
    pub(crate) path: String,
    /// All of it.
    pub(crate) text: String,
}

impl SourceFile {
    pub(crate) fn new(path: &str, text: &str) -> Self {
        Self {
            path: path.to_owned(),
            text: text.to_owned(),
        }
    }

    /// The lines that are code of the program itself, numbered from 1: no comments, and nothing
    /// from the tests at the foot of a file on.
    pub(crate) fn code(&self) -> Vec<(usize, &str)> {
        if self.is_test() {
            return Vec::new();
        }
        let lines: Vec<&str> = self.text.lines().collect();
        let is_foot = |w: &[&str]| w[0] == "#[cfg(test)]" && w[1].starts_with("mod tests {");
        let foot = lines.windows(2).position(is_foot).unwrap_or(lines.len());
        let numbered = lines[..foot].iter().enumerate();
        numbered
            .filter(|(_, line)| !line.trim_start().starts_with("//"))
            .map(|(i, line)| (i + 1, *line))
            .collect()
    }

    /// Files that are only compiled for tests.
    fn is_test(&self) -> bool {
        let parts: Vec<&str> = self.path.split('/').collect();
        parts.iter().any(|part| TEST_PARTS.contains(part))
    }
}

/// Names of files and folders that belong to tests.
const TEST_PARTS: [&str; 5] = ["tests", "tests.rs", "sample.rs", "lab.rs", "testing.rs"];

/// Every text file of the repository that people write.
pub(crate) fn all_files() -> Vec<SourceFile> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    for entry in fs::read_dir(root).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if !SKIPPED.contains(&name.as_str()) {
            collect(&path, &mut found);
        }
    }
    found.sort();
    let read = |path: PathBuf| {
        // What is not text (pictures, captures) is not judged.
        let text = fs::read_to_string(&path).ok()?;
        let below = path.strip_prefix(root).unwrap();
        let parts: Vec<_> = below.iter().map(|p| p.to_string_lossy()).collect();
        Some(SourceFile::new(&parts.join("/"), &text))
    };
    found.into_iter().filter_map(read).collect()
}

/// Every Rust file.
pub(crate) fn rust_files() -> Vec<SourceFile> {
    let mut files = all_files();
    files.retain(|f| f.path.ends_with(".rs"));
    files
}

fn collect(path: &Path, found: &mut Vec<PathBuf>) {
    if !path.is_dir() {
        found.push(path.to_path_buf());
        return;
    }
    for entry in fs::read_dir(path).unwrap() {
        collect(&entry.unwrap().path(), found);
    }
}

/// Made by tools.
const SKIPPED: [&str; 4] = [".git", "target", "captures", "Cargo.lock"];

#[test]
fn code_leaves_out_comments_and_the_tests_at_the_foot() {
    let text = "//! Caption.\nuse a;\n// note\n#[cfg(test)]\nmod tests {\nuse b;\n}\n";
    let file = SourceFile::new("src/x.rs", text);
    assert_eq!(file.code(), [(2, "use a;")]);
    assert!(SourceFile::new("src/x/tests.rs", text).code().is_empty());
}
