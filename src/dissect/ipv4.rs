//! Floor 3: the IPv4 header (RFC 791), fragments included.
//!
//! Not here: putting fragments together again; the options' inner structure.

use etherparse::{IpNumber, Ipv4HeaderSlice};

use super::{
    build::{Fields, Kind, Verdict, bytes, hex16, place, set},
    tree::Layer,
};
use crate::wire::{Checksum, OsiLayer};

const IPV4: Kind = Kind {
    osi: OsiLayer::Network,
    protocol: "ip",
    title: "Internet Protocol Version 4",
};

/// One IPv4 header.
pub(super) fn ipv4(frame: &[u8], header: &Ipv4HeaderSlice<'_>) -> Layer {
    let range = place(frame, header.slice());
    let mut fields = Fields::at(range.start);
    add_sizes(&mut fields, header);
    add_fragmentation(&mut fields, header);
    let sum = Checksum::default().over(header.slice()).finish();
    fields
        .add("ttl", "Time to live", 8..9, header.ttl())
        .add("proto", "Protocol", 9..10, protocol_name(header.protocol()))
        .add_checksum(10..12, header.header_checksum(), Verdict::of_sum(sum))
        .add("src", "Source address", 12..16, header.source_addr())
        .add(
            "dst",
            "Destination address",
            16..20,
            header.destination_addr(),
        );
    if !header.options().is_empty() {
        let end = 20 + header.options().len();
        fields.add("options", "Options", 20..end, bytes(end - 20));
    }
    IPV4.layer(summary(header), range, fields)
}

fn add_sizes(fields: &mut Fields, header: &Ipv4HeaderSlice<'_>) {
    let header_len = format!("{} bytes", usize::from(header.ihl()) * 4);
    fields
        .add("version", "Version", 0..1, header.version())
        .add("hdr_len", "Header length", 0..1, header_len)
        .add("dsfield.dscp", "DSCP", 1..2, header.dcp().value())
        .add("dsfield.ecn", "ECN", 1..2, header.ecn().value())
        .add("len", "Total length", 2..4, header.total_len());
}

fn add_fragmentation(fields: &mut Fields, header: &Ipv4HeaderSlice<'_>) {
    let offset = header.fragments_offset().byte_offset();
    let reserved = header.slice()[6] & 0x80 != 0;
    fields
        .add("id", "Identification", 4..6, hex16(header.identification()))
        .add("flags.rb", "Reserved bit", 6..7, set(reserved))
        .add(
            "flags.df",
            "Don't fragment",
            6..7,
            set(header.dont_fragment()),
        )
        .add(
            "flags.mf",
            "More fragments",
            6..7,
            set(header.more_fragments()),
        )
        .add("frag_offset", "Fragment offset", 6..8, offset);
}

fn summary(header: &Ipv4HeaderSlice<'_>) -> String {
    let mut text = format!(
        "{} → {}, {}, TTL {}",
        header.source_addr(),
        header.destination_addr(),
        protocol_word(header.protocol()).unwrap_or("unknown protocol"),
        header.ttl(),
    );
    if header.is_fragmenting_payload() {
        let offset = header.fragments_offset().byte_offset();
        let more = if header.more_fragments() {
            ", more follow"
        } else {
            ", the last"
        };
        text += &format!(
            ", fragment at {offset} of {:#06x}{more}",
            header.identification()
        );
    }
    text
}

/// "TCP (6)".
pub(super) fn protocol_name(number: IpNumber) -> String {
    match protocol_word(number) {
        Some(word) => format!("{word} ({})", number.0),
        None => number.0.to_string(),
    }
}

/// The usual short name.
pub(super) const fn protocol_word(number: IpNumber) -> Option<&'static str> {
    Some(match number.0 {
        1 => "ICMP",
        2 => "IGMP",
        6 => "TCP",
        17 => "UDP",
        58 => "ICMPv6",
        89 => "OSPF",
        _ => return None,
    })
}
