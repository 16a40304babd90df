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
