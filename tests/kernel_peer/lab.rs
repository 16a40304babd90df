//! The host of the house at the device: its floors, its cable, and the loop that drives them by the
//! wall clock.

use std::{
    future::Future,
    net::{IpAddr, SocketAddr},
    panic::resume_unwind,
    sync::{Arc, Mutex},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use netsim::{
    capture::PacketDirection::{Inbound, Outbound},
    ids::{Direction, NodeId, PortId},
    osi::{
        data_link::{Card, FrameIds, Outbox},
        network::{Fib, IpLayer},
        transport::{Exit, Stack, StackConfig, TcpConfig, TcpEvent},
    },
    rng::RootSeed,
    task::{Clock, Doorbell, Host, HostSetup},
    topology::{LinkProfile, Route, RouteOrigin},
    trace::DropReason,
    units::{SimTime, Span},
    wire::{Frame, Mac},
};

use crate::{
    judge::Evidence,
    recording::Recording,
    tap::Tap,
    wire::{Mischief, Verdict, Wire},
};

/// Linux's address.
pub(crate) const LINUX: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 77, 0, 1));
/// The address of the host of the house.
pub(crate) const HOUSE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 77, 0, 2));

/// What a case may choose.
pub(crate) struct Setup {
    pub(crate) tcp: TcpConfig,
    /// The cable, from the house to Linux and back.
    pub(crate) cable: [LinkProfile; 2],
    /// What else it does to single packets.
    pub(crate) mischief: [Mischief; 2],
    /// Settings of Linux, below `net.`.
    pub(crate) linux: &'static [(&'static str, &'static str)],
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            tcp: TcpConfig::native(),
            cable: [LinkProfile::default(), LinkProfile::default()],
            mischief: [|_, _, _| Verdict::Passes; 2],
            linux: &[],
        }
    }
}

/// A host of the house and a TAP device.
pub(crate) struct Lab {
    pub(crate) host: Host,
    /// The states that its connections came to.
    pub(crate) states: Vec<TcpEvent>,
    drops: Vec<DropReason>,
    clock: Clock,
    begun: Instant,
    ip: IpLayer,
    out: Outbox,
    ids: FrameIds,
    to_linux: Wire,
    to_house: Wire,
    tap: Tap,
    recording: Recording,
}

impl Lab {
    pub(crate) fn new(setup: Setup) -> Self {
        let [there, back] = setup.mischief;
        let address = format!("{HOUSE}/24").parse().unwrap();
        let card = Card::new(PortId(0), Mac([2, 0, 0, 0, 0, 2]), vec![address], 1500);
        let route = Route {
            prefix: "10.77.0.0/24".parse().unwrap(),
            via: None,
            port: PortId(0),
            origin: RouteOrigin::Connected,
        };
        let ids = FrameIds::of(NodeId(0));
        let ip = IpLayer::new(vec![card], Fib::new([route]), false, ids);
        let clock = Clock::new();
        Self {
            host: host(&clock, &ip, setup.tcp),
            states: Vec::new(),
            drops: Vec::new(),
            clock,
            begun: clock_of_the_wall(),
            ip,
            out: Outbox::default(),
            ids: FrameIds::of(NodeId(1)),
            to_linux: Wire::new(&setup.cable[0], Direction::Forward, there),
            to_house: Wire::new(&setup.cable[1], Direction::Backward, back),
            tap: Tap::new(setup.linux),
            recording: Recording::new(),
        }
    }

    /// Runs `house` on the host of the house beside `linux`, which talks to Linux's sockets in a
    /// thread of its own, until both have ended.
    pub(crate) fn run<H, L>(
        &mut self,
        house: impl Future<Output = H> + Send + 'static,
        linux: impl FnOnce() -> L + Send + 'static,
    ) -> (H, L)
    where
        H: Send + 'static,
        L: Send + 'static,
    {
        let result = Arc::new(Mutex::new(None));
        let place = Arc::clone(&result);
        let task = self.host.spawn_main(async move {
            let output = house.await;
            *place.lock().unwrap() = Some(output);
        });
        let (mut linux, mut said) = (Some(thread::spawn(linux)), None);
        while !task.is_finished() || said.is_none() {
            self.step();
            if linux.as_ref().is_some_and(JoinHandle::is_finished) {
                let ended = linux.take().map(JoinHandle::join);
                said = ended.map(|ended| ended.unwrap_or_else(|panic| resume_unwind(panic)));
            }
            let (house, linux) = (task.is_finished(), said.is_some());
            let late = self.clock.now() > LIMIT;
            assert!(!late, "too long; ended: house {house}, Linux {linux}");
        }
        let ours = result.lock().unwrap().take().expect("a result");
        (ours, said.expect("a result"))
    }

    /// Goes on for `span`.
    pub(crate) fn rest(&mut self, span: Span) {
        let end = self.clock.now() + span;
        while self.clock.now() < end {
            self.step();
        }
    }

    /// Ends the run when the stack is at rest, and gives what is there to be judged.
    pub(crate) fn finish(mut self) -> Evidence {
        let latest = self.clock.now() + Span::from_secs(3);
        while !self.host.stack().lock().is_quiet() && self.clock.now() < latest {
            self.step();
        }
        self.rest(Span::from_millis(50));
        self.host.shut_down();
        Evidence::new(self.recording.finish(), self.drops, self.states)
    }

    /// What is to be done now, then a wait for what comes next.
    fn step(&mut self) {
        let now = self.set_clock();
        while let Some(bytes) = self.tap.take() {
            self.came(now, bytes);
        }
        while let Some(frame) = self.to_house.take(now) {
            self.receive(now, frame);
        }
        self.turn(now);
        while let Some(frame) = self.to_linux.take(now) {
            self.tap.send(&frame.bytes);
            self.out.recycle(frame);
        }
        let next = self.next_event().unwrap_or(SimTime::MAX);
        let wait = Duration::from_nanos(next.since(now.min(next)).as_nanos()).min(GLANCE);
        if let Some(bytes) = self.tap.wait(wait) {
            let now = self.set_clock();
            self.came(now, bytes);
        }
    }

    /// The one place where the time comes from.
    fn set_clock(&self) -> SimTime {
        let since = self.begun.elapsed().as_nanos();
        let now = SimTime::from_nanos(u64::try_from(since).unwrap());
        self.clock.set(now);
        now
    }

    /// A frame of Linux enters the cable.
    fn came(&mut self, now: SimTime, bytes: Vec<u8>) {
        self.recording.note(now, Inbound, &bytes);
        let frame = Frame::new(self.ids.next(), bytes);
        self.to_house.put(now, frame, &mut self.out.pool);
    }

    /// A frame has come to the card.
    fn receive(&mut self, now: SimTime, frame: Frame) {
        self.ip.handle_frame(now, PortId(0), frame, &mut self.out);
        while let Some(mut local) = self.ip.take_local() {
            let mut stack = self.host.stack().lock();
            let taken = stack.handle_frame(now, &mut local.frame.bytes, true);
            self.drops.extend(taken.err());
        }
    }

    /// What the engine does with each host after each event.
    fn turn(&mut self, now: SimTime) {
        self.ip.handle_wake(now, &mut self.out);
        loop {
            self.host.attend();
            self.host.run_ready(now).unwrap();
            while let Some(bytes) = self.poll_transmit(now) {
                self.ip.send(now, bytes, &mut self.out);
            }
            if !self.host.has_ready() {
                break;
            }
        }
        let mut stack = self.host.stack().lock();
        stack.take_events(&mut self.states);
        drop(stack);
        for (_, frame) in std::mem::take(&mut self.out.sends) {
            self.recording.note(now, Outbound, &frame.bytes);
            self.to_linux.put(now, frame, &mut self.out.pool);
        }
        self.drops.extend(self.out.drops.drain(..).map(|d| d.why));
    }

    fn poll_transmit(&mut self, now: SimTime) -> Option<Vec<u8>> {
        let mut stack = self.host.stack().lock();
        stack.poll_transmit(now, &mut self.out.pool)
    }

    fn next_event(&self) -> Option<SimTime> {
        let all = [
            self.host.stack().lock().poll_at(),
            self.host.next_timer(),
            self.ip.poll_at(),
            self.to_linux.next_arrival(),
            self.to_house.next_arrival(),
        ];
        all.into_iter().flatten().min()
    }
}

fn host(clock: &Clock, ip: &IpLayer, tcp: TcpConfig) -> Host {
    let seed = |purpose| RootSeed(1).stream(&["host", "house", purpose]);
    let exit = Exit {
        source: HOUSE,
        mtu: 1500,
    };
    let stack = Stack::new(StackConfig {
        addresses: ip.own_addresses().clone(),
        routes: Arc::clone(ip.fib()),
        exits: [exit].into(),
        tcp: tcp.into(),
        ttl: 64,
        seed: seed("stack"),
    });
    Host::new(HostSetup {
        id: NodeId(0),
        name: "house".to_owned(),
        address: HOUSE,
        clock: clock.clone(),
        doorbell: Doorbell::new(),
        stack: stack.shared(),
        names: Arc::default(),
        random: seed("programs"),
    })
}

/// A port of Linux.
pub(crate) const fn at_linux(port: u16) -> SocketAddr {
    SocketAddr::new(LINUX, port)
}

/// A port of the house.
pub(crate) const fn at_house(port: u16) -> SocketAddr {
    SocketAddr::new(HOUSE, port)
}

fn clock_of_the_wall() -> Instant {
    Instant::now()
}

/// No case takes longer.
const LIMIT: SimTime = SimTime::from_nanos(30_000_000_000);

/// How long to sleep at most: the end of Linux's part rings no bell.
const GLANCE: Duration = Duration::from_millis(5);
