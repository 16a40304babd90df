//! What drives one connection: smoltcp's machine or the native one, behind one set of calls.
//!
//! The demultiplexer above hands in packets and asks for packets; the machine keeps the state of
//! the protocol, its buffers and its timers. Nothing here knows of programs that wait.

use std::io;

use super::{native::Native, smoltcp::Interfaces, smoltcp::Smoltcp};
use crate::{
    osi::transport::{TcpConfig, TcpMachine, connection::Ends},
    trace::TcpState,
    units::SimTime,
    wire::FramePool,
};

/// What a machine may use while it works.
pub(in super::super) struct Context<'a> {
    pub(in super::super) now: SimTime,
    /// smoltcp's interfaces, and the stream that sequence numbers are drawn from.
    pub(in super::super) interfaces: &'a mut Interfaces,
    /// Where packets come from.
    pub(in super::super) pool: &'a mut FramePool,
}

/// The state machine of one connection.
#[derive(Debug)]
pub(in super::super) enum Machine {
    Smoltcp(Smoltcp),
    Native(Box<Native>),
}

/// What reading gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Received {
    /// This many bytes.
    Data(usize),
    /// Nothing yet.
    Nothing,
    /// A FIN came, and all before it was read.
    Finished,
    /// The connection is over, or was never open.
    Closed,
}

macro_rules! both {
    ($self:expr, $machine:ident => $call:expr) => {
        match $self {
            Self::Smoltcp($machine) => $call,
            Self::Native($machine) => $call,
        }
    };
}

impl Machine {
    pub(in super::super) fn new(ends: &Ends, mtu: u16, ttl: u8, config: &TcpConfig) -> Self {
        match config.machine {
            TcpMachine::Smoltcp => Self::Smoltcp(Smoltcp::new(mtu, ttl, config)),
            TcpMachine::Native => Self::Native(Box::new(Native::new(ends, mtu, ttl, config))),
        }
    }

    /// Starts the handshake.
    pub(in super::super) fn connect(
        &mut self,
        ends: &Ends,
        now: SimTime,
        interfaces: &mut Interfaces,
    ) -> io::Result<()> {
        match self {
            Self::Smoltcp(machine) => machine.connect(ends, interfaces),
            Self::Native(machine) => {
                machine.connect(now, interfaces.draw());
                Ok(())
            }
        }
    }

    /// Waits for the SYN that it was made for.
    pub(in super::super) fn listen(
        &mut self,
        ends: &Ends,
        interfaces: &mut Interfaces,
    ) -> io::Result<()> {
        match self {
            Self::Smoltcp(machine) => machine.listen(ends),
            Self::Native(machine) => {
                machine.listen(interfaces.draw());
                Ok(())
            }
        }
    }

    /// Sends a packet, if there is one to send now.
    pub(in super::super) fn egress(&mut self, cx: &mut Context<'_>) -> Option<Vec<u8>> {
        match self {
            Self::Smoltcp(machine) => machine.egress(cx),
            Self::Native(machine) => machine.egress(cx.now, cx.pool),
        }
    }

    /// When [`Machine::egress`] has to be called.
    pub(in super::super) fn poll_at(
        &mut self,
        now: SimTime,
        interfaces: &mut Interfaces,
        over: bool,
    ) -> Option<SimTime> {
        match self {
            Self::Smoltcp(machine) => machine.poll_at(now, interfaces, over),
            Self::Native(machine) => machine.poll_at(now),
        }
    }

    /// When the first packet went out that the peer has not said anything after.
    pub(in super::super) fn waits_since(&self) -> Option<SimTime> {
        both!(self, machine => machine.waits_since())
    }

    /// When the peer was last heard from.
    pub(in super::super) fn heard(&self) -> SimTime {
        both!(self, machine => machine.heard())
    }

    /// The state now. A machine that a RST sent back to listening is closed: each is for one peer.
    pub(in super::super) fn state(&self) -> TcpState {
        both!(self, machine => machine.state())
    }

    /// True if it will never send or take another packet.
    pub(in super::super) fn has_ended(&self) -> bool {
        both!(self, machine => machine.has_ended())
    }

    /// Queues a FIN behind what was written.
    pub(in super::super) fn close(&mut self) {
        both!(self, machine => machine.close());
    }

    /// Ends the connection; a RST goes out if the peer knows of it.
    pub(in super::super) fn abort(&mut self) {
        both!(self, machine => machine.abort());
    }

    /// Whether small segments wait for the ACK of what is in flight (RFC 896).
    pub(in super::super) fn set_nagle(&mut self, on: bool) {
        both!(self, machine => machine.set_nagle(on));
    }

    /// The path MTU is now at most `mtu`.
    pub(in super::super) fn lower_mtu(&mut self, now: SimTime, mtu: u16) {
        match self {
            Self::Smoltcp(machine) => machine.lower_mtu(mtu),
            Self::Native(machine) => machine.lower_mtu(now, mtu),
        }
    }

    /// True until a FIN was queued, once the connection is open.
    pub(in super::super) fn may_send(&self) -> bool {
        both!(self, machine => machine.may_send())
    }

    /// True while data may still come or be read.
    pub(in super::super) fn may_recv(&self) -> bool {
        both!(self, machine => machine.may_recv())
    }

    /// True if there is something to read.
    pub(in super::super) fn can_recv(&self) -> bool {
        both!(self, machine => machine.can_recv())
    }

    /// Bytes written and not yet acknowledged.
    pub(in super::super) fn send_queue(&self) -> usize {
        both!(self, machine => machine.send_queue())
    }

    /// Size of the send buffer.
    pub(in super::super) fn send_capacity(&self) -> usize {
        both!(self, machine => machine.send_capacity())
    }

    /// Takes as much of `data` as there is room for; `None` if nothing may be sent.
    pub(in super::super) fn send(&mut self, data: &[u8]) -> Option<usize> {
        both!(self, machine => machine.send(data))
    }

    /// As [`Machine::send`], and up to here it is urgent (RFC 9293, section 3.8.5). smoltcp's does
    /// not know of that.
    pub(in super::super) fn send_urgent(&mut self, data: &[u8]) -> io::Result<Option<usize>> {
        match self {
            Self::Smoltcp(_) => Err(io::ErrorKind::Unsupported.into()),
            Self::Native(machine) => Ok(machine.send_urgent(data)),
        }
    }

    /// True while the handshake goes on and the program need not wait for it (RFC 7413).
    pub(in super::super) fn opens_early(&self) -> bool {
        match self {
            Self::Smoltcp(_) => false,
            Self::Native(machine) => machine.opens_early(),
        }
    }

    /// Bytes to read up to the end of the peer's urgent data.
    pub(in super::super) const fn urgent(&self) -> u64 {
        match self {
            Self::Smoltcp(_) => 0,
            Self::Native(machine) => machine.urgent(),
        }
    }

    /// Copies received bytes into `buf`.
    pub(in super::super) fn recv(&mut self, buf: &mut [u8]) -> Received {
        both!(self, machine => machine.recv(buf))
    }

    /// True if the SYN in `packet` may end TIME-WAIT.
    pub(in super::super) fn may_reopen(&self, packet: &[u8]) -> bool {
        match self {
            Self::Smoltcp(_) => true,
            Self::Native(machine) => machine.may_reopen(packet),
        }
    }

    /// What it said last in TIME-WAIT, as an IP packet.
    pub(in super::super) fn take_last_ack(&mut self) -> Option<Vec<u8>> {
        both!(self, machine => machine.take_last_ack())
    }
}
