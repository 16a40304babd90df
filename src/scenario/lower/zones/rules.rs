//! What must hold between the records of a zone.

use std::collections::BTreeMap;

use super::Placed;
use crate::{
    osi::application::spec::{RecordData, RecordType, is_within},
    scenario::text::Findings,
};

/// Reports everything that a name server would refuse.
pub(super) fn check(origin: &str, records: &[Placed], findings: &mut Findings) {
    for (number, placed) in records.iter().enumerate() {
        let before = &records[..number];
        if outside(origin, placed, findings) {
            continue;
        }
        doubles(before, placed, findings);
        aliases(before, placed, findings);
        targets(records, placed, findings);
    }
    cuts(origin, records, findings);
}

/// True, and reported, if a record does not belong here.
fn outside(origin: &str, placed: &Placed, findings: &mut Findings) -> bool {
    let name = &placed.record.name;
    if !is_within(name, origin) {
        findings
            .error(
                placed.place.clone(),
                format!("`{name}.` does not lie in the zone `{origin}.`"),
            )
            .help("leave the final dot out if the name is meant to lie in the zone");
        return true;
    }
    let is_soa = placed.record.kind() == RecordType::Soa;
    if is_soa && name != origin {
        findings.error(
            placed.place.clone(),
            "the SOA stands at the name of the zone itself: write `@`",
        );
    }
    false
}

/// The same twice, or a set of records with two TTLs (RFC 2181, section 5.2).
fn doubles(before: &[Placed], placed: &Placed, findings: &mut Findings) {
    let record = &placed.record;
    let alike = before
        .iter()
        .find(|other| other.record.name == record.name && other.record.kind() == record.kind());
    let Some(first) = alike else { return };
    let same = |other: &&Placed| other.record == *record;
    let message = if before.iter().any(|other| same(&other)) {
        "this record stands here twice"
    } else if record.kind() == RecordType::Soa {
        "a zone has one SOA"
    } else if first.record.ttl != record.ttl {
        "all records of one name and type have the same TTL"
    } else {
        return;
    };
    findings
        .error(placed.place.clone(), message)
        .also(Some(first.place.clone()), "the first one");
}

/// An alias has nothing beside it (RFC 1034, section 3.6.2).
fn aliases(before: &[Placed], placed: &Placed, findings: &mut Findings) {
    let is_alias = |p: &Placed| p.record.kind() == RecordType::Cname;
    let same_name = before
        .iter()
        .filter(|p| p.record.name == placed.record.name);
    for other in same_name {
        if (is_alias(other) || is_alias(placed)) && other.record != placed.record {
            findings
                .error(
                    placed.place.clone(),
                    "a name with a CNAME has no other records",
                )
                .also(Some(other.place.clone()), "the other one");
            return;
        }
    }
}

/// Hosts that NS and MX records name are no aliases (RFC 2181, section 10.3).
fn targets(records: &[Placed], placed: &Placed, findings: &mut Findings) {
    let Some(target) = placed.record.data.target() else {
        return;
    };
    let alias = records
        .iter()
        .find(|other| other.record.name == target && other.record.kind() == RecordType::Cname);
    if let Some(alias) = alias {
        let kind = placed.record.kind();
        findings
            .error(
                placed.place.clone(),
                format!("the host of a record of type {kind} cannot be an alias"),
            )
            .also(Some(alias.place.clone()), "the alias");
    }
}

/// Below a cut stands nothing but glue, and a server inside of what is cut off needs it (RFC 1034,
/// section 4.2.1).
fn cuts(origin: &str, records: &[Placed], findings: &mut Findings) {
    let mut cuts = BTreeMap::new();
    let ns = |p: &&Placed| p.record.kind() == RecordType::Ns && p.record.name != origin;
    for placed in records.iter().filter(ns) {
        cuts.entry(placed.record.name.as_str()).or_insert(placed);
        let RecordData::Ns(target) = &placed.record.data else {
            continue;
        };
        let has_glue = records.iter().any(|p| {
            p.record.name == *target && matches!(p.record.kind(), RecordType::A | RecordType::Aaaa)
        });
        if is_within(target, &placed.record.name) && !has_glue {
            findings
                .error(
                    placed.place.clone(),
                    format!("nobody could find `{target}`, which lies in the zone that it serves"),
                )
                .help(format!(
                    "write its address beside it: \"{target}. A ...\" (glue)"
                ));
        }
    }
    for placed in records {
        let record = &placed.record;
        let glue = matches!(record.kind(), RecordType::A | RecordType::Aaaa);
        let below = cuts.iter().find(|(cut, _)| is_within(&record.name, cut));
        let Some((cut, first)) = below else { continue };
        let is_cut = record.name == **cut && record.kind() == RecordType::Ns;
        if !glue && !is_cut {
            findings
                .error(
                    placed.place.clone(),
                    format!(
                        "`{}` belongs to the zone `{cut}`, which has servers of its own",
                        record.name
                    ),
                )
                .also(Some(first.place.clone()), "here it is handed over");
        }
    }
}
