//! gRPC: the user service of `proto/user.proto`, spoken by tonic over hyper's HTTP/2.
//!
//! tonic makes the messages, paths, `grpc-status` trailers; its own transport stays unused, so tasks,
//! time and connections are those of the host. Both sides speak HTTP/2 without asking (prior
//! knowledge), or over TLS by ALPN. Not here: compression of messages, reflection, health checks,
//! load balancing, retries.

mod client;
mod deadline;
mod server;
mod transport;
mod whole;

pub(super) use client::call_all;
pub(super) use server::serve;
