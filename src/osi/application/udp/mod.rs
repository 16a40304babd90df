//! A stream of datagrams at a constant rate, and what its receiver sees of it.
//!
//! The sender never learns what arrived: UDP tells it nothing (RFC 768). The report is put
//! together from both ends after the fact.

mod bursts;
mod meter;
mod payload;
mod receiver;
mod sender;
mod window;

pub(super) use meter::StreamMeter;
pub(super) use receiver::receive;
pub(super) use sender::send_stream;
