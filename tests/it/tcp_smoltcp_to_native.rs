//! A client with smoltcp and a native server.

use netsim::osi::transport::TcpMachine;

/// The client's TCP, the server's.
const MACHINES: [TcpMachine; 2] = [TcpMachine::Smoltcp, TcpMachine::Native];

#[path = "transport_props.rs"]
mod transport_props;
#[path = "transport_tcp.rs"]
mod transport_tcp;
