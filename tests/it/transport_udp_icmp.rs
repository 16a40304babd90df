//! UDP and ICMP between two hosts.

use std::{io::ErrorKind, net::SocketAddr};

use netsim::{
    osi::transport::{IcmpKind, Unreachable},
    trace::DropReason,
    units::{SimTime, Span},
};

use crate::support::{Pair, icmp_error};

fn after_ms(ms: u64) -> SimTime {
    SimTime::ZERO + Span::from_millis(ms)
}

#[test]
fn a_datagram_arrives_once_with_its_sender_and_its_time() {
    let mut pair = Pair::new();
    let server = pair.b.udp(53).unwrap();
    let host = pair.b.clone();
    let received = pair.b.spawn(async move {
        // The program looks late; the arrival time is that of the packet.
        host.sleep(Span::from_secs(1)).await;
        let mut buf = [0; 2048];
        let got = server.recv_datagram(&mut buf).await.unwrap();
        (got, buf[..got.len].to_vec())
    });
    let client = pair.a.udp(0).unwrap();
    pair.run(async move { client.send_to(b"question", Pair::at_b(53)).await })
        .unwrap();
    let (got, payload) = pair.run(received);
    assert_eq!(payload, b"question");
    assert_eq!(got.from, SocketAddr::from(([10, 0, 0, 1], 49_152)));
    assert_eq!(got.to, Pair::at_b(53));
    assert_eq!(got.at, after_ms(10));
    // 20 of IPv4, 8 of UDP, 8 of payload.
    assert_eq!(pair.seen[0].packet.len(), 36);
}

#[test]
fn a_connected_socket_learns_that_nobody_listens() {
    let mut pair = Pair::new();
    let socket = pair.a.udp(0).unwrap();
    let host = pair.a.clone();
    let (kind, at) = pair.run(async move {
        socket.connect(Pair::at_b(9)).unwrap();
        socket.send(b"anybody?").await.unwrap();
        let error = socket.recv(&mut [0; 8]).await.unwrap_err();
        (error.kind(), host.now())
    });
    assert_eq!((kind, at), (ErrorKind::ConnectionRefused, after_ms(20)));
    assert_eq!(pair.drops, [DropReason::PortUnreachable]);
    // The ICMP message quotes the whole datagram of 36 bytes.
    assert_eq!(pair.seen[1].packet.len(), 20 + 8 + 36);
}

#[test]
fn unreachable_hosts_and_networks_are_reported_by_kind() {
    for (code, kind) in [
        (0, ErrorKind::NetworkUnreachable),
        (1, ErrorKind::HostUnreachable),
    ] {
        let mut pair = Pair::new();
        pair.pipes[0].drop = |_, _| true;
        let socket = pair.a.udp(0).unwrap();
        let waiting = pair.a.spawn(async move {
            socket.connect(Pair::at_b(9)).unwrap();
            socket.send(b"x").await.unwrap();
            socket.recv(&mut [0; 8]).await.unwrap_err().kind()
        });
        pair.run_until(after_ms(1));
        let message = icmp_error(&pair.seen[0].packet, 3, code, [0, 0]);
        let stack = pair.a.stack().clone();
        let now = pair.now();
        stack.lock().handle_packet(now, &message, true).unwrap();
        assert_eq!(pair.run(waiting), kind);
    }
}

#[test]
fn a_datagram_of_8_kib_travels_in_fragments() {
    // 8192 + 8 bytes of UDP = 5 * 1480 + 800: six packets.
    let mut pair = Pair::new();
    let server = pair.b.udp(2049).unwrap();
    let received = pair.b.spawn(async move {
        let mut buf = vec![0; 65_536];
        let (len, _) = server.recv_from(&mut buf).await.unwrap();
        buf.truncate(len);
        buf
    });
    let data: Vec<u8> = (0..8192u32).map(|i| (i % 251) as u8).collect();
    let (client, copy) = (pair.a.udp(0).unwrap(), data.clone());
    pair.run(async move { client.send_to(&copy, Pair::at_b(2049)).await })
        .unwrap();
    assert!(pair.run(received) == data);
    assert_eq!(pair.seen.len(), 6);
}

#[test]
fn a_full_receive_buffer_drops_and_counts() {
    // 212,992 bytes hold 206 datagrams of 1000 + 32.
    let mut pair = Pair::new();
    let server = pair.b.udp(5004).unwrap();
    let client = pair.a.udp(0).unwrap();
    pair.run(async move {
        for _ in 0..250 {
            client.send_to(&[0; 1000], Pair::at_b(5004)).await.unwrap();
        }
    });
    pair.run_until(after_ms(50));
    assert_eq!(server.dropped(), 250 - 206);
    assert_eq!(pair.drops, vec![DropReason::SocketBufferFull; 44]);
}

#[test]
fn a_sender_that_never_waits_is_held_back_by_the_stack() {
    // 2000 datagrams of 1000 bytes are more than the mebibyte that may wait at one instant.
    let mut pair = Pair::new();
    let client = pair.a.udp(0).unwrap();
    let host = pair.a.clone();
    let at = pair.run(async move {
        for _ in 0..2000 {
            client.send_to(&[0; 1000], Pair::at_b(5004)).await.unwrap();
        }
        host.now()
    });
    assert_eq!(at, SimTime::ZERO);
    pair.run_until_quiet();
    assert_eq!(pair.seen.iter().filter(|seen| seen.from == 0).count(), 2000);
}

#[test]
fn impossible_datagrams_are_refused() {
    let mut pair = Pair::new();
    let socket = pair.a.udp(0).unwrap();
    assert_eq!(
        pair.a.udp(socket.port()).unwrap_err().kind(),
        ErrorKind::AddrInUse
    );
    let kinds = pair.run(async move {
        let kind = |result: std::io::Result<usize>| result.unwrap_err().kind();
        [
            kind(socket.send(b"to whom?").await),
            kind(socket.send_to(&[0; 65_508], Pair::at_b(9)).await),
            kind(socket.send_to(b"x", Pair::at_b(0)).await),
            kind(socket.send_to(b"x", "192.0.2.1:9".parse().unwrap()).await),
        ]
    });
    assert_eq!(
        kinds,
        [
            ErrorKind::NotConnected,
            ErrorKind::InvalidInput,
            ErrorKind::InvalidInput,
            ErrorKind::NetworkUnreachable
        ]
    );
}

#[test]
fn a_ping_comes_back_after_one_round_trip() {
    let mut pair = Pair::new();
    let socket = pair.a.icmp();
    let to = Pair::at_b(0).ip();
    let message = pair.run(async move {
        socket
            .send_echo(to, socket.ident(), 3, 64, &[7; 56])
            .unwrap();
        socket.recv().await
    });
    assert_eq!(
        (message.from, message.at, message.ttl),
        (to, after_ms(20), 64)
    );
    let kind = IcmpKind::EchoReply {
        ident: 1,
        seq: 3,
        len: 56,
    };
    assert_eq!(message.kind, kind);
}

#[test]
fn a_ping_larger_than_the_mtu_comes_back_whole() {
    // 4000 + 8 bytes = 2 * 1480 + 1048: three fragments each way.
    let mut pair = Pair::new();
    let socket = pair.a.icmp();
    let message = pair.run(async move {
        let to = Pair::at_b(0).ip();
        socket.send_echo(to, 9, 1, 64, &[7; 4000]).unwrap();
        socket.recv().await
    });
    assert!(matches!(
        message.kind,
        IcmpKind::EchoReply { len: 4000, .. }
    ));
    assert_eq!(pair.seen.len(), 6);
}

#[test]
fn errors_about_an_echo_request_name_it() {
    let mut pair = Pair::new();
    pair.pipes[0].drop = |_, _| true;
    let (socket, other) = (pair.a.icmp(), pair.a.icmp());
    let to = Pair::at_b(0).ip();
    socket.send_echo(to, socket.ident(), 5, 1, b"").unwrap();
    other.send_echo(to, other.ident(), 6, 1, b"").unwrap();
    pair.run_until(after_ms(1));
    let stack = pair.a.stack().clone();
    for (sent, kind, code) in [(0, 11, 0), (1, 3, 1)] {
        let message = icmp_error(&pair.seen[sent].packet, kind, code, [0, 0]);
        let now = pair.now();
        stack.lock().handle_packet(now, &message, true).unwrap();
    }
    let (first, second) = pair.run(async move { (socket.recv().await, other.recv().await) });
    let exceeded = IcmpKind::TimeExceeded {
        destination: to,
        ident: 1,
        seq: 5,
    };
    let unreachable = IcmpKind::Unreachable {
        code: Unreachable::Host,
        destination: to,
        ident: 2,
        seq: 6,
    };
    assert_eq!(
        first.from,
        "10.0.0.254".parse::<std::net::IpAddr>().unwrap()
    );
    assert_eq!((first.kind, second.kind), (exceeded, unreachable));
}

#[test]
fn a_touched_packet_is_found_out_by_its_checksum() {
    let mut pair = Pair::new();
    let server = pair.b.udp(9).unwrap();
    let client = pair.a.udp(0).unwrap();
    pair.pipes[0].drop = |_, _| true;
    pair.run(async move { client.send_to(b"payload", Pair::at_b(9)).await })
        .unwrap();
    let stack = pair.b.stack().clone();
    // One flipped bit anywhere but in the length fields, which make it malformed.
    for byte in [8, 13, 21, 30] {
        let mut packet = pair.seen[0].packet.clone();
        packet[byte] ^= 0x10;
        let now = pair.now();
        let result = stack.lock().handle_packet(now, &packet, true);
        assert_eq!(result, Err(DropReason::BadChecksum), "byte {byte}");
    }
    drop(server);
}
