//! The scenario files of the comparison with ns-3 stay valid. Running them takes ns-3 and minutes:
//! `benches/vs_ns3/run` does that.

use std::fs;

use crate::support::{netsim, repository};

#[test]
fn the_scenario_files_beside_those_of_ns3_have_no_mistakes_and_no_warnings() {
    let folder = repository().join("benches/vs_ns3/netsim");
    let files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert!(files.len() >= 3, "{files:?}");
    for file in files {
        let done = netsim().arg("check").arg(&file).output().unwrap();
        let said = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "{}: {said}", file.display());
        assert_eq!(said, "", "{}", file.display());
    }
}
