//! The keys of `dns`.

use std::net::Ipv4Addr;

use super::timeout;
use crate::{
    osi::application::spec::{DnsLookup, RecordType},
    scenario::{
        lower::{dns, ranges},
        schema::{Table, Traffic},
        text::Findings,
    },
    units::{ByteSize, Span},
};

/// What is asked for; nothing without a name.
pub(super) fn dns_lookup(table: &Table<Traffic>, findings: &mut Findings) -> Option<DnsLookup> {
    let keys = &table.value;
    let attempts = ranges::within(&keys.attempts, "attempts", 1..=100, findings);
    if !keys.query.is_given() {
        findings
            .missing(table.place.clone(), "this DNS traffic has no `query`")
            .help("write `query = \"bob\"` with the name to ask for");
    }
    let query = keys.query.read(findings)?;
    let record = keys.record.read(findings).unwrap_or_default();
    let query = asked(query, record);
    if query == "." {
        // The root is a name too, if only for NS and SOA.
    } else if let Some(problem) = dns::bad_dns_name(&dns::canonical(&query)) {
        findings.error(
            keys.query.place(),
            format!("{query:?} is not a DNS name: {problem}"),
        );
    }
    Some(DnsLookup {
        query,
        record,
        port: ranges::port(&keys.port, 53, findings),
        timeout: timeout(keys, Span::from_secs(5), findings),
        attempts: attempts.unwrap_or(3),
        edns: ranges::size(&keys.edns, "edns", MIN_EDNS..=MAX_EDNS, findings)
            .and_then(|size| u16::try_from(size.bytes()).ok()),
    })
}

/// The name to ask for: an address has its own, if its name is wanted (RFC 1035, section 3.5).
fn asked(query: String, record: RecordType) -> String {
    match (query.parse::<Ipv4Addr>(), record) {
        (Ok(address), RecordType::Ptr) => {
            let [a, b, c, d] = address.octets();
            format!("{d}.{c}.{b}.{a}.in-addr.arpa")
        }
        _ => query,
    }
}

/// RFC 6891, section 6.2.3: less counts as 512; more is of no use.
const MIN_EDNS: ByteSize = ByteSize::new(512);
const MAX_EDNS: ByteSize = ByteSize::new(4096);
