//! gRPC and REST as Wireshark sees them: `topologies/grpc.toml` with the `.proto` at hand, and
//! `topologies/rest_vs_grpc.toml`.

use std::{collections::BTreeMap, fs, path::Path};

use netsim::{capture::CaptureReader, dissect::Dissector};

use serde_json::Value;

use crate::support::{
    Finished, assert_clean, count, repository, run_file, run_text, topology, tshark,
};

/// Rows of `names` in the frames that `filter` selects, with the ports of gRPC taken for HTTP/2 and
/// the fields of messages named by `proto/user.proto`.
fn rows(capture: &Path, filter: &str, names: &[&str]) -> Vec<Vec<String>> {
    let proto = repository().join("proto");
    let search = format!("uat:protobuf_search_paths:\"{}\",\"TRUE\"", proto.display());
    let mut arguments = vec![
        "-o",
        &search,
        "-Y",
        filter,
        "-T",
        "fields",
        "-E",
        "separator=/t",
        "-E",
        "aggregator=|",
    ];
    for port in ["tcp.port==50051,http2", "tcp.port==50052,http2"] {
        arguments.extend(["-d", port]);
    }
    for name in names {
        arguments.extend(["-e", name]);
    }
    let text = tshark(capture, &arguments);
    text.lines()
        .map(|line| line.split('\t').map(str::to_owned).collect())
        .collect()
}

/// All values of one field, in their order.
fn values(capture: &Path, filter: &str, name: &str) -> Vec<String> {
    let rows = rows(capture, filter, &[name]);
    let all = rows.iter().flat_map(|row| row[0].split('|'));
    all.filter(|v| !v.is_empty()).map(str::to_owned).collect()
}

/// The values of the header field `name`, in their order.
fn headers(capture: &Path, filter: &str, name: &str) -> Vec<String> {
    let names = ["http2.header.name", "http2.header.value"];
    let mut found = Vec::new();
    for row in rows(capture, &format!("({filter}) && http2.header"), &names) {
        let pairs = row[0].split('|').zip(row[1].split('|'));
        found.extend(pairs.filter(|(n, _)| *n == name).map(|(_, v)| v.to_owned()));
    }
    found
}

fn messages(capture: &Path, filter: &str) -> BTreeMap<String, usize> {
    let mut found = BTreeMap::new();
    for name in values(capture, filter, "protobuf.message.name") {
        *found.entry(name).or_default() += 1;
    }
    found
}

fn run() -> Finished {
    run_file(&topology("grpc"), &["--no-diagrams"]).well()
}

fn assert_no_fault(capture: &Path) {
    assert_clean(capture);
    let bad = "_ws.malformed || _ws.expert.severity >= 6291456";
    let faults = rows(
        capture,
        bad,
        &["frame.number", "_ws.col.Info", "_ws.expert.message"],
    );
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn wireshark_finds_the_five_calls_and_the_messages_of_each() {
    let run = run();
    for name in ["phone.pcapng", "web.pcapng"] {
        let capture = run.file(name);
        assert_no_fault(&capture);
        let kinds = "tcp.stream == 0";
        let paths = values(&capture, kinds, "http2.headers.path");
        let wanted = [
            "GetUser",
            "ListUsers",
            "CreateUser",
            "UpdateUser",
            "ImportUsers",
        ];
        assert_eq!(
            paths,
            wanted.map(|w| format!("/user.UserService/{w}")),
            "{name}"
        );
        // GetUser 1 + 1, ListUsers 1 + 5, CreateUser 1 + 1, UpdateUser 3 + 3, ImportUsers 4 + 1:
        // users are 1 + 5 + (1 + 1) + (3 + 3) + 4 = 18 of those.
        let found = messages(&capture, kinds);
        let wanted = [
            ("user.GetUserRequest", 1),
            ("user.ImportSummary", 1),
            ("user.ListUsersRequest", 1),
            ("user.User", 18),
        ];
        assert_eq!(
            found,
            BTreeMap::from(wanted.map(|(n, c)| (n.to_owned(), c))),
            "{name}"
        );
        // Every call ends with its status, in trailers.
        assert_eq!(headers(&capture, kinds, "grpc-status"), ["0"; 5]);
    }
}

#[test]
fn wireshark_reads_the_fields_of_the_records() {
    let run = run();
    let phone = run.file("phone.pcapng");
    let user = "tcp.stream == 0 && http2.streamid == 1 && tcp.srcport == 50051 && grpc";
    let fields = [
        "protobuf.field.name",
        "protobuf.field.value.int32",
        "protobuf.field.value.string",
    ];
    let names = "id|name|email|roles|roles";
    let texts = "John Doe|john.27@example.com|reader|editor";
    assert_eq!(rows(&phone, user, &fields), [[names, "27", texts]]);
    // The list begins with user 1 and has as many as the page may hold.
    let list = "tcp.stream == 0 && http2.streamid == 3 && tcp.srcport == 50051";
    let ids = values(&phone, list, "protobuf.field.value.int32");
    assert_eq!(ids, ["1", "2", "3", "4", "5"]);
    // Users 99 and 100 were there; 101 and 102 are new.
    let summary = "protobuf.message.name == \"user.ImportSummary\"";
    let fields = ["protobuf.field.name", "protobuf.field.value.int32"];
    assert_eq!(
        rows(&phone, summary, &fields),
        [["created|replaced", "2|2"]]
    );
}

#[test]
fn a_deadline_and_a_cancelled_call_reset_their_streams() {
    let run = run();
    let phone = run.file("phone.pcapng");
    // RFC 9113, section 7: CANCEL is 8. Both by the client.
    let resets = rows(
        &phone,
        "http2.rst_stream.error",
        &["tcp.dstport", "http2.rst_stream.error"],
    );
    assert_eq!(resets, [["50052", "8"], ["50052", "8"]]);
    // The client says what the call may take. It wanted 90 ms in all, of which connecting took 40 and
    // something; so the server hears of less than 50.
    let told = headers(&phone, "http2", "grpc-timeout");
    let nanos: Vec<u64> = told
        .iter()
        .filter_map(|v| v.strip_suffix('n')?.parse().ok())
        .collect();
    assert!(
        matches!(nanos.as_slice(), [49_000_000..50_000_000]),
        "{told:?}"
    );
    // Two messages of fifty had come; no more than the one on its way followed them.
    let list = "tcp.stream == 2 && http2.streamid == 3 && protobuf.message.name == \"user.User\"";
    let came = messages(&phone, list)["user.User"];
    assert!((2..=4).contains(&came), "{came}");
}

#[test]
fn calls_over_tls_are_decrypted_by_the_capture_alone() {
    let run = run();
    let phone = run.file("phone.pcapng");
    let tls = "tcp.port == 443";
    let wanted = [("user.GetUserRequest", 2), ("user.User", 1)];
    assert_eq!(
        messages(&phone, tls),
        BTreeMap::from(wanted.map(|(n, c)| (n.to_owned(), c)))
    );
    // OK with the metadata, UNAUTHENTICATED (16) without.
    assert_eq!(headers(&phone, tls, "grpc-status"), ["0", "16"]);
    assert!(count(&phone, "tls.handshake.extensions_alpn_str == \"h2\"") >= 1);
}

fn calls(summary: &Value, entry: usize) -> &Vec<Value> {
    summary["traffic"][entry]["calls"].as_array().unwrap()
}

#[test]
fn the_report_has_the_messages_and_the_status_of_every_call() {
    let summary = run().summary();
    let told = |entry| -> Vec<(String, u64, u64)> {
        let one = |c: &Value| {
            let number = |key: &str| c[key].as_u64().unwrap();
            let name = c["status_name"].as_str().unwrap().to_owned();
            (name, number("sent_messages"), number("received_messages"))
        };
        calls(&summary, entry).iter().map(one).collect()
    };
    let ok = |sent, received| ("OK".to_owned(), sent, received);
    assert_eq!(told(0), [ok(1, 1), ok(1, 5), ok(1, 1), ok(3, 3), ok(4, 1)]);
    let names = |entry| -> Vec<String> { told(entry).into_iter().map(|(n, ..)| n).collect() };
    assert_eq!(
        names(1),
        ["NOT_FOUND", "ALREADY_EXISTS", "INVALID_ARGUMENT"]
    );
    assert_eq!(names(2), ["DEADLINE_EXCEEDED", "CANCELLED"]);
    assert_eq!(names(3), ["OK", "UNAUTHENTICATED"]);
    let get = &calls(&summary, 0)[0];
    // User 27 in Protobuf: 2 + (2 + 8) + (2 + 19) + 2 x (2 + 6) = 49 bytes; the request is 2. As JSON:
    // {"id":27} has 9 letters; the record has 2 braces, 3 commas, keys of 28, and the values 27,
    // "John Doe", "john.27@example.com" and ["reader","editor"] of 2 + 10 + 21 + 19.
    assert_eq!(
        (&get["sent_bytes"], &get["received_bytes"]),
        (&2.into(), &49.into())
    );
    let json = (&get["sent_json_bytes"], &get["received_json_bytes"]);
    assert_eq!(json, (&9.into(), &(2 + 3 + 28 + 52).into()));
}

#[test]
fn a_port_of_another_server_is_found_before_anything_runs() {
    let text = r#"
        node = { a = {}, b = {} }
        link = [{ between = ["a", "b"], latency = "5ms" }]
        traffic = [
            { name = "none", app = "grpc", from = "a", to = "b", call = ["get", "list"] },
            { name = "other", app = "tcp", from = "a", to = "b", port = 50051, bytes = "10 B" },
        ]
        server = [{ on = "b", app = "tcp", port = 50051 }]
    "#;
    // What listens there is no gRPC server, so `check` says so before anything runs.
    let refused = run_text(text, &["--no-diagrams"]);
    assert!(
        refused
            .stderr()
            .contains("the gRPC server on port 50051 is in the way"),
        "{}",
        refused.stderr()
    );
}

/// Bytes of both directions of a link.
fn on_the_wire(summary: &Value, link: &str) -> u64 {
    let links = summary["links"].as_array().unwrap();
    let own = links.iter().filter(|l| l["link"] == link);
    own.map(|l| l["sent_bytes"].as_u64().unwrap()).sum()
}

#[test]
fn rest_and_grpc_do_the_same_and_grpc_needs_fewer_bytes_and_round_trips() {
    let run = run_file(&topology("rest_vs_grpc"), &["--no-diagrams"]).well();
    for name in ["one", "two", "three"] {
        assert_no_fault(&run.file(&format!("{name}.pcapng")));
    }
    let summary = run.summary();
    let (http1, http2) = (
        on_the_wire(&summary, "http1"),
        on_the_wire(&summary, "http2"),
    );
    let grpc = on_the_wire(&summary, "grpc");
    assert!(grpc < http2 && http2 < http1, "{grpc}, {http2}, {http1}");
    // A round trip takes 40 ms. With ARP and TCP's handshake each client needs two before it can ask.
    // REST asks eight times; gRPC calls four times, the fifth change being no round trip of its own.
    let took = |entry: usize| {
        let t = &summary["traffic"][entry];
        t["ended_ns"].as_u64().unwrap() - t["started_ns"].as_u64().unwrap()
    };
    let trips = |entry| took(entry) / 40_000_000;
    assert_eq!([trips(0), trips(1), trips(2)], [2 + 8, 2 + 8, 2 + 4]);
    // The same record: 85 bytes of JSON, 49 of Protobuf.
    let json = &summary["traffic"][0]["exchanges"][0]["response_bytes"];
    let protobuf = &calls(&summary, 2)[0]["received_bytes"];
    assert_eq!((json, protobuf), (&85.into(), &49.into()));
}

#[test]
fn the_rest_service_answers_with_the_status_codes_of_http() {
    let text = r#"
        node = { a = {}, b = {} }
        link = [{ between = ["a", "b"], latency = "5ms" }]
        [[traffic]]
        app = "rest"
        from = "a"
        to = "b"
        call = [
            { method = "create", id = 0, name = "Jane Doe" },
            { method = "get", id = 101 },
            { method = "replace", id = 101, name = "Joan Doe" },
            { method = "update", id = 101, body = '{"email": "joan@example.com"}' },
            { method = "delete", id = 101 },
            { method = "get", id = 101 },
            { method = "create", id = 1 },
            { method = "create", name = "" },
            { method = "create", body = "<user/>", metadata = { content-type = "text/xml" } },
        ]
    "#;
    for version in ["1.1", "2", "3"] {
        let set = format!("traffic.0.version=\"{version}\"");
        let run = run_text(text, &["--no-diagrams", "--set", &set]).well();
        let summary = run.summary();
        let list = summary["traffic"][0]["exchanges"].as_array().unwrap();
        let codes: Vec<u64> = list.iter().map(|e| e["status"].as_u64().unwrap()).collect();
        let wanted = [201, 200, 200, 200, 204, 404, 409, 422, 415];
        assert_eq!(codes, wanted, "version {version}");
        let a = run.file("a.pcapng");
        assert_no_fault(&a);
        let places = match version {
            "2" => headers(&a, "http2", "location"),
            // Wireshark 4.0 does not read QPACK.
            "3" => {
                let ours = ours(&run, "a.pcapng", "http3", "header");
                let lines = ours.iter().map(|(_, line)| line.as_str());
                let places = lines.filter_map(|line| line.strip_prefix("location: "));
                places.map(str::to_owned).collect()
            }
            _ => values(&a, "http", "http.location"),
        };
        assert_eq!(places, ["/api/users/101"]);
    }
}

/// Values of all fields called `name` that our dissector finds in layers of `protocol`.
fn ours(run: &Finished, capture: &str, protocol: &str, name: &str) -> Vec<(String, String)> {
    let mut dissector = Dissector::new();
    if let Ok(secrets) = fs::read_to_string(run.file("tls-keys.log")) {
        dissector.add_tls_secrets(&secrets);
    }
    let mut reader = CaptureReader::new(fs::File::open(run.file(capture)).unwrap()).unwrap();
    let mut found = Vec::new();
    while let Some(frame) = reader.next_frame().unwrap() {
        let tree = dissector.dissect(&frame.bytes);
        for layer in tree.layers.iter().filter(|l| l.protocol == protocol) {
            let fields = layer.fields.iter().filter(|f| f.name == name);
            found.extend(fields.map(|f| (f.label.to_owned(), f.value.clone())));
        }
    }
    found
}

#[test]
fn our_dissector_reads_the_header_fields_and_messages_that_wireshark_reads() {
    let run = run();
    let phone = run.file("phone.pcapng");
    let theirs: Vec<String> = rows(
        &phone,
        "http2.header",
        &["http2.header.name", "http2.header.value"],
    )
    .iter()
    .flat_map(|row| row[0].split('|').zip(row[1].split('|')))
    .map(|(name, value)| format!("{name}: {value}"))
    .collect();
    let headers = ours(&run, "phone.pcapng", "http2", "header");
    let headers: Vec<String> = headers.into_iter().map(|(_, value)| value).collect();
    assert!(theirs.len() > 100, "{}", theirs.len());
    assert_eq!(headers, theirs);
    let messages = ours(&run, "phone.pcapng", "protobuf", "field");
    let (names, values): (Vec<_>, Vec<_>) = messages.into_iter().unzip();
    assert_eq!(names, self::values(&phone, "grpc", "protobuf.field.name"));
    let texts = self::values(&phone, "grpc", "protobuf.field.value.string");
    let all_texts = names.iter().zip(&values);
    let all_texts: Vec<_> = all_texts
        .filter(|(name, _)| matches!(name.as_str(), "name" | "email" | "roles"))
        .map(|(_, value)| value.clone())
        .collect();
    assert_eq!(all_texts, texts);
}

#[test]
fn calls_that_make_no_sense_are_found_before_anything_runs() {
    for (app, call, wanted) in [
        ("grpc", r#""delete""#, "the gRPC service has no such call"),
        ("rest", r#""import""#, "REST has no streams"),
        (
            "grpc",
            r#""fetch""#,
            "`fetch` is not a call of the user service",
        ),
        ("grpc", "[]", "`call` has no call"),
        ("grpc", "{ id = 1 }", "this call has no `method`"),
        (
            "grpc",
            r#"{ method = "get", cancel_after = 1 }"#,
            "`cancel_after` means nothing to GetUser",
        ),
        (
            "rest",
            r#"{ method = "get", deadline = "1s" }"#,
            "`deadline` means nothing to REST",
        ),
        (
            "rest",
            r#"{ method = "get", body = "x" }"#,
            "means nothing to a request without content",
        ),
        (
            "grpc",
            r#"{ method = "get", metadata = { grpc-x = "1" } }"#,
            "is no metadata of a caller",
        ),
        (
            "grpc",
            r#"{ method = "get", count = 0 }"#,
            "`count` is 0, but must be from 1",
        ),
        (
            "http",
            r#""get""#,
            "`call` means nothing to the application",
        ),
    ] {
        let text = format!(
            "node = {{ a = {{}}, b = {{}} }}\nlink = [{{ between = [\"a\", \"b\"] }}]\n\
             traffic = [{{ app = \"{app}\", from = \"a\", to = \"b\", call = {call} }}]"
        );
        let run = run_text(&text, &["--no-diagrams"]);
        assert_eq!(run.code(), 2, "{app} {call}");
        assert!(
            run.stderr().contains(wanted),
            "{app} {call}: {}",
            run.stderr()
        );
    }
    let many = "{ method = \"get\", count = 10000 }, ".repeat(11);
    let text = format!(
        "node = {{ a = {{}}, b = {{}} }}\nlink = [{{ between = [\"a\", \"b\"] }}]\n\
         traffic = [{{ app = \"rest\", from = \"a\", to = \"b\", call = [{many}] }}]"
    );
    let run = run_text(&text, &["--no-diagrams"]);
    assert!(
        run.stderr().contains("this makes 110000 calls"),
        "{}",
        run.stderr()
    );
}

#[test]
fn a_call_that_nobody_answers_ends_with_its_cause() {
    // Nothing comes through, so that not even TCP connects.
    let text = r#"
        node = { a = { arp = "static" }, b = { arp = "static" } }
        link = [{ name = "cut", between = ["a", "b"], latency = "5ms", loss = "100%" }]
        traffic = [
            { name = "late", app = "grpc", from = "a", to = "b", timeout = "3s", call = ["get", "list"] },
            { name = "told", app = "grpc", from = "a", to = "b", call = { method = "get", deadline = "2s" } },
        ]
    "#;
    let run = run_text(text, &["--no-diagrams"]).well();
    let summary = run.summary();
    let late = calls(&summary, 0);
    assert_eq!(late.len(), 2);
    assert_eq!(late[0]["error"], "no answer within 3s");
    assert_eq!(late[0]["status"], Value::Null);
    // A deadline is a status of its own, and no fault of the connection.
    let told = &calls(&summary, 1)[0];
    assert_eq!(
        (&told["status_name"], &told["error"]),
        (&"DEADLINE_EXCEEDED".into(), &Value::Null)
    );
    assert_eq!(told["total_ns"], 2_000_000_000_u64);
}

#[test]
fn a_server_ends_a_call_at_its_deadline_by_itself() {
    // The request leaves after TCP's round trip of 20 ms, says that 60 of its 80 ms are left, and is at
    // the server at 30 ms. The server would think for a second. The client resets the stream at 80 ms,
    // but nothing comes through from 50 to 500 ms; so the server looks at its own clock: at 90 ms it
    // says DEADLINE_EXCEEDED, which is number 4.
    let text = r#"
        node = { a = { arp = "static" }, b = { arp = "static" } }
        link = [{ between = ["a", "b"], latency = "10ms", down = "50ms..500ms" }]
        traffic = [
            { app = "grpc", from = "a", to = "b", call = { method = "get", deadline = "80ms" } },
        ]
        server = [{ on = "b", app = "grpc", think = "1s" }]
    "#;
    let run = run_text(text, &["--no-diagrams"]).well();
    let summary = run.summary();
    let told = &calls(&summary, 0)[0];
    assert_eq!(told["status_name"], "DEADLINE_EXCEEDED");
    assert_eq!(told["total_ns"], 80_000_000_u64);
    let b = run.file("b.pcapng");
    let from_server = "tcp.srcport == 50051 && http2.header.name == \"grpc-status\"";
    let names = ["frame.time_relative", "http2.header.value"];
    let said = rows(&b, from_server, &names);
    let at = |row: &[String]| row[0].parse::<f64>().unwrap() * 1e3;
    let first = &said[0];
    // The capture of the server begins with the SYN, at 10 ms.
    assert!((80.0..81.0).contains(&at(first)), "{said:?}");
    assert!(first[1].split('|').any(|value| value == "4"), "{said:?}");
}
