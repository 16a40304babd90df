//! UDP in a host's stack: a program's datagram to a packet, and a packet to a program.

use netsim::osi::transport::{TcpConfig, UdpSocket};

use super::two_stacks::{TwoStacks, now_or_never};
use crate::counted;

const OPERATIONS: usize = 5_000;
const PAYLOAD: [u8; 1000] = [7; 1000];

/// Counts what the sender does: a program's call, and the packet's way out of the stack.
pub(crate) fn out(sockets: u16) -> u64 {
    datagrams(sockets, true)
}

/// Counts what the receiver does: the packet's way into the stack, and a program's call.
pub(crate) fn into(sockets: u16) -> u64 {
    datagrams(sockets, false)
}

/// Each datagram between another pair of the sockets, all over both hosts' sockets.
fn datagrams(sockets: u16, count_sender: bool) -> u64 {
    let mut two = TwoStacks::new(&TcpConfig::default());
    let ends = [two.client.clone(), two.server.clone()];
    let bind = |end: &_| -> Vec<UdpSocket> {
        let ports = 1000..1000 + sockets;
        ports
            .map(|port| UdpSocket::bind(end, port).unwrap())
            .collect()
    };
    let (senders, receivers) = (bind(&ends[0]), bind(&ends[1]));
    let mut packets = Vec::new();
    let mut buffer = [0; 2000];
    let mut round = |k: usize, counting: bool| {
        let k = k % senders.len();
        let to = TwoStacks::server_at(receivers[k].port());
        section(counting && count_sender, || {
            now_or_never(senders[k].send_to(&PAYLOAD, to)).unwrap();
            two.take_from(&ends[0], &mut packets);
        });
        section(counting && !count_sender, || {
            two.give_to(&ends[1], &mut packets);
            now_or_never(receivers[k].recv_from(&mut buffer)).unwrap();
        });
    };
    (0..100).for_each(|k| round(k, false));
    (0..OPERATIONS).for_each(|k| round(k * 7, true));
    OPERATIONS as u64
}

/// Runs `work`, counted or not.
pub(super) fn section(counting: bool, work: impl FnOnce()) {
    if counting { counted(work) } else { work() }
}
