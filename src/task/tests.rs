//! Claims about tasks and their virtual time, on one host without a network.

use std::{
    future::poll_fn,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    task::Poll,
};

use super::{Clock, Doorbell, Elapsed, Host, HostSetup, HyperTimer};
use crate::{
    ids::{NodeId, TrafficId},
    osi::{
        network::OwnAddresses,
        transport::{Stack, StackConfig, TcpConfig},
    },
    rng::RootSeed,
    trace::AppEventKind,
    units::{SimTime, Span},
};

/// One host and what the engine would hold beside it.
struct Bench {
    host: Host,
    clock: Clock,
    doorbell: Doorbell,
}

impl Bench {
    fn new() -> Self {
        let (clock, doorbell) = (Clock::new(), Doorbell::new());
        let stream = |purpose| RootSeed(1).stream(&["host", "a", purpose]);
        let stack = Stack::new(StackConfig {
            addresses: OwnAddresses::new(["10.0.0.1/24".parse().unwrap()].iter()),
            routes: Arc::default(),
            exits: Box::default(),
            tcp: TcpConfig::default().into(),
            ttl: 64,
            seed: stream("stack"),
        });
        let host = Host::new(HostSetup {
            id: NodeId(7),
            name: "a".to_owned(),
            address: "10.0.0.1".parse().unwrap(),
            clock: clock.clone(),
            doorbell: doorbell.clone(),
            stack: stack.shared(),
            names: Arc::new([("b".to_owned(), "10.0.0.2".parse().unwrap())].into()),
            random: stream("programs"),
        });
        Self {
            host,
            clock,
            doorbell,
        }
    }

    /// Runs until no task sleeps any more.
    fn run(&self) {
        self.host.run_ready(self.clock.now()).unwrap();
        while let Some(next) = self.host.next_timer() {
            self.clock.set(next);
            self.host.run_ready(next).unwrap();
        }
    }
}

fn at_ms(ms: u64) -> SimTime {
    SimTime::ZERO + Span::from_millis(ms)
}

#[test]
fn timers_fire_in_the_order_of_their_deadlines_and_then_of_setting() {
    let bench = Bench::new();
    let order = Arc::new(Mutex::new(vec![]));
    for (name, ms) in [("c", 30), ("a", 10), ("b1", 20), ("b2", 20), ("b3", 20)] {
        let (host, order) = (bench.host.clone(), Arc::clone(&order));
        bench.host.spawn(async move {
            host.sleep(Span::from_millis(ms)).await;
            order.lock().unwrap().push((name, host.now()));
        });
    }
    bench.run();
    let expected = [("a", 10), ("b1", 20), ("b2", 20), ("b3", 20), ("c", 30)];
    assert_eq!(
        *order.lock().unwrap(),
        expected.map(|(name, ms)| (name, at_ms(ms)))
    );
}

#[test]
fn a_sleep_that_is_dropped_leaves_no_timer() {
    let bench = Bench::new();
    let host = bench.host.clone();
    bench.host.spawn(async move {
        let answer = host
            .timeout(Span::from_secs(9), async {
                host.sleep(Span::from_secs(1)).await;
                "in time"
            })
            .await;
        assert_eq!(answer, Ok("in time"));
    });
    bench.run();
    assert_eq!(bench.clock.now(), at_ms(1_000));
}

#[test]
fn a_timeout_gives_up_at_its_deadline_and_a_tie_goes_to_the_work() {
    let bench = Bench::new();
    let host = bench.host.clone();
    let results = bench.host.spawn(async move {
        let work = |ms| host.sleep(Span::from_millis(ms));
        let late = host.timeout(Span::from_millis(10), work(11)).await;
        let (first, tie) = (host.now(), host.timeout(Span::from_millis(10), work(10)));
        (late, first, tie.await)
    });
    let outer = Arc::new(Mutex::new(None));
    let place = Arc::clone(&outer);
    bench
        .host
        .spawn(async move { *place.lock().unwrap() = Some(results.await) });
    bench.run();
    let expected = (Err(Elapsed), at_ms(10), Ok(()));
    assert_eq!(outer.lock().unwrap().take(), Some(expected));
}

#[test]
fn a_join_handle_gives_the_result_and_abort_takes_the_task_away() {
    let bench = Bench::new();
    let host = bench.host.clone();
    let slow = bench.host.spawn(async move {
        host.sleep(Span::from_secs(5)).await;
        1
    });
    let quick = bench.host.spawn(async { 2 });
    let sum = bench.host.spawn(async move { quick.await + 40 });
    bench.host.run_ready(SimTime::ZERO).unwrap();
    assert!(sum.is_finished() && !slow.is_finished());
    slow.abort();
    bench.run();
    assert_eq!(bench.clock.now(), SimTime::ZERO);
}

#[test]
fn foreground_tasks_are_counted_until_they_end_or_are_aborted() {
    let bench = Bench::new();
    let host = bench.host.clone();
    let sleeper = bench
        .host
        .spawn_main(async move { host.sleep(Span::from_secs(1)).await });
    bench.host.spawn_main(async {});
    bench.host.spawn(std::future::pending::<()>());
    assert_eq!(bench.host.foreground_tasks(), 2);
    bench.host.run_ready(SimTime::ZERO).unwrap();
    assert_eq!(bench.host.foreground_tasks(), 1);
    sleeper.abort();
    bench.host.run_ready(SimTime::ZERO).unwrap();
    assert_eq!(bench.host.foreground_tasks(), 0);
}

#[test]
fn the_doorbell_rings_once_for_work_that_comes_outside_a_turn() {
    let bench = Bench::new();
    let rung = || {
        let mut rung = vec![];
        bench.doorbell.take(&mut rung);
        rung.into_iter().map(|ring| ring.host).collect::<Vec<_>>()
    };
    bench.host.spawn(async {});
    bench.host.spawn(async {});
    assert_eq!(rung(), [NodeId(7)]);
    let host = bench.host.clone();
    bench.host.spawn(async move {
        // Inside its turn a host needs no bell.
        host.spawn(async {});
    });
    bench.host.run_ready(SimTime::ZERO).unwrap();
    assert_eq!(rung(), []);
    bench.host.spawn(async {});
    assert_eq!(rung(), [NodeId(7)]);
}

#[test]
fn tasks_that_never_rest_are_an_error_and_not_a_hang() {
    let bench = Bench::new();
    bench.host.spawn(poll_fn::<(), _>(|cx| {
        cx.waker().wake_by_ref();
        Poll::Pending
    }));
    let error = bench.host.run_ready(at_ms(3)).unwrap_err();
    assert_eq!(error.at, at_ms(3));
}

#[test]
#[should_panic(expected = "a bug in a program")]
fn a_panic_in_a_task_comes_out_of_the_run() {
    let bench = Bench::new();
    bench.host.spawn(async { panic!("a bug in a program") });
    let _ = bench.host.run_ready(SimTime::ZERO);
}

#[test]
fn shutting_down_drops_every_task_even_those_that_wait_for_each_other() {
    // Counts drops: a sleeper, one that waits for it, and one that holds its host and a socket.
    struct Counted(Arc<AtomicUsize>);
    impl Drop for Counted {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
    let bench = Bench::new();
    let drops = Arc::new(AtomicUsize::new(0));
    let counted = || Counted(Arc::clone(&drops));
    let (host, first) = (bench.host.clone(), counted());
    let sleeper = bench.host.spawn(async move {
        let _first = first;
        host.sleep(Span::from_secs(1)).await;
    });
    let second = counted();
    bench.host.spawn(async move {
        let _second = second;
        sleeper.await;
    });
    let (host, third) = (bench.host.clone(), counted());
    bench.host.spawn(async move {
        let _third = third;
        let socket = host.udp(9).unwrap();
        let _ = socket.recv(&mut [0; 8]).await;
    });
    bench.host.run_ready(SimTime::ZERO).unwrap();
    bench.host.shut_down();
    assert_eq!(drops.load(Ordering::Relaxed), 3);
    assert!(bench.host.udp(9).is_ok(), "the socket is closed");
}

#[test]
fn events_carry_the_time_and_the_traffic_they_are_about() {
    let bench = Bench::new();
    bench.clock.set(at_ms(5));
    let kind = AppEventKind::Note("hello".to_owned());
    bench.host.emit(kind.clone(), Some(TrafficId(3)));
    let mut events = vec![];
    bench.host.take_events(&mut events);
    assert_eq!(events.len(), 1);
    assert_eq!((events[0].at, events[0].node), (at_ms(5), NodeId(7)));
    assert_eq!(
        (events[0].traffic, &events[0].kind),
        (Some(TrafficId(3)), &kind)
    );
}

#[test]
fn names_are_found_in_any_letter_case() {
    let host = Bench::new().host;
    assert_eq!(host.resolve_static("B"), Some("10.0.0.2".parse().unwrap()));
    assert_eq!(host.resolve_static("c"), None);
}

#[test]
fn hypers_timer_sleeps_in_virtual_time() {
    use hyper::rt::Timer;
    let bench = Bench::new();
    let host = bench.host.clone();
    bench.host.spawn(async move {
        let timer = HyperTimer(host.clone());
        let start = timer.now();
        timer.sleep(std::time::Duration::from_millis(250)).await;
        assert_eq!((timer.now() - start).as_nanos(), 250_000_000);
        timer
            .sleep_until(start + std::time::Duration::from_secs(2))
            .await;
        assert_eq!(host.now(), at_ms(2_000));
    });
    bench.run();
    assert_eq!(bench.clock.now(), at_ms(2_000));
}
