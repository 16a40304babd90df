//! Floor 3: ICMP (RFC 792, RFC 1191), with the packet that an error quotes.
//!
//! The quoted packet's fields are fields of the ICMP layer, under their full Wireshark names
//! ("ip.src", "udp.dstport"): the frame is about the error, not about what it quotes.

use std::{net::Ipv4Addr, ops::Range};

use etherparse::{Icmpv4Slice, LaxIpv4Slice};

use super::{
    build::{Fields, Kind, hex16, place},
    data::preview,
    dissector::Ends,
    ipv4::protocol_name,
    tree::Layer,
};
use crate::wire::OsiLayer;

const ICMP: Kind = Kind {
    osi: OsiLayer::Network,
    protocol: "icmp",
    title: "Internet Control Message Protocol",
};

/// One ICMP message.
pub(super) fn icmp(frame: &[u8], slice: &Icmpv4Slice<'_>, ends: &Ends) -> Layer {
    let whole = slice.slice();
    let range = place(frame, whole);
    let (kind, code) = (slice.type_u8(), slice.code_u8());
    let mut fields = Fields::at(range.start);
    fields
        .add("type", "Type", 0..1, type_name(kind))
        .add("code", "Code", 1..2, code_name(kind, code))
        .add_checksum(2..4, slice.checksum(), ends.verify_alone(whole));
    add_rest(&mut fields, whole, kind, code);
    ICMP.layer(summary(whole, kind, code, ends.hops_left), range, fields)
}

/// Bytes 4 to 7, whose meaning depends on the type, and what follows.
fn add_rest(fields: &mut Fields, whole: &[u8], kind: u8, code: u8) {
    let [high, low] = [word(whole, 4), word(whole, 6)];
    match (kind, code) {
        (ECHO_REPLY | ECHO_REQUEST, _) => {
            fields.add("ident", "Identifier", 4..6, hex16(high)).add(
                "seq",
                "Sequence number",
                6..8,
                low,
            );
            add_data(fields, whole);
        }
        (UNREACHABLE, FRAGMENTATION_NEEDED) => {
            fields.add("mtu", "MTU of next hop", 6..8, low);
            add_quote(fields, whole);
        }
        (REDIRECT, _) => {
            let gateway = Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
            fields.add("redir_gw", "Gateway address", 4..8, gateway);
            add_quote(fields, whole);
        }
        (UNREACHABLE | TIME_EXCEEDED | PARAMETER_PROBLEM, _) => add_quote(fields, whole),
        _ => add_data(fields, whole),
    }
}

fn add_data(fields: &mut Fields, whole: &[u8]) {
    if let Some(content) = whole.get(8..).filter(|c| !c.is_empty()) {
        fields.add("data", "Data", 8..whole.len(), preview(content));
    }
}

/// The header and first bytes of the packet that an error is about (RFC 792: at least eight).
fn add_quote(fields: &mut Fields, whole: &[u8]) {
    let quote = whole.get(8..).unwrap_or_default();
    let Ok((ip, _)) = LaxIpv4Slice::from_slice(quote) else {
        return add_data(fields, whole);
    };
    let header = ip.header();
    fields
        .add("ip.len", "Quoted total length", 10..12, header.total_len())
        .add(
            "ip.id",
            "Quoted identification",
            12..14,
            hex16(header.identification()),
        )
        .add("ip.ttl", "Quoted time to live", 16..17, header.ttl())
        .add(
            "ip.proto",
            "Quoted protocol",
            17..18,
            protocol_name(header.protocol()),
        )
        .add(
            "ip.src",
            "Quoted source address",
            20..24,
            header.source_addr(),
        )
        .add(
            "ip.dst",
            "Quoted destination address",
            24..28,
            header.destination_addr(),
        );
    if header.fragments_offset().value() == 0 {
        let payload = place(whole, ip.payload().payload);
        add_quoted_transport(fields, whole, payload, header.protocol().0);
    }
}

/// The first eight bytes behind the quoted header: enough for ports, sequence number, identifier.
fn add_quoted_transport(fields: &mut Fields, whole: &[u8], at: Range<usize>, protocol: u8) {
    if at.len() < 8 {
        return;
    }
    let s = at.start;
    let [w0, w2, w4, w6] = [0, 2, 4, 6].map(|i| word(whole, s + i));
    match protocol {
        1 => fields
            .add("icmp.type", "Quoted type", s..s + 1, type_name(whole[s]))
            .add("icmp.ident", "Quoted identifier", s + 4..s + 6, hex16(w4))
            .add("icmp.seq", "Quoted sequence number", s + 6..s + 8, w6),
        6 => fields
            .add("tcp.srcport", "Quoted source port", s..s + 2, w0)
            .add("tcp.dstport", "Quoted destination port", s + 2..s + 4, w2)
            .add(
                "tcp.seq_raw",
                "Quoted sequence number (raw)",
                s + 4..s + 8,
                (u32::from(w4) << 16) | u32::from(w6),
            ),
        17 => fields
            .add("udp.srcport", "Quoted source port", s..s + 2, w0)
            .add("udp.dstport", "Quoted destination port", s + 2..s + 4, w2),
        _ => fields,
    };
}

fn summary(whole: &[u8], kind: u8, code: u8, ttl: u8) -> String {
    let [ident, seq] = [word(whole, 4), word(whole, 6)];
    match kind {
        ECHO_REPLY | ECHO_REQUEST => {
            let what = type_word(kind).unwrap_or_default();
            format!("{what} id={ident:#06x}, seq={seq}, ttl={ttl}")
        }
        _ => match (type_word(kind), code_word(kind, code)) {
            (Some(what), Some(detail)) => format!("{what} ({detail})"),
            (Some(what), None) => what.to_owned(),
            (None, _) => format!("type {kind}, code {code}"),
        },
    }
}

fn type_name(kind: u8) -> String {
    match type_word(kind) {
        Some(word) => format!("{word} ({kind})"),
        None => kind.to_string(),
    }
}

fn code_name(kind: u8, code: u8) -> String {
    match code_word(kind, code) {
        Some(word) => format!("{word} ({code})"),
        None => code.to_string(),
    }
}

/// Wireshark's words for the types.
const fn type_word(kind: u8) -> Option<&'static str> {
    Some(match kind {
        ECHO_REPLY => "Echo (ping) reply",
        UNREACHABLE => "Destination unreachable",
        4 => "Source quench",
        REDIRECT => "Redirect",
        ECHO_REQUEST => "Echo (ping) request",
        9 => "Router advertisement",
        10 => "Router solicitation",
        TIME_EXCEEDED => "Time-to-live exceeded",
        PARAMETER_PROBLEM => "Parameter problem",
        13 => "Timestamp request",
        14 => "Timestamp reply",
        _ => return None,
    })
}

const fn code_word(kind: u8, code: u8) -> Option<&'static str> {
    Some(match (kind, code) {
        (UNREACHABLE, 0) => "Network unreachable",
        (UNREACHABLE, 1) => "Host unreachable",
        (UNREACHABLE, 2) => "Protocol unreachable",
        (UNREACHABLE, 3) => "Port unreachable",
        (UNREACHABLE, FRAGMENTATION_NEEDED) => "Fragmentation needed",
        (UNREACHABLE, 5) => "Source route failed",
        (UNREACHABLE, 9) => "Network administratively prohibited",
        (UNREACHABLE, 10) => "Host administratively prohibited",
        (UNREACHABLE, 13) => "Communication administratively filtered",
        (REDIRECT, 0) => "Redirect for network",
        (REDIRECT, 1) => "Redirect for host",
        (TIME_EXCEEDED, 0) => "Time to live exceeded in transit",
        (TIME_EXCEEDED, 1) => "Fragment reassembly time exceeded",
        _ => return None,
    })
}

/// Two bytes at `at`, zero where there are none.
fn word(bytes: &[u8], at: usize) -> u16 {
    let byte = |i: usize| bytes.get(i).copied().unwrap_or_default();
    u16::from_be_bytes([byte(at), byte(at + 1)])
}

const ECHO_REPLY: u8 = 0;
const UNREACHABLE: u8 = 3;
const REDIRECT: u8 = 5;
const ECHO_REQUEST: u8 = 8;
const TIME_EXCEEDED: u8 = 11;
const PARAMETER_PROBLEM: u8 = 12;
/// Code of [`UNREACHABLE`].
const FRAGMENTATION_NEEDED: u8 = 4;
