//! TCP between two hosts: opening, closing, errors, flow control, cost. The module above says which
//! TCP each host has.

use std::io::ErrorKind;

use netsim::{
    osi::transport::{TcpConfig, TcpListener, TcpMachine, TcpStream},
    task::Host,
    trace::TcpState,
    units::{ByteSize, SimTime, Span},
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::MACHINES;
use crate::support::{Pair, Pipe, icmp_error, usual_tcp};

fn pair() -> Pair {
    pair_with(Pipe::default(), |usual| usual)
}

fn pair_with(pipe: Pipe, change: impl Fn(TcpConfig) -> TcpConfig) -> Pair {
    let tcp = MACHINES.map(|machine| change(usual_tcp(machine)));
    Pair::with_each(1, pipe, [&tcp[0], &tcp[1]])
}

fn is_native(host: usize) -> bool {
    MACHINES[host] == TcpMachine::Native
}

/// The flags of every TCP segment that was sent, in order: "a SYN", "b SYN ACK" ...
fn flags(pair: &Pair) -> Vec<String> {
    let name = |flags: u8| {
        let names = [(2, " SYN"), (4, " RST"), (1, " FIN"), (16, " ACK")];
        let set = names.into_iter().filter(|(bit, _)| flags & bit != 0);
        set.map(|(_, name)| name).collect::<String>()
    };
    let tcp = pair.seen.iter().filter(|seen| seen.packet[9] == 6);
    tcp.map(|seen| format!("{}{}", ["a", "b"][seen.from], name(seen.packet[33])))
        .collect()
}

fn ms(at: SimTime) -> u64 {
    at.as_nanos() / 1_000_000
}

/// Serves every connection to `port` with `echo`: sends back what comes until the end.
fn serve_echo(host: &Host, port: u16) {
    let (listener, host) = (host.listen(port).unwrap(), host.clone());
    host.clone().spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            host.spawn(echo(stream));
        }
    });
}

async fn echo(stream: TcpStream) {
    let (mut reader, mut writer) = tokio::io::split(stream);
    let _ = tokio::io::copy(&mut reader, &mut writer).await;
    let _ = writer.shutdown().await;
}

#[test]
fn a_client_is_connected_after_exactly_one_round_trip() {
    // SYN at 0, SYN-ACK at 10 ms, connected at 20 ms; the server at 30 ms.
    let mut pair = pair();
    let listener = pair.b.listen(80).unwrap();
    let server = pair.b.clone();
    let accepted = pair.b.spawn(async move {
        let (stream, from) = listener.accept().await.unwrap();
        (server.now(), stream.peer_addr() == from, stream)
    });
    let host = pair.a.clone();
    let (at, stream) = pair.run(async move {
        let stream = host.connect(Pair::at_b(80)).await.unwrap();
        (host.now(), stream)
    });
    assert_eq!(at, SimTime::ZERO + Span::from_millis(20));
    assert_eq!(stream.local_addr().port(), 49_152);
    let (at, same, _stream) = pair.run(accepted);
    assert_eq!((ms(at), same), (30, true));
    assert_eq!(flags(&pair), ["a SYN", "b SYN ACK", "a ACK"]);
}

#[test]
fn an_orderly_close_goes_through_the_states_of_the_rfc() {
    let mut pair = pair();
    serve_echo(&pair.b, 7);
    let host = pair.a.clone();
    let answer = pair.run(async move {
        let mut stream = host.connect(Pair::at_b(7)).await.unwrap();
        stream.write_all(b"hello").await.unwrap();
        stream.shutdown().await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        stream.closed().await;
        answer
    });
    assert_eq!(answer, "hello");
    let states = |i: usize| {
        pair.states[i]
            .iter()
            .map(|e| e.state().unwrap())
            .collect::<Vec<_>>()
    };
    use TcpState::*;
    assert_eq!(
        states(0),
        [SynSent, Established, FinWait1, FinWait2, TimeWait, Closed]
    );
    assert_eq!(
        states(1),
        [SynReceived, Established, CloseWait, LastAck, Closed]
    );
    // The textbook's picture: handshake, data, echo, four segments of farewell.
    let expected = "a SYN, b SYN ACK, a ACK, a ACK, a FIN ACK, b ACK, b ACK, b FIN ACK, a ACK";
    // The native TCP acknowledges the first data of a connection at once.
    let quick = if is_native(0) { ", a ACK" } else { "" };
    assert_eq!(flags(&pair).join(", "), format!("{expected}{quick}"));
}

#[test]
fn time_wait_acknowledges_a_fin_that_comes_again() {
    // The client's last ACK is its packet number 4 (SYN, ACK, FIN come before). It is lost, so the
    // server says its FIN again; the client, long without its program, acknowledges once more.
    let mut pair = pair();
    pair.pipes[0].drop = |number, _| number == 3;
    let listener = pair.b.listen(80).unwrap();
    pair.b.spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let _ = stream.read_to_end(&mut vec![]).await;
    });
    let host = pair.a.clone();
    pair.run(async move {
        let mut stream = host.connect(Pair::at_b(80)).await.unwrap();
        stream.shutdown().await.unwrap();
        stream.read_to_end(&mut vec![]).await.unwrap();
    });
    pair.run_until(SimTime::ZERO + Span::from_secs(90));
    let farewell = flags(&pair).join(", ");
    assert!(
        farewell.ends_with("b FIN ACK, a ACK, b FIN ACK, a ACK"),
        "{farewell}"
    );
    let ended = |i: usize| {
        pair.states[i]
            .last()
            .map(|e| (e.state().unwrap(), ms(e.at) / 1000))
    };
    // TIME-WAIT (10 s with smoltcp, 60 s with the native TCP) starts anew with the second FIN, about
    // 1 s after the first; the native TCP sends it again after less than half a second.
    let wait = if is_native(0) { 60 } else { 10 };
    let again = if is_native(1) { 0 } else { 1 };
    assert_eq!(ended(0), Some((TcpState::Closed, wait + again)));
    assert_eq!(ended(1), Some((TcpState::Closed, again)));
}

#[test]
fn half_a_close_leaves_the_other_direction_open() {
    // The client says its last word; the server goes on sending long after it has seen the end.
    let mut pair = pair();
    let listener = pair.b.listen(80).unwrap();
    let server = pair.b.clone();
    pair.b.spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = vec![];
        stream.read_to_end(&mut request).await.unwrap();
        server.sleep(Span::from_secs(300)).await;
        stream.write_all(&request.repeat(1000)).await.unwrap();
    });
    let host = pair.a.clone();
    let answer = pair.run(async move {
        let mut stream = host.connect(Pair::at_b(80)).await.unwrap();
        stream.write_all(b"0123456789").await.unwrap();
        stream.shutdown().await.unwrap();
        let written = stream.write_all(b"more").await;
        assert_eq!(written.unwrap_err().kind(), ErrorKind::BrokenPipe);
        let mut answer = vec![];
        stream.read_to_end(&mut answer).await.unwrap();
        answer
    });
    assert_eq!(answer, b"0123456789".repeat(1000));
    let states: Vec<TcpState> = pair.states[0].iter().map(|e| e.state().unwrap()).collect();
    use TcpState::*;
    assert_eq!(states, [SynSent, Established, FinWait1, FinWait2, TimeWait]);
}

#[test]
fn a_port_without_listener_refuses_after_one_round_trip() {
    let mut pair = pair();
    let host = pair.a.clone();
    let (kind, at) = pair.run(async move {
        let error = host.connect(Pair::at_b(81)).await.unwrap_err();
        (error.kind(), host.now())
    });
    assert_eq!((kind, ms(at)), (ErrorKind::ConnectionRefused, 20));
    assert_eq!(flags(&pair), ["a SYN", "b RST ACK"]);
}

#[test]
fn silence_ends_connecting_after_the_configured_time() {
    // SYNs at 0, 1, 3, 7, 15 s (RTO 1 s, doubled each time); given up at 20 s.
    let lost = Pipe {
        drop: |_, _| true,
        ..Pipe::default()
    };
    let tcp = |usual| TcpConfig {
        timeout: Some(Span::from_secs(20)),
        ..usual
    };
    let mut pair = pair_with(lost, tcp);
    let host = pair.a.clone();
    let (kind, at) = pair.run(async move {
        let error = host.connect(Pair::at_b(80)).await.unwrap_err();
        (error.kind(), host.now())
    });
    assert_eq!((kind, ms(at)), (ErrorKind::TimedOut, 20_000));
    let sent: Vec<u64> = pair.seen.iter().map(|seen| ms(seen.at)).collect();
    assert_eq!(sent, [0, 1_000, 3_000, 7_000, 15_000]);
}

#[test]
fn an_idle_connection_never_times_out() {
    let mut pair = pair();
    serve_echo(&pair.b, 7);
    let host = pair.a.clone();
    pair.run(async move {
        let mut stream = host.connect(Pair::at_b(7)).await.unwrap();
        host.sleep(Span::from_secs(10_000)).await;
        stream.write_all(b"still there?").await.unwrap();
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).await.unwrap();
        host.sleep(Span::from_secs(10_000)).await;
        stream.shutdown().await.unwrap();
        assert_eq!(stream.read(&mut answer).await.unwrap(), 0);
    });
    // Nothing was sent twice: the SYN, 12 bytes and the FIN take one segment each.
    let a = flags(&pair).iter().filter(|f| f.starts_with('a')).count();
    assert!(a <= 8, "{:?}", flags(&pair));
}

#[test]
fn a_peer_that_vanishes_ends_a_transfer_with_a_time_out() {
    let tcp = |usual| TcpConfig {
        timeout: Some(Span::from_secs(5)),
        ..usual
    };
    let mut pair = pair_with(Pipe::default(), tcp);
    serve_echo(&pair.b, 7);
    // The cable is cut after SYN, ACK and the first two bytes.
    pair.pipes[0].drop = |number, _| number >= 3;
    let host = pair.a.clone();
    let kind = pair.run(async move {
        let mut stream = host.connect(Pair::at_b(7)).await.unwrap();
        let mut answer = [0; 2];
        stream.write_all(b"hi").await.unwrap();
        stream.read_exact(&mut answer).await.unwrap();
        stream.write_all(&[7; 10_000]).await.unwrap();
        stream.read_exact(&mut answer).await.unwrap_err().kind()
    });
    assert_eq!(kind, ErrorKind::TimedOut);
}

#[test]
fn a_reset_reaches_reader_and_writer() {
    let mut pair = pair();
    let listener = pair.b.listen(80).unwrap();
    pair.b.spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        stream.abort();
    });
    let host = pair.a.clone();
    let kinds = pair.run(async move {
        let mut stream = host.connect(Pair::at_b(80)).await.unwrap();
        let read = stream.read(&mut [0; 8]).await.unwrap_err().kind();
        let written = stream.write(b"more").await.unwrap_err().kind();
        (read, written)
    });
    assert_eq!(
        kinds,
        (ErrorKind::ConnectionReset, ErrorKind::ConnectionReset)
    );
}

#[test]
fn dropping_a_stream_still_sends_what_was_written() {
    let mut pair = pair();
    pair.upload(100_000);
}

#[test]
fn dropping_a_stream_with_unread_data_resets_it() {
    // RFC 1122, section 4.2.2.13: a RST, so that the peer knows that data was lost.
    let mut pair = pair();
    let listener = pair.b.listen(80).unwrap();
    let server = pair.b.clone();
    pair.b.spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        server.sleep(Span::from_secs(1)).await;
        drop(stream);
    });
    let host = pair.a.clone();
    let kind = pair.run(async move {
        let mut stream = host.connect(Pair::at_b(80)).await.unwrap();
        stream.write_all(b"unwanted").await.unwrap();
        stream.read(&mut [0; 8]).await.unwrap_err().kind()
    });
    assert_eq!(kind, ErrorKind::ConnectionReset);
}

#[test]
fn a_port_has_one_listener_and_is_free_again_after_it() {
    let pair = pair();
    let first = pair.b.listen(80).unwrap();
    assert_eq!(pair.b.listen(80).unwrap_err().kind(), ErrorKind::AddrInUse);
    drop(first);
    let again: TcpListener = pair.b.listen(80).unwrap();
    assert_eq!(again.port(), 80);
    assert_eq!(
        pair.b.listen(0).unwrap_err().kind(),
        ErrorKind::InvalidInput
    );
}

#[test]
fn icmp_errors_end_a_connection_attempt_at_once() {
    // Linux: code 0 is ENETUNREACH, code 1 EHOSTUNREACH, TTL exceeded EHOSTUNREACH.
    for (kind, code, error) in [
        (3, 0, ErrorKind::NetworkUnreachable),
        (3, 1, ErrorKind::HostUnreachable),
        (11, 0, ErrorKind::HostUnreachable),
    ] {
        let mut pair = pair();
        pair.pipes[0].drop = |_, _| true;
        let host = pair.a.clone();
        let attempt = pair.a.spawn_main(async move {
            let result = host.connect(Pair::at_b(80)).await;
            (result.unwrap_err().kind(), host.now())
        });
        pair.run_until(SimTime::from_nanos(5_000_000));
        let message = icmp_error(&pair.seen[0].packet, kind, code, [0, 0]);
        let stack = pair.a.stack().clone();
        let now = pair.now();
        stack.lock().handle_packet(now, &message, true).unwrap();
        let (found, at) = pair.run(attempt);
        assert_eq!((found, ms(at)), (error, 5));
    }
}

#[test]
fn a_destination_without_a_way_is_unreachable_at_once() {
    let mut pair = pair();
    let host = pair.a.clone();
    let kind = pair.run(async move {
        let nowhere = "192.0.2.1:80".parse().unwrap();
        host.connect(nowhere).await.unwrap_err().kind()
    });
    assert_eq!(kind, ErrorKind::NetworkUnreachable);
    assert!(pair.seen.is_empty());
}

#[test]
fn a_host_reaches_itself_without_the_network() {
    let mut pair = pair();
    serve_echo(&pair.a, 7);
    let host = pair.a.clone();
    let answer = pair.run(async move {
        let to = (host.address(), 7).into();
        let mut stream = host.connect(to).await.unwrap();
        stream.write_all(b"myself").await.unwrap();
        let mut answer = [0; 6];
        stream.read_exact(&mut answer).await.unwrap();
        answer
    });
    assert_eq!(&answer, b"myself");
    assert!(pair.seen.is_empty());
}

#[test]
fn a_reader_that_pauses_stops_the_sender_and_starts_it_again() {
    // The buffers hold 2 * 64 KiB; the reader sleeps 30 s first, then takes 1 MiB.
    let tcp = |usual| TcpConfig {
        send_buffer: ByteSize::new(64 << 10),
        receive_buffer: ByteSize::new(64 << 10),
        timeout: Some(Span::from_secs(10)),
        ..usual
    };
    let mut pair = pair_with(Pipe::default(), tcp);
    let listener = pair.b.listen(80).unwrap();
    let server = pair.b.clone();
    let received = pair.b.spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        server.sleep(Span::from_secs(30)).await;
        let mut all = vec![];
        stream.read_to_end(&mut all).await.unwrap();
        all
    });
    let data: Vec<u8> = (0..1 << 20).map(|i: u32| (i % 251) as u8).collect();
    let (host, copy) = (pair.a.clone(), data.clone());
    let stalled = pair.run(async move {
        let mut stream = host.connect(Pair::at_b(80)).await.unwrap();
        stream.write_all(&copy).await.unwrap();
        host.now()
    });
    assert!(stalled > SimTime::ZERO + Span::from_secs(30));
    assert!(pair.run(received) == data);
}

#[test]
fn a_listener_serves_many_connections_and_a_full_backlog_makes_syns_wait() {
    // 300 clients at once, a backlog of 128: the 172 SYNs that found no room come again after 1 s
    // and the 44 of them that find none then after 2 s more.
    let mut pair = pair();
    let listener = pair.b.listen(80).unwrap();
    let server = pair.b.clone();
    pair.b.spawn(async move {
        server.sleep(Span::from_millis(100)).await;
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            server.spawn(echo(stream));
        }
    });
    let clients: Vec<_> = (0..300u16)
        .map(|number| {
            let host = pair.a.clone();
            pair.a.spawn_main(async move {
                let mut stream = host.connect(Pair::at_b(80)).await.unwrap();
                stream.write_all(&number.to_be_bytes()).await.unwrap();
                let answer = stream.read_u16().await.unwrap();
                assert_eq!(answer, number);
                host.now()
            })
        })
        .collect();
    let ends: Vec<u64> = clients.into_iter().map(|c| ms(pair.run(c))).collect();
    let before = |limit| ends.iter().filter(|end| **end < limit).count();
    assert_eq!(
        [before(1_000), before(3_000), before(7_000)],
        [128, 256, 300]
    );
    assert_eq!(pair.drops.len(), 172 + 44);
}

#[test]
fn a_packet_costs_the_same_with_one_connection_and_with_a_thousand() {
    // Counted in polls of smoltcp, so that the machine's mood does not matter.
    let polls = |idle: usize| {
        let mut pair = pair();
        serve_echo(&pair.b, 7);
        let host = pair.a.clone();
        pair.run(async move {
            let mut open = vec![];
            for _ in 0..idle {
                open.push(host.connect(Pair::at_b(7)).await.unwrap());
            }
            let mut stream = host.connect(Pair::at_b(7)).await.unwrap();
            host.sleep(Span::from_secs(1)).await;
            let before = host.stack().lock().polls();
            for _ in 0..100 {
                stream.write_all(b"ping").await.unwrap();
                stream.read_exact(&mut [0; 4]).await.unwrap();
            }
            let stack = host.stack().clone();
            let after = stack.lock().polls();
            after - before
        })
    };
    assert_eq!(polls(0), polls(1_000));
}

#[test]
fn a_lower_path_mtu_makes_segments_smaller() {
    // Behind the first link at most 1000 bytes pass: segments of 960 bytes of payload.
    let narrow = Pipe {
        mtu: 1_000,
        ..Pipe::default()
    };
    let mut pair = pair_with(narrow, |usual| usual);
    let listener = pair.b.listen(80).unwrap();
    let received = pair.b.spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut all = vec![];
        stream.read_to_end(&mut all).await.unwrap();
        (all.len(), listener)
    });
    let host = pair.a.clone();
    pair.run(async move {
        let mut stream = host.connect(Pair::at_b(80)).await.unwrap();
        stream.write_all(&[1; 100_000]).await.unwrap();
    });
    let (received, _listener) = pair.run(received);
    assert_eq!(received, 100_000);
    // What was on the way before the news came is lost; the rest is cut to fit.
    let late = if is_native(0) { 60 } else { 1_000 };
    let sizes = pair.seen.iter().filter(|s| s.from == 0 && ms(s.at) > late);
    assert_eq!(sizes.map(|s| s.packet.len()).max(), Some(1_000));
    // A second connection knows from the start, and says so in its SYN (MSS 960 = 0x03c0).
    let host = pair.a.clone();
    pair.run(async move { host.connect(Pair::at_b(80)).await.map(drop) })
        .unwrap();
    let last_syn = pair.seen.iter().rfind(|s| s.from == 0 && s.packet[33] == 2);
    assert_eq!(last_syn.unwrap().packet[40..44], [2, 4, 0x03, 0xc0]);
}

#[test]
fn a_run_is_quiet_when_nobody_owes_an_answer() {
    let mut pair = pair();
    serve_echo(&pair.b, 7);
    let host = pair.a.clone();
    let stream = pair.run(async move { host.connect(Pair::at_b(7)).await.unwrap() });
    pair.run_until_quiet();
    // The handshake's last ACK has arrived; the open connection keeps nobody waiting.
    assert_eq!(ms(pair.now()), 30);
    drop(stream);
    assert!(!pair.is_quiet());
    pair.run_until_quiet();
    // FIN at 30, FIN-ACK back at 50, last ACK at 60 ms.
    assert_eq!(ms(pair.now()), 60);
}

#[test]
fn keep_alive_finds_out_that_a_silent_peer_is_gone() {
    // Last heard at 20 ms; the first probe 60 s later; given up 10 s after it went unanswered.
    let tcp = |usual| TcpConfig {
        keep_alive: Some(Span::from_secs(60)),
        timeout: Some(Span::from_secs(10)),
        ..usual
    };
    let mut pair = pair_with(Pipe::default(), tcp);
    serve_echo(&pair.b, 7);
    // The cable is cut, both ways, after the handshake.
    pair.pipes[0].drop = |number, _| number >= 2;
    pair.pipes[1].drop = |number, _| number >= 1;
    let host = pair.a.clone();
    let (kind, at) = pair.run(async move {
        let mut stream = host.connect(Pair::at_b(7)).await.unwrap();
        let error = stream.read(&mut [0; 8]).await.unwrap_err();
        (error.kind(), host.now())
    });
    assert_eq!((kind, ms(at)), (ErrorKind::TimedOut, 70_020));
}

#[test]
fn a_connection_without_program_waits_a_minute_for_the_last_fin() {
    // Linux: tcp_fin_timeout, 60 s. FIN at 20 ms, its ACK at 40 ms, forgotten at 60.04 s; the data
    // that the peer sends then meets nobody and is answered with a RST.
    let mut pair = pair();
    let listener = pair.b.listen(80).unwrap();
    let server = pair.b.clone();
    let late = pair.b.spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        server.sleep(Span::from_secs(70)).await;
        stream.write_all(b"too late").await.unwrap();
        let mut rest = vec![];
        let kind = stream.read_to_end(&mut rest).await.map_err(|e| e.kind());
        stream.closed().await;
        (kind, stream.write(b"more").await.map_err(|e| e.kind()))
    });
    let host = pair.a.clone();
    pair.run(async move { drop(host.connect(Pair::at_b(80)).await.unwrap()) });
    pair.run_until(SimTime::ZERO + Span::from_secs(65));
    let last = pair.states[0].last().unwrap();
    assert_eq!(
        (last.state().unwrap(), ms(last.at)),
        (TcpState::Closed, 60_040)
    );
    // The FIN was the end for the reader; the RST is news for the writer.
    assert_eq!(pair.run(late), (Ok(0), Err(ErrorKind::ConnectionReset)));
}
