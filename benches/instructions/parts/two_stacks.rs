//! Two hosts' stacks, joined by nothing but the calls of whoever holds them.

use std::{
    net::{IpAddr, SocketAddr},
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use netsim::{
    ids::PortId,
    osi::{
        network::{Fib, OwnAddresses},
        transport::{Exit, SharedStack, Stack, StackConfig, TcpConfig},
    },
    rng::RootSeed,
    topology::{Route, RouteOrigin},
    units::{SimTime, Span},
    wire::{FramePool, HEADER_LEN},
};

/// Client (10.0.0.1) and server (10.0.0.2).
pub(crate) struct TwoStacks {
    pub(crate) client: SharedStack,
    pub(crate) server: SharedStack,
    pub(crate) pool: FramePool,
    pub(crate) now: SimTime,
}

impl TwoStacks {
    pub(crate) fn new(tcp: &TcpConfig) -> Self {
        let stack = |n: u8| {
            let address = IpAddr::from([10, 0, 0, n]);
            let own = [format!("{address}/24").parse().unwrap()];
            let route = Route {
                prefix: "10.0.0.0/24".parse().unwrap(),
                via: None,
                port: PortId(0),
                origin: RouteOrigin::Connected,
            };
            let exit = Exit {
                source: address,
                mtu: 1500,
            };
            Stack::new(StackConfig {
                addresses: OwnAddresses::new(own.iter()),
                routes: Arc::new(Fib::new([route])),
                exits: [exit].into(),
                tcp: tcp.clone().into(),
                ttl: 64,
                seed: RootSeed(1).stream(&[&address.to_string()]),
            })
            .shared()
        };
        Self {
            client: stack(1),
            server: stack(2),
            pool: FramePool::default(),
            now: SimTime::ZERO,
        }
    }

    /// Everything that `from` has to send, in frames' buffers.
    pub(crate) fn take_from(&mut self, from: &SharedStack, packets: &mut Vec<Vec<u8>>) {
        let mut stack = from.lock();
        while let Some(packet) = stack.poll_transmit(self.now, &mut self.pool) {
            packets.push(packet);
        }
    }

    /// Gives `packets` to `to`, untouched by faults.
    pub(crate) fn give_to(&mut self, to: &SharedStack, packets: &mut Vec<Vec<u8>>) {
        let mut stack = to.lock();
        for packet in packets.drain(..) {
            let taken = stack.handle_packet(self.now, &packet[HEADER_LEN..], false);
            taken.unwrap();
            self.pool.give(packet);
        }
    }

    /// Lets packets go to and fro, each way a tenth of a millisecond, until there are none.
    pub(crate) fn settle(&mut self) {
        let mut packets = Vec::new();
        loop {
            let mut quiet = true;
            let ends = [self.client.clone(), self.server.clone()];
            for (from, to) in [(&ends[0], &ends[1]), (&ends[1], &ends[0])] {
                self.take_from(from, &mut packets);
                quiet &= packets.is_empty();
                self.now += Span::from_micros(100);
                self.give_to(to, &mut packets);
            }
            if quiet {
                return;
            }
        }
    }

    /// An address of the server.
    pub(crate) fn server_at(port: u16) -> SocketAddr {
        SocketAddr::from(([10, 0, 0, 2], port))
    }
}

/// The result of a future that needs no waiting.
pub(crate) fn now_or_never<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("it would have to wait"),
    }
}
