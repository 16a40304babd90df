//! Which room may import which.

use super::files::SourceFile;

/// The rooms in the order in which data flows: a room imports only rooms above it. Each is a path
/// below `src/`, which is also its path below `crate::`.
pub(crate) const RANK: &[&str] = &[
    "units",
    "ids",
    "rng",
    "prefetch",
    "wire",
    "trace",
    "topology",
    "osi/physical",
    "osi/data_link",
    "osi/network",
    "osi/transport",
    "task",
    "osi/session",
    "osi/presentation",
    "osi/application",
    "engine",
    "scenario",
    "capture",
    "dissect",
    "diagram",
    "report",
    "sim",
];

/// Rooms that may import nothing but these.
const ONLY: &[(&str, &[&str])] = &[("dissect", &["units", "wire"])];

/// The files that tie rooms together and import nothing.
const TIES: [&str; 2] = ["src/lib.rs", "src/osi/mod.rs"];

/// Imports that break the table, and files without a room.
pub(crate) fn complaints(file: &SourceFile) -> Vec<String> {
    let Some(below) = file.path.strip_prefix("src/") else {
        return Vec::new();
    };
    if below == "main.rs" || below.starts_with("cli/") || TIES.contains(&file.path.as_str()) {
        return Vec::new();
    }
    let Some(room) = room_of(below.trim_end_matches(".rs")) else {
        return vec![format!(
            "{}: no room of tests/tidy/rooms.rs has it",
            file.path
        )];
    };
    let code = file.code();
    imports(&code)
        .into_iter()
        .filter_map(|(line, target)| judge(room, &target).map(|why| (line, why)))
        .map(|(line, why)| format!("{}:{line}: {why}", file.path))
        .collect()
}

fn judge(room: usize, target: &str) -> Option<String> {
    let Some(wanted) = room_of(target) else {
        return Some(format!("`crate::{target}` is in no room"));
    };
    let (from, to) = (RANK[room], RANK[wanted]);
    if wanted > room {
        return Some(format!("{from} imports {to}, which is below it"));
    }
    let only = ONLY.iter().find(|(name, _)| *name == from)?.1;
    let good = wanted == room || only.contains(&to);
    (!good).then(|| {
        format!(
            "{from} imports {to}; it may import only {}",
            only.join(", ")
        )
    })
}

/// The number of the room that `path` (with `/`) is in: the longest name that fits.
fn room_of(path: &str) -> Option<usize> {
    let inside = |room: &str| {
        path.strip_prefix(room)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let fits = RANK.iter().enumerate().filter(|(_, room)| inside(room));
    fits.max_by_key(|(_, room)| room.len()).map(|(i, _)| i)
}

/// Every `crate::a::b` in the code, groups in braces taken apart, as `a/b` with its line.
fn imports(code: &[(usize, &str)]) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (i, (line, text)) in code.iter().enumerate() {
        for (at, word) in text.match_indices("crate::") {
            // `$crate::` in macros and names that only end in "crate" count too: both are paths.
            let mut rest = text[at + word.len()..].to_owned();
            for (_, more) in &code[i + 1..] {
                if rest.contains(';') || !rest.contains('{') {
                    break;
                }
                rest.push_str(more);
            }
            let paths = paths(rest.split(';').next().unwrap_or_default());
            found.extend(paths.into_iter().map(|p| (*line, p)));
        }
    }
    found
}

/// `a::{b::C, d}` is `a/b/C` and `a/d`.
fn paths(text: &str) -> Vec<String> {
    let end = text
        .find(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':'))
        .unwrap_or(text.len());
    let head = text[..end].trim_end_matches(':').replace("::", "/");
    if !text[end..].starts_with('{') {
        return vec![head];
    }
    let members = members(&text[end + 1..]);
    let inner = members.iter().flat_map(|m| paths(m.trim()));
    inner
        .filter(|p| !p.is_empty())
        .map(|p| {
            if head.is_empty() {
                p
            } else {
                format!("{head}/{p}")
            }
        })
        .collect()
}

/// The members of a group, up to the brace that closes it.
fn members(text: &str) -> Vec<String> {
    let (mut depth, mut all) = (0, vec![String::new()]);
    for c in text.chars() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                all.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(last) = all.last_mut() {
            last.push(c);
        }
    }
    all
}

#[test]
fn imports_upwards_are_fine_and_downwards_are_not() {
    let upward = "use crate::{\n    ids::NodeId,\n    osi::transport::TcpConfig,\n};\n";
    assert!(complaints(&SourceFile::new("src/engine/x.rs", upward)).is_empty());
    let downward =
        "use crate::units::Span;\nuse crate::{\n    ids::NodeId,\n    engine::World,\n};\n";
    let found = complaints(&SourceFile::new("src/osi/transport/x.rs", downward));
    assert_eq!(
        found,
        ["src/osi/transport/x.rs:2: osi/transport imports engine, which is below it"]
    );
    let inline = "fn f() -> crate::sim::Outcome { loop {} }\n";
    assert_eq!(
        complaints(&SourceFile::new("src/report/mod.rs", inline)).len(),
        1
    );
}

#[test]
fn groups_in_groups_are_taken_apart() {
    let code = [(1, "use crate::{osi::{application::spec, transport}, ids};")];
    let found: Vec<String> = imports(&code).into_iter().map(|(_, p)| p).collect();
    assert_eq!(found, ["osi/application/spec", "osi/transport", "ids"]);
    let nested = "use crate::osi::{application::spec::Traffic};\n";
    assert_eq!(
        complaints(&SourceFile::new("src/trace/x.rs", nested)).len(),
        1
    );
}

#[test]
fn the_dissector_never_sees_the_engine() {
    let file = SourceFile::new("src/dissect/x.rs", "use crate::ids::NodeId;\n");
    assert_eq!(complaints(&file).len(), 1);
    let file = SourceFile::new("src/dissect/x.rs", "use crate::{units::Span, wire::Mac};\n");
    assert!(complaints(&file).is_empty());
}

#[test]
fn a_new_folder_needs_a_room() {
    let file = SourceFile::new("src/cellar/mod.rs", "//! Where is it?\n");
    assert_eq!(complaints(&file).len(), 1);
}
