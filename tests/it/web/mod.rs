//! HTTP/1.1 and what stands around it, as Wireshark sees it: semantics, sessions, compression, the
//! reverse proxy, and servers that do not keep to their protocol.

mod compression;
mod hostile;
mod http1;
mod proxy;
mod session;

use std::path::Path;

use serde_json::Value;

use crate::support::{Finished, fields, run_file, run_text, topology};

fn run(name: &str) -> Finished {
    run_file(&topology(name), &["--no-diagrams"]).well()
}

/// Runs two hosts, `a` and `b`, on a cable of 5 ms, with these tables.
fn two_hosts(tables: &str) -> Finished {
    let text = format!(
        "node = {{ a = {{}}, b = {{}} }}
        link = [{{ between = [\"a\", \"b\"], latency = \"5ms\" }}]
        {tables}"
    );
    run_text(&text, &["--no-diagrams"]).well()
}

/// The exchanges of a traffic entry in `summary.json`.
fn exchanges(run: &Finished, entry: &str) -> Vec<Value> {
    let summary = run.summary();
    let all = summary["traffic"].as_array().unwrap();
    let entry = all.iter().find(|t| t["name"] == entry).unwrap();
    entry["exchanges"].as_array().unwrap().clone()
}

/// One value of each exchange of an entry.
fn each(run: &Finished, entry: &str, key: &str) -> Vec<Value> {
    let list = exchanges(run, entry);
    list.iter().map(|e| e[key].clone()).collect()
}

/// The status codes that Wireshark finds in a capture, in order.
fn codes(capture: &Path, filter: &str) -> Vec<String> {
    let filter = format!("http.response && ({filter})");
    let rows = fields(capture, &filter, &["http.response.code"]);
    let all = rows.iter().flat_map(|row| row[0].split(','));
    all.map(str::to_owned).collect()
}

/// Milliseconds of a time in the summary.
fn ms(value: &Value) -> u64 {
    value.as_u64().unwrap() / 1_000_000
}
