//! Fast Open (RFC 7413) of a host: the cookies that its peers gave it, and its own.

use std::{collections::BTreeMap, net::IpAddr};

use super::{Cookies, machine::Machine, native::FastCookie};

/// What a host remembers of its peers, and gives them.
#[derive(Debug)]
pub(super) struct FastOpening {
    key: Cookies,
    /// A peer's cookie, and the MSS that it named with it (section 4.1.3).
    known: BTreeMap<IpAddr, (FastCookie, u16)>,
}

impl FastOpening {
    pub(super) const fn new(key: Cookies) -> Self {
        Self {
            key,
            known: BTreeMap::new(),
        }
    }

    /// A connection to `peer` begins.
    pub(super) fn begin(&self, machine: &mut Machine, peer: IpAddr) {
        if let Machine::Native(machine) = machine {
            machine.open_fast(self.known.get(&peer).copied());
        }
    }

    /// A connection comes to a listener.
    pub(super) fn serve(&self, machine: &mut Machine) {
        if let Machine::Native(machine) = machine {
            machine.serve_fast(self.key);
        }
    }

    /// `peer` gave a cookie.
    pub(super) fn learn(&mut self, peer: IpAddr, granted: (FastCookie, u16)) {
        self.known.insert(peer, granted);
    }
}
