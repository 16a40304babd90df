//! The documents say what is so: every file is described, the README's pictures are the tool's.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use crate::support::{file_names, repository, shipped, topologies, topology};

/// How docs/output.md begins the name of an output file: one name stands for all of a kind.
fn documented_as(name: &str) -> String {
    let (stem, ending) = name.rsplit_once('.').unwrap();
    match (stem, ending) {
        ("all" | "summary", _) => format!("`{name}`"),
        (_, "pcapng") => "`HOST.pcapng`".to_owned(),
        _ if stem.starts_with("mail/") => "`mail/HOST/MAILBOX/1.eml`".to_owned(),
        (_, "qlog") => "`HOST-CONNECTION.qlog`".to_owned(),
        _ if stem.starts_with("ladder-") => "`ladder-1-".to_owned(),
        _ => format!("`{stem}"),
    }
}

#[test]
fn every_file_that_a_run_writes_is_described() {
    let document = fs::read_to_string(repository().join("docs/output.md")).unwrap();
    let mut kinds = BTreeSet::new();
    for file in topologies() {
        let names = file_names(&shipped(&file).out);
        kinds.extend(names.iter().map(|f| documented_as(f.to_str().unwrap())));
    }
    assert!(kinds.len() > 10, "{kinds:?}");
    let missing: Vec<_> = kinds
        .iter()
        .filter(|kind| !document.contains(*kind))
        .collect();
    assert!(
        missing.is_empty(),
        "docs/output.md does not tell of {missing:?}"
    );
}

/// The pictures of the documents by their scenario: `docs/img/NAME/PICTURE`.
fn pictures() -> Vec<(String, Vec<PathBuf>)> {
    let shown = repository().join("docs/img");
    let scenarios = topologies().into_iter().map(|file| {
        let name = file.file_stem().unwrap().to_str().unwrap().to_owned();
        let folder = shown.join(&name);
        let pictures = folder.is_dir().then(|| inside(&folder));
        (name, pictures.unwrap_or_default())
    });
    scenarios.filter(|(_, list)| !list.is_empty()).collect()
}

fn inside(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().path()).collect()
}

#[test]
fn the_pictures_of_the_documents_are_what_the_program_draws() {
    let pictures = pictures();
    let count: usize = pictures.iter().map(|(_, list)| list.len()).sum();
    assert!(count >= 6, "{pictures:?}");
    for (name, list) in pictures {
        let run = shipped(&topology(&name));
        for picture in list {
            let file = picture.file_name().unwrap().to_str().unwrap();
            let drawn = fs::read(run.file(file)).unwrap();
            assert!(
                fs::read(&picture).unwrap() == drawn,
                "docs/img/{name}/{file} is old: run scripts/pictures.sh and look at it"
            );
        }
    }
}

/// Every link of a document that leads into the repository.
fn links(text: &str) -> Vec<&str> {
    let targets = text
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next());
    let inside = targets.filter(|t| !t.starts_with("http") && !t.starts_with('#'));
    inside.map(|t| t.split('#').next().unwrap_or(t)).collect()
}

#[test]
fn every_link_of_the_documents_leads_somewhere() {
    let mut documents = vec![
        repository().join("README.md"),
        repository().join("CHANGELOG.md"),
    ];
    let folders = ["docs", "docs/protocols"].map(|folder| inside(&repository().join(folder)));
    let files = folders.into_iter().flatten();
    documents.extend(files.filter(|p| p.extension().is_some_and(|e| e == "md")));
    let mut broken = Vec::new();
    for document in documents {
        let text = fs::read_to_string(&document).unwrap();
        let folder = document.parent().unwrap();
        let missing = links(&text)
            .into_iter()
            .filter(|link| !folder.join(link).exists());
        broken.extend(missing.map(|link| format!("{}: {link}", document.display())));
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn links_are_found_in_text() {
    let text = "see [a](docs/a.md#part), [b](https://b.example), [c](#here)";
    assert_eq!(links(text), ["docs/a.md"]);
}
