//! A native client and a server with smoltcp.

use netsim::osi::transport::TcpMachine;

/// The client's TCP, the server's.
const MACHINES: [TcpMachine; 2] = [TcpMachine::Native, TcpMachine::Smoltcp];

#[path = "transport_props.rs"]
mod transport_props;
#[path = "transport_tcp.rs"]
mod transport_tcp;
