//! Fast Open (RFC 7413) in both roles: cookies that are asked for, used, refused and replaced, and
//! data in SYNs that are taken or lost.
//!
//! In each case a client connects three times, one after the other, asks, and has its question back.

use std::{
    io,
    net::TcpListener,
    sync::atomic::{AtomicBool, Ordering},
};

use netsim::{
    osi::transport::TcpConfig,
    topology::LinkProfile,
    units::{SimTime, Span},
    wire::Frame,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::{
    judge::{Evidence, linux_counter},
    lab::{Lab, Setup, at_linux},
    linux::{assert_same, python_says},
    tap::sysctl,
    wire::{Mischief, Verdict},
};

/// A question that a SYN has room for.
const SHORT: usize = 500;
/// And one of fourteen segments.
const LONG: usize = 20_000;

/// 100 ms each way. Both ends want Fast Open: Linux as client (1) and server (2), and for every port
/// that listens (0x400).
fn setup() -> Setup {
    let profile = LinkProfile {
        latency: Span::from_millis(100),
        ..LinkProfile::default()
    };
    Setup {
        tcp: TcpConfig {
            fast_open: true,
            ..TcpConfig::native()
        },
        cable: [profile.clone(), profile],
        linux: &[("ipv4.tcp_fastopen", "1027")],
        ..Setup::default()
    }
}

fn question(len: usize) -> Vec<u8> {
    (0..251_u8).cycle().take(len).collect()
}

/// The house asks Linux, which calls `served` with the number of each connection before it closes it.
fn house_asks(setup: Setup, len: usize, served: impl Fn(usize) + Send + 'static) -> Evidence {
    let mut lab = Lab::new(setup);
    let listener = TcpListener::bind(at_linux(7)).unwrap();
    let host = lab.host.clone();
    let house = async move {
        for _ in 0..3 {
            let mut stream = host.connect(at_linux(7)).await.unwrap();
            stream.write_all(&question(len)).await.unwrap();
            stream.shutdown().await.unwrap();
            let mut got = vec![];
            stream.read_to_end(&mut got).await.unwrap();
            assert_same(&got, &question(len));
        }
    };
    let linux = move || {
        for number in 0..3 {
            let (mut stream, _) = listener.accept().unwrap();
            io::copy(&mut stream.try_clone().unwrap(), &mut stream).unwrap();
            served(number);
        }
    };
    lab.run(house, linux);
    lab.finish().judge()
}

/// What a Linux program has to say to open a connection with its first data: in one call, or with an
/// option of the socket (30: `TCP_FASTOPEN_CONNECT`) and the usual calls.
const CLIENT: &str = "
import socket
house = ('10.77.0.2', 7)
question = (bytes(range(251)) * 1000)[:LEN]
def message(s):
    return s.sendto(question, socket.MSG_FASTOPEN, house)
def option(s):
    s.setsockopt(socket.IPPROTO_TCP, 30, 1)
    s.connect(house)
    return s.send(question)
for _ in range(3):
    s = socket.socket()
    s.sendall(question[BY(s):])
    assert s.makefile('rb').read() == question
    s.close()
";

/// Linux asks the house, `by` one of the two ways.
fn linux_asks(setup: Setup, len: usize, by: &str) -> Evidence {
    let mut lab = Lab::new(setup);
    let listener = lab.host.listen(7).unwrap();
    let house = async move {
        for _ in 0..3 {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut got = vec![0; len];
            stream.read_exact(&mut got).await.unwrap();
            assert_same(&got, &question(len));
            stream.write_all(&got).await.unwrap();
        }
    };
    let text = CLIENT.replace("LEN", &len.to_string()).replace("BY", by);
    lab.run(house, move || python_says(&text));
    lab.finish().judge()
}

const PLAIN: &str = "tcp.flags == 0x002 && tcp.len == 0 && !tcp.options.tfo";
const REQUEST: &str = "tcp.flags == 0x002 && tcp.len == 0 && tcp.options.tfo.request";
const GRANT: &str = "tcp.flags == 0x012 && tcp.options.tfo.cookie";
const WITH_DATA: &str = "tcp.flags == 0x002 && tcp.len == 500 && tcp.options.tfo.cookie";
const TAKEN: &str = "tcp.flags == 0x012 && tcp.ack == 501";
/// The server has the SYN after 100 ms, and answers at once; the handshake is complete after 200.
const EARLY: &str = "tcp.len == 500 && tcp.flags.syn == 0 && tcp.time_relative < 0.2";

/// The first connection asks for a cookie, the others use it and are answered before their
/// handshakes are complete.
fn is_textbook(evidence: &Evidence, server: &str) {
    let counts = [REQUEST, GRANT, WITH_DATA, TAKEN].map(|filter| evidence.count(filter));
    assert_eq!(counts, [1, 1, 2, 2]);
    let early = format!("{EARLY} && ip.src == {server}");
    assert_eq!(evidence.count(&early), 2);
}

fn fast_opens(counter: &str) -> u64 {
    linux_counter("TcpExt", &format!("TCPFastOpen{counter}"))
}

pub(super) fn linux_takes_data_from_syns_of_the_house() {
    let evidence = house_asks(setup(), SHORT, |_| ());
    is_textbook(&evidence, "10.77.0.1");
    assert_eq!((fast_opens("Passive"), fast_opens("CookieReqd")), (2, 1));
}

pub(super) fn the_house_takes_data_from_syns_of_linux() {
    let evidence = linux_asks(setup(), SHORT, "message");
    is_textbook(&evidence, "10.77.0.2");
    assert_eq!(fast_opens("Active"), 2);
}

pub(super) fn a_linux_that_connects_first_and_writes_then_is_taken_up_too() {
    let evidence = linux_asks(setup(), SHORT, "option");
    is_textbook(&evidence, "10.77.0.2");
    assert_eq!(fast_opens("Active"), 2);
}

/// What the SYN has no room for follows the handshake.
pub(super) fn the_rest_of_a_long_question_of_the_house_follows_its_syn() {
    let evidence = house_asks(setup(), LONG, |_| ());
    assert_eq!(fast_opens("Passive"), 2);
    evidence.shows("tcp.flags == 0x002 && tcp.len > 1000");
}

pub(super) fn the_rest_of_a_long_question_of_linux_follows_its_syn() {
    let evidence = linux_asks(setup(), LONG, "message");
    assert_eq!(fast_opens("Active"), 2);
    evidence.shows("tcp.flags == 0x002 && tcp.len > 1000");
}

/// After the first connection Linux gets another key, so the cookie of the second is not its own any
/// more. It names a new one, the data leaves again at once, and the third connection is fast.
pub(super) fn a_cookie_that_linux_does_not_know_is_replaced() {
    let evidence = house_asks(setup(), SHORT, |number| {
        if number == 0 {
            let key = "00000001-00000002-00000003-00000004";
            sysctl("ipv4.tcp_fastopen_key", key);
        }
    });
    let counts = [REQUEST, GRANT, WITH_DATA, TAKEN].map(|filter| evidence.count(filter));
    assert_eq!(counts, [1, 2, 2, 1]);
    assert_eq!((fast_opens("Passive"), fast_opens("PassiveFail")), (1, 1));
    // The handshake takes 200 ms, and a timer would wait for as long again.
    evidence.never("ip.src == 10.77.0.2 && tcp.len == 500 && tcp.time_relative > 0.39");
}

/// The same with a cookie of the house that changes on its way.
pub(super) fn a_cookie_that_the_house_does_not_know_is_replaced() {
    let evidence = linux_asks(
        Setup {
            mischief: [|_, _, _| Verdict::Passes, spoils_a_cookie],
            ..setup()
        },
        SHORT,
        "message",
    );
    let counts = [REQUEST, GRANT, WITH_DATA, TAKEN].map(|filter| evidence.count(filter));
    assert_eq!(counts, [1, 2, 2, 1]);
    assert_eq!(fast_opens("Active"), 1);
}

/// The first SYN with data; all headers together take at most 94 bytes.
fn is_first_syn_with_data(frame: &Frame) -> bool {
    static SEEN: AtomicBool = AtomicBool::new(false);
    let is_one = frame.bytes.len() > 94 && frame.bytes[47] == 2;
    is_one && !SEEN.swap(true, Ordering::Relaxed)
}

/// Two words of the cookie change places, which no checksum notices.
fn spoils_a_cookie(_: usize, _: SimTime, frame: &mut Frame) -> Verdict {
    if is_first_syn_with_data(frame) {
        let options = &mut frame.bytes[54..94];
        let option = options.windows(2).position(|pair| pair == [34, 10]);
        let cookie = option.expect("a cookie of 8 bytes") + 2;
        options[cookie..cookie + 4].rotate_left(2);
    }
    Verdict::Passes
}

const LOSES_A_SYN: Mischief = |_, _, frame| match is_first_syn_with_data(frame) {
    true => Verdict::Dies,
    false => Verdict::Passes,
};

/// The SYN that leaves again after a second is a plain one, and the data follows the handshake.
pub(super) fn data_of_a_lost_syn_of_the_house_comes_later() {
    let evidence = house_asks(
        Setup {
            mischief: [LOSES_A_SYN, |_, _, _| Verdict::Passes],
            ..setup()
        },
        SHORT,
        |_| (),
    );
    assert_eq!((evidence.count(WITH_DATA), evidence.count(PLAIN)), (2, 1));
    assert_eq!(fast_opens("Passive"), 1);
}

pub(super) fn data_of_a_lost_syn_of_linux_comes_later() {
    let evidence = linux_asks(
        Setup {
            mischief: [|_, _, _| Verdict::Passes, LOSES_A_SYN],
            ..setup()
        },
        SHORT,
        "message",
    );
    evidence.shows(WITH_DATA).shows(PLAIN);
}

pub(super) fn a_linux_that_gives_no_cookies_is_spoken_to() {
    let evidence = house_asks(
        Setup {
            linux: &[("ipv4.tcp_fastopen", "0")],
            ..setup()
        },
        SHORT,
        |_| (),
    );
    assert_eq!((evidence.count(REQUEST), evidence.count(GRANT)), (3, 0));
}

pub(super) fn a_house_that_gives_no_cookies_is_spoken_to() {
    let evidence = linux_asks(
        Setup {
            tcp: TcpConfig::native(),
            ..setup()
        },
        SHORT,
        "message",
    );
    assert_eq!((evidence.count(REQUEST), evidence.count(GRANT)), (3, 0));
}
