//! Content codings: `topologies/compression.toml`.

use std::fs::File;

use netsim::{capture::CaptureReader, dissect::Dissector};

use super::{codes, each, run};
use crate::support::{assert_clean, count, fields};

#[test]
fn wireshark_shows_what_gzip_and_br_hold() {
    let run = run("compression");
    let browser = run.file("browser.pcapng");
    assert_clean(&browser);
    // The filler is lines of 64 printable bytes. The size on the line stands in Content-Length.
    for (second, coding) in [(2, "gzip"), (4, "br")] {
        let filter = format!(
            "http.content_encoding == \"{coding}\" && frame.time_relative >= {second} \
             && frame.time_relative < {}",
            second + 1
        );
        let rows = fields(
            &browser,
            &filter,
            &["http.content_length", "http.file_data"],
        );
        let [text, small] = rows.as_slice() else {
            panic!("{coding}: {} answers", rows.len());
        };
        assert!(
            text[0].parse::<u64>().unwrap() < 1000,
            "{coding}: {}",
            text[0]
        );
        assert!(
            text[1].starts_with("ABCDEFGHIJ"),
            "{coding}: {:.80}",
            text[1]
        );
        assert!(small[1].starts_with("ok"), "{coding}: {}", small[1]);
    }
}

#[test]
fn the_best_coding_that_the_client_takes_is_sent() {
    let run = run("compression");
    for (entry, encoding) in [
        ("gzip", "gzip"),
        ("br", "br"),
        ("zstd", "zstd"),
        ("choice", "br"),
        ("tls", "br"),
    ] {
        let found = each(&run, entry, "encoding");
        assert!(found.iter().all(|e| e == encoding), "{entry}: {found:?}");
        assert_eq!(each(&run, entry, "decoded_bytes")[0], 100 << 10, "{entry}");
        let sent = each(&run, entry, "response_bytes")[0].as_u64().unwrap();
        assert!(sent < 1000, "{entry}: {sent}");
    }
    assert!(each(&run, "plain", "encoding")[0].is_null());
    assert_eq!(each(&run, "plain", "response_bytes"), [100 << 10, 3]);
    // What is tiny grows: each coding has a head, gzip one of 10 and a tail of 8 bytes.
    assert_eq!(each(&run, "gzip", "response_bytes")[1], 10 + 5 + 8);
}

#[test]
fn caches_are_told_and_a_coded_copy_has_a_tag_of_its_own() {
    let run = run("compression");
    let browser = run.file("browser.pcapng");
    // Every answer of a route that compresses varies, but for the 406, which is none of its forms.
    let vary = "http.response && http.response.line contains \"Vary: Accept-Encoding\"";
    assert_eq!(count(&browser, vary), 11);
    assert_eq!(
        codes(
            &browser,
            "frame.time_relative >= 9 && frame.time_relative < 11"
        ),
        ["304", "406"]
    );
    let coded = "http.content_encoding == \"br\" && !tls && http.content_length > 10";
    let rows = fields(&browser, coded, &["http.response.line"]);
    assert_eq!(rows.len(), 2);
    assert!(
        rows.iter().all(|row| row[0].contains("Etag: \"v1-br\"")),
        "{rows:?}"
    );
}

#[test]
fn our_dissector_shows_what_all_three_hold() {
    let run = run("compression");
    let mut dissector = Dissector::new();
    let file = File::open(run.file("browser.pcapng")).unwrap();
    let mut reader = CaptureReader::new(file).unwrap();
    let mut found = Vec::new();
    while let Some(frame) = reader.next_frame().unwrap() {
        let tree = dissector.dissect(&frame.bytes);
        if let Some(layer) = tree.layer("coding") {
            let text = layer.value("text").unwrap();
            let beginning: String = text.chars().take(4).collect();
            found.push((layer.value("encoding").unwrap().to_owned(), beginning));
        }
    }
    // Two answers for each coding, one more for the choice; those over TLS are closed here.
    let wanted = ["gzip", "gzip", "br", "br", "zstd", "zstd", "br"];
    let codings: Vec<&str> = found.iter().map(|f| f.0.as_str()).collect();
    assert_eq!(codings, wanted);
    let texts: Vec<&str> = found.iter().map(|f| f.1.as_str()).collect();
    assert_eq!(
        texts,
        ["ABCD", "ok\\n", "ABCD", "ok\\n", "ABCD", "ok\\n", "ABCD"]
    );
}
