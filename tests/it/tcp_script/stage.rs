//! The host under test, in virtual time: packets in, packets out, and its clock.

use std::{collections::VecDeque, net::IpAddr, sync::Arc};

use netsim::{
    ids::PortId,
    osi::{
        network::{Fib, OwnAddresses},
        transport::{Exit, SharedStack, Stack, StackConfig, TcpConfig, TcpEvent},
    },
    rng::RootSeed,
    topology::{Route, RouteOrigin},
    units::{SimTime, Span},
    wire::{FramePool, HEADER_LEN},
};

/// The host's address, and the peer's.
pub(super) const HOST: [u8; 4] = [10, 0, 0, 1];
pub(super) const PEER: [u8; 4] = [10, 0, 0, 2];

/// What a host is made of.
#[derive(Debug, Clone)]
pub(super) struct Setup {
    pub(super) tcp: TcpConfig,
    pub(super) mtu: u16,
    pub(super) seed: u64,
}

/// The host, and what it has sent that no line has spoken of.
pub(super) struct Stage {
    pub(super) stack: SharedStack,
    pub(super) now: SimTime,
    pub(super) out: VecDeque<(SimTime, Vec<u8>)>,
    pub(super) events: Vec<TcpEvent>,
    pool: FramePool,
}

impl Stage {
    pub(super) fn new(setup: &Setup) -> Self {
        let route = Route {
            prefix: "10.0.0.0/24".parse().unwrap(),
            via: None,
            port: PortId(0),
            origin: RouteOrigin::Connected,
        };
        let own = ["10.0.0.1/24".parse().unwrap()];
        let exit = Exit {
            source: IpAddr::from(HOST),
            mtu: setup.mtu,
        };
        let stack = Stack::new(StackConfig {
            addresses: OwnAddresses::new(own.iter()),
            routes: Arc::new(Fib::new([route])),
            exits: [exit].into(),
            tcp: setup.tcp.clone().into(),
            ttl: 64,
            seed: RootSeed(setup.seed).stream(&["host", "stack"]),
        });
        Self {
            stack: stack.shared(),
            now: SimTime::ZERO,
            out: VecDeque::new(),
            events: Vec::new(),
            pool: FramePool::default(),
        }
    }

    /// Lets time pass until `at`, with all that the host does by itself.
    pub(super) fn run_to(&mut self, at: SimTime) -> Result<(), String> {
        self.drain()?;
        let mut last = None;
        while let Some(next) = self.next_deadline().filter(|next| *next <= at) {
            if last == Some(next) {
                return Err(format!("the host does not come to rest at {}", ms(next)));
            }
            last = Some(next);
            self.now = self.now.max(next);
            self.drain()?;
        }
        self.now = at;
        self.drain()
    }

    fn next_deadline(&self) -> Option<SimTime> {
        self.stack.lock().poll_at()
    }

    pub(super) fn take(&mut self, packet: &[u8]) -> Result<(), String> {
        let taken = self.stack.lock().handle_packet(self.now, packet, true);
        let result = taken.map_err(|reason| format!("the host dropped it: {reason:?}"));
        self.drain()?;
        result
    }

    /// Everything that leaves now.
    pub(super) fn drain(&mut self) -> Result<(), String> {
        let mut stack = self.stack.lock();
        for _ in 0..MOST_AT_ONCE {
            let Some(buffer) = stack.poll_transmit(self.now, &mut self.pool) else {
                stack.take_events(&mut self.events);
                return Ok(());
            };
            self.out
                .push_back((self.now, buffer[HEADER_LEN..].to_vec()));
            self.pool.give(buffer);
        }
        Err(format!("more than {MOST_AT_ONCE} packets leave at once"))
    }
}

/// `at` in milliseconds, as scripts write it.
pub(super) fn ms(at: SimTime) -> String {
    let us = at.as_nanos() / 1_000;
    match us % 1_000 {
        0 => format!("{}", us / 1_000),
        part => format!("{}.{part:03}", us / 1_000),
    }
}

/// A time of a script.
pub(super) fn span(text: &str) -> Result<Span, String> {
    let value: f64 = super::words::parse(text)?;
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "written by hand"
    )]
    Ok(Span::from_nanos((value * 1e6).round() as u64))
}

/// No case lets more packets go at one instant.
const MOST_AT_ONCE: usize = 1_000;
