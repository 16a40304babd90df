//! What a resolver remembers: records for their TTL, counted down in virtual time, and the absence of
//! records for the time that the SOA allows (RFC 1034, section 5; RFC 2308).
//!
//! Glue is kept apart: it leads to servers, but it is never an answer to a client (RFC 2181,
//! section 5.4.1). Not here: prefetching, serving stale answers.

use std::collections::BTreeMap;

use crate::{
    osi::session::{Record, RecordData, RecordType, ResponseCode, ancestors},
    units::{SimTime, Span},
};

/// What is known, by name and type.
#[derive(Debug, Default)]
pub(super) struct Cache {
    sets: BTreeMap<(String, RecordType), Entry<Vec<Record>>>,
    glue: BTreeMap<(String, RecordType), Entry<Vec<Record>>>,
    /// Names without a type, and names that do not exist at all (`None`).
    nothing: BTreeMap<(String, Option<RecordType>), Entry<Record>>,
}

#[derive(Debug)]
struct Entry<T> {
    until: SimTime,
    what: T,
}

/// What a cache says to a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Known {
    /// The records, with what is left of their TTL.
    Records(Vec<Record>),
    /// The name is another one's alias.
    Alias(Record, String),
    /// There is nothing, says this SOA.
    Nothing(ResponseCode, Option<Record>),
}

impl Cache {
    /// What is known of `name` at `now`.
    pub(super) fn get(&self, name: &str, record: RecordType, now: SimTime) -> Option<Known> {
        if let Some(records) = fresh(&self.sets, name, record, now) {
            return Some(Known::Records(records));
        }
        if let Some(alias) = fresh(&self.sets, name, RecordType::Cname, now)
            && let Some(first) = alias.into_iter().next()
            && let RecordData::Cname(target) = &first.data
        {
            let target = target.clone();
            return Some(Known::Alias(first, target));
        }
        let absent = [
            (None, ResponseCode::NxDomain),
            (Some(record), ResponseCode::NoError),
        ];
        absent.into_iter().find_map(|(kind, code)| {
            let entry = self.nothing.get(&(name.to_owned(), kind))?;
            let soa = counted_down(&entry.what, entry.until, now)?;
            Some(Known::Nothing(code, Some(soa)))
        })
    }

    /// The addresses of a server, be they glue or not.
    pub(super) fn server(&self, name: &str, now: SimTime) -> Vec<Record> {
        let known = fresh(&self.sets, name, RecordType::A, now);
        let known = known.or_else(|| fresh(&self.glue, name, RecordType::A, now));
        known.unwrap_or_default()
    }

    /// The servers of the zone nearest above `name` that the cache knows: the zone and their names.
    pub(super) fn nearest_servers(
        &self,
        name: &str,
        now: SimTime,
    ) -> Option<(String, Vec<String>)> {
        ancestors(name).find_map(|zone| {
            let servers = fresh(&self.sets, zone, RecordType::Ns, now)?;
            let names = servers.iter().filter_map(|r| r.data.target());
            Some((zone.to_owned(), names.map(str::to_owned).collect()))
        })
    }

    /// Keeps the records of an answer.
    pub(super) fn keep(&mut self, records: &[Record], now: SimTime) {
        keep(&mut self.sets, records, now);
    }

    /// Keeps the addresses that came with a referral.
    pub(super) fn keep_glue(&mut self, records: &[Record], now: SimTime) {
        keep(&mut self.glue, records, now);
    }

    /// Keeps that `name` has no record of a type, or does not exist (`None`). A negative answer
    /// without an SOA is not kept (RFC 2308, section 5).
    pub(super) fn keep_nothing(
        &mut self,
        name: &str,
        record: Option<RecordType>,
        soa: &Record,
        now: SimTime,
    ) {
        let RecordData::Soa(data) = &soa.data else {
            return;
        };
        let ttl = soa.ttl.min(data.minimum);
        let what = Record { ttl, ..soa.clone() };
        make_room(&mut self.nothing, now);
        let until = end(ttl, now);
        self.nothing
            .insert((name.to_owned(), record), Entry { until, what });
    }
}

type Sets = BTreeMap<(String, RecordType), Entry<Vec<Record>>>;

/// The records of a set that are still good, with what is left of their TTL.
fn fresh(sets: &Sets, name: &str, record: RecordType, now: SimTime) -> Option<Vec<Record>> {
    let entry = sets.get(&(name.to_owned(), record))?;
    let left = |record| counted_down(record, entry.until, now);
    entry.what.iter().map(left).collect()
}

/// The record with the whole seconds that are left; `None` if none is.
fn counted_down(record: &Record, until: SimTime, now: SimTime) -> Option<Record> {
    let left = until.as_nanos().saturating_sub(now.as_nanos()) / SECOND;
    let ttl = u32::try_from(left).unwrap_or(u32::MAX);
    (ttl > 0).then(|| Record {
        ttl,
        ..record.clone()
    })
}

/// Puts records in, set by set; a new set takes the place of an old one. All records of a set have
/// one TTL (RFC 2181, section 5.2).
fn keep(sets: &mut Sets, records: &[Record], now: SimTime) {
    let mut new = Sets::new();
    for record in records.iter().filter(|record| record.ttl > 0) {
        let key = (record.name.clone(), record.kind());
        let entry = new.entry(key).or_insert_with(|| Entry {
            until: end(record.ttl, now),
            what: Vec::new(),
        });
        entry.until = entry.until.min(end(record.ttl, now));
        entry.what.push(record.clone());
    }
    make_room(sets, now);
    sets.extend(new);
}

fn end(ttl: u32, now: SimTime) -> SimTime {
    now + Span::from_secs(ttl.min(LONGEST).into())
}

/// Throws out what has run out when the cache is full, and everything if that does not help.
fn make_room<K: Ord, T>(entries: &mut BTreeMap<K, Entry<T>>, now: SimTime) {
    if entries.len() >= MOST_ENTRIES {
        entries.retain(|_, entry| entry.until > now);
    }
    if entries.len() >= MOST_ENTRIES {
        entries.clear();
    }
}

const SECOND: u64 = 1_000_000_000;
/// A week, as usual resolvers have it \[s\].
const LONGEST: u32 = 604_800;
/// So that memory does not grow with the run.
const MOST_ENTRIES: usize = 10_000;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::osi::{application::dns::zone::tests::record, session::Soa};

    fn at(seconds: u64) -> SimTime {
        SimTime::ZERO + Span::from_secs(seconds)
    }

    const A: RecordType = RecordType::A;

    fn www() -> Record {
        record("www.example", RecordData::A([10, 0, 0, 80].into()))
    }

    #[test]
    fn a_ttl_counts_down_and_ends() {
        let mut cache = Cache::default();
        cache.keep(&[www()], at(100));
        let ttl = |now| match cache.get("www.example", A, now) {
            Some(Known::Records(records)) => Some(records[0].ttl),
            _ => None,
        };
        // 300 s from second 100.
        assert_eq!(ttl(at(100)), Some(300));
        assert_eq!(ttl(at(399)), Some(1));
        assert_eq!(ttl(at(400)), None);
    }

    #[test]
    fn an_absence_is_kept_by_type_or_for_the_whole_name() {
        let soa = RecordData::Soa(Soa::usual("ns.example", "hostmaster.example", 60));
        let soa = record("example", soa);
        let mut cache = Cache::default();
        cache.keep_nothing("www.example", Some(RecordType::Mx), &soa, at(0));
        cache.keep_nothing("no.example", None, &soa, at(0));
        let code = |name, kind, now| match cache.get(name, kind, at(now)) {
            Some(Known::Nothing(code, Some(soa))) => Some((code, soa.ttl)),
            _ => None,
        };
        let (no_data, no_name) = (ResponseCode::NoError, ResponseCode::NxDomain);
        assert_eq!(code("www.example", RecordType::Mx, 0), Some((no_data, 60)));
        assert_eq!(code("www.example", A, 0), None);
        assert_eq!(code("no.example", A, 59), Some((no_name, 1)));
        assert_eq!(code("no.example", A, 60), None);
    }

    #[test]
    fn glue_leads_to_servers_and_answers_nobody() {
        let mut cache = Cache::default();
        cache.keep_glue(&[www()], at(0));
        assert_eq!(cache.get("www.example", A, at(0)), None);
        assert_eq!(cache.server("www.example", at(0)).len(), 1);
    }

    #[test]
    fn the_nearest_servers_are_those_of_the_lowest_zone() {
        let mut cache = Cache::default();
        for (zone, server) in [("example", "ns1"), ("bob.example", "ns2")] {
            cache.keep(&[record(zone, RecordData::Ns(server.to_owned()))], at(0));
        }
        let nearest = |name| cache.nearest_servers(name, at(0)).map(|(zone, _)| zone);
        assert_eq!(nearest("www.bob.example").as_deref(), Some("bob.example"));
        assert_eq!(nearest("www.eve.example").as_deref(), Some("example"));
        assert_eq!(nearest("com"), None);
    }
}
