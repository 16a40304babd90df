//! The command line: what it accepts, what it prints where, and how it exits.

mod colour;
mod documents;
mod failures;
mod large;
mod running;
#[cfg(unix)]
mod signals;

/// Two hosts, one link, two pings: the shortest run there is.
const PING: &str = r#"
title = "Two pings"
seed = 3

[node.alice]
[node.bob]

[[link]]
between = ["alice", "bob"]
latency = "5ms"

[[traffic]]
app = "ping"
from = "alice"
to = "bob"
count = 2
"#;
