//! TCP in a host's stack: full segments one way, their acknowledgements the other, with more or
//! fewer connections that are open at the same time.

use std::{
    pin::{Pin, pin},
    task::{Context, Waker},
};

use netsim::{
    osi::transport::{SharedStack, TcpConfig, TcpListener, TcpStream},
    units::{ByteSize, Span},
};
use tokio::io::{AsyncReadExt, AsyncWrite};

use super::{
    two_stacks::{TwoStacks, now_or_never},
    udp::section,
};

const OPERATIONS: usize = 5_000;
const SEGMENT: [u8; 1000] = [7; 1000];

/// Counts what the sender does: a program's write, the segment out, its ACK in.
pub(crate) fn sender(connections: usize) -> u64 {
    segments(connections, true)
}

/// Counts what the receiver does: the segment in, a program's read, the ACK out.
pub(crate) fn receiver(connections: usize) -> u64 {
    segments(connections, false)
}

/// Each segment on another connection.
fn segments(connections: usize, count_sender: bool) -> u64 {
    let mut two = TwoStacks::new(&TcpConfig {
        delayed_ack: None,
        send_buffer: ByteSize::new(8 << 10),
        receive_buffer: ByteSize::new(8 << 10),
        ..TcpConfig::default()
    });
    let (client, server) = (two.client.clone(), two.server.clone());
    let mut pairs = open(&mut two, connections);
    let (mut packets, mut buffer) = (Vec::new(), [0; 2000]);
    let mut round = |k: usize, counting: bool| {
        let (sending, receiving) = &mut pairs[k % connections];
        section(counting && count_sender, || {
            let mut cx = Context::from_waker(Waker::noop());
            assert!(Pin::new(sending).poll_write(&mut cx, &SEGMENT).is_ready());
            two.take_from(&client, &mut packets);
        });
        two.now += Span::from_micros(100);
        section(counting && !count_sender, || {
            two.give_to(&server, &mut packets);
            assert_eq!(
                now_or_never(receiving.read(&mut buffer)).unwrap(),
                SEGMENT.len()
            );
            two.take_from(&server, &mut packets);
        });
        two.now += Span::from_micros(100);
        section(counting && count_sender, || {
            two.give_to(&client, &mut packets);
            two.take_from(&client, &mut packets);
        });
    };
    (0..connections + 100).for_each(|k| round(k, false));
    (0..OPERATIONS).for_each(|k| round(k * 7, true));
    OPERATIONS as u64
}

/// Connections from client to server, opened one after the other, all of them established.
fn open(two: &mut TwoStacks, connections: usize) -> Vec<(TcpStream, TcpStream)> {
    let (client, server): (SharedStack, SharedStack) = (two.client.clone(), two.server.clone());
    let listener = TcpListener::bind(&server, 80).unwrap();
    let one = |_| {
        let mut connecting = pin!(TcpStream::connect(&client, TwoStacks::server_at(80)));
        let mut cx = Context::from_waker(Waker::noop());
        assert!(connecting.as_mut().poll(&mut cx).is_pending());
        two.settle();
        let stream = now_or_never(connecting).unwrap();
        (stream, now_or_never(listener.accept()).unwrap().0)
    };
    (0..connections).map(one).collect()
}
