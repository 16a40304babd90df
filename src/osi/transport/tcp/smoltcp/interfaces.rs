//! The smoltcp interfaces of a host.

use std::collections::BTreeMap;

use ::smoltcp::iface::Interface;

use crate::{osi::transport::smol, rng::Stream};

/// One smoltcp interface for each MTU, made when it is first needed.
pub(in crate::osi::transport) struct Interfaces {
    by_mtu: BTreeMap<u16, Box<Interface>>,
    seed: Stream,
}

impl Interfaces {
    pub(in crate::osi::transport) const fn new(seed: Stream) -> Self {
        Self {
            by_mtu: BTreeMap::new(),
            seed,
        }
    }

    pub(in crate::osi::transport) fn get(&mut self, mtu: u16) -> &mut Interface {
        let interface = self.by_mtu.entry(mtu);
        interface.or_insert_with(|| Box::new(smol::interface(mtu, self.seed.next_u64())))
    }

    /// A number for a machine that needs no interface: what its sequence numbers start from.
    pub(in crate::osi::transport) fn draw(&mut self) -> u64 {
        self.seed.next_u64()
    }
}
