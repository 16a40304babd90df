//! All zones of a server: what it says of its own knowledge, aliases followed and addresses of
//! named hosts added (RFC 1034, section 4.3.2).

use super::{
    reply::Reply,
    zone::{Found, Wanted, Zone},
};
use crate::osi::{
    application::spec::{DnsServer, DnsZone},
    session::{Record, RecordData, ResponseCode, Soa, canonical},
};

/// The zones that a server has authority for.
#[derive(Debug)]
pub(super) struct Authority(Vec<Zone>);

impl Authority {
    /// Those of a server on the host called `host`.
    pub(super) fn new(server: &DnsServer, host: &str) -> Self {
        let world = (!server.zone.is_empty() || !server.is_written()).then(|| world(server, host));
        let zones = server.zones.iter().chain(&world);
        Self(zones.map(Zone::new).collect())
    }

    /// What it says; `None` if it has authority for nothing above the name.
    pub(super) fn look_up(&self, name: &str, wanted: Wanted) -> Option<Reply> {
        let mut name = canonical(name);
        let mut reply = Reply {
            authoritative: true,
            ..Reply::default()
        };
        for _ in 0..LONGEST_CHAIN {
            let Some(zone) = self.zone_of(&name) else {
                break;
            };
            match zone.find(&name, wanted) {
                Found::Records(records) => reply.answers.extend(records),
                Found::NoData => reply.authority.push(zone.negative()),
                Found::NoName => {
                    reply.code = ResponseCode::NxDomain;
                    reply.authority.push(zone.negative());
                }
                Found::Referral(servers) => {
                    reply.authoritative = !reply.answers.is_empty();
                    reply.authority = servers;
                }
                Found::Alias(record, target) => {
                    reply.answers.push(record);
                    name = target;
                    continue;
                }
            }
            break;
        }
        let knows = !reply.answers.is_empty() || !reply.authority.is_empty();
        reply.additional = self.additional(&reply);
        knows.then_some(reply)
    }

    fn zone_of(&self, name: &str) -> Option<&Zone> {
        let fits = self.0.iter().filter(|zone| zone.matches(name).is_some());
        fits.max_by_key(|zone| zone.matches(name))
    }

    /// The addresses of the hosts that the other sections name.
    fn additional(&self, reply: &Reply) -> Vec<Record> {
        let named = reply.answers.iter().chain(&reply.authority);
        let hosts = named.filter_map(|record| record.data.target());
        let mut found: Vec<Record> = Vec::new();
        for host in hosts {
            let addresses = self.0.iter().flat_map(|zone| zone.addresses(host));
            for address in addresses {
                if !found.contains(address) {
                    found.push(address.clone());
                }
            }
        }
        found
    }
}

/// The zone of a server that knows every name there is: its origin is the root.
fn world(server: &DnsServer, host: &str) -> DnsZone {
    let seconds = server.ttl.as_nanos() / 1_000_000_000;
    let ttl = u32::try_from(seconds).unwrap_or(u32::MAX);
    let record = |name: &str, data| Record {
        name: canonical(name),
        ttl,
        data,
    };
    let address = |address| match address {
        std::net::IpAddr::V4(v4) => RecordData::A(v4),
        std::net::IpAddr::V6(v6) => RecordData::Aaaa(v6),
    };
    let soa = Soa::usual(&canonical(host), "hostmaster", ttl);
    let names = server.zone.iter();
    DnsZone {
        origin: String::new(),
        soa: record("", RecordData::Soa(soa)),
        records: names.map(|(n, a)| record(n, address(*a))).collect(),
    }
}

/// More aliases in a row are a loop, or as good as one.
pub(super) const LONGEST_CHAIN: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        osi::{
            application::dns::zone::tests::{example, record},
            session::RecordType,
        },
        units::Span,
    };

    fn authority(zones: Vec<DnsZone>) -> Authority {
        let server = DnsServer {
            port: 53,
            zone: Vec::new(),
            ttl: Span::from_secs(300),
            zones,
            roots: vec![[10, 0, 0, 1].into()],
        };
        Authority::new(&server, "ns")
    }

    const A: Wanted = Wanted::Type(RecordType::A);

    #[test]
    fn an_alias_comes_with_what_it_stands_for() {
        let reply = authority(vec![example()])
            .look_up("Alias.Example.", A)
            .unwrap();
        let kinds: Vec<RecordType> = reply.answers.iter().map(Record::kind).collect();
        assert_eq!(kinds, [RecordType::Cname, RecordType::A]);
        assert!(reply.authoritative);
    }

    #[test]
    fn aliases_in_a_circle_come_to_an_end() {
        let mut zone = example();
        for (from, to) in [("a.example", "b.example"), ("b.example", "a.example")] {
            zone.records
                .push(record(from, RecordData::Cname(to.to_owned())));
        }
        let reply = authority(vec![zone]).look_up("a.example", A).unwrap();
        assert_eq!(reply.answers.len(), LONGEST_CHAIN);
    }

    #[test]
    fn a_referral_has_no_authority_and_brings_glue() {
        let reply = authority(vec![example()])
            .look_up("www.child.example", A)
            .unwrap();
        assert!(!reply.authoritative && reply.answers.is_empty());
        assert_eq!(reply.authority[0].kind(), RecordType::Ns);
        assert_eq!(reply.additional[0].name, "ns.child.example");
    }

    #[test]
    fn names_of_other_zones_are_not_its_business() {
        assert!(authority(vec![example()]).look_up("www.com", A).is_none());
    }

    #[test]
    fn a_missing_name_is_nxdomain_with_the_soa_of_its_zone() {
        let reply = authority(vec![example()]).look_up("no.example", A).unwrap();
        assert_eq!(reply.code, ResponseCode::NxDomain);
        assert_eq!(reply.authority[0].kind(), RecordType::Soa);
        assert_eq!(reply.authority[0].name, "example");
    }
}
