//! The parts: what is set up, what is counted, and how many operations that were.

mod capture;
mod event_queue;
mod forwarding;
mod link;
mod run;
mod tcp;
mod two_stacks;
mod udp;

/// A part of the simulator whose cost is watched.
#[derive(Clone, Copy)]
pub(crate) struct Part {
    /// What it is, and what one operation is.
    pub(crate) name: &'static str,
    /// Sets up, runs, and returns how many operations were counted.
    operations: fn() -> u64,
}

impl Part {
    pub(crate) fn run(&self) -> u64 {
        (self.operations)()
    }
}

/// The part called `name`.
pub(crate) fn find(name: &str) -> Option<&'static Part> {
    PARTS.iter().find(|part| part.name == name)
}

const fn part(name: &'static str, operations: fn() -> u64) -> Part {
    Part { name, operations }
}

/// All parts, from the wire upwards.
pub(crate) const PARTS: &[Part] = &[
    part("event queue: pop and push, 64 waiting", || {
        event_queue::pop_and_push(64)
    }),
    part("event queue: pop and push, 30 000 waiting", || {
        event_queue::pop_and_push(30_000)
    }),
    part("event queue: replace the first, 64 waiting", || {
        event_queue::replace(64)
    }),
    part("event queue: replace the first, 1 000 waiting", || {
        event_queue::replace(1_000)
    }),
    part("event queue: replace the first, 30 000 waiting", || {
        event_queue::replace(30_000)
    }),
    part("link: a frame on an idle link", link::idle),
    part("link: a frame that waits behind 50 others", link::queued),
    part(
        "link: a frame with loss, jitter and duplication",
        link::faulty,
    ),
    part("forwarding: a frame through a router", forwarding::router),
    part(
        "forwarding: a frame through a router, the general way",
        forwarding::router_general,
    ),
    part("forwarding: a frame through a switch", forwarding::switch),
    part("forwarding: a lookup among 10 routes", || {
        forwarding::lookup(10)
    }),
    part("forwarding: a lookup among 1 000 routes", || {
        forwarding::lookup(1_000)
    }),
    part("forwarding: a lookup among 30 000 routes", || {
        forwarding::lookup(30_000)
    }),
    part("udp: a datagram out, 1 socket", || udp::out(1)),
    part("udp: a datagram out, 10 000 sockets", || udp::out(10_000)),
    part("udp: a datagram in, 1 socket", || udp::into(1)),
    part("udp: a datagram in, 10 000 sockets", || udp::into(10_000)),
    part("tcp: a segment out and its ACK in, 1 connection", || {
        tcp::sender(1)
    }),
    part("tcp: a segment out and its ACK in, 100 connections", || {
        tcp::sender(100)
    }),
    part(
        "tcp: a segment out and its ACK in, 10 000 connections",
        || tcp::sender(10_000),
    ),
    part("tcp: a segment in and its ACK out, 1 connection", || {
        tcp::receiver(1)
    }),
    part("tcp: a segment in and its ACK out, 100 connections", || {
        tcp::receiver(100)
    }),
    part(
        "tcp: a segment in and its ACK out, 10 000 connections",
        || tcp::receiver(10_000),
    ),
    part(
        "capture: a frame into a card's file and all.pcapng",
        capture::write,
    ),
    part("dissection: a frame of an HTTP exchange", capture::dissect),
    part("run: a hop of UDP over five links", run::udp),
    part("run: the same, every card captured", run::udp_captured),
    part("run: a hop of TCP over five links", run::tcp),
    part("run: a hop of UDP in a fat tree of 16 hosts", run::fat_tree),
    part(
        "run: one of 1 000 hosts of a star, set up",
        run::star_set_up,
    ),
    part(
        "run: one of 1 000 hosts of a star, one datagram each",
        run::star,
    ),
];
