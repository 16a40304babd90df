//! What the settings of QUIC do: congestion control, ECN, migration; and what ICMP does to a client
//! that dials.

use std::{fs, path::Path};

use serde_json::Value;

use crate::support::{Finished, assert_clean, count, fields, run_text};

/// bob fetches a MiB from alice over a link of 10 Mbit/s that a router feeds through the queue
/// `queue`. A round trip takes 40 ms.
fn download(queue: &str, congestion: &str) -> Finished {
    let text = format!(
        "[trace]\nqlog = true\n\
         [node.alice]\n[node.r]\nkind = \"router\"\n[node.bob]\n\
         [defaults.link]\nlatency = \"10ms\"\n\
         [[link]]\nbetween = [\"alice\", \"r\"]\nrate = \"100 Mbit/s\"\n\
         [[link]]\nbetween = [\"r\", \"bob\"]\nrate = \"10 Mbit/s\"\n{queue}\n\
         [capture]\nall = false\n\
         [[traffic]]\napp = \"http\"\nversion = \"3\"\nfrom = \"bob\"\nto = \"alice\"\n\
         [[server]]\non = \"alice\"\napp = \"http\"\nversion = \"3\"\n\
         quic = {{ congestion = \"{congestion}\" }}\n\
         [[server.route]]\npath = \"/\"\nsize = \"1 MiB\"\n"
    );
    let run = run_text(&text, &["--no-diagrams"]).well();
    let exchange = &run.summary()["traffic"][0]["exchanges"][0];
    assert_eq!(exchange["response_bytes"], 1024 * 1024);
    run
}

/// What is left of alice's congestion window each time that it shrinks, as a part of one, by her qlog.
fn cuts(run: &Finished) -> Vec<f64> {
    let log = fs::read_dir(&run.out).unwrap().find_map(|entry| {
        let path = entry.unwrap().path();
        let name = path.file_name()?.to_str()?.to_owned();
        (name.starts_with("alice-") && name.ends_with(".qlog")).then_some(path)
    });
    let text = fs::read_to_string(log.unwrap()).unwrap();
    let windows: Vec<f64> = text
        .split('\u{1e}')
        .skip(1)
        .map(|record| serde_json::from_str::<Value>(record).unwrap())
        .filter_map(|record| record["data"]["congestion_window"].as_f64())
        .collect();
    let pairs = windows.windows(2).filter(|pair| pair[1] < pair[0]);
    pairs.map(|pair| pair[1] / pair[0]).collect()
}

fn lost(run: &Finished) -> u64 {
    let summary = run.summary();
    let links = summary["links"].as_array().unwrap();
    let lost = |link: &Value| {
        link["sent_frames"].as_u64().unwrap() - link["delivered_frames"].as_u64().unwrap()
    };
    links.iter().map(lost).sum()
}

#[test]
fn newreno_halves_its_window_after_a_loss_and_cubic_keeps_seven_tenths() {
    // RFC 9002, section 7.3.2, and RFC 9438, section 4.6. The window that the qlog had before was up
    // to a packet or two smaller than the one that is cut.
    for (congestion, kept) in [("newreno", 0.5), ("cubic", 0.7)] {
        let run = download("queue = \"30 packets\"", congestion);
        assert!(lost(&run) > 0);
        let cuts = cuts(&run);
        assert!(!cuts.is_empty(), "{congestion}");
        for cut in &cuts {
            assert!(
                (kept - 0.02..kept + 0.02).contains(cut),
                "{congestion}: {cuts:?}"
            );
        }
    }
}

#[test]
fn a_marked_packet_slows_the_sender_down_and_nothing_is_lost() {
    let queue = "queue = \"200 packets\"\naqm = { kind = \"threshold\", above = \"10 packets\" }";
    let run = download(queue, "newreno");
    assert_eq!(lost(&run), 0);
    let bob = run.file("bob.pcapng");
    assert_clean(&bob);
    // alice says that she can be told (ECT(0), 2), the router tells (CE, 3), and bob counts for her
    // (RFC 9000, section 13.4): his last count is that of all marks.
    let alice = run.file("alice.pcapng");
    let able = "ip.src == 10.0.0.10 && ip.dsfield.ecn == 2";
    assert!(count(&alice, able) > 500);
    let marks = count(&bob, "ip.dsfield.ecn == 3");
    assert!(marks > 10, "{marks}");
    let column = ["quic.ack.ecn_ce_count"];
    let told = fields(&alice, "quic.ack.ecn_ce_count > 0", &column);
    let last = told.last().unwrap()[0].rsplit(',').next().unwrap();
    assert_eq!(last, marks.to_string());
    // The window is halved as if something had been lost (RFC 9002, section 7.3.2).
    let cuts = cuts(&run);
    assert!(!cuts.is_empty());
    assert!(
        cuts.iter().all(|cut| (0.48..0.52).contains(cut)),
        "{cuts:?}"
    );
}

#[test]
fn random_loss_leaves_what_the_square_root_law_says_and_the_bytes_are_the_same_each_time() {
    // 1 % lost: a mean window of sqrt(3 / 2 / 0.01) = 12.2 datagrams of 1452 bytes. One window a round
    // trip of 40 ms is 444 KB/s, so 4 MiB take 9.4 s. CUBIC's own window would be 3 datagrams, so it
    // has that of Reno. Some 29 losses are few for a mean: a quarter more or less.
    for congestion in ["newreno", "cubic"] {
        let lossy = || {
            let text = format!(
                "seed = 2\n[node.alice]\n[node.bob]\n\
                 [[link]]\nbetween = [\"alice\", \"bob\"]\nrate = \"100 Mbit/s\"\n\
                 latency = \"20ms\"\nforward = {{ loss = \"1%\" }}\n\
                 [capture]\nall = false\n\
                 [[traffic]]\napp = \"http\"\nversion = \"3\"\nfrom = \"bob\"\nto = \"alice\"\n\
                 [[server]]\non = \"alice\"\napp = \"http\"\nversion = \"3\"\n\
                 quic = {{ congestion = \"{congestion}\" }}\n\
                 [[server.route]]\npath = \"/\"\nsize = \"4 MiB\"\n"
            );
            run_text(&text, &["--no-diagrams"]).well()
        };
        let run = lossy();
        let exchange = &run.summary()["traffic"][0]["exchanges"][0];
        assert_eq!(exchange["response_bytes"], 4 * 1024 * 1024);
        let took = exchange["total_ns"].as_f64().unwrap() / 1e9;
        assert!((7.0..11.8).contains(&took), "{congestion}: {took} s");
        let bytes = |run: &Finished| fs::read(run.file("bob.pcapng")).unwrap();
        assert!(bytes(&run) == bytes(&lossy()), "{congestion}");
    }
}

/// Datagrams of QUIC from `port` in `capture`.
fn from(capture: &Path, port: &str) -> usize {
    count(capture, &format!("quic && udp.srcport == {port}"))
}

#[test]
fn a_server_that_forbids_it_loses_a_client_that_moves() {
    // A MiB takes four seconds at 2 Mbit/s. Half a second into it the client has another port.
    let run = |migration: bool| {
        let text = format!(
            "[node.alice]\n[node.bob]\n\
             [[link]]\nbetween = [\"alice\", \"bob\"]\nrate = \"2 Mbit/s\"\nlatency = \"10ms\"\n\
             [[traffic]]\napp = \"http\"\nversion = \"3\"\nfrom = \"alice\"\nto = \"bob\"\n\
             timeout = \"8s\"\nquic = {{ migrate = {{ after = \"500ms\" }} }}\n\
             [[server]]\non = \"bob\"\napp = \"http\"\nversion = \"3\"\n\
             quic = {{ migration = {migration} }}\n\
             [[server.route]]\npath = \"/\"\nsize = \"1 MiB\"\n"
        );
        run_text(&text, &["--no-diagrams"]).well()
    };
    let exchange = |run: &Finished| run.summary()["traffic"][0]["exchanges"][0].clone();
    let allowed = exchange(&run(true));
    assert_eq!(
        (&allowed["error"], &allowed["response_bytes"]),
        (&Value::Null, &(1024 * 1024).into())
    );
    let forbidden = run(false);
    let lost = exchange(&forbidden);
    assert_eq!(lost["error"], "no response within 8s");
    assert_eq!(lost["failed_after_ns"], 8_000_000_000_u64);
    // 100 KB or so had come by then; nothing has come since.
    let came = lost["response_bytes"].as_u64().unwrap();
    assert!((50_000..300_000).contains(&came), "{came}");
    // What comes from the new port is heard and not answered.
    let bob = forbidden.file("bob.pcapng");
    let ports = fields(&bob, "quic && ip.dst == 10.0.0.11", &["udp.srcport"]);
    let (old, new) = (&ports[0][0], &ports.last().unwrap()[0]);
    assert_ne!(old, new);
    assert!(from(&bob, new) > 0);
    assert_eq!(count(&bob, &format!("quic && udp.dstport == {new}")), 0);
}

#[test]
fn a_router_that_finds_nobody_ends_a_dial_with_the_cause() {
    // The router asks three times for 10.0.1.99, a second apart, and then says so (ICMP, host
    // unreachable). Without that the client would wait for its 30 s.
    let text = "[node.alice]\n[node.r]\nkind = \"router\"\n[node.bob]\n\
                [defaults.link]\nlatency = \"10ms\"\n\
                [[link]]\nbetween = [\"alice\", \"r\"]\n[[link]]\nbetween = [\"r\", \"bob\"]\n\
                [[traffic]]\napp = \"http\"\nversion = \"3\"\nfrom = \"alice\"\nto = \"10.0.1.99\"\n";
    let run = run_text(text, &["--no-diagrams"]).well();
    let exchange = &run.summary()["traffic"][0]["exchanges"][0];
    let wanted = "cannot connect to 10.0.1.99:443: host unreachable";
    assert_eq!(exchange["error"], wanted);
    // 3 s, two round trips of 20 ms (ARP, and the datagram with its error), and a little sending.
    let after = exchange["failed_after_ns"].as_u64().unwrap();
    assert!((3_040_000_000..3_042_000_000).contains(&after), "{after}");
    let alice = run.file("alice.pcapng");
    assert!(count(&alice, "icmp.type == 3 && icmp.code == 1") >= 1);
}
