//! TCP delivers exactly the bytes that were sent, under every mix of loss, duplication,
//! reordering and corruption that is not total.

use netsim::{
    osi::transport::{CongestionControl, MtuProbing, TcpConfig, TcpMachine},
    rng::RootSeed,
    units::{ByteSize, Probability, Span},
};
use proptest::{prelude::*, test_runner::RngSeed};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::MACHINES;
use crate::support::{Pair, Pipe, usual_tcp};

fn pair(seed: u64, pipe: Pipe, change: impl Fn(TcpConfig) -> TcpConfig) -> Pair {
    let tcp = MACHINES.map(|machine| change(usual_tcp(machine)));
    Pair::with_each(seed, pipe, [&tcp[0], &tcp[1]])
}

/// The bytes that go each way, and the mix.
#[derive(Debug, Clone)]
struct Case {
    seed: u64,
    pipe: Pipe,
    tcp: TcpConfig,
    up: usize,
    down: usize,
}

fn bytes(seed: u64, len: usize) -> Vec<u8> {
    let mut bytes = vec![0; len];
    RootSeed(seed).stream(&["data"]).fill(&mut bytes);
    bytes
}

fn per_cent(p: u32) -> Probability {
    Probability::new(f64::from(p) / 100.0).unwrap()
}

prop_compose! {
    fn case()(
        seed: u64,
        chances in prop::array::uniform4(0u32..25),
        delay_us in 0u64..50_000,
        congestion in prop::sample::select(vec![
            CongestionControl::None,
            CongestionControl::Reno,
            CongestionControl::Cubic,
        ]),
        nagle: bool,
        delayed_ack: bool,
        buffers in prop::array::uniform2(1u64..70_000),
        up in 0usize..60_000,
        down in 0usize..60_000,
    ) -> Case {
        Case {
            seed,
            pipe: Pipe {
                delay: Span::from_micros(delay_us),
                loss: per_cent(chances[0]),
                duplication: per_cent(chances[1]),
                reordering: per_cent(chances[2]),
                corruption: per_cent(chances[3]),
                ..Pipe::default()
            },
            tcp: TcpConfig {
                congestion,
                nagle,
                delayed_ack: delayed_ack.then(|| Span::from_millis(10)),
                send_buffer: ByteSize::new(buffers[0]),
                // Below a segment, silly windows make a transfer long, though not wrong.
                receive_buffer: ByteSize::new(buffers[1].max(1_000)),
                timeout: None,
                mtu_probing: match seed % 2 {
                    0 => MtuProbing::Off,
                    _ => MtuProbing::Always,
                },
                ..TcpConfig::default()
            },
            up,
            down,
        }
    }
}

/// Both sides send, close their direction and read to the end. Returns what each has read.
fn exchange(case: &Case) -> (Vec<u8>, Vec<u8>) {
    let mut pair = pair(case.seed, case.pipe.clone(), |usual| TcpConfig {
        machine: usual.machine,
        ..case.tcp.clone()
    });
    let (up, down) = (bytes(1, case.up), bytes(2, case.down));
    let listener = pair.b.listen(80).unwrap();
    let server = pair.b.spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        both_ways(stream, down).await
    });
    let host = pair.a.clone();
    let client = pair.run(async move {
        let stream = host.connect(Pair::at_b(80)).await.unwrap();
        both_ways(stream, up).await
    });
    (client, pair.run(server))
}

async fn both_ways(stream: netsim::osi::transport::TcpStream, data: Vec<u8>) -> Vec<u8> {
    let (mut reader, mut writer) = tokio::io::split(stream);
    let write = async move {
        writer.write_all(&data).await.unwrap();
        writer.shutdown().await.unwrap();
    };
    let read = async move {
        let mut all = vec![];
        reader.read_to_end(&mut all).await.unwrap();
        all
    };
    both(write, read).await
}

/// Polls both, and gives back the result of the second when both are done.
async fn both<B>(first: impl Future<Output = ()>, second: impl Future<Output = B>) -> B {
    let (mut first, mut second) = (Box::pin(first), Box::pin(second));
    let (mut first_done, mut result) = (false, None);
    std::future::poll_fn(move |cx| {
        first_done = first_done || first.as_mut().poll(cx).is_ready();
        if result.is_none()
            && let std::task::Poll::Ready(value) = second.as_mut().poll(cx)
        {
            result = Some(value);
        }
        match first_done {
            true => result
                .take()
                .map_or(std::task::Poll::Pending, std::task::Poll::Ready),
            false => std::task::Poll::Pending,
        }
    })
    .await
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 300,
        rng_seed: RngSeed::Fixed(7),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn tcp_delivers_exactly_what_was_sent(case in case()) {
        let (client, server) = exchange(&case);
        prop_assert!(server == bytes(1, case.up), "upwards");
        prop_assert!(client == bytes(2, case.down), "downwards");
    }
}

#[test]
fn the_same_seed_gives_the_same_packets_at_the_same_times() {
    let packets = |seed| {
        let pipe = Pipe {
            loss: per_cent(5),
            reordering: per_cent(5),
            ..Pipe::default()
        };
        let mut pair = pair(seed, pipe, |usual| usual);
        let listener = pair.b.listen(80).unwrap();
        pair.b.spawn(async move {
            let (stream, _) = listener.accept().await.unwrap();
            both_ways(stream, bytes(2, 50_000)).await
        });
        let host = pair.a.clone();
        pair.run(async move {
            let stream = host.connect(Pair::at_b(80)).await.unwrap();
            both_ways(stream, bytes(1, 50_000)).await
        });
        let seen = pair.seen.iter();
        seen.map(|s| (s.at, s.from, s.packet.clone()))
            .collect::<Vec<_>>()
    };
    assert!(packets(1) == packets(1));
    assert!(packets(1) != packets(2));
}

/// Seeds with which the first sequence number lies some 150,000 to 260,000 below the wrap: of host
/// a, and of host b. They were found by trying; the test sees that they do what they are for.
fn seeds_near_the_wrap() -> [u64; 2] {
    let of = |host: usize| match (MACHINES[host], host) {
        (TcpMachine::Smoltcp, 0) => 9_911,
        (TcpMachine::Smoltcp, _) => 7_764,
        (TcpMachine::Native, 0) => 28_357,
        (TcpMachine::Native, _) => 4_020,
    };
    [of(0), of(1)]
}

/// Both send 500,000 bytes over a pipe and read them, b only after `sleep`; each byte must come,
/// and both sequence numbers must have passed zero.
fn wraps(pipe: Pipe, sleep: Span) {
    let tcp = MACHINES.map(|machine| TcpConfig {
        receive_buffer: ByteSize::new(60_000),
        keep_alive: Some(Span::from_secs(2)),
        ..usual_tcp(machine)
    });
    let mut pair = Pair::with_seeds(seeds_near_the_wrap(), pipe, [&tcp[0], &tcp[1]]);
    let listener = pair.b.listen(80).unwrap();
    let clock = pair.b.clone();
    let server = pair.b.spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        clock.sleep(sleep).await;
        both_ways(stream, bytes(2, 500_000)).await
    });
    let host = pair.a.clone();
    let client = pair.run(async move {
        let stream = host.connect(Pair::at_b(80)).await.unwrap();
        both_ways(stream, bytes(1, 500_000)).await
    });
    assert!(client == bytes(2, 500_000) && pair.run(server) == bytes(1, 500_000));
    for from in [0, 1] {
        let sent = pair.seen.iter().filter(|seen| seen.from == from);
        let numbers =
            sent.map(|seen| u32::from_be_bytes(*seen.packet[24..].first_chunk().unwrap()));
        let (high, low): (Vec<u32>, Vec<u32>) = numbers.partition(|number| *number > 1 << 31);
        assert!(
            high.iter().all(|number| *number > u32::MAX - 300_000),
            "of {from}"
        );
        assert!(
            low.len() > 10 && high.len() > 10,
            "{from} did not pass zero"
        );
    }
}

#[test]
fn sequence_numbers_pass_zero_in_both_directions() {
    wraps(Pipe::default(), Span::ZERO);
}

#[test]
fn sequence_numbers_pass_zero_while_packets_are_lost_doubled_and_out_of_order() {
    let pipe = Pipe {
        loss: per_cent(3),
        duplication: per_cent(2),
        reordering: per_cent(3),
        corruption: per_cent(1),
        ..Pipe::default()
    };
    wraps(pipe, Span::ZERO);
}

#[test]
fn sequence_numbers_pass_zero_while_the_window_is_zero() {
    // 60,000 bytes fill the window of b; nothing is read for nine seconds.
    wraps(Pipe::default(), Span::from_secs(9));
}

/// The packets of a short exchange, as templates for what a hostile peer could send.
fn templates() -> Vec<Vec<u8>> {
    let mut pair = pair(1, Pipe::default(), |usual| usual);
    let listener = pair.b.listen(80).unwrap();
    pair.b.spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        both_ways(stream, bytes(2, 3_000)).await
    });
    let (udp, ping, host) = (pair.a.udp(0).unwrap(), pair.a.icmp(), pair.a.clone());
    pair.run(async move {
        udp.send_to(&[7; 4_000], Pair::at_b(9)).await.unwrap();
        ping.send_echo(Pair::at_b(9).ip(), 1, 1, 64, b"ping")
            .unwrap();
        let stream = host.connect(Pair::at_b(80)).await.unwrap();
        both_ways(stream, bytes(1, 3_000)).await
    });
    pair.seen.iter().map(|seen| seen.packet.clone()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 300,
        rng_seed: RngSeed::Fixed(7),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn no_bytes_make_a_stack_panic(
        changes in prop::collection::vec(
            (any::<prop::sample::Index>(), prop::collection::vec((0usize..60, any::<u8>()), 0..4)),
            1..60,
        ),
        noise in prop::collection::vec(any::<u8>(), 0..80),
        verify: bool,
    ) {
        let templates = templates();
        let mut pair = pair(1, Pipe::default(), |usual| usual);
        let listener = pair.b.listen(80).unwrap();
        let server = pair.b.clone();
        pair.b.spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                server.spawn(both_ways_or_not(stream));
            }
        });
        let socket = pair.b.udp(9).unwrap();
        let stack = pair.b.stack().clone();
        for (index, edits) in changes {
            let mut packet = index.get(&templates).clone();
            for (at, value) in edits {
                let at = at % packet.len();
                packet[at] = value;
            }
            let now = pair.now();
            let _ = stack.lock().handle_packet(now, &packet, verify);
            pair.run_until(now + Span::from_millis(5));
        }
        let now = pair.now();
        let _ = stack.lock().handle_packet(now, &noise, verify);
        pair.run_until(now + Span::from_secs(200));
        drop(socket);
    }
}

/// Reads to the end, whatever comes.
async fn both_ways_or_not(mut stream: netsim::osi::transport::TcpStream) {
    let _ = stream.read_to_end(&mut vec![]).await;
    let _ = stream.write_all(b"bye").await;
}
