//! One zone, and what it says to a question (RFC 1034, section 4.3.2, steps 3 and 4).
//!
//! Names match whatever their case. A cut (NS records below the origin) hands everything below it to
//! other servers. Not here: wildcards, DNSSEC, zone transfers.

use std::collections::BTreeMap;

use crate::osi::{
    application::spec::DnsZone,
    session::{Record, RecordData, RecordType, ancestors, is_within},
};

/// The zone in memory.
#[derive(Debug)]
pub(super) struct Zone {
    origin: String,
    soa: Record,
    names: BTreeMap<String, Vec<Record>>,
}

/// What a question wants to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Records of this type.
    Type(RecordType),
    /// Whatever there is.
    Any,
    /// A type that no record here has.
    Other,
}

/// What a zone says to it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// Here they are.
    Records(Vec<Record>),
    /// The name is another one's alias.
    Alias(Record, String),
    /// The name exists, but not with this type.
    NoData,
    /// There is no such name.
    NoName,
    /// Other servers know.
    Referral(Vec<Record>),
}

impl Wanted {
    fn fits(self, kind: RecordType) -> bool {
        match self {
            Self::Type(wanted) => wanted == kind,
            Self::Any => true,
            Self::Other => false,
        }
    }
}

impl Zone {
    pub(super) fn new(zone: &DnsZone) -> Self {
        let mut names = BTreeMap::<String, Vec<Record>>::new();
        for record in std::iter::once(&zone.soa).chain(&zone.records) {
            names
                .entry(record.name.clone())
                .or_default()
                .push(record.clone());
        }
        Self {
            origin: zone.origin.clone(),
            soa: zone.soa.clone(),
            names,
        }
    }

    /// How many bytes its name has, if `name` is in it: the longest match is the right zone.
    pub(super) fn matches(&self, name: &str) -> Option<usize> {
        is_within(name, &self.origin).then_some(self.origin.len())
    }

    /// What to put into a negative answer: the SOA, with the time that such an answer may be kept
    /// (RFC 2308, section 3).
    pub(super) fn negative(&self) -> Record {
        let minimum = match &self.soa.data {
            RecordData::Soa(soa) => soa.minimum,
            _ => 0,
        };
        Record {
            ttl: self.soa.ttl.min(minimum),
            ..self.soa.clone()
        }
    }

    /// What it says to a question for a name in it.
    pub(super) fn find(&self, name: &str, wanted: Wanted) -> Found {
        if let Some(servers) = self.cut_above(name) {
            return Found::Referral(servers);
        }
        let Some(records) = self.names.get(name) else {
            return match self.has_names_below(name) {
                true => Found::NoData,
                false => Found::NoName,
            };
        };
        if let Some(alias) = alias(records).filter(|_| !wanted.fits(RecordType::Cname)) {
            return alias;
        }
        let fits = records.iter().filter(|record| wanted.fits(record.kind()));
        let fits: Vec<Record> = fits.cloned().collect();
        match fits.is_empty() {
            true => Found::NoData,
            false => Found::Records(fits),
        }
    }

    /// The addresses of `host` that stand in the zone, as data or as glue.
    pub(super) fn addresses<'a>(
        &'a self,
        host: &str,
    ) -> impl Iterator<Item = &'a Record> + use<'a> {
        let records = self.names.get(host).into_iter().flatten();
        records.filter(|r| matches!(r.kind(), RecordType::A | RecordType::Aaaa))
    }

    /// The servers of the child zone that `name` belongs to, if it does to one: the highest cut
    /// between it and the origin.
    fn cut_above(&self, name: &str) -> Option<Vec<Record>> {
        let below_origin = ancestors(name).take_while(|above| *above != self.origin);
        let servers = |above| {
            let records = self.names.get(above)?.iter();
            let servers: Vec<Record> = records
                .filter(|r| r.kind() == RecordType::Ns)
                .cloned()
                .collect();
            (!servers.is_empty()).then_some(servers)
        };
        below_origin.filter_map(servers).last()
    }

    /// True for an empty non-terminal: it exists because something below it does (RFC 8020).
    fn has_names_below(&self, name: &str) -> bool {
        self.names.keys().any(|other| is_within(other, name))
    }
}

fn alias(records: &[Record]) -> Option<Found> {
    records.iter().find_map(|record| match &record.data {
        RecordData::Cname(target) => Some(Found::Alias(record.clone(), target.clone())),
        _ => None,
    })
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::osi::session::Soa;

    pub(in crate::osi::application::dns) fn record(name: &str, data: RecordData) -> Record {
        Record {
            name: name.to_owned(),
            ttl: 300,
            data,
        }
    }

    /// `example` with a host, an alias, an empty non-terminal and a child.
    pub(in crate::osi::application::dns) fn example() -> DnsZone {
        let a = |k| RecordData::A([10, 0, 0, k].into());
        let name = |text: &str| text.to_owned();
        DnsZone {
            origin: name("example"),
            soa: record(
                "example",
                RecordData::Soa(Soa::usual("ns.example", "hostmaster.example", 60)),
            ),
            records: vec![
                record("example", RecordData::Ns(name("ns.example"))),
                record("ns.example", a(53)),
                record("www.example", a(80)),
                record("alias.example", RecordData::Cname(name("www.example"))),
                record("host.deep.example", a(1)),
                record("child.example", RecordData::Ns(name("ns.child.example"))),
                record("ns.child.example", a(54)),
            ],
        }
    }

    const A: Wanted = Wanted::Type(RecordType::A);

    #[test]
    fn a_name_has_records_or_none_of_the_type_or_does_not_exist() {
        let zone = Zone::new(&example());
        assert!(matches!(zone.find("www.example", A), Found::Records(r) if r.len() == 1));
        assert_eq!(
            zone.find("www.example", Wanted::Type(RecordType::Mx)),
            Found::NoData
        );
        assert_eq!(zone.find("deep.example", A), Found::NoData);
        assert_eq!(zone.find("nobody.example", A), Found::NoName);
        assert_eq!(zone.find("www.example", Wanted::Other), Found::NoData);
        assert!(matches!(zone.find("example", Wanted::Any), Found::Records(r) if r.len() == 2));
    }

    #[test]
    fn an_alias_is_followed_unless_it_is_asked_for() {
        let zone = Zone::new(&example());
        let found = zone.find("alias.example", A);
        assert!(matches!(found, Found::Alias(_, target) if target == "www.example"));
        let itself = zone.find("alias.example", Wanted::Type(RecordType::Cname));
        assert!(matches!(itself, Found::Records(_)));
    }

    #[test]
    fn everything_from_a_cut_down_is_referred_to_the_child() {
        let zone = Zone::new(&example());
        for name in ["child.example", "ns.child.example", "a.b.child.example"] {
            assert!(
                matches!(zone.find(name, A), Found::Referral(s) if s[0].name == "child.example")
            );
        }
        assert_eq!(zone.addresses("ns.child.example").count(), 1);
    }

    #[test]
    fn a_negative_answer_is_kept_for_the_smaller_of_the_two_times() {
        // RFC 2308, section 5: TTL of the SOA 300 s, its minimum 60 s.
        assert_eq!(Zone::new(&example()).negative().ttl, 60);
    }
}
