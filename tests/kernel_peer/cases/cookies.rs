//! SYN cookies of the house (RFC 4987): Linux comes to a port whose backlog is full of handshakes
//! that nobody ends.
//!
//! The house drops none of Linux's SYNs, which the judge sees: without cookies it would.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::Child,
};

use netsim::{
    osi::transport::TcpConfig,
    topology::LinkProfile,
    units::{SimTime, Span},
    wire::Frame,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::programs::serve;
use crate::{
    judge::Evidence,
    lab::{Lab, Setup, at_house},
    linux::{assert_same, data, program, python, python_says},
    wire::Verdict,
};

const LEN: usize = 1 << 20;

/// Twenty handshakes begin. What the house answers is lost on the way.
const SIEGE: &str = "
import socket, sys
half = []
for port in range(20000, 20020):
    s = socket.socket()
    s.setblocking(False)
    s.bind(('10.77.0.1', port))
    s.connect_ex(('10.77.0.2', PORT))
    half.append(s)
print('begun', flush=True)
sys.stdin.read()
";

/// Room for four, and 10 ms each way: what Linux sends later comes later.
fn setup() -> Setup {
    let profile = LinkProfile {
        latency: Span::from_millis(10),
        ..LinkProfile::default()
    };
    Setup {
        tcp: TcpConfig {
            backlog: 4,
            syn_cookies: true,
            ..TcpConfig::native()
        },
        cable: [profile.clone(), profile],
        mischief: [loses_answers, loses_one],
        ..Setup::default()
    }
}

fn loses_answers(_: usize, _: SimTime, frame: &mut Frame) -> Verdict {
    match u16::from_be_bytes([frame.bytes[36], frame.bytes[37]]) {
        20_000..20_020 => Verdict::Dies,
        _ => Verdict::Passes,
    }
}

/// A segment in the middle of a long transfer, so that there is something to say with SACK.
fn loses_one(number: usize, _: SimTime, _: &mut Frame) -> Verdict {
    match number {
        300 => Verdict::Dies,
        _ => Verdict::Passes,
    }
}

/// Runs `then` while `port` of the house is besieged.
fn besieged<T>(port: u16, then: impl FnOnce() -> T) -> T {
    let mut siege: Child = python(&SIEGE.replace("PORT", &port.to_string()));
    let mut said = BufReader::new(siege.stdout.take().unwrap());
    said.read_line(&mut String::new()).unwrap();
    let output = then();
    drop(siege.stdin.take());
    assert!(siege.wait().unwrap().success());
    output
}

/// Who got the one SYN-ACK for its one SYN that is no part of the siege.
const ANSWER: &str = "tcp.flags == 0x012 && !(tcp.dstport in {20000..20019})";

/// Linux sends `LEN` bytes to a besieged port and gets one back.
fn send_to_besieged_house(setup: Setup) -> Evidence {
    let mut lab = Lab::new(setup);
    let listener = lab.host.listen(5001).unwrap();
    let house = async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut got = vec![0; LEN];
        stream.read_exact(&mut got).await.unwrap();
        stream.write_all(b"!").await.unwrap();
        got
    };
    let linux = || {
        besieged(5001, || {
            let mut stream = TcpStream::connect(at_house(5001)).unwrap();
            stream.write_all(&data(LEN)).unwrap();
            stream.read_exact(&mut [0]).unwrap();
        });
    };
    let (got, ()) = lab.run(house, linux);
    assert_same(&got, &data(LEN));
    let evidence = lab.finish().judge();
    assert_eq!(evidence.count(ANSWER), 1);
    evidence
}

/// More under way than a window without a scale could name: Linux has the scale of the house from the
/// SYN-ACK, and the house knows that it agreed to SACK.
pub(super) fn a_full_backlog_keeps_no_data_of_linux_out() {
    let evidence = send_to_besieged_house(setup());
    evidence.shows("tcp.analysis.bytes_in_flight > 65535 && ip.src == 10.77.0.1");
    evidence.shows("tcp.options.sack_le && ip.src == 10.77.0.2");
}

/// The scale of Linux came back in the time stamp.
pub(super) fn a_full_backlog_keeps_no_curl_of_linux_out() {
    let mut lab = Lab::new(setup());
    serve(&lab.host);
    let curl = || {
        let said = "%{http_code} %{size_download}";
        let (to, url) = ("/dev/null", "http://10.77.0.2/book");
        let arguments = ["-sS", "--max-time", "20", "-w", said, "-o", to, url];
        besieged(80, || program("curl", &arguments))
    };
    let ((), output) = lab.run(async {}, curl);
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(said, "200 3000000");
    let evidence = lab.finish().judge();
    assert_eq!(evidence.count(ANSWER), 1);
    evidence.shows("tcp.analysis.bytes_in_flight > 65535 && ip.src == 10.77.0.2");
}

pub(super) fn without_time_stamps_a_cookie_agrees_on_the_mss_alone() {
    let evidence = send_to_besieged_house(Setup {
        linux: &[("ipv4.tcp_timestamps", "0")],
        ..setup()
    });
    let more = "(tcp.options.wscale || tcp.options.sack_perm)";
    evidence.never(&format!("{ANSWER} && {more}"));
    evidence.never("tcp.options.sack_le");
    evidence.never("tcp.analysis.bytes_in_flight > 65535");
}

/// A client that has a cookie of Fast Open, and data in its SYN, gets a SYN cookie. Its data is not
/// taken, and comes again behind the handshake.
pub(super) fn fast_open_falls_back_to_a_syn_cookie() {
    const LINUX: &str = "
import socket
s = socket.socket()
s.sendto(b'question', socket.MSG_FASTOPEN, ('10.77.0.2', 5001))
assert s.recv(8) == b'question'
";
    let mut lab = Lab::new(Setup {
        tcp: TcpConfig {
            fast_open: true,
            ..setup().tcp
        },
        linux: &[("ipv4.tcp_fastopen", "1")],
        ..setup()
    });
    let listener = lab.host.listen(5001).unwrap();
    let house = async move {
        for _ in 0..2 {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut got = [0; 8];
            stream.read_exact(&mut got).await.unwrap();
            stream.write_all(&got).await.unwrap();
        }
    };
    let linux = || {
        python_says(LINUX);
        besieged(5001, || python_says(LINUX));
    };
    lab.run(house, linux);
    let evidence = lab.finish().judge();
    assert_eq!(evidence.count("tcp.flags == 0x002 && tcp.len == 8"), 1);
    evidence.never("tcp.flags == 0x012 && tcp.ack > 1");
}
