//! The smoltcp interfaces of a host.

use std::collections::BTreeMap;

use smoltcp::iface::Interface;

use crate::{osi::transport::smol, rng::Stream};

/// One smoltcp interface for each MTU, made when it is first needed.
pub(super) struct Interfaces {
    by_mtu: BTreeMap<u16, Box<Interface>>,
    seed: Stream,
}

impl Interfaces {
    pub(super) const fn new(seed: Stream) -> Self {
        Self {
            by_mtu: BTreeMap::new(),
            seed,
        }
    }

    pub(super) fn get(&mut self, mtu: u16) -> &mut Interface {
        let interface = self.by_mtu.entry(mtu);
        interface.or_insert_with(|| Box::new(smol::interface(mtu, self.seed.next_u64())))
    }
}
