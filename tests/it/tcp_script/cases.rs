//! The cases of a file: a line that begins with `==` opens one and names it.

use std::{fs, path::PathBuf};

use super::play;

/// A case: its name and its lines.
#[derive(Debug)]
pub(super) struct Case {
    pub(super) name: String,
    lines: Vec<String>,
}

impl Case {
    pub(super) fn new(name: &str, text: &str) -> Self {
        Self {
            name: name.to_owned(),
            lines: text.lines().map(str::to_owned).collect(),
        }
    }

    /// What went wrong, with the script around it; `None` if all is as expected.
    pub(super) fn failure(&self) -> Option<String> {
        let mut player = play::Player::new();
        for (number, line) in self.lines.iter().enumerate() {
            if let Err(wrong) = player.line(line) {
                return Some(self.report(number, &wrong, player.seen()));
            }
        }
        let wrong = player.finish().err()?;
        Some(self.report(self.lines.len(), &wrong, player.seen()))
    }

    fn report(&self, at: usize, wrong: &str, seen: &[String]) -> String {
        let mark = |(number, line): (usize, &String)| {
            let mark = if number == at { "==>" } else { "   " };
            format!("{mark} {line}")
        };
        let script: Vec<String> = self.lines.iter().enumerate().map(mark).collect();
        format!(
            "--- {}\n{}\n    {}\n    all packets until then:\n      {}\n",
            self.name,
            script.join("\n"),
            wrong.replace('\n', "\n    "),
            seen.join("\n      ")
        )
    }
}

/// The cases of `file`, without its ending.
pub(super) fn of_file(file: &str) -> Vec<Case> {
    let path = folder().join(format!("{file}.tcp"));
    let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let parts = text.split("\n== ").skip(1);
    parts.map(|part| case(part.trim_end())).collect()
}

fn case(part: &str) -> Case {
    let (name, text) = part.split_once('\n').unwrap_or((part, ""));
    Case::new(name, text)
}

/// How many files of cases there are.
pub(super) fn files_there() -> usize {
    let entries = fs::read_dir(folder()).unwrap();
    let ends = |path: PathBuf| path.extension().is_some_and(|end| end == "tcp");
    entries.filter(|e| ends(e.as_ref().unwrap().path())).count()
}

fn folder() -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "tests", "it", "tcp_script"]
        .iter()
        .collect()
}
