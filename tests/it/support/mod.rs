//! What the integration tests share: running the program, asking tshark, comparing folders.

#![allow(
    dead_code,
    unused_imports,
    reason = "helpers for every test file; which are in use changes with the tests"
)]

mod binary;
mod folders;
mod lab;
mod pair;
mod tshark;

pub(crate) use binary::{
    Finished, netsim, repository, run_file, run_text, shipped, topologies, topology,
};
pub(crate) use folders::{difference, file_names, pcapng_files, scratch};
pub(crate) use lab::{Lab, Outcome};
pub(crate) use pair::{Pair, Pipe, Seen, icmp_error, usual_tcp};
pub(crate) use tshark::{assert_clean, capinfos, count, expert_notes, fields, tshark};
