//! The documents say what is so: every file is described, the README's pictures are the tool's.

use std::{collections::BTreeSet, fs};

use crate::support::{Finished, file_names, repository, run_file, topologies, topology};

fn run(name: &str) -> Finished {
    run_file::<&str>(&topology(name), &[]).well()
}

/// How docs/output.md begins the name of an output file: one name stands for all of a kind.
fn documented_as(name: &str) -> String {
    let (stem, ending) = name.rsplit_once('.').unwrap();
    match (stem, ending) {
        ("all" | "summary", _) => format!("`{name}`"),
        (_, "pcapng") => "`HOST.pcapng`".to_owned(),
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
        let run = run_file::<&str>(&file, &[]).well();
        let names = file_names(&run.out);
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

#[test]
fn the_pictures_of_the_readme_are_what_the_program_draws() {
    let (handshake, lossy, congestion) = (run("handshake"), run("lossy"), run("congestion"));
    let pictures = [
        ("ladder", &handshake),
        ("topology", &lossy),
        ("osi-stack", &lossy),
        ("encapsulation", &lossy),
        ("tcp-sequence", &lossy),
        ("tcp-window", &congestion),
    ];
    for (name, run) in pictures {
        let file = format!("{name}.svg");
        let kept = fs::read(repository().join("docs/img").join(&file)).unwrap();
        let drawn = fs::read(run.file(&file)).unwrap();
        assert!(
            kept == drawn,
            "docs/img/{file} is old: run scripts/pictures.sh and look at it"
        );
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
    let more = fs::read_dir(repository().join("docs"))
        .unwrap()
        .map(|e| e.unwrap().path());
    documents.extend(more.filter(|p| p.extension().is_some_and(|e| e == "md")));
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
