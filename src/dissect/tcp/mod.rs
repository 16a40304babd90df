//! Floor 4: TCP (RFC 9293) and its options (RFC 7323, RFC 2018).

mod analysis;
mod conversation;
mod options;

pub(super) use self::{
    analysis::Analysis,
    conversation::{Conversations, View},
};

use std::net::SocketAddr;

use etherparse::TcpSlice;

use self::{conversation::Segment, options::Options};
use super::{
    build::{Fields, Kind, place, set},
    dissector::Ends,
    tree::Layer,
};
use crate::wire::{OsiLayer, Protocol};

const TCP: Kind = Kind {
    osi: OsiLayer::Transport,
    protocol: "tcp",
    title: "Transmission Control Protocol",
};

/// One TCP header, seen as the next one of its connection.
pub(super) fn tcp(
    frame: &[u8],
    slice: &TcpSlice<'_>,
    ends: &Ends,
    conversations: &mut Conversations,
) -> (Layer, View) {
    let options = Options::parse(slice.options());
    let segment = Segment::new(slice, options.window_scale, ends.missing);
    let from = SocketAddr::new(ends.source, slice.source_port());
    let to = SocketAddr::new(ends.destination, slice.destination_port());
    let view = conversations.note(from, to, &segment);
    let range = place(frame, slice.header_slice());
    let mut fields = Fields::at(range.start);
    add_ports_and_numbers(&mut fields, slice, &view);
    add_flags(&mut fields, slice);
    fields
        .add("window_size_value", "Window", 14..16, slice.window_size())
        .add("window_size", "Window (scaled)", 14..16, view.window)
        .add_checksum(
            16..18,
            slice.checksum(),
            ends.verify(Protocol::TCP, slice.slice()),
        )
        .add(
            "urgent_pointer",
            "Urgent pointer",
            18..20,
            slice.urgent_pointer(),
        );
    options.add_to(&mut fields, &view);
    fields.add("len", "Payload length", 0..range.len(), segment.len);
    if let Some(analysis) = view.analysis {
        fields.add("analysis", "Analysis", 0..range.len(), analysis.key());
    }
    let summary = summary(slice, &view, &options, segment.len);
    (TCP.layer(summary, range, fields), view)
}

fn add_ports_and_numbers(fields: &mut Fields, slice: &TcpSlice<'_>, view: &View) {
    let header_len = format!("{} bytes", usize::from(slice.data_offset()) * 4);
    fields
        .add("srcport", "Source port", 0..2, slice.source_port())
        .add(
            "dstport",
            "Destination port",
            2..4,
            slice.destination_port(),
        )
        .add("stream", "Stream", 0..4, view.stream)
        .add("seq", "Sequence number (relative)", 4..8, view.seq)
        .add(
            "seq_raw",
            "Sequence number (raw)",
            4..8,
            slice.sequence_number(),
        )
        .add("ack", "Acknowledgment number (relative)", 8..12, view.ack)
        .add(
            "ack_raw",
            "Acknowledgment number (raw)",
            8..12,
            slice.acknowledgment_number(),
        )
        .add("hdr_len", "Header length", 12..13, header_len);
}

fn add_flags(fields: &mut Fields, slice: &TcpSlice<'_>) {
    let raw = u16::from_be_bytes([slice.slice()[12], slice.slice()[13]]) & 0x0fff;
    let names = flag_names(slice);
    let value = match names.is_empty() {
        true => format!("{raw:#05x}"),
        false => format!("{raw:#05x} ({names})"),
    };
    fields
        .add("flags", "Flags", 12..14, value)
        .add("flags.cwr", "CWR", 13..14, set(slice.cwr()))
        .add("flags.ece", "ECE", 13..14, set(slice.ece()))
        .add("flags.urg", "URG", 13..14, set(slice.urg()))
        .add("flags.ack", "ACK", 13..14, set(slice.ack()))
        .add("flags.push", "PSH", 13..14, set(slice.psh()))
        .add("flags.reset", "RST", 13..14, set(slice.rst()))
        .add("flags.syn", "SYN", 13..14, set(slice.syn()))
        .add("flags.fin", "FIN", 13..14, set(slice.fin()));
}

/// "SYN, ACK": the flags that are set, in Wireshark's order.
fn flag_names(slice: &TcpSlice<'_>) -> String {
    let flags = [
        (slice.fin(), "FIN"),
        (slice.syn(), "SYN"),
        (slice.rst(), "RST"),
        (slice.psh(), "PSH"),
        (slice.ack(), "ACK"),
        (slice.urg(), "URG"),
        (slice.ece(), "ECE"),
        (slice.cwr(), "CWR"),
        (slice.ns(), "AE"),
    ];
    let names: Vec<&str> = flags.iter().filter(|f| f.0).map(|f| f.1).collect();
    names.join(", ")
}

/// Wireshark's info column: "49152 → 80 [SYN] Seq=0 Win=64240 Len=0 MSS=1460".
fn summary(slice: &TcpSlice<'_>, view: &View, options: &Options, len: usize) -> String {
    let mut text = view.analysis.map_or_else(String::new, |a| a.mark() + " ");
    let flags = match flag_names(slice) {
        none if none.is_empty() => "<None>".to_owned(),
        names => names,
    };
    text += &format!(
        "{} → {} [{flags}] Seq={}",
        slice.source_port(),
        slice.destination_port(),
        view.seq
    );
    if slice.ack() {
        text += &format!(" Ack={}", view.ack);
    }
    text + &format!(" Win={} Len={len}", view.window) + &options.summary(view)
}
