//! `summary.json`: the summary as JSON, keys in the order of the fields.

use std::{
    fs,
    io::{self, BufWriter, Write},
    path::Path,
};

use serde::Serialize as _;
use serde_json::Serializer;

use super::{rows::Rows, summary::Summary};

/// The name of the file.
pub const SUMMARY_FILE: &str = "summary.json";

impl Summary {
    /// The whole file as text, with a newline at its end.
    pub fn to_json(&self) -> String {
        let mut text = Vec::new();
        self.write_to(&mut text).expect("a vector takes everything");
        String::from_utf8(text).expect("JSON is UTF-8")
    }

    /// Writes the whole file to `out`, row by row.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write_to(&self, mut out: impl Write) -> io::Result<()> {
        let mut serializer = Serializer::with_formatter(&mut out, Rows::default());
        self.serialize(&mut serializer)?;
        out.write_all(b"\n")?;
        out.flush()
    }

    /// Writes [`SUMMARY_FILE`] into `folder`, under a temporary name first: whoever sees the file
    /// sees all of it.
    ///
    /// # Errors
    /// What the file system says; the temporary file is gone then.
    pub fn write(&self, folder: &Path) -> io::Result<()> {
        let part = folder.join(format!("{SUMMARY_FILE}.part"));
        let done = fs::File::create(&part)
            .and_then(|file| self.write_to(BufWriter::with_capacity(BUFFER, file)))
            .and_then(|()| fs::rename(&part, folder.join(SUMMARY_FILE)));
        if done.is_err() {
            // The first error is the one to tell.
            let _ = fs::remove_file(&part);
        }
        done
    }
}

/// How many bytes wait for the file system.
const BUFFER: usize = 64 << 10;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;
    use crate::{report::sample, trace::DropReason};

    /// Every key at every depth.
    fn keys(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(map) => {
                found.extend(map.keys().cloned());
                map.values().for_each(|v| keys(v, found));
            }
            Value::Array(list) => list.iter().for_each(|v| keys(v, found)),
            _ => {}
        }
    }

    #[test]
    fn the_file_is_stable() {
        insta::assert_snapshot!(sample::summary().to_json());
    }

    #[test]
    fn every_key_stands_in_the_document() {
        let document = include_str!("../../docs/output.md");
        let mut found: BTreeSet<String> = DropReason::ALL.map(|d| d.key().to_owned()).into();
        for summary in [sample::summary(), sample::grouped()] {
            let value = serde_json::from_str(&summary.to_json()).unwrap();
            keys(&value, &mut found);
        }
        let missing: Vec<_> = found
            .iter()
            .filter(|key| !document.contains(&format!("`{key}`")))
            .collect();
        assert!(
            missing.is_empty(),
            "docs/output.md does not say {missing:?}"
        );
    }

    #[test]
    fn numbers_have_their_unit_in_the_key_and_only_shares_are_fractions() {
        fn walk(key: &str, value: &Value) {
            match value {
                Value::Object(map) => map.iter().for_each(|(k, v)| walk(k, v)),
                Value::Array(list) => list.iter().for_each(|v| walk(key, v)),
                Value::Number(n) => assert!(n.is_u64() || key.ends_with("_percent"), "{key} {n}"),
                _ => {}
            }
        }
        for summary in [sample::summary(), sample::grouped()] {
            walk("", &serde_json::from_str(&summary.to_json()).unwrap());
        }
    }

    #[test]
    fn a_folder_that_is_not_there_is_an_error_and_stays_so() {
        let folder = tempfile::tempdir().unwrap();
        let missing = folder.path().join("missing");
        assert!(sample::summary().write(&missing).is_err());
        assert!(!missing.exists());
    }

    #[test]
    fn the_written_file_is_the_whole_text_and_nothing_else_is_left() {
        let folder = tempfile::tempdir().unwrap();
        sample::summary().write(folder.path()).unwrap();
        let names: Vec<_> = fs::read_dir(folder.path()).unwrap().collect();
        assert_eq!(names.len(), 1);
        let text = fs::read_to_string(folder.path().join(SUMMARY_FILE)).unwrap();
        assert_eq!(text, sample::summary().to_json());
    }
}
