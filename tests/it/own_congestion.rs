//! A congestion control of the user's own: for every connection of a host, or for one.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use netsim::{
    engine::RunControl,
    osi::transport::{
        TcpConfig, TcpMachine,
        congestion::{AckEvent, CongestionControl, Factory, LossEvent},
    },
    scenario,
    sim::Simulation,
    task::Host,
    trace::NoRecorder,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// Three segments in flight, whatever happens.
#[derive(Debug)]
struct Three(u64);

impl CongestionControl for Three {
    fn name(&self) -> &'static str {
        "three"
    }
    fn window(&self) -> u64 {
        3 * self.0
    }
    fn on_ack(&mut self, _: &AckEvent) {}
    fn on_loss(&mut self, _: &LossEvent) {}
    fn on_timeout(&mut self, _: &LossEvent) {}
}

/// Makes `Three`s and counts them.
fn three() -> (Factory, Arc<AtomicU64>) {
    let made = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&made);
    let factory = Factory::new(move |mss, _| {
        count.fetch_add(1, Ordering::Relaxed);
        Three(mss)
    });
    (factory, made)
}

fn own(host: &Host, factory: &Factory) -> TcpConfig {
    TcpConfig {
        own_congestion: Some(factory.clone()),
        ..host.tcp_config()
    }
}

/// 10 ms each way. Of 30 segments of 1448 bytes three leave in a round trip if no more may be in
/// flight; with CUBIC ten, then the rest.
const NETWORK: &str = r#"
    defaults.host.tcp = { stack = "native", delayed_ack = "off" }
    node = { alice = {}, bob = {} }
    link = [{ between = ["alice", "bob"], latency = "10ms" }]
"#;
const BYTES: usize = 30 * 1448;

/// The whole round trips from the open connection to the last byte, at the receiver. The sender is
/// the one who connects, or the one who listens.
fn round_trips(
    change: impl FnOnce(&mut scenario::plan::Plan),
    configs: impl FnOnce(&Host) -> [Option<TcpConfig>; 2],
    listener_sends: bool,
) -> u64 {
    let mut plan = scenario::load_str("test", NETWORK, &[]).unwrap();
    change(&mut plan);
    let mut simulation = Simulation::new(plan);
    let host = |name| simulation.host(name).unwrap();
    let (alice, bob) = (host("alice"), host("bob"));
    let [connects, listens] = configs(&alice);
    let took = Arc::new(AtomicU64::new(0));
    let (to, told) = (bob.address(), Arc::clone(&took));
    let receive = move |host: Host, mut stream: netsim::osi::transport::TcpStream| async move {
        let begin = host.now();
        stream.read_exact(&mut vec![0; BYTES]).await?;
        told.store((host.now() - begin).as_nanos(), Ordering::Relaxed);
        io::Result::Ok(())
    };
    let send = |mut stream: netsim::osi::transport::TcpStream| async move {
        stream.write_all(&vec![7; BYTES]).await?;
        stream.closed().await;
        io::Result::Ok(())
    };
    let (receives, server) = (receive.clone(), bob.clone());
    bob.spawn(async move {
        let listener = match &listens {
            Some(config) => server.listen_with(7, config)?,
            None => server.listen(7)?,
        };
        let (stream, _) = listener.accept().await?;
        match listener_sends {
            true => send(stream).await,
            false => receives(server.clone(), stream).await,
        }
    });
    let client = alice.clone();
    alice.spawn_main(async move {
        let stream = match &connects {
            Some(config) => client.connect_with((to, 7).into(), config).await?,
            None => client.connect((to, 7).into()).await?,
        };
        match listener_sends {
            true => receive(client.clone(), stream).await,
            false => send(stream).await,
        }
    });
    let control = RunControl::default();
    simulation.run_quietly(&control, &mut NoRecorder).unwrap();
    took.load(Ordering::Relaxed) / 20_000_000
}

fn same(_: &mut scenario::plan::Plan) {}

#[test]
fn without_one_the_host_goes_by_its_settings() {
    // The first flight comes with the end of the handshake, the rest a round trip later.
    assert_eq!(round_trips(same, |_| [None, None], false), 1);
}

#[test]
fn a_connection_that_is_opened_may_have_one_of_its_own() {
    // Ten flights of three: nine round trips lie between the first and the last.
    let (factory, made) = three();
    let took = round_trips(same, |host| [Some(own(host, &factory)), None], false);
    assert_eq!(took, 9);
    assert_eq!(made.load(Ordering::Relaxed), 1);
}

#[test]
fn connections_that_a_port_accepts_may_have_one_of_their_own() {
    let (factory, made) = three();
    let took = round_trips(same, |host| [None, Some(own(host, &factory))], true);
    // One round trip more: the end of the handshake has to come here before the first flight goes.
    assert_eq!((took, made.load(Ordering::Relaxed)), (10, 1));
}

#[test]
fn a_whole_host_may_have_one() {
    let (factory, made) = three();
    let change = |plan: &mut scenario::plan::Plan| {
        let alice = plan.host_mut("alice").unwrap();
        Arc::make_mut(&mut alice.tcp).own_congestion = Some(factory);
        assert!(plan.host_mut("nobody").is_none());
    };
    assert_eq!(round_trips(change, |_| [None, None], false), 9);
    assert_eq!(made.load(Ordering::Relaxed), 1);
}

#[test]
fn a_connection_cannot_have_another_machine_than_its_host() {
    let plan = scenario::load_str("test", NETWORK, &[]).unwrap();
    let host = Simulation::new(plan).host("alice").unwrap();
    let other = TcpConfig {
        machine: TcpMachine::Smoltcp,
        ..host.tcp_config()
    };
    let refused = host.listen_with(7, &other).unwrap_err();
    assert_eq!(refused.kind(), io::ErrorKind::InvalidInput);
}
