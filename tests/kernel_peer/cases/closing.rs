//! The ways in which a connection begins and ends.

use std::{
    io::{ErrorKind, Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    sync::mpsc::channel,
    thread,
    time::Duration,
};

use netsim::{
    topology::LinkProfile,
    trace::TcpState::{self, *},
    units::Span,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::{
    lab::{Lab, Setup, at_house, at_linux},
    linux::{assert_same, data, python_says},
};

const LEN: usize = 1 << 20;

/// A cable on which a packet takes 100 ms.
fn long() -> Setup {
    let profile = LinkProfile {
        latency: Span::from_millis(100),
        ..LinkProfile::default()
    };
    Setup {
        cable: [profile.clone(), profile],
        ..Setup::default()
    }
}

pub(super) fn the_house_may_still_receive_after_its_fin() {
    let mut lab = Lab::new(Setup::default());
    let listener = TcpListener::bind(at_linux(5001)).unwrap();
    let host = lab.host.clone();
    let house = async move {
        let mut stream = host.connect(at_linux(5001)).await.unwrap();
        stream.write_all(b"all of it, please").await.unwrap();
        stream.shutdown().await.unwrap();
        let mut got = vec![];
        stream.read_to_end(&mut got).await.unwrap();
        got
    };
    let linux = move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = String::new();
        stream.read_to_string(&mut request).unwrap();
        thread::sleep(Duration::from_millis(500));
        stream.write_all(&data(LEN)).unwrap();
        request
    };
    let (got, request) = lab.run(house, linux);
    assert_eq!(request, "all of it, please");
    assert_same(&got, &data(LEN));
    let expected = [SynSent, Established, FinWait1, FinWait2, TimeWait];
    assert_eq!(lab.finish().judge().states(), expected);
}

pub(super) fn linux_may_still_receive_after_its_fin() {
    let mut lab = Lab::new(Setup::default());
    let listener = lab.host.listen(5001).unwrap();
    let host = lab.host.clone();
    let house = async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = String::new();
        stream.read_to_string(&mut request).await.unwrap();
        host.sleep(Span::from_millis(500)).await;
        stream.write_all(&data(LEN)).await.unwrap();
        stream.shutdown().await.unwrap();
        stream.closed().await;
        request
    };
    let linux = move || {
        let mut stream = TcpStream::connect(at_house(5001)).unwrap();
        stream.write_all(b"all of it, please").unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        let mut got = vec![];
        stream.read_to_end(&mut got).unwrap();
        got
    };
    let (request, got) = lab.run(house, linux);
    assert_eq!(request, "all of it, please");
    assert_same(&got, &data(LEN));
    let expected = [SynReceived, Established, CloseWait, LastAck, Closed];
    assert_eq!(lab.finish().judge().states(), expected);
}

/// The FINs are 100 ms under way, so each side has sent its own when that of the other comes.
pub(super) fn both_sides_may_close_at_once() {
    let mut lab = Lab::new(long());
    let listener = TcpListener::bind(at_linux(80)).unwrap();
    let (now, go) = channel();
    let host = lab.host.clone();
    let house = async move {
        let mut stream = host.connect(at_linux(80)).await.unwrap();
        // Linux accepts 100 ms later.
        host.sleep(Span::from_millis(400)).await;
        now.send(()).unwrap();
        stream.shutdown().await.unwrap();
        stream.read_to_end(&mut vec![]).await.unwrap()
    };
    let linux = move || {
        let (mut stream, _) = listener.accept().unwrap();
        go.recv().unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        stream.read_to_end(&mut vec![]).unwrap()
    };
    assert_eq!(lab.run(house, linux), (0, 0));
    lab.rest(Span::from_millis(500));
    let expected = [SynSent, Established, FinWait1, Closing, TimeWait];
    assert_eq!(lab.finish().judge().states(), expected);
}

/// The SYNs are 100 ms under way and pass each other (RFC 9293, section 3.5).
pub(super) fn both_sides_may_open_at_once() {
    const LINUX: &str = "
import socket, time
s = socket.socket()
s.bind(('10.77.0.1', 5001))
time.sleep(1.5 - min(1.5, max(0, time.time() - BEGIN)))
s.connect(('10.77.0.2', 49152))
s.sendall(b'from Linux')
s.shutdown(socket.SHUT_WR)
print(s.makefile().read(), end='')
";
    let mut lab = Lab::new(long());
    let host = lab.host.clone();
    let begin = wall_clock();
    let text = LINUX.replace("BEGIN", &begin.to_string());
    let house = async move {
        let wait = Duration::from_secs_f64(1.5 - (wall_clock() - begin));
        let wait = u64::try_from(wait.as_nanos()).unwrap();
        host.sleep(Span::from_nanos(wait)).await;
        let mut stream = host.connect(at_linux(5001)).await.unwrap();
        stream.write_all(b"from the house").await.unwrap();
        stream.shutdown().await.unwrap();
        let mut got = String::new();
        stream.read_to_string(&mut got).await.unwrap();
        got
    };
    let (got, said) = lab.run(house, move || python_says(&text));
    assert_eq!(
        (got.as_str(), said.as_str()),
        ("from Linux", "from the house")
    );
    let evidence = lab.finish().judge();
    let opening: Vec<TcpState> = evidence.states().into_iter().take(3).collect();
    assert_eq!(opening, [SynSent, SynReceived, Established]);
    // One SYN and one SYN-ACK from each (RFC 9293, figure 8).
    assert_eq!(evidence.count("tcp.flags.syn == 1"), 4);
}

fn wall_clock() -> f64 {
    let now = std::time::SystemTime::now();
    now.duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .as_secs_f64()
}

pub(super) fn an_abort_of_the_house_resets_linux() {
    let mut lab = Lab::new(Setup::default());
    let listener = TcpListener::bind(at_linux(80)).unwrap();
    let host = lab.host.clone();
    let house = async move {
        let mut stream = host.connect(at_linux(80)).await.unwrap();
        stream.write_all(b"farewell").await.unwrap();
        host.sleep(Span::from_millis(200)).await;
        stream.abort();
        stream.read_u8().await.unwrap_err().kind()
    };
    let linux = move || {
        let (mut stream, _) = listener.accept().unwrap();
        stream.read_exact(&mut [0; 8]).unwrap();
        stream.read(&mut [0; 8]).unwrap_err().kind()
    };
    let expected = (ErrorKind::ConnectionAborted, ErrorKind::ConnectionReset);
    assert_eq!(lab.run(house, linux), expected);
    let evidence = lab.finish().judge();
    assert_eq!(evidence.states(), [SynSent, Established, Closed]);
    assert_eq!(evidence.count("tcp.flags.reset == 1"), 1);
}

/// Linux resets a connection that is closed with data unread.
pub(super) fn a_reset_of_linux_reaches_the_house() {
    let mut lab = Lab::new(Setup::default());
    let listener = TcpListener::bind(at_linux(80)).unwrap();
    let host = lab.host.clone();
    let house = async move {
        let mut stream = host.connect(at_linux(80)).await.unwrap();
        stream.write_all(b"nobody reads this").await.unwrap();
        let read = stream.read_u8().await.unwrap_err().kind();
        (read, stream.write_all(b"more").await.unwrap_err().kind())
    };
    let linux = move || {
        let (stream, _) = listener.accept().unwrap();
        stream.peek(&mut [0; 1]).unwrap();
    };
    let (kinds, ()) = lab.run(house, linux);
    assert_eq!(kinds.0, ErrorKind::ConnectionReset);
    assert!(
        matches!(kinds.1, ErrorKind::ConnectionReset | ErrorKind::BrokenPipe),
        "{kinds:?}"
    );
    let evidence = lab.finish().judge();
    assert_eq!(evidence.states(), [SynSent, Established, Closed]);
    evidence.shows("tcp.flags.reset == 1 && ip.src == 10.77.0.1");
}

/// RFC 1122, section 4.2.2.13: the sender has to learn that nobody reads any more.
pub(super) fn data_for_a_dropped_stream_is_answered_with_a_reset() {
    let mut lab = Lab::new(Setup::default());
    let listener = lab.host.listen(80).unwrap();
    let house = async move {
        drop(listener.accept().await.unwrap());
    };
    let linux = move || {
        let mut stream = TcpStream::connect(at_house(80)).unwrap();
        // The house's FIN.
        assert_eq!(stream.read(&mut [0; 1]).unwrap(), 0);
        stream.write_all(b"is there anybody?").unwrap();
        thread::sleep(Duration::from_millis(200));
        stream.write_all(b"hello?").unwrap_err().kind()
    };
    let (_, kind) = lab.run(house, linux);
    assert_eq!(kind, ErrorKind::BrokenPipe);
    let evidence = lab.finish().judge();
    evidence.shows("tcp.flags.reset == 1 && ip.src == 10.77.0.2");
}

pub(super) fn linux_refuses_a_port_without_a_listener() {
    let mut lab = Lab::new(Setup::default());
    let host = lab.host.clone();
    let house = async move { host.connect(at_linux(81)).await.unwrap_err().kind() };
    let (kind, ()) = lab.run(house, || ());
    assert_eq!(kind, ErrorKind::ConnectionRefused);
    assert_eq!(lab.finish().judge().states(), [SynSent, Closed]);
}

pub(super) fn the_house_refuses_a_port_without_a_listener() {
    let mut lab = Lab::new(Setup::default());
    let linux = || TcpStream::connect(at_house(81)).unwrap_err().kind();
    assert_eq!(lab.run(async {}, linux).1, ErrorKind::ConnectionRefused);
    let evidence = lab.finish().judge();
    assert_eq!(evidence.count("tcp.flags.reset == 1"), 1);
}

/// Linux comes twice from the same port to a server that closes first, and so is in TIME-WAIT the
/// second time (RFC 6191).
pub(super) fn a_port_may_be_used_again_from_time_wait() {
    const LINUX: &str = "
import socket, time
for _ in range(2):
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(('10.77.0.1', 5001))
    s.settimeout(10)
    s.connect(('10.77.0.2', 80))
    print(s.makefile().read())
    s.close()
    # Until the house has acknowledged the FIN, the port is taken.
    time.sleep(0.5)
";
    let mut lab = Lab::new(Setup::default());
    let listener = lab.host.listen(80).unwrap();
    let house = async move {
        for text in ["first", "second"] {
            let (mut stream, _) = listener.accept().await.unwrap();
            stream.write_all(text.as_bytes()).await.unwrap();
            stream.shutdown().await.unwrap();
            stream.read_to_end(&mut vec![]).await.unwrap();
        }
    };
    let ((), said) = lab.run(house, || python_says(LINUX));
    assert_eq!(said, "first\nsecond\n");
    lab.finish().judge();
}
