//! Floor 3: the fixed IPv6 header (RFC 8200).
//!
//! Not here: extension headers, which are stepped over, and ICMPv6, shown as data.

use etherparse::Ipv6HeaderSlice;

use super::{
    build::{Fields, Kind, place},
    ipv4::{protocol_name, protocol_word},
    tree::Layer,
};
use crate::wire::OsiLayer;

const IPV6: Kind = Kind {
    osi: OsiLayer::Network,
    protocol: "ipv6",
    title: "Internet Protocol Version 6",
};

/// One IPv6 header.
pub(super) fn ipv6(frame: &[u8], header: &Ipv6HeaderSlice<'_>) -> Layer {
    let range = place(frame, header.slice());
    let (source, destination) = (header.source_addr(), header.destination_addr());
    let mut fields = Fields::at(range.start);
    let class = format!("{:#04x}", header.traffic_class());
    let flow = format!("{:#07x}", header.flow_label().value());
    fields
        .add("version", "Version", 0..1, header.version())
        .add("tclass", "Traffic class", 0..2, class)
        .add("flow", "Flow label", 1..4, flow)
        .add("plen", "Payload length", 4..6, header.payload_length())
        .add(
            "nxt",
            "Next header",
            6..7,
            protocol_name(header.next_header()),
        )
        .add("hlim", "Hop limit", 7..8, header.hop_limit())
        .add("src", "Source address", 8..24, source)
        .add("dst", "Destination address", 24..40, destination);
    let what = protocol_word(header.next_header()).unwrap_or("other next header");
    let summary = format!(
        "{source} → {destination}, {what}, hop limit {}",
        header.hop_limit()
    );
    IPV6.layer(summary, range, fields)
}
