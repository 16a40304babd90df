//! Floor 2: Ethernet II (IEEE 802.3), its padding, and 802.1Q tags.
//!
//! Not here: 802.3 frames with a length field (shown as type `0x....` and data) and MACsec.

use etherparse::{EtherType, Ethernet2Slice, SingleVlanSlice};

use super::{
    build::{Fields, Kind, bytes, place},
    tree::Layer,
};
use crate::wire::{Mac, OsiLayer};

const ETHERNET: Kind = Kind {
    osi: OsiLayer::DataLink,
    protocol: "eth",
    title: "Ethernet II",
};

const VLAN: Kind = Kind {
    osi: OsiLayer::DataLink,
    protocol: "vlan",
    title: "802.1Q Virtual LAN",
};

/// The header of a frame.
pub(super) fn ethernet(frame: &[u8], slice: &Ethernet2Slice<'_>) -> Layer {
    let [destination, source] = [Mac(slice.destination()), Mac(slice.source())];
    let ethertype = ethertype_name(slice.ether_type());
    let range = place(frame, slice.header_slice());
    let mut fields = Fields::at(range.start);
    fields
        .add("dst", "Destination", 0..6, destination)
        .add("src", "Source", 6..12, source)
        .add("type", "Type", 12..14, &ethertype);
    let summary = format!("{source} → {destination}, {ethertype}");
    ETHERNET.layer(summary, range, fields)
}

/// What stands behind the packet, up to the end of the frame, as a last field of the Ethernet
/// layer: padding to the shortest length, or a trailer if it is not all zeros.
pub(super) fn add_padding(frame: &[u8], packet_end: usize, layer: &mut Layer) {
    let Some(rest) = frame.get(packet_end..).filter(|rest| !rest.is_empty()) else {
        return;
    };
    let mut fields = Fields::at(packet_end);
    let range = 0..rest.len();
    if rest.iter().all(|&b| b == 0) {
        fields.add("padding", "Padding", range, bytes(rest.len()));
    } else {
        fields.add("trailer", "Trailer", range, bytes(rest.len()));
    }
    let extra = ETHERNET.layer(String::new(), 0..0, fields);
    layer.fields.extend(extra.fields);
}

/// One 802.1Q tag.
pub(super) fn vlan(frame: &[u8], slice: &SingleVlanSlice<'_>) -> Layer {
    let whole = place(frame, slice.slice());
    let range = whole.start..(whole.start + 4).min(whole.end);
    let id = slice.vlan_identifier().value();
    let priority = slice.priority_code_point().value();
    let ethertype = ethertype_name(slice.ether_type());
    let mut fields = Fields::at(range.start);
    fields
        .add("priority", "Priority", 0..1, priority)
        .add(
            "dei",
            "Drop eligible",
            0..1,
            u8::from(slice.drop_eligible_indicator()),
        )
        .add("id", "VLAN", 0..2, id)
        .add("etype", "Type", 2..4, ethertype);
    VLAN.layer(format!("VLAN {id}, priority {priority}"), range, fields)
}

/// "IPv4 (0x0800)".
pub(super) fn ethertype_name(ethertype: EtherType) -> String {
    let name = match ethertype.0 {
        0x0800 => "IPv4",
        0x0806 => "ARP",
        0x86dd => "IPv6",
        0x8100 => "802.1Q Virtual LAN",
        0x88a8 => "802.1ad",
        _ => return format!("{:#06x}", ethertype.0),
    };
    format!("{name} ({:#06x})", ethertype.0)
}
