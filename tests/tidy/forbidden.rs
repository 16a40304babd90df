//! What the library must not say: clocks, entropy, hashing order, printing.

use super::files::SourceFile;

/// The words, and what to do instead.
const WORDS: &[(&str, &str)] = &[
    ("Instant::now", "take `now` as a parameter"),
    ("SystemTime", "virtual time is a parameter"),
    ("HashMap", "use a BTreeMap or a Vec by id"),
    ("HashSet", "use a BTreeSet or a Vec by id"),
    ("RandomState", "hashing must not decide an order"),
    ("println!", "only src/cli prints"),
    ("print!", "only src/cli prints"),
    ("dbg!", "only src/cli prints"),
    ("thread_rng", "draw from a named stream (rng)"),
    ("rand::rng", "draw from a named stream (rng)"),
    ("OsRng", "draw from a named stream (rng)"),
    ("getrandom", "draw from a named stream (rng)"),
    ("from_os_rng", "draw from a named stream (rng)"),
    ("tokio::spawn", "spawn on the simulated host"),
    ("thread::sleep", "sleep in virtual time"),
    (
        "thread::spawn",
        "only the engine divides a run between threads",
    ),
    ("std::env::var", "the environment must not matter"),
];

/// The rooms that a frame passes at every hop, and the words of hashing beyond those above: what
/// is looked up there is looked up by number or in an ordered table.
const FORWARDING: &[&str] = &[
    "src/wire/",
    "src/osi/physical/",
    "src/osi/data_link/",
    "src/osi/network/",
    "src/engine/",
];
const HASHING: &[&str] = &["Hasher", "hashbrown", "HashTable", "IndexMap", "IndexSet"];

/// Single lines that may all the same: file, a part of the line, why.
const EXCEPTIONS: &[(&str, &str, &str)] = &[
    (
        "src/task/hyper.rs",
        "    Instant::now()",
        "hyper's timers speak std::time::Instant, which has no other constructor; only differences count",
    ),
    (
        "src/osi/presentation/quic/acceptor.rs",
        "fn now(&self) -> time::SystemTime",
        "quinn wants the calendar of the scenario in this type; nobody reads the machine's",
    ),
];

/// Lines of the library that say what it must not.
pub(crate) fn complaints(file: &SourceFile) -> Vec<String> {
    let program = file.path == "src/main.rs" || file.path.starts_with("src/cli/");
    if program || !file.path.starts_with("src/") {
        return Vec::new();
    }
    let code = file.code();
    let lines = code.iter().filter(|(_, line)| !is_excepted(file, line));
    lines
        .filter_map(|(number, line)| {
            let (word, instead) = WORDS.iter().find(|(word, _)| line.contains(word))?;
            Some(format!("{}:{number}: `{word}`: {instead}", file.path))
        })
        .collect()
}

/// Lines of the forwarding path that hash.
pub(crate) fn hashing(file: &SourceFile) -> Vec<String> {
    if !FORWARDING.iter().any(|room| file.path.starts_with(room)) {
        return Vec::new();
    }
    let code = file.code();
    let hash = |line: &str| HASHING.iter().any(|word| line.contains(word));
    let lines = code.iter().filter(|(_, line)| hash(line));
    lines
        .map(|(number, _)| format!("{}:{number}: hashing at every hop", file.path))
        .collect()
}

/// Exceptions that no line needs any more.
pub(crate) fn stale_exceptions(files: &[SourceFile]) -> Vec<String> {
    let needed = |path: &str, part: &str| {
        let mut of_path = files.iter().filter(|f| f.path == path);
        of_path.any(|f| f.text.contains(part))
    };
    let stale = EXCEPTIONS
        .iter()
        .filter(|(path, part, _)| !needed(path, part));
    stale
        .map(|(path, part, _)| format!("{path} no longer has `{part}`"))
        .collect()
}

fn is_excepted(file: &SourceFile, line: &str) -> bool {
    let excepts = |(path, part, _): &(&str, &str, &str)| *path == file.path && line.contains(part);
    EXCEPTIONS.iter().any(excepts)
}

#[test]
fn forbidden_words_are_found_in_code_but_not_in_comments_or_the_program() {
    let text = "// no HashMap here\nlet m = HashMap::new();\nlet n = now;\n";
    let found = complaints(&SourceFile::new("src/engine/x.rs", text));
    assert_eq!(found.len(), 1);
    assert!(
        found[0].starts_with("src/engine/x.rs:2: `HashMap`"),
        "{found:?}"
    );
    assert!(complaints(&SourceFile::new("src/cli/x.rs", text)).is_empty());
}

#[test]
fn hashing_is_found_in_the_rooms_of_the_forwarding_path_alone() {
    let text = "use indexmap::IndexMap;\n";
    let found = hashing(&SourceFile::new("src/engine/x.rs", text));
    assert_eq!(found, ["src/engine/x.rs:1: hashing at every hop"]);
    assert!(hashing(&SourceFile::new("src/report/x.rs", text)).is_empty());
}
