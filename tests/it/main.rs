//! All integration tests, one crate: one file per subject, helpers in `support`.

#![allow(
    clippy::unwrap_used,
    reason = "clippy.toml allows it in tests, but clippy does not see that helpers are tests too"
)]

mod apps;
mod captures;
mod cli;
mod dissection;
mod docs;
mod reference;
mod support;

mod checksums;
mod comparison;
mod conservation;
mod determinism;
mod examples;
mod judge;
mod lossy;
mod observed;
mod pictures;
mod random;
mod scenario;
mod transport_props;
mod transport_tcp;
mod transport_udp_icmp;
