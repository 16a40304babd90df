//! The semantics of HTTP/1.1: `topologies/http.toml`.

use serde_json::Value;

use super::{codes, each, run, two_hosts};
use crate::support::{assert_clean, count, fields, run_text};

/// What a capture of the client's card says of the requests of one second of the run.
fn second(number: u32) -> String {
    format!(
        "frame.time_relative >= {number} && frame.time_relative < {}",
        number + 1
    )
}

#[test]
fn wireshark_finds_every_code_and_no_fault() {
    let run = run("http");
    let browser = run.file("browser.pcapng");
    assert_clean(&browser);
    // One list for each entry, in the order of the file; they start a second apart.
    for (number, wanted) in [
        (0, "200"),
        (1, "200 201 200 204 200 204"),
        (2, "100 201 400 404 405 500 503"),
        (3, "200 304 304 200 412"),
        (4, "401 200"),
        (5, "301 200 303 200 307 201"),
        (6, "200 200 429"),
        (7, "200"),
    ] {
        let found = codes(&browser, &second(number));
        assert_eq!(found.join(" "), wanted, "second {number}");
    }
}

#[test]
fn a_body_waits_for_100_continue() {
    let run = run("http");
    let browser = run.file("browser.pcapng");
    // The head leaves first, the body when the server has said 100: a round trip of 10 ms later.
    let head = "tcp.payload contains \"Expect: 100-continue\"";
    let rows = [
        (head, "the head"),
        ("http.response.code == 100", "100 Continue"),
        ("tcp.payload contains \"Jim\"", "the body"),
    ]
    .map(|(filter, what)| {
        let rows = fields(&browser, filter, &["frame.time_relative"]);
        let [row] = rows.as_slice() else {
            panic!("{what}: {rows:?}");
        };
        row[0].parse::<f64>().unwrap()
    });
    let [head, go, body] = rows;
    assert!(head < go && go <= body, "{rows:?}");
    assert!((0.010..0.011).contains(&(body - head)), "{rows:?}");
}

#[test]
fn a_refusal_keeps_the_body_at_home() {
    let text = "
        [[traffic]]
        app = \"http\"
        from = \"a\"
        to = \"b\"
        requests = [
            { method = \"PUT\", path = \"/x\", headers = { expect = \"100-continue\" }, body = \"a large file\" },
            { path = \"/y\" },
        ]
        [[server]]
        on = \"b\"
        app = \"http\"
        [[server.route]]
        path = \"/x\"
        credentials = \"ann:secret\"
        [[server.route]]
        path = \"/y\"
    ";
    let run = two_hosts(text);
    let capture = run.file("a.pcapng");
    assert_clean(&capture);
    assert_eq!(codes(&capture, "http"), ["401", "200"]);
    assert_eq!(count(&capture, "tcp.payload contains \"large file\""), 0);
    // Half a message stands on the first connection, so there is a second one.
    assert_eq!(
        count(&capture, "tcp.flags.syn == 1 && tcp.flags.ack == 0"),
        2
    );
}

#[test]
fn a_server_that_does_not_know_the_expectation_gets_the_body_after_a_second() {
    // A hostile server says nothing at all: the body leaves a second after its head.
    let text = "
        [[traffic]]
        app = \"http\"
        from = \"a\"
        to = \"b\"
        timeout = \"3s\"
        request = { method = \"PUT\", headers = { expect = \"100-continue\" }, body = \"a large file\" }
        [[server]]
        on = \"b\"
        app = \"hostile\"
        behaviour = \"silent\"
    ";
    let run = two_hosts(text);
    let rows = fields(
        &run.file("a.pcapng"),
        "tcp.payload contains \"large file\"",
        &["frame.time_relative"],
    );
    let at: f64 = rows[0][0].parse().unwrap();
    assert!((1.0..1.03).contains(&at), "{at}");
}

#[test]
fn credentials_are_shown_when_they_are_asked_for() {
    let run = run("http");
    let browser = run.file("browser.pcapng");
    let shown = fields(
        &browser,
        "http.authbasic",
        &["http.authbasic", "http.request.uri"],
    );
    assert_eq!(shown, [["ann:secret", "/private"]]);
    let asked = "http.www_authenticate contains \"Basic realm\"";
    assert_eq!(count(&browser, asked), 1);
}

#[test]
fn a_redirect_keeps_the_method_or_makes_it_a_get() {
    let run = run("http");
    let columns = ["http.request.method", "http.request.uri"];
    let filter = format!("http.request && {}", second(5));
    let rows = fields(&run.file("browser.pcapng"), &filter, &columns);
    let wanted = [
        ["GET", "/old"],
        ["GET", "/new"],
        ["POST", "/form"],
        ["GET", "/thanks"],
        ["POST", "/api/v1"],
        ["POST", "/api/v2"],
    ];
    assert_eq!(rows, wanted);
    assert_eq!(each(&run, "moved", "redirects")[1][0], "/thanks");
}

#[test]
fn a_redirect_may_lead_to_another_server_and_to_tls() {
    let text = "
        node = { a = {}, b = {}, c = {}, s = { kind = \"switch\" } }
        link = [{ between = [\"a\", \"s\"] }, { between = [\"b\", \"s\"] }, { between = [\"c\", \"s\"] }]
        [[traffic]]
        app = \"http\"
        from = \"a\"
        to = \"b\"
        follow = 5
        requests = [{}, { path = \"/round\" }]
        [[server]]
        on = \"b\"
        app = \"http\"
        [[server.route]]
        path = \"/\"
        status = 308
        headers = { location = \"https://c/there\" }
        [[server.route]]
        path = \"/round\"
        status = 302
        headers = { location = \"/round\" }
        [[server]]
        on = \"c\"
        app = \"http\"
        tls = true
        [[server.route]]
        path = \"/there\"
        body = \"safe\\n\"
    ";
    let run = run_text(text, &["--no-diagrams"]).well();
    let a = run.file("a.pcapng");
    assert_clean(&a);
    let rows = fields(
        &a,
        "http.request && tls",
        &["http.host", "http.request.uri"],
    );
    assert_eq!(rows, [["c", "/there"]]);
    let errors = each(&run, "http-1", "error");
    assert!(errors[0].is_null(), "{errors:?}");
    assert_eq!(errors[1], "more than 5 redirects");
    // The first request and five more.
    assert_eq!(count(&a, "http.request.uri == \"/round\""), 6);
}

#[test]
fn chunks_go_both_ways_without_a_length() {
    let run = run("http");
    let browser = run.file("browser.pcapng");
    let filter = format!("http.transfer_encoding == \"chunked\" && {}", second(7));
    // 12 KiB each way; Wireshark puts the chunks together.
    let rows = fields(
        &browser,
        &filter,
        &["http.content_length_header", "http.file_data"],
    );
    assert_eq!(rows.len(), 2);
    for row in rows {
        assert_eq!(row[0], "");
        assert!(row[1].len() >= 12 << 10, "{}", row[1].len());
    }
    assert_eq!(each(&run, "chunks", "response_bytes")[0], 12 << 10);
}

#[test]
fn the_textbook_answer_has_its_length_counted() {
    let run = run("http");
    let columns = [
        "http.content_type",
        "http.cache_control",
        "http.content_length",
    ];
    let filter = format!("http.response && {}", second(0));
    let rows = fields(&run.file("browser.pcapng"), &filter, &columns);
    // The length is that of the text in the file.
    let body = "{\n  \"id\": 123,\n  \"name\": \"John Doe\",\n  \"email\": \"john@example.com\"\n}";
    let length = body.len().to_string();
    assert_eq!(rows, [["application/json", "max-age=3600", &length]]);
    let hosts = fields(
        &run.file("browser.pcapng"),
        &format!("http.request && {}", second(0)),
        &["http.host"],
    );
    assert_eq!(hosts, [["api.example.com"]]);
}

#[test]
fn the_answer_to_head_has_a_length_and_no_body_in_every_version() {
    for version in ["1.1", "2", "3"] {
        let text = format!(
            "node = {{ a = {{}}, b = {{}} }}
            link = [{{ between = [\"a\", \"b\"] }}]
            [[traffic]]
            app = \"http\"
            version = \"{version}\"
            from = \"a\"
            to = \"b\"
            request = {{ path = \"/page\", method = \"HEAD\" }}
            [[server]]
            on = \"b\"
            app = \"http\"
            version = \"{version}\"
            [[server.route]]
            path = \"/page\"
            size = \"1000 B\""
        );
        let run = run_text(&text, &["--no-diagrams"]).well();
        let exchange = &run.summary()["traffic"][0]["exchanges"][0];
        let told = (
            &exchange["status"],
            &exchange["error"],
            &exchange["response_bytes"],
        );
        assert_eq!(
            told,
            (&200.into(), &Value::Null, &0.into()),
            "version {version}"
        );
        let a = run.file("a.pcapng");
        assert_clean(&a);
        // Wireshark 4.0 does not read the header fields of HTTP/3.
        let length = match version {
            "1.1" => "http.response && http.content_length_header == \"1000\"",
            "2" => "http2.headers.content_length == 1000 && !(http2.type == 0)",
            _ => continue,
        };
        assert_eq!(count(&a, length), 1, "version {version}");
    }
}
