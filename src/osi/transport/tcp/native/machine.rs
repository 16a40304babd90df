//! The native machine.
use crate::{osi::transport::{TcpConfig, connection::Ends, tcp::machine::Received}, trace::TcpState, units::SimTime, wire::FramePool};

#[derive(Debug)]
pub(in super::super::super) struct Native;
impl Native {
    pub(in super::super) fn new(_: &Ends, _: u16, _: u8, _: &TcpConfig) -> Self { Self }
    pub(in super::super) fn connect(&mut self, _: SimTime, _: u64) {}
    pub(in super::super) fn listen(&mut self, _: u64) {}
    pub(in super::super) fn ingress(&mut self, _: SimTime, _: &[u8]) {}
    pub(in super::super) fn egress(&mut self, _: SimTime, _: &mut FramePool) -> Option<Vec<u8>> {None}
    pub(in super::super) fn poll_at(&mut self, _: SimTime) -> Option<SimTime> {None}
    pub(in super::super) fn waits_since(&self) -> Option<SimTime> {None}
    pub(in super::super) fn heard(&self) -> SimTime {SimTime::ZERO}
    pub(in super::super) fn state(&self) -> TcpState {TcpState::Closed}
    pub(in super::super) fn has_ended(&self) -> bool {true}
    pub(in super::super) fn close(&mut self) {}
    pub(in super::super) fn abort(&mut self) {}
    pub(in super::super) fn set_nagle(&mut self, _: bool) {}
    pub(in super::super) fn lower_mtu(&mut self, _: SimTime, _: u16) {}
    pub(in super::super) fn may_send(&self) -> bool {false}
    pub(in super::super) fn may_recv(&self) -> bool {false}
    pub(in super::super) fn can_recv(&self) -> bool {false}
    pub(in super::super) fn send_queue(&self) -> usize {0}
    pub(in super::super) fn send_capacity(&self) -> usize {0}
    pub(in super::super) fn send(&mut self, _: &[u8]) -> Option<usize> {None}
    pub(in super::super) fn recv(&mut self, _: &mut [u8]) -> Received {Received::Closed}
    pub(in super::super) fn take_last_ack(&mut self) -> Option<Vec<u8>> {None}
}
