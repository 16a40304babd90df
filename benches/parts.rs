//! What the parts of a hop cost: event queue, pipe, forwarding table, and a whole small run.
//!
//! Figures are times on whatever machine runs them: compare medians of one session, not figures of
//! two days.
#![allow(clippy::unwrap_used, reason = "a bench that cannot set up should stop")]
#![allow(missing_docs, reason = "criterion's macros make public items")]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use netsim::{
    engine::{Event, EventQueue, Origin, RunControl},
    ids::{FrameId, NodeId, PortId, WireId},
    osi::{
        network::Fib,
        physical::{Flight, Pipe},
    },
    rng::RootSeed,
    scenario,
    sim::Simulation,
    topology::{LinkProfile, Route, RouteOrigin},
    trace::NoRecorder,
    units::{SimTime, Span},
    wire::{Frame, FramePool},
};

fn event_queue(c: &mut Criterion) {
    let mut queue = EventQueue::default();
    for wire in 0..64 {
        queue.push(Event {
            time: SimTime::from_nanos(wire as u64),
            origin: Origin::wire(wire),
        });
    }
    c.bench_function("event queue: pop and push among 64", |b| {
        b.iter(|| {
            let next = queue.pop().unwrap();
            queue.push(Event {
                time: next.time + Span::from_micros(1),
                ..next
            });
        });
    });
}

fn pipe(c: &mut Criterion) {
    let wire = WireId::from_index(0);
    let mut pipe = Pipe::new(LinkProfile::default(), RootSeed(1), "x", wire);
    let mut flight = Flight::default();
    let mut pool = FramePool::default();
    let mut now = SimTime::ZERO;
    let id = FrameId {
        origin: NodeId(0),
        number: 0,
    };
    let mut frame = Some(Frame::new(id, vec![0; 1042]));
    c.bench_function("pipe: admit, launch, arrive", |b| {
        b.iter(|| {
            let f = frame.take().unwrap();
            let passage = pipe.admit(now, &f.bytes).unwrap();
            pipe.launch(passage, f, &mut pool, |at, f| flight.put(at, f));
            now = flight.next_arrival().unwrap();
            frame = flight.take_arrived(now).map(|a| a.frame);
        });
    });
}

fn forwarding_table(c: &mut Criterion) {
    let route = |i: u16| Route {
        prefix: format!("10.{}.{}.0/24", i / 250, i % 250).parse().unwrap(),
        via: None,
        port: PortId(i),
        origin: RouteOrigin::Static,
    };
    let fib = Fib::new((0..1000).map(route));
    let address = "10.2.77.9".parse().unwrap();
    c.bench_function("forwarding table: one of 1000 prefixes", |b| {
        b.iter(|| fib.lookup(black_box(address)));
    });
}

fn whole_run(c: &mut Criterion) {
    let text = include_str!("chain.toml");
    let mut group = c.benchmark_group("whole run");
    group.throughput(Throughput::Elements(5 * 10_000));
    group.sample_size(20);
    group.bench_function("UDP over five links (elements are hops)", |b| {
        b.iter(|| {
            let plan = scenario::load_str("chain.toml", text, &[]).unwrap();
            let control = RunControl::default();
            Simulation::new(plan)
                .run_quietly(&control, &mut NoRecorder)
                .unwrap()
        });
    });
    group.finish();
}

criterion_group!(parts, event_queue, pipe, forwarding_table, whole_run);
criterion_main!(parts);
