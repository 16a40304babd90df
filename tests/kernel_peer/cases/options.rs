//! What a Linux with other settings offers or refuses, and what its sockets may ask for.

use tokio::io::AsyncReadExt;

use super::transfer::{echo_by_linux, send_to_house, send_to_linux};
use crate::{
    judge::{Evidence, linux_counter},
    lab::{Lab, Setup},
    linux::python_says,
    tap::ip,
};

const LEN: usize = 1 << 19;

/// Data goes both ways, in connections that either side opens, to a Linux with these settings.
fn speak(linux: &'static [(&'static str, &'static str)]) -> Evidence {
    let mut lab = Lab::new(Setup {
        linux,
        ..Setup::default()
    });
    send_to_linux(&mut lab, LEN);
    send_to_house(&mut lab, LEN);
    echo_by_linux(&mut lab, LEN);
    lab.finish().judge()
}

const SYN: &str = "tcp.flags.syn == 1";

pub(super) fn all_options_are_agreed_on() {
    let evidence = speak(&[]);
    // Three handshakes, each a SYN and a SYN-ACK.
    let full = "tcp.options.sack_perm && tcp.options.timestamp.tsval && tcp.options.wscale.shift \
                && tcp.options.mss_val == 1460";
    assert_eq!(evidence.count(&format!("{SYN} && {full}")), 6);
    evidence.never("tcp.flags.syn == 0 && tcp.flags.reset == 0 && !tcp.options.timestamp.tsval");
    assert_eq!(linux_counter("TcpExt", "PAWSEstab"), 0);
}

pub(super) fn a_linux_without_timestamps_is_spoken_to() {
    let evidence = speak(&[("ipv4.tcp_timestamps", "0")]);
    evidence.never("tcp.flags.syn == 0 && tcp.options.timestamp.tsval");
}

pub(super) fn a_linux_without_sack_is_spoken_to() {
    let evidence = speak(&[("ipv4.tcp_sack", "0")]);
    evidence.never("tcp.flags.syn == 0 && tcp.options.sack_le");
}

pub(super) fn a_linux_without_window_scaling_is_spoken_to() {
    let evidence = speak(&[("ipv4.tcp_window_scaling", "0")]);
    evidence.never("tcp.flags == 0x12 && tcp.options.wscale.shift");
}

pub(super) fn a_linux_without_options_is_spoken_to() {
    let evidence = speak(&[
        ("ipv4.tcp_timestamps", "0"),
        ("ipv4.tcp_sack", "0"),
        ("ipv4.tcp_window_scaling", "0"),
    ]);
    evidence.never("tcp.flags.syn == 0 && tcp.options");
}

/// With 2, Linux keeps no state for any SYN: what was agreed on stands in its number and time stamp.
pub(super) fn a_linux_that_makes_syn_cookies_is_spoken_to() {
    speak(&[("ipv4.tcp_syncookies", "2")]);
    assert_eq!(linux_counter("TcpExt", "SyncookiesRecv"), 2);
    assert_eq!(linux_counter("TcpExt", "SyncookiesFailed"), 0);
}

/// With 1, Linux asks for ECN in its SYNs too.
pub(super) fn a_linux_that_offers_ecn_is_spoken_to() {
    let evidence = speak(&[("ipv4.tcp_ecn", "1")]);
    evidence.shows("tcp.flags.syn == 1 && tcp.flags.ack == 0 && tcp.flags.ece == 1");
}

pub(super) fn segments_keep_to_the_mss_of_linux() {
    let mut lab = Lab::new(Setup::default());
    ip("link set peer0 mtu 1000");
    send_to_linux(&mut lab, LEN);
    let evidence = lab.finish().judge();
    evidence.shows("tcp.options.mss_val == 960 && ip.src == 10.77.0.1");
    evidence.shows("ip.len == 1000 && ip.src == 10.77.0.2");
    evidence.never("ip.len > 1000");
}

/// Linux asks after a second of silence, each second, and gives up after two questions: the
/// connection outlasts four seconds only if they are answered.
pub(super) fn a_keep_alive_probe_of_linux_is_answered() {
    const LINUX: &str = "
import socket, time
s = socket.create_connection(('10.77.0.2', 80))
s.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
s.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 1)
s.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 1)
s.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 2)
time.sleep(4)
s.sendall(b'still here')
s.shutdown(socket.SHUT_WR)
s.recv(1)
";
    let mut lab = Lab::new(Setup::default());
    let listener = lab.host.listen(80).unwrap();
    let house = async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut got = String::new();
        stream.read_to_string(&mut got).await.unwrap();
        got
    };
    let (got, _) = lab.run(house, || python_says(LINUX));
    assert_eq!(got, "still here");
    let evidence = lab.finish().judge();
    evidence.shows("tcp.analysis.keep_alive && ip.src == 10.77.0.1");
}

/// RFC 6093: the urgent pointer changes nothing in the stream.
pub(super) fn urgent_data_of_linux_does_not_disturb_the_stream() {
    const LINUX: &str = "
import socket
s = socket.create_connection(('10.77.0.2', 80))
s.sendall(b'one ')
s.send(b'two ', socket.MSG_OOB)
s.sendall(b'three')
s.shutdown(socket.SHUT_WR)
s.recv(1)
";
    let mut lab = Lab::new(Setup::default());
    let listener = lab.host.listen(80).unwrap();
    let house = async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut got = String::new();
        stream.read_to_string(&mut got).await.unwrap();
        got
    };
    let (got, _) = lab.run(house, || python_says(LINUX));
    assert_eq!(got, "one two three");
    lab.finish().judge().shows("tcp.flags.urg == 1");
}
