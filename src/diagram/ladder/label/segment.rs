//! TCP's own words: flags and relative numbers, around the line of an application.

use super::plain;
use crate::{
    diagram::ladder::{facts::Segment, model::Label, tcp::Reading},
    wire::OsiLayer,
};

pub(super) fn tcp_label(
    segment: &Segment,
    reading: Reading,
    line: Option<(String, String)>,
    layer: OsiLayer,
) -> Label {
    let flags = flag_words(segment);
    let numbers = tcp_numbers(segment, reading);
    match line {
        Some((main, brief)) => Label {
            main: with_syn(segment, main),
            numbers: Some(numbers),
            brief: with_syn(segment, brief),
            layer,
        },
        None => plain(
            format!("{flags} {numbers}"),
            brief_tcp(segment, reading, flags),
            layer,
        ),
    }
}

/// The line of an application, behind the SYN that it rides on (RFC 7413).
fn with_syn(segment: &Segment, line: String) -> String {
    match segment.flags.syn {
        true => format!("{}, {line}", flag_words(segment)),
        false => line,
    }
}

/// `SYN, ACK`; a segment without any of these bits is just a segment.
fn flag_words(segment: &Segment) -> String {
    let flags = segment.flags;
    let words: Vec<&str> = [
        (flags.syn, "SYN"),
        (flags.fin, "FIN"),
        (flags.rst, "RST"),
        (flags.ack, "ACK"),
        (flags.ece, "ECE"),
        (flags.cwr, "CWR"),
    ]
    .into_iter()
    .filter_map(|(set, word)| set.then_some(word))
    .collect();
    if words.is_empty() {
        "TCP".to_owned()
    } else {
        words.join(", ")
    }
}

/// `seq=1 ack=1 len=100`, without what says nothing: the sequence number of a bare
/// acknowledgment, a length of zero.
fn tcp_numbers(segment: &Segment, reading: Reading) -> String {
    let bare = segment.space() == 0 && segment.flags.ack;
    let parts = [
        (!bare).then(|| format!("seq={}", reading.seq)),
        segment.flags.ack.then(|| format!("ack={}", reading.ack)),
        (segment.len > 0).then(|| format!("len={}", segment.len)),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// Later hops need only enough to recognise the segment.
fn brief_tcp(segment: &Segment, reading: Reading, flags: String) -> String {
    if segment.len > 0 {
        format!("{flags} seq={}", reading.seq)
    } else if segment.space() == 0 && segment.flags.ack {
        format!("{flags} {}", reading.ack)
    } else {
        flags
    }
}
