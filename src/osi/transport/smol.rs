//! The one place where netsim's time and packets meet smoltcp's.
//!
//! smoltcp counts whole microseconds. `now` is rounded down and deadlines are taken as they are,
//! so a deadline that smoltcp names has come when virtual time reaches it; a deadline that lies
//! before `now` (smoltcp's "at once") becomes `now`.

use smoltcp::{
    iface::{Config, Interface},
    phy::{Checksum, ChecksumCapabilities, Device, DeviceCapabilities, Medium, RxToken, TxToken},
    time::Instant,
    wire::HardwareAddress,
};

use super::checksum::fill_checksum;
use crate::{
    units::SimTime,
    wire::{FramePool, HEADER_LEN},
};

/// `now`, rounded down to a microsecond.
pub(super) fn to_smoltcp(now: SimTime) -> Instant {
    Instant::from_micros(i64::try_from(now.as_nanos() / NS_PER_US).unwrap_or(i64::MAX))
}

/// `deadline`, but not before `now`.
pub(super) fn from_smoltcp(deadline: Instant, now: SimTime) -> SimTime {
    let us = u64::try_from(deadline.total_micros()).unwrap_or(0);
    SimTime::from_nanos(us.saturating_mul(NS_PER_US)).max(now)
}

/// A span as smoltcp's duration, rounded up: a wait is never cut short.
pub(super) fn to_duration(span: crate::units::Span) -> smoltcp::time::Duration {
    smoltcp::time::Duration::from_micros(span.as_nanos().div_ceil(NS_PER_US))
}

const NS_PER_US: u64 = 1_000;

/// Right checksums are written, none is verified: the stack verifies what a fault has touched.
/// Those of TCP and UDP are left to [`fill_checksum`], which is faster.
pub(super) fn checksums() -> ChecksumCapabilities {
    let mut capabilities = ChecksumCapabilities::ignored();
    capabilities.ipv4 = Checksum::Tx;
    capabilities.icmpv4 = Checksum::Tx;
    capabilities.icmpv6 = Checksum::Tx;
    capabilities
}

/// An interface that takes packets for any address: the stack has looked at the address already.
/// Its MTU is fixed, so a stack has one interface for each MTU that it meets.
pub(super) fn interface(mtu: u16, seed: u64) -> Interface {
    let mut config = Config::new(HardwareAddress::Ip);
    config.random_seed = seed;
    let mut nothing = FramePool::default();
    let mut port = Port::new(None, mtu, &mut nothing);
    let mut interface = Interface::new(config, &mut port, Instant::ZERO);
    interface.set_any_ip(true);
    interface
}

/// The device of one poll: at most one packet in, at most one packet out.
pub(super) struct Port<'a> {
    incoming: Option<&'a [u8]>,
    outgoing: Option<Vec<u8>>,
    mtu: u16,
    pool: &'a mut FramePool,
}

impl<'a> Port<'a> {
    pub(super) const fn new(incoming: Option<&'a [u8]>, mtu: u16, pool: &'a mut FramePool) -> Self {
        Self {
            incoming,
            outgoing: None,
            mtu,
            pool,
        }
    }

    /// The packet that smoltcp sent, with room for an Ethernet header before it.
    pub(super) fn into_outgoing(self) -> Option<Vec<u8>> {
        self.outgoing
    }
}

impl Device for Port<'_> {
    type RxToken<'t>
        = Rx<'t>
    where
        Self: 't;
    type TxToken<'t>
        = Tx<'t>
    where
        Self: 't;

    fn receive(&mut self, _: Instant) -> Option<(Rx<'_>, Tx<'_>)> {
        let packet = self.incoming.take()?;
        Some((Rx(packet), Tx(&mut self.outgoing, self.pool)))
    }

    fn transmit(&mut self, _: Instant) -> Option<Tx<'_>> {
        match self.outgoing {
            None => Some(Tx(&mut self.outgoing, self.pool)),
            Some(_) => None,
        }
    }

    fn capabilities(&self) -> DeviceCapabilities {
        let mut capabilities = DeviceCapabilities::default();
        capabilities.medium = Medium::Ip;
        capabilities.max_transmission_unit = usize::from(self.mtu);
        capabilities.checksum = checksums();
        capabilities
    }
}

pub(super) struct Rx<'a>(&'a [u8]);

impl RxToken for Rx<'_> {
    fn consume<R, F: FnOnce(&[u8]) -> R>(self, f: F) -> R {
        f(self.0)
    }
}

pub(super) struct Tx<'a>(&'a mut Option<Vec<u8>>, &'a mut FramePool);

impl TxToken for Tx<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, len: usize, f: F) -> R {
        // smoltcp writes all of its headers and payload.
        let mut buffer = self.1.take_len(HEADER_LEN + len, HEADER_LEN);
        let result = f(&mut buffer[HEADER_LEN..]);
        fill_checksum(&mut buffer[HEADER_LEN..]);
        *self.0 = Some(buffer);
        result
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn now_is_rounded_down_and_deadlines_are_exact() {
        let now = SimTime::from_nanos(1_999);
        assert_eq!(to_smoltcp(now), Instant::from_micros(1));
        // smoltcp's "at once" is 0, and a deadline of this microsecond has come.
        assert_eq!(from_smoltcp(Instant::ZERO, now), now);
        assert_eq!(from_smoltcp(Instant::from_micros(1), now), now);
        assert_eq!(
            from_smoltcp(Instant::from_micros(2), now),
            SimTime::from_nanos(2_000)
        );
    }
}
