//! Is the address free? Asked by ARP before it is used (RFC 5227, section 2.1.1), and if it is not, the
//! server is told (DECLINE; RFC 2131, section 3.1, point 5). Who has made sure announces it (RFC 5227,
//! section 2.3).
//!
//! Not here: the defence of an address in use (section 2.4), and the pause after many conflicts.

use std::{net::Ipv4Addr, sync::Arc};

use super::{Client, Kind, Lease, Message, everybody, lock};
use crate::{osi::network::Claim, units::Span, wire::Mac};

impl Client {
    /// Who has `address` already; nobody, if that is not to be asked.
    pub(super) async fn rival(&self, address: Ipv4Addr) -> Option<Mac> {
        if !self.spec.probe {
            return None;
        }
        self.host.sleep(self.up_to_a_second()).await;
        for pause in [
            PROBE_MIN + self.up_to_a_second(),
            PROBE_MIN + self.up_to_a_second(),
            ANNOUNCE_WAIT,
        ] {
            self.host.claim(Claim::Probe(address));
            let conflict = self.host.address_conflict();
            if let Ok(rival) = self.host.timeout(pause, conflict).await {
                return Some(rival);
            }
        }
        None
    }

    /// Tells the server that somebody has the address, and waits before it all begins anew.
    pub(super) async fn decline(&self, lease: &Lease, rival: Mac) {
        let decline = Message {
            requested: Some(lease.net.addr()),
            server: Some(lease.server),
            ..Message::new(Kind::Decline, self.xid(), self.mac)
        };
        // Nobody answers it.
        let _ = self.send(&decline, everybody()).await;
        self.report(|report| report.declines += 1);
        self.note(format!("DHCP: {} has {} already", rival, lease.net.addr()));
        self.host.sleep(AFTER_DECLINE).await;
    }

    /// Says twice that the address is the host's, if it has been probed.
    pub(super) fn announce(&self, lease: &Lease) {
        if !self.spec.probe {
            return;
        }
        let (address, net) = (lease.net.addr(), lease.net);
        self.host.claim(Claim::Announce(address));
        let (host, held) = (self.host.clone(), Arc::clone(&self.held));
        drop(self.host.spawn(async move {
            host.sleep(ANNOUNCE_INTERVAL).await;
            if lock(&held).as_ref().is_some_and(|lease| lease.net == net) {
                host.claim(Claim::Announce(address));
            }
        }));
    }

    fn up_to_a_second(&self) -> Span {
        Span::from_nanos(self.host.random_u64() % PROBE_WAIT.as_nanos())
    }
}

/// The times of RFC 5227, section 1.1. Before the first probe up to:
const PROBE_WAIT: Span = Span::from_secs(1);
/// From one probe to the next at least; PROBE_MAX is a second more.
const PROBE_MIN: Span = Span::from_secs(1);
/// From the last probe to the first announcement.
const ANNOUNCE_WAIT: Span = Span::from_secs(2);
/// From one announcement to the next.
const ANNOUNCE_INTERVAL: Span = Span::from_secs(2);
/// RFC 2131, section 3.1, point 5: "a minimum of ten seconds".
const AFTER_DECLINE: Span = Span::from_secs(10);
