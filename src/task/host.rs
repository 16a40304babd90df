//! The simulated host, as the programs on it and the engine see it.

use std::{
    collections::BTreeMap,
    fmt,
    future::{Future, poll_fn},
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    task::Waker,
    time::{Duration, Instant},
};

use super::{
    Clock, Doorbell, JoinHandle, Livelock, Sleep, Timeout,
    executor::{Executor, Foreground},
    hyper::read_base_instant,
};
use crate::{
    ids::{NodeId, TrafficId},
    osi::network::{Assignment, Claim},
    osi::transport::{
        IcmpSocket, Mutex, SharedStack, TcpConfig, TcpListener, TcpStream, UdpSocket,
    },
    prefetch::prefetch,
    rng::Stream,
    trace::{AppEvent, AppEventKind},
    units::{SimTime, Span},
    wire::Mac,
};

/// What a host is made of.
#[derive(Debug)]
pub struct HostSetup {
    /// Which node it is.
    pub id: NodeId,
    /// Its name in the scenario.
    pub name: String,
    /// Its first address.
    pub address: IpAddr,
    /// The clock of the simulation.
    pub clock: Clock,
    /// The doorbell of the simulation.
    pub doorbell: Doorbell,
    /// Its transport stack, which the network floor of the same node feeds.
    pub stack: SharedStack,
    /// Names that are known without asking, as from a hosts file.
    pub names: Arc<BTreeMap<String, IpAddr>>,
    /// What its programs draw at random.
    pub random: Stream,
}

/// A simulated host: what a program runs on. Clones are the same host.
///
/// Programs use the first half of the methods; [`Host::attend`] and what follows it are for the
/// engine.
#[derive(Clone)]
#[repr(C)]
pub struct Host {
    /// The engine needs these two in every turn, and what is in `inner` hardly ever.
    executor: Arc<Executor>,
    stack: SharedStack,
    inner: Arc<Inner>,
}

struct Inner {
    id: NodeId,
    name: String,
    address: IpAddr,
    names: Arc<BTreeMap<String, IpAddr>>,
    random: Mutex<Stream>,
    events: Mutex<Vec<AppEvent>>,
    base_instant: Instant,
}

impl Host {
    /// A host without programs.
    pub fn new(setup: HostSetup) -> Self {
        let executor = Arc::new(Executor::new(setup.id, setup.doorbell, setup.clock));
        setup
            .stack
            .lock()
            .set_work_waker(Waker::from(Arc::clone(&executor)));
        let inner = Inner {
            id: setup.id,
            name: setup.name,
            address: setup.address,
            names: setup.names,
            random: Mutex::new(setup.random),
            events: Mutex::default(),
            base_instant: read_base_instant(),
        };
        Self {
            inner: Arc::new(inner),
            executor,
            stack: setup.stack,
        }
    }

    /// Which node it is.
    pub fn id(&self) -> NodeId {
        self.inner.id
    }

    /// Its name in the scenario.
    pub fn name(&self) -> &str {
        &self.inner.name
    }

    /// Its first address.
    pub fn address(&self) -> IpAddr {
        self.inner.address
    }

    /// The virtual time now.
    pub fn now(&self) -> SimTime {
        self.executor.now()
    }

    /// Done after `span`; at once if it is zero.
    pub fn sleep(&self, span: Span) -> Sleep {
        self.sleep_until(self.now() + span)
    }

    /// Done at `deadline`, at once if it has passed.
    pub fn sleep_until(&self, deadline: SimTime) -> Sleep {
        Sleep::new(&self.executor, deadline)
    }

    /// `future`, given up after `span`.
    pub fn timeout<F: Future>(&self, span: Span, future: F) -> Timeout<F> {
        Timeout::new(future, self.sleep(span))
    }

    /// Starts a task in the background: the run may end before it does. A server, say.
    pub fn spawn<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.executor.spawn(future, None)
    }

    /// Starts a task that the run waits for.
    pub fn spawn_main<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let counted = Foreground::enter(&self.executor);
        self.executor.spawn(future, Some(counted))
    }

    /// Opens a TCP connection. The source address is that of the way to `remote`, the port the
    /// next free one from 49152 (RFC 6335, section 6).
    ///
    /// # Errors
    /// `ConnectionRefused` (a RST came back), `TimedOut`, `HostUnreachable` or
    /// `NetworkUnreachable` (an ICMP error came back, or there is no way), `AddrNotAvailable`
    /// (no port is free).
    pub async fn connect(&self, remote: SocketAddr) -> io::Result<TcpStream> {
        TcpStream::connect(&self.stack, remote).await
    }

    /// Listens for TCP connections on `port` of every address.
    ///
    /// # Errors
    /// `AddrInUse` if somebody does already; `InvalidInput` for port 0.
    pub fn listen(&self, port: u16) -> io::Result<TcpListener> {
        TcpListener::bind(&self.stack, port)
    }

    /// How TCP behaves on this host: what to start from for [`Host::connect_with`] and
    /// [`Host::listen_with`].
    pub fn tcp_config(&self) -> TcpConfig {
        self.stack.lock().tcp_config().clone()
    }

    /// [`Host::connect`] for a connection with settings of its own.
    ///
    /// # Errors
    /// As there; `InvalidInput` if `config` names another machine than the host has.
    pub async fn connect_with(
        &self,
        remote: SocketAddr,
        config: &TcpConfig,
    ) -> io::Result<TcpStream> {
        TcpStream::connect_with(&self.stack, remote, config).await
    }

    /// [`Host::listen`] for connections with settings of their own.
    ///
    /// # Errors
    /// As there; `InvalidInput` if `config` names another machine than the host has.
    pub fn listen_with(&self, port: u16, config: &TcpConfig) -> io::Result<TcpListener> {
        TcpListener::bind_with(&self.stack, port, config)
    }

    /// A UDP socket on `port`, or on the next free one from 49152 if `port` is 0.
    ///
    /// # Errors
    /// `AddrInUse` if somebody has the port; `AddrNotAvailable` if no port is free.
    pub fn udp(&self, port: u16) -> io::Result<UdpSocket> {
        UdpSocket::bind(&self.stack, port)
    }

    /// A socket for ICMP echo messages.
    pub fn icmp(&self) -> IcmpSocket {
        IcmpSocket::new(&self.stack)
    }

    /// Makes programs that call [`Host::address_known`] wait until [`Host::assign`] brings an
    /// address.
    pub fn expect_address(&self) {
        self.stack.lock().expect_address();
    }

    /// Changes address and routes of a host with one card, and the name server that goes with them.
    /// [`Host::address`] stays what it was.
    pub fn assign(&self, assignment: Assignment, name_server: Option<IpAddr>) {
        self.stack.lock().assign(assignment, name_server);
    }

    /// Sends an ARP packet about an address: a probe before it is used, or an announcement.
    pub fn claim(&self, claim: Claim) {
        self.stack.lock().claim(claim);
    }

    /// Done when somebody else shows that he has the address that was probed last.
    pub fn address_conflict(&self) -> impl Future<Output = Mac> + '_ {
        poll_fn(|cx| self.stack.lock().poll_conflict(cx))
    }

    /// The name server that came with an assigned address.
    pub fn assigned_name_server(&self) -> Option<IpAddr> {
        self.stack.lock().assigned_name_server()
    }

    /// Done when the host has an address: at once, unless it is to be assigned.
    pub fn address_known(&self) -> impl Future<Output = ()> + '_ {
        poll_fn(|cx| self.stack.lock().poll_address(cx))
    }

    /// 64 random bits from the host's own stream.
    pub fn random_u64(&self) -> u64 {
        self.inner.random.lock().next_u64()
    }

    /// Fills `bytes` from the host's own stream.
    pub fn fill_random(&self, bytes: &mut [u8]) {
        self.inner.random.lock().fill(bytes);
    }

    /// Tells the trace that a program did something.
    pub fn emit(&self, kind: AppEventKind, traffic: Option<TrafficId>) {
        let event = AppEvent {
            at: self.now(),
            node: self.inner.id,
            traffic,
            kind,
        };
        self.inner.events.lock().push(event);
        self.executor.note_news();
    }

    /// The address of `name`, if the hosts table knows it. Letter case does not matter.
    pub fn resolve_static(&self, name: &str) -> Option<IpAddr> {
        let names = &self.inner.names;
        let found = names.get(name);
        found
            .or_else(|| names.get(&name.to_ascii_lowercase()))
            .copied()
    }

    /// Asks for what a turn will need, ahead of time. For the engine.
    #[inline]
    pub fn prefetch(&self) {
        prefetch(&*self.executor);
        prefetch(&*self.stack);
    }

    /// Begins a turn: what happens on this host from now until [`Host::run_ready`] has run rings
    /// no doorbell. For the engine, which gives the stack its turn afterwards.
    pub fn attend(&self) {
        self.executor.attend();
    }

    /// True if no program has anything to do at `now`, and none has told the trace anything. For
    /// the engine.
    pub fn is_calm(&self, now: SimTime) -> bool {
        self.executor.is_calm(now)
    }

    /// Ends a turn that [`Host::attend`] began and in which no program has anything to do. For the
    /// engine.
    pub fn leave(&self) {
        self.executor.leave();
    }

    /// Wakes every task that slept until `now`, and polls tasks until none of them has anything
    /// to do. For the engine, which has set the clock to `now` before.
    ///
    /// # Errors
    /// [`Livelock`] if the tasks do not come to rest at this instant.
    pub fn run_ready(&self, now: SimTime) -> Result<(), Livelock> {
        self.executor.run(now)
    }

    /// True if some task wants to be polled. For the engine.
    pub fn has_ready(&self) -> bool {
        self.executor.has_ready()
    }

    /// True if a handle gave the stack something to do since the last call. For the engine.
    pub fn take_stack_work(&self) -> bool {
        self.executor.take_stack_work()
    }

    /// The earliest instant that some task sleeps until. For the engine.
    pub fn next_timer(&self) -> Option<SimTime> {
        self.executor.next_timer()
    }

    /// How many tasks of [`Host::spawn_main`] have not ended. For the engine.
    pub fn foreground_tasks(&self) -> u32 {
        self.executor.foreground()
    }

    /// Moves what programs told the trace to the end of `events`. For the engine.
    pub fn take_events(&self, events: &mut Vec<AppEvent>) {
        if self.executor.take_news() {
            // The list goes with its memory: most hosts tell little, and that at the start.
            events.extend(std::mem::take(&mut *self.inner.events.lock()));
        }
    }

    /// The transport stack of this host. For the engine.
    pub fn stack(&self) -> &SharedStack {
        &self.stack
    }

    /// Drops every task, and every task spawned later. Tasks hold the host and the host holds
    /// tasks: without this call at the end of a run neither is ever freed. For the engine.
    pub fn shut_down(&self) {
        self.executor.close();
    }

    /// The virtual time now as an `Instant`, for libraries that count in those. Only differences
    /// of such instants mean anything.
    pub fn instant(&self) -> Instant {
        self.instant_of(self.now())
    }

    /// A virtual time as an `Instant`.
    pub fn instant_of(&self, time: SimTime) -> Instant {
        self.inner.base_instant + Duration::from_nanos(time.as_nanos())
    }

    /// The virtual time that [`Host::instant_of`] made `instant` of; zero for an earlier one.
    pub fn time_of(&self, instant: Instant) -> SimTime {
        let since_start = instant.saturating_duration_since(self.inner.base_instant);
        SimTime::ZERO + Span::from(since_start)
    }
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Host({} {})", self.inner.name, self.inner.address)
    }
}
