//! Two hosts joined by a pipe that delays, loses, duplicates, reorders and corrupts packets: the
//! transport floor and its programs without the floors below.

use std::{
    collections::BTreeMap,
    future::Future,
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex},
};

use netsim::{
    ids::{NodeId, PortId},
    osi::network::{Fib, OwnAddresses},
    osi::transport::{Exit, Stack, StackConfig, TcpConfig, TcpEvent, TcpMachine},
    rng::{RootSeed, Stream},
    task::{Clock, Doorbell, Host, HostSetup},
    topology::{Route, RouteOrigin},
    trace::DropReason,
    units::{Probability, SimTime, Span},
    wire::{FramePool, HEADER_LEN},
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// What the pipe does to packets, each way.
#[derive(Debug, Clone)]
pub(crate) struct Pipe {
    pub(crate) delay: Span,
    pub(crate) loss: Probability,
    pub(crate) duplication: Probability,
    /// Chance of an extra delay of up to ten times the delay.
    pub(crate) reordering: Probability,
    /// Chance that one bit flips.
    pub(crate) corruption: Probability,
    /// Packets above this come back as ICMP "fragmentation needed".
    pub(crate) mtu: usize,
    /// Marks packets by their number (congestion experienced), if they can be marked.
    pub(crate) mark: fn(usize) -> bool,
    /// Takes packets by their running number (from 0) on this pipe.
    pub(crate) drop: fn(usize, &[u8]) -> bool,
}

impl Default for Pipe {
    fn default() -> Self {
        Self {
            delay: Span::from_millis(10),
            loss: Probability::ZERO,
            duplication: Probability::ZERO,
            reordering: Probability::ZERO,
            corruption: Probability::ZERO,
            mtu: 65_535,
            mark: |_| false,
            drop: |_, _| false,
        }
    }
}

/// A packet that a host sent.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) at: SimTime,
    pub(crate) from: usize,
    pub(crate) packet: Vec<u8>,
}

/// Two hosts, a (10.0.0.1) and b (10.0.0.2).
pub(crate) struct Pair {
    pub(crate) a: Host,
    pub(crate) b: Host,
    /// From a to b, from b to a.
    pub(crate) pipes: [Pipe; 2],
    pub(crate) seen: Vec<Seen>,
    pub(crate) drops: Vec<DropReason>,
    pub(crate) states: [Vec<TcpEvent>; 2],
    clock: Clock,
    pool: FramePool,
    random: Stream,
    flying: BTreeMap<(SimTime, u64), (usize, Vec<u8>, bool)>,
    sent: [usize; 2],
    number: u64,
}

impl Pair {
    pub(crate) fn new() -> Self {
        Self::with(1, Pipe::default(), &TcpConfig::default())
    }

    pub(crate) fn with(seed: u64, pipe: Pipe, tcp: &TcpConfig) -> Self {
        Self::with_each(seed, pipe, [tcp, tcp])
    }

    /// Each host with a TCP of its own.
    pub(crate) fn with_each(seed: u64, pipe: Pipe, tcp: [&TcpConfig; 2]) -> Self {
        Self::with_seeds([seed, seed], pipe, tcp)
    }

    /// Each host with a TCP and a seed of its own; the pipe has the first.
    pub(crate) fn with_seeds(seeds: [u64; 2], pipe: Pipe, tcp: [&TcpConfig; 2]) -> Self {
        let (clock, doorbell) = (Clock::new(), Doorbell::new());
        let host = |n: u8| {
            let address = IpAddr::from([10, 0, 0, n]);
            let name = ["a", "b"][usize::from(n) - 1];
            let seed = seeds[usize::from(n) - 1];
            let route = Route {
                prefix: "10.0.0.0/24".parse().unwrap(),
                via: None,
                port: PortId(0),
                origin: RouteOrigin::Connected,
            };
            let own = [format!("{address}/24").parse().unwrap()];
            let exit = Exit {
                source: address,
                mtu: 1500,
            };
            let stack = Stack::new(StackConfig {
                addresses: OwnAddresses::new(own.iter()),
                routes: Arc::new(Fib::new([route])),
                exits: [exit].into(),
                tcp: tcp[usize::from(n) - 1].clone().into(),
                ttl: 64,
                seed: RootSeed(seed).stream(&["host", name, "stack"]),
            });
            Host::new(HostSetup {
                id: NodeId(u32::from(n)),
                name: name.to_owned(),
                address,
                clock: clock.clone(),
                doorbell: doorbell.clone(),
                stack: stack.shared(),
                names: Arc::default(),
                random: RootSeed(seed).stream(&["host", name, "programs"]),
            })
        };
        Self {
            a: host(1),
            b: host(2),
            pipes: [pipe.clone(), pipe],
            seen: vec![],
            drops: vec![],
            states: [vec![], vec![]],
            clock,
            pool: FramePool::default(),
            random: RootSeed(seeds[0]).stream(&["pipe"]),
            flying: BTreeMap::new(),
            sent: [0, 0],
            number: 0,
        }
    }

    /// Sends `bytes` bytes from a to b over TCP, all of which come.
    pub(crate) fn upload(&mut self, bytes: usize) {
        let listener = self.b.listen(80).unwrap();
        let received = self.b.spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut all = vec![];
            stream.read_to_end(&mut all).await.unwrap();
            all.len()
        });
        let host = self.a.clone();
        self.run(async move {
            let mut stream = host.connect(Self::at_b(80)).await.unwrap();
            stream.write_all(&vec![1; bytes]).await.unwrap();
        });
        assert_eq!(self.run(received), bytes);
    }

    pub(crate) fn now(&self) -> SimTime {
        self.clock.now()
    }

    /// An address of b.
    pub(crate) fn at_b(port: u16) -> SocketAddr {
        SocketAddr::from(([10, 0, 0, 2], port))
    }

    /// Runs `program` on a until it ends, and gives back its result.
    pub(crate) fn run<F>(&mut self, program: F) -> F::Output
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let result = Arc::new(Mutex::new(None));
        let place = Arc::clone(&result);
        let task = self.a.spawn_main(async move {
            let output = program.await;
            *place.lock().unwrap() = Some(output);
        });
        self.turn();
        while !task.is_finished() {
            assert!(self.step(), "nothing happens any more at {}", self.now());
            assert!(self.now() < LIMIT, "the program goes on for ever");
        }
        result.lock().unwrap().take().expect("a result")
    }

    /// Runs until nothing happens any more or `until` is reached.
    pub(crate) fn run_until(&mut self, until: SimTime) {
        self.turn();
        while self.next_event().is_some_and(|at| at <= until) {
            self.step();
        }
        self.clock.set(until);
    }

    /// Runs until all is quiet: no foreground task, nothing outstanding, nothing on the way.
    pub(crate) fn run_until_quiet(&mut self) {
        self.turn();
        while !self.is_quiet() && self.step() {
            assert!(self.now() < LIMIT, "the run goes on for ever");
        }
    }

    pub(crate) fn is_quiet(&self) -> bool {
        let quiet = |host: &Host| host.foreground_tasks() == 0 && host.stack().lock().is_quiet();
        self.flying.is_empty() && quiet(&self.a) && quiet(&self.b)
    }

    /// Everything at the next instant. False if there is none.
    fn step(&mut self) -> bool {
        let Some(at) = self.next_event() else {
            return false;
        };
        self.clock.set(at);
        while let Some(entry) = self.flying.first_entry() {
            if entry.key().0 > at {
                break;
            }
            let (to, packet, touched) = entry.remove();
            let stack = self.host(to).stack().clone();
            let result = stack.lock().handle_packet(at, &packet, touched);
            self.drops.extend(result.err());
            self.turn();
        }
        self.turn();
        true
    }

    /// What the engine does with each host after each event.
    fn turn(&mut self) {
        let now = self.now();
        let mut again = true;
        while again {
            again = false;
            for from in [0, 1] {
                let host = self.host(from).clone();
                host.run_ready(now).unwrap();
                while let Some(buffer) = self.poll_transmit(&host, now) {
                    self.send(from, buffer);
                    again = true;
                }
                let stack = host.stack().clone();
                stack.lock().take_events(&mut self.states[from]);
            }
            again |= self.a.has_ready() || self.b.has_ready();
        }
    }

    fn poll_transmit(&mut self, host: &Host, now: SimTime) -> Option<Vec<u8>> {
        host.stack().lock().poll_transmit(now, &mut self.pool)
    }

    fn next_event(&self) -> Option<SimTime> {
        let deadlines = |host: &Host| {
            let stack = host.stack().lock().poll_at();
            [stack, host.next_timer()].into_iter().flatten().min()
        };
        let flying = self.flying.keys().next().map(|key| key.0);
        let all = [flying, deadlines(&self.a), deadlines(&self.b)];
        all.into_iter().flatten().min()
    }

    fn host(&self, index: usize) -> &Host {
        [&self.a, &self.b][index]
    }

    fn send(&mut self, from: usize, buffer: Vec<u8>) {
        let mut packet = buffer[HEADER_LEN..].to_vec();
        self.pool.give(buffer);
        let at = self.now();
        self.seen.push(Seen {
            at,
            from,
            packet: packet.clone(),
        });
        let pipe = self.pipes[from].clone();
        let number = self.sent[from];
        self.sent[from] += 1;
        if packet.len() > pipe.mtu {
            let error = fragmentation_needed(&packet, pipe.mtu);
            return self.fly(at + pipe.delay, from, error, false);
        }
        if (pipe.drop)(number, &packet) || self.random.happens(pipe.loss) {
            return;
        }
        if (pipe.mark)(number) {
            mark(&mut packet);
        }
        let copies = 1 + u32::from(self.random.happens(pipe.duplication));
        for _ in 0..copies {
            let mut arrival = at + pipe.delay;
            if self.random.happens(pipe.reordering) {
                let most = pipe.delay.times(10).as_nanos();
                arrival += Span::from_nanos(self.random.below(most));
            }
            let mut copy = packet.clone();
            let touched = self.random.happens(pipe.corruption);
            if touched {
                let bits = u64::try_from(copy.len()).unwrap() * 8;
                let bit = usize::try_from(self.random.below(bits)).unwrap();
                copy[bit / 8] ^= 1 << (bit % 8);
            }
            self.fly(arrival, 1 - from, copy, touched);
        }
    }

    fn fly(&mut self, arrival: SimTime, to: usize, packet: Vec<u8>, touched: bool) {
        self.flying
            .insert((arrival, self.number), (to, packet, touched));
        self.number += 1;
    }
}

impl Drop for Pair {
    fn drop(&mut self) {
        self.a.shut_down();
        self.b.shut_down();
    }
}

/// What a router does to a packet of a sender that understands it (RFC 3168, section 5).
fn mark(packet: &mut [u8]) {
    if packet[1] & 3 != 0 {
        packet[1] |= 3;
        packet[10..12].fill(0);
        let checksum = netsim::wire::Checksum::default()
            .over(&packet[..20])
            .finish();
        packet[10..12].copy_from_slice(&checksum.to_be_bytes());
    }
}

/// A router's complaint, from 10.0.0.254.
fn fragmentation_needed(packet: &[u8], mtu: usize) -> Vec<u8> {
    icmp_error(packet, 3, 4, u16::try_from(mtu).unwrap().to_be_bytes())
}

/// An ICMP error from 10.0.0.254 about `packet`, to its sender.
pub(crate) fn icmp_error(packet: &[u8], kind: u8, code: u8, last: [u8; 2]) -> Vec<u8> {
    let quote = &packet[..packet.len().min(28)];
    let mut icmp = vec![kind, code, 0, 0, 0, 0, last[0], last[1]];
    icmp.extend_from_slice(quote);
    let checksum = netsim::wire::Checksum::default().over(&icmp).finish();
    icmp[2..4].copy_from_slice(&checksum.to_be_bytes());
    let len = u16::try_from(20 + icmp.len()).unwrap();
    let mut ip = vec![0x45, 0, 0, 0, 0, 0, 0, 0, 64, 1, 0, 0, 10, 0, 0, 254];
    ip[2..4].copy_from_slice(&len.to_be_bytes());
    ip.extend_from_slice(&packet[12..16]);
    let checksum = netsim::wire::Checksum::default().over(&ip).finish();
    ip[10..12].copy_from_slice(&checksum.to_be_bytes());
    ip.extend(icmp);
    ip
}

/// No test program takes longer than this.
const LIMIT: SimTime = SimTime::from_nanos(100_000 * 1_000_000_000);

/// The usual settings of a TCP.
pub(crate) fn usual_tcp(machine: TcpMachine) -> TcpConfig {
    match machine {
        TcpMachine::Smoltcp => TcpConfig::smoltcp(),
        TcpMachine::Native => TcpConfig::native(),
    }
}
