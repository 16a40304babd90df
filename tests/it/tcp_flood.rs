//! A flood of SYNs against a native listener, with SYN cookies and without (RFC 4987).

use std::io;

use netsim::{
    osi::transport::TcpConfig,
    task::Host,
    units::{SimTime, Span},
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::{Pair, Pipe};

/// A SYN from a host that does not exist to port 80 of b. Nobody looks at its checksums.
fn forged_syn(number: u16) -> [u8; 40] {
    let mut packet = [0; 40];
    packet[..10].copy_from_slice(&[0x45, 0, 0, 40, 0, 0, 0x40, 0, 64, 6]);
    packet[12..16].copy_from_slice(&[10, 0, 0, 9]);
    packet[16..20].copy_from_slice(&[10, 0, 0, 2]);
    packet[20..22].copy_from_slice(&number.to_be_bytes());
    packet[22..24].copy_from_slice(&80_u16.to_be_bytes());
    packet[32..34].copy_from_slice(&[0x50, 0x02]);
    packet[34..36].copy_from_slice(&65_535_u16.to_be_bytes());
    packet
}

/// A thousand SYNs come to b; then a connects, sends 100,000 bytes and gets an answer. When it
/// came.
fn client_beside_a_flood(syn_cookies: bool) -> (Pair, io::Result<SimTime>) {
    let tcp = TcpConfig {
        syn_cookies,
        ..TcpConfig::native()
    };
    let mut pair = Pair::with(1, Pipe::default(), &tcp);
    let listener = pair.b.listen(80).unwrap();
    let stack = pair.b.stack().clone();
    for number in 1..=1_000 {
        let taken = stack
            .lock()
            .handle_packet(SimTime::ZERO, &forged_syn(number), false);
        assert_eq!(taken.is_ok(), syn_cookies || number <= 128);
    }
    pair.b.spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut all = vec![];
        stream.read_to_end(&mut all).await.unwrap();
        assert!(all == vec![7; 100_000]);
        stream.write_all(b"!").await.unwrap();
    });
    let host = pair.a.clone();
    let end = pair.run(async move {
        let mut stream = host.connect(Pair::at_b(80)).await?;
        stream.write_all(&[7; 100_000]).await?;
        stream.shutdown().await?;
        stream.read_u8().await?;
        Ok(host.now())
    });
    (pair, end)
}

#[test]
fn with_cookies_a_flood_of_syns_keeps_no_client_out() {
    // One round trip of 20 ms for the handshake; 70 segments in windows of 10, 20 and 40 are three
    // more.
    let (pair, end) = client_beside_a_flood(true);
    let end = end.unwrap();
    assert_eq!(end, SimTime::ZERO + Span::from_millis(80));
    // Nobody but the 128 whose SYNs were kept is sent a second SYN-ACK: 1000 + 1 first ones.
    let answers = pair.seen.iter().filter(|seen| seen.packet[33] == 0x12);
    assert_eq!(answers.count(), 1_001);
}

#[test]
fn without_cookies_a_flood_of_syns_keeps_a_client_out() {
    // The backlog is full until the host gives the handshakes up after two minutes, and so does the
    // client.
    let (_, end) = client_beside_a_flood(false);
    assert_eq!(end.unwrap_err().kind(), io::ErrorKind::TimedOut);
}

/// Three clients come through a flood to a port with room for two that nobody accepts for a second;
/// when each had its answer, in order.
fn clients_of_a_busy_program() -> Vec<Span> {
    let mut pair = Pair::with(1, Pipe::default(), &TcpConfig::native());
    let own = TcpConfig {
        backlog: 2,
        syn_cookies: true,
        ..TcpConfig::native()
    };
    let listener = pair.b.listen_with(80, &own).unwrap();
    for number in 1..=10 {
        let mut stack = pair.b.stack().lock();
        let taken = stack.handle_packet(SimTime::ZERO, &forged_syn(number), false);
        taken.unwrap();
    }
    let server = pair.b.clone();
    pair.b.spawn(async move {
        server.sleep(Span::from_secs(1)).await;
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let question = stream.read_u8().await.unwrap();
            stream.write_u8(question).await.unwrap();
        }
    });
    let host = pair.a.clone();
    let client = move |host: Host| async move {
        let mut stream = host.connect(Pair::at_b(80)).await.unwrap();
        stream.write_u8(7).await.unwrap();
        assert_eq!(stream.read_u8().await.unwrap(), 7);
        host.now().since(SimTime::ZERO)
    };
    pair.run(async move {
        let tasks: Vec<_> = (0..3).map(|_| host.spawn(client(host.clone()))).collect();
        let mut took = vec![];
        for task in tasks {
            took.push(task.await);
        }
        took.sort_unstable();
        took
    })
}

#[test]
fn a_cookie_that_finds_no_room_is_heard_when_there_is_some() {
    // Two cookies fill the room. What the third client says is dropped, and not refused: after the
    // first second it is said again and heard. A round trip takes 20 ms.
    let took = clients_of_a_busy_program();
    let after = Span::from_millis(1010);
    assert_eq!(took[..2], [after; 2]);
    assert!(took[2] > after, "{took:?}");
}
