//! Floor 4: UDP (RFC 768).

use etherparse::UdpSlice;

use super::{
    build::{Fields, Kind, Verdict, place},
    dissector::Ends,
    tree::Layer,
};
use crate::wire::{OsiLayer, Protocol};

const UDP: Kind = Kind {
    osi: OsiLayer::Transport,
    protocol: "udp",
    title: "User Datagram Protocol",
};

/// One UDP header.
pub(super) fn udp(frame: &[u8], slice: &UdpSlice<'_>, ends: &Ends) -> Layer {
    let range = place(frame, slice.header_slice());
    let (source, destination) = (slice.source_port(), slice.destination_port());
    let mut fields = Fields::at(range.start);
    fields
        .add("srcport", "Source port", 0..2, source)
        .add("dstport", "Destination port", 2..4, destination)
        .add("length", "Length", 4..6, slice.length())
        .add_checksum(6..8, slice.checksum(), verdict(slice, ends));
    let summary = format!("{source} → {destination} Len={}", slice.payload().len());
    UDP.layer(summary, range, fields)
}

fn verdict(slice: &UdpSlice<'_>, ends: &Ends) -> Verdict {
    if slice.checksum() == 0 {
        return Verdict::Absent;
    }
    let whole = slice.slice();
    match ends.verify(Protocol::UDP, whole) {
        Verdict::Correct | Verdict::Incorrect if usize::from(slice.length()) > whole.len() => {
            Verdict::Cut
        }
        verdict => verdict,
    }
}
