//! A DHCP message as a value, and its bytes (RFC 2131, section 2).

use std::net::Ipv4Addr;

pub(super) use smoltcp::wire::DhcpMessageType as Kind;
use smoltcp::wire::{DhcpOption, DhcpPacket, DhcpRepr, EthernetAddress};

use crate::wire::Mac;

/// What client and server tell each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Message {
    pub(super) kind: Kind,
    /// What the answer must repeat.
    pub(super) xid: u32,
    /// The client's card.
    pub(super) mac: Mac,
    /// Since when the client tries \[s\].
    pub(super) secs: u16,
    /// The client's address, if it can be reached by it.
    pub(super) client: Ipv4Addr,
    /// The address that the client gets.
    pub(super) yours: Ipv4Addr,
    /// The address that the client would like.
    pub(super) requested: Option<Ipv4Addr>,
    /// Which server is meant, or speaks.
    pub(super) server: Option<Ipv4Addr>,
    pub(super) mask: Option<Ipv4Addr>,
    pub(super) router: Option<Ipv4Addr>,
    pub(super) dns: Vec<Ipv4Addr>,
    /// How long the address may be kept, when to renew it, and when to ask everybody \[s\].
    pub(super) times: Option<[u32; 3]>,
}

impl Message {
    /// A message of a client that says nothing but its kind.
    pub(super) const fn new(kind: Kind, xid: u32, mac: Mac) -> Self {
        Self {
            kind,
            xid,
            mac,
            secs: 0,
            client: Ipv4Addr::UNSPECIFIED,
            yours: Ipv4Addr::UNSPECIFIED,
            requested: None,
            server: None,
            mask: None,
            router: None,
            dns: Vec::new(),
            times: None,
        }
    }

    fn is_from_client(&self) -> bool {
        matches!(
            self.kind,
            Kind::Discover | Kind::Request | Kind::Decline | Kind::Release | Kind::Inform
        )
    }

    /// The bytes of the payload of a datagram, at least the 300 of BOOTP (RFC 1542, section 2.1).
    pub(super) fn bytes(&self) -> Vec<u8> {
        let by_client = self.is_from_client();
        // RFC 2131, table 5: a client that gives an address back, or says that it is taken, asks for
        // nothing.
        let asks = by_client && !matches!(self.kind, Kind::Decline | Kind::Release);
        let times = self.times.map(|times| times.map(u32::to_be_bytes));
        // smoltcp reads these two, but does not write them.
        let late = times.as_ref().map(|[_, renew, rebind]| {
            let option = |kind, data| DhcpOption { kind, data };
            [option(RENEWAL, renew), option(REBINDING, rebind)]
        });
        let dns = (!self.dns.is_empty()).then(|| self.dns.iter().copied().take(MOST_DNS).collect());
        let repr = DhcpRepr {
            message_type: self.kind,
            transaction_id: self.xid,
            secs: self.secs,
            client_hardware_address: EthernetAddress(self.mac.0),
            client_ip: self.client,
            your_ip: self.yours,
            server_ip: Ipv4Addr::UNSPECIFIED,
            router: self.router,
            subnet_mask: self.mask,
            relay_agent_ip: Ipv4Addr::UNSPECIFIED,
            // A client without an address can be reached by broadcast alone.
            broadcast: asks && self.client.is_unspecified(),
            requested_ip: self.requested,
            client_identifier: by_client.then_some(EthernetAddress(self.mac.0)),
            server_identifier: self.server,
            parameter_request_list: asks.then_some(WISHES),
            dns_servers: dns,
            max_size: None,
            lease_duration: self.times.map(|[lease, ..]| lease),
            renew_duration: None,
            rebind_duration: None,
            additional_options: late.as_ref().map_or(&[], |late| late),
        };
        let mut bytes = vec![0; repr.buffer_len().max(LEAST)];
        let length = repr.buffer_len();
        let mut packet = DhcpPacket::new_unchecked(&mut bytes[..length]);
        // The buffer has the length that it asked for.
        let _ = repr.emit(&mut packet);
        bytes
    }

    /// Reads the payload of a datagram; `None` if it is no message of DHCP.
    pub(super) fn read(payload: &[u8]) -> Option<Self> {
        let packet = DhcpPacket::new_checked(payload).ok()?;
        let repr = DhcpRepr::parse(&packet).ok()?;
        let times = repr.lease_duration.map(|lease| {
            // RFC 2131, section 4.4.5: half of the lease, and seven eighths.
            let renew = repr.renew_duration.unwrap_or(lease / 2);
            let rebind = repr.rebind_duration.unwrap_or(lease - lease / 8);
            [
                lease,
                renew.min(lease),
                rebind.clamp(renew.min(lease), lease),
            ]
        });
        Some(Self {
            kind: repr.message_type,
            xid: repr.transaction_id,
            mac: Mac(repr.client_hardware_address.0),
            secs: repr.secs,
            client: repr.client_ip,
            yours: repr.your_ip,
            requested: repr.requested_ip,
            server: repr.server_identifier,
            mask: repr.subnet_mask,
            router: repr.router,
            dns: repr.dns_servers.into_iter().flatten().collect(),
            times,
        })
    }
}

/// What a client wants to be told: subnet mask, router, name servers (RFC 2132).
const WISHES: &[u8] = &[1, 3, 6];
const LEAST: usize = 300;
/// The options for the times T1 and T2 (RFC 2132, sections 9.11 and 9.12).
const RENEWAL: u8 = 58;
const REBINDING: u8 = 59;
/// As many name servers as smoltcp's codec takes.
const MOST_DNS: usize = 3;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_message_survives_the_wire() {
        let mac = Mac([2, 0, 0, 0, 0, 7]);
        let offer = Message {
            yours: [10, 0, 0, 100].into(),
            server: Some([10, 0, 0, 1].into()),
            mask: Some([255, 255, 255, 0].into()),
            router: Some([10, 0, 0, 1].into()),
            dns: vec![[10, 0, 9, 53].into()],
            times: Some([3600, 1800, 3150]),
            ..Message::new(Kind::Offer, 77, mac)
        };
        let discover = Message::new(Kind::Discover, 77, mac);
        for message in [offer, discover] {
            let bytes = message.bytes();
            assert!(bytes.len() >= 300);
            assert_eq!(Message::read(&bytes), Some(message));
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            let _ = Message::read(&bytes);
        }

        #[test]
        fn any_options_are_read_without_a_panic(options in prop::collection::vec(any::<u8>(), 0..80)) {
            let mut bytes = Message::new(Kind::Discover, 1, Mac([2; 6])).bytes();
            bytes.truncate(240);
            bytes.extend(options);
            let _ = Message::read(&bytes);
        }
    }
}
