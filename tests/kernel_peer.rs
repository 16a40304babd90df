//! The kernel as peer: a host of the house against Linux's own TCP, over a TAP device, in real time.
//!
//! Each case has a process and a network namespace of its own. Linux is 10.77.0.1 there, with real
//! sockets and real programs; the host of the house is 10.77.0.2, with all its floors down to the
//! Ethernet card. What crosses the device is captured, and Wireshark judges it.
//!
//! A machine that has no /dev/net/tun, or lets nobody make a namespace, cannot run this. Then every
//! case is reported as ignored, with the reason in its name and on the standard error; with
//! `KERNEL_PEER=required` in the environment that is a failure.

#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "clippy.toml allows the first two in tests, but does not see helpers as tests; the kernel \
              knows no time but that of the wall"
)]

#[cfg(target_os = "linux")]
#[path = "kernel_peer/cases/mod.rs"]
mod cases;
#[cfg(target_os = "linux")]
#[path = "kernel_peer/judge.rs"]
mod judge;
#[cfg(target_os = "linux")]
#[path = "kernel_peer/lab.rs"]
mod lab;
#[cfg(target_os = "linux")]
#[path = "kernel_peer/linux.rs"]
mod linux;
#[cfg(target_os = "linux")]
#[path = "kernel_peer/namespace.rs"]
mod namespace;
#[cfg(target_os = "linux")]
#[path = "kernel_peer/recording.rs"]
mod recording;
#[cfg(target_os = "linux")]
#[path = "kernel_peer/tap.rs"]
mod tap;
#[cfg(target_os = "linux")]
#[allow(dead_code, reason = "the other tests use the rest")]
#[path = "it/support/tshark.rs"]
mod tshark;
#[cfg(target_os = "linux")]
#[path = "kernel_peer/wire.rs"]
mod wire;

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    namespace::main(cases::ALL)
}

#[cfg(not(target_os = "linux"))]
fn main() {
    eprintln!("kernel peer: NOT RUN: this is not Linux");
}
