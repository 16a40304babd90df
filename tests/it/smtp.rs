//! Mail as Wireshark sees it: `topologies/smtp.toml`, decrypted by the capture alone; and what becomes
//! of messages when something is wrong.

use std::fs;

use netsim::{capture::CaptureReader, dissect::Dissector};
use serde_json::Value;

use crate::support::{assert_clean, count, fields, run_file, run_text, topology};

fn entry<'a>(summary: &'a Value, name: &str) -> &'a Value {
    let entries = summary["traffic"].as_array().unwrap();
    entries.iter().find(|e| e["name"] == name).unwrap()
}

#[test]
fn wireshark_finds_the_dialogue_the_messages_and_what_tls_hides() {
    let run = run_file(&topology("smtp"), &["--no-diagrams"]).well();
    let mail = run.file("mail.pcapng");
    assert_clean(&mail);
    // The plain dialogue: one frame of commands, one of replies, the message, its 250.
    let plain = "tcp.stream == 0 && smtp";
    let commands = fields(
        &mail,
        &format!("{plain} && smtp.req.command"),
        &["smtp.req.command"],
    );
    assert_eq!(commands, [["EHLO"], ["MAIL,RCPT,RCPT,DATA"], ["QUIT"]]);
    let replies = fields(
        &mail,
        &format!("{plain} && smtp.response.code"),
        &["smtp.response.code"],
    );
    assert_eq!(
        replies,
        [["220"], ["250"], ["250,250,250,354"], ["250"], ["221"]]
    );
    let message = fields(
        &mail,
        "tcp.stream == 0 && imf",
        &["imf.subject", "imf.from"],
    );
    assert_eq!(message, [["Lunch", "<alice@home.example>"]]);
    // On the wire, the dots at the start of two lines are doubled.
    let raw = fields(&mail, "tcp.stream == 0 && imf", &["tcp.payload"]);
    let hex = |text: &str| -> String { text.bytes().map(|b| format!("{b:02x}")).collect() };
    assert!(raw[0][0].contains(&hex("\r\n..A line that begins")));
    assert!(raw[0][0].contains(&hex("\r\n...\r\nAlice\r\n.\r\n")));
    // Behind STARTTLS and over TLS from the start: found only because the secrets are there.
    let auth = fields(
        &mail,
        "smtp.req.command == \"AUTH\" && tls",
        &["tcp.dstport"],
    );
    assert_eq!(auth, [["587"], ["587"], ["465"]]);
    let hidden = fields(&mail, "imf && tls", &["imf.subject"]);
    assert_eq!(hidden, [["Between us"], ["Over TLS from the start"]]);
    assert_eq!(count(&mail, "smtp.response.code == 535 && tls"), 1);
    // What was said in order and out of order.
    let said = "smtp.response.code && tcp.srcport == 25 && frame.time_relative >= 3 && frame.time_relative < 4";
    let codes = fields(&mail, said, &["smtp.response.code"]);
    let codes: Vec<&str> = codes.iter().map(|row| row[0].as_str()).collect();
    assert_eq!(
        codes,
        [
            "220",
            "250",
            "250",
            "503",
            "500",
            "252",
            "250",
            "250,250,354",
            "250",
            "221"
        ]
    );
}

#[test]
fn our_dissector_reads_the_lines_that_wireshark_reads() {
    let run = run_file(&topology("smtp"), &["--no-diagrams"]).well();
    for name in ["alice", "bob", "mail"] {
        let capture = run.file(&format!("{name}.pcapng"));
        let mut dissector = Dissector::new();
        dissector.add_tls_secrets(&fs::read_to_string(run.file("tls-keys.log")).unwrap());
        let mut ours = [const { Vec::new() }; 2];
        for frame in CaptureReader::new(fs::File::open(&capture).unwrap()).unwrap() {
            let tree = dissector.dissect(&frame.unwrap().bytes);
            let layers = tree.layers.iter().filter(|l| l.protocol == "smtp");
            for field in layers.flat_map(|layer| &layer.fields) {
                match field.name {
                    // Wireshark takes the first four letters of a command.
                    "req.command" => ours[0].push(field.value[..4].to_owned()),
                    "response.code" => ours[1].push(field.value.clone()),
                    _ => {}
                }
            }
        }
        let theirs = |field: &str| -> Vec<String> {
            let rows = fields(&capture, field, &[field]);
            let all = rows.iter().flat_map(|row| row[0].split(','));
            all.map(str::to_owned).collect()
        };
        assert_eq!(ours[0], theirs("smtp.req.command"), "{name}");
        // Of a reply with several lines, Wireshark tells the code of the last one alone.
        let told = theirs("smtp.response.code");
        ours[1].dedup();
        let mut theirs = told;
        theirs.dedup();
        assert_eq!(ours[1], theirs, "{name}");
    }
}

#[test]
fn messages_lie_in_their_mailboxes_as_they_were_sent() {
    let run = run_file(&topology("smtp"), &["--no-diagrams"]).well();
    let first = fs::read_to_string(run.file("mail/mail/bob@shop.example/1.eml")).unwrap();
    assert!(first.starts_with("Return-Path: <alice@home.example>\r\nReceived: from alice by mail"));
    // The doubled dots are single again.
    assert!(first.ends_with(
        "\r\n\r\nNoon at the pond?\r\n.A line that begins with a dot\r\n..\r\nAlice\r\n"
    ));
    let summary = run.summary();
    let boxes = summary["mailboxes"].as_array().unwrap();
    let number = |mailbox: &str| {
        let found = boxes.iter().find(|b| b["mailbox"] == mailbox).unwrap();
        found["messages"].as_array().unwrap().len()
    };
    // bob: plain, step, refused, starttls. carol: plain, step, refused. dave: odd. alice: tls.
    assert_eq!(
        ["bob", "carol", "dave", "alice"].map(|name| number(&format!("{name}@shop.example"))),
        [4, 3, 1, 1]
    );
    let file = boxes[1]["messages"][0]["file"].as_str().unwrap();
    let size = fs::metadata(run.file(file)).unwrap().len();
    assert_eq!(boxes[1]["messages"][0]["bytes"], size);
}

#[test]
fn refusals_are_told_by_recipient_and_code() {
    let run = run_file(&topology("smtp"), &["--no-diagrams"]).well();
    let summary = run.summary();
    let refused = &entry(&summary, "refused")["messages"];
    let codes = |message: &Value| -> Vec<u64> {
        let list = message["rejected"].as_array().unwrap();
        list.iter().map(|r| r["code"].as_u64().unwrap()).collect()
    };
    assert_eq!(codes(&refused[0]), [550, 452]);
    assert_eq!(refused[0]["accepted"].as_array().unwrap().len(), 2);
    assert_eq!(refused[0]["error"], Value::Null);
    assert_eq!(codes(&refused[1]), [550]);
    assert_eq!(refused[1]["error"], "every recipient is refused");
    let too_big = refused[2]["error"].as_str().unwrap();
    assert!(too_big.contains("552"), "{too_big}");
    let wrong = entry(&summary, "wrong")["messages"][0]["error"]
        .as_str()
        .unwrap();
    assert!(wrong.contains("535"), "{wrong}");
    let said = entry(&summary, "odd")["messages"][0]["said"]
        .as_array()
        .unwrap();
    assert_eq!(said.len(), 5);
    assert_eq!(
        entry(&summary, "starttls")["messages"][0]["tls"]["version"],
        "1.3"
    );
}

#[test]
fn pipelining_saves_a_round_trip_for_each_command_but_one() {
    // 22 ms of latency there and back. After the greeting: EHLO, then with pipelining MAIL, two RCPT
    // and DATA in one round trip, without it in four; then the message.
    let run = run_file(&topology("smtp"), &["--no-diagrams"]).well();
    let mail = run.file("mail.pcapng");
    let span = |stream: u32| {
        let all = fields(
            &mail,
            &format!("tcp.stream == {stream} && smtp"),
            &["frame.time_relative"],
        );
        let time = |row: &Vec<String>| row[0].parse::<f64>().unwrap();
        time(all.last().unwrap()) - time(&all[0])
    };
    let saved = span(1) - span(0);
    assert!((0.066..0.068).contains(&saved), "{saved}");
}

/// Two hosts and a mail server with `server` keys; `client` keys send.
fn pair(server: &str, client: &str) -> String {
    format!(
        "[node.alice]\n[node.mail]\n[[link]]\nbetween = [\"alice\", \"mail\"]\nlatency = \"5ms\"\n\
         [[server]]\non = \"mail\"\napp = \"smtp\"\n{server}\n\
         [[traffic]]\napp = \"smtp\"\nfrom = \"alice\"\nto = \"mail\"\n{client}\n"
    )
}

fn messages(text: &str) -> Vec<Value> {
    let run = run_text(text, &["--no-diagrams"]).well();
    run.summary()["traffic"][0]["messages"]
        .as_array()
        .unwrap()
        .clone()
}

#[test]
fn three_lines_are_enough() {
    let text = "[node.a]\n[node.b]\n[[link]]\nbetween = [\"a\", \"b\"]\n\
                [[traffic]]\napp = \"smtp\"\nfrom = \"a\"\nto = \"b\"\n";
    let sent = messages(text);
    assert_eq!(sent[0]["accepted"], serde_json::json!(["b@b"]));
    assert_eq!(sent[0]["error"], Value::Null);
}

#[test]
fn a_server_that_is_busy_or_bored_says_421() {
    // The second client finds the only place taken. The first one is held up by a lost link.
    let busy = pair("max_connections = 1", "start = \"1ms\"")
        + "[[traffic]]\napp = \"smtp\"\nfrom = \"alice\"\nto = \"mail\"\n";
    let run = run_text(&busy, &["--no-diagrams"]).well();
    let summary = run.summary();
    let errors: Vec<String> = (0..2)
        .map(|entry| summary["traffic"][entry]["messages"][0]["error"].to_string())
        .collect();
    assert!(errors.iter().any(|e| e.contains("421")), "{errors:?}");
    assert!(errors.iter().any(|e| e == "null"), "{errors:?}");
}

#[test]
fn a_lossy_link_delays_mail_and_changes_nothing_in_it() {
    let text = pair("", "").replace("latency = \"5ms\"", "latency = \"5ms\"\nloss = \"20%\"")
        + "[[traffic.mail]]\nsize = \"50 KiB\"\n";
    let run = run_text(&text, &["--no-diagrams"]).well();
    let summary = run.summary();
    assert_eq!(summary["traffic"][0]["messages"][0]["error"], Value::Null);
    let sent = summary["traffic"][0]["messages"][0]["bytes"]
        .as_u64()
        .unwrap();
    let file = fs::read(run.file("mail/mail/mail@mail/1.eml")).unwrap();
    let from = String::from_utf8(file).unwrap();
    let message = &from[from.find("From: ").unwrap()..];
    assert_eq!(message.len() as u64, sent);
}

#[test]
fn a_server_that_is_none_ends_the_message_with_a_cause() {
    // A web server waits for a request while the client waits for a greeting.
    let text = "[node.a]\n[node.b]\n[[link]]\nbetween = [\"a\", \"b\"]\n\
                [[server]]\non = \"b\"\napp = \"echo\"\nport = 2525\n\
                [[traffic]]\napp = \"smtp\"\nfrom = \"a\"\nto = \"b\"\nport = 25\ntimeout = \"3s\"\n\
                [[traffic.mail]]\nto = \"x@b\"\n";
    let lost = text.replace("[[link]]\nbetween", "[[link]]\nloss = \"100%\"\nbetween");
    let error = messages(&lost)[0]["error"].as_str().unwrap().to_owned();
    assert!(error.starts_with("cannot connect"), "{error}");
}

#[test]
fn mistakes_in_the_file_are_errors_of_check_at_their_place() {
    let cases = [
        ("", "[[traffic.mail]]\nto = \"bob\"", "is not a mailbox"),
        ("", "[[traffic.mail]]\nto = []", "needs a recipient"),
        (
            "",
            "[[traffic.mail]]\nsubject = \"two\\nlines\"",
            "one line",
        ),
        ("mailboxes = [\"../x@y\"]", "", "is not a mailbox"),
        ("", "starttls = true", "does not offer it"),
        ("tls = true\nport = 25", "", "begins with TLS"),
        ("", "tls = true\nport = 25", "does not begin with TLS"),
        ("starttls = true\ntls = false", "", "switched off"),
        ("", "login = { user = \"a\" }", "needs `password`"),
        ("", "say = [\"QUIT\"]", "cannot be said"),
        ("max_recipients = 0", "", "must be from 1"),
        ("", "query = \"x\"", "means nothing"),
    ];
    for (server, client, words) in cases {
        let run = run_text(&pair(server, client), &["--no-diagrams"]);
        assert_eq!(run.code(), 2, "{server} {client}");
        assert!(
            run.stderr().contains(words),
            "{server} {client}: {}",
            run.stderr()
        );
    }
}
