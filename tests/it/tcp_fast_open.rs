//! Fast Open between two native hosts (RFC 7413): the round trips of a question and its answer, first
//! and again, as programs and as the scenario file has them.

use netsim::{
    osi::transport::TcpConfig,
    units::{Probability, SimTime, Span},
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::{Pair, Pipe, assert_clean, count, expert_notes, run_text};

/// Three times, a connects to b, asks and reads the answer and its end; how long it took until the answer had come.
fn exchanges(fast_open: [bool; 2], pipe: Pipe) -> Vec<Span> {
    let tcp = fast_open.map(|fast_open| TcpConfig {
        fast_open,
        ..TcpConfig::native()
    });
    let mut pair = Pair::with_each(1, pipe, [&tcp[0], &tcp[1]]);
    let listener = pair.b.listen(80).unwrap();
    pair.b.spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut question = [0; 8];
            stream.read_exact(&mut question).await.unwrap();
            assert_eq!(&question, b"question");
            stream.write_all(b"answer").await.unwrap();
        }
    });
    let host = pair.a.clone();
    pair.run(async move {
        let mut took = vec![];
        for _ in 0..3 {
            let begun: SimTime = host.now();
            let mut stream = host.connect(Pair::at_b(80)).await.unwrap();
            stream.write_all(b"question").await.unwrap();
            let mut answer = [0; 6];
            stream.read_exact(&mut answer).await.unwrap();
            assert_eq!(&answer, b"answer");
            took.push(host.now().since(begun));
            assert_eq!(stream.read(&mut answer).await.unwrap(), 0);
        }
        took
    })
}

#[test]
fn a_second_connection_has_its_answer_a_round_trip_sooner() {
    // A round trip takes 20 ms. The first connection needs one for the handshake and one for the
    // question; with a cookie the question rides on the SYN.
    let ms = Span::from_millis;
    let took = exchanges([true, true], Pipe::default());
    assert_eq!(took, [ms(40), ms(20), ms(20)]);
}

#[test]
fn nothing_is_saved_if_only_one_end_wants_it() {
    for wishes in [[true, false], [false, true], [false, false]] {
        let took = exchanges(wishes, Pipe::default());
        assert_eq!(took, [Span::from_millis(40); 3], "{wishes:?}");
    }
}

#[test]
fn with_loss_every_question_has_its_answer() {
    // A third of the packets is lost: SYNs with data, SYN-ACKs, answers.
    let pipe = Pipe {
        loss: Probability::new(0.3).unwrap(),
        ..Pipe::default()
    };
    assert_eq!(exchanges([true, true], pipe).len(), 3);
}

const PAGES: &str = r#"
[defaults.host]
arp = "static"
tcp = { fast_open = true }
[node.a]
[node.b]
[[link]]
between = ["a", "b"]
rate = "1 Gbit/s"
latency = "10ms"
[[traffic]]
app = "http"
from = "a"
to = "b"
keep_alive = false
requests = [{ path = "/" }, { path = "/" }, { path = "/" }]
[[server]]
on = "b"
app = "http"
[[server.route]]
path = "/"
size = "1 KiB"
"#;

#[test]
fn pages_come_a_round_trip_sooner_and_wireshark_knows_why() {
    let run = run_text(PAGES, &["--no-diagrams"]).well();
    let summary = run.summary();
    let pages = summary["traffic"][0]["exchanges"].as_array().unwrap();
    let ms = |page: &serde_json::Value, key: &str| page[key].as_u64().unwrap() / 1_000_000;
    let connect: Vec<u64> = pages.iter().map(|page| ms(page, "connect_ns")).collect();
    let first: Vec<u64> = pages.iter().map(|page| ms(page, "first_byte_ns")).collect();
    assert_eq!((connect, first), (vec![20, 0, 0], vec![40, 20, 20]));
    let capture = run.file("a.pcapng");
    assert_clean(&capture);
    assert_eq!(expert_notes(&capture).len(), 0);
    let with_data = "tcp.flags.syn == 1 && tcp.len > 0 && tcp.options.tfo.cookie";
    assert_eq!(count(&capture, with_data), 2);
    let accepted = "_ws.expert.message == \"TCP SYN-ACK accepting TFO data\"";
    assert_eq!(count(&capture, accepted), 2);
}
