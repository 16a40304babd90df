//! TCP between two hosts with smoltcp.

use netsim::osi::transport::TcpMachine;

/// The client's TCP, the server's.
const MACHINES: [TcpMachine; 2] = [TcpMachine::Smoltcp, TcpMachine::Smoltcp];

#[path = "transport_props.rs"]
mod transport_props;
#[path = "transport_tcp.rs"]
mod transport_tcp;
