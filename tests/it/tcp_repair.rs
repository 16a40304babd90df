//! How the native TCP repairs what the network does, and what it does not fall for: tail losses,
//! time-outs that came too early, blind resets, old duplicates.

use netsim::{
    osi::transport::{TcpChange, TcpConfig},
    trace::{TcpCause, TcpRecovery, TcpState, TcpValues},
    units::{SimTime, Span},
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::{Pair, Pipe};

fn pair() -> Pair {
    let tcp = TcpConfig {
        trace: true,
        ..TcpConfig::native()
    };
    Pair::with(1, Pipe::default(), &tcp)
}

fn ms(at: SimTime) -> u64 {
    at.as_nanos() / 1_000_000
}

const fn at(ms: u64) -> SimTime {
    SimTime::from_nanos(ms * 1_000_000)
}

/// b reads all that comes to port 80; a sends `len` bytes. Gives back b's task.
fn upload(pair: &mut Pair, len: usize) -> impl Future<Output = usize> + Send + use<> {
    let listener = pair.b.listen(80).unwrap();
    let received = pair.b.spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut all = vec![];
        stream.read_to_end(&mut all).await.map_or(0, |_| all.len())
    });
    let host = pair.a.clone();
    pair.a.spawn_main(async move {
        let mut stream = host.connect(Pair::at_b(80)).await.unwrap();
        stream.write_all(&vec![7; len]).await.unwrap();
    });
    received
}

fn values(pair: &Pair) -> Vec<(SimTime, TcpCause, TcpValues)> {
    let values = pair.states[0].iter().filter_map(|event| match event.what {
        TcpChange::State(_) => None,
        TcpChange::Values(cause, values) => Some((event.at, cause, values)),
    });
    values.collect()
}

fn times(pair: &Pair, cause: TcpCause) -> Vec<u64> {
    let all = values(pair);
    let mine = all.iter().filter(|change| change.1 == cause);
    mine.map(|change| ms(change.0)).collect()
}

#[test]
fn a_lost_tail_is_repaired_by_a_probe_before_the_timer_runs_out() {
    // SYN, ACK, then ten segments at 20 ms, of which the last is number 11; a FIN follows as number
    // 12. Both are lost. The probe leaves two round trips (20 ms each) after the last ACK, at 40 ms,
    // and 2 ms; the timer would have run out 220 ms after it.
    let mut pair = pair();
    pair.pipes[0].drop = |number, _| number == 11 || number == 12;
    let received = upload(&mut pair, 14_480);
    assert_eq!(pair.run(received), 14_480);
    let probes = times(&pair, TcpCause::TailLossProbe);
    assert_eq!(probes.len(), 1, "{probes:?}");
    assert!((80..90).contains(&probes[0]), "{probes:?}");
    assert!(times(&pair, TcpCause::RetransmissionTimeout).is_empty());
    assert!(ms(pair.now()) < 200);
}

#[test]
fn a_timeout_that_came_too_early_is_taken_back() {
    // From 100 ms on the way back takes 600 ms longer, so every timer runs out though nothing is
    // lost. The ACKs of the originals show it (F-RTO, Eifel): the window is what it was.
    let mut pair = pair();
    let received = upload(&mut pair, 4_000_000);
    pair.run_until(at(100));
    pair.pipes[1].delay = Span::from_millis(610);
    pair.run_until(at(650));
    pair.pipes[1].delay = Span::from_millis(610);
    assert_eq!(pair.run(received), 4_000_000);
    let all = values(&pair);
    let place = |cause| all.iter().position(|change| change.1 == cause);
    let timeout = place(TcpCause::RetransmissionTimeout).unwrap();
    let spurious = place(TcpCause::Spurious).unwrap();
    assert_eq!(all[timeout].2.recovery, TcpRecovery::Timeout);
    assert_eq!(all[spurious].2.recovery, TcpRecovery::Open);
    assert!(spurious > timeout);
    assert!(all[spurious].2.window >= all[timeout - 1].2.window);
}

#[test]
fn the_least_timeout_is_that_of_the_file() {
    // 100 bytes and the FIN leave at 20 ms and are lost, and so is the probe two round trips later, at
    // 62 ms. Then only the timer is left: the round trip of 20 ms and at least 1 s.
    let mut pair = Pair::with(
        1,
        Pipe::default(),
        &TcpConfig {
            trace: true,
            min_rto: Span::from_secs(1),
            ..TcpConfig::native()
        },
    );
    pair.pipes[0].drop = |number, _| (2..5).contains(&number);
    let received = upload(&mut pair, 100);
    assert_eq!(pair.run(received), 100);
    assert_eq!(times(&pair, TcpCause::TailLossProbe), [62]);
    let first = times(&pair, TcpCause::RetransmissionTimeout)[0];
    assert!((1_040..1_100).contains(&first), "{first}");
}

#[test]
fn two_that_open_at_the_same_time_have_one_connection() {
    // Both use their first port, 49152, and connect to each other's. The SYNs cross at 5 ms, arrive
    // at 10 ms and are answered; the SYN-ACKs arrive at 20 ms (RFC 9293, section 3.5, figure 8).
    let mut pair = pair();
    let (a, b) = (pair.a.clone(), pair.b.clone());
    let other = pair.b.spawn(async move {
        let mut stream = b.connect("10.0.0.1:49152".parse().unwrap()).await.unwrap();
        let mut word = [0; 5];
        stream.read_exact(&mut word).await.unwrap();
        stream.write_all(&word).await.unwrap();
        (b.now(), word)
    });
    let (opened, word) = pair.run(async move {
        let mut stream = a.connect(Pair::at_b(49_152)).await.unwrap();
        let opened = a.now();
        stream.write_all(b"hello").await.unwrap();
        let mut word = [0; 5];
        stream.read_exact(&mut word).await.unwrap();
        (opened, word)
    });
    assert_eq!((ms(opened), &word), (20, b"hello"));
    assert_eq!(ms(pair.run(other).0), 30);
    let syns = pair.seen.iter().filter(|seen| seen.packet[33] & 2 != 0);
    assert_eq!(syns.count(), 4);
}

/// The last segment that a sent, with other flags and its sequence number moved by `by`.
fn forged(pair: &Pair, flags: u8, by: u32) -> Vec<u8> {
    let last = pair.seen.iter().rfind(|seen| seen.from == 0).unwrap();
    let mut packet = last.packet.clone();
    let seq = u32::from_be_bytes([packet[24], packet[25], packet[26], packet[27]]);
    packet[24..28].copy_from_slice(&seq.wrapping_add(by).to_be_bytes());
    packet[33] = flags;
    packet
}

/// Hands b a packet.
fn inject(pair: &Pair, packet: &[u8]) {
    let (now, stack) = (pair.now(), pair.b.stack().clone());
    stack.lock().handle_packet(now, packet, false).unwrap();
}

fn state_of_b(pair: &Pair) -> Option<TcpState> {
    pair.states[1]
        .iter()
        .filter_map(|event| event.state())
        .next_back()
}

#[test]
fn a_blind_reset_is_challenged_and_an_exact_one_obeyed() {
    // RFC 5961, section 3.2.
    let mut pair = pair();
    let listener = pair.b.listen(80).unwrap();
    let host = pair.a.clone();
    let _stream = pair.run(async move { host.connect(Pair::at_b(80)).await.unwrap() });
    pair.run_until(at(100));
    let before = pair.seen.len();
    inject(&pair, &forged(&pair, 0x04, 1_000));
    pair.run_until(at(200));
    assert_eq!(state_of_b(&pair), Some(TcpState::Established));
    let answers: Vec<_> = pair.seen[before..]
        .iter()
        .map(|s| (s.from, s.packet[33]))
        .collect();
    assert_eq!(answers, [(1, 0x10)], "one challenge ACK");
    // A SYN in the window is challenged too (section 4.2).
    inject(&pair, &forged(&pair, 0x02, 1_000));
    pair.run_until(at(300));
    assert_eq!(state_of_b(&pair), Some(TcpState::Established));
    inject(&pair, &forged(&pair, 0x04, 0));
    pair.run_until(at(400));
    assert_eq!(state_of_b(&pair), Some(TcpState::Closed));
    drop(listener);
}

#[test]
fn data_with_an_old_time_stamp_is_not_taken() {
    // RFC 7323, section 5: a duplicate from long ago whose sequence number fits again.
    let mut pair = pair();
    let listener = pair.b.listen(80).unwrap();
    let host = pair.a.clone();
    let mut stream = pair.run(async move { host.connect(Pair::at_b(80)).await.unwrap() });
    pair.run_until(at(100));
    let stream_task = async move {
        stream.write_all(b"true").await.unwrap();
        stream
    };
    let _stream = pair.run(stream_task);
    pair.run_until(at(200));
    // Four bytes that continue the stream, with a time stamp of one second before.
    let data = pair
        .seen
        .iter()
        .rfind(|s| s.from == 0 && s.packet.ends_with(b"true"));
    let mut packet = data.unwrap().packet.clone();
    let seq = u32::from_be_bytes([packet[24], packet[25], packet[26], packet[27]]);
    packet[24..28].copy_from_slice(&seq.wrapping_add(4).to_be_bytes());
    let stamp = u32::from_be_bytes([packet[44], packet[45], packet[46], packet[47]]);
    packet[44..48].copy_from_slice(&stamp.wrapping_sub(1_000).to_be_bytes());
    inject(&pair, &packet);
    packet[44..48].copy_from_slice(&stamp.wrapping_add(1_000).to_be_bytes());
    let end = packet.len();
    packet[end - 4..].copy_from_slice(b"next");
    inject(&pair, &packet);
    let read = pair.b.spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut eight = [0; 8];
        stream.read_exact(&mut eight).await.unwrap();
        eight
    });
    assert_eq!(&pair.run(read), b"truenext");
}
