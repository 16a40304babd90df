//! The captures kept in the repository are what their topologies give today, byte for byte.

use std::fs;

use crate::support::{pcapng_files, repository, run_file, topology};

#[test]
fn the_reference_captures_are_what_a_run_gives() {
    for name in ["handshake", "http"] {
        let kept = repository().join("captures").join(name);
        let run = run_file(&topology(name), &["--no-diagrams"]).well();
        let captures = pcapng_files(&run.out);
        assert!(captures.len() >= 3, "{captures:?}");
        for capture in captures {
            let file = capture.file_name().unwrap();
            let (now, then) = (fs::read(&capture).unwrap(), fs::read(kept.join(file)));
            assert!(
                then.is_ok_and(|then| then == now),
                "captures/{name}/{} differs: if that is meant, `netsim run topologies/{name}.toml` \
                 in the repository writes it anew",
                file.display()
            );
        }
    }
}

#[test]
fn the_pictures_of_the_readme_are_what_the_examples_draw() {
    let shown = [
        ("handshake", &["ladder"][..]),
        (
            "lossy",
            &["topology", "osi-stack", "encapsulation", "tcp-sequence"],
        ),
    ];
    for (name, pictures) in shown {
        let run = run_file::<&str>(&topology(name), &[]).well();
        for picture in pictures {
            let file = format!("{picture}.svg");
            let kept = fs::read(repository().join("docs/img").join(&file)).unwrap();
            let drawn = fs::read(run.file(&file)).unwrap();
            assert!(
                kept == drawn,
                "docs/img/{file} is old: run scripts/pictures.sh"
            );
        }
    }
}
