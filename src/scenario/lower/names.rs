//! Names: which are allowed, and those made up for links and traffic without one.

use std::collections::{BTreeMap, BTreeSet};

use crate::scenario::{
    limits::MAX_NAME,
    text::{Findings, Place},
};

/// Checks that a name can be a file name and a DNS label everywhere.
pub(super) fn check(name: &str, place: &Place, what: &str, findings: &mut Findings) {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let problem = if name.is_empty() {
        Some("is empty".to_owned())
    } else if name.len() > MAX_NAME {
        Some(format!("is longer than {MAX_NAME} characters"))
    } else if let Some(c) = name.chars().find(|c| !allowed(*c)) {
        Some(format!("contains {c:?}"))
    } else if name.starts_with('-') {
        Some("begins with a hyphen".to_owned())
    } else if is_reserved(name) {
        Some("is reserved".to_owned())
    } else {
        None
    };
    if let Some(problem) = problem {
        let shown: String = name.chars().take(MAX_NAME + 1).collect();
        findings
            .error(place.clone(), format!("the name of this {what}, {shown:?}, {problem}"))
            .help("a name has letters a to z, digits, `-` and `_`, and is not \"all\" or a device of Windows, such as \"con\"");
    }
}

/// `all` names the capture of everything; the others cannot be file names on Windows.
fn is_reserved(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let numbered = |prefix: &str| {
        lower
            .strip_prefix(prefix)
            .is_some_and(|rest| rest.len() == 1 && rest.chars().all(|c| ('1'..='9').contains(&c)))
    };
    matches!(lower.as_str(), "all" | "con" | "prn" | "aux" | "nul")
        || numbered("com")
        || numbered("lpt")
}

/// What the file says of a link: its name, and its two ends.
pub(in crate::scenario) type LinkWords = (Option<String>, Option<(String, String)>);

/// The names of all links: those given, and `a-b` after the ends for the rest, with a number
/// behind it where that is taken.
pub(in crate::scenario) fn automatic_link_names(links: &[LinkWords]) -> Vec<String> {
    link_names_beside(&BTreeSet::new(), links)
}

/// The same beside links whose names are `taken`.
pub(super) fn link_names_beside(taken: &BTreeSet<&str>, links: &[LinkWords]) -> Vec<String> {
    let mut names = Namer::new(links.iter().filter_map(|(name, _)| name.clone()));
    names.others = taken.clone();
    let name_of = |(name, ends): &LinkWords| {
        let (a, b) = ends.as_ref().map_or(("link", "x"), |(a, b)| (a, b));
        let stem = format!("{a}-{b}");
        name.clone().unwrap_or_else(|| names.free(&stem, false))
    };
    links.iter().map(name_of).collect()
}

/// The names of all traffic entries: those given, and `http-1` after the application for the rest.
pub(in crate::scenario) fn automatic_traffic_names(
    entries: &[(Option<String>, Option<String>)],
) -> Vec<String> {
    let mut names = Namer::new(entries.iter().filter_map(|(name, _)| name.clone()));
    let name_of = |(name, app): &(Option<String>, Option<String>)| {
        let app = app.as_deref().unwrap_or("traffic");
        name.clone().unwrap_or_else(|| names.free(app, true))
    };
    entries.iter().map(name_of).collect()
}

/// Makes up names that are not taken.
struct Namer<'a> {
    taken: BTreeSet<String>,
    others: BTreeSet<&'a str>,
    last: BTreeMap<String, u32>,
}

impl Namer<'_> {
    fn new(taken: impl Iterator<Item = String>) -> Self {
        Self {
            taken: taken.collect(),
            others: BTreeSet::new(),
            last: BTreeMap::new(),
        }
    }

    /// `stem`, `stem-2`, `stem-3` ..., or `stem-1`, `stem-2` ... if always `numbered`.
    fn free(&mut self, stem: &str, numbered: bool) -> String {
        let number = self.last.entry(stem.to_owned()).or_insert(0);
        loop {
            *number += 1;
            let name = if *number == 1 && !numbered {
                stem.to_owned()
            } else {
                format!("{stem}-{number}")
            };
            if !self.others.contains(name.as_str()) && self.taken.insert(name.clone()) {
                return name;
            }
        }
    }
}

/// The first few names, for a sentence.
pub(super) fn some<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.collect();
    match names.len() {
        0 => "none".to_owned(),
        n if n > 12 => format!("{} and {} more", names[..12].join(", "), n - 12),
        _ => names.join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_without_a_name_are_called_after_their_ends() {
        let ends = |a: &str, b: &str| Some((a.to_owned(), b.to_owned()));
        let links = [
            (None, ends("a", "b")),
            (Some("a-b-2".to_owned()), ends("a", "b")),
            (None, ends("a", "b")),
        ];
        assert_eq!(automatic_link_names(&links), ["a-b", "a-b-2", "a-b-3"]);
    }

    #[test]
    fn names_that_no_file_system_wants_are_refused() {
        for name in [
            "", "a b", "a/b", "..", "all", "CON", "lpt1", "-x", "größe", "a\nb",
        ] {
            let mut findings = Findings::default();
            check(name, &(0..0), "node", &mut findings);
            assert_eq!(findings.errors.len(), 1, "{name}");
        }
        for name in ["alice", "r1", "web_1", "node-7", "com0", "7"] {
            let mut findings = Findings::default();
            check(name, &(0..0), "node", &mut findings);
            assert!(!findings.failed(), "{name}");
        }
    }
}
