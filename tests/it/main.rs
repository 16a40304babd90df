//! All integration tests, one crate: one file per subject, helpers in `support`.

#![allow(
    clippy::unwrap_used,
    reason = "clippy.toml allows it in tests, but clippy does not see that helpers are tests too"
)]
#![allow(
    clippy::duplicate_mod,
    reason = "the tests of TCP are there once for each pair of machines"
)]

mod apps;
mod aqm;
mod captures;
mod cli;
mod dhcp;
mod dissection;
mod docs;
mod reference;
mod support;

mod checksums;
mod comparison;
mod conservation;
mod determinism;
mod dns;
mod examples;
mod fairness;
mod grpc;
mod http2;
mod http2_push;
mod http3;
mod https;
mod judge;
mod lossy;
mod observed;
mod own_congestion;
mod pictures;
mod quic;
mod random;
mod scenario;
mod smtp;
mod sse;
mod tcp_attacks;
mod tcp_black_hole;
mod tcp_both_native;
mod tcp_both_smoltcp;
mod tcp_ecn;
mod tcp_fast_open;
mod tcp_flood;
mod tcp_goodput;
mod tcp_native_to_smoltcp;
mod tcp_pictures;
mod tcp_repair;
mod tcp_script;
mod tcp_smoltcp_to_native;
mod tcp_theory;
mod tcp_trace;
mod tcp_wireshark;
mod transport_udp_icmp;
mod web;
mod websocket;
